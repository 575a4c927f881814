"""From a request to the jobs in the journal: a thread a group, no faster than the journal takes them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled
from cloudtemple_browser.model.transfers import DownloadRequest, Job, UploadRequest
from cloudtemple_browser.transfers.board import INTERVAL, Board
from cloudtemple_browser.transfers.group import Group
from cloudtemple_browser.transfers.lane import Lane, Refused
from cloudtemple_browser.transfers.local_errors import internal
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.transfers.scan import DownloadScan, Skipped, UploadScan

_TOGETHER = 500  # jobs handed over at once
_ROOM = 5.0  # seconds until a journal that could not be written is tried again

log = logging.getLogger(__name__)


class _Again:
    """Whether a listing goes on after a failure, as requests of transfers do. Called in the scan's thread, which it blocks."""

    def __init__(self, lane: Lane, retries: RetryPolicy, loop: asyncio.AbstractEventLoop, control: CallControl) -> None:
        self._lane, self._retries, self._loop, self._control = lane, retries, loop, control
        self._attempts, self._since = 0, 0.0

    def __call__(self, error: BrowserError, moved: bool) -> bool:
        """Wait until the connection may be used again. Raises ``Refused``."""
        now = time.monotonic()
        if moved or not self._attempts:
            self._attempts, self._since = 0, now
        self._attempts += 1
        if self._control.cancelled or not (error.retryable or error.offline):
            return False
        if self._retries.enough(error, self._attempts, now - self._since, answered=False):
            return False
        waiting = asyncio.run_coroutine_threadsafe(self._wait(error), self._loop)
        while not self._control.wait(0.05):
            if waiting.done():
                waiting.result()
                return not self._control.wait(self._retries.delay(self._attempts))
        waiting.cancel()
        return False

    async def _wait(self, error: BrowserError) -> None:
        self._lane.failed(error, time.monotonic(), self._lane.successes)
        await self._lane.clear()


class Scanner:
    """Scans groups. ``scan`` and what is handed over run in the engine's loop."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._loop = asyncio.get_running_loop()

    def scan(self, group: Group) -> None:
        """Begin, or begin anew, to find the jobs of a group."""
        group.scan = control = CallControl()
        with contextlib.suppress(BrowserError):  # its disk is full: what a scan before left out is told twice
            self._board.desk.journal.forget_left_out(group.id)
        group.change(left_out=0)
        self._board.commit()
        threading.Thread(target=self._scan_all, args=(group, control), name=f"transfer-scan-{group.id}", daemon=True).start()

    def _scan_all(self, group: Group, control: CallControl) -> None:
        """Hand over what a scan finds, in a thread of its own; no faster than the journal takes it."""
        jobs: list[Job] = []
        skipped: list[tuple[str, BrowserError]] = []
        whole = True

        def hand_over(*, last: bool = False) -> None:
            found = tuple(jobs), tuple(skipped)
            jobs.clear()
            skipped.clear()
            add = partial(self._scanned, whole=whole) if last else self._found
            self._hand_over(partial(add, group, control, *found), control)

        handed = time.monotonic()
        try:
            try:
                for thing in self._things(group, control):
                    if isinstance(thing, Skipped):
                        skipped.append((thing.subject, thing.error))
                    else:
                        jobs.append(thing)
                    if len(jobs) + len(skipped) >= _TOGETHER or time.monotonic() - handed >= INTERVAL:
                        hand_over()
                        handed = time.monotonic()
            except (Cancelled, Refused):
                whole = False
            except BrowserError as error:
                skipped.append((error.facts.subject, error))
            except Exception as error:
                log.exception("a scan failed unexpectedly")
                skipped.append(("", internal(error)))
            hand_over(last=True)
        except RuntimeError:
            return  # the engine is closed

    def _hand_over(self, add: Callable[[], Coroutine[Any, Any, None]], control: CallControl) -> None:
        """Have something done in the loop; again while the journal has no room. Raises ``RuntimeError`` when that is closed."""
        while True:
            adding = add()
            try:
                added = asyncio.run_coroutine_threadsafe(adding, self._loop)
            except RuntimeError:
                adding.close()
                raise
            try:
                return added.result()
            except BrowserError as error:
                log.warning("the journal of the transfers cannot be written now: %s", error.kind.value)
                control.wait(_ROOM)

    def _things(self, group: Group, control: CallControl) -> Iterator[Job | Skipped]:
        match group.request:
            case UploadRequest():
                return UploadScan(group.id, group.request, self._board.desk.rules).jobs(control)
            case DownloadRequest():
                store = asyncio.run_coroutine_threadsafe(group.lane.store(), self._loop).result()
                again = _Again(group.lane, self._board.desk.retries, self._loop, control)
                return DownloadScan(group.id, group.request).jobs(store, control, again=again)
        return iter(())

    async def _found(
        self, group: Group, control: CallControl, jobs: tuple[Job, ...], skipped: tuple[tuple[str, BrowserError], ...]
    ) -> None:
        if control.cancelled or group.id not in self._board.groups:
            raise Cancelled
        journal = self._board.desk.journal
        new = journal.add_jobs(group.id, jobs, self._board.desk.sizes.threshold)
        journal.leave_out(group.id, skipped)
        self._board.commit()
        if new < len(jobs):  # an interrupted scan begins anew: the journal has these already
            self._board.take_stock(group)
        else:
            group.added(new, sum(max(0, job.size) for job in jobs))
        if skipped:
            group.change(left_out=group.record.status.left_out + len(skipped))
        self._board.wake(group.lane)

    async def _scanned(
        self,
        group: Group,
        control: CallControl,
        jobs: tuple[Job, ...],
        skipped: tuple[tuple[str, BrowserError], ...],
        *,
        whole: bool,
    ) -> None:
        with contextlib.suppress(Cancelled):
            await self._found(group, control, jobs, skipped)
        if group.scan is control:
            group.scan = None
        if whole or (control.cancelled and not self._board.closing.is_set()):
            group.record = replace(group.record, scanned=True)
        if group.id in self._board.groups and not self._board.closing.is_set():
            self._board.save(group)
            self._board.settled(group)
            self._board.mark(group)
