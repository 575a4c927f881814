"""Both ways to a folder: by descriptor (POSIX) and by path (Windows), tested on this system."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.transfers import destination
from cloudtemple_browser.transfers.destination import BY_DESCRIPTOR, Folder, PartFile, new_file_mode
from cloudtemple_browser.transfers.job import ConflictPolicy


@pytest.fixture(params=[True, False] if BY_DESCRIPTOR else [False], ids=lambda by: "descriptor" if by else "path")
def by_descriptor(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def folder(tmp_path: Path, by_descriptor: bool) -> Iterator[Folder]:
    with Folder.inside(tmp_path, (), by_descriptor) as folder:
        yield folder


def publish(folder: Folder, name: str, data: bytes, conflict: ConflictPolicy) -> str | None:
    with PartFile(folder, name, "etag") as file:
        file.write(memoryview(data))
        return file.publish(name, conflict)


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


def test_a_junction_is_a_link(tmp_path: Path, by_descriptor: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows tells junctions by a tag: to ``stat`` they are folders."""

    class Junction:
        st_mode = stat.S_IFDIR | 0o755
        st_reparse_tag = 0xA0000003

    monkeypatch.setattr(Folder, "look", lambda _folder, _name: Junction())
    (tmp_path / "a").mkdir()
    with pytest.raises(BrowserError) as caught:
        Folder.inside(tmp_path, ("a",), by_descriptor)
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
        publish(folder, "file", b"x", ConflictPolicy.KEEP_BOTH)
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
                publish(folder, f"{n}", b"x", ConflictPolicy.KEEP_BOTH)
            ends["written"] += 1
        except BrowserError:
            ends["refused"] += 1
    done.set()
    thread.join(30)
    assert list(outside.iterdir()) == []
    assert ends["written"]


def test_a_temporary_file_is_private_and_beside_the_target(tmp_path: Path, folder: Folder) -> None:
    with PartFile(folder, "photo.jpg", "etag") as file:
        file.write(memoryview(b"half"))
        (part,) = tmp_path.iterdir()
        assert part.name.startswith(".photo.jpg.")
        assert part.name.endswith(".part")
        if os.name == "posix":
            assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="modes")
@pytest.mark.parametrize("conflict", ConflictPolicy)
def test_a_finished_file_has_the_mode_of_any_new_file(tmp_path: Path, folder: Folder, conflict: ConflictPolicy) -> None:
    (tmp_path / "other").touch()
    publish(folder, "file", b"x", conflict)
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
    ("conflict", "names"),
    [
        (ConflictPolicy.OVERWRITE, {"a.txt": b"new"}),
        (ConflictPolicy.SKIP, {"a.txt": b"old"}),
        (ConflictPolicy.KEEP_BOTH, {"a.txt": b"old", "a (2).txt": b"new"}),
    ],
)
def test_policies(tmp_path: Path, folder: Folder, conflict: ConflictPolicy, names: dict[str, bytes]) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    final = publish(folder, "a.txt", b"new", conflict)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == names
    assert (
        final == {ConflictPolicy.OVERWRITE: "a.txt", ConflictPolicy.SKIP: None, ConflictPolicy.KEEP_BOTH: "a (2).txt"}[conflict]
    )


def test_keep_both_numbers_around_whatever_is_there(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a (2)").symlink_to(tmp_path / "nowhere")
    assert publish(folder, "a", b"new", ConflictPolicy.KEEP_BOTH) == "a (3)"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(os.name == "nt", reason="a rename refuses there by itself")
@pytest.mark.parametrize("conflict", [ConflictPolicy.KEEP_BOTH, ConflictPolicy.SKIP])
def test_file_systems_without_hard_links(
    tmp_path: Path, folder: Folder, conflict: ConflictPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_args: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    assert publish(folder, "a", b"one", conflict) == "a"
    assert publish(folder, "a", b"two", conflict) == ("a (2)" if conflict is ConflictPolicy.KEEP_BOTH else None)
    assert (tmp_path / "a").read_bytes() == b"one"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(os.name == "nt", reason="a rename refuses there by itself")
def test_a_reserved_name_is_given_back_when_the_rename_fails(
    tmp_path: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", fail)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(BrowserError):
        publish(folder, "a", b"one", ConflictPolicy.SKIP)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_link_at_the_final_name_is_replaced_not_followed(tmp_path: Path, folder: Folder) -> None:
    (tmp_path / "victim").write_bytes(b"kept")
    (tmp_path / "a").symlink_to(tmp_path / "victim")
    publish(folder, "a", b"new", ConflictPolicy.OVERWRITE)
    assert (tmp_path / "victim").read_bytes() == b"kept"
    assert not (tmp_path / "a").is_symlink()


def part_name(folder: Folder, tmp_path: Path) -> Path:
    with PartFile(folder, "a", "etag"):
        (part,) = tmp_path.iterdir()
    return part


def test_a_crashs_leftover_is_replaced(tmp_path: Path, folder: Folder) -> None:
    part = part_name(folder, tmp_path)
    part.write_bytes(b"an old half")
    assert publish(folder, "a", b"whole", ConflictPolicy.OVERWRITE) == "a"
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_a_download_that_runs_already_is_not_disturbed(tmp_path: Path, folder: Folder) -> None:
    with PartFile(folder, "a", "etag") as first:
        first.write(memoryview(b"first"))
        with pytest.raises(BrowserError) as caught:
            PartFile(folder, "a", "etag")
        assert "already running" in str(dict(caught.value.values)["message"])
        assert first.publish("a", ConflictPolicy.OVERWRITE) == "a"
    assert (tmp_path / "a").read_bytes() == b"first"


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_link_at_the_temporary_name_is_refused(tmp_path: Path, folder: Folder) -> None:
    victim = tmp_path / "victim"
    part = part_name(folder, tmp_path)
    victim.write_bytes(b"kept")
    part.symlink_to(victim)
    with pytest.raises(BrowserError, match="local-other"):
        PartFile(folder, "a", "etag")
    assert victim.read_bytes() == b"kept"


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced there")
def test_a_temporary_file_that_was_swapped_is_not_published(tmp_path: Path, folder: Folder) -> None:
    with PartFile(folder, "a", "etag") as file:
        (part,) = tmp_path.iterdir()
        part.unlink()
        part.write_bytes(b"planted")
        with pytest.raises(BrowserError) as caught:
            file.publish("a", ConflictPolicy.OVERWRITE)
    assert caught.value.kind is ErrorKind.LOCAL_CHANGED
    assert not (tmp_path / "a").exists()


def test_going_back_forgets_what_followed(tmp_path: Path, folder: Folder) -> None:
    with PartFile(folder, "a", "etag") as file:
        file.write(memoryview(b"0123456789"))
        file.back_to(4)
        file.write(memoryview(b"x"))
        file.publish("a", ConflictPolicy.OVERWRITE)
    assert (tmp_path / "a").read_bytes() == b"0123x"


def test_room_is_known(folder: Folder) -> None:
    assert folder.free_bytes() > 0


def test_a_leftover_that_can_not_be_removed_is_logged(
    tmp_path: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def remove(_folder: Folder, _name: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Folder, "remove", remove)
    with pytest.raises(ValueError, match="the reason"), PartFile(folder, "a", "etag"):
        raise ValueError("the reason")
    assert "not removed: Permission denied" in caplog.text


def test_long_windows_paths() -> None:
    assert destination._long("C:\\x\\y") == "\\\\?\\C:\\x\\y"
    assert destination._long("\\\\server\\share\\x") == "\\\\?\\UNC\\server\\share\\x"
    assert destination._long("\\\\?\\C:\\x") == "\\\\?\\C:\\x"
