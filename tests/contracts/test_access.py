"""Who may read, on every store: ACLs, public URLs and pre-signed URLs, each proven by a GET without a key."""

from __future__ import annotations

import pytest
from contracts.cases import StoreCase

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.urls import MAX_PRESIGN_SECONDS
from cloudtemple_browser.model.writes import WriteOptions

BODY = b"the bytes of the object"


def put(case: StoreCase, bucket: str, acl: CannedAcl | None = None, body: bytes = BODY) -> ObjectRef:
    """An object in a name that needs encoding."""
    ref = ObjectRef(bucket, "folder/a b+é.txt")
    case.store.put_object(ref, body, WriteOptions("text/plain", acl), CallControl())
    return ref


def test_private_is_the_default(store_case: StoreCase, bucket: str) -> None:
    ref = put(store_case, bucket)
    acl = store_case.store.read_acl(ref)
    assert not acl.public
    assert acl.owner
    assert [grant.permission for grant in acl.grants] == ["FULL_CONTROL"]
    assert not store_case.store.readable_by_anyone(ref)
    assert store_case.fetch(store_case.store.public_url(ref))[0] == 403


def test_public_and_private_again(store_case: StoreCase, bucket: str) -> None:
    ref = put(store_case, bucket)
    store_case.store.write_acl(ref, CannedAcl.PUBLIC_READ)
    assert store_case.store.read_acl(ref).public
    assert store_case.store.readable_by_anyone(ref)
    assert store_case.fetch(store_case.store.public_url(ref)) == (200, BODY)
    assert store_case.store.head_object(ref).size == len(BODY)

    store_case.store.write_acl(ref, CannedAcl.PRIVATE)
    assert not store_case.store.read_acl(ref).public
    assert not store_case.store.readable_by_anyone(ref)
    assert store_case.fetch(store_case.store.public_url(ref))[0] == 403


@pytest.mark.parametrize("acl", CannedAcl)
def test_an_acl_given_at_upload(store_case: StoreCase, bucket: str, acl: CannedAcl) -> None:
    ref = put(store_case, bucket, acl)
    public = acl is CannedAcl.PUBLIC_READ
    assert store_case.store.read_acl(ref).public is public
    assert store_case.store.readable_by_anyone(ref) is public
    assert store_case.fetch(store_case.store.public_url(ref))[0] == (200 if public else 403)


def test_an_empty_public_object_is_readable(store_case: StoreCase, bucket: str) -> None:
    ref = put(store_case, bucket, CannedAcl.PUBLIC_READ, b"")
    assert store_case.store.readable_by_anyone(ref)


def test_a_missing_object_is_not_readable(store_case: StoreCase, bucket: str) -> None:
    assert not store_case.store.readable_by_anyone(ObjectRef(bucket, "not here"))


def test_a_presigned_url_reads_a_private_object(store_case: StoreCase, bucket: str) -> None:
    ref = put(store_case, bucket)
    url = store_case.store.presign_get(ref, 600)
    assert store_case.fetch(url) == (200, BODY)
    assert not store_case.store.read_acl(ref).public


def test_a_presigned_url_is_for_one_object(store_case: StoreCase, bucket: str) -> None:
    ref = put(store_case, bucket)
    other = ObjectRef(bucket, "folder/other")
    store_case.store.put_object(other, b"secret", WriteOptions(), CallControl())
    url = store_case.store.presign_get(ref, 600)
    mine, theirs = store_case.store.public_url(ref), store_case.store.public_url(other)
    assert url.startswith(mine)
    if store_case.checks_secrets:
        assert store_case.fetch(url.replace(mine, theirs))[0] == 403
    head, mark, signature = url.partition("ignature=")
    flipped = ("0" if signature[0] != "0" else "1") + signature[1:]
    assert store_case.fetch(f"{head}{mark}{flipped}")[0] == 403


@pytest.mark.parametrize("seconds", [0, -5, MAX_PRESIGN_SECONDS + 1])
def test_a_life_that_the_store_would_refuse_is_not_signed(store_case: StoreCase, bucket: str, seconds: int) -> None:
    with pytest.raises(BrowserError):
        store_case.store.presign_get(ObjectRef(bucket, "key"), seconds)
    assert store_case.store.presign_get(ObjectRef(bucket, "key"), MAX_PRESIGN_SECONDS)
