"""The moves between the states of a transfer: no others happen."""

from __future__ import annotations

from collections.abc import Mapping

from cloudtemple_browser.model.transfers import TransferState

_QUEUED, _RUNNING, _PAUSED = TransferState.QUEUED, TransferState.RUNNING, TransferState.PAUSED
_FAILED, _CANCELLED, _DONE = TransferState.FAILED, TransferState.CANCELLED, TransferState.DONE

MOVES: Mapping[TransferState, frozenset[TransferState]] = {
    _QUEUED: frozenset({_RUNNING, _PAUSED, _CANCELLED}),
    _RUNNING: frozenset({_QUEUED, _PAUSED, _FAILED, _CANCELLED, _DONE}),  # QUEUED: a batch ended before its turn came
    _PAUSED: frozenset({_QUEUED, _CANCELLED}),
    _FAILED: frozenset({_QUEUED, _CANCELLED}),
    _CANCELLED: frozenset(),
    _DONE: frozenset(),
}


class IllegalMoveError(RuntimeError):
    """A move that the table does not have: a bug of the caller, never the user's fault."""


def moved(old: TransferState, new: TransferState) -> TransferState:
    """Return ``new`` when the table allows it; raise ``IllegalMoveError`` otherwise."""
    if new not in MOVES[old]:
        raise IllegalMoveError(f"{old.name} -> {new.name}")
    return new
