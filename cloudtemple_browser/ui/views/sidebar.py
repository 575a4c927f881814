"""The sidebar: connections, and below each its buckets."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QToolButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.state import State
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import label, tip, visible
from cloudtemple_browser.ui.theme import connection_colour
from cloudtemple_browser.ui.views.object_view import dropped_paths, from_outside

_WHERE = Qt.ItemDataRole.UserRole
_ADD = "add"
_ROW = 28  # pixels


class Sidebar(QTreeWidget):
    """Shows ``Accounts`` and ``BucketLists``; opens what is activated. GUI thread."""

    dropped = Signal(object, object)  # tuple[Path, ...], Location of a bucket
    menu_wanted = Signal(QPoint)
    add_bucket_wanted = Signal()

    def __init__(self, app: Application, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._marked: Location | None = None
        self.setObjectName("sidebar")
        self.setAccessibleName(say(translate("sidebar", "Connections and buckets")))
        self.setHeaderHidden(True)
        self.setIndentation(16)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setIconSize(QSize(16, 16))
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setExpandsOnDoubleClick(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.itemClicked.connect(lambda item, _column: self._activate(item))
        self.itemActivated.connect(lambda item, _column: self._activate(item))
        self.itemExpanded.connect(self._expanded)
        self._watched = [
            app.accounts.changed.add(self._fill),
            app.buckets.changed.add(self._fill_buckets),
            app.state_changed.add(self._follow),
        ]
        self._fill()

    def release(self) -> None:
        """Stop watching: the window is closed."""
        for forget in self._watched:
            forget()

    def _fill(self) -> None:
        open_ids = {item.data(0, _WHERE).connection_id for item in self._tops() if item.isExpanded()}
        self.clear()
        for connection in self._app.accounts.connections:
            item = _row(self)
            item.setText(0, visible(connection.name))
            item.setIcon(0, dot(connection_colour(connection.colour)))
            item.setData(0, _WHERE, Location(connection.id))
            item.setToolTip(0, tip(f"{connection.name}\n{connection.endpoint}"))
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
            self._fill_item(item, connection)
            item.setExpanded(connection.id in open_ids)
        self._mark()

    def _tops(self) -> list[QTreeWidgetItem]:
        return [item for at in range(self.topLevelItemCount()) if (item := self.topLevelItem(at))]

    def _fill_buckets(self, connection_id: str) -> None:
        connection = self._app.accounts.get(connection_id)
        for item in self._tops():
            if connection and item.data(0, _WHERE).connection_id == connection_id:
                self._fill_item(item, connection)
                if item.isExpanded():
                    self._expanded(item)
        self._mark()

    def _fill_item(self, item: QTreeWidgetItem, connection: Connection) -> None:
        item.takeChildren()
        found = self._app.buckets.get(connection)
        for bucket in found.buckets:
            child = _row(item)
            child.setText(0, visible(bucket.name))
            child.setIcon(0, icon("bucket"))
            child.setData(0, _WHERE, Location(connection.id, bucket.name))
            added = translate("sidebar", "{name} (added by name)")(name=bucket.name)
            child.setToolTip(0, tip(say(added) if bucket.added else bucket.name))
        if found.error:
            child = _row(item)
            child.setText(0, say(translate("sidebar", "Buckets cannot be listed")))
            child.setIcon(0, icon("warning", "warning"))
            words = explain(found.error)
            child.setToolTip(0, tip(f"{say(words.what)}\n{say(words.why)}"))
            child.setFlags(Qt.ItemFlag.ItemIsEnabled)
        elif found.loading and not found.buckets:
            child = _row(item)
            child.setText(0, say(translate("sidebar", "Loading…")))
            child.setFlags(Qt.ItemFlag.NoItemFlags)
        child = _row(item)
        child.setText(0, say(translate("sidebar", "Add bucket by name…")))
        child.setIcon(0, icon("plus", "muted"))
        child.setData(0, _WHERE, _ADD)

    def _expanded(self, item: QTreeWidgetItem) -> None:
        where = item.data(0, _WHERE)
        connection = self._app.accounts.get(where.connection_id) if isinstance(where, Location) else None
        if connection and not self._app.buckets.is_loaded(connection.id):
            self._app.background.spawn(self._load(connection))

    async def _load(self, connection: Connection) -> None:
        await self._app.buckets.load(connection)

    def _activate(self, item: QTreeWidgetItem) -> None:
        where = item.data(0, _WHERE)
        if where == _ADD:
            parent, location = item.parent(), self._app.state.location
            where = parent.data(0, _WHERE) if parent is not None else None
            if isinstance(where, Location) and (location is None or location.connection_id != where.connection_id):
                self._app.open(where)  # the command adds to the open connection
            self.add_bucket_wanted.emit()
        elif isinstance(where, Location):
            connection = self._app.accounts.get(where.connection_id)
            if where.bucket or connection is None:
                self._app.open(where)
            else:
                self._app.open_connection(connection)
                item.setExpanded(True)

    def _follow(self, state: State) -> None:
        """Follow to another location; rows that come or a new selection leave the keyboard's place here as it is."""
        if state.location != self._marked:
            self._mark()

    def _mark(self) -> None:
        """Mark the open bucket, or the open connection, and unfold it."""
        self._marked = location = self._app.state.location
        if location and (top := self._top_of(location)) and not top.isExpanded():
            top.setExpanded(True)
        self.blockSignals(True)
        self.setCurrentItem(self._item_of(location) if location else None)  # type: ignore[arg-type]
        self.blockSignals(False)

    def _item_of(self, location: Location) -> QTreeWidgetItem | None:
        top = self._top_of(location)
        for at in range(top.childCount() if top else 0):
            child = top.child(at) if top else None
            where = child.data(0, _WHERE) if child else None
            if isinstance(where, Location) and where.bucket == location.bucket:
                return child
        return top

    def _top_of(self, location: Location) -> QTreeWidgetItem | None:
        return next((top for top in self._tops() if top.data(0, _WHERE).connection_id == location.connection_id), None)

    def _menu(self, point: QPoint) -> None:
        item = self.itemAt(point)
        where = item.data(0, _WHERE) if item else None
        if item and isinstance(where, Location) and where != self._app.state.location:
            self._activate(item)  # the menu's commands are about what is open
        self.menu_wanted.emit(self.viewport().mapToGlobal(point))

    # Drops onto a bucket: an upload there without opening it.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if from_outside(event):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if from_outside(event) and self._bucket_at(event.position().toPoint()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        where, paths = self._bucket_at(event.position().toPoint()), dropped_paths(event.mimeData())
        if where and paths and from_outside(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(paths, where)

    def _bucket_at(self, point: QPoint) -> Location | None:
        item = self.itemAt(point)
        where = item.data(0, _WHERE) if item else None
        return where if isinstance(where, Location) and where.bucket else None


class SidebarColumn(QWidget):
    """The sidebar below its title, with the button for a new connection."""

    def __init__(self, tree: Sidebar, new_connection: QAction, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setMinimumWidth(160)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = label(say(translate("window", "Connections")))
        title.setObjectName("section-title")
        add = QToolButton(self)
        add.setAutoRaise(True)
        add.setDefaultAction(new_connection)
        add.setIcon(icon("plus"))
        add.setIconSize(QSize(16, 16))
        add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        head = QHBoxLayout()
        head.setContentsMargins(12, 1, 4, 1)
        head.addWidget(title, 1)
        head.addWidget(add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(tree, 1)


def _row(parent: QTreeWidget | QTreeWidgetItem) -> QTreeWidgetItem:
    """An item of the height of the list's rows."""
    item = QTreeWidgetItem(parent)
    item.setSizeHint(0, QSize(0, _ROW))
    return item


def dot(colour: QColor, size: int = 16) -> QIcon:
    """A coloured dot: which connection is which, so that production looks different."""
    pixmap = QPixmap(size * 2, size * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(size // 4, size // 4, size // 2, size // 2)
    painter.end()
    return QIcon(pixmap)
