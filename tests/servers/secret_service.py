"""A Secret Service on a D-Bus of its own, in threads of the test: it answers as GNOME Keyring does, or misbehaves when told.

``with PrivateBus() as bus, SecretService(bus.address) as keyring:`` gives a program whose ``DBUS_SESSION_BUS_ADDRESS`` is
``bus.address`` an unlocked keyring. Linux only: jeepney and secretstorage come with keyring there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from servers.process import Processes

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""
NAME = "org.freedesktop.secrets"
PREFIX = "org.freedesktop.Secret."
ROOT = "/org/freedesktop/secrets"
COLLECTION = f"{ROOT}/aliases/default"
DENIED = "org.freedesktop.DBus.Error.AccessDenied"


def need_dbus() -> None:
    """Skip where there is no D-Bus; in CI on Linux there must be one."""
    if sys.platform != "linux":
        pytest.skip("the Secret Service is a thing of Linux")
    if not shutil.which("dbus-daemon"):
        if os.environ.get("CI") == "true":
            pytest.fail("not installed: dbus-daemon")
        pytest.skip("not installed: dbus-daemon")


class PrivateBus:
    """A D-Bus daemon with nothing on it, for as long as the context lasts."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="bus"))  # short: the path of a socket has a limit
        self._processes = Processes(self._folder / "daemon.log")
        self.address = f"unix:path={self._folder / 'socket'}"

    def __enter__(self) -> Self:
        config = self._folder / "bus.conf"
        config.write_text(CONFIG.format(socket=self._folder / "socket"))
        self._processes.spawn(["dbus-daemon", f"--config-file={config}", "--nofork"], {"PATH": os.environ["PATH"]})
        self._processes.wait_ready(self._answers)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._processes.stop()
        shutil.rmtree(self._folder)

    def _answers(self) -> bool:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as one:
            return one.connect_ex(str(self._folder / "socket")) == 0


class Refused(Exception):
    """An error answer of D-Bus: its name, then its text."""


class SecretService:
    """The daemon. Its state may be read and changed at any time; entries survive a restart (``stop``, ``start``).

    ``locked`` asks before it answers; then ``prompt`` is what the person does: "unlock", "dismiss", or "ignore" until
    ``answer_prompts``. ``denied`` is from which time on a call is refused: {"CreateItem": 1} always. ``dies_at`` names the call
    at which the daemon ends without an answer. While ``going`` is cleared it answers nothing at all.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.locked = False
        self.prompt = "unlock"
        self.denied: dict[str, int] = {}
        self.dies_at = ""
        self.going = threading.Event()
        self.going.set()
        self.entries: dict[str, tuple[dict[str, str], bytes]] = {}
        """The secrets by path, with their attributes."""
        self._sessions: dict[str, Any] = {}
        self._asked: dict[str, tuple[str, list[str]]] = {}
        self._bus: Any = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def secrets(self) -> dict[str, str]:
        """The secrets by user name: what a program finds that asks for all of this service."""
        return {attributes["username"]: secret.decode() for attributes, secret in self.entries.values()}

    def start(self) -> None:
        """Begin to answer."""
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import open_dbus_connection

        self._bus = open_dbus_connection(self.address)
        self._bus.send_and_get_reply(message_bus.RequestName(NAME))
        self._thread = threading.Thread(target=self._serve, args=(self._bus,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, as a daemon that is killed: nobody gets an answer, and its questions go from the screen."""
        self.going.set()
        self._asked.clear()
        with contextlib.suppress(OSError):
            self._bus.sock.shutdown(socket.SHUT_RDWR)
        if self._thread:
            self._thread.join(10)

    def answer_prompts(self, *, dismissed: bool) -> None:
        """The person answers the questions that are open."""
        for path in tuple(self._asked):
            self._complete(path, dismissed=dismissed)

    def asked(self) -> int:
        """How many questions are open."""
        return len(self._asked)

    def _serve(self, bus: Any) -> None:
        from jeepney import HeaderFields, MessageType

        with contextlib.closing(bus):
            while True:
                try:
                    message = bus.receive()
                except OSError:
                    return
                if message.header.message_type is not MessageType.method_call:
                    continue
                member = message.header.fields[HeaderFields.member]
                self.going.wait()
                if member == self.dies_at:
                    return
                try:
                    self._reply(bus, message, member)
                except OSError:  # ``stop`` was quicker
                    return

    def _reply(self, bus: Any, message: Any, member: str) -> None:
        from jeepney import HeaderFields, new_error, new_method_return

        path, sender = (message.header.fields.get(field) for field in (HeaderFields.path, HeaderFields.sender))
        handle: Callable[..., tuple[str, tuple[Any, ...]]] | None = getattr(self, f"_do_{member}", None)
        try:
            if self._denies(member):
                raise Refused(DENIED, "the keyring does not allow this")
            if handle is None:
                raise Refused("org.freedesktop.DBus.Error.UnknownMethod", member)
            signature, body = handle(path, sender, *message.body)
            bus.send_message(new_method_return(message, signature, body))
        except Refused as error:
            bus.send_message(new_error(message, error.args[0], "s", (error.args[1],)))
        if member == "Prompt" and self.prompt != "ignore":
            self._complete(path, dismissed=self.prompt == "dismiss")

    def _denies(self, member: str) -> bool:
        if member not in self.denied:
            return False
        self.denied[member] -= 1
        return self.denied[member] < 1

    def _complete(self, path: str, *, dismissed: bool) -> None:
        from jeepney import DBusAddress, HeaderFields, new_signal

        question = self._asked.pop(path, None)
        if question is None:  # ``stop`` was quicker
            return
        sender, unlocked = question
        self.locked = self.locked and dismissed
        emitter = DBusAddress(path, interface=f"{PREFIX}Prompt")
        done = new_signal(emitter, "Completed", "bv", (dismissed, ("ao", [] if dismissed else unlocked)))
        done.header.fields[HeaderFields.destination] = sender
        self._bus.send_message(done)

    # ------------------------------------------------------------------------------------------------ the interfaces

    def _do_Get(self, path: str, _sender: str, _interface: str, name: str) -> tuple[str, tuple[Any, ...]]:
        if path != COLLECTION and path not in self.entries:
            raise Refused("org.freedesktop.DBus.Error.UnknownObject", path)
        return "v", (("b", self.locked) if name == "Locked" else ("s", "a label"),)

    def _do_OpenSession(self, _path: str, _sender: str, algorithm: str, given: Any) -> tuple[str, tuple[Any, ...]]:
        from secretstorage.dhcrypto import Session

        if not algorithm.startswith("dh-"):
            raise Refused("org.freedesktop.DBus.Error.NotSupported", algorithm)
        session = Session()
        session.object_path = f"{ROOT}/session/s{secrets.token_hex(4)}"
        session.set_server_public_key(int.from_bytes(given[1], "big"))
        self._sessions[session.object_path] = session
        return "vo", (("ay", session.my_public_key.to_bytes(128, "big")), session.object_path)

    def _do_Unlock(self, _path: str, sender: str, paths: list[str]) -> tuple[str, tuple[Any, ...]]:
        if not self.locked:
            return "aoo", (paths, "/")
        prompt = f"{ROOT}/prompt/p{secrets.token_hex(4)}"
        self._asked[prompt] = (sender, paths)
        return "aoo", ([], prompt)

    def _do_Prompt(self, path: str, _sender: str, _window: str) -> tuple[str, tuple[Any, ...]]:
        if path not in self._asked:
            raise Refused("org.freedesktop.DBus.Error.UnknownObject", path)
        return "", ()

    def _do_SearchItems(self, _path: str, _sender: str, wanted: dict[str, str]) -> tuple[str, tuple[Any, ...]]:
        found = [path for path, (attributes, _) in self.entries.items() if attributes.items() >= wanted.items()]
        return "ao", (found,)

    def _do_CreateItem(
        self, _path: str, _sender: str, properties: dict[str, Any], given: Any, replace: bool
    ) -> tuple[str, tuple[Any, ...]]:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        _, attributes = properties[f"{PREFIX}Item.Attributes"]
        same = [path for path, (earlier, _) in self.entries.items() if earlier == attributes] if replace else []
        path = same[0] if same else f"{ROOT}/collection/login/i{secrets.token_hex(4)}"
        session, iv, secret, _kind = given
        decryptor = Cipher(algorithms.AES(self._sessions[session].aes_key), modes.CBC(bytes(iv))).decryptor()
        padded = decryptor.update(bytes(secret)) + decryptor.finalize()
        self.entries[path] = (dict(attributes), padded[: -padded[-1]])
        return "oo", (path, "/")

    def _do_GetSecret(self, path: str, _sender: str, session: str) -> tuple[str, tuple[Any, ...]]:
        from secretstorage.util import format_secret

        return "(oayays)", (format_secret(self._sessions[session], self.entries[path][1], "text/plain"),)

    def _do_Delete(self, path: str, _sender: str) -> tuple[str, tuple[Any, ...]]:
        del self.entries[path]
        return "o", ("/",)
