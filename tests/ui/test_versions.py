"""The inspector's tab of versions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from app.rig import BUCKET, World, failure, until
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui.test_accessibility import unnamed

from cloudtemple_browser.app.commands.versions import KeptVersions
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.versions import ObjectVersion
from cloudtemple_browser.ui.models.versions import SIZE, VERSION, VersionsModel
from cloudtemple_browser.ui.views.inspector import Inspector
from cloudtemple_browser.ui.views.versions_tab import VersionsTab

pytestmark = pytest.mark.usefixtures("english")
HOSTILE = "<img src=x>\u202eid"
ROWS = (
    ObjectVersion("marker", True, True, 0, 1795422600),
    ObjectVersion(HOSTILE, False, False, 2048, 1795422000),
    ObjectVersion("null", False, False, UNKNOWN, UNKNOWN),
)


@pytest.fixture
def inspector(world: World, qtbot: QtBot) -> Iterator[Inspector]:
    made = Inspector(world.app)
    qtbot.addWidget(made)
    made.resize(300, 500)
    made.show()
    yield made
    made.release()


def look_at(world: World, inspector: Inspector, key: str) -> ObjectRef:
    """Select one object and open the tab."""
    ref = world.store.add(BUCKET, key, b"123", modified=1795422600)
    inspector.show_selection(ref, ObjectEntry(key, 3, 1795422600), 1, 3)
    inspector.show_tab(3)
    return ref


def words(tab: VersionsTab) -> str:
    """All that the tab says."""
    return " ".join(one.text() for one in tab.findChildren(QLabel) if one.isVisible())


def cells(model: VersionsModel, row: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> list[str]:
    """One row of the table."""
    return [str(model.data(model.index(row, column), role)) for column in (VERSION, SIZE)]


def test_rows(qapp: object) -> None:
    model = VersionsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_versions((*ROWS, ObjectVersion("now", True, False, 1, 0)))
    version, size = cells(model, 0)
    assert version.endswith("\nmarker")
    assert size == "deleted"
    version, size = cells(model, 1)
    assert version.endswith("\n<img src=x>⟨RightToLeftOverride⟩id")
    assert size == "2.05\u00a0KB"
    assert cells(model, 2) == ["?\nnull", "?"]
    assert cells(model, 3)[SIZE] == "1\u00a0B\ncurrent"
    assert cells(model, 3, Qt.ItemDataRole.AccessibleTextRole)[SIZE] == "1\u00a0B, current"
    tips = cells(model, 1, Qt.ItemDataRole.ToolTipRole)
    assert "2026-11-23 08:20:00 UTC" in tips[VERSION]
    assert "&lt;img" in tips[VERSION]
    assert "2,048 bytes" in tips[SIZE]
    assert "delete marker" in cells(model, 0, Qt.ItemDataRole.ToolTipRole)[SIZE]
    assert model.data(QModelIndex()) is None


async def test_versions_are_read_when_the_tab_is_shown(world: World, inspector: Inspector) -> None:
    await world.open()
    ref = ObjectRef(BUCKET, "a")
    world.store.versions[ref] = ROWS
    world.store.add(BUCKET, "a", b"123")
    inspector.show_selection(ref, ObjectEntry("a", 3, 0), 1, 3)
    await until(lambda: inspector._preview.loaded == ref)
    assert world.store.count("list_versions") == 0
    inspector.show_tab(3)
    await until(inspector._versions.table.isVisible)
    assert inspector._versions.model.versions == ROWS
    assert not inspector._versions.note.isVisible()
    assert not unnamed(inspector)


async def test_a_bucket_without_versions(world: World, inspector: Inspector) -> None:
    await world.open()
    look_at(world, inspector, "a")
    await until(lambda: "keeps no versions" in words(inspector._versions))
    assert not inspector._versions.table.isVisible()


async def test_a_refusal(world: World, inspector: Inspector) -> None:
    await world.open()
    world.store.fail_next("list_versions", failure(ErrorKind.ACCESS_DENIED, "AccessDenied"))
    look_at(world, inspector, "a")
    await until(lambda: "refused this" in words(inspector._versions))


async def test_another_selection_ends_the_reading(world: World, inspector: Inspector) -> None:
    await world.open()
    held = world.store.hold("list_versions")
    world.store.versions[ObjectRef(BUCKET, "a")] = ROWS
    look_at(world, inspector, "a")
    await until(held.entered.is_set)
    assert "Loading" in words(inspector._versions)
    look_at(world, inspector, "b")
    held.release()
    await until(lambda: "keeps no versions" in words(inspector._versions))
    assert inspector._versions.model.versions == ()


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (KeptVersions(ROWS, more=True), "Only the newest 3 versions are shown"),
        (KeptVersions(ROWS, error=failure(ErrorKind.PARTIAL)), "not complete"),
        (KeptVersions(ROWS, malformed=2), "2 entries"),
        (KeptVersions((), malformed=1), "1 entry"),
    ],
)
def test_what_is_not_whole_is_said(qtbot: QtBot, found: KeptVersions, says: str) -> None:
    tab = VersionsTab()
    qtbot.addWidget(tab)
    tab.show_versions(found)
    tab.show()
    assert says in words(tab)
    assert tab.table.isVisible()
