"""A raw-socket HTTP server: a handler gets each request and says byte for byte what goes back, as no real server does."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from servers.process import LOOPBACK
from servers.tls import Certificate

REASONS = {200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved", 403: "Forbidden", 404: "Not Found"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path as sent, percent-encoded."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query, decoded; names without a value have ""."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()}


class ResetError(Exception):
    """Raised by a handler: the connection ends with RST, without an answer."""


Answer = bytes | Iterable[bytes]
Handler = Callable[[Request], Answer]


def answer(status: int = 200, body: bytes | str = b"", *, length: int | None = None, **headers: str) -> bytes:
    """A whole answer. ``Etag="x"`` is the header ``Etag``, underscores are hyphens; ``length`` lies about the body."""
    data = body.encode() if isinstance(body, str) else body
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = {"Content-Length": str(len(data) if length is None else length), "Connection": "close"} | given
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n{head}\r\n".encode() + data


def s3_answer(status: int = 200, body: bytes | str = b"", **headers: str) -> bytes:
    """An answer with the headers that every S3 store sends."""
    return answer(status, body, length=None, **({"x_amz_request_id": "req-1", "Content_Type": "application/xml"} | headers))


def s3_error(status: int, code: str, message: str = "", extra: str = "") -> bytes:
    """An error answer of S3."""
    return s3_answer(status, f"<Error><Code>{code}</Code><Message>{message}</Message>{extra}</Error>")


class RawServer:
    """``with RawServer(handler) as server:`` listens on a free port of 127.0.0.1; ``requests`` has what came, in order.

    With ``take`` it hangs up after so many bytes of a request, and the handler is not asked. ``keep`` is how many requests it
    takes on one connection; the answer's ``Connection`` header should say what fits.
    """

    def __init__(self, handler: Handler, certificate: Certificate | None = None, take: int = 0, keep: int = 1) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._handler = handler
        self._take = take
        self._keep = keep
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.certificate, certificate.key)
        self._listener = socket.create_server((LOOPBACK, 0))
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return f"{'https' if self._tls else 'http'}://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            client.settimeout(10)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        try:
            with contextlib.closing(self._tls.wrap_socket(client, server_side=True) if self._tls else client) as stream:
                if self._take:
                    stream.recv(self._take)
                    return
                for _ in range(self._keep):
                    request = _read_request(stream)
                    if request is None:
                        return
                    with self._lock:
                        self.requests.append(request)
                    self._reply(stream, request)
        except OSError:
            return  # the client went away, as many tests make it do
        finally:
            client.close()

    def _reply(self, stream: socket.socket, request: Request) -> None:
        try:
            reply = self._handler(request)
            for piece in (reply,) if isinstance(reply, bytes) else reply:
                stream.sendall(piece)
        except ResetError:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read_request(stream: socket.socket) -> Request | None:
    with stream.makefile("rb") as reader:
        first = reader.readline().decode("latin-1").split()
        if len(first) != 3:
            return None
        headers: dict[str, str] = {}
        while line := reader.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Request(first[0], first[1], headers, reader.read(int(headers.get("content-length", "0"))))
