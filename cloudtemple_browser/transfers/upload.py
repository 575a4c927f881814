"""One upload: never a mix of two states of a file, and done only when the store's answer proves it. The engine's loop."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef, key_problem, parent_prefix
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.local_names import numbered
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, Job, JobRecord
from cloudtemple_browser.model.writes import Condition, PendingUpload, UploadedPart, WriteOptions
from cloudtemple_browser.transfers.crash import crash_point
from cloudtemple_browser.transfers.local_errors import refused
from cloudtemple_browser.transfers.local_file import LocalFile, with_file_facts
from cloudtemple_browser.transfers.plan import Part, joined_etag, parts, upload_part_size
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.run import CONTROL_WEIGHT, PARTS_AT_ONCE, Outcome, Run, one_batch
from cloudtemple_browser.transfers.work_look import LookAt, Seen
from cloudtemple_browser.transfers.work_upload import FileSent, HashFile, HashRanges, SendFile, SendPart

MOST_NUMBERS = 1000  # ``name (1000).ext``: by then something answers yes to everything
_OF_CONDITIONS = frozenset({ErrorKind.CHANGED, ErrorKind.NO_OBJECT, ErrorKind.UNSUPPORTED})
_PIECE = 256 << 20  # bytes that one process hashes in one go
_CLOCKS = 300.0  # seconds by which a store's clock may be behind

log = logging.getLogger(__name__)


async def upload(run: Run) -> Outcome:
    """Send the job's file, from where an earlier run ended, and return what the store has then.

    Raises ``BrowserError``: LOCAL_CHANGED when the file moved meanwhile, OCCUPIED when something came to the target after the
    question, TOO_LARGE before the first byte. Whatever ends it, the parts stay for the next run.
    """
    with ExitStack() as claimed:
        while True:
            ref = await _target(run, claimed)
            if ref is None:
                return Outcome(skipped=True)
            try:
                outcome = await _send(run, ref)
            except BrowserError as error:
                if error.kind is not ErrorKind.OCCUPIED:
                    raise
                policy = run.record.job.decision.policy
                if policy not in (ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH):
                    raise
                await _throw_away(run, ref)
                if policy is ConflictPolicy.SKIP:
                    return Outcome(skipped=True)
                run.keep(target="", begun=False)  # somebody took the name in the very moment: the next one
                continue
            return await published(run, ref, outcome)


async def _send(run: Run, ref: ObjectRef) -> Outcome:
    job, desk = run.record.job, run.desk
    if job.is_folder:
        return await _at_once(run, ref, "")
    file = await asyncio.to_thread(_look, job.path, follow=desk.rules.follow_links)
    if run.record.stamp != file.stamp:  # the file is another one than the parts are of
        await _throw_away(run, ref)
    run.sized(file.size)
    if run.record.upload_id or upload_part_size(file.size, desk.sizes):
        return await _in_parts(run, ref, file)
    return await _at_once(run, ref, file.stamp)


class _File:
    """A local file as it was looked at."""

    def __init__(self, file: LocalFile) -> None:
        self.size, self.stamp, self.mtime = file.size, file.stamp, file.mtime_ns


def _look(path: Path, *, follow: bool) -> _File:
    with LocalFile(path, follow_link=follow) as file:
        return _File(file)


# ------------------------------------------------------------------------------------------------------------ where to


async def _target(run: Run, claimed: ExitStack) -> ObjectRef | None:
    """The object to write, claimed; None when it exists and is to be left alone. Raises OCCUPIED."""
    job, record = run.record.job, run.record
    hold = partial(run.desk.claims.hold, job.connection_id)
    if record.target and record.begun:
        ref = replace(job.ref, key=record.target)
        claimed.enter_context(hold(ref))
        return ref
    alone = claimed.enter_context(hold(job.ref))
    etag = await existing(run, job.ref) if needs_look(job) else ""
    if verdict(job, etag if alone else etag or "?") is not ConflictPolicy.KEEP_BOTH:
        return None if verdict(job, etag) is ConflictPolicy.SKIP else job.ref
    folder, name = parent_prefix(job.ref.key), job.ref.name
    for n in range(2, MOST_NUMBERS + 1):
        ref = replace(job.ref, key=folder + numbered(name, n))
        if key_problem(ref.key):
            break
        with ExitStack() as attempt:
            if attempt.enter_context(hold(ref)) and not await existing(run, ref):
                claimed.push(attempt.pop_all())
                return ref
    raise refused(ErrorKind.LOCAL_NAME, job.ref.key, translate("transfers", "no free name was found for another copy"))


def needs_look(job: Job) -> bool:
    """Whether what is at the target matters: it does not when anything may be overwritten."""
    return job.decision.policy is not ConflictPolicy.OVERWRITE or bool(job.decision.replaces)


def verdict(job: Job, etag: str) -> ConflictPolicy:
    """What to do, given the ETag of what is at the target ("": nothing): OVERWRITE stands for "write". Raises OCCUPIED."""
    decision = job.decision
    if not etag or (decision.policy is ConflictPolicy.OVERWRITE and decision.replaces in ("", etag)):
        return ConflictPolicy.OVERWRITE
    if decision.policy in (ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH):
        return decision.policy
    raise BrowserError(ErrorKind.OCCUPIED, ErrorFacts(subject=str(job.ref), message=f"ETag {etag}"))


async def existing(run: Run, ref: ObjectRef) -> str:
    """The ETag of what is there, "" for nothing or when the key may not know."""
    try:
        info = await run.info(ref)
    except BrowserError as error:
        if error.kind is ErrorKind.ACCESS_DENIED:
            return ""
        raise
    return (info.etag or "?") if info else ""


def condition_of(run: Run, ref: ObjectRef) -> Condition | None:
    """When the write may happen; the store is asked to check that in the very moment, where it can."""
    job = run.record.job
    if not needs_look(job):
        return None
    replaces = job.decision.replaces if job.decision.policy is ConflictPolicy.OVERWRITE and ref == job.ref else ""
    return Condition(replaces)


# ------------------------------------------------------------------------------------------------------- in one request


def item_of(run: Run, ref: ObjectRef, stamp: str, *, look_first: bool) -> SendFile:
    """The work of an upload in one request."""
    job, rules = run.record.job, run.desk.rules
    return SendFile(
        ref,
        job.path,
        job.options,
        stamp,
        condition_of(run, ref),
        checksum=rules.checksum and not job.is_folder,
        keep_time=rules.keep_times and not job.is_folder,
        follow_link=rules.follow_links,
        look_first=look_first,
        without_condition=run.lane.without_conditions,
    )


async def _at_once(run: Run, ref: ObjectRef, stamp: str) -> Outcome:
    begun = run.record.begun
    run.keep(target=ref.key, begun=True, stamp=stamp)

    def item(attempt: int) -> SendFile:
        return item_of(run, ref, stamp, look_first=begun or attempt > 1)

    size = max(0, run.record.job.size)
    while True:
        try:
            return sent_outcome(await run.work(item, size, size))
        except BrowserError as error:
            if not await once_more(run, error, ref):
                raise


def sent_outcome(sent: FileSent) -> Outcome:
    """A stored object as a job's end."""
    return Outcome(verified=sent.verified, entry=sent.entry)


async def once_more(run: Run, error: BrowserError, ref: ObjectRef) -> bool:
    """After a write with a condition failed: whether to write under another one. Raises OCCUPIED when it was not met."""
    condition = condition_of(run, ref)
    if condition is None or error.kind not in _OF_CONDITIONS:
        return False
    if error.kind is ErrorKind.UNSUPPORTED:
        tried, run.lane.without_conditions = not run.lane.without_conditions, True
        return tried
    if condition.etag and not await existing(run, ref):  # what was to be replaced is gone: now it is a new object
        job = replace(run.record.job, decision=Decision(ConflictPolicy.REFUSE))
        run.record = replace(run.record, status=replace(run.record.status, job=job))
        return True
    if error.kind is ErrorKind.CHANGED:
        raise BrowserError(ErrorKind.OCCUPIED, error.facts) from error
    return False


# ------------------------------------------------------------------------------------------------------------- in parts


async def _in_parts(run: Run, ref: ObjectRef, file: _File) -> Outcome:
    """A multipart upload, begun anew once when the store lost it (it expired, or somebody swept unfinished uploads)."""
    try:
        return await _multipart(run, ref, file)
    except BrowserError as error:
        if error.facts.code != "NoSuchUpload":
            raise
    log.info("an unfinished upload is gone at the store: it begins anew")
    _forget(run)
    return await _multipart(run, ref, file)


async def _throw_away(run: Run, ref: ObjectRef) -> None:
    if run.record.upload_id:
        await abort(run, ref, run.record.upload_id)
        _forget(run)


def _forget(run: Run) -> None:
    run.journal.forget_parts(run.record.job.id)
    run.meter.settle(0, -run.meter.done)
    run.keep(upload_id="", part_size=0, before=None, begun_at=0.0)


async def _multipart(run: Run, ref: ObjectRef, file: _File) -> Outcome:
    known: dict[int, UploadedPart] = {}
    if run.record.upload_id:
        plan = tuple(parts(file.size, run.record.part_size))
        try:
            known = await _kept(run, ref, file, plan)
        except BrowserError as error:
            if error.facts.code != "NoSuchUpload":
                raise
            if outcome := await _finished_before(run, ref, file, plan):
                return outcome
            raise
    else:
        await _begin(run, ref, file)
        plan = tuple(parts(file.size, run.record.part_size))
    run.meter.settle(0, sum(part.length for part in plan if part.number in known) - run.meter.done)
    upload_id, follow = run.record.upload_id, run.desk.rules.follow_links

    async def send(part: Part) -> None:
        work = SendPart(
            ref, upload_id, part.number, run.record.job.path, file.stamp, part.start, part.length, follow_link=follow
        )
        known[part.number] = await run.work(lambda _attempt: work, part.length, part.length)
        crash_point("upload-part-proven")
        run.journal.note_part(run.record.job.id, part.number, known[part.number].etag)
        run.journal.commit()

    await run.on_the_wire((part for part in plan if part.number not in known), send)
    return await _complete(run, ref, file, tuple(known[part.number] for part in plan))


async def _begin(run: Run, ref: ObjectRef, file: _File) -> None:
    """Begin a multipart upload so that a crash at any instant leaves nothing that is not found again."""
    job, rules = run.record.job, run.desk.rules
    await run.call(partial(_abort_orphans, run.record, ref))
    sha256 = ""
    if rules.checksum:
        work = HashFile(job.path, file.stamp, follow_link=rules.follow_links)
        sha256 = await run.work(lambda _attempt: work, 0)
    options = with_file_facts(job.options, file.mtime if rules.keep_times else None, sha256)
    before = tuple(pending.upload_id for pending in await run.call(partial(_pending, ref)))
    part_size = upload_part_size(file.size, run.desk.sizes)
    run.keep(
        target=ref.key, begun=True, stamp=file.stamp, part_size=part_size, upload_id="", before=before, begun_at=time.time()
    )
    crash_point("upload-intended")
    upload_id = await _created(run, ref, options)
    crash_point("upload-created")
    run.keep(upload_id=upload_id)
    crash_point("upload-noted")


async def _created(run: Run, ref: ObjectRef, options: WriteOptions) -> str:
    """The id of a new upload. An answer that got lost, or comes when the user does not wait for it any more, leaves none."""
    nobody_waits, record, lost = threading.Event(), run.record, False

    def create(store: TransferStore) -> str:
        nonlocal lost
        if lost:
            _abort_orphans(record, ref, store)
        lost = True
        upload_id = store.create_multipart_upload(ref, options)
        if nobody_waits.is_set():
            store.abort_multipart_upload(ref, upload_id)
        return upload_id

    try:
        return await run.call(create)
    except asyncio.CancelledError:
        nobody_waits.set()
        raise


def _pending(ref: ObjectRef, store: TransferStore) -> tuple[PendingUpload, ...]:
    """Unfinished uploads of the key; none where the store does not tell."""
    try:
        return store.list_uploads(ref)
    except BrowserError as error:
        if error.kind in (ErrorKind.ACCESS_DENIED, ErrorKind.UNSUPPORTED, ErrorKind.BAD_REQUEST, ErrorKind.NO_OBJECT):
            return ()
        raise


def _abort_orphans(record: JobRecord, ref: ObjectRef, store: TransferStore) -> None:
    """Abort the upload that was begun when its id did not come back, or was not written down before the program was killed.

    It is of this key, was not there when ours was about to begin, began then, and has no part. Nobody else's is touched.
    """
    if record.before is None or record.upload_id or not record.begun_at:
        return
    for found in _pending(ref, store):
        if found.upload_id in record.before or abs(found.initiated - record.begun_at) > _CLOCKS:
            continue
        try:
            if not store.list_parts(ref, found.upload_id):
                store.abort_multipart_upload(ref, found.upload_id)
        except BrowserError as error:
            if error.facts.code != "NoSuchUpload":
                raise


def _parts_of(ref: ObjectRef, upload_id: str, store: TransferStore) -> tuple[UploadedPart, ...]:
    return store.list_parts(ref, upload_id)


async def _kept(run: Run, ref: ObjectRef, file: _File, plan: tuple[Part, ...]) -> dict[int, UploadedPart]:
    """The parts that the store has and whose bytes are the file's: compared by MD5, whatever the journal says."""
    upload_id = run.record.upload_id
    listed = {part.number: part for part in await run.call(partial(_parts_of, ref, upload_id))}
    candidates = [part for part in plan if part.number in listed and listed[part.number].size in (part.length, UNKNOWN)]
    proofs = await _md5s(run, file, plan, [part.number for part in candidates])
    return {part.number: listed[part.number] for part in candidates if listed[part.number].etag == proofs[part.number]}


async def _md5s(run: Run, file: _File, plan: tuple[Part, ...], numbers: list[int]) -> dict[int, str]:
    """The MD5s of the local bytes of some parts, hashed in pieces of consecutive parts."""
    size, job, follow = run.record.part_size, run.record.job, run.desk.rules.follow_links
    most = max(1, _PIECE // size)
    pieces: list[tuple[int, int]] = []  # first part, number of parts
    for number in sorted(numbers):
        if pieces and number == sum(pieces[-1]) and pieces[-1][1] < most:
            pieces[-1] = pieces[-1][0], pieces[-1][1] + 1
        else:
            pieces.append((number, 1))
    found: dict[int, str] = {}

    async def hashed(piece: tuple[int, int]) -> None:
        first, count = piece
        start, end = plan[first - 1].start, plan[first + count - 2].start + plan[first + count - 2].length
        work = HashRanges(job.path, file.stamp, start, end, size, follow_link=follow)
        found.update(zip(range(first, first + count), await run.work(lambda _attempt: work, 0), strict=True))

    await run.each(pieces, hashed, PARTS_AT_ONCE)
    return found


async def _finished_before(run: Run, ref: ObjectRef, file: _File, plan: tuple[Part, ...]) -> Outcome | None:
    """The object, when the upload that is gone was completed before the program ended."""
    info = await run.info(ref)
    if info is None or info.size != file.size:
        return None
    proofs = await _md5s(run, file, plan, [part.number for part in plan])
    wanted = joined_etag([proofs[part.number] for part in plan])
    return _stored(ref, info) if info.etag == wanted else None


async def _complete(run: Run, ref: ObjectRef, file: _File, sent: tuple[UploadedPart, ...]) -> Outcome:
    now = await asyncio.to_thread(_look, run.record.job.path, follow=run.desk.rules.follow_links)
    if now.stamp != file.stamp:
        raise BrowserError(ErrorKind.LOCAL_CHANGED, ErrorFacts(subject=str(run.record.job.path)))
    if needs_look(run.record.job) and (etag := await existing(run, ref)) and etag != joined_etag([part.etag for part in sent]):
        if ref != run.record.job.ref:
            raise BrowserError(ErrorKind.OCCUPIED, ErrorFacts(subject=str(ref), message=f"ETag {etag}"))
        if verdict(run.record.job, etag) is not ConflictPolicy.OVERWRITE:
            raise BrowserError(ErrorKind.OCCUPIED, ErrorFacts(subject=str(ref), message=f"ETag {etag}"))
    upload_id = run.record.upload_id

    async def complete() -> bool:
        condition = None if run.lane.without_conditions else condition_of(run, ref)
        try:
            await run.call(lambda store: store.complete_multipart_upload(ref, upload_id, sent, condition))
        except BrowserError as error:
            may_be_done = error.kind is ErrorKind.CHANGED or error.facts.code == "NoSuchUpload"  # an answer was lost before
            if may_be_done and await existing(run, ref) == joined_etag([part.etag for part in sent]):
                return True
            if not await once_more(run, error, ref):
                raise
            return False
        return True

    crash_point("upload-completing")
    while not await complete():
        pass
    crash_point("upload-completed")
    return await _proven(run, ref, file.size, joined_etag([part.etag for part in sent]))


async def _proven(run: Run, ref: ObjectRef, size: int, etag: str) -> Outcome:
    """Ask the store what it has now. A key that may write and not read cannot be told: done, but not verified."""
    try:
        info = await run.info(ref)
    except BrowserError as error:
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return Outcome(entry=ObjectEntry(ref.key, size, UNKNOWN, etag))
    if info is None or info.size != size or (etag and info.etag.endswith(etag[32:]) and info.etag != etag):
        found = f"{info.size} bytes, ETag {info.etag}" if info else "nothing"
        raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("HeadObject", str(ref), message=f"{found} in place of {size} bytes"))
    return _stored(ref, info)


def _stored(ref: ObjectRef, info: ObjectInfo) -> Outcome:
    return Outcome(verified=True, entry=ObjectEntry(ref.key, info.size, info.modified, info.etag, info.storage_class))


async def abort(run: Run, ref: ObjectRef, upload_id: str) -> None:
    """Throw the parts away; a failure here must not hide another one."""
    try:
        await run.call(lambda store: store.abort_multipart_upload(ref, upload_id))
    except BrowserError as error:
        log.warning("multipart upload %r not aborted: %s", upload_id, error.kind.value)


async def discard(run: Run) -> None:
    """Remove what a cancelled upload left at the store: its parts, never an object."""
    record = run.record
    ref = replace(record.job.ref, key=record.target or record.job.ref.key)
    if record.upload_id:
        await abort(run, ref, record.upload_id)
    else:
        await run.call(partial(_abort_orphans, record, ref))


# ----------------------------------------------------------------------------------------------------------- afterwards


async def published(run: Run, ref: ObjectRef, outcome: Outcome) -> Outcome:
    """The outcome, with whether the object really is public, where that was asked for.

    Some stores forget the ACL of a multipart upload: then it is set once more. A key that may write but not read or set ACLs
    cannot prove it, and a store may refuse: the object stays stored either way.
    """
    acl = run.record.job.options.acl
    if not acl or outcome.skipped:
        return outcome
    public = await _is_public(run, ref, acl)
    return replace(outcome, public=public, not_public=not public)


async def _is_public(run: Run, ref: ObjectRef, acl: CannedAcl) -> bool:
    try:
        if (await run.call(lambda store: store.read_acl(ref))).public:
            return True
        await run.call(lambda store: store.write_acl(ref, acl))
        return (await run.call(lambda store: store.read_acl(ref))).public
    except BrowserError as error:
        log.warning("ACL of %s not confirmed: %s", ascii(str(ref)), error.kind.value)
        return False


# ------------------------------------------------------------------------------------------------- many small ones at once


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
        elif way is ConflictPolicy.OVERWRITE and alone[at] and not run.record.begun:
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
        elif isinstance(answer, BrowserError) and not (item.condition and answer.kind in _OF_CONDITIONS):
            results[at] = answer
    return results


async def _existing_of(runs: list[Run]) -> Mapping[str, str]:
    """The ETags of what is at the targets: by one page of a listing where it reaches all of them, else by HEAD."""
    asking = [run for run in runs if needs_look(run.record.job) and not run.record.begun]
    if not asking:
        return {}
    run, keys = asking[0], tuple(one.record.job.ref.key for one in asking)
    where = run.lane.connection_id, run.record.job.ref.bucket, parent_prefix(min(keys))
    seen = run.desk.seen_of(*where)
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
