"""The program without its window: what is open, and the services that the commands use. Loop thread."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudtemple_browser.app.accounts import KEYRING_KINDS, Accounts
from cloudtemple_browser.app.activities import Activities
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.buckets import BucketLists
from cloudtemple_browser.app.history import History
from cloudtemple_browser.app.listing import Listing, ListingStatus
from cloudtemple_browser.app.measures import Measures
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.app.ports import SessionFolder, SettingsBook
from cloudtemple_browser.app.shell import FilledForm, KeyringRefusal, Notice, Shell
from cloudtemple_browser.app.staging import Staging
from cloudtemple_browser.app.state import SelectionSize, State
from cloudtemple_browser.model.addresses import DELIMITER, Location, TypedAddress, parent_prefix, parse_address, parse_hosted
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectEntry, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.transfers.events import Event, ObjectsDeleted, ObjectsStored

if TYPE_CHECKING:
    from cloudtemple_browser.transfers.engine import Engine

_AT_ONCE = 500  # objects whose rows change in one go: 8 ms
_CUT = frozenset({ErrorKind.PARTIAL, ErrorKind.LIST_AGAIN})  # a listing that broke off
_SCHEME = "s3://"


class Application:
    """What commands work on. ``shell`` is set by the window before any command runs."""

    shell: Shell

    def __init__(
        self,
        background: Background,
        accounts: Accounts,
        engine: Engine,
        settings_book: SettingsBook,
        log_folder: Path,
        session: SessionFolder,
    ) -> None:
        self.background, self.accounts, self.engine = background, accounts, engine
        self.log_folder = log_folder
        self.buckets = BucketLists(background, accounts)
        self.listing = Listing(background, accounts.stores, self.buckets)
        self.activities = Activities()
        self.measures = Measures(background, accounts.stores, self.activities)
        self.staging = Staging(background, engine, session)
        self.settings = Settings()
        self._settings_book = settings_book
        self._history = History()
        self._written: deque[ObjectsStored | ObjectsDeleted] = deque()
        self.state = State()
        self.start_demo: Callable[[], object] | None = None
        self.state_changed: Observers[[State]] = Observers()
        self.transfer_events: Observers[[tuple[Event, ...]]] = Observers()
        self.transfer_events.add(self.staging.handle)
        self.settings_changed: Observers[[Settings]] = Observers()
        accounts.changed.add(self._accounts_changed)
        self.listing.status_changed.add(self._listing_changed)
        self.listing.appended.add(lambda _rows: self._set(rows=len(self.listing.rows)))

    # ------------------------------------------------------------------------------------------------ settings

    def load_settings(self) -> None:
        """Read the settings. Blocks for one small file: called before there is a window and before the engine starts."""
        self.settings = self._settings_book.load()
        self.engine.set_limits(self.settings.limits)
        self.engine.set_rules(self.settings.rules)

    def offer_demo(self, start: Callable[[], object]) -> None:
        """Let the window offer the demo store."""
        self.start_demo = start
        self._set(demo_available=True)

    def change_settings(self, **changes: Any) -> None:
        """Change settings by field name and save them in the background."""
        before, self.settings = self.settings, replace(self.settings, **changes)
        if self.settings.limits != before.limits:
            self.engine.set_limits(self.settings.limits)
        if self.settings.rules != before.rules:
            self.engine.set_rules(self.settings.rules)
        self.settings_changed(self.settings)
        self.background.spawn(self.background.call(self._settings_book.save, self.settings))

    def save_settings_now(self, **changes: Any) -> None:
        """The same, blocking: for the program's end."""
        self.settings = replace(self.settings, **changes)
        self._settings_book.save(self.settings)

    # ------------------------------------------------------------------------------------------------ where we are

    @property
    def connection(self) -> Connection | None:
        """The open connection."""
        return self.accounts.get(self.state.location.connection_id) if self.state.location else None

    def open(self, location: Location) -> None:
        """Open a location and note it in the history."""
        if self._open(location):
            self._history.visit(location)
            self._set()

    def _open(self, location: Location) -> bool:
        connection = self.accounts.get(location.connection_id)
        if connection is None:
            return False
        self._set(location=location, selection=SelectionSize(), rows=0)
        self.listing.open(location, connection)
        return True

    def open_connection(self, connection: Connection) -> None:
        """Open a connection where it begins: its bucket and prefix, or its list of buckets."""
        self.open(Location(connection.id, connection.bucket, connection.prefix))

    def step(self, by: int) -> None:
        """Back (-1) or forward (1)."""
        if location := self._history.step(by):
            self._open(location)

    def up(self) -> None:
        """Open the enclosing folder and select the one that was left; from all below a folder, that folder."""
        location = self.state.location
        if location and location.below is not None:
            self.open(location.folder)
        elif location and location.bucket:
            self.open(location.parent)
            self.shell.select_keys([location.prefix or f"{location.bucket}{DELIMITER}"])

    def refresh(self) -> None:
        """List again."""
        if self.state.location:
            self._open(self.state.location)

    async def open_text(self, text: str) -> bool:
        """Open what was typed into the location bar; False when it cannot be read as a location."""
        endpoints = (connection.endpoint for connection in self.accounts.connections)
        hosted = (parse_hosted(text, endpoint) for endpoint in endpoints)
        address = next((found for found in hosted if found), None) or parse_address(text)
        if address is None:
            return False
        connection = self._connection_for(address)
        if connection is None:
            if not address.endpoint:
                return False
            connection = await self.fill_in(None, endpoint=address.endpoint)
            if connection is None:
                return True
        await self._open_address(connection, address)
        return True

    async def fill_in(self, connection: Connection | None, *, endpoint: str = "") -> Connection | None:
        """Ask for a connection and save it; None when cancelled. The form comes back filled in when the keyring fails."""
        form = await self.shell.ask_connection(connection, endpoint=endpoint)
        while form and (error := await self._save(form)):
            form = await self.shell.ask_connection(form.connection, refusal=KeyringRefusal(error, form.secret))
        if form is None:
            return None
        for known in (self.buckets, self.measures, self.staging):
            known.forget(form.connection.id)  # it may lead elsewhere now
        return form.connection

    async def _save(self, form: FilledForm) -> BrowserError | None:
        """Save; when the keyring fails say so and let the form come back, where "this session only" can be chosen."""
        try:
            await self.accounts.save(form.connection, form.secret, session_only=form.session_only)
        except BrowserError as error:
            if error.kind not in KEYRING_KINDS:
                raise
            self.fail(error, form.connection.name)
            return error
        if self.accounts.is_session_only(form.connection.id):
            self.background.spawn(self._forget_earlier(form.connection))  # a keyring that asks does not hold up the rest
        return None

    async def _forget_earlier(self, connection: Connection) -> None:
        """Take the secret of before out of the keyring: the one of now is for this session only."""
        if left := await self.accounts.forget_secret(connection.id):
            words = translate("app", "The earlier secret key of {name} is still in the keyring")(name=connection.name)
            self.shell.notify(Notice(words, ((connection.name, left),)))

    def _connection_for(self, address: TypedAddress) -> Connection | None:
        if not address.endpoint:
            return self.connection
        current = self.connection
        return current if current and current.endpoint == address.endpoint else self.accounts.for_endpoint(address.endpoint)

    async def _open_address(self, connection: Connection, address: TypedAddress) -> None:
        """Open an address whose end may be a folder or an object: the store knows which."""
        bucket, key = address.bucket, address.key
        if not key or key.endswith(DELIMITER):
            self.open(Location(connection.id, bucket, key))
            return
        try:
            is_folder = await self.background.call(self._is_folder, connection.id, bucket, key)
        except BrowserError:
            is_folder = True  # the listing will say what is wrong
        self.open(Location(connection.id, bucket, f"{key}{DELIMITER}" if is_folder else parent_prefix(key)))
        if not is_folder:
            self.shell.select_keys([key])

    def _is_folder(self, connection_id: str, bucket: str, key: str) -> bool:
        pages = self.accounts.stores.get(connection_id).list_pages(bucket, f"{key}{DELIMITER}", DELIMITER, CallControl())
        return any(len(page) for page in pages)

    # ------------------------------------------------------------------------------------------------ what changed

    def select(self, size: SelectionSize) -> None:
        """The table's selection changed."""
        if size != self.state.selection:
            self._set(selection=size)

    def transfers_happened(self, events: tuple[Event, ...]) -> None:
        """Events of the engine, already on the loop."""
        self.transfer_events(events)
        idle = not self._written
        for event in events:
            match event:
                case ObjectsStored(entries=many):
                    self._written += (replace(event, entries=many[at : at + _AT_ONCE]) for at in range(0, len(many), _AT_ONCE))
                case ObjectsDeleted():
                    self._written.append(event)
        if idle and self._written:
            self._show_written()
            if self._written:
                self.background.spawn(self._show_all_written())

    async def _show_all_written(self) -> None:
        """Change the rows of many objects, in order, with turns for the window between."""
        while self._written:
            await asyncio.sleep(0)
            self._show_written()

    def _show_written(self) -> None:
        match self._written[0]:
            case ObjectsStored(connection_id, bucket, entries, public):
                self._objects_stored(connection_id, bucket, entries, public=public)
            case ObjectsDeleted(connection_id, bucket, keys):
                self.keys_gone(Location(connection_id, bucket), keys)
        self._written.popleft()

    def stored(self, location: Location, info: ObjectInfo, *, public: bool) -> None:
        """An object was stored by a command."""
        entry = ObjectEntry(info.key, info.size, info.modified, info.etag, info.storage_class)
        self._objects_stored(location.connection_id, location.bucket, (entry,), public=public)

    def _objects_stored(self, connection_id: str, bucket: str, entries: tuple[ObjectEntry, ...], *, public: bool) -> None:
        for known in (self.measures, self.staging):
            known.touched(connection_id, bucket, (entry.key for entry in entries))
        at = self.state.location
        if at and (at.connection_id, at.bucket) == (connection_id, bucket):
            self.listing.upsert(entries, public=public)
            self._set(rows=len(self.listing.rows))

    def keys_gone(self, location: Location, keys: tuple[str, ...]) -> None:
        """Objects or folders were deleted."""
        for known in (self.measures, self.staging):
            known.touched(location.connection_id, location.bucket, keys)
        at = self.state.location
        if at and (at.connection_id, at.bucket) == (location.connection_id, location.bucket):
            self.listing.remove(keys)
            self._set(rows=len(self.listing.rows))

    def public_known(self, location: Location, known: dict[str, bool | None]) -> None:
        """It became known whether objects are public; None: it is not known any more."""
        at = self.state.location
        if at and (at.connection_id, at.bucket) == (location.connection_id, location.bucket):
            self.listing.mark_public(known)

    def connection_gone(self, connection_id: str) -> None:
        """Leave a connection that was deleted."""
        self._history.forget(connection_id)
        self.buckets.forget(connection_id)
        self.measures.forget(connection_id)
        if self.state.location and self.state.location.connection_id == connection_id:
            self.listing.clear()
            self._set(location=None, selection=SelectionSize(), rows=0)

    def fail(self, error: BrowserError, about: str = "", undone: Text | None = None) -> None:
        """Tell a failure quietly, with its details; ``undone`` says what was not done for it."""
        name, why = about or error.facts.operation or error.facts.subject or error.facts.endpoint, explain(error).what
        if error.kind in _CUT and error.facts.subject:  # whoever acts on a folder acts on the whole of it, or not at all
            undone = undone or translate("app", "Nothing was done")
            text = translate("app", "{undone}: {why} ({name})")(undone=undone, why=why, name=_place(error.facts.subject))
        elif undone:
            text = translate("app", "{undone}: {why}")(undone=undone, why=why)
        else:
            text = translate("app", "{name} failed")(name=name) if name else why
        self.shell.notify(Notice(text, ((about, error),)))

    def _accounts_changed(self) -> None:
        self._set(connections=len(self.accounts.connections))

    def _listing_changed(self, status: ListingStatus) -> None:
        self._set(phase=status.phase, rows=len(self.listing.rows))

    def _set(self, **changes: Any) -> None:
        back, forward = self._history.can_go_back, self._history.can_go_forward
        state = replace(self.state, can_go_back=back, can_go_forward=forward, **changes)
        if state != self.state:
            self.state = state
            self.state_changed(state)

    def close(self) -> None:
        """Stop what runs; the program ends."""
        self.staging.stop()
        self.background.close()
        self.engine.close(2.0)
        self.staging.remove()
        self.accounts.stores.close()


def _place(subject: str) -> str:
    """What a listing was of: the folder, or the bucket."""
    if not subject.startswith(_SCHEME):
        return subject
    bucket, _, prefix = subject.removeprefix(_SCHEME).partition(DELIMITER)
    return prefix or bucket
