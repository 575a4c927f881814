"""The set-up script: what it decides, with real processes where it starts some."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "packaging" / "dev.py"


@pytest.fixture
def dev() -> ModuleType:
    """The script as a module, fresh for each test."""
    spec = importlib.util.spec_from_file_location("dev_script", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_can_read_it() -> None:
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 8))


def test_it_needs_the_standard_library_only() -> None:
    nodes = [node for node in ast.walk(ast.parse(SCRIPT.read_text("utf-8"))) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {(node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name for node in nodes}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_ci_calls_nothing_else() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ['cd "$(dirname "$0")/.." && exec python3 packaging/dev.py test']


def test_the_lock_of_the_core_has_everything_but_qt(dev: ModuleType) -> None:
    whole = (ROOT / "packaging" / "requirements-test.txt").read_text()
    core = dev.without(whole, dev.NO_QT)
    names = {line.partition("==")[0] for line in whole.splitlines() if "==" in line and line[0].isalpha()}
    left = {line.partition("==")[0] for line in core.splitlines() if "==" in line and line[0].isalpha()}
    assert names - left == set(dev.NO_QT)
    assert core.startswith(whole[: whole.index("ast-serialize")])  # the comment and the options
    assert core.count("--hash") < whole.count("--hash")


def test_only_what_is_missing_is_named(dev: ModuleType, tmp_path: Path) -> None:
    there = tmp_path / "font.ttf"
    there.touch()
    tools = {"python3": sys.executable, "fonts": str(there), "nothing": "no-such-command", "no-font": str(tmp_path / "none")}
    assert dev.missing_tools(tools) == ["nothing", "no-font"]


@pytest.mark.skipif(sys.platform != "linux", reason="system packages are Linux's")
def test_whoever_may_not_install_gets_the_line(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(dev.Stop) as stop:
        dev.need(["libegl1", "libgl1"], "Qt needs something.")
    line = "sudo apt-get update && sudo apt-get install --no-install-recommends libegl1 libgl1"
    assert str(stop.value).splitlines() == [
        "Qt needs something.",
        "Install what is missing, then start this again:",
        f"  {line}",
    ]
    dev.need([], "nothing")


@pytest.mark.skipif(not (shutil.which("ldd") and sys.platform == "linux"), reason="the loader of Linux is asked")
def test_a_library_that_is_not_there_is_found(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real plugin of Qt, with one of the libraries that it names renamed to one that does not exist."""
    real = next((ROOT / ".venv").glob("lib/python3*/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so"), None)
    if real is None:
        pytest.skip("Qt is not in .venv")
    folder = tmp_path / "lib" / "python3.11" / "site-packages" / "PySide6" / "Qt" / "plugins" / "platforms"
    folder.mkdir(parents=True)
    (folder / "libqxcb.so").write_bytes(real.read_bytes().replace(b"libxcb-cursor.so.0\0", b"libxcb-cursxx.so.0\0"))
    monkeypatch.setattr(dev, "VENV", tmp_path)
    assert "libxcb-cursxx0" in dev.missing_libraries()


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libEGL.so.1", "libegl1"),
        ("libX11.so.6", "libx11-6"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libgssapi_krb5.so.2", "libgssapi-krb5-2"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ],
)
def test_the_package_of_a_library(dev: ModuleType, library: str, package: str) -> None:
    assert dev.package_of(library) == package


def test_what_failed_before_is_told_above_the_last_line(dev: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    script = "print('first'); print('== 3 passed =='); raise SystemExit(4)"
    assert dev.pytest_last([sys.executable, "-c", script], dict(os.environ), ["mypy"]) == 4
    assert capfd.readouterr().out.splitlines() == ["first", "-- FAILED before: mypy", "== 3 passed =="]


def test_a_step_shows_its_output_only_when_it_failed(dev: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    assert dev.passes("good", [sys.executable, "-c", "print('quiet')"])
    assert not dev.passes("bad", [sys.executable, "-c", "print('loud'); raise SystemExit(1)"])
    lines = capfd.readouterr().out.splitlines()
    assert [line.partition(" (")[0] for line in lines if line] == ["-- good: passed", "loud", "-- bad: FAILED"]


def test_a_failed_step_fails_the_whole(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest itself passes here (it only shows its version)."""
    for name in ("install", "prepare_system"):
        monkeypatch.setattr(dev, name, lambda *_, **__: None)
    monkeypatch.setattr(dev, "tool", lambda *_: sys.executable)
    assert dev.test(["--version"], with_ceph=False) == 0
    monkeypatch.setattr(dev, "check", lambda _: ["mypy"])
    monkeypatch.setattr(dev, "pytest_last", lambda _command, _environment, _failed: 0)
    assert dev.test([], with_ceph=False) == 1


def test_an_installed_lock_is_not_installed_again(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    empty, part = "# nothing to install\n", "# nothing either\n"
    dev.install(dev.VENV, empty, holds=[part])
    config = dev.VENV / "pyvenv.cfg"
    made = config.stat().st_mtime_ns
    log = (dev.VENV / ".locks").read_text()
    dev.install(dev.VENV, empty)
    dev.install(dev.VENV, part)
    assert (config.stat().st_mtime_ns, (dev.VENV / ".locks").read_text()) == (made, log)
    monkeypatch.setattr(dev, "SOUND", dev.SOUND.replace(str(sys.version_info[:2]), "(3, 99)"))  # called with another Python
    dev.install(dev.VENV, empty)
    assert config.stat().st_mtime_ns != made
    with pytest.raises(dev.Stop):
        dev.install(dev.VENV, "unhashed==1.0\n")
    assert not (dev.VENV / ".locks").exists()


@pytest.mark.skipif(not shutil.which("Xvfb"), reason="Xvfb is not installed")
def test_a_screen_of_its_own(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")
    monkeypatch.setenv("DISPLAY", ":77777")
    with dev.display() as environment:
        assert environment["QT_QPA_PLATFORM"] == "xcb"
        assert environment["DISPLAY"] != ":77777"
        assert "WAYLAND_DISPLAY" not in environment
        socket = Path("/tmp/.X11-unix", "X" + environment["DISPLAY"][1:])  # noqa: S108 - where X servers listen
        assert socket.exists()
    assert not socket.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has displays to miss")
def test_no_display_is_said(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("install", "need"):
        monkeypatch.setattr(dev, name, lambda *_: None)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(dev.Stop, match="no display"):
        dev.run([])
    monkeypatch.setattr(subprocess, "call", lambda *_, **__: 0)
    assert dev.run(["--help"]) == 0


@pytest.mark.parametrize(
    ("typed", "started"),
    [([], ["--demo"]), (["--no-demo"], []), (["--no-demo", "--debug"], ["--debug"]), (["a b"], ["--demo", "a b"])],
)
def test_arguments_are_passed_on(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, typed: list[str], started: list[str]
) -> None:
    seen: list[list[str]] = []

    def started_command(command: list[str], cwd: Path) -> int:
        assert cwd == ROOT
        seen.append(command[1:])
        return 7

    for name in ("install", "need"):
        monkeypatch.setattr(dev, name, lambda *_: None)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(subprocess, "call", started_command)
    assert dev.run(typed) == 7
    assert seen == [["-m", "cloudtemple_browser", *started]]
