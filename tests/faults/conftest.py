"""What the scenarios share: the server, the engine on it, the window on it, and a time limit for each: a hang is a failure."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from faults.crash import program
from faults.opener import opener
from faults.rig import FaultRig
from faults.scorecard import AGAIN, MARK, Scenario
from faults.server import FaultServer
from journeys.conftest import desk, log_file, modern, pytest_itemcollected, pytest_pyfunc_call, strict

from cloudtemple_browser.workers.pool import Pool

__all__ = ["desk", "log_file", "modern", "opener", "program", "pytest_itemcollected", "pytest_pyfunc_call", "strict"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """End a scenario that takes longer than it may."""
    marker = item.get_closest_marker(MARK)
    limit = Scenario.of(marker).seconds if marker else 60.0
    here = threading.current_thread() is threading.main_thread()
    if not here or not hasattr(signal, "SIGALRM"):  # there the test runner's own limit ends it
        return (yield)

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"it takes longer than {limit:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A fault server of this test, with a bucket."""
    with FaultServer() as server:
        server.store.add_bucket("bucket")
        yield server


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """The engine processes of the test run."""
    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture
def rig(server: FaultServer, pool: Pool, tmp_path: Any) -> Iterator[FaultRig]:
    """The engine on the fault server, as the program has it: real waits, real processes, parts of 5 MiB."""
    rig = FaultRig(tmp_path / "journal", server, pool)
    yield rig
    rig.close()


@pytest.fixture
def again(record_property: Any) -> Any:
    """``again(bytes)``: how many bytes went over the wire once more than they had to; it goes into the scorecard."""
    return lambda count: record_property(AGAIN, int(count))
