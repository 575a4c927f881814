"""Upload files and folders: chosen, dropped or pasted; and objects typed or pasted as text."""

from __future__ import annotations

import os
from pathlib import Path

from cloudtemple_browser.app.activities import Activity
from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import each
from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.app.shell import Notice, UploadAnswer, UploadQuestion
from cloudtemple_browser.app.transfer_list import NOT_PUBLIC
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import DELIMITER, Location, ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.job import UploadOptions

_ASKED = 100  # conflicts asked about: the answer is for all, so that more need not be found


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
    """Upload ``paths`` into ``target``: look for names in the way, ask once for all, hand over to the engine."""
    if not paths or target is None or not target.bucket:
        return
    with app.activities.start(translate("app", "Looking for objects of the same name"), len(paths)) as activity:
        conflicts = await _conflicts(app, paths, target, activity)
        if activity.control.cancelled:
            return
    answer: UploadAnswer | None = UploadAnswer()
    if conflicts or app.settings.ask_before_upload:
        answer = await app.shell.ask_upload(UploadQuestion(paths, target, conflicts))
    if answer:
        options = UploadOptions(answer.public, answer.conflict)
        app.engine.upload(target.connection_id, target.bucket, target.prefix, paths, options)


async def _conflicts(app: Application, paths: tuple[Path, ...], target: Location, activity: Activity) -> tuple[str, ...]:
    """The first names among all ``paths`` that exist in the store: files as objects, folders as prefixes that hold something.

    A key that may write and not read (role write_only) cannot know: then nothing is said to be in the way.
    """
    store = await app.background.call(app.accounts.stores.get, target.connection_id)
    found: dict[Path, str] = {}

    def look(path: Path) -> None:
        if len(found) < _ASKED and _taken(store, target, path, activity.control):
            found[path] = path.name + (os.sep if path.is_dir() else "")

    await each(app, paths, look, activity.control, activity.advance)
    return tuple(found[path] for path in paths if path in found)[:_ASKED]


def _taken(store: Store, target: Location, path: Path, control: CallControl) -> bool:
    key = f"{target.prefix}{path.name}"
    try:
        if path.is_dir():
            pages = store.list_pages(target.bucket, f"{key}{DELIMITER}", DELIMITER, control)
            return len(next(iter(pages), ListingPage())) > 0
        store.head_object(ObjectRef(target.bucket, key))
        return True
    except Cancelled:
        return False
    except BrowserError as error:
        if error.kind not in (ErrorKind.NO_OBJECT, ErrorKind.ACCESS_DENIED, ErrorKind.LOCAL_NAME):
            raise
        return False


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
        etag = await app.background.call(store.put_object, ref, body, options, activity.control)
        info = await app.background.call(_info, store, ref, ObjectInfo(ref.key, len(body), UNKNOWN, etag, options.content_type))
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
