"""What stands in the table's place, and that its buttons are commands."""

from __future__ import annotations

import pytest
from app.rig import failure
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.commands.table import COMMANDS
from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.query import Query
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import pixmap
from cloudtemple_browser.ui.views.states import Place, StatePage, place_for

BUCKETS, FOLDER = Location("c"), Location("c", "b", "p/")
FLAT, SEARCH = Location("c", "b", "p/", Query()), Location("c", "b", "p/", Query("x"))
KNOWN = {command.id for command in COMMANDS} | {"filter.clear", "filter.search", "connection.other"}  # the window’s own


def place(phase: Phase, location: Location | None = FOLDER, kind: ErrorKind | None = None, **counts: int | str) -> Place | None:
    status = ListingStatus(phase, location, failure(kind) if kind else None)
    rows, shown = int(counts.get("rows", 0)), int(counts.get("shown", 0))
    return place_for(status, rows, shown, str(counts.get("needle", "")), int(counts.get("connections", 1)))


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (place(Phase.NOTHING, None, connections=0), "welcome"),
        (place(Phase.NOTHING, None), "nothing"),
        (place(Phase.LOADING), "loading"),
        (place(Phase.COMPLETE), "empty"),
        (place(Phase.COMPLETE, BUCKETS), "no-buckets"),
        (place(Phase.STOPPED), "stopped"),
        (place(Phase.COMPLETE, rows=5, needle="x"), "no-match"),
        (place(Phase.LOADING, rows=5, needle="x"), "no-match"),
        (place(Phase.FAILED, kind=ErrorKind.ACCESS_DENIED), "denied"),
        (place(Phase.FAILED, BUCKETS, ErrorKind.ACCESS_DENIED), "denied"),
        (place(Phase.FAILED, kind=ErrorKind.DNS), "offline"),
        (place(Phase.FAILED, kind=ErrorKind.NO_BUCKET), "failed"),
        (place(Phase.FAILED), "failed"),
        (place(Phase.PARTIAL, kind=ErrorKind.CONNECTION_LOST), "offline"),
        (place(Phase.PARTIAL, kind=ErrorKind.PARTIAL), "failed"),
        (place(Phase.COMPLETE, FLAT), "empty"),
        (place(Phase.LOADING, FLAT), "loading"),
        (place(Phase.LOADING, SEARCH), "searching"),
        (place(Phase.COMPLETE, SEARCH), "not-found"),
        (place(Phase.STOPPED, SEARCH), "search-stopped"),
        (place(Phase.FAILED, SEARCH, ErrorKind.ACCESS_DENIED), "denied"),
        (place(Phase.PARTIAL, SEARCH, ErrorKind.TIMEOUT), "offline"),
        (place(Phase.COMPLETE, SEARCH, rows=5, needle="y"), "no-match"),
    ],
)
def test_the_place_of_each_state(found: Place | None, name: str, english: None) -> None:
    assert found is not None
    assert found.name == name
    assert set(found.actions) <= KNOWN
    assert len(found.actions) <= 3
    assert say(found.title)
    assert say(found.detail)
    if found.icon not in ("", "app"):
        assert not pixmap(found.icon, 48, 1.0).isNull()


@pytest.mark.parametrize("phase", Phase)
def test_rows_are_never_covered(phase: Phase) -> None:
    assert place(phase, rows=5, shown=3, needle="x") is None


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_failure_has_a_place_with_its_details(kind: ErrorKind, english: None) -> None:
    for location in (BUCKETS, FOLDER):
        found = place(Phase.FAILED, location, kind)
        assert found is not None
        assert found.error is not None
        assert "{" not in say(found.title) + say(found.detail)
        assert "go.refresh" in found.actions


def test_what_the_filter_hides_may_be_searched_for(english: None) -> None:
    for location, offered in ((FOLDER, True), (FLAT, False), (SEARCH, False), (BUCKETS, False)):
        found = place(Phase.COMPLETE, location, rows=5, needle="x")
        assert found is not None
        assert found.actions == (("filter.clear", "filter.search") if offered else ("filter.clear",))


def test_a_search_without_a_result_says_how_much_was_looked_at(english: None) -> None:
    found = place_for(ListingStatus(Phase.COMPLETE, SEARCH, None, 120_000), 0, 0, "", 1)
    assert found is not None
    assert "120,000 objects" in say(found.detail)


class Page:
    def __init__(self, qtbot: QtBot) -> None:
        self.host = QWidget()
        self.host.resize(600, 400)
        qtbot.addWidget(self.host)
        self.run: list[str] = []
        self.details: list[BrowserError] = []
        self.whys: list[BrowserError] = []
        self.page = StatePage(self.host, self.run.append, lambda command: f"&{command}", self.details.append, self.whys.append)
        self.host.show()

    def buttons(self) -> dict[str, QPushButton]:
        QCoreApplication.processEvents()
        return {button.objectName(): button for button in self.page.findChildren(QPushButton) if not button.isHidden()}


def test_buttons_run_commands(qtbot: QtBot, english: None) -> None:
    page = Page(qtbot)
    page.page.show_place(place(Phase.FAILED, kind=ErrorKind.ACCESS_DENIED))
    assert page.page.isVisible()
    buttons = page.buttons()
    assert list(buttons) == ["state-upload.files", "state-go.location", "state-go.refresh", "state-why", "state-details"]
    assert buttons["state-upload.files"].isDefault()
    buttons["state-go.refresh"].click()
    buttons["state-details"].click()
    assert page.run == ["go.refresh"]
    buttons["state-why"].click()
    assert [error.kind for error in (*page.details, *page.whys)] == [ErrorKind.ACCESS_DENIED] * 2


def test_another_place_replaces_the_buttons_and_none_uncovers_the_rows(qtbot: QtBot, english: None) -> None:
    page = Page(qtbot)
    page.page.show_place(place(Phase.FAILED, kind=ErrorKind.DNS))
    page.page.show_place(place(Phase.COMPLETE))
    assert list(page.buttons()) == ["state-upload.files", "state-object.new"]
    page.page.retouch()
    assert list(page.buttons()) == ["state-upload.files", "state-object.new"]
    page.page.show_place(None)
    assert not page.page.isVisible()


def test_a_quick_answer_shows_no_skeleton(qtbot: QtBot) -> None:
    page = Page(qtbot)
    page.page.show_place(place(Phase.LOADING))
    skeleton = page.page._skeleton
    assert not skeleton.isVisible()
    page.page.show_place(None)
    page.page.show_place(place(Phase.LOADING))
    qtbot.waitUntil(skeleton.isVisible, timeout=2000)
    page.page.show_place(place(Phase.COMPLETE))
    assert not skeleton.isVisible()


def test_it_covers_the_whole_viewport(qtbot: QtBot) -> None:
    page = Page(qtbot)
    page.page.show_place(place(Phase.COMPLETE))
    page.host.resize(800, 300)
    assert page.page.size() == page.host.size()


def test_foreign_text_is_plain(qtbot: QtBot, english: None) -> None:
    page = Page(qtbot)
    error = BrowserError(ErrorKind.BAD_REQUEST, ErrorFacts(message="<img src=x>\u202e", endpoint="<b>h</b>"))
    page.page.show_place(place_for(ListingStatus(Phase.FAILED, FOLDER, error), 0, 0, "", 1))
    labels = [label for label in page.page.findChildren(QLabel) if label.text()]
    assert any("<img src=x>⟨RightToLeftOverride⟩" in label.text().replace("\u200b", "") for label in labels)
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    page.page.show_place(place_for(ListingStatus(Phase.COMPLETE, FOLDER), 1, 0, "<u>{x}", 1))
    assert any("<u>{x}" in label.text().replace("\u200b", "") for label in page.page.findChildren(QLabel))
