"""The HTTP session under botocore: bounded answers, no redirects, cancel, a watchdog, and the system's CA store.

botocore signs, serialises and parses; its requests go through ``exchange`` (its ``before-send`` event, see ``client``). The
calls that move bytes take a bare connection, a ``Lane``, and do the rest themselves (``byte_calls``).
"""

from __future__ import annotations

import contextlib
import email.utils
import functools
import http.client
import io
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError
from botocore.httpsession import URLLib3Session, mask_proxy_url
from botocore.utils import get_environ_proxies
from urllib3 import exceptions as urllib3_errors
from urllib3.util.connection import is_connection_dropped
from urllib3.util.ssltransport import SSLTransport

from cloudtemple_browser.model.connections import Connection, is_loopback
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.s3.certificates import Witness

CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 20.0  # seconds without a byte
ANSWER_TIMEOUT = 60.0  # seconds until the answer to a request with a body begins
LONG_TIMEOUT = 600.0  # ... to one that lets the store put an object together
WINDOW = 60.0  # seconds in which a call must move
FLOOR = 1024  # bytes a second, on average, or its connection counts as lost: somebody may dribble
MAX_ANSWER = 16 << 20  # bytes: an honest page of 1,000 keys is under 2 MiB (1,024 bytes a key, percent-encoded, and the tags)
CHUNK = 256 << 10  # bytes a read waits for, so that progress and cancel are smooth and the GIL is released for long
_JUST_NOW = 0.02  # seconds for which a connection that was just used is not asked whether it is still open
_POOL = 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_turns = threading.Lock()  # whose a connection is


class Call:
    """One exchange with a store: another thread may end it, and it ends by itself when next to nothing moves.

    ``patience`` is how many seconds its answer may take to begin. What waits for the user's speed limit ``rests``.
    """

    def __init__(self, control: CallControl | None = None, patience: float = 0.0) -> None:
        self.control = control or CallControl()
        self.patience = patience or READ_TIMEOUT
        self.answered = False
        self._connection: Any = None
        self._window = max(WINDOW, self.patience)
        self._since, self._bytes = time.monotonic(), 0

    def use(self, connection: Any) -> None:
        """Take a urllib3 connection, which is no other call's from now on. Raises ``Cancelled``."""
        with _turns:
            self._connection, connection.call = connection, self
        self.answered, self._since, self._bytes = False, time.monotonic(), 0  # a proxy may have answered before
        if self.control.cancelled:
            raise Cancelled

    def end(self) -> None:
        """Wake the thread that waits for its socket. Any thread."""
        with _turns:
            if self._connection is not None and self._connection.call is self:
                shut_down(self._connection)

    def moved(self, count: int) -> None:
        """``count`` bytes went or came. Raises ``Cancelled``, and CONNECTION_LOST when it was too few for too long."""
        if self.control.cancelled:
            raise Cancelled
        self._bytes += count
        now = time.monotonic()
        if now - self._since > self._window:
            if self._bytes < self._window * FLOOR:
                message = f"{self._bytes} bytes in {now - self._since:.0f} s"
                raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message=message))
            self._since, self._bytes = now, 0

    def came(self, count: int) -> bool:
        """``moved`` for the answer; True for its first bytes, which may have taken their time."""
        if self.answered:
            self.moved(count)
            return False
        self.answered, self._since, self._bytes = True, time.monotonic(), 0
        return True

    def rest(self, seconds: float) -> None:
        """It did not move by intention."""
        self._since += seconds


class Calling:
    """A block of ``here`` that ends when its call is cancelled, with ``Cancelled`` in place of what that led to."""

    def __init__(self, call: Call, here: threading.local) -> None:
        self._call, self._here = call, here

    def __enter__(self) -> Call:
        self._here.call = self._call
        self._take_back = self._call.control.on_cancel(self._call.end)
        return self._call

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._take_back()
        self._here.call = None
        if isinstance(error, Exception) and self._call.control.cancelled:
            raise Cancelled from None


class Answer(http.client.HTTPResponse):
    """An answer whose bytes ``call`` sees as they come."""

    def __init__(self, sock: Any, call: Call, *args: Any, **kwargs: Any) -> None:
        super().__init__(_Watched(sock, call), *args, **kwargs)  # type: ignore[arg-type]


class _Watched(io.RawIOBase):
    """What ``http.client`` reads from in place of the socket."""

    def __init__(self, sock: Any, call: Call) -> None:
        self._sock, self._call = sock, call
        self._raw = sock.makefile("rb", buffering=0)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, 16 << 10)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._raw.readinto(buffer)
        if self._call.control.cancelled:
            raise Cancelled
        if count and self._call.came(count) and self._call.patience < LONG_TIMEOUT:  # which some fill with blanks
            self._sock.settimeout(READ_TIMEOUT)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


@dataclass(frozen=True, slots=True)
class Lane:
    """A connection for calls that move bytes. ``absolute`` and ``headers`` are what a proxy wants.

    ``used``: before, until ``since`` (``time.monotonic``).
    """

    connection: Any
    origin: str
    absolute: bool
    headers: dict[str, str]
    used: bool = False
    since: float = 0.0


class RawBody(Protocol):
    """urllib3's answer body, as far as it is used here."""

    def read(self, amt: int) -> bytes:
        """At most ``amt`` bytes; b"" at the end."""

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
        self._here = threading.local()  # ``call``: this thread's
        self._lock = threading.Lock()
        self._idle: dict[str, list[Lane]] = {}
        weakref.finalize(self, _close_all, self._idle).atexit = False  # who forgets a store leaves no socket open
        for scheme, pools in tuple(self._pool_classes_by_scheme.items()):
            self._pool_classes_by_scheme[scheme] = _tracking(pools, self._live, self._here)
        self.clock_ahead = 0.0  # seconds by which the store's clock is ahead of ours, from the last answer
        self._plain_proxy = bool(proxies_of(connection)) and connection.endpoint.startswith("http:")

    def _get_ssl_context(self) -> ssl.SSLContext:
        # botocore trusts certifi's list alone; companies put their authority into the operating system's store.
        context: ssl.SSLContext = super()._get_ssl_context()
        context.load_default_certs()
        context.sslsocket_class = Witness
        return context

    def exchange(
        self, request: AWSPreparedRequest, control: CallControl | None = None, patience: float = 0.0, *, body: bool = True
    ) -> AWSResponse:
        """Send a signed request and return its answer, read to the end; without ``body`` its head alone.

        ``patience`` is how many seconds the answer may take to begin, where it is more than usual. Raises REDIRECTED for every
        redirect, NOT_S3 for an answer above ``MAX_ANSWER`` bytes, CONNECTION_LOST after ``close``.
        """
        if self._plain_proxy and _has_dot_segments(request.url):
            # A forward proxy gets the absolute URL normalised by urllib3: key "a/../b" would be asked for as "b".
            raise BrowserError(ErrorKind.PROXY, ErrorFacts(message="keys with . or .. segments do not pass an http proxy"))
        request.stream_output = True
        for name, value in tuple(request.headers.items()):
            if isinstance(value, bytes):  # urllib3 stumbles over such at a 303; both are sent as the same bytes
                request.headers[name] = value.decode("latin-1")
        with self.calling(Call(control, patience or (ANSWER_TIMEOUT if request.body else 0.0))):
            answer = self.send(request)
            self.note_clock(answer.headers.get("Date", ""))
            if is_redirect(answer.status_code, answer.headers):
                answer.raw.close()
                raise redirected(answer.status_code, answer.headers)
            if not body:
                answer.raw.close()
                return answer
            whole = AWSResponse(answer.url, answer.status_code, answer.headers, _CappedBody(answer.raw))
            _ = whole.content
        return whole

    def calling(self, call: Call) -> Calling:
        """While the block runs in this thread, ``call`` is what its connections belong to: cancelled, it ends at once."""
        if self.closed:
            raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message="the connection was closed"))
        return Calling(call, self._here)

    def idle_lane(self, origin: str, call: Call) -> Lane | None:
        """A connection to ``origin`` that was used and is still open.

        Only inside ``calling``. It goes back with ``keep`` after a whole answer, else it is closed.
        """
        while True:
            with self._lock:
                idle = self._idle.get(origin)
                lane = idle.pop() if idle else None
            if lane is None:
                return None
            if time.monotonic() - lane.since < _JUST_NOW or not is_connection_dropped(lane.connection):
                call.use(lane.connection)
                return lane
            lane.connection.close()

    def keep(self, lane: Lane) -> None:
        """The lane's last answer is read to its end: it may be used again."""
        with self._lock:
            if not self.closed:
                self._idle.setdefault(lane.origin, []).append(replace(lane, used=True, since=time.monotonic()))
                return
        lane.connection.close()

    def new_lane(self, origin: str, call: Call) -> Lane:
        """A new connection, made as ``send`` and urllib3 make theirs, and with what ``send`` raises. As ``idle_lane``."""
        self._here.call = call  # this thread may be inside several, whose answers it waits for one after the other
        proxy = self._proxy_config.proxy_url_for(origin)
        pool = self._get_connection_manager(origin, proxy).connection_from_url(origin)
        self._setup_ssl_cert(pool, origin, self._verify)
        absolute = bool(proxy) and origin.startswith("http:")
        connection = pool._new_conn()
        connection.timeout = CONNECT_TIMEOUT
        try:
            if proxy and not absolute:
                pool._prepare_proxy(connection)
            else:
                connection.connect()
        except Exception as error:
            connection.close()
            if proxy and not connection.has_connected_to_proxy and isinstance(error, (OSError, urllib3_errors.HTTPError)):
                raise ProxyConnectionError(proxy_url=mask_proxy_url(proxy), error=error) from error
            if isinstance(error, urllib3_errors.NewConnectionError):
                raise EndpointConnectionError(endpoint_url=origin, error=error) from error
            if isinstance(error, urllib3_errors.ConnectTimeoutError):
                raise ConnectTimeoutError(endpoint_url=origin, error=error) from error
            raise
        return Lane(connection, origin, absolute, dict(pool.proxy_headers or {}) if absolute else {})

    def close(self) -> None:
        """Close the sockets, also under calls that wait for an answer, and refuse further requests. Any thread."""
        with self._lock:
            self.closed = True
            idle = self._idle.copy()
            self._idle.clear()
        for connection in tuple(self._live):
            shut_down(connection)
        _close_all(idle)
        super().close()

    def note_clock(self, date: str) -> float:
        """Learn from an answer how far ahead the store's clock is; returns the store's time, or ``UNKNOWN``."""
        when = moment(date)
        if when != UNKNOWN:
            self.clock_ahead = when - time.time()
        return when


@functools.lru_cache(64)
def moment(date: str) -> float:
    """A date in a header in seconds UTC, or ``UNKNOWN``."""
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:
        return UNKNOWN


def shut_down(connection: Any) -> None:
    """Wake whoever waits for the socket of a urllib3 connection."""
    sock = connection.sock
    if isinstance(sock, SSLTransport):  # TLS within that to an https:// proxy
        sock = sock.socket
    if sock is not None:
        with contextlib.suppress(OSError):  # it ended by itself
            # Not SSLSocket.shutdown, which would take the TLS state from under the thread that reads.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _tracking(pools: Any, live: weakref.WeakSet[Any], here: threading.local) -> type:
    """The pool class ``pools`` with connections that enter themselves in ``live`` and belong to their thread's call."""

    class Tracked(pools.ConnectionCls):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            live.add(self)
            here.call.use(self)

        def request(self, *args: Any, **kwargs: Any) -> None:
            here.call.use(self)
            super().request(*args, **kwargs)

        def getresponse(self) -> Any:
            self.timeout = here.call.patience
            return super().getresponse()

        def response_class(self, sock: Any, *args: Any, **kwargs: Any) -> Answer:
            return Answer(sock, here.call, *args, **kwargs)

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


def is_redirect(status: int, headers: Any) -> bool:
    """Whether an answer sends the request elsewhere."""
    return status in _REDIRECTS and not headers.get("x-amz-error-code")


def redirected(status: int, headers: Any) -> BrowserError:
    """What a redirect means: it is never followed."""
    target = urlsplit(header(headers, "location")).netloc
    region = header(headers, "x-amz-bucket-region")
    facts = ErrorFacts(status=status, request_id=header(headers, "x-amz-request-id"))
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


def _close_all(idle: dict[str, list[Lane]]) -> None:
    for lanes in idle.values():
        for lane in lanes:
            lane.connection.close()


def header(headers: Any, name: str) -> str:
    """A header's value as text, or ""."""
    return str(headers.get(name) or "")
