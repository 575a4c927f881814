"""The boundary between the loop and blocking calls."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from app.rig import PATIENCE, failure, until

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.courtesy import Courtesy
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind

Put = Callable[[int], None]


class Reports(list[BaseException]):
    """What was reported."""


@pytest.fixture
def reports() -> Reports:
    return Reports()


async def test_a_call_runs_in_a_thread_and_gives_its_result_or_its_error(reports: Reports) -> None:
    background = Background(reports.append)
    name = await background.call(lambda: threading.current_thread().name)
    assert name.startswith("background")

    def fail() -> None:
        raise failure(ErrorKind.DNS)

    with pytest.raises(BrowserError) as caught:
        await background.call(fail)
    assert caught.value.kind is ErrorKind.DNS
    background.close()


async def test_everything_put_arrives_in_order_on_the_loop_s_thread(reports: Reports) -> None:
    background, arrived, threads = Background(reports.append), list[int](), set[threading.Thread]()

    def produce(put: Put) -> None:
        for n in range(50):
            put(n)

    def deliver(items: list[int]) -> None:
        assert items
        arrived.extend(items)
        threads.add(threading.current_thread())

    await background.stream(produce, deliver, CallControl())
    assert arrived == list(range(50))
    assert threads == {threading.current_thread()}
    background.close()


async def test_a_window_that_does_not_keep_up_holds_the_producer_back(reports: Reports) -> None:
    background, put_so_far, taken = Background(reports.append), list[int](), 0
    ahead: list[int] = []
    took: list[float] = []

    def produce(put: Put) -> None:
        for n in range(600):
            put(n)
            put_so_far.append(n)

    def deliver(items: list[int]) -> None:
        nonlocal taken
        end = time.monotonic() + 0.002 * len(items)  # a slow window
        while time.monotonic() < end:
            pass
        taken += len(items)
        took.append(time.monotonic() - end + 0.002 * len(items))
        ahead.append(len(put_so_far) - taken)

    await background.stream(produce, deliver, CallControl())
    assert taken == 600
    assert max(ahead) <= 130
    assert sorted(took)[len(took) // 2] < 0.3  # all at once would take 1.2; no more at a time than a frame or two can bear
    background.close()


async def test_what_was_put_before_an_error_arrives_before_it(reports: Reports) -> None:
    background, arrived = Background(reports.append), list[int]()

    def produce(put: Put) -> None:
        put(1)
        put(2)
        raise failure(ErrorKind.CONNECTION_LOST)

    with pytest.raises(BrowserError):
        await background.stream(produce, arrived.extend, CallControl())
    assert arrived == [1, 2]
    background.close()


async def test_nothing_arrives_after_cancel(reports: Reports) -> None:
    background, arrived, control, ended = Background(reports.append), list[int](), CallControl(), threading.Event()

    def produce(put: Put) -> None:
        try:
            for n in range(1_000_000):
                put(n)
        finally:
            ended.set()

    def deliver(items: list[int]) -> None:
        arrived.extend(items)
        control.cancel()

    with pytest.raises(Cancelled):
        await background.stream(produce, deliver, control)
    assert ended.is_set()
    assert arrived == list(range(len(arrived)))
    assert len(arrived) <= 4
    background.close()


async def test_a_cancelled_await_cancels_the_control(reports: Reports) -> None:
    background, control, began = Background(reports.append), CallControl(), threading.Event()

    def produce(_put: Put) -> None:
        began.set()
        control.wait(PATIENCE)

    task = asyncio.ensure_future(background.stream(produce, lambda _items: None, control))
    await until(began.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert control.cancelled
    background.close()


async def test_failures_of_work_that_nobody_awaits_are_reported(reports: Reports) -> None:
    background = Background(reports.append)
    wrong = ZeroDivisionError()

    async def fail(error: BaseException) -> None:
        raise error

    for error in (wrong, Cancelled(), failure(ErrorKind.DNS)):
        task = background.spawn(fail(error))
        await until(task.done)
    await until(lambda: len(reports) == 2)
    assert reports[0] is wrong
    assert isinstance(reports[1], BrowserError)
    background.close()


async def test_closing_does_not_wait_for_a_blocked_thread(reports: Reports) -> None:
    background, release, began = Background(reports.append), threading.Event(), threading.Event()

    def block() -> None:
        began.set()
        release.wait(PATIENCE)

    task = background.spawn(background.call(block))
    await until(began.is_set)
    try:
        start = time.monotonic()
        background.close()
        assert time.monotonic() - start < PATIENCE / 6
        await until(task.done)
        assert task.cancelled()
        assert reports == []
    finally:
        release.set()


async def test_closing_cancels_the_streams(reports: Reports) -> None:
    background, control, began = Background(reports.append), CallControl(), threading.Event()

    def produce(put: Put) -> None:
        put(1)
        began.set()
        while True:
            put(2)

    background.spawn(background.stream(produce, lambda _items: None, control))
    await until(began.is_set)
    background.close()
    assert control.cancelled
    assert reports == []


def test_workers_give_way_to_the_window_which_does_not_wait_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudtemple_browser.app.courtesy._PATIENCE", PATIENCE)
    courtesy, waited = Courtesy(), threading.Event()
    with courtesy:
        begun = time.monotonic()
        courtesy.give_way()
        assert time.monotonic() - begun < PATIENCE / 2

        def work() -> None:
            courtesy.give_way()
            waited.set()

        worker = threading.Thread(target=work)
        worker.start()
        assert not waited.wait(0.01)
    worker.join()
    assert waited.is_set()
