"""The user's speed limits: one for each direction, of the whole process."""

from __future__ import annotations

import threading
import time

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled

_LOOK = 0.25  # seconds between two looks whether the limit was changed
_PIECES = 8  # a second, at a limit: so that it is no burst
_LEAST = 4 << 10  # bytes: below that, a piece costs more than it moves


class Throttle:
    """Lets bytes through at a rate that may change at any time. Thread-safe; who asks first goes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rate = 0
        self._next = 0.0  # on the monotonic clock: when the next byte may go
        self._changes = 0

    def limit(self, rate: int) -> None:
        """Let ``rate`` bytes a second through, 0: any number. Those who wait ask again."""
        with self._lock:
            self._rate, self._next = rate, 0.0
            self._changes += 1

    def piece(self, most: int) -> int:
        """How many bytes to move at a time, at most ``most``."""
        return min(most, max(_LEAST, self._rate // _PIECES)) if self._rate else most

    def take(self, count: int, control: CallControl) -> float:
        """Wait until ``count`` bytes may go; returns the seconds waited. Raises ``Cancelled``."""
        if not self._rate:
            return 0.0
        asked = time.monotonic()
        while True:
            with self._lock:
                begin, changes = max(time.monotonic(), self._next), self._changes
                if not self._rate:
                    return time.monotonic() - asked
                self._next = begin + count / self._rate
            while (left := begin - time.monotonic()) > 0 and self._changes == changes:
                if control.wait(min(left, _LOOK)):
                    raise Cancelled
            if left <= 0:
                return time.monotonic() - asked


UPLOADS = Throttle()
DOWNLOADS = Throttle()
