"""When something is tried again, and when it is enough."""

from __future__ import annotations

import pytest

from cloudtemple_browser.model.errors import OFFLINE, RETRYABLE, BrowserError, ErrorKind
from cloudtemple_browser.transfers.retry import REFUSALS, RetryPolicy

POLICY = RetryPolicy(attempts=5, patience=100.0)


def attempts(kind: ErrorKind, *, answered: bool = True, seconds: float = 0.0) -> int | None:
    """How many attempts a failure gets; None when it is tried for ever."""
    error = BrowserError(kind)
    return next((n for n in range(1, 1000) if POLICY.enough(error, n, seconds, answered=answered)), None)


@pytest.mark.parametrize("kind", ErrorKind)
def test_only_what_may_pass_is_tried_again(kind: ErrorKind) -> None:
    tried_again = attempts(kind) != 1
    assert tried_again == (kind in RETRYABLE | OFFLINE or kind is ErrorKind.NOT_S3)
    assert not (tried_again and kind in REFUSALS)


@pytest.mark.parametrize(
    ("kind", "answered", "seconds", "expected"),
    [
        (ErrorKind.SERVER, True, 0.0, 5),
        (ErrorKind.SERVER, False, 0.0, 5),
        (ErrorKind.INTEGRITY, True, 0.0, 2),
        (ErrorKind.NOT_S3, True, 0.0, 2),
        (ErrorKind.THROTTLED, True, 1e9, None),
        (ErrorKind.DNS, False, 1e9, None),
        (ErrorKind.REFUSED, False, 1e9, None),
        (ErrorKind.REFUSED, True, 0.0, 5),
        (ErrorKind.TIMEOUT, False, 99.0, None),
        (ErrorKind.TIMEOUT, False, 100.0, 5),
        (ErrorKind.CONNECTION_LOST, True, 0.0, 5),
    ],
)
def test_how_often(kind: ErrorKind, answered: bool, seconds: float, expected: int | None) -> None:
    assert attempts(kind, answered=answered, seconds=seconds) == expected


def test_waits_double_up_to_the_longest_and_bridge_two_minutes() -> None:
    longest = RetryPolicy(jitter=lambda: 0.0)
    assert [longest.delay(attempt) for attempt in range(1, 10)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    shortest = RetryPolicy(jitter=lambda: 1.0)
    assert sum(shortest.delay(attempt) for attempt in range(1, shortest.attempts)) > 60
    assert longest.delay(10_000) == 60
    assert longest.delay(10_000, 15.0) == 15


def test_jitter_spreads_the_waits() -> None:
    waits = {RetryPolicy().delay(3) for _ in range(20)}
    assert len(waits) > 1
    assert all(1.0 <= wait <= 2.0 for wait in waits)
