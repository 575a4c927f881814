"""The program's icons: outline drawings on a 24-px grid, painted in the palette's colours of the moment and sharp at any ratio.

An icon holds no pixels: it renders its drawing when it is painted, so that a change of palette needs no new icons.
GUI thread only.
"""

from __future__ import annotations

import functools
from typing import Literal

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.ui import theme
from cloudtemple_browser.ui.resources import resource_path

ColourRole = Literal["text", "accent", "danger", "warning", "success", "muted"]

_TONES = {
    "accent": theme.accent,
    "danger": theme.danger,
    "warning": theme.warning,
    "success": theme.success,
    "muted": theme.muted,
}


@functools.cache
def icon(name: str, colour_role: ColourRole = "text") -> QIcon:
    """The icon called ``name``, in the colour of texts or in one of the theme's meanings.

    Raises:
        KeyError: there is no such icon.
    """
    _drawing(name)
    found = QIcon(_OutlineEngine(name, colour_role))
    # Native menus of macOS tint a mask themselves, also under the mouse.
    found.setIsMask(colour_role == "text")
    return found


def file_icon(family: str, colour_role: ColourRole = "muted") -> QIcon:
    """The icon of a family of ``model.content_types.family_of``.

    Raises:
        KeyError: there is no such family.
    """
    return icon("file" if family == "unknown" else f"file-{family}", colour_role)


def pixmap(name: str, size: int, ratio: float, colour_role: ColourRole = "text") -> QPixmap:
    """A picture for a label: ``size`` in device-independent pixels, ``ratio`` the label's ``devicePixelRatioF()``.

    It has the colours of now: make it again on ``QEvent.Type.PaletteChange``.

    Raises:
        KeyError: there is no such icon.
    """
    return icon(name, colour_role).pixmap(QSize(size, size), ratio)


@functools.cache
def app_icon() -> QIcon:
    """The application's own icon, in full colour."""
    return QIcon(str(resource_path("icons", "app.svg")))


@functools.cache
def _drawing(name: str) -> QSvgRenderer:
    path = resource_path("icons", f"{name}.svg")
    if not path.is_file():
        raise KeyError(name)
    return QSvgRenderer(path.read_bytes())


_CLONES: list[QIconEngine] = []  # few: made only when somebody changes a copy of an icon


class _OutlineEngine(QIconEngine):
    """Draws one outline icon in the colour that the palette has when it is painted."""

    def __init__(self, name: str, colour_role: ColourRole) -> None:
        super().__init__()
        self._name = name
        self._role = colour_role

    def clone(self) -> QIconEngine:
        # Qt takes a clone for its own, which PySide does not know: without a reference here Qt would keep freed memory.
        copy = _OutlineEngine(self._name, self._role)
        _CLONES.append(copy)
        return copy

    def key(self) -> str:
        return "cloudtemple-outline"

    def isNull(self) -> bool:
        return False

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        side = min(size.width(), size.height())
        return QSize(side, side)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._render(size, 1.0, mode)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return self._render(size, scale, mode)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.drawPixmap(rect.topLeft(), self._render(rect.size(), painter.device().devicePixelRatio(), mode))

    def _render(self, size: QSize, ratio: float, mode: QIcon.Mode) -> QPixmap:
        """The drawing, centred in ``size`` device-independent pixels."""
        colour = self._colour(mode)
        width, height = round(size.width() * ratio), round(size.height() * ratio)
        key = f"outline/{self._name}/{width}x{height}@{ratio}/{colour.rgba():08x}"
        image = QPixmap()
        if QPixmapCache.find(key, image):
            return image
        image = QPixmap(width, height)
        image.fill(Qt.GlobalColor.transparent)
        side = min(width, height)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _drawing(self._name).render(painter, QRectF((width - side) / 2, (height - side) / 2, side, side))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(image.rect(), colour)
        painter.end()
        image.setDevicePixelRatio(ratio)
        QPixmapCache.insert(key, image)
        return image

    def _colour(self, mode: QIcon.Mode) -> QColor:
        palette = QGuiApplication.palette()
        if mode == QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        tone = _TONES[self._role]() if self._role != "text" else palette.color(QPalette.ColorRole.WindowText)
        # The style of Windows 11 marks a selection with a faint tint and leaves the text as it is.
        if mode != QIcon.Mode.Selected or QApplication.style().name() == "windows11":
            return tone
        selected = palette.color(QPalette.ColorRole.HighlightedText)
        if self._role == "text":
            return selected
        legible = theme.contrast(tone, palette.color(QPalette.ColorRole.Highlight)) >= theme.CONTRAST_OF_SYMBOLS
        return tone if legible else selected
