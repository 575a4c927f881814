"""Deleting on every store: exactly the keys asked for, with a result for each."""

from __future__ import annotations

from contracts.cases import StoreCase, put_all
from contracts.test_listing import keys_of, pages

from cloudtemple_browser.model.errors import ErrorKind

TWINS = ("a", "a/", "a/b", "a//b", "A", "a b", "a+b", "a%20b", "a/../b", "b")


def test_no_key_at_all(store_case: StoreCase, bucket: str) -> None:
    put_all(store_case, bucket, ("kept",))
    result = store_case.store.delete_objects(bucket, ())
    assert (result.deleted, result.failed) == ((), ())
    assert keys_of(pages(store_case, bucket)) == ["kept"]


def test_each_key_alone_leaves_its_neighbours(store_case: StoreCase, bucket: str) -> None:
    put_all(store_case, bucket, TWINS)
    left = list(TWINS)
    for key in TWINS:
        result = store_case.store.delete_objects(bucket, (key,))
        left.remove(key)
        assert (result.deleted, result.failed) == ((key,), ())
        assert sorted(keys_of(pages(store_case, bucket))) == sorted(left)


def test_a_batch_leaves_its_neighbours(store_case: StoreCase, bucket: str) -> None:
    put_all(store_case, bucket, TWINS)
    result = store_case.store.delete_objects(bucket, TWINS[::2])
    assert (sorted(result.deleted), result.failed) == (sorted(TWINS[::2]), ())
    assert sorted(keys_of(pages(store_case, bucket))) == sorted(TWINS[1::2])


def test_missing_keys_count_as_deleted(store_case: StoreCase, bucket: str) -> None:
    put_all(store_case, bucket, ("here", "kept"))
    for keys in (("never there",), ("here", "never there", "gone\x01too")):
        result = store_case.store.delete_objects(bucket, keys)
        assert (sorted(result.deleted), result.failed) == (sorted(keys), ())
    assert keys_of(pages(store_case, bucket)) == ["kept"]


def test_more_than_a_batch_with_a_result_for_each(store_case: StoreCase, bucket: str) -> None:
    keys = tuple(f"{n:04} &<é" for n in range(1001))
    put_all(store_case, bucket, (keys[0], keys[999], keys[1000], "kept", "0000 &<é/kept"))
    result = store_case.store.delete_objects(bucket, keys)
    assert (sorted(result.deleted), result.failed) == (sorted(keys), ())
    assert sorted(keys_of(pages(store_case, bucket))) == ["0000 &<é/kept", "kept"]


def test_a_missing_bucket_fails_for_each_key(store_case: StoreCase) -> None:
    for keys in (("one",), ("one", "two", "bad\x01")):
        result = store_case.store.delete_objects("no-such-bucket-1", keys)
        assert result.deleted == ()
        assert sorted(item.key for item in result.failed) == sorted(keys)
        assert {item.error.kind for item in result.failed} == {ErrorKind.NO_BUCKET}
