"""Counting bytes, and telling a listener about it at a rate that a window can take."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from cloudtemple_browser.transfers.events import Event, JobChanged
from cloudtemple_browser.transfers.states import TransferState

INTERVAL = 0.1  # seconds between two batches

log = logging.getLogger(__name__)


class Meter:
    """The bytes of one job so far, told to ``changed(done, total)`` in the calling thread. One worker thread owns it."""

    def __init__(self, total: int, changed: Callable[[int, int], None]) -> None:
        self.done = 0
        self.total = total
        self._changed = changed

    def moved(self, count: int) -> None:
        """Count bytes that went over the wire; negative when they will be sent again."""
        self.settle(self.done + count)

    def settle(self, done: int) -> None:
        """Set the count to what is known for certain."""
        if done != self.done:
            self.done = done
            self._changed(done, self.total)

    def expect(self, total: int) -> None:
        """Set the total once it is known exactly."""
        if total != self.total:
            self.total = total
            self._changed(self.done, total)


class Reporter:
    """One thread that hands events to a listener: in order, in batches, at most one batch per ``interval`` seconds.

    Progress of a job that was not delivered yet is replaced by newer progress of that job; no other event is ever dropped.
    ``post`` never blocks and never calls the listener, so that it may be called under any lock.
    """

    def __init__(self, notify: Callable[[tuple[Event, ...]], None], interval: float = INTERVAL) -> None:
        self._notify = notify
        self._interval = interval
        self._events: list[Event] = []
        self._running_at: dict[int, int] = {}  # job id -> index in _events of its progress
        self._pending = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="transfer-reporter", daemon=True)
        self._thread.start()

    def post(self, event: Event) -> None:
        """Queue one event. After ``close`` it is dropped. Any thread."""
        with self._pending:
            if self._closed.is_set():
                return
            if isinstance(event, JobChanged):
                if event.state is TransferState.RUNNING and event.job_id in self._running_at:
                    self._events[self._running_at[event.job_id]] = event
                    return
                self._running_at.pop(event.job_id, None)
                if event.state is TransferState.RUNNING:
                    self._running_at[event.job_id] = len(self._events)
            self._events.append(event)
            self._pending.notify()

    def close(self, timeout: float) -> bool:
        """Deliver what is queued and end the thread, within ``timeout`` seconds; True when it ended."""
        with self._pending:
            self._closed.set()
            self._pending.notify()
        if self._thread is not threading.current_thread():
            self._thread.join(max(0.0, timeout))
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._pending:
                self._pending.wait_for(lambda: self._events or self._closed.is_set())
                events = tuple(self._events)
                self._events.clear()
                self._running_at.clear()
            if not events:
                return
            started = time.monotonic()
            try:
                self._notify(events)
            except Exception:  # a listener's bug must not silence the transfers for the rest of the session
                log.exception("the listener of the transfers failed")
            self._closed.wait(max(0.0, self._interval - (time.monotonic() - started)))
