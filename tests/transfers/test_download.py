"""Single downloads: a file appears under its name only when it is whole and proven, and what is there is not fetched again."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from corpus import KEYS
from fakes.memory_store import MemoryStore, multipart_etag
from transfers.local_tree import content, tree
from transfers.rig import BUCKET, CONNECTION, LIMITS, NO_WAITS, PART, SIZES, Rig, failure

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, DownloadRequest, TransferRules, TransferState
from cloudtemple_browser.model.writes import Fetched
from cloudtemple_browser.transfers.download import room_for
from cloudtemple_browser.transfers.local_file import stamp
from cloudtemple_browser.transfers.local_folder import Folder
from cloudtemple_browser.transfers.plan import TransferLimits

SMALL, LARGE = content(PART), content(3 * PART)
OTHER = content(3 * PART, seed=1)
OLD = b"old"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "target"
    path.mkdir()
    return path


@pytest.fixture(params=["small", "large"])
def body(request: pytest.FixtureRequest) -> bytes:
    return SMALL if request.param == "small" else LARGE


@contextmanager
def rig_on(folder: Path, store: MemoryStore, limits: TransferLimits = LIMITS) -> Iterator[Rig]:
    """A rig on a store of the test's own."""
    rig = Rig(folder / "journal", store, limits)
    yield rig
    rig.close()


def download(rig: Rig, target: Path, entry: ObjectEntry) -> int:
    """Download what a listing told."""
    return rig.engine.download(DownloadRequest(CONNECTION, BUCKET, (entry,), (), "", target))


def listed(rig: Rig, key: str) -> ObjectEntry:
    info = rig.store.head_object(ObjectRef(BUCKET, key))
    return ObjectEntry(info.key, info.size, info.modified, info.etag)


def parted(body: bytes, size: int = PART) -> str:
    """The ETag of an upload in parts."""
    return multipart_etag([body[at : at + size] for at in range(0, len(body), size)])


def words(rig: Rig, group: int) -> str:
    error = rig.job(group).error
    assert error
    return str(dict(error.values)["message"])


# --------------------------------------------------------------------------------------------------- whole and proven


@pytest.mark.parametrize("size", SIZES)
def test_the_file_is_what_is_stored(rig: Rig, target: Path, size: int) -> None:
    rig.store.add(BUCKET, "a/file.bin", content(size))
    group = rig.download(target, "a/file.bin", base="a/")
    job = rig.done(group)
    assert (job.done_bytes, job.total_bytes, job.verified, job.path) == (size, size, True, target / "file.bin")
    assert tree(target) == {"file.bin": content(size)}
    assert rig.store.count("read_range") == -(-size // PART)
    assert rig.ended(group).path == str(target / "file.bin")


def test_there_and_back(rig: Rig, tmp_path: Path, target: Path) -> None:
    source = tmp_path / "top"
    for n, size in enumerate(SIZES):
        (source / f"d{n % 2}").mkdir(parents=True, exist_ok=True)
        (source / f"d{n % 2}" / f"f{n}").write_bytes(content(size, n))
    (source / "empty").mkdir()
    os.utime(source / "d0" / "f0", ns=(1, 1_354_040_105_123_456_789))
    rig.ended(rig.upload(source, prefix="in/"))
    group = rig.download(target, folders=("in/top/",), base="in/")
    assert rig.ended(group).status.unproven == 0
    assert tree(target / "top") == tree(source)
    assert (target / "top" / "d0" / "f0").stat().st_mtime_ns == 1_354_040_105_123_456_789


def test_times_are_not_kept_where_the_user_does_not_want_that(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body, modified=1000)
    rig.done(rig.download(target, "a"))
    assert (target / "a").stat().st_mtime == 1000
    rig.engine.set_rules(TransferRules(keep_times=False))
    rig.done(rig.download(target, "a", appeared=ConflictPolicy.KEEP_BOTH))
    assert (target / "a (2)").stat().st_mtime > 10**9


def test_an_upload_in_parts_is_proven_by_the_md5s_of_its_parts(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", LARGE, etag=parted(LARGE))
    assert rig.done(rig.download(target, "a")).verified
    assert tree(target) == {"a": LARGE}


def test_an_etag_that_proves_nothing_ends_unverified(rig: Rig, target: Path) -> None:
    """Parts of a size that nobody uses, and a store with ETags of its own."""
    rig.store.add(BUCKET, "parts", LARGE, etag=parted(LARGE, 999))
    rig.store.add(BUCKET, "small", SMALL, etag="opaque")
    rig.store.add(BUCKET, "large", LARGE, etag="opaque")
    group = rig.download(target, "parts", "small", "large")
    assert rig.ended(group).status.unproven == 3
    assert not any(job.verified for job in rig.jobs(group))
    assert tree(target) == {"parts": LARGE, "small": SMALL, "large": LARGE}


def test_the_checksum_in_the_metadata_proves_what_the_etag_does_not(rig: Rig, target: Path, body: bytes) -> None:
    told = (("checksum-sha256", hashlib.sha256(body).hexdigest()),)
    rig.store.add(BUCKET, "a", body, etag="opaque", metadata=told)
    assert rig.done(rig.download(target, "a")).verified
    rig.store.add(BUCKET, "b", body, etag="opaque", metadata=(("checksum-sha256", "0" * 64),))
    rig.failed(rig.download(target, "b"), ErrorKind.INTEGRITY)
    assert tree(target) == {"a": body}


def test_damaged_bytes_are_fetched_again(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body)
    rig.store.flips = 1
    assert rig.done(rig.download(target, "a")).verified
    assert tree(target) == {"a": body}


def test_damaged_bytes_that_only_the_etag_of_parts_could_tell_are_never_called_proven(rig: Rig, target: Path) -> None:
    """Of which size the parts were is a guess: what does not agree may be an upload in other parts."""
    rig.store.add(BUCKET, "a", LARGE, etag=parted(LARGE))
    rig.store.flips = 1
    assert not rig.done(rig.download(target, "a")).verified


ODD = 1300  # the size of parts that nobody would guess


@pytest.mark.parametrize("flips", [0, 1])
def test_parts_of_an_unusual_size_prove_the_whole_where_the_store_tells_it(rig: Rig, target: Path, flips: int) -> None:
    rig.store.add(BUCKET, "a", LARGE, etag=parted(LARGE, ODD))
    rig.store.first_parts[ObjectRef(BUCKET, "a")] = ODD
    rig.store.flips = flips
    assert rig.done(rig.download(target, "a")).verified
    assert tree(target) == {"a": LARGE}
    assert fetched(rig) == 3 * (1 + flips)


def test_parts_unlike_each_other_are_no_damage(rig: Rig, target: Path) -> None:
    pieces = [LARGE[:PART], LARGE[PART : PART + 500], LARGE[PART + 500 :]]
    rig.store.add(BUCKET, "a", LARGE, etag=multipart_etag(pieces))
    rig.store.first_parts[ObjectRef(BUCKET, "a")] = PART
    assert not rig.done(rig.download(target, "a")).verified
    assert tree(target) == {"a": LARGE}
    assert fetched(rig) == 6, "the second time the bytes were the same"


def test_bytes_that_stay_damaged_leave_no_file(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body)
    rig.store.flips = 99
    group = rig.download(target, "a")
    rig.failed(group, ErrorKind.INTEGRITY)
    assert tree(target) == {}
    rig.store.flips = 0
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 1
    assert tree(target) == {"a": body}


def test_an_encrypted_objects_etag_is_never_called_damage(rig: Rig, target: Path, body: bytes) -> None:
    """It has the form of an MD5 and is none: the bytes differ from it, as they always would."""
    rig.store.encrypted = True
    rig.store.add(BUCKET, "a", body)
    assert not rig.done(rig.download(target, "a")).verified
    assert tree(target) == {"a": body}


def test_a_part_that_breaks_off_is_fetched_again_alone(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", LARGE)
    rig.store.fail_next("read_range", failure(ErrorKind.CONNECTION_LOST), late=True, times=2)
    group = rig.download(target, "a")
    assert rig.done(group).verified
    assert rig.store.count("read_range") == 5
    assert (rig.ended(group).status.bytes_done, rig.ended(group).status.bytes_moved) == (3 * PART, 4 * PART)
    assert tree(target) == {"a": LARGE}


@pytest.mark.parametrize("change", [-1, 1])
def test_a_read_of_another_length_is_no_success(tmp_path: Path, target: Path, body: bytes, change: int) -> None:
    class Lying(MemoryStore):
        def read_range(
            self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
        ) -> Fetched:
            sink(memoryview(b"x" * (length + change)))
            return Fetched(etag, len(body))

    with rig_on(tmp_path, Lying()) as rig:
        rig.store.add(BUCKET, "a", body, etag="opaque")  # nothing but the count of bytes tells
        rig.failed(rig.download(target, "a"), ErrorKind.INTEGRITY)
        assert "a" not in tree(target)


@pytest.mark.parametrize(
    ("kind", "calls"), [(ErrorKind.ACCESS_DENIED, 1), (ErrorKind.NO_OBJECT, 1), (ErrorKind.SERVER, NO_WAITS.attempts)]
)
def test_what_fails_for_good_says_why_and_leaves_no_file(tmp_path: Path, target: Path, kind: ErrorKind, calls: int) -> None:
    limits = TransferLimits(threshold=PART, part=10 * PART, smallest_part=1)  # one part: the calls can be counted
    with rig_on(tmp_path, MemoryStore(), limits) as rig:
        rig.store.add(BUCKET, "a", LARGE)
        rig.store.fail_next("read_range", failure(kind), times=99)
        rig.failed(rig.download(target, "a"), kind)
        assert rig.store.count("read_range") == calls
        assert "a" not in tree(target)


# --------------------------------------------------------------------------------------- an object that does not stay


@pytest.mark.parametrize(("old", "new"), [(LARGE, OTHER), (LARGE, b""), (b"", LARGE), (SMALL, LARGE)])
def test_an_object_replaced_since_it_was_listed_leaves_no_file(rig: Rig, target: Path, old: bytes, new: bytes) -> None:
    rig.store.add(BUCKET, "a", old)
    entry = listed(rig, "a")
    rig.store.add(BUCKET, "a", new)
    group = download(rig, target, entry)
    rig.failed(group, ErrorKind.CHANGED)
    assert tree(target) == {}
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 1
    assert tree(target) == {"a": new}, "with the version of now, and nothing left of the other one"
    assert rig.ended(group, 2).status.bytes_total == len(new)


@pytest.mark.parametrize(("size", "etag"), [(0, "another"), (UNKNOWN, "another"), (PART, "")])
def test_what_the_listing_told_is_held_against_what_is_there(rig: Rig, target: Path, size: int, etag: str) -> None:
    rig.store.add(BUCKET, "a", content(max(0, size) + (not etag)))
    rig.failed(download(rig, target, ObjectEntry("a", size, UNKNOWN, etag)), ErrorKind.CHANGED)
    assert rig.store.count("read_range") == 0
    assert tree(target) == {}


def test_an_object_replaced_in_the_middle_leaves_no_mix(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", LARGE)
    reading = rig.store.read_range

    def read_range(ref: ObjectRef, start: int, *rest: object) -> Fetched:
        if start:
            rig.store.read_range = reading  # type: ignore[method-assign]
            rig.store.add(BUCKET, "a", OTHER)
        return reading(ref, start, *rest)  # type: ignore[arg-type]

    rig.store.read_range = read_range  # type: ignore[method-assign, assignment]
    group = rig.download(target, "a")
    rig.failed(group, ErrorKind.CHANGED)
    assert tree(target) == {}
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 1
    assert tree(target) == {"a": OTHER}, "nothing of the other version is left"


@pytest.mark.parametrize("size", [0, PART, 3 * PART])
def test_size_and_etag_that_the_listing_did_not_tell_are_asked_for(rig: Rig, target: Path, size: int) -> None:
    rig.store.add(BUCKET, "a", content(size))
    group = download(rig, target, ObjectEntry("a", UNKNOWN, UNKNOWN))
    job = rig.done(group)
    assert (job.verified, job.total_bytes) == (True, size)
    assert tree(target) == {"a": content(size)}
    status = rig.ended(group).status
    assert (status.bytes_done, status.bytes_total) == (size, size)


# -------------------------------------------------------------------------------------------------------------- cancel


def test_cancel_in_the_middle_leaves_no_file(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body)
    rig.store.hold("read_range")
    group = rig.download(target, "a")
    rig.until_calls("read_range", 1)
    (part,) = target.iterdir()
    assert part.name.endswith(".part")
    rig.engine.cancel(group)
    assert rig.ended(group).status.counts.cancelled == 1
    rig.poll(lambda: not list(target.iterdir()))


@pytest.mark.parametrize("order", ["cancel", "remove"])
def test_a_failed_download_that_nobody_wants_any_more_leaves_no_part(rig: Rig, target: Path, order: str) -> None:
    rig.store.add(BUCKET, "a", LARGE)
    rig.store.fail_next("read_range", failure(ErrorKind.ACCESS_DENIED), times=3)
    group = rig.download(target, "a")
    rig.failed(group, ErrorKind.ACCESS_DENIED)
    assert list(target.iterdir())
    if order == "cancel":
        rig.engine.cancel(jobs=(rig.job(group).job.id,))
    else:
        rig.engine.remove(group)
    rig.poll(lambda: not list(target.iterdir()))


def occupied(rig: Rig, target: Path) -> int:
    """A download whose target was taken while the bytes came."""
    rig.store.add(BUCKET, "a", LARGE)
    reading = rig.store.read_range

    def read_range(*args: object) -> Fetched:
        (target / "a").write_bytes(OLD)
        return reading(*args)  # type: ignore[arg-type]

    rig.store.read_range = read_range  # type: ignore[method-assign, assignment]
    group = rig.download(target, "a")
    rig.failed(group, ErrorKind.OCCUPIED)
    rig.store.read_range = reading  # type: ignore[method-assign]
    rig.store.calls.clear()
    assert len(tree(target)) == 2
    return group


def test_a_target_that_was_taken_meanwhile_costs_no_byte_again(rig: Rig, target: Path) -> None:
    group = occupied(rig, target)
    (target / "a").unlink()
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 1
    assert tree(target) == {"a": LARGE}
    assert fetched(rig) == 0


@pytest.mark.parametrize("order", ["cancel the job", "remove the job", "remove the group", "remove it after a restart"])
@pytest.mark.parametrize("reached", [True, False], ids=["", "connection-refused"])
def test_what_a_taken_target_left_goes_with_its_row(rig: Rig, target: Path, order: str, reached: bool) -> None:
    """Also where the keyring is locked by then: no store is needed for that."""
    group = occupied(rig, target)
    job = rig.job(group).job.id
    if order == "remove it after a restart":
        rig.restart()
    if not reached:
        rig.refusal = failure(ErrorKind.KEYRING_LOCKED)
        rig.engine.reopen(CONNECTION)
    if order == "cancel the job":
        rig.engine.cancel(jobs=(job,))
    elif order == "remove the job":
        rig.engine.remove(jobs=(job,))
    else:
        rig.engine.remove(group)
    rig.poll(lambda: len(list(target.iterdir())) == 1)
    assert tree(target) == {"a": OLD}


def test_a_cancel_after_the_last_byte_still_leaves_no_file(rig: Rig, target: Path) -> None:
    """The store that answers after all: its bytes came, but nobody wants them any more."""
    rig.store.add(BUCKET, "a", LARGE)
    reading = rig.store.read_range

    def read_range(ref: ObjectRef, start: int, *rest: object) -> Fetched:
        fetched = reading(ref, start, *rest)  # type: ignore[arg-type]
        if start == 2 * PART:
            rig.engine.cancel()
        return fetched

    rig.store.read_range = read_range  # type: ignore[method-assign, assignment]
    group = rig.download(target, "a")
    status = rig.ended(group).status
    rig.poll(lambda: not any(path.name.endswith(".part") for path in target.iterdir()))
    assert (status.counts.done, tree(target)) in ((0, {}), (1, {"a": LARGE}))


# ------------------------------------------------------------------------------------------------------------- resuming


def interrupted(rig: Rig, target: Path) -> int:
    """A group of which the program ended after the first part: the others were under way."""
    reading, waiting = rig.store.read_range, 0

    def read_range(
        ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Fetched:
        nonlocal waiting
        if start:
            waiting += 1
            control.wait(60)
        return reading(ref, start, length, etag, sink, control)

    rig.store.read_range = read_range  # type: ignore[method-assign]
    group = rig.download(target, "a")
    rig.until(group, lambda status: status.bytes_done >= PART)
    rig.poll(lambda: waiting)
    rig.close()
    rig.poll(lambda: rig.store.count("read_range") == 1 + waiting)  # those that were under way have ended
    rig.store.read_range = reading  # type: ignore[method-assign]
    assert [path.name.endswith(".part") for path in target.iterdir()] == [True]
    rig.store.calls.clear()
    return group


def fetched(rig: Rig) -> int:
    return rig.store.count("read_range")


@pytest.mark.parametrize("etag", ["", parted(LARGE), "opaque"])
def test_only_the_missing_parts_are_fetched_after_a_restart(rig: Rig, target: Path, etag: str) -> None:
    rig.store.add(BUCKET, "a", LARGE, etag=etag)
    group = interrupted(rig, target)
    rig.restart()
    assert rig.done(group).verified == (etag != "opaque")
    assert fetched(rig) == 2
    assert rig.ended(group).status.bytes_done == 3 * PART
    assert tree(target) == {"a": LARGE}


def test_a_part_that_is_not_what_it_was_is_fetched_again(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", LARGE, etag="opaque")
    group = interrupted(rig, target)
    (part,) = target.iterdir()
    with part.open("r+b") as file:
        file.write(b"#")
    rig.restart()
    rig.done(group)
    assert fetched(rig) == 3
    assert tree(target) == {"a": LARGE}


@pytest.mark.parametrize("meddle", ["cut", "replace", "remove"])
def test_a_temporary_file_that_is_another_one_is_begun_anew(rig: Rig, tmp_path: Path, target: Path, meddle: str) -> None:
    rig.store.add(BUCKET, "a", LARGE, etag="opaque")
    group = interrupted(rig, target)
    (part,) = target.iterdir()
    if meddle == "cut":
        os.truncate(part, 10)
    elif meddle == "remove":
        part.unlink()
    else:
        (tmp_path / "other").write_bytes(OTHER)
        (tmp_path / "other").replace(part)
    rig.restart()
    rig.done(group)
    assert fetched(rig) == 3
    assert tree(target) == {"a": LARGE}


@pytest.mark.parametrize("etag", ["", "opaque"])
def test_another_file_that_got_the_inode_of_the_temporary_one_is_not_taken_for_the_download(
    rig: Rig, target: Path, etag: str
) -> None:
    """The temporary file was deleted, and a file of the same size got the final name and the inode that was free again."""
    rig.store.add(BUCKET, "a", LARGE, etag=etag)
    group = interrupted(rig, target)
    (part,) = target.iterdir()
    part.rename(target / "a")
    (target / "a").write_bytes(OTHER)
    rig.restart()
    rig.failed(group, ErrorKind.OCCUPIED)
    assert tree(target) == {"a": OTHER}
    assert fetched(rig) == 0
    (target / "a").unlink()
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 1
    assert tree(target) == {"a": LARGE}


@pytest.mark.parametrize("new", [OTHER, SMALL, b"", content(5 * PART)])
def test_an_object_replaced_while_the_program_was_away_is_begun_anew(rig: Rig, target: Path, new: bytes) -> None:
    rig.store.add(BUCKET, "a", LARGE)
    group = interrupted(rig, target)
    rig.store.add(BUCKET, "a", new)
    rig.restart()
    job = rig.done(group)
    assert (job.verified, job.done_bytes, job.total_bytes) == (True, len(new), len(new))
    assert tree(target) == {"a": new}
    status = rig.ended(group).status
    assert (status.bytes_done, status.bytes_total) == (len(new), len(new))


def stuck_at_the_end(rig: Rig, target: Path, monkeypatch: pytest.MonkeyPatch, etag: str = "") -> int:
    """All bytes of the object are here, but the disk would not keep them."""

    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    rig.store.add(BUCKET, "a", LARGE, etag=etag)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        group = rig.download(target, "a")
        rig.until(group, lambda status: status.counts.paused)
    return group


def test_an_object_replaced_when_all_its_bytes_had_come_is_begun_anew(
    rig: Rig, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = stuck_at_the_end(rig, target, monkeypatch)
    rig.store.add(BUCKET, "a", OTHER)
    rig.engine.resume(group)
    assert rig.done(group).verified
    assert tree(target) == {"a": OTHER}


@pytest.mark.parametrize("etag", ["", "opaque"])
@pytest.mark.parametrize("ours", [True, False])
def test_the_final_name_is_believed_where_the_bytes_are_those_that_were_fetched(
    rig: Rig, target: Path, monkeypatch: pytest.MonkeyPatch, etag: str, ours: bool
) -> None:
    """As after a crash behind the rename; or another file got the name and the inode."""
    group = stuck_at_the_end(rig, target, monkeypatch, etag)
    (part,) = target.iterdir()
    part.rename(target / "a")
    if not ours:
        (target / "a").write_bytes(OTHER)
    rig.store.calls.clear()
    rig.engine.resume(group)
    if ours:
        rig.done(group)
    else:
        rig.failed(group, ErrorKind.OCCUPIED)
    assert tree(target) == {"a": LARGE if ours else OTHER}
    assert fetched(rig) == 0


@pytest.mark.skipif(os.name != "posix", reason="tells how much of a file is on the disk")
def test_there_is_room_for_what_is_left(rig: Rig, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = rig.job(stuck_at_the_end(rig, target, monkeypatch)).job
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1))
    assert room_for(job)
    next(target.iterdir()).unlink()
    assert not room_for(job)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=job.size + 1))
    assert room_for(job)


def test_an_object_that_is_gone_after_the_restart_is_said(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", LARGE)
    group = interrupted(rig, target)
    rig.store.delete_objects(BUCKET, ["a"])
    rig.restart()
    rig.failed(group, ErrorKind.NO_OBJECT)
    assert "a" not in tree(target)


def test_pause_and_resume_fetch_only_what_is_missing(rig: Rig, target: Path) -> None:
    rig.store.add(BUCKET, "a", LARGE)
    group = interrupted(rig, target)
    hold = rig.store.hold("read_range")
    rig.restart()
    rig.until_calls("read_range", 1)
    rig.engine.pause(group)
    assert rig.until(group, lambda status: status.counts.paused).bytes_done == PART
    hold.release()
    rig.store.calls.clear()
    rig.engine.resume(group)
    assert rig.done(group).verified
    assert fetched(rig) == 2
    assert tree(target) == {"a": LARGE}


# ------------------------------------------------------------------------------------------------------------ conflicts


@pytest.mark.parametrize(
    ("policy", "found", "skipped"),
    [
        (ConflictPolicy.OVERWRITE, {"a.txt"}, False),
        (ConflictPolicy.SKIP, {"a.txt"}, True),
        (ConflictPolicy.KEEP_BOTH, {"a.txt", "a (2).txt"}, False),
    ],
)
def test_existing_files(rig: Rig, target: Path, body: bytes, policy: ConflictPolicy, found: set[str], skipped: bool) -> None:
    rig.store.add(BUCKET, "a.txt", body)
    (target / "a.txt").write_bytes(OLD)
    job = rig.done(rig.download(target, "a.txt", appeared=policy))
    assert job.skipped is skipped
    assert job.path == target / ("a (2).txt" if policy is ConflictPolicy.KEEP_BOTH else "a.txt")
    now = tree(target)
    assert set(now) == found
    assert now["a.txt"] == (body if policy is ConflictPolicy.OVERWRITE else OLD)
    assert now.get("a (2).txt", body) == body
    assert bool(fetched(rig)) is not skipped


@pytest.mark.parametrize("agreed", [True, False])
def test_only_the_file_that_was_shown_is_replaced(rig: Rig, target: Path, body: bytes, agreed: bool) -> None:
    rig.store.add(BUCKET, "a", body)
    (target / "a").write_bytes(OLD)
    shown = stamp((target / "a").stat())
    if not agreed:
        (target / "a").write_bytes(b"newer")
    group = rig.download(target, "a", decisions={str(target / "a"): Decision(ConflictPolicy.OVERWRITE, shown)})
    if agreed:
        rig.done(group)
    else:
        rig.failed(group, ErrorKind.OCCUPIED)
    assert tree(target) == {"a": body if agreed else b"newer"}


def test_refuse_leaves_what_exists(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body)
    (target / "a").write_bytes(OLD)
    rig.failed(rig.download(target, "a"), ErrorKind.OCCUPIED)
    assert tree(target) == {"a": OLD}
    assert fetched(rig) == 0


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_an_existing_file_outlives_a_failure(rig: Rig, target: Path, body: bytes, policy: ConflictPolicy) -> None:
    rig.store.add(BUCKET, "a", body)
    (target / "a").write_bytes(OLD)
    rig.store.fail_next("read_range", failure(ErrorKind.BAD_REQUEST), times=9)
    rig.ended(rig.download(target, "a", appeared=policy))
    assert tree(target)["a"] == OLD


@pytest.mark.parametrize("policy", [ConflictPolicy.REFUSE, ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH])
def test_a_file_that_appears_meanwhile_is_never_lost(rig: Rig, target: Path, body: bytes, policy: ConflictPolicy) -> None:
    rig.store.add(BUCKET, "a", body)
    hold = rig.store.hold("read_range")
    group = rig.download(target, "a", appeared=policy)
    rig.until_calls("read_range", 1)
    (target / "a").write_bytes(b"meanwhile")
    hold.release()
    if policy is ConflictPolicy.REFUSE:
        rig.failed(group, ErrorKind.OCCUPIED)
    else:
        assert rig.done(group).skipped is (policy is ConflictPolicy.SKIP)
    files = {name: found for name, found in tree(target).items() if not name.endswith(".part")}
    assert files == {"a": b"meanwhile"} | ({"a (2)": body} if policy is ConflictPolicy.KEEP_BOTH else {})
    if policy is not ConflictPolicy.REFUSE:
        assert tree(target) == files, "no temporary file is left"


def test_a_folder_of_the_files_name_is_said_before_the_first_byte(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body)
    (target / "a").mkdir()
    group = rig.download(target, "a", appeared=ConflictPolicy.OVERWRITE)
    rig.failed(group, ErrorKind.LOCAL_OTHER)
    assert "a folder named" in words(rig, group)
    assert fetched(rig) == 0
    assert not rig.done(rig.download(target, "a", appeared=ConflictPolicy.KEEP_BOTH)).skipped
    assert tree(target) == {"a/": b"", "a (2)": body}


# ------------------------------------------------------------------------------------------------------------- the disk


def test_a_target_that_is_gone_is_said_before_the_first_byte(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body)
    target.rmdir()
    rig.failed(rig.download(target, "a"), ErrorKind.LOCAL_MISSING)
    assert fetched(rig) == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_target_that_can_not_be_written_is_said_before_the_first_byte(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body)
    target.chmod(0o555)
    rig.failed(rig.download(target, "a"), ErrorKind.LOCAL_DENIED)
    assert fetched(rig) == 0


def test_a_full_disk_is_said_before_the_first_byte(
    rig: Rig, target: Path, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.store.add(BUCKET, "a", body)
    monkeypatch.setattr(Folder, "free_bytes", lambda _folder: len(body) - 1)
    group = rig.download(target, "a")
    waiting = rig.until(group, lambda status: status.counts.paused).waiting
    assert waiting
    assert waiting.kind is ErrorKind.DISK_FULL
    assert fetched(rig) == 0
    monkeypatch.undo()
    rig.engine.resume(group)
    assert rig.done(group).verified


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_that_fills_up_meanwhile_waits_for_room(
    rig: Rig, target: Path, body: bytes, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    rig.store.add(BUCKET, "a", body)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        group = rig.download(target, "a")
        status = rig.until(group, lambda status: status.counts.paused)
    assert status.waiting
    assert status.waiting.kind is ErrorKind.DISK_FULL
    assert "a" not in tree(target)
    rig.engine.resume(group)
    assert rig.done(group).verified
    assert tree(target) == {"a": body}


def test_a_planted_link_is_never_followed(rig: Rig, tmp_path: Path, target: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (target / "f").symlink_to(outside)
    rig.store.add(BUCKET, "f/x", SMALL)
    rig.store.add(BUCKET, "f/y", LARGE)
    rig.store.add(BUCKET, "f/g/", b"")
    group = rig.download(target, folders=("f/",))
    rig.ended(group)
    for job in rig.jobs(group):
        assert job.state is TransferState.FAILED
        assert job.error
        assert "a link" in str(dict(job.error.values)["message"])
    assert list(outside.iterdir()) == []


def test_every_hostile_key_arrives_in_the_folder(rig: Rig, tmp_path: Path, target: Path) -> None:
    """Nothing outside the folder, no overwrite, one to one, every object present."""
    keys = {*KEYS.values(), "A/x", "a/x", "a", "A", "caf\u00c9", "x/", "x/y", "x//", "nul.txt", "L" * 1000 + ".txt"}
    bodies = {key: key.encode() + b"!" for key in keys}
    for key, body in bodies.items():
        rig.store.add(BUCKET, key, body)
    group = rig.download(target, folders=("",))
    assert rig.ended(group).status.counts.done == len(keys)
    jobs = rig.jobs(group)
    assert all(job.verified for job in jobs)
    found = sorted(path.read_bytes() for path in target.rglob("*") if path.is_file())
    assert found == sorted(bodies.values())
    assert {path.name for path in tmp_path.iterdir()} == {"target", "journal"}
    assert all(job.path and job.path.read_bytes() == bodies[job.job.ref.key] for job in jobs)


def test_markers_become_folders(rig: Rig, target: Path) -> None:
    for key in ("f/", "f/empty/", "f/deep/er/"):
        rig.store.add(BUCKET, key, b"")
    rig.store.add(BUCKET, "f/deep/er/x", b"x")
    group = rig.download(target, folders=("f/",))
    assert rig.ended(group).status.counts.failed == 0
    assert tree(target) == {"f/empty/": b"", "f/deep/er/x": b"x"}
    assert fetched(rig) == 1


def test_the_temporary_name_takes_nothing_from_the_server(rig: Rig, target: Path, body: bytes) -> None:
    rig.store.add(BUCKET, "a", body, etag="../../evil")
    hold = rig.store.hold("read_range")
    group = rig.download(target, "a")
    rig.until_calls("read_range", 1)
    (part,) = target.iterdir()
    head, mark, tail = part.name.rsplit(".", 2)
    assert (head, tail) == (".a", "part")
    assert len(mark) == 8
    assert int(mark, 16) >= 0
    hold.release()
    rig.done(group)
