"""Deleting: what was confirmed, and what happened to each key."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.model.errors import BrowserError


@dataclass(frozen=True, slots=True)
class DeletePlan:
    """What a confirmed deletion deletes, exactly: the keys, their total bytes, and how many unknown sizes are in it."""

    bucket: str
    keys: tuple[str, ...]
    bytes: int
    folders: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFailure:
    """One key that a batch did not delete, and why, as the store said it and as an error with its words."""

    key: str
    code: str
    message: str
    error: BrowserError


@dataclass(frozen=True, slots=True)
class DeleteResult:
    """The exact result of a batch: every key asked for is in ``deleted`` or in ``failed``."""

    deleted: tuple[str, ...] = ()
    failed: tuple[KeyFailure, ...] = ()
