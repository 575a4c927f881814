"""Uploads of many small files: one look at where they go, and several of them in one piece of work."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from cloudtemple_browser.model.addresses import is_odd, parent_prefix
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy
from cloudtemple_browser.transfers.crash import crash_point
from cloudtemple_browser.transfers.run import CONTROL_WEIGHT, Outcome, Run, one_batch
from cloudtemple_browser.transfers.upload import OF_CONDITIONS, existing, item_of, needs_look, sent_outcome, verdict
from cloudtemple_browser.transfers.work_look import LookAt, Seen
from cloudtemple_browser.transfers.work_upload import FileSent, SendFile


async def send_batch(runs: list[Run]) -> list[Outcome | BrowserError | None]:
    """Send small files together, each once. None: it needs a run of its own, or its turn did not come. One lane, one bucket."""
    with ExitStack() as claimed:
        return await _send_batch(runs, claimed)


async def _send_batch(runs: list[Run], claimed: ExitStack) -> list[Outcome | BrowserError | None]:
    claims = runs[0].desk.claims
    alone = [claimed.enter_context(claims.hold(run.record.job.connection_id, run.record.job.ref)) for run in runs]
    found = await _existing_of(runs)
    results: list[Outcome | BrowserError | None] = [None] * len(runs)
    items: list[tuple[int, SendFile]] = []
    for at, run in enumerate(runs):
        job = run.record.job
        try:
            way = verdict(job, found.get(job.ref.key, "")) if needs_look(job) else ConflictPolicy.OVERWRITE
        except BrowserError as error:
            results[at] = error
            continue
        if way is ConflictPolicy.SKIP:
            results[at] = Outcome(skipped=True)
        elif way is ConflictPolicy.OVERWRITE and alone[at] and not run.record.begun and not is_odd(job.ref.key):
            items.append((at, item_of(run, job.ref, "", look_first=False)))
    if not items:
        return results
    records = [replace(runs[at].record, target=runs[at].record.job.ref.key, begun=True) for at, _ in items]
    runs[0].journal.begun(records)
    runs[0].journal.commit()
    crash_point("upload-batch-noted")
    for (at, _), record in zip(items, records, strict=True):
        runs[at].record = record
    weight = max(0, *(runs[at].record.job.size for at, _ in items))
    answers = await one_batch(runs[0], tuple(item for _, item in items), weight)
    for (at, item), answer in zip(items, answers, strict=True):
        if isinstance(answer, FileSent):
            results[at] = sent_outcome(answer)
        elif isinstance(answer, BrowserError) and not (item.condition and answer.kind in OF_CONDITIONS):
            results[at] = answer
    return results


async def _existing_of(runs: list[Run]) -> Mapping[str, str]:
    """The ETags of what is at the targets: by one page of a listing where it reaches all of them, else by HEAD."""
    asking = [run for run in runs if needs_look(run.record.job) and not run.record.begun]
    if not asking:
        return {}
    run, keys = asking[0], tuple(one.record.job.ref.key for one in asking)
    where = run.lane.connection_id, run.record.job.ref.bucket, parent_prefix(min(keys))
    seen = run.desk.seen_of(*where, time.time() - run.record.job.group / 1000)
    if seen is None:
        work = LookAt(run.record.job.ref.bucket, keys, run.desk.is_small(*where))
        try:
            seen = await run.work(lambda _attempt: work, CONTROL_WEIGHT)
        except BrowserError as error:
            if error.kind is not ErrorKind.ACCESS_DENIED:
                raise
            seen = Seen()
        run.desk.saw(*where, seen)
    found = {key: seen.found[key] for key in keys if key in seen.found}
    for one, key in zip(asking, keys, strict=True):
        if key not in found and not seen.covers(key):
            found[key] = await existing(one, one.record.job.ref)
    return found
