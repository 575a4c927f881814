"""How a transfer is cut into parts, within S3's limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.text import Size, translate

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Sizes in bytes. S3's own: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html.

    ``threshold``: the largest upload in one request. ``part``: the wanted size of a part, up and down.
    """

    threshold: int = 16 * MIB
    part: int = 16 * MIB
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


def parts(size: int, part_size: int) -> Iterator[Part]:
    """The parts of ``size`` bytes in order; none when it is 0."""
    for number, start in enumerate(range(0, size, part_size), 1):
        yield Part(number, start, min(part_size, size - start))
