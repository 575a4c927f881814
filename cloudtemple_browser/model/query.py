"""What is looked for below a prefix. A query without any condition is the flat view: everything below here."""

from __future__ import annotations

import enum
import fnmatch
import functools
import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import normalize

from cloudtemple_browser.model.columns import MARK, Coded, Etags, Strings
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectEntry
from cloudtemple_browser.model.text import Text, translate

_DELIMITER = "/"


class Match(enum.Enum):
    """How ``Query.text`` is read.

    ``SUBSTRING``: it occurs in the path below the prefix. ``GLOB``: ``*``, ``?`` and ``[…]`` stand for any text (``/`` too),
    one character, one of several; without a ``/`` it must fit the object's own name, with one the whole path below the prefix.
    ``REGEX``: Python's regular expression is found in the path below the prefix, as the store has it; for the other two it does
    not matter how the accents of a name are written (see ``folded``).
    """

    SUBSTRING = "substring"
    GLOB = "glob"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that an object must meet, all of them; names are compared without the folder that is searched.

    Sizes in bytes, both ends included; times in seconds since 1970 UTC, ``after`` included and ``before`` not. What a store did
    not tell meets no bound.
    """

    text: str = ""
    match: Match = Match.SUBSTRING
    case: bool = False
    min_size: int | None = None
    max_size: int | None = None
    after: int | None = None
    before: int | None = None

    @property
    def everything(self) -> bool:
        """Whether every object meets it."""
        return self == Query(match=self.match, case=self.case)

    def problem(self) -> Text | None:
        """Why nothing could meet it, or None. A long expression takes its time: call in the background."""
        if _crossed(self.min_size, self.max_size):
            return translate("query", "The smallest size is above the largest.")
        if self.after is not None and self.before is not None and self.after >= self.before:
            return translate("query", "The first day is after the last.")
        if self.match is Match.REGEX:
            try:
                re.compile(self.text)
            except re.error as error:
                where = "" if error.pos is None else f"{self.text[: error.pos]}▸{self.text[error.pos :]}"
                return translate("query", "This is not a regular expression: {why}. {where}")(why=error.msg, where=where)
            except (OverflowError, RecursionError):
                return translate("query", "This regular expression is too large.")
        return None

    def bounds_met(self, size: int, modified: int) -> bool:
        """Whether a size and a time are within the bounds."""
        return _within(size, self.min_size, self.max_size) and _within(modified, self.after, self._last)

    @property
    def _last(self) -> int | None:
        """The last second that is not too late."""
        return None if self.before is None else self.before - 1


@dataclass(frozen=True, slots=True)
class Found:
    """What a page held of a query: the objects that met it, and how many were looked at. ``looked_bytes`` of all of these."""

    page: ListingPage
    looked: int
    looked_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sieve:
    """Keeps of a page what meets ``query`` below ``prefix``. Picklable, pure: runs where the pages are parsed.

    A regular expression may take for ever: never call it with one in the window's process.
    """

    query: Query
    prefix: str = ""

    @property
    def may_hang(self) -> bool:
        """Whether a name can keep it busy for ever."""
        return self.query.match is Match.REGEX and bool(self.query.text)

    def __call__(self, page: ListingPage) -> Found:
        """What the page holds of the query."""
        looked = Found(page, len(page.keys), _total(page.sizes))
        if self.query.everything:
            return looked
        kept: Sequence[int] = range(len(page.keys))
        for column, least, most in self._bounds(page):
            kept = [row for row in kept if _within(column[row], least, most)]
        kept = self._named(page, kept)
        return looked if len(kept) == len(page.keys) else replace(looked, page=_taken(page, kept))

    def meets(self, entry: ObjectEntry) -> bool:
        """Whether one object meets the query."""
        return len(self(entry.as_page()).page.keys) > 0

    def _bounds(self, page: ListingPage) -> list[tuple[Sequence[int], int | None, int | None]]:
        query = self.query
        both = ((page.sizes, query.min_size, query.max_size), (page.modified, query.after, query._last))
        return [bound for bound in both if bound[1:] != (None, None)]

    def _named(self, page: ListingPage, rows: Sequence[int]) -> list[int]:
        """Those of ``rows`` whose name meets the query."""
        keys, prefix, test = page.keys, self.prefix, _test(self.query)
        cut = prefix.rfind(_DELIMITER) + 1
        if isinstance(keys, Strings) and keys.lead == prefix and cut == len(prefix):
            names = keys.parts()
        else:
            names = [key[cut:] for key in keys]
        names = _spelt(self.query, names)
        return [row for row in rows if names[row] and test(names[row])]


def _within(value: int, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    return value >= max(0, least or 0) and (most is None or value <= most)  # UNKNOWN is below 0


def _crossed(least: int | None, most: int | None) -> bool:
    return least is not None and most is not None and least > most


def _total(sizes: Sequence[int]) -> int:
    return sum(sizes) if not sizes or min(sizes) >= 0 else sum(max(0, size) for size in sizes)


def folded(name: str) -> str:
    """What is equal for names that differ only in case or in how accents are written: "é", or "e" and an accent as on macOS."""
    if name.isascii():
        return name.casefold()
    return normalize("NFC", normalize("NFC", name).casefold())  # casefold takes some characters apart


def _composed(name: str) -> str:
    """The name with its accented characters as one each."""
    return normalize("NFC", name)


def _spelt(query: Query, names: list[str]) -> list[str]:
    """Names, or the query's own text, as they are compared."""
    fold = query.match is Match.SUBSTRING and not query.case
    if query.match is Match.REGEX or "".join(names).isascii():
        return list(map(str.casefold, names)) if fold else names
    return list(map(folded if fold else _composed, names))


@functools.lru_cache(maxsize=16)
def _test(query: Query) -> Callable[[str], object]:
    """What a name (never empty, and as ``_spelt`` gives it) must pass."""
    flags = re.NOFLAG if query.case else re.IGNORECASE
    (text,) = _spelt(query, [query.text])
    if not text:
        return lambda _name: True
    match query.match:
        case Match.SUBSTRING:
            return lambda name: text in name
        case Match.GLOB:
            fits = re.compile(fnmatch.translate(text), flags).match
            if _DELIMITER in text:
                return fits
            return lambda name: fits(_base(name))
        case Match.REGEX:
            return re.compile(query.text, flags).search


def _base(name: str) -> str:
    """The object's own name; for a folder's marker (``a/b/``) the folder's."""
    return name.rstrip(_DELIMITER).rpartition(_DELIMITER)[2] or name


def _taken(page: ListingPage, rows: Sequence[int]) -> ListingPage:
    """Some rows of a page, packed as it was."""
    sizes, modified = _taken_of(page.sizes, rows), _taken_of(page.modified, rows)
    return ListingPage(
        (),
        _taken_of(page.keys, rows),
        sizes,
        modified,
        _taken_of(page.etags, rows),
        _taken_of(page.storage_classes, rows),
        page.malformed,
        sizes.count(UNKNOWN) + modified.count(UNKNOWN) if page.unreadable else 0,
    )


def _taken_of(column: Sequence[Any], rows: Sequence[int]) -> Any:
    match column:
        case Strings():
            parts = column.block.split(MARK)
            return Strings.packed([parts[row] for row in rows], column.lead)
        case array():
            return array(column.typecode, [column[row] for row in rows])
        case Coded():
            return Coded(bytes([column.codes[row] for row in rows]), column.table)
        case Etags():
            digests = b"".join([column.digests[16 * row : 16 * row + 16] for row in rows])
            return Etags(digests, {at: column.odd[row] for at, row in enumerate(rows) if row in column.odd})
        case _:
            return tuple([column[row] for row in rows])
