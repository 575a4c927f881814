"""The vault, with a word in the window while it keeps the user waiting: the keyring's own question may be behind the window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cloudtemple_browser.app.activities import Activity
from cloudtemple_browser.app.ports import CredentialVault
from cloudtemple_browser.model.connections import SecretText
from cloudtemple_browser.model.vault import VaultStatus

_UNNOTICED = 0.7  # seconds: an open keyring answers in less


class PatientVault:
    """A ``CredentialVault``. Its calls belong to worker threads; ``start`` makes the activity to show, in the loop's thread."""

    def __init__(self, vault: CredentialVault, loop: asyncio.AbstractEventLoop, start: Callable[[], Activity]) -> None:
        self._vault, self._loop, self._start = vault, loop, start
        self._waiting = 0
        self._due: asyncio.TimerHandle | None = None
        self._shown: Activity | None = None

    def status(self) -> VaultStatus:
        return self._vault.status()

    def save(self, connection_id: str, secret: SecretText) -> None:
        with self._wait():
            self._vault.save(connection_id, secret)

    def read(self, connection_id: str) -> SecretText | None:
        with self._wait():
            return self._vault.read(connection_id)

    def delete(self, connection_id: str) -> None:
        with self._wait():
            self._vault.delete(connection_id)

    @contextmanager
    def _wait(self) -> Iterator[None]:
        self._post(self._begun)
        try:
            yield
        finally:
            self._post(self._ended)

    def _post(self, what: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:
            return  # the loop is closed: the program ends

    def _begun(self) -> None:
        self._waiting += 1
        if self._waiting == 1:
            self._due = self._loop.call_later(_UNNOTICED, self._show)

    def _show(self) -> None:
        self._shown = self._start()
        self._shown.__enter__()

    def _ended(self) -> None:
        self._waiting -= 1
        if self._waiting:
            return
        if self._due:
            self._due.cancel()
        if self._shown:
            self._shown.__exit__()
        self._due = self._shown = None
