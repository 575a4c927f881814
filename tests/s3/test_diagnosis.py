"""The checks of "Why?", on servers that answer as told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

import pytest
from s3.conftest import ACCESS_KEY, SECRET, Start
from servers.process import LOOPBACK, free_ports
from servers.raw import Answer, RawServer, Request, answer, s3_answer, s3_error
from servers.tls import Certificate

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.verdicts import verdict
from cloudtemple_browser.s3 import diagnosis, http
from cloudtemple_browser.s3.store import S3StoreFactory

BUCKETS = "<ListAllMyBucketsResult><Owner><ID>me</ID></Owner><Buckets>{}</Buckets></ListAllMyBucketsResult>"
MINE = "<Bucket><Name>bucket</Name></Bucket>"
LISTING = "<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
READING = Question(Right.READ, "bucket", "a/b.txt")
GOOD, BAD, NOTE, SKIPPED = Outcome.GOOD, Outcome.BAD, Outcome.NOTE, Outcome.SKIPPED
WAY = [(Check.NAME, GOOD), (Check.PORT, GOOD), (Check.TLS, SKIPPED), (Check.STORE, GOOD), (Check.CLOCK, GOOD)]


def diagnose(connection: Connection, question: Question = READING, control: CallControl | None = None) -> list[Finding]:
    """What was found, in order."""
    found: list[Finding] = []
    S3StoreFactory().diagnose(connection, SECRET, question, found.append, control or CallControl())
    return found


def outcomes(found: list[Finding]) -> list[tuple[Check, Outcome]]:
    """Each check with what it came to."""
    return [(one.check, one.outcome) for one in found]


def dated(reply: bytes, ahead: float = 0.0) -> bytes:
    """An answer with the time of a store whose clock is ``ahead``, in seconds."""
    return reply.replace(b"\r\n", f"\r\nDate: {formatdate(time.time() + ahead, usegmt=True)}\r\n".encode(), 1)


def may(*allowed: str) -> object:
    """A store that lets a key do some of ListBuckets, ListObjectsV2, GetObject, GetObjectAcl, and refuses all else.

    The bucket is the key's own if it may do anything in it.
    """
    buckets = BUCKETS.format(MINE if set(allowed) - {"ListBuckets"} else "")

    def serve(request: Request) -> Answer:
        signed = "authorization" in request.headers
        if request.path == "/":
            return dated(s3_answer(200, buckets) if "ListBuckets" in allowed and signed else s3_error(403, "AccessDenied"))
        if request.path == "/bucket":
            return s3_answer(200, LISTING) if "ListObjectsV2" in allowed else s3_error(403, "AccessDenied")
        if "GetObject" in allowed and not request.query and signed:
            return s3_answer(206, b"x", ETag='"e"', Content_Range="bytes 0-0/3")
        return s3_error(403, "AccessDenied")

    return serve


def test_a_key_that_may_list_and_not_read(start: Start) -> None:
    rig = start(may("ListBuckets", "ListObjectsV2"))
    found = diagnose(rig.connection)
    rest = [(Check.KEY, GOOD), (Check.LIST, GOOD), (Check.READ, BAD), (Check.ACL, NOTE), (Check.PUBLIC, NOTE)]
    assert outcomes(found) == WAY + rest
    refused = next(one for one in found if one.check is Check.READ)
    assert refused.error is not None
    assert (refused.error.facts.status, refused.error.facts.code, refused.error.facts.request_id) == (
        403,
        "AccessDenied",
        "req-1",
    )
    sentence = str(verdict(READING, found).sentence)
    assert sentence == "The key is right and may list this bucket but not read this object."


def test_nothing_is_ever_changed(start: Start) -> None:
    rig = start(may("ListBuckets", "ListObjectsV2", "GetObject"))
    for right in Right:
        diagnose(rig.connection, replace(READING, right=right))
    assert {request.method for request in rig.server.requests} <= {"GET", "HEAD"}
    assert all(not request.body for request in rig.server.requests)
    fetched = [request for request in rig.server.requests if request.path == "/bucket/a/b.txt" and not request.query]
    assert {request.headers["range"] for request in fetched} == {"bytes=0-0"}


def test_a_key_that_is_refused_everywhere(start: Start) -> None:
    rig = start(may())
    found = diagnose(rig.connection)
    told = verdict(READING, found)
    assert "refuses every request of this key from here" in str(told.sentence)
    assert LOOPBACK in str(told.sentence)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("InvalidAccessKeyId", ErrorKind.UNKNOWN_ACCESS_KEY), ("SignatureDoesNotMatch", ErrorKind.WRONG_SECRET)],
)
def test_a_wrong_key_ends_the_checks(start: Start, code: str, kind: ErrorKind) -> None:
    def serve(request: Request) -> Answer:
        return dated(s3_error(403, code if "authorization" in request.headers else "AccessDenied"))

    found = diagnose(start(serve).connection)
    assert outcomes(found) == [*WAY, (Check.KEY, BAD)]
    assert found[-1].error is not None
    assert found[-1].error.kind is kind


def test_two_clocks(start: Start) -> None:
    found = diagnose(start(lambda _request: dated(s3_error(403, "RequestTimeTooSkewed"), 1200)).connection)
    clock = next(one for one in found if one.check is Check.CLOCK)
    assert clock.outcome is BAD
    assert "20 min" in str(clock.evidence[0]) or "1200 s" in str(clock.evidence[0]) or "1199" in str(clock.evidence[0])
    assert "the store says" in str(verdict(READING, found).sentence)


def test_a_page_in_front_of_the_store(start: Start) -> None:
    found = diagnose(start(lambda _request: answer(200, "<html>sign in</html>", Content_Type="text/html")).connection)
    assert found[-1].check is Check.STORE
    assert found[-1].outcome is BAD
    found = diagnose(start(lambda _request: answer(403, "<html>blocked</html>", Content_Type="text/html")).connection)
    assert (Check.STORE, NOTE) in outcomes(found)
    assert "Something in front of the store refuses" in str(verdict(READING, found).sentence)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, "{}", "did not come from an S3 store"),
        (200, "", "is no S3 store"),
        (404, "", "is no S3 store"),
        (404, "{}", "is no S3 store"),
        (404, "not found", "is no S3 store"),
        (403, "{}", "Something in front of the store refuses"),
    ],
)
def test_another_kind_of_server_proves_no_key(start: Start, status: int, body: str, words: str) -> None:
    rig = start(lambda _request: answer(status, body))
    for question in (READING, Question(Right.BUCKETS)):
        assert words in str(verdict(question, diagnose(rig.connection, question)).sentence)


@pytest.mark.parametrize("says", [b"SSH-2.0-OpenSSH_9.2\r\n", b""])
def test_what_speaks_no_http(start: Start, says: bytes) -> None:
    found = diagnose(start(lambda _request: says).connection)
    assert (found[-1].check, found[-1].outcome) == (Check.STORE, BAD)
    assert "ends the connection without an answer" in str(verdict(READING, found, "here:1").sentence)


def test_the_bucket_of_somebody_else(start: Start) -> None:
    found = diagnose(start(may("ListBuckets")).connection)
    key = next(one for one in found if one.check is Check.KEY)
    assert key.stranger
    assert "bucket is not among them" in str(key.evidence[1])
    assert "bucket is not one of its buckets" in str(verdict(READING, found).sentence)


def test_a_redirect(start: Start) -> None:
    found = diagnose(start(lambda _request: answer(302, Location="https://portal.test/login")).connection)
    assert (found[-1].check, found[-1].outcome) == (Check.STORE, BAD)
    assert "portal.test" in str(verdict(READING, found).sentence)
    aws = start(lambda _request: answer(307, Location="https://aws.amazon.com/s3/", x_amz_request_id="AWS1"))
    assert (Check.STORE, GOOD) in outcomes(diagnose(aws.connection))


def test_a_port_where_nothing_listens() -> None:
    (port,) = free_ports(1)
    found = diagnose(Connection("c", f"http://{LOOPBACK}:{port}", ACCESS_KEY))
    assert outcomes(found) == [(Check.NAME, GOOD), (Check.PORT, BAD)]
    assert found[-1].error is not None
    assert found[-1].error.kind is ErrorKind.REFUSED
    assert "ECONNREFUSED" in str(found[-1].evidence[0])


def test_a_name_that_does_not_exist() -> None:
    found = diagnose(Connection("c", "https://no-such-namespace.invalid", ACCESS_KEY))
    assert outcomes(found) == [(Check.NAME, BAD)]


def test_the_certificate_is_shown_whether_trusted_or_not(certificate: Certificate) -> None:
    with RawServer(may("ListBuckets"), certificate) as server:  # type: ignore[arg-type]
        connection = Connection("c", server.endpoint, ACCESS_KEY)
        found = diagnose(connection)
        assert outcomes(found) == [(Check.NAME, GOOD), (Check.PORT, GOOD), (Check.TLS, BAD)]
        assert server.requests == []
        found = diagnose(replace(connection, ca_bundle=str(certificate.authority)))
    shown = next(one for one in found if one.check is Check.TLS)
    assert shown.outcome is GOOD
    assert "CN=localhost, signed by CN=Test Authority" in str(shown.evidence[0])
    assert "Fingerprint" in str(shown.evidence[1])


def test_a_proxy_is_named_without_its_password(start: Start) -> None:
    proxy = start(may("ListBuckets"))
    through = proxy.server.endpoint.replace("http://", "http://user:hidden@")
    found = diagnose(Connection("c", "http://store.test", ACCESS_KEY, proxy=through, allow_http=True))
    assert f"the proxy {LOOPBACK}:{proxy.server.port}" in str(found[0].evidence[0])
    assert "hidden" not in repr(found)
    assert (Check.KEY, GOOD) in outcomes(found)


def test_no_evidence_holds_a_secret(start: Start) -> None:
    echo = start(lambda request: dated(s3_error(403, "AccessDenied", request.headers.get("authorization", ""))))
    assert SECRET.reveal() not in repr(diagnose(echo.connection))


@pytest.mark.parametrize("right", [Right.WRITE, Right.DELETE])
def test_a_retention(start: Start, right: Right) -> None:
    def serve(request: Request) -> Answer:
        if "retention" in request.query:
            return s3_answer(
                200, "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2099-01-01T00:00:00Z</RetainUntilDate></Retention>"
            )
        if "legal-hold" in request.query:
            return s3_error(404, "NoSuchObjectLockConfiguration")
        served = may("ListBuckets", "ListObjectsV2", "GetObject")
        return served(request)  # type: ignore[operator, no-any-return]

    question = replace(READING, right=right)
    found = diagnose(start(serve).connection, question)
    held = next(one for one in found if one.check is Check.RETENTION)
    assert held.outcome is BAD
    assert "COMPLIANCE until 2099-01-01" in str(held.evidence[0])
    assert (Check.WRITE, SKIPPED) in outcomes(found)
    assert "protected from changes" in str(verdict(question, found).sentence)


def silent(server_stopped: threading.Event, asked: threading.Event) -> object:
    """A handler that never answers."""

    def serve(_request: Request) -> Iterator[bytes]:
        asked.set()
        server_stopped.wait(20)
        yield b""

    return serve


def test_each_check_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LIMIT", 0.5)
    stopped, asked = threading.Event(), threading.Event()
    with RawServer(silent(stopped, asked)) as server:  # type: ignore[arg-type]
        found = diagnose(Connection("c", server.endpoint, ACCESS_KEY))
        stopped.set()
    assert (found[-1].check, found[-1].outcome) == (Check.STORE, BAD)
    assert found[-1].error is not None
    assert found[-1].error.kind is ErrorKind.TIMEOUT
    assert "0.5 s" in found[-1].error.facts.message


def test_a_check_of_two_requests_ends_in_time_too(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped, asked = threading.Event(), threading.Event()
    mute, served = silent(stopped, asked), may("ListBuckets", "ListObjectsV2", "GetObject")

    def serve(request: Request) -> Answer:
        held = {"retention", "legal-hold"} & set(request.query)
        return (mute if held else served)(request)  # type: ignore[operator, no-any-return]

    rig = start(serve)
    monkeypatch.setattr(http, "READ_TIMEOUT", 20.0)
    monkeypatch.setattr(diagnosis, "LIMIT", 2.0)
    found = diagnose(rig.connection, replace(READING, right=Right.DELETE))
    stopped.set()
    retention = next(one for one in found if one.check is Check.RETENTION)
    assert retention.error is not None
    assert retention.error.kind is ErrorKind.TIMEOUT
    assert not [one for one in rig.server.requests if "legal-hold" in one.query]


def test_cancelling_ends_at_once() -> None:
    stopped, asked = threading.Event(), threading.Event()
    control, ended = CallControl(), threading.Event()
    with RawServer(silent(stopped, asked)) as server:  # type: ignore[arg-type]

        def run() -> None:
            with pytest.raises(Cancelled):
                diagnose(Connection("c", server.endpoint, ACCESS_KEY), control=control)
            ended.set()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert asked.wait(10)
        control.cancel()
        assert ended.wait(5)  # the server says nothing for twenty seconds
        stopped.set()
        thread.join(10)


def test_without_a_secret_nothing_is_sent(start: Start) -> None:
    rig = start(may())
    with pytest.raises(BrowserError) as caught:
        S3StoreFactory().diagnose(rig.connection, SecretText(""), READING, lambda _one: None, CallControl())
    assert caught.value.kind is ErrorKind.NO_CREDENTIALS
    assert rig.server.requests == []


def test_a_ca_bundle_that_cannot_be_read(start: Start) -> None:
    rig = start(may())
    found = diagnose(replace(rig.connection, ca_bundle="/no/such/file.pem"))
    assert [(one.check, one.error.kind if one.error else None) for one in found] == [(Check.TLS, ErrorKind.CA_BUNDLE)]
