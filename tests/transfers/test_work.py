from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import TypeVar

import pytest
from corpus import KEYS
from fakes.memory_store import MemoryStore, failure, md5_hex
from transfers.local_tree import content, temporary, tree

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.local_names import LocalNames
from cloudtemple_browser.model.steps import Steps
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.model.writes import Condition, Fetched, WriteOptions
from cloudtemple_browser.transfers.destination import Place
from cloudtemple_browser.transfers.local_folder import Folder
from cloudtemple_browser.transfers.work import Batch, Outcome, Small
from cloudtemple_browser.transfers.work_download import FetchFile, FileFetched
from cloudtemple_browser.transfers.work_upload import FileSent, SendFile

T = TypeVar("T")

BUCKET = "bucket"
NEW_OBJECT = Condition()
NEW = Decision(ConflictPolicy.REFUSE)


def fetch(store: MemoryStore, target: Path, key: str, *folders: str) -> FetchFile:
    body = store.body(ObjectRef(BUCKET, key))
    return FetchFile(ObjectRef(BUCKET, key), Place(target, folders, key, f"job {key}"), len(body), md5_hex(body), NEW)


def kinds(outcomes: tuple[Outcome | None, ...]) -> list[object]:
    return [outcome.kind if isinstance(outcome, BrowserError) else type(outcome) for outcome in outcomes]


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for n in range(6):
        store.add(BUCKET, f"f{n}", content(100 + n, n))
    return store


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "target"
    path.mkdir()
    return path


def test_uploads_and_downloads_of_several_folders(store: MemoryStore, tmp_path: Path, target: Path) -> None:
    (tmp_path / "up").write_bytes(b"up")
    items = [fetch(store, target, f"f{n}", *(("x",) if n % 2 else ())) for n in range(6)]
    batch = Batch((*items[:3], SendFile(ObjectRef(BUCKET, "up"), tmp_path / "up", WriteOptions()), *items[3:]))
    outcomes = pickle.loads(pickle.dumps(batch)).run(store, CallControl())  # noqa: S301 - as in an engine process
    places = [item.place.path for item in items]
    fetched = [outcome for outcome in outcomes if isinstance(outcome, FileFetched)]
    assert fetched == [FileFetched(path, verified=True) for path in places]
    assert isinstance(outcomes[3], FileSent)
    assert store.body(ObjectRef(BUCKET, "up")) == b"up"
    assert [path.read_bytes() for path in places] == [content(100 + n, n) for n in range(6)]
    assert temporary(target) == temporary(target / "x") == []


def test_a_failure_of_one_is_its_own(store: MemoryStore, target: Path) -> None:
    (target / "f2").write_bytes(b"old")
    store.fail_next("read_range", failure(ErrorKind.CONNECTION_LOST))
    gone = FetchFile(ObjectRef(BUCKET, "gone"), Place(target, (), "gone", "job"), 5, "etag", NEW)
    outcomes = Batch((*(fetch(store, target, f"f{n}") for n in range(4)), gone)).run(store, CallControl())
    assert kinds(outcomes) == [
        ErrorKind.CONNECTION_LOST,
        FileFetched,
        ErrorKind.OCCUPIED,
        FileFetched,
        ErrorKind.NO_OBJECT,
    ]
    assert tree(target) == {"f1": content(101, 1), "f2": b"old", "f3": content(103, 3)}


@pytest.mark.parametrize("where", ["middle", "before"])
def test_a_cancel_ends_the_rest_and_keeps_what_is_whole(store: MemoryStore, target: Path, where: str) -> None:
    control = CallControl()
    reading = store.read_range

    def read_range(ref: ObjectRef, *rest: object) -> Fetched:
        if ref.key == "f2":
            control.cancel()
        return reading(ref, *rest)  # type: ignore[arg-type]

    store.read_range = read_range  # type: ignore[method-assign, assignment]
    if where == "before":
        control.cancel()
    outcomes = Batch(tuple(fetch(store, target, f"f{n}") for n in range(5))).run(store, control)
    done = 0 if where == "before" else 2
    assert kinds(outcomes) == [FileFetched] * done + [type(None)] * (5 - done)
    assert tree(target) == {f"f{n}": content(100 + n, n) for n in range(done)}


def test_files_are_on_the_disk_before_any_has_its_name(
    store: MemoryStore, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, move, sync = os.fsync, Folder.move_to_free, Folder.sync

    def fsynced(descriptor: int) -> None:
        order.append("fsync")
        fsync(descriptor)

    def moved(self: Folder, old: str, new: str) -> None:
        order.append("rename")
        move(self, old, new)

    def synced(self: Folder) -> None:
        order.append("folder")
        sync(self)

    monkeypatch.setattr(os, "fsync", fsynced)
    monkeypatch.setattr(Folder, "move_to_free", moved)
    monkeypatch.setattr(Folder, "sync", synced)
    Batch(tuple(fetch(store, target, f"f{n}") for n in range(3))).run(store, CallControl())
    assert order[:7] == ["fsync"] * 3 + ["rename"] * 3 + ["folder"]


def test_a_folder_that_is_gone_before_the_end_is_told_of_each(store: MemoryStore, target: Path) -> None:
    reading = store.read_range

    def read_range(ref: ObjectRef, *rest: object) -> Fetched:
        facts = reading(ref, *rest)  # type: ignore[arg-type]
        if ref.key == "f3":
            (target / "x").rename(target / "elsewhere")
        return facts

    store.read_range = read_range  # type: ignore[method-assign, assignment]
    items = (fetch(store, target, "f1", "x"), fetch(store, target, "f2"), fetch(store, target, "f3", "x"))
    assert kinds(Batch(items).run(store, CallControl())) == [ErrorKind.LOCAL_MISSING, FileFetched, ErrorKind.LOCAL_MISSING]
    assert (target / "f2").read_bytes() == content(102, 2)


class Wire:
    """A store whose answers wait until they are read, and what was under way at a time."""

    def __init__(self, store: MemoryStore) -> None:
        self.order: list[str] = []
        self.most = self._under_way = 0
        put, read = store.put_object_steps, store.read_range_steps

        def counted(name: str, steps: Steps[T]) -> Steps[T]:
            self.order.append(f"ask {name}")
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            try:
                result = yield from steps
            finally:
                self._under_way -= 1
                self.order.append(f"end {name}")
            return result

        store.put_object_steps = lambda ref, *rest: counted(ref.key, put(ref, *rest))  # type: ignore[method-assign]
        store.read_range_steps = lambda ref, *rest: counted(ref.key, read(ref, *rest))  # type: ignore[method-assign]


def sends(tmp_path: Path, count: int, condition: Condition | None = NEW_OBJECT, start: int = 0) -> tuple[SendFile, ...]:
    items = []
    for n in range(start, start + count):
        (tmp_path / f"n{n}").write_bytes(b"%d" % n)
        items.append(SendFile(ObjectRef(BUCKET, f"up/n{n}"), tmp_path / f"n{n}", WriteOptions(), "", condition))
    return tuple(items)


@pytest.mark.parametrize("at_once", [1, 3, 16])
def test_so_many_wait_for_their_answers_side_by_side(store: MemoryStore, tmp_path: Path, target: Path, at_once: int) -> None:
    wire = Wire(store)
    items: tuple[Small, ...] = (*sends(tmp_path, 5), *(fetch(store, target, f"f{n}") for n in range(5)))
    outcomes = Batch(items, at_once).run(store, CallControl())
    assert kinds(outcomes) == [FileSent] * 5 + [FileFetched] * 5
    assert wire.most == min(at_once, 10)
    assert [store.body(ObjectRef(BUCKET, f"up/n{n}")) for n in range(5)] == [b"%d" % n for n in range(5)]
    assert tree(target) == {f"f{n}": content(100 + n, n) for n in range(5)}
    assert wire.order[:2] == ["ask up/n0", "end up/n0" if at_once == 1 else "ask up/n1"]


def test_a_busy_store_is_asked_for_nothing_more_and_what_is_under_way_is_heard(
    store: MemoryStore, tmp_path: Path, target: Path
) -> None:
    wire = Wire(store)
    store.fail_next("put_object", failure(ErrorKind.THROTTLED))
    outcomes = Batch(sends(tmp_path, 8), 3).run(store, CallControl())
    assert kinds(outcomes) == [ErrorKind.THROTTLED, FileSent, FileSent] + [type(None)] * 5
    assert len(wire.order) == 6


def test_a_cancel_lets_go_of_all_that_is_under_way(store: MemoryStore, tmp_path: Path, target: Path) -> None:
    wire, control = Wire(store), CallControl()
    reading = store.read_range

    def read_range(ref: ObjectRef, *rest: object) -> Fetched:
        if ref.key == "f1":
            control.cancel()
        return reading(ref, *rest)  # type: ignore[arg-type]

    store.read_range = read_range  # type: ignore[method-assign, assignment]
    outcomes = Batch(tuple(fetch(store, target, f"f{n}") for n in range(6)), 3).run(store, control)
    assert kinds(outcomes) == [FileFetched] + [type(None)] * 5
    assert tree(target) == {"f0": content(100, 0)}, "no temporary file is left"
    assert sorted(wire.order) == sorted([*(f"ask f{n}" for n in range(4)), *(f"end f{n}" for n in range(4))])


def test_one_look_serves_all_new_objects(store: MemoryStore, tmp_path: Path) -> None:
    outcomes = Batch(sends(tmp_path, 20), 4).run(store, CallControl())
    assert kinds(outcomes) == [FileSent] * 20
    assert [store.count(name) for name in ("first_page", "head_object")] == [1, 0]


def test_no_look_where_the_store_keeps_conditions(store: MemoryStore, tmp_path: Path) -> None:
    store.learnt.add(Trait.KEEPS_CONDITIONS)
    Batch(sends(tmp_path, 4), 4).run(store, CallControl())
    assert [store.count(name) for name in ("first_page", "head_object")] == [0, 0]


def test_what_came_to_a_target_is_not_replaced(store: MemoryStore, tmp_path: Path) -> None:
    store.add(BUCKET, "up/n1", b"of somebody else")
    store.without_conditions = True
    outcomes = Batch(sends(tmp_path, 3), 4).run(store, CallControl())
    assert kinds(outcomes) == [FileSent, ErrorKind.CHANGED, FileSent]
    assert store.body(ObjectRef(BUCKET, "up/n1")) == b"of somebody else"


def test_what_may_be_replaced_is_and_what_is_another_by_now_is_not(store: MemoryStore, tmp_path: Path) -> None:
    store.without_conditions = True
    for n, body in enumerate((b"old", b"newer", b"gone")):
        store.add(BUCKET, f"up/n{n}", body)
    replaced = [sends(tmp_path, 1, Condition(md5_hex(b"old")), n)[0] for n in range(2)]
    assert kinds(Batch(tuple(replaced), 4).run(store, CallControl())) == [FileSent, ErrorKind.CHANGED]
    assert [store.body(ObjectRef(BUCKET, f"up/n{n}")) for n in range(2)] == [b"0", b"newer"]
    assert store.count("first_page") == 1


def test_a_look_counts_for_a_moment_only(store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.without_conditions = True
    monkeypatch.setattr("cloudtemple_browser.transfers.work._A_MOMENT_AGO", -1.0)
    Batch(sends(tmp_path, 3), 1).run(store, CallControl())
    assert store.count("head_object") == 3, "each is looked at by itself where the look is older than that"


def test_where_a_look_is_refused_each_is_looked_at(store: MemoryStore, tmp_path: Path) -> None:
    store.fail_next("first_page", failure(ErrorKind.ACCESS_DENIED))
    assert kinds(Batch(sends(tmp_path, 3), 2).run(store, CallControl())) == [FileSent] * 3
    assert store.count("head_object") == 3


def test_every_hostile_key_arrives_in_the_folder(tmp_path: Path, target: Path) -> None:
    """S61: nothing outside the folder, no overwrite, one to one, every object present."""
    keys = sorted({*KEYS.values(), "A/x", "a/x", "a", "A", "caf\u00c9", "x/", "x/y", "x//", "nul.txt", "L" * 1000 + ".txt"})
    store, names = MemoryStore(), LocalNames()
    items = []
    for n, key in enumerate(keys):
        body = key.encode() + b"!"
        store.add(BUCKET, key, body)
        *folders, name = names.file(key)
        items.append(
            FetchFile(ObjectRef(BUCKET, key), Place(target, tuple(folders), name, str(n)), len(body), md5_hex(body), NEW)
        )
    outcomes = Batch(tuple(items)).run(store, CallControl())
    assert kinds(outcomes) == [FileFetched] * len(keys)
    found = sorted(path.read_bytes() for path in target.rglob("*") if path.is_file())
    assert found == sorted(key.encode() + b"!" for key in keys)
    assert {path.name for path in tmp_path.iterdir()} == {"target"}
