from __future__ import annotations

import platform
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError, PasswordDeleteError, PasswordSetError
from persistence.memory_keyring import MemoryKeyring

from cloudtemple_browser.app.ports import CredentialVault
from cloudtemple_browser.model.connections import SecretText
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.persistence import credentials
from cloudtemple_browser.persistence.credentials import SERVICE, WINDOWS_LIMIT, KeyringVault, OsKeyring

OLD, NEW = SecretText("old-secret"), SecretText("new-secret")
WAIT = 10  # seconds: far more than anything here takes


@pytest.fixture
def ring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def vault(ring: MemoryKeyring) -> CredentialVault:
    return KeyringVault(ring.found)


def raising(error: BaseException) -> Callable[[str, str], str]:
    def before_set(username: str, password: str) -> str:
        raise error

    return before_set


def kind_of(call: Callable[[], object]) -> ErrorKind:
    with pytest.raises(BrowserError) as caught:
        call()
    return caught.value.kind


def test_an_entry_is_the_service_and_the_id(vault: CredentialVault, ring: MemoryKeyring) -> None:
    vault.save("one", OLD)
    vault.save("two", NEW)
    assert ring.entries == {(SERVICE, "one"): "old-secret", (SERVICE, "two"): "new-secret"}
    assert (vault.read("one"), vault.read("two"), vault.read("three")) == (OLD, NEW, None)


def test_replacing_leaves_nothing_of_the_old_one(vault: CredentialVault, ring: MemoryKeyring) -> None:
    vault.save("one", OLD)
    vault.save("one", NEW)
    vault.save("one", NEW)
    assert ring.entries == {(SERVICE, "one"): "new-secret"}


def test_deleting_what_is_missing_is_no_error(vault: CredentialVault, ring: MemoryKeyring) -> None:
    vault.save("one", OLD)
    vault.delete("one")
    vault.delete("one")
    assert ring.entries == {}


def test_deleting_removes_equal_entries_too(
    vault: CredentialVault, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = {"one": 3}

    def delete_one(service: str, username: str) -> None:
        if not copies.get(username):
            raise PasswordDeleteError("No such password!")
        copies[username] -= 1

    monkeypatch.setattr(ring, "delete_password", delete_one)
    monkeypatch.setattr(ring, "get_password", lambda service, username: "secret" if copies.get(username) else None)
    vault.delete("one")
    assert copies == {"one": 0}


def test_a_delete_that_is_refused_is_told(vault: CredentialVault, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(service: str, username: str) -> None:
        raise PasswordDeleteError("not allowed")

    vault.save("one", OLD)
    monkeypatch.setattr(ring, "delete_password", refuse)
    with pytest.raises(BrowserError) as caught:
        vault.delete("one")
    assert (caught.value.kind, caught.value.facts.message) == (ErrorKind.KEYRING, "not allowed")


def test_a_keyring_that_keeps_nothing_is_found_out(vault: CredentialVault, ring: MemoryKeyring) -> None:
    ring.before_set = lambda username, password: ""
    with pytest.raises(BrowserError) as caught:
        vault.save("one", NEW)
    assert caught.value.kind is ErrorKind.KEYRING
    assert "did not keep the secret key" in str(explain(caught.value).why)
    assert ring.entries == {}


@pytest.mark.parametrize("way", ["refused", "garbled"])
def test_the_old_secret_stays_usable_when_the_new_one_is_not_kept(
    vault: CredentialVault, ring: MemoryKeyring, way: str
) -> None:
    def only_old(username: str, password: str) -> str:
        if password == NEW.reveal():
            if way == "refused":
                raise PasswordSetError("no room")
            return "garbage"
        return password

    vault.save("one", OLD)
    ring.before_set = only_old
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.KEYRING
    assert vault.read("one") == OLD
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.KEYRING  # and again, from that state
    assert vault.read("one") == OLD
    assert "new-secret" not in ring.entries.values()
    ring.before_set = lambda username, password: password
    vault.save("one", NEW)
    assert ring.entries == {(SERVICE, "one"): "new-secret"}


def test_deleting_after_a_refused_change_leaves_nothing(vault: CredentialVault, ring: MemoryKeyring) -> None:
    vault.save("one", OLD)
    ring.before_set = lambda username, password: password if password == OLD.reveal() else "garbage"
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.KEYRING
    vault.delete("one")
    assert (ring.entries, vault.read("one")) == ({}, None)


class SecretServiceNotAvailableException(Exception):
    """Named as secretstorage's own."""


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NoKeyringError("none"), ErrorKind.NO_KEYRING),
        (SecretServiceNotAvailableException("gone"), ErrorKind.NO_KEYRING),
        (caused(InitError("Failed to create"), SecretServiceNotAvailableException("gone")), ErrorKind.NO_KEYRING),
        (RuntimeError("[org.freedesktop.DBus.Error.Spawn.ChildExited] exited"), ErrorKind.NO_KEYRING),
        (KeyringLocked("Failed to unlock the collection!"), ErrorKind.KEYRING_LOCKED),
        (InitError("Prompt dismissed.."), ErrorKind.KEYRING_LOCKED),
        (PasswordSetError("Cancelled by user"), ErrorKind.KEYRING_LOCKED),
        (KeyringError("broken"), ErrorKind.KEYRING),
        (OSError(1783, "CredWrite", "The stub received bad data"), ErrorKind.KEYRING),
        (TimeoutError("of the backend itself"), ErrorKind.KEYRING),
    ],
)
def test_what_a_backend_raises_is_classified(
    vault: CredentialVault, ring: MemoryKeyring, error: Exception, kind: ErrorKind
) -> None:
    ring.before_set = raising(error)
    with pytest.raises(BrowserError) as caught:
        vault.save("one", NEW)
    assert caught.value.kind is kind
    assert caught.value.facts.message == str(error)
    assert caught.value.facts.code == type(error).__name__
    assert caught.value.facts.operation == "save the secret key"


@pytest.mark.parametrize(
    "error", [KeyringError("could not store new-secret"), UnicodeEncodeError("ascii", "new-secret", 0, 10, "ordinal")]
)
def test_no_error_shows_the_secret(vault: CredentialVault, ring: MemoryKeyring, error: Exception) -> None:
    ring.before_set = raising(error)
    with pytest.raises(BrowserError) as caught:
        vault.save("one", NEW)
    shown: BaseException | None = caught.value
    while shown is not None:
        assert "new-secret" not in f"{shown!r} {shown}"
        shown = shown.__cause__ or shown.__context__


def test_no_error_shows_a_letter_of_the_secret(vault: CredentialVault, ring: MemoryKeyring) -> None:
    error = UnicodeEncodeError("ascii", "new-secr\xe9t", 8, 9, "ordinal not in range")
    assert "xe9" in str(error)
    ring.before_set = raising(error)
    with pytest.raises(BrowserError) as caught:
        vault.save("one", SecretText("new-secr\xe9t"))
    assert (caught.value.facts.code, caught.value.facts.message) == ("UnicodeEncodeError", "")


def test_without_a_keyring_nothing_is_tried() -> None:
    vault = KeyringVault(lambda: None)
    assert vault.status() == VaultStatus(VaultState.ABSENT, "")
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.NO_KEYRING
    assert kind_of(lambda: vault.read("one")) is ErrorKind.NO_KEYRING
    assert kind_of(lambda: vault.delete("one")) is ErrorKind.NO_KEYRING


def test_the_keyring_is_looked_for_at_each_call(ring: MemoryKeyring) -> None:
    found: list[OsKeyring | None] = [None, ring.found(), None, ring.found()]
    vault = KeyringVault(lambda: found.pop(0))
    assert vault.status().state is VaultState.ABSENT
    assert vault.status() == VaultStatus(VaultState.READY, "memory")
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.NO_KEYRING
    vault.save("one", NEW)


@pytest.mark.parametrize(
    ("error", "state"),
    [(NoKeyringError("none"), VaultState.ABSENT), (KeyringError("dead"), VaultState.LOCKED)],
)
def test_a_keyring_that_can_not_be_asked(ring: MemoryKeyring, error: Exception, state: VaultState) -> None:
    def ask() -> VaultStatus:
        raise error

    assert KeyringVault(lambda: replace(ring.found(), status=ask)).status() == VaultStatus(state, "")


def test_a_prompt_without_an_answer_ends_the_call_and_blocks_others_quickly(ring: MemoryKeyring) -> None:
    vault = KeyringVault(ring.found, patience=0.05)
    written: list[str] = []

    def note(username: str, password: str) -> str:
        written.append(username)
        return password

    ring.before_set = note
    ring.open.clear()
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.KEYRING_LOCKED
    reads = ring.reads
    assert kind_of(lambda: vault.read("one")) is ErrorKind.KEYRING_LOCKED
    assert ring.reads == reads  # no second prompt

    ring.open.set()
    join_keyring_threads()
    assert written == []  # given up is given up, also when the answer comes late
    vault.save("one", NEW)
    assert written == ["one"]
    assert vault.read("one") == NEW


def test_a_keyring_that_answers_again_is_asked_again(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_GRACE", WAIT)
    vault = KeyringVault(ring.found, patience=0.5)
    vault.save("one", OLD)
    ring.open.clear()
    assert kind_of(lambda: vault.read("one")) is ErrorKind.KEYRING_LOCKED
    opens = threading.Timer(0.05, ring.open.set)
    opens.start()
    assert vault.read("one") == OLD
    opens.join()


def test_a_write_that_ends_too_late_is_undone(ring: MemoryKeyring) -> None:
    go_on = threading.Event()

    def late(username: str, password: str) -> str:
        if password == NEW.reveal():
            go_on.wait(WAIT)
        return password

    KeyringVault(ring.found).save("one", OLD)
    ring.before_set = late
    vault = KeyringVault(ring.found, patience=0.05)
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.KEYRING_LOCKED
    go_on.set()
    join_keyring_threads()
    assert KeyringVault(ring.found).read("one") == OLD


def test_a_second_call_waits_for_the_first_one(vault: CredentialVault, ring: MemoryKeyring) -> None:
    ring.entries[SERVICE, "one"] = OLD.reveal()
    ring.open.clear()
    got: list[SecretText | None] = []
    threads = [threading.Thread(target=lambda: got.append(vault.read("one"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    ring.open.set()
    for thread in threads:
        thread.join(WAIT)
    assert got == [OLD, OLD, OLD]


def test_a_status_that_hangs_is_not_waited_for(ring: MemoryKeyring) -> None:
    go_on = threading.Event()

    def hang() -> VaultStatus:
        go_on.wait(WAIT)
        return VaultStatus(VaultState.READY, "late")

    vault = KeyringVault(lambda: replace(ring.found(), status=hang), patience=0.05)
    assert vault.status() == VaultStatus(VaultState.LOCKED, "")
    go_on.set()
    join_keyring_threads()


def test_importing_the_module_imports_no_keyring() -> None:
    code = "import sys, cloudtemple_browser.persistence.credentials; print('keyring' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def join_keyring_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join(WAIT)
            assert not thread.is_alive()


class WindowsError(Exception):
    """What pywin32 raises; ``winerror`` 1168 is "not found"."""

    def __init__(self, winerror: int, funcname: str) -> None:
        super().__init__(winerror, funcname)
        self.winerror, self.funcname = winerror, funcname


class CredentialManager(ModuleType):
    """The calls of the Windows Credential Manager that keyring uses, over a dict by target name."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_LOCAL_MACHINE = 2
    CRED_PERSIST_ENTERPRISE = 3

    def __init__(self) -> None:
        super().__init__("win32cred")
        self.stored: dict[str, dict[str, Any]] = {}
        self.refused = ""

    def CredRead(self, Type: int, TargetName: str) -> dict[str, Any]:
        if TargetName not in self.stored:
            raise WindowsError(1168, "CredRead")
        return self.stored[TargetName]

    def CredWrite(self, credential: dict[str, Any], flags: int) -> None:
        if credential["CredentialBlob"] == self.refused:
            raise WindowsError(1312, "CredWrite")
        blob = credential["CredentialBlob"].encode("utf-16-le")
        self.stored[credential["TargetName"]] = {**credential, "CredentialBlob": blob}

    def CredDelete(self, Type: int, TargetName: str) -> None:
        if self.stored.pop(TargetName, None) is None:
            raise WindowsError(1168, "CredDelete")

    def secrets(self) -> list[tuple[str, str]]:
        return sorted((item["UserName"], item["CredentialBlob"].decode("utf-16-le")) for item in self.stored.values())


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[CredentialManager]:
    manager = CredentialManager()
    pywin32, types = ModuleType("win32ctypes.pywin32"), ModuleType("pywintypes")
    monkeypatch.setattr(types, "error", WindowsError, raising=False)
    monkeypatch.setattr(pywin32, "pywintypes", types, raising=False)
    monkeypatch.setattr(pywin32, "win32cred", manager, raising=False)
    monkeypatch.setitem(sys.modules, "win32ctypes", ModuleType("win32ctypes"))
    monkeypatch.setitem(sys.modules, "win32ctypes.pywin32", pywin32)
    monkeypatch.delitem(sys.modules, "keyring.backends.Windows", raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    yield manager
    sys.modules.pop("keyring.backends.Windows", None)  # it holds the fake


def test_windows_keeps_no_old_secret_and_does_not_roam(windows: CredentialManager) -> None:
    vault = KeyringVault()
    assert vault.status() == VaultStatus(VaultState.READY, "Windows Credential Manager")
    vault.save("one", OLD)
    vault.save("two", SecretText("two-secret"))
    vault.save("one", NEW)
    assert (vault.read("one"), vault.read("two")) == (NEW, SecretText("two-secret"))
    assert set(windows.secrets()) == {("one", "new-secret"), ("two", "two-secret")}
    assert {item["Persist"] for item in windows.stored.values()} == {windows.CRED_PERSIST_LOCAL_MACHINE}
    vault.delete("one")
    vault.delete("two")
    assert windows.stored == {}


def test_windows_keeps_the_old_secret_when_it_refuses_the_new_one(windows: CredentialManager) -> None:
    vault = KeyringVault()
    vault.save("one", OLD)
    windows.refused = NEW.reveal()
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.KEYRING
    assert vault.read("one") == OLD


def test_windows_limit_is_told_before_anything_is_written(windows: CredentialManager) -> None:
    vault = KeyringVault()
    vault.save("one", SecretText("x" * WINDOWS_LIMIT))
    with pytest.raises(BrowserError) as caught:
        vault.save("one", SecretText("x" * (WINDOWS_LIMIT - 1) + "🔑"))  # two UTF-16 units
    assert caught.value.kind is ErrorKind.KEYRING
    assert "at most 1280 characters, and this one has 1281" in str(explain(caught.value).why)
    assert windows.secrets() == [("one", "x" * WINDOWS_LIMIT)]


class Keychain(ModuleType):
    """keyring's calls to the macOS Keychain, over a dict; ``set_generic_password`` deletes before it adds, as the real one."""

    class Error(Exception):
        pass

    class NotFound(Error):
        pass

    class KeychainDenied(Error):
        pass

    def __init__(self) -> None:
        super().__init__("keyring.backends.macOS.api")
        self.stored: dict[tuple[str, str], str] = {}
        self.refused = ""
        self.denied = False

    def find_generic_password(self, name: None, service: str, username: str) -> str:
        if self.denied:
            raise self.KeychainDenied(-128, "Keychain Access Denied")
        if (service, username) not in self.stored:
            raise self.NotFound(-25300, "Item not found")
        return self.stored[service, username]

    def set_generic_password(self, name: None, service: str, username: str, password: str) -> None:
        self.stored.pop((service, username), None)
        if password == self.refused:
            raise self.Error(-67030, "Unknown Error")
        self.stored[service, username] = password

    def delete_generic_password(self, name: None, service: str, username: str) -> None:
        if self.stored.pop((service, username), None) is None:
            raise self.NotFound(-25300, "Item not found")


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keychain]:
    keychain = Keychain()
    monkeypatch.setitem(sys.modules, "keyring.backends.macOS.api", keychain)
    monkeypatch.delitem(sys.modules, "keyring.backends.macOS", raising=False)
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(sys, "platform", "darwin")
    yield keychain
    sys.modules.pop("keyring.backends.macOS", None)  # it holds the fake


def test_macos_keeps_the_old_secret_when_it_refuses_the_new_one(macos: Keychain) -> None:
    vault = KeyringVault()
    assert vault.status() == VaultStatus(VaultState.READY, "macOS Keychain")
    vault.save("one", OLD)
    macos.refused = NEW.reveal()
    assert kind_of(lambda: vault.save("one", NEW)) is ErrorKind.KEYRING
    assert vault.read("one") == OLD
    macos.refused = ""
    vault.save("one", NEW)
    assert macos.stored == {(SERVICE, "one"): "new-secret"}


def test_macos_denial_counts_as_locked(macos: Keychain) -> None:
    macos.denied = True
    assert kind_of(lambda: KeyringVault().read("one")) is ErrorKind.KEYRING_LOCKED
