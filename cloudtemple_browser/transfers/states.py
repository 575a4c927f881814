"""The states of a transfer and the only moves between them."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class TransferState(enum.Enum):
    """Where a job is. ``DONE`` and ``CANCELLED`` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"

    @property
    def active(self) -> bool:
        """Whether the engine still has to do something for it by itself."""
        return self in (TransferState.QUEUED, TransferState.RUNNING)

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more, unless the user asks for it."""
        return self in (TransferState.FAILED, TransferState.CANCELLED, TransferState.DONE)


MOVES: Mapping[TransferState, frozenset[TransferState]] = {
    TransferState.QUEUED: frozenset({TransferState.RUNNING, TransferState.CANCELLED}),
    TransferState.RUNNING: frozenset({TransferState.PAUSED, TransferState.FAILED, TransferState.CANCELLED, TransferState.DONE}),
    TransferState.PAUSED: frozenset({TransferState.QUEUED, TransferState.CANCELLED}),
    TransferState.FAILED: frozenset({TransferState.QUEUED, TransferState.CANCELLED}),
    TransferState.CANCELLED: frozenset(),
    TransferState.DONE: frozenset(),
}


class IllegalMoveError(RuntimeError):
    """A move that the table does not have: a bug of the caller, never the user's fault."""


def moved(old: TransferState, new: TransferState) -> TransferState:
    """Return ``new`` when the table allows it; raise ``IllegalMoveError`` otherwise."""
    if new not in MOVES[old]:
        raise IllegalMoveError(f"{old.name} -> {new.name}")
    return new
