"""The filter of what is loaded: narrows the list as one types. The search of everything below is another thing (search_bar)."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.views.location_bar import EscapeField

_DELAY = 120  # milliseconds


class FilterField(EscapeField):
    """Emits ``changed`` when the text has rested. GUI thread."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filter")
        self.setAccessibleName(say(translate("window", "Filter")))
        self.setPlaceholderText(say(translate("window", "Filter this list")))
        self.setClearButtonEnabled(True)
        self.addAction(icon("filter", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.setMinimumWidth(120)
        self.setMaximumWidth(200)
        timer = QTimer(self, singleShot=True, interval=_DELAY)
        timer.timeout.connect(lambda: self.changed.emit(self.text()))
        self.textChanged.connect(lambda _text: timer.start())
