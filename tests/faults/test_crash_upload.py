"""S29, S33 and S36: the program is killed, or stopped, at the worst moments of uploads.

Every object is there, whole, and no part is left. What was proven is not sent again: the bytes over the wire are counted.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.crash import SLACK, Program, Proxy, files, many, objects, sums, unfinished, write
from faults.rig import BUCKET, PART, SIZE, content
from faults.server import Action, Exchange, FaultServer, Logged
from journeys.conftest import Place

from cloudtemple_browser.transfers.run import PARTS_AT_ONCE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

REAL = bool(os.environ.get("CTB_REAL_TIME"))  # as long as the scorecard says
MANY = 10_000
POINTS = (
    "upload-batch-noted",
    "upload-file-sent",
    "upload-intended",
    "upload-created",
    "upload-noted",
    "upload-part-sent",
    "upload-part-proven",
    "upload-completing",
    "upload-completed",
)
ON_CEPH = ("upload-created", "upload-part-proven", "upload-completed")


@pytest.mark.parametrize(
    ("program", "point"),
    [*(("modern", point) for point in POINTS), *(("strict", point) for point in ON_CEPH)],
    indirect=["program"],
)
@pytest.mark.scenario("S29", "killed at each crash point of an upload", seconds=60)
def test_an_upload_outlives_a_crash(program: Program, point: str, again: Any) -> None:
    place, wanted = program.place, files()
    write(program.folder, wanted)
    theirs = place.client.create_multipart_upload(Bucket=place.bucket, Key="top/big")["UploadId"]
    program.folder /= "top"
    with Proxy(place.endpoint) as proxy:
        program.crash(proxy.endpoint, "upload", point)
    found = objects(place)
    assert all(found[key] == sums(wanted)[key] for key in found), "under its key an object is whole"
    kept = sum(len(wanted[key]) for key in found) + sum(unfinished(place).values())
    total = sum(len(body) for body in wanted.values())
    with Proxy(place.endpoint) as proxy:
        told = program.finish(proxy.endpoint)
    assert (told["done"], told["failed"]) == (len(wanted), 0), program.log()
    assert objects(place) == sums(wanted)
    assert unfinished(place) == {theirs: 0}, "ours is gone, and theirs is left alone"
    assert proxy.up <= max(0, total - kept) + SLACK, f"{proxy.up} bytes sent, where {kept} of {total} were there"
    again(max(0, proxy.up - SLACK - max(0, total - kept)))


@pytest.fixture
def here(server: FaultServer, tmp_path: Path) -> Iterator[Program]:
    """The program on the fault server."""
    for sub in ("profile", "folder"):
        (tmp_path / sub).mkdir()
    client = server.client()
    yield Program(Place(server.endpoint, server.user, BUCKET, client), tmp_path / "profile", tmp_path / "folder")
    client.close()


def kills(program: subprocess.Popen[str], *, done: bool) -> Action:
    """The program dies while it waits for this answer: after it is ``done``, or before."""

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        if done:
            exchange.answer()
        program.send_signal(signal.SIGKILL)
        exchange.reset()

    return act


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObject"])
@pytest.mark.scenario("S29", "killed at each crash point of an upload", seconds=60)
def test_an_upload_outlives_a_crash_between_request_and_answer(
    here: Program, server: FaultServer, operation: str, done: bool, again: Any
) -> None:
    wanted = files()
    write(here.folder, wanted)
    here.folder /= "top"
    with here.started(server.endpoint, "upload") as program:
        server.fault(kills(program, done=done), operation, skip=operation == "UploadPart", times=1)
        program.wait(30)
    told = here.finish(server.endpoint)
    assert (told["done"], told["failed"]) == (len(wanted), 0), here.log()
    assert {key: server.store.body(BUCKET, key) for key in server.store.keys(BUCKET)} == wanted
    assert not server.store.buckets[BUCKET].uploads
    more = sum(one.received for one in server.asked("UploadPart", "PutObject")) - sum(map(len, wanted.values()))
    again(max(0, more - SLACK))
    # What was on its way besides, half a part each, died with the program: what had arrived is not sent again.
    arrived = Counter((one.key, one.number) for one in server.asked("UploadPart", "PutObject") if one.committed)
    assert sum(arrived.values()) - len(arrived) <= 1, arrived
    assert more <= PARTS_AT_ONCE * PART + SLACK, f"{more} bytes sent again"


@pytest.mark.scenario("S33", "10,000 small files, killed five times at random", seconds=240)
def test_many_small_files_outlive_being_killed_at_any_moment(here: Program, server: FaultServer, again: Any) -> None:
    wanted = many(MANY)
    write(here.folder, wanted)
    here.folder /= "top"
    deaths = sorted(random.Random("upload").sample(range(1, MANY - 200), 5))
    count, lock = 0, threading.Lock()
    running: list[subprocess.Popen[str]] = []

    def kill(log: Logged) -> Action | None:
        nonlocal count
        if log.operation == "PutObject":
            with lock:
                count += 1
                if deaths and count >= deaths[0]:
                    deaths.pop(0)
                    running[-1].send_signal(signal.SIGKILL)
        return None

    server.weather = kill
    order = "upload"
    while deaths:
        with here.started(server.endpoint, order) as program:
            running.append(program)
            assert program.stdout
            program.stdout.read()  # until it is dead
        order = ""
    told = here.finish(server.endpoint)
    assert (told["done"], told["failed"]) == (MANY, 0), here.log()
    assert {key: server.store.body(BUCKET, key) for key in server.store.keys(BUCKET)} == wanted
    stored = Counter(one.key for one in server.asked("PutObject") if one.committed)
    assert stored.keys() == wanted.keys()
    twice = [key for key, times in stored.items() if times > 1]
    again(sum(len(wanted[key]) for key in twice))
    assert len(twice) <= 5, f"what is there is not sent again, but {twice}"


def family(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it looks for child processes in /proc")
@pytest.mark.scenario("S36", "suspended for 90 s (scaled), and its connections are gone", seconds=200 if REAL else 110)
def test_an_upload_outlives_a_suspended_machine(here: Program, server: FaultServer, again: Any) -> None:
    wanted = {"top/big": content(SIZE + 2 * PART), **{f"top/{n}": content(1000, n) for n in range(20)}}
    write(here.folder, wanted)
    here.folder /= "top"
    held = threading.Event()

    def under_way(exchange: Exchange) -> None:
        held.set()
        exchange.stream.rest(600)

    server.fault(under_way, "UploadPart", skip=2, times=1)
    with here.started(server.endpoint, "upload") as program:
        assert held.wait(30)
        processes = family(program.pid)
        assert len(processes) > 1
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        server.hang_up()
        threading.Event().wait(90 if REAL else 3)
        for pid in processes:
            os.kill(pid, signal.SIGCONT)
        woken = time.monotonic()
        out, _ = program.communicate(timeout=60)
        assert time.monotonic() - woken <= 30.0, "without anybody's help"
    told = json.loads(out.splitlines()[-1])
    assert (told["done"], told["failed"]) == (len(wanted), 0), here.log()
    assert {key: server.store.body(BUCKET, key) for key in server.store.keys(BUCKET)} == wanted
    assert not server.store.buckets[BUCKET].uploads
    more = sum(one.received for one in server.asked("UploadPart", "PutObject")) - sum(map(len, wanted.values()))
    again(max(0, more - SLACK))
    assert more <= PART + SLACK
    assert server.count("AbortMultipartUpload") == 0
