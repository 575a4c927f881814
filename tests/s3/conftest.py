"""A store on a raw server, with short waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from servers.raw import Handler, RawServer
from servers.tls import Certificate, make_certificate

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.s3 import client, http
from cloudtemple_browser.s3.store import S3Store, S3StoreFactory

SECRET = SecretText("CANARYsecretCANARYsecretCANARYsecret1234")
ACCESS_KEY = "AKTESTONLY"


@dataclass(frozen=True, slots=True)
class Rig:
    """A raw server and a store that talks to it."""

    server: RawServer
    store: S3Store
    connection: Connection


Start = Callable[..., Rig]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for loopback by an authority that nobody knows."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a server with a handler and open a store on it.

    Keyword arguments are fields of the connection; ``keep`` and ``certificate`` are the server's.
    """
    monkeypatch.setattr(client, "_FIRST_DELAY", 0.001)
    for name in ("READ_TIMEOUT", "ANSWER_TIMEOUT", "LONG_TIMEOUT"):
        monkeypatch.setattr(http, name, 0.5)
    with ExitStack() as stack:

        def start_rig(handler: Handler, keep: int = 1, certificate: Certificate | None = None, **fields: object) -> Rig:
            server = stack.enter_context(RawServer(handler, certificate, keep=keep))
            if certificate:
                fields["ca_bundle"] = str(certificate.authority)
            connection = replace(Connection("raw", server.endpoint, ACCESS_KEY), **fields)  # type: ignore[arg-type]
            store = S3StoreFactory().open(connection, SECRET)
            stack.callback(store.close)
            return Rig(server, store, connection)

        yield start_rig
