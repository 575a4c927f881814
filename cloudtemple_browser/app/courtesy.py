"""Long work in a thread stands aside while the window paints.

Painting a table is two thousand calls into Python. Beside a busy thread each of them may have to wait for the interpreter, and
20 ms become 200. So a worker asks between two pieces of its work whether the window paints, and lets it.
"""

from __future__ import annotations

import threading

_PATIENCE = 0.05  # seconds: then it goes on all the same


class Courtesy:
    """``with courtesy:`` around painting; ``give_way`` in any other thread."""

    def __init__(self) -> None:
        self._idle = threading.Event()
        self._idle.set()
        self._window = 0  # the thread to which others give way

    def __enter__(self) -> None:
        self._window = threading.get_ident()
        self._idle.clear()

    def __exit__(self, *_error: object) -> None:
        self._idle.set()

    def give_way(self) -> None:
        """Wait while the window paints, but not for long; the window's own thread does not wait for itself."""
        if threading.get_ident() != self._window:
            self._idle.wait(_PATIENCE)


courtesy = Courtesy()
