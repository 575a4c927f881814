"""A piece of a listing's columns: the rows of one page, packed, and never changed."""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from cloudtemple_browser.app.collation import is_ascii
from cloudtemple_browser.model.columns import MARK, Coded, Etags, Strings

MERGED = 256  # rows: smaller pieces of one kind are joined, so that a thousand uploads are no thousand pieces
_SLASH = b"/"


class Chunk:
    """Rows ``base`` and following: all of them objects, or all of them folders (whose names end with their delimiter)."""

    __slots__ = ("_ascii", "_bounds", "base", "classes", "etags", "folder", "names")

    def __init__(self, base: int, names: Strings, etags: Sequence[str], classes: Sequence[str], *, folder: bool) -> None:
        self.base, self.names, self.folder = base, names, folder
        self.etags = etags if isinstance(etags, Strings) else Etags.of(etags)
        self.classes = _packed_classes(classes)
        self._ascii: bool | None = None
        self._bounds: tuple[bytes, bytes] | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def end(self) -> int:
        """The row behind the last one."""
        return self.base + len(self.names)

    @property
    def block(self) -> bytes:
        """The names, packed, those of folders without their delimiter."""
        block = self.names.block
        return block.replace(_SLASH + MARK, MARK) if self.folder else block

    @property
    def ascii(self) -> bool:
        """Whether all names are ASCII."""
        if self._ascii is None:
            self._ascii = is_ascii(self.names.block)
        return self._ascii

    @property
    def bounds(self) -> tuple[bytes, bytes]:
        """The first and the last name, as in ``parts``. Looked for once, by whoever asks first."""
        if self._bounds is None:
            parts = self.parts()
            self._bounds = min(parts), max(parts)
        return self._bounds

    @property
    def lead(self) -> bytes:
        """What all names begin with."""
        low, high = self.bounds
        same = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
        return low[:same]

    def parts(self) -> list[bytes]:
        """The names in UTF-8, those of folders with their delimiter."""
        return self.names.block[:-1].split(MARK)

    def rows_of(self, part: bytes) -> Iterator[int]:
        """The rows with exactly this name, as in ``parts``."""
        block, needle = self.names.block, part + MARK
        at = block.find(needle)
        while at >= 0:
            if at == 0 or block[at - 1] == MARK[0]:
                yield self.base + bisect_left(self.names.ends, at + len(part))
            at = block.find(needle, at + 1)

    def joined(self, other: Chunk) -> Chunk:
        """This piece and the next one of the same kind as one."""
        names = Strings.packed(self.parts() + other.parts(), self.names.lead)
        etags, classes = (*self.etags, *other.etags), (*self.classes, *other.classes)
        return Chunk(self.base, names, etags, classes, folder=self.folder)


class KeyIndex:
    """Finds the chunk of a name: the chunks by their first name, and the last name of all up to each."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = sorted(chunks, key=operator.attrgetter("bounds"))
        self._lows = [chunk.bounds[0] for chunk in self._chunks]
        self._highs: list[bytes] = []
        highest = b""
        for chunk in self._chunks:
            highest = max(highest, chunk.bounds[1])
            self._highs.append(highest)

    def rows_of(self, part: bytes) -> Iterator[int]:
        """The rows with exactly this name, as in ``Chunk.parts``."""
        at = bisect_left(self._lows, part + MARK) - 1
        while at >= 0 and self._highs[at] >= part:
            if self._chunks[at].bounds[1] >= part:
                yield from self._chunks[at].rows_of(part)
            at -= 1


def _packed_classes(classes: Sequence[str]) -> Sequence[str]:
    """A column of storage classes with one byte a row, unless a store makes up hundreds of them."""
    if isinstance(classes, Coded):
        return classes
    table = {name: code for code, name in enumerate(dict.fromkeys(classes))}
    if len(table) > 256:
        return tuple(classes)
    return Coded(bytes(map(table.__getitem__, classes)), tuple(table))
