"""The tree of transfers: groups that open, and what is done with them by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTreeView, QWidget

from cloudtemple_browser.app.activities import Activity
from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands import why
from cloudtemple_browser.app.commands.open_file import open_file
from cloudtemple_browser.app.opening import folder_shown
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.app.transfer_list import NOT_PUBLIC, OpenGroups, TransferGroup
from cloudtemple_browser.app.transfer_words import VERBS, Verb, folder_of, reason_to_ask
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.text import Count, translate
from cloudtemple_browser.model.transfers import GroupContent, TransferState
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.models.transfer_cells import (
    ACTION,
    AMOUNT,
    LEFT,
    NAME,
    PROGRESS,
    SPEED,
    STATE,
    Item,
    JobLine,
    LeftOut,
    verbs_of,
)
from cloudtemple_browser.ui.models.transfers import TransfersModel
from cloudtemple_browser.ui.views.progress_bars import BarDelegate, RowDelegate

_WIDTHS = {PROGRESS: 110, AMOUNT: 260, SPEED: 84, LEFT: 84, STATE: 240, ACTION: 36}
NARROW = 1000
"""Pixels: in less, the speed and the time left are only in the head line."""
_VERY_NARROW = 780
_KEYS = {
    Qt.Key.Key_Space: (Verb.PAUSE, Verb.RESUME),
    Qt.Key.Key_Delete: (Verb.CANCEL, Verb.REMOVE),
    Qt.Key.Key_Backspace: (Verb.CANCEL, Verb.REMOVE),
}
"""What keys do, the first that makes sense."""


class TransfersTree(QTreeView):
    """Shows a ``TransfersModel`` and acts on what is selected in it. GUI thread."""

    def __init__(
        self, app: Application, model: TransfersModel, opened: OpenGroups, details: Callable[[Notice], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._app, self._model, self._opened, self._details = app, model, opened, details
        self.setObjectName("transfers-table")
        self.setAccessibleName(say(translate("transfers", "Transfers")))
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)  # a double click is Enter
        self.setAllColumnsShowFocus(True)
        self.setIconSize(QSize(16, 16))
        self.setIndentation(18)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(32)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(ACTION, QHeaderView.ResizeMode.Fixed)
        self.setItemDelegate(RowDelegate(self))
        self.setItemDelegateForColumn(PROGRESS, BarDelegate(self))
        self.expanded.connect(self._opened_one)
        self.collapsed.connect(self._closed_one)
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._entered)

    def _opened_one(self, index: QModelIndex) -> None:
        if group := self._model.group_of(index):
            self._opened.open(group.id)

    def _closed_one(self, index: QModelIndex) -> None:
        if group := self._model.group_of(index):
            self._opened.close(group.id)

    # ------------------------------------------------------------------------------------------------ what is meant

    def _selected(self) -> list[QModelIndex]:
        """The selected rows; those below a selected group are meant with it."""
        chosen = [index for index in self.selectionModel().selectedRows() if index.isValid()]
        tops = {index.row() for index in chosen if not index.parent().isValid()}
        return [index for index in chosen if not index.parent().isValid() or index.parent().row() not in tops]

    def offered(self) -> tuple[Verb, ...]:
        """What can be done with at least one of the selected rows."""
        found = {verb for index in self._selected() for verb in verbs_of(self._model.item(index))}
        return tuple(verb for verb in Verb if verb in found)

    def do(self, verb: Verb, indexes: Iterable[QModelIndex] | None = None) -> None:
        """Do it with the selected rows, or with these, as far as it makes sense with each."""
        meant = [(index, self._model.item(index)) for index in (self._selected() if indexes is None else indexes)]
        items = [(self._model.group_of(index), item) for index, item in meant if verb in verbs_of(item)]
        if not items:
            return  # what the open menu was made for is gone, or in another state
        if verb is Verb.SHOW:
            self._show(items[0])
        elif verb is Verb.OPEN:
            self._app.background.spawn(self._open(items[0]))
        elif verb is Verb.DETAILS:
            self._app.background.spawn(self._tell([(group, item) for group, item in items if group]))
        elif verb is Verb.WHY:
            self._ask_why(items[0])
        else:
            chosen = [item for _group, item in items]
            if verb is Verb.CANCEL and (count := _under_way(chosen)) > 1:
                self._app.background.spawn(self._cancel(count, chosen))
            else:
                self._order(verb, chosen)

    async def _cancel(self, count: int, items: list[Item | None]) -> None:
        if await self._app.shell.ask_cancel_transfers(count):
            self._order(Verb.CANCEL, items)

    def _order(self, verb: Verb, items: list[Item | None]) -> None:
        engine = self._app.engine
        order = {
            Verb.PAUSE: engine.pause,
            Verb.RESUME: engine.resume,
            Verb.RETRY: engine.retry,
            Verb.CANCEL: engine.cancel,
            Verb.REMOVE: engine.remove,
        }[verb]
        for item in items:
            if isinstance(item, TransferGroup):
                order(group=item.id)
            elif isinstance(item, Activity):
                item.control.cancel()
        if jobs := tuple(item.status.job.id for item in items if isinstance(item, JobLine)):
            order(jobs=jobs)

    def _show(self, meant: tuple[TransferGroup | None, Item | None]) -> None:
        group, item = meant
        if isinstance(item, JobLine):
            job = item.status.job
            self._app.shell.open_folder(folder_shown(item.status.path or job.path, job.root))
        elif group:
            self._app.shell.open_folder(folder_of(group))

    async def _open(self, meant: tuple[TransferGroup | None, Item | None]) -> None:
        """Open what a download wrote: a file, or the folder that an object ``x/`` stands for."""
        group, item = meant
        job = item.status if isinstance(item, JobLine) else None
        if job is None and group:
            content = await self._app.background.call(self._app.engine.content, group.id)
            job = next((one for one in content.jobs if one.state is TransferState.DONE), None)
        if job is None:
            return
        path = job.path or job.job.path
        if job.job.is_folder:
            self._app.shell.open_folder(folder_shown(path / "_", job.job.root))
        else:
            await open_file(self._app, path)

    def _ask_why(self, meant: tuple[TransferGroup | None, Item | None]) -> None:
        group, item = meant
        error = item.status.error if isinstance(item, JobLine) else reason_to_ask(group) if group else None
        if group and error:
            self._app.background.spawn(why.ask(self._app, error, group.status.connection_id))

    async def _tell(self, items: list[tuple[TransferGroup, Item | None]]) -> None:
        """Show why things failed: what the engine knows of whole groups is asked for."""
        failures: list[tuple[str, BrowserError]] = []
        for group, item in items:
            if isinstance(item, JobLine):
                failures += [(item.status.job.ref.key, item.status.error)] if item.status.error else []
            elif isinstance(item, LeftOut):
                failures.append((item.name, item.error))
            else:
                failures += _failures(await self._app.background.call(self._app.engine.content, group.id))
        if failures:
            one, many = translate("transfers", "{n} failure"), translate("transfers", "{n} failures")
            text = translate("transfers", "{count}")(count=Count(len(failures), one, many))
            self._details(Notice(text, tuple(failures), items[0][0].status.connection_id))

    # ------------------------------------------------------------------------------------------------ mouse and keys

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == ACTION:
            row = index.siblingAtColumn(NAME)
            if verbs := verbs_of(self._model.item(row)):
                self.do(verbs[0], [row])

    def _entered(self, index: QModelIndex) -> None:
        """Enter or a double click: details of a failure, why it waits, the folder of a download, or open or close the group."""
        row = index.siblingAtColumn(NAME)
        verbs = verbs_of(self._model.item(row))
        if index.column() == ACTION:
            return
        for verb in (Verb.DETAILS, Verb.WHY, Verb.SHOW):
            if verb in verbs:
                self.do(verb, [row])
                return
        self.setExpanded(row, not self.isExpanded(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, offered = Qt.Key(event.key()), self.offered()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._entered(self.currentIndex().siblingAtColumn(NAME))
        elif found := next((verb for verb in _KEYS.get(key, ()) if verb in offered), None):
            self.do(found)
        elif key not in _KEYS:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the selected rows, under the mouse or, from the keyboard, under the current row."""
        verbs = self.offered()
        if not verbs:
            return
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft() + QPoint(24, 0))
        self.menu(verbs).popup(at)

    def menu(self, verbs: tuple[Verb, ...]) -> QMenu:
        """A menu of what can be done."""
        menu = QMenu(self)
        for verb in verbs:
            action = menu.addAction(icon(verb.value), say(VERBS[verb]))
            action.triggered.connect(lambda _checked=False, verb=verb: self.do(verb))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = event.size().width()
        for column, least in ((SPEED, NARROW), (LEFT, NARROW), (PROGRESS, _VERY_NARROW)):
            self.setColumnHidden(column, width < least)
        self.header().resizeSection(STATE, _WIDTHS[STATE] if width >= _VERY_NARROW else 170)


def _under_way(items: list[Item | None]) -> int:
    """How many transfers have not ended among what stands in these rows."""
    groups = sum(item.status.counts.active + item.status.counts.paused for item in items if isinstance(item, TransferGroup))
    return groups + sum(isinstance(item, JobLine) for item in items)


def _failures(content: GroupContent) -> list[tuple[str, BrowserError]]:
    failed = [(job.job.ref.key, job.error) for job in content.jobs if job.error]
    private = [(job.job.ref.key, NOT_PUBLIC) for job in content.jobs if job.not_public]
    return [*failed, *private, *content.left_out]
