"""A private temporary folder that lives as long as this process: for files that other programs take from here."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from cloudtemple_browser.persistence.files import local_failure, lock_file
from cloudtemple_browser.persistence.paths import APP

_PREFIX = f"{APP}-"
_LOCK = "in-use"  # held while the process lives, whatever its end


class SessionFolder:
    """``cloudtemple-browser-…`` (0700) in the system's temporary folder, made when it is first needed.

    Blocking, but for ``foreign`` and ``holds``, which only look at names; one thread at a time.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent or Path(tempfile.gettempdir())
        self._folder: Path | None = None
        self._lock = -1

    def new(self) -> Path:
        """A new, empty folder (0700) in the session's. Raises ``BrowserError`` (LOCAL_*, DISK_FULL)."""
        try:
            if self._folder is None or not self._folder.is_dir():  # some systems clear what lies there for days
                self._make()
            return Path(tempfile.mkdtemp(dir=self._folder, prefix=""))
        except OSError as error:
            raise local_failure(error, self._parent) from error

    def _make(self) -> None:
        self.remove()
        lock = None
        while lock is None:  # another process took the lock of a folder that it saw unused
            folder = Path(tempfile.mkdtemp(dir=self._parent, prefix=_PREFIX))
            lock = lock_file(folder / _LOCK)
        self._folder, self._lock = folder, lock

    def holds(self, path: Path) -> bool:
        """Whether a path lies in this session's folder."""
        return self._folder is not None and path.is_relative_to(self._folder)

    def foreign(self, path: Path) -> bool:
        """Whether a path lies in the folder of another session, which is gone or will be."""
        here = len(self._parent.parts)
        ours = path.is_relative_to(self._parent) and any(part.startswith(_PREFIX) for part in path.parts[here : here + 1])
        return ours and not self.holds(path)

    def sweep(self) -> None:
        """Remove what crashed sessions of this user left behind. Raises nothing: it is a courtesy."""
        with suppress(OSError):
            for folder in self._parent.glob(f"{_PREFIX}*"):
                if folder != self._folder and _abandoned(folder):
                    shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        """Remove the session's folder with everything in it."""
        if self._folder is not None:
            os.close(self._lock)
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _abandoned(folder: Path) -> bool:
    """Whether a folder is one of ours and its process is gone. In a folder for everyone, names prove nothing."""
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or (os.name == "posix" and found.st_uid != os.getuid()):
            return False
        if not (folder / _LOCK).is_file():
            return False
        lock = lock_file(folder / _LOCK)
    except OSError:
        return False
    if lock is None:
        return False
    os.close(lock)
    return True
