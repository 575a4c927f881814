"""The versions of one object: what a bucket with versioning keeps of each key."""

from __future__ import annotations

from dataclasses import dataclass

NULL_VERSION = "null"
"""The version id of what was written while the bucket kept no versions."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version: ``size`` in bytes, ``modified`` in seconds since 1970 UTC, each ``UNKNOWN`` when unreadable.

    ``latest``: it is what the key means now. ``deleted``: a delete marker, which hides the older versions and has no bytes.
    """

    version_id: str
    latest: bool
    deleted: bool
    size: int
    modified: int
    etag: str = ""
    storage_class: str = ""


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Some versions of one key, the newest first.

    ``malformed`` counts entries that were left out because they had no key or no version id, ``unreadable`` sizes and dates
    that are ``UNKNOWN``.
    """

    versions: tuple[ObjectVersion, ...] = ()
    malformed: int = 0
    unreadable: int = 0
