"""Long work that is no transfer (deleting, publishing): progress, Cancel, and a result, shown beside the transfers."""

from __future__ import annotations

import itertools
import time

from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.text import Text

_STEP = 0.1  # seconds between two reports of progress


class Activity:
    """One piece of work: ``done`` of ``total`` things (0: not known yet); some cannot be cancelled. Loop thread."""

    def __init__(self, number: int, title: Text, total: int, owner: Activities, *, cancellable: bool = True) -> None:
        self.cancellable = cancellable
        self.number, self.title, self.total, self.done = number, title, total, 0
        self.control = CallControl()
        self._owner = owner
        self._told = 0.0

    def advance(self, by: int) -> None:
        """``by`` more are done."""
        self.reach(self.done + by, self.total)

    def reach(self, done: int, total: int) -> None:
        """``done`` of ``total`` are done."""
        self.done, self.total = done, total
        if time.monotonic() - self._told > _STEP:
            self._told = time.monotonic()
            self._owner.changed()

    def __enter__(self) -> Activity:
        self._owner.running.append(self)
        self._owner.changed()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._owner.running.remove(self)
        self._owner.changed()


class Activities:
    """What is running now. Loop thread."""

    def __init__(self) -> None:
        self.running: list[Activity] = []
        self.changed: Observers[[]] = Observers()
        self._numbers = itertools.count(1)

    def start(self, title: Text, total: int = 0, *, cancellable: bool = True) -> Activity:
        """A new activity: a context manager around the work."""
        return Activity(next(self._numbers), title, total, self, cancellable=cancellable)
