"""The transfers panel's tree: activities, then groups, and below a group that is open what is in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from cloudtemple_browser.app.activities import Activities, Activity
from cloudtemple_browser.app.transfer_list import OpenGroups, TransferGroup, TransferList
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.models.transfer_cells import (
    ACTION,
    LEFT,
    NAME,
    RIGHT,
    ROLES,
    SPEED,
    Item,
    Line,
    cell,
    lines_of,
)

TITLES: tuple[Text, ...] = (
    translate("transfers", "Name"),
    translate("transfers", "Progress"),
    translate("transfers", "Amount"),
    translate("transfers", "Speed"),
    translate("transfers", "Time left"),
    translate("transfers", "State"),
    translate("transfers", "Action"),
)
_DISPLAY = Qt.ItemDataRole.DisplayRole

Index = QModelIndex | QPersistentModelIndex


@dataclass(slots=True)
class _Row:
    group: TransferGroup
    lines: list[Line] = field(default_factory=list)


class TransfersModel(QAbstractItemModel):
    """Reads ``TransferList``, ``OpenGroups`` and ``Activities``. An index of a line carries its group's id. GUI thread."""

    def __init__(self, transfers: TransferList, opened: OpenGroups, activities: Activities) -> None:
        super().__init__()
        self._transfers, self._opened, self._activities = transfers, opened, activities
        self._running: list[Activity] = list(activities.running)
        self._rows = [_Row(group) for group in transfers.groups]
        self._order = [-row.group.id for row in self._rows]
        self._by_id = {row.group.id: row for row in self._rows}
        self._watched = [
            transfers.added.add(self._added),
            transfers.changed.add(self._changed),
            transfers.removed.add(self._removed),
            opened.changed.add(self._content_changed),
            activities.changed.add(self._activities_changed),
        ]

    def release(self) -> None:
        """Stop watching: the window is closed."""
        for forget in self._watched:
            forget()

    # ------------------------------------------------------------------------------------------------ structure

    # The view asks for the place of every line when one moves: no look-up here goes through the groups.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self._running) + len(self._rows)
        row = self._row(parent) if parent.column() == NAME else None
        return len(row.lines) if row else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(TITLES)

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        if not parent.isValid():
            return self.rowCount() > 0
        row = self._row(parent)
        return row is not None and not row.group.single

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        above = self._row(parent) if parent.isValid() else None
        count = len(above.lines) if above else 0 if parent.isValid() else self.rowCount()
        if not (0 <= row < count and 0 <= column < len(TITLES) and parent.column() <= NAME):
            return QModelIndex()
        return self.createIndex(row, column, above.group.id if above else 0)

    def parent(self, child: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        group = child.internalId() if child.isValid() else 0
        return self._index_of(group) if group else QModelIndex()

    def _index_of(self, group: int) -> QModelIndex:
        if group not in self._by_id:
            return QModelIndex()
        return self.createIndex(len(self._running) + self._position(group), NAME, 0)

    def _position(self, group: int) -> int:
        return bisect_left(self._order, -group)

    def _row(self, index: Index) -> _Row | None:
        """The group that stands at an index of the top level."""
        if index.internalId() or not index.isValid():
            return None
        at = index.row() - len(self._running)
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def item(self, index: Index) -> Item | None:
        """What stands at an index."""
        if not index.isValid():
            return None
        if group := index.internalId():
            return self._by_id[group].lines[index.row()]
        row = self._row(index)
        return row.group if row else self._running[index.row()]

    def group_of(self, index: Index) -> TransferGroup | None:
        """The group at an index or above it."""
        row = self._row(index.parent() if index.parent().isValid() else index)
        return row.group if row else None

    # ------------------------------------------------------------------------------------------------ what is shown

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return say(TITLES[section]) if section != ACTION else ""
        return RIGHT if role == Qt.ItemDataRole.TextAlignmentRole and section in (SPEED, LEFT) else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role not in ROLES or not index.isValid():
            return None
        return cell(self.item(index), index.column(), role)

    # ------------------------------------------------------------------------------------------------ changes

    def _added(self, at: int) -> None:
        row = len(self._running) + at
        self.beginInsertRows(QModelIndex(), row, row)
        made = _Row(self._transfers.groups[at])
        self._rows.insert(at, made)
        self._order.insert(at, -made.group.id)
        self._by_id[made.group.id] = made
        self.endInsertRows()

    def _changed(self, groups: Iterable[int]) -> None:
        for group in groups:
            row = self._by_id.get(group)
            if row is None:
                continue
            if row.lines and row.group.single:
                self._opened.close(group)
            index = self._index_of(group)
            self.dataChanged.emit(index, index.siblingAtColumn(ACTION))

    def _removed(self, groups: Iterable[int]) -> None:
        for group in groups:
            index = self._index_of(group)
            if index.isValid():
                self.beginRemoveRows(QModelIndex(), index.row(), index.row())
                at = self._position(group)
                del self._rows[at], self._order[at], self._by_id[group]
                self.endRemoveRows()

    def _content_changed(self, group: int) -> None:
        row = self._by_id.get(group)
        if row is not None:
            self._show_lines(row, lines_of(self._opened.of(group), row.group.status.place))

    def _show_lines(self, row: _Row, new: list[Line]) -> None:
        """Show these lines in place of the present ones: at most one insertion, one change of order and one removal."""
        group = row.group.id
        known = {line.key for line in row.lines}
        wanted = {line.key for line in new}
        if fresh := [line for line in new if line.key not in known]:
            self.beginInsertRows(self._index_of(group), len(row.lines), len(row.lines) + len(fresh) - 1)
            row.lines += fresh
            self.endInsertRows()
        after = new + [line for line in row.lines if line.key not in wanted]
        if [line.key for line in after] != [line.key for line in row.lines]:
            self.layoutAboutToBeChanged.emit()
            places = {line.key: at for at, line in enumerate(after)}
            before = [index for index in self.persistentIndexList() if index.internalId() == group]
            moved = [self.createIndex(places[row.lines[one.row()].key], one.column(), group) for one in before]
            row.lines = after
            self.changePersistentIndexList(before, moved)
            self.layoutChanged.emit()
        if len(new) < len(after):
            self.beginRemoveRows(self._index_of(group), len(new), len(after) - 1)
            row.lines = new
            self.endRemoveRows()
        if new:
            row.lines = new
            self.dataChanged.emit(self.createIndex(0, NAME, group), self.createIndex(len(new) - 1, ACTION, group))

    def _activities_changed(self) -> None:
        for at in reversed(range(len(self._running))):
            if self._running[at] not in self._activities.running:
                self.beginRemoveRows(QModelIndex(), at, at)
                del self._running[at]
                self.endRemoveRows()
        if fresh := [one for one in self._activities.running if one not in self._running]:
            at = len(self._running)
            self.beginInsertRows(QModelIndex(), at, at + len(fresh) - 1)
            self._running += fresh
            self.endInsertRows()
        if self._running:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._running) - 1, ACTION))

    def tick(self) -> None:
        """Refresh speeds and times left."""
        if self._rows:
            first = len(self._running)
            self.dataChanged.emit(self.index(first, SPEED), self.index(self.rowCount() - 1, LEFT))
