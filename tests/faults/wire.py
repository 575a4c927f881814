"""HTTP/1.1 on raw sockets, one thread a connection: an answer may be anything, also what no HTTP library would send."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from servers.process import LOOPBACK
from servers.tls import Certificate

_CHUNK = 1 << 16
_IDLE = 60.0  # seconds that a connection may stay silent


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case, and of twins the last one counts. ``query`` is decoded, in order."""

    method: str
    target: str
    headers: dict[str, str]
    secure: bool = False

    @property
    def path(self) -> str:
        """The path as it was sent."""
        return urlsplit(f"x://x{self.target}").path if self.target.startswith("/") else urlsplit(self.target).path

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The query, decoded, in order."""
        raw = self.target.partition("?")[2]
        return tuple((unquote(name), unquote(value)) for name, _, value in (p.partition("=") for p in raw.split("&") if p))

    @property
    def query(self) -> dict[str, str]:
        """The query by name."""
        return dict(self.pairs)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is sent. ``length``: what Content-Length says (None: the truth, -1: no such header)."""

    status: int = 200
    body: bytes | memoryview = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None

    def with_headers(self, **headers: str) -> Reply:
        """With more headers; ``_`` is a hyphen."""
        return replace(self, headers=self.headers | {name.replace("_", "-"): value for name, value in headers.items()})

    def without(self, *names: str) -> Reply:
        """Without some headers."""
        dropped = {name.lower() for name in names}
        return replace(self, headers={name: value for name, value in self.headers.items() if name.lower() not in dropped})

    def head(self) -> bytes:
        """The status line and the headers."""
        headers = dict(self.headers)
        if self.length != -1 and self.status not in (204, 304):
            headers.setdefault("Content-Length", str(len(self.body) if self.length is None else self.length))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} Status\r\n{lines}\r\n".encode("latin-1", "replace")


class Gone(Exception):
    """The connection is not to be used any more."""


class Stream:
    """A connection, with what went over it; every wait ends with ``stopped``."""

    def __init__(self, sock: socket.socket, stopped: threading.Event) -> None:
        self._socket, self._stopped = sock, stopped
        self._buffer = b""
        self.received = self.sent = 0
        self.over = False  # the server hung up: what the other side still sends is refused as soon as that is noticed
        sock.settimeout(_IDLE)

    def _fill(self) -> None:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise Gone
        self.received += len(data)
        self._buffer += data

    def line(self) -> bytes:
        """The next line, without its end."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > _CHUNK:
                raise Gone
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def read(self, count: int) -> bytes:
        """Exactly so many bytes."""
        pieces, self._buffer = [self._buffer[:count]], self._buffer[count:]
        missing = count - len(pieces[0])
        while missing:
            data = self._socket.recv(min(missing, 1 << 20))
            if not data:
                raise Gone
            self.received += len(data)
            pieces.append(data)
            missing -= len(data)
        return b"".join(pieces)

    def send(self, data: bytes | memoryview, rate: float = 0.0) -> None:
        """Send; ``rate``: so many bytes a second, 0: all at once."""
        step = _CHUNK if not rate else max(1, int(rate / 20))
        for at in range(0, len(data), step):
            piece = data[at : at + step]
            self._socket.sendall(piece)
            self.sent += len(piece)
            if rate:
                self.rest(len(piece) / rate)

    def rest(self, seconds: float, until: threading.Event | None = None) -> None:
        """Do nothing for a while, or until an event, or until the server ends or the other side hangs up."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._stopped.wait(min(left, 0.05)):
            if self.over or self.hung_up():
                raise Gone
            if until and until.is_set():
                return

    def hung_up(self) -> bool:
        """Whether the other side closed the connection."""
        try:
            self._socket.settimeout(0)
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except (BlockingIOError, ssl.SSLError, ValueError):  # ValueError: TLS knows no peeking
            return False
        except OSError:
            return True
        finally:
            self._socket.settimeout(_IDLE)

    def reset(self) -> None:
        """End with RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone


def read_head(stream: Stream, *, secure: bool) -> Request:
    """The request line and the headers. Raises ``Gone``."""
    first = stream.line().decode("latin-1").split(" ")
    if len(first) != 3:
        raise Gone
    headers: dict[str, str] = {}
    while line := stream.line():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(first[0], first[1], headers, secure)


def read_body(stream: Stream, request: Request) -> bytes:
    """The body as it came: with ``Transfer-Encoding: chunked`` without the framing."""
    if request.headers.get("expect", "").lower() == "100-continue":
        stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    if request.headers.get("transfer-encoding", "").lower() == "chunked":
        pieces = []
        while size := int(stream.line().split(b";")[0], 16):
            pieces.append(stream.read(size))
            stream.line()
        while stream.line():
            pass
        return b"".join(pieces)
    return stream.read(int(request.headers.get("content-length", "0")))


class Listener:
    """Listens on 127.0.0.1 and serves each connection in a thread. ``close`` ends all; ``open`` takes the same port again."""

    def __init__(self, serve: Callable[[Stream, bool], object], certificate: Certificate | None = None) -> None:
        self._serve = serve
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.certificate, certificate.key)
        self._lock = threading.Lock()
        self._sockets: dict[socket.socket, Stream | None] = {}
        self._threads: list[threading.Thread] = []
        self.port = 0
        self.connections = 0
        self._listener: socket.socket | None = None
        self.stopped = threading.Event()

    def open(self) -> None:
        """Begin to listen."""
        self.stopped.clear()
        self._listener = socket.create_server((LOOPBACK, self.port))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept, self._listener)

    def close(self) -> None:
        """Refuse connections from now on, and end those there are."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self.stopped.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        self.hang_up()
        for thread in self._take_threads():
            thread.join(10)

    def hang_up(self) -> None:
        """End the connections there are."""
        with self._lock:
            for sock, stream in self._sockets.items():
                if stream:
                    stream.over = True
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _take_threads(self) -> Iterable[threading.Thread]:
        with self._lock:
            threads, self._threads = self._threads, []
        return threads

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        with self._lock:
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.connections += 1
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._sockets[client] = None
                self._start(self._connection, client)

    def _connection(self, client: socket.socket) -> None:
        sock = client
        try:
            client.settimeout(10)
            if self._tls:
                sock = self._tls.wrap_socket(client, server_side=True)
            stream = self._sockets[client] = Stream(sock, self.stopped)
            while not self.stopped.is_set():
                self._serve(stream, self._tls is not None)
        except (OSError, Gone):
            return  # the client went away, or has to
        finally:
            with self._lock:
                self._sockets.pop(client, None)
            sock.close()
            client.close()
