"""The rows of a listing in columns, and their order: what the object table shows. Pure Python, no Qt.

Rows are numbered as they arrive and never move; an *order* is a list of row numbers, made by ``ordered_rows`` in a worker
thread and swapped in. Rows are appended in the loop's thread only; a worker reads the columns up to the length it was given.
"""

from __future__ import annotations

import copy
import enum
import heapq
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cloudtemple_browser.model.addresses import DELIMITER
from cloudtemple_browser.model.content_types import content_type_of
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectEntry

_CHUNK = 50_000  # rows sorted in one go: the GIL is free between two, so that the window stays alive


class Column(enum.Enum):
    """The columns of the object table."""

    NAME = "name"
    SIZE = "size"
    MODIFIED = "modified"
    TYPE = "type"
    STORAGE_CLASS = "storage-class"


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """How rows are shown: folders first, then by ``column``; only names that contain ``needle`` (case-insensitively)."""

    column: Column = Column.NAME
    descending: bool = False
    needle: str = ""


class Rows:
    """The columns of one listing under one prefix. About 200 bytes a row."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.names: list[str] = []
        self.sizes = array("q")
        self.modified = array("q")
        self.etags: list[str] = []
        self.classes: list[str] = []
        self.folders = bytearray()
        self.folder_count = 0
        self.total_bytes = 0
        self.malformed = 0
        self.public: dict[str, bool] = {}
        self.version = 0  # grows when rows are removed: an order made before is void then
        self._index: dict[str, int] | None = None
        self._early: set[str] = set()  # shown by ``upsert``: a page that was under way may bring them again
        self._strings: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.names)

    @property
    def object_count(self) -> int:
        """How many of the rows are objects."""
        return len(self.names) - self.folder_count

    def key(self, row: int) -> str:
        """The full key of an object, or the full prefix of a folder."""
        return f"{self.prefix}{self.names[row]}{DELIMITER if self.folders[row] else ''}"

    def is_folder(self, row: int) -> bool:
        """Whether the row is a folder (a common prefix)."""
        return bool(self.folders[row])

    def entry(self, row: int) -> ObjectEntry:
        """The object in a row."""
        return ObjectEntry(self.key(row), self.sizes[row], self.modified[row], self.etags[row], self.classes[row])

    def append(self, page: ListingPage) -> range:
        """Add a page and return the new rows. The marker object of the listed folder itself is no row.

        What is not below the prefix is counted as malformed: its row would stand for another key.
        """
        first, cut, early = len(self.names), len(self.prefix), self._early
        for prefix in page.prefixes:
            if not prefix.startswith(self.prefix) or not prefix.endswith(DELIMITER) or len(prefix) == cut:
                self.malformed += 1
            elif prefix not in early:
                self._add(prefix[cut : -len(DELIMITER)], UNKNOWN, UNKNOWN, "", "", folder=True)
        columns = zip(page.keys, page.sizes, page.modified, page.etags, page.storage_classes, strict=True)
        for key, size, modified, etag, storage_class in columns:
            if not key.startswith(self.prefix):
                self.malformed += 1
            elif len(key) > cut and key not in early:
                self._add(key[cut:], size, modified, etag, storage_class, folder=False)
        self.malformed += page.malformed
        return range(first, len(self.names))

    def _add(self, name: str, size: int, modified: int, etag: str, storage_class: str, *, folder: bool) -> None:
        self.names.append(name)
        self.sizes.append(size)
        self.modified.append(modified)
        self.etags.append(etag)
        self.classes.append(self._strings.setdefault(storage_class, storage_class))
        self.folders.append(folder)
        self.folder_count += folder
        self.total_bytes += max(0, size)
        if self._index is not None:
            self._index[self.key(len(self.names) - 1)] = len(self.names) - 1

    def find(self, key: str) -> int:
        """The row of a key (or of a folder's prefix), or -1."""
        if self._index is None:
            self._index = {self.key(row): row for row in range(len(self.names))}
        return self._index.get(key, -1)

    def upsert(self, entry: ObjectEntry) -> tuple[range, int]:
        """Show an object that was just written: (new rows, changed row or -1). In a folder below, that folder appears."""
        if not entry.key.startswith(self.prefix) or entry.key == self.prefix:
            return range(0), -1
        head, deeper, _ = entry.key[len(self.prefix) :].partition(DELIMITER)
        if deeper:
            folder = f"{self.prefix}{head}{DELIMITER}"
            return (self._insert(ListingPage(prefixes=(folder,)), folder) if self.find(folder) < 0 else range(0)), -1
        row = self.find(entry.key)
        if row < 0:
            return self._insert(entry.as_page(), entry.key), -1
        self.total_bytes += max(0, entry.size) - max(0, self.sizes[row])
        self.sizes[row], self.modified[row], self.etags[row] = entry.size, entry.modified, entry.etag
        self.classes[row] = entry.storage_class or self.classes[row]
        return range(0), row

    def _insert(self, page: ListingPage, key: str) -> range:
        self._early.discard(key)
        new = self.append(page)
        self._early.add(key)
        return new

    def snapshot(self) -> Rows:
        """The same columns for a worker to read: they only grow at their end, whatever is removed from these rows."""
        return copy.copy(self)

    def remove(self, keys: Iterable[str]) -> bool:
        """Take rows out after a deletion; True when there were any. Row numbers change, and ``version`` with them."""
        taken = set(keys)
        gone = {row for row in map(self.find, taken) if row >= 0}
        self._early -= taken
        if not gone:
            return False
        kept = [row for row in range(len(self.names)) if row not in gone]
        self.total_bytes -= sum(max(0, self.sizes[row]) for row in gone)
        self.folder_count -= sum(self.folders[row] for row in gone)
        # New objects, never changed in place: a worker may be reading the old ones.
        self.names = [self.names[row] for row in kept]
        self.sizes = array("q", (self.sizes[row] for row in kept))
        self.modified = array("q", (self.modified[row] for row in kept))
        self.etags = [self.etags[row] for row in kept]
        self.classes = [self.classes[row] for row in kept]
        self.folders = bytearray(self.folders[row] for row in kept)
        self._index = None
        self.version += 1
        return True

    def selection_size(self, rows: Iterable[int]) -> tuple[int, int, int]:
        """(objects, folders, bytes of the objects) among ``rows``."""
        objects = folders = total = 0
        for row in rows:
            if self.folders[row]:
                folders += 1
            else:
                objects += 1
                total += max(0, self.sizes[row])
        return objects, folders, total


def matches(needle: str) -> Callable[[str], bool]:
    """The filter on names: a case-insensitive substring; every word must occur when there are several."""
    words = needle.casefold().split()
    if not words:
        return lambda _name: True
    return lambda name: all(word in name for word in words)


def filtered(rows: Rows, candidates: Iterable[int], needle: str) -> list[int]:
    """The rows among ``candidates`` whose name passes the filter."""
    if not needle.strip():
        return list(candidates)
    test, names = matches(needle), rows.names
    return [row for row in candidates if test(names[row].casefold())]


def ordered_rows(rows: Rows, count: int, spec: OrderSpec) -> list[int]:
    """The first ``count`` rows, filtered and sorted, folders first. Any thread; holds the GIL for short spans only."""
    shown = filtered(rows, range(count), spec.needle)
    folders = [row for row in shown if rows.folders[row]]
    objects = [row for row in shown if not rows.folders[row]]
    # Folders have neither size, date nor type: they keep the order of their names.
    by_name = spec.column is Column.NAME
    name_key = _sort_key(rows, Column.NAME)
    return _sorted(folders, name_key, reverse=spec.descending and by_name) + _sorted(
        objects, _sort_key(rows, spec.column), reverse=spec.descending
    )


def _sort_key(rows: Rows, column: Column) -> Callable[[int], Any]:
    names = rows.names
    match column:
        case Column.NAME:
            return lambda row: (names[row].casefold(), names[row])
        case Column.SIZE:
            return rows.sizes.__getitem__
        case Column.MODIFIED:
            return rows.modified.__getitem__
        case Column.TYPE:
            return lambda row: content_type_of(names[row])
        case Column.STORAGE_CLASS:
            return rows.classes.__getitem__


def _sorted(rows: list[int], key: Callable[[int], Any], *, reverse: bool) -> list[int]:
    if len(rows) <= _CHUNK:
        return sorted(rows, key=key, reverse=reverse)
    chunks = [sorted(rows[at : at + _CHUNK], key=key, reverse=reverse) for at in range(0, len(rows), _CHUNK)]
    return list(heapq.merge(*chunks, key=key, reverse=reverse))


def merged_ranges(positions: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted positions as inclusive ranges: how a selection is restored after the order changed."""
    ranges: list[tuple[int, int]] = []
    for position in positions:
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1] = (ranges[-1][0], position)
        else:
            ranges.append((position, position))
    return ranges
