"""Everything that was asked for at once, while the engine works on it. The engine's loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.transfers import (
    Counts,
    DownloadRequest,
    GroupRecord,
    GroupStatus,
    JobRecord,
    TransferState,
    UploadRequest,
)
from cloudtemple_browser.transfers.lane import Lane, Refused
from cloudtemple_browser.transfers.run import Meter
from cloudtemple_browser.transfers.states import moved

_FIELDS = tuple(state.value for state in TransferState)


class Group:
    """One group: its counts, its bytes, and what of it runs. ``changed`` is called when something did."""

    def __init__(self, record: GroupRecord, lane: Lane, changed: Callable[[Group], None]) -> None:
        self.record, self.lane = record, lane
        self.id, self.request = record.status.id, record.request
        self.direction = record.status.direction
        self.meter = Meter(done=record.status.bytes_done)
        self.meter.changed = lambda: changed(self)
        self.scan: CallControl | None = None
        self.may_have = {True: True, False: True}  # by size: whether QUEUED jobs may be in the journal
        self.stuck: BrowserError | None = None  # why jobs of it are PAUSED without the user
        self.go = asyncio.Event()  # set by every order that may end a wait
        self._counts: Counter[str] = Counter()
        self._extra: Counter[str] = Counter()
        self._total = 0
        self.took_stock(record.status)

    @property
    def scanned(self) -> bool:
        """Whether all its jobs are in the journal."""
        return self.record.scanned

    @property
    def may_be_scanned(self) -> bool:
        """Whether what to look for is still known, and nobody looks."""
        return self.scan is None and isinstance(self.request, UploadRequest | DownloadRequest)

    @property
    def mean_size(self) -> float:
        """Bytes of a job, on average."""
        return self._total / max(1, self._counts.total())

    def took_stock(self, status: GroupStatus) -> None:
        """Take counts and bytes as the journal has them."""
        counts = status.counts
        self._counts = Counter({name: getattr(counts, name) for name in _FIELDS})
        self._extra = Counter(skipped=counts.skipped, unproven=status.unproven, not_public=status.not_public)
        self._total = status.bytes_total
        self.may_have = {True: True, False: True}
        self.meter.changed()

    def added(self, count: int, size: int) -> None:
        """New jobs are queued."""
        self._counts["queued"] += count
        self._total += size
        self.may_have = {True: True, False: True}
        self.meter.changed()

    def moved(self, old: TransferState, record: JobRecord, size: int = 0) -> None:
        """One job changed its state; ``size`` is by how much its bytes became more or fewer."""
        status = record.status
        self._counts[old.value] -= 1
        self._counts[moved(old, status.state).value] += 1
        self._total += size
        if status.state is TransferState.DONE:
            self._extra["skipped"] += status.skipped
            self._extra["unproven"] += not (status.verified or status.skipped)
            self._extra["not_public"] += status.not_public
        self.meter.changed()

    def change(self, **changes: object) -> None:
        """Change the status itself."""
        self.record = replace(self.record, status=replace(self.record.status, **changes))  # type: ignore[arg-type]
        self.meter.changed()

    @property
    def waiting_for(self) -> BrowserError | None:
        """Why nothing moves just now."""
        return self.lane.refused or self.lane.trouble or self.stuck

    @property
    def counts(self) -> Counts:
        """How many jobs are in which state."""
        return Counts(**{name: self._counts[name] for name in _FIELDS}, skipped=self._extra["skipped"])

    @property
    def unfinished(self) -> bool:
        """Whether something is to be done, by the engine or after the user's word."""
        counts = self.counts
        return not self.scanned or counts.active + counts.paused > 0

    def status(self) -> GroupStatus:
        """The group as it is now."""
        status = self.record.status
        waiting = self.waiting_for if not status.ended and self.unfinished else None
        return replace(
            status,
            scanning=self.scan is not None,
            counts=self.counts,
            bytes_done=self.meter.total,
            bytes_total=self._total,
            bytes_moved=self.meter.wire,
            waiting=waiting,
            unproven=self._extra["unproven"],
            not_public=self._extra["not_public"],
        )

    def deleted(self, done: int, failed: int) -> None:
        """Keys are gone, or failed (negative: these are tried again)."""
        self._counts["done"] += done
        self._counts["failed"] += failed
        self._counts["queued"] -= done + max(0, failed)
        self.meter.changed()

    def rest_cancelled(self) -> None:
        """What is still queued will not happen."""
        self._counts["cancelled"] += self._counts["queued"]
        self._counts["queued"] = 0
        self.meter.changed()

    async def may_go(self, control: CallControl) -> None:
        """Return when requests may go: the user lets it, and so does the store; or once ``control`` is cancelled."""
        while not control.cancelled:
            try:
                await self.lane.clear()
                if not self.record.status.held:
                    return
            except Refused:
                pass
            self.go.clear()
            await self.go.wait()
