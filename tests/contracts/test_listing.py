"""Listings of every store: complete, without doubles, in pages, with folders."""

from __future__ import annotations

import pytest
from contracts.cases import StoreCase, put_all

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.model.writes import WriteOptions

KEYS = ("a", "a/", "a/1", "a/2", "a/b/3", "a b", "a+b", "b//c", "é/x", "z")


def pages(case: StoreCase, bucket: str, prefix: str = "", delimiter: str = "", start_after: str = "") -> list[ListingPage]:
    """All pages of a listing."""
    return list(case.store.list_pages(bucket, prefix, delimiter, CallControl(), start_after))


def keys_of(found: list[ListingPage]) -> list[str]:
    """The keys in the order of the pages."""
    return [key for page in found for key in page.keys]


def folders_of(found: list[ListingPage]) -> list[str]:
    """The common prefixes in the order of the pages."""
    return [prefix for page in found for prefix in page.prefixes]


def test_an_empty_bucket_and_an_empty_prefix(store_case: StoreCase, bucket: str) -> None:
    assert [len(page) for page in pages(store_case, bucket)] == [0]
    assert [len(page) for page in pages(store_case, bucket, "no/such/", "/")] == [0]


def test_columns(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "folder/object")
    etag = store_case.store.put_object(ref, b"12345", WriteOptions(), CallControl())
    (page,) = pages(store_case, bucket)
    info = store_case.store.head_object(ref)
    assert (page.keys, page.sizes, page.etags) == (("folder/object",), (5,), (etag,))
    assert abs(page.modified[0] - info.modified) <= 1
    assert page.storage_classes in (("STANDARD",), ("",))
    assert page.malformed == 0


def test_flat_prefix_delimiter_and_start(store_case: StoreCase, bucket: str) -> None:
    put_all(store_case, bucket, KEYS)
    assert sorted(keys_of(pages(store_case, bucket))) == sorted(KEYS)
    assert keys_of(pages(store_case, bucket, "a/")) == ["a/", "a/1", "a/2", "a/b/3"]

    top = pages(store_case, bucket, "", "/")
    assert keys_of(top) == ["a", "a b", "a+b", "z"]
    assert sorted(folders_of(top)) == ["a/", "b/", "é/"]

    inside = pages(store_case, bucket, "a/", "/")
    assert (keys_of(inside), folders_of(inside)) == (["a/", "a/1", "a/2"], ["a/b/"])
    twice = pages(store_case, bucket, "b/", "/")
    assert (keys_of(twice), folders_of(twice)) == ([], ["b//"])
    assert keys_of(pages(store_case, bucket, "b//", "/")) == ["b//c"]
    assert keys_of(pages(store_case, bucket, "a/", "", "a/1")) == ["a/2", "a/b/3"]


def test_a_thousand_and_one_keys_come_complete_in_pages(store_case: StoreCase, thousand: tuple[str, tuple[str, ...]]) -> None:
    bucket, keys = thousand
    flat = pages(store_case, bucket, "many/")
    assert len(flat) > 1
    assert keys_of(flat) == list(keys)
    folders = pages(store_case, bucket, "many/", "/")
    assert len(folders) > 1
    assert folders_of(folders) == [key.removesuffix("object") for key in keys]


def test_a_listing_is_cancelled_between_two_pages(store_case: StoreCase, thousand: tuple[str, tuple[str, ...]]) -> None:
    control = CallControl()
    listing = store_case.store.list_pages(thousand[0], "", "", control)
    assert len(next(listing)) == 1000
    control.cancel()
    with pytest.raises(Cancelled):
        next(listing)
