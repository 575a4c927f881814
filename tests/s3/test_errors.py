"""Network failures, told apart."""

from __future__ import annotations

import hashlib
import logging
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from s3.calls import READS, REF, put, read
from s3.conftest import ACCESS_KEY, SECRET, Start
from servers.process import LOOPBACK, free_ports
from servers.raw import Answer, RawServer, Request, ResetError, answer, s3_answer, s3_error
from servers.tls import Certificate, make_certificate

from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.s3.store import S3Store, S3StoreFactory

LISTING = "<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>"


def open_store(endpoint: str, **fields: object) -> S3Store:
    """A store at an endpoint."""
    return S3StoreFactory().open(replace(Connection("c", endpoint, ACCESS_KEY), **fields), SECRET)  # type: ignore[arg-type]


def error_of(store: S3Store, name: str = "list_pages") -> BrowserError:
    """The error of a call."""
    with pytest.raises(BrowserError) as caught:
        READS[name](store)
    store.close()
    return caught.value


def test_nothing_listens_there() -> None:
    (port,) = free_ports(1)
    error = error_of(open_store(f"http://{LOOPBACK}:{port}"))
    assert error.kind is ErrorKind.REFUSED
    assert error.facts.endpoint == f"{LOOPBACK}:{port}"


def test_a_name_that_does_not_exist() -> None:
    assert error_of(open_store("https://no-such-namespace.invalid")).kind is ErrorKind.DNS


def test_a_store_that_stays_silent(start: Start) -> None:
    def silent(_request: Request) -> Iterator[bytes]:
        rig.server.stopped.wait(20)
        yield b""

    rig = start(silent)
    began = time.monotonic()
    with pytest.raises(BrowserError) as caught:
        put(rig.store)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert time.monotonic() - began < 5
    assert len(rig.server.requests) == 1


def test_a_store_that_stops_in_the_middle(start: Start) -> None:
    def stalling(_request: Request) -> Iterator[bytes]:
        yield s3_answer(206, b"x" * 10, ETag='"e"', Content_Range="bytes 0-99/100").replace(b"Length: 10", b"Length: 100")
        rig.server.stopped.wait(20)

    rig = start(stalling)
    with pytest.raises(BrowserError) as caught:
        read(rig.store, 0, 100)
    assert caught.value.kind is ErrorKind.TIMEOUT


def test_a_connection_that_is_reset(start: Start) -> None:
    def reset(_request: Request) -> Answer:
        raise ResetError

    rig = start(reset)
    with pytest.raises(BrowserError) as caught:
        put(rig.store)
    assert caught.value.kind is ErrorKind.CONNECTION_LOST
    assert len(rig.server.requests) == 1


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_store_that_goes_away_during_an_upload(certificate: Certificate, secure: bool) -> None:
    with RawServer(lambda _request: b"", certificate if secure else None, take=1000) as server:
        store = open_store(server.endpoint, ca_bundle=str(certificate.authority))
        with pytest.raises(BrowserError) as caught:
            put(store, b"x" * (16 << 20))
        assert caught.value.kind is ErrorKind.CONNECTION_LOST
        store.close()


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_closing_ends_a_call_that_waits(certificate: Certificate, secure: bool) -> None:
    asked = threading.Event()

    def silent(_request: Request) -> Iterator[bytes]:
        asked.set()
        server.stopped.wait(20)
        yield b""

    with RawServer(silent, certificate if secure else None) as server, ThreadPoolExecutor(1) as pool:
        store = open_store(server.endpoint, ca_bundle=str(certificate.authority))
        call = pool.submit(READS["list_pages"], store)
        assert asked.wait(10)
        began = time.monotonic()
        store.close()
        error = call.exception(10)
        assert isinstance(error, BrowserError)
        assert error.kind is ErrorKind.CONNECTION_LOST
        assert time.monotonic() - began < 5  # the store was given twenty seconds to answer
        assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [b"", b"garbage\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_what_does_not_speak_http(start: Start, reply: bytes) -> None:
    rig = start(lambda _request: reply)
    with pytest.raises(BrowserError) as caught:
        put(rig.store)
    assert caught.value.kind in (ErrorKind.CONNECTION_LOST, ErrorKind.NOT_S3)


def test_a_certificate_of_an_unknown_authority(certificate: Certificate) -> None:
    with RawServer(lambda _request: s3_answer(200, LISTING), certificate) as server:
        error = error_of(open_store(server.endpoint))
        assert error.kind is ErrorKind.TLS
        assert "certificate" in error.facts.message.lower()
        assert server.requests == []
        assert server.connections == 1

        store = open_store(server.endpoint, ca_bundle=str(certificate.authority))
        assert READS["list_pages"](store)
        store.close()


def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "DNS:somewhere-else.test")
    with RawServer(lambda _request: s3_answer(200, LISTING), other) as server:
        assert error_of(open_store(server.endpoint, ca_bundle=str(other.authority))).kind is ErrorKind.TLS
        assert server.requests == []


def shown(error: BrowserError) -> dict[str, str]:
    """What the details tell."""
    return {str(label): value for label, value in error.detail_rows}


def test_a_refused_certificate_is_shown_by_its_one_handshake(certificate: Certificate) -> None:
    with RawServer(lambda _request: s3_answer(200, LISTING), certificate) as server:
        error = error_of(open_store(server.endpoint))
        assert server.connections == 1
    assert error.facts.code == "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"
    rows = shown(error)
    assert rows["Certificate of"] == "CN=localhost"
    assert rows["Signed by"] == "CN=Test Authority"
    assert rows["Valid from"] < rows["Valid until"]
    assert "127.0.0.1" in rows["Names in it"]
    der = ssl.PEM_cert_to_DER_cert(certificate.certificate.read_text())
    assert rows["Fingerprint (SHA-256)"].replace(":", "") == hashlib.sha256(der).hexdigest().upper()
    assert "CN=Test Authority" in str(explain(error).why)


def test_an_expired_certificate(tmp_path: Path) -> None:
    old = make_certificate(tmp_path, days=-1)
    with RawServer(lambda _request: s3_answer(200, LISTING), old) as server:
        error = error_of(open_store(server.endpoint, ca_bundle=str(old.authority)))
        assert (server.requests, server.connections) == ([], 1)
    assert (error.kind, error.facts.code) == (ErrorKind.TLS, "CERT_HAS_EXPIRED")
    assert shown(error)["Valid until"] in str(explain(error).why)


def test_a_self_signed_certificate(certificate: Certificate, tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    alone = Certificate(made.authority, made.authority, tmp_path / "ca.key")  # the authority's own, as a server's
    with RawServer(lambda _request: s3_answer(200, LISTING), alone) as server:
        error = error_of(open_store(server.endpoint, ca_bundle=str(certificate.authority)))
    assert error.facts.code == "DEPTH_ZERO_SELF_SIGNED_CERT"
    assert "self-signed" in str(explain(error).what)


def test_a_certificate_for_another_name_says_for_which(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "DNS:somewhere-else.test")
    with RawServer(lambda _request: s3_answer(200, LISTING), other) as server:
        error = error_of(open_store(server.endpoint, ca_bundle=str(other.authority)))
    assert "mismatch" in error.facts.code.lower()
    assert "somewhere-else.test" in str(explain(error).why)


def test_an_outdated_version_of_tls(certificate: Certificate) -> None:
    with RawServer(lambda _request: s3_answer(200, LISTING), certificate) as server:
        assert server._tls is not None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that it is outdated is the point
            server._tls.minimum_version = ssl.TLSVersion.TLSv1_1
            server._tls.maximum_version = ssl.TLSVersion.TLSv1_1
            server._tls.set_ciphers("ALL:@SECLEVEL=0")
        error = error_of(open_store(server.endpoint, ca_bundle=str(certificate.authority)))
        assert (server.requests, server.connections) == ([], 1)
    assert error.kind is ErrorKind.TLS
    assert "outdated version of TLS" in str(explain(error).what)


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(
    ("status", "words"), [(407, "asks for a user name"), (403, "refused to reach"), (502, "could not reach the store")]
)
def test_what_a_proxy_answers(status: int, words: str, secure: bool) -> None:
    with RawServer(lambda _request: answer(status)) as proxy:
        scheme = "https" if secure else "http"
        error = error_of(open_store(f"{scheme}://store.test", proxy=proxy.endpoint, allow_http=True))
    if secure or status == 407:  # over http the proxy's own answer cannot be told from the store's
        assert (error.kind, error.facts.status) == (ErrorKind.PROXY, status)
        assert words in str(explain(error).what)


def test_a_clock_that_is_wrong_shows_both_times(start: Start) -> None:
    there = "<RequestTime>20261123T100000Z</RequestTime><ServerTime>2026-11-23T10:20:00Z</ServerTime>"
    rig = start(lambda _request: s3_error(403, "RequestTimeTooSkewed", "too different", there))
    error = error_of(rig.store)
    assert error.kind is ErrorKind.CLOCK
    assert "the store says 2026-11-23 10:20:00 UTC" in str(explain(error).why)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (403, "QuotaExceeded", "", ErrorKind.QUOTA),
        (507, "", "", ErrorKind.QUOTA),
        (413, "", "", ErrorKind.TOO_LARGE),
        (403, "AccessDenied", "Access Denied because object protected by object lock.", ErrorKind.RETENTION),
        (400, "XAmzContentChecksumMismatch", "", ErrorKind.INTEGRITY),
        (403, "NotSignedUp", "", ErrorKind.ACCESS_DENIED),
        (400, "TokenRefreshRequired", "", ErrorKind.UNKNOWN_ACCESS_KEY),
    ],
)
def test_the_kind_of_a_code(start: Start, status: int, code: str, message: str, kind: ErrorKind) -> None:
    rig = start(lambda _request: s3_error(status, code, message))
    assert error_of(rig.store).kind is kind


def test_what_a_store_says_is_kept_in_part(start: Start) -> None:
    rig = start(lambda _request: s3_error(400, "X" * 5000, "y" * 100_000))
    facts = error_of(rig.store).facts
    assert (len(facts.code), len(facts.message)) == (200, 1000)


def test_https_to_a_port_that_speaks_http() -> None:
    with RawServer(lambda _request: b"", take=1) as server:
        store = open_store(server.endpoint.replace("http:", "https:"))
        with pytest.raises(BrowserError) as caught:
            put(store)
        store.close()
    assert caught.value.kind in (ErrorKind.TLS, ErrorKind.CONNECTION_LOST)


def test_a_ca_bundle_that_is_not_there(tmp_path: Path, certificate: Certificate) -> None:
    with RawServer(lambda _request: s3_answer(200, LISTING), certificate) as server:
        for name in ("missing.pem", "no.pem"):
            (tmp_path / "no.pem").write_text("no certificate")
            with pytest.raises(BrowserError) as raised:
                open_store(server.endpoint, ca_bundle=str(tmp_path / name))
            assert raised.value.kind is ErrorKind.CA_BUNDLE
            assert name in raised.value.facts.message
        assert server.requests == []


def test_a_proxy_that_is_down() -> None:
    (port,) = free_ports(1)
    error = error_of(open_store("http://store.test", proxy=f"http://{LOOPBACK}:{port}", allow_http=True))
    assert error.kind is ErrorKind.PROXY


def test_a_proxy_is_used_and_loopback_never_goes_through_one(start: Start) -> None:
    proxy = start(lambda _request: s3_answer(200, LISTING))
    store = open_store("http://store.test", proxy=proxy.server.endpoint, allow_http=True)
    assert READS["list_pages"](store)
    store.close()
    assert proxy.server.requests[0].target.startswith("http://store.test/bucket?")

    rig = start(lambda _request: s3_answer(200, LISTING), proxy=proxy.server.endpoint)
    assert READS["list_pages"](rig.store)
    assert len(proxy.server.requests) == 1


def test_cancelling_ends_the_waiting_between_two_attempts(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudtemple_browser.s3.client._FIRST_DELAY", 60.0)
    control = CallControl()

    def handler(_request: Request) -> Answer:
        control.cancel()
        return s3_answer(503, "<Error><Code>SlowDown</Code></Error>")

    rig = start(handler)
    with pytest.raises(Cancelled):
        list(rig.store.list_pages("bucket", "", "", control))
    assert len(rig.server.requests) == 1


def test_the_log_has_one_line_per_call_without_line_breaks(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cloudtemple_browser.s3")
    rig = start(lambda _request: s3_answer(404, "<Error><Code>NoSuchKey</Code><Message>a\nb\x1b[31m</Message></Error>"))
    with pytest.raises(BrowserError):
        rig.store.read_acl(replace(REF, key="new\nline\u202e"))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("cloudtemple_browser.s3")]
    assert len(lines) == 1
    assert lines[0].isascii()
    assert lines[0].isprintable()
