"""Make objects public or private again: ask, set the ACL, read it back, try without a key, and give the URL of public ones."""

from __future__ import annotations

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import each, expand, selected
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import Location, ObjectRef
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import Count, Text, translate

_MAX_URLS = 1000  # on the clipboard


async def make_public(app: Application) -> None:
    """Let anyone with the URL read the selected objects."""
    await _run(app, public=True)


async def make_private(app: Application) -> None:
    """Take that back."""
    await _run(app, public=False)


async def _run(app: Application, *, public: bool) -> None:
    location, chosen = app.state.location, await selected(app)
    if location is None:
        return
    nothing = translate("app", "Nothing was made public") if public else translate("app", "Nothing was made private")
    try:
        objects = await expand(app, location.connection_id, chosen)
    except BrowserError as error:
        app.fail(error, undone=nothing)
        return
    if not objects:
        return
    keys = tuple(entry.key for entry in objects)
    if not await app.shell.ask_public(keys, public=public):
        return
    failures, tried = await _set(app, location, keys, public=public)
    failed = {key for key, _error in failures}
    done = tuple(key for key in keys[:tried] if key not in failed)
    app.public_known(location, {**dict.fromkeys(failed), **dict.fromkeys(done, public)})
    text = _result(len(done), public=public)
    if tried < len(keys):
        text = translate("app", "Cancelled: {done} of {total}")(done=text, total=len(keys))
    elif not done:
        text = nothing
    if public and done:
        text = await _share(app, location, done, text)
    app.shell.notify(Notice(text, tuple(failures)))


async def _set(
    app: Application, location: Location, keys: tuple[str, ...], *, public: bool
) -> tuple[list[tuple[str, BrowserError]], int]:
    """Set and check the ACL of the keys in order: what failed, and how many were tried before the user cancelled."""
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    failures: list[tuple[str, BrowserError]] = []
    canned = CannedAcl.PUBLIC_READ if public else CannedAcl.PRIVATE
    otherwise = ErrorKind.NOT_PUBLIC if public else ErrorKind.STILL_PUBLIC

    def one(key: str) -> None:
        ref = ObjectRef(location.bucket, key)
        try:
            store.write_acl(ref, canned)
            if store.read_acl(ref).public is not public:  # some stores accept an ACL and ignore it
                raise BrowserError(ErrorKind.NO_ACL, ErrorFacts("GetObjectAcl", str(ref), message="the ACL did not change"))
            if store.readable_by_anyone(ref) is not public:  # the ACL is not the only rule, and some stores do not follow it
                raise BrowserError(otherwise, ErrorFacts("GetObject", str(ref)))
        except BrowserError as error:
            failures.append((key, error))

    title = translate("app", "Making objects public") if public else translate("app", "Making objects private")
    with app.activities.start(title, len(keys)) as activity:
        await each(app, keys, one, activity.control, activity.advance)
        return failures, activity.done


def _result(count: int, *, public: bool) -> Text:
    things = Count(count, translate("app", "{n} object"), translate("app", "{n} objects"))
    return (translate("app", "{count} public") if public else translate("app", "{count} private"))(count=things)


async def _share(app: Application, location: Location, keys: tuple[str, ...], text: Text) -> Text:
    """Put the URLs on the clipboard."""
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    app.shell.set_clipboard("\n".join(store.public_url(ObjectRef(location.bucket, key)) for key in keys[:_MAX_URLS]))
    return translate("app", "{done}. The URL is on the clipboard.")(done=text)
