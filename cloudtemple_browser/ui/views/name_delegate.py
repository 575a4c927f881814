"""How the cells of the object table are painted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
    QStaticText,
    QTextLayout,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.models.object_table import PUBLIC_ROLE, ObjectTableModel
from cloudtemple_browser.ui.theme import drawn_by_qt, warning

_MARK = 14  # pixels
_State = QStyle.StateFlag
_SHOWN_BY_GROUND = _State.State_Selected | _State.State_HasFocus | _State.State_MouseOver
# Plain numbers: a repaint asks two hundred times, and enumerations are slow.
_SELECTED, _ENABLED = _State.State_Selected.value, _State.State_Enabled.value
_ACTIVE, _SPECIAL = _State.State_Active.value, (_State.State_HasFocus | _State.State_MouseOver).value
_SIMPLE = re.compile("[\x20-\x7e\xa0-\u02ff\u2010-\u2027\u202f]*")  # one font has them, from left to right
_LAID_OUT = 4000  # texts

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class _Geometry:
    """Where things are in a cell of some size, from its top left."""

    text: QRect
    icon: QRect
    base: float
    right: bool


@dataclass(slots=True)
class _LaidOut:
    """A text as far as there is room, and where it begins."""

    text: str
    left: float
    again: bool = False  # it was painted before
    kept: QStaticText | None = None


def _kept(text: str, font: QFont) -> QStaticText:
    found = QStaticText(text)
    found.setTextFormat(Qt.TextFormat.PlainText)
    found.prepare(font=font)
    return found


class _Advances(dict[str, float]):
    """How wide each character is: their sum is quicker than to lay a text out."""

    def __init__(self, metrics: QFontMetricsF) -> None:
        super().__init__()
        self._metrics = metrics

    def __missing__(self, character: str) -> float:
        found = self[character] = self._metrics.horizontalAdvance(character)
        return found


class CellDelegate(QStyledItemDelegate):
    """Paints most cells itself: Qt asks ten questions about each, and its style thinks long. Looks as the style does.

    The style paints what is under the mouse or has the focus, what is disabled, and what needs more than one font; and
    everything where it is not Qt's own one.
    """

    elide = Qt.TextElideMode.ElideRight

    def __init__(self, view: QTableView, table: ObjectTableModel) -> None:
        super().__init__(view)
        self._view, self._table = view, table
        self.forget()

    def forget(self) -> None:
        """Font, palette, style or screen changed."""
        self._geometries: dict[tuple[int, int, int], _Geometry] = {}
        self._texts: dict[tuple[str, int, bool], _LaidOut | None] = {}
        self._pixmaps: dict[tuple[int, bool, float], tuple[QIcon, QPixmap]] = {}
        self._inks: dict[tuple[bool, bool], tuple[QColor, QColor]] = {}
        self._font = self._view.font()
        self._metrics, self._whole_metrics = QFontMetricsF(self._font), QFontMetrics(self._font)
        layout = QTextLayout("x", self._font)
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        self._height, self._ascent = round(line.height()), line.ascent()
        self._advances = _Advances(self._metrics)
        self._direct = drawn_by_qt()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = self.elide

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if not self._direct or not self._painted(painter, option, index):
            super().paint(painter, option, index)

    def _painted(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> bool:
        state = option.state.value
        if state & _SPECIAL or not state & _ENABLED:
            return False
        column = index.column()
        row = self._table.order[index.row()]
        rect = option.rect
        left, top, width, height = rect.left(), rect.top(), rect.width(), rect.height()
        place = self._geometries.get((column, width, height))
        if place is None:
            place = self._geometries[column, width, height] = self._measured(option, index)
        laid_out = self._laid_out(self._table.text(row, column), place)
        if laid_out is None:
            return False
        selected = state & _SELECTED != 0
        ink, ground = self._ink(option, selected=selected, active=state & _ACTIVE != 0)
        if selected:
            painter.fillRect(left, top, width, height, ground)
        if column == 0:
            painter.drawPixmap(left + place.icon.x(), top + place.icon.y(), self._pixmap(row, selected=selected))
        painter.setFont(self._font)  # the painter has the viewport's
        painter.setPen(ink)
        if not laid_out.again:
            painter.drawText(QPointF(left + laid_out.left, top + place.base), laid_out.text)
            laid_out.again = True
        else:
            if laid_out.kept is None:  # it costs as much as two of the others
                laid_out.kept = _kept(laid_out.text, self._font)
            painter.drawStaticText(QPointF(left + laid_out.left, top + place.base - self._ascent), laid_out.kept)
        return True

    def _measured(self, option: QStyleOptionViewItem, index: Index) -> _Geometry:
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        style = self._view.style()
        text = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, whole, self._view)
        decoration = style.subElementRect(QStyle.SubElement.SE_ItemViewItemDecoration, whole, self._view)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, whole, self._view) + 1
        text.adjust(margin, 0, -margin, 0)
        origin = option.rect.topLeft()
        text.translate(-origin)
        decoration.translate(-origin)
        base = text.y() + text.height() // 2 - self._height // 2 + self._ascent  # as QStyle.alignedRect
        right = bool(whole.displayAlignment & Qt.AlignmentFlag.AlignRight)
        size = self._view.iconSize()
        decoration = QStyle.alignedRect(option.direction, whole.decorationAlignment, size, decoration)
        return _Geometry(text, decoration, base, right)

    def _laid_out(self, text: str, place: _Geometry) -> _LaidOut | None:
        """The text as far as there is room, and where it begins; None: the style is to paint it."""
        key = text, place.text.width(), place.right
        if key not in self._texts:
            if len(self._texts) > _LAID_OUT:
                self._texts.clear()
            self._texts[key] = self._lay_out(text, place) if _SIMPLE.fullmatch(text) else None
        return self._texts[key]

    def _lay_out(self, text: str, place: _Geometry) -> _LaidOut:
        room, left = place.text.width(), place.text.x()
        if not place.right and sum(map(self._advances.__getitem__, text)) <= room:
            return _LaidOut(text, left)
        taken = self._metrics.horizontalAdvance(text)
        if taken > room:
            text = self._whole_metrics.elidedText(text, self.elide, room)
            taken = self._metrics.horizontalAdvance(text)
        return _LaidOut(text, left + (room - taken if place.right else 0))

    def _ink(self, option: QStyleOptionViewItem, *, selected: bool, active: bool) -> tuple[QColor, QColor]:
        """The colours of text and ground."""
        found = self._inks.get((selected, active))
        if found is None:
            group = QPalette.ColorGroup.Normal if active else QPalette.ColorGroup.Inactive
            role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
            ground = option.palette.color(group, QPalette.ColorRole.Highlight)
            found = self._inks[selected, active] = option.palette.color(group, role), ground
        return found

    def _pixmap(self, row: int, *, selected: bool) -> QPixmap:
        shown, ratio = self._table.icon(row), self._view.devicePixelRatioF()
        found = self._pixmaps.get((id(shown), selected, ratio))
        if found is None:
            mode = QIcon.Mode.Selected if selected else QIcon.Mode.Normal
            found = shown, shown.pixmap(self._view.iconSize(), ratio, mode)
            self._pixmaps[id(shown), selected, ratio] = found
        return found[1]


class NameDelegate(CellDelegate):
    """Elides names in the middle, so that the extension stays visible, and marks public objects behind their names."""

    elide = Qt.TextElideMode.ElideMiddle

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if not self._table.rows.public or not index.data(PUBLIC_ROLE):
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
        painter.setFont(option.font)
        painter.setPen(ink.color() if selected else warning())
        place = QRect(mark.right() + 4, option.rect.top(), room, option.rect.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
