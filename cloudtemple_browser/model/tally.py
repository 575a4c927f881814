"""How much lies below a prefix, and where: objects and bytes by folder, by extension and by age.

``PageTally`` looks at one page (in an engine process), ``Collector`` adds the pages up (in a worker thread), and what it gives
out is a ``Tally``: small, frozen, and exact in its totals whatever the order of the pages.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from cloudtemple_browser.model.addresses import DELIMITER
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage
from cloudtemple_browser.model.query import Match, Query

_DAY = 86_400
AGE_LIMITS = (_DAY, 7 * _DAY, 30 * _DAY, 91 * _DAY, 365 * _DAY)
"""Seconds: the groups of ages are younger than each of these, then older, then not known."""
OLDER, AGE_UNKNOWN = len(AGE_LIMITS), len(AGE_LIMITS) + 1
_AGES = AGE_UNKNOWN + 1
MAX_GROUPS = 50_000
"""Distinct folders (or extensions) that are counted one by one. Beyond, the smallest go into the rest: the totals stay exact,
a small group may then show less than it has."""
_KEPT = 12_500  # groups of most bytes, and as many of most objects, that stay when there are too many
SHOWN_GROUPS = 1_000
"""Groups of most bytes, and as many of most objects, that a ``Tally`` names."""
_PIECE = 4096  # groups looked at without a pause
_MAX_EXTENSION = 12  # characters: what is longer is a part of the name


@dataclass(frozen=True, slots=True)
class Group:
    """A part of what was counted. A folder's name is relative to the prefix and ends with the delimiter.

    ``""`` is what lies directly in the prefix, or has no extension.
    """

    name: str
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Groups:
    """The largest groups, most bytes first; ``rest`` sums up ``hidden`` others (about so many unless ``exact``)."""

    largest: tuple[Group, ...] = ()
    rest: Group = Group("", 0, 0)
    hidden: int = 0
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """What lies below a prefix. ``bytes`` without the ``unknown`` sizes; times in seconds since 1970 UTC or ``UNKNOWN``.

    ``subfolders`` are two levels deep (``a/b/``); what lies directly in ``a/`` is there as ``a/``. ``ages`` has one group for
    each of ``AGE_LIMITS``, then ``OLDER`` and ``AGE_UNKNOWN``, named by their places.
    """

    objects: int = 0
    bytes: int = 0
    unknown: int = 0
    oldest: int = UNKNOWN
    newest: int = UNKNOWN
    folders: Groups = Groups()
    subfolders: Groups = Groups()
    extensions: Groups = Groups()
    ages: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class PageCounts:
    """One page added up: (objects, bytes) by folder two levels deep, by extension, and by age.

    ``malformed``: see ``ListingPage``.
    """

    objects: int
    bytes: int
    unknown: int
    oldest: int
    newest: int
    folders: Mapping[str, tuple[int, int]]
    extensions: Mapping[str, tuple[int, int]]
    ages: tuple[tuple[int, int], ...]
    malformed: int = 0


@dataclass(frozen=True, slots=True)
class PageTally:
    """Adds up one page of what lies below ``prefix``; ages are relative to ``now``, in seconds since 1970 UTC. Pure."""

    prefix: str
    now: int

    def __call__(self, page: ListingPage) -> PageCounts:
        """The page's objects."""
        keys, sizes, modified = list(page.keys), list(page.sizes), list(page.modified)
        unknown = sum(size < 0 for size in sizes)
        if unknown:
            sizes = [max(0, size) for size in sizes]
        known = [when for when in modified if when != UNKNOWN]
        return PageCounts(
            len(keys),
            sum(sizes),
            unknown,
            min(known, default=UNKNOWN),
            max(known, default=UNKNOWN),
            _by_folder(keys, sizes, len(self.prefix)),
            _by_extension(keys, sizes),
            _by_age(modified, sizes, self.now),
            page.malformed,
        )


# Plain loops without calls: they run for every object of a bucket.


def _by_folder(keys: list[str], sizes: list[int], cut: int) -> dict[str, tuple[int, int]]:
    """By folder below the first ``cut`` characters, at most two levels deep."""
    found: dict[str, tuple[int, int]] = {}
    name = run = ""
    objects = size = 0
    for key, more in zip(keys, sizes, strict=True):
        if not (run and key.startswith(run, cut)):  # neighbours are often in the same folder
            _add(found, name, objects, size)
            objects = size = 0
            first = key.find(DELIMITER, cut)
            second = key.find(DELIMITER, first + 1) if first >= 0 else -1
            name = key[cut : max(first, second) + 1] if first >= 0 else ""
            run = name if second >= 0 else ""
        objects += 1
        size += more
    _add(found, name, objects, size)
    return found


def _by_extension(keys: list[str], sizes: list[int]) -> dict[str, tuple[int, int]]:
    endings: dict[str, list[int]] = {}
    for key, size in zip(keys, sizes, strict=True):
        ending = key[key.rfind(".") - 1 :]  # with the letter before the dot: ".profile" has no extension
        if ending in endings:
            slot = endings[ending]
            slot[0] += 1
            slot[1] += size
        else:
            endings[ending] = [1, size]
    found: dict[str, tuple[int, int]] = {}
    for ending, (objects, size) in endings.items():
        _add(found, extension_of(ending), objects, size)
    return found


def _by_age(modified: list[int], sizes: list[int], now: int) -> tuple[tuple[int, int], ...]:
    bounds = [UNKNOWN, *(now - limit for limit in reversed(AGE_LIMITS))]
    slots = [[0, 0] for _ in range(_AGES)]
    for when, size in zip(modified, sizes, strict=True):
        slot = slots[AGE_UNKNOWN - bisect_left(bounds, when)]
        slot[0] += 1
        slot[1] += size
    return tuple((objects, size) for objects, size in slots)


def _add(groups: dict[str, tuple[int, int]], name: str, objects: int, size: int) -> None:
    if objects:
        before = groups.get(name, (0, 0))
        groups[name] = (before[0] + objects, before[1] + size)


def extension_of(name: str) -> str:
    """The extension of a key without its dot, in lower case where that is as long; ``""`` where the name has none."""
    stem, _dot, extension = name.rpartition(".")
    if not stem or stem.endswith(DELIMITER) or len(extension) > _MAX_EXTENSION or not extension.isalnum():
        return ""
    lower = extension.lower()
    return lower if len(lower) == len(extension) else extension  # "İ" becomes two characters, which no search finds in it


class Collector:
    """Adds pages up. One thread at a time; ``rest`` is called every few milliseconds, and may hold it up."""

    def __init__(self, max_groups: int = MAX_GROUPS, rest: Callable[[], None] = lambda: None) -> None:
        self._folders, self._subfolders, self._extensions = (_Bounded(max_groups, rest) for _ in range(3))
        self._pause = rest
        self._ages = [[0, 0] for _ in range(_AGES)]
        self._objects = self._bytes = self._unknown = self.malformed = 0
        self._oldest = self._newest = UNKNOWN

    def add(self, counts: PageCounts) -> None:
        """Add one page."""
        self._pause()
        self._objects += counts.objects
        self._bytes += counts.bytes
        self._unknown += counts.unknown
        self.malformed += counts.malformed
        if counts.oldest != UNKNOWN:
            self._oldest = counts.oldest if self._oldest == UNKNOWN else min(self._oldest, counts.oldest)
            self._newest = max(self._newest, counts.newest)
        for mine, (objects, size) in zip(self._ages, counts.ages, strict=True):
            mine[0] += objects
            mine[1] += size
        for name, (objects, size) in counts.folders.items():
            self._folders.add(name[: name.find(DELIMITER) + 1], objects, size)
            self._subfolders.add(name, objects, size)
        for name, (objects, size) in counts.extensions.items():
            self._extensions.add(name, objects, size)

    def tally(self) -> Tally:
        """What was added so far."""
        return Tally(
            self._objects,
            self._bytes,
            self._unknown,
            self._oldest,
            self._newest,
            self._folders.groups(),
            self._subfolders.groups(),
            self._extensions.groups(),
            tuple(Group(str(at), *amount) for at, amount in enumerate(self._ages)),
        )


class _Bounded:
    """Objects and bytes by name, for a bounded number of names. Plain numbers: the collector of garbage passes them over."""

    def __init__(self, limit: int, pause: Callable[[], None]) -> None:
        self._limit, self._pause = limit, pause
        self._objects: dict[str, int] = {}
        self._bytes: dict[str, int] = {}  # of the same names
        self._rest = (0, 0)
        self._folded = 0

    def add(self, name: str, objects: int, size: int) -> None:
        if objects:
            self._objects[name] = self._objects.get(name, 0) + objects
            self._bytes[name] = self._bytes.get(name, 0) + size
            if len(self._objects) > self._limit:
                self._fold()

    def _fold(self) -> None:
        kept = self._largest(min(_KEPT, self._limit // 4))
        self._folded += len(self._objects) - len(kept)
        self._rest = self._without(kept)
        self._objects = {name: self._objects[name] for name in self._paced(kept)}
        self._bytes = {name: self._bytes[name] for name in self._paced(kept)}

    def _largest(self, count: int) -> set[str]:
        """The names of most bytes, and those of most objects."""
        if len(self._objects) <= count:
            return set(self._objects)
        found = set[str]()
        for amounts in (self._bytes, self._objects):
            # Not ``sorted``: that would hold the interpreter for as long as it takes.
            found.update(heapq.nlargest(count, self._paced(amounts), key=amounts.__getitem__))
        return found

    def _paced(self, names: Iterable[str]) -> Iterator[str]:
        for number, name in enumerate(names):
            if number % _PIECE == 0:
                self._pause()
            yield name

    def _without(self, shown: AbstractSet[str]) -> tuple[int, int]:
        """The sum of what is not ``shown``, and of what was folded before."""
        objects, size = self._rest
        for name in self._paced(self._objects):
            if name not in shown:
                objects += self._objects[name]
                size += self._bytes[name]
        return objects, size

    def groups(self) -> Groups:
        shown = self._largest(SHOWN_GROUPS)
        hidden = self._without(shown)  # what is shown and what is hidden make up the whole, also after names were folded
        found = [Group(name, self._objects[name], self._bytes[name]) for name in shown]
        found.sort(key=lambda group: (-group.bytes, -group.objects, group.name))
        return Groups(tuple(found), Group("", *hidden), len(self._objects) - len(shown) + self._folded, not self._folded)


def age_query(age: int, now: int) -> Query:
    """What finds the objects of one group of ages, counted at ``now``; not for ``AGE_UNKNOWN``."""
    return Query(
        after=now - AGE_LIMITS[age] + 1 if age < OLDER else None,
        before=now - AGE_LIMITS[age - 1] + 1 if age > 0 else None,
    )


def extension_query(extension: str) -> Query:
    """What finds the objects with an extension."""
    return Query(f"?*.{extension}", Match.GLOB)  # as ``.profile`` has no extension
