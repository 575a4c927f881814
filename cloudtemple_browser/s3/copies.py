"""Copies inside the store: one request, whose answer must name the copy's ETag."""

from __future__ import annotations

import re
from typing import Any

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.steps import finish, in_one
from cloudtemple_browser.model.writes import Condition, Stored
from cloudtemple_browser.s3.client import Api, expect
from cloudtemple_browser.s3.http import header, moment
from cloudtemple_browser.s3.objects import conditioned, head_object, plain_etag, target

_MD5 = re.compile(r"[0-9a-f]{32}")


def copy_object(
    api: Api, source: ObjectInfo, bucket: str, ref: ObjectRef, condition: Condition | None, control: CallControl
) -> Stored:
    """See ``Store.copy_object``. Without ``x-amz-storage-class`` a copy would move to the standard class."""
    target(ObjectRef(bucket, source.key))
    fixed: dict[str, Any] = {
        **target(ref),
        "CopySource": {"Bucket": bucket, "Key": source.key},
        "CopySourceIfMatch": f'"{source.etag}"',
        "MetadataDirective": "COPY",
    }
    if source.storage_class not in ("", "STANDARD"):
        fixed["StorageClass"] = source.storage_class

    def copy(when: dict[str, str]) -> Stored:
        answer = api.call("CopyObject", "copy_object", f"s3://{bucket}/{source.key} → {ref}", control, **fixed, **when)
        etag = plain_etag((answer.get("CopyObjectResult") or {}).get("ETag"))
        expect(etag, "CopyObjectResult")
        if not same_bytes(source, etag):  # Ceph takes no notice of x-amz-copy-source-if-match
            raise BrowserError(ErrorKind.CHANGED, ErrorFacts(message=f"ETag {etag} in place of {source.etag}"))
        return Stored(etag, int(moment(header(answer["ResponseMetadata"]["HTTPHeaders"], "date"))))

    asked, by_md5 = False, _MD5.fullmatch(source.etag)

    def is_it(found: ObjectInfo) -> bool:
        return bool(by_md5) and (found.etag, found.size) == (source.etag, source.size)

    def attempt() -> Stored:
        nonlocal asked
        # Many stores ignore the condition: the caller has looked before the first time, and here it is before each other.
        found = _there(api, ref, control) if asked and condition else None
        if found and condition and found.etag != condition.etag:
            if is_it(found):
                return Stored(found.etag, found.modified)
            raise BrowserError(ErrorKind.CHANGED, ErrorFacts("HeadObject", str(ref), message=f"ETag {found.etag}"))
        asked = True
        try:
            return finish(conditioned(api, ref, condition, lambda when: in_one(lambda: copy(when)), control))
        except BrowserError as error:
            found = _stored_now(api, ref) if error.retryable and by_md5 else None
            if found and is_it(found):
                return Stored(found.etag, found.modified)  # it was done, and the answer lost
            raise

    return api.again(attempt, control)


def _there(api: Api, ref: ObjectRef, control: CallControl) -> ObjectInfo | None:
    """What is there; None for nothing or when the key may not know."""
    try:
        return head_object(api, ref, control)
    except BrowserError as error:
        if error.kind not in (ErrorKind.NO_OBJECT, ErrorKind.ACCESS_DENIED):
            raise
        return None


def same_bytes(source: ObjectInfo, etag: str) -> bool:
    """Whether a copy with this ETag may be of these bytes: two MD5s must agree. Under SSE-KMS and SSE-C neither is one."""
    opaque = any(name.startswith("x-amz-server-side") and value != "AES256" for name, value in source.headers)
    return opaque or source.etag == etag or not (_MD5.fullmatch(source.etag) and _MD5.fullmatch(etag))


def _stored_now(api: Api, ref: ObjectRef) -> ObjectInfo | None:
    try:
        return head_object(api, ref)
    except BrowserError:
        return None  # the error of the copy is the one to tell
