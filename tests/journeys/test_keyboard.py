"""The whole job without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contracts.cases import fetch_over_http
from journeys.conftest import Place
from journeys.desk import Desk
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QWidget,
)

fetch = fetch_over_http()


async def tab_to(desk: Desk, reached: Callable[[QWidget], bool], what: str, key: str = "Tab") -> None:
    """Press Tab until the focus is where it is wanted."""
    for _ in range(30):
        widget = await desk.focused()
        if reached(widget):
            return
        await desk.keys(key)
    raise AssertionError(f"Tab does not lead to {what}\n{desk.describe()}")


async def tab_to_name(desk: Desk, name: str) -> None:
    """Press Tab until the widget with an object name has the focus."""
    await tab_to(desk, lambda widget: widget.objectName() == name, name)


async def connect(desk: Desk, place: Place) -> None:
    """From the welcome page to a saved connection."""
    await tab_to_name(desk, "state-connection.new")
    await desk.keys("Space")
    dialog = await desk.dialog("New connection")
    for field, value in (
        ("name", "Lab"),
        ("endpoint", place.endpoint),
        ("access_key", place.user.access_key),
        ("secret", place.user.secret_key),
    ):
        await tab_to_name(desk, field)
        await desk.write(value)
    await desk.keys("Return")
    await desk.gone(dialog)
    await desk.until(lambda: place.bucket in desk.names(), "the buckets are listed")


async def test_without_a_mouse(desk: Desk, either: Place) -> None:
    either.put_all({"docs/a.txt": b"a", "docs/b.txt": b"bb", "docs/deep/c.json": b"{}", "docs/zz/d": b"d"})
    await desk.start()
    await connect(desk, either)
    await desk.keys("Ctrl+L")
    field = desk.find(QLineEdit, "location")
    assert field.hasFocus()
    await desk.write(f"s3://{either.bucket}/docs")
    await desk.keys("Return")
    await desk.listed("deep", "zz", "a.txt", "b.txt")
    view = desk.window.work.objects
    assert view.hasFocus()

    # Into a folder and out of it, which is then the selected one.
    await desk.keys("Down")
    assert selected(desk) == ["deep"]
    await desk.keys("Return")
    await desk.listed("c.json")
    await desk.keys("Backspace")
    await desk.listed("deep", "zz", "a.txt", "b.txt")
    await desk.until(lambda: selected(desk) == ["deep"], "the folder that was left is selected")
    await desk.keys("Down", "Enter")
    await desk.listed("d")
    await desk.keys("Alt+Up")
    await desk.until(lambda: selected(desk) == ["zz"], "the folder that was left is selected")
    await desk.keys("Alt+Left")
    await desk.listed("d")
    await desk.keys("Alt+Right")
    await desk.listed("deep", "zz", "a.txt", "b.txt")

    await panels(desk)
    await filters(desk)
    await desk.keys("Home", "Down", "Down")
    assert selected(desk) == ["a.txt"]
    await desk.keys("Ctrl+Shift+C")
    await desk.notice("URL copied")
    assert fetch(desk.clipboard())[0] == 403
    assert desk.clipboard().endswith(f"/{either.bucket}/docs/a.txt")
    await desk.keys("Ctrl+C")
    await desk.until(lambda: desk.clipboard() == f"s3://{either.bucket}/docs/a.txt", "the address is on the clipboard")
    await desk.keys("Ctrl+A")
    await desk.until(lambda: len(selected(desk)) == 4, "everything is selected")
    await desk.keys("Ctrl+Shift+I")
    await desk.until(lambda: selected(desk) == [], "nothing is selected")
    await delete(desk, either)
    await desk.keys("Ctrl+Q")
    await desk.until(lambda: not desk.window.isVisible(), "the window is closed")


def selected(desk: Desk) -> list[str]:
    """The names of the selected rows."""
    view = desk.window.work.objects
    return [index.data() for index in view.selectionModel().selectedRows()]


async def panels(desk: Desk) -> None:
    window = desk.window
    for keys, part in (("F9", window.work.side), ("F4", window.work.inspector), ("Ctrl+0", window.work.panel.tree)):
        before = part.isVisible()
        await desk.keys(keys)
        assert part.isVisible() is not before, keys
        await desk.keys(keys)
        assert part.isVisible() is before, keys
    await desk.keys("F1")
    dialog = await desk.dialog("Keyboard shortcuts")
    table = desk.find(QTableWidget, "", dialog)
    model = table.model()
    rows = {model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())}
    assert rows["Refresh"] == "F5, Ctrl+R"
    assert rows["Paste files or text"] == "Ctrl+V"
    await desk.keys("Escape")
    await desk.gone(dialog)
    assert window.work.objects.hasFocus()


async def filters(desk: Desk) -> None:
    await desk.keys("Ctrl+F")
    field = desk.find(QLineEdit, "filter")
    assert field.hasFocus()
    await desk.write("b.t")
    await desk.listed("b.txt")
    await desk.keys("Return")
    assert desk.window.work.objects.hasFocus()
    assert selected(desk) == ["b.txt"]
    await desk.keys("Space")
    await desk.until(desk.window.work.inspector.isVisible, "the preview shows")
    await desk.until(lambda: desk.find(QPlainTextEdit, "", desk.window.work.inspector).toPlainText() == "bb", "the text shows")
    await desk.keys("F4", "/")
    assert field.hasFocus()
    await desk.keys("Escape")
    await desk.listed("deep", "zz", "a.txt", "b.txt")
    assert field.text() == ""
    assert desk.window.work.objects.hasFocus()


async def delete(desk: Desk, place: Place) -> None:
    await desk.keys("Home", "Shift+Down", "Delete")
    dialog = await desk.dialog("Delete")
    await tab_to_name(desk, "accept")
    assert desk.find(QPushButton, "accept", dialog).text() == "Delete 2 objects"
    await desk.keys("Space")
    await desk.gone(dialog)
    await desk.notice("2 objects deleted")
    assert sorted(place.stored()) == ["docs/a.txt", "docs/b.txt"]
    assert desk.names() == ["a.txt", "b.txt"]
    # Somebody else adds one; F5 shows it.
    place.put_all({"docs/new.txt": b"new"})
    await desk.keys("F5")
    await desk.listed("a.txt", "b.txt", "new.txt")


async def test_new_things_without_a_mouse(desk: Desk, either: Place, tmp_path: Path) -> None:
    either.put_all({"here/a.txt": b"a"})
    await desk.start()
    await connect(desk, either)
    await desk.go(f"s3://{either.bucket}/here/")
    await desk.listed("a.txt")
    await desk.keys("Ctrl+Shift+N")
    dialog = await desk.dialog("New folder")
    await desk.write("new one")
    await desk.keys("Return")
    await desk.gone(dialog)
    await desk.listed("new one", "a.txt")
    assert either.read("here/new one/") == b""
    await new_object(desk, either)
    await paste(desk, either, tmp_path)
    await desk.stop()


async def new_object(desk: Desk, place: Place) -> None:
    await desk.keys("Ctrl+T")
    dialog = await desk.dialog("New object from text")
    store = desk.find(QAbstractButton, "accept", dialog)
    await desk.write("data.json")
    await desk.keys("Tab", "Tab")
    editor = desk.find(QPlainTextEdit, "editor", dialog)
    assert editor.hasFocus()
    assert desk.find(QComboBox, "content-type", dialog).currentText() == "application/json"
    await desk.write('{"a": 1,}')
    assert any("Not valid JSON at line 1, column 9" in words for words in desk.words(dialog)), desk.words(dialog)
    assert not store.isEnabled()
    await desk.keys("Left", "Backspace")
    assert store.isEnabled()
    await desk.keys("Shift+Tab", "Shift+Tab", "Return")
    await desk.gone(dialog)
    await desk.notice("data.json is stored")
    assert place.read("here/data.json") == b'{"a": 1}'
    assert place.client.head_object(Bucket=place.bucket, Key="here/data.json")["ContentType"] == "application/json"
    await desk.until(lambda: selected(desk) == ["data.json"], "the new object is selected")


async def paste(desk: Desk, place: Place, tmp_path: Path) -> None:
    QApplication.clipboard().setText("pasted text ✓\n")
    await desk.front()
    await desk.keys("Ctrl+V")
    dialog = await desk.dialog("New object from text")
    assert desk.find(QPlainTextEdit, "editor", dialog).toPlainText() == "pasted text ✓\n"
    await desk.write("a.txt")
    await desk.keys("Return")
    # An object of this name is there: it is replaced only after a question, whose default is not to.
    question = await desk.dialog("Replace")
    await desk.keys("Return")
    await desk.gone(question)
    assert place.read("here/a.txt") == b"a"
    await desk.keys("Ctrl+V")
    dialog = await desk.dialog("New object from text")
    await desk.write("pasted.txt")
    await desk.keys("Return")
    await desk.gone(dialog)
    await desk.notice("pasted.txt is stored")
    assert place.read("here/pasted.txt") == "pasted text ✓\n".encode()
    files = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for path in files:
        path.write_text(path.name)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    QApplication.clipboard().setMimeData(data)
    await desk.keys("Ctrl+V")
    sheet = await desk.dialog("Upload")
    await desk.keys("Return")
    await desk.gone(sheet)
    await desk.notice("2 objects uploaded")
    await desk.listed("new one", "a.txt", "data.json", "pasted.txt", "one.txt", "two.txt")
    assert place.read("here/two.txt") == b"two.txt"
