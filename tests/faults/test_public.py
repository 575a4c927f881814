"""S45 and S46: making objects public."""

from __future__ import annotations

import http.client
from contextlib import closing
from urllib.parse import quote, urlsplit

import pytest
from faults import actions
from faults.rig import BUCKET
from faults.server import Action, FaultServer
from faults.store import xml
from journeys.desk import Desk
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit

SPOKEN = Qt.ItemDataRole.AccessibleTextRole
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
SAYS_PUBLIC = xml(
    "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>"
    f'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>{ALL_USERS}</URI></Grantee>'
    "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
)


async def _open(desk: Desk, server: FaultServer, *names: str) -> None:
    QApplication.clipboard().clear()
    await desk.start()
    await desk.connect("Lab", server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)
    await desk.listed(*names)


async def _make_public(desk: Desk, *names: str) -> list[str]:
    """Confirm it for these rows; returns the names that the question showed."""
    await desk.select(*names)
    await desk.menu("share.public")
    dialog = await desk.dialog("Make public")
    shown = desk.find(QPlainTextEdit, "", dialog).toPlainText().splitlines()
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    return shown


def status_of(server: FaultServer, key: str) -> int:
    """What anyone gets for an object."""
    with closing(http.client.HTTPConnection(urlsplit(server.endpoint).netloc, timeout=10)) as connection:
        connection.request("GET", f"/{BUCKET}/{quote(key)}")
        with connection.getresponse() as answer:
            return answer.status


LIES = {
    "html": actions.portal,
    "empty": actions.replies(200, b""),
    "reset": actions.reset,
    "denied": actions.says(403, "AccessDenied"),
    "no-acls": actions.says(400, "AccessControlListNotSupported"),
}


@pytest.mark.scenario("S45", "make public: answered, and not done", seconds=60)
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_what_did_not_become_public_is_not_shown_so(desk: Desk, server: FaultServer, lie: Action) -> None:
    server.store.add(BUCKET, "a.txt", b"a")
    server.fault(lie, "PutObjectAcl")
    await _open(desk, server, "a.txt")
    await _make_public(desk, "a.txt")
    await desk.notice("Nothing was made public")
    assert desk.window.work.notices._notice is not None
    assert [name for name, _error in desk.window.work.notices._notice.failures] == ["a.txt"]
    assert "public" not in desk.cell("a.txt", role=SPOKEN)
    assert desk.clipboard() == ""
    assert (status_of(server, "a.txt"), server.store.item(BUCKET, "a.txt").acl) == (403, "private")
    await desk.stop()


@pytest.mark.scenario("S45", "make public: done, and the answer is lost: what is shown is what is", seconds=60)
async def test_a_lost_answer_is_not_success(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "a.txt", b"a")
    server.fault(actions.after(actions.portal), "PutObjectAcl")
    await _open(desk, server, "a.txt")
    await _make_public(desk, "a.txt")
    await desk.notice("Nothing was made public")
    assert "public" not in desk.cell("a.txt", role=SPOKEN)
    assert status_of(server, "a.txt") == 200  # which the failure tells to look at: nothing here claims that it is private
    assert "private" not in desk.cell("a.txt", role=SPOKEN)
    await desk.stop()


@pytest.mark.scenario("S45", "make public: both answers lie, and anyone is refused", seconds=60)
async def test_an_acl_alone_is_not_believed(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "a.txt", b"a")
    server.fault(actions.replies(200, b"", x_amz_request_id="fault"), "PutObjectAcl")
    server.fault(actions.replies(200, SAYS_PUBLIC.body, x_amz_request_id="fault", **SAYS_PUBLIC.headers), "GetObjectAcl")
    await _open(desk, server, "a.txt")
    await _make_public(desk, "a.txt")
    await desk.notice("does not open without a key")
    assert status_of(server, "a.txt") == 403
    await desk.stop()


@pytest.mark.scenario("S45", "make private: answered, and not done", seconds=60)
async def test_what_did_not_become_private_is_not_shown_so(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "a.txt", b"a")
    await _open(desk, server, "a.txt")
    await _make_public(desk, "a.txt")
    await desk.notice("1 object public", "on the clipboard")
    assert "public" in desk.cell("a.txt", role=SPOKEN)
    assert status_of(server, "a.txt") == 200
    server.fault(actions.portal, "PutObjectAcl")
    await desk.select("a.txt")
    await desk.menu("share.private")
    await desk.answer("Make private")
    await desk.notice("Nothing was made private")
    assert status_of(server, "a.txt") == 200
    await desk.stop()


@pytest.mark.scenario("S46", "make public: a third object appears after the question for two", seconds=60)
async def test_exactly_what_was_confirmed_becomes_public(desk: Desk, server: FaultServer) -> None:
    for key in ("folder/a", "folder/b", "other"):
        server.store.add(BUCKET, key, b"x")
    await _open(desk, server, "folder", "other")
    await desk.select("folder")
    await desk.menu("share.public")
    dialog = await desk.dialog("Make public")
    assert desk.find(QPlainTextEdit, "", dialog).toPlainText().splitlines() == ["folder/a", "folder/b"]
    server.store.add(BUCKET, "folder/c", b"x")
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice("2 objects public")
    acls = {key: server.store.item(BUCKET, key).acl for key in server.store.keys(BUCKET)}
    assert acls == {"folder/a": "public-read", "folder/b": "public-read", "folder/c": "private", "other": "private"}
    assert {one.key for one in server.asked("PutObjectAcl")} == {"folder/a", "folder/b"}
    await desk.stop()


@pytest.mark.scenario("S46", "make public: two of three selected, and one of them fails", seconds=60)
async def test_the_others_stay_private(desk: Desk, server: FaultServer) -> None:
    for key in "abc":
        server.store.add(BUCKET, key, b"x")
    await _open(desk, server, *"abc")
    assert await _make_public(desk, "a", "c") == ["a", "c"]
    await desk.notice("2 objects public")
    assert [server.store.item(BUCKET, key).acl for key in "abc"] == ["public-read", "private", "public-read"]
    assert [("public" in desk.cell(key, role=SPOKEN)) for key in "abc"] == [True, False, True]
    # Cancelled, nothing happens at all.
    server.forget()
    await desk.select("b")
    await desk.menu("share.public")
    await desk.answer("Make public", "cancel")
    await desk.turn()
    assert server.count("PutObjectAcl") == 0
    await desk.stop()


@pytest.mark.scenario("S46", "make public: a folder that cannot be listed whole", seconds=60)
async def test_a_part_of_a_folder_is_never_made_public(desk: Desk, server: FaultServer) -> None:
    server.store.add(BUCKET, "folder/a", b"x")
    await _open(desk, server, "folder")
    server.fault(actions.portal, "ListObjectsV2", "ListObjects")
    await desk.select("folder")
    await desk.menu("share.public")
    await desk.notice("did not come from an S3 store")
    await desk.turn()
    assert desk.dialogs() == []
    assert server.count("PutObjectAcl") == 0
    await desk.stop()
