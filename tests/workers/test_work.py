"""Byte work in the engine processes: what it returns, how it is cancelled, balanced and limited."""

from __future__ import annotations

import gc
import os
import queue
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from servers.raw import Answer, Handler, RawServer, Request, s3_answer, s3_error
from waiting import eventually
from workers.work import Dying, Mistaken, Put, Read, Waiting

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.workers import pool as pools
from cloudtemple_browser.workers.engine import BYTE_THREADS
from cloudtemple_browser.workers.pool import Pool
from cloudtemple_browser.workers.store import EngineStore, EngineStoreFactory

SECRET = SecretText("CANARYsecretCANARYsecretCANARYsecret1234")
LISTING = "<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
Begin = Callable[[Handler], EngineStore]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """Two processes at most, which can import ``workers.work``."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    made = Pool(2)
    yield made
    made.close()


@pytest.fixture
def begin(pool: Pool) -> Iterator[Begin]:
    """Start a server that keeps its connections and open a store on it."""
    with ExitStack() as stack:

        def start(handler: Handler) -> EngineStore:
            server = stack.enter_context(RawServer(handler, keep=10_000))
            store = EngineStoreFactory(pool).open(Connection("raw", server.endpoint, "AKTEST"), SECRET)
            stack.callback(store.close)
            return store

        yield start


def stored(request: Request) -> Answer:
    """A store that takes everything, holds as much as anybody wants, and has nothing to list."""
    if request.method == "PUT":
        return s3_answer(200, ETag='"e-1"', Connection="keep-alive")
    if "range" not in request.headers:
        return s3_answer(200, LISTING, Connection="keep-alive")
    last = int(request.headers["range"].rpartition("-")[2])
    given = {"Content_Range": f"bytes 0-{last}/{last + 1}"}
    return s3_answer(206, bytes(last + 1), ETag='"e"', Connection="keep-alive", **given)


class Told:
    """What became of work."""

    def __init__(self) -> None:
        self.results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.moved: list[int] = []

    def begin(self, store: EngineStore, work: Any) -> CallControl:
        """Begin work."""
        control = CallControl(self.moved.append)
        store.work(work, control, self.results.put)
        return control

    def result(self) -> Any:
        """The next result."""
        return self.results.get(timeout=30)


def test_what_work_returns_and_what_it_moved(begin: Begin) -> None:
    told = Told()
    told.begin(begin(stored), Read(1 << 20))
    assert told.result().size == 1 << 20
    assert sum(told.moved) == 1 << 20


def test_bytes_are_told_now_and_then_and_to_the_last(begin: Begin) -> None:
    told, begun = Told(), time.monotonic()
    told.begin(begin(stored), Put(1000, 500))
    assert isinstance(told.result(), int)
    assert sum(told.moved) == 500_000
    assert len(told.moved) <= (time.monotonic() - begun) * 10 + 2


def test_a_refusal_is_told_as_it_is(begin: Begin) -> None:
    told = Told()
    told.begin(begin(lambda _request: s3_error(503, "SlowDown").replace(b"\r\n", b"\r\nRetry-After: 7\r\n", 1)), Put(1))
    error = told.result()
    assert isinstance(error, BrowserError)
    assert (error.kind, error.facts.retry_after) == (ErrorKind.THROTTLED, 7.0)


@pytest.mark.parametrize("unpicklable", [False, True])
def test_a_mistake_is_told(begin: Begin, unpicklable: bool) -> None:
    told = Told()
    told.begin(begin(stored), Mistaken(unpicklable))
    error = told.result()
    assert isinstance(error, BrowserError)
    assert error.kind is ErrorKind.INTERNAL


def test_work_is_spread_over_two_processes(begin: Begin) -> None:
    told, store = Told(), begin(stored)
    for _ in range(8):
        told.begin(store, Put(1000, 20))
    assert Counter(told.result() for _ in range(8)).most_common()[-1][1] >= 2


def test_cancel_wakes_work_that_waits_for_its_store(pool: Pool, begin: Begin) -> None:
    asked, release = threading.Event(), threading.Event()

    def silent(_request: Request) -> Answer:
        asked.set()
        release.wait(20)
        return b""

    told, store = Told(), begin(silent)
    control = told.begin(store, Put(1))
    asked.wait(20)
    before, begun = list(pool._processes), time.monotonic()
    control.cancel()
    assert isinstance(told.result(), Cancelled)
    assert time.monotonic() - begun < 10.0
    assert pool._processes == before
    release.set()


def test_work_that_was_cancelled_has_ended_when_that_is_told(begin: Begin, tmp_path: Path) -> None:
    told = Told()
    control = told.begin(begin(stored), Waiting(tmp_path / "ended"))
    eventually((tmp_path / "begun").exists)
    control.cancel()
    told.result()
    assert (tmp_path / "ended").exists()


def test_what_was_cancelled_before_does_not_begin(begin: Begin, tmp_path: Path) -> None:
    told, control = Told(), CallControl()
    control.cancel()
    begin(stored).work(Waiting(tmp_path / "mark"), control, told.results.put)
    assert isinstance(told.result(), Cancelled)
    assert not (tmp_path / "mark").exists()


def test_pages_come_while_all_byte_threads_wait_and_what_waits_is_cancelled_at_once(begin: Begin, tmp_path: Path) -> None:
    told, store = Told(), begin(stored)
    controls = [told.begin(store, Waiting(tmp_path / str(n))) for n in range(2 * BYTE_THREADS + 10)]
    assert len(list(store.list_pages("bucket", "", "", CallControl()))) == 1
    controls[-1].cancel()
    begun = time.monotonic()
    assert isinstance(told.result(), Cancelled)
    assert time.monotonic() - begun < 10.0
    for control in controls:
        control.cancel()
    for _ in controls[1:]:
        told.result()


def test_work_whose_process_dies_is_not_done_twice_blindly(begin: Begin, tmp_path: Path) -> None:
    told = Told()
    told.begin(begin(stored), Dying(tmp_path, 1))
    error = told.result()
    assert isinstance(error, BrowserError)
    assert error.kind is ErrorKind.CONNECTION_LOST, "who asked for it looks before it is tried again"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_store_lives_as_long_as_its_work(begin: Begin, pool: Pool) -> None:
    release = threading.Event()

    def slow(request: Request) -> Answer:
        release.wait(20)
        return stored(request)

    with RawServer(slow) as server:
        store = EngineStoreFactory(pool).open(Connection("raw", server.endpoint, "AK"), SECRET)
        told = Told()
        told.begin(store, Put(1))
        del store
        gc.collect()
        release.set()
        assert isinstance(told.result(), int)


def test_closing_a_store_ends_its_work(begin: Begin) -> None:
    asked, release = threading.Event(), threading.Event()

    def silent(_request: Request) -> Answer:
        asked.set()
        release.wait(20)
        return b""

    told, store = Told(), begin(silent)
    told.begin(store, Put(1))
    asked.wait(20)
    store.close()
    error = told.result()
    assert isinstance(error, BrowserError)
    assert error.kind is ErrorKind.CONNECTION_LOST
    told.begin(store, Put(1))
    assert told.result().kind is ErrorKind.CONNECTION_LOST
    release.set()


def test_under_a_limit_one_process_moves_everything(pool: Pool, begin: Begin) -> None:
    told, store = Told(), begin(stored)
    told.begin(store, Put(1))
    told.result()
    pool.limit(200_000, 0)
    begun = time.monotonic()
    for _ in range(4):
        told.begin(store, Put(50_000, 2))
    assert len({told.result() for _ in range(4)}) == 1
    limited = time.monotonic() - begun
    assert limited > 1.2
    pool.limit(0, 0)
    begun = time.monotonic()
    for _ in range(4):
        told.begin(store, Put(50_000, 2))
    assert len({told.result() for _ in range(4)}) == 2
    assert time.monotonic() - begun < limited / 2


def test_a_limit_holds_for_what_runs_already_in_both_processes(pool: Pool, begin: Begin) -> None:
    told, store = Told(), begin(stored)
    pool.warm_up()
    controls = [told.begin(store, Put(40_000, 1_000_000)) for _ in range(2)]
    eventually(lambda: sum(told.moved))
    pool.limit(200_000, 0)
    eventually(lambda: told.moved[-1] < 100_000)  # what was on its way is told
    begun, before = time.monotonic(), sum(told.moved)
    eventually(lambda: sum(told.moved) > before + 300_000)
    assert time.monotonic() - begun > 1.0
    for control in controls:
        control.cancel()
    assert all(isinstance(told.result(), Cancelled) for _ in controls)


def test_work_that_does_not_let_go_is_ended_with_its_process(pool: Pool, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_STUCK", 0.1)
    monkeypatch.setattr(pools, "_STUCK_BYTES", 0.3)
    told, store = Told(), begin(stored)
    told.begin(store, Put(1))
    stopped = told.result()
    os.kill(stopped, signal.SIGSTOP)
    try:
        controls = [told.begin(store, Put(1)) for _ in range(2)]  # one in each process
        ends = [told.result()]
        for control in controls:
            control.cancel()
        ends.append(told.result())
        assert any(isinstance(end, Cancelled) for end in ends)
        assert stopped not in [process._child.pid for process in pool._processes]
    finally:
        for process in pool._processes:
            os.kill(process._child.pid, signal.SIGCONT)
