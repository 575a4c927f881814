"""Runs journeys: coroutines on the program's own event loop, with a desk of their own."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import http.client
import inspect
import logging
import secrets
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pytest
from faults.server import FaultServer
from faults.store import ecs
from journeys.desk import Desk
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from servers.ceph import CephCluster
from servers.ministack import Ministack
from servers.s3 import User, make_bucket, raw_client

from cloudtemple_browser.bootstrap import SWITCH_INTERVAL
from cloudtemple_browser.persistence.logs import start_log
from cloudtemple_browser.persistence.paths import AppPaths
from cloudtemple_browser.ui import i18n
from cloudtemple_browser.ui.event_loop import new_loop


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty profile. File dialogs are Qt's own: another program's cannot be driven."""
    monkeypatch.setattr(i18n, "system_language", lambda: "en")
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    native = QApplication.testAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    yield Desk(qapp, tmp_path / "profile")
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, native)
    sys.setswitchinterval(before)


def pytest_itemcollected(item: pytest.Item) -> None:
    """What Qt's offscreen platform says of every window is no fault."""
    item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a journey to its end on one run of the loop, and close the program behind it."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = pyfuncitem.funcargs
    desk = given["desk"]
    assert isinstance(desk, Desk)
    arguments = {name: given[name] for name in pyfuncitem._fixtureinfo.argnames}

    async def journey() -> None:
        try:
            await pyfuncitem.obj(**arguments)
        finally:
            desk.leave()
        assert not desk.unhandled, f"the program reported {desk.unhandled!r}"

    loop = new_loop(desk.qt)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(journey())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return True


@pytest.fixture
def log_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The program's own log, at its most talkative. The crash log's hold on faulthandler is left to the test runner's."""
    crashes: list[IO[str]] = []
    monkeypatch.setattr(faulthandler, "enable", crashes.append)
    for owner, name in ((threading, "excepthook"), (sys, "unraisablehook"), (sys, "excepthook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    root, level = logging.getLogger(), logging.getLogger().level
    before = tuple(root.handlers)
    start_log(AppPaths(desk.profile).state, "DEBUG")
    (mine,) = (one for one in root.handlers if one not in before)
    assert isinstance(mine, logging.FileHandler)
    yield Path(mine.baseFilename)
    root.removeHandler(mine)
    root.setLevel(level)
    mine.close()
    for one in crashes:
        one.close()


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket on a real server, and a client that knows nothing of the program to look at it."""

    endpoint: str
    user: User
    bucket: str
    client: Any

    def put_all(self, objects: dict[str, bytes]) -> None:
        """Store objects by key."""
        with ThreadPoolExecutor(4) as pool:
            put = self.client.put_object
            for done in [pool.submit(put, Bucket=self.bucket, Key=key, Body=body) for key, body in objects.items()]:
                done.result()

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def stored(self, bucket: str = "") -> list[str]:
        """All keys."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket or self.bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]


def _place(endpoint: str, user: User) -> Place:
    client = raw_client(endpoint, user)
    bucket = f"journey-{secrets.token_hex(6)}"
    make_bucket(client, bucket)
    return Place(endpoint, user, bucket, client)


@pytest.fixture
def modern(ministack: Ministack) -> Place:
    """A bucket of this journey on MiniStack."""
    return _place(ministack.endpoint, ministack.user)


@pytest.fixture
def strict(ceph: CephCluster) -> Place:
    """A bucket of this journey on Ceph."""
    return _place(ceph.plain.endpoint, ceph.user)


@pytest.fixture
def ecs_dialect() -> Iterator[Place]:
    """A bucket on a server that refuses and orders as Dell ECS does."""
    with FaultServer(ecs()) as server:
        yield _place(server.endpoint, server.user)


@pytest.fixture(params=["modern", "strict", "ecs_dialect"])
def place(request: pytest.FixtureRequest) -> Place:
    """A bucket on MiniStack, then one on Ceph, then one in the dialect of Dell ECS."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["modern", "ecs_dialect"])
def either(request: pytest.FixtureRequest) -> Place:
    """A bucket on MiniStack, then one in the dialect of Dell ECS."""
    found: Place = request.getfixturevalue(request.param)
    return found


MANY = 10_000


def many_size(number: int) -> int:
    """The size of one of the ten thousand objects: neither in the order of names nor all different."""
    return number * 7919 % 4999


@pytest.fixture(scope="session")
def ten_thousand(ministack: Ministack) -> Place:
    """A bucket with 10,000 objects below ``many/``. Only to be read. Filled without signatures, which would take longer."""
    place = _place(ministack.endpoint, ministack.user)
    place.client.put_bucket_acl(Bucket=place.bucket, ACL="public-read-write")
    parts, body, threads = urlsplit(place.endpoint), b"x" * 5000, 4

    def fill(first: int) -> None:
        with contextlib.closing(http.client.HTTPConnection(parts.hostname or "", parts.port)) as connection:
            for number in range(first, MANY, threads):
                connection.request("PUT", f"/{place.bucket}/many/{number:05}.txt", body[: many_size(number)])
                answer = connection.getresponse()
                assert answer.status == 200, answer.read()
                answer.read()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(threads)))
    return place
