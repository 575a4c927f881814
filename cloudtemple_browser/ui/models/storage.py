"""What a tally says, made ready to be shown: the tiles of the treemap, and the same as rows of a table."""

from __future__ import annotations

import enum
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from cloudtemple_browser.model.addresses import DELIMITER, Location
from cloudtemple_browser.model.content_types import family_of
from cloudtemple_browser.model.tally import AGE_UNKNOWN, Group, Groups, Tally, age_query, extension_query
from cloudtemple_browser.model.text import Count, translate
from cloudtemple_browser.ui.i18n import exact_size_text, number_text, say, size_text
from cloudtemple_browser.ui.models.tiles import PLAIN_TONE, RAMP_TONE, Tile
from cloudtemple_browser.ui.text import tip, visible


class Facet(enum.Enum):
    """By what the storage is split."""

    FOLDER = "folder"
    EXTENSION = "extension"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Aspect:
    """How a tally is looked at: by what it is split, and whether bytes or objects count."""

    facet: Facet = Facet.FOLDER
    by_bytes: bool = True

    def weight(self, group: Group) -> int:
        """What decides the size of a tile."""
        return group.bytes if self.by_bytes else group.objects

    def total(self, tally: Tally) -> int:
        """The weight of everything."""
        return tally.bytes if self.by_bytes else tally.objects


_WITH_PARTS = 80  # folders, the largest, that may be large enough to show what is in them
_HERE = translate("storage", "Directly here")
_NO_NAME = translate("storage", "(empty name)")
_NO_EXTENSION = translate("storage", "No extension")
AGES = (
    translate("storage", "Under 1 day old"),
    translate("storage", "1 to 7 days old"),
    translate("storage", "7 to 30 days old"),
    translate("storage", "1 to 3 months old"),
    translate("storage", "3 to 12 months old"),
    translate("storage", "Over 1 year old"),
    translate("storage", "Date not known"),
)
_FAMILIES = {
    "image": translate("storage", "image"),
    "video": translate("storage", "video"),
    "audio": translate("storage", "audio"),
    "archive": translate("storage", "archive"),
    "text": translate("storage", "text"),
    "code": translate("storage", "code"),
    "data": translate("storage", "data"),
    "document": translate("storage", "document"),
}
_REST = {
    Facet.FOLDER: (translate("storage", "{n} smaller folder"), translate("storage", "{n} smaller folders")),
    Facet.EXTENSION: (translate("storage", "{n} rarer extension"), translate("storage", "{n} rarer extensions")),
}


def tiles_of(tally: Tally, aspect: Aspect) -> list[Tile]:
    """The groups of a tally as tiles, the largest first."""
    if aspect.facet is Facet.AGE:
        groups = Groups(tally.ages)
    else:
        groups = tally.folders if aspect.facet is Facet.FOLDER else tally.extensions
    shown = sorted((group for group in groups.largest if group.objects), key=_order(aspect))
    total = aspect.total(tally)
    match aspect.facet:
        case Facet.FOLDER:
            parts = _parts({group.name for group in shown[:_WITH_PARTS]}, tally, aspect)
            found = [_folder_tile(group, aspect.by_bytes, total, parts.get(group.name, ())) for group in shown]
        case Facet.EXTENSION:
            found = [_extension_tile(group, aspect.by_bytes, total) for group in shown]
        case Facet.AGE:
            found = [_age_tile(group, aspect.by_bytes, total) for group in shown]
    if groups.rest.objects:
        rest = groups.rest
        found.append(Tile("", _rest_name(groups, aspect), rest.objects, rest.bytes, aspect.by_bytes, total, others=True))
    return found


def _order(aspect: Aspect) -> Callable[[Group], tuple[int, str]]:
    return lambda group: (-aspect.weight(group), group.name)


def _rest_name(groups: Groups, aspect: Aspect) -> str:
    one, many = _REST[aspect.facet]
    count = Count(groups.hidden, one, many)
    return say(count if groups.exact else translate("storage", "About {what}")(what=count))


def _parts(folders: set[str], tally: Tally, aspect: Aspect) -> dict[str, tuple[Tile, ...]]:
    """What is in each of some folders, the largest first; only where there is more than one thing."""
    here, total, found = say(_HERE), aspect.total(tally), dict[str, list[Tile]]()
    for group in sorted(tally.subfolders.largest, key=_order(aspect)):
        top = group.name[: group.name.find(DELIMITER) + 1]
        if top in folders and aspect.weight(group):
            name = _folder(group.name[len(top) :]) if group.name != top else here
            tone = _tone(group.name)
            tile = Tile(group.name, name, group.objects, group.bytes, aspect.by_bytes, total, tone, opens=True)
            found.setdefault(top, []).append(tile)
    return {name: tuple(tiles) for name, tiles in found.items() if len(tiles) > 1}


def _folder(name: str) -> str:
    return name.removesuffix(DELIMITER) or say(_NO_NAME)


def _tone(name: str) -> int:
    """The same folder has the same colour, however the order changes while it is counted."""
    return zlib.crc32(name.partition(DELIMITER)[0].encode("utf-8", "surrogatepass")) % PLAIN_TONE


def _folder_tile(group: Group, by_bytes: bool, total: int, parts: tuple[Tile, ...]) -> Tile:
    name = group.name
    if not name:
        return Tile("", say(_HERE), group.objects, group.bytes, by_bytes, total)
    return Tile(name, _folder(name), group.objects, group.bytes, by_bytes, total, _tone(name), opens=True, parts=parts)


def _extension_tile(group: Group, by_bytes: bool, total: int) -> Tile:
    if not group.name:
        return Tile("", say(_NO_EXTENSION), group.objects, group.bytes, by_bytes, total)
    family = family_of(f"x.{group.name}")
    tone = list(_FAMILIES).index(family) % PLAIN_TONE if family in _FAMILIES else PLAIN_TONE
    kind = _FAMILIES.get(family)
    name = f".{group.name}"
    return Tile(group.name, name, group.objects, group.bytes, by_bytes, total, tone, opens=True, kind=kind)


def _age_tile(group: Group, by_bytes: bool, total: int) -> Tile:
    age = int(group.name)
    known = age != AGE_UNKNOWN
    tone = RAMP_TONE + age if known else PLAIN_TONE
    return Tile(group.name, say(AGES[age]), group.objects, group.bytes, by_bytes, total, tone, opens=known)


def place_of(root: Location, facet: Facet, key: str, counted: int) -> Location:
    """Where a tile leads: the folder, or a search below ``root`` for what was counted (at ``counted``, in seconds)."""
    match facet:
        case Facet.FOLDER:
            return Location(root.connection_id, root.bucket, root.prefix + key)
        case Facet.EXTENSION:
            return Location(root.connection_id, root.bucket, root.prefix, extension_query(key))
        case Facet.AGE:
            return Location(root.connection_id, root.bucket, root.prefix, age_query(int(key), counted))


_TITLES = (
    translate("storage", "Name"),
    translate("storage", "Size"),
    translate("storage", "Objects"),
    translate("storage", "Share of all"),
)
NAME, SIZE, OBJECTS, SHARE = range(4)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


class StorageModel(QAbstractTableModel):
    """The same tiles as rows: for reading, and for those who cannot see the map. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles: Sequence[Tile] = ()

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show other rows."""
        same = len(tiles) == len(self.tiles)
        if not same:
            self.beginResetModel()
        self.tiles = tiles
        if not same:
            self.endResetModel()
        elif tiles:
            self.dataChanged.emit(self.index(0, 0), self.index(len(tiles) - 1, SHARE))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.tiles)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return say(_TITLES[section])
        return (_RIGHT if section else _LEFT) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        tile = self.tiles[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._cell(tile, index.column())
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if index.column() else _LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return tip(exact_size_text(tile.bytes) if index.column() == SIZE else tile.summary)
            case Qt.ItemDataRole.AccessibleTextRole:
                return tile.summary if index.column() == NAME else self._cell(tile, index.column())
        return None

    def _cell(self, tile: Tile, column: int) -> str:
        match column:
            case 0:
                return visible(tile.name)
            case 1:
                return size_text(tile.bytes)
            case 2:
                return number_text(tile.objects)
            case _:
                return tile.share

    def row_of(self, key: str, *, others: bool = False) -> int:
        """The row of a key, or of the ``others``; or -1."""
        return next((row for row, tile in enumerate(self.tiles) if (tile.key, tile.others) == (key, others)), -1)
