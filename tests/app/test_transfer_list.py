"""Transfers as a person sees them: totals that are right after every event."""

from __future__ import annotations

from pathlib import Path

import pytest
from app.rig import failure
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cloudtemple_browser.app.transfer_list import ACTIVE, GroupResult, SpeedMeter, TransferList, TransferRow
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.transfers.events import JobChanged, JobsAdded, JobsRemoved, ScanEnded
from cloudtemple_browser.transfers.job import Direction, Job
from cloudtemple_browser.transfers.states import MOVES, TransferState

S = TransferState


def job(number: int, group: int = 1, size: int = 100, direction: Direction = Direction.UPLOAD) -> Job:
    path = Path("root") / str(number)
    return Job(number, group, direction, "c", ObjectRef("b", f"key-{number}"), path, path.parent, size)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_speed_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    meter = SpeedMeter(clock)
    assert meter.per_second == 0
    for second in range(21):
        clock.now = float(second)
        meter.note(second * 1000)
    assert meter.per_second == pytest.approx(1000)
    for second in range(21, 31):
        clock.now = float(second)
        meter.note(20_000 + (second - 20) * 5000)
    assert meter.per_second == pytest.approx(5000, rel=0.2)
    clock.now = 130.0
    assert meter.per_second < 300  # nothing moved for long
    meter.note(0)  # a part is sent again
    assert meter.per_second == 0


def test_a_burst_gives_no_absurd_speed() -> None:
    clock = Clock()
    meter = SpeedMeter(clock)
    meter.note(0)
    clock.now = 1e-9
    meter.note(1000)
    assert meter.per_second <= 5000


def test_the_time_left_needs_a_running_transfer_with_a_size_and_a_speed() -> None:
    clock = Clock()
    row = TransferRow(job(1), S.RUNNING, done=200, total=1000, meter=SpeedMeter(clock))
    assert row.seconds_left is None
    row.meter.note(0)
    clock.now = 2.0
    row.meter.note(200)
    assert row.seconds_left == pytest.approx(8)
    row.total = UNKNOWN
    assert row.seconds_left is None
    row.total, row.state = 1000, S.QUEUED
    assert row.seconds_left is None


class Group:
    def __init__(self, *jobs: Job) -> None:
        self.list = TransferList()
        self.results: list[GroupResult] = []
        self.list.group_ended.add(self.results.append)
        self.list.handle((JobsAdded(jobs),))

    def end(self, number: int, state: S = S.DONE, **values: object) -> None:
        self.list.handle((JobChanged(number, S.RUNNING, 0, 100), JobChanged(number, state, 100, 100, **values)))  # type: ignore[arg-type]


def test_a_group_is_told_once_when_all_of_it_ended() -> None:
    group = Group(job(1), job(2), job(3), job(4))
    error, skipped = failure(ErrorKind.TIMEOUT), ("x", failure(ErrorKind.LOCAL_DENIED))
    group.end(1)
    group.end(2, S.FAILED, error=error)
    group.list.handle((ScanEnded(1, 4, (skipped,)),))
    group.end(3, skipped=True)
    assert group.results == []
    group.end(4, S.CANCELLED)
    assert group.results == [GroupResult(Direction.UPLOAD, 1, 1, 1, (("key-2", error), skipped))]


def test_a_group_that_is_still_scanned_is_not_told() -> None:
    group = Group(job(1))
    group.end(1)
    assert group.results == []
    group.list.handle((JobsAdded((job(2),)), ScanEnded(1, 2, ())))
    assert group.results == []
    group.end(2)
    assert [result.done for result in group.results] == [2]


def test_a_group_without_jobs_is_told_at_the_end_of_its_scan() -> None:
    group = Group()
    skipped = ("folder", failure(ErrorKind.LOCAL_DENIED))
    group.list.handle((ScanEnded(7, 0, (skipped,)),))
    assert [(result.done, result.failures) for result in group.results] == [(0, (skipped,))]


def test_a_retry_is_told_again() -> None:
    group = Group(job(1), job(2))
    group.list.handle((ScanEnded(1, 2, ()),))
    group.end(1, S.FAILED, error=failure(ErrorKind.TIMEOUT))
    group.end(2)
    group.list.handle((JobChanged(1, S.QUEUED, 0, 100),))
    group.end(1)
    assert [(result.done, len(result.failures)) for result in group.results] == [(1, 1), (2, 0)]


def test_groups_are_apart() -> None:
    group = Group(job(1, group=1), job(2, group=2, direction=Direction.DOWNLOAD))
    group.list.handle((ScanEnded(1, 1, ()), ScanEnded(2, 1, (), Direction.DOWNLOAD)))
    group.end(2, path=Path("out/x"))
    assert group.results == [GroupResult(Direction.DOWNLOAD, 1, 0, 0, (), Path("out/x"))]


def test_the_rows_that_changed_are_told_once_a_batch() -> None:
    transfers = TransferList()
    changed: list[set[int]] = []
    added: list[int] = []
    transfers.changed.add(changed.append)
    transfers.added.add(added.append)
    transfers.handle((JobsAdded((job(1), job(2))), JobChanged(2, S.RUNNING, 1, 100), JobChanged(2, S.RUNNING, 2, 100)))
    transfers.handle((JobsAdded((job(3),)), JobChanged(99, S.RUNNING, 1, 1)))
    assert added == [0, 2]
    assert changed == [{1}]
    assert transfers.rows[1].done == 2


def test_a_size_that_becomes_known_stays_known() -> None:
    transfers = TransferList()
    transfers.handle(
        (JobsAdded((job(1, size=UNKNOWN),)), JobChanged(1, S.RUNNING, 5, 50), JobChanged(1, S.RUNNING, 6, UNKNOWN))
    )
    assert transfers.rows[0].total == 50
    assert transfers.summary().bytes_left == 44


class SummaryAgainstARecount(RuleBasedStateMachine):
    """Random events by the engine's own table of moves."""

    def __init__(self) -> None:
        super().__init__()
        self.list = TransferList()
        self.states: dict[int, S] = {}
        self.last = 0

    @rule(sizes=st.lists(st.sampled_from([UNKNOWN, 0, 1, 1000, 1 << 45]), min_size=1, max_size=3), group=st.integers(1, 3))
    def add(self, sizes: list[int], group: int) -> None:
        jobs = tuple(job(self.last + at, group, size) for at, size in enumerate(sizes, 1))
        self.last += len(jobs)
        self.states.update((item.id, S.QUEUED) for item in jobs)
        self.list.handle((JobsAdded(jobs),))

    @precondition(lambda self: self.states)
    @rule(data=st.data(), done=st.integers(0, 2000))
    def move(self, data: st.DataObject, done: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.states)))
        state = self.states[number]
        after = data.draw(st.sampled_from(sorted({state, *MOVES[state]}, key=lambda item: item.value)))
        self.states[number] = after
        total = data.draw(st.sampled_from([UNKNOWN, 2000]))
        error = failure(ErrorKind.TIMEOUT) if after is S.FAILED else None
        self.list.handle((JobChanged(number, after, done, total, error),))

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        ended = sorted(number for number, state in self.states.items() if state.ended)
        if ended:
            gone = tuple(data.draw(st.lists(st.sampled_from(ended), unique=True)))
            for number in gone:
                del self.states[number]
            self.list.handle((JobsRemoved(gone),))

    @rule()
    def end_scans(self) -> None:
        self.list.handle(tuple(ScanEnded(group, 1, ()) for group in (1, 2, 3)))

    @invariant()
    def counts_are_right(self) -> None:
        rows, summary = self.list.rows, self.list.summary()
        assert {row.job.id: row.state for row in rows} == self.states
        active = [row for row in rows if row.state in ACTIVE]
        assert summary.active == len(active)
        assert summary.failed == sum(row.state is S.FAILED for row in rows)
        assert summary.finished == len(rows) - summary.active - summary.failed
        assert summary.bytes_left == sum(max(0, row.total - row.done) for row in active)
        running = {row.job.id for row in rows if row.state is S.RUNNING}
        assert set(self.list._running) == running
        assert [self.list.rows[self.list._index[row.job.id]] is row for row in rows] == [True] * len(rows)


TestSummaryAgainstARecount = SummaryAgainstARecount.TestCase
TestSummaryAgainstARecount.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
