"""The listing of the open location: pages into rows, one generation at a time."""

from __future__ import annotations

import asyncio
import enum
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cloudtemple_browser.app.accounts import Stores
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.buckets import BucketLists
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.app.rows import FEW_KEYS, Rows
from cloudtemple_browser.model.addresses import DELIMITER, Location
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.query import Found, Query, Sieve
from cloudtemple_browser.model.text import Count, translate
from cloudtemple_browser.transfers.scan import not_whole

_TELL = 0.1  # seconds between two words of how much was looked at while nothing is found


_PIECE = 25_000  # rows changed in one go: 5 ms


class Phase(enum.Enum):
    """How far the listing is. Only ``COMPLETE`` may be taken for the whole folder, or for all that a search can find."""

    NOTHING = "nothing"
    LOADING = "loading"
    COMPLETE = "complete"
    STOPPED = "stopped"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ListingStatus:
    """The listing as the status bar and the states in the table's place show it.

    ``looked`` are the objects below the prefix that were looked at, with their bytes; 0 for a folder. ``left_out`` counts the
    entries without a readable key in a listing that came to its end: they have no row, so it is PARTIAL.
    """

    phase: Phase = Phase.NOTHING
    location: Location | None = None
    error: BrowserError | None = None
    looked: int = 0
    looked_bytes: int = 0
    left_out: int = 0

    @property
    def left_out_words(self) -> Count:
        """How many entries were left out, and why."""
        one = translate("transfers", "{n} entry had no readable key")
        return Count(self.left_out, one, translate("transfers", "{n} entries had no readable key"))


class Listing:
    """Lists one location at a time. Loop thread; the pages come from a worker, and those of an older generation are dropped."""

    def __init__(self, background: Background, stores: Stores, buckets: BucketLists) -> None:
        self._background, self._stores, self._buckets = background, stores, buckets
        self._control = CallControl()
        self.status = ListingStatus()
        self.rows = Rows("")
        self.replaced: Observers[[]] = Observers()
        self.appended: Observers[[range]] = Observers()
        self.changed: Observers[[list[int]]] = Observers()
        self.removed: Observers[[]] = Observers()
        self.status_changed: Observers[[ListingStatus]] = Observers()

    def open(self, location: Location, connection: Connection) -> None:
        """Begin to list ``location`` and cancel the listing before. The same location keeps its rows until new ones come."""
        self._control.cancel()
        self._control = control = CallControl()
        again = self.status.location == location and len(self.rows) > 0
        if not again:
            self._replace(_rows_of(location))
        self._set(ListingStatus(Phase.LOADING, location))
        self._background.spawn(self._run(location, connection, control, fresh=not again))

    def stop(self) -> None:
        """End the listing; what came stays, marked as stopped."""
        if self.status.phase is Phase.LOADING:
            self._control.cancel()
            self._set(replace(self.status, phase=Phase.STOPPED))

    def clear(self) -> None:
        """Show nothing: no connection is open."""
        self._control.cancel()
        self._replace(Rows(""))
        self._set(ListingStatus())

    async def _run(self, location: Location, connection: Connection, control: CallControl, *, fresh: bool) -> None:
        sink = _Sink(self, location, fresh=fresh)
        phase, error = Phase.COMPLETE, None
        try:
            if location.bucket:
                await self._list_objects(location, control, sink)
            else:
                await self._list_buckets(connection, control, sink)
        except Cancelled:
            return
        except BrowserError as raised:
            # A listing that breaks off after rows came is partial; one that never began has failed.
            partial = raised.kind is ErrorKind.PARTIAL or sink.delivered > 0
            phase, error = Phase.PARTIAL if partial else Phase.FAILED, raised
        if not control.cancelled:
            sink.deliver([])
            left_out = 0 if error else self.rows.malformed
            if left_out:
                phase, error = Phase.PARTIAL, not_whole(location.prefix, left_out)
            self._set(replace(self.status, phase=phase, error=error, left_out=left_out))

    async def _list_objects(self, location: Location, control: CallControl, sink: _Sink) -> None:
        try:
            await self._background.stream(self._producer(location, control), sink.deliver, control)
        except BrowserError as error:
            if error.kind is not ErrorKind.LIST_AGAIN or control.cancelled:  # else the rows of another listing would go
                raise
            sink.begin_again()
            await self._background.stream(self._producer(location, control), sink.deliver, control)

    def _producer(self, location: Location, control: CallControl) -> Callable[[Callable[[Found], None]], None]:
        """What runs in a worker: puts the pages of a folder, or what is found below it."""
        bucket, prefix, below = location.bucket, location.prefix, location.below

        def produce(put: Callable[[Found], None]) -> None:
            store = self._stores.get(location.connection_id)
            if below is None:
                for page in store.list_pages(bucket, prefix, DELIMITER, control):
                    put(Found(page, 0))
            else:
                for found in _gathered(store.survey(bucket, prefix, Sieve(below, prefix), control)):
                    put(found)

        return produce

    async def _list_buckets(self, connection: Connection, control: CallControl, sink: _Sink) -> None:
        found = await self._buckets.load(connection)
        if control.cancelled:
            return
        sink.deliver([Found(ListingPage(prefixes=tuple(f"{bucket.name}{DELIMITER}" for bucket in found.buckets)), 0)])
        if found.error and not found.buckets:
            sink.delivered = 0
            raise found.error

    def accept(self, batch: list[Found]) -> None:
        """Take pages of the current generation in."""
        first = self.rows.end
        for found in batch:
            self.rows.append(found.page)
        if self.rows.end > first:
            self.appended(range(first, self.rows.end))
        looked, looked_bytes = sum(found.looked for found in batch), sum(found.looked_bytes for found in batch)
        if looked:
            now = self.status
            self._set(replace(now, looked=now.looked + looked, looked_bytes=now.looked_bytes + looked_bytes))

    def upsert(self, entries: Sequence[ObjectEntry], *, public: bool) -> None:
        """Show objects that were written, without listing again: 2,000 at a time. What meets the search no more goes."""
        below = self.status.location.below if self.status.location else None
        if below:
            met = [entry for entry in entries if self._meets(below, entry)]
            kept = {entry.key for entry in met}
            self.remove(tuple(entry.key for entry in entries if entry.key not in kept))
            entries = met
        self.rows.public.update((entry.key, public) for entry in entries)
        new, changed = self.rows.upsert(*entries)
        if len(new):
            self.appended(new)
        if changed:
            self.changed(changed)

    def _meets(self, below: Query, entry: ObjectEntry) -> bool:
        """Whether a written object is among what is looked for.

        A regular expression may take for ever, so none is tried here: an object that was found stays found by its name, and
        a new one shows when the search is made again.
        """
        sieve = Sieve(below, self.rows.prefix)
        if sieve.may_hang:
            return self.rows.find(entry.key) >= 0 and below.bounds_met(entry.size, entry.modified)
        return sieve.meets(entry)

    def remove(self, keys: tuple[str, ...]) -> None:
        """Take out what was deleted."""
        if len(keys) <= FEW_KEYS:
            if self.rows.remove(keys):
                self.removed()
        else:
            self._background.spawn(self._locate(keys, self.rows.discard, self.removed))

    def mark_public(self, known: dict[str, bool | None]) -> None:
        """Note which objects are public; None for those of which it is not known any more."""
        for key, public in known.items():
            if public is None:
                self.rows.public.pop(key, None)
            else:
                self.rows.public[key] = public
        if len(known) <= FEW_KEYS:
            self.changed(list(self.rows.locate(known)))
        else:
            self._background.spawn(self._locate(known, lambda rows: self.changed(list(rows))))

    async def _locate(
        self, keys: Collection[str], act: Callable[[Sequence[int]], object], then: Callable[[], object] = lambda: None
    ) -> None:
        """Find the rows of many keys in a worker, ``act`` on them piece by piece as long as they are shown, ``then`` once."""
        rows = self.rows
        found = await self._background.call(rows.snapshot().locate, keys)
        for at in range(0, len(found), _PIECE):
            if rows is not self.rows:
                return
            act(found[at : at + _PIECE])
            await asyncio.sleep(0)
        if found and rows is self.rows:
            then()

    def _replace(self, rows: Rows) -> None:
        self.rows = rows
        self.replaced()

    def begin_again(self, location: Location) -> None:
        """Drop the rows of the listing before: the first page of a refresh came, or nothing of it may be believed."""
        self._replace(_rows_of(location))
        self.status = replace(self.status, looked=0, looked_bytes=0)

    def _set(self, status: ListingStatus) -> None:
        self.status = status
        self.status_changed(status)


class _Sink:
    """Where the pages of one generation go. Delivers nothing after its control was cancelled (``Background.stream``)."""

    def __init__(self, listing: Listing, location: Location, *, fresh: bool) -> None:
        self._listing, self._location, self._fresh = listing, location, fresh
        self.delivered = 0

    def deliver(self, batch: list[Found]) -> None:
        if not self._fresh:
            self.begin_again()
        self.delivered += sum(max(len(found.page), found.looked) for found in batch)
        self._listing.accept(batch)

    def begin_again(self) -> None:
        """Drop what came."""
        self._fresh = True
        self.delivered = 0
        self._listing.begin_again(self._location)


def _rows_of(location: Location) -> Rows:
    return Rows(location.prefix, flat=location.below is not None)


def _gathered(found: Iterable[Found]) -> Iterator[Found]:
    """The same with pages that hold nothing joined to the next that does, or to what is told of them now and then."""
    waiting = Found(ListingPage(), 0)
    told = time.monotonic()
    try:
        for one in found:
            waiting = Found(one.page, waiting.looked + one.looked, waiting.looked_bytes + one.looked_bytes)
            if len(one.page) or one.page.malformed or time.monotonic() - told > _TELL:
                told = time.monotonic()
                yield waiting
                waiting = Found(ListingPage(), 0)
    except BrowserError:
        yield waiting
        raise
    yield waiting
