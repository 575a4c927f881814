"""Fixtures without Qt, for every test: no setting of this machine gets in, and the S3 servers that tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from servers.ceph import CephCluster, ceph_missing
from servers.ministack import Ministack


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """What a test logged may hold half a surrogate pair, which cannot be sent from the process that ran it."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    told = str(report.longrepr)
    if report.failed and told != _sendable(told):
        report.longrepr = _sendable(told)
    return report  # type: ignore[return-value]


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


@pytest.fixture(scope="session", autouse=True)
def no_outside_settings() -> Iterator[None]:
    """Neither keys nor profiles nor proxies of the machine reach a test or a server started by one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.upper().startswith("AWS_") or name.upper().endswith("_PROXY") or name == "REQUESTS_CA_BUNDLE":
                patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """MiniStack, one for the whole run."""
    with Ministack(tmp_path_factory.mktemp("ministack")) as server:
        yield server


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CephCluster]:
    """A Ceph cluster with an http and an https gateway, one for the whole run.

    Skips where Ceph cannot run; in CI on Linux it must run, so that a broken set-up does not pass for a success.
    """
    if reason := ceph_missing():
        if os.environ.get("CI") == "true" and sys.platform == "linux":
            pytest.fail(reason)
        pytest.skip(reason)
    with CephCluster(tmp_path_factory.mktemp("ceph"), tls=True) as cluster:
        yield cluster
