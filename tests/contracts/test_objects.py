"""Objects of every store: put, head, ranged reads, cancelling."""

from __future__ import annotations

import hashlib
import queue
import random
import time
from typing import Any

import pytest
from contracts.cases import StoreCase
from contracts.work import PutAndRead

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.writes import Condition, WriteOptions

MIB = 1024 * 1024


def some_bytes(count: int) -> bytes:
    """Bytes without a pattern, the same at every run."""
    return random.Random(count).randbytes(count)


def md5(body: bytes) -> str:
    """MD5 in hex."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def read(case: StoreCase, ref: ObjectRef, start: int, length: int, etag: str = "") -> bytes:
    """A range of an object, as one piece."""
    pieces: list[bytes] = []
    case.store.read_range(ref, start, length, etag, lambda piece: pieces.append(bytes(piece)), CallControl())
    return b"".join(pieces)


@pytest.mark.parametrize("size", [0, 1, 5 * MIB + 1], ids=["empty", "one-byte", "5-MiB-and-1"])
def test_put_head_and_read_back(store_case: StoreCase, bucket: str, size: int) -> None:
    ref, body = ObjectRef(bucket, "folder/object.bin"), some_bytes(size)
    sent: list[int] = []
    etag = store_case.store.put_object(ref, body, WriteOptions("application/x-test"), CallControl(sent.append)).etag
    info = store_case.store.head_object(ref)

    assert etag == md5(body)
    assert (info.key, info.size, info.etag, info.content_type) == (ref.key, size, etag, "application/x-test")
    assert abs(info.modified - time.time()) < 300
    assert sum(sent) == size
    if size:
        got: list[int] = []
        pieces: list[bytes] = []
        keep = lambda piece: pieces.append(bytes(piece))  # noqa: E731 - the sink of one call
        store_case.store.read_range(ref, 0, size, etag, keep, CallControl(got.append))
        assert b"".join(pieces) == body
        assert sum(got) == size


def test_overwriting_replaces_bytes_type_and_metadata(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "object")
    store_case.store.put_object(ref, b"old bytes", WriteOptions("text/plain", None, (("old", "1"),)), CallControl())
    store_case.store.put_object(ref, b"new", WriteOptions("text/html"), CallControl())
    info = store_case.store.head_object(ref)
    assert (info.size, info.content_type, info.metadata) == (3, "text/html", ())


def test_content_type_and_metadata_are_kept(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "object.txt")
    metadata = (("checksum-sha256", "0" * 64), ("note", "two words; a=b, c"))
    options = WriteOptions("text/plain; charset=utf-8", None, metadata)
    store_case.store.put_object(ref, b"text", options, CallControl())
    info = store_case.store.head_object(ref)
    assert info.content_type == "text/plain; charset=utf-8"
    assert tuple((name.lower(), value) for name, value in info.metadata) == metadata


@pytest.mark.parametrize(("start", "length"), [(0, 1), (0, 10), (3, 4), (9, 1)])
def test_ranges_are_exact(store_case: StoreCase, bucket: str, start: int, length: int) -> None:
    ref = ObjectRef(bucket, "digits")
    etag = store_case.store.put_object(ref, b"0123456789", WriteOptions(), CallControl()).etag
    assert read(store_case, ref, start, length, etag) == b"0123456789"[start : start + length]
    assert read(store_case, ref, start, length) == b"0123456789"[start : start + length]


@pytest.mark.parametrize(("start", "length"), [(5, 6), (0, 11), (10, 1), (100, 5)])
def test_a_range_beyond_the_end_means_that_the_object_changed(
    store_case: StoreCase, bucket: str, start: int, length: int
) -> None:
    ref = ObjectRef(bucket, "digits")
    etag = store_case.store.put_object(ref, b"0123456789", WriteOptions(), CallControl()).etag
    with pytest.raises(BrowserError) as caught:
        read(store_case, ref, start, length, etag)
    assert caught.value.kind is ErrorKind.CHANGED


def test_a_replaced_object_is_not_read(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "object")
    etag = store_case.store.put_object(ref, b"first", WriteOptions(), CallControl()).etag
    store_case.store.put_object(ref, b"other", WriteOptions(), CallControl())
    with pytest.raises(BrowserError) as caught:
        read(store_case, ref, 0, 5, etag)
    assert caught.value.kind is ErrorKind.CHANGED


def test_a_missing_object(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "not/here")
    for call in (
        lambda: store_case.store.head_object(ref),
        lambda: read(store_case, ref, 0, 1),
        lambda: store_case.store.read_head(ref, 10, CallControl()),
        lambda: store_case.store.read_acl(ref),
        lambda: store_case.store.write_acl(ref, CannedAcl.PUBLIC_READ),
    ):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.NO_OBJECT
    assert list_keys(store_case, bucket) == []


def test_a_range_tells_of_the_whole_object(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "object")
    options = WriteOptions("text/plain", None, (("checksum-sha256", "0" * 64), ("mtime", "1795422600.5")))
    stored = store_case.store.put_object(ref, b"0123456789", options, CallControl())
    facts = store_case.store.read_range(ref, 2, 3, stored.etag, lambda _piece: None, CallControl())
    assert (facts.etag, facts.size, facts.encrypted) == (stored.etag, 10, False)
    assert facts.metadata == options.metadata
    assert facts.modified == store_case.store.head_object(ref).modified
    assert abs(facts.modified - stored.when) <= 2


def test_a_body_may_be_a_piece_of_a_larger_buffer(store_case: StoreCase, bucket: str) -> None:
    ref = ObjectRef(bucket, "object")
    whole = some_bytes(3 * MIB)
    stored = store_case.store.put_object(ref, memoryview(whole)[MIB : 2 * MIB], WriteOptions(), CallControl())
    assert stored.etag == md5(whole[MIB : 2 * MIB])
    assert read(store_case, ref, 0, MIB, stored.etag) == whole[MIB : 2 * MIB]


def test_only_where_nothing_is(store_case: StoreCase, bucket: str) -> None:
    store, ref = store_case.store, ObjectRef(bucket, "a b/+é")
    stored = store.put_object(ref, b"first", WriteOptions(), CallControl(), Condition())
    with pytest.raises(BrowserError) as caught:
        store.put_object(ref, b"second", WriteOptions(), CallControl(), Condition())
    assert caught.value.kind is ErrorKind.CHANGED
    assert store.head_object(ref).etag == stored.etag


def test_only_over_what_was_seen(store_case: StoreCase, bucket: str) -> None:
    store, ref = store_case.store, ObjectRef(bucket, "object")
    first = store.put_object(ref, b"first", WriteOptions(), CallControl())
    second = store.put_object(ref, b"second", WriteOptions(), CallControl(), Condition(first.etag))
    with pytest.raises(BrowserError) as caught:
        store.put_object(ref, b"third", WriteOptions(), CallControl(), Condition(first.etag))
    assert caught.value.kind is ErrorKind.CHANGED
    assert store.head_object(ref).etag == second.etag


def test_work_runs_elsewhere_and_tells_what_became_of_it(store_case: StoreCase, bucket: str) -> None:
    told: queue.SimpleQueue[Any] = queue.SimpleQueue()
    moved: list[int] = []
    body = some_bytes(MIB)
    store_case.store.work(PutAndRead(ObjectRef(bucket, "object"), body), CallControl(moved.append), told.put)
    assert told.get(timeout=30) == md5(body)
    assert sum(moved) == 2 * MIB
    store_case.store.work(PutAndRead(ObjectRef("no-such-bucket-1", "object"), body), CallControl(), told.put)
    error = told.get(timeout=30)
    assert isinstance(error, BrowserError)
    assert error.kind is ErrorKind.NO_BUCKET


def list_keys(case: StoreCase, bucket: str) -> list[str]:
    """All keys of a bucket."""
    return [key for page in case.store.list_pages(bucket, "", "", CallControl()) for key in page.keys]


@pytest.mark.parametrize(
    ("body", "limit", "expected", "complete"),
    [(b"", 10, b"", True), (b"abc", 10, b"abc", True), (b"abc", 3, b"abc", True), (b"abcdef", 3, b"abc", False)],
    ids=["empty", "below", "equal", "above"],
)
def test_the_head_of_an_object(
    store_case: StoreCase, bucket: str, body: bytes, limit: int, expected: bytes, complete: bool
) -> None:
    ref = ObjectRef(bucket, "object")
    store_case.store.put_object(ref, body, WriteOptions("text/x-test"), CallControl())
    head = store_case.store.read_head(ref, limit, CallControl())
    assert (head.body, head.complete, head.size, head.content_type) == (expected, complete, len(body), "text/x-test")


def test_a_cancelled_put_leaves_nothing(store_case: StoreCase, bucket: str) -> None:
    ref, control = ObjectRef(bucket, "object"), CallControl()
    control.moved = lambda _count: control.cancel()
    with pytest.raises(Cancelled):
        store_case.store.put_object(ref, some_bytes(2 * MIB), WriteOptions(), control)
    assert list_keys(store_case, bucket) == []


def test_a_cancelled_read_ends_early(store_case: StoreCase, bucket: str) -> None:
    ref, control = ObjectRef(bucket, "object"), CallControl()
    etag = store_case.store.put_object(ref, some_bytes(4 * MIB), WriteOptions(), CallControl()).etag
    got: list[int] = []

    def sink(piece: memoryview) -> None:
        got.append(len(piece))
        control.cancel()

    with pytest.raises(Cancelled):
        store_case.store.read_range(ref, 0, 4 * MIB, etag, sink, control)
    assert 0 < sum(got) < 4 * MIB
    assert store_case.store.head_object(ref).size == 4 * MIB  # the connection is usable after that


def test_putting_into_a_missing_bucket(store_case: StoreCase) -> None:
    with pytest.raises(BrowserError) as caught:
        store_case.store.put_object(ObjectRef("no-such-bucket-1", "key"), b"x", WriteOptions(), CallControl())
    assert caught.value.kind is ErrorKind.NO_BUCKET


@pytest.mark.parametrize("key", ["", "k" * 1025, "lone \ud800 surrogate"], ids=["empty", "1025-bytes", "surrogate"])
def test_what_can_not_be_a_key_is_refused_before_a_request(store_case: StoreCase, bucket: str, key: str) -> None:
    with pytest.raises(BrowserError) as caught:
        store_case.store.put_object(ObjectRef(bucket, key), b"x", WriteOptions(), CallControl())
    assert caught.value.kind is ErrorKind.LOCAL_NAME
    assert list_keys(store_case, bucket) == []
