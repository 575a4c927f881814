"""Every key of the corpus on every store: listed exactly, read back equal, fetched by its public URL, deleted exactly."""

from __future__ import annotations

import pytest
from contracts.cases import StoreCase, put_all
from contracts.test_listing import folders_of, keys_of, pages
from contracts.test_objects import read
from corpus import KEYS, XML_CAN_NOT_CARRY

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef

ALL = tuple(KEYS.values())


@pytest.fixture
def corpus(store_case: StoreCase, bucket: str) -> str:
    """A bucket with one object for each key, whose bytes are the key's."""
    put_all(store_case, bucket, ALL)
    return bucket


def test_the_listing_has_exactly_these_keys(store_case: StoreCase, corpus: str) -> None:
    assert sorted(keys_of(pages(store_case, corpus))) == sorted(ALL)


def test_each_is_read_back(store_case: StoreCase, corpus: str) -> None:
    for key in ALL:
        ref = ObjectRef(corpus, key)
        info = store_case.store.head_object(ref)
        assert info.size == len(key.encode())
        assert read(store_case, ref, 0, info.size, info.etag) == key.encode()


def test_folders_lead_to_every_key(store_case: StoreCase, corpus: str) -> None:
    """Walk down by common prefixes as a person does, through ``//``, a leading ``/`` and ``..``."""
    found: list[str] = []
    to_visit = [""]
    while to_visit:
        prefix = to_visit.pop()
        level = pages(store_case, corpus, prefix, "/")
        found += keys_of(level)
        to_visit += folders_of(level)
    assert sorted(found) == sorted(ALL)


def test_each_is_fetched_by_its_public_url(store_case: StoreCase, corpus: str) -> None:
    for key in ALL:
        ref = ObjectRef(corpus, key)
        url = store_case.store.public_url(ref)
        assert url.isascii()
        assert store_case.fetch(url)[0] == 403
        store_case.store.write_acl(ref, CannedAcl.PUBLIC_READ)
        assert store_case.fetch(url) == (200, key.encode())


def test_each_is_fetched_by_a_presigned_url(store_case: StoreCase, corpus: str) -> None:
    for key in ALL:
        assert store_case.fetch(store_case.store.presign_get(ObjectRef(corpus, key), 600)) == (200, key.encode())


def test_half_of_them_is_deleted_exactly(store_case: StoreCase, corpus: str) -> None:
    half = tuple(dict.fromkeys((*ALL[::2], *XML_CAN_NOT_CARRY)))
    result = store_case.store.delete_objects(corpus, half)
    assert (sorted(result.deleted), result.failed) == (sorted(half), ())
    assert sorted(keys_of(pages(store_case, corpus))) == sorted(set(ALL) - set(half))
