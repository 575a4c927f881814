"""The status bar: counts and bytes, of everything and of the selection, the listing's progress, the connection's habits."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStatusBar, QToolButton, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.state import State
from cloudtemple_browser.model.connections import Connection, Signature
from cloudtemple_browser.model.text import Count, Size, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import label, set_tip, set_tone, visible
from cloudtemple_browser.ui.views.search_bar import looked_words

_SIGNATURES = {
    Signature.V4: translate("status", "V4"),
    Signature.HYBRID: translate("status", "V4/V2"),
    Signature.V2: translate("status", "V2"),
}


class StatusBar(QStatusBar):
    """Follows the application's state. GUI thread."""

    def __init__(self, app: Application, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self.setSizeGripEnabled(False)
        self._shown: int | None = None
        self.setContentsMargins(10, 0, 10, 0)
        self.counts = label()
        self.counts.setObjectName("counts")
        self.progress = label()
        self.progress.setObjectName("listing-progress")
        self.progress.setContentsMargins(0, 0, 8, 0)
        self.cancel = QToolButton(self)
        self.cancel.setAutoRaise(True)
        self.cancel.setIcon(icon("cancel"))
        self.cancel.setIconSize(QSize(16, 16))
        self.cancel.setObjectName("cancel-listing")
        self.cancel.setAccessibleName(say(translate("status", "Cancel listing")))
        set_tip(self.cancel, say(translate("status", "Cancel listing")))
        self.cancel.clicked.connect(app.listing.stop)
        self._talk = label()
        self.addWidget(self.counts, 1)
        self.addPermanentWidget(self.progress)
        self.addPermanentWidget(self.cancel)
        self.addPermanentWidget(self._talk)
        self._watched = [
            app.state_changed.add(self.follow),
            app.listing.status_changed.add(lambda _status: self.follow(app.state)),
        ]
        self.follow(app.state)

    def release(self) -> None:
        """Stop watching: the window is closed."""
        for forget in self._watched:
            forget()

    def show_filtered(self, shown: int | None) -> None:
        """How many rows the filter shows; None when there is no filter."""
        if shown != self._shown:
            self._shown = shown
            self.follow(self._app.state)

    def follow(self, state: State) -> None:
        """Show the state."""
        self.counts.setText(visible(self._counts(state)))
        loading = state.phase is Phase.LOADING
        self.cancel.setVisible(loading)
        self.progress.setVisible(loading or state.searched)
        if state.searched:
            self.progress.setText(say(looked_words(self._app.listing.status, self._app.listing.rows.object_count)))
        elif loading:
            self.progress.setText(say(translate("status", "Listing… {n}")(n=state.rows)))
        self._tell_connection(self._app.connection)

    def _counts(self, state: State) -> str:
        if state.location is None:
            return ""
        rows = self._app.listing.rows
        if not state.in_bucket:
            return say(Count(rows.folder_count, translate("status", "{n} bucket"), translate("status", "{n} buckets")))
        parts = []
        if rows.folder_count:
            parts.append(say(Count(rows.folder_count, translate("status", "{n} folder"), translate("status", "{n} folders"))))
        objects = Count(rows.object_count, translate("status", "{n} object"), translate("status", "{n} objects"))
        parts.append(say(translate("status", "{objects}, {size}")(objects=objects, size=Size(rows.total_bytes))))
        if rows.malformed:
            one, many = translate("status", "{n} entry left out"), translate("status", "{n} entries left out")
            parts.append(say(Count(rows.malformed, one, many)))
        if rows.unreadable:
            one, many = translate("status", "{n} size or date unreadable"), translate("status", "{n} sizes or dates unreadable")
            parts.append(say(Count(rows.unreadable, one, many)))
        if self._shown is not None:
            parts.append(say(translate("status", "{n} shown by the filter")(n=self._shown)))
        chosen = state.selection
        if chosen.objects:
            words = translate("status", "{n} selected, {size}")(n=chosen.rows, size=Size(chosen.bytes))
            parts.append(say(words))
        elif chosen.rows:
            parts.append(say(translate("status", "{n} selected")(n=chosen.rows)))
        return " · ".join(parts)

    def _tell_connection(self, connection: Connection | None) -> None:
        if connection is None:
            self._talk.setText("")
            return
        parts = [connection.region, say(_SIGNATURES[connection.signature])]
        if connection.insecure:
            parts.append(say(translate("status", "not encrypted")))
        self._talk.setText(visible(" · ".join(parts)))
        set_tone(self._talk, "danger" if connection.insecure else "muted")
        set_tip(self._talk, connection.endpoint)
