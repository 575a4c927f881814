"""How a caller watches and ends a blocking call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor


class CallControl:
    """How a caller watches and ends one blocking store call from another thread.

    ``moved`` is told the number of bytes as they go over the wire (in the calling thread; may be negative when a part is
    sent again). ``cancel`` may be called from any thread: what waits for a socket is woken, and the call raises ``Cancelled``.
    ``executor``: where what blocks goes, if the calling thread has more to do (see ``steps``).
    """

    def __init__(self, moved: Callable[[int], None] | None = None) -> None:
        self.moved = moved or (lambda _bytes: None)
        self.executor: Executor | None = None
        self._event = threading.Event()
        self._lock = threading.RLock()
        self._ends: dict[object, Callable[[], None]] = {}

    @property
    def cancelled(self) -> bool:
        """Whether the call should end."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the call to end. Thread-safe; again has no effect."""
        with self._lock:
            self._event.set()
            while self._ends:
                self._ends.popitem()[1]()

    def on_cancel(self, end: Callable[[], None]) -> Callable[[], None]:
        """Call ``end`` at ``cancel``, in that thread, or now if it was cancelled; returns what takes it back.

        Once it is taken back, ``end`` neither runs nor will run. It runs under this control's lock: it must be short, and wait
        for nobody who registers or takes back meanwhile.
        """
        token = object()
        with self._lock:
            if self.cancelled:
                end()
            else:
                self._ends[token] = end

        def take_back() -> None:
            with self._lock:
                self._ends.pop(token, None)

        return take_back

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once when cancelled; True when cancelled."""
        return self._event.wait(seconds)
