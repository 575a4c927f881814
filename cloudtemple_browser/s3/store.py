"""The ``Store`` port on a real S3 endpoint: one class that puts the features together, each in a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from cloudtemple_browser.model.acl import Acl, CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult
from cloudtemple_browser.model.diagnosis import Finding, Question
from cloudtemple_browser.model.entries import Bucket, ListingPage, ObjectHead, ObjectInfo
from cloudtemple_browser.model.paging import PageAnswer, PageRequest
from cloudtemple_browser.model.probe import StageResult
from cloudtemple_browser.model.steps import Steps, finish
from cloudtemple_browser.model.traits import Learnt
from cloudtemple_browser.model.versions import VersionPage
from cloudtemple_browser.model.writes import Condition, Fetched, PendingUpload, Stored, UploadedPart, WriteOptions
from cloudtemple_browser.s3 import acl, buckets, copies, diagnosis, links, listing, multipart, objects, probe, versions
from cloudtemple_browser.s3.client import Api

T = TypeVar("T")


class S3Store:
    """One opened connection. Thread-safe, blocking; the contracts are in ``app.ports`` and ``transfers.ports``."""

    def __init__(self, connection: Connection, secret: SecretText) -> None:
        self._api = Api(connection, secret)

    @property
    def learnt(self) -> Learnt:
        return self._api.learnt

    def list_buckets(self) -> tuple[Bucket, ...]:
        return buckets.list_buckets(self._api)

    def head_bucket(self, bucket: str) -> None:
        buckets.head_bucket(self._api, bucket)

    def create_bucket(self, bucket: str) -> None:
        buckets.create_bucket(self._api, bucket)

    def delete_bucket(self, bucket: str) -> None:
        buckets.delete_bucket(self._api, bucket)

    def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        buckets.check_bucket(bucket)
        return listing.list_pages(self._api, bucket, prefix, delimiter, control)

    def fetch_page(
        self, request: PageRequest, control: CallControl, look: Callable[[ListingPage], Any] | None = None
    ) -> PageAnswer:
        """One page of a listing, or what ``look`` makes of it."""
        return listing.fetch_page(self._api, request, control, look)

    def first_page(self, bucket: str, prefix: str, after: str, most: int, control: CallControl) -> PageAnswer:
        buckets.check_bucket(bucket)
        return listing.fetch_page(self._api, PageRequest(bucket, prefix, "", after, max_keys=most), control, hasty=False)

    def survey(self, bucket: str, prefix: str, look: Callable[[ListingPage], T], control: CallControl) -> Iterator[T]:
        return map(look, self.list_pages(bucket, prefix, "", control))

    def list_versions(self, ref: ObjectRef, control: CallControl) -> Iterator[VersionPage]:
        return versions.list_versions(self._api, ref, control)

    def put_object(
        self,
        ref: ObjectRef,
        body: bytes | memoryview,
        options: WriteOptions,
        control: CallControl,
        condition: Condition | None = None,
    ) -> Stored:
        return finish(self.put_object_steps(ref, body, options, control, condition))

    def put_object_steps(
        self,
        ref: ObjectRef,
        body: bytes | memoryview,
        options: WriteOptions,
        control: CallControl,
        condition: Condition | None = None,
    ) -> Steps[Stored]:
        return objects.put_object_steps(self._api, ref, body, options, control, condition)

    def head_object(self, ref: ObjectRef, control: CallControl | None = None) -> ObjectInfo:
        return objects.head_object(self._api, ref, control)

    def read_range(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Fetched:
        return objects.read_range(self._api, ref, start, length, etag, sink, control)

    def read_range_steps(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Steps[Fetched]:
        return objects.read_range_steps(self._api, ref, start, length, etag, sink, control)

    def read_head(self, ref: ObjectRef, limit: int, control: CallControl) -> ObjectHead:
        return objects.read_head(self._api, ref, limit, control)

    def delete_objects(self, bucket: str, keys: Sequence[str]) -> DeleteResult:
        return objects.delete_objects(self._api, bucket, keys)

    def copy_object(
        self, source: ObjectInfo, bucket: str, ref: ObjectRef, condition: Condition | None, control: CallControl
    ) -> Stored:
        return copies.copy_object(self._api, source, bucket, ref, condition, control)

    def create_multipart_upload(self, ref: ObjectRef, options: WriteOptions) -> str:
        return multipart.create_multipart_upload(self._api, ref, options)

    def upload_part(
        self, ref: ObjectRef, upload_id: str, number: int, body: bytes | memoryview, control: CallControl
    ) -> UploadedPart:
        return multipart.upload_part(self._api, ref, upload_id, number, body, control)

    def complete_multipart_upload(
        self, ref: ObjectRef, upload_id: str, parts: tuple[UploadedPart, ...], condition: Condition | None = None
    ) -> Stored:
        return multipart.complete_multipart_upload(self._api, ref, upload_id, parts, condition)

    def list_parts(self, ref: ObjectRef, upload_id: str) -> tuple[UploadedPart, ...]:
        return multipart.list_parts(self._api, ref, upload_id)

    def first_part_size(self, ref: ObjectRef) -> int:
        return multipart.first_part_size(self._api, ref)

    def list_uploads(self, ref: ObjectRef) -> tuple[PendingUpload, ...]:
        return multipart.list_uploads(self._api, ref)

    def abort_multipart_upload(self, ref: ObjectRef, upload_id: str) -> None:
        multipart.abort_multipart_upload(self._api, ref, upload_id)

    def read_acl(self, ref: ObjectRef) -> Acl:
        return acl.read_acl(self._api, ref)

    def write_acl(self, ref: ObjectRef, canned: CannedAcl) -> None:
        acl.write_acl(self._api, ref, canned)

    def public_url(self, ref: ObjectRef) -> str:
        return links.url_of(self._api, ref)

    def presign_get(self, ref: ObjectRef, seconds: int) -> str:
        return links.presign_get(self._api, ref, seconds)

    def readable_by_anyone(self, ref: ObjectRef) -> bool:
        return links.readable_by_anyone(self._api, ref)

    def close(self) -> None:
        self._api.close()


class S3StoreFactory:
    """Opens connections; the contract is in ``app.ports.StoreFactory``."""

    def open(self, connection: Connection, secret: SecretText) -> S3Store:
        return S3Store(connection, secret)

    def probe(self, connection: Connection, secret: SecretText, report: Callable[[StageResult], None]) -> None:
        probe.probe(connection, secret, report)

    def diagnose(
        self,
        connection: Connection,
        secret: SecretText,
        question: Question,
        report: Callable[[Finding], None],
        control: CallControl,
    ) -> None:
        diagnosis.diagnose(connection, secret, question, report, control)
