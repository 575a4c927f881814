"""S01 to S13 and S16 to S19: downloads. A file appears under its name when it is whole, and not before."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from faults import actions, odd_child
from faults.rig import BUCKET, PART, SIZE, SLACK, FaultRig, content
from faults.server import Exchange, FaultServer
from transfers import rig as rigs

from cloudtemple_browser.app.transfer_words import job_state, waiting_words
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, JobStatus
from cloudtemple_browser.s3 import http
from cloudtemple_browser.transfers.local_file import stamp
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.workers.pool import Pool

BODY = content(SIZE)
OTHER = content(SIZE, seed=1)
LAST = SIZE - PART  # where the last part starts


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The folder to download into."""
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def seen(target: Path) -> dict[str, str]:
    """The SHA-256 of what is under its own name."""
    found = (path for path in target.iterdir() if not path.name.endswith(".part"))
    return {path.name: sha256(path.read_bytes()) for path in found}


def partial(target: Path) -> list[Path]:
    """The temporary files."""
    return [path for path in target.iterdir() if path.name.endswith(".part")]


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def begun(rig: FaultRig, target: Path, body: bytes = BODY, **more: Any) -> int:
    """Store the object "a" and begin to download it; returns the group."""
    rig.server.store.add(BUCKET, "a", body, **more)
    return rig.download(target, "a")


def whole(rig: FaultRig, group: int, target: Path, body: bytes = BODY, *, verified: bool = True) -> JobStatus:
    """It is done, with exactly these bytes, and nothing else is in the folder."""
    job = rig.done(group)
    assert seen(target) == {"a": sha256(body)}
    assert partial(target) == []
    assert job.verified is verified
    return job


def none(rig: FaultRig, group: int, target: Path, kind: ErrorKind) -> BrowserError:
    """It failed in this way, and nothing is under its name."""
    error = rig.failed(group, kind)
    assert seen(target) == {}
    return error


def well_again(rig: FaultRig, group: int, target: Path, body: bytes = BODY) -> None:
    """Nothing goes wrong any more, and the user tries again."""
    rig.server.clear()
    rig.engine.retry(group)
    rig.ended(group, 2)
    whole(rig, group, target, body)


def fetched(server: FaultServer) -> int:
    """The bytes that all answers to GetObject took on the wire."""
    return sum(one.sent for one in server.asked("GetObject"))


def starts(server: FaultServer) -> list[int]:
    """The first bytes of all ranges that were asked for, in order."""
    return sorted(one.start for one in server.asked("GetObject"))


EACH_ONCE = [0, PART, 2 * PART, 3 * PART]


# ------------------------------------------------------------------------------------------------ what the store gives


@pytest.mark.scenario("S01", "Range ignored (200 full)", seconds=30)
@pytest.mark.parametrize("start", [None, 0, PART, LAST])
def test_range_ignored(rig: FaultRig, target: Path, start: int | None) -> None:
    rig.server.fault(actions.ignores("range"), "GetObject", start=start)
    group = begun(rig, target)
    none(rig, group, target, ErrorKind.NOT_S3)
    well_again(rig, group, target)


@pytest.mark.scenario("S01", "Range ignored (200 full)", seconds=30)
@pytest.mark.parametrize("size", [1, PART])
def test_range_ignored_for_the_whole_object(rig: FaultRig, target: Path, size: int) -> None:
    rig.server.fault(actions.ignores("range"), "GetObject")
    group = begun(rig, target, BODY[:size])
    whole(rig, group, target, BODY[:size])
    assert rig.server.count("GetObject") == 1


@pytest.mark.scenario("S02", "416 on the last chunk", seconds=30)
def test_416_on_the_last_chunk(rig: FaultRig, target: Path) -> None:
    refused_range(rig, target, LAST)


@pytest.mark.scenario("S03", "416 on a middle chunk", seconds=30)
@pytest.mark.parametrize("start", [PART, 2 * PART])
def test_416_on_a_middle_chunk(rig: FaultRig, target: Path, start: int) -> None:
    refused_range(rig, target, start)


def refused_range(rig: FaultRig, target: Path, start: int) -> None:
    rig.server.fault(actions.says(416, "InvalidRange"), "GetObject", start=start)
    group = begun(rig, target)
    none(rig, group, target, ErrorKind.CHANGED)
    assert partial(target) == []
    well_again(rig, group, target)


@pytest.mark.scenario("S04", "206 with less than was asked for", seconds=30)
@pytest.mark.parametrize("start", EACH_ONCE)
def test_a_short_range(rig: FaultRig, target: Path, start: int, again: Any) -> None:
    rig.server.fault(actions.short(1000), "GetObject", start=start, times=1)
    group = begun(rig, target)
    whole(rig, group, target)
    assert starts(rig.server) == sorted([*EACH_ONCE, start])
    again(fetched(rig.server) - SIZE)


@pytest.mark.scenario("S04", "206 with less than was asked for", seconds=30)
@pytest.mark.parametrize("size", [PART, SIZE])
def test_a_range_that_is_always_short(rig: FaultRig, target: Path, size: int) -> None:
    rig.server.fault(actions.short(1000), "GetObject")
    group = begun(rig, target, BODY[:size])
    none(rig, group, target, ErrorKind.INTEGRITY)
    assert partial(target) == []
    well_again(rig, group, target, BODY[:size])


@pytest.mark.scenario("S05", "no Content-Length and an early end, three times", seconds=40)
@pytest.mark.parametrize("count", [0, 1 << 20, PART - 1])
def test_an_early_end_without_a_length(rig: FaultRig, target: Path, count: int, again: Any) -> None:
    rig.server.fault(actions.cut_at(count, length=False), "GetObject", start=PART, times=3)
    group = begun(rig, target)
    whole(rig, group, target)
    assert starts(rig.server) == sorted([*EACH_ONCE, PART, PART, PART]), "only that part is fetched again"
    assert fetched(rig.server) <= SIZE + 3 * count + SLACK
    again(fetched(rig.server) - SIZE)


@pytest.mark.scenario("S06", "a bit is wrong, and the ETag is an MD5", seconds=30)
@pytest.mark.parametrize("size", [1, PART, SIZE])
def test_a_wrong_bit_is_found(rig: FaultRig, target: Path, size: int, again: Any) -> None:
    rule = rig.server.fault(actions.flip(min(size, PART) - 1), "GetObject", start=max(0, size - PART), times=1)
    group = begun(rig, target, BODY[:size])
    whole(rig, group, target, BODY[:size])
    assert rule.hits == 2, "the bytes were fetched once more"
    again(fetched(rig.server) - size)


@pytest.mark.scenario("S06", "a bit is wrong, and the ETag is an MD5", seconds=30)
@pytest.mark.parametrize("size", [1, PART, SIZE])
def test_a_bit_that_is_always_wrong(rig: FaultRig, target: Path, size: int) -> None:
    rule = rig.server.fault(actions.flip(0), "GetObject", start=0)
    group = begun(rig, target, BODY[:size])
    none(rig, group, target, ErrorKind.INTEGRITY)
    assert partial(target) == []
    assert rule.hits <= 3, "with the others, by itself, and once more"
    well_again(rig, group, target, BODY[:size])


@pytest.mark.scenario("S07", "a bit is wrong, and nothing tells", seconds=30)
@pytest.mark.parametrize("size", [PART, SIZE])
def test_what_cannot_be_proven_is_not_called_proven(rig: FaultRig, target: Path, size: int) -> None:
    rig.server.fault(actions.flip(0), "GetObject", start=0)
    group = begun(rig, target, BODY[:size], etag="opaque")
    job = rig.done(group)
    assert not job.verified
    assert str(job_state(job)) == "Done, checksum not available"
    assert rig.listener.status[group].unproven == 1


@pytest.mark.scenario("S07", "a bit is wrong, and nothing tells", seconds=30)
@pytest.mark.parametrize("size", [PART, SIZE])
def test_a_hash_in_the_metadata_tells(rig: FaultRig, target: Path, size: int) -> None:
    rig.server.fault(actions.flip(0), "GetObject", start=0)
    hashed = {"x-amz-meta-checksum-sha256": sha256(BODY[:size])}
    group = begun(rig, target, BODY[:size], etag="opaque", **hashed)
    none(rig, group, target, ErrorKind.INTEGRITY)
    well_again(rig, group, target, BODY[:size])


def replaces(exchange: Exchange) -> None:
    """Somebody replaces the object before this answer."""
    exchange.server.store.add(BUCKET, "a", OTHER)
    exchange.send(exchange.answer())


def replaces_unseen(exchange: Exchange) -> None:
    """The same, at a store without If-Match."""
    exchange.server.store.add(BUCKET, "a", OTHER)
    exchange.send(exchange.answer(without=("if-match",)))


@pytest.mark.scenario("S08", "the object is replaced: 412", seconds=30)
@pytest.mark.parametrize("start", EACH_ONCE)
def test_a_replaced_object(rig: FaultRig, target: Path, start: int) -> None:
    rig.server.fault(replaces, "GetObject", start=start)
    group = begun(rig, target)
    error = none(rig, group, target, ErrorKind.CHANGED)
    assert partial(target) == [], "no mix, and nothing to make one of"
    assert str(explain(error).what) == "The object changed in the meantime"
    well_again(rig, group, target, OTHER)  # the user is asked, and wants it


@pytest.mark.scenario("S09", "the object is replaced, and If-Match ignored", seconds=30)
@pytest.mark.parametrize("start", EACH_ONCE)
def test_a_replaced_object_without_conditions(rig: FaultRig, target: Path, start: int) -> None:
    rig.server.fault(replaces_unseen, "GetObject", start=start, times=1)
    rig.server.fault(actions.ignores("if-match"), "GetObject")
    group = begun(rig, target)
    none(rig, group, target, ErrorKind.CHANGED)
    assert partial(target) == []
    well_again(rig, group, target, OTHER)


@pytest.mark.scenario("S09", "the object is replaced, and If-Match ignored", seconds=30)
def test_an_object_replaced_by_one_with_the_same_etag(rig: FaultRig, target: Path) -> None:
    """Which no store does whose ETag is worth its name: the whole is compared with it, too."""

    def lies(exchange: Exchange) -> None:
        exchange.server.store.add(BUCKET, "a", OTHER, etag=hashlib.md5(BODY, usedforsecurity=False).hexdigest())
        exchange.send(exchange.answer())

    rig.server.fault(lies, "GetObject", start=PART, times=1)
    none(rig, begun(rig, target), target, ErrorKind.INTEGRITY)


@pytest.mark.scenario("S10", "a captive portal answers", seconds=30)
@pytest.mark.parametrize("portal", [actions.portal, actions.redirects("http://portal.invalid/")], ids=["page", "redirect"])
@pytest.mark.parametrize("size", [1, PART, SIZE, len(actions.PORTAL)])
def test_a_captive_portal(rig: FaultRig, target: Path, portal: Any, size: int) -> None:
    rule = rig.server.fault(portal, "GetObject", start=0)
    group = begun(rig, target, BODY[:size])
    kind = ErrorKind.REDIRECTED if portal is not actions.portal else ErrorKind.NOT_S3
    error = none(rig, group, target, kind)
    told = explain(error)
    words = "portal.invalid" if kind is ErrorKind.REDIRECTED else "the login page of a hotel network"
    assert words in str(told.why), "the cause is named"
    assert rule.hits <= 3, "nobody goes on asking a portal"
    well_again(rig, group, target, BODY[:size])


# ------------------------------------------------------------------------------------------------ how the bytes come


@pytest.fixture
def hasty(server: FaultServer, pool: Pool, tmp_path: Path) -> Iterator[FaultRig]:
    """An engine that does not wait long before it tries again."""
    rig = FaultRig(tmp_path / "journal", server, pool, RetryPolicy(first=0.05, longest=0.2, longest_offline=0.2))
    yield rig
    rig.close()


@pytest.mark.scenario("S11", "the connection is reset at ten places", seconds=60)
@pytest.mark.parametrize("seed", [1, 2])
def test_resets(hasty: FaultRig, target: Path, seed: int, again: Any) -> None:
    chance, lost = random.Random(seed), 0
    for _ in range(10):
        part, at = divmod(chance.randrange(SIZE), PART)
        hasty.server.fault(actions.reset_at(at), "GetObject", start=part * PART, times=1)
        lost += at
    group = begun(hasty, target)
    whole(hasty, group, target)
    assert hasty.server.count("GetObject") == len(EACH_ONCE) + 10
    assert fetched(hasty.server) <= SIZE + lost + SLACK
    again(fetched(hasty.server) - SIZE)


def waited(rig: FaultRig, key: str, start: int) -> float:
    """Wait until a range is asked for again, and tell after how many seconds."""
    found: list[float] = []

    def twice() -> bool:
        found[:] = [one.began for one in rig.server.asked("GetObject", key=key) if one.start == start]
        return len(found) > 1

    rig.poll(lambda: len(rig.server.asked("GetObject", key=key)) > start // PART)
    rig.poll(twice)
    return found[1] - found[0]


@pytest.mark.scenario("S12", "silence in the middle of a part", seconds=90)
def test_silence(rig: FaultRig, target: Path) -> None:
    """In real time: before an answer, and in the middle of one, at once."""
    server = rig.server
    server.store.add(BUCKET, "a", BODY)
    server.store.add(BUCKET, "b", OTHER)
    server.fault(actions.stall(120, at=1 << 20), "GetObject", key="a", start=PART, times=1)
    server.fault(actions.stall(120), "GetObject", key="b", start=PART, times=1)
    group = rig.download(target, "a", "b")
    assert waited(rig, "a", PART) <= 30
    assert waited(rig, "b", PART) <= 30
    ended = rig.ended(group)
    assert (ended.status.counts.done, ended.status.unproven) == (2, 0)
    assert seen(target) == {"a": sha256(BODY), "b": sha256(OTHER)}
    assert server.count("GetObject") == 2 * len(EACH_ONCE) + 2


@pytest.mark.scenario("S13", "ten bytes a second", seconds=200)
@pytest.mark.parametrize("fault", [actions.slow(10), actions.dribble(10)], ids=["body", "head"])
def test_dribble(server: FaultServer, target: Path, tmp_path: Path, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time, but where the environment asks for the whole."""
    scale = 1 if os.environ.get("CTB_REAL_TIME") else odd_child.SCALE
    assert http.WINDOW <= 60, "a call that does not move is looked at so often"
    pool = Pool() if scale == 1 else odd_child.odd_pool(monkeypatch, CTB_ODD="impatient")
    with closing(pool), closing(FaultRig(tmp_path / "journal", server, pool)) as rig:
        monkeypatch.setattr(rigs, "PATIENCE", 120.0)
        rule = server.fault(fault, "GetObject", start=PART, times=1)
        group = begun(rig, target)
        assert waited(rig, "a", PART) <= 90 / scale
        whole(rig, group, target)
        assert rule.hits == 2
        assert starts(server) == sorted([*EACH_ONCE, PART])


# ------------------------------------------------------------------------------------------------ the local disk


MOUNTS = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mkfs.ext2") is not None
DISKS = ["tmpfs", "ext2"] if MOUNTS else ["injected"]


class Disk:
    """A disk of 30 MiB to download to. ``fill`` leaves so many bytes free, ``free`` gives the room back."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._folder, self.target, self.flag = folder, folder / "mounted", folder / "full"
        self.target.mkdir()
        self._image = folder / "image"
        self._kind = kind
        if kind == "tmpfs":
            _run("mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", self.target)
        elif kind == "ext2":
            with self._image.open("wb") as file:
                file.truncate(30 << 20)
            _run("mkfs.ext2", "-q", self._image)
            _run("mount", "-o", "loop", self._image, self.target)
            (self.target / "lost+found").rmdir()

    def fill(self, room: int) -> None:
        """Another program leaves no more."""
        if self._kind == "injected":
            self.flag.touch()
            return
        with (self.target / "filler").open("wb", buffering=0) as file:
            while (left := shutil.disk_usage(self.target).free - room) > 0:
                file.write(bytes(min(left, 1 << 20)))
            os.fsync(file.fileno())

    def free(self) -> None:
        """It goes away again."""
        (self.flag if self._kind == "injected" else self.target / "filler").unlink()

    def close(self) -> None:
        """Unmount it."""
        if self._kind != "injected":
            _run("umount", "--lazy", self.target)


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=30)


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A real disk where the system lets one be mounted; else one whose writes are refused."""
    with closing(Disk(request.param, tmp_path)) as disk:
        yield disk


@pytest.fixture
def on_disk(disk: Disk, server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultRig]:
    """An engine whose writes the disk may refuse."""
    pool = odd_child.odd_pool(monkeypatch, CTB_ODD="full", CTB_FULL=str(disk.flag), CTB_ROOM=str(PART // 2))
    with closing(pool), closing(FaultRig(tmp_path / "journal", server, pool)) as rig:
        yield rig


@pytest.mark.scenario("S16", "the disk is full half way, and then has room", seconds=60)
@pytest.mark.parametrize("disk", [disk for disk in DISKS if disk != "tmpfs"], indirect=True)
def test_a_disk_that_fills_up_under_a_large_file(disk: Disk, on_disk: FaultRig, again: Any) -> None:
    """On a disk that reserves no room."""
    rig, target = on_disk, disk.target
    rig.server.fault(held := actions.Held(), "GetObject", start=2 * PART, times=1)
    group = begun(rig, target)
    rig.poll(held.asked.is_set)
    disk.fill(PART // 2)
    held.go.set()
    paused_and_said(rig, group)
    assert seen(target).keys() <= {"filler"}
    disk.free()
    whole(rig, group, target)
    assert fetched(rig.server) <= SIZE + PART + SLACK
    again(fetched(rig.server) - SIZE)


def paused_and_said(rig: FaultRig, group: int) -> None:
    """It waits for room, and says so."""
    status = rig.until(group, lambda status: status.waiting and not status.counts.active)
    assert status.waiting
    assert status.waiting.kind is ErrorKind.DISK_FULL
    assert str(waiting_words(status.waiting)) == "Paused: The disk is full"
    assert status.ended == 0.0


@pytest.mark.scenario("S16", "the disk is full half way, and then has room", seconds=60)
@pytest.mark.parametrize("disk", DISKS, indirect=True)
def test_a_disk_without_room_for_a_large_file(disk: Disk, on_disk: FaultRig) -> None:
    rig, target = on_disk, disk.target
    disk.fill(SIZE // 2)
    group = begun(rig, target)
    paused_and_said(rig, group)
    assert rig.server.count("GetObject") == 0, "it is known before the first byte"
    assert seen(target).keys() <= {"filler"}
    assert partial(target) == []
    disk.free()
    whole(rig, group, target)
    assert starts(rig.server) == EACH_ONCE


@pytest.mark.scenario("S16", "the disk is full half way, and then has room", seconds=60)
@pytest.mark.parametrize("disk", DISKS, indirect=True)
def test_a_disk_that_fills_up_under_many_files(disk: Disk, on_disk: FaultRig, again: Any) -> None:
    rig, target, size = on_disk, disk.target, 1 << 20
    bodies = {f"{n:02}": content(size, seed=n) for n in range(10)}
    for key, body in bodies.items():
        rig.server.store.add(BUCKET, key, body)
    disk.fill(5 * size + size // 2)
    group = rig.download(target, *bodies)
    paused_and_said(rig, group)
    found = seen(target)
    found.pop("filler", None)
    assert 0 < len(found) < 10
    assert all(found[key] == sha256(bodies[key]) for key in found)
    disk.free()
    ended = rig.ended(group)
    assert (ended.status.counts.done, ended.status.unproven) == (10, 0)
    assert seen(target) == {key: sha256(body) for key, body in bodies.items()}
    assert partial(target) == []
    for key in bodies:
        assert sum(one.sent for one in rig.server.asked("GetObject", key=key)) <= 2 * size + SLACK
    again(fetched(rig.server) - 10 * size)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody may make or rename a file there, not even the administrator."""
    if os.geteuid() == 0:
        _run("chattr", "+i", folder)
    else:
        folder.chmod(0o555)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            _run("chattr", "-i", folder)
        else:
            folder.chmod(0o755)


@pytest.mark.scenario("S17", "a folder that is read-only or gone", seconds=30)
@pytest.mark.parametrize("size", [1, SIZE])
def test_a_read_only_folder_is_said_before_the_first_byte(rig: FaultRig, target: Path, size: int) -> None:
    with locked(target):
        group = begun(rig, target, BODY[:size])
        none(rig, group, target, ErrorKind.LOCAL_DENIED)
        assert list(target.iterdir()) == []
        assert rig.server.count("GetObject") == 0
    well_again(rig, group, target, BODY[:size])


@pytest.mark.scenario("S17", "a folder that is read-only or gone", seconds=30)
@pytest.mark.parametrize("size", [1, SIZE])
def test_a_folder_that_is_not_there_is_said_before_the_first_byte(rig: FaultRig, target: Path, size: int) -> None:
    target.rmdir()
    group = begun(rig, target, BODY[:size])
    rig.failed(group, ErrorKind.LOCAL_MISSING)
    assert not target.exists()
    assert rig.server.count("GetObject") == 0
    target.mkdir()
    well_again(rig, group, target, BODY[:size])


@pytest.mark.scenario("S17", "a folder that is read-only or gone", seconds=30)
@pytest.mark.parametrize("start", EACH_ONCE)
def test_a_folder_that_becomes_read_only(rig: FaultRig, target: Path, start: int) -> None:
    rig.server.fault(held := actions.Held(), "GetObject", start=start, times=1)
    group = begun(rig, target)
    rig.poll(held.asked.is_set)
    with locked(target):
        held.go.set()
        none(rig, group, target, ErrorKind.LOCAL_DENIED)
        assert all(path.name.startswith(".") for path in target.iterdir())
    well_again(rig, group, target)
    assert starts(rig.server) == EACH_ONCE, "what came before is of use"


@pytest.mark.scenario("S17", "a folder that is read-only or gone", seconds=30)
@pytest.mark.parametrize("start", [0, LAST])
@pytest.mark.parametrize("size", [1, SIZE])
def test_a_folder_that_goes_away(rig: FaultRig, target: Path, size: int, start: int) -> None:
    rig.server.fault(held := actions.Held(), "GetObject", start=min(start, size - 1), times=1)
    group = begun(rig, target, BODY[:size])
    rig.poll(held.asked.is_set)
    shutil.rmtree(target)
    held.go.set()
    rig.failed(group, ErrorKind.LOCAL_MISSING)
    assert not target.exists(), "nobody makes it anew"
    target.mkdir()
    well_again(rig, group, target, BODY[:size])


# ------------------------------------------------------------------------------------------------ what is there already


OLD = b"the user's own file"


@pytest.mark.scenario("S18", "a file exists, and the download fails half way", seconds=30)
@pytest.mark.parametrize("policy", [ConflictPolicy.OVERWRITE, ConflictPolicy.KEEP_BOTH, ConflictPolicy.SKIP])
@pytest.mark.parametrize("size", [1, SIZE])
def test_what_the_user_chose(rig: FaultRig, target: Path, size: int, policy: ConflictPolicy) -> None:
    (target / "a").write_bytes(OLD)
    shown = stamp((target / "a").stat())
    body, old = BODY[:size], sha256(OLD)
    rig.server.store.add(BUCKET, "a", body)
    rig.server.fault(actions.flip(0), "GetObject", start=0)
    group = rig.download(target, "a", decisions={str(target / "a"): Decision(policy, shown)})
    if policy is ConflictPolicy.SKIP:
        assert rig.done(group).skipped
        assert (seen(target), partial(target), rig.server.count("GetObject")) == ({"a": old}, [], 0)
        return
    rig.failed(group, ErrorKind.INTEGRITY)
    assert (seen(target), partial(target)) == ({"a": old}, [])
    rig.server.clear()
    start = max(0, size - PART)
    rig.server.fault(held := actions.Held(), "GetObject", start=start, times=1)
    rig.engine.retry(group)
    rig.poll(held.asked.is_set)
    assert seen(target) == {"a": old}, "until the new one is whole"
    held.go.set()
    rig.ended(group, 2)
    assert rig.done(group).verified
    new = sha256(body)
    assert seen(target) == ({"a": new} if policy is ConflictPolicy.OVERWRITE else {"a": old, "a (2)": new})
    assert partial(target) == []


@pytest.mark.scenario("S18", "a file exists, and the download fails half way", seconds=30)
@pytest.mark.parametrize("size", [1, SIZE])
def test_only_what_the_user_saw_is_replaced(rig: FaultRig, target: Path, size: int) -> None:
    (target / "a").write_bytes(OLD)
    shown = stamp((target / "a").stat())
    rig.server.store.add(BUCKET, "a", BODY[:size])
    rig.server.fault(held := actions.Held(), "GetObject", start=max(0, size - PART), times=1)
    group = rig.download(target, "a", decisions={str(target / "a"): Decision(ConflictPolicy.OVERWRITE, shown)})
    rig.poll(held.asked.is_set)
    (target / "a").write_bytes(newer := OLD + b", with more in it")
    held.go.set()
    rig.failed(group, ErrorKind.OCCUPIED)
    assert seen(target) == {"a": sha256(newer)}


@pytest.mark.scenario("S19", "sizes around the size of a part", seconds=60)
def test_sizes(rig: FaultRig, target: Path) -> None:
    sizes = (0, 1, PART - 1, PART, PART + 1, 2 * PART - 1, 2 * PART, 2 * PART + 1)
    for size in sizes:
        rig.server.store.add(BUCKET, str(size), BODY[:size])
    ended = rig.ended(rig.download(target, *map(str, sizes)))
    assert (ended.status.counts.done, ended.status.unproven) == (len(sizes), 0)
    assert seen(target) == {str(size): sha256(BODY[:size]) for size in sizes}
    assert partial(target) == []
    for size in sizes:
        ranges = [one.request.headers["range"] for one in rig.server.asked("GetObject", key=str(size))]
        last = [min(start + PART, size) - 1 for start in range(0, size, PART)]
        assert sorted(ranges) == sorted(f"bytes={end - end % PART}-{end}" for end in last)
