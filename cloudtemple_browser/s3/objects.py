"""Single objects: put, head, ranged read, and deletion with an exact result for every key."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any

from botocore.exceptions import ClientError

from cloudtemple_browser.model.addresses import ObjectRef, key_problem
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult, KeyFailure
from cloudtemple_browser.model.entries import UNKNOWN, ObjectHead, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.steps import Steps, aside, finish
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.writes import Condition, Fetched, Stored, WriteOptions
from cloudtemple_browser.s3.buckets import check_bucket
from cloudtemple_browser.s3.byte_calls import Reply, Request, ask, asked, md5_header, receive
from cloudtemple_browser.s3.client import READ_ATTEMPTS, Api, expect, pause
from cloudtemple_browser.s3.deletion_xml import read_answer, request_body
from cloudtemple_browser.s3.errors import of_answer
from cloudtemple_browser.s3.http import moment

log = logging.getLogger(__name__)

BATCH = 1000  # S3's maximum of keys in one DeleteObjects
_MD5 = re.compile(r"[0-9a-f]{32}")
_SIZE = re.compile(r"[0-9]{1,18}|\*")
_TO_THE_END = re.compile(r"(\d{1,18})/(\d{1,18})")
_UNQUOTED = re.compile(r'^(?:W/)?"?(.*?)"?$')
# What XML 1.0 cannot carry, escaped or not; such keys are deleted one by one. https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BATCH_REFUSED = frozenset({ErrorKind.CHECKSUM_STYLE, ErrorKind.UNSUPPORTED, ErrorKind.BAD_REQUEST, ErrorKind.INTEGRITY})
_SHOWN_HEADERS = (
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
)


def target(ref: ObjectRef) -> dict[str, Any]:
    """The parameters that name an object. Raises LOCAL_NAME for what cannot be sent as a bucket or key."""
    check_bucket(ref.bucket)
    if problem := key_problem(ref.key):
        raise BrowserError(ErrorKind.LOCAL_NAME, ErrorFacts(subject=ascii(ref.key), message=f"key: {problem}"))
    return {"Bucket": ref.bucket, "Key": ref.key}


def write_params(options: WriteOptions) -> dict[str, Any]:
    """``WriteOptions`` as parameters of CreateMultipartUpload."""
    params: dict[str, Any] = {}
    if options.content_type:
        params["ContentType"] = options.content_type
    if options.acl:
        params["ACL"] = options.acl.value
    if options.metadata:
        params["Metadata"] = dict(options.metadata)
    return params


def _write_headers(options: WriteOptions) -> dict[str, str]:
    """``WriteOptions`` as headers of PutObject."""
    headers = {f"x-amz-meta-{name}": value for name, value in options.metadata}
    if options.content_type:
        headers["Content-Type"] = options.content_type
    if options.acl:
        headers["x-amz-acl"] = options.acl.value
    return headers


def plain_etag(value: object) -> str:
    """An ETag without its quotes."""
    found = _UNQUOTED.match(str(value or ""))
    return found.group(1) if found else ""


def check_etag(headers: dict[str, str], md5: str) -> str:
    """The ETag of an answer to a body with ``md5``; INTEGRITY when it is another MD5, NOT_S3 when there is none.

    Some stores write MD5s in upper case. What they gave is what they want back in a condition, and in the list of parts.
    """
    etag = plain_etag(headers.get("etag"))
    expect(etag, "ETag")
    if not _is_opaque(headers) and _MD5.fullmatch(etag.lower()) and etag.lower() != md5:
        raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts(message=f"ETag {etag}"))
    return etag


def _is_opaque(headers: dict[str, str]) -> bool:
    """Whether the ETag looks like an MD5 and is none: under SSE-KMS and SSE-C (API reference, "ETag").

    For an upload Content-MD5 proved the bytes there.
    """
    kms = headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
    return kms or "x-amz-server-side-encryption-customer-algorithm" in headers


def conditioned(
    api: Api,
    ref: ObjectRef,
    condition: Condition | None,
    write: Callable[[dict[str, str]], Steps[Stored]],
    control: CallControl,
) -> Steps[Stored]:
    """Call ``write`` with what asks for ``condition``: {"IfMatch": …} or {"IfNoneMatch": "*"}.

    A store that knows no conditions gets none: the caller has looked at what is there just before.
    """
    if condition is None or Trait.REFUSES_CONDITIONS in api.learnt:
        return (yield from write({}))
    try:
        if not condition.etag:
            return (yield from write({"IfNoneMatch": "*"}))
        return (yield from _over(api, ref, condition.etag, write, control))
    except BrowserError as error:
        if error.kind is not ErrorKind.UNSUPPORTED or Trait.KEEPS_CONDITIONS in api.learnt:
            raise
    stored = yield from write({})
    api.learnt.add(Trait.REFUSES_CONDITIONS)
    return stored


def _over(
    api: Api, ref: ObjectRef, etag: str, write: Callable[[dict[str, str]], Steps[Stored]], control: CallControl
) -> Steps[Stored]:
    """Write over what has this ETag.

    Ceph takes the quotes, which HTTP wants, for a part of the ETag and refuses: then HEAD tells that nothing changed, and the
    connection leaves them out from then on.
    """
    if Trait.BARE_ETAGS not in api.learnt:
        try:
            return (yield from write({"IfMatch": f'"{etag}"'}))
        except BrowserError as error:
            if error.kind is not ErrorKind.CHANGED:
                raise
            if (yield from aside(control, lambda: _etag_now(api, ref, control))) != etag:
                raise
    stored = yield from write({"IfMatch": etag})
    api.learnt.add(Trait.BARE_ETAGS)
    return stored


def _etag_now(api: Api, ref: ObjectRef, control: CallControl) -> str:
    try:
        return head_object(api, ref, control).etag
    except BrowserError:
        return ""  # the refusal is the one to tell


def put_object_steps(
    api: Api,
    ref: ObjectRef,
    body: bytes | memoryview,
    options: WriteOptions,
    control: CallControl,
    condition: Condition | None = None,
) -> Steps[Stored]:
    """See ``ByteStore.put_object_steps``."""
    target(ref)
    md5, content_md5 = md5_header(body, options.md5)
    headers = _write_headers(options) | ({"Content-MD5": content_md5} if body else {})

    def write(when: dict[str, str]) -> Steps[Stored]:
        conditions = {_CONDITIONS[name]: value for name, value in when.items()}
        request = Request("PutObject", "PUT", ref, headers | conditions, {}, body, repeatable=not conditions)
        reply = yield from ask(api, request, control)
        with about("PutObject", ref):
            return Stored(check_etag(reply.headers, md5), int(reply.when))

    free = condition is not None and condition.known_free  # else a store that ignores only If-Match would replace what is there
    if free and len(body) <= _TRIAL and not api.learnt.about_conditions:
        return (yield from _first(api, ref, write, control))
    return (yield from conditioned(api, ref, condition, write, control))


def _first(api: Api, ref: ObjectRef, write: Callable[[dict[str, str]], Steps[Stored]], control: CallControl) -> Steps[Stored]:
    """Write a new object and learn what the store makes of conditions: of one that nothing meets, then of one not met any more.

    Many stores take conditions without effect. One that does stores what was to be stored anyway, and has told on itself.
    """
    found: Trait | None = Trait.IGNORES_CONDITIONS
    try:
        stored = yield from write({"IfMatch": f'"{_NOBODYS_ETAG}"'})
    except BrowserError as error:
        if error.kind in (ErrorKind.UNSUPPORTED, ErrorKind.BAD_REQUEST):  # Swift knows If-None-Match, and no If-Match
            stored = yield from conditioned(api, ref, Condition(), write, control)
        elif error.kind in (ErrorKind.CHANGED, ErrorKind.NO_OBJECT):
            stored, found = yield from _again(write, (yield from conditioned(api, ref, Condition(), write, control)))
        else:
            raise
    if found:
        api.learnt.add(found)
    return stored


def _again(write: Callable[[dict[str, str]], Steps[Stored]], stored: Stored) -> Steps[tuple[Stored, Trait | None]]:
    """Write what was just stored once more where nothing may be: a store that keeps conditions refuses."""
    try:
        return (yield from write({"IfNoneMatch": "*"})), Trait.IGNORES_CONDITIONS
    except BrowserError as error:
        return stored, Trait.KEEPS_CONDITIONS if error.kind is ErrorKind.CHANGED else None


_TRIAL = 1 << 20  # bytes of a body that may be sent three times to learn what the store makes of conditions
_NOBODYS_ETAG = "0" * 32
_CONDITIONS = {"IfMatch": "If-Match", "IfNoneMatch": "If-None-Match"}


class about:  # noqa: N801 - a statement's word, as ``contextlib.suppress``
    """Say which call an error belongs to."""

    def __init__(self, operation: str, ref: ObjectRef) -> None:
        self._operation, self._ref = operation, ref

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, BrowserError):
            raise error.about(operation=self._operation, subject=str(self._ref)) from error


def head_object(api: Api, ref: ObjectRef, control: CallControl | None = None) -> ObjectInfo:
    """See ``ByteStore.head_object``."""
    headers = head_of(api, ref, {}, control)
    return ObjectInfo(
        ref.key,
        int(headers["content-length"]),
        int(moment(headers.get("last-modified", ""))),
        plain_etag(headers["etag"]),
        headers.get("content-type", ""),
        headers.get("x-amz-storage-class") or "STANDARD",  # HEAD leaves this one out (API reference, x-amz-storage-class)
        headers.get("x-amz-version-id", ""),
        tuple((name, value) for name in _SHOWN_HEADERS if (value := headers.get(name.lower()))),
        _metadata(headers),
    )


def head_of(
    api: Api, ref: ObjectRef, query: dict[str, str], control: CallControl | None = None, *, hasty: bool = False
) -> dict[str, str]:
    """The headers of a HEAD's answer, by names in lower case; size and ETag are among them. ``hasty`` as in ``Api.again``."""
    target(ref)
    request = Request("HeadObject", "HEAD", ref, {}, query)
    headers = api.again(lambda: asked(api, request, control or CallControl()), control, hasty=hasty).headers
    with about("HeadObject", ref):
        expect("content-length" in headers and "etag" in headers, "size and ETag")
    return headers


def _metadata(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted([(name[11:], value) for name, value in headers.items() if name.startswith("x-amz-meta-")]))


def read_range(
    api: Api, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
) -> Fetched:
    """See ``ByteStore.read_range``."""
    return finish(read_range_steps(api, ref, start, length, etag, sink, control))


def read_range_steps(
    api: Api, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
) -> Steps[Fetched]:
    """See ``ByteStore.read_range_steps``."""
    target(ref)
    headers = {"Range": f"bytes={start}-{start + length - 1}"}
    if etag:
        headers["If-Match"] = f'"{etag}"'

    size = UNKNOWN

    def check(reply: Reply) -> int:
        nonlocal size
        size = _size_of_whole(reply, start, length, etag)
        return length

    reply = yield from receive(api, Request("GetObject", "GET", ref, headers, {}), check, sink, control)
    told = reply.headers
    return Fetched(
        plain_etag(told.get("etag")),
        size,
        int(moment(told.get("last-modified", ""))),
        _metadata(told),
        _is_opaque(told),
    )


def _size_of_whole(reply: Reply, start: int, length: int, etag: str) -> int:
    """The size of the object (``UNKNOWN`` where the answer leaves it out), if the answer is exactly the wanted range."""
    found = plain_etag(reply.headers.get("etag"))
    expect(found, "ETag")
    if etag and found != etag:
        raise BrowserError(ErrorKind.CHANGED, ErrorFacts(message=f"ETag {found} in place of {etag}"))
    given = reply.headers.get("content-range", "")
    whole = given.removeprefix(f"bytes {start}-{start + length - 1}/")
    if reply.status == 206 and whole != given and _SIZE.fullmatch(whole):
        return UNKNOWN if whole == "*" else int(whole)
    if reply.status == 200 and start == 0 and reply.headers.get("content-length") == str(length):
        return length
    message = f"status {reply.status}, range {given or '-'}, asked for {length} bytes from {start}"
    if reply.status != 206:
        raise BrowserError(ErrorKind.NOT_S3, ErrorFacts(message=message))
    end = _TO_THE_END.fullmatch(given.removeprefix(f"bytes {start}-"))
    if end and int(end[1]) + 1 == int(end[2]) < start + length:  # all there is: it has fewer bytes than it was said to have
        raise BrowserError(ErrorKind.CHANGED, ErrorFacts(message=message))
    # The same object, but other bytes of it than were asked for: somebody in between got that wrong.
    raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts(message=message))


def read_head(api: Api, ref: ObjectRef, limit: int, control: CallControl) -> ObjectHead:
    """See ``Store.read_head``."""
    info = head_object(api, ref)
    pieces: list[bytes] = []
    length = min(limit, info.size)

    def read() -> None:
        pieces.clear()
        read_range(api, ref, 0, length, info.etag, lambda piece: pieces.append(bytes(piece)), control)

    if length:
        api.again(read, control)
    return ObjectHead(b"".join(pieces), info.content_type, info.size, length == info.size)


def delete_objects(api: Api, bucket: str, keys: Sequence[str]) -> DeleteResult:
    """See ``TransferStore.delete_objects``."""
    check_bucket(bucket)
    deleted: list[str] = []
    failed: list[KeyFailure] = []
    single = [key for key in keys if _NOT_XML.search(key)]
    batched = [key for key in keys if not _NOT_XML.search(key)]
    for at in range(0, len(batched), BATCH):
        batch = batched[at : at + BATCH]
        if len(batch) == 1 or Trait.ONE_BY_ONE in api.learnt:
            single += batch
            continue
        try:
            result = _delete_batch(api, bucket, batch)
        except BrowserError as error:
            if error.kind not in _BATCH_REFUSED:
                failed += [_failure(key, error) for key in batch]
                continue
            log.warning("DeleteObjects is refused (%s): objects are deleted one by one", error.kind.value)
            api.learnt.add(Trait.ONE_BY_ONE)
            single += batch
            continue
        deleted += result.deleted
        failed += result.failed
    one_by_one = _delete_each(api, bucket, single)
    return DeleteResult((*deleted, *one_by_one.deleted), (*failed, *one_by_one.failed))


def _failure(key: str, error: BrowserError) -> KeyFailure:
    return KeyFailure(key, error.facts.code or error.kind.value, error.facts.message, error)


def _delete_batch(api: Api, bucket: str, batch: list[str]) -> DeleteResult:
    answer = read_answer(api.post_deletion(bucket, request_body(batch), f"s3://{bucket} ({len(batch)} keys)"))
    deleted, asked = set(answer.deleted), set(batch)
    failed: list[KeyFailure] = []
    for key, code, message in answer.errors:
        if key in asked:
            deleted.discard(key)
            failed.append(KeyFailure(key, code, message, of_code(code, message, ObjectRef(bucket, key))))
    told = deleted | {failure.key for failure in failed}
    settled = _settle(api, bucket, [key for key in batch if key not in told])
    gone = tuple(key for key in batch if key in deleted)
    return DeleteResult((*gone, *settled.deleted), (*failed, *settled.failed))


def of_code(code: str, message: str, ref: ObjectRef) -> BrowserError:
    """The error of one key in a batch's answer."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}
    return of_answer(ClientError(answer, "DeleteObjects"), ErrorFacts("DeleteObjects", str(ref)))


def _settle(api: Api, bucket: str, unknown: Iterable[str]) -> DeleteResult:
    """Find out by HEAD what happened to keys that an answer did not mention."""
    deleted: list[str] = []
    failed: list[KeyFailure] = []
    for key in unknown:
        try:
            head_object(api, ObjectRef(bucket, key))
        except BrowserError as error:
            if error.kind is ErrorKind.NO_OBJECT:
                deleted.append(key)
            else:
                failed.append(_failure(key, error))
        else:
            facts = ErrorFacts("DeleteObjects", key, message="the answer left this key out")
            failed.append(_failure(key, BrowserError(ErrorKind.NOT_S3, facts)))
    return DeleteResult(tuple(deleted), tuple(failed))


def _delete_each(api: Api, bucket: str, keys: list[str]) -> DeleteResult:
    deleted: list[str] = []
    failed: list[KeyFailure] = []
    for key in keys:
        try:
            _delete_one(api, ObjectRef(bucket, key))
            deleted.append(key)
        except BrowserError as error:
            failed.append(_failure(key, error))
    return DeleteResult(tuple(deleted), tuple(failed))


def _delete_one(api: Api, ref: ObjectRef) -> None:
    """Delete one object. A throttled request is sent again; a lost answer is settled by HEAD, never by a second delete."""
    for attempt in range(1, READ_ATTEMPTS + 1):
        try:
            answer = api.call("DeleteObject", "delete_object", str(ref), **target(ref))
        except BrowserError as error:
            # With a code it is the store's own word that it did not begin; a gateway says 503 also of what it has lost.
            if error.kind is ErrorKind.THROTTLED and error.facts.code and attempt < READ_ATTEMPTS:
                pause(attempt, None)
                continue
            if error.retryable and _settle(api, ref.bucket, [ref.key]).deleted:
                return
            raise
        if answer["ResponseMetadata"]["HTTPStatusCode"] != 204:  # a captive portal answers 200 to anything
            settled = _settle(api, ref.bucket, [ref.key])
            if settled.failed:
                raise settled.failed[0].error
        return
