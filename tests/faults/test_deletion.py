"""S38 to S43: deletions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.sax.saxutils import escape

import pytest
from faults import actions
from faults.rig import BUCKET, FaultRig
from faults.server import Action, Exchange, FaultServer
from faults.store import ecs, xml
from journeys.desk import Desk
from PySide6.QtWidgets import QPlainTextEdit

from cloudtemple_browser.model.connections import Signature
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.transfers import TransferState
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.workers.pool import Pool

FIVE = ("denied", "kept for 7 years", "broken & <odd>", "gone", "not mentioned")
SOME_WAITS = RetryPolicy(attempts=3, first=0.05, longest=0.2)


def answers_for(codes: dict[str, str], *deleted: str, deletes: tuple[str, ...] = ()) -> Action:
    """DeleteObjects with these errors and these successes; it deletes ``deletes`` and nothing else."""

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        for key in deletes:
            exchange.server.store.buckets[BUCKET].objects.pop(key, None)
        rows = [f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in deleted]
        rows += [
            f"<Error><Key>{escape(key)}</Key><Code>{code}</Code><Message>no</Message></Error>" for key, code in codes.items()
        ]
        exchange.send(xml(f"<DeleteResult>{''.join(rows)}</DeleteResult>").with_headers(x_amz_request_id="fault"))

    return act


@pytest.fixture
def quick(server: FaultServer, pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultRig]:
    """The engine with shorter waits, where the criterion is not about waiting."""
    rig = FaultRig(tmp_path_factory.mktemp("journal"), server, pool, SOME_WAITS)
    yield rig
    rig.close()


def fill(server: FaultServer, *keys: str) -> None:
    """One object for each key; its bytes are its key's."""
    for key in keys:
        server.store.add(BUCKET, key, key.encode())


@pytest.mark.scenario("S38", "DeleteObjects: 3 of 5 errors, 1 missing in the answer", seconds=60)
@pytest.mark.parametrize("really", [True, False], ids=["missing-and-deleted", "missing-and-there"])
def test_each_key_has_its_own_result(quick: FaultRig, really: bool) -> None:
    server = quick.server
    fill(server, *FIVE, "neighbour")
    codes = {FIVE[0]: "AccessDenied", FIVE[1]: "ObjectUnderRetention", FIVE[2]: "InternalError"}
    gone = (FIVE[3], FIVE[4]) if really else (FIVE[3],)
    server.fault(answers_for(codes, FIVE[3], deletes=gone), "DeleteObjects", times=1)
    server.fault(actions.says(500, "InternalError"), "DeleteObjects", "DeleteObject")
    end = quick.ended(group := quick.delete(*FIVE))
    failed = {key: error.kind for key, error in end.failures}
    expected = {FIVE[0]: ErrorKind.ACCESS_DENIED, FIVE[1]: ErrorKind.RETENTION, FIVE[2]: ErrorKind.SERVER}
    assert failed == expected | ({} if really else {FIVE[4]: ErrorKind.NOT_S3})
    assert sorted(quick.listener.deleted) == sorted(gone)
    assert server.count("HeadObject", key=FIVE[4]) >= 1  # the one that the answer left out was looked at
    assert server.count("HeadObject", key=FIVE[3]) == 0
    assert sorted(server.store.keys(BUCKET)) == sorted({*FIVE, "neighbour"} - set(gone))
    # Nothing that failed for good was tried again.
    assert all(b"denied" not in one.request.target.encode() for one in server.asked("DeleteObject"))
    assert {job.state for job in quick.jobs(group)} == {TransferState.FAILED}


@pytest.mark.scenario("S38", "DeleteObjects: an answer that is no S3 answer proves nothing", seconds=60)
@pytest.mark.parametrize("lie", [actions.portal, actions.replies(200, b""), actions.replies(200, b"<Other/>")])
def test_an_answer_that_proves_nothing(quick: FaultRig, lie: Action) -> None:
    fill(quick.server, *FIVE)
    quick.server.fault(lie, "DeleteObjects", "DeleteObject")
    end = quick.ended(quick.delete(*FIVE))
    assert {(key, error.kind) for key, error in end.failures} == {(key, ErrorKind.NOT_S3) for key in FIVE}
    assert quick.listener.deleted == []
    end = quick.ended(quick.delete(FIVE[0]))
    assert [error.kind for _key, error in end.failures] == [ErrorKind.NOT_S3]


@pytest.mark.scenario("S39", "the server demands Content-MD5", seconds=60)
@pytest.mark.parametrize("signature", Signature)
def test_a_server_that_demands_content_md5(pool: Pool, tmp_path_factory: pytest.TempPathFactory, signature: Signature) -> None:
    with FaultServer(ecs()) as server:
        server.store.add_bucket(BUCKET)
        fill(server, *FIVE, "kept")
        rig = FaultRig(tmp_path_factory.mktemp("journal"), server, pool)
        rig.signature = signature
        end = rig.ended(rig.delete(*FIVE))
        rig.close()
        assert end.failures == ()
        assert server.store.keys(BUCKET) == ["kept"]
        (one,) = server.asked("DeleteObjects")
        assert (one.status, "content-md5" in one.request.headers) == (200, True)
        assert server.count("DeleteObject") == 0


@pytest.mark.scenario("S39", "the server refuses DeleteObjects", seconds=60)
@pytest.mark.parametrize(("status", "code"), [(501, "NotImplemented"), (400, "InvalidRequest"), (400, "BadDigest")])
def test_a_server_that_refuses_batches(rig: FaultRig, status: int, code: str) -> None:
    fill(rig.server, *FIVE, "kept")
    rig.server.fault(actions.says(status, code), "DeleteObjects")
    assert rig.ended(rig.delete(*FIVE)).failures == ()
    assert rig.server.store.keys(BUCKET) == ["kept"]


async def _open(desk: Desk, server: FaultServer, *names: str) -> None:
    await desk.start()
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)
    await desk.listed(*names)


def endless(exchange: Exchange) -> None:
    """A page that is said to be followed by more, without a way to ask for it."""
    reply = exchange.answer()
    body = bytes(reply.body).replace(b"<IsTruncated>false</IsTruncated>", b"<IsTruncated>true</IsTruncated>")
    exchange.send(replace(reply, body=re.sub(rb"<Next\w+>[^<]*</Next\w+>", b"", body)))


def below(prefix: str, action: Action) -> Action:
    """Only for listings of everything below a prefix."""

    def act(exchange: Exchange) -> None:
        query = exchange.request.query
        if query.get("prefix") == prefix and "delimiter" not in query:
            action(exchange)
        else:
            exchange.send(exchange.answer())

    return act


@pytest.mark.scenario("S40", "the listing is incomplete and the user deletes a folder", seconds=60)
@pytest.mark.parametrize("hole", [endless, actions.portal, actions.says(403, "AccessDenied")], ids=["P3", "portal", "403"])
async def test_a_folder_that_cannot_be_listed_whole_is_not_deleted(desk: Desk, server: FaultServer, hole: Action) -> None:
    fill(server, *(f"folder/{number}" for number in range(5)), "other.txt")
    server.fault(below("folder/", hole), "ListObjectsV2", "ListObjects")
    await _open(desk, server, "folder", "other.txt")
    await desk.select("folder")
    await desk.keys("Delete")
    words = "not complete" if hole is endless else "not come from an S3" if hole is actions.portal else "refused this"
    await desk.notice(words)
    await desk.turn()
    assert desk.dialogs() == []
    assert server.count("DeleteObjects") + server.count("DeleteObject") == 0
    assert len(server.store.keys(BUCKET)) == 6
    await desk.stop()


@pytest.mark.scenario("S41", "objects appear under the prefix between the question and the deletion", seconds=60)
async def test_only_what_was_confirmed_is_deleted(desk: Desk, server: FaultServer) -> None:
    fill(server, "folder/a", "folder/b", "other.txt")
    await _open(desk, server, "folder", "other.txt")
    await desk.select("folder")
    await desk.keys("Delete")
    dialog = await desk.dialog("Delete")
    assert desk.find(QPlainTextEdit, "", dialog).toPlainText().splitlines() == ["folder/a", "folder/b"]
    assert any("Delete 2 objects" in words for words in desk.words(dialog))
    fill(server, "folder/c", "folder/sub/d")
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice("2 objects deleted")
    assert server.store.keys(BUCKET) == ["folder/c", "folder/sub/d", "other.txt"]
    await desk.keys("F5")
    await desk.listed("folder", "other.txt")
    await desk.stop()


TWINS = ("A", "a", "a/", "a//b", "a/b")


@pytest.mark.scenario("S42", "keys a, a/, a/b, a//b, A: deleting one leaves the others", seconds=60)
@pytest.mark.parametrize("key", TWINS)
def test_deleting_one_leaves_its_neighbours(rig: FaultRig, key: str) -> None:
    fill(rig.server, *TWINS)
    assert rig.ended(rig.delete(key)).failures == ()
    assert rig.server.store.keys(BUCKET) == [one for one in TWINS if one != key]
    left = [one for one in TWINS if one != key]
    assert rig.ended(rig.delete(*left[:2])).failures == ()
    assert rig.server.store.keys(BUCKET) == left[2:]


@pytest.mark.scenario("S42", "in the window, too", seconds=60)
async def test_the_row_says_which_of_the_neighbours_goes(desk: Desk, server: FaultServer) -> None:
    fill(server, *TWINS)
    await desk.start()
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)
    await desk.complete()
    table = desk.window.work.objects.table
    rows = [desk.parts.app.listing.rows.key(table.order[at]) for at in range(table.rowCount())]
    assert sorted(rows) == ["A", "a", "a/"]  # the folder, and the object of the same name beside it
    desk.window.work.objects.select_keys(["a"])
    await desk.until(lambda: desk.parts.app.state.selection.rows == 1, "one row is selected")
    desk.parts.app.shell.focus("list")
    await desk.keys("Delete")
    dialog = await desk.dialog("Delete")
    assert desk.find(QPlainTextEdit, "", dialog).toPlainText() == "a"
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice("1 object deleted")
    assert server.store.keys(BUCKET) == ["A", "a/", "a//b", "a/b"]
    await desk.stop()


LOSSES = {
    "reset": actions.committed_reset,
    "500": actions.after(actions.says(500, "InternalError")),
    "gateway": actions.after(actions.replies(503, "<html>Service Unavailable</html>", Content_Type="text/html")),
    "cut": actions.after(actions.raw(b"HTTP/1.1 2")),
}


@pytest.mark.scenario("S43", "the answer to DELETE is lost (versioned)", seconds=60)
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_lost_answer_leaves_one_delete_marker(quick: FaultRig, count: int, loss: Action) -> None:
    bucket = quick.server.store.buckets[BUCKET]
    bucket.versioning = "Enabled"
    keys = tuple(f"key {number}" for number in range(count))
    fill(quick.server, *keys, "kept")
    quick.server.fault(loss, "DeleteObject", "DeleteObjects", times=1)
    assert quick.ended(quick.delete(*keys)).failures == ()
    assert quick.server.store.keys(BUCKET) == ["kept"]
    for key in keys:
        assert [item.body is None for item in bucket.objects[key]] == [False, True], "one delete marker, over the version"
    assert sorted(quick.listener.deleted) == sorted(keys)


@pytest.mark.scenario("S43", "by a key that may not read, and by one that may not list either", seconds=60)
@pytest.mark.parametrize("lists", [True, False], ids=["may-list", "may-not-list"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_lost_answer_and_no_way_to_look(quick: FaultRig, lists: bool, count: int) -> None:
    bucket = quick.server.store.buckets[BUCKET]
    bucket.versioning = "Enabled"
    keys = tuple(f"key {number}" for number in range(count))
    fill(quick.server, *keys, "key 0 and more")
    quick.server.fault(actions.committed_reset, "DeleteObject", "DeleteObjects", times=1)
    denied = ("HeadObject",) if lists else ("HeadObject", "ListObjectsV2", "ListObjects")
    quick.server.fault(actions.says(403, "AccessDenied"), *denied)
    end = quick.ended(quick.delete(*keys))
    for key in keys:
        assert sum(item.body is None for item in bucket.objects[key]) == 1
    told = {(key, error.kind) for key, error in end.failures}
    assert told == (set() if lists else {(key, ErrorKind.CONNECTION_LOST) for key in keys})
