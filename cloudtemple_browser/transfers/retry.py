"""When and how often something is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from cloudtemple_browser.model.errors import BrowserError, ErrorKind

REFUSALS = frozenset(
    {
        ErrorKind.UNKNOWN_ACCESS_KEY,
        ErrorKind.WRONG_SECRET,
        ErrorKind.CLOCK,
        ErrorKind.NO_CREDENTIALS,
        ErrorKind.NO_KEYRING,
        ErrorKind.KEYRING_LOCKED,
        ErrorKind.KEYRING,
        ErrorKind.TLS,
        ErrorKind.CA_BUNDLE,
    }
)
"""Kinds that concern the whole connection and pass only when the user does something."""


def of_the_store(error: BrowserError) -> bool:
    """Whether the next request would only repeat a failure. One connection may be lost alone."""
    lost = error.offline and error.kind is not ErrorKind.CONNECTION_LOST
    return lost or error.kind is ErrorKind.THROTTLED or error.kind in REFUSALS


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential waits from ``first`` to ``longest`` seconds, each cut by up to a half at random so that clients spread.

    ``attempts`` are those of one request while the store answers others; a store that answers nothing at all is waited for:
    ``patience`` seconds where connections are made and lost, without end where none can be made. Damaged bytes, and what an
    answer does not prove, are sent again once: twice is no accident. ``denials`` refusals in a row, over different objects and
    without a success, concern the connection, until the user says go; or for a while, where something else answers.
    """

    attempts: int = 10
    integrity_attempts: int = 2
    first: float = 0.5
    longest: float = 60.0
    longest_offline: float = 15.0
    patience: float = 3600.0
    denials: int = 3
    jitter: Callable[[], float] = random.random

    def delay(self, attempt: int, longest: float = 0.0) -> float:
        """Seconds to wait after ``attempt`` (from 1)."""
        return min(longest or self.longest, self.first * 2.0 ** min(attempt - 1, 30)) * (1 - self.jitter() / 2)

    def enough(self, error: BrowserError, attempt: int, seconds: float, *, answered: bool) -> bool:
        """Whether to give up after ``attempt`` (from 1) failed with ``error``, ``seconds`` after the first failure.

        ``answered``: since then the store has answered something else.
        """
        match error.kind:
            case ErrorKind.THROTTLED:
                return False
            case ErrorKind.INTEGRITY | ErrorKind.NOT_S3:
                return attempt >= self.integrity_attempts
            case ErrorKind.DNS | ErrorKind.REFUSED | ErrorKind.PROXY:
                return answered and attempt >= self.attempts
            case ErrorKind.TIMEOUT | ErrorKind.CONNECTION_LOST:
                return attempt >= self.attempts and (answered or seconds >= self.patience)
            case ErrorKind.SERVER:
                return attempt >= self.attempts
        return True
