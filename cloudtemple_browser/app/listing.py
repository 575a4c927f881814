"""The listing of the open location: pages into rows, one generation at a time."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from cloudtemple_browser.app.accounts import Stores
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.buckets import BucketLists
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.addresses import DELIMITER, Location
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind


class Phase(enum.Enum):
    """How far the listing is. Only ``COMPLETE`` may be taken for the whole folder."""

    NOTHING = "nothing"
    LOADING = "loading"
    COMPLETE = "complete"
    STOPPED = "stopped"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ListingStatus:
    """The listing as the status bar and the states in the table's place show it."""

    phase: Phase = Phase.NOTHING
    location: Location | None = None
    error: BrowserError | None = None


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
            self._replace(Rows(location.prefix))
        self._set(ListingStatus(Phase.LOADING, location))
        self._background.spawn(self._run(location, connection, control, fresh=not again))

    def stop(self) -> None:
        """End the listing; what came stays, marked as stopped."""
        if self.status.phase is Phase.LOADING:
            self._control.cancel()
            self._set(ListingStatus(Phase.STOPPED, self.status.location))

    def clear(self) -> None:
        """Show nothing: no connection is open."""
        self._control.cancel()
        self._replace(Rows(""))
        self._set(ListingStatus())

    async def _run(self, location: Location, connection: Connection, control: CallControl, *, fresh: bool) -> None:
        sink = _Sink(self, location, fresh=fresh)
        try:
            if location.bucket:
                await self._background.stream(self._producer(location, control), sink.deliver, control)
            else:
                await self._list_buckets(connection, control, sink)
            end = ListingStatus(Phase.COMPLETE, location)
        except Cancelled:
            return
        except BrowserError as error:
            # A listing that breaks off after rows came is partial; one that never began has failed.
            partial = error.kind is ErrorKind.PARTIAL or sink.delivered > 0
            end = ListingStatus(Phase.PARTIAL if partial else Phase.FAILED, location, error)
        if not control.cancelled:
            sink.deliver([])
            self._set(end)

    def _producer(self, location: Location, control: CallControl) -> Callable[[Callable[[ListingPage], None]], None]:
        def produce(put: Callable[[ListingPage], None]) -> None:
            store = self._stores.get(location.connection_id)
            for page in store.list_pages(location.bucket, location.prefix, DELIMITER, control):
                put(page)

        return produce

    async def _list_buckets(self, connection: Connection, control: CallControl, sink: _Sink) -> None:
        found = await self._buckets.load(connection)
        if control.cancelled:
            return
        sink.deliver([ListingPage(prefixes=tuple(f"{bucket.name}{DELIMITER}" for bucket in found.buckets))])
        if found.error and not found.buckets:
            sink.delivered = 0
            raise found.error

    def accept(self, pages: list[ListingPage]) -> None:
        """Take pages of the current generation in."""
        first = len(self.rows)
        for page in pages:
            self.rows.append(page)
        if len(self.rows) > first:
            self.appended(range(first, len(self.rows)))

    def upsert(self, entry: ObjectEntry) -> None:
        """Show an object that was written, without listing again."""
        new, changed = self.rows.upsert(entry)
        if len(new):
            self.appended(new)
        elif changed >= 0:
            self.changed([changed])

    def remove(self, keys: tuple[str, ...]) -> None:
        """Take out what was deleted."""
        if self.rows.remove(keys):
            self.removed()

    def mark_public(self, known: dict[str, bool | None]) -> None:
        """Note which objects are public; None for those of which it is not known any more."""
        for key, public in known.items():
            if public is None:
                self.rows.public.pop(key, None)
            else:
                self.rows.public[key] = public
        self.changed([row for row in map(self.rows.find, known) if row >= 0])

    def _replace(self, rows: Rows) -> None:
        self.rows = rows
        self.replaced()

    def begin_again(self, location: Location) -> None:
        """Drop the rows of the listing before: the first page of a refresh came."""
        self._replace(Rows(location.prefix))

    def _set(self, status: ListingStatus) -> None:
        self.status = status
        self.status_changed(status)


class _Sink:
    """Where the pages of one generation go. Delivers nothing after its control was cancelled (``Background.stream``)."""

    def __init__(self, listing: Listing, location: Location, *, fresh: bool) -> None:
        self._listing, self._location, self._fresh = listing, location, fresh
        self.delivered = 0

    def deliver(self, pages: list[ListingPage]) -> None:
        if not self._fresh:
            self._fresh = True
            self._listing.begin_again(self._location)
        self.delivered += sum(len(page) for page in pages)
        self._listing.accept(pages)
