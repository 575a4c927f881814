"""Upload files and folders: chosen, dropped or pasted; and objects typed or pasted as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.conflicts import look
from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.app.shell import Notice, UploadAnswer, UploadQuestion
from cloudtemple_browser.app.transfer_list import NOT_PUBLIC
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import DELIMITER, Location, ObjectRef
from cloudtemple_browser.model.entries import ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import ConflictPolicy, UploadRequest
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.conflicts import find_upload_conflicts


async def choose_files(app: Application) -> None:
    """Ask for files and upload them here."""
    await upload(app, await app.shell.ask_upload_files(), app.state.location)


async def choose_folder(app: Application) -> None:
    """Ask for a folder and upload it here."""
    await upload(app, await app.shell.ask_upload_folder(), app.state.location)


async def paste(app: Application) -> None:
    """Upload the files on the clipboard, or begin a new object with its text."""
    clip = app.shell.clipboard()
    if clip.paths:
        await upload(app, clip.paths, app.state.location)
    elif clip.text:
        await _new_object(app, clip.text)
    else:
        app.shell.notify(Notice(translate("app", "The clipboard holds neither files nor text.")))


async def upload(app: Application, paths: tuple[Path, ...], target: Location | None) -> None:
    """Upload ``paths`` into ``target``: look for what is in the way, ask once for all, hand over to the engine.

    What a key that may write and not read (role write_only) cannot see is overwritten: the store keeps no other choice.
    """
    if not paths or target is None or not target.bucket:
        return
    request = UploadRequest(target.connection_id, target.bucket, target.prefix, paths)
    store = await app.background.call(app.accounts.stores.get, target.connection_id)
    title = translate("app", "Looking for objects of the same name")
    rules = app.settings.rules
    looked = await look(app, title, lambda control, count: find_upload_conflicts(store, request, rules, control, count))
    if looked is None:
        return
    answer: UploadAnswer | None = UploadAnswer()
    if looked.conflicts or app.settings.ask_before_upload:
        answer = await app.shell.ask_upload(UploadQuestion(paths, target, looked.conflicts, looked.blind))
    if answer:
        appeared = ConflictPolicy.OVERWRITE if looked.blind else ConflictPolicy.REFUSE
        app.engine.upload(replace(request, public=answer.public, decisions=answer.decisions, appeared=appeared))


async def new_object(app: Application) -> None:
    """The editor for a new object."""
    await _new_object(app, "")


async def _new_object(app: Application, text: str) -> None:
    location = app.state.location
    if location is None or not location.bucket:
        return
    made = await app.shell.ask_new_object(text)
    if made is None:
        return
    ref = ObjectRef(location.bucket, f"{location.prefix}{made.name}")
    options = WriteOptions(made.content_type, CannedAcl.PUBLIC_READ if made.public else None)
    await put(app, location, ref, made.body, options)


async def new_folder(app: Application) -> None:
    """A folder marker: an empty object whose key ends with the delimiter."""
    location = app.state.location
    if location is None or not location.bucket:
        return
    name = await app.shell.ask_name("folder")
    if name:
        ref = ObjectRef(location.bucket, f"{location.prefix}{name}{DELIMITER}")
        await put(app, location, ref, b"", WriteOptions("application/x-directory"))


async def put(app: Application, location: Location, ref: ObjectRef, body: bytes, options: WriteOptions) -> None:
    """Store a small object and show its row, as the store has it. An existing one is replaced only after a question."""
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    if await app.background.call(_exists, app, location, ref) and not await app.shell.ask_replace(ref.name):
        return
    with app.activities.start(translate("app", "Storing {name}")(name=ref.name)) as activity:
        stored = await app.background.call(store.put_object, ref, body, options, activity.control)
        acknowledged = ObjectInfo(ref.key, len(body), stored.when, stored.etag, options.content_type)
        info = await app.background.call(_info, store, ref, acknowledged)
        public = options.acl is not None and await app.background.call(_is_public, store, ref)
    app.stored(location, info, public=public)
    app.shell.select_keys([ref.key])
    text = translate("app", "{name} is stored")(name=ref.name)
    if options.acl and not public:
        app.shell.notify(Notice(translate("app", "{done}, but not public")(done=text), ((ref.key, NOT_PUBLIC),)))
    else:
        app.shell.notify(Notice(text))


def _is_public(store: Store, ref: ObjectRef) -> bool:
    """Whether the ACL that was sent along is there: read back, never assumed."""
    try:
        return store.read_acl(ref).public
    except BrowserError:
        return False


def _info(store: Store, ref: ObjectRef, acknowledged: ObjectInfo) -> ObjectInfo:
    """The stored object as the store has it; as it was acknowledged when the key may write and not read."""
    try:
        return store.head_object(ref)
    except BrowserError as error:
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return acknowledged


def _exists(app: Application, location: Location, ref: ObjectRef) -> bool:
    try:
        app.accounts.stores.get(location.connection_id).head_object(ref)
    except BrowserError as error:
        if error.kind in (ErrorKind.NO_OBJECT, ErrorKind.ACCESS_DENIED):
            return False
        raise
    return True
