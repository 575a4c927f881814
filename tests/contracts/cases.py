"""The stores on which the contract runs, and what each is known to do differently (data, never an ``if`` on a name)."""

from __future__ import annotations

import http.client
import os
import secrets
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from fakes.memory_store import MemoryStoreFactory, failure
from faults.server import FaultServer
from servers.ceph import CephCluster, Gateway
from servers.ministack import Ministack
from servers.s3 import User, make_bucket, raw_client, remove_bucket

from cloudtemple_browser.app.ports import Store, StoreFactory
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText, Signature
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.workers.pool import Pool
from cloudtemple_browser.workers.store import EngineStoreFactory

Fetch = Callable[[str], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class StoreCase:
    """One store under test. ``raw`` is a client that knows nothing of the package under test (None in memory).

    ``fetch`` is what anyone gets for a URL. ``foreign_bucket`` belongs to somebody else ("": the store has one user).
    ``checks_secrets`` is False for a store that is known to accept any secret of a known access key, ``keeps_part_acl`` for one
    that forgets the ACL of CreateMultipartUpload. Cases of one ``place`` share their buckets; a lasting one is left tidy.
    """

    factory: StoreFactory
    connection: Connection
    secret: SecretText
    store: Store
    fetch: Fetch
    place: str
    raw: Any = None
    foreign_bucket: str = ""
    checks_secrets: bool = True
    keeps_part_acl: bool = True
    lasting: bool = False

    def open_as(self, user: User) -> Store:
        """A store of the same place with another key pair."""
        return self.factory.open(replace(self.connection, access_key=user.access_key), SecretText(user.secret_key))

    def make_bucket(self) -> str:
        """A fresh bucket that allows ACLs."""
        name = f"ctb-test-{secrets.token_hex(6)}"
        if self.raw is None:
            self.store.create_bucket(name)
        else:
            make_bucket(self.raw, name)
        return name

    @contextmanager
    def bucket(self) -> Iterator[str]:
        """A fresh bucket; removed with everything in it."""
        name = self.make_bucket()
        yield name
        if self.raw is not None:
            remove_bucket(self.raw, name)


def put_all(case: StoreCase, bucket: str, keys: tuple[str, ...]) -> None:
    """One object per key; its bytes are its key's."""

    def put(key: str) -> None:
        case.store.put_object(ObjectRef(bucket, key), key.encode(), WriteOptions(), CallControl())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(put, keys))


def memory_case() -> StoreCase:
    """The fake that the other tests build on."""
    user = User.fresh()
    connection = Connection("memory", "https://memory.test", user.access_key)
    factory = MemoryStoreFactory({user.access_key: user.secret_key})
    secret = SecretText(user.secret_key)
    store = factory.open(connection, secret)
    store.add("foreign", "theirs", b"theirs")
    store.forbidden["foreign"] = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "foreign")
    return StoreCase(factory, connection, secret, store, store.fetch, "memory", foreign_bucket="foreign")


def ministack_case(server: Ministack) -> StoreCase:
    """MiniStack under V4."""
    case = _real_case(Connection("ministack", server.endpoint, server.user.access_key), server.user)
    return replace(case, checks_secrets=False, keeps_part_acl=False)


def ceph_case(cluster: CephCluster, gateway: Gateway, signature: Signature) -> StoreCase:
    """Ceph under one of the signatures, over http or https, with a bucket of the second user."""
    access_key = cluster.user.access_key
    connection = Connection("ceph", gateway.endpoint, access_key, signature=signature, ca_bundle=gateway.ca_bundle)
    foreign = f"foreign-{secrets.token_hex(4)}"
    theirs = raw_client(cluster.plain.endpoint, cluster.second_user)
    theirs.create_bucket(Bucket=foreign)
    theirs.put_object(Bucket=foreign, Key="theirs", Body=b"theirs")
    return replace(_real_case(connection, cluster.user), foreign_bucket=foreign)


def fault_case(server: FaultServer, signature: Signature) -> StoreCase:
    """The fault server under one of the signatures, with a bucket of somebody else."""
    connection = Connection("faults", server.endpoint, server.user.access_key, signature=signature)
    foreign = f"foreign-{secrets.token_hex(4)}"
    server.store.add_bucket(foreign, foreign=True)
    server.store.add(foreign, "theirs", b"theirs")
    case = replace(_real_case(connection, server.user), foreign_bucket=foreign)
    return replace(case, place=f"{server.endpoint}")


def endpoint_case() -> StoreCase:
    """The store that CTB_TEST_ENDPOINT, CTB_TEST_ACCESS_KEY, CTB_TEST_SECRET_KEY (and CTB_TEST_REGION) name."""
    endpoint = os.environ["CTB_TEST_ENDPOINT"].rstrip("/")
    user = User(os.environ["CTB_TEST_ACCESS_KEY"], os.environ["CTB_TEST_SECRET_KEY"])
    region = os.environ.get("CTB_TEST_REGION", "fr1")
    connection = Connection("endpoint", endpoint, user.access_key, region=region)
    return replace(_real_case(connection, user), lasting=True)


@cache
def engine() -> Pool:
    """The engine processes of the test run."""
    return Pool()


def _real_case(connection: Connection, user: User) -> StoreCase:
    factory, secret = EngineStoreFactory(engine()), SecretText(user.secret_key)
    raw = raw_client(connection.endpoint, user, connection.region, connection.ca_bundle)
    store, fetch = factory.open(connection, secret), fetch_over_http(connection.ca_bundle)
    return StoreCase(factory, connection, secret, store, fetch, connection.name, raw)


def fetch_over_http(ca_bundle: str = "") -> Fetch:
    """A GET of exactly the bytes of the URL by ``http.client``, which changes nothing in a path."""

    def fetch(url: str) -> tuple[int, bytes]:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            trust = ssl.create_default_context(cafile=ca_bundle or None)
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=30, context=trust)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=30)
        try:
            connection.request("GET", url.removeprefix(f"{parts.scheme}://{parts.netloc}"))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    return fetch
