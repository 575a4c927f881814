"""The hooks of the fake store; its S3 semantics are tested by the contract suite."""

from __future__ import annotations

import threading

import pytest
from corpus import KEYS
from fakes.memory_store import MemoryStore, MemoryStoreFactory, failure

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.writes import WriteOptions

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
