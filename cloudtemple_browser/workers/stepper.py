"""One thread that does much at once: it takes the next step of whatever has its answer."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from cloudtemple_browser.model.steps import Steps, Waiting

Done = Callable[[Any, BaseException | None], None]


class Stepper:
    """Takes steps until it is closed and has nothing left to do."""

    def __init__(self) -> None:
        self._new: deque[tuple[Steps[Any], Done]] = deque()
        self._tasks: list[_Task] = []
        self._heard, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="steps", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def add(self, steps: Steps[Any], done: Done) -> None:
        """Begin something. ``done`` gets, in the stepper's thread, what it returned or raised. Any thread."""
        self._new.append((steps, done))
        self._ring()

    def close(self) -> None:
        """End when all is done. Any thread."""
        self._closed = True
        self._ring()

    def _ring(self) -> None:
        try:
            self._bell.send(b"!")
        except OSError:
            return  # it has not heard the last one yet, or has ended

    def _run(self) -> None:
        while self._tasks or self._new or not self._closed:
            while self._new:
                self._tasks.append(_Task(*self._new.popleft()))
                self._tasks[-1].step(())
            self._drop_ended()
            if self._tasks or not self._closed:
                self._wait()
        self._heard.close()
        self._bell.close()

    def _wait(self) -> None:
        now = time.monotonic()
        until = min((task.waiting.until for task in self._tasks if task.waiting), default=now + _LONG)
        sockets = [sock for task in self._tasks if task.waiting for sock in task.waiting.sockets]
        ready = readable([self._heard, *sockets], max(0.0, min(_LONG, until - now)))
        if self._heard in ready:
            self._heard.recv(_RINGS)
        now = time.monotonic()
        for task in self._tasks:
            if task.waiting:
                mine = [sock for sock in task.waiting.sockets if sock in ready]
                if mine or task.waiting.until <= now:
                    task.step(mine)
        self._drop_ended()

    def _drop_ended(self) -> None:
        self._tasks = [task for task in self._tasks if task.waiting]


class _Task:
    """Something that is under way. ``waiting`` is None once it has ended."""

    def __init__(self, steps: Steps[Any], done: Done) -> None:
        self._steps, self._done = steps, done
        self._begun = False
        self.waiting: Waiting | None = None

    def step(self, ready: Sequence[Any]) -> None:
        """Take the next step."""
        self.waiting = None
        try:
            self.waiting = self._steps.send(ready if self._begun else None)
            self._begun = True
        except StopIteration as end:
            self._done(end.value, None)
        except Exception as error:  # noqa: BLE001 - it is told where somebody waits for it
            self._done(None, error)


_LONG = 3600.0  # seconds
_RINGS = 4096


def readable(sockets: Sequence[Any], seconds: float) -> set[Any]:
    """Those of the sockets that can be read, or ended, as soon as there are any; none after so many seconds."""
    if closed := {sock for sock in sockets if sock.fileno() < 0}:
        return closed
    if not hasattr(select, "poll"):
        return set(select.select(sockets, (), (), seconds)[0])
    poll, by_number = select.poll(), {}
    for sock in sockets:
        by_number[sock.fileno()] = sock
    for number in by_number:
        poll.register(number, select.POLLIN)
    return {by_number[number] for number, _ in poll.poll(seconds * 1000)}
