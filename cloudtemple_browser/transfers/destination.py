"""Where downloads are written: a temporary file beside the target, and a target that appears only when the file is whole.

No lock says whose a temporary file is: its name comes from the ``owner`` of its ``Place``, which no two programs and no two
downloads share, and which the same download has again after a crash. So nobody is ever locked out, and nobody mixes bytes.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import itertools
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.local_names import local_numbered
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.transfers.local_errors import refused
from cloudtemple_browser.transfers.local_file import fill, stamp
from cloudtemple_browser.transfers.local_folder import Folder, in_the_way

_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class Place:
    """Where a download goes: folders ``folders`` below ``root``, each opened without following a link, and the file's name.

    ``owner`` names the download: different for every download of every program that ever ran, the same after a restart.
    """

    root: Path
    folders: tuple[str, ...]
    name: str
    owner: str

    @property
    def path(self) -> Path:
        """The final path, if the name is kept."""
        return self.path_of(self.name)

    def path_of(self, name: str) -> Path:
        """The path of an entry of the folder."""
        return self.root.joinpath(*self.folders, name)

    def temporary(self, etag: str) -> str:
        """The name of the temporary file. The ETag is the server's text: a hash of it cannot do harm in a name."""
        mark = hashlib.sha256(f"{self.owner}\n{etag}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f".{self.name}.{mark}.part"


@functools.cache
def new_file_mode() -> int:
    """The mode of a new file under the process's umask. The umask can only be read by setting it: read once, tightly."""
    umask = os.umask(0o077)
    os.umask(umask)
    return 0o666 & ~umask


class PartFile:
    """The temporary file ``.NAME.HASH.part`` beside the target: private, regular, the download's own, open for one work.

    Use as a context manager, which only closes it. Methods raise ``BrowserError``.
    """

    def __init__(self, folder: Folder, name: str, descriptor: int) -> None:
        self._folder = folder
        self._name = name
        self._descriptor = descriptor
        self._open = True
        self._errors = folder.errors(name)
        # What stays the same when it gets its final name, and what no other file of the folder has meanwhile.
        self.identity = identity(os.fstat(descriptor))

    @classmethod
    def create(cls, folder: Folder, name: str) -> Self:
        """Make an empty one. What a crash left under the name is removed; a link or a folder there is refused."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        with folder.errors(name):
            try:
                descriptor = folder.open(name, flags)
            except FileExistsError:
                cls._refuse_strange(folder, name)
                folder.remove(name)
                descriptor = folder.open(name, flags)
            return cls(folder, name, descriptor)

    @classmethod
    def find(cls, folder: Folder, name: str, writing: bool = True) -> Self | None:
        """Open the one there is; None when there is none. Without ``writing`` any regular file of the folder, to read it."""
        with folder.errors(name):
            found = cls._refuse_strange(folder, name)
            if found is None:
                return None
            file = cls(folder, name, folder.open(name, (os.O_RDWR if writing else os.O_RDONLY) | _NO_WAIT))
            if file.identity != identity(found):
                file.close()
                raise replaced(folder.path / name)
            return file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Its size in bytes."""
        with self._errors:
            return os.fstat(self._descriptor).st_size

    def check(self) -> None:
        """Raise LOCAL_CHANGED when the name leads to another file by now, LOCAL_MISSING when it leads to none."""
        with self._errors:
            found = self._folder.look(self._name)
        if found is None:
            raise gone(self._folder.path / self._name)
        if identity(found) != self.identity:
            raise replaced(self._folder.path / self._name)

    def reserve(self, size: int) -> None:
        """Make it ``size`` bytes long, with room for all of them where the system can promise that. Raises DISK_FULL."""
        with self._errors:
            self._folder.require_room(size - 512 * getattr(os.fstat(self._descriptor), "st_blocks", 0))
            if self._reserves():
                os.posix_fallocate(self._descriptor, 0, size)
            else:
                os.ftruncate(self._descriptor, size)

    def seek(self, offset: int) -> None:
        """Write from here."""
        with self._errors:
            os.lseek(self._descriptor, offset, os.SEEK_SET)

    def write(self, data: memoryview) -> None:
        """Write ``data`` after what was written last."""
        with self._errors:
            at = 0
            while at < len(data):
                at += os.write(self._descriptor, data[at:])

    def write_out(self, start: int, length: int) -> None:
        """Let the system begin to put these bytes on the disk, so that the fsync at the end need not wait for all of them."""
        if sys.platform == "linux":  # where this does not wait, and drops nothing that is not written yet
            with contextlib.suppress(OSError):
                os.posix_fadvise(self._descriptor, start, length, os.POSIX_FADV_DONTNEED)

    def read_into(self, start: int, view: memoryview) -> None:
        """Fill ``view`` from offset ``start``. Raises LOCAL_CHANGED at the end of the file."""
        self.seek(start)
        with self._errors:
            if fill(self._descriptor, view) != len(view):
                raise replaced(self._folder.path / self._name)

    def finish(self, modified: int | None) -> None:
        """Give it the mode of any new file, its time (nanoseconds UTC) and a place on the disk, and close it.

        That its name still leads to it is for ``publish`` to see.
        """
        with self._errors:
            if os.name == "posix":
                with contextlib.suppress(OSError):  # a file system without modes
                    os.fchmod(self._descriptor, new_file_mode())
            if os.name == "posix" and modified is not None:
                with contextlib.suppress(OSError, OverflowError):  # a time is foreign, and a nicety
                    os.utime(self._descriptor, ns=(modified, modified))
            os.fsync(self._descriptor)
        self.close()
        if os.name != "posix" and modified is not None:  # only by name there, and a file that is open would lose it again
            with contextlib.suppress(OSError, OverflowError):
                self._folder.set_time(self._name, modified)

    def close(self) -> None:
        """Let go of it. May be called again."""
        if self._open:
            self._open = False
            os.close(self._descriptor)

    @staticmethod
    def _refuse_strange(folder: Folder, name: str) -> os.stat_result | None:
        found = folder.look(name)
        if found is not None and not stat.S_ISREG(found.st_mode):
            raise in_the_way(folder.path / name, found)
        return found

    def _reserves(self) -> bool:
        """Whether the file system reserves room without writing: the C library writes zeros in place of one that cannot.

        Room that is only reserved does not count as data.
        """
        if not (hasattr(os, "posix_fallocate") and hasattr(os, "SEEK_DATA")):
            return False
        try:
            os.posix_fallocate(self._descriptor, 0, 1)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            return False
        try:
            os.lseek(self._descriptor, 0, os.SEEK_DATA)
        except OSError as error:
            return error.errno == errno.ENXIO
        return False


def discard(folder: Folder, name: str) -> None:
    """Remove a temporary file; one that is not there is no error. Raises ``BrowserError``."""
    with folder.errors(name), contextlib.suppress(FileNotFoundError):
        folder.remove(name)


def discard_part(place: Place, etag: str) -> None:
    """Remove the temporary file of a download that nobody wants any more. A folder that is not there is no error, either."""
    try:
        with Folder.inside(place.root, place.folders, make=False) as folder:
            discard(folder, place.temporary(etag))
    except BrowserError as error:
        if error.kind is not ErrorKind.LOCAL_MISSING:
            raise


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[PartFile]:
    """A file to write that appears at ``path`` when the block ends, in place of what was there; on any failure nothing does."""
    place = Place(path.parent, (), path.name, "")
    name = place.temporary("")
    with Folder.inside(place.root, ()) as folder, PartFile.create(folder, name) as file:
        try:
            yield file
            was = file.identity
            file.finish(None)
            publish(folder, place, name, was, Decision(ConflictPolicy.OVERWRITE))
        except BaseException:
            file.close()
            discard(folder, name)
            raise
        folder.sync()


def check_target(folder: Folder, place: Place, decision: Decision) -> bool:
    """Whether the target exists and is to be left alone (SKIP).

    Raises OCCUPIED when something is there that the decision does not cover, LOCAL_OTHER for a folder of that name.
    """
    with folder.errors(place.name):
        found = folder.look(place.name)
    if found is None or decision.policy is ConflictPolicy.KEEP_BOTH:
        return False
    if decision.policy is ConflictPolicy.SKIP:
        return True
    if stat.S_ISDIR(found.st_mode):
        raise in_the_way(place.path, found)
    if decision.policy is ConflictPolicy.REFUSE:
        raise _not_agreed(place.path, "a file of this name is there now")
    if decision.replaces not in ("", stamp(found)):
        raise _not_agreed(place.path, "the file that was to be replaced is another one now")
    return False


def publish(folder: Folder, place: Place, temporary: str, was: str, decision: Decision) -> str | None:
    """Give the temporary file with the identity ``was`` its final name and return that; None when SKIP found it taken.

    A file that appears in this very moment is replaced only where the user said: whatever is there.
    """
    if check_target(folder, place, decision):
        return None
    with folder.errors(place.name):
        found = folder.look(temporary)
        if found is None:
            raise gone(folder.path / temporary)
        if identity(found) != was:
            raise replaced(folder.path / temporary)
        if decision.policy is ConflictPolicy.OVERWRITE and (not decision.replaces or folder.look(place.name)):
            folder.replace(temporary, place.name)
            return place.name
        for final in _names(place.name, decision.policy):
            with contextlib.suppress(FileExistsError):
                folder.move_to_free(temporary, final)
                return final
    if decision.policy is ConflictPolicy.SKIP:
        return None
    raise _not_agreed(place.path, "a file of this name is there now")


def published(folder: Folder, place: Place, size: int, was: str, decision: Decision) -> str | None:
    """The final name that the temporary file with the identity ``was`` may have got already, before a crash; None for none.

    Only the bytes prove it: once the file is deleted, the next one in the folder often has its inode.
    """
    for name, found in names_taken(folder, place, decision):
        if (identity(found), found.st_size) == (was, size):
            return name
    return None


def names_taken(folder: Folder, place: Place, decision: Decision) -> Iterator[tuple[str, os.stat_result]]:
    """The names that the download may have got already and that regular files have."""
    with folder.errors(place.name):
        for name in _names(place.name, decision.policy):
            found = folder.look(name)
            if found is None:
                return
            if stat.S_ISREG(found.st_mode):
                yield name, found


def identity(found: os.stat_result) -> str:
    """The inode as text: what a file keeps when it is renamed."""
    return str(found.st_ino)


def replaced(path: Path) -> BrowserError:
    """The failure for a temporary file that is not the one it was."""
    return refused(ErrorKind.LOCAL_CHANGED, path, translate("transfers", "the temporary file was replaced"))


def gone(path: Path) -> BrowserError:
    """The failure for a temporary file that somebody removed."""
    return refused(ErrorKind.LOCAL_MISSING, path, translate("transfers", "the temporary file is gone"))


def _not_agreed(path: Path, why: str) -> BrowserError:
    return BrowserError(ErrorKind.OCCUPIED, ErrorFacts(subject=str(path), message=why))


def _names(name: str, policy: ConflictPolicy) -> Iterator[str]:
    """The final names to try: numbered ones only where the user keeps both."""
    yield name
    if policy is ConflictPolicy.KEEP_BOTH:
        yield from (local_numbered(name, n) for n in itertools.count(2))
