"""The main window: a frame that shows at once, and is filled when everything that it holds is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QMargins, QSize, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow

if TYPE_CHECKING:
    from cloudtemple_browser.app.application import Application
    from cloudtemple_browser.app.transfer_list import TransferList
    from cloudtemple_browser.model.settings import Settings
    from cloudtemple_browser.ui.workbench import Workbench


_TITLE_BAR = 40  # pixels at most; how many it takes nobody knows before the window shows


class MainWindow(QMainWindow):
    """The frame. Imports nothing but Qt, so that a person sees the window before the rest is loaded. GUI thread."""

    closed = Signal()
    work: Workbench

    def __init__(self, geometry: str = "") -> None:
        super().__init__()
        self._filled = False
        self._quitting = False
        self.setObjectName("main")
        self.setWindowTitle("Cloud Temple Browser")
        free = self.screen().availableGeometry().size()
        self.resize(QSize(1280, 800).boundedTo(free.shrunkBy(QMargins(0, _TITLE_BAR, 0, 0))))
        self.setMinimumSize(560, 360)
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    def fill(self, app: Application, transfers: TransferList, restyle: Callable[[Settings], bool]) -> Workbench:
        """Make the parts of the window."""
        from cloudtemple_browser.ui.workbench import Workbench

        self.work = Workbench(self, app, transfers, restyle)
        self._filled = True
        self.work.resized(-1, self.width())
        return self.work

    def close_now(self) -> None:
        """Close without a question."""
        self._quitting = True
        self.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._filled:
            self.work.resized(event.oldSize().width(), event.size().width())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_filled", False):
            self.work.recoloured()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._filled and not self._quitting and not self.work.may_close():
            event.ignore()
            return
        super().closeEvent(event)
        self.closed.emit()
