from __future__ import annotations

import threading

import pytest

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import RETRYABLE, BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.transfers.retry import RetryPolicy, with_retries

NO_WAITS = RetryPolicy(attempts=5, first=0.0)


class Failing:
    """Fails so many times, then succeeds."""

    def __init__(self, kind: ErrorKind, times: int) -> None:
        self.kind = kind
        self.times = times
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise BrowserError(self.kind)
        return "done"


@pytest.mark.parametrize("kind", ErrorKind)
def test_only_what_may_pass_is_tried_again(kind: ErrorKind) -> None:
    call = Failing(kind, 1)
    if kind in RETRYABLE:
        assert with_retries(NO_WAITS, CallControl(), call) == "done"
    else:
        with pytest.raises(BrowserError):
            with_retries(NO_WAITS, CallControl(), call)
        assert call.calls == 1


@pytest.mark.parametrize(("kind", "attempts"), [(ErrorKind.SERVER, 5), (ErrorKind.INTEGRITY, 2)])
def test_the_policy_has_enough_at_last(kind: ErrorKind, attempts: int) -> None:
    call = Failing(kind, 99)
    with pytest.raises(BrowserError) as caught:
        with_retries(NO_WAITS, CallControl(), call)
    assert caught.value.kind is kind
    assert call.calls == attempts


def test_waits_double_up_to_the_longest_and_bridge_two_minutes() -> None:
    longest = RetryPolicy(jitter=lambda: 0.0)
    assert [longest.delay(attempt) for attempt in range(1, 10)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    shortest = RetryPolicy(jitter=lambda: 1.0)
    assert sum(shortest.delay(attempt) for attempt in range(1, shortest.attempts)) > 60
    assert longest.delay(10_000) == 60


def test_jitter_spreads_the_waits() -> None:
    waits = {RetryPolicy().delay(3) for _ in range(20)}
    assert len(waits) > 1
    assert all(1.0 <= wait <= 2.0 for wait in waits)


def test_a_wait_ends_at_once_when_cancelled() -> None:
    control = CallControl()
    called = threading.Event()

    def call() -> None:
        called.set()
        raise BrowserError(ErrorKind.THROTTLED)

    ended: list[type[BaseException]] = []

    def run() -> None:
        try:
            with_retries(RetryPolicy(first=3600.0, longest=3600.0), control, call)
        except Cancelled as error:
            ended.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert called.wait(30)
    control.cancel()
    thread.join(30)
    assert ended == [Cancelled]
