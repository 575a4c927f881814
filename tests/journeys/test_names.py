"""Names that break programs: shown literally everywhere, downloaded into their folder and no other, deleted exactly."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

from corpus import KEYS
from journeys.conftest import Place
from journeys.desk import Desk
from journeys.literal import check
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QPlainTextEdit,
    QToolButton,
)

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.s3.store import S3StoreFactory

IMAGE = "<img src=x onerror=alert(1)><b>&amp;&lt;"


def fill(place: Place, keys: dict[str, bytes]) -> None:
    """Store objects under keys that other clients would change."""
    connection = Connection("names", place.endpoint, place.user.access_key)
    store = S3StoreFactory().open(connection, SecretText(place.user.secret_key))
    for key, body in keys.items():
        store.put_object(ObjectRef(place.bucket, key), body, WriteOptions(), CallControl())
    store.close()


def all_keys(place: Place) -> set[str]:
    """All keys, as the store has them."""
    connection = Connection("names", place.endpoint, place.user.access_key)
    store = S3StoreFactory().open(connection, SecretText(place.user.secret_key))
    found = {key for page in store.list_pages(place.bucket, "", "", CallControl()) for key in page.keys}
    store.close()
    return found


def deceives(letter: str) -> bool:
    """Whether a letter is a control, or hides or turns others."""
    return unicodedata.category(letter) in ("Cc", "Zl", "Zp") or letter in "\u200b\u200d\u202e\ufeff"


def position(desk: Desk, key: str) -> int:
    """Where the row of a key (or of a folder's prefix) is in the list."""
    table = desk.window.work.objects.table
    return table.order.index(table.rows.find(key))


async def select_keys(desk: Desk, keys: list[str]) -> None:
    """Click the rows of keys, the second and later ones with Ctrl."""
    view = desk.window.work.objects
    for at, key in enumerate(keys):
        index = view.table.index(position(desk, key), 0)
        await desk.act(lambda: view.scrollTo(index))  # noqa: B023
        modifier = Qt.KeyboardModifier.ControlModifier if at else Qt.KeyboardModifier.NoModifier
        await desk.click(view.viewport(), view.visualRect(index).center(), modifier)
    await desk.until(lambda: desk.parts.app.state.selection.rows == len(keys), "the rows are selected")


async def test_hostile_names(desk: Desk, place: Place, tmp_path: Path) -> None:
    bodies = {key: f"<{name}>".encode() for name, key in KEYS.items()}
    fill(place, bodies)
    folders = {key.partition("/")[0] + "/" for key in KEYS.values() if "/" in key}
    objects = {key for key in KEYS.values() if "/" not in key}
    await desk.start()
    await desk.connect("<h1>Lab</h1>", place.endpoint, place.user.access_key, place.user.secret_key, bucket=place.bucket)
    await desk.until(lambda: len(desk.names()) == len(folders) + len(objects), "all rows show")
    for key in folders | objects:
        check_row(desk, key)
    check(desk)
    await download(desk, bodies, tmp_path)
    await delete(desk, place, sorted(objects), sorted(folders))
    await desk.stop()


def check_row(desk: Desk, key: str) -> None:
    table = desk.window.work.objects.table
    name = key.removesuffix("/")
    index = table.index(position(desk, key), 0)
    text: str = index.data()
    if not name:
        assert text == "(empty name)"
    elif any(map(deceives, name)):
        assert not any(map(deceives, text)), text
        rest = "".join(letter for letter in name if not deceives(letter))
        kept = iter(text)
        assert all(letter in kept for letter in rest), (name, text)
        assert len(text) > len(rest)
    else:
        assert text == name
    tip = QTextDocument()
    tip.setHtml(index.data(Qt.ItemDataRole.ToolTipRole))
    shown = tip.toPlainText()
    if name and not any(map(deceives, name)) and len(name) < 500:
        assert shown == name
    assert "\ufffc" not in shown or "\ufffc" in name  # what stands for a picture


def paths(folder: Path) -> set[Path]:
    """Everything below a folder."""
    return set(folder.rglob("*"))


async def download(desk: Desk, bodies: dict[str, bytes], tmp_path: Path) -> None:
    target = tmp_path / "outer" / "target"
    target.mkdir(parents=True)
    outside = paths(tmp_path) - paths(desk.profile)
    await desk.keys("Ctrl+A", target=desk.window.work.objects)
    await desk.menu("object.download")
    await desk.choose_path(target)
    await desk.notice(f"{len(bodies)} objects downloaded")
    assert paths(tmp_path) - paths(desk.profile) - paths(target) == outside
    found = [path for path in paths(target) if path.is_file()]
    assert all(path.resolve().is_relative_to(target) and not path.is_symlink() for path in found)
    assert Counter(path.read_bytes() for path in found) == Counter(bodies.values())
    assert (target / "a name with spaces.txt").read_bytes() == bodies["a name with spaces.txt"]
    check(desk)


async def delete(desk: Desk, place: Place, objects: list[str], folders: list[str]) -> None:
    before = all_keys(place)
    chosen = objects[::2] + folders[::2]
    gone = {key for key in before if key in objects[::2] or any(key.startswith(folder) for folder in folders[::2])}
    await select_keys(desk, chosen)
    await desk.keys("Delete")
    dialog = await desk.dialog("Delete")
    assert isinstance(dialog, QDialog)
    check(desk)
    assert desk.find(QPlainTextEdit, "", dialog).toPlainText().endswith(f"… and {len(gone) - 10} more")
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice(f"{len(gone)} objects deleted")
    assert all_keys(place) == before - gone
    left = {key for key in objects + folders if key not in chosen}
    table = desk.window.work.objects.table
    assert {table.rows.key(row) for row in table.order} == left


async def test_walking_through_hostile_folders(desk: Desk, strict: Place) -> None:
    fill(strict, {"a//b": b"1", "a/../c": b"2", "/": b"3", "<b>&/\u202etxt.exe": b"4"})
    await desk.start()
    await desk.connect("Lab", strict.endpoint, strict.user.access_key, strict.user.secret_key, bucket=strict.bucket)
    await desk.listed("(empty name)", "<b>&", "a")
    for names in (("a", "(empty name)", "b"), ("a", "..", "c")):
        for name in names[:-1]:
            await desk.until(lambda: name in desk.names(), f"{name} is listed")  # noqa: B023
            await desk.enter(name)
        await desk.listed(names[-1])
        await desk.keys("Alt+Up", "Alt+Up")
        await desk.listed("(empty name)", "<b>&", "a")
    await desk.enter("<b>&")
    await desk.until(lambda: len(desk.names()) == 1, "the folder is listed")
    assert "\u202e" not in desk.names()[0]
    assert "\u202e" not in desk.window.windowTitle()
    crumbs = [one.text() for one in desk.window.work.location.findChildren(QToolButton) if one.isVisible()]
    assert "<b>&&" in crumbs
    check(desk)
    await desk.stop()
