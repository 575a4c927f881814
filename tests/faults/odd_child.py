"""An engine process in which one thing is not as in the program: ``CTB_ODD`` names it. The rest is the program's own.

``impatient``: the watchdog's times are a tenth. ``full``: the disk takes no more than ``CTB_ROOM`` bytes while the file
``CTB_FULL`` is there.
"""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cloudtemple_browser.workers import child, pool

ODD, FULL, ROOM = "CTB_ODD", "CTB_FULL", "CTB_ROOM"
SCALE = 10


def odd_pool(monkeypatch: pytest.MonkeyPatch, **environment: str) -> pool.Pool:
    """A pool of such processes, as long as the test runs."""
    root, tests = Path(pool.__file__).resolve().parents[2], Path(__file__).resolve().parents[1]
    given = dict(os.environ) | environment | {"PYTHONPATH": os.pathsep.join((str(root), str(tests)))}
    command = (sys.executable, "-P", "-m", "faults.odd_child")

    def spawn() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    monkeypatch.setattr(pool, "_spawn", spawn)
    return pool.Pool()


def _impatient() -> None:
    from cloudtemple_browser.s3 import http

    http.WINDOW /= SCALE
    http.READ_TIMEOUT /= SCALE


def _full() -> None:
    from cloudtemple_browser.transfers.local_folder import Folder

    write, free_bytes, left = os.write, Folder.free_bytes, int(os.environ[ROOM])

    def writes(descriptor: int, data: memoryview) -> int:
        nonlocal left
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and Path(os.environ[FULL]).exists():
            left -= len(data)
            if left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    def free(folder: Folder) -> int:
        return max(0, left) if Path(os.environ[FULL]).exists() else free_bytes(folder)

    os.write = writes  # type: ignore[assignment]
    Folder.free_bytes = free  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    {"impatient": _impatient, "full": _full}[os.environ[ODD]]()
    sys.exit(child.main())
