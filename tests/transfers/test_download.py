from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import KEYS
from fakes.memory_store import MemoryStore, md5_hex
from transfers.rig import BUCKET, CONNECTION, NO_WAITS, PART, PATIENCE, SIZES, Rig, content, failure, tree

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry, ObjectInfo
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.transfers.destination import Folder
from cloudtemple_browser.transfers.events import JobChanged
from cloudtemple_browser.transfers.job import ConflictPolicy
from cloudtemple_browser.transfers.states import TransferState

BODY = content(3 * PART)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "target"
    path.mkdir()
    return path


def failed(rig: Rig, group: int) -> ErrorKind:
    change = rig.only(group)
    assert change.state is TransferState.FAILED
    assert change.error is not None
    return change.error.kind


def words(change: JobChanged) -> str:
    assert change.error is not None
    return str(dict(change.error.values)["message"])


@pytest.mark.parametrize("size", SIZES)
def test_the_file_is_what_is_stored(rig: Rig, target: Path, size: int) -> None:
    rig.store.add(BUCKET, "a/file.bin", content(size))
    change = rig.only(rig.download(target, "a/file.bin", base="a/"))
    assert (change.state, change.done_bytes, change.total_bytes, change.verified) == (TransferState.DONE, size, size, True)
    assert change.path == target / "file.bin"
    assert tree(target) == {"file.bin": content(size)}
    assert rig.store.count("read_range") == -(-size // PART)


def test_there_and_back(rig: Rig, tmp_path: Path, target: Path) -> None:
    source = tmp_path / "top"
    for n, size in enumerate(SIZES):
        (source / f"d{n % 2}").mkdir(parents=True, exist_ok=True)
        (source / f"d{n % 2}" / f"f{n}").write_bytes(content(size, n))
    (source / "empty").mkdir()
    rig.finish(rig.upload(source, prefix="in/"))
    rig.finish(rig.download(target, folders=("in/top/",), base="in/"))
    assert tree(target / "top") == tree(source)
    assert "empty/" in tree(source)


def test_an_etag_that_is_no_md5_ends_unverified(rig: Rig, tmp_path: Path, target: Path) -> None:
    (tmp_path / "big").write_bytes(BODY)
    rig.only(rig.upload(tmp_path / "big"))
    change = rig.only(rig.download(target, "big"))
    assert (change.state, change.verified) == (TransferState.DONE, False)
    assert tree(target) == {"big": BODY}


class Flipping(MemoryStore):
    """Flips a bit in so many reads of the second part."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.headers: tuple[tuple[str, str], ...] = ()

    def read_range(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> None:
        def flipped(data: memoryview) -> None:
            if start and self.times:
                self.times -= 1
                data = memoryview(bytes([data[0] ^ 1]) + bytes(data[1:]))
            sink(data)

        super().read_range(ref, start, length, etag, flipped, control)

    def head_object(self, ref: ObjectRef) -> ObjectInfo:
        return replace(super().head_object(ref), headers=self.headers)


def test_damaged_bytes_are_fetched_again(target: Path) -> None:
    rig = Rig(Flipping(1))
    rig.store.add(BUCKET, "a", BODY)
    change = rig.only(rig.download(target, "a"))
    assert (change.state, change.verified, change.done_bytes) == (TransferState.DONE, True, 3 * PART)
    assert tree(target) == {"a": BODY}
    rig.settled()


def test_bytes_that_stay_damaged_leave_no_file(target: Path) -> None:
    rig = Rig(Flipping(99))
    rig.store.add(BUCKET, "a", BODY)
    assert failed(rig, rig.download(target, "a")) is ErrorKind.INTEGRITY
    assert tree(target) == {}
    rig.settled()


@pytest.mark.parametrize(
    "header",
    [("x-amz-server-side-encryption", "aws:kms"), ("X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256")],
)
def test_an_encrypted_objects_etag_is_never_called_damage(target: Path, header: tuple[str, str]) -> None:
    """Its ETag has the form of an MD5 and is none: here the bytes differ from it, as they always would."""
    store = Flipping(99)
    store.headers = (header,)
    rig = Rig(store)
    rig.store.add(BUCKET, "a", BODY)
    change = rig.only(rig.download(target, "a"))
    assert (change.state, change.verified) == (TransferState.DONE, False)
    rig.settled()


def test_encryption_by_the_store_itself_keeps_the_md5(target: Path) -> None:
    store = Flipping(99)
    store.headers = (("x-amz-server-side-encryption", "AES256"),)
    rig = Rig(store)
    rig.store.add(BUCKET, "a", BODY)
    assert failed(rig, rig.download(target, "a")) is ErrorKind.INTEGRITY
    rig.settled()


def test_a_part_that_breaks_off_is_fetched_again_alone(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", BODY)
    rig.store.fail_next("read_range", failure(ErrorKind.CONNECTION_LOST), late=True, times=2)
    change = rig.only(rig.download(target, "a"))
    assert (change.state, change.verified, change.done_bytes) == (TransferState.DONE, True, 3 * PART)
    assert rig.store.count("read_range") == 5
    assert tree(target) == {"a": BODY}


@pytest.mark.parametrize("change", [-1, 1])
def test_a_read_of_another_length_is_no_success(target: Path, change: int) -> None:
    class Lying(MemoryStore):
        def read_range(
            self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
        ) -> None:
            sink(memoryview(b"x" * (length + change)))

    rig = Rig(Lying())
    rig.store.add(BUCKET, "a", BODY)
    entry = replace(rig.entry("a"), etag="opaque")  # nothing but the count of bytes tells
    group = rig.engine.download(CONNECTION, BUCKET, (entry,), (), "", target, ConflictPolicy.OVERWRITE)
    assert failed(rig, group) is ErrorKind.INTEGRITY
    assert tree(target) == {}
    rig.settled()


@pytest.mark.parametrize(
    ("kind", "calls"), [(ErrorKind.ACCESS_DENIED, 1), (ErrorKind.NO_OBJECT, 1), (ErrorKind.SERVER, NO_WAITS.attempts)]
)
def test_what_fails_for_good_says_why_and_leaves_no_file(rig: Rig, target: Path, kind: ErrorKind, calls: int) -> None:
    rig.store.add(BUCKET, "a", BODY)
    rig.store.fail_next("read_range", failure(kind), times=99)
    assert failed(rig, rig.download(target, "a")) is kind
    assert rig.store.count("read_range") == calls
    assert tree(target) == {}


@pytest.mark.parametrize(("old", "new"), [(BODY, content(3 * PART, 1)), (BODY, b""), (b"", BODY)])
def test_an_object_replaced_since_it_was_listed_leaves_no_file(rig: Rig, target: Path, old: bytes, new: bytes) -> None:
    rig.store.add(BUCKET, "a", old)
    entry = rig.entry("a")
    rig.store.add(BUCKET, "a", new)
    group = rig.engine.download(CONNECTION, BUCKET, (entry,), (), "", target, ConflictPolicy.OVERWRITE)
    assert failed(rig, group) is ErrorKind.CHANGED
    assert tree(target) == {}


@pytest.mark.parametrize(("size", "etag"), [(0, "another"), (UNKNOWN, "another"), (PART, "")])
def test_what_the_listing_told_is_held_against_what_is_there(rig: Rig, target: Path, size: int, etag: str) -> None:
    rig.store.add(BUCKET, "a", content(max(0, size) + (not etag)))
    entry = ObjectEntry("a", size, UNKNOWN, etag)
    group = rig.engine.download(CONNECTION, BUCKET, (entry,), (), "", target, ConflictPolicy.OVERWRITE)
    assert failed(rig, group) is ErrorKind.CHANGED
    assert rig.store.count("read_range") == 0
    assert tree(target) == {}


def test_an_object_replaced_in_the_middle_leaves_no_mix(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", BODY)
    replacing = rig.store.read_range

    def read_range(ref: ObjectRef, start: int, *rest: object) -> None:
        if start:
            rig.store.add(BUCKET, "a", content(3 * PART, 1))
        replacing(ref, start, *rest)  # type: ignore[arg-type]

    rig.store.read_range = read_range  # type: ignore[method-assign, assignment]
    group = rig.download(target, "a")
    assert failed(rig, group) is ErrorKind.CHANGED
    assert tree(target) == {}
    rig.engine.retry(rig.first_job(group))
    rig.listener.wait(lambda: rig.states(rig.first_job(group))[-1] is TransferState.DONE)
    assert tree(target) == {"a": content(3 * PART, 1)}


@pytest.mark.parametrize("size", [0, 3 * PART])
def test_size_and_etag_that_the_listing_did_not_tell_are_asked_for(rig: Rig, target: Path, size: int) -> None:
    rig.store.add(BUCKET, "a", content(size))
    entry = ObjectEntry("a", UNKNOWN, UNKNOWN)
    change = rig.only(rig.engine.download(CONNECTION, BUCKET, (entry,), (), "", target, ConflictPolicy.OVERWRITE))
    assert (change.state, change.verified, change.total_bytes) == (TransferState.DONE, True, size)
    assert tree(target) == {"a": content(size)}


def test_cancel_in_the_middle_leaves_no_file(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", BODY)
    hold = rig.store.hold("read_range")
    group = rig.download(target, "a")
    assert hold.entered.wait(PATIENCE)
    (part,) = target.iterdir()
    assert part.name.endswith(".part")
    rig.engine.cancel(rig.first_job(group))
    assert rig.only(group).state is TransferState.CANCELLED
    assert rig.engine.close(PATIENCE)
    assert tree(target) == {}


def test_a_cancel_after_the_last_byte_still_leaves_no_file(rig: Rig, target: Path) -> None:
    """The store that answers after all: its bytes came, but nobody wants them any more."""
    rig.store.add(BUCKET, "a", b"x")
    reading = rig.store.read_range

    def read_range(ref: ObjectRef, *rest: object) -> None:
        reading(ref, *rest)  # type: ignore[arg-type]
        rig.engine.cancel_all()

    rig.store.read_range = read_range  # type: ignore[method-assign, assignment]
    assert rig.only(rig.download(target, "a")).state is TransferState.CANCELLED
    assert rig.engine.close(PATIENCE)
    assert tree(target) == {}


@pytest.mark.parametrize(
    ("conflict", "found", "skipped"),
    [
        (ConflictPolicy.OVERWRITE, {"a.txt": BODY}, False),
        (ConflictPolicy.SKIP, {"a.txt": b"old"}, True),
        (ConflictPolicy.KEEP_BOTH, {"a.txt": b"old", "a (2).txt": BODY}, False),
    ],
)
def test_existing_files(rig: Rig, target: Path, conflict: ConflictPolicy, found: dict[str, bytes], skipped: bool) -> None:
    rig.store.add(BUCKET, "a.txt", BODY)
    (target / "a.txt").write_bytes(b"old")
    change = rig.only(rig.download(target, "a.txt", conflict=conflict))
    assert (change.state, change.skipped) == (TransferState.DONE, skipped)
    assert change.path == target / ("a (2).txt" if conflict is ConflictPolicy.KEEP_BOTH else "a.txt")
    assert tree(target) == found
    assert bool(rig.store.count("read_range")) is not skipped


@pytest.mark.parametrize("conflict", ConflictPolicy)
def test_an_existing_file_outlives_a_failure(rig: Rig, target: Path, conflict: ConflictPolicy) -> None:
    rig.store.add(BUCKET, "a", BODY)
    (target / "a").write_bytes(b"old")
    rig.store.fail_next("read_range", failure(ErrorKind.ACCESS_DENIED))
    rig.finish(rig.download(target, "a", conflict=conflict))
    assert tree(target) == {"a": b"old"}


@pytest.mark.parametrize(
    ("conflict", "found"),
    [
        (ConflictPolicy.SKIP, {"a": b"meanwhile"}),
        (ConflictPolicy.KEEP_BOTH, {"a": b"meanwhile", "a (2)": BODY}),
    ],
)
def test_a_file_that_appears_meanwhile_is_never_lost(
    rig: Rig, target: Path, conflict: ConflictPolicy, found: dict[str, bytes]
) -> None:
    rig.store.add(BUCKET, "a", BODY)
    hold = rig.store.hold("read_range")
    group = rig.download(target, "a", conflict=conflict)
    assert hold.entered.wait(PATIENCE)
    (target / "a").write_bytes(b"meanwhile")
    hold.release()
    assert rig.only(group).skipped is (conflict is ConflictPolicy.SKIP)
    assert tree(target) == found


def test_a_folder_of_the_files_name_is_said_before_the_first_byte(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", BODY)
    (target / "a").mkdir()
    change = rig.only(rig.download(target, "a"))
    assert "a folder named" in words(change)
    assert rig.store.count("read_range") == 0
    assert not rig.only(rig.download(target, "a", conflict=ConflictPolicy.KEEP_BOTH)).skipped
    assert tree(target) == {"a/": b"", "a (2)": BODY}


def test_a_target_that_is_gone_is_said_before_the_first_byte(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", BODY)
    target.rmdir()
    assert failed(rig, rig.download(target, "a")) is ErrorKind.LOCAL_MISSING
    assert rig.store.count("read_range") == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_target_that_can_not_be_written_is_said_before_the_first_byte(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", BODY)
    target.chmod(0o555)
    assert failed(rig, rig.download(target, "a")) is ErrorKind.LOCAL_DENIED
    assert rig.store.count("read_range") == 0


def test_a_full_disk_is_said_before_the_first_byte(rig: Rig, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.store.add(BUCKET, "a", BODY)
    monkeypatch.setattr(Folder, "free_bytes", lambda _folder: 3 * PART - 1)
    assert failed(rig, rig.download(target, "a")) is ErrorKind.DISK_FULL
    assert rig.store.count("read_range") == 0


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_that_fills_up_meanwhile_leaves_no_file(
    rig: Rig, target: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    rig.store.add(BUCKET, "a", BODY)
    monkeypatch.setattr(os, call, full)
    assert failed(rig, rig.download(target, "a")) is ErrorKind.DISK_FULL
    assert tree(target) == {}


def test_a_planted_link_is_never_followed(rig: Rig, tmp_path: Path, target: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (target / "f").symlink_to(outside)
    rig.store.add(BUCKET, "f/x", BODY)
    rig.store.add(BUCKET, "f/g/", b"")
    for change in rig.finish(rig.download(target, folders=("f/",))):
        assert change.state is TransferState.FAILED
        assert "a link" in words(change)
    assert list(outside.iterdir()) == []


def test_every_hostile_key_arrives_in_the_folder(rig: Rig, tmp_path: Path, target: Path) -> None:
    """S61: nothing outside the folder, no overwrite, one to one, every object present."""
    keys = {*KEYS.values(), "A/x", "a/x", "a", "A", "caf\u00c9", "x/", "x/y", "x//", "nul.txt", "L" * 1000 + ".txt"}
    bodies = {key: key.encode() + b"!" for key in keys}
    for key, body in bodies.items():
        rig.store.add(BUCKET, key, body)
    changes = rig.finish(rig.download(target, folders=("",)))
    assert {change.state for change in changes} == {TransferState.DONE}
    assert all(change.verified for change in changes)
    found = sorted(path.read_bytes() for path in target.rglob("*") if path.is_file())
    assert found == sorted(bodies.values())
    assert {path.name for path in tmp_path.iterdir()} == {"target"}
    by_key = {rig.jobs[change.job_id].ref.key: change.path for change in changes}
    assert all(path and path.read_bytes() == bodies[key] for key, path in by_key.items())


def test_markers_become_folders(rig: Rig, target: Path) -> None:
    for key in ("f/", "f/empty/", "f/deep/er/"):
        rig.store.add(BUCKET, key, b"")
    rig.store.add(BUCKET, "f/deep/er/x", b"x")
    assert {change.state for change in rig.finish(rig.download(target, folders=("f/",)))} == {TransferState.DONE}
    assert tree(target) == {"f/empty/": b"", "f/deep/er/x": b"x"}
    assert rig.store.count("read_range") == 1


def test_the_temporary_name_takes_nothing_from_the_server(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", b"x")
    hold = rig.store.hold("read_range")
    entry = replace(rig.entry("a"), etag="../../evil")
    rig.engine.download(CONNECTION, BUCKET, (entry,), (), "", target, ConflictPolicy.OVERWRITE)
    assert hold.entered.wait(PATIENCE)
    assert [path.name for path in target.iterdir()] == [f".a.{hashlib.sha256(b'../../evil').hexdigest()[:8]}.part"]
    rig.engine.cancel_all()
    assert md5_hex(b"x") not in str(list(target.iterdir()))
