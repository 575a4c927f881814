"""The engine processes: pages come through them, they are replaced when they die or hang, and end with the program."""

from __future__ import annotations

import gc
import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Lock, Thread

import pytest
from servers.raw import Answer, Handler, RawServer, Request, s3_answer, s3_error
from waiting import eventually

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.paging import PageAnswer, PageRequest
from cloudtemple_browser.model.query import Match, Query, Sieve
from cloudtemple_browser.model.traits import Learnt
from cloudtemple_browser.workers import pool as pools
from cloudtemple_browser.workers.messages import Open, Page
from cloudtemple_browser.workers.pool import Pool
from cloudtemple_browser.workers.store import REQUESTS, EngineStore, EngineStoreFactory

SECRET = SecretText("CANARYsecretCANARYsecretCANARYsecret1234")
Begin = Callable[[Handler], EngineStore]


def listing(request: Request, after: str = "") -> Answer:
    """Numbers from 00000 to 09999, in pages of what was asked for."""
    after = after or request.query.get("continuation-token") or request.query.get("start-after") or ""
    first = int(after[:5]) + 1 if after else 0
    count = min(int(request.query["max-keys"]), 1000, 10_000 - first)
    keys = [f"{n:05}" for n in range(first, first + count)]
    more = first + count < 10_000
    token = f"<NextContinuationToken>{keys[-1]}</NextContinuationToken>" if more else ""
    entries = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in keys)
    top = f"<Name>b</Name><KeyCount>{count}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
    return s3_answer(200, f"<ListBucketResult>{top}{token}{entries}</ListBucketResult>")


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Two processes at most."""
    made = Pool(2)
    yield made
    made.close()


@pytest.fixture
def begin(pool: Pool) -> Iterator[Begin]:
    """Start a server and open a store on it."""
    with ExitStack() as stack:

        def start(handler: Handler) -> EngineStore:
            server = stack.enter_context(RawServer(handler))
            store = EngineStoreFactory(pool).open(Connection("raw", server.endpoint, "AKTEST"), SECRET)
            stack.callback(store.close)
            return store

        yield start


def children(pool: Pool) -> list[int]:
    """The process ids."""
    return [process._child.pid for process in pool._processes]


def test_a_listing_comes_whole_through_two_processes(pool: Pool, begin: Begin) -> None:
    store = begin(listing)
    keys = [key for page in store.list_pages("bucket", "", "", CallControl()) for key in page.keys]
    assert sorted(keys) == [f"{n:05}" for n in range(10_000)]
    assert len(children(pool)) == 2


def test_a_store_that_refuses_start_after_is_listed_page_by_page(begin: Begin) -> None:
    def handler(request: Request) -> Answer:
        refused = "start-after" in request.query or "list-type" not in request.query
        return s3_error(501, "NotImplemented", "no") if refused else listing(request)

    keys = [key for page in begin(handler).list_pages("bucket", "", "", CallControl()) for key in page.keys]
    assert keys == [f"{n:05}" for n in range(10_000)]


def test_a_store_that_takes_start_after_as_a_marker_only(begin: Begin) -> None:
    """It refuses ListObjectsV2 with start-after, and answers ListObjects: its tokens stay ListObjectsV2's."""

    def handler(request: Request) -> Answer:
        if "list-type" in request.query:
            return s3_error(400, "InvalidArgument", "no") if "start-after" in request.query else listing(request)
        return listing(request, request.query.get("marker", ""))

    store = begin(handler)
    try:
        keys = [key for page in store.list_pages("bucket", "", "", CallControl()) for key in page.keys]
    except BrowserError as error:
        assert error.kind is ErrorKind.LIST_AGAIN  # noqa: PT017 - or it is whole
        keys = [key for page in store.list_pages("bucket", "", "", CallControl()) for key in page.keys]
    assert sorted(keys) == [f"{n:05}" for n in range(10_000)]


def test_the_key_of_a_store_that_nobody_uses_is_forgotten(pool: Pool) -> None:
    store = EngineStoreFactory(pool).open(Connection("raw", "http://127.0.0.1:1", "AK"), SECRET)
    assert pool._stores
    del store
    gc.collect()
    assert not pool._stores


def test_a_survey_sends_back_what_was_made_of_the_pages(begin: Begin) -> None:
    assert sum(begin(listing).survey("bucket", "", len, CallControl())) == 10_000


def test_a_refusal_comes_back_as_it_would_from_here(begin: Begin) -> None:
    store = begin(lambda _request: s3_error(403, "AccessDenied", "no"))
    with pytest.raises(BrowserError) as caught:
        list(store.list_pages("bucket", "", "", CallControl()))
    assert caught.value.kind is ErrorKind.ACCESS_DENIED
    assert (caught.value.facts.status, caught.value.facts.subject) == (403, "s3://bucket/")


def test_a_mistake_in_a_look_is_told(begin: Begin) -> None:
    with pytest.raises(BrowserError) as caught:
        list(begin(listing).survey("bucket", "", partial(divmod, 1), CallControl()))
    assert caught.value.kind is ErrorKind.INTERNAL
    assert "TypeError" in caught.value.facts.message


def test_a_process_that_dies_is_replaced_and_nothing_is_lost(pool: Pool, begin: Begin) -> None:
    store = begin(listing)
    pages = store.list_pages("bucket", "", "", CallControl())
    keys = list(next(pages).keys)
    for pid in children(pool):
        os.kill(pid, signal.SIGKILL)
    keys += [key for page in pages for key in page.keys]
    assert sorted(keys) == [f"{n:05}" for n in range(10_000)]


def test_cancel_returns_at_once_though_the_store_is_silent(begin: Begin) -> None:
    asked: queue.SimpleQueue[Request] = queue.SimpleQueue()
    release: queue.SimpleQueue[None] = queue.SimpleQueue()

    def silent(request: Request) -> Answer:
        asked.put(request)
        release.get()
        return listing(request)

    store, control = begin(silent), CallControl()
    pages = store.list_pages("bucket", "", "", control)
    results: queue.SimpleQueue[float | BaseException] = queue.SimpleQueue()

    def run() -> None:
        try:
            list(pages)
        except Cancelled:
            results.put(time.monotonic())

    thread = Thread(target=run)
    thread.start()
    asked.get(timeout=20)
    begun = time.monotonic()
    control.cancel()
    ended = results.get(timeout=20)
    thread.join()
    for _ in range(8):
        release.put(None)
    assert isinstance(ended, float)
    assert ended - begun < 10.0  # the store stays silent for longer


def test_what_may_hang_has_a_process_of_its_own_which_is_replaced(
    pool: Pool, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "_STUCK", 0.2)
    asked: queue.SimpleQueue[Request] = queue.SimpleQueue()

    def handler(request: Request) -> Answer:
        asked.put(request)
        if request.query.get("prefix"):
            xml = f"<Contents><Key>{'0' * 60}1</Key><Size>1</Size></Contents>"
            return s3_answer(200, f"<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>{xml}</ListBucketResult>")
        return listing(request)

    store = begin(handler)
    pool.warm_up()
    others = children(pool)
    told: list[PageAnswer | Exception] = []
    catastrophe = Sieve(Query("(0+)+$", Match.REGEX), "")
    number = pool.number()
    pool.submit(number, store._id, Page(PageRequest("bucket", "0"), catastrophe), told.append)
    (apart,) = set(children(pool)) - set(others)
    asked.get(timeout=20)  # by then it is ready, and not hanging yet
    assert sum(store.survey("bucket", "", len, CallControl())) == 10_000  # which it does not hold up
    pool.cancel({number})
    harmless = Sieve(Query("^0000.$", Match.REGEX), "")
    assert sum(len(found.page.keys) for found in store.survey("bucket", "", harmless, CallControl())) == 10
    eventually(lambda: apart not in children(pool), "it is replaced")
    eventually(lambda: told, "the cancelled page is let go")
    assert isinstance(told[0], Cancelled)
    assert set(others) <= set(children(pool))  # nobody else is touched


@pytest.mark.parametrize("regex", [True, False])
def test_who_changes_his_mind_again_and_again_does_not_fill_the_machine(
    pool: Pool, begin: Begin, regex: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the first process is starting, however long that takes: it hangs no more than others."""
    monkeypatch.setattr(pools, "_STUCK", 0.1)
    monkeypatch.setattr(pools, "_IDLE", 1.0)
    store = begin(listing)
    look = Sieve(Query("^0000.$", Match.REGEX), "") if regex else len
    told: list[PageAnswer | Exception] = []

    def change_mind() -> None:
        number = pool.number()
        pool.submit(number, store._id, Page(PageRequest("bucket"), look), told.append)
        pool.cancel({number})

    change_mind()
    (first,) = children(pool)
    os.kill(first, signal.SIGSTOP)
    begun = time.monotonic()
    eventually(lambda: time.monotonic() - begun > 0.5)  # it was looked at several times
    monkeypatch.setattr(pools, "_STUCK", 2.0)
    os.kill(first, signal.SIGCONT)
    for count in range(2, 13):
        eventually(lambda count=count: len(told) == count - 1)  # type: ignore[misc]
        change_mind()
        assert len(children(pool)) <= 2
    eventually(lambda: len(told) == 12)
    assert first in children(pool)
    assert {type(one) for one in told} <= {Cancelled, PageAnswer}, told  # a page may be there before its cancel is
    if regex:
        eventually(lambda: not children(pool), "what is not always needed goes")
    found = sum(
        len(found.page.keys) for found in store.survey("bucket", "", Sieve(Query("^0000.$", Match.REGEX)), CallControl())
    )
    assert found == 10


def test_requests_wait_their_turn(begin: Begin) -> None:
    most, now = [0], [0]
    lock = Lock()

    def counting(request: Request) -> Answer:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.005)
        with lock:
            now[0] -= 1
        return listing(request)

    store = begin(counting)
    walks = [store.survey("bucket", "", len, CallControl()) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(sum, walks)) == [10_000] * 3
    assert most[0] <= REQUESTS


def test_a_closed_store_fails_its_listings(begin: Begin) -> None:
    store = begin(listing)
    pages = store.list_pages("bucket", "", "", CallControl())
    next(pages)
    store.close()
    with pytest.raises(BrowserError) as caught:
        list(pages)
    assert caught.value.kind is ErrorKind.CONNECTION_LOST


def test_the_processes_end_with_the_pool() -> None:
    pool = Pool(1)
    pool.warm_up()
    (pid,) = children(pool)
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    told: list[PageAnswer | Exception] = []
    pool.open(Open(1, Connection("raw", "http://127.0.0.1:1", "AK"), SECRET), Learnt())
    pool.submit(pool.number(), 1, Page(PageRequest("bucket"), None), told.append)
    assert isinstance(told[0], BrowserError)


def test_no_secret_is_in_the_process_list(pool: Pool, begin: Begin) -> None:
    store = begin(listing)
    next(store.list_pages("bucket", "", "", CallControl()))
    for pid in children(pool):
        for name in ("cmdline", "environ"):
            assert SECRET.reveal().encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
