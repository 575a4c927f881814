from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore, failure, md5_hex
from transfers.local_tree import content

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectEntry, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.writes import Condition, Stored, UploadedPart, WriteOptions
from cloudtemple_browser.transfers.local_file import CHECKSUM, MTIME, mtime_text, stamp
from cloudtemple_browser.transfers.work_upload import FileSent, HashFile, HashRanges, HashStored, SendFile, SendPart

BUCKET = "bucket"
REF = ObjectRef(BUCKET, "file.bin")
MARKER = ObjectRef(BUCKET, "empty/")
TYPED = WriteOptions("application/x-directory")


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(min_part_size=1)
    store.add_bucket(BUCKET)
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(content(5000))
    return path


def refused(work: SendFile | SendPart | HashFile | HashRanges, store: MemoryStore) -> ErrorKind:
    with pytest.raises(BrowserError) as caught:
        work.run(store, CallControl())
    return caught.value.kind


@pytest.mark.parametrize("size", [0, 1, 5000, 3 << 20])
def test_what_is_stored_is_the_file(store: MemoryStore, path: Path, size: int) -> None:
    path.write_bytes(content(size))
    moved: list[int] = []
    sent = SendFile(REF, path, WriteOptions("text/html"), stamp(path.stat())).run(store, CallControl(moved.append))
    assert sent == FileSent(
        ObjectEntry("file.bin", size, store.head_object(REF).modified, md5_hex(content(size))), verified=True
    )
    assert store.body(REF) == content(size)
    assert store.head_object(REF).content_type == "text/html"
    assert store.head_object(REF).metadata == ()
    assert sum(moved) == size


def test_no_request_is_wasted_on_what_the_answer_proves(store: MemoryStore, path: Path) -> None:
    SendFile(REF, path, WriteOptions()).run(store, CallControl())
    assert [call.operation for call in store.calls] == ["put_object"]


def test_time_and_checksum_go_along(store: MemoryStore, path: Path) -> None:
    options = WriteOptions(metadata=(("note", "kept"),))
    SendFile(REF, path, options, checksum=True, keep_time=True).run(store, CallControl())
    assert dict(store.head_object(REF).metadata) == {
        "note": "kept",
        CHECKSUM: hashlib.sha256(content(5000)).hexdigest(),
        MTIME: mtime_text(path.stat().st_mtime_ns),
    }


def test_a_file_that_is_not_the_one_that_was_seen_is_not_sent(store: MemoryStore, path: Path) -> None:
    before = stamp(path.stat())
    path.write_bytes(b"another")
    os.utime(path, (1, 1))
    assert refused(SendFile(REF, path, WriteOptions(), before), store) is ErrorKind.LOCAL_CHANGED
    assert refused(SendPart(REF, "id", 1, path, before, 0, 100), store) is ErrorKind.LOCAL_CHANGED
    path.unlink()
    assert refused(SendFile(REF, path, WriteOptions(), before), store) is ErrorKind.LOCAL_MISSING
    assert store.calls == []


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_link_is_followed_only_where_that_is_wanted(store: MemoryStore, path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    assert refused(SendFile(REF, link, WriteOptions()), store) is ErrorKind.LOCAL_OTHER
    assert store.calls == []
    SendFile(REF, link, WriteOptions(), follow_link=True).run(store, CallControl())
    assert store.body(REF) == content(5000)


@pytest.mark.parametrize("condition", [Condition(), Condition("another etag")])
def test_a_condition_reaches_the_store(store: MemoryStore, path: Path, condition: Condition) -> None:
    store.add(BUCKET, "file.bin", b"old")
    assert refused(SendFile(REF, path, WriteOptions(), condition=condition), store) is ErrorKind.CHANGED
    assert store.body(REF) == b"old"


@pytest.mark.parametrize("key", ["file.bin", "empty/"])
@pytest.mark.parametrize(
    ("there", "known_free"), [(ErrorKind.NO_OBJECT, True), (ErrorKind.ACCESS_DENIED, False)], ids=["absent", "not to see"]
)
def test_only_what_was_seen_to_be_absent_is_free(
    store: MemoryStore, path: Path, key: str, there: ErrorKind, known_free: bool
) -> None:
    """On what is free the store tries whether conditions are kept: elsewhere that could replace an object."""
    given: list[Condition | None] = []
    put = store.put_object

    def noted(*args: object) -> Stored:
        given.append(args[4])  # type: ignore[arg-type]
        return put(*args)  # type: ignore[arg-type]

    store.put_object = noted  # type: ignore[method-assign, assignment]
    store.fail_next("head_object", failure(there))
    work = SendFile(ObjectRef(BUCKET, key), path, WriteOptions(), condition=Condition())
    if key == "file.bin" or known_free:
        work.run(store, CallControl())
        assert given == [Condition(known_free=known_free)]
    else:
        assert refused(work, store) is ErrorKind.ACCESS_DENIED
        assert not given


class Opaque(MemoryStore):
    """Answers with an ETag that is no MD5, and keeps ``cut`` bytes less."""

    cut = 0

    def put_object(
        self,
        ref: ObjectRef,
        body: bytes | memoryview,
        options: WriteOptions,
        control: CallControl,
        condition: Condition | None = None,
    ) -> Stored:
        kept = bytes(body)[: len(body) - self.cut]
        stored = super().put_object(ref, kept, options, control, condition)
        return replace(stored, etag=f"opaque-{stored.etag}")

    def head_object(self, ref: ObjectRef, control: CallControl | None = None) -> ObjectInfo:
        info = super().head_object(ref, control)
        return replace(info, etag=f"opaque-{info.etag}")


def test_what_the_answer_does_not_prove_head_does(path: Path) -> None:
    store = Opaque()
    store.add_bucket(BUCKET)
    sent = SendFile(REF, path, WriteOptions()).run(store, CallControl())
    info = store.head_object(REF)
    assert sent == FileSent(ObjectEntry("file.bin", 5000, info.modified, info.etag, "STANDARD"), verified=True)
    store.cut = 1
    assert refused(SendFile(REF, path, WriteOptions()), store) is ErrorKind.INTEGRITY


def test_another_object_than_the_one_that_was_stored_is_no_proof(path: Path) -> None:
    store = Opaque()
    store.add_bucket(BUCKET)
    put = store.put_object

    def overtaken(*args: object) -> Stored:
        stored = put(*args)  # type: ignore[arg-type]
        store.add(BUCKET, "file.bin", content(5000, seed=1))
        return stored

    store.put_object = overtaken  # type: ignore[method-assign, assignment]
    assert refused(SendFile(REF, path, WriteOptions()), store) is ErrorKind.INTEGRITY


def test_a_key_that_may_not_read_ends_unverified(path: Path) -> None:
    store = Opaque()
    store.add_bucket(BUCKET)
    store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED))
    sent = SendFile(REF, path, WriteOptions()).run(store, CallControl())
    assert (sent.verified, sent.entry.size, sent.entry.etag) == (False, 5000, f"opaque-{md5_hex(content(5000))}")
    store.fail_next("head_object", failure(ErrorKind.NOT_S3))
    assert refused(SendFile(REF, path, WriteOptions()), store) is ErrorKind.NOT_S3


@pytest.mark.parametrize(
    ("stored", "checksum", "puts"), [(5000, False, 0), (5000, True, 1), (4999, False, 1), (None, False, 1)]
)
def test_after_a_crash_only_other_bytes_are_sent_again(
    store: MemoryStore, path: Path, stored: int | None, checksum: bool, puts: int
) -> None:
    if stored is not None:
        store.add(BUCKET, "file.bin", content(stored))
    work = SendFile(REF, path, WriteOptions(), checksum=checksum, look_first=True)
    for _ in range(2):
        sent = work.run(store, CallControl())
        assert (sent.verified, sent.entry.etag) == (True, md5_hex(content(5000)))
        assert store.count("put_object") == puts


@pytest.mark.parametrize(("stored", "puts"), [(content(5000), 0), (b"x" * 5000, 1), (b"x" * 4999, 1)])
def test_after_a_crash_the_bytes_tell_where_no_etag_does(store: MemoryStore, path: Path, stored: bytes, puts: int) -> None:
    store.add(BUCKET, "file.bin", stored, etag="opaque-7")
    moved: list[int] = []
    control = CallControl()
    control.moved = moved.append
    sent = SendFile(REF, path, WriteOptions(), look_first=True).run(store, control)
    assert (sent.verified, store.count("put_object"), sum(moved)) == (True, puts, 5000 * puts)
    assert store.body(REF) == content(5000)
    old = store.add(BUCKET, "file.bin", b"x" * 5000, etag="opaque-8")
    before = store.count("read_range")
    condition = Condition(store.head_object(old).etag)
    SendFile(REF, path, WriteOptions(), condition=condition, look_first=True).run(store, CallControl())
    assert (store.count("read_range"), store.body(REF)) == (before, content(5000))  # it is what is to be replaced
    store.add(BUCKET, "file.bin", b"x" * 5000, etag="opaque-9")
    work = SendFile(REF, path, WriteOptions(), condition=Condition(), look_first=True)
    assert refused(work, store) is ErrorKind.CHANGED
    store.fail_next("read_range", failure(ErrorKind.ACCESS_DENIED))
    assert refused(work, store) is ErrorKind.CHANGED


def test_the_same_bytes_are_in_the_way_of_what_was_not_begun(store: MemoryStore, path: Path) -> None:
    store.add(BUCKET, "file.bin", content(5000))
    assert refused(SendFile(REF, path, WriteOptions(), condition=Condition()), store) is ErrorKind.CHANGED
    assert SendFile(REF, path, WriteOptions(), condition=Condition(), look_first=True).run(store, CallControl()).verified
    assert store.count("put_object") == 0
    SendFile(REF, path, WriteOptions(), condition=Condition(md5_hex(content(5000)))).run(store, CallControl())
    assert store.count("put_object") == 1


def test_a_key_that_may_not_look_sends(store: MemoryStore, path: Path) -> None:
    store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED))
    assert SendFile(REF, path, WriteOptions(), look_first=True).run(store, CallControl()).verified
    store.fail_next("head_object", failure(ErrorKind.TIMEOUT))
    assert refused(SendFile(REF, path, WriteOptions(), look_first=True), store) is ErrorKind.TIMEOUT


def test_a_marker_is_made_typed_and_empty(store: MemoryStore, tmp_path: Path) -> None:
    sent = SendFile(MARKER, tmp_path, TYPED, keep_time=True).run(store, CallControl())
    info = store.head_object(MARKER)
    assert (info.size, info.content_type, info.metadata) == (0, "application/x-directory", ())
    assert (sent.verified, sent.entry.key, sent.entry.size) == (True, "empty/", 0)


@pytest.mark.parametrize("condition", [None, Condition()])
def test_a_marker_never_replaces_an_object(store: MemoryStore, tmp_path: Path, condition: Condition | None) -> None:
    store.add(BUCKET, "empty/", b"content")
    sent = SendFile(MARKER, tmp_path, TYPED, condition=condition).run(store, CallControl())
    assert store.body(MARKER) == b"content"
    assert sent.entry.size == 7
    store.fail_next("head_object", failure(ErrorKind.NO_OBJECT))  # it came between question and answer
    assert SendFile(MARKER, tmp_path, TYPED, condition=condition).run(store, CallControl()) == sent
    assert store.body(MARKER) == b"content"


def test_a_marker_is_not_written_blindly_unless_the_user_said_so(store: MemoryStore, tmp_path: Path) -> None:
    store.add(BUCKET, "empty/", b"content")
    store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED), times=3)
    assert refused(SendFile(MARKER, tmp_path, TYPED, condition=Condition()), store) is ErrorKind.ACCESS_DENIED
    assert store.body(MARKER) == b"content"
    SendFile(MARKER, tmp_path, TYPED).run(store, CallControl())
    assert store.body(MARKER) == b""


def test_parts_are_pieces_of_the_file(store: MemoryStore, path: Path) -> None:
    upload_id = store.create_multipart_upload(REF, WriteOptions())
    before = stamp(path.stat())
    for number, start, length in ((2, 2000, 2000), (1, 0, 2000), (3, 4000, 1000)):
        part = SendPart(REF, upload_id, number, path, before, start, length).run(store, CallControl())
        assert part == UploadedPart(number, md5_hex(content(5000)[start : start + length]), length)
    store.complete_multipart_upload(REF, upload_id, store.list_parts(REF, upload_id))
    assert store.body(REF) == content(5000)
    assert refused(SendPart(REF, upload_id, 1, path, before, 4000, 1001), store) is ErrorKind.LOCAL_CHANGED


def test_a_cancelled_part_is_no_failure(store: MemoryStore, path: Path) -> None:
    control = CallControl()
    control.cancel()
    with pytest.raises(Cancelled):
        SendPart(REF, "id", 1, path, stamp(path.stat()), 0, 10).run(store, control)


def test_the_bytes_of_an_object_are_hashed_and_count_as_nothing_moved(store: MemoryStore) -> None:
    store.add(BUCKET, "file.bin", content(5000))
    moved: list[int] = []
    control, etag = CallControl(moved.append), md5_hex(content(5000))
    assert HashStored(REF, etag, 1000, 3000).run(store, control) == md5_hex(content(5000)[1000:4000])
    assert HashStored(REF, etag, 0, 0).run(store, control) == md5_hex(b"")
    assert HashStored(REF, "another", 0, 5000).run(store, control) == ""
    assert sum(moved) == 0
    store.fail_next("read_range", failure(ErrorKind.TIMEOUT))
    with pytest.raises(BrowserError):
        HashStored(REF, etag, 0, 5000).run(store, control)


def test_hashes_are_those_of_the_pieces(store: MemoryStore, path: Path) -> None:
    body, before, moved = content(5000), stamp(path.stat()), list[int]()
    control = CallControl(moved.append)
    assert HashRanges(path, before, 0, 5000, 2000).run(store, control) == tuple(
        md5_hex(body[start : start + 2000]) for start in (0, 2000, 4000)
    )
    assert HashRanges(path, before, 2000, 4000, 1500).run(store, control) == (
        md5_hex(body[2000:3500]),
        md5_hex(body[3500:4000]),
    )
    assert HashFile(path, before).run(store, control) == hashlib.sha256(body).hexdigest()
    assert (moved, store.calls) == ([], [])
    path.write_bytes(b"changed")
    assert refused(HashFile(path, before), store) is ErrorKind.LOCAL_CHANGED
    assert refused(HashRanges(path, before, 0, 5000, 2000), store) is ErrorKind.LOCAL_CHANGED
