"""The question for a speed limit that the menu does not offer."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.rates import RateField


class RateDialog(Dialog[int]):
    """Asks for bytes a second; 0 is no limit."""

    def __init__(self, parent: QWidget | None, title: Text, now: int) -> None:
        super().__init__(parent, title)
        self.say_line(translate("limits", "The most that all transfers together use, like “2 MB/s” or “500 KB/s”:"))
        self.field = RateField(now, say(title), self)
        self.column.addWidget(self.field)
        act = self.buttons(translate("limits", "Apply"))
        self.field.editTextChanged.connect(lambda _text: act.setEnabled(self.field.rate is not None))
        act.clicked.connect(self._apply)
        self.field.setFocus()

    def _apply(self) -> None:
        if (rate := self.field.rate) is not None:
            self.give(rate)
