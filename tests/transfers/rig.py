"""An engine on a store in memory with small parts and no waits, and a listener that tests wait on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from fakes.memory_store import MemoryStore

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.transfers.engine import Engine
from cloudtemple_browser.transfers.events import Event, JobChanged, JobsAdded, ObjectStored, ScanEnded
from cloudtemple_browser.transfers.job import ConflictPolicy, Job, UploadOptions
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.transfers.states import TransferState

BUCKET = "bucket"
CONNECTION = "connection"
PART = 1000
LIMITS = TransferLimits(threshold=PART, part=PART, smallest_part=1)
NO_WAITS = RetryPolicy(attempts=4, first=0.0)
PATIENCE = 30.0  # seconds until a condition that does not come is a failure
SIZES = (0, 1, PART - 1, PART, PART + 1, 3 * PART)


def failure(kind: ErrorKind, code: str = "") -> BrowserError:
    """A failure that a store raises."""
    return BrowserError(kind, ErrorFacts(code=code))


def content(size: int, seed: int = 0) -> bytes:
    """Bytes in which every part differs from every other."""
    return b"".join(f"{seed}:{n};".encode() for n in range(size // 3 + 1))[:size]


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by relative path; a folder without entries is there as ``name/``."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() or path.is_symlink():
            found[name] = path.read_bytes()
        elif not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found


class Listener:
    """Collects events; ``wait`` blocks until they fulfil a condition."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.changes: dict[int, list[JobChanged]] = {}
        self.batches = 0
        self._changed = threading.Condition()

    def __call__(self, events: tuple[Event, ...]) -> None:
        with self._changed:
            self.events.extend(events)
            for event in events:
                if isinstance(event, JobChanged):
                    self.changes.setdefault(event.job_id, []).append(event)
            self.batches += 1
            self._changed.notify_all()

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until ``condition()`` is true."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self.events[-20:]


class Rig:
    """One engine, one store, one listener."""

    def __init__(
        self, store: MemoryStore | None = None, slots: int = 4, limits: TransferLimits = LIMITS, retries: RetryPolicy = NO_WAITS
    ) -> None:
        self.store = store or MemoryStore(min_part_size=1)
        self.store.add_bucket(BUCKET)
        self.listener = Listener()
        self.engine = Engine(lambda _connection_id: self.store, self.listener, slots, limits=limits, retries=retries)

    @property
    def jobs(self) -> dict[int, Job]:
        return {job.id: job for event in self.listener.events if isinstance(event, JobsAdded) for job in event.jobs}

    @property
    def stored(self) -> list[ObjectStored]:
        return [event for event in self.listener.events if isinstance(event, ObjectStored)]

    def changes(self, job_id: int) -> list[JobChanged]:
        return self.listener.changes.get(job_id, [])

    def states(self, job_id: int) -> list[TransferState]:
        """The job's states in order, progress left out."""
        states = [change.state for change in self.changes(job_id)]
        return [state for at, state in enumerate(states) if at == 0 or state is not states[at - 1]]

    def scan(self, group: int) -> ScanEnded:
        """Wait for the end of a group's scan."""

        def ended() -> list[ScanEnded]:
            return [event for event in self.listener.events if isinstance(event, ScanEnded) and event.group == group]

        self.listener.wait(ended)
        return ended()[0]

    def wait_state(self, job_id: int, *states: TransferState) -> JobChanged:
        """Wait until the job's latest state is one of these."""
        self.listener.wait(lambda: self.changes(job_id) and self.changes(job_id)[-1].state in states)
        return self.changes(job_id)[-1]

    def finish(self, group: int) -> list[JobChanged]:
        """Wait until every job of a group has ended; their last changes in the order of their ids."""
        self.scan(group)
        ids = [job.id for job in self.jobs.values() if job.group == group]
        return [self.wait_state(i, TransferState.DONE, TransferState.FAILED, TransferState.CANCELLED) for i in ids]

    def only(self, group: int) -> JobChanged:
        """``finish`` for a group of one."""
        (change,) = self.finish(group)
        return change

    def first_job(self, group: int) -> int:
        """Wait until a group has a job and return its id."""
        self.listener.wait(lambda: [job for job in self.jobs.values() if job.group == group])
        return next(job.id for job in self.jobs.values() if job.group == group)

    def upload(
        self,
        *paths: Path,
        prefix: str = "",
        public: bool = False,
        conflict: ConflictPolicy = ConflictPolicy.OVERWRITE,
    ) -> int:
        return self.engine.upload(CONNECTION, BUCKET, prefix, paths, UploadOptions(public, conflict))

    def download(
        self,
        target: Path,
        *keys: str,
        folders: tuple[str, ...] = (),
        base: str = "",
        conflict: ConflictPolicy = ConflictPolicy.OVERWRITE,
    ) -> int:
        """Download objects as the store lists them now."""
        entries = tuple(self.entry(key) for key in keys)
        return self.engine.download(CONNECTION, BUCKET, entries, folders, base, target, conflict)

    def entry(self, key: str) -> ObjectEntry:
        """The row of one object as a listing has it."""
        for page in self.store.list_pages(BUCKET, key, "", CallControl()):
            for row in zip(page.keys, page.sizes, page.modified, page.etags, page.storage_classes, strict=True):
                if row[0] == key:
                    return ObjectEntry(*row)
        raise KeyError(key)

    def settled(self) -> None:
        """End the engine and see that all its threads ended and nothing is left half-done in the store."""
        assert self.engine.close(PATIENCE)
        assert self.store.uploads == {}
