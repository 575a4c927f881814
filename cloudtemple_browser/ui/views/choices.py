"""The buttons of the storage view that choose how it is looked at."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.models.storage import Aspect, Facet

_FACETS = (
    (Facet.FOLDER, translate("storage", "Folder"), "folder"),
    (Facet.EXTENSION, translate("storage", "Extension"), "file"),
    (Facet.AGE, translate("storage", "Age"), "history"),
)
_MEASURES = ((translate("storage", "By size"), "storage-by-size"), (translate("storage", "By number"), "storage-by-number"))


class Choices(QWidget):
    """By what the storage is split, and what counts: two rows of buttons of which one is down. GUI thread."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._facets, self._measures = QButtonGroup(self), QButtonGroup(self)
        for at, (facet, text, name) in enumerate(_FACETS):
            button = self._button(text, self._facets, at)
            button.setIcon(icon(name))
            button.setObjectName(f"storage-{facet.value}")
            row.addWidget(button)
        row.addStretch(1)
        for at, (text, name) in enumerate(_MEASURES):
            button = self._button(text, self._measures, at)
            button.setObjectName(name)
            row.addWidget(button)
        for group in (self._facets, self._measures):
            group.button(0).setChecked(True)
            group.idToggled.connect(lambda _id, down: self.changed.emit() if down else None)

    @property
    def aspect(self) -> Aspect:
        """What is chosen."""
        return Aspect(_FACETS[self._facets.checkedId()][0], self._measures.checkedId() == 0)

    def _button(self, text: Text, group: QButtonGroup, at: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(say(text))
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        group.addButton(button, at)
        return button
