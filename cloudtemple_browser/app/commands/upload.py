"""Upload files and folders: chosen, dropped or pasted; and objects typed or pasted as text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.conflicts import look
from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.app.shell import Notice, UploadAnswer, UploadQuestion
from cloudtemple_browser.app.transfer_list import NOT_PUBLIC
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import DELIMITER, Location, ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.transfers import ConflictPolicy, UploadRequest
from cloudtemple_browser.model.writes import Condition, Stored, WriteOptions
from cloudtemple_browser.transfers.conflicts import find_upload_conflicts

_NOT_MET = frozenset({ErrorKind.CHANGED, ErrorKind.NO_OBJECT})  # what a write ends with whose condition is not met


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

    What a key that may write and not read (role write_only) cannot see is overwritten: the store keeps no other choice. So that
    is always asked.
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
    if looked.conflicts or looked.blind or app.settings.ask_before_upload:
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


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What may be written: only under ``condition``, or over whatever is there; ``public`` was chosen with the answer."""

    condition: Condition | None
    public: bool = False


async def put(app: Application, location: Location, ref: ObjectRef, body: bytes, options: WriteOptions) -> None:
    """Store a small object and show its row, as the store has it. What is there is replaced only after a question.

    Where something else is there by then, it is asked again.
    """
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    there = await app.background.call(_etag_of, store, ref)
    agreed = await _agree(app, location, store, ref, there)
    while agreed:
        wanted = replace(options, acl=CannedAcl.PUBLIC_READ) if agreed.public else options
        try:
            await _store(app, location, store, ref, body, wanted, agreed.condition)
        except BrowserError as error:
            if error.kind is not ErrorKind.OCCUPIED:
                raise
            before, there = there, await app.background.call(_etag_of, store, ref)
            if there is not None and there == before:  # refused, and nothing came that could be asked about
                raise
        else:
            return
        agreed = await _agree(app, location, store, ref, there, occupied=True)


async def _agree(
    app: Application, location: Location, store: Store, ref: ObjectRef, there: str | None, *, occupied: bool = False
) -> _Agreed | None:
    """Ask before anything can be replaced. None: the answer was no. ``occupied``: the store has said that something is there.

    What the key cannot see is safe on a store that keeps conditions; on any other it is asked about beforehand.
    """
    if there == "":
        return _Agreed(Condition(known_free=True))
    if there or occupied:
        condition = Condition(there) if there else None
        return _Agreed(condition) if await app.shell.ask_replace(ref.name) else None
    if Trait.KEEPS_CONDITIONS in store.learnt:
        return _Agreed(Condition())
    answer = await app.shell.ask_upload(UploadQuestion((Path(ref.name),), location, blind=True))
    return _Agreed(None, answer.public) if answer else None


async def _store(
    app: Application,
    location: Location,
    store: Store,
    ref: ObjectRef,
    body: bytes,
    options: WriteOptions,
    condition: Condition | None,
) -> None:
    """Write, and tell what is there then. Raises OCCUPIED where something else is there than ``condition`` says."""
    call, doubt = app.background.call, None
    with app.activities.start(translate("app", "Storing {name}")(name=ref.name)) as activity:
        stored = await call(_write, store, ref, body, options, condition, activity.control)
        acknowledged = ObjectInfo(ref.key, len(body), stored.when, stored.etag, options.content_type)
        info = await call(_info, store, ref, acknowledged)
        if options.acl:
            doubt = await call(_doubt, store, ref)
    app.stored(location, info, public=bool(options.acl) and doubt is None)
    if doubt and doubt is not NOT_PUBLIC:
        app.public_known(location, {ref.key: None})
    app.shell.select_keys([ref.key])
    text = translate("app", "{name} is stored")(name=ref.name)
    app.shell.notify(Notice(_doubtful(text, doubt), ((ref.key, doubt),)) if doubt else Notice(text))


def _doubtful(done: Text, doubt: BrowserError) -> Text:
    if doubt is NOT_PUBLIC:
        return translate("app", "{done}, but not public")(done=done)
    return translate("app", "{done}, but it could not be checked whether it is public")(done=done)


def _write(
    store: Store, ref: ObjectRef, body: bytes, options: WriteOptions, condition: Condition | None, control: CallControl
) -> Stored:
    """Put under a condition. Many stores ignore it: what a question stood open over is looked at once more."""
    if condition and condition.etag and Trait.KEEPS_CONDITIONS not in store.learnt and _etag_of(store, ref) != condition.etag:
        raise BrowserError(ErrorKind.OCCUPIED, ErrorFacts("PutObject", str(ref)))
    try:
        return store.put_object(ref, body, options, control, condition)
    except BrowserError as error:
        if condition is None or error.kind not in _NOT_MET:
            raise
        raise BrowserError(ErrorKind.OCCUPIED, error.facts) from error


def _doubt(store: Store, ref: ObjectRef) -> BrowserError | None:
    """Why it is not proven that the object opens without a key: some stores keep an ACL and do not follow it."""
    try:
        return None if store.readable_by_anyone(ref) else NOT_PUBLIC
    except BrowserError as error:
        return error


def _info(store: Store, ref: ObjectRef, acknowledged: ObjectInfo) -> ObjectInfo:
    """The stored object as the store has it; as it was acknowledged when the key may write and not read."""
    try:
        return store.head_object(ref)
    except BrowserError as error:
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return acknowledged


def _etag_of(store: Store, ref: ObjectRef) -> str | None:
    """The ETag of what is there; "" where nothing is, None where the key may not tell."""
    try:
        return store.head_object(ref).etag
    except BrowserError as error:
        if error.kind not in (ErrorKind.NO_OBJECT, ErrorKind.ACCESS_DENIED):
            raise
        return "" if error.kind is ErrorKind.NO_OBJECT else None
