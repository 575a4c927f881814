"""The columns of a listing against a plain dictionary."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cloudtemple_browser.app import rows as rows_module
from cloudtemple_browser.app.chunks import MERGED
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.columns import Coded, Etags, Strings
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry

PREFIX = "p/"
NAMES = st.text("abAB/é.\ud800", min_size=0, max_size=3)
SIZES = st.integers(-1, 1 << 50)


def there(rows: Rows) -> list[int]:
    """The rows that are not gone."""
    return [row for row in range(rows.end) if not rows.gone[row]]


def packed(plain: ListingPage, lead: str) -> ListingPage:
    """The same page as a store gives it."""
    classes = tuple(dict.fromkeys(plain.storage_classes))
    return ListingPage(
        Strings.of(plain.prefixes, lead),
        Strings.of(plain.keys, lead),
        array("q", plain.sizes),
        array("q", plain.modified),
        Etags.of(plain.etags),
        Coded(bytes(map(classes.index, plain.storage_classes)), classes),
        plain.malformed,
    )


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
            assert (len(new), changed) == (int(folder not in self.folders), [])
            self.early |= {folder} - self.folders
            self.folders.add(folder)
        elif name:
            assert bool(changed) is (entry.key in self.objects)
            self.early |= {entry.key} - self.objects.keys()
            self.objects[entry.key] = entry
        else:
            assert (len(new), changed) == (0, [])  # the marker of the listed folder itself

    @rule(key=st.text("pab/", max_size=4))
    def store_elsewhere(self, key: str) -> None:
        if not key.startswith(PREFIX):
            assert self.rows.upsert(ObjectEntry(key, 1, 1)) == (range(0), [])

    @rule(names=st.lists(st.tuples(NAMES, SIZES), max_size=5), folders=st.lists(NAMES, max_size=3), by_store=st.booleans())
    def list_page(self, names: list[tuple[str, int]], folders: list[str], by_store: bool) -> None:
        """A page brings each name once in a listing, or again what an upload had shown already."""
        entries: dict[str, ObjectEntry] = {}
        for name, size in names:
            key = PREFIX + name
            if "/" not in name and (key not in self.objects or key in self.early):
                entries[key] = ObjectEntry(key, size, 7, "e", "GLACIER")
        prefixes = {f"{PREFIX}{name}/" for name in folders if "/" not in name}
        prefixes -= self.folders - self.early
        come = page(*entries.values(), folders=tuple(sorted(prefixes)))
        new = self.rows.append(packed(come, PREFIX) if by_store else come)
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
        rows, numbers = self.rows, there(self.rows)
        assert sorted(rows.key(row) for row in numbers if rows.is_folder(row)) == sorted(self.folders)
        assert {rows.key(row): rows.entry(row) for row in numbers if not rows.is_folder(row)} == self.objects
        assert len(rows) == len(self.objects) + len(self.folders)
        assert (rows.folder_count, rows.object_count) == (len(self.folders), len(self.objects))
        assert rows.total_bytes == sum(max(0, entry.size) for entry in self.objects.values())
        assert rows.malformed == self.odd
        assert rows.version == self.versions
        for row in numbers:
            assert rows.find(rows.key(row)) == row
            assert rows.key(row) == PREFIX + rows.path(row) + "/" * rows.is_folder(row)
            assert rows.name(row) == rows.path(row)
        assert rows.find("p/never-there") == -1
        sizes = rows.selection_size(range(rows.end))
        assert sizes == (len(self.objects), len(self.folders), rows.total_bytes)


TestRowsAgainstADictionary = RowsAgainstADictionary.TestCase
TestRowsAgainstADictionary.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_an_upsert_keeps_the_storage_class_when_none_is_told() -> None:
    rows = Rows("")
    rows.append(page(ObjectEntry("a", 1, 1, "x", "GLACIER")))
    rows.upsert(ObjectEntry("a", 2, 2, "y"))
    assert rows.entry(0) == ObjectEntry("a", 2, 2, "y", "GLACIER")


def test_many_objects_are_shown_at_once_the_last_word_of_each_counts() -> None:
    rows = Rows("p/")
    rows.append(page(ObjectEntry("p/a", 1, 1), folders=("p/old/",)))
    keys = ("p/b", "p/new/x", "p/a", "p/b", "q", "p/old/y", "p/new/z")
    new, changed = rows.upsert(*(ObjectEntry(key, size, 9) for size, key in enumerate(keys, 10)))
    assert changed == [rows.find("p/a")]
    assert [(rows.key(row), rows.sizes[row]) for row in new] == [("p/new/", -1), ("p/b", 13)]
    assert (rows.total_bytes, rows.folder_count, len(rows)) == (12 + 13, 2, 4)
    rows.append(page(ObjectEntry("p/b", 1, 1), ObjectEntry("p/c", 1, 1), folders=("p/new/",)))  # a listing under way
    assert sorted(rows.key(row) for row in there(rows)) == ["p/a", "p/b", "p/c", "p/new/", "p/old/"]


def test_a_folder_shown_by_an_upload_is_not_listed_twice() -> None:
    rows = Rows("")
    rows.upsert(ObjectEntry("new/deep/x", 1, 1))
    rows.append(ListingPage(prefixes=("new/",)))
    assert [rows.key(row) for row in range(len(rows))] == ["new/"]


def test_the_columns_of_a_page_must_be_equally_long() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        Rows("").append(ListingPage((), ("a", "b"), (1,), (1,), ("",), ("",)))


def test_an_object_called_like_the_prefix_is_a_row_unless_it_is_the_marker_of_the_folder() -> None:
    keys = ("logs/2026-1", "logs/2026-10", "logs/2026-1/", "logs/2026-1/a")
    for make in (lambda one: one, lambda one: packed(one, "logs/2026-1")):
        rows = Rows("logs/2026-1")
        rows.append(make(page(*(ObjectEntry(key, 1, 1) for key in keys[:2]), folders=("logs/2026-1/",))))
        assert [rows.name(row) for row in there(rows)] == ["2026-1", "2026-1", "2026-10"]
        assert [rows.key(row) for row in there(rows)] == ["logs/2026-1/", "logs/2026-1", "logs/2026-10"]
        assert rows.upsert(ObjectEntry("logs/2026-1", 5, 5)) == (range(0), [1])
    marked = Rows("logs/2026-1/")
    marked.append(packed(page(ObjectEntry("logs/2026-1/", 0, 1), ObjectEntry("logs/2026-1/a", 1, 1)), "logs/2026-1/"))
    assert [marked.name(row) for row in there(marked)] == ["a"]
    assert marked.malformed == 0
    assert marked.find("logs/2026-1/") == -1


def test_rows_of_a_flat_list_are_paths() -> None:
    rows = Rows("p/", flat=True)
    keys = ("p/", "p/a.txt", "p/b/", "p/b/c/d.txt", "p//e", "q")
    rows.append(page(*(ObjectEntry(key, 1, 1) for key in keys)))
    assert [(rows.folder_of(rows.path(row)), rows.name(row)) for row in there(rows)] == [
        ("", "a.txt"),
        ("", "b/"),
        ("b/c/", "d.txt"),
        ("/", "e"),
    ]
    assert rows.malformed == 1
    assert rows.upsert(ObjectEntry("p/new/x", 1, 1)) == (range(4, 5), [])
    assert rows.key(4) == "p/new/x"


def test_many_keys_are_found_as_few_are() -> None:
    rows = Rows("p/")
    for at in range(0, 3000, 500):
        rows.append(packed(page(*(ObjectEntry(f"p/{n:04}", n, 1) for n in range(at, at + 500))), "p/"))
    keys = [f"p/{n:04}" for n in range(0, 3000, 3)]
    assert len(keys) > rows_module._FEW
    found = rows.snapshot().locate([*keys, "p/none", "elsewhere"])
    assert [rows.key(row) for row in found] == keys
    assert rows.discard(found)
    assert not rows.discard(found)
    assert len(rows) == 2000
    assert rows.total_bytes == sum(n for n in range(3000) if n % 3)
    assert len(rows.locate(keys)) == 0
    assert rows.upsert(ObjectEntry(keys[0], 7, 7)) == (range(3000, 3001), [])  # written again, it is a new row
    assert rows.entry(rows.find(keys[0])).size == 7


def test_single_rows_are_kept_together() -> None:
    rows = Rows("")
    for n in range(1000):
        rows.upsert(ObjectEntry(f"{n:04}", n, n, f"{n:032x}" if n % 2 else "odd-1", f"class {n % 3}"))
    assert len(rows.chunks) <= 1000 // (MERGED // 2) + 1
    for n in (0, 1, 255, 256, 999):
        assert rows.entry(n) == ObjectEntry(f"{n:04}", n, n, f"{n:032x}" if n % 2 else "odd-1", f"class {n % 3}")


def test_hundreds_of_storage_classes_are_all_kept() -> None:
    rows = Rows("")
    rows.append(page(*(ObjectEntry(f"{n:04}", n, n, "", f"class {n}") for n in range(600))))
    assert [rows.storage_class(n) for n in range(600)] == [f"class {n}" for n in range(600)]


def test_a_snapshot_does_not_see_rows_that_come_later() -> None:
    rows = Rows("")
    rows.append(page(ObjectEntry("a", 1, 1)))
    snapshot = rows.snapshot()
    rows.append(page(ObjectEntry("b", 1, 1)))
    assert (snapshot.end, rows.end) == (1, 2)
    assert (snapshot.find("b"), rows.find("b")) == (-1, 1)


@given(st.lists(st.lists(st.text(max_size=4), max_size=6, unique=True), max_size=5))
def test_every_key_is_found_wherever_its_page_lies(pages: list[list[str]]) -> None:
    rows, seen = Rows("", flat=True), set[str]()
    for keys in pages:
        fresh = [key for key in keys if key and key not in seen]
        seen.update(fresh)
        rows.append(packed(page(*(ObjectEntry(key, 1, 1) for key in fresh)), ""))
    assert {rows.key(rows.find(key)) for key in seen} == seen
    assert rows.find("not there") == -1
