"""Runs jobs: takes them from the journal while their connection takes them, and writes down how they end. The engine's loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeGuard

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.transfers import Direction, JobRecord, JobStatus, TransferState
from cloudtemple_browser.transfers import download as downloads
from cloudtemple_browser.transfers import upload as uploads
from cloudtemple_browser.transfers.board import Board
from cloudtemple_browser.transfers.delete import delete
from cloudtemple_browser.transfers.group import Group
from cloudtemple_browser.transfers.lane import DENIALS, Lane, Refused
from cloudtemple_browser.transfers.local_errors import internal
from cloudtemple_browser.transfers.retry import REFUSALS
from cloudtemple_browser.transfers.run import AT_ONCE, TINY, Meter, Outcome, Run, is_cancelled
from cloudtemple_browser.transfers.stored import published
from cloudtemple_browser.transfers.upload_batch import send_batch

_TOGETHER = 64  # small transfers in one piece of work
_PREPARED = 4  # such pieces that wait for their turn
_ROOM = 5.0  # seconds between two looks at a full disk

log = logging.getLogger(__name__)

_QUEUED, _RUNNING, _PAUSED = TransferState.QUEUED, TransferState.RUNNING, TransferState.PAUSED
_FAILED, _CANCELLED, _DONE = TransferState.FAILED, TransferState.CANCELLED, TransferState.DONE


class Runner:
    """What runs. ``go_on`` resumes a group that waited for room on a disk."""

    def __init__(self, board: Board, go_on: Callable[[int], None]) -> None:
        self._board, self._go_on = board, go_on
        self._running: dict[int, tuple[Group, Run, asyncio.Task[None]]] = {}
        self._big: set[int] = set()  # jobs of large files among them
        self._wishes: dict[int, TransferState] = {}

    async def feed(self, lane: Lane, wake: asyncio.Event) -> None:
        """Begin jobs of one connection while it takes them: one after the other, the oldest group first."""
        while True:
            await wake.wait()
            wake.clear()
            try:
                while not self._board.closing.is_set() and self._feed_one(lane):
                    pass
            except BrowserError as error:  # its disk is full, most likely of what is being downloaded
                log.warning("the journal of the transfers cannot be written now: %s", error.kind.value)
                await asyncio.sleep(_ROOM)
                wake.set()

    def _feed_one(self, lane: Lane) -> bool:
        if lane.refused:
            return False
        groups = [group for group in self._board.groups.values() if group.lane is lane and self._may_run(group)]
        for group in groups:
            if (
                group.may_have[True]
                and len(self._big) < self._board.limits.at_once
                and (records := self._claim(group, big=True, limit=1))
            ):
                self._start(group, records[0])
                return True
            if (
                group.may_have[False]
                and len(lane.prepared) < _PREPARED
                and (records := self._claim(group, big=False, limit=self._together(group)))
            ):
                self._start_batch(group, records)
                return True
        return False

    def _together(self, group: Group) -> int:
        """How many small transfers make a piece of work: the last ones are shared by all that go at once."""
        pieces = group.lane.slots.limit / (AT_ONCE if group.mean_size <= TINY else 1)
        return max(1, min(_TOGETHER, int(group.counts.queued / (2 * max(1.0, pieces)))))

    def _may_run(self, group: Group) -> bool:
        status = group.record.status
        return group.direction is not Direction.DELETE and not (status.held or status.ended or group.stuck)

    def _claim(self, group: Group, *, big: bool, limit: int) -> tuple[JobRecord, ...]:
        records = self._board.desk.journal.claim(group.id, big=big, limit=limit)
        group.may_have[big] = len(records) == limit
        for record in records:
            group.moved(_QUEUED, record)
        return records

    def _run_of(self, group: Group, record: JobRecord) -> Run:
        group.meter.settle(0, -record.status.done_bytes)
        return Run(self._board.desk, group.lane, record, Meter(group.meter))

    def _start(self, group: Group, record: JobRecord) -> None:
        run = self._run_of(group, record)
        self._big.add(record.job.id)
        task = self._board.spawn(self._one(group, run))
        self._running[record.job.id] = group, run, task

    async def _one(self, group: Group, run: Run) -> None:
        result: Outcome | BrowserError | None = None
        try:
            result = await self._worked(group, run)
        except (asyncio.CancelledError, Refused):
            pass
        except BrowserError as error:
            result = error
        except Exception as error:
            log.exception("a transfer failed unexpectedly")
            result = internal(error)
        self._end(group, run, result)

    async def _worked(self, group: Group, run: Run) -> Outcome:
        work = uploads.upload if group.direction is Direction.UPLOAD else downloads.download
        try:
            return await work(run)
        except BrowserError as error:
            if await self._all_is_refused(group, run, error, run.answered):
                raise Refused(error) from error
            raise

    async def _all_is_refused(self, group: Group, run: Run, error: BrowserError, answered: int) -> bool:
        """Whether the connection waits for the user now: the store refuses the bucket itself, too, as it does another address.

        Only where nothing else was answered (``answered``: the lane's successes before), and once: a key may have rights on
        objects alone, and what is refused to it then must not hold up the others for ever.
        """
        lane = group.lane
        if error.kind is not ErrorKind.ACCESS_DENIED or lane.successes != answered or lane.takes_denials:
            return False
        store = await lane.store()
        try:
            await asyncio.to_thread(store.head_bucket, run.record.job.ref.bucket)
        except BrowserError as refusal:
            if refusal.kind is not ErrorKind.ACCESS_DENIED:
                return False
        else:
            return False
        lane.refuse(error)
        return True

    def _start_batch(self, group: Group, records: tuple[JobRecord, ...]) -> None:
        runs = [self._run_of(group, record) for record in records]
        task = self._board.spawn(self._batch(group, runs))
        group.lane.prepared.add(task)
        for run in runs:
            self._running[run.record.job.id] = group, run, task

    async def _batch(self, group: Group, runs: list[Run]) -> None:
        work = send_batch if group.direction is Direction.UPLOAD else downloads.fetch_batch
        results: list[Outcome | BrowserError | None] = [None] * len(runs)
        ended: list[JobRecord] = []
        again, answered = True, group.lane.successes
        try:
            results = await work(runs)
            if denied := [(run, result) for run, result in zip(runs, results, strict=True) if _denied(result)]:
                await self._all_is_refused(group, *denied[0], answered)
            again = not is_cancelled()
        except asyncio.CancelledError:
            again = False
            raise
        except Refused:
            again = False
        except BrowserError as error:
            log.info("a batch of transfers failed (%s): each runs by itself", error.kind.value)
        except Exception:
            log.exception("a batch of transfers failed unexpectedly")
        finally:
            group.lane.on_the_wire(asyncio.current_task())
            for run, result in zip(runs, results, strict=True):
                job = run.record.job
                goes_on = again and job.id not in self._wishes
                refused = group.lane.refused is not None and _denied(result)  # it is not about this object
                if isinstance(result, Outcome) and job.options.acl and not result.skipped:
                    stored = replace(result, not_public=True)  # until its ACL was read back
                    if goes_on:
                        self._running[job.id] = group, run, self._board.spawn(self._publish(group, run, stored))
                    else:
                        ended.append(self._ended(group, run, stored))
                elif goes_on and not refused and _passes(result):
                    self._running[job.id] = group, run, self._board.spawn(self._one(group, run))
                else:
                    ended.append(self._ended(group, run, None if refused or _passes(result) else result))
            self._board.write(ended)
            self._after(group)

    async def _publish(self, group: Group, run: Run, stored: Outcome) -> None:
        """The object of a batch is stored: see that it is public, too."""
        ref = replace(run.record.job.ref, key=run.record.target or run.record.job.ref.key)
        with contextlib.suppress(Refused, asyncio.CancelledError):  # it is stored, whatever the user wants now
            stored = await published(run, ref, stored)
        self._end(group, run, stored)

    def _end(self, group: Group, run: Run, result: Outcome | BrowserError | None) -> None:
        """Write down how a run ended, and see what comes next."""
        self._board.write((self._ended(group, run, result),))
        self._after(group)

    def _ended(self, group: Group, run: Run, result: Outcome | BrowserError | None) -> JobRecord:
        """How a run ended. None: it did not; what the user wished comes next, else it waits for its turn."""
        job_id = run.record.job.id
        self._running.pop(job_id, None)
        self._big.discard(job_id)
        wish = self._wishes.pop(job_id, None)
        status, done = run.record.status, run.meter.done
        if isinstance(result, Outcome):
            done = 0 if result.skipped else max(0, status.total_bytes)
            status = replace(
                status,
                state=_DONE,
                done_bytes=done,
                error=None,
                verified=result.verified,
                skipped=result.skipped,
                not_public=result.not_public,
                path=result.path,
            )
            if result.entry:
                self._board.stored(group, status.job.ref.bucket, result.entry, public=result.public)
        elif result is None:
            status = replace(status, state=wish or _QUEUED, done_bytes=done, error=None)
        elif wish is _CANCELLED:
            status = replace(status, state=_CANCELLED, done_bytes=done, error=None)
        elif result.kind is ErrorKind.DISK_FULL:
            status = replace(status, state=_PAUSED, done_bytes=done, error=result)
            group.stuck = result
        else:
            status = replace(status, state=_FAILED, done_bytes=done, error=result)
        run.meter.settle(0, done - run.meter.done)
        record = replace(run.record, status=status)
        group.moved(_RUNNING, record, max(0, status.total_bytes) - max(0, run.claimed_total))
        if status.state is _QUEUED:
            group.may_have = {True: True, False: True}
        if status.state is _CANCELLED:
            self._board.spawn(self._clean_up(group, record))
        return record

    def _after(self, group: Group) -> None:
        if not self._board.closing.is_set():
            self._board.settled(group)
            self._board.wake(group.lane)

    async def _clean_up(self, group: Group, record: JobRecord) -> None:
        """Remove what a cancelled job left behind."""
        run = Run(self._board.desk, group.lane, record, Meter())
        with contextlib.suppress(BrowserError, Refused):
            await (uploads.discard(run) if group.direction is Direction.UPLOAD else downloads.discard(run))
            self._board.write((replace(record, begun=False, upload_id=""),))

    def clean_up_all(self, group: Group, ids: Sequence[int] = ()) -> list[asyncio.Task[None]]:
        """Remove what cancelled jobs left behind, at the store and on the disk."""
        left = [record for record in self._board.desk.journal.unfinished(group.id) if not ids or record.job.id in ids]
        return [self._board.spawn(self._clean_up(group, record)) for record in left]

    def give_up(self, group: Group, ids: Sequence[int] = ()) -> list[asyncio.Task[None]]:
        """What FAILED leaves the list and will not go on."""
        self._board.desk.journal.move(group.id, (_FAILED,), _CANCELLED, ids)
        return self.clean_up_all(group, ids)

    async def watch_disks(self) -> None:
        """Go on by itself once a full disk has room again."""
        while True:
            await asyncio.sleep(_ROOM)
            for group in [group for group in self._board.groups.values() if group.stuck and not group.record.status.held]:
                waiting = [record for record in self._board.desk.journal.jobs(group.id, _PAUSED, 50) if record.status.error]
                if not waiting or await asyncio.to_thread(downloads.room_for, waiting[0].job):
                    self._go_on(group.id)

    async def delete(self, group: Group, keys: Sequence[str]) -> None:
        """Delete exactly these keys; what fails becomes a FAILED job each, to be seen and retried."""
        group.scan = control = CallControl()
        group.added(len(keys), 0)
        bucket = group.request.bucket

        def told(deleted: Sequence[str], failed: Sequence[tuple[str, BrowserError]]) -> None:
            group.deleted(len(deleted), len(failed))
            self._board.deleted(group, bucket, deleted)
            self._board.desk.journal.fail_keys(group.id, bucket, failed)
            self._board.save(group)

        try:
            await delete(self._board.desk, group, bucket, keys, told, control)
        finally:
            if not self._board.closing.is_set():
                group.scan = None
                group.rest_cancelled()
                self._board.save(group)
                self._board.settled(group)

    def stop(self, group: Group, ids: Sequence[int], wish: TransferState) -> None:
        """End runs: the state that the user wished follows when they have ended."""
        stopped = set()
        for job_id, (owner, _, task) in tuple(self._running.items()):
            if owner is group and (not ids or job_id in ids):
                if self._wishes.get(job_id) is not _CANCELLED:  # which is for good
                    self._wishes[job_id] = wish
                stopped.add(task)
        for task in stopped:  # a task that is cancelled before its first step would never say how its jobs ended
            asyncio.get_running_loop().call_soon(task.cancel)

    def go_on_after(self, group: Group, ids: Sequence[int]) -> None:
        """What is being paused is queued when its run has ended."""
        for job_id, (owner, _, _) in self._running.items():
            if owner is group and (not ids or job_id in ids) and self._wishes.get(job_id) is _PAUSED:
                self._wishes[job_id] = _QUEUED

    def live_status(self, status: JobStatus) -> JobStatus:
        """A job's status with what is known of its run."""
        running = self._running.get(status.job.id)
        if running is None:
            return status
        run = running[1]
        total = run.record.status.total_bytes
        done = min(run.meter.total, total) if total >= 0 else run.meter.total
        trouble = run.trouble or run.anew
        return replace(status, done_bytes=done, total_bytes=total, error=trouble, again=trouble is not None)


def _passes(result: Outcome | BrowserError | None) -> bool:
    """Whether one in a batch runs by itself, with retries: its turn did not come, or what failed may pass."""
    if isinstance(result, BrowserError):
        return result.retryable or result.offline or result.kind in REFUSALS or result.kind is ErrorKind.NOT_S3
    return result is None


def _denied(result: Outcome | BrowserError | None) -> TypeGuard[BrowserError]:
    return isinstance(result, BrowserError) and result.kind in DENIALS
