"""Listings of every store: complete, without doubles, in pages, with folders."""

from __future__ import annotations

from operator import attrgetter

import pytest
from contracts.cases import StoreCase, put_all

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.model.paging import PageRequest
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.workers.store import EngineStore

KEYS = ("a", "a/", "a/1", "a/2", "a/b/3", "a b", "a+b", "b//c", "é/x", "z")


def pages(case: StoreCase, bucket: str, prefix: str = "", delimiter: str = "") -> list[ListingPage]:
    """All pages of a listing."""
    return list(case.store.list_pages(bucket, prefix, delimiter, CallControl()))


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
    etag = store_case.store.put_object(ref, b"12345", WriteOptions(), CallControl()).etag
    (page,) = pages(store_case, bucket)
    info = store_case.store.head_object(ref)
    assert (page.keys, list(page.sizes), page.etags) == (("folder/object",), [5], (etag,))
    assert abs(page.modified[0] - info.modified) <= 1
    assert page.storage_classes in (("STANDARD",), ("",))
    assert page.malformed == 0


def test_flat_prefix_and_delimiter(store_case: StoreCase, bucket: str) -> None:
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


def test_a_survey_sees_every_object_once(store_case: StoreCase, thousand: tuple[str, tuple[str, ...]]) -> None:
    bucket, keys = thousand
    seen = [size for sizes in store_case.store.survey(bucket, "many/", attrgetter("sizes"), CallControl()) for size in sizes]
    assert seen == [len(key.encode()) for key in keys]
    assert sum(store_case.store.survey(bucket, "many/0100", len, CallControl())) == 1


def test_many_keys_are_listed_in_ranges(store_case: StoreCase, thousand: tuple[str, tuple[str, ...]]) -> None:
    """As the engine lists them, with pages so small that it splits; against the same store asked page by page."""
    bucket, keys = thousand
    if isinstance(store_case.store, EngineStore):
        for prefix, delimiter in (("", ""), ("many/", ""), ("many/", "/"), ("many/00", "/")):
            request = PageRequest(bucket, prefix, delimiter, max_keys=10)
            found = list(store_case.store.walk(request, CallControl()))
            names = [name for page in found for name in (*page.keys, *page.prefixes)]
            expected = {key if not delimiter else key.removesuffix("object") for key in keys if key.startswith(prefix)}
            assert len(names) == len(set(names))
            assert {name for name in names if name.startswith("many/")} == expected
            assert len(found) >= len(expected) / 10  # or some more: the ranges' last pages are not full
