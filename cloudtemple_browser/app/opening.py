"""Downloaded files and folders as other programs open them: what is there, and whether opening it may run something.

Blocking, but for ``folder_shown``.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cloudtemple_browser.model.programs import HEAD, extension, runs

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Opening:
    """A file that is about to be opened. ``extension`` is the one that counts, "" for none; ``runs``: it may run something."""

    path: Path
    extension: str
    runs: bool


def look(path: Path) -> Opening | None:
    """What is at ``path`` now; None when it is no regular file, or cannot be read: a link is nothing that was downloaded."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        executable = os.name == "posix" and bool(found.st_mode & 0o111)
        return Opening(path, extension(path.name), runs(path.name, os.read(descriptor, HEAD), executable=executable))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def folder_shown(path: Path, root: Path) -> Path:
    """The folder that shows ``path``, which a download into ``root`` wrote.

    A folder whose name is that of a program (``x.app``) is not entered: a file manager would start it.
    """
    folder = root
    for name in path.parent.relative_to(root).parts if path.is_relative_to(root) else ():
        if runs(name):
            break
        folder /= name
    return folder if path.is_relative_to(root) else path.parent
