"""The commands of the flat view and the search, and the way from there to folders and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from app.rig import BUCKET, CONNECTION, World, failure

from cloudtemple_browser.app.commands import delete, download, gather, go, publish, search, upload
from cloudtemple_browser.app.commands.base import Command
from cloudtemple_browser.app.commands.table import COMMANDS
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.shell import DownloadAnswer
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.query import Match, Query
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, DownloadRequest, UploadRequest

FOLDER = Location(CONNECTION.id, BUCKET, "p/")
FLAT = Location(CONNECTION.id, BUCKET, "p/", Query())
LOGS = Location(CONNECTION.id, BUCKET, "p/", Query("log"))
KEYS = ("p/a.log", "p/d/a.log", "p/d/b.txt", "other.log")


def command(command_id: str) -> Command:
    return next(one for one in COMMANDS if one.id == command_id)


@pytest.fixture
def full(world: World) -> World:
    for key in KEYS:
        world.store.add(BUCKET, key, key.encode())
    return world


async def test_the_flat_view_is_switched_on_and_off(full: World) -> None:
    await full.open("p/")
    flat = command("view.flat")
    assert flat.checked
    assert not flat.checked(full.app.state)
    await flat.run(full.app)
    await full.listed()
    assert full.app.state.location == FLAT
    assert full.names() == ["p/a.log", "p/d/a.log", "p/d/b.txt"]
    assert flat.checked(full.app.state)
    assert not full.app.state.searched
    await flat.run(full.app)
    await full.listed()
    assert full.app.state.location == FOLDER
    assert full.names() == ["p/a.log", "p/d/"]


async def test_a_search_shows_what_it_finds(full: World) -> None:
    await full.open("p/")
    assert await search.below(full.app, Query("log")) is None
    await full.listed()
    assert full.app.state.location == LOGS
    assert full.app.state.searched
    assert full.names() == ["p/a.log", "p/d/a.log"]
    full.store.add(BUCKET, "p/new.log")
    assert await search.below(full.app, Query("log")) is None  # again: it is made again
    await full.listed()
    assert full.names() == ["p/a.log", "p/d/a.log", "p/new.log"]
    await search.flat(full.app)  # from a search, everything
    await full.listed()
    assert full.app.state.flat


async def test_a_query_that_nothing_can_meet_opens_nothing(full: World) -> None:
    await full.open("p/")
    assert "regular expression" in str(await search.below(full.app, Query("(", Match.REGEX)))
    assert full.app.state.location == FOLDER


async def test_there_is_no_search_among_buckets(full: World) -> None:
    await full.open(bucket="")
    assert await search.below(full.app, Query("x")) is None
    await search.flat(full.app)
    assert full.app.state.location == Location(CONNECTION.id)
    for one in ("go.search", "view.flat", "go.reveal"):
        assert not command(one).enabled(full.app.state)
    await search.begin(full.app)
    assert full.shell.told == [("focus", "search")]


async def test_up_back_and_forward(full: World) -> None:
    await full.open("p/")
    await search.below(full.app, Query("log"))
    await full.listed()
    full.app.up()
    await full.listed()
    assert full.app.state.location == FOLDER
    full.app.step(-1)
    await full.listed()
    assert full.app.state.location == LOGS
    assert full.names() == ["p/a.log", "p/d/a.log"]
    full.app.step(-1)
    full.app.step(1)
    await full.listed()
    assert full.app.state.location == LOGS


async def test_a_found_object_is_shown_in_its_folder(full: World) -> None:
    await full.open("p/")
    reveal = command("go.reveal")
    await search.flat(full.app)
    await full.listed()
    await full.run(go.reveal)
    assert full.app.state.location == FLAT  # nothing was selected
    await full.run(go.open_selected, "p/d/b.txt")
    assert full.shell.told == [("toggle", "preview")]
    await full.run(reveal.run, "p/d/b.txt")
    await full.listed()
    assert full.app.state.location == Location(CONNECTION.id, BUCKET, "p/d/")
    assert full.shell.shown == ["p/d/b.txt"]


async def test_found_objects_are_deleted_and_published(full: World) -> None:
    await full.open("p/")
    await search.below(full.app, Query("log"))
    await full.listed()
    full.shell.answer("public", True)
    await full.run(publish.make_public, "p/d/a.log")
    assert full.app.listing.rows.public["p/d/a.log"]
    full.shell.answer("delete", True)
    await full.run(delete.run, "p/a.log", "p/d/a.log")
    full.carry_out_deletion()
    assert full.store.keys(BUCKET) == ("other.log", "p/d/b.txt")
    assert full.names() == []


async def test_found_objects_are_downloaded_with_their_folders(full: World, tmp_path: Path) -> None:
    await full.open("p/")
    await search.flat(full.app)
    await full.listed()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.log").write_text("mine")
    full.shell.answer("download_folder", tmp_path)
    answer = DownloadAnswer({str(tmp_path / "d" / "a.log"): Decision(ConflictPolicy.OVERWRITE)})
    full.shell.answer("download", answer)
    await full.run(download.run, "p/a.log", "p/d/a.log", "p/d/b.txt")
    (asked,) = [about for question, about in full.shell.asked if question == "download"]
    assert [conflict.name for conflict in asked.conflicts] == [str(Path("d", "a.log"))]
    (request,) = full.engine.requests
    assert isinstance(request, DownloadRequest)
    assert [entry.key for entry in request.keys] == ["p/a.log", "p/d/a.log", "p/d/b.txt"]
    assert (request.base_prefix, request.decisions) == ("p/", answer.decisions)


async def test_uploads_go_to_the_prefix_that_is_searched(full: World, tmp_path: Path) -> None:
    (tmp_path / "new.log").write_text("new")
    await full.open("p/")
    await search.below(full.app, Query("log"))
    await full.listed()
    full.shell.answer("upload_files", (tmp_path / "new.log",))
    await full.run(upload.choose_files)
    assert full.engine.requests == [UploadRequest(CONNECTION.id, BUCKET, "p/", (tmp_path / "new.log",))]


async def test_a_folder_is_counted_again_when_its_listing_must_be_made_again(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await full.open("p/")
    full.store.page_size = 1
    pages = full.store.list_pages
    errors: list[BrowserError] = [failure(ErrorKind.LIST_AGAIN)]

    def twice(*arguments: object) -> object:
        for at, page in enumerate(pages(*arguments)):  # type: ignore[arg-type]
            if at == 1 and errors:
                raise errors.pop()
            yield page

    monkeypatch.setattr(full.store, "list_pages", twice)
    full.shell.selected = ["p/d/"]
    found = await gather.expand(full.app, CONNECTION.id, await gather.selected(full.app))
    assert found
    assert [entry.key for entry in found] == ["p/d/a.log", "p/d/b.txt"]
    errors.extend([failure(ErrorKind.LIST_AGAIN), failure(ErrorKind.LIST_AGAIN)])
    with pytest.raises(BrowserError):
        await gather.expand(full.app, CONNECTION.id, await gather.selected(full.app))


async def test_a_search_is_left_when_its_connection_goes(full: World) -> None:
    await full.open("p/")
    await search.below(full.app, Query("log"))
    full.app.connection_gone(CONNECTION.id)
    assert full.app.listing.status.phase is Phase.NOTHING
    assert not full.app.state.below
