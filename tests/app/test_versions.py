"""The versions of an object, and what is said when they are not all there."""

from __future__ import annotations

import pytest
from fakes.memory_store import MemoryStore, failure

from cloudtemple_browser.app.commands import versions
from cloudtemple_browser.app.commands.versions import KeptVersions, load_versions
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.versions import NULL_VERSION, ObjectVersion

REF = ObjectRef("bucket", "key")


def some(count: int) -> tuple[ObjectVersion, ...]:
    """So many versions, the newest first."""
    return tuple(ObjectVersion(f"v{n}", n == 0, False, n, 1000 - n) for n in range(count))


def store_with(count: int, page_size: int = 2) -> MemoryStore:
    """A store with so many versions of ``REF``."""
    store = MemoryStore(page_size=page_size)
    store.add("bucket", "key", b"123")
    store.versions[REF] = some(count)
    return store


def test_all_pages_are_read() -> None:
    assert load_versions(store_with(5), REF, CallControl()) == KeptVersions(some(5))


def test_an_object_without_versions() -> None:
    store = MemoryStore()
    store.add("bucket", "key", b"123")
    found = load_versions(store, REF, CallControl())
    assert [(one.version_id, one.size, one.latest) for one in found.versions] == [(NULL_VERSION, 3, True)]
    assert not found.any_kept
    assert load_versions(store, ObjectRef("bucket", "other"), CallControl()) == KeptVersions()


def test_a_listing_that_breaks_off_shows_what_came() -> None:
    store, partial = store_with(5), failure(ErrorKind.PARTIAL)
    store.fail_next("list_versions", partial, late=True)  # after its page
    found = load_versions(store, REF, CallControl())
    assert (found.versions, found.error) == (some(2), partial)
    assert found.any_kept


def test_the_first_failure_is_raised() -> None:
    store = store_with(5)
    store.fail_next("list_versions", failure(ErrorKind.ACCESS_DENIED))
    with pytest.raises(BrowserError):
        load_versions(store, REF, CallControl())


def test_no_more_are_read_than_can_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "LIMIT", 4)
    assert load_versions(store_with(4), REF, CallControl()) == KeptVersions(some(4))
    store = store_with(50)
    assert load_versions(store, REF, CallControl()) == KeptVersions(some(4), more=True)
    assert store.count("list_versions") == 3


def test_a_cancelled_reading() -> None:
    control = CallControl()
    control.cancel()
    with pytest.raises(Cancelled):
        load_versions(store_with(1), REF, control)
