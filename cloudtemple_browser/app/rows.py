"""The rows of a listing in columns: what the object table shows. Pure Python, no Qt.

The columns stay packed as the pages brought them (``app.chunks``); a name is decoded when it is looked at. Rows are numbered as
they arrive and keep their numbers: a removed row is marked as gone. An *order* is an array of row numbers, made by
``app.ordering`` in a worker thread from a snapshot. Everything else belongs to the loop's thread.
"""

from __future__ import annotations

import copy
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cloudtemple_browser.app.chunks import MERGED, Chunk, KeyIndex
from cloudtemple_browser.model.addresses import DELIMITER
from cloudtemple_browser.model.columns import MARK, Coded, Etags, Strings
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectEntry

_SLASH = DELIMITER.encode()
_FEW = 200  # keys that are looked for one by one: more are looked for in one go over all rows
FEW_KEYS = 2000
"""Keys that ``Rows.remove`` takes in the loop's thread without being felt; find more with ``locate`` in a worker."""


class Rows:
    """The columns of one listing under one prefix: about 50 bytes a row and the name.

    ``len`` counts the rows that are there; row numbers go up to ``end``. With ``flat`` rows are whole paths below the prefix.
    """

    def __init__(self, prefix: str, *, flat: bool = False) -> None:
        self.prefix, self.flat = prefix, flat
        # What names leave out. Below "logs/2026-1" they begin with "2026-1": the folder is what is known of all.
        self.base = prefix[: prefix.rfind(DELIMITER) + 1]
        self.chunks: list[Chunk] = []
        self.sizes = array("q")
        self.modified = array("q")
        self.folders = bytearray()
        self.gone = bytearray()
        self.folder_count = 0
        self.total_bytes = 0
        self.malformed = self.unreadable = 0
        self.public: dict[str, bool] = {}
        self.version = 0  # grows when rows are removed: an order made before still shows them
        self.edits = 0  # grows when values change: a size, a date, a storage class
        self.orders: dict[Any, Any] = {}  # what ``app.ordering`` keeps to be quick; shared with the snapshots
        self._gone_count = 0
        self._bases = array("q")
        self._written: dict[int, tuple[str, str]] = {}  # ETag and storage class of rows that were written since
        self._early: set[bytes] = set()  # shown by ``upsert``: a page that was under way may bring them again
        self._index: KeyIndex | None = None

    def __len__(self) -> int:
        return self.end - self._gone_count

    @property
    def end(self) -> int:
        """The number behind the last row's, rows that are gone included."""
        return self.chunks[-1].end if self.chunks else 0

    @property
    def object_count(self) -> int:
        """How many of the rows are objects."""
        return len(self) - self.folder_count

    # ------------------------------------------------------------------------------------------------ one row

    def _place(self, row: int) -> tuple[Chunk, int]:
        chunk = self.chunks[bisect_right(self._bases, row) - 1]
        return chunk, row - chunk.base

    def path(self, row: int) -> str:
        """The key without what all rows have in common; of a folder without its delimiter."""
        chunk, at = self._place(row)
        part = chunk.names.part(at)
        return part[: -len(DELIMITER)] if chunk.folder else part

    def name(self, row: int) -> str:
        """What the list shows as the name: where rows are paths, the last part of it (with the delimiter if it ends so)."""
        path = self.path(row)
        return path[len(self.folder_of(path)) :] if self.flat else path

    @staticmethod
    def folder_of(path: str) -> str:
        """The part of a path before the name, with its delimiter, or ""."""
        return path[: path.rfind(DELIMITER, 0, -1) + 1]

    def key(self, row: int) -> str:
        """The full key of an object, or the full prefix of a folder."""
        chunk, at = self._place(row)
        return chunk.names[at]

    def is_folder(self, row: int) -> bool:
        """Whether the row is a folder (a common prefix)."""
        return bool(self.folders[row])

    def storage_class(self, row: int) -> str:
        """The storage class of an object, "" for a folder."""
        if row in self._written:
            return self._written[row][1]
        chunk, at = self._place(row)
        return chunk.classes[at]

    def entry(self, row: int) -> ObjectEntry:
        """The object in a row."""
        chunk, at = self._place(row)
        written = self._written.get(row)
        etag, storage_class = written or (chunk.etags[at], chunk.classes[at])
        return ObjectEntry(chunk.names[at], self.sizes[row], self.modified[row], etag, storage_class)

    def written_classes(self) -> dict[int, str]:
        """The storage classes that differ from those of the chunks, by row."""
        return {row: storage_class for row, (_etag, storage_class) in self._written.copy().items()}

    # ------------------------------------------------------------------------------------------------ rows come

    def append(self, page: ListingPage) -> range:
        """Add a page and return the new rows. The marker object of the listed folder itself is no row.

        What is not below the prefix is counted as malformed: its row would stand for another key.
        """
        first = self.end
        if page.prefixes:
            names, _kept = self._below(page.prefixes, folder=True)
            unknown = array("q", (UNKNOWN,)) * len(names)
            nothing = Etags(bytes(16 * len(names)), {}), Coded(bytes(len(names)), ("",))
            self._add(names, unknown, unknown, *nothing, folder=True)
        if page.keys:
            names, kept = self._below(page.keys, folder=False)
            columns: Iterable[Sequence[Any]] = (page.sizes, page.modified, page.etags, page.storage_classes)
            if any(len(column) != len(page.keys) for column in columns):
                raise ValueError("the columns of a page have different lengths")
            if kept is not None:
                columns = ([column[at] for at in kept] for column in columns)
            self._add(names, *columns, folder=False)
        self.malformed += page.malformed
        self.unreadable += page.unreadable
        return range(first, self.end)

    def _below(self, keys: Sequence[str], *, folder: bool) -> tuple[Strings, list[int] | None]:
        """What of these becomes rows: the names, packed, and which they are (None: all).

        A store's page is taken as it is after a look that costs nothing for each key.
        """
        if isinstance(keys, Strings) and keys.lead == self.prefix == self.base and self._sound(keys, folder=folder):
            return keys, None
        kept: list[int] = []
        parts: list[bytes] = []
        marker = self.prefix.endswith(DELIMITER) or not self.prefix
        for at, key in enumerate(keys):
            if not key.startswith(self.prefix) or (folder and (not key.endswith(DELIMITER) or key == self.prefix)):
                self.malformed += 1
            elif not (marker and key == self.prefix) and (part := self._part(key)) not in self._early:
                kept.append(at)
                parts.append(part)
        return Strings.packed(parts, self.base), kept

    def _sound(self, names: Strings, *, folder: bool) -> bool:
        block = names.block
        if folder and block.count(_SLASH + MARK) != len(names):
            return False
        if block.startswith(MARK) or MARK + MARK in block:
            return False
        return not self._early or self._early.isdisjoint(block.split(MARK))

    def _part(self, key: str) -> bytes:
        return key[len(self.base) :].encode("utf-8", "surrogatepass")

    def _add(
        self,
        names: Strings,
        sizes: Sequence[int],
        modified: Sequence[int],
        etags: Sequence[str],
        classes: Sequence[str],
        *,
        folder: bool,
    ) -> None:
        count = len(names)
        if not count:
            return
        chunk = Chunk(self.end, names, etags, classes, folder=folder)
        last = self.chunks[-1] if self.chunks else None
        if last is not None and last.folder == folder and len(last) + count <= MERGED:
            self.chunks[-1] = last.joined(chunk)
        else:
            self.chunks.append(chunk)
            self._bases.append(chunk.base)
        self.sizes.extend(sizes)
        self.modified.extend(modified)
        self.folders.extend((b"\1" if folder else b"\0") * count)
        self.gone.extend(bytes(count))
        if folder:
            self.folder_count += count
        else:
            self.total_bytes += sum(sizes) if min(sizes) >= 0 else sum(size for size in sizes if size > 0)
        self._index = None

    # ------------------------------------------------------------------------------------------------ keys

    def find(self, key: str) -> int:
        """The row of a key (or of a folder's prefix), or -1."""
        part = self._part(key)
        if not part or not key.startswith(self.base):
            return -1
        if self._index is None:
            self._index = KeyIndex(self.chunks)
        return next((row for row in self._index.rows_of(part) if not self.gone[row]), -1)

    def locate(self, keys: Collection[str]) -> array[int]:
        """The rows of these keys. In any thread on a snapshot, however many they are."""
        if len(keys) <= _FEW:
            return array("I", (row for row in map(self.find, dict.fromkeys(keys)) if row >= 0))
        wanted = {self._part(key) for key in keys if key.startswith(self.base)}
        found = array("I")
        for chunk in self.chunks:
            parts = chunk.parts()
            if not wanted.isdisjoint(parts):
                rows = (row for row, part in enumerate(parts, chunk.base) if part in wanted)
                found.extend(row for row in rows if not self.gone[row])
        return found

    def upsert(self, *entries: ObjectEntry) -> tuple[range, list[int]]:
        """Show objects that were just written: (new rows, changed rows). For one in a folder below, that folder appears."""
        folders: dict[str, None] = {}
        fresh: list[ObjectEntry] = []
        changed: list[int] = []
        for entry in {entry.key: entry for entry in entries}.values():
            if not entry.key.startswith(self.prefix) or (entry.key == self.prefix and entry.key == self.base):
                continue
            head, deeper, _ = entry.key[len(self.prefix) :].partition(DELIMITER)
            if deeper and not self.flat:
                folders[f"{self.prefix}{head}{DELIMITER}"] = None
            elif (row := self.find(entry.key)) >= 0:
                self._rewrite(row, entry)
                changed.append(row)
            else:
                fresh.append(entry)
        return self._insert([folder for folder in folders if self.find(folder) < 0], fresh), changed

    def _rewrite(self, row: int, entry: ObjectEntry) -> None:
        self.total_bytes += max(0, entry.size) - max(0, self.sizes[row])
        self._written[row] = (entry.etag, entry.storage_class or self.storage_class(row))
        self.sizes[row], self.modified[row] = entry.size, entry.modified
        self.edits += 1

    def _insert(self, folders: list[str], objects: list[ObjectEntry]) -> range:
        if not folders and not objects:
            return range(0)
        page = ListingPage(
            folders,
            [one.key for one in objects],
            [one.size for one in objects],
            [one.modified for one in objects],
            [one.etag for one in objects],
            [one.storage_class for one in objects],
        )
        parts = [self._part(key) for key in (*folders, *page.keys)]
        self._early.difference_update(parts)
        new = self.append(page)
        self._early.update(parts)
        return new

    def snapshot(self) -> Rows:
        """The same columns for a worker to read: they only grow at their end, whatever happens to these rows."""
        twin = copy.copy(self)
        twin.chunks, twin._bases = self.chunks.copy(), self._bases[:]
        return twin

    def remove(self, keys: Collection[str]) -> bool:
        """Take out what was deleted; True when something was there. Beyond ``FEW_KEYS``: ``locate``, then ``discard``."""
        self._early.difference_update(map(self._part, keys))
        return self.discard(self.locate(keys))

    def discard(self, rows: Iterable[int]) -> bool:
        """Mark rows as gone; True when some were there. 20 ms a hundred thousand: give no more at a time."""
        before, gone, sizes, folders = self._gone_count, self.gone, self.sizes, self.folders
        for row in rows:
            if gone[row]:
                continue
            gone[row] = 1
            self._gone_count += 1
            if folders[row]:
                self.folder_count -= 1
            elif sizes[row] > 0:
                self.total_bytes -= sizes[row]
        if self._gone_count == before:
            return False
        self.version += 1
        return True

    def selection_size(self, rows: Iterable[int]) -> tuple[int, int, int]:
        """(objects, folders, bytes of the objects) among ``rows``, those that are gone left out."""
        objects = folders = total = 0
        for row in rows:
            if self.gone[row]:
                continue
            if self.folders[row]:
                folders += 1
            else:
                objects += 1
                total += max(0, self.sizes[row])
        return objects, folders, total
