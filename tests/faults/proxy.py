"""A forward proxy on loopback: CONNECT tunnels and absolute URLs, to one place whatever name was asked for."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from faults.wire import Listener, Stream, read_head
from servers.process import LOOPBACK


class Proxy:
    """``with Proxy(port) as proxy:`` passes everything to a port of this machine. ``refuses``: the status it answers instead.

    ``seen`` has the targets that were asked for, ``authorizations`` what came with them to prove who asks.
    """

    def __init__(self, port: int, refuses: int = 0) -> None:
        self.seen: list[str] = []
        self.authorizations: list[str] = []
        self._port, self._refuses = port, refuses
        self._listener = Listener(lambda stream, _secure: self._serve(stream))

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self._listener.port}"

    def __enter__(self) -> Self:
        self._listener.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.close()

    def _serve(self, stream: Stream) -> None:
        request = read_head(stream, secure=False)
        self.seen.append(request.target)
        self.authorizations.append(request.headers.get("proxy-authorization", ""))
        if self._refuses:
            stream.send(f"HTTP/1.1 {self._refuses} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            raise ConnectionError
        with socket.create_connection((LOOPBACK, self._port), 10) as there:
            if request.method == "CONNECT":
                stream.send(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                parts = urlsplit(request.target)
                target = parts._replace(scheme="", netloc="").geturl()
                lines = "".join(
                    f"{name}: {value}\r\n" for name, value in request.headers.items() if not name.startswith("proxy-")
                )
                there.sendall(f"{request.method} {target} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
            here = stream._socket
            back = threading.Thread(target=_pour, args=(there, here), daemon=True)
            back.start()
            if stream._buffer:
                there.sendall(stream._buffer)
                stream._buffer = b""
            _pour(here, there)
            back.join(10)
        raise ConnectionError


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    for sock in (source, target):
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
