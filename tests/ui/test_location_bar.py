"""The location: a breadcrumb that folds, and a field that keeps what is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from corpus import KEYS
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.query import Query
from cloudtemple_browser.ui.views.location_bar import LocationBar

DEEP = Location("c", "bucket", "one/two/three/four/")


@pytest.fixture
def bar(qtbot: QtBot, english: None) -> LocationBar:
    bar = LocationBar()
    qtbot.addWidget(bar)
    bar.resize(900, 32)
    bar.show()
    return bar


def crumbs(bar: LocationBar) -> list[QToolButton]:
    return [button for _chevron, button in bar._crumbs._buttons]


def shown(bar: LocationBar) -> list[str]:
    return [button.text() for button in crumbs(bar) if button.isVisible()]


def test_each_step_is_a_button_that_opens_it(bar: LocationBar) -> None:
    chosen: list[Location] = []
    bar.chosen.connect(chosen.append)
    bar.show_location(DEEP, "Production")
    assert shown(bar) == ["Production", "bucket", "one", "two", "three", "four"]
    for button in crumbs(bar):
        button.click()
    assert chosen == [Location("c"), *(where for _name, where in DEEP.steps())]
    assert not bar._crumbs._more.isVisible()


def test_the_first_steps_fold_into_a_menu(bar: LocationBar) -> None:
    bar.show_location(DEEP, "Production")
    whole = shown(bar)
    bar.resize(280, 32)
    kept = shown(bar)
    assert 0 < len(kept) < len(whole)
    assert kept == whole[-len(kept) :]
    menu = bar._crumbs._more.menu()
    assert bar._crumbs._more.isVisible()
    assert [action.text() for action in menu.actions()] == whole[: -len(kept)]
    chosen: list[Location] = []
    bar.chosen.connect(chosen.append)
    menu.actions()[1].trigger()
    assert chosen == [Location("c", "bucket")]
    bar.resize(40, 32)
    assert shown(bar) == ["four"]  # where one is stays, however narrow
    bar.resize(900, 32)
    assert shown(bar) == whole


def test_an_empty_name_has_a_button_too(bar: LocationBar) -> None:
    bar.show_location(Location("c", "bucket", "a//"), "C")
    assert shown(bar) == ["C", "bucket", "a", "(empty name)"]


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_hostile_names_are_texts(bar: LocationBar, key: str) -> None:
    bar.show_location(Location("c", "bucket", f"{key}/"), "<b>&c")
    for button in crumbs(bar):
        assert len(button.text().splitlines()) == 1
        assert len(button.text()) < 400
        assert "\u202e" not in button.text()
        assert not button.shortcut().toString()
        assert "<img" not in button.toolTip()


def test_typing_begins_with_the_location_and_escape_leaves(bar: LocationBar) -> None:
    bar.show_location(DEEP, "Production")
    bar.edit()
    assert bar.field.isVisible()
    assert bar.field.text() == "s3://bucket/one/two/three/four/" == bar.field.selectedText()
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.field.isVisible()
    assert shown(bar)


def test_enter_tells_the_text(bar: LocationBar) -> None:
    typed: list[str] = []
    bar.typed.connect(typed.append)
    bar.edit()
    assert bar.field.text() == "s3://"
    QTest.keyClicks(bar.field, "s3://other/x")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert typed == ["s3://other/x"]
    assert bar.field.isVisible()  # until it is known whether it is a location


def test_a_refusal_is_marked_until_the_text_changes(bar: LocationBar) -> None:
    bar.edit()
    bar.refuse()
    assert bar.field.property("tone") == "danger"
    assert "neither" in bar.field.toolTip()
    assert bar.field.isVisible()
    QTest.keyClicks(bar.field, "x")
    assert bar.field.property("tone") != "danger"
    assert "neither" not in bar.field.toolTip()


def test_what_is_typed_stays_while_rows_come_in(bar: LocationBar) -> None:
    """The window tells the same location at every page of a listing."""
    bar.show_location(DEEP, "Production")
    bar.edit()
    QTest.keyClicks(bar.field, "s3://oth")
    bar.show_location(Location("c", "bucket", "one/two/three/four/"), "Production")
    assert bar.field.isVisible()
    assert bar.field.text() == "s3://oth"
    bar.show_location(Location("c", "bucket"), "Production")  # another place: a crumb or "back" was chosen
    assert not bar.field.isVisible()


def test_a_click_beside_the_crumbs_begins_to_type(bar: LocationBar) -> None:
    bar.show_location(Location("c", "bucket"), "C")
    QTest.mouseClick(bar._crumbs, Qt.MouseButton.LeftButton, pos=bar._crumbs.rect().center())
    assert bar.field.isVisible()


def test_nothing_open_shows_nothing(bar: LocationBar) -> None:
    bar.show_location(DEEP, "C")
    bar.show_location(None, "")
    assert crumbs(bar) == []


@pytest.mark.parametrize(
    ("query", "last"),
    [(Query(), "Everything below"), (Query("*.log"), "Search: *.log"), (Query(min_size=1), "Search by size or date")],
)
def test_the_last_step_says_what_is_searched(bar: LocationBar, query: Query, last: str) -> None:
    where = replace(DEEP, below=query)
    chosen: list[Location] = []
    bar.chosen.connect(chosen.append)
    bar.show_location(where, "Production")
    assert shown(bar) == ["Production", "bucket", "one", "two", "three", "four", last]
    for button in crumbs(bar)[-2:]:
        button.click()
    assert chosen == [DEEP, where]
    bar.show_location(DEEP, "Production")
    assert shown(bar)[-1] == "four"


def test_a_searched_text_is_shown_literally(bar: LocationBar) -> None:
    bar.show_location(replace(DEEP, below=Query("<b>&x\u202e")), "Production")
    assert crumbs(bar)[-1].text() == "Search: <b>&&x⟨RightToLeftOverride⟩"
    bar.edit()
    assert bar.field.text() == str(DEEP)
