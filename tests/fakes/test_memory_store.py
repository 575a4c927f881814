"""The hooks of the fake store; its S3 semantics are tested by the contract suite."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass

import pytest
from corpus import KEYS
from fakes.memory_store import WORKERS, MemoryStore, MemoryStoreFactory, failure, md5_hex

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.writes import Condition, Fetched, PendingUpload, UploadedPart, WriteOptions
from cloudtemple_browser.transfers.ports import ByteStore

REF = ObjectRef("bucket", "key")


def listed(store: MemoryStore, prefix: str, delimiter: str) -> tuple[list[str], list[str]]:
    pages = list(store.list_pages("bucket", prefix, delimiter, CallControl()))
    assert all(len(page) <= store.page_size for page in pages)
    return [key for page in pages for key in page.keys], [prefix for page in pages for prefix in page.prefixes]


@pytest.mark.parametrize("page_size", [1, 2, 7])
@pytest.mark.parametrize("prefix", ["", "a", "a/", "same", "/", "no such"])
def test_pages_of_any_size_give_the_same_listing(page_size: int, prefix: str) -> None:
    store = MemoryStore(page_size=page_size)
    for key in KEYS.values():
        store.add("bucket", key)
    below = sorted((key for key in KEYS.values() if key.startswith(prefix)), key=str.encode)
    assert listed(store, prefix, "") == (below, [])

    rest = {key: key[len(prefix) :].partition("/") for key in below}
    folders = {prefix + head + mark: None for head, mark, _ in rest.values() if mark}
    assert listed(store, prefix, "/") == ([key for key in below if not rest[key][1]], list(folders))


def test_a_failure_before_and_after_the_effect() -> None:
    store = MemoryStore()
    store.add_bucket("bucket")
    store.fail_next("put_object", failure(ErrorKind.SERVER))
    store.fail_next("put_object", failure(ErrorKind.CONNECTION_LOST), late=True)
    for kind, keys in ((ErrorKind.SERVER, ()), (ErrorKind.CONNECTION_LOST, ("key",))):
        with pytest.raises(BrowserError) as caught:
            store.put_object(REF, b"x", WriteOptions(), CallControl())
        assert caught.value.kind is kind
        assert store.keys("bucket") == keys
    store.put_object(REF, b"xy", WriteOptions(), CallControl())
    assert store.body(REF) == b"xy"
    assert store.count("put_object") == 3


def test_a_late_failure_of_a_read_comes_after_half_the_bytes() -> None:
    store = MemoryStore()
    store.add("bucket", "key", b"0123456789")
    store.fail_next("read_range", failure(ErrorKind.CONNECTION_LOST), late=True)
    got = bytearray()
    with pytest.raises(BrowserError):
        store.read_range(REF, 0, 10, "", got.extend, CallControl())
    assert got == b"01234"


@pytest.mark.parametrize("ending", ["release", "cancel", "close"])
def test_a_held_call_waits(ending: str) -> None:
    store, control, outcomes = MemoryStore(), CallControl(), list[str]()
    store.add("bucket", "key")
    hold = store.hold("list_pages")

    def call() -> None:
        try:
            list(store.list_pages("bucket", "", "", control))
            outcomes.append("release")
        except Cancelled:
            outcomes.append("cancel")
        except BrowserError:
            outcomes.append("close")

    thread = threading.Thread(target=call)
    thread.start()
    assert hold.entered.wait(10)
    assert outcomes == []
    {"release": hold.release, "cancel": control.cancel, "close": store.close}[ending]()
    thread.join(10)
    assert outcomes == [ending]


def test_a_connection_opened_again_finds_its_objects() -> None:
    factory, connection = MemoryStoreFactory(), Connection("c", "https://memory.test", "AK")
    factory.store(connection).add("bucket", "key", b"x")
    factory.open(connection, SecretText("s")).close()
    assert factory.open(connection, SecretText("s")).body(REF) == b"x"
    assert factory.opened == [connection, connection]


def test_conditions_hold_unless_the_store_knows_none() -> None:
    store = MemoryStore()
    store.add("bucket", "key", b"old")
    for condition in (Condition(), Condition(md5_hex(b"other"))):
        with pytest.raises(BrowserError) as caught:
            store.put_object(REF, b"new", WriteOptions(), CallControl(), condition)
        assert caught.value.kind is ErrorKind.CHANGED
        assert store.body(REF) == b"old"
    assert store.put_object(REF, b"new", WriteOptions(), CallControl(), Condition(md5_hex(b"old"))).etag == md5_hex(b"new")
    store.without_conditions = True
    store.put_object(REF, b"newer", WriteOptions(), CallControl(), Condition())
    assert store.body(REF) == b"newer"


def test_a_condition_of_a_multipart_upload_keeps_its_parts() -> None:
    store = MemoryStore(min_part_size=1)
    store.add("bucket", "key", b"old")
    upload_id = store.create_multipart_upload(REF, WriteOptions())
    part = store.upload_part(REF, upload_id, 1, b"new", CallControl())
    with pytest.raises(BrowserError) as caught:
        store.complete_multipart_upload(REF, upload_id, (part,), Condition())
    assert caught.value.kind is ErrorKind.CHANGED
    assert store.list_parts(REF, upload_id) == (part,) == (UploadedPart(1, md5_hex(b"new"), 3),)
    (pending,) = store.list_uploads(REF)
    assert pending == PendingUpload("key", upload_id, pending.initiated)
    assert store.list_uploads(ObjectRef("bucket", "ke")) == ()
    store.complete_multipart_upload(REF, upload_id, (part,), Condition(md5_hex(b"old")))
    with pytest.raises(BrowserError) as caught:
        store.list_parts(REF, upload_id)
    assert (caught.value.kind, caught.value.facts.code) == (ErrorKind.NO_OBJECT, "NoSuchUpload")


def test_a_read_tells_what_it_read() -> None:
    store = MemoryStore()
    store.add("bucket", "key", b"0123456789", modified=7, metadata=(("mtime", "1.5"),))
    facts = store.read_range(REF, 2, 3, "", bytes, CallControl())
    assert facts == Fetched(md5_hex(b"0123456789"), 10, 7, (("mtime", "1.5"),))
    store.encrypted, store.flips = True, 1
    got = bytearray()
    assert store.read_range(REF, 0, 2, "", got.extend, CallControl()).encrypted
    store.read_range(REF, 0, 2, "", got.extend, CallControl())
    assert got == b"1101"


@dataclass(frozen=True)
class Look:
    """A work that looks at one object."""

    ref: ObjectRef

    def run(self, store: ByteStore, control: CallControl) -> int:
        return store.head_object(self.ref).size


def test_work_runs_elsewhere_and_ends_once_whatever_comes() -> None:
    store, ended = MemoryStore(), queue.SimpleQueue[object]()
    store.add("bucket", "key", b"123")
    for _ in range(2 * WORKERS):
        store.work(Look(REF), CallControl(), ended.put)
    assert [ended.get(timeout=10) for _ in range(2 * WORKERS)] == [3] * 2 * WORKERS
    store.work(Look(ObjectRef("bucket", "none")), CallControl(), ended.put)
    failed = ended.get(timeout=10)
    assert isinstance(failed, BrowserError)
    assert failed.kind is ErrorKind.NO_OBJECT
    assert ended.empty()
