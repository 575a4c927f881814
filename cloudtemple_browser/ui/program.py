"""The program's life in the window system: style, language, the window, its reports and its end."""

from __future__ import annotations

import asyncio
import logging
import sys
from types import TracebackType

from PySide6.QtWidgets import QApplication

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.transfer_list import TransferList
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.ui.i18n import set_binary_units, set_language
from cloudtemple_browser.ui.icons import app_icon
from cloudtemple_browser.ui.main_window import MainWindow
from cloudtemple_browser.ui.theme import apply_theme

log = logging.getLogger(__name__)


class Program:
    """Shows the window and keeps it alive. GUI thread."""

    def __init__(self, qt: QApplication, app: Application, transfers: TransferList, frame: MainWindow | None = None) -> None:
        self._frame = frame
        self._qt, self.app, self._transfers = qt, app, transfers
        self._language: str | None = None
        self._reporting = False
        self._ended: asyncio.Future[None] | None = None
        self.window: MainWindow
        qt.setWindowIcon(app_icon())
        self._apply_style(app.settings)

    def _apply_style(self, settings: Settings) -> bool:
        """Apply theme, units and language; True when the language changed."""
        apply_theme(self._qt, settings.theme)
        set_binary_units(settings.binary_units)
        changed = settings.language != self._language
        if changed:
            set_language(settings.language)
            self._language = settings.language
        return changed

    def show(self) -> MainWindow:
        """Fill the frame that shows already, or make one, and show it."""
        self.window = self._frame or MainWindow(self.app.settings.window_state("geometry"))
        self._frame = None  # another language makes another window
        self.window.fill(self.app, self._transfers, self._restyle)
        self.window.closed.connect(self._window_closed)
        self.window.show()
        return self.window

    def _restyle(self, settings: Settings) -> bool:
        self.app.change_settings(**{name: getattr(settings, name) for name in settings.__dataclass_fields__})
        changed = self._apply_style(settings)
        if changed:
            # Every text is made anew with a new window; what is open stays open in the application.
            old = self.window
            self.app.change_settings(**old.work.window_state())
            old.work.release()
            self.show()
            self.window.work.show_again()
            old.closed.disconnect()
            old.close_now()
            old.deleteLater()
        return changed

    def _window_closed(self) -> None:
        if self._ended and not self._ended.done():
            self._ended.set_result(None)

    async def until_closed(self) -> None:
        """Wait for the window's end, and save its state."""
        self._ended = asyncio.get_running_loop().create_future()
        await self._ended
        try:
            self.app.save_settings_now(**self.window.work.window_state())
        except Exception:
            log.exception("the settings could not be saved")
        self.window.work.release()

    # Failures of the program itself

    def install_hooks(self) -> None:
        """Send every unhandled exception to ``report``."""
        sys.excepthook = self._unhandled
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)

    def _unhandled(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window_closed()
            return
        self.report(error.with_traceback(trace))

    def _loop_failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(error)
        else:
            log.error("event loop: %s", context.get("message"))

    def report(self, error: BaseException) -> None:
        """Log an unhandled error and tell it in a window, one at a time. Any thread."""
        log.error("unhandled", exc_info=error)
        try:
            loop = self._ended.get_loop() if self._ended else asyncio.get_running_loop()
            loop.call_soon_threadsafe(self._show_report, error)
        except RuntimeError:
            return  # no loop any more: the program ends, and the log has it

    def _show_report(self, error: BaseException) -> None:
        if isinstance(error, BrowserError):  # of work that nobody awaits: a failure like any other, with words of its own
            self.app.fail(error)
            return
        if self._reporting:
            return
        from cloudtemple_browser.ui.dialogs.report import ReportDialog

        self._reporting = True
        dialog = ReportDialog(self.window, error, str(self.app.log_folder))
        dialog.finished.connect(self._report_closed)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _report_closed(self) -> None:
        self._reporting = False
