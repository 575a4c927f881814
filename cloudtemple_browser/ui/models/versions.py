"""The versions of one object as rows of a table: two lines a row, since the inspector is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.versions import ObjectVersion
from cloudtemple_browser.ui.i18n import exact_moment_text, exact_size_text, moment_text, say, size_text
from cloudtemple_browser.ui.text import tip, visible

_TITLES = (translate("versions", "Version"), translate("versions", "Size"))
VERSION, SIZE = range(2)
_CURRENT, _DELETED = translate("versions", "current"), translate("versions", "deleted")
_CURRENT_TIP = translate("versions", "This is what the key names now.")
_DELETED_TIP = translate("versions", "A delete marker: here the object was deleted. The older versions are still kept.")
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


class VersionsModel(QAbstractTableModel):
    """Reads frozen values: a row costs nothing until it is drawn. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: Sequence[ObjectVersion] = ()

    def show_versions(self, versions: Sequence[ObjectVersion]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.versions = versions
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.versions)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return say(_TITLES[section])
        return (_RIGHT if section == SIZE else _LEFT) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one, column = self.versions[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "\n".join(_lines(one, column))
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(_lines(one, column))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column == SIZE else _LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return tip("\n".join(_exact(one, column)))
        return None


def _lines(one: ObjectVersion, column: int) -> list[str]:
    if column == VERSION:
        return [moment_text(one.modified), visible(one.version_id)]
    if one.deleted:
        return [say(_DELETED)]
    return [size_text(one.size), say(_CURRENT)] if one.latest else [size_text(one.size)]


def _exact(one: ObjectVersion, column: int) -> list[str]:
    if column == VERSION:
        return [exact_moment_text(one.modified), one.version_id]
    if one.deleted:
        return [say(_DELETED_TIP)]
    return [exact_size_text(one.size), say(_CURRENT_TIP)] if one.latest else [exact_size_text(one.size)]
