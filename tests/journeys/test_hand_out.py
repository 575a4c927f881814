"""Files out of the window: dragged into another program, and pasted there."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from journeys.conftest import Place
from journeys.desk import Desk
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.ui.views.object_view import dropped_paths

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CORNER = QPoint(4, 4)  # of the screen, where the other program's window is


class Other:
    """Another program, and what it said."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("drop_target.py")
        command = [sys.executable, str(script), str(CORNER.x()), str(CORNER.y())]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.lines.append(line.rstrip("\n"))

    def said(self, word: str) -> list[str]:
        return [line for line in self.lines if line.split(" ")[0] == word]

    @property
    def files(self) -> list[Path]:
        return [Path(line.removeprefix("file ")) for line in self.said("file")]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()


@pytest.fixture
def other() -> Iterator[Callable[[], Other]]:
    """Starts the other program."""
    begun: list[Other] = []

    def start() -> Other:
        begun.append(Other())
        return begun[-1]

    yield start
    for one in begun:
        one.close()


class Mouse:
    """The mouse as the window system tells of it: also outside the window, and while a drag is under way."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        handle = desk.window.windowHandle()
        assert handle is not None
        self._handle = handle
        self._at = QPoint()

    async def press(self, name: str) -> None:
        """Press the button on a row of the list."""
        row = await self._desk.row_center(name)
        self._at = self._desk.window.work.objects.viewport().mapTo(self._desk.window, QPoint(60, row.y()))
        await self._desk.act(lambda: QTest.mousePress(self._handle, LEFT, NONE, self._at))

    def move(self, by: QPoint) -> None:
        """Move, without waiting: a drag that begins in the handler lasts until the button is let go."""
        self._at = self._at + by
        self._desk.begin(partial(QTest.mouseMove, self._handle, self._at))

    async def move_to(self, place: QPoint, done: Callable[[], object]) -> None:
        """Go to a place on the screen, and tremble there until something has happened."""
        self._at = self._handle.mapFromGlobal(place)
        steps = itertools.count()

        def tremble() -> bool:
            if done():
                return True
            self.move(QPoint(1 - 2 * (next(steps) % 2), 0))
            return False

        await self._desk.until(tremble, "the mouse gets there")

    def release(self) -> None:
        """Let the button go, without waiting."""
        self._desk.begin(lambda: QTest.mouseRelease(self._handle, LEFT, NONE, self._at))


def begin_drag(mouse: Mouse) -> None:
    for _ in range(4):
        mouse.move(QPoint(8, 2))


@pytest.mark.skipif(sys.platform != "linux", reason="the window system's drag is driven on X11 only")
async def test_dragged_into_another_program(desk: Desk, modern: Place, other: Callable[[], Other]) -> None:
    if QGuiApplication.platformName() != "xcb":
        pytest.skip("a drag between programs needs a window system")
    modern.put_all({"ünï cödé #1%.txt": b"hello", "d/1": b"one", "d/e/2": b"two", "z": b"z"})
    await desk.start()
    await desk.connect("Lab", modern.endpoint, modern.user.access_key, modern.user.secret_key)
    await desk.sidebar(modern.bucket)
    await desk.click_sidebar(modern.bucket)
    await desk.listed("d", "ünï cödé #1%.txt", "z")
    await desk.select("d", "ünï cödé #1%.txt")
    selected = sorted(desk.parts.app.shell.selected_rows())
    program = other()
    await desk.until(lambda: program.said("shown"), "the other window shows")

    # The button stays down: the drag begins by itself as soon as the files are there.
    mouse = Mouse(desk)
    await mouse.press("d")
    begin_drag(mouse)
    await mouse.move_to(CORNER + QPoint(60, 60), lambda: len(program.said("over")) > 1)
    mouse.release()
    await desk.until(lambda: program.said("dropped"), "the files are dropped")
    folder, file = program.files
    assert (file.name, file.read_bytes()) == ("ünï cödé #1%.txt", b"hello")
    assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {
        "1": b"one",
        "e/2": b"two",
    }
    assert program.said("actions") == ["actions CopyAction"]
    assert sorted(desk.parts.app.shell.selected_rows()) == selected
    await desk.until(lambda: not desk.parts.transfers.groups, "the list has nothing to tell of it")

    # Let go too soon: the drag waits for the second try, which is instant.
    await desk.select("z")
    mouse = Mouse(desk)
    await mouse.press("z")
    begin_drag(mouse)
    mouse.release()
    await desk.notice("Ready: drag them out now")

    # Onto the own list, and there onto a folder: nothing happens, and nothing of it is uploaded.
    uploads: list[object] = []
    desk.window.work.objects.dropped.connect(lambda *dropped: uploads.append(dropped))
    await mouse.press("z")
    begin_drag(mouse)
    view = desk.window.work.objects.viewport()
    folder_row = view.mapToGlobal(await desk.row_center("d"))
    await mouse.move_to(folder_row, lambda: QApplication.overrideCursor() is not None)
    mouse.release()
    await desk.until(lambda: QApplication.overrideCursor() is None, "the drag has ended")
    assert uploads == []

    program.lines.clear()
    await mouse.press("z")
    begin_drag(mouse)
    await mouse.move_to(CORNER + QPoint(60, 60), lambda: len(program.said("over")) > 1)
    mouse.release()
    await desk.until(lambda: program.said("dropped"), "the file is dropped")
    (dropped,) = program.files
    assert dropped.read_bytes() == b"z"

    await desk.stop()
    assert not any(path.exists() for path in (folder, file, dropped))


async def test_copied_and_pasted(desk: Desk, modern: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    modern.put_all({"d/1": b"one", "run.sh": b"#!/bin/sh", "other/": b""})
    await desk.start()
    await desk.connect("Lab", modern.endpoint, modern.user.access_key, modern.user.secret_key)
    await desk.sidebar(modern.bucket)
    await desk.click_sidebar(modern.bucket)
    await desk.listed("d", "other", "run.sh")
    told: list[str] = []
    bar = desk.window.work.notices
    show = bar.show_notice

    def note(notice: Notice) -> None:
        told.append(str(notice.text))
        show(notice)

    monkeypatch.setattr(bar, "show_notice", note)
    await desk.select("d", "run.sh")
    await desk.keys("Ctrl+Alt+C")
    await desk.notice("2 items can be pasted in other programs")
    assert told == ["Getting 2 items ready to be pasted", "2 items can be pasted in other programs, until this one ends"]
    data = QGuiApplication.clipboard().mimeData()
    folder, script = dropped_paths(data)
    assert (folder / "1").read_bytes() == b"one"
    assert not script.stat().st_mode & 0o111  # what comes from a store is never made to run
    lines = bytes(data.data("x-special/gnome-copied-files").data()).decode().splitlines()
    assert lines == ["copy", folder.as_uri(), script.as_uri()]
    assert bytes(data.data("application/x-kde-cutselection").data()) == b"0"

    # Pasted into another folder of a store they are uploaded there.
    await desk.enter("other")
    await desk.listed()
    await desk.keys("Ctrl+V")
    await desk.answer("Upload")
    await desk.until(lambda: "other/run.sh" in modern.stored() and "other/d/1" in modern.stored(), "they are stored")
    await desk.notice("uploaded")
    await desk.stop()
    assert not folder.parent.exists()
