"""Pictures of every window and state: ``python tests/screenshots.py OUTDIR [--only WORD] [--variant WORD]``.

Drives the real window on a store in memory, in light and dark, English and French, large and small. Needs no display: without
one, Qt's offscreen platform is used. ``OUTDIR/main.png`` is the picture of the README.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the checkout, of which this folder is a part

from fakes.engine import FakeEngine, changed, ended, status
from fakes.engine import job as job_in
from fakes.memory_store import MemoryStore, MemoryStoreFactory, failure
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolButton, QWidget

from cloudtemple_browser.app.accounts import Accounts, Stores
from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.commands.base import Place
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.measures import Progress, Scope
from cloudtemple_browser.app.opening import Opening
from cloudtemple_browser.app.shell import DownloadQuestion, Notice, Refusal, UploadQuestion
from cloudtemple_browser.app.transfer_list import SpeedMeter, TransferList
from cloudtemple_browser.demo.pictures import DAWN, png
from cloudtemple_browser.model.addresses import Location, ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.probe import Stage
from cloudtemple_browser.model.query import Match, Query
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.text import Span, Text, Value, translate
from cloudtemple_browser.model.transfers import ConflictPolicy, Direction, GroupContent, TransferState
from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.model.versions import ObjectVersion
from cloudtemple_browser.persistence.session_folder import SessionFolder
from cloudtemple_browser.transfers.conflicts import Conflict, Rule
from cloudtemple_browser.transfers.events import GroupChanged
from cloudtemple_browser.ui.dialogs import confirm, simple
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.dialogs.conflicts import ConflictsPart, DownloadDialog, UploadDialog
from cloudtemple_browser.ui.dialogs.connection import ConnectionDialog
from cloudtemple_browser.ui.dialogs.details import DetailsDialog
from cloudtemple_browser.ui.dialogs.limits import RateDialog
from cloudtemple_browser.ui.dialogs.report import ReportDialog
from cloudtemple_browser.ui.dialogs.settings import AboutDialog, SettingsDialog, ShortcutsDialog
from cloudtemple_browser.ui.dialogs.storage import StorageWindow
from cloudtemple_browser.ui.dialogs.why import Examine, WhyDialog
from cloudtemple_browser.ui.event_loop import run
from cloudtemple_browser.ui.models.storage import Facet
from cloudtemple_browser.ui.program import Program
from cloudtemple_browser.ui.start import make_qt_application
from cloudtemple_browser.ui.views.inspector import Inspector

if TYPE_CHECKING:
    from cloudtemple_browser.transfers.engine import Engine

LARGE, SMALL = (1280, 800), (700, 500)
_PATIENCE = 20.0  # seconds for any condition
_MB = 10**6
_DAY = 86400
_LONG = "a-bucket-whose-name-is-as-long-as-the-rules-of-s3-allow-it"
_BUCKETS = ("backups", "media", "release-artifacts", "website-public", _LONG)


class ShownStore(MemoryStore):
    """A store whose objects look larger than they are, and whose listing may break off after a page (``breaking``)."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint=endpoint)
        self.sizes: dict[str, int] = {}
        self.breaking: BrowserError | None = None

    def list_pages(self, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        for page in super().list_pages(bucket, prefix, delimiter, control):
            sizes = (self.sizes.get(key, size) for key, size in zip(page.keys, page.sizes, strict=True))
            yield replace(page, sizes=tuple(sizes))
            if self.breaking:
                raise self.breaking


class Factory(MemoryStoreFactory):
    """Opens one ``ShownStore`` per endpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[str, ShownStore] = {}

    def store(self, connection: Connection) -> ShownStore:
        return self.shown.setdefault(connection.endpoint, ShownStore(connection.endpoint))


class Books:
    """Connections, settings and secrets in memory: the three ports of what survives a restart."""

    def __init__(self, connections: tuple[Connection, ...], settings: Settings) -> None:
        self.connections, self.settings = connections, settings

    def load(self) -> tuple[Connection, ...]:
        return self.connections

    def save(self, connections: Sequence[Connection]) -> None:
        self.connections = tuple(connections)


class SettingsInMemory:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def load(self) -> Settings:
        return self._settings

    def save(self, settings: Settings) -> None:
        self._settings = settings


class VaultInMemory:
    def status(self) -> VaultStatus:
        return VaultStatus(VaultState.READY, "GNOME Keyring / Secret Service")

    def save(self, connection_id: str, secret: SecretText) -> None:
        """Every connection has a secret already."""

    def read(self, connection_id: str) -> SecretText | None:
        return SecretText(f"secret-of-{connection_id}")

    def delete(self, connection_id: str) -> None:
        """Nothing is kept."""


PRODUCTION = Connection("Production", "https://acme.s3.fr1.cloud-temple.com", "AKPROD", id="production")
ARCHIVE = Connection("Archive", "https://archive.s3.fr1.cloud-temple.com", "AKARCH", colour=1, id="archive")
LAB = replace(
    ARCHIVE, name="Laboratory of the third floor", endpoint="http://lab.example.com:9000", colour=5, allow_http=True, id="lab"
)


def versions_until(now: int) -> tuple[ObjectVersion, ...]:
    """The life of a contract, with a day on which it was deleted."""
    made = [(0, 2_410_332), (1, 2_409_871), (9, 0), (12, 1_871_010), (40, 998_244), (400, 120_400)]
    ids = (
        "GmG5xR4Z0vJQk2h1.3sL4kqtJlcpXroDT",
        "s3Xn8tQe7UdkPz0w",
        "0bQv9Lr2TfYcHj6m",
        "Zk1uWc8EoNq5aRs7",
        "Vd4yPi3JmBg0xTl9",
        "null",
    )
    return tuple(
        ObjectVersion(version_id, at == 0, size == 0, size, now - days * _DAY)
        for at, (version_id, (days, size)) in enumerate(zip(ids, made, strict=True))
    )


def fill(factory: Factory) -> None:
    """Give the stores content that looks like a working day."""
    now = int(time.time())
    store = factory.store(PRODUCTION)
    for bucket in _BUCKETS:
        store.add_bucket(bucket)
    report = {"id": 12345, "host": "db-01", "finished": "2026-11-21", "bytes": 19541024768, "tables": ["users"]}
    for at, (name, size) in enumerate(_MONTH.items()):
        body = json.dumps(report).encode() if name.endswith(".json") else name.encode()
        store.add("backups", f"2026/nov/{name}", body, content_type=_type(name), modified=now - 3000 - at * at * 7300)
        store.sizes[f"2026/nov/{name}"] = size
    store.add("backups", "2026/nov/skyline.png", png(960, 600, DAWN), content_type="image/png", modified=now - 90_000)
    store.add("backups", "2026/nov/README.txt", _README.encode(), content_type="text/plain", modified=now - 6 * _DAY)
    for folder in ("daily", "hourly", "weekly"):
        store.add("backups", f"2026/nov/{folder}/x", b"x")
    for name in _HARD:
        store.add("media", name, b"x" * len(name), modified=now - 5 * _DAY)
    for number in range(2400):
        store.add("release-artifacts", f"build-{number:05}.tar.gz", b"", modified=now - number * 4000)
        store.sizes[f"build-{number:05}.tar.gz"] = (number * 7919) % (90 * _MB) + _MB
    factory.store(ARCHIVE).always = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "archive")
    factory.store(LAB).always = failure(ErrorKind.REFUSED, subject="lab.example.com:9000")


_MONTH = {
    "report.json": 12_437,
    "vm-image.qcow2": 18_214_883_328,
    "vm-image.qcow2.sha256": 82,
    "postgres-2026-11-21.dump.zst": 4_613_224_448,
    "postgres-2026-11-20.dump.zst": 4_590_113_792,
    "mail-spool.tar.gz": 912_554_001,
    "inventory.csv": 1_204_551,
    "restore.py": 8_812,
    "site-walkthrough.mp4": 385_204_992,
    "licences-and-contracts-of-all-suppliers-signed-copy-final-2026-11-03-revision-b.pdf": 6_551_204,
    "console.log": 51_884_032,
    "empty.txt": 0,
}
_HARD = (
    "<b>bold</b><img src=x onerror=alert(1)>.html",
    "invoice\u202egpj.exe",
    "two\nlines and a tab\there.txt",
    "\x1b[31mred\x1b[0m.txt",
    "zero\u200bwidth.txt",
    "عربي-تقرير-سنوي.pdf",
    "日本語の報告書.docx",
    "🎉🇫🇷👩\u200d🚀.txt",
    "Ampersand & Sons && Co.txt",
    "a" * 180 + "-the-end-stays-visible.tar.gz",
    "100%.txt",
    "CON",
    " leading and trailing ",
    "deep/er/still.txt",
)
_README = (
    "Backups of November 2026\n\nOne dump a day, one image a week.\nRestore with restore.py --from s3://backups/2026/nov/\n"
)


def _type(name: str) -> str:
    return {"json": "application/json", "csv": "text/csv"}.get(name.rpartition(".")[2], "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to look at everything."""

    theme: str
    language: str
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.theme}-{self.language}-{self.size[0]}x{self.size[1]}"


VARIANTS = tuple(Variant(*parts) for parts in itertools.product(("light", "dark"), ("en", "fr"), (LARGE, SMALL)))


class Studio:
    """The program with everything in memory, and a camera."""

    def __init__(self, qt: QApplication, variant: Variant, folder: Path, *, connections: bool = True) -> None:
        self.qt, self.variant, self._folder = qt, variant, folder
        self.factory = Factory()
        fill(self.factory)
        vault = VaultInMemory()
        known = (PRODUCTION, ARCHIVE, LAB) if connections else ()
        settings = Settings(language=variant.language, theme=variant.theme)
        background = Background(self._broken)
        stores = Stores(self.factory, vault)
        accounts = Accounts(background, Books(known, settings), vault, self.factory, stores)
        self.transfers = TransferList()
        self.engine = FakeEngine()
        engine = cast("Engine", self.engine)
        self.app = Application(
            background, accounts, engine, SettingsInMemory(settings), Path("/home/me/.local/state/log"), SessionFolder()
        )
        self.engine.listener = self.app.transfers_happened
        self.app.transfer_events.add(self.transfers.handle)
        self.app.load_settings()
        self.app.offer_demo(lambda: None)
        self.program = Program(qt, self.app, self.transfers)
        self.window = self.program.show()
        self.window.resize(*variant.size)

    def _broken(self, error: BaseException) -> None:
        raise error

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a condition, letting the window live."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.variant}: {what}")
            await asyncio.sleep(0.005)

    async def settled(self) -> None:
        """Let layouts, palettes and posted events take effect: the loop is Qt's, and each turn handles what waits."""
        for _turn in range(6):
            await asyncio.sleep(0)

    async def shot(self, name: str, widget: QWidget | None = None) -> None:
        """Take a picture of the window, or of a dialog or menu."""
        await self.settled()
        target = self._folder / str(self.variant) / f"{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (widget or self.window).grab().save(str(target)):
            raise OSError(f"{target} could not be written")

    async def go(self, connection: Connection, bucket: str = "", prefix: str = "", *, phase: Phase = Phase.COMPLETE) -> None:
        """Open a location and wait for its rows to be listed and sorted."""
        self.app.open(Location(connection.id, bucket, prefix))
        await self.until(lambda: self.app.listing.status.phase is phase, f"{bucket}/{prefix} {phase}")
        await self.sorted()

    async def sorted(self) -> None:
        """Wait until the rows are in their order."""
        await self.until(lambda: not self.window.work.objects.sorter.busy, "sorted")

    async def select(self, *keys: str) -> None:
        """Select objects by key."""
        self.window.work.objects.select_keys(keys)
        rows, inspector = self.app.listing.rows, self.window.work.inspector
        wanted = set(keys)
        await self.until(
            lambda: {rows.key(row) for row in self.window.work.objects.selected_rows()} == wanted, f"selected {keys}"
        )
        await self.until(lambda: self.app.state.selection.rows == len(keys), f"counted {keys}")
        shown = keys[0] if len(keys) == 1 else None
        await self.until(lambda: (inspector._ref.key if inspector._ref else None) == shown, f"inspected {keys}")

    async def tab(self, index: int, ready: Callable[[], object]) -> None:
        """Show a tab of the inspector and wait until it is loaded."""
        self.window.work.inspector.show_tab(index)
        await self.until(ready, f"inspector {index}")

    async def dialog(self, name: str, dialog: Dialog[Any], ready: Callable[[], object] = lambda: True) -> None:
        """Picture a dialog and close it."""
        dialog.open()
        await self.until(lambda: dialog.isVisible() and ready(), name)
        await self.shot(f"dialog-{name}", dialog)
        dialog.reject()
        dialog.deleteLater()

    async def close(self) -> None:
        """End this program."""
        self.window.closed.disconnect()
        self.window.close()
        self.window.work.release()
        self.app.close()
        self.window.deleteLater()
        await self.settled()


# ---------------------------------------------------------------------------------------------------------------- scenes


async def first_run(studio: Studio) -> None:
    """The welcome page."""
    await studio.shot("welcome")


async def states(studio: Studio) -> None:
    """What stands in the list's place."""
    app, window = studio.app, studio.window
    await app.accounts.load()
    await studio.shot("nothing-open")
    await studio.go(PRODUCTION)
    await studio.shot("buckets")
    await studio.go(PRODUCTION, "website-public")
    await studio.shot("empty")
    await studio.go(PRODUCTION, "backups", "2026/nov/")
    window.work.filter.setText("nowhere")
    await studio.until(lambda: window.work.states.place and window.work.states.place.name == "no-match", "no match")
    await studio.shot("no-match")
    window.work.filter.clear()
    await studio.until(lambda: window.work.states.place is None, "filter cleared")
    store = studio.factory.store(PRODUCTION)
    store.forbidden["website-public"] = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "website-public")
    await studio.go(PRODUCTION, "website-public", phase=Phase.FAILED)
    await studio.shot("denied")
    store.forbidden["website-public"] = failure(ErrorKind.WRONG_SECRET, "SignatureDoesNotMatch", 403, "website-public")
    await studio.go(PRODUCTION, "website-public", phase=Phase.FAILED)
    await studio.shot("failed")
    del store.forbidden["website-public"]
    await studio.go(ARCHIVE, phase=Phase.FAILED)
    await studio.shot("denied-buckets")
    await studio.go(LAB, phase=Phase.FAILED)
    await studio.shot("offline")
    hold = store.hold("list_pages")
    app.open(Location(PRODUCTION.id, "release-artifacts"))
    await studio.until(window.work.states._skeleton.isVisible, "skeleton")
    await studio.shot("loading")
    hold.release()
    await studio.until(lambda: app.listing.status.phase is Phase.COMPLETE, "released")
    store.breaking = failure(ErrorKind.TIMEOUT, subject="release-artifacts")
    await studio.go(PRODUCTION, "release-artifacts", phase=Phase.PARTIAL)
    await studio.shot("partial")
    window.work._insecure.follow(replace(PRODUCTION, endpoint="http://10.1.2.3:9000", allow_http=True))
    await studio.shot("insecure")


async def lists(studio: Studio) -> None:
    """Rows."""
    app, window = studio.app, studio.window
    await app.accounts.load()
    await studio.go(PRODUCTION, "backups", "2026/nov/")
    where = app.state.location
    assert where is not None
    app.public_known(where, {"2026/nov/report.json": True, "2026/nov/console.log": True, "2026/nov/inventory.csv": False})
    await studio.shot("folder")
    await studio.select("2026/nov/report.json", "2026/nov/vm-image.qcow2", "2026/nov/console.log")
    await studio.shot("selection")
    for place, name in ((Place.CONTEXT_OBJECTS, "context-objects"), (Place.CONTEXT_EMPTY, "context-empty")):
        menu = window.work.actions_.fill(QMenu(window), place)
        await show_menu(studio, menu, name)
    for at, button in enumerate(window.findChildren(QToolButton)):
        if button.objectName() in ("upload-button", "share-button"):
            await show_menu(studio, button.menu(), f"menu-{button.objectName()}-{at}")
    await studio.go(PRODUCTION, "media")
    await studio.shot("hard-names")
    window.work.objects.set_compact(True)
    await studio.shot("compact")
    window.work.objects.set_compact(False)
    window.work.location.edit()
    await studio.shot("location-field")
    window.work.location.refuse()
    await studio.shot("location-refused")
    window.work.location.show_crumbs()
    window.work.filter.setFocus()
    await studio.shot("focus-filter")
    window.work.sidebar.setFocus(Qt.FocusReason.TabFocusReason)
    await studio.shot("focus-sidebar")


async def show_menu(studio: Studio, menu: QMenu, name: str) -> None:
    """Picture a menu."""
    menu.popup(studio.window.mapToGlobal(QPoint(40, 40)))
    await studio.until(menu.isVisible, name)
    await studio.shot(name, menu)
    menu.close()


async def inspector(studio: Studio) -> None:
    """The panel beside the list."""
    app, window = studio.app, studio.window
    await app.accounts.load()
    await studio.go(PRODUCTION, "backups", "2026/nov/")
    window.work.inspector.show()
    await studio.shot("inspector-nothing")
    shown = {"json": "report.json", "text": "README.txt", "picture": "skyline.png", "binary": "vm-image.qcow2"}
    for name, key in shown.items():
        ref = ObjectRef("backups", f"2026/nov/{key}")
        await studio.select(ref.key)
        await studio.tab(0, partial(shows, window.work.inspector, ref))
        await studio.shot(f"inspector-{name}")
    contract = "2026/nov/licences-and-contracts-of-all-suppliers-signed-copy-final-2026-11-03-revision-b.pdf"
    studio.factory.store(PRODUCTION).versions[ObjectRef("backups", contract)] = versions_until(int(time.time()) - 3000)
    await studio.select(contract)
    await studio.tab(1, lambda: rows(window.work.inspector._facts))
    await studio.shot("inspector-details")
    await studio.tab(2, lambda: rows(window.work.inspector._access))
    await studio.shot("inspector-access")
    await studio.tab(3, window.work.inspector._versions.table.isVisible)
    await studio.shot("inspector-versions")
    studio.factory.store(PRODUCTION).fail_next("read_acl", failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "report.json"))
    await studio.select("2026/nov/console.log")
    await studio.tab(2, lambda: rows(window.work.inspector._access))
    await studio.shot("inspector-failed")
    await studio.select("2026/nov/report.json", "2026/nov/console.log")
    await studio.shot("inspector-many")


def shows(panel: Inspector, ref: ObjectRef) -> bool:
    """Whether the inspector shows the contents of an object."""
    return panel._preview.loaded == ref


def rows(widget: QWidget) -> bool:
    """Whether a page of the inspector shows something."""
    return any(label.isVisible() and label.text() for label in widget.findChildren(QLabel))


async def transfers(studio: Studio) -> None:
    """The panel below the list."""
    app, window = studio.app, studio.window
    await app.accounts.load()
    await studio.go(PRODUCTION, "backups", "2026/nov/")
    tree = window.work.panel.tree
    window.work.panel.set_open(True)
    await studio.shot("transfers-none")
    window.work.panel.set_open(False)
    stage_transfers(studio)
    await studio.shot("transfers-folded")
    window.work.panel.set_open(True)
    await studio.shot("transfers")
    window.work.panel.limits.menu().popup(window.work.panel.limits.mapToGlobal(QPoint(0, 20)))
    await studio.shot("transfers-limits", window.work.panel.limits.menu())
    window.work.panel.limits.menu().close()
    stage_open_group(studio)
    tree.expand(tree.model().index(1, 0))
    await studio.until(lambda: tree.model().rowCount(tree.model().index(1, 0)), "the group is open")
    tree.setCurrentIndex(tree.model().index(0, 0, tree.model().index(1, 0)))
    window.work._down.setSizes([300, 400])
    await studio.shot("transfers-open")
    tree.collapse(tree.model().index(1, 0))
    stage_offline(studio)
    await studio.shot("transfers-offline")
    with app.activities.start(translate("app", "Deleting {n} objects")(n=1204), 1204) as activity:
        activity.reach(812, 1204)
        await studio.shot("transfers-activity")
        window.work.panel.set_open(False)
        await studio.shot("transfers-activity-folded")
    window.work.notices.show_notice(Notice(translate("app", "{name} is stored")(name="report.json")))
    await studio.shot("notice-success")
    error = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "2026/nov/console.log")
    window.work.notices.show_notice(Notice(translate("app", "{name} failed")(name="console.log"), (("console.log", error),)))
    await studio.shot("notice-failure")


def stage_transfers(studio: Studio, waiting: str = "a-very-long-name-" * 8) -> None:
    """Groups in every state, told as the engine tells them."""
    down, delete = Direction.DOWNLOAD, Direction.DELETE
    here: dict[str, Any] = {"place": "2026/nov/"}
    home = {"place": "/home/me/Downloads"}
    denied = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "2026/nov/console.log")
    few = status(4, names=("console.log",), failed=1, bytes_total=51_884_032, **here)
    studio.engine.tell(
        changed(1, down, names=("inventory.csv",), done=1, bytes_done=1_204_551, bytes_total=1_204_551, unproven=1, **home),
        changed(2, delete, names=("daily", "old.txt"), chosen=12, done=1203, failed=1, **here),
        changed(3, down, names=("2026/oct/",), cancelled=3, done=9, bytes_done=812_000_000, bytes_total=912_554_001, **home),
        ended(few, ("2026/nov/console.log", denied)),
        changed(
            5, names=("photos",), scanning=True, queued=9_600, done=4, bytes_done=6 * _MB, bytes_total=18_000 * _MB, **here
        ),
        changed(6, names=(f"{waiting}.tar.gz",), paused=1, held=True, bytes_done=40 * _MB, bytes_total=912_554_001, **here),
        changed(7, down, names=("2026/nov/site-walkthrough.mp4",), running=1, bytes_total=385_204_992, **home),
        changed(8, names=("home", "etc"), chosen=2, running=4, queued=99_600, done=392, failed=4, skipped=3, **here),
        changed(9, names=("vm-image.qcow2",), running=1, bytes_total=18_214_883_328, **here),
    )
    running = {9: (11_240 * _MB, 41 * _MB), 8: (1_830 * _MB, 22 * _MB), 7: (246 * _MB, 9 * _MB)}
    for number, (done, speed) in running.items():
        group = studio.transfers.get(number)
        assert group is not None
        total = group.status.bytes_total or 64_000 * _MB
        told = replace(group.status, bytes_done=done, bytes_total=total, bytes_moved=done)
        studio.engine.tell(GroupChanged(told))
        group.meter = steady(done, speed)
    studio.window.work.panel._tick()


def stage_open_group(studio: Studio) -> None:
    """What is in the group of many files."""
    denied = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "2026/nov/home/x")
    lost = failure(ErrorKind.CONNECTION_LOST, "", 0, "acme.s3.fr1.cloud-temple.com")
    sized: dict[str, Any] = {"group": 8, "size": 40 * _MB}

    def key(number: int) -> str:
        return f"2026/nov/home/user-{number % 3}/picture-{number:05}.raw"

    studio.engine.contents[8] = GroupContent(
        8,
        (
            *(job_in(n, TransferState.FAILED, key=key(n), error=denied, **sized) for n in range(1, 4)),
            job_in(4, TransferState.RUNNING, key=key(4), done_bytes=11 * _MB, error=lost, again=True, **sized),
            *(job_in(n, TransferState.RUNNING, key=key(n), done_bytes=n * 4 * _MB, **sized) for n in range(5, 8)),
            job_in(8, TransferState.PAUSED, key=key(8), done_bytes=9 * _MB, **sized),
            *(job_in(n, TransferState.QUEUED, key=key(n), **sized) for n in range(9, 12)),
            *(job_in(n, TransferState.DONE, key=key(n), verified=True, done_bytes=40 * _MB, **sized) for n in range(12, 15)),
        ),
        {TransferState.QUEUED: 99_597, TransferState.DONE: 389},
        (("/home/me/home/socket", failure(ErrorKind.LOCAL_DENIED)),),
    )


def stage_offline(studio: Studio) -> None:
    """The network is gone."""
    gone = failure(ErrorKind.DNS, subject="acme.s3.fr1.cloud-temple.com")
    moving = [group for group in studio.transfers.groups if group.moving]
    studio.engine.tell(*(GroupChanged(replace(group.status, waiting=gone)) for group in moving))


def steady(done: int, per_second: int) -> SpeedMeter:
    """A meter that saw the same speed for some seconds, by a clock that stands still since."""
    now = [0.0]
    meter = SpeedMeter(lambda: now[0])
    meter.note(done - 4 * per_second)
    now[0] = 4.0
    meter.note(done)
    return meter


async def dialogs(studio: Studio) -> None:
    """Every question."""
    app, window = studio.app, studio.window
    await app.accounts.load()
    await studio.go(PRODUCTION, "backups", "2026/nov/")
    await connection_dialogs(studio)
    keys = tuple(f"2026/nov/{name}" for name in _MONTH)
    here = Location(PRODUCTION.id, "backups", "2026/nov/")
    paths = tuple(Path("/home/me") / name for name in _MONTH)
    denied = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "backups/2026/nov/console.log", "Access Denied")
    failures = tuple((key, denied) for key in keys[:4])
    await conflict_dialogs(studio, paths, here)
    daily = tuple(f"2026/nov/daily/{n:04}.dump" for n in range(1204))
    plan = DeletePlan("backups", daily, 18_204_551_204, ("2026/nov/daily/",))
    await studio.dialog("delete", confirm.DeleteDialog(window, plan))
    await studio.dialog("delete-one", confirm.DeleteDialog(window, DeletePlan("backups", keys[:1], 12_437)))
    delete_bucket = confirm.DeleteBucketDialog(window, "website-public")
    await studio.dialog("delete-bucket", delete_bucket)
    ready = confirm.DeleteBucketDialog(window, "website-public")
    ready.field.setText("website-public")
    await studio.dialog("delete-bucket-typed", ready)
    await studio.dialog("delete-connection", confirm.ForgetConnectionDialog(window, LAB))
    await studio.dialog("public", confirm.PublicDialog(window, keys[:2], public=True))
    await studio.dialog("private", confirm.PublicDialog(window, keys[:2], public=False))
    await studio.dialog("replace", confirm.ReplaceDialog(window, "report.json"))
    await naming_dialogs(studio)
    settings = SettingsDialog(window, app)
    await studio.dialog("settings", settings, settings._keyring.text)
    moved = SettingsDialog(window, app)
    moved.tabs.setCurrentIndex(1)
    await studio.dialog("settings-transfers", moved, moved._keyring.text)
    await studio.dialog("limit", RateDialog(window, translate("limits", "Upload speed"), 2_000_000))
    await studio.dialog("shortcuts", ShortcutsDialog(window))
    await studio.dialog("about", AboutDialog(window, app))
    told = Notice(translate("app", "{name} failed")(name="console.log"), failures)
    await studio.dialog("details", DetailsDialog(window, told, lambda: None))
    await why_dialogs(studio)
    try:
        raise ValueError("an example of an unforeseen failure")
    except ValueError as error:
        await studio.dialog("report", ReportDialog(window, error, "/home/me/.local/state/cloudtemple-browser"))
    await studio.dialog("quit", confirm.QuitDialog(window, 3))


async def naming_dialogs(studio: Studio) -> None:
    """What is made, and what is handed out."""
    window = studio.window
    await studio.dialog("presign", simple.PresignDialog(window, 3))
    made = simple.NewObjectDialog(window, '{"name": "value",\n "broken": }', "2026/nov/")
    made.name.setText("data.json")
    made.kind.setCurrentText("application/json")
    await studio.dialog("new-object-json-error", made)
    await studio.dialog("new-object", simple.NewObjectDialog(window, "", "2026/nov/"))
    await studio.dialog("new-folder", simple.NameDialog(window, "folder", "2026/nov/"))
    bucket = simple.NameDialog(window, "bucket")
    bucket.field.setText("Not_A_Bucket")
    await studio.dialog("new-bucket-problem", bucket)
    await studio.dialog("add-bucket", simple.NameDialog(window, "add-bucket"))
    downloads = Path("/home/me/Downloads")
    await studio.dialog("open", confirm.OpenDialog(window, Opening(downloads / "invoice\u202egpj.exe", ".exe", runs=True)))
    await studio.dialog("open-without-extension", confirm.OpenDialog(window, Opening(downloads / "install", "", runs=True)))


async def why_dialogs(studio: Studio) -> None:
    """Why something was refused: while it is looked into, and when it is known."""
    app, window = studio.app, studio.window
    denied = failure(ErrorKind.ACCESS_DENIED, "AccessDenied", 403, "s3://backups/2026/nov/console.log", "Access Denied")
    refused = BrowserError(ErrorKind.ACCESS_DENIED, replace(denied.facts, operation="GetObject"))
    refusal = Refusal(PRODUCTION, Question(Right.READ, "backups", "2026/nov/console.log", error=refused))
    here, there = "2026-11-23 10:00:02 UTC", "2026-11-23 10:00:00 UTC"
    evidence: list[tuple[Check, Outcome, tuple[Text, ...], BrowserError | None]] = [
        (Check.NAME, Outcome.GOOD, (_why("{host} is {addresses}.", host=PRODUCTION.host, addresses="203.0.113.7"),), None),
        (
            Check.PORT,
            Outcome.GOOD,
            (
                _why(
                    "{place} answers within {ms} ms. This computer’s address is {mine}.",
                    place="203.0.113.7:443",
                    ms=12,
                    mine="192.168.1.20",
                ),
            ),
            None,
        ),
        (
            Check.TLS,
            Outcome.GOOD,
            (
                _why(
                    "{version}, certificate {subject}, signed by {issuer}, until {until}.",
                    version="TLSv1.3",
                    subject="CN=*.s3.fr1.cloud-temple.com",
                    issuer="CN=GlobalSign RSA OV SSL CA 2018, O=GlobalSign nv-sa",
                    until="2027-03-02 09:11:40 UTC",
                ),
                _why("Fingerprint (SHA-256): {fingerprint}", fingerprint=":".join(["5F", "CC", "A3", "34"] * 8)),
            ),
            None,
        ),
        (
            Check.STORE,
            Outcome.GOOD,
            (
                _why(
                    "HTTP {status}, {type}, server “{server}”, request id {id}.",
                    status="403",
                    type="application/xml",
                    server="ViPR/1.0",
                    id="0a0b0c0d:19",
                ),
            ),
            None,
        ),
        (
            Check.CLOCK,
            Outcome.GOOD,
            (_why("Here {here}, in the store {there}: {span} apart.", here=here, there=there, span=Span(2.0)),),
            None,
        ),
        (
            Check.KEY,
            Outcome.NOTE,
            (_why("It may not list the buckets, which alone says nothing: many keys may not."),),
            denied,
        ),
        (
            Check.LIST,
            Outcome.GOOD,
            (_why("Listing s3://{bucket}/{prefix} works, and something is there.", bucket="backups", prefix=""),),
            None,
        ),
        (Check.READ, Outcome.BAD, (), refused),
        (
            Check.PUBLIC,
            Outcome.NOTE,
            (_why("Not without a key (HTTP {status}), as it should be unless it is public.", status="403"),),
            None,
        ),
    ]
    findings = tuple(Finding(*parts) for parts in evidence)
    running = WhyDialog(window, refusal, _checks(findings[:5], ends=False), app.background)
    await studio.dialog("why-running", running, lambda: len(running.findings) == 5)
    done = WhyDialog(window, refusal, _checks(findings, ends=True), app.background)
    await studio.dialog("why", done, lambda: done.concluded)


def _why(source: str, **values: Value) -> Text:
    return Text("why", source)(**values)


def _checks(findings: Sequence[Finding], *, ends: bool) -> Examine:
    async def examine(
        _connection: Connection,
        _secret: SecretText | None,
        _question: Question,
        deliver: Callable[[list[Finding]], None],
        control: CallControl,
    ) -> None:
        deliver(list(findings))
        if not ends:
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            control.on_cancel(lambda: cast("None", loop.call_soon_threadsafe(ended.set)))
            await ended.wait()
            raise Cancelled

    return examine


async def conflict_dialogs(studio: Studio, paths: tuple[Path, ...], here: Location) -> None:
    """What exists already: nothing, one, some, thousands."""
    window, background = studio.window, studio.app.background
    then = int(time.time()) - 20 * _DAY
    plain = Conflict("", "", "", 0, then, 0, then, paths[0], "")
    kinds = (
        ("report.json", 12_437, 0, 9, True),
        ("restore.py", 4_801, 95, 6 * _DAY, False),
        ("console-of-a-machine-with-a-long-name.log", 912_554_001, 0, -_DAY, None),
        ("photo.jpg", 1_204_551, -40_000, 60, False),
    )
    met = tuple(
        replace(
            plain, name=f"daily/{n}/{name}", old_size=size, new_size=size + grown, new_modified=then + later, identical=same
        )
        for n in range(1000)
        for name, size, grown, later, same in kinds
    )
    await studio.dialog("upload", UploadDialog(window, UploadQuestion(paths[:1], here), background))
    await studio.dialog("upload-conflict", UploadDialog(window, UploadQuestion(paths[:1], here, met[1:2]), background))
    some = UploadDialog(window, UploadQuestion(paths, here, met[:5]), background)
    chosen = some.findChildren(ConflictsPart)[0].model
    chosen.follow(Rule.DIFFERENT)
    chosen.choose((3,), ConflictPolicy.KEEP_BOTH)
    await studio.dialog("upload-conflicts", some)
    await studio.dialog("upload-conflicts-many", UploadDialog(window, UploadQuestion(paths, here, met), background))
    local = DownloadDialog(window, DownloadQuestion(Path("/home/me/Downloads"), met[:12]), background)
    await studio.dialog("download-conflicts", local)


async def connection_dialogs(studio: Studio) -> None:
    """The connection form in its states."""
    app, window = studio.app, studio.window

    def form(connection: Connection | None = None) -> ConnectionDialog:
        return ConnectionDialog(window, app.accounts, app.background, connection)

    async def known(name: str, made: ConnectionDialog, ready: Callable[[], object] = lambda: True) -> None:
        await studio.dialog(name, made, lambda: made.keyring_line.text() and ready())

    await known("connection", form())
    wrong = form()
    wrong.endpoint.setText("not a name space")
    wrong.save.click()
    await known("connection-problems", wrong)
    await known("connection-edit", form(PRODUCTION))
    opened = form(LAB)
    await known("connection-advanced", opened)
    passed = form(PRODUCTION)
    passed.test.click()
    await known("connection-passed", passed, passed.test.isEnabled)
    facts = ErrorFacts("ListBuckets", "", 403, "SignatureDoesNotMatch", "The signatures do not match.", "tx00000a1", "acme")
    studio.factory.broken[Stage.KEY] = BrowserError(ErrorKind.WRONG_SECRET, facts)
    broken = form(PRODUCTION)
    broken.test.click()
    await known("connection-failed", broken, broken.test.isEnabled)
    studio.factory.broken.clear()


async def searches(studio: Studio) -> None:
    """The flat view and the search of everything below a folder."""
    app, window = studio.app, studio.window
    await app.accounts.load()
    store = studio.factory.store(PRODUCTION)
    for number in range(40):
        store.add("backups", f"2026/nov/daily/{number % 7:02}/console-{number:02}.log", b"x", modified=1_700_000_000 + number)
        store.sizes[f"2026/nov/daily/{number % 7:02}/console-{number:02}.log"] = number * 77_777
    here = Location(PRODUCTION.id, "backups", "2026/")

    async def look(name: str, query: Query, phase: Phase = Phase.COMPLETE) -> None:
        app.open(replace(here, below=query))
        await studio.until(lambda: app.listing.status.phase is phase, name)
        await studio.sorted()
        await studio.shot(name)

    await look("flat", Query())
    window.work.search.begin()
    await studio.shot("search-open")
    window.work.search.more.setChecked(True)
    await studio.shot("search-more")
    window.work.search.text.setText("log")
    window.work.search.min_size.setText("ten")
    window.work.search.submit()
    await studio.shot("search-unread")
    window.work.search.refuse(translate("query", "This is not a regular expression: {why}. {where}")(why="x", where="▸(a"))
    await studio.shot("search-refused")
    await look("search-found", Query("*.log", Match.GLOB))
    await look("search-bounds", Query("log", min_size=10**6, after=1_690_000_000, before=1_790_000_000))
    await look("search-nothing", Query("nowhere"))
    store.breaking = failure(ErrorKind.TIMEOUT, subject="s3://backups/")
    await look("search-partial", Query("log"), Phase.PARTIAL)
    store.breaking = None
    hold = store.hold("list_pages")
    app.open(replace(here, below=Query("log.1")))
    await studio.until(hold.entered.is_set, "searching")
    await studio.shot("search-running")
    app.listing.stop()
    await studio.shot("search-stopped")
    hold.release()
    window.work.search.begin()
    calendar = window.work.search.after
    calendar.choose()
    menu = calendar.findChild(QMenu)
    assert isinstance(menu, QMenu)
    await studio.until(menu.isVisible, "calendar")
    await studio.shot("search-calendar", menu)
    menu.close()


async def storage(studio: Studio) -> None:
    """What takes the room below a bucket."""
    app, store, now = studio.app, studio.factory.store(PRODUCTION), int(time.time())
    await app.accounts.load()
    for at, (folder, ending, count, size) in enumerate(_ROOM):
        for number in range(count):
            key = f"{folder}{number:03}{ending}"
            store.add("backups", key, b"x", modified=now - (number * number * (at + 1) * 7 % 900) * _DAY // 2)
            store.sizes[key] = size * _MB * (1 + number % 5)
    await studio.go(PRODUCTION, "backups")
    window = StorageWindow(studio.window, app)
    window.show_scope(Scope.folder(PRODUCTION.id, "backups", ""))
    for progress, name in ((Progress.COMPLETE, "storage"), (Progress.PARTIAL, "storage-partial")):
        await studio.until(lambda: window._measured and window._measured.progress is progress, name)  # noqa: B023 - awaited here
        for facet in Facet:
            button = window.findChild(QToolButton, f"storage-{facet.value}")
            assert isinstance(button, QToolButton)
            button.setFocus()
            button.click()
            window.map.setFocus()
            await studio.shot(f"{name}-{facet.value}", window)
        store.breaking = failure(ErrorKind.TIMEOUT, subject="s3://backups/")
        window.act.click()
    window.close()


_ROOM = (
    # Folder, ending, objects, megabytes
    ("databases/postgres/", ".dump.zst", 60, 900),
    ("databases/mysql/", ".sql.gz", 80, 210),
    ("images/", ".qcow2", 9, 6_000),
    ("photos/2024/", ".jpg", 90, 11),
    ("photos/2025/", ".jpg", 120, 12),
    ("photos/2025/films/", ".mp4", 14, 900),
    ("logs/", ".log", 150, 8),
    ("mail/a-mailbox-whose-name-is-far-too-long-for-any-column-of-a-table/", ".tar.gz", 12, 340),
    ("licences-and-contracts-of-all-suppliers/", ".pdf", 70, 6),
    ("", ".csv", 20, 90),
    *((f"projects-{number:02}/", ".json", 3, 1 + number) for number in range(20)),
)


async def portrait(studio: Studio) -> None:
    """The picture of the README."""
    app, window = studio.app, studio.window
    studio.factory.store(PRODUCTION).delete_bucket(_LONG)
    await app.accounts.load()
    await studio.go(PRODUCTION, "backups", "2026/nov/")
    where = app.state.location
    assert where is not None
    app.public_known(where, {"2026/nov/report.json": True, "2026/nov/inventory.csv": True})
    window.work.inspector.show()
    ref = ObjectRef("backups", "2026/nov/report.json")
    await studio.select(ref.key)
    await studio.tab(0, partial(shows, window.work.inspector, ref))
    stage_transfers(studio, "mail-spool")
    window.work.panel.set_open(True)
    await studio.shot("main")


SCENES: tuple[Callable[[Studio], Awaitable[None]], ...] = (
    first_run,
    states,
    lists,
    searches,
    inspector,
    transfers,
    dialogs,
    storage,
    portrait,
)


async def take_all(qt: QApplication, folder: Path, only: str, wanted: str) -> int:
    """Every scene in every variant; small windows have no pictures of dialogs of their own."""
    for variant in VARIANTS:
        for scene in SCENES:
            if only not in scene.__name__ or wanted not in str(variant) or (scene is dialogs and variant.size == SMALL):
                continue
            studio = Studio(qt, variant, folder, connections=scene is not first_run)
            await scene(studio)
            await studio.close()
    return 0


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Take pictures of every window and state.")
    parser.add_argument("folder", type=Path, help="where the pictures go, in a folder per variant")
    parser.add_argument("--only", default="", metavar="WORD", help="only scenes with WORD in their name")
    parser.add_argument("--variant", default="", metavar="WORD", help="only variants with WORD in their name")
    arguments = parser.parse_args()
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = make_qt_application(sys.argv[:1])
    return run(qt, take_all(qt, arguments.folder, arguments.only, arguments.variant))


if __name__ == "__main__":
    sys.exit(main())
