from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.persistence.session_folder import SessionFolder

CRASH = """
import os, sys
from pathlib import Path
from cloudtemple_browser.persistence.session_folder import SessionFolder
folder = SessionFolder(Path(sys.argv[1])).new()
(folder / "secret.txt").write_text("x")
print(folder, flush=True)
sys.stdin.readline()
os._exit(1)
"""


def test_nothing_is_made_before_it_is_needed_and_nothing_stays(tmp_path: Path) -> None:
    session = SessionFolder(tmp_path)
    assert not session.holds(tmp_path)
    assert list(tmp_path.iterdir()) == []
    first, second = session.new(), session.new()
    assert first != second
    assert first.parent == second.parent
    assert session.holds(first / "x")
    (first / "x").write_text("x")
    session.remove()
    session.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_nobody_else_may_look_inside(tmp_path: Path) -> None:
    session = SessionFolder(tmp_path)
    folder = session.new()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    session.remove()


def test_what_a_crashed_session_left_goes_and_what_a_living_one_uses_stays(tmp_path: Path) -> None:
    mine = SessionFolder(tmp_path)
    kept = mine.new()
    child = subprocess.Popen(
        [sys.executable, "-c", CRASH, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    left = Path(child.stdout.readline().strip())
    assert mine.foreign(left / "secret.txt")
    assert not mine.foreign(kept)
    mine.sweep()
    assert (left / "secret.txt").is_file()  # its process lives
    child.communicate("\n")
    assert left.is_dir()
    mine.sweep()
    assert list(tmp_path.iterdir()) == [kept.parent]
    mine.remove()


def test_sweeping_touches_nothing_that_only_has_the_name(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "in-use").touch()
    (tmp_path / "cloudtemple-browser-link").symlink_to(other, target_is_directory=True)
    (tmp_path / "cloudtemple-browser-file").write_text("x")
    (tmp_path / "cloudtemple-browser-mine").mkdir()  # nothing in it says that it is a session's
    before = sorted(tmp_path.rglob("*"))
    session = SessionFolder(tmp_path)
    session.sweep()
    assert sorted(tmp_path.rglob("*")) == before
    assert not session.foreign(tmp_path)
    assert not session.foreign(other / "x")
    assert not session.foreign(Path("cloudtemple-browser-x"))


def test_a_folder_that_was_cleared_away_is_made_again(tmp_path: Path) -> None:
    session = SessionFolder(tmp_path)
    first = session.new()
    first.rmdir()
    (first.parent / "in-use").unlink()
    first.parent.rmdir()
    assert session.new().is_dir()
    session.remove()


def test_no_room_for_it_is_told_in_our_words(tmp_path: Path) -> None:
    with pytest.raises(BrowserError):
        SessionFolder(tmp_path / "missing").new()
