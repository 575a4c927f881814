from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from corpus import KEYS
from fakes.memory_store import MemoryStore, failure, md5_hex
from transfers.local_tree import content, temporary, tree

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.local_names import LocalNames
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.model.writes import Fetched, WriteOptions
from cloudtemple_browser.transfers.destination import Place
from cloudtemple_browser.transfers.local_folder import Folder
from cloudtemple_browser.transfers.work import Batch, Outcome
from cloudtemple_browser.transfers.work_download import FetchFile, FileFetched
from cloudtemple_browser.transfers.work_upload import FileSent, SendFile

BUCKET = "bucket"
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
