"""Secret keys, in the keyring of the operating system and nowhere else. The only module that knows the ``keyring`` package.

That package picks its backend by an environment variable, a configuration file and installed plug-ins, any of which may name
one that stores plain text or nothing at all. Here the backend comes from a short list and is made by ourselves. It is imported
inside functions: the import takes a quarter of a second, which the start of the program does not have.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cloudtemple_browser.model.connections import SecretText
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.vault import VaultState, VaultStatus

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection
    from keyring.backend import KeyringBackend

_T = TypeVar("_T")

LOG = logging.getLogger(__name__)
SERVICE = "Cloud Temple Browser"
WINDOWS_LIMIT = 1280
"""UTF-16 units per secret: https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentiala (2,560 bytes)."""
PROMPT_SECONDS = 120.0
STATUS_SECONDS = 10.0
_GRACE = 0.5  # seconds that a call waits for one that was left behind

_PROPERTY = "KEYRING_PROPERTY_"
_KEPT = ".earlier"  # the entry that holds the earlier secret while it is being replaced
_COPIES = 4  # some keyrings remove one of several equal entries at a time
_DAEMONS = {
    "gnome-keyring-d": "GNOME Keyring",
    "kwalletd5": "KWallet",
    "kwalletd6": "KWallet",
    "ksecretd": "KWallet",
    "keepassxc": "KeePassXC",
    "oo7-daemon": "oo7",
}
"""Processes (as Linux cuts their names) that offer the Secret Service, by the name that their users know."""

_ABSENT = frozenset({"NoKeyringError", "SecretServiceNotAvailableException"})
_LOCKED = frozenset({"KeyringLocked", "InitError", "LockedException", "PromptDismissedException"})
"""Classes of keyring and of secretstorage, which is not there on every platform: hence by name."""


@dataclass(frozen=True, slots=True)
class OsKeyring:
    """A keyring that may be used. ``status`` asks it without a prompt; ``limit`` is its longest secret in UTF-16 units."""

    backend: KeyringBackend
    status: Callable[[], VaultStatus]
    limit: int | None = None


class KeyringVault:
    """One entry per connection, under the service "Cloud Temple Browser" and the connection's id as user name.

    Calls block, possibly while the keyring's own prompt waits for a person; any thread but the window's. One call is made at a
    time, so that prompts do not stack. A call without an answer within ``patience`` seconds raises KEYRING_LOCKED and is left
    behind: until it ends, others raise KEYRING_LOCKED soon, and the secret that it was to save is not kept any more.
    The keyring is detected anew at every call, since it may start or end meanwhile. Nothing is cached.
    """

    def __init__(self, find: Callable[[], OsKeyring | None] | None = None, patience: float = PROMPT_SECONDS) -> None:
        self._find = find or find_keyring
        self._patience = patience
        self._turn = threading.Lock()
        self._left_behind: Future[Any] | None = None

    def status(self) -> VaultStatus:
        """Which keyring there is now, found without a prompt.

        LOCKED also when a first use will ask for a new keyring's password, or when there is no answer within 10 s. A keyring
        that cannot say whether it is locked (all but the Secret Service) counts as READY. Raises nothing.
        """
        call = _in_thread(self._status)
        if not wait([call], min(self._patience, STATUS_SECONDS)).done:
            return VaultStatus(VaultState.LOCKED, "")
        if (error := call.exception()) is None:
            return call.result()
        failure = _failure_of(error, "status")
        LOG.warning("The keyring cannot be asked: %s", failure)
        return VaultStatus(VaultState.ABSENT if failure.kind is ErrorKind.NO_KEYRING else VaultState.LOCKED, "")

    def save(self, connection_id: str, secret: SecretText) -> None:
        """Write the secret and read it back. An earlier one stays readable until the new one is proven.

        Raises:
            BrowserError: NO_KEYRING, KEYRING_LOCKED or KEYRING; then the new secret was not kept, and the earlier one was.
        """
        value = secret.reveal()

        def save(keyring: OsKeyring, given_up: threading.Event) -> None:
            _check_length(value, keyring.limit)
            _replace(keyring.backend, connection_id, value, given_up)

        self._call("save the secret key", save, value)

    def read(self, connection_id: str) -> SecretText | None:
        """The secret, or None when there is none.

        Raises:
            BrowserError: NO_KEYRING, KEYRING_LOCKED or KEYRING.
        """

        def read(keyring: OsKeyring, _: threading.Event) -> str | None:
            found = keyring.backend.get_password(SERVICE, connection_id)
            return keyring.backend.get_password(SERVICE, connection_id + _KEPT) if found is None else found

        value = self._call("read the secret key", read)
        return None if value is None else SecretText(value)

    def delete(self, connection_id: str) -> None:
        """Remove the entry, and make sure that it is gone; a missing one is no error.

        Raises:
            BrowserError: NO_KEYRING, KEYRING_LOCKED or KEYRING.
        """

        def delete(keyring: OsKeyring, _: threading.Event) -> None:
            _remove(keyring.backend, connection_id + _KEPT)
            _remove(keyring.backend, connection_id)

        self._call("delete the secret key", delete)

    def _status(self) -> VaultStatus:
        keyring = self._find()
        return VaultStatus(VaultState.ABSENT, "") if keyring is None else keyring.status()

    def _call(self, operation: str, work: Callable[[OsKeyring, threading.Event], _T], secret: str = "") -> _T:
        given_up = threading.Event()

        def answer() -> _T:
            keyring = self._find()
            if keyring is None:
                raise BrowserError(ErrorKind.NO_KEYRING)
            return work(keyring, given_up)

        with self._turn:
            # A keyring that has just been unlocked may still be answering the call before: then trying again is no mistake.
            if self._left_behind is not None and not wait([self._left_behind], _GRACE).done:
                message = "An earlier question of the keyring is still open."
                raise _failure(ErrorKind.KEYRING_LOCKED, operation, message, "Timeout")
            call = _in_thread(answer)
            if not wait([call], self._patience).done:
                given_up.set()
                self._left_behind = call
                raise _failure(ErrorKind.KEYRING_LOCKED, operation, f"No answer within {self._patience:g} s.", "Timeout")
        if (error := call.exception()) is not None:
            raise _failure_of(error, operation, secret)
        return call.result()


def find_keyring() -> OsKeyring | None:
    """The keyring of this platform and session, from a short list, with default properties; None when none works. No prompt."""
    allowed = _allowed()
    viable = [kind for kind in allowed if kind.viable]
    if not viable:
        return None
    kind = max(viable, key=lambda kind: kind.priority)
    backend = kind()
    for name in os.environ:  # keyring lets KEYRING_PROPERTY_… choose another collection or another way to find entries
        if name.startswith(_PROPERTY):
            vars(backend).pop(name.removeprefix(_PROPERTY).lower(), None)
    limit = None
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring

        limit = WINDOWS_LIMIT
        if isinstance(backend, WinVaultKeyring):
            backend.persist = "local machine"  # the default roams with the user's profile through a company's network
    return OsKeyring(backend, allowed[kind], limit)


def _allowed() -> Mapping[type[KeyringBackend], Callable[[], VaultStatus]]:
    """The backends that may ever hold a secret, each with what tells its status."""
    allowed: dict[type[KeyringBackend], Callable[[], VaultStatus]]
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring

        allowed = {WinVaultKeyring: lambda: VaultStatus(VaultState.READY, "Windows Credential Manager")}
    elif sys.platform == "darwin":
        from keyring.backends.macOS import Keyring

        allowed = {Keyring: lambda: VaultStatus(VaultState.READY, "macOS Keychain")}
    else:
        from keyring.backends import kwallet, libsecret

        allowed = {
            _secret_service(): _secret_service_status,
            libsecret.Keyring: lambda: VaultStatus(VaultState.READY, "libsecret"),
            kwallet.DBusKeyring: lambda: VaultStatus(VaultState.READY, "KWallet"),
        }
    return allowed


@cache
def _secret_service() -> type[KeyringBackend]:
    """The Secret Service backend of keyring, but for a question whose keyring ends before it is answered.

    secretstorage waits for the end of a prompt without a limit, and for nothing else: the call would never return, and would
    stand in the way of every other one although the keyring is back.
    """
    import secretstorage
    from keyring.backends import SecretService
    from keyring.errors import InitError, KeyringLocked

    class WatchedKeyring(SecretService.Keyring):
        def get_preferred_collection(self) -> secretstorage.Collection:
            with ExitStack() as on_failure:
                bus = on_failure.enter_context(closing(_watched(secretstorage.dbus_init())))
                try:
                    collection = secretstorage.get_default_collection(bus)
                except secretstorage.SecretStorageException as error:
                    raise InitError(f"Failed to create the collection: {error}.") from error
                if collection.is_locked():
                    collection.unlock()
                    if collection.is_locked():
                        raise KeyringLocked("Failed to unlock the collection!")
                on_failure.pop_all()  # the caller closes it
                return collection

    return WatchedKeyring


def _watched(bus: DBusConnection) -> DBusConnection:
    """The connection, on which waiting ends with an error when the program that offers the Secret Service ends."""
    import secretstorage
    from jeepney import MatchRule, Message
    from jeepney.bus_messages import message_bus
    from secretstorage.util import BUS_NAME, DBusAddressWrapper

    rule = MatchRule(type="signal", sender=message_bus.bus_name, interface=message_bus.interface, member="NameOwnerChanged")
    rule.add_arg_condition(0, BUS_NAME)
    daemon = DBusAddressWrapper(message_bus.object_path, message_bus.interface, bus)
    daemon.bus_name = message_bus.bus_name
    daemon.call("AddMatch", "s", rule.serialise())
    receive = bus.receive

    def receive_unless_it_ended(*, timeout: float | None = None) -> Message:
        message = receive(timeout=timeout)
        if rule.matches(message):
            _, before, _ = message.body
            if before:  # else it has just been started
                raise secretstorage.SecretServiceNotAvailableException("The keyring ended.")
        return message

    bus.receive = receive_unless_it_ended
    return bus


def _secret_service_status() -> VaultStatus:
    import secretstorage  # a part of keyring where there is D-Bus
    from secretstorage.util import BUS_NAME, DBusAddressWrapper

    with closing(secretstorage.dbus_init()) as bus:
        try:
            locked = secretstorage.Collection(bus).is_locked()
        except secretstorage.ItemNotFoundException:  # no keyring yet: the first use asks for its password
            locked = True
        daemon = DBusAddressWrapper("/org/freedesktop/DBus", "org.freedesktop.DBus", bus)
        daemon.bus_name = "org.freedesktop.DBus"
        (process,) = daemon.call("GetConnectionUnixProcessID", "s", BUS_NAME)
    return VaultStatus(VaultState.LOCKED if locked else VaultState.READY, _secret_service_name(process))


def _secret_service_name(process: int) -> str:
    """Which program offers the Secret Service: the interface itself does not tell."""
    with suppress(OSError):  # a sandbox does not show the processes outside
        command = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
        if command in _DAEMONS:
            return f"{_DAEMONS[command]} / Secret Service"
    return "Secret Service"


def _check_length(secret: str, limit: int | None) -> None:
    length = len(secret.encode("utf-16-le", "surrogatepass")) // 2
    if limit is not None and length > limit:
        raise _refused(
            translate("credentials", "It keeps secrets of at most {limit} characters, and this one has {length}.")(
                limit=limit, length=length
            )
        )


def _replace(keyring: KeyringBackend, user: str, secret: str, given_up: threading.Event) -> None:
    """Put ``secret`` in the place of an earlier one, which stays in an entry of its own until the new one is proven.

    macOS deletes before it adds, so that a refused write would lose both; Windows keeps a copy of what it replaces.
    """
    current = keyring.get_password(SERVICE, user)  # a prompt comes here, before anything is written
    if given_up.is_set():
        return
    if current != secret:
        if current is not None:
            _write(keyring, user + _KEPT, current)
            _remove(keyring, user)
        proven = False
        try:
            _write(keyring, user, secret)
            proven = not given_up.is_set()
        finally:
            if not proven:
                _remove(keyring, user)  # ``read`` finds the earlier one again
        if not proven:
            return
    _remove(keyring, user + _KEPT)


def _write(keyring: KeyringBackend, user: str, secret: str) -> None:
    keyring.set_password(SERVICE, user, secret)
    if keyring.get_password(SERVICE, user) != secret:
        raise _refused(translate("credentials", "It did not keep the secret key as it was given."))


def _remove(keyring: KeyringBackend, user: str) -> None:
    from keyring.errors import PasswordDeleteError

    refusal: Exception = PasswordDeleteError("The entry is still there.")
    for _ in range(_COPIES):
        try:
            keyring.delete_password(SERVICE, user)
        except PasswordDeleteError as error:  # missing, or refused: reading tells which
            refusal = error
        if keyring.get_password(SERVICE, user) is None:
            return
    raise refusal


def _in_thread(work: Callable[[], _T]) -> Future[_T]:
    """Run ``work`` in a thread that does not keep the program alive: a prompt that nobody answers may never return."""
    future: Future[_T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised by who waits for the future
            future.set_exception(error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return future


def _failure(kind: ErrorKind, operation: str, message: str, code: str = "") -> BrowserError:
    return BrowserError(kind, ErrorFacts(operation=operation, message=message, code=code, when=time.time()))


def _refused(why: Text) -> BrowserError:
    return BrowserError(ErrorKind.KEYRING, ErrorFacts(message=str(why), when=time.time()), (("message", why),))


def _failure_of(error: BaseException, operation: str, secret: str = "") -> BrowserError:
    """What a backend raised, which may be anything: its own errors, those of D-Bus, of GLib or of the system."""
    if isinstance(error, BrowserError):
        return error.about(operation=operation, when=time.time())
    names = {kind.__name__ for link in _chain(error) for kind in type(link).__mro__}
    # An error of text encoding quotes a piece of the text, which may be the secret.
    message = "" if isinstance(error, UnicodeError) else str(error)
    if secret:
        message = message.replace(secret, "***")
    if names & _ABSENT or "org.freedesktop.DBus.Error.Spawn" in message:
        kind = ErrorKind.NO_KEYRING
    elif names & _LOCKED or message == "Cancelled by user":  # KWallet's words for a dismissed prompt
        kind = ErrorKind.KEYRING_LOCKED
    else:
        kind = ErrorKind.KEYRING
    return _failure(kind, operation, message, type(error).__name__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__
