"""What the engine needs of a store, a clock and the world. Every call blocks; the engine's threads make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from cloudtemple_browser.model.acl import Acl, CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult
from cloudtemple_browser.model.entries import ListingPage, ObjectInfo
from cloudtemple_browser.model.writes import UploadedPart, WriteOptions


class TransferStore(Protocol):
    """The data calls of one connection. Thread-safe; every method raises ``BrowserError`` or ``Cancelled``.

    A method returns only what the store's answer proves; an answer that is not S3's raises ``NOT_S3``. No method retries
    a write; reads are retried a few times within the call.
    """

    def put_object(self, ref: ObjectRef, body: bytes, options: WriteOptions, control: CallControl) -> str:
        """Store ``body`` (at most 5 GiB) with Content-MD5 and return the ETag. A different MD5 ETag raises INTEGRITY."""

    def create_multipart_upload(self, ref: ObjectRef, options: WriteOptions) -> str:
        """Begin a multipart upload and return its upload id."""

    def upload_part(self, ref: ObjectRef, upload_id: str, number: int, body: bytes, control: CallControl) -> UploadedPart:
        """Send part ``number`` (1 to 10,000) with Content-MD5."""

    def complete_multipart_upload(self, ref: ObjectRef, upload_id: str, parts: tuple[UploadedPart, ...]) -> str:
        """Finish and return the ETag; a lost answer is reconciled by HEAD before this fails."""

    def abort_multipart_upload(self, ref: ObjectRef, upload_id: str) -> None:
        """Throw the parts away. An upload that is gone already is no error."""

    def head_object(self, ref: ObjectRef) -> ObjectInfo:
        """Size, ETag, type and metadata of one object; NO_OBJECT when there is none."""

    def read_range(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> None:
        """Read ``length`` (≥ 1) bytes from ``start`` into ``sink``, in order, from the object version with ``etag``.

        Only a 206 with exactly this range and this ETag counts (``etag`` "" accepts any): a replaced object raises CHANGED,
        a cut body CONNECTION_LOST. Bytes may have gone to ``sink`` before it raises.
        """

    def read_acl(self, ref: ObjectRef) -> Acl:
        """The object's ACL as the store has it now."""

    def write_acl(self, ref: ObjectRef, acl: CannedAcl) -> None:
        """Set a canned ACL. The caller reads it back: an answer alone proves nothing."""

    def list_pages(
        self, bucket: str, prefix: str, delimiter: str, control: CallControl, start_after: str = ""
    ) -> Iterator[ListingPage]:
        """All pages of a listing: every key exactly once, the pages in any order (each by itself in the store's order).

        Raises PARTIAL where the store breaks off without an end, and LIST_AGAIN where only a second listing can be whole (the
        next one of this bucket asks one page after another).
        """

    def delete_objects(self, bucket: str, keys: tuple[str, ...]) -> DeleteResult:
        """Delete exactly these keys (any number; batches of 1,000 with Content-MD5) and say what happened to each."""
