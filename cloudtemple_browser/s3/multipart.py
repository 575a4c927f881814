"""Multipart uploads: create, part, complete with reconciliation, abort."""

from __future__ import annotations

import hashlib
import re

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.writes import UploadedPart, WriteOptions
from cloudtemple_browser.s3.client import Api, expect
from cloudtemple_browser.s3.objects import check_etag, head_object, plain_etag, target, write_params

_MD5 = re.compile(r"[0-9a-f]{32}")
_GONE = frozenset({"NoSuchUpload", "NoSuchKey"})


def create_multipart_upload(api: Api, ref: ObjectRef, options: WriteOptions) -> str:
    """See ``TransferStore.create_multipart_upload``."""
    answer = api.call("CreateMultipartUpload", "create_multipart_upload", str(ref), **target(ref), **write_params(options))
    upload_id = str(answer.get("UploadId") or "")
    expect(upload_id, "upload id")
    return upload_id


def upload_part(api: Api, ref: ObjectRef, upload_id: str, number: int, body: bytes, control: CallControl) -> UploadedPart:
    """See ``TransferStore.upload_part``."""
    part = {"UploadId": upload_id, "PartNumber": number, "Body": body}
    answer = api.call("UploadPart", "upload_part", str(ref), control, **target(ref), **part)
    try:
        return UploadedPart(number, check_etag(answer, body))
    except BrowserError as error:
        raise error.about(operation="UploadPart", subject=str(ref)) from error


def expected_etag(parts: tuple[UploadedPart, ...]) -> str:
    """The ETag of a finished upload, the MD5 of its parts' MD5s and their number; "" when a part's ETag is not an MD5."""
    if not all(_MD5.fullmatch(part.etag) for part in parts):
        return ""
    joined = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(parts)}"


def complete_multipart_upload(api: Api, ref: ObjectRef, upload_id: str, parts: tuple[UploadedPart, ...]) -> str:
    """See ``TransferStore.complete_multipart_upload``.

    When the answer is lost, late, an error inside a 200, or NoSuchUpload (which a repeated Complete gets after success), HEAD
    decides: an object with exactly the ETag of these parts is this upload, finished.
    """
    listed = {"Parts": [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]}
    wanted = expected_etag(parts)
    try:
        answer = api.call(
            "CompleteMultipartUpload",
            "complete_multipart_upload",
            str(ref),
            **target(ref),
            UploadId=upload_id,
            MultipartUpload=listed,
        )
        etag = plain_etag(answer.get("ETag"))
        expect(etag, "ETag")
    except BrowserError as error:
        if (error.retryable or error.kind is ErrorKind.NOT_S3 or error.facts.code in _GONE) and wanted:
            found = _head_etag(api, ref)
            if found == wanted:
                return found
        raise
    if wanted and re.fullmatch(r"[0-9a-f]{32}-\d+", etag) and etag != wanted:
        raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("CompleteMultipartUpload", str(ref), message=f"ETag {etag}"))
    return etag


def _head_etag(api: Api, ref: ObjectRef) -> str:
    try:
        return head_object(api, ref).etag
    except BrowserError:
        return ""  # the error of Complete is the one to tell


def abort_multipart_upload(api: Api, ref: ObjectRef, upload_id: str) -> None:
    """See ``TransferStore.abort_multipart_upload``."""
    try:
        api.call("AbortMultipartUpload", "abort_multipart_upload", str(ref), **target(ref), UploadId=upload_id)
    except BrowserError as error:
        if error.facts.code not in _GONE:
            raise
