"""Foreign text shown literally."""

from __future__ import annotations

import re

import pytest
from corpus import KEYS
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QTextDocument
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.ui.text import elided_middle, label, menu_text, set_tip, tip, visible, visible_lines

# From Unicode's Default_Ignorable_Code_Point and Bidi_Control, without what writing and emoji need (variation selectors).
HIDDEN = [
    *(*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x115F, 0x1160, 0x180E, *range(0x200B, 0x2010), *range(0x2028, 0x202F)),
    *(*range(0x2060, 0x2070), 0x3164, 0xFEFF, 0xFFA0, *range(0xFFF9, 0xFFFC), 0xE0001, *range(0xE0020, 0xE0080)),
]


@pytest.mark.parametrize("code", HIDDEN, ids=hex)
def test_what_can_not_be_seen_gets_a_sign(code: int) -> None:
    shown = visible(f"a{chr(code)}b")
    assert chr(code) not in shown
    assert re.fullmatch(r"a(.|⟨[A-Za-z0-9+]+⟩)b", shown)


@pytest.mark.parametrize("text", ["plain.txt", "Größe 日本語 \u0645\u0644\u0641 🎉", "e\u0301", "<b>&amp;</b>", "", "❤\ufe0f"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible(text) == text


@given(st.text())
def test_any_text_becomes_one_line_that_can_be_encoded(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown


def test_known_disguises() -> None:
    assert visible("invoice\u202egpj.exe") == "invoice⟨RightToLeftOverride⟩gpj.exe"
    assert visible("a\nb\tc\x00") == "a␊b␉c␀"
    assert visible("\udcff\ud800") == "\ufffd\ufffd"
    assert visible_lines("a\r\nb\u202e") == "a␍\nb⟨RightToLeftOverride⟩"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_tip_says_exactly_the_text(key: str, qapp: QApplication) -> None:
    document = QTextDocument()
    document.setHtml(tip(key))
    said = document.toPlainText().replace("\u2028", "\n").replace("\xa0", " ")
    assert said.split() == visible_lines(key).replace("\xa0", " ").split()
    assert tip(key).startswith("<p ")  # else Qt would take it for plain text and show the escapes


def test_a_tip_loads_nothing_and_is_short() -> None:
    assert "<img" not in tip("<img src='file:///etc/passwd'>")
    assert len(tip("x" * 1_000_000)) < 2000


def test_labels_are_plain(qapp: QApplication) -> None:
    made = label("<b>x</b>", wrap=True, selectable=True)
    assert made.textFormat() == Qt.TextFormat.PlainText
    assert made.text() == "<b>x</b>"


def test_a_menu_text_has_no_mnemonic_and_no_shortcut() -> None:
    assert menu_text("a&b\tCtrl+Q") == "a&&b␉Ctrl+Q"


def test_set_tip_escapes(qapp: QApplication) -> None:
    action = QAction()
    set_tip(action, "<a href='x'>y</a>")
    assert "<a" not in action.toolTip()


@given(st.text(min_size=1, max_size=200), st.integers(10, 80))
def test_eliding_keeps_both_ends(text: str, limit: int) -> None:
    short = elided_middle(text, limit)
    assert len(short) <= max(limit, len(text) if len(text) <= limit else 0)
    if len(text) > limit:
        head, _, tail = short.partition("…") if "…" not in text else (short[:3], "", short[-2:])
        assert text.startswith(head)
        assert text.endswith(tail)
    else:
        assert short == text
