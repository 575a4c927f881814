"""What the engine needs of a store, its workers and the journal. Every call blocks unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from cloudtemple_browser.model.acl import Acl, CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult
from cloudtemple_browser.model.entries import ListingPage, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.paging import PageAnswer
from cloudtemple_browser.model.steps import Steps
from cloudtemple_browser.model.traits import Learnt
from cloudtemple_browser.model.transfers import GroupRecord, GroupStatus, Job, JobRecord, TransferState
from cloudtemple_browser.model.writes import Condition, Fetched, PendingUpload, Stored, UploadedPart, WriteOptions


class ByteStore(Protocol):
    """The calls that move bytes, and what they need to prove them. Thread-safe; raise ``BrowserError`` or ``Cancelled``.

    A method returns only what the store's answer proves; an answer that is not S3's raises ``NOT_S3``. No method here retries.
    ``control.cancel()`` closes the socket under a call at once.
    """

    @property
    def learnt(self) -> Learnt:
        """What the store's answers, in any process, have told of its ways."""

    def put_object(
        self,
        ref: ObjectRef,
        body: bytes | memoryview,
        options: WriteOptions,
        control: CallControl,
        condition: Condition | None = None,
    ) -> Stored:
        """Store ``body`` (at most 5 GiB) with Content-MD5. A different MD5 ETag raises INTEGRITY; a 412 raises CHANGED."""

    def put_object_steps(
        self,
        ref: ObjectRef,
        body: bytes | memoryview,
        options: WriteOptions,
        control: CallControl,
        condition: Condition | None = None,
    ) -> Steps[Stored]:
        """``put_object``, whose answer is not waited for."""

    def upload_part(
        self, ref: ObjectRef, upload_id: str, number: int, body: bytes | memoryview, control: CallControl
    ) -> UploadedPart:
        """Send part ``number`` (1 to 10,000) with Content-MD5. A different MD5 ETag raises INTEGRITY."""

    def read_range(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Fetched:
        """Read ``length`` (≥ 1) bytes from ``start`` into ``sink``, in order, from the object version with ``etag``.

        Only a 206 with exactly this range and this ETag counts (``etag`` "" accepts any; a 200 counts when it is the whole
        object and that was asked for): a replaced object raises CHANGED, a cut body CONNECTION_LOST. Bytes may have gone to
        ``sink`` before it raises; never more than ``length``.
        """

    def read_range_steps(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Steps[Fetched]:
        """``read_range``, whose answer is not waited for."""

    def head_object(self, ref: ObjectRef, control: CallControl | None = None) -> ObjectInfo:
        """Size, ETag, type and metadata of one object; NO_OBJECT when there is none. Retried a few times, but THROTTLED."""

    def first_page(self, bucket: str, prefix: str, after: str, most: int, control: CallControl) -> PageAnswer:
        """At most ``most`` (up to 1,000) keys that begin with ``prefix`` and come behind ``after``, by one request."""

    def delete_objects(self, bucket: str, keys: Sequence[str]) -> DeleteResult:
        """Delete exactly these keys (any number; batches of 1,000 with Content-MD5) and say what happened to each."""


class Work(Protocol):
    """A piece of byte work: a frozen picklable value that runs in an engine process, against local files and a store."""

    def run(self, store: ByteStore, control: CallControl) -> Any:
        """Do it, and return a frozen picklable value. ``control.moved`` counts bytes on the wire. Raises as ``ByteStore``."""


class TransferStore(ByteStore, Protocol):
    """The data calls of one connection. Thread-safe; every method raises ``BrowserError`` or ``Cancelled``.

    No method retries a write; reads are retried a few times within the call.
    """

    def work(self, work: Work, control: CallControl, done: Callable[[Any], None]) -> None:
        """Run ``work`` in an engine process and return at once.

        ``done`` is called exactly once, in any thread, with what it returned or the exception that it raised: ``Cancelled``
        soon after ``control.cancel()``. ``control.moved`` is told bytes in some thread, at most a few times a second.
        """

    def create_multipart_upload(self, ref: ObjectRef, options: WriteOptions) -> str:
        """Begin a multipart upload and return its upload id."""

    def complete_multipart_upload(
        self,
        ref: ObjectRef,
        upload_id: str,
        parts: tuple[UploadedPart, ...],
        condition: Condition | None = None,
    ) -> Stored:
        """Finish; a lost answer is reconciled by HEAD before this fails. A 412 raises CHANGED."""

    def abort_multipart_upload(self, ref: ObjectRef, upload_id: str) -> None:
        """Throw the parts away. An upload that is gone already is no error."""

    def list_parts(self, ref: ObjectRef, upload_id: str) -> tuple[UploadedPart, ...]:
        """The parts that the store has. An upload that is gone raises NO_OBJECT with the code NoSuchUpload."""

    def first_part_size(self, ref: ObjectRef) -> int:
        """How many bytes the first of several parts had of which an object was made; 0 where the store does not tell."""

    def list_uploads(self, ref: ObjectRef) -> tuple[PendingUpload, ...]:
        """The unfinished multipart uploads of exactly this key."""

    def read_acl(self, ref: ObjectRef) -> Acl:
        """The object's ACL as the store has it now."""

    def write_acl(self, ref: ObjectRef, acl: CannedAcl) -> None:
        """Set a canned ACL. The caller reads it back: an answer alone proves nothing."""

    def readable_by_anyone(self, ref: ObjectRef) -> bool:
        """Ask for the object at its public URL without a key, from this machine: True on success, False on a refusal.

        What is neither (the store is busy, or broken) proves nothing, and is raised.
        """

    def head_bucket(self, bucket: str) -> None:
        """Return when the bucket exists and may be used; else raise NO_BUCKET or ACCESS_DENIED."""

    def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        """All pages of a listing: every key exactly once, the pages in any order (each by itself in the store's order).

        Raises PARTIAL where the store breaks off without an end, and LIST_AGAIN where only a second listing can be whole (the
        next one of this bucket asks one page after another).
        """


class Journal(Protocol):
    """What survives the program. Quick (milliseconds), one thread at a time; raises ``BrowserError`` (LOCAL_*, DISK_FULL).

    Nothing is on the disk before ``commit``. See ``persistence.journal``, which says what each method does.
    """

    def groups(self) -> tuple[GroupRecord, ...]:
        """All groups, oldest first."""

    def add_group(self, record: GroupRecord) -> None:
        """Keep a new group."""

    def save_group(self, status: GroupStatus, *, scanned: bool) -> None:
        """Keep a group's status."""

    def remove_groups(self, groups: Iterable[int]) -> None:
        """Forget groups with everything in them."""

    def leave_out(self, group: int, things: Iterable[tuple[str, BrowserError]]) -> None:
        """Keep what was asked for and became no job."""

    def left_out(self, group: int, limit: int) -> tuple[tuple[str, BrowserError], ...]:
        """The first things that were left out."""

    def forget_left_out(self, group: int) -> None:
        """The scan begins anew."""

    def add_jobs(self, group: int, jobs: Sequence[Job], big: int) -> int:
        """Keep QUEUED jobs, except those that are there already; returns how many are new."""

    def claim(self, group: int, *, big: bool, limit: int) -> tuple[JobRecord, ...]:
        """Take the next QUEUED jobs: they are RUNNING now."""

    def job(self, number: int) -> JobRecord | None:
        """One job."""

    def jobs(self, group: int, state: TransferState, limit: int, *, latest: bool = False) -> tuple[JobRecord, ...]:
        """The first, or the latest, jobs in one state."""

    def begun(self, records: Iterable[JobRecord]) -> None:
        """Keep that bytes of these jobs may reach their targets from now on."""

    def save(self, records: Iterable[JobRecord]) -> None:
        """Keep jobs as they are now."""

    def move(
        self,
        group: int,
        states: Iterable[TransferState],
        new: TransferState,
        ids: Sequence[int] = (),
        error: BrowserError | None = None,
    ) -> None:
        """Change the state of jobs that are in one of ``states``."""

    def fail_keys(self, group: int, bucket: str, failures: Iterable[tuple[str, BrowserError]]) -> None:
        """Keep keys that a deletion could not delete, as FAILED jobs."""

    def unfinished(self, group: int) -> tuple[JobRecord, ...]:
        """CANCELLED jobs that left something behind, at the store or on the disk."""

    def remove_jobs(self, ids: Sequence[int]) -> None:
        """Forget jobs."""

    def counted(self, status: GroupStatus) -> GroupStatus:
        """A group's status with the counts and bytes that its jobs have now."""

    def groups_of(self, ids: Sequence[int]) -> Mapping[int, int]:
        """The group of each job that is there."""

    def note_part(self, job: int, number: int, proof: str) -> None:
        """Keep that a part is there, with its MD5, its ETag or both with a space between; part 0: the file and its SHA-256."""

    def parts(self, job: int) -> dict[int, str]:
        """The parts that were noted."""

    def forget_parts(self, job: int) -> None:
        """No part of a job counts any more."""

    def commit(self) -> None:
        """Put everything since the last commit on the disk."""

    def close(self) -> None:
        """Commit and close."""
