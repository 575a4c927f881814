"""The first moments: Qt's application and the window's frame, before anything else is loaded."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from cloudtemple_browser import __version__
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.ui.main_window import MainWindow
from cloudtemple_browser.ui.theme import apply_theme

APP_ID = "com.cloud_temple.Browser"
_PATIENCE = 0.25  # seconds for the window system to show the frame


def make_qt_application(arguments: list[str]) -> QApplication:
    """The one QApplication, named as desktops want it."""
    QCoreApplication.setOrganizationName("Cloud Temple")
    QCoreApplication.setApplicationName("cloudtemple-browser")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName(APP_ID)
    qInstallMessageHandler(_qt_message)
    return QApplication(arguments)


def show_frame(qt: QApplication, settings: Settings) -> MainWindow:
    """Show the window, empty, in its place and colours: a person sees at once that the program starts."""
    apply_theme(qt, settings.theme)
    window = MainWindow(settings.window_state("geometry"))
    window.show()
    end = time.monotonic() + _PATIENCE
    handle = window.windowHandle()
    while not handle.isExposed() and time.monotonic() < end:
        qt.processEvents()
    qt.processEvents()
    return window


def _qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
    logging.getLogger(f"qt.{context.category or 'default'}").log(level, "%s", message)
