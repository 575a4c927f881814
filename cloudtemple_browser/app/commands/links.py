"""Copy URLs: public ones (never changing who may read) and pre-signed ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from urllib.parse import quote

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import Selected, selected
from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.text import CONTROLS, Count, Moment, translate
from cloudtemple_browser.model.urls import has_dot_segments

_PIECE = 1000  # lines joined in one go


async def copy_public_url(app: Application) -> None:
    """Put the public URLs of the selected objects on the clipboard, one a line."""
    location, chosen = app.state.location, await selected(app)
    if location is None:
        return
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    app.shell.set_clipboard(await app.background.call(_joined, chosen, store.public_url))
    known_public = all(app.listing.rows.public.get(entry.key) for entry in chosen.objects)
    one, many = translate("app", "URL copied."), translate("app", "{n} URLs copied.")
    text = translate("app", "{copied}")(copied=Count(len(chosen.objects), one, many))
    if any(has_dot_segments(entry.key) for entry in chosen.objects):
        text = translate(
            "app", "{copied} Browsers may change a URL with . or .. in it: share a pre-signed URL or rename the object."
        )(copied=text)
    elif not known_public:
        text = translate("app", "{copied} It opens only for objects that are public.")(copied=text)
    app.shell.notify(Notice(text))


def _joined(chosen: Selected, url_of: Callable[[ObjectRef], str]) -> str:
    """One URL a line. In a worker: a signature takes a millisecond, and thousands may be selected."""
    return "\n".join(url_of(ObjectRef(chosen.bucket, entry.key)) for entry in chosen.objects)


async def copy_presigned_url(app: Application) -> None:
    """Make URLs that work without a key for a chosen time, and put them on the clipboard."""
    location, chosen = app.state.location, await selected(app)
    seconds = await app.shell.ask_presign_seconds(len(chosen.objects))
    if not seconds or location is None:
        return
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    app.shell.set_clipboard(await app.background.call(_joined, chosen, lambda ref: store.presign_get(ref, seconds)))
    one, many = translate("app", "Pre-signed URL copied"), translate("app", "{n} pre-signed URLs copied")
    app.shell.notify(
        Notice(
            translate("app", "{copied}. Anyone who has it can read until {end}, from addresses that the bucket allows.")(
                copied=Count(len(chosen.objects), one, many), end=Moment(time.time() + seconds)
            )
        )
    )


async def copy_names(app: Application) -> None:
    """Put the ``s3://`` addresses of the selection on the clipboard."""
    rows, chosen = app.listing.rows.snapshot(), app.shell.selected_rows()
    bucket = app.state.location.bucket if app.state.location else ""
    app.shell.set_clipboard(await app.background.call(_addresses, rows, chosen, bucket))
    one, many = translate("app", "Address copied"), translate("app", "{n} addresses copied")
    app.shell.notify(Notice(translate("app", "{copied}")(copied=Count(len(chosen), one, many))))


def _addresses(rows: Rows, chosen: Sequence[int], bucket: str) -> str:
    """One address a line, folders first. In a worker: a million rows may be selected."""
    whole = str(ObjectRef(bucket, ""))
    ordered = sorted(chosen, key=lambda row: not rows.folders[row]) if rows.folder_count else chosen
    pieces: list[str] = []
    for at in range(0, len(ordered), _PIECE):
        courtesy.give_way()
        pieces += ("\n".join([f"{whole}{_one_line(rows.key(row))}" for row in ordered[at : at + _PIECE]]),)
    return "\n".join(pieces)


def _one_line(key: str) -> str:
    """A key as it is, but for what a terminal would take for Enter or another key, or what turns text: that as ``%XX``."""
    if key.isprintable():
        return key
    return CONTROLS.sub(lambda found: quote(found.group(), errors="surrogatepass"), key)
