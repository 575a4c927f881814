"""Folder sizes: counted on demand, kept with their time, dropped when something is written or deleted below."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from app.rig import BUCKET, CONNECTION, OTHER, World, failure, until

from cloudtemple_browser.app.commands import delete, measure
from cloudtemple_browser.app.measures import Measured, Progress, Scope, _Paced
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectInfo
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.tally import Collector, Tally

FOLDER = Scope.folder(CONNECTION.id, BUCKET, "f/")
WHOLE = Scope.folder(CONNECTION.id, BUCKET, "")


def fill(world: World, *keys: str) -> None:
    for key in keys:
        world.store.add(BUCKET, key, key.encode())


class Told:
    """What the measurements told."""

    def __init__(self, world: World) -> None:
        self.all: list[Measured] = []
        world.app.measures.changed.add(self.all.append)

    @property
    def last(self) -> Measured:
        return self.all[-1]


def breaking(world: World, kind: ErrorKind, *, after: int, times: int = 1) -> None:
    """Let the first listings break off after some pages."""
    whole, left = world.store.list_pages, iter(range(times))

    def pages(*args: Any) -> Iterator[ListingPage]:
        broken = next(left, None) is not None
        for at, page in enumerate(whole(*args)):
            if broken and at == after:
                raise failure(kind)
            yield page

    world.store.list_pages = pages  # type: ignore[method-assign, assignment]


async def test_a_folder_is_counted_and_kept_with_its_time(world: World) -> None:
    fill(world, "f/a", "f/g/b", "other", "f/")
    await world.load()
    told, before = Told(world), int(time.time())
    await world.app.measures.count(FOLDER)
    found = world.app.measures.get(FOLDER)
    assert found == told.last
    assert found is not None
    assert (found.progress, found.error, found.stale) == (Progress.COMPLETE, None, False)
    assert (found.tally.objects, found.tally.bytes) == (3, len("f/a") + len("f/g/b") + len("f/"))
    assert {group.name for group in found.tally.folders.largest} == {"", "g/"}
    assert before <= found.when <= time.time()
    assert told.all[0].progress is Progress.COUNTING


async def test_a_selection_of_folders_is_one_count(world: World) -> None:
    fill(world, "f/a", "g/b", "g/h/c", "i/d", "e")
    await world.open()
    world.app.select(type(world.app.state.selection)(1, 2, 1))
    world.shell.selected = ["f/", "g/", "e"]
    scope = measure.scope_of_selection(world.app)
    assert scope == Scope(CONNECTION.id, BUCKET, "", ("f/", "g/"))
    await world.run(measure.calculate, "f/", "g/", "e")
    assert ("toggle", "sizes") in world.shell.told
    found = world.app.measures.get(scope)
    assert found is not None
    assert (found.tally.objects, {group.name for group in found.tally.folders.largest}) == (3, {"f/", "g/"})


async def test_what_is_meant_by_a_selection(world: World) -> None:
    fill(world, "p/f/a", "p/b")
    await world.open("p/")

    def meant(folders: int, objects: int, *keys: str) -> Scope | None:
        world.shell.selected = list(keys)
        world.app.select(type(world.app.state.selection)(objects, folders, 0))
        return measure.scope_of_selection(world.app)

    assert meant(0, 0) == Scope.folder(CONNECTION.id, BUCKET, "p/")
    assert meant(1, 0, "p/f/") == Scope.folder(CONNECTION.id, BUCKET, "p/f/")
    assert meant(1, 1, "p/f/", "p/b") == Scope.folder(CONNECTION.id, BUCKET, "p/f/")
    assert meant(0, 1, "p/b") is None
    assert meant(3000, 0) is None
    await world.open(bucket="")
    assert meant(1, 0, f"{BUCKET}/") == WHOLE
    assert meant(0, 0) is None


async def test_too_many_folders_are_said(world: World) -> None:
    await world.open()
    world.app.select(type(world.app.state.selection)(0, 3000, 0))
    await measure.calculate(world.app)
    assert "one by one" in world.shell.notice


async def test_the_storage_view_opens_on_the_folder_or_on_what_is_open(world: World) -> None:
    fill(world, "p/f/a", "p/b", "p/g/a")
    await world.open("p/")
    here = Scope.folder(CONNECTION.id, BUCKET, "p/")
    for objects, folders, keys, scope in (
        (0, 0, [], here),
        (0, 1, ["p/f/"], Scope.folder(CONNECTION.id, BUCKET, "p/f/")),
        (0, 2, ["p/f/", "p/g/"], here),
        (1, 0, ["p/b"], here),
    ):
        world.app.select(type(world.app.state.selection)(objects, folders, 0))
        await world.run(measure.storage_view, *keys)
        assert world.shell.told[-1] == ("show_storage", scope)


async def test_it_is_told_while_it_is_counted_and_can_be_stopped(world: World) -> None:
    fill(world, *(f"f/{n}" for n in range(10)))
    world.store.page_size = 2
    await world.load()
    told, whole, entered = Told(world), world.store.list_pages, 0

    def slow(bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        nonlocal entered
        for page in whole(bucket, prefix, delimiter, control):
            entered += 1
            if entered == 4:
                hold.wait(control, lambda: False)
            yield page

    world.store.list_pages = slow  # type: ignore[method-assign]
    hold = world.store.hold("nothing")
    world.app.measures.start(FOLDER)
    await until(lambda: told.all and told.last.tally.objects >= 2)
    assert told.last.progress is Progress.COUNTING
    (activity,) = world.app.activities.running
    assert "f/" in str(activity.title)
    world.app.measures.start(FOLDER)  # goes on: nothing is begun twice
    await until(lambda: entered == 4)
    world.app.measures.stop(FOLDER)
    await until(lambda: told.last.progress is not Progress.COUNTING)
    found = world.app.measures.get(FOLDER)
    assert found == told.all[-1]
    assert found is not None
    assert found.progress is Progress.STOPPED
    assert 2 <= found.tally.objects < 10
    await until(lambda: not world.app.activities.running)


async def test_a_count_that_breaks_off_is_partial_and_says_why(world: World) -> None:
    fill(world, *(f"f/{n}" for n in range(10)))
    world.store.page_size = 2
    await world.load()
    for kind in (ErrorKind.PARTIAL, ErrorKind.CONNECTION_LOST):
        whole = world.store.list_pages
        breaking(world, kind, after=3)
        await world.app.measures.count(FOLDER)
        found = world.app.measures.get(FOLDER)
        assert found is not None
        assert found.error is not None
        assert (found.progress, found.error.kind, found.tally.objects) == (Progress.PARTIAL, kind, 6)
        world.store.list_pages = whole  # type: ignore[method-assign]


async def test_a_count_that_never_began_has_failed(world: World) -> None:
    world.store.forbidden[BUCKET] = failure(ErrorKind.ACCESS_DENIED)
    await world.load()
    await world.app.measures.count(FOLDER)
    found = world.app.measures.get(FOLDER)
    assert found is not None
    assert found.error is not None
    assert (found.progress, found.error.kind) == (Progress.FAILED, ErrorKind.ACCESS_DENIED)


async def test_listing_again_begins_anew_once(world: World) -> None:
    fill(world, *(f"f/{n}" for n in range(10)), "g/1", "g/2")
    world.store.page_size = 2
    await world.load()
    breaking(world, ErrorKind.LIST_AGAIN, after=3)
    both = Scope(CONNECTION.id, BUCKET, "", ("f/", "g/"))
    await world.app.measures.count(both)
    found = world.app.measures.get(both)
    assert found is not None
    assert (found.progress, found.tally.objects) == (Progress.COMPLETE, 12)


async def test_a_second_disorder_is_a_failure_without_numbers(world: World) -> None:
    fill(world, *(f"f/{n}" for n in range(10)))
    world.store.page_size = 2
    await world.load()
    breaking(world, ErrorKind.LIST_AGAIN, after=3, times=2)
    await world.app.measures.count(FOLDER)
    found = world.app.measures.get(FOLDER)
    assert found is not None
    assert (found.progress, found.tally) == (Progress.FAILED, Collector().tally())


@pytest.mark.parametrize(
    ("scope", "touched"),
    [
        (FOLDER, True),
        (WHOLE, True),
        (Scope.folder(CONNECTION.id, BUCKET, "f/g/"), True),
        (Scope.folder(CONNECTION.id, BUCKET, "other/"), False),
        (Scope.folder(CONNECTION.id, "another", "f/"), False),
        (Scope(CONNECTION.id, BUCKET, "", ("e/", "f/")), True),
        (Scope.folder(OTHER.id, BUCKET, "f/"), False),
    ],
)
async def test_deleting_a_folder_drops_what_was_counted_around_and_in_it(world: World, scope: Scope, touched: bool) -> None:
    fill(world, "f/g/a", "other/b", "e/c")
    world.store.add_bucket("another")
    world.factory.store(OTHER).add(BUCKET, "f/x", b"")
    await world.open()
    await world.app.measures.count(scope)
    told = Told(world)
    world.shell.answer("delete", True)
    await world.run(delete.run, "f/")
    world.carry_out_deletion()
    assert (world.app.measures.get(scope) is None) is touched
    assert [measured.stale for measured in told.all] == ([True] if touched else [])


def put(world: World, key: str) -> None:
    location = world.app.state.location
    assert location is not None
    info = ObjectInfo(key, 3, 5, "e", "text/plain")
    world.app.stored(location, info, public=False)


async def test_writing_drops_what_holds_the_key(world: World) -> None:
    fill(world, "f/a")
    await world.open()
    await world.app.measures.count(FOLDER)
    put(world, "elsewhere")
    assert world.app.measures.get(FOLDER) is not None
    put(world, "f/new")
    assert world.app.measures.get(FOLDER) is None


async def test_what_is_written_while_it_is_counted_is_not_kept(world: World) -> None:
    fill(world, "f/a")
    await world.open()
    told = Told(world)
    hold = world.store.hold("list_pages")
    world.app.measures.start(FOLDER)
    await until(hold.entered.is_set)
    put(world, "f/new")
    assert told.last.stale
    hold.release()
    await until(lambda: told.last.progress is Progress.COMPLETE)
    assert told.last.stale
    assert world.app.measures.get(FOLDER) is None


async def test_a_deleted_connection_takes_its_sizes_with_it(world: World) -> None:
    fill(world, "f/a")
    await world.open()
    await world.app.measures.count(FOLDER)
    hold = world.store.hold("list_pages")
    world.app.measures.start(WHOLE)
    await until(lambda: world.app.measures.get(WHOLE))
    await until(hold.entered.is_set)
    world.app.connection_gone(CONNECTION.id)
    assert world.app.measures.get(FOLDER) is None
    await until(lambda: not world.app.activities.running)
    assert world.app.measures.get(WHOLE) is None


async def test_only_the_latest_are_kept(world: World) -> None:
    await world.load()
    scopes = [Scope.folder(CONNECTION.id, BUCKET, f"{n}/") for n in range(70)]
    for scope in scopes:
        await world.app.measures.count(scope)
    kept = [scope for scope in scopes if world.app.measures.get(scope)]
    assert kept == scopes[-64:]


def test_tallies_are_handed_on_a_few_times_a_second() -> None:
    given: list[Tally] = []
    paced: Callable[[Collector], None] = _Paced(given.append).offer
    collector, end, offered = Collector(), time.monotonic() + 0.3, 0
    while time.monotonic() < end:
        paced(collector)
        offered += 1
    assert offered > 100
    assert 1 <= len(given) <= 3


async def test_the_marker_alone_is_counted(world: World) -> None:
    world.store.add(BUCKET, "f/", b"")
    await world.load()
    await world.app.measures.count(FOLDER)
    found = world.app.measures.get(FOLDER)
    assert found is not None
    assert found.tally.objects == 1
    assert world.store.body(ObjectRef(BUCKET, "f/")) == b""
