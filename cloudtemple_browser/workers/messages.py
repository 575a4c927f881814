"""What goes through the pipes between the program and an engine process: pickled values, each behind its length in bytes."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.paging import PageAnswer, PageRequest

_LENGTH = struct.Struct(">Q")

Look = Callable[[ListingPage], Any]


@dataclass(frozen=True, slots=True)
class Open:
    """To the process: a store that requests will name."""

    store: int
    connection: Connection
    secret: SecretText


@dataclass(frozen=True, slots=True)
class Forget:
    """To the process: no request will name this store any more."""

    store: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """To the process: a page is wanted, or what ``look`` makes of it."""

    number: int
    store: int
    request: PageRequest
    look: Look | None


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the process: nobody waits for these pages any more."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """From the process: everything is imported."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """From the process: what became of a ``Fetch``."""

    number: int
    answer: PageAnswer | Exception


@dataclass(frozen=True, slots=True)
class Logged:
    """From the process: a line for the program's log."""

    level: int
    logger: str
    text: str


def pack(message: object) -> bytes:
    """A message as the pipe carries it. Raises what pickling raises."""
    body = pickle.dumps(message, protocol=5)
    return _LENGTH.pack(len(body)) + body


def read(pipe: IO[bytes]) -> Any:
    """The next message; None at the pipe's end. Blocks. Both ends of the pipe are this program's."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    body = pipe.read(size)
    return pickle.loads(body) if len(body) == size else None  # noqa: S301 - from this program's own process
