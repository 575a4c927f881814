"""Numbers, sizes and times as English and French write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.text import Count, Moment, Size, Span, translate
from cloudtemple_browser.ui import i18n
from cloudtemple_browser.ui.i18n import (
    exact_moment_text,
    exact_size_text,
    language,
    moment_text,
    number_text,
    say,
    set_binary_units,
    set_language,
    size_text,
    span_text,
)

THINGS = (translate("test", "{n} thing"), translate("test", "{n} things"))
SPACES = str.maketrans({"\xa0": " ", "\u202f": " "})


@pytest.fixture(autouse=True)
def _language(english: None) -> None:
    return None


@pytest.fixture
def french(qapp: QApplication) -> Iterator[None]:
    set_language("fr")
    yield
    set_language("en")


def plain(text: str) -> str:
    return text.translate(SPACES)


SIZES = [
    (0, "0 B"),
    (1, "1 B"),
    (999, "999 B"),
    (1000, "1.00 KB"),
    (1234, "1.23 KB"),
    (9_994, "9.99 KB"),
    (9_996, "10.0 KB"),
    (99_949, "99.9 KB"),
    (99_951, "100 KB"),
    (999_499, "999 KB"),
    (999_500, "1.00 MB"),
    (10**6, "1.00 MB"),
    (10**9, "1.00 GB"),
    (10**12, "1.00 TB"),
    (10**15, "1.00 PB"),
    (2**63 - 1, "9,223 PB"),
    (UNKNOWN, "?"),
]


@pytest.mark.parametrize(("size", "text"), SIZES)
def test_sizes(size: int, text: str) -> None:
    assert plain(size_text(size)) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(1023, "1,023 B"), (1024, "1.00 KiB"), (1024**2 - 1, "1.00 MiB"), (1024**3, "1.00 GiB"), (1536, "1.50 KiB")],
)
def test_binary_sizes(size: int, text: str) -> None:
    set_binary_units(True)
    assert plain(size_text(size)) == text


@given(st.integers(1000, 999_000_000_000_000_000))
def test_every_size_has_three_digits_and_is_near(size: int) -> None:
    number, unit = plain(size_text(size)).split(" ")
    assert len(re.sub(r"\D", "", number)) == 3 or unit == "PB"
    factor = 1000 ** ("B", "KB", "MB", "GB", "TB", "PB").index(unit)
    assert float(number.replace(",", "")) * factor == pytest.approx(size, rel=0.006)


def test_exact_sizes() -> None:
    assert exact_size_text(1234567) == "1,234,567 bytes"
    assert exact_size_text(1) == "1 byte"
    assert exact_size_text(10**20) == "100,000,000,000,000,000,000 bytes"
    assert exact_size_text(UNKNOWN) == "?"


def test_french_numbers(french: None) -> None:
    assert language() == "fr"
    assert plain(number_text(1234567)) == "1 234 567"
    assert plain(size_text(1234)).startswith("1,23 ")
    assert plain(say(1.5)) == "1,5"


@pytest.mark.parametrize(("n", "form"), [(0, "0 things"), (1, "1 thing"), (2, "2 things"), (1234, "1,234 things")])
def test_english_plurals(n: int, form: str) -> None:
    assert say(Count(n, *THINGS)) == form


@pytest.mark.parametrize(("n", "form"), [(0, "0 thing"), (1, "1 thing"), (2, "2 things"), (1234, "1 234 things")])
def test_french_plurals(n: int, form: str, french: None) -> None:
    assert plain(say(Count(n, *THINGS))) == form


def test_foreign_text_is_filled_in_literally() -> None:
    text = translate("test", "{name} {size} {n}")(name="{n} %1 <b>", size=Size(5), n=1000)
    assert plain(say(text)) == "{n} %1 <b> 5 B 1,000"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (0.6, "1 second"),
        (2, "2 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3600, "60 min"),
        (7199, "120 min"),
        (7200, "2 hours"),
        (172_799, "48 hours"),
        (172_800, "2 days"),
        (1e9, "11,574 days"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert plain(span_text(seconds)) == plain(say(Span(seconds))) == text


def test_moments() -> None:
    now = QDateTime.currentSecsSinceEpoch()
    noon = QDateTime(QDateTime.currentDateTime().date().startOfDay()).addSecs(12 * 3600).toSecsSinceEpoch()
    assert moment_text(now).startswith(("today ", "yesterday "))
    assert moment_text(noon) == say(Moment(noon))
    assert moment_text(noon - 86400).startswith("yesterday ")
    assert re.fullmatch(r"\d{1,2} \w{3} \d{4} \d.*", moment_text(noon - 2 * 86400))
    assert re.fullmatch(r"\d{1,2} \w{3} \d{4} \d.*", moment_text(noon + 86400))
    assert moment_text(UNKNOWN) == "?"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01 00:00:00 UTC"),
        (1_767_225_599, "2025-12-31 23:59:59 UTC"),
        (-86_400, "1969-12-31 00:00:00 UTC"),
        (253_402_300_799, "9999-12-31 23:59:59 UTC"),
        (UNKNOWN, "?"),
    ],
)
def test_exact_moments(seconds: int, text: str) -> None:
    assert exact_moment_text(seconds) == text


@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_any_time_of_a_listing_can_be_shown(seconds: int) -> None:
    assert moment_text(seconds)
    assert exact_moment_text(seconds)


def test_another_language_replaces_the_one_before(qapp: QApplication) -> None:
    for _ in range(3):
        set_language("fr")
        set_language("en")
    assert language() == "en"
    assert QLocale().language() == QLocale.Language.English
    assert len(i18n._Current.translators) == 2
