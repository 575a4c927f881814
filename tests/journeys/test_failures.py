"""What a person is told when it does not work, and how it works again."""

from __future__ import annotations

import threading
from pathlib import Path
from urllib.parse import quote

from journeys.conftest import Place
from journeys.desk import Desk
from PySide6.QtWidgets import QLabel, QLineEdit
from servers.ceph import CephCluster
from servers.raw import RawServer, Request, ResetError, s3_answer, s3_error

from cloudtemple_browser.persistence.paths import AppPaths


def listing_xml(keys: list[str], prefixes: tuple[str, ...] = (), token: str = "") -> str:
    """A page of a listing, cut short when it has a token."""
    contents = "".join(f"<Contents><Key>{quote(key)}</Key><Size>3</Size></Contents>" for key in keys)
    folders = "".join(f"<CommonPrefixes><Prefix>{quote(prefix)}</Prefix></CommonPrefixes>" for prefix in prefixes)
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return (
        f"<ListBucketResult><Name>bucket</Name><EncodingType>url</EncodingType>{contents}{folders}"
        f"<IsTruncated>{str(bool(token)).lower()}</IsTruncated>{more}</ListBucketResult>"
    )


async def test_wrong_secret(desk: Desk, strict: Place) -> None:
    strict.put_all({"a.txt": b"a"})
    user = strict.user
    await desk.start()
    await desk.press("state-connection.new")
    wrong = user.secret_key[:-1] + ("x" if user.secret_key[-1] != "x" else "y")
    values = {"name": "Lab", "endpoint": strict.endpoint, "access_key": user.access_key, "secret": wrong}
    await desk.fill_form("New connection", "test", **values)
    dialog = await desk.dialog("New connection")

    def told() -> list[str]:
        return [one.text() for one in dialog.findChildren(QLabel, "test-result") if one.isVisible()]

    await desk.until(lambda: any("The secret key is wrong" in line for line in told()), "the test says what is wrong")
    assert [line.partition(":")[0] for line in told()][:4] == ["Address", "TLS", "Clock", "Key"]
    assert "Key: The secret key is wrong" in told()
    assert any("SignatureDoesNotMatch" in line for line in told())
    assert wrong not in "".join(told())
    await desk.press("save", dialog)
    await desk.gone(dialog)
    await desk.place("failed")
    assert desk.text("state-title") == "The secret key is wrong"
    await desk.press("state-go.refresh")
    await desk.place("loading")
    await desk.place("failed")
    await desk.press("state-connection.edit")
    dialog = await desk.dialog("Edit connection")
    assert desk.find(QLineEdit, "secret", dialog).text() == ""
    await desk.fill_form("Edit connection", secret=user.secret_key)
    await desk.until(lambda: strict.bucket in desk.names(), "the buckets are listed")
    await desk.enter(strict.bucket)
    await desk.listed("a.txt")
    # It is the new secret that is kept.
    await desk.restart()
    await desk.until(lambda: strict.bucket in desk.names(), "the last connection opens again")
    await desk.stop()


async def test_a_bucket_of_somebody_else(desk: Desk, strict: Place, ceph: CephCluster) -> None:
    strict.put_all({"a.txt": b"a"})
    user = ceph.newcomer
    await desk.start()
    await desk.connect("Other", strict.endpoint, user.access_key, user.secret_key)
    await desk.place("no-buckets")
    await desk.press("state-bucket.add")
    dialog = await desk.dialog("Add bucket by name")
    await desk.write(strict.bucket, desk.find(QLineEdit, "name", dialog))
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.place("denied")
    assert desk.text("state-title") == "You may not list this folder"
    assert "You may still upload here" in desk.text("state-detail")
    await desk.press("state-details")
    details = await desk.dialog("Details")
    await desk.keys("Escape")
    await desk.gone(details)
    await desk.restart()
    await desk.sidebar("Other")
    await desk.click_sidebar("Other")
    await desk.sidebar(strict.bucket)
    await desk.click_sidebar(strict.bucket)
    await desk.place("denied")
    await desk.stop()


async def test_a_key_that_may_not_list_the_buckets(desk: Desk) -> None:
    def serve(request: Request) -> bytes:
        if request.path == "/bucket":
            return s3_answer(200, listing_xml(["mine.txt"]))
        return s3_error(403, "AccessDenied")

    with RawServer(serve) as server:
        await desk.start()
        await desk.press("state-connection.new")
        values = {"name": "Lab", "endpoint": server.endpoint, "access_key": "AK", "secret": "secret"}
        await desk.fill_form("New connection", "test", **values)
        dialog = await desk.dialog("New connection")
        await desk.until(lambda: any("may not list the buckets" in words for words in desk.words(dialog)), "the test says so")
        await desk.press("save", dialog)
        await desk.gone(dialog)
        await desk.place("denied")
        assert desk.text("state-title") == "This key may not list the buckets"
        await desk.sidebar("Buckets cannot be listed")
        await desk.press("state-bucket.add")
        dialog = await desk.dialog("Add bucket by name")
        await desk.write("bucket", desk.find(QLineEdit, "name", dialog))
        await desk.keys("Return", target=desk.find(QLineEdit, "name", dialog))
        await desk.gone(dialog)
        await desk.listed("mine.txt")
        await desk.restart()
        await desk.until(lambda: "bucket" in desk.names(), "the bucket is remembered")
        await desk.enter("bucket")
        await desk.listed("mine.txt")
        await desk.stop()


class Fragile:
    """A store whose first bucket has a second page, which comes only while ``well``; ``hold`` delays it."""

    def __init__(self) -> None:
        self.well = False
        self.hold = threading.Event()
        self.hold.set()

    def __call__(self, request: Request) -> bytes:
        query = request.query
        if request.method != "GET" or "list-type" not in query:
            return s3_error(403, "AccessDenied")
        prefix = query.get("prefix", "")
        if request.path == "/second":
            return s3_answer(200, listing_xml(["only.txt"]))
        number = int(query.get("continuation-token", "0"))
        keys = [f"{prefix}a long name {number * 1000 + at:05}" for at in range(1000)]
        if number == 0:
            return s3_answer(200, listing_xml(keys, ("folder/", "other/") if not prefix else (), "1"))
        self.hold.wait(20)
        if not self.well:
            raise ResetError
        return s3_answer(200, listing_xml(keys))


async def test_a_listing_that_breaks_off(desk: Desk) -> None:
    store = Fragile()
    with RawServer(store) as server:
        await desk.start()
        await desk.connect("Lab", server.endpoint, "AK", "secret", bucket="bucket")
        await desk.until(lambda: desk.find(QLabel, "partial-text").isVisible(), "the list says that it is partial")
        assert len(desk.names()) == 1002
        assert "Partial list: The connection to the store was lost" in desk.text("partial-text")
        assert not desk.window.work.states.isVisible()
        # Nothing that needs the whole folder is done with a part of it.
        await desk.select("folder")
        await desk.keys("Delete")
        await desk.notice("The connection to the store was lost")
        await desk.turn()
        assert desk.dialogs() == []
        assert {request.method for request in server.requests} == {"GET"}
        store.well = True
        await desk.press("partial-again")
        await desk.complete()
        await desk.until(lambda: len(desk.names()) == 2002, "the whole list shows")
        assert not desk.find(QLabel, "partial-text").isVisible()
        await desk.until(lambda: desk.text("counts").startswith("2 folders · 2,000 objects"), "the status bar has counted")
    # Nobody answers any more.
    await desk.go("s3://bucket/folder/")
    await desk.place("offline")
    assert desk.text("state-title") == "The store refused the network connection"
    await desk.stop()


def tokens(server: RawServer) -> list[str]:
    """The pages that were asked for, without the probes for one name."""
    pages = [request.query for request in server.requests if request.query.get("max-keys") == "1000"]
    return [query.get("continuation-token", "") for query in pages]


async def test_leaving_a_bucket_ends_its_listing(desk: Desk) -> None:
    store = Fragile()
    store.well = True
    store.hold.clear()
    with RawServer(store) as server:
        await desk.start()
        await desk.connect("Lab", server.endpoint, "AK", "secret", bucket="bucket")
        await desk.until(lambda: len(desk.names()) == 1002, "the first page shows")
        await desk.until(lambda: len(tokens(server)) == 2, "the second page is asked for")
        # Another bucket, whose keys have no prefix either: nothing but the end of the listing keeps its rows away.
        await desk.go("s3://second/")
        await desk.listed("only.txt")
        store.hold.set()
        await desk.until(lambda: not desk.parts.app.background._controls, "the listing before has ended")
        await desk.turn()
        assert desk.names() == ["only.txt"]
        assert tokens(server) == ["", "1", ""]
        await desk.keys("Alt+Left")
        await desk.until(lambda: len(desk.names()) == 2002, "the bucket before is listed anew")
        # Stopping it keeps what came.
        store.hold.clear()
        await desk.keys("F5")
        await desk.until(lambda: len(desk.names()) == 1002, "the first page shows")
        await desk.keys("Escape")
        await desk.until(lambda: desk.find(QLabel, "partial-text").isVisible(), "the list says that it is partial")
        assert desk.text("partial-text") == "Partial list: you stopped it."
        assert len(desk.names()) == 1002
        store.hold.set()
        await desk.stop()


async def test_files_of_its_own_that_cannot_be_used_stop_nothing(desk: Desk, modern: Place, tmp_path: Path) -> None:
    paths = AppPaths(desk.profile)
    lock = paths.transfers_file.with_suffix(".lock")
    for in_the_way in (paths.connections_file, lock):
        in_the_way.mkdir(parents=True)
    await desk.start()
    await desk.notice("Transfers cannot be kept on the disk")
    await desk.press("notice-close")
    await desk.notice("The saved connections could not be read")
    paths.connections_file.rmdir()
    modern.put_all({"there.txt": b"a"})
    await desk.connect("Lab", modern.endpoint, modern.user.access_key, modern.user.secret_key)
    await desk.sidebar(modern.bucket)
    await desk.click_sidebar(modern.bucket)
    await desk.listed("there.txt")
    (tmp_path / "new.txt").write_bytes(b"new")
    assert await desk.drop(desk.window.work.objects, desk.bottom(), [tmp_path / "new.txt"])
    sheet = await desk.dialog("Upload")
    await desk.keys("Return")
    await desk.gone(sheet)
    await desk.listed("new.txt", "there.txt")
    await desk.stop()
