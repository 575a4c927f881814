"""The one boundary between the event loop and everything that blocks.

Coroutines above, blocking calls below, and this class between: an executor of its own (the loop's default one must not be
used: it would hold the program's end hostage to a silent server), bounded streams, and tasks whose failures are reported.
"""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar, TypeVarTuple

from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

WORKERS = 32  # threads are made when needed; a silent store holds one for 20 seconds for each folder that was left
_FLUSH = 0.05  # seconds between two deliveries: a repaint costs 20 ms, so at most 20 a second
_FLUSH_LATER = 0.1  # after the first second: nobody reads rows that stream by
_LIVELY = 1.0  # seconds
_WAITING = 128  # items a producer may be ahead: pages of 60 KB
_BUDGET = 0.012  # seconds that a delivery may take: a repaint follows


class Background:
    """Runs blocking calls in threads for coroutines on one loop. All methods belong to the loop's thread."""

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        self._pool = ThreadPoolExecutor(WORKERS, "background")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._report = report
        self._controls: set[CallControl] = set()

    async def call(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run ``function(*args)`` in a thread and return its result. A cancelled await leaves the thread to end by itself."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)

    async def stream(
        self, produce: Callable[[Callable[[T], None]], None], deliver: Callable[[list[T]], None], control: CallControl
    ) -> None:
        """Run ``produce(put)`` in a thread and hand what it puts, in batches and in order, to ``deliver`` on the loop.

        The producer is held back when the window does not keep up. After ``control.cancel()`` nothing is delivered any more.
        Raises what ``produce`` raised, after everything that it put before was delivered.
        """
        stream = _Stream(asyncio.get_running_loop(), deliver, control)
        self._controls.add(control)
        try:
            await self.call(produce, stream.put)
        except asyncio.CancelledError:
            control.cancel()
            raise
        finally:
            try:
                await stream.finish()
            finally:
                self._controls.discard(control)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a coroutine that nobody awaits: it is kept alive, and its failure goes to ``report``."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, Cancelled):
            self._report(error)

    def close(self) -> None:
        """Cancel what runs. Threads blocked in a socket are left behind; the program's end does not wait for them."""
        for control in tuple(self._controls):
            control.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)


class _Stream(Generic[T]):
    """A bounded queue with one coalesced wake-up: worker threads put, the loop delivers at most every ``_FLUSH`` seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[list[T]], None], control: CallControl) -> None:
        self._loop, self._deliver, self._control = loop, deliver, control
        self._queue: queue.Queue[T] = queue.Queue(_WAITING)
        self._armed = self._called = False
        self._begun = time.monotonic()
        self._last = 0.0
        self._at_once = 4  # items in a delivery, as many as the budget allows

    def put(self, item: T) -> None:
        """Worker's side. Blocks while the queue is full, and stands aside while the window paints; raises ``Cancelled``."""
        courtesy.give_way()
        while True:
            if self._control.cancelled:
                raise Cancelled
            try:
                self._queue.put(item, timeout=0.1)
                break
            except queue.Full:
                continue
        if self._called:
            return  # the loop knows that something waits
        self._called = True
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError as error:  # the loop is closed: the program ends
            raise Cancelled from error

    def _wake(self) -> None:
        if not self._armed:
            self._armed = True
            pause = _FLUSH if self._last - self._begun < _LIVELY else _FLUSH_LATER
            self._loop.call_later(max(0.0, self._last + pause - time.monotonic()), self._flush)

    def _flush(self) -> None:
        self._armed = self._called = False
        batch = self._take(self._at_once)
        began = time.monotonic()
        if batch and not self._control.cancelled:
            with courtesy:
                self._deliver(batch)
        self._last = time.monotonic()
        if len(batch) == self._at_once:
            fitting = round(len(batch) * _BUDGET / max(self._last - began, 1e-6))
            self._at_once = max(1, min(fitting, 2 * self._at_once, _WAITING))
        if not self._queue.empty():
            self._wake()

    def _take(self, limit: int) -> list[T]:
        batch: list[T] = []
        while len(batch) < limit:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch

    async def finish(self) -> None:
        """Deliver what is left, still no more at a time than the budget allows."""
        while not self._queue.empty() and not self._control.cancelled:
            self._flush()
            await asyncio.sleep(0)
