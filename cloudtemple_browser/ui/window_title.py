"""The window's title and its button in the dock: where it is, and how far the transfers are."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.transfer_list import TransferList
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.taskbar import Taskbar
from cloudtemple_browser.ui.text import visible


class WindowTitle:
    """Keeps the title of a window true. GUI thread."""

    def __init__(self, window: QWidget, app: Application, transfers: TransferList) -> None:
        self._window, self._app, self._transfers = window, app, transfers
        self._taskbar = Taskbar()
        self._watched = [
            app.state_changed.add(lambda _state: self._refresh()),
            transfers.added.add(lambda _at: self._refresh()),
            transfers.changed.add(lambda _groups: self._refresh()),
            transfers.removed.add(lambda _groups: self._refresh()),
        ]
        self._refresh()

    def release(self) -> None:
        """Stop watching: the window is closed."""
        for forget in self._watched:
            forget()
        self._taskbar.show(None)

    def _refresh(self) -> None:
        location, connection = self._app.state.location, self._app.connection
        where = str(location) if location and location.bucket else (connection.name if connection else "")
        title = f"{where} — Cloud Temple Browser" if where else "Cloud Temple Browser"
        share = self._transfers.summary().share
        self._taskbar.show(share)
        if share is not None:
            title = say(translate("window", "{n}% · {title}")(n=int(100 * share), title=title))
        if visible(title) != self._window.windowTitle():
            self._window.setWindowTitle(visible(title))
