"""Asking why a store refuses, where there is one reason each: the verdict names it, and nothing but GET and HEAD was sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from faults import actions
from faults.rig import BUCKET
from faults.server import FaultServer
from faults.store import Dialect, ecs
from journeys.desk import Desk
from servers.process import LOOPBACK, free_ports
from servers.tls import Certificate, make_certificate, make_odd_certificate

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.verdicts import verdict
from cloudtemple_browser.s3.store import S3StoreFactory
from cloudtemple_browser.ui.dialogs.why import WhyDialog

READ, LIST = Question(Right.READ, BUCKET, "a"), Question(Right.LIST, BUCKET)
WRITE, DELETE = Question(Right.WRITE, BUCKET, "new"), Question(Right.DELETE, BUCKET, "a")
EVERYTHING = "The store refuses every request of this key from here"


def ask(connection: Connection, secret: str, question: Question) -> tuple[dict[Check, Outcome], str]:
    """What each check came to, and the verdict."""
    found: list[Finding] = []
    began = time.monotonic()
    S3StoreFactory().diagnose(connection, SecretText(secret), question, found.append, CallControl())
    assert time.monotonic() - began < 10 * len(Check)
    told = verdict(question, found, connection.host)
    assert secret not in repr(found)
    return {one.check: one.outcome for one in found}, f"{told.sentence} {told.todo}"


@pytest.fixture(params=[Dialect(), ecs()], ids=["aws", "ecs"])
def store(request: pytest.FixtureRequest) -> Iterator[FaultServer]:
    """A store with an object, and a bucket of somebody else."""
    with FaultServer(request.param) as server:
        server.store.add_bucket(BUCKET)
        server.store.add(BUCKET, "a", b"a")
        server.store.add_bucket("theirs", foreign=True)
        yield server


def role(name: str) -> Callable[[FaultServer], None]:
    """Give the key a role."""
    return lambda server: server.store.roles.update({server.user.access_key: name})


def clock(seconds: float) -> Callable[[FaultServer], None]:
    """Set the store's clock."""
    return lambda server: setattr(server, "clock", seconds)


def bar(server: FaultServer) -> None:
    """Refuse this address."""
    server.barred = True


def refuse_reads(server: FaultServer) -> None:
    """Refuse this object."""
    server.fault(actions.says(403, "AccessDenied"), "GetObject", "HeadObject")


@pytest.mark.parametrize(
    ("wrong", "question", "words"),
    [
        (lambda _server: None, READ, "Everything works now"),
        (refuse_reads, READ, "The key is right and may list this bucket but not read this object."),
        (role("read_only"), WRITE, "did not let it write to the bucket"),
        (role("read_only"), DELETE, "did not let it delete in the bucket"),
        (role("write_only"), LIST, "write_only does not"),
        (role("write_only"), READ, "write_only does not"),
        (bar, READ, EVERYTHING),
        (bar, LIST, EVERYTHING),
        (bar, WRITE, f"your address ({LOOPBACK}"),
        (bar, Question(Right.BUCKETS), "the address of this computer is not allowed"),
        (clock(1200), READ, "The clock of this computer is wrong. This computer says"),
        (clock(-1200), LIST, "The clock of this computer is wrong. This computer says"),
        (lambda _server: None, Question(Right.LIST, "theirs"), "theirs is not one of its buckets"),
        (lambda _server: None, Question(Right.READ, "theirs", "k"), "theirs is not one of its buckets"),
        (lambda _server: None, Question(Right.LIST, "nowhere"), "there is no bucket nowhere"),
        (lambda _server: None, Question(Right.READ, BUCKET, "gone"), "gone does not exist"),
    ],
)
def test_the_verdict_names_the_cause(
    store: FaultServer, wrong: Callable[[FaultServer], None], question: Question, words: str
) -> None:
    wrong(store)
    before = store.store.keys(BUCKET)
    _found, told = ask(Connection("c", store.endpoint, store.user.access_key), store.user.secret_key, question)
    assert words in told
    assert {one.request.method for one in store.asked()} <= {"GET", "HEAD"}
    assert store.store.keys(BUCKET) == before


def test_a_wrong_secret_and_an_unknown_key_are_told_apart(store: FaultServer) -> None:
    connection = Connection("c", store.endpoint, store.user.access_key)
    found, told = ask(connection, "wrong" * 8, READ)
    assert (found[Check.CLOCK], found[Check.KEY], len(found)) == (Outcome.GOOD, Outcome.BAD, 6)
    assert "The secret key is wrong" in told
    found, told = ask(replace(connection, access_key="NOBODY"), store.user.secret_key, READ)
    assert found[Check.KEY] is Outcome.BAD
    assert "does not know this access key" in told


def test_a_disabled_key_where_anyone_may_read(store: FaultServer) -> None:
    store.store.add(BUCKET, "open", b"a", acl="public-read")
    bar(store)  # every signed request, and no other: so does a key that was disabled
    _found, told = ask(
        Connection("c", store.endpoint, store.user.access_key), store.user.secret_key, Question(Right.READ, BUCKET, "open")
    )
    assert "the key is disabled" in told
    assert "Enable the key in the console" in told


def test_where_nothing_is() -> None:
    (port,) = free_ports(1)
    found, told = ask(Connection("c", f"http://{LOOPBACK}:{port}", "AK"), "secret-of-nobody", READ)
    assert found == {Check.NAME: Outcome.GOOD, Check.PORT: Outcome.BAD}
    assert "refused the network connection" in told
    found, told = ask(Connection("c", "https://no-such-namespace.invalid", "AK"), "secret-of-nobody", READ)
    assert found == {Check.NAME: Outcome.BAD}
    assert "name" in told


CERTIFICATES: dict[str, tuple[Callable[[Path], Certificate], bool, str]] = {
    "expired": (
        lambda folder: make_odd_certificate(folder, since="20200101000000Z", until="20210101000000Z"),
        True,
        "was valid until 2021-01-01",
    ),
    "self-signed": (lambda folder: make_odd_certificate(folder, self_signed=True), False, "certificate is self-signed"),
    "another host": (lambda folder: make_certificate(folder, "DNS:elsewhere.test"), True, "is for elsewhere.test, not for"),
    "unknown authority": (make_certificate, False, "signed by “CN=Test Authority”"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_that_is_not_trusted(tmp_path: Path, name: str) -> None:
    make, trusted, words = CERTIFICATES[name]
    certificate = make(tmp_path)
    with FaultServer(certificate=certificate) as server:
        bundle = str(certificate.authority) if trusted else ""
        connection = Connection("c", server.endpoint, server.user.access_key, ca_bundle=bundle)
        found, told = ask(connection, server.user.secret_key, READ)
        assert server.count() == 0
    assert found[Check.TLS] is Outcome.BAD
    assert words in told


async def test_a_person_whose_address_is_barred_asks_why(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "a", b"a")
    await desk.start()
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)
    await desk.listed("a")
    bar(server)
    await desk.keys("F5")
    await desk.place("denied")
    await desk.press("state-why")
    dialog = await desk.dialog("Why?")
    assert isinstance(dialog, WhyDialog)
    await desk.until(lambda: dialog.concluded, "the checks have ended")
    assert EVERYTHING in desk.text("why-verdict", dialog)
    server.barred = False
    await desk.press("again", dialog)
    await desk.until(lambda: "Everything works now" in desk.text("why-verdict", dialog), "it looks again")
    await desk.press("close", dialog)
    await desk.gone(dialog)
    await desk.stop()
