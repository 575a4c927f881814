from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import eventually

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.model.steps import Steps, Waiting, aside, finish, in_one


def test_all_steps_lead_to_the_result() -> None:
    def counting() -> Steps[int]:
        yield Waiting((), 0.0)
        yield Waiting((), 0.0)
        return (yield from in_one(lambda: 3))

    assert finish(counting()) == 3


def test_what_blocks_does_so_where_a_thread_has_nothing_else_to_do() -> None:
    steps = aside(CallControl(), threading.get_ident)
    assert finish(steps) == threading.get_ident()


def test_what_blocks_goes_elsewhere_and_wakes_its_thread() -> None:
    control, go = CallControl(), threading.Event()

    def blocking() -> str:
        assert go.wait(10)
        return threading.current_thread().name

    with ThreadPoolExecutor(1, "elsewhere") as control.executor:
        steps = aside(control, blocking)
        (heard,) = next(steps).sockets
        heard.setblocking(False)
        with pytest.raises(BlockingIOError):
            heard.recv(1)
        go.set()
        heard.settimeout(10)
        assert heard.recv(1) == b"", "the end is what it hears"
        assert finish(steps).startswith("elsewhere")
    assert heard.fileno() == -1


def test_a_failure_elsewhere_is_raised_here() -> None:
    control = CallControl()

    def failing() -> None:
        raise OSError("no")

    with ThreadPoolExecutor(1) as control.executor, pytest.raises(OSError, match="no"):
        finish(aside(control, failing))


@pytest.mark.parametrize("fails", [False, True])
def test_a_result_that_nobody_waits_for_is_dropped(fails: bool) -> None:
    control, go, dropped = CallControl(), threading.Event(), list[str]()

    def blocking() -> str:
        assert go.wait(10)
        if fails:
            raise OSError("no")
        return "connection"

    with ThreadPoolExecutor(1) as control.executor:
        steps = aside(control, blocking, dropped.append)
        next(steps)
        steps.close()
        assert dropped == []
        go.set()
    if not fails:
        eventually(lambda: dropped == ["connection"])
    assert dropped == ([] if fails else ["connection"])


def test_what_was_put_aside_needs_no_second_thread() -> None:
    """A pool's threads could all wait for calls that stand in line behind them."""
    control = CallControl()

    def outer() -> str:
        return finish(aside(control, lambda: threading.current_thread().name))

    with ThreadPoolExecutor(1, "elsewhere") as control.executor:
        steps = aside(control, outer)
        (heard,) = next(steps).sockets
        heard.settimeout(10)
        assert heard.recv(1) == b""
        assert finish(steps).startswith("elsewhere")


def test_a_cancel_does_not_wait_for_what_can_be_dropped() -> None:
    control, go, dropped = CallControl(), threading.Event(), list[bool]()
    with ThreadPoolExecutor(1) as control.executor:
        steps = aside(control, lambda: go.wait(10), dropped.append)
        (heard,) = next(steps).sockets
        heard.settimeout(10)
        control.cancel()
        assert heard.recv(1) == b""
        with pytest.raises(Cancelled):
            next(steps)
        assert not dropped
        go.set()
        eventually(lambda: dropped == [True])
