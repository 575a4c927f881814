"""The public URL of an object. Pure: making a URL never changes who may read the object."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from cloudtemple_browser.model.addresses import DELIMITER, ObjectRef
from cloudtemple_browser.model.connections import Addressing

MAX_PRESIGN_SECONDS = (
    7 * 24 * 3600
)  # SigV4's limit: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
DEFAULT_PRESIGN_SECONDS = 5 * 24 * 3600  # the provider's documented default
SAFE = "/~-._"


def public_url(endpoint: str, ref: ObjectRef, addressing: Addressing = Addressing.PATH) -> str:
    """The URL at which anyone can read ``ref`` once it is public: percent-encoded UTF-8, path or virtual-hosted style.

    Segments that are ``.`` or ``..`` are encoded too (``%2E``), else a browser would take them for path syntax and ask for
    another object (RFC 3986, 5.2.4). A key that is not UTF-8 (listed with ``surrogateescape``) gives its very bytes.
    Only the dots survive every client as ``%2E``; ``has_dot_segments`` says when to warn.
    """
    path = DELIMITER.join(_segment(part) for part in ref.key.split(DELIMITER))
    if addressing is Addressing.VIRTUAL:
        parts = urlsplit(endpoint)
        return f"{parts.scheme}://{ref.bucket}.{parts.netloc}/{path}"
    return f"{endpoint}/{ref.bucket}/{path}"


def _segment(part: str) -> str:
    return part.replace(".", "%2E") if part in (".", "..") else quote(part, safe=SAFE, errors="surrogateescape")


def has_dot_segments(key: str) -> bool:
    """Whether a browser may change the URL of ``key`` because a segment is ``.`` or ``..`` (WHATWG URL: even as %2E)."""
    return any(part in (".", "..") for part in key.split(DELIMITER))
