"""S51 to S55: redirects, TLS, the clock, proxies, names and addresses."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import actions
from faults.proxy import Proxy
from faults.rig import BUCKET
from faults.server import FaultServer
from journeys.desk import Desk
from servers.tls import Certificate, make_certificate, make_odd_certificate

from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText, Signature
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.workers.pool import Pool
from cloudtemple_browser.workers.store import EngineStoreFactory

REF = ObjectRef(BUCKET, "a")
SOON = 5.0  # seconds


@pytest.fixture
def opened(pool: Pool) -> Iterator[Callable[..., Store]]:
    """Open the program's store on an endpoint; closed at the end."""
    stores: list[Store] = []

    def open_(server: FaultServer, **more: object) -> Store:
        values: dict[str, object] = {"endpoint": server.endpoint, "access_key": server.user.access_key} | more
        connection = Connection("Lab", **values)  # type: ignore[arg-type]
        stores.append(EngineStoreFactory(pool).open(connection, SecretText(server.user.secret_key)))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


def read(store: Store) -> None:
    """A ranged read, as downloads do it."""
    store.read_range(REF, 0, 1, "", lambda _piece: None, CallControl())


CALLS: dict[str, Callable[[Store], object]] = {
    "list-buckets": lambda store: store.list_buckets(),
    "list": lambda store: list(store.list_pages(BUCKET, "", "/", CallControl())),
    "head": lambda store: store.head_object(REF),
    "read": read,
    "put": lambda store: store.put_object(REF, b"body", WriteOptions(), CallControl()),
    "start-upload": lambda store: store.create_multipart_upload(REF, WriteOptions()),
    "read-acl": lambda store: store.read_acl(REF),
    "write-acl": lambda store: store.write_acl(REF, CannedAcl.PUBLIC_READ),
    "anyone": lambda store: store.readable_by_anyone(REF),
}


def failure(call: Callable[[Store], object], store: Store) -> BrowserError:
    """What a call fails with."""
    with pytest.raises(BrowserError) as caught:
        call(store)
    return caught.value


async def _connect(desk: Desk, server: FaultServer) -> None:
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)


# --------------------------------------------------------------------------------------------------------------- redirects


@pytest.fixture
def elsewhere() -> Iterator[FaultServer]:
    """Another host, which must never hear of anything."""
    with FaultServer() as other:
        other.store.add_bucket(BUCKET)
        yield other


@pytest.mark.scenario("S51", "301/302/303/307/308 to another host: nothing goes there", seconds=60)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", CALLS)
def test_a_redirect_is_never_followed(
    server: FaultServer, elsewhere: FaultServer, opened: Callable[..., Store], status: int, name: str
) -> None:
    server.store.add(BUCKET, "a", b"a")
    store = opened(server)
    server.fault(actions.redirects(f"{elsewhere.endpoint}/{BUCKET}/a?canary", status))
    error = failure(CALLS[name], store)
    assert error.kind is ErrorKind.REDIRECTED
    assert elsewhere.endpoint.partition("//")[2] in str(explain(error).why)
    assert 1 <= server.count() <= 2
    assert (elsewhere.connections, elsewhere.count()) == (0, 0)


@pytest.mark.scenario("S51", "deleting through a redirect: nothing goes there, nothing is done", seconds=60)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("keys", [("a",), ("a", "b")])
def test_a_deletion_is_not_redirected(
    server: FaultServer, elsewhere: FaultServer, opened: Callable[..., Store], status: int, keys: tuple[str, ...]
) -> None:
    for key in "ab":
        server.store.add(BUCKET, key, b"a")
    store = opened(server)
    server.fault(actions.redirects(f"{elsewhere.endpoint}/{BUCKET}/", status))
    failed = store.delete_objects(BUCKET, keys).failed
    assert {(item.key, item.error.kind) for item in failed} == {(key, ErrorKind.REDIRECTED) for key in keys}
    assert server.count() <= 2
    assert elsewhere.connections == 0
    assert server.store.keys(BUCKET) == ["a", "b"]


@pytest.mark.scenario("S51", "in the window: it says where to", seconds=60)
async def test_the_window_says_where_the_redirect_leads(desk: Desk, server: FaultServer, elsewhere: FaultServer) -> None:
    server.fault(actions.redirects(f"{elsewhere.endpoint}/login?next=secret"))
    await desk.start()
    await _connect(desk, server)
    await desk.place("failed")
    assert desk.text("state-title") == "The store points to another address"
    assert elsewhere.endpoint.partition("//")[2] in desk.text("state-detail")
    assert "never followed" in desk.text("state-detail")
    assert elsewhere.connections == 0
    await desk.stop()


# --------------------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate that is right, and the authority to give as CA bundle."""
    return make_certificate(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Certificate]:
    """Certificates that are not."""
    folder = tmp_path_factory.mktemp
    return {
        "self-signed": make_odd_certificate(folder("self-signed"), self_signed=True),
        "expired": make_odd_certificate(folder("expired"), since="20200101000000Z", until="20200201000000Z"),
        "not-yet": make_odd_certificate(folder("not-yet"), since="20990101000000Z", until="20990201000000Z"),
        "wrong-host": make_odd_certificate(folder("wrong"), names="DNS:other.example,IP:192.0.2.1"),
        "unknown-authority": make_odd_certificate(folder("unknown")),
    }


def old_tls(server: FaultServer) -> None:
    """TLS 1.1 and nothing better."""
    context = server._listener._tls
    assert context is not None
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1


ODD = ("self-signed", "expired", "not-yet", "wrong-host", "unknown-authority", "TLS-1.1")


@pytest.fixture(params=ODD)
def untrusted(
    request: pytest.FixtureRequest, odd: dict[str, Certificate], good: Certificate
) -> Iterator[tuple[str, FaultServer, str]]:
    """A server whose identity is not proven, by what is wrong, and the CA bundle of the connection."""
    name = str(request.param)
    certificate = odd.get(name, good)
    with FaultServer(certificate=certificate) as server:
        server.store.add_bucket(BUCKET)
        if name == "TLS-1.1":
            with pytest.warns(DeprecationWarning, match="TLS"):
                old_tls(server)
        knows = name not in ("self-signed", "unknown-authority")
        yield name, server, str(certificate.authority if knows else good.authority)


@pytest.mark.scenario("S52", "TLS: self-signed, expired, wrong host, unknown authority, TLS 1.1: refused", seconds=60)
@pytest.mark.parametrize("call", ["list", "read", "put", "anyone"])
def test_an_identity_that_is_not_proven(
    untrusted: tuple[str, FaultServer, str], opened: Callable[..., Store], call: str
) -> None:
    name, server, bundle = untrusted
    error = failure(CALLS[call], opened(server, ca_bundle=bundle))
    assert error.kind is ErrorKind.TLS
    assert server.connections == 1  # one handshake
    assert server.count() == 0  # and not a byte of a request
    assert not error.retryable
    rows = {str(label): value for label, value in error.detail_rows}
    if name != "TLS-1.1":
        subject = {"self-signed": "self-signed"}.get(name, "localhost")
        assert subject in rows["Certificate of"]
        assert rows["Signed by"]
        assert "2020-02-01" in rows["Valid until"] if name == "expired" else rows["Valid until"]
        assert "other.example" in rows["Names in it"] or name != "wrong-host"
        assert len(rows["Fingerprint (SHA-256)"].replace(":", "")) == 64


@pytest.mark.scenario("S52", "TLS: what is right is accepted", seconds=60)
def test_an_identity_that_is_proven(good: Certificate, opened: Callable[..., Store]) -> None:
    with FaultServer(certificate=good) as server:
        server.store.add_bucket(BUCKET)
        store = opened(server, ca_bundle=str(good.authority))
        assert [bucket.name for bucket in store.list_buckets()] == [BUCKET]


@pytest.mark.scenario("S52", "TLS in the window: the certificate is shown", seconds=60)
async def test_the_window_shows_the_certificate(desk: Desk, odd: dict[str, Certificate]) -> None:
    with FaultServer(certificate=odd["expired"]) as server:
        await desk.start()
        await _connect(desk, server)
        await desk.place("failed")
        assert "signed by an unknown authority" in desk.text("state-title")
        connections = server.connections
        await desk.press("state-details")
        details = await desk.dialog("Details")
        told = "\n".join(desk.words(details))
        assert "Valid until" in told
        assert "2020-02-01" in told
        assert (server.count(), server.connections) == (0, connections)
        await desk.keys("Escape")
        await desk.gone(details)
        await desk.stop()


# ------------------------------------------------------------------------------------------------------------------- clock

SKEW = 20 * 60.0


@pytest.mark.scenario("S53", "the clocks differ by 20 minutes: both times are shown", seconds=60)
@pytest.mark.parametrize("skew", [SKEW, -SKEW])
@pytest.mark.parametrize("signature", Signature)
def test_a_wrong_clock_is_said_with_both_times(
    server: FaultServer, opened: Callable[..., Store], skew: float, signature: Signature
) -> None:
    server.store.add(BUCKET, "a", b"a")
    server.clock = skew
    for call in ("list-buckets", "list", "head", "read", "put"):
        error = failure(CALLS[call], opened(server, signature=signature))
        if call == "head":  # a refusal without a body: nothing tells why
            assert error.kind in (ErrorKind.ACCESS_DENIED, ErrorKind.CLOCK)
            continue
        assert error.kind is ErrorKind.CLOCK
        why = str(explain(error).why)
        for clock in (time.time(), time.time() + skew):
            minutes = {time.strftime("%Y-%m-%d %H:%M", time.gmtime(clock + off)) for off in (1, 0, -30)}  # times are rounded
            assert any(minute in why for minute in minutes), why
    assert server.store.body(BUCKET, "a") == b"a"


# ------------------------------------------------------------------------------------------------------------------- proxy

NAME, CANARY = "store.test", "CANARY-proxy-password"
NO_PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxy in the environment, until the test sets one."""
    for name in NO_PROXY_NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.fixture
def named(tmp_path: Path) -> Iterator[FaultServer]:
    """A server that only the proxy knows how to reach: its name is in no directory."""
    certificate = make_certificate(tmp_path, f"DNS:{NAME}")
    with FaultServer(certificate=certificate) as server:
        server.store.add_bucket(BUCKET)
        server.store.add(BUCKET, "a", b"a")
        yield server


def port_of(server: FaultServer) -> int:
    """Where it listens."""
    return server._listener.port


def through(named: FaultServer, pool: Pool, proxy: str = "", scheme: str = "https") -> Store:
    """The program's store of the name, on engine processes that know this environment."""
    assert named.certificate is not None
    connection = Connection(
        "Lab",
        f"{scheme}://{NAME}",
        named.user.access_key,
        ca_bundle=str(named.certificate.authority),
        proxy=proxy,
        allow_http=True,
    )
    return EngineStoreFactory(pool).open(connection, SecretText(named.user.secret_key))


PROOF = base64.b64encode(f"user:{CANARY}".encode()).decode()
SAME = ("list-buckets", "list", "head", "read", "put", "anyone")


@pytest.mark.scenario("S54", "a proxy of the connection, of the environment, with a password: it works", seconds=60)
@pytest.mark.parametrize("way", ["connection", "environment", "password"])
def test_a_proxy_works(named: FaultServer, no_proxy: pytest.MonkeyPatch, way: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with Proxy(port_of(named)) as proxy:
        if way != "connection":
            user = f"user:{CANARY}@" if way == "password" else ""
            no_proxy.setenv("HTTPS_PROXY", f"http://{user}{proxy.address}")
        pool = Pool()
        store = through(named, pool, f"http://{proxy.address}" if way == "connection" else "")
        for name in SAME:
            if name == "anyone":
                assert not store.readable_by_anyone(REF)
            else:
                CALLS[name](store)
        store.close()
        pool.close()
        assert set(proxy.seen) == {f"{NAME}:443"}
        assert set(proxy.authorizations) == {f"Basic {PROOF}" if way == "password" else ""}
    assert not named.store.item(BUCKET, "a").acl.startswith("public")
    assert CANARY not in caplog.text
    assert PROOF not in caplog.text


@pytest.mark.scenario("S54", "an http endpoint through a proxy: it works", seconds=60)
def test_a_proxy_for_http(server: FaultServer, named: FaultServer, pool: Pool, no_proxy: pytest.MonkeyPatch) -> None:
    server.store.add(BUCKET, "a", b"a")
    server.keys[named.user.access_key] = named.user.secret_key
    with Proxy(port_of(server)) as proxy:
        store = through(named, pool, f"http://{proxy.address}", "http")
        for name in SAME:
            if name != "anyone":
                CALLS[name](store)
        store.close()
    assert proxy.seen
    assert all(target.startswith(f"http://{NAME}/") for target in proxy.seen)


PROXY_TROUBLE: dict[str, int] = {"down": 0, "password-wanted": 407, "refused": 403, "no-way": 502}


@pytest.mark.scenario("S54", "a proxy that is down, wants a password, refuses: a clear error, the password in none", seconds=60)
@pytest.mark.parametrize("name", PROXY_TROUBLE)
def test_a_proxy_that_does_not_work(
    named: FaultServer, no_proxy: pytest.MonkeyPatch, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    pool = None
    with Proxy(port_of(named), PROXY_TROUBLE[name]) as proxy:
        no_proxy.setenv("HTTPS_PROXY", f"http://user:{CANARY}@{proxy.address}")
        if name == "down":
            proxy._listener.close()
        pool = Pool()
        store = through(named, pool)
        for call in ("list-buckets", "list", "read", "put"):
            began = time.monotonic()
            error = failure(CALLS[call], store)
            assert time.monotonic() - began < SOON
            assert error.kind is ErrorKind.PROXY
            told = f"{error!r} {explain(error)!r} {[value for _label, value in error.detail_rows]}"
            assert CANARY not in told
            assert PROOF not in told
        store.close()
        pool.close()
    assert named.count() == 0
    assert CANARY not in caplog.text
    assert PROOF not in caplog.text


@pytest.mark.scenario("S54", "a proxy in the window: it works, then it is down; the password is nowhere", seconds=60)
async def test_a_proxy_in_the_window(desk: Desk, named: FaultServer, no_proxy: pytest.MonkeyPatch, log_file: Path) -> None:
    assert named.certificate is not None
    with Proxy(port_of(named)) as proxy:
        no_proxy.setenv("HTTPS_PROXY", f"http://user:{CANARY}@{proxy.address}")
        await desk.start()
        await desk.menu("connection.new")
        dialog = await desk.dialog("New connection")
        await desk.press("advanced", dialog)
        user = named.user
        values = {"name": "Lab", "endpoint": f"https://{NAME}", "access_key": user.access_key, "secret": user.secret_key}
        bundle = str(named.certificate.authority)
        await desk.fill_form("New connection", "save", **values, bucket=BUCKET, ca_bundle=bundle)
        await desk.listed("a")
        proxy._listener.close()
        await desk.keys("F5")
        await desk.place("offline")
        assert desk.text("state-title") == "The proxy cannot be used"
        await desk.press("state-details")
        details = await desk.dialog("Details")
        shown = desk.words(desk.window) + desk.words(details)
        assert not any(CANARY in words or PROOF in words for words in shown)
        await desk.keys("Escape")
        await desk.gone(details)
        await desk.stop()
    logged = await asyncio.to_thread(log_file.read_text, encoding="utf-8")
    assert logged
    assert CANARY not in logged
    assert PROOF not in logged


# ----------------------------------------------------------------------------------------------------- names and addresses


def nobody() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _has_way(family: socket.AddressFamily, address: str) -> bool:
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((address, 9))
        except OSError:
            return False
    return True


DOCUMENTATION = "2001:db8::1"  # https://www.rfc-editor.org/rfc/rfc3849: an address of nobody
UNREACHABLE = not _has_way(socket.AF_INET6, DOCUMENTATION)
TROUBLE: dict[str, tuple[Callable[[], str], ErrorKind]] = {
    "dns": (lambda: "https://nowhere.invalid", ErrorKind.DNS),
    "refused": (lambda: f"http://127.0.0.1:{nobody()}", ErrorKind.REFUSED),
    "refused-v6": (lambda: f"http://[::1]:{nobody()}", ErrorKind.REFUSED),
}


def _told(error: BrowserError) -> tuple[str, str]:
    words = explain(error)
    return str(words.what), str(words.why)


@pytest.mark.scenario("S55", "no such name, refused, no way to IPv6: three different messages, soon", seconds=60)
@pytest.mark.parametrize("call", ["list-buckets", "list", "read", "put"])
def test_three_reasons_have_three_messages(
    server: FaultServer, opened: Callable[..., Store], call: str, no_proxy: pytest.MonkeyPatch, pool: Pool
) -> None:
    told: set[tuple[str, str]] = set()
    for name, (endpoint, kind) in TROUBLE.items():
        store = opened(server, endpoint=endpoint())
        began = time.monotonic()
        error = failure(CALLS[call], store)
        assert time.monotonic() - began < SOON
        assert error.kind is kind, (name, error)
        told.add(tuple(words.replace(error.facts.endpoint, "…") for words in _told(error)))  # type: ignore[arg-type]
    if UNREACHABLE:
        began = time.monotonic()
        error = failure(CALLS[call], opened(server, endpoint=f"https://[{DOCUMENTATION}]"))
        assert time.monotonic() - began < SOON
        assert error.kind is ErrorKind.TIMEOUT
        told.add(tuple(words.replace(error.facts.endpoint, "…") for words in _told(error)))  # type: ignore[arg-type]
    assert len(told) == 2 + UNREACHABLE
