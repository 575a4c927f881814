"""Multipart uploads whose end is unclear: HEAD decides, never a guess."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from s3.calls import MD5_X, REF
from s3.conftest import Rig, Start
from servers.raw import Answer, Request, ResetError, answer, s3_answer, s3_error

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.writes import UploadedPart, WriteOptions

PARTS = (UploadedPart(1, MD5_X), UploadedPart(2, MD5_X))
FINISHED = hashlib.md5(bytes.fromhex(MD5_X) * 2, usedforsecurity=False).hexdigest() + "-2"


def result(etag: str) -> bytes:
    """The answer to a Complete that succeeded."""
    return s3_answer(200, f"<CompleteMultipartUploadResult><ETag>&quot;{etag}&quot;</ETag></CompleteMultipartUploadResult>")


def lost(_request: Request) -> Answer:
    """The reply is lost."""
    raise ResetError


UNCLEAR: dict[str, Callable[[Request], Answer]] = {
    "lost": lost,
    "error-in-200": lambda _request: s3_answer(200, "<Error><Code>InternalError</Code><Message>try again</Message></Error>"),
    "500": lambda _request: s3_error(500, "InternalError"),
    "no-such-upload": lambda _request: s3_error(404, "NoSuchUpload"),
    "empty": lambda _request: s3_answer(200),
    "portal": lambda _request: answer(200, "<html>Sign in</html>", Content_Type="text/html"),
    "cut": lambda _request: s3_answer(200, "<CompleteMultipartUploadResult><ETag>"),
    "keep-alive": lambda _request: s3_answer(200, b"<?xml version='1.0'?>\n" + b" " * 100),
}


def complete(rig: Rig) -> str:
    """Complete the upload of ``PARTS``."""
    return rig.store.complete_multipart_upload(REF, "id", PARTS).etag


def store_that(start: Start, completes: Callable[[Request], Answer], etag_now: str) -> Rig:
    """A store that answers Complete so, and whose object has ``etag_now`` ("": there is none)."""

    def handler(request: Request) -> Answer:
        if request.method == "POST":
            return completes(request)
        return s3_answer(200, ETag=f'"{etag_now}"', Content_Length="2") if etag_now else s3_answer(404)

    return start(handler)


@pytest.mark.parametrize("unclear", UNCLEAR)
def test_an_unclear_end_is_a_success_when_the_object_is_there(start: Start, unclear: str) -> None:
    rig = store_that(start, UNCLEAR[unclear], FINISHED)
    assert complete(rig) == FINISHED
    assert [request.method for request in rig.server.requests] == ["POST", "HEAD"]


@pytest.mark.parametrize("etag_now", ["", "another", f"{MD5_X}"], ids=["none", "other", "older"])
@pytest.mark.parametrize("unclear", UNCLEAR)
def test_an_unclear_end_is_a_failure_without_the_object(start: Start, unclear: str, etag_now: str) -> None:
    rig = store_that(start, UNCLEAR[unclear], etag_now)
    with pytest.raises(BrowserError):
        complete(rig)
    assert [request.method for request in rig.server.requests].count("POST") == 1
    assert "DELETE" not in [request.method for request in rig.server.requests]  # the parts are kept for another try


def test_a_clear_refusal_needs_no_head(start: Start) -> None:
    rig = store_that(start, lambda _request: s3_error(400, "InvalidPart"), FINISHED)
    with pytest.raises(BrowserError) as caught:
        complete(rig)
    assert caught.value.facts.code == "InvalidPart"
    assert len(rig.server.requests) == 1


def test_what_complete_sends(start: Start) -> None:
    rig = store_that(start, lambda _request: result(FINISHED), "")
    assert complete(rig) == FINISHED
    (request,) = rig.server.requests
    assert request.query == {"uploadId": "id"}
    assert request.body.count(MD5_X.encode()) == 2
    assert request.body.index(b"<PartNumber>1</PartNumber>") < request.body.index(b"<PartNumber>2</PartNumber>")


def test_an_etag_that_is_not_of_these_parts(start: Start) -> None:
    rig = store_that(start, lambda _request: result(f"{'0' * 32}-2"), "")
    with pytest.raises(BrowserError) as caught:
        complete(rig)
    assert caught.value.kind is ErrorKind.INTEGRITY


@pytest.mark.parametrize("unclear", [*UNCLEAR, ""])
def test_md5s_in_upper_case(start: Start, unclear: str) -> None:
    upper = tuple(UploadedPart(part.number, part.etag.upper()) for part in PARTS)
    completes = UNCLEAR[unclear] if unclear else lambda _request: result(FINISHED.upper())
    rig = store_that(start, completes, FINISHED.upper())
    assert rig.store.complete_multipart_upload(REF, "id", upper).etag == FINISHED.upper()
    assert rig.server.requests[0].body.count(MD5_X.upper().encode()) == 2, "as the store gave them"
    rig = store_that(start, lambda _request: result(f"{'A' * 32}-2"), "")
    with pytest.raises(BrowserError) as caught:
        rig.store.complete_multipart_upload(REF, "id", upper)
    assert caught.value.kind is ErrorKind.INTEGRITY


def test_etags_of_parts_that_are_known_to_be_no_md5s(start: Start) -> None:
    encrypted = (UploadedPart(1, MD5_X, md5="0" * 32), UploadedPart(2, MD5_X, md5="0" * 32))
    rig = store_that(start, lambda _request: result(f"{'0' * 32}-2"), "")
    assert rig.store.complete_multipart_upload(REF, "id", encrypted).etag == f"{'0' * 32}-2"


@pytest.mark.parametrize(
    ("etag", "headers"),
    [(MD5_X, {}), (MD5_X.upper(), {}), ("opaque", {}), ("0" * 32, {"x_amz_server_side_encryption": "aws:kms:dsse"})],
)
def test_a_part_has_its_own_etag_and_the_md5_of_the_bytes(start: Start, etag: str, headers: dict[str, str]) -> None:
    rig = start(lambda _request: s3_answer(200, ETag=f'"{etag}"', **headers))
    part = rig.store.upload_part(REF, "id", 1, b"x", CallControl())
    assert (part.etag, part.md5) == (etag, MD5_X)
    assert part.md5_etag == (MD5_X if etag.lower() == MD5_X else "")


def test_an_opaque_etag_is_accepted(start: Start) -> None:
    assert complete(store_that(start, lambda _request: result("opaque"), "")) == "opaque"


@pytest.mark.parametrize(("etag", "kind"), [("0" * 32, ErrorKind.INTEGRITY), ("", ErrorKind.NOT_S3)])
def test_a_part_without_proof(start: Start, etag: str, kind: ErrorKind) -> None:
    rig = start(lambda _request: s3_answer(200, **({"ETag": f'"{etag}"'} if etag else {})))
    with pytest.raises(BrowserError) as caught:
        rig.store.upload_part(REF, "id", 1, b"x", CallControl())
    assert caught.value.kind is kind


def test_an_upload_without_an_id(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, "<InitiateMultipartUploadResult/>"))
    with pytest.raises(BrowserError) as caught:
        rig.store.create_multipart_upload(REF, WriteOptions())
    assert caught.value.kind is ErrorKind.NOT_S3


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError"])
def test_an_abort_that_is_refused_is_told(start: Start, code: str) -> None:
    rig = start(lambda _request: s3_error(403 if code == "AccessDenied" else 500, code))
    with pytest.raises(BrowserError) as caught:
        rig.store.abort_multipart_upload(REF, "id")
    assert caught.value.facts.code == code


# --- what is unfinished -----------------------------------------------------------------------------------------------------


def parts_page(numbers: range, following: int) -> bytes:
    """A page of ListParts; ``following`` 0 ends it."""
    entries = "".join(f'<Part><PartNumber>{n}</PartNumber><ETag>"{MD5_X}"</ETag><Size>{n}</Size></Part>' for n in numbers)
    more = f"<NextPartNumberMarker>{following}</NextPartNumberMarker>" if following else ""
    return s3_answer(
        200, f"<ListPartsResult><IsTruncated>{str(bool(following)).lower()}</IsTruncated>{more}{entries}</ListPartsResult>"
    )


def test_parts_come_from_all_pages(start: Start) -> None:
    def handler(request: Request) -> Answer:
        return parts_page(range(3, 5), 0) if "part-number-marker" in request.query else parts_page(range(1, 3), 2)

    rig = start(handler)
    assert rig.store.list_parts(REF, "id") == tuple(UploadedPart(n, MD5_X, n) for n in range(1, 5))
    assert [request.query.get("part-number-marker") for request in rig.server.requests] == [None, "2"]


@pytest.mark.parametrize("code", ["NoSuchUpload", "NoSuchKey"])
def test_the_parts_of_an_upload_that_is_gone(start: Start, code: str) -> None:
    rig = start(lambda _request: s3_error(404, code))
    with pytest.raises(BrowserError) as caught:
        rig.store.list_parts(REF, "id")
    assert (caught.value.kind, caught.value.facts.code) == (ErrorKind.NO_OBJECT, "NoSuchUpload")


def uploads_page(keys: dict[str, str], marker: str = "") -> bytes:
    """A page of ListMultipartUploads: ids by key."""
    entries = "".join(f"<Upload><Key>{key}</Key><UploadId>{upload_id}</UploadId></Upload>" for upload_id, key in keys.items())
    more = f"<NextKeyMarker>{marker}</NextKeyMarker><NextUploadIdMarker>m</NextUploadIdMarker>" if marker else ""
    top = f"<IsTruncated>{str(bool(marker)).lower()}</IsTruncated>{more}"
    return s3_answer(200, f"<ListMultipartUploadsResult>{top}{entries}</ListMultipartUploadsResult>")


def test_uploads_come_from_all_pages_and_are_of_one_key(start: Start) -> None:
    def handler(request: Request) -> Answer:
        if "key-marker" in request.query:
            return uploads_page({"3": REF.key, "4": f"{REF.key}/x"})
        return uploads_page({"1": f"{REF.key}-", "2": REF.key}, "at")

    rig = start(handler)
    assert [upload.upload_id for upload in rig.store.list_uploads(REF)] == ["2", "3"]
    assert (rig.server.requests[1].query["key-marker"], rig.server.requests[1].query["upload-id-marker"]) == ("at", "m")


def test_lists_that_never_end(start: Start) -> None:
    rig = start(lambda request: uploads_page({}, "m") if "uploads" in request.query else parts_page(range(1), 1))
    for call in (lambda: rig.store.list_uploads(REF), lambda: rig.store.list_parts(REF, "id")):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.PARTIAL
    assert len(rig.server.requests) == 4


@pytest.mark.parametrize(
    ("told", "size"), [("2", 5), ("10000", 5), ("1", 0), ("", 0), ("-2", 0), ("many", 0), ("9" * 9000, 5), ("\xb2", 0)]
)
def test_the_size_of_the_first_part(start: Start, told: str, size: int) -> None:
    headers = {"x_amz_mp_parts_count": told} if told else {}
    rig = start(lambda _request: s3_answer(200, ETag='"e"', Content_Length="5", **headers))
    assert rig.store.first_part_size(REF) == size
    assert rig.server.requests[0].query == {"partNumber": "1"}
