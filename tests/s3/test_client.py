"""What holds for every call: nothing but S3 is believed, no redirect is followed, no other key is used, bodies are proven."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from s3.calls import ALL, READS, REF, WRITES, put
from s3.conftest import ACCESS_KEY, SECRET, Rig, Start
from servers.raw import Request, answer, s3_answer, s3_error

from cloudtemple_browser.model.connections import Connection, SecretText, Signature
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.s3.store import S3StoreFactory

UNPARSABLE = "<!doctype html><title>Sign in</title><p>Welcome<br>to the hotel network"
PORTAL = "<html><head><title>Sign in</title></head><body>Welcome to the hotel network</body></html>"
EMPTY_LISTING = "<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>"


def kind_of(call: object, rig: Rig) -> ErrorKind:
    """The kind of error that a call ends with."""
    with pytest.raises(BrowserError) as caught:
        call(rig.store)  # type: ignore[operator]
    return caught.value.kind


@pytest.mark.parametrize("page", [PORTAL, UNPARSABLE], ids=["xhtml", "html"])
@pytest.mark.parametrize("name", ALL)
def test_a_captive_portal_is_not_a_store(start: Start, name: str, page: str) -> None:
    rig = start(lambda _request: answer(200, page, Content_Type="text/html; charset=utf-8"))
    assert kind_of(ALL[name], rig) is ErrorKind.NOT_S3


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("name", ["list_buckets", "head_bucket", "list_pages", "head_object", "put_object", "delete_bucket"])
def test_a_web_servers_error_page_is_not_a_store(start: Start, name: str, status: int) -> None:
    rig = start(lambda _request: answer(status, PORTAL, Content_Type="text/html"))
    assert kind_of(ALL[name], rig) is ErrorKind.NOT_S3


@pytest.mark.parametrize("name", sorted(set(ALL) - {"head_bucket", "create_bucket", "delete_bucket", "abort_multipart_upload"}))
def test_an_empty_200_proves_nothing(start: Start, name: str) -> None:
    rig = start(lambda _request: answer(200))
    assert kind_of(ALL[name], rig) is ErrorKind.NOT_S3


@pytest.mark.parametrize("count", [1, 2])
def test_a_captive_portal_deletes_nothing(start: Start, count: int) -> None:
    rig = start(lambda _request: answer(200, PORTAL, Content_Type="text/html"))
    keys = ("a", "b")[:count]
    result = rig.store.delete_objects("bucket", keys)
    assert result.deleted == ()
    assert [(item.key, item.error.kind) for item in result.failed] == [(key, ErrorKind.NOT_S3) for key in keys]


def test_a_captive_portal_is_not_a_public_object(start: Start) -> None:
    rig = start(lambda _request: answer(200, PORTAL, Content_Type="text/html"))
    assert kind_of(lambda store: store.readable_by_anyone(REF), rig) is ErrorKind.NOT_S3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_never_followed(start: Start, status: int) -> None:
    elsewhere = start(lambda _request: s3_answer(200, EMPTY_LISTING))
    rig = start(lambda _request: answer(status, Location=f"{elsewhere.server.endpoint}/stolen"))
    with pytest.raises(BrowserError) as caught:
        list(rig.store.list_pages("bucket", "", "/", CallControl()))
    assert caught.value.kind is ErrorKind.REDIRECTED
    assert dict(caught.value.values)["target"] == f"127.0.0.1:{elsewhere.server.port}"
    assert len(rig.server.requests) == 1
    assert elsewhere.server.requests == []


@pytest.mark.parametrize("name", ALL)
def test_every_call_sends_one_request_to_a_redirect(start: Start, name: str) -> None:
    rig = start(lambda _request: answer(301, Location="http://127.0.0.1:1/"))
    assert kind_of(ALL[name], rig) is ErrorKind.REDIRECTED
    assert len(rig.server.requests) == 1


def test_a_redirect_of_s3_names_the_region(start: Start) -> None:
    rig = start(lambda _request: answer(301, x_amz_bucket_region="eu-west-3", x_amz_request_id="r"))
    with pytest.raises(BrowserError) as caught:
        rig.store.head_bucket("bucket")
    assert (caught.value.kind, dict(caught.value.values)["region"]) == (ErrorKind.REGION, "eu-west-3")
    assert len(rig.server.requests) == 1


def test_a_wrong_region_is_told_and_not_signed_anew(start: Start) -> None:
    rig = start(lambda _request: s3_error(400, "AuthorizationHeaderMalformed", "wrong", "<Region>eu-west-3</Region>"))
    with pytest.raises(BrowserError) as caught:
        list(rig.store.list_pages("bucket", "", "", CallControl()))
    assert (caught.value.kind, dict(caught.value.values)["region"]) == (ErrorKind.REGION, "eu-west-3")
    assert len(rig.server.requests) == 1


def test_an_endless_answer_is_cut(start: Start) -> None:
    sent: list[int] = []

    def endless(_request: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n<ListBucketResult>"
        while True:
            yield b" " * 65536
            sent.append(65536)

    rig = start(endless)
    assert kind_of(READS["list_pages"], rig) is ErrorKind.NOT_S3
    assert sum(sent) < 40 << 20
    assert len(rig.server.requests) == 1


@pytest.mark.parametrize("name", READS)
def test_a_throttled_read_is_sent_again_and_then_told(start: Start, name: str) -> None:
    rig = start(lambda _request: s3_error(503, "SlowDown", "Reduce your request rate"))
    assert kind_of(READS[name], rig) is ErrorKind.THROTTLED
    heads = [request for request in rig.server.requests if request.method == "HEAD"]
    assert len(heads) == 1 if name in ("head_object", "read_head") else 2 <= len(rig.server.requests) <= 5


def test_a_throttled_read_succeeds_in_the_end(start: Start) -> None:
    answers = iter([s3_error(503, "SlowDown"), s3_error(500, "InternalError"), s3_answer(200, EMPTY_LISTING)])
    rig = start(lambda _request: next(answers))
    (page,) = rig.store.list_pages("bucket", "", "", CallControl())
    assert len(page) == 0
    assert len(rig.server.requests) == 3


@pytest.mark.parametrize("name", sorted(set(WRITES) - {"write_acl", "complete_multipart_upload"}))
def test_a_write_is_sent_once(start: Start, name: str) -> None:
    rig = start(lambda _request: s3_error(503, "SlowDown"))
    assert kind_of(WRITES[name], rig) is ErrorKind.THROTTLED
    assert len(rig.server.requests) == 1


def test_bodies_have_content_md5_and_no_other_checksum(start: Start) -> None:
    def handler(request: Request) -> bytes:
        if "delete" in request.query:
            deleted = "<Deleted><Key>a</Key></Deleted><Deleted><Key>b</Key></Deleted>"
            return s3_answer(200, f"<DeleteResult>{deleted}</DeleteResult>")
        if request.method == "POST":
            return s3_answer(200, '<CompleteMultipartUploadResult><ETag>"e-1"</ETag></CompleteMultipartUploadResult>')
        return s3_answer(200, ETag=f'"{hashlib.md5(request.body, usedforsecurity=False).hexdigest()}"')

    rig = start(handler)
    put(rig.store)
    put(rig.store, b"")
    WRITES["upload_part"](rig.store)
    WRITES["complete_multipart_upload"](rig.store)
    assert rig.store.delete_objects("bucket", ("a", "b")).deleted == ("a", "b")

    assert len(rig.server.requests) == 5
    for request in rig.server.requests:
        md5 = base64.b64encode(hashlib.md5(request.body, usedforsecurity=False).digest()).decode()
        assert request.headers.get("content-md5", "") == (md5 if request.body else "")
        assert request.headers["content-length"] == str(len(request.body))
        assert "transfer-encoding" not in request.headers
        assert "aws-chunked" not in request.headers.get("content-encoding", "")
        assert not [
            name for name in request.headers if name.startswith(("x-amz-checksum", "x-amz-sdk-checksum", "x-amz-trailer"))
        ]
        assert "STREAMING" not in request.headers["x-amz-content-sha256"]


@pytest.mark.parametrize("signature", Signature)
def test_what_signs_what(start: Start, signature: Signature) -> None:
    def handler(request: Request) -> bytes:
        return s3_answer(200, EMPTY_LISTING) if request.method == "GET" else s3_answer(200, ETag=f'"{"0" * 32}-1"')

    rig = start(handler, signature=signature)
    READS["list_pages"](rig.store)
    put(rig.store)
    listing, data = (request.headers["authorization"] for request in rig.server.requests)
    assert listing.startswith("AWS " if signature is Signature.V2 else "AWS4-HMAC-SHA256 ")
    assert data.startswith("AWS4-HMAC-SHA256 " if signature is Signature.V4 else "AWS ")
    if signature is not Signature.V4:
        assert "content-md5" in rig.server.requests[1].headers


def test_nothing_of_the_machines_aws_set_up_is_used(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = start(lambda _request: s3_answer(200, EMPTY_LISTING))
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "config").write_text(
        f"[default]\nregion = mars-1\nendpoint_url = {other.server.endpoint}\ns3 =\n  addressing_style = virtual\n"
        "[profile broken\n"
    )
    (folder / "credentials").write_text("[default]\naws_access_key_id = AKOTHER\naws_secret_access_key = other\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("AWS_CONFIG_FILE")
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")
    for name, value in {
        "AWS_PROFILE": "missing",
        "AWS_ACCESS_KEY_ID": "AKOTHER",
        "AWS_SECRET_ACCESS_KEY": "other",
        "AWS_SESSION_TOKEN": "token",
        "AWS_DEFAULT_REGION": "mars-1",
        "AWS_ENDPOINT_URL": other.server.endpoint,
        "AWS_ENDPOINT_URL_S3": other.server.endpoint,
        "AWS_CA_BUNDLE": "/does/not/exist",
        "AWS_MAX_ATTEMPTS": "0",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "WHEN_SUPPORTED",
        "AWS_USE_FIPS_ENDPOINT": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("cloudtemple_browser.s3.client._session", None)

    rig = start(lambda _request: s3_answer(200, EMPTY_LISTING))
    READS["list_pages"](rig.store)
    (request,) = rig.server.requests
    assert request.path == "/bucket"
    assert f"Credential={ACCESS_KEY}/" in request.headers["authorization"]
    assert "/fr1/s3/" in request.headers["authorization"]
    assert "x-amz-security-token" not in request.headers
    assert other.server.requests == []


@pytest.mark.parametrize(("access_key", "secret"), [("", "s"), ("AK", ""), ("", "")])
def test_without_a_key_no_request_is_made(start: Start, monkeypatch: pytest.MonkeyPatch, access_key: str, secret: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKOTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    rig = start(lambda _request: s3_answer(200, EMPTY_LISTING))
    connection = Connection("none", rig.server.endpoint, access_key)
    factory = S3StoreFactory()
    for call in (
        lambda: factory.open(connection, SecretText(secret)),
        lambda: factory.probe(connection, SecretText(secret), lambda _result: None),
    ):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.NO_CREDENTIALS
    assert rig.server.connections == 0


def test_the_secret_is_in_no_request_log_or_error(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rig = start(lambda _request: s3_error(403, "SignatureDoesNotMatch", f"canonical {SECRET.reveal()[:0]}"))
    with pytest.raises(BrowserError) as caught:
        rig.store.put_object(REF, b"x", WriteOptions(), CallControl())
    (request,) = rig.server.requests
    told = f"{request} {caplog.text} {caught.value!r} {caught.value} {rig.store!r} {rig.connection!r}"
    assert SECRET.reveal() not in told


def test_a_closed_store_sends_nothing(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, EMPTY_LISTING))
    READS["list_pages"](rig.store)
    rig.store.close()
    assert kind_of(READS["list_pages"], rig) is ErrorKind.CONNECTION_LOST
    assert len(rig.server.requests) == 1
