"""One upload: a file that holds still, in one request or in parts, proven by HEAD."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef, key_problem, parent_prefix
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.local_names import numbered
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.transfers.job import ConflictPolicy, Job, Outcome
from cloudtemple_browser.transfers.local_errors import is_link, local_errors, refused
from cloudtemple_browser.transfers.plan import parts, upload_part_size
from cloudtemple_browser.transfers.retry import RetryPolicy, with_retries
from cloudtemple_browser.transfers.run import Run

MOST_NUMBERS = 1000  # ``name (1000).ext``: by then something answers yes to everything

_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_ABORTING = RetryPolicy(attempts=3)

log = logging.getLogger(__name__)


def upload(run: Run, job: Job) -> Outcome:
    """Send the job's file and return what the store has then.

    Raises ``BrowserError`` (LOCAL_CHANGED when the file moved meanwhile, TOO_LARGE before the first byte) or ``Cancelled``.
    On either, the parts of a multipart upload are thrown away, since nothing remembers them yet for a later run.
    """
    if job.is_folder:
        return _upload_marker(run, job)
    with LocalFile(job.path) as file:
        part_size = upload_part_size(file.size, run.limits)
        run.meter.expect(file.size)
        with _target(run, job) as ref:
            if ref is None:
                return Outcome(skipped=True)
            etag = _in_parts(run, job, ref, file, part_size) if part_size else _at_once(run, job, ref, file)
            outcome = _proven(run, ref, file.size, etag)
            return replace(outcome, public=_published(run, ref, job.options.acl)) if job.options.acl else outcome


class LocalFile:
    """A local file, read under the condition that it stays as it was when it was opened. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with local_errors(path):
            if is_link(path.lstat()):
                raise refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is a link, which is not followed"))
            self._descriptor = os.open(path, _FLAGS)
            found = os.fstat(self._descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(self._descriptor)
            raise refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is not a regular file"))
        self.size = found.st_size
        self._identity = _identity(found)

    def __enter__(self) -> LocalFile:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise LOCAL_CHANGED when size, time or identity differ from the start, LOCAL_MISSING when the file is gone."""
        with local_errors(self._path):
            now = _identity(os.lstat(self._path))
        if now != self._identity:
            raise BrowserError(ErrorKind.LOCAL_CHANGED, ErrorFacts(subject=str(self._path)))

    def read(self, start: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``start``, with a check before and after."""
        self.check()
        with local_errors(self._path):
            os.lseek(self._descriptor, start, os.SEEK_SET)
            body = os.read(self._descriptor, length) if length else b""
            while len(body) < length and (more := os.read(self._descriptor, length - len(body))):
                body += more
        self.check()
        if len(body) != length:
            raise BrowserError(ErrorKind.LOCAL_CHANGED, ErrorFacts(subject=str(self._path)))
        return body


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _at_once(run: Run, job: Job, ref: ObjectRef, file: LocalFile) -> str:
    body = file.read(0, file.size)
    return run.counted(file.size, lambda: run.store.put_object(ref, body, job.options, run.control))


def _in_parts(run: Run, job: Job, ref: ObjectRef, file: LocalFile, part_size: int) -> str:
    """A multipart upload, begun anew once when the store lost it (it expired, or somebody swept unfinished uploads)."""
    try:
        return _multipart(run, job, ref, file, part_size)
    except BrowserError as error:
        if error.facts.code != "NoSuchUpload":
            raise
    run.meter.settle(0)
    return _multipart(run, job, ref, file, part_size)


def _multipart(run: Run, job: Job, ref: ObjectRef, file: LocalFile, part_size: int) -> str:
    run.check()
    upload_id = run.retrying(lambda: run.store.create_multipart_upload(ref, job.options))
    try:
        sent = []
        for part in parts(file.size, part_size):
            body = file.read(part.start, part.length)
            send = partial(run.store.upload_part, ref, upload_id, part.number, body, run.control)
            sent.append(run.counted(part.length, send))
        file.check()
        run.check()
        return run.retrying(lambda: run.store.complete_multipart_upload(ref, upload_id, tuple(sent)))
    except BaseException:
        _abort(run, ref, upload_id)
        raise


def _abort(run: Run, ref: ObjectRef, upload_id: str) -> None:
    """Throw the parts away, whatever ended the upload; a failure here must not hide that one."""
    try:
        with_retries(_ABORTING, CallControl(), lambda: run.store.abort_multipart_upload(ref, upload_id))
    except BrowserError as error:
        log.warning("multipart upload %r not aborted: %s", upload_id, error.kind.value)


def _proven(run: Run, ref: ObjectRef, size: int, etag: str) -> Outcome:
    """Ask the store what it has now. A key that may write and not read cannot be told: done, but not verified."""
    try:
        info = run.retrying(lambda: run.store.head_object(ref))
    except BrowserError as error:
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return Outcome(entry=ObjectEntry(ref.key, size, UNKNOWN, etag))
    if info.size != size:
        facts = ErrorFacts("HeadObject", str(ref), message=f"{info.size} != {size}")
        raise BrowserError(ErrorKind.INTEGRITY, facts)
    return Outcome(verified=True, entry=ObjectEntry(ref.key, size, info.modified, info.etag, info.storage_class))


def _published(run: Run, ref: ObjectRef, acl: CannedAcl) -> bool:
    """Whether the object really is public. Some stores forget the ACL of a multipart upload: then it is set once more.

    A key that may write but not read or set ACLs cannot prove it, and a store may refuse: the object stays stored either way.
    """
    try:
        if run.retrying(lambda: run.store.read_acl(ref)).public:
            return True
        run.store.write_acl(ref, acl)
        return run.retrying(lambda: run.store.read_acl(ref)).public
    except BrowserError as error:
        log.warning("ACL of %s not confirmed: %s", ascii(str(ref)), error.kind.value)
        return False


def _upload_marker(run: Run, job: Job) -> Outcome:
    """Store the zero-byte object that stands for an empty folder, unless there is one: it might have content."""
    if _exists(run, job.ref):
        return Outcome(skipped=True)
    etag = run.counted(0, lambda: run.store.put_object(job.ref, b"", job.options, run.control))
    return _proven(run, job.ref, 0, etag)


@contextmanager
def _target(run: Run, job: Job) -> Iterator[ObjectRef | None]:
    """The object to write under the job's policy, claimed for the block; None when it exists and is to be left alone."""
    with ExitStack() as claimed:
        alone = claimed.enter_context(run.claims.hold(job.connection_id, job.ref))
        if job.conflict is ConflictPolicy.OVERWRITE or (alone and not _exists(run, job.ref)):
            yield job.ref
        elif job.conflict is ConflictPolicy.SKIP:
            yield None
        else:
            yield _free_ref(run, job, claimed)


def _free_ref(run: Run, job: Job, claimed: ExitStack) -> ObjectRef:
    folder, name = parent_prefix(job.ref.key), job.ref.name
    for n in range(2, MOST_NUMBERS + 1):
        ref = replace(job.ref, key=folder + numbered(name, n))
        if key_problem(ref.key):
            break
        with ExitStack() as attempt:
            if attempt.enter_context(run.claims.hold(job.connection_id, ref)) and not _exists(run, ref):
                claimed.push(attempt.pop_all())
                return ref
    raise refused(ErrorKind.LOCAL_NAME, job.ref.key, translate("transfers", "no free name was found for another copy"))


def _exists(run: Run, ref: ObjectRef) -> bool:
    run.check()
    try:
        run.retrying(lambda: run.store.head_object(ref))
    except BrowserError as error:
        if error.kind is ErrorKind.NO_OBJECT:
            return False
        raise
    return True
