"""A command as data: what it is called, where it appears, when it makes sense, and what it runs."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.state import State
from cloudtemple_browser.model.text import Text


class Place(enum.Flag):
    """Where a command is offered. Every command has a menu; shortcuts work wherever it is offered."""

    MENU_FILE = enum.auto()
    MENU_EDIT = enum.auto()
    MENU_VIEW = enum.auto()
    MENU_GO = enum.auto()
    MENU_OBJECT = enum.auto()
    MENU_HELP = enum.auto()
    TOOLBAR_GO = enum.auto()
    TOOLBAR = enum.auto()
    CONTEXT_OBJECTS = enum.auto()
    CONTEXT_EMPTY = enum.auto()
    UPLOAD_MENU = enum.auto()
    SHARE_MENU = enum.auto()
    MENU_BUCKET = enum.auto()
    MENU_CONNECTION = enum.auto()
    TOOLBAR_FIND = enum.auto()


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``icon`` may be "". ``shortcuts``: the first is shown; ``group`` puts a separator between different groups.

    ``in_list``: the keys work only while the list has the focus, since they mean something else in a text field or a button.
    ``checked`` tells whether what the command switches is on.
    """

    id: str
    title: Text
    icon: str
    places: Place
    run: Callable[[Application], Awaitable[None]]
    enabled: Callable[[State], bool] = lambda _state: True
    shortcuts: tuple[str, ...] = ()
    group: int = 0
    in_list: bool = False
    checked: Callable[[State], bool] | None = None
