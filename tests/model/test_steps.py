from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import eventually

from cloudtemple_browser.model.control import CallControl
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
