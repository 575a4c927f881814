"""Quiet messages above the status bar: results, and failures with their details."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from cloudtemple_browser.app.commands.why import NO_CONNECTION, WHY
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say, titled
from cloudtemple_browser.ui.icons import icon, pixmap
from cloudtemple_browser.ui.text import elided_middle, label, set_tip, visible

_SECONDS = 6
_LINE = 220  # characters
_KEPT = 8  # failures that wait to be shown again


class NoticeBar(QFrame):
    """Shows one notice at a time; a result goes by itself, a failure stays until it is closed. GUI thread.

    A failure that another notice took the place of comes back after that one: it may be the only record of what went wrong.
    """

    def __init__(
        self,
        details: Callable[[Notice], None],
        why: Callable[[Notice], None],
        may_ask: Callable[[Notice], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._details, self._why, self._may_ask = details, why, may_ask
        self._notice: Notice | None = None
        self._unread: deque[Notice] = deque(maxlen=_KEPT)  # failures that nobody closed, the latest last
        self._picture = label(parent=self)
        self.message = label(parent=self)
        self.message.setObjectName("notice-text")
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._more = QPushButton(say(translate("notice", "Details…")), self)
        self._more.setObjectName("notice-details")
        self._more.clicked.connect(self._show_details)
        self._asker = QPushButton(say(WHY), self)
        self._asker.setObjectName("notice-why")
        self._asker.clicked.connect(self._ask_why)
        close = QToolButton(self)
        close.setObjectName("notice-close")
        close.setAutoRaise(True)
        close.setIcon(icon("close"))
        close.setIconSize(QSize(16, 16))
        close.setAccessibleName(say(translate("notice", "Close message")))
        set_tip(close, say(translate("notice", "Close message")))
        close.clicked.connect(self._end)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self._picture)
        layout.addWidget(self.message, 1)
        layout.addWidget(self._asker)
        layout.addWidget(self._more)
        layout.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=_SECONDS * 1000)
        self._timer.timeout.connect(self._end)
        self.hide()

    def _show_details(self) -> None:
        if self._notice is not None:
            self._details(self._notice)

    def _ask_why(self) -> None:
        if self._notice is None:
            return
        if self._may_ask(self._notice):
            self._why(self._notice)
        else:  # its connection was deleted since the button showed
            self.show_notice(Notice(NO_CONNECTION))

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the one before."""
        before = self._notice
        if before and before.failures and not self.isHidden():
            self._unread.append(before)
        self._unread = deque((one for one in self._unread if not _same(one, notice)), _KEPT)
        self._present(notice)

    def _end(self) -> None:
        """The notice went or was closed: the latest failure that was not comes back."""
        if self._unread:
            self._present(self._unread.pop())
        else:
            self.hide()

    def _present(self, notice: Notice) -> None:
        self._notice = notice
        text = visible(say(notice.text))
        reason = _reason(notice.failures[0][1]) if len(notice.failures) == 1 else ""
        if reason not in text:
            text = titled(text, reason)
        self.message.setText(elided_middle(text, _LINE))
        set_tip(self.message, text)
        self.setAccessibleName(text)
        self._draw(notice)
        self._more.setVisible(bool(notice.failures))
        self._asker.setVisible(self._may_ask(notice))
        self.show()
        self._timer.stop()
        if not notice.failures:
            self._timer.start()

    def _draw(self, notice: Notice) -> None:
        role: Literal["warning", "success"] = "warning" if notice.failures else "success"
        self._picture.setPixmap(pixmap(role, 16, self.devicePixelRatioF(), role))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        notice = getattr(self, "_notice", None)
        if event.type() == QEvent.Type.PaletteChange and notice:
            self._draw(notice)


def _same(one: Notice, other: Notice) -> bool:
    """Whether they tell the same of the same things, as a second try that fails like the first one does."""
    told = [(notice.text, [(name, error.kind) for name, error in notice.failures]) for notice in (one, other)]
    return told[0] == told[1]


def _reason(error: BrowserError) -> str:
    return say(explain(error).what)
