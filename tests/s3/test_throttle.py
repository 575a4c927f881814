"""The speed limit: exact over time, changeable, and no reason to wait on after a cancel."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.model.steps import finish
from cloudtemple_browser.s3.throttle import Throttle


def test_without_a_limit_nobody_waits() -> None:
    throttle = Throttle()
    assert finish(throttle.take(1 << 40, CallControl())) < 1.0
    assert throttle.piece(1 << 20) == 1 << 20


def test_several_threads_keep_to_one_limit() -> None:
    throttle, begun = Throttle(), time.monotonic()
    throttle.limit(1_000_000)

    def move() -> None:
        for _ in range(10):
            finish(throttle.take(10_000, CallControl()))

    threads = [threading.Thread(target=move) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun > 0.28  # 300,000 bytes; the last piece goes when its turn begins


def test_pieces_are_small_at_a_low_limit() -> None:
    throttle = Throttle()
    throttle.limit(80_000)
    assert throttle.piece(1 << 20) == 10_000
    throttle.limit(1)
    assert throttle.piece(1 << 20) == 4096


@pytest.mark.parametrize("rate", [0, 1 << 30])
def test_who_waits_learns_of_a_new_limit(rate: int) -> None:
    throttle = Throttle()
    throttle.limit(1)
    finish(throttle.take(1000, CallControl()))
    waiting = threading.Thread(target=lambda: finish(throttle.take(1000, CallControl())))
    waiting.start()
    throttle.limit(rate)
    waiting.join(10)
    assert not waiting.is_alive()


def test_cancel_ends_the_waiting() -> None:
    throttle, control = Throttle(), CallControl()
    throttle.limit(1)
    finish(throttle.take(1000, control))
    threading.Timer(0.05, control.cancel).start()
    with pytest.raises(Cancelled):
        finish(throttle.take(1000, control))


def test_who_waits_beside_others_lets_them_go_on() -> None:
    throttle, control = Throttle(), CallControl()
    throttle.limit(10_000)
    with ThreadPoolExecutor(1) as control.executor:
        finish(throttle.take(1000, control))
        waiting = throttle.take(1000, control)
        wait = next(waiting)
        assert wait.sockets == ()
        assert 0.0 < wait.until - time.monotonic() <= 0.1
        throttle.limit(0)
        assert list(waiting) == []
        throttle.limit(1)
        finish(throttle.take(1000, control))
        waiting = throttle.take(1000, control)
        next(waiting)
        control.cancel()
        with pytest.raises(Cancelled):
            next(waiting)
