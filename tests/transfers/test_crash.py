"""Killed at any of its crash points, a download goes on with what it has, and is never a wrong file under a right name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.memory_store import md5_hex
from transfers.crash_child import BODY, ETAG, NEW, REF, filled_store
from transfers.local_tree import tree

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.transfers.crash import AT, PROCESS, crash_point
from cloudtemple_browser.transfers.destination import Place
from cloudtemple_browser.transfers.work_download import CheckParts, FetchPart, Prepare, Publish

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")
TESTS = Path(__file__).resolve().parents[1]
HALVES = ((0, 2500), (2500, 2500))


def crash(what: str, folder: Path, point: str) -> str:
    """Let a process die at a crash point; what it said before."""
    env = os.environ | {AT: point, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))}
    command = (sys.executable, str(TESTS / "transfers/crash_child.py"), what, str(folder))
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return ended.stdout.strip()


@pytest.mark.parametrize(
    ("point", "kept"),
    [
        ("download-part-created", 0),
        ("download-part-written", 1),
        ("download-verified", 2),
        ("download-synced", 2),
        ("download-renamed", 2),
    ],
)
def test_a_download_goes_on_after_a_crash(tmp_path: Path, point: str, kept: int) -> None:
    identity = crash("download", tmp_path, point)
    store, place = filled_store(), Place(tmp_path, (), "a", "owner")
    assert tree(tmp_path).get("a") == (BODY if point == "download-renamed" else None)
    ready = Prepare(place, ETAG, 5000, NEW, fresh=False, identity=identity).run(store, CallControl())
    assert bool(ready.published) == (point == "download-renamed")
    if ready.published is None:
        assert ready.found
        told = tuple((start, length, md5_hex(BODY[start : start + length])) for start, length in HALVES)
        assert CheckParts(place, ETAG, told).run(store, CallControl()) == (kept > 0, kept > 1)
        for half in HALVES[kept:]:
            FetchPart(REF, place, ETAG, *half).run(store, CallControl())
        Publish(place, ETAG, 5000, NEW, md5=ETAG, identity=ready.identity).run(store, CallControl())
    assert tree(tmp_path) == {"a": BODY}
    assert store.count("read_range") == (2 - kept)


def test_an_upload_dies_after_the_answer(tmp_path: Path) -> None:
    assert crash("upload", tmp_path, "upload-part-sent") == ""
    assert crash("upload", tmp_path, "upload-file-sent") == "1"


def test_the_program_dies_with_its_engine_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE) as program:
        monkeypatch.setenv(PROCESS, str(program.pid))
        crash("upload", tmp_path, "upload-file-sent")
        assert program.wait(30) == -signal.SIGKILL


def test_nothing_happens_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AT, raising=False)
    crash_point("download-renamed")
    monkeypatch.setenv(AT, "upload-file-sent")
    crash_point("download-renamed")
