"""Coroutines as tests on Qt's loop, and the program without its window for each."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from app.rig import World
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.ui.event_loop import new_loop
from cloudtemple_browser.ui.i18n import set_binary_units, set_language

if sys.platform == "linux" and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # else Qt ends the process


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine on asyncio over Qt's loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    qapp = pyfuncitem.funcargs["qapp"]
    assert isinstance(qapp, QApplication), "a coroutine test needs the fixture qapp or world"
    names = inspect.signature(pyfuncitem.obj).parameters
    loop = new_loop(qapp)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Qt's platform without a screen complains about windows that have a smallest size."""
    for item in items:
        if item.path.parent == Path(__file__).parent and not item.get_closest_marker("qt_log_ignore"):
            item.add_marker(pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True))


@pytest.fixture
def world(qapp: QApplication) -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def english(qapp: QApplication) -> Iterator[None]:
    """English and decimal units, whatever the system speaks."""
    set_language("en")
    set_binary_units(False)
    yield
    set_language("en")
    set_binary_units(False)
