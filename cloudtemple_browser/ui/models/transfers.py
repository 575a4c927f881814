"""The transfers panel's table: activities first, then transfers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from cloudtemple_browser.app.activities import Activities, Activity
from cloudtemple_browser.app.transfer_list import TransferList, TransferRow
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Size, Text, translate
from cloudtemple_browser.transfers.job import Direction
from cloudtemple_browser.transfers.states import TransferState
from cloudtemple_browser.ui.i18n import number_text, say, size_text, span_text
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import tip, visible
from cloudtemple_browser.ui.theme import danger

TITLES: tuple[Text, ...] = (
    translate("transfers", "Name"),
    translate("transfers", "Progress"),
    translate("transfers", "Amount"),
    translate("transfers", "Speed"),
    translate("transfers", "Time left"),
    translate("transfers", "State"),
    translate("transfers", "Action"),
)
NAME, PROGRESS, AMOUNT, SPEED, LEFT, STATE, ACTION = range(7)
PROGRESS_ROLE = Qt.ItemDataRole.UserRole + 1
STATES: dict[TransferState, Text] = {
    TransferState.QUEUED: translate("transfers", "Waiting"),
    TransferState.RUNNING: translate("transfers", "Running"),
    TransferState.PAUSED: translate("transfers", "Paused"),
    TransferState.FAILED: translate("transfers", "Failed"),
    TransferState.CANCELLED: translate("transfers", "Cancelled"),
    TransferState.DONE: translate("transfers", "Done"),
}
_DISPLAY = Qt.ItemDataRole.DisplayRole
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

Index = QModelIndex | QPersistentModelIndex


class TransfersModel(QAbstractTableModel):
    """Reads ``TransferList`` and ``Activities``. GUI thread."""

    def __init__(self, transfers: TransferList, activities: Activities) -> None:
        super().__init__()
        self._transfers, self._activities = transfers, activities
        self._running: list[Activity] = []
        self._count = len(transfers.rows)
        self._watched = [
            transfers.added.add(self._added),
            transfers.changed.add(self._changed),
            transfers.reset.add(self._reset),
            activities.changed.add(self._activities_changed),
        ]

    def release(self) -> None:
        """Stop watching: the window is closed."""
        for forget in self._watched:
            forget()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._running) + self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(TITLES)

    def activity(self, at: int) -> Activity | None:
        """The activity at a position, or None when a transfer is there."""
        return self._running[at] if 0 <= at < len(self._running) else None

    def transfer(self, at: int) -> TransferRow | None:
        """The transfer at a position, or None when an activity is there."""
        position = at - len(self._running)
        return self._transfers.rows[position] if 0 <= position < self._count else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return say(TITLES[section]) if section != ACTION else ""
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole and section in (AMOUNT, SPEED, LEFT) else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in (AMOUNT, SPEED, LEFT) else None
        if activity := self.activity(index.row()):
            return _activity_data(activity, column, role)
        if row := self.transfer(index.row()):
            if role == Qt.ItemDataRole.ForegroundRole:
                return danger() if column == STATE and row.state is TransferState.FAILED else None
            return _transfer_data(row, column, role)
        return None

    def _added(self, first: int) -> None:
        base = len(self._running)
        self.beginInsertRows(QModelIndex(), base + first, base + len(self._transfers.rows) - 1)
        self._count = len(self._transfers.rows)
        self.endInsertRows()

    def _changed(self, rows: set[int]) -> None:
        base = len(self._running)
        first, last = base + min(rows), base + max(rows)
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(TITLES) - 1))

    def _reset(self) -> None:
        self.beginResetModel()
        self._count = len(self._transfers.rows)
        self.endResetModel()

    def _activities_changed(self) -> None:
        now = self._activities.running
        if [item.number for item in now] != [item.number for item in self._running]:
            self.beginResetModel()
            self._running = list(now)
            self.endResetModel()
        elif now:
            self.dataChanged.emit(self.index(0, 0), self.index(len(now) - 1, len(TITLES) - 1))

    def tick(self) -> None:
        """Refresh speeds and times left."""
        if self.rowCount():
            self.dataChanged.emit(self.index(0, SPEED), self.index(self.rowCount() - 1, LEFT))


def _activity_data(activity: Activity, column: int, role: int) -> Any:
    if role == PROGRESS_ROLE:
        return activity.done / activity.total if activity.total else None
    if role == Qt.ItemDataRole.DecorationRole:
        return icon("more") if column == NAME else icon("cancel") if column == ACTION and activity.cancellable else None
    if role != _DISPLAY:
        return None
    if column == NAME:
        return visible(say(activity.title))
    if column == AMOUNT:
        if activity.total:
            return say(translate("transfers", "{done} of {total}")(done=activity.done, total=activity.total))
        return number_text(activity.done) if activity.done else ""
    return say(STATES[TransferState.RUNNING]) if column == STATE else ""


def _transfer_data(row: TransferRow, column: int, role: int) -> Any:
    if role == _DISPLAY:
        return _transfer_text(row, column)
    if role == PROGRESS_ROLE:
        if row.state is TransferState.DONE:
            return 0.0 if row.skipped else 1.0
        return row.done / row.total if row.total > 0 else (0.0 if row.state is not TransferState.RUNNING else None)
    if role == Qt.ItemDataRole.DecorationRole:
        if column == NAME:
            return icon("upload" if row.job.direction is Direction.UPLOAD else "download")
        return _action_icon(row) if column == ACTION else None
    if role == Qt.ItemDataRole.ToolTipRole:
        if column == STATE and row.error:
            words = explain(row.error)
            return tip(f"{say(words.what)}\n{say(words.why)}\n{say(words.todo)}")
        if column == ACTION:
            return tip(action_text(row))
        return tip(f"{row.job.path}\n{row.job.ref}") if column == NAME else None
    if role == Qt.ItemDataRole.AccessibleTextRole and column == ACTION:
        return action_text(row)
    return None


def _transfer_text(row: TransferRow, column: int) -> str:
    match column:
        case 0:
            return visible(row.job.ref.name or row.job.ref.key)
        case 2:
            if row.total < 0:
                return ""
            if row.state is TransferState.RUNNING:
                return say(translate("transfers", "{done} of {total}")(done=Size(row.done), total=Size(row.total)))
            return size_text(row.total)
        case 3:
            speed = row.meter.per_second if row.state is TransferState.RUNNING else 0
            return say(translate("transfers", "{size}/s")(size=Size(int(speed)))) if speed >= 1 else ""
        case 4:
            left = row.seconds_left
            return span_text(left) if left is not None else ""
        case 5:
            return state_text(row)
    return ""


def state_text(row: TransferRow) -> str:
    """A transfer's state in words, with the reason of a failure."""
    if row.error and row.state is TransferState.FAILED:
        return say(translate("transfers", "Failed: {why}")(why=explain(row.error).what))
    if row.state is TransferState.DONE and row.skipped:
        return say(translate("transfers", "Skipped: already exists"))
    if row.not_public:
        return say(translate("transfers", "Stored, but not public"))
    if row.state is TransferState.DONE and not row.verified and row.job.direction is Direction.DOWNLOAD:
        return say(translate("transfers", "Done, checksum not available"))
    return say(STATES[row.state])


def _action_icon(row: TransferRow) -> Any:
    if row.state in (TransferState.QUEUED, TransferState.RUNNING, TransferState.PAUSED):
        return icon("cancel")
    if row.state is TransferState.FAILED:
        return icon("retry")
    if row.state is TransferState.CANCELLED:
        return icon("minus")
    return icon("folder-open") if row.job.direction is Direction.DOWNLOAD else None


def action_text(row: TransferRow) -> str:
    """What the last column does for a transfer."""
    if row.state in (TransferState.QUEUED, TransferState.RUNNING, TransferState.PAUSED):
        return say(translate("transfers", "Cancel"))
    if row.state is TransferState.FAILED:
        return say(translate("transfers", "Retry"))
    if row.state is TransferState.CANCELLED:
        return say(translate("transfers", "Remove from list"))
    return say(translate("transfers", "Show in folder")) if row.job.direction is Direction.DOWNLOAD else ""
