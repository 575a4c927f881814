"""MiniStack on loopback: the modern dialect of S3 in pure Python, on every system.

What it does not do (its documentation and our measurements): a wrong secret with a known access key is accepted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servers.process import LOOPBACK, Processes, free_ports
from servers.s3 import User, answers, make_bucket, raw_client


class Ministack:
    """``with Ministack(folder) as server:`` gives a running server that keeps everything in memory."""

    def __init__(self, folder: Path) -> None:
        self.user = User.fresh()
        self.endpoint = ""
        self._folder = folder
        self._processes = Processes(folder / "server.log")

    def __enter__(self) -> Self:
        (port,) = free_ports(1)
        self.endpoint = f"http://{LOOPBACK}:{port}"
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        settings = {
            "AUTH": "true",
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "localhost",
            "SERVICES": "s3",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "TMPDIR": str(self._folder),
            "TEMP": str(self._folder),
            "STATE_DIR": str(self._folder / "state"),
            "AWS_ACCESS_KEY_ID": self.user.access_key,
            "AWS_SECRET_ACCESS_KEY": self.user.secret_key,
        }
        try:
            self._processes.spawn([sys.executable, "-m", "ministack"], kept | settings, self._folder)
            client = self.client()
            self._processes.wait_ready(lambda: answers(client))
        except BaseException:
            self._processes.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._processes.stop()

    def client(self) -> Any:
        """A plain client of the server's user."""
        return raw_client(self.endpoint, self.user)

    def make_bucket(self, bucket: str) -> None:
        """A bucket whose objects can be made public, as on the production store."""
        make_bucket(self.client(), bucket)
