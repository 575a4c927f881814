"""What a listing returns: objects and folders (common prefixes), page by page, in columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cloudtemple_browser.model.columns import first

UNKNOWN = -1  # a size or a time that the store did not give in a readable form


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a listing, as parallel columns in the store's order. Frozen and picklable; any thread.

    ``sizes`` are bytes and ``modified`` seconds since 1970 UTC, each ``UNKNOWN`` when unreadable. ``malformed`` counts entries
    that were left out because they had no key below the prefix, ``unreadable`` sizes and dates that are ``UNKNOWN``. A store's
    columns are packed (``model.columns``).
    """

    prefixes: Sequence[str] = ()
    keys: Sequence[str] = ()
    sizes: Sequence[int] = ()
    modified: Sequence[int] = ()
    etags: Sequence[str] = ()
    storage_classes: Sequence[str] = ()
    malformed: int = 0
    unreadable: int = 0

    def __len__(self) -> int:
        return len(self.prefixes) + len(self.keys)

    def head(self, prefixes: int, keys: int) -> ListingPage:
        """The first of the common prefixes and of the keys; ``malformed`` and ``unreadable`` stay those of the page."""
        if prefixes >= len(self.prefixes) and keys >= len(self.keys):
            return self
        return ListingPage(
            first(self.prefixes, prefixes),
            first(self.keys, keys),
            first(self.sizes, keys),
            first(self.modified, keys),
            first(self.etags, keys),
            first(self.storage_classes, keys),
            self.malformed,
            self.unreadable,
        )

    def without(self, keys: Collection[str]) -> ListingPage:
        """The objects that are not among ``keys``; common prefixes stay."""
        rows = [row for row, key in enumerate(self.keys) if key not in keys]
        return ListingPage(
            self.prefixes,
            [self.keys[row] for row in rows],
            [self.sizes[row] for row in rows],
            [self.modified[row] for row in rows],
            [self.etags[row] for row in rows],
            [self.storage_classes[row] for row in rows],
            self.malformed,
            self.unreadable,
        )


@dataclass(frozen=True)
class ObjectEntry:
    """One object: ``size`` in bytes, ``modified`` in seconds since 1970 UTC."""

    key: str
    size: int
    modified: int
    etag: str = ""
    storage_class: str = ""

    def as_page(self) -> ListingPage:
        """The same as a page of one row."""
        return ListingPage((), (self.key,), (self.size,), (self.modified,), (self.etag,), (self.storage_class,))


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What HEAD tells of one object. ``size`` in bytes, ``modified`` in seconds since 1970 UTC."""

    key: str
    size: int
    modified: int
    etag: str
    content_type: str
    storage_class: str = ""
    version_id: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a connection; ``created`` in seconds since 1970 UTC or ``UNKNOWN``; ``added`` when added by name."""

    name: str
    created: int = UNKNOWN
    added: bool = False


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """The first bytes of an object, for the viewer. ``complete`` when ``body`` is the whole object."""

    body: bytes
    content_type: str
    size: int
    complete: bool
