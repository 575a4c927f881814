"""Multipart uploads of every store."""

from __future__ import annotations

import hashlib
import time

import pytest
from contracts.cases import StoreCase
from contracts.test_objects import MIB, list_keys, md5, read, some_bytes

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.writes import Condition, UploadedPart, WriteOptions
from cloudtemple_browser.s3 import multipart

FIRST, LAST = some_bytes(5 * MIB), some_bytes(12345)


def unfinished(case: StoreCase, bucket: str) -> list[str]:
    """The keys of uploads that are neither completed nor aborted, asked without the package under test."""
    if case.raw is None:
        return [upload.ref.key for upload in case.factory.store(case.connection).uploads.values()]  # type: ignore[attr-defined]
    return [upload["Key"] for upload in case.raw.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]


def test_two_parts_become_one_object(store_case: StoreCase, bucket: str) -> None:
    store, ref = store_case.store, ObjectRef(bucket, "big.bin")
    options = WriteOptions("application/x-big", CannedAcl.PUBLIC_READ, (("checksum-sha256", "a" * 64),))
    upload_id = store.create_multipart_upload(ref, options)
    sent: list[int] = []
    parts = tuple(
        store.upload_part(ref, upload_id, number, body, CallControl(sent.append)) for number, body in ((1, FIRST), (2, LAST))
    )
    assert parts == (UploadedPart(1, md5(FIRST), len(FIRST)), UploadedPart(2, md5(LAST), len(LAST)))
    assert store.list_parts(ref, upload_id) == parts
    assert sum(sent) == len(FIRST) + len(LAST)
    assert list_keys(store_case, bucket) == []

    stored = store.complete_multipart_upload(ref, upload_id, parts, Condition())
    etag = stored.etag
    joined = b"".join(hashlib.md5(body, usedforsecurity=False).digest() for body in (FIRST, LAST))
    info = store.head_object(ref)
    assert etag == f"{md5(joined)}-2" == info.etag
    assert (info.size, info.content_type) == (len(FIRST) + len(LAST), "application/x-big")
    assert [(name.lower(), value) for name, value in info.metadata] == [("checksum-sha256", "a" * 64)]
    assert read(store_case, ref, len(FIRST) - 10, 20, etag) == (FIRST + LAST)[len(FIRST) - 10 : len(FIRST) + 10]
    assert store.first_part_size(ref) in (0, len(FIRST))  # not every store tells
    assert store.readable_by_anyone(ref) is store_case.keeps_part_acl
    assert abs(stored.when - info.modified) <= 2
    assert unfinished(store_case, bucket) == []
    with pytest.raises(BrowserError) as caught:
        store.list_parts(ref, upload_id)
    assert (caught.value.kind, caught.value.facts.code) == (ErrorKind.NO_OBJECT, "NoSuchUpload")


@pytest.mark.parametrize("page", [1000, 1])
@pytest.mark.parametrize("key", ["up", "a +é%2B/x&y", "odd\u2028~", "//up/../up"])
def test_the_unfinished_uploads_of_exactly_one_key(
    store_case: StoreCase, bucket: str, key: str, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multipart, "UPLOADS_PAGE", page)
    store, ref = store_case.store, ObjectRef(bucket, key)
    others = [ObjectRef(bucket, key + more) for more in ("-", "/longer", "x")]
    for other in others:
        store.create_multipart_upload(other, WriteOptions())
    assert store.list_uploads(ref) == ()
    begun = {store.create_multipart_upload(ref, WriteOptions()) for _ in range(2)}
    found = store.list_uploads(ref)
    assert {upload.upload_id for upload in found} == begun
    assert {upload.key for upload in found} == {key}
    assert all(abs(upload.initiated - time.time()) < 120 for upload in found)
    assert store.list_parts(ref, found[0].upload_id) == ()
    for one in (ref, *others):
        for upload in store.list_uploads(one):
            store.abort_multipart_upload(one, upload.upload_id)
        assert store.list_uploads(one) == ()


def test_a_part_sent_again_replaces_the_first_one(store_case: StoreCase, bucket: str) -> None:
    store, ref = store_case.store, ObjectRef(bucket, "again.bin")
    upload_id = store.create_multipart_upload(ref, WriteOptions())
    last = store.upload_part(ref, upload_id, 2, LAST, CallControl())  # out of order, too
    store.upload_part(ref, upload_id, 1, some_bytes(5 * MIB + 7), CallControl())
    first = store.upload_part(ref, upload_id, 1, FIRST, CallControl())
    etag = store.complete_multipart_upload(ref, upload_id, (first, last)).etag
    assert store.head_object(ref).size == len(FIRST) + len(LAST)
    assert read(store_case, ref, 0, 100, etag) == FIRST[:100]


def test_an_aborted_upload_is_gone_and_may_be_aborted_again(store_case: StoreCase, bucket: str) -> None:
    store, ref = store_case.store, ObjectRef(bucket, "aborted.bin")
    upload_id = store.create_multipart_upload(ref, WriteOptions())
    part = store.upload_part(ref, upload_id, 1, LAST, CallControl())
    assert unfinished(store_case, bucket) == ["aborted.bin"]
    store.abort_multipart_upload(ref, upload_id)
    store.abort_multipart_upload(ref, upload_id)
    assert unfinished(store_case, bucket) == []
    with pytest.raises(BrowserError) as caught:
        store.upload_part(ref, upload_id, 2, LAST, CallControl())
    assert caught.value.facts.code == "NoSuchUpload"
    with pytest.raises(BrowserError):  # InternalError on Ceph 16
        store.complete_multipart_upload(ref, upload_id, (part,))
    assert list_keys(store_case, bucket) == []


def test_a_part_that_the_store_does_not_have_completes_nothing(store_case: StoreCase, bucket: str) -> None:
    store, ref = store_case.store, ObjectRef(bucket, "wrong.bin")
    upload_id = store.create_multipart_upload(ref, WriteOptions())
    store.upload_part(ref, upload_id, 1, LAST, CallControl())
    with pytest.raises(BrowserError) as caught:
        store.complete_multipart_upload(ref, upload_id, (UploadedPart(1, md5(FIRST)),))
    assert caught.value.facts.code == "InvalidPart"
    assert list_keys(store_case, bucket) == []


def test_a_cancelled_part_can_be_sent_again(store_case: StoreCase, bucket: str) -> None:
    store, ref, control = store_case.store, ObjectRef(bucket, "cancelled.bin"), CallControl()
    control.moved = lambda _count: control.cancel()
    upload_id = store.create_multipart_upload(ref, WriteOptions())
    with pytest.raises(Cancelled):
        store.upload_part(ref, upload_id, 1, FIRST, control)
    part = store.upload_part(ref, upload_id, 1, FIRST, CallControl())
    store.complete_multipart_upload(ref, upload_id, (part,))
    assert store.head_object(ref).size == len(FIRST)
