"""Files that are handed to other programs: downloaded into a private folder first, and kept there while they are true.

A drag and the clipboard need real files: file managers ask for them while the pointer still hovers, and no toolkit tells where
it will be let go. What is staged goes with the program. Loop thread.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.ports import SessionFolder
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.transfers import Direction, DownloadRequest, GroupStatus
from cloudtemple_browser.transfers.events import Event, GroupChanged, GroupEnded, GroupsRemoved

if TYPE_CHECKING:
    from cloudtemple_browser.transfers.engine import Engine

_FRESH = 120.0  # seconds that the count of a folder is believed; what this program writes there ends it at once
_KEPT_BYTES = 512 * 1024 * 1024  # beyond, what was staged longest ago goes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be handed out: objects as listed, and whole ``folders`` (prefixes), named by what follows ``prefix``.

    ``deep``: the objects lie at any depth, as a search finds them; they are handed out without their folders.
    """

    connection_id: str
    bucket: str
    prefix: str
    objects: tuple[ObjectEntry, ...]
    folders: tuple[str, ...]
    deep: bool = False

    @property
    def count(self) -> int:
        """How many things were chosen."""
        return len(self.objects) + len(self.folders)


@dataclass(slots=True)
class _Staged:
    """The files of a ``Wanted``: ``stamps`` tell whether each is still as it was downloaded, ``counted`` when that was true."""

    folder: Path
    entries: frozenset[ObjectEntry]
    stamps: dict[Path, tuple[int, int]]
    paths: tuple[Path, ...]
    counted: float

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries)

    @property
    def untouched(self) -> bool:
        """Whether the files are there as they were: another program may have edited them. Some microseconds for each."""
        try:
            return all(_stamp(path) == stamp for path, stamp in self.stamps.items())
        except OSError:
            return False


class Staging:
    """What is staged, and what is on its way. ``clock`` counts seconds."""

    def __init__(
        self, background: Background, engine: Engine, session: SessionFolder, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._background, self._engine, self._session, self._clock = background, engine, session, clock
        self._staged: dict[Wanted, _Staged] = {}  # what was used last is last
        self._locks: WeakValueDictionary[Wanted, asyncio.Lock] = WeakValueDictionary()
        self._ends: dict[int, asyncio.Future[GroupEnded | None]] = {}

    def lock(self, wanted: Wanted) -> asyncio.Lock:
        """To be held while ``wanted`` is counted and staged: nothing is downloaded twice at the same time."""
        return self._locks.setdefault(wanted, asyncio.Lock())

    def holds(self, path: Path) -> bool:
        """Whether a local file is a staged one."""
        return self._session.holds(path)

    def ready(self, wanted: Wanted) -> tuple[Path, ...]:
        """The files and folders of ``wanted`` if they can be handed out at once; else nothing."""
        staged = self._staged.get(wanted)
        if staged is None or (wanted.folders and self._clock() - staged.counted > _FRESH) or not staged.untouched:
            return ()
        self._staged[wanted] = self._staged.pop(wanted)
        return staged.paths

    async def stage(self, wanted: Wanted, entries: tuple[ObjectEntry, ...]) -> tuple[Path, ...]:
        """Download ``entries``, which are all that ``wanted`` means now, unless just they are there; returns what to hand out.

        Nothing is returned when it was cancelled or something failed: the transfers tell that. Raises ``BrowserError`` when the
        local folder cannot be made.
        """
        counted = self._clock()
        before = self._staged.get(wanted)
        if before and before.entries == frozenset(entries) and before.untouched:
            before.counted = counted
            return before.paths
        folder = await self._background.call(self._session.new)
        request = DownloadRequest(wanted.connection_id, wanted.bucket, entries, (), wanted.prefix, folder)
        if not await self._downloaded(self._engine.download(request)):
            return ()
        stamps, paths = await self._background.call(_look, folder, wanted)
        if before:
            self._forget(wanted)
        self._staged[wanted] = _Staged(folder, frozenset(entries), stamps, paths, counted)
        self._make_room()
        return paths

    async def _downloaded(self, group: int) -> bool:
        """Wait for the end of a group; whether everything is there. Then it has nothing to tell in the list any more."""
        future: asyncio.Future[GroupEnded | None] = asyncio.get_running_loop().create_future()
        self._ends[group] = future
        try:
            ended = await future
        finally:
            self._ends.pop(group, None)
        whole = ended is not None and _whole(ended.status)
        if whole:
            self._engine.remove(group)
        return whole

    def handle(self, events: tuple[Event, ...]) -> None:
        """Take in a batch of the engine's events."""
        for event in events:
            match event:
                case GroupChanged(status) if status.direction is Direction.DOWNLOAD and self._session.foreign(
                    Path(status.place)
                ):
                    # A crashed session's, taken up again: its folder is gone, and nobody waits for it.
                    if status.ended:
                        self._engine.remove(status.id)
                    else:
                        self._engine.cancel(status.id)
                case GroupEnded(status):
                    self._end(status.id, event)
                case GroupsRemoved(ids):
                    for group in ids:
                        self._end(group, None)

    def _end(self, group: int, event: GroupEnded | None) -> None:
        future = self._ends.get(group)
        if future and not future.done():
            future.set_result(event)

    def touched(self, connection_id: str, bucket: str, keys: Iterable[str]) -> None:
        """These keys (or whole prefixes) were written or deleted: what was counted above them is counted again."""
        here = [one for one in self._staged if one.folders and (one.connection_id, one.bucket) == (connection_id, bucket)]
        if here:
            known = tuple(keys)
            for wanted in here:
                if any(key.startswith(folder) or folder.startswith(key) for folder in wanted.folders for key in known):
                    self._staged[wanted].counted = float("-inf")

    def forget(self, connection_id: str) -> None:
        """A connection leads elsewhere, perhaps: what was counted in it is counted again."""
        for wanted, staged in self._staged.items():
            if wanted.connection_id == connection_id:
                staged.counted = float("-inf")

    def _make_room(self) -> None:
        total = sum(staged.size for staged in self._staged.values())
        for wanted in tuple(self._staged)[:-1]:
            if total <= _KEPT_BYTES:
                return
            total -= self._staged[wanted].size
            self._forget(wanted)

    def _forget(self, wanted: Wanted) -> None:
        self._background.spawn(self._background.call(shutil.rmtree, self._staged.pop(wanted).folder, True))

    def sweep(self) -> None:
        """Remove what crashed sessions left behind. Blocks: call it in the background."""
        self._session.sweep()

    def stop(self) -> None:
        """Cancel what is on its way: the program ends."""
        for group in self._ends:
            self._engine.cancel(group)

    def remove(self) -> None:
        """Remove everything. Blocks: the last thing that the program does with it."""
        self._session.remove()


def _whole(status: GroupStatus) -> bool:
    counts = status.counts
    return not (counts.failed or counts.cancelled or counts.skipped or status.left_out)


def _stamp(path: Path) -> tuple[int, int]:
    found = os.lstat(path)
    return found.st_size, found.st_mtime_ns


def _look(folder: Path, wanted: Wanted) -> tuple[dict[Path, tuple[int, int]], tuple[Path, ...]]:
    """The stamps of the files below a folder, and what to hand out: its entries, or what is innermost."""
    below = sorted(folder.rglob("*"))
    stamps = {path: _stamp(path) for path in below if path.is_file()}
    paths = [path for path in below if path in stamps or not any(path.iterdir())] if wanted.deep else sorted(folder.iterdir())
    return stamps, tuple(paths)
