"""How far the transfers are, on the program's button in the dock (GNOME with a dock, KDE, Unity).

By the signal that these docks listen to, com.canonical.Unity.LauncherEntry; where there is no session bus, nothing happens.
Plain Qt has no such thing for Windows and macOS: there the window's title says it.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QGuiApplication

_PATH = "/com/cloud_temple/Browser"
_INTERFACE = "com.canonical.Unity.LauncherEntry"


class Taskbar:
    """Shows a share of the work. GUI thread."""

    def __init__(self) -> None:
        # Without an address the library would start a bus of its own.
        self._usable = sys.platform == "linux" and bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS"))
        self._shown: int | None = None

    def show(self, share: float | None) -> None:
        """Show ``share`` (0 to 1), or nothing."""
        percent = None if share is None else round(100 * share)
        if not self._usable or percent == self._shown:
            return
        from PySide6.QtDBus import QDBusConnection, QDBusMessage

        bus = QDBusConnection.sessionBus()
        self._usable = bus.isConnected()
        self._shown = percent
        signal = QDBusMessage.createSignal(_PATH, _INTERFACE, "Update")
        state = {"progress": (percent or 0) / 100, "progress-visible": percent is not None}
        signal.setArguments([f"application://{QGuiApplication.desktopFileName()}.desktop", state])
        bus.send(signal)
