"""Listings: one generation at a time, and an honest end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from app.rig import BUCKET, CONNECTION, PATIENCE, World, failure, until

from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.model.addresses import Location, ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, ErrorKind


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


async def test_a_failure_of_the_listing_before_never_shows(world: World) -> None:
    world.store.add(BUCKET, "new/x")
    await world.load()
    began, go_on, failed = threading.Event(), threading.Event(), threading.Event()
    list_pages = world.store.list_pages

    def deaf(bucket: str, prefix: str, delimiter: str, control: CallControl, start_after: str = "") -> Iterator[ListingPage]:
        if prefix == "old/":  # a server that hangs and fails whatever happens here
            began.set()
            go_on.wait(PATIENCE)
            failed.set()
            raise failure(ErrorKind.TIMEOUT)
        yield from list_pages(bucket, prefix, delimiter, control, start_after)

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

    def __call__(
        self, bucket: str, prefix: str, delimiter: str, control: CallControl, start_after: str = ""
    ) -> Iterator[ListingPage]:
        for at, page in enumerate(self._list(bucket, prefix, delimiter, control, start_after)):
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


async def test_stopping_keeps_what_came(world: World) -> None:
    for n in range(100):
        world.store.add(BUCKET, f"{n:03}")
    world.store.page_size = 1
    await world.load()
    world.app.open(Location(CONNECTION.id, BUCKET))
    await until(lambda: len(world.app.listing.rows) > 3)
    world.app.listing.stop()
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
    world.app._object_stored("c2", BUCKET, info, public=False)
    world.app._object_stored(here.connection_id, "other", info, public=False)
    world.app._object_stored(here.connection_id, BUCKET, ObjectEntry("q/x", 1, 1), public=False)
    assert world.names() == []
    world.app._object_stored(here.connection_id, BUCKET, ObjectEntry("p/deep/er/x", 1, 1), public=False)
    assert world.names() == ["p/deep/"]
    assert world.app.state.rows == 1


def test_a_page_counts_folders_and_objects() -> None:
    assert len(ListingPage(("a/", "b/"), ("c",), (1,), (1,), ("",), ("",))) == 3
