"""Multipart uploads: create, part, complete with reconciliation, abort, and what is unfinished."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.steps import finish, in_one
from cloudtemple_browser.model.writes import Condition, PendingUpload, Stored, UploadedPart, WriteOptions
from cloudtemple_browser.s3.byte_calls import Request, asked, md5_header
from cloudtemple_browser.s3.client import Api, expect
from cloudtemple_browser.s3.http import header, moment
from cloudtemple_browser.s3.objects import (
    about,
    check_etag,
    conditioned,
    head_object,
    head_of,
    plain_etag,
    target,
    write_params,
)

_MD5 = re.compile(r"[0-9a-f]{32}")
UPLOADS_PAGE = 1000  # S3's maximum
_GONE = frozenset({"NoSuchUpload", "NoSuchKey"})


def create_multipart_upload(api: Api, ref: ObjectRef, options: WriteOptions) -> str:
    """See ``TransferStore.create_multipart_upload``."""
    answer = api.call("CreateMultipartUpload", "create_multipart_upload", str(ref), **target(ref), **write_params(options))
    upload_id = str(answer.get("UploadId") or "")
    expect(upload_id, "upload id")
    return upload_id


def upload_part(
    api: Api, ref: ObjectRef, upload_id: str, number: int, body: bytes | memoryview, control: CallControl
) -> UploadedPart:
    """See ``ByteStore.upload_part``."""
    target(ref)
    md5, content_md5 = md5_header(body)
    query = {"uploadId": upload_id, "partNumber": str(number)}
    reply = asked(api, Request("UploadPart", "PUT", ref, {"Content-MD5": content_md5} if body else {}, query, body), control)
    with about("UploadPart", ref):
        return UploadedPart(number, check_etag(reply.headers, md5), len(body), md5)


def expected_etag(parts: tuple[UploadedPart, ...]) -> str:
    """The ETag of a finished upload, the MD5 of its parts' MD5s and their number; "" when a part's ETag is not an MD5."""
    md5s = [part.md5_etag for part in parts]
    if not all(_MD5.fullmatch(md5) for md5 in md5s):
        return ""
    joined = b"".join(map(bytes.fromhex, md5s))
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(parts)}"


def complete_multipart_upload(
    api: Api, ref: ObjectRef, upload_id: str, parts: tuple[UploadedPart, ...], condition: Condition | None = None
) -> Stored:
    """See ``TransferStore.complete_multipart_upload``.

    When the answer is lost, late, an error inside a 200, or NoSuchUpload (which a repeated Complete gets after success), HEAD
    decides: an object with exactly the ETag of these parts is this upload, finished.
    """
    listed = {"Parts": [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]}
    wanted = expected_etag(parts)

    def complete(when: dict[str, str]) -> Stored:
        params: dict[str, Any] = {**target(ref), "UploadId": upload_id, "MultipartUpload": listed, **when}
        answer = api.call("CompleteMultipartUpload", "complete_multipart_upload", str(ref), **params)
        etag = plain_etag(answer.get("ETag"))
        expect(etag, "ETag")
        return Stored(etag, int(moment(header(answer["ResponseMetadata"]["HTTPHeaders"], "date"))))

    try:
        stored = finish(conditioned(api, ref, condition, lambda when: in_one(lambda: complete(when)), CallControl()))
    except BrowserError as error:
        if (error.retryable or error.kind is ErrorKind.NOT_S3 or error.facts.code in _GONE) and wanted:
            found = _stored_now(api, ref)
            if found.etag.lower() == wanted:
                return found
        raise
    if wanted and re.fullmatch(r"[0-9a-f]{32}-\d+", stored.etag.lower()) and stored.etag.lower() != wanted:
        raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("CompleteMultipartUpload", str(ref), message=f"ETag {stored.etag}"))
    return stored


def _stored_now(api: Api, ref: ObjectRef) -> Stored:
    try:
        info = head_object(api, ref)
    except BrowserError:
        return Stored("")  # the error of Complete is the one to tell
    return Stored(info.etag, info.modified)


def abort_multipart_upload(api: Api, ref: ObjectRef, upload_id: str) -> None:
    """See ``TransferStore.abort_multipart_upload``."""
    try:
        api.call("AbortMultipartUpload", "abort_multipart_upload", str(ref), **target(ref), UploadId=upload_id)
    except BrowserError as error:
        if error.facts.code not in _GONE:
            raise


def list_parts(api: Api, ref: ObjectRef, upload_id: str) -> tuple[UploadedPart, ...]:
    """See ``TransferStore.list_parts``."""
    found: dict[int, UploadedPart] = {}
    marker = 0
    while True:
        params = target(ref) | {"UploadId": upload_id} | ({"PartNumberMarker": marker} if marker else {})
        try:
            answer = api.read("ListParts", "list_parts", str(ref), **params)
        except BrowserError as error:
            if error.facts.code == "NoSuchKey":  # Ceph's word for it, once the upload is complete
                raise BrowserError(error.kind, replace(error.facts, code="NoSuchUpload"), error.values) from error
            raise
        with about("ListParts", ref):
            expect("IsTruncated" in answer, "list of parts")
            for part in answer.get("Parts", ()):
                number = int(part.get("PartNumber", 0))
                found[number] = UploadedPart(number, plain_etag(part.get("ETag")), int(part.get("Size", UNKNOWN)))
            if not answer["IsTruncated"]:
                return tuple(part for _number, part in sorted(found.items()))
            following = int(answer.get("NextPartNumberMarker") or 0)
            if following <= marker:
                raise BrowserError(ErrorKind.PARTIAL, ErrorFacts(message=f"part marker {following} after {marker}"))
            marker = following


def first_part_size(api: Api, ref: ObjectRef) -> int:
    """See ``TransferStore.first_part_size``. A store that ignores ``partNumber`` does not tell the number of parts either."""
    headers = head_of(api, ref, {"partNumber": "1"}, hasty=True)
    parts = headers.get("x-amz-mp-parts-count", "")[:5]
    return int(headers["content-length"]) if parts.isdecimal() and int(parts) > 1 else 0


def list_uploads(api: Api, ref: ObjectRef) -> tuple[PendingUpload, ...]:
    """See ``TransferStore.list_uploads``.

    All pages below the key as a prefix: Ceph sorts uploads by key and upload id in one, so longer keys may come first. It also
    encodes the keys without saying so, but not the markers.
    """
    found: dict[str, PendingUpload] = {}
    params = target(ref)
    params = {"Bucket": params["Bucket"], "Prefix": params["Key"], "EncodingType": "url", "MaxUploads": UPLOADS_PAGE}
    seen: set[tuple[str, str]] = set()
    while True:
        answer = api.read("ListMultipartUploads", "list_multipart_uploads", str(ref), **params)
        with about("ListMultipartUploads", ref):
            expect("IsTruncated" in answer, "list of uploads")
            for upload in answer.get("Uploads", ()):
                key, upload_id, begun = str(upload.get("Key") or ""), str(upload.get("UploadId") or ""), upload.get("Initiated")
                if upload_id and ref.key in (key, unquote(key)):
                    found[upload_id] = PendingUpload(ref.key, upload_id, int(begun.timestamp()) if begun else UNKNOWN)
            if not answer["IsTruncated"]:
                return tuple(found.values())
            place = str(answer.get("NextKeyMarker") or ""), str(answer.get("NextUploadIdMarker") or "")
            if place in seen or not place[0]:
                raise BrowserError(ErrorKind.PARTIAL, ErrorFacts(message="the marker of the next upload repeats"))
            seen.add(place)
            marker = unquote(place[0]) if answer.get("EncodingType") == "url" else place[0]
            params |= {"KeyMarker": marker, "UploadIdMarker": place[1]}
