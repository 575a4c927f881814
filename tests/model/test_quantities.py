"""Sizes and days as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.quantities import parse_day, parse_size, size_words

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("12", 12),
        ("12 B", 12),
        ("3 o", 3),
        ("7 bytes", 7),
        ("2 octets", 2),
        ("10 MB", 10_000_000),
        ("10mb", 10_000_000),
        ("10 Mo", 10_000_000),
        ("500k", 500_000),
        ("1.5 GiB", 1_610_612_736),
        ("1,5 Gio", 1_610_612_736),
        ("1,5 Go", 1_500_000_000),
        (".5 GB", None),
        ("1 000 000", 1_000_000),
        ("1\u202f000\u00a0Ko", 1_000_000),
        ("1 234,5 Ko", 1_234_500),
        ("1,000,000", 1_000_000),
        ("1,500", 1500),
        ("1.500", 1500),
        ("1.500 GiB", 1_610_612_736),
        ("1,500 MB", None),  # English or French?
        ("1.5", None),
        ("1.5 B", None),
        ("-1", None),
        ("1e3", None),
        ("5 XB", None),
        ("ten", None),
        ("MB", None),
        ("", None),
        ("2 EB", None),
        ("99999 PB", None),
        ("9" * 5000, None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert parse_size(text) == size


@given(st.integers(0, 1 << 60))
def test_a_size_in_words_is_read_back(size: int) -> None:
    number, unit = size_words(size)
    assert parse_size(f"{number} {unit}") == size


@given(st.text(max_size=12))
def test_no_text_is_too_odd(text: str) -> None:
    size = parse_size(text)
    assert size is None or 0 <= size <= 1 << 60
    parse_day(text, TODAY)


@pytest.mark.parametrize(
    ("size", "words"), [(0, (0, "B")), (999, (999, "B")), (10_000_000, (10, "MB")), (3 << 30, (3, "GiB")), (1536, (1536, "B"))]
)
def test_sizes_in_words(size: int, words: tuple[int, str]) -> None:
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        (" 2026-1-2 ", date(2026, 1, 2)),
        ("2026-02-30", None),
        ("0000-01-01", None),
        ("30/11/2026", None),
        ("today", TODAY),
        ("Hier", TODAY - timedelta(1)),
        ("7 days", TODAY - timedelta(7)),
        ("7d", TODAY - timedelta(7)),
        ("1\u00a0jour", TODAY - timedelta(1)),
        ("2 semaines", TODAY - timedelta(14)),
        ("3 mois", TODAY - timedelta(90)),
        ("1 YEAR", TODAY - timedelta(365)),
        ("99999 years", None),
        ("7", None),
        ("7 hours", None),
        ("soon", None),
        ("", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert parse_day(text, TODAY) == day
