"""JSON files that are never torn: written whole or not at all, and set aside rather than overwritten when damaged.

Several instances of the program may write the same file: the last one wins, and a reader sees one whole version or another.
Blocking (each write waits for the disk); any thread.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.persistence.paths import private_folder

if os.name == "posix":
    import fcntl

_T = TypeVar("_T")

LOG = logging.getLogger(__name__)
MAX_BYTES = 16 * 1024 * 1024
"""No file of ours comes near this size; a larger one is not ours and is not read into memory."""

_TRIES = 20 if os.name == "nt" else 1  # Windows refuses to replace a file that is being read, and to read one being replaced
_PAUSE = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class JsonFile:
    """What a file held: ``value`` is None when there is no (sound) file; ``damaged`` is where a damaged one is now."""

    value: dict[str, Any] | None
    damaged: Path | None = None


def read_json(path: Path, sound: Callable[[dict[str, Any]], bool] = lambda _: True) -> JsonFile:
    """Read a JSON object. A file that holds anything else, or is not ``sound``, is renamed to ``*.damaged``, and logged.

    An earlier damaged file is never replaced by a later one.

    Raises:
        BrowserError: LOCAL_DENIED or LOCAL_OTHER when the file is there and cannot be read or set aside.
    """
    try:
        value = _parsed(_patiently(lambda: _read(path)))
        if value is not None and sound(value):
            return JsonFile(value)
        aside = _set_aside(path)
    except FileNotFoundError:
        return JsonFile(None)
    except OSError as error:
        raise local_failure(error, path) from error
    LOG.warning("%s is damaged; it was set aside as %s", path, aside)
    return JsonFile(None, aside)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replace ``path`` atomically (0600, on the disk before this returns). Its folder is made when missing (0700).

    A symbolic link is kept: the file that it leads to is replaced.

    Raises:
        BrowserError: LOCAL_DENIED, DISK_FULL or LOCAL_OTHER; then the earlier file is untouched.
    """
    # ASCII escapes: a path that is no valid UTF-8 (it has lone surrogates in Python) must survive too.
    content = json.dumps(value, indent=2).encode("ascii") + b"\n"
    try:
        target = path.resolve()
        private_folder(target.parent)
        _replace(target, content)
    except OSError as error:
        raise local_failure(error, path) from error


def local_failure(error: OSError, path: Path) -> BrowserError:
    """The failure of a file operation as the user's words know it."""
    match error.errno:
        case errno.ENOENT:
            kind = ErrorKind.LOCAL_MISSING
        case errno.EACCES | errno.EPERM | errno.EROFS:
            kind = ErrorKind.LOCAL_DENIED
        case errno.ENOSPC | errno.EDQUOT:
            kind = ErrorKind.DISK_FULL
        case _:
            kind = ErrorKind.LOCAL_OTHER
    return BrowserError(kind, ErrorFacts(subject=str(path), message=error.strerror or str(error), when=time.time()))


def lock_file(file: Path) -> int | None:
    """An open lock file that ends with this process; None while another process holds it."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if os.name == "posix":
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _parsed(content: bytes) -> dict[str, Any] | None:
    if len(content) > MAX_BYTES:
        return None
    try:
        value = json.loads(content.decode("utf-8-sig"))  # editors on Windows like to add the mark
    except (ValueError, RecursionError):  # broken JSON, broken UTF-8, a number without end; nested without end
        return None
    return value if isinstance(value, dict) else None


def _set_aside(path: Path) -> Path:
    number = 0
    while True:
        aside = path.with_name(f"{path.name}{f'.{number}' if number else ''}.damaged")
        try:
            # The name is taken first: a rename alone would replace an earlier damaged file on POSIX.
            os.close(os.open(aside, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            number += 1
            continue
        try:
            path.replace(aside)
        except OSError:
            aside.unlink()
            raise
        return aside


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)  # made with 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _patiently(lambda: temporary.replace(target))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _patiently(access: Callable[[], _T]) -> _T:
    for _ in range(_TRIES - 1):
        try:
            return access()
        except PermissionError:
            time.sleep(_PAUSE)
    return access()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where folders can be opened (not on Windows) and synced (not on every network drive)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
