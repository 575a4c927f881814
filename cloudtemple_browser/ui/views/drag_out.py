"""Dragging objects and folders out of the list, to the desktop or into another program. A drop there makes copies.

What is dragged are real files with ``text/uri-list``, staged before the drag begins: while the mouse button is held it begins
by itself as soon as they are there, else at the next try. All platforms take such a drag: X11 and Wayland as it is, Windows as
CF_HDROP, macOS as file URLs; Qt translates. What each could do beyond, and Qt does not offer, is the file that is made only at
the drop: XdndDirectSave on X11 (few file managers know it), IDataObject's FILECONTENTS on Windows, file promises on macOS;
Wayland has nothing like it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView
from shiboken6 import isValid

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands import hand_out
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.app.staging import Wanted
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.icons import pixmap

Run: TypeAlias = Callable[[Application], Awaitable[None]]


class DragOut(QObject):
    """Begins drags of what is selected in ``view``; ``run`` runs a command. GUI thread."""

    def __init__(self, view: QAbstractItemView, app: Application, run: Callable[[Run], object]) -> None:
        super().__init__(view)
        self._view, self._app, self._run = view, app, run
        self._held: Wanted | None = None  # the mouse button is held for it
        self._coming: set[Wanted] = set()

    def begin(self) -> None:
        """The user drags the selection. Called in the handler of the mouse's event."""
        wanted = hand_out.wanted(self._app)
        if wanted is None:
            return
        if paths := self._app.staging.ready(wanted):
            self._drag(paths)
            return
        self._hold(wanted)
        if wanted not in self._coming:
            self._coming.add(wanted)
            self._run(lambda app: self._prepare(app, wanted))

    async def _prepare(self, app: Application, wanted: Wanted) -> None:
        text = translate("hand-out", "Getting {items} ready: keep the button held, or drag again once they are ready")
        try:
            paths = await hand_out.stage(app, wanted, text(items=hand_out.things(wanted)))
        finally:
            self._coming.discard(wanted)
        if paths and isValid(self):
            # Not from here: a drag runs the event loop, in which no other task could run.
            QTimer.singleShot(0, self, lambda: self._staged(wanted, paths))

    def _staged(self, wanted: Wanted, paths: Sequence[Path]) -> None:
        if self._held == wanted:
            self._drag(paths)
        else:
            self._app.shell.notify(Notice(translate("hand-out", "Ready: drag them out now")))

    def _hold(self, wanted: Wanted) -> None:
        """The button is held: until it is let go, the mouse neither selects nor scrolls."""
        if self._held is None:
            self._view.viewport().installEventFilter(self)
        self._held = wanted

    def _let_go(self) -> None:
        if self._held is not None:
            self._held = None
            self._view.viewport().removeEventFilter(self)

    def eventFilter(self, _viewport: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            if event.buttons() & Qt.MouseButton.LeftButton and event.type() == QEvent.Type.MouseMove:
                return True
            self._let_go()
        return False

    def _drag(self, paths: Sequence[Path]) -> None:
        self._let_go()
        drag = QDrag(self._view)
        drag.setMimeData(file_data(paths))
        ratio = self._view.devicePixelRatioF()
        drag.setPixmap(pixmap("file" if len(paths) == 1 else "duplicate", 32, ratio))
        drag.setHotSpot(QPoint(-8, -8))
        drag.exec(Qt.DropAction.CopyAction, Qt.DropAction.CopyAction)


def file_data(paths: Sequence[Path]) -> QMimeData:
    """Local files as a drag hands them out."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def clipboard_data(paths: Sequence[Path]) -> QMimeData:
    """Local files as the clipboard holds them; GNOME and KDE have formats of their own that tell copied from cut."""
    data = file_data(paths)
    lines = ["copy", *(url.toString(QUrl.ComponentFormattingOption.FullyEncoded) for url in data.urls())]
    data.setData("x-special/gnome-copied-files", "\n".join(lines).encode())
    data.setData("application/x-kde-cutselection", b"0")
    return data
