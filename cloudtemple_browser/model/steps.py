"""Blocking work in steps: a generator that stops where it would wait for an answer, so that a thread has several under way.

For small transfers that takes half the time of as many threads, which hand the interpreter to each other at every system call.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeAlias, TypeVar

from cloudtemple_browser.model.control import CallControl

T = TypeVar("T")


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


def aside(control: CallControl, call: Callable[[], T], drop: Callable[[T], object] = lambda _result: None) -> Steps[T]:
    """A call that blocks: in another thread where this one has others' steps to take. ``drop`` gets a result too late."""
    if control.executor is None:
        return call()
    heard, bell = socket.socketpair()
    future = control.executor.submit(call)
    future.add_done_callback(lambda _future: bell.close())
    try:
        yield Waiting((heard,), math.inf)
        return future.result()
    except GeneratorExit:
        future.add_done_callback(lambda done: _drop(done, drop))
        raise
    finally:
        heard.close()


def _drop(future: Future[T], drop: Callable[[T], object]) -> None:
    if not future.cancelled() and future.exception() is None:
        drop(future.result())
