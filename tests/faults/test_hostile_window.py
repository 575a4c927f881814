"""S63: names, metadata and messages that are HTML, or that turn and steer what shows them, in every part of the window."""

from __future__ import annotations

import csv
import ctypes
import json
import os
import re
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from faults import actions
from faults.opener import Opener
from faults.rig import BUCKET
from faults.server import FaultServer
from faults.store import xml
from journeys.desk import Desk
from journeys.literal import STEERS, check, look_and_leave, read, rest_mouse
from journeys.test_names import position, select_keys
from journeys.test_search import keys
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QSystemTrayIcon, QTextEdit, QWidget

from cloudtemple_browser.ui import notifier
from cloudtemple_browser.ui.dialogs.why import WhyDialog
from cloudtemple_browser.ui.text import label, tip, visible
from cloudtemple_browser.ui.views.treemap import Treemap

PICTURE = "<img src=canary.png>"
HTML = (
    PICTURE,
    "<a href=file:canary.png>click<a>",
    "<b>bold<b> &amp;&lt;&#9786;",
    "<table><tr><td background=canary.png>cell",
    "<body style='background-image:url(canary.png)'>",
    "<h1 onclick=x()>large<h1>",
    "<!--",
    "A&B",
)
TURNED = ("invoice\u202egpj.exe", "a\u2066b\u2069.txt", "hid\u200bden\ufeff.txt", "\u200fright", "\u061cletter")
STEERING = (
    "two\nlines",
    "re\rturn",
    "tab\tbed",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b2J",
    "sep\u2028ara\u2029tor",
    "del\x7f\x08",
)
FORMULAS = ("=cmd|' -C calc'!A1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "a;=1+1")
FOLDER = "<img src=canary.png title='\u202e'>"
DEEP = f"{FOLDER}/<img src=file:{{canary}}>/\u202edeep\n<b>.txt"
KEYS = (*HTML, *TURNED, *STEERING, *FORMULAS)
MESSAGE = f"{PICTURE}<a href='file:canary.png'>\u202eread me</a>\n<b>second line"
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) \S+ .+?: |    ")


class Trap:
    """A picture on the disk and a port of this machine, and whether anybody came for them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "canary.png"
        image = QImage(8, 8, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.red)
        assert image.save(str(self.path))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/x.png"
        libc = ctypes.CDLL(None, use_errno=True)
        self._events = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._events, os.fsencode(self.path), 0x21) >= 0  # IN_ACCESS, IN_OPEN

    def hits(self) -> int:
        """How many times the picture was opened or read, or the port was tried, since this was asked last."""
        found = 0
        try:
            while data := os.read(self._events, 4096):
                while data:
                    found += 1
                    data = data[struct.calcsize("iIII") + struct.unpack("iIII", data[:16])[3] :]
        except BlockingIOError:
            pass
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return found
        return found + 1

    def close(self) -> None:
        """Take the trap away."""
        os.close(self._events)
        self.listener.close()


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    """A trap in the folder where this process is."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    trap = Trap(tmp_path / "cwd")
    yield trap
    trap.close()


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
@pytest.mark.usefixtures("qapp")
def test_the_trap_notices_who_falls_into_it(trap: Trap) -> None:
    assert trap.hits() == 0
    wrong = QLabel(PICTURE)
    wrong.setTextFormat(Qt.TextFormat.AutoText)
    wrong.grab()
    assert trap.hits() > 0
    socket.create_connection(trap.listener.getsockname()).close()
    assert trap.hits() == 1
    assert trap.hits() == 0


@pytest.mark.parametrize(
    ("make", "about"),
    [
        (lambda: QLabel("plain"), ""),
        (lambda: QPushButton("a\u202eb"), ""),
        (lambda: QPushButton("a\tb"), ""),
        (lambda: QPushButton("x"), PICTURE),
        (lambda: QTextEdit(""), ""),
    ],
)
def test_the_look_at_the_window_finds_what_is_wrong(desk: Desk, make: Callable[[], QWidget], about: str) -> None:
    right = label(PICTURE)
    right.show()
    assert PICTURE in check(desk)
    wrong = make()
    wrong.setToolTip(about)
    wrong.show()
    with pytest.raises(AssertionError):
        check(desk)
    wrong.hide()
    right.hide()


ACL = xml(
    f"<AccessControlPolicy><Owner><ID>{escape(PICTURE)}</ID><DisplayName>{escape(MESSAGE)}</DisplayName></Owner>"
    '<AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
    f"<ID>x</ID><DisplayName>{escape(MESSAGE)}</DisplayName></Grantee><Permission>{escape(PICTURE)}</Permission></Grant>"
    "</AccessControlList></AccessControlPolicy>"
).body


def fill(server: FaultServer, trap: Trap) -> str:
    """Objects, buckets, metadata and an ACL that want to do harm; returns the key that lies deep."""
    deep = DEEP.format(canary=trap.path)
    headers = {"x-amz-meta-note": f"{PICTURE}<img src={trap.url}>", "cache-control": PICTURE, "content-disposition": PICTURE}
    for key in (*KEYS, deep):
        server.store.add(BUCKET, key, MESSAGE.encode(), etag=PICTURE, content_type=f"text/plain;{PICTURE}", **headers)
    for name in (PICTURE, "a\u202eb", "<b>bold<b>"):
        server.store.add_bucket(name)
    server.fault(actions.replies(200, bytes(ACL), **{"Content-Type": "application/xml"}), "GetObjectAcl")
    return deep


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
@pytest.mark.scenario("S63", "HTML, turning and steering characters in every part of the window", seconds=120)
@pytest.mark.qt_log_ignore("This plugin does not support", "systemTrayWindowChanged")  # the platform of tests has no tray
async def test_names_are_shown_and_do_nothing(
    desk: Desk,
    server: FaultServer,
    trap: Trap,
    opener: Opener,
    log_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(notifier, "_LONG", 0.0)
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _self, _title, text, *_more: told.append(text))
    deep = fill(server, trap)
    await desk.start()
    await desk.connect(PICTURE, server.endpoint, server.user.access_key, server.user.secret_key)
    await the_buckets(desk)
    await desk.go(f"s3://{BUCKET}/")
    await the_list(desk)
    await the_inspector(desk)
    await the_questions(desk)
    await what_leaves(desk, server, tmp_path)
    await folders(desk, deep)
    await failures(desk, server)
    await transfers(desk, tmp_path, told)
    assert trap.hits() == 0
    assert opener.opened == []
    await desk.stop()
    the_log(log_file)


async def the_buckets(desk: Desk) -> None:
    await desk.until(lambda: BUCKET in desk.names(), "the buckets are listed")
    said = check(desk)
    assert PICTURE in said  # the name of the connection


async def the_list(desk: Desk) -> None:
    """Every name is there, as it is or with signs for what cannot be seen, and so is its tool tip."""
    await desk.complete()
    view = desk.window.work.objects
    assert set(map(visible, KEYS)) <= set(check(desk))
    for key in (*HTML, TURNED[0], STEERING[0], STEERING[3]):
        said = await rest_mouse(desk, view, view.table.index(position(desk, key), 0))
        assert said == (key if key in HTML else said)
    menu = await desk.context_menu(view, await desk.row_center(PICTURE))
    check(desk)
    await desk.keys("Escape", target=menu)


async def the_inspector(desk: Desk) -> None:
    """All that a store tells of an object."""
    await select_keys(desk, [PICTURE])
    await desk.keys("F4")
    tabs = desk.window.work.inspector._tabs
    told: tuple[set[str], ...] = ({MESSAGE}, {PICTURE}, {visible(MESSAGE)}, set())
    for tab, words in enumerate(told):
        await desk.act(lambda tab=tab: tabs.setCurrentIndex(tab))  # type: ignore[misc]
        await desk.until(lambda: words <= set(desk.words(desk.window.work.inspector)), f"{words} shows")  # noqa: B023
        if tab:  # a preview is what the object holds
            check(desk)
    await desk.keys("F4")


async def the_questions(desk: Desk) -> None:
    """Every dialog that shows a name."""
    for chosen in ([PICTURE], [TURNED[0]], [STEERING[0]], list(KEYS)):
        await select_keys(desk, chosen)
        for command, title in (
            ("object.delete", "Delete"),
            ("share.public", "Make public"),
            ("share.private", "Make private"),
            ("share.presign", "Copy pre-signed URL"),
            ("object.rename", "Rename"),
        ):
            if command != "object.rename" or len(chosen) == 1:
                await desk.menu(command)
                said = await look_and_leave(desk, title)
                assert command == "share.presign" or any(visible(chosen[0]) in words for words in said)
    await desk.menu("connection.delete")
    assert any(PICTURE in words for words in await look_and_leave(desk, "Delete connection"))


async def what_leaves(desk: Desk, server: FaultServer, tmp_path: Path) -> None:
    """The clipboard has a line for each object, a file of the list has a row, and neither does anything where it gets to."""
    rows = len(desk.names())
    objects = [key for key in server.store.keys(BUCKET) if "/" not in key]
    await desk.keys("Ctrl+A", "Ctrl+C", target=desk.window.work.objects)
    await desk.notice(f"{rows} addresses copied")
    assert sorted(line[:5] for line in lines_of(desk)) == ["s3://"] * rows
    await select_keys(desk, objects)
    await desk.menu("share.copy_url")
    await desk.notice(f"{len(objects)} URLs copied")
    assert all(re.fullmatch(r"http://[!-;=?-~]+", line) for line in lines_of(desk))
    assert len(lines_of(desk)) == len(objects)
    await desk.menu("share.presign")
    await desk.answer("Copy pre-signed URL")
    await desk.notice(f"{len(objects)} pre-signed URLs copied")
    assert all(re.fullmatch(r"http://[!-;=?-~]+", line) for line in lines_of(desk))
    assert len(lines_of(desk)) == len(objects)
    for name in ("all.csv", "all.jsonl"):
        await desk.menu("list.export")
        await desk.choose_path(tmp_path / name)
        await desk.notice(f"exported to {name}")
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == len(objects) + 1  # those that are selected
    assert not [cell for row in table for cell in row if re.match(r"\s*[=+\-@\t\r]", cell)]
    told = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text("utf-8").split("\n") if line]
    assert sorted(one["key"] for one in told) == sorted(objects)


def lines_of(desk: Desk) -> list[str]:
    """The clipboard."""
    text = desk.clipboard()
    assert not STEERS.search(text), repr(text)
    return text.split("\n")


async def folders(desk: Desk, deep: str) -> None:
    """Names as places: the title, the steps, the filter, the search, and what takes the room."""
    folder = visible(FOLDER)
    await desk.enter(folder)
    await desk.until(lambda: folder not in desk.names() and desk.names(), "the folder is listed")
    said = check(desk)
    assert folder in said
    assert any(folder in words for words in said if words.endswith("Cloud Temple Browser"))
    await desk.keys("Alt+Up")
    await desk.complete()
    await desk.keys("Ctrl+Shift+E")
    await desk.until(lambda: deep in keys(desk), "everything below shows")
    check(desk)
    view = desk.window.work.objects
    await rest_mouse(desk, view, view.table.index(position(desk, deep), 0))
    await desk.keys("Ctrl+Shift+E")
    await desk.complete()
    await desk.write("<h1>nothing<h1>", desk.find(QLineEdit, "filter"))
    await desk.place("no-match")
    assert desk.text("state-title") == "No name contains “<h1>nothing<h1>”"
    check(desk)
    await desk.keys("Escape")
    await desk.until(lambda: len(desk.names()) > 1, "all rows show")
    await desk.keys("Escape")
    await desk.go("s3://no-such-<b>bucket<b>/")
    await desk.turn()
    check(desk)
    await desk.keys("Escape")
    await desk.menu("view.storage")
    window = await desk.dialog(f"Storage of s3://{BUCKET}/")
    chart = desk.find(Treemap, "treemap", window)
    await desk.until(
        lambda: any(visible(FOLDER) in read(tip(one.tile.summary)) for one in chart.placed), "the folder has its place"
    )
    check(desk)
    await desk.keys("Escape", target=window)
    await desk.gone(window)


async def failures(desk: Desk, server: FaultServer) -> None:
    """What a store says when it refuses: in place of the list, in a message, and in what a ticket gets."""
    server.fault(actions.says(403, "AccessDenied", MESSAGE), "PutObjectAcl")
    await select_keys(desk, [PICTURE])
    await desk.menu("share.private")
    await desk.answer("Make private")
    await desk.notice("(403)")
    check(desk)
    await desk.press("notice-details")
    dialog = await desk.dialog("Details")
    said = "\n".join(check(desk))
    assert f"Message of the server: {visible(MESSAGE)}" in said
    (copier,) = (one for one in dialog.findChildren(QPushButton) if one.text() == "Copy details")
    await desk.click(copier)
    assert visible(MESSAGE) in "\n".join(lines_of(desk))
    await desk.keys("Escape")
    await desk.gone(dialog)
    await desk.press("notice-why")
    dialog = await desk.dialog("Why?")
    assert isinstance(dialog, WhyDialog)
    await desk.until(lambda: dialog.concluded, "the checks have ended")
    check(desk)
    await desk.press("copy", dialog)
    assert visible(MESSAGE) in "\n".join(lines_of(desk))
    await desk.press("close", dialog)
    await desk.gone(dialog)
    server.fault(actions.says(403, "AccessDenied", MESSAGE), "ListObjectsV2", "ListObjects")
    await desk.menu("go.refresh")
    await desk.place("denied")
    assert any(PICTURE in words for words in check(desk))
    server.clear()
    await desk.press("state-go.refresh")
    await desk.complete()


async def transfers(desk: Desk, tmp_path: Path, told: list[str]) -> None:
    """Names on their way, in both directions, what is asked when they are there already, and what the desktop is told."""
    work, target, source = desk.window.work, tmp_path / "target", tmp_path / "<b>source<b>"
    target.mkdir()
    source.mkdir()
    names, new = list(KEYS), "<u>new\u202e"
    for name in (*names, new):
        (source / name).write_bytes(b"new")
    await desk.act(lambda: work.panel.set_open(True))
    await select_keys(desk, names)
    other = QWidget()
    other.show()
    await desk.menu("object.download")
    await desk.choose_path(target)
    other.activateWindow()
    await desk.until(lambda: told, "the desktop is told")
    assert told == [f"{len(names)} objects downloaded"]
    other.close()
    await desk.front()
    for again in (f"{len(names)} objects downloaded", ""):  # now they are there
        await desk.menu("object.download")
        await desk.choose_path(target)
        said = await look_and_leave(desk, "Download")
        assert visible(TURNED[0]) in said, again
    assert await desk.drop(work.objects, desk.bottom(), [source / name for name in (*names, new)])
    dialog = await desk.dialog("Upload")
    await desk.until(lambda: visible(TURNED[0]) in check(desk), "the conflicts are listed")
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice(f"1 object uploaded, {len(names)} skipped")
    await desk.until(lambda: visible(new) in desk.names(), "the new one is listed")
    tree = work.panel.tree
    await desk.act(tree.expandAll)
    await desk.until(lambda: set(map(visible, HTML)) <= set(check(desk)), "the groups open")
    for row in range(tree.model().rowCount()):
        index = tree.model().index(row, 0)
        await rest_mouse(desk, tree, index)
        await desk.click(tree.viewport(), tree.visualRect(index).center())
        menu = await desk.context_menu(tree, tree.visualRect(index).center())
        check(desk)
        await desk.keys("Escape", target=menu)


def the_log(log_file: Path) -> None:
    """One event is one line, whatever it tells of."""
    text = log_file.read_text("utf-8")
    assert not STEERS.search(text)
    wrong = [line for line in text.split("\n")[:-1] if not LOG_LINE.match(line)]
    assert wrong == []
