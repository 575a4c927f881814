"""Transfers as a person sees them: groups in their order, totals, words, and what is in an open group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from app.rig import World, failure, until
from fakes.engine import changed, ended, job, removed, status
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtemple_browser.app.transfer_list import GroupResult, OpenGroups, SpeedMeter, TransferGroup, TransferList
from cloudtemple_browser.app.transfer_words import (
    Verb,
    folder_of,
    group_amount,
    group_state,
    group_tip,
    group_title,
    group_verbs,
    job_amount,
    job_name,
    job_state,
    job_verbs,
    result_words,
)
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.transfers import Direction, GroupContent, TransferState

S, V = TransferState, Verb
UP, DOWN, DELETE = Direction.UPLOAD, Direction.DOWNLOAD, Direction.DELETE
OFFLINE, DENIED = failure(ErrorKind.DNS), failure(ErrorKind.ACCESS_DENIED)


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
    meter.note(0)  # the engine counts anew
    assert meter.per_second == 0


def test_a_burst_gives_no_absurd_speed() -> None:
    clock = Clock()
    meter = SpeedMeter(clock)
    meter.note(0)
    clock.now = 1e-9
    meter.note(1000)
    assert meter.per_second <= 5000


def test_the_time_left_needs_a_group_that_runs_with_a_size_and_a_speed() -> None:
    clock = Clock()
    group = TransferGroup(status(1, running=1, bytes_done=200, bytes_total=1000), SpeedMeter(clock))
    assert group.seconds_left is None
    group.meter.note(0)
    clock.now = 2.0
    group.meter.note(150)
    assert group.seconds_left is None, "the first moments tell nothing"
    clock.now = 4.0
    group.meter.note(200)
    assert group.seconds_left == pytest.approx(16)
    for still in (status(1, queued=1), status(1, running=1, waiting=OFFLINE), status(1, running=1, scanning=True)):
        group.status = still
        assert group.seconds_left is None


# ---------------------------------------------------------------------------------------------------- the list


class Told:
    """A list, and what it tells."""

    def __init__(self) -> None:
        self.list = TransferList()
        self.told: list[tuple[str, Any]] = []
        self.results: list[GroupResult] = []
        self.list.added.add(lambda at: self.told.append(("added", at)))
        self.list.changed.add(lambda groups: self.told.append(("changed", groups)))
        self.list.removed.add(lambda groups: self.told.append(("removed", groups)))
        self.list.group_ended.add(self.results.append)


def test_the_newest_group_is_first_whatever_comes_first() -> None:
    told = Told()
    told.list.handle((changed(5), changed(2), changed(9), changed(3), changed(5, running=1)))
    assert [group.id for group in told.list.groups] == [9, 5, 3, 2]
    assert told.told == [("added", 0), ("added", 1), ("added", 0), ("added", 2), ("changed", {5})]
    found = told.list.get(5)
    assert found is not None
    assert found.status.counts.running == 1
    assert told.list.get(4) is None


def test_what_changed_is_told_once_a_batch_and_not_of_what_left() -> None:
    told = Told()
    told.list.handle((changed(1), changed(2), changed(3)))
    told.told.clear()
    told.list.handle((changed(1, running=1), changed(1, done=1), changed(2), removed(2, 7)))
    assert told.told == [("removed", (2,)), ("changed", {1})]
    assert [group.id for group in told.list.groups] == [3, 1]
    told.told.clear()
    told.list.handle((removed(7),))
    assert told.told == []


def test_the_end_of_a_group_is_told_after_its_change_in_numbers() -> None:
    told = Told()
    over = status(1, DOWN, done=5, skipped=2, failed=1, cancelled=1, left_out=3, not_public=1)
    told.list.handle((changed(1, DOWN, running=9), ended(over, ("k", DENIED), seconds=7, path=str(Path("out", "x")))))
    result = told.results[0]
    assert result == GroupResult(DOWN, 3, 2, 1, (("k", DENIED),), Path("out", "x"), 1, 3, 1, 7.0, over.connection_id)
    group = told.list.groups[0]
    assert (group.status.ended, group.error, folder_of(group)) == (1007.0, DENIED, Path("out"))


@pytest.mark.parametrize(
    ("counts", "worth"),
    [
        ({"done": 2, "skipped": 2}, False),
        ({"cancelled": 3}, False),
        ({"done": 1}, True),
        ({"failed": 1}, True),
        ({"left_out": 1}, True),
    ],
)
def test_what_the_user_decided_is_not_worth_telling(counts: dict[str, Any], worth: bool) -> None:
    told = Told()
    told.list.handle((ended(status(1, **counts)),))
    assert told.results[0].worth_telling is worth


COUNTS = st.fixed_dictionaries(
    {name: st.integers(0, 3) for name in ("queued", "running", "paused", "failed", "cancelled", "done")}
)
STATUSES = st.builds(
    lambda number, counts, scanning, done, left: status(
        number, scanning=scanning, bytes_done=done, bytes_total=done + left, **counts
    ),
    st.integers(1, 6),
    COUNTS,
    st.booleans(),
    st.integers(0, 100),
    st.integers(0, 100),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STATUSES, max_size=12), st.sets(st.integers(1, 6)))
def test_the_summary_is_that_of_the_groups_there(told: list[Any], gone: set[int]) -> None:
    transfers = TransferList()
    for one in told:
        transfers.handle((changed(one.id), ended(one)))
    transfers.handle((removed(*gone),))
    last = {one.id: one for one in told if one.id not in gone}
    summary = transfers.summary()
    assert [group.id for group in transfers.groups] == sorted(last, reverse=True)
    moving = [one for one in last.values() if one.scanning or one.counts.active]
    assert summary.moving == len(moving)
    assert summary.active == sum(one.counts.active for one in last.values())
    assert summary.paused == sum(one.counts.paused for one in last.values())
    assert summary.failed == sum(one.counts.failed for one in last.values())
    over = [one for one in last.values() if one not in moving and not one.counts.paused and not one.counts.failed]
    assert summary.ended == len(over)
    total = sum(one.bytes_total for one in moving)
    assert summary.share == (pytest.approx(sum(one.bytes_done for one in moving) / total) if total else None)


def test_the_time_left_of_all_is_at_the_speed_of_all() -> None:
    clock, transfers = Clock(), TransferList()
    transfers.handle((changed(1, running=1, bytes_total=1000), changed(2, queued=1, bytes_total=500)))
    running = next(group for group in transfers.groups if group.id == 1)
    running.meter = SpeedMeter(clock)
    running.meter.note(0)
    clock.now = 2.0
    running.meter.note(200)
    assert (transfers.summary().per_second, transfers.summary().seconds_left) == (100, None)
    clock.now = 4.0
    running.meter.note(400)
    assert transfers.summary().seconds_left == pytest.approx(15)


def test_the_summary_says_why_something_waits_as_long_as_it_waits() -> None:
    transfers = TransferList()
    transfers.handle((changed(1, waiting=OFFLINE, queued=1), changed(2, waiting=DENIED, done=1)))
    assert transfers.summary().waiting is OFFLINE
    transfers.handle((changed(1, waiting=OFFLINE, cancelled=1),))
    assert transfers.summary().waiting is None


# ---------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("told", "title"),
    [
        (status(1, names=("a.txt",)), "a.txt → bucket/p/"),
        (status(1, names=("photos/", "b"), chosen=12), "photos and 11 more → bucket/p/"),
        (status(1, DOWN, names=("x/",), place="/home/me"), "x → /home/me"),
        (status(1, DELETE, names=("p/x",)), "Delete x from bucket/p/"),
        (status(1, DELETE, names=("p/d/",), chosen=9), "Delete d (9 objects) from bucket/p/"),
        (status(1, DELETE, names=("p/x", "p/y", "p/z"), chosen=3), "Delete x, y, … (3 objects) from bucket/p/"),
        (status(1, DELETE, names=(), chosen=1), "Delete 1 object from bucket/p/"),
        (status(1, names=(), chosen=3), "3 objects → bucket/p/"),
        (status(1, names=("/",)), "/ → bucket/p/"),
    ],
)
def test_a_group_s_title(told: Any, title: str) -> None:
    assert str(group_title(told)) == title


def test_a_group_s_tip_has_both_places() -> None:
    download = group_tip(status(1, DOWN, names=("x",), chosen=2, place="/home"))
    assert [str(line) for line in download] == ["x", "…", "from bucket", "to /home"]
    assert [str(line) for line in group_tip(status(1, names=("x", "y")))] == ["x", "y", "in bucket/p/"]


@pytest.mark.parametrize(
    ("told", "state", "verbs"),
    [
        (status(1, scanning=True), "Looking for files", (V.PAUSE, V.CANCEL)),
        (status(1, DOWN, scanning=True, queued=1), "Looking for objects", (V.PAUSE, V.CANCEL)),
        (status(1, queued=2), "Waiting", (V.PAUSE, V.CANCEL)),
        (status(1, running=1, queued=1), "Running", (V.PAUSE, V.CANCEL)),
        (status(1, running=1, failed=4), "Running, 4 failed", (V.PAUSE, V.RETRY, V.DETAILS, V.CANCEL)),
        (status(1, queued=2, waiting=OFFLINE), "Waiting for the network", (V.RESUME, V.PAUSE, V.WHY, V.CANCEL)),
        (
            status(1, queued=2, waiting=failure(ErrorKind.THROTTLED)),
            "Waiting: The store asks to slow down",
            (V.RESUME, V.PAUSE, V.CANCEL),
        ),
        (
            status(1, queued=2, waiting=failure(ErrorKind.NOT_S3)),
            "Waiting: The answer did not come from an S3 store",
            (V.RESUME, V.PAUSE, V.WHY, V.CANCEL),
        ),
        (status(1, paused=2, waiting=DENIED), "Paused: The store refused this (403)", (V.RESUME, V.WHY, V.CANCEL)),
        (status(1, paused=2, held=True, waiting=OFFLINE), "Paused", (V.RESUME, V.WHY, V.CANCEL)),
        (status(1, running=1, paused=1, held=True), "Paused", (V.RESUME, V.CANCEL)),
        (status(1, done=2), "Done", (V.REMOVE,)),
        (status(1, DOWN, done=2), "Done", (V.SHOW, V.REMOVE)),
        (status(1, DOWN, done=2, skipped=2), "Done, 2 skipped", (V.REMOVE,)),
        (status(1, done=2, failed=1), "Done, 1 failed", (V.RETRY, V.DETAILS, V.REMOVE)),
        (status(1, failed=2), "All 2 failed", (V.RETRY, V.DETAILS, V.REMOVE)),
        (status(1, cancelled=2), "Cancelled", (V.REMOVE,)),
        (status(1, done=3, cancelled=2, left_out=1), "Done, 1 left out, 2 cancelled", (V.RETRY, V.DETAILS, V.REMOVE)),
        (status(1, done=3, not_public=1), "Done, 1 not public", (V.DETAILS, V.REMOVE)),
        (status(1, DOWN, done=3, unproven=3), "Done, 3 without a checksum", (V.SHOW, V.REMOVE)),
        (status(1, DELETE, done=3, unproven=3), "Done", (V.REMOVE,)),
        (status(1, failed=1), "Failed", (V.RETRY, V.DETAILS, V.REMOVE)),
        (status(1, cancelled=1), "Cancelled", (V.REMOVE,)),
        (status(1, done=1, skipped=1), "Skipped: already exists", (V.REMOVE,)),
        (status(1, done=1, not_public=1), "Stored, but not public", (V.DETAILS, V.REMOVE)),
        (status(1, done=1, unproven=1), "Done, checksum not available", (V.REMOVE,)),
        (status(1, left_out=2), "Done, 2 left out", (V.RETRY, V.DETAILS, V.REMOVE)),
    ],
)
def test_what_a_group_s_state_says_and_offers(told: Any, state: str, verbs: tuple[Verb, ...]) -> None:
    group = TransferGroup(told)
    assert str(group_state(group)) == state
    assert group_verbs(group) == verbs


def test_a_single_failure_says_why() -> None:
    group = TransferGroup(status(1, failed=1), error=DENIED)
    assert str(group_state(group)) == "Failed: The store refused this (403)"


@pytest.mark.parametrize(
    ("told", "amount", "share"),
    [
        (status(1, scanning=True), "None", None),
        (status(1, scanning=True, queued=3, done=1, bytes_total=50, bytes_done=5), "1 of 4 so far · 5 bytes of 50 bytes", 0.1),
        (status(1, running=1, done=1, bytes_total=50, bytes_done=5), "1 of 2 · 5 bytes of 50 bytes", 0.1),
        (status(1, DELETE, running=3, done=1), "1 of 4", 0.25),
        (status(1, DELETE, done=4), "4 objects", 1.0),
        (status(1, DELETE, done=1), "None", 1.0),
        (status(1, running=1, bytes_total=50, bytes_done=5), "5 bytes of 50 bytes", 0.1),
        (status(1, done=1, bytes_total=50, bytes_done=50), "50 bytes", 1.0),
        (status(1, failed=1, bytes_total=50), "50 bytes", 0.0),
        (status(1, done=2, bytes_total=50, bytes_done=50), "2 objects · 50 bytes", 1.0),
        (status(1, left_out=1), "None", 1.0),
    ],
)
def test_how_much_of_a_group_is_done(told: Any, amount: str, share: float | None) -> None:
    group = TransferGroup(told)
    found = group_amount(group)
    assert (str(found) if not hasattr(found, "bytes") else f"{found.bytes} bytes") == amount  # type: ignore[union-attr]
    assert group.share == share


@pytest.mark.parametrize(
    ("one", "state", "verbs"),
    [
        (job(1, S.QUEUED), "Waiting", (V.PAUSE, V.CANCEL)),
        (job(1, S.RUNNING), "Running", (V.PAUSE, V.CANCEL)),
        (
            job(1, S.RUNNING, error=OFFLINE, again=True),
            "Trying again: The store’s address was not found",
            (V.PAUSE, V.CANCEL, V.DETAILS, V.WHY),
        ),
        (job(1, S.PAUSED), "Paused", (V.RESUME, V.CANCEL)),
        (job(1, S.PAUSED, error=DENIED), "Paused: The store refused this (403)", (V.RESUME, V.DETAILS, V.WHY, V.CANCEL)),
        (job(1, S.FAILED, error=DENIED), "Failed: The store refused this (403)", (V.RETRY, V.DETAILS, V.WHY, V.REMOVE)),
        (job(1, S.CANCELLED), "Cancelled", (V.REMOVE,)),
        (job(1, S.DONE, verified=True), "Done", (V.REMOVE,)),
        (job(1, S.DONE), "Done, checksum not available", (V.REMOVE,)),
        (job(1, S.DONE, direction=DOWN, verified=True), "Done", (V.SHOW, V.OPEN, V.REMOVE)),
        (job(1, S.DONE, direction=DOWN, skipped=True), "Skipped: already exists", (V.SHOW, V.REMOVE)),
        (job(1, S.DONE, direction=DELETE), "Done", (V.REMOVE,)),
        (job(1, S.DONE, skipped=True), "Skipped: already exists", (V.REMOVE,)),
        (job(1, S.DONE, not_public=True, verified=True), "Stored, but not public", (V.REMOVE,)),
    ],
)
def test_what_a_job_s_state_says_and_offers(one: Any, state: str, verbs: tuple[Verb, ...]) -> None:
    assert str(job_state(one)) == state
    assert job_verbs(one) == verbs


def test_a_job_s_name_is_what_it_is_called_within_its_group() -> None:
    assert job_name(job(1, S.QUEUED, key="p/d/x"), "p/") == "d/x"
    assert (
        job_name(
            job(
                1,
                S.DONE,
                key="p/x",
            ),
            "q/",
        )
        == "p/x"
    )
    assert job_name(replace(job(1, S.DONE, key="p/x"), key="p/x (2)"), "p/") == "x (2)"
    down = job(7, S.RUNNING, direction=DOWN)
    assert job_name(down, "out") == "7"
    assert job_name(replace(down, path=Path("root", "7 (2)")), "out") == "7 (2)"
    assert job_name(replace(down, path=Path("elsewhere", "y")), "out") == "y"


def test_how_much_of_a_job_is_done() -> None:
    assert str(job_amount(job(1, S.RUNNING, done_bytes=5))) == "5 bytes of 1000 bytes"
    assert str(job_amount(job(1, S.PAUSED, done_bytes=5))) == "5 bytes of 1000 bytes"
    assert job_amount(job(1, S.QUEUED, size=-1)) is None
    assert job_amount(job(1, S.DONE, direction=DELETE)) is None


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (GroupResult(UP, 2, 0, 0, ()), "2 objects uploaded"),
        (
            GroupResult(DOWN, 1, 3, 4, (), failed=5, left_out=6),
            "1 object downloaded, 3 skipped, 4 cancelled, 5 failed, 6 left out",
        ),
        (GroupResult(DELETE, 5, 0, 0, (), failed=1), "5 objects deleted, 1 failed"),
        (GroupResult(UP, 2, 0, 0, (), not_public=2), "2 objects uploaded, 2 not public"),
    ],
)
def test_the_end_in_words(result: GroupResult, said: str) -> None:
    assert str(result_words(result)) == said


# ---------------------------------------------------------------------------------------------------- open groups


class Looked:
    """The open groups of a world, and what they tell."""

    def __init__(self, world: World) -> None:
        self.world, self.engine = world, world.engine
        self.opened = OpenGroups(world.background, world.engine, world.transfers)
        self.told: list[int] = []
        self.opened.changed.add(self.told.append)

    def states(self, group: int) -> list[TransferState]:
        return [one.state for one in self.opened.of(group).jobs]


async def test_an_open_group_is_looked_into_again_only_when_it_moved(world: World) -> None:
    looked = Looked(world)
    engine = looked.engine
    engine.tell(changed(1, queued=2), changed(2, queued=2))
    engine.contents[1] = GroupContent(1, (job(1, S.QUEUED),))
    assert engine.asked == []
    looked.opened.open(1)
    looked.opened.open(1)
    await until(lambda: looked.told == [1])
    assert looked.states(1) == [S.QUEUED]
    engine.contents[1] = GroupContent(1, (job(1, S.RUNNING),))
    engine.tell(changed(2, running=1))
    engine.tell(changed(1, running=1))
    engine.tell(changed(1, running=1))
    await until(lambda: looked.states(1) == [S.RUNNING])
    assert engine.asked == [1, 1]
    looked.opened.close(1)
    assert looked.opened.of(1) == GroupContent(1)
    assert looked.told == [1, 1, 1]
    engine.tell(changed(1, done=1))
    looked.opened.open(1)  # anew
    await until(lambda: looked.states(1) == [S.RUNNING])
    assert engine.asked == [1, 1, 1]
    engine.tell(removed(1))
    assert looked.opened.of(1) == GroupContent(1)
    looked.opened.release()


async def test_why_the_only_job_of_a_group_failed_before_is_asked_for_once(world: World) -> None:
    engine = world.engine
    engine.contents = {n: GroupContent(n, (job(1, S.FAILED, group=n, error=DENIED),)) for n in (1, 2)}
    engine.tell(changed(1, failed=1), changed(3, done=1), changed(4, failed=2))
    looked = Looked(world)
    engine.tell(changed(2, failed=1))
    engine.tell(removed(2))
    group = world.transfers.get(1)
    assert group is not None
    await until(lambda: group.error is DENIED and len(engine.asked) == 2)
    assert sorted(engine.asked) == [1, 2]
    looked.opened.release()
