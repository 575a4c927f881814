"""Public URLs, pre-signed URLs, and the preview."""

from __future__ import annotations

import json
import struct
import zlib
from urllib.parse import parse_qs, urlsplit

from contracts.cases import fetch_over_http
from journeys.conftest import Place
from journeys.desk import Desk
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QPlainTextEdit, QPushButton, QSpinBox, QToolButton

from cloudtemple_browser.demo.pictures import DAWN, png

fetch = fetch_over_http()
_TIP, _SPOKEN = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole


async def test_public_and_private_again(desk: Desk, place: Place) -> None:
    key, body = "folder/für alle & jeden #1%.txt", b"for everyone\n"
    place.put_all({key: body, "folder/other.txt": b"other"})
    name = key.removeprefix("folder/")
    await desk.start()
    await desk.connect("Lab", place.endpoint, place.user.access_key, place.user.secret_key, bucket=place.bucket)
    await desk.listed("folder")
    await desk.go(f"s3://{place.bucket}/folder/")
    await desk.listed(name, "other.txt")
    await desk.select(name)

    # Copying the URL of what is private never makes it public.
    menu = await _share_menu(desk)
    await desk.trigger("share.copy_url", menu)
    await desk.notice("opens only for objects that are public")
    url = desk.clipboard()
    assert fetch(url)[0] == 403
    QApplication.clipboard().clear()

    menu = await _share_menu(desk)
    await desk.trigger("share.public", menu)
    dialog = await desk.dialog("Make public")
    assert any("Anyone who has the URL can read" in words for words in desk.words(dialog))
    assert desk.find(QPlainTextEdit, "", dialog).toPlainText() == key
    assert desk.find(QPushButton, "cancel", dialog).isDefault()
    await desk.keys("Return")
    await desk.gone(dialog)
    await desk.turn()
    assert fetch(url)[0] == 403
    assert desk.clipboard() == ""

    menu = await desk.context_menu(desk.window.work.objects, await desk.row_center(name))
    await desk.trigger("share.public", menu)
    await desk.answer("Make public")
    await desk.notice("1 object public", "on the clipboard")
    assert desk.clipboard() == url
    assert fetch(url) == (200, body)
    assert desk.cell(name, role=_TIP) != desk.cell("other.txt", role=_TIP).replace("other.txt", name)
    assert "public" in desk.cell(name, role=_SPOKEN)
    assert fetch(url.replace(urlsplit(url).path.rsplit("/", 1)[1], "other.txt"))[0] == 403
    menu = await _share_menu(desk)
    assert menu.actions()[0].text() == "Public: anyone with the URL can read"
    await desk.trigger("share.private", menu)
    await desk.answer("Make private")
    await desk.notice("1 object private")
    assert fetch(url)[0] == 403
    assert "public" not in desk.cell(name, role=_SPOKEN)
    await desk.stop()


async def _share_menu(desk: Desk) -> QMenu:
    button = desk.find(QToolButton, "share-button")
    menu = button.menu()
    desk.begin(lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton))
    await desk.until(menu.isVisible, "the menu of Share is open")
    return menu


async def test_presigned_url(desk: Desk, place: Place) -> None:
    place.put_all({"a b.txt": b"for some"})
    await desk.start()
    await desk.connect("Lab", place.endpoint, place.user.access_key, place.user.secret_key, bucket=place.bucket)
    await desk.listed("a b.txt")
    await desk.select("a b.txt")
    await desk.menu("share.presign")
    dialog = await desk.dialog("Copy pre-signed URL")
    amount, unit = desk.find(QSpinBox, "", dialog), desk.find(QComboBox, "", dialog)
    assert (amount.value() * unit.currentData(), amount.maximum() * unit.currentData()) == (5 * 86400, 7 * 86400)
    await desk.keys("Ctrl+A", target=amount)
    for letter in "99":
        await desk.keys(letter, target=amount)
    assert amount.value() <= 7
    for at in range(unit.count()):
        unit.setCurrentIndex(at)
        assert amount.maximum() * unit.currentData() <= 7 * 86400
    unit.setCurrentText("minutes")
    for letter in ("Ctrl+A", "5"):
        await desk.keys(letter, target=amount)
    assert any(words.startswith("Ends today ") and "UTC" in words for words in desk.words(dialog)), desk.words(dialog)
    await desk.press("accept", dialog)
    await desk.gone(dialog)
    await desk.notice("Pre-signed URL copied", "can read until")
    url = desk.clipboard()
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["300"]
    assert fetch(url) == (200, b"for some")
    assert fetch(url.partition("?")[0])[0] == 403
    await desk.stop()


def _bomb() -> bytes:
    """A PNG of a few bytes that says to be 60,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


async def test_preview(desk: Desk, place: Place) -> None:
    picture = png(320, 200, DAWN)
    place.put_all(
        {
            "text.txt": "Grüße\n<b>not bold</b>\n".encode(),
            "data.json": b'{"b":[1,2],"a":null}',
            "broken.json": b'{"b":[1,2}',
            "picture.png": picture,
            "damaged.png": picture[:200],
            "bomb.png": _bomb(),
            "binary.bin": bytes(range(256)) * 10,
            "empty.txt": b"",
            "long.log": b"line of a log\n" * 40_000,
        }
    )
    await desk.start()
    await desk.connect("Lab", place.endpoint, place.user.access_key, place.user.secret_key, bucket=place.bucket)
    await desk.until(lambda: len(desk.names()) == 9, "all rows show")
    await desk.select("text.txt")
    await desk.keys("Space")
    pane = desk.window.work.inspector
    await desk.until(pane.isVisible, "the inspector shows")

    def shown() -> tuple[str, str]:
        texts = [one.toPlainText() for one in pane._preview.findChildren(QPlainTextEdit) if one.isVisible()]
        return "\n".join(texts), "\n".join(desk.words(pane._preview))

    async def preview(name: str, text: str, words: str) -> None:
        await desk.select(name)
        assert desk.text("inspector-title") == name
        await desk.until(lambda: text in shown()[0] and words in shown()[1], f"{name} is previewed, not {shown()}")

    await preview("text.txt", "Grüße\n<b>not bold</b>\n", "")
    await preview("data.json", json.dumps({"b": [1, 2], "a": None}, indent=2), "JSON, indented")
    await preview("broken.json", '{"b":[1,2}', "not valid JSON: line 1, column 10")
    await desk.select("picture.png")
    await desk.until(lambda: pane._preview.currentWidget() is pane._preview.picture, "the picture shows")
    assert not pane._preview.picture.pixmap().isNull()
    await preview("damaged.png", "", "damaged or too large")
    await preview("bomb.png", "", "damaged or too large")
    await preview("binary.bin", "", "not text and no picture")
    await preview("empty.txt", "", "This object is empty.")
    await preview("long.log", "line of a log\n" * 1000, "The first 262 KB of 560 KB.")
    await desk.stop()
