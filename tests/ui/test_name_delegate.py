"""The cells that the object table paints itself look as the style paints them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from app.rig import World
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.ui import theme
from cloudtemple_browser.ui.views.name_delegate import CellDelegate
from cloudtemple_browser.ui.views.object_view import ObjectView

NAMES = (
    "a.txt",
    "b & <i>b</i> fi AVAVA.json",
    "c" * 200 + ".parquet",
    "d été œuvre.csv",
    "e שלום.txt",
    "f 日本.png",
    "g\tg",
    "h.jpg",
)
ROWS = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


@pytest.fixture
def view(world: World, qtbot: QtBot, english: None) -> Iterator[ObjectView]:
    theme.apply_theme(QApplication.instance(), "light")  # type: ignore[arg-type]
    view = ObjectView(world.app.listing, world.background)
    qtbot.addWidget(view)
    n = len(NAMES)
    rows = Rows("")
    sizes = tuple(123 * 7**at for at in range(n))
    rows.append(ListingPage(("folder/",), NAMES, sizes, (1_600_000_000,) * n, ("e",) * n, ("STANDARD",) * n))
    rows.public[NAMES[-1]] = True
    view.table.set_rows(rows, buckets=False)
    view.resize(900, 400)
    view.show()
    yield view
    view.release()
    theme.apply_theme(QApplication.instance(), "")  # type: ignore[arg-type]


def picture(view: ObjectView) -> QImage:
    view.grab()
    view.grab()  # what is painted a third time is laid out for good
    return view.grab().toImage()


def by_the_style(view: ObjectView, monkeypatch: pytest.MonkeyPatch) -> QImage:
    with monkeypatch.context() as patched:
        patched.setattr(CellDelegate, "_painted", lambda *_arguments: False)
        return picture(view)


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("state", ["plain", "selected", "narrow", "disabled", "flat"])
def test_cells_look_as_the_style_paints_them(
    view: ObjectView, monkeypatch: pytest.MonkeyPatch, choice: str, state: str
) -> None:
    theme.apply_theme(QApplication.instance(), choice)  # type: ignore[arg-type]
    if not theme.drawn_by_qt():
        pytest.skip("the style is the platform's")
    if state == "selected":
        for row in (0, 2, 4, 8):
            view.selectionModel().select(view.table.index(row, 0), ROWS)
    elif state == "narrow":
        view.set_compact(True)
        for column in range(1, 6):
            view.setColumnWidth(column, 60)
        view.resize(420, 300)
    elif state == "flat":
        view.setColumnHidden(5, False)
    view.setEnabled(state != "disabled")
    painted: list[bool] = []
    real = CellDelegate._painted

    def noted(*arguments: object) -> bool:
        painted.append(real(*arguments))  # type: ignore[arg-type]
        return painted[-1]

    with monkeypatch.context() as patched:
        patched.setattr(CellDelegate, "_painted", noted)
        ours = picture(view)
    assert any(painted) == (state != "disabled")
    assert ours == by_the_style(view, monkeypatch)


def test_a_new_theme_has_new_colours(view: ObjectView, monkeypatch: pytest.MonkeyPatch) -> None:
    if not theme.drawn_by_qt():
        pytest.skip("the style is the platform's")
    light = picture(view)
    theme.apply_theme(QApplication.instance(), "dark")  # type: ignore[arg-type]
    dark = picture(view)
    assert dark != light
    assert dark == by_the_style(view, monkeypatch)


@pytest.mark.parametrize("points", [8, 10, 11, 14, 17])
def test_a_new_font_is_laid_out_anew(view: ObjectView, monkeypatch: pytest.MonkeyPatch, points: int) -> None:
    picture(view)
    font = view.font()
    font.setPointSize(points)
    view.setFont(font)
    assert picture(view) == by_the_style(view, monkeypatch)
