"""What goes through the pipes between the program and an engine process: pickled values, each behind its length in bytes."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol, runtime_checkable

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.paging import PageAnswer, PageRequest
from cloudtemple_browser.model.query import Sieve
from cloudtemple_browser.model.steps import Steps
from cloudtemple_browser.model.traits import Trait

if TYPE_CHECKING:  # the window's process imports boto3 later
    from cloudtemple_browser.s3.store import S3Store

_LENGTH = struct.Struct(">Q")

Look = Callable[[ListingPage], Any]


class Work(Protocol):
    """What ``transfers.ports.Work`` is: a picklable value that runs against a store."""

    def run(self, store: S3Store, control: CallControl) -> Any:
        """Do it, and return a picklable value. Blocks; raises ``BrowserError`` and ``Cancelled``."""


@runtime_checkable
class SteppedWork(Work, Protocol):
    """Work of which a process does much at once in one thread, but for the call that its steps end with."""

    @property
    def at_once(self) -> int:
        """How many answers it waits for at a time. One: it gets a thread of its own."""

    def steps(self, store: S3Store, control: CallControl) -> Steps[Callable[[], Any]]:
        """Do most of it."""


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
class Run:
    """To the process: work that somebody waits for."""

    number: int
    store: int
    work: Work | Page


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a listing is wanted, or what ``look`` makes of it."""

    request: PageRequest
    look: Look | None

    @property
    def may_hang(self) -> bool:
        """Whether it may keep its process busy for ever."""
        return isinstance(self.look, Sieve) and self.look.may_hang

    def run(self, store: S3Store, control: CallControl) -> PageAnswer:
        """See ``Work``."""
        return store.fetch_page(self.request, control, self.look)


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the process: nobody waits for these any more."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """To the process: at how many bytes a second it may send and receive what work moves, 0: any number."""

    upload_rate: int
    download_rate: int


@dataclass(frozen=True, slots=True)
class Ready:
    """From the process: everything is imported."""


@dataclass(frozen=True, slots=True)
class Moved:
    """From the process: (number, bytes) that went over the wire since the last time."""

    bytes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """From the process: what became of a ``Run``."""

    number: int
    result: Any


@dataclass(frozen=True, slots=True)
class Learned:
    """From the process: what the answers of a store told of its ways; and to the others."""

    store: int
    trait: Trait


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
