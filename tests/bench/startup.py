"""How soon the window shows: ours beside an empty PySide6 window, alternating, whole processes from exec to first paint.

    python tests/bench/startup.py [ROUNDS]

Prints one JSON object as its last line: the medians in milliseconds, their ratio, when the window was also filled with its
lists and buttons (``filled_ms``), and which of boto3, botocore and keyring were imported before the window showed. The program
runs as users run it, with its real start; a Qt event filter in the measured process notes the first paints.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 7

# Runs in the measured process: reports the first paint of a window through stdout and ends the process.
WATCH = """
import sys, os, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
class Watch(QObject):
    shown = False
    def eventFilter(self, target, event):
        if event.type() != QEvent.Type.Paint:
            return False
        if isinstance(target, QMainWindow) and not self.shown:
            self.shown = True
            heavy = [name for name in ("boto3", "botocore", "keyring") if name in sys.modules]
            os.write(1, f"{time.time()} {','.join(heavy)}\\n".encode())
            if type(target) is QMainWindow:
                os._exit(0)
        elif target.parent() is not None and target.parent().objectName() == "objects":
            os.write(1, f"{time.time()}\\n".encode())
            os._exit(0)
        return False
_make = QApplication.__init__
def make(self, *args):
    _make(self, *args)
    self._watch = Watch()
    self.installEventFilter(self._watch)
QApplication.__init__ = make
"""
EMPTY = (
    WATCH
    + """
app = QApplication([]); window = QMainWindow(); window.resize(1280, 800); window.show(); app.exec()
"""
)
OURS = (
    """
import runpy, sys
from PySide6.QtWidgets import QApplication
"""
    + WATCH
    + """
sys.argv = ["cloudtemple-browser", "--profile", sys.argv[1]]
runpy.run_module("cloudtemple_browser", run_name="__main__")
"""
)


def first_paint(code: str, profile: str) -> tuple[float, str, float]:
    """Milliseconds from exec to the first paint, the heavy modules imported by then, and milliseconds to the filled window."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code, profile], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True, timeout=60
    )
    first, _, second = done.stdout.strip().partition("\n")
    when, _, heavy = first.partition(" ")
    return (float(when) - began) * 1000, heavy, (float(second or when) - began) * 1000


def main() -> None:
    """Alternate the two and print the medians."""
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    empty: list[float] = []
    ours: list[float] = []
    filled: list[float] = []
    heavy = ""
    with tempfile.TemporaryDirectory() as profile:
        for _ in range(rounds + 1):
            empty.append(first_paint(EMPTY, profile)[0])
            milliseconds, heavy, whole = first_paint(OURS, profile)
            ours.append(milliseconds)
            filled.append(whole)
    # The first pair warms the file cache and writes the byte code.
    base, window = statistics.median(empty[1:]), statistics.median(ours[1:])
    result: dict[str, object] = {"empty_window_ms": round(base), "window_ms": round(window), "ratio": round(window / base, 2)}
    result |= {
        "over_empty_ms": round(window - base),
        "filled_ms": round(statistics.median(filled[1:])),
        "imported_before_window": heavy.split(",") if heavy else [],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
