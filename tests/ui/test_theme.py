import re
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QStyleFactory
from pytestqt.qtbot import QtBot

from cloudtemple_browser.ui import theme
from cloudtemple_browser.ui.resources import resource_path

Role = QPalette.ColorRole
Group = QPalette.ColorGroup
MEANINGS = [theme.accent, theme.danger, theme.warning, theme.success, theme.muted]
BOTH = pytest.mark.parametrize("choice", ["light", "dark"])


@pytest.fixture(autouse=True)
def _restored(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply_theme(qapp, "")


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert theme.contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)
    assert theme.contrast(QColor("red"), QColor("red")) == 1


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        (Role.WindowText, Role.Window, 7),
        (Role.Text, Role.Base, 7),
        (Role.Text, Role.AlternateBase, 7),
        (Role.ButtonText, Role.Button, 7),
        (Role.HighlightedText, Role.Highlight, 4.5),
        (Role.ToolTipText, Role.ToolTipBase, 4.5),
        (Role.Link, Role.Base, 4.5),
        (Role.Link, Role.Window, 4.5),
        (Role.LinkVisited, Role.Base, 4.5),
        (Role.PlaceholderText, Role.Base, 4.5),
        (Role.Accent, Role.Window, 3),
    ],
)
def test_our_palettes_can_be_read(dark: bool, text: Role, ground: Role, least: float) -> None:
    palette = theme.palette_of(dark)
    for group in (Group.Active, Group.Inactive):
        assert theme.contrast(palette.color(group, text), palette.color(group, ground)) >= least


@pytest.mark.parametrize("dark", [False, True])
def test_our_palettes_say_every_role_and_make_disabled_texts_fainter(dark: bool) -> None:
    palette = theme.palette_of(dark)
    for role in Role:
        if role not in (Role.NoRole, Role.NColorRoles):
            assert palette.isBrushSet(Group.Active, role), role
    for role, ground in ((Role.WindowText, Role.Window), (Role.Text, Role.Base), (Role.ButtonText, Role.Button)):
        faint = theme.contrast(palette.color(Group.Disabled, role), palette.color(Group.Disabled, ground))
        assert 2 < faint < 4.5


@BOTH
def test_meanings_can_be_read_wherever_they_are_shown(qapp: QApplication, choice: str) -> None:
    theme.apply_theme(qapp, choice)
    palette = qapp.palette()
    for meaning in MEANINGS:
        assert theme.contrast(meaning(), palette.color(Role.Base)) >= 4.5, meaning
        assert theme.contrast(meaning(), palette.color(Role.Highlight)) >= 3, meaning
        assert theme.contrast(meaning(), palette.color(Role.Window)) >= (3 if meaning is theme.accent else 4.5), meaning


@BOTH
def test_connections_have_eight_colours_that_are_seen_and_told_apart(qapp: QApplication, choice: str) -> None:
    theme.apply_theme(qapp, choice)
    colours = [theme.connection_colour(index) for index in range(8)]
    assert all(theme.contrast(colour, qapp.palette().color(Role.Base)) >= 3 for colour in colours)
    for index, one in enumerate(colours):
        for other in colours[:index]:
            apart = sum(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))  # type: ignore[index]
            assert apart > 60
    assert theme.connection_colour(8) == colours[0]


@BOTH
def test_the_choice_is_shown_even_where_the_platform_has_no_schemes(qapp: QApplication, choice: str) -> None:
    theme.apply_theme(qapp, choice)
    assert theme.is_dark() == (choice == "dark")
    assert theme.accent() == QColor("#63c2a3" if choice == "dark" else "#2f7f68")


def test_following_a_system_without_colours_gives_our_light_ones(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "dark")
    theme.apply_theme(qapp, "")
    assert qapp.palette().color(Role.Window) == theme.palette_of(False).color(Role.Window)


def test_the_last_resort_of_1995_is_never_shown(qapp: QApplication) -> None:
    qapp.setStyleSheet("")
    qapp.setStyle(QStyleFactory.create("windows"))
    theme.apply_theme(qapp, "")
    qapp.setStyleSheet("")
    assert qapp.style().name() == "fusion"


def test_a_desktop_with_colours_of_its_own_keeps_them(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    theme.apply_theme(qapp, "")
    monkeypatch.setattr(theme, "_is_stock", lambda palette: False)
    theme.apply_theme(qapp, "")
    assert qapp.palette().color(Role.Window) != theme.palette_of(False).color(Role.Window)


def test_a_change_of_the_system_is_followed(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "dark")
    qapp.setPalette(theme.palette_of(False))  # what a platform theme does at such a moment
    qapp.styleHints().colorSchemeChanged.emit(qapp.styleHints().colorScheme())
    assert theme.is_dark()


@BOTH
def test_the_style_sheet_is_whole_and_has_the_colours_of_the_palette(qapp: QApplication, qtbot: QtBot, choice: str) -> None:
    theme.apply_theme(qapp, choice)
    sheet = qapp.styleSheet()
    assert "@" not in sheet
    assert theme.accent().name() in sheet
    pictures = re.findall(r'url\("(.*?)"\)', sheet)
    assert len(set(pictures)) == 4
    assert {picture.rpartition("-")[2] for picture in pictures} == {f"{choice}.svg"}
    assert all(resource_path("styles", picture.rpartition("/")[2]).is_file() for picture in pictures)
    button = QPushButton("Delete")
    qtbot.addWidget(button)
    button.setProperty("danger", True)
    button.resize(120, 30)
    assert button.grab().toImage().pixelColor(8, 8) == theme.danger()
