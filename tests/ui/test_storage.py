"""The storage view and the folder sizes of the inspector."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from app.rig import BUCKET, CONNECTION, OTHER, World, failure, until
from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QImage, QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from ui.test_accessibility import unnamed

from cloudtemple_browser.app.measures import Measured, Progress, Scope
from cloudtemple_browser.app.state import SelectionSize
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.query import Match, Query
from cloudtemple_browser.model.tally import AGE_UNKNOWN, OLDER, Collector, Group, Groups, PageTally, Tally
from cloudtemple_browser.model.treemap import Box
from cloudtemple_browser.ui import theme
from cloudtemple_browser.ui.dialogs.storage import StorageWindow
from cloudtemple_browser.ui.models.storage import (
    NAME,
    OBJECTS,
    SHARE,
    SIZE,
    Aspect,
    Facet,
    StorageModel,
    place_of,
    tiles_of,
)
from cloudtemple_browser.ui.models.tiles import PLAIN_TONE, RAMP_TONE, Tile, share_text
from cloudtemple_browser.ui.views import treemap
from cloudtemple_browser.ui.views.measured import SizeSection
from cloudtemple_browser.ui.views.treemap import Placed, Treemap, place_tiles

pytestmark = pytest.mark.usefixtures("english")
HOSTILE = "<img src='file:///etc/passwd'><b>x</b>\u202e\n&amp;"
ROOT = Scope.folder(CONNECTION.id, BUCKET, "p/")
HERE = Location(CONNECTION.id, BUCKET, "p/")


def tile(name: str, weight: int, *parts: Tile, opens: bool = True, others: bool = False) -> Tile:
    return Tile(name, name, 1, weight, True, 100, opens=opens, others=others, parts=parts)


# --- tiles


def test_tiles_fill_the_area_and_parts_lie_in_theirs() -> None:
    inner = tuple(tile(f"a/{n}", 10) for n in range(3))
    placed = place_tiles([tile("a/", 60, *inner), tile("b/", 30), tile("c/", 10)], 600, 400)
    tops = [one for one in placed if one.level == 0]
    assert [one.tile.key for one in tops] == ["a/", "b/", "c/"]
    assert sum(one.box.area for one in tops) == pytest.approx(240_000)
    assert tops[0].box.area == pytest.approx(144_000)
    parts = [one for one in placed if one.level == 1]
    assert len(parts) == 3
    home = tops[0].box
    for one in parts:
        assert home.x <= one.box.x
        assert one.box.x + one.box.width <= home.x + home.width
        assert home.y < one.box.y
        assert one.box.y + one.box.height <= home.y + home.height
    # The three are half of their folder: the rest of it stays as it is.
    assert sum(one.box.area for one in parts) == pytest.approx(home.inset(3, treemap._HEAD, 3, 3).area / 2)


def test_what_is_too_small_to_be_seen_is_one_tile() -> None:
    many = [tile(f"{n}/", 1) for n in range(5000)]
    placed = place_tiles([tile("large/", 10_000_000), *many, tile("", 700, others=True)], 800, 600)
    assert [one.tile.key for one in placed] == ["large/", ""]
    rest = placed[1].tile
    assert (rest.weight, rest.objects, rest.others, rest.opens) == (5700, 5001, True, False)
    assert place_tiles([tile("a/", 0), tile("", 0, others=True)], 100, 100) == []


def test_the_number_of_tiles_is_bounded() -> None:
    many = [tile(f"{n}/", 10, *(tile(f"{n}/{m}/", 1) for m in range(9))) for n in range(1000)]
    assert len(place_tiles(many, 4000, 3000)) <= 401 + 800


@pytest.mark.parametrize(
    ("weight", "total", "words"), [(1, 2, "50%"), (1, 30, "3.3%"), (1, 10**6, "under 0.1%"), (0, 0, "0.0%"), (7, 7, "100%")]
)
def test_shares(weight: int, total: int, words: str) -> None:
    assert share_text(weight, total) == words


TALLY = Tally(
    objects=10,
    bytes=1000,
    folders=Groups((Group("a/", 4, 700), Group("", 5, 200)), Group("", 1, 100), 3, exact=False),
    subfolders=Groups((Group("a/b/", 1, 400), Group("a/", 1, 200), Group("a//", 2, 100), Group("", 5, 200))),
    extensions=Groups((Group("jpg", 4, 600), Group("", 6, 400))),
    ages=(Group("0", 0, 0), Group(str(OLDER), 9, 900), Group(str(AGE_UNKNOWN), 1, 100)),
)


def test_folders_as_tiles() -> None:
    first, here, rest = tiles_of(TALLY, Aspect())
    assert [(one.key, one.name, one.opens) for one in (first, here, rest)] == [
        ("a/", "a", True),
        ("", "Directly here", False),
        ("", "About 3 smaller folders", False),
    ]
    assert [(part.key, part.name) for part in first.parts] == [("a/b/", "b"), ("a/", "Directly here"), ("a//", "(empty name)")]
    assert rest.others
    assert first.summary == "a: 700\N{NO-BREAK SPACE}B, 4 objects, 70%"
    by_number = tiles_of(TALLY, Aspect(by_bytes=False))
    assert [one.weight for one in by_number] == [5, 4, 1]
    assert by_number[0].summary == "Directly here: 200\N{NO-BREAK SPACE}B, 5 objects, 50%"


def test_extensions_and_ages_as_tiles() -> None:
    jpg, none = tiles_of(TALLY, Aspect(Facet.EXTENSION))
    assert (jpg.name, jpg.summary.partition(":")[0], jpg.opens, none.name, none.opens) == (
        ".jpg",
        ".jpg (image)",
        True,
        "No extension",
        False,
    )
    old, unknown = tiles_of(TALLY, Aspect(Facet.AGE))
    assert (old.name, old.tone, old.opens) == ("Over 1 year old", RAMP_TONE + OLDER, True)
    assert (unknown.name, unknown.tone, unknown.opens) == ("Date not known", PLAIN_TONE, False)


def test_where_tiles_lead() -> None:
    assert place_of(HERE, Facet.FOLDER, "a/b/", 5) == Location(CONNECTION.id, BUCKET, "p/a/b/")
    assert place_of(HERE, Facet.EXTENSION, "gz", 5).below == Query("?*.gz", Match.GLOB)
    aged = place_of(HERE, Facet.AGE, "0", 10**9).below
    assert aged == Query(after=10**9 - 86_400 + 1)


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_texts_are_legible_on_every_colour(qapp: QApplication, choice: str) -> None:
    theme.apply_theme(qapp, choice)
    for tone, level in itertools.product(range(RAMP_TONE + OLDER + 1), (0, 1)):
        ground = treemap._colour(tone, level)
        assert max(theme.contrast(ink, ground) for ink in treemap._TEXTS) >= 4.5
    theme.apply_theme(qapp, "")


def test_the_table_is_a_sound_model() -> None:
    model = StorageModel()
    tester = QAbstractItemModelTester(model)
    tiles = tiles_of(TALLY, Aspect())
    model.show_tiles(tiles)
    assert [model.index(0, column).data().replace("\N{NO-BREAK SPACE}", " ") for column in range(4)] == [
        "a",
        "700 B",
        "4",
        "70%",
    ]
    assert "700 bytes" in model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == tiles[0].summary
    assert [model.row_of(key) for key in ("a/", "", "x/")] == [0, 1, -1]
    model.show_tiles(tiles_of(TALLY, Aspect(by_bytes=False)))
    model.show_tiles([])
    assert model.rowCount() == 0
    del tester


# --- the map


@pytest.fixture
def chart(qtbot: QtBot) -> Treemap:
    made = Treemap()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    made.show_tiles([tile("a/", 60, tile("a/x/", 30), tile("a/y/", 20)), tile(HOSTILE, 30), tile("c/", 10, opens=False)])
    return made


def middle(one: Placed) -> QPoint:
    return QPoint(int(one.box.x + one.box.width / 2), int(one.box.y + one.box.height / 2))


def at(chart: Treemap, key: str) -> Placed:
    return next(one for one in chart.placed if one.tile.key == key)


def test_a_click_opens_the_innermost_tile(chart: Treemap) -> None:
    opened: list[str] = []
    chart.opened.connect(opened.append)
    for key in ("a/x/", HOSTILE, "c/"):
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle(at(chart, key)))
    head = at(chart, "a/").box
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(int(head.x) + 30, int(head.y) + 8))
    QTest.mouseClick(chart, Qt.MouseButton.RightButton, pos=middle(at(chart, "a/x/")))
    assert opened == ["a/x/", HOSTILE, "a/"]


def test_the_pointer_tells_what_it_is_over(chart: Treemap) -> None:
    told: list[str] = []
    chart.pointed.connect(told.append)
    point = QPointF(middle(at(chart, "a/y/")))
    nothing, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(chart, QMouseEvent(QEvent.Type.MouseMove, point, point, nothing, nothing, none))
    assert told[-1].startswith("a/y/: 20")
    found = chart._at(QPointF(middle(at(chart, HOSTILE))))
    assert found is not None
    assert "\u202e" not in found.tile.summary
    assert "\n" not in found.tile.summary


def test_arrows_go_to_neighbours_and_enter_opens(chart: Treemap) -> None:
    opened: list[str] = []
    chart.opened.connect(opened.append)
    chart.setFocus()
    chart._go(0)
    assert chart.current_key == "a/"
    boxes = {one.tile.key: one.box for one in chart.placed if one.level == 0}
    beside = boxes[HOSTILE].x > boxes["a/"].x + 1
    QTest.keyClick(chart, Qt.Key.Key_Right if beside else Qt.Key.Key_Down)
    assert chart.current_key in (HOSTILE, "c/")
    QTest.keyClick(chart, Qt.Key.Key_Left if beside else Qt.Key.Key_Up)
    assert chart.current_key == "a/"
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.current_key == "a/"
    QTest.keyClick(chart, Qt.Key.Key_Return)
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert chart.current_key == "c/"
    QTest.keyClick(chart, Qt.Key.Key_Return)  # leads nowhere
    QTest.keyClick(chart, Qt.Key.Key_Home)
    QTest.keyClick(chart, Qt.Key.Key_Space)
    assert opened == ["a/", "a/"]


def test_the_current_tile_stays_so_while_it_is_counted(chart: Treemap) -> None:
    chart.set_current(HOSTILE)
    assert chart.current_key == HOSTILE
    chart.show_tiles([tile("new/", 70), tile("a/", 60), tile(HOSTILE, 30)])
    assert chart.current_key == HOSTILE
    chart.resize(300, 500)
    assert chart.current_key == HOSTILE
    chart.show_tiles([tile("new/", 70)])
    assert chart.current_key is None


def test_the_frame_of_the_current_tile_is_beside_its_name(chart: Treemap) -> None:
    chart.show_tiles([tile("first folder/", 60), tile("x" * 90, 30), tile(HOSTILE, 10)])
    picture = chart._drawn().toImage()
    ratio = picture.devicePixelRatio()
    for one in chart.placed:
        ground = treemap._colour(one.tile.tone, 0).name()
        shape = treemap._inner(one.box)
        inside = shape.adjusted(4.5, 4.5, -4.5, -4.5)
        spots = [
            QPoint(x, y)
            for x in range(int(shape.left()), int(shape.right()))
            for y in range(int(shape.top()), int(shape.bottom()))
        ]
        inked = {picture.pixelColor(spot * ratio).name() != ground for spot in spots if not inside.contains(QPointF(spot))}
        assert inked == {False}


def hover(chart: Treemap, point: QPoint) -> None:
    nothing, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    moved = QMouseEvent(QEvent.Type.MouseMove, QPointF(point), QPointF(point), nothing, nothing, none)
    QApplication.sendEvent(chart, moved)


def test_what_is_told_follows_what_is_under_the_pointer_now(chart: Treemap) -> None:
    told: list[str] = []
    chart.pointed.connect(told.append)
    chart._go(0)
    assert told[-1].startswith("a/: 60")
    point = middle(at(chart, HOSTILE))
    hover(chart, point)
    assert chart.pointed_tile == at(chart, HOSTILE).tile
    chart.show_tiles([tile("new/", 100, opens=False)])  # drawn where the other one was
    assert chart.pointed_tile == at(chart, "new/").tile
    assert chart.cursor().shape() == Qt.CursorShape.ArrowCursor
    chart.show_tiles([tile("a/", 60), tile("c/", 40)])
    QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
    assert told[-1].startswith("a/: 60")  # the current one again
    hover(chart, middle(at(chart, "c/")))
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert told[-1].startswith("a/: 60")  # the keyboard was the last
    hover(chart, middle(at(chart, "c/")))
    chart.resize(80, 900)
    now = chart.pointed_tile
    assert now is not None
    assert told[-1] == now.summary


def test_the_others_are_current_as_long_as_they_are_there(chart: Treemap) -> None:
    chart.show_tiles([tile("a/", 60), tile("", 30), tile("", 20, others=True)])
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert chart.pointed_tile is not None
    assert chart.pointed_tile.others
    chart.show_tiles([tile("a/", 60), tile("", 30), tile("", 40, others=True)])
    assert chart.pointed_tile.others
    assert chart.pointed_tile.weight == 40


def test_it_is_drawn_in_its_colours(chart: Treemap) -> None:
    picture: QImage = chart.grab().toImage()
    for key in (HOSTILE, "c/"):
        one = at(chart, key)
        spot = middle(one) * picture.devicePixelRatio()
        assert picture.pixelColor(spot).name() == treemap._colour(one.tile.tone, 0).name()


def test_a_screen_reader_hears_the_largest(chart: Treemap) -> None:
    spoken = QAccessible.queryAccessibleInterface(chart)
    assert spoken.text(QAccessible.Text.Name) == "Treemap"
    assert spoken.text(QAccessible.Text.Description).startswith("a/: 60")


def test_an_empty_map_takes_keys(qtbot: QtBot) -> None:
    empty = Treemap()
    qtbot.addWidget(empty)
    empty.show()
    empty.show_tiles([])
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_Return):
        QTest.keyClick(empty, key)
    assert empty.current_key is None
    assert empty.placed == []


def test_a_box_of_no_size_is_no_error() -> None:
    assert place_tiles([tile("a/", 1)], 0, 10)[0].box == Box(0, 0, 0, 0)


# --- the window


@pytest.fixture
def storage(world: World, qtbot: QtBot) -> Iterator[StorageWindow]:
    parent = QWidget()
    parent.resize(1000, 700)
    parent.show()
    made = StorageWindow(parent, world.app)
    yield made
    if isValid(made):
        made.close()
    parent.deleteLater()


def fill(world: World, **sizes: int) -> None:
    for name, size in sizes.items():
        world.store.add(BUCKET, name.replace("__", "/").replace("_dot_", "."), b"x" * size)


def break_off(world: World) -> None:
    """Let listings end early, after their first page."""
    whole = world.store.list_pages

    def cut(*args: Any) -> Iterator[ListingPage]:
        yield next(whole(*args))
        raise failure(ErrorKind.PARTIAL)

    world.store.list_pages = cut  # type: ignore[method-assign, assignment]


async def shown(storage: StorageWindow, progress: Progress = Progress.COMPLETE) -> None:
    await until(lambda: storage._measured and storage._measured.progress is progress)


def words(storage: QWidget) -> str:
    return " | ".join(one.text() for one in storage.findChildren(QLabel) if one.isVisible()).replace("\N{NO-BREAK SPACE}", " ")


def press(storage: StorageWindow, name: str) -> None:
    button = storage.findChild(QAbstractButton, name)
    assert isinstance(button, QAbstractButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def listed(storage: StorageWindow) -> list[str]:
    return [storage.model.index(row, 0).data() for row in range(storage.model.rowCount())]


async def test_it_counts_and_shows_folders_extensions_and_ages(world: World, storage: StorageWindow) -> None:
    fill(world, p__a__x_dot_jpg=50, p__b__c__y_dot_gz=30, p__z_dot_gz=15, elsewhere=99)
    await world.open("p/")
    storage.show_scope(ROOT)
    await shown(storage)
    assert storage.windowTitle() == f"Storage of s3://{BUCKET}/p/"
    assert listed(storage) == ["a", "b", "Directly here"]
    assert "3 objects, 95 B" in words(storage)
    assert "Counted today" in words(storage)
    press(storage, "storage-extension")
    assert listed(storage) == [".jpg", ".gz"]
    press(storage, "storage-by-number")
    assert listed(storage) == [".gz", ".jpg"]
    press(storage, "storage-age")
    assert listed(storage) == ["Under 1 day old"]
    assert not unnamed(storage)
    storage.close()


async def test_a_click_goes_there_and_back_comes_back(world: World, storage: StorageWindow) -> None:
    fill(world, p__a__x__1=50, p__a__y=20, p__b=30)
    await world.open("p/")
    storage.show_scope(ROOT)
    await shown(storage)
    assert not storage.back.isEnabled()
    storage.map.opened.emit("a/")
    assert world.app.state.location == Location(CONNECTION.id, BUCKET, "p/a/")
    await shown(storage)
    assert listed(storage) == ["x", "Directly here"]
    storage.back.click()
    assert world.app.state.location == HERE
    assert listed(storage) == ["a", "Directly here"]  # at once: it was counted
    storage.up.click()
    await shown(storage)
    assert world.app.state.location == Location(CONNECTION.id, BUCKET)
    assert not storage.up.isEnabled()
    assert listed(storage) == ["p"]
    await world.listed()
    storage.close()


async def test_an_extension_leads_to_a_search(world: World, storage: StorageWindow) -> None:
    fill(world, p__a__x_dot_jpg=50, p__b=30)
    await world.open("p/")
    storage.show_scope(ROOT)
    await shown(storage)
    press(storage, "storage-extension")
    storage.list.activated.emit(storage.model.index(0, 0))
    location = world.app.state.location
    assert location is not None
    assert (location.prefix, location.below) == ("p/", Query("?*.jpg", Match.GLOB))
    assert storage._scope == ROOT
    storage.list.activated.emit(storage.model.index(1, 0))  # no extension: leads nowhere
    assert world.app.state.location == location
    await world.listed()
    storage.close()


async def test_it_closes_with_its_connection(world: World, storage: StorageWindow) -> None:
    await world.open("p/", connection=OTHER)
    await world.open("p/")
    other = Scope.folder(OTHER.id, BUCKET, "p/")
    storage.show_scope(other)
    storage.show_scope(ROOT)
    await shown(storage)
    world.app.connection_gone(OTHER.id)
    await world.accounts.delete(OTHER)
    assert storage.isVisible()
    assert not storage.back.isEnabled()
    world.app.connection_gone(CONNECTION.id)
    await world.accounts.delete(CONNECTION)
    assert not isValid(storage) or not storage.isVisible()


async def test_the_row_and_the_tile_go_together(world: World, storage: StorageWindow) -> None:
    fill(world, p__a__x=50, p__b__x=30, p__c__x=10)
    await world.open("p/")
    storage.show_scope(ROOT)
    await shown(storage)
    storage.list.selectRow(1)
    assert storage.map.current_key == "b/"
    assert "b: 30 B, 1 object, 33%" in words(storage)
    storage.map._go(0)
    assert storage.list.currentIndex().row() == 0
    fill(world, p__b__more=100)
    world.app.measures.start(ROOT)
    await until(lambda: listed(storage) == ["b", "a", "c"])
    assert storage.map.current_key == "a/"
    assert storage.list.currentIndex().row() == 1
    storage.close()


def pointed(storage: StorageWindow) -> str:
    return storage._pointed.text().replace("\N{NO-BREAK SPACE}", " ")


async def test_the_line_below_tells_of_what_is_shown_now(world: World, storage: StorageWindow) -> None:
    fill(world, p__a__x_dot_jpg=50, p__b__x_dot_gz=30, p__c_dot_gz=10)
    await world.open("p/")
    storage.show_scope(ROOT)
    await shown(storage)
    storage.list.selectRow(1)
    assert pointed(storage) == "b: 30 B, 1 object, 33%"
    press(storage, "storage-by-number")
    assert pointed(storage) == "b: 30 B, 1 object, 33%"
    world.store.add(BUCKET, "p/b/more", b"x" * 110)
    await world.app.measures.count(ROOT)  # the tiles are the same
    assert pointed(storage) == "b: 140 B, 2 objects, 50%"
    press(storage, "storage-by-size")
    assert pointed(storage) == "b: 140 B, 2 objects, 70%"
    for facet in ("extension", "age"):
        press(storage, f"storage-{facet}")
        assert pointed(storage) == ""
        assert not storage.list.selectionModel().hasSelection()
    press(storage, "storage-folder")
    assert pointed(storage) == "b: 140 B, 2 objects, 70%"
    storage.close()


async def test_the_line_below_goes_on_with_the_count(world: World, storage: StorageWindow) -> None:
    storage._scope = ROOT
    storage._changed(Measured(ROOT, Progress.COUNTING, 5, TALLY))
    storage.show()
    storage.list.selectRow(1)
    hover(storage.map, QPoint(30, 8))
    assert pointed(storage) == "a: 700 B, 4 objects, 70%"
    folders = replace(TALLY.folders, largest=(Group("a/", 9, 900), Group("", 6, 300)))
    storage._changed(Measured(ROOT, Progress.COUNTING, 5, replace(TALLY, bytes=1300, folders=folders)))
    assert pointed(storage) == "a: 900 B, 9 objects, 69%"
    QApplication.sendEvent(storage.map, QEvent(QEvent.Type.Leave))
    assert pointed(storage) == "Directly here: 300 B, 6 objects, 23%"
    storage.close()


async def test_the_row_of_the_others_is_not_that_of_what_lies_here(world: World, storage: StorageWindow) -> None:
    storage._scope = ROOT
    storage._changed(Measured(ROOT, Progress.COMPLETE, 5, TALLY))
    storage.show()
    assert listed(storage) == ["a", "Directly here", "About 3 smaller folders"]
    storage.map._go(len(storage.map.placed) - 1)
    assert storage.list.currentIndex().row() == 2
    assert pointed(storage).startswith("About 3 smaller folders: 100 B")
    storage._show()
    assert storage.list.currentIndex().row() == 2
    assert pointed(storage).startswith("About 3 smaller folders: 100 B")
    storage.list.selectRow(1)
    assert pointed(storage).startswith("Directly here: 200 B")
    storage.close()


@pytest.mark.parametrize(("width", "gone"), [(1040, set()), (700, {SHARE}), (560, {OBJECTS, SHARE})])
async def test_names_have_room_in_the_list(world: World, qtbot: QtBot, width: int, gone: set[int]) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(width, 700)
    window = StorageWindow(parent, world.app)
    ages = tuple(Group(str(age), 1, 100 - age) for age in range(AGE_UNKNOWN + 1))
    window._scope = ROOT
    window._changed(Measured(ROOT, Progress.COMPLETE, 5, Tally(objects=7, bytes=679, ages=ages)))
    window.show()
    press(window, "storage-age")
    assert window.list.textElideMode() == Qt.TextElideMode.ElideRight
    await until(lambda: {column for column in range(4) if window.list.isColumnHidden(column)} == gone)
    longest = max(map(window.list.fontMetrics().horizontalAdvance, listed(window)))
    await until(lambda: window.list.columnWidth(NAME) >= min(longest + 8, 130))
    window._body.setSizes([900, 180])
    await until(lambda: window.list.isColumnHidden(OBJECTS))
    assert not window.list.isColumnHidden(SIZE)
    press(window, "storage-folder")
    assert window.list.textElideMode() == Qt.TextElideMode.ElideMiddle
    window.close()


async def test_it_is_drawn_while_it_counts_and_can_be_stopped(world: World, storage: StorageWindow) -> None:
    for number in range(10):
        world.store.add(BUCKET, f"p/{number}/x", b"x" * 10)
    world.store.page_size = 2
    await world.open("p/")
    hold = world.store.hold("list_pages")
    storage.show_scope(ROOT)
    await until(hold.entered.is_set)
    assert "Counting…" in words(storage)
    assert storage.act.text() == "Cancel"
    storage.act.click()
    await shown(storage, Progress.STOPPED)
    assert "Nothing was counted." in words(storage)
    assert "you stopped it" in words(storage)
    assert storage.act.text() == "Count again"
    hold.release()
    storage.act.click()
    await shown(storage)
    assert len(listed(storage)) == 10
    storage.close()


async def test_states_are_told(world: World, storage: StorageWindow) -> None:
    await world.open("p/")
    storage.show_scope(ROOT)
    await shown(storage)
    assert "There is no object here." in words(storage)
    world.store.add(BUCKET, "p/a/x", b"")
    await world.app.measures.count(ROOT)
    assert "All objects here are empty." in words(storage)
    press(storage, "storage-by-number")
    assert storage._stack.currentWidget() is storage.map
    world.store.forbidden[BUCKET] = failure(ErrorKind.ACCESS_DENIED)
    await world.app.measures.count(ROOT)
    assert "It could not be counted" in words(storage)
    assert listed(storage) == []
    del world.store.forbidden[BUCKET]
    break_off(world)
    await world.app.measures.count(ROOT)
    assert "Partial, counted today" in words(storage)
    assert "at least 1 object" in words(storage)
    storage.close()


async def test_what_changes_below_is_told(world: World, storage: StorageWindow) -> None:
    fill(world, p__a=5)
    await world.open("p/")
    storage.show_scope(ROOT)
    await shown(storage)
    world.app.keys_gone(HERE, ("p/a",))
    assert "changed since" in words(storage)
    storage.act.click()
    await until(lambda: "changed since" not in words(storage))
    await shown(storage)
    storage.close()


async def test_closing_leaves_alone_what_others_count(world: World, storage: StorageWindow) -> None:
    fill(world, p__a=5)
    await world.open("p/")
    hold = world.store.hold("list_pages")
    world.app.measures.start(ROOT)
    await until(hold.entered.is_set)
    storage.show_scope(ROOT)
    storage.close()
    hold.release()
    await until(lambda: not world.app.activities.running)
    found = world.app.measures.get(ROOT)
    assert found is not None
    assert found.progress is Progress.COMPLETE


async def test_closing_stops_the_count(world: World, storage: StorageWindow) -> None:
    fill(world, p__a=5)
    await world.open("p/")
    hold = world.store.hold("list_pages")
    storage.show_scope(ROOT)
    await until(hold.entered.is_set)
    QTest.keyClick(storage, Qt.Key.Key_Escape)
    await until(lambda: not world.app.activities.running)
    assert len(world.app.measures.changed._callbacks) == 0


async def test_foreign_names_stay_plain(world: World, storage: StorageWindow) -> None:
    world.store.add(BUCKET, f"p/{HOSTILE}/x", b"12345")
    await world.open("p/")
    storage.show_scope(Scope.folder(CONNECTION.id, BUCKET, f"p/{HOSTILE[:20]}"))
    storage.show_scope(ROOT)
    await shown(storage)
    storage.list.selectRow(0)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in storage.findChildren(QLabel))
    assert "\u202e" not in words(storage) + listed(storage)[0]
    assert "&lt;" in storage.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    storage.close()


def test_thousands_of_groups_are_made_ready_within_the_budget() -> None:
    collector = Collector()
    for page in range(60):
        keys = tuple(f"folder-{page * 50 + at // 20}/sub{at % 20}/x" for at in range(1000))
        blank = ("",) * 1000
        collector.add(PageTally("", 0)(ListingPage((), keys, tuple(range(1000)), (5,) * 1000, blank, blank)))
    tally = collector.tally()
    tiles = tiles_of(tally, Aspect())
    assert sum(one.bytes for one in tiles) == tally.bytes
    assert len(tiles) <= 2001
    assert len(place_tiles(tiles, 900, 600)) <= 1200


def test_an_index_that_is_none_says_nothing() -> None:
    assert StorageModel().data(QModelIndex()) is None


# --- the inspector


@pytest.fixture
def section(world: World, qtbot: QtBot) -> Iterator[SizeSection]:
    made = SizeSection(world.app)
    qtbot.addWidget(made)
    yield made
    made.release()


def choose(world: World, section: SizeSection, objects: int, folders: int, size: int, *keys: str) -> None:
    world.shell.selected = list(keys)
    world.app.select(SelectionSize(objects, folders, size))
    section.follow()


async def test_a_size_is_counted_where_it_is_asked_for_and_remembered(world: World, section: SizeSection) -> None:
    fill(world, p__a__x=50, p__b=30)
    await world.open("p/")
    assert not section.isHidden()
    assert "below here is not counted yet" in section.state.text()
    choose(world, section, 0, 1, 0, "p/a/")
    assert "What folders hold" in section.state.text()
    section.act.click()
    await until(lambda: section.act.text() == "Count again")
    assert section.amount.text().replace("\N{NO-BREAK SPACE}", " ") == "1 object, 50 B"
    assert section.state.text().startswith("Counted today")
    choose(world, section, 0, 0, 0)
    assert section.act.text() == "Calculate size"
    choose(world, section, 1, 1, 30, "p/a/", "p/b")
    assert section.amount.text().replace("\N{NO-BREAK SPACE}", " ") == "2 objects, 80 B"


@pytest.mark.parametrize("objects", [1, 2])
async def test_objects_alone_need_no_count(world: World, section: SizeSection, objects: int) -> None:
    fill(world, p__a=50, p__b=30)
    await world.open("p/")
    choose(world, section, objects, 0, 50, *["p/a", "p/b"][:objects])
    assert section.scope is None
    assert section.isHidden()


async def test_an_incomplete_size_is_at_least_so_much(world: World, section: SizeSection) -> None:
    for number in range(10):
        world.store.add(BUCKET, f"p/{number}", b"x")
    await world.open("p/")
    section.follow()
    break_off(world)
    section.act.click()
    await until(lambda: section.act.text() == "Count again")
    assert section.amount.text().startswith("Below here: at least 10 objects")
    assert "The listing is not complete" in section.state.text()
    assert section.state.property("tone") == "warning"
    world.store.forbidden[BUCKET] = failure(ErrorKind.ACCESS_DENIED)
    section.act.click()
    await until(lambda: "could not be counted" in section.state.text())
    assert section.amount.isHidden()


async def test_a_count_is_cancelled_from_its_button(world: World, section: SizeSection) -> None:
    fill(world, p__a=50)
    await world.open("p/")
    section.follow()
    hold = world.store.hold("list_pages")
    section.act.click()
    await until(hold.entered.is_set)
    assert section.act.text() == "Cancel"
    section.act.click()
    await until(lambda: section.act.text() == "Count again")
    assert "you stopped it" in section.state.text()
    section.storage.click()
    await until(lambda: world.shell.told)
    assert world.shell.told == [("show_storage", ROOT)]
