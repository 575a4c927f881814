"""Speed limits as people read and type them."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from cloudtemple_browser.model.quantities import parse_size
from cloudtemple_browser.model.text import Size, Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.text import set_tone

RATES = (0, 256_000, 1_000_000, 5_000_000, 10_000_000, 50_000_000)
"""The offered speeds in bytes a second; 0 is no limit."""
_LEAST = 1000  # bytes a second: below, nothing would ever end


def rate_words(rate: int) -> Text:
    """A speed limit in words."""
    return translate("limits", "{size}/s")(size=Size(rate)) if rate else translate("limits", "No limit")


class RateField(QComboBox):
    """A speed limit in bytes a second, 0 for none: chosen, or typed like "2 MB/s". GUI thread."""

    def __init__(self, now: int, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setLineEdit(QLineEdit(self))
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._rates = {say(rate_words(rate)): rate for rate in (*RATES, now)}
        self.addItems(list(self._rates))
        self.setCurrentText(say(rate_words(now)))
        self.editTextChanged.connect(lambda _text: set_tone(self, "" if self.rate is not None else "danger"))

    @property
    def rate(self) -> int | None:
        """What is chosen or typed; None when it cannot be read."""
        text = self.currentText().strip()
        if text in self._rates:
            return self._rates[text]
        size = parse_size(text.removesuffix("/s"))
        return size if size == 0 or (size is not None and size >= _LEAST) else None
