"""Copy URLs: public ones (never changing who may read) and pre-signed ones."""

from __future__ import annotations

import time

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import selected
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.text import Count, Moment, translate
from cloudtemple_browser.model.urls import has_dot_segments


async def copy_public_url(app: Application) -> None:
    """Put the public URLs of the selected objects on the clipboard, one a line."""
    chosen = selected(app)
    store = await app.background.call(app.store)
    app.shell.set_clipboard("\n".join(store.public_url(ObjectRef(chosen.bucket, entry.key)) for entry in chosen.objects))
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


async def copy_presigned_url(app: Application) -> None:
    """Make URLs that work without a key for a chosen time, and put them on the clipboard."""
    chosen = selected(app)
    seconds = await app.shell.ask_presign_seconds(len(chosen.objects))
    if not seconds:
        return
    store = await app.background.call(app.store)
    urls = [store.presign_get(ObjectRef(chosen.bucket, entry.key), seconds) for entry in chosen.objects]
    app.shell.set_clipboard("\n".join(urls))
    one, many = translate("app", "Pre-signed URL copied"), translate("app", "{n} pre-signed URLs copied")
    app.shell.notify(
        Notice(
            translate("app", "{copied}. Anyone who has it can read until {end}, from addresses that the bucket allows.")(
                copied=Count(len(urls), one, many), end=Moment(time.time() + seconds)
            )
        )
    )


async def copy_names(app: Application) -> None:
    """Put the ``s3://`` addresses of the selection on the clipboard."""
    chosen = selected(app)
    app.shell.set_clipboard("\n".join(str(ObjectRef(chosen.bucket, name)) for name in chosen.names))
    one, many = translate("app", "Address copied"), translate("app", "{n} addresses copied")
    app.shell.notify(Notice(translate("app", "{copied}")(copied=Count(len(chosen.names), one, many))))
