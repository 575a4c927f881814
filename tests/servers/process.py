"""Child processes of the tests: on loopback, ended with the test, also when the test process is killed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 10


class ServerError(RuntimeError):
    """A server ended early or did not get ready; the message has the end of its log."""


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for item in sockets:
            item.bind((LOOPBACK, 0))
        return [item.getsockname()[1] for item in sockets]


class Processes:
    """Starts processes that share a log and stops them, the last one first."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._running: list[subprocess.Popen[bytes]] = []

    def spawn(self, command: Sequence[str], env: dict[str, str], cwd: Path | None = None) -> None:
        """Start a process in a group of its own. The kernel ends it when this thread's process dies (Linux)."""
        prefix: list[str] = []
        if sys.platform == "linux" and (setpriv := shutil.which("setpriv")):
            prefix = [setpriv, "--pdeathsig", "SIGTERM", "--"]
        with self.log.open("ab") as log:
            self._running.append(_popen([*prefix, *command], env, cwd, log))

    def run(self, command: Sequence[str], env: dict[str, str], seconds: float = 60) -> None:
        """Run a command to its end; ``ServerError`` when it fails."""
        with self.log.open("ab") as log:
            done = subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=seconds, check=False
            )
        if done.returncode:
            raise self.failed(f"{Path(command[0]).name} ended with {done.returncode}")

    def wait_ready(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Poll ``ready`` until it is true; ``ServerError`` when a process ends or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if any(process.poll() is not None for process in self._running):
                raise self.failed("a process ended early")
            if time.monotonic() > deadline:
                raise self.failed(f"not ready after {seconds:g} s")
            time.sleep(0.05)

    def failed(self, why: str) -> ServerError:
        """The error with the end of the log."""
        return ServerError(f"{why}\n{self.log.read_text(errors='replace')[-3000:]}")

    def stop(self) -> None:
        """SIGTERM all, and SIGKILL what is still there after 10 s."""
        for process in reversed(self._running):
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in reversed(self._running):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def _popen(command: Sequence[str], env: dict[str, str], cwd: Path | None, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=sys.platform != "win32"
    )
