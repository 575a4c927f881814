"""How much goes to one connection at once, and when nothing does: the store's answers decide. The engine's loop only."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.retry import REFUSALS, RetryPolicy

MOST_BYTES = 128 << 20  # bytes that all requests of a connection hold in memory at once
_FIRST, _MOST = 48, 96  # requests at once: where it begins, and where it ends
_PERIOD = 0.5  # seconds over which a throughput is measured
_OF_A_REQUEST = 64 << 10  # bytes that a request counts for besides its own, so that small ones count too
_BETTER = 1.05
_REST = 40  # periods that a number of requests stays after more did not help

DENIALS = frozenset({ErrorKind.ACCESS_DENIED, ErrorKind.NOT_S3, ErrorKind.REDIRECTED})
"""Kinds that concern one object, or, where nothing else comes, the connection: a key without rights, a portal's web pages."""

log = logging.getLogger(__name__)


class Refused(Exception):
    """The connection is refused until the user does something about ``error``, or until it is looked at again."""

    def __init__(self, error: BrowserError) -> None:
        super().__init__(error)
        self.error = error


class Slots:
    """Lets requests go in order while their number and their bytes allow it. Both limits can change at any time."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self._bytes = 0
        self._waiting: deque[tuple[asyncio.Future[None], int, int]] = deque()
        self.left: Callable[[], None] = lambda: None

    @property
    def full(self) -> bool:
        """Whether somebody waits, or would."""
        return bool(self._waiting) or self.taken >= self.limit

    @asynccontextmanager
    async def take(self, weight: int, count: int = 1) -> AsyncIterator[None]:
        """Hold ``count`` slots and ``weight`` bytes for the block."""
        weight = min(weight, MOST_BYTES)
        if self._waiting or not self._fits(weight, count):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((turn, weight, count))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():  # it was let in, and does not want to any more
                    self._leave(weight, count)
                else:
                    self.wake()  # it may have been what the others waited for
                raise
        else:
            self._enter(weight, count)
        try:
            yield
        finally:
            self._leave(weight, count)

    def wake(self) -> None:
        """Let in who may go by now: a limit has changed, or one has left."""
        while self._waiting:
            turn, weight, count = self._waiting[0]
            if not turn.done():
                if not self._fits(weight, count):
                    return
                self._enter(weight, count)
                turn.set_result(None)
            self._waiting.popleft()

    def _fits(self, weight: int, count: int) -> bool:
        return not self.taken or (self.taken + count <= self.limit and self._bytes + weight <= MOST_BYTES)

    def _enter(self, weight: int, count: int) -> None:
        self.taken += count
        self._bytes += weight

    def _leave(self, weight: int, count: int) -> None:
        self.taken -= count
        self._bytes -= weight
        self.wake()
        self.left()


@dataclass(slots=True)
class _Pace:
    """How many requests at once are worth it: more while they bring more, half as many when the store has too many."""

    limit: int = _FIRST
    most: int = _MOST
    _best: float = 0.0
    _before: int = 0
    _rest: int = 0

    def measured(self, rate: float, *, full: bool) -> None:
        """``rate`` a second was moved; ``full``: with all the requests that were allowed."""
        if self._rest:
            self._rest -= 1
            if not self._rest:
                self._best = 0.0
        elif not full:
            return
        elif rate > self._best * _BETTER:
            self._best, self._before = rate, self.limit
            self.limit = min(self.most, self.limit + max(1, self.limit // 2))
        else:
            self.limit, self._rest = max(1, self._before or self.limit), _REST

    def too_many(self) -> None:
        """The store said that it has too many requests."""
        self.limit, self._best, self._before, self._rest = max(1, self.limit // 2), 0.0, 0, _REST


class Lane:
    """One connection as the engine uses it in one direction. ``changed`` is called when it begins or stops to wait.

    Each direction has its own: what a speed limit holds back in one must not hold up the other.
    """

    def __init__(
        self,
        connection_id: str,
        open_store: Callable[[str], TransferStore],
        retries: RetryPolicy,
        changed: Callable[[], None],
    ) -> None:
        self.connection_id = connection_id
        self.retries = retries
        self._open_store, self._changed = open_store, changed
        self._store: TransferStore | None = None
        self._opening = asyncio.Lock()
        self.slots = Slots(_FIRST)
        self._pace = _Pace()
        self.prepared: set[object] = set()  # pieces of work with small transfers that wait for their turn
        self.successes = 0
        self._failures = 0  # of the whole connection, in a row, without a success
        self._denied: set[str] = set()  # objects, since the last success
        self.takes_denials = False  # the user knows that much is refused, and wants to go on: each object ends by itself
        self._held_at = 0.0
        self._until = 0.0
        self._again = asyncio.Event()
        self.trouble: BrowserError | None = None
        self.refused: BrowserError | None = None
        self._measured_at = time.monotonic()
        self._units = 0
        self._was_full = False

    def allow(self, most: int) -> None:
        """At most this many requests at once."""
        self._pace.most = most
        self._pace.limit = min(self._pace.limit, most)
        self._settle()

    @property
    def holds(self) -> bool:
        """Whether it is the whole connection that waits after what failed last."""
        return self.trouble is not None and not self.trouble.intercepted

    async def store(self) -> TransferStore:
        """The opened store. Raises ``Refused``: a keyring may refuse."""
        async with self._opening:
            if self.refused:  # nobody is asked for the keyring's password twice
                raise Refused(self.refused)
            if self._store is None:
                try:
                    self._store = await asyncio.to_thread(self._open_store, self.connection_id)
                except BrowserError as error:
                    self.refuse(error)
                    raise Refused(error) from error
            return self._store

    async def clear(self) -> None:
        """Return when requests may go. Raises ``Refused``."""
        while True:
            if self.refused:
                raise Refused(self.refused)
            wait = self._until - time.monotonic()
            if wait <= 0:
                return
            self._again.clear()
            try:
                await asyncio.wait_for(self._again.wait(), wait)
            except TimeoutError:
                continue

    @asynccontextmanager
    async def turn(self, weight: int, count: int = 1) -> AsyncIterator[None]:
        """Hold slots and ``weight`` bytes for the block, as soon as requests may go. Raises ``Refused``."""
        while True:
            await self.clear()
            async with self.slots.take(weight, count):
                if self.refused or self._until > time.monotonic():  # since then another one has found that out
                    continue
                yield
                return

    def on_the_wire(self, work: object) -> None:
        """Something that was prepared has its turn: the next may be."""
        if work in self.prepared:
            self.prepared.discard(work)
            self.slots.left()

    def retry_now(self) -> None:
        """The user wants it: open the connection anew, and wait no longer."""
        why = self.refused or self.trouble
        self.takes_denials |= why is not None and why.kind in DENIALS
        self._store, self.refused, self._until, self._failures = None, None, 0.0, 0
        self._denied.clear()
        self._again.set()
        self._settle()
        self._changed()

    def succeeded(self, units: int, began: float = math.inf) -> None:
        """A request that began then was answered; ``units`` are the bytes that it moved."""
        self.successes += 1
        self._denied.clear()
        self._units += units + _OF_A_REQUEST
        self._was_full |= self.slots.full
        busy = self.trouble is not None and self.trouble.kind is ErrorKind.THROTTLED
        if not busy or began >= self._held_at:  # what the store took before says nothing of now
            self._failures = 0
            if self.trouble:
                self.trouble = None
                self._settle()
                self._changed()
        elapsed = time.monotonic() - self._measured_at
        if elapsed >= _PERIOD:
            self._pace.measured(self._units / elapsed, full=self._was_full)
            self._measured_at, self._units, self._was_full = time.monotonic(), 0, False
            self._settle()

    def failed(self, error: BrowserError, began: float, successes: int) -> None:
        """A request that began then, after so many successes, failed. Raises ``Refused`` when that concerns all of them."""
        if error.kind in REFUSALS:
            self.refuse(error)
            raise Refused(error) from error
        if error.kind in DENIALS:
            self._denied.add(error.facts.subject)
            if len(self._denied) >= self.retries.denials and not self.takes_denials:
                self.refuse(error)
                raise Refused(error) from error
            return
        throttled = error.kind is ErrorKind.THROTTLED
        if not throttled and not (error.offline and successes == self.successes):
            return
        if began < self._held_at:  # one of those that were under way together
            return
        self._failures += 1
        self._held_at = time.monotonic()
        longest = self.retries.longest if throttled else self.retries.longest_offline
        self._until = self._held_at + max(self.retries.delay(self._failures, longest), error.facts.retry_after)
        if throttled:
            self._pace.too_many()
        self.trouble = error
        self._settle()
        self._changed()

    def refuse(self, error: BrowserError) -> None:
        """Nothing goes to this connection any more until the user wants it again; or for a while, where it may pass."""
        log.warning("connection %s: %s", self.connection_id, error.kind.value)
        self.refused = error
        if error.intercepted:
            self._failures += 1
            asyncio.get_running_loop().call_later(self.retries.delay(self._failures), self._look_again, error)
        self._again.set()
        self._changed()

    def _look_again(self, error: BrowserError) -> None:
        """See whether the store itself answers now: one request finds out, and is enough to be refused again."""
        if self.refused is error:
            self.refused, self.trouble = None, error
            self._settle()
            self._changed()

    def _settle(self) -> None:
        """Where the store does not answer, or has too much to do, one request at a time finds out whether it does again."""
        alone = self.trouble and (self._failures > 1 or self.trouble.kind is ErrorKind.THROTTLED)
        self.slots.limit = 1 if alone else self._pace.limit
        self.slots.wake()
