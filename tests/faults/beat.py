"""Gaps of the program's event loop (NL6), and the memory that its processes take."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import Qt, QTimer

EVERY = 5  # milliseconds
MOST, NEVER = 0.1, 0.25  # seconds: 99.9 % of the gaps are shorter than the one, all are shorter than the other


class Beat:
    """``with Beat() as beat:`` notes how long the event loop was busy with something else each time. GUI thread."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer(interval=EVERY, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> Self:
        self._last = time.perf_counter()
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.stop()
        self._beat()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(max(0.0, now - self._last - EVERY / 1000))
        self._last = now

    @property
    def fine(self) -> bool:
        """Whether the window was alive all the time."""
        ordered = sorted(self.gaps)
        return ordered[int(len(ordered) * 0.999) - 1] < MOST and ordered[-1] < NEVER

    def __str__(self) -> str:
        ordered = sorted(self.gaps)
        usual, worst = ordered[int(len(ordered) * 0.999) - 1] * 1000, ordered[-1] * 1000
        return f"gaps of the event loop: 99.9 % up to {usual:.0f} ms, the worst {worst:.0f} ms, of {len(ordered)} beats"


def family() -> list[int]:
    """This process and those that it started, by id; nothing where the system does not tell (only Linux does)."""
    here, found = os.getpid(), []
    if not Path("/proc/self/clear_refs").exists():
        return []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if here in (parent, int(path.name)):
            found.append(int(path.name))
    return found


def peaks(*, anew: bool = False) -> dict[int, int]:
    """The most memory in bytes that each of the family has had; ``anew``: that counts from now on."""
    found = {}
    for process in family():
        path = Path(f"/proc/{process}")
        try:
            if anew:
                (path / "clear_refs").write_text("5")
            line = next(line for line in (path / "status").read_text().splitlines() if line.startswith("VmHWM"))
        except (OSError, StopIteration):
            continue
        found[process] = int(line.split()[1]) << 10
    return found
