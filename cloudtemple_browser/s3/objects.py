"""Single objects: put, head, ranged read, and deletion with an exact result for every key."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from cloudtemple_browser.model.addresses import ObjectRef, key_problem
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult, KeyFailure
from cloudtemple_browser.model.entries import UNKNOWN, ObjectHead, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.s3.buckets import check_bucket
from cloudtemple_browser.s3.client import READ_ATTEMPTS, Api, expect, pause
from cloudtemple_browser.s3.errors import of_answer, translate_error
from cloudtemple_browser.s3.http import header, read_in_pieces

log = logging.getLogger(__name__)

BATCH = 1000  # S3's maximum of keys in one DeleteObjects
_MD5 = re.compile(r"[0-9a-f]{32}")
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
    """``WriteOptions`` as parameters of PutObject and CreateMultipartUpload."""
    params: dict[str, Any] = {}
    if options.content_type:
        params["ContentType"] = options.content_type
    if options.acl:
        params["ACL"] = options.acl.value
    if options.metadata:
        params["Metadata"] = dict(options.metadata)
    return params


def plain_etag(value: object) -> str:
    """An ETag without its quotes."""
    found = _UNQUOTED.match(str(value or ""))
    return found.group(1) if found else ""


def check_etag(answer: dict[str, Any], body: bytes) -> str:
    """The ETag of an answer to ``body``; INTEGRITY when it is an MD5 and not that of ``body``, NOT_S3 when there is none.

    Under SSE-KMS and SSE-C an ETag looks like an MD5 and is none (API reference, "ETag"); Content-MD5 proved the bytes there.
    """
    etag = plain_etag(answer.get("ETag"))
    expect(etag, "ETag")
    opaque = "SSECustomerAlgorithm" in answer or str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")
    if not opaque and _MD5.fullmatch(etag) and etag != hashlib.md5(body, usedforsecurity=False).hexdigest():
        raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts(message=f"ETag {etag}"))
    return etag


def put_object(api: Api, ref: ObjectRef, body: bytes, options: WriteOptions, control: CallControl) -> str:
    """See ``TransferStore.put_object``."""
    answer = api.call("PutObject", "put_object", str(ref), control, **target(ref), Body=body, **write_params(options))
    try:
        return check_etag(answer, body)
    except BrowserError as error:
        raise error.about(operation="PutObject", subject=str(ref)) from error


def head_object(api: Api, ref: ObjectRef) -> ObjectInfo:
    """See ``TransferStore.head_object``."""
    answer = api.read("HeadObject", "head_object", str(ref), **target(ref))
    expect("ContentLength" in answer and "ETag" in answer, "size and ETag")
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    try:
        modified = int(parsedate_to_datetime(header(headers, "last-modified")).timestamp())
    except ValueError:
        modified = UNKNOWN
    shown = ((name, header(headers, name.lower())) for name in _SHOWN_HEADERS)
    return ObjectInfo(
        ref.key,
        int(answer["ContentLength"]),
        modified,
        plain_etag(answer["ETag"]),
        str(answer.get("ContentType", "")),
        str(answer.get("StorageClass") or "STANDARD"),  # HEAD leaves this one out (API reference, x-amz-storage-class)
        str(answer.get("VersionId", "")),
        tuple((name, value) for name, value in shown if value),
        tuple(sorted((str(name), str(value)) for name, value in answer.get("Metadata", {}).items())),
    )


def read_range(
    api: Api, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
) -> None:
    """See ``TransferStore.read_range``."""
    wanted = f"bytes={start}-{start + length - 1}"
    pinned = {"IfMatch": f'"{etag}"'} if etag else {}
    answer = api.read("GetObject", "get_object", str(ref), control, **target(ref), Range=wanted, **pinned)
    raw = answer["Body"]._raw_stream  # StreamingBody would check a length only, when there is one
    try:
        _check_range(answer, start, length, etag)
    except BrowserError as error:
        raw.close()
        raise error.about(operation="GetObject", subject=str(ref)) from error
    try:
        came = read_in_pieces(raw, control, sink, length)
    except Exception as error:
        raise translate_error(error, "GetObject", str(ref), api.connection.endpoint) from error
    if came != length:
        message = f"{came} of {length} bytes"
        raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts("GetObject", str(ref), message=message))


def _check_range(answer: dict[str, Any], start: int, length: int, etag: str) -> None:
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    found = plain_etag(answer.get("ETag"))
    expect(found, "ETag")
    if etag and found != etag:
        raise BrowserError(ErrorKind.CHANGED, ErrorFacts(message=f"ETag {found} in place of {etag}"))
    given = str(answer.get("ContentRange") or "")
    exact = re.fullmatch(rf"bytes {start}-{start + length - 1}/(\d+|\*)", given)
    whole = status == 200 and start == 0 and answer.get("ContentLength") == length
    if not (whole or (status == 206 and exact)):
        message = f"status {status}, range {given or '-'}, asked for {length} bytes from {start}"
        raise BrowserError(ErrorKind.NOT_S3 if status == 200 else ErrorKind.CHANGED, ErrorFacts(message=message))


def read_head(api: Api, ref: ObjectRef, limit: int, control: CallControl) -> ObjectHead:
    """See ``Store.read_head``."""
    info = head_object(api, ref)
    pieces: list[bytes] = []
    length = min(limit, info.size)
    if length:
        read_range(api, ref, 0, length, info.etag, lambda piece: pieces.append(bytes(piece)), control)
    return ObjectHead(b"".join(pieces), info.content_type, info.size, length == info.size)


def delete_objects(api: Api, bucket: str, keys: tuple[str, ...]) -> DeleteResult:
    """See ``TransferStore.delete_objects``."""
    check_bucket(bucket)
    deleted: list[str] = []
    failed: list[KeyFailure] = []
    single = [key for key in keys if _NOT_XML.search(key)]
    batched = [key for key in keys if not _NOT_XML.search(key)]
    for at in range(0, len(batched), BATCH):
        batch = batched[at : at + BATCH]
        if len(batch) == 1 or api.batch_delete_refused:
            single += batch
            continue
        try:
            result = _delete_batch(api, bucket, batch)
        except BrowserError as error:
            if error.kind not in _BATCH_REFUSED:
                failed += [_failure(key, error) for key in batch]
                continue
            log.warning("DeleteObjects is refused (%s): objects are deleted one by one", error.kind.value)
            api.batch_delete_refused = True
            single += batch
            continue
        deleted += result.deleted
        failed += result.failed
    one_by_one = _delete_each(api, bucket, single)
    return DeleteResult((*deleted, *one_by_one.deleted), (*failed, *one_by_one.failed))


def _failure(key: str, error: BrowserError) -> KeyFailure:
    return KeyFailure(key, error.facts.code or error.kind.value, error.facts.message, error)


def _delete_batch(api: Api, bucket: str, batch: list[str]) -> DeleteResult:
    listed = {"Objects": [{"Key": key} for key in batch], "Quiet": False}
    answer = api.call("DeleteObjects", "delete_objects", f"s3://{bucket} ({len(batch)} keys)", Bucket=bucket, Delete=listed)
    deleted = {item.get("Key") for item in answer.get("Deleted", ())}
    failed: list[KeyFailure] = []
    for item in answer.get("Errors", ()):
        key, code, message = (str(item.get(name) or "") for name in ("Key", "Code", "Message"))
        if key in batch:
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
            if error.kind is ErrorKind.THROTTLED and attempt < READ_ATTEMPTS:
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
