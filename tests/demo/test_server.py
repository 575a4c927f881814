"""The demo store as the program uses it: a real child process on loopback."""

from __future__ import annotations

import hashlib
import http.client
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from servers.s3 import User, raw_client

from cloudtemple_browser.demo.content import AWKWARD_KEYS, FLAT_OBJECTS, TEN_THOUSAND_OBJECTS
from cloudtemple_browser.demo.server import DemoEndpoint, DemoServer
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText, Signature
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.s3.store import S3StoreFactory

PARENT = """
import sys
from pathlib import Path
from cloudtemple_browser.demo.server import DemoServer
server = DemoServer(Path(sys.argv[1]))
started = server.start()
print(started.endpoint, started.access_key, started.secret.reveal(), flush=True)
sys.stdin.read()
"""
PROJECT = Path(__file__).parents[2]


@contextmanager
def running(folder: Path) -> Iterator[tuple[DemoServer, DemoEndpoint]]:
    server = DemoServer(folder)
    try:
        yield server, server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEndpoint]:
    with running(tmp_path_factory.mktemp("demo")) as (_, endpoint):
        yield endpoint


def client_of(demo: DemoEndpoint) -> Any:
    return raw_client(demo.endpoint, User(demo.access_key, demo.secret.reveal()), demo.region)


def keys_in(client: Any, bucket: str, **options: str) -> list[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, **options)
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def anonymous(url: str, method: str = "GET") -> int:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    connection.request(method, f"{address.path}?{address.query}" if address.query else address.path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refuses(endpoint: str) -> bool:
    try:
        socket.create_connection((urlsplit(endpoint).hostname, urlsplit(endpoint).port), timeout=5).close()
    except OSError:
        return True
    return False


def test_is_filled_with_a_pleasant_set(demo: DemoEndpoint) -> None:
    client = client_of(demo)
    assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["awkward-names", "ten-thousand", "welcome"]
    welcome = keys_in(client, "welcome")
    assert {"README.txt", "public/carte-postale.png", "photos/2026/alpes/midi.jpg", "empty-folder/"} <= set(welcome)
    assert b"Bienvenue" in client.get_object(Bucket="welcome", Key="README.txt")["Body"].read()
    assert client.head_object(Bucket="welcome", Key="photos/2026/alpes/midi.jpg")["ContentType"] == "image/jpeg"


def test_awkward_names_are_kept_exactly_and_can_be_read(demo: DemoEndpoint) -> None:
    client = client_of(demo)
    assert sorted(keys_in(client, "awkward-names")) == sorted(AWKWARD_KEYS)
    for key in AWKWARD_KEYS:
        body = client.get_object(Bucket="awkward-names", Key=key)["Body"].read()
        assert key.endswith("/") or repr(key) in body.decode()


def test_the_large_bucket_is_whole_whenever_it_is_listed(demo: DemoEndpoint) -> None:
    client = client_of(demo)
    assert len(keys_in(client, "ten-thousand", Delimiter="/")) == FLAT_OBJECTS
    assert len(keys_in(client, "ten-thousand")) == TEN_THOUSAND_OBJECTS


def test_what_it_is_filled_with_is_as_if_it_had_been_uploaded(demo: DemoEndpoint) -> None:
    client = client_of(demo)
    seeded = client.get_object(Bucket="welcome", Key="data/cities.json")
    body = seeded.pop("Body").read()
    client.put_object(Bucket="welcome", Key="uploaded.json", Body=body, ContentType="application/json")
    uploaded = client.get_object(Bucket="welcome", Key="uploaded.json")
    del uploaded["Body"]
    for answer in (seeded, uploaded):
        del answer["ResponseMetadata"], answer["LastModified"]
    assert seeded == uploaded


@pytest.mark.parametrize("signature", Signature)
def test_the_promises_of_the_program_take_effect(demo: DemoEndpoint, signature: Signature) -> None:
    connection = Connection("Demo", demo.endpoint, demo.access_key, region=demo.region, signature=signature)
    store = S3StoreFactory().open(connection, demo.secret)
    bucket = f"made-{signature.value}"
    store.create_bucket(bucket)
    private, public = ObjectRef(bucket, "private é+%.txt"), ObjectRef(bucket, "public.txt")
    store.put_object(private, b"secret", WriteOptions("text/plain"), CallControl())
    store.put_object(public, b"hello", WriteOptions("text/plain", CannedAcl.PUBLIC_READ), CallControl())
    assert [store.readable_by_anyone(ref) for ref in (private, public)] == [False, True]
    assert anonymous(store.public_url(private)) == 403
    assert anonymous(store.presign_get(private, 60)) == 200

    store.write_acl(private, CannedAcl.PUBLIC_READ)
    store.write_acl(public, CannedAcl.PRIVATE)
    assert [store.read_acl(ref).public for ref in (private, public)] == [True, False]
    assert [anonymous(store.public_url(ref)) for ref in (private, public)] == [200, 403]
    store.delete_objects(bucket, (private.key, public.key))
    store.delete_bucket(bucket)
    store.close()


@pytest.mark.parametrize("signature", Signature)
def test_a_wrong_secret_and_a_wrong_key_are_refused(demo: DemoEndpoint, signature: Signature) -> None:
    for access_key, kind in ((demo.access_key, ErrorKind.WRONG_SECRET), ("test", ErrorKind.UNKNOWN_ACCESS_KEY)):
        connection = Connection("Demo", demo.endpoint, access_key, region=demo.region, signature=signature)
        store = S3StoreFactory().open(connection, SecretText("wrong"))
        with pytest.raises(BrowserError) as raised:
            store.list_buckets()
        store.close()
        assert raised.value.kind is kind


def test_nobody_without_a_key_can_do_more_than_read_what_is_public(demo: DemoEndpoint) -> None:
    assert anonymous(f"{demo.endpoint}/welcome/public/carte-postale.png") == 200
    assert anonymous(f"{demo.endpoint}/welcome/README.txt") == 403
    assert anonymous(f"{demo.endpoint}/welcome") == 403
    assert anonymous(f"{demo.endpoint}/") == 403
    assert anonymous(f"{demo.endpoint}/new-bucket", "PUT") == 403
    assert anonymous(f"{demo.endpoint}/welcome/public/carte-postale.png", "DELETE") == 403
    assert anonymous(f"{demo.endpoint}/_ministack/reset", "POST") == 403
    assert anonymous(f"{demo.endpoint}/_ministack/health") == 403


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on the loopback interface")
def test_listens_on_one_loopback_address_only(demo: DemoEndpoint) -> None:
    assert refuses(demo.endpoint.replace("127.0.0.1", "127.0.0.2"))
    assert not refuses(demo.endpoint)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_key_is_visible_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKOFTHEUSER", "AWS_SECRET_ACCESS_KEY": "of-the-user", "HTTP_PROXY": "http://127.0.0.1:9",
        "USE_SSL": "1", "PERSIST_STATE": "0", "S3_PERSIST": "0", "SERVICES": "sqs", "MINISTACK_ACCOUNT_ID": "123456789012",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with running(tmp_path) as (server, demo):
        assert server._child
        process = Path(f"/proc/{server._child.pid}")
        seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        for secret in (demo.access_key, demo.secret.reveal(), "of-the-user", "AKOFTHEUSER"):
            assert secret.encode() not in seen
        assert client_of(demo).list_buckets()["Buckets"]
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert demo.access_key.encode() not in stored
    assert demo.secret.reveal().encode() not in stored


def change(client: Any) -> None:
    client.create_bucket(Bucket="kept")
    client.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    client.put_bucket_tagging(Bucket="kept", Tagging={"TagSet": [{"Key": "team", "Value": "demo"}]})
    for key in ("case.txt", "CASE.txt", "caf\u00e9", "cafe\u0301", "a:b?", "../up"):
        client.put_object(Bucket="kept", Key=key, Body=key.encode(), Metadata={"note": "kept"})
    client.put_object_acl(Bucket="kept", Key="case.txt", ACL="public-read")
    client.delete_object(Bucket="welcome", Key="README.txt")


def check_changes(demo: DemoEndpoint) -> None:
    client = client_of(demo)
    assert client.get_bucket_versioning(Bucket="kept")["Status"] == "Enabled"
    assert client.get_bucket_tagging(Bucket="kept")["TagSet"] == [{"Key": "team", "Value": "demo"}]
    for key in keys_in(client, "kept"):
        found = client.get_object(Bucket="kept", Key=key)
        assert (found["Body"].read().decode(), found["Metadata"]) == (key, {"note": "kept"})
    assert len(keys_in(client, "kept")) == 6
    assert anonymous(f"{demo.endpoint}/kept/case.txt") == 200
    assert anonymous(f"{demo.endpoint}/kept/CASE.txt") == 403
    client.put_object(Bucket="kept", Key="new", Body=b"", ACL="public-read")
    assert anonymous(f"{demo.endpoint}/kept/new") == 200
    assert "README.txt" not in keys_in(client, "welcome")
    assert anonymous(f"{demo.endpoint}/welcome/public/carte-postale.png") == 200


def test_everything_is_there_after_a_restart_under_the_same_address(tmp_path: Path) -> None:
    with running(tmp_path) as (_, first):
        change(client_of(first))
    assert refuses(first.endpoint)
    with running(tmp_path) as (_, second):
        assert second.endpoint == first.endpoint
        assert second.access_key != first.access_key
        check_changes(second)
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            client_of(first).list_buckets()


def test_a_killed_store_loses_nothing_and_goes_on_filling(tmp_path: Path) -> None:
    some = threading.Event()
    server = DemoServer(tmp_path, lambda _done, _all: some.set())
    try:
        change(client_of(server.start()))
        assert some.wait(60)
        assert server._child
        server._child.kill()
        server._child.wait()
        demo = server.start()
        check_changes(demo)
        assert len(keys_in(client_of(demo), "ten-thousand")) == TEN_THOUSAND_OBJECTS
    finally:
        server.stop()


def test_an_upload_that_a_kill_cut_short_is_not_listed(tmp_path: Path) -> None:
    with running(tmp_path) as (_, demo):
        client = client_of(demo)
        change(client)
        version = client.head_object(Bucket="kept", Key="case.txt")["VersionId"]
        client.put_object(Bucket="kept", Key="case.txt", Body=b"newer")
        client.put_object(Bucket="kept", Key="cut short", Body=b"")
    name = hashlib.sha256(b"cut short").hexdigest()
    (metadata,) = (tmp_path / "objects").rglob(f"{name}.meta.json")
    metadata.unlink()  # the kill came before it was written
    with running(tmp_path) as (_, demo):
        client = client_of(demo)
        assert keys_in(client, "kept") == sorted(("case.txt", "CASE.txt", "caf\u00e9", "cafe\u0301", "a:b?", "../up"))
        for options, body in (({}, b"newer"), ({"VersionId": version}, b"case.txt")):
            assert client.get_object(Bucket="kept", Key="case.txt", **options)["Body"].read() == body


def test_progress_ends_with_all(tmp_path: Path) -> None:
    told: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    server = DemoServer(tmp_path, lambda done, of: told.put((done, of)))
    try:
        server.start()
        steps = [told.get(timeout=60)]
        while steps[-1] != (TEN_THOUSAND_OBJECTS, TEN_THOUSAND_OBJECTS):
            steps.append(told.get(timeout=60))
        assert steps == sorted(set(steps))
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_store_ends_when_the_program_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with parent:
        assert parent.stdout
        endpoint, access_key, secret = parent.stdout.readline().split()
        first = DemoEndpoint(endpoint, "us-east-1", access_key, SecretText(secret))
        change(client_of(first))
        parent.kill()
    wait_until(lambda: refuses(endpoint))
    with running(tmp_path) as (_, second):
        check_changes(second)


def test_a_second_window_is_told_that_the_store_is_open(tmp_path: Path) -> None:
    with running(tmp_path) as (_, demo):
        second = DemoServer(tmp_path)
        with pytest.raises(BrowserError) as raised:
            second.start()
        assert raised.value.kind is ErrorKind.DEMO_BUSY
        assert client_of(demo).list_buckets()["Buckets"]


def test_another_port_when_the_last_one_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (tmp_path / "port").write_text(str(taken.getsockname()[1]))
        with running(tmp_path) as (_, demo):
            assert urlsplit(demo.endpoint).port != taken.getsockname()[1]
            assert anonymous(f"{demo.endpoint}/welcome") == 403


def test_a_refused_upload_gets_its_answer(demo: DemoEndpoint) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo.endpoint).netloc, timeout=30)
    connection.request("PUT", "/welcome/large", body=bytes(4_000_000))
    answer = connection.getresponse()
    assert (answer.status, b"AccessDenied" in answer.read()) == (403, True)
    connection.close()


def test_says_how_to_install_it_when_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ministack", None)
    with pytest.raises(BrowserError) as raised:
        DemoServer(tmp_path).start()
    assert raised.value.kind is ErrorKind.DEMO
    assert "pip install cloudtemple-browser[demo]" in str(dict(raised.value.values)["message"])


def test_a_store_that_ends_at_its_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BrowserError) as raised:
        DemoServer(tmp_path / "file" / "demo").start()
    assert raised.value.kind is ErrorKind.DEMO
    assert "NotADirectoryError" in raised.value.facts.message


def test_a_store_that_is_not_ready_in_time_is_ended(tmp_path: Path) -> None:
    server = DemoServer(tmp_path)
    with pytest.raises(BrowserError) as raised:
        server.start(timeout=0)
    assert raised.value.kind is ErrorKind.DEMO
    with running(tmp_path) as (_, demo):
        assert client_of(demo).list_buckets()["Buckets"]
    server.stop()
