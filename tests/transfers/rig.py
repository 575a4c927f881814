"""An engine on a store in memory with small parts and no waits, and a listener that tests wait on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from fakes.memory_store import MemoryStore

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.transfers import (
    ConflictPolicy,
    Decision,
    DeleteRequest,
    DownloadRequest,
    GroupStatus,
    JobStatus,
    TransferRules,
    TransferState,
    UploadRequest,
)
from cloudtemple_browser.persistence.journal import Journal
from cloudtemple_browser.transfers.engine import Engine
from cloudtemple_browser.transfers.events import (
    Event,
    GroupChanged,
    GroupEnded,
    GroupsRemoved,
    ObjectsDeleted,
    ObjectsStored,
)
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.retry import RetryPolicy

BUCKET = "bucket"
CONNECTION = "connection"
PART = 1000
LIMITS = TransferLimits(threshold=PART, part=PART, smallest_part=1)
NO_WAITS = RetryPolicy(attempts=4, first=0.001, longest=0.01, longest_offline=0.01)
PATIENCE = 30.0  # seconds until a condition that does not come is a failure
SIZES = (0, 1, PART - 1, PART, PART + 1, 3 * PART)


def failure(kind: ErrorKind, code: str = "") -> BrowserError:
    """A failure that a store raises."""
    return BrowserError(kind, ErrorFacts(code=code))


class Listener:
    """Collects events; ``wait`` blocks until they fulfil a condition."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.status: dict[int, GroupStatus] = {}
        self.ended: dict[int, list[GroupEnded]] = {}
        self.stored: list[ObjectEntry] = []
        self.public: dict[str, bool] = {}
        self.deleted: list[str] = []
        self.removed: set[int] = set()
        self._changed = threading.Condition()

    def __call__(self, events: tuple[Event, ...]) -> None:
        with self._changed:
            self.events.extend(events)
            for event in events:
                match event:
                    case GroupChanged(status):
                        self.status[status.id] = status
                    case GroupEnded(status):
                        self.ended.setdefault(status.id, []).append(event)
                    case GroupsRemoved(ids):
                        self.removed.update(ids)
                    case ObjectsStored(entries=entries, public=public):
                        self.stored.extend(entries)
                        self.public.update((entry.key, public) for entry in entries)
                    case ObjectsDeleted(keys=keys):
                        self.deleted.extend(keys)
            self._changed.notify_all()

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until ``condition()`` is true."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self.events[-10:]


class Rig:
    """One engine, one store, one listener, one journal in a file."""

    def __init__(
        self,
        folder: Path,
        store: MemoryStore | None = None,
        limits: TransferLimits = LIMITS,
        retries: RetryPolicy = NO_WAITS,
        rules: TransferRules | None = None,
    ) -> None:
        self.store = store or MemoryStore(min_part_size=1)
        if BUCKET not in [bucket.name for bucket in self.store.list_buckets()]:
            self.store.add_bucket(BUCKET)
        self.folder = folder
        self.opened = 0
        self.refusal: BrowserError | None = None
        self._made = limits, retries
        self._start(rules)

    def _start(self, rules: TransferRules | None) -> None:
        limits, retries = self._made
        self.listener = Listener()
        self.engine = Engine(
            self._open, self.listener, lambda: Journal(self.folder / "transfers.sqlite3"), sizes=limits, retries=retries
        )
        if rules:
            self.engine.set_rules(rules)
        self.engine.start()

    def _open(self, connection_id: str) -> TransferStore:
        assert connection_id == CONNECTION
        self.opened += 1
        if self.refusal:
            raise self.refusal
        return self.store

    def restart(self, rules: TransferRules | None = None) -> None:
        """Close the engine and begin another one on the same journal."""
        self.close()
        self._start(rules)

    def close(self) -> None:
        """Close the engine."""
        assert self.engine.close(PATIENCE)

    def upload(
        self,
        *paths: Path,
        prefix: str = "",
        decisions: Mapping[str, Decision] | None = None,
        appeared: ConflictPolicy = ConflictPolicy.REFUSE,
        public: bool = False,
    ) -> int:
        """Upload; returns the group."""
        request = UploadRequest(CONNECTION, BUCKET, prefix, paths, public, decisions or {}, appeared)
        return self.engine.upload(request)

    def download(
        self,
        target: Path,
        *keys: str,
        folders: tuple[str, ...] = (),
        base: str = "",
        decisions: Mapping[str, Decision] | None = None,
        appeared: ConflictPolicy = ConflictPolicy.REFUSE,
    ) -> int:
        """Download objects as the listing has them; returns the group."""
        infos = [self.store.head_object(ObjectRef(BUCKET, key)) for key in keys]
        entries = tuple(ObjectEntry(info.key, info.size, info.modified, info.etag) for info in infos)
        return self.engine.download(
            DownloadRequest(CONNECTION, BUCKET, entries, folders, base, target, decisions or {}, appeared)
        )

    def delete(self, *keys: str) -> int:
        """Delete objects; returns the group."""
        return self.engine.delete(DeleteRequest(CONNECTION, BUCKET, "", keys, keys[:3]))

    def ended(self, group: int, times: int = 1) -> GroupEnded:
        """Wait until a group has ended (so many times)."""
        self.listener.wait(lambda: len(self.listener.ended.get(group, ())) >= times)
        return self.listener.ended[group][times - 1]

    def until(self, group: int, condition: Callable[[GroupStatus], object]) -> GroupStatus:
        """Wait until a group's status fulfils a condition."""
        self.listener.wait(lambda: group in self.listener.status and condition(self.listener.status[group]))
        return self.listener.status[group]

    def jobs(self, group: int) -> tuple[JobStatus, ...]:
        """The jobs of a group."""
        return self.engine.content(group).jobs

    def job(self, group: int) -> JobStatus:
        """The one job of a group."""
        (job,) = self.jobs(group)
        return job

    def done(self, group: int) -> JobStatus:
        """Wait until the one job of a group is done."""
        self.ended(group)
        job = self.job(group)
        assert job.state is TransferState.DONE, job
        return job

    def failed(self, group: int, kind: ErrorKind) -> BrowserError:
        """Wait until the one job of a group has failed in this way."""
        self.ended(group)
        job = self.job(group)
        assert job.state is TransferState.FAILED, job
        assert job.error, job
        assert job.error.kind is kind, job.error
        return job.error

    def until_calls(self, operation: str, count: int) -> None:
        """Wait until the store has got so many calls."""
        self.poll(lambda: self.store.count(operation) >= count)

    def poll(self, condition: Callable[[], object]) -> None:
        """Wait until something that tells nobody is true."""
        end, pause = time.monotonic() + PATIENCE, threading.Event()
        while not condition():
            assert time.monotonic() < end, self.store.calls[-5:]
            pause.wait(0.002)
