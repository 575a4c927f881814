"""Columns of a listing, packed: a million objects are a few thousand values for Python, its collector and a pipe.

Each is a sequence of plain values, frozen and picklable, and equal to any sequence of the same values.
"""

from __future__ import annotations

import itertools
import operator
from abc import abstractmethod
from array import array
from collections.abc import Iterator, Sequence
from typing import TypeVar, cast, overload

T = TypeVar("T")

_ENCODING, _ERRORS = "utf-8", "surrogatepass"  # a key that is not UTF-8 is held with lone surrogates
MARK = b"\xff"
"""Ends every string in a block: a byte that UTF-8 never has."""


class _Column(Sequence[T]):
    """What packed columns share: slices and comparison."""

    __slots__ = ()

    @abstractmethod
    def _item(self, at: int) -> T:
        """The value in row ``at``, which exists."""

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        if isinstance(at, slice):
            return tuple(self._item(one) for one in range(*at.indices(len(self))))
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self._item(at)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, (str, bytes)):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


class Strings(_Column[str]):
    """Strings in one UTF-8 block, each followed by ``MARK``; all begin with ``lead``, which the block leaves out.

    ``ends[n]`` is the place in ``block`` where string ``n`` ends.
    """

    __slots__ = ("block", "ends", "lead")

    def __init__(self, block: bytes, ends: array[int], lead: str = "") -> None:
        self.block, self.ends, self.lead = block, ends, lead

    @classmethod
    def of(cls, strings: Sequence[str], lead: str = "") -> Strings:
        """Pack ``strings``, each of which begins with ``lead``."""
        if isinstance(strings, Strings) and strings.lead == lead:
            return strings
        cut = len(lead)
        return cls.packed([text[cut:].encode(_ENCODING, _ERRORS) for text in strings], lead)

    @classmethod
    def packed(cls, parts: Sequence[bytes], lead: str = "") -> Strings:
        """Pack strings that are UTF-8 already, and without their ``lead``."""
        ends = array("I", map(operator.add, itertools.accumulate(map(len, parts)), itertools.count()))
        block = MARK.join(parts)
        return cls(block + MARK if parts else block, ends, lead)

    def part(self, at: int) -> str:
        """String ``at`` without its lead."""
        start = self.ends[at - 1] + 1 if at else 0
        return self.block[start : self.ends[at]].decode(_ENCODING, _ERRORS)

    def parts(self) -> list[str]:
        """All strings without their lead."""
        return [piece.decode(_ENCODING, _ERRORS) for piece in self.block.split(MARK)[:-1]]

    def _item(self, at: int) -> str:
        return self.lead + self.part(at)

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[str]:
        lead = self.lead
        return iter([lead + part for part in self.parts()]) if lead else iter(self.parts())

    def __reduce__(self) -> tuple[type[Strings], tuple[bytes, array[int], str]]:
        return Strings, (self.block, self.ends, self.lead)


class Coded(_Column[str]):
    """Strings of which few differ: one byte a row, which says where in ``table`` the string is (at most 256)."""

    __slots__ = ("codes", "table")

    def __init__(self, codes: bytes, table: tuple[str, ...]) -> None:
        self.codes, self.table = codes, table

    def _item(self, at: int) -> str:
        return self.table[self.codes[at]]

    def __len__(self) -> int:
        return len(self.codes)

    def __reduce__(self) -> tuple[type[Coded], tuple[bytes, tuple[str, ...]]]:
        return Coded, (self.codes, self.table)


class Etags(_Column[str]):
    """ETags: an MD5 is 16 bytes in ``digests``; any other is in ``odd`` under its row, and its 16 bytes are zero."""

    __slots__ = ("digests", "odd")

    def __init__(self, digests: bytes, odd: dict[int, str]) -> None:
        self.digests, self.odd = digests, odd

    @classmethod
    def of(cls, etags: Sequence[str]) -> Etags:
        """Pack ETags without their quotes."""
        if isinstance(etags, Etags):
            return etags
        digests, odd = bytearray(16 * len(etags)), {}
        for at, etag in enumerate(etags):
            raw = _md5(etag)
            if raw:
                digests[16 * at : 16 * at + 16] = raw
            else:
                odd[at] = etag
        return cls(bytes(digests), odd)

    def _item(self, at: int) -> str:
        found = self.odd.get(at)
        return self.digests[16 * at : 16 * at + 16].hex() if found is None else found

    def __len__(self) -> int:
        return len(self.digests) // 16

    def __reduce__(self) -> tuple[type[Etags], tuple[bytes, dict[int, str]]]:
        return Etags, (self.digests, self.odd)


def _md5(etag: str) -> bytes:
    """The 16 bytes of an ETag that is written exactly as ``bytes.hex`` writes it; else b""."""
    if len(etag) != 32:
        return b""
    try:
        raw = bytes.fromhex(etag)
    except ValueError:
        return b""
    return raw if raw.hex() == etag else b""


def first(column: Sequence[T], count: int) -> Sequence[T]:
    """The first ``count`` values of a column, packed as it is."""
    if isinstance(column, Strings):
        ends = column.ends[:count]
        return cast("Sequence[T]", Strings(column.block[: ends[-1] + 1 if ends else 0], ends, column.lead))
    if isinstance(column, Coded):
        return cast("Sequence[T]", Coded(column.codes[:count], column.table))
    if isinstance(column, Etags):
        odd = {at: etag for at, etag in column.odd.items() if at < count}
        return cast("Sequence[T]", Etags(column.digests[: 16 * count], odd))
    return column[:count]
