from __future__ import annotations

import logging
import threading
import time

import pytest
from transfers.rig import PATIENCE, Listener

from cloudtemple_browser.transfers.events import Event, JobChanged, JobsRemoved
from cloudtemple_browser.transfers.progress import Meter, Reporter
from cloudtemple_browser.transfers.states import TransferState


def at(done: int, state: TransferState = TransferState.RUNNING, job_id: int = 1) -> JobChanged:
    return JobChanged(job_id, state, done, 100)


class Gate(Listener):
    """A listener that holds the first batch until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, events: tuple[Event, ...]) -> None:
        self.entered.set()
        assert self.opened.wait(PATIENCE)
        super().__call__(events)


def test_progress_that_was_not_delivered_is_replaced_and_nothing_else_is() -> None:
    gate = Gate()
    reporter = Reporter(gate, interval=0.0)
    reporter.post(JobsRemoved((0,)))
    assert gate.entered.wait(PATIENCE)
    later: list[Event] = [
        at(1),
        at(2),
        at(0, job_id=2),
        at(3),
        at(3, TransferState.FAILED),
        at(0, TransferState.QUEUED),
        at(1),
        at(2),
    ]
    for event in (*later, JobsRemoved((9,))):
        reporter.post(event)
    gate.opened.set()
    assert reporter.close(PATIENCE)
    expected = [at(3), at(0, job_id=2), at(3, TransferState.FAILED), at(0, TransferState.QUEUED), at(2), JobsRemoved((9,))]
    assert gate.events == [JobsRemoved((0,)), *expected]
    assert gate.batches == 2


def test_at_most_one_batch_per_interval() -> None:
    listener = Listener()
    reporter = Reporter(listener, interval=0.1)
    started = time.monotonic()
    for n in range(20_000):
        reporter.post(at(n))
    listener.wait(lambda: at(19_999) in listener.events)
    elapsed = time.monotonic() - started
    assert listener.batches <= elapsed / 0.1 + 2
    assert reporter.close(PATIENCE)


def test_a_failing_listener_is_logged_and_called_again(caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()
    failed = threading.Event()

    def notify(events: tuple[Event, ...]) -> None:
        if not failed.is_set():
            failed.set()
            raise ValueError("a bug")
        listener(events)

    reporter = Reporter(notify, interval=0.0)
    with caplog.at_level(logging.ERROR):
        reporter.post(at(1))
        assert failed.wait(PATIENCE)
        reporter.post(at(2))
        listener.wait(lambda: listener.events)
        assert reporter.close(PATIENCE)
    assert "a bug" in caplog.text


def test_after_close_nothing_is_told() -> None:
    listener = Listener()
    reporter = Reporter(listener)
    assert reporter.close(PATIENCE)
    reporter.post(at(1))
    assert listener.events == []


def test_a_meter_tells_each_change_once() -> None:
    told: list[tuple[int, int]] = []
    meter = Meter(-1, lambda done, total: told.append((done, total)))
    meter.expect(10)
    meter.moved(4)
    meter.moved(-4)
    meter.settle(0)
    meter.settle(10)
    assert told == [(0, 10), (4, 10), (0, 10), (10, 10)]
