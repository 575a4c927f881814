"""The user's speed limits: one for each direction, of the whole process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.model.steps import Steps, Waiting, in_steps

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

    def waits(self, count: int) -> Iterator[float]:
        """When to look again (``time.monotonic``) whether ``count`` bytes may go; at its end they may."""
        while count:  # a request without a body waits for none
            with self._lock:
                if not self._rate:
                    return
                begin, changes = max(time.monotonic(), self._next), self._changes
                self._next = begin + count / self._rate
            while (now := time.monotonic()) < begin and self._changes == changes:
                yield min(begin, now + _LOOK)
            if now >= begin:
                return

    def take(self, count: int, control: CallControl) -> Steps[float]:
        """Wait until ``count`` bytes may go; returns the seconds waited. Raises ``Cancelled``.

        Where others wait for this thread they have their turns meanwhile.
        """
        asked = time.monotonic()
        for until in self.waits(count):
            if in_steps(control):
                yield Waiting((), until)
                if control.cancelled:
                    raise Cancelled
            elif control.wait(max(0.0, until - time.monotonic())):
                raise Cancelled
        return time.monotonic() - asked


UPLOADS = Throttle()
DOWNLOADS = Throttle()
