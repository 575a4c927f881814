"""The engine process: ``python -m cloudtemple_browser.workers.child``.

Standard input brings messages, secrets among them, and its end ends the process, however the program ended. Standard output
takes the answers. No key is ever in an argument, in the environment or on the disk.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import logging
import os
import sys
import threading
import time
from pathlib import Path

_NICE = 10  # the window goes first where there are fewer cores than work
_HELD = 20.0  # seconds that something may hold the interpreter: then the process ends, even if the program is gone


def main() -> int:
    """Serve until standard input ends. Does not return by itself: a silent store may hold a thread."""
    _stand_back()
    _keep_secrets()
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    from cloudtemple_browser.s3.client import preload
    from cloudtemple_browser.workers.engine import Engine, Forward
    from cloudtemple_browser.workers.messages import Ready, pack

    preload()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a page is thousands of short-lived objects without cycles
    threading.Thread(target=_watch, daemon=True).start()
    engine = Engine(out)
    logging.basicConfig(level=logging.INFO, handlers=[Forward(engine)])
    engine.tell(pack(Ready()))
    engine.serve(os.fdopen(0, "rb"))
    os._exit(0)


def _stand_back() -> None:
    """Lower this process's priority. Windows gets it at the start."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    # Linux weighs sessions against each other first, and this process has one of its own (sched(7), autogroup).
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICE))


def _keep_secrets() -> None:
    """Neither a crash nor another program shows the keys in this process's memory. After ``_stand_back``: it closes /proc."""
    from cloudtemple_browser.persistence.memory_image import forbid_core_files, hide_memory

    forbid_core_files()
    hide_memory()


def _watch() -> None:
    """Let the process end when a regular expression does not: only a timer that needs no interpreter can do that."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device
        while True:
            faulthandler.dump_traceback_later(_HELD, exit=True, file=nowhere)
            time.sleep(_HELD / 4)


if __name__ == "__main__":
    sys.exit(main())
