"""What the engine tells: frozen values, in order, at most ten batches a second, from a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.transfers import GroupStatus


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """A new group, or one that moved. Only the latest status of a batch is told."""

    status: GroupStatus


@dataclass(frozen=True, slots=True)
class GroupEnded:
    """Everything of a group is DONE, FAILED or CANCELLED. Comes after its last ``GroupChanged``; again after a retry.

    ``failures`` are the first hundred of what failed or was left out, as (local path or key, why);
    ``path`` is the first file or folder that a download wrote, as text.
    """

    status: GroupStatus
    failures: tuple[tuple[str, BrowserError], ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class GroupsRemoved:
    """Groups that left the list."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ObjectsStored:
    """Objects are in the store now: a list that shows their prefix can upsert the rows. ``public``: read by anyone."""

    connection_id: str
    bucket: str
    entries: tuple[ObjectEntry, ...]
    public: bool


@dataclass(frozen=True, slots=True)
class ObjectsDeleted:
    """Objects are gone, as the store acknowledged."""

    connection_id: str
    bucket: str
    keys: tuple[str, ...]


Event: TypeAlias = GroupChanged | GroupEnded | GroupsRemoved | ObjectsStored | ObjectsDeleted
