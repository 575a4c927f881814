"""The program without its window, on stores in memory, with a scripted shell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, cast

from fakes.engine import FakeEngine, ended, status
from fakes.memory_store import MemoryStore, MemoryStoreFactory
from fakes.shell import FakeShell

from cloudtemple_browser.app.accounts import Accounts, Stores
from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.transfer_list import TransferList
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.transfers import DeleteRequest, Direction
from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.persistence.session_folder import SessionFolder
from cloudtemple_browser.transfers.events import ObjectsDeleted

PATIENCE = 60.0  # seconds until a condition that does not come is a failure
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
        self.engine = FakeEngine()
        self.session = SessionFolder()
        self.app = Application(
            self.background, self.accounts, cast("Any", self.engine), self.settings, Path("log"), self.session
        )
        self.engine.listener = self.app.transfers_happened
        self.app.load_settings()
        self.shell = FakeShell(self.app)
        self.app.shell = self.shell
        self.transfers = TransferList()
        self.app.transfer_events.add(self.transfers.handle)
        self.store.add_bucket(BUCKET)

    @property
    def store(self) -> MemoryStore:
        """The store of the first connection."""
        return self.factory.store(CONNECTION)

    async def load(self) -> None:
        """Read the saved connections, as at the program's start."""
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

    def carry_out_deletion(self) -> None:
        """Do what the engine was told to delete last, and tell it as the engine does."""
        request = self.engine.requests[-1]
        assert isinstance(request, DeleteRequest)
        result = self.factory.store(self.accounts.get(request.connection_id) or CONNECTION).delete_objects(
            request.bucket, request.keys
        )
        done, failed = len(result.deleted), len(result.failed)
        self.engine.tell(
            ObjectsDeleted(request.connection_id, request.bucket, result.deleted),
            ended(
                status(len(self.engine.requests), Direction.DELETE, names=request.names, done=done, failed=failed),
                *((failure.key, failure.error) for failure in result.failed),
            ),
        )

    def close(self) -> None:
        """End everything and see that nothing went wrong unseen and that every scripted answer was fetched."""
        self.background.close()
        self.session.remove()
        assert self.reported == []
        assert self.shell.unasked == []
        assert self.app.activities.running == []
