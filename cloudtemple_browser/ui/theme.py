"""Light and dark: the platform's own look where it has one, else a complete palette of ours; and the colours with a meaning.

GUI thread only. Contrasts follow WCAG 2.2, 1.4.3 (texts 4.5:1) and 1.4.11 (symbols 3:1).
"""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from cloudtemple_browser.ui.resources import resource_path

CONTRAST_OF_SYMBOLS = 3.0

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}

_Role = QPalette.ColorRole
_LIGHT = {
    _Role.Window: "#f4f5f5",
    _Role.WindowText: "#1d2327",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f7f8f8",
    _Role.Text: "#1d2327",
    _Role.PlaceholderText: "#69747a",
    _Role.Button: "#fbfbfb",
    _Role.ButtonText: "#1d2327",
    _Role.BrightText: "#ffffff",
    _Role.ToolTipBase: "#1d2327",
    _Role.ToolTipText: "#f4f5f5",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e9ebec",
    _Role.Mid: "#d5d9db",
    _Role.Dark: "#a3abaf",
    _Role.Shadow: "#6d757a",
    _Role.Highlight: "#cfe5dd",
    _Role.HighlightedText: "#10201a",
    _Role.Link: "#2b7660",
    _Role.LinkVisited: "#5d5596",
    _Role.Accent: "#2f7f68",
}
_DARK = {
    _Role.Window: "#202527",
    _Role.WindowText: "#e3e8ea",
    _Role.Base: "#181c1e",
    _Role.AlternateBase: "#1c2123",
    _Role.Text: "#e3e8ea",
    _Role.PlaceholderText: "#89949a",
    _Role.Button: "#2c3235",
    _Role.ButtonText: "#e3e8ea",
    _Role.BrightText: "#ffffff",
    _Role.ToolTipBase: "#e3e8ea",
    _Role.ToolTipText: "#181c1e",
    _Role.Light: "#444c50",
    _Role.Midlight: "#32393c",
    _Role.Mid: "#373f42",
    _Role.Dark: "#131618",
    _Role.Shadow: "#08090a",
    _Role.Highlight: "#24493d",
    _Role.HighlightedText: "#f1f6f4",
    _Role.Link: "#63c2a3",
    _Role.LinkVisited: "#b3a6ec",
    _Role.Accent: "#63c2a3",
}
# A window without the focus shows its selection without colour; a disabled one, its texts faint.
_INACTIVE = ({_Role.Highlight: "#dfe3e4"}, {_Role.Highlight: "#343c3f"})
_DISABLED = (
    {**dict.fromkeys((_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText), "#9aa3a7")}
    | {_Role.Base: "#f7f8f8", _Role.Highlight: "#e3e6e7", _Role.Accent: "#a9b3b0", _Role.PlaceholderText: "#b3babd"},
    {**dict.fromkeys((_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText), "#6c767b")}
    | {_Role.Base: "#1e2325", _Role.Highlight: "#2b3134", _Role.Accent: "#56605c", _Role.PlaceholderText: "#565f63"},
)

# For a light and for a dark window.
_ACCENT = ("#2f7f68", "#63c2a3")
_DANGER = ("#b3261e", "#f28b82")
_WARNING = ("#855600", "#e8b04a")
_SUCCESS = ("#1d7539", "#6fcf86")
_MUTED = ("#59646a", "#9ba6ab")
_CONNECTIONS = (
    ("#2f7f68", "#63c2a3"),
    ("#2e6fd0", "#6ea8ff"),
    ("#7d3fc4", "#b98cf5"),
    ("#c8307f", "#f47fbb"),
    ("#c2321f", "#ff7a66"),
    ("#b9640a", "#f5a24e"),
    ("#7c7000", "#dccb45"),
    ("#55646f", "#a5b4be"),
)


def apply_theme(app: QApplication, choice: str) -> None:
    """Show the whole program light or dark, now and as the system changes. May be called at any time, again and again.

    Args:
        app: the application.
        choice: "light", "dark", or "" to follow the system.
    """
    theme = app.findChild(_Theme) or _Theme(app)
    theme.choose(choice)


def palette_of(dark: bool) -> QPalette:
    """Our own complete palette, for platforms that have none worth having."""
    palette = QPalette()
    for role, colour in (_DARK if dark else _LIGHT).items():
        palette.setColor(role, QColor(colour))
    for group, colours in ((QPalette.ColorGroup.Inactive, _INACTIVE), (QPalette.ColorGroup.Disabled, _DISABLED)):
        for role, colour in colours[dark].items():
            palette.setColor(group, role, QColor(colour))
    return palette


def drawn_by_qt() -> bool:
    """Whether the style is Qt's own (Fusion with our style sheet), and not the platform's."""
    theme = QApplication.instance().findChild(_Theme)  # type: ignore[union-attr]
    return theme is not None and theme.fusion


def is_dark() -> bool:
    """Whether the application shows light texts on dark windows now."""
    return _is_dark(QGuiApplication.palette())


def accent() -> QColor:
    """The one accent: the primary action, focus, progress."""
    return _toned(_ACCENT)


def danger() -> QColor:
    """Destruction and failure. Never alone: a word or an icon goes with it."""
    return _toned(_DANGER)


def warning() -> QColor:
    """Partial, paused, public: look twice."""
    return _toned(_WARNING)


def success() -> QColor:
    """Done and proven."""
    return _toned(_SUCCESS)


def muted() -> QColor:
    """Secondary texts and quiet icons; legible all the same."""
    return _toned(_MUTED)


def connection_colour(index: int) -> QColor:
    """The colour of a connection's dot: eight of them, then over again."""
    return _toned(_CONNECTIONS[index % len(_CONNECTIONS)])


def contrast(one: QColor, other: QColor) -> float:
    """The contrast of two opaque colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


class _Theme(QObject):
    """The theme in force: holds the user's choice and follows the system."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice = ""
        self.fusion = False
        app.styleHints().colorSchemeChanged.connect(self._refresh)

    def choose(self, choice: str) -> None:
        self._choice = choice
        self._app.styleHints().setColorScheme(_SCHEMES.get(choice, Qt.ColorScheme.Unknown))
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        app = self._app
        app.setStyleSheet("")  # its proxy hides the name of the style
        scheme = _SCHEMES.get(self._choice) or app.styleHints().colorScheme()
        # "windows" is Qt's drawing of 1995, the last resort; that of Windows 10 cannot be dark.
        if app.style().name() == "windows" or (app.style().name() == "windowsvista" and scheme == Qt.ColorScheme.Dark):
            app.setStyle("fusion")
        app.setPalette(QPalette())  # back to what the platform proposes
        fusion = self.fusion = app.style().name() == "fusion"
        dark = scheme == Qt.ColorScheme.Dark
        if fusion and (_is_stock(app.palette()) or (self._choice and _is_dark(app.palette()) != dark)):
            app.setPalette(palette_of(dark))
        app.setStyleSheet(_style_sheet(app.palette(), fusion))


def _is_stock(palette: QPalette) -> bool:
    """Whether this is what Qt uses for want of a desktop with colours of its own."""
    stock = QStyleFactory.create("fusion").standardPalette()
    return all(palette.color(role) == stock.color(role) for role in (_Role.Window, _Role.Base, _Role.Highlight))


def _style_sheet(palette: QPalette, fusion: bool) -> str:
    window, text = palette.color(_Role.Window), palette.color(_Role.WindowText)
    colours = {
        "window": window,
        "base": palette.color(_Role.Base),
        "text": text,
        "faint": palette.color(QPalette.ColorGroup.Disabled, _Role.WindowText),
        "border": _mixed(window, text, 0.14),
        "edge": _mixed(window, text, 0.28),
        "hover": _mixed(window, text, 0.08),
        "pressed": _mixed(window, text, 0.15),
        "muted": muted(),
        "accent": accent(),
        "accent-hover": _mixed(accent(), text, 0.15),
        "on-accent": QColor("#ffffff") if not _is_dark(palette) else QColor("#0d1a15"),
        "danger": danger(),
        "danger-hover": _mixed(danger(), text, 0.15),
        "ring": _mixed(accent(), text, 0.6),
        "warning": warning(),
        "warning-ground": _mixed(window, warning(), 0.1),
    }
    values = {name: colour.name() for name, colour in colours.items()}
    for mark in ("tick", "dash", "down", "up"):  # a style sheet takes pictures from files only, and those have one colour
        file = f"{mark}-{'dark' if _is_dark(palette) else 'light'}.svg"
        values[mark] = resource_path("styles", file).as_posix()
    sheets = ["app.qss", "fusion.qss"] if fusion else ["app.qss"]
    source = "\n".join(resource_path("styles", name).read_text(encoding="utf-8") for name in sheets)
    return re.sub(r"@([a-z-]+)", lambda match: values[match[1]], source)


def _toned(pair: tuple[str, str]) -> QColor:
    return QColor(pair[is_dark()])


def _is_dark(palette: QPalette) -> bool:
    return palette.color(_Role.Window).lightnessF() < palette.color(_Role.WindowText).lightnessF()


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    """``one`` with a ``share`` (0 to 1) of ``other``."""
    red, green, blue = (a + (b - a) * share for a, b in zip(_channels(one), _channels(other), strict=True))
    return QColor.fromRgbF(red, green, blue)


def _luminance(colour: QColor) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else math.pow((c + 0.055) / 1.055, 2.4) for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()
