"""When and how often something is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential waits from ``first`` to ``longest`` seconds, each cut by up to a half at random so that clients spread.

    The defaults bridge about two minutes of trouble, which a laptop's network needs. Damaged bytes are sent again once: what
    damages them twice is no accident.
    """

    attempts: int = 10
    integrity_attempts: int = 2
    first: float = 0.5
    longest: float = 60.0
    jitter: Callable[[], float] = random.random

    def again(self, error: BrowserError, attempt: int) -> bool:
        """Whether to try again after ``attempt`` (from 1) failed with ``error``."""
        allowed = self.integrity_attempts if error.kind is ErrorKind.INTEGRITY else self.attempts
        return error.retryable and attempt < allowed

    def delay(self, attempt: int) -> float:
        """Seconds to wait after ``attempt`` (from 1)."""
        return min(self.longest, self.first * 2.0 ** min(attempt - 1, 30)) * (1 - self.jitter() / 2)


def with_retries(policy: RetryPolicy, control: CallControl, call: Callable[[], T]) -> T:
    """Make ``call`` until it succeeds, fails for good or the policy has enough. Raises ``Cancelled`` at once while waiting."""
    attempt = 1
    while True:
        try:
            return call()
        except BrowserError as error:
            if not policy.again(error, attempt):
                raise
        if control.wait(policy.delay(attempt)):
            raise Cancelled
        attempt += 1
