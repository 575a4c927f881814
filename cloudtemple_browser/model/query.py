"""What is looked for below a prefix. A query without any condition is the flat view: everything below here."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from cloudtemple_browser.model.entries import ListingPage


class Match(enum.Enum):
    """How ``Query.text`` is read."""

    SUBSTRING = "substring"
    GLOB = "glob"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that an object must meet, all of them; names are compared without the prefix that is searched.

    Sizes in bytes, both ends included; times in seconds since 1970 UTC, ``after`` included and ``before`` not.
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


@dataclass(frozen=True, slots=True)
class Found:
    """What a page held of a query: the objects that met it, and how many were looked at. ``looked_bytes`` of all of these."""

    page: ListingPage
    looked: int
    looked_bytes: int = 0
