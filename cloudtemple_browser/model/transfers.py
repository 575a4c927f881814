"""Transfers as frozen values: what was asked for, one piece of it, and where both are. Only the engine changes states."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from cloudtemple_browser.model.addresses import DELIMITER, ObjectRef
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.writes import WriteOptions


class Direction(enum.Enum):
    """Which way the bytes go; a deletion moves none."""

    UPLOAD = "upload"
    DOWNLOAD = "download"
    DELETE = "delete"


class TransferState(enum.Enum):
    """Where a job is. ``DONE`` and ``CANCELLED`` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"

    @property
    def active(self) -> bool:
        """Whether the engine still has to do something for it by itself."""
        return self in (TransferState.QUEUED, TransferState.RUNNING)

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more, unless the user asks for it."""
        return self in (TransferState.FAILED, TransferState.CANCELLED, TransferState.DONE)


class ConflictPolicy(enum.Enum):
    """What happens to one target that exists already, as the user decided. ``REFUSE``: the job fails, nothing is touched."""

    OVERWRITE = "overwrite"
    SKIP = "skip"
    KEEP_BOTH = "keep-both"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    """What the user decided about one target that exists: ``replaces`` is what it was then, and only that is overwritten.

    For an upload ``replaces`` is the ETag of the object, for a download the ``stamp`` of the local file; "" is whatever is
    there. ``KEEP_BOTH`` chooses a free name ``name (2).ext``.
    """

    policy: ConflictPolicy
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One object to upload or to download.

    ``path`` is the local file and ``root`` the folder that it was found under or that it may not leave: the part of ``path``
    below ``root`` is safe by ``model.local_names`` in a download. ``size`` is in bytes or ``UNKNOWN``; ``etag`` pins a download
    to one version ("" takes the current one); ``modified`` is the object's time in seconds UTC, for a download; ``options``
    count for uploads only. ``decision`` says what happens to a target that exists.
    """

    id: int
    group: int
    direction: Direction
    connection_id: str
    ref: ObjectRef
    path: Path
    root: Path
    size: int
    etag: str = ""
    modified: int = UNKNOWN
    options: WriteOptions = field(default_factory=WriteOptions)
    decision: Decision = field(default_factory=lambda: Decision(ConflictPolicy.REFUSE))

    @property
    def is_folder(self) -> bool:
        """Whether this stands for a folder: a zero-byte object ``x/`` here, a directory there."""
        return self.size == 0 and self.ref.key.endswith(DELIMITER)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs of a group are in which state. ``skipped`` ones were DONE without touching a target that existed."""

    queued: int = 0
    running: int = 0
    paused: int = 0
    failed: int = 0
    cancelled: int = 0
    done: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """All jobs; ``skipped`` ones are among ``done``."""
        return self.queued + self.running + self.paused + self.failed + self.cancelled + self.done

    @property
    def active(self) -> int:
        """Jobs that the engine works on by itself."""
        return self.queued + self.running


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """Everything that was asked for at once (one drop, one download, one deletion), and how far it is. Bytes are absolute.

    ``place`` is where it goes: the prefix of an upload or a deletion, the local folder of a download. ``names`` are the first
    few names that were chosen, of ``chosen``. ``created`` and ``ended`` are seconds UTC (``ended`` 0.0: not yet). ``scanning``:
    more jobs may come. ``bytes_moved`` went over the wire, what was sent twice counted twice; a speed is made of it.
    ``waiting`` is why nothing moves just now (offline, throttled, refused, disk full). ``left_out`` is how many things were
    asked for and became no job. ``held``: the user paused it. ``unproven``: how many are done without proof, since the store
    gave nothing to compare with. ``not_public``: stored, but not public as asked.
    """

    id: int
    direction: Direction
    connection_id: str
    bucket: str
    place: str
    names: tuple[str, ...]
    chosen: int
    created: float
    ended: float = 0.0
    scanning: bool = False
    counts: Counts = field(default_factory=Counts)
    bytes_done: int = 0
    bytes_total: int = 0
    bytes_moved: int = 0
    waiting: BrowserError | None = None
    left_out: int = 0
    held: bool = False
    unproven: int = 0
    not_public: int = 0


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job and where it is. Bytes are absolute; ``total_bytes`` may be ``UNKNOWN``.

    ``error`` is set when FAILED, and when PAUSED for a reason. ``again``: it is tried again after ``error``, still RUNNING.
    When DONE, ``skipped`` says that the target existed and was left alone, ``verified`` that the bytes are proven (False: done,
    but not verifiable), ``not_public`` that an upload is stored but did not become public as asked, and ``path`` is the file or
    folder that a download wrote, ``key`` the key that an upload wrote (another one than asked for after ``KEEP_BOTH``).
    """

    job: Job
    state: TransferState
    done_bytes: int = 0
    total_bytes: int = UNKNOWN
    error: BrowserError | None = None
    again: bool = False
    verified: bool = False
    skipped: bool = False
    not_public: bool = False
    path: Path | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class GroupContent:
    """What a person wants to see of a group: ``jobs`` with the failed ones first, then those under way, then the ended ones.

    Of each state only the first hundreds are here; ``hidden`` counts the others. ``left_out`` are (local path or key, why).
    """

    group: int
    jobs: tuple[JobStatus, ...] = ()
    hidden: Mapping[TransferState, int] = field(default_factory=dict)
    left_out: tuple[tuple[str, BrowserError], ...] = ()


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """Files and folders to upload into ``prefix``.

    ``decisions`` tells by key what happens to an object that exists; for any other key there was nothing at the question, and
    ``appeared`` tells what happens to what has come there since (``OVERWRITE`` never asks the store: for a key that may not
    read). ``public``: with the canned ACL ``public-read``.
    """

    connection_id: str
    bucket: str
    prefix: str
    paths: tuple[Path, ...]
    public: bool = False
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    appeared: ConflictPolicy = ConflictPolicy.REFUSE


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """Objects and whole ``folders`` (prefixes) to download into the existing local folder ``target``.

    Local paths are what follows ``base_prefix`` in the keys, made safe. ``decisions`` tells by local path what happens to a
    file that exists; ``appeared`` is for what was not there at the question.
    """

    connection_id: str
    bucket: str
    keys: tuple[ObjectEntry, ...]
    folders: tuple[str, ...]
    base_prefix: str
    target: Path
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    appeared: ConflictPolicy = ConflictPolicy.KEEP_BOTH


@dataclass(frozen=True, slots=True)
class DeleteRequest:
    """Exactly the objects that the user confirmed, by key. ``names`` are what was selected, for the panel; ``prefix`` where."""

    connection_id: str
    bucket: str
    prefix: str
    keys: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The user's limits, changeable while transfers run: bytes a second (0: none), and how many large files at a time."""

    upload_rate: int = 0
    download_rate: int = 0
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class TransferRules:
    """How new transfers are made.

    ``excluded`` are file names (lower case) that are never uploaded; ``follow_links`` uploads what a symbolic link points to in
    place of leaving it out; ``checksum`` stores the SHA-256 as the metadata ``checksum-sha256`` that the provider documents;
    ``keep_times`` stores a file's time as the metadata ``mtime`` and gives a downloaded file its time; ``resume``: at start, go
    on with what was interrupted (else it is paused).
    """

    excluded: tuple[str, ...] = (".ds_store", "thumbs.db", "desktop.ini")
    follow_links: bool = False
    checksum: bool = False
    keep_times: bool = True
    resume: bool = True


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job with all that a restart needs to go on with it.

    ``stamp`` is the local file as an upload began with it, or the identity of a download's temporary file. ``target`` is the
    key chosen for the result ("": as the job says). ``begun``: something of it may be at the target already. ``upload_id`` and
    ``part_size`` (bytes) belong to a multipart upload or a download in parts; ``before`` are the upload ids of this key that
    were there before ours was begun, None when these are not known, and ``begun_at`` (seconds UTC) when. ``proven``: a download
    is put in place with proof.
    """

    status: JobStatus
    stamp: str = ""
    target: str = ""
    begun: bool = False
    upload_id: str = ""
    part_size: int = 0
    before: tuple[str, ...] | None = None
    begun_at: float = 0.0
    proven: bool = False

    @property
    def job(self) -> Job:
        """What is transferred."""
        return self.status.job


Request: TypeAlias = UploadRequest | DownloadRequest | DeleteRequest


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group as the journal keeps it: its request, and whether all its jobs are in the journal too (``scanned``)."""

    status: GroupStatus
    request: Request
    scanned: bool = False
