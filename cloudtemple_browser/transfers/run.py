"""What one run of one job works with, either way: its calls, with retries, and what it writes down. The engine's loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectEntry, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.transfers import JobRecord, TransferRules
from cloudtemple_browser.transfers.lane import Lane, Refused, Slots
from cloudtemple_browser.transfers.plan import Part, TransferLimits
from cloudtemple_browser.transfers.ports import Journal, TransferStore, Work
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.transfers.work import Batch, Small
from cloudtemple_browser.transfers.work_upload import FileSent

T = TypeVar("T")

PARTS_AT_ONCE = 8
_LAST_WORD = 3.0  # seconds that a cancelled piece of work has to say what it did
CONTROL_WEIGHT = 1 << 16  # bytes that a call without a body holds
_PARTS_LOOKED_AT = 4  # parts, for each that is on the wire, between two looks at the rate
_WORTH_IT = 1.2
_REST = 20  # looks before more parts at once are tried again
TINY = 64 << 10  # bytes up to which a transfer is more waiting than moving
AT_ONCE = 16  # of these in one piece of work

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job came to its end without a failure; see ``JobStatus``. ``entry``: the object stored by an upload."""

    verified: bool = False
    skipped: bool = False
    not_public: bool = False
    entry: ObjectEntry | None = None
    public: bool = False
    path: Path | None = None


class Claims:
    """The keys that running uploads write to: two of them never choose the same free key."""

    def __init__(self) -> None:
        self._held: Counter[tuple[str, ObjectRef]] = Counter()

    @contextmanager
    def hold(self, connection_id: str, ref: ObjectRef) -> Iterator[bool]:
        """Claim the key for the block; the value says whether nobody else held it."""
        where = (connection_id, ref)
        self._held[where] += 1
        try:
            yield self._held[where] == 1
        finally:
            self._held[where] -= 1
            if not self._held[where]:
                del self._held[where]


@dataclass(slots=True)
class Desk:
    """What all runs share."""

    journal: Journal
    sizes: TransferLimits
    retries: RetryPolicy
    rules: TransferRules
    claims: Claims = field(default_factory=Claims)


class Width:
    """How many parts of one file are on the wire at once: one, and one more while that brings a fifth more.

    What is under way when the program dies is sent again: so no more than what is worth it.
    """

    def __init__(self, most: int) -> None:
        self.slots = Slots(1)
        self._most = most
        self._best, self._rest = 0.0, 0
        self._began, self._count, self._bytes = time.monotonic(), 0, 0

    def through(self, length: int) -> None:
        """A part of ``length`` bytes is through."""
        self._count += 1
        self._bytes += length
        if self._count < _PARTS_LOOKED_AT * self.slots.limit:
            return
        rate = self._bytes / max(1e-6, time.monotonic() - self._began)
        if self._rest:
            self._rest -= 1
        elif rate > self._best * _WORTH_IT:
            self._best = rate
            self.slots.limit = min(self._most, self.slots.limit + 1)
        else:
            self.slots.limit = max(1, self.slots.limit - 1)
            self._best, self._rest = 0.0, _REST
        self._began, self._count, self._bytes = time.monotonic(), 0, 0
        self.slots.wake()


class Meter:
    """The bytes of a run or a group: what is done for certain, what is under way, and all that went over the wire."""

    def __init__(self, parent: Meter | None = None, done: int = 0) -> None:
        self.done, self.live, self.wire = done, 0, 0
        self._parent = parent
        self.changed: Callable[[], None] = parent.changed if parent else lambda: None

    def moved(self, count: int) -> None:
        """Bytes went over the wire."""
        self.live += count
        self.wire += count
        if self._parent:
            self._parent.moved(count)
        else:
            self.changed()

    def settle(self, moved: int, done: int) -> None:
        """Of the bytes that moved, so many count."""
        self.live -= moved
        self.done += done
        if self._parent:
            self._parent.settle(moved, done)
        else:
            self.changed()

    @property
    def total(self) -> int:
        """What to show: never less than nothing, since bytes are told in pieces."""
        return max(0, self.done + max(0, self.live))


class Run:
    """One attempt of the user at one job. Ends in an ``Outcome``, ``BrowserError``, ``Refused`` or ``CancelledError``."""

    def __init__(self, desk: Desk, lane: Lane, record: JobRecord, meter: Meter) -> None:
        self.desk, self.lane, self.record, self.meter = desk, lane, record, meter
        self.trouble: BrowserError | None = None
        self.anew: BrowserError | None = None  # why it began again from nothing: to be told while it runs
        self.answered = 0  # the lane's successes when the last request that failed was sent
        self.claimed_total = record.status.total_bytes

    @property
    def journal(self) -> Journal:
        """The journal."""
        return self.desk.journal

    def keep(self, **changes: Any) -> None:
        """Change the record and put it on the disk, now."""
        self.record = replace(self.record, **changes)
        self.journal.save((self.record,))
        self.journal.commit()

    def sized(self, size: int, etag: str = "") -> None:
        """The size became known, and the version."""
        job = replace(self.record.job, size=size, etag=etag or self.record.job.etag)
        self.record = replace(self.record, status=replace(self.record.status, job=job, total_bytes=size))

    async def work(self, work: Callable[[int], Work], weight: int, length: int = 0) -> Any:
        """Run ``work(attempt)`` (attempts count from 1) in an engine process, with retries; ``length`` bytes count then."""

        async def attempt(store: TransferStore, number: int) -> Any:
            return await one_work(store, work(number), self.meter, length)

        return await self._retrying(attempt, weight, length)

    async def call(self, call: Callable[[TransferStore], T]) -> T:
        """Make a call without a body in a thread, with retries."""

        async def attempt(store: TransferStore, _number: int) -> T:
            return await asyncio.to_thread(call, store)

        result: T = await self._retrying(attempt, CONTROL_WEIGHT, 0)
        return result

    async def _retrying(self, attempt: Callable[[TransferStore, int], Awaitable[T]], weight: int, units: int) -> T:
        lane, retries = self.lane, self.desk.retries
        number, first, seen = 1, 0.0, 0
        while True:
            async with lane.turn(weight):
                store = await lane.store()
                began, successes = time.monotonic(), lane.successes
                try:
                    result = await attempt(store, number)
                except BrowserError as error:
                    failure = error
                else:
                    lane.succeeded(units, began)
                    self.trouble = None
                    return result
            if failure.kind is ErrorKind.NO_OBJECT:
                lane.succeeded(0, began)  # an answer like any other
                raise failure
            self.answered = successes
            lane.failed(failure, began, successes)
            if number == 1:
                first, seen = began, lane.successes
            if retries.enough(failure, number, time.monotonic() - first, answered=lane.successes > seen):
                raise failure
            self.trouble = failure
            if not lane.holds:
                await asyncio.sleep(max(retries.delay(number), failure.facts.retry_after))
            number += 1

    async def on_the_wire(self, parts: Iterable[Part], work: Callable[[Part], Awaitable[None]]) -> None:
        """Run ``work``, which moves a part, for all; as many at once as is worth it. The first failure ends the others."""
        width = Width(PARTS_AT_ONCE)

        async def one(part: Part) -> None:
            async with width.slots.take(part.length):
                await work(part)
            width.through(part.length)

        await self.each(parts, one, PARTS_AT_ONCE)

    async def each(self, things: Iterable[T], work: Callable[[T], Awaitable[None]], at_once: int) -> None:
        """Run ``work`` for all, some at a time; the first failure ends the others."""
        waiting = iter(things)

        async def worker() -> None:
            for thing in waiting:
                await work(thing)

        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(at_once):
                    tasks.create_task(worker())
        except* Exception as group:  # noqa: BLE001 - it goes on, alone
            raise first_of(group) from None

    async def info(self, ref: ObjectRef) -> ObjectInfo | None:
        """What HEAD tells; None when there is no such object. A key that may not read raises ACCESS_DENIED."""
        try:
            return await self.call(lambda store: store.head_object(ref))
        except BrowserError as error:
            if error.kind is ErrorKind.NO_OBJECT:
                return None
            raise


async def one_batch(runs: Sequence[Run], items: Sequence[Small]) -> list[object]:
    """Run small transfers together, each once: what each returned or raised, None where its turn did not come.

    The smallest wait for their answers side by side; what has more bytes goes one after the other in a thread.
    """
    answers: list[object] = [None] * len(items)
    tiny = [n for n, run in enumerate(runs) if run.record.job.size <= TINY]
    for chosen, at_once in ((tiny, AT_ONCE), (sorted({*range(len(items))}.difference(tiny)), 1)):
        if chosen and not is_cancelled():
            weight = min(at_once, len(chosen)) * max(runs[n].record.job.size for n in chosen)
            try:
                got = await _together(runs[0], [items[n] for n in chosen], at_once, weight)
            except (Refused, asyncio.CancelledError):
                if not any(answers):
                    raise
                break  # what the first of the two brought counts
            for n, answer in zip(chosen, got, strict=True):
                answers[n] = answer
    return answers


async def _together(run: Run, items: Sequence[Small], at_once: int, weight: int) -> Sequence[object]:
    lane, at_once = run.lane, min(at_once, len(items))
    async with lane.turn(weight, at_once):
        lane.on_the_wire(asyncio.current_task())
        store = await lane.store()
        began, successes = time.monotonic(), lane.successes
        batch = Batch(tuple(items), min(at_once, lane.slots.limit))
        try:
            answers: tuple[object, ...] = await one_work(store, batch, run.meter, to_its_end=True)
        except BrowserError as error:
            log.warning("a batch of transfers failed: %s", error.kind.value)
            return (None,) * len(items)
    for answer in answers:
        if isinstance(answer, BrowserError):
            with contextlib.suppress(Refused):  # the others are done all the same; the next request will see it
                lane.failed(answer, began, successes)
        elif isinstance(answer, FileSent):
            lane.succeeded(answer.entry.size, began)
        elif answer is not None:
            lane.succeeded(weight // at_once, began)
    return answers


def is_cancelled() -> bool:
    """Whether this task was cancelled, though it has a result."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def one_work(store: TransferStore, work: Work, meter: Meter, length: int = 0, *, to_its_end: bool = False) -> Any:
    """Run ``work`` once; ``length`` bytes count when it succeeds. Cancelling closes its socket.

    ``to_its_end``: what a cancelled work has done until then is its result; the task is cancelled all the same.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    moved = 0

    def count(bytes_moved: int) -> None:
        nonlocal moved
        if not future.done():
            moved += bytes_moved
            meter.moved(bytes_moved)

    def finish(result: Any) -> None:
        if not future.done():
            future.set_result(result)

    control = CallControl(lambda bytes_moved: _post(loop, count, bytes_moved))
    counted = 0
    try:
        store.work(work, control, lambda result: _post(loop, finish, result))
        await asyncio.wait((future,))  # to await it would cancel it with this task
        result = future.result()
        if isinstance(result, BaseException):
            raise result
        counted = length
        return result
    except asyncio.CancelledError:
        control.cancel()
        if to_its_end:
            await asyncio.wait((future,), timeout=_LAST_WORD)
            if future.done() and not isinstance(future.result(), BaseException):
                return future.result()
        raise
    finally:
        future.cancel()  # what is told from now on comes too late
        meter.settle(moved, counted)


def _post(loop: asyncio.AbstractEventLoop, call: Callable[[Any], None], value: Any) -> None:
    try:
        loop.call_soon_threadsafe(call, value)
    except RuntimeError:
        return  # the engine was closed meanwhile


def first_of(group: BaseExceptionGroup[Exception]) -> Exception:
    """The first failure in a group."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, Exception)  # noqa: S101 - a group of exceptions holds nothing else
    return found
