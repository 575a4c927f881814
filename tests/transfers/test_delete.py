"""Cancelled deletions: each key is what it is, and what nobody knows is said. What is not cancelled is in ``test_engine``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore
from transfers.rig import BUCKET, PATIENCE, Rig, failure

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult, KeyFailure
from cloudtemple_browser.model.entries import ObjectInfo
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.transfers import TransferState
from cloudtemple_browser.transfers import delete, work_delete
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.transfers.work_delete import DeleteKeys, KeysDeleted

AT_ONCE = 10.0  # seconds: the waits of these tests are longer, and a slow machine is not that slow
LONG_WAITS = RetryPolicy(attempts=4, first=60.0, longest=60.0, longest_offline=60.0)


@pytest.fixture(autouse=True)
def short_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last word and the last look in less time."""
    monkeypatch.setattr(work_delete, "_LAST_WORD", 0.2)
    monkeypatch.setattr(delete, "_LAST_LOOK", 1.0)


@contextmanager
def patient(folder: Path) -> Iterator[Rig]:
    """A rig that waits for a minute before it tries anything again."""
    rig = Rig(folder / "journal", retries=LONG_WAITS)
    yield rig
    rig.close()


def fill(rig: Rig, count: int) -> list[str]:
    keys = [f"k{n:05}" for n in range(count)]
    for key in keys:
        rig.store.add(BUCKET, key)
    return keys


class Silent:
    """A store that does not answer to deletions before ``go``; ``first``: it carries them out before that."""

    def __init__(self, rig: Rig, *, first: bool) -> None:
        self.asked = 0
        self.go = threading.Event()
        self._first, self._delete = first, rig.store.delete_objects
        rig.store.delete_objects = self  # type: ignore[method-assign]

    def __call__(self, bucket: str, keys: Sequence[str]) -> DeleteResult:
        result = self._delete(bucket, keys) if self._first else None
        self.asked += len(keys)
        self.go.wait(PATIENCE)
        return result or self._delete(bucket, keys)


def lose_answer(rig: Rig, error: ErrorKind, *, first: bool = True) -> None:
    """Let the answer to the next deletion get lost; ``first``: it is carried out before that."""
    delete_objects = rig.store.delete_objects

    def lost(bucket: str, keys: Sequence[str]) -> DeleteResult:
        rig.store.delete_objects = delete_objects  # type: ignore[method-assign]
        if first:
            delete_objects(bucket, keys)
        return DeleteResult(failed=tuple(KeyFailure(key, error.value, "", failure(error)) for key in keys))

    rig.store.delete_objects = lost  # type: ignore[method-assign]


def until_lost(rig: Rig, group: int) -> None:
    """Wait until the loss is known, and the next attempt waited for."""
    rig.until(group, lambda status: status.waiting)


def cancelled(rig: Rig, group: int) -> tuple[int, int, int]:
    """How many are done, failed and cancelled after a cancel, which ends at once."""
    began = time.monotonic()
    rig.engine.cancel(group)
    counts = rig.ended(group).status.counts
    assert time.monotonic() - began < AT_ONCE
    assert counts.queued == 0
    return counts.done, counts.failed, counts.cancelled


def unanswered(rig: Rig, group: int) -> set[str]:
    """The keys that nobody knows anything of: each says so."""
    failed = [job for job in rig.jobs(group) if job.state is TransferState.FAILED]
    for job in failed:
        assert job.error
        assert (job.error.kind, job.error.facts.code) == (ErrorKind.TIMEOUT, "DeletionUnanswered")
        assert "may be gone" in job.error.facts.message
    return {job.job.ref.key for job in failed}


def test_an_answer_that_comes_soon_after_the_cancel_counts(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_delete, "_LAST_WORD", PATIENCE)
    keys = fill(rig, 6000)
    hold = rig.store.hold("delete_objects")
    group = rig.delete(*keys)
    rig.until_calls("delete_objects", 4)
    rig.engine.cancel(group)
    hold.release()
    assert cancelled(rig, group) == (4000, 0, 2000)
    assert rig.store.keys(BUCKET) == tuple(keys[4000:])
    assert sorted(rig.listener.deleted) == keys[:4000]
    assert rig.store.count("first_page") + rig.store.count("head_object") == 0


def test_what_a_silent_store_has_deleted_is_told_as_deleted(rig: Rig) -> None:
    keys = fill(rig, 6000)
    silent = Silent(rig, first=True)
    group = rig.delete(*keys)
    rig.poll(lambda: silent.asked == 4000)
    assert cancelled(rig, group) == (4000, 0, 2000)
    assert sorted(rig.listener.deleted) == keys[:4000]
    assert rig.store.count("first_page") <= 8, "a page for many, in place of a request for each"
    assert rig.store.count("head_object") == 0
    silent.go.set()


def test_what_a_silent_store_may_still_delete_is_never_told_as_cancelled(rig: Rig) -> None:
    keys = fill(rig, 4010)
    silent = Silent(rig, first=False)
    group = rig.delete(*keys)
    rig.poll(lambda: silent.asked == 4000)
    assert cancelled(rig, group) == (0, 4000, 10)
    assert unanswered(rig, group) <= set(keys[:4000])
    silent.go.set()
    rig.poll(lambda: rig.store.keys(BUCKET) == tuple(keys[4000:]))  # as it was said
    rig.engine.retry(group)
    assert rig.ended(group, 2).status.counts.done == 4000


@pytest.mark.parametrize("deleted", [True, False])
def test_a_cancel_after_a_lost_answer_looks_once(tmp_path: Path, deleted: bool) -> None:
    """Before the request is sent again, which takes its time."""
    with patient(tmp_path) as rig:
        keys = fill(rig, 1000)
        lose_answer(rig, ErrorKind.CONNECTION_LOST, first=deleted)
        group = rig.delete(*keys)
        until_lost(rig, group)
        assert cancelled(rig, group) == ((1000, 0, 0) if deleted else (0, 0, 1000))
        assert rig.store.count("delete_objects") == deleted
        assert len(rig.listener.deleted) == 1000 * deleted


def test_a_store_that_was_too_busy_has_deleted_nothing(tmp_path: Path) -> None:
    with patient(tmp_path) as rig:
        keys = fill(rig, 10)
        rig.store.fail_next("delete_objects", failure(ErrorKind.THROTTLED, "SlowDown"))
        group = rig.delete(*keys)
        until_lost(rig, group)
        assert cancelled(rig, group) == (0, 0, 10)
        assert rig.store.count("first_page") + rig.store.count("head_object") == 0


@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("reads", [True, False])
def test_a_key_that_may_not_do_everything_looks_as_it_may(tmp_path: Path, lists: bool, reads: bool) -> None:
    with patient(tmp_path) as rig:
        keys = fill(rig, 20)
        rig.store.protected = dict.fromkeys(keys[10:], failure(ErrorKind.RETENTION))
        lose_answer(rig, ErrorKind.CONNECTION_LOST)
        for call, may in (("first_page", lists), ("head_object", reads)):
            if not may:
                rig.store.fail_next(call, failure(ErrorKind.ACCESS_DENIED), times=99)
        group = rig.delete(*keys)
        until_lost(rig, group)
        assert cancelled(rig, group) == ((10, 0, 10) if lists or reads else (0, 20, 0))
        assert unanswered(rig, group) == (set() if lists or reads else set(keys))


def test_what_lies_between_many_others_is_looked_at_too(tmp_path: Path) -> None:
    """Pages of a listing that tell nothing of the next key, and a name that not all stores sort alike."""
    with patient(tmp_path) as rig:
        keys = ["a", *(f"far/{n:04}" for n in range(0, 3000, 300)), "\ue000", "z"]
        for key in (*keys, *(f"far/{n:04}" for n in range(3000))):
            rig.store.add(BUCKET, key)
        rig.store.protected["z"] = failure(ErrorKind.RETENTION)
        lose_answer(rig, ErrorKind.CONNECTION_LOST)
        group = rig.delete(*keys)
        until_lost(rig, group)
        assert cancelled(rig, group) == (len(keys) - 1, 0, 1)
        assert "z" in rig.store.keys(BUCKET)
        assert rig.store.count("head_object") <= 2


@pytest.mark.parametrize("call", ["first_page", "head_object"])
def test_a_look_without_an_answer_does_not_hold_up_the_cancel(tmp_path: Path, call: str) -> None:
    with patient(tmp_path) as rig:
        keys = fill(rig, 10)
        lose_answer(rig, ErrorKind.CONNECTION_LOST)
        if call == "head_object":
            rig.store.fail_next("first_page", failure(ErrorKind.ACCESS_DENIED))
        hold = rig.store.hold(call)
        group = rig.delete(*keys)
        until_lost(rig, group)
        assert cancelled(rig, group) == (0, 10, 0)
        assert unanswered(rig, group) == set(keys)
        hold.release()


def test_what_was_seen_before_the_look_got_stuck_counts(tmp_path: Path) -> None:
    with patient(tmp_path) as rig:
        keys = fill(rig, 10)
        lose_answer(rig, ErrorKind.CONNECTION_LOST)
        rig.store.fail_next("first_page", failure(ErrorKind.ACCESS_DENIED))
        head_object, go = rig.store.head_object, threading.Event()

        def head(ref: ObjectRef, control: CallControl | None = None) -> ObjectInfo:
            if ref.key > keys[5]:
                go.wait(PATIENCE)
            return head_object(ref, control)

        rig.store.head_object = head  # type: ignore[method-assign]
        group = rig.delete(*keys)
        until_lost(rig, group)
        assert cancelled(rig, group) == (6, 4, 0)
        assert unanswered(rig, group) == set(keys[6:])
        go.set()


def test_a_cancel_during_a_look_looks_again(rig: Rig) -> None:
    """With time of its own: the first look ends with the cancel."""
    keys = fill(rig, 10)
    lose_answer(rig, ErrorKind.CONNECTION_LOST)
    hold = rig.store.hold("head_object")
    group = rig.delete(*keys)
    rig.until_calls("head_object", 1)
    assert cancelled(rig, group) == (10, 0, 0)
    hold.release()
    assert rig.store.count("delete_objects") == 1


def test_a_paused_deletion_is_cancelled_with_a_look(rig: Rig) -> None:
    keys = fill(rig, 10)
    lose_answer(rig, ErrorKind.CONNECTION_LOST)
    hold = rig.store.hold("delete_objects")
    group = rig.delete(*keys)
    rig.until_calls("delete_objects", 1)
    rig.engine.pause(group)
    rig.until(group, lambda status: status.held)
    hold.release()
    rig.until(group, lambda status: status.waiting)
    assert cancelled(rig, group) == (10, 0, 0)


def test_what_the_program_leaves_unanswered_is_no_cancelled_key_after_the_restart(rig: Rig) -> None:
    keys = fill(rig, 6000)
    silent = Silent(rig, first=True)
    group = rig.delete(*keys)
    rig.poll(lambda: silent.asked == 4000)
    began = time.monotonic()
    rig.close()
    assert time.monotonic() - began < AT_ONCE
    rig.restart()
    counts = rig.until(group, lambda status: status.ended).counts
    assert (counts.done, counts.failed, counts.cancelled) == (0, 4000, 2000)
    assert unanswered(rig, group) <= set(keys[:4000])
    silent.go.set()


# ------------------------------------------------------------------------------------------------------- in the process


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for key in "abcd":
        store.add(BUCKET, key)
    return store


KEYS = ("a", "b", "c", "d")


def test_after_a_cancel_no_request_is_begun(store: MemoryStore) -> None:
    control = CallControl()
    control.cancel()
    assert DeleteKeys(BUCKET, KEYS).run(store, control) == KeysDeleted(left=KEYS)
    assert store.count("delete_objects") == 0


def cancelled_at(store: MemoryStore, key: str, control: CallControl) -> Callable[[], None]:
    """Let the store fall silent at a key, for good, while somebody cancels; what ends that."""
    go, delete_objects = threading.Event(), store.delete_objects

    def silent(bucket: str, keys: Sequence[str]) -> DeleteResult:
        result = delete_objects(bucket, keys)
        if key in keys:
            control.cancel()
            go.wait(PATIENCE)
        return result

    store.delete_objects = silent  # type: ignore[method-assign]
    return go.set


def test_one_by_one_each_key_has_its_own_end(store: MemoryStore) -> None:
    store.learnt.add(Trait.ONE_BY_ONE)
    store.protected["a"] = failure(ErrorKind.RETENTION)
    control = CallControl()
    end = cancelled_at(store, "c", control)
    told = DeleteKeys(BUCKET, KEYS).run(store, control)
    end()
    assert [item.key for item in told.failed] == ["a"]
    assert (told.silent, told.left) == (("c",), ("d",))
    assert store.keys(BUCKET) == ("a", "d")


def test_together_they_have_one(store: MemoryStore) -> None:
    control = CallControl()
    end = cancelled_at(store, "c", control)
    assert DeleteKeys(BUCKET, KEYS).run(store, control) == KeysDeleted(silent=KEYS)
    end()


def test_what_is_wrong_in_the_call_is_raised(store: MemoryStore) -> None:
    def broken(_bucket: str, _keys: Sequence[str]) -> DeleteResult:
        raise ValueError("a mistake")

    store.delete_objects = broken  # type: ignore[method-assign, assignment]
    with pytest.raises(ValueError, match="a mistake"):
        DeleteKeys(BUCKET, KEYS).run(store, CallControl())
