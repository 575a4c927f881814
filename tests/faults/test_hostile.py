"""S61 to S65: names, pictures, texts and programs that were put into a bucket to do harm to whoever looks at it."""

from __future__ import annotations

import asyncio
import ctypes
import ntpath
import os
import posixpath
import re
import socket
import sys
import threading
import time
import unicodedata
from collections import Counter
from pathlib import Path, PureWindowsPath

import pytest
from corpus import KEYS
from faults.opener import Opener
from faults.rig import BUCKET, FaultRig
from faults.server import Action, Exchange, FaultServer
from faults.wire import Reply
from journeys.desk import Desk
from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QWidget
from ui.test_images import png_bomb
from ui.test_pictures import jpeg_bomb

from cloudtemple_browser.app.commands.preview import LINES
from cloudtemple_browser.model.local_names import MAX_NAME_BYTES, LocalNames, folded, key_from_local
from cloudtemple_browser.model.transfers import ConflictPolicy, TransferState
from cloudtemple_browser.transfers.local_folder import BY_DESCRIPTOR
from cloudtemple_browser.ui import pictures
from cloudtemple_browser.ui.views.transfers_tree import TransfersTree

DEVICES = ("CON", "NUL", "AUX", "PRN", "COM1", "LPT9", "COM¹", "LPT³", "CONIN$", "CONOUT$")
HIDDEN = "a\u200bb", "a\u00adb", "a\ufeffb", "\u202eabc", "a\u2066b", ".\u200b.", "\u200b..", "..\u202a", "a\U000e0041b"
CLASHES = (
    "A",
    "a",
    "B",
    "b",
    "É",
    "é",
    "E\u0301",
    "e\u0301",
    "ß",
    "ss",
    "SS",
    "\u017f",
    "s",
    "S",
    "İ",
    "i\u0307",
    "K",
    "\u212a",
    "k",
)
NAMES: tuple[str, ...] = (
    # H01
    "../x", "../../x", "../../../../../../etc/cron.d/x", "a/../../b", "a/../b", "./x", "a/./b", "..", ".", "...", "a/..", "a/.",
    "/etc/passwd", "//etc/passwd", "/", "//", "///", "a/../", "..//x", "%2e%2e/x", "%2E%2E%2Fx", "..%2fx", "%2F", "a%2Fb",
    "~/x", "~root/x", "-rf", "$HOME", "`id`", "${x}", "a;b|c&d",
    # H02
    "C:\\x", "C:x", "c:/x", "\\x", "\\\\srv\\share\\x", "//srv/share/x", "\\\\?\\C:\\x", "\\\\.\\pipe\\x", "a\\..\\..\\b",
    "..\\x", "..\\..\\x", "a\\b", "\\", "\\\\", "a/..\\b", "\\/x", "\\??\\C:\\x",
    # H03
    "file:stream", "file.txt:evil.exe", "file::$DATA", "a::$INDEX_ALLOCATION/b", ":x", "x:", "a:b:c",
    # H04
    *DEVICES, *(f"{name.lower()}.txt" for name in DEVICES[:6]), "NUL .txt", "aux.tar.gz", "CON/x", "nul/nul", "com1:", "CON.",
    # H05
    "dot.", "dots...", "space ", "both. .", " lead", "evil.exe.", "evil.exe ", "a./b", "a /b", "a../b", " ", "  ", ". .", " .",
    # H06
    "nul\0byte", "new\nline", "re\rturn", "crlf\r\nx", "tab\tx", "esc\x1b[2J", "bell\x07", "del\x7f", "c1\x85x", "\n", "\0",
    "a\n/b", "ls\u2028x", "ps\u2029x", *HIDDEN,
    # H07
    *CLASHES, "Case/x", "case/x", "CASE/X", "caf\u00e9/x", "cafe\u0301/x", "README.TXT", "readme.txt", "Readme.txt",
    # H08
    "n" * 255, "n" * 256, "n" * 1000, "é" * 127, "é" * 128, "é" * 500, "日" * 300, "🎉" * 120, "e" * 400 + ".tar.gz",
    "e" * 401 + ".tar.gz", "l" * 250 + ".txt", "L" * 250 + ".TXT", "/".join(["d"] * 500), "/".join(["d" * 30] * 32),
    "p" * 236 + ".txt", "p" * 237 + ".txt", "e\u0301" * 330, "x" * 240, "x" * 241,
    # H09
    "f", "f/", "f/g", "f/g/", "f/g/h", "g//", "g//h", "g///h", "m/n/", "m/n/o", "k/", "k", "q/r", "q", "q/r/s", "//q", "w (2)",
    "W", "w", "w (2).txt", "W.txt", "w.txt", "LONGNA~1.TXT", "longname.text", "PROGRA~1/x",
)  # fmt: skip
FOLDER = "hostile/"
ALL = tuple(dict.fromkeys((*NAMES, *(key for key in KEYS.values() if len(key.encode()) + len(FOLDER) <= 1024))))
"""These and the shared ones, each once: all of them fit below the folder in a key of 1,024 bytes."""


def bodies() -> dict[str, bytes]:
    """The objects, each with a body of its own; nothing in some that stand for folders."""
    made = {FOLDER + key: f"<{at}> {key!r}".encode() for at, key in enumerate(ALL)}
    return made | {FOLDER + key: b"" for key in ("f/", "m/n/", "k/")}


def tree(folder: Path) -> set[tuple[Path, bytes]]:
    """All files below a folder with their bytes, links as links."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_symlink():
            found.add((path, str(path.readlink()).encode()))
        elif path.is_file():
            found.add((path, path.read_bytes()))
    return found


# ------------------------------------------------------------------------------------------------------------------- S61


@pytest.mark.scenario("S61", "200 hostile keys downloaded as a folder", seconds=120)
@pytest.mark.parametrize("whole", [True, False], ids=["folder", "objects"])
def test_hostile_keys_stay_in_their_folder(rig: FaultRig, tmp_path: Path, whole: bool) -> None:
    objects = bodies()
    assert len(objects) >= 200
    for key, body in objects.items():
        rig.server.store.add(BUCKET, key, body)
    outer = tmp_path / "outer"
    target = outer / "a" / "target"
    target.mkdir(parents=True)
    for precious in (outer / "x", outer / "b", outer / "a" / "x", outer / "a" / "b", target / "readme.txt", target / "w.txt"):
        precious.write_bytes(b"precious")
    before = tree(tmp_path / "outer")
    if whole:
        group = rig.download(target, folders=(FOLDER,), base=FOLDER, appeared=ConflictPolicy.KEEP_BOTH)
    else:
        group = rig.download(target, *objects, base=FOLDER, appeared=ConflictPolicy.KEEP_BOTH)
    ended = rig.ended(group)
    assert (ended.status.counts.done, ended.status.counts.total, ended.status.left_out) == (len(objects),) * 2 + (0,)
    after = tree(outer)
    assert before <= after, "something was overwritten"
    new = [(path, body) for path, body in after - before]
    assert all(path.is_relative_to(target) and path.resolve() == path for path, _body in new)
    assert Counter(body for _path, body in new) == Counter(body for key, body in objects.items() if not is_folder(key, body))
    markers = [key for key, body in objects.items() if is_folder(key, body)]
    assert len(markers) >= 3
    assert len(list(target.rglob("*"))) >= len(new) + len(markers)
    told = {job.job.ref.key: job.path for job in rig.jobs(group)}
    assert len(told) >= 100
    assert len(set(told.values())) == len(told), "two objects have one file"
    for key, path in told.items():
        assert path is not None
        assert path.is_dir() if key in markers else path.read_bytes() == objects[key]
    assert not [path for path, _body in new if path.stat().st_mode & 0o111]
    assert not [path for path in outer.rglob("*") if path.name.endswith(".part")]


def is_folder(key: str, body: bytes) -> bool:
    return key.endswith("/") and not body


@pytest.mark.scenario("S61", "200 hostile keys downloaded as a folder")
def test_hostile_keys_map_to_names_that_every_system_takes() -> None:
    """The rules of Windows and macOS, asked on every system: the mapping is the same on all of them."""
    names = LocalNames()
    paths = {key: names.file(key) for key in ALL}
    assert len({tuple(map(folded, path)) for path in paths.values()}) == len(ALL), "a disk without case has one for two"
    files = {tuple(map(folded, path)) for path in paths.values()}
    folders = {tuple(map(folded, path[:depth])) for path in paths.values() for depth in range(1, len(path))}
    assert not files & folders, "one name for a file and a folder"
    for key, path in paths.items():
        for flavour, base in ((posixpath, "/dl"), (ntpath, "D:\\dl"), (ntpath, "\\\\srv\\share\\dl")):
            joined = flavour.join(base, *path)
            assert flavour.normpath(joined) == joined
            assert flavour.relpath(joined, base).split(flavour.sep) == list(path)
        for name in path:
            assert 0 < len(name.encode()) <= MAX_NAME_BYTES
            assert not re.search(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*]|[. ]$', name)
            assert not PureWindowsPath(name).is_reserved()
            assert not any(
                unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Cs") for letter in name.replace("\u200d", "")
            )
        if not any(re.search(r"~[0-9a-f]{16}| \(\d+\)(\.|$)", name) for name in path):
            assert key_from_local(path) == key


# ------------------------------------------------------------------------------------------------------------------- S62


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with a file that no download may touch."""
    folder = tmp_path / "outside"
    (folder / "e" / "e").mkdir(parents=True)
    (folder / "0").write_bytes(b"precious")
    return folder


@pytest.mark.skipif(not BY_DESCRIPTOR, reason="links")
@pytest.mark.scenario("S62", "links planted in the folder of a download")
@pytest.mark.parametrize("appeared", [ConflictPolicy.OVERWRITE, ConflictPolicy.KEEP_BOTH, ConflictPolicy.SKIP])
def test_planted_links_lead_nowhere(rig: FaultRig, tmp_path: Path, outside: Path, appeared: ConflictPolicy) -> None:
    target = tmp_path / "target"
    (target / "d").mkdir(parents=True)
    for key in ("d/e/0", "d/f", "g/h/i", "j", "d/0"):
        rig.server.store.add(BUCKET, key, b"written")
    (target / "d" / "e").symlink_to(outside)  # a folder
    (target / "g").symlink_to("../outside")  # one that leads there relatively
    (target / "d" / "f").symlink_to(outside / "new")  # a file that is not there
    (target / "d" / "0").symlink_to(outside / "0")  # and one that is
    (target / "j").symlink_to(target / "j")  # a circle
    before = tree(outside)
    group = rig.download(target, folders=("d/", "g/"), base="", appeared=appeared)
    other = rig.download(target, "j", appeared=appeared)
    rig.ended(group)
    rig.ended(other)
    assert tree(outside) == before
    failed = {job.job.ref.key: job for job in rig.jobs(group) if job.state is TransferState.FAILED}
    assert failed.keys() == {"d/e/0", "g/h/i"}
    assert all("is a link" in str(dict(job.error.values)["message"]) for job in failed.values() if job.error)
    for job in (*rig.jobs(group), *rig.jobs(other)):
        if job.state is TransferState.DONE and not job.skipped:
            assert job.path is not None
            assert not job.path.is_symlink()
            assert job.path.read_bytes() == b"written"


class Flipper(threading.Thread):
    """Makes ``place`` a folder, a link, a folder, … until it is stopped.

    Two names change places at once, and neither is ever free.
    """

    def __init__(self, place: Path, other: Path) -> None:
        super().__init__(daemon=True)
        self._names = os.fsencode(place), os.fsencode(other)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.stopped = threading.Event()
        self.flips = 0

    def run(self) -> None:
        here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        while not self.stopped.is_set():
            if self._libc.renameat2(here, self._names[0], here, self._names[1], exchange):
                return
            self.flips += 1


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2")
@pytest.mark.scenario("S62", "links planted in the folder of a download", seconds=120)
@pytest.mark.parametrize("place", ["d", "d/e"])
def test_a_race_for_a_folder_leads_nowhere(rig: FaultRig, tmp_path: Path, outside: Path, place: str) -> None:
    target, away = tmp_path / "target", tmp_path / "away"
    away.symlink_to(outside)
    keys = [f"d/e/{number}" for number in range(30)]
    for key in keys:
        rig.server.store.add(BUCKET, key, b"written")
    (target / "d" / "e").mkdir(parents=True)
    before = tree(outside)
    flipper = Flipper(target / place, away)
    flipper.start()
    outcomes: Counter[TransferState] = Counter()
    try:
        while (
            flipper.flips < 1000
            or outcomes.total() < 300
            or not (outcomes[TransferState.DONE] and outcomes[TransferState.FAILED])
        ):
            group = rig.download(target, *keys, appeared=ConflictPolicy.OVERWRITE)
            rig.ended(group)
            outcomes.update(job.state for job in rig.jobs(group))
            assert tree(outside) == before
            assert flipper.is_alive()
    finally:
        flipper.stopped.set()
        flipper.join()
    assert tree(outside) == before
    assert outcomes.keys() <= {TransferState.DONE, TransferState.FAILED}


# ------------------------------------------------------------------------------------------------------------------- S64


def seems(size: int, kind: str, fill: bytes) -> Action:
    """An object of ``size`` bytes, all of them ``fill``, of which no more than the part that is asked for is ever made."""

    def act(exchange: Exchange) -> None:
        _ = exchange.body
        told = {"Content-Type": kind, "ETag": '"1"', "Last-Modified": "Mon, 23 Nov 2026 12:00:00 GMT"}
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", exchange.request.headers.get("range", ""))
        if exchange.request.method == "HEAD" or not found:
            exchange.send(Reply(200, length=size).with_headers(**told))
            return
        first, last = int(found[1]), int(found[2])
        body = (fill * ((last - first) // len(fill) + 1))[: last - first + 1]
        exchange.send(Reply(206, body).with_headers(**told, **{"Content-Range": f"bytes {first}-{last}/{size}"}))

    return act


def memory(kind: str) -> int:
    """Bytes of this process that are in memory: now (``VmRSS``) or at most so far (``VmHWM``)."""
    found = re.search(rf"{kind}:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    assert found
    return int(found[1]) << 10


class Gaps:
    """The longest time in which the window did nothing else than one thing."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._task = asyncio.get_running_loop().create_task(self._tick())

    async def _tick(self) -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            self.longest, before = max(self.longest, now - before), now

    def stop(self) -> float:
        self._task.cancel()
        return self.longest


async def connect(desk: Desk, server: FaultServer, name: str = "Lab") -> None:
    """Start the program, and open the bucket."""
    await desk.start()
    await desk.connect(name, server.endpoint, server.user.access_key, server.user.secret_key, bucket=BUCKET)
    await desk.complete()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.scenario("S64", "pictures and texts that blow up when they are shown", seconds=120)
async def test_what_blows_up_is_not_shown(desk: Desk, server: FaultServer) -> None:
    canary = socket.create_server(("127.0.0.1", 0))
    canary.setblocking(False)
    there = f"http://127.0.0.1:{canary.getsockname()[1]}/x"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{there}"/><image href="file:///etc/passwd"/></svg>'
    html = f'<html><img src="{there}"><iframe src="file:///etc/passwd"></iframe><script src="{there}"></script></html>'
    objects = {
        "bomb.png": png_bomb(60_000),
        "bomb.jpg": jpeg_bomb(),
        "drawing.svg": svg.encode(),
        "drawing.png": svg.encode(),
        "page.html": html.encode(),
        "paper.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</OpenAction 2 0 R>> endobj",
        "lines.txt": b"\n" * (200 << 10),
        "deep.json": b"[" * 100_000,
        "wide.json": b"[" + b"0," * 80_000 + b"0]",
        "small.png": png_bomb(64),
    }
    for key, body in objects.items():
        server.store.add(BUCKET, key, body, content_type="image/png" if key == "drawing.png" else "")
    server.store.add(BUCKET, "huge.txt", b"")
    server.fault(seems(4 << 30, "text/plain", b"0123456789abcde\n"), "GetObject", "HeadObject", key="huge.txt")
    await connect(desk, server)
    await desk.select("small.png")
    await desk.keys("Space")
    pane = desk.window.work.inspector._preview
    await desk.until(lambda: pane.currentWidget() is pane.picture, "a good picture shows")
    decoder = desk.window.work.inspector._pictures
    before, gaps = memory("VmRSS"), Gaps()
    for key, shown in {
        "bomb.png": "damaged or too large",
        "bomb.jpg": "damaged or too large",
        "drawing.png": "damaged or too large",
        "drawing.svg": svg,
        "page.html": html,
        "paper.pdf": "not text and no picture",
        "lines.txt": f"The first {LINES:,} lines.",
        "deep.json": "[[[[[[",
        "wide.json": f"The first {LINES:,} lines.",
        "huge.txt": "The first 262 KB of 4.29 GB.",
        "small.png": "",
    }.items():
        await desk.select(key)
        if shown:
            await desk.until(lambda: shown in said(desk, pane), f"{key} is previewed, not {said(desk, pane)[:200]}")  # noqa: B023
    await desk.until(lambda: pane.currentWidget() is pane.picture, "a good picture shows after all these")
    assert gaps.stop() < 5.0, "the window stood still"
    assert memory("VmRSS") - before < 64 << 20
    assert pictures._PATIENCE <= 1.0  # seconds: and what takes longer was ended
    assert decoder.process not in (0, os.getpid())
    with pytest.raises(BlockingIOError):
        canary.accept()
    canary.close()
    asked = [one for one in server.log if one.operation == "GetObject" and one.key == "huge.txt"]
    assert sum(one.sent for one in asked) < 1 << 20
    await desk.stop()
    assert not decoder.process


def said(desk: Desk, where: QWidget) -> str:
    """All visible texts of a part of the window, the labels after the boxes."""
    boxes = [one.toPlainText() for one in where.findChildren(QPlainTextEdit) if one.isVisible()]
    return "\n".join((*boxes, *desk.words(where)))


@pytest.mark.scenario("S64", "pictures and texts that blow up when they are shown")
@pytest.mark.parametrize("size", [21 << 20, 5 << 30])
async def test_a_picture_that_is_too_large_is_not_fetched(desk: Desk, server: FaultServer, size: int) -> None:
    server.store.add(BUCKET, "large.png", b"")
    server.fault(seems(size, "image/png", b"\x89PNG"), "GetObject", "HeadObject")
    await connect(desk, server)
    await desk.select("large.png")
    await desk.keys("Space")
    pane = desk.window.work.inspector._preview
    await desk.until(lambda: "up to 21.0 MB can be shown" in said(desk, pane), f"it says why, not {said(desk, pane)}")
    assert len([one for one in server.log if one.operation == "GetObject"]) == 1
    await desk.stop()


# ------------------------------------------------------------------------------------------------------------------- S65


HELD_BACK = {
    "a.desktop": (b"[Desktop Entry]\nType=Application\nExec=sh -c id\n", ".desktop"),
    "b.url": (b"[InternetShortcut]\r\nURL=file://server/share/x.exe\r\n", ".url"),
    "x.\u202egpj.exe": (b"MZ\x90\0", ".exe"),
    "holiday.jpg.EXE": (b"MZ\x90\0", ".exe"),
    "evil.exe.": (b"MZ\x90\0", ".exe%2e"),  # as it is saved
    "script": (b"#!/bin/sh\nid\n", ""),
    "photo.jpg": (b"[Desktop Entry]\nExec=id\n", ".jpg"),
}


@pytest.mark.scenario("S65", "programs and shortcuts that are downloaded and opened", seconds=120)
async def test_a_program_opens_only_after_a_question(desk: Desk, server: FaultServer, tmp_path: Path, opener: Opener) -> None:
    target = tmp_path / "target"
    target.mkdir()
    for key, (body, _ending) in HELD_BACK.items():
        server.store.add(BUCKET, key, body, **{"x-amz-meta-mode": "0100755", "x-amz-meta-file-permissions": "rwxr-xr-x"})
    server.store.add(BUCKET, "plain.txt", b"text")
    await connect(desk, server)
    before = {path: path.lstat().st_mode for path in target.iterdir()}
    assert not before
    for row, (key, ending) in enumerate([("plain.txt", None), *((key, ending) for key, (_body, ending) in HELD_BACK.items())]):
        await download(desk, key, target, first=row == 0)
        (path,) = set(target.iterdir()) - set(before)
        before[path] = path.lstat().st_mode
        assert not before[path] & 0o111, "it may be executed"
        await open_latest(desk)
        if ending is not None:
            dialog = await desk.dialog("Open a program or shortcut")
            words = said(desk, dialog)
            assert f"This file really ends in {ending}. Open it?" in words if ending else "has no extension" in words
            assert path.name in words
            assert "\u202e" not in words
            await desk.keys("Return")  # the default is no
            await desk.gone(dialog)
            assert opener.opened == []
            await open_latest(desk, by_mouse=False)
            await desk.answer("Open a program or shortcut", "accept")
        await desk.until(lambda: opener.opened, f"{key} opens")
        assert [QUrl(url).toLocalFile() for url in opener.opened] == [str(path)]
        assert all(url.scheme() == "file" and not url.host() for url in opener.opened)
        opener.opened.clear()
        assert path.lstat().st_mode == before[path], "opening it changed its mode"
    path.unlink()
    path.symlink_to("/etc/passwd")
    await open_latest(desk)
    await desk.notice("is not there any more")
    assert opener.opened == []
    await desk.stop()


async def download(desk: Desk, key: str, target: Path, *, first: bool) -> None:
    """Download one object into a folder, and see it end."""
    table = desk.window.work.objects.table
    (name,) = (table.index(at, 0).data() for at, row in enumerate(table.order) if table.rows.key(row) == key)
    await desk.select(name)
    await desk.menu("object.download")
    await desk.choose_path(target)
    await desk.notice("1 object downloaded")
    if first:
        await desk.act(lambda: desk.window.work.panel.set_open(True))


async def open_latest(desk: Desk, *, by_mouse: bool = True) -> None:
    """Choose *Open* in the menu of the newest transfer, with the mouse or with keys."""
    panel: TransfersTree = desk.window.work.panel.tree
    point = panel.visualRect(panel.model().index(0, 0)).center()
    await desk.click(panel.viewport(), point)
    if by_mouse:
        menu = await desk.context_menu(panel, point)
        await desk.trigger_action(next(one for one in menu.actions() if one.text() == "Open"), menu)
        return
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), panel.mapToGlobal(QPoint()))  # the menu key
    await desk.act(lambda: desk.qt.sendEvent(panel.viewport(), event))
    await desk.until(lambda: isinstance(desk.qt.activePopupWidget(), QMenu), "the menu is open")
    await desk.keys("Down", "Return")
