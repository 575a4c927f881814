"""A keyring in memory that can misbehave as real ones do."""

from __future__ import annotations

import threading
from collections.abc import Callable

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.persistence.credentials import OsKeyring

Entry = tuple[str, str]


class MemoryKeyring(KeyringBackend):
    """Entries in a dict. ``before_set`` may raise, wait, or change what is stored; ``open`` is cleared to hold all reads."""

    priority = 0

    def __init__(self) -> None:
        self.entries: dict[Entry, str] = {}
        self.before_set: Callable[[str, str], str] = lambda username, password: password
        self.open = threading.Event()
        self.open.set()
        self.reads = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.reads += 1
        self.open.wait()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = self.before_set(username, password)

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("No such password!")

    def found(self) -> OsKeyring:
        """The keyring as a vault wants it."""
        return OsKeyring(self, lambda: VaultStatus(VaultState.READY, "memory"))
