"""The fault server: a strict store in memory, and rules that make it fail in any way at any request.

``server.fault(action, "GetObject", times=2)`` lets the next two answers to GetObject go wrong. An action is called with the
``Exchange`` and does what it wants with the connection; ``faults.actions`` has them by name.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from faults.signatures import Refusal, Verifier
from faults.store import Dialect, Store, error, operation
from faults.wire import Gone, Listener, Reply, Request, Stream, read_body, read_head
from servers.process import LOOPBACK
from servers.s3 import User, raw_client
from servers.tls import Certificate


@dataclass(slots=True)
class Logged:
    """One request: what came and what went, in bytes over the wire (bodies and heads), and when (monotonic seconds)."""

    operation: str
    bucket: str
    key: str
    request: Request
    began: float
    number: int = 0
    status: int = 0
    received: int = 0
    sent: int = 0
    committed: bool = False
    ended: float = 0.0

    @property
    def start(self) -> int:
        """The first byte that a ranged GET asks for."""
        return int(self.request.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0] or 0)


class Exchange:
    """A request that is being answered, for an action. What it does not read or send does not happen."""

    def __init__(self, server: FaultServer, stream: Stream, request: Request, log: Logged) -> None:
        self.server, self.stream, self.request, self.log = server, stream, request, log
        self._body: bytes | None = None

    @property
    def body(self) -> bytes:
        """The request's body, read now."""
        if self._body is None:
            self._body = read_body(self.stream, self.request)
        return self._body

    def answer(self, *, without: Iterable[str] = ()) -> Reply:
        """What the store answers, after what it does; as if some headers had not come."""
        dropped = set(without)
        kept = {name: value for name, value in self.request.headers.items() if name not in dropped}
        return self.server.answer(self.request, replace(self.request, headers=kept), self.body, self.log)

    def send(self, reply: Reply, *, rate: float = 0.0, cut: int = -1) -> None:
        """Send an answer: of its body the first ``cut`` bytes only, at ``rate`` bytes a second."""
        self.log.status = reply.status
        self.stream.send(reply.head())
        if self.request.method != "HEAD":
            self.stream.send(memoryview(reply.body)[: cut if cut >= 0 else len(reply.body)], rate)
        if cut >= 0 or reply.length is not None:
            raise Gone

    def reset(self) -> None:
        """End the connection with RST."""
        self.stream.reset()


Action = Callable[[Exchange], None]


@dataclass(slots=True)
class Rule:
    """Which requests an action is for: those of an operation (one of several, "" any), of a key, of a part or first byte."""

    action: Action
    operations: tuple[str, ...]
    key: str | None = None
    number: int | None = None
    start: int | None = None
    skip: int = 0
    times: int = 1 << 30
    hits: int = 0

    def takes(self, log: Logged) -> bool:
        """Whether the action is for this request, which then counts."""
        if self.operations and log.operation not in self.operations:
            return False
        if self.key not in (None, log.key) or self.number not in (None, log.number) or self.start not in (None, log.start):
            return False
        self.hits += 1
        return self.skip < self.hits <= self.skip + self.times


@dataclass(slots=True)
class FaultServer:
    """``with FaultServer() as server:`` listens on a free port of 127.0.0.1.

    ``region``: the only one it accepts ("" any). ``clock``: its time less this machine's, in seconds. ``barred``: every signed
    request is refused for its source address. ``weather``: an action for a request by chance, or None.
    """

    dialect: Dialect = field(default_factory=Dialect)
    certificate: Certificate | None = None
    region: str = ""
    clock: float = 0.0
    barred: bool = False
    weather: Callable[[Logged], Action | None] | None = None
    user: User = field(default_factory=User.fresh)
    log: list[Logged] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    store: Store = field(init=False)
    keys: dict[str, str] = field(init=False)
    _listener: Listener = field(init=False)
    _lock: Any = field(default_factory=threading.Lock)
    _ids: str = field(default_factory=lambda: secrets.token_hex(4))

    def __post_init__(self) -> None:
        self.store = Store(self.dialect)
        self.keys = {self.user.access_key: self.user.secret_key}
        self._listener = Listener(self._serve, self.certificate)

    def __enter__(self) -> Self:
        self._listener.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.close()

    # --- for tests -------------------------------------------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return f"{'https' if self.certificate else 'http'}://{LOOPBACK}:{self._listener.port}"

    @property
    def connections(self) -> int:
        """How many connections came."""
        return self._listener.connections

    def client(self) -> Any:
        """A plain client of the server's user."""
        return raw_client(
            self.endpoint, self.user, self.region or "fr1", str(self.certificate.certificate) if self.certificate else ""
        )

    def fault(
        self,
        action: Action,
        *operations: str,
        key: str | None = None,
        number: int | None = None,
        start: int | None = None,
        skip: int = 0,
        times: int = 1 << 30,
    ) -> Rule:
        """Let requests go wrong: after ``skip`` of them, ``times`` times. Earlier rules go first. Returns the rule."""
        rule = Rule(action, operations, key, number, start, skip, times)
        with self._lock:
            self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self.rules.clear()

    def forget(self) -> None:
        """Empty the log."""
        with self._lock:
            self.log.clear()

    def asked(self, *operations: str, key: str | None = None) -> list[Logged]:
        """The requests so far, of these operations."""
        with self._lock:
            return [one for one in self.log if (not operations or one.operation in operations) and key in (None, one.key)]

    def count(self, *operations: str, key: str | None = None) -> int:
        """How many there were."""
        return len(self.asked(*operations, key=key))

    @property
    def received(self) -> int:
        """The bytes that all logged requests brought."""
        return sum(one.received for one in self.asked())

    @property
    def sent(self) -> int:
        """The bytes that all answers took."""
        return sum(one.sent for one in self.asked())

    def down(self) -> None:
        """Refuse connections, and end those there are."""
        self._listener.close()

    def up(self) -> None:
        """Take connections again, on the same port."""
        self._listener.open()

    def hang_up(self) -> None:
        """End the connections there are; new ones are taken."""
        self._listener.hang_up()

    # --- requests --------------------------------------------------------------------------------------------------------

    def _serve(self, stream: Stream, secure: bool) -> None:
        received, sent = stream.received, stream.sent
        request = read_head(stream, secure=secure)
        bucket, key = self._address(request)
        log = Logged(operation(request, key, bucket), bucket, key, request, time.monotonic())
        log.number = int(request.query.get("partNumber") or 0)
        exchange = Exchange(self, stream, request, log)
        with self._lock:
            self.log.append(log)
            action = next((rule.action for rule in self.rules if rule.takes(log)), None)
        if action is None and self.weather:
            action = self.weather(log)
        try:
            if action:
                action(exchange)
            else:
                exchange.send(exchange.answer())
            _ = exchange.body  # nothing of it may be taken for the next request
            if request.headers.get("connection", "").lower() == "close":
                raise Gone
        finally:
            log.received, log.sent, log.ended = stream.received - received, stream.sent - sent, time.monotonic()

    def _address(self, request: Request) -> tuple[str, str]:
        path = unquote(request.path, errors="surrogateescape").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        host = request.headers.get("host", "").rpartition(":")[0]
        if not self.dialect.path_style_only and host.endswith(".localhost"):
            return host.removesuffix(".localhost"), path[1:]
        bucket, _, key = path[1:].partition("/")
        return bucket, key

    def answer(self, asked: Request, request: Request, body: bytes, log: Logged) -> Reply:
        """What the store answers to ``request``, when ``asked`` is signed."""
        common = {"x-amz-request-id": f"{self._ids}-{id(log):x}", "Server": "faults", "Date": _now(self.clock)}
        try:
            user = Verifier(self.keys, self.region, self.clock).user(asked, body)
            if user and self.barred:
                raise Refusal(403, "AccessDenied", "Access Denied")
            reply = self.store.answer(request, body, log.bucket, log.key, user)
            log.committed = True
        except Refusal as refusal:
            reply = error(refusal.status, refusal.code, refusal.message, refusal.extra)
        return replace(reply, headers=common | reply.headers)


def _now(clock: float) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + clock))


def host_of(endpoint: str) -> str:
    """The address in an endpoint."""
    return urlsplit(endpoint).netloc
