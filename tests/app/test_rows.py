"""The columns of a listing against a plain dictionary, and their order against ``sorted``."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cloudtemple_browser.app import rows as rows_module
from cloudtemple_browser.app.rows import Column, OrderSpec, Rows, filtered, merged_ranges, ordered_rows
from cloudtemple_browser.model.content_types import content_type_of
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectEntry

PREFIX = "p/"
NAMES = st.text("abAB/é.", min_size=0, max_size=3)
SIZES = st.integers(-1, 1 << 50)


def page(*entries: ObjectEntry, folders: tuple[str, ...] = ()) -> ListingPage:
    return ListingPage(
        folders,
        tuple(entry.key for entry in entries),
        tuple(entry.size for entry in entries),
        tuple(entry.modified for entry in entries),
        tuple(entry.etag for entry in entries),
        tuple(entry.storage_class for entry in entries),
    )


class RowsAgainstADictionary(RuleBasedStateMachine):
    """Objects by key and a set of folders must always agree with the columns, whatever happens in which order."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows(PREFIX)
        self.objects: dict[str, ObjectEntry] = {}
        self.folders: set[str] = set()
        self.early: set[str] = set()
        self.odd = 0
        self.versions = 0

    @rule(name=NAMES, size=SIZES, modified=st.integers(-1, 1 << 33))
    def store(self, name: str, size: int, modified: int) -> None:
        entry = ObjectEntry(PREFIX + name, size, modified, f"etag{size}", "STANDARD")
        new, changed = self.rows.upsert(entry)
        head, deeper, _ = name.partition("/")
        if deeper:
            folder = f"{PREFIX}{head}/"
            assert (len(new), changed) == (int(folder not in self.folders), -1)
            self.early |= {folder} - self.folders
            self.folders.add(folder)
        elif name:
            assert (changed >= 0) is (entry.key in self.objects)
            self.early |= {entry.key} - self.objects.keys()
            self.objects[entry.key] = entry
        else:
            assert (len(new), changed) == (0, -1)  # the marker of the listed folder itself

    @rule(key=st.text("pab/", max_size=4))
    def store_elsewhere(self, key: str) -> None:
        if not key.startswith(PREFIX):
            assert self.rows.upsert(ObjectEntry(key, 1, 1)) == (range(0), -1)

    @rule(names=st.lists(st.tuples(NAMES, SIZES), max_size=5), folders=st.lists(NAMES, max_size=3))
    def list_page(self, names: list[tuple[str, int]], folders: list[str]) -> None:
        """A page brings each name once in a listing, or again what an upload had shown already."""
        entries: dict[str, ObjectEntry] = {}
        for name, size in names:
            key = PREFIX + name
            if "/" not in name and (key not in self.objects or key in self.early):
                entries[key] = ObjectEntry(key, size, 7, "e", "GLACIER")
        prefixes = {f"{PREFIX}{name}/" for name in folders if "/" not in name}
        prefixes -= self.folders - self.early
        new = self.rows.append(page(*entries.values(), folders=tuple(sorted(prefixes))))
        fresh = [entry for entry in entries.values() if entry.key != PREFIX and entry.key not in self.early]
        assert len(new) == len(fresh) + len(prefixes - self.early)
        self.objects.update((entry.key, entry) for entry in fresh)
        self.folders |= prefixes

    @rule()
    def list_what_is_not_below(self) -> None:
        before = len(self.rows)
        assert len(self.rows.append(page(ObjectEntry("q/x", 5, 5), folders=("q/y/", "p/no-delimiter", PREFIX)))) == 0
        assert len(self.rows) == before
        self.odd += 4

    @rule(data=st.data(), count=st.integers(0, 4))
    def delete(self, data: st.DataObject, count: int) -> None:
        known = sorted(self.objects.keys() | self.folders)
        keys = data.draw(st.lists(st.sampled_from(known), max_size=count)) if known else []
        assert self.rows.remove([*keys, "p/never-there"]) is bool(keys)
        self.versions += bool(keys)
        for key in keys:
            self.objects.pop(key, None)
            self.folders.discard(key)
            self.early.discard(key)

    @invariant()
    def the_same(self) -> None:
        rows = self.rows
        assert {rows.key(row) for row in range(len(rows)) if rows.is_folder(row)} == self.folders
        assert {rows.key(row): rows.entry(row) for row in range(len(rows)) if not rows.is_folder(row)} == self.objects
        assert len(rows) == len(self.objects) + len(self.folders)
        assert (rows.folder_count, rows.object_count) == (len(self.folders), len(self.objects))
        assert rows.total_bytes == sum(max(0, entry.size) for entry in self.objects.values())
        assert rows.malformed == self.odd
        assert rows.version == self.versions
        for row in range(len(rows)):
            assert rows.find(rows.key(row)) == row
        assert rows.find("p/never-there") == -1
        sizes = rows.selection_size(range(len(rows)))
        assert sizes == (len(self.objects), len(self.folders), rows.total_bytes)


TestRowsAgainstADictionary = RowsAgainstADictionary.TestCase
TestRowsAgainstADictionary.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_an_upsert_keeps_the_storage_class_when_none_is_told() -> None:
    rows = Rows("")
    rows.append(page(ObjectEntry("a", 1, 1, "x", "GLACIER")))
    rows.upsert(ObjectEntry("a", 2, 2, "y"))
    assert rows.entry(0) == ObjectEntry("a", 2, 2, "y", "GLACIER")


def test_a_folder_shown_by_an_upload_is_not_listed_twice() -> None:
    rows = Rows("")
    rows.upsert(ObjectEntry("new/deep/x", 1, 1))
    rows.append(ListingPage(prefixes=("new/",)))
    assert [rows.key(row) for row in range(len(rows))] == ["new/"]


def some_rows(count: int, seed: int = 0) -> Rows:
    rng = random.Random(seed)
    rows, endings = Rows(""), ("txt", "TXT", "png", "bin", "json")
    for at in range(0, count, 1000):
        entries = [
            ObjectEntry(
                f"{rng.choice('abAB')}{rng.randrange(count)}-{n}.{rng.choice(endings)}",
                rng.choice((UNKNOWN, 0, rng.randrange(1 << 40))),
                rng.choice((UNKNOWN, rng.randrange(1 << 31))),
                "",
                rng.choice(("", "STANDARD", "GLACIER")),
            )
            for n in range(at, min(count, at + 1000))
        ]
        rows.append(page(*entries, folders=(f"{rng.choice('abAB')}-folder-{at}/",)))
    return rows


def expected(rows: Rows, count: int, spec: OrderSpec) -> list[int]:
    """The order by the book: a filter, two stable sorts."""
    words = spec.needle.casefold().split()
    shown = [row for row in range(count) if all(word in rows.names[row].casefold() for word in words)]

    def by_name(row: int) -> tuple[str, str]:
        return rows.names[row].casefold(), rows.names[row]

    def by_column(row: int) -> object:
        values = {
            Column.NAME: by_name(row),
            Column.SIZE: rows.sizes[row],
            Column.MODIFIED: rows.modified[row],
            Column.TYPE: content_type_of(rows.names[row]),
            Column.STORAGE_CLASS: rows.classes[row],
        }
        return values[spec.column]

    folders = sorted((row for row in shown if rows.folders[row]), key=by_name)
    if spec.column is Column.NAME and spec.descending:
        folders.reverse()
    objects = sorted((row for row in shown if not rows.folders[row]), key=by_column, reverse=spec.descending)  # type: ignore[arg-type]
    return folders + objects


@pytest.mark.parametrize("column", Column)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("needle", ["", "txt", "A1 -2", "nothing has this"])
def test_the_order_of_every_column(column: Column, descending: bool, needle: str) -> None:
    rows, spec = some_rows(2500), OrderSpec(column, descending, needle)
    assert ordered_rows(rows, len(rows), spec) == expected(rows, len(rows), spec)
    assert ordered_rows(rows, 1000, spec) == expected(rows, 1000, spec)  # rows that came later are left out


@pytest.mark.parametrize("spec", [OrderSpec(), OrderSpec(Column.SIZE, descending=True), OrderSpec(Column.STORAGE_CLASS)])
def test_sorting_in_chunks_is_sorting(spec: OrderSpec) -> None:
    rows = some_rows(120_000, seed=1)
    assert len(rows) > 2 * rows_module._CHUNK
    assert ordered_rows(rows, len(rows), spec) == expected(rows, len(rows), spec)


def test_rows_that_are_removed_while_a_worker_sorts_do_it_no_harm() -> None:
    rows = some_rows(3000)
    wanted = ordered_rows(rows, len(rows), OrderSpec(Column.SIZE))
    count, snapshot = len(rows), rows.snapshot()
    rows.remove([rows.key(row) for row in range(0, count, 2)])
    assert ordered_rows(snapshot, count, OrderSpec(Column.SIZE)) == wanted
    assert snapshot.selection_size(range(count))[0] == snapshot.object_count > rows.object_count


@given(st.lists(st.text(max_size=6), max_size=20), st.text(max_size=3))
def test_the_filter_ignores_case_and_the_order_of_words(names: list[str], needle: str) -> None:
    rows = Rows("")
    for name in names:
        rows._add(name, 0, 0, "", "", folder=False)
    shown = filtered(rows, range(len(rows)), needle)
    assert shown == filtered(rows, range(len(rows)), " ".join(reversed(needle.split())))
    assert shown == [
        row for row in range(len(rows)) if all(word in names[row].casefold() for word in needle.casefold().split())
    ]


@given(st.sets(st.integers(0, 200)))
def test_ranges_cover_exactly_the_positions(positions: set[int]) -> None:
    ranges = merged_ranges(sorted(positions))
    assert {at for first, last in ranges for at in range(first, last + 1)} == positions
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(ranges))
