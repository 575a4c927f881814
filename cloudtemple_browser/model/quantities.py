"""Sizes and days as people type them, in English and in French alike. Pure; the current day is given."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

_LARGEST = 1 << 60  # bytes; above every size of an object, and below what a column holds
_UNITS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_SIZE = re.compile(
    r"(?P<number>\d[\d ,.]*) ?(?:(?P<prefix>[kmgtp])(?P<binary>i)?)?(?P<bytes>b|o|bytes?|octets?)?", re.IGNORECASE
)
_GROUPED = re.compile(r"\d{1,3}(?:([ ,.])\d{3})(?:\1\d{3})*")
_SPAN = re.compile(r"(?P<count>\d{1,5}) ?(?P<unit>[a-zé]+)", re.IGNORECASE)
_DAYS = {
    **dict.fromkeys(("d", "day", "days", "j", "jour", "jours"), 1),
    **dict.fromkeys(("w", "week", "weeks", "semaine", "semaines", "sem"), 7),
    **dict.fromkeys(("month", "months", "mois"), 30),
    **dict.fromkeys(("y", "year", "years", "a", "an", "ans", "année", "années"), 365),
}
_NAMED = {"today": 0, "aujourd’hui": 0, "aujourd'hui": 0, "yesterday": 1, "hier": 1}


def parse_size(text: str) -> int | None:
    """The bytes of "10 MB", "1.5 GiB", "1,5 Go", "500k" or "1 000 000"; None for what is no size or could be read two ways.

    Without an ``i`` units are powers of 1,000. A comma and a point are both decimal marks; before three digits a comma groups
    them in English and does not in French, so that "1,500 MB" is refused (and "1,500", whole bytes, is not).
    """
    found = _SIZE.fullmatch(_spaced(text))
    if found is None:
        return None
    unit: int = (1024 if found["binary"] else 1000) ** _UNITS.get((found["prefix"] or "").lower(), 0)
    number = _number(found["number"].rstrip(), whole=unit == 1)
    if number is None or number * unit > _LARGEST:
        return None
    return round(number * unit)


def _number(text: str, *, whole: bool) -> Decimal | None:
    grouped = _GROUPED.fullmatch(text)
    if grouped and (whole or grouped[1] == " " or text.count(grouped[1]) > 1):
        return Decimal(text.replace(grouped[1], ""))
    plain = text.replace(" ", "").replace(",", ".") if not grouped or grouped[1] == "." else ""
    if not re.fullmatch(r"\d{1,19}" if whole else r"\d{1,19}(\.\d{1,9})?", plain):
        return None
    return Decimal(plain)


def size_words(size: int) -> tuple[int, str]:
    """A size as a whole number of the largest unit that needs no fraction: (10, "MB"), (3, "GiB"), (1234, "B")."""
    for letter, power in reversed(_UNITS.items()):
        for base, mark in ((1000, ""), (1024, "i")):
            unit = base**power
            if size and size % unit == 0:
                return size // unit, f"{letter.upper()}{mark}B"
    return size, "B"


def parse_day(text: str, today: date) -> date | None:
    """The day of "2026-11-30", "7 days", "3 mois", "yesterday"; None for what is none of these.

    A span is counted back from ``today``; a month has 30 days there and a year 365.
    """
    text = _spaced(text).lower()
    if text in _NAMED:
        return today - timedelta(_NAMED[text])
    span = _SPAN.fullmatch(text)
    try:
        if span:
            days = _DAYS.get(span["unit"])
            return None if days is None else today - timedelta(int(span["count"]) * days)
        if written := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
            return date(int(written[1]), int(written[2]), int(written[3]))
    except (ValueError, OverflowError):
        return None
    return None


def _spaced(text: str) -> str:
    """With plain single spaces: French groups digits with narrow no-break ones."""
    return " ".join(text.split())
