"""A rig for each test, closed and checked after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transfers.rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.settled()
