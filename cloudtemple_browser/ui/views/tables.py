"""What the program's small tables have in common."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from cloudtemple_browser.app.courtesy import courtesy


class _Table(QTableView):
    def paintEvent(self, event: QPaintEvent) -> None:
        with courtesy:  # a table asks its model a thousand times
            super().paintEvent(event)


def plain_table(
    parent: QWidget, model: QAbstractItemModel, object_name: str, accessible_name: str, row_height: int, *, many: bool = False
) -> QTableView:
    """A table of whole rows without grid, frame or row numbers; ``row_height`` in pixels; ``many``: rows are selected together.

    Long texts are cut in the middle, and Tab leaves the table.
    """
    table = _Table(parent)
    table.setObjectName(object_name)
    table.setAccessibleName(accessible_name)
    table.setModel(model)
    modes = QAbstractItemView.SelectionMode
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(modes.ExtendedSelection if many else modes.SingleSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(row_height)
    table.horizontalHeader().setHighlightSections(False)
    return table
