"""What one run of one job works with, the same for both directions."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.progress import Meter
from cloudtemple_browser.transfers.retry import RetryPolicy, with_retries

T = TypeVar("T")


class KeyClaims:
    """The keys that running uploads write to: two of them never choose the same free key. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Counter[tuple[str, ObjectRef]] = Counter()

    @contextmanager
    def hold(self, connection_id: str, ref: ObjectRef) -> Iterator[bool]:
        """Claim the key for the block; the value says whether nobody else held it."""
        where = (connection_id, ref)
        with self._lock:
            alone = not self._held[where]
            self._held[where] += 1
        try:
            yield alone
        finally:
            with self._lock:
                self._held[where] -= 1
                if not self._held[where]:
                    del self._held[where]


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of the user at one job: ``control`` ends it, ``meter`` counts it."""

    store: TransferStore
    control: CallControl
    meter: Meter
    limits: TransferLimits
    retries: RetryPolicy
    claims: KeyClaims

    def check(self) -> None:
        """Raise ``Cancelled`` once the user has ended the job."""
        if self.control.cancelled:
            raise Cancelled

    def retrying(self, call: Callable[[], T]) -> T:
        """Make ``call`` with retries."""
        return with_retries(self.retries, self.control, call)

    def counted(self, length: int, call: Callable[[], T]) -> T:
        """Make ``call``, which moves ``length`` bytes, with retries; afterwards exactly these are counted.

        What a failed attempt counted is taken back before the next one.
        """
        self.check()
        mark = self.meter.done

        def attempt() -> T:
            self.meter.settle(mark)
            return call()

        result = self.retrying(attempt)
        self.meter.settle(mark + length)
        return result
