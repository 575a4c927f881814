"""The lock files: exact, hashed, for every platform, of one resolution, and without an address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {name: (ROOT / "packaging" / name).read_text() for name in ("requirements.txt", "requirements-test.txt")}
PINNED = re.compile(r"^(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9][\w.]*)(?P<marker> ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pins(lock: str) -> dict[str, tuple[str, list[str]]]:
    """Each package's version and hashes; a line that is neither a pin nor a hash is refused."""
    found: dict[str, tuple[str, list[str]]] = {}
    hashes: list[str] = []
    for line in lock.splitlines():
        if line.startswith("#") or line in ("", "--only-binary :all:"):
            continue
        if pin := PINNED.match(line):
            assert pin["name"] not in found, "two versions of one package"
            hashes = []
            found[pin["name"]] = (pin["version"], hashes)
        else:
            assert HASH.match(line), line
            hashes.append(line)
    return found


def direct(*extras: str) -> set[str]:
    """The names that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(item for extra in extras for item in project["optional-dependencies"][extra])]
    return {re.split(r"[^A-Za-z0-9-]", item)[0].lower() for item in wanted}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_exact_and_hashed(name: str) -> None:
    found = pins(LOCKS[name])
    assert len(found) > 20
    assert [package for package, (_, hashes) in found.items() if not hashes] == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_and_no_path(name: str) -> None:
    assert "://" not in LOCKS[name]
    assert "index-url" not in LOCKS[name]
    assert "find-links" not in LOCKS[name]
    assert str(ROOT) not in LOCKS[name]


def test_wheels_only() -> None:
    """Building from a source archive would fetch and run packages that no hash covers."""
    assert all("\n--only-binary :all:\n" in lock for lock in LOCKS.values())


def test_the_run_lock_is_part_of_the_test_lock() -> None:
    run, test = (pins(LOCKS[name]) for name in ("requirements.txt", "requirements-test.txt"))
    assert {package: test.get(package) for package in run} == run


def test_the_locks_have_what_the_project_asks_for() -> None:
    run, test = (set(pins(LOCKS[name])) for name in ("requirements.txt", "requirements-test.txt"))
    assert direct("demo") <= run
    assert direct("demo", "test") <= test
    assert not (direct("test") - direct()) & run


def test_one_qt_that_is_sound_on_every_python() -> None:
    """6.12.0 ends with "bool_dealloc" on Python 3.11."""
    run = pins(LOCKS["requirements.txt"])
    assert run["pyside6-essentials"][0] == run["shiboken6"][0] != "6.12.0"


@pytest.mark.parametrize("name", ["cryptography", "shiboken6", "pyside6-essentials", "pyyaml"])
def test_hashes_of_many_platforms(name: str) -> None:
    """A lock made for one machine would have one hash for each of these."""
    assert len(pins(LOCKS["requirements-test.txt"])[name][1]) >= 4
