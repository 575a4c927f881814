"""One transfer as a frozen value: what goes where. Its state is the engine's."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path

from cloudtemple_browser.model.addresses import DELIMITER, ObjectRef
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.writes import WriteOptions


class Direction(enum.Enum):
    """Which way the bytes go."""

    UPLOAD = "upload"
    DOWNLOAD = "download"


class ConflictPolicy(enum.Enum):
    """What happens when the target exists already. The user decides, once for a whole group."""

    OVERWRITE = "overwrite"
    SKIP = "skip"
    KEEP_BOTH = "keep-both"


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """What the user chose for a group of uploads. ``public``: with the canned ACL ``public-read``."""

    public: bool = False
    conflict: ConflictPolicy = ConflictPolicy.OVERWRITE


@dataclass(frozen=True, slots=True)
class Job:
    """One object to upload or to download.

    ``path`` is the local file and ``root`` the folder that it was found under or that it may not leave: the part of ``path``
    below ``root`` is safe by ``model.local_names`` in a download. ``size`` is in bytes or ``UNKNOWN``; ``etag`` pins a download
    to one version ("" takes the current one); ``options`` count for uploads only.
    """

    id: int
    group: int
    direction: Direction
    connection_id: str
    ref: ObjectRef
    path: Path
    root: Path
    size: int
    etag: str = ""
    options: WriteOptions = field(default_factory=WriteOptions)
    conflict: ConflictPolicy = ConflictPolicy.OVERWRITE

    @property
    def is_folder(self) -> bool:
        """Whether this stands for a folder: a zero-byte object ``x/`` here, a directory there."""
        return self.size == 0 and self.ref.key.endswith(DELIMITER)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job came to its end without a failure.

    ``skipped``: the target existed and was left alone. ``verified``: the bytes are proven equal by a checksum or a size that
    the other side told; False means that the store gives nothing to compare with. ``entry``: the object stored by an upload.
    ``path``: the file or folder written by a download (``KEEP_BOTH`` may have chosen another name). ``public``: the ACL of an
    upload was read back and lets anyone read; None when that was not asked for.
    """

    skipped: bool = False
    verified: bool = False
    entry: ObjectEntry | None = None
    path: Path | None = None
    public: bool | None = None
