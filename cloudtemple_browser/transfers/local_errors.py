"""The operating system's errors as ``BrowserError``: the one place that reads ``errno``."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from types import TracebackType

from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import Text

_KINDS = {
    errno.ENOENT: ErrorKind.LOCAL_MISSING,
    errno.EACCES: ErrorKind.LOCAL_DENIED,
    errno.EPERM: ErrorKind.LOCAL_DENIED,
    errno.EROFS: ErrorKind.LOCAL_DENIED,
    errno.ENOSPC: ErrorKind.DISK_FULL,
    errno.EDQUOT: ErrorKind.DISK_FULL,
    errno.ENAMETOOLONG: ErrorKind.LOCAL_NAME,
    errno.EILSEQ: ErrorKind.LOCAL_NAME,
}
# https://learn.microsoft.com/windows/win32/fileio/reparse-point-tags: symbolic links and junctions. Other reparse points
# (OneDrive's placeholders) are plain files and folders to a program.
_LINK_TAGS = frozenset({0xA000000C, 0xA0000003})


def local_error(error: OSError, path: Path) -> BrowserError:
    """``error`` about ``path`` as a failure that a person can be told."""
    kind = _KINDS.get(error.errno or 0, ErrorKind.LOCAL_OTHER)
    return BrowserError(
        kind, ErrorFacts(subject=str(path), code=errno.errorcode.get(error.errno or 0, ""), message=_words(error))
    )


def refused(kind: ErrorKind, path: Path | str, why: Text) -> BrowserError:
    """A failure of our own making about a local path (or a key), with its reason in words."""
    return BrowserError(kind, ErrorFacts(subject=str(path)), (("message", why),))


class local_errors:  # noqa: N801 - a statement's word, as ``contextlib.suppress``
    """Turn every ``OSError`` of the block into a ``BrowserError`` about ``path``, or what ``names`` lead to from there.

    These are joined only then: that takes longer than many a system call.
    """

    def __init__(self, path: Path, *names: str) -> None:
        self._path, self._names = path, names

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, OSError):
            raise local_error(error, self._path.joinpath(*self._names)) from error


def is_link(found: os.stat_result) -> bool:
    """Whether ``found`` (from ``lstat``) is a symbolic link or a Windows junction."""
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) in _LINK_TAGS


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def internal(error: Exception) -> BrowserError:
    """A bug, as a failure that a person sees."""
    return BrowserError(ErrorKind.INTERNAL, ErrorFacts(message=f"{type(error).__name__}: {error}"))
