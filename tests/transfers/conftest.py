"""A rig for each test, closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from transfers.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "journal"
    rig = Rig(folder)
    yield rig
    rig.close()
