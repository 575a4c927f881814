"""A million rows in the real window: how soon they are there, and how long the window stands still meanwhile.

    python tests/bench/window.py [--rows N] [--shape flat|plain|hex|tree] [--endpoint URL --bucket B [--prefix P]]

Without an endpoint the pages come from this process, packed as a store's are; with one, over the program's own way to a store
(keys from BENCH_ACCESS_KEY and BENCH_SECRET_KEY). The window is the program's, filled by its listing, driven by key and mouse
events; while rows stream in the list is scrolled 30 times a second. A timer of 5 ms measures in each phase the worst time in
which the window did not answer. Prints one JSON object as its last line; ``sort_s`` is that of the slowest column, both
``sort_s`` and ``filter_s`` from the event to the rows shown.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import pickle
import random
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from persistence.memory_keyring import MemoryKeyring  # noqa: E402
from PySide6.QtCore import QPoint, Qt, QTimer  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from cloudtemple_browser import bootstrap  # noqa: E402
from cloudtemple_browser.app.listing import Phase  # noqa: E402
from cloudtemple_browser.app.ordering import Column  # noqa: E402
from cloudtemple_browser.model.addresses import Location  # noqa: E402
from cloudtemple_browser.model.columns import Coded, Etags, Strings  # noqa: E402
from cloudtemple_browser.model.connections import Connection, SecretText  # noqa: E402
from cloudtemple_browser.model.control import CallControl  # noqa: E402
from cloudtemple_browser.model.entries import Bucket, ListingPage  # noqa: E402
from cloudtemple_browser.model.traits import Learnt  # noqa: E402
from cloudtemple_browser.persistence.credentials import KeyringVault  # noqa: E402
from cloudtemple_browser.persistence.paths import AppPaths  # noqa: E402
from cloudtemple_browser.ui.event_loop import run  # noqa: E402
from cloudtemple_browser.ui.models.object_table import COLUMNS  # noqa: E402
from cloudtemple_browser.ui.program import Program  # noqa: E402
from cloudtemple_browser.ui.start import make_qt_application  # noqa: E402

PAGE = 1000
PATIENCE = 300.0  # seconds
_ENDINGS = ("jpg", "json", "parquet", "txt", "bin", "csv")
SHAPES: dict[str, Callable[[int, int], str]] = {
    "flat": lambda n, _all: f"img-{n:09}.{_ENDINGS[n % 6]}",
    "plain": lambda n, _all: f"file-{n}.{_ENDINGS[n % 6]}",
    "hex": lambda n, total: f"{n * ((1 << 64) // total):016x}-{n:08x}.bin",
    "tree": lambda n, _all: f"data 2026 run {n // 10_000:05} part {n:09}.parquet",
}


class Pages:
    """A store of packed pages, pickled beforehand as an engine process sends them. Only lists."""

    def __init__(self, rows: int, shape: str) -> None:
        rng = random.Random(1)
        self.learnt = Learnt()
        keys = sorted(SHAPES[shape](n, rows) for n in range(rows))
        self.pages = [pickle.dumps(self._page(keys[at : at + PAGE], rng), 5) for at in range(0, rows, PAGE)]
        rng.shuffle(self.pages)  # key ranges are listed at the same time

    @staticmethod
    def _page(keys: list[str], rng: random.Random) -> ListingPage:
        n = len(keys)
        sizes = array("q", (rng.randrange(1 << rng.randrange(36)) for _ in range(n)))
        modified = array("q", (1_600_000_000 + rng.randrange(10**8) for _ in range(n)))
        classes = Coded(rng.randbytes(n).translate(bytes(code % 3 for code in range(256))), ("STANDARD", "GLACIER", "COLD"))
        return ListingPage((), Strings.of(keys), sizes, modified, Etags(rng.randbytes(16 * n), {}), classes)

    def list_pages(self, _bucket: str, _prefix: str, _delimiter: str, control: CallControl) -> Iterator[ListingPage]:
        """See ``Store.list_pages``."""
        for page in self.pages:
            if control.cancelled:
                return
            yield pickle.loads(page)  # noqa: S301 - our own, as from an engine process

    def list_buckets(self) -> tuple[Bucket, ...]:
        """See ``Store.list_buckets``."""
        return (Bucket("bench"),)

    def close(self) -> None:
        """See ``Store.close``."""


class PagesFactory:
    """Opens the store of packed pages."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def open(self, _connection: Connection, _secret: SecretText) -> Any:
        """See ``StoreFactory.open``."""
        return self._pages


class Heartbeat:
    """The worst time in which the event loop did not turn."""

    def __init__(self) -> None:
        self.worst, self._last = 0.0, time.perf_counter()
        self._timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.worst, self._last = max(self.worst, now - self._last), now

    async def phase(self, work: Any) -> tuple[float, float]:
        """(seconds, the worst gap in milliseconds) of a coroutine."""
        await asyncio.sleep(0.3)
        self.worst, began = 0.0, time.perf_counter()
        await work
        seconds = time.perf_counter() - began
        await asyncio.sleep(0.2)  # the repaint counts too
        return seconds, self.worst * 1000


class Bench:
    """The phases, in the window."""

    def __init__(self, parts: bootstrap.Parts, program: Program, location: Location) -> None:
        self.app, self.program, self.location = parts.app, program, location
        self.beat = Heartbeat()
        self.gaps: dict[str, float] = {}

    @property
    def view(self) -> Any:
        """The list of objects."""
        return self.program.window.work.objects

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds, looking every 10 ms."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("a phase does not end")
            await asyncio.sleep(0.01)

    async def measure(self, name: str, work: Any) -> float:
        """Run a phase and note its worst gap."""
        seconds, gap = await self.beat.phase(work)
        self.gaps[name] = round(gap, 1)
        return seconds

    async def fill(self) -> None:
        """List the location; scroll meanwhile."""
        bar, steps = self.view.verticalScrollBar(), 0

        def scroll() -> None:
            nonlocal steps
            steps += 1
            bar.setValue(bar.value() + 7 if steps % 60 < 50 else 0)

        timer = QTimer(interval=33, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(scroll)
        timer.start()
        self.app.open(self.location)
        await self.until(lambda: self.app.listing.status.phase is not Phase.LOADING)
        timer.stop()

    async def sorted(self) -> None:
        """Wait until nothing is sorted."""
        await self.until(lambda: not self.view.sorter.busy)

    async def sort_by(self, column: Column) -> None:
        """Click on a column's title."""
        header = self.view.horizontalHeader()
        section = COLUMNS.index(column)
        at = QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        await self.sorted()

    async def filter_by(self, text: str) -> None:
        """What the filter field does once typing pauses."""
        self.view.set_filter(text)
        await self.sorted()

    async def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key in the list."""
        QTest.keyClick(self.view, key, modifiers)
        await asyncio.sleep(0.05)

    async def select_all(self) -> None:
        """Ctrl+A, and wait until the selection is summed up."""
        rows = len(self.app.listing.rows)
        self.app.shell.select_all()
        await self.until(lambda: self.app.state.selection.rows == rows)

    async def copy_names(self) -> None:
        """Copy the addresses of what is selected."""
        work = self.program.window.work
        work.notices.hide()
        QApplication.clipboard().clear()
        work.actions_.run_id("edit.copy")
        await self.until(work.notices.isVisible)

    async def scroll_through(self) -> float:
        """From the top to the end in 120 steps, as fast as the screen follows: steps a second."""
        bar, began, steps = self.view.verticalScrollBar(), time.perf_counter(), 120
        for step in range(steps + 1):
            bar.setValue(bar.maximum() * step // steps)
            self.view.viewport().repaint()
            await asyncio.sleep(0)
        return steps / (time.perf_counter() - began)

    async def run(self) -> dict[str, object]:
        """All phases."""
        empty, empty_peak = memory("VmRSS"), memory("VmHWM")
        fill = await self.measure("fill", self.fill())
        settled = await self.measure("sort_after_fill", self.sorted())
        filled = memory("VmRSS")
        await self.measure("page_down", self.press(Qt.Key.Key_PageDown))
        sorts: dict[str, float] = {}
        for column in (Column.SIZE, Column.MODIFIED, Column.TYPE, Column.STORAGE_CLASS, Column.NAME):
            sorts[column.value] = await self.measure(f"sort_{column.value}", self.sort_by(column))
        sorts["name_descending"] = await self.measure("sort_name_descending", self.sort_by(Column.NAME))
        needles = ("12", "4711", ".json", "")
        filters = [await self.measure(f"filter_{needle or 'none'}", self.filter_by(needle)) for needle in needles]
        everything = await self.measure("select_all", self.select_all())
        await self.measure("sort_selected", self.sort_by(Column.SIZE))
        copied = await self.measure("copy_names", self.copy_names())
        await self.measure("ctrl_end", self.press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier))
        await self.measure("type_ahead", self.press(Qt.Key.Key_F))
        frames: list[float] = []

        async def scroll() -> None:
            frames.append(await self.scroll_through())

        await self.measure("scroll", scroll())
        rows = len(self.app.listing.rows)
        return {
            "rows": rows,
            "fill_s": round(fill, 2),
            "worst_gap_ms": max(self.gaps.values()),
            "sort_s": round(max(sorts.values()), 2),
            "filter_s": round(max(filters), 2),
            "bytes_per_row": round((filled - empty) * 1024 / max(1, rows)),
            "peak_rss_mb": round(memory("VmHWM") / 1024),
            "over_empty_mb": round((memory("VmHWM") - min(empty, empty_peak)) / 1024),
            "settled_after_fill_s": round(settled, 2),
            "select_all_s": round(everything, 2),
            "copy_names_s": round(copied, 2),
            "scroll_fps": round(frames[0]),
            "sorts_s": {name: round(seconds, 2) for name, seconds in sorts.items()},
            "gaps_ms": self.gaps,
        }


def memory(name: str) -> int:
    """A value of this process from the kernel, in KiB; 0 where the kernel does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


async def _live(qt: QApplication, arguments: argparse.Namespace, profile: Path) -> int:
    def report(error: BaseException) -> None:
        raise error

    parts = bootstrap.build(AppPaths(profile), report, KeyringVault(MemoryKeyring().found))
    program = Program(qt, parts.app, parts.transfers)
    program.install_hooks()
    program.show()
    key = os.environ.get("BENCH_ACCESS_KEY", "key")
    connection = Connection("Bench", arguments.endpoint or "http://127.0.0.1:9", key, id="bench")
    parts.app.accounts.add_temporary(connection, SecretText(os.environ.get("BENCH_SECRET_KEY", "secret")))
    if not arguments.endpoint:
        pages = Pages(arguments.rows, arguments.shape)
        parts.app.accounts.stores._factory = PagesFactory(pages)  # type: ignore[assignment]
    if arguments.endpoint:
        await parts.app.background.call(parts.factory.warm_up)
    gc.freeze()  # both as the program does once its window shows
    await asyncio.sleep(0.5)
    location = Location(connection.id, arguments.bucket, arguments.prefix)
    result = await Bench(parts, program, location).run()
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    os._exit(0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A million rows in the window.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shape", choices=tuple(SHAPES), default="flat", help="what the names look like")
    parser.add_argument("--endpoint", default="", help="list a bucket of this store instead")
    parser.add_argument("--bucket", default="bench")
    parser.add_argument("--prefix", default="")
    arguments = parser.parse_args()
    if sys.platform == "linux" and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.setswitchinterval(bootstrap.SWITCH_INTERVAL)
    with tempfile.TemporaryDirectory() as profile:
        qt = make_qt_application(sys.argv[:1])
        run(qt, _live(qt, arguments, Path(profile)))


if __name__ == "__main__":
    main()
