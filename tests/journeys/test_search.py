"""Finding things at any depth: the filter that leads to the search, the search bar, the flat view, all by keyboard."""

from __future__ import annotations

import time

from journeys.conftest import MANY, Place, many_size
from journeys.desk import Desk
from journeys.test_keyboard import connect, tab_to_name
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from cloudtemple_browser.model.query import Match

TREE = {
    "data/a.txt": b"a",
    "data/readme.log": b"x" * 50,
    "data/deep/er/console.LOG": b"x" * 2000,
    "data/deep/er/table.csv": b"1,2",
    "data/other/table.csv": b"1,2,3",
    "elsewhere/console.log": b"y",
}


def keys(desk: Desk) -> list[str]:
    """The keys of the rows shown, in order."""
    table = desk.window.work.objects.table
    return [table.rows.key(row) for row in table.order]


async def found(desk: Desk, *wanted: str) -> None:
    """Wait until the listing is complete and shows exactly these keys."""
    await desk.until(
        lambda: desk.parts.app.listing.status.phase.value == "complete" and sorted(keys(desk)) == sorted(wanted),
        f"the list shows {wanted}",
    )


def bar_words(desk: Desk) -> str:
    words = desk.find(QLabel, "search-words")
    return desk.text("search-words") if words.isVisible() else ""


async def match_by(desk: Desk, match: Match) -> None:
    """Choose how the text is read, from the text field, and go back there."""
    await tab_to_name(desk, "search-match")
    await desk.keys("Home", *["Down"] * list(Match).index(match))
    assert desk.window.work.search.match.currentData() is match
    await desk.keys("Shift+Tab")
    assert desk.window.work.search.text.hasFocus()


async def test_searching_without_a_mouse(desk: Desk, either: Place) -> None:
    either.put_all(TREE)
    await desk.start()
    await connect(desk, either)
    await desk.go(f"s3://{either.bucket}/data/")
    await desk.listed("deep", "other", "a.txt", "readme.log")
    await from_the_filter(desk)
    await through_the_bar(desk)
    await by_size(desk)
    await all_below(desk, either)
    await desk.stop()


async def from_the_filter(desk: Desk) -> None:
    work = desk.window.work
    await desk.keys("Ctrl+F")
    await desk.write("console")
    await desk.until(lambda: work.states.place is not None and work.states.place.name == "no-match", "nothing is shown")
    await tab_to_name(desk, "state-filter.search")
    await desk.keys("Space")
    await found(desk, "data/deep/er/console.LOG")
    assert work.filter.text() == ""
    assert work.search.text.text() == "console"
    assert bar_words(desk).startswith("Looked at all of 5 objects")
    assert "Search: console" in [step for step, _where in work.location._crumbs._steps]
    await desk.until(
        lambda: desk.text("listing-progress").startswith("Looked at all of 5 objects"), "the status bar says it too"
    )

    # Closed, the bar leaves what was found; from there to the folder and back.
    assert work.search.text.hasFocus()
    await desk.keys("Escape")
    assert not work.search.isVisible()
    assert work.objects.hasFocus()
    await desk.keys("Backspace")
    await desk.listed("deep", "other", "a.txt", "readme.log")
    await desk.keys("Alt+Left")
    await found(desk, "data/deep/er/console.LOG")
    assert work.search.isVisible()


async def through_the_bar(desk: Desk) -> None:
    work = desk.window.work
    await desk.keys("Ctrl+Shift+F")
    assert work.search.text.hasFocus()
    await match_by(desk, Match.GLOB)
    await desk.keys("Ctrl+A")
    await desk.write("t*.csv")
    await desk.keys("Return")
    await found(desk, "data/deep/er/table.csv", "data/other/table.csv")
    await match_by(desk, Match.REGEX)
    await desk.keys("Ctrl+A")
    await desk.write("er/(")
    await desk.keys("Return")
    await desk.until(lambda: bar_words(desk).startswith("This is not a regular expression"), "the mistake is told")
    assert len(keys(desk)) == 2
    await desk.keys("Ctrl+A")
    await desk.write(r"p/er/\w+\.csv$")
    await desk.keys("Return")
    await found(desk, "data/deep/er/table.csv")

    # From what was found into its folder.
    await desk.keys("Down")
    assert work.objects.hasFocus()
    await desk.until(lambda: desk.parts.app.state.on_one_object, "the first row is selected")
    (row,) = work.objects.selected_rows()
    key = work.objects.table.rows.key(row)
    await desk.keys("Ctrl+Alt+O")
    await desk.until(lambda: key in keys(desk) and not desk.parts.app.state.below, "the folder is open")
    await desk.complete()
    await desk.until(
        lambda: [work.objects.table.rows.key(one) for one in work.objects.selected_rows()] == [key], "the object is selected"
    )
    assert not work.search.isVisible()
    await desk.keys("Alt+Left")
    await found(desk, "data/deep/er/table.csv")


async def by_size(desk: Desk) -> None:
    await desk.keys("Ctrl+Shift+F")
    await match_by(desk, Match.SUBSTRING)
    await desk.keys("Ctrl+A", "Backspace")
    await tab_to_name(desk, "search-more")
    await desk.keys("Return")
    await tab_to_name(desk, "search-min-size")
    await desk.write("many")
    await desk.keys("Return")
    assert bar_words(desk).startswith("This is no size")
    await desk.keys("Ctrl+A")
    await desk.write("1 KB")
    await tab_to_name(desk, "search-after")
    await desk.write("2 days")
    await desk.keys("Return")
    await found(desk, "data/deep/er/console.LOG")
    await tab_to_name(desk, "search-before")
    await desk.write("2001-01-01")
    await desk.keys("Return")
    await desk.until(lambda: bar_words(desk) == "The first day is after the last.", "the mistake is told")
    await tab_to_name(desk, "search-close")
    await desk.keys("Return")
    assert desk.window.work.objects.hasFocus()


async def all_below(desk: Desk, place: Place) -> None:
    await desk.keys("Backspace")
    await desk.listed("deep", "other", "a.txt", "readme.log")
    await desk.keys("Ctrl+Shift+E")
    await found(desk, *(key for key in TREE if key.startswith("data/")))
    assert desk.window.work.actions_["view.flat"].isChecked()
    path = desk.profile / "new.txt"
    path.write_text("new")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    QApplication.clipboard().setMimeData(data)
    await desk.keys("Ctrl+V")
    sheet = await desk.dialog("Upload")
    await desk.keys("Return")
    await desk.gone(sheet)
    await desk.notice("1 object uploaded")
    assert place.read("data/new.txt") == b"new"
    await desk.until(lambda: "data/new.txt" in keys(desk), "the new object is a row")
    await desk.act(lambda: desk.parts.app.shell.select_keys(["data/other/table.csv"]))
    await desk.until(lambda: desk.parts.app.state.on_one_object, "one is selected")
    await desk.keys("Delete")
    dialog = await desk.dialog("Delete")
    await tab_to_name(desk, "accept")
    await desk.keys("Space")
    await desk.gone(dialog)
    await desk.notice("1 object deleted")
    assert "data/other/table.csv" not in place.stored()
    assert "data/other/table.csv" not in keys(desk)
    await desk.keys("Ctrl+Shift+E")
    await desk.listed("deep", "a.txt", "new.txt", "readme.log")


async def test_ten_thousand_objects(desk: Desk, ten_thousand: Place) -> None:
    await desk.start()
    await connect(desk, ten_thousand)
    await desk.go(f"s3://{ten_thousand.bucket}/")
    await desk.listed("many")
    await desk.keys("Ctrl+Shift+F")
    await desk.write("/0777")
    await desk.keys("Return")
    await found(desk, *(f"many/{number:05}.txt" for number in range(7770, 7780)))
    assert bar_words(desk).startswith("Looked at all of 10,000 objects")

    # Ended while it runs: what was found by then stays, and it is said that this is not all.
    await desk.write(".txt", desk.find(QLineEdit, "search-text"))
    await desk.keys("Return")
    await desk.until(lambda: len(keys(desk)) > 10, "some are found")
    if desk.parts.app.listing.status.phase.value == "loading":
        await desk.keys("Escape")
        assert desk.parts.app.listing.status.phase.value == "stopped"
        assert bar_words(desk).startswith("Stopped after")
        assert desk.text("partial-text").startswith("Partial result: you stopped the search")
        assert len(keys(desk)) < MANY
    await desk.keys("Return")
    await desk.until(lambda: len(keys(desk)) == MANY, "all are found")
    await desk.complete()
    rows = desk.parts.app.listing.rows
    assert rows.total_bytes == sum(map(many_size, range(MANY)))
    await desk.stop()


async def test_an_expression_that_takes_for_ever_holds_nobody_up(desk: Desk, modern: Place) -> None:
    modern.put_all({f"{'a' * 40}!": b"1", "b": b"2"})
    await desk.start()
    await connect(desk, modern)
    await desk.go(f"s3://{modern.bucket}/")
    await desk.listed(f"{'a' * 40}!", "b")
    await desk.keys("Ctrl+Shift+F")
    await match_by(desk, Match.REGEX)
    await desk.write("^(a+)+$")
    await desk.keys("Return")
    work, gaps, last = desk.window.work, [0.0], time.monotonic()
    until = last + 1.0

    def ticked() -> bool:
        nonlocal last
        now = time.monotonic()
        gaps.append(now - last)
        last = now
        return now > until

    await desk.until(ticked, "a second passes")
    assert max(gaps) < 2.0  # the expression would hold it for ever
    assert work.states.place is not None
    assert work.states.place.name == "searching"
    began = time.monotonic()
    await desk.keys("Escape")
    assert desk.parts.app.listing.status.phase.value == "stopped"
    assert time.monotonic() - began < 2.0
    await match_by(desk, Match.SUBSTRING)
    await desk.keys("Ctrl+A")
    await desk.write("b")
    await desk.keys("Return")
    await found(desk, "b")
    await desk.stop()
