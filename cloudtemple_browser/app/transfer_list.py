"""The transfers as a person sees them: state, progress, speed, time left. Fed by the engine's events; no Qt. Loop thread."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.transfers.events import Event, JobChanged, JobsAdded, JobsRemoved, ScanEnded
from cloudtemple_browser.transfers.job import Direction, Job
from cloudtemple_browser.transfers.states import TransferState

_WINDOW = 5.0  # seconds over which a speed is averaged
ACTIVE = frozenset({TransferState.QUEUED, TransferState.RUNNING})


NOT_PUBLIC = BrowserError(ErrorKind.NO_ACL, ErrorFacts("PutObjectAcl", message="stored, but not public"))


class SpeedMeter:
    """Bytes a second over the last seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._points: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        """``done`` bytes are through by now; fewer than before after a part is sent again."""
        now = self._clock()
        self._points.append((now, done))
        while len(self._points) > 2 and self._points[1][0] < now - _WINDOW:
            self._points.popleft()

    @property
    def per_second(self) -> float:
        """Bytes a second; 0.0 when nothing moved lately."""
        if len(self._points) < 2:
            return 0.0
        (began, before), (_, now) = self._points[0], self._points[-1]
        return max(0.0, (now - before) / max(0.2, self._clock() - began))


@dataclass(slots=True)
class TransferRow:
    """One transfer as shown. ``total`` in bytes or ``UNKNOWN``; ``path`` is where a download lies."""

    job: Job
    state: TransferState = TransferState.QUEUED
    done: int = 0
    total: int = UNKNOWN
    error: BrowserError | None = None
    skipped: bool = False
    verified: bool = False
    not_public: bool = False
    path: Path | None = None
    meter: SpeedMeter = field(default_factory=SpeedMeter)

    @property
    def seconds_left(self) -> float | None:
        """The time left in seconds at the present speed, or None."""
        speed = self.meter.per_second
        if self.state is not TransferState.RUNNING or self.total < 0 or speed < 1:
            return None
        return (self.total - self.done) / speed


@dataclass(frozen=True, slots=True)
class Summary:
    """All transfers in one line."""

    active: int = 0
    failed: int = 0
    finished: int = 0
    bytes_left: int = 0
    per_second: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time left in seconds, or None."""
        return self.bytes_left / self.per_second if self.per_second >= 1 else None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """The end of everything that was asked for at once: how many went well, and what failed or was left out."""

    direction: Direction
    done: int
    skipped: int
    cancelled: int
    failures: tuple[tuple[str, BrowserError], ...]
    path: Path | None = None


class TransferList:
    """Rows in the order in which they were queued, newest last. ``changed`` gets the rows that changed."""

    def __init__(self) -> None:
        self.rows: list[TransferRow] = []
        self._index: dict[int, int] = {}
        self._scans: dict[int, ScanEnded] = {}
        self._open: dict[int, int] = {}
        # Kept up with every event: a summary of 100,000 rows is asked for ten times a second.
        self._counts = dict.fromkeys(TransferState, 0)
        self._left = 0
        self._running: dict[int, TransferRow] = {}
        self.added: Observers[[int]] = Observers()
        self.changed: Observers[[set[int]]] = Observers()
        self.reset: Observers[[]] = Observers()
        self.group_ended: Observers[[GroupResult]] = Observers()

    def handle(self, events: tuple[Event, ...]) -> None:
        """Take in a batch of the engine's events."""
        touched: set[int] = set()
        ended: set[int] = set()
        for event in events:
            match event:
                case JobsAdded(jobs):
                    self._add(jobs)
                case JobChanged(job_id):
                    if (at := self._index.get(job_id)) is not None:
                        self._update(self.rows[at], event, ended)
                        touched.add(at)
                case ScanEnded(group):
                    self._scans[group] = event
                    ended.add(group)
                case JobsRemoved(ids):
                    self._remove(set(ids))
                    touched.clear()
        if touched:
            self.changed(touched)
        for group in ended:
            self._end(group)

    def _add(self, jobs: tuple[Job, ...]) -> None:
        first = len(self.rows)
        for job in jobs:
            self._index[job.id] = len(self.rows)
            row = TransferRow(job, total=job.size)
            self.rows.append(row)
            self._tally(row, 1)
            self._open[job.group] = self._open.get(job.group, 0) + 1
        self.added(first)

    def _update(self, row: TransferRow, event: JobChanged, ended: set[int]) -> None:
        self._tally(row, -1)
        was, row.state = row.state in ACTIVE, event.state
        row.done, row.error, row.skipped, row.verified = event.done_bytes, event.error, event.skipped, event.verified
        row.not_public = event.not_public
        row.total = event.total_bytes if event.total_bytes != UNKNOWN else row.total
        row.path = event.path or row.path
        row.meter.note(row.done)
        self._tally(row, 1)
        now = row.state in ACTIVE
        if was != now:
            self._open[row.job.group] = self._open.get(row.job.group, 0) + (1 if now else -1)
            if not now:
                ended.add(row.job.group)

    def _tally(self, row: TransferRow, by: int) -> None:
        self._counts[row.state] += by
        if row.state in ACTIVE:
            self._left += by * max(0, row.total - row.done)
        if row.state is TransferState.RUNNING and by > 0:
            self._running[row.job.id] = row
        else:
            self._running.pop(row.job.id, None)

    def _remove(self, ids: set[int]) -> None:
        for row in self.rows:
            if row.job.id in ids:
                self._tally(row, -1)
        self.rows = [row for row in self.rows if row.job.id not in ids]
        self._index = {row.job.id: at for at, row in enumerate(self.rows)}
        self.reset()

    def _end(self, group: int) -> None:
        scan = self._scans.get(group)
        if scan is None or self._open.get(group, 0) > 0:
            return
        rows = [row for row in self.rows if row.job.group == group]
        if len(rows) < scan.jobs:  # some were removed from the list meanwhile: told before
            return
        failures = [(str(row.job.ref.key), row.error) for row in rows if row.state is TransferState.FAILED and row.error]
        failures += [(row.job.ref.key, NOT_PUBLIC) for row in rows if row.not_public]
        done = [row for row in rows if row.state is TransferState.DONE]
        cancelled = sum(row.state is TransferState.CANCELLED for row in rows)
        skipped = sum(row.skipped for row in done)
        where = next((row.path for row in done if row.path), None)
        self.group_ended(
            GroupResult(scan.direction, len(done) - skipped, skipped, cancelled, (*failures, *scan.skipped), where)
        )

    def summary(self) -> Summary:
        """All rows in one line."""
        counts = self._counts
        active = sum(counts[state] for state in ACTIVE)
        failed = counts[TransferState.FAILED]
        speed = sum(row.meter.per_second for row in self._running.values())
        return Summary(active, failed, sum(counts.values()) - active - failed, self._left, speed)
