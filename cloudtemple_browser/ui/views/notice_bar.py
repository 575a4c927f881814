"""Quiet messages above the status bar: results, and failures with their details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from cloudtemple_browser.app.commands.why import WHY
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say, titled
from cloudtemple_browser.ui.icons import icon, pixmap
from cloudtemple_browser.ui.text import elided_middle, label, set_tip, visible

_SECONDS = 6
_LINE = 220  # characters


class NoticeBar(QFrame):
    """Shows one notice at a time; a result goes by itself, a failure stays until it is closed. GUI thread."""

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
        close.setAutoRaise(True)
        close.setIcon(icon("close"))
        close.setIconSize(QSize(16, 16))
        close.setAccessibleName(say(translate("notice", "Close message")))
        set_tip(close, say(translate("notice", "Close message")))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self._picture)
        layout.addWidget(self.message, 1)
        layout.addWidget(self._asker)
        layout.addWidget(self._more)
        layout.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=_SECONDS * 1000)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def _show_details(self) -> None:
        if self._notice is not None:
            self._details(self._notice)

    def _ask_why(self) -> None:
        if self._notice is not None:
            self._why(self._notice)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the one before."""
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


def _reason(error: BrowserError) -> str:
    return say(explain(error).what)
