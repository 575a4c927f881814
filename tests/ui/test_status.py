"""The status bar: what it counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from app.rig import World, until
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage
from cloudtemple_browser.ui.views.status import StatusBar


@pytest.fixture
def bar(qtbot: QtBot, world: World, english: None) -> Iterator[StatusBar]:
    host = QWidget()
    qtbot.addWidget(host)
    made = StatusBar(world.app, host)
    yield made
    made.release()


@pytest.mark.parametrize(
    ("malformed", "unreadable", "said"),
    [
        (0, 0, "1 object, 0\u00a0B"),
        (1, 0, "1 object, 0\u00a0B · 1 entry left out"),
        (0, 1, "1 object, 0\u00a0B · 1 size or date unreadable"),
        (2, 3, "1 object, 0\u00a0B · 2 entries left out · 3 sizes or dates unreadable"),
    ],
)
async def test_what_is_left_out_is_not_what_is_unreadable(
    world: World, bar: StatusBar, malformed: int, unreadable: int, said: str
) -> None:
    page = ListingPage((), ("a",), (UNKNOWN,), (UNKNOWN,), ("",), ("",), malformed, unreadable)
    world.store.list_pages = lambda *_args: iter([page])  # type: ignore[method-assign]
    await world.open()
    await until(lambda: world.app.state.phase is not Phase.LOADING)
    assert bar.counts.text() == said
