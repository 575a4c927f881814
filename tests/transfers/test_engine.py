"""The engine as a whole: orders, states, counts, and what survives a restart. Single transfers are in their own files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes.memory_store import MemoryStore, failure
from transfers.local_tree import content, tree
from transfers.rig import BUCKET, LIMITS, PART, PATIENCE, Rig

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.deletion import DeleteResult
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy, Limits, TransferRules, TransferState
from cloudtemple_browser.persistence.journal import Journal
from cloudtemple_browser.transfers.retry import RetryPolicy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content(3 * PART + 5))
    return path


def small_files(folder: Path, count: int) -> dict[str, bytes]:
    for n in range(count):
        place = folder / f"{n % 50:02}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{n:05}").write_bytes(b"%d" % n)
    return tree(folder)


def test_a_large_file_goes_up_in_parts_and_is_proven(rig: Rig, path: Path) -> None:
    group = rig.upload(path)
    status = rig.ended(group).status
    job = rig.job(group)
    assert job.verified
    assert job.key == "file"
    assert rig.store.body(ObjectRef(BUCKET, "file")) == path.read_bytes()
    assert rig.store.count("upload_part") == 4
    assert (status.counts.done, status.bytes_done, status.bytes_total) == (1, path.stat().st_size, path.stat().st_size)
    assert status.bytes_moved == path.stat().st_size
    assert [entry.key for entry in rig.listener.stored] == ["file"]
    assert not rig.store.uploads


def test_a_folder_goes_up_and_comes_back(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    before = small_files(folder, 300)
    (folder / "big").write_bytes(content(5 * PART))
    (folder / "nothing").mkdir()
    before |= {"big": content(5 * PART), "nothing/": b""}
    up = rig.ended(rig.upload(folder, prefix="in/")).status
    assert (up.counts.done, up.counts.failed, up.counts.total) == (302, 0, 302)
    assert set(rig.store.keys(BUCKET)) == {f"in/photos/{name}" for name in before}
    assert len(rig.listener.stored) == 302
    target = tmp_path / "out"
    target.mkdir()
    down = rig.ended(rig.download(target, folders=("in/photos/",), base="in/")).status
    assert (down.counts.done, down.unproven) == (302, 0)
    assert tree(target / "photos") == before


def test_ten_thousand_small_files_are_streamed(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    small_files(folder, 3000)
    group = rig.upload(folder)
    assert rig.ended(group).status.counts.done == 3000
    assert rig.store.count("put_object") == 3000
    assert len(rig.engine.content(group).jobs) == 100
    assert rig.engine.content(group).hidden[TransferState.DONE] == 2900


def test_one_of_a_batch_fails_and_the_others_are_done(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 40)
    rig.store.fail_next("put_object", failure(ErrorKind.BAD_REQUEST, "Odd"))
    group = rig.upload(folder)
    end = rig.ended(group)
    assert (end.status.counts.done, end.status.counts.failed) == (39, 1)
    ((name, error),) = end.failures
    assert error.facts.code == "Odd"
    assert name.startswith("some/")
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 40


def test_a_small_file_that_has_grown_meanwhile_goes_in_parts(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "some"
    small_files(folder, 3)
    name = min(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    grown = content(3 * LIMITS.threshold, 1)
    claim = Journal.claim

    def grows(*args: Any, **kwargs: Any) -> Any:
        (folder / name).write_bytes(grown)
        return claim(*args, **kwargs)

    monkeypatch.setattr(Journal, "claim", grows)
    assert rig.ended(rig.upload(folder)).status.counts.done == 3
    assert rig.store.body(ObjectRef(BUCKET, f"some/{name}")) == grown
    assert rig.store.count("upload_part") == 3


def test_a_busy_store_slows_everything_down_and_nothing_fails(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 200)
    rig.store.fail_next("put_object", failure(ErrorKind.THROTTLED, "SlowDown"), times=60)
    group = rig.upload(folder)
    assert rig.ended(group).status.counts.done == 200


def test_a_network_that_comes_back_is_waited_for(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(min_part_size=1)
    rig = Rig(tmp_path / "j", store)
    store.always = failure(ErrorKind.DNS)
    group = rig.upload(path)
    status = rig.until(group, lambda status: status.waiting)
    assert status.waiting
    assert status.waiting.kind is ErrorKind.DNS
    assert status.counts.failed == 0
    store.always = None
    assert rig.done(group).verified
    rig.close()


def test_a_refused_key_holds_the_connection_until_the_user_says_go(rig: Rig, tmp_path: Path, path: Path) -> None:
    rig.store.always = failure(ErrorKind.WRONG_SECRET)
    folder = tmp_path / "some"
    small_files(folder, 30)
    group = rig.upload(path, folder)
    status = rig.until(group, lambda status: status.waiting and not status.scanning and not status.counts.running)
    assert (status.counts.failed, status.counts.queued) == (0, 31)
    opened = rig.opened
    rig.store.always = None
    rig.engine.resume(group)
    assert rig.ended(group).status.counts.done == 31
    assert rig.opened == opened + 1, "the connection is opened anew: the key may be another one"


def test_denied_one_after_the_other_holds_the_connection(rig: Rig, tmp_path: Path) -> None:
    rig.store.forbidden[BUCKET] = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403)
    folder = tmp_path / "some"
    small_files(folder, 100)
    group = rig.upload(folder, decisions={}, appeared=ConflictPolicy.OVERWRITE)
    status = rig.until(group, lambda status: status.waiting and not status.scanning and not status.counts.running)
    assert status.counts.failed <= 3
    assert status.counts.queued >= 97
    rig.engine.cancel(group)
    assert rig.ended(group).status.counts.cancelled >= 97


def refuse_puts(rig: Rig, refused: set[str], kind: ErrorKind) -> None:
    """Uploads to these keys are answered like this, while they are in the set."""
    put = rig.store.put_object_steps

    def put_or_refuse(ref: ObjectRef, *rest: Any) -> Any:
        if ref.key in refused:
            raise BrowserError(kind, ErrorFacts(subject=str(ref)))
        return put(ref, *rest)

    rig.store.put_object_steps = put_or_refuse  # type: ignore[assignment, method-assign]


def test_what_is_refused_holds_the_others_up_only_until_the_user_says_go(rig: Rig, tmp_path: Path) -> None:
    """Many objects that may not be written: nothing fails by itself, and nothing hangs."""
    small_files(tmp_path / "some", 20)
    refused = {f"some/{n:02}/{n:05}" for n in range(20)}
    refuse_puts(rig, refused, ErrorKind.ACCESS_DENIED)
    group = rig.upload(tmp_path / "some", decisions={}, appeared=ConflictPolicy.OVERWRITE)
    status = rig.until(group, lambda status: status.waiting and not status.scanning and not status.counts.running)
    assert status.waiting
    assert (status.waiting.kind, status.counts.failed) == (ErrorKind.ACCESS_DENIED, 0)
    refused -= {f"some/{n:02}/{n:05}" for n in range(10, 20)}
    rig.engine.resume(group)
    counts = rig.ended(group).status.counts
    assert (counts.failed, counts.done) == (10, 10)
    refused.clear()
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 20


@pytest.mark.parametrize("kind", [ErrorKind.NOT_S3, ErrorKind.REDIRECTED])
def test_a_portal_is_waited_out(rig: Rig, tmp_path: Path, kind: ErrorKind) -> None:
    small_files(tmp_path / "some", 20)
    refused = {f"some/{n:02}/{n:05}" for n in range(20)}
    refuse_puts(rig, refused, kind)
    group = rig.upload(tmp_path / "some", decisions={}, appeared=ConflictPolicy.OVERWRITE)
    status = rig.until(group, lambda status: status.waiting and not status.scanning)
    assert status.waiting
    assert (status.waiting.kind, status.counts.failed) == (kind, 0)
    refused.clear()
    assert rig.ended(group).status.counts.done == 20


def test_where_a_portal_bars_some_objects_for_good_the_user_can_go_on(rig: Rig, tmp_path: Path) -> None:
    """A proxy that takes them for a virus."""
    small_files(tmp_path / "some", 20)
    refuse_puts(rig, {f"some/{n:02}/{n:05}" for n in range(20)}, ErrorKind.NOT_S3)
    group = rig.upload(tmp_path / "some", decisions={}, appeared=ConflictPolicy.OVERWRITE)
    rig.until(group, lambda status: status.waiting)
    rig.engine.resume(group)
    assert rig.ended(group).status.counts.failed == 20


def test_a_direction_that_stands_still_does_not_hold_up_the_other(rig: Rig, tmp_path: Path) -> None:
    rig.store.add(BUCKET, "there", b"x" * 10 * PART)
    small_files(tmp_path / "some", 300)
    hold = rig.store.hold("put_object")
    up = rig.upload(tmp_path / "some")
    rig.until_calls("put_object", 1)
    rig.until(up, lambda status: not status.scanning)
    (tmp_path / "down").mkdir()
    rig.done(rig.download(tmp_path / "down", "there"))
    assert rig.listener.status[up].counts.done == 0
    hold.release()
    assert rig.ended(up).status.counts.done == 300


def test_a_keyring_that_refuses_holds_the_connection(rig: Rig, path: Path) -> None:
    rig.refusal = failure(ErrorKind.KEYRING_LOCKED)
    group = rig.upload(path)
    assert rig.until(group, lambda status: status.waiting).waiting == rig.refusal
    rig.refusal = None
    rig.engine.resume()
    rig.done(group)


def test_pause_keeps_the_parts_and_resume_sends_the_others(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("complete_multipart_upload")
    group = rig.upload(path)
    rig.until_calls("complete_multipart_upload", 1)
    rig.engine.pause(group)
    assert rig.until(group, lambda status: status.counts.paused).held
    hold.release()
    assert rig.store.count("abort_multipart_upload") == 0
    rig.engine.resume(group)
    rig.done(group)
    assert rig.store.count("upload_part") == 4
    assert rig.store.count("create_multipart_upload") == 1


def test_pause_and_resume_of_a_queue(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 400)
    hold = rig.store.hold("put_object")
    group = rig.upload(folder)
    rig.until_calls("put_object", 1)
    rig.until(group, lambda status: not status.scanning)
    rig.engine.pause()
    rig.until(group, lambda status: status.counts.paused == 400)
    assert rig.engine.active() == 0
    hold.release()
    rig.engine.resume(group)
    assert rig.ended(group).status.counts.done == 400


def test_who_resumes_before_all_is_paused_need_not_do_it_again(rig: Rig, tmp_path: Path) -> None:
    small_files(tmp_path / "some", 400)
    hold = rig.store.hold("put_object")
    group = rig.upload(tmp_path / "some")
    rig.until_calls("put_object", 1)
    rig.engine.pause(group)
    rig.engine.resume(group)
    hold.release()
    assert rig.ended(group).status.counts.done == 400


def test_what_was_cancelled_is_not_paused_any_more(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("complete_multipart_upload")
    group = rig.upload(path)
    rig.until_calls("complete_multipart_upload", 1)
    job = rig.job(group).job.id
    rig.engine.cancel(jobs=(job,))
    rig.engine.pause(jobs=(job,))
    assert rig.ended(group).status.counts.cancelled == 1
    hold.release()
    rig.poll(lambda: not rig.store.uploads)


@pytest.mark.parametrize("one_by_one", [True, False])
def test_what_leaves_the_list_is_cleaned_up_after_a_restart_at_the_latest(rig: Rig, path: Path, one_by_one: bool) -> None:
    rig.store.fail_next("complete_multipart_upload", failure(ErrorKind.BAD_REQUEST))
    group = rig.upload(path)
    rig.failed(group, ErrorKind.BAD_REQUEST)
    rig.store.always = failure(ErrorKind.DNS)
    rig.engine.remove(0 if one_by_one else group, (rig.job(group).job.id,) if one_by_one else ())
    rig.until_calls("abort_multipart_upload", 1)
    assert rig.store.uploads
    rig.restart()
    rig.store.always = None
    rig.poll(lambda: not rig.store.uploads)


def test_cancel_throws_the_parts_away(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("complete_multipart_upload")
    group = rig.upload(path)
    rig.until_calls("complete_multipart_upload", 1)
    rig.engine.cancel(group)
    assert rig.ended(group).status.counts.cancelled == 1
    hold.release()
    rig.until_calls("abort_multipart_upload", 1)
    rig.poll(lambda: not rig.store.uploads)


def test_one_of_a_running_batch_is_cancelled(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 8)
    hold = rig.store.hold("put_object")
    group = rig.upload(folder)
    rig.until(group, lambda status: status.counts.running == 8)
    rig.engine.cancel(jobs=(rig.jobs(group)[3].job.id,))
    rig.until(group, lambda status: status.counts.cancelled == 1)
    hold.release()
    counts = rig.ended(group).status.counts
    assert (counts.done, counts.cancelled) == (7, 1)


def test_remove_and_clear(rig: Rig, path: Path, tmp_path: Path) -> None:
    first = rig.upload(path)
    rig.done(first)
    second = rig.upload(tmp_path / "missing")
    end = rig.ended(second)
    assert end.status.left_out == 1
    assert end.failures[0][1].kind is ErrorKind.LOCAL_MISSING
    rig.engine.remove_ended()
    rig.listener.wait(lambda: first in rig.listener.removed)
    assert second not in rig.listener.removed, "what failed stays to be seen"
    rig.engine.remove(second)
    rig.listener.wait(lambda: second in rig.listener.removed)


def test_the_queue_survives_a_restart(rig: Rig, tmp_path: Path, path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 100)
    hold = rig.store.hold("put_object")
    group = rig.upload(folder, path)
    rig.until(group, lambda status: not status.scanning and status.counts.running)
    rig.close()
    hold.release()
    rig.restart()
    assert rig.ended(group).status.counts.done == 101
    assert len(rig.store.keys(BUCKET)) == 101


def test_what_was_paused_stays_paused_and_so_does_everything_if_the_user_wants(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 20)
    hold = rig.store.hold("put_object")
    group = rig.upload(folder)
    rig.until(group, lambda status: not status.scanning)
    rig.close()
    hold.release()
    rig.restart(TransferRules(resume=False))
    assert rig.until(group, lambda status: status.counts.paused == 20).held
    rig.restart()
    assert rig.until(group, lambda status: status.counts.paused == 20).held, "the user's word is waited for"
    rig.engine.resume()
    assert rig.ended(group).status.counts.done == 20


def test_an_interrupted_scan_begins_anew_and_doubles_nothing(tmp_path: Path) -> None:
    store = MemoryStore(min_part_size=1, page_size=100)
    for n in range(1000):
        store.add(BUCKET, f"x/{n:04}", b"%d" % n)
    rig = Rig(tmp_path / "j", store)
    target = tmp_path / "out"
    target.mkdir()
    store.fail_next("list_pages", failure(ErrorKind.CONNECTION_LOST))  # never reached: the hold comes first
    hold = store.hold("list_pages")
    group = rig.download(target, folders=("x/",))
    rig.until_calls("list_pages", 1)
    rig.close()
    store._failures.clear()
    hold.release()
    rig.restart()
    assert rig.ended(group).status.counts.done == 1000
    assert len(tree(target)) == 1000
    rig.close()


def test_history_is_there_after_a_restart(rig: Rig, path: Path) -> None:
    group = rig.upload(path)
    rig.done(group)
    rig.restart()
    status = rig.until(group, lambda status: status.ended)
    assert (status.counts.done, status.names) == (1, ("file",))
    assert rig.job(group).verified


def test_deletion_tells_every_key(rig: Rig) -> None:
    for n in range(2500):
        rig.store.add(BUCKET, f"k{n:04}")
    keys = [f"k{n:04}" for n in range(2500)]
    rig.store.protected["k0007"] = failure(ErrorKind.RETENTION, "ObjectUnderRetention", 403)
    rig.store.add(BUCKET, "new")
    group = rig.delete(*keys)
    end = rig.ended(group)
    assert (end.status.counts.done, end.status.counts.failed) == (2499, 1)
    assert end.failures[0][0] == "k0007"
    assert end.failures[0][1].kind is ErrorKind.RETENTION
    assert rig.store.keys(BUCKET) == ("k0007", "new")
    assert len(rig.listener.deleted) == 2499
    rig.store.protected.clear()
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 2500
    assert rig.store.keys(BUCKET) == ("new",)


def test_retry_waits_for_the_end_of_a_deletion(rig: Rig) -> None:
    keys = [f"k{n:04}" for n in range(6000)]
    for key in keys:
        rig.store.add(BUCKET, key)
    rig.store.protected["k0007"] = failure(ErrorKind.RETENTION, "ObjectUnderRetention", 403)
    go_on, delete_objects = threading.Event(), rig.store.delete_objects

    def the_first_alone(bucket: str, keys: Sequence[str]) -> DeleteResult:
        assert "k0007" in keys or go_on.wait(PATIENCE)
        return delete_objects(bucket, keys)

    rig.store.delete_objects = the_first_alone  # type: ignore[method-assign]
    group = rig.delete(*keys)
    rig.until(group, lambda status: status.counts.failed)
    rig.engine.retry(group)
    go_on.set()
    end = rig.ended(group)
    assert (end.status.counts.done, end.status.counts.failed, end.status.counts.cancelled) == (5999, 1, 0)
    rig.store.protected.clear()
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 6000
    assert not rig.store.keys(BUCKET)


def test_deletion_is_cancelled_between_batches_and_never_goes_on_by_itself(rig: Rig) -> None:
    keys = [f"k{n:05}" for n in range(9000)]
    for key in keys:
        rig.store.add(BUCKET, key)
    hold = rig.store.hold("delete_objects")
    group = rig.delete(*keys)
    rig.until_calls("delete_objects", 4)
    rig.close()
    hold.release()
    rig.restart()
    status = rig.until(group, lambda status: status.ended)
    assert status.counts.cancelled >= 5000
    assert status.counts.queued == 0
    again = rig.delete(*keys)
    rig.ended(again)
    assert not rig.store.keys(BUCKET)


def test_limits_reach_the_workers(tmp_path: Path) -> None:
    rates: list[tuple[int, int]] = []
    rig = Rig(tmp_path / "j")
    rig.engine._pace = lambda up, down: rates.append((up, down))
    rig.engine.set_limits(Limits(1000, 2000, 1))
    rig.listener.wait(lambda: True)
    folder = tmp_path / "some"
    small_files(folder, 50)
    assert rig.ended(rig.upload(folder)).status.counts.done == 50
    assert rates == [(1000, 2000)]
    rig.close()


def test_a_full_disk_pauses_and_goes_on(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = content(4 * PART)
    rig.store.add(BUCKET, "big", body)
    target = tmp_path / "out"
    target.mkdir()
    full = BrowserError(ErrorKind.DISK_FULL)
    rig.store.fail_next("read_range", full)
    monkeypatch.setattr("cloudtemple_browser.transfers.runner._ROOM", 0.01)
    monkeypatch.setattr("cloudtemple_browser.transfers.scanner._ROOM", 0.01)
    group = rig.download(target, "big")
    assert rig.done(group).verified
    assert (target / "big").read_bytes() == body


def test_nothing_is_lost_when_the_listener_fails(tmp_path: Path, path: Path) -> None:
    rig = Rig(tmp_path / "j", retries=RetryPolicy(first=0.001), limits=LIMITS)
    rig.poll(lambda: rig.engine._early is None)
    inner = rig.engine._board._notify
    calls = 0

    def notify(events: tuple[object, ...]) -> None:
        nonlocal calls
        calls += 1
        inner(events)  # type: ignore[arg-type]
        if calls == 1:
            raise RuntimeError("a bug of the window")

    rig.engine._board._notify = notify
    rig.done(rig.upload(path))
    rig.close()


def test_the_keyring_is_asked_once_however_much_waits(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 200)
    rig.refusal = failure(ErrorKind.KEYRING_LOCKED)
    group = rig.upload(folder)
    rig.until(group, lambda status: status.waiting and not status.scanning and not status.counts.running)
    assert rig.opened == 1


@pytest.mark.parametrize(
    ("call", "times"), [("commit", 9), ("claim", 3), ("save", 5), ("begun", 3), ("save_group", 2), ("add_jobs", 3)]
)
def test_a_journal_that_cannot_be_written_for_a_while_stops_nothing_for_good(
    rig: Rig, tmp_path: Path, path: Path, call: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk is full, most likely of what is being downloaded."""
    folder, inner, failures = tmp_path / "some", getattr(Journal, call), times
    small_files(folder, 50)

    def full(*arguments: object, **named: object) -> object:
        nonlocal failures
        if failures:
            failures -= 1
            raise BrowserError(ErrorKind.DISK_FULL)
        return inner(*arguments, **named)

    monkeypatch.setattr("cloudtemple_browser.transfers.runner._ROOM", 0.01)
    monkeypatch.setattr("cloudtemple_browser.transfers.scanner._ROOM", 0.01)
    monkeypatch.setattr(Journal, call, full)
    group = rig.upload(path, folder)
    rig.poll(lambda: not failures)
    counts = rig.ended(group).status.counts
    assert counts.done == counts.total == 51


def test_what_cannot_be_written_down_is_not_begun(rig: Rig, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise BrowserError(ErrorKind.DISK_FULL)

    monkeypatch.setattr(Journal, "add_group", full)
    group = rig.upload(path)
    ended = rig.ended(group)
    assert ended.status.left_out == 1
    assert [(name, error.kind) for name, error in ended.failures] == [(path.name, ErrorKind.DISK_FULL)]
    rig.poll(lambda: group in rig.listener.removed)
    assert rig.engine.active() == 0
    assert not rig.store.keys(BUCKET)
    monkeypatch.undo()
    rig.done(rig.upload(path))


def test_the_engine_has_a_loop_of_its_own_kind(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window's event loop is made the default of the process on Python 3.11: another thread must not run that."""

    def windows_own() -> asyncio.AbstractEventLoop:
        raise AssertionError("the loop of the window")

    monkeypatch.setattr(asyncio, "new_event_loop", windows_own)
    rig = Rig(tmp_path / "j")
    rig.done(rig.upload(path))
    rig.close()


def test_what_a_cancelled_batch_had_done_counts_as_done(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 400)
    hold = rig.store.hold("put_object")
    group = rig.upload(folder)
    rig.until(group, lambda status: not status.scanning)
    hold.release()
    rig.until_calls("put_object", 60)
    rig.engine.cancel(group)
    counts = rig.ended(group).status.counts
    assert counts.done == len(rig.store.keys(BUCKET))
    assert counts.total == 400


def test_a_row_stays_where_it_is_when_it_is_paused(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 8)
    hold = rig.store.hold("put_object")
    group = rig.upload(folder)
    rig.until(group, lambda status: status.counts.running == 8)
    before = [job.job.id for job in rig.jobs(group)]
    rig.engine.pause(jobs=(before[2],))
    rig.until(group, lambda status: status.counts.paused == 1)
    assert [job.job.id for job in rig.jobs(group)] == before
    hold.release()
    rig.engine.resume()
    rig.ended(group)


def test_a_deletion_waits_while_the_key_is_refused(rig: Rig) -> None:
    keys = [f"k{n}" for n in range(3)]
    for key in keys:
        rig.store.add(BUCKET, key)
    rig.store.always = failure(ErrorKind.WRONG_SECRET)
    group = rig.delete(*keys)
    counts = rig.until(group, lambda status: status.waiting).counts
    assert (counts.failed, counts.queued) == (0, 3)
    rig.store.always = None
    rig.engine.resume(group)
    assert rig.ended(group).status.counts.done == 3
    assert not rig.store.keys(BUCKET)


def test_what_a_lost_answer_deleted_is_not_deleted_again(rig: Rig) -> None:
    keys = [f"k{n}" for n in range(5)]
    for key in keys:
        rig.store.add(BUCKET, key)
    rig.store.fail_next("delete_objects", failure(ErrorKind.CONNECTION_LOST), late=True)
    rig.store.fail_next("head_object", failure(ErrorKind.TIMEOUT))  # and the look at it is lost, too
    group = rig.delete(*keys)
    assert rig.ended(group).status.counts.done == 5
    assert rig.store.count("delete_objects") == 1
    assert sorted(rig.listener.deleted) == keys


def test_a_public_object_whose_acl_is_being_read_back_can_be_cancelled(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    small_files(folder, 3)
    hold = rig.store.hold("readable_by_anyone")
    group = rig.upload(folder, public=True)
    rig.until_calls("readable_by_anyone", 3)
    rig.engine.cancel(group)
    status = rig.ended(group).status
    hold.release()
    assert (status.counts.done, status.not_public) == (3, 3), "it is stored, and nobody knows that it is public"


def test_a_listing_that_fails_in_the_middle_goes_on_where_it_was(rig: Rig, tmp_path: Path) -> None:
    for n in range(10):
        rig.store.add(BUCKET, f"some/{n}", b"%d" % n)
    rig.store.page_size = 3
    for _ in range(3):
        rig.store.fail_next("list_pages", failure(ErrorKind.CONNECTION_LOST))
    target = tmp_path / "target"
    target.mkdir()
    status = rig.ended(rig.download(target, folders=("some/",))).status
    assert (status.counts.done, status.left_out) == (10, 0)
    assert tree(target) == {f"some/{n}": b"%d" % n for n in range(10)}


@pytest.mark.parametrize("restarted", [False, True])
def test_a_folder_that_could_not_be_listed_is_looked_at_again_on_retry(rig: Rig, tmp_path: Path, restarted: bool) -> None:
    for n in range(10):
        rig.store.add(BUCKET, f"some/{n}", b"%d" % n)
    rig.store.page_size = 3
    list_pages, pages = rig.store.list_pages, 0

    def breaks(*args: Any, **named: Any) -> Iterator[ListingPage]:
        for page in list_pages(*args, **named):
            nonlocal pages
            pages += 1
            if pages == 3:
                raise failure(ErrorKind.NOT_S3)
            yield page

    rig.store.list_pages = breaks  # type: ignore[method-assign]
    target = tmp_path / "target"
    target.mkdir()
    group = rig.download(target, folders=("some/",))
    status = rig.ended(group).status
    assert (status.counts.done, status.left_out) == (6, 1)
    if restarted:
        rig.restart()
        rig.engine.retry(group)
        status = rig.ended(group).status
    else:
        rig.engine.retry(group)
        status = rig.ended(group, 2).status
    assert (status.counts.done, status.counts.total, status.left_out) == (10, 10, 0)
    assert tree(target) == {f"some/{n}": b"%d" % n for n in range(10)}
