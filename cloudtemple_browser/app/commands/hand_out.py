"""Hand objects and folders to other programs as files: what is dragged out of the window, and *Copy files*."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import gathered, once_more
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.app.staging import Wanted
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry
from cloudtemple_browser.model.errors import Cancelled
from cloudtemple_browser.model.text import Count, Size, Text, translate
from cloudtemple_browser.transfers.scan import not_whole

LARGEST = 64 * 1024 * 1024
"""Bytes that are handed out at once, and no more: a person waits for them."""
MOST = 500
"""Objects that are handed out at once."""


def wanted(app: Application) -> Wanted | None:
    """What is selected; None, with words, when that is too much, and None when it is nothing."""
    location, rows = app.state.location, app.shell.selected_rows()
    if location is None or not location.bucket or not rows:
        return None
    if len(rows) > MOST:
        app.shell.notify(Notice(_too_much()))
        return None
    chosen = gathered(app.listing.rows, rows, location.bucket)
    return Wanted(
        location.connection_id, location.bucket, location.prefix, chosen.objects, chosen.folders, location.below is not None
    )


async def stage(app: Application, what: Wanted, meanwhile: Text) -> tuple[Path, ...]:
    """The files of ``what``, downloaded if need be; nothing when that is not to be had, and then the user knows why.

    ``meanwhile`` is told when something has to be downloaded. Raises ``BrowserError``.
    """
    async with app.staging.lock(what):
        if paths := app.staging.ready(what):
            return paths
        try:
            entries = await _counted(app, what)
        except Cancelled:
            return ()
        if refusal := _refusal(entries):
            app.shell.notify(Notice(refusal))
            return ()
        app.shell.notify(Notice(meanwhile))
        return await app.staging.stage(what, entries)


async def copy_files(app: Application) -> None:
    """Put the selection on the clipboard as files, which a file manager can paste."""
    what = wanted(app)
    if what is None:
        return
    items = things(what)
    paths = await stage(app, what, translate("hand-out", "Getting {items} ready to be pasted")(items=items))
    if paths:
        app.shell.set_clipboard_files(paths)
        text = translate("hand-out", "{items} can be pasted in other programs, until this one ends")
        app.shell.notify(Notice(text(items=items)))


def things(what: Wanted) -> Count:
    """How many things are handed out."""
    return Count(what.count, translate("hand-out", "{n} item"), translate("hand-out", "{n} items"))


async def _counted(app: Application, what: Wanted) -> tuple[ObjectEntry, ...]:
    """The objects with all that is below the folders, each once; it ends where it is too much. Raises ``Cancelled``."""
    found = {entry.key: entry for entry in what.objects}
    if not what.folders or _exceeds(found):
        return tuple(found.values())
    store = await app.background.call(app.accounts.stores.get, what.connection_id)
    with app.activities.start(translate("app", "Counting the objects of the selection")) as activity:
        loop = asyncio.get_running_loop()

        def count(prefix: str) -> dict[str, ObjectEntry]:
            below: dict[str, ObjectEntry] = {}
            for page in store.list_pages(what.bucket, prefix, "", activity.control):
                if page.malformed:
                    raise not_whole(prefix, page.malformed)
                columns = zip(page.keys, page.sizes, page.modified, page.etags, page.storage_classes, strict=True)
                below.update((column[0], ObjectEntry(*column)) for column in columns)
                loop.call_soon_threadsafe(activity.advance, len(page.keys))
                if _exceeds(below):
                    break
            return below

        for prefix in what.folders:
            found |= await app.background.call(once_more, count, prefix)
            if _exceeds(found):
                break
    return tuple(found.values())


def _exceeds(found: dict[str, ObjectEntry]) -> bool:
    return len(found) > MOST or sum(entry.size for entry in found.values()) > LARGEST


def _refusal(entries: tuple[ObjectEntry, ...]) -> Text | None:
    """Why these are not handed out."""
    if not entries:
        return translate("hand-out", "Nothing of the selection is there any more")
    if _exceeds({entry.key: entry for entry in entries}):
        return _too_much()
    if any(entry.size == UNKNOWN for entry in entries):
        return translate("hand-out", "The store does not tell how large this is: use Download in place of dragging or copying")
    return None


def _too_much() -> Text:
    text = translate("hand-out", "More than {size} or {count} objects are too much to drag or to copy as files: use Download")
    return text(size=Size(LARGEST), count=MOST)
