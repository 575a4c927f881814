"""What can go wrong with one request, by name."""

from __future__ import annotations

import threading
from dataclasses import replace

from faults.server import Action, Exchange
from faults.store import error
from faults.wire import Gone, Reply

FOREVER = 3600.0  # seconds: longer than anybody waits


def says(status: int, code: str, message: str = "", **headers: str) -> Action:
    """An error of S3, and nothing is done."""

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        reply = error(status, code, message)
        exchange.send(replace(reply, headers=reply.headers | {"x-amz-request-id": "fault"}).with_headers(**headers))

    return act


def replies(status: int, body: bytes | memoryview | str, **headers: str) -> Action:
    """Any answer, and nothing is done."""

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        exchange.send(Reply(status, body.encode() if isinstance(body, str) else bytes(body)).with_headers(**headers))

    return act


def after(reply: Action) -> Action:
    """It is done, and then answered differently."""

    def act(exchange: Exchange) -> None:
        exchange.answer()
        reply(exchange)

    return act


def raw(data: bytes) -> Action:
    """Bytes that need not be HTTP; then the connection ends."""

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        exchange.stream.send(data)
        raise Gone

    return act


def reset(exchange: Exchange) -> None:
    """RST instead of an answer; nothing is done."""
    _ = exchange.body
    exchange.reset()


def committed_reset(exchange: Exchange) -> None:
    """It is done, and then RST."""
    exchange.answer()
    exchange.reset()


def reset_while_sending(count: int) -> Action:
    """RST after so many bytes of the request's body."""

    def act(exchange: Exchange) -> None:
        exchange.stream.read(count)
        exchange.reset()

    return act


def reset_at(count: int) -> Action:
    """RST after so many bytes of the answer's body."""

    def act(exchange: Exchange) -> None:
        reply = exchange.answer()
        exchange.stream.send(reply.head())
        exchange.stream.send(memoryview(reply.body)[:count])
        exchange.reset()

    return act


def cut_at(count: int, *, length: bool = True) -> Action:
    """The answer's body ends early; ``length`` False: and nothing told how long it would be."""

    def act(exchange: Exchange) -> None:
        reply = exchange.answer()
        exchange.send(replace(reply, length=None if length else -1).with_headers(Connection="close"), cut=count)

    return act


def stall(seconds: float = FOREVER, at: int = -1) -> Action:
    """Silence: before the answer, or after so many bytes of its body; then it goes on."""

    def act(exchange: Exchange) -> None:
        if at < 0:
            _ = exchange.body
            exchange.stream.rest(seconds)
            exchange.send(exchange.answer())
            return
        reply = exchange.answer()
        exchange.stream.send(reply.head())
        exchange.stream.send(memoryview(reply.body)[:at])
        exchange.stream.rest(seconds)
        exchange.stream.send(memoryview(reply.body)[at:])

    return act


class Held:
    """The answer waits until ``go`` is set, while ``asked`` tells that somebody waits for it."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def __call__(self, exchange: Exchange) -> None:
        """See ``Action``."""
        _ = exchange.body
        self.asked.set()
        exchange.stream.rest(FOREVER, self.go)
        exchange.send(exchange.answer())


def slow(rate: float) -> Action:
    """The answer comes at so many bytes a second."""

    def act(exchange: Exchange) -> None:
        exchange.send(exchange.answer(), rate=rate)

    return act


def dribble(rate: float) -> Action:
    """Everything comes at so many bytes a second, the head too."""

    def act(exchange: Exchange) -> None:
        reply = exchange.answer()
        exchange.stream.send(reply.head() + reply.body, rate)

    return act


def flip(at: int) -> Action:
    """One bit of the answer's body is wrong."""

    def act(exchange: Exchange) -> None:
        reply = exchange.answer()
        body = bytearray(reply.body)
        body[at] ^= 1
        exchange.send(replace(reply, body=bytes(body)))

    return act


def with_headers(*dropped: str, **headers: str) -> Action:
    """The answer with other headers (``_`` is a hyphen), and without some."""

    def act(exchange: Exchange) -> None:
        exchange.send(
            exchange.answer().without(*dropped, *(name.replace("_", "-") for name in headers)).with_headers(**headers)
        )

    return act


def ignores(*headers: str) -> Action:
    """As if these headers of the request had not come (lower case): ``range``, ``if-match``, ``if-none-match``."""

    def act(exchange: Exchange) -> None:
        exchange.send(exchange.answer(without=headers))

    return act


def short(missing: int) -> Action:
    """A 206 that gives less than was asked for, and says so in Content-Range."""

    def act(exchange: Exchange) -> None:
        reply = exchange.answer()
        span, _, size = reply.headers["Content-Range"].removeprefix("bytes ").partition("/")
        first, last = span.split("-")
        body = memoryview(reply.body)[: len(reply.body) - missing]
        headers = reply.headers | {"Content-Range": f"bytes {first}-{int(last) - missing}/{size}"}
        exchange.send(replace(reply, body=body, headers=headers))

    return act


def redirects(location: str, status: int = 302) -> Action:
    """To somewhere else, as a captive portal does."""
    return replies(status, b"", Location=location, Content_Type="text/html")


PORTAL = b"<!DOCTYPE html><html><head><title>Free WiFi</title></head><body>Please sign in</body></html>"
portal = replies(200, PORTAL, Content_Type="text/html")


def discards(exchange: Exchange) -> None:
    """A part is taken as if it were kept, and its bytes are forgotten: for more than fits in the memory."""
    body = exchange.body
    reply = exchange.answer()
    upload = exchange.server.store.buckets[exchange.log.bucket].uploads.get(exchange.request.query.get("uploadId", ""))
    if upload and exchange.log.committed:
        upload.parts[exchange.log.number] = replace(upload.parts[exchange.log.number], body=body[:0])
    exchange.send(reply)
