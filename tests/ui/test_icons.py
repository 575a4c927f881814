import gc
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.model.content_types import family_of
from cloudtemple_browser.ui import theme
from cloudtemple_browser.ui.icons import ColourRole, app_icon, file_icon, icon, pixmap
from cloudtemple_browser.ui.resources import resource_path

OUTLINES = sorted(path.stem for path in resource_path("icons").glob("*.svg") if path.stem != "app")
PACKAGE = resource_path().parent / "cloudtemple_browser"
Role = QPalette.ColorRole
Group = QPalette.ColorGroup


@pytest.fixture(autouse=True)
def _theme(qapp: QApplication) -> Iterator[None]:
    theme.apply_theme(qapp, "light")
    yield
    theme.apply_theme(qapp, "")


def ink(picture: QPixmap | QImage) -> set[str]:
    """The colours of the fully covered pixels."""
    image = picture.toImage() if isinstance(picture, QPixmap) else picture
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


def coverage(name: str, size: int) -> bytes:
    """The opacity of each pixel, row by row."""
    image = pixmap(name, size, 1.0).toImage().convertToFormat(QImage.Format.Format_Alpha8)  # bits need it alive
    return bytes(image.constBits())


@pytest.mark.parametrize("name", OUTLINES)
def test_every_drawing_is_of_the_family(name: str) -> None:
    drawing = ET.fromstring(resource_path("icons", f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own file
    wanted = {
        "viewBox": "0 0 24 24",
        "fill": "none",
        "stroke": "currentColor",
        "stroke-width": "1.75",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
    }
    assert wanted.items() <= drawing.attrib.items()
    assert len(drawing) > 0
    assert not any({"fill", "stroke", "stroke-width", "style", "transform"} & part.attrib.keys() for part in drawing)


@pytest.mark.parametrize("name", OUTLINES)
def test_every_drawing_keeps_inside_its_square(name: str) -> None:
    covered = [(at % 96, at // 96) for at, alpha in enumerate(coverage(name, 96)) if alpha > 127]
    assert len(covered) > 150
    assert all(3 <= x < 93 and 3 <= y < 93 for x, y in covered)


def test_drawings_differ() -> None:
    assert len({coverage(name, 16) for name in OUTLINES}) == len(OUTLINES)


def test_names_used_in_the_package_exist() -> None:
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    used = {name for source in sources for name in re.findall(r"\b(?:icon|pixmap)(?:\(|=)\s*\"([a-z-]+)\"", source)}
    assert used <= set(OUTLINES)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError, match="no-such"):
        icon("no-such")
    with pytest.raises(KeyError):
        file_icon("spreadsheet-of-1987")


@pytest.mark.parametrize(
    "name", ["a.png", "a.mp4", "a.mp3", "a.zip", "a.txt", "a.json", "a.csv", "a.pdf", "a.docx", "nothing", "a.qcow2"]
)
def test_every_family_has_an_icon(name: str) -> None:
    assert ink(file_icon(family_of(name)).pixmap(QSize(48, 48), 1.0)) == {theme.muted().name()}


def test_an_icon_made_before_a_change_of_palette_shows_the_new_colours(qapp: QApplication) -> None:
    upload, delete = icon("upload"), icon("delete", "danger")
    assert ink(upload.pixmap(QSize(48, 48), 1.0)) == {qapp.palette().color(Role.WindowText).name()}
    light = theme.danger().name()
    theme.apply_theme(qapp, "dark")
    assert ink(upload.pixmap(QSize(48, 48), 1.0)) == {qapp.palette().color(Role.WindowText).name()}
    assert ink(delete.pixmap(QSize(48, 48), 1.0)) == {theme.danger().name()} != {light}


def test_modes_take_the_colours_of_their_texts(qapp: QApplication) -> None:
    def shown(mode: QIcon.Mode) -> set[str]:
        return ink(icon("folder").pixmap(QSize(48, 48), 1.0, mode))

    palette = qapp.palette()
    assert shown(QIcon.Mode.Disabled) == {palette.color(Group.Disabled, Role.WindowText).name()}
    assert shown(QIcon.Mode.Active) == {palette.color(Role.WindowText).name()}
    assert shown(QIcon.Mode.Selected) == {palette.color(Role.HighlightedText).name()}


@pytest.mark.parametrize(("highlight", "kept"), [("#cfe5dd", True), ("#b3261e", False)])
def test_a_colour_with_a_meaning_gives_way_on_a_selection_where_it_would_not_be_seen(
    qapp: QApplication, highlight: str, kept: bool
) -> None:
    palette = qapp.palette()
    palette.setColor(Role.Highlight, QColor(highlight))
    palette.setColor(Role.HighlightedText, QColor("#fefefe"))
    qapp.setPalette(palette)
    selected = icon("delete", "danger").pixmap(QSize(48, 48), 1.0, QIcon.Mode.Selected)
    assert ink(selected) == {theme.danger().name() if kept else "#fefefe"}


def test_it_is_rendered_at_the_pixels_of_the_screen() -> None:
    picture = pixmap("settings", 20, 2.5)
    assert picture.size() == QSize(50, 50)
    assert picture.devicePixelRatio() == 2.5


def test_painting_fills_device_pixels_and_keeps_the_middle() -> None:
    canvas = QImage(80, 40, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.setDevicePixelRatio(2.0)
    canvas.fill(0)
    painter = QPainter(canvas)
    icon("panel-left").paint(painter, QRect(0, 0, 40, 20))
    painter.end()
    expected = pixmap("panel-left", 20, 2.0).toImage()
    canvas.setDevicePixelRatio(1.0)
    expected.setDevicePixelRatio(1.0)
    assert canvas.copy(20, 0, 40, 40) == expected.convertToFormat(canvas.format())
    assert not ink(canvas.copy(0, 0, 20, 40))


def test_an_icon_is_made_once_and_copies_outlive_it() -> None:
    assert icon("copy") is icon("copy")
    icons = [QIcon(icon("copy")) for _ in range(50)]
    for copied in icons:
        copied.setIsMask(False)  # detaches: a clone of its own
    gc.collect()
    assert all(ink(copied.pixmap(QSize(48, 48), 1.0)) for copied in icons)
    assert icon("copy").isMask()


@pytest.mark.parametrize("colour_role", ["accent", "danger", "warning", "success", "muted"])
def test_a_coloured_icon_is_no_mask(colour_role: ColourRole) -> None:
    assert not icon("info", colour_role).isMask()


def test_the_application_icon_keeps_its_colours(qapp: QApplication) -> None:
    colours = ink(app_icon().pixmap(QSize(16, 16), 1.0))
    assert "#ffffff" in colours
    assert any(QColor(colour).green() > QColor(colour).red() + 40 for colour in colours)


def test_resources_are_found_in_a_checkout_and_inside_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "cloudtemple_browser"
    monkeypatch.setattr("cloudtemple_browser.ui.resources._PACKAGE", package)
    assert resource_path("icons", "app.svg") == tmp_path / "resources" / "icons" / "app.svg"
    (package / "resources").mkdir(parents=True)
    assert resource_path("icons", "app.svg") == package / "resources" / "icons" / "app.svg"
