"""Files for other programs: staged, kept while they are true, refused in words where they are too many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from app.rig import BUCKET, CONNECTION, World, failure, until
from fakes.engine import changed, ended, removed, status

from cloudtemple_browser.app import staging
from cloudtemple_browser.app.commands import hand_out
from cloudtemple_browser.app.staging import Wanted
from cloudtemple_browser.model.addresses import Location, ObjectRef
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.query import Query
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import Direction, DownloadRequest
from cloudtemple_browser.transfers.events import ObjectsDeleted

DOWN = Direction.DOWNLOAD
MEANWHILE = translate("test", "wait")


class Clock:
    """Seconds, as the test wants them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def downloads(world: World) -> list[DownloadRequest]:
    """What the engine was told to download."""
    return [request for request in world.engine.requests if isinstance(request, DownloadRequest)]


def carry_out(world: World) -> None:
    """Download what was asked for last, as the engine does."""
    request = downloads(world)[-1]
    for entry in request.keys:
        path = request.target / entry.key.removeprefix(request.base_prefix)
        if entry.key.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(world.store.body(ObjectRef(request.bucket, entry.key)))
    world.engine.tell(ended(status(len(world.engine.requests), DOWN, place=str(request.target), done=len(request.keys))))


@asynccontextmanager
async def staging_of(world: World, *keys: str) -> AsyncIterator[asyncio.Task[tuple[Path, ...]]]:
    """``stage`` for a selection, under way until something is downloaded; inside, the test is the engine."""
    world.shell.selected = list(keys)
    wanted = hand_out.wanted(world.app)
    assert wanted
    before = len(downloads(world))
    task = asyncio.ensure_future(hand_out.stage(world.app, wanted, MEANWHILE))
    await until(lambda: len(downloads(world)) > before or task.done())
    yield task
    await task


async def staged(world: World, *keys: str) -> tuple[Path, ...]:
    """The files of a selection, downloaded."""
    async with staging_of(world, *keys) as task:
        if not task.done():
            carry_out(world)
    return task.result()


def ready(world: World, *keys: str) -> tuple[Path, ...]:
    """What can be handed out at once."""
    world.shell.selected = list(keys)
    wanted = hand_out.wanted(world.app)
    assert wanted
    return world.app.staging.ready(wanted)


def fill(world: World, *keys: str) -> None:
    for key in keys:
        world.store.add(BUCKET, key, b"" if key.endswith("/") else key.encode())


async def test_objects_and_folders_become_files(world: World) -> None:
    fill(world, "p/a.txt", "p/f/1", "p/f/g/2", "p/f/", "p/other")
    await world.open("p/")
    assert ready(world, "p/a.txt", "p/f/") == ()
    paths = await staged(world, "p/a.txt", "p/f/")
    assert [path.name for path in paths] == ["a.txt", "f"]
    assert paths[0].read_bytes() == b"p/a.txt"
    assert sorted(path.name for path in paths[1].rglob("*")) == ["1", "2", "g"]
    (request,) = downloads(world)
    assert sorted(entry.key for entry in request.keys) == ["p/a.txt", "p/f/", "p/f/1", "p/f/g/2"]
    assert all(entry.etag for entry in request.keys if entry.size)
    assert world.app.staging.holds(paths[0])
    assert world.engine.orders == [("remove", 1, ())]  # it ended well: the list has nothing to tell of it
    assert world.shell.notice == "wait"
    assert ready(world, "p/a.txt", "p/f/") == paths
    assert await staged(world, "p/f/", "p/a.txt") == paths
    assert len(downloads(world)) == 1


async def test_what_a_search_found_comes_without_its_folders(world: World) -> None:
    fill(world, "p/a/x.txt", "p/b/x.txt", "p/b/empty/")
    await world.load()
    world.app.open(Location(CONNECTION.id, BUCKET, "p/", Query()))
    await world.listed()
    paths = await staged(world, "p/a/x.txt", "p/b/x.txt", "p/b/empty/")
    assert [path.name for path in paths] == ["x.txt", "empty", "x.txt"]


async def test_an_object_that_changed_is_downloaded_again(world: World) -> None:
    fill(world, "a", "b")
    await world.open()
    (first,) = await staged(world, "a")
    world.store.add(BUCKET, "a", b"new")
    await world.open()
    assert ready(world, "a") == ()
    (second,) = await staged(world, "a")
    assert (first.read_bytes(), second.read_bytes()) == (b"a", b"new")


@pytest.mark.parametrize("harm", ["edited", "removed"])
async def test_files_that_another_program_changed_are_downloaded_again(world: World, harm: str) -> None:
    fill(world, "f/1", "f/2")
    await world.open()
    (folder,) = await staged(world, "f/")
    if harm == "edited":
        (folder / "1").write_text("something else")
    else:
        (folder / "1").unlink()
    assert ready(world, "f/") == ()
    (again,) = await staged(world, "f/")
    assert (again / "1").read_bytes() == b"f/1"
    await until(lambda: not folder.exists())


async def test_a_folder_is_counted_again_after_a_while_and_downloaded_only_if_it_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(world.app.staging, "_clock", clock)
    fill(world, "f/1", "a")
    await world.open()
    folder, single = await staged(world, "f/"), await staged(world, "a")
    clock.now += 119
    assert ready(world, "f/") == folder
    clock.now += 2
    assert ready(world, "f/") == ()
    assert ready(world, "a") == single  # the list says whether it changed
    assert await staged(world, "f/") == folder
    assert ready(world, "f/") == folder
    assert len(downloads(world)) == 2
    clock.now += 121
    world.store.add(BUCKET, "f/2", b"2")
    (again,) = await staged(world, "f/")
    assert (again / "2").read_bytes() == b"2"


async def test_what_this_program_writes_ends_the_trust_in_a_count(world: World) -> None:
    fill(world, "f/1", "f/2", "g/1")
    await world.open()
    await staged(world, "f/")
    other = await staged(world, "g/")
    world.store.delete_objects(BUCKET, ("f/2",))
    world.engine.tell(ObjectsDeleted(CONNECTION.id, BUCKET, ("f/2",)))
    assert ready(world, "f/") == ()
    assert ready(world, "g/") == other
    (again,) = await staged(world, "f/")
    assert sorted(path.name for path in again.iterdir()) == ["1"]


async def test_the_same_is_not_downloaded_twice_at_a_time(world: World) -> None:
    fill(world, "a")
    await world.open()
    async with staging_of(world, "a") as first, staging_of_second(world) as second:
        carry_out(world)
    assert first.result() == second.result() != ()
    assert len(downloads(world)) == 1


@asynccontextmanager
async def staging_of_second(world: World) -> AsyncIterator[asyncio.Task[tuple[Path, ...]]]:
    """``stage`` once more for what is on its way."""
    wanted = hand_out.wanted(world.app)
    assert wanted
    task = asyncio.ensure_future(hand_out.stage(world.app, wanted, MEANWHILE))
    yield task
    await task


async def test_what_did_not_come_whole_is_not_handed_out(world: World) -> None:
    fill(world, "a", "b")
    await world.open()
    denied = failure(ErrorKind.ACCESS_DENIED)
    place = {"place": "x"}
    async with staging_of(world, "a", "b") as task:
        world.engine.tell(ended(status(1, DOWN, done=1, failed=1, **place), ("b", denied)))
    assert task.result() == ()
    async with staging_of(world, "a", "b") as task:
        world.engine.tell(ended(status(2, DOWN, done=1, cancelled=1, **place)))
    assert task.result() == ()
    async with staging_of(world, "a", "b") as task:
        world.engine.tell(ended(status(3, DOWN, done=2, left_out=1, **place)))
    assert task.result() == ()
    async with staging_of(world, "a", "b") as task:
        world.engine.tell(removed(4))
    assert task.result() == ()
    assert world.engine.orders == []  # they stay in the list, which tells what happened
    assert ready(world, "a", "b") == ()


async def test_too_much_is_refused_in_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_out, "MOST", 3)
    monkeypatch.setattr(hand_out, "LARGEST", 10)
    fill(world, "1", "2", "3", "4", "many/1", "many/2", "many/3", "many/4", "large/12345")
    world.store.add(BUCKET, "b", b"x" * 11)
    await world.open()
    words = "More than 10 bytes or 3 objects are too much to drag or to copy as files: use Download"
    world.shell.selected = ["1", "2", "3", "4"]
    assert hand_out.wanted(world.app) is None
    assert world.shell.notice == words
    for keys in (["b"], ["many/"], ["large/"], ["1", "large/"]):
        world.shell.notices.clear()
        await world.run(hand_out.copy_files, *keys)
        assert world.shell.notice == words, keys
    assert downloads(world) == []
    assert world.shell.copied_files == ()


async def test_a_size_that_nobody_knows_is_refused_in_words(world: World) -> None:
    fill(world, "a")
    await world.open()
    world.shell.selected = ["a"]
    wanted = hand_out.wanted(world.app)
    assert wanted
    (entry,) = wanted.objects
    assert await hand_out.stage(world.app, replace(wanted, objects=(replace(entry, size=UNKNOWN),)), MEANWHILE) == ()
    assert "does not tell how large" in world.shell.notice


async def test_a_folder_that_is_gone_is_told(world: World) -> None:
    fill(world, "f/1")
    await world.open()
    world.store.delete_objects(BUCKET, ("f/1",))
    await world.run(hand_out.copy_files, "f/")
    assert world.shell.notice == "Nothing of the selection is there any more"


async def test_counting_can_be_cancelled(world: World) -> None:
    fill(world, "f/1")
    await world.open()
    world.store.hold("list_pages")
    world.shell.selected = ["f/"]
    task = asyncio.ensure_future(hand_out.copy_files(world.app))
    await until(lambda: world.app.activities.running)
    world.app.activities.running[0].control.cancel()
    await task
    assert world.shell.notices == []
    assert downloads(world) == []


async def test_nothing_is_handed_out_of_a_list_of_buckets(world: World) -> None:
    await world.open(bucket="")
    await world.run(hand_out.copy_files, f"{BUCKET}/")
    assert world.shell.notices == []
    assert downloads(world) == []


async def test_copied_files_are_on_the_clipboard_when_they_are_there(world: World) -> None:
    fill(world, "a", "b")
    await world.open()
    world.shell.selected = ["a", "b"]
    task = asyncio.ensure_future(hand_out.copy_files(world.app))
    await until(lambda: downloads(world))
    assert world.shell.notice == "Getting 2 items ready to be pasted"
    assert list(world.shell.copied_files) == []
    carry_out(world)
    await task
    assert [path.read_bytes() for path in world.shell.copied_files] == [b"a", b"b"]
    assert world.shell.notice == "2 items can be pasted in other programs, until this one ends"


async def test_what_was_staged_longest_ago_makes_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_KEPT_BYTES", 10)
    for key in ("a", "b", "c"):
        world.store.add(BUCKET, key, b"12345")
    await world.open()
    (a,) = await staged(world, "a")
    (b,) = await staged(world, "b")
    assert ready(world, "a") == (a,)  # used again: now b is the oldest
    await staged(world, "c")
    await until(lambda: not b.exists())
    assert ready(world, "a") == (a,)
    assert ready(world, "b") == ()


async def test_the_end_of_the_program_cancels_and_removes_it(world: World) -> None:
    fill(world, "a", "b")
    await world.open()
    (path,) = await staged(world, "a")
    async with staging_of(world, "b"):
        world.app.staging.stop()
        assert world.engine.orders[-1] == ("cancel", 2, ())
        world.engine.tell(ended(status(2, DOWN, cancelled=1, place="x")))
    world.app.staging.remove()
    assert not path.exists()


async def test_a_crashed_session_s_staging_does_not_go_on(world: World, tmp_path: Path) -> None:
    left = str(world.session._parent / "cloudtemple-browser-gone" / "x")
    world.engine.tell(changed(1, DOWN, place=left, running=1))
    world.engine.tell(changed(1, DOWN, place=left, cancelled=1, ended=2000.0))
    world.engine.tell(changed(2, DOWN, place=str(tmp_path), running=1))
    world.engine.tell(changed(3, place="cloudtemple-browser-gone/x", running=1))
    assert world.engine.orders == [("cancel", 1, ()), ("remove", 1, ())]


def test_what_is_wanted_counts_its_things() -> None:
    wanted = Wanted("c", "b", "", (), ("f/", "g/"))
    assert str(hand_out.things(wanted)) == "2 items"
