"""The program's button in the dock: what goes over a session bus of the test's own, and that none is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_CHILD = """
import sys
from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QTimer, SLOT, Slot
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QGuiApplication
from cloudtemple_browser.ui.taskbar import Taskbar

app = QCoreApplication(sys.argv)
QGuiApplication.setDesktopFileName("com.cloud_temple.Browser")

class Dock(QObject):
    told = []

    @Slot(str, "QVariantMap")
    def update(self, uri, state):
        self.told.append([uri, state])
        if len(self.told) == 3:
            app.quit()

dock = Dock()
bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "dock")
assert bus.connect("", "", "com.canonical.Unity.LauncherEntry", "Update", dock, SLOT("update(QString,QVariantMap)"))
bar = Taskbar()
for share in (0.424, 0.421, 0.5, None):
    bar.show(share)
QTimer.singleShot(15000, app.quit)
app.exec()
print(dock.told)
"""


def run(*command: str, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    answer = subprocess.run(
        command, cwd=_ROOT, env={**kept, **environment}, capture_output=True, text=True, timeout=60, check=True
    )
    return answer.stdout


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="dbus-run-session is not installed")
def test_what_docks_are_told() -> None:
    told = run("dbus-run-session", "--", sys.executable, "-c", _CHILD)
    states = [{"progress": share, "progress-visible": shown} for share, shown in ((0.42, True), (0.5, True), (0.0, False))]
    assert told.strip() == str([["application://com.cloud_temple.Browser.desktop", state] for state in states])


@pytest.mark.parametrize("address", ["", "unix:path=/nonexistent"])
def test_without_a_bus_nothing_happens(address: str) -> None:
    show = "from cloudtemple_browser.ui.taskbar import Taskbar; bar = Taskbar(); bar.show(0.5); bar.show(None)"
    assert run(sys.executable, "-c", show, DBUS_SESSION_BUS_ADDRESS=address) == ""
