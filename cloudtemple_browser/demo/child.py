"""The process of the demo store: ``python -m cloudtemple_browser.demo.child``.

Standard input has one line of JSON, ``{"folder": …}``, and then stays open as long as the store is wanted: at its end, which
comes also when the parent is killed, everything is saved and the process ends. Standard output has lines of JSON: ``error``;
or ``port``, ``access_key``, ``secret_key`` and ``region`` once requests are answered; then ``filled`` as the count of objects.
So no key is ever in an argument, in an environment that is handed over, or on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cloudtemple_browser.demo.service import REGION, DemoService

if TYPE_CHECKING:
    from hypercorn.typing import Framework

LOOPBACK = "127.0.0.1"
LOG = "server.log"
BUSY = "busy"
LOCK_SECONDS = 5  # a store that was just told to stop needs less
STOP_SECONDS = 15


def main() -> int:
    """Serve until standard input ends. Returns the exit code."""
    out = os.dup(1)
    folder = Path(json.loads(_read_line())["folder"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not _take(lock):
        _tell(out, error=BUSY)
        return 1
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    asyncio.run(_serve(folder, out))
    return 0


async def _serve(folder: Path, out: int) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    listener = _listen(folder / "port")
    port = listener.getsockname()[1]
    service = DemoService(folder, port)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_watch_input, args=(lambda: loop.call_soon_threadsafe(stop.set),), daemon=True).start()
    await service.prepare()
    _tell(out, port=port, access_key=service.access_key, secret_key=service.secret_key, region=REGION)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    async with asyncio.TaskGroup() as group:
        filling = group.create_task(service.fill_rest(lambda count: _tell(out, filled=count)))
        await serve(cast("Framework", service), config, shutdown_trigger=stop.wait)
        filling.cancel()
    service.save()


def _listen(remembered: Path) -> socket.socket:
    """Listen on the port of the last time, so that public URLs stay the same, or on any other when that is taken."""
    try:
        ports = [int(remembered.read_text()), 0]
    except (OSError, ValueError):
        ports = [0]
    for port in ports:
        listener = socket.socket()
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            listener.close()
            continue
        listener.listen()
        remembered.write_text(str(listener.getsockname()[1]))
        return listener
    raise OSError("no free port on the loopback interface")


def _take(lock: int) -> bool:
    """Lock the data folder as long as this process lives; False when another process keeps it."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def _read_line() -> bytes:
    line = b""
    while not line.endswith(b"\n") and (read := os.read(0, 4096)):
        line += read
    return line


def _watch_input(stop: Callable[[], object]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        stop()
    time.sleep(STOP_SECONDS)
    os._exit(1)  # never outlive the program


def _tell(out: int, **values: object) -> None:
    with contextlib.suppress(OSError):  # the parent died: standard input ends too, and that stops the process
        os.write(out, json.dumps(values).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
