"""Folder sizes, the storage view and the export of the list, on a real server."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from journeys.conftest import Place
from journeys.desk import Desk
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QTableView

from cloudtemple_browser.ui.dialogs.storage import StorageWindow
from cloudtemple_browser.ui.views.treemap import Treemap

OBJECTS = {
    "photos/2025/a.jpg": b"x" * 4000,
    "photos/2026/b.jpg": b"x" * 3000,
    "photos/cover.png": b"x" * 500,
    "logs/one.log": b"x" * 1500,
    "=cmd.csv": b"x" * 100,
    "readme.txt": b"x" * 50,
}


async def begin(desk: Desk, place: Place) -> None:
    place.put_all(OBJECTS)
    await desk.start()
    await desk.connect("Lab", place.endpoint, place.user.access_key, place.user.secret_key, bucket=place.bucket)
    await desk.listed("photos", "logs", "=cmd.csv", "readme.txt")


async def test_sizes_and_the_storage_view(desk: Desk, place: Place) -> None:
    await begin(desk, place)
    await desk.select("photos")
    await desk.keys("Alt+Shift+Return")
    await desk.until(lambda: desk.text("size-amount") == "3 objects, 7.50 KB", "the folder is counted")
    assert desk.text("size-state").startswith("Counted today")
    await desk.select("logs")
    assert desk.text("size-state") == "What folders hold is not counted yet."
    await desk.press("size-act")
    await desk.until(lambda: desk.text("size-amount") == "1 object, 1.50 KB", "the other one is counted")
    await desk.select("photos")
    assert desk.text("size-amount") == "3 objects, 7.50 KB"

    # The whole bucket, with a click into a folder.
    await desk.keys("Escape")
    await desk.click(desk.window.work.objects.viewport(), desk.bottom())
    await desk.until(lambda: desk.parts.app.state.selection.rows == 0, "nothing is selected")
    await desk.keys("Ctrl+Shift+S")
    window = await storage_of(desk, place.bucket)
    await desk.until(lambda: rows(desk, window) == ["photos", "logs", "Directly here"], "the folders show, largest first")
    assert desk.text("storage-amount", window) == "6 objects, 9.15 KB"
    await desk.press("storage-extension", window)
    await desk.until(lambda: rows(desk, window) == [".jpg", ".log", ".png", ".csv", ".txt"], "the extensions show")
    await desk.press("storage-folder", window)
    chart = desk.find(Treemap, "treemap", window)
    box = next(one.box for one in chart.placed if one.tile.key == "photos/")
    await desk.act(lambda: QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(int(box.x) + 20, int(box.y) + 8)))
    await desk.listed("2025", "2026", "cover.png")
    await desk.until(lambda: rows(desk, window) == ["2025", "2026", "Directly here"], "the view follows")
    await desk.press("storage-arrow-left", window)
    await desk.listed("photos", "logs", "=cmd.csv", "readme.txt")
    assert rows(desk, window) == ["photos", "logs", "Directly here"]
    await desk.keys("Escape", target=window)
    await desk.until(lambda: not any(isinstance(one, StorageWindow) for one in desk.dialogs()), "the view is closed")

    # What is deleted is not in a size that is shown afterwards.
    await desk.front()
    await desk.select("logs")
    await desk.keys("Delete")
    await desk.answer("Delete")
    await desk.listed("photos", "=cmd.csv", "readme.txt")
    await desk.until(lambda: desk.parts.app.state.selection.rows == 0, "nothing is selected")
    await desk.until(
        lambda: desk.text("size-state") == "What is below here is not counted yet.", "the size is not known any more"
    )
    await desk.stop()


async def storage_of(desk: Desk, bucket: str) -> QDialog:
    window = await desk.dialog(f"Storage of s3://{bucket}/")
    assert isinstance(window, StorageWindow)
    return window


def rows(desk: Desk, window: QDialog) -> list[str]:
    model = desk.find(QTableView, "storage-list", window).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


async def test_export(desk: Desk, place: Place, tmp_path: Path) -> None:
    await begin(desk, place)
    await desk.keys("Ctrl+Shift+X")
    await desk.choose_path(tmp_path / "all.csv")
    await desk.notice("4 rows exported to all.csv")
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [line[0] for line in lines] == ["key", *(shown_key(name) for name in desk.names())]
    assert [line[2] for line in lines if line[0] == "readme.txt"] == ["50"]
    await desk.select("readme.txt", "=cmd.csv")
    await desk.menu("list.export")
    await desk.choose_path(tmp_path / "some.jsonl")
    await desk.notice("2 selected rows exported to some.jsonl")
    found = [json.loads(line) for line in (tmp_path / "some.jsonl").read_text("utf-8").splitlines()]
    assert sorted(one["key"] for one in found) == ["=cmd.csv", "readme.txt"]
    assert {one["s3_uri"] for one in found} == {f"s3://{place.bucket}/=cmd.csv", f"s3://{place.bucket}/readme.txt"}
    assert files(tmp_path) == ["all.csv", "some.jsonl"]
    await desk.stop()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def shown_key(name: str) -> str:
    """The key as the CSV has it: folders with their delimiter, formulas defused."""
    return {"photos": "photos/", "logs": "logs/", "=cmd.csv": "'=cmd.csv"}.get(name, name)
