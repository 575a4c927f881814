"""The program itself: its own failures are told and survived, and it keeps no secret where it does not belong."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from journeys.conftest import Place
from journeys.desk import Desk
from keyring.errors import PasswordSetError
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from servers.raw import RawServer, s3_error

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands import go


async def test_an_error_of_the_program_is_told_and_survived(
    desk: Desk, modern: Place, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modern.put_all({"a.txt": b"a"})
    await desk.start(hooks=True)
    await desk.connect("Lab", modern.endpoint, modern.user.access_key, modern.user.secret_key, bucket=modern.bucket)
    await desk.listed("a.txt")

    def broken_slot() -> None:
        raise ZeroDivisionError("in a slot")

    timer = QTimer(desk.window, singleShot=True)
    timer.timeout.connect(broken_slot)
    timer.start(0)
    await _report(desk, "ZeroDivisionError: in a slot", "broken_slot")

    async def broken_work() -> None:
        raise LookupError("in a coroutine")

    desk.parts.app.background.spawn(broken_work())
    await _report(desk, "LookupError: in a coroutine", "broken_work")

    # A command whose own code is at fault: here the one behind F5, as the keys reach it.
    def broken_refresh(_app: Application) -> None:
        raise KeyError("missing")

    with monkeypatch.context() as patch:
        patch.setattr(Application, "refresh", broken_refresh)
        await desk.keys("F5")
        await _report(desk, "KeyError: 'missing'", go.refresh.__name__)
    await desk.keys("F5")
    await desk.listed("a.txt")
    check_log(log_file, "ZeroDivisionError: in a slot", "LookupError: in a coroutine", "KeyError: 'missing'")
    desk.unhandled.clear()
    await desk.stop()


def check_log(log_file: Path, *words: str) -> None:
    """Each of these is told once, in a file of the user's own."""
    written = log_file.read_text("utf-8")
    assert [written.count(one) for one in words] == [1] * len(words)
    assert log_file.stat().st_mode & 0o077 == 0


async def _report(desk: Desk, words: str, where: str) -> None:
    dialog = await desk.dialog("Error in the program")
    text = desk.find(QPlainTextEdit, "text-to-copy", dialog).toPlainText()
    assert words in text
    assert where in text
    assert str(desk.profile) in " ".join(desk.words(dialog))
    button = next(one for one in dialog.findChildren(QAbstractButton) if one.text() == "Copy report")
    await desk.click(button)
    assert desk.clipboard() == text
    await desk.keys("Return")
    await desk.gone(dialog)
    assert desk.window.isVisible()


def check_files(profile: Path, canary: str, access_key: str) -> None:
    """No file has the secret, only the list of connections has the access key, and nobody else may read any."""
    files = {path.name: path for path in profile.rglob("*") if path.is_file()}
    journal = {name for name in files if name.startswith("transfers.")}  # SQLite keeps companions beside it at times
    assert {"transfers.lock", "transfers.sqlite3"} <= journal
    assert files.keys() - journal == {"connections.json", "settings.json", "cloudtemple-browser.log", "crash.log"}
    for name, path in files.items():
        assert canary.encode() not in path.read_bytes(), name
        assert (access_key.encode() in path.read_bytes()) is (name == "connections.json"), name
        assert path.stat().st_mode & 0o077 == 0, name


@pytest.mark.usefixtures("log_file")
async def test_no_secret_is_kept_anywhere_but_in_the_keyring(desk: Desk, strict: Place, tmp_path: Path) -> None:
    strict.put_all({"a.txt": b"a", "b.txt": b"b"})
    user = strict.user
    await desk.start(hooks=True)
    await desk.connect("Lab", strict.endpoint, user.access_key, user.secret_key)
    await desk.until(lambda: strict.bucket in desk.names(), "the buckets are listed")
    await desk.enter(strict.bucket)
    await desk.listed("a.txt", "b.txt")
    await desk.select("a.txt")
    await desk.menu("share.presign")
    await desk.answer("Copy pre-signed URL")
    await desk.notice("Pre-signed URL copied")
    signature = parse_qs(urlsplit(desk.clipboard()).query)["X-Amz-Signature"][0]
    target = tmp_path / "got"
    target.mkdir()
    await desk.menu("object.download")
    await desk.choose_path(target)
    await desk.notice("1 object downloaded")
    await desk.keys("Delete", target=desk.window.work.objects)
    await desk.answer("Delete")
    await desk.notice("1 object deleted")
    # Failures are the talkative moments: a wrong secret, a refusal, a bug of our own.
    wrong = "WRONGSECRETwrongsecret0123456789"
    details = await _fail(desk, wrong)

    def broken_slot() -> None:
        held = [user.secret_key, wrong]  # values of variables are in no report
        raise RuntimeError(f"{len(held)} secrets")

    QTimer.singleShot(0, broken_slot)
    dialog = await desk.dialog("Error in the program")
    report = desk.find(QPlainTextEdit, "text-to-copy", dialog).toPlainText()
    await desk.keys("Return")
    await desk.gone(dialog)
    desk.unhandled.clear()
    await desk.stop()
    for canary in (user.secret_key, wrong, signature, "refused-secret-0123456789"):
        assert canary not in details + report
        check_files(desk.profile, canary, user.access_key)
    assert wrong in desk.keyring.entries.values()


async def _fail(desk: Desk, wrong: str) -> str:
    await desk.menu("connection.edit")
    await desk.fill_form("Edit connection", "test", secret=wrong)
    dialog = await desk.dialog("Edit connection")
    await desk.until(lambda: any("The secret key is wrong" in words for words in desk.words(dialog)), "the test says so")
    await desk.press("save", dialog)
    await desk.gone(dialog)
    await desk.place("failed")
    await desk.press("state-details")
    dialog = await desk.dialog("Details")
    details = desk.find(QPlainTextEdit, "text-to-copy", dialog).toPlainText()
    await desk.keys("Escape")
    await desk.gone(dialog)
    with RawServer(lambda _request: s3_error(403, "AccessDenied")) as server:
        await desk.connect("Refused", server.endpoint, "AKREFUSED", "refused-secret-0123456789")
        await desk.place("denied")
    return details


async def test_a_secret_for_this_session_only(desk: Desk, modern: Place) -> None:
    await desk.start()
    await desk.press("state-connection.new")
    dialog = await desk.dialog("New connection")
    await desk.press("session-only", dialog)
    line = desk.find(QLabel, "keyring-line", dialog)
    await desk.until(lambda: "until the program ends" in line.text(), "the form says where the secret goes")
    user = modern.user
    values = {"name": "Lab", "endpoint": modern.endpoint, "access_key": user.access_key, "secret": user.secret_key}
    await desk.fill_form("New connection", **values)
    await desk.until(lambda: modern.bucket in desk.names(), "the buckets are listed")
    assert desk.keyring.entries == {}
    await desk.restart()
    await desk.place("failed")
    assert desk.text("state-title") == "The secret key is missing"
    await desk.press("state-connection.edit")
    await desk.fill_form("Edit connection", secret=user.secret_key)
    await desk.until(lambda: modern.bucket in desk.names(), "the buckets are listed")
    await desk.stop()


async def test_a_saved_secret_moves_where_the_form_says(desk: Desk, modern: Place) -> None:
    user = modern.user
    await desk.start()
    await desk.connect("Lab", modern.endpoint, user.access_key, user.secret_key, bucket=modern.bucket)
    await desk.complete()
    for session_only, kept in ((True, []), (False, [user.secret_key])):
        await desk.menu("connection.edit")
        dialog = await desk.dialog("Edit connection")
        box = desk.find(QCheckBox, "session-only", dialog)
        assert box.isChecked() is not session_only
        await desk.click(box)
        await desk.press("save", dialog)
        await desk.gone(dialog)
        await desk.until(partial(_kept, desk, kept), "the secret is where the form said")
        await desk.complete()
    await desk.stop()


def _kept(desk: Desk, secrets: list[str]) -> bool:
    return list(desk.keyring.entries.values()) == secrets


async def test_a_copy_is_kept_only_when_it_is_saved(desk: Desk, modern: Place) -> None:
    user = modern.user
    await desk.start()
    await desk.connect("Lab", modern.endpoint, user.access_key, user.secret_key, bucket=modern.bucket)
    await desk.complete()
    await desk.menu("connection.duplicate")
    dialog = await desk.dialog("New connection")
    assert desk.find(QLineEdit, "name", dialog).text() == "Lab (copy)"
    await desk.keys("Escape")
    await desk.gone(dialog)
    assert [one.name for one in desk.parts.app.accounts.connections] == ["Lab"]
    assert len(desk.keyring.entries) == 1
    await desk.menu("connection.duplicate")
    await desk.fill_form("New connection")
    await desk.sidebar("Lab", "Lab (copy)")
    await desk.until(partial(_kept, desk, [user.secret_key] * 2), "each has its secret")
    await desk.complete()
    await desk.stop()


async def test_a_pasted_address_survives_a_keyring_that_refuses(desk: Desk, modern: Place) -> None:
    def refuse(_username: str, _password: str) -> str:
        raise PasswordSetError("refused")

    modern.put_all({"d/a.txt": b"a"})
    user = modern.user
    await desk.start()
    desk.keyring.before_set = refuse
    await desk.go(f"{modern.endpoint}/{modern.bucket}/d/")
    await desk.fill_form("New connection", name="Lab", access_key=user.access_key, secret=user.secret_key)
    dialog = await desk.dialog("New connection")
    assert desk.find(QLabel, "keyring-refusal", dialog).isVisible()
    assert desk.find(QLineEdit, "secret", dialog).text() == user.secret_key
    await desk.press("session-only", dialog)
    await desk.press("save", dialog)
    await desk.gone(dialog)
    await desk.listed("a.txt")
    assert desk.keyring.entries == {}
    await desk.stop()


async def test_another_language_keeps_what_is_open(desk: Desk, modern: Place) -> None:
    modern.put_all({"a.txt": b"a"})
    await desk.start()
    await desk.connect("Lab", modern.endpoint, modern.user.access_key, modern.user.secret_key, bucket=modern.bucket)
    await desk.listed("a.txt")
    before = desk.window
    await desk.keys("Ctrl+,")
    dialog = await desk.dialog("Settings")
    box = next(one for one in dialog.findChildren(QComboBox) if one.findData("fr") >= 0)
    box.setCurrentIndex(box.findData("fr"))
    await desk.press("accept", dialog)
    await desk.until(lambda: desk.window is not before and desk.window.isVisible(), "a window in French shows")
    await desk.front()
    await desk.listed("a.txt")
    assert desk.find(QPushButton, "notice-details").text() == "Détails…"
    await desk.keys("F5")
    await desk.complete()
    await desk.restart()
    await desk.until(lambda: desk.names() == ["a.txt"], "the last connection opens again")
    assert desk.find(QLineEdit, "filter").accessibleName() != "Filter"
    await desk.stop()


def test_the_program_itself_starts_and_stays(tmp_path: Path) -> None:
    """As a process of its own: on Python 3.11 the window's event loop is the default of every thread there."""
    profile = tmp_path / "profile"
    command = [sys.executable, "-m", "cloudtemple_browser", "--profile", str(profile)]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as program:
        try:
            log = profile / "state" / "cloudtemple-browser.log"
            end, pause = time.monotonic() + 60, threading.Event()
            while not (log.exists() and "the transfer engine is ready" in log.read_text()):
                assert program.poll() is None
                assert time.monotonic() < end
                pause.wait(0.05)
            with pytest.raises(subprocess.TimeoutExpired):  # it stays
                program.wait(5)
            assert "failed" not in log.read_text()
            assert "Invalid socket" not in log.read_text()
        finally:
            program.kill()
