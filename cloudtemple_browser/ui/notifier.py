"""Tells the end of long transfers to a person who looks at something else."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from cloudtemple_browser.app.transfer_list import GroupResult
from cloudtemple_browser.app.transfer_words import result_words
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import app_icon

_LONG = 5.0  # seconds: whoever waits for less is still looking
_SHOWN = 8000  # milliseconds


class Notifier:
    """A message of the desktop where there is a tray, and the window's button asks for attention. GUI thread."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    def tell(self, result: GroupResult) -> None:
        """Tell the end of a group, in counts only: desktops take markup in messages for their own."""
        if result.seconds < _LONG or self._window.isActiveWindow() or not result.worth_telling:
            return
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._show(say(result_words(result)), bad=bool(result.failed))

    def _show(self, text: str, *, bad: bool) -> None:
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self._window)
            self._tray.messageClicked.connect(self._window.activateWindow)
        kind = QSystemTrayIcon.MessageIcon.Warning if bad else QSystemTrayIcon.MessageIcon.Information
        self._tray.show()  # only while there is something to say
        self._tray.showMessage("Cloud Temple Browser", text, kind, _SHOWN)
        QTimer.singleShot(_SHOWN, self._tray, self._tray.hide)
