"""The button "Try the demo store": it shows the store each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from app.rig import World

from cloudtemple_browser import bootstrap
from cloudtemple_browser.demo.server import DemoEndpoint
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import SecretText


class Server:
    """A demo store that only counts its starts."""

    starts = 0
    runs = True

    def __init__(self, _folder: Path, _progress: Callable[[int, int], None]) -> None:
        pass

    def start(self) -> DemoEndpoint:
        Server.starts += 1
        Server.runs = True
        return DemoEndpoint(f"http://127.0.0.1:{9000 + Server.starts}", "us-east-1", "key", SecretText("secret"))


@pytest.mark.usefixtures("qapp")
async def test_the_demo_store_is_shown_again(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cloudtemple_browser.demo.server.DemoServer", Server)
    await world.load()
    demo, home = bootstrap.Demo(world.app, tmp_path), Location("demo", "welcome")
    await demo.start()
    assert world.app.state.location == home
    world.app.open(Location("c1", ""))
    await demo.start()
    assert world.app.state.location == home
    connection = world.accounts.get("demo")
    assert connection is not None
    world.app.connection_gone(connection.id)
    await world.accounts.delete(connection)
    await demo.start()
    assert (world.app.state.location, Server.starts) == (home, 1)
    Server.runs = False  # it died
    await demo.start()
    connection = world.accounts.get("demo")
    assert connection is not None
    assert (connection.endpoint, Server.starts) == ("http://127.0.0.1:9002", 2)
