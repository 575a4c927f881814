from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.persistence import files
from cloudtemple_browser.persistence.files import MAX_BYTES, local_failure, read_json, write_json

posix = pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_json(path, {"text": "é\udc80🔑", "list": [1, None, True]})
    assert read_json(path) == files.JsonFile({"text": "é\udc80🔑", "list": [1, None, True]})
    assert [item.name for item in path.parent.iterdir()] == ["file.json"]


def test_no_file_is_no_value(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") == files.JsonFile(None, None)


@posix
def test_a_file_is_for_this_user_only_also_after_a_wider_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_json(path, {})
    path.chmod(0o666)
    write_json(path, {"a": 1})
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@posix
def test_a_symbolic_link_is_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles" / "file.json", tmp_path / "file.json"
    write_json(target, {"a": 1})
    link.symlink_to(target)
    write_json(link, {"a": 2})
    assert link.is_symlink()
    assert read_json(target).value == {"a": 2}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"a": "\xff"}',
        b'{"a": 1}{',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 200_000,
        b"\x00" * 100,
        b'{"a": 1}' + b" " * MAX_BYTES,
    ],
    ids=lambda content: f"{content[:12]!r}-{len(content)}",
)
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    found = read_json(path)
    assert found == files.JsonFile(None, tmp_path / "file.json.damaged")
    assert found.damaged
    assert found.damaged.read_bytes() == content
    assert not path.exists()
    assert "file.json.damaged" in caplog.text


def test_an_unsound_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"a": 1})
    assert read_json(path, lambda value: "b" not in value).value == {"a": 1}
    assert read_json(path, lambda value: "b" in value).damaged == tmp_path / "file.json.damaged"


def test_an_earlier_damaged_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    for number in range(3):
        path.write_text(f"broken {number}")
        read_json(path)
    assert {item.name: item.read_text() for item in tmp_path.iterdir()} == {
        "file.json.damaged": "broken 0",
        "file.json.1.damaged": "broken 1",
        "file.json.2.damaged": "broken 2",
    }


def test_a_damaged_file_that_another_program_sets_aside_first_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    path.write_text("broken")

    def too_late(self: Path, target: Path) -> Path:
        self.unlink()
        raise FileNotFoundError(errno.ENOENT, "No such file")

    monkeypatch.setattr(Path, "replace", too_late)
    assert read_json(path) == files.JsonFile(None)
    assert list(tmp_path.iterdir()) == []


def test_the_mark_of_windows_editors_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(path).value == {"a": 1}


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.mkdir()
    for call in (lambda: read_json(path), lambda: write_json(path, {})):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind in (ErrorKind.LOCAL_OTHER, ErrorKind.LOCAL_DENIED)
        assert caught.value.facts.subject == str(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_earlier_file_and_no_other(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"a": 1})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", full) if step == "fsync" else (Path, "replace", full)))
    with pytest.raises(BrowserError) as caught:
        write_json(path, {"a": 2})
    assert caught.value.kind is ErrorKind.DISK_FULL
    assert [item.name for item in tmp_path.iterdir()] == ["file.json"]
    assert read_json(path).value == {"a": 1}


@pytest.mark.parametrize("access", ["replace", "open"])
def test_another_program_on_windows_only_delays_an_access(tmp_path: Path, access: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"a": 0})
    refusals = [PermissionError(errno.EACCES, "in use")] * 3
    real = getattr(Path, access)

    def refuse_at_first(self: Path, *arguments: object) -> object:
        if refusals:
            raise refusals.pop()
        return real(self, *arguments)

    monkeypatch.setattr(files, "_TRIES", 5)
    monkeypatch.setattr(files, "_PAUSE", 0)
    monkeypatch.setattr(Path, access, refuse_at_first)
    write_json(path, {"a": 1})
    assert read_json(path).value == {"a": 1}
    assert not refusals


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOENT, ErrorKind.LOCAL_MISSING),
        (errno.EACCES, ErrorKind.LOCAL_DENIED),
        (errno.EROFS, ErrorKind.LOCAL_DENIED),
        (errno.EDQUOT, ErrorKind.DISK_FULL),
        (errno.EIO, ErrorKind.LOCAL_OTHER),
    ],
)
def test_errors_of_the_system_are_translated(number: int, kind: ErrorKind) -> None:
    failure = local_failure(OSError(number, "words of the system"), Path("x"))
    assert (failure.kind, failure.facts.message) == (kind, "words of the system")


def test_readers_never_see_a_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    writer = (
        "import sys; from pathlib import Path; from cloudtemple_browser.persistence.files import write_json\n"
        "for n in range(60): write_json(Path(sys.argv[1]), {'by': sys.argv[2], 'filling': sys.argv[2] * (n * 500)})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", writer, str(path), name]) for name in "ab"]
    seen = set()
    while any(process.poll() is None for process in writers):
        found = read_json(path)
        assert found.damaged is None
        if found.value:
            assert set(found.value["filling"]) <= {found.value["by"]}
            seen.add(found.value["by"])
    assert [process.returncode for process in writers] == [0, 0]
    assert seen
    assert [item.name for item in tmp_path.iterdir()] == ["file.json"]


def test_two_readers_of_a_damaged_file_agree(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text("broken")
    found = []
    threads = [threading.Thread(target=lambda: found.append(read_json(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [item.value for item in found] == [None] * 8
    assert [item.read_text() for item in tmp_path.iterdir()] == ["broken"]


def test_the_file_is_readable_by_people(tmp_path: Path) -> None:
    write_json(tmp_path / "file.json", {"a": {"b": 1}})
    assert (tmp_path / "file.json").read_text() == json.dumps({"a": {"b": 1}}, indent=2) + "\n"
