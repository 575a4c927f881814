"""One download: parts of one version of an object, proven where the ETag allows it, under the final name only when whole."""

from __future__ import annotations

import hashlib
import re
import stat
from functools import partial

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.transfers.destination import Folder, PartFile, in_the_way
from cloudtemple_browser.transfers.job import ConflictPolicy, Job, Outcome
from cloudtemple_browser.transfers.local_errors import local_errors
from cloudtemple_browser.transfers.plan import Part, parts
from cloudtemple_browser.transfers.run import Run

_MD5 = re.compile(r"[0-9a-fA-F]{32}")
# Objects whose ETag looks like an MD5 and is none: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag).
_ENCRYPTED = frozenset({"x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-aws-kms-key-id"})


def download(run: Run, job: Job) -> Outcome:
    """Fetch the job's object into its file and return where it is.

    Raises ``BrowserError`` (CHANGED when the object is not the one that was listed, INTEGRITY when the bytes are not its own
    twice, DISK_FULL before the first byte where possible) or ``Cancelled``; then nothing is left but folders.
    """
    *folders, name = job.path.relative_to(job.root).parts
    if job.is_folder:
        with Folder.inside(job.root, (*folders, name)):
            return Outcome(verified=True, path=job.path)
    with Folder.inside(job.root, tuple(folders)) as folder:
        if _left_alone(folder, name, job):
            return Outcome(skipped=True, path=job.path)
        run.check()
        size, etag = _pinned(run, job)
        _require_room(folder, size, job)
        with PartFile(folder, name, etag) as file:
            verified = _fetch(run, job, file, size, etag)
            run.check()
            final = file.publish(name, job.conflict)
        if final is None:
            return Outcome(skipped=True, path=job.path)
        return Outcome(verified=verified, path=job.path.with_name(final))


def _left_alone(folder: Folder, name: str, job: Job) -> bool:
    """Whether SKIP applies already. Raises when nothing could be written under the name, before the first byte."""
    with local_errors(job.path):
        found = folder.look(name)
    if found is None or job.conflict is ConflictPolicy.KEEP_BOTH:
        return False
    if job.conflict is ConflictPolicy.SKIP:
        return True
    if stat.S_ISDIR(found.st_mode):
        raise in_the_way(job.path, found)
    return False


def _pinned(run: Run, job: Job) -> tuple[int, str]:
    """Size and ETag of the version to fetch. Raises CHANGED when that is another version than the listed one.

    By HEAD where the listing did not tell them, and for an object without bytes, which no ranged read can prove.
    """
    if job.size > 0 and job.etag:
        return job.size, job.etag
    info = run.retrying(lambda: run.store.head_object(job.ref))
    if (job.etag and job.etag != info.etag) or job.size not in (UNKNOWN, info.size):
        raise BrowserError(ErrorKind.CHANGED, ErrorFacts("HeadObject", str(job.ref)))
    run.meter.expect(info.size)
    return info.size, info.etag


def _require_room(folder: Folder, size: int, job: Job) -> None:
    with local_errors(job.path):
        free = folder.free_bytes()
    if size > free:
        raise BrowserError(ErrorKind.DISK_FULL, ErrorFacts(subject=str(job.path), message=f"{size} > {free}"))


def _fetch(run: Run, job: Job, file: PartFile, size: int, etag: str) -> bool:
    """Fill the file; whether its MD5 is the ETag. Damaged bytes are fetched again as often as the policy allows."""
    for _ in range(run.retries.integrity_attempts):
        digest = _fetch_parts(run, job, file, size, etag)
        if not _MD5.fullmatch(etag):
            return False
        if digest == etag.lower():
            return True
        if _etag_is_opaque(run, job):
            return False
        file.back_to(0)
        run.meter.settle(0)
    raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("GetObject", str(job.ref), message=f"MD5 {digest} != {etag}"))


def _fetch_parts(run: Run, job: Job, file: PartFile, size: int, etag: str) -> str:
    whole = hashlib.md5(usedforsecurity=False)
    for part in parts(size, run.limits.part):
        whole = run.counted(part.length, partial(_fetch_part, run, job, file, part, etag, whole))
    return whole.hexdigest()


def _fetch_part(run: Run, job: Job, file: PartFile, part: Part, etag: str, before: hashlib._Hash) -> hashlib._Hash:
    """Append one part and return the MD5 up to its end. Starts from what was good before, however an attempt ended."""
    file.back_to(part.start)
    digest = before.copy()
    got = 0

    def sink(data: memoryview) -> None:
        nonlocal got
        got += len(data)
        if got <= part.length:
            file.write(data)
            digest.update(data)

    run.store.read_range(job.ref, part.start, part.length, etag, sink, run.control)
    if got != part.length:
        raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("GetObject", str(job.ref), message=f"{got} != {part.length}"))
    return digest


def _etag_is_opaque(run: Run, job: Job) -> bool:
    """Whether the object is encrypted with a key that makes its ETag something else than an MD5 of its bytes."""
    info = run.retrying(lambda: run.store.head_object(job.ref))
    headers = {name.lower(): value.lower() for name, value in info.headers}
    return bool(_ENCRYPTED & headers.keys()) or headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
