"""S44: renaming, which is a copy and a deletion: the old one goes only once the copy is proven."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from faults import actions
from faults.rig import BUCKET
from faults.server import Action, Exchange, FaultServer
from faults.wire import Reply
from journeys.desk import Desk
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton

from cloudtemple_browser.model.errors import ErrorKind

BODY = b"the bytes of the object"
HEADERS = {"content_type": "text/x-test", "x_amz_meta_note": "two words", "cache_control": "no-store"}


async def _open(desk: Desk, server: FaultServer, *names: str) -> None:
    await desk.start()
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)
    await desk.listed(*names)


async def _ask(desk: Desk, name: str) -> QDialog:
    """F2 on a row."""
    await desk.select(name)
    await desk.keys("F2")
    return await desk.dialog("Rename")


async def _rename(desk: Desk, name: str, new: str) -> None:
    dialog = await _ask(desk, name)
    await desk.write(new, desk.find(QLineEdit, "name", dialog))
    await desk.press("accept", dialog)
    await desk.gone(dialog)


def _changed(exchange: Exchange, **headers: str) -> None:
    reply = exchange.answer()
    exchange.send(reply.without(*(name.replace("_", "-") for name in headers)).with_headers(**headers))


def replaced(exchange: Exchange) -> None:
    """Somebody replaces the original just after it was copied."""
    exchange.send(exchange.answer())
    exchange.server.store.add(BUCKET, "old.txt", b"somebody else's newer bytes")


LIES: dict[str, Action] = {
    "html": actions.portal,
    "empty": actions.replies(200, b"", x_amz_request_id="fault"),
    "no-etag": actions.replies(200, b"<CopyObjectResult/>", x_amz_request_id="fault"),
    "error-in-200": actions.says(200, "InternalError"),
    "other-root": actions.replies(200, b"<Copied><ETag>x</ETag></Copied>", x_amz_request_id="fault"),
    "other-etag": actions.replies(200, f"<CopyObjectResult><ETag>{'0' * 32}</ETag></CopyObjectResult>"),
    "not-there": actions.reset,
    "denied": actions.says(403, "AccessDenied"),
}


@pytest.mark.scenario("S44", "rename: the copy is answered, and not made", seconds=90)
@pytest.mark.parametrize("name", [*LIES, "a-lie"])
async def test_what_was_not_copied_is_kept(desk: Desk, server: FaultServer, name: str) -> None:
    item = server.store.add(BUCKET, "old.txt", BODY, **HEADERS)
    # The last one is right in all; only the copy is not there.
    told = f'<CopyObjectResult><ETag>"{item.etag}"</ETag></CopyObjectResult>'
    lie = actions.replies(200, told, x_amz_request_id="fault") if name == "a-lie" else LIES[name]
    server.fault(lie, "CopyObject")
    await _open(desk, server, "old.txt")
    await _rename(desk, "old.txt", "new.txt")
    await desk.notice("old.txt was not renamed")
    assert (server.store.keys(BUCKET), server.store.body(BUCKET, "old.txt")) == (["old.txt"], BODY)
    assert server.count("DeleteObject", "DeleteObjects") == 0
    assert desk.names() == ["old.txt"]
    await desk.stop()


MADE: dict[str, tuple[Action, str, str]] = {
    "html-after-the-copy": (actions.after(actions.portal), "CopyObject", "new.txt"),
    "other-size": (partial(_changed, Content_Length="3"), "HeadObject", "new.txt"),
    "other-type": (partial(_changed, content_type="text/html"), "HeadObject", "new.txt"),
    "metadata-lost": (actions.with_headers("x-amz-meta-note"), "HeadObject", "new.txt"),
    "other-etag": (partial(_changed, ETag=f'"{"0" * 32}"'), "HeadObject", "new.txt"),
    "access-refused": (actions.says(403, "AccessDenied"), "PutObjectAcl", "new.txt"),
    "access-ignored": (actions.replies(200, b"", x_amz_request_id="fault"), "PutObjectAcl", "new.txt"),
    "replaced-meanwhile": (replaced, "CopyObject", "new.txt"),
    "delete-refused": (actions.says(403, "AccessDenied"), "DeleteObject", "old.txt"),
    "delete-answered-html": (actions.portal, "DeleteObject", "old.txt"),
    "under-retention": (actions.says(409, "ObjectUnderRetention"), "DeleteObject", "old.txt"),
}


@pytest.mark.scenario("S44", "rename: something fails after the copy: both stay, and that is said", seconds=90)
@pytest.mark.parametrize("name", MADE)
async def test_a_failure_in_the_middle_leaves_both(desk: Desk, server: FaultServer, name: str) -> None:
    server.store.add(BUCKET, "old.txt", BODY, acl="public-read", **HEADERS)
    lie, operation, key = MADE[name]
    await _open(desk, server, "old.txt")
    server.fault(lie, operation, key=key)
    await _rename(desk, "old.txt", "new.txt")
    await desk.notice("old.txt was not renamed" if name.startswith("html") else "old.txt is still there")
    assert server.store.keys(BUCKET) == ["new.txt", "old.txt"]
    assert server.store.body(BUCKET, "new.txt") == BODY
    if not name.startswith(("delete", "under")):
        assert server.count("DeleteObject", "DeleteObjects") == 0
    notice = desk.window.work.notices._notice
    assert notice is not None
    assert [key for key, _error in notice.failures] == ["old.txt"]
    await desk.keys("F5")
    await desk.listed("new.txt", "old.txt")
    await desk.stop()


@pytest.mark.scenario("S44", "rename: bytes, type, metadata and access stay", seconds=90)
@pytest.mark.parametrize("versioned", [False, True])
@pytest.mark.parametrize("acl", ["private", "public-read"])
async def test_a_renamed_object_is_the_same(desk: Desk, server: FaultServer, acl: str, versioned: bool) -> None:
    bucket = server.store.buckets[BUCKET]
    bucket.versioning = "Enabled" if versioned else ""
    item = server.store.add(BUCKET, "a b+é.tar.txt", BODY, acl=acl, **HEADERS)
    await _open(desk, server, "a b+é.tar.txt")
    dialog = await _ask(desk, "a b+é.tar.txt")
    field = desk.find(QLineEdit, "name", dialog)
    assert (field.text(), field.selectedText()) == ("a b+é.tar.txt", "a b+é.tar")
    assert any("Anyone can read it" in words for words in desk.words(dialog)) is (acl == "public-read")
    await desk.write("new ü")
    assert field.text() == "new ü.txt"
    await desk.keys("Return")
    await desk.gone(dialog)
    await desk.notice("a b+é.tar.txt is now new ü.txt")
    copy = server.store.item(BUCKET, "new ü.txt")
    assert (copy.bytes, dict(copy.headers), copy.acl) == (BODY, dict(item.headers), acl)
    assert server.store.keys(BUCKET) == ["new ü.txt"]
    if versioned:
        assert [one.body is None for one in bucket.objects["a b+é.tar.txt"]] == [False, True]
    await desk.listed("new ü.txt")
    await desk.until(lambda: desk.parts.app.state.selection.rows == 1, "the renamed object is selected")
    await desk.stop()


@pytest.mark.scenario("S44", "rename: a taken name is asked for, and a race for it is lost", seconds=90)
async def test_a_taken_name(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "old.txt", BODY)
    server.store.add(BUCKET, "taken.txt", b"taken")
    await _open(desk, server, "old.txt", "taken.txt")
    await _rename(desk, "old.txt", "taken.txt")
    await desk.answer("Replace", "cancel")
    await desk.turn()
    assert (server.store.body(BUCKET, "taken.txt"), server.count("CopyObject")) == (b"taken", 0)

    # It comes between the look and the copy: nothing is overwritten.
    def appears(exchange: Exchange) -> None:
        exchange.server.store.add(BUCKET, "new.txt", b"somebody else's")
        exchange.send(exchange.answer())

    server.fault(appears, "CopyObject", key="new.txt", times=1)
    await _rename(desk, "old.txt", "new.txt")
    await desk.notice("old.txt was not renamed")
    assert server.store.body(BUCKET, "new.txt") == b"somebody else's"
    assert server.store.body(BUCKET, "old.txt") == BODY
    await _rename(desk, "old.txt", "taken.txt")
    await desk.answer("Replace")
    await desk.notice("old.txt is now taken.txt")
    assert server.store.keys(BUCKET) == ["new.txt", "taken.txt"]
    assert server.store.body(BUCKET, "taken.txt") == BODY
    await desk.stop()


@pytest.mark.scenario("S44", "rename: into a folder; the answer of the copy is lost", seconds=90)
async def test_a_lost_answer_is_settled(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "old.txt", BODY, **HEADERS)
    await _open(desk, server, "old.txt")
    server.fault(actions.committed_reset, "CopyObject", times=1)
    dialog = await _ask(desk, "old.txt")
    field = desk.find(QLineEdit, "name", dialog)
    button = desk.find(QPushButton, "accept", dialog)
    assert not button.isEnabled()
    for wrong in ("/x", "x/", "a//b", "", "old.txt", "line\u2028break", "x" * 1025):
        await desk.act(partial(field.setText, wrong))
        assert not button.isEnabled(), wrong
    await desk.write("sub/new.txt", field)
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice("old.txt is now sub/new.txt")
    assert (server.store.keys(BUCKET), server.count("CopyObject")) == (["sub/new.txt"], 1)
    await desk.listed("sub")
    await desk.stop()


@pytest.mark.scenario(
    "S44", "rename: what was changed while the question stood is kept, also where conditions are ignored", seconds=90
)
@pytest.mark.parametrize("honoured", [True, False], ids=["conditions", "no conditions"])
async def test_what_changed_during_the_question_is_kept(desk: Desk, server: FaultServer, honoured: bool) -> None:
    server.store.dialect = replace(server.store.dialect, honours_conditions=honoured)
    server.store.add(BUCKET, "old.txt", BODY)
    server.store.add(BUCKET, "taken.txt", b"another")
    await _open(desk, server, "old.txt", "taken.txt")
    await _rename(desk, "old.txt", "taken.txt")
    dialog = await desk.dialog("Replace")
    server.store.add(BUCKET, "taken.txt", b"somebody else's")
    await desk.press("accept", dialog)
    await desk.notice("old.txt was not renamed")
    assert server.store.body(BUCKET, "taken.txt") == b"somebody else's"
    assert server.store.body(BUCKET, "old.txt") == BODY
    await desk.stop()


ONE_OBJECT: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "dot": ("report", "report.", lambda key: key.rstrip(".")),
    "space": ("report", "report ", lambda key: key.rstrip(" ")),
    "case": ("report", "Report", str.lower),
}


def _one_object(server: FaultServer, name: str) -> tuple[str, str]:
    """The store keeps two names as one object, and no condition: the name that it has, and the other."""
    old, new, kept_as = ONE_OBJECT[name]
    server.store.dialect = replace(server.store.dialect, kept_as=kept_as, honours_conditions=False)
    server.store.add(BUCKET, old, BODY, acl="public-read", **HEADERS)
    return old, new


@pytest.mark.scenario("S44", "rename: the store keeps both names as one object: it is never deleted", seconds=90)
@pytest.mark.parametrize("listed", [True, False], ids=["listing", "no listing"])
@pytest.mark.parametrize("name", ONE_OBJECT)
async def test_one_object_of_two_names_is_kept(desk: Desk, server: FaultServer, name: str, listed: bool) -> None:
    old, new = _one_object(server, name)
    await _open(desk, server, old)
    await _rename(desk, old, new)
    if not listed:
        server.fault(actions.says(403, "AccessDenied"), "ListObjectsV2")
    await desk.answer("Replace")
    await desk.notice(f"{old} was not renamed")
    assert (server.store.keys(BUCKET), server.store.body(BUCKET, old)) == ([old], BODY)
    assert server.store.item(BUCKET, old).acl == "public-read"
    assert server.count("CopyObject", "DeleteObject", "DeleteObjects") == 0
    await desk.stop()


def unseen(exchange: Exchange) -> None:
    """As a store that finds an object only under the name that it lists, though it writes to any."""
    _ = exchange.body
    exchange.send(Reply(404))


@pytest.mark.scenario("S44", "rename: the store keeps both names as one object: it is never deleted", seconds=90)
@pytest.mark.parametrize("name", ONE_OBJECT)
async def test_one_object_that_was_copied_onto_itself_is_kept(desk: Desk, server: FaultServer, name: str) -> None:
    old, new = _one_object(server, name)
    await _open(desk, server, old)
    server.fault(unseen, "HeadObject", key=new, times=2)
    await _rename(desk, old, new)
    await desk.notice(f"{old} is still there")
    assert (server.store.keys(BUCKET), server.store.body(BUCKET, old)) == ([old], BODY)
    assert server.store.item(BUCKET, old).acl == "public-read"
    assert (server.count("CopyObject"), server.count("DeleteObject", "DeleteObjects")) == (1, 0)
    notice = desk.window.work.notices._notice
    assert notice is not None
    assert [error.kind for _key, error in notice.failures] == [ErrorKind.RENAMED]
    assert desk.names() == [old]
    await desk.stop()


@pytest.mark.scenario("S44", "rename: the store keeps both names as one object: it is never deleted", seconds=90)
@pytest.mark.parametrize("key", ["new.txt", "old.txt"])
@pytest.mark.parametrize("answer", ["refused", "not listed"])
async def test_without_a_listing_both_are_kept(desk: Desk, server: FaultServer, key: str, answer: str) -> None:
    server.store.add(BUCKET, "old.txt", BODY)
    await _open(desk, server, "old.txt")

    def act(exchange: Exchange) -> None:
        of_it = exchange.request.query.get("prefix") == key
        if of_it and answer == "refused":
            actions.says(403, "AccessDenied")(exchange)
        elif of_it:
            exchange.send(
                replace(exchange.answer(), body=b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
            )
        else:
            exchange.send(exchange.answer())

    server.fault(act, "ListObjectsV2")
    await _rename(desk, "old.txt", "new.txt")
    await desk.notice("old.txt is still there")
    assert server.store.keys(BUCKET) == ["new.txt", "old.txt"]
    assert server.count("DeleteObject", "DeleteObjects") == 0
    await desk.stop()


@pytest.mark.scenario("S44", "rename: the same bytes were stored anew meanwhile", seconds=90)
async def test_what_was_stored_anew_with_the_same_bytes_is_kept(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "old.txt", BODY)
    await _open(desk, server, "old.txt")

    def stored_anew(exchange: Exchange) -> None:
        exchange.send(exchange.answer())
        server.store.clock = lambda: time.time() + 10
        server.store.add(BUCKET, "old.txt", BODY, x_amz_meta_note="newer")

    server.fault(stored_anew, "CopyObject", times=1)
    await _rename(desk, "old.txt", "new.txt")
    await desk.notice("old.txt is still there")
    assert server.store.keys(BUCKET) == ["new.txt", "old.txt"]
    await desk.stop()
