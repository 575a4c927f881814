"""One upload: never a mix of two states of a file, and done only when the store's answer proves it. The engine's loop."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from cloudtemple_browser.model.addresses import ObjectRef, key_problem, parent_prefix
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.local_names import numbered
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, Job, JobRecord
from cloudtemple_browser.model.writes import Condition, PendingUpload, UploadedPart, WriteOptions
from cloudtemple_browser.transfers.crash import crash_point
from cloudtemple_browser.transfers.local_errors import refused
from cloudtemple_browser.transfers.local_file import LocalFile, file_time, with_file_facts
from cloudtemple_browser.transfers.plan import Part, joined_count, joined_etag, parts, upload_part_size
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.run import PARTS_AT_ONCE, Outcome, Run
from cloudtemple_browser.transfers.stored import published
from cloudtemple_browser.transfers.work_upload import (
    MOST_AT_ONCE,
    FileSent,
    HashFile,
    HashRanges,
    HashStored,
    SendFile,
    SendPart,
)

MOST_NUMBERS = 1000  # ``name (1000).ext``: by then something answers yes to everything
OF_CONDITIONS = frozenset({ErrorKind.CHANGED, ErrorKind.NO_OBJECT})
"""What a write under a condition that is not met ends with."""
_NOT_TOLD = frozenset({ErrorKind.ACCESS_DENIED, ErrorKind.UNSUPPORTED, ErrorKind.BAD_REQUEST, ErrorKind.NO_OBJECT})
_NO_LIST = _NOT_TOLD | {ErrorKind.NOT_S3, ErrorKind.PARTIAL, ErrorKind.SERVER}
"""What a store answers that lists no uploads, or no parts: it may take the bytes all the same."""
_WHOLE = 0  # the number under which the journal has the SHA-256 of the whole file, as the store was told it
_PIECE = 256 << 20  # bytes that one process hashes in one go
_CLOCKS = 300.0  # seconds by which a store's clock may be behind
_TOUCHES = 3  # changes that tell nothing of the bytes, before it is said that the file changes
_LOOK = 2.0  # seconds between two looks at a file whose parts are under way

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
                if policy in (ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH):
                    await _throw_away(run, ref)
                if not run.record.upload_id:
                    run.keep(target="", begun=False)  # what is there now is not ours
                if policy is ConflictPolicy.SKIP:
                    return Outcome(skipped=True)
                if policy is not ConflictPolicy.KEEP_BOTH:
                    raise
                continue  # somebody took the name in the very moment: the next one
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
        self.size, self.stamp, self.state, self.mtime = file.size, file.stamp, file.state, file.mtime_ns


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
    info = await _info_if_told(run, ref)
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
        most=MOST_AT_ONCE if stamp else run.desk.sizes.threshold,
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
    return Outcome(skipped=True) if sent.left_alone else Outcome(verified=sent.verified, entry=sent.entry)


async def once_more(run: Run, error: BrowserError, ref: ObjectRef) -> bool:
    """After a write with a condition failed: whether to write under another one. Raises OCCUPIED when it was not met."""
    condition = condition_of(run, ref)
    if condition is None or error.kind not in OF_CONDITIONS:
        return False
    if condition.etag and not await existing(run, ref):  # what was to be replaced is gone: now it is a new object
        job = replace(run.record.job, decision=Decision(ConflictPolicy.REFUSE))
        run.record = replace(run.record, status=replace(run.record.status, job=job))
        return True
    if error.kind is ErrorKind.CHANGED:
        raise BrowserError(ErrorKind.OCCUPIED, error.facts) from error
    return False


# ------------------------------------------------------------------------------------------------------------- in parts


async def _in_parts(run: Run, ref: ObjectRef, file: _File) -> Outcome:
    """A multipart upload, of one state of the file.

    Where only ``state`` tells of a change, it may be one of the rights, or one of bytes with the time set back: the parts are
    compared with the file then, and those that differ are sent again. A file that is touched again and again is given up.
    """
    for touched in range(_TOUCHES + 1):
        try:
            return await _found_or_anew(run, ref, file)
        except BrowserError as error:
            if error.kind is not ErrorKind.LOCAL_CHANGED:
                raise
            now = await asyncio.to_thread(_look, run.record.job.path, follow=run.desk.rules.follow_links)
            if now.stamp != file.stamp or now.state == file.state:
                raise
            if touched == _TOUCHES:
                raise
            file = now
    raise AssertionError("unreachable")


async def _found_or_anew(run: Run, ref: ObjectRef, file: _File) -> Outcome:
    """A multipart upload, begun anew once when the store lost it (it expired, or somebody swept unfinished uploads)."""
    try:
        return await _multipart(run, ref, file)
    except BrowserError as error:
        if error.facts.code != "NoSuchUpload":
            raise
        run.anew = error
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
    listed = True
    if run.record.upload_id and not await _is_as_told(run, file):
        await _throw_away(run, ref)
    if run.record.upload_id:
        plan = tuple(parts(file.size, run.record.part_size))
        try:
            known, listed = await _kept(run, ref, file, plan)
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
            ref, upload_id, part.number, run.record.job.path, file.state, part.start, part.length, follow_link=follow
        )
        known[part.number] = await run.work(lambda _attempt: work, part.length, part.length)
        crash_point("upload-part-proven")
        run.journal.note_part(run.record.job.id, part.number, f"{known[part.number].md5} {known[part.number].etag}")
        run.journal.commit()

    waiting = (part for part in plan if part.number not in known)
    await _while_unchanged(run, file, run.on_the_wire(waiting, send))
    try:
        return await _complete(run, ref, file, tuple(known[part.number] for part in plan))
    except BrowserError as error:
        refused = error.kind in (ErrorKind.BAD_REQUEST, ErrorKind.NO_OBJECT) and error.facts.operation != "HeadObject"
        if listed or not refused:
            raise
        run.anew = error
    log.info("the store has other parts than were noted, and does not list them: the upload begins anew")
    await _throw_away(run, ref)
    return await _multipart(run, ref, file)


async def _is_as_told(run: Run, file: _File) -> bool:
    """Whether the file still has the SHA-256 that the store was told as the upload began.

    Nobody told it where there is none. Only a journal of an older program does not say which.
    """
    told = run.journal.parts(run.record.job.id).get(_WHOLE, "?" if run.desk.rules.checksum else "")
    return not told or await _sha256(run, file) == told


async def _sha256(run: Run, file: _File) -> str:
    work = HashFile(run.record.job.path, file.state, follow_link=run.desk.rules.follow_links)
    found: str = await run.work(lambda _attempt: work, 0)
    return found


async def _while_unchanged(run: Run, file: _File, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, which ends early when the file changes: over a slow line the next part may be minutes away."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(_LOOK)
            await _check(run, file)

    working, watching = asyncio.create_task(work), asyncio.create_task(watch())
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        for task in (working, watching):
            if task.done():
                return task.result()
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.wait((working, watching))


async def _check(run: Run, file: _File) -> None:
    """Raise LOCAL_CHANGED, or LOCAL_MISSING, when the file is not what it was."""
    path = run.record.job.path
    now = await asyncio.to_thread(_look, path, follow=run.desk.rules.follow_links)
    if now.state != file.state:
        raise BrowserError(ErrorKind.LOCAL_CHANGED, ErrorFacts(subject=str(path)))


async def _begin(run: Run, ref: ObjectRef, file: _File) -> None:
    """Begin a multipart upload so that a crash at any instant leaves nothing that is not found again."""
    job, rules = run.record.job, run.desk.rules
    if _may_have_orphans(run.record):
        try:
            await run.call(partial(_abort_orphans, run.record, ref))
        except BrowserError as error:
            if error.kind not in _NO_LIST:
                raise
            log.warning("an unfinished upload of %s may stay: %s", ascii(str(ref)), error.kind.value)
    sha256 = await _sha256(run, file) if rules.checksum else ""
    options = with_file_facts(job.options, file.mtime if rules.keep_times else None, sha256)
    before = await _pending(run, ref)
    part_size = upload_part_size(file.size, run.desk.sizes)
    run.journal.note_part(job.id, _WHOLE, sha256)
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
        if lost and _may_have_orphans(record):
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


@contextmanager
def _a_list() -> Iterator[None]:
    """Raise UNSUPPORTED for a list that is not told, whatever the answer was: it says nothing of other requests."""
    try:
        yield
    except BrowserError as error:
        if error.kind not in _NO_LIST or error.facts.code == "NoSuchUpload":
            raise
        raise BrowserError(ErrorKind.UNSUPPORTED, error.facts, error.values) from error


def _uploads_of(ref: ObjectRef, store: TransferStore) -> tuple[PendingUpload, ...]:
    with _a_list():
        return store.list_uploads(ref)


def _parts_of(ref: ObjectRef, upload_id: str, store: TransferStore) -> tuple[UploadedPart, ...]:
    with _a_list():
        return store.list_parts(ref, upload_id)


async def _pending(run: Run, ref: ObjectRef) -> tuple[str, ...] | None:
    """The ids of the unfinished uploads of the key; None where the store does not tell."""
    try:
        return tuple(found.upload_id for found in await run.call(partial(_uploads_of, ref)))
    except BrowserError as error:
        if error.kind is not ErrorKind.UNSUPPORTED:
            raise
        return None


def _may_have_orphans(record: JobRecord) -> bool:
    """Whether an upload was about to begin whose id nobody knows."""
    return record.before is not None and not record.upload_id and bool(record.begun_at)


def _abort_orphans(record: JobRecord, ref: ObjectRef, store: TransferStore) -> None:
    """Abort the upload that was begun when its id did not come back, or was not written down before the program was killed.

    It is of this key, was not there when ours was about to begin, began then, and has no part. Nobody else's is touched: where
    two are like that, one is somebody else's, and both stay. So do all where the store does not tell.
    """
    like_ours: list[str] = []
    try:
        for found in store.list_uploads(ref):
            known = found.upload_id in (record.before or ())
            if not known and abs(found.initiated - record.begun_at) <= _CLOCKS and _has_no_part(ref, found.upload_id, store):
                like_ours.append(found.upload_id)
    except BrowserError as error:
        if error.kind not in _NOT_TOLD:
            raise
        return
    if len(like_ours) == 1:
        store.abort_multipart_upload(ref, like_ours[0])
    elif like_ours:
        log.warning("%d unfinished uploads of %s may be ours: none is touched", len(like_ours), ascii(str(ref)))


def _has_no_part(ref: ObjectRef, upload_id: str, store: TransferStore) -> bool:
    try:
        return not store.list_parts(ref, upload_id)
    except BrowserError as error:
        if error.facts.code != "NoSuchUpload":
            raise
        return False


async def _kept(run: Run, ref: ObjectRef, file: _File, plan: tuple[Part, ...]) -> tuple[dict[int, UploadedPart], bool]:
    """The parts that the store has and whose bytes are the file's, compared by MD5; and whether the store listed them.

    Where an ETag is no MD5, the journal knows that of the bytes. Where the store lists none, the journal knows the parts, too:
    Complete will tell whether they are there.
    """
    noted, listed = _noted(run), True
    try:
        there = {part.number: part for part in await run.call(partial(_parts_of, ref, run.record.upload_id))}
    except BrowserError as error:
        if error.kind is not ErrorKind.UNSUPPORTED:
            raise
        there, listed = noted, False
    candidates = [part for part in plan if part.number in there and there[part.number].size in (part.length, UNKNOWN)]
    kept: dict[int, UploadedPart] = {}
    for number, md5 in (await _md5s(run, file, plan, [part.number for part in candidates])).items():
        part, sent = there[number], noted.get(number)
        if part.etag.lower() == md5 or (sent and (sent.etag, sent.md5) == (part.etag, md5)):
            kept[number] = replace(part, md5=md5)
    return kept, listed


def _noted(run: Run) -> dict[int, UploadedPart]:
    """The parts that were sent, as the journal has them: an older program's knows no MD5s."""
    noted = run.journal.parts(run.record.job.id)
    split = ((number, proof.rpartition(" ")) for number, proof in noted.items() if number != _WHOLE)
    return {number: UploadedPart(number, etag, md5=md5) for number, (md5, _, etag) in split}


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
        work = HashRanges(job.path, file.state, start, end, size, follow_link=follow)
        found.update(zip(range(first, first + count), await run.work(lambda _attempt: work, 0), strict=True))

    await run.each(pieces, hashed, PARTS_AT_ONCE)
    return found


async def _finished_before(run: Run, ref: ObjectRef, file: _File, plan: tuple[Part, ...]) -> Outcome | None:
    """The object, when the upload that is gone was completed before the program ended."""
    info = await run.info(ref)
    if info is None or info.size != file.size:
        return None
    proofs = await _md5s(run, file, plan, [part.number for part in plan])
    wanted, noted = joined_etag([proofs[part.number] for part in plan]), _noted(run)
    if info.etag.lower() != wanted and not all(part.md5_etag for part in noted.values()):
        wanted = ""  # this store's ETags are no MD5s
    if found := _this_upload(ref, info, file, wanted):
        return found
    if len(noted) < len(plan) or _tells(info, wanted) or not await _has_bytes(run, ref, info, plan, proofs):
        return None
    return _stored(ref, info)


def _tells(info: ObjectInfo, wanted: str) -> bool:
    """Whether ETag or metadata tell of which file an object is."""
    return bool(wanted and joined_count(info.etag)) or file_time(info.metadata) is not None


async def _has_bytes(run: Run, ref: ObjectRef, info: ObjectInfo, plan: tuple[Part, ...], md5s: dict[int, str]) -> bool:
    """Whether an object has these bytes: they are read, up to the first part that differs."""

    async def is_same(part: Part) -> bool:
        work, md5 = HashStored(ref, info.etag, part.start, part.length), md5s[part.number]
        return bool(await run.work(lambda _attempt: work, part.length) == md5)

    for part in plan:
        if not await is_same(part):
            return False
    return True


def _this_upload(ref: ObjectRef, info: ObjectInfo | None, file: _File, wanted: str) -> Outcome | None:
    """What is there, when it is this upload, finished: ``wanted`` is its ETag where the store makes ETags of MD5s.

    Where it does not (under SSE-KMS, for one), the size and the file's time in the metadata tell, which is no proof.
    """
    if info is None or info.size != file.size:
        return None
    if info.etag.lower() == wanted:
        return _stored(ref, info)
    if joined_count(info.etag) and wanted:
        return None
    return replace(_stored(ref, info), verified=False) if file_time(info.metadata) == file.mtime else None


async def _complete(run: Run, ref: ObjectRef, file: _File, sent: tuple[UploadedPart, ...]) -> Outcome:
    await _check(run, file)
    wanted = joined_etag([part.md5_etag for part in sent])

    async def complete() -> Outcome | None:
        work = _Completion(ref, run.record.upload_id, sent, condition_of(run, ref), wanted)
        try:
            await run.call(work)
        except BrowserError as error:
            lost = error.kind is ErrorKind.CHANGED or error.facts.code == "NoSuchUpload"  # an answer, before
            if lost and (found := await _completed_unheard(run, ref, file, work)):
                return found
            if not await once_more(run, error, ref):
                raise
            return None
        crash_point("upload-completed")
        return await _proven(run, ref, file.size, wanted)

    crash_point("upload-completing")
    while (outcome := await complete()) is None:
        pass
    return outcome


async def _completed_unheard(run: Run, ref: ObjectRef, file: _File, work: _Completion) -> Outcome | None:
    """What is there, when a Complete before this one went through and its answer got lost.

    Where neither ETag nor metadata tell whose it is: an object of this size that came after a Complete, by which the upload is
    gone. That is no proof.
    """
    info = await _info_if_told(run, ref)
    if found := _this_upload(ref, info, file, work.wanted):
        return found
    if info is None or info.size != file.size or _tells(info, work.wanted) or not work.came_since(info.etag):
        return None
    try:
        await run.call(partial(_parts_of, ref, run.record.upload_id))
    except BrowserError as error:
        if error.facts.code == "NoSuchUpload":
            return replace(_stored(ref, info), verified=False)
        if error.kind is not ErrorKind.UNSUPPORTED:
            raise
    return None


class _Completion:
    """Complete under a condition, as often as it takes. Many stores ignore the condition: so a look goes before each time."""

    def __init__(
        self, ref: ObjectRef, upload_id: str, sent: tuple[UploadedPart, ...], condition: Condition | None, wanted: str
    ) -> None:
        self._call = ref, upload_id, sent, condition
        self._ref, self._condition, self.wanted = ref, condition, wanted
        self._asked = self._unheard = False

    def __call__(self, store: TransferStore) -> None:
        """Raises CHANGED when something else is there than may be replaced, and than this upload, finished (``wanted``)."""
        self._unheard = self._asked
        there = self._there(store) if self._condition else ""
        if self._asked and there and there.lower() == self.wanted:
            return  # it was done, and the answer lost
        if self._condition and there not in ("", self._condition.etag) and there.lower() != self.wanted:
            raise BrowserError(ErrorKind.CHANGED, ErrorFacts("HeadObject", str(self._ref), message=f"ETag {there}"))
        self._asked = True
        store.complete_multipart_upload(*self._call)

    def came_since(self, etag: str) -> bool:
        """Whether what has this ETag was not there before a Complete that was not answered."""
        return self._unheard and self._condition is not None and etag != self._condition.etag

    def _there(self, store: TransferStore) -> str:
        """The ETag of what is there, "" for nothing or when the key may not know."""
        try:
            return store.head_object(self._ref).etag or "?"
        except BrowserError as error:
            if error.kind not in (ErrorKind.NO_OBJECT, ErrorKind.ACCESS_DENIED):
                raise
            return ""


async def _info_if_told(run: Run, ref: ObjectRef) -> ObjectInfo | None:
    """What is there; None when it is nothing, or when the key may not know."""
    try:
        return await run.info(ref)
    except BrowserError as error:
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return None


async def _proven(run: Run, ref: ObjectRef, size: int, etag: str) -> Outcome:
    """Ask the store what it has now. A key that may write and not read cannot be told: done, but not verified."""
    try:
        info = await run.info(ref)
    except BrowserError as error:
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return Outcome(entry=ObjectEntry(ref.key, size, UNKNOWN, etag))
    other = info is not None and info.etag.lower() != etag and joined_count(info.etag) == joined_count(etag) > 0
    if info is None or info.size != size or other:
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
    elif _may_have_orphans(record):
        await run.call(partial(_abort_orphans, record, ref))
