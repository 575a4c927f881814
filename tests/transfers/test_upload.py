from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore, md5_hex, multipart_etag
from transfers.rig import BUCKET, LIMITS, NO_WAITS, PART, PATIENCE, SIZES, Rig, content, failure

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import Cancelled, ErrorKind
from cloudtemple_browser.model.writes import UploadedPart, WriteOptions
from cloudtemple_browser.transfers.events import ObjectStored
from cloudtemple_browser.transfers.job import ConflictPolicy
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.states import TransferState
from cloudtemple_browser.transfers.upload import LocalFile

REF = ObjectRef(BUCKET, "file.bin")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(content(3 * PART))
    return path


def kind_of(rig: Rig, group: int) -> ErrorKind:
    change = rig.only(group)
    assert change.state is TransferState.FAILED
    assert change.error is not None
    return change.error.kind


@pytest.mark.parametrize("size", SIZES)
def test_what_is_stored_is_the_file(rig: Rig, path: Path, size: int) -> None:
    path.write_bytes(content(size))
    change = rig.only(rig.upload(path, prefix="a/b/"))
    assert (change.state, change.done_bytes, change.total_bytes, change.verified) == (TransferState.DONE, size, size, True)
    assert rig.store.body(ObjectRef(BUCKET, "a/b/file.bin")) == content(size)
    assert rig.store.count("put_object") == (size <= PART)


def test_a_stored_object_is_told_as_its_row(rig: Rig, path: Path) -> None:
    path.write_bytes(b"x")
    rig.only(rig.upload(path, public=True))
    path.write_bytes(content(2 * PART))
    rig.only(rig.upload(path))
    row, later = rig.entry("file.bin"), rig.stored[1].entry
    assert rig.stored[0].entry.etag == md5_hex(b"x")
    assert [event.public for event in rig.stored] == [True, False]
    assert rig.stored[1] == ObjectStored("connection", BUCKET, row, public=False)
    assert later.etag == multipart_etag([content(2 * PART)[:PART], content(2 * PART)[PART:]])


def test_type_and_acl_are_sent(rig: Rig, tmp_path: Path) -> None:
    for name in ("page.html", "large.html"):
        (tmp_path / name).write_bytes(content(PART if name == "page.html" else PART + 1))
    rig.finish(rig.upload(tmp_path / "page.html", tmp_path / "large.html", public=True))
    for key in ("page.html", "large.html"):
        assert rig.store.head_object(ObjectRef(BUCKET, key)).content_type == "text/html"
        assert rig.store.read_acl(ObjectRef(BUCKET, key)).public


def forget_acls_of_parts(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As some stores do: CreateMultipartUpload takes an ACL and drops it."""
    create = store.create_multipart_upload

    def without_acl(ref: ObjectRef, options: WriteOptions) -> str:
        return create(ref, replace(options, acl=None))

    monkeypatch.setattr(store, "create_multipart_upload", without_acl)


def test_an_acl_that_the_store_forgot_is_set_again(rig: Rig, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_acls_of_parts(rig.store, monkeypatch)
    change = rig.only(rig.upload(path, public=True))
    assert (change.state, change.not_public) == (TransferState.DONE, False)
    assert rig.store.read_acl(REF).public
    assert rig.stored[0].public


@pytest.mark.parametrize("operation", ["read_acl", "write_acl"])
def test_public_is_never_said_without_proof(rig: Rig, path: Path, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_acls_of_parts(rig.store, monkeypatch)
    rig.store.fail_next(operation, failure(ErrorKind.ACCESS_DENIED), times=9)
    change = rig.only(rig.upload(path, public=True))
    assert (change.state, change.not_public) == (TransferState.DONE, True)
    assert not rig.stored[0].public


def test_acls_are_not_touched_unless_asked(rig: Rig, path: Path) -> None:
    change = rig.only(rig.upload(path))
    assert not change.not_public
    assert not rig.store.count("read_acl")
    assert not rig.store.count("write_acl")


@pytest.mark.parametrize("operation", ["create_multipart_upload", "upload_part", "complete_multipart_upload", "head_object"])
def test_what_may_pass_is_tried_again(rig: Rig, path: Path, operation: str) -> None:
    rig.store.fail_next(operation, failure(ErrorKind.CONNECTION_LOST), times=2)
    change = rig.only(rig.upload(path))
    assert (change.state, change.done_bytes) == (TransferState.DONE, 3 * PART)
    assert rig.store.body(REF) == content(3 * PART)


def test_a_part_that_was_sent_in_vain_is_not_counted(rig: Rig, path: Path) -> None:
    rig.store.fail_next("upload_part", failure(ErrorKind.TIMEOUT), late=True)
    group = rig.upload(path)
    assert rig.only(group).state is TransferState.DONE
    assert max(change.done_bytes for change in rig.changes(rig.first_job(group))) == 3 * PART
    assert rig.store.count("upload_part") == 4


@pytest.mark.parametrize(
    ("operation", "kind", "calls"),
    [
        ("create_multipart_upload", ErrorKind.ACCESS_DENIED, 1),
        ("upload_part", ErrorKind.ACCESS_DENIED, 1),
        ("upload_part", ErrorKind.SERVER, NO_WAITS.attempts),
        ("upload_part", ErrorKind.INTEGRITY, 2),
        ("complete_multipart_upload", ErrorKind.NOT_S3, 1),
        ("head_object", ErrorKind.NOT_S3, 1),
    ],
)
def test_what_fails_for_good_says_why_and_leaves_no_parts(
    rig: Rig, path: Path, operation: str, kind: ErrorKind, calls: int
) -> None:
    rig.store.fail_next(operation, failure(kind), times=99)
    assert kind_of(rig, rig.upload(path)) is kind
    assert rig.store.count(operation) == calls
    assert rig.store.uploads == {}
    assert rig.stored == []


def test_a_lost_multipart_upload_is_begun_anew_once(rig: Rig, path: Path) -> None:
    sending = rig.store.upload_part

    def lose_it(ref: ObjectRef, upload_id: str, number: int, body: bytes, control: CallControl) -> UploadedPart:
        if number == 2:
            rig.store.upload_part = sending  # type: ignore[method-assign]
            rig.store.uploads.clear()
        return sending(ref, upload_id, number, body, control)

    rig.store.upload_part = lose_it  # type: ignore[method-assign]
    group = rig.upload(path)
    assert rig.only(group).state is TransferState.DONE
    assert rig.store.body(REF) == content(3 * PART)
    assert rig.only(group).done_bytes == 3 * PART
    rig.store.fail_next("upload_part", failure(ErrorKind.BAD_REQUEST, "NoSuchUpload"), times=2)
    assert kind_of(rig, rig.upload(path)) is ErrorKind.BAD_REQUEST
    assert rig.store.count("create_multipart_upload") == 4


def test_an_abort_that_fails_does_not_hide_the_reason(rig: Rig, path: Path) -> None:
    rig.store.fail_next("upload_part", failure(ErrorKind.ACCESS_DENIED))
    rig.store.fail_next("abort_multipart_upload", failure(ErrorKind.BAD_REQUEST))
    assert kind_of(rig, rig.upload(path)) is ErrorKind.ACCESS_DENIED
    rig.store.uploads.clear()


def test_an_object_of_another_size_is_no_success(path: Path) -> None:
    class Cutting(MemoryStore):
        def put_object(self, ref: ObjectRef, body: bytes, options: WriteOptions, control: CallControl) -> str:
            return super().put_object(ref, body[:-1], options, control)

    rig = Rig(Cutting())
    path.write_bytes(content(PART))
    assert kind_of(rig, rig.upload(path)) is ErrorKind.INTEGRITY
    rig.settled()


def test_a_key_that_may_not_read_ends_unverified(rig: Rig, path: Path) -> None:
    rig.store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED))
    change = rig.only(rig.upload(path))
    assert (change.state, change.verified) == (TransferState.DONE, False)
    assert (rig.stored[0].entry.size, rig.stored[0].entry.modified) == (3 * PART, UNKNOWN)


def test_cancel_in_the_middle_aborts(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("upload_part")
    group = rig.upload(path)
    assert hold.entered.wait(PATIENCE)
    rig.engine.cancel(rig.first_job(group))
    assert rig.only(group).state is TransferState.CANCELLED
    assert rig.engine.close(PATIENCE)
    assert rig.store.uploads == {}
    assert rig.store.keys(BUCKET) == ()
    assert rig.store.count("abort_multipart_upload") == 1


def test_cancel_while_the_upload_begins_aborts(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("create_multipart_upload")
    group = rig.upload(path)
    assert hold.entered.wait(PATIENCE)
    rig.engine.cancel(rig.first_job(group))
    hold.release()
    assert rig.engine.close(PATIENCE)
    assert rig.store.count("create_multipart_upload") == rig.store.count("abort_multipart_upload") == 1


def test_a_cancel_after_the_last_part_does_not_complete(rig: Rig, path: Path) -> None:
    sending = rig.store.upload_part

    def upload_part(ref: ObjectRef, upload_id: str, number: int, body: bytes, control: CallControl) -> UploadedPart:
        part = sending(ref, upload_id, number, body, control)
        if number == 3:
            rig.engine.cancel_all()
        return part

    rig.store.upload_part = upload_part  # type: ignore[method-assign]
    assert rig.only(rig.upload(path)).state is TransferState.CANCELLED
    assert rig.engine.close(PATIENCE)
    assert rig.store.count("complete_multipart_upload") == 0


def test_an_object_stored_after_the_cancel_is_told_and_the_job_stays_cancelled(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("head_object")
    group = rig.upload(path)
    assert hold.entered.wait(PATIENCE)
    rig.engine.cancel(rig.first_job(group))
    hold.release()
    rig.listener.wait(lambda: rig.stored)
    rig.engine.close(PATIENCE)
    assert rig.only(group).state is TransferState.CANCELLED
    assert rig.store.keys(BUCKET) == ("file.bin",)


class Meddling(MemoryStore):
    """Does something to the local file after the first part."""

    def __init__(self, path: Path, how: str) -> None:
        super().__init__(min_part_size=1)
        self._path = path
        self._how = how

    def upload_part(self, ref: ObjectRef, upload_id: str, number: int, body: bytes, control: CallControl) -> UploadedPart:
        if number == 1:
            getattr(self, self._how)()
        return super().upload_part(ref, upload_id, number, body, control)

    def append(self) -> None:
        with self._path.open("ab") as file:
            file.write(b"more")

    def truncate(self) -> None:
        os.truncate(self._path, PART)

    def rewrite(self) -> None:
        self._path.write_bytes(content(3 * PART, seed=1))
        os.utime(self._path, (1, 1))

    def replace(self) -> None:
        other = self._path.with_name("other")
        found = self._path.stat()
        other.write_bytes(content(3 * PART, seed=1))
        os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
        other.replace(self._path)

    def remove(self) -> None:
        self._path.unlink()


@pytest.mark.parametrize("how", ["append", "truncate", "rewrite", "replace", "remove"])
def test_a_file_that_changes_meanwhile_is_not_stored(path: Path, how: str) -> None:
    rig = Rig(Meddling(path, how))
    expected = ErrorKind.LOCAL_MISSING if how == "remove" else ErrorKind.LOCAL_CHANGED
    assert kind_of(rig, rig.upload(path)) is expected
    assert rig.store.keys(BUCKET) == ()
    assert rig.store.count("complete_multipart_upload") == 0
    rig.settled()


def test_a_change_after_the_last_part_is_seen_before_complete(path: Path) -> None:
    path.write_bytes(content(PART + 1))
    rig = Rig(Meddling(path, "append"), limits=TransferLimits(threshold=PART, part=2 * PART, smallest_part=1))
    assert kind_of(rig, rig.upload(path)) is ErrorKind.LOCAL_CHANGED
    assert rig.store.keys(BUCKET) == ()
    rig.settled()


def test_more_than_s3_takes_is_refused_before_the_first_byte(tmp_path: Path) -> None:
    rig = Rig(limits=TransferLimits())
    with (tmp_path / "huge").open("wb") as file:
        try:
            file.truncate(LIMITS.largest_object + 1)
        except OSError:
            pytest.skip("no sparse files of 5 TiB here")
    assert kind_of(rig, rig.upload(tmp_path / "huge")) is ErrorKind.TOO_LARGE
    assert rig.store.calls == []
    rig.settled()


def test_a_link_put_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(Exception, match="local-other") as caught:
        LocalFile(tmp_path / "link")
    assert "a link" in str(dict(caught.value.values)["message"])  # type: ignore[attr-defined]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_put_in_the_files_place_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Exception, match="local-other"):
        LocalFile(tmp_path / "pipe")


def test_skip_leaves_what_exists(rig: Rig, path: Path) -> None:
    rig.store.add(BUCKET, "file.bin", b"old")
    change = rig.only(rig.upload(path, conflict=ConflictPolicy.SKIP))
    assert (change.state, change.skipped) == (TransferState.DONE, True)
    assert rig.store.body(REF) == b"old"
    assert rig.stored == []


def test_keep_both_takes_the_next_free_name(rig: Rig, path: Path) -> None:
    for key in ("file.bin", "file (2).bin", "file (4).bin"):
        rig.store.add(BUCKET, key, b"old")
    change = rig.only(rig.upload(path, conflict=ConflictPolicy.KEEP_BOTH))
    assert (change.state, change.skipped) == (TransferState.DONE, False)
    assert rig.store.body(REF) == b"old"
    assert rig.store.body(ObjectRef(BUCKET, "file (3).bin")) == content(3 * PART)
    assert rig.stored[0].entry.key == "file (3).bin"


@pytest.mark.parametrize("conflict", [ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH])
def test_a_new_name_is_taken_as_it_is(rig: Rig, path: Path, conflict: ConflictPolicy) -> None:
    assert not rig.only(rig.upload(path, conflict=conflict)).skipped
    assert rig.store.keys(BUCKET) == ("file.bin",)


@pytest.mark.parametrize("conflict", [ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH])
def test_when_the_store_does_not_tell_what_exists_nothing_is_written(rig: Rig, path: Path, conflict: ConflictPolicy) -> None:
    rig.store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED))
    assert kind_of(rig, rig.upload(path, conflict=conflict)) is ErrorKind.ACCESS_DENIED
    assert rig.store.keys(BUCKET) == ()


def test_uploads_at_once_never_choose_the_same_free_key(rig: Rig, tmp_path: Path) -> None:
    """Four files of one name and one that has the name that the others would get."""
    rig.store.add(BUCKET, "a.txt", b"old")
    hold = rig.store.hold("put_object")
    groups = []
    for n in range(4):
        path = tmp_path / str(n) / ("a (2).txt" if n == 3 else "a.txt")
        path.parent.mkdir()
        path.write_bytes(content(50, seed=n))
        groups.append(rig.upload(path, conflict=ConflictPolicy.KEEP_BOTH))
    assert hold.entered.wait(PATIENCE)
    hold.release()
    assert [rig.only(group).state for group in groups] == [TransferState.DONE] * 4
    bodies = {rig.store.body(ObjectRef(BUCKET, key)) for key in rig.store.keys(BUCKET)}
    assert bodies == {b"old", *(content(50, seed=n) for n in range(4))}


def test_no_free_name_at_all_is_said(path: Path) -> None:
    class Always(MemoryStore):
        def head_object(self, ref: ObjectRef):  # type: ignore[no-untyped-def]
            return super().head_object(ObjectRef(BUCKET, "there"))

    rig = Rig(Always())
    rig.store.add(BUCKET, "there", b"")
    assert kind_of(rig, rig.upload(path, conflict=ConflictPolicy.KEEP_BOTH)) is ErrorKind.LOCAL_NAME
    assert rig.store.keys(BUCKET) == ("there",)
    rig.settled()


def test_a_folders_marker_never_replaces_an_object(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    rig.store.add(BUCKET, "empty/", b"content")
    assert rig.only(rig.upload(tmp_path / "empty")).skipped
    assert rig.store.body(ObjectRef(BUCKET, "empty/")) == b"content"


def test_a_folders_marker_is_private_and_typed(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert rig.only(rig.upload(tmp_path / "empty", public=True)).state is TransferState.DONE
    info = rig.store.head_object(ObjectRef(BUCKET, "empty/"))
    assert (info.size, info.content_type) == (0, "application/x-directory")
    assert not rig.store.read_acl(ObjectRef(BUCKET, "empty/")).public


def test_cancelled_is_not_failed(rig: Rig, path: Path) -> None:
    rig.store.fail_next("upload_part", Cancelled())
    change = rig.only(rig.upload(path))
    assert (change.state, change.error) == (TransferState.CANCELLED, None)
