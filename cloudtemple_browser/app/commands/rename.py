"""Rename one object: S3 can only copy it, and the old one goes once the copy is proven. What fails leaves both, and says so."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import selected
from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.app.shell import Notice, RenameQuestion
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import DELIMITER, Location, ObjectRef, parent_prefix
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import Size, Text, translate
from cloudtemple_browser.model.writes import COPY_LIMIT, Condition, Stored

_NO_ACLS = frozenset({ErrorKind.NO_ACL, ErrorKind.UNSUPPORTED})
_OF_ENCRYPTION = "x-amz-server-side-encryption"  # the bucket's rules say it anew for each object


@dataclass(frozen=True, slots=True)
class _Found:
    """The object as the store has it. ``access`` None: the store knows no ACLs. ``foreign``: others have rights on it."""

    ref: ObjectRef
    info: ObjectInfo
    access: CannedAcl | None
    foreign: bool = False


async def run(app: Application) -> None:
    """Ask for the new name, copy, compare, set the same access, and delete the old one."""
    location, chosen = app.state.location, await selected(app)
    if location is None or len(chosen.objects) != 1 or chosen.folders:
        return
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    found = await app.background.call(_look, store, ObjectRef(chosen.bucket, chosen.objects[0].key))
    if refusal := _refusal(found):
        app.shell.notify(Notice(refusal))
        return
    prefix, public = parent_prefix(found.ref.key), found.access is CannedAcl.PUBLIC_READ
    name = await app.shell.ask_rename(RenameQuestion(found.ref.key[len(prefix) :], prefix, public))
    new = ObjectRef(chosen.bucket, f"{prefix}{name}")
    if not name or new == found.ref:
        return
    there = await app.background.call(_etag_of, store, new)
    if there and not await app.shell.ask_replace(new.name):
        return
    await _move(app, location, store, found, new, Condition(there))


def _look(store: Store, ref: ObjectRef) -> _Found:
    info = store.head_object(ref)
    try:
        acl = store.read_acl(ref)
    except BrowserError as error:
        if error.kind not in _NO_ACLS:
            raise
        return _Found(ref, info, None)
    return _Found(ref, info, acl.canned, foreign=acl.canned is None)


def _refusal(found: _Found) -> Text | None:
    """Why the object cannot be renamed without losing something."""
    name = found.ref.name
    if found.ref.key.endswith(DELIMITER):
        return translate("app", "A folder cannot be renamed: its objects would have to be copied one by one.")
    if found.info.size > COPY_LIMIT:
        words = translate(
            "app", "{name} has {size}: the store copies up to {limit}. Download it and upload it under its new name."
        )
        return words(name=name, size=Size(found.info.size), limit=Size(COPY_LIMIT))
    if found.foreign:
        return translate("app", "{name} cannot be renamed: its access list names others, whom a copy would not know.")(
            name=name
        )
    return None


def _etag_of(store: Store, ref: ObjectRef) -> str:
    """The ETag of what has the new name already; "" where nothing is. What a key may not see is not taken for nothing."""
    try:
        return store.head_object(ref).etag
    except BrowserError as error:
        if error.kind is not ErrorKind.NO_OBJECT:
            raise
        return ""


async def _move(
    app: Application, location: Location, store: Store, found: _Found, new: ObjectRef, condition: Condition
) -> None:
    old, call = found.ref, app.background.call
    with app.activities.start(translate("app", "Renaming {name}")(name=old.name)) as activity:
        try:
            copy = await call(_copy, store, found, new, condition, activity.control)
        except Cancelled:
            app.shell.notify(Notice(translate("app", "Cancelled: {name} keeps its name")(name=old.name)))
            return
        except BrowserError as error:
            app.shell.notify(Notice(translate("app", "{name} was not renamed")(name=old.name), ((old.key, error),)))
            return
        try:
            await call(_prove, store, found, new, copy, activity.control)
            app.stored(location, copy.info, public=found.access is CannedAcl.PUBLIC_READ)
            await call(_delete_old, store, found)
        except BrowserError as error:
            words = translate("app", "{old} is still there: only its copy {new} was made")
            app.shell.notify(Notice(words(old=old.name, new=new.name), ((old.key, error),)))
            return
    app.keys_gone(location, (old.key,))
    app.shell.select_keys([new.key])
    app.shell.notify(Notice(translate("app", "{old} is now {new}")(old=old.name, new=new.key[len(parent_prefix(old.key)) :])))


@dataclass(frozen=True, slots=True)
class _Copy:
    """What the store acknowledged, and what it then has under the new name."""

    stored: Stored
    info: ObjectInfo


def _copy(store: Store, found: _Found, new: ObjectRef, condition: Condition, control: CallControl) -> _Copy:
    """Make the copy. An answer without an object is a lie; and many stores ignore the condition, so a look goes before."""
    if _etag_of(store, new) != condition.etag:
        raise BrowserError(ErrorKind.OCCUPIED, ErrorFacts("CopyObject", str(new)))
    if condition.etag:
        _listed(store, new, control)  # else what is there may be the original itself
    stored = store.copy_object(found.info, found.ref.bucket, new, condition, control)
    try:
        return _Copy(stored, store.head_object(new))
    except BrowserError as error:
        if error.kind is not ErrorKind.NO_OBJECT:
            raise
        raise BrowserError(ErrorKind.NOT_S3, ErrorFacts("CopyObject", str(new), message="there is no copy")) from error


def _prove(store: Store, found: _Found, new: ObjectRef, copy: _Copy, control: CallControl) -> None:
    """See that the copy is the same as the original and another object, and give it the same access. Raises why it is not."""
    seen, wanted = (copy.info.etag, *_told(copy.info)), (copy.stored.etag, *_told(found.info))
    if different := [f"{one} in place of {other}" for one, other in zip(seen, wanted, strict=True) if one != other]:
        raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("HeadObject", str(new), message="; ".join(different)))
    if found.access and store.read_acl(new).canned is not found.access:
        store.write_acl(new, found.access)
        if store.read_acl(new).canned is not found.access:
            raise BrowserError(ErrorKind.NO_ACL, ErrorFacts("GetObjectAcl", str(new), message="the ACL did not change"))
    for ref in (new, found.ref):
        _listed(store, ref, control)


def _listed(store: Store, ref: ObjectRef, control: CallControl) -> None:
    """Raise RENAMED unless an object has exactly this key.

    To HEAD a store that folds case, or drops a ``.`` or a space at the end, has one object under both names: compared with
    itself it is a perfect copy, and deleting the old name deletes it.
    """
    if ref.key not in store.first_page(ref.bucket, ref.key, "", 1, control).result.keys:
        raise BrowserError(ErrorKind.RENAMED, ErrorFacts("ListObjectsV2", str(ref)))


def _told(info: ObjectInfo) -> tuple[object, ...]:
    headers = tuple(header for header in info.headers if not header[0].startswith(_OF_ENCRYPTION))
    return info.size, info.content_type, headers, info.metadata


def _delete_old(store: Store, found: _Found) -> None:
    """Delete the original, unless it was written since: by somebody, or by the copy itself where two names are one object."""
    now = store.head_object(found.ref)
    if _version(now) != _version(found.info):
        raise BrowserError(ErrorKind.CHANGED, ErrorFacts("DeleteObject", str(found.ref), message=f"ETag {now.etag}"))
    if failed := store.delete_objects(found.ref.bucket, (found.ref.key,)).failed:
        raise failed[0].error


def _version(info: ObjectInfo) -> tuple[object, ...]:
    return info.etag, info.size, info.modified, info.version_id
