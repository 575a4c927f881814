"""The bar above the list of a connection without encryption. It cannot be closed: the danger does not go away either."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import pixmap
from cloudtemple_browser.ui.text import breakable, label, visible

_WORDS = translate(
    "window", "Not encrypted: whoever is between this computer and {host} can read and change what you send and receive."
)


class InsecureBar(QFrame):
    """Shown while the open connection is ``insecure``. GUI thread."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("insecure")
        self._picture = label()
        self._text = label(wrap=True)
        self._text.setObjectName("insecure-text")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addWidget(self._text, 1)
        self.retouch()
        self.hide()

    def follow(self, connection: Connection | None) -> None:
        """Show the bar when what goes to and from this connection can be read on its way."""
        insecure = connection is not None and connection.insecure
        if connection is not None and insecure:
            self._text.setText(breakable(visible(say(_WORDS(host=connection.host)))))
        self.setVisible(insecure)

    def retouch(self) -> None:
        """Draw again after the palette changed."""
        self._picture.setPixmap(pixmap("warning", 16, self.devicePixelRatioF(), "danger"))
