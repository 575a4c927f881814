"""The wheel and the source archive, built for real, without a network."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from cloudtemple_browser import __version__

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "cloudtemple_browser",
    "packaging",
    "resources",
    "tests",
    ".ci",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "pyproject.toml",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both archives, built from a copy of the sources."""
    source = tmp_path_factory.mktemp("source")
    target = tmp_path_factory.mktemp("built")
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def wheel(built: Path) -> zipfile.ZipFile:
    """The wheel, open."""
    (path,) = built.glob("*.whl")
    assert path.name == f"cloudtemple_browser-{__version__}-py3-none-any.whl"
    return zipfile.ZipFile(path)


def files(folder: str) -> set[str]:
    """The files of a folder of the sources, as an archive names them."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_the_wheel_has_the_program_and_its_resources_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    with wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == files("cloudtemple_browser") | {f"cloudtemple_browser/{name}" for name in files("resources")}
    assert any(name.endswith(".svg") for name in names)


def test_the_wheel_tells_what_it_is(wheel: zipfile.ZipFile) -> None:
    info = f"cloudtemple_browser-{__version__}.dist-info"
    with wheel:
        metadata = wheel.read(f"{info}/METADATA").decode()
        entries = configparser.ConfigParser()
        entries.read_string(wheel.read(f"{info}/entry_points.txt").decode())
        assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert "\nLicense-Expression: MIT\n" in metadata
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert entries["console_scripts"]["cloudtemple-browser"] == "cloudtemple_browser.__main__:main"
    assert entries["gui_scripts"]["cloudtemple-browser-gui"] == "cloudtemple_browser.__main__:main"


def test_the_wheel_starts(built: Path, tmp_path: Path) -> None:
    """Unpacked elsewhere, the program finds its own version without the sources."""
    (path,) = built.glob("*.whl")
    shutil.unpack_archive(path, tmp_path, "zip")
    script = "import cloudtemple_browser as c; from cloudtemple_browser.__main__ import main; print(c.__version__, c.__file__)"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [__version__, str(tmp_path / "cloudtemple_browser" / "__init__.py")], done.stderr


def test_the_source_archive_has_all(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {name for part in PARTS for name in (files(part) if (ROOT / part).is_dir() else {part})}
    assert wanted <= names
