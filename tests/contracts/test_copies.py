"""Copies inside every store: the same bytes, type and metadata under another key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.cases import StoreCase
from contracts.test_objects import MIB, list_keys, md5, read, some_bytes

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.writes import Condition, Stored, WriteOptions

BODY = b"the bytes of the object"
OPTIONS = WriteOptions("text/plain; charset=utf-8", None, (("checksum-sha256", "0" * 64), ("note", "two words; a=b")))
KEYS = ("folder/a b+é%2B&=?.txt", "a//b", "x?versionId=1", "\u00fc/\U0001f600")


def put(case: StoreCase, ref: ObjectRef, options: WriteOptions = OPTIONS, body: bytes = BODY) -> ObjectInfo:
    """An object, as HEAD tells of it."""
    case.store.put_object(ref, body, options, CallControl())
    return case.store.head_object(ref)


def copy(case: StoreCase, source: ObjectInfo, ref: ObjectRef, condition: Condition | None = None) -> Stored:
    """Copy it within its bucket."""
    return case.store.copy_object(source, ref.bucket, ref, condition, CallControl())


@pytest.mark.parametrize("key", KEYS)
def test_a_copy_is_the_same_under_another_key(store_case: StoreCase, bucket: str, key: str) -> None:
    source = put(store_case, ObjectRef(bucket, key))
    ref = ObjectRef(bucket, f"copy of/{key}")
    stored = copy(store_case, source, ref, Condition())
    found = store_case.store.head_object(ref)
    assert stored.etag == found.etag == source.etag == md5(BODY)
    assert (found.size, found.content_type) == (source.size, source.content_type)
    assert found.metadata == source.metadata != ()
    assert read(store_case, ref, 0, len(BODY), found.etag) == BODY
    assert sorted(list_keys(store_case, bucket)) == sorted([key, ref.key])


def test_a_copy_of_what_was_uploaded_in_parts(store_case: StoreCase, bucket: str) -> None:
    source, first = ObjectRef(bucket, "parts"), some_bytes(5 * MIB)
    upload = store_case.store.create_multipart_upload(source, OPTIONS)
    parts = tuple(
        store_case.store.upload_part(source, upload, number, body, CallControl()) for number, body in ((1, first), (2, BODY))
    )
    store_case.store.complete_multipart_upload(source, upload, parts)
    stored = copy(store_case, store_case.store.head_object(source), ref := ObjectRef(bucket, "copy"))
    found = store_case.store.head_object(ref)
    assert (found.etag, found.size) == (stored.etag, len(first) + len(BODY))
    assert read(store_case, ref, 5 * MIB, len(BODY)) == BODY


def test_a_copy_is_private_until_its_access_is_set(store_case: StoreCase, bucket: str) -> None:
    source = put(store_case, ObjectRef(bucket, "a"), replace(OPTIONS, acl=CannedAcl.PUBLIC_READ))
    assert store_case.store.read_acl(ObjectRef(bucket, "a")).canned is CannedAcl.PUBLIC_READ
    copy(store_case, source, ref := ObjectRef(bucket, "b"))
    acl = store_case.store.read_acl(ref)
    assert (acl.public, acl.canned) == (False, CannedAcl.PRIVATE)
    store_case.store.write_acl(ref, CannedAcl.PUBLIC_READ)
    assert store_case.store.read_acl(ref).canned is CannedAcl.PUBLIC_READ


def test_a_source_that_changed_is_not_taken_for_copied(store_case: StoreCase, bucket: str) -> None:
    """Ceph copies it all the same, and that is noticed."""
    source = put(store_case, ObjectRef(bucket, "a"))
    put(store_case, ObjectRef(bucket, "a"), body=b"other bytes")
    with pytest.raises(BrowserError) as caught:
        copy(store_case, source, ObjectRef(bucket, "b"))
    assert caught.value.kind is ErrorKind.CHANGED
    assert list_keys(store_case, bucket) in (["a"], ["a", "b"])


def test_a_missing_source(store_case: StoreCase, bucket: str) -> None:
    source = ObjectInfo("not here", 1, 0, md5(BODY), "")
    with pytest.raises(BrowserError) as caught:
        copy(store_case, source, ObjectRef(bucket, "b"))
    assert caught.value.kind is ErrorKind.NO_OBJECT
    assert list_keys(store_case, bucket) == []


def test_only_where_nothing_is(store_case: StoreCase, bucket: str) -> None:
    """Or it says so by taking no notice: then the copy replaces what is there, as the port warns."""
    source, there = put(store_case, ObjectRef(bucket, "a")), put(store_case, ObjectRef(bucket, "b"), body=b"there")
    try:
        copy(store_case, source, ObjectRef(bucket, "b"), Condition())
        refused = None
    except BrowserError as error:
        refused = error.kind
    assert refused in (ErrorKind.CHANGED, None)
    assert store_case.store.head_object(ObjectRef(bucket, "b")).etag == (there if refused else source).etag


def test_a_cancelled_copy(store_case: StoreCase, bucket: str) -> None:
    source, control = put(store_case, ObjectRef(bucket, "a")), CallControl()
    control.cancel()
    with pytest.raises(Cancelled):
        store_case.store.copy_object(source, bucket, ObjectRef(bucket, "b"), None, control)
    assert list_keys(store_case, bucket) == ["a"]
