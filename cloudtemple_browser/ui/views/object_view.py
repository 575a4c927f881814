"""The list of objects: selection, sorting, drops and keys. What is shown comes from ``ObjectTableModel``."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.app.filtering import first_beginning_with, position, positions
from cloudtemple_browser.app.listing import Listing, ListingStatus, Phase
from cloudtemple_browser.app.ordering import Column, OrderSpec
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.app.state import SelectionSize
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.models.object_table import COLUMNS, ObjectTableModel
from cloudtemple_browser.ui.theme import accent
from cloudtemple_browser.ui.views.name_delegate import CellDelegate, NameDelegate
from cloudtemple_browser.ui.views.sorter import AT_ONCE, MANY_RANGES, Sorter

_PATH = COLUMNS.index(Column.PATH)
_SIZE, _MODIFIED, _TYPE = map(COLUMNS.index, (Column.SIZE, Column.MODIFIED, Column.TYPE))
_CLASS = COLUMNS.index(Column.STORAGE_CLASS)
# The columns that leave, the last one first, and the pixels that the name has at least beside each of them.
_LEAVING = ((_MODIFIED, 120), (_TYPE, 220), (_CLASS, 220))
_NOTED = 1000  # rows that are selected again after a refresh: 10 ms among 20,000
_LOOKS = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)


@dataclass(frozen=True, slots=True)
class _Before:
    """What was selected in a location before it was listed again, and ``rows``: those of it that are selected again."""

    location: Location | None
    keys: frozenset[str]
    current: str  # "" where there was none
    rows: array[int] = field(default_factory=lambda: array("I"))


class ObjectView(QTableView):
    """The table in the middle of the window. GUI thread."""

    activated_row = Signal()
    selection_sized = Signal(SelectionSize)
    selection_lost = Signal()  # sorted, it would be in too many pieces
    dropped = Signal(object, str)  # tuple[Path, ...], the prefix of the folder row or ""
    menu_wanted = Signal(QPoint)
    drag_wanted = Signal()  # the selection is dragged: the mouse's event waits for the slot

    def __init__(self, listing: Listing, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listing, self._background = listing, background
        self.table = ObjectTableModel()
        self.setModel(self.table)
        self._drop_row = -1
        self._wanted: set[str] = set()
        self._showing: asyncio.Task[None] | None = None
        self._before: _Before | None = None
        self._typed, self._typed_at = "", 0.0
        self._set_up()
        self.sorter = Sorter(self, self.table, background, self.selection_lost.emit)
        self._size_timer = QTimer(self, singleShot=True, interval=0)
        self._size_timer.timeout.connect(self._measure_selection)
        self.table.modelReset.connect(self._size_timer.start)  # drops the selection without a word
        self._watched = [
            listing.replaced.add(self._replaced),
            listing.appended.add(self._appended),
            listing.changed.add(self._rows_changed),
            listing.removed.add(self._removed),
            listing.status_changed.add(self._status_changed),
        ]

    def _rows_changed(self, rows: list[int]) -> None:
        self.table.rows_changed(rows)
        self.sorter.soon()  # another size, another place

    def _set_up(self) -> None:
        self.setObjectName("objects")
        self.setAccessibleName(say(translate("table", "Objects")))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setIconSize(QSize(16, 16))
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.menu_wanted)
        self.doubleClicked.connect(lambda _index: self.activated_row.emit())
        self._delegates = CellDelegate(self, self.table), NameDelegate(self, self.table)
        self.setItemDelegate(self._delegates[0])
        self.setItemDelegateForColumn(0, self._delegates[1])
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.sectionClicked.connect(self._header_clicked)
        for column, width in enumerate((420, 96, 168, 136, 128, 220)):
            self.setColumnWidth(column, width)
        header.setMinimumSectionSize(60)
        # The name takes what the others leave: long names are what a wide window is for.
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.moveSection(_PATH, 1)
        self.show_columns()
        # Without a selection model of its own the header asks for every row whether it is selected: 18 s for a million.
        header.setSelectionModel(QItemSelectionModel(self.table, header))
        self.selectionModel().selectionChanged.connect(lambda _new, _old: self._size_timer.start())

    def set_compact(self, compact: bool) -> None:
        """Rows of 22 pixels in place of 28."""
        self.verticalHeader().setDefaultSectionSize(max(22 if compact else 28, self.fontMetrics().height() + 4))

    def release(self) -> None:
        """Stop watching the listing: the window is closed."""
        for forget in self._watched:
            forget()
        self.sorter.cancel()

    # ------------------------------------------------------------------------------------------------ rows and order

    def show_again(self) -> None:
        """Show the rows that are there: this view is younger than the listing."""
        self._replaced()
        self.sorter.now()

    def show_columns(self) -> None:
        """Show the column of the path where rows have one; the last columns leave when the name has no room."""
        self.setColumnHidden(_PATH, not self.table.rows.flat)
        room = self.viewport().width() - self.columnWidth(_SIZE) - self.columnWidth(_PATH)
        for column, least in _LEAVING:
            self.setColumnHidden(column, False)  # a hidden one has no width
            room -= self.columnWidth(column)
            self.setColumnHidden(column, room < least)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_columns()

    def _replaced(self) -> None:
        self._before = self._selected_before()
        location = self._listing.status.location
        self.table.set_rows(self._listing.rows, buckets=bool(location) and not location.bucket)  # type: ignore[union-attr]
        self.sorter.forget()
        self.show_columns()

    def _appended(self, new: range) -> None:
        bar, first = self.verticalScrollBar(), not self.table.order
        value = bar.value()
        at, folders = self.table.append(new)
        if folders and value > at and not first:  # what is looked at stays where it is
            self.executeDelayedItemsLayout()
            bar.setValue(value + folders)
        self.sorter.soon()
        if first:  # listed again: nobody has seen the order in which these rows came
            bar.setValue(value)
        self._show_wanted()
        self._select_again()

    def _removed(self) -> None:
        self.sorter.removed()
        self._size_timer.start()  # what is gone is selected no more

    def _status_changed(self, status: ListingStatus) -> None:
        buckets = status.location is not None and not status.location.bucket
        if buckets != self.table.buckets:  # the rows of a new location come before its status
            self.table.buckets = buckets
            self.table.forget_cells()
        if self._before is not None and self._before.location != status.location:
            self._before = None
        if status.phase is not Phase.LOADING:
            self.sorter.now()
            self._select_again()

    def _header_clicked(self, section: int) -> None:
        spec = self.table.spec
        column = COLUMNS[section]
        descending = not spec.descending if spec.column is column else False
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)
        self._set_spec(replace(spec, column=column, descending=descending))

    def set_filter(self, needle: str) -> None:
        """Show only names that contain every word of ``needle``."""
        self._set_spec(replace(self.table.spec, needle=needle))

    def set_natural(self, natural: bool) -> None:
        """Sort names by the value of the numbers in them, or character by character."""
        self._set_spec(replace(self.table.spec, natural=natural))

    def _set_spec(self, spec: OrderSpec) -> None:
        if spec != self.table.spec:
            self.table.spec = spec
            self.sorter.now()

    # ------------------------------------------------------------------------------------------------ selection

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        # QTableView's own walks every selected cell for the screen reader: 17 s for a million rows.
        QAbstractItemView.selectionChanged(self, selected, deselected)

    def selected_rows(self) -> array[int]:
        """The selected rows as row numbers of the listing, in the order shown."""
        return self.sorter.selected()

    def select_keys(self, keys: Iterable[str]) -> None:
        """Select and show these keys, now or when their rows come."""
        self._wanted = set(keys)
        self._show_wanted()

    def _show_wanted(self) -> None:
        if not self._wanted or (self._showing is not None and not self._showing.done()):
            return
        rows, order = self.table.rows, self.table.order
        if len(order) <= AT_ONCE:
            self._show_ranges(positions(order, rows.locate(self._wanted), rows.end, MANY_RANGES))
        else:
            self._showing = self._background.spawn(self._show_later(rows.snapshot(), order[:], self._wanted))

    async def _show_later(self, rows: Rows, order: array[int], wanted: set[str]) -> None:
        found = await self._background.call(rows.locate, wanted)
        ranges = await self._background.call(positions, order, found, rows.end, MANY_RANGES)
        if not isValid(self):
            return
        self._showing = None
        if wanted is self._wanted and order == self.table.order[: len(order)]:
            self._show_ranges(ranges)
        else:  # other keys, or another order: look again
            self._show_wanted()

    def _show_ranges(self, ranges: list[tuple[int, int]] | None) -> None:
        if ranges:
            self._wanted = set()
            self.sorter.select(ranges)
            first = self.table.index(ranges[0][0], 0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(first, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _selected_before(self) -> _Before | None:
        """What is selected, while its rows are still there; nothing where it would take too long to note."""
        location, before, rows = self._listing.status.location, self._before, self.table.rows
        at = self.currentIndex().row()
        current = rows.key(self.table.order[at]) if at >= 0 else ""
        if before is not None and self._untouched(before):  # listed again, and then once more
            return _Before(location, before.keys, current or before.current)
        chosen = self.selected_rows() if sum(map(len, self.sorter.pieces())) <= _NOTED else ()
        return _Before(location, frozenset(map(rows.key, chosen)), current) if chosen or current else None

    def _untouched(self, before: _Before) -> bool:
        """Whether nobody selected anything since."""
        there, chosen = [row for row in before.rows if not self.table.rows.gone[row]], self.selected_rows()
        return len(chosen) == len(there) and sorted(chosen) == sorted(there)

    def _select_again(self) -> None:
        """Select what was selected before as its rows come; of many rows, when all are there."""
        before, rows, order = self._before, self.table.rows, self.table.order
        ended = self._listing.status.phase is not Phase.LOADING
        if before is None or (len(order) > AT_ONCE and not ended):
            return
        if not self._untouched(before):
            self._before = None
        elif len(order) > AT_ONCE:
            self._background.spawn(self._select_later(before, rows.snapshot(), order[:]))
        else:
            self._select_places(before, *_places(rows, order, before))
            if ended:
                self._before = None

    async def _select_later(self, before: _Before, rows: Rows, order: array[int]) -> None:
        places = await self._background.call(_places, rows, order, before)
        if not isValid(self) or before is not self._before:
            return
        if order != self.table.order[: len(order)]:  # sorted meanwhile: look again
            self._select_again()
            return
        if self._untouched(before):
            self._select_places(before, *places)
        self._before = None

    def _select_places(self, before: _Before, ranges: list[tuple[int, int]], current: int) -> None:
        """Select and make current without scrolling: somebody is looking at something."""
        if sum(end - start + 1 for start, end in ranges) > len(before.rows):
            self.sorter.select(ranges)
            self._before = replace(before, rows=self.selected_rows())
        if current >= 0 and not self.currentIndex().isValid():
            self.setAutoScroll(False)
            self.selectionModel().setCurrentIndex(self.table.index(current, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
            self.setAutoScroll(True)

    def invert_selection(self) -> None:
        """Select what is not selected."""
        if self.table.order:
            last = self.table.index(len(self.table.order) - 1, len(COLUMNS) - 1)
            everything = QItemSelection(self.table.index(0, 0), last)
            self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.Toggle)

    def _measure_selection(self) -> None:
        chosen = self.selected_rows()
        if len(chosen) <= AT_ONCE:
            self.selection_sized.emit(SelectionSize(*self.table.rows.selection_size(chosen)))
        else:
            self._background.spawn(self._measure_in_background(chosen))

    async def _measure_in_background(self, chosen: array[int]) -> None:
        rows = self.table.rows
        size = await self._background.call(rows.snapshot().selection_size, chosen)
        if isValid(self) and rows is self.table.rows and not self._size_timer.isActive():
            self.selection_sized.emit(SelectionSize(*size))

    def keyboardSearch(self, search: str) -> None:
        """Go to the next row whose name begins with what was typed. Qt's own would ask for each of a million names."""
        now = time.monotonic()
        if now - self._typed_at > QApplication.keyboardInputInterval() / 1000:
            self._typed = ""
        self._typed, self._typed_at = self._typed + search, now
        again = len(set(self._typed.casefold())) == 1  # the same letter goes from row to row
        text, start = (self._typed[:1] if again else self._typed), max(0, self.currentIndex().row() + again)
        rows, order = self.table.rows.snapshot(), self.table.order
        if len(order) <= AT_ONCE:
            self._go_to(first_beginning_with(rows, order, text, start))
        else:
            self._background.spawn(self._search(rows, order[:], text, start, now))

    async def _search(self, rows: Rows, order: array[int], text: str, start: int, typed_at: float) -> None:
        at = await self._background.call(first_beginning_with, rows, order, text, start)
        if isValid(self) and typed_at == self._typed_at and order == self.table.order[: len(order)]:
            self._go_to(at)

    def _go_to(self, at: int) -> None:
        if at >= 0:
            self.setCurrentIndex(self.table.index(at, 0))

    # ------------------------------------------------------------------------------------------------ drops and keys

    def startDrag(self, _actions: Qt.DropAction) -> None:
        self.drag_wanted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._takes(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if not self._takes(event):
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._set_drop_row(self._folder_at(event.position().toPoint()))

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._set_drop_row(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_paths(event.mimeData())
        position = self._folder_at(event.position().toPoint())
        self._set_drop_row(-1)
        if paths and self._takes(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            prefix = self.table.rows.key(self.table.order[position]) if position >= 0 else ""
            # At once: the program that dragged waits until this handler returns.
            self.dropped.emit(paths, prefix)

    def _takes(self, event: QDropEvent) -> bool:
        location = self._listing.status.location
        return from_outside(event) and bool(location and location.bucket)

    def _folder_at(self, point: QPoint) -> int:
        at = self.indexAt(point).row()
        return at if at >= 0 and self.table.rows.is_folder(self.table.order[at]) else -1

    def _set_drop_row(self, position: int) -> None:
        if position != self._drop_row:
            self._drop_row = position
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with courtesy:
            super().paintEvent(event)
        if self._drop_row >= 0:
            painter = QPainter(self.viewport())
            painter.setPen(QPen(accent(), 2))
            top = self.rowViewportPosition(self._drop_row)
            painter.drawRect(1, top, self.viewport().width() - 2, self.rowHeight(self._drop_row) - 2)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        # Home and End are the first and the last row, as in every list of files; a table takes them for columns.
        if action in (QAbstractItemView.CursorAction.MoveHome, QAbstractItemView.CursorAction.MoveEnd):
            modifiers |= Qt.KeyboardModifier.ControlModifier
        return super().moveCursor(action, modifiers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter in a table would start editing; the command "Open" has it. Tab leaves the table.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOKS and hasattr(self, "_delegates"):
            for delegate in self._delegates:
                delegate.forget()
            self.table.forget_cells()


def _places(rows: Rows, order: array[int], before: _Before) -> tuple[list[tuple[int, int]], int]:
    """Where in an order what was selected is, and where the current row is, or -1. In any thread on a snapshot."""
    found = rows.locate((before.current,)) if before.current else ()
    current = position(order, found[0]) if found else -1
    return positions(order, rows.locate(before.keys), rows.end, MANY_RANGES) or [], current


def from_outside(event: QDropEvent) -> bool:
    """Whether this drag brings files, and not those that this program itself hands out: they are in the store already."""
    return event.source() is None and event.mimeData().hasUrls()


def dropped_paths(data: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of a drop or of the clipboard."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile())
