from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cloudtemple_browser.persistence.paths import AppPaths, private_folder


def test_a_root_holds_everything(tmp_path: Path) -> None:
    paths = AppPaths(tmp_path)
    folders = {paths.config, paths.state, paths.data}
    assert len(folders) == 3
    assert all(folder.parent == tmp_path for folder in folders)
    assert paths.connections_file.parent == paths.settings_file.parent == paths.config
    assert list(tmp_path.iterdir()) == []  # asking makes nothing


@pytest.mark.skipif(sys.platform != "linux", reason="the variables of the XDG base directories")
def test_the_platform_chooses_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    paths = AppPaths()
    assert paths.config == tmp_path / "CONFIG" / "cloudtemple-browser"
    assert paths.state.is_relative_to(tmp_path / "STATE" / "cloudtemple-browser")
    assert paths.data == tmp_path / "DATA" / "cloudtemple-browser"


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_folders_are_made_for_this_user_only(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    made = private_folder(shared / "a" / "b")
    assert [path.stat().st_mode & 0o777 for path in (shared, shared / "a", made)] == [0o755, 0o700, 0o700]
    assert private_folder(made) == made
