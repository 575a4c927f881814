"""The program as a process of its own that dies at the worst moments, behind a proxy that counts the bytes of each run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from faults.crash_program import PART
from journeys.conftest import Place
from servers.process import LOOPBACK

from cloudtemple_browser.transfers.crash import AT

TESTS = Path(__file__).resolve().parents[1]
SLACK = 1 << 20  # bytes of all headers, lists and answers of a run
LIMIT = 180.0  # seconds that a run may take
PARTS, LAST = 6, 12345  # of the large file: how many parts, and the bytes of the last one


class Proxy:
    """Passes bytes between the program and a server, and counts them: ``up`` to the server, ``down`` from it."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._server = (parts.hostname or "", parts.port or 80)
        self.up = self.down = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self.endpoint = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for pair in ((client, server, "up"), (server, client, "down")):
                    thread = threading.Thread(target=self._pass, args=pair, daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _pass(self, source: socket.socket, target: socket.socket, way: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 18):
                with self._lock:
                    setattr(self, way, getattr(self, way) + len(data))
                target.sendall(data)
        for end in (source, target):  # the program died, or has enough: the other direction ends, too
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()


@dataclass(slots=True)
class Program:
    """The program with a profile and a folder of its own, against one bucket."""

    place: Place
    profile: Path
    folder: Path
    prefix: str = ""
    keys: tuple[str, ...] = ()
    hasty: bool = False  # waits are short: where faults are many, and the test is not about waiting

    @contextmanager
    def started(self, endpoint: str, order: str, point: str = "") -> Iterator[subprocess.Popen[str]]:
        """Start it. With ``point`` it dies there."""
        env = {name: value for name, value in os.environ.items() if name != AT}
        env |= {"PYTHONPATH": os.pathsep.join((str(TESTS.parent), str(TESTS)))} | ({AT: point} if point else {})
        told = {
            "endpoint": endpoint,
            "key": self.place.user.access_key,
            "secret": self.place.user.secret_key,
            "bucket": self.place.bucket,
            "profile": str(self.profile),
            "folder": str(self.folder),
            "prefix": self.prefix,
            "order": order,
            "keys": self.keys,
            "hasty": self.hasty,
        }
        command = (sys.executable, "-m", "faults.crash_program")
        with (self.profile.parent / "program.log").open("a") as log:
            program = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        assert program.stdin
        assert program.stdout
        try:
            program.stdin.write(json.dumps(told) + "\n")
            program.stdin.flush()
            yield program
        finally:
            program.kill()
            program.wait()
            program.stdin.close()
            program.stdout.close()

    def crash(self, endpoint: str, order: str, point: str) -> None:
        """Let it die at a crash point."""
        with self.started(endpoint, order, point) as program:
            out, _ = program.communicate(timeout=LIMIT)
            assert program.returncode == -signal.SIGKILL, f"{out[-500:]}{self.log()}"

    def finish(self, endpoint: str, order: str = "") -> dict[str, Any]:
        """Start it again and let it end by itself; what became of everything."""
        with self.started(endpoint, order) as program:
            try:
                out, _ = program.communicate(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                pytest.fail(f"it does not end: {self.log()}")
            assert program.returncode == 0, self.log()
            told: dict[str, Any] = json.loads(out.splitlines()[-1])
            return told

    def kill_at_random(self, endpoint: str, order: str, chance: random.Random) -> bool:
        """Kill it some moments after it began to work; whether that came before its end."""
        with self.started(endpoint, order) as program:
            assert program.stdout
            assert program.stdout.readline(), self.log()
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(chance.uniform(0.05, 1.5))
                return False
            program.send_signal(signal.SIGKILL)
            return True

    def log(self) -> str:
        """The end of what it said."""
        return (self.profile.parent / "program.log").read_text()[-4000:]

    def noted_parts(self) -> set[int]:
        """The numbers of the parts that the journal knows."""
        with contextlib.closing(sqlite3.connect(self.profile / "transfers.sqlite3")) as db:
            return {number for (number,) in db.execute("SELECT number FROM parts")}


def files() -> dict[str, bytes]:
    """A few files, one of six parts."""
    chance = random.Random(1)
    return {
        "top/big": chance.randbytes((PARTS - 1) * PART + LAST),
        "top/part": chance.randbytes(PART),
        "top/sub/small": chance.randbytes(100_000),
        "top/sub/one": b"1",
        "top/none": b"",
    }


def many(count: int) -> dict[str, bytes]:
    """Small files in twenty folders, some of them empty."""
    return {f"top/{n % 20:02}/{n:05}": f"{n} ".encode() * (n % 50) for n in range(count)}


def write(folder: Path, found: dict[str, bytes]) -> None:
    """Write files by their paths below a folder."""
    for name, body in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)


def sums(found: dict[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each."""
    return {name: hashlib.sha256(body).hexdigest() for name, body in found.items()}


def tree(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, temporary files too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def objects(place: Place) -> dict[str, str]:
    """The SHA-256 of each object."""
    return sums({key: place.read(key) for key in place.stored()})


def unfinished(place: Place) -> dict[str, int]:
    """The unfinished uploads, by id, and how many bytes the store has of each."""
    found = {}
    for one in place.client.list_multipart_uploads(Bucket=place.bucket).get("Uploads", ()):
        answer = place.client.list_parts(Bucket=place.bucket, Key=one["Key"], UploadId=one["UploadId"])
        found[one["UploadId"]] = sum(part["Size"] for part in answer.get("Parts", ()))
    return found


@pytest.fixture
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """The program, on MiniStack unless the parameter names another place."""
    name = request.param if hasattr(request, "param") else "modern"
    for sub in ("profile", "folder"):
        (tmp_path / sub).mkdir()
    return Program(request.getfixturevalue(name), tmp_path / "profile", tmp_path / "folder")
