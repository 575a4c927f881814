"""Progress bars in a table or tree, and rows with room for them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from cloudtemple_browser.ui import theme
from cloudtemple_browser.ui.models.transfer_cells import BAR_ROLE, Bar

_HEIGHT = 28  # pixels of a row
_TONES: dict[str, Callable[[], QColor]] = {
    "accent": theme.accent,
    "warning": theme.warning,
    "muted": theme.muted,
}


class RowDelegate(QStyledItemDelegate):
    """Rows of one comfortable height."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), _HEIGHT)


class BarDelegate(RowDelegate):
    """A thin bar; an unknown total is shown as a bar without an end."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().paint(painter, option, index)
        bar = index.data(BAR_ROLE)
        if not isinstance(bar, Bar):
            return
        area: QRect = option.rect.adjusted(4, 0, -12, 0)
        groove = QRect(area.left(), area.center().y() - 2, area.width(), 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = theme.muted()
        ground.setAlpha(60)
        painter.setBrush(ground)
        painter.drawRoundedRect(groove, 3, 3)
        painter.setBrush(_TONES[bar.tone]())
        if bar.share is None:
            groove.adjust(groove.width() // 3, 0, -groove.width() // 3, 0)
            painter.drawRoundedRect(groove, 3, 3)
        elif bar.share > 0:
            groove.setWidth(max(6, int(groove.width() * min(1.0, bar.share))))
            painter.drawRoundedRect(groove, 3, 3)
        painter.restore()
