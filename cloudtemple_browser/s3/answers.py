"""HTTP answers of the calls that move bytes, read from their sockets: ``http.client`` takes as long for a head as all else.

Strict where a doubt could make one answer look like another (https://www.rfc-editor.org/rfc/rfc9112): a head is lines of
``token: value`` that end in CR LF, its length and the body's are bounded, and there is one Content-Length. What is not so
raises ``http.client.HTTPException``, like an end before the end; then the connection must not be used again.
"""

from __future__ import annotations

import re
from http.client import HTTPException, RemoteDisconnected
from typing import Any

from urllib3.util.ssltransport import SSLTransport

from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.s3 import http as sessions
from cloudtemple_browser.s3.http import LONG_TIMEOUT, Call

MOST_HEAD = 64 << 10  # bytes
OWN_MEMORY = 64 << 10  # bytes
MOST_LINES = 100  # in a head
MOST_INTERIM = 10  # answers 1xx before the one that counts
MOST_LINE = 4 << 10  # bytes of a chunk's first line

_END, _LINE_END = b"\r\n\r\n", b"\r\n"
_STATUS = re.compile(r"HTTP/1\.([01]) ([1-5]\d\d)(?: [^\r\n\0]*)?\r\n")
_LINE = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n"  # https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_LINES = re.compile(f"(?:{_LINE})*")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n\0]*)?\r\n")
_NO_BODY = frozenset({204, 304})


class Head:
    """The start of an answer (with the empty line at its end): status, headers, and what its body is.

    Names are in lower case, what came twice is joined. ``length`` in bytes is None where the body ends by itself (``chunked``)
    or with the connection. ``last``: nothing else comes over this connection. ``bare``: it answers a HEAD, and has no body.
    """

    def __init__(self, head: bytes, *, bare: bool = False) -> None:
        text = head[:-2].decode("latin-1")
        start = _STATUS.match(text)
        if start is None or not _LINES.fullmatch(text, start.end()):
            raise HTTPException("the head of the answer is malformed")
        self.status = int(start[2])
        lines = text[start.end() :].split("\r\n")[:-1]
        if len(lines) > MOST_LINES:
            raise HTTPException(f"more than {MOST_LINES} headers")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip(" \t")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        self.headers = headers
        self._frame(keeps=start[1] == "1", bare=bare)

    def _frame(self, *, keeps: bool, bare: bool) -> None:
        """How long the body is. https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length."""
        length, coding = self.headers.get("content-length"), self.headers.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            raise HTTPException(f"Transfer-Encoding {coding!a}")
        if length is not None and not _LENGTH.fullmatch(length):
            raise HTTPException(f"Content-Length {length!a}")
        empty = bare or self.status in _NO_BODY
        self.chunked = coding is not None and not empty
        self.length = 0 if empty else None if self.chunked or length is None else int(length)
        wish = self.headers.get("connection", "").lower()
        keeps = "close" not in wish if keeps else "keep-alive" in wish
        self.last = not keeps or (self.length is None and not self.chunked) or None not in (length, coding)


def _holds_some(sock: Any) -> bool:
    """Whether a read need not wait although nothing comes: TLS has read ahead. urllib3's, through TLS, does not tell."""
    return isinstance(sock, SSLTransport) or bool(getattr(sock, "pending", int)())


class Answer:
    """The answer to one request, whose bytes ``call`` sees as they come. One thread, which lends it ``memory``.

    It waits as long as the socket says, and once something came at most READ_TIMEOUT. Raises ``Cancelled`` and what ``call``
    raises. ``bare``: to a HEAD.
    """

    def __init__(self, sock: Any, call: Call, memory: bytearray, *, bare: bool = False, begun: bytes = b"") -> None:
        self.sock, self._call = sock, call
        self._memory, self._view, self._owns_memory = memory, memoryview(memory), False
        self._at, self._end = 0, len(begun)  # between these, ``memory`` has what came and is not read yet
        if begun:
            memory[: len(begun)] = begun
            self._came(len(begun))
        head = self._final_head(bare=bare)
        self.status, self.headers = head.status, head.headers
        self._chunked, self._last = head.chunked, head.last
        self._left = 0 if head.chunked else head.length  # bytes of the body, or of the chunk; None: until the connection ends
        self._in_chunks = False
        self.ended = head.length == 0

    @property
    def leaves_a_connection(self) -> bool:
        """Whether another request may follow over the same connection."""
        return self.ended and not self._last and self._at == self._end

    def step_aside(self) -> bool:
        """Whether the next ``read`` would wait, and the thread may do something else: the rest has memory of its own then."""
        if self.ended or self._has_some() or _holds_some(self.sock):
            return False
        rest = bytes(self._view[self._at : self._end])
        if not self._owns_memory:
            self._memory = bytearray(OWN_MEMORY)
            self._view, self._owns_memory = memoryview(self._memory), True
        self._view[: len(rest)] = rest
        self._at, self._end = 0, len(rest)
        return True

    def _has_some(self) -> bool:
        """Whether bytes of the body are there that were not read, or the whole line that says how many follow."""
        if not self._chunked or self._left:
            return self._at < self._end
        start = self._at + len(_LINE_END) * self._in_chunks
        return self._memory.find(_LINE_END, start, self._end) >= 0 or self._end - self._at > MOST_LINE

    def read(self, most: int, least: int | None = None) -> memoryview:
        """The next bytes of the body, at most ``most``; none at its end. Valid until the next call.

        It waits until there are ``least`` (``most`` unless given), or what the body still has.
        """
        if self._left == 0 and not self.ended:
            self._next_chunk()
        if self.ended:
            return self._view[:0]
        wanted = min(most, len(self._memory)) if self._left is None else min(most, len(self._memory), self._left)
        enough = wanted if least is None else min(least, wanted)
        while self._end - self._at < enough and self._more():
            pass
        stop = min(self._end, self._at + wanted)
        piece = self._view[self._at : stop]
        self._at = stop
        if self._left is None:
            self.ended = not piece
        elif not piece:
            raise HTTPException("the connection ended before the answer did")
        else:
            self._left -= len(piece)
            self.ended = self._left == 0 and not self._chunked
        return piece

    def _final_head(self, *, bare: bool) -> Head:
        for _ in range(MOST_INTERIM):
            head = Head(self._take(_END, MOST_HEAD), bare=bare)
            if head.status >= 200:
                return head
            if head.status == 101:
                raise HTTPException("the store speaks another protocol")
        raise HTTPException(f"more than {MOST_INTERIM} interim answers")

    def _next_chunk(self) -> None:
        """https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding."""
        if self._in_chunks and self._take(_LINE_END, MOST_LINE) != _LINE_END:
            raise HTTPException("a chunk is longer than it says")
        self._in_chunks = True
        found = _CHUNK.fullmatch(self._take(_LINE_END, MOST_LINE))
        if found is None:
            raise HTTPException("the size of a chunk is malformed")
        self._left = int(found[1], 16)
        if self._left == 0:
            for _ in range(MOST_LINES):
                if self._take(_LINE_END, MOST_LINE) == _LINE_END:
                    self.ended = True
                    return
            raise HTTPException(f"more than {MOST_LINES} trailers")

    def _take(self, mark: bytes, most: int) -> bytes:
        """What comes until ``mark``, and that: at most ``most`` bytes."""
        while (found := self._memory.find(mark, self._at, min(self._end, self._at + most))) < 0:
            if self._end - self._at >= most:
                raise HTTPException(f"a line or head of more than {most} bytes")
            if not self._more():
                if self._at == self._end and not self._call.answered:
                    raise RemoteDisconnected("the connection ended before the answer")
                raise HTTPException("the connection ended before the answer did")
        stop = found + len(mark)
        taken = bytes(self._view[self._at : stop])
        self._at = stop
        return taken

    def _more(self) -> bool:
        """Let more come, after what is there; False at the end of the connection."""
        if self._at:
            kept = self._end - self._at
            self._view[:kept] = bytes(self._view[self._at : self._end])
            self._at, self._end = 0, kept
        count = self.sock.recv_into(self._view[self._end :])
        if self._call.control.cancelled:
            raise Cancelled
        if count:
            self._came(count)
        self._end += count
        return bool(count)

    def _came(self, count: int) -> None:
        if self._call.came(count) and self._call.patience < LONG_TIMEOUT:  # which some fill with blanks
            self.sock.settimeout(sessions.READ_TIMEOUT)
