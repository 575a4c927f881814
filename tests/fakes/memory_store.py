"""A store in memory with S3's semantics, for tests of everything above the ``Store`` port.

It passes the same contract suite as the real adapter (``tests/contracts``). Beyond the port it has hooks for tests: put content
in place without calls (``add_bucket``, ``add``), look inside (``body``, ``keys``, ``uploads``, ``calls``), let calls fail
(``fail_next``, ``forbidden`` by bucket, ``protected`` by key, ``always``), hold them (``hold``), and fetch a URL as a browser
would (``fetch``). ``without_conditions`` ignores If-Match and If-None-Match, ``encrypted`` makes ETags that look like an MD5
and are none, ``flips`` damages so many reads. It keeps no versions; ``versions`` says otherwise of an object.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import pickle
import queue
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from cloudtemple_browser.model.acl import ALL_USERS, Acl, CannedAcl, Grant
from cloudtemple_browser.model.addresses import ObjectRef, is_bucket_name, key_problem
from cloudtemple_browser.model.connections import Addressing, Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult, KeyFailure
from cloudtemple_browser.model.diagnosis import CHANGING, Check, Finding, Outcome, Question
from cloudtemple_browser.model.entries import Bucket, ListingPage, ObjectHead, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.paging import PageAnswer
from cloudtemple_browser.model.probe import Stage, StageResult
from cloudtemple_browser.model.steps import Steps, Waiting
from cloudtemple_browser.model.traits import Learnt
from cloudtemple_browser.model.urls import MAX_PRESIGN_SECONDS, public_url
from cloudtemple_browser.model.versions import NULL_VERSION, ObjectVersion, VersionPage
from cloudtemple_browser.model.writes import Condition, Fetched, PendingUpload, Stored, UploadedPart, WriteOptions
from cloudtemple_browser.transfers.ports import Work

T = TypeVar("T")
MIB = 1024 * 1024
OWNER = "owner"
DEFAULT_TYPE = "binary/octet-stream"
BATCH = 1000
CHUNK = 256 * 1024
WORKERS = 16
IDLE = 0.2  # seconds without work after which a thread ends


def md5_hex(body: bytes | memoryview) -> str:
    """The MD5 of ``body`` in hex: the ETag of an object put in one piece."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def multipart_etag(parts: list[bytes]) -> str:
    """The ETag of an object put in ``parts``: the MD5 of their MD5s and their number."""
    joined = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
    return f"{md5_hex(joined)}-{len(parts)}"


def failure(kind: ErrorKind, code: str = "", status: int = 0, subject: object = "", message: str = "") -> BrowserError:
    """A failure as the real adapter words it: with code, status and a request id."""
    facts = ErrorFacts(
        subject=str(subject), status=status, code=code, message=message, request_id="memory-1", endpoint="memory"
    )
    return BrowserError(kind, facts)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: ``number`` is a part number, a count of keys or bytes, or 0; ``ref`` has key "" for a bucket."""

    operation: str
    ref: ObjectRef
    number: int = 0


class Hold:
    """Holds the calls of an operation: wait for ``entered``, then ``release``."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._released = threading.Event()

    def release(self) -> None:
        """Let the held calls go on, and later ones pass."""
        self._released.set()

    def wait(self, control: CallControl | None, closed: Callable[[], bool]) -> None:
        """Block the calling thread until released, cancelled or closed."""
        self.entered.set()
        while not self._released.wait(0.005):
            if closed() or (control is not None and control.cancelled):
                return


@dataclass(frozen=True, slots=True)
class _Object:
    body: bytes
    etag: str
    options: WriteOptions
    modified: int
    acl: CannedAcl


@dataclass(slots=True)
class _Upload:
    ref: ObjectRef
    options: WriteOptions
    initiated: int
    parts: dict[int, bytes] = field(default_factory=dict)


class _BucketData:
    """Objects by key, and their order by the UTF-8 bytes of the keys (kept until the next new or deleted key)."""

    def __init__(self, created: int) -> None:
        self.created = created
        self.objects: dict[str, _Object] = {}
        self._order: list[bytes] | None = None

    def put(self, key: str, item: _Object) -> None:
        if key not in self.objects:
            self._order = None
        self.objects[key] = item

    def remove(self, key: str) -> None:
        if self.objects.pop(key, None) is not None:
            self._order = None

    def order(self) -> list[bytes]:
        if self._order is None:
            self._order = sorted(key.encode() for key in self.objects)
        return self._order


class MemoryStore:
    """The ``Store`` port on dictionaries. Thread-safe. ``page_size`` is the number of entries of a listing page."""

    def __init__(
        self,
        *,
        endpoint: str = "https://memory.test",
        page_size: int = 1000,
        min_part_size: int = 5 * MIB,
        addressing: Addressing = Addressing.PATH,
    ) -> None:
        self.endpoint = endpoint
        self.page_size = page_size
        self.min_part_size = min_part_size
        self.addressing = addressing
        self.learnt = Learnt()
        self.calls: list[Call] = []
        self.uploads: dict[str, _Upload] = {}
        self.first_parts: dict[ObjectRef, int] = {}  # what ``first_part_size`` tells
        self.forbidden: dict[str, BrowserError] = {}
        self.without_acls: set[str] = set()
        self.protected: dict[str, BrowserError] = {}
        self.versions: dict[ObjectRef, tuple[ObjectVersion, ...]] = {}
        self.always: BrowserError | None = None
        self.without_conditions = False
        self.encrypted = False
        self.flips = 0
        self.closed = False
        self._buckets: dict[str, _BucketData] = {}
        self._failures: dict[str, list[tuple[Exception, bool]]] = {}
        self._holds: dict[str, Hold] = {}
        self._lock = threading.RLock()
        self._ids = 0
        self._works: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._workers = 0

    # --- hooks for tests -------------------------------------------------------------------------------------------------

    def fail_next(self, operation: str, error: Exception, *, late: bool = False, times: int = 1) -> None:
        """Let the next ``times`` calls of a method raise; ``late``: it takes effect first (``read_range``: half its bytes)."""
        with self._lock:
            self._failures.setdefault(operation, []).extend([(error, late)] * times)

    def hold(self, operation: str) -> Hold:
        """Hold every call of a method (each page of ``list_pages``) before it takes effect, until released or cancelled."""
        with self._lock:
            return self._holds.setdefault(operation, Hold())

    def add_bucket(self, bucket: str) -> None:
        """Put a bucket in place."""
        with self._lock:
            self._buckets.setdefault(bucket, _BucketData(int(time.time())))

    def add(
        self,
        bucket: str,
        key: str,
        body: bytes = b"",
        *,
        content_type: str = "",
        modified: int | None = None,
        metadata: tuple[tuple[str, str], ...] = (),
        etag: str = "",
    ) -> ObjectRef:
        """Put an object in place (and its bucket)."""
        with self._lock:
            self.add_bucket(bucket)
            options = WriteOptions(content_type, metadata=metadata)
            self._store(ObjectRef(bucket, key), body, etag or self._etag(body), options, modified)
        return ObjectRef(bucket, key)

    def body(self, ref: ObjectRef) -> bytes:
        """The bytes of an object."""
        with self._lock:
            return self._object(ref).body

    def keys(self, bucket: str) -> tuple[str, ...]:
        """All keys of a bucket in order."""
        with self._lock:
            return tuple(key.decode() for key in self._data(bucket).order())

    def count(self, operation: str) -> int:
        """How often a method was called (``list_pages`` once per page, ``delete_objects`` once per batch)."""
        with self._lock:
            return sum(call.operation == operation for call in self.calls)

    def fetch(self, url: str) -> tuple[int, bytes]:
        """What anyone gets for a public or pre-signed URL: the status and the body."""
        parts = urlsplit(url)
        path, query = unquote(parts.path[1:]), parse_qs(parts.query)
        if self.addressing is Addressing.VIRTUAL:
            path = f"{parts.netloc.partition('.')[0]}/{path}"
        bucket, _, key = path.partition("/")
        with self._lock:
            item = self._buckets[bucket].objects.get(key) if bucket in self._buckets else None
            signed = "signature" in query and self._signed(ObjectRef(bucket, key), query)
            if item is None:
                return (404 if signed else 403), b""
            return (200, item.body) if signed or item.acl is CannedAcl.PUBLIC_READ else (403, b"")

    @contextmanager
    def _call(self, operation: str, ref: ObjectRef, number: int = 0, control: CallControl | None = None) -> Iterator[bool]:
        with self._lock:
            if operation != "list_buckets":
                _check_bucket(ref.bucket)
            self.calls.append(Call(operation, ref, number))
            hold = self._holds.get(operation)
        if hold is not None:
            hold.wait(control, lambda: self.closed)
        if control is not None and control.cancelled:
            raise Cancelled
        with self._lock:
            if self.closed:
                raise failure(ErrorKind.CONNECTION_LOST, subject=ref)
            if self.always is not None:
                raise self.always
            error, late = self._failures[operation].pop(0) if self._failures.get(operation) else (None, False)
            if error is not None and not late:
                raise error
            if ref.bucket in self.forbidden:
                raise self.forbidden[ref.bucket].about(subject=str(ref))
        yield late
        if error is not None:
            raise error

    # --- buckets ---------------------------------------------------------------------------------------------------------

    def list_buckets(self) -> tuple[Bucket, ...]:
        with self._call("list_buckets", ObjectRef("", "")), self._lock:
            return tuple(Bucket(name, data.created) for name, data in sorted(self._buckets.items()))

    def head_bucket(self, bucket: str) -> None:
        with self._call("head_bucket", ObjectRef(bucket, "")), self._lock:
            self._data(bucket)

    def create_bucket(self, bucket: str) -> None:
        with self._call("create_bucket", ObjectRef(bucket, "")), self._lock:
            if bucket in self._buckets:
                raise failure(ErrorKind.BUCKET_EXISTS, "BucketAlreadyExists", 409, bucket)
            self.add_bucket(bucket)

    def delete_bucket(self, bucket: str) -> None:
        with self._call("delete_bucket", ObjectRef(bucket, "")), self._lock:
            if self._data(bucket).objects:
                raise failure(ErrorKind.BUCKET_NOT_EMPTY, "BucketNotEmpty", 409, bucket)
            del self._buckets[bucket]

    # --- objects ---------------------------------------------------------------------------------------------------------

    def put_object(
        self,
        ref: ObjectRef,
        body: bytes | memoryview,
        options: WriteOptions,
        control: CallControl,
        condition: Condition | None = None,
    ) -> Stored:
        with self._call("put_object", ref, len(body), control):
            _send(body, control)
            with self._lock:
                self._check(ref, condition)
                return self._store(ref, bytes(body), self._etag(body), options)

    def put_object_steps(
        self,
        ref: ObjectRef,
        body: bytes | memoryview,
        options: WriteOptions,
        control: CallControl,
        condition: Condition | None = None,
    ) -> Steps[Stored]:
        yield Waiting((), 0.0)
        return self.put_object(ref, body, options, control, condition)

    def copy_object(
        self, source: ObjectInfo, bucket: str, ref: ObjectRef, condition: Condition | None, control: CallControl
    ) -> Stored:
        with self._call("copy_object", ref, source.size, control), self._lock:
            item = self._object(ObjectRef(bucket, source.key))
            if item.etag != source.etag:
                raise failure(ErrorKind.CHANGED, "PreconditionFailed", 412, ref)
            self._check(ref, condition)
            return self._store(ref, item.body, self._etag(item.body), replace(item.options, acl=None))

    def head_object(self, ref: ObjectRef, control: CallControl | None = None) -> ObjectInfo:
        with self._call("head_object", ref), self._lock:
            item = self._object(ref)
            return ObjectInfo(
                key=ref.key,
                size=len(item.body),
                modified=item.modified,
                etag=item.etag,
                content_type=item.options.content_type or DEFAULT_TYPE,
                storage_class="STANDARD",
                metadata=tuple(sorted(item.options.metadata)),
            )

    def read_range(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Fetched:
        with self._call("read_range", ref, length, control) as broken:
            with self._lock:
                item = self._object(ref)
            if (etag and etag != item.etag) or start + length > len(item.body):
                raise failure(ErrorKind.CHANGED, "PreconditionFailed", 412, ref)
            view = memoryview(self._damaged(item.body[start : start + (length // 2 if broken else length)]))
            for at in range(0, len(view), CHUNK):
                if control.cancelled:
                    raise Cancelled
                piece = view[at : at + CHUNK]
                sink(piece)
                control.moved(len(piece))
            metadata = tuple(sorted(item.options.metadata))
            return Fetched(item.etag, len(item.body), item.modified, metadata, self.encrypted)

    def read_range_steps(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Steps[Fetched]:
        yield Waiting((), 0.0)
        return self.read_range(ref, start, length, etag, sink, control)

    def read_head(self, ref: ObjectRef, limit: int, control: CallControl) -> ObjectHead:
        with self._call("read_head", ref, limit, control), self._lock:
            item = self._object(ref)
            content_type = item.options.content_type or DEFAULT_TYPE
            return ObjectHead(item.body[:limit], content_type, len(item.body), len(item.body) <= limit)

    def delete_objects(self, bucket: str, keys: Sequence[str]) -> DeleteResult:
        _check_bucket(bucket)
        deleted: list[str] = []
        failed: list[KeyFailure] = []
        for at in range(0, len(keys), BATCH):
            batch = keys[at : at + BATCH]
            refused = {key: self.protected[key] for key in batch if key in self.protected}
            try:
                with self._call("delete_objects", ObjectRef(bucket, ""), len(batch)), self._lock:
                    for key in set(batch) - refused.keys():
                        self._data(bucket).remove(key)
            except BrowserError as error:  # late or not: what it did is not told
                failed.extend(_key_failure(key, error) for key in batch)
            else:
                deleted.extend(key for key in batch if key not in refused)
                failed.extend(_key_failure(key, code) for key, code in refused.items())
        return DeleteResult(tuple(deleted), tuple(failed))

    # --- multipart -------------------------------------------------------------------------------------------------------

    def create_multipart_upload(self, ref: ObjectRef, options: WriteOptions) -> str:
        with self._call("create_multipart_upload", ref), self._lock:
            self._data(ref.bucket)
            _check_key(ref)
            self._ids += 1
            self.uploads[f"upload-{self._ids}"] = _Upload(ref, options, int(time.time()))
            return f"upload-{self._ids}"

    def upload_part(
        self, ref: ObjectRef, upload_id: str, number: int, body: bytes | memoryview, control: CallControl
    ) -> UploadedPart:
        with self._call("upload_part", ref, number, control):
            _send(body, control)
            with self._lock:
                self._upload(ref, upload_id).parts[number] = bytes(body)
            return UploadedPart(number, md5_hex(body), len(body))

    def complete_multipart_upload(
        self, ref: ObjectRef, upload_id: str, parts: tuple[UploadedPart, ...], condition: Condition | None = None
    ) -> Stored:
        with self._call("complete_multipart_upload", ref, len(parts)), self._lock:
            upload = self._upload(ref, upload_id)
            numbers = [part.number for part in parts]
            if not parts or numbers != sorted(set(numbers)):
                raise failure(ErrorKind.BAD_REQUEST, "InvalidPartOrder", 400, ref)
            if any(md5_hex(upload.parts.get(part.number, b"\0")) != part.etag for part in parts):
                raise failure(ErrorKind.BAD_REQUEST, "InvalidPart", 400, ref)
            bodies = [upload.parts[number] for number in numbers]
            if any(len(body) < self.min_part_size for body in bodies[:-1]):
                raise failure(ErrorKind.BAD_REQUEST, "EntityTooSmall", 400, ref)
            self._check(ref, condition)
            stored = self._store(ref, b"".join(bodies), multipart_etag(bodies), upload.options)
            self.first_parts[ref] = len(bodies[0]) if len(bodies) > 1 else 0
            del self.uploads[upload_id]
            return stored

    def abort_multipart_upload(self, ref: ObjectRef, upload_id: str) -> None:
        with self._call("abort_multipart_upload", ref), self._lock:
            self.uploads.pop(upload_id, None)

    def list_parts(self, ref: ObjectRef, upload_id: str) -> tuple[UploadedPart, ...]:
        with self._call("list_parts", ref), self._lock:
            upload = self._upload(ref, upload_id, ErrorKind.NO_OBJECT)
            return tuple(UploadedPart(number, md5_hex(body), len(body)) for number, body in sorted(upload.parts.items()))

    def first_part_size(self, ref: ObjectRef) -> int:
        with self._call("first_part_size", ref), self._lock:
            self._object(ref)
            return self.first_parts.get(ref, 0)

    def list_uploads(self, ref: ObjectRef) -> tuple[PendingUpload, ...]:
        with self._call("list_uploads", ref), self._lock:
            self._data(ref.bucket)
            found = ((number, upload) for number, upload in self.uploads.items() if upload.ref == ref)
            return tuple(PendingUpload(ref.key, number, upload.initiated) for number, upload in found)

    # --- byte work -------------------------------------------------------------------------------------------------------

    def work(self, work: Work, control: CallControl, done: Callable[[Any], None]) -> None:
        copy: Work = pickle.loads(pickle.dumps(work))  # noqa: S301 - as if it ran in another process

        def run() -> None:
            try:
                result = copy.run(self, control)
            except Exception as error:  # noqa: BLE001 - done is told, whatever it is
                result = error
            done(pickle.loads(pickle.dumps(result)))  # noqa: S301

        with self._lock:
            if self._workers < WORKERS:
                self._workers += 1
                threading.Thread(target=self._serve, name="memory store", daemon=True).start()
            self._works.put(run)

    def _serve(self) -> None:
        """Do what is waiting, and end when nothing more comes: a test leaves no thread behind."""
        while True:
            try:
                self._works.get(timeout=IDLE)()
            except queue.Empty:
                with self._lock:
                    if self._works.empty():
                        self._workers -= 1
                        return

    # --- listing ---------------------------------------------------------------------------------------------------------

    def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        after: bytes | None = b""
        while after is not None:
            with self._call("list_pages", ObjectRef(bucket, prefix), control=control), self._lock:
                page, after = self._page(self._data(bucket), prefix.encode(), delimiter.encode(), after)
            yield page

    def first_page(self, bucket: str, prefix: str, after: str, most: int, control: CallControl) -> PageAnswer:
        with self._call("first_page", ObjectRef(bucket, prefix), control=control), self._lock:
            whole, more = self._page(self._data(bucket), prefix.encode(), b"", after.encode())
            page = whole.head(0, most)
        more = more or (b"" if len(page) < len(whole) else None)
        return PageAnswer(page, len(page), last=page.keys[-1] if page.keys else "", truncated=more is not None)

    def survey(self, bucket: str, prefix: str, look: Callable[[ListingPage], T], control: CallControl) -> Iterator[T]:
        for page in self.list_pages(bucket, prefix, "", control):
            yield pickle.loads(pickle.dumps(look))(page)  # noqa: S301 - as if it ran in another process

    def _page(self, data: _BucketData, prefix: bytes, delimiter: bytes, after: bytes) -> tuple[ListingPage, bytes | None]:
        """One page of what follows ``after``, and the place after which the next one begins (None at the end)."""
        order = data.order()
        at = max(bisect_left(order, prefix), bisect_right(order, after))
        folders: list[str] = []
        entries: list[tuple[str, _Object]] = []
        while at < len(order) and order[at].startswith(prefix) and len(folders) + len(entries) < self.page_size:
            cut = order[at].find(delimiter, len(prefix)) if delimiter else -1
            if cut >= 0:
                folder = order[at][: cut + len(delimiter)]
                folders.append(folder.decode())
                after = folder + b"\xff"  # no UTF-8 text has this byte: everything in the folder is before it
                at = bisect_right(order, after)
            else:
                after = order[at]
                entries.append((after.decode(), data.objects[after.decode()]))
                at += 1
        page = ListingPage(
            prefixes=tuple(folders),
            keys=tuple(key for key, _ in entries),
            sizes=tuple(len(item.body) for _, item in entries),
            modified=tuple(item.modified for _, item in entries),
            etags=tuple(item.etag for _, item in entries),
            storage_classes=("STANDARD",) * len(entries),
        )
        return page, (after if at < len(order) and order[at].startswith(prefix) else None)

    def list_versions(self, ref: ObjectRef, control: CallControl) -> Iterator[VersionPage]:
        known, at = self.versions.get(ref), 0
        while at == 0 or (known and at < len(known)):
            with self._call("list_versions", ref, control=control):
                with self._lock:
                    item = self._data(ref.bucket).objects.get(ref.key)
                if known is None and item:
                    size, etag = len(item.body), item.etag
                    known = (ObjectVersion(NULL_VERSION, True, False, size, item.modified, etag, "STANDARD"),)
                yield VersionPage((known or ())[at : at + self.page_size])
            at += self.page_size

    # --- access ----------------------------------------------------------------------------------------------------------

    def read_acl(self, ref: ObjectRef) -> Acl:
        with self._call("read_acl", ref), self._lock:
            anyone = (Grant(ALL_USERS, "READ"),) if self._object(ref).acl is CannedAcl.PUBLIC_READ else ()
            return Acl(OWNER, (*anyone, Grant(OWNER, "FULL_CONTROL")))

    def write_acl(self, ref: ObjectRef, acl: CannedAcl) -> None:
        with self._call("write_acl", ref), self._lock:
            item = self._object(ref)
            self._check_acl(ref, acl)
            self._data(ref.bucket).put(ref.key, replace(item, acl=acl))

    def public_url(self, ref: ObjectRef) -> str:
        return public_url(self.endpoint, ref, self.addressing)

    def presign_get(self, ref: ObjectRef, seconds: int) -> str:
        if not 1 <= seconds <= MAX_PRESIGN_SECONDS:
            raise failure(ErrorKind.BAD_REQUEST, subject=ref)
        until = str(int(time.time()) + seconds)
        return f"{self.public_url(ref)}?until={until}&signature={_signature(ref, until)}"

    def readable_by_anyone(self, ref: ObjectRef) -> bool:
        with self._call("readable_by_anyone", ref):
            return self.fetch(self.public_url(ref))[0] == 200

    def close(self) -> None:
        self.closed = True

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _data(self, bucket: str) -> _BucketData:
        if bucket not in self._buckets:
            raise failure(ErrorKind.NO_BUCKET, "NoSuchBucket", 404, bucket)
        return self._buckets[bucket]

    def _object(self, ref: ObjectRef) -> _Object:
        item = self._data(ref.bucket).objects.get(ref.key)
        if item is None:
            raise failure(ErrorKind.NO_OBJECT, "NoSuchKey", 404, ref)
        return item

    def _upload(self, ref: ObjectRef, upload_id: str, kind: ErrorKind = ErrorKind.BAD_REQUEST) -> _Upload:
        upload = self.uploads.get(upload_id)
        if upload is None or upload.ref != ref:
            raise failure(kind, "NoSuchUpload", 404, ref)
        return upload

    def _etag(self, body: bytes | memoryview) -> str:
        return md5_hex(b"key" + bytes(body)) if self.encrypted else md5_hex(body)

    def _damaged(self, body: bytes) -> bytes:
        """``body``, with a bit flipped as long as there are ``flips``."""
        with self._lock:
            if not (self.flips and body):
                return body
            self.flips -= 1
        return bytes([body[0] ^ 1]) + body[1:]

    def _check(self, ref: ObjectRef, condition: Condition | None) -> None:
        if condition is None or self.without_conditions:
            return
        item = self._data(ref.bucket).objects.get(ref.key)
        if condition.etag and item is None:
            raise failure(ErrorKind.NO_OBJECT, "NoSuchKey", 404, ref)
        if (item.etag if item else "") != condition.etag:
            raise failure(ErrorKind.CHANGED, "PreconditionFailed", 412, ref)

    def _store(self, ref: ObjectRef, body: bytes, etag: str, options: WriteOptions, modified: int | None = None) -> Stored:
        data = self._data(ref.bucket)
        _check_key(ref)
        self._check_acl(ref, options.acl)
        now = int(time.time()) if modified is None else modified
        data.put(ref.key, _Object(body, etag, options, now, options.acl or CannedAcl.PRIVATE))
        return Stored(etag, now)

    def _check_acl(self, ref: ObjectRef, acl: CannedAcl | None) -> None:
        if acl is not None and ref.bucket in self.without_acls:
            raise failure(ErrorKind.NO_ACL, "AccessControlListNotSupported", 400, ref)

    def _signed(self, ref: ObjectRef, query: dict[str, list[str]]) -> bool:
        until = query.get("until", [""])[0]
        return query["signature"] == [_signature(ref, until)] and until.isdigit() and int(until) >= time.time()


class MemoryStoreFactory:
    """The ``StoreFactory`` port: one ``MemoryStore`` per endpoint and access key, which tests reach by ``store``.

    ``secrets`` are the access keys that exist, with their right secrets: another secret gets WRONG_SECRET at every call and
    another access key UNKNOWN_ACCESS_KEY. Without ``secrets`` every key is right.
    ``broken`` maps a stage to the error that ``probe`` reports there; ``diagnose`` reports ``findings`` where there are any.
    """

    def __init__(self, secrets: dict[str, str] | None = None) -> None:
        self.secrets = secrets
        self.broken: dict[Stage, BrowserError] = {}
        self.findings: tuple[Finding, ...] = ()
        self.opened: list[Connection] = []
        self._stores: dict[tuple[str, str], MemoryStore] = {}
        self._lock = threading.Lock()

    def store(self, connection: Connection) -> MemoryStore:
        """The store behind a connection, opened or not."""
        with self._lock:
            fresh = MemoryStore(endpoint=connection.endpoint, addressing=connection.addressing)
            return self._stores.setdefault((connection.endpoint, connection.access_key), fresh)

    def open(self, connection: Connection, secret: SecretText) -> MemoryStore:
        if not connection.access_key or not secret:
            raise BrowserError(ErrorKind.NO_CREDENTIALS)
        refusal = self._refusal(connection.access_key, secret)
        store = MemoryStore(endpoint=connection.endpoint) if refusal else self.store(connection)
        store.always = refusal or store.always
        store.closed = False
        self.opened.append(connection)
        return store

    def diagnose(
        self,
        connection: Connection,
        secret: SecretText,
        question: Question,
        report: Callable[[Finding], None],
        control: CallControl,
    ) -> None:
        if not connection.access_key or not secret:
            raise BrowserError(ErrorKind.NO_CREDENTIALS)
        for found in self.findings or self._look_into(self.open(connection, secret), connection, question, control):
            if control.cancelled:
                raise Cancelled
            report(found)

    def _look_into(
        self, store: MemoryStore, connection: Connection, question: Question, control: CallControl
    ) -> Iterator[Finding]:
        for check in (Check.NAME, Check.PORT, Check.TLS, Check.STORE, Check.CLOCK):
            skipped = check is Check.TLS and connection.endpoint.startswith("http://")
            yield Finding(check, Outcome.SKIPPED if skipped else Outcome.GOOD)
        ref = ObjectRef(question.bucket, question.key)
        key = _tried(Check.KEY, store.list_buckets)
        if key.outcome is Outcome.GOOD:
            names = {one.name for one in store.list_buckets()} - store.forbidden.keys()
            key = replace(key, stranger=bool(question.bucket) and question.bucket not in names)
        yield key
        if key.outcome is Outcome.BAD:
            return
        if question.bucket:
            pages = store.list_pages(question.bucket, question.prefix, "", control)
            yield _tried(Check.LIST, lambda: next(pages, None))
        if question.key:
            yield _tried(Check.READ, lambda: store.head_object(ref))
            yield _tried(Check.ACL, lambda: store.read_acl(ref))
        if question.right in CHANGING:
            yield Finding(Check.WRITE, Outcome.SKIPPED)
        if question.key:
            with contextlib.suppress(BrowserError):
                yield Finding(Check.PUBLIC, Outcome.GOOD if store.readable_by_anyone(ref) else Outcome.NOTE)

    def probe(self, connection: Connection, secret: SecretText, report: Callable[[StageResult], None]) -> None:
        store = self.open(connection, secret)
        for stage in (Stage.ADDRESS, Stage.TLS, Stage.CLOCK, Stage.KEY, Stage.LIST):
            error = self.broken.get(stage) or (self._ask(store, connection) if stage is Stage.LIST else None)
            if stage is Stage.KEY and error is None:
                error = store.always
            report(StageResult(stage, error, skipped=stage is Stage.TLS and connection.endpoint.startswith("http://")))
            if error is not None:
                return

    def _refusal(self, access_key: str, secret: SecretText) -> BrowserError | None:
        if self.secrets is None or self.secrets.get(access_key) == secret.reveal():
            return None
        if access_key in self.secrets:
            return failure(ErrorKind.WRONG_SECRET, "SignatureDoesNotMatch", 403)
        return failure(ErrorKind.UNKNOWN_ACCESS_KEY, "InvalidAccessKeyId", 403)

    def _ask(self, store: MemoryStore, connection: Connection) -> BrowserError | None:
        try:
            if connection.bucket:
                next(store.list_pages(connection.bucket, connection.prefix, "/", CallControl()))
            else:
                store.list_buckets()
        except BrowserError as error:
            return error
        return None


def _tried(check: Check, ask: Callable[[], object]) -> Finding:
    try:
        ask()
    except BrowserError as error:
        note = check is Check.ACL or (check is Check.KEY and error.kind is ErrorKind.ACCESS_DENIED)
        return Finding(check, Outcome.NOTE if note else Outcome.BAD, error=error)
    return Finding(check, Outcome.GOOD)


def _send(body: bytes | memoryview, control: CallControl) -> None:
    for at in range(0, len(body), CHUNK):
        if control.cancelled:
            raise Cancelled
        control.moved(min(CHUNK, len(body) - at))


def _key_failure(key: str, error: BrowserError) -> KeyFailure:
    return KeyFailure(key, error.facts.code or error.kind.value, error.facts.message, error)


def _check_bucket(bucket: str) -> None:
    if not is_bucket_name(bucket):
        raise failure(ErrorKind.LOCAL_NAME, subject=bucket)


def _check_key(ref: ObjectRef) -> None:
    if key_problem(ref.key):
        raise failure(ErrorKind.LOCAL_NAME, subject=ref.bucket, message=key_problem(ref.key))


def _signature(ref: ObjectRef, until: str) -> str:
    return hmac.new(b"memory", f"{ref}|{until}".encode(), "sha256").hexdigest()
