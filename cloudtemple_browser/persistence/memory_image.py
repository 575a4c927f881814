"""No image of this process's memory gets onto the disk: it would hold secret keys.

What the system writes after a crash (a core file, a crash report) is kept for months, copied into backups and sent to others.
"""

from __future__ import annotations

import contextlib
import sys

_SET_DUMPABLE = 4  # PR_SET_DUMPABLE of prctl(2)
_NO_HEAP = 1  # WER_FAULT_REPORTING_FLAG_NOHEAP of werapi.h


def forbid_core_files() -> None:
    """Let a crash of this process, and of those that it starts, leave no core file. Raises nothing."""
    if sys.platform == "win32":
        import ctypes

        # What Windows keeps by itself is small, and without the heap it holds no secret.
        with contextlib.suppress(AttributeError, OSError):
            ctypes.windll.kernel32.WerSetFlags(_NO_HEAP)
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    # A program that collects crashes (core_pattern with a pipe) is given the whole image even at 0, and nothing at 1 (core(5),
    # and coredump.c of the kernel). A file of one byte is none. What the user starts from here may raise it: ``most`` stays.
    smallest = 1 if sys.platform == "linux" and most != 0 else 0
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (smallest, most))


def hide_memory() -> None:
    """Close this process's memory to the other processes of the same user, on Linux. Raises nothing.

    For processes without a window: a desktop portal looks at /proc/PID/root of who asks it for a file dialog, and refuses those
    that hide it (https://github.com/flatpak/xdg-desktop-portal/issues/785).
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
