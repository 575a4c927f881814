"""Objects on a store that lies: ETags, ranges, cut bodies, batches with gaps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from s3.calls import MD5_X, REF, put, read
from s3.conftest import Start
from servers.raw import Answer, Request, ResetError, answer, s3_answer, s3_error

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorKind

BODY = b"0123456789"
ETAG = hashlib.md5(BODY, usedforsecurity=False).hexdigest()


def kind_of(call: Callable[[], object]) -> ErrorKind:
    """The kind of error that a call ends with."""
    with pytest.raises(BrowserError) as caught:
        call()
    return caught.value.kind


def ranged(status: int, body: bytes, given: str = "", etag: str = ETAG) -> bytes:
    """An answer to a ranged GET with this Content-Range."""
    more = {"Content_Range": given} if given else {}
    return s3_answer(status, body, Content_Type="text/plain", ETag=f'"{etag}"', **more)


# --- put --------------------------------------------------------------------------------------------------------------------


def test_another_md5_means_damaged_bytes(start: Start) -> None:
    for other in ("0" * 32, "A" * 32):
        rig = start(lambda _request, other=other: s3_answer(200, ETag=f'"{other}"'))
        assert kind_of(lambda: put(rig.store)) is ErrorKind.INTEGRITY  # noqa: B023 - it is called at once
        assert len(rig.server.requests) == 1


@pytest.mark.parametrize("etag", [MD5_X, MD5_X.upper(), f'"{MD5_X}"', f'"{MD5_X}-1"', '"opaque"', f'W/"{MD5_X}"'])
def test_an_etag_is_returned_without_quotes(start: Start, etag: str) -> None:
    rig = start(lambda _request: s3_answer(200, ETag=etag))
    assert put(rig.store) == etag.removeprefix("W/").strip('"')


def test_an_encrypted_objects_etag_is_no_md5(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, ETag=f'"{"0" * 32}"', x_amz_server_side_encryption="aws:kms"))
    assert put(rig.store) == "0" * 32


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("XAmzContentSHA256Mismatch", 400, ErrorKind.CHECKSUM_STYLE),
        ("MissingContentLength", 411, ErrorKind.CHECKSUM_STYLE),
        ("BadDigest", 400, ErrorKind.INTEGRITY),
        ("AccessDenied", 403, ErrorKind.ACCESS_DENIED),
        ("RequestTimeTooSkewed", 403, ErrorKind.CLOCK),
        ("InvalidAccessKeyId", 403, ErrorKind.UNKNOWN_ACCESS_KEY),
        ("SignatureDoesNotMatch", 403, ErrorKind.WRONG_SECRET),
        ("AccessControlListNotSupported", 400, ErrorKind.NO_ACL),
        ("EntityTooLarge", 400, ErrorKind.TOO_LARGE),
        ("NotImplemented", 501, ErrorKind.UNSUPPORTED),
        ("InternalError", 500, ErrorKind.SERVER),
        ("SomethingNew", 400, ErrorKind.BAD_REQUEST),
        ("SomethingNew", 599, ErrorKind.SERVER),
    ],
)
def test_refusals(start: Start, code: str, status: int, kind: ErrorKind) -> None:
    rig = start(lambda _request: s3_error(status, code, "the words of the store"))
    with pytest.raises(BrowserError) as caught:
        put(rig.store)
    facts = caught.value.facts
    assert caught.value.kind is kind
    assert (facts.operation, facts.subject, facts.status, facts.code) == ("PutObject", str(REF), status, code)
    assert (facts.message, facts.request_id) == ("the words of the store", "req-1")
    assert facts.endpoint == f"127.0.0.1:{rig.server.port}"


def test_an_error_without_a_message_or_a_body(start: Start) -> None:
    answers = iter([s3_answer(403, "<Error><Code>AccessDenied</Code><Message/></Error>"), s3_answer(403)])
    rig = start(lambda _request: next(answers))
    for _ in range(2):
        assert kind_of(lambda: put(rig.store)) is ErrorKind.ACCESS_DENIED


# --- head -------------------------------------------------------------------------------------------------------------------


def test_what_head_tells(start: Start) -> None:
    rig = start(lambda _request: _head_of(12345))
    info = rig.store.head_object(REF)
    assert (info.key, info.size, info.modified) == (REF.key, 12345, 1795422600)
    assert (info.etag, info.content_type, info.storage_class, info.version_id) == ("abc", "text/plain", "GLACIER", "v1")
    assert info.headers == (("Cache-Control", "no-store"),)
    assert [(name.lower(), value) for name, value in info.metadata] == [("note", "two words")]


def test_a_date_that_nobody_can_read(start: Start) -> None:
    rig = start(lambda _request: _head_of(1, "yesterday"))
    assert rig.store.head_object(REF).modified == UNKNOWN


def _head_of(size: int, modified: str = "Mon, 23 Nov 2026 08:30:00 GMT") -> bytes:
    return s3_answer(
        200,
        Content_Type="text/plain",
        Content_Length=str(size),
        ETag='"abc"',
        Last_Modified=modified,
        Cache_Control="no-store",
        x_amz_version_id="v1",
        x_amz_storage_class="GLACIER",
        x_amz_meta_Note="two words",
    )


# --- ranges -----------------------------------------------------------------------------------------------------------------


def test_an_exact_range(start: Start) -> None:
    rig = start(lambda _request: ranged(206, BODY[2:5], "bytes 2-4/10"))
    assert read(rig.store, 2, 3, ETAG) == b"234"
    (request,) = rig.server.requests
    assert (request.headers["range"], request.headers["if-match"]) == ("bytes=2-4", f'"{ETAG}"')


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (ranged(200, BODY), ErrorKind.NOT_S3),
        (ranged(206, BODY[2:4], "bytes 2-3/10"), ErrorKind.INTEGRITY),
        (ranged(206, BODY[3:6], "bytes 3-5/10"), ErrorKind.INTEGRITY),
        (ranged(206, BODY[2:5]), ErrorKind.INTEGRITY),
        (ranged(206, BODY[2:5], "bytes 2-4/10", etag="other"), ErrorKind.CHANGED),
        (answer(206, BODY[2:5], Content_Range="bytes 2-4/10"), ErrorKind.NOT_S3),
        (s3_error(416, "InvalidRange"), ErrorKind.CHANGED),
        (s3_error(412, "PreconditionFailed"), ErrorKind.CHANGED),
        (s3_error(404, "NoSuchKey"), ErrorKind.NO_OBJECT),
        (answer(200, "<html>Sign in</html>", Content_Type="text/html"), ErrorKind.NOT_S3),
    ],
    ids=["whole", "short", "shifted", "no-range", "replaced", "no-etag", "416", "412", "404", "portal"],
)
def test_anything_but_the_exact_range_is_refused_before_a_byte(start: Start, reply: bytes, kind: ErrorKind) -> None:
    rig = start(lambda _request: reply)
    got: list[bytes] = []
    assert kind_of(lambda: rig.store.read_range(REF, 2, 3, ETAG, lambda piece: got.append(bytes(piece)), CallControl())) is kind
    assert got == []
    assert len(rig.server.requests) == 1


def test_a_whole_object_is_accepted_where_it_is_what_was_asked_for(start: Start) -> None:
    rig = start(lambda _request: ranged(200, BODY))
    assert read(rig.store, 0, 10, ETAG) == BODY


def cut_with_length(_request: Request) -> Answer:
    """The body ends before its Content-Length."""
    return ranged(206, BODY, "bytes 0-9/10")[:-3]


def cut_without_length(_request: Request) -> Answer:
    """The body ends early and nothing said how long it is."""
    return ranged(206, BODY[:7], "bytes 0-9/10").replace(b"Content-Length: 7\r\n", b"")


def longer(_request: Request) -> Answer:
    """More bytes than asked for, under the right Content-Range."""
    return ranged(206, BODY + b"more", "bytes 0-9/10")


@pytest.mark.parametrize("handler", [cut_with_length, cut_without_length])
def test_a_cut_body_is_a_lost_connection(start: Start, handler: Callable[[Request], Answer]) -> None:
    rig = start(handler)
    assert kind_of(lambda: read(rig.store, 0, 10, ETAG)) is ErrorKind.CONNECTION_LOST


def test_no_byte_above_the_range_is_taken(start: Start) -> None:
    rig = start(longer)
    assert read(rig.store, 0, 10, ETAG) == BODY


def test_reading_a_head_pins_the_version(start: Start) -> None:
    def handler(request: Request) -> Answer:
        if request.method == "HEAD":
            return _head_of(10).replace(b'"abc"', f'"{ETAG}"'.encode())
        return ranged(206, BODY[:4], "bytes 0-3/10", etag="replaced meanwhile")

    rig = start(handler)
    assert kind_of(lambda: rig.store.read_head(REF, 4, CallControl())) is ErrorKind.CHANGED


# --- delete -----------------------------------------------------------------------------------------------------------------


def batch_answer(deleted: tuple[str, ...] = (), failed: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A DeleteResult."""
    gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in deleted)
    kept = "".join(f"<Error><Key>{key}</Key><Code>{code}</Code><Message>no</Message></Error>" for key, code in failed)
    return s3_answer(200, f"<DeleteResult>{gone}{kept}</DeleteResult>")


def test_each_key_of_a_batch_has_its_own_result(start: Start) -> None:
    def handler(request: Request) -> Answer:
        if request.method == "POST":
            return batch_answer(("a", "a", "never asked"), (("b", "AccessDenied"), ("c", "InternalError")))
        return s3_answer(404) if request.path.endswith("/gone") else _head_of(1)  # HEADs of what the answer left out

    rig = start(handler)
    result = rig.store.delete_objects("bucket", ("a", "b", "c", "gone", "still-there"))
    assert sorted(result.deleted) == ["a", "gone"]
    kinds = {item.key: item.error.kind for item in result.failed}
    assert kinds == {"b": ErrorKind.ACCESS_DENIED, "c": ErrorKind.SERVER, "still-there": ErrorKind.NOT_S3}
    assert sorted(request.path for request in rig.server.requests if request.method == "HEAD") == [
        "/bucket/gone",
        "/bucket/still-there",
    ]


@pytest.mark.parametrize("code", ["NotImplemented", "MissingContentMD5", "XAmzContentSHA256Mismatch", "MalformedXML"])
def test_a_store_without_batches_gets_single_deletes(start: Start, code: str) -> None:
    def handler(request: Request) -> Answer:
        return s3_error(501 if code == "NotImplemented" else 400, code) if request.method == "POST" else s3_answer(204)

    rig = start(handler)
    for _ in range(2):
        result = rig.store.delete_objects("bucket", ("a", "b"))
        assert (sorted(result.deleted), result.failed) == (["a", "b"], ())
    assert [request.method for request in rig.server.requests] == ["POST", "DELETE", "DELETE", "DELETE", "DELETE"]


def test_keys_that_xml_can_not_carry_go_one_by_one(start: Start) -> None:
    def handler(request: Request) -> Answer:
        return batch_answer(("a", "b")) if request.method == "POST" else s3_answer(204)

    rig = start(handler)
    result = rig.store.delete_objects("bucket", ("a", "bad\x01", "b", "\ufffe"))
    assert sorted(result.deleted) == sorted(("a", "bad\x01", "b", "\ufffe"))
    assert [request.target for request in rig.server.requests if request.method == "DELETE"] == [
        "/bucket/bad%01",
        "/bucket/%EF%BF%BE",
    ]


@pytest.mark.parametrize("gone", [True, False])
def test_the_lost_answer_of_a_delete_is_settled_by_head(start: Start, gone: bool) -> None:
    def handler(request: Request) -> Answer:
        if request.method == "DELETE":
            raise ResetError
        return s3_answer(404) if gone else _head_of(1)

    rig = start(handler)
    result = rig.store.delete_objects("bucket", ("a",))
    assert (result.deleted == ("a",)) is gone
    assert [item.error.kind for item in result.failed] == ([] if gone else [ErrorKind.CONNECTION_LOST])
    assert [request.method for request in rig.server.requests] == ["DELETE", "HEAD"]


def test_a_retention_is_told_as_such(start: Start) -> None:
    rig = start(lambda _request: s3_error(409, "ObjectUnderRetention", "retained"))
    (failed,) = rig.store.delete_objects("bucket", ("a",)).failed
    assert failed.error.kind is ErrorKind.RETENTION
