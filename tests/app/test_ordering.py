"""Orders and filters against ``sorted`` and a plain loop."""

from __future__ import annotations

import itertools
import random
from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.app import filtering, ordering
from cloudtemple_browser.app.collation import sort_keys
from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.app.filtering import filtered, first_beginning_with, position, positions
from cloudtemple_browser.app.ordering import Column, OrderSpec, ordered_rows
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.columns import Coded, Etags, Strings
from cloudtemple_browser.model.content_types import content_type_of
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectEntry

NAMES = st.text("abAé019-./ \ud800", min_size=1, max_size=6)


@pytest.fixture(autouse=True, params=[0, 1 << 15], ids=["compared", "heaps"])
def small_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that a few hundred rows are merged as a million are."""
    for module in (ordering, filtering):
        monkeypatch.setattr(module, "_PIECE", 64)
    monkeypatch.setattr(ordering, "_NUMBERS", 64)
    monkeypatch.setattr(filtering, "_FEW", 3)
    monkeypatch.setattr(ordering, "_FEW", request.param)  # both ways to sort numbers


def some_rows(count: int, seed: int = 0, *, flat: bool = False, alike: bool = False) -> Rows:
    """Pages of a store that come in any order; ``alike``: every page has names of the whole alphabet."""
    rng = random.Random(seed)
    endings = ("txt", "TXT", "png", "bin", "json", "é", "")
    folder = ("", "x/", "x/y/", "z 10/", "z 9/") if flat else ("",)
    names = sorted(
        {f"{rng.choice(folder)}{rng.choice('abABé')}{rng.randrange(count)}.{rng.choice(endings)}" for _ in range(count)}
    )
    if alike:
        rng.shuffle(names)
    pages = []
    for at in range(0, len(names), 50):
        keys = names[at : at + 50]
        n = len(keys)
        sizes = array("q", [rng.choice((UNKNOWN, 0, 7, rng.randrange(1 << 40))) for _ in keys])
        modified = array("q", [rng.choice((UNKNOWN, rng.randrange(1 << 31))) for _ in keys])
        classes = Coded(bytes(rng.randrange(3) for _ in keys), ("", "STANDARD", "GLACIER"))
        folders = () if flat else (f"{rng.choice('abAB')}-folder-{at}/",)
        pages.append(ListingPage(folders, Strings.of(keys), sizes, modified, Etags(bytes(16 * n), {}), classes))
    rng.shuffle(pages)
    rows = Rows("", flat=flat)
    for page in pages:
        rows.append(page)
    return rows


def expected(rows: Rows, spec: OrderSpec) -> list[int]:
    """The order by the book: a filter, then the value, then the name, then its bytes."""
    words = spec.needle.casefold().split()
    shown = [row for row in range(rows.end) if not rows.gone[row] and all(word in rows.path(row).casefold() for word in words)]

    def key(text: str) -> str:
        return (sort_keys(Strings.of([text]).block, natural=spec.natural) or [""])[0]

    def by_name(row: int) -> tuple[str, bytes]:
        return key(rows.path(row)), rows.path(row).encode("utf-8", "surrogatepass")

    values: dict[Column, Callable[[int], object]] = {
        Column.NAME: lambda row: key(rows.name(row)),
        Column.PATH: lambda row: key(rows.folder_of(rows.path(row))),
        Column.SIZE: lambda row: rows.sizes[row],
        Column.MODIFIED: lambda row: rows.modified[row],
        Column.TYPE: lambda row: content_type_of(rows.name(row)),
        Column.STORAGE_CLASS: rows.storage_class,
    }
    value = values[spec.column]
    folders = sorted((row for row in shown if rows.folders[row]), key=by_name)
    objects = sorted((row for row in shown if not rows.folders[row]), key=by_name)
    if spec.column in (Column.NAME, Column.PATH):
        objects.sort(key=value)  # type: ignore[arg-type]
        return folders[::-1] + objects[::-1] if spec.descending else folders + objects
    return folders + sorted(objects, key=value, reverse=spec.descending)  # type: ignore[arg-type]


@pytest.mark.parametrize("column", Column)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("needle", ["", "txt", "A1 2", "É", "nothing has this"])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("alike", [False, True])
def test_the_order_of_every_column(column: Column, descending: bool, needle: str, flat: bool, alike: bool) -> None:
    rows = some_rows(300, flat=flat, alike=alike)
    for natural in (True, False):
        spec = OrderSpec(column, descending, needle, natural)
        assert list(ordered_rows(rows.snapshot(), spec)) == expected(rows, spec)


def test_what_was_sorted_is_sorted_anew_when_it_changed() -> None:
    rows = some_rows(400)
    for column in (Column.NAME, Column.SIZE, Column.STORAGE_CLASS, Column.TYPE):
        for change in range(3):
            spec = OrderSpec(column)
            if change == 0:
                rows.upsert(ObjectEntry(f"new-{column.value}", 3, 3, "", "GLACIER"))
            elif change == 1:
                rows.upsert(ObjectEntry(rows.key(rows.end - 1), 1 << 41, 1, "", "AAA"))
            else:
                rows.remove([rows.key(row) for row in range(0, rows.end, 9) if not rows.gone[row]])
            assert list(ordered_rows(rows.snapshot(), spec)) == expected(rows, spec)
    assert len(rows.orders) <= 4


def test_a_snapshot_is_sorted_as_it_was_but_without_what_is_gone() -> None:
    rows = some_rows(300)
    snapshot = rows.snapshot()
    rows.append(ListingPage(("late/",), ("late",), (1,), (1,), ("",), ("",)))
    late = (rows.end - 2, rows.end - 1)
    assert list(ordered_rows(snapshot, OrderSpec())) == [row for row in expected(rows, OrderSpec()) if row not in late]


@given(st.lists(st.sampled_from([UNKNOWN, 0, 1, 2, 1 << 40, (1 << 63) - 1]) | st.integers(UNKNOWN, 1 << 62), min_size=1))
def test_any_numbers_are_compared_as_they_are(values: list[int]) -> None:
    rows = range(len(values))
    assert list(ordering._by_value(array("I", rows), array("q", values))) == sorted(rows, key=values.__getitem__)


@pytest.mark.parametrize("most", [300, 1 << 50])
def test_many_numbers_are_sorted_stably(most: int) -> None:
    rng = random.Random(most)
    values = array("q", [rng.choice((UNKNOWN, 7, rng.randrange(most))) for _ in range(5000)])
    rows = array("I", rng.sample(range(5000), 5000))
    assert list(ordering._by_value(rows, values)) == sorted(rows, key=values.__getitem__)


def test_a_value_that_changes_while_it_is_sorted_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot shares the numbers with the rows that are shown, and an upload changes them."""
    values = array("q", (n % 3 for n in range(200)))

    def change() -> None:
        values[150] = 99

    monkeypatch.setattr(courtesy, "give_way", change)
    order = ordering._by_value(array("I", range(200)), values)
    assert sorted(order) == list(range(200))
    assert list(order) == sorted(range(200), key=lambda row: row % 3)


def test_a_thousand_times_the_same_needs_no_time() -> None:
    rows = Rows("", flat=True)
    keys = tuple(f"{n % 7}/{n}/index.html" for n in range(2000))
    rows.append(ListingPage((), keys, (5,) * 2000, (5,) * 2000, ("",) * 2000, ("",) * 2000))
    for column in Column:
        assert list(ordered_rows(rows, OrderSpec(column))) == expected(rows, OrderSpec(column))


@given(st.lists(NAMES, max_size=20, unique=True), st.text("abAé01- ", max_size=3), st.integers(0, 20))
def test_the_filter_ignores_case_and_the_order_of_words(names: list[str], needle: str, start: int) -> None:
    rows = Rows("", flat=True)
    for at in range(0, len(names), 7):
        keys = names[at : at + 7]
        n = len(keys)
        rows.append(ListingPage((), Strings.of(keys), (1,) * n, (1,) * n, ("",) * n, ("",) * n))
    words = needle.casefold().split()
    passing = [row for row, name in enumerate(names) if all(word in name.casefold() for word in words)]
    assert list(filtered(rows, range(rows.end), needle)) == passing
    assert list(filtered(rows, range(start, rows.end), needle)) == [row for row in passing if row >= start]
    assert sorted(ordered_rows(rows, OrderSpec(needle=needle))) == passing
    rows.discard(range(0, rows.end, 2))
    assert list(filtered(rows, range(rows.end), needle)) == [row for row in passing if row % 2]
    assert sorted(ordered_rows(rows, OrderSpec(needle=needle))) == [row for row in passing if row % 2]
    assert sorted(ordered_rows(rows, OrderSpec(needle=" ".join(reversed(needle.split()))))) == [
        row for row in passing if row % 2
    ]


@given(st.lists(NAMES, min_size=1, max_size=12, unique=True), st.text("aAbé0", min_size=1, max_size=2), st.data())
def test_typing_goes_to_the_next_name_that_begins_so(names: list[str], text: str, data: st.DataObject) -> None:
    rows = Rows("", flat=data.draw(st.booleans()))
    n = len(names)
    rows.append(ListingPage((), Strings.of(names), (1,) * n, (1,) * n, ("",) * n, ("",) * n))
    order = array("I", data.draw(st.permutations(range(n))))
    start = data.draw(st.integers(0, n))
    round_trip = [*range(start, n), *range(start)]
    hits = [at for at in round_trip if rows.name(order[at]).casefold().startswith(text.casefold())]
    assert first_beginning_with(rows, order, text, start) == (hits[0] if hits else -1)


@given(st.permutations(range(60)), st.sets(st.integers(0, 59)))
def test_ranges_cover_exactly_the_positions(order: list[int], rows: set[int]) -> None:
    shown = array("I", order)
    ranges = positions(shown, rows, 60, 100)
    assert ranges is not None
    assert {order[at] for first, last in ranges for at in range(first, last + 1)} == rows
    assert all(first <= last for first, last in ranges)
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(ranges))
    if len(ranges) > 1:
        assert positions(shown, rows, 60, len(ranges) - 1) is None
    for at, row in enumerate(order):
        assert position(shown, row) == at
    assert position(shown, 60) == -1


def test_a_row_number_across_two_others_is_not_taken_for_one() -> None:
    order = array("I", (0x00000100, 0x00010000, 0x01000000, 1))
    assert [position(order, row) for row in order] == [0, 1, 2, 3]
    assert position(order, 0x00000001) == 3
    assert position(order, 0) == -1
