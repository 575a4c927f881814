"""Looks at everything that the window shows: foreign text must be there letter by letter, and do nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from journeys.desk import Desk
from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextBlock, QTextDocument
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QToolTip,
    QWidget,
)

STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, and what turns letters. Line ends are for lists of names."""
_HIDES = re.compile("[\xad\u2060-\u2065\ufeff]")  # U+200B is put into long names to break them
_ROWS = 400  # of a view: more of them are of the same kinds


def check(desk: Desk) -> list[str]:
    """Look at all windows, dialogs, menus and tips that show; returns all that they say.

    File dialogs are left out, which are the system's, and what is in fields to type into: there a name must be as it is.
    """
    said: list[str] = []
    for top in desk.qt.topLevelWidgets():
        if top.isVisible() and not isinstance(top, QFileDialog):
            said.append(top.windowTitle())
            for widget in (top, *top.findChildren(QWidget)):
                if widget.isVisible():
                    _check_widget(widget)
                    said += _texts(widget)
    for text in said:
        assert not STEERS.search(text), repr(text)
        assert not _HIDES.search(text), repr(text)
    return said


def _check_widget(widget: QWidget) -> None:
    assert not isinstance(widget, QMessageBox | QTextEdit), "it guesses whether a text is HTML"
    for tip in (widget.toolTip(), widget.statusTip(), widget.whatsThis()):
        read(tip)
    for action in widget.actions():
        read(action.toolTip())
    if isinstance(widget, QLabel) and not widget.inherits("QTipLabel"):
        assert widget.textFormat() is Qt.TextFormat.PlainText, (widget.objectName(), widget.text())
        assert not widget.openExternalLinks()
    if isinstance(widget, QPlainTextEdit):
        _check_document(widget.document())


def _texts(widget: QWidget) -> Iterator[str]:
    """What a widget says to eyes and ears."""
    yield from (widget.accessibleName(), widget.accessibleDescription())
    if isinstance(widget, QLabel):
        yield read(widget.text()) if widget.inherits("QTipLabel") else widget.text()
    elif isinstance(widget, QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QPlainTextEdit):
        yield widget.toPlainText()
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText()
        if widget.isReadOnly():
            yield widget.text()
    elif isinstance(widget, QTabBar):
        yield from (widget.tabText(at) for at in range(widget.count()))
    elif isinstance(widget, QAbstractItemView) and isinstance(model := widget.model(), QAbstractItemModel):
        yield from _cells(model, QModelIndex())
    yield from (action.text() for action in widget.actions())
    yield read(widget.toolTip())


def _cells(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    for row in range(min(_ROWS, model.rowCount(parent))):
        for column in range(model.columnCount(parent)):
            index = model.index(row, column, parent)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                if isinstance(text := index.data(role), str):
                    yield text
            for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.StatusTipRole, Qt.ItemDataRole.WhatsThisRole):
                if isinstance(text := index.data(role), str):
                    yield read(text)
        yield from _cells(model, model.index(row, 0, parent))


def read(tip: str) -> str:
    """What a tool tip says, which Qt takes for HTML when it looks like it: no picture, no link."""
    if not QtText.mightBeRichText(tip):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    _check_document(document)
    return document.toPlainText().replace("\u2028", "\n")


def _check_document(document: QTextDocument) -> None:
    block: QTextBlock = document.begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            form = at.fragment().charFormat()
            assert not form.isImageFormat(), document.toHtml()
            assert not form.isAnchor(), document.toHtml()
            at += 1
        block = block.next()


async def rest_mouse(desk: Desk, view: QAbstractItemView, index: QModelIndex) -> str:
    """Let the mouse rest on a cell; what its tool tip says then."""
    await desk.act(lambda: view.scrollTo(index))
    point: QPoint = view.visualRect(index).center()
    event = QHelpEvent(QEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point))
    await desk.act(lambda: desk.qt.sendEvent(view.viewport(), event))
    await desk.until(QToolTip.isVisible, "the tool tip shows")
    check(desk)
    said = read(QToolTip.text())
    QToolTip.hideText()
    return said


async def look_and_leave(desk: Desk, title: str) -> list[str]:
    """Wait for a dialog, look at it, and leave it with Escape; what the screen said."""
    dialog = await desk.dialog(title)
    said = check(desk)
    await desk.keys("Escape")
    await desk.gone(dialog)
    return said
