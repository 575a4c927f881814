"""The fake engine has the calls of the real one."""

from __future__ import annotations

import inspect

from fakes.engine import FakeEngine

from cloudtemple_browser.transfers.engine import Engine


def calls(kind: type) -> dict[str, inspect.Signature]:
    """The public calls of a class."""
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: inspect.signature(call) for name, call in found if not name.startswith("_")}


def test_the_calls_are_the_same() -> None:
    fake = calls(FakeEngine)
    del fake["tell"]
    assert fake == calls(Engine)
