"""Sort keys of names against an order that is told in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloudtemple_browser.app.collation import digits_aligned, folded, is_ascii, sort_keys
from cloudtemple_browser.model.columns import Strings

ALPHABET = "0012379aAbBzZ-_./ ~\x00éÉœŒçßøΩ中\u0131\ud800\U0001f600"
NAMES = st.lists(st.text(ALPHABET, max_size=12), min_size=1, max_size=8)
NUMBERS = st.integers(0, 10**40) | st.integers(10**13, 10**19) | st.integers(0, 300)
NUMBERED = st.lists(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "a", "a-", "A"]),
        st.sampled_from(["", "0", "000"]),
        NUMBERS,
        st.sampled_from("b./"),
    ),
    min_size=1,
    max_size=8,
)


def ranks(name: str, *, natural: bool) -> list[tuple[int, int]]:
    """The slash, punctuation, digits (a run by its value), letters, everything else: in this order."""
    found = []
    for piece in re.findall(r"[0-9]+|." if natural else ".", folded(name), re.DOTALL):
        if re.fullmatch("[0-9]+", piece):
            found.append((2, int(piece)))
        elif piece == "/":
            found.append((0, 0))
        elif not piece.isascii():
            found.append((4, ord(piece)))
        else:
            found.append((3 if piece.isalpha() else 1, ord(piece)))
    return found


def keys_of(names: Sequence[str], *, natural: bool, lead: str = "") -> list[str]:
    return sort_keys(Strings.of(names).block, natural=natural, lead=lead.encode("utf-8", "surrogatepass"))


def agree(names: Sequence[str], keys: list[str], *, natural: bool) -> None:
    assert len(keys) == len(names)
    expected = [ranks(name, natural=natural) for name in names]
    for one, one_key in zip(expected, keys, strict=True):
        for other, other_key in zip(expected, keys, strict=True):
            assert (one_key < other_key) == (one < other)
            assert (one_key == other_key) == (one == other)


@given(NAMES | NUMBERED, st.sampled_from(["", "x", "img-00", "9", "é/"]), st.booleans())
@example(["0" * 30, "0", "1" * 16, "1" * 17, "0" * 9 + "1" * 17, "9" * 16, "1" * 250, "x" + "1" * 900], "", True)
@example(["a", "a1", "a01", "a1b", "a10", "a9", "a-1", "a/1"], "", True)
def test_keys_compare_as_the_names_do(names: list[str], lead: str, natural: bool) -> None:
    names = [lead + name for name in names]
    agree(names, keys_of(names, natural=natural), natural=natural)
    agree(names, keys_of(names, natural=natural, lead=lead), natural=natural)


@given(st.lists(st.text("019ab-", max_size=5), min_size=1, max_size=6))
def test_where_digits_are_in_the_same_places_plain_is_natural(names: list[str]) -> None:
    block = Strings.of(names).block
    if digits_aligned(block):
        plain = sort_keys(block, natural=False)
        agree(names, plain, natural=True)


def test_digits_are_aligned_whatever_follows() -> None:
    for names, aligned in (
        (["a-01.txt", "b-92.txt"], True),
        (["a-01.txt", "b-92.parquet", "c+00"], True),
        (["a-01", "a-1"], False),
        (["a-01", "a-01-1"], False),
        (["", "a"], True),
        (["a", "1"], False),
    ):
        assert digits_aligned(Strings.of(names).block) is aligned


@pytest.mark.parametrize(
    ("natural", "order"),
    [
        (True, ["a/b", "a b", "a-b", "a2", "a10", "ab", "côte", "cotes", "Œuvre", "of", "z", "Ω"]),
        (False, ["a/b", "a b", "a-b", "a10", "a2", "ab", "côte", "cotes", "Œuvre", "of", "z", "Ω"]),
    ],
)
def test_the_order_that_a_person_expects(natural: bool, order: list[str]) -> None:
    assert sorted(order, key=lambda name: keys_of([name], natural=natural)) == order


def test_case_accents_and_ligatures_do_not_count() -> None:
    for one, other in (
        ("É", "e"),
        ("Œuf", "oeuf"),
        ("ÆON", "aeon"),
        ("Straße", "STRASSE"),
        ("ﬁn", "fin"),
        ("7", "007"),
        ("²", "2"),
    ):
        assert keys_of([one], natural=True) == keys_of([other], natural=True)


def test_blocks() -> None:
    assert sort_keys(b"", natural=True) == []
    assert is_ascii(Strings.of(["a", ""]).block)
    assert not is_ascii(Strings.of(["a", "é"]).block)
