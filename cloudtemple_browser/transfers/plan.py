"""How a transfer is cut into parts, within S3's limits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.text import Size, translate

MIB = 1 << 20
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_JOINED = re.compile(r"[0-9a-fA-F]{32}-([1-9][0-9]{0,4})")
_USUAL = (8, 16, 5, 10, 15, 20, 25, 32, 50, 64)  # MiB: part sizes of the SDKs and tools; larger ones are not read at once


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Sizes in bytes. S3's own: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html.

    ``threshold``: the largest upload in one request. ``part``: the wanted size of a part, up and down.
    """

    threshold: int = 16 * MIB
    part: int = 8 * MIB
    smallest_part: int = 5 * MIB
    most_parts: int = 10_000
    largest_object: int = 5 << 40


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its number from 1, where it starts and how long it is, in bytes."""

    number: int
    start: int
    length: int


def upload_part_size(size: int, limits: TransferLimits) -> int:
    """The part size for an upload of ``size`` bytes; 0 for one request. Raises TOO_LARGE above S3's limit.

    The wanted size, unless that gives too many parts: then the smallest whole MiB that does not.
    """
    if size > limits.largest_object:
        message = translate("transfers", "an object may have up to {limit}, and this file has {size}")
        values = message(limit=Size(limits.largest_object), size=Size(size))
        raise BrowserError(ErrorKind.TOO_LARGE, values=(("message", values),))
    if size <= limits.threshold:
        return 0
    wanted = max(limits.part, limits.smallest_part)
    if size <= wanted * limits.most_parts:
        return wanted
    return -(-size // limits.most_parts // MIB) * MIB


def download_part_size(size: int, etag: str, limits: TransferLimits) -> int:
    """The part size for a download; 0 for one request.

    That of the upload, where the ETag tells how many parts it had and one of the usual sizes gives that number: then the MD5s
    of the parts prove the whole.
    """
    if size <= limits.threshold:
        return 0
    if usual := uploaded_part_size(size, etag, limits.part):
        return usual
    if size <= limits.part * limits.most_parts:
        return limits.part
    return -(-size // limits.most_parts // MIB) * MIB


def uploaded_part_size(size: int, etag: str, first: int = 0) -> int:
    """The size that the parts of an upload may have had: ``first``, or a usual one, by their number in the ETag; 0 for none."""
    count = joined_count(etag)
    sizes = (first, *(mib * MIB for mib in _USUAL))
    return next((usual for usual in sizes if count and usual and -(-size // usual) == count), 0)


def joined_etag(md5s: Sequence[str]) -> str:
    """The ETag of an object uploaded in parts with these MD5s (hex); "" when one of them is none."""
    if not md5s or not all(_MD5.fullmatch(md5) for md5 in md5s):
        return ""
    joined = hashlib.md5(b"".join(bytes.fromhex(md5) for md5 in md5s), usedforsecurity=False)
    return f"{joined.hexdigest()}-{len(md5s)}"


def joined_count(etag: str) -> int:
    """How many parts an ETag says that the upload had; 0 when it does not look like that of an upload in parts."""
    found = _JOINED.fullmatch(etag)
    return int(found.group(1)) if found else 0


def is_md5(etag: str) -> bool:
    """Whether an ETag looks like the MD5 of the bytes."""
    return bool(_MD5.fullmatch(etag))


def parts(size: int, part_size: int) -> Iterator[Part]:
    """The parts of ``size`` bytes in order; none when it is 0."""
    for number, start in enumerate(range(0, size, part_size), 1):
        yield Part(number, start, min(part_size, size - start))
