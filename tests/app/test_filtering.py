"""The filter and typing: names whose accents are written in either way. ``test_ordering`` has the rest."""

from __future__ import annotations

from array import array

import pytest

from cloudtemple_browser.app.filtering import filtered, first_beginning_with
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.columns import Strings
from cloudtemple_browser.model.entries import ListingPage

NAMES = ("plain", "été", "e\u0301te\u0301", "E\u0301te\u0301 2026", "ete")


def rows_of(*names: str) -> Rows:
    rows, n = Rows(""), len(names)
    rows.append(ListingPage((), Strings.of(names), (1,) * n, (1,) * n, ("",) * n, ("",) * n))
    return rows


@pytest.mark.parametrize(
    ("needle", "found"),
    [
        ("été", [1, 2, 3]),
        ("e\u0301te\u0301", [1, 2, 3]),
        ("2026 ÉTÉ", [3]),
        ("ete", [4]),
        ("pl", [0]),
        ("\u0301", []),
    ],
)
def test_accents_in_either_form_pass(needle: str, found: list[int]) -> None:
    assert list(filtered(rows_of(*NAMES), range(len(NAMES)), needle)) == found


def test_an_accent_passes_no_plain_name() -> None:
    assert list(filtered(rows_of("plain", "ete"), range(2), "e\u0301")) == []


@pytest.mark.parametrize("typed", ["ét", "e\u0301t", "ÉT"])
def test_typing_finds_either_form(typed: str) -> None:
    rows, order = rows_of(*NAMES), array("I", range(len(NAMES)))
    assert [first_beginning_with(rows, order, typed, start) for start in range(5)] == [1, 1, 2, 3, 1]
