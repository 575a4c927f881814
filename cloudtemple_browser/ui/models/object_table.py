"""The object table: Qt's view of ``app.rows``. Reads columns, keeps an order, formats what is on screen."""

from __future__ import annotations

from array import array
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from cloudtemple_browser.app.filtering import filtered
from cloudtemple_browser.app.ordering import Column, OrderSpec
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.content_types import content_type_of, family_of
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.i18n import exact_moment_text, exact_size_text, moment_text, say, size_text
from cloudtemple_browser.ui.icons import file_icon, icon
from cloudtemple_browser.ui.text import tip, visible

COLUMNS = tuple(Column)
TITLES: dict[Column, Text] = {
    Column.NAME: translate("table", "Name"),
    Column.SIZE: translate("table", "Size"),
    Column.MODIFIED: translate("table", "Modified"),
    Column.TYPE: translate("table", "Type"),
    Column.STORAGE_CLASS: translate("table", "Storage class"),
    Column.PATH: translate("table", "Path"),
}
_DASH = "—"
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_DISPLAY, _DECORATION, _TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.ToolTipRole
_ALIGN, _ACCESSIBLE = Qt.ItemDataRole.TextAlignmentRole, Qt.ItemDataRole.AccessibleTextRole
PUBLIC_ROLE = Qt.ItemDataRole.UserRole + 1
_CACHED = 4000  # cells
_BUCKET = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_OBJECT = _BUCKET | Qt.ItemFlag.ItemIsDragEnabled

Index = QModelIndex | QPersistentModelIndex


class ObjectTableModel(QAbstractTableModel):
    """Rows in an order. ``order`` holds row numbers of ``rows``; positions in it are what Qt calls rows. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows("")
        self.order = array("I")
        self.spec = OrderSpec()
        self.buckets = False
        self._cells: dict[tuple[int, int], str] = {}

    # Qt asks these thousands of times a repaint: the first test decides, and nothing is computed twice.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        # Qt's own asks for the counts of rows and columns.
        within = 0 <= row < len(self.order) and 0 <= column < len(COLUMNS)
        return self.createIndex(row, column) if within and not parent.isValid() else QModelIndex()

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        at = index.row()
        if at < 0:
            return None
        if role == _DISPLAY:
            return self.text(self.order[at], index.column())
        if role == _ALIGN:
            return _RIGHT if index.column() == 1 else _LEFT
        if role == _DECORATION:
            return self.icon(self.order[at]) if index.column() == 0 else None
        if role == _TIP:
            return self._tip(self.order[at], COLUMNS[index.column()])
        if role == _ACCESSIBLE and index.column() == 0:
            return self._spoken(self.order[at])
        if role == PUBLIC_ROLE:
            return bool(self.rows.public.get(self.rows.key(self.order[index.row()])))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(COLUMNS):
            return None
        if role == _DISPLAY:
            return say(TITLES[COLUMNS[section]])
        if role == _ALIGN:
            return _RIGHT if section == 1 else _LEFT
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return (_BUCKET if self.buckets else _OBJECT) if index.row() >= 0 else Qt.ItemFlag.NoItemFlags

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def canDropMimeData(self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, _parent: Index) -> bool:
        return data.hasUrls()

    def text(self, row: int, column: int) -> str:
        """What a row of ``rows`` shows in a column, by number."""
        text = self._cells.get((row, column))
        if text is None:
            text = self._cell(row, COLUMNS[column])
            if len(self._cells) > _CACHED:
                self._cells.clear()
            self._cells[row, column] = text
        return text

    def _cell(self, row: int, column: Column) -> str:
        rows = self.rows
        folder = rows.folders[row]
        match column:
            case Column.NAME:
                name = visible(rows.name(row))
                return name or say(translate("table", "(empty name)"))
            case Column.SIZE:
                return _DASH if folder else size_text(rows.sizes[row])
            case Column.MODIFIED:
                return _DASH if folder else moment_text(rows.modified[row])
            case Column.TYPE:
                if folder:
                    return say(translate("table", "Bucket") if self.buckets else translate("table", "Folder"))
                return content_type_of(rows.name(row)).partition(";")[0]
            case Column.STORAGE_CLASS:
                return _DASH if folder else visible(rows.storage_class(row)) or _DASH
            case Column.PATH:
                return visible(rows.folder_of(rows.path(row)))

    def icon(self, row: int) -> QIcon:
        """The icon of a row of ``rows``."""
        if self.rows.folders[row]:
            return icon("bucket" if self.buckets else "folder")
        return file_icon(family_of(self.rows.name(row)))

    def _tip(self, row: int, column: Column) -> str | None:
        rows = self.rows
        if column is Column.NAME:
            return tip(self._spoken(row) if rows.public.get(rows.key(row)) else rows.name(row))
        if column is Column.PATH:
            return tip(rows.folder_of(rows.path(row)))
        if rows.folders[row]:
            return None
        if column is Column.SIZE:
            return tip(exact_size_text(rows.sizes[row]))
        if column is Column.MODIFIED and rows.modified[row] != UNKNOWN:
            return tip(exact_moment_text(rows.modified[row]))
        return None

    def _spoken(self, row: int) -> str:
        name = visible(self.rows.name(row))
        if self.rows.folders[row]:
            return say(translate("table", "{name}, folder")(name=name))
        if self.rows.public.get(self.rows.key(row)):
            return say(translate("table", "{name}, public: anyone with the URL can read it")(name=name))
        return name

    # Changes. The view saves its selection before an order changes and restores it after.

    def set_rows(self, rows: Rows, *, buckets: bool) -> None:
        """Show other rows, in the order of their arrival until a first order comes."""
        self.beginResetModel()
        self.rows, self.buckets = rows, buckets
        self._cells.clear()
        folders, objects = self._shown(range(rows.end))
        self.order = folders + objects
        self.endResetModel()

    def append(self, new: range) -> tuple[int, int]:
        """Show new rows that pass the filter: folders below the last folder, objects at the end.

        Returns where folders came, and how many: what is below has moved.
        """
        folders, objects = self._shown(new)
        at = self._folders_end() if folders else 0
        if folders:
            self._insert(at, folders)
        if objects:
            self._insert(len(self.order), objects)
        return at, len(folders)

    def _shown(self, candidates: range) -> tuple[array[int], array[int]]:
        """The folders and the objects among some rows that pass the filter."""
        shown, kinds = filtered(self.rows, candidates, self.spec.needle), self.rows.folders
        if 1 not in kinds[candidates.start : candidates.stop]:
            return array("I"), shown
        folders = array("I", [row for row in shown if kinds[row]])
        return folders, array("I", [row for row in shown if not kinds[row]])

    def _folders_end(self) -> int:
        """Where the folders of the order end: they come first in every order."""
        low, high = 0, len(self.order)
        while low < high:
            middle = (low + high) // 2
            if self.rows.folders[self.order[middle]]:
                low = middle + 1
            else:
                high = middle
        return low

    def _insert(self, at: int, rows: array[int]) -> None:
        self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
        self.order[at:at] = rows
        self.endInsertRows()

    def set_order(self, order: array[int]) -> None:
        """Swap in a new order of the same rows."""
        self.beginResetModel()
        self.order = order
        self.endResetModel()

    def rows_changed(self, rows: list[int]) -> None:
        """Repaint rows whose values changed."""
        if not rows or not self.order:
            return
        for row in rows:
            for column in range(len(COLUMNS)):
                self._cells.pop((row, column), None)
        # Finding the positions would cost more than repainting the few rows on screen.
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.order) - 1, len(COLUMNS) - 1))

    def forget_cells(self) -> None:
        """Format everything anew: units, language or icons changed."""
        self._cells.clear()
        if self.order:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.order) - 1, len(COLUMNS) - 1))
