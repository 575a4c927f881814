"""What the engine has on its hands: the groups, what is told of them, and what is written down. The engine's loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.transfers import Direction, GroupRecord, JobRecord, Limits, TransferState
from cloudtemple_browser.transfers.events import (
    Event,
    GroupChanged,
    GroupEnded,
    GroupsRemoved,
    ObjectsDeleted,
    ObjectsStored,
)
from cloudtemple_browser.transfers.group import Group
from cloudtemple_browser.transfers.lane import Lane
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.run import Desk

INTERVAL = 0.1  # seconds between two batches of events
PIECES = 32  # requests under way for each large file that may run at a time
_KEPT = 7 * 86400.0  # seconds that an ended group stays
_KEPT_MOST = 100

log = logging.getLogger(__name__)


class Board:
    """The groups and their lanes. ``feed`` serves a new lane for ever, ``give_up`` cleans up behind a group that leaves."""

    def __init__(
        self, desk: Desk, open_store: Callable[[str], TransferStore], notify: Callable[[tuple[Event, ...]], None]
    ) -> None:
        self.desk, self._open_store, self._notify = desk, open_store, notify
        self.limits = Limits()
        self.groups: dict[int, Group] = {}
        self.lanes: dict[tuple[str, Direction], Lane] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.closing = asyncio.Event()
        self.feed: Callable[[Lane, asyncio.Event], Coroutine[Any, Any, None]]
        self.give_up: Callable[[Group], list[asyncio.Task[None]]]
        self._wakers: dict[Lane, asyncio.Event] = {}
        self._changed: set[int] = set()
        self._stored: dict[tuple[str, str, bool], list[ObjectEntry]] = {}
        self._deleted: dict[tuple[str, str], list[str]] = {}
        self._events: list[Event] = []
        self._unwritten: list[JobRecord] = []
        self._dirty = asyncio.Event()

    def wake(self, lane: Lane) -> None:
        """Jobs of a lane may begin."""
        self._wakers[lane].set()

    def stored(self, group: Group, bucket: str, entry: ObjectEntry, *, public: bool) -> None:
        """An object is in the store now."""
        self._stored.setdefault((group.lane.connection_id, bucket, public), []).append(entry)

    def deleted(self, group: Group, bucket: str, keys: Sequence[str]) -> None:
        """Objects are gone."""
        self._deleted.setdefault((group.lane.connection_id, bucket), []).extend(keys)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the rest; what it raises is a mistake of ours, and logged."""
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("a part of the transfer engine failed")

    def mark(self, group: Group) -> None:
        """Tell of a group with the next batch of events."""
        self._changed.add(group.id)
        self._dirty.set()

    def _lane_changed(self, where: tuple[str, Direction]) -> None:
        lane = self.lanes[where]
        for group in self.groups.values():
            if group.lane is lane and group.unfinished:
                group.go.set()
                self.mark(group)
        self.wake(lane)

    def lanes_of(self, connection_id: str) -> list[Lane]:
        """The lanes of a connection."""
        return [lane for lane in self.lanes.values() if lane.connection_id == connection_id]

    async def tell_always(self) -> None:
        """Tell what changed, at most ten times a second, for ever."""
        while True:
            await self._dirty.wait()
            self.tell()
            await asyncio.sleep(INTERVAL)

    def tell(self) -> None:
        """Tell what changed."""
        self._dirty.clear()
        changed = [self.groups[number] for number in sorted(self._changed) if number in self.groups]
        self._changed.clear()
        events: list[Event] = [ObjectsStored(*where[:2], tuple(found), where[2]) for where, found in self._stored.items()]
        events += [ObjectsDeleted(*where, tuple(keys)) for where, keys in self._deleted.items()]
        events += [GroupChanged(group.status()) for group in changed]
        events += self._events
        self._stored, self._deleted, self._events = {}, {}, []
        if events:
            try:
                self._notify(tuple(events))
            except Exception:  # a listener's bug must not silence the transfers for the rest of the session
                log.exception("the listener of the transfers failed")

    def write(self, records: Iterable[JobRecord]) -> None:
        """Write down how jobs ended, and put it on the disk."""
        self._unwritten += records
        self.commit()

    def commit(self) -> None:
        """Put on the disk what is known. Where there is no room now, a later one does it: nothing hangs on this one."""
        try:
            self.desk.journal.save(self._unwritten)
            self._unwritten = []
            self.desk.journal.commit()
        except BrowserError as error:
            log.warning("the journal of the transfers cannot be written now: %s", error.kind.value)

    def save(self, group: Group) -> None:
        """Write down how a group is."""
        try:
            self.desk.journal.save_group(group.status(), scanned=group.scanned)
        except BrowserError as error:
            log.warning("a group of transfers cannot be written down now: %s", error.kind.value)
        self.commit()

    def take_stock(self, group: Group) -> None:
        """Count a group anew, as the journal has it."""
        group.took_stock(self.desk.journal.counted(group.record.status))

    def settled(self, group: Group) -> None:
        """See whether a group has ended by now."""
        if group.unfinished or group.record.status.ended or group.scan:
            return
        group.change(ended=time.time())
        if not any(other.lane is group.lane and other.unfinished for other in self.groups.values()):
            group.lane.takes_denials = False
        self.save(group)
        journal = self.desk.journal
        failures = [(record.job.ref.key, record.status.error) for record in journal.jobs(group.id, TransferState.FAILED, 100)]
        told = [(name, error) for name, error in failures if error]
        told += journal.left_out(group.id, 100)
        done = journal.jobs(group.id, TransferState.DONE, 1)
        path = str(done[0].status.path or "") if done else ""
        self._events.append(GroupEnded(group.status(), tuple(told[:100]), path))
        self.mark(group)
        self.purge()

    def purge(self) -> None:
        """Forget what ended long ago, failures included, and more than anybody looks through."""
        ended = [group for group in self.groups.values() if group.record.status.ended]
        old = time.time() - _KEPT
        gone = [group.id for group in ended[: max(0, len(ended) - _KEPT_MOST)]]
        gone += [group.id for group in ended if group.record.status.ended < old]
        self.forget_groups(sorted(set(gone)))

    def forget_groups(self, ids: Sequence[int]) -> None:
        """Take groups off the list, with all that is known of them.

        What one has left at a store stays known until it is removed there: else a quit would leave it for ever.
        """
        if ids:
            leaving = {number: self.give_up(self.groups.pop(number)) for number in ids}
            self.desk.journal.remove_groups([number for number, left in leaving.items() if not left])
            self.commit()
            for number, left in leaving.items():
                if left:
                    self.spawn(self._forget(number, left))
            self._events.append(GroupsRemoved(tuple(ids)))
            self._dirty.set()

    async def _forget(self, number: int, left: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.wait(left)
        if not self.closing.is_set():
            self.desk.journal.remove_groups([number])
            self.commit()

    def enter(self, record: GroupRecord) -> Group:
        """Take up a group, and its connection's lane."""
        where = record.status.connection_id, record.status.direction
        lane = self.lanes.get(where)
        if lane is None:
            lane = self.lanes[where] = Lane(where[0], self._open_store, self.desk.retries, partial(self._lane_changed, where))
            lane.allow(self.limits.at_once * PIECES)
            feeder = self._wakers[lane] = asyncio.Event()
            lane.slots.left = feeder.set
            self.spawn(self.feed(lane, feeder))
        group = self.groups[record.status.id] = Group(record, lane, self.mark)
        self.mark(group)
        return group

    def refuse(self, group: Group, error: BrowserError) -> None:
        """End what cannot be written down, for a full disk most likely, before it begins, and take it off the list."""
        group.record = replace(group.record, scanned=True)
        group.change(ended=time.time(), left_out=group.record.status.chosen)
        status = group.status()
        del self.groups[group.id]
        subject = status.names[0] if status.names else status.place
        self._events += [GroupChanged(status), GroupEnded(status, ((subject, error),)), GroupsRemoved((group.id,))]
        self._dirty.set()
