"""Where downloads are written: a folder that no key, link or race can lead out of, and a file that appears only when whole.

POSIX: every level below the chosen folder is opened by directory descriptor without following links, and all work is done
relative to the last descriptor, so that a link planted at any time is refused (rclone CVE-2026-54572). Elsewhere (Windows) each
level is checked for links and junctions by path before use.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import logging
import os
import shutil
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.local_names import local_numbered
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.transfers.job import ConflictPolicy
from cloudtemple_browser.transfers.local_errors import is_link, local_errors, refused

if os.name == "posix":
    import fcntl

BY_DESCRIPTOR = os.open in os.supports_dir_fd
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})

log = logging.getLogger(__name__)


@functools.cache
def new_file_mode() -> int:
    """The mode of a new file under the process's umask. The umask can only be read by setting it: read once, tightly."""
    umask = os.umask(0o077)
    os.umask(umask)
    return 0o666 & ~umask


class Folder:
    """One local folder, open for the time of a download. Use as a context manager; every method may raise ``OSError``."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def inside(cls, root: Path, names: tuple[str, ...], by_descriptor: bool = BY_DESCRIPTOR) -> Folder:
        """Open the folder ``names`` below ``root`` and make what is missing. ``root`` itself must exist and may be a link.

        Raises ``BrowserError``: LOCAL_OTHER when a link or a file stands where a folder should be.
        """
        with local_errors(root):
            if by_descriptor:
                folder = cls(root, os.open(root, os.O_RDONLY | os.O_DIRECTORY | getattr(os, "O_CLOEXEC", 0)))
            else:
                os.scandir(root).close()
                folder = cls(root, None)
        for name in names:
            with folder, local_errors(folder.path / name):
                folder = folder._enter(name)
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
        try:
            os.link(
                self._at(old),
                self._at(new),
                src_dir_fd=self._descriptor,
                dst_dir_fd=self._descriptor,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            self._replace_reserved(old, new)
        else:
            self.remove(old)

    def _replace_reserved(self, old: str, new: str) -> None:
        """For file systems without hard links (FAT): reserve the name with an empty file and replace that, which is ours."""
        os.close(self.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            self.replace(old, new)
        except OSError:
            self.remove(new)
            raise

    def free_bytes(self) -> int:
        """Room on the disk for this user."""
        if self._descriptor is None:
            return shutil.disk_usage(self.path).free
        found = os.fstatvfs(self._descriptor)
        return found.f_bavail * found.f_frsize

    def _enter(self, name: str) -> Folder:
        if self.look(name) is None:
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._at(name), dir_fd=self._descriptor)
        found = self.look(name)
        if found is None or is_link(found) or not stat.S_ISDIR(found.st_mode):
            raise in_the_way(self.path / name, found)
        if self._descriptor is None:
            return Folder(self.path / name, None)
        flags = os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW
        return Folder(self.path / name, os.open(name, flags, dir_fd=self._descriptor))

    def _at(self, name: str) -> str:
        if self._descriptor is not None:
            return name
        whole = str(self.path.absolute() / name)
        return _long(whole) if os.name == "nt" else whole


class PartFile:
    """The temporary file ``.NAME.HASH.part`` beside the target: private, and gone unless it was published.

    Use as a context manager. Methods raise ``BrowserError``.
    """

    def __init__(self, folder: Folder, name: str, etag: str) -> None:
        self._folder = folder
        self._target = folder.path / name
        # The ETag is the server's text: its hash cannot do harm in a name.
        self._name = f".{name}.{hashlib.sha256(etag.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}.part"
        with local_errors(self._target):
            self._descriptor = self._create()
        self._there = True
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()
        if self._there:
            try:
                self._folder.remove(self._name)
            except OSError as failed:
                log.warning("temporary file %r not removed: %s", self._name, failed.strerror)

    def write(self, data: memoryview) -> None:
        """Append ``data``."""
        with local_errors(self._target):
            at = 0
            while at < len(data):
                at += os.write(self._descriptor, data[at:])

    def back_to(self, offset: int) -> None:
        """Forget what was written after ``offset``."""
        with local_errors(self._target):
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            os.ftruncate(self._descriptor, offset)

    def publish(self, name: str, conflict: ConflictPolicy) -> str | None:
        """Put the whole file on the disk, then under its final name; return that, or None when SKIP found it taken.

        The choice is made atomically here: a file that appeared meanwhile is replaced only under OVERWRITE.
        """
        with local_errors(self._target):
            os.fsync(self._descriptor)
            self._still_ours()
            if os.name == "nt":
                self._close()  # an open file cannot be renamed there
            final = self._move(name, conflict)
            if final is not None:
                self._there = False
                if os.name == "posix":
                    with contextlib.suppress(OSError):  # a file system without modes
                        os.fchmod(self._descriptor, new_file_mode())
            return final

    def _move(self, name: str, conflict: ConflictPolicy) -> str | None:
        if conflict is ConflictPolicy.OVERWRITE:
            self._folder.replace(self._name, name)
            return name
        final, n = name, 1
        while True:
            try:
                self._folder.move_to_free(self._name, final)
                return final
            except FileExistsError:
                if conflict is ConflictPolicy.SKIP:
                    return None
                n += 1
                final = local_numbered(name, n)

    def _create(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        try:
            created = self._folder.open(self._name, flags)
        except FileExistsError:
            self._remove_stale()
            created = self._folder.open(self._name, flags)
        if not _lock(created):
            os.close(created)
            raise self._busy()
        return created

    def _remove_stale(self) -> None:
        """Remove what a crash left behind; a file that a running download holds is refused."""
        if os.name == "nt":
            try:
                self._folder.remove(self._name)
            except PermissionError:
                raise self._busy() from None
            return
        found = self._folder.look(self._name)
        if found is None or not stat.S_ISREG(found.st_mode):
            raise in_the_way(self._folder.path / self._name, found)
        stale = self._folder.open(self._name, os.O_RDWR | os.O_NONBLOCK)
        try:
            if not _lock(stale):
                raise self._busy()
            self._folder.remove(self._name)
        finally:
            os.close(stale)

    def _busy(self) -> BrowserError:
        why = translate("transfers", "the same download is already running here")
        return refused(ErrorKind.LOCAL_OTHER, self._target, why)

    def _still_ours(self) -> None:
        found, ours = self._folder.look(self._name), os.fstat(self._descriptor)
        if found is None or found.st_ino != ours.st_ino:
            raise refused(ErrorKind.LOCAL_CHANGED, self._target, translate("transfers", "the temporary file was replaced"))

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)


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


def _lock(descriptor: int) -> bool:
    """Whether nobody else holds the file. A lock ends with its process, which is how a crash's leftovers are told."""
    if os.name == "posix":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            return True
    return True
