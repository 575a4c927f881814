"""The transfers as a person sees them: groups, their speed and time left, and the jobs of the groups that are open. No Qt.

Fed by the engine's events. What 100,000 queued files cost here is one group. Loop thread.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.transfers import Direction, GroupContent, GroupStatus
from cloudtemple_browser.transfers.events import Event, GroupChanged, GroupEnded, GroupsRemoved

_WINDOW = 5.0  # seconds over which a speed is averaged
_SETTLED = 3.0  # ... until it says how long the rest takes: before, that would jump about
_PAUSE = 0.5  # seconds between two looks into an open group that moves

NOT_PUBLIC = BrowserError(ErrorKind.NO_ACL, ErrorFacts("PutObjectAcl", message="stored, but not public"))


class SpeedMeter:
    """Bytes a second over the last seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._points: deque[tuple[float, int]] = deque()

    def note(self, moved: int) -> None:
        """``moved`` bytes went over the wire by now."""
        now = self._clock()
        self._points.append((now, moved))
        while len(self._points) > 2 and self._points[1][0] < now - _WINDOW:
            self._points.popleft()

    @property
    def per_second(self) -> float:
        """Bytes a second; 0.0 when nothing moved lately."""
        if len(self._points) < 2:
            return 0.0
        (began, before), (_, now) = self._points[0], self._points[-1]
        return max(0.0, (now - before) / max(0.2, self._clock() - began))

    @property
    def settled(self) -> bool:
        """Whether the speed was watched for long enough to conclude from it."""
        return bool(self._points) and self._clock() - self._points[0][0] >= _SETTLED


@dataclass(slots=True)
class TransferGroup:
    """One group as shown. ``error`` is why the only job of a group failed, once it is known; ``path`` what a download wrote."""

    status: GroupStatus
    meter: SpeedMeter = field(default_factory=SpeedMeter)
    error: BrowserError | None = None
    path: Path | None = None

    @property
    def id(self) -> int:
        """The engine's number of the group."""
        return self.status.id

    @property
    def moving(self) -> bool:
        """Whether the engine works on it, or would if the network let it."""
        return self.status.scanning or self.status.counts.active > 0

    @property
    def single(self) -> bool:
        """Whether it is one job and no more, which its own row tells all about."""
        return not self.status.scanning and self.status.counts.total == 1 and not self.status.left_out

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1; None when that cannot be told yet."""
        status = self.status
        counts = status.counts
        if status.scanning and not counts.done:
            return None
        if status.bytes_total > 0:
            return min(1.0, status.bytes_done / status.bytes_total)
        return (counts.done + counts.cancelled) / counts.total if counts.total else float(not status.scanning)

    @property
    def per_second(self) -> float:
        """Bytes a second; 0.0 when it does not move."""
        waiting = self.status.waiting
        return self.meter.per_second if self.status.counts.running and not (waiting and waiting.offline) else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time left in seconds at the present speed, or None."""
        speed = self.per_second
        if speed < 1 or self.status.scanning or not self.meter.settled:
            return None
        return (self.status.bytes_total - self.status.bytes_done) / speed


@dataclass(frozen=True, slots=True)
class Summary:
    """All transfers in one line. ``active``, ``paused`` and ``failed`` count jobs, ``ended`` groups that can be cleared.

    ``moving`` counts groups that the engine works on; ``waiting`` is why some of them do not move, ``share`` (0 to 1) how much
    of them is done; ``seconds_left`` None: not known.
    """

    moving: int = 0
    active: int = 0
    paused: int = 0
    failed: int = 0
    ended: int = 0
    per_second: float = 0.0
    share: float | None = None
    waiting: BrowserError | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """The end of everything that was asked for at once, in numbers; ``failures`` are the first ones. ``seconds`` it took."""

    direction: Direction
    done: int
    skipped: int
    cancelled: int
    failures: tuple[tuple[str, BrowserError], ...]
    path: Path | None = None
    failed: int = 0
    left_out: int = 0
    not_public: int = 0
    seconds: float = 0.0
    connection_id: str = ""

    @property
    def worth_telling(self) -> bool:
        """Whether anything happened that the user did not decide by skipping or cancelling."""
        return bool(self.done or self.failed or self.left_out or self.not_public)


class TransferList:
    """Groups, the newest first. ``changed`` gets the ids of groups that changed."""

    def __init__(self) -> None:
        self.groups: list[TransferGroup] = []
        self.added: Observers[[int]] = Observers()
        self.changed: Observers[[set[int]]] = Observers()
        self.removed: Observers[[tuple[int, ...]]] = Observers()
        self.group_ended: Observers[[GroupResult]] = Observers()

    def handle(self, events: tuple[Event, ...]) -> None:
        """Take in a batch of the engine's events."""
        touched: set[int] = set()
        results: list[GroupResult] = []
        for event in events:
            match event:
                case GroupChanged(status):
                    self._update(status, touched)
                case GroupEnded(status, failures, path):
                    group = self._update(status, touched)
                    group.error = failures[0][1] if failures else None
                    group.path = Path(path) if path else None
                    results.append(_result(event))
                case GroupsRemoved(ids):
                    self._remove(ids)
                    touched.difference_update(ids)
        if touched:
            self.changed(touched)
        for result in results:
            self.group_ended(result)

    def get(self, group: int) -> TransferGroup | None:
        """A group by its id."""
        at = self._position(group)
        return self.groups[at] if at < len(self.groups) and self.groups[at].id == group else None

    def _position(self, group: int) -> int:
        return bisect_left(self.groups, -group, key=lambda one: -one.id)

    def _update(self, status: GroupStatus, touched: set[int]) -> TransferGroup:
        group = self.get(status.id)
        if group is None:
            group = TransferGroup(status)
            at = self._position(status.id)
            self.groups.insert(at, group)
            self.added(at)
        else:
            group.status = status
            touched.add(status.id)
        group.meter.note(status.bytes_moved)
        return group

    def _remove(self, ids: Iterable[int]) -> None:
        gone = tuple(group for group in ids if self.get(group))
        for group in gone:
            del self.groups[self._position(group)]
        if gone:
            self.removed(gone)

    def summary(self) -> Summary:
        """All groups in one line."""
        groups = self.groups
        moving = [group for group in groups if group.moving]
        left = [max(0, group.status.bytes_total - group.status.bytes_done) for group in moving]
        total = sum(group.status.bytes_total for group in moving)
        speed = sum(group.per_second for group in moving)
        known = sum(left) > 0 and any(group.seconds_left is not None for group in moving)
        return Summary(
            len(moving),
            sum(group.status.counts.active for group in moving),
            sum(group.status.counts.paused for group in groups),
            sum(group.status.counts.failed for group in groups),
            sum(_clearable(group.status) for group in groups),
            speed,
            1 - sum(left) / total if total else None,
            next((group.status.waiting for group in groups if group.status.waiting and _open(group.status)), None),
            sum(left) / speed if known else None,
        )


def _open(status: GroupStatus) -> bool:
    """Whether something of the group is still to be done."""
    return status.scanning or status.counts.active + status.counts.paused > 0


def _clearable(status: GroupStatus) -> bool:
    return not _open(status) and not status.counts.failed


def _result(event: GroupEnded) -> GroupResult:
    status = event.status
    counts = status.counts
    return GroupResult(
        status.direction,
        counts.done - counts.skipped,
        counts.skipped,
        counts.cancelled,
        event.failures,
        Path(event.path) if event.path else None,
        counts.failed,
        status.left_out,
        status.not_public,
        max(0.0, status.ended - status.created),
        status.connection_id,
    )


class ContentSource(Protocol):
    """The engine, as far as it tells what is in a group."""

    def content(self, group: int) -> GroupContent:
        """What a person wants to see of a group. Blocks for milliseconds."""


class OpenGroups:
    """What is in the groups that are open: asked for when one is opened, and again while it moves.

    ``changed`` gets the group. Of a single job that failed before the program started, it finds out why.
    """

    def __init__(self, background: Background, source: ContentSource, transfers: TransferList) -> None:
        self._background, self._source, self._transfers = background, source, transfers
        self._contents: dict[int, GroupContent] = {}
        self._moved: dict[int, asyncio.Event] = {}
        self.changed: Observers[[int]] = Observers()
        self._watched = (
            transfers.added.add(self._group_added),
            transfers.changed.add(self._groups_changed),
            transfers.removed.add(self._groups_removed),
        )
        for at in range(len(transfers.groups)):
            self._group_added(at)

    def release(self) -> None:
        """Stop watching and looking."""
        for forget in self._watched:
            forget()
        self._groups_removed(tuple(self._moved))

    def open(self, group: int) -> None:
        """Look into a group until it is closed."""
        if group not in self._moved:
            self._moved[group] = asyncio.Event()
            self._background.spawn(self._follow(group, self._moved[group]))

    def close(self, group: int) -> None:
        """Forget what is in a group."""
        if moved := self._moved.pop(group, None):
            moved.set()
            self._contents.pop(group, None)
            self.changed(group)

    def of(self, group: int) -> GroupContent:
        """What is in a group, as far as it is known."""
        return self._contents.get(group) or GroupContent(group)

    async def _follow(self, group: int, moved: asyncio.Event) -> None:
        while self._moved.get(group) is moved:
            moved.clear()
            content = await self._background.call(self._source.content, group)
            if self._moved.get(group) is moved:
                self._contents[group] = content
                self.changed(group)
            await asyncio.sleep(_PAUSE)
            await moved.wait()

    def _group_added(self, at: int) -> None:
        group = self._transfers.groups[at]
        if group.single and group.status.counts.failed and not group.error:
            self._background.spawn(self._explain(group))

    async def _explain(self, group: TransferGroup) -> None:
        content = await self._background.call(self._source.content, group.id)
        group.error = group.error or next((job.error for job in content.jobs), None)
        self._transfers.changed({group.id} if self._transfers.get(group.id) else set())

    def _groups_changed(self, groups: set[int]) -> None:
        for group in groups & self._moved.keys():
            self._moved[group].set()

    def _groups_removed(self, groups: Iterable[int]) -> None:
        for group in groups:
            if moved := self._moved.pop(group, None):
                moved.set()
                self._contents.pop(group, None)
