"""The command table as actions: enabled by the state, no key twice, every icon there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from app.rig import BUCKET, World, failure, until
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.commands.base import Command, Place
from cloudtemple_browser.app.commands.table import COMMANDS
from cloudtemple_browser.app.state import SelectionSize
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.ui.actions import Actions
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.resources import resource_path

MENUS = {place for place in Place if place.name and place.name.startswith("MENU_")}


class Window:
    def __init__(self, world: World, qtbot: QtBot) -> None:
        self.widget, self.list = QWidget(), QWidget()
        qtbot.addWidget(self.widget)
        qtbot.addWidget(self.list)
        self.actions = Actions(world.app, self.widget, self.list)

    def enabled(self) -> set[str]:
        return {command.id for command in COMMANDS if self.actions[command.id].isEnabled()}


@pytest.fixture
def window(world: World, qtbot: QtBot, english: None) -> Iterator[Window]:
    window = Window(world, qtbot)
    yield window
    window.actions.release()


def test_ids_are_unique() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_a_menu_an_icon_and_a_title(command: Command, qapp: object) -> None:
    assert any(command.places & menu for menu in MENUS)
    if command.icon:
        assert resource_path("icons", f"{command.icon}.svg").is_file()
        assert not icon(command.icon).pixmap(16, 16).isNull()
    assert str(command.title)
    for key in command.shortcuts:
        assert QKeySequence(key).toString()


def test_no_key_means_two_things(window: Window) -> None:
    """A key of the list counts too: Qt calls neither of two that could be meant."""
    keys = [(command, QKeySequence(key).toString()) for command in COMMANDS for key in command.shortcuts]
    taken = [(a.id, b.id, key) for (a, key), (b, other) in itertools.combinations(keys, 2) if key == other]
    assert taken == []


def test_keys_that_type_or_edit_belong_to_the_list() -> None:
    """Else they would be taken away from text fields that do not claim them, and from buttons.

    Paste is for the whole window: a person clicks a bucket and pastes. Text fields claim it for themselves.
    """
    plain = {"Return", "Enter", "Space", "Del", "Delete", "Ctrl+C", "Ctrl+A"}
    assert [command.id for command in COMMANDS if set(command.shortcuts) & plain and not command.in_list] == []


def test_shortcuts_have_the_right_context(window: Window) -> None:
    for command in COMMANDS:
        action = window.actions[command.id]
        wanted = Qt.ShortcutContext.WidgetShortcut if command.in_list else Qt.ShortcutContext.WindowShortcut
        assert action.shortcutContext() == wanted
        assert (action in window.list.actions()) is command.in_list
        assert (action in window.widget.actions()) is not command.in_list


async def test_only_what_makes_sense_is_enabled(window: Window, world: World) -> None:
    always = {command.id for command in COMMANDS if command.enabled(world.app.state)}
    assert window.enabled() == always
    assert {"connection.new", "window.close", "window.settings", "help.about"} <= always
    assert not always & {"object.delete", "upload.files", "go.up", "share.public", "connection.edit", "demo"}
    world.store.add(BUCKET, "x", b"1")
    await world.open()
    in_bucket = window.enabled()
    assert {"upload.files", "folder.new", "go.up", "bucket.delete", "edit.select_all"} <= in_bucket
    assert not in_bucket & {"object.delete", "share.copy_url", "object.open", "go.stop"}
    world.app.select(SelectionSize(1, 0, 1))
    on_object = window.enabled()
    assert {"object.delete", "share.copy_url", "share.presign", "object.open", "object.download"} <= on_object
    assert "bucket.delete" not in on_object
    world.app.select(SelectionSize(0, 1, 0))
    on_folder = window.enabled()
    assert {"object.delete", "object.download", "share.public", "object.open"} <= on_folder
    assert not on_folder & {"share.copy_url", "share.presign"}
    world.app.select(SelectionSize(1, 1, 1))
    assert "object.open" not in window.enabled()
    await world.open(bucket="")
    world.app.select(SelectionSize(0, 1, 0))
    at_buckets = window.enabled()
    assert {"bucket.delete", "object.open", "bucket.create"} <= at_buckets
    assert not at_buckets & {"object.delete", "object.download", "upload.files", "go.up"}


async def test_a_command_runs_and_its_failure_is_told(window: Window, world: World) -> None:
    await world.open()
    world.shell.answer("name", "fresh")
    world.store.fail_next("create_bucket", failure(ErrorKind.ACCESS_DENIED))
    window.actions["bucket.create"].trigger()
    await until(lambda: world.shell.notices)
    assert [error.kind for _name, error in world.shell.notices[0].failures] == [ErrorKind.ACCESS_DENIED]


async def test_a_disabled_command_does_not_run_by_its_id(window: Window, world: World) -> None:
    await world.load()
    window.actions.run_id("go.refresh")
    window.actions.run_id("help.about")
    await until(lambda: world.shell.told)
    assert world.shell.told == [("show_about", None)]
    assert world.store.calls == []


def test_menus_have_separators_between_groups_only(window: Window) -> None:
    for place in MENUS:
        entries = window.actions.fill(QMenu(window.widget), place).actions()
        assert entries, place
        assert not entries[0].isSeparator()
        assert not entries[-1].isSeparator()
        assert not any(a.isSeparator() and b.isSeparator() for a, b in itertools.pairwise(entries))


def test_tips_name_the_key_and_are_escaped(window: Window) -> None:
    tip = window.actions["go.refresh"].toolTip()
    assert "Refresh (F5)" in tip
    assert "…" not in window.actions["object.delete"].toolTip()
    assert window.actions.title("object.delete") == "Delete…"


async def test_released_actions_hear_nothing(window: Window, world: World) -> None:
    window.actions.release()
    window.actions._forget = lambda: None
    before = window.enabled()
    await world.open()
    assert window.enabled() == before


async def test_what_is_switched_shows_that_it_is_on(world: World, window: Window) -> None:
    action = window.actions["view.flat"]
    assert action.isCheckable()
    await world.open()
    assert action.isEnabled()
    assert not action.isChecked()
    action.trigger()
    await world.listed()
    await until(action.isChecked)
    action.trigger()
    await until(lambda: not action.isChecked())
    await world.listed()
