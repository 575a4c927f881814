"""S20 to S37: uploads, from the local file to the object that the store proves."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from faults import actions
from faults.rig import BUCKET, CONNECTION, PART, SIZE, SLACK, FaultRig, content
from faults.server import Action, Exchange, FaultServer, Logged
from faults.store import Dialect
from journeys.desk import Desk
from PySide6.QtCore import Qt

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, TransferRules, TransferState
from cloudtemple_browser.transfers.plan import MIB, TransferLimits
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.ui.models.transfer_cells import ACTION, STATE
from cloudtemple_browser.workers.pool import Pool

HASTY = RetryPolicy(first=0.02, longest=0.3, longest_offline=0.3)
COMPLETE = "CompleteMultipartUpload"
AT_ONCE = 96  # requests that may be under way to one store
REAL = bool(os.environ.get("CTB_REAL_TIME"))  # outages last as long as the scorecard says: many minutes in all


@pytest.fixture
def hasty(server: FaultServer, pool: Pool, tmp_path: Path) -> Iterator[FaultRig]:
    """The engine with short waits, where the waits are not the question."""
    rig = FaultRig(tmp_path / "journal", server, pool, HASTY)
    yield rig
    rig.close()


@contextmanager
def rig_on(folder: Path, pool: Pool, dialect: Dialect, rules: TransferRules | None = None) -> Iterator[FaultRig]:
    """The engine with short waits on a store that differs."""
    with FaultServer(dialect) as server:
        server.store.add_bucket(BUCKET)
        rig = FaultRig(folder / "journal", server, pool, HASTY, rules)
        try:
            yield rig
        finally:
            rig.close()


def sha1(data: bytes) -> str:
    """An ETag that tells nothing to anybody else."""
    return f"x{hashlib.sha1(data, usedforsecurity=False).hexdigest()}"


# Some stores write MD5s in upper case, and some have ETags that are none at all, or look like one and are none.
UPPER = Dialect(etag=lambda body: hashlib.md5(body, usedforsecurity=False).hexdigest().upper(), multipart_etag=str.upper)
OPAQUE = Dialect(etag=sha1, multipart_etag=lambda etag: sha1(etag.encode()))
ENCRYPTED = Dialect(etag=lambda body: hashlib.md5(body + b"key", usedforsecurity=False).hexdigest())
encrypted = actions.with_headers(x_amz_server_side_encryption="aws:kms")


def made(folder: Path, size: int = SIZE, name: str = "a", seed: int = 0) -> Path:
    """A local file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content(size, seed))
    return path


def stored(rig: FaultRig, path: Path, key: str = "a") -> None:
    """The object is the file, and nothing is left behind."""
    assert rig.server.store.body(BUCKET, key) == path.read_bytes()
    assert not rig.server.store.buckets[BUCKET].uploads


def sent_again(rig: FaultRig, size: int, again: Callable[[int], None]) -> int:
    """How many bytes went to the store once more than they had to."""
    more = max(0, sum(one.received for one in rig.server.asked("UploadPart", "PutObject")) - size)
    again(max(0, more - SLACK))
    return more


def never_done(rig: FaultRig, group: int, kind: ErrorKind) -> None:
    """It failed, said why, and left the parts for the next try."""
    rig.failed(group, kind)
    assert not rig.server.store.keys(BUCKET)
    assert rig.server.count("AbortMultipartUpload") == 0


ERROR_INSIDE = actions.replies(
    200, "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"
)
EMPTY = actions.replies(200, b"", x_amz_request_id="1")


# ------------------------------------------------------------------------------------------------ S20–S22: the last request


@pytest.mark.scenario("S20", "Complete answers 200 with an error inside, once or for ever")
def test_an_error_inside_the_answer_to_complete_once(rig: FaultRig, tmp_path: Path) -> None:
    rig.server.fault(ERROR_INSIDE, COMPLETE, times=1)
    path = made(tmp_path)
    assert rig.done(rig.upload(path)).verified
    stored(rig, path)
    assert rig.server.count(COMPLETE) == 2
    assert rig.server.count("UploadPart") == 4


@pytest.mark.scenario("S20", "Complete answers 200 with an error inside, once or for ever")
def test_an_error_inside_the_answer_to_complete_for_ever(hasty: FaultRig, tmp_path: Path) -> None:
    hasty.server.fault(ERROR_INSIDE, COMPLETE)
    group = hasty.upload(path := made(tmp_path))
    never_done(hasty, group, ErrorKind.SERVER)
    hasty.server.clear()
    hasty.server.forget()
    hasty.engine.retry(group)
    hasty.ended(group, 2)
    assert hasty.job(group).state is TransferState.DONE
    stored(hasty, path)
    assert hasty.server.count("UploadPart") == 0, "the parts were there"


LOST: dict[str, Action] = {
    "reset": actions.committed_reset,
    "500": actions.after(actions.says(500, "InternalError")),
    "timeout": actions.after(actions.says(400, "RequestTimeout")),
}


@pytest.mark.parametrize("way", LOST)
@pytest.mark.scenario("S21", "Complete is done, and its answer is lost")
def test_the_answer_to_complete_is_lost(rig: FaultRig, tmp_path: Path, way: str) -> None:
    rig.server.fault(LOST[way], COMPLETE, times=1)
    path = made(tmp_path)
    assert rig.done(rig.upload(path)).verified
    stored(rig, path)
    assert rig.server.count("AbortMultipartUpload") == 0
    assert rig.server.count("UploadPart") == 4
    assert rig.server.count(COMPLETE) == 1, "HEAD told that it is done"


@pytest.mark.scenario("S21", "Complete is done, and its answer is lost")
def test_the_answer_to_complete_is_lost_where_an_etag_proves_nothing(pool: Pool, tmp_path: Path) -> None:
    opaque = Dialect(multipart_etag=lambda etag: hashlib.sha1(etag.encode(), usedforsecurity=False).hexdigest() + "-4")
    with rig_on(tmp_path, pool, opaque) as rig:
        rig.server.fault(actions.committed_reset, COMPLETE, times=1)
        path = made(tmp_path)
        rig.done(rig.upload(path))
        stored(rig, path)
        assert rig.server.count("AbortMultipartUpload") == 0
        assert rig.server.count("UploadPart") == 4


@pytest.mark.parametrize("replaces", [False, True], ids=["new", "replacing"])
@pytest.mark.parametrize("dialect", [OPAQUE, ENCRYPTED], ids=["opaque", "encrypted"])
@pytest.mark.scenario("S21", "Complete is done, and its answer is lost")
def test_the_answer_to_complete_is_lost_where_nothing_tells_whose_the_object_is(
    pool: Pool, tmp_path: Path, dialect: Dialect, replaces: bool
) -> None:
    with rig_on(tmp_path, pool, dialect, TransferRules(keep_times=False)) as rig:
        rig.server.fault(actions.committed_reset, COMPLETE, times=1)
        rig.server.fault(encrypted)
        path, decisions = made(tmp_path), {}
        if replaces:
            decisions["a"] = Decision(ConflictPolicy.OVERWRITE, rig.server.store.add(BUCKET, "a", content(SIZE, 9)).etag)
        assert not rig.done(rig.upload(path, decisions=decisions)).verified
        stored(rig, path)
        assert rig.server.count("UploadPart") == 4


@pytest.mark.parametrize("etag", ["", f"{'0' * 32}-4"], ids=["opaque", "like an MD5"])
@pytest.mark.scenario("S34", "the key exists")
def test_what_comes_where_nothing_tells_whose_it_is_is_not_called_ours(pool: Pool, tmp_path: Path, etag: str) -> None:
    """Of the same size, between two tries to complete: ours is still unfinished."""
    theirs = content(SIZE, 9)
    with rig_on(tmp_path, pool, OPAQUE, TransferRules(keep_times=False)) as rig:

        def somebody_comes(exchange: Exchange) -> None:
            rig.server.store.add(BUCKET, "a", theirs, etag=etag or sha1(theirs))
            actions.reset(exchange)

        rig.server.fault(somebody_comes, COMPLETE, times=1)
        rig.failed(rig.upload(made(tmp_path)), ErrorKind.OCCUPIED)
        assert rig.server.store.body(BUCKET, "a") == theirs


@pytest.mark.parametrize("size", [1000, SIZE])
@pytest.mark.scenario("S23", "a part is answered without an ETag, or with a wrong one")
def test_md5s_in_upper_case_are_md5s(pool: Pool, tmp_path: Path, size: int) -> None:
    with rig_on(tmp_path, pool, UPPER) as rig:
        path = made(tmp_path, size)
        rig.server.fault(actions.committed_reset, COMPLETE, times=1)
        assert rig.done(rig.upload(path)).verified
        stored(rig, path)
        etag = rig.server.store.item(BUCKET, "a").etag
        assert rig.done(rig.upload(path, decisions={"a": Decision(ConflictPolicy.OVERWRITE, etag)})).verified
        assert rig.server.asked(COMPLETE, "PutObject")[-1].request.headers["if-match"].strip('"') == etag


@pytest.mark.scenario("S23", "a part is answered without an ETag, or with a wrong one")
def test_the_etags_of_encrypted_parts_prove_nothing_and_are_no_failure(pool: Pool, tmp_path: Path) -> None:
    with rig_on(tmp_path, pool, ENCRYPTED) as rig:
        rig.server.fault(encrypted)
        path = made(tmp_path)
        rig.done(rig.upload(path))
        stored(rig, path)
        assert rig.server.count("UploadPart") == 4


NOTHING_SAID: dict[str, Action] = {"empty": EMPTY, "html": actions.portal}


@pytest.mark.parametrize("way", NOTHING_SAID)
@pytest.mark.scenario("S22", "Complete answers 200 with nothing, or a web page")
def test_an_answer_to_complete_that_proves_nothing(hasty: FaultRig, tmp_path: Path, way: str) -> None:
    hasty.server.fault(NOTHING_SAID[way], COMPLETE)
    group = hasty.upload(path := made(tmp_path))
    never_done(hasty, group, ErrorKind.NOT_S3)
    assert hasty.server.count("HeadObject") > 0
    hasty.server.clear()
    hasty.engine.retry(group)
    hasty.ended(group, 2)
    stored(hasty, path)


@pytest.mark.parametrize("way", NOTHING_SAID)
@pytest.mark.scenario("S22", "Complete answers 200 with nothing, or a web page")
def test_an_answer_to_complete_that_proves_nothing_though_it_is_done(rig: FaultRig, tmp_path: Path, way: str) -> None:
    rig.server.fault(actions.after(NOTHING_SAID[way]), COMPLETE)
    path = made(tmp_path)
    assert rig.done(rig.upload(path)).verified
    last = rig.server.asked(COMPLETE, "HeadObject")[-1]
    assert (last.operation, last.status) == ("HeadObject", 200), "the proof"
    stored(rig, path)


# ------------------------------------------------------------------------------------------------ S23: a part is not proven

UNPROVEN: dict[str, Action] = {
    "no ETag": actions.with_headers("ETag"),
    "wrong ETag": actions.with_headers(ETag='"' + 32 * "0" + '"'),
}


@pytest.mark.parametrize("way", UNPROVEN)
@pytest.mark.scenario("S23", "a part is answered without an ETag, or with a wrong one")
def test_a_part_without_proof_is_sent_once_more(rig: FaultRig, tmp_path: Path, way: str, again: Callable[[int], None]) -> None:
    rig.server.fault(UNPROVEN[way], "UploadPart", number=2, times=1)
    path = made(tmp_path)
    assert rig.done(rig.upload(path)).verified
    stored(rig, path)
    assert [one.number for one in rig.server.asked("UploadPart")].count(2) == 2
    assert sent_again(rig, SIZE, again) <= PART + SLACK


@pytest.mark.parametrize("way", UNPROVEN)
@pytest.mark.scenario("S23", "a part is answered without an ETag, or with a wrong one")
def test_a_part_that_is_never_proven_fails(rig: FaultRig, tmp_path: Path, way: str) -> None:
    rig.server.fault(UNPROVEN[way], "UploadPart", number=2)
    group = rig.upload(made(tmp_path))
    never_done(rig, group, ErrorKind.NOT_S3 if way == "no ETag" else ErrorKind.INTEGRITY)
    assert [one.number for one in rig.server.asked("UploadPart")].count(2) == 2
    assert rig.server.count(COMPLETE) == 0


# ------------------------------------------------------------------------------------------------ S24–S27: the store says no


class Outage:
    """``action`` for every request of ``operations`` (none: all) from the ``after``-th on, ``seconds`` long."""

    def __init__(self, server: FaultServer, action: Action, seconds: float, after: int, *operations: str) -> None:
        self._action, self._seconds, self._after, self._operations = action, seconds, after, operations
        self._seen = 0
        self.began = 0.0
        server.weather = self._weather

    @property
    def ended(self) -> float:
        return self.began + self._seconds

    def _weather(self, log: Logged) -> Action | None:
        if self._operations and log.operation not in self._operations:
            return None
        self._seen += 1
        if self._seen <= self._after:
            return None
        self.began = self.began or log.began
        return self._action if log.began < self.ended else None


def at_once(log: list[Logged]) -> int:
    """How many requests were under way together, at most."""
    moments = sorted([(one.began, 1) for one in log] + [(one.ended, -1) for one in log])
    most = now = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


def busy(exchange: Exchange) -> None:
    """503 SlowDown, in the time that an answer takes in a busy store."""
    _ = exchange.body
    exchange.stream.rest(0.02)
    actions.says(503, "SlowDown", "Please reduce your request rate.")(exchange)


def late(exchange: Exchange) -> None:
    """The right answer, in the time that it takes over a line."""
    reply = exchange.answer()
    exchange.stream.rest(0.02)
    exchange.send(reply)


@pytest.mark.scenario("S24", "503 SlowDown for 5 minutes (scaled), then good", seconds=500 if REAL else 60)
def test_a_busy_store_is_left_alone_and_waited_for(rig: FaultRig, tmp_path: Path) -> None:
    seconds, folder = 300.0 if REAL else 6.0, tmp_path / "top"
    files = [made(folder, 1000 + n, f"{n:03}", n) for n in range(300)] + [made(folder, SIZE, "big")]
    rig.server.fault(late, "PutObject", "UploadPart", times=55)
    outage = Outage(rig.server, busy, seconds, after=60)
    group = rig.upload(folder)
    rig.until(group, lambda status: status.waiting and status.waiting.kind is ErrorKind.THROTTLED)
    assert wait_ended(rig, group, seconds + 60) == (len(files), 0)
    for path in files:
        assert rig.server.store.body(BUCKET, f"top/{path.name}") == path.read_bytes()
    log = rig.server.asked()
    before = [one for one in log if one.began < outage.began]
    first = [one for one in log if outage.began <= one.began < outage.began + 1.0]
    during = [one for one in log if outage.began + 1.0 <= one.began < outage.ended]
    refused = [one for one in first if one.status == 503]
    assert len(refused) <= AT_ONCE + 2, "those that were under way, and a look"
    assert during, "it looks whether the store is back"
    assert len(during) <= 2 * (seconds - 1.0), "no storm"
    assert at_once(during) == 1 < at_once(before), "fewer at once"


@pytest.mark.scenario("S24", "503 SlowDown for 5 minutes (scaled), then good")
def test_a_busy_store_says_how_long(rig: FaultRig, tmp_path: Path) -> None:
    rig.server.fault(actions.says(503, "SlowDown", Retry_After="3"), "UploadPart", number=2, times=1)
    path = made(tmp_path)
    assert rig.done(rig.upload(path)).verified
    log = rig.server.asked()
    refused = next(one for one in log if one.status == 503)
    assert log[log.index(refused) + 1].began - refused.ended >= 3.0
    stored(rig, path)


@pytest.mark.scenario("S25", "500 for 60 s (scaled), then good", seconds=200 if REAL else 60)
def test_a_broken_store_is_waited_for(server: FaultServer, pool: Pool, tmp_path: Path, again: Callable[[int], None]) -> None:
    real = RetryPolicy(jitter=lambda: 1.0)  # the shortest waits that chance gives
    assert sum(real.delay(n) for n in range(1, real.attempts)) > 60
    scale = 1.0 if REAL else 20.0
    policy = RetryPolicy(first=real.first / scale, longest=real.longest / scale, longest_offline=real.longest_offline / scale)
    rig = FaultRig(tmp_path / "journal", server, pool, policy)
    try:
        folder = tmp_path / "top"
        files = [made(folder, 1000 + n, f"{n:02}", n) for n in range(40)] + [made(folder, SIZE, "big")]
        outage = Outage(server, actions.says(500, "InternalError"), 60 / scale, after=20)
        group = rig.upload(folder)
        assert wait_ended(rig, group, 150) == (len(files), 0)
        assert time.monotonic() > outage.ended
        for path in files:
            assert server.store.body(BUCKET, f"top/{path.name}") == path.read_bytes()
        assert not server.store.buckets[BUCKET].uploads
    finally:
        rig.close()


ROTATED: dict[str, Callable[[FaultServer], object]] = {
    "another secret": lambda server: server.keys.update({server.user.access_key: "another"}),
    "no such key": lambda server: server.keys.clear(),
    "access denied": lambda server: setattr(server, "barred", True),
}


@pytest.mark.parametrize("way", ROTATED)
@pytest.mark.scenario("S26", "403 in the middle, then the user enters the new key")
def test_a_key_that_is_changed_meanwhile(rig: FaultRig, tmp_path: Path, way: str, again: Callable[[int], None]) -> None:
    server = rig.server

    def rotate(exchange: Exchange) -> None:
        ROTATED[way](server)
        exchange.send(exchange.answer())

    server.fault(rotate, "UploadPart", number=3, times=1)
    path = made(tmp_path)
    group = rig.upload(path)
    status = rig.until(group, lambda status: status.waiting)
    assert status.counts.active == 1, "it waits for the user"
    assert not status.ended
    assert status.waiting
    assert str(explain(status.waiting).todo)
    rig.secret = "new"
    server.keys[server.user.access_key] = rig.secret
    server.barred = False
    rig.engine.reopen(CONNECTION)
    assert rig.done(group).verified
    stored(rig, path)
    assert server.count("AbortMultipartUpload") == 0
    assert sent_again(rig, SIZE, again) <= PART + SLACK


@pytest.mark.parametrize(("size", "count"), [(100, 1), (100, 2), (100, 50), (SIZE, 1), (SIZE, 2)])
@pytest.mark.scenario("S27", "the address is not allowed: 403 for everything")
def test_a_barred_address_pauses(rig: FaultRig, tmp_path: Path, size: int, count: int) -> None:
    rig.server.barred = True
    folder = tmp_path / "top"
    files = [made(folder, size, f"{n:02}", n) for n in range(count)]
    group = rig.upload(folder)
    status = rig.until(group, lambda status: status.waiting and not status.counts.running)
    assert (status.counts.queued, status.counts.failed) == (count, 0)
    asked = rig.server.count()
    assert status.waiting
    told = explain(status.waiting)
    assert all(word in str(told.why) + str(told.todo) for word in ("key", "role", "address"))
    rig.server.barred = False
    rig.engine.resume(group)
    rig.ended(group)
    assert rig.listener.status[group].counts.done == count
    for path in files:
        assert rig.server.store.body(BUCKET, f"top/{path.name}") == path.read_bytes()
    assert asked <= 40 * count


@pytest.mark.scenario("S27", "the address is not allowed: 403 for everything")
def test_a_key_without_the_right_is_no_barred_address(rig: FaultRig, tmp_path: Path) -> None:
    rig.server.store.roles[rig.server.user.access_key] = "read_only"
    rig.failed(rig.upload(made(tmp_path)), ErrorKind.ACCESS_DENIED)


@pytest.mark.scenario("S27", "the address is not allowed: 403 for everything")
def test_what_is_refused_alone_does_not_hold_up_the_rest_for_ever(rig: FaultRig, tmp_path: Path) -> None:
    rig.server.fault(actions.says(403, "AccessDenied"), "HeadBucket", "ListObjectsV2")
    rig.server.fault(actions.says(403, "AccessDenied"), key="top/a")
    folder = tmp_path / "top"
    made(folder, 100, "a")
    group = rig.upload(folder)
    rig.until(group, lambda status: status.waiting)
    rig.engine.resume(group)
    rig.failed(group, ErrorKind.ACCESS_DENIED)


async def connected(desk: Desk, server: FaultServer) -> None:
    """The window on the fault server's bucket."""
    await desk.start()
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)
    await desk.place("empty")
    await desk.keys("Ctrl+0")


async def dropped(desk: Desk, *paths: Path) -> None:
    """Files are dropped onto the list, and the sheet is accepted."""
    assert await desk.drop(desk.window.work.objects, desk.bottom(), list(paths))
    await desk.answer("Upload")


def first_row(desk: Desk, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
    """What the transfers say of the first group."""
    return str(desk.window.work.panel.tree.model().index(0, STATE).data(role) or "")


@pytest.mark.scenario("S27", "the address is not allowed: 403 for everything")
async def test_a_person_is_told_of_a_barred_address(desk: Desk, server: FaultServer, tmp_path: Path) -> None:
    await connected(desk, server)
    server.barred = True
    await dropped(desk, path := made(tmp_path, 1000, "a.bin"))
    await desk.until(lambda: first_row(desk) == "Paused: The store refused this (403)", "it is paused")
    told = first_row(desk, Qt.ItemDataRole.ToolTipRole)
    for words in ("the access key", "its role on the bucket", "address of this computer"):
        assert words in told
    assert any("Paused: The store refused this (403)" in words for words in desk.words(desk.window.work.panel))
    server.barred = False
    tree = desk.window.work.panel.tree
    await desk.act(lambda: tree.setCurrentIndex(tree.model().index(0, 0)))
    index = tree.model().index(0, ACTION)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Resume"
    await desk.click(tree.viewport(), tree.visualRect(index).center())
    await desk.notice("1 object uploaded")
    assert server.store.body(BUCKET, "a.bin") == path.read_bytes()
    await desk.stop()


# ------------------------------------------------------------------------------------------------ S28: the upload is gone


@pytest.mark.scenario("S28", "NoSuchUpload on part 7")
def test_an_upload_that_the_store_forgets_begins_anew(rig: FaultRig, tmp_path: Path) -> None:
    server = rig.server
    told: list[BrowserError | None] = []
    group = 0

    def swept(exchange: Exchange) -> None:
        server.store.buckets[BUCKET].uploads.clear()
        exchange.send(exchange.answer())

    def look(exchange: Exchange) -> None:
        reply = exchange.answer()
        told.append(rig.job(group).error)
        exchange.send(reply)

    server.fault(swept, "UploadPart", number=7, times=1)
    server.fault(look, "UploadPart", number=2, skip=1, times=1)
    path = made(tmp_path, 8 * PART + 1)
    group = rig.upload(path)
    assert rig.done(group).verified
    stored(rig, path)
    assert server.count("CreateMultipartUpload") == 2
    assert server.count(COMPLETE) == 1
    assert [error.facts.code if error else "" for error in told] == ["NoSuchUpload"], "it is said while it is sent again"
    assert told[0]
    assert "does not know this upload any more" in str(explain(told[0]).what)


@pytest.mark.scenario("S28", "NoSuchUpload on part 7")
def test_an_upload_that_the_store_always_forgets_fails(rig: FaultRig, tmp_path: Path) -> None:
    rig.server.fault(actions.says(404, "NoSuchUpload"), "UploadPart", number=7)
    group = rig.upload(made(tmp_path, 8 * PART))
    assert rig.failed(group, ErrorKind.NO_OBJECT).facts.code == "NoSuchUpload"
    assert rig.server.count("CreateMultipartUpload") == 2, "once more, not for ever"
    assert not rig.server.store.keys(BUCKET)


# ------------------------------------------------------------------------------------------------ S30, S31: the file changes


def noted_parts(rig: FaultRig) -> int:
    """How many parts the journal knows."""
    with closing(sqlite3.connect(rig.folder / "transfers.sqlite3")) as db:
        found: int = db.execute("SELECT count(*) FROM parts WHERE number > 0").fetchone()[0]
        return found


def interrupted(rig: FaultRig, path: Path, parts: int = 3) -> int:
    """An upload of which some parts are at the store, and the program was closed."""
    held = rig.server.fault(actions.stall(), "UploadPart", number=parts + 1)
    group = rig.upload(path)
    rig.poll(lambda: held.hits and noted_parts(rig) == parts)
    rig.close()
    rig.server.clear()
    rig.server.forget()
    return group


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1_600_000_000_000_000_000))


def rewrite(path: Path) -> None:
    path.write_bytes(content(path.stat().st_size, 99))


def rewrite_in_secret(path: Path) -> None:
    """One byte of the first part and of the last, and the time as it was."""
    found = path.stat()
    with path.open("r+b") as file:
        for at in (100, SIZE - 100):
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize("change", [grow, touch, rewrite, rewrite_in_secret], ids=lambda change: change.__name__)
@pytest.mark.scenario("S30", "the file changed while the program was not running")
def test_a_file_that_changed_before_the_restart(
    rig: FaultRig, tmp_path: Path, change: Callable[[Path], None], again: Callable[[int], None]
) -> None:
    path = made(tmp_path)
    group = interrupted(rig, path)
    old = dict(next(iter(rig.server.store.buckets[BUCKET].uploads.values())).parts)
    change(path)
    rig.restart()
    assert rig.done(group).verified
    stored(rig, path)
    now, sent = path.read_bytes(), {one.number for one in rig.server.asked("UploadPart")}
    for number, part in old.items():
        same = now[(number - 1) * PART : number * PART] == part.body
        assert number in sent or same, f"part {number} is of another state of the file"
    if change is rewrite_in_secret:
        assert sent == {1, 4}, "what is the same is not sent again"


@pytest.mark.parametrize("dialect", [OPAQUE, UPPER, ENCRYPTED], ids=["opaque", "upper", "encrypted"])
@pytest.mark.parametrize("change", [None, rewrite_in_secret], ids=["same", "changed"])
@pytest.mark.scenario("S30", "the file changed while the program was not running")
def test_parts_are_known_again_whatever_their_etags_are(
    pool: Pool, tmp_path: Path, dialect: Dialect, change: Callable[[Path], None] | None
) -> None:
    with rig_on(tmp_path, pool, dialect) as rig:
        answer = encrypted if dialect is ENCRYPTED else actions.with_headers()
        for number in (1, 2, 3):
            rig.server.fault(answer, "UploadPart", number=number)
        path = made(tmp_path)
        group = interrupted(rig, path)
        rig.server.fault(answer, "UploadPart")
        if change:
            change(path)
        rig.restart()
        rig.done(group)
        stored(rig, path)
        assert {one.number for one in rig.server.asked("UploadPart")} == ({1, 4} if change else {4})


NO_LIST: dict[str, Action] = {
    "501": actions.says(501, "NotImplemented"),
    "405": actions.says(405, "MethodNotAllowed"),
    "400": actions.says(400, "InvalidRequest"),
    "403": actions.says(403, "AccessDenied"),
    "500": actions.says(500, "InternalError"),
    "empty": EMPTY,
    "html": actions.portal,
}


@pytest.mark.parametrize("way", NO_LIST)
@pytest.mark.scenario("S30", "the file changed while the program was not running")
def test_parts_are_known_again_where_they_are_not_listed(pool: Pool, tmp_path: Path, way: str) -> None:
    with rig_on(tmp_path, pool, OPAQUE) as rig:
        path = made(tmp_path)
        group = interrupted(rig, path)
        rig.server.fault(NO_LIST[way], "ListParts")
        rewrite_in_secret(path)
        rig.restart()
        rig.done(group)
        stored(rig, path)
        assert {one.number for one in rig.server.asked("UploadPart")} == {1, 4}


@pytest.mark.parametrize("way", NO_LIST)
@pytest.mark.scenario("S32", "another program's upload of the same key is pending")
def test_a_list_of_uploads_that_is_not_told_holds_up_nothing(hasty: FaultRig, tmp_path: Path, way: str) -> None:
    hasty.server.fault(NO_LIST[way], "ListMultipartUploads")
    path = made(tmp_path)
    assert hasty.done(hasty.upload(path)).verified
    stored(hasty, path)


def truncate(path: Path) -> None:
    os.truncate(path, 6 * PART)


@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow"])
@pytest.mark.parametrize("change", [truncate, rewrite, grow, Path.unlink], ids=lambda change: change.__name__)
@pytest.mark.scenario("S31", "the file is truncated, rewritten or deleted while it is sent")
def test_a_file_that_changes_while_it_is_sent(
    rig: FaultRig, tmp_path: Path, change: Callable[[Path], None], slow: bool
) -> None:
    path = made(tmp_path, 8 * PART)
    changed: list[float] = []

    def at_part_3(exchange: Exchange) -> None:
        reply = exchange.answer()
        change(path)
        changed.append(time.monotonic())
        if slow:
            exchange.stream.rest(30)  # the part goes over a slow line
        exchange.send(reply)

    rig.server.fault(at_part_3, "UploadPart", number=3, times=1)
    group = rig.upload(path)
    rig.failed(group, ErrorKind.LOCAL_MISSING if change is Path.unlink else ErrorKind.LOCAL_CHANGED)
    assert time.monotonic() - changed[0] < 5.0
    assert rig.server.count(COMPLETE) == 0
    assert not rig.server.store.keys(BUCKET)


@pytest.mark.scenario("S31", "the file is truncated, rewritten or deleted while it is sent")
def test_a_file_that_changes_with_its_last_part(rig: FaultRig, tmp_path: Path) -> None:
    path = made(tmp_path)

    def at_the_end(exchange: Exchange) -> None:
        reply = exchange.answer()
        rewrite(path)
        exchange.send(reply)

    rig.server.fault(at_the_end, "UploadPart", number=4, times=1)
    rig.failed(rig.upload(path), ErrorKind.LOCAL_CHANGED)
    assert rig.server.count(COMPLETE) == 0


# ------------------------------------------------------------------------------------------------ S32: somebody else's upload


@pytest.mark.parametrize("when", ["before", "meanwhile", "in that very moment"])
@pytest.mark.scenario("S32", "another program's upload of the same key is pending")
def test_the_upload_of_somebody_else_is_left_alone(rig: FaultRig, tmp_path: Path, when: str) -> None:
    server, theirs = rig.server, {}
    client = server.client()
    body = content(PART, 5)

    def begin(*, parts: bool = True) -> None:
        upload_id = client.create_multipart_upload(Bucket=BUCKET, Key="a")["UploadId"]
        if parts:
            client.upload_part(Bucket=BUCKET, Key="a", UploadId=upload_id, PartNumber=1, Body=body)
        theirs[upload_id] = parts

    def another_begins(exchange: Exchange) -> None:
        begin(parts=when == "meanwhile")
        exchange.send(exchange.answer())

    def both_begin_and_ours_is_lost(exchange: Exchange) -> None:
        exchange.answer()
        begin(parts=False)
        exchange.reset()

    if when == "before":
        begin()
        begin(parts=False)
    elif when == "meanwhile":
        server.fault(another_begins, "UploadPart", number=2, times=1)
    else:
        server.fault(both_begin_and_ours_is_lost, "CreateMultipartUpload", times=1)
    path = made(tmp_path)
    assert rig.done(rig.upload(path)).verified
    assert server.store.body(BUCKET, "a") == path.read_bytes()
    left = server.store.buckets[BUCKET].uploads
    assert theirs.keys() <= left.keys()
    for upload_id, with_part in theirs.items():
        assert [part.body for part in left[upload_id].parts.values()] == ([body] if with_part else [])
    if when != "in that very moment":
        assert theirs.keys() == left.keys(), "and nothing of ours is left"


# ------------------------------------------------------------------------------------------------ S34: the key exists


@pytest.mark.parametrize("size", [1000, SIZE])
@pytest.mark.parametrize("honoured", [True, False], ids=["conditions", "no conditions"])
@pytest.mark.scenario("S34", "the key exists")
def test_what_exists_is_overwritten_only_as_confirmed(pool: Pool, tmp_path: Path, size: int, honoured: bool) -> None:
    with FaultServer(Dialect(honours_conditions=honoured)) as server:
        server.store.add_bucket(BUCKET)
        rig = FaultRig(tmp_path / "journal", server, pool, HASTY)
        try:
            theirs = server.store.add(BUCKET, "a", b"theirs")
            path = made(tmp_path, size)
            # Nobody was asked.
            rig.failed(rig.upload(path), ErrorKind.OCCUPIED)
            assert server.store.item(BUCKET, "a") is theirs
            # It was confirmed, for another state than the one of now.
            newer = server.store.add(BUCKET, "a", b"newer")
            confirmed = {"a": Decision(ConflictPolicy.OVERWRITE, theirs.etag)}
            rig.failed(rig.upload(path, decisions=confirmed), ErrorKind.OCCUPIED)
            assert server.store.item(BUCKET, "a") is newer
            # It is skipped, and it is kept beside.
            rig.done(rig.upload(path, decisions={"a": Decision(ConflictPolicy.SKIP)}))
            assert server.store.item(BUCKET, "a") is newer
            rig.done(rig.upload(path, decisions={"a": Decision(ConflictPolicy.KEEP_BOTH)}))
            assert server.store.body(BUCKET, "a (2)") == path.read_bytes()
            assert server.store.item(BUCKET, "a") is newer
            # It was confirmed.
            rig.done(rig.upload(path, decisions={"a": Decision(ConflictPolicy.OVERWRITE, newer.etag)}))
            assert server.store.body(BUCKET, "a") == path.read_bytes()
            assert not server.store.buckets[BUCKET].uploads or size == SIZE
        finally:
            rig.close()


@pytest.mark.parametrize("way", ["503", "reset"])
@pytest.mark.parametrize("honoured", [True, False], ids=["conditions", "no conditions"])
@pytest.mark.scenario("S34", "the key exists")
def test_what_comes_while_complete_is_tried_again_is_not_overwritten(
    pool: Pool, tmp_path: Path, honoured: bool, way: str
) -> None:
    with FaultServer(Dialect(honours_conditions=honoured)) as server:
        server.store.add_bucket(BUCKET)
        rig = FaultRig(tmp_path / "journal", server, pool, HASTY)
        fails = actions.says(503, "SlowDown") if way == "503" else actions.reset

        def somebody_comes(exchange: Exchange) -> None:
            server.store.add(BUCKET, "a", b"theirs")
            fails(exchange)

        try:
            server.fault(fails, COMPLETE, times=1)
            server.fault(somebody_comes, COMPLETE, times=1)
            rig.failed(rig.upload(made(tmp_path)), ErrorKind.OCCUPIED)
            assert server.store.body(BUCKET, "a") == b"theirs"
            assert server.count(COMPLETE) == 2
        finally:
            rig.close()


@pytest.mark.parametrize("size", [1000, SIZE])
@pytest.mark.scenario("S34", "the key exists")
def test_what_comes_in_the_very_moment_is_not_overwritten(rig: FaultRig, tmp_path: Path, size: int) -> None:
    server = rig.server

    def somebody_is_faster(exchange: Exchange) -> None:
        server.store.add(BUCKET, "a", b"theirs")
        exchange.send(exchange.answer())

    server.fault(somebody_is_faster, "PutObject", COMPLETE, times=1)
    rig.failed(rig.upload(made(tmp_path, size)), ErrorKind.OCCUPIED)
    assert server.store.body(BUCKET, "a") == b"theirs"
    written = server.asked("PutObject", COMPLETE)
    assert all({"if-none-match", "if-match"} & one.request.headers.keys() for one in written)


# ------------------------------------------------------------------------------------------------ S35: sizes


def sparse(path: Path, size: int) -> Path:
    """A file of a size, without its bytes."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


@pytest.mark.scenario("S35", "10,001 parts; more than an object may have")
def test_parts_grow_where_there_would_be_too_many(server: FaultServer, pool: Pool, tmp_path: Path) -> None:
    limits = TransferLimits(threshold=PART, part=PART, most_parts=3)
    rig = FaultRig(tmp_path / "journal", server, pool, limits=limits)
    try:
        path = made(tmp_path, 3 * PART + 1)
        assert rig.done(rig.upload(path)).verified
        stored(rig, path)
        assert sorted(one.number for one in server.asked("UploadPart")) == [1, 2, 3]
    finally:
        rig.close()


@pytest.mark.scenario("S35", "10,001 parts; more than an object may have")
def test_a_file_of_10001_parts(rig: FaultRig, tmp_path: Path) -> None:
    size = 10_001 * PART
    part = -(-size // 10_000 // MIB) * MIB
    assert part * 10_000 >= size > PART * 10_000
    rig.server.fault(actions.discards, "UploadPart")
    group = rig.upload(sparse(tmp_path / "a", size))
    rig.until_calls("UploadPart", 4)
    rig.engine.cancel(group)
    rig.ended(group)
    rig.poll(lambda: not rig.server.store.buckets[BUCKET].uploads)
    whole = [one for one in rig.server.asked("UploadPart") if one.status == 200]
    assert whole
    assert all(int(one.request.headers["content-length"]) == part for one in whole)
    assert rig.listener.status[group].bytes_total == size


@pytest.mark.scenario("S35", "10,001 parts; more than an object may have")
def test_a_file_that_is_too_large_is_refused_before_the_first_byte(rig: FaultRig, tmp_path: Path) -> None:
    rig.failed(rig.upload(sparse(tmp_path / "a", (5 << 40) + 1)), ErrorKind.TOO_LARGE)
    assert {one.operation for one in rig.server.asked()} <= {"HeadObject"}


@pytest.mark.scenario("S35", "10,001 parts; more than an object may have")
def test_all_10000_parts(pool: Pool, tmp_path: Path) -> None:
    with FaultServer(Dialect(smallest_part=1)) as server:
        server.store.add_bucket(BUCKET)
        limits = TransferLimits(threshold=16, part=16, smallest_part=16)
        rig = FaultRig(tmp_path / "journal", server, pool, limits=limits)
        try:
            path = made(tmp_path, 10_000 * 16)
            group = rig.upload(path)
            assert wait_ended(rig, group, 60) == (1, 0)
            stored(rig, path)
            assert server.count("UploadPart") == 10_000
        finally:
            rig.close()


# ------------------------------------------------------------------------------------------------ S36, S37: the network


@pytest.mark.scenario("S37", "the network is off for 10 minutes (scaled)", seconds=800 if REAL else 60)
def test_a_network_that_comes_back(rig: FaultRig, tmp_path: Path, again: Callable[[int], None]) -> None:
    server = rig.server
    path = made(tmp_path)
    server.fault(late, "UploadPart")
    group = rig.upload(path)
    rig.until_calls("UploadPart", 2)
    server.down()
    rig.until(group, lambda status: status.waiting and status.waiting.offline)
    Event().wait(600 if REAL else 5)
    status = rig.listener.status[group]
    assert status.waiting
    assert status.counts.active == 1
    server.up()
    back = time.monotonic()
    assert wait_ended(rig, group, 40) == (1, 0)
    assert time.monotonic() - back <= 30.0, "without anybody's help"
    stored(rig, path)
    assert sent_again(rig, SIZE, again) <= PART + SLACK
    assert server.count("AbortMultipartUpload") == 0


@pytest.mark.scenario("S37", "the network is off for 10 minutes (scaled)")
async def test_a_person_is_told_of_the_network(desk: Desk, server: FaultServer, tmp_path: Path) -> None:
    await connected(desk, server)
    path = made(tmp_path, 40 << 20, "a.bin")
    server.fault(late, "UploadPart")
    await dropped(desk, path)
    await desk.until(lambda: server.count("UploadPart") >= 2, "it is under way")
    server.down()
    await desk.until(lambda: first_row(desk) == "Waiting for the network", "the row says so")
    await desk.until(
        lambda: any("Waiting for the network" in words for words in desk.words(desk.window.work.panel)), "the summary, too"
    )
    server.up()
    await desk.notice("1 object uploaded")
    stored_body = server.store.body(BUCKET, "a.bin")
    assert stored_body == path.read_bytes()
    await desk.stop()


def wait_ended(rig: FaultRig, group: int, seconds: float) -> tuple[int, int]:
    """Wait longer than usual for a group's end; how many are done, and how many failed."""
    end = time.monotonic() + seconds
    with rig.listener._changed:
        rig.listener._changed.wait_for(lambda: rig.listener.ended.get(group), end - time.monotonic())
    assert rig.listener.ended.get(group), rig.listener.status.get(group)
    counts = rig.listener.status[group].counts
    return counts.done, counts.failed
