"""The list of objects: a selection survives what happens to the rows, and a hundred thousand rows are quick."""

from __future__ import annotations

import asyncio
import threading
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app.rig import BUCKET, CONNECTION, World, until
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.ordering import Column, OrderSpec, ordered_rows
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.app.state import SelectionSize
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry
from cloudtemple_browser.model.query import Found, Query
from cloudtemple_browser.ui.models.object_table import COLUMNS
from cloudtemple_browser.ui.views import object_view, sorter
from cloudtemple_browser.ui.views.object_view import ObjectView, dropped_paths

HERE = Location(CONNECTION.id, BUCKET)


class Desk:
    """A view on a listing, and what it told."""

    def __init__(self, world: World, *, tested: bool = True) -> None:
        self.world = world
        self.view = ObjectView(world.app.listing, world.background)
        self.tester = QAbstractItemModelTester(self.view.table) if tested else None  # walks over everything at every change
        self.sizes: list[SelectionSize] = []
        self.view.selection_sized.connect(self.sizes.append)
        self.view.resize(900, 600)
        self.view.show()

    def shown(self) -> list[str]:
        return [self.view.table.rows.key(row) for row in self.view.table.order]

    def selected(self) -> list[str]:
        return sorted(self.view.table.rows.key(row) for row in self.view.selected_rows())

    def select(self, *keys: str) -> None:
        self.view.select_keys(keys)

    async def settled(self) -> None:
        """Wait until nothing is sorted any more."""
        await until(lambda: not self.view.sorter.busy and not self.view._size_timer.isActive())

    async def sort(self, column: Column) -> None:
        self.view.horizontalHeader().sectionClicked.emit(COLUMNS.index(column))
        await self.settled()


@pytest.fixture
def desk(world: World, qtbot: QtBot, english: None) -> Iterator[Desk]:
    desk = Desk(world)
    qtbot.addWidget(desk.view)
    yield desk
    desk.view.release()


@pytest.fixture
def quick_desk(world: World, qtbot: QtBot, english: None) -> Iterator[Desk]:
    desk = Desk(world, tested=False)
    qtbot.addWidget(desk.view)
    yield desk
    desk.view.release()


def fill(world: World, sizes: dict[str, int]) -> None:
    for key, size in sizes.items():
        world.store.add(BUCKET, key, b"x" * size, modified=size)


async def test_rows_are_sorted_by_name_when_the_listing_ends(desk: Desk) -> None:
    fill(desk.world, {"b": 1, "A": 2, "c": 3, "z/x": 1, "y/x": 1})
    await desk.world.open()
    await desk.settled()
    assert desk.shown() == ["y/", "z/", "A", "b", "c"]


async def test_a_click_sorts_and_another_turns_round(desk: Desk) -> None:
    fill(desk.world, {"a": 2, "b": 3, "c": 1, "f/x": 1})
    await desk.world.open()
    await desk.settled()
    await desk.sort(Column.SIZE)
    assert desk.shown() == ["f/", "c", "a", "b"]
    assert desk.view.horizontalHeader().sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
    await desk.sort(Column.SIZE)
    assert desk.shown() == ["f/", "b", "a", "c"]
    assert desk.view.horizontalHeader().sortIndicatorSection() == 1
    await desk.sort(Column.NAME)
    assert desk.shown() == ["f/", "a", "b", "c"]


async def test_the_selection_survives_sorting_and_filtering(desk: Desk) -> None:
    fill(desk.world, {f"{name}{n}": n * 7 % 10 for name in "ab" for n in range(10)})
    await desk.world.open()
    await desk.settled()
    desk.select("a1", "a2", "b7")
    for column in (Column.SIZE, Column.MODIFIED, Column.TYPE, Column.NAME, Column.NAME):
        await desk.sort(column)
        assert desk.selected() == ["a1", "a2", "b7"]
    desk.view.set_filter("a")
    await desk.settled()
    assert desk.selected() == ["a1", "a2"]  # what is not shown is not selected
    assert desk.sizes[-1].objects == 2


async def test_a_selection_that_the_filter_hides_is_told_as_gone(desk: Desk) -> None:
    fill(desk.world, {"a": 1, "b": 2})
    await desk.world.open()
    await desk.settled()
    desk.select("a")
    await desk.settled()
    assert desk.sizes[-1] == SelectionSize(1, 0, 1)
    desk.view.set_filter("b")
    await desk.settled()
    assert desk.selected() == []
    await until(lambda: desk.sizes[-1] == SelectionSize())


async def test_the_selection_survives_rows_that_stream_in(desk: Desk) -> None:
    fill(desk.world, {f"{n:03}": n % 5 for n in range(100)})
    desk.world.store.page_size = 10
    await desk.world.load()
    desk.world.app.open(HERE)
    await until(lambda: len(desk.shown()) >= 10)
    first = desk.shown()[3]
    desk.select(first)
    await desk.world.listed()
    await desk.settled()
    assert len(desk.shown()) == 100
    assert desk.selected() == [first]
    desk.world.app._objects_stored(CONNECTION.id, BUCKET, (ObjectEntry("000-new", 1, 1),), public=False)
    await desk.settled()
    assert desk.shown()[1] == "000-new"
    assert desk.selected() == [first]


async def test_keys_to_select_may_come_later(desk: Desk) -> None:
    fill(desk.world, {f"{n:03}": 1 for n in range(50)})
    await desk.world.load()
    hold = desk.world.store.hold("list_pages")
    desk.world.app.open(HERE)
    desk.select("041")
    hold.release()
    await desk.world.listed()
    await desk.settled()
    assert desk.selected() == ["041"]
    rectangle = desk.view.visualRect(desk.view.currentIndex())
    assert desk.view.viewport().rect().intersects(rectangle)


async def test_rows_that_are_deleted_leave_the_others_in_order(desk: Desk) -> None:
    fill(desk.world, {f"{n}": 9 - n for n in range(10)})
    await desk.world.open()
    await desk.sort(Column.SIZE)
    desk.world.app.keys_gone(HERE, ("3", "7"))
    await desk.settled()
    assert desk.shown() == ["9", "8", "6", "5", "4", "2", "1", "0"]


async def test_rows_deleted_during_a_sort_do_no_harm(quick_desk: Desk) -> None:
    await quick_desk.world.open()
    count = 30_000
    keys = tuple(f"{n * 7919 % count:06}" for n in range(count))
    quick_desk.world.app.listing.accept(
        [Found(ListingPage((), keys, (1,) * count, (1,) * count, ("",) * count, ("",) * count), 0)]
    )
    for at in range(5):
        quick_desk.view.sorter.forget()
        quick_desk.view.sorter.now()
        await asyncio.sleep(0)
        quick_desk.world.app.keys_gone(HERE, keys[at * 100 : at * 100 + 100])
    await quick_desk.settled()
    assert quick_desk.shown() == sorted(keys[500:])


async def test_a_worker_sorts_the_rows_as_they_were(quick_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(quick_desk.world, {f"{n}": 1 for n in range(10)})
    await quick_desk.world.open()
    await quick_desk.settled()
    live = quick_desk.view.table.rows

    def late(rows: Rows, spec: OrderSpec) -> array[int]:
        monkeypatch.undo()
        live.remove([f"{n}" for n in range(5, 10)])  # just when the worker begins
        return ordered_rows(rows, spec)

    monkeypatch.setattr(sorter, "SMALL", 0)
    monkeypatch.setattr(sorter, "ordered_rows", late)
    quick_desk.view.sorter.forget()
    quick_desk.view.sorter.now()
    await quick_desk.settled()
    await until(lambda: not quick_desk.world.background._tasks)
    assert quick_desk.world.reported == []
    quick_desk.world.app.listing.removed()
    await quick_desk.settled()
    assert quick_desk.shown() == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("small", [True, False])
async def test_a_selection_in_too_many_pieces_is_not_lost_without_a_word(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, small: bool
) -> None:
    monkeypatch.setattr(sorter, "MANY_RANGES", 2)
    if not small:
        monkeypatch.setattr(sorter, "SMALL", 0)
    told: list[None] = []
    desk.view.selection_lost.connect(lambda: told.append(None))
    fill(desk.world, {"a": 5, "b": 1, "c": 4, "d": 2, "e": 3, "f": 6})
    await desk.world.open()
    await desk.settled()
    desk.select("a", "b")
    await desk.sort(Column.SIZE)  # b d e c a f
    assert (desk.selected(), told) == (["a", "b"], [])
    desk.select("b", "d", "e", "c", "f")
    await desk.sort(Column.NAME)
    assert (desk.selected(), told) == (["b", "c", "d", "e", "f"], [])
    desk.select("a", "b", "e")  # two pieces, and three by size
    await desk.sort(Column.SIZE)
    assert (desk.selected(), told) == ([], [None])
    await desk.sort(Column.NAME)
    assert told == [None]
    if not small:
        desk.select("a", "c", "e")  # too many from the beginning
        await desk.sort(Column.SIZE)
        assert (desk.selected(), told) == ([], [None, None])


async def test_inverting_the_selection(desk: Desk) -> None:
    fill(desk.world, {"a": 1, "b": 2, "c": 4})
    await desk.world.open()
    await desk.settled()
    desk.select("b")
    desk.view.invert_selection()
    assert desk.selected() == ["a", "c"]
    await desk.settled()
    assert desk.sizes[-1] == SelectionSize(2, 0, 5)


async def test_everything_of_a_hundred_thousand_rows_is_selected_at_once_and_measured_beside(quick_desk: Desk) -> None:
    await quick_desk.world.open()
    count = 100_000
    for at in range(0, count, 1000):
        keys = tuple(f"{n:06}" for n in range(at, at + 1000))
        page = ListingPage((f"f{at}/",), keys, (10,) * 1000, (1,) * 1000, ("",) * 1000, ("",) * 1000)
        quick_desk.world.app.listing.accept([Found(page, 0)])
    await quick_desk.settled()
    start = time.monotonic()
    quick_desk.view.selectAll()
    assert time.monotonic() - start < 5
    await until(lambda: quick_desk.sizes and quick_desk.sizes[-1].objects)
    assert quick_desk.sizes[-1] == SelectionSize(count, 100, count * 10)
    start = time.monotonic()
    assert len(quick_desk.view.selected_rows()) == count + 100
    assert time.monotonic() - start < 5


def top_key(desk: Desk) -> str:
    rows = desk.view.table.rows
    return rows.key(desk.view.table.order[desk.view.rowAt(0)])


async def test_what_is_at_the_top_stays_there_when_rows_stream_in_and_are_sorted(desk: Desk) -> None:
    await desk.world.open()
    listing = desk.world.app.listing

    def accept(numbers: range) -> None:
        n = len(numbers)
        keys = tuple(f"{number:04}" for number in numbers)
        listing.accept([Found(ListingPage((f"f{numbers.start}/",), keys, numbers, (1,) * n, ("",) * n, ("",) * n), 0)])

    accept(range(500, 700))
    await desk.settled()
    assert top_key(desk) == "f500/"
    accept(range(300, 400))
    await desk.settled()
    assert desk.view.verticalScrollBar().value() == 0  # at the top one sees what comes first
    assert top_key(desk) == "f300/"
    desk.view.verticalScrollBar().setValue(150)
    desk.select("0600")
    desk.view.verticalScrollBar().setValue(150)
    top, current = top_key(desk), desk.view.currentIndex().row()
    for numbers in (range(100, 300), range(800, 900), range(50)):
        accept(numbers)
        await desk.settled()
        assert top_key(desk) == top
        assert desk.selected() == ["0600"]
        assert desk.view.table.rows.key(desk.view.table.order[desk.view.currentIndex().row()]) == "0600"
    assert desk.shown() == sorted(desk.shown(), key=lambda key: (not key.endswith("/"), len(key), key))
    assert desk.view.currentIndex().row() != current


async def test_names_are_in_natural_or_in_plain_order(desk: Desk) -> None:
    fill(desk.world, dict.fromkeys(("a10", "a9", "É2", "e1", "e3"), 1))
    await desk.world.open()
    await desk.settled()
    assert desk.shown() == ["a9", "a10", "e1", "É2", "e3"]
    desk.view.set_natural(False)
    await desk.settled()
    assert desk.shown() == ["a10", "a9", "e1", "É2", "e3"]


async def test_the_path_shows_where_rows_have_one(desk: Desk) -> None:
    fill(desk.world, {"b/x": 1, "a/y": 1, "z": 1})
    await desk.world.open()
    await desk.settled()
    path = COLUMNS.index(Column.PATH)
    assert desk.view.isColumnHidden(path)
    desk.world.app.open(Location(CONNECTION.id, BUCKET, "", Query()))
    await desk.world.listed()
    await desk.settled()
    assert not desk.view.isColumnHidden(path)
    assert desk.view.horizontalHeader().visualIndex(path) == 1
    assert desk.shown() == ["b/x", "a/y", "z"]  # by the last part
    await desk.sort(Column.PATH)
    assert desk.shown() == ["z", "a/y", "b/x"]


LAST = [COLUMNS.index(one) for one in (Column.MODIFIED, Column.TYPE, Column.STORAGE_CLASS)]


def left(view: ObjectView) -> list[bool]:
    """Which of the last columns have left."""
    return [view.isColumnHidden(column) for column in LAST]


async def test_the_last_columns_leave_room_for_the_name(desk: Desk) -> None:
    fill(desk.world, {"quarterly-report-2026-0001-final.pdf": 1})
    await desk.world.open()
    for width, gone in ((1045, 0), (665, 1), (485, 2), (320, 3), (1045, 0)):
        desk.view.resize(width, 500)
        wanted = [False, False, False, True, True, True][gone : gone + 3]
        await until(lambda: left(desk.view) == wanted)  # noqa: B023 - awaited here
        await until(lambda: desk.view.horizontalHeader().length() == desk.view.viewport().width())
        assert desk.view.columnWidth(0) >= 200
        await until(lambda: desk.view.horizontalScrollBar().maximum() == 0)


async def test_a_list_that_was_small_before_it_was_shown_is_not_wider_than_itself(world: World, qtbot: QtBot) -> None:
    fill(world, {"quarterly-report-2026-0001-final.pdf": 1})
    await world.open()
    view = ObjectView(world.app.listing, world.background)
    qtbot.addWidget(view)
    view.show_again()
    view.resize(1200, 600)
    view.show()
    for width in (485, 300, 1200, 485):
        view.hide()
        view.resize(width, 400)
        view.show()
        await until(lambda: view.horizontalHeader().length() == view.viewport().width())
    assert left(view) == [False, True, True]
    view.release()


async def test_beside_a_path_the_last_columns_leave_room_for_the_name(desk: Desk) -> None:
    fill(desk.world, {"b/a long name.txt": 1})
    await desk.world.open()
    desk.world.app.open(Location(CONNECTION.id, BUCKET, "", Query()))
    await desk.world.listed()
    window = desk.view.window()
    for width, wanted in ((1400, [False] * 3), (720, [False, True, True]), (485, [True] * 3), (1400, [False] * 3)):
        window.resize(width, 600)
        await until(lambda: left(desk.view) == wanted)  # noqa: B023 - awaited here
        assert desk.view.columnWidth(0) > 120
    window.resize(720, 600)
    await desk.world.open()
    await until(lambda: left(desk.view) == [False, False, True])


async def test_typing_goes_to_a_name(desk: Desk) -> None:
    fill(desk.world, dict.fromkeys(("apple", "Banana", "bread", "cake", "Écl"), 1))
    await desk.world.open()
    await desk.settled()
    desk.view.setFocus()

    def at() -> str:
        return desk.view.table.rows.key(desk.view.table.order[desk.view.currentIndex().row()])

    QTest.keyClicks(desk.view, "br")
    assert at() == "bread"
    desk.view._typed_at = 0.0
    QTest.keyClick(desk.view, Qt.Key.Key_B)
    assert at() == "Banana"
    QTest.keyClick(desk.view, Qt.Key.Key_B)
    assert at() == "bread"
    desk.view._typed_at = 0.0
    QTest.keyClick(desk.view, Qt.Key.Key_X)
    assert at() == "bread"
    assert desk.selected() == ["bread"]


async def test_many_rows_are_left_to_a_worker(quick_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, count = quick_desk, 300
    monkeypatch.setattr(sorter, "SMALL", 0)
    for module in (object_view, sorter):
        monkeypatch.setattr(module, "AT_ONCE", 100)
    await desk.world.open()
    keys = tuple(f"n{n:04}" for n in range(count))
    desk.world.app.listing.accept([Found(ListingPage((), keys, (1,) * count, (1,) * count, ("",) * count, ("",) * count), 0)])
    await desk.settled()
    desk.select("n0100", "n0101", "n0250")
    await until(lambda: desk.selected() == ["n0100", "n0101", "n0250"])
    QTest.keyClicks(desk.view, "n02")
    await until(lambda: desk.selected() == ["n0200"])
    desk.select("n0100", "n0101", "n0250")
    await until(lambda: len(desk.selected()) == 3)
    desk.world.app.keys_gone(HERE, (*keys[:100], "n0101"))
    await until(lambda: desk.selected() == ["n0100", "n0250"])
    await desk.settled()
    assert desk.shown() == [key for key in keys[100:] if key != "n0101"]
    desk.view.selectAll()
    await until(lambda: desk.sizes[-1].objects == 199)


async def test_what_is_selected_while_a_worker_sorts_stays_selected(quick_desk: Desk) -> None:
    desk, count = quick_desk, 3000
    await desk.world.open()
    keys = tuple(f"{n * 7919 % count:06}" for n in range(count))
    sizes = tuple(range(count))
    desk.world.app.listing.accept([Found(ListingPage((), keys, sizes, (1,) * count, ("",) * count, ("",) * count), 0)])
    await desk.settled()
    desk.view.horizontalHeader().sectionClicked.emit(COLUMNS.index(Column.SIZE))
    desk.select("000007", "001000")
    await desk.settled()
    assert desk.shown() == list(keys)
    assert desk.selected() == ["000007", "001000"]


async def test_no_row_is_selected_in_another_folder(desk: Desk) -> None:
    fill(desk.world, {"a": 1, "p/b": 1})
    await desk.world.open()
    await desk.settled()
    desk.select("a")
    await desk.settled()
    await desk.world.open("p/")
    await desk.settled()
    assert desk.selected() == []
    assert desk.sizes[-1] == SelectionSize()


def current_key(desk: Desk) -> str:
    at = desk.view.currentIndex().row()
    return desk.view.table.rows.key(desk.view.table.order[at]) if at >= 0 else ""


async def refresh(desk: Desk) -> None:
    desk.world.app.refresh()
    await desk.world.listed()
    await desk.settled()


def gate_pages(world: World) -> threading.Semaphore:
    """Let each page of a listing wait for a release."""
    whole, gate = world.store.list_pages, threading.Semaphore(0)

    def paced(*args: Any) -> Iterator[ListingPage]:
        control: CallControl = args[-1]
        for page in whole(*args):
            while not gate.acquire(timeout=0.01):
                if control.cancelled:
                    return
            if control.cancelled:  # this one is for the listing that came after
                gate.release()
                return
            yield page

    world.store.list_pages = paced  # type: ignore[method-assign, assignment]
    return gate


async def test_a_refresh_keeps_what_is_selected_and_what_is_looked_at(desk: Desk) -> None:
    fill(desk.world, {f"{n:04}": n % 7 for n in range(300)} | {f"folder{n}/x": 1 for n in range(5)})
    await desk.world.open()
    await desk.sort(Column.SIZE)
    desk.select("0100", "0107", "0205")
    first = desk.view.selectionModel().selectedRows()[0]
    desk.view.selectionModel().setCurrentIndex(first.siblingAtRow(250), QItemSelectionModel.SelectionFlag.NoUpdate)
    desk.view.verticalScrollBar().setValue(20)
    top, current = top_key(desk), current_key(desk)
    await desk.settled()
    desk.sizes.clear()
    fill(desk.world, {"0107": 6})
    desk.world.store.delete_objects(BUCKET, ("0205",))
    await refresh(desk)
    assert desk.selected() == ["0100", "0107"]
    assert (top_key(desk), current_key(desk)) == (top, current)
    assert desk.view.rowAt(0) < 100 < desk.view.currentIndex().row()
    assert desk.sizes[-1] == SelectionSize(2, 0, 2 + 6)
    await desk.world.open("p/")
    assert desk.view._before is None


async def test_a_refresh_selects_the_rows_as_they_come(desk: Desk) -> None:
    fill(desk.world, {f"{n:03}": 1 for n in range(40)})
    desk.world.store.page_size = 10
    await desk.world.open()
    await desk.settled()
    desk.select("005", "015", "035")
    gate = gate_pages(desk.world)
    for _ in range(2):  # the second refresh comes while the first has not ended
        desk.world.app.refresh()
        gate.release(2)
        await until(lambda: len(desk.shown()) == 20)
        assert desk.selected() == ["005", "015"]
        assert current_key(desk) == "005"
    gate.release(2)
    await desk.world.listed()
    assert desk.selected() == ["005", "015", "035"]
    assert desk.view._before is None


@pytest.mark.parametrize("many", [False, True])
async def test_what_is_selected_during_a_refresh_is_left_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch, many: bool) -> None:
    fill(desk.world, {f"{n:03}": 1 for n in range(40)})
    desk.world.store.page_size = 10
    await desk.world.open()
    await desk.settled()
    desk.select("005", "015", "035")
    if many:
        monkeypatch.setattr(object_view, "AT_ONCE", 15)
    gate = gate_pages(desk.world)
    desk.world.app.refresh()
    gate.release(2)
    await until(lambda: len(desk.shown()) == 20)
    desk.view.selectRow(3)
    gate.release(2)
    await desk.world.listed()
    await desk.settled()
    await until(lambda: desk.view._before is None)
    assert desk.selected() == ["003"]
    assert current_key(desk) == "003"


async def test_of_many_rows_a_refresh_selects_when_all_are_there(quick_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = quick_desk
    for module in (object_view, sorter):
        monkeypatch.setattr(module, "AT_ONCE", 100)
    monkeypatch.setattr(sorter, "SMALL", 0)
    fill(desk.world, {f"{n:04}": -n % 300 for n in range(300)})
    await desk.world.open()
    await desk.sort(Column.SIZE)
    desk.select("0010", "0020", "0299")
    await until(lambda: len(desk.selected()) == 3)
    current = current_key(desk)
    await refresh(desk)
    await until(lambda: desk.view._before is None)
    assert desk.selected() == ["0010", "0020", "0299"]
    assert current_key(desk) == current
    assert desk.shown()[1] == "0299"


async def test_a_selection_that_is_too_large_to_be_noted_is_not_selected_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_view, "_NOTED", 3)
    fill(desk.world, {f"{n}": 1 for n in range(9)})
    await desk.world.open()
    await desk.settled()
    desk.select("1", "2", "3")
    await refresh(desk)
    assert desk.selected() == ["1", "2", "3"]
    desk.select("1", "2", "3", "5")
    await refresh(desk)
    assert desk.selected() == []
    assert current_key(desk) == "1"


def drop(desk: Desk, data: QMimeData, at: QPoint) -> QDropEvent:
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event.setDropAction(Qt.DropAction.MoveAction)
    desk.view.dropEvent(event)
    return event


async def test_files_are_dropped_into_the_folder_or_onto_a_folder(desk: Desk, tmp_path: Path) -> None:
    fill(desk.world, {"a": 1, "f/x": 1})
    await desk.world.open()
    await desk.settled()
    told: list[tuple[object, str]] = []
    desk.view.dropped.connect(lambda paths, prefix: told.append((paths, prefix)))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "x y")), QUrl("https://evil.test/z")])
    row_height = desk.view.rowHeight(0)
    drop(desk, data, QPoint(20, row_height // 2))
    drop(desk, data, QPoint(20, row_height + row_height // 2))
    event = drop(desk, data, QPoint(20, row_height * 8))
    paths = (tmp_path / "x y",)
    assert told == [(paths, "f/"), (paths, ""), (paths, "")]
    assert event.dropAction() == Qt.DropAction.CopyAction  # never a move: the source would delete its files


async def test_nothing_is_dropped_into_a_list_of_buckets(desk: Desk, tmp_path: Path) -> None:
    await desk.world.open(bucket="")
    told: list[object] = []
    desk.view.dropped.connect(lambda paths, prefix: told.append(paths))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    drop(desk, data, QPoint(20, 20))
    assert told == []


def test_only_local_files_count_as_dropped(qapp: object) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://x.test/a"), QUrl.fromLocalFile("/tmp/é"), QUrl("file:///"), QUrl("")])  # noqa: S108 - never opened
    assert dropped_paths(data)[0] == Path("/tmp/é")  # noqa: S108
    assert len(dropped_paths(data)) <= 2


async def test_a_view_that_is_gone_is_left_alone(world: World, qtbot: QtBot) -> None:
    desk = Desk(world, tested=False)
    fill(world, {"a": 1})
    await world.open()
    desk.view.sorter.forget()
    desk.view.sorter.now()
    desk.view.release()
    desk.view.deleteLater()
    await asyncio.sleep(0.05)
    world.store.add(BUCKET, "b")
    await world.open()
