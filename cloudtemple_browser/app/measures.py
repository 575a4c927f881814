"""Measured folders: how much lies below them, counted on demand by the engine's listing and kept with the time of counting.

A measurement is dropped when this program writes or deletes below it; what others do meanwhile shows only when it is counted
again, which is why its time is always told.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from cloudtemple_browser.app.accounts import Stores
from cloudtemple_browser.app.activities import Activities
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.tally import Collector, PageTally, Tally
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.transfers.scan import not_whole

_KEPT = 64  # measurements: each may name some thousand groups
_PAUSE = 0.2  # seconds between two deliveries, or more: making one may not take more than a tenth of the time
_SHARE = 10
_NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Scope:
    """What is measured: everything below some prefixes of a bucket; groups are named relative to ``root``."""

    connection_id: str
    bucket: str
    root: str
    prefixes: tuple[str, ...]

    @classmethod
    def folder(cls, connection_id: str, bucket: str, prefix: str) -> Scope:
        """One folder, or with prefix "" the whole bucket."""
        return cls(connection_id, bucket, prefix, (prefix,))

    def touched_by(self, key: str) -> bool:
        """Whether writing or deleting ``key`` (a key, or a folder's whole prefix) changes what is measured."""
        return any(key.startswith(prefix) or prefix.startswith(key) for prefix in self.prefixes)


class Progress(enum.Enum):
    """How far a measurement is. Only ``COMPLETE`` is the whole: of any other it is *at least* so much."""

    COUNTING = "counting"
    COMPLETE = "complete"
    STOPPED = "stopped"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a scope. ``when`` it was begun, in seconds since 1970 UTC; ``stale`` once it was written to since."""

    scope: Scope
    progress: Progress
    when: int
    tally: Tally = _NOTHING
    error: BrowserError | None = None
    stale: bool = False


class Measures:
    """Counts, and keeps what was counted. Loop thread."""

    def __init__(self, background: Background, stores: Stores, activities: Activities) -> None:
        self._background, self._stores, self._activities = background, stores, activities
        self._known: dict[Scope, Measured] = {}
        self._running: dict[Scope, CallControl] = {}
        self.changed: Observers[[Measured]] = Observers()

    def get(self, scope: Scope) -> Measured | None:
        """What was counted, or is being counted; None when that is not known, or not true any more."""
        return self._known.get(scope)

    def start(self, scope: Scope) -> None:
        """Count anew; what is being counted already goes on."""
        self._background.spawn(self.count(scope))

    def stop(self, scope: Scope) -> None:
        """End the counting under way; what was counted stays, marked as stopped."""
        if control := self._running.get(scope):
            control.cancel()

    def touched(self, connection_id: str, bucket: str, keys: Iterable[str]) -> None:
        """These keys (or folders) were written or deleted: what was counted above them is not true any more."""
        here = [one for one in self._known if (one.connection_id, one.bucket) == (connection_id, bucket)]
        fresh = [scope for scope in here if not self._known[scope].stale]
        if fresh:
            known = tuple(keys)
            for scope in fresh:
                if any(map(scope.touched_by, known)):
                    self._drop(scope)

    def forget(self, connection_id: str) -> None:
        """Drop everything of a connection that is deleted."""
        for scope in [one for one in self._known if one.connection_id == connection_id]:
            self.stop(scope)
            self._drop(scope)

    async def count(self, scope: Scope) -> None:
        """Count anew and wait for the end. Failures are a part of the measurement, and not raised."""
        if scope in self._running:
            return
        name = scope.prefixes[0] if len(scope.prefixes) == 1 and scope.prefixes[0] else scope.bucket
        with self._activities.start(translate("app", "Counting what is in {name}")(name=name)) as activity:
            self._running[scope] = activity.control
            when = int(time.time())
            self._begin(Measured(scope, Progress.COUNTING, when))

            def deliver(tallies: list[Tally]) -> None:
                self._set(replace(self._known[scope], tally=tallies[-1]))
                activity.reach(tallies[-1].objects, 0)

            def produce(put: Callable[[Tally], None]) -> None:
                store = self._stores.get(scope.connection_id)
                count_all(store, scope, when, activity.control, _Paced(put))

            progress, error = Progress.STOPPED, None
            try:
                await self._background.stream(produce, deliver, activity.control)
                progress = Progress.COMPLETE
            except Cancelled:
                progress = Progress.STOPPED
            except BrowserError as failed:
                partial = failed.kind is ErrorKind.PARTIAL or self._known[scope].tally.objects > 0
                progress, error = Progress.PARTIAL if partial else Progress.FAILED, failed
            finally:
                del self._running[scope]
            self._end(replace(self._known[scope], progress=progress, error=error))

    def _begin(self, measured: Measured) -> None:
        self._known.pop(measured.scope, None)  # the newest is the last
        idle = [scope for scope in self._known if scope not in self._running]
        for scope in idle[: max(0, len(idle) - _KEPT + 1)]:
            del self._known[scope]
        self._set(measured)

    def _set(self, measured: Measured) -> None:
        self._known[measured.scope] = measured
        self.changed(measured)

    def _end(self, measured: Measured) -> None:
        if measured.stale:
            del self._known[measured.scope]
            self.changed(measured)
        else:
            self._set(measured)

    def _drop(self, scope: Scope) -> None:
        stale = replace(self._known[scope], stale=True)
        if scope in self._running:
            self._known[scope] = stale
        else:
            del self._known[scope]
        self.changed(stale)


class _Paced:
    """Hands tallies on from a worker thread: a few a second, and fewer where making one takes long."""

    def __init__(self, put: Callable[[Tally], None]) -> None:
        self._put = put
        self._next = 0.0

    def offer(self, collector: Collector) -> None:
        """Hand over what was counted if it is time."""
        began = time.monotonic()
        if began >= self._next:
            self.give(collector)
            now = time.monotonic()
            self._next = now + max(_PAUSE, _SHARE * (now - began))

    def give(self, collector: Collector) -> None:
        """Hand over what was counted."""
        self._put(collector.tally())


def count_all(store: Store, scope: Scope, now: int, control: CallControl, sink: _Paced) -> None:
    """Count what is below the prefixes of a scope. Blocks: called in a worker thread.

    Raises what ends a listing early, after what was counted until then was given.
    """
    look, repeated = PageTally(scope.root, now), set[str]()
    waiting, collector = list(scope.prefixes), Collector(rest=courtesy.give_way)
    while waiting:
        prefix = waiting[0]
        try:
            for counts in store.survey(scope.bucket, prefix, look, control):
                collector.add(counts)
                sink.offer(collector)
        except BrowserError as error:
            if error.kind is ErrorKind.LIST_AGAIN:  # nothing of it is to be trusted
                waiting, collector = list(scope.prefixes), Collector(rest=courtesy.give_way)
                if prefix not in repeated:
                    repeated.add(prefix)
                    continue
            sink.give(collector)
            raise
        del waiting[0]
    sink.give(collector)
    if collector.malformed:
        raise not_whole(scope.root, collector.malformed)
