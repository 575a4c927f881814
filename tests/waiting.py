"""For tests without an event loop: wait for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(holds: Callable[[], object], what: str = "this") -> None:
    """Wait until ``holds()`` is true, or fail after 20 seconds."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.01)
