"""The list of objects: selection, sorting, drops and keys. What is shown comes from ``ObjectTableModel``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
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
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.listing import Listing, ListingStatus, Phase
from cloudtemple_browser.app.rows import OrderSpec, merged_ranges, ordered_rows
from cloudtemple_browser.app.state import SelectionSize
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.models.object_table import COLUMNS, PUBLIC_ROLE, ObjectTableModel
from cloudtemple_browser.ui.theme import accent, warning

_MANY_RANGES = 5000  # a selection in more pieces than this is not restored after sorting: it would take seconds
_COUNT_AT_ONCE = 20_000  # selected rows summed up in the GUI thread; more are summed in a worker
_MARK = 14  # pixels
_SHOWN_BY_GROUND = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver
_SORT_AGAIN = 300  # milliseconds after rows came


class _NameDelegate(QStyledItemDelegate):
    """Elides names in the middle, so that the extension stays visible, and marks public objects behind their names."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        if not index.data(PUBLIC_ROLE):
            super().paint(painter, option, index)
            return
        words = say(translate("table", "public"))
        room = _MARK + 4 + option.fontMetrics.horizontalAdvance(words) + 16
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        whole.text, whole.icon = "", QIcon()
        style = whole.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, whole, painter, whole.widget)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = option.palette.highlightedText() if selected else option.palette.text()
        inner = QStyleOptionViewItem(option)
        self.initStyleOption(inner, index)
        inner.rect.setRight(option.rect.right() - room)
        inner.state &= ~_SHOWN_BY_GROUND
        inner.palette.setBrush(QPalette.ColorRole.Text, ink)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, inner, painter, inner.widget)
        text_width = option.fontMetrics.horizontalAdvance(index.data())
        left = min(option.rect.left() + 32 + text_width + 12, inner.rect.right())
        mark = QRect(left, option.rect.center().y() - _MARK // 2 + 1, _MARK, _MARK)
        mode = QIcon.Mode.Selected if selected else QIcon.Mode.Normal
        icon("globe", "warning").paint(painter, mark, Qt.AlignmentFlag.AlignCenter, mode)
        painter.setPen(ink.color() if selected else warning())
        place = QRect(mark.right() + 4, option.rect.top(), room, option.rect.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


class ObjectView(QTableView):
    """The table in the middle of the window. GUI thread."""

    activated_row = Signal()
    selection_sized = Signal(SelectionSize)
    dropped = Signal(object, str)  # tuple[Path, ...], the prefix of the folder row or ""
    menu_wanted = Signal(QPoint)

    def __init__(self, listing: Listing, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listing, self._background = listing, background
        self.table = ObjectTableModel()
        self.setModel(self.table)
        self._drop_row = -1
        self._ordering: asyncio.Task[None] | None = None
        self._ordered = 0  # rows in the last complete order
        self._wanted: set[str] = set()
        self._set_up()
        self._sort_timer = QTimer(self, singleShot=True, interval=_SORT_AGAIN)
        self._sort_timer.timeout.connect(self.sort_again)
        self._size_timer = QTimer(self, singleShot=True, interval=0)
        self._size_timer.timeout.connect(self._measure_selection)
        self._watched = [
            listing.replaced.add(self._replaced),
            listing.appended.add(self._appended),
            listing.changed.add(self.table.rows_changed),
            listing.removed.add(self._removed),
            listing.status_changed.add(self._status_changed),
        ]

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
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDropIndicatorShown(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.menu_wanted)
        self.doubleClicked.connect(lambda _index: self.activated_row.emit())
        self.setItemDelegateForColumn(0, _NameDelegate(self))
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
        for column, width in enumerate((420, 96, 168, 136, 128)):
            self.setColumnWidth(column, width)
        header.setMinimumSectionSize(60)
        # The name takes what the others leave: long names are what a wide window is for.
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
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
        if self._ordering:
            self._ordering.cancel()

    # ------------------------------------------------------------------------------------------------ rows and order

    def show_again(self) -> None:
        """Show the rows that are there: this view is younger than the listing."""
        self._replaced()
        self.sort_again()

    def _replaced(self) -> None:
        location = self._listing.status.location
        self.table.set_rows(self._listing.rows, buckets=bool(location) and not location.bucket)  # type: ignore[union-attr]
        self._ordered = 0
        self._size_timer.start()

    def _appended(self, new: range) -> None:
        self.table.append(new)
        if not self._sort_timer.isActive():
            self._sort_timer.start()
        self._show_wanted()

    def _removed(self) -> None:
        """Row numbers changed: show the kept rows at once, then sort them anew."""
        position = self.verticalScrollBar().value()
        current = self.currentIndex().row()
        self.table.set_rows(self._listing.rows, buckets=self.table.buckets)
        self._ordered = -1
        self.sort_again()
        self.verticalScrollBar().setValue(position)
        if current >= 0 and self.table.order:
            at = self.table.index(min(current, len(self.table.order) - 1), 0)
            self.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._size_timer.start()

    def _status_changed(self, status: ListingStatus) -> None:
        buckets = status.location is not None and not status.location.bucket
        if buckets != self.table.buckets:  # the rows of a new location come before its status
            self.table.buckets = buckets
            self.table.forget_cells()
        if status.phase is not Phase.LOADING:
            self.sort_again()

    def _header_clicked(self, section: int) -> None:
        spec = self.table.spec
        column = COLUMNS[section]
        descending = not spec.descending if spec.column is column else False
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)
        self._set_spec(OrderSpec(column, descending, spec.needle))

    def set_filter(self, needle: str) -> None:
        """Show only names that contain ``needle``."""
        if needle != self.table.spec.needle:
            self._set_spec(OrderSpec(self.table.spec.column, self.table.spec.descending, needle))

    def _set_spec(self, spec: OrderSpec) -> None:
        self.table.spec = spec
        self._ordered = -1
        self.sort_again()

    def sort_again(self) -> None:
        """Make the order anew in a worker and swap it in, unless the rows changed meanwhile; then again."""
        grown = len(self.table.rows) - self._ordered
        loading = self._listing.status.phase is Phase.LOADING
        if loading and self._ordered >= 0 and grown < self._ordered // 4:
            return  # while a long listing streams in, sort at each quarter more, and at the end
        if self._ordering and not self._ordering.done():
            self._sort_timer.start()
            return
        self._ordering = self._background.spawn(self._sort())

    async def _sort(self) -> None:
        rows, spec, count, version = self.table.rows, self.table.spec, len(self.table.rows), self.table.rows.version
        order = await self._background.call(ordered_rows, rows.snapshot(), count, spec)
        if rows is not self.table.rows or version != rows.version or spec != self.table.spec:
            self._sort_timer.start()
            return
        self._ordered = count
        if order != self.table.order[: len(order)] or len(order) != len(self.table.order):
            kept, current, top = self._save_selection(), self._current_row(), self.verticalScrollBar().value()
            self.table.set_order(order)
            if count < len(rows):
                self.table.append(range(count, len(rows)))
            self._restore_selection(kept, current)
            self.verticalScrollBar().setValue(top)
            self._size_timer.start()  # a reset drops the selection without a word; not all of it may be shown again
        self._show_wanted()

    # ------------------------------------------------------------------------------------------------ selection

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        # QTableView's own walks every selected cell for the screen reader: 17 s for a million rows.
        QAbstractItemView.selectionChanged(self, selected, deselected)

    def _positions(self) -> Iterable[range]:
        selection = self.selectionModel().selection()
        for at in range(selection.count()):
            piece = selection.at(at)
            yield range(piece.top(), piece.bottom() + 1)

    def selected_rows(self) -> list[int]:
        """The selected rows as row numbers of the listing, in the order shown."""
        order = self.table.order
        return [order[at] for piece in sorted(self._positions(), key=lambda piece: piece.start) for at in piece]

    def _current_row(self) -> int:
        at = self.currentIndex().row()
        return self.table.order[at] if 0 <= at < len(self.table.order) else -1

    def _save_selection(self) -> set[int]:
        if self.selectionModel().selection().count() > _MANY_RANGES:
            return set()
        return set(self.selected_rows())

    def _restore_selection(self, kept: set[int], current: int) -> None:
        positions = [at for at, row in enumerate(self.table.order) if row in kept] if kept else []
        self._select_positions(positions)
        if current >= 0:
            at = next((at for at, row in enumerate(self.table.order) if row == current), -1)
            if at >= 0:
                no_update = QItemSelectionModel.SelectionFlag.NoUpdate
                self.selectionModel().setCurrentIndex(self.table.index(at, 0), no_update)

    def _select_positions(self, positions: list[int]) -> None:
        ranges = merged_ranges(positions)
        if len(ranges) > _MANY_RANGES:
            return
        selection = QItemSelection()
        for first, last in ranges:
            selection.append(QItemSelectionRange(self.table.index(first, 0), self.table.index(last, len(COLUMNS) - 1)))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def select_keys(self, keys: Iterable[str]) -> None:
        """Select and show these keys, now or when their rows come."""
        self._wanted = set(keys)
        self._show_wanted()

    def _show_wanted(self) -> None:
        if not self._wanted:
            return
        rows = self.table.rows
        found = {row for row in map(rows.find, self._wanted) if row >= 0}
        positions = [at for at, row in enumerate(self.table.order) if row in found]
        if positions:
            self._wanted = set()
            self._select_positions(positions)
            no_update = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self.table.index(positions[0], 0), no_update)
            self.scrollTo(self.table.index(positions[0], 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    def invert_selection(self) -> None:
        """Select what is not selected."""
        if self.table.order:
            last = self.table.index(len(self.table.order) - 1, len(COLUMNS) - 1)
            everything = QItemSelection(self.table.index(0, 0), last)
            self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.Toggle)

    def _measure_selection(self) -> None:
        pieces = list(self._positions())
        if sum(map(len, pieces)) <= _COUNT_AT_ONCE:
            self.selection_sized.emit(SelectionSize(*self.table.rows.selection_size(self.selected_rows())))
        else:
            self._background.spawn(self._measure_in_background(pieces))

    async def _measure_in_background(self, pieces: list[range]) -> None:
        order = self.table.order
        numbers = [row for piece in pieces for row in order[piece.start : piece.stop]]
        size = await self._background.call(self.table.rows.snapshot().selection_size, numbers)
        if isValid(self) and order is self.table.order:
            self.selection_sized.emit(SelectionSize(*size))

    # ------------------------------------------------------------------------------------------------ drops and keys

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if not self._takes(event.mimeData()):
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
        if paths and self._takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            prefix = self.table.rows.key(self.table.order[position]) if position >= 0 else ""
            # At once: the program that dragged waits until this handler returns.
            self.dropped.emit(paths, prefix)

    def _takes(self, data: QMimeData) -> bool:
        location = self._listing.status.location
        return data.hasUrls() and bool(location and location.bucket)

    def _folder_at(self, point: QPoint) -> int:
        at = self.indexAt(point).row()
        return at if at >= 0 and self.table.rows.is_folder(self.table.order[at]) else -1

    def _set_drop_row(self, position: int) -> None:
        if position != self._drop_row:
            self._drop_row = position
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
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
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "table"):
            self.table.forget_cells()


def dropped_paths(data: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of a drop or of the clipboard."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile())
