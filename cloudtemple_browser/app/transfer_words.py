"""Transfers in words, and what can be done with them. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import Path

from cloudtemple_browser.app.opening import folder_shown
from cloudtemple_browser.app.transfer_list import GroupResult, TransferGroup
from cloudtemple_browser.model.addresses import DELIMITER
from cloudtemple_browser.model.diagnosis import worth_asking
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Count, Size, Text, Value, translate
from cloudtemple_browser.model.transfers import Direction, GroupStatus, JobStatus, TransferState


class Verb(enum.Enum):
    """What a person can do with a group or a job; the value is its icon."""

    PAUSE = "pause"
    RESUME = "play"
    RETRY = "retry"
    OPEN = "open"
    SHOW = "folder-open"
    DETAILS = "info"
    WHY = "question"
    CANCEL = "cancel"
    REMOVE = "minus"


VERBS: dict[Verb, Text] = {
    Verb.PAUSE: translate("transfers", "Pause"),
    Verb.RESUME: translate("transfers", "Resume"),
    Verb.RETRY: translate("transfers", "Retry"),
    Verb.OPEN: translate("transfers", "Open"),
    Verb.SHOW: translate("transfers", "Show in folder"),
    Verb.DETAILS: translate("transfers", "Details…"),
    Verb.WHY: translate("transfers", "Why?"),
    Verb.CANCEL: translate("transfers", "Cancel"),
    Verb.REMOVE: translate("transfers", "Remove from list"),
}
_STATES: dict[TransferState, Text] = {
    TransferState.QUEUED: translate("transfers", "Waiting"),
    TransferState.RUNNING: translate("transfers", "Running"),
    TransferState.PAUSED: translate("transfers", "Paused"),
    TransferState.FAILED: translate("transfers", "Failed"),
    TransferState.CANCELLED: translate("transfers", "Cancelled"),
    TransferState.DONE: translate("transfers", "Done"),
}
RUNNING = _STATES[TransferState.RUNNING]
MORE: dict[TransferState, Text] = {
    TransferState.QUEUED: translate("transfers", "… and {n} more are waiting"),
    TransferState.RUNNING: translate("transfers", "… and {n} more are running"),
    TransferState.PAUSED: translate("transfers", "… and {n} more are paused"),
    TransferState.FAILED: translate("transfers", "… and {n} more failed"),
    TransferState.CANCELLED: translate("transfers", "… and {n} more were cancelled"),
    TransferState.DONE: translate("transfers", "… and {n} more are done"),
}


# ---------------------------------------------------------------------------------------------------- what can be done


def group_verbs(group: TransferGroup) -> tuple[Verb, ...]:
    """What can be done with a group, the most sensible first."""
    return tuple(_group_verbs(group))


def reason_to_ask(group: TransferGroup) -> BrowserError | None:
    """Why a group waits or its only job failed, where checks may find out more. Of many jobs, each has its own reason."""
    error = group.error if group.single and group.status.counts.failed else group.status.waiting
    return error if error and worth_asking(error) else None


def _group_verbs(group: TransferGroup) -> Iterator[Verb]:
    status, counts = group.status, group.status.counts
    moving = status.scanning or counts.active > 0
    if (moving and status.waiting) or (not moving and counts.paused) or (status.held and moving):
        yield Verb.RESUME
    if moving and not status.held:
        yield Verb.PAUSE
    if (counts.failed and not (moving and status.direction is Direction.DELETE)) or (status.left_out and not moving):
        yield Verb.RETRY
    if status.direction is Direction.DOWNLOAD and counts.done > counts.skipped:
        yield Verb.SHOW
        if group.single:
            yield Verb.OPEN
    if counts.failed or status.left_out or status.not_public:
        yield Verb.DETAILS
    if reason_to_ask(group):
        yield Verb.WHY
    yield Verb.CANCEL if moving or counts.paused else Verb.REMOVE


def job_verbs(job: JobStatus) -> tuple[Verb, ...]:
    """What can be done with a job, the most sensible first."""
    told = () if job.error is None else (Verb.DETAILS, Verb.WHY) if worth_asking(job.error) else (Verb.DETAILS,)
    match job.state:
        case TransferState.QUEUED | TransferState.RUNNING:
            return (Verb.PAUSE, Verb.CANCEL, *told)
        case TransferState.PAUSED:
            return (Verb.RESUME, *told, Verb.CANCEL)
        case TransferState.FAILED:
            return (Verb.RETRY, *(told or (Verb.DETAILS,)), Verb.REMOVE)
        case TransferState.DONE if job.job.direction is Direction.DOWNLOAD:
            own = not (job.skipped or job.job.is_folder)
            return (Verb.SHOW, *([Verb.OPEN] if own else []), Verb.REMOVE)
        case _:
            return (Verb.REMOVE,)


# ---------------------------------------------------------------------------------------------------- a group


def group_title(status: GroupStatus) -> Text:
    """What goes where."""
    names = [name.removeprefix(status.place).rstrip(DELIMITER) or name for name in status.names]
    if status.direction is Direction.DELETE:
        return _deletion(status, names)
    if not names:
        what: Value = _objects(status.chosen)
    elif status.chosen > 1:
        what = translate("transfers", "{name} and {n} more")(name=names[0], n=status.chosen - 1)
    else:
        what = names[0]
    where = status.place if status.direction is Direction.DOWNLOAD else _remote(status)
    return translate("transfers", "{what} → {where}")(what=what, where=where)


def _deletion(status: GroupStatus, names: list[str]) -> Text:
    """A deletion's ``chosen`` are objects, which may be many more than the folders that were selected."""
    what: Value = _objects(status.chosen)
    if names:
        first = ", ".join(names[:2]) + (", …" if len(names) > 2 else "")
        what = translate("transfers", "{names} ({objects})")(names=first, objects=what) if status.chosen > 1 else first
    return translate("transfers", "Delete {what} from {where}")(what=what, where=_remote(status))


def group_tip(status: GroupStatus) -> tuple[str | Text, ...]:
    """The first names and both places in full: lines of foreign text and of words."""
    more = ("…",) if status.chosen > len(status.names) else ()
    if status.direction is Direction.DOWNLOAD:
        places = (
            translate("transfers", "from {bucket}")(bucket=status.bucket),
            translate("transfers", "to {where}")(where=status.place),
        )
        return (*status.names, *more, *places)
    return (*status.names, *more, translate("transfers", "in {where}")(where=_remote(status)))


def _remote(status: GroupStatus) -> str:
    return f"{status.bucket}{DELIMITER}{status.place}"


def _objects(n: int) -> Count:
    return Count(n, translate("transfers", "{n} object"), translate("transfers", "{n} objects"))


def group_amount(group: TransferGroup) -> Text | Size | Count | None:
    """How much of a group is done: objects and bytes; None when nothing is known."""
    status, counts = group.status, group.status.counts
    over = not group.moving and not counts.paused
    size: Value = Size(status.bytes_done if over and counts.done else status.bytes_total)
    if not over:
        size = _of(Size(status.bytes_done), Size(status.bytes_total))
    if group.single:
        return size if status.bytes_total > 0 and isinstance(size, (Text, Size)) else None
    if not counts.total:
        return None
    if over:
        count: Value = _objects(counts.total)
    elif status.scanning:
        count = translate("transfers", "{done} of {total} so far")(done=counts.done, total=counts.total)
    else:
        count = _of(counts.done, counts.total)
    if status.bytes_total <= 0:
        return count if isinstance(count, (Text, Count)) else None
    return translate("transfers", "{count} · {size}")(count=count, size=size)


def _of(done: Value, total: Value) -> Text:
    return translate("transfers", "{done} of {total}")(done=done, total=total)


def group_state(group: TransferGroup) -> Text:
    """Where a group is, with the reason when it does not move or failed."""
    status, counts = group.status, group.status.counts
    if not group.moving and not counts.paused:
        return _end(group)
    if status.waiting and not status.held:
        state = waiting_words(status.waiting, stopped=not group.moving, briefly=True)
    elif status.held or not group.moving:
        state = _STATES[TransferState.PAUSED]
    elif status.scanning and not counts.running:
        upload = status.direction is Direction.UPLOAD
        state = translate("transfers", "Looking for files") if upload else translate("transfers", "Looking for objects")
    else:
        state = RUNNING if counts.running else _STATES[TransferState.QUEUED]
    return _with(state, translate("transfers", "{state}, {n} failed"), counts.failed)


def waiting_words(error: BrowserError, *, stopped: bool = False, briefly: bool = False) -> Text:
    """Why nothing moves; ``stopped``: the user stopped it; ``briefly``: that the network is gone says enough."""
    why = explain(error).what
    if stopped or not (error.offline or error.intercepted or error.kind is ErrorKind.THROTTLED):  # it will not go on by itself
        return translate("transfers", "Paused: {why}")(why=why)
    if error.offline and briefly:
        return translate("transfers", "Waiting for the network")
    if error.offline:
        return translate("transfers", "Waiting for the network: {why}")(why=why)
    return translate("transfers", "Waiting: {why}")(why=why)


def _end(group: TransferGroup) -> Text:
    status, counts = group.status, group.status.counts
    if group.single:
        return _single_end(group)
    if counts.cancelled and counts.cancelled == counts.total:
        return _STATES[TransferState.CANCELLED]
    if counts.failed and counts.failed == counts.total:
        return translate("transfers", "All {n} failed")(n=counts.failed)
    state = _STATES[TransferState.DONE]
    for pattern, n in (
        (translate("transfers", "{state}, {n} failed"), counts.failed),
        (translate("transfers", "{state}, {n} not public"), status.not_public),
        (translate("transfers", "{state}, {n} left out"), status.left_out),
        (translate("transfers", "{state}, {n} cancelled"), counts.cancelled),
        (translate("transfers", "{state}, {n} skipped"), counts.skipped),
        (translate("transfers", "{state}, {n} without a checksum"), _unproven(status)),
    ):
        state = _with(state, pattern, n)
    return state


def _single_end(group: TransferGroup) -> Text:
    status, counts = group.status, group.status.counts
    if counts.failed:
        return _failed(group.error)
    if counts.cancelled:
        return _STATES[TransferState.CANCELLED]
    return _done(skipped=bool(counts.skipped), not_public=bool(status.not_public), unproven=bool(_unproven(status)))


def _unproven(status: GroupStatus) -> int:
    """How many are done whose bytes nobody could check; a deletion has none."""
    return 0 if status.direction is Direction.DELETE else status.unproven


def _with(state: Text, pattern: Text, n: int) -> Text:
    return pattern(state=state, n=n) if n else state


def _failed(error: BrowserError | None) -> Text:
    if error is None:
        return _STATES[TransferState.FAILED]
    return translate("transfers", "Failed: {why}")(why=explain(error).what)


def _done(*, skipped: bool, not_public: bool, unproven: bool) -> Text:
    if skipped:
        return translate("transfers", "Skipped: already exists")
    if not_public:
        return translate("transfers", "Stored, but not public")
    if unproven:
        return translate("transfers", "Done, checksum not available")
    return _STATES[TransferState.DONE]


# ---------------------------------------------------------------------------------------------------- a job


def job_name(job: JobStatus, place: str) -> str:
    """A job's name within its group, whose place is ``place``: foreign text."""
    if job.job.direction is Direction.DOWNLOAD:
        path = job.path or job.job.path
        return str(path.relative_to(job.job.root)) if path.is_relative_to(job.job.root) else path.name
    key = job.key or job.job.ref.key
    return key.removeprefix(place) or key


def job_tip(job: JobStatus) -> str:
    """Both ends in full, in lines: foreign text."""
    ref = str(job.job.ref)
    return ref if job.job.direction is Direction.DELETE else f"{job.path or job.job.path}\n{ref}"


def job_amount(job: JobStatus) -> Text | Size | None:
    """How much of a job is done."""
    if job.total_bytes < 0 or job.job.direction is Direction.DELETE:
        return None
    if job.state is TransferState.RUNNING or (job.state is TransferState.PAUSED and job.done_bytes):
        return _of(Size(job.done_bytes), Size(job.total_bytes))
    return Size(job.total_bytes)


def job_state(job: JobStatus) -> Text:
    """Where a job is, with the reason of a failure."""
    if job.state is TransferState.FAILED:
        return _failed(job.error)
    if job.state is TransferState.DONE:
        moved = job.job.direction is not Direction.DELETE
        return _done(skipped=job.skipped, not_public=job.not_public, unproven=moved and not job.verified)
    if job.error and job.state is TransferState.PAUSED:
        return waiting_words(job.error, stopped=True)
    if job.error and job.again:
        return translate("transfers", "Trying again: {why}")(why=explain(job.error).what)
    return _STATES[job.state]


def folder_of(group: TransferGroup) -> Path:
    """The local folder that shows what a download wrote."""
    place = Path(group.status.place)
    return folder_shown(group.path, place) if group.path else place


# ---------------------------------------------------------------------------------------------------- the end


def result_words(result: GroupResult) -> Text:
    """What became of a group, in one sentence of counts."""
    done = Count(result.done, translate("window", "{n} object"), translate("window", "{n} objects"))
    match result.direction:
        case Direction.UPLOAD:
            text = translate("window", "{done} uploaded")(done=done)
        case Direction.DOWNLOAD:
            text = translate("window", "{done} downloaded")(done=done)
        case Direction.DELETE:
            text = translate("window", "{done} deleted")(done=done)
    for pattern, n in (
        (translate("window", "{text}, {n} skipped"), result.skipped),
        (translate("window", "{text}, {n} cancelled"), result.cancelled),
        (translate("window", "{text}, {n} failed"), result.failed),
        (translate("window", "{text}, {n} left out"), result.left_out),
        (translate("window", "{text}, {n} not public"), result.not_public),
    ):
        text = pattern(text=text, n=n) if n else text
    return text
