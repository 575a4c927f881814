"""The engine: the queue, its threads, and the only hand that moves a job from state to state."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.transfers.download import download
from cloudtemple_browser.transfers.events import Event, JobChanged, JobsAdded, JobsRemoved, ObjectStored, ScanEnded
from cloudtemple_browser.transfers.job import ConflictPolicy, Direction, Job, Outcome, UploadOptions
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.progress import INTERVAL, Meter, Reporter
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.transfers.run import KeyClaims, Run
from cloudtemple_browser.transfers.scan import DownloadScan, Skipped, UploadScan
from cloudtemple_browser.transfers.states import TransferState, moved
from cloudtemple_browser.transfers.upload import upload

BATCH = 500  # jobs per JobsAdded at most

_NOTHING = Outcome()

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Task:
    """A job and where it is. Changed under the engine's lock only; ``control`` is that of the latest run, None before it."""

    job: Job
    state: TransferState = TransferState.QUEUED
    done: int = 0
    total: int = UNKNOWN
    error: BrowserError | None = None
    outcome: Outcome = _NOTHING
    control: CallControl | None = None

    def told(self) -> JobChanged:
        outcome = self.outcome
        return JobChanged(
            self.job.id,
            self.state,
            self.done,
            self.total,
            self.error,
            outcome.verified,
            outcome.skipped,
            outcome.path,
            not_public=outcome.public is False,
        )


class Engine:
    """Uploads and downloads in ``slots`` threads, told in frozen events to ``notify`` (in one thread of its own).

    Every method may be called from any thread and returns at once, except ``close``. An order that comes too late (cancel of
    a finished job, retry of a running one, an id that was removed) does nothing: what counts is the next event.
    ``open_store`` gives the store of a connection id, or raises ``BrowserError``; it is called once per job and scan.
    """

    def __init__(
        self,
        open_store: Callable[[str], TransferStore],
        notify: Callable[[tuple[Event, ...]], None],
        slots: int = 4,
        *,
        limits: TransferLimits | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        self._open_store = open_store
        self._slots = slots
        self._limits = limits or TransferLimits()
        self._retries = retries or RetryPolicy()
        self._claims = KeyClaims()
        self._reporter = Reporter(notify)
        self._changed = threading.Condition()
        self._tasks: dict[int, _Task] = {}
        self._queue: deque[int] = deque()
        self._scans: dict[int, CallControl] = {}
        self._threads: list[threading.Thread] = []
        self._workers = 0
        self._idle = 0
        self._last_id = 0
        self._closing = False

    def upload(self, connection_id: str, bucket: str, prefix: str, paths: tuple[Path, ...], options: UploadOptions) -> int:
        """Upload files and folders into ``prefix`` and return the group's id; its jobs follow as events."""

        def begin(group: int, control: CallControl) -> Iterator[Job | Skipped]:
            return UploadScan(group, connection_id, bucket, prefix, paths, options).jobs(control)

        return self._begin(Direction.UPLOAD, begin)

    def download(
        self,
        connection_id: str,
        bucket: str,
        keys: tuple[ObjectEntry, ...],
        folders: tuple[str, ...],
        base_prefix: str,
        target: Path,
        conflict: ConflictPolicy,
    ) -> int:
        """Download objects and whole ``folders`` (prefixes) into the existing local folder ``target``; return the group's id.

        Local paths are what follows ``base_prefix`` in the keys, made safe.
        """

        def begin(group: int, control: CallControl) -> Iterator[Job | Skipped]:
            scan = DownloadScan(group, connection_id, bucket, keys, folders, base_prefix, target, conflict)
            return scan.jobs(self._open_store(connection_id), control)

        return self._begin(Direction.DOWNLOAD, begin)

    def cancel(self, job_id: int) -> None:
        """End a job for good, a FAILED one too: it is CANCELLED now, and what it had begun is cleaned up behind it."""
        with self._changed:
            if task := self._tasks.get(job_id):
                self._cancel(task)

    def cancel_group(self, group: int) -> None:
        """Cancel all jobs of a group that have not ended, and its scan."""
        with self._changed:
            if scan := self._scans.get(group):
                scan.cancel()
            for task in self._tasks.values():
                if task.job.group == group and not task.state.ended:
                    self._cancel(task)

    def cancel_all(self) -> None:
        """Cancel everything that has not ended."""
        with self._changed:
            for scan in self._scans.values():
                scan.cancel()
            for task in self._tasks.values():
                if not task.state.ended:
                    self._cancel(task)

    def retry(self, job_id: int) -> None:
        """Queue a FAILED job again. A download that failed since the object changed takes the version of now."""
        with self._changed:
            task = self._tasks.get(job_id)
            if task is None or task.state is not TransferState.FAILED or self._closing:
                return
            if task.error and task.error.kind is ErrorKind.CHANGED and task.job.direction is Direction.DOWNLOAD:
                task.job = replace(task.job, size=UNKNOWN, etag="")
            task.done, task.total, task.error = 0, task.job.size, None
            self._move(task, TransferState.QUEUED)
            self._enqueue((job_id,))

    def remove(self, job_id: int) -> None:
        """Take a finished job (DONE, FAILED, CANCELLED) off the list."""
        with self._changed:
            task = self._tasks.get(job_id)
            self._remove([task] if task else [])

    def remove_finished(self) -> None:
        """Take all jobs off the list that are DONE or CANCELLED; FAILED ones stay, to be seen and retried."""
        with self._changed:
            self._remove([task for task in self._tasks.values() if task.state is not TransferState.FAILED])

    def active(self) -> int:
        """How many jobs are queued or running, plus the scans under way: 0 when closing would interrupt nothing."""
        with self._changed:
            return len(self._scans) + sum(task.state.active for task in self._tasks.values())

    def close(self, timeout: float) -> bool:
        """Cancel everything and wait up to ``timeout`` seconds for the clean-up; True when every thread has ended.

        Threads that hang in a dead network are left behind: they are daemons. Afterwards the engine takes no orders.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            self._closing = True
            self.cancel_all()
            self._changed.notify_all()
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        ended = self._reporter.close(max(INTERVAL, deadline - time.monotonic()))
        return ended and not any(thread.is_alive() for thread in threads)

    # Scanning: one thread per group.

    def _begin(self, direction: Direction, begin: Callable[[int, CallControl], Iterator[Job | Skipped]]) -> int:
        with self._changed:
            if self._closing:
                raise RuntimeError("the transfer engine is closed")
            self._last_id += 1
            group, control = self._last_id, CallControl()
            self._scans[group] = control
            self._start(partial(self._scan, group, direction, control, begin), f"transfer-scan-{group}")
            return group

    def _scan(
        self,
        group: int,
        direction: Direction,
        control: CallControl,
        begin: Callable[[int, CallControl], Iterator[Job | Skipped]],
    ) -> None:
        count = 0
        batch: list[Job] = []
        skipped: list[tuple[str, BrowserError]] = []
        flushed = time.monotonic()
        try:
            for found in begin(group, control):
                if isinstance(found, Skipped):
                    skipped.append((found.subject, found.error))
                    continue
                batch.append(found)
                if len(batch) >= BATCH or time.monotonic() - flushed >= INTERVAL:
                    count += self._add(batch, control)
                    batch, flushed = [], time.monotonic()
        except Cancelled:
            pass
        except BrowserError as error:
            skipped.append((error.facts.subject, error))
        except Exception as error:
            log.exception("a scan failed unexpectedly")
            skipped.append(("", _internal(error)))
        count += self._add(batch, control)
        with self._changed:
            del self._scans[group]
            self._threads.remove(threading.current_thread())
            self._reporter.post(ScanEnded(group, count, tuple(skipped), direction))

    def _add(self, batch: list[Job], control: CallControl) -> int:
        with self._changed:
            if control.cancelled or not batch:
                return 0
            jobs = tuple(replace(job, id=self._last_id + n) for n, job in enumerate(batch, 1))
            self._last_id += len(jobs)
            self._tasks.update((job.id, _Task(job, total=job.size)) for job in jobs)
            self._reporter.post(JobsAdded(jobs))
            self._enqueue(tuple(job.id for job in jobs))
            return len(jobs)

    # Running: up to ``slots`` workers take jobs in order.

    def _enqueue(self, ids: tuple[int, ...]) -> None:
        self._queue.extend(ids)
        self._changed.notify(len(ids))
        for _ in range(min(self._slots - self._workers, len(self._queue) - self._idle)):
            self._workers += 1
            self._start(self._work, f"transfer-{self._workers}")

    def _start(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            self._run(task)

    def _next(self) -> _Task | None:
        with self._changed:
            while not self._closing:
                while self._queue:
                    task = self._tasks.get(self._queue.popleft())
                    if task is not None and task.state is TransferState.QUEUED:
                        self._move(task, TransferState.RUNNING)
                        return task
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            return None

    def _run(self, task: _Task) -> None:
        job, control = task.job, CallControl()
        meter = Meter(job.size, partial(self._progress, task, control))
        control.moved = meter.moved
        with self._changed:
            if task.state is not TransferState.RUNNING:
                return
            task.control = control
        try:
            run = Run(self._open_store(job.connection_id), control, meter, self._limits, self._retries, self._claims)
            outcome = upload(run, job) if job.direction is Direction.UPLOAD else download(run, job)
        except Cancelled:
            self._end(task, control, TransferState.CANCELLED)
        except BrowserError as error:
            self._end(task, control, TransferState.FAILED, error=error)
        except Exception as error:
            log.exception("a transfer failed unexpectedly")
            self._end(task, control, TransferState.FAILED, error=_internal(error))
        else:
            self._end(task, control, TransferState.DONE, outcome=outcome)

    def _progress(self, task: _Task, control: CallControl, done: int, total: int) -> None:
        with self._changed:
            if task.control is control and task.state is TransferState.RUNNING:
                task.done, task.total = done, total
                self._reporter.post(task.told())

    def _end(
        self,
        task: _Task,
        control: CallControl,
        state: TransferState,
        *,
        error: BrowserError | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        """Take a run's result. That an object is stored is a fact and told in any case; a state only from a live run."""
        with self._changed:
            if outcome and outcome.entry:
                job = task.job
                self._reporter.post(ObjectStored(job.connection_id, job.ref.bucket, outcome.entry, bool(outcome.public)))
            if task.control is control and task.state is TransferState.RUNNING:
                task.error = error
                task.outcome = outcome or task.outcome
                self._move(task, state)

    # States: under the lock. Posting never calls the listener, so that events keep the order of the moves.

    def _move(self, task: _Task, state: TransferState) -> None:
        task.state = moved(task.state, state)
        self._reporter.post(task.told())

    def _cancel(self, task: _Task) -> None:
        if task.state not in (TransferState.CANCELLED, TransferState.DONE):
            if task.control is not None:
                task.control.cancel()
            task.error = None
            self._move(task, TransferState.CANCELLED)

    def _remove(self, tasks: list[_Task]) -> None:
        ids = tuple(task.job.id for task in tasks if task.state.ended)
        for job_id in ids:
            del self._tasks[job_id]
        if ids:
            self._reporter.post(JobsRemoved(ids))


def _internal(error: Exception) -> BrowserError:
    """A bug, as a failure that a person sees."""
    return BrowserError(ErrorKind.INTERNAL, ErrorFacts(message=f"{type(error).__name__}: {error}"))
