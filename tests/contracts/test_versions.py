"""Versions of one key on every store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from contracts.cases import StoreCase

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.versions import NULL_VERSION, ObjectVersion
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.s3 import versions

KEY = "folder/é +%41 <b>"


def versions_of(case: StoreCase, ref: ObjectRef) -> list[ObjectVersion]:
    """All versions of a key."""
    return [one for page in case.store.list_versions(ref, CallControl()) for one in page.versions]


@contextmanager
def all_removed(case: StoreCase, bucket: str) -> Iterator[None]:
    """Remove every version afterwards, which ``remove_bucket`` does not."""
    try:
        yield
    finally:
        found = case.raw.list_object_versions(Bucket=bucket)
        for one in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
            case.raw.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])


def test_a_bucket_that_keeps_no_versions(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, KEY)
    for body in (b"1", b"123"):
        etag = store_case.store.put_object(ref, body, WriteOptions(), CallControl()).etag
    store_case.store.put_object(ObjectRef(bucket, KEY + "/more"), b"", WriteOptions(), CallControl())
    found = versions_of(store_case, ref)
    assert [(one.version_id, one.latest, one.deleted) for one in found] in ([], [(NULL_VERSION, True, False)])
    assert [(one.size, one.etag) for one in found] in ([], [(3, etag)])
    assert versions_of(store_case, ObjectRef(bucket, "folder")) == []


@pytest.mark.parametrize("page_size", [1000, 2, 1])
def test_versions_and_delete_markers(
    store_case: StoreCase, bucket: str, page_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store_case.raw is None:
        pytest.skip("the fake keeps no versions by itself")
    monkeypatch.setattr(versions, "PAGE_SIZE", page_size)
    ref, longer, control = ObjectRef(bucket, KEY), ObjectRef(bucket, KEY + "/more"), CallControl()
    put = store_case.store.put_object
    with all_removed(store_case, bucket):
        before = put(ref, b"1", WriteOptions(), control).etag
        status = {"Status": "Enabled"}
        store_case.raw.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status)
        tags = [put(ref, b"2" * size, WriteOptions(), control).etag for size in (2, 3)]
        store_case.raw.delete_object(Bucket=bucket, Key=KEY)
        last = put(ref, b"4444", WriteOptions(), control).etag
        put(longer, b"", WriteOptions(), control)

        found = versions_of(store_case, ref)
        assert [(one.size, one.etag, one.latest, one.deleted) for one in found] == [
            (4, last, True, False),
            (0, "", False, True),
            (3, tags[1], False, False),
            (2, tags[0], False, False),
            (1, before, False, False),
        ]
        assert found[-1].version_id == NULL_VERSION
        assert len({one.version_id for one in found}) == 5
        times = [one.modified for one in found]
        assert times == sorted(times, reverse=True)
        assert [one.latest for one in versions_of(store_case, longer)] == [True]

        store_case.raw.delete_object(Bucket=bucket, Key=KEY)
        assert [(one.latest, one.deleted) for one in versions_of(store_case, ref)][:2] == [(True, True), (False, False)]
