"""The treemap: rectangles as large as what they stand for, drawn in one go and kept as a picture until something changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from cloudtemple_browser.app.courtesy import courtesy
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.treemap import Box, squarify
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.models.tiles import PLAIN_TONE, RAMP_TONE, Tile
from cloudtemple_browser.ui.text import tip, visible
from cloudtemple_browser.ui.theme import accent, contrast, is_dark

_SMALLEST = 36.0  # square pixels: what is smaller goes into one tile with the others
_MAX_TILES, _MAX_PARTS = 400, 800
_HEAD, _FRAME = 24, 3  # pixels of a tile around its parts
_ASIDE, _BELOW = 7, 5  # pixels of a name from the edge: beside the frame of the current tile
_ROOM = (72.0, 56.0)  # pixels from which on a tile shows its parts
# For a light and for a dark window, apart for every kind of colour blindness (after M. Okabe and K. Ito). They only tell
# neighbours apart: each tile has its edge, and its name where it has room.
_TONES = (
    ("#a9cdf0", "#24507c"),
    ("#f2c98a", "#75490f"),
    ("#94d6ba", "#195c49"),
    ("#efb09a", "#7b3a26"),
    ("#dbb8da", "#5d3d68"),
    ("#ece08a", "#5c5413"),
    ("#c4e4ee", "#2c5f70"),
    ("#d3d9dc", "#454f54"),
)
_RAMP = (
    ("#e6f3ee", "#1d2f2a"),
    ("#c9e6db", "#20463b"),
    ("#a5d5c3", "#265f50"),
    ("#7cbfa7", "#337a67"),
    ("#529f88", "#4c9a83"),
    ("#2f7f68", "#7dbfa9"),
)
_TEXTS = (QColor("#000000"), QColor("#ffffff"))  # one of the two is legible (4.5:1) on any colour
_OTHERS = translate("storage", "Others")


@dataclass(frozen=True, slots=True)
class Placed:
    """A tile and where it is; ``level`` 1 is a part of a tile of level 0."""

    tile: Tile
    box: Box
    level: int


def place_tiles(tiles: Sequence[Tile], width: float, height: float) -> list[Placed]:
    """Where tiles (the heaviest first) are in an area of so many pixels; those too small to be seen are one tile together."""
    area = Box(0.0, 0.0, width, height)
    seen = _large_enough([tile for tile in tiles if tile.weight > 0], area)
    placed: list[Placed] = []
    room = _MAX_PARTS
    for tile, box in zip(seen, squarify([tile.weight for tile in seen], area), strict=True):
        placed.append(Placed(tile, box, 0))
        if tile.parts and box.width >= _ROOM[0] and box.height >= _ROOM[1] and room > 0:
            parts = _place_parts(tile, box.inset(_FRAME, _HEAD, _FRAME, _FRAME), room)
            room -= len(parts)
            placed += parts
    return placed


def _large_enough(tiles: Sequence[Tile], area: Box) -> list[Tile]:
    total = sum(tile.weight for tile in tiles)
    seen, small = list[Tile](), list[Tile]()
    for tile in tiles:
        fits = tile.weight * area.area >= _SMALLEST * total and len(seen) < _MAX_TILES
        (seen if fits and not tile.others else small).append(tile)
    if small:
        first = next((tile for tile in small if tile.others), replace(small[0], key="", name=say(_OTHERS)))
        objects, size = sum(tile.objects for tile in small), sum(tile.bytes for tile in small)
        rest = replace(first, objects=objects, bytes=size, tone=PLAIN_TONE, opens=False, others=True, kind=None, parts=())
        seen.append(rest)
    return seen


def _place_parts(tile: Tile, area: Box, room: int) -> list[Placed]:
    """The parts of a tile that can be seen; what is left of its area is the rest of it."""
    least = _SMALLEST * sum(part.weight for part in tile.parts) / max(1.0, area.area)
    seen = [part for part in tile.parts if part.weight > least][:room]
    rest = tile.weight - sum(part.weight for part in seen)
    boxes = squarify([*(part.weight for part in seen), *([rest] if rest > 0 else [])], area)
    return [Placed(part, box, 1) for part, box in zip(seen, boxes, strict=False)]


class Treemap(QWidget):
    """Shows tiles; a click or Enter opens one, arrows go to the neighbour. GUI thread."""

    opened = Signal(str)
    pointed = Signal(str)  # the summary of the tile under the pointer, or else of the current one, or ""
    current_changed = Signal(str, bool)  # its key, and whether it stands for the others

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("treemap")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(200, 120))
        self.setAccessibleName(say(translate("storage", "Treemap")))
        self._tiles: Sequence[Tile] = ()
        self.placed: list[Placed] = []
        self._picture: QPixmap | None = None
        self._pointer: QPointF | None = None
        self._hovered: Placed | None = None
        self._current = -1  # in ``placed``
        self.wanted: tuple[str, bool] | None = None  # what is current, as in ``current_changed``, also while it has no tile

    # ------------------------------------------------------------------------------------------------ what is shown

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show other tiles, the heaviest first; the current one stays so by its key."""
        self._tiles = tiles
        self._place()
        first = "\n".join(tile.summary for tile in tiles[:8])
        self.setAccessibleDescription(first)

    @property
    def current_key(self) -> str | None:
        """The key of the current tile."""
        return self.placed[self._current].tile.key if self._current >= 0 else None

    @property
    def pointed_tile(self) -> Tile | None:
        """The tile under the pointer, or else the current one."""
        if self._hovered:
            return self._hovered.tile
        return self.placed[self._current].tile if self._current >= 0 else None

    def set_current(self, key: str, *, others: bool = False) -> None:
        """Make the tile with a key the current one, if it is large enough to be there. The pointer counts when it moves."""
        self.wanted = key, others
        self._pointer = None
        self._find()
        self.update()

    def _find(self) -> None:
        """Look where the current tile is, and what is under the pointer."""
        tops = (at for at, one in enumerate(self.placed) if one.level == 0 and (one.tile.key, one.tile.others) == self.wanted)
        self._current = next(tops, -1)
        self._hovered = None if self._pointer is None else self._at(self._pointer)
        opens = self._hovered is not None and self._hovered.tile.opens
        self.setCursor(Qt.CursorShape.PointingHandCursor if opens else Qt.CursorShape.ArrowCursor)

    def _place(self) -> None:
        self.placed = place_tiles(self._tiles, float(self.width()), float(self.height()))
        self._picture = None
        self._find()
        self.update()

    def _tell(self) -> None:
        tile = self.pointed_tile
        self.pointed.emit(tile.summary if tile else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self._tell()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(
            self, "placed"
        ):
            self._picture = None
            self.update()

    # ------------------------------------------------------------------------------------------------ drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            with courtesy:
                self._picture = self._drawn()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.palette().windowText().color()
        if self._hovered:
            painter.setPen(QPen(text, 1.5))
            painter.drawRect(_edge(self._hovered.box, 1.5))
        if self._current >= 0 and self.hasFocus():
            painter.setPen(QPen(text, 4))
            painter.drawRect(_edge(self.placed[self._current].box, 4))
            painter.setPen(QPen(accent(), 2))
            painter.drawRect(_edge(self.placed[self._current].box, 4))
        painter.end()

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self.palette().window().color())
        painter = QPainter(picture)
        metrics = QFontMetrics(self.font())
        least, colours = metrics.height() + 2, dict[tuple[int, int], tuple[QColor, QColor]]()
        for one in self.placed:
            shape, kind = _inner(one.box), (one.tile.tone, one.level)
            if kind not in colours:
                fresh = _colour(*kind)
                colours[kind] = fresh, max(_TEXTS, key=lambda ink: contrast(ink, fresh))
            ground, ink = colours[kind]
            painter.fillRect(shape, ground)
            if shape.width() >= 30 + 2 * _ASIDE and shape.height() >= least:
                painter.setPen(ink)
                self._label(painter, metrics, one, shape)
        painter.end()
        return picture

    def _label(self, painter: QPainter, metrics: QFontMetrics, one: Placed, shape: QRectF) -> None:
        """The name, and below it how much where there is room (beside it above parts)."""
        below = min(_BELOW, int(shape.height() - metrics.height()) // 2)
        area = QRect(int(shape.x()) + _ASIDE, int(shape.y()) + below, int(shape.width()) - 2 * _ASIDE, metrics.height())
        headed = one.level == 0 and bool(one.tile.parts) and one.box.width >= _ROOM[0] and one.box.height >= _ROOM[1]
        caption_width = metrics.horizontalAdvance(one.tile.caption)
        # The middle of a name may go; an age is read from its beginning.
        cut = Qt.TextElideMode.ElideRight if one.tile.tone >= RAMP_TONE else Qt.TextElideMode.ElideMiddle
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        name = visible(one.tile.name)
        if headed:
            beside = area.width() >= caption_width + 60
            left = area.adjusted(0, 0, -caption_width - 8, 0) if beside else area
            painter.drawText(left, Qt.AlignmentFlag.AlignLeft | flags, metrics.elidedText(name, cut, left.width()))
            if beside:
                painter.drawText(area, Qt.AlignmentFlag.AlignRight | flags, one.tile.caption)
            return
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | flags, metrics.elidedText(name, cut, area.width()))
        if shape.height() >= 2 * (metrics.height() + _BELOW) and caption_width <= area.width():
            painter.drawText(area.translated(0, metrics.height()), Qt.AlignmentFlag.AlignLeft | flags, one.tile.caption)

    # ------------------------------------------------------------------------------------------------ pointer and keys

    def _at(self, point: QPointF) -> Placed | None:
        """The innermost tile at a point."""
        for one in reversed(self.placed):
            box = one.box
            if box.x <= point.x() < box.x + box.width and box.y <= point.y() < box.y + box.height:
                return one
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer, before = event.position(), self._hovered
        self._find()
        if self._hovered is not before:
            self._tell()
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer = None
        self._find()
        self._tell()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found and found.tile.opens:
            self.opened.emit(found.tile.key)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._at(QPointF(event.pos()))
            if found:
                QToolTip.showText(event.globalPos(), tip(found.tile.summary), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._current < 0 and self.placed:
            self._go(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _STEPS and self.placed:
            self._go(self._neighbour(*_STEPS[Qt.Key(key)]))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.placed:
            tops = [n for n, one in enumerate(self.placed) if one.level == 0]
            self._go(tops[0] if key == Qt.Key.Key_Home else tops[-1])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self._current >= 0 and self.placed[self._current].tile.opens:
                self.opened.emit(self.placed[self._current].tile.key)
        else:
            super().keyPressEvent(event)

    def _go(self, at: int) -> None:
        tile = self.placed[at].tile
        self.set_current(tile.key, others=tile.others)
        self.current_changed.emit(tile.key, tile.others)
        self._tell()

    def _neighbour(self, right: int, down: int) -> int:
        """The nearest tile of the same level in a direction; the same one at the edge."""
        if self._current < 0:
            return 0
        here = _center(self.placed[self._current].box)

        def distance(at: int) -> float:
            there = _center(self.placed[at].box)
            across, along = there[0] - here[0], there[1] - here[1]
            ahead, aside = (across * right, along) if right else (along * down, across)
            return ahead + 2 * abs(aside) if ahead > 1 else float("inf")

        found = min((at for at, one in enumerate(self.placed) if one.level == 0), key=distance)
        return found if distance(found) < float("inf") else self._current


_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def _center(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _inner(box: Box) -> QRectF:
    """A tile's ground: whole pixels, and one between neighbours."""
    left, top = round(box.x), round(box.y)
    return QRectF(left, top, max(1, round(box.x + box.width) - left - 1), max(1, round(box.y + box.height) - top - 1))


def _edge(box: Box, width: float) -> QRectF:
    return _inner(box).adjusted(width / 2, width / 2, -width / 2, -width / 2)


def _colour(tone: int, level: int) -> QColor:
    pair = _RAMP[min(tone - RAMP_TONE, len(_RAMP) - 1)] if tone >= RAMP_TONE else _TONES[tone % len(_TONES)]
    colour = QColor(pair[is_dark()])
    if not level:
        return colour
    return colour.lighter(122) if is_dark() else colour.lighter(108)
