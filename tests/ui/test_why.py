"""The dialog "Why?"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from app.rig import BUCKET, CONNECTION, World, until
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from cloudtemple_browser.app.shell import Refusal
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.dialogs.why import WhyDialog, finding_lines

pytestmark = pytest.mark.usefixtures("english")

HOSTILE = "<b>x</b>\u202e\nnext"
FACTS = ErrorFacts("GetObject", f"s3://{BUCKET}/{HOSTILE}", 403, "AccessDenied", HOSTILE * 100, "req-1", "memory.test", 1.0)
DENIED = BrowserError(ErrorKind.ACCESS_DENIED, FACTS)
REFUSAL = Refusal(CONNECTION, Question(Right.READ, BUCKET, HOSTILE, error=DENIED))
FINDINGS = [
    Finding(Check.NAME, Outcome.GOOD, (translate("test", "{x}")(x=HOSTILE),)),
    Finding(Check.KEY, Outcome.GOOD),
    Finding(Check.LIST, Outcome.GOOD),
    Finding(Check.READ, Outcome.BAD, error=DENIED),
]


class Checks:
    """Stands for ``Accounts.diagnose``: tells ``FINDINGS`` one by one, each when it is let."""

    def __init__(self) -> None:
        self.controls: list[CallControl] = []
        self.let = asyncio.Semaphore(0)

    async def __call__(
        self,
        _connection: Connection,
        _secret: SecretText | None,
        _question: Question,
        deliver: Callable[[list[Finding]], None],
        control: CallControl,
    ) -> None:
        self.controls.append(control)
        control.on_cancel(self.let.release)
        for finding in FINDINGS:
            await self.let.acquire()
            if control.cancelled:
                raise Cancelled
            deliver([finding])

    def go_on(self, count: int = len(FINDINGS)) -> None:
        """Let so many findings be told."""
        for _ in range(count):
            self.let.release()


def dialog_of(world: World, checks: object) -> WhyDialog:
    return WhyDialog(None, REFUSAL, checks, world.background)  # type: ignore[arg-type]


def texts(dialog: WhyDialog, name: str) -> list[str]:
    return [one.text() for one in dialog.findChildren(QLabel, name) if one.text()]


def button(dialog: WhyDialog, name: str) -> QPushButton:
    found = dialog.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


async def test_each_finding_shows_as_it_comes_and_the_verdict_at_the_end(world: World) -> None:
    checks = Checks()
    dialog = dialog_of(world, checks)
    dialog.open()
    for count in range(1, len(FINDINGS) + 1):
        assert not texts(dialog, "why-verdict")
        checks.go_on(1)
        await until(lambda count=count: len(dialog.findings) == count)  # type: ignore[misc]
    await until(lambda: dialog.concluded)
    assert texts(dialog, "why-verdict") == ["The key is right and may list this bucket but not read this object."]
    assert any("The store refused this (403)" in line for line in texts(dialog, "why-line"))
    assert any("HTTP 403 · AccessDenied" in line for line in texts(dialog, "why-line"))
    assert {label.textFormat() for label in dialog.findChildren(QLabel)} == {Qt.TextFormat.PlainText}
    assert not any("\u202e" in label.text() for label in dialog.findChildren(QLabel))
    dialog.reject()


async def test_the_report_holds_all_of_it_and_no_secret(world: World) -> None:
    checks = Checks()
    checks.go_on()
    dialog = dialog_of(world, checks)
    dialog.open()
    await until(lambda: dialog.concluded)
    button(dialog, "copy").click()
    text = QGuiApplication.clipboard().text()
    for part in ("memory.test", "GetObject", "req-1", "1970-01-01 00:00:01 UTC", "[good] Key", "[failed] Read the object"):
        assert part in text
    assert "=> The key is right and may list this bucket but not read this object." in text
    assert "\u202e" not in text
    assert "secret-1" not in text
    assert CONNECTION.access_key not in text
    assert len(text) < 10_000
    dialog.reject()


async def test_stop_ends_the_checks_and_again_begins_anew(world: World) -> None:
    checks = Checks()
    dialog = dialog_of(world, checks)
    dialog.open()
    checks.go_on(1)
    await until(lambda: len(dialog.findings) == 1)
    assert not button(dialog, "again").isEnabled()
    button(dialog, "stop").click()
    assert checks.controls[0].cancelled
    assert texts(dialog, "why-state") == ["Stopped."]
    assert button(dialog, "stop").isHidden()
    assert not texts(dialog, "why-verdict")
    assert "=>" not in dialog.report()
    checks.go_on()
    button(dialog, "again").click()
    await until(lambda: dialog.concluded)
    assert len(dialog.findings) == len(FINDINGS)
    dialog.reject()


async def test_closing_ends_the_checks(world: World) -> None:
    checks = Checks()
    dialog = dialog_of(world, checks)
    world.background.spawn(ask(dialog))
    await until(dialog.isVisible)
    await until(lambda: checks.controls)
    button(dialog, "close").click()
    await until(lambda: checks.controls[0].cancelled)


async def ask(dialog: WhyDialog) -> None:
    await dialog.ask()


async def test_a_keyring_that_does_not_answer_is_the_verdict(world: World) -> None:
    world.vault.broken = BrowserError(ErrorKind.KEYRING_LOCKED, ErrorFacts(code="Timeout"))
    dialog = dialog_of(world, world.accounts.diagnose)
    dialog.open()
    await until(lambda: dialog.concluded)
    assert "The question of the keyring was not answered" in texts(dialog, "why-verdict")[0]
    dialog.reject()


def test_a_line_is_bounded_and_shows_control_characters() -> None:
    lines = finding_lines(FINDINGS[-1])
    assert all(len(line) < 2000 for line in lines)
    assert not any("\u202e" in line or "\n" in line for line in lines)
    certificate = (("subject", "CN=x"), ("fingerprint", "AA:BB"))
    told = finding_lines(Finding(Check.TLS, Outcome.BAD, error=BrowserError(ErrorKind.TLS, values=certificate)))
    assert "Certificate of: CN=x" in told
