"""The cells of the transfers panel: what stands in a row, and what each column shows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from PySide6.QtCore import Qt

from cloudtemple_browser.app import transfer_words as words
from cloudtemple_browser.app.activities import Activity
from cloudtemple_browser.app.transfer_list import TransferGroup
from cloudtemple_browser.app.transfer_words import VERBS, Verb
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Size, translate
from cloudtemple_browser.model.transfers import Direction, GroupContent, JobStatus, TransferState
from cloudtemple_browser.ui.i18n import number_text, say, span_text
from cloudtemple_browser.ui.icons import ColourRole, icon
from cloudtemple_browser.ui.text import tip, visible
from cloudtemple_browser.ui.theme import danger, muted, warning

NAME, PROGRESS, AMOUNT, SPEED, LEFT, STATE, ACTION = range(7)
BAR_ROLE = Qt.ItemDataRole.UserRole + 1
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ICONS = {Direction.UPLOAD: "upload", Direction.DOWNLOAD: "download", Direction.DELETE: "delete"}
_JOB_ICONS: dict[TransferState, tuple[str, ColourRole]] = {
    TransferState.QUEUED: ("more", "muted"),
    TransferState.PAUSED: ("pause", "muted"),
    TransferState.FAILED: ("error", "danger"),
    TransferState.CANCELLED: ("cancel", "muted"),
    TransferState.DONE: ("check", "success"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A progress bar: ``share`` from 0 to 1, or None for one without an end; ``tone`` as of icons."""

    share: float | None
    tone: ColourRole = "accent"


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job below its group, whose place is ``place``."""

    status: JobStatus
    place: str

    @property
    def key(self) -> object:
        """What it is, whatever its state."""
        return self.status.job.id


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that became no job, and why."""

    name: str
    error: BrowserError

    @property
    def key(self) -> object:
        """What it is."""
        return self.name


@dataclass(frozen=True, slots=True)
class More:
    """How many jobs in a state are not shown."""

    state: TransferState
    count: int

    @property
    def key(self) -> object:
        """What it is."""
        return self.state


Line: TypeAlias = JobLine | LeftOut | More
Item: TypeAlias = Activity | TransferGroup | JobLine | LeftOut | More


def lines_of(content: GroupContent, place: str) -> list[Line]:
    """What stands below an open group."""
    jobs = [JobLine(job, place) for job in content.jobs]
    left = [LeftOut(name, error) for name, error in dict(content.left_out).items()]
    more = [More(state, content.hidden[state]) for state in words.MORE if content.hidden.get(state)]
    return [*left, *jobs, *more]


def verbs_of(item: Item | None) -> tuple[Verb, ...]:
    """What can be done with what stands in a row, the most sensible first."""
    match item:
        case TransferGroup():
            return words.group_verbs(item)
        case JobLine(status):
            return words.job_verbs(status)
        case LeftOut():
            return (Verb.DETAILS,)
        case Activity():
            return (Verb.CANCEL,) if item.cancellable else ()
        case _:
            return ()


def cell(item: Item | None, column: int, role: int) -> Any:
    """What a view gets for a column of a row, in one of ``ROLES``."""
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return RIGHT if column in (SPEED, LEFT) else None
    if item is None:
        return None
    return _action_data(item, role) if column == ACTION else _CELLS[role](item, column)


def _action_data(item: Item, role: int) -> Any:
    verb = next(iter(verbs_of(item)), None)
    if verb is None:
        return None
    if role == Qt.ItemDataRole.DecorationRole:
        return icon(verb.value)
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return say(VERBS[verb])
    return tip(say(VERBS[verb])) if role == Qt.ItemDataRole.ToolTipRole else None


def _text(item: Item, column: int) -> str:
    match item:
        case Activity():
            return _activity_text(item, column)
        case TransferGroup():
            return _group_text(item, column)
        case JobLine(status, place):
            if column == NAME:
                return visible(words.job_name(status, place))
            if column == AMOUNT:
                amount = words.job_amount(status)
                return say(amount) if amount else ""
            return visible(say(words.job_state(status))) if column == STATE else ""
        case LeftOut(name, error):
            if column == NAME:
                return visible(name)
            why = translate("transfers", "Left out: {why}")(why=explain(error).what)
            return visible(say(why)) if column == STATE else ""
        case More(state, count):
            return say(words.MORE[state](n=count)) if column == NAME else ""


def _activity_text(activity: Activity, column: int) -> str:
    if column == NAME:
        return visible(say(activity.title))
    if column == AMOUNT:
        if activity.total:
            return say(translate("transfers", "{done} of {total}")(done=activity.done, total=activity.total))
        return number_text(activity.done) if activity.done else ""
    return say(words.RUNNING) if column == STATE else ""


def _group_text(group: TransferGroup, column: int) -> str:
    match column:
        case 0:
            return visible(say(words.group_title(group.status)))
        case 2:
            amount = words.group_amount(group)
            return say(amount) if amount else ""
        case 3:
            speed = group.per_second
            return say(translate("transfers", "{size}/s")(size=Size(int(speed)))) if speed >= 1 else ""
        case 4:
            left = group.seconds_left
            return span_text(left) if left is not None else ""
        case 5:
            return visible(say(words.group_state(group)))
    return ""


def _spoken(item: Item, column: int) -> str | None:
    """For a screen reader, which sees no bar."""
    bar = _bar(item) if column == PROGRESS else None
    if bar is None or bar.share is None:
        return None
    return say(translate("transfers", "{n}%")(n=round(100 * bar.share)))


def _bar(item: Item) -> Bar | None:
    match item:
        case Activity():
            return Bar(item.done / item.total if item.total else None)
        case TransferGroup():
            return _group_bar(item)
        case JobLine(status):
            total, state = status.total_bytes, status.state
            if state not in (TransferState.RUNNING, TransferState.PAUSED):
                return None
            share = status.done_bytes / total if total > 0 else None if state is TransferState.RUNNING else 0.0
            return Bar(share, "accent" if state is TransferState.RUNNING else "muted")
        case _:
            return None


def _group_bar(group: TransferGroup) -> Bar | None:
    counts = group.status.counts
    if not group.moving and not counts.paused:
        return None
    if group.status.waiting:
        return Bar(group.share or 0.0, "warning")
    return Bar(group.share) if group.moving and not group.status.held else Bar(group.share or 0.0, "muted")


def _icon(item: Item, column: int) -> Any:
    if column != NAME:
        return None
    match item:
        case Activity():
            return icon("more")
        case TransferGroup():
            return icon(_ICONS[item.status.direction])
        case JobLine(status):
            if status.state is TransferState.DONE and (status.skipped or status.not_public):
                return icon("minus", "muted") if status.skipped else icon("warning", "warning")
            return icon(*_JOB_ICONS.get(status.state, (_ICONS[status.job.direction], "accent")))
        case LeftOut():
            return icon("minus", "warning")
        case _:
            return None


def _colour(item: Item, column: int) -> Any:
    if column != STATE and not isinstance(item, More):
        return None
    match item:
        case TransferGroup():
            status = item.status
            if status.waiting and (item.moving or status.counts.paused):
                return warning()
            return danger() if status.counts.failed else None
        case JobLine(status):
            if status.state is TransferState.FAILED:
                return danger()
            return warning() if status.error and not status.state.ended else None
        case LeftOut():
            return warning()
        case More():
            return muted()
        case _:
            return None


def _tip(item: Item, column: int) -> str | None:
    if column == NAME:
        match item:
            case TransferGroup():
                return tip("\n".join(map(say, words.group_tip(item.status))))
            case JobLine(status):
                return tip(words.job_tip(status))
            case LeftOut(name):
                return tip(name)
    error = error_of(item) if column == STATE else None
    if error is None:
        return None
    told = explain(error)
    return tip(f"{say(told.what)}\n{say(told.why)}\n{say(told.todo)}")


def error_of(item: Item | None) -> BrowserError | None:
    """Why what stands in a row failed or does not move."""
    match item:
        case TransferGroup():
            return item.status.waiting or (item.error if item.single else None)
        case JobLine(status):
            return status.error
        case LeftOut(error=error):
            return error
        case _:
            return None


_CELLS: dict[int, Callable[[Item, int], Any]] = {
    Qt.ItemDataRole.DisplayRole: _text,
    BAR_ROLE: lambda item, _column: _bar(item),
    Qt.ItemDataRole.DecorationRole: _icon,
    Qt.ItemDataRole.ForegroundRole: _colour,
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
}
ROLES = frozenset({*_CELLS, Qt.ItemDataRole.TextAlignmentRole})
"""The roles that any cell has a value for."""
