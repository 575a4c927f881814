"""The HTTP session under botocore: bounded answers, no redirects, progress, cancel, and the operating system's CA store.

botocore signs, serialises and parses; the bytes go through here (its ``before-send`` event, see ``client``).
"""

from __future__ import annotations

import contextlib
import email.utils
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from cloudtemple_browser.model.connections import Connection, is_loopback
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind

CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 20.0  # seconds without a byte
MAX_ANSWER = 16 << 20  # bytes: an honest page of 1,000 keys is under 2 MiB (1,024 bytes a key, percent-encoded, and the tags)
CHUNK = 256 << 10  # bytes a read or a send, so that progress and cancel are smooth and the GIL is released for long
_POOL = 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class RawBody(Protocol):
    """urllib3's answer body, as far as it is used here."""

    def read(self, amt: int) -> bytes:
        """At most ``amt`` bytes; b"" at the end."""

    def stream(self) -> Iterator[bytes]:
        """The rest of the body in pieces."""

    def close(self) -> None:
        """Close the connection without reading the rest."""


class HttpSession(URLLib3Session):  # type: ignore[misc]
    """One connection's sockets. Thread-safe. Raises botocore's exceptions, ``BrowserError`` and ``Cancelled``."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(
            verify=connection.ca_bundle or True,
            proxies=proxies_of(connection),
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            max_pool_connections=_POOL,
            # Head and body go out as two writes: without this the second waits 40 ms for the store's delayed acknowledgement.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        self.closed = False
        self._live: weakref.WeakSet[Any] = weakref.WeakSet()
        for scheme, pools in tuple(self._pool_classes_by_scheme.items()):
            self._pool_classes_by_scheme[scheme] = _tracking(pools, self._live)
        self.clock_ahead = 0.0  # seconds by which the store's clock is ahead of ours, from the last answer
        self._plain_proxy = bool(proxies_of(connection)) and connection.endpoint.startswith("http:")

    def _get_ssl_context(self) -> ssl.SSLContext:
        # botocore trusts certifi's list alone; companies put their authority into the operating system's store.
        context: ssl.SSLContext = super()._get_ssl_context()
        context.load_default_certs()
        return context

    def exchange(self, request: AWSPreparedRequest, control: CallControl | None = None) -> AWSResponse:
        """Send a signed request and return its answer: a streaming one with its body unread, any other read to the end.

        Raises REDIRECTED for every redirect, NOT_S3 for an answer above ``MAX_ANSWER`` bytes, CONNECTION_LOST after ``close``.
        """
        if self.closed:
            raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message="the connection was closed"))
        if self._plain_proxy and _has_dot_segments(request.url):
            # A forward proxy gets the absolute URL normalised by urllib3: key "a/../b" would be asked for as "b".
            raise BrowserError(ErrorKind.PROXY, ErrorFacts(message="keys with . or .. segments do not pass an http proxy"))
        streaming, request.stream_output = request.stream_output, True
        if control and isinstance(request.body, bytes) and request.body:
            request.body = _SendingBody(request.body, control)
        for name, value in tuple(request.headers.items()):
            if isinstance(value, bytes):  # urllib3 stumbles over such at a 303; both are sent as the same bytes
                request.headers[name] = value.decode("latin-1")
        answer = self.send(request)
        self._note_clock(answer.headers.get("Date", ""))
        if answer.status_code in _REDIRECTS and not answer.headers.get("x-amz-error-code"):
            answer.raw.close()
            raise _redirected(answer)
        if streaming and answer.status_code < 300:
            return answer
        return AWSResponse(answer.url, answer.status_code, answer.headers, _CappedBody(answer.raw))

    def close(self) -> None:
        """Close the sockets, also under calls that wait for an answer, and refuse further requests. Any thread."""
        self.closed = True
        for connection in tuple(self._live):
            if connection.sock is not None:
                with contextlib.suppress(OSError):  # it ended by itself
                    # Not SSLSocket.shutdown, which would take the TLS state from under the thread that reads.
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        super().close()

    def _note_clock(self, date: str) -> None:
        try:
            self.clock_ahead = email.utils.parsedate_to_datetime(date).timestamp() - time.time()
        except ValueError:
            return


def _tracking(pools: Any, live: weakref.WeakSet[Any]) -> type:
    """The pool class ``pools`` with connections that enter themselves in ``live``."""

    class Tracked(pools.ConnectionCls):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            live.add(self)

    return type(pools.__name__, (pools,), {"ConnectionCls": Tracked})


def check_ca_bundle(connection: Connection) -> None:
    """Raise CA_BUNDLE when the connection's CA bundle cannot be loaded: the first request would fail in odd ways."""
    if connection.ca_bundle:
        try:
            ssl.create_default_context(cafile=connection.ca_bundle)
        except OSError as error:  # ssl.SSLError is one
            message = f"{connection.ca_bundle}: {error.strerror or error}"
            raise BrowserError(ErrorKind.CA_BUNDLE, ErrorFacts(message=message)) from error


def proxies_of(connection: Connection) -> dict[str, str]:
    """The proxies for a connection: its own, else the system's; never one for this machine itself."""
    if is_loopback(connection.host):
        return {}
    if connection.proxy:
        return {"http": connection.proxy, "https": connection.proxy}
    found: dict[str, str] = get_environ_proxies(connection.endpoint)
    return found


def _has_dot_segments(url: str) -> bool:
    return any(part in (".", "..") for part in urlsplit(url).path.split("/"))


def _redirected(answer: AWSResponse) -> BrowserError:
    target = urlsplit(answer.headers.get("Location", "")).netloc
    region = answer.headers.get("x-amz-bucket-region", "")
    facts = ErrorFacts(status=answer.status_code, request_id=answer.headers.get("x-amz-request-id", ""))
    if region:
        return BrowserError(ErrorKind.REGION, facts, (("region", region),))
    return BrowserError(ErrorKind.REDIRECTED, facts, (("target", target or "?"),))


class _CappedBody:
    """A body that ends in NOT_S3 instead of filling the memory."""

    def __init__(self, raw: RawBody) -> None:
        self._raw = raw

    def stream(self) -> Iterator[bytes]:
        total = 0
        while piece := self._raw.read(CHUNK):
            total += len(piece)
            if total > MAX_ANSWER:
                self._raw.close()
                raise BrowserError(ErrorKind.NOT_S3, ErrorFacts(message=f"answer above {MAX_ANSWER} bytes"))
            yield piece

    def close(self) -> None:
        """Close the connection without reading the rest."""
        self._raw.close()


class _SendingBody:
    """A request body that reports what goes out and can be cancelled between two pieces."""

    def __init__(self, data: bytes, control: CallControl) -> None:
        self._data = memoryview(data)
        self._control = control
        self._at = 0

    def __len__(self) -> int:
        return len(self._data)

    def read(self, _amount: int = -1) -> memoryview:
        if self._control.cancelled:
            raise Cancelled
        piece = self._data[self._at : self._at + CHUNK]
        self._at += len(piece)
        if piece:
            self._control.moved(len(piece))
        return piece


def read_in_pieces(raw: RawBody, control: CallControl, sink: Callable[[memoryview], object], limit: int) -> int:
    """Read at most ``limit`` bytes of a streaming body into ``sink`` and return how many came. Raises ``Cancelled``."""
    total = 0
    try:
        while total < limit and (piece := raw.read(min(CHUNK, limit - total))):
            if control.cancelled:
                raise Cancelled
            total += len(piece)
            sink(memoryview(piece))
            control.moved(len(piece))
    finally:
        # A body that is read to its end gives its connection back to the pool by itself; any other is closed with its socket.
        if total != limit:
            raw.close()
    return total


def header(headers: Any, name: str) -> str:
    """A header's value as text, or ""."""
    return str(headers.get(name) or "")
