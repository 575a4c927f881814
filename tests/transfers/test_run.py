from __future__ import annotations

import pytest
from fakes.memory_store import MemoryStore
from transfers.rig import LIMITS, NO_WAITS, failure

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled, ErrorKind
from cloudtemple_browser.transfers.progress import Meter
from cloudtemple_browser.transfers.run import KeyClaims, Run

REF = ObjectRef("bucket", "key")


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def run(told: list[int]) -> Run:
    meter = Meter(100, lambda done, _total: told.append(done))
    return Run(MemoryStore(), CallControl(meter.moved), meter, LIMITS, NO_WAITS, KeyClaims())


def test_what_a_failed_attempt_counted_is_taken_back(run: Run, told: list[int]) -> None:
    attempts = iter([30, 7, 10])

    def call() -> str:
        moved = next(attempts)
        run.control.moved(moved)
        if moved != 10:
            raise failure(ErrorKind.TIMEOUT)
        return "done"

    run.meter.settle(5)
    assert run.counted(10, call) == "done"
    assert told == [5, 35, 5, 12, 5, 15]


def test_a_store_that_does_not_tell_is_counted_all_the_same(run: Run, told: list[int]) -> None:
    run.counted(10, lambda: None)
    run.counted(20, lambda: run.control.moved(25))
    assert told == [10, 35, 30]


def test_nothing_begins_after_the_cancel(run: Run) -> None:
    run.control.cancel()
    with pytest.raises(Cancelled):
        run.counted(10, lambda: pytest.fail("called"))


def test_claims_tell_who_is_alone() -> None:
    claims = KeyClaims()
    with claims.hold("a", REF) as first, claims.hold("a", REF) as second, claims.hold("b", REF) as other:
        assert (first, second, other) == (True, False, True)
    with claims.hold("a", REF) as again, pytest.raises(ValueError, match="x"), claims.hold("b", REF):
        raise ValueError("x")
    with claims.hold("b", REF) as free:
        assert again
        assert free
