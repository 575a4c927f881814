"""The engine: one thread with a loop of its own that owns the queue, the journal and every state; the bytes move elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.transfers import (
    DeleteRequest,
    Direction,
    DownloadRequest,
    GroupContent,
    GroupRecord,
    GroupStatus,
    JobRecord,
    JobStatus,
    Limits,
    Request,
    TransferRules,
    TransferState,
    UploadRequest,
)
from cloudtemple_browser.transfers.board import PIECES, Board
from cloudtemple_browser.transfers.events import Event
from cloudtemple_browser.transfers.group import Group
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.ports import Journal, TransferStore
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.transfers.run import Desk
from cloudtemple_browser.transfers.runner import Runner
from cloudtemple_browser.transfers.scanner import Scanner

SHOWN = 100  # jobs of each state in a group's content
_THREADS = 32

log = logging.getLogger(__name__)

_QUEUED, _RUNNING, _PAUSED = TransferState.QUEUED, TransferState.RUNNING, TransferState.PAUSED
_FAILED, _CANCELLED, _DONE = TransferState.FAILED, TransferState.CANCELLED, TransferState.DONE


class Engine:
    """Uploads, downloads and deletions, told in frozen events to ``notify`` (in the engine's thread, ten times a second).

    Every method may be called from any thread and returns at once, except ``content`` and ``close``. An order that comes too
    late does nothing: what counts is the next event. ``open_store`` gives the store of a connection id, or raises
    ``BrowserError``; ``pace`` is told the user's rates (bytes a second up and down, 0: none).
    """

    def __init__(
        self,
        open_store: Callable[[str], TransferStore],
        notify: Callable[[tuple[Event, ...]], None],
        journal: Callable[[], Journal],
        *,
        sizes: TransferLimits | None = None,
        retries: RetryPolicy | None = None,
        pace: Callable[[int, int], None] = lambda _up, _down: None,
    ) -> None:
        self._open_store, self._notify, self._pace = open_store, notify, pace
        self._open_journal = journal
        self._sizes, self._retries = sizes or TransferLimits(), retries or RetryPolicy()
        self._limits, self._rules = Limits(), TransferRules()
        self._board: Board
        self._scanner: Scanner
        self._runner: Runner
        self._early: list[Callable[[], None]] | None = []  # orders that came before the journal was read
        self._last_id = 0
        self._ids = threading.Lock()
        self._loop = asyncio.SelectorEventLoop()  # never new_event_loop: a window may have made that one its own kind
        self._thread = threading.Thread(target=self._serve, name="transfer-engine", daemon=True)

    # ------------------------------------------------------------------------------------------------- orders, any thread

    def start(self) -> None:
        """Begin: what the journal holds goes on, or waits for the user's word. Orders may come before."""
        self._thread.start()

    def upload(self, request: UploadRequest) -> int:
        """Upload files and folders; returns the group's id."""
        names = tuple(path.name for path in request.paths[:5])
        return self._begin(request, Direction.UPLOAD, request.prefix, names, len(request.paths))

    def download(self, request: DownloadRequest) -> int:
        """Download objects and whole folders into a local folder; returns the group's id."""
        chosen = itertools.chain(request.folders, (entry.key for entry in request.keys))
        names = tuple(key.removeprefix(request.base_prefix) for key in itertools.islice(chosen, 5))
        count = len(request.folders) + len(request.keys)
        return self._begin(request, Direction.DOWNLOAD, str(request.target), names, count)

    def delete(self, request: DeleteRequest) -> int:
        """Delete exactly these objects; returns the group's id."""
        return self._begin(request, Direction.DELETE, request.prefix, request.names[:5], len(request.keys))

    def pause(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        """Stop, and keep what was done: of one group, of some jobs, or of everything."""
        self._post(self._pause, group, jobs)

    def resume(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        """Go on with what is PAUSED, at once and with the connection opened anew."""
        self._post(self._resume, group, jobs)

    def cancel(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        """End for good what has not ended; named jobs also when they FAILED. What had begun is cleaned up behind it."""
        self._post(self._cancel, group, jobs)

    def retry(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        """Queue FAILED jobs again, and of a whole group look again for what was left out.

        A download that failed since the object changed takes the version of now.
        """
        self._post(self._retry, group, jobs)

    def remove(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        """Take ended jobs, or a group of which everything has ended, off the list."""
        self._post(self._remove, group, jobs)

    def remove_ended(self) -> None:
        """Take all groups off the list whose jobs are DONE or CANCELLED; those with failures stay, to be seen and retried."""
        self._post(self._remove_ended)

    def reopen(self, connection_id: str) -> None:
        """A connection has changed, its key for one: open it anew, and go on with what it refused."""
        self._post(self._reopen, connection_id)

    def set_limits(self, limits: Limits) -> None:
        """Change rates and numbers while transfers run."""
        self._post(self._set_limits, limits)

    def set_rules(self, rules: TransferRules) -> None:
        """Change how transfers that begin from now on are made."""
        self._post(self._set_rules, rules)

    def content(self, group: int) -> GroupContent:
        """What a person wants to see of a group. Blocks for some milliseconds: never call it in the GUI thread."""

        async def ask() -> GroupContent:
            return self._content(group)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(10.0)

    def active(self) -> int:
        """How many jobs are queued or running, plus the scans under way: 0 when closing would interrupt nothing."""
        if self._early is not None:
            return len(self._early)
        groups = tuple(self._board.groups.values())
        return sum(group.counts.active + (group.scan is not None) for group in groups)

    def close(self, timeout: float) -> bool:
        """Stop everything; it goes on at the next ``start``. Waits up to ``timeout`` seconds; True when all has ended."""
        if not self._thread.is_alive():
            return True
        self._post(self._close)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _post(self, call: Callable[..., None], *arguments: Any) -> None:
        def run() -> None:
            if self._early is not None and call not in (self._set_limits, self._set_rules):
                self._early.append(run)
                return
            try:
                call(*arguments)
            except BrowserError:
                log.exception("the journal of the transfers failed")

        with contextlib.suppress(RuntimeError):  # closed
            self._loop.call_soon_threadsafe(run)

    def _begin(self, request: Request, direction: Direction, place: str, names: tuple[str, ...], chosen: int) -> int:
        with self._ids:  # unique over restarts, too
            self._last_id = number = max(self._last_id + 1, time.time_ns() // 1_000_000)
        status = GroupStatus(
            number, direction, request.connection_id, request.bucket, place, names, chosen, time.time(), scanning=True
        )
        self._post(self._accept, GroupRecord(status, request))
        return number

    # ------------------------------------------------------------------------------------------- the thread and its loop

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_default_executor(ThreadPoolExecutor(_THREADS, "transfer-call"))
        try:
            self._loop.run_until_complete(self._live())
        except Exception:
            log.exception("the transfer engine failed")
        finally:
            self._loop.close()

    async def _live(self) -> None:
        journal = self._open_journal()
        board = self._board = Board(Desk(journal, self._sizes, self._retries, self._rules), self._open_store, self._notify)
        board.limits = self._limits
        self._scanner, self._runner = Scanner(board), Runner(board, lambda group: self._resume(group, ()))
        board.feed, board.give_up = self._runner.feed, self._runner.give_up
        self._restore()
        log.info("the transfer engine is ready: %d groups", len(board.groups))
        early, self._early = self._early or [], None
        for order in early:
            order()
        teller = asyncio.create_task(board.tell_always())
        room = asyncio.create_task(self._runner.watch_disks())
        await board.closing.wait()
        for group in board.groups.values():
            if group.scan:
                group.scan.cancel()
        await asyncio.sleep(0)  # whatever was begun has had its first step
        ending = [*board.tasks, teller, room]
        for task in ending:
            task.cancel()
        await asyncio.wait(ending, timeout=3.0)
        board.tell()
        journal.close()

    def _close(self) -> None:
        self._board.closing.set()

    def _restore(self) -> None:
        """Take up what the journal holds: what ran is queued again, or paused if the user wants that."""
        for record in self._board.desk.journal.groups():
            group = self._board.enter(record)
            self._runner.clean_up_all(group)
            if record.status.ended:
                continue
            if group.direction is Direction.DELETE:  # what is there now may be newer than what was confirmed
                self._end_interrupted(group)
                continue
            if not self._board.desk.rules.resume:
                group.change(held=True)
            waits = group.record.status.held
            self._board.desk.journal.move(group.id, (_RUNNING,), _QUEUED)
            if waits:
                self._board.desk.journal.move(group.id, (_QUEUED,), _PAUSED)
            self._board.take_stock(group)
            self._board.save(group)
            if not record.scanned and not waits:
                self._scanner.scan(group)
            self._board.settled(group)
        self._board.purge()
        self._board.commit()
        for lane in self._board.lanes.values():
            self._board.wake(lane)

    def _end_interrupted(self, group: Group) -> None:
        counts = group.record.status.counts
        counts = replace(counts, queued=0, cancelled=group.record.status.chosen - counts.done - counts.failed)
        group.change(ended=time.time(), counts=counts)
        group.record = replace(group.record, scanned=True)
        group.took_stock(group.record.status)
        self._board.save(group)

    def _accept(self, record: GroupRecord) -> None:
        group = self._board.enter(record)
        try:
            self._board.desk.journal.add_group(record)
        except BrowserError as error:
            self._board.refuse(group, error)
            return
        self._board.commit()
        if isinstance(record.request, DeleteRequest):
            group.record = replace(record, scanned=True)
            self._board.spawn(self._runner.delete(group, record.request.keys))
        else:
            self._scanner.scan(group)

    # ------------------------------------------------------------------------------------------------- orders, in the loop

    def _meant(self, number: int, jobs: Sequence[int]) -> list[tuple[Group, tuple[int, ...]]]:
        """The groups that an order is for, each with the ids of its jobs, or () for all of them."""
        if not jobs:
            return [(group, ()) for group in tuple(self._board.groups.values()) if number in (0, group.id)]
        found: dict[int, list[int]] = {}
        for job, group_id in self._board.desk.journal.groups_of(jobs).items():
            found.setdefault(group_id, []).append(job)
        return [(self._board.groups[group_id], tuple(ids)) for group_id, ids in found.items() if group_id in self._board.groups]

    def _changed_by_order(self, group: Group) -> None:
        self._board.take_stock(group)
        self._board.save(group)
        self._board.settled(group)
        self._board.wake(group.lane)

    def _pause(self, number: int, jobs: Sequence[int]) -> None:
        for group, ids in self._meant(number, jobs):
            if group.record.status.ended:
                continue
            if not ids:
                group.change(held=True)
            if group.direction is not Direction.DELETE:
                self._board.desk.journal.move(group.id, (_QUEUED,), _PAUSED, ids)
                self._runner.stop(group, ids, _PAUSED)
                self._changed_by_order(group)

    def _resume(self, number: int, jobs: Sequence[int]) -> None:
        for group, ids in self._meant(number, jobs):
            if group.record.status.ended:
                continue
            group.change(held=False)
            group.stuck = None
            group.may_have = {True: True, False: True}
            group.lane.retry_now()
            group.go.set()
            if group.direction is not Direction.DELETE:
                self._board.desk.journal.move(group.id, (_PAUSED,), _QUEUED, ids)
                self._runner.go_on_after(group, ids)
                if not group.scanned and group.scan is None:
                    self._scanner.scan(group)
                self._changed_by_order(group)

    def _cancel(self, number: int, jobs: Sequence[int]) -> None:
        for group, ids in self._meant(number, jobs):
            if group.record.status.ended and not ids:
                continue
            if not ids:
                if group.scan:
                    group.scan.cancel()
                group.go.set()
                group.record = replace(group.record, scanned=True)
                group.change(held=False)
            if group.direction is Direction.DELETE:
                continue
            named = (_QUEUED, _PAUSED, *((_FAILED,) if ids else ()))
            self._board.desk.journal.move(group.id, named, _CANCELLED, ids)
            self._runner.clean_up_all(group)
            self._runner.stop(group, ids, _CANCELLED)
            self._changed_by_order(group)

    def _retry(self, number: int, jobs: Sequence[int]) -> None:
        journal = self._board.desk.journal
        for group, ids in self._meant(number, jobs):
            failed = [record for record in journal.jobs(group.id, _FAILED, 1 << 30) if not ids or record.job.id in ids]
            look_again = not ids and group.record.status.left_out > 0 and group.may_be_scanned
            if not (failed or look_again):
                continue
            if group.direction is Direction.DELETE and group.scan is not None:
                self._resume(group.id, ())  # it is under way: its failures can be tried again when it has ended
                continue
            group.change(ended=0.0, held=False)
            group.stuck = None
            group.may_have = {True: True, False: True}
            group.lane.retry_now()
            if group.direction is Direction.DELETE:
                journal.remove_jobs([record.job.id for record in failed])
                group.deleted(0, -len(failed))
                self._board.spawn(self._runner.delete(group, [record.job.ref.key for record in failed]))
                continue
            journal.save(_afresh(record) for record in failed)
            if look_again:  # a folder that could not be read or listed
                group.record = replace(group.record, scanned=False)
                self._scanner.scan(group)
            self._changed_by_order(group)

    def _remove(self, number: int, jobs: Sequence[int]) -> None:
        for group, ids in self._meant(number, jobs):
            if ids:
                ended = [
                    record.job.id for record in map(self._board.desk.journal.job, ids) if record and record.status.state.ended
                ]
                left = self._runner.give_up(group, ended) if ended else []
                self._board.spawn(self._remove_behind(group, ended, left))
            elif number and group.record.status.ended:
                self._board.forget_groups([group.id])

    async def _remove_behind(self, group: Group, ids: Sequence[int], left: Sequence[asyncio.Task[None]]) -> None:
        """Take jobs off the list once nothing of them is left at a store or on the disk."""
        if left:
            await asyncio.wait(left)
        if not self._board.closing.is_set():
            self._board.desk.journal.remove_jobs(ids)
            if group.direction is not Direction.DELETE:
                self._changed_by_order(group)

    def _remove_ended(self) -> None:
        ended = [group for group in self._board.groups.values() if group.record.status.ended]
        self._board.forget_groups([group.id for group in ended if not (group.counts.failed or group.record.status.left_out)])

    def _reopen(self, connection_id: str) -> None:
        for lane in self._board.lanes_of(connection_id):
            lane.retry_now()
            lane.takes_denials = False  # with another key, what is refused says something new
            for group in self._board.groups.values():
                if group.lane is lane:
                    group.go.set()
                    if not (group.scanned or group.scan or group.record.status.held or group.record.status.ended):
                        self._scanner.scan(group)

    def _set_limits(self, limits: Limits) -> None:
        self._limits = limits
        self._pace(limits.upload_rate, limits.download_rate)
        if self._early is None:
            self._board.limits = limits
            for lane in self._board.lanes.values():
                lane.allow(limits.at_once * PIECES)
                self._board.wake(lane)

    def _set_rules(self, rules: TransferRules) -> None:
        self._rules = rules
        if self._early is None:
            self._board.desk.rules = rules

    def _content(self, number: int) -> GroupContent:
        journal, group = self._board.desk.journal, self._board.groups.get(number)
        if group is None:
            return GroupContent(number)
        shown: dict[TransferState, list[JobStatus]] = {}
        hidden: dict[TransferState, int] = {}
        for state in (_FAILED, _RUNNING, _PAUSED, _QUEUED, _DONE, _CANCELLED):
            found = journal.jobs(number, state, SHOWN, latest=state in (_DONE, _CANCELLED))
            shown[state] = [self._runner.live_status(record.status) for record in found]
            if more := getattr(group.counts, state.value) - len(found):
                hidden[state] = max(0, more)
        # What is paused stays where it ran: a row must not leave from under the cursor.
        under_way = sorted(shown[_RUNNING] + shown[_PAUSED] + shown[_QUEUED], key=lambda status: status.job.id)
        jobs = (*shown[_FAILED], *under_way, *shown[_DONE], *shown[_CANCELLED])
        return GroupContent(number, jobs, hidden, journal.left_out(number, SHOWN))


def _afresh(record: JobRecord) -> JobRecord:
    """A FAILED job, QUEUED again: after CHANGED with the version of now."""
    status = replace(record.status, state=_QUEUED, error=None)
    error = record.status.error
    if error and error.kind is ErrorKind.CHANGED and status.job.direction is Direction.DOWNLOAD:
        status = replace(status, job=replace(status.job, size=UNKNOWN, etag=""), done_bytes=0)
        return replace(record, status=status, begun=False, part_size=0)
    return replace(record, status=status)
