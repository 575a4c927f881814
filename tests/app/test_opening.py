"""What is downloaded and opened: only a file that is there, and a question first where that may run something."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from app.rig import World

from cloudtemple_browser.app.commands.open_file import open_file
from cloudtemple_browser.app.opening import Opening, folder_shown, look

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="modes and links")


def made(path: Path, body: bytes = b"text") -> Path:
    path.write_bytes(body)
    return path


async def test_a_text_opens_at_once(world: World, tmp_path: Path) -> None:
    path = made(tmp_path / "a.txt")
    await open_file(world.app, path)
    assert world.shell.told == [("open_file", path)]
    assert not world.shell.asked


@pytest.mark.parametrize(("name", "body"), [("a.exe", b""), ("b.desktop", b"[Desktop Entry]"), ("c.jpg", b"#!/bin/sh")])
@pytest.mark.parametrize("answer", [True, False])
async def test_a_program_is_asked_about(world: World, tmp_path: Path, name: str, body: bytes, answer: bool) -> None:
    path = made(tmp_path / name, body)
    world.shell.answer("open", answer)
    await open_file(world.app, path)
    assert world.shell.asked == [("open", Opening(path, path.suffix, runs=True))]
    assert world.shell.told == [("open_file", path)] * answer


async def test_what_is_gone_or_has_no_program_is_told(world: World, tmp_path: Path) -> None:
    await open_file(world.app, tmp_path / "a.txt")
    assert world.shell.notice == "“a.txt” is not there any more as it was downloaded"
    assert not world.shell.told
    world.shell.opens = False
    await open_file(world.app, made(tmp_path / "b.txt"))
    assert world.shell.notice == "No program was found that opens “b.txt”"


@posix_only
def test_what_may_be_executed_runs(tmp_path: Path) -> None:
    path = made(tmp_path / "a.txt")
    assert look(path) == Opening(path, ".txt", runs=False)
    path.chmod(0o755)
    assert look(path) == Opening(path, ".txt", runs=True)


@posix_only
def test_only_a_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(made(tmp_path / "a.txt"))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder", "nothing"):
        assert look(tmp_path / name) is None


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("out/a.txt", "out"),
        ("out/b/c/a.txt", "out/b/c"),
        ("out/evil.app/Contents/MacOS/run", "out"),
        ("out/b/Evil.APP/x", "out/b"),
        ("elsewhere/a.txt", "elsewhere"),
    ],
)
def test_no_folder_that_is_a_program_is_entered(path: str, shown: str) -> None:
    assert folder_shown(Path(path), Path("out")) == Path(shown)
