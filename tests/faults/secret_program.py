"""The program itself, as its own process, used by a person who is a coroutine on its event loop. For S59.

Standard input brings one line of JSON, the secret key among it: it is in no argument and in no variable of the environment.
Standard output tells when everything was done; then the program stays, until the test crashes it.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from journeys.desk import Desk
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cloudtemple_browser import bootstrap
from cloudtemple_browser.ui.program import Program


def main() -> int:
    """Run the program."""
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))  # as on a machine of a developer
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    build = bootstrap.build
    tasks: list[asyncio.Task[None]] = []

    def build_and_use(*arguments: Any) -> bootstrap.Parts:
        parts = build(*arguments)
        tasks.append(asyncio.get_running_loop().create_task(_use(parts, told)))
        return parts

    cast(Any, bootstrap).build = build_and_use
    return bootstrap.main(["--profile", told["profile"], "--log-level", "DEBUG"])


async def _use(parts: bootstrap.Parts, told: dict[str, Any]) -> None:
    try:
        await _work(_desk(parts, Path(told["profile"])), told)
    except Exception:  # noqa: BLE001 - the test reads it
        traceback.print_exc()
        os._exit(1)
    print(json.dumps({"done": True}), flush=True)


def _desk(parts: bootstrap.Parts, profile: Path) -> Desk:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    desk = Desk(app, profile)
    desk.parts = parts
    window: Callable[[Any], Any] = lambda _self: cast(Any, parts.app.shell)._window  # noqa: E731
    desk.program = cast(Program, type("Shown", (SimpleNamespace,), {"window": property(window)})())
    return desk


async def _work(desk: Desk, told: dict[str, Any]) -> None:
    """Connect, test, list, upload, download, and fail at something."""
    await asyncio.sleep(0)  # the window is made in this very turn of the loop
    await desk.until(desk.window.isVisible, "the window shows")
    await desk.front()
    values = {"name": "Lab", "endpoint": told["endpoint"], "access_key": told["key"], "secret": told["secret"]}
    await desk.menu("connection.new")
    await desk.fill_form("New connection", "test", **values)
    dialog = await desk.dialog("New connection")
    await desk.until(lambda: any("can be listed" in words for words in desk.words(dialog)), "the test succeeds")
    await desk.press("save", dialog)
    await desk.gone(dialog)
    await desk.until(lambda: told["bucket"] in desk.names(), "the buckets are listed")
    await desk.enter(told["bucket"])
    await desk.listed("a.txt")
    await desk.drop(desk.window.work.objects, desk.bottom(), [Path(told["upload"])])
    await desk.answer("Upload")
    await desk.listed("a.txt", Path(told["upload"]).name)
    await desk.select("a.txt")
    await desk.menu("object.download")
    await desk.choose_path(Path(told["target"]))
    await desk.until((Path(told["target"]) / "a.txt").exists, "the object is downloaded")
    await desk.go("s3://there-is-no-such-bucket/")
    await desk.place("failed")


if __name__ == "__main__":
    sys.exit(main())
