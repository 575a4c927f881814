"""PutObject, UploadPart and GetObject on the wire: what is sent, what is used again, what ends a call."""

from __future__ import annotations

import base64
import contextlib
import gc
import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from s3.calls import MD5_X, READS, REF, put, read
from s3.conftest import ACCESS_KEY, SECRET, Rig, Start
from servers.process import LOOPBACK
from servers.raw import Answer, RawServer, Request, s3_answer, s3_error
from servers.tls import Certificate
from urllib3.util.wait import wait_for_read
from waiting import eventually

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, Signature
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.steps import Steps, finish
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.writes import Condition, Fetched, Stored, WriteOptions
from cloudtemple_browser.s3 import byte_calls, http
from cloudtemple_browser.s3.store import S3Store, S3StoreFactory
from cloudtemple_browser.s3.throttle import DOWNLOADS, UPLOADS, Throttle
from cloudtemple_browser.workers.stepper import Stepper

MIB = 1 << 20
BIG = b"b" * (64 * MIB)  # more than the sockets between us and a store that does not read would take
STORED = s3_answer(200, ETag=f'"{MD5_X}"', Connection="keep-alive")
FOUND = s3_answer(206, b"x", ETag='"e"', Content_Range="bytes 0-0/1", Connection="keep-alive")
LISTING = "<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>"

CALLS: dict[str, Callable[[S3Store, CallControl], object]] = {
    "put_object": lambda store, control: store.put_object(REF, b"x", WriteOptions(), control),
    "upload_part": lambda store, control: store.upload_part(REF, "id", 1, b"x", control),
    "read_range": lambda store, control: store.read_range(REF, 0, 1, "", lambda _piece: None, control),
    "list_pages": lambda store, control: list(store.list_pages("bucket", "", "", control)),
}


def error_of(call: Callable[[], object]) -> BrowserError:
    """The error that a call ends with."""
    with pytest.raises(BrowserError) as caught:
        call()
    return caught.value


# --- what is sent -----------------------------------------------------------------------------------------------------------


def test_what_a_put_sends(start: Start) -> None:
    rig = start(lambda _request: STORED)
    options = WriteOptions("text/plain; a=b", CannedAcl.PUBLIC_READ, (("checksum-sha256", "0" * 64),))
    rig.store.put_object(ObjectRef("bucket", "a b/../c+%é//~"), b"x", options, CallControl())
    (request,) = rig.server.requests
    assert (request.method, request.target, request.body) == ("PUT", "/bucket/a%20b/../c%2B%25%C3%A9//~", b"x")
    assert request.headers["host"] == f"{LOOPBACK}:{rig.server.port}"
    assert request.headers["content-type"] == "text/plain; a=b"
    assert request.headers["x-amz-acl"] == "public-read"
    assert request.headers["x-amz-meta-checksum-sha256"] == "0" * 64
    assert request.headers["user-agent"].startswith("cloudtemple-browser/")
    assert not {"transfer-encoding", "expect", "content-encoding"} & request.headers.keys()


def test_tls_leaves_the_hash_of_the_body_out_and_content_md5_in(start: Start, certificate: Certificate) -> None:
    rig = start(lambda _request: STORED, certificate=certificate)
    put(rig.store)
    (request,) = rig.server.requests
    assert request.headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert base64.b64decode(request.headers["content-md5"]).hex() == MD5_X


def test_an_md5_that_is_known_goes_with_the_bytes_and_must_come_back(start: Start) -> None:
    rig = start(lambda _request: STORED)
    for md5, kind in ((MD5_X, None), ("0" * 32, ErrorKind.INTEGRITY)):
        error = None
        try:
            rig.store.put_object(REF, b"x", WriteOptions(md5=md5), CallControl())
        except BrowserError as caught:
            error = caught.kind
        assert error is kind
        assert base64.b64decode(rig.server.requests[-1].headers["content-md5"]).hex() == md5


@pytest.mark.parametrize(
    "options",
    [
        WriteOptions("text/plain\r\nx-amz-acl: public-read"),
        WriteOptions(metadata=(("name", "value\nmore"),)),
        WriteOptions(metadata=(("na:me", "value"),)),
        WriteOptions(metadata=(("name", "é"),)),
    ],
)
def test_a_header_that_would_be_two_is_refused(start: Start, options: WriteOptions) -> None:
    rig = start(lambda _request: STORED)
    error = error_of(lambda: rig.store.put_object(REF, b"x", options, CallControl()))
    assert error.kind is ErrorKind.BAD_REQUEST
    assert rig.server.connections == 0


FREE = Condition(known_free=True)


def conditions_of(rig: Rig) -> list[str]:
    """What the requests asked for: the condition's first letters, or nothing."""
    names = {"if-match": "m", "if-none-match": "n"}
    return ["".join(letter for name, letter in names.items() if name in request.headers) for request in rig.server.requests]


def test_conditions(start: Start) -> None:
    rig = start(lambda _request: STORED, 10)
    rig.store.learnt.add(Trait.KEEPS_CONDITIONS)
    for condition in (Condition(), Condition("e1")):
        rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), condition)
    first, second = rig.server.requests
    assert (first.headers["if-none-match"], second.headers["if-match"]) == ("*", '"e1"')


class Kept:
    """A store that keeps If-None-Match, and ``match`` answers a write with If-Match."""

    def __init__(self, match: bytes = b"", none_match: bytes = b"") -> None:
        self._match, self._none_match, self._there = match, none_match, False

    def __call__(self, request: Request) -> Answer:
        if self._match and "if-match" in request.headers:
            return self._match
        if self._none_match and self._there and "if-none-match" in request.headers:
            return self._none_match
        self._there = True
        return STORED


REFUSED = s3_error(412, "PreconditionFailed")


@pytest.mark.parametrize("refusal", [REFUSED, s3_error(404, "NoSuchKey")])
def test_a_store_that_keeps_conditions_is_found_out(start: Start, refusal: bytes) -> None:
    rig = start(Kept(refusal, REFUSED), 10)
    told: list[Trait] = []
    rig.store.learnt.watch(told.append)
    assert rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), FREE).etag == MD5_X
    assert conditions_of(rig) == ["m", "n", "n"]
    assert told == [Trait.KEEPS_CONDITIONS]
    assert error_of(lambda: rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), FREE)).kind is ErrorKind.CHANGED
    assert conditions_of(rig) == ["m", "n", "n", "n"]


def test_a_store_that_keeps_one_condition_only_is_not_relied_on_for_the_other(start: Start) -> None:
    rig = start(Kept(REFUSED), 10)
    assert rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), FREE).etag == MD5_X
    assert conditions_of(rig) == ["m", "n", "n"]
    assert Trait.IGNORES_CONDITIONS in rig.store.learnt
    assert Trait.KEEPS_CONDITIONS not in rig.store.learnt


def test_a_doubtful_answer_teaches_nothing(start: Start) -> None:
    rig = start(Kept(REFUSED, s3_error(503, "SlowDown")), 10)
    assert rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), FREE).etag == MD5_X
    assert not rig.store.learnt.about_conditions


def test_a_store_known_to_keep_conditions_gets_no_write_without_one(start: Start) -> None:
    rig = start(lambda _request: s3_error(501, "NotImplemented"), 10)
    rig.store.learnt.add(Trait.KEEPS_CONDITIONS)
    refused = error_of(lambda: rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), Condition()))
    assert refused.kind is ErrorKind.UNSUPPORTED
    assert conditions_of(rig) == ["n"]


def test_a_store_that_ignores_conditions_tells_on_itself(start: Start) -> None:
    rig = start(lambda _request: STORED, 10)
    for _ in range(2):
        rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), FREE)
    assert conditions_of(rig) == ["m", "n"]
    assert Trait.IGNORES_CONDITIONS in rig.store.learnt
    assert Trait.KEEPS_CONDITIONS not in rig.store.learnt


@pytest.mark.parametrize("condition", [FREE, Condition("e1")])
def test_a_store_that_refuses_conditions_gets_none(start: Start, condition: Condition) -> None:
    asked = frozenset({"if-match", "if-none-match"})
    rig = start(lambda request: s3_error(501, "NotImplemented") if asked & request.headers.keys() else STORED, 10)
    for _ in range(2):
        assert rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), condition).etag == MD5_X
    assert conditions_of(rig)[-2:] == ["", ""]
    assert Trait.REFUSES_CONDITIONS in rig.store.learnt


def test_a_store_that_knows_one_condition_only_is_not_relied_on(start: Start) -> None:
    rig = start(lambda request: s3_error(501, "NotImplemented") if "if-match" in request.headers else STORED, 10)
    for _ in range(2):
        rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), FREE)
    assert conditions_of(rig) == ["m", "n", "n"]
    assert Trait.IGNORES_CONDITIONS in rig.store.learnt


def test_nothing_is_tried_where_something_may_be(start: Start) -> None:
    """A store that ignores If-Match and keeps If-None-Match would replace it."""
    rig = start(lambda request: s3_error(412, "PreconditionFailed") if "if-none-match" in request.headers else STORED, 10)
    for _ in range(2):
        refused = error_of(lambda: rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), Condition()))
        assert refused.kind is ErrorKind.CHANGED
    assert conditions_of(rig) == ["n", "n"]
    assert not rig.store.learnt.about_conditions


def test_a_large_body_is_not_sent_twice_to_find_out(start: Start) -> None:
    body = b"x" * ((1 << 20) + 1)
    rig = start(lambda _request: s3_answer(200, ETag='"e"'), 10)
    rig.store.put_object(REF, body, WriteOptions(), CallControl(), FREE)
    assert conditions_of(rig) == ["n"]
    assert not rig.store.learnt.about_conditions


def test_an_answer_that_is_lost_teaches_nothing(start: Start) -> None:
    rig = start(lambda _request: s3_error(503, "SlowDown"), 10)
    assert error_of(lambda: rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), FREE)).kind is (ErrorKind.THROTTLED)
    assert not rig.store.learnt.about_conditions


def test_a_store_that_wants_if_match_without_quotes(start: Start) -> None:
    def handler(request: Request) -> Answer:
        if request.method == "HEAD":
            return s3_answer(200, ETag='"e1"', Content_Length="1")
        return s3_error(412, "PreconditionFailed") if request.headers["if-match"] != "e1" else STORED

    rig = start(handler, 10)
    for _ in range(2):
        rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), Condition("e1"))
    assert [request.method for request in rig.server.requests] == ["PUT", "HEAD", "PUT", "PUT"]
    assert (
        error_of(lambda: rig.store.put_object(REF, b"x", WriteOptions(), CallControl(), Condition("e2"))).kind
        is ErrorKind.CHANGED
    )


# --- connections ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_connection_is_used_again(start: Start, certificate: Certificate, secure: bool) -> None:
    rig = start(lambda request: STORED if request.method == "PUT" else FOUND, 10, certificate if secure else None)
    for _ in range(3):
        put(rig.store)
        assert read(rig.store, 0, 1) == b"x"
    assert (len(rig.server.requests), rig.server.connections) == (6, 1)


def test_heads_leave_their_connection(start: Start) -> None:
    """Whatever length of whatever body they tell: nothing follows."""
    answers = iter([
        s3_answer(200, ETag='"e"', Content_Length="1000000", Connection="keep-alive"),
        b"HTTP/1.1 404 Not Found\r\nx-amz-request-id: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nx-amz-request-id: 2\r\n\r\n",
        s3_answer(200, ETag='"e"', Connection="keep-alive"),
    ])  # fmt: skip
    rig = start(lambda _request: next(answers), 10)
    assert rig.store.head_object(REF).size == 1_000_000
    for _ in range(2):
        assert error_of(lambda: rig.store.head_object(REF)).kind is ErrorKind.NO_OBJECT
    assert rig.store.head_object(REF).size == 0
    assert (len(rig.server.requests), rig.server.connections) == (4, 1)


def test_a_store_that_is_forgotten_leaves_no_connection(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, ETag='"e"', Content_Length="0", Connection="keep-alive"), 10)
    store = S3StoreFactory().open(rig.connection, SECRET)
    store.head_object(REF)
    (lane,) = store._api.http._idle.popitem()[1]
    store._api.http._idle["x"] = [lane]
    sock = lane.connection.sock
    del store
    gc.collect()
    assert sock.fileno() == -1


def test_a_connection_that_the_store_closed_meanwhile_is_replaced(start: Start) -> None:
    rig = start(lambda request: STORED if request.method == "PUT" else FOUND, 1)  # keep-alive, it says
    moved: list[int] = []
    for _ in range(3):
        rig.store.put_object(REF, b"x", WriteOptions(), CallControl(moved.append))
        read(rig.store, 0, 1)
    assert len(rig.server.requests) == 6
    assert sum(moved) == 3


def closes_the_second_request(condition: Condition | None) -> tuple[list[bytes], BaseException | None]:
    """A store that takes a second request on a connection and hangs up without an answer: the requests, and how it ended."""
    seen: list[bytes] = []
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            for _ in range(2):
                with contextlib.suppress(OSError):
                    client, _ = listener.accept()
                    with client:
                        for _ in range(2 if len(seen) == 0 else 1):
                            seen.append(client.recv(65536))
                            if len(seen) != 2:
                                client.sendall(STORED)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        endpoint = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        store = S3StoreFactory().open(Connection("raw", endpoint, ACCESS_KEY), SECRET)
        ended: BaseException | None = None
        try:
            store.put_object(REF, b"x", WriteOptions(), CallControl())
            store.put_object(REF, b"x", WriteOptions(), CallControl(), condition)
        except BrowserError as error:
            ended = error
        store.close()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    return seen, ended


def test_a_request_that_a_dying_connection_swallowed_is_sent_once_more() -> None:
    seen, ended = closes_the_second_request(None)
    assert ended is None
    assert len(seen) == 3


def test_a_conditional_write_is_never_repeated() -> None:
    seen, ended = closes_the_second_request(Condition())
    assert isinstance(ended, BrowserError)
    assert ended.kind is ErrorKind.CONNECTION_LOST
    assert len(seen) == 2


def test_a_refusal_before_the_body_is_read_is_understood() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(1000)
                client.sendall(s3_error(403, "AccessDenied"))
                client.shutdown(socket.SHUT_WR)
                with contextlib.suppress(OSError):
                    while client.recv(MIB):
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        endpoint = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        store = S3StoreFactory().open(Connection("raw", endpoint, ACCESS_KEY), SECRET)
        error = error_of(lambda: store.put_object(REF, BIG, WriteOptions(), CallControl()))
        store.close()
        thread.join(10)
    assert error.kind is ErrorKind.ACCESS_DENIED


@pytest.mark.parametrize("answer", [s3_error(403, "AccessDenied"), b""], ids=["answers", "hangs up"])
def test_a_store_that_reads_no_more_and_has_had_its_say_is_heard(answer: bytes) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        over = threading.Event()

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(1000)
                over.wait(1.5)  # by then it is stuck
                if answer:
                    client.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")  # ends nothing
                    client.sendall(answer)
                else:
                    client.shutdown(socket.SHUT_WR)
                over.wait(30)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        store = S3StoreFactory().open(Connection("raw", f"http://{LOOPBACK}:{listener.getsockname()[1]}", ACCESS_KEY), SECRET)
        began = time.monotonic()
        error = error_of(lambda: store.put_object(REF, BIG, WriteOptions(), CallControl()))
        over.set()
        store.close()
        thread.join(10)
    assert error.kind is (ErrorKind.ACCESS_DENIED if answer else ErrorKind.CONNECTION_LOST)
    assert time.monotonic() - began < 20.0, "the watchdog takes a minute"


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("chunked", [False, True])
def test_what_comes_in_pieces_keeps_its_bytes_while_others_are_read(
    start: Start, certificate: Certificate, secure: bool, chunked: bool
) -> None:
    go = {name: threading.Event() for name in "ab"}
    bodies = {"a": b"a" * 40_000, "b": b"b" * 40_000}

    def handler(request: Request) -> Iterator[bytes]:
        name = request.target[-1]
        body = bodies[name]
        head = b'HTTP/1.1 206 P\r\nETag: "e"\r\nContent-Range: bytes 0-39999/40000\r\n'
        yield head + (b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 40000") + b"\r\n\r\n"
        for half in (body[:15_000], body[15_000:]):
            yield b"%x\r\n%s\r\n" % (len(half), half) if chunked else half
            go[name].wait(20)
        if chunked:
            yield b"0\r\n\r\n"

    rig: Rig = start(handler, certificate=certificate if secure else None)
    got: dict[str, bytes] = {"a": b"", "b": b""}

    def reading(name: str, control: CallControl) -> Steps[Fetched]:
        def sink(piece: memoryview) -> None:
            got[name] += piece

        return rig.store.read_range_steps(ObjectRef("bucket", name), 0, 40_000, "e", sink, control)

    with ThreadPoolExecutor(2) as pool:
        control = CallControl()
        control.executor = pool
        steps = {name: reading(name, control) for name in "ab"}
        waiting = {name: next(steps[name]) for name in "ab"}
        for _ in range(200):  # both, in turn, as far as they get
            for name in "ab":
                if len(got[name]) < 15_000 and wait_for_read(waiting[name].sockets[0], 0.1):
                    waiting[name] = next(steps[name])
            if all(len(one) == 15_000 for one in got.values()):
                break
        assert {name: len(one) for name, one in got.items()} == {"a": 15_000, "b": 15_000}
        go["a"].set()
        assert finish(steps["a"]).size == 40_000
        go["b"].set()
        assert finish(steps["b"]).size == 40_000
    assert got == bodies


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(
    "soon", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 206 P\r\nDa"]
)
def test_a_slow_answer_holds_nobody_up(start: Start, certificate: Certificate, secure: bool, soon: bytes) -> None:
    """Over TLS 1.3 a connection can be read at once: the server sends tickets before anything of the answer."""
    sent, go = threading.Event(), threading.Event()

    def handler(request: Request) -> Iterator[bytes]:
        if request.target.endswith("slow"):
            if soon:
                yield soon
            sent.set()
            go.wait(20)
            if soon.endswith(b"Da"):
                yield b'te: x\r\nETag: "e"\r\nContent-Range: bytes 0-2/3\r\nContent-Length: 3\r\n\r\nabc'
                return
        yield b'HTTP/1.1 206 P\r\nETag: "e"\r\nContent-Range: bytes 0-2/3\r\nContent-Length: 3\r\n\r\nabc'

    rig: Rig = start(handler, certificate=certificate if secure else None)
    stepper, ended = Stepper(), dict[str, object]()
    with ThreadPoolExecutor(4) as pool:
        for name in ("slow", "a", "b"):
            control = CallControl()
            control.executor = pool
            steps = rig.store.read_range_steps(ObjectRef("bucket", name), 0, 3, "e", lambda _piece: None, control)
            stepper.add(steps, lambda result, error, name=name: ended.update({name: error or result}))  # type: ignore[misc]
            assert sent.wait(20)
        eventually(lambda: {"a", "b"} <= ended.keys())
        assert "slow" not in ended
        go.set()
        eventually(lambda: "slow" in ended)
    stepper.close()
    assert all(isinstance(one, Fetched) for one in ended.values())


def test_a_speed_limit_one_way_holds_nobody_up_the_other_way(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_calls, "UPLOADS", throttle := Throttle())
    throttle.limit(1)
    part = b'HTTP/1.1 206 P\r\nETag: "e"\r\nContent-Range: bytes 0-2/3\r\nContent-Length: 3\r\n\r\nabc'
    rig: Rig = start(lambda request: STORED if request.method == "PUT" else part, 10)
    stepper, ended = Stepper(), dict[str, object]()
    with ThreadPoolExecutor(4) as pool:
        for name in ("first", "held", "read"):
            control = CallControl()
            control.executor = pool
            ref = ObjectRef("bucket", name)
            steps = (
                rig.store.read_range_steps(ref, 0, 3, "e", lambda _piece: None, control)
                if name == "read"
                else rig.store.put_object_steps(ref, b"x" * 60, WriteOptions(md5=MD5_X), control)
            )
            stepper.add(steps, lambda result, error, name=name: ended.update({name: error or result}))  # type: ignore[misc]
        eventually(lambda: "read" in ended)
        assert "held" not in ended
        throttle.limit(0)
        eventually(lambda: len(ended) == 3)
    stepper.close()
    assert isinstance(ended["read"], Fetched)
    assert isinstance(ended["held"], Stored)


def test_a_chunked_body(start: Start) -> None:
    head = b'HTTP/1.1 206 Partial Content\r\nETag: "e"\r\nContent-Range: bytes 0-9/10\r\nTransfer-Encoding: chunked\r\n\r\n'
    rig = start(lambda _request: head + b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n")
    assert read(rig.store, 0, 10) == b"0123456789"


# --- proxies ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", Signature)
def test_a_forward_proxy_gets_the_key_as_it_is(start: Start, signature: Signature) -> None:
    proxy = start(lambda _request: STORED, 10)
    address = proxy.server.endpoint.replace("http://", "http://user:word@")
    connection = Connection("c", "http://store.test", ACCESS_KEY, proxy=address, allow_http=True, signature=signature)
    store = S3StoreFactory().open(connection, SECRET)
    for _ in range(2):
        store.put_object(ObjectRef("bucket", "a/../b"), b"x", WriteOptions(), CallControl())
    store.close()
    first, second = proxy.server.requests
    assert first.target == second.target == "http://store.test/bucket/a/../b"
    assert first.headers["host"] == "store.test"
    assert first.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"user:word").decode()
    assert proxy.server.connections == 1


@contextlib.contextmanager
def tunnel(port: int) -> Iterator[tuple[str, list[bytes]]]:
    """An HTTP proxy whose every tunnel leads to a port of loopback: its address and the heads it got."""
    heads: list[bytes] = []

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection((LOOPBACK, port)) as store:
            heads.append(client.recv(65536))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=copy, args=(store, client), daemon=True)
            back.start()
            copy(client, store)
            back.join(10)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}", heads
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_a_tunnel_through_a_proxy(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "is_loopback", lambda _host: False)
    with RawServer(lambda _request: STORED, certificate, keep=5) as server, tunnel(server.port) as (proxy, heads):
        connection = Connection("c", server.endpoint, ACCESS_KEY, proxy=proxy, ca_bundle=str(certificate.authority))
        store = S3StoreFactory().open(connection, SECRET)
        for _ in range(2):
            put(store)
        store.close()
        assert [request.target for request in server.requests] == ["/bucket/folder/key"] * 2
        assert len(heads) == 1
        assert heads[0].startswith(f"CONNECT {LOOPBACK}:{server.port} HTTP/1.".encode())


def test_a_proxy_that_refuses(start: Start) -> None:
    proxy = start(lambda _request: b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    store = S3StoreFactory().open(Connection("c", "https://store.test", ACCESS_KEY, proxy=proxy.server.endpoint), SECRET)
    assert error_of(lambda: put(store)).kind is ErrorKind.PROXY
    store.close()


# --- cancel -----------------------------------------------------------------------------------------------------------------


def cancelled_after(call: Callable[[CallControl], object], ready: Callable[[], object]) -> float:
    """How many seconds a call takes to raise ``Cancelled`` once it is cancelled, after ``ready`` has returned."""
    control = CallControl()
    ends: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run() -> None:
        try:
            ends.put(call(control))
        except (BrowserError, Cancelled) as error:
            ends.put((type(error), time.monotonic()))

    thread = threading.Thread(target=run)
    thread.start()
    ready()
    begun = time.monotonic()
    control.cancel()
    kind, ended = ends.get(timeout=20)
    thread.join(10)
    assert kind is Cancelled
    return float(ended - begun)


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("name", CALLS)
def test_cancel_ends_a_call_that_waits_for_its_answer(
    start: Start, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, name: str, secure: bool
) -> None:
    for limit in ("READ_TIMEOUT", "ANSWER_TIMEOUT"):
        monkeypatch.setattr(http, limit, 30.0)
    asked = threading.Event()

    def silent(_request: Request) -> Answer:
        asked.set()
        rig.server.stopped.wait(20)
        return b""

    rig: Rig = start(silent, certificate=certificate if secure else None)
    assert cancelled_after(lambda control: CALLS[name](rig.store, control), lambda: asked.wait(10)) < 10.0


def test_cancel_ends_a_send_that_is_stuck(start: Start) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        store = S3StoreFactory().open(Connection("raw", f"http://{LOOPBACK}:{listener.getsockname()[1]}", ACCESS_KEY), SECRET)
        taken: list[socket.socket] = []

        def ready() -> None:
            taken.append(listener.accept()[0])
            taken[0].recv(1000)

        assert cancelled_after(lambda control: store.put_object(REF, BIG, WriteOptions(), control), ready) < 10.0
        taken[0].close()
        store.close()


def test_a_cancelled_call_leaves_other_calls_alone(start: Start) -> None:
    rig = start(lambda _request: STORED, 100)
    controls = [CallControl() for _ in range(20)]
    for control in controls:
        rig.store.put_object(REF, b"x", WriteOptions(), control)
        control.cancel()
    assert rig.server.connections == 1


# --- the watchdog -----------------------------------------------------------------------------------------------------------


def dribble(head: bytes) -> Callable[[Request], Answer]:
    """A store that sends a byte every now and then, for ever."""

    def handler(_request: Request) -> Iterator[bytes]:
        yield head
        for _ in range(400):
            time.sleep(0.02)
            yield b"a"

    return handler


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b'HTTP/1.1 206 P\r\nETag: "e"\r\nContent-Range: bytes 0-99999/100000\r\nContent-Length: 100000\r\n\r\n',
    ],
)
def test_a_dribble_counts_as_a_lost_connection(start: Start, monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr(http, "WINDOW", 0.3)
    rig = start(dribble(head))
    assert error_of(lambda: read(rig.store, 0, 100_000)).kind is ErrorKind.CONNECTION_LOST


@pytest.mark.parametrize("name", ["head_object", "list_pages", "read_acl"])
def test_every_read_has_the_watchdog(start: Start, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(http, "WINDOW", 0.1)
    monkeypatch.setattr(http, "READ_TIMEOUT", 0.1)
    rig = start(dribble(b"HTTP/1.1 200 OK\r\nX-Long: "))
    assert error_of(lambda: READS[name](rig.store)).kind is ErrorKind.CONNECTION_LOST


def test_a_store_that_takes_nothing_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WINDOW", 0.3)
    with socket.create_server((LOOPBACK, 0)) as listener:
        store = S3StoreFactory().open(Connection("raw", f"http://{LOOPBACK}:{listener.getsockname()[1]}", ACCESS_KEY), SECRET)
        assert error_of(lambda: store.put_object(REF, BIG, WriteOptions(), CallControl())).kind is ErrorKind.CONNECTION_LOST
        store.close()


@pytest.fixture
def no_limit() -> Iterator[None]:
    """The limits are off afterwards."""
    yield
    UPLOADS.limit(0)
    DOWNLOADS.limit(0)


@pytest.mark.usefixtures("no_limit")
def test_the_users_limit_is_kept_and_is_no_dribble(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WINDOW", 0.2)
    monkeypatch.setattr(http, "FLOOR", 1 << 20)
    body = b"x" * 100_000
    reply = s3_answer(206, body, ETag='"e"', Content_Range="bytes 0-99999/100000")
    etag = "e-1"
    rig = start(lambda request: s3_answer(200, ETag=etag) if request.method == "PUT" else reply)
    UPLOADS.limit(100_000)
    DOWNLOADS.limit(100_000)
    begun = time.monotonic()
    put(rig.store, body)
    between = time.monotonic()
    assert read(rig.store, 0, 100_000) == body
    assert between - begun > 0.7
    assert time.monotonic() - between > 0.7


# --- haste ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "low", "high"),
    [("7", 7, 7), ("99999999999999", 3600, 3600), ("Mon, 01 Jan 2001 00:00:00 GMT", 0, 0), ("soon", 0, 0), ("-3", 0, 0)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_store_says_when_to_come_back(start: Start, status: int, given: str, low: float, high: float) -> None:
    rig = start(lambda _request: s3_error(status, "SlowDown").replace(b"\r\n", f"\r\nRetry-After: {given}\r\n".encode(), 1))
    for call in (lambda: put(rig.store), lambda: rig.store.create_multipart_upload(REF, WriteOptions())):
        error = error_of(call)
        assert error.kind is ErrorKind.THROTTLED
        assert low <= error.facts.retry_after <= high


def test_a_date_to_come_back(start: Start) -> None:
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
    rig = start(lambda _request: s3_error(503, "SlowDown").replace(b"\r\n", f"\r\nRetry-After: {soon}\r\n".encode(), 1))
    assert 90 < error_of(lambda: put(rig.store)).facts.retry_after <= 101


def test_the_log_tells_of_failures_and_never_of_secrets(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    rig = start(lambda request: STORED if request.body == b"x" else s3_error(403, "AccessDenied"))
    put(rig.store)
    error_of(lambda: put(rig.store, b"y"))
    (line,) = [record.getMessage() for record in caplog.records if record.name.endswith("byte_calls")]
    assert re.match(r"PutObject 's3://bucket/folder/key' \d+ ms: 'access-denied", line)
    assert SECRET.reveal() not in caplog.text
