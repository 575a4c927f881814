"""The calls that go by the thousand: HeadObject, PutObject, UploadPart and GetObject, without botocore's machinery.

For a small object that takes longer than its bytes. Connections, signatures and what is believed are those of ``client``.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import http.client
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_read, wait_for_write

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.steps import Steps, Waiting, aside, finish, in_steps
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.s3 import http as sessions
from cloudtemple_browser.s3.answers import MOST_HEAD, Answer
from cloudtemple_browser.s3.client import Api, expect
from cloudtemple_browser.s3.errors import is_html, translate_error
from cloudtemple_browser.s3.http import (
    CHUNK,
    MAX_ANSWER,
    Call,
    Lane,
    is_redirect,
    redirected,
)
from cloudtemple_browser.s3.signing import encoded, query_of
from cloudtemple_browser.s3.throttle import DOWNLOADS, UPLOADS

log = logging.getLogger(__name__)

PIECE = 1 << 20  # bytes a send: the socket takes what it can of it
_MEMORY = 1 << 20  # bytes for what comes, of which a read takes what is there, and waits for ``CHUNK``
_AT_ONCE = 16 << 10  # bytes: those of a TLS record at most (RFC 8446, 5.1)
TLS_PIECE = 64 << 10  # ... which TLS takes whole, so that at FLOOR it is done within WINDOW
_TOGETHER = 64 << 10  # bytes: up to here, head and body are one write
_LARGE = 1 << 20  # bytes from which a second hash of a body is worth leaving out
_WANTS_HASH = frozenset({ErrorKind.CHECKSUM_STYLE, ErrorKind.BAD_REQUEST, ErrorKind.UNSUPPORTED, ErrorKind.WRONG_SECRET})
_SLOW = 1.0  # seconds
_INTERIM = b"HTTP/1.1 1"
_MOMENT = 1.0  # seconds that there are at least to read an answer that may have come while others were read
_LOST = (ConnectionError, http.client.HTTPException, ssl.SSLEOFError, ssl.SSLZeroReturnError)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_is_name = functools.lru_cache(256)(_NAME.fullmatch)
_VALUE = re.compile(r"[\t\x20-\x7e]*")

_here = threading.local()  # ``memory``: this thread's


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for."""

    operation: str
    method: str
    ref: ObjectRef
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes | memoryview = b""
    repeatable: bool = True  # by itself, over a connection that turns out to have been closed


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that succeeded: its status and its headers, whose names are in lower case; ``when`` it was, in seconds UTC."""

    status: int
    headers: dict[str, str]
    when: float


def ask(api: Api, request: Request, control: CallControl) -> Steps[Reply]:
    """Send a request, its body included, and return the answer, of which the head is all. ``BrowserError``, ``Cancelled``."""
    return _ask(api, request, control, _rest)


def asked(api: Api, request: Request, control: CallControl) -> Reply:
    """``ask``, and wait for the answer."""
    return finish(ask(api, request, control))


def receive(
    api: Api, request: Request, check: Callable[[Reply], int], sink: Callable[[memoryview], object], control: CallControl
) -> Steps[Reply]:
    """Ask for an object's bytes and give them to ``sink``: as many as ``check`` says, which raises for the wrong answer."""

    def body(answer: Answer, reply: Reply, call: Call) -> Steps[None]:
        length = check(reply)
        came = yield from _read(answer, length, sink, call)
        if came != length:
            raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message=f"{came} of {length} bytes"))

    return _ask(api, request, control, body)


def md5_header(body: bytes | memoryview, known: str = "") -> tuple[str, str]:
    """The MD5 of a body in hex, which may be ``known``, and as Content-MD5."""
    digest = bytes.fromhex(known) if known else hashlib.md5(body, usedforsecurity=False).digest()
    return digest.hex(), base64.b64encode(digest).decode()


_Body = Callable[[Answer, Reply, Call], Steps[None]]


def _ask(api: Api, request: Request, control: CallControl, body: _Body) -> Steps[Reply]:
    started, outcome, reply, plain = time.monotonic(), "ok", None, False
    try:
        reply = yield from _signed_as_wanted(api, request, control, body)
        plain = True
    except (Cancelled, GeneratorExit):
        outcome = "cancelled"
        raise
    except Exception as error:
        translated = translate_error(error, request.operation, str(request.ref), api.connection.endpoint)
        outcome = str(translated)
        plain = isinstance(translated, BrowserError) and translated.kind is ErrorKind.NO_OBJECT  # an answer like any other
        raise translated from error
    else:
        return reply
    finally:
        elapsed = time.monotonic() - started
        if not plain or elapsed > _SLOW:  # a transfer may be thousands of these
            told = ascii(reply.headers.get("x-amz-request-id", "")) if reply else ""
            log.info("%s %s %.0f ms: %s %s", request.operation, ascii(str(request.ref)), elapsed * 1000, ascii(outcome), told)


def _signed_as_wanted(api: Api, request: Request, control: CallControl, body: _Body) -> Steps[Reply]:
    """Leave the SHA-256 out of a large body's signature, which covers its MD5, unless the store turns out to want it."""
    if len(request.body) < _LARGE or Trait.WANTS_BODY_HASH in api.learnt or api.place_of(request.ref.bucket).secure:
        return (yield from _exchange(api, request, control, body))
    try:
        reply = yield from _exchange(api, request, control, body, bare=True)
    except ClientError as error:
        translated = translate_error(error, request.operation, str(request.ref), api.connection.endpoint)
        if api.took_bare_body or not isinstance(translated, BrowserError) or translated.kind not in _WANTS_HASH:
            raise
    else:
        api.took_bare_body = True
        return reply
    reply = yield from _exchange(api, request, control, body)
    api.learnt.add(Trait.WANTS_BODY_HASH)
    return reply


def _exchange(api: Api, request: Request, control: CallControl, body: _Body, *, bare: bool = False) -> Steps[Reply]:
    place = api.place_of(request.ref.bucket)
    name = encoded(request.ref.key)
    headers = {"Host": place.host, "User-Agent": place.agent, "Accept-Encoding": "identity", **request.headers}
    for header, value in headers.items():
        if not _is_name(header) or not _VALUE.fullmatch(value):  # a line break would begin another header
            raise BrowserError(ErrorKind.BAD_REQUEST, ErrorFacts(message=f"header {header!a}: {value!a}"))
    api.signer.sign(request.method, place, name, request.query, headers, request.body, bare=bare)
    target = place.path + name + (f"?{query_of(request.query)}" if request.query else "")
    if request.method == "PUT":
        headers["Content-Length"] = str(len(request.body))
    lines = "".join([f"{header}: {value}\r\n" for header, value in headers.items()])
    fresh = False
    while True:
        sent = _Sent(control)
        with api.http.calling(Call(control, sessions.ANSWER_TIMEOUT if request.body else 0.0)) as call:
            if len(request.body) <= _TOGETHER:
                call.rest((yield from UPLOADS.take(len(request.body), control)))
            lane = None if fresh else api.http.idle_lane(place.origin, call)
            if lane is None:
                lane = yield from aside(control, partial(api.http.new_lane, place.origin, call), _close)
            start = f"{request.method} {place.origin if lane.absolute else ''}{target} HTTP/1.1\r\n"
            proxied = "".join([f"{header}: {value}\r\n" for header, value in lane.headers.items()])
            try:
                call.use(lane.connection)  # its time begins now: others may have been sent since it was connected
                yield from _tell(lane, request, f"{start}{proxied}{lines}\r\n".encode("ascii"), call, sent)
                until = time.monotonic() + call.patience
                begun = yield from _begun(lane.connection.sock, until, control)
                answer = Answer(lane.connection.sock, call, _memory(), bare=request.method == "HEAD", begun=begun)
                reply = yield from _believe(api, request, answer, call)
                yield from body(answer, reply, call)
            except ClientError:  # read whole: the connection may go on, as after a HEAD's 404
                _leave(api, lane, answer, all_read=not request.body)
                raise
            except BaseException as error:
                lane.connection.close()
                # The store may close a connection that was idle just when it is used again.
                stale = lane.used and not call.answered and not control.cancelled and isinstance(error, _LOST)
                if not stale or not request.repeatable:
                    raise
                sent.take_back()
                fresh = True
                continue
            _leave(api, lane, answer, all_read=sent.all)
            return reply


def _begun(sock: Any, until: float, control: CallControl) -> Steps[bytes]:
    """Wait for the answer; where others wait for this thread, until its head is whole, and return what came."""
    begun = b""
    while True:
        if not (begun and isinstance(sock, ssl.SSLSocket) and sock.pending()):
            yield Waiting((sock,), until)
        _allow(sock, until)
        if not in_steps(control) or isinstance(sock, SSLTransport):
            return begun
        sock.settimeout(0.0)
        try:
            came: bytes = sock.recv(_AT_ONCE)
        except (ssl.SSLWantReadError, BlockingIOError):
            continue
        if not begun:
            until = time.monotonic() + sessions.READ_TIMEOUT
        begun += came
        if not came or len(begun) >= MOST_HEAD or b"\r\n\r\n" in _after_interim(begun):
            sock.settimeout(max(_MOMENT, until - time.monotonic()))
            return begun


def _allow(sock: Any, until: float) -> None:
    """Let reads wait until then; raises ``TimeoutError`` when that is past, and nothing is there."""
    left = until - time.monotonic()
    if left <= 0 and not wait_for_read(sock, 0.0):
        raise TimeoutError
    sock.settimeout(max(_MOMENT, left))


def _close(lane: Lane) -> None:
    lane.connection.close()


def _leave(api: Api, lane: Lane, answer: Answer, *, all_read: bool) -> None:
    """Keep the connection for another request, if the store has surely read all of this one."""
    if all_read and answer.leaves_a_connection:
        api.http.keep(lane)
    else:
        lane.connection.close()


class _Sent:
    """How much of a body went out."""

    def __init__(self, control: CallControl) -> None:
        self.bytes = 0
        self.all = False
        self._control = control

    def more(self, count: int) -> None:
        self.bytes += count
        self._control.moved(count)

    def take_back(self) -> None:
        """It is sent again."""
        if self.bytes:
            self._control.moved(-self.bytes)


def _tell(lane: Lane, request: Request, head: bytes, call: Call, sent: _Sent) -> Steps[None]:
    """Send the request."""
    sock = lane.connection.sock
    sock.settimeout(sessions.WINDOW)
    try:
        sent.all = yield from _send(sock, head, memoryview(request.body), call, sent)
    except TimeoutError as error:
        message = f"the store took nothing for {sessions.WINDOW:.0f} s"
        raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message=message)) from error
    except (BrokenPipeError, ConnectionResetError):
        if not sent.bytes and lane.used:  # it was idle for long, and is tried anew
            raise
        # It may have refused before the end, and said so.


def _send(sock: Any, head: bytes, body: memoryview, call: Call, sent: _Sent) -> Steps[bool]:
    """Whether all of it went out: a store that takes no more may have answered already, or hung up."""
    secure = isinstance(sock, (ssl.SSLSocket, SSLTransport))
    most = TLS_PIECE if secure else PIECE
    if len(body) <= _TOGETHER:
        sock.sendall(head + bytes(body))
        call.moved(len(body))
        sent.more(len(body))
        return True
    sock.sendall(head)
    while body:
        piece = body[: UPLOADS.piece(most)]
        call.rest((yield from UPLOADS.take(len(piece), call.control)))
        if not secure and not _may_send(sock):
            return False
        count = sock.send(piece)
        call.moved(count)
        sent.more(count)
        body = body[count:]
    return True


def _may_send(sock: Any) -> bool:
    """Wait until more can be sent; False when the store has had its say. Raises ``TimeoutError``."""
    until = time.monotonic() + sessions.WINDOW
    while not wait_for_write(sock, min(_MOMENT, sessions.WINDOW)):
        if _has_answered(sock):
            return False
        if time.monotonic() > until:
            raise TimeoutError
    return True


def _has_answered(sock: Any) -> bool:
    """Whether there is an answer that is more than a word in between, or the connection's end. Over TLS only reading tells."""
    if not wait_for_read(sock, 0.0):
        return False
    came = sock.recv(MOST_HEAD, socket.MSG_PEEK)
    return not came or bool(_after_interim(came))


def _after_interim(came: bytes) -> bytes:
    """What came of an answer after words in between."""
    while came.startswith(_INTERIM):
        came = came.partition(b"\r\n\r\n")[2]
    return came


def _believe(api: Api, request: Request, answer: Answer, call: Call) -> Steps[Reply]:
    """What an answer says, if it is one of S3 that says yes; else the error that it tells."""
    status, headers = answer.status, answer.headers
    when = api.http.note_clock(headers.get("date", ""))
    if is_redirect(status, headers):
        raise redirected(status, headers)
    if status < 300:
        if request.method == "PUT":
            expect(headers.get("x-amz-request-id") or not is_html(headers), "sign of S3: it is a web page")
        return Reply(status, headers, when)
    pieces: list[bytes] = []
    length = yield from _read(answer, MAX_ANSWER, lambda piece: pieces.append(bytes(piece)), call, limited=False)
    if length == MAX_ANSWER:
        raise BrowserError(ErrorKind.NOT_S3, ErrorFacts(message=f"answer above {MAX_ANSWER} bytes"))
    raise ClientError(api.parse_error(request.operation, status, headers, b"".join(pieces)), request.operation)


def _rest(answer: Answer, _reply: Reply, call: Call) -> Steps[None]:
    """Read what follows the head of an answer that proves itself by its head."""
    yield from _read(answer, MAX_ANSWER, lambda _piece: None, call, limited=False)


def _read(answer: Answer, length: int, sink: Callable[[memoryview], object], call: Call, *, limited: bool = True) -> Steps[int]:
    """Read at most ``length`` bytes of a body; returns how many came. ``limited``: by the user, and counted as moved."""
    total, with_others = 0, in_steps(call.control)
    least = 1 if with_others else CHUNK
    while total < length:
        if with_others and answer.step_aside():
            until = time.monotonic() + sessions.READ_TIMEOUT
            yield Waiting((answer.sock,), until)
            _allow(answer.sock, until)
        piece = answer.read(min(DOWNLOADS.piece(_MEMORY) if limited else _MEMORY, length - total), least)
        count = len(piece)
        if not count:
            break
        if limited:
            call.rest((yield from DOWNLOADS.take(count, call.control)))
            call.control.moved(count)
        sink(piece)
        total += count
        if call.control.cancelled:
            raise Cancelled
    return total


def _memory() -> bytearray:
    """This thread's, for what comes."""
    try:
        memory: bytearray = _here.memory
    except AttributeError:
        memory = _here.memory = bytearray(_MEMORY)
    return memory
