"""Look for what is in the way of an upload or a download, with progress and Cancel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from cloudtemple_browser.app.activities import Activity
from cloudtemple_browser.app.application import Application
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.text import Text
from cloudtemple_browser.transfers.conflicts import Conflict

Find: TypeAlias = Callable[[CallControl, Callable[[int], object]], Iterator[Conflict]]
_STEP = 0.1  # seconds between two reports of progress


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found. ``blind``: the key may not see all that is there."""

    conflicts: tuple[Conflict, ...]
    blind: bool


async def look(app: Application, title: Text, find: Find) -> Looked | None:
    """Run ``find(control, progress)`` in the background, shown as an activity; None when the user cancelled it."""
    with app.activities.start(title) as activity:
        count = _Count(activity)

        def all_found() -> Looked:
            found: list[Conflict] = []
            try:
                found.extend(find(activity.control, count.add))
            except BrowserError as error:
                if error.kind is not ErrorKind.ACCESS_DENIED:
                    raise
                return Looked(tuple(found), blind=True)
            return Looked(tuple(found), blind=False)

        try:
            looked = await app.background.call(all_found)
        except Cancelled:
            return None
        return None if activity.control.cancelled else looked


class _Count:
    """Tells an activity from any thread how much was looked at, some times a second. It may miss some: it is for the eye."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._loop = asyncio.get_running_loop()
        self._more, self._told = 0, 0.0

    def add(self, count: int) -> None:
        self._more += count
        now = time.monotonic()
        if now - self._told > _STEP:
            self._told = now
            more, self._more = self._more, 0
            self._loop.call_soon_threadsafe(self._activity.advance, more)
