"""S66: a quarter of all requests goes wrong in some way, and the program is killed again and again."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import actions
from faults.crash import Program, tree, write
from faults.scorecard import SOAK
from faults.server import Action, Exchange, FaultServer, Logged
from journeys.conftest import Place

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

SHARE = 0.25  # of the requests: what Dell's own client injects in its tests
FILES, LARGE = 60, 12 << 20
ATTEMPTS = 40  # of a person who presses Retry
SEED = int(os.environ.get("CTB_SEED", "1"))
LIMIT = float(os.environ.get(SOAK, "60"))


class Weather:
    """Chooses what goes wrong with a request, from a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.counts: dict[str, int] = {}

    def __call__(self, log: Logged) -> Action | None:
        if self._chance.random() >= SHARE:
            return None
        name, action = self._chance.choice(self._possible(log))
        self.counts[name] = self.counts.get(name, 0) + 1
        return action

    def _possible(self, log: Logged) -> list[tuple[str, Action]]:
        possible: list[tuple[str, Action]] = [
            ("500", actions.says(500, "InternalError")),
            ("503", actions.says(503, "SlowDown")),
            ("reset", actions.reset),
            ("done, reset", actions.committed_reset),
            ("done, 500", actions.after(actions.says(500, "InternalError"))),
            ("portal", actions.portal),
            ("empty", actions.replies(200, b"")),
            ("late", actions.stall(0.3)),
            ("redirect", actions.redirects("http://portal.invalid/")),
        ]
        if log.operation == "GetObject":
            possible += [
                ("flip", self._flip),
                ("cut", self._cut),
                ("no length", self._cut_without_length),
                ("range ignored", actions.ignores("range")),
                ("no ETag", actions.with_headers("ETag")),
                ("other ETag", actions.with_headers(ETag='"0123456789abcdef0123456789abcdef"')),
            ]
        if log.operation in ("PutObject", "UploadPart"):
            possible += [("no ETag", actions.with_headers("ETag")), ("reset while sending", self._reset_while_sending)]
        return possible

    def _place(self, exchange: Exchange) -> int:
        return self._chance.randrange(max(1, len(exchange.answer().body)))

    def _flip(self, exchange: Exchange) -> None:
        if len(exchange.answer().body):
            actions.flip(self._place(exchange))(exchange)
        else:
            exchange.send(exchange.answer())

    def _cut(self, exchange: Exchange) -> None:
        actions.cut_at(self._place(exchange))(exchange)

    def _cut_without_length(self, exchange: Exchange) -> None:
        actions.cut_at(self._place(exchange), length=False)(exchange)

    def _reset_while_sending(self, exchange: Exchange) -> None:
        size = int(exchange.request.headers.get("content-length", "0"))
        actions.reset_while_sending(self._chance.randrange(size + 1))(exchange)


@pytest.fixture
def place() -> Iterator[tuple[FaultServer, Place]]:
    """A bucket on a fault server."""
    with FaultServer() as server:
        server.store.add_bucket("bucket")
        yield server, Place(server.endpoint, server.user, "bucket", server.client())


class Soak:
    """Rounds of the same work, each with its own files and program."""

    def __init__(self, server: FaultServer, place: Place, folder: Path) -> None:
        self._server, self._place, self._folder = server, place, folder
        self.transfers = self.kills = 0

    def run(self, number: int) -> None:
        """Upload a folder, download it, delete a half: everything is right after it."""
        chance = random.Random(number)
        files = {f"r{number}/{n % 5}/{n:03}é": chance.randbytes(chance.choice((0, 1, 5000, 60_000))) for n in range(FILES)}
        files[f"r{number}/large"] = chance.randbytes(LARGE)
        source = self._folder / f"up{number}"
        write(source, files)
        self._work("upload", source / f"r{number}", number, chance)
        store = self._server.store
        assert {key: _sum(store.body("bucket", key)) for key in self._keys(number)} == {k: _sum(b) for k, b in files.items()}
        target = self._folder / f"down{number}"
        target.mkdir()
        self._work("download", target, number, chance)
        assert {name: _sum(body) for name, body in tree(target).items()} == {name: _sum(body) for name, body in files.items()}
        doomed = tuple(sorted(files)[::2])
        while left := tuple(key for key in doomed if key in self._keys(number)):
            self._work("delete", target, number, chance, left)
        assert self._keys(number) == sorted(set(files) - set(doomed))
        self.transfers += 2 * len(files)

    def _keys(self, number: int) -> list[str]:
        return [key for key in self._server.store.keys("bucket") if key.startswith(f"r{number}/")]

    def _work(self, order: str, folder: Path, number: int, chance: random.Random, keys: tuple[str, ...] = ()) -> None:
        profile = self._folder / f"{order}{number}-{len(keys)}-{self.kills}"
        profile.mkdir(exist_ok=True)
        program = Program(self._place, profile, folder, f"r{number}/", keys, hasty=True)
        if program.kill_at_random(self._place.endpoint, order, chance):
            self.kills += 1
            if chance.random() < 0.5 and program.kill_at_random(self._place.endpoint, "", chance):
                self.kills += 1
        told = program.finish(self._place.endpoint)
        for _ in range(ATTEMPTS):
            if not told["refused"]:
                return
            told = program.finish(self._place.endpoint, "retry")
        pytest.fail(f"{order}: {told}")


def _sum(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.mark.scenario("S66", "soak: a quarter of the requests fails, random kills", seconds=LIMIT + 300)
def test_soak(place: tuple[FaultServer, Place], tmp_path: Path) -> None:
    server, where = place
    untouched = {f"kept/{n}": b"%d" % n for n in range(50)}
    for key, body in untouched.items():
        server.store.add("bucket", key, body)
    server.weather = weather = Weather(SEED)
    soak, end, number = Soak(server, where, tmp_path), time.monotonic() + LIMIT, 0
    while number == 0 or time.monotonic() < end:
        soak.run(number)
        number += 1
    assert not server.store.buckets["bucket"].uploads, "orphans"
    assert {key: server.store.body("bucket", key) for key in server.store.keys("bucket") if key in untouched} == untouched
    assert {key.split("/")[0] for key in server.store.keys("bucket")} == {"kept", *(f"r{n}" for n in range(number))}
    assert len(weather.counts) > 8
    assert soak.kills
