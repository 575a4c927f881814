"""How much goes to a connection at once, and when nothing does."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.memory_store import MemoryStore
from transfers.rig import failure

from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.transfers import run
from cloudtemple_browser.transfers.lane import MOST_BYTES, Lane, Refused, Slots, _Pace
from cloudtemple_browser.transfers.retry import RetryPolicy

POLICY = RetryPolicy(first=0.02, longest=0.05, longest_offline=0.05, jitter=lambda: 0.0)
SLOW = BrowserError(ErrorKind.THROTTLED, ErrorFacts(code="SlowDown"))
OFFLINE = failure(ErrorKind.DNS)


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(**given: Any) -> None:
        asyncio.run(asyncio.wait_for(_awaited(test(**given)), 20))

    return run


async def _awaited(test: Awaitable[None]) -> None:
    await test


async def settle() -> None:
    """Let everybody go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Holder:
    """Holds slots until told otherwise, and remembers the order in which they were given."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self.order: list[str] = []
        self._held: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    async def take(self, name: str, weight: int = 1, count: int = 1) -> None:
        event = asyncio.Event()

        async def hold() -> None:
            async with self._slots.take(weight, count):
                self.order.append(name)
                await event.wait()

        self._held[name] = event, asyncio.create_task(hold())
        await settle()

    async def leave(self, name: str) -> None:
        self._held[name][0].set()
        await self._held.pop(name)[1]
        await settle()

    async def give_up(self, name: str) -> None:
        self._held.pop(name)[1].cancel()
        await settle()

    async def end(self) -> None:
        for name in tuple(self._held):
            await self.give_up(name)
        assert self._slots.taken == 0
        assert self._slots._bytes == 0


def make_lane(policy: RetryPolicy = POLICY, open_store: Callable[[str], Any] | None = None) -> Lane:
    return Lane("c", open_store or (lambda _id: MemoryStore()), policy, lambda: None)


# --------------------------------------------------------------------------------------------------------------- slots


@in_loop
async def test_only_so_many_go_at_once_in_order() -> None:
    slots = Slots(2)
    holder = Holder(slots)
    for name in "abcd":
        await holder.take(name)
    assert holder.order == ["a", "b"]
    assert slots.full
    await holder.leave("b")
    assert holder.order == ["a", "b", "c"]
    slots.limit = 3
    slots.wake()
    await settle()
    assert holder.order == ["a", "b", "c", "d"]
    slots.limit = 1  # those who are in stay
    await holder.take("e")
    await holder.leave("a")
    await holder.leave("c")
    assert holder.order[-1] == "d"
    await holder.leave("d")
    assert holder.order[-1] == "e"
    await holder.end()


@in_loop
async def test_their_bytes_are_limited_and_a_heavy_one_is_not_overtaken() -> None:
    holder = Holder(Slots(10))
    half = MOST_BYTES // 2
    await holder.take("a", half)
    await holder.take("b", half)
    await holder.take("heavy", 2 * MOST_BYTES)
    await holder.take("light", 1)
    assert holder.order == ["a", "b"], "the light one would fit in nowhere, and must not go before the heavy one"
    await holder.leave("a")
    assert holder.order == ["a", "b"]
    await holder.leave("b")
    assert holder.order == ["a", "b", "heavy"], "alone it goes, however heavy"
    await holder.leave("heavy")
    assert holder.order[-1] == "light"
    await holder.end()


@in_loop
async def test_several_requests_take_as_many_places() -> None:
    slots = Slots(10)
    holder = Holder(slots)
    await holder.take("a", count=6)
    await holder.take("b", count=6)
    await holder.take("c", count=2)
    assert holder.order == ["a"], "nobody overtakes"
    await holder.leave("a")
    assert holder.order == ["a", "b", "c"]
    await holder.leave("b")
    await holder.leave("c")
    slots.limit = 1
    await holder.take("many", count=6)
    assert holder.order[-1] == "many", "alone it goes, however many: it asks for the limit when it begins"
    await holder.end()


@in_loop
async def test_one_that_gives_up_waiting_keeps_nobody_waiting() -> None:
    holder = Holder(Slots(10))
    await holder.take("a", MOST_BYTES - 1)
    await holder.take("heavy", MOST_BYTES)
    await holder.take("light", 1)
    assert holder.order == ["a"]
    await holder.give_up("heavy")
    assert holder.order == ["a", "light"]
    await holder.end()


@in_loop
async def test_one_that_gives_up_in_the_moment_it_is_let_in_gives_its_place_back() -> None:
    slots = Slots(1)
    holder, first = Holder(slots), slots.take(1)
    await first.__aenter__()
    await holder.take("a")
    await holder.take("b")
    await first.__aexit__(None, None, None)  # lets a in ...
    await holder.give_up("a")  # ... which has not run since
    assert holder.order == ["b"]
    await holder.end()


# ---------------------------------------------------------------------------------------------------------------- pace


def test_more_at_once_while_that_brings_more() -> None:
    pace = _Pace(limit=8)
    seen = [pace.limit]
    for rate in (100.0, 150.0, 200.0):
        pace.measured(rate, full=True)
        seen.append(pace.limit)
    assert seen == sorted(set(seen)), "each time more"
    best = pace.limit
    pace.measured(201.0, full=True)
    assert pace.limit == seen[-2] < best, "the last step brought nothing"
    pace.measured(1000.0, full=True)
    assert pace.limit == seen[-2], "and stays for a while"
    later = set()
    for _ in range(60):
        pace.measured(1000.0, full=True)
        later.add(pace.limit)
    assert max(later) > seen[-2], "then it tries again"


def test_what_was_not_asked_for_measures_nothing() -> None:
    pace = _Pace()
    before = pace.limit
    for rate in (1.0, 100.0, 10_000.0):
        pace.measured(rate, full=False)
    assert pace.limit == before


def test_never_more_than_the_user_wants() -> None:
    lane = make_lane()
    lane.allow(4)
    assert lane.slots.limit == 4
    for rate in (1.0, 10.0, 100.0, 1000.0):
        lane._pace.measured(rate, full=True)
    assert lane._pace.limit == 4


# ---------------------------------------------------------------------------------------------------------- busy, offline


@in_loop
async def test_a_busy_store_gets_half_as_many_once_for_all_that_were_under_way() -> None:
    lane = make_lane()
    before, began = lane.slots.limit, time.monotonic()
    for _ in range(before):
        lane.failed(SLOW, began, 0)
    assert lane._pace.limit == before // 2
    assert repr(lane.trouble) == repr(SLOW)
    await lane.clear()
    assert time.monotonic() - began >= POLICY.first
    lane.succeeded(1)
    assert lane.trouble is None
    assert lane.slots.limit == before // 2, "it comes back by measuring, not at once"


@in_loop
async def test_a_store_that_says_how_long_is_left_alone_so_long() -> None:
    lane = make_lane()
    began = time.monotonic()
    lane.failed(BrowserError(ErrorKind.THROTTLED, ErrorFacts(retry_after=0.3)), began, 0)
    await lane.clear()
    assert time.monotonic() - began >= 0.3


@in_loop
async def test_one_request_at_a_time_finds_out_whether_the_network_is_back() -> None:
    """However many wait: between two of them there is a pause, and the pauses become longer."""
    policy = RetryPolicy(first=0.01, longest_offline=0.2, jitter=lambda: 0.0)
    lane = make_lane(policy)
    tries: list[float] = []
    online, done, most, enough = False, 0, lane.slots.limit, asyncio.Event()

    async def transfer() -> None:
        nonlocal done
        while True:
            async with lane.turn(1):
                began, successes = time.monotonic(), lane.successes
                tries.append(began)
                await asyncio.sleep(0.001)
                if online:
                    lane.succeeded(1)
                    done += 1
                    return
            lane.failed(OFFLINE, began, successes)
            if len(tries) >= 2 * most + 5:
                enough.set()

    tasks = [asyncio.create_task(transfer()) for _ in range(100)]
    probes = 2 * most  # what was under way, and once again: it may have been a moment's failure
    await enough.wait()
    pauses = [later - earlier for earlier, later in zip(tries[probes:], tries[probes + 1 :], strict=False)]
    assert all(pause >= 0.02 for pause in pauses), f"{len(tries)} tries, {pauses}"
    assert lane.slots.limit == 1
    online = True
    await asyncio.gather(*tasks)
    assert done == 100
    assert lane.slots.limit >= most
    assert lane.trouble is None


@in_loop
async def test_a_failure_of_one_request_while_others_are_answered_holds_nobody() -> None:
    lane = make_lane()
    began, successes = time.monotonic(), lane.successes
    lane.succeeded(1)
    lane.failed(OFFLINE, began, successes)
    assert lane.trouble is None
    await asyncio.wait_for(lane.clear(), 0.01)


@in_loop
async def test_a_server_error_concerns_its_request_alone() -> None:
    lane = make_lane()
    lane.failed(failure(ErrorKind.SERVER), time.monotonic(), 0)
    lane.failed(failure(ErrorKind.BAD_REQUEST), time.monotonic(), 0)
    assert lane.trouble is None


@in_loop
async def test_the_users_word_ends_a_wait_at_once_and_opens_the_connection_anew() -> None:
    opened: list[str] = []

    def open_store(connection: str) -> MemoryStore:
        opened.append(connection)
        return MemoryStore()

    lane = make_lane(RetryPolicy(first=60.0), open_store)
    await lane.store()
    await lane.store()
    assert opened == ["c"]
    lane.failed(OFFLINE, time.monotonic(), 0)
    waiting = asyncio.create_task(lane.clear())
    await settle()
    assert not waiting.done()
    lane.retry_now()
    await asyncio.wait_for(waiting, 5)
    await lane.store()
    assert opened == ["c", "c"]


# ------------------------------------------------------------------------------------------------------------- refusals


@in_loop
async def test_a_refused_key_stops_everybody_until_the_user_says_go() -> None:
    lane = make_lane()
    lane.failed(OFFLINE, time.monotonic(), 0)
    waiting = asyncio.create_task(lane.clear())
    await settle()
    with pytest.raises(Refused):
        lane.failed(failure(ErrorKind.WRONG_SECRET), time.monotonic(), 0)
    with pytest.raises(Refused) as caught:
        await waiting
    assert caught.value.error.kind is ErrorKind.WRONG_SECRET
    with pytest.raises(Refused):
        async with lane.turn(1):
            pass
    lane.retry_now()
    async with lane.turn(1):
        assert lane.slots.taken == 1
    assert lane.slots.taken == 0


@in_loop
async def test_one_that_waits_for_its_turn_when_the_key_is_refused_does_not_go() -> None:
    lane = make_lane()
    lane.allow(1)
    first = lane.turn(1)
    await first.__aenter__()
    second = asyncio.create_task(lane.turn(1).__aenter__())
    await settle()
    lane.refuse(failure(ErrorKind.WRONG_SECRET))
    await first.__aexit__(None, None, None)
    with pytest.raises(Refused):
        await second
    assert lane.slots.taken == 0


@in_loop
async def test_a_connection_that_cannot_be_opened_is_refused_and_asked_for_once() -> None:
    opened: list[str] = []

    def open_store(connection: str) -> MemoryStore:
        opened.append(connection)
        raise failure(ErrorKind.KEYRING_LOCKED)

    lane = make_lane(open_store=open_store)
    answers = await asyncio.gather(*(lane.store() for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Refused] * 5
    assert opened == ["c"]
    assert lane.refused
    assert lane.refused.kind is ErrorKind.KEYRING_LOCKED


def denied(subject: str) -> BrowserError:
    return BrowserError(ErrorKind.ACCESS_DENIED, ErrorFacts(subject=subject))


@in_loop
async def test_what_answers_in_the_place_of_the_store_is_waited_out_one_at_a_time() -> None:
    lane = make_lane()
    portal = failure(ErrorKind.NOT_S3)
    for _ in range(3):
        lane.refuse(portal)
        with pytest.raises(Refused):
            await lane.clear()
        await asyncio.sleep(0.1)  # twice as long as it waits at most
        await lane.clear()
    assert (lane.trouble, lane.slots.limit, lane.holds) == (portal, 1, False)
    lane.succeeded(1)
    assert lane.trouble is None
    assert lane.slots.limit > 1
    lane.refuse(failure(ErrorKind.WRONG_SECRET))
    await asyncio.sleep(0.1)
    with pytest.raises(Refused):
        await lane.clear()


@in_loop
async def test_denied_for_different_objects_in_a_row_concerns_the_connection() -> None:
    lane = make_lane()
    for _ in range(9):
        lane.failed(denied("s3://b/a"), 0.0, 0)  # the same one again tells nothing new
    lane.failed(denied("s3://b/b"), 0.0, 0)
    lane.succeeded(1)
    lane.failed(denied("s3://b/c"), 0.0, 1)
    lane.failed(denied("s3://b/d"), 0.0, 1)
    with pytest.raises(Refused):
        lane.failed(denied("s3://b/e"), 0.0, 1)
    lane.retry_now()
    for name in "cdefgh":
        lane.failed(denied(f"s3://b/{name}"), 0.0, 1)  # the user knows
    assert not lane.refused


@pytest.mark.parametrize("end", [Refused(failure(ErrorKind.ACCESS_DENIED)), asyncio.CancelledError()])
def test_what_the_first_half_of_a_batch_brought_counts(end: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny files are stored when the others may not begin any more."""
    halves: Iterator[list[object] | BaseException] = iter([[object(), object()], end])

    async def together(_run: object, items: list[object], _at_once: int, _weight: int) -> list[object]:
        half = next(halves)
        if isinstance(half, BaseException):
            raise half
        assert len(items) == len(half)
        return half

    monkeypatch.setattr(run, "_together", together)
    runs: Any = [SimpleNamespace(record=SimpleNamespace(job=SimpleNamespace(size=size))) for size in (1, 1 << 20, 2)]
    items: Any = [object()] * 3
    first, second, third = asyncio.run(run.one_batch(runs, items))
    assert first is not None
    assert second is None
    assert third is not None
    halves = iter([end])
    with pytest.raises(type(end)):
        asyncio.run(run.one_batch(runs[1:2], items[1:2]))
