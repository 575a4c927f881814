"""Uploads of many small files: several of them in one piece of work, which looks at where they go just before."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from cloudtemple_browser.model.addresses import is_odd
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy
from cloudtemple_browser.transfers.crash import crash_point
from cloudtemple_browser.transfers.run import Outcome, Run, one_batch
from cloudtemple_browser.transfers.upload import OF_CONDITIONS, item_of, sent_outcome
from cloudtemple_browser.transfers.work_upload import FileSent, SendFile

_UNSENT = frozenset({ErrorKind.DNS, ErrorKind.REFUSED})  # no store was reached


async def send_batch(runs: list[Run]) -> list[Outcome | BrowserError | None]:
    """Send small files together, each once. None: it needs a run of its own, or its turn did not come. One lane, one bucket."""
    with ExitStack() as claimed:
        return await _send_batch(runs, claimed)


async def _send_batch(runs: list[Run], claimed: ExitStack) -> list[Outcome | BrowserError | None]:
    claims = runs[0].desk.claims
    alone = [claimed.enter_context(claims.hold(run.record.job.connection_id, run.record.job.ref)) for run in runs]
    results: list[Outcome | BrowserError | None] = [None] * len(runs)
    items: list[tuple[int, SendFile]] = []
    for at, run in enumerate(runs):
        if alone[at] and not run.record.begun and not is_odd(run.record.job.ref.key):
            items.append((at, item_of(run, run.record.job.ref, "", look_first=False)))
    if not items:
        return results
    records = [replace(runs[at].record, target=runs[at].record.job.ref.key, begun=True) for at, _ in items]
    runs[0].journal.begun(records)
    runs[0].journal.commit()
    crash_point("upload-batch-noted")
    for (at, _), record in zip(items, records, strict=True):
        runs[at].record = record
    answers = await one_batch([runs[at] for at, _ in items], [item for _, item in items])
    for (at, item), answer in zip(items, answers, strict=True):
        if isinstance(answer, FileSent):
            results[at] = sent_outcome(answer)
        elif isinstance(answer, BrowserError):
            results[at] = _unless_it_goes_on(runs[at], item, answer)
    return results


def _unless_it_goes_on(run: Run, item: SendFile, error: BrowserError) -> Outcome | BrowserError | None:
    """How a failure ends a transfer. None: a run of its own knows how to go on after it."""
    goes_on = _needs_a_run(item, error)
    if goes_on or error.kind in _UNSENT:  # nothing was stored: what that run finds at the target is not ours
        run.record = replace(run.record, target="", begun=False)
    if error.kind is ErrorKind.CHANGED and run.record.job.decision.policy is ConflictPolicy.SKIP:
        return Outcome(skipped=True)
    return None if goes_on else error


def _needs_a_run(item: SendFile, error: BrowserError) -> bool:
    """Whether a failure is one that a run of its own knows how to go on after: a condition not met, or a file that grew."""
    return error.kind is ErrorKind.LOCAL_CHANGED or (item.condition is not None and error.kind in OF_CONDITIONS)
