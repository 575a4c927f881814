"""A rig for each test, closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from transfers.rig import Rig


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to look at what happens here: events need no rests between them."""
    monkeypatch.setattr("cloudtemple_browser.transfers.board.INTERVAL", 0.005)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "journal"
    rig = Rig(folder)
    yield rig
    rig.close()
