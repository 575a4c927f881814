"""Cancelling a call from another thread."""

from __future__ import annotations

import threading

from cloudtemple_browser.model.control import CallControl


def test_cancel_calls_what_is_registered_once() -> None:
    control, calls = CallControl(), list[str]()
    control.on_cancel(lambda: calls.append("a"))
    take_back = control.on_cancel(lambda: calls.append("b"))
    take_back()
    control.cancel()
    control.cancel()
    assert (calls, control.cancelled) == (["a"], True)


def test_what_comes_after_cancel_is_called_at_once() -> None:
    control, calls = CallControl(), list[str]()
    control.cancel()
    take_back = control.on_cancel(lambda: calls.append("late"))
    assert calls == ["late"]
    take_back()


def test_nothing_runs_once_it_is_taken_back() -> None:
    control = CallControl()
    began, go_on = threading.Event(), threading.Event()
    ended = list[str]()

    def slow() -> None:
        began.set()
        go_on.wait(10)
        ended.append("callback")

    take_back = control.on_cancel(slow)
    cancelling = threading.Thread(target=control.cancel)
    cancelling.start()
    began.wait(10)

    def back() -> None:
        take_back()
        ended.append("taken back")

    taking = threading.Thread(target=back)
    taking.start()
    go_on.set()
    cancelling.join(10)
    taking.join(10)
    assert ended == ["callback", "taken back"]


def test_a_callback_may_take_itself_back() -> None:
    control = CallControl()
    takes = list[object]()
    take_back = control.on_cancel(lambda: takes.append(take_back()))
    control.cancel()
    assert takes == [None]
