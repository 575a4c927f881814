"""What stands in the table's place: welcome, empty, no permission, no match, loading, offline, failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cloudtemple_browser.app.commands.why import WHY
from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.diagnosis import worth_asking
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.reasons import Explanation
from cloudtemple_browser.model.text import Count, Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import app_icon, pixmap
from cloudtemple_browser.ui.text import breakable, label, menu_text, set_tone, visible_lines
from cloudtemple_browser.ui.theme import muted

_COLUMN = 480  # pixels: a sentence of two lines
_SKELETON_AFTER = 150  # milliseconds: a quick answer shows no skeleton


@dataclass(frozen=True, slots=True)
class Place:
    """One state: an icon, a sentence, what to know, and up to three commands by id (the first is the primary one).

    ``titles`` are the buttons' words where they say more here than the command's own title.
    """

    name: str
    icon: str
    title: Text
    detail: Text
    actions: tuple[str, ...] = ()
    error: BrowserError | None = None
    titles: tuple[tuple[str, Text], ...] = ()


def place_for(status: ListingStatus, rows: int, shown: int, needle: str, connections: int) -> Place | None:
    """The state to show, or None when the table has rows to show. Pure."""
    if shown > 0:
        return None
    if status.location is None:
        return _NOTHING_OPEN if connections else _WELCOME
    if rows > 0 and needle:
        return Place(
            "no-match",
            "no-match",
            translate("states", "No name contains “{needle}”")(needle=needle),
            translate("states", "The filter looks at the names loaded here, not below and not elsewhere."),
            ("filter.clear", "filter.search") if _in_folder(status.location) else ("filter.clear",),
        )
    if status.location.below and not status.location.below.everything:
        return _search_place(status)
    match status.phase:
        case Phase.LOADING | Phase.NOTHING:
            return _LOADING
        case Phase.COMPLETE:
            return _EMPTY if status.location.bucket else _NO_BUCKETS
        case Phase.STOPPED:
            return _STOPPED
        case _:
            return _failed(status)


def _in_folder(location: Location) -> bool:
    return bool(location.bucket) and location.below is None


def _search_place(status: ListingStatus) -> Place:
    """A search that has found nothing, so far or at all."""
    looked = Count(status.looked, translate("search", "{n} object"), translate("search", "{n} objects"))
    match status.phase:
        case Phase.LOADING:
            return _SEARCHING
        case Phase.COMPLETE:
            detail = translate("states", "All there is below this folder was looked at: {looked}.")(looked=looked)
            return Place("not-found", "no-match", translate("states", "Nothing meets the search"), detail, *_SEARCH_AGAIN)
        case Phase.STOPPED:
            title = translate("states", "The search was stopped")
            detail = translate("states", "Nothing was found up to there. {looked} looked at; there may be more.")(looked=looked)
            return Place("search-stopped", "list-partial", title, detail, ("go.refresh", "go.search", "go.up"), None, _TITLES)
        case _:
            return _failed(status)


def _failed(status: ListingStatus) -> Place:
    error = status.error or BrowserError(ErrorKind.INTERNAL)
    words = explain(error)
    if error.kind is ErrorKind.ACCESS_DENIED and status.location:
        if status.location.bucket:
            return Place(
                "denied", "lock-denied", _DENIED, say_denied(words), ("upload.files", "go.location", "go.refresh"), error
            )
        return Place(
            "denied", "lock-denied", _DENIED_BUCKETS.title, _DENIED_BUCKETS.detail, ("bucket.add", "go.refresh"), error
        )
    if error.offline:
        return Place("offline", "offline", words.what, words.why, ("go.refresh", "connection.edit"), error)
    return Place(
        "failed", "error", words.what, translate("states", "{why} {todo}")(why=words.why, todo=words.todo), _AGAIN, error
    )


def say_denied(words: Explanation) -> Text:
    """The detail of a refused listing: the causes, and what still works without it."""
    return translate("states", "{why} You may still upload here, or open a folder by its name.")(why=words.why)


_AGAIN = ("go.refresh", "connection.edit")
_TITLES = (
    ("go.refresh", translate("states", "Search again")),
    ("go.search", translate("states", "Change the search")),
    ("go.up", translate("states", "Back to the folder")),
)
_SEARCH_AGAIN = (("go.search", "go.up"), None, _TITLES)
_SEARCHING = Place(
    "searching",
    "search",
    translate("states", "Searching…"),
    translate("states", "What is found shows here as it comes."),
    ("go.stop",),
    titles=(("go.stop", translate("states", "Stop the search")),),
)
_WELCOME = Place(
    "welcome",
    "app",
    translate("states", "Welcome to Cloud Temple Browser"),
    translate("states", "Browse and manage your buckets on Cloud Temple object storage and on any other S3 store."),
    ("connection.new", "connection.other", "demo"),
    titles=(
        ("connection.new", translate("states", "Connect to Cloud Temple")),
        ("connection.other", translate("states", "Other S3 store")),
    ),
)
_NOTHING_OPEN = Place(
    "nothing",
    "connection",
    translate("states", "No connection is open"),
    translate("states", "Choose one on the left, or make a new one."),
    ("connection.new",),
)
_LOADING = Place("loading", "", translate("states", "Loading…"), translate("states", "The first page is on its way."))
_EMPTY = Place(
    "empty",
    "empty",
    translate("states", "This folder is empty"),
    translate("states", "Drop files or folders here, or upload them."),
    ("upload.files", "object.new"),
)
_NO_BUCKETS = Place(
    "no-buckets",
    "bucket",
    translate("states", "There is no bucket yet"),
    translate("states", "Make one, or add one by name that this key may use but not list."),
    ("bucket.create", "bucket.add"),
)
_STOPPED = Place(
    "stopped",
    "list-partial",
    translate("states", "The listing was stopped"),
    translate("states", "Nothing was loaded before."),
    ("go.refresh",),
)
_DENIED = translate("states", "You may not list this folder")
_DENIED_BUCKETS = Place(
    "denied",
    "lock-denied",
    translate("states", "This key may not list the buckets"),
    translate("states", "That is usual for keys made for one bucket. Add your bucket by its name."),
)


class StatePage(QWidget):
    """Covers the table's viewport with a state. Drops go through to the table. GUI thread."""

    def __init__(
        self,
        viewport: QWidget,
        run: Callable[[str], None],
        title_of: Callable[[str], str],
        details: Callable[[BrowserError], None],
        why: Callable[[BrowserError], None],
    ) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._run, self._title_of, self._details, self._why = run, title_of, details, why
        self._place: Place | None = None
        self._skeleton = _Skeleton(self)
        self._picture = label(parent=self)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = label(wrap=True)
        self._title.setObjectName("state-title")
        self._detail = label(wrap=True)
        self._detail.setObjectName("state-detail")
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        self._title.setFont(font)
        for one in (self._title, self._detail):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        set_tone(self._detail, "muted")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        column = QWidget(self)
        words = QWidget(column)
        words.setMaximumWidth(_COLUMN)
        inner = QVBoxLayout(words)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self._picture)
        inner.addSpacing(4)
        inner.addWidget(self._title)
        inner.addWidget(self._detail)
        row = QHBoxLayout()  # not an alignment: a widget that is aligned gets no height for its width
        row.addStretch(1)
        row.addWidget(words, 1000)
        row.addStretch(1)
        whole = QVBoxLayout(column)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(20)
        whole.addLayout(row)
        whole.addLayout(self._buttons)  # as wide as their words, which may be wider than a column for reading
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.addStretch(2)
        outer.addWidget(column)
        outer.addStretch(3)
        self._column = column
        self._timer = QTimer(self, singleShot=True, interval=_SKELETON_AFTER)
        self._timer.timeout.connect(self._show_skeleton)
        viewport.installEventFilter(self)
        self.hide()

    @property
    def place(self) -> Place | None:
        """The state shown now."""
        return self._place

    def show_place(self, place: Place | None) -> None:
        """Show a state, or nothing."""
        if place == self._place:
            return
        self._place = place
        self._timer.stop()
        self._skeleton.hide()
        self.setVisible(place is not None)
        if place is None:
            return
        loading = place.name == "loading"
        self._column.setVisible(not loading)
        if loading:
            self._timer.start()
        else:
            self._fill(place)
        self.resize(self._viewport.size())
        self.raise_()

    def _show_skeleton(self) -> None:
        self._skeleton.resize(self.size())
        self._skeleton.show()

    def _fill(self, place: Place) -> None:
        ratio = self.devicePixelRatioF()
        picture = app_icon().pixmap(QSize(72, 72), ratio) if place.icon == "app" else pixmap(place.icon, 48, ratio, "muted")
        self._picture.setPixmap(picture)
        self._title.setText(breakable(visible_lines(say(place.title))))
        self._detail.setText(breakable(visible_lines(say(place.detail))))
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            if item and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()
        self._buttons.addStretch(1)
        titles = dict(place.titles)
        for at, command in enumerate(place.actions):
            title = say(titles[command]) if command in titles else self._title_of(command)
            button = QPushButton(menu_text(title), self)
            button.setObjectName(f"state-{command}")
            button.setDefault(at == 0)
            button.clicked.connect(lambda _checked=False, command=command: self._run(command))
            self._buttons.addWidget(button)
        if place.error:
            error = place.error
            if worth_asking(error):
                asker = QPushButton(say(WHY), self)
                asker.setObjectName("state-why")
                asker.clicked.connect(lambda: self._why(error))
                self._buttons.addWidget(asker)
            button = QPushButton(say(translate("states", "Details…")), self)
            button.setObjectName("state-details")
            button.clicked.connect(lambda: self._details(error))
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._viewport:
            self.resize(self._viewport.size())
            self._skeleton.resize(self.size())
        return False

    def retouch(self) -> None:
        """Draw again after the palette changed."""
        if self._place and self._place.name != "loading":
            self._fill(self._place)


class _Skeleton(QWidget):
    """Grey bars where rows will be."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = muted()
        painter.setPen(Qt.PenStyle.NoPen)
        for at in range(min(12, self.height() // 28)):
            colour.setAlpha(max(12, 56 - at * 4))
            painter.setBrush(colour)
            width = int(self.width() * (0.16 + 0.05 * ((at * 7) % 5)))
            painter.drawRoundedRect(QRect(32, 9 + at * 28, width, 10), 4, 4)
            painter.drawRoundedRect(QRect(8, 6 + at * 28, 16, 16), 4, 4)
            painter.drawRoundedRect(QRect(self.width() - 96, 9 + at * 28, 80, 10), 4, 4)
