"""The vault with GNOME Keyring itself, on a D-Bus of its own and in a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from persistence.canary import CANARY, disguises, holders

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("keyring_child.py")
QUICK = 10  # seconds

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <servicedir>{services}</servicedir>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""
BROKEN_SERVICE = "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/false\n"
PLAIN_BACKEND = """
from pathlib import Path
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 99
    def get_password(self, service, username):
        return Path(__file__).with_name("plain").read_text()
    def set_password(self, service, username, password):
        Path(__file__).with_name("plain").write_text(password)
"""


@dataclass(frozen=True)
class Session:
    """A home and a session bus; each ``run`` is a process of its own on a new bus in the same home."""

    home: Path

    def run(
        self, *steps: Sequence[str], bus: bool = True, patience: float = 20, env: dict[str, str] | None = None
    ) -> list[dict[str, Any]]:
        bus_config = self.home / "bus.conf"
        services = self.home / "services"
        services.mkdir(exist_ok=True)
        bus_config.write_text(BUS.format(folder=self.home / "run", services=services))
        command = [sys.executable, str(CHILD)]
        if bus:
            command = ["dbus-run-session", f"--config-file={bus_config}", "--", *command]
        done = subprocess.run(
            command,
            input=json.dumps({"patience": patience, "log": str(self.home / "daemon.log"), "steps": steps}).encode(),
            capture_output=True,
            env={**self._env(), **(env or {})},
            cwd=self.home,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert CANARY.encode() not in done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_DATA_HOME": str(self.home / ".local/share"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
        }


@pytest.fixture
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    missing = [tool for tool in ("dbus-run-session", "gnome-keyring-daemon") if not shutil.which(tool)]
    if missing:
        reason = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true" and sys.platform == "linux":
            pytest.fail(reason)
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("k")  # short: the path of a socket has a limit
    (home / "run").mkdir(mode=0o700)
    return Session(home)


def values(answers: Iterable[dict[str, Any]]) -> list[Any]:
    return [answer.get("error", answer.get("value")) for answer in answers]


@pytest.mark.parametrize("form", sorted(disguises(CANARY)))
def test_the_search_for_secrets_finds_every_disguise(tmp_path: Path, form: bytes) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"before " + form + b" after")
    assert holders(tmp_path, CANARY) == [tmp_path / "deep" / "file"]


def test_an_unlocked_keyring_keeps_replaces_and_deletes(session: Session) -> None:
    answers = session.run(
        ("start_unlocked",),
        ("status",),
        ("read", "one"),
        ("save", "one", CANARY),
        ("save", "two", "clé-π-🔑"),
        ("read", "one"),
        ("read", "two"),
        ("save", "one", CANARY + "-new"),
        ("read", "one"),
        ("delete", "two"),
        ("delete", "two"),
        ("read", "two"),
        ("entries",),
    )
    ready = ["ready", "GNOME Keyring / Secret Service"]
    entry = {"application": "Python keyring library", "service": "Cloud Temple Browser", "username": "one"}
    *got, (left,) = values(answers)
    assert got == [None, ready, None, None, None, CANARY, "clé-π-🔑", None, CANARY + "-new", None, None, None]
    assert left.items() >= entry.items()
    keyrings = list((session.home / ".local/share/keyrings").glob("*.keyring"))
    assert keyrings
    assert all(path.stat().st_mode & 0o077 == 0 for path in keyrings)
    assert holders(session.home, CANARY) == []


def test_a_secret_survives_the_session(session: Session) -> None:
    session.run(("start_unlocked",), ("save", "one", CANARY))
    assert values(session.run(("start_unlocked",), ("read", "one"))) == [None, CANARY]


def test_a_locked_keyring_says_so_quickly_and_keeps_nothing(session: Session) -> None:
    session.run(("start_unlocked",), ("save", "one", "earlier"))
    answers = session.run(("start_locked",), ("status",), ("save", "one", CANARY), ("read", "one"), ("delete", "one"))
    locked = ["locked", "GNOME Keyring / Secret Service"]
    assert values(answers) == [None, locked, "KEYRING_LOCKED", "KEYRING_LOCKED", "KEYRING_LOCKED"]
    assert all(answer["seconds"] < QUICK for answer in answers[1:])
    assert all(CANARY not in answer.get("text", "") for answer in answers)
    assert holders(session.home, CANARY) == []
    assert values(session.run(("start_unlocked",), ("read", "one"))) == [None, "earlier"]


def test_a_keyring_locked_meanwhile_says_so(session: Session) -> None:
    answers = session.run(("start_unlocked",), ("save", "one", CANARY), ("lock",), ("status",), ("read", "one"))
    assert values(answers)[3:] == [["locked", "GNOME Keyring / Secret Service"], "KEYRING_LOCKED"]


def test_a_first_keyring_whose_prompt_can_not_be_shown_counts_as_locked(session: Session) -> None:
    answers = session.run(("start_locked",), ("status",), ("save", "one", CANARY))
    assert values(answers)[1:] == [["locked", "GNOME Keyring / Secret Service"], "KEYRING_LOCKED"]
    assert holders(session.home, CANARY) == []


def test_an_ignored_prompt_does_not_hang_and_is_not_repeated(session: Session) -> None:
    session.run(("start_unlocked",), ("save", "one", "earlier"))
    answers = session.run(
        ("ignore_prompts",), ("start_locked",), ("save", "one", CANARY), ("read", "one"), ("status",), ("stop",), patience=3
    )
    _, _, save, read, status, _ = answers
    assert (save["error"], read["error"]) == ("KEYRING_LOCKED", "KEYRING_LOCKED")
    assert 3 <= save["seconds"] < QUICK
    assert read["seconds"] < 3  # it did not wait for another prompt
    assert status["value"][0] == "locked"
    assert holders(session.home, CANARY) == []
    assert values(session.run(("start_unlocked",), ("read", "one"))) == [None, "earlier"]


@pytest.mark.parametrize("bus", [True, False], ids=["a bus without a keyring", "no bus"])
def test_no_keyring(session: Session, bus: bool) -> None:
    answers = session.run(("status",), ("save", "one", CANARY), ("read", "one"), ("delete", "one"), bus=bus)
    assert values(answers) == [["absent", ""], "NO_KEYRING", "NO_KEYRING", "NO_KEYRING"]
    assert all(answer["seconds"] < QUICK for answer in answers)
    assert holders(session.home, CANARY) == []


def test_a_keyring_that_can_not_be_started_is_none(session: Session) -> None:
    services = session.home / "services"
    services.mkdir()
    (services / "org.freedesktop.secrets.service").write_text(BROKEN_SERVICE)
    answers = session.run(("status",), ("save", "one", CANARY))
    assert values(answers) == [["absent", ""], "NO_KEYRING"]
    assert holders(session.home, CANARY) == []


def test_a_keyring_that_starts_later_is_seen_and_one_that_ends_too(session: Session) -> None:
    answers = session.run(("status",), ("start_unlocked",), ("save", "one", CANARY), ("stop",), ("status",), ("read", "one"))
    assert values(answers) == [["absent", ""], None, None, None, ["absent", ""], "NO_KEYRING"]


@pytest.mark.parametrize("backend", ["evil_plain.Keyring", "keyring.backends.null.Keyring", "not.there.Keyring"])
@pytest.mark.parametrize("by", ["environment", "file"])
def test_no_one_else_chooses_the_backend(session: Session, backend: str, by: str) -> None:
    plugin = session.home / "plugin"
    info = plugin / "evil-1.dist-info"
    info.mkdir(parents=True)
    (plugin / "evil_plain.py").write_text(PLAIN_BACKEND)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[keyring.backends]\nevil = evil_plain\n")
    env = {"PYTHONPATH": f"{ROOT}{os.pathsep}{plugin}", "KEYRING_PROPERTY_SCHEME": "KeePassXC"}
    if by == "environment":
        env["PYTHON_KEYRING_BACKEND"] = backend
    else:
        config = session.home / ".config/python_keyring/keyringrc.cfg"
        config.parent.mkdir(parents=True)
        config.write_text(f"[backend]\ndefault-keyring={backend}\nkeyring-path={plugin}\n")

    *answers, modules = session.run(("save", "one", CANARY), ("status",), ("modules",), env=env)
    assert values(answers) == ["NO_KEYRING", ["absent", ""]]
    assert "keyring.backends.SecretService" in modules["value"]
    assert not {"evil_plain", "keyring.backends.null", "keyring.backends.chainer"} & set(modules["value"])

    answers = session.run(("start_unlocked",), ("save", "one", CANARY), ("read", "one"), ("entries",), env=env)
    assert values(answers)[:3] == [None, None, CANARY]
    assert answers[3]["value"][0]["username"] == "one"
    assert holders(session.home, CANARY) == []
