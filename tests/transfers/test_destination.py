"""Both ways to a folder: by descriptor (POSIX) and by path (Windows), tested on this system."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import os
import stat
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.transfers import local_folder
from cloudtemple_browser.transfers.destination import (
    PartFile,
    Place,
    check_target,
    discard,
    new_file_mode,
    publish,
    published,
    whole_file,
)
from cloudtemple_browser.transfers.local_file import stamp
from cloudtemple_browser.transfers.local_folder import BY_DESCRIPTOR, Folder

OVERWRITE, KEEP_BOTH = Decision(ConflictPolicy.OVERWRITE), Decision(ConflictPolicy.KEEP_BOTH)
SKIP, REFUSE = Decision(ConflictPolicy.SKIP), Decision(ConflictPolicy.REFUSE)


@pytest.fixture(params=[True, False] if BY_DESCRIPTOR else [False], ids=lambda by: "descriptor" if by else "path")
def by_descriptor(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def folder(tmp_path: Path, by_descriptor: bool) -> Iterator[Folder]:
    with Folder.inside(tmp_path, (), by_descriptor) as folder:
        yield folder


def put(folder: Folder, name: str, data: bytes, decision: Decision) -> str | None:
    """Write a file whole and publish it, as a download does."""
    place = Place(folder.path, (), name, "owner")
    temporary = place.temporary("etag")
    with PartFile.create(folder, temporary) as file:
        try:
            file.write(memoryview(data))
            was = file.identity
            file.finish(None)
            final = publish(folder, place, temporary, was, decision)
        except BrowserError:
            discard(folder, temporary)
            raise
        if final is None:
            discard(folder, temporary)
        return final


def test_missing_folders_are_made(tmp_path: Path, by_descriptor: bool) -> None:
    for _ in range(2):
        with Folder.inside(tmp_path, ("a", "b", "c"), by_descriptor) as folder:
            assert folder.path == tmp_path / "a/b/c"
    assert (tmp_path / "a/b/c").is_dir()


def test_a_root_that_is_gone_is_said(tmp_path: Path, by_descriptor: bool) -> None:
    with pytest.raises(BrowserError) as caught:
        Folder.inside(tmp_path / "gone", ("a",), by_descriptor)
    assert caught.value.kind is ErrorKind.LOCAL_MISSING
    assert not (tmp_path / "gone").exists()


def test_the_chosen_root_may_be_a_link(tmp_path: Path, by_descriptor: bool) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with Folder.inside(tmp_path / "link", ("a",), by_descriptor):
        assert (tmp_path / "real/a").is_dir()


@pytest.mark.parametrize("names", [("link",), ("link", "b"), ("a", "link"), ("a", "link", "b")])
def test_a_planted_link_is_never_followed(tmp_path: Path, by_descriptor: bool, names: tuple[str, ...]) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "a").mkdir(parents=True)
    outside.mkdir()
    for place in (root, root / "a"):
        (place / "link").symlink_to(outside)
    with pytest.raises(BrowserError) as caught:
        Folder.inside(root, names, by_descriptor)
    assert "a link" in str(dict(caught.value.values)["message"])
    assert list(outside.iterdir()) == []


def test_a_junction_is_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows tells junctions by a tag: to ``stat`` they are folders."""

    class Junction:
        st_mode = stat.S_IFDIR | 0o755
        st_reparse_tag = 0xA0000003

    monkeypatch.setattr(Folder, "look", lambda _folder, _name: Junction())
    (tmp_path / "a").mkdir()
    with pytest.raises(BrowserError) as caught:
        Folder.inside(tmp_path, ("a",), by_descriptor=False)
    assert "a link" in str(dict(caught.value.values)["message"])


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path, by_descriptor: bool) -> None:
    (tmp_path / "a").write_bytes(b"kept")
    with pytest.raises(BrowserError) as caught:
        Folder.inside(tmp_path, ("a", "b"), by_descriptor)
    assert "no folder" in str(dict(caught.value.values)["message"])
    assert (tmp_path / "a").read_bytes() == b"kept"


@pytest.mark.skipif(os.name != "posix", reason="paths cannot win this race")
def test_a_link_planted_after_the_folder_was_opened_leads_nowhere(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for path in (root, outside):
        path.mkdir()
    with Folder.inside(root, ("a",)) as folder:
        (root / "a").rename(root / "moved")
        (root / "a").symlink_to(outside)
        put(folder, "file", b"x", KEEP_BOTH)
    assert list(outside.iterdir()) == []
    assert (root / "moved/file").read_bytes() == b"x"


@pytest.mark.skipif(os.name != "posix", reason="paths cannot win this race")
def test_a_race_of_folders_and_links_never_leads_outside(tmp_path: Path) -> None:
    """S62: while a thread swaps a folder for a link and back, every file lands in the chosen folder or nowhere."""
    root, outside, spare = tmp_path / "root", tmp_path / "outside", tmp_path / "spare"
    for path in (root, outside, spare):
        path.mkdir()
    done = threading.Event()

    def swap() -> None:
        for n in itertools.count():
            for move in (
                lambda n=n: (root / "a").rename(spare / f"{n}"),
                lambda: (root / "a").symlink_to(outside),
                (root / "a").unlink,
            ):
                with contextlib.suppress(OSError):
                    move()
            if done.is_set():
                return

    thread = threading.Thread(target=swap)
    thread.start()
    ends: Counter[str] = Counter()
    for n in range(1000):
        try:
            with Folder.inside(root, ("a",)) as folder:
                put(folder, f"{n}", b"x", KEEP_BOTH)
            ends["written"] += 1
        except BrowserError:
            ends["refused"] += 1
    done.set()
    thread.join(30)
    assert list(outside.iterdir()) == []
    assert ends["written"]


def test_folders_are_not_made_where_something_should_be_there(tmp_path: Path, by_descriptor: bool) -> None:
    with pytest.raises(BrowserError) as caught:
        Folder.inside(tmp_path, ("a", "b"), by_descriptor, make=False)
    assert caught.value.kind is ErrorKind.LOCAL_MISSING
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_file_is_private_and_beside_the_target(tmp_path: Path, folder: Folder) -> None:
    place = Place(tmp_path, (), "photo.jpg", "owner")
    with PartFile.create(folder, place.temporary("etag")) as file:
        file.write(memoryview(b"half"))
        (part,) = tmp_path.iterdir()
        assert part.name.startswith(".photo.jpg.")
        assert part.name.endswith(".part")
        if os.name == "posix":
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert part.read_bytes() == b"half"


def test_a_temporary_name_is_the_downloads_own_and_takes_nothing_from_the_server() -> None:
    place = Place(Path("/x"), (), "a", "owner")
    names = {place.temporary("etag"), place.temporary("other"), Place(Path("/x"), (), "a", "another").temporary("etag")}
    assert len(names) == 3
    assert Place(Path("/y"), ("z",), "a", "owner").temporary("etag") in names
    assert "/" not in place.temporary("../../evil")
    assert len(Place(Path("/x"), (), "é" * 120, "owner").temporary("etag").encode()) <= 255


@pytest.mark.skipif(os.name != "posix", reason="modes")
@pytest.mark.parametrize("decision", [OVERWRITE, KEEP_BOTH, SKIP, REFUSE])
def test_a_finished_file_has_the_mode_of_any_new_file(tmp_path: Path, folder: Folder, decision: Decision) -> None:
    (tmp_path / "other").touch()
    put(folder, "file", b"x", decision)
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode
    assert not (tmp_path / "file").stat().st_mode & 0o111


def test_the_umask_is_read_and_left_as_it_is() -> None:
    if os.name != "posix":
        pytest.skip("no umask")
    new_file_mode.cache_clear()
    old = os.umask(0o027)
    try:
        assert new_file_mode() == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(old)
        new_file_mode.cache_clear()


@pytest.mark.parametrize(
    ("decision", "names", "final"),
    [
        (OVERWRITE, {"a.txt": b"new"}, "a.txt"),
        (SKIP, {"a.txt": b"old"}, None),
        (KEEP_BOTH, {"a.txt": b"old", "a (2).txt": b"new"}, "a (2).txt"),
    ],
)
def test_policies(tmp_path: Path, folder: Folder, decision: Decision, names: dict[str, bytes], final: str | None) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    assert put(folder, "a.txt", b"new", decision) == final
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == names


@pytest.mark.parametrize("decision", [REFUSE, Decision(ConflictPolicy.OVERWRITE, "3:1:1")])
def test_what_was_not_agreed_is_never_replaced(tmp_path: Path, folder: Folder, decision: Decision) -> None:
    (tmp_path / "a").write_bytes(b"old")
    for attempt in (put, lambda *_: check_target(folder, Place(tmp_path, (), "a", ""), decision)):
        with pytest.raises(BrowserError) as caught:
            attempt(folder, "a", b"new", decision)
        assert caught.value.kind is ErrorKind.OCCUPIED
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


def test_exactly_the_file_that_was_seen_is_replaced(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / "a").write_bytes(b"old")
    seen = Decision(ConflictPolicy.OVERWRITE, stamp((tmp_path / "a").stat()))
    assert put(folder, "a", b"new", seen) == "a"
    assert (tmp_path / "a").read_bytes() == b"new"
    (tmp_path / "a").unlink()
    assert put(folder, "a", b"again", seen) == "a"  # gone since: nothing is lost
    assert (tmp_path / "a").read_bytes() == b"again"


@pytest.mark.parametrize("decision", [REFUSE, SKIP, KEEP_BOTH, Decision(ConflictPolicy.OVERWRITE, "3:1:1")])
def test_a_file_that_appears_in_the_last_moment_survives(
    tmp_path: Path, folder: Folder, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = Folder.move_to_free

    def move(self: Folder, old: str, new: str) -> None:
        (tmp_path / "a").write_bytes(b"meanwhile")
        moving(self, old, new)

    monkeypatch.setattr(Folder, "move_to_free", move)
    with contextlib.suppress(BrowserError):
        put(folder, "a", b"new", decision)
    assert (tmp_path / "a").read_bytes() == b"meanwhile"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("decision", [OVERWRITE, REFUSE])
def test_a_folder_of_the_files_name_is_said(tmp_path: Path, folder: Folder, decision: Decision) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(BrowserError) as caught:
        check_target(folder, Place(tmp_path, (), "a", ""), decision)
    assert "a folder named" in str(dict(caught.value.values)["message"])


def test_keep_both_numbers_around_whatever_is_there(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a (2)").symlink_to(tmp_path / "nowhere")
    assert put(folder, "a", b"new", KEEP_BOTH) == "a (3)"
    assert not (tmp_path / "nowhere").exists()


def fails(code: int) -> Callable[..., None]:
    def fail(*_args: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def refuses(code: int) -> tuple[Callable[..., int], int]:
    def call(*_args: object) -> int:
        ctypes.set_errno(code)
        return -1

    return call, 1


@pytest.mark.skipif(os.name == "nt", reason="a rename refuses there by itself")
@pytest.mark.parametrize("renames", [None, errno.EINVAL, errno.ENOSYS])
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("decision", [KEEP_BOTH, SKIP])
def test_whatever_a_file_system_can_do(
    tmp_path: Path, folder: Folder, decision: Decision, links: bool, renames: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_folder, "_exclusive_rename", lambda: refuses(renames) if renames else (None, 0))
    if not links:
        monkeypatch.setattr(os, "link", fails(errno.EPERM))
    assert put(folder, "a", b"one", decision) == "a"
    assert put(folder, "a", b"two", decision) == ("a (2)" if decision is KEEP_BOTH else None)
    assert (tmp_path / "a").read_bytes() == b"one"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(sys.platform != "linux", reason="others have no such call, or have it only of late")
def test_a_name_is_given_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAT has no links, and a kill between two steps would leave something behind."""
    monkeypatch.setattr(os, "link", fails(errno.EPERM))
    monkeypatch.setattr(os, "replace", fails(errno.EPERM))
    with Folder.inside(tmp_path, ()) as folder:
        assert put(folder, "aé", b"one", SKIP) == "aé"
        assert put(folder, "aé", b"two", SKIP) is None
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"aé": b"one"}


@pytest.mark.skipif(os.name == "nt", reason="a rename refuses there by itself")
def test_a_rename_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_folder, "_exclusive_rename", lambda: refuses(errno.ENOSPC))
    with pytest.raises(BrowserError) as caught, Folder.inside(tmp_path, ()) as folder:
        put(folder, "a", b"one", SKIP)
    assert caught.value.kind is ErrorKind.DISK_FULL


@pytest.mark.skipif(os.name == "nt", reason="a rename refuses there by itself")
def test_a_reserved_name_is_given_back_when_the_rename_fails(
    tmp_path: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_folder, "_exclusive_rename", lambda: (None, 0))
    monkeypatch.setattr(os, "link", fails(errno.EPERM))
    monkeypatch.setattr(os, "replace", fails(errno.EPERM))
    with pytest.raises(BrowserError):
        put(folder, "a", b"one", SKIP)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_link_at_the_final_name_is_replaced_not_followed(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / "victim").write_bytes(b"kept")
    (tmp_path / "a").symlink_to(tmp_path / "victim")
    put(folder, "a", b"new", OVERWRITE)
    assert (tmp_path / "victim").read_bytes() == b"kept"
    assert not (tmp_path / "a").is_symlink()


def test_a_crashs_leftover_is_replaced_when_beginning_anew(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / Place(tmp_path, (), "a", "owner").temporary("etag")).write_bytes(b"an old half, longer than the whole")
    assert put(folder, "a", b"whole", OVERWRITE) == "a"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"whole"}


def strange(path: Path, kind: str) -> None:
    (path.parent / "victim").write_bytes(b"kept")
    if kind == "link":
        path.symlink_to(path.parent / "victim")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_something_strange_at_the_temporary_name_is_refused(tmp_path: Path, folder: Folder, kind: str) -> None:
    strange(tmp_path / "part", kind)
    for attempt in (PartFile.create, PartFile.find):
        with pytest.raises(BrowserError) as caught:
            attempt(folder, "part")
        assert caught.value.kind is ErrorKind.LOCAL_OTHER
    assert (tmp_path / "victim").read_bytes() == b"kept"


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced there")
def test_a_temporary_file_that_was_swapped_is_not_published(tmp_path: Path, folder: Folder) -> None:
    place = Place(tmp_path, (), "a", "owner")
    with PartFile.create(folder, "part") as file:
        file.write(memoryview(b"ours"))
        was = file.identity
        (tmp_path / "planted").write_bytes(b"planted")
        (tmp_path / "planted").replace(tmp_path / "part")
        attempts: tuple[Callable[[], object], ...] = (file.check, partial(publish, folder, place, "part", was, OVERWRITE))
        for attempt in attempts:
            with pytest.raises(BrowserError) as caught:
                attempt()
            assert caught.value.kind is ErrorKind.LOCAL_CHANGED
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("decision", [REFUSE, KEEP_BOTH, SKIP])
def test_what_was_published_before_a_crash_is_found(tmp_path: Path, folder: Folder, decision: Decision) -> None:
    place = Place(tmp_path, (), "a", "owner")
    (tmp_path / "other").write_bytes(b"old")
    if decision is KEEP_BOTH:
        (tmp_path / "other").rename(tmp_path / "a")
    with PartFile.create(folder, "part") as file:
        file.write(memoryview(b"new"))
        was = file.identity
    assert published(folder, place, 3, was, decision) is None
    final = publish(folder, place, "part", was, decision)
    assert final == ("a (2)" if decision is KEEP_BOTH else "a")
    assert published(folder, place, 3, was, decision) == final
    assert published(folder, place, 4, was, decision) is None
    assert published(folder, place, 3, "1", decision) is None


def test_room_is_reserved_before_the_first_byte(tmp_path: Path, folder: Folder) -> None:
    size = 8 << 20
    with PartFile.create(folder, "part") as file:
        file.reserve(size)
        assert file.size == size
        file.seek(size - 1)
        file.write(memoryview(b"x"))
        file.reserve(size)
        assert file.size == size
        with memoryview(bytearray(2)) as view:
            file.read_into(size - 2, view)
            assert bytes(view) == b"\0x"
            with pytest.raises(BrowserError) as caught:
                file.read_into(size - 1, view)
    assert caught.value.kind is ErrorKind.LOCAL_CHANGED


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no such call here")
@pytest.mark.parametrize(("how", "calls"), [("reserves", [1, 1 << 20]), ("writes", [1]), ("refuses", [1])])
def test_room_is_not_reserved_by_writing(folder: Folder, monkeypatch: pytest.MonkeyPatch, how: str, calls: list[int]) -> None:
    """The C library writes into each block where the file system cannot reserve: that would write the whole file twice."""
    asked: list[int] = []

    def fallocate(descriptor: int, _offset: int, length: int) -> None:
        asked.append(length)
        if how == "refuses":
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        os.ftruncate(descriptor, length)
        if how == "writes":
            os.write(descriptor, b"\0")

    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    with PartFile.create(folder, "part") as file:
        file.reserve(1 << 20)
        assert (asked, file.size) == (calls, 1 << 20)


@pytest.mark.parametrize("call", ["posix_fallocate", "free_bytes"])
def test_a_full_disk_is_said_before_the_first_byte(folder: Folder, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "posix_fallocate":
        monkeypatch.setattr(os, call, full, raising=False)
    else:
        monkeypatch.setattr(Folder, call, lambda _folder: 999)
    with PartFile.create(folder, "part") as file, pytest.raises(BrowserError) as caught:
        file.reserve(1000)
    assert caught.value.kind is ErrorKind.DISK_FULL


def test_room_is_known(folder: Folder) -> None:
    assert folder.free_bytes() > 0


def test_a_time_is_kept_and_an_impossible_one_is_no_reason_to_fail(tmp_path: Path, folder: Folder) -> None:
    for name, modified in (("a", 1_700_000_000_123_456_789), ("b", 10**40)):
        with PartFile.create(folder, name) as file:
            file.write(memoryview(b"x"))
            file.finish(modified)
    assert (tmp_path / "a").stat().st_mtime_ns // 1000 == 1_700_000_000_123_456
    assert (tmp_path / "b").read_bytes() == b"x"


def test_a_whole_file_takes_its_name_at_the_end_or_never(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="the reason"), whole_file(path) as file:
        file.write(memoryview(b"new"))
        raise ValueError("the reason")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"list.csv": b"old"}
    with whole_file(path) as file:
        file.write(memoryview(b"new"))
        assert path.read_bytes() == b"old"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"list.csv": b"new"}


def test_long_windows_paths() -> None:
    assert local_folder._long("C:\\x\\y") == "\\\\?\\C:\\x\\y"
    assert local_folder._long("\\\\server\\share\\x") == "\\\\?\\UNC\\server\\share\\x"
    assert local_folder._long("\\\\?\\C:\\x") == "\\\\?\\C:\\x"
