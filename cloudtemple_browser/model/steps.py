"""Blocking work in steps: a generator that stops where it would wait for an answer, so that a thread has several under way.

For small transfers that takes half the time of as many threads, which hand the interpreter to each other at every system call.
"""

from __future__ import annotations

import contextlib
import math
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeAlias, TypeVar

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled

T = TypeVar("T")
_here = threading.local()


class Waiting(NamedTuple):
    """Why a step ended: nothing is to be done until one of ``sockets`` can be read, or until ``until`` (``time.monotonic``)."""

    sockets: tuple[Any, ...]
    until: float


Steps: TypeAlias = Generator[Waiting, Sequence[Any] | None, T]
"""What returns a ``T`` after a few steps. Each may be told which sockets can be read now; else it waits for its first.

Closed before its end, it lets go of all that it holds.
"""


def finish(steps: Steps[T]) -> T:
    """Take all steps that are left, waiting where it has to."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result


def in_one(call: Callable[[], T]) -> Steps[T]:
    """A call that is one step."""
    yield from ()
    return call()


def in_steps(control: CallControl) -> bool:
    """Whether this thread has others' steps to take. What was put aside has a thread for itself."""
    return control.executor is not None and not getattr(_here, "aside", False)


def aside(control: CallControl, call: Callable[[], T], drop: Callable[[T], object] | None = None) -> Steps[T]:
    """A call that blocks: in another thread where this one has others' steps to take.

    ``drop`` gets a result too late; where it is given, a cancel does not wait for the call.
    """
    if control.executor is None or not in_steps(control):  # one thread for each is enough: a second may never come
        return call()
    heard, bell = socket.socketpair()
    future = control.executor.submit(_aside, call)
    future.add_done_callback(lambda _future: bell.close())
    take_back = control.on_cancel(lambda: _wake(bell)) if drop else lambda: None
    try:
        yield Waiting((heard,), math.inf)
        if drop and control.cancelled and not future.done():
            raise Cancelled
        return future.result()
    except (GeneratorExit, Cancelled):
        if drop:
            future.add_done_callback(lambda done: _drop(done, drop))
        raise
    finally:
        take_back()
        heard.close()


def _aside(call: Callable[[], T]) -> T:
    _here.aside = True
    try:
        return call()
    finally:
        _here.aside = False


def _wake(bell: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was closed: the call is done
        bell.shutdown(socket.SHUT_RDWR)


def _drop(future: Future[T], drop: Callable[[T], object]) -> None:
    if not future.cancelled() and future.exception() is None:
        drop(future.result())
