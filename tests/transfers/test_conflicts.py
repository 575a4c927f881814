from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore, failure, multipart_etag

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, DownloadRequest, TransferRules, UploadRequest
from cloudtemple_browser.transfers import conflicts as module
from cloudtemple_browser.transfers.conflicts import (
    Conflict,
    Rule,
    comparable,
    compare,
    decided,
    find_download_conflicts,
    find_upload_conflicts,
)
from cloudtemple_browser.transfers.local_file import stamp

BUCKET = "bucket"
MIB = 1 << 20
THEN = 1_700_000_000


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(page_size=10)
    store.add_bucket(BUCKET)
    return store


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
        os.utime(root / name, (THEN, THEN))


def uploads(store: MemoryStore, *paths: Path, prefix: str = "p/", control: CallControl | None = None) -> list[Conflict]:
    request = UploadRequest("c", BUCKET, prefix, paths)
    return list(find_upload_conflicts(store, request, TransferRules(), control or CallControl(), lambda _n: None))


def downloads(store: MemoryStore, target: Path, *folders: str, keys: tuple[ObjectEntry, ...] = ()) -> list[Conflict]:
    request = DownloadRequest("c", BUCKET, keys, folders, "p/", target)
    return list(find_download_conflicts(store, request, CallControl(), lambda _n: None))


def a_conflict(path: Path = Path("a"), etag: str = "", size: int = 5) -> Conflict:
    return Conflict("k", "k", "r", size, THEN, size, THEN, path, etag)


# --- uploads


def test_a_file_that_is_there(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b.txt")
    store.add(BUCKET, "p/a.txt", b"other", modified=THEN + 60)
    (found,) = uploads(store, tmp_path / "a.txt", tmp_path / "b.txt")
    etag = store.head_object(store.add(BUCKET, "x", b"other")).etag
    assert found == Conflict("p/a.txt", "a.txt", etag, 5, THEN + 60, 5, THEN, tmp_path / "a.txt", etag, None)


def test_below_a_folder(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, *(f"top/{n:02}" for n in range(30)), "top/deep/x", "top/deep/y")
    for key in ("p/top/07", "p/top/deep/y", "p/top/not-here", "p/topping", "p/top"):
        store.add(BUCKET, key, b"")
    found = uploads(store, tmp_path / "top")
    assert [(one.target, one.name, one.identical) for one in found] == [
        ("p/top/07", "top/07", False),
        ("p/top/deep/y", "top/deep/y", False),
    ]


def test_a_folder_that_is_not_there_is_not_walked(store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "top/a")
    store.add(BUCKET, "p/top", b"an object of that name is no folder")
    monkeypatch.setattr(Path, "iterdir", lambda path: pytest.fail(f"{path} was walked"))
    assert uploads(store, tmp_path / "top") == []
    assert store.count("list_pages") == 1


def test_a_folder_whose_first_page_is_empty_is_there(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where there are many delete markers."""
    make(tmp_path, *(f"top/{n}" for n in range(3)))
    store.add(BUCKET, "p/top/1", b"")
    listed = store.list_pages
    monkeypatch.setattr(store, "list_pages", lambda *request: itertools.chain([ListingPage()], listed(*request)))
    assert [one.target for one in uploads(store, tmp_path / "top")] == ["p/top/1"]


def test_many_files_cost_one_listing(store: MemoryStore, tmp_path: Path) -> None:
    names = [f"{n:03}" for n in range(100)]
    make(tmp_path, *names, *(f"d{n}/x" for n in range(20)))
    for key in ("p/042", "p/d3/x", "p/d4/other", "p/z"):
        store.add(BUCKET, key, b"")
    found = uploads(store, *(tmp_path / name for name in names), *(tmp_path / f"d{n}" for n in range(20)))
    assert [one.target for one in found] == ["p/042", "p/d3/x"]
    assert store.count("head_object") == 0
    assert store.count("list_pages") <= 3


def test_a_long_listing_is_given_up_for_single_questions(store: MemoryStore, tmp_path: Path) -> None:
    names = [f"{n:02}" for n in range(10)]
    make(tmp_path, *names)
    for n in range(5000):
        store.add(BUCKET, f"p/0-{n:05}", b"")
    store.add(BUCKET, "p/09", b"")
    store.page_size = 1000
    assert [one.target for one in uploads(store, *(tmp_path / name for name in names))] == ["p/09"]
    assert store.count("head_object") == 10
    assert store.count("list_pages") < 5


def test_a_huge_folder_is_met_piece_by_piece(store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 3)
    make(tmp_path, *(f"top/{n}" for n in range(8)))
    for n in range(8):
        store.add(BUCKET, f"p/top/{n}", b"")
    assert sorted(one.target for one in uploads(store, tmp_path / "top")) == [f"p/top/{n}" for n in range(8)]


def test_two_chosen_paths_of_one_name_meet_what_they_are_named(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, "one/a.txt", "two/a.txt")
    store.add(BUCKET, "p/a (2).txt", b"")
    (found,) = uploads(store, tmp_path / "one/a.txt", tmp_path / "two/a.txt")
    assert (found.target, found.path) == ("p/a (2).txt", tmp_path / "two/a.txt")


def test_a_key_that_may_not_look_tells_so_at_the_end(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, "top/a", "b", "c")
    store.add(BUCKET, "p/c", b"")
    store.fail_next("list_pages", failure(ErrorKind.ACCESS_DENIED))
    request = UploadRequest("c", BUCKET, "p/", (tmp_path / "top", tmp_path / "b", tmp_path / "c"))
    found = find_upload_conflicts(store, request, TransferRules(), CallControl(), lambda _n: None)
    assert next(found).target == "p/c"
    with pytest.raises(BrowserError) as caught:
        next(found)
    assert caught.value.kind is ErrorKind.ACCESS_DENIED


def test_without_the_right_to_list_files_are_asked_for_one_by_one(store: MemoryStore, tmp_path: Path) -> None:
    names = [f"{n:02}" for n in range(10)]
    make(tmp_path, *names)
    store.add(BUCKET, "p/05", b"")
    store.fail_next("list_pages", failure(ErrorKind.ACCESS_DENIED))
    assert [one.target for one in uploads(store, *(tmp_path / name for name in names))] == ["p/05"]


@pytest.mark.parametrize("operation", ["list_pages", "head_object"])
def test_any_other_failure_ends_the_look(store: MemoryStore, tmp_path: Path, operation: str) -> None:
    make(tmp_path, "top/a", "b")
    store.fail_next(operation, failure(ErrorKind.CONNECTION_LOST))
    with pytest.raises(BrowserError) as caught:
        uploads(store, tmp_path / "top", tmp_path / "b")
    assert caught.value.kind is ErrorKind.CONNECTION_LOST


def test_a_listing_that_breaks_off_ends_the_look(tmp_path: Path) -> None:
    class Breaking(MemoryStore):
        def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
            yield next(super().list_pages(bucket, prefix, delimiter, control))
            raise failure(ErrorKind.PARTIAL)

    make(tmp_path, "top/a")
    store = Breaking(page_size=1)
    for key in ("p/top/a", "p/top/b"):
        store.add(BUCKET, key, b"")
    with pytest.raises(BrowserError):
        uploads(store, tmp_path / "top")


def test_looking_can_be_cancelled(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, "a")
    control = CallControl()
    control.cancel()
    with pytest.raises(Cancelled):
        uploads(store, tmp_path / "a", control=control)


# --- downloads


def test_local_files_in_the_way(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, "f/a%3Ab", "f/deep/x", "f/mine", "top")
    for key in ("p/f/a:b", "p/f/deep/x", "p/f/new", "p/f/deep/", "p/g/y"):
        store.add(BUCKET, key, b"object", modified=THEN + 5)
    chosen = (ObjectEntry("p/top", 3, THEN - 5, "e"),)
    found = downloads(store, tmp_path, "p/f/", "p/g/", keys=chosen)
    assert [(one.target, one.name, one.newer) for one in found] == [
        (str(tmp_path / "top"), "top", False),
        (str(tmp_path / "f" / "a%3Ab"), str(Path("f", "a%3Ab")), True),
        (str(tmp_path / "f" / "deep" / "x"), str(Path("f", "deep", "x")), True),
    ]
    assert (found[0].old_size, found[0].new_size, found[0].identical) == (3, 3, None)
    assert found[0].replaces == stamp((tmp_path / "top").lstat())
    assert (found[0].path, found[0].etag) == (tmp_path / "top", "e")
    assert store.count("list_pages") == 1  # nothing is asked about what can not be in the way


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_what_is_no_file(store: MemoryStore, tmp_path: Path) -> None:
    """A folder is left to the transfer, which can only fail there; a link is in the way itself, not what it points to."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (found,) = downloads(store, tmp_path, keys=(ObjectEntry("p/folder", 1, THEN), ObjectEntry("p/link", 1, THEN, "e")))
    assert (found.name, found.old_size, found.identical) == ("link", UNKNOWN, False)
    assert not comparable(found)


def test_a_folder_that_can_not_be_listed_is_left_to_the_transfer(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    store.fail_next("list_pages", failure(ErrorKind.ACCESS_DENIED))
    assert downloads(store, tmp_path, "p/f/") == []


# --- contents


def compared(*conflicts: Conflict, limit: int = 1 << 40) -> dict[int, bool | None]:
    return dict(compare(conflicts, limit, CallControl(), lambda _n: None))


def test_the_same_bytes_are_known_by_an_md5(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, "a")
    same = store.head_object(store.add(BUCKET, "same", b"a")).etag
    other = store.head_object(store.add(BUCKET, "other", b"b")).etag
    path = tmp_path / "a"
    one = a_conflict(path, same, 1)
    assert compared(one, replace(one, etag=same.upper()), replace(one, etag=other), replace(one, path=tmp_path / "gone")) == {
        0: True,
        1: True,
        2: False,
        3: None,
    }


@pytest.mark.parametrize("part", [5, 8, 15, 16])
@pytest.mark.parametrize("size", [MIB + 7, 33 * MIB, 40 * MIB + 1])
def test_the_same_bytes_are_known_by_the_parts_that_programs_make(tmp_path: Path, part: int, size: int) -> None:
    body = bytes(range(251)) * (size // 251 + 1)
    body = body[:size]
    (tmp_path / "a").write_bytes(body)
    etag = multipart_etag([body[at : at + part * MIB] for at in range(0, size, part * MIB)])
    assert compared(a_conflict(tmp_path / "a", etag, size)) == {0: True}


def test_what_was_cut_in_an_unknown_way_stays_unknown(tmp_path: Path) -> None:
    body = bytes(20 * MIB)
    (tmp_path / "a").write_bytes(body)
    odd = 11 * MIB + 1
    etags = [multipart_etag([body[:odd], body[odd:]]), f"{'0' * 32}-9999"]
    assert compared(*(a_conflict(tmp_path / "a", etag, len(body)) for etag in etags)) == {0: None, 1: None}


@pytest.mark.parametrize("etag", ["", "abc", "z" * 32, "0" * 32 + "-0", '"' + "0" * 32 + '"'])
def test_other_etags_tell_nothing(etag: str) -> None:
    assert not comparable(a_conflict(etag=etag))
    assert compared(a_conflict(etag=etag)) == {}


def test_only_so_many_bytes_are_read_and_the_small_ones_first(tmp_path: Path) -> None:
    etag, path, read = "0" * 32, tmp_path / "a", list[int]()
    path.write_bytes(b"x" * 10)
    many = [a_conflict(path, etag, size) for size in (30, 10, 20)]
    answers = dict(compare(many, 35, CallControl(), read.append))
    assert answers == {1: False, 2: False}
    assert sum(read) == 20


def test_comparing_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3 * MIB)
    control, read = CallControl(), list[int]()

    def progress(count: int) -> None:
        read.append(count)
        control.cancel()

    with pytest.raises(Cancelled):
        list(compare([a_conflict(tmp_path / "a", "0" * 32, 3 * MIB)], 1 << 40, control, progress))
    assert read == [MIB]


def test_what_size_tells(store: MemoryStore, tmp_path: Path) -> None:
    make(tmp_path, "empty", "a")
    (tmp_path / "empty").write_bytes(b"")
    store.add(BUCKET, "p/empty", b"")
    store.add(BUCKET, "p/a", b"longer")
    found = uploads(store, tmp_path / "empty", tmp_path / "a")
    assert {one.name: one.identical for one in found} == {"empty": True, "a": False}


# --- rules

NEWER, OLDER = THEN + 10, THEN - 10


@pytest.mark.parametrize(
    ("rule", "modified", "identical", "overwrites"),
    [
        (Rule.NEWER, NEWER, None, True),
        (Rule.NEWER, NEWER, False, True),
        (Rule.NEWER, NEWER, True, False),
        (Rule.NEWER, THEN + 2, None, False),
        (Rule.NEWER, OLDER, False, False),
        (Rule.NEWER, UNKNOWN, False, False),
        (Rule.DIFFERENT, OLDER, None, True),
        (Rule.DIFFERENT, OLDER, False, True),
        (Rule.DIFFERENT, NEWER, True, False),
    ],
)
def test_rules(rule: Rule, modified: int, identical: bool | None, overwrites: bool) -> None:
    conflict = replace(a_conflict(), new_modified=modified, identical=identical)
    assert rule.policy(conflict) is (ConflictPolicy.OVERWRITE if overwrites else ConflictPolicy.SKIP)


def test_plain_rules_ask_nothing() -> None:
    for rule in (Rule.SKIP, Rule.OVERWRITE, Rule.KEEP_BOTH):
        for identical in (True, False, None):
            assert rule.policy(replace(a_conflict(), identical=identical)).value == rule.value


def test_only_what_was_seen_is_overwritten() -> None:
    conflicts = [replace(a_conflict(), target=name, replaces=f"etag-{name}") for name in ("a", "b", "c")]
    policies = [ConflictPolicy.OVERWRITE, ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH]
    assert decided(conflicts, policies) == {
        "a": Decision(ConflictPolicy.OVERWRITE, "etag-a"),
        "b": Decision(ConflictPolicy.SKIP),
        "c": Decision(ConflictPolicy.KEEP_BOTH),
    }
