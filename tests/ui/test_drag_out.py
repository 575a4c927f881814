"""Drags out of the list begin when the files are there, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app.rig import BUCKET, World, until
from fakes.engine import ended, status
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.commands import hand_out
from cloudtemple_browser.model.transfers import Direction, DownloadRequest
from cloudtemple_browser.ui.views import drag_out
from cloudtemple_browser.ui.views.drag_out import DragOut, clipboard_data, file_data
from cloudtemple_browser.ui.views.object_view import ObjectView, dropped_paths

LEFT = Qt.MouseButton.LeftButton
Drags = list[tuple[tuple[Path, ...], Qt.DropAction]]


@pytest.fixture
def drags(monkeypatch: pytest.MonkeyPatch) -> Drags:
    """What was dragged, with the actions that were offered; each drag ends at once."""
    found: Drags = []

    class Recorded(QDrag):
        def exec(self, *actions: Any) -> Qt.DropAction:
            found.append((dropped_paths(self.mimeData()), actions[0]))
            return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(drag_out, "QDrag", Recorded)
    return found


@pytest.fixture
def view(world: World, qtbot: QtBot) -> Iterator[ObjectView]:
    """A list that can be dragged from."""
    view = ObjectView(world.app.listing, world.background)
    qtbot.addWidget(view)
    out = DragOut(view, world.app, lambda run: world.background.spawn(awaited(run(world.app))))
    view.drag_wanted.connect(out.begin)
    view.selection_sized.connect(world.app.select)
    view.resize(900, 600)
    view.show()
    yield view
    view.release()


async def awaited(work: Any) -> None:
    await work


async def shown(world: World, view: ObjectView, *keys: str) -> None:
    """A list of these objects, the first one selected."""
    for key in keys:
        world.store.add(BUCKET, key, key.encode())
    await world.open()
    await until(lambda: view.table.rowCount() == len(keys))
    world.shell.selected = [keys[0]]
    view.selectRow(0)


def press_and_drag(view: ObjectView) -> None:
    start = view.visualRect(view.table.index(0, 0)).center()
    QTest.mousePress(view.viewport(), LEFT, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(view.viewport(), start + QPoint(0, 20 * step))


def release(view: ObjectView) -> None:
    QTest.mouseRelease(view.viewport(), LEFT, pos=view.visualRect(view.table.index(0, 0)).center())


def carry_out(world: World) -> None:
    """Download what was asked for last, as the engine does."""
    request = world.engine.requests[-1]
    assert isinstance(request, DownloadRequest)
    for entry in request.keys:
        (request.target / entry.key).write_text(entry.key)
    world.engine.tell(ended(status(len(world.engine.requests), Direction.DOWNLOAD, place="x", done=len(request.keys))))


def selected(view: ObjectView) -> list[str]:
    return [view.table.rows.key(row) for row in view.selected_rows()]


async def test_a_drag_begins_by_itself_while_the_button_is_held(world: World, view: ObjectView, drags: Drags) -> None:
    await shown(world, view, "a", "b", "c")
    press_and_drag(view)
    await until(lambda: world.engine.requests)
    assert world.shell.notice == "Getting 1 item ready: keep the button held, or drag again once they are ready"
    assert drags == []
    assert selected(view) == ["a"]  # the mouse that is held selects nothing
    carry_out(world)
    await until(lambda: drags)
    (((path,), actions),) = drags
    assert path.read_text() == "a"
    assert actions == Qt.DropAction.CopyAction
    release(view)
    assert selected(view) == ["a"]


async def test_after_the_button_was_let_go_the_next_drag_is_instant(world: World, view: ObjectView, drags: Drags) -> None:
    await shown(world, view, "a", "b")
    press_and_drag(view)
    release(view)
    await until(lambda: world.engine.requests)
    press_and_drag(view)  # impatient: nothing is downloaded twice
    release(view)
    carry_out(world)
    await until(lambda: world.shell.notice == "Ready: drag them out now")
    assert drags == []
    press_and_drag(view)
    assert len(drags) == 1  # within the mouse's own event
    assert len(world.engine.requests) == 1
    release(view)
    press_and_drag(view)
    assert len(drags) == 2
    release(view)


async def test_something_else_is_dragged_meanwhile(world: World, view: ObjectView, drags: Drags) -> None:
    await shown(world, view, "a", "b")
    press_and_drag(view)
    release(view)
    await until(lambda: world.engine.requests)
    world.shell.selected = ["b"]
    press_and_drag(view)
    carry_out(world)
    await until(lambda: world.shell.notice == "Ready: drag them out now")
    assert drags == []  # the button is held for b
    await until(lambda: len(world.engine.requests) == 2)
    carry_out(world)
    await until(lambda: drags)
    assert drags[0][0][0].name == "b"
    release(view)


async def test_too_much_is_not_dragged(world: World, view: ObjectView, drags: Drags, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_out, "MOST", 1)
    await shown(world, view, "a", "b")
    world.shell.selected = ["a", "b"]
    press_and_drag(view)
    release(view)
    assert "too much to drag" in world.shell.notice
    assert drags == []
    assert world.engine.requests == []


async def test_a_list_that_is_gone_drags_nothing(world: World, view: ObjectView, drags: Drags, qapp: QApplication) -> None:
    await shown(world, view, "a")
    other = ObjectView(world.app.listing, world.background)
    out = DragOut(other, world.app, lambda run: world.background.spawn(awaited(run(world.app))))
    out.begin()
    await until(lambda: world.engine.requests)
    other.release()
    other.deleteLater()
    notices = len(world.shell.notices)
    destroyed: list[bool] = []
    other.destroyed.connect(lambda: destroyed.append(True))
    await until(lambda: destroyed)
    carry_out(world)
    await until(lambda: ("remove", 1, ()) in world.engine.orders)
    await until(lambda: not world.background._tasks)
    assert len(world.shell.notices) == notices
    assert drags == []


async def test_buckets_are_not_dragged(world: World, view: ObjectView, drags: Drags) -> None:
    await world.open(bucket="")
    await until(lambda: view.table.rowCount() == 1)
    assert not view.table.index(0, 0).flags() & Qt.ItemFlag.ItemIsDragEnabled
    press_and_drag(view)
    release(view)
    assert world.shell.notices == []
    assert drags == []


def kept(data: QMimeData, kind: str) -> bytes:
    return bytes(data.data(kind).data())


def test_files_in_the_formats_that_file_managers_read(tmp_path: Path) -> None:
    paths = [tmp_path / "ünï #1%.txt", tmp_path / "plain"]
    dragged, copied = file_data(paths), clipboard_data(paths)
    assert dragged.formats() == ["text/uri-list"]
    assert dropped_paths(dragged) == dropped_paths(copied) == tuple(paths)
    assert kept(copied, "text/uri-list").decode().split() == [path.as_uri() for path in paths]
    assert kept(copied, "x-special/gnome-copied-files").decode() == "\n".join(["copy", *(path.as_uri() for path in paths)])
    assert kept(copied, "application/x-kde-cutselection") == b"0"
