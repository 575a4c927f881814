"""The bar above a list that is not whole: why, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from cloudtemple_browser.app.commands.why import WHY
from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.model.diagnosis import worth_asking
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import pixmap
from cloudtemple_browser.ui.text import label, visible

_LIST_AGAIN, _SEARCH_AGAIN = translate("window", "List again"), translate("window", "Search again")


class PartialBar(QFrame):
    """Shown while the rows are not all there are. GUI thread."""

    def __init__(
        self,
        again: Callable[[], None],
        details: Callable[[BrowserError], None],
        why: Callable[[BrowserError], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("partial")
        self._error: BrowserError | None = None
        self._tell, self._ask = details, why
        self._picture = label()
        self._text = label(wrap=True)
        self._text.setObjectName("partial-text")
        self._again = QPushButton(say(_LIST_AGAIN), self)
        self._again.setObjectName("partial-again")
        self._again.clicked.connect(again)
        self._details = QPushButton(say(translate("window", "Details…")), self)
        self._details.clicked.connect(self._show_details)
        self._why = QPushButton(say(WHY), self)
        self._why.setObjectName("partial-why")
        self._why.clicked.connect(self._ask_why)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addWidget(self._text, 1)
        row.addWidget(self._why)
        row.addWidget(self._details)
        row.addWidget(self._again)
        self.retouch()
        self.hide()

    def follow(self, status: ListingStatus, rows: int) -> None:
        """Show the bar when ``rows`` are only a part."""
        cut = status.phase in (Phase.PARTIAL, Phase.STOPPED) and rows > 0
        self.setVisible(cut)
        if cut:
            self._error = status.error
            self._text.setText(visible(say(_words(status))))
            self._details.setVisible(status.error is not None)
            self._why.setVisible(status.error is not None and worth_asking(status.error))
            again = _SEARCH_AGAIN if _searched(status) else _LIST_AGAIN
            self._again.setText(say(again))

    def _show_details(self) -> None:
        if self._error:
            self._tell(self._error)

    def _ask_why(self) -> None:
        if self._error:
            self._ask(self._error)

    def retouch(self) -> None:
        """Draw again after the palette changed."""
        self._picture.setPixmap(pixmap("list-partial", 16, self.devicePixelRatioF(), "warning"))


def _searched(status: ListingStatus) -> bool:
    below = status.location.below if status.location else None
    return below is not None and not below.everything


def _words(status: ListingStatus) -> Text:
    if status.error is not None and status.phase is not Phase.STOPPED:
        words = explain(status.error)
        text = (
            translate("window", "Partial result: {why}. {todo}")
            if _searched(status)
            else translate("window", "Partial list: {why}. {todo}")
        )
        return text(why=status.left_out_words if status.left_out else words.what, todo=words.todo)
    if _searched(status):
        return translate("window", "Partial result: you stopped the search. There may be more.")
    return translate("window", "Partial list: you stopped it.")
