"""The program's transfers beside its peers', in one run, alternating, on a store that keeps no bytes.

    python tests/bench/transfer_peers.py [--peers DIR] [--rounds 5] [--only up-2gib] [--folder DIR]

The store is that of ``peers.py``, and so is where s5cmd and rclone are looked for; rclone gets 32 transfers at once, its
default of 4 being slower. Ours is ``transfer.py``: its ``seconds`` run from the user's last word to the end, the peers' are
those of the whole process. Every part of ours is proven by MD5; downloads have an ETag that is no MD5, which no client can
compare with. ``--folder`` is where files are made and downloaded to (by default the system's temporary folder).

Prints a line for each run and, as its last line, one JSON object: for each case the medians in seconds and ``speed``, ours
as a multiple of the best peer's (above 1: faster).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from peers import HERE, KEYS, build, nullstore  # type: ignore[import-not-found] # beside this file

LARGE, SMALL, MANY = 2 << 30, 10 << 10, 5000
DELETED = 100_000
CASES = {
    "up-2gib": 0,
    "down-2gib": 0,
    "up-5000x10kb": 0,
    "down-5000x10kb": 0,
    "up-5000x10kb-20ms": 20,
    "down-5000x10kb-20ms": 20,
    "delete-100000": 0,
}


class Bench:
    """One case: what is moved, and the commands that move it."""

    def __init__(self, case: str, endpoint: str, folder: Path, peers: str) -> None:
        self.case, self.endpoint, self.folder = case, endpoint, folder
        self._turn = 0
        self._found = {
            name: shutil.which(name, path=f"{peers}{os.pathsep}{os.environ['PATH']}") for name in ("s5cmd", "rclone")
        }
        self._remote = f":s3,provider=Other,endpoint='{endpoint}',access_key_id=bench,secret_access_key=bench:bench"
        self._large, self._small = folder / "large.bin", folder / "small"
        if case == "up-2gib" and not self._large.exists():
            with self._large.open("wb") as file:
                for _ in range(LARGE >> 24):
                    file.write(os.urandom(1 << 24))
        if "5000" in case and not self._small.exists():
            self._small.mkdir()
            for n in range(MANY):
                (self._small / f"f{n:05}.bin").write_bytes(os.urandom(SMALL))
        if case.startswith("down-5000"):
            fill(endpoint, "many/", MANY, SMALL)

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, env=os.environ | KEYS, stdout=subprocess.PIPE, check=True, text=True)
        return done.stdout

    def runners(self) -> dict[str, Callable[[], float]]:
        """What is run in turn."""
        self._turn += 1
        prefix = f"turn{self._turn}"
        chosen: dict[str, Callable[[], float]] = {"ours": lambda: self._ours(f"{prefix}-ours/")}
        if self._found["s5cmd"]:
            chosen["s5cmd"] = lambda: self._s5cmd(f"{prefix}-s5cmd/")
        if self._found["rclone"]:
            chosen["rclone"] = lambda: self._rclone(f"{prefix}-rclone/")
        return chosen

    def _fresh(self) -> Path:
        """A new folder. What was fetched before goes at the end: ext4 looks long for inodes where many files just went."""
        target = Path(tempfile.mkdtemp(prefix="got", dir=self.folder))
        if "2gib" in self.case:
            for old in self.folder.glob("got*/*"):
                old.unlink()
        os.sync()
        return target

    def _source(self) -> Path:
        return self._large if "2gib" in self.case else self._small

    def _ours(self, prefix: str) -> float:
        command = [sys.executable, str(HERE / "transfer.py")]
        common = ["--endpoint", self.endpoint, "--bucket", "bench"]
        if self.case.startswith("up"):
            command += ["upload", *common, "--prefix", prefix, "--source", str(self._source())]
        elif self.case.startswith("down"):
            what = f"zeros-{LARGE}" if "2gib" in self.case else "many/"
            command += ["download", *common, "--prefix", what, "--dest", str(self._fresh())]
        else:
            fill(self.endpoint, prefix)
            command += ["delete", *common, "--prefix", prefix]
        told = json.loads(self._run(command).splitlines()[-1])
        print(self.case, json.dumps(told), flush=True)
        return float(told["seconds"])

    def _timed(self, command: list[str]) -> float:
        begin = time.perf_counter()
        self._run(command)
        return time.perf_counter() - begin

    def _s5cmd(self, prefix: str) -> float:
        tool = [self._found["s5cmd"] or "", "--endpoint-url", self.endpoint]
        if self.case.startswith("up"):
            source = str(self._large) if "2gib" in self.case else f"{self._small}/*"
            return self._timed([*tool, "cp", source, f"s3://bench/{prefix}"])
        if self.case.startswith("down"):
            what = f"zeros-{LARGE}" if "2gib" in self.case else "many/*"
            return self._timed([*tool, "cp", f"s3://bench/{what}", f"{self._fresh()}/"])
        fill(self.endpoint, prefix)
        return self._timed([*tool, "rm", f"s3://bench/{prefix}*"])

    def _rclone(self, prefix: str) -> float:
        tool = [
            self._found["rclone"] or "",
            "--config",
            os.devnull,
            "--transfers",
            "32",
            "--checkers",
            "32",
            "--s3-no-check-bucket",
        ]
        if self.case.startswith("up"):
            return self._timed([*tool, "copy", str(self._source()), f"{self._remote}/{prefix}"])
        if self.case.startswith("down"):
            what = f"zeros-{LARGE}" if "2gib" in self.case else "many"
            return self._timed([*tool, "copy", f"{self._remote}/{what}", str(self._fresh())])
        fill(self.endpoint, prefix)
        return self._timed([*tool, "delete", f"{self._remote}/{prefix}"])


def fill(endpoint: str, prefix: str, count: int = DELETED, size: int = 0) -> None:
    """Put objects below a prefix without Content-MD5, which gives them an ETag that is no MD5 (the store keeps no bytes).

    Many requests in one go: the store needs no answer to be read before the next one.
    """
    place, together = urlsplit(endpoint), 100
    with socket.create_connection((place.hostname, place.port)) as connection, connection.makefile("rb") as answers:
        for at in range(0, count, together):
            connection.sendall(
                b"".join(
                    f"PUT /bench/{prefix}k{n:06} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {size}\r\n\r\n".encode()
                    + bytes(size)
                    for n in range(at, at + together)
                )
            )
            blank = 0
            while blank < together:
                blank += answers.readline() == b"\r\n"


def compare(program: Path, case: str, rounds: int, peers: str, folder: Path) -> dict[str, float]:
    """One case: the medians in seconds, and our speed as a multiple of the best peer's."""
    taken: dict[str, list[float]] = {}
    with nullstore(program, 1, CASES[case]) as endpoint:
        bench = Bench(case, endpoint, folder, peers)
        for _ in range(rounds):
            for name, run in bench.runners().items():
                taken.setdefault(name, []).append(run())
                print(case, name, round(taken[name][-1], 2), flush=True)
    medians = {name: statistics.median(runs) for name, runs in taken.items()}
    best = min(seconds for name, seconds in medians.items() if name != "ours")
    return {f"{name}_s": round(seconds, 2) for name, seconds in medians.items()} | {"speed": round(best / medians["ours"], 2)}


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Our transfers beside those of s5cmd and rclone.")
    parser.add_argument("--nullstore", type=Path, help="a built nullstore")
    parser.add_argument("--peers", default="", help="the folder that has s5cmd and rclone, when they are not on PATH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=CASES)
    parser.add_argument("--folder", type=Path, help="where files are made and downloaded to")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        program = arguments.nullstore or build(Path(folder))
        cases = arguments.only or CASES
        results = {case: compare(program.absolute(), case, arguments.rounds, arguments.peers, Path(folder)) for case in cases}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
