"""A store whose listings and byte work run in engine processes; all else runs in the calling thread, as in ``s3.store``."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.paging import PageAnswer, PageRequest
from cloudtemple_browser.s3.buckets import check_bucket
from cloudtemple_browser.s3.key_ranges import Walk
from cloudtemple_browser.s3.store import S3Store, S3StoreFactory
from cloudtemple_browser.workers.messages import Look, Open, Page, Work
from cloudtemple_browser.workers.pool import Done, Pool

T = TypeVar("T")

REQUESTS = 16
"""List requests that one connection has under way at most."""

_ids = itertools.count(1)


class EngineStore(S3Store):
    """One opened connection. Thread-safe, blocking; the contracts are in ``app.ports`` and ``transfers.ports``."""

    def __init__(self, connection: Connection, secret: SecretText, pool: Pool) -> None:
        super().__init__(connection, secret)
        self._pool, self._id = pool, next(_ids)
        self._gate = _Gate(REQUESTS)
        self._sequential: set[str] = set()  # buckets whose pages must be asked for one after another, learnt
        pool.open(Open(self._id, connection, secret), self.learnt)
        # A changed connection leaves its old store to the calls that still use it: its key goes when the last of them ends.
        weakref.finalize(self, pool.forget, self._id).atexit = False

    def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        check_bucket(bucket)
        return self.walk(PageRequest(bucket, prefix, delimiter), control)

    def survey(self, bucket: str, prefix: str, look: Callable[[ListingPage], T], control: CallControl) -> Iterator[T]:
        check_bucket(bucket)
        return self.walk(PageRequest(bucket, prefix), control, look)

    def walk(self, request: PageRequest, control: CallControl, look: Look | None = None) -> Iterator[Any]:
        """All pages from ``request`` on, or what ``look`` makes of each."""
        lane = _Lane(self._pool, self._id, self._gate, look)
        try:
            yield from Walk(lane, request, control, sequential=request.bucket in self._sequential).results()
        except BrowserError as error:
            if error.kind is ErrorKind.LIST_AGAIN:
                self._sequential.add(request.bucket)
            raise
        finally:
            lane.leave()

    def work(self, work: Work, control: CallControl, done: Callable[[Any], None]) -> None:
        """See ``TransferStore.work``."""
        if control.cancelled:
            done(Cancelled())
            return
        number = self._pool.number()
        take_back = control.on_cancel(lambda: self._pool.cancel({number}))  # which keeps this store, too, until it is done

        def ended(result: Any) -> None:
            take_back()
            done(result)

        self._pool.submit(number, self._id, work, ended, control.moved)
        if control.wait(0):  # it was cancelled meanwhile, just before it was submitted
            self._pool.cancel({number})

    def close(self) -> None:
        super().close()
        self._pool.forget(self._id)


class _Gate:
    """Lets only so many requests of a connection out at a time; the rest wait their turn. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._lock = threading.Lock()
        self._free = limit
        self._waiting: deque[Callable[[], None]] = deque()

    def enter(self, send: Callable[[], None]) -> None:
        """Call ``send`` now, or once another request has left."""
        with self._lock:
            if self._free == 0:
                self._waiting.append(send)
                return
            self._free -= 1
        send()

    def leave(self) -> None:
        """A request has ended."""
        with self._lock:
            following = self._waiting.popleft() if self._waiting else None
            self._free += following is None
        if following:
            following()


class _Lane:
    """The requests of one walk: a ``key_ranges.Fetcher``."""

    limit = REQUESTS

    def __init__(self, pool: Pool, store: int, gate: _Gate, look: Look | None) -> None:
        self._pool, self._store, self._gate, self._look = pool, store, gate, look
        self._lock = threading.Lock()
        self._out: set[int] = set()
        self._left = False

    def submit(self, request: PageRequest, done: Done) -> None:
        """See ``Fetcher.submit``. A probe for one name is never looked at."""
        look = self._look if request.max_keys > 1 else None

        def send() -> None:
            if self._left:
                self._gate.leave()
                return
            number = self._pool.number()
            with self._lock:
                self._out.add(number)
            self._pool.submit(number, self._store, Page(request, look), ended)

        def ended(answer: PageAnswer | Exception) -> None:
            self._gate.leave()
            done(answer)

        self._gate.enter(send)

    def leave(self) -> None:
        """Nobody waits any more: cancel what is under way."""
        self._left = True
        with self._lock:
            self._pool.cancel(self._out)


class EngineStoreFactory(S3StoreFactory):
    """Opens connections; the contract is in ``app.ports.StoreFactory``."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def open(self, connection: Connection, secret: SecretText) -> EngineStore:
        return EngineStore(connection, secret, self._pool)
