from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transfers.local_tree import content

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers import buffers
from cloudtemple_browser.transfers.buffers import buffer, digest, md5_hex
from cloudtemple_browser.transfers.local_file import (
    CHECKSUM,
    MTIME,
    LocalFile,
    file_sha256,
    file_time,
    mtime_text,
    stamp,
    state,
    with_file_facts,
)

BODY = content(5000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(BODY)
    return path


def read(file: LocalFile, start: int, length: int) -> bytes:
    with memoryview(bytearray(length)) as view:
        file.read_into(start, view)
        return bytes(view)


def test_any_piece_of_a_file_is_read(path: Path) -> None:
    with LocalFile(path) as file:
        assert (file.size, file.stamp, file.mtime_ns) == (5000, stamp(path.stat()), path.stat().st_mtime_ns)
        assert read(file, 0, 5000) == BODY
        assert read(file, 1000, 10) == BODY[1000:1010]
        assert read(file, 5000, 0) == b""


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def truncate(path: Path) -> None:
    os.truncate(path, 100)


def rewrite(path: Path) -> None:
    path.write_bytes(content(5000, seed=1))
    os.utime(path, (1, 1))


def replace(path: Path) -> None:
    """By another file of the same size and time: the inode tells."""
    other, found = path.with_name("other"), path.stat()
    other.write_bytes(content(5000, seed=1))
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [append, truncate, rewrite, replace, Path.unlink])
def test_a_file_that_is_not_what_it_was_is_not_read(path: Path, change: object) -> None:
    expected = ErrorKind.LOCAL_MISSING if change is Path.unlink else ErrorKind.LOCAL_CHANGED
    before = stamp(path.stat())
    with LocalFile(path, before) as file:
        change(path)  # type: ignore[operator]
        for attempt in (file.check, lambda: read(file, 0, 10)):
            with pytest.raises(BrowserError) as caught:
                attempt()
            assert caught.value.kind is expected
    with pytest.raises(BrowserError) as caught:
        LocalFile(path, before)
    assert caught.value.kind is expected


def rewrite_unseen(path: Path) -> None:
    """In place, and the time set back."""
    found = path.stat()
    path.write_bytes(content(5000, seed=1))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    while path.stat().st_ctime_ns == found.st_ctime_ns:  # some clocks of file systems tick every 4 ms
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.skipif(os.name == "nt", reason="nothing tells there")
def test_a_change_of_which_no_time_tells_is_seen(path: Path) -> None:
    before, was = stamp(path.stat()), state(path.stat())
    with LocalFile(path, was) as file:
        rewrite_unseen(path)
        assert stamp(path.stat()) == before
        for attempt in (file.check, lambda: read(file, 0, 10), lambda: LocalFile(path, was)):
            with pytest.raises(BrowserError) as caught:
                attempt()
            assert caught.value.kind is ErrorKind.LOCAL_CHANGED
    with LocalFile(path, before) as file:  # what was written down survives other rights and names
        assert file.state == state(path.stat()) != was


def test_a_change_while_it_is_read_is_seen(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalFile(path) as file:
        seek = os.lseek

        def change(descriptor: int, offset: int, whence: int) -> int:
            append(path)
            return seek(descriptor, offset, whence)

        monkeypatch.setattr(os, "lseek", change)
        with pytest.raises(BrowserError) as caught:
            read(file, 0, 10)
    assert caught.value.kind is ErrorKind.LOCAL_CHANGED


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_link_is_followed_only_where_that_is_wanted(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    with pytest.raises(BrowserError) as caught:
        LocalFile(link)
    assert "a link" in str(dict(caught.value.values)["message"])
    with LocalFile(link, stamp(path.stat()), follow_link=True) as file:
        assert read(file, 0, 5000) == BODY
        append(path)
        with pytest.raises(BrowserError) as caught:
            file.check()
    assert caught.value.kind is ErrorKind.LOCAL_CHANGED


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_and_a_folder_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(BrowserError) as caught:
            LocalFile(path)
        assert caught.value.kind is ErrorKind.LOCAL_OTHER


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no list of descriptors here")
def test_what_is_refused_is_closed(path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(BrowserError):
            LocalFile(path, "another stamp")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@given(st.integers(-(10**19), 10**19))
def test_a_time_survives_its_text(nanoseconds: int) -> None:
    assert file_time(((MTIME, mtime_text(nanoseconds)),)) == nanoseconds


def test_a_time_is_written_as_rclone_writes_it() -> None:
    assert mtime_text(1354040105_123456789) == "1354040105.123456789"
    assert mtime_text(1354040105_120000000) == "1354040105.12"
    assert mtime_text(1354040105_000000000) == "1354040105"
    assert mtime_text(-500_000_000) == "-0.5"
    assert file_time((("Mtime", " 7.25 "),), 9) == 7_250_000_000


@given(st.text(max_size=30) | st.from_regex(r"-?[0-9]{0,40}\.?[0-9]{0,40}"))
def test_metadata_is_foreign(text: str) -> None:
    found = file_time(((MTIME, text),), 5)
    assert found == 5 * 10**9 or abs(found or 0) < 10**20
    assert file_sha256(((CHECKSUM, text),)) == ""


def test_without_metadata_the_stores_time_counts() -> None:
    assert file_time((), 5) == 5 * 10**9
    assert file_time(((MTIME, "yesterday"),), UNKNOWN) is None
    assert file_sha256(((CHECKSUM.upper(), "AB" * 32),)) == "ab" * 32


def test_facts_join_the_metadata_once() -> None:
    options = WriteOptions("text/plain", None, (("note", "1"), (MTIME, "old")))
    assert with_file_facts(options, 1_500_000_000, "ab").metadata == (("note", "1"), (CHECKSUM, "ab"), (MTIME, "1.5"))
    assert with_file_facts(WriteOptions()).metadata == ()


def test_digests_of_any_range(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "PIECE", 512)
    with LocalFile(path) as file:
        for start, length in ((0, 5000), (1, 511), (7, 512), (100, 513), (5000, 0)):
            assert digest(file, start, length, "md5", CallControl()) == md5_hex(BODY[start : start + length])
        control = CallControl()
        control.cancel()
        with pytest.raises(Cancelled):
            digest(file, 0, 5000, "sha256", control)


def test_two_users_of_buffers_never_share_one() -> None:
    with buffer(10) as first, buffer(10) as second:
        first[:] = b"1" * 10
        second[:] = b"2" * 10
        assert bytes(first) == b"1" * 10
    wrong: list[bytes] = []

    def use(mark: bytes) -> None:
        for length in range(1, 400):
            with buffer(length) as view:
                view[:] = mark * length
                if bytes(view) != mark * length:
                    wrong.append(bytes(view))

    threads = [threading.Thread(target=use, args=(bytes([65 + n]),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []


def test_huge_buffers_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "SPARE", 100)
    monkeypatch.setattr(buffers, "_spare", [])
    with buffer(100), buffer(101):
        pass
    assert [len(memory) for memory in buffers._spare] == [100]
