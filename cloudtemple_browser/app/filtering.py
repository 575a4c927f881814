"""What of the rows is shown: the filter on names; and where rows are in an order: selections and typing. No Qt, any thread."""

from __future__ import annotations

import operator
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat

from cloudtemple_browser.app.chunks import Chunk
from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.columns import MARK
from cloudtemple_browser.model.query import folded

_PIECE = 4096  # rows looked at in one go
_FEW = 8  # rows that are looked for one by one
_SLASH = b"/"


def filtered(rows: Rows, candidates: range, needle: str) -> array[int]:
    """The rows among ``candidates`` that are there and pass the filter, in their order. Any thread; 0.2 ms a thousand."""
    if not needle.split() and not rows.version:
        return array("I", candidates)
    found = array("I")
    for chunk in _overlapping(rows, candidates):
        start, end = max(chunk.base, candidates.start), min(chunk.end, candidates.stop)
        passing = _passing(chunk, needle)
        kept = (row for row in range(start, end) if passing[row - chunk.base] and not rows.gone[row])
        found.extend(kept)
    return found


def _overlapping(rows: Rows, candidates: range) -> Iterator[Chunk]:
    at = max(0, bisect_right(rows.chunks, candidates.start, key=lambda chunk: chunk.base) - 1)
    while at < len(rows.chunks) and rows.chunks[at].base < candidates.stop:
        yield rows.chunks[at]
        at += 1


def _passing(chunk: Chunk, needle: str) -> Sequence[int]:
    """1 for each row of a chunk whose name has every word of the needle, whatever its case and its accents' form; else 0."""
    words = folded(needle).split()
    if not words:
        return b"\1" * len(chunk)
    if chunk.ascii:
        return _with_words(chunk, [word.encode("utf-8", "surrogatepass") for word in words])
    names = [folded(part.decode("utf-8", "surrogatepass")) for part in chunk.block[:-1].split(MARK)]
    return bytes(map(all, zip(*([word in name for name in names] for word in words), strict=True)))


def _with_words(chunk: Chunk, words: list[bytes]) -> Sequence[int]:
    low = chunk.block.lower()
    if not all(word in low for word in words):
        return bytes(len(chunk))
    found = _with_word(low, words[0], len(chunk))
    for word in words[1:]:
        found = bytes(map(operator.and_, found, _with_word(low, word, len(chunk))))
    return found


def _with_word(low: bytes, word: bytes, count: int) -> Sequence[int]:
    """1 for each of ``count`` packed names that has the word. Costs little but where a name has it."""
    found = bytearray(count)
    between = low.split(word)
    del between[-1]  # behind the last one
    for row in accumulate(map(bytes.count, between, repeat(MARK))):
        found[row] = 1
    return found


def shown_rows(rows: Rows, needle: str) -> bytearray | None:
    """A byte for each of the first rows: 1 where it is shown; None when all are."""
    if not needle.split() and not rows.version:
        return None
    shown, gone = bytearray(rows.end), rows.gone
    for chunk in rows.chunks:
        courtesy.give_way()
        shown[chunk.base : chunk.end] = _passing(chunk, needle)
        if 1 in gone[chunk.base : chunk.end]:
            for row in range(chunk.base, chunk.end):
                shown[row] &= not gone[row]
    return shown


def only(order: array[int], shown: bytearray) -> array[int]:
    """Those rows of an order that are shown."""
    found = array("I")
    for at in range(0, len(order), _PIECE):
        courtesy.give_way()
        found += array("I", [row for row in order[at : at + _PIECE] if shown[row]])
    return found


def positions(order: array[int], rows: Iterable[int], end: int, limit: int) -> list[tuple[int, int]] | None:
    """Where some rows are in an order, as inclusive ranges; None when it takes more than ``limit``.

    Any thread. Row numbers are below ``end``.
    """
    flags, sought = bytearray(), list(rows)
    if len(sought) <= _FEW:
        flags.extend(bytes(len(order)))
        for at in (position(order, row) for row in sought):
            if at >= 0:
                flags[at] = 1
    else:
        wanted = bytearray(end)
        for row in sought:
            wanted[row] = 1
        for at in range(0, len(order), _PIECE):
            courtesy.give_way()
            flags += bytes([wanted[row] for row in order[at : at + _PIECE]])
    ranges: list[tuple[int, int]] = []
    start = flags.find(1)
    while start >= 0:
        end = flags.find(0, start)
        end = len(flags) if end < 0 else end
        ranges.append((start, end - 1))
        if len(ranges) > limit:
            return None
        start = flags.find(1, end)
    return ranges


def position(order: array[int], row: int) -> int:
    """Where a row is in an order, or -1. Some milliseconds for a million."""
    sought, raw = array("I", (row,)).tobytes(), order.tobytes()
    at = raw.find(sought)
    while at >= 0 and at % order.itemsize:
        at = raw.find(sought, at + 1)
    return at // order.itemsize if at >= 0 else -1


def first_beginning_with(rows: Rows, order: array[int], text: str, start: int) -> int:
    """The position of the next row, from ``start`` on and round, whose name begins with ``text`` in any case; or -1."""
    wanted = bytearray(rows.end)
    for chunk in rows.chunks:
        courtesy.give_way()
        wanted[chunk.base : chunk.end] = _beginning_with(chunk, folded(text), flat=rows.flat)
    if 1 not in wanted:
        return -1
    for piece in (range(start, len(order)), range(min(start, len(order)))):
        for at in piece:
            if wanted[order[at]]:
                return at
    return -1


def _beginning_with(chunk: Chunk, text: str, *, flat: bool) -> bytes:
    parts = chunk.block[:-1].split(MARK)
    if flat:
        parts = [part[part.rfind(_SLASH, 0, -1) + 1 :] for part in parts]
    if not chunk.ascii:
        return bytes([folded(part.decode("utf-8", "surrogatepass")).startswith(text) for part in parts])
    sought = text.encode("utf-8", "surrogatepass")
    return bytes([part[: len(sought)].lower() == sought for part in parts])
