"""The inspector's table of an object's versions, or a sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStackedWidget, QTableView, QVBoxLayout, QWidget

from cloudtemple_browser.app.commands.versions import KeptVersions
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Count, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.models.versions import SIZE, VERSION, VersionsModel
from cloudtemple_browser.ui.text import breakable, label, set_tone, visible_lines
from cloudtemple_browser.ui.views.tables import plain_table

_PADDING = 12  # pixels above and below the two lines of a row together


class VersionsTab(QStackedWidget):
    """Shows what ``load_versions`` found. GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = VersionsModel()
        self.table = self._make_table()
        self.note = label(wrap=True)
        self.note.setObjectName("versions-note")
        set_tone(self.note, "warning")
        self._listed = QWidget(self)
        column = QVBoxLayout(self._listed)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        self._message = label(wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._message.setContentsMargins(0, 8, 0, 8)
        for page in (self._listed, self._message):
            self.addWidget(page)
        self.clear()

    def _make_table(self) -> QTableView:
        height = 2 * self.fontMetrics().lineSpacing() + _PADDING
        view = plain_table(self, self.model, "versions", say(translate("versions", "Versions")), height)
        view.horizontalHeader().setSectionResizeMode(VERSION, QHeaderView.ResizeMode.Stretch)
        view.setColumnWidth(SIZE, 84)
        return view

    def clear(self) -> None:
        """Show nothing."""
        self.show_message("")

    def show_message(self, text: str) -> None:
        """Show a sentence."""
        self.model.show_versions(())
        self._message.setText(breakable(visible_lines(text)))
        self.setCurrentWidget(self._message)

    def show_versions(self, found: KeptVersions) -> None:
        """Show the versions, and whether they are all."""
        if not found.any_kept:
            self.show_message(say(translate("versions", "This bucket keeps no versions of this object.")))
            return
        self.model.show_versions(found.versions)
        note = "\n".join(_notes(found))
        self.note.setText(breakable(visible_lines(note)))
        self.note.setVisible(bool(note))
        self.setCurrentWidget(self._listed)


def _notes(found: KeptVersions) -> list[str]:
    notes: list[str] = []
    if found.more:
        shown = len(found.versions)
        notes.append(say(translate("versions", "Only the newest {n} versions are shown. There are more.")(n=shown)))
    if found.error:
        words = explain(found.error)
        notes += [say(words.what), say(words.why)]
    if found.malformed:
        one, many = (
            translate("versions", "{n} entry of the store’s answer could not be read."),
            translate("versions", "{n} entries of the store’s answer could not be read."),
        )
        notes.append(say(Count(found.malformed, one, many)))
    return notes
