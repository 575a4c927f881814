"""Listings: one generation at a time, and an honest end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from app.rig import BUCKET, CONNECTION, PATIENCE, World, failure, until
from fakes.memory_store import Hold

from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.model.addresses import Location, ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.query import Match, Query


async def test_all_pages_become_rows(world: World) -> None:
    world.store.page_size = 3
    for n in range(20):
        world.store.add(BUCKET, f"p/{n:02}", b"x" * n)
        world.store.add(BUCKET, f"p/f{n}/x")
    world.store.add(BUCKET, "p/", b"")  # the marker of the folder itself
    phases: list[Phase] = []
    world.app.listing.status_changed.add(lambda status: phases.append(status.phase))
    await world.open("p/")
    assert world.names() == sorted([f"p/{n:02}" for n in range(20)] + [f"p/f{n}/" for n in range(20)])
    assert phases == [Phase.LOADING, Phase.COMPLETE]
    assert world.app.state.rows == 40
    assert world.app.listing.rows.total_bytes == sum(range(20))


async def test_an_empty_folder_is_complete(world: World) -> None:
    await world.open()
    assert world.app.listing.status == ListingStatus(Phase.COMPLETE, Location(CONNECTION.id, BUCKET))
    assert world.names() == []


async def test_pages_of_the_listing_before_never_show(world: World) -> None:
    for n in range(10):
        world.store.add(BUCKET, f"old/{n}")
        world.store.add(BUCKET, f"new/{n}")
    world.store.page_size = 2
    await world.load()
    hold = world.store.hold("list_pages")
    seen: list[str] = []

    def note(new: range) -> None:
        seen.extend(world.app.listing.rows.key(row) for row in new)

    world.app.listing.appended.add(note)
    world.app.open(Location(CONNECTION.id, BUCKET, "old/"))
    await until(hold.entered.is_set)
    world.app.open(Location(CONNECTION.id, BUCKET, "new/"))
    hold.release()
    await world.listed()
    assert world.names() == [f"new/{n}" for n in range(10)]
    assert not [key for key in seen if key.startswith("old/")]
    assert world.app.listing.status.phase is Phase.COMPLETE


@pytest.mark.parametrize("kind", [ErrorKind.TIMEOUT, ErrorKind.LIST_AGAIN])
async def test_a_failure_of_the_listing_before_never_shows(world: World, kind: ErrorKind) -> None:
    world.store.add(BUCKET, "new/x")
    await world.load()
    began, go_on, failed = threading.Event(), threading.Event(), threading.Event()
    list_pages = world.store.list_pages

    def deaf(bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        if prefix == "old/":  # a server that hangs and fails whatever happens here
            began.set()
            go_on.wait(PATIENCE)
            failed.set()
            raise failure(kind)
        yield from list_pages(bucket, prefix, delimiter, control)

    world.store.list_pages = deaf  # type: ignore[method-assign]
    world.app.open(Location(CONNECTION.id, BUCKET, "old/"))
    await until(began.is_set)
    world.app.open(Location(CONNECTION.id, BUCKET, "new/"))
    await world.listed()
    go_on.set()
    await until(lambda: failed.is_set() and len(world.background._tasks) == 0)
    assert world.app.listing.status == ListingStatus(Phase.COMPLETE, Location(CONNECTION.id, BUCKET, "new/"))
    assert world.names() == ["new/x"]


async def test_a_refused_listing_has_failed(world: World) -> None:
    world.store.forbidden[BUCKET] = failure(ErrorKind.ACCESS_DENIED, "AccessDenied")
    await world.open()
    status = world.app.listing.status
    assert status.phase is Phase.FAILED
    assert status.error is not None
    assert status.error.kind is ErrorKind.ACCESS_DENIED


class Breaks:
    """Lists some pages and breaks off."""

    def __init__(self, world: World, error: BrowserError, after: int) -> None:
        self._list, self._error, self._after = world.store.list_pages, error, after
        world.store.list_pages = self  # type: ignore[method-assign]

    def __call__(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        for at, page in enumerate(self._list(bucket, prefix, delimiter, control)):
            if at == self._after:
                raise self._error
            yield page


@pytest.mark.parametrize("kind", [ErrorKind.CONNECTION_LOST, ErrorKind.PARTIAL])
async def test_a_listing_that_breaks_off_is_partial(world: World, kind: ErrorKind) -> None:
    for n in range(10):
        world.store.add(BUCKET, f"{n}")
    world.store.page_size = 2
    error = failure(kind)
    Breaks(world, error, 2)
    await world.open()
    assert world.app.listing.status == ListingStatus(Phase.PARTIAL, Location(CONNECTION.id, BUCKET), error)
    assert world.names() == ["0", "1", "2", "3"]


async def test_stopping_keeps_what_came(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(100):
        world.store.add(BUCKET, f"{n:03}")
    world.store.page_size = 1
    list_pages, hold = world.store.list_pages, Hold()

    def slow(bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        for at, page in enumerate(list_pages(bucket, prefix, delimiter, control)):
            if at == 5:
                hold.wait(control, lambda: False)
            yield page

    monkeypatch.setattr(world.store, "list_pages", slow)
    await world.load()
    world.app.open(Location(CONNECTION.id, BUCKET))
    await until(lambda: len(world.app.listing.rows) > 3)
    world.app.listing.stop()
    hold.release()
    assert world.app.listing.status.phase is Phase.STOPPED
    count = len(world.app.listing.rows)
    await until(lambda: not world.background._controls)
    assert len(world.app.listing.rows) == count < 100
    assert world.app.listing.status.phase is Phase.STOPPED
    world.app.listing.stop()  # again: nothing
    world.app.refresh()
    await world.listed()
    assert len(world.app.listing.rows) == 100


async def test_a_refresh_keeps_the_rows_until_the_first_page(world: World) -> None:
    world.store.add(BUCKET, "old")
    await world.open()
    world.store.delete_objects(BUCKET, ("old",))
    world.store.add(BUCKET, "new")
    hold = world.store.hold("list_pages")
    world.app.refresh()
    await until(hold.entered.is_set)
    assert world.names() == ["old"]
    assert world.app.listing.status.phase is Phase.LOADING
    hold.release()
    await world.listed()
    assert world.names() == ["new"]


async def test_a_refresh_of_a_folder_that_is_empty_now_shows_nothing(world: World) -> None:
    world.store.add(BUCKET, "old")
    await world.open()
    world.store.delete_objects(BUCKET, ("old",))
    world.app.refresh()
    await world.listed()
    assert world.names() == []


async def test_an_object_stored_during_a_listing_is_one_row(world: World) -> None:
    for name in ("a", "b", "c"):
        world.store.add(BUCKET, name, b"12345")
    await world.load()
    hold = world.store.hold("list_pages")
    world.app.open(Location(CONNECTION.id, BUCKET))
    await until(hold.entered.is_set)
    world.app.stored(Location(CONNECTION.id, BUCKET), world.store.head_object(ObjectRef(BUCKET, "b")), public=False)
    assert world.names() == ["b"]
    hold.release()
    await world.listed()
    assert world.names() == ["a", "b", "c"]
    assert world.app.listing.rows.total_bytes == 15
    world.app.keys_gone(Location(CONNECTION.id, BUCKET), ("b",))
    assert world.names() == ["a", "c"]


async def test_going_elsewhere_shows_nothing_of_before(world: World) -> None:
    world.store.add(BUCKET, "x")
    await world.open()
    hold = world.store.hold("list_pages")
    world.app.open(Location(CONNECTION.id, BUCKET, "p/"))
    assert world.names() == []
    assert world.app.state.rows == 0
    hold.release()
    await world.listed()


async def test_the_list_of_buckets(world: World) -> None:
    world.store.add_bucket("another")
    await world.open(bucket="")
    assert world.names() == ["another/", "bucket/"]


async def test_buckets_that_may_not_be_listed(world: World) -> None:
    world.store.fail_next("list_buckets", failure(ErrorKind.ACCESS_DENIED), times=2)
    phases: list[Phase] = []
    world.app.listing.status_changed.add(lambda status: phases.append(status.phase))
    await world.open(bucket="")
    await world.accounts.remember_bucket(CONNECTION, "mine")
    world.app.refresh()
    await world.listed()
    assert phases == [Phase.LOADING, Phase.FAILED, Phase.LOADING, Phase.COMPLETE]
    assert world.names() == ["mine/"]


async def test_what_is_public_is_noted_and_told(world: World) -> None:
    world.store.add(BUCKET, "x")
    await world.open()
    told: list[list[int]] = []
    world.app.listing.changed.add(told.append)
    world.app.public_known(Location(CONNECTION.id, BUCKET), {"x": True, "elsewhere/y": True})
    assert world.app.listing.rows.public["x"]
    assert told == [[0]]
    world.app.public_known(Location("c2", BUCKET), {"x": False})  # another connection's bucket of this name
    assert world.app.listing.rows.public["x"]


async def test_an_object_written_elsewhere_changes_nothing(world: World) -> None:
    await world.open("p/")
    here, info = Location(CONNECTION.id, BUCKET), ObjectEntry("p/x", 1, 1)
    world.app._objects_stored("c2", BUCKET, (info,), public=False)
    world.app._objects_stored(here.connection_id, "other", (info,), public=False)
    world.app._objects_stored(here.connection_id, BUCKET, (ObjectEntry("q/x", 1, 1),), public=False)
    assert world.names() == []
    world.app._objects_stored(here.connection_id, BUCKET, (ObjectEntry("p/deep/er/x", 1, 1),), public=False)
    assert world.names() == ["p/deep/"]
    assert world.app.state.rows == 1


def test_a_page_counts_folders_and_objects() -> None:
    assert len(ListingPage(("a/", "b/"), ("c",), (1,), (1,), ("",), ("",))) == 3


def below(prefix: str = "", query: Query | None = None) -> Location:
    return Location(CONNECTION.id, BUCKET, prefix, query or Query())


async def search(world: World, location: Location) -> ListingStatus:
    """Open a location and wait for its end."""
    await world.load()
    world.app.open(location)
    await world.listed()
    return world.app.listing.status


async def test_everything_below_is_one_row_an_object(world: World) -> None:
    world.store.page_size = 3
    keys = ["p/", "p/a", "p/d/b", "p/d/e/c", "p/d/", "q"]
    for key in keys:
        world.store.add(BUCKET, key, b"12")
    status = await search(world, below("p/"))
    rows = world.app.listing.rows
    assert world.names() == ["p/a", "p/d/", "p/d/b", "p/d/e/c"]
    assert (rows.object_count, rows.folder_count) == (4, 0)
    assert status == ListingStatus(Phase.COMPLETE, below("p/"), None, 5, 10)


async def test_a_search_tells_how_much_it_looked_at(world: World) -> None:
    world.store.page_size = 7
    for n in range(100):
        world.store.add(BUCKET, f"{n // 10}/{n}.{'log' if n % 9 == 0 else 'txt'}", b"x" * n)
    seen: list[ListingStatus] = []
    world.app.listing.status_changed.add(seen.append)
    status = await search(world, below("", Query("*.LOG", Match.GLOB)))
    assert world.names() == sorted(f"{n // 10}/{n}.log" for n in range(0, 100, 9))
    assert status == ListingStatus(Phase.COMPLETE, below("", Query("*.LOG", Match.GLOB)), None, 100, sum(range(100)))
    looked = [one.looked for one in seen]
    assert looked == sorted(looked)
    assert {one.phase for one in seen} == {Phase.LOADING, Phase.COMPLETE}
    assert world.app.listing.rows.total_bytes == sum(range(0, 100, 9))


async def test_a_search_that_finds_nothing_tells_how_far_it_is(world: World) -> None:
    for n in range(3):
        world.store.add(BUCKET, f"{n}")
    world.store.page_size = 1
    looks: list[int] = []
    world.app.listing.status_changed.add(lambda status: looks.append(status.looked))
    status = await search(world, below("", Query("nowhere")))
    assert (status.phase, status.looked, len(world.app.listing.rows)) == (Phase.COMPLETE, 3, 0)
    world.app.refresh()
    await world.listed()
    assert world.app.listing.status.looked == 3
    assert max(looks) == 3


async def test_stopping_a_search_ends_it_at_once_and_keeps_what_was_found(world: World) -> None:
    for n in range(20):
        world.store.add(BUCKET, f"{n:03}")
    world.store.page_size = 1
    list_pages = world.store.list_pages

    def silent(bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        for at, page in enumerate(list_pages(bucket, prefix, delimiter, control)):
            if at == 10:  # from here on the server says nothing
                control.wait(PATIENCE)
                raise Cancelled
            yield page

    world.store.list_pages = silent  # type: ignore[method-assign]
    await world.load()
    query = Query("0")
    world.app.open(below("", query))
    await until(lambda: len(world.app.listing.rows) == 10)
    began = time.monotonic()
    world.app.listing.stop()
    assert world.app.listing.status == ListingStatus(Phase.STOPPED, below("", query), None, 10, 0)
    await until(lambda: not world.background._controls)
    assert time.monotonic() - began < 5.0  # the server stays silent for much longer
    assert len(world.app.listing.rows) == 10
    assert world.app.listing.status.phase is Phase.STOPPED


async def test_a_search_that_breaks_off_is_partial_and_one_that_never_began_has_failed(world: World) -> None:
    for n in range(10):
        world.store.add(BUCKET, f"{n}")
    world.store.page_size = 2
    error = failure(ErrorKind.CONNECTION_LOST)
    Breaks(world, error, 2)
    status = await search(world, below("", Query("0")))
    assert (status.phase, status.error, status.looked) == (Phase.PARTIAL, error, 4)
    assert world.names() == ["0"]
    status = await search(world, below("", Query("nowhere")))
    assert (status.phase, status.looked) == (Phase.PARTIAL, 4)
    world.store.forbidden[BUCKET] = failure(ErrorKind.ACCESS_DENIED)
    assert (await search(world, below("", Query("0")))).phase is Phase.FAILED


class LeavesOut:
    """Leaves entries out of each page: their keys cannot be read."""

    def __init__(self, world: World, count: int = 1) -> None:
        self._list, self.count = world.store.list_pages, count
        world.store.list_pages = self  # type: ignore[method-assign]

    def __call__(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        for page in self._list(bucket, prefix, delimiter, control):
            yield replace(page, malformed=self.count)


@pytest.mark.parametrize("query", [None, Query(), Query("0"), Query("nowhere")], ids=["folder", "flat", "found", "nothing"])
async def test_a_listing_with_entries_left_out_is_partial(world: World, query: Query | None) -> None:
    for n in range(4):
        world.store.add(BUCKET, f"p/{n}")
    world.store.page_size = 2
    store, location = LeavesOut(world), Location(CONNECTION.id, BUCKET, "p/", query)
    for _again in range(2):
        status = await search(world, location)
        assert (status.phase, status.left_out) == (Phase.PARTIAL, 2)
        assert status.error is not None
        assert status.error.kind is ErrorKind.PARTIAL
        assert str(status.left_out_words) == "2 entries had no readable key"
    store.count = 0
    status = await search(world, location)
    assert (status.phase, status.left_out, status.error) == (Phase.COMPLETE, 0, None)


async def test_a_folder_of_which_nothing_can_be_read_is_not_empty(world: World) -> None:
    await world.load()
    world.store.list_pages = lambda *_args: iter([ListingPage(malformed=1)])  # type: ignore[method-assign]
    assert (await search(world, Location(CONNECTION.id, BUCKET))).phase is Phase.PARTIAL


async def test_why_a_listing_broke_off_tells_more_than_what_it_left_out(world: World) -> None:
    for n in range(10):
        world.store.add(BUCKET, f"{n}")
    world.store.page_size = 2
    error = failure(ErrorKind.CONNECTION_LOST)
    Breaks(world, error, 2)
    LeavesOut(world)
    status = await search(world, Location(CONNECTION.id, BUCKET))
    assert (status.phase, status.error, status.left_out) == (Phase.PARTIAL, error, 0)
    assert world.app.listing.rows.malformed == 2


class Unordered:
    """Lists some pages, then asks for another listing; as often as it is told."""

    def __init__(self, world: World, times: int) -> None:
        self._list, self.times, self.calls = world.store.list_pages, times, 0
        world.store.list_pages = self  # type: ignore[method-assign]

    def __call__(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        self.calls += 1
        again = self.calls <= self.times
        for at, page in enumerate(self._list(bucket, prefix, delimiter, control)):
            if again and at == 2:
                raise failure(ErrorKind.LIST_AGAIN)
            yield page


@pytest.mark.parametrize("location", [Location(CONNECTION.id, BUCKET), below(), below("", Query("0"))])
async def test_a_listing_that_must_be_made_again_is_whole(world: World, location: Location) -> None:
    for n in range(10):
        world.store.add(BUCKET, f"{n}0", b"x")
    world.store.page_size = 2
    store = Unordered(world, 1)
    status = await search(world, location)
    assert status.phase is Phase.COMPLETE
    assert world.names() == [f"{n}0" for n in range(10)]
    assert status.looked == (10 if location.below else 0)
    assert store.calls == 2
    assert world.app.state.rows == 10


async def test_a_listing_is_made_again_only_once(world: World) -> None:
    for n in range(10):
        world.store.add(BUCKET, f"{n}")
    world.store.page_size = 2
    store = Unordered(world, 2)
    status = await search(world, below())
    assert status.error is not None
    assert (status.phase, status.error.kind, store.calls) == (Phase.PARTIAL, ErrorKind.LIST_AGAIN, 2)
    assert status.looked == 4


async def test_what_is_written_during_a_search_shows_when_it_meets_it(world: World) -> None:
    world.store.add(BUCKET, "p/a.log", b"12345")
    await search(world, below("p/", Query("log", min_size=3)))
    here = Location(CONNECTION.id, BUCKET)
    for key, size in (("p/d/b.log", 9), ("p/c.txt", 9), ("p/d.log", 1), ("q/e.log", 9)):
        world.app._objects_stored(here.connection_id, BUCKET, (ObjectEntry(key, size, 1),), public=False)
    assert world.names() == ["p/a.log", "p/d/b.log"]
    world.app._objects_stored(here.connection_id, BUCKET, (ObjectEntry("p/a.log", 1, 1),), public=False)  # too small now
    assert world.names() == ["p/d/b.log"]
    world.app.keys_gone(here, ("p/d/b.log",))
    assert world.names() == []
    assert world.app.state.rows == 0


async def test_an_expression_is_never_tried_in_the_window(world: World) -> None:
    world.store.add(BUCKET, "aaa", b"12345")
    await search(world, below("", Query("(a+)+$", Match.REGEX, min_size=3)))
    assert world.names() == ["aaa"]
    world.app._objects_stored(CONNECTION.id, BUCKET, (ObjectEntry("a" * 60 + "!", 9, 1),), public=False)
    assert world.names() == ["aaa"]
    world.app._objects_stored(CONNECTION.id, BUCKET, (ObjectEntry("aaa", 9, 1),), public=False)
    assert world.app.listing.rows.total_bytes == 9
    world.app._objects_stored(CONNECTION.id, BUCKET, (ObjectEntry("aaa", 1, 1),), public=False)
    assert world.names() == []


async def test_an_object_written_below_the_flat_view_is_a_row_of_its_own(world: World) -> None:
    await search(world, below("p/"))
    world.app._objects_stored(CONNECTION.id, BUCKET, (ObjectEntry("p/deep/er/x", 4, 1),), public=True)
    assert world.names() == ["p/deep/er/x"]
    assert world.app.listing.rows.folder_count == 0
    assert world.app.listing.rows.public["p/deep/er/x"]


async def test_many_rows_are_found_in_a_worker(world: World) -> None:
    for n in range(3000):
        world.store.add(BUCKET, f"{n:04}")
    await world.open()
    changed: list[list[int]] = []
    removed: list[int] = []
    world.app.listing.changed.add(changed.append)
    world.app.listing.removed.add(lambda: removed.append(len(world.app.listing.rows)))
    keys = tuple(f"{n:04}" for n in range(2500))
    world.app.listing.mark_public(dict.fromkeys(keys, True))
    await until(lambda: changed)
    assert sorted(changed[0]) == list(range(2500))
    world.app.listing.remove(keys)
    await until(lambda: removed)
    assert removed == [500]
    world.app.listing.remove(keys)  # again: they are gone
    world.app.listing.mark_public(dict.fromkeys(keys))
    world.app.open(Location(CONNECTION.id, BUCKET, "x/"))
    await world.listed()
    await until(lambda: not world.background._tasks)
    assert removed == [500]
