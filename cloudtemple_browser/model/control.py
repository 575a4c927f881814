"""How a caller watches and ends a blocking call."""

from __future__ import annotations

import threading
from collections.abc import Callable


class CallControl:
    """How a caller watches and ends one blocking store call from another thread.

    ``moved`` is told the number of bytes as they go over the wire (in the calling thread; may be negative when a part is
    sent again). ``cancel`` may be called from any thread: the call raises ``Cancelled`` as soon as the socket returns.
    """

    def __init__(self, moved: Callable[[int], None] | None = None) -> None:
        self.moved = moved or (lambda _bytes: None)
        self._event = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the call should end."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the call to end."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once when cancelled; True when cancelled."""
        return self._event.wait(seconds)
