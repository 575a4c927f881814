"""Connections and buckets beside the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from app.rig import BUCKET, CONNECTION, OTHER, World, failure, until
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.shell import FilledForm
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.ui.views.sidebar import Sidebar


@pytest.fixture
def side(world: World, qtbot: QtBot, english: None) -> Iterator[Sidebar]:
    side = Sidebar(world.app)
    qtbot.addWidget(side)
    side.resize(240, 500)
    side.show()
    yield side
    side.release()


def top(side: Sidebar, at: int = 0) -> QTreeWidgetItem:
    item = side.topLevelItem(at)
    assert item is not None
    return item


def below(side: Sidebar, at: int, top_at: int = 0) -> QTreeWidgetItem:
    item = top(side, top_at).child(at)
    assert item is not None
    return item


def children(side: Sidebar, at: int = 0) -> list[str]:
    return [below(side, n, at).text(0) for n in range(top(side, at).childCount())]


def current(side: Sidebar) -> QTreeWidgetItem:
    item = side.currentItem()
    assert item is not None
    return item


async def test_connections_are_listed_and_asked_for_nothing(side: Sidebar, world: World) -> None:
    await world.load()
    assert [top(side, at).text(0) for at in range(side.topLevelItemCount())] == ["Test", "Other"]
    assert children(side) == ["Add bucket by name…"]
    assert world.store.calls == []


async def test_unfolding_lists_the_buckets_once(side: Sidebar, world: World) -> None:
    await world.load()
    top(side).setExpanded(True)
    await until(lambda: children(side) == [BUCKET, "Add bucket by name…"])
    top(side).setExpanded(False)
    top(side).setExpanded(True)
    await world.background.call(lambda: None)
    assert world.store.count("list_buckets") == 1


async def test_a_refusal_is_said_and_buckets_added_by_name_stay(side: Sidebar, world: World) -> None:
    world.book.saved = (replace(CONNECTION, buckets=("mine",)),)
    world.store.fail_next("list_buckets", failure(ErrorKind.ACCESS_DENIED))
    await world.load()
    top(side).setExpanded(True)
    await until(lambda: world.app.buckets.get(CONNECTION).error)
    assert children(side) == ["mine", "Buckets cannot be listed", "Add bucket by name…"]
    assert "added by name" in below(side, 0).toolTip(0)


async def test_what_is_open_is_marked_and_unfolded(side: Sidebar, world: World) -> None:
    await world.open()
    await until(lambda: BUCKET in children(side))
    assert top(side).isExpanded()
    assert current(side).text(0) == BUCKET
    await world.open(bucket="")
    assert side.currentItem() is top(side)


async def test_rows_that_come_leave_the_keyboard_s_place_alone(side: Sidebar, world: World) -> None:
    await world.open()
    await until(lambda: BUCKET in children(side))
    side.setCurrentItem(top(side, 1))
    top(side).setExpanded(False)
    world.app._objects_stored(CONNECTION.id, BUCKET, (ObjectEntry("x", 1, 1),), public=False)
    assert world.app.state.rows == 1
    assert side.currentItem() is top(side, 1)
    assert not top(side).isExpanded()


async def test_a_click_opens(side: Sidebar, world: World) -> None:
    await world.open()
    await until(lambda: BUCKET in children(side))
    side.itemClicked.emit(top(side), 0)
    await world.listed()
    assert world.app.state.location == Location(CONNECTION.id)
    side.itemClicked.emit(below(side, 0), 0)
    await world.listed()
    assert world.app.state.location == Location(CONNECTION.id, BUCKET)
    wanted: list[bool] = []
    side.add_bucket_wanted.connect(lambda: wanted.append(True))
    side.itemClicked.emit(below(side, 1), 0)
    assert wanted == [True]


async def test_adding_a_bucket_to_another_connection_opens_that_one(side: Sidebar, world: World) -> None:
    """The command adds to the open connection: it must be the one under which it was clicked."""
    await world.open()
    side.itemClicked.emit(below(side, len(children(side, 1)) - 1, 1), 0)
    await world.listed()
    assert world.app.connection == OTHER


async def test_after_an_edit_the_buckets_are_listed_anew(side: Sidebar, world: World) -> None:
    from cloudtemple_browser.app.commands import connections

    await world.open()
    await until(lambda: BUCKET in children(side))
    changed = replace(CONNECTION, endpoint="https://changed.test", bucket="start")
    world.factory.store(changed).add_bucket("start")
    world.factory.store(changed).add_bucket("second")
    world.shell.answer("connection", FilledForm(changed, None, session_only=False))
    await world.run(connections.edit)
    await world.listed()
    await until(lambda: children(side) == ["second", "start", "Add bucket by name…"])


async def test_a_deleted_connection_is_gone(side: Sidebar, world: World) -> None:
    await world.load()
    await world.accounts.delete(CONNECTION)
    assert [top(side, at).text(0) for at in range(side.topLevelItemCount())] == ["Other"]


async def test_hostile_names(side: Sidebar, world: World) -> None:
    world.book.saved = (replace(CONNECTION, name="<b>\u202egnp", buckets=("<i>x</i>",)),)
    await world.load()
    assert top(side).text(0) == "<b>⟨RightToLeftOverride⟩gnp"
    assert "<b>" not in top(side).toolTip(0)
    assert "<i>" not in below(side, 0).toolTip(0)


async def test_files_are_dropped_onto_buckets_only(side: Sidebar, world: World, tmp_path: Path) -> None:
    await world.open()
    await until(lambda: BUCKET in children(side))
    told: list[tuple[object, object]] = []
    side.dropped.connect(lambda paths, where: told.append((paths, where)))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    for item in (top(side), below(side, 0), below(side, 1)):
        point = QPointF(side.visualItemRect(item).center())
        event = QDropEvent(point, Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        side.dropEvent(event)
    assert told == [((tmp_path,), Location(CONNECTION.id, BUCKET))]


async def test_a_released_sidebar_hears_nothing(side: Sidebar, world: World) -> None:
    side.release()
    side._watched.clear()
    await world.load()
    assert side.topLevelItemCount() == 0
