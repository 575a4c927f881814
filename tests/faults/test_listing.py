"""S47 to S50: listings that lie, that do not end, that are too large, and one that is merely long."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import pytest
from faults import actions
from faults.beat import Beat, peaks
from faults.rig import BUCKET
from faults.server import Action, Exchange, FaultServer
from faults.wire import Reply
from journeys.desk import Desk

from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.workers.pool import Pool
from cloudtemple_browser.workers.store import EngineStoreFactory

LISTS = ("ListObjectsV2", "ListObjects")
MIB = 1 << 20


@pytest.fixture
def store(server: FaultServer, pool: Pool) -> Iterator[Store]:
    """The program's store, whose listings run in the engine processes."""
    connection = Connection("Lab", server.endpoint, server.user.access_key)
    store = EngineStoreFactory(pool).open(connection, SecretText(server.user.secret_key))
    yield store
    store.close()


def listed(store: Store, delimiter: str = "", *, again: bool = True) -> tuple[list[str], BrowserError | None]:
    """The keys that came, and what ended the listing, if not its end. It begins again once where it has to."""
    keys: list[str] = []
    try:
        for page in store.list_pages(BUCKET, "", delimiter, CallControl()):
            keys += page.keys
    except BrowserError as error:
        if error.kind is ErrorKind.LIST_AGAIN and again:
            return listed(store, delimiter, again=False)
        return keys, error
    return keys, None


async def _open(desk: Desk, server: FaultServer) -> None:
    await desk.start()
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)


def page(*rows: str, token: str = "", truncated: bool | None = None, root: str = "ListBucketResult", **more: str) -> bytes:
    """A page of a listing; ``truncated`` may contradict ``token``."""
    told = bool(token) if truncated is None else truncated
    following = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    extra = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    body = f"<Name>{BUCKET}</Name><IsTruncated>{str(told).lower()}</IsTruncated>{following}{extra}{''.join(rows)}"
    return f'<?xml version="1.0" encoding="UTF-8"?><{root}>{body}</{root}>'.encode()


def row(key: str) -> str:
    """An object in a page."""
    return (
        f"<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>"
        f'<ETag>"0cc175b9c0f1b6a831c399e269772661"</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>'
    )


def answers(body: bytes) -> Action:
    """A page, as S3 sends it."""
    return actions.replies(200, body, Content_Type="application/xml", x_amz_request_id="fault")


XHTML = (
    b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Free WiFi</title></head>'
    b"<body><p>Please sign in</p></body></html>"
)
WHOLE = page(row("a"), row("b"))
NO_LISTING = {
    "xhtml": actions.replies(200, XHTML, Content_Type="application/xhtml+xml"),
    "xhtml-as-xml": answers(XHTML),
    "html5": actions.portal,
    "empty": answers(b""),
    "blank": answers(b"\n\n"),
    "truncated": answers(WHOLE[: len(WHOLE) // 2]),
    "without-its-end": answers(WHOLE.removesuffix(b"</ListBucketResult>")),
    "wrong-root": answers(page(row("a"), root="ListAllMyBucketsResult")),
    "only-a-root": answers(b"<ListBucketResult/>"),
    "no-name": answers(b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"),
    "no-end-told": answers(f"<ListBucketResult><Name>{BUCKET}</Name>{row('a')}</ListBucketResult>".encode()),
    "error-in-200": answers(b"<Error><Code>InternalError</Code><Message>no</Message></Error>"),
    "json": actions.replies(200, b'{"error": "no"}', Content_Type="application/json"),
    "binary": answers(bytes(range(256)) * 10),
}


@pytest.mark.scenario("S47", "XHTML, empty, truncated or wrong root for a listing: an error, never “empty”", seconds=60)
@pytest.mark.parametrize("lie", NO_LISTING.values(), ids=NO_LISTING)
def test_what_is_no_listing_is_an_error(store: Store, server: FaultServer, lie: Action) -> None:
    server.store.add(BUCKET, "a")
    server.fault(lie, *LISTS)
    keys, error = listed(store)
    assert keys == []
    assert error is not None
    assert error.kind in (ErrorKind.NOT_S3, ErrorKind.SERVER)
    server.clear()
    assert listed(store) == (["a"], None)


@pytest.mark.scenario("S47", "the same for a later page: what came stays, marked as incomplete", seconds=60)
@pytest.mark.parametrize("lie", ["xhtml", "empty", "truncated", "wrong-root", "error-in-200"])
def test_a_later_page_that_is_none(store: Store, server: FaultServer, lie: str) -> None:
    server.fault(answers(page(row("a"), token="1")), *LISTS, times=1)
    server.fault(NO_LISTING[lie], *LISTS)
    keys, error = listed(store)
    assert keys == ["a"]
    assert error is not None


@pytest.mark.scenario("S47", "in the window", seconds=60)
@pytest.mark.parametrize("lie", ["xhtml", "empty", "truncated", "wrong-root"])
async def test_the_window_never_says_that_the_folder_is_empty(desk: Desk, server: FaultServer, lie: str) -> None:
    server.store.add(BUCKET, "a")
    server.fault(NO_LISTING[lie], *LISTS)
    await _open(desk, server)
    await desk.place("failed")
    assert "did not come from an S3 store" in desk.text("state-title")
    server.clear()
    await desk.press("state-go.refresh")
    await desk.listed("a")
    # An earlier listing stays on the screen, and is said to be incomplete.
    server.fault(NO_LISTING[lie], *LISTS)
    await desk.keys("F5")
    await desk.until(lambda: desk.parts.app.listing.status.phase.value in ("partial", "failed"), "the refresh has failed")
    assert desk.window.work.states.place is None or desk.window.work.states.place.name == "failed"
    await desk.stop()


@pytest.mark.scenario("S47", "an entry without a key: the others are shown, and the list is not said to be whole", seconds=60)
async def test_the_window_says_that_an_entry_is_left_out(desk: Desk, server: FaultServer) -> None:
    server.fault(answers(page(row("a"), row(""), row("b"))), *LISTS)
    await _open(desk, server)
    await desk.until(lambda: desk.text("partial-text").startswith("Partial list: 1 entry had no readable key."), "it is said")
    assert desk.names() == ["a", "b"]
    assert desk.text("counts") == "2 objects, 2 B · 1 entry left out"
    await desk.stop()


@pytest.mark.scenario("S47", "ListObjects, and no request can name where the next page begins", seconds=60)
def test_a_page_ends_at_a_name_that_cannot_be_sent(store: Store, server: FaultServer) -> None:
    server.fault(answers(page(row("a"), row("a%FF"), truncated=True, EncodingType="url", Marker="")), *LISTS)
    keys, error = listed(store)
    assert keys == ["a", "a\udcff"]
    assert error is not None
    assert (error.kind, error.facts.message) == (ErrorKind.PARTIAL, "the next page begins at a name that cannot be sent")


# ------------------------------------------------------------------------------------------------------------------- loops


def looping(tokens: Sequence[str], keys: Callable[[int], Sequence[str]], *, first_version: bool = False) -> Action:
    """Pages for ever: with these tokens in turn, and ``keys(number of the page)`` in them."""
    pages = count()

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        number = next(pages)
        rows = [row(key) for key in keys(number)]
        token = tokens[number % len(tokens)] if tokens else ""
        marker = {"Marker": "", "NextMarker": token} if first_version and token else {"Marker": ""} if first_version else {}
        body = page(*rows, token="" if first_version else token, truncated=True, **marker)
        exchange.send(Reply(200, body, {"Content-Type": "application/xml", "x-amz-request-id": "fault"}))

    return act


def fresh(number: int) -> list[str]:
    """Two new keys a page."""
    return [f"{number:06}-a", f"{number:06}-b"]


LOOPS: dict[str, tuple[Callable[[], Action], int]] = {  # and how many pages bring something new
    "same-token": (lambda: looping(["A"], fresh), 2),
    "A-B-A-B": (lambda: looping(["A", "B"], fresh), 3),
    "A-B-C-A-B-C": (lambda: looping(["A", "B", "C"], fresh), 4),
    "same-keys": (lambda: looping([f"t{number}" for number in range(1000)], lambda _number: ["a", "b"]), 1),
    "no-token": (lambda: looping([], fresh), 1),
    "no-keys": (lambda: looping([f"t{number}" for number in range(1000)], lambda _number: []), 0),
    "first-version": (lambda: looping([], lambda _number: ["a", "b"], first_version=True), 1),
    "markers-A-B-A-B": (lambda: looping(["a", "b"], fresh, first_version=True), 3),
}
EXTRA = {"no-keys": 60}  # runs of delete markers give honest pages without a key: fifty are believed


@pytest.mark.scenario("S48", "loops A-B-A-B, same keys, no token: stops soon, says incomplete", seconds=60)
@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_ends(store: Store, server: FaultServer, name: str) -> None:
    make, useful = LOOPS[name]
    server.fault(make(), *LISTS)
    keys, error = listed(store)
    assert error is not None
    assert error.kind is ErrorKind.PARTIAL
    pages = [one for one in server.asked(*LISTS) if one.request.query.get("max-keys") != "1"]
    assert len(pages) <= useful + EXTRA.get(name, 3)
    assert bool(keys) is (useful > 0)


@pytest.mark.scenario("S48", "in the window: incomplete, and nothing that needs the whole folder", seconds=60)
async def test_the_window_says_incomplete(desk: Desk, server: FaultServer) -> None:
    server.fault(looping(["A", "B"], fresh), *LISTS)
    await _open(desk, server)
    await desk.until(lambda: desk.parts.app.listing.status.phase.value == "partial", "the listing is partial")
    await desk.until(lambda: "Partial list" in desk.text("partial-text"), "the window says so")
    assert len(desk.names()) >= 4
    await desk.stop()


# ----------------------------------------------------------------------------------------------------------------- too large


def streamed(head: bytes, piece: bytes, pieces: int, tail: bytes = b"") -> Action:
    """An answer of many equal pieces, without telling how long it will be."""

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        headers = {"Content-Type": "application/xml", "x-amz-request-id": "fault", "Connection": "close"}
        exchange.stream.send(Reply(200, b"", headers, length=-1).head() + head)
        for _number in range(pieces):
            exchange.stream.send(piece)
        exchange.stream.send(tail)
        exchange.send(Reply(200, b"", {}, length=-1), cut=0)

    return act


ROWS = "".join(row(f"{number:08}") for number in range(1000)).encode()
HEAD, TAIL = page(truncated=False).removesuffix(b"</ListBucketResult>"), b"</ListBucketResult>"
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
DOCTYPE = b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]>"
LARGE = {
    "300000-keys": streamed(HEAD, ROWS, 300, TAIL),
    "100000-keys": streamed(HEAD, ROWS, 100, TAIL),
    "endless": streamed(HEAD, ROWS, 1 << 30),
    "endless-blanks": streamed(HEAD, b" " * (1 << 16), 1 << 30),
    "one-endless-key": streamed(HEAD + b"<Contents><Key>", b"k" * (1 << 16), 1 << 30),
    "nested-200000": streamed(HEAD, b"<a>" * 1000, 200, b"</a>" * 200_000 + TAIL),
    "doctype": answers(b'<?xml version="1.0"?>' + DOCTYPE + HEAD.partition(b"?>")[2] + row("&l11;").encode() + TAIL),
    "external-entity": answers(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        + HEAD.partition(b"?>")[2] + row("&e;").encode() + TAIL
    ),
}  # fmt: skip
MOST = 16 * MIB + (8 << 20)  # bytes: what is read of an answer, and what the sockets had taken by then


@contextmanager
def modest() -> Iterator[None]:
    """No process of the program takes 100 MB more than before."""
    before = peaks(anew=True)
    yield
    after = peaks()
    grown = {process: (peak - before[process]) / 1e6 for process, peak in after.items() if process in before}
    assert all(more < 100 for more in grown.values()), f"MB: {grown}"


@pytest.mark.scenario("S49", "300,000 keys in a page, endless body, 200,000 nested, DTD: refused, within bounds", seconds=60)
@pytest.mark.parametrize("name", LARGE)
def test_a_monstrous_page_is_refused(store: Store, server: FaultServer, name: str) -> None:
    server.store.add(BUCKET, "a")
    assert listed(store) == (["a"], None)  # the processes are there, and warm
    server.forget()
    server.fault(LARGE[name], *LISTS)
    with modest():
        keys, error = listed(store)
    assert keys == []
    assert error is not None
    assert error.kind is ErrorKind.NOT_S3
    assert all(one.sent <= MOST for one in server.asked())
    server.clear()
    assert listed(store) == (["a"], None)


@pytest.mark.scenario("S49", "in the window, which stays alive", seconds=60)
@pytest.mark.parametrize("name", ["300000-keys", "endless", "nested-200000", "doctype"])
async def test_the_window_stays_alive_under_a_monstrous_page(desk: Desk, server: FaultServer, name: str) -> None:
    server.store.add(BUCKET, "a")
    await _open(desk, server)
    await desk.listed("a")
    server.fault(LARGE[name], *LISTS)
    for attempt in range(3):  # a busy machine may stop any window for a moment, though not five times
        with modest(), Beat() as beat:
            await desk.go(f"s3://{BUCKET}/folder {attempt}/")
            await desk.place("failed")
        if beat.fine:
            break
    print(beat)
    assert beat.fine, beat
    await desk.stop()


# -------------------------------------------------------------------------------------------------------------- a million keys

MILLION = 1_000_000
PREFIX = "many/"
WIDTH = len(row(f"{PREFIX}0000000"))


class Names(Sequence[str]):
    """The keys, made as they are looked at."""

    def __len__(self) -> int:
        return MILLION

    def __getitem__(self, at: int) -> str:  # type: ignore[override]
        if not 0 <= at < MILLION:
            raise IndexError(at)
        return f"{PREFIX}{at:07}"


class Million:
    """Serves ``many/0000000`` to ``many/0999999`` from one piece of prepared text."""

    def __init__(self) -> None:
        self._rows = memoryview("".join(map(row(f"{PREFIX}%07d").__mod__, range(MILLION))).encode())
        assert len(self._rows) == MILLION * WIDTH
        self.slow = 0.0  # seconds a page

    def __call__(self, exchange: Exchange) -> None:
        _ = exchange.body
        query = exchange.request.query
        if query.get("prefix", "") != PREFIX:
            exchange.send(Reply(200, page(f"<CommonPrefixes><Prefix>{PREFIX}</Prefix></CommonPrefixes>"), self._headers))
            return
        if self.slow:
            exchange.stream.rest(self.slow)
        token, most = query.get("continuation-token"), int(query["max-keys"])
        start = int(token) if token else bisect_right(Names(), query.get("start-after", ""))
        stop = min(MILLION, start + most)
        head = page(token=str(stop) if stop < MILLION else "").removesuffix(TAIL)
        exchange.send(Reply(200, head + self._rows[start * WIDTH : stop * WIDTH] + TAIL, self._headers))

    @property
    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/xml", "x-amz-request-id": "fault"}


@pytest.fixture(scope="module")
def million() -> Million:
    """Prepared once: 180 MB."""
    return Million()


@pytest.mark.alone
@pytest.mark.scenario("S50", "a listing of 1,000,000 keys: the window stays alive, cancel within 200 ms", seconds=240)
async def test_a_million_keys(desk: Desk, server: FaultServer, million: Million) -> None:
    server.fault(million, *LISTS)
    await _open(desk, server)
    await desk.listed("many")
    beats: list[Beat] = []
    app = desk.parts.app
    for _attempt in range(5):  # a busy machine may stop any window for a moment, though not five times
        began = time.perf_counter()
        with Beat() as beat:
            await desk.go(f"s3://{BUCKET}/{PREFIX}")
            await desk.until(lambda: len(app.listing.rows) == MILLION, "all rows came", 100)
            await desk.complete()
        print(f"{time.perf_counter() - began:.1f} s; {beat}")
        beats.append(beat)
        if beat.fine:
            break
        await desk.go(f"s3://{BUCKET}/")
        await desk.listed("many")
    assert any(beat.fine for beat in beats), [str(beat) for beat in beats]
    assert desk.window.work.objects.table.rowCount() == MILLION
    assert app.listing.rows.key(0) == f"{PREFIX}0000000"
    assert len({app.listing.rows.key(at) for at in range(0, MILLION, 997)}) == len(range(0, MILLION, 997))
    await desk.stop()


@pytest.mark.alone
@pytest.mark.scenario("S50", "cancelled in the middle: within 200 ms nothing goes on", seconds=120)
async def test_a_million_keys_are_cancelled(desk: Desk, server: FaultServer, million: Million) -> None:
    server.fault(million, *LISTS)
    await _open(desk, server)
    await desk.listed("many")
    app = desk.parts.app
    took: list[float] = []
    for _attempt in range(5):  # a busy machine may be late, though not five times
        await desk.go(f"s3://{BUCKET}/{PREFIX}")
        await desk.until(lambda: len(app.listing.rows) > 20_000, "some pages came")
        assert len(app.listing.rows) < MILLION
        began = time.perf_counter()
        await desk.keys("Escape")
        await desk.until(lambda: not app.background._controls, "the listing has ended")
        took.append(time.perf_counter() - began)
        assert app.listing.status.phase.value == "stopped"
        rows, asked = len(app.listing.rows), server.count(*LISTS)
        await desk.turn()
        assert desk.text("partial-text") == "Partial list: you stopped it."
        assert (len(app.listing.rows), server.count(*LISTS) - asked <= 16) == (rows, True)
        await desk.go(f"s3://{BUCKET}/")
        await desk.listed("many")
        if took[-1] < 0.2:
            break
    print(f"cancelled in {', '.join(f'{seconds * 1000:.0f}' for seconds in took)} ms")
    assert min(took) < 0.2
    await desk.stop()
