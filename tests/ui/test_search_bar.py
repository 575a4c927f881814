"""The search bar: from fields to a query and back, what it says, and its keys."""

from __future__ import annotations

import time

import pytest
from app.rig import failure
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.query import Match, Query
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say, set_language
from cloudtemple_browser.ui.views.day_field import DayField
from cloudtemple_browser.ui.views.partial_bar import PartialBar
from cloudtemple_browser.ui.views.search_bar import SearchBar, looked_words

FOLDER = Location("c", "b", "p/")


def searched(query: Query) -> Location:
    return Location("c", "b", "p/", query)


class Bench:
    """The bar above something that takes the focus."""

    def __init__(self, qtbot: QtBot) -> None:
        self.host = QWidget()
        qtbot.addWidget(self.host)
        self.bar = SearchBar(self.host)
        self.list = QLineEdit(self.host)
        column = QVBoxLayout(self.host)
        column.addWidget(self.bar)
        column.addWidget(self.list)
        self.host.resize(680, 200)
        self.host.show()
        self.host.activateWindow()
        qtbot.waitUntil(self.host.isActiveWindow)
        self.wanted: list[Query] = []
        self.told: list[str] = []
        self.bar.wanted.connect(self.wanted.append)
        self.bar.stop_wanted.connect(lambda: self.told.append("stop"))
        self.bar.list_wanted.connect(lambda: self.told.append("list"))
        self.bar.left.connect(lambda: self.told.append("left"))
        self.bar.follow(ListingStatus(Phase.COMPLETE, FOLDER), 0)

    def fill(self, **texts: str) -> None:
        for name, text in texts.items():
            field = getattr(self.bar, name)
            field.clear()
            QTest.keyClicks(field, text)

    def words(self) -> str:
        return self.bar.words.text() if self.bar.words.isVisible() else ""


@pytest.fixture
def bench(qtbot: QtBot, english: None) -> Bench:
    return Bench(qtbot)


def seconds(day: str, later: int = 0) -> int:
    return QDate.fromString(day, Qt.DateFormat.ISODate).addDays(later).startOfDay().toSecsSinceEpoch()


def test_fields_become_a_query(bench: Bench) -> None:
    bar = bench.bar
    assert not bar.isVisible()
    bar.begin()
    assert bar.isVisible()
    assert bar.text.hasFocus()
    bench.fill(text="*.log")
    bar.match.setCurrentIndex(1)
    bar.case.click()
    bar.more.click()
    bench.fill(min_size="10 MB", max_size="1,5 Gio", after="2026-11-03", before="2026-11-03")
    QTest.keyClick(bar.before, Qt.Key.Key_Return)
    found = Query("*.log", Match.GLOB, True, 10**7, 3 << 29, seconds("2026-11-03"), seconds("2026-11-03", 1))
    assert bench.wanted == [found]
    bench.fill(after="7 days", before="")
    bar.go.click()
    today = QDate.currentDate().toString(Qt.DateFormat.ISODate)
    assert bench.wanted[1].after == seconds(today, -7)
    assert bench.wanted[1].before is None


def test_a_query_fills_the_fields(bench: Bench) -> None:
    bar = bench.bar
    query = Query("x", Match.REGEX, True, 10**7, 3 << 30, seconds("2026-11-03"), seconds("2026-11-05", 1))
    bar.follow(ListingStatus(Phase.LOADING, searched(query)), 0)
    assert bar.isVisible()
    assert bar.more.isChecked()
    assert [field.text() for field in (bar.text, bar.min_size, bar.max_size, bar.after, bar.before)] == [
        "x",
        "10 MB",
        "3 GiB",
        "2026-11-03",
        "2026-11-05",
    ]
    bar.follow(ListingStatus(Phase.COMPLETE, searched(query)), 0)
    bar.submit()
    assert bench.wanted == [query]
    bar.follow(ListingStatus(Phase.LOADING, searched(Query("y"))), 0)
    assert not bar.more.isChecked()
    bar.submit()
    assert bench.wanted[1] == Query("y")


def test_what_was_typed_stays_as_it_was_typed(bench: Bench) -> None:
    bar = bench.bar
    bar.begin()
    bar.more.click()
    bench.fill(min_size="1500k")
    bar.submit()
    bar.follow(ListingStatus(Phase.LOADING, searched(bench.wanted[0])), 0)
    assert bar.min_size.text() == "1500k"


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("text", "", "Type a part of a name"),
        ("min_size", "ten", "This is no size"),
        ("max_size", "1,500 MB", "This is no size"),
        ("after", "soon", "This is no day"),
        ("before", "2026-13-01", "This is no day"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(bench: Bench, field: str, text: str, words: str) -> None:
    bench.bar.begin()
    bench.bar.more.setChecked(True)
    bench.fill(**{field: text})
    bench.bar.submit()
    assert bench.wanted == []
    assert bench.words().startswith(words)
    unread = getattr(bench.bar, field)
    assert unread.property("tone") == "danger"
    assert unread.hasFocus()
    QTest.keyClicks(unread, "x")
    assert unread.property("tone") == ""


def test_a_problem_of_the_query_is_said(bench: Bench) -> None:
    bench.bar.begin("(<b>")
    bench.bar.match.setCurrentIndex(2)
    problem = bench.bar._query().problem()
    assert problem
    bench.bar.refuse(problem)
    assert bench.words() == "This is not a regular expression: missing ), unterminated subpattern. ▸(<b>"
    assert bench.bar.words.textFormat() == Qt.TextFormat.PlainText
    assert bench.bar.text.property("tone") == "danger"


def test_a_problem_stays_while_a_search_runs(bench: Bench) -> None:
    bar, where = bench.bar, searched(Query("log"))
    bar.follow(ListingStatus(Phase.LOADING, where, None, 1, 0), 0)
    bar.refuse(translate("query", "The first day is after the last."))
    bar.follow(ListingStatus(Phase.LOADING, where, None, 2, 0), 0)
    assert bench.words() == "The first day is after the last."
    QTest.keyClicks(bar.text, "x")
    assert bench.words() == "Looked at 2 objects (0\u00a0B) so far, 0 found"


def test_it_says_how_far_it_is(bench: Bench) -> None:
    bar, where = bench.bar, searched(Query("log"))
    bar.follow(ListingStatus(Phase.LOADING, where, None, 120_000, 5_000_000), 45)
    assert bench.words() == "Looked at 120,000 objects (5.00\u00a0MB) so far, 45 found"
    assert bar.go.text() == "Stop"
    bar.go.click()
    assert bench.told == ["stop"]
    bar.follow(ListingStatus(Phase.COMPLETE, where, None, 1, 5), 0)
    assert bench.words() == "Looked at all of 1 object (5\u00a0B) below here, 0 found"
    assert bar.go.text() == "Search"
    bar.follow(ListingStatus(Phase.STOPPED, where, None, 7, 5), 2)
    assert bench.words() == "Stopped after 7 objects (5\u00a0B), 2 found"
    bar.follow(ListingStatus(Phase.PARTIAL, where, failure(ErrorKind.TIMEOUT), 7, 5), 2)
    assert bench.words() == "Broke off after 7 objects (5\u00a0B), 2 found"
    bar.follow(ListingStatus(Phase.PARTIAL, where, failure(ErrorKind.PARTIAL), 7, 5, left_out=1), 2)
    assert bench.words() == "Looked at 7 objects (5\u00a0B) below here, 2 found; 1 entry had no readable key"


def test_escape_stops_then_closes(bench: Bench) -> None:
    bar, where = bench.bar, searched(Query("log"))
    bar.begin("log")
    bar.follow(ListingStatus(Phase.LOADING, where), 0)
    for widget in (bar.text, bar.match, bar.case, bar.go):
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_Escape)
    assert bench.told == ["stop"] * 4
    bar.follow(ListingStatus(Phase.COMPLETE, where), 0)
    assert bar.isVisible()
    QTest.keyClick(bar.go, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert bench.told[4:] == ["left"]
    bar.follow(ListingStatus(Phase.COMPLETE, where), 0)
    assert not bar.isVisible()  # what was found stays, and so does the bar


def test_keys(bench: Bench) -> None:
    bar = bench.bar
    bar.begin("log")
    QTest.keyClick(bar.text, Qt.Key.Key_Return)
    QTest.keyClick(bar.match, Qt.Key.Key_Enter)
    assert bench.wanted == [Query("log"), Query("log")]
    QTest.keyClick(bar.text, Qt.Key.Key_Down)
    assert bench.told == ["list"]
    for widget, what in ((bar.case, bar.case.isChecked), (bar.more, bar._bounds.isVisible)):
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_Return)
        assert what()
    bar.close_.setFocus()
    QTest.keyClick(bar.close_, Qt.Key.Key_Return)
    assert not bar.isVisible()
    assert len(bench.wanted) == 2


def test_it_comes_and_goes_with_the_search(bench: Bench) -> None:
    bar = bench.bar
    bar.follow(ListingStatus(Phase.COMPLETE, searched(Query("log"))), 1)
    assert bar.isVisible()
    bar.follow(ListingStatus(Phase.COMPLETE, FOLDER), 1)
    assert not bar.isVisible()
    bar.begin()
    for where in (Location("c", "b", "p/q/"), searched(Query())):  # another folder and the flat view leave it open
        bar.follow(ListingStatus(Phase.LOADING, where), 0)
        assert bar.isVisible()
        assert bench.words() == ""
    bar.follow(ListingStatus(Phase.LOADING, Location("c")), 0)
    assert not bar.isVisible()  # nothing to search there
    bar.begin()
    bar.follow(ListingStatus(), 0)
    assert not bar.isVisible()


def test_a_day_is_chosen_in_a_calendar(bench: Bench, qtbot: QtBot) -> None:
    bar = bench.bar
    bar.begin()
    bar.more.setChecked(True)
    field = bar.after
    bench.fill(after="2026-11-03")
    QTest.keyClick(field, Qt.Key.Key_Down)
    menu = field.findChild(QMenu)
    assert isinstance(menu, QMenu)
    qtbot.waitUntil(menu.isVisible)
    calendar = menu.findChild(QCalendarWidget)
    assert isinstance(calendar, QCalendarWidget)
    assert calendar.selectedDate() == QDate(2026, 11, 3)
    calendar.setSelectedDate(QDate(2026, 11, 20))
    calendar.activated.emit(calendar.selectedDate())
    assert field.text() == "2026-11-20"
    qtbot.waitUntil(lambda: field.findChild(QMenu) is None)


@pytest.mark.parametrize("seen", ["en", "fr"])
def test_it_fits_a_small_window(qtbot: QtBot, english: None, seen: str) -> None:
    set_language(seen)
    bench = Bench(qtbot)
    bench.bar.begin()
    bench.bar.more.setChecked(True)
    assert bench.bar.minimumSizeHint().width() <= 680  # beside the sidebar in 900 pixels


def test_a_day_field_shows_the_day_of_a_time(qtbot: QtBot, english: None) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    field = DayField(host, "day", translate("search", "Changed since"), translate("search", "today"))
    field.show_seconds(int(time.time()))
    assert field.day() == QDate.currentDate()
    field.show_seconds(None)
    assert field.day() is None


def test_words_without_a_location(english: None) -> None:
    assert say(looked_words(ListingStatus(), 0)).startswith("Broke off")


def test_the_partial_bar_tells_a_search_from_a_list(qtbot: QtBot, english: None) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    told: list[str] = []
    bar = PartialBar(
        lambda: told.append("again"), lambda error: told.append(error.kind.value), lambda _error: told.append("why"), host
    )
    host.show()
    for where, word in ((FOLDER, "list"), (searched(Query()), "list"), (searched(Query("x")), "result")):
        bar.follow(ListingStatus(Phase.STOPPED, where), 3)
        assert bar.isVisible()
        assert bar._text.text().startswith(f"Partial {word}: you stopped")
        assert not bar._details.isVisible()
        bar.follow(ListingStatus(Phase.PARTIAL, where, failure(ErrorKind.TIMEOUT)), 3)
        assert bar._text.text().startswith(f"Partial {word}: The store did not answer in time")
        bar.follow(ListingStatus(Phase.PARTIAL, where, failure(ErrorKind.PARTIAL), left_out=2), 3)
        assert bar._text.text().startswith(f"Partial {word}: 2 entries had no readable key. ")
        bar.follow(ListingStatus(Phase.COMPLETE, where), 3)
        assert not bar.isVisible()
        bar.follow(ListingStatus(Phase.PARTIAL, where, failure(ErrorKind.TIMEOUT)), 0)
        assert not bar.isVisible()  # a page in place of the list tells it
    bar.follow(ListingStatus(Phase.PARTIAL, FOLDER, failure(ErrorKind.TIMEOUT)), 3)
    bar._details.click()
    bar._again.click()
    assert told == ["timeout", "again"]
