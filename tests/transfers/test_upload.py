"""Single uploads: the file or nothing is stored, nobody else's object is touched, and what is there is not sent again."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore, md5_hex, multipart_etag
from transfers.local_tree import content
from transfers.rig import BUCKET, LIMITS, NO_WAITS, PART, PATIENCE, SIZES, Rig, failure

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, TransferRules, TransferState
from cloudtemple_browser.model.writes import Condition, PendingUpload, Stored, UploadedPart, WriteOptions
from cloudtemple_browser.transfers.plan import TransferLimits

REF = ObjectRef(BUCKET, "file.bin")
SMALL, LARGE = content(PART), content(3 * PART)
OLD = b"old"
NO_LIST = (
    ErrorKind.UNSUPPORTED,
    ErrorKind.BAD_REQUEST,
    ErrorKind.ACCESS_DENIED,
    ErrorKind.NOT_S3,
    ErrorKind.PARTIAL,
    ErrorKind.SERVER,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(LARGE)
    return path


@contextmanager
def rig_on(folder: Path, store: MemoryStore, limits: TransferLimits = LIMITS) -> Iterator[Rig]:
    """A rig on a store of the test's own."""
    rig = Rig(folder / "journal", store, limits)
    yield rig
    rig.close()


def deciding(policy: ConflictPolicy, replaces: str = "") -> dict[str, Decision]:
    return {REF.key: Decision(policy, replaces)}


# --------------------------------------------------------------------------------------------------- what is stored


@pytest.mark.parametrize("size", SIZES)
def test_what_is_stored_is_the_file(rig: Rig, path: Path, size: int) -> None:
    path.write_bytes(content(size))
    group = rig.upload(path, prefix="a/b/")
    job = rig.done(group)
    assert (job.done_bytes, job.total_bytes, job.verified, job.key) == (size, size, True, "a/b/file.bin")
    assert rig.store.body(ObjectRef(BUCKET, "a/b/file.bin")) == content(size)
    assert rig.store.count("put_object") == (size <= PART)
    assert rig.ended(group).status.bytes_done == size


def test_a_stored_object_is_told_as_its_row(rig: Rig, path: Path) -> None:
    path.write_bytes(b"x")
    rig.done(rig.upload(path, public=True))
    assert rig.listener.public == {"file.bin": True}
    path.write_bytes(content(2 * PART))
    rig.done(rig.upload(path, decisions=deciding(ConflictPolicy.OVERWRITE)))
    small, large = rig.listener.stored
    assert (small.key, small.size, small.etag) == ("file.bin", 1, md5_hex(b"x"))
    assert (large.size, large.etag) == (2 * PART, multipart_etag([content(2 * PART)[:PART], content(2 * PART)[PART:]]))
    assert rig.listener.public == {"file.bin": False}


def test_type_and_acl_are_sent(rig: Rig, tmp_path: Path) -> None:
    for name, size in (("page.html", PART), ("large.html", PART + 1)):
        (tmp_path / name).write_bytes(content(size))
    rig.ended(rig.upload(tmp_path / "page.html", tmp_path / "large.html", public=True))
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
    assert not rig.done(rig.upload(path, public=True)).not_public
    assert rig.store.read_acl(REF).public
    assert rig.listener.public == {"file.bin": True}


@pytest.mark.parametrize("operation", ["readable_by_anyone", "write_acl"])
@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_public_is_never_said_without_proof(
    rig: Rig, path: Path, operation: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(body)
    forget_acls_of_parts(rig.store, monkeypatch)
    rig.store.fail_next(operation, failure(ErrorKind.BAD_REQUEST), times=9)
    group = rig.upload(path, public=True)
    proven = body is SMALL and operation == "write_acl"
    assert rig.done(group).not_public is not proven
    assert rig.ended(group).status.not_public == (not proven)
    assert rig.listener.public == {"file.bin": proven}


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_an_acl_that_the_store_does_not_follow_is_no_proof(rig: Rig, path: Path, body: bytes) -> None:
    path.write_bytes(body)
    rig.store.readable_by_anyone = lambda ref: False  # type: ignore[method-assign]
    assert rig.done(rig.upload(path, public=True)).not_public
    assert rig.store.read_acl(REF).public
    assert rig.listener.public == {"file.bin": False}


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_an_object_that_the_store_keeps_under_another_name_is_told(rig: Rig, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "odd.").write_bytes(body)
    (tmp_path / "plain").write_bytes(SMALL)
    page = rig.store.first_page
    changed = {"odd.": "not there"}
    rig.store.first_page = lambda bucket, prefix, *rest: page(bucket, changed.get(prefix, prefix), *rest)  # type: ignore[method-assign]
    group = rig.upload(tmp_path / "odd.", tmp_path / "plain")
    assert rig.ended(group).status.counts.done == 1
    assert [job.error.kind for job in rig.jobs(group) if job.error] == [ErrorKind.RENAMED]


def test_acls_are_not_touched_unless_asked(rig: Rig, path: Path) -> None:
    assert not rig.done(rig.upload(path)).not_public
    assert not rig.store.count("read_acl") + rig.store.count("write_acl")


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_checksum_and_time_are_kept_as_metadata(rig: Rig, path: Path, body: bytes) -> None:
    path.write_bytes(body)
    os.utime(path, ns=(0, 1_354_040_105_123_456_789))
    rig.engine.set_rules(TransferRules(checksum=True))
    rig.done(rig.upload(path))
    told = dict(rig.store.head_object(REF).metadata)
    assert told == {"checksum-sha256": hashlib.sha256(body).hexdigest(), "mtime": "1354040105.123456789"}
    rig.engine.set_rules(TransferRules(keep_times=False))
    rig.done(rig.upload(path, decisions=deciding(ConflictPolicy.OVERWRITE)))
    assert rig.store.head_object(REF).metadata == ()


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_links_are_left_out_or_followed_as_the_rules_say(rig: Rig, path: Path, body: bytes) -> None:
    path.write_bytes(body)
    link = path.with_name("link")
    link.symlink_to(path)
    assert rig.ended(rig.upload(link)).status.left_out == 1
    rig.engine.set_rules(TransferRules(follow_links=True))
    assert rig.done(rig.upload(link)).verified
    assert rig.store.body(ObjectRef(BUCKET, "link")) == body


def test_a_folders_marker_never_replaces_an_object(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    rig.store.add(BUCKET, "empty/", b"content")
    assert rig.done(rig.upload(tmp_path / "empty")).skipped
    assert rig.store.body(ObjectRef(BUCKET, "empty/")) == b"content"


def test_a_folders_marker_is_private_and_typed(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    rig.done(rig.upload(tmp_path / "empty", public=True))
    info = rig.store.head_object(ObjectRef(BUCKET, "empty/"))
    assert (info.size, info.content_type) == (0, "application/x-directory")
    assert not rig.store.read_acl(ObjectRef(BUCKET, "empty/")).public


def test_more_than_s3_takes_is_refused_before_the_first_byte(tmp_path: Path) -> None:
    store = MemoryStore()
    with rig_on(tmp_path, store, TransferLimits()) as rig:
        with (tmp_path / "huge").open("wb") as file:
            try:
                file.truncate(LIMITS.largest_object + 1)
            except OSError:
                pytest.skip("no sparse files of 5 TiB here")
        rig.failed(rig.upload(tmp_path / "huge"), ErrorKind.TOO_LARGE)
        assert not store.count("create_multipart_upload") + store.count("put_object")


# ------------------------------------------------------------------------------------------- failures and lost answers


@pytest.mark.parametrize("operation", ["create_multipart_upload", "upload_part", "complete_multipart_upload", "head_object"])
def test_what_may_pass_is_tried_again(rig: Rig, path: Path, operation: str) -> None:
    rig.store.fail_next(operation, failure(ErrorKind.CONNECTION_LOST), times=2)
    assert rig.done(rig.upload(path)).done_bytes == 3 * PART
    assert rig.store.body(REF) == LARGE


def test_a_lost_answer_to_create_leaves_no_second_upload(rig: Rig, path: Path) -> None:
    rig.store.fail_next("create_multipart_upload", failure(ErrorKind.CONNECTION_LOST), late=True, times=2)
    rig.done(rig.upload(path))
    assert rig.store.count("create_multipart_upload") == 3
    assert not rig.store.uploads


def test_a_part_that_was_sent_in_vain_counts_on_the_wire_only(rig: Rig, path: Path) -> None:
    rig.store.fail_next("upload_part", failure(ErrorKind.TIMEOUT), late=True)
    group = rig.upload(path)
    status = rig.ended(group).status
    assert (status.bytes_done, status.bytes_moved) == (3 * PART, 4 * PART)
    assert rig.store.count("upload_part") == 4


@pytest.mark.parametrize(
    ("operation", "kind", "calls"),
    [
        ("create_multipart_upload", ErrorKind.ACCESS_DENIED, 1),
        ("upload_part", ErrorKind.SERVER, NO_WAITS.attempts),
        ("upload_part", ErrorKind.INTEGRITY, 2),
        ("complete_multipart_upload", ErrorKind.NOT_S3, 2),
        ("complete_multipart_upload", ErrorKind.BAD_REQUEST, 1),
    ],
)
def test_what_fails_for_good_says_why_and_goes_on_when_the_user_wants(
    tmp_path: Path, path: Path, operation: str, kind: ErrorKind, calls: int
) -> None:
    limits = replace(LIMITS, part=10 * PART, threshold=PART)  # one part: the calls can be counted
    with rig_on(tmp_path, MemoryStore(min_part_size=1), limits) as rig:
        rig.store.fail_next(operation, failure(kind), times=calls)
        group = rig.upload(path)
        rig.failed(group, kind)
        assert rig.store.count(operation) == calls
        assert rig.listener.stored == []
        rig.engine.retry(group)
        assert rig.ended(group, 2).status.counts.done == 1
        assert rig.store.body(REF) == LARGE
        assert not rig.store.uploads
        # At most the one part that failed was sent again.
        assert rig.store.count("upload_part") == (calls + 1 if operation == "upload_part" else 1)


@pytest.mark.parametrize("order", ["cancel", "remove"])
def test_a_failed_upload_that_nobody_wants_any_more_leaves_no_parts(rig: Rig, path: Path, order: str) -> None:
    rig.store.fail_next("complete_multipart_upload", failure(ErrorKind.BAD_REQUEST))
    group = rig.upload(path)
    rig.failed(group, ErrorKind.BAD_REQUEST)
    assert rig.store.uploads
    if order == "cancel":
        rig.engine.cancel(jobs=(rig.job(group).job.id,))
    else:
        rig.engine.remove(group)
    rig.poll(lambda: not rig.store.uploads)


def test_parts_that_could_not_be_thrown_away_are_so_at_the_next_start(rig: Rig, path: Path) -> None:
    rig.store.fail_next("complete_multipart_upload", failure(ErrorKind.BAD_REQUEST))
    group = rig.upload(path)
    rig.failed(group, ErrorKind.BAD_REQUEST)
    rig.store.always = failure(ErrorKind.DNS)
    rig.engine.cancel(jobs=(rig.job(group).job.id,))
    rig.until_calls("abort_multipart_upload", 1)
    rig.close()
    rig.store.always = None
    assert rig.store.uploads
    rig.restart()
    rig.poll(lambda: not rig.store.uploads)


@pytest.mark.parametrize("number", [1, 3])
def test_a_lost_multipart_upload_is_begun_anew_once(rig: Rig, path: Path, number: int) -> None:
    sending = rig.store.upload_part

    def lose_it(ref: ObjectRef, upload_id: str, sent: int, body: bytes | memoryview, control: CallControl) -> UploadedPart:
        if sent == number:
            rig.store.upload_part = sending  # type: ignore[method-assign]
            rig.store.uploads.clear()
        return sending(ref, upload_id, sent, body, control)

    rig.store.upload_part = lose_it  # type: ignore[method-assign, assignment]
    assert rig.done(rig.upload(path)).done_bytes == 3 * PART
    assert rig.store.body(REF) == LARGE
    assert not rig.store.uploads
    rig.store.fail_next("upload_part", failure(ErrorKind.BAD_REQUEST, "NoSuchUpload"), times=99)
    rig.failed(rig.upload(path, decisions=deciding(ConflictPolicy.OVERWRITE)), ErrorKind.BAD_REQUEST)
    assert rig.store.count("create_multipart_upload") == 4


def test_a_lost_answer_to_a_small_upload_is_no_conflict_with_itself(rig: Rig, path: Path) -> None:
    """The second request would get a 412 from the object that the first one stored."""
    path.write_bytes(SMALL)
    rig.store.fail_next("put_object", failure(ErrorKind.CONNECTION_LOST), late=True)
    assert rig.done(rig.upload(path)).verified
    assert rig.store.body(REF) == SMALL
    assert rig.store.count("put_object") == 1


def test_a_lost_answer_to_complete_is_found_out(rig: Rig, path: Path) -> None:
    """The upload id is gone then, and the object is there."""
    rig.store.fail_next("complete_multipart_upload", failure(ErrorKind.CONNECTION_LOST), late=True)
    assert rig.done(rig.upload(path)).verified
    assert rig.store.body(REF) == LARGE
    assert rig.store.count("create_multipart_upload") == 1
    assert rig.store.count("upload_part") == 3


class Meddler(MemoryStore):
    """Calls ``meddle`` as the part ``number`` arrives."""

    def __init__(self, meddle: Callable[[], object], number: int = 1) -> None:
        super().__init__(min_part_size=1)
        self._meddle, self._number = meddle, number

    def upload_part(
        self, ref: ObjectRef, upload_id: str, number: int, body: bytes | memoryview, control: CallControl
    ) -> UploadedPart:
        part = super().upload_part(ref, upload_id, number, body, control)
        if number == self._number:
            self._meddle()
        return part


def test_an_object_of_another_size_is_no_success(tmp_path: Path, path: Path) -> None:
    class Cutting(MemoryStore):
        def put_object(
            self,
            ref: ObjectRef,
            body: bytes | memoryview,
            options: WriteOptions,
            control: CallControl,
            condition: Condition | None = None,
        ) -> Stored:
            return super().put_object(ref, body[:-1], options, control)

    path.write_bytes(SMALL)
    with rig_on(tmp_path, Cutting()) as rig:
        rig.failed(rig.upload(path, appeared=ConflictPolicy.OVERWRITE), ErrorKind.INTEGRITY)


def test_an_object_put_there_by_another_in_the_moment_after_is_not_called_ours(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(min_part_size=1)
    completing = store.complete_multipart_upload

    def complete(*arguments: object) -> Stored:
        stored = completing(*arguments)  # type: ignore[arg-type]
        store.add(BUCKET, REF.key, content(3 * PART, 9), etag=f"{'0' * 32}-3")
        return stored

    store.complete_multipart_upload = complete  # type: ignore[method-assign, assignment]
    with rig_on(tmp_path, store) as rig:
        rig.failed(rig.upload(path), ErrorKind.INTEGRITY)


@pytest.mark.parametrize("policy", [ConflictPolicy.OVERWRITE, ConflictPolicy.REFUSE])
def test_a_key_that_may_only_write_ends_unverified(rig: Rig, path: Path, policy: ConflictPolicy) -> None:
    rig.store.fail_next("head_object", failure(ErrorKind.ACCESS_DENIED), times=9)
    rig.store.fail_next("first_page", failure(ErrorKind.ACCESS_DENIED), times=9)
    group = rig.upload(path, appeared=policy)
    assert not rig.done(group).verified
    assert rig.ended(group).status.unproven == 1
    assert (rig.listener.stored[0].size, rig.listener.stored[0].modified) == (3 * PART, UNKNOWN)


# -------------------------------------------------------------------------------------------------------------- cancel


def test_cancel_while_the_upload_begins_aborts_it(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("create_multipart_upload")
    group = rig.upload(path)
    rig.until_calls("create_multipart_upload", 1)
    rig.engine.cancel(group)
    rig.ended(group)
    hold.release()  # the call was on its way: its answer comes when nobody waits for it any more
    rig.poll(lambda: rig.store.uploads or rig.store.count("abort_multipart_upload"))
    rig.poll(lambda: not rig.store.uploads)


def test_a_cancel_after_the_last_part_does_not_complete(tmp_path: Path, path: Path) -> None:
    store = Meddler(lambda: rig.engine.cancel(), 3)  # noqa: PLW0108 - there is no rig yet
    with rig_on(tmp_path, store) as rig:
        group = rig.upload(path)
        assert rig.ended(group).status.counts.cancelled == 1
        rig.poll(lambda: not store.uploads)
        assert not store.count("complete_multipart_upload")
        assert store.keys(BUCKET) == ()


# -------------------------------------------------------------------------------------------- a file that does not stay


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def truncate(path: Path) -> None:
    os.truncate(path, PART)


def rewrite(path: Path) -> None:
    path.write_bytes(content(3 * PART, seed=1))
    os.utime(path, (1, 1))


def put_another(path: Path) -> None:
    other, found = path.with_name("other"), path.stat()
    other.write_bytes(content(3 * PART, seed=1))
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)


def rewrite_unseen(path: Path, *parts: int, seed: int = 1) -> None:
    """In place, with the time of before: size, time and inode tell nothing. Only these parts differ (none: the second)."""
    found, body = path.stat(), bytearray(LARGE)
    for number in parts or (2,):
        body[(number - 1) * PART : number * PART] = content(PART, seed)
    path.write_bytes(body)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    while os.name == "posix" and path.stat().st_ctime_ns == found.st_ctime_ns:  # some clocks tick every 4 ms
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize("meddle", [append, truncate, rewrite, put_another, Path.unlink])
@pytest.mark.parametrize("number", [1, 3])
def test_a_file_that_changes_meanwhile_is_not_stored(
    tmp_path: Path, path: Path, meddle: Callable[[Path], None], number: int
) -> None:
    with rig_on(tmp_path, Meddler(lambda: meddle(path), number)) as rig:
        kind = ErrorKind.LOCAL_MISSING if meddle is Path.unlink else ErrorKind.LOCAL_CHANGED
        rig.failed(rig.upload(path), kind)
        assert rig.store.keys(BUCKET) == ()
        assert rig.store.count("complete_multipart_upload") == 0


def once(meddle: Callable[[], object]) -> Callable[[], None]:
    """Does it the first time only."""
    left = [meddle]

    def act() -> None:
        if left:
            left.pop()()

    return act


@pytest.mark.skipif(os.name == "nt", reason="nothing tells there")
@pytest.mark.parametrize("checksum", [False, True])
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("changed", [(1,), (2,), (1, 2, 3)], ids=str)
def test_a_file_that_changes_with_its_time_set_back_is_never_a_mix(
    tmp_path: Path, path: Path, number: int, changed: tuple[int, ...], checksum: bool
) -> None:
    with rig_on(tmp_path, Meddler(once(lambda: rewrite_unseen(path, *changed)), number)) as rig:
        rig.engine.set_rules(TransferRules(checksum=checksum))
        assert rig.done(rig.upload(path)).verified
        assert rig.store.body(REF) == path.read_bytes() != LARGE
        told = dict(rig.store.head_object(REF).metadata).get("checksum-sha256", "")
        assert told == (hashlib.sha256(path.read_bytes()).hexdigest() if checksum else "")
        assert not rig.store.uploads


@pytest.mark.skipif(os.name == "nt", reason="nothing tells there")
@pytest.mark.parametrize("checksum", [False, True])
@pytest.mark.parametrize("number", [1, 3])
def test_a_file_that_gets_other_rights_goes_on(tmp_path: Path, path: Path, number: int, checksum: bool) -> None:
    def other_rights() -> None:
        before = path.stat().st_ctime_ns
        while path.stat().st_ctime_ns == before:
            path.chmod(path.stat().st_mode ^ 0o040)

    with rig_on(tmp_path, Meddler(once(other_rights), number)) as rig:
        rig.engine.set_rules(TransferRules(checksum=checksum))
        job = rig.done(rig.upload(path))
        assert (job.verified, job.done_bytes) == (True, 3 * PART)
        assert rig.store.body(REF) == LARGE
        assert rig.store.count("create_multipart_upload") == 1
        assert sorted(call.number for call in rig.store.calls if call.operation == "upload_part") in ([1, 2, 3], [1, 2, 2, 3])


@pytest.mark.skipif(os.name == "nt", reason="nothing tells there")
def test_a_file_that_never_stays_is_given_up(tmp_path: Path, path: Path) -> None:
    seeds = iter(range(1, 100))
    with rig_on(tmp_path, Meddler(lambda: rewrite_unseen(path, 2, seed=next(seeds)), 2)) as rig:
        rig.failed(rig.upload(path), ErrorKind.LOCAL_CHANGED)
        assert rig.store.keys(BUCKET) == ()
        assert rig.store.count("complete_multipart_upload") == 0
        assert [call.number for call in rig.store.calls if call.operation == "upload_part"].count(2) == 4


def test_a_file_that_changed_is_sent_anew_when_the_user_wants(tmp_path: Path, path: Path) -> None:
    with rig_on(tmp_path, Meddler(lambda: meddle(path))) as rig:

        def meddle(path: Path) -> None:
            if not rig.store.count("complete_multipart_upload") and path.stat().st_size == 3 * PART:
                append(path)

        group = rig.upload(path)
        rig.failed(group, ErrorKind.LOCAL_CHANGED)
        rig.engine.retry(group)
        assert rig.ended(group, 2).status.counts.done == 1
        assert rig.store.body(REF) == LARGE + b"more"
        assert not rig.store.uploads, "the parts of the old file are thrown away"
        assert rig.ended(group, 2).status.bytes_done == 3 * PART + 4


def paused_before_complete(rig: Rig, path: Path) -> int:
    """A group that is paused when all its three parts are there; the program has ended. Complete never came to the store."""
    completing, reached, gone = rig.store.complete_multipart_upload, threading.Event(), threading.Event()

    def complete(*_: object) -> Stored:
        reached.set()
        gone.wait(PATIENCE)
        raise failure(ErrorKind.CONNECTION_LOST)

    rig.store.complete_multipart_upload = complete  # type: ignore[method-assign, assignment]
    group = rig.upload(path)
    rig.poll(reached.is_set)
    rig.engine.pause(group)
    rig.until(group, lambda status: status.counts.paused)
    rig.close()
    gone.set()
    rig.store.complete_multipart_upload = completing  # type: ignore[method-assign]
    return group


# ------------------------------------------------------------------------------------------------------------- resuming


def interrupted(rig: Rig, path: Path) -> int:
    """A group of which the program ended after the first part: the others were under way."""
    sending, first = rig.store.upload_part, Stop()

    def send(ref: ObjectRef, upload_id: str, number: int, body: bytes | memoryview, control: CallControl) -> UploadedPart:
        if number > 1:
            first.until_cancelled(control)
        return sending(ref, upload_id, number, body, control)

    rig.store.upload_part = send  # type: ignore[method-assign]
    group = rig.upload(path)
    rig.until(group, lambda status: status.bytes_done >= PART)
    rig.poll(lambda: first.waiting)
    rig.close()
    rig.poll(lambda: rig.store.count("upload_part") == 1 + first.waiting)  # those that were under way have ended
    rig.store.upload_part = sending  # type: ignore[method-assign]
    assert [len(upload.parts) for upload in rig.store.uploads.values()] == [1]
    return group


class Stop:
    """Where requests get stuck until they are cancelled."""

    def __init__(self) -> None:
        self.waiting = 0

    def until_cancelled(self, control: CallControl) -> None:
        self.waiting += 1
        control.wait(60)


def test_only_the_missing_parts_are_sent_after_a_restart(rig: Rig, path: Path) -> None:
    group = interrupted(rig, path)
    rig.store.calls.clear()
    rig.restart()
    job = rig.done(group)
    assert (job.verified, job.done_bytes) == (True, 3 * PART)
    assert rig.store.body(REF) == LARGE
    assert sorted(call.number for call in rig.store.calls if call.operation == "upload_part") == [2, 3]
    assert not rig.store.count("create_multipart_upload")
    assert rig.ended(group).status.bytes_done == 3 * PART


@pytest.mark.parametrize("meddle", [append, truncate, rewrite, put_another])
def test_a_file_that_changed_before_the_restart_is_sent_anew(rig: Rig, path: Path, meddle: Callable[[Path], None]) -> None:
    group = interrupted(rig, path)
    meddle(path)
    rig.restart()
    rig.done(group)
    assert rig.store.body(REF) == path.read_bytes()
    assert not rig.store.uploads


def test_parts_are_compared_with_the_file_whatever_its_time_says(rig: Rig, path: Path) -> None:
    group = paused_before_complete(rig, path)
    (upload,) = rig.store.uploads.values()
    assert len(upload.parts) == 3
    rewrite_unseen(path)
    rig.store.calls.clear()
    rig.restart()
    rig.engine.resume(group)
    rig.done(group)
    assert rig.store.body(REF) == path.read_bytes()
    assert [call.number for call in rig.store.calls if call.operation == "upload_part"] == [2]


@pytest.mark.parametrize("kind", NO_LIST)
def test_what_was_noted_counts_where_no_parts_are_listed(rig: Rig, path: Path, kind: ErrorKind) -> None:
    group = interrupted(rig, path)
    rig.store.calls.clear()
    rig.store.fail_next("list_parts", failure(kind), times=99)
    rig.restart()
    assert rig.done(group).done_bytes == 3 * PART
    assert rig.store.body(REF) == LARGE
    assert sorted(call.number for call in rig.store.calls if call.operation == "upload_part") == [2, 3]
    assert not rig.store.uploads


@pytest.mark.parametrize("gone", ["parts", "upload"])
def test_what_was_noted_and_is_gone_is_sent_anew_once(rig: Rig, path: Path, gone: str) -> None:
    group = interrupted(rig, path)
    if gone == "upload":
        rig.store.uploads.clear()
    for upload in rig.store.uploads.values():
        upload.parts.clear()
    rig.store.calls.clear()
    rig.store.fail_next("list_parts", failure(ErrorKind.UNSUPPORTED), times=99)
    rig.restart()
    assert rig.done(group).done_bytes == 3 * PART
    assert rig.store.body(REF) == LARGE
    assert rig.store.count("create_multipart_upload") == 1
    assert not rig.store.uploads


def test_parts_that_are_never_taken_are_sent_anew_once_only(rig: Rig, path: Path) -> None:
    group = interrupted(rig, path)
    rig.store.calls.clear()
    rig.store.fail_next("list_parts", failure(ErrorKind.UNSUPPORTED), times=99)
    rig.store.fail_next("complete_multipart_upload", failure(ErrorKind.BAD_REQUEST, "InvalidPart"), times=99)
    rig.restart()
    rig.failed(group, ErrorKind.BAD_REQUEST)
    assert rig.store.count("create_multipart_upload") == 1
    assert rig.store.keys(BUCKET) == ()


@pytest.mark.skipif(os.name == "nt", reason="nothing tells there")
@pytest.mark.parametrize("now", [True, False], ids=["still told", "not told any more"])
def test_a_checksum_is_never_that_of_another_state_of_the_file(rig: Rig, path: Path, now: bool) -> None:
    rig.engine.set_rules(TransferRules(checksum=True))
    group = interrupted(rig, path)
    rewrite_unseen(path, 1)
    rig.restart(TransferRules(checksum=now))
    rig.done(group)
    assert rig.store.body(REF) == path.read_bytes() != LARGE
    told = dict(rig.store.head_object(REF).metadata).get("checksum-sha256")
    assert told == (hashlib.sha256(path.read_bytes()).hexdigest() if now else None)
    assert not rig.store.uploads


@pytest.mark.parametrize(
    ("before", "now", "begun"), [(True, True, 0), (True, False, 0), (False, True, 0), (None, True, 1), (None, False, 0)]
)
def test_a_checksum_that_is_right_needs_no_new_upload(rig: Rig, path: Path, before: bool | None, now: bool, begun: int) -> None:
    """``before`` None: an older program began it, which did not note what it told."""
    rig.engine.set_rules(TransferRules(checksum=before is not False))
    group = interrupted(rig, path)
    if before is None:
        with closing(sqlite3.connect(rig.folder / "transfers.sqlite3")) as db:
            db.execute("DELETE FROM parts WHERE number = 0")
            db.execute("UPDATE parts SET proof = trim(proof)")
            db.commit()
    rig.store.calls.clear()
    rig.restart(TransferRules(checksum=now))
    rig.done(group)
    assert rig.store.count("create_multipart_upload") == begun
    assert rig.store.count("upload_part") == (3 if begun else 2)
    told = dict(rig.store.head_object(REF).metadata).get("checksum-sha256")
    assert told == (None if before is False else hashlib.sha256(LARGE).hexdigest())


def test_a_file_that_is_gone_after_the_restart_is_said(rig: Rig, path: Path) -> None:
    group = interrupted(rig, path)
    path.unlink()
    rig.restart()
    rig.failed(group, ErrorKind.LOCAL_MISSING)
    assert rig.store.keys(BUCKET) == ()


def test_an_upload_that_the_store_swept_is_begun_anew(rig: Rig, path: Path) -> None:
    group = interrupted(rig, path)
    rig.store.uploads.clear()
    rig.restart()
    assert rig.done(group).done_bytes == 3 * PART
    assert rig.store.body(REF) == LARGE


def test_an_upload_that_was_completed_but_not_written_down_is_done(rig: Rig, path: Path) -> None:
    group = paused_before_complete(rig, path)
    ((upload_id, upload),) = rig.store.uploads.items()
    told = tuple(UploadedPart(number, md5_hex(body)) for number, body in sorted(upload.parts.items()))
    rig.store.complete_multipart_upload(REF, upload_id, told)
    rig.store.calls.clear()
    rig.restart()
    rig.engine.resume(group)
    job = rig.done(group)
    assert (job.verified, job.done_bytes) == (True, 3 * PART)
    assert not rig.store.count("upload_part") + rig.store.count("create_multipart_upload")


@pytest.mark.parametrize("answer", ["lost", "told"])
def test_an_upload_that_was_begun_and_not_written_down_is_aborted_and_nobody_elses(rig: Rig, path: Path, answer: str) -> None:
    """As if the program was killed between the store's answer and the journal's note."""
    theirs = rig.store.create_multipart_upload(REF, WriteOptions())  # without a part, like ours
    creating, first = rig.store.create_multipart_upload, rig.engine
    begun: list[str] = []

    def create(ref: ObjectRef, options: WriteOptions) -> str:
        begun.append(creating(ref, options))
        if answer == "told":
            first.close(0)
            rig.poll(lambda: not first._thread.is_alive())  # the answer comes too late
        raise failure(ErrorKind.NOT_S3)

    rig.store.create_multipart_upload = create  # type: ignore[method-assign]
    group = rig.upload(path)
    if answer == "lost":
        rig.failed(group, ErrorKind.NOT_S3)
    rig.poll(lambda: begun)
    rig.close()
    later = creating(REF, WriteOptions())
    rig.store.upload_part(REF, later, 1, b"theirs", CallControl())  # begun after ours, with bytes of theirs
    much_later = creating(REF, WriteOptions())
    rig.store.uploads[much_later].initiated = int(time.time()) + 3600
    rig.store.create_multipart_upload = creating  # type: ignore[method-assign]
    rig.restart()
    if answer == "lost":
        rig.engine.retry(group)
    rig.until(group, lambda status: status.counts.done)
    assert set(rig.store.uploads) == {theirs, later, much_later}
    assert rig.store.body(REF) == LARGE


@pytest.mark.parametrize("kind", NO_LIST)
def test_a_list_of_uploads_that_is_not_told_holds_up_nothing(rig: Rig, tmp_path: Path, kind: ErrorKind) -> None:
    """Nor does it mean that the connection is refused: here nothing else is answered before."""

    def not_told(ref: ObjectRef) -> tuple[PendingUpload, ...]:
        raise BrowserError(kind, ErrorFacts(subject=str(ref)))

    rig.store.list_uploads = not_told  # type: ignore[method-assign]
    files = [tmp_path / str(n) for n in range(5)]
    for file in files:
        file.write_bytes(LARGE)
    group = rig.upload(*files, appeared=ConflictPolicy.OVERWRITE)
    assert rig.ended(group).status.counts.done == 5
    assert not rig.store.uploads


def test_nobodys_upload_is_aborted_where_it_is_not_known_which_were_there(rig: Rig, path: Path) -> None:
    theirs = rig.store.create_multipart_upload(REF, WriteOptions())
    rig.store.fail_next("list_uploads", failure(ErrorKind.ACCESS_DENIED))
    rig.store.fail_next("create_multipart_upload", failure(ErrorKind.CONNECTION_LOST))
    rig.done(rig.upload(path))
    assert set(rig.store.uploads) == {theirs}


@pytest.mark.parametrize("operation", ["list_uploads", "list_parts"])
@pytest.mark.parametrize("kind", NO_LIST)
def test_an_upload_that_may_be_ours_and_is_not_told_holds_up_nothing(
    rig: Rig, path: Path, operation: str, kind: ErrorKind
) -> None:
    """Its id did not come back, and now nobody can look for it."""
    creating = rig.store.create_multipart_upload

    def create(ref: ObjectRef, options: WriteOptions) -> str:
        rig.store.fail_next(operation, failure(kind), times=99)
        rig.store.create_multipart_upload = creating  # type: ignore[method-assign]
        creating(ref, options)
        raise failure(ErrorKind.NOT_S3)

    rig.store.create_multipart_upload = create  # type: ignore[method-assign]
    group = rig.upload(path)
    rig.until(group, lambda status: status.ended)
    rig.engine.retry(group)
    rig.until(group, lambda status: status.counts.done)
    assert rig.store.body(REF) == LARGE


class Opaque(MemoryStore):
    """ETags that are no MD5s: neither those of parts nor that of the whole."""

    def upload_part(
        self, ref: ObjectRef, upload_id: str, number: int, body: bytes | memoryview, control: CallControl
    ) -> UploadedPart:
        part = super().upload_part(ref, upload_id, number, body, control)
        return replace(part, etag=f"x{part.etag}", md5=part.etag)

    def list_parts(self, ref: ObjectRef, upload_id: str) -> tuple[UploadedPart, ...]:
        return tuple(replace(part, etag=f"x{part.etag}") for part in super().list_parts(ref, upload_id))

    def complete_multipart_upload(
        self, ref: ObjectRef, upload_id: str, parts: tuple[UploadedPart, ...], condition: Condition | None = None
    ) -> Stored:
        told = tuple(replace(part, etag=part.etag.removeprefix("x")) for part in parts)
        metadata = self.uploads[upload_id].options.metadata if upload_id in self.uploads else ()
        super().complete_multipart_upload(ref, upload_id, told, condition)
        self.add(BUCKET, ref.key, self.body(ref), etag="opaque", metadata=metadata)
        return Stored("opaque")


@pytest.mark.parametrize("theirs", [False, True], ids=["ours", "theirs"])
@pytest.mark.parametrize("parts", [2, 3])
def test_an_upload_that_was_completed_is_known_by_its_bytes_where_nothing_else_tells(
    tmp_path: Path, path: Path, parts: int, theirs: bool
) -> None:
    """Before the program was killed. Where not all parts had been sent it is another one, whatever it has."""
    with rig_on(tmp_path, Opaque(min_part_size=1)) as rig:
        rig.engine.set_rules(TransferRules(keep_times=False))
        group = paused_before_complete(rig, path)
        rig.store.uploads.clear()
        rig.store.add(BUCKET, REF.key, content(3 * PART, seed=9) if theirs else LARGE, etag="opaque")
        if parts == 2:
            with closing(sqlite3.connect(rig.folder / "transfers.sqlite3")) as db:
                db.execute("DELETE FROM parts WHERE number = 2")
                db.commit()
        rig.store.calls.clear()
        rig.restart(TransferRules(keep_times=False))
        rig.engine.resume(group)
        if theirs or parts == 2:
            rig.failed(group, ErrorKind.OCCUPIED)
        else:
            job = rig.done(group)
            assert (job.verified, job.done_bytes, rig.store.count("upload_part")) == (True, 3 * PART, 0)
        assert rig.store.count("read_range") == (0 if parts == 2 else 1 if theirs else 3)
        assert rig.ended(group).status.bytes_moved <= 6 * PART


# ------------------------------------------------------------------------------------------------------------ conflicts


@pytest.fixture(params=["small", "large"])
def body(request: pytest.FixtureRequest) -> bytes:
    return SMALL if request.param == "small" else LARGE


@pytest.fixture(params=["checks", "ignores"])
def conditions(request: pytest.FixtureRequest, rig: Rig) -> str:
    """What the store does with If-Match and If-None-Match."""
    if request.param == "ignores":
        rig.store.without_conditions = True
    mode: str = request.param
    return mode


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_a_new_key_is_written(rig: Rig, path: Path, body: bytes, policy: ConflictPolicy, conditions: str) -> None:
    path.write_bytes(body)
    assert not rig.done(rig.upload(path, appeared=policy)).skipped
    assert rig.store.keys(BUCKET) == ("file.bin",)
    assert rig.store.body(REF) == body
    assert not rig.store.uploads


def test_refuse_leaves_what_exists(rig: Rig, path: Path, body: bytes, conditions: str) -> None:
    path.write_bytes(body)
    rig.store.add(BUCKET, "file.bin", OLD)
    rig.failed(rig.upload(path), ErrorKind.OCCUPIED)
    assert rig.store.body(REF) == OLD


def test_skip_leaves_what_exists(rig: Rig, path: Path, body: bytes, conditions: str) -> None:
    path.write_bytes(body)
    rig.store.add(BUCKET, "file.bin", OLD)
    group = rig.upload(path, appeared=ConflictPolicy.SKIP)
    assert rig.done(group).skipped
    assert rig.ended(group).status.counts.skipped == 1
    assert rig.store.body(REF) == OLD
    assert rig.listener.stored == []


@pytest.fixture(params=["knows nothing", "keeps them", "ignores them"])
def taught(request: pytest.FixtureRequest, rig: Rig) -> None:
    """What the program knows of the store's conditions."""
    rig.store.without_conditions = request.param == "ignores them"
    if request.param == "keeps them":
        rig.store.learnt.add(Trait.KEEPS_CONDITIONS)


@pytest.mark.usefixtures("taught")
@pytest.mark.parametrize("policy", [ConflictPolicy.REFUSE, ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH])
def test_the_same_bytes_that_exist_are_as_any_others(rig: Rig, path: Path, body: bytes, policy: ConflictPolicy) -> None:
    path.write_bytes(body)
    rig.store.add(BUCKET, "file.bin", body)
    group = rig.upload(path, decisions=deciding(policy))
    if policy is ConflictPolicy.REFUSE:
        rig.failed(group, ErrorKind.OCCUPIED)
        rig.engine.retry(group)
        assert rig.ended(group, 2).status.counts.failed == 1
    else:
        job = rig.done(group)
        assert job.skipped is (policy is ConflictPolicy.SKIP)
    keys = ("file (2).bin", "file.bin") if policy is ConflictPolicy.KEEP_BOTH else ("file.bin",)
    assert rig.store.keys(BUCKET) == keys
    assert [entry.key for entry in rig.listener.stored] == list(keys[:-1])


def test_the_same_bytes_that_exist_are_not_ours_when_the_store_was_not_reached(rig: Rig, path: Path) -> None:
    path.write_bytes(SMALL)
    rig.store.add(BUCKET, "file.bin", SMALL)
    rig.store.fail_next("head_object", failure(ErrorKind.DNS))
    assert rig.done(rig.upload(path, appeared=ConflictPolicy.KEEP_BOTH)).key == "file (2).bin"


def test_overwrite_replaces_what_was_shown(rig: Rig, path: Path, body: bytes, conditions: str) -> None:
    path.write_bytes(body)
    rig.store.add(BUCKET, "file.bin", OLD)
    assert not rig.done(rig.upload(path, decisions=deciding(ConflictPolicy.OVERWRITE, md5_hex(OLD)))).skipped
    assert rig.store.body(REF) == body


def test_overwrite_leaves_what_is_another_object_by_now(rig: Rig, path: Path, body: bytes, conditions: str) -> None:
    path.write_bytes(body)
    rig.store.add(BUCKET, "file.bin", b"newer")
    rig.failed(rig.upload(path, decisions=deciding(ConflictPolicy.OVERWRITE, md5_hex(OLD))), ErrorKind.OCCUPIED)
    assert rig.store.body(REF) == b"newer"


def test_overwrite_of_what_is_gone_by_now_is_written(rig: Rig, path: Path, body: bytes, conditions: str) -> None:
    path.write_bytes(body)
    assert rig.done(rig.upload(path, decisions=deciding(ConflictPolicy.OVERWRITE, md5_hex(OLD)))).verified
    assert rig.store.body(REF) == body


def test_overwrite_of_anything_asks_nobody(rig: Rig, path: Path, body: bytes) -> None:
    path.write_bytes(body)
    rig.store.add(BUCKET, "file.bin", OLD)
    rig.done(rig.upload(path, appeared=ConflictPolicy.OVERWRITE))
    assert rig.store.body(REF) == body
    assert not rig.store.count("first_page")
    assert rig.store.count("head_object") == (body is LARGE), "only the proof afterwards"


def test_keep_both_takes_the_next_free_name(rig: Rig, path: Path, body: bytes, conditions: str) -> None:
    path.write_bytes(body)
    for key in ("file.bin", "file (2).bin", "file (4).bin"):
        rig.store.add(BUCKET, key, OLD)
    job = rig.done(rig.upload(path, appeared=ConflictPolicy.KEEP_BOTH))
    assert (job.skipped, job.key) == (False, "file (3).bin")
    assert rig.store.body(REF) == OLD
    assert rig.store.body(ObjectRef(BUCKET, "file (3).bin")) == body
    assert rig.listener.stored[0].key == "file (3).bin"


def appearing(rig: Rig, name: str, key: str = REF.key) -> None:
    """Somebody puts an object there just before the write arrives, once."""
    inner = getattr(rig.store, name)

    def call(*arguments: object) -> Stored:
        setattr(rig.store, name, inner)
        rig.store.add(BUCKET, key, b"meanwhile")
        stored: Stored = inner(*arguments)
        return stored

    setattr(rig.store, name, call)


def assert_kept(rig: Rig, group: int, policy: ConflictPolicy) -> None:
    """What came meanwhile is there, and the upload ended as the policy has it."""
    if policy in (ConflictPolicy.REFUSE, ConflictPolicy.OVERWRITE):
        rig.failed(group, ErrorKind.OCCUPIED)
    else:
        assert rig.done(group).skipped is (policy is ConflictPolicy.SKIP)
    assert rig.store.body(REF) == b"meanwhile"


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        (ConflictPolicy.REFUSE, None),
        (ConflictPolicy.SKIP, None),
        (ConflictPolicy.KEEP_BOTH, "file (2).bin"),
        (ConflictPolicy.OVERWRITE, None),
    ],
)
def test_what_appears_in_the_very_moment_is_never_lost(
    rig: Rig, path: Path, body: bytes, policy: ConflictPolicy, kept: str | None
) -> None:
    path.write_bytes(body)
    appearing(rig, "put_object" if body is SMALL else "complete_multipart_upload")
    replaces = "0" * 32 if policy is ConflictPolicy.OVERWRITE else ""
    group = rig.upload(path, decisions=deciding(policy, replaces))
    assert_kept(rig, group, policy)
    assert rig.store.keys(BUCKET) == (("file (2).bin", "file.bin") if kept else ("file.bin",))
    if policy is not ConflictPolicy.REFUSE and policy is not ConflictPolicy.OVERWRITE:
        assert not rig.store.uploads, "what was sent in vain is thrown away"


@pytest.mark.parametrize(
    "policy", [ConflictPolicy.REFUSE, ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH, ConflictPolicy.OVERWRITE]
)
@pytest.mark.parametrize("kind", [ErrorKind.CONNECTION_LOST, ErrorKind.THROTTLED, ErrorKind.DNS])
def test_what_comes_between_two_tries_to_complete_is_never_lost(
    rig: Rig, path: Path, policy: ConflictPolicy, kind: ErrorKind, conditions: str
) -> None:
    """The first try was not answered, or the store was away: a look before it is worth nothing for the second."""
    completing, replaces = rig.store.complete_multipart_upload, ""
    if policy is ConflictPolicy.OVERWRITE:
        rig.store.add(BUCKET, "file.bin", OLD)
        replaces = md5_hex(OLD)

    def complete(*arguments: object) -> Stored:
        rig.store.complete_multipart_upload = completing  # type: ignore[method-assign]
        rig.store.add(BUCKET, "file.bin", b"meanwhile")
        raise failure(kind)

    rig.store.complete_multipart_upload = complete  # type: ignore[method-assign, assignment]
    group = rig.upload(path, decisions=deciding(policy, replaces))
    assert_kept(rig, group, policy)


def test_an_upload_that_was_completed_unheard_is_done(rig: Rig, path: Path, conditions: str) -> None:
    """Complete went through, and nobody could tell: the next look does."""
    rig.store.fail_next("complete_multipart_upload", failure(ErrorKind.CONNECTION_LOST), late=True)
    rig.store.fail_next("complete_multipart_upload", failure(ErrorKind.BAD_REQUEST))
    assert rig.done(rig.upload(path)).verified
    assert rig.store.body(REF) == LARGE
    assert rig.store.count("complete_multipart_upload") == 1


@pytest.mark.parametrize("conditions", ["checks", "ignores"])
def test_what_came_while_the_program_was_away_is_never_lost(rig: Rig, path: Path, body: bytes, conditions: str) -> None:
    """The upload had begun: also a store without conditions must not let it go over somebody's object now."""
    rig.store.without_conditions = conditions == "ignores"
    path.write_bytes(body)
    hold = rig.store.hold("put_object" if body is SMALL else "upload_part")
    group = rig.upload(path)
    rig.until_calls("put_object" if body is SMALL else "upload_part", 1)
    rig.close()
    rig.store._holds.clear()
    hold.release()
    rig.store.add(BUCKET, "file.bin", b"theirs")
    rig.restart()
    rig.failed(group, ErrorKind.OCCUPIED)
    assert rig.store.body(REF) == b"theirs"


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH])
def test_uploads_at_once_never_choose_the_same_free_key(rig: Rig, tmp_path: Path, policy: ConflictPolicy) -> None:
    """Four files of one name and one that has the name that the others would get."""
    rig.store.without_conditions = True
    rig.store.add(BUCKET, "a.txt", OLD)
    hold = rig.store.hold("put_object")
    groups = []
    for n in range(4):
        path = tmp_path / str(n) / ("a (2).txt" if n == 3 else "a.txt")
        path.parent.mkdir()
        path.write_bytes(content(50, seed=n))
        groups.append(rig.upload(path, appeared=policy))
    rig.until_calls("put_object", 1)
    hold.release()
    for group in groups:
        rig.ended(group)
        assert rig.job(group).state is TransferState.DONE
    bodies = {rig.store.body(ObjectRef(BUCKET, key)) for key in rig.store.keys(BUCKET)}
    sent = range(4) if policy is ConflictPolicy.KEEP_BOTH else (3,)
    assert bodies == {OLD, *(content(50, seed=n) for n in sent)}


def test_no_free_name_at_all_is_said(tmp_path: Path, path: Path) -> None:
    class Always(MemoryStore):
        def head_object(self, ref: ObjectRef, control: CallControl | None = None):  # type: ignore[no-untyped-def]
            return super().head_object(ObjectRef(BUCKET, "there"))

    store = Always(min_part_size=1)
    store.add(BUCKET, "there", b"")
    with rig_on(tmp_path, store) as rig:
        rig.failed(rig.upload(path, appeared=ConflictPolicy.KEEP_BOTH), ErrorKind.LOCAL_NAME)
        assert store.keys(BUCKET) == ("there",)
