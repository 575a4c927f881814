"""The bar of quiet messages: what goes by itself, and what comes back because nobody closed it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from app.rig import failure
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.commands.why import NO_CONNECTION
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.views import notice_bar
from cloudtemple_browser.ui.views.notice_bar import NoticeBar

pytestmark = pytest.mark.usefixtures("english")


class Bar:
    """The bar alone. ``asked`` and ``told`` are the notices whose buttons were pressed; ``askable``: "Why?" makes sense."""

    def __init__(self) -> None:
        self.asked: list[Notice] = []
        self.told: list[Notice] = []
        self.askable = True
        self.bar = NoticeBar(self.told.append, self.asked.append, lambda notice: bool(notice.failures) and self.askable)

    def result(self, name: str) -> None:
        self.bar.show_notice(Notice(translate("test", "{name} stored")(name=name)))

    def failed(self, name: str, kind: ErrorKind = ErrorKind.SERVER) -> None:
        text = translate("test", "{name} failed")(name=name)
        self.bar.show_notice(Notice(text, ((name, failure(kind)), ("other", failure(kind)))))

    @property
    def shown(self) -> str:
        return self.bar.message.text() if self.bar.isVisible() else ""

    def wait(self) -> None:
        """Let the time of a result go by."""
        assert self.bar._timer.isActive()
        self.bar._timer.stop()
        self.bar._timer.timeout.emit()

    def close(self) -> None:
        (button,) = self.bar.findChildren(QToolButton)
        button.click()

    def press(self, name: str) -> None:
        button = self.bar.findChild(QPushButton, name)
        assert isinstance(button, QPushButton)
        assert button.isVisible()
        button.click()


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[Bar]:
    made = Bar()
    qtbot.addWidget(made.bar)
    yield made
    assert made.bar.parent() is None


@pytest.mark.parametrize("end", [Bar.wait, Bar.close])
def test_a_failure_comes_back_after_the_results_that_took_its_place(bar: Bar, end: object) -> None:
    bar.failed("a")
    bar.result("b")
    bar.result("c")
    assert bar.shown == "c stored"
    assert callable(end)
    end(bar)
    assert bar.shown == "a failed"
    assert not bar.bar._timer.isActive()
    bar.press("notice-details")
    assert [str(notice.text) for notice in bar.told] == ["a failed"]
    bar.close()
    assert bar.shown == ""


def test_what_was_closed_does_not_come_back(bar: Bar) -> None:
    bar.failed("a")
    bar.close()
    bar.result("b")
    bar.wait()
    assert bar.shown == ""


def test_failures_come_back_the_latest_first_and_each_once(bar: Bar) -> None:
    bar.failed("a")
    bar.failed("b")
    bar.failed("a")  # tried again
    bar.failed("a", ErrorKind.ACCESS_DENIED)
    bar.result("c")
    shown = []
    while bar.bar.isVisible():
        shown.append(bar.shown)
        bar.close()
    assert shown == ["c stored", "a failed", "a failed", "b failed"]


def test_only_so_many_are_kept(bar: Bar) -> None:
    for number in range(100):
        bar.failed(str(number))
    closed = 0
    while bar.bar.isVisible():
        bar.close()
        closed += 1
    assert closed == notice_bar._KEPT + 1


def test_why_after_the_connection_was_deleted_says_so(bar: Bar) -> None:
    bar.failed("a")
    bar.press("notice-why")
    assert len(bar.asked) == 1
    bar.askable = False
    bar.press("notice-why")
    assert len(bar.asked) == 1
    assert bar.shown == str(NO_CONNECTION)
    bar.wait()
    assert bar.shown == "a failed"
    assert bar.bar._asker.isHidden()
