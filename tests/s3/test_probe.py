"""The connection test, stage by stage."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest
from s3.conftest import ACCESS_KEY, SECRET, Start
from servers.process import LOOPBACK, free_ports
from servers.raw import RawServer, answer, s3_answer, s3_error
from servers.tls import make_certificate

from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.probe import Stage, StageResult
from cloudtemple_browser.s3.store import S3StoreFactory

BUCKETS = (
    "<ListAllMyBucketsResult><Owner><ID>me</ID></Owner><Buckets><Bucket><Name>one</Name>"
    "<CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"
)
LISTING = "<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>"


def probe(connection: Connection) -> list[StageResult]:
    """The stages that were reported."""
    found: list[StageResult] = []
    S3StoreFactory().probe(connection, SECRET, found.append)
    return found


def outcome(connection: Connection) -> list[tuple[Stage, ErrorKind | None]]:
    """Each stage with the kind of its error."""
    return [(result.stage, result.error.kind if result.error else None) for result in probe(connection)]


REACHED: list[tuple[Stage, ErrorKind | None]] = [(Stage.ADDRESS, None), (Stage.TLS, None), (Stage.CLOCK, None)]


def test_all_is_well(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, BUCKETS))
    found = probe(rig.connection)
    assert [result.stage for result in found] == list(Stage)
    assert [result.error for result in found] == [None] * 5
    assert [result.skipped for result in found] == [False, True, False, False, False]  # http has no TLS
    assert str(found[-1].note) == "1 bucket can be listed"
    assert "authorization" not in rig.server.requests[0].headers


def test_a_bucket_is_listed_instead(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, LISTING))
    assert outcome(replace(rig.connection, bucket="bucket")) == [*REACHED, (Stage.KEY, None), (Stage.LIST, None)]
    assert rig.server.requests[-1].path == "/bucket"


def test_nothing_listens_there() -> None:
    (port,) = free_ports(1)
    assert outcome(Connection("c", f"http://{LOOPBACK}:{port}", ACCESS_KEY)) == [(Stage.ADDRESS, ErrorKind.REFUSED)]


def test_an_unknown_authority(tmp_path: Path) -> None:
    with RawServer(lambda _request: s3_answer(200, BUCKETS), make_certificate(tmp_path)) as server:
        found = outcome(Connection("c", server.endpoint, ACCESS_KEY))
        assert found == [(Stage.ADDRESS, None), (Stage.TLS, ErrorKind.TLS)]
        assert server.requests == []


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_differs(start: Start, seconds: int) -> None:

    rig = start(lambda _request: s3_answer(200, BUCKETS, Date=formatdate(time() + seconds, usegmt=True)))
    assert outcome(rig.connection) == [*REACHED[:2], (Stage.CLOCK, ErrorKind.CLOCK)]


@pytest.mark.parametrize(
    ("code", "kind"),
    [("InvalidAccessKeyId", ErrorKind.UNKNOWN_ACCESS_KEY), ("SignatureDoesNotMatch", ErrorKind.WRONG_SECRET)],
)
def test_a_wrong_key(start: Start, code: str, kind: ErrorKind) -> None:
    rig = start(lambda _request: s3_error(403, code))
    assert outcome(rig.connection) == [*REACHED, (Stage.KEY, kind)]


def test_a_key_that_may_not_list_buckets_is_right_all_the_same(start: Start) -> None:
    found = probe(start(lambda _request: s3_error(403, "AccessDenied")).connection)
    assert [(result.stage, result.error, result.skipped) for result in found[-2:]] == [
        (Stage.KEY, None, False),
        (Stage.LIST, None, True),
    ]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(403, "AccessDenied", ErrorKind.ACCESS_DENIED), (404, "NoSuchBucket", ErrorKind.NO_BUCKET)],
)
def test_a_bucket_that_can_not_be_listed(start: Start, status: int, code: str, kind: ErrorKind) -> None:
    rig = start(lambda _request: s3_error(status, code))
    assert outcome(replace(rig.connection, bucket="bucket")) == [*REACHED, (Stage.KEY, None), (Stage.LIST, kind)]


@pytest.mark.parametrize("status", [200, 404])
def test_a_web_server_is_no_store(start: Start, status: int) -> None:
    rig = start(lambda _request: answer(status, "<html><body>Welcome</body></html>", Content_Type="text/html"))
    assert outcome(rig.connection)[-1][1] is ErrorKind.NOT_S3
    assert outcome(replace(rig.connection, bucket="bucket"))[-1][1] is ErrorKind.NOT_S3


def test_a_redirected_root_is_no_failure(start: Start) -> None:
    """AWS sends an unsigned request for its root to a page about S3."""
    first = [answer(307, Location="https://aws.amazon.com/s3/")]
    rig = start(lambda _request: first.pop() if first else s3_answer(200, BUCKETS))
    assert outcome(rig.connection) == [*REACHED, (Stage.KEY, None), (Stage.LIST, None)]
