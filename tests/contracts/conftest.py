"""``store_case`` runs every contract test on every store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from contracts.cases import StoreCase, ceph_case, endpoint_case, engine, fault_case, memory_case, ministack_case, put_all
from faults.server import FaultServer
from faults.store import ecs
from servers.s3 import remove_bucket

from cloudtemple_browser.model.connections import Signature

CASES: dict[str, Callable[[pytest.FixtureRequest], StoreCase]] = {
    "memory": lambda _request: memory_case(),
    "ministack": lambda request: ministack_case(request.getfixturevalue("ministack")),
    "ceph-v4": lambda request: _ceph(request, Signature.V4),
    "ceph-hybrid": lambda request: _ceph(request, Signature.HYBRID),
    "ceph-v2": lambda request: _ceph(request, Signature.V2),
    "ceph-tls": lambda request: _ceph(request, Signature.V4, secure=True),
    "faults": lambda request: fault_case(request.getfixturevalue("fault_server"), Signature.V4),
    "faults-v2": lambda request: fault_case(request.getfixturevalue("fault_server"), Signature.V2),
    "ecs": lambda request: fault_case(request.getfixturevalue("ecs_server"), Signature.HYBRID),
}
if os.environ.get("CTB_TEST_ENDPOINT"):
    CASES["endpoint"] = lambda _request: endpoint_case()


def _ceph(request: pytest.FixtureRequest, signature: Signature, *, secure: bool = False) -> StoreCase:
    cluster = request.getfixturevalue("ceph")
    return ceph_case(cluster, cluster.secure if secure else cluster.plain, signature)


@pytest.fixture(scope="session", autouse=True)
def engine_ends() -> Iterator[None]:
    """The engine processes can import ``contracts.work``, and end with the test run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        yield
    engine().close()


@pytest.fixture(scope="session")
def fault_server() -> Iterator[FaultServer]:
    """The fault server without a fault: it must be a store like the others before its faults mean anything."""
    with FaultServer() as server:
        yield server


@pytest.fixture(scope="session")
def ecs_server() -> Iterator[FaultServer]:
    """The same in the dialect of Dell ECS."""
    with FaultServer(ecs()) as server:
        yield server


@pytest.fixture(scope="session", params=tuple(CASES))
def store_case(request: pytest.FixtureRequest) -> Iterator[StoreCase]:
    """One store after the other."""
    case = CASES[request.param](request)
    yield case
    case.store.close()


@pytest.fixture
def bucket(store_case: StoreCase) -> Iterator[str]:
    """A bucket of this test alone."""
    with store_case.bucket() as name:
        yield name


@pytest.fixture(scope="session")
def thousand_buckets() -> dict[str, str]:
    """The bucket with a thousand and one keys of each place: filling one takes seconds."""
    return {}


@pytest.fixture(scope="session")
def thousand(store_case: StoreCase, thousand_buckets: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A bucket that holds exactly 1,001 keys below ``many/``, and these. Only to be read."""
    keys = tuple(f"many/{n:04} +é/object" for n in range(1001))
    if store_case.place not in thousand_buckets:
        thousand_buckets[store_case.place] = store_case.make_bucket()
        put_all(store_case, thousand_buckets[store_case.place], keys)
    yield thousand_buckets[store_case.place], keys
    if store_case.lasting:
        remove_bucket(store_case.raw, thousand_buckets[store_case.place])
