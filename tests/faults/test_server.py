"""The faults themselves: what an action is said to do is what goes over the wire."""

from __future__ import annotations

import http.client
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from faults import actions
from faults.server import FaultServer
from faults.store import ecs
from waiting import eventually

BODY = bytes(range(256)) * 400


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def get(server: FaultServer, key: str = "a", **headers: str) -> Answer:
    """A GET of a public object."""
    with closing(http.client.HTTPConnection(urlsplit(server.endpoint).netloc, timeout=10)) as connection:
        connection.request("GET", f"/bucket/{key}", headers=headers)
        with connection.getresponse() as answer:
            return Answer(answer.status, answer.headers, answer.read())


@pytest.fixture
def public(server: FaultServer) -> FaultServer:
    """A server with a public object."""
    server.store.add("bucket", "a", BODY, acl="public-read")
    return server


def test_without_a_rule_it_is_a_store(public: FaultServer) -> None:
    answer = get(public)
    assert (answer.status, answer.body) == (200, BODY)
    (one,) = public.asked("GetObject")
    eventually(lambda: one.ended)  # the answer is there before the server has noted that
    assert one.committed
    assert one.sent > len(BODY)
    assert get(public, "b").status == 403


def test_a_flipped_bit(public: FaultServer) -> None:
    public.fault(actions.flip(5), "GetObject", times=1)
    body = get(public).body
    assert [at for at, (one, other) in enumerate(zip(body, BODY, strict=True)) if one != other] == [5]
    assert get(public).body == BODY


def test_a_short_range_is_consistent_and_short(public: FaultServer) -> None:
    public.fault(actions.short(10), "GetObject")
    answer = get(public, Range="bytes=0-99")
    assert (answer.status, answer.headers["Content-Range"]) == (206, f"bytes 0-89/{len(BODY)}")
    assert answer.body == BODY[:90]


def test_a_range_is_ignored(public: FaultServer) -> None:
    public.fault(actions.ignores("range"), "GetObject")
    answer = get(public, Range="bytes=0-99")
    assert (answer.status, answer.body) == (200, BODY)


def test_a_body_ends_early(public: FaultServer) -> None:
    public.fault(actions.cut_at(100), "GetObject", times=1)
    with pytest.raises(http.client.IncompleteRead):
        get(public)
    public.fault(actions.cut_at(100, length=False), "GetObject", times=1)
    assert get(public).body == BODY[:100]


def test_a_reset(public: FaultServer) -> None:
    public.fault(actions.reset_at(100), "GetObject")
    with pytest.raises(ConnectionResetError):
        get(public)


def test_done_and_then_reset(public: FaultServer) -> None:
    public.fault(actions.committed_reset, "PutObject", times=1)
    with pytest.raises(Exception, match=r"closed|reset|aborted"):
        public.client().put_object(Bucket="bucket", Key="new", Body=b"x")
    assert public.store.body("bucket", "new") == b"x"


def test_rules_choose_by_operation_key_number_and_turn(public: FaultServer) -> None:
    public.store.add("bucket", "b", b"b", acl="public-read")
    rule = public.fault(actions.says(503, "SlowDown"), "GetObject", key="b", skip=1, times=2)
    assert get(public, "a").status == 200
    assert [get(public, "b").status for _ in range(4)] == [200, 503, 503, 200]
    assert rule.hits == 4


def test_down_and_up_again(public: FaultServer) -> None:
    public.down()
    with pytest.raises(ConnectionRefusedError):
        get(public)
    public.up()
    assert get(public).status == 200


@pytest.mark.parametrize("clock", [-1000.0, 1000.0])
def test_a_clock_that_is_wrong(public: FaultServer, clock: float) -> None:
    public.clock = clock
    with pytest.raises(ClientError) as caught:
        public.client().list_buckets()
    assert caught.value.response["Error"]["Code"] == "RequestTimeTooSkewed"


def test_a_region_that_is_wrong(public: FaultServer) -> None:
    client = public.client()
    public.region = "elsewhere"
    with pytest.raises(ClientError) as caught:
        client.list_buckets()
    assert (caught.value.response["Error"]["Code"], caught.value.response["Error"]["Region"]) == (
        "AuthorizationHeaderMalformed",
        "elsewhere",
    )


def test_what_ecs_refuses() -> None:
    with FaultServer(ecs()) as server:
        server.store.add_bucket("bucket")
        client = server.client()
        with pytest.raises(ClientError) as caught:  # as boto3 sends it today: with a CRC, without an MD5
            client.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "a"}]})
        assert caught.value.response["Error"]["Code"] == "InvalidRequest"
        server.store.retained.add(("bucket", "kept"))
        server.store.add("bucket", "kept", b"x")
        with pytest.raises(ClientError) as caught:
            client.delete_object(Bucket="bucket", Key="kept")
        assert caught.value.response["Error"]["Code"] == "ObjectUnderRetention"
        server.store.roles[server.user.access_key] = "read_only"
        with pytest.raises(ClientError) as caught:
            client.put_object(Bucket="bucket", Key="new", Body=b"x")
        assert caught.value.response["Error"]["Code"] == "AccessDenied"
        server.barred = True
        with pytest.raises(ClientError):
            client.list_buckets()


def test_utf_16_order() -> None:
    keys = ["z\U0001f600", "z\uffee", "a"]
    with FaultServer(ecs()) as server:
        server.store.add_bucket("bucket")
        for key in keys:
            server.store.add("bucket", key)
        listed = [entry["Key"] for entry in server.client().list_objects_v2(Bucket="bucket")["Contents"]]
        assert listed == ["a", "z\U0001f600", "z\uffee"]
