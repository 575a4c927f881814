"""A local file that is uploaded: read only while it is the same as when it was found; and what its object tells of it.

User metadata holds its time and its SHA-256. ``mtime`` is rclone's: seconds since 1970 UTC, with nanoseconds as decimals
(https://rclone.org/s3/#modification-times). ``checksum-sha256`` is the provider's: 64 hex digits. Metadata is foreign text:
what does not read as either counts as absent.
"""

from __future__ import annotations

import os
import re
import stat as modes
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.local_errors import is_link, local_errors, refused

MTIME, CHECKSUM = "mtime", "checksum-sha256"
SECOND = 10**9  # nanoseconds

_TIME = re.compile(r"(-?)(\d{1,11})(?:\.(\d{1,9})\d*)?", re.ASCII)
_CHECKSUM = re.compile(r"[0-9a-fA-F]{64}")
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


def stamp(found: os.stat_result) -> str:
    """What identifies a state of a local file: ``size:mtime_ns:inode``. On Windows, where a scan tells no inode, that is 0."""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino if os.name == 'posix' else 0}"


def state(found: os.stat_result) -> str:
    """``stamp``, and on POSIX when anything of the file last changed, which no program can set back.

    For one run: also a new name, other rights or another link change it, and the bytes are the same.
    """
    return f"{stamp(found)}:{found.st_ctime_ns}" if os.name == "posix" else stamp(found)  # on Windows it is when it was made


class LocalFile:
    """A local file, read under the condition that it stays what its ``stamp`` or ``state`` says ("": as it is now).

    Use as a context manager. A link is refused unless ``follow_link``; then what it leads to is what must stay the same.
    Raises ``BrowserError``: LOCAL_CHANGED, LOCAL_MISSING, LOCAL_DENIED, LOCAL_OTHER (a link, a pipe, a folder).
    """

    def __init__(self, path: Path, expected: str = "", follow_link: bool = False) -> None:
        self._path, self._name = path, os.fspath(path)  # which a Path makes anew each time that it is used as a name
        self._follow = follow_link
        with local_errors(path):
            self._descriptor = self._open()
            found = os.fstat(self._descriptor)
        self.size = found.st_size
        self.mtime_ns = found.st_mtime_ns
        self.stamp, self.state = stamp(found), state(found)
        try:
            if not modes.S_ISREG(found.st_mode):
                raise refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is not a regular file"))
            if expected not in ("", self.stamp, self.state):
                raise self._changed()
        except BrowserError:
            os.close(self._descriptor)
            raise

    def _open(self) -> int:
        if not (self._follow or _NO_FOLLOW):
            self._refuse_link()
        try:
            return os.open(self._name, _FLAGS | (0 if self._follow else _NO_FOLLOW))
        except OSError:
            if not self._follow:
                self._refuse_link()
            raise

    def _refuse_link(self) -> None:
        if is_link(os.lstat(self._name)):
            raise refused(ErrorKind.LOCAL_OTHER, self._path, translate("transfers", "it is a link, which is not followed"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise LOCAL_CHANGED when it differs in anything from the start, LOCAL_MISSING when the file is gone."""
        with local_errors(self._path):
            # What the name leads to now and what is open are two questions: a replaced file keeps its old bytes open.
            found = os.stat(self._name, follow_symlinks=self._follow), os.fstat(self._descriptor)  # noqa: PTH116
        if any(state(now) != self.state for now in found):
            raise self._changed()

    def read_into(self, start: int, view: memoryview) -> None:
        """Fill ``view`` from offset ``start``, with a check after: what changed before shows then, too."""
        with local_errors(self._path):
            os.lseek(self._descriptor, start, os.SEEK_SET)
            came = fill(self._descriptor, view)
        self.check()
        if came != len(view):
            raise self._changed()

    def _changed(self) -> BrowserError:
        return BrowserError(ErrorKind.LOCAL_CHANGED, ErrorFacts(subject=str(self._path)))


def fill(descriptor: int, view: memoryview) -> int:
    """Read from where ``descriptor`` is until ``view`` is full or the file ends; the number of bytes. Raises ``OSError``."""
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        came = 0
        while came < len(view) and (more := file.readinto(view[came:])):
            came += more
        return came


def with_file_facts(options: WriteOptions, mtime_ns: int | None = None, sha256: str = "", md5: str = "") -> WriteOptions:
    """``options`` with the time of the file (nanoseconds since 1970 UTC), SHA-256 and MD5 (hex), where given."""
    facts = {name: value for name, value in options.metadata if name.lower() not in (MTIME, CHECKSUM)}
    if sha256:
        facts[CHECKSUM] = sha256
    if mtime_ns is not None:
        facts[MTIME] = mtime_text(mtime_ns)
    return replace(options, metadata=tuple(facts.items()), md5=md5)


def mtime_text(nanoseconds: int) -> str:
    """A time in nanoseconds since 1970 UTC as ``mtime`` has it: ``1354040105.123456789``, without zeros at the end."""
    seconds, rest = divmod(abs(nanoseconds), SECOND)
    decimals = f".{rest:09}".rstrip("0").rstrip(".")
    return f"{'-' if nanoseconds < 0 else ''}{seconds}{decimals}"


def file_time(metadata: Iterable[tuple[str, str]], modified: int = UNKNOWN) -> int | None:
    """The time of the file in nanoseconds since 1970 UTC: ``mtime``, else ``modified`` (seconds), else None."""
    if found := _TIME.fullmatch(_value(metadata, MTIME)):
        sign, seconds, decimals = found.groups()
        return int(f"{sign}1") * (int(seconds) * SECOND + int((decimals or "").ljust(9, "0")))
    return None if modified == UNKNOWN else modified * SECOND


def file_sha256(metadata: Iterable[tuple[str, str]]) -> str:
    """The SHA-256 (lower case hex) that the metadata tells, or ""."""
    value = _value(metadata, CHECKSUM)
    return value.lower() if _CHECKSUM.fullmatch(value) else ""


def _value(metadata: Iterable[tuple[str, str]], wanted: str) -> str:
    return next((value.strip() for name, value in metadata if name.lower() == wanted), "")
