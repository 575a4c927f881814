"""The questions: what is the default, what is refused, what is foreign text."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from app.rig import BUCKET, CONNECTION, OTHER, PATIENCE, World, failure, until
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.shell import FilledForm, KeyringRefusal, NewObject, Notice
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.probe import Stage, StageResult
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.traits import WORDS, Trait
from cloudtemple_browser.model.transfers import Limits, TransferRules
from cloudtemple_browser.model.urls import DEFAULT_PRESIGN_SECONDS, MAX_PRESIGN_SECONDS
from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.ui.dialogs import simple
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.dialogs.confirm import (
    DeleteBucketDialog,
    DeleteDialog,
    ForgetConnectionDialog,
    PublicDialog,
    QuitDialog,
    ReplaceDialog,
)
from cloudtemple_browser.ui.dialogs.connection import ConnectionDialog
from cloudtemple_browser.ui.dialogs.details import DetailsDialog, details_text
from cloudtemple_browser.ui.dialogs.report import ReportDialog
from cloudtemple_browser.ui.dialogs.settings import AboutDialog, SettingsDialog, ShortcutsDialog, keyring_line
from cloudtemple_browser.ui.dialogs.simple import NameDialog, NewObjectDialog, PresignDialog
from cloudtemple_browser.ui.i18n import set_language

pytestmark = pytest.mark.usefixtures("english")
HOSTILE = "<img src='file:///etc/passwd'><b>x</b>\u202e\n&amp;"
PLAN = DeletePlan(BUCKET, (HOSTILE, "b"), 1500, (HOSTILE,), (HOSTILE,))


def button(dialog: QWidget, name: str) -> QPushButton:
    found = dialog.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def answer(dialog: Dialog[Any]) -> object:
    """What the dialog was answered with."""
    return dialog._result


DANGEROUS: dict[str, Callable[[], Dialog[Any]]] = {
    "delete": lambda: DeleteDialog(None, PLAN),
    "delete-bucket": lambda: DeleteBucketDialog(None, HOSTILE),
    "public": lambda: PublicDialog(None, (HOSTILE,), public=True),
    "forget": lambda: ForgetConnectionDialog(None, Connection(HOSTILE, "https://h.test", "A")),
    "replace": lambda: ReplaceDialog(None, HOSTILE),
}
HARMLESS: dict[str, Callable[[], Dialog[Any]]] = {
    "quit": lambda: QuitDialog(None, 3),
    "private": lambda: PublicDialog(None, (HOSTILE,), public=False),
    "presign": lambda: PresignDialog(None, 2),
    "name": lambda: NameDialog(None, "folder", HOSTILE),
    "new-object": lambda: NewObjectDialog(None, HOSTILE, HOSTILE),
}


@pytest.mark.parametrize("make", DANGEROUS.values(), ids=DANGEROUS)
def test_cancel_is_the_default_of_what_can_not_be_undone(make: Callable[[], Dialog[Any]], qtbot: QtBot) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    assert button(dialog, "cancel").isDefault()
    assert not button(dialog, "accept").isDefault()
    dialog.open()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert answer(dialog) is None


@pytest.mark.parametrize("make", [DANGEROUS["delete"], HARMLESS["quit"]])
def test_enter_presses_the_button_that_has_the_focus(make: Callable[[], Dialog[Any]], qtbot: QtBot) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    dialog.open()
    button(dialog, "accept").setFocus()
    QTest.keyClick(button(dialog, "accept"), Qt.Key.Key_Return)
    assert answer(dialog) is True


@pytest.mark.parametrize("make", HARMLESS.values(), ids=HARMLESS)
def test_the_verb_is_the_default_of_the_others(make: Callable[[], Dialog[Any]], qtbot: QtBot) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    assert button(dialog, "accept").isDefault()
    assert not button(dialog, "cancel").isDefault()


@pytest.mark.parametrize("make", [*DANGEROUS.values(), *HARMLESS.values()], ids=[*DANGEROUS, *HARMLESS])
def test_foreign_text_is_plain_everywhere(make: Callable[[], Dialog[Any]], qtbot: QtBot) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    for label in dialog.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText, label.text()
        assert "\u202e" not in label.text()
    for widget in dialog.findChildren(QWidget):
        assert "<img" not in widget.toolTip()
    assert "\n" not in dialog.windowTitle()


def test_a_deletion_says_exactly_what(qtbot: QtBot) -> None:
    dialog = DeleteDialog(None, PLAN)
    qtbot.addWidget(dialog)
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel)).replace("\xa0", " ")
    assert "Delete 2 objects (1.50 KB) from bucket?" in texts
    assert "1 folder" in texts
    names = dialog.findChildren(QPlainTextEdit)[0].toPlainText().splitlines()
    assert names[1] == "b"
    assert "⟨RightToLeftOverride⟩␊" in names[0]
    assert button(dialog, "accept").text() == "Delete 2 objects"
    button(dialog, "accept").click()
    assert answer(dialog) is True


def test_many_names_are_counted(qtbot: QtBot) -> None:
    dialog = DeleteDialog(None, DeletePlan(BUCKET, tuple(f"k{n}" for n in range(1234)), 5))
    qtbot.addWidget(dialog)
    assert dialog.findChildren(QPlainTextEdit)[0].toPlainText().splitlines()[-1] == "… and 1,224 more"


@pytest.mark.parametrize("typed", ["", "Bucket", "bucke", "bucket ", " bucket", "buckets"])
def test_a_bucket_is_deleted_only_by_its_exact_name(typed: str, qtbot: QtBot) -> None:
    dialog = DeleteBucketDialog(None, "bucket")
    qtbot.addWidget(dialog)
    assert not button(dialog, "accept").isEnabled()
    dialog.field.setText("bucket")
    assert button(dialog, "accept").isEnabled()
    dialog.field.setText(typed)
    assert not button(dialog, "accept").isEnabled()
    button(dialog, "accept").click()
    assert answer(dialog) is None


def test_a_presigned_url_lives_seven_days_at_most_in_every_unit(qtbot: QtBot) -> None:
    dialog = PresignDialog(None, 1)
    qtbot.addWidget(dialog)
    assert dialog._seconds() == DEFAULT_PRESIGN_SECONDS
    for unit in (*range(dialog.unit.count()), *reversed(range(dialog.unit.count()))):
        dialog.unit.setCurrentIndex(unit)
        dialog.amount.setValue(10**8)
        assert dialog._seconds() == MAX_PRESIGN_SECONDS
        dialog.amount.setValue(0)
        assert 60 <= dialog._seconds() <= 86_400
        dialog.amount.setValue(10**8)
    button(dialog, "accept").click()
    given = answer(dialog)
    assert isinstance(given, int)
    assert 1 <= given <= MAX_PRESIGN_SECONDS


# --- names


@pytest.mark.parametrize(
    ("question", "typed", "given"),
    [
        ("folder", "new", "new"),
        ("folder", "a/b/", "a/b"),
        ("folder", " é ", " é "),
        ("bucket", " my-bucket ", "my-bucket"),
        ("add-bucket", "Old_Bucket", "Old_Bucket"),
    ],
)
def test_names_that_are_taken(question: str, typed: str, given: str, qtbot: QtBot) -> None:
    dialog = NameDialog(None, question)
    qtbot.addWidget(dialog)
    assert not button(dialog, "accept").isEnabled()
    dialog.field.setText(typed)
    button(dialog, "accept").click()
    assert answer(dialog) == given


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("folder", ""),
        ("folder", "/"),
        ("folder", "x" * 1024),
        ("bucket", "My-Bucket"),
        ("bucket", "my_bucket"),
        ("bucket", "a" * 64),
        ("bucket", "ab"),
        ("bucket", "a/b"),
        ("add-bucket", "a b"),
        ("add-bucket", "../x"),
    ],
)
def test_names_that_are_refused(question: str, typed: str, qtbot: QtBot) -> None:
    dialog = NameDialog(None, question)
    qtbot.addWidget(dialog)
    dialog.field.setText(typed)
    assert not button(dialog, "accept").isEnabled()


# --- a new object


def editor(qtbot: QtBot, text: str = "", prefix: str = "") -> NewObjectDialog:
    dialog = NewObjectDialog(None, text, prefix)
    qtbot.addWidget(dialog)
    return dialog


def type_name(dialog: NewObjectDialog, name: str) -> None:
    dialog.name.setText(name)
    dialog.name.textEdited.emit(name)


def test_an_object_is_stored_as_it_was_typed(qtbot: QtBot) -> None:
    dialog = editor(qtbot, "ü\n")
    assert not button(dialog, "accept").isEnabled()
    type_name(dialog, "a/é.csv")
    assert dialog.kind.currentText() == "text/csv"
    button(dialog, "accept").click()
    assert answer(dialog) == NewObject("a/é.csv", "ü\n".encode(), "text/csv", public=False)


@pytest.mark.parametrize(
    ("text", "place"), [('{"a": }', "line 1, column 7"), ("[1,\n2", "line 2, column 2"), ("[" * 100_000, "nested too deeply")]
)
def test_wrong_json_is_not_stored(text: str, place: str, qtbot: QtBot) -> None:
    dialog = editor(qtbot, text)
    type_name(dialog, "x.json")
    assert not button(dialog, "accept").isEnabled()
    assert place in dialog.problem.text().replace("\u200b", "")
    dialog.editor.setPlainText("[]")
    assert button(dialog, "accept").isEnabled()
    assert dialog.problem.text() == ""


LONG_JSON = "[" + "1," * 60_000 + "1]"


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters each check for JSON had before it."""
    lengths: list[int] = []
    check = simple._json_problem

    def counted(text: str) -> Text | None:
        lengths.append(len(text))
        return check(text)

    monkeypatch.setattr(simple, "_json_problem", counted)
    return lengths


def test_a_long_text_is_checked_once_nothing_is_typed(judged: list[int], qtbot: QtBot) -> None:
    dialog = editor(qtbot, LONG_JSON)
    type_name(dialog, "x.json")
    dialog._rest.timeout.emit()
    judged.clear()
    dialog.editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(dialog.editor, "]]]]")
    type_name(dialog, "y.json")
    assert judged == []
    assert button(dialog, "accept").isEnabled()
    qtbot.waitUntil(lambda: bool(judged))
    assert judged == [len(LONG_JSON) + 4]
    assert "Not valid JSON" in dialog.problem.text()
    assert not button(dialog, "accept").isEnabled()
    type_name(dialog, "z.json")
    assert judged == [len(LONG_JSON) + 4]  # it is known by now
    dialog.editor.setPlainText("[]")
    assert button(dialog, "accept").isEnabled()


def test_what_is_stored_was_checked_however_fast_it_was_typed(judged: list[int], qtbot: QtBot) -> None:
    dialog = editor(qtbot, LONG_JSON)
    type_name(dialog, "x.json")
    QTest.keyClicks(dialog.editor, "]")
    button(dialog, "accept").click()
    assert answer(dialog) is None
    assert "Not valid JSON" in dialog.problem.text()
    dialog.editor.setPlainText(LONG_JSON + " ")
    assert dialog._rest.isActive()
    dialog._rest.timeout.emit()
    button(dialog, "accept").click()
    assert answer(dialog) == NewObject("x.json", (LONG_JSON + " ").encode(), "application/json", public=False)
    assert len(judged) == 3


def test_json_is_recognised_and_other_types_are_not_checked(qtbot: QtBot) -> None:
    assert editor(qtbot, '{"a": 1}').kind.currentText() == "application/json"
    dialog = editor(qtbot, "{not json")
    type_name(dialog, "x.txt")
    assert button(dialog, "accept").isEnabled()


def test_a_type_that_was_chosen_stays(qtbot: QtBot) -> None:
    dialog = editor(qtbot)
    line = dialog.kind.lineEdit()
    assert line is not None
    line.setText("application/x-mine")
    line.textEdited.emit("application/x-mine")
    type_name(dialog, "x.json")
    assert dialog.kind.currentText() == "application/x-mine"


@pytest.mark.parametrize("kind", ["", "text", "text/plain\r\nx-amz-acl: public-read", "text/plän"])
def test_types_that_can_not_be_sent(kind: str, qtbot: QtBot) -> None:
    dialog = editor(qtbot)
    type_name(dialog, "x")
    dialog.kind.setEditText(kind)
    found = dialog.kind.currentText()
    assert not button(dialog, "accept").isEnabled() or ("\n" not in found and "\r" not in found)


def test_the_whole_key_counts(qtbot: QtBot) -> None:
    dialog = editor(qtbot, "", "p" * 1020 + "/")
    type_name(dialog, "abc")
    assert button(dialog, "accept").isEnabled()
    type_name(dialog, "abcd")
    assert not button(dialog, "accept").isEnabled()
    assert "1,025 bytes" in dialog.problem.text()


# --- details


def test_details_group_equal_failures_and_show_every_name_literally(qtbot: QtBot) -> None:
    facts = ErrorFacts("DeleteObjects", HOSTILE, 403, "AccessDenied", HOSTILE, "id", "h.test", 1.0)
    denied, locked = BrowserError(ErrorKind.ACCESS_DENIED, facts), failure(ErrorKind.RETENTION, "Locked")
    notice = Notice(translate("test", "{x} failed")(x=HOSTILE), ((HOSTILE, denied), ("b", denied), ("c", locked)))
    dialog = DetailsDialog(None, notice)
    qtbot.addWidget(dialog)
    assert "The store refused this (403) (2)" in dialog.text
    assert "The object is protected from deletion (1)" in dialog.text
    assert "1970-01-01 00:00:01 UTC" in dialog.text
    assert "\u202e" not in dialog.text
    assert {label.textFormat() for label in dialog.findChildren(QLabel)} == {Qt.TextFormat.PlainText}


def test_details_of_very_many_failures_are_quick_and_short() -> None:
    failures = tuple((f"key-{n}", failure(ErrorKind.TIMEOUT)) for n in range(50_000))
    start = time.monotonic()
    text = details_text(Notice(translate("test", "x"), failures))
    assert time.monotonic() - start < 10
    assert "and 49,500 more" in text
    assert len(text) < 100_000


def test_a_report_has_no_values_of_variables(qtbot: QtBot) -> None:
    secret = "s3cr3t-value"

    def fail() -> None:
        local = secret
        raise ZeroDivisionError(len(local))

    with pytest.raises(ZeroDivisionError) as caught:
        fail()
    dialog = ReportDialog(None, caught.value, HOSTILE)
    qtbot.addWidget(dialog)
    assert "ZeroDivisionError" in dialog.text
    assert secret not in dialog.text


# --- awaiting


async def test_an_answer_is_awaited_without_a_second_loop(world: World) -> None:
    async def give() -> bool | None:
        return await ReplaceDialog(None, "x").ask()

    for name, expected in (("accept", True), ("cancel", None)):
        task = asyncio.ensure_future(give())
        await until(shown_dialogs)
        button(shown_dialogs()[0], name).click()
        assert await task is expected
        collect()
        assert shown_dialogs() == []


def shown_dialogs() -> list[Dialog[Any]]:
    from PySide6.QtWidgets import QApplication

    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, Dialog) and widget.isVisible()]


def collect() -> None:
    """Let Qt delete what was to be deleted later."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


# --- the connection form


def form(world: World, connection: Connection | None = None, endpoint: str = "") -> ConnectionDialog:
    return ConnectionDialog(None, world.accounts, world.background, connection, endpoint)


def fill_in(dialog: ConnectionDialog, **values: str) -> None:
    for name, value in values.items():
        field = dialog.findChild(QLineEdit, name)
        assert isinstance(field, QLineEdit)
        field.setText(value)
        field.textEdited.emit(value)


async def asked(dialog: ConnectionDialog) -> asyncio.Task[FilledForm | None]:
    task = asyncio.ensure_future(_ask(dialog))
    await until(dialog.isVisible)
    return task


def _ask(dialog: ConnectionDialog) -> Coroutine[Any, Any, FilledForm | None]:
    return dialog.ask()


async def test_a_filled_form(world: World) -> None:
    await world.load()
    dialog = form(world)
    task = await asked(dialog)
    fill_in(dialog, name=" Prod ", endpoint="ACME", access_key=" AK ", secret=" s3cr3t ")
    dialog.save.click()
    filled = await task
    assert filled is not None
    assert (filled.connection.name, filled.connection.endpoint) == ("Prod", "https://acme.s3.fr1.cloud-temple.com")
    assert filled.connection.access_key == "AK"
    assert filled.secret == SecretText("s3cr3t")
    assert not filled.session_only
    assert world.vault.secrets.keys() == {"c1", "c2"}  # the caller saves


async def test_an_incomplete_form_is_not_given_and_says_what_is_missing(world: World) -> None:
    await world.load()
    dialog = form(world)
    task = await asked(dialog)
    fill_in(dialog, name="x", endpoint="münchen.example")
    dialog.save.click()
    assert dialog.isVisible()
    wrong = [
        label.objectName() for label in dialog.findChildren(QLabel) if label.objectName().endswith("-problem") and label.text()
    ]
    assert sorted(wrong) == ["access_key-problem", "endpoint-problem", "secret-problem"]
    dialog.reject()
    assert await task is None


async def test_the_saved_secret_is_not_read_into_the_form(world: World) -> None:
    await world.load()
    dialog = form(world, CONNECTION)
    task = await asked(dialog)
    assert dialog.secret.text() == ""
    assert dialog.secret.echoMode() == QLineEdit.EchoMode.Password
    assert world.vault.calls == []
    dialog.save.click()
    filled = await task
    assert filled == FilledForm(CONNECTION, None, session_only=False)


async def test_the_form_shows_where_the_secret_is(world: World) -> None:
    await world.load()
    await world.accounts.save(OTHER, SecretText("s"), session_only=True)
    places = {
        CONNECTION: "The secret key is kept in Memory and nowhere else.",
        OTHER: "The secret key is kept in memory until the program ends, never in a file.",
    }
    for connection, said in places.items():
        for one in (connection, world.accounts.duplicate(connection)):
            dialog = form(world, one)
            task = await asked(dialog)
            await until(dialog.keyring_line.text)
            assert dialog.session_only.isChecked() is (connection is OTHER)
            assert dialog.keyring_line.text() == said
            dialog.save.click()
            filled = await task
            assert filled is not None
            assert (filled.secret, filled.session_only) == (None, connection is OTHER)


@pytest.mark.parametrize("secret", [SecretText("typed"), None])
@pytest.mark.parametrize("before", [True, False])
async def test_a_form_that_comes_back_has_what_was_chosen(world: World, before: bool, secret: SecretText | None) -> None:
    """A typed secret is refused when it is to go to the keyring, the saved one whenever it is to go elsewhere."""
    await world.load()
    if before:
        await world.accounts.save(CONNECTION, SecretText("s"), session_only=True)
    refusal = KeyringRefusal(failure(ErrorKind.KEYRING_LOCKED), secret)
    dialog = ConnectionDialog(None, world.accounts, world.background, CONNECTION, refusal=refusal)
    task = await asked(dialog)
    await until(dialog.keyring_line.text)
    assert dialog.session_only.isChecked() is (secret is None and not before)
    assert dialog.secret.text() == (secret.reveal() if secret else "")
    dialog.reject()
    await task


@pytest.mark.parametrize(("language", "name"), [("en", "Test (copy)"), ("fr", "Test (copie)")])
async def test_a_copy_is_named_in_the_language_of_the_window(world: World, language: str, name: str) -> None:
    await world.load()
    set_language(language)
    try:
        dialog = form(world, world.accounts.duplicate(CONNECTION))
    finally:
        set_language("en")
    task = await asked(dialog)
    assert dialog.name.text() == name
    assert dialog.secret.text() == ""
    dialog.save.click()
    filled = await task
    assert filled is not None
    assert filled.connection == replace(CONNECTION, id=filled.connection.id, name=name)
    again = form(world, replace(filled.connection, name="Mine"))  # the keyring refused it
    task = await asked(again)
    assert again.name.text() == "Mine"
    again.reject()
    await task


async def test_without_a_keyring_only_this_session_is_offered(world: World) -> None:
    world.vault.state = VaultState.ABSENT
    await world.load()
    dialog = form(world)
    task = await asked(dialog)
    await until(lambda: "No usable keyring" in dialog.keyring_line.text())
    assert dialog.session_only.isChecked()
    assert not dialog.session_only.isEnabled()
    fill_in(dialog, name="x", endpoint="acme", access_key="AK", secret="s")
    dialog.save.click()
    filled = await task
    assert filled is not None
    assert filled.session_only


async def test_a_test_tells_each_stage(world: World) -> None:
    world.factory.secrets = {"AK": "right"}
    await world.load()
    dialog = form(world)
    task = await asked(dialog)
    fill_in(dialog, name="x", endpoint="acme", access_key="AK", secret="wrong")
    dialog.test.click()
    await until(lambda: any("The secret key is wrong" in label.text() for label in dialog.findChildren(QLabel)))
    await until(dialog.test.isEnabled)
    assert {label.textFormat() for label in dialog.findChildren(QLabel)} == {Qt.TextFormat.PlainText}
    dialog.reject()
    await task


async def test_a_form_that_is_closed_during_its_test_is_left_alone(world: World) -> None:
    """The test may take a minute; its results must not reach widgets that are gone."""
    await world.load()
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(connection: Connection, secret: SecretText, report: Callable[[StageResult], None]) -> None:
        began.set()
        go_on.wait(PATIENCE)
        report(StageResult(Stage.ADDRESS))
        ended.set()

    world.factory.probe = slow  # type: ignore[method-assign]
    dialog = form(world)
    task = await asked(dialog)
    fill_in(dialog, name="x", endpoint="acme", access_key="AK", secret="s")
    dialog.test.click()
    await until(began.is_set)
    dialog.reject()
    assert await task is None
    collect()
    go_on.set()
    await until(lambda: ended.is_set() and not world.background._tasks)
    assert world.reported == []


async def test_dialogs_that_are_closed_while_the_keyring_is_looked_for_are_left_alone(world: World) -> None:
    await world.load()
    go_on = threading.Event()

    def slow() -> VaultStatus:
        go_on.wait(PATIENCE)
        return VaultStatus(VaultState.READY, "Memory")

    world.vault.status = slow  # type: ignore[method-assign]
    dialogs: list[Dialog[Any]] = [form(world), SettingsDialog(None, world.app)]
    for dialog in dialogs:
        task = asyncio.ensure_future(dialog.ask())
        await until(dialog.isVisible)
        dialog.reject()
        await task
    collect()
    go_on.set()
    await until(lambda: not world.background._tasks)
    assert world.reported == []


async def test_a_saved_connection_with_special_values_shows_them(world: World) -> None:
    from dataclasses import replace

    special = replace(CONNECTION, region="us-7", proxy="http://proxy:80", colour=3, bucket=BUCKET, prefix="p/")
    await world.accounts.save(special, None, session_only=False)
    dialog = form(world, special)
    task = await asked(dialog)
    dialog.save.click()
    filled = await task
    assert filled is not None
    assert filled.connection == special
    assert json.dumps(filled.connection.region) == '"us-7"'


# --- settings and help


async def test_settings_give_what_was_chosen(world: World) -> None:
    dialog = SettingsDialog(None, world.app)
    task = asyncio.ensure_future(dialog.ask())
    await until(dialog.isVisible)
    dialog.language.setCurrentIndex(dialog.language.findData("fr"))
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    dialog.binary.setChecked(True)
    dialog.compact.setChecked(True)
    button(dialog, "accept").click()
    found = await task
    assert found is not None
    assert (found.language, found.theme, found.binary_units, found.compact_rows) == ("fr", "dark", True, True)
    assert found.ask_before_upload == world.app.settings.ask_before_upload


async def test_the_settings_of_transfers(world: World) -> None:
    dialog = SettingsDialog(None, world.app)
    task = asyncio.ensure_future(dialog.ask())
    await until(dialog.isVisible)
    page = dialog.transfers
    page.upload.setCurrentText("quick")
    assert not button(dialog, "accept").isEnabled()
    page.upload.setCurrentText("2 MB/s")
    page.at_once.setValue(7)
    page.resume.setChecked(False)
    page.follow_links.setChecked(True)
    page.checksum.setChecked(True)
    page.keep_times.setChecked(False)
    page.excluded.setPlainText("Thumbs.DB\n\n .git \nthumbs.db")
    button(dialog, "accept").click()
    found = await task
    assert found is not None
    assert found.limits == Limits(2_000_000, 0, 7)
    rules = TransferRules(("thumbs.db", ".git"), follow_links=True, checksum=True, keep_times=False, resume=False)
    assert found.rules == rules


async def test_settings_that_nobody_touched_stay_as_they_are(world: World) -> None:
    world.app.settings = Settings(limits=Limits(1_234_567, 5, 16), rules=TransferRules(excluded=("x", "y z")))
    dialog = SettingsDialog(None, world.app)
    task = asyncio.ensure_future(dialog.ask())
    await until(dialog.isVisible)
    button(dialog, "accept").click()
    assert await task == world.app.settings


@pytest.mark.parametrize(("resume", "said"), [(True, "goes on where it was"), (False, "waits, paused")])
def test_quitting_says_what_happens_to_transfers(resume: bool, said: str, qtbot: QtBot) -> None:
    dialog = QuitDialog(None, 3, resume=resume)
    qtbot.addWidget(dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "3 transfers are still running" in words
    assert said in words
    assert button(dialog, "cancel").text() == "Keep running"


def test_where_secrets_are_kept_is_said() -> None:
    assert keyring_line(VaultStatus(VaultState.READY, "GNOME")) == "Secret keys are kept in GNOME."
    assert "session only" in keyring_line(VaultStatus(VaultState.ABSENT, ""))
    assert keyring_line(VaultStatus(VaultState.LOCKED, "GNOME")) == "Secret keys are kept in GNOME."
    assert "does not answer" in keyring_line(VaultStatus(VaultState.LOCKED, ""))


def test_help_is_plain_text(world: World, qtbot: QtBot) -> None:
    for dialog in (ShortcutsDialog(None), AboutDialog(None, world.app)):
        qtbot.addWidget(dialog)
        assert {label.textFormat() for label in dialog.findChildren(QLabel)} <= {Qt.TextFormat.PlainText}


def test_typed_text_is_let_go_only_at_the_second_time(qtbot: QtBot) -> None:
    dialog = NewObjectDialog(None, "", "")
    qtbot.addWidget(dialog)
    dialog.open()
    QTest.keyClicks(dialog.editor, "words")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert "once more" in dialog.problem.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


LEARNT = replace(CONNECTION, traits=(Trait.ONE_BY_ONE, Trait.KEEPS_CONDITIONS))


@pytest.mark.parametrize(("endpoint", "kept"), [("", LEARNT.traits), ("another", ())])
async def test_what_was_learnt_of_a_store_is_shown_and_stays_with_it(
    world: World, endpoint: str, kept: tuple[Trait, ...]
) -> None:
    await world.load()
    dialog = form(world, LEARNT)
    task = await asked(dialog)
    dialog.findChildren(QToolButton, "advanced")[0].click()
    (shown,) = dialog.findChildren(QLabel, "traits")
    assert shown.isVisible()
    assert [f"• {WORDS[trait]}" for trait in LEARNT.traits] == shown.text().splitlines()
    if endpoint:
        fill_in(dialog, endpoint=endpoint)
    dialog.save.click()
    filled = await task
    assert filled is not None
    assert filled.connection.traits == kept


async def test_what_was_learnt_of_a_store_can_be_forgotten(world: World) -> None:
    await world.load()
    dialog = form(world, LEARNT)
    task = await asked(dialog)
    dialog.findChildren(QToolButton, "advanced")[0].click()
    dialog.findChildren(QPushButton, "forget-traits")[0].click()
    assert not {f"• {WORDS[trait]}" for trait in LEARNT.traits} & set(
        dialog.findChildren(QLabel, "traits")[0].text().splitlines()
    )
    dialog.save.click()
    filled = await task
    assert filled is not None
    assert filled.connection.traits == ()


async def test_nothing_learnt_nothing_shown(world: World) -> None:
    await world.load()
    dialog = form(world, CONNECTION)
    assert dialog.findChild(QLabel, "traits") is None
    dialog.deleteLater()
