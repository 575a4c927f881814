"""The program as a person has it in front of them: the real window, driven by real events, watched through its widgets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from persistence.memory_keyring import MemoryKeyring
from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QToolBar,
    QTreeWidgetItem,
    QWidget,
)

from cloudtemple_browser import bootstrap
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.persistence.credentials import KeyringVault
from cloudtemple_browser.persistence.paths import AppPaths
from cloudtemple_browser.ui.dialogs.base import settle
from cloudtemple_browser.ui.main_window import MainWindow
from cloudtemple_browser.ui.program import Program

PATIENCE = 60.0  # seconds for any condition
_LOOK = 5  # milliseconds between two looks at a condition
_KEYS = {",": Qt.Key.Key_Comma, "/": Qt.Key.Key_Slash, "Shift+Tab": Qt.Key.Key_Backtab}  # the last one as keyboards send it
_MODIFIERS = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
}
W = TypeVar("W", bound=QWidget)


class Desk:
    """One profile with one keyring, and the program that runs on it. Everything is a coroutine on the program's own loop.

    What the program reports as unhandled makes the journey fail, unless it was started with ``hooks``: then the program
    tells it itself, as it does for a person.
    """

    def __init__(self, qt: QApplication, profile: Path) -> None:
        self.qt, self.profile = qt, profile
        self.keyring = MemoryKeyring()
        self.vault = KeyringVault(self.keyring.found)
        self.unhandled: list[BaseException] = []
        self.parts: bootstrap.Parts
        self.program: Program
        self._ended: asyncio.Task[None] | None = None
        self._noticed: Notice | None = None

    @property
    def window(self) -> MainWindow:
        """The window of now: a change of language makes another one."""
        return self.program.window

    # ------------------------------------------------------------------------------------------------ start and end

    async def start(self, *, hooks: bool = False) -> None:
        """Start the program on the profile, as ``bootstrap`` does."""

        def report(error: BaseException) -> None:
            self.unhandled.append(error)
            if hooks:
                self.program.report(error)

        def loop_failed(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            self.unhandled.append(context.get("exception") or RuntimeError(context["message"]))

        asyncio.get_running_loop().set_exception_handler(loop_failed)
        self.parts = bootstrap.build(AppPaths(self.profile), report, self.vault)
        self.program = Program(self.qt, self.parts.app, self.parts.transfers)
        if hooks:
            self.program.install_hooks()
        self.program.show()
        self.parts.app.background.spawn(bootstrap._begin(self.parts, demo=False))
        self._ended = asyncio.get_running_loop().create_task(self.program.until_closed())
        await self.until(self.window.isVisible, "the window shows")
        await self.front()

    async def stop(self) -> None:
        """Close the window as its close button does, and end the program."""
        await self.act(self.window.close)
        await self.until(lambda: self._ended is None or self._ended.done(), "the window is closed")
        self.leave()

    def leave(self) -> None:
        """End the program, also in the middle of a failed journey."""
        if self._ended is None:
            return
        if self._ended.cancel():
            self.window.work.release()
        self._ended = None
        self.parts.app.close()
        self.parts.factory.close()
        for widget in self.qt.topLevelWidgets():
            widget.hide()
            widget.deleteLater()
        self.qt.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    async def restart(self) -> None:
        """End the program and start it again on the same profile and keyring."""
        await self.stop()
        await self.start()

    # ------------------------------------------------------------------------------------------------ waiting and acting

    async def until(self, holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Let the program run until a condition holds; fail with what the window shows when it does not in time."""
        loop, deadline = asyncio.get_running_loop(), time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds:g} s: {what}\n{self.describe()}")
            turned: asyncio.Future[None] = loop.create_future()
            QTimer.singleShot(_LOOK, partial(settle, turned))
            await turned

    async def act(self, deed: Callable[[], object]) -> None:
        """Do something to a widget from the event loop, outside any task, as the window system does."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def run() -> None:
            try:
                deed()
            finally:  # what is raised goes to the loop's handler, and so into ``unhandled``
                settle(done)

        asyncio.get_running_loop().call_soon(run)
        await done

    def begin(self, deed: Callable[[], object]) -> None:
        """The same, for what may not end before something else is done: a menu that is open, for one."""
        asyncio.get_running_loop().call_soon(deed)

    async def turn(self) -> None:
        """Let everything happen that is due now."""
        for _ in range(3):
            await self.act(self.qt.processEvents)

    def describe(self) -> str:
        """What a person would see."""
        window = self.window
        place = window.work.states.place
        lines = [
            f"place: {place.name if place else 'rows'} · {self.text('state-title')}",
            f"rows: {self.names()[:20]} of {window.work.objects.table.rowCount()}; title: {window.windowTitle()}",
            f"status: {self.text('counts')} · {self.parts.app.listing.status}",
            f"notice: {self.text('notice-text')} (visible: {window.work.notices.isVisible()})",
            f"transfers: {[group.status for group in self.parts.transfers.groups[:20]]}",
            f"dialogs: {[(type(one).__name__, one.windowTitle()) for one in self.dialogs()]}",
            f"focus: {self.qt.focusWidget()}; active: {self.qt.activeWindow()}; popup: {self.qt.activePopupWidget()}",
            f"unhandled: {self.unhandled}",
        ]
        return "\n".join(lines)

    async def front(self, target: QWidget | None = None) -> None:
        """Bring a window to the front, as a click on its title does: without a window manager nobody else would."""
        one = target or self.window
        if not one.isActiveWindow():
            one.activateWindow()
            await self.until(one.isActiveWindow, f"{one} is the active window")

    # ------------------------------------------------------------------------------------------------ keys and mouse

    async def keys(self, *sequences: str, target: QWidget | None = None) -> None:
        """Press keys ("Ctrl+L", "Return") in the widget that has the focus."""
        for sequence in sequences:
            *modifiers, name = sequence.split("+")
            key = _KEYS.get(sequence) or _KEYS.get(name) or getattr(Qt.Key, f"Key_{name}")
            held = Qt.KeyboardModifier.NoModifier
            for modifier in modifiers:
                held |= _MODIFIERS[modifier]
            widget = target or await self.focused()
            await self.act(partial(QTest.keyClick, widget, key, held))

    async def focused(self) -> QWidget:
        """The widget that gets keys."""
        if self.qt.activeWindow() is None:
            await self.front(next(iter(self.dialogs()), None))
        widget = self.qt.activePopupWidget() or self.qt.focusWidget() or self.qt.activeWindow()
        assert widget is not None
        return widget

    async def write(self, text: str, target: QLineEdit | QWidget | None = None) -> None:
        """Type letter by letter; a field given by ``target`` is clicked and emptied first."""
        if isinstance(target, QLineEdit):
            await self.click(target)
            await self.keys("Ctrl+A", "Backspace", target=target)
        widget = target or await self.focused()
        for letter in text:
            await self.act(partial(_press_letter, widget, letter))

    async def click(
        self,
        target: QWidget,
        point: QPoint | None = None,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        """Click a widget that can be seen and used."""
        assert target.isVisible(), f"{target.objectName()} cannot be seen\n{self.describe()}"
        assert target.isEnabled(), f"{target.objectName()} is disabled\n{self.describe()}"
        at = point or target.rect().center()
        if isinstance(target, QAbstractButton) and point is None and not target.hitButton(at):
            at = QPoint(10, target.rect().center().y())
        await self.act(lambda: QTest.mouseClick(target, button, modifiers, at))

    async def press(self, name: str, where: QWidget | None = None) -> None:
        """Click the button with an object name, once it is there."""
        await self.until(lambda: self.find(QAbstractButton, name, where).isVisible(), f"the button {name} can be seen")
        await self.click(self.find(QAbstractButton, name, where))

    async def trigger(self, command_id: str, menu: QMenu) -> None:
        """Click a command in a menu that is open."""
        action = next((one for one in menu.actions() if one.objectName() == command_id), None)
        assert action is not None, f"{command_id} is not in the menu: {[one.text() for one in menu.actions()]}"
        await self.trigger_action(action, menu)

    async def trigger_action(self, action: QAction, menu: QMenu) -> None:
        """Click an entry of a menu that is open."""
        await self.until(menu.isVisible, "the menu is open")
        assert action.isEnabled(), f"{action.text()} is disabled\n{self.describe()}"
        area: QRect = menu.actionGeometry(action)
        await self.act(lambda: QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=area.center()))

    async def menu(self, command_id: str) -> None:
        """Choose a command in the menu bar, with the mouse."""
        await self.front()
        bar = self.window.menuBar()
        for top in bar.actions():
            menu = top.menu()
            if isinstance(menu, QMenu) and any(one.objectName() == command_id for one in menu.actions()):
                area = bar.actionGeometry(top)
                await self.act(partial(QTest.mouseClick, bar, Qt.MouseButton.LeftButton, pos=area.center()))
                await self.trigger(command_id, menu)
                return
        raise AssertionError(f"no menu has {command_id}")

    async def context_menu(self, view: QAbstractItemView, point: QPoint) -> QMenu:
        """Ask for the context menu at a place of a view."""
        viewport = view.viewport()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, viewport.mapToGlobal(point))
        await self.act(lambda: self.qt.sendEvent(viewport, event))
        await self.until(lambda: isinstance(self.qt.activePopupWidget(), QMenu), "a context menu is open")
        menu = self.qt.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu

    async def drop(self, view: QAbstractItemView, point: QPoint, paths: Sequence[Path]) -> bool:
        """Drag local files over the window to a point of a view's viewport and let go; whether the drop was taken.

        The events go to the window, which finds the widget under them as for a real drag.
        """
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        at = view.viewport().mapTo(self.window, point)
        handle = self.window.windowHandle()
        usual = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        copy = Qt.DropAction.CopyAction
        taken: list[bool] = []

        def move() -> None:
            self.qt.sendEvent(handle, QDragEnterEvent(at, copy, *usual))
            moved = QDragMoveEvent(at, copy, *usual)
            self.qt.sendEvent(handle, moved)
            if moved.isAccepted():
                dropped = QDropEvent(at.toPointF(), copy, *usual)
                self.qt.sendEvent(handle, dropped)
                taken.append(dropped.isAccepted())

        await self.act(move)
        return taken == [True]

    def bottom(self) -> QPoint:
        """A point at the lower end of the list, where a short list has no rows."""
        area = self.window.work.objects.viewport().rect()
        return QPoint(area.center().x(), area.bottom() - 10)

    async def drop_on_row(self, name: str, paths: Sequence[Path]) -> None:
        """Drop local files onto a row of the list."""
        assert await self.drop(self.window.work.objects, await self.row_center(name), paths)

    async def press_toolbar(self, command_id: str) -> None:
        """Click a command's button in the toolbar."""
        bar = self.find(QToolBar, "toolbar")
        button = bar.widgetForAction(self.window.work.actions_[command_id])
        await self.click(button)

    # ------------------------------------------------------------------------------------------------ looking

    def words(self, where: QWidget) -> list[str]:
        """What all visible labels and texts say."""
        parts = [one for one in where.findChildren(QWidget) if isinstance(one, QLabel | QPlainTextEdit)]
        return [_said(one) for one in parts if _said(one) and one.isVisible()]

    def find(self, kind: type[W], name: str, where: QWidget | None = None) -> W:
        """The visible widget with an object name (or the only one there is, when none is visible)."""
        found = (where or self.window).findChildren(kind, name)
        seen = [one for one in found if one.isVisible()] or found
        assert seen, f"there is no {kind.__name__} {name}\n{self.describe()}"
        return seen[-1]

    def text(self, name: str, where: QWidget | None = None) -> str:
        """What the label with an object name says."""
        return _said(self.find(QWidget, name, where))

    def dialogs(self) -> list[QDialog]:
        """The dialogs that are open."""
        return [one for one in self.qt.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]

    async def dialog(self, title: str) -> QDialog:
        """Wait for a dialog by its title, ready for keys."""
        await self.until(lambda: any(one.windowTitle() == title for one in self.dialogs()), f"the dialog {title!r} opens")
        found = next(one for one in self.dialogs() if one.windowTitle() == title)
        await self.front(found)
        return found

    async def gone(self, dialog: QDialog) -> None:
        """Wait until a dialog is closed, and go back to the window, or to the dialog that came after it."""
        await self.until(lambda: dialog not in self.dialogs(), "the dialog closes")
        await self.front(next(iter(self.dialogs()), None))

    async def answer(self, title: str, button: str = "accept") -> None:
        """Click a button of a dialog."""
        dialog = await self.dialog(title)
        await self.press(button, dialog)
        await self.gone(dialog)

    async def notice(self, *words: str) -> None:
        """Wait for a message, another than the one before, that says all these words."""
        bar = self.window.work.notices
        await self.until(
            lambda: bar.isVisible() and bar._notice is not self._noticed and all(one in bar.message.text() for one in words),
            f"a new notice says {words}",
        )
        self._noticed = bar._notice

    async def place(self, name: str) -> None:
        """Wait for a state in the list's place."""
        states = self.window.work.states
        await self.until(lambda: states.isVisible() and states.place and states.place.name == name, f"the state {name!r} shows")

    # ------------------------------------------------------------------------------------------------ the list

    def names(self) -> list[str]:
        """The names in the list, as shown."""
        table = self.window.work.objects.table
        return [table.index(at, 0).data() for at in range(table.rowCount())]

    def cell(self, name: str, column: int = 0, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says, by the name of its row."""
        return self.index(name).siblingAtColumn(column).data(role)

    def index(self, name: str) -> QModelIndex:
        """The row with a name."""
        names = self.names()
        assert name in names, f"{name!r} is not in the list\n{self.describe()}"
        return self.window.work.objects.table.index(names.index(name), 0)

    async def listed(self, *names: str) -> None:
        """Wait until the listing is complete and shows exactly these names, in any order."""
        await self.until(
            lambda: self.parts.app.listing.status.phase.value == "complete" and sorted(self.names()) == sorted(names),
            f"the list shows {names}",
        )

    async def complete(self) -> None:
        """Wait for the end of a listing."""
        await self.until(lambda: self.parts.app.listing.status.phase.value == "complete", "the listing is complete")

    async def row_center(self, name: str) -> QPoint:
        """Where to click a row, brought into view."""
        view = self.window.work.objects
        await self.act(lambda: view.scrollTo(self.index(name)))
        await self.turn()
        return view.visualRect(self.index(name)).center()

    async def select(self, *names: str) -> None:
        """Click rows: the first alone, the others with Ctrl."""
        for at, name in enumerate(names):
            point = await self.row_center(name)
            modifier = Qt.KeyboardModifier.ControlModifier if at else Qt.KeyboardModifier.NoModifier
            await self.click(self.window.work.objects.viewport(), point, modifier)
        await self.until(lambda: self.parts.app.state.selection.rows == len(names), f"{names} are selected")

    async def enter(self, name: str) -> None:
        """Open a folder or bucket of the list with a double click."""
        point = await self.row_center(name)
        viewport = self.window.work.objects.viewport()
        await self.act(lambda: QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point))
        await self.act(lambda: QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=point))

    def bucket_item(self, bucket: str) -> QTreeWidgetItem:
        """A bucket in the sidebar, scrolled to."""
        found = self.window.work.sidebar.findItems(bucket, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
        assert found, f"{bucket} is not in the sidebar\n{self.describe()}"
        self.window.work.sidebar.scrollToItem(found[0])  # a server that tests share has more buckets than fit
        return found[0]

    async def sidebar(self, *names: str) -> None:
        """Wait until the sidebar has these entries, whatever else it has."""
        flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
        tree = self.window.work.sidebar
        await self.until(lambda: all(tree.findItems(name, flags) for name in names), f"the sidebar shows {names}")

    async def click_sidebar(self, name: str) -> None:
        """Click an entry of the sidebar."""
        tree = self.window.work.sidebar
        await self.click(tree.viewport(), tree.visualItemRect(self.bucket_item(name)).center())

    # ------------------------------------------------------------------------------------------------ common errands

    async def go(self, address: str) -> None:
        """Open an address with the location field."""
        await self.front()
        await self.keys("Ctrl+L")
        field = self.find(QLineEdit, "location")
        await self.until(field.hasFocus, "the location field has the focus")
        await self.keys("Ctrl+A", target=field)
        await self.write(address, field)
        await self.keys("Return", target=field)

    async def choose_path(self, path: Path) -> None:
        """Type a path into the file dialog that is open, and accept it."""
        await self.until(lambda: any(isinstance(one, QFileDialog) for one in self.dialogs()), "a file dialog opens")
        dialog = next(one for one in self.dialogs() if isinstance(one, QFileDialog))
        await self.front(dialog)
        field = self.find(QLineEdit, "fileNameEdit", dialog)
        await self.write(str(path), field)
        await self.keys("Return", target=field)
        await self.gone(dialog)

    async def connect(self, name: str, endpoint: str, access_key: str, secret: str, **more: str) -> None:
        """Make a connection with the form, and open it."""
        await self.menu("connection.new")
        await self.fill_form("New connection", name=name, endpoint=endpoint, access_key=access_key, secret=secret, **more)

    async def fill_form(self, title: str, button: str = "save", **values: str) -> None:
        """Type values into the connection form, by field name, and press a button of it."""
        dialog = await self.dialog(title)
        for field, value in values.items():
            await self.write(value, self.find(QLineEdit, field, dialog))
        await self.press(button, dialog)
        if button == "save":
            await self.gone(dialog)

    def clipboard(self) -> str:
        """The text on the clipboard."""
        return QGuiApplication.clipboard().text()


def _said(widget: QWidget) -> str:
    assert isinstance(widget, QLabel | QPlainTextEdit), widget
    text = widget.text() if isinstance(widget, QLabel) else widget.toPlainText()
    # Chances to break a line are not seen.
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{ZERO WIDTH SPACE}", "")


def _press_letter(widget: QWidget, letter: str) -> None:
    if letter.isascii():
        QTest.keyClicks(widget, letter)
    else:  # QTest knows no key for it; an input method sends such letters without one too
        QTest.sendKeyEvent(QTest.KeyAction.Click, widget, Qt.Key.Key_unknown, letter, Qt.KeyboardModifier.NoModifier)
