"""What gets into the log, and who may read it."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from cloudtemple_browser.persistence import logs
from cloudtemple_browser.persistence.logs import FILE, start_log

OURS = logging.getLogger("cloudtemple_browser.anything")


@pytest.fixture
def log_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a log at DEBUG; all that it changes in this process is put back."""
    crashes: list[IO[str]] = []
    monkeypatch.setattr(faulthandler, "enable", crashes.append)
    for owner, name in ((threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    root = logging.getLogger()
    level, before = root.level, tuple(root.handlers)
    folder = tmp_path / "state"
    start_log(folder, "DEBUG")
    yield folder
    for one in set(root.handlers) - set(before):
        root.removeHandler(one)
        one.close()
    root.setLevel(level)
    for crash in crashes:
        crash.close()


def test_only_our_own_events_are_written_below_warning(log_at: Path) -> None:
    OURS.debug("ours at debug")
    for name in ("botocore.auth", "urllib3.connectionpool", "jeepney", "a.package.of.tomorrow", "cloudtemple_browser_evil"):
        foreign = logging.getLogger(name)
        before = foreign.level
        foreign.setLevel(logging.DEBUG)  # as boto3.set_stream_logger does
        foreign.debug("a secret of %s", name)
        foreign.info("a token of %s", name)
        foreign.warning("a warning of %s", name)
        foreign.setLevel(before)
    written = (log_at / FILE).read_text("utf-8")
    assert "ours at debug" in written
    assert written.count("a warning of") == 5
    assert "a secret of" not in written
    assert "a token of" not in written


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_every_file_is_for_this_user_only(log_at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (handler,) = (one for one in logging.getLogger().handlers if isinstance(one, logs._PrivateFile))
    handler.maxBytes = 200
    for number in range(20):
        OURS.info("event %d of many, which fill a file after another", number)
    modes = {path.name: path.stat().st_mode & 0o777 for path in log_at.iterdir()}
    assert len(modes) == 5
    assert set(modes.values()) == {0o600}


def test_an_event_is_one_line(log_at: Path) -> None:
    OURS.warning("a name: %s", "x\r\n2026-01-01 00:00:00,000 ERROR forged")
    lines = (log_at / FILE).read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert r"x\r\n2026" in lines[0]


@pytest.mark.parametrize("steers", ["\x1b[2J", "\x07", "\x9b2J", "\u202e", "\u2066", "\u061c", "\u2028", "\ud800"], ids=ascii)
def test_who_reads_the_log_in_a_terminal_is_not_steered(log_at: Path, steers: str) -> None:
    OURS.warning("a name: %s", f"a{steers}b")
    try:
        raise LookupError(f"a{steers}b")
    except LookupError:
        OURS.exception("it failed")
    written = (log_at / FILE).read_text("utf-8")
    assert steers[0] not in written
    assert written.count(f"a{steers.encode('unicode_escape').decode()}b") == 2


def test_a_traceback_shows_no_values(log_at: Path) -> None:
    held = "the-secret-in-a-variable"
    try:
        raise LookupError(len(held))
    except LookupError:
        OURS.exception("it failed")
    written = (log_at / FILE).read_text("utf-8")
    assert "LookupError" in written
    assert held not in written
