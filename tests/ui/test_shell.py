"""The window as the use cases see it: what it tells when the system does not do what it is asked for."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from app.rig import World, until
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from cloudtemple_browser.app.shell import ExportQuestion, Notice
from cloudtemple_browser.ui import shell
from cloudtemple_browser.ui.i18n import say, set_language
from cloudtemple_browser.ui.shell import WindowShell

pytestmark = pytest.mark.usefixtures("english")


class Desk:
    """A shell without its window. ``opened`` are the folders that the system was asked to show, which it does if ``opens``."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[Path] = []
        self.notices: list[str] = []
        self.looked: list[threading.Thread] = []
        self.opens = True
        work = SimpleNamespace(window=None, app=world.app, notices=SimpleNamespace(show_notice=self._notice))
        self.shell = WindowShell(cast("Any", work))
        monkeypatch.setattr(QDesktopServices, "openUrl", self._open)
        is_there = os.path.isdir

        def look(path: Path) -> bool:
            self.looked.append(threading.current_thread())
            return is_there(path)

        monkeypatch.setattr(os.path, "isdir", look)

    def _notice(self, notice: Notice) -> None:
        self.notices.append(str(notice.text))

    def _open(self, url: QUrl) -> bool:
        self.opened.append(Path(url.toLocalFile()))
        return self.opens


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(world, monkeypatch)


async def test_a_folder_is_shown(desk: Desk, tmp_path: Path) -> None:
    desk.shell.open_folder(tmp_path)
    await until(lambda: desk.opened)
    assert desk.opened == [tmp_path]
    assert desk.notices == []
    assert threading.main_thread() not in desk.looked  # a network disk may be slow to answer


async def test_a_folder_that_is_gone_is_told(desk: Desk, tmp_path: Path) -> None:
    desk.shell.open_folder(tmp_path / "gone")
    await until(lambda: desk.notices)
    assert desk.notices == [f"The folder “{tmp_path / 'gone'}” is not there"]
    assert desk.opened == []


async def test_a_system_that_shows_no_folders_is_told(desk: Desk, tmp_path: Path) -> None:
    desk.opens = False
    desk.shell.open_folder(tmp_path)
    await until(lambda: desk.notices)
    assert desk.notices == [f"No program was found that shows “{tmp_path}”"]


@pytest.mark.usefixtures("qapp")
def test_what_is_exported_is_told_by_its_number() -> None:
    titles = [shell._export_title(ExportQuestion(rows, "list.csv")) for rows in (1, 2)]
    assert [say(title) for title in titles] == ["Export the row shown", "Export the 2 rows shown"]
    set_language("fr")
    assert [say(title) for title in titles] == ["Exporter la ligne affichée", "Exporter les 2 lignes affichées"]
