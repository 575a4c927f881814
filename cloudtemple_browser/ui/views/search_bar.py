"""The search of everything below the open folder: a bar above the list, as editors have one to find text."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.quantities import parse_size, size_words
from cloudtemple_browser.model.query import Match, Query
from cloudtemple_browser.model.text import Count, Size, Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import label, set_tip, set_tone, visible
from cloudtemple_browser.ui.views.day_field import DayField
from cloudtemple_browser.ui.views.location_bar import EscapeField

_MATCHES = {
    Match.SUBSTRING: (
        translate("search", "Contains"),
        translate("search", "The text occurs in the name or in the path below this folder."),
    ),
    Match.GLOB: (
        translate("search", "Wildcards"),
        translate(
            "search", "{any} is any text, {one} one character. With a {mark} it must fit the whole path, else the whole name."
        )(any="*", one="?", mark="/"),
    ),
    Match.REGEX: (
        translate("search", "Regular expression"),
        translate("search", "A regular expression of Python, found anywhere in the path below this folder."),
    ),
}
_MAX_TEXT = 2000  # characters; a key has 1,024 bytes


class _Unread(Exception):
    """A field holds what cannot be read."""

    def __init__(self, field: QLineEdit, text: Text) -> None:
        super().__init__(str(text))
        self.field, self.text = field, text


class SearchBar(QFrame):
    """Emits ``wanted`` with a query, ``stop_wanted``, ``list_wanted`` for the list's focus, and ``left``. GUI thread."""

    wanted = Signal(object)  # Query
    stop_wanted = Signal()
    list_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self._location: Location | None = None
        self._searched = self._running = self._refused = False
        self._looked: Text | None = None
        self.text = EscapeField(self)
        self.text.setObjectName("search-text")
        self.text.setAccessibleName(say(translate("search", "Search below this folder")))
        self.text.setPlaceholderText(say(translate("search", "Search below this folder")))
        self.text.setMaxLength(_MAX_TEXT)
        self.text.setClearButtonEnabled(True)
        self.text.setMinimumWidth(140)
        self.text.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.match = QComboBox(self)
        self.match.setObjectName("search-match")
        self.match.setAccessibleName(say(translate("search", "How the text is matched")))
        for at, (kind, (name, what)) in enumerate(_MATCHES.items()):
            self.match.addItem(say(name), kind)
            self.match.setItemData(at, say(what), Qt.ItemDataRole.ToolTipRole)
        self.case = self._tool("search-case", translate("search", "Match case"), "Aa")
        self.case.setCheckable(True)
        self.more = self._tool(
            "search-more", translate("search", "Also by size and date"), say(translate("search", "Size, date"))
        )
        self.more.setCheckable(True)
        self.more.setProperty("disclosure", True)
        self.more.setIcon(icon("chevron-right", "muted"))
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.go = QPushButton(self)
        self.go.setObjectName("search-go")
        self.go.clicked.connect(lambda: self.stop_wanted.emit() if self._running else self.submit())
        self.close_ = self._tool("search-close", translate("search", "Close search"), "")
        self.close_.setIcon(icon("close"))
        self.close_.clicked.connect(self.leave)
        self.words = label(wrap=True)
        self.words.setObjectName("search-words")
        self._bounds = self._make_bounds()
        self._arrange()
        self.more.toggled.connect(self._show_bounds)
        self._show_running(running=False)
        self.hide()

    def _tool(self, name: str, spoken: Text, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setIconSize(QSize(16, 16))
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(say(spoken))
        set_tip(button, say(spoken))
        return button

    def _make_bounds(self) -> QWidget:
        self.min_size = _bound(self, "search-min-size", translate("search", "Smallest size"), _size_text(10**7))
        self.max_size = _bound(self, "search-max-size", translate("search", "Largest size"), _size_text(2 * 10**9))
        self.after = DayField(self, "search-after", translate("search", "Changed since"), translate("search", "7 days"))
        self.before = DayField(self, "search-before", translate("search", "Changed until"), translate("search", "today"))
        whole = QWidget(self)
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(say(translate("search", "Size"))))
        row.addWidget(self.min_size, 1)
        row.addWidget(label("–"))
        row.addWidget(self.max_size, 1)
        row.addSpacing(8)
        row.addWidget(label(say(translate("search", "Modified"))))
        row.addWidget(self.after, 1)
        row.addWidget(label("–"))
        row.addWidget(self.before, 1)
        whole.hide()
        return whole

    def _arrange(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self.text, 1)
        for widget in (self.match, self.case, self.more, self.go, self.close_):
            first.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 4, 4, 4)
        whole.setSpacing(4)
        whole.addLayout(first)
        whole.addWidget(self._bounds)
        whole.addWidget(self.words)
        self.words.hide()
        for field in self._fields():
            field.left.connect(self._escape)
            field.textEdited.connect(self._forgive)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where Tab stops, in order."""
        bounds = self.min_size, self.max_size, self.after, self.before
        return self.text, self.match, self.case, self.more, *bounds, self.go, self.close_

    def _fields(self) -> tuple[EscapeField, ...]:
        return self.text, self.min_size, self.max_size, self.after, self.before

    def _show_bounds(self, shown: bool) -> None:
        self._bounds.setVisible(shown)
        self.more.setIcon(icon("chevron-down" if shown else "chevron-right", "muted"))

    # ------------------------------------------------------------------------------------------------ asking

    def begin(self, text: str | None = None) -> None:
        """Show the bar for a new search, for ``text`` when it is given, with the focus in its field."""
        if text is not None:
            self._fill(Query(text))
        self.show()
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def submit(self) -> None:
        """Ask for what the fields say, or say which of them cannot be read."""
        self._forgive()
        try:
            query = self._query()
        except _Unread as unread:
            self._refuse(unread.text, unread.field)
            unread.field.setFocus()
            unread.field.selectAll()
            return
        self.wanted.emit(query)

    def _query(self) -> Query:
        query = Query(
            self.text.text(),
            self.match.currentData(),
            self.case.isChecked(),
            _size_of(self.min_size),
            _size_of(self.max_size),
            _seconds_of(self.after, 0),
            _seconds_of(self.before, 1),
        )
        if query.everything:
            raise _Unread(self.text, translate("search", "Type a part of a name, or give a size or a date."))
        return query

    def refuse(self, problem: Text) -> None:
        """Say why nothing can meet the query."""
        self._refuse(problem, self.text if self.match.currentData() is Match.REGEX else None)

    def _refuse(self, problem: Text, field: QLineEdit | None) -> None:
        self._refused = True
        self._say(problem, "danger")
        if field:
            set_tone(field, "danger")

    def _forgive(self) -> None:
        """Take back what was said of the fields."""
        self._refused = False
        for field in self._fields():
            set_tone(field, "")
        self._say(self._looked)

    # ------------------------------------------------------------------------------------------------ following

    def follow(self, status: ListingStatus, found: int) -> None:
        """Show the search of the open location, how far it is, and that ``found`` objects meet it."""
        query = status.location.below if status.location else None
        searched = query is not None and not query.everything
        if status.location != self._location:
            left, self._location, self._searched = self._searched, status.location, searched
            self._came(query if searched else None, left=left)
        self._show_running(running=searched and status.phase is Phase.LOADING)
        self._looked = looked_words(status, found) if searched else None
        if not self._refused:
            self._say(self._looked)

    def _came(self, query: Query | None, *, left: bool) -> None:
        """Another location is open."""
        self._looked = None
        self._forgive()
        if query:
            if query != self._query_or_none():
                self._fill(query)
            self.show()
            return
        if left or self._location is None or not self._location.bucket:
            self.leave()

    def _query_or_none(self) -> Query | None:
        try:
            return self._query()
        except _Unread:
            return None

    def _fill(self, query: Query) -> None:
        self.text.setText(query.text)
        self.match.setCurrentIndex(self.match.findData(query.match))
        self.case.setChecked(query.case)
        for field, size in ((self.min_size, query.min_size), (self.max_size, query.max_size)):
            field.setText("" if size is None else _size_text(size))
        self.after.show_seconds(query.after)
        self.before.show_seconds(None if query.before is None else query.before - 1)
        self.more.setChecked(any(field.text() for field in self._fields()[1:]))

    def _show_running(self, *, running: bool) -> None:
        self._running = running
        self.go.setText(say(translate("search", "Stop") if running else translate("search", "Search")))

    def _say(self, text: Text | None, tone: str = "muted") -> None:
        self.words.setText(visible(say(text)) if text else "")
        set_tone(self.words, tone)
        self.words.setVisible(text is not None)

    # ------------------------------------------------------------------------------------------------ keys

    def leave(self) -> None:
        """Hide the bar. What was found stays in the list."""
        focused = QApplication.focusWidget()
        inside = focused is not None and self.isAncestorOf(focused)
        self.hide()
        if inside:
            self.left.emit()

    def _escape(self) -> None:
        if self._running:
            self.stop_wanted.emit()
        else:
            self.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # What the field or button with the focus did not take itself.
        focused = self.focusWidget()
        match event.key():
            case Qt.Key.Key_Escape:
                self._escape()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if isinstance(focused, QAbstractButton):
                focused.click()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.submit()
            case Qt.Key.Key_Down if focused is self.text:
                self.list_wanted.emit()
            case _:
                super().keyPressEvent(event)


def _bound(parent: QWidget, name: str, spoken: Text, example: str) -> EscapeField:
    field = EscapeField(parent)
    field.setObjectName(name)
    field.setAccessibleName(say(spoken))
    field.setPlaceholderText(example)
    field.setMinimumWidth(64)
    return field


def _size_of(field: EscapeField) -> int | None:
    if not field.text().strip():
        return None
    size = parse_size(field.text())
    if size is None:
        raise _Unread(field, translate("search", "This is no size: write a number and a unit, such as 10 MB or 1.5 GiB."))
    return size


def _seconds_of(field: DayField, later: int) -> int | None:
    """When a day begins here (the one ``later`` days after it), in seconds since 1970 UTC."""
    if not field.text().strip():
        return None
    day = field.day()
    if day is None:
        raise _Unread(field, translate("search", "This is no day: write 2026-11-30, or a time back from today such as 7 days."))
    return day.addDays(later).startOfDay().toSecsSinceEpoch()


def _size_text(size: int) -> str:
    number, unit = size_words(size)
    return f"{number} {say(Text('units', unit))}"


def looked_words(status: ListingStatus, found: int) -> Text:
    """How much a search has looked at, and whether that is all."""
    objects = Count(status.looked, translate("search", "{n} object"), translate("search", "{n} objects"))
    match status.phase:
        case Phase.LOADING:
            text = translate("search", "Looked at {objects} ({size}) so far, {found} found")
        case Phase.COMPLETE:
            text = translate("search", "Looked at all of {objects} ({size}) below here, {found} found")
        case Phase.STOPPED:
            text = translate("search", "Stopped after {objects} ({size}), {found} found")
        case Phase.PARTIAL if status.left_out:
            text = translate("search", "Looked at {objects} ({size}) below here, {found} found; {why}")(
                why=status.left_out_words
            )
        case _:
            text = translate("search", "Broke off after {objects} ({size}), {found} found")
    return text(objects=objects, size=Size(status.looked_bytes), found=found)
