"""Files in, files out, files gone: drops, the upload sheet, downloads, deletion."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from pathlib import Path

from journeys.conftest import Place
from journeys.desk import Desk
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QPlainTextEdit, QPushButton, QTableView
from servers.raw import RawServer, Request, s3_answer, s3_error

from cloudtemple_browser.model.transfers import Limits
from cloudtemple_browser.ui.models.transfer_cells import ACTION, STATE


def make_tree(folder: Path) -> dict[str, bytes]:
    """A folder with files, folders and an empty one; its files by relative path."""
    noise = random.Random(5)
    files = {
        "readme.txt": b"hello\n",
        "empty": b"",
        "ünï cödé #1%.txt": "çà\n".encode(),
        "photos/one.bin": noise.randbytes(300_000),
        "photos/deep/er/two.bin": noise.randbytes(70_000),
    }
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    (folder / "nothing in it").mkdir()
    return files


def read_tree(folder: Path) -> dict[str, bytes]:
    """The files of a folder by relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_drop_download_delete(desk: Desk, place: Place, tmp_path: Path) -> None:
    source = tmp_path / "holiday"
    files = make_tree(source)
    place.put_all({"old/kept.txt": b"kept", "other.txt": b"other"})
    await desk.start()
    await desk.connect("Lab", place.endpoint, place.user.access_key, place.user.secret_key)
    await desk.sidebar(place.bucket)
    await desk.click_sidebar(place.bucket)
    await desk.listed("old", "other.txt")

    # A drop in the middle of the list goes into the open folder; Enter takes the sheet's verb.
    assert await desk.drop(desk.window.work.objects, desk.bottom(), [source])
    sheet = await desk.dialog("Upload")
    assert "holiday" in desk.find(QPlainTextEdit, "", sheet).toPlainText()
    assert not desk.find(QCheckBox, "public", sheet).isChecked()
    await desk.keys("Return")
    await desk.gone(sheet)
    await desk.until(lambda: "holiday" in desk.names(), "the folder's row appears without a refresh")
    await desk.notice("6 objects uploaded")
    stored = {f"holiday/{name}": body for name, body in files.items()} | {"holiday/nothing in it/": b""}
    assert {key: place.read(key) for key in place.stored() if key.startswith("holiday/")} == stored

    # Onto a folder's row, into that folder.
    await desk.drop_on_row("old", [source / "readme.txt"])
    await desk.answer("Upload")
    await desk.until(lambda: "old/readme.txt" in place.stored(), "the file is in the folder")
    await desk.notice("1 object uploaded")
    assert "readme.txt" not in desk.names()

    # Onto a bucket of the sidebar, without opening it.
    await desk.go(f"s3://{place.bucket}/holiday/")
    await desk.listed("readme.txt", "empty", "ünï cödé #1%.txt", "photos", "nothing in it")
    tree = desk.window.work.sidebar
    point = tree.visualItemRect(desk.bucket_item(place.bucket)).center()
    assert await desk.drop(tree, point, [source / "empty"])
    await desk.answer("Upload")
    await desk.until(lambda: "empty" in place.stored(), "the file is in the bucket")

    await _download(desk, tmp_path, files)
    await _delete(desk, place, files)
    await desk.stop()


async def _download(desk: Desk, tmp_path: Path, files: dict[str, bytes]) -> None:
    target = tmp_path / "got"
    target.mkdir()
    await desk.select("readme.txt", "ünï cödé #1%.txt", "photos")
    await desk.menu("object.download")
    await desk.choose_path(target)
    await desk.notice("4 objects downloaded")
    assert read_tree(target) == {name: body for name, body in files.items() if name != "empty"}
    assert not list(target.rglob("*.part"))


async def _delete(desk: Desk, place: Place, files: dict[str, bytes]) -> None:
    before = set(place.stored())
    await desk.select("readme.txt", "empty")
    await desk.keys("Delete")
    dialog = await desk.dialog("Delete")
    assert desk.find(QPlainTextEdit, "", dialog).toPlainText().split("\n") == ["holiday/empty", "holiday/readme.txt"]
    assert desk.find(QPushButton, "cancel", dialog).isDefault()
    await desk.keys("Return")
    await desk.gone(dialog)
    await desk.turn()
    assert set(place.stored()) == before
    await desk.keys("Delete", target=desk.window.work.objects)
    dialog = await desk.dialog("Delete")
    assert desk.find(QAbstractButton, "accept", dialog).text() == "Delete 2 objects"
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice("2 objects deleted")
    assert set(place.stored()) == before - {"holiday/readme.txt", "holiday/empty"}
    assert sorted(desk.names()) == ["nothing in it", "photos", "ünï cödé #1%.txt"]
    # A folder, with everything in it.
    await desk.select("photos")
    await desk.press_toolbar("object.delete")
    dialog = await desk.dialog("Delete")
    assert any("everything in 1 folder" in words for words in desk.words(dialog))
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice("2 objects deleted")
    assert desk.names() == ["nothing in it", "ünï cödé #1%.txt"]
    left = {key for key in place.stored() if key.startswith("holiday/")}
    assert left == {"holiday/ünï cödé #1%.txt", "holiday/nothing in it/"}


async def test_what_exists_is_not_overwritten_by_surprise(desk: Desk, either: Place, tmp_path: Path) -> None:
    either.put_all({"a.txt": b"store"})
    mine = tmp_path / "a.txt"
    mine.write_bytes(b"local")
    await desk.start()
    await desk.connect("Lab", either.endpoint, either.user.access_key, either.user.secret_key, bucket=either.bucket)
    await desk.listed("a.txt")
    assert await desk.drop(desk.window.work.objects, desk.bottom(), [mine])
    sheet = await desk.dialog("Upload")
    assert any("exists there already" in words for words in desk.words(sheet))
    assert desk.find(QTableView, "conflicts", sheet).model().index(0, 0).data() == "a.txt"
    await desk.keys("Return")
    await desk.gone(sheet)
    await desk.until(
        lambda: any(group.status.counts.skipped == 1 for group in desk.parts.transfers.groups[:1]),
        "it is skipped, as the user wished",
    )
    assert either.read("a.txt") == b"store"
    assert await desk.drop(desk.window.work.objects, desk.bottom(), [mine])
    sheet = await desk.dialog("Upload")
    desk.find(QTableView, "conflicts", sheet).setFocus()
    for _ in ("overwrite", "rename"):
        await desk.keys("Space")
    await desk.press("accept", sheet)
    await desk.gone(sheet)
    await desk.listed("a.txt", "a (2).txt")
    assert (either.read("a.txt"), either.read("a (2).txt")) == (b"store", b"local")
    # The same for files here: the folder of the download has one of the name.
    target = tmp_path / "target"
    target.mkdir()
    (target / "a.txt").write_bytes(b"precious")
    await desk.select("a.txt")
    await desk.press_toolbar("object.download")
    await desk.choose_path(target)
    await desk.answer("Download")
    await desk.until(
        lambda: any(group.status.counts.skipped == 1 for group in desk.parts.transfers.groups[:1]), "it is skipped, too"
    )
    assert read_tree(target) == {"a.txt": b"precious"}
    await desk.stop()


async def test_closing_asks_while_a_transfer_runs(desk: Desk, tmp_path: Path) -> None:
    held = threading.Event()

    def serve(request: Request) -> bytes | Iterator[bytes]:
        if request.method == "HEAD":
            return s3_answer(404)
        if request.method == "PUT":
            held.wait(20)
            return s3_answer(200, ETag='"x"')
        if "list-type" in request.query:
            return s3_answer(200, "<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>")
        return s3_error(403, "AccessDenied")

    big = tmp_path / "big.bin"
    big.write_bytes(b"x" * 1000)
    with RawServer(serve) as server:
        await desk.start()
        await desk.connect("Slow", server.endpoint, "AK", "secret", bucket="bucket")
        await desk.place("empty")
        assert await desk.drop(desk.window.work.objects, desk.bottom(), [big])
        await desk.answer("Upload")
        await desk.until(lambda: any(r.method == "PUT" for r in server.requests), "the upload is under way")
        await desk.act(desk.window.close)
        dialog = await desk.dialog("Quit")
        assert any("1 transfer is still running" in words for words in desk.words(dialog)), desk.words(dialog)
        await desk.keys("Escape")
        await desk.gone(dialog)
        assert desk.window.isVisible()
        await desk.keys("Ctrl+Q")
        dialog = await desk.dialog("Quit")
        await desk.press("accept", dialog)
        await desk.until(lambda: not desk.window.isVisible(), "the window is closed")
        held.set()


async def test_cancel_retry_and_remove_in_the_panel(desk: Desk, tmp_path: Path) -> None:
    allowed, asked, released = threading.Event(), threading.Event(), threading.Event()
    body = b"x" * 1000
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'

    def serve(request: Request) -> bytes:
        if request.method == "PUT" and request.path.endswith("held.bin"):
            asked.set()
            released.wait(20)
        if "list-type" in request.query:
            return s3_answer(200, "<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>")
        if request.method in ("PUT", "HEAD") and allowed.is_set():
            return s3_answer(200, ETag=etag, Content_Length="1000" if request.method == "HEAD" else "0")
        return s3_answer(404) if request.method == "HEAD" else s3_error(403, "AccessDenied")

    for name in ("held.bin", "refused.bin"):
        (tmp_path / name).write_bytes(body)
    with RawServer(serve) as server:
        await desk.start()
        await desk.connect("Slow", server.endpoint, "AK", "secret", bucket="bucket")
        await desk.place("empty")
        await desk.keys("Ctrl+0")
        assert await desk.drop(desk.window.work.objects, desk.bottom(), [tmp_path / "held.bin", tmp_path / "refused.bin"])
        await desk.answer("Upload")
        held, refused = "held.bin", "refused.bin"
        await desk.until(lambda: _state(desk, refused) == "Failed: The store refused this (403)", "the refusal is told")
        await desk.until(asked.is_set, "the other upload is under way")
        tree = desk.window.work.panel.tree
        tree.setCurrentIndex(_line(desk, held))
        await desk.keys("Delete", target=tree)
        await desk.notice("0 objects uploaded, 1 cancelled, 1 failed")
        released.set()
        allowed.set()
        await _act(desk, refused, "Retry")
        await desk.until(lambda: _state(desk, refused) == "Done", "the retry ends well")
        tree.setCurrentIndex(_line(desk, held))
        await desk.keys("Delete", target=tree)
        await desk.until(lambda: not _state(desk, held), "the row is gone")
        await desk.click(desk.window.work.panel._clear)
        await desk.until(lambda: not _state(desk, refused), "the finished one is gone too")
        await desk.stop()


async def test_a_transfer_goes_on_after_the_program_was_closed(desk: Desk, either: Place, tmp_path: Path) -> None:
    body = random.Random(7).randbytes(40 << 20)
    (tmp_path / "big.bin").write_bytes(body)
    await desk.start()
    await desk.connect("Lab", either.endpoint, either.user.access_key, either.user.secret_key, bucket=either.bucket)
    await desk.place("empty")
    desk.parts.app.change_settings(limits=Limits(upload_rate=8 << 20))
    assert await desk.drop(desk.window.work.objects, desk.bottom(), [tmp_path / "big.bin"])
    await desk.answer("Upload")
    groups = desk.parts.transfers
    await desk.until(lambda: groups.groups and groups.groups[0].status.bytes_done > 20 << 20, "half of it is sent")
    assert any("MiB/s" in text or "MB/s" in text for text in desk.words(desk.window.work.panel))
    await desk.act(desk.window.close)
    await desk.press("accept", await desk.dialog("Quit"))
    await desk.until(lambda: not desk.window.isVisible(), "the window is closed")
    desk.leave()
    assert either.stored() == []
    (unfinished,) = either.client.list_multipart_uploads(Bucket=either.bucket)["Uploads"]
    await desk.start()
    await desk.notice("1 object uploaded")
    status = desk.parts.transfers.groups[0].status
    assert status.bytes_moved < 30 << 20, "what was there was not sent again"
    assert either.read("big.bin") == body
    assert "Uploads" not in either.client.list_multipart_uploads(Bucket=either.bucket)
    assert unfinished["Key"] == "big.bin"
    await desk.stop()


def _line(desk: Desk, name: str) -> QModelIndex:
    """Where an object stands in the panel: in a group that is opened for that, or as a group of its own."""
    tree = desk.window.work.panel.tree
    model = tree.model()
    for row in range(model.rowCount()):
        group = model.index(row, 0)
        if group.data() == name:
            return group
        if model.hasChildren(group):
            tree.expand(group)
        for line in range(model.rowCount(group)):
            if model.index(line, 0, group).data() == name:
                return model.index(line, 0, group)
    return QModelIndex()


def _state(desk: Desk, name: str) -> str:
    """What the transfers say of an object; nothing when it is not among them."""
    found = _line(desk, name)
    return str(found.siblingAtColumn(STATE).data()) if found.isValid() else ""


async def _act(desk: Desk, name: str, action: str) -> None:
    """Click what the last column offers for an object."""
    tree = desk.window.work.panel.tree
    await desk.until(
        lambda: _line(desk, name).siblingAtColumn(ACTION).data(Qt.ItemDataRole.AccessibleTextRole) == action, f"{action} {name}"
    )
    index = _line(desk, name).siblingAtColumn(ACTION)
    tree.scrollTo(index)
    await desk.click(tree.viewport(), tree.visualRect(index).center())
