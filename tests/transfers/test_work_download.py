from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore, failure, md5_hex, multipart_etag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transfers.local_tree import content, temporary, tree

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.model.writes import Fetched
from cloudtemple_browser.transfers.destination import PartFile, Place, discard_part
from cloudtemple_browser.transfers.local_file import CHECKSUM, MTIME, stamp
from cloudtemple_browser.transfers.local_folder import Folder
from cloudtemple_browser.transfers.work_download import (
    CheckParts,
    FetchFile,
    FetchPart,
    FileFetched,
    Prepare,
    Prepared,
    Publish,
)

BUCKET = "bucket"
REF = ObjectRef(BUCKET, "a")
BODY = content(5000)
ETAG = md5_hex(BODY)
NEW = Decision(ConflictPolicy.REFUSE)
OVERWRITE, KEEP_BOTH = Decision(ConflictPolicy.OVERWRITE), Decision(ConflictPolicy.KEEP_BOTH)
SKIP = Decision(ConflictPolicy.SKIP)
PARTS = ((0, 2000), (2000, 2000), (4000, 1000))


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.add(BUCKET, "a", BODY, modified=1_600_000_000)
    return store


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "target"
    path.mkdir()
    return path


def place(target: Path, *folders: str, name: str = "a") -> Place:
    return Place(target, folders, name, "owner")


def fetch(target: Path, decision: Decision = NEW, size: int = 5000, etag: str = ETAG) -> FetchFile:
    return FetchFile(REF, place(target), size, etag, decision)


def kind_of(work: FetchFile | FetchPart | Prepare | Publish | CheckParts, store: MemoryStore) -> ErrorKind:
    with pytest.raises(BrowserError) as caught:
        work.run(store, CallControl())
    return caught.value.kind


# --- in one request ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 5000, 3 << 20])
def test_the_file_is_what_is_stored(store: MemoryStore, target: Path, size: int) -> None:
    store.add(BUCKET, "a", content(size))
    moved: list[int] = []
    work = FetchFile(REF, place(target, "x", "y"), size, md5_hex(content(size)), NEW)
    assert work.run(store, CallControl(moved.append)) == FileFetched(target / "x/y/a", verified=True)
    assert tree(target) == {"x/y/a": content(size)}
    assert sum(moved) == size
    assert (store.count("read_range"), store.count("head_object")) == ((1, 0) if size else (0, 1))


def test_a_marker_becomes_a_folder(store: MemoryStore, target: Path) -> None:
    work = FetchFile(ObjectRef(BUCKET, "f/e/"), place(target, "f", name="e"), 0, "", NEW)
    assert work.run(store, CallControl()) == FileFetched(target / "f/e", verified=True)
    assert tree(target) == {"f/e/": b""}


@pytest.mark.parametrize("size", [0, 5000])
def test_what_the_listing_did_not_tell_is_asked_for(store: MemoryStore, target: Path, size: int) -> None:
    store.add(BUCKET, "a", content(size))
    assert fetch(target, size=UNKNOWN, etag="").run(store, CallControl()).verified
    assert tree(target) == {"a": content(size)}


def test_an_etag_that_is_no_md5_proves_nothing(store: MemoryStore, target: Path) -> None:
    store.add(BUCKET, "a", BODY, etag="opaque-2")
    assert fetch(target, etag="opaque-2").run(store, CallControl()) == FileFetched(target / "a", verified=False)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_checksum_in_the_metadata_proves_what_the_etag_does_not(store: MemoryStore, target: Path, encrypted: bool) -> None:
    store.encrypted = encrypted
    told = ((CHECKSUM, hashlib.sha256(BODY).hexdigest().upper()),)
    store.add(BUCKET, "a", BODY, etag="" if encrypted else "opaque-2", metadata=told)
    etag = store.head_object(REF).etag
    assert fetch(target, etag=etag).run(store, CallControl()).verified
    store.flips = 1
    assert kind_of(fetch(target, OVERWRITE, etag=etag), store) is ErrorKind.INTEGRITY


def test_an_encrypted_objects_etag_is_never_called_damage(store: MemoryStore, target: Path) -> None:
    store.encrypted = True
    etag = md5_hex(b"key" + BODY)
    store.add(BUCKET, "a", BODY)
    assert fetch(target, etag=etag).run(store, CallControl()) == FileFetched(target / "a", verified=False)
    assert store.count("read_range") == 1


def test_damaged_bytes_leave_no_file(store: MemoryStore, target: Path) -> None:
    store.flips = 1
    assert kind_of(fetch(target), store) is ErrorKind.INTEGRITY
    assert tree(target) == {}


@pytest.mark.parametrize(("body", "size", "etag"), [(b"", 5000, ETAG), (BODY, 0, ""), (BODY, 4999, ""), (BODY, 5000, "other")])
def test_another_object_than_the_listed_one_leaves_no_file(
    store: MemoryStore, target: Path, body: bytes, size: int, etag: str
) -> None:
    store.add(BUCKET, "a", body)
    assert kind_of(fetch(target, size=size, etag=etag), store) is ErrorKind.CHANGED
    assert tree(target) == {}


class Lying(MemoryStore):
    """Gives ``gives`` bytes whatever it was asked for."""

    gives = 0

    def read_range(
        self, ref: ObjectRef, start: int, length: int, etag: str, sink: Callable[[memoryview], object], control: CallControl
    ) -> Fetched:
        sink(memoryview(b"x" * self.gives))
        return Fetched(etag, length)


@pytest.mark.parametrize("change", [-1, 1])
def test_not_a_byte_more_or_less_is_written(target: Path, change: int) -> None:
    store = Lying()
    store.gives = 5000 + change
    assert kind_of(fetch(target, etag="opaque"), store) is ErrorKind.INTEGRITY
    assert tree(target) == {}
    Prepare(place(target), "opaque", 8000, NEW).run(store, CallControl())
    assert kind_of(FetchPart(REF, place(target), "opaque", 1000, 5000), store) is ErrorKind.INTEGRITY
    (part,) = temporary(target)
    assert part.read_bytes()[6000:] == bytes(2000)


@pytest.mark.parametrize("error", [failure(ErrorKind.CONNECTION_LOST), Cancelled()])
def test_a_read_that_breaks_off_leaves_nothing(store: MemoryStore, target: Path, error: Exception) -> None:
    store.fail_next("read_range", error, late=True)
    with pytest.raises(type(error)):
        fetch(target).run(store, CallControl())
    assert tree(target) == {}


def test_what_a_crash_left_is_replaced(store: MemoryStore, target: Path) -> None:
    (target / place(target).temporary(ETAG)).write_bytes(content(9000))
    fetch(target).run(store, CallControl())
    assert tree(target) == {"a": BODY}


@pytest.mark.parametrize(
    ("decision", "path", "found"),
    [
        (OVERWRITE, "a", {"a": BODY}),
        (KEEP_BOTH, "a (2)", {"a": b"old", "a (2)": BODY}),
        (SKIP, None, {"a": b"old"}),
        (NEW, ErrorKind.OCCUPIED, {"a": b"old"}),
        (Decision(ConflictPolicy.OVERWRITE, "1:2:3"), ErrorKind.OCCUPIED, {"a": b"old"}),
    ],
)
def test_existing_files(
    store: MemoryStore, target: Path, decision: Decision, path: str | ErrorKind | None, found: dict[str, bytes]
) -> None:
    (target / "a").write_bytes(b"old")
    if isinstance(path, ErrorKind):
        assert kind_of(fetch(target, decision), store) is path
    else:
        fetched = fetch(target, decision).run(store, CallControl())
        assert fetched == FileFetched(target / path if path else None, verified=bool(path))
    assert tree(target) == found
    assert store.count("read_range") == (decision in (OVERWRITE, KEEP_BOTH))


@pytest.mark.parametrize("decision", [SKIP, NEW, KEEP_BOTH])
def test_a_file_that_appears_meanwhile_is_never_lost(store: MemoryStore, target: Path, decision: Decision) -> None:
    reading = store.read_range

    def read_range(*args: object) -> Fetched:
        (target / "a").write_bytes(b"meanwhile")
        return reading(*args)  # type: ignore[arg-type]

    store.read_range = read_range  # type: ignore[method-assign, assignment]
    if decision is NEW:
        assert kind_of(fetch(target), store) is ErrorKind.OCCUPIED
    else:
        fetch(target, decision).run(store, CallControl())
    assert tree(target) == {"a": b"meanwhile"} | ({"a (2)": BODY} if decision is KEEP_BOTH else {})


@pytest.mark.parametrize("decision", [NEW, KEEP_BOTH, OVERWRITE])
def test_after_a_crash_a_file_that_is_there_is_not_fetched_again(store: MemoryStore, target: Path, decision: Decision) -> None:
    (target / "a").write_bytes(b"old" if decision is KEEP_BOTH else BODY)
    if decision is KEEP_BOTH:
        (target / "a (2)").write_bytes(BODY)
    before = tree(target)
    fetched = replace(fetch(target, decision), look_first=True).run(store, CallControl())
    assert fetched == FileFetched(target / ("a (2)" if decision is KEEP_BOTH else "a"), verified=True)
    assert (tree(target), store.calls) == (before, [])


def test_a_crash_that_left_a_file_under_both_its_names(store: MemoryStore, target: Path) -> None:
    work = replace(fetch(target), look_first=True)
    (target / work.place.temporary(work.etag)).write_bytes(BODY)
    (target / "a").hardlink_to(target / work.place.temporary(work.etag))
    assert work.run(store, CallControl()) == FileFetched(target / "a", verified=True)
    assert tree(target) == {"a": BODY}


def test_an_upload_in_parts_of_a_usual_size_is_proven_and_found_again(store: MemoryStore, target: Path) -> None:
    body, part = content(1000) * 6000, 5 << 20
    etag = multipart_etag([body[:part], body[part:]])
    store.add(BUCKET, "a", body, etag=etag)
    wanted = replace(fetch(target), size=len(body), etag=etag)
    assert wanted.run(store, CallControl()).verified
    store.calls.clear()
    assert replace(wanted, look_first=True).run(store, CallControl()) == FileFetched(target / "a", verified=True)
    assert store.calls == []
    store.add(BUCKET, "b", body[::-1], etag=etag)
    assert not replace(wanted, ref=ObjectRef(BUCKET, "b"), decision=OVERWRITE).run(store, CallControl()).verified


def test_a_file_of_the_same_size_is_no_proof(store: MemoryStore, target: Path) -> None:
    (target / "a").write_bytes(content(5000, seed=1))
    assert kind_of(replace(fetch(target), look_first=True), store) is ErrorKind.OCCUPIED
    replace(fetch(target, OVERWRITE), look_first=True).run(store, CallControl())
    assert tree(target) == {"a": BODY}


@pytest.mark.parametrize(("metadata", "seconds"), [(((MTIME, "1234.5"),), 1234.5), ((), 1_600_000_000.0)])
def test_a_file_gets_its_time_where_that_is_wanted(
    store: MemoryStore, target: Path, metadata: tuple[tuple[str, str], ...], seconds: float
) -> None:
    store.add(BUCKET, "a", BODY, modified=1_600_000_000, metadata=metadata)
    replace(fetch(target), keep_time=True).run(store, CallControl())
    assert (target / "a").stat().st_mtime == seconds
    fetch(target, OVERWRITE).run(store, CallControl())
    assert (target / "a").stat().st_mtime > 1_700_000_000


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_that_fills_up_leaves_no_file(
    store: MemoryStore, target: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    assert kind_of(fetch(target), store) is ErrorKind.DISK_FULL
    assert tree(target) == {}


def test_a_full_disk_is_said_before_the_first_byte(store: MemoryStore, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "free_bytes", lambda _folder: 4999)
    assert kind_of(fetch(target), store) is ErrorKind.DISK_FULL
    assert kind_of(Prepare(place(target), ETAG, 5000, NEW), store) is ErrorKind.DISK_FULL
    assert store.count("read_range") == 0
    assert tree(target) == {}


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_planted_link_is_never_followed(store: MemoryStore, tmp_path: Path, target: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (target / "f").symlink_to(outside)
    inside = place(target, "f")
    for work in (
        FetchFile(REF, inside, 5000, ETAG, NEW),
        FetchFile(ObjectRef(BUCKET, "f/"), place(target, name="f"), 0, "", NEW),
        Prepare(inside, ETAG, 5000, NEW),
        FetchPart(REF, inside, ETAG, 0, 5000),
        Publish(inside, ETAG, 5000, NEW),
    ):
        assert kind_of(work, store) is ErrorKind.LOCAL_OTHER
    assert list(outside.iterdir()) == []


# --- in parts ------------------------------------------------------------------------------------------------------------


def prepared(target: Path, store: MemoryStore, decision: Decision = NEW) -> Prepared:
    return Prepare(place(target), ETAG, 5000, decision).run(store, CallControl())


def fetch_parts(target: Path, store: MemoryStore, *parts: tuple[int, int]) -> list[tuple[int, int, str]]:
    works = [FetchPart(REF, place(target), ETAG, start, length) for start, length in parts]
    return [(work.start, work.length, work.run(store, CallControl()).proof) for work in works]


def test_parts_in_any_order_become_the_file(store: MemoryStore, target: Path) -> None:
    ready = prepared(target, store)
    assert (ready.taken, ready.found) == (False, False)
    (part,) = temporary(target)
    assert part.stat().st_size == 5000
    told = fetch_parts(target, store, *reversed(PARTS))
    assert told == [(start, length, md5_hex(BODY[start : start + length])) for start, length in reversed(PARTS)]
    publish = Publish(place(target), ETAG, 5000, NEW, ETAG, hashlib.sha256(BODY).hexdigest(), 1234.5, ready.identity)
    assert publish.run(store, CallControl()) == FileFetched(target / "a", verified=True)
    assert tree(target) == {"a": BODY}
    assert (target / "a").stat().st_mtime == 1234.5


def test_a_part_tells_what_the_answer_told(store: MemoryStore, target: Path) -> None:
    prepared(target, store)
    fetched = FetchPart(REF, place(target), ETAG, 4000, 1000).run(store, CallControl())
    assert fetched.facts == Fetched(ETAG, 5000, 1_600_000_000)


def test_a_part_of_another_version_changes_nothing(store: MemoryStore, target: Path) -> None:
    prepared(target, store)
    store.add(BUCKET, "a", content(5000, seed=1))
    assert kind_of(FetchPart(REF, place(target), ETAG, 0, 2000), store) is ErrorKind.CHANGED
    (part,) = temporary(target)
    assert part.read_bytes() == bytes(5000)


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced there")
def test_a_part_that_went_into_another_file_does_not_count(store: MemoryStore, target: Path) -> None:
    prepared(target, store)
    reading = store.read_range

    def read_range(*args: object) -> Fetched:
        (part,) = temporary(target)
        part.with_name("other").write_bytes(bytes(5000))
        part.with_name("other").replace(part)
        return reading(*args)  # type: ignore[arg-type]

    store.read_range = read_range  # type: ignore[method-assign, assignment]
    assert kind_of(FetchPart(REF, place(target), ETAG, 0, 2000), store) is ErrorKind.LOCAL_CHANGED


def test_what_is_whole_without_a_proof_is_unverified(store: MemoryStore, target: Path) -> None:
    prepared(target, store)
    fetch_parts(target, store, *PARTS)
    assert Publish(place(target), ETAG, 5000, NEW).run(store, CallControl()) == FileFetched(target / "a", verified=False)


@pytest.mark.parametrize("proof", ["md5", "sha256"])
def test_what_is_not_proven_keeps_its_temporary_name(store: MemoryStore, target: Path, proof: str) -> None:
    prepared(target, store)
    fetch_parts(target, store, *PARTS[1:])  # a hole where the first part should be
    publish = Publish(place(target), ETAG, 5000, NEW, **{proof: hashlib.new(proof, BODY).hexdigest()})  # type: ignore[arg-type]
    assert kind_of(publish, store) is ErrorKind.INTEGRITY
    assert len(temporary(target)) == 1
    fetch_parts(target, store, PARTS[0])
    assert publish.run(store, CallControl()).verified


def test_only_a_temporary_file_of_the_right_size_is_gone_on_with(store: MemoryStore, target: Path) -> None:
    again = Prepare(place(target), ETAG, 5000, NEW, fresh=False)
    assert not again.run(store, CallControl()).found
    told = fetch_parts(target, store, PARTS[0])
    found = again.run(store, CallControl())
    assert found.found
    assert CheckParts(place(target), ETAG, tuple(told)).run(store, CallControl()) == (True,)
    (part,) = temporary(target)
    os.truncate(part, 4999)
    assert not again.run(store, CallControl()).found
    assert not replace(again, fresh=True).run(store, CallControl()).found
    assert CheckParts(place(target), ETAG, tuple(told)).run(store, CallControl()) == (False,)


def test_another_version_begins_another_file(store: MemoryStore, target: Path) -> None:
    prepared(target, store)
    assert not Prepare(place(target), "other", 5000, NEW, fresh=False).run(store, CallControl()).found
    assert len(temporary(target)) == 2


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fetched=st.sets(st.integers(0, 24)),
    flips=st.sets(st.integers(0, 4999), max_size=4),
    cut=st.integers(0, 5000) | st.just(5000),
)
def test_exactly_the_parts_that_are_intact_count(tmp_path: Path, fetched: set[int], flips: set[int], cut: int) -> None:
    """200-byte parts, of which some were fetched; then bytes rot and the end gets lost."""
    store = MemoryStore()
    store.add(BUCKET, "a", BODY)
    Prepare(place(tmp_path), ETAG, 5000, NEW).run(store, CallControl())
    parts = [(n * 200, 200) for n in range(25)]
    fetch_parts(tmp_path, store, *(parts[n] for n in fetched))
    (part,) = temporary(tmp_path)
    disk = bytearray(part.read_bytes())
    for at in flips:
        disk[at] ^= 1
    part.write_bytes(disk[:cut])
    told = tuple((start, length, md5_hex(BODY[start : start + length])) for start, length in parts)
    found = CheckParts(place(tmp_path), ETAG, told).run(store, CallControl())
    broken = {at // 200 for at in flips}
    assert found == tuple(n in fetched and n not in broken and (n + 1) * 200 <= cut for n in range(25))
    intact = all(found)
    publish = Publish(place(tmp_path), ETAG, 5000, OVERWRITE, md5=ETAG)
    if intact:
        assert publish.run(store, CallControl()).verified
        assert (tmp_path / "a").read_bytes() == BODY
    else:
        assert kind_of(publish, store) in (ErrorKind.INTEGRITY, ErrorKind.LOCAL_CHANGED)
        assert not (tmp_path / "a").exists()
    discard_part(place(tmp_path), ETAG)
    (tmp_path / "a").unlink(missing_ok=True)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("decision", [NEW, KEEP_BOTH, SKIP, OVERWRITE])
def test_what_was_published_before_a_crash_is_found(store: MemoryStore, target: Path, decision: Decision) -> None:
    if decision in (KEEP_BOTH, OVERWRITE):
        (target / "a").write_bytes(b"old")
    ready = prepared(target, store, decision)
    told = tuple(fetch_parts(target, store, *PARTS))
    publish = Publish(place(target), ETAG, 5000, decision, md5=ETAG, identity=ready.identity, parts=told)
    first = publish.run(store, CallControl())
    found = tree(target)
    for parts in (told, ()):  # without them the ETag proves it
        again = Prepare(place(target), ETAG, 5000, decision, fresh=False, identity=ready.identity, parts=parts)
        assert again.run(store, CallControl()) == Prepared(published=first.path)
        assert replace(publish, parts=parts).run(store, CallControl()) == first
    assert tree(target) == found


@pytest.mark.parametrize("etag", [ETAG, "opaque"])
@pytest.mark.parametrize("noted", [True, False], ids=["all-noted", "some-missing"])
def test_a_file_that_only_has_the_inode_is_not_taken_for_the_published_one(
    store: MemoryStore, target: Path, etag: str, noted: bool
) -> None:
    ready = prepared(target, store)
    told = tuple(fetch_parts(target, store, *PARTS)) if noted else ()
    (part,) = temporary(target)
    part.rename(target / "a")
    (target / "a").write_bytes(content(5000, seed=1))  # as big, and with its inode
    for work in (
        Prepare(place(target), etag, 5000, NEW, fresh=False, identity=ready.identity, parts=told),
        Publish(place(target), etag, 5000, NEW, identity=ready.identity, parts=told),
    ):
        kind = ErrorKind.OCCUPIED if isinstance(work, Prepare) else ErrorKind.LOCAL_MISSING
        assert kind_of(work, store) is kind
    assert tree(target) == {"a": content(5000, seed=1)}


def test_a_file_with_the_inode_that_cannot_be_read_is_no_published_one(
    store: MemoryStore, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_args: object) -> None:
        raise failure(ErrorKind.LOCAL_OTHER)

    ready = prepared(target, store)
    (part,) = temporary(target)
    part.rename(target / "a")
    monkeypatch.setattr(PartFile, "read_into", unreadable)
    again = Prepare(place(target), ETAG, 5000, NEW, fresh=False, identity=ready.identity)
    assert kind_of(again, store) is ErrorKind.OCCUPIED


@pytest.mark.skipif(os.name == "nt", reason="a rename does both there")
def test_a_crash_between_two_names_leaves_one(store: MemoryStore, target: Path) -> None:
    ready = prepared(target, store)
    fetch_parts(target, store, *PARTS)
    (part,) = temporary(target)
    os.link(part, target / "a")
    again = Prepare(place(target), ETAG, 5000, NEW, fresh=False, identity=ready.identity).run(store, CallControl())
    assert again.published == target / "a"
    assert temporary(target) == []


def test_a_target_that_is_not_what_was_agreed_is_said_before_and_after(store: MemoryStore, target: Path) -> None:
    (target / "a").write_bytes(b"old")
    agreed = Decision(ConflictPolicy.OVERWRITE, stamp((target / "a").stat()))
    prepared(target, store, agreed)
    fetch_parts(target, store, *PARTS)
    (target / "a").write_bytes(b"newer")
    assert kind_of(Publish(place(target), ETAG, 5000, agreed, md5=ETAG), store) is ErrorKind.OCCUPIED
    assert (target / "a").read_bytes() == b"newer"
    assert len(temporary(target)) == 1  # the user may decide anew: nothing is fetched again
    assert Publish(place(target), ETAG, 5000, OVERWRITE, md5=ETAG).run(store, CallControl()).verified
    assert kind_of(Prepare(place(target), ETAG, 5000, agreed), store) is ErrorKind.OCCUPIED
    assert Prepare(place(target), ETAG, 5000, SKIP).run(store, CallControl()) == Prepared(taken=True)


def test_skip_takes_the_temporary_file_along(store: MemoryStore, target: Path) -> None:
    prepared(target, store, SKIP)
    (target / "a").write_bytes(b"meanwhile")
    assert Publish(place(target), ETAG, 5000, SKIP).run(store, CallControl()) == FileFetched(None, verified=False)
    assert tree(target) == {"a": b"meanwhile"}


def test_a_temporary_file_that_is_gone_or_another_one_is_said(store: MemoryStore, target: Path) -> None:
    ready = prepared(target, store)
    (part,) = temporary(target)
    part.with_name("other").write_bytes(BODY)
    part.with_name("other").replace(part)
    publish = Publish(place(target), ETAG, 5000, NEW, md5=ETAG, identity=ready.identity)
    assert kind_of(publish, store) is ErrorKind.LOCAL_CHANGED
    part.unlink()
    for work in (publish, FetchPart(REF, place(target), ETAG, 0, 10), CheckParts(place(target), ETAG, ())):
        assert kind_of(work, store) is ErrorKind.LOCAL_MISSING


def test_discard_leaves_nothing_and_never_fails_for_nothing(store: MemoryStore, target: Path) -> None:
    prepared(target, store)
    for where in (place(target), place(target), place(target, "never", "made")):
        discard_part(where, ETAG)
    assert tree(target) == {}


def test_a_cancel_ends_the_long_readings(store: MemoryStore, target: Path) -> None:
    prepared(target, store)
    control = CallControl()
    control.cancel()
    for work in (
        Publish(place(target), ETAG, 5000, NEW, md5=ETAG),
        CheckParts(place(target), ETAG, ((0, 5000, ETAG),)),
        FetchPart(REF, place(target), ETAG, 0, 5000),
    ):
        with pytest.raises(Cancelled):
            work.run(store, control)
    assert len(temporary(target)) == 1
