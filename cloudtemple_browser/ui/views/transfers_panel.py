"""The transfers at the bottom: one line when folded, a table when open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.app.transfer_list import ACTIVE, TransferList, TransferRow
from cloudtemple_browser.model.text import Count, Size, Span, Text, translate
from cloudtemple_browser.transfers.job import Direction
from cloudtemple_browser.transfers.states import TransferState
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.models.transfers import ACTION, PROGRESS, PROGRESS_ROLE, TransfersModel
from cloudtemple_browser.ui.text import label, set_tone, visible
from cloudtemple_browser.ui.theme import accent, danger, muted
from cloudtemple_browser.ui.views.tables import plain_table

_TICK = 1000  # milliseconds between two refreshes of speeds


class TransfersPanel(QWidget):
    """The panel. GUI thread."""

    toggled = Signal(bool)

    def __init__(self, app: Application, transfers: TransferList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app, self._transfers = app, transfers
        self.setObjectName("transfers")
        self._model = TransfersModel(transfers, app.activities)
        self.fold = QToolButton(self)
        self.fold.setAutoRaise(True)
        self.fold.setCheckable(True)
        self.fold.setProperty("disclosure", True)
        self.fold.setIconSize(QSize(16, 16))
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setText(say(translate("transfers", "Transfers")))
        self.fold.clicked.connect(self.set_open)
        self._summary = label()
        self._summary.setObjectName("transfers-summary")
        self._summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_tone(self._summary, "muted")
        self._cancel_all = self._button(translate("transfers", "Cancel all"), "cancel", self._cancel_everything)
        self._clear = self._button(translate("transfers", "Clear finished"), "check", app.engine.remove_finished)
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 8, 2)
        head.setSpacing(8)
        head.addWidget(self.fold)
        head.addWidget(self._summary, 1)
        head.addWidget(self._cancel_all)
        head.addWidget(self._clear)
        self.table = self._make_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._tick)
        self._watched = [
            transfers.added.add(self._added),
            transfers.changed.add(lambda _rows: self._refresh()),
            transfers.reset.add(self._refresh),
            app.activities.changed.add(self._refresh),
        ]
        self.set_open(False)
        self._refresh()

    def release(self) -> None:
        """Stop watching: the window is closed."""
        self._model.release()
        for forget in self._watched:
            forget()

    def _button(self, text: Text, name: str, run: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setText(say(text))
        button.setIcon(icon(name))
        button.setIconSize(QSize(16, 16))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(lambda _checked=False: run())
        return button

    def _make_table(self) -> QTableView:
        table = plain_table(self, self._model, "transfers-table", say(translate("transfers", "Transfers")), 28, many=True)
        table.setIconSize(QSize(16, 16))
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(32)
        for column, width in enumerate((300, 140, 160, 96, 96, 240, 36)):
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(ACTION, QHeaderView.ResizeMode.Fixed)
        table.setItemDelegateForColumn(PROGRESS, _ProgressDelegate(table))
        table.clicked.connect(self._clicked)
        table.doubleClicked.connect(lambda index: self._show_in_folder(self._model.transfer(index.row())))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu)
        return table

    @property
    def is_open(self) -> bool:
        """Whether the table is shown."""
        return self.fold.isChecked()

    def set_open(self, opened: bool) -> None:
        """Show the table, or the one line only."""
        self.fold.setChecked(opened)
        self.fold.setIcon(icon("chevron-down" if opened else "chevron-right"))
        self.table.setVisible(opened)
        self.toggled.emit(opened)

    # ------------------------------------------------------------------------------------------------ actions

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == ACTION:
            self._act(index.row())

    def _act(self, at: int) -> None:
        if activity := self._model.activity(at):
            if activity.cancellable:
                activity.control.cancel()
        elif row := self._model.transfer(at):
            if row.state in ACTIVE or row.state is TransferState.PAUSED:
                self._app.engine.cancel(row.job.id)
            elif row.state is TransferState.FAILED:
                self._app.engine.retry(row.job.id)
            elif row.state is TransferState.CANCELLED:  # final: what was cancelled is uploaded or downloaded anew
                self._app.engine.remove(row.job.id)
            else:
                self._show_in_folder(row)

    def _show_in_folder(self, row: TransferRow | None) -> None:
        if row and row.job.direction is Direction.DOWNLOAD and row.state is TransferState.DONE:
            self._app.shell.open_folder((row.path or row.job.path).parent)

    def _menu(self, point: QPoint) -> None:
        positions = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        rows = [row for row in map(self._model.transfer, positions) if row]
        menu = QMenu(self)
        engine = self._app.engine
        active = [row for row in rows if row.state in ACTIVE]
        again = [row for row in rows if row.state is TransferState.FAILED]
        over = [row for row in rows if row.state not in ACTIVE]
        failed = [row for row in rows if row.error]
        shown = [row for row in rows if row.job.direction is Direction.DOWNLOAD and row.state is TransferState.DONE][:1]
        self._entry(menu, translate("transfers", "Cancel"), "cancel", active, lambda row: engine.cancel(row.job.id))
        self._entry(menu, translate("transfers", "Retry"), "retry", again, lambda row: engine.retry(row.job.id))
        self._entry(menu, translate("transfers", "Details…"), "info", failed[:1], lambda _row: self._show_errors(failed))
        self._entry(menu, translate("transfers", "Show in folder"), "folder-open", shown, self._show_in_folder)
        self._entry(menu, translate("transfers", "Remove from list"), "minus", over, lambda row: engine.remove(row.job.id))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.table.viewport().mapToGlobal(point))

    def _entry(self, menu: QMenu, text: Text, name: str, rows: list[TransferRow], run: Callable[[TransferRow], object]) -> None:
        action = menu.addAction(icon(name), say(text))
        action.setEnabled(bool(rows))
        action.triggered.connect(lambda _checked=False: [run(row) for row in rows])

    def _show_errors(self, rows: list[TransferRow]) -> None:
        failures = tuple((row.job.ref.key, row.error) for row in rows if row.error)
        self._app.shell.notify(Notice(translate("transfers", "{n} failed")(n=len(failures)), failures))

    def _cancel_everything(self) -> None:
        self._app.engine.cancel_all()
        for activity in self._app.activities.running:
            activity.control.cancel()

    # ------------------------------------------------------------------------------------------------ the line

    def _added(self, _first: int) -> None:
        self._refresh()
        self.table.scrollToBottom()  # the newest come last

    def _refresh(self) -> None:
        summary = self._transfers.summary()
        running = len(self._app.activities.running)
        busy = summary.active + running
        self._cancel_all.setVisible(summary.active > 0 or any(one.cancellable for one in self._app.activities.running))
        self._clear.setVisible(summary.finished + summary.failed > 0)
        if busy and not self._timer.isActive():
            self._timer.start()
        elif not busy:
            self._timer.stop()
        self._summary.setText(visible(self._line(summary.active, summary.failed, summary.finished)))

    def _line(self, active: int, failed: int, finished: int) -> str:
        parts: list[str] = []
        if running := self._app.activities.running:
            parts.append(say(running[0].title))
        if active:
            summary = self._transfers.summary()
            one, many = translate("transfers", "{n} transfer"), translate("transfers", "{n} transfers")
            parts.append(say(Count(active, one, many)))
            if summary.per_second >= 1:
                parts.append(say(translate("transfers", "{size}/s")(size=Size(int(summary.per_second)))))
            if (left := summary.seconds_left) is not None:
                parts.append(say(translate("transfers", "about {span}")(span=Span(left))))
        if failed:
            parts.append(say(Count(failed, translate("transfers", "{n} failed"), translate("transfers", "{n} failed"))))
        if finished and not parts:
            parts.append(say(Count(finished, translate("transfers", "{n} finished"), translate("transfers", "{n} finished"))))
        return " · ".join(parts) or say(translate("transfers", "No transfers"))

    def _tick(self) -> None:
        self._model.tick()
        self._refresh()


class _ProgressDelegate(QStyledItemDelegate):
    """A thin bar; an unknown total is shown as a bar without an end."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().paint(painter, option, index)
        share = index.data(PROGRESS_ROLE)
        area: QRect = option.rect.adjusted(8, 0, -8, 0)
        bar = QRect(area.left(), area.center().y() - 3, area.width(), 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = muted()
        ground.setAlpha(60)
        painter.setBrush(ground)
        painter.drawRoundedRect(bar, 3, 3)
        model = index.model()
        row = model.transfer(index.row()) if isinstance(model, TransfersModel) else None
        failed = row is not None and row.state is TransferState.FAILED
        painter.setBrush(danger() if failed else muted() if row and row.state is TransferState.CANCELLED else accent())
        if share is None:
            bar.adjust(bar.width() // 3, 0, -bar.width() // 3, 0)
            painter.drawRoundedRect(bar, 3, 3)
        elif share > 0:
            bar.setWidth(max(6, int(bar.width() * min(1.0, share))))
            painter.drawRoundedRect(bar, 3, 3)
        painter.restore()
