"""Export of the list: the rows shown or selected, in order, to a file that is whole or absent."""

from __future__ import annotations

import csv
import errno
import json
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from app.rig import BUCKET, CONNECTION, World, failure, until

from cloudtemple_browser.app.commands import export
from cloudtemple_browser.app.commands.export import run
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.shell import ExportQuestion
from cloudtemple_browser.app.state import SelectionSize
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.export import ExportRow, encoded


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def rows(count: int) -> Iterator[ExportRow]:
    return (ExportRow(f"k{at}", f"k{at}", at, 0, "", "", None, f"s3://b/k{at}") for at in range(count))


async def test_what_is_shown_is_written_in_its_order(world: World, tmp_path: Path) -> None:
    world.store.add(BUCKET, "p/b.txt", b"12345", modified=1_700_000_000)
    world.store.add(BUCKET, "p/=a.txt", b"1", modified=0)
    world.store.add(BUCKET, "p/f/x", b"")
    await world.open("p/")
    location = world.app.state.location
    assert location is not None
    world.app.public_known(location, {"p/b.txt": True})
    found = world.app.listing.rows
    order = [found.find(key) for key in ("p/f/", "p/b.txt", "p/=a.txt")]
    world.shell.shown_rows = lambda: order  # type: ignore[method-assign]
    target = tmp_path / "list.csv"
    world.shell.answer("export", target)
    await world.run(run)
    assert world.shell.asked == [("export", ExportQuestion(3, "p.csv", None))]
    lines = table(target)[1:]
    assert [line[0] for line in lines] == ["p/f/", "p/b.txt", "p/=a.txt"]
    assert lines[0] == ["p/f/", "f", "", "", "", "", "", f"s3://{BUCKET}/p/f/"]
    etag = found.entry(order[1]).etag
    assert lines[1] == ["p/b.txt", "b.txt", "5", "2023-11-14T22:13:20Z", etag, "STANDARD", "true", f"s3://{BUCKET}/p/b.txt"]
    assert lines[2][1] == "'=a.txt"
    assert world.shell.notice == "3 rows exported to list.csv"
    assert names(tmp_path) == ["list.csv"]


async def test_a_selection_of_several_rows_is_written_alone(world: World, tmp_path: Path) -> None:
    for key in ("a", "b", "c"):
        world.store.add(BUCKET, key)
    await world.open()
    target = tmp_path / "list.jsonl"
    world.shell.answer("export", target)
    await world.run(run, "c", "a")
    assert [json.loads(line)["key"] for line in target.read_text().splitlines()] == ["c", "a"]
    ((_name, question),) = world.shell.asked
    assert (question.rows, question.selected, question.whole, question.name) == (2, True, True, f"{BUCKET}.csv")
    assert world.shell.notice == "2 selected rows exported to list.jsonl"
    world.shell.answer("export", target)
    await world.run(run, "c")  # one row is where the cursor is: the list is meant
    assert world.shell.notice == "3 rows exported to list.jsonl"


async def test_no_answer_writes_nothing(world: World, tmp_path: Path) -> None:
    world.store.add(BUCKET, "a")
    await world.open()
    world.shell.answer("export", None)
    await world.run(run)
    assert names(tmp_path) == []
    assert world.shell.notices == []


async def test_an_incomplete_list_is_said(world: World, tmp_path: Path) -> None:
    for at in range(10):
        world.store.add(BUCKET, f"k{at}")
    world.store.page_size = 2
    whole, release = world.store.list_pages, threading.Event()

    def breaks(*args: Any) -> Iterator[ListingPage]:
        for at, page in enumerate(whole(*args)):
            if at == 2:
                release.wait(20)
                raise failure(ErrorKind.PARTIAL)
            yield page

    world.store.list_pages = breaks  # type: ignore[method-assign, assignment]
    await world.load()
    world.app.open(Location(CONNECTION.id, BUCKET))
    await until(lambda: len(world.app.listing.rows) == 4)
    target = tmp_path / "list.csv"
    for said, phase in (("still loading", Phase.LOADING), ("not complete", Phase.PARTIAL)):
        assert world.app.listing.status.phase is phase
        world.shell.answer("export", target)
        await world.run(run)
        assert not world.shell.asked[-1][1].whole
        assert "4 rows exported to list.csv. The list was not complete" in world.shell.notice
        assert said in world.shell.notice
        release.set()
        await world.listed()
    assert [error.kind for _name, error in world.shell.notices[-1].failures] == [ErrorKind.PARTIAL]
    world.store.list_pages = whole  # type: ignore[method-assign]
    world.app.refresh()
    world.app.listing.stop()
    world.shell.answer("export", target)
    await world.run(run)
    assert "you stopped it" in world.shell.notice


async def test_entries_that_were_left_out_are_said(world: World, tmp_path: Path) -> None:
    world.store.add(BUCKET, "a")
    whole = world.store.list_pages
    world.store.list_pages = lambda *args: (replace(page, malformed=1) for page in whole(*args))  # type: ignore[method-assign]
    await world.open()
    world.shell.answer("export", tmp_path / "list.csv")
    await world.run(run)
    assert not world.shell.asked[-1][1].whole
    assert world.shell.notice == "1 row exported to list.csv. The listing is not complete: 1 entry had no readable key."


async def test_cancelling_leaves_no_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(1500):
        world.store.add(BUCKET, f"k{at}")
    await world.open()

    def cancelling(piece: Any, form: Any) -> bytes:
        world.app.activities.running[0].control.cancel()
        return encoded(piece, form)

    monkeypatch.setattr("cloudtemple_browser.app.commands.export.encoded", cancelling)
    target = tmp_path / "list.csv"
    target.write_text("before")
    world.shell.answer("export", target)
    await world.run(run)
    assert world.shell.notice == "Export cancelled: no file was written"
    assert target.read_text() == "before"
    assert names(tmp_path) == ["list.csv"]


async def test_a_folder_without_rights_is_told_in_words(world: World, tmp_path: Path) -> None:
    world.store.add(BUCKET, "a")
    await world.open()
    world.shell.answer("export", tmp_path / "gone" / "list.csv")
    await world.run(run)
    assert world.shell.notice == "The list was not exported: The file or folder does not exist"
    assert [error.kind for _name, error in world.shell.notices[-1].failures] == [ErrorKind.LOCAL_MISSING]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "list.csv"
    target.write_text("before")
    real, written = os.write, 0

    def full(descriptor: int, data: Any) -> int:
        nonlocal written
        written += 1
        if written > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(BrowserError) as caught:
        export.write(target, rows(5000), CallControl(), lambda _done: None)
    monkeypatch.undo()
    assert caught.value.kind is ErrorKind.DISK_FULL
    assert target.read_text() == "before"
    assert names(tmp_path) == ["list.csv"]


def test_the_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"

    def watched() -> Iterator[ExportRow]:
        for one in rows(2000):
            assert not target.exists()
            yield one

    export.write(target, watched(), CallControl(), lambda _done: None)
    assert len(table(target)) == 2001
    mask = os.umask(0o022)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask


def test_a_cancelled_export_stops_at_once(tmp_path: Path) -> None:
    control = CallControl()
    control.cancel()
    with pytest.raises(Cancelled):
        export.write(tmp_path / "list.csv", rows(10), control, lambda _done: None)
    assert names(tmp_path) == []


async def test_nothing_is_exported_where_no_bucket_is_open(world: World) -> None:
    await world.open(bucket="")
    world.app.select(SelectionSize())
    await world.run(run)
    assert world.shell.asked == []
