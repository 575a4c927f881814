"""Runs steps against the keyring of its D-Bus session; both come as JSON on stdin (a secret is in no argument), answers go out.

Started by ``test_keyring_real`` below ``dbus-run-session``; it starts and ends GNOME Keyring itself, as a step.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from typing import IO, Any

from cloudtemple_browser.model.connections import SecretText
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.persistence.credentials import KeyringVault

PASSWORD = b"the keyring's own password"
READY_SECONDS = 20


class Steps:
    """What a test may ask for, one method per step. Answers are JSON."""

    def __init__(self, patience: float, log: IO[bytes], stack: ExitStack) -> None:
        self._vault = KeyringVault(patience=patience)
        self._log = log
        self._stack = stack
        self._daemon: subprocess.Popen[bytes] | None = None

    def start_unlocked(self) -> None:
        self._start("--unlock", PASSWORD)

    def start_locked(self) -> None:
        self._start("--start", b"")

    def stop(self) -> None:
        if self._daemon:
            self._daemon.terminate()
            self._daemon.wait(READY_SECONDS)
        self._daemon = None

    def ignore_prompts(self) -> None:
        """Take the place of the desktop's prompter and never answer, as a person who looks elsewhere."""
        import secretstorage
        from secretstorage.util import DBusAddressWrapper

        bus = self._stack.enter_context(closing(secretstorage.dbus_init()))
        daemon = DBusAddressWrapper("/org/freedesktop/DBus", "org.freedesktop.DBus", bus)
        daemon.bus_name = "org.freedesktop.DBus"
        daemon.call("RequestName", "su", "org.gnome.keyring.SystemPrompter", 0)

    def lock(self) -> None:
        import secretstorage

        with closing(secretstorage.dbus_init()) as bus:
            secretstorage.get_default_collection(bus).lock()

    def status(self) -> list[str]:
        found = self._vault.status()
        return [found.state.value, found.name]

    def save(self, connection_id: str, secret: str) -> None:
        self._vault.save(connection_id, SecretText(secret))

    def read(self, connection_id: str) -> str | None:
        found = self._vault.read(connection_id)
        return None if found is None else found.reveal()

    def delete(self, connection_id: str) -> None:
        self._vault.delete(connection_id)

    def entries(self) -> list[dict[str, str]]:
        """All entries of the default collection, as their attributes."""
        import secretstorage

        with closing(secretstorage.dbus_init()) as bus:
            return [item.get_attributes() for item in secretstorage.get_default_collection(bus).get_all_items()]

    def modules(self) -> list[str]:
        return sorted(sys.modules)

    def _start(self, how: str, password: bytes) -> None:
        import secretstorage

        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets", how]
        daemon = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self._log, stderr=self._log)
        self._daemon = daemon
        if daemon.stdin:
            daemon.stdin.write(password)
            daemon.stdin.close()
        deadline = time.monotonic() + READY_SECONDS
        with closing(secretstorage.dbus_init()) as bus:
            while not secretstorage.check_service_availability(bus):
                if daemon.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("GNOME Keyring did not start")
                time.sleep(0.02)  # between two looks


def main() -> None:
    task: dict[str, Any] = json.load(sys.stdin)
    with ExitStack() as stack:
        steps = Steps(task["patience"], stack.enter_context(open(task["log"], "ab")), stack)  # noqa: PTH123 - a path from JSON
        stack.callback(steps.stop)
        for name, *arguments in task["steps"]:
            begun = time.monotonic()
            answer: dict[str, Any] = {}
            try:
                answer["value"] = getattr(steps, name)(*arguments)
            except BrowserError as error:
                answer |= {"error": error.kind.name, "text": f"{error!r} {error}"}
            json.dump({**answer, "seconds": time.monotonic() - begun}, sys.stdout)
            sys.stdout.write("\n")


if __name__ == "__main__":
    main()
