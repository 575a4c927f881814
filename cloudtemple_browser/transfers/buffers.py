"""Memory for large reads, used again and again, and digests of what is read through it."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import Cancelled

PIECE = 1 << 20  # bytes hashed between two looks at whether somebody still waits
SPARE = 16 << 20  # bytes: a larger buffer is not kept
MOST_SPARE = 4

# A buffer of a part's size costs 4,000 page faults when it is fresh. Lists are safe between threads for these two calls.
_spare: list[bytearray] = []


class Source(Protocol):
    """Something with bytes at offsets."""

    def read_into(self, start: int, view: memoryview) -> None:
        """Fill ``view`` from offset ``start``, or raise ``BrowserError``."""


@contextmanager
def buffer(length: int) -> Iterator[memoryview]:
    """``length`` bytes of memory with whatever is in them. The view must not be kept."""
    try:
        memory = _spare.pop()
    except IndexError:
        memory = bytearray()
    if len(memory) < length:
        memory = bytearray(length)
    try:
        with memoryview(memory) as whole, whole[:length] as view:
            yield view
    finally:
        if len(memory) <= SPARE and len(_spare) < MOST_SPARE:
            _spare.append(memory)


class _Crc32:
    """CRC-32 with the methods of ``hashlib``: four times as fast as MD5, and enough against accidents on this disk."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: memoryview) -> None:
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


def hasher(algorithm: str) -> hashlib._Hash | _Crc32:
    """A hash that is fed in pieces: ``crc32`` or one of ``hashlib``."""
    made: hashlib._Hash | _Crc32 = _Crc32() if algorithm == "crc32" else getattr(hashlib, algorithm)(usedforsecurity=False)
    return made


def digest(source: Source, start: int, length: int, algorithm: str, control: CallControl) -> str:
    """The ``md5``, ``sha256`` or ``crc32`` (hex) of ``length`` bytes of ``source`` from ``start``. Raises ``Cancelled``."""
    found = hasher(algorithm)
    with buffer(min(length, PIECE)) as view:
        for at in range(start, start + length, PIECE):
            if control.cancelled:
                raise Cancelled
            with view[: start + length - at] as piece:
                source.read_into(at, piece)
                found.update(piece)
    return found.hexdigest()


def md5_hex(data: bytes | memoryview) -> str:
    """The MD5 of ``data`` in hex, as an ETag has it."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
