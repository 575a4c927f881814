"""What is written to a store, and what the store acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.entries import UNKNOWN

COPY_LIMIT = 5 << 30
"""The most bytes that one request copies. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html."""


@dataclass(frozen=True)
class WriteOptions:
    """What an upload sets besides the bytes. ``md5``: theirs (hex), where it is known already and they go in one request."""

    content_type: str = ""
    acl: CannedAcl | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    md5: str = ""


@dataclass(frozen=True)
class Condition:
    """When a write may happen: only where nothing is (``etag`` ""), or only over the object with this ETag.

    Sent as If-None-Match: * or If-Match. Stores that do not know these ignore them: a success proves nothing, a 412 does.
    ``known_free``: the store has just said that nothing is there.
    """

    etag: str = ""
    known_free: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store acknowledged: the ETag (without quotes) and its own time of the answer, in seconds UTC or ``UNKNOWN``."""

    etag: str
    when: int = UNKNOWN


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """One part that the store acknowledged or lists: its number from 1, its ETag (without quotes), its size in bytes.

    ``md5`` (hex) is that of the bytes that were sent, "" where nobody knows it.
    """

    number: int
    etag: str
    size: int = UNKNOWN
    md5: str = field(default="", compare=False)

    @property
    def md5_etag(self) -> str:
        """The ETag in lower case; "" where it is known to be no MD5 of the bytes, though it may look like one."""
        etag = self.etag.lower()
        return etag if self.md5 in ("", etag) else ""


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A multipart upload that was neither completed nor aborted; ``initiated`` in seconds UTC or ``UNKNOWN``."""

    key: str
    upload_id: str
    initiated: int = UNKNOWN


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a ranged read tells of the object besides its bytes: ``size`` of the whole, ETag, time, user metadata.

    ``encrypted``: with a key that makes the ETag something else than an MD5 of the bytes (SSE-C, SSE-KMS).
    """

    etag: str
    size: int
    modified: int = UNKNOWN
    metadata: tuple[tuple[str, str], ...] = ()
    encrypted: bool = False
