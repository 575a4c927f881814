"""Answers read from a socket: as ``http.client`` reads them where they are sound, refused where they are not."""

from __future__ import annotations

import http.client
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.s3.answers import MOST_HEAD, MOST_INTERIM, MOST_LINE, MOST_LINES, Answer
from cloudtemple_browser.s3.http import Call

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Wire:
    """A socket on which this comes, so many bytes at a time, and then the end."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step = data, step

    def recv_into(self, view: memoryview) -> int:
        piece = self._data[: min(self._step, len(view))]
        assert len(view), "a read of nothing would look like the end"
        self._data = self._data[len(piece) :]
        view[: len(piece)] = piece
        return len(piece)

    def settimeout(self, seconds: float) -> None:
        pass

    def makefile(self, *_args: object) -> io.BytesIO:
        return io.BytesIO(self._data)


def answered(data: bytes, step: int = 1 << 20, memory: int = 1 << 17, control: CallControl | None = None) -> Answer:
    """The answer that these bytes are."""
    return Answer(Wire(data, step), Call(control), bytearray(memory))


def body_of(answer: Answer, most: int = 1 << 20) -> bytes:
    """All of its body, in pieces of at most ``most`` bytes."""
    return b"".join(iter(lambda: bytes(answer.read(most)), b""))


def in_steps(data: bytes, step: int, most: int) -> bytes:
    """The body, read by a thread that reads other answers into its memory each time that this one would wait."""
    memory, body = bytearray(4096), b""
    answer = Answer(Wire(data, step), Call(), memory)
    while True:
        if answer.step_aside():
            memory[:] = b"\xff" * len(memory)
        piece = bytes(answer.read(most, 1))
        if not piece:
            return body
        body += piece


def refused(data: bytes) -> str:
    """Why these bytes are refused, at once or on the way."""
    with pytest.raises(http.client.HTTPException) as caught:
        body_of(answered(data))
    return str(caught.value)


TOKENS = st.from_regex(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}", fullmatch=True).filter(
    lambda name: name.lower() not in ("content-length", "transfer-encoding", "connection")
)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f\x85"), max_size=30)


@settings(deadline=None)
@given(
    headers=st.dictionaries(TOKENS, VALUES, max_size=8).filter(
        lambda found: len({name.lower() for name in found}) == len(found)
    ),
    status=st.integers(200, 599),
    body=st.binary(max_size=300),
    framing=st.sampled_from(("length", "chunked", "end")),
    cuts=st.lists(st.integers(1, 50), max_size=5),
    step=st.integers(1, 200),
    most=st.integers(1, 100),
)
def test_what_http_client_reads(
    headers: dict[str, str], status: int, body: bytes, framing: str, cuts: list[int], step: int, most: int
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("latin-1")
    data = f"HTTP/1.1 {status} Reason\r\n".encode() + lines
    if framing == "length":
        data += f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    elif framing == "end":
        data += b"\r\n" + body
    else:
        data += b"Transfer-Encoding: chunked\r\n\r\n"
        rest = body
        for cut in [*cuts, len(body)]:
            piece, rest = rest[:cut], rest[cut:]
            data += f"{len(piece):X};x=y\r\n".encode() + piece + b"\r\n" if piece else b""
        data += b"0\r\nTrailer: x\r\n\r\n"
    theirs = http.client.HTTPResponse(Wire(data, 1))  # type: ignore[arg-type]
    theirs.begin()
    ours = answered(data, step, memory=4096)
    assert ours.status == theirs.status
    for name, value in headers.items():
        assert ours.headers[name.lower()] == value.strip(" \t") == (theirs.headers[name] or "").strip(" \t")
    if status in (204, 304):  # they have none, whatever follows, which http.client may read
        assert body_of(ours, most) == b""
    else:
        expected = theirs.read()
        assert body_of(ours, most) == expected == in_steps(data, step, most)
        assert ours.leaves_a_connection is (framing != "end")
    assert ours.ended


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\nB: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\rB: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        OK + b"Content-Length: -1\r\n\r\nx",
        OK + b"Content-Length: 1_0\r\n\r\n0123456789",
        OK + b"Content-Length: 0x1\r\n\r\nx",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: identity\r\n\r\nx",
        b"HTTP/1.1 101 Switching\r\n\r\n" + OK + b"\r\n",
        OK + b"Content-Length: 5\r\n\r\n1234",
        OK + b"A: b",
        CHUNKED + b"5\r\n123",
        CHUNKED + b"5\r\n12345",
        CHUNKED + b"5\r\n123456\r\n0\r\n\r\n",
        CHUNKED + b"-5\r\n12345\r\n0\r\n\r\n",
        CHUNKED + b"0x5\r\n12345\r\n0\r\n\r\n",
        CHUNKED + b"\r\n12345\r\n0\r\n\r\n",
        CHUNKED + b"5\n12345\r\n0\r\n\r\n",
        CHUNKED + b"0\r\n",
    ],
)
def test_what_is_malformed_or_ends_too_soon_is_refused(data: bytes) -> None:
    assert refused(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (OK + b"A: " + b"b" * MOST_HEAD, f"more than {MOST_HEAD} bytes"),
        (OK + b"A: b\r\n" * (MOST_LINES + 1) + b"\r\n", f"more than {MOST_LINES} headers"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * MOST_INTERIM + OK + b"\r\n", f"more than {MOST_INTERIM} interim"),
        (CHUNKED + b"1;" + b"x" * MOST_LINE, f"more than {MOST_LINE} bytes"),
        (CHUNKED + b"0\r\n" + b"A: b\r\n" * (MOST_LINES + 1) + b"\r\n", f"more than {MOST_LINES} trailers"),
    ],
)
def test_what_is_endless_is_refused(data: bytes, why: str) -> None:
    assert why in refused(data)


def test_nothing_at_all_is_a_connection_that_was_closed_before() -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        answered(b"")


def test_interim_answers_are_passed_over() -> None:
    answer = answered(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: x\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx", 7
    )
    assert (answer.status, "a" in answer.headers, body_of(answer)) == (200, False, b"x")


def test_a_header_that_comes_twice_is_joined() -> None:
    assert answered(OK + b"X: a\r\nx: b\r\nContent-Length: 0\r\n\r\n").headers["x"] == "a, b"


@pytest.mark.parametrize(
    ("data", "leaves"),
    [
        (OK + b"Content-Length: 0\r\n\r\n", True),
        (OK + b"Content-Length: 0\r\nConnection: Close\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", True),
        (OK + b"Content-Length: 0\r\n\r\nmore than was asked for", False),
        (OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", False),
        (OK + b"\r\nuntil the end", False),
    ],
)
def test_which_answers_leave_a_connection(data: bytes, leaves: bool) -> None:
    answer = answered(data)
    body_of(answer)
    assert answer.ended
    assert answer.leaves_a_connection is leaves


def test_a_body_that_is_not_read_to_its_end_leaves_none() -> None:
    answer = answered(OK + b"Content-Length: 5\r\n\r\n12345")
    assert bytes(answer.read(4)) == b"1234"
    assert not answer.leaves_a_connection


def test_a_cancelled_call_takes_no_answer_for_whole() -> None:
    control = CallControl()
    control.cancel()
    with pytest.raises(Cancelled):
        answered(OK + b"Content-Length: 0\r\n\r\n", control=control)
