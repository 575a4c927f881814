"""A local folder that no key, link or race can lead out of.

POSIX: every level below the chosen folder is opened by directory descriptor without following links, and all work is done
relative to the last descriptor, so that a link planted at any time is refused (rclone CVE-2026-54572). Elsewhere (Windows) each
level is checked for links and junctions by path before use.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.transfers.local_errors import is_link, local_errors, refused

BY_DESCRIPTOR = os.open in os.supports_dir_fd
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_NOT_HERE = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})
_EXCLUSIVE = {"linux": ("renameat2", 1), "darwin": ("renameatx_np", 4)}  # the C library's call, and "the target must not exist"


class Folder:
    """One local folder, open for the time of a download. Use as a context manager; every method may raise ``OSError``."""

    def __init__(self, root: Path, names: tuple[str, ...], descriptor: int | None) -> None:
        self._root, self._names = root, names
        self._descriptor = descriptor

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._root.joinpath(*self._names)

    def errors(self, name: str) -> local_errors:
        """``local_errors`` about an entry."""
        return local_errors(self._root, *self._names, name)

    @classmethod
    def inside(cls, root: Path, names: tuple[str, ...], by_descriptor: bool = BY_DESCRIPTOR, make: bool = True) -> Folder:
        """Open the folder ``names`` below ``root``. ``root`` itself must exist and may be a link.

        Raises ``BrowserError``: LOCAL_OTHER when a link or a file stands where a folder should be, and LOCAL_MISSING when
        there is nothing and it is not to be made.
        """
        with local_errors(root):
            if by_descriptor:
                folder = cls(root, (), os.open(root, os.O_RDONLY | os.O_DIRECTORY | getattr(os, "O_CLOEXEC", 0)))
            else:
                os.scandir(root).close()
                folder = cls(root, (), None)
        for name in names:
            with folder, folder.errors(name):
                folder = folder._enter(name, make)
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def look(self, name: str) -> os.stat_result | None:
        """``lstat`` of an entry; None when there is none."""
        try:
            return os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self, name: str, flags: int) -> int:
        """Open a regular file of this folder, never through a link; a new one is readable by its owner only."""
        return os.open(self._at(name), flags | _NO_FOLLOW | _BINARY, 0o600, dir_fd=self._descriptor)

    def remove(self, name: str) -> None:
        """Delete a file."""
        os.unlink(self._at(name), dir_fd=self._descriptor)

    def replace(self, old: str, new: str) -> None:
        """Give ``old`` the name ``new`` atomically; a file or link of that name is replaced."""
        os.replace(self._at(old), self._at(new), src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def move_to_free(self, old: str, new: str) -> None:
        """Give ``old`` the name ``new`` atomically; FileExistsError when the name is taken, by whatever."""
        if os.name == "nt":
            Path(self._at(old)).rename(self._at(new))  # refuses an existing target on Windows only
            return
        if self._descriptor is not None and _rename_to_free(self._descriptor, old, new):
            return
        try:
            os.link(
                self._at(old),
                self._at(new),
                src_dir_fd=self._descriptor,
                dst_dir_fd=self._descriptor,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            self._replace_reserved(old, new)
        else:
            self.remove(old)

    def _replace_reserved(self, old: str, new: str) -> None:
        """Where there is nothing better (FAT on an old system): reserve the name with an empty file and replace that."""
        os.close(self.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            self.replace(old, new)
        except OSError:
            self.remove(new)
            raise

    def require_room(self, size: int) -> None:
        """Raise ENOSPC when the disk has not so many bytes for this user."""
        free = self.free_bytes()
        if size > free:
            raise OSError(errno.ENOSPC, f"{size} > {free}")

    def free_bytes(self) -> int:
        """Room on the disk for this user."""
        if self._descriptor is None:
            return shutil.disk_usage(self.path).free
        found = os.fstatvfs(self._descriptor)
        return found.f_bavail * found.f_frsize

    def set_time(self, name: str, nanoseconds: int) -> None:
        """Give a file, by its name, its time of modification (UTC)."""
        os.utime(self._at(name), ns=(nanoseconds, nanoseconds))

    def sync(self) -> None:
        """Put the names of the folder on the disk, where the system can do that."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):  # a file system that has no such thing
                os.fsync(self._descriptor)

    def _enter(self, name: str, make: bool) -> Folder:
        names = (*self._names, name)
        if self._descriptor is None:
            self._require_folder(name, make)
            return Folder(self._root, names, None)
        flags = os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW
        try:
            return Folder(self._root, names, os.open(name, flags, dir_fd=self._descriptor))
        except OSError:  # there is nothing, or something else
            self._require_folder(name, make)
        return Folder(self._root, names, os.open(name, flags, dir_fd=self._descriptor))

    def _require_folder(self, name: str, make: bool) -> None:
        found = self.look(name)
        if found is None and make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._at(name), dir_fd=self._descriptor)
            found = self.look(name)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if is_link(found) or not stat.S_ISDIR(found.st_mode):
            raise in_the_way(self.path / name, found)

    def _at(self, name: str) -> str:
        if self._descriptor is not None:
            return name
        whole = str(self.path.absolute() / name)
        return _long(whole) if os.name == "nt" else whole


def _rename_to_free(descriptor: int, old: str, new: str) -> bool:
    """Rename within a folder in one step unless the name is taken; False where the system or file system cannot."""
    call, flag = _exclusive_rename()
    if call is None:
        return False
    if call(descriptor, os.fsencode(old), descriptor, os.fsencode(new), flag) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_HERE:  # NFS, or a kernel or C library of long ago
        return False
    raise OSError(code, os.strerror(code), new)


@functools.cache
def _exclusive_rename() -> tuple[Callable[..., int] | None, int]:
    name, flag = _EXCLUSIVE.get(sys.platform, ("", 0))
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if call is not None:
        call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return call, flag


def in_the_way(path: Path, found: os.stat_result | None) -> BrowserError:
    """The failure for something at ``path`` that a download neither follows nor replaces."""
    if found is not None and is_link(found):
        why = translate("transfers", "“{name}” is a link, and a download never follows one")
    elif found is not None and stat.S_ISDIR(found.st_mode):
        why = translate("transfers", "there is a folder named “{name}”")
    else:
        why = translate("transfers", "“{name}” is in the way and is no folder")
    return refused(ErrorKind.LOCAL_OTHER, path, why(name=path.name))


def _long(path: str) -> str:
    """A Windows path in the form that may be longer than 260 characters."""
    if path.startswith("\\\\"):
        return path if path.startswith("\\\\?\\") else f"\\\\?\\UNC{path[1:]}"
    return f"\\\\?\\{path}"
