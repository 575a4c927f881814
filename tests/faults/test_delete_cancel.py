"""S43: a deletion that is cancelled before its answers came. No key is called cancelled that is gone, or may still go."""

from __future__ import annotations

import time

import pytest
from faults import actions
from faults.rig import BUCKET, FaultRig
from faults.server import Action, Exchange, FaultServer

from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.transfers import TransferState

COUNT = 3000
QUICK = 15.0  # seconds: a last word and a last look, on a slow machine; the store would be waited for four times as long


def fill(server: FaultServer) -> list[str]:
    keys = [f"folder/{number:04}" for number in range(COUNT)]
    for key in keys:
        server.store.add(BUCKET, key, b"x")
    return keys


def cancelled(rig: FaultRig, group: int) -> tuple[int, int, int]:
    """How many are done, failed and cancelled after a cancel, which ends soon."""
    began = time.monotonic()
    rig.engine.cancel(group)
    counts = rig.ended(group).status.counts
    assert time.monotonic() - began < QUICK
    return counts.done, counts.failed, counts.cancelled


def unanswered(rig: FaultRig, group: int) -> int:
    """How many keys say that nobody knows."""
    errors = [job.error for job in rig.jobs(group) if job.state is TransferState.FAILED]
    assert all(error and error.kind is ErrorKind.TIMEOUT for error in errors)
    assert all(error and "may be gone" in error.facts.message for error in errors)
    return len(errors)


@pytest.mark.scenario("S43", "a deletion is cancelled while the store is silent", seconds=60)
def test_what_was_done_in_silence_is_told_as_deleted(rig: FaultRig) -> None:
    keys = fill(rig.server)
    rig.server.fault(actions.after(actions.stall()), "DeleteObjects")
    group = rig.delete(*keys)
    rig.poll(lambda: not rig.server.store.keys(BUCKET))
    assert cancelled(rig, group) == (COUNT, 0, 0)
    assert sorted(rig.listener.deleted) == keys


@pytest.mark.scenario("S43", "a deletion is cancelled while the store is silent", seconds=60)
def test_what_may_still_be_done_is_not_called_cancelled(rig: FaultRig) -> None:
    keys = fill(rig.server)
    held = actions.Held()
    rig.server.fault(held, "DeleteObjects")
    group = rig.delete(*keys)
    rig.until_calls("DeleteObjects", 3)
    assert cancelled(rig, group) == (0, COUNT, 0)
    assert unanswered(rig, group) > 0
    held.go.set()
    rig.poll(lambda: not rig.server.store.keys(BUCKET))


@pytest.mark.scenario("S43", "a deletion is cancelled, and nothing answers any more", seconds=60)
def test_a_store_that_is_silent_altogether_is_not_waited_for(rig: FaultRig) -> None:
    keys = fill(rig.server)
    rig.server.fault(actions.stall(), "DeleteObjects", "ListObjectsV2", "ListObjects", "HeadObject")
    group = rig.delete(*keys)
    rig.until_calls("DeleteObjects", 3)
    assert cancelled(rig, group) == (0, COUNT, 0)
    assert unanswered(rig, group) > 0


def late_reset(held: actions.Held) -> Action:
    """It is done, and RST comes when it may."""

    def act(exchange: Exchange) -> None:
        exchange.answer()
        exchange.stream.rest(actions.FOREVER, held.go)
        exchange.reset()

    return act


@pytest.mark.scenario("S43", "a deletion is cancelled, and then its answers are lost", seconds=60)
def test_an_answer_that_is_lost_after_the_cancel(rig: FaultRig) -> None:
    keys, held = fill(rig.server), actions.Held()
    rig.server.fault(late_reset(held), "DeleteObjects")
    group = rig.delete(*keys)
    rig.poll(lambda: not rig.server.store.keys(BUCKET))
    rig.engine.cancel(group)
    held.go.set()
    assert cancelled(rig, group) == (COUNT, 0, 0)
    assert rig.server.count("DeleteObjects") == 3, "none was sent again"
    assert rig.server.count("HeadObject") == 0
