"""The command table as Qt actions: menus, toolbar, context menu, shortcuts, all from ``COMMANDS``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.base import Command, Place
from cloudtemple_browser.app.commands.table import COMMANDS
from cloudtemple_browser.app.state import State
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import set_tip


class Actions:
    """One ``QAction`` per command, kept in step with the state. GUI thread."""

    def __init__(self, app: Application, window: QWidget, object_list: QWidget) -> None:
        self._app = app
        self._actions = {command.id: self._make(command, window, object_list) for command in COMMANDS}
        self._forget = app.state_changed.add(self._follow)
        self._follow(app.state)

    def release(self) -> None:
        """Stop watching: the window is closed."""
        self._forget()

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def title(self, command_id: str) -> str:
        """A command's title in the user's language."""
        return next(say(command.title) for command in COMMANDS if command.id == command_id)

    def _make(self, command: Command, window: QWidget, object_list: QWidget) -> QAction:
        title = say(command.title)
        action = QAction(title, window)
        if command.icon:
            action.setIcon(icon(command.icon, "danger" if command.id == "object.delete" else "text"))
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in command.shortcuts])
        keys = QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.shortcuts else ""
        set_tip(action, f"{title.rstrip('…')} ({keys})" if keys else title.rstrip("…"))
        action.setCheckable(command.checked is not None)
        action.triggered.connect(lambda _checked=False: self.run(command.run))
        if command.in_list:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            object_list.addAction(action)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            window.addAction(action)
        return action

    def run(self, command: Callable[[Application], Awaitable[None]]) -> None:
        """Run a command as a task; a failure is told, never lost."""
        self._app.background.spawn(self._guarded(command))

    def run_id(self, command_id: str) -> None:
        """Run a command by id if it is enabled now."""
        if self._actions[command_id].isEnabled():
            self._actions[command_id].trigger()

    async def _guarded(self, command: Callable[[Application], Awaitable[None]]) -> None:
        try:
            await command(self._app)
        except BrowserError as error:
            self._app.fail(error)

    def _follow(self, state: State) -> None:
        for command in COMMANDS:
            self._actions[command.id].setEnabled(command.enabled(state))
            if command.checked:
                self._actions[command.id].setChecked(command.checked(state))

    def at(self, place: Place) -> Iterator[tuple[QAction, int]]:
        """The actions of a place with their groups, in the table's order."""
        for command in COMMANDS:
            if command.places & place:
                yield self._actions[command.id], command.group

    def fill(self, menu: QMenu, place: Place) -> QMenu:
        """Add the actions of a place to a menu, with separators between groups."""
        before: int | None = None
        for action, group in self.at(place):
            if before is not None and group != before:
                menu.addSeparator()
            menu.addAction(action)
            before = group
        return menu
