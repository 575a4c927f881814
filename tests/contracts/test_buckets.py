"""Buckets of every store: list, check, make, delete."""

from __future__ import annotations

import secrets
import time

import pytest
from contracts.cases import StoreCase

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.writes import WriteOptions


def test_create_list_head_delete(store_case: StoreCase) -> None:
    store, name = store_case.store, f"ctb-test-{secrets.token_hex(6)}"
    store.create_bucket(name)
    try:
        store.head_bucket(name)
        (listed,) = [bucket for bucket in store.list_buckets() if bucket.name == name]
        assert abs(listed.created - time.time()) < 300
    finally:
        store.delete_bucket(name)
    assert name not in [bucket.name for bucket in store.list_buckets()]
    with pytest.raises(BrowserError) as caught:
        store.head_bucket(name)
    assert caught.value.kind is ErrorKind.NO_BUCKET


def test_a_missing_bucket(store_case: StoreCase) -> None:
    store, name = store_case.store, f"ctb-test-{secrets.token_hex(6)}"
    for call in (
        lambda: store.head_bucket(name),
        lambda: store.delete_bucket(name),
        lambda: list(store.list_pages(name, "", "/", CallControl())),
    ):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.NO_BUCKET


def test_a_bucket_with_objects_is_not_deleted(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "object")
    store_case.store.put_object(ref, b"x", WriteOptions(), CallControl())
    with pytest.raises(BrowserError) as caught:
        store_case.store.delete_bucket(bucket)
    assert caught.value.kind is ErrorKind.BUCKET_NOT_EMPTY
    assert store_case.store.head_object(ref).size == 1


@pytest.mark.parametrize("name", ["../etc", "a/b", "ab", "", "arn:aws:s3:::x", "a?acl", "a\nb"])
def test_what_can_not_be_a_bucket_is_never_sent(store_case: StoreCase, name: str) -> None:
    store = store_case.store
    for call in (
        lambda: store.head_bucket(name),
        lambda: store.create_bucket(name),
        lambda: store.delete_bucket(name),
        lambda: list(store.list_pages(name, "", "", CallControl())),
        lambda: store.head_object(ObjectRef(name, "key")),
        lambda: store.delete_objects(name, ("key",)),
    ):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.LOCAL_NAME
