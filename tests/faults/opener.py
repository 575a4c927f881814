"""What the program wants the system to open: in a test nothing of it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

_SCHEMES = ("file", "http", "https", "smb", "mailto")


class Opener(QObject):
    """Takes the addresses instead of the system."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[QUrl] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        """A handler of ``QDesktopServices``."""
        self.opened.append(url)


@pytest.fixture
def opener() -> Iterator[Opener]:
    """Until the test ends."""
    made = Opener()
    for scheme in _SCHEMES:
        QDesktopServices.setUrlHandler(scheme, made, "take")  # type: ignore[arg-type]  # it takes no bytes
    yield made
    for scheme in _SCHEMES:
        QDesktopServices.unsetUrlHandler(scheme)
