"""A person who is refused asks why, wherever it was told, and reads what it comes to."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from journeys.desk import Desk
from journeys.test_keyboard import tab_to_name
from PySide6.QtWidgets import QLabel, QLineEdit
from servers.raw import RawServer, Request, s3_answer, s3_error

from cloudtemple_browser.app.transfer_words import Verb, group_verbs
from cloudtemple_browser.ui.dialogs.why import WhyDialog

SECRET = "CANARYsecretCANARYsecretCANARYsecret1234"
BUCKETS = (
    "<ListAllMyBucketsResult><Owner><ID>me</ID></Owner><Buckets><Bucket><Name>bucket</Name>"
    "<CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"
)
LISTING = (
    "<ListBucketResult><Name>bucket</Name><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
    "<Contents><Key>mine.txt</Key><Size>3</Size><ETag>&quot;900150983cd24fb0d6963f7d28e17f72&quot;</ETag></Contents>"
    "</ListBucketResult>"
)


class Store:
    """Lists its buckets, and what is in one as long as ``lists``; refuses everything else, whoever asks.

    ``breaks``: the list has another page, which is refused too.
    """

    def __init__(self, *, breaks: bool = False) -> None:
        self.lists = True
        self.breaks = breaks

    def __call__(self, request: Request) -> bytes:
        if "authorization" in request.headers and request.method == "GET":
            if request.path == "/":
                return s3_answer(200, BUCKETS)
            if request.path == "/bucket" and self.lists and "list-type" in request.query:
                if "continuation-token" in request.query:
                    return s3_error(403, "AccessDenied", "Access Denied")
                more = "<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>"
                return s3_answer(200, LISTING.replace("<IsTruncated>false</IsTruncated>", more) if self.breaks else LISTING)
        return s3_error(403, "AccessDenied", "Access Denied")


async def read_why(desk: Desk, verdict: str) -> None:
    """Wait for the verdict, look whether the report is good for a ticket, and close."""
    dialog = await desk.dialog("Why?")
    assert isinstance(dialog, WhyDialog)
    await desk.until(lambda: dialog.concluded, "the checks have ended")
    assert desk.find(QLabel, "why-verdict", dialog).text() == verdict
    await desk.press("copy", dialog)
    report = desk.clipboard()
    assert verdict in report
    for part in ("AccessDenied", "req-1", "UTC", "127.0.0.1"):
        assert part in report, report
    assert SECRET not in report
    await desk.press("close", dialog)
    await desk.gone(dialog)


NOT_READ = "The key is right and may list this bucket but not read this object."
NOT_LIST = (
    "The key is right, but may not list the bucket bucket: its role there does not allow it (write_only), "
    "it has none, or your address (127.0.0.1, or your network’s public one) is not on the bucket’s allow list."
)


async def test_why_is_asked_of_a_notice_its_details_and_a_place(desk: Desk) -> None:
    store = Store()
    with RawServer(store) as server:
        await desk.start()
        await desk.connect("Lab", server.endpoint, "AK", SECRET)
        await desk.until(lambda: "bucket" in desk.names(), "the buckets are listed")
        await desk.enter("bucket")
        await desk.listed("mine.txt")
        await desk.select("mine.txt")
        await desk.menu("share.private")
        await desk.answer("Make private")
        await desk.notice("The store refused this (403)")
        before = len(server.requests)
        await desk.press("notice-why")
        await read_why(desk, NOT_READ)
        asked = server.requests[before:]
        assert {request.method for request in asked} == {"GET"}
        assert "authorization" not in asked[0].headers  # whether it is a store at all is asked without a key
        await desk.press("notice-details")
        details = await desk.dialog("Details")
        await desk.press("details-why", details)
        await read_why(desk, NOT_READ)
        store.lists = False
        await desk.keys("F5")
        await desk.place("denied")
        await desk.press("state-why")
        await read_why(desk, NOT_LIST)
        await desk.stop()


async def test_why_is_asked_of_a_list_that_broke_off(desk: Desk) -> None:
    with RawServer(Store(breaks=True)) as server:
        await desk.start()
        await desk.connect("Lab", server.endpoint, "AK", SECRET, bucket="bucket")
        await desk.until(lambda: "mine.txt" in desk.names(), "the first page is listed")
        await desk.press("partial-why")
        dialog = await desk.dialog("Why?")
        assert isinstance(dialog, WhyDialog)
        await desk.until(lambda: dialog.concluded, "the checks have ended")
        assert "Everything works now" in desk.text("why-verdict", dialog)  # so it does: the first page comes
        await desk.press("close", dialog)
        await desk.gone(dialog)
        await desk.stop()


async def test_why_without_a_mouse(desk: Desk, tmp_path: Path) -> None:
    async def read(verdict: str) -> None:
        dialog = await desk.dialog("Why?")
        assert isinstance(dialog, WhyDialog)
        await desk.until(lambda: dialog.concluded, "the checks have ended")
        assert desk.text("why-verdict", dialog) == verdict
        await tab_to_name(desk, "copy")
        await desk.keys("Space")
        assert verdict in desk.clipboard()
        await desk.keys("Escape")
        await desk.gone(dialog)

    store = Store()
    with RawServer(store) as server:
        await desk.start()
        await desk.connect("Lab", server.endpoint, "AK", SECRET, bucket="bucket")
        await desk.listed("mine.txt")
        await desk.select("mine.txt")
        await desk.menu("share.private")
        await desk.answer("Make private")
        await desk.notice("The store refused this (403)")
        await tab_to_name(desk, "notice-why")
        await desk.keys("Space")
        await read(NOT_READ)
        await tab_to_name(desk, "notice-details")
        await desk.keys("Space")
        await desk.dialog("Details")
        await tab_to_name(desk, "details-why")
        await desk.keys("Space")
        await read(NOT_READ)

        await desk.select("mine.txt")
        await desk.menu("object.download")
        await desk.choose_path(tmp_path)
        panel, groups = desk.window.work.panel, desk.parts.transfers
        await desk.until(lambda: groups.groups and Verb.WHY in group_verbs(groups.groups[0]), "the transfer waits")
        panel.set_open(True)
        panel.tree.setFocus()
        await desk.keys("Home", "Return")
        await read(NOT_READ)
        desk.parts.app.engine.cancel(group=groups.groups[0].id)

        store.lists = False
        await desk.keys("F5")
        await desk.place("denied")
        await tab_to_name(desk, "state-why")
        await desk.keys("Space")
        await read(NOT_LIST)
        await desk.until(lambda: not desk.parts.app.engine.active(), "nothing runs any more")
        await desk.stop()


async def test_why_is_asked_of_a_connection_that_is_edited(desk: Desk) -> None:
    with RawServer(lambda _request: s3_error(403, "InvalidAccessKeyId")) as server:
        await desk.start()
        await desk.press("state-connection.new")
        values = {"name": "Lab", "endpoint": server.endpoint, "access_key": "AK", "secret": SECRET}
        await desk.fill_form("New connection", "test", **values)
        form = await desk.dialog("New connection")
        await desk.until(lambda: any("does not know this access key" in words for words in desk.words(form)), "the test ended")
        await tab_to_name(desk, "test-why")
        await desk.keys("Space")
        dialog = await desk.dialog("Why?")
        assert isinstance(dialog, WhyDialog)
        await desk.until(lambda: dialog.concluded, "the checks have ended")
        assert "does not know this access key" in desk.text("why-verdict", dialog)
        assert urlsplit(server.endpoint).netloc in dialog.report()
        await desk.press("close", dialog)
        await desk.gone(dialog)
        await desk.write("", desk.find(QLineEdit, "endpoint", form))
        await desk.press("test-why", form)
        await desk.turn()
        assert desk.dialogs() == [form]  # there is nothing to look into
        await desk.keys("Escape")
        await desk.gone(form)
        await desk.stop()


async def test_why_is_asked_of_a_transfer(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with RawServer(Store()) as server:
        await desk.start()
        await desk.connect("Lab", server.endpoint, "AK", SECRET, bucket="bucket")
        await desk.listed("mine.txt")
        await desk.select("mine.txt")
        await desk.menu("object.download")
        await desk.choose_path(target)
        tree = desk.window.work.panel.tree
        await desk.until(lambda: tree.model().rowCount(), "the transfer shows")
        desk.window.work.panel.set_open(True)

        def offered() -> bool:
            tree.setCurrentIndex(tree.model().index(0, 0))
            return Verb.WHY in tree.offered()

        await desk.until(offered, "the transfer says that it was refused")
        point = tree.visualRect(tree.model().index(0, 0)).center()
        menu = await desk.context_menu(tree, point)
        action = next(one for one in menu.actions() if one.text() == "Why?")
        await desk.trigger_action(action, menu)
        await read_why(desk, NOT_READ)
        desk.parts.app.engine.cancel(group=desk.parts.transfers.groups[0].id)
        await desk.until(lambda: not desk.parts.app.engine.active(), "nothing runs any more")
        await desk.stop()
