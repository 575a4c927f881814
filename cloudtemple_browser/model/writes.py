"""What is written to a store, and what the store acknowledged."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.model.acl import CannedAcl


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What an upload sets besides the bytes."""

    content_type: str = ""
    acl: CannedAcl | None = None
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """One part that the store acknowledged: its number from 1 and its ETag as answered (without quotes)."""

    number: int
    etag: str
