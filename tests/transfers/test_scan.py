from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.memory_store import MemoryStore, failure

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.transfers import (
    ConflictPolicy,
    Decision,
    Direction,
    DownloadRequest,
    Job,
    TransferRules,
    UploadRequest,
)
from cloudtemple_browser.transfers.scan import DownloadScan, Skipped, UploadScan

BUCKET, CONNECTION = "bucket", "connection"
RULES = TransferRules()
FOLLOWING = TransferRules(follow_links=True)


def scan_of(request: UploadRequest, rules: TransferRules = RULES) -> tuple[list[Job], list[Skipped]]:
    found = list(UploadScan(7, request, rules).jobs(CallControl()))
    return [item for item in found if isinstance(item, Job)], [item for item in found if isinstance(item, Skipped)]


def uploads(*paths: Path, prefix: str = "", rules: TransferRules = RULES) -> tuple[list[Job], list[Skipped]]:
    return scan_of(UploadRequest(CONNECTION, BUCKET, prefix, paths), rules)


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            (root / name).mkdir()
        else:
            (root / name).write_bytes(name.encode())


def test_a_folder_becomes_keys(tmp_path: Path) -> None:
    make(tmp_path, "top/b.txt", "top/a/x.png", "top/a/deep/y", "top/empty/", "top/z/empty/")
    jobs, skipped = uploads(tmp_path / "top", prefix="in/")
    assert [job.ref.key for job in jobs] == [
        "in/top/a/deep/y",
        "in/top/a/x.png",
        "in/top/b.txt",
        "in/top/empty/",
        "in/top/z/empty/",
    ]
    assert [job.size for job in jobs] == [len("top/a/deep/y"), len("top/a/x.png"), len("top/b.txt"), 0, 0]
    assert [job.is_folder for job in jobs] == [False, False, False, True, True]
    assert all(job.root == tmp_path and job.path.is_relative_to(tmp_path) for job in jobs)
    assert {(job.group, job.direction, job.connection_id, job.ref.bucket) for job in jobs} == {
        (7, Direction.UPLOAD, CONNECTION, BUCKET)
    }
    assert [job.options.content_type for job in jobs[1:3]] == ["image/png", "text/plain"]
    assert skipped == []


def test_names_stay_letter_by_letter(tmp_path: Path) -> None:
    names = ["cafe\u0301", "caf\u00e9", "a b+c%41", "\u202ex"]
    if sys.platform != "win32":
        names.append("back\\slash\n")
    make(tmp_path, *(f"top/{name}" for name in names))
    jobs, _ = uploads(tmp_path / "top")
    assert {job.ref.key for job in jobs} == {f"top/{name}" for name in names}


def test_links_are_reported_and_never_followed(tmp_path: Path) -> None:
    make(tmp_path, "outside/secret", "top/file")
    (tmp_path / "top/link").symlink_to(tmp_path / "outside/secret")
    (tmp_path / "top/folder-link").symlink_to(tmp_path / "outside")
    (tmp_path / "top/loop").symlink_to(tmp_path / "top")
    (tmp_path / "top/dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "chosen").symlink_to(tmp_path / "outside")
    jobs, skipped = uploads(tmp_path / "top", tmp_path / "chosen")
    assert [job.ref.key for job in jobs] == ["top/file"]
    assert {Path(item.subject).name for item in skipped} == {"link", "folder-link", "loop", "dangling", "chosen"}
    assert all("a link" in str(dict(item.error.values)["message"]) for item in skipped)


def test_links_are_followed_when_wanted_but_not_in_a_circle(tmp_path: Path) -> None:
    make(tmp_path, "outside/deep/x", "outside/y", "top/file")
    (tmp_path / "top/link").symlink_to(tmp_path / "outside/y")
    (tmp_path / "top/folder-link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside/deep/up").symlink_to(tmp_path / "outside")
    (tmp_path / "top/loop").symlink_to(tmp_path / "top")
    (tmp_path / "top/dangling").symlink_to(tmp_path / "nowhere")
    jobs, skipped = uploads(tmp_path / "top", rules=FOLLOWING)
    assert {job.ref.key: job.size for job in jobs} == {
        "top/file": len("top/file"),
        "top/folder-link/deep/x": len("outside/deep/x"),
        "top/folder-link/y": len("outside/y"),
        "top/link": len("outside/y"),
    }
    assert tmp_path / "top/link" in {job.path for job in jobs}  # as found: the work follows it
    assert {(Path(item.subject).relative_to(tmp_path / "top").as_posix(), item.error.kind) for item in skipped} == {
        ("folder-link/deep/up", ErrorKind.LOCAL_OTHER),
        ("loop", ErrorKind.LOCAL_OTHER),
        ("dangling", ErrorKind.LOCAL_MISSING),
    }


def test_a_folder_reached_twice_is_uploaded_twice(tmp_path: Path) -> None:
    """Only a circle is left out: two links to one folder are two folders."""
    make(tmp_path, "outside/x", "top/file")
    for name in ("one", "two"):
        (tmp_path / "top" / name).symlink_to(tmp_path / "outside")
    assert [job.ref.key for job in uploads(tmp_path / "top", rules=FOLLOWING)[0]] == ["top/file", "top/one/x", "top/two/x"]


def test_a_junction_counts_as_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows tells junctions by a tag that no other system's ``lstat`` has."""
    make(tmp_path, "top/junction/x", "top/y")
    real = Path.lstat

    class Tagged:
        def __init__(self, found: os.stat_result) -> None:
            self._found = found
            self.st_reparse_tag = 0xA0000003

        def __getattr__(self, name: str) -> object:
            return getattr(self._found, name)

    monkeypatch.setattr(Path, "lstat", lambda path: Tagged(real(path)) if path.name == "junction" else real(path))
    jobs, skipped = uploads(tmp_path / "top")
    assert [job.ref.key for job in jobs] == ["top/y"]
    assert [Path(item.subject).name for item in skipped] == ["junction"]


def test_desktop_clutter_is_left_out_and_reported(tmp_path: Path) -> None:
    make(tmp_path, "top/.DS_Store", "top/a/Thumbs.db", "top/a/photo", "top/only/desktop.ini")
    jobs, skipped = uploads(tmp_path / "top")
    assert [job.ref.key for job in jobs] == ["top/a/photo", "top/only/"]
    assert {Path(item.subject).name for item in skipped} == {".DS_Store", "Thumbs.db", "desktop.ini"}


def test_which_names_are_left_out_is_a_rule(tmp_path: Path) -> None:
    make(tmp_path, "top/.DS_Store", "top/Straße.TMP")
    jobs, skipped = uploads(tmp_path / "top", rules=TransferRules(excluded=("strasse.tmp",)))
    assert [job.ref.key for job in jobs] == ["top/.DS_Store"]
    assert [Path(item.subject).name for item in skipped] == ["Straße.TMP"]


def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "top/locked", "top/y")
    monkeypatch.setattr(os, "access", lambda path, _mode: path.name != "locked")
    jobs, skipped = uploads(tmp_path / "top")
    assert [job.ref.key for job in jobs] == ["top/y"]
    assert [(Path(item.subject).name, item.error.kind) for item in skipped] == [("locked", ErrorKind.LOCAL_DENIED)]


def test_what_the_user_decided_goes_along(tmp_path: Path) -> None:
    make(tmp_path, "top/a", "top/b", "top/empty/")
    taken = Decision(ConflictPolicy.OVERWRITE, "etag")
    request = UploadRequest(CONNECTION, BUCKET, "p/", (tmp_path / "top",), public=True, decisions={"p/top/a": taken})
    jobs, _ = scan_of(request)
    # a folder that is there is no conflict: its marker is not written again
    assert [job.decision for job in jobs] == [taken, Decision(ConflictPolicy.REFUSE), Decision(ConflictPolicy.SKIP)]
    assert [job.options.acl for job in jobs] == [CannedAcl.PUBLIC_READ, CannedAcl.PUBLIC_READ, None]
    jobs, _ = scan_of(UploadRequest(CONNECTION, BUCKET, "", (tmp_path / "top",), appeared=ConflictPolicy.OVERWRITE))
    assert {job.decision for job in jobs} == {Decision(ConflictPolicy.OVERWRITE)}  # a key that may not read never asks


def test_what_is_missing_is_reported(tmp_path: Path) -> None:
    jobs, skipped = uploads(tmp_path / "gone")
    assert jobs == []
    assert [(item.subject, item.error.kind) for item in skipped] == [(str(tmp_path / "gone"), ErrorKind.LOCAL_MISSING)]


def test_what_can_not_be_read_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "top/locked/x", "top/y")
    real = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    jobs, skipped = uploads(tmp_path / "top")
    assert [job.ref.key for job in jobs] == ["top/y"]
    assert [(Path(item.subject).name, item.error.kind) for item in skipped] == [("locked", ErrorKind.LOCAL_DENIED)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_keys_are_reported(tmp_path: Path) -> None:
    make(tmp_path, "top/fine")
    (tmp_path / "top" / os.fsdecode(b"bad\xff")).write_bytes(b"")
    os.mkfifo(tmp_path / "top/pipe")
    jobs, skipped = uploads(tmp_path / "top", prefix="p" * 1017)
    assert jobs == []
    assert {item.error.kind for item in skipped} == {ErrorKind.LOCAL_NAME}
    assert len(skipped) == 3
    jobs, skipped = uploads(tmp_path / "top")
    assert [job.ref.key for job in jobs] == ["top/fine"]
    assert [item.error.kind for item in skipped] == [ErrorKind.LOCAL_NAME, ErrorKind.LOCAL_OTHER]


def test_two_chosen_paths_of_one_name_both_arrive(tmp_path: Path) -> None:
    make(tmp_path, "one/a.txt", "two/a.txt", "three/a.txt/inner")
    jobs, _ = uploads(tmp_path / "one/a.txt", tmp_path / "two/a.txt", tmp_path / "three/a.txt", tmp_path / "one/a.txt")
    assert [job.ref.key for job in jobs] == ["a.txt", "a (2).txt", "a (3).txt/inner"]


def test_a_relative_path_is_named_by_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "top/sub/x")
    monkeypatch.chdir(tmp_path / "top/sub")
    assert [job.ref.key for job in uploads(Path())[0]] == ["sub/x"]
    assert [job.ref.key for job in uploads(Path(".."))[0]] == ["top/sub/x"]


def test_the_root_of_a_disk_has_no_name() -> None:
    jobs, skipped = uploads(Path(Path.cwd().anchor))
    assert jobs == []
    assert [item.error.kind for item in skipped] == [ErrorKind.LOCAL_NAME]


def test_a_scan_ends_when_cancelled(tmp_path: Path) -> None:
    make(tmp_path, "top/a", "top/b")
    control = CallControl()
    found = UploadScan(1, UploadRequest(CONNECTION, BUCKET, "", (tmp_path / "top",)), RULES).jobs(control)
    assert isinstance(next(found), Job)
    control.cancel()
    with pytest.raises(Cancelled):
        next(found)


def downloads(
    store: MemoryStore, target: Path, *folders: str, keys: tuple[str, ...] = (), base: str = ""
) -> list[Job | Skipped]:
    entries = tuple(ObjectEntry(key, 1, 1234, "etag") for key in keys)
    return list(DownloadScan(7, DownloadRequest(CONNECTION, BUCKET, entries, folders, base, target)).jobs(store, CallControl()))


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(page_size=2)
    store.add_bucket(BUCKET)
    return store


def test_objects_and_prefixes_become_paths_below_the_target(store: MemoryStore, tmp_path: Path) -> None:
    for key in ("base/f/a", "base/f/g/b", "base/f/g/c", "base/f/h/", "base/other"):
        store.add(BUCKET, key, b"x" if not key.endswith("/") else b"")
    jobs = [job for job in downloads(store, tmp_path, "base/f/", keys=("base/x",), base="base/") if isinstance(job, Job)]
    assert [job.path.relative_to(tmp_path).as_posix() for job in jobs] == ["x", "f/a", "f/g/b", "f/g/c", "f/h"]
    assert [job.ref.key for job in jobs] == ["base/x", "base/f/a", "base/f/g/b", "base/f/g/c", "base/f/h/"]
    assert [job.is_folder for job in jobs] == [False, False, False, False, True]
    assert jobs[1].etag == store.head_object(ObjectRef(BUCKET, "base/f/a")).etag
    assert jobs[0].modified == 1234
    assert {(job.group, job.root, job.direction) for job in jobs} == {(7, tmp_path, Direction.DOWNLOAD)}


def test_decisions_are_by_local_path(store: MemoryStore, tmp_path: Path) -> None:
    store.add(BUCKET, "f/a:b", b"x")
    store.add(BUCKET, "f/c", b"x")
    skip = Decision(ConflictPolicy.SKIP)
    request = DownloadRequest(CONNECTION, BUCKET, (), ("f/",), "", tmp_path, {str(tmp_path / "f" / "a%3Ab"): skip})
    jobs = [job for job in DownloadScan(7, request).jobs(store, CallControl()) if isinstance(job, Job)]
    assert [job.decision for job in jobs] == [skip, Decision(ConflictPolicy.KEEP_BOTH)]


def test_only_folders_that_are_there_are_looked_at(store: MemoryStore, tmp_path: Path) -> None:
    store.add(BUCKET, "F/x", b"x")
    store.add(BUCKET, "f/x", b"x")
    store.add(BUCKET, "g/x", b"x")
    request = DownloadRequest(CONNECTION, BUCKET, (), ("F/", "f/", "g/"), "", tmp_path)
    (tmp_path / "f (2)").mkdir()
    jobs = [job for job in DownloadScan(7, request).jobs(store, CallControl(), existing=True) if isinstance(job, Job)]
    assert [(job.ref.key, job.path) for job in jobs] == [("f/x", tmp_path / "f (2)" / "x")]
    assert store.count("list_pages") == 1


def test_markers_and_empty_names(store: MemoryStore, tmp_path: Path) -> None:
    store.add(BUCKET, "f/", b"")
    store.add(BUCKET, "f/full/", b"content")
    store.add(BUCKET, "f//", b"")
    store.add(BUCKET, "f//x", b"y")
    jobs = [job for job in downloads(store, tmp_path, "f/", base="f/") if isinstance(job, Job)]
    assert {job.ref.key: job.path.relative_to(tmp_path).as_posix() for job in jobs} == {
        "f//": "%2F",
        "f//x": "%2F/x",
        "f/full/": "full/%2F",
    }


def test_an_object_named_as_its_folder(store: MemoryStore, tmp_path: Path) -> None:
    """The key ``f/`` with content, downloaded from within: its name below the base is empty."""
    store.add(BUCKET, "f/", b"content")
    (job,) = downloads(store, tmp_path, "f/", base="f/")
    assert isinstance(job, Job)
    assert job.path == tmp_path / "%2F"


def test_a_listing_that_breaks_off_is_never_silently_whole(store: MemoryStore, tmp_path: Path) -> None:
    class Breaking(MemoryStore):
        def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
            yield next(super().list_pages(bucket, prefix, delimiter, control))
            raise failure(ErrorKind.PARTIAL)

    breaking = Breaking(page_size=2)
    for n in range(5):
        breaking.add(BUCKET, f"f/{n}", b"x")
    *jobs, last = downloads(breaking, tmp_path, "f/")
    assert len(jobs) == 2
    assert isinstance(last, Skipped)
    assert (last.subject, last.error.kind) == ("f/", ErrorKind.PARTIAL)


def test_a_listing_that_must_be_made_again_gives_each_object_once(tmp_path: Path) -> None:
    class OnceAgain(MemoryStore):
        attempts = 0

        def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
            self.attempts += 1
            for at, page in enumerate(super().list_pages(bucket, prefix, delimiter, control)):
                if at == 2 and self.attempts == 1:
                    raise failure(ErrorKind.LIST_AGAIN)
                yield page

    store = OnceAgain(page_size=2)
    for n in range(7):
        store.add(BUCKET, f"f/{n}", b"x")
    found = downloads(store, tmp_path, "f/")
    assert [job.ref.key for job in found if isinstance(job, Job)] == [f"f/{n}" for n in range(7)]
    assert not [one for one in found if isinstance(one, Skipped)]


def test_a_listing_that_goes_on_after_a_failure_loses_nothing(tmp_path: Path) -> None:
    """Key ranges are listed at the same time: the last page that came is not the last of what is done."""

    class InAnyOrder(MemoryStore):
        attempts = 0

        def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
            self.attempts += 1
            pages = list(super().list_pages(bucket, prefix, delimiter, control))
            yield from (pages[2], pages[0], pages[3], pages[1])[: 2 if self.attempts == 1 else 4]
            if self.attempts == 1:
                raise failure(ErrorKind.CONNECTION_LOST)

    store, asked = InAnyOrder(page_size=2), []
    for n in range(8):
        store.add(BUCKET, f"f/{n}", b"x")

    def again(_error: BrowserError, moved: bool) -> bool:
        asked.append(moved)
        return True

    scan = DownloadScan(1, DownloadRequest(CONNECTION, BUCKET, (), ("f/",), "", tmp_path))
    found = list(scan.jobs(store, CallControl(), again=again))
    assert sorted(job.ref.key for job in found if isinstance(job, Job)) == [f"f/{n}" for n in range(8)]
    assert (len(found), asked) == (8, [True])


def test_a_remote_scan_ends_when_cancelled_between_pages(tmp_path: Path) -> None:
    class Endless(MemoryStore):
        def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
            for n in range(3):
                yield ListingPage((), (f"f/{n}",), (1,), (0,), ("",), ("",))

    control = CallControl()
    found = DownloadScan(1, DownloadRequest(CONNECTION, BUCKET, (), ("f/",), "", tmp_path)).jobs(Endless(), control)
    assert isinstance(next(found), Job)
    control.cancel()
    with pytest.raises(Cancelled):
        next(found)


def test_entries_without_a_key_are_reported(store: MemoryStore, tmp_path: Path) -> None:
    class Malformed(MemoryStore):
        def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
            yield ListingPage(malformed=3)

    (skipped,) = downloads(Malformed(), tmp_path, "f/")
    assert isinstance(skipped, Skipped)
    assert skipped.error.kind is ErrorKind.PARTIAL
    assert str(dict(skipped.error.values)["message"]) == "3 entries had no readable key"


def test_a_forbidden_prefix_does_not_end_the_others(store: MemoryStore, tmp_path: Path) -> None:
    store.add(BUCKET, "b/x", b"x")
    store.fail_next("list_pages", failure(ErrorKind.ACCESS_DENIED))
    skipped, job = downloads(store, tmp_path, "a/", "b/")
    assert isinstance(skipped, Skipped)
    assert isinstance(job, Job)
