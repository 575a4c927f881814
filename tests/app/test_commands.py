"""Every command, with a scripted window on a store in memory."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from app.rig import BUCKET, CONNECTION, OTHER, World, failure, until
from fakes.engine import ended, removed, status
from fakes.memory_store import MemoryStore

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands import connections, delete, download, gather, links, publish, upload, window
from cloudtemple_browser.app.commands.gather import each
from cloudtemple_browser.app.commands.table import COMMANDS
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.measures import Scope
from cloudtemple_browser.app.shell import (
    Clip,
    DownloadAnswer,
    DownloadQuestion,
    FilledForm,
    KeyringRefusal,
    NewObject,
    UploadAnswer,
    UploadQuestion,
)
from cloudtemple_browser.model.acl import Acl, CannedAcl
from cloudtemple_browser.model.addresses import Location, ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.entries import Bucket
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.transfers import (
    ConflictPolicy,
    Decision,
    DeleteRequest,
    Direction,
    DownloadRequest,
    UploadRequest,
)
from cloudtemple_browser.model.writes import Condition, Stored

WRITES = {"put_object", "delete_objects", "write_acl", "create_bucket", "delete_bucket", "create_multipart_upload"}


def fill(world: World, *keys: str) -> None:
    for key in keys:
        world.store.add(BUCKET, key, key.encode())


def written(store: MemoryStore) -> set[str]:
    return {call.operation for call in store.calls} & WRITES


def is_public(world: World, key: str) -> bool:
    return world.store.read_acl(ObjectRef(BUCKET, key)).public


# --- delete


async def test_deleting_asks_with_exactly_what_it_deletes(world: World) -> None:
    fill(world, "a.txt", "b.txt", "f/1", "f/g/2", "f/", "other/x")
    await world.open()
    world.shell.answer("delete", True)
    await world.run(delete.run, "f/", "a.txt")
    (plan,) = (about for _question, about in world.shell.asked)
    assert isinstance(plan, DeletePlan)
    assert sorted(plan.keys) == ["a.txt", "f/", "f/1", "f/g/2"]
    assert plan.bytes == len("a.txt") + len("f/") + len("f/1") + len("f/g/2")
    assert (plan.bucket, plan.folders) == (BUCKET, ("f/",))
    assert world.engine.requests == [DeleteRequest(CONNECTION.id, BUCKET, "", plan.keys, ("f/", "a.txt"))]
    assert world.names() == ["a.txt", "b.txt", "f/", "other/"]  # until it happened
    world.carry_out_deletion()
    assert world.store.keys(BUCKET) == ("b.txt", "other/x")
    assert world.names() == ["b.txt", "other/"]


async def test_a_no_deletes_nothing(world: World) -> None:
    fill(world, "a", "f/x")
    await world.open()
    world.shell.answer("delete", False)
    await world.run(delete.run, "a", "f/")
    assert world.engine.requests == []
    assert written(world.store) == set()
    assert world.names() == ["a", "f/"]
    assert world.shell.notices == []


async def test_what_appears_after_the_question_is_kept(world: World) -> None:
    fill(world, "f/1")
    await world.open()

    def meanwhile(_plan: object) -> bool:
        fill(world, "f/2")
        return True

    world.shell.answer("delete", meanwhile)
    await world.run(delete.run, "f/")
    world.carry_out_deletion()
    assert world.store.keys(BUCKET) == ("f/2",)


async def test_a_selection_that_overlaps_is_deleted_once(world: World) -> None:
    fill(world, "f/1", "f/2")
    await world.open()
    chosen = gather.Selected(BUCKET, (), ("f/", "f/"))
    objects = await gather.expand(world.app, CONNECTION.id, chosen)
    assert objects is not None
    assert [entry.key for entry in objects] == ["f/1", "f/2"]


async def test_what_is_deleted_is_counted_where_it_was_selected(world: World) -> None:
    fill(world, "f/1")
    await world.open()
    chosen = gather.Selected(BUCKET, (), ("f/",))
    world.app.open(Location(OTHER.id, BUCKET))  # the user went elsewhere before a worker took it up
    objects = await gather.expand(world.app, CONNECTION.id, chosen)
    assert objects is not None
    assert [entry.key for entry in objects] == ["f/1"]


@pytest.mark.parametrize("kind", [ErrorKind.PARTIAL, ErrorKind.ACCESS_DENIED, ErrorKind.CONNECTION_LOST])
async def test_a_folder_that_can_not_be_listed_to_its_end_is_not_deleted(world: World, kind: ErrorKind) -> None:
    fill(world, "a", *(f"f/{n}" for n in range(10)))
    world.store.page_size = 2
    await world.open()
    list_pages, pages = world.store.list_pages, iter(range(100))

    def breaks(*args: object) -> object:
        for page in list_pages(*args):  # type: ignore[arg-type]
            if next(pages) == 3:
                raise failure(kind)
            yield page

    world.store.list_pages = breaks  # type: ignore[method-assign, assignment]
    await world.run(delete.run, "f/", "a")
    assert world.shell.notice.startswith("Nothing was deleted: The ")
    assert [error.kind for _name, error in world.shell.notices[-1].failures] == [kind]
    assert world.shell.asked == []
    assert world.engine.requests == []


async def test_a_folder_with_entries_that_mean_nothing_is_not_deleted(world: World) -> None:
    fill(world, "f/1")
    await world.open()
    list_pages = world.store.list_pages
    world.store.list_pages = lambda *args: (replace(page, malformed=1) for page in list_pages(*args))  # type: ignore[method-assign]
    await world.run(delete.run, "f/")
    assert world.shell.notice == "Nothing was deleted: The listing is not complete (f/)"
    assert world.engine.requests == []


async def test_cancelling_the_count_asks_nothing(world: World) -> None:
    fill(world, "f/1")
    await world.open()
    hold = world.store.hold("list_pages")
    task = world.background.spawn(world.run(delete.run, "f/"))
    await until(hold.entered.is_set)
    world.app.activities.running[0].control.cancel()
    await task
    hold.release()
    assert world.shell.asked == []
    assert world.engine.requests == []


async def test_nothing_selected_is_no_question(world: World) -> None:
    fill(world, "a")
    await world.open()
    await world.run(delete.run)
    assert world.shell.asked == []
    assert world.shell.notices == []


async def test_a_folder_with_something_left_in_it_stays(world: World) -> None:
    fill(world, "a", "b", "f/1", "g/1")
    world.store.protected = {"b": failure(ErrorKind.RETENTION, "ObjectLocked"), "f/1": failure(ErrorKind.RETENTION)}
    await world.open()
    world.shell.answer("delete", True)
    await world.run(delete.run, "a", "b", "f/", "g/")
    world.carry_out_deletion()
    assert world.store.keys(BUCKET) == ("b", "f/1")
    assert world.names() == ["b", "f/"]
    world.engine.tell(ended(status(1, Direction.DELETE, done=4)))  # tried again
    assert world.names() == ["b"]


@pytest.mark.parametrize("left", [{"cancelled": 1}, {"failed": 2}, {"left_out": 1}])
async def test_a_folder_stays_when_it_is_not_known_what_is_left(world: World, left: dict[str, Any]) -> None:
    """Only the first failures have a name; what was cancelled, or not even begun, has none."""
    fill(world, "f/1", "f/2")
    await world.open()
    world.shell.answer("delete", True)
    await world.run(delete.run, "f/")
    told = status(1, Direction.DELETE, done=1, **left)
    world.engine.tell(ended(told, ("elsewhere", failure(ErrorKind.RETENTION))))
    assert world.names() == ["f/"]
    world.engine.tell(removed(1))
    world.engine.tell(ended(status(1, Direction.DELETE, done=2)))  # of another group: that one is forgotten
    assert world.names() == ["f/"]


async def test_going_elsewhere_while_deleting_deletes_the_same(world: World) -> None:
    fill(world, "a/1", "b/1")
    await world.open("a/")

    def leave(_plan: object) -> bool:
        world.app.open(Location(CONNECTION.id, BUCKET, "b/"))
        return True

    world.shell.answer("delete", leave)
    await world.run(delete.run, "a/1")
    await world.listed()
    world.carry_out_deletion()
    assert world.store.keys(BUCKET) == ("b/1",)
    assert world.names() == ["b/1"]


# --- publish


async def test_making_public_reads_the_acl_back_and_gives_a_url_that_opens(world: World) -> None:
    fill(world, "a b.txt")
    await world.open()
    world.shell.answer("public", True)
    await world.run(publish.make_public, "a b.txt")
    operations = [call.operation for call in world.store.calls if call.ref.key == "a b.txt"]
    assert operations.index("write_acl") < operations.index("read_acl")
    assert world.shell.copied == "https://memory.test/bucket/a%20b.txt"
    assert world.store.fetch(world.shell.copied) == (200, b"a b.txt")
    assert world.app.listing.rows.public == {"a b.txt": True}
    assert world.shell.notice == "1 object public. The URL is on the clipboard."


async def test_making_a_folder_public_asks_with_everything_below(world: World) -> None:
    fill(world, "f/1", "f/g/2", "x")
    await world.open()
    world.shell.answer("public", True)
    await world.run(publish.make_public, "f/")
    assert world.shell.asked == [("public", (("f/1", "f/g/2"), True))]
    assert [is_public(world, key) for key in ("f/1", "f/g/2", "x")] == [True, True, False]
    assert world.shell.copied is not None
    assert len(world.shell.copied.splitlines()) == 2


async def test_a_no_publishes_nothing(world: World) -> None:
    fill(world, "x")
    await world.open()
    world.shell.answer("public", False)
    await world.run(publish.make_public, "x")
    assert written(world.store) == set()
    assert world.shell.copied is None


async def test_making_private_again(world: World) -> None:
    fill(world, "x")
    world.store.write_acl(ObjectRef(BUCKET, "x"), CannedAcl.PUBLIC_READ)
    await world.open()
    world.shell.answer("public", True)
    await world.run(publish.make_private, "x")
    assert not is_public(world, "x")
    assert world.app.listing.rows.public == {"x": False}
    assert world.shell.notice == "1 object private"
    assert world.shell.copied is None


async def test_a_store_that_ignores_acls_made_nothing_public(world: World) -> None:
    fill(world, "x")
    await world.open()
    world.store.write_acl = lambda ref, acl: None  # type: ignore[method-assign]
    world.shell.answer("public", True)
    await world.run(publish.make_public, "x")
    ((key, error),) = world.shell.notices[-1].failures
    assert (key, error.kind) == ("x", ErrorKind.NO_ACL)
    assert world.app.listing.rows.public == {}
    assert world.shell.copied is None
    assert world.shell.notice == "Nothing was made public"


async def test_a_store_that_keeps_an_object_public_did_not_make_it_private(world: World) -> None:
    fill(world, "x")
    world.store.write_acl(ObjectRef(BUCKET, "x"), CannedAcl.PUBLIC_READ)
    await world.open()
    world.store.write_acl = lambda ref, acl: None  # type: ignore[method-assign]
    world.shell.answer("public", True)
    await world.run(publish.make_private, "x")
    assert world.shell.notices[-1].failures[0][1].kind is ErrorKind.NO_ACL


async def test_some_objects_may_fail(world: World) -> None:
    fill(world, "a", "b", "c")
    await world.open()
    read_acl = world.store.read_acl

    def refuse(ref: ObjectRef) -> Acl:
        if ref.key == "b":
            raise failure(ErrorKind.ACCESS_DENIED)
        return read_acl(ref)

    world.store.read_acl = refuse  # type: ignore[method-assign]
    world.shell.answer("public", True)
    await world.run(publish.make_public, "a", "b", "c")
    assert [key for key, _error in world.shell.notices[-1].failures] == ["b"]
    assert world.app.listing.rows.public == {"a": True, "c": True}
    assert world.shell.copied == "https://memory.test/bucket/a\nhttps://memory.test/bucket/c"


async def test_a_bucket_whose_rules_keep_it_closed_is_told(world: World) -> None:
    fill(world, "x")
    await world.open()
    world.store.readable_by_anyone = lambda ref: False  # type: ignore[method-assign]
    world.shell.answer("public", True)
    await world.run(publish.make_public, "x")
    assert world.shell.notices[-1].failures[0][1].kind is ErrorKind.NOT_PUBLIC
    assert world.app.listing.rows.public == {}
    assert world.shell.copied is None


async def test_a_bucket_whose_rules_keep_it_open_is_told(world: World) -> None:
    fill(world, "x")
    await world.open()
    world.store.readable_by_anyone = lambda ref: True  # type: ignore[method-assign]
    world.shell.answer("public", True)
    await world.run(publish.make_private, "x")
    assert world.shell.notices[-1].failures[0][1].kind is ErrorKind.STILL_PUBLIC


@pytest.mark.parametrize("command", [publish.make_public, publish.make_private])
async def test_a_store_in_trouble_proves_nothing(world: World, command: Callable[[Application], Awaitable[None]]) -> None:
    """What could not be tried without a key is neither public nor private."""
    fill(world, "x", "y")
    await world.open()
    world.store.fail_next("readable_by_anyone", failure(ErrorKind.THROTTLED))
    world.shell.answer("public", True)
    await world.run(command, "x", "y")
    ((key, error),) = world.shell.notices[-1].failures
    assert error.kind is ErrorKind.THROTTLED
    assert world.app.listing.rows.public == {"y" if key == "x" else "x": command is publish.make_public}


async def test_cancelling_is_no_failure(world: World) -> None:
    keys = [f"{n:02}" for n in range(40)]
    fill(world, *keys)
    await world.open()
    write_acl, count, lock = world.store.write_acl, iter(range(1000)), threading.Lock()

    def one(ref: ObjectRef, acl: CannedAcl) -> None:
        with lock:
            if next(count) == 7:
                world.app.activities.running[0].control.cancel()
        write_acl(ref, acl)

    world.store.write_acl = one  # type: ignore[method-assign]
    world.shell.answer("public", True)
    await world.run(publish.make_public, *keys)
    done = [key for key in keys if is_public(world, key)]
    assert 8 <= len(done) < 40
    assert world.app.listing.rows.public == dict.fromkeys(done, True)
    assert world.shell.notices[-1].failures == ()
    assert world.shell.notice == f"Cancelled: {len(done)} objects public of 40. The URL is on the clipboard."


async def test_a_few_at_a_time(world: World) -> None:
    now, most, seen, lock = 0, 0, list[int](), threading.Lock()

    def work(n: int) -> None:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
            seen.append(n)
        CallControl().wait(0.002)
        with lock:
            now -= 1

    progress: list[int] = []
    await each(world.app, range(60), work, CallControl(), progress.append)
    assert sorted(seen) == list(range(60))
    assert sum(progress) == 60
    assert 1 < most <= 6


# --- links


async def test_copying_urls_changes_nothing_and_sends_nothing(world: World) -> None:
    fill(world, "a b", "c/d")
    await world.open()
    before = len(world.store.calls)
    await world.run(links.copy_public_url, "a b")
    assert world.shell.copied == "https://memory.test/bucket/a%20b"
    assert "only for objects that are public" in world.shell.notice
    world.shell.answer("presign_seconds", 3600)
    await world.run(links.copy_presigned_url, "a b")
    assert world.store.fetch(world.shell.copied or "") == (200, b"a b")
    await world.run(links.copy_names, "c/", "a b")
    assert world.shell.copied == "s3://bucket/c/\ns3://bucket/a b"
    assert world.shell.notice == "2 addresses copied"
    assert len(world.store.calls) == before
    assert not is_public(world, "a b")


async def test_the_url_of_a_public_object_needs_no_warning(world: World) -> None:
    fill(world, "x", "y")
    await world.open()
    world.app.public_known(Location(CONNECTION.id, BUCKET), {"x": True})
    await world.run(links.copy_public_url, "x")
    assert world.shell.notice == "URL copied."
    await world.run(links.copy_public_url, "x", "y")
    assert world.shell.notice == "2 URLs copied. It opens only for objects that are public."


async def test_dots_in_a_url_are_warned_about(world: World) -> None:
    fill(world, "..")
    await world.open()
    await world.run(links.copy_public_url, "..")
    assert world.shell.copied == "https://memory.test/bucket/%2E%2E"
    assert "Browsers may change" in world.shell.notice


async def test_a_presigned_url_is_of_the_connection_that_was_open_at_the_question(world: World) -> None:
    fill(world, "x")
    world.factory.store(OTHER).add_bucket(BUCKET)
    await world.open()

    def leave(_count: object) -> int:
        world.app.open(Location(OTHER.id, BUCKET))
        return 60

    world.shell.answer("presign_seconds", leave)
    await world.run(links.copy_presigned_url, "x")
    await world.listed()
    assert world.store.fetch(world.shell.copied or "") == (200, b"x")
    assert (world.shell.copied or "").startswith("https://memory.test/")


async def test_cancelling_a_presigned_url_copies_nothing(world: World) -> None:
    fill(world, "x")
    await world.open()
    world.shell.answer("presign_seconds", None)
    await world.run(links.copy_presigned_url, "x")
    assert world.shell.copied is None


# --- upload


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(b"new a")
    (tmp_path / "b.txt").write_bytes(b"new b")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "c.txt").write_bytes(b"new c")
    return tmp_path


async def test_files_without_conflicts_go_up_without_a_question(world: World, files: Path) -> None:
    await world.open("p/")
    paths = (files / "a.txt", files / "b.txt")
    world.shell.answer("upload_files", paths)
    await world.run(upload.choose_files)
    assert world.engine.requests == [UploadRequest(CONNECTION.id, BUCKET, "p/", paths)]
    assert world.shell.questions == ["upload_files"]


async def test_the_question_can_always_be_asked(world: World, files: Path) -> None:
    await world.open()
    world.app.change_settings(ask_before_upload=True)
    world.shell.answer("upload_folder", (files / "folder",))
    world.shell.answer("upload", UploadAnswer(public=True))
    await world.run(upload.choose_folder)
    assert world.engine.requests == [UploadRequest(CONNECTION.id, BUCKET, "", (files / "folder",), public=True)]


async def test_names_in_the_way_are_asked_about(world: World, files: Path) -> None:
    old = world.store.head_object(world.store.add(BUCKET, "folder/c.txt", b"old"))
    await world.open()
    decisions = {"folder/c.txt": Decision(ConflictPolicy.OVERWRITE, old.etag)}
    world.shell.answer("upload", UploadAnswer(decisions=decisions))
    paths = (files / "a.txt", files / "folder")
    await upload.upload(world.app, paths, world.app.state.location)
    ((_question, asked),) = world.shell.asked
    (conflict,) = asked.conflicts
    assert (conflict.target, conflict.replaces, conflict.identical) == ("folder/c.txt", old.etag, False)
    # what appears there after the question is not overwritten
    assert world.engine.requests == [
        UploadRequest(CONNECTION.id, BUCKET, "", paths, decisions=decisions, appeared=ConflictPolicy.REFUSE)
    ]


async def test_cancelling_the_question_uploads_nothing(world: World, files: Path) -> None:
    world.store.add(BUCKET, "folder/c.txt", b"old")
    await world.open()
    world.shell.answer("upload", None)
    await upload.upload(world.app, (files / "folder",), world.app.state.location)
    assert world.shell.questions == ["upload"]
    assert world.engine.requests == []


async def test_conflicts_are_found_among_any_number_of_files(world: World, tmp_path: Path) -> None:
    """Nothing is overwritten without a question, be it the last of many."""
    paths = [tmp_path / f"{n:04}.txt" for n in range(350)]
    for path in paths:
        path.write_bytes(b"new")
    world.store.add(BUCKET, "0349.txt", b"old")
    await world.open()
    world.shell.answer("upload", None)
    await upload.upload(world.app, tuple(paths), world.app.state.location)
    ((_question, asked),) = world.shell.asked
    assert [conflict.name for conflict in asked.conflicts] == ["0349.txt"]


async def test_looking_for_conflicts_can_be_cancelled(world: World, files: Path) -> None:
    await world.open()
    hold = world.store.hold("head_object")
    task = world.background.spawn(upload.upload(world.app, (files / "a.txt",), world.app.state.location))
    await until(hold.entered.is_set)
    world.app.activities.running[0].control.cancel()
    hold.release()
    await task
    assert world.shell.asked == []
    assert world.engine.requests == []


@pytest.mark.parametrize("always", [True, False])
@pytest.mark.parametrize("yes", [True, False])
async def test_a_key_that_may_only_write_uploads_once_told(world: World, files: Path, *, always: bool, yes: bool) -> None:
    """What it cannot see is replaced: that is asked even where uploads are not."""
    await world.open()
    world.app.change_settings(ask_before_upload=always)
    for operation in ("head_object", "list_pages"):
        world.store.fail_next(operation, failure(ErrorKind.ACCESS_DENIED), times=20)
    world.shell.answer("upload", UploadAnswer() if yes else None)
    paths = (files / "a.txt", files / "folder")
    await upload.upload(world.app, paths, world.app.state.location)
    ((_question, asked),) = world.shell.asked
    assert (asked.blind, asked.conflicts) == (True, ())
    request = UploadRequest(CONNECTION.id, BUCKET, "", paths, appeared=ConflictPolicy.OVERWRITE)
    assert world.engine.requests == ([request] if yes else [])


async def test_any_other_failure_of_the_look_ends_it(world: World, files: Path) -> None:
    await world.open()
    world.store.fail_next("head_object", failure(ErrorKind.TIMEOUT))
    with pytest.raises(BrowserError):
        await upload.upload(world.app, (files / "a.txt",), world.app.state.location)
    assert world.engine.requests == []


async def test_nothing_is_uploaded_to_a_list_of_buckets(world: World, files: Path) -> None:
    await world.open(bucket="")
    await upload.upload(world.app, (files / "a.txt",), world.app.state.location)
    await upload.upload(world.app, (files / "a.txt",), None)
    assert world.engine.requests == []


async def test_pasting_files(world: World, files: Path) -> None:
    await world.open()
    world.shell.clip = Clip((files / "a.txt",), "ignored")
    await world.run(upload.paste)
    assert world.engine.requests == [UploadRequest(CONNECTION.id, BUCKET, "", (files / "a.txt",))]


async def test_pasting_text_begins_an_object(world: World) -> None:
    await world.open()
    world.shell.clip = Clip(text='{"a": 1}')
    world.shell.answer("new_object", NewObject("n.json", b"{}", "application/json", public=True))
    await world.run(upload.paste)
    assert world.shell.asked == [("new_object", '{"a": 1}')]
    assert world.store.fetch("https://memory.test/bucket/n.json") == (200, b"{}")
    assert world.app.listing.rows.public == {"n.json": True}


async def test_pasting_nothing_says_so(world: World) -> None:
    await world.open()
    await world.run(upload.paste)
    assert world.shell.notice == "The clipboard holds neither files nor text."


# --- new object, new folder


async def test_a_new_object_shows_its_row(world: World) -> None:
    await world.open("p/")
    world.shell.answer("new_object", NewObject("é.txt", "ü".encode(), "text/plain; charset=utf-8", public=False))
    await world.run(upload.new_object)
    info = world.store.head_object(ObjectRef(BUCKET, "p/é.txt"))
    assert (info.size, info.content_type) == (2, "text/plain; charset=utf-8")
    assert world.names() == ["p/é.txt"]
    assert world.shell.shown == ["p/é.txt"]
    assert world.shell.notice == "é.txt is stored"
    assert not is_public(world, "p/é.txt")


@pytest.mark.parametrize("replaces", [True, False])
async def test_an_existing_object_is_replaced_only_after_a_question(world: World, replaces: bool) -> None:
    world.store.add(BUCKET, "x", b"old")
    await world.open()
    world.shell.answer("new_object", NewObject("x", b"new", "text/plain", public=False))
    world.shell.answer("replace", replaces)
    await world.run(upload.new_object)
    assert world.shell.questions == ["new_object", "replace"]
    assert world.store.body(ObjectRef(BUCKET, "x")) == (b"new" if replaces else b"old")
    assert ("put_object" in written(world.store)) is replaces


async def test_cancelling_the_editor_stores_nothing(world: World) -> None:
    await world.open()
    world.shell.answer("new_object", None)
    await world.run(upload.new_object)
    assert written(world.store) == set()


def somebody_writes(world: World, *bodies: bytes) -> list[Callable[[object], bool]]:
    """Answers yes to so many questions, while each of which somebody else writes x."""

    def answer(body: bytes) -> Callable[[object], bool]:
        return lambda _name: bool(world.store.add(BUCKET, "x", body))

    return [answer(body) for body in bodies]


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "not-kept"])
async def test_what_came_while_the_question_stood_open_is_asked_about_again(world: World, *, keeps: bool) -> None:
    """A store that keeps conditions refuses; at any other a look goes just before the write."""
    world.store.add(BUCKET, "x", b"old")
    world.store.without_conditions = not keeps
    if keeps:
        world.store.learnt.add(Trait.KEEPS_CONDITIONS)
    await world.open()
    world.shell.answer("new_object", NewObject("x", b"new", "text/plain", public=False))
    world.shell.answer("replace", *somebody_writes(world, b"newer", b"newest"), False)
    await world.run(upload.new_object)
    assert world.shell.questions == ["new_object", "replace", "replace", "replace"]
    assert world.store.body(ObjectRef(BUCKET, "x")) == b"newest"
    assert world.shell.notices == []
    world.shell.answer("new_object", NewObject("x", b"new", "text/plain", public=False))
    world.shell.answer("replace", *somebody_writes(world, b"even newer"), True)
    await world.run(upload.new_object)
    assert world.store.body(ObjectRef(BUCKET, "x")) == b"new"


async def test_what_went_while_the_question_stood_open_is_made_anew(world: World) -> None:
    ref = world.store.add(BUCKET, "x", b"old")
    await world.open()
    world.shell.answer("new_object", NewObject("x", b"new", "text/plain", public=False))
    world.shell.answer("replace", lambda _name: bool(world.store.delete_objects(BUCKET, ["x"])))
    await world.run(upload.new_object)
    assert world.store.body(ref) == b"new"


async def test_what_came_between_the_look_and_the_write_is_asked_about(world: World) -> None:
    await world.open()
    hold = world.store.hold("put_object")
    world.shell.answer("name", "new")
    world.shell.answer("replace", False)
    task = world.background.spawn(world.run(upload.new_folder))
    await until(hold.entered.is_set)
    fill(world, "new/")
    hold.release()
    await task
    assert world.shell.asked == [("name", "folder"), ("replace", "new")]
    assert world.store.body(ObjectRef(BUCKET, "new/")) == b"new/"


@pytest.mark.parametrize("there", [b"", b"old"])
async def test_a_condition_that_is_refused_for_no_reason_is_told_and_not_asked_for_ever(world: World, there: bytes) -> None:
    if there:
        world.store.add(BUCKET, "x", there)
        world.shell.answer("replace", True)
    await world.open()
    world.store.fail_next("put_object", failure(ErrorKind.CHANGED), times=9)
    world.shell.answer("new_object", NewObject("x", b"new", "text/plain", public=False))
    with pytest.raises(BrowserError) as caught:
        await world.run(upload.new_object)
    assert caught.value.kind is ErrorKind.OCCUPIED
    assert world.store.count("put_object") == 1


async def test_only_what_was_seen_to_be_free_is_called_free(world: World) -> None:
    """The trial of conditions on what is called so would replace what is there."""
    conditions: list[Condition | None] = []
    put_object = world.store.put_object

    def put(*args: Any) -> Stored:
        conditions.append(args[-1])
        return put_object(*args)

    world.store.put_object = put  # type: ignore[method-assign, assignment]
    etag = world.store.head_object(world.store.add(BUCKET, "there", b"old")).etag
    await world.open()
    world.shell.answer("replace", True)
    for name in ("free", "there"):
        world.shell.answer("new_object", NewObject(name, b"new", "text/plain", public=False))
        await world.run(upload.new_object)
    world.store.learnt.add(Trait.KEEPS_CONDITIONS)
    world.store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED))
    world.shell.answer("new_object", NewObject("unseen", b"new", "text/plain", public=False))
    await world.run(upload.new_object)
    assert conditions == [Condition(known_free=True), Condition(etag), Condition()]


@pytest.mark.parametrize("answer", [UploadAnswer(), UploadAnswer(public=True), None])
async def test_a_key_that_may_only_write_is_asked_before_it_may_replace(world: World, answer: UploadAnswer | None) -> None:
    """Where the store is not known to keep conditions, nothing else protects what the key cannot see."""
    ref = world.store.add(BUCKET, "x", b"old")
    world.store.without_conditions = True
    await world.open()
    world.store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED), times=2 if answer else 1)
    world.shell.answer("new_object", NewObject("x", b"12345", "text/plain", public=False))
    world.shell.answer("upload", answer)
    await world.run(upload.new_object)
    question = UploadQuestion((Path("x"),), Location(CONNECTION.id, BUCKET), blind=True)
    assert world.shell.asked[1:] == [("upload", question)]
    assert world.store.body(ref) == (b"12345" if answer else b"old")
    if answer:
        assert is_public(world, "x") is answer.public
        assert world.app.listing.rows.entry(0).size == 5
        assert world.shell.notice == "x is stored"


@pytest.mark.parametrize("yes", [True, False])
async def test_a_store_that_keeps_conditions_tells_what_the_key_may_not_see(world: World, *, yes: bool) -> None:
    ref = world.store.add(BUCKET, "x", b"old")
    world.store.learnt.add(Trait.KEEPS_CONDITIONS)
    await world.open()
    world.store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED), times=3 if yes else 2)
    world.shell.answer("new_object", NewObject("x", b"new", "text/plain", public=False))
    world.shell.answer("replace", yes)
    await world.run(upload.new_object)
    assert world.shell.questions == ["new_object", "replace"]
    assert world.store.body(ref) == (b"new" if yes else b"old")


@pytest.mark.parametrize("trouble", [None, failure(ErrorKind.THROTTLED)])
async def test_a_new_object_is_public_only_once_it_opened_without_a_key(world: World, trouble: BrowserError | None) -> None:
    """The store keeps the ACL and does not follow it, or cannot say."""

    def readable(ref: ObjectRef) -> bool:
        if trouble:
            raise trouble
        return False

    world.store.readable_by_anyone = readable  # type: ignore[method-assign]
    await world.open()
    world.shell.answer("new_object", NewObject("x", b"x", "text/plain", public=True))
    await world.run(upload.new_object)
    assert is_public(world, "x")
    ((key, error),) = world.shell.notices[-1].failures
    assert key == "x"
    if trouble:
        assert error is trouble
        assert world.shell.notice == "x is stored, but it could not be checked whether it is public"
        assert world.app.listing.rows.public == {}
    else:
        assert world.shell.notice == "x is stored, but not public"
        assert world.app.listing.rows.public == {"x": False}


async def test_a_new_folder_is_an_empty_object_with_a_delimiter(world: World) -> None:
    await world.open("p/")
    world.shell.answer("name", "new")
    await world.run(upload.new_folder)
    assert world.store.keys(BUCKET) == ("p/new/",)
    assert world.store.body(ObjectRef(BUCKET, "p/new/")) == b""
    assert world.names() == ["p/new/"]
    assert world.shell.shown == ["p/new/"]
    assert world.shell.asked == [("name", "folder")]


async def test_a_folder_that_exists_is_asked_about(world: World) -> None:
    fill(world, "new/")
    await world.open()
    world.shell.answer("name", "new", None)
    world.shell.answer("replace", False)
    await world.run(upload.new_folder)
    await world.run(upload.new_folder)  # cancelled
    assert world.store.body(ObjectRef(BUCKET, "new/")) == b"new/"


# --- download


async def test_a_download_of_objects_and_folders(world: World, tmp_path: Path) -> None:
    fill(world, "p/a:b.txt", "p/f/1", "p/f/g/2")
    await world.open("p/")
    world.shell.answer("download_folder", tmp_path)
    await world.run(download.run, "p/a:b.txt", "p/f/")
    (request,) = world.engine.requests
    assert isinstance(request, DownloadRequest)
    assert [entry.key for entry in request.keys] == ["p/a:b.txt"]
    assert (request.folders, request.base_prefix, request.target) == (("p/f/",), "p/", tmp_path)
    assert (request.decisions, request.appeared) == ({}, ConflictPolicy.KEEP_BOTH)
    assert world.shell.asked == [("download_folder", 2)]
    await until(lambda: world.settings.saved.download_folder == str(tmp_path))


async def test_files_in_the_way_are_asked_about(world: World, tmp_path: Path) -> None:
    fill(world, "a:b", "f/x", "f/y")
    (tmp_path / "f").mkdir()
    for name in ("a%3Ab", "f/y"):
        (tmp_path / name).write_bytes(b"old")
    await world.open()
    decisions = {str(tmp_path / "f" / "y"): Decision(ConflictPolicy.SKIP)}
    world.shell.answer("download_folder", tmp_path)
    world.shell.answer("download", DownloadAnswer(decisions))
    await world.run(download.run, "a:b", "f/")
    question = world.shell.asked[-1][1]
    assert isinstance(question, DownloadQuestion)
    assert question.folder == tmp_path
    assert [conflict.name for conflict in question.conflicts] == ["a%3Ab", str(Path("f", "y"))]
    (request,) = world.engine.requests
    assert isinstance(request, DownloadRequest)
    assert request.decisions == decisions


async def test_looking_for_local_files_can_be_cancelled(world: World, tmp_path: Path) -> None:
    fill(world, "f/x")
    (tmp_path / "f").mkdir()
    await world.open()
    world.shell.answer("download_folder", tmp_path)
    hold = world.store.hold("list_pages")
    task = world.background.spawn(world.run(download.run, "f/"))
    await until(hold.entered.is_set)
    world.app.activities.running[0].control.cancel()
    await task
    assert world.engine.requests == []


async def test_a_download_can_be_cancelled_at_each_question(world: World, tmp_path: Path) -> None:
    fill(world, "a")
    (tmp_path / "a").write_bytes(b"old")
    await world.open()
    world.shell.answer("download_folder", None, tmp_path)
    world.shell.answer("download", None)
    await world.run(download.run, "a")
    await world.run(download.run, "a")
    await world.run(download.run)
    assert world.engine.requests == []
    assert (tmp_path / "a").read_bytes() == b"old"


# --- connections and buckets

NEW = Connection("New", "https://new.test", "AKIA3", id="c3")
SECRET = SecretText("s3cr3t")


async def test_a_new_connection_is_saved_and_opened(world: World) -> None:
    world.factory.store(NEW).add_bucket("data")
    await world.load()
    world.shell.answer("connection", FilledForm(NEW, SECRET, session_only=False))
    await world.run(connections.new)
    await world.listed()
    assert world.app.connection == NEW
    assert world.names() == ["data/"]
    assert world.vault.secrets[NEW.id] == SECRET
    assert world.book.saved[-1] == NEW


@pytest.mark.parametrize("kind", [ErrorKind.NO_KEYRING, ErrorKind.KEYRING_LOCKED, ErrorKind.KEYRING])
async def test_when_the_keyring_fails_the_form_comes_back_filled_in(world: World, kind: ErrorKind) -> None:
    await world.load()

    def again(about: object) -> FilledForm:
        assert about == (NEW, "")
        assert world.shell.refusal == KeyringRefusal(broken, SECRET)
        assert world.book.saved == (CONNECTION, OTHER)
        assert world.accounts.connections == (CONNECTION, OTHER)
        assert [error.kind for _name, error in world.shell.notices[-1].failures] == [kind]
        assert world.shell.notice == "New failed"
        return FilledForm(NEW, SECRET, session_only=True)

    world.vault.broken = broken = failure(kind)
    world.shell.answer("connection", FilledForm(NEW, SECRET, session_only=False), again)
    await world.run(connections.new)
    await world.listed()
    assert world.app.connection == NEW
    assert SECRET not in world.vault.secrets.values()


@pytest.mark.parametrize("typed", [SECRET, None], ids=["typed", "kept"])
@pytest.mark.parametrize("locked", [True, False])
async def test_this_session_only_takes_the_secret_out_of_the_keyring(
    world: World, locked: bool, typed: SecretText | None
) -> None:
    await world.open()  # the kept secret is known now, also to who does not unlock the keyring
    wanted = typed or world.vault.secrets[CONNECTION.id]
    world.vault.broken = failure(ErrorKind.KEYRING_LOCKED) if locked else None
    world.shell.answer("connection", FilledForm(CONNECTION, typed, session_only=True))
    await world.run(connections.edit)
    await until(lambda: ("delete", CONNECTION.id) in world.vault.calls)
    await until(lambda: not world.background._tasks)
    assert world.stores.secret(CONNECTION.id) == wanted
    assert (CONNECTION.id in world.vault.secrets) is locked
    told = [notice for notice in world.shell.notices if "still in the keyring" in str(notice.text)]
    assert len(told) == locked


async def test_a_secret_of_this_session_is_saved_to_the_keyring(world: World) -> None:
    await world.load()
    await world.accounts.save(NEW, SECRET, session_only=True)
    world.app.open_connection(NEW)
    world.vault.broken = broken = failure(ErrorKind.KEYRING_LOCKED)

    def again(about: object) -> FilledForm:
        assert about == (NEW, "")
        assert world.shell.refusal == KeyringRefusal(broken, None)
        assert world.accounts.is_session_only(NEW.id)
        world.vault.broken = None
        return FilledForm(NEW, None, session_only=False)

    world.shell.answer("connection", FilledForm(NEW, None, session_only=False), again)
    await world.run(connections.edit)
    await world.listed()
    assert world.vault.secrets[NEW.id] == SECRET
    assert not world.accounts.is_session_only(NEW.id)


async def test_what_was_counted_is_forgotten_when_a_connection_leads_elsewhere(world: World) -> None:
    fill(world, "a")
    await world.open()
    scope = Scope.folder(CONNECTION.id, BUCKET, "")
    await world.app.measures.count(scope)
    world.shell.answer("connection", FilledForm(CONNECTION, None, session_only=False))
    await world.run(connections.edit)
    assert world.app.measures.get(scope) is None


async def test_giving_up_after_the_keyring_failed_saves_nothing(world: World) -> None:
    await world.load()
    world.vault.broken = failure(ErrorKind.NO_KEYRING)
    world.shell.answer("connection", FilledForm(NEW, SECRET, session_only=False), None)
    await world.run(connections.new)
    assert world.book.saved == world.accounts.connections == (CONNECTION, OTHER)
    assert world.app.state.location is None


async def test_editing_shows_the_open_connection(world: World) -> None:
    await world.run(connections.edit)  # nothing is open
    await world.open()
    world.shell.answer("connection", None)
    await world.run(connections.edit)
    assert world.shell.asked == [("connection", (CONNECTION, ""))]
    assert world.book.saves == 0


async def test_a_copy_can_be_changed_before_it_is_opened(world: World) -> None:
    await world.open()

    def rename(about: object) -> FilledForm:
        assert isinstance(about, tuple)
        twin = about[0]
        assert isinstance(twin, Connection)
        assert twin.id != CONNECTION.id
        assert world.book.saves == 0
        return FilledForm(replace(twin, name="Twin"), None, session_only=False)

    world.shell.answer("connection", rename)
    await world.run(connections.duplicate)
    await world.listed()
    assert [item.name for item in world.book.saved] == ["Test", "Other", "Twin"]
    assert world.app.connection == world.book.saved[-1]
    assert world.vault.secrets[world.book.saved[-1].id] == world.vault.secrets[CONNECTION.id]


async def test_a_copy_that_is_cancelled_leaves_nothing(world: World) -> None:
    await world.open()
    secrets = dict(world.vault.secrets)
    world.shell.answer("connection", None)
    await world.run(connections.duplicate)
    assert world.accounts.connections == (CONNECTION, OTHER)
    assert world.book.saves == 0
    assert world.vault.secrets == secrets
    assert world.app.connection == CONNECTION


@pytest.mark.parametrize("sure", [True, False])
async def test_deleting_a_connection_changes_nothing_in_the_store(world: World, sure: bool) -> None:
    fill(world, "x")
    await world.open()
    world.shell.answer("delete_connection", sure)
    await world.run(connections.delete)
    assert world.store.keys(BUCKET) == ("x",)
    assert (CONNECTION in world.book.saved) is not sure
    assert (CONNECTION.id in world.vault.secrets) is not sure
    assert (world.app.state.location is None) is sure


async def test_a_removed_connection_whose_secret_stays_is_told(world: World) -> None:
    await world.open()
    world.vault.broken = failure(ErrorKind.KEYRING_LOCKED)
    world.shell.answer("delete_connection", True)
    await world.run(connections.delete)
    assert CONNECTION not in world.book.saved
    assert "still in the keyring" in world.shell.notice
    assert [error for _name, error in world.shell.notices[-1].failures] == [world.vault.broken]


async def test_adding_and_forgetting_a_bucket_by_name(world: World) -> None:
    world.store.add("hidden", "x")
    await world.open()
    world.shell.answer("name", None, "hidden")
    await world.run(connections.add_bucket)
    await world.run(connections.add_bucket)
    await world.listed()
    assert world.app.state.location == Location(CONNECTION.id, "hidden")
    assert world.names() == ["x"]
    kept = [world.book.saved[0].buckets]
    await world.run(connections.forget_bucket)
    await world.listed()
    assert world.app.state.location == Location(CONNECTION.id)
    assert [*kept, world.book.saved[0].buckets] == [("hidden",), ()]
    assert world.store.keys("hidden") == ("x",)
    await world.open()
    await world.run(connections.forget_bucket)
    assert "Only a bucket that was added by name" in world.shell.notice


async def test_a_new_bucket_is_opened(world: World) -> None:
    await world.open()
    world.shell.answer("name", "fresh", "fresh")
    await world.run(connections.create_bucket)
    await world.listed()
    assert world.app.state.location == Location(CONNECTION.id, "fresh")
    assert [bucket.name for bucket in world.app.buckets.get(CONNECTION).buckets] == ["bucket", "fresh"]
    with pytest.raises(BrowserError) as caught:
        await world.run(connections.create_bucket)
    assert caught.value.kind is ErrorKind.BUCKET_EXISTS


async def test_a_bucket_is_made_where_the_question_was_asked(world: World) -> None:
    world.factory.store(OTHER).add_bucket(BUCKET)
    await world.open()

    def leave(_question: object) -> str:
        world.app.open(Location(OTHER.id, BUCKET))
        return "fresh"

    world.shell.answer("name", leave)
    await world.run(connections.create_bucket)
    await world.listed()
    assert "fresh" in [bucket.name for bucket in world.store.list_buckets()]
    assert "fresh" not in [bucket.name for bucket in world.factory.store(OTHER).list_buckets()]


async def test_deleting_a_bucket(world: World) -> None:
    world.store.add_bucket("empty")
    await world.open(bucket="")
    world.shell.answer("delete_bucket", False, True)
    await world.run(connections.delete_bucket, "empty/")
    await world.run(connections.delete_bucket, "empty/")
    await world.listed()
    assert world.shell.asked == [("delete_bucket", "empty")] * 2
    assert [bucket.name for bucket in world.store.list_buckets()] == [BUCKET]
    assert world.names() == ["bucket/"]
    assert world.shell.notice == "The bucket empty is deleted"


async def test_a_bucket_that_is_not_empty_stays(world: World) -> None:
    fill(world, "x")
    await world.open()
    world.shell.answer("delete_bucket", True)
    with pytest.raises(BrowserError) as caught:
        await world.run(connections.delete_bucket)
    assert caught.value.kind is ErrorKind.BUCKET_NOT_EMPTY
    assert world.store.list_buckets()[0] == Bucket(BUCKET, world.store.list_buckets()[0].created)
    assert world.app.state.location == Location(CONNECTION.id, BUCKET)


# --- the window's own, and the table


async def test_the_window_s_own_commands(world: World) -> None:
    started: list[bool] = []
    await world.run(window.demo)
    world.app.offer_demo(lambda: started.append(True))
    for command in (window.toggle("sidebar"), window.select_all, window.invert_selection, window.settings, window.shortcuts):
        await world.run(command)
    for command in (window.about, window.open_log, window.close, window.demo):
        await world.run(command)
    names = ["toggle", "select_all", "invert_selection", "show_settings", "show_shortcuts", "show_about", "open_folder"]
    assert [name for name, _about in world.shell.told] == [*names, "close_window"]
    assert world.shell.told[6] == ("open_folder", Path("log"))
    assert started == [True]


async def test_stopping_a_listing(world: World) -> None:
    stop = next(command for command in COMMANDS if command.id == "go.stop")
    fill(world, "x")
    await world.open()
    hold = world.store.hold("list_pages")
    world.app.open(Location(CONNECTION.id, BUCKET, "p/"))
    await until(hold.entered.is_set)
    assert stop.enabled(world.app.state)
    await world.run(stop.run)
    await until(lambda: world.app.state.phase is Phase.STOPPED)
    assert [command.id for command in COMMANDS if command.id == "go.stop" and command.enabled(world.app.state)] == []
    hold.release()


async def test_no_command_does_anything_when_nothing_is_open(world: World) -> None:
    """Also those that are disabled then: a shortcut may have been on its way."""
    world.shell.answer("connection", None)
    world.shell.answer("upload_files", ())
    world.shell.answer("upload_folder", ())
    world.shell.answer("presign_seconds", 60)
    for command in COMMANDS:
        await world.run(command.run)
    assert world.store.calls == []
    assert world.book.saves == 0
    assert world.shell.copied in (None, "")
