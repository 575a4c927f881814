"""The storage view: what takes the room below a prefix, as a treemap and as a list, drawn while it is counted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.measures import Measured, Progress, Scope
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.tally import Tally
from cloudtemple_browser.model.text import Moment, Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon, pixmap
from cloudtemple_browser.ui.models.storage import NAME, OBJECTS, SHARE, SIZE, Facet, StorageModel, place_of, tiles_of
from cloudtemple_browser.ui.text import breakable, elided_middle, label, set_tip, set_tone, visible
from cloudtemple_browser.ui.views.choices import Choices
from cloudtemple_browser.ui.views.measured import AGAIN, CANCEL, amount_words, state_words
from cloudtemple_browser.ui.views.tables import plain_table
from cloudtemple_browser.ui.views.treemap import Treemap

_MIDDLE, _RIGHT = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
_WIDTHS = {SIZE: 84, OBJECTS: 76, SHARE: 116}
_LEAVING = ((OBJECTS, 100), (SHARE, 140))  # the last one first, where the name would have fewer pixels


class StorageWindow(QDialog):
    """A window beside the main one: it stays open while the list follows it. GUI thread."""

    def __init__(self, parent: QWidget, app: Application) -> None:
        super().__init__(parent)
        self._app = app
        self._scope: Scope | None = None
        self._measured: Measured | None = None
        self._visited: list[Scope] = []
        self._where = self._told = self._summary = ""
        self.setObjectName("storage")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setMinimumSize(QSize(520, 320))
        self.resize(min(980, parent.width() - 40), min(640, parent.height() - 40))
        self.choices = Choices(self)
        self.choices.changed.connect(self._show)
        self.map = Treemap(self)
        self.model = StorageModel()
        self.list = self._make_list()
        self._make_place()
        self._make_message()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._make_head())
        column.addWidget(self.choices)
        column.addWidget(self._make_partial())
        column.addWidget(self._make_body(), 1)
        self._pointed = label()
        self._pointed.setObjectName("storage-pointed")
        set_tone(self._pointed, "muted")
        column.addWidget(self._pointed)
        self._first = self.choices.findChild(QToolButton)  # where Qt puts the focus while there is no map
        self.map.opened.connect(self._open)
        self.map.pointed.connect(lambda _summary: self._point())
        self.map.current_changed.connect(self._select_row)
        self._watching = True
        self._begun: set[Scope] = set()
        self._forgets = (app.measures.changed.add(self._changed), app.accounts.changed.add(self._accounts_changed))

    # ------------------------------------------------------------------------------------------------ assembly

    def _make_list(self) -> QTableView:
        view = plain_table(self, self.model, "storage-list", say(translate("storage", "Largest first")), 26)
        header = view.horizontalHeader()
        for at, width in _WIDTHS.items():
            view.setColumnWidth(at, width)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        view.activated.connect(self._activated)
        view.selectionModel().currentRowChanged.connect(self._row_chosen)
        return view

    def _make_place(self) -> None:
        self.back = self._tool("arrow-left", translate("storage", "Back"), self._go_back)
        self.up = self._tool("arrow-up", translate("storage", "Up"), self._go_up)
        self._place = label()
        self._place.setObjectName("storage-place")
        font = self._place.font()
        font.setBold(True)
        self._place.setFont(font)

    def _tool(self, name: str, text: Text, run: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"storage-{name}")
        button.setAutoRaise(True)
        button.setIcon(icon(name))
        button.setIconSize(QSize(20, 20))
        button.setAccessibleName(say(text))
        set_tip(button, say(text))
        button.clicked.connect(lambda _checked=False: run())
        return button

    def _make_head(self) -> QHBoxLayout:
        self._amount, self._state = label(), label()
        self._amount.setObjectName("storage-amount")
        self._state.setObjectName("storage-state")
        set_tone(self._state, "muted")
        self.act = QPushButton(say(AGAIN), self)
        self.act.setObjectName("storage-act")
        self.act.setAutoDefault(False)
        self.act.clicked.connect(self._act)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        facts = QHBoxLayout()
        facts.setSpacing(8)
        facts.addWidget(self._amount)
        facts.addWidget(self._state)
        facts.addStretch(1)
        texts.addWidget(self._place)
        texts.addLayout(facts)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.back)
        row.addWidget(self.up)
        row.addSpacing(4)
        row.addLayout(texts, 1)
        row.addWidget(self.act)
        return row

    def _make_partial(self) -> QFrame:
        self._partial = QFrame(self)
        self._partial.setObjectName("partial")
        self._partial_picture, self._partial_text = label(), label(wrap=True)
        self._partial_text.setObjectName("storage-partial")
        row = QHBoxLayout(self._partial)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._partial_picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._partial_text, 1)
        self._retouch()
        self._partial.hide()
        return self._partial

    def _make_message(self) -> None:
        self._message = label(wrap=True)
        self._message.setObjectName("storage-message")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setMargin(24)

    def _make_body(self) -> QSplitter:
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.map)
        self._stack.addWidget(self._message)
        self._body = QSplitter(Qt.Orientation.Horizontal, self)
        self._body.setChildrenCollapsible(False)
        self._body.addWidget(self._stack)
        self._body.addWidget(self.list)
        self._body.setStretchFactor(0, 1)
        self.list.setMinimumWidth(180)
        self.list.installEventFilter(self)
        room = self.width() - 24
        listed = min(440, room // 2)
        self._body.setSizes([room - listed, listed])
        return self._body

    def _retouch(self) -> None:
        self._partial_picture.setPixmap(pixmap("list-partial", 16, self.devicePixelRatioF(), "warning"))

    # ------------------------------------------------------------------------------------------------ what is shown

    def show_scope(self, scope: Scope) -> None:
        """Show a folder, counted before or from now on; what was shown is one step back."""
        if self._scope is not None and self._scope != scope:
            self._visited.append(self._scope)
        self._enter(scope)
        self.show()
        self.raise_()
        self.activateWindow()
        self._focus_map()

    def _enter(self, scope: Scope) -> None:
        self._scope = scope
        self._measured = self._app.measures.get(scope)
        where = visible(str(Location(scope.connection_id, scope.bucket, scope.root)))
        self._where = where
        set_tip(self._place, where)
        self.setWindowTitle(say(translate("storage", "Storage of {place}")(place=elided_middle(where))))
        self.back.setEnabled(bool(self._visited))
        self.up.setEnabled(bool(scope.root))
        if self._measured is None:
            self._count(scope)
        self._show()

    def _count(self, scope: Scope) -> None:
        self._begun.add(scope)
        self._app.measures.start(scope)

    def _changed(self, measured: Measured) -> None:
        if measured.scope == self._scope:
            self._measured = measured
            self._show()

    def _accounts_changed(self) -> None:
        """Leave the connections that were deleted: nothing can be counted there any more."""
        self._visited = [scope for scope in self._visited if self._app.accounts.get(scope.connection_id)]
        self.back.setEnabled(bool(self._visited))
        if self._scope and self._app.accounts.get(self._scope.connection_id) is None:
            self.close()

    def _show(self) -> None:
        found = self._measured
        tally = found.tally if found else Tally()
        counting = found is None or found.progress is Progress.COUNTING
        failed = found is not None and found.progress is Progress.FAILED
        aspect = self.choices.aspect
        tiles, total = [] if failed else tiles_of(tally, aspect), aspect.total(tally)
        self.map.show_tiles(tiles)
        self.model.show_tiles(tiles)
        self.list.setTextElideMode(_RIGHT if aspect.facet is Facet.AGE else _MIDDLE)
        self._keep_row()
        self._amount.setText(visible(say(amount_words(found))) if found and tally.objects else "")
        complete = found is not None and found.progress is Progress.COMPLETE
        self._told = say(_facts(found)) if found and (complete or counting) else ""
        self._point()
        self.act.setText(say(CANCEL if counting else AGAIN))
        self._show_partial(found)
        message = self._words_instead(found, total)
        self._message.setText(message)
        self.list.setVisible(bool(tiles))
        before = self._stack.currentWidget()
        self._stack.setCurrentWidget(self._message if message else self.map)
        if before is self._message and not message and self.isVisible():
            self._focus_map()

    def _focus_map(self) -> None:
        """Give the map the focus, unless somebody went to another control while there was none."""
        if self.focusWidget() in (None, self.map, self._first):
            self.map.setFocus()

    def _show_partial(self, found: Measured | None) -> None:
        cut = found is not None and (found.progress in (Progress.PARTIAL, Progress.STOPPED) or found.stale)
        self._partial.setVisible(cut)
        if found and cut:
            self._partial_text.setText(breakable(visible(say(state_words(found)))))

    def _words_instead(self, found: Measured | None, total: int) -> str:
        """What to say where there is nothing to draw."""
        if total:
            return ""
        if found and found.progress is Progress.FAILED:
            return breakable(visible(say(state_words(found))))
        if found is None or found.progress is Progress.COUNTING:
            return say(translate("storage", "Counting…"))
        if found.tally.objects:
            return say(translate("storage", "All objects here are empty. “By number” shows where they are."))
        if found.progress is not Progress.COMPLETE:
            return say(translate("storage", "Nothing was counted."))
        return say(translate("storage", "There is no object here."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Cut what has no room: a label would widen the window."""
        room = self.width() - self.act.sizeHint().width() - 150
        beside = room - self._amount.sizeHint().width()
        for one, text, width in ((self._place, self._where, room), (self._state, self._told, beside)):
            one.setText(one.fontMetrics().elidedText(text, _MIDDLE, max(40, width)))
        self._pointed.setText(self._pointed.fontMetrics().elidedText(self._summary, _MIDDLE, self.width() - 32))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.list:
            room = self.list.width() - self.list.verticalScrollBar().sizeHint().width() - _WIDTHS[SIZE]
            for column, least in _LEAVING:
                room -= _WIDTHS[column]
                self.list.setColumnHidden(column, room < least)
        return super().eventFilter(watched, event)

    # ------------------------------------------------------------------------------------------------ pointing and going

    def _point(self) -> None:
        """Tell of the tile under the pointer or of the current one: also of one that is too small for the map."""
        tile, row = self.map.pointed_tile, self.list.currentIndex().row()
        if tile is None and 0 <= row < len(self.model.tiles):
            tile = self.model.tiles[row]
        self._summary = tile.summary if tile else ""
        self._fit()

    def _select_row(self, key: str, others: bool) -> None:
        row = self.model.row_of(key, others=others)
        if row >= 0:
            self.list.selectRow(row)
        else:
            self.list.setCurrentIndex(QModelIndex())

    def _row_chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid() and now.row() < len(self.model.tiles):
            tile = self.model.tiles[now.row()]
            if self.map.wanted != (tile.key, tile.others):
                self.map.set_current(tile.key, others=tile.others)
            self._point()

    def _keep_row(self) -> None:
        """The current tile stays the current row, wherever it is now."""
        if self.map.wanted is not None:
            key, others = self.map.wanted
            if self.model.row_of(key, others=others) != self.list.currentIndex().row():
                self._select_row(key, others)

    def _activated(self, index: QModelIndex) -> None:
        tile = self.model.tiles[index.row()]
        if tile.opens:
            self._open(tile.key)

    def _open(self, key: str) -> None:
        """Go to what a tile stands for: the list shows it, and a folder is shown here too."""
        scope, found = self._scope, self._measured
        if scope is None or found is None:
            return
        root = Location(scope.connection_id, scope.bucket, scope.root)
        place = place_of(root, self.choices.aspect.facet, key, found.when)
        self._app.open(place)
        if place.below is None and place.prefix != scope.root:
            self.show_scope(Scope.folder(place.connection_id, place.bucket, place.prefix))

    def _go_back(self) -> None:
        if self._visited:
            self._enter(self._visited.pop())
            self._follow()

    def _go_up(self) -> None:
        if self._scope and self._scope.root:
            above = Location(self._scope.connection_id, self._scope.bucket, self._scope.root).parent
            self.show_scope(Scope.folder(above.connection_id, above.bucket, above.prefix))
            self._follow()

    def _follow(self) -> None:
        """Let the list show what is shown here."""
        if self._scope:
            self._app.open(Location(self._scope.connection_id, self._scope.bucket, self._scope.root))

    def _act(self) -> None:
        if self._scope is None:
            return
        if self._measured and self._measured.progress is Progress.COUNTING:
            self._app.measures.stop(self._scope)
        else:
            self._count(self._scope)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_partial_picture"):
            self._retouch()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop watching when it is closed, in whatever way, and stop what is counted for it."""
        super().hideEvent(event)
        if self._watching and not event.spontaneous():
            self._watching = False
            for forget in self._forgets:
                forget()
            for scope in self._begun:
                self._app.measures.stop(scope)


def _facts(found: Measured) -> Text:
    """When it was counted, and the oldest and newest of it."""
    text = state_words(found)
    if found.tally.newest > 0:
        span = translate("storage", "{state} · oldest {oldest} · newest {newest}")
        return span(state=text, oldest=Moment(found.tally.oldest), newest=Moment(found.tally.newest))
    return text
