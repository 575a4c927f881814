"""One download: parts of one version of an object, under the final name only when whole and, where possible, proven.

The engine's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from dataclasses import replace

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.transfers import Job
from cloudtemple_browser.model.writes import Fetched
from cloudtemple_browser.transfers.crash import crash_point
from cloudtemple_browser.transfers.destination import Place, discard_part
from cloudtemple_browser.transfers.local_file import SECOND, file_sha256, file_time
from cloudtemple_browser.transfers.local_folder import Folder
from cloudtemple_browser.transfers.plan import Part, download_part_size, is_md5, joined_count, joined_etag, parts
from cloudtemple_browser.transfers.run import PARTS_AT_ONCE, Outcome, Run, one_batch
from cloudtemple_browser.transfers.work_download import (
    CheckParts,
    FetchFile,
    FetchPart,
    FileFetched,
    HashParts,
    PartFetched,
    Prepare,
    Prepared,
    Proof,
    Publish,
)

log = logging.getLogger(__name__)


def place_of(job: Job) -> Place:
    """Where a download goes."""
    *folders, name = job.path.relative_to(job.root).parts
    return Place(job.root, tuple(folders), name, f"{job.connection_id}:{job.group}:{job.id}")


async def download(run: Run) -> Outcome:
    """Fetch the job's object into its file, from where an earlier run ended, and return where it is.

    Raises ``BrowserError``: CHANGED when the object is not the one that was listed, INTEGRITY when the bytes are not its own
    twice, DISK_FULL, OCCUPIED. What was fetched stays for the next run, where it can be of use.
    """
    job = run.record.job
    if job.is_folder:
        await asyncio.to_thread(_make_folder, job)
        return Outcome(verified=True, path=job.path)
    while True:
        resumed = run.record.begun
        try:
            return await _fetch(run)
        except BrowserError as error:
            if error.kind not in (ErrorKind.CHANGED, ErrorKind.INTEGRITY):
                raise
            with contextlib.suppress(BrowserError):  # the bytes are of no use any more; why they are not is the one to tell
                await discard(run)
            _forget(run)
            if error.kind is ErrorKind.INTEGRITY or not resumed:
                raise
            run.anew = error
        log.info("an object changed since its download was interrupted: the download begins anew")
        run.sized(UNKNOWN)
        run.keep(status=replace(run.record.status, job=replace(run.record.job, size=UNKNOWN, etag="")))


def _make_folder(job: Job) -> None:
    with Folder.inside(job.root, job.path.relative_to(job.root).parts):
        pass


def _forget(run: Run) -> None:
    run.journal.forget_parts(run.record.job.id)
    run.meter.settle(0, -run.meter.done)
    run.keep(begun=False, part_size=0, stamp="")


async def _fetch(run: Run) -> Outcome:
    await _pin(run)
    job, sizes = run.record.job, run.desk.sizes
    part_size = run.record.part_size or download_part_size(job.size, job.etag, sizes)
    if not part_size:
        item = item_of(run)
        run.keep(begun=True)  # from now on the file may be there
        return fetched_outcome(job, await run.work(lambda _attempt: item, job.size, job.size))
    return await _in_parts(run, part_size)


async def _pin(run: Run) -> None:
    """Know size and ETag of the version to fetch. Raises CHANGED when that is another version than the listed one."""
    job = run.record.job
    if job.size >= 0 and job.etag:
        return
    info = await run.info(job.ref)
    if info is None:
        raise BrowserError(ErrorKind.NO_OBJECT, ErrorFacts("HeadObject", str(job.ref)))
    if (job.etag and job.etag != info.etag) or job.size not in (UNKNOWN, info.size):
        raise BrowserError(ErrorKind.CHANGED, ErrorFacts("HeadObject", str(job.ref)))
    run.sized(info.size, info.etag)
    run.keep()


def item_of(run: Run) -> FetchFile:
    """The work of a download in one request."""
    job = run.record.job
    times, again = run.desk.rules.keep_times, run.record.begun
    return FetchFile(job.ref, place_of(job), job.size, job.etag, job.decision, keep_time=times, look_first=again)


def fetched_outcome(job: Job, fetched: FileFetched) -> Outcome:
    """A published file as a job's end."""
    if fetched.path is None:
        return Outcome(skipped=True, path=job.path)
    return Outcome(verified=fetched.verified, path=fetched.path)


async def _in_parts(run: Run, part_size: int) -> Outcome:
    job = run.record.job
    place, plan = place_of(job), tuple(parts(job.size, part_size))
    fresh, proofs = not run.record.begun, _proofs(run, plan)
    prepare = Prepare(place, job.etag, job.size, job.decision, fresh, run.record.stamp, proofs)
    prepared: Prepared = await run.work(lambda _attempt: prepare, 0)
    if prepared.taken:
        return Outcome(skipped=True, path=job.path)
    if prepared.published:  # all was done, but not written down
        run.meter.settle(0, job.size - run.meter.done)
        return Outcome(verified=run.record.proven, path=prepared.published)
    if not prepared.found:
        run.journal.forget_parts(job.id)
    run.keep(begun=True, part_size=part_size, stamp=prepared.identity)
    crash_point("download-noted")
    before: dict[int, str] = {}
    for last in (False, True):
        facts = await _parts_in_place(run, place, plan)
        try:
            return await _publish(run, place, plan, facts, before)
        except BrowserError as error:
            if error.kind is not ErrorKind.INTEGRITY or last:
                raise
        before = dict(run.journal.parts(job.id))
        log.warning("the bytes of %s are not its own: they are fetched once more", ascii(str(job.ref)))
        run.journal.forget_parts(job.id)
        run.meter.settle(0, -run.meter.done)
    raise AssertionError("unreachable")


def _proofs(run: Run, plan: tuple[Part, ...]) -> tuple[Proof, ...]:
    """What was noted of all parts; nothing while one is missing: then no file can be the whole."""
    noted = run.journal.parts(run.record.job.id)
    if not all(part.number in noted for part in plan):
        return ()
    return tuple((part.start, part.length, noted[part.number]) for part in plan)


async def _parts_in_place(run: Run, place: Place, plan: tuple[Part, ...]) -> Fetched | None:
    """Fetch what is missing in the temporary file; what the last answer told of the object."""
    job = run.record.job
    known = await _kept(run, place, plan)
    run.meter.settle(0, sum(part.length for part in plan if part.number in known) - run.meter.done)
    facts: Fetched | None = None
    md5 = bool(joined_count(job.etag))

    async def fetch(part: Part) -> None:
        nonlocal facts
        work = FetchPart(job.ref, place, job.etag, part.start, part.length, md5)
        fetched: PartFetched = await run.work(lambda _attempt: work, part.length, part.length)
        facts = fetched.facts
        crash_point("download-part-proven")
        run.journal.note_part(job.id, part.number, fetched.proof)
        run.journal.commit()

    await run.on_the_wire((part for part in plan if part.number not in known), fetch)
    return facts


async def _kept(run: Run, place: Place, plan: tuple[Part, ...]) -> set[int]:
    """The parts that are in the temporary file still, compared by MD5."""
    noted = run.journal.parts(run.record.job.id)
    chosen = [part for part in plan if part.number in noted]
    kept: set[int] = set()

    async def check(some: list[Part]) -> None:
        work = CheckParts(place, run.record.job.etag, tuple((part.start, part.length, noted[part.number]) for part in some))
        for part, good in zip(some, await run.work(lambda _attempt: work, 0), strict=True):
            if good:
                kept.add(part.number)

    await run.each((chosen[at : at + 16] for at in range(0, len(chosen), 16)), check, PARTS_AT_ONCE)
    return kept


async def _publish(run: Run, place: Place, plan: tuple[Part, ...], facts: Fetched | None, before: dict[int, str]) -> Outcome:
    """Prove the whole and put it under its name. By the MD5s of the parts, where those are the upload's own parts.

    ``before``: the MD5s of the parts when they were no proof. The same bytes twice are the object's own.
    """
    job = run.record.job
    if facts is None:  # all parts were there already
        info = await run.info(job.ref)
        if info and info.etag != job.etag:
            raise BrowserError(ErrorKind.CHANGED, ErrorFacts("HeadObject", str(job.ref)))
        metadata, modified, encrypted = (info.metadata, info.modified, False) if info else ((), UNKNOWN, True)
    else:
        metadata, modified, encrypted = facts.metadata, facts.modified, facts.encrypted
    noted = run.journal.parts(job.id)
    joined = joined_etag([noted.get(part.number, "") for part in plan]) == job.etag.lower()
    md5 = job.etag.lower() if is_md5(job.etag) and not encrypted else ""
    sha256 = "" if joined or md5 else file_sha256(metadata)
    if not (joined or md5 or sha256 or encrypted or dict(noted) == before) and joined_count(job.etag):
        joined = await _joins(run, place, plan[0].length)
    run.keep(proven=bool(joined or md5 or sha256))
    time = file_time(metadata, modified) if run.desk.rules.keep_times else None
    seconds = float(UNKNOWN) if time is None else time / SECOND
    proofs = _proofs(run, plan)
    publish = Publish(place, job.etag, job.size, job.decision, md5, sha256, seconds, run.record.stamp, proofs)
    crash_point("download-proving")
    outcome = fetched_outcome(job, await run.work(lambda _attempt: publish, 0))
    crash_point("download-published")
    return replace(outcome, verified=outcome.verified or (joined and not outcome.skipped))


async def _joins(run: Run, place: Place, part_size: int) -> bool:
    """Whether the file is proven by the parts that the store says the upload had; False where it does not say that.

    Raises INTEGRITY where it does and the bytes are others.
    """
    job = run.record.job
    try:
        told = await run.call(lambda store: store.first_part_size(job.ref))
    except BrowserError as error:
        log.info("the size of the parts of %s is not known: %s", ascii(str(job.ref)), error.kind.value)
        return False
    if not told or -(-job.size // told) != joined_count(job.etag):
        return False
    if told != part_size:
        work = HashParts(place, job.etag, job.size, told)
        if joined_etag(await run.work(lambda _attempt: work, 0)) == job.etag.lower():
            return True
    message = f"the MD5s of parts of {told} bytes do not give the ETag {job.etag}"
    raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("GetObject", str(job.ref), message=message))


async def discard(run: Run) -> None:
    """Remove what a cancelled download left on the disk: at once, though the store may be out of reach."""
    job = run.record.job
    if run.record.begun and job.path != job.root:
        await asyncio.to_thread(discard_part, place_of(job), job.etag)


def room_for(job: Job) -> bool:
    """Whether the disk has room again for what is left of a download. Blocking."""
    place, there = place_of(job), 0
    try:
        with contextlib.suppress(FileNotFoundError):
            there = 512 * getattr(place.path_of(place.temporary(job.etag)).lstat(), "st_blocks", 0)
        return shutil.disk_usage(job.root).free > max(0, job.size - there)
    except OSError:
        return False


async def fetch_batch(runs: list[Run]) -> list[Outcome | BrowserError | None]:
    """Fetch small objects together, each once. None: it needs a run of its own, or its turn did not come."""
    results: list[Outcome | BrowserError | None] = [None] * len(runs)
    items: list[tuple[int, FetchFile]] = []
    for at, run in enumerate(runs):
        job = run.record.job
        if job.is_folder:
            try:
                await asyncio.to_thread(_make_folder, job)
                results[at] = Outcome(verified=True, path=job.path)
            except BrowserError as error:
                results[at] = error
        elif job.etag and job.size >= 0:
            items.append((at, item_of(run)))
    if not items:
        return results
    records = [replace(runs[at].record, begun=True) for at, _ in items]
    runs[0].journal.begun(records)
    runs[0].journal.commit()
    for (at, _), record in zip(items, records, strict=True):
        runs[at].record = record
    answers = await one_batch([runs[at] for at, _ in items], [item for _, item in items])
    for (at, _), answer in zip(items, answers, strict=True):
        if isinstance(answer, FileFetched):
            results[at] = fetched_outcome(runs[at].record.job, answer)
        elif isinstance(answer, BrowserError):
            results[at] = answer
    return results
