"""What the engine tells: frozen values, in order, in batches, from its reporter thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.transfers.job import Direction, Job
from cloudtemple_browser.transfers.states import TransferState


@dataclass(frozen=True, slots=True)
class JobsAdded:
    """New jobs, all QUEUED."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class JobChanged:
    """A job's new state or progress. Bytes are absolute, not deltas; ``total_bytes`` may be ``UNKNOWN``.

    ``error`` is set when FAILED. When DONE, ``skipped`` says that the target existed and was left alone, ``verified`` that the
    bytes are proven (False: done, but not verifiable), ``not_public`` that an upload is stored but did not become public as
    asked, and ``path`` is the file or folder that a download wrote.
    """

    job_id: int
    state: TransferState
    done_bytes: int
    total_bytes: int
    error: BrowserError | None = None
    verified: bool = False
    skipped: bool = False
    path: Path | None = None
    not_public: bool = False


@dataclass(frozen=True, slots=True)
class ObjectStored:
    """An object is in the store now: a list that shows its prefix can upsert the row. ``public``: sent with public-read."""

    connection_id: str
    bucket: str
    entry: ObjectEntry
    public: bool


@dataclass(frozen=True, slots=True)
class ScanEnded:
    """A group is complete: ``jobs`` is how many it has. Also comes when it was cancelled.

    ``skipped`` is everything that was asked for and is not among the jobs, as (local path or key, reason): a folder that could
    not be listed to its end is in it.
    """

    group: int
    jobs: int
    skipped: tuple[tuple[str, BrowserError], ...]
    direction: Direction = Direction.UPLOAD


@dataclass(frozen=True, slots=True)
class JobsRemoved:
    """Jobs that left the list."""

    ids: tuple[int, ...]


Event: TypeAlias = JobsAdded | JobChanged | ObjectStored | ScanEnded | JobsRemoved
