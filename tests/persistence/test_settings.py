from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtemple_browser.app.ports import SettingsBook
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.settings import MOST_AT_ONCE, Settings
from cloudtemple_browser.model.transfers import Limits, TransferRules
from cloudtemple_browser.persistence.settings import JsonSettingsBook

limits = st.builds(Limits, st.integers(0, 1 << 40), st.integers(0, 1 << 40), st.integers(1, MOST_AT_ONCE))
rules = st.builds(
    TransferRules,
    excluded=st.lists(st.text()).map(tuple),
    follow_links=st.booleans(),
    checksum=st.booleans(),
    keep_times=st.booleans(),
    resume=st.booleans(),
)
choices = st.builds(
    Settings,
    limits=limits,
    rules=rules,
    language=st.text(),
    theme=st.text(),
    binary_units=st.booleans(),
    compact_rows=st.booleans(),
    show_transfers=st.booleans(),
    show_inspector=st.booleans(),
    download_folder=st.text(),
    window=st.dictionaries(st.text(), st.text()).map(lambda found: tuple(found.items())),
    last_connection=st.text(),
    last_location=st.text(),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@settings(deadline=None)  # the disk decides
@given(choices)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, saved: Settings) -> None:
    book = JsonSettingsBook(tmp_path_factory.mktemp("round") / "settings.json")
    book.save(saved)
    assert book.load() == saved


def test_nothing_saved_is_the_defaults(path: Path) -> None:
    book: SettingsBook = JsonSettingsBook(path)
    assert book.load() == Settings()


@pytest.mark.parametrize("odd", [None, 1, 0, 1.5, "text", [], {}, {"a": 1}, True], ids=repr)
@pytest.mark.parametrize("field", Settings.__slots__)
def test_a_wrong_type_costs_one_field(path: Path, field: str, odd: Any) -> None:
    other = "theme" if field != "theme" else "language"
    path.write_text(json.dumps({field: odd, other: "kept"}))
    found = JsonSettingsBook(path).load()
    default = getattr(Settings(), field)
    assert getattr(found, other) == "kept"
    assert type(getattr(found, field)) is type(default)
    if type(odd) is type(default):
        assert getattr(found, field) == odd
    else:
        assert getattr(found, field) == default


def test_one_wrong_piece_of_window_state_costs_one_piece(path: Path) -> None:
    path.write_text(json.dumps({"window": {"main": "AAAA", "split": 7}}))
    assert JsonSettingsBook(path).load().window == (("main", "AAAA"),)


@pytest.mark.parametrize(
    ("saved", "found"),
    [
        ({"upload_rate": -1, "download_rate": 5, "at_once": 0}, Limits(0, 5, 1)),
        ({"upload_rate": True, "download_rate": 1.5, "at_once": 10**9}, Limits(at_once=MOST_AT_ONCE)),
    ],
)
def test_limits_stay_within_what_makes_sense(path: Path, saved: dict[str, Any], found: Limits) -> None:
    path.write_text(json.dumps({"limits": saved}))
    assert JsonSettingsBook(path).load().limits == found


def test_one_wrong_rule_costs_one_rule(path: Path) -> None:
    path.write_text(json.dumps({"rules": {"excluded": ["a", 7], "follow_links": 1, "checksum": True, "later": {}}}))
    assert JsonSettingsBook(path).load().rules == TransferRules(checksum=True)
    path.write_text(json.dumps({"rules": {"excluded": []}}))
    assert JsonSettingsBook(path).load().rules == TransferRules(excluded=())


def test_fields_of_a_newer_version_survive_a_save(path: Path) -> None:
    path.write_text(json.dumps({"later": [1], "theme": "dark"}))
    book = JsonSettingsBook(path)
    book.save(Settings(theme="light"))
    saved = json.loads(path.read_text())
    assert (saved["later"], saved["theme"]) == ([1], "light")


def test_a_damaged_file_is_set_aside(path: Path) -> None:
    path.write_text("{")
    book = JsonSettingsBook(path)
    assert book.load() == Settings()
    book.save(Settings(theme="dark"))
    assert book.load() == Settings(theme="dark")
    assert path.with_name("settings.json.damaged").read_text() == "{"


def test_a_file_that_can_not_be_read_gives_the_defaults_and_is_not_replaced(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.mkdir()
    book = JsonSettingsBook(path)
    assert book.load() == Settings()
    assert "defaults are used" in caplog.text
    with pytest.raises(BrowserError):
        book.save(Settings())
    assert path.is_dir()
