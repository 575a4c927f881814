"""The program without its window, on stores in memory, with a scripted shell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from fakes.memory_store import MemoryStore, MemoryStoreFactory
from fakes.shell import FakeShell

from cloudtemple_browser.app.accounts import Accounts, Stores
from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.transfer_list import GroupResult, TransferList
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.transfers.engine import Engine
from cloudtemple_browser.transfers.events import Event

PATIENCE = 20.0  # seconds until a condition that does not come is a failure
BUCKET = "bucket"
CONNECTION = Connection("Test", "https://memory.test", "AKIA", id="c1")
OTHER = Connection("Other", "https://other.test", "AKIA2", id="c2")


def failure(kind: ErrorKind, code: str = "") -> BrowserError:
    """A failure that a port raises."""
    return BrowserError(kind, ErrorFacts(code=code))


async def until(condition: Callable[[], object]) -> None:
    """Wait until ``condition()`` is true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "this did not happen"
        await asyncio.sleep(0.002)


class MemoryVault:
    """The ``CredentialVault`` port on a dictionary; ``broken`` is raised by every call but ``status``."""

    def __init__(self) -> None:
        self.secrets: dict[str, SecretText] = {}
        self.broken: BrowserError | None = None
        self.state = VaultState.READY
        self.calls: list[tuple[str, str]] = []

    def _call(self, operation: str, connection_id: str) -> None:
        self.calls.append((operation, connection_id))
        if self.broken:
            raise self.broken

    def status(self) -> VaultStatus:
        return VaultStatus(self.state, "Memory")

    def save(self, connection_id: str, secret: SecretText) -> None:
        self._call("save", connection_id)
        self.secrets[connection_id] = secret

    def read(self, connection_id: str) -> SecretText | None:
        self._call("read", connection_id)
        return self.secrets.get(connection_id)

    def delete(self, connection_id: str) -> None:
        self._call("delete", connection_id)
        self.secrets.pop(connection_id, None)


class MemoryBook:
    """The ``ConnectionBook`` port."""

    def __init__(self) -> None:
        self.saved: tuple[Connection, ...] = ()
        self.saves = 0

    def load(self) -> tuple[Connection, ...]:
        return self.saved

    def save(self, connections: Sequence[Connection]) -> None:
        self.saved = tuple(connections)
        self.saves += 1


class MemorySettings:
    """The ``SettingsBook`` port."""

    def __init__(self) -> None:
        self.saved = Settings(ask_before_upload=False)

    def load(self) -> Settings:
        return self.saved

    def save(self, settings: Settings) -> None:
        self.saved = settings


class World:
    """The application with two saved connections and a bucket. ``reported`` are failures that nobody awaited."""

    def __init__(self) -> None:
        self.reported: list[BaseException] = []
        self.vault, self.book, self.settings = MemoryVault(), MemoryBook(), MemorySettings()
        self.factory = MemoryStoreFactory()
        self.book.saved = (CONNECTION, OTHER)
        self.vault.secrets = {CONNECTION.id: SecretText("secret-1"), OTHER.id: SecretText("secret-2")}
        self.background = Background(self.reported.append)
        self.stores = Stores(self.factory, self.vault)
        self.accounts = Accounts(self.background, self.book, self.vault, self.factory, self.stores)
        self.engine = Engine(self.stores.get, self._happened)
        self.app = Application(self.background, self.accounts, self.engine, self.settings, Path("log"))
        self.app.load_settings()
        self.shell = FakeShell(self.app)
        self.app.shell = self.shell
        self.transfers = TransferList()
        self.results: list[GroupResult] = []
        self.app.transfer_events.add(self.transfers.handle)
        self.transfers.group_ended.add(self.results.append)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.store.add_bucket(BUCKET)

    def _happened(self, events: tuple[Event, ...]) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.app.transfers_happened, events)

    @property
    def store(self) -> MemoryStore:
        """The store of the first connection."""
        return self.factory.store(CONNECTION)

    async def load(self) -> None:
        """Read the saved connections, as at the program's start."""
        self._loop = asyncio.get_running_loop()
        await self.accounts.load()

    async def open(self, prefix: str = "", bucket: str = BUCKET, connection: Connection = CONNECTION) -> None:
        """Open a location and wait for the end of its listing."""
        if not self.accounts.connections:
            await self.load()
        self.app.open(Location(connection.id, bucket, prefix))
        await self.listed()

    async def listed(self) -> None:
        """Wait until the listing has ended."""
        await until(lambda: self.app.listing.status.phase is not Phase.LOADING)

    def names(self) -> list[str]:
        """What the table holds: keys and prefixes."""
        rows = self.app.listing.rows
        return sorted(rows.key(row) for row in range(rows.end) if not rows.gone[row])

    async def run(self, command: Callable[[Application], Awaitable[None]], *selected: str) -> None:
        """Run a command with these keys selected."""
        self.shell.selected = list(selected)
        await command(self.app)

    async def transferred(self) -> GroupResult:
        """Wait for the end of the next group of transfers."""
        await until(lambda: self.results)
        return self.results.pop(0)

    def close(self) -> None:
        """End everything and see that nothing went wrong unseen and that every scripted answer was fetched."""
        self.background.close()
        assert self.engine.close(PATIENCE)
        assert self.reported == []
        assert self.shell.unasked == []
        assert self.app.activities.running == []
