"""What a selection really means: its objects, and everything below its folders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.transfers.scan import not_whole

T = TypeVar("T")
_AT_ONCE = 2000  # rows gathered in the loop's thread; more are gathered in a worker


@dataclass(frozen=True, slots=True)
class Selected:
    """The selected rows: objects as listed, folders as prefixes."""

    bucket: str
    objects: tuple[ObjectEntry, ...]
    folders: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the list shows for them, folders with their delimiter."""
        return (*self.folders, *(entry.key for entry in self.objects))


async def selected(app: Application) -> Selected:
    """The selected rows of the table. What the location was must be asked before: it may change meanwhile."""
    rows, chosen = app.listing.rows.snapshot(), app.shell.selected_rows()
    bucket = app.state.location.bucket if app.state.location else ""
    if len(chosen) <= _AT_ONCE:
        return gathered(rows, chosen, bucket)
    return await app.background.call(gathered, rows, chosen, bucket)


def gathered(rows: Rows, chosen: Sequence[int], bucket: str) -> Selected:
    """What these rows are."""
    return Selected(
        bucket,
        tuple([rows.entry(row) for row in chosen if not rows.is_folder(row)]),
        tuple([rows.key(row) for row in chosen if rows.is_folder(row)]),
    )


async def expand(app: Application, connection_id: str, chosen: Selected) -> tuple[ObjectEntry, ...] | None:
    """The objects of a selection with all objects below its folders, each once; None when the user cancelled.

    Raises whatever ended a listing early: nothing that acts on a whole folder may act on a part of it.
    """
    if not chosen.folders:
        return chosen.objects
    loop = asyncio.get_running_loop()
    title = translate("app", "Counting the objects of the selection")
    with app.activities.start(title) as activity:

        def count(store: Store, prefix: str) -> list[ObjectEntry]:
            entries: list[ObjectEntry] = []
            for page in store.list_pages(chosen.bucket, prefix, "", activity.control):
                if page.malformed:
                    raise not_whole(prefix, page.malformed)
                columns = zip(page.keys, page.sizes, page.modified, page.etags, page.storage_classes, strict=True)
                entries.extend(ObjectEntry(*column) for column in columns)
                loop.call_soon_threadsafe(activity.advance, len(page.keys))
            return entries

        def count_all() -> tuple[ObjectEntry, ...]:
            store = app.accounts.stores.get(connection_id)
            found = {entry.key: entry for entry in chosen.objects}
            for prefix in chosen.folders:
                found.update((entry.key, entry) for entry in once_more(partial(count, store), prefix))
            return tuple(found.values())

        try:
            return await app.background.call(count_all)
        except Cancelled:
            return None


def once_more(count: Callable[[str], T], prefix: str) -> T:
    """``count(prefix)``, and again where only a second listing can be whole (LIST_AGAIN): it begins anew each time."""
    try:
        return count(prefix)
    except BrowserError as error:
        if error.kind is not ErrorKind.LIST_AGAIN:
            raise
    return count(prefix)


async def each(
    app: Application, things: Sequence[T], work: Callable[[T], None], control: CallControl, advance: Callable[[int], None]
) -> None:
    """Run the blocking ``work(thing)`` for each, a few at a time and begun in order: once cancelled, for no more."""
    waiting = iter(things)

    async def worker() -> None:
        for thing in waiting:
            if control.cancelled:
                return
            await app.background.call(work, thing)
            advance(1)

    await asyncio.gather(*(worker() for _ in range(min(6, len(things)))))
