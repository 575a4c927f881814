"""Coroutines as tests on plain asyncio, and the program without its window for each."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator

import pytest
from app.rig import World


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine on a loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()
