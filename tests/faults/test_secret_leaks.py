"""S59: after a full run of the program at its most talkative, and a crash, the secret key is nowhere but in the keyring."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from persistence.canary import CANARY, holders, within
from servers.ministack import Ministack
from servers.s3 import User
from servers.secret_service import PrivateBus, SecretService, need_dbus

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("secret_program.py")
WAIT = 60  # seconds for what takes one


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """MiniStack with the canary as its user's secret key, in a folder that is not searched."""
    server = Ministack(tmp_path_factory.mktemp("store"))
    server.user = User("AKCANARY", CANARY)
    with server:
        yield server


@pytest.mark.scenario("S59", "full run at the highest log level, then a crash: the secret is nowhere", seconds=180)
def test_the_secret_is_nowhere(store: Ministack, tmp_path: Path) -> None:
    need_dbus()
    for name in ("home", "tmp", "cwd", "run", "target"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "upload.txt").write_text("uploaded")
    store.make_bucket("bucket")
    store.client().put_object(Bucket="bucket", Key="a.txt", Body=b"a")
    told = {
        "profile": str(tmp_path / "profile"),
        "endpoint": store.endpoint,
        "key": store.user.access_key,
        "secret": CANARY,
        "bucket": "bucket",
        "upload": str(tmp_path / "upload.txt"),
        "target": str(tmp_path / "target"),
    }
    with PrivateBus() as bus, SecretService(bus.address) as keyring, (tmp_path / "stderr").open("wb") as errors:
        program = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", str(PROGRAM)],
            env=_environment(tmp_path, bus.address),
            cwd=tmp_path / "cwd",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        with program:
            try:
                said = _tell(program, json.dumps(told))
                assert json.loads(said or b"{}") == {"done": True}, (tmp_path / "stderr").read_text()
                assert list(keyring.secrets().values()) == [CANARY]
                _look_at_processes(program.pid)
                said += _crash(program)
            finally:
                program.kill()
    assert within(said, CANARY) == []
    crash = (tmp_path / "profile" / "state" / "crash.log").read_text()
    assert "Segmentation fault" in crash
    assert (tmp_path / "target" / "a.txt").read_bytes() == b"a"
    assert holders(tmp_path, CANARY) == []
    assert not list(tmp_path.rglob("core*"))


def _environment(home: Path, bus: str) -> dict[str, str]:
    """A home of its own, so that whatever is written anywhere is found."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "DISPLAY": os.environ.get("DISPLAY", ""),
        "LANG": "C.UTF-8",
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "DBUS_SESSION_BUS_ADDRESS": bus,
    }


def _tell(program: subprocess.Popen[bytes], order: str) -> bytes:
    """Give the order, and wait for the first line of the answer."""
    assert program.stdin
    assert program.stdout
    program.stdin.write(order.encode() + b"\n")
    program.stdin.flush()
    return program.stdout.readline()


def _crash(program: subprocess.Popen[bytes]) -> bytes:
    """Abort an engine process, then break the program; what it still says, once all of them are gone."""
    family = _family(program.pid)
    os.kill(family[-1], signal.SIGABRT)
    program.send_signal(signal.SIGSEGV)
    left, _ = program.communicate(timeout=WAIT)
    assert program.returncode == -signal.SIGSEGV
    end, pause = time.monotonic() + WAIT, threading.Event()
    while any(Path(f"/proc/{process}").exists() for process in family):
        assert time.monotonic() < end, "a process outlives the program"
        pause.wait(0.05)
    return left


def _look_at_processes(program: int) -> None:
    """What /proc shows of the program and of each process that it started."""
    family = _family(program)
    assert len(family) > 1
    for process in family:
        folder = Path(f"/proc/{process}")
        limit = next(line for line in (folder / "limits").read_text().splitlines() if line.startswith("Max core file size"))
        assert limit.split()[4] in ("0", "1"), limit
        for name in ("cmdline", "environ"):
            assert within(_read(folder / name), CANARY) == [], name
        for file in _opened(folder / "fd"):
            assert within(_read(file), CANARY) == [], f"{file} -> {file.readlink()}"


def _opened(descriptors: Path) -> list[Path]:
    """The files that a process holds open, also those that have no name any more; nothing where it hides them."""
    try:
        return [one for one in descriptors.iterdir() if one.is_file() and not one.readlink().is_relative_to(sys.prefix)]
    except OSError:
        return []


def _read(path: Path) -> bytes:
    """A file of /proc; a process may hide it from everybody but root, which is as good as empty."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _family(program: int) -> list[int]:
    """A process and all that it started, the eldest first."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
    found = [program]
    for one in found:
        found.extend(sorted(child for child, parent in parents.items() if parent == one))
    return found
