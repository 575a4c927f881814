"""Saved connections with their secrets and opened stores."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.app.ports import ConnectionBook, CredentialVault, Store, StoreFactory
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Finding, Question
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.probe import StageResult
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.vault import VaultStatus

KEYRING_KINDS = frozenset({ErrorKind.NO_KEYRING, ErrorKind.KEYRING_LOCKED, ErrorKind.KEYRING})
"""What only the keyring raises."""


class Stores:
    """The opened store of each connection, and the secrets of this session. Thread-safe; ``get`` blocks on the keyring.

    A secret is read from the keyring once a session and connection: some keyrings ask the user at every reading.
    """

    def __init__(self, factory: StoreFactory, vault: CredentialVault) -> None:
        self._factory, self._vault = factory, vault
        self._lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._connections: dict[str, Connection] = {}
        self._secrets: dict[str, SecretText] = {}
        self._stores: dict[str, Store] = {}
        self.renewed: Callable[[str], None] = lambda _connection_id: None  # told of each connection that is another one now
        self.learnt: Callable[[Connection, Trait], None] = lambda _connection, _trait: None  # told in any thread

    def know(self, connection: Connection, secret: SecretText | None = None) -> None:
        """Note a new or changed connection; its store is opened anew at the next use. ``secret`` None keeps the known one."""
        with self._lock:
            earlier = self._connections.get(connection.id)
            forgotten = earlier is not None and not set(earlier.traits) <= set(connection.traits)
            changed = earlier != connection or secret is not None or forgotten
            self._connections[connection.id] = connection
            if secret is not None:
                self._secrets[connection.id] = secret
            stale = self._stores.pop(connection.id, None) if changed else None
        # The sockets of the old store are left to the calls that still use it: a running transfer goes on with its old key.
        del stale
        if changed:
            self.renewed(connection.id)

    def forget(self, connection_id: str) -> None:
        """Drop a connection, its secret and its store."""
        with self._lock:
            self._connections.pop(connection_id, None)
            self._secrets.pop(connection_id, None)
            store = self._stores.pop(connection_id, None)
        if store:
            store.close()
        self.renewed(connection_id)

    def get(self, connection_id: str) -> Store:
        """The store of a connection, opened when needed. Any thread; may block on the keyring.

        Raises NO_CREDENTIALS when the keyring has no secret, and the keyring's own errors.
        """
        with self._lock:
            if store := self._stores.get(connection_id):
                return store
            opening = self._opening.setdefault(connection_id, threading.Lock())
        with opening:
            return self._open(connection_id)

    def _open(self, connection_id: str) -> Store:
        with self._lock:
            if store := self._stores.get(connection_id):
                return store
            connection, known = self._connections.get(connection_id), self._secrets.get(connection_id)
        if connection is None:
            raise BrowserError(ErrorKind.NO_CREDENTIALS, ErrorFacts(message="the connection was deleted"))
        secret = known or self._vault.read(connection_id)
        if not secret:
            raise BrowserError(ErrorKind.NO_CREDENTIALS, ErrorFacts(endpoint=connection.host))
        store = self._factory.open(connection, secret)
        store.learnt.watch(lambda trait: self.learnt(connection, trait))
        with self._lock:
            # Else it was changed meanwhile, while the keyring asked the user: this call keeps the old one.
            if (self._connections.get(connection_id), self._secrets.get(connection_id)) == (connection, known):
                self._stores[connection_id] = store
                self._secrets[connection_id] = secret
        return store

    def secret(self, connection_id: str) -> SecretText | None:
        """The secret, from this session or the keyring: for testing a connection that is edited. Blocks."""
        with self._lock:
            known = self._secrets.get(connection_id)
        return known or self._vault.read(connection_id)

    def close(self) -> None:
        """Close every store."""
        with self._lock:
            stores, self._stores = tuple(self._stores.values()), {}
        for store in stores:
            store.close()


class Accounts:
    """The connections of the sidebar. Methods belong to the loop's thread; coroutines do their blocking work outside it."""

    def __init__(
        self, background: Background, book: ConnectionBook, vault: CredentialVault, factory: StoreFactory, stores: Stores
    ) -> None:
        self._background, self._book, self._vault, self._factory = background, book, vault, factory
        self.stores = stores
        self.connections: tuple[Connection, ...] = ()
        self._writing = asyncio.Lock()
        self._unsaved: set[str] = set()
        self._session_only: set[str] = set()  # connections whose secret must not get into the keyring
        self._copies: dict[str, str] = {}  # what unsaved copies were made from
        self.changed: Observers[[]] = Observers()

    async def load(self) -> None:
        """Read the saved connections."""
        saved = await self._background.call(self._book.load)
        for connection in saved:
            self.stores.know(connection)
        self.connections = (*saved, *(item for item in self.connections if item.id in self._unsaved))
        self.changed()

    def get(self, connection_id: str) -> Connection | None:
        """The connection with this id."""
        return next((item for item in self.connections if item.id == connection_id), None)

    def for_endpoint(self, endpoint: str) -> Connection | None:
        """The first connection to this endpoint URL."""
        return next((item for item in self.connections if item.endpoint == endpoint), None)

    def add_temporary(self, connection: Connection, secret: SecretText) -> None:
        """Show a connection that is never saved: the demo store's."""
        self._unsaved.add(connection.id)
        self.stores.know(connection, secret)
        self.connections = (*(item for item in self.connections if item.id != connection.id), connection)
        self.changed()

    async def vault_status(self) -> VaultStatus:
        """Which keyring there is."""
        return await self._background.call(self._vault.status)

    async def save(self, connection: Connection, secret: SecretText | None, *, session_only: bool) -> None:
        """Add or replace a connection. ``secret`` None keeps the known one, which moves to where it is to be kept.

        The secret goes first: a connection whose secret could not be kept is not saved. Raises the keyring's errors.
        A secret for this session needs no keyring: one that it still holds is for ``forget_secret``.
        """
        session_only = session_only or connection.id in self._unsaved
        if secret is None:
            secret = await self._moving_secret(connection.id, session_only=session_only)
        if secret and not session_only:
            await self._background.call(self._vault.save, connection.id, secret)
        if secret:
            (self._session_only.add if session_only else self._session_only.discard)(connection.id)
        self._copies.pop(connection.id, None)
        self.stores.know(connection, secret)
        known = any(item.id == connection.id for item in self.connections)
        kept = tuple(connection if item.id == connection.id else item for item in self.connections)
        self.connections = kept if known else (*kept, connection)
        await self._write()

    async def _moving_secret(self, connection_id: str, *, session_only: bool) -> SecretText | None:
        """The known secret when it has to go elsewhere: to an unsaved copy, into memory, or into the keyring."""
        copy = connection_id in self._copies
        if not copy and session_only == self.is_session_only(connection_id):
            return None
        try:
            return await self._background.call(self._secret, connection_id)
        except BrowserError as error:
            if error.kind is ErrorKind.NO_KEYRING and not copy:
                return None  # nothing to take into memory: the rest of the form can be saved
            raise

    def _secret(self, connection_id: str) -> SecretText | None:
        """The known secret; of an unsaved copy its original's. Blocks."""
        return self.stores.secret(self._copies.get(connection_id, connection_id))

    def is_session_only(self, connection_id: str) -> bool:
        """Whether the secret is kept in memory only; of an unsaved copy its original's."""
        return self._copies.get(connection_id, connection_id) in self._unsaved | self._session_only

    async def forget_secret(self, connection_id: str) -> BrowserError | None:
        """Take a secret out of the keyring, which may ask to be unlocked; returns why it is still there, if it may be."""
        if connection_id in self._unsaved:
            return None
        try:
            await self._background.call(self._vault.delete, connection_id)
        except BrowserError as error:
            if error.kind not in KEYRING_KINDS:
                raise
            return None if error.kind is ErrorKind.NO_KEYRING else error  # where there is no keyring nothing is in it
        return None

    def duplicate(self, connection: Connection) -> Connection:
        """A copy that is not saved yet and has no name; until it is saved it has the secret of its original."""
        twin = replace(connection, id=Connection("", "", "").id, name="")
        self._copies[twin.id] = connection.id
        return twin

    def original(self, connection_id: str) -> Connection | None:
        """What an unsaved copy was made from."""
        return self.get(self._copies.get(connection_id, ""))

    async def delete(self, connection: Connection) -> BrowserError | None:
        """Delete a connection and its secret; nothing in the store changes. Returns why the secret is still in the keyring."""
        self.connections = tuple(item for item in self.connections if item.id != connection.id)
        self.stores.forget(connection.id)
        await self._write()
        return await self.forget_secret(connection.id)

    async def remember_bucket(self, connection: Connection, bucket: str, *, keep: bool = True) -> None:
        """Add a bucket by name to a connection, or (``keep`` False) take it out again."""
        others = tuple(name for name in connection.buckets if name != bucket)
        changed = replace(connection, buckets=(*others, bucket) if keep else others)
        self.connections = tuple(changed if item.id == connection.id else item for item in self.connections)
        self.stores.know(changed)
        await self._write()

    def learn(self, opened: Connection, trait: Trait) -> None:
        """A connection, as its store was opened, turned out to be like this: keep it, unless it leads elsewhere by now."""
        connection = self.get(opened.id)
        if connection is None or connection.endpoint != opened.endpoint or trait in connection.traits:
            return
        changed = replace(connection, traits=(*connection.traits, trait))
        self.connections = tuple(changed if item.id == opened.id else item for item in self.connections)
        self.stores.know(changed)
        self._background.spawn(self._keep())

    async def probe(self, connection: Connection, secret: SecretText | None, report: Callable[[StageResult], None]) -> None:
        """Test a connection as filled in; ``secret`` None takes the saved one. ``report`` is called in a worker thread."""
        secret = secret or await self._background.call(self._secret, connection.id)
        await self._background.call(self._factory.probe, connection, secret or SecretText(""), report)

    async def diagnose(
        self,
        connection: Connection,
        secret: SecretText | None,
        question: Question,
        deliver: Callable[[list[Finding]], None],
        control: CallControl,
    ) -> None:
        """Find out why something was refused; findings come in batches, in order, until ``control`` is cancelled.

        ``secret`` None takes the saved one. Raises ``Cancelled``, NO_CREDENTIALS and the keyring's errors.
        """
        known = secret or await self._background.call(self._secret, connection.id)

        def produce(put: Callable[[Finding], None]) -> None:
            self._factory.diagnose(connection, known or SecretText(""), question, put, control)

        await self._background.stream(produce, deliver, control)

    async def _write(self) -> None:
        self.changed()
        await self._keep()

    async def _keep(self) -> None:
        async with self._writing:  # an older list must not be written over a newer one
            await self._background.call(self._book.save, [item for item in self.connections if item.id not in self._unsaved])
