"""Orders of rows: sorted and filtered, as arrays of row numbers, made in a worker thread from a snapshot.

No step holds the interpreter for more than some milliseconds, because the window wants it meanwhile: rows are sorted a piece at
a time, and the pieces are cut at common places and merged part by part. The order by name comes first and is kept: the other
columns sort it stably, and a filter only leaves rows out of it.
"""

from __future__ import annotations

import enum
import math
import operator
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, repeat
from typing import Any

from cloudtemple_browser.app.chunks import Chunk
from cloudtemple_browser.app.collation import digits_aligned, sort_keys
from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.app.filtering import only, shown_rows
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.columns import MARK, Coded
from cloudtemple_browser.model.content_types import DEFAULT, content_type_of

_PIECE = 4096  # rows sorted in one go: 1 or 2 ms
_NUMBERS = 8192  # ... by numbers, which is quicker
_SAMPLES = 8  # of each piece, for the places to cut at
_ENDINGS = 10_000  # file name endings whose type is kept
_FEW = 1 << 15  # different values of a column that are sorted into as many heaps
_TOP = (0x7FF << 52) - 1  # the bits of the greatest finite float
_SLASH = b"/"


class Column(enum.Enum):
    """The columns of the object table. ``PATH`` is where a row of a flat list lies."""

    NAME = "name"
    SIZE = "size"
    MODIFIED = "modified"
    TYPE = "type"
    STORAGE_CLASS = "storage-class"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """How rows are shown: folders first, then by ``column``; only names that contain every word of ``needle``, in any case.

    ``natural``: file 9 before file 10. Rows of the same value follow their names, in both directions.
    """

    column: Column = Column.NAME
    descending: bool = False
    needle: str = ""
    natural: bool = True


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Rows with their keys, both in the order of the keys."""

    keys: tuple[str, ...]
    rows: array[int]


# ---------------------------------------------------------------------------------------------------------------- the whole


def ordered_rows(rows: Rows, spec: OrderSpec) -> array[int]:
    """The rows that are there, filtered and sorted, folders first. Any thread, on a snapshot."""
    folders = _in_name_order(rows, spec.natural, folder=True)
    objects = _by_column(rows, spec)
    if spec.descending:
        objects = objects[::-1]
        if spec.column in (Column.NAME, Column.PATH):  # folders have neither size, date nor type
            folders = folders[::-1]
    shown = shown_rows(rows, spec.needle)
    return folders + objects if shown is None else only(folders, shown) + only(objects, shown)


def _kept(rows: Rows, key: tuple[Column, bool, int], make: Callable[[], array[int]]) -> array[int]:
    """An order that was made before, of the same rows; else made now. Those by name are kept, and one other."""
    found: tuple[int, array[int]] | None = rows.orders.get(key)
    if found is not None and found[0] == rows.end:
        return found[1]
    made = make()
    for other in tuple(rows.orders):
        if other[1] != key[1] or (other[0] is not Column.NAME and key[0] is not Column.NAME):
            del rows.orders[other]
    rows.orders[key] = (rows.end, made)
    return made


def _in_name_order(rows: Rows, natural: bool, *, folder: bool) -> array[int]:
    """All folders, or all objects, by their names, or in a flat list by their paths."""
    return _kept(rows, (Column.NAME, natural, folder), lambda: _by_name(rows, _chunks(rows, folder=folder), natural=natural))


def _chunks(rows: Rows, *, folder: bool) -> Iterator[Chunk]:
    for chunk in rows.chunks:
        if chunk.folder == folder:
            courtesy.give_way()
            yield chunk


def _by_column(rows: Rows, spec: OrderSpec) -> array[int]:
    names = _in_name_order(rows, spec.natural, folder=False)
    by_name = spec.column in (Column.NAME, Column.PATH)
    if spec.descending and not by_name:
        names = names[::-1]  # the whole is turned round at the end
    match spec.column:
        case Column.NAME | Column.PATH:
            if not rows.flat:
                return names
            edits, make = 0, lambda: _by_part(rows, names, spec)
        case Column.SIZE:
            edits, make = rows.edits, lambda: _by_value(names, rows.sizes)
        case Column.MODIFIED:
            edits, make = rows.edits, lambda: _by_value(names, rows.modified)
        case Column.TYPE:
            edits, make = 0, lambda: _grouped(names, *_types(rows))
        case _:
            edits, make = rows.edits, lambda: _grouped(names, *_classes(rows))
    # One key more than the columns have, for what is by name in a flat list: the order by path has the name's.
    column = Column.PATH if spec.column is Column.NAME else spec.column
    turned = spec.descending and not by_name
    return _kept(rows, (column, spec.natural, -1 if spec.column is Column.NAME else 2 * edits + turned), make)


# ---------------------------------------------------------------------------------------------------------------- sorting


def _by_name(rows: Rows, chunks: Iterable[Chunk], *, natural: bool) -> array[int]:
    """Rows of some chunks by name; where names count as the same, by their bytes, so that the order is total."""
    pieces = sorted((_NameOrder(chunk, natural=natural) for chunk in chunks), key=lambda piece: piece.low, reverse=True)
    order = array("I")
    while pieces:
        # A store lists in the order of names, page by page: most pieces follow upon each other.
        group = [pieces.pop()]
        high = group[0].high
        while pieces and pieces[-1].low <= high:
            group.append(pieces.pop())
            high = max(high, group[-1].high)
        if len(group) == 1:
            order += group[0].rows
            continue
        keyed = [piece.sorted() for piece in group]
        group.clear()
        for part in _merged(keyed, lambda row: _raw(rows, row)):
            order += part
        _let_go(keyed, 1)
    return order


def _let_go(things: list[Any], count: int) -> None:
    """Free things some at a time: a million strings at once would hold the interpreter for 50 ms."""
    while things:
        del things[-count:]


def _raw(rows: Rows, row: int) -> bytes:
    return rows.path(row).encode("utf-8", "surrogatepass")


class _NameOrder:
    """The rows of a chunk by name. Keys are kept only where digits are in different places: else they are cheap to make."""

    __slots__ = ("_chunk", "_keys", "_natural", "_order", "high", "low", "rows")

    def __init__(self, chunk: Chunk, *, natural: bool) -> None:
        courtesy.give_way()
        self._chunk, self._natural = chunk, natural
        block = chunk.block
        easy = natural and chunk.ascii and digits_aligned(block)
        keys = sort_keys(block, natural=natural and not easy, lead=chunk.lead)
        self._order, ordered = _sorted_keys(keys, chunk)
        order = self._order
        self.rows = array("I", range(chunk.base, chunk.end) if order is None else [chunk.base + at for at in order])
        # Tuples: the collector would walk over a million keys again and again.
        self._keys = None if easy else tuple(ordered)
        self.low, self.high = self._ends(block) if easy else (ordered[0], ordered[-1])

    def _ends(self, block: bytes) -> tuple[str, str]:
        parts = block[:-1].split(MARK)
        first, last = (0, -1) if self._order is None else (self._order[0], self._order[-1])
        low, high = sort_keys(parts[first] + MARK + parts[last] + MARK, natural=True)
        return low, high

    def sorted(self) -> _Sorted:
        """The rows with their keys."""
        if self._keys is None:
            keys = sort_keys(self._chunk.block, natural=self._natural, lead=self._chunk.lead)
            self._keys = tuple(keys if self._order is None else [keys[at] for at in self._order])
        return _Sorted(self._keys, self.rows)


def _sorted_keys(keys: list[str], chunk: Chunk) -> tuple[list[int] | None, list[str]]:
    """The order of a chunk's keys (None: as they are), and the keys in it."""
    ordered = sorted(keys)
    twins = any(map(operator.eq, ordered, islice(ordered, 1, None)))
    if not twins and ordered == keys:
        return None, keys
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if twins:
        parts = chunk.parts()
        order.sort(key=lambda at: (keys[at], parts[at]))
    return order, ordered


def _by_value(rows: array[int], values: array[int]) -> array[int]:
    """Rows by their numbers; rows of the same number stay as they are."""
    values = values[:]  # a snapshot shares them with the rows that the window shows, and changes
    if few := _few(values):  # sizes of equal files, seconds of an upload: no row need be compared with another
        return _in_groups(rows, values, few)
    keys = _comparable(values)
    get = keys.__getitem__
    parts = len(rows) // _NUMBERS
    samples = sorted(map(get, rows[:: max(1, len(rows) // (_SAMPLES * parts))]))[::_SAMPLES] if parts else []
    many = {one for one, other in pairwise(samples) if one == other}  # a million of the same need no sorting
    cuts = sorted({*samples, *(math.nextafter(value, math.inf) for value in many)})
    found = [array("I") for _ in range(len(cuts) + 1)]
    for at in range(0, len(rows), _NUMBERS):
        courtesy.give_way()
        piece, start = array("I", sorted(rows[at : at + _NUMBERS], key=get)), 0
        for part, cut in enumerate(cuts):
            end = bisect_left(piece, cut, start, key=get)
            if end > start:
                found[part] += piece[start:end]
                start = end
        found[-1] += piece[start:]
    same = {at for at, (low, high) in enumerate(pairwise(cuts), 1) if high == math.nextafter(low, math.inf)}
    return _joined(part if at in same else array("I", sorted(part, key=get)) for at, part in enumerate(found))


def _few(values: array[int]) -> list[int]:
    """The different values in order, where they are few; else nothing."""
    found: set[int] = set()
    for at in range(0, len(values), _PIECE):
        courtesy.give_way()
        found.update(values[at : at + _PIECE])
        if len(found) > _FEW:
            return []
    return sorted(found)


def _comparable(values: array[int]) -> array[float]:
    """Floats in the order of the numbers, which Python compares twice as fast: those with the same bits (IEEE 754, 5.10)."""
    found = array("d")
    for at in range(0, len(values), _NUMBERS):
        courtesy.give_way()
        piece = values[at : at + _NUMBERS]
        found.frombytes(piece.tobytes())
        if min(piece) < 0 or max(piece) > _TOP:
            for number, value in enumerate(piece, at):
                if value < 0 or value > _TOP:
                    found[number] = -1.0 if value < 0 else math.inf
    return found


def _stably(rows: array[int], values: Sequence[str]) -> array[int]:
    """Rows by their keys; rows of the same key stay as they are."""
    get = values.__getitem__
    pieces = []
    for at in range(0, len(rows), _PIECE):
        piece = sorted(rows[at : at + _PIECE], key=get)
        pieces.append(_Sorted(tuple(map(get, piece)), array("I", piece)))
    return _joined(_merged(pieces))


def _by_part(rows: Rows, paths: array[int], spec: OrderSpec) -> array[int]:
    """The rows of a flat list by the names at the ends of their paths, or by the folders before; the same ones by path."""
    last = spec.column is Column.NAME
    keys = [""] * rows.end
    for chunk in _chunks(rows, folder=False):
        cuts = ((part, part.rfind(_SLASH, 0, -1) + 1) for part in chunk.parts())
        block = b"".join((part[cut:] if last else part[:cut]) + MARK for part, cut in cuts)
        keys[chunk.base : chunk.end] = sort_keys(block, natural=spec.natural)
    order = _stably(paths, keys)
    _let_go(keys, _PIECE)
    return order


def _joined(parts: Iterable[array[int]]) -> array[int]:
    order = array("I")
    for part in parts:
        courtesy.give_way()
        order += part
    return order


def _merged(pieces: list[_Sorted], raw: Callable[[int], Any] | None = None) -> Iterator[array[int]]:
    """Sorted pieces as one sequence, in parts; ``raw`` decides between equal keys, else the order of the pieces does."""
    cuts = _cuts(pieces)
    parts: list[list[tuple[_Sorted, int, int]]] = [[] for _ in range(2 * len(cuts) + 1)]
    for piece in pieces:
        at, keys = 0, piece.keys
        first, last = bisect_left(cuts, keys[0]), bisect_right(cuts, keys[-1])
        for cut in range(first, last):  # below the cut, then equal to it: a million of the same need no sorting
            to = bisect_left(keys, cuts[cut], at)
            if to > at:
                parts[2 * cut].append((piece, at, to))
            at = bisect_right(keys, cuts[cut], to)
            if at > to:
                parts[2 * cut + 1].append((piece, to, at))
        if at < len(keys):
            parts[2 * last].append((piece, at, len(keys)))
    for number, part in enumerate(parts):
        yield from _part(part, raw, same=number % 2 == 1)


def _cuts(pieces: list[_Sorted]) -> list[str]:
    """Keys that cut the pieces into parts of about ``_PIECE`` rows."""
    samples = sorted(key for piece in pieces for key in piece.keys[:: max(1, len(piece.keys) // _SAMPLES)])
    parts = sum(len(piece.keys) for piece in pieces) // _PIECE
    return sorted(set(samples[:: max(1, len(samples) // parts)])) if parts else []


def _part(part: list[tuple[_Sorted, int, int]], raw: Callable[[int], Any] | None, *, same: bool) -> Iterator[array[int]]:
    courtesy.give_way()
    if len(part) == 1 or (same and raw is None):
        for piece, start, end in part:
            yield piece.rows[start:end]
        return
    keys: list[str] = []
    rows = array("I")
    for piece, start, end in part:
        keys += piece.keys[start:end]
        rows += piece.rows[start:end]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if raw is not None and len(set(keys)) < len(keys):
        order.sort(key=lambda at: (keys[at], raw(rows[at])))
    yield array("I", [rows[at] for at in order])


def _grouped(rows: array[int], groups: Sequence[int], names: Sequence[str]) -> array[int]:
    """Rows by the names of the groups they are in, stably. ``groups`` has the number of each row's group."""
    return _in_groups(rows, groups, sorted(range(len(names)), key=names.__getitem__))


def _in_groups(rows: array[int], values: Sequence[int], ordered: Iterable[int]) -> array[int]:
    """Rows by their values, of which ``ordered`` has all; rows of the same value stay as they are."""
    found = {value: array("I") for value in ordered}
    add = {value: part.append for value, part in found.items()}
    for at in range(0, len(rows), _PIECE):
        courtesy.give_way()
        for row in rows[at : at + _PIECE]:
            add[values[row]](row)
    return _joined(found.values())


class _Types(defaultdict[bytes, int]):
    """The number of the content type of each file name ending, dot included and in lower case."""

    def __init__(self) -> None:
        super().__init__()
        self.names = [DEFAULT]

    def __missing__(self, ending: bytes) -> int:
        found = content_type_of(ending.decode("utf-8", "surrogatepass")) if ending.startswith(b".") else DEFAULT
        if found not in self.names:
            self.names.append(found)
        number = self.names.index(found)
        if len(self) < _ENDINGS:
            self[ending] = number
        return number


def _types(rows: Rows) -> tuple[array[int], list[str]]:
    types, groups = _Types(), array("H", bytes(2 * rows.end))
    for chunk in _chunks(rows, folder=False):
        parts = chunk.names.block[:-1].lower().split(MARK)
        endings = [part[at:] for part, at in zip(parts, map(bytes.rfind, parts, repeat(b".")), strict=True)]
        groups[chunk.base : chunk.end] = array("H", map(types.__getitem__, endings))
    return groups, types.names


def _classes(rows: Rows) -> tuple[array[int], list[str]]:
    numbers: dict[str, int] = {}
    groups = array("I", bytes(4 * rows.end))
    for chunk in _chunks(rows, folder=False):
        if isinstance(chunk.classes, Coded):
            table = [numbers.setdefault(name, len(numbers)) for name in chunk.classes.table]
            groups[chunk.base : chunk.end] = array("I", map(table.__getitem__, chunk.classes.codes))
        else:
            found = [numbers.setdefault(name, len(numbers)) for name in chunk.classes]
            groups[chunk.base : chunk.end] = array("I", found)
    for row, name in rows.written_classes().items():
        if row < rows.end:
            groups[row] = numbers.setdefault(name, len(numbers))
    return groups, list(numbers)
