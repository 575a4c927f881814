from __future__ import annotations

import itertools

import pytest

from cloudtemple_browser.model.transfers import TransferState
from cloudtemple_browser.transfers.states import MOVES, IllegalMoveError, moved

LEGAL = {
    ("QUEUED", "RUNNING"),
    ("QUEUED", "PAUSED"),
    ("QUEUED", "CANCELLED"),
    ("RUNNING", "QUEUED"),
    ("RUNNING", "PAUSED"),
    ("RUNNING", "FAILED"),
    ("RUNNING", "CANCELLED"),
    ("RUNNING", "DONE"),
    ("PAUSED", "QUEUED"),
    ("PAUSED", "CANCELLED"),
    ("FAILED", "QUEUED"),
    ("FAILED", "CANCELLED"),
}


@pytest.mark.parametrize(("old", "new"), list(itertools.product(TransferState, repeat=2)))
def test_only_the_moves_of_the_table(old: TransferState, new: TransferState) -> None:
    if (old.name, new.name) in LEGAL:
        assert moved(old, new) is new
    else:
        with pytest.raises(IllegalMoveError):
            moved(old, new)


def test_done_and_cancelled_are_final() -> None:
    assert {state for state in TransferState if not MOVES[state]} == {TransferState.DONE, TransferState.CANCELLED}


def test_a_state_is_active_or_ended_or_paused() -> None:
    for state in TransferState:
        assert [state.active, state.ended, state is TransferState.PAUSED].count(True) == 1
