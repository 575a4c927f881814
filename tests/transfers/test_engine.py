from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore
from transfers.rig import BUCKET, CONNECTION, LIMITS, NO_WAITS, PART, PATIENCE, Listener, Rig, content, failure, tree

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.engine import BATCH, Engine
from cloudtemple_browser.transfers.events import JobChanged, JobsAdded, JobsRemoved, ObjectStored, ScanEnded
from cloudtemple_browser.transfers.job import ConflictPolicy, Direction, UploadOptions
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.transfers.states import TransferState

QUEUED, RUNNING, FAILED, CANCELLED, DONE = (
    TransferState.QUEUED,
    TransferState.RUNNING,
    TransferState.FAILED,
    TransferState.CANCELLED,
    TransferState.DONE,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content(2 * PART))
    return path


def small_files(folder: Path, count: int) -> None:
    for n in range(count):
        place = folder / f"{n % 50:02}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{n:05}").write_bytes(b"%d" % n)


def test_events_come_in_order(rig: Rig, path: Path) -> None:
    group = rig.upload(path)
    rig.only(group)
    job_id = rig.first_job(group)
    events = [event for event in rig.listener.events if not isinstance(event, ScanEnded)]
    assert isinstance(events[0], JobsAdded)
    assert isinstance(events[1], JobChanged)
    assert isinstance(events[-2], ObjectStored)
    assert rig.states(job_id) == [RUNNING, DONE]
    assert rig.scan(group) == ScanEnded(group, 1, ())
    done = [change.done_bytes for change in rig.changes(job_id)]
    assert done == sorted(done)


def test_a_failed_job_is_retried(rig: Rig, path: Path) -> None:
    rig.store.fail_next("upload_part", failure(ErrorKind.ACCESS_DENIED))
    group = rig.upload(path)
    job_id = rig.first_job(group)
    assert rig.only(group).state is FAILED
    rig.engine.retry(job_id)
    change = rig.wait_state(job_id, DONE)
    assert rig.states(job_id) == [RUNNING, FAILED, QUEUED, RUNNING, DONE]
    (again,) = [change for change in rig.changes(job_id) if change.state is QUEUED]
    assert (again.error, again.done_bytes, again.total_bytes) == (None, 0, 2 * PART)
    assert (change.error, change.done_bytes) == (None, 2 * PART)
    assert rig.store.body(ObjectRef(BUCKET, "file")) == content(2 * PART)


def test_a_failed_job_can_be_dismissed(rig: Rig, path: Path) -> None:
    rig.store.fail_next("create_multipart_upload", failure(ErrorKind.ACCESS_DENIED))
    group = rig.upload(path)
    rig.only(group)
    rig.engine.cancel(rig.first_job(group))
    assert rig.wait_state(rig.first_job(group), CANCELLED).error is None
    assert rig.states(rig.first_job(group)) == [RUNNING, FAILED, CANCELLED]


def test_cancelling_the_rest_leaves_failures_to_be_retried(rig: Rig, path: Path) -> None:
    rig.store.fail_next("create_multipart_upload", failure(ErrorKind.ACCESS_DENIED))
    group = rig.upload(path)
    rig.only(group)
    rig.engine.cancel_group(group)
    rig.engine.cancel_all()
    rig.engine.retry(rig.first_job(group))
    rig.wait_state(rig.first_job(group), DONE)


def test_orders_that_come_too_late_do_nothing(rig: Rig, path: Path) -> None:
    group = rig.upload(path)
    job_id = rig.first_job(group)
    rig.only(group)
    seen = len(rig.listener.events)
    for order in (rig.engine.cancel, rig.engine.retry, rig.engine.cancel_group):
        order(job_id)
        order(12345)
    rig.engine.cancel_group(group)
    rig.engine.remove(12345)
    rig.engine.remove(job_id)
    rig.listener.wait(lambda: len(rig.listener.events) > seen)
    assert rig.listener.events[seen:] == [JobsRemoved((job_id,))]
    rig.engine.retry(job_id)
    assert rig.engine.active() == 0


def test_only_ended_jobs_leave_the_list(rig: Rig, path: Path) -> None:
    hold = rig.store.hold("upload_part")
    group = rig.upload(path)
    job_id = rig.first_job(group)
    assert hold.entered.wait(PATIENCE)
    rig.engine.remove(job_id)
    rig.engine.remove_finished()
    hold.release()
    assert rig.only(group).state is DONE
    assert not [event for event in rig.listener.events if isinstance(event, JobsRemoved)]


def test_finished_jobs_leave_together_and_failures_stay(rig: Rig, tmp_path: Path) -> None:
    small_files(tmp_path / "top", 3)
    rig.finish(rig.upload(tmp_path / "top"))
    rig.store.fail_next("put_object", failure(ErrorKind.ACCESS_DENIED))
    bad = rig.upload(tmp_path / "top/00/00000")
    rig.only(bad)
    rig.engine.remove_finished()
    rig.listener.wait(lambda: isinstance(rig.listener.events[-1], JobsRemoved))
    removed = rig.listener.events[-1]
    assert isinstance(removed, JobsRemoved)
    assert sorted(removed.ids) == sorted(job.id for job in rig.jobs.values() if job.group != bad)


def test_a_queued_job_is_cancelled_without_running(tmp_path: Path) -> None:
    rig = Rig(slots=1)
    small_files(tmp_path / "top", 3)
    hold = rig.store.hold("put_object")
    group = rig.upload(tmp_path / "top")
    assert hold.entered.wait(PATIENCE)
    rig.scan(group)
    first, second, third = sorted(rig.jobs)
    rig.engine.cancel(second)
    rig.wait_state(second, CANCELLED)
    hold.release()
    assert [change.state for change in rig.finish(group)] == [DONE, CANCELLED, DONE]
    assert rig.states(second) == [CANCELLED]
    assert rig.states(third) == [RUNNING, DONE]
    assert rig.store.count("put_object") == 2
    assert rig.states(first) == [RUNNING, DONE]
    rig.settled()


def test_a_group_is_cancelled_alone(tmp_path: Path) -> None:
    rig = Rig(slots=1)
    small_files(tmp_path / "a", 3)
    small_files(tmp_path / "b", 3)
    hold = rig.store.hold("put_object")
    first = rig.upload(tmp_path / "a")
    rig.scan(first)
    second = rig.upload(tmp_path / "b")
    rig.scan(second)
    assert hold.entered.wait(PATIENCE)
    rig.engine.cancel_group(first)
    hold.release()
    assert {change.state for change in rig.finish(first)} == {CANCELLED}
    assert {change.state for change in rig.finish(second)} == {DONE}
    assert {key[0] for key in rig.store.keys(BUCKET)} == {"b"}
    rig.settled()


def test_a_result_after_the_cancel_is_dropped(rig: Rig, tmp_path: Path, path: Path) -> None:
    """Neither progress nor an end follows CANCELLED, though the store took its time and answered."""
    answering, release = threading.Event(), threading.Event()

    class Slow(MemoryStore):
        def put_object(self, ref: ObjectRef, body: bytes, options: WriteOptions, control: CallControl) -> str:
            answering.set()
            assert release.wait(PATIENCE)
            control.moved(len(body))
            return super().put_object(ref, body, options, CallControl())

    slow = Rig(Slow())
    path.write_bytes(b"x")
    group = slow.upload(path)
    assert answering.wait(PATIENCE)
    slow.engine.cancel(slow.first_job(group))
    slow.wait_state(slow.first_job(group), CANCELLED)
    release.set()
    slow.settled()
    assert slow.states(slow.first_job(group)) == [RUNNING, CANCELLED]
    assert slow.changes(slow.first_job(group))[-1].done_bytes == 0


def test_as_many_run_at_once_as_there_are_slots(tmp_path: Path) -> None:
    barrier = threading.Barrier(3)

    class Meeting(MemoryStore):
        def put_object(self, ref: ObjectRef, body: bytes, options: WriteOptions, control: CallControl) -> str:
            barrier.wait(PATIENCE)  # passes only when three are in here
            return super().put_object(ref, body, options, control)

    rig = Rig(Meeting(), slots=3)
    groups = []
    for n in range(6):
        (tmp_path / f"{n}").write_bytes(b"x")
        groups.append(rig.upload(tmp_path / f"{n}"))
    assert [rig.only(group).state for group in groups] == [DONE] * 6
    rig.settled()


def test_a_job_does_not_wait_for_another_while_a_slot_is_free(rig: Rig, path: Path, tmp_path: Path) -> None:
    rig.store.add(BUCKET, "a", b"x")
    hold = rig.store.hold("upload_part")
    first = rig.upload(path)
    assert hold.entered.wait(PATIENCE)
    for name in ("b", "c"):
        (tmp_path / name).write_bytes(b"x")
        assert rig.only(rig.upload(tmp_path / name)).state is DONE
    hold.release()
    assert rig.only(first).state is DONE


def test_jobs_run_in_the_order_they_came(tmp_path: Path) -> None:
    rig = Rig(slots=1)
    small_files(tmp_path / "top", 60)
    rig.finish(rig.upload(tmp_path / "top"))
    sent = [call.ref.key for call in rig.store.calls if call.operation == "put_object"]
    assert sent == sorted(sent)
    rig.settled()


def test_what_is_left_out_is_told_at_the_end_of_the_scan(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "x").touch()
    ended = rig.scan(rig.upload(tmp_path / ".DS_Store", tmp_path / "x", tmp_path / "gone"))
    assert ended.jobs == 1
    assert [Path(subject).name for subject, _ in ended.skipped] == [".DS_Store", "gone"]


def test_a_store_that_does_not_open_fails_the_jobs_and_the_scan(path: Path, tmp_path: Path) -> None:
    def open_store(_connection_id: str) -> TransferStore:
        raise BrowserError(ErrorKind.NO_CREDENTIALS)

    rig = Rig()
    listener = rig.listener
    engine = Engine(open_store, listener, limits=LIMITS, retries=NO_WAITS)
    group = engine.upload(CONNECTION, BUCKET, "", (path,), UploadOptions())
    listener.wait(lambda: any(isinstance(e, JobChanged) and e.state is FAILED for e in listener.events))
    download = engine.download(CONNECTION, BUCKET, (), ("x/",), "", tmp_path, ConflictPolicy.SKIP)
    ended = rig.scan(download)
    assert (ended.jobs, [error.kind for _, error in ended.skipped]) == (0, [ErrorKind.NO_CREDENTIALS])
    assert rig.scan(group).jobs == 1
    assert engine.close(PATIENCE)
    rig.settled()


def test_a_bug_is_a_failure_that_is_seen(rig: Rig, path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig.store.fail_next("create_multipart_upload", ZeroDivisionError("oops"))
    change = rig.only(rig.upload(path))
    assert change.error is not None
    assert (change.error.kind, change.error.facts.message) == (ErrorKind.INTERNAL, "ZeroDivisionError: oops")
    rig.store.fail_next("list_pages", ZeroDivisionError("again"))
    ended = rig.scan(rig.download(tmp_path, folders=("x/",)))
    assert [error.kind for _, error in ended.skipped] == [ErrorKind.INTERNAL]
    assert "ZeroDivisionError: oops" in caplog.text
    assert "ZeroDivisionError: again" in caplog.text


def test_active_counts_scans_and_jobs(rig: Rig, tmp_path: Path) -> None:
    assert rig.engine.active() == 0
    rig.store.add(BUCKET, "f/a", b"x")
    listing, reading = rig.store.hold("list_pages"), rig.store.hold("read_range")
    group = rig.download(tmp_path, folders=("f/",))
    assert listing.entered.wait(PATIENCE)
    assert rig.engine.active() == 1
    listing.release()
    assert reading.entered.wait(PATIENCE)
    rig.scan(group)
    assert rig.engine.active() == 1
    reading.release()
    rig.only(group)
    assert rig.engine.active() == 0


def test_a_scan_is_cancelled_with_its_group(rig: Rig, tmp_path: Path) -> None:
    rig.store.add(BUCKET, "f/a", b"x")
    hold = rig.store.hold("list_pages")
    group = rig.download(tmp_path, folders=("f/",))
    assert hold.entered.wait(PATIENCE)
    rig.engine.cancel_group(group)
    assert rig.scan(group) == ScanEnded(group, 0, (), Direction.DOWNLOAD)
    assert rig.jobs == {}


def test_what_a_cancelled_scan_had_found_is_not_added(rig: Rig, tmp_path: Path) -> None:
    def list_pages(*_args: object) -> Iterator[ListingPage]:
        yield ListingPage((), ("f/a",), (1,), (0,), ("",), ("",))
        rig.engine.cancel_all()
        yield ListingPage((), ("f/b",), (1,), (0,), ("",), ("",))

    rig.store.list_pages = list_pages  # type: ignore[method-assign, assignment]
    group = rig.download(tmp_path, folders=("f/",))
    assert rig.scan(group) == ScanEnded(group, 0, (), Direction.DOWNLOAD)
    assert rig.jobs == {}


def test_close_cancels_what_waits_and_what_runs(rig: Rig, tmp_path: Path) -> None:
    small_files(tmp_path / "top", 30)
    hold = rig.store.hold("put_object")
    group = rig.upload(tmp_path / "top")
    rig.scan(group)
    assert hold.entered.wait(PATIENCE)
    assert rig.engine.close(PATIENCE)
    assert {rig.states(job_id)[-1] for job_id in rig.jobs} == {CANCELLED}
    assert rig.engine.active() == 0
    with pytest.raises(RuntimeError):
        rig.upload(tmp_path / "top")
    rig.engine.retry(next(iter(rig.jobs)))


def test_close_ends_a_wait_between_attempts(path: Path) -> None:
    waiting = threading.Event()

    def jitter() -> float:
        waiting.set()
        return 0.0

    rig = Rig(retries=RetryPolicy(first=3600.0, longest=3600.0, jitter=jitter))
    rig.store.fail_next("upload_part", failure(ErrorKind.THROTTLED))
    rig.upload(path)
    assert waiting.wait(PATIENCE)
    rig.settled()


def test_close_does_not_wait_for_a_store_that_hangs(path: Path) -> None:
    entered, release = threading.Event(), threading.Event()

    class Hanging(MemoryStore):
        def create_multipart_upload(self, ref: ObjectRef, options: WriteOptions) -> str:
            entered.set()
            assert release.wait(PATIENCE)
            return super().create_multipart_upload(ref, options)

    rig = Rig(Hanging())
    group = rig.upload(path)
    assert entered.wait(PATIENCE)
    rig.scan(group)
    started = time.monotonic()
    assert not rig.engine.close(0.2)
    assert time.monotonic() - started < 5
    assert rig.states(rig.first_job(group))[-1] is CANCELLED
    release.set()
    rig.settled()


def test_the_listener_may_give_orders(path: Path) -> None:
    """No lock is held while the listener runs: an order from within, or from a thread it waits for, does not block."""
    rig = Rig()

    class Answering(Listener):
        def __call__(self, events: tuple[object, ...]) -> None:
            thread = threading.Thread(target=rig.engine.active)
            thread.start()
            thread.join(PATIENCE)
            assert not thread.is_alive()
            super().__call__(events)  # type: ignore[arg-type]

    rig.listener = Answering()
    rig.engine.close(PATIENCE)
    rig.engine = Engine(lambda _connection_id: rig.store, rig.listener, limits=LIMITS, retries=NO_WAITS)
    assert rig.only(rig.upload(path)).state is DONE
    rig.settled()


def test_a_folder_of_5000_files_there_and_back(rig: Rig, tmp_path: Path) -> None:
    """Each file exactly once, in a time that a quadratic step would miss by far."""
    small_files(tmp_path / "top", 5000)
    started = time.monotonic()
    up = rig.upload(tmp_path / "top")
    assert {change.state for change in rig.finish(up)} == {DONE}
    assert rig.scan(up) == ScanEnded(up, 5000, ())
    (tmp_path / "down").mkdir()
    down = rig.download(tmp_path / "down", folders=("top/",))
    assert {change.state for change in rig.finish(down)} == {DONE}
    assert time.monotonic() - started < 120
    assert tree(tmp_path / "down/top") == tree(tmp_path / "top")
    assert rig.store.count("put_object") == 5000
    assert all(len(event.jobs) <= BATCH for event in rig.listener.events if isinstance(event, JobsAdded))
    assert rig.listener.batches < (time.monotonic() - started) * 10 + 5


def test_ids_are_never_used_twice(rig: Rig, tmp_path: Path) -> None:
    small_files(tmp_path / "top", 20)
    groups = [rig.upload(tmp_path / "top"), rig.upload(tmp_path / "top", prefix="b/")]
    for group in groups:
        rig.finish(group)
    assert len({*rig.jobs, *groups}) == 42
