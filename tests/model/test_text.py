"""Texts as values."""

from __future__ import annotations

import pickle

import pytest

from cloudtemple_browser.model.text import Count, Moment, Size, Span, Text, Value, render_english, translate


def test_values_nest() -> None:
    things = Count(2, translate("c", "{n} thing"), translate("c", "{n} things"))
    text = translate("c", "{what} of {name}")(what=things, name=translate("c", "“{x}”")(x="{n}"))
    assert str(text) == "2 things of “{n}”"


@pytest.mark.parametrize(("n", "said"), [(0, "0 things"), (1, "1 thing"), (2, "2 things")])
def test_english_plurals(n: int, said: str) -> None:
    assert str(Count(n, translate("c", "{n} thing"), translate("c", "{n} things"))) == said


def test_filling_in_makes_a_new_text() -> None:
    plain = translate("c", "{a} {b}")
    half = plain(a=1)
    assert plain.values == ()
    assert str(half(b=2)) == "1 2"
    assert str(half(a=3, b=4)) == "3 4"  # the later value counts


@pytest.mark.parametrize(
    ("value", "said"),
    [(3, "3"), (1.5, "1.5"), ("<b>{x}</b>", "<b>{x}</b>"), (Size(5), "5 bytes"), (Span(1.5), "1.5 s"), (Moment(0), "0 s")],
)
def test_each_kind_of_value_in_english(value: Value, said: str) -> None:
    assert render_english(value) == said
    assert str(translate("c", "{v}")(v=value)) == said


def test_texts_are_values() -> None:
    text = translate("c", "{a}", "a comment")(a=Size(1))
    assert text == Text("c", "{a}", "a comment", (("a", Size(1)),))
    assert pickle.loads(pickle.dumps(text)) == text  # noqa: S301 - our own bytes
    assert len({text, translate("c", "{a}", "a comment")(a=Size(1))}) == 1
