"""Labels, tool tips and menu texts that take foreign text literally.

Qt guesses in many places whether a text is HTML; a key could then draw images, read local files or show a false link. Every
label, tool tip and message of the window is made here, as plain text, and a test looks for other ways.
"""

from __future__ import annotations

import html
import re
import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QWidget

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_NAMES = {"\n": "␊", "\r": "␍", "\t": "␉", "\x00": "␀", "\x7f": "␡"}
# Controls that change the direction or hide characters: shown, so that "exe.jpg" cannot pose as "gpj.exe".
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_MAX_TIP = 1500  # characters
_UNBROKEN = re.compile(r"[^\s\u200b]{40}")


def visible(text: str) -> str:
    """Foreign text for one line: control and direction characters as visible tokens, lone surrogates as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub(_token, _LONE_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text))


def _token(found: re.Match[str]) -> str:
    char = found.group()
    if char in _NAMES:
        return _NAMES[char]
    if ord(char) < 0x20:
        return chr(0x2400 + ord(char))
    return f"⟨{unicodedata.name(char, f'U+{ord(char):04X}').replace('-', ' ').title().replace(' ', '')[:24]}⟩"


def label(text: str = "", *, wrap: bool = False, selectable: bool = False, parent: QWidget | None = None) -> QLabel:
    """A label that shows its text literally."""
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setWordWrap(wrap)
    if selectable:
        keyboard = Qt.TextInteractionFlag.TextSelectableByKeyboard
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | keyboard)
    return made


def set_tone(target: QWidget, tone: str) -> None:
    """Colour a label or field by meaning: "muted", "danger", "warning" or "". The style sheet has the colours of the moment."""
    if target.property("tone") != tone:
        target.setProperty("tone", tone)
        target.style().unpolish(target)
        target.style().polish(target)


def breakable(text: str) -> str:
    """A text for a label that wraps: names without a space may be broken too, and then do not widen the window."""
    return _UNBROKEN.sub(lambda found: f"{found.group()}\u200b", text)


def tip(text: str) -> str:
    """A tool tip's text, escaped: tool tips are always taken for HTML when they look like it."""
    return f"<p style='white-space:pre-wrap'>{html.escape(visible_lines(text[:_MAX_TIP]))}</p>"


def visible_lines(text: str) -> str:
    """Foreign text of several lines: like ``visible``, line by line."""
    return "\n".join(visible(line) for line in text.split("\n"))


def set_tip(target: QWidget | QAction, text: str) -> None:
    """Give a widget or action a tool tip."""
    target.setToolTip(tip(text))


def menu_text(text: str) -> str:
    """Foreign text for a menu, button or tab: an ampersand is no mnemonic, a tab no shortcut."""
    return visible(text).replace("&", "&&")


def elided_middle(text: str, limit: int = 60) -> str:
    """At most ``limit`` characters, cut in the middle so that the extension stays."""
    return text if len(text) <= limit else f"{text[: limit * 2 // 3]}…{text[-(limit // 3 - 1) :]}"
