"""What is in the way of an upload or a download, found before anything is queued, and how its content compares.

Streams at bounded memory. Blocks; any thread.
"""

from __future__ import annotations

import enum
import hashlib
import itertools
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cloudtemple_browser.model.addresses import DELIMITER, ObjectRef, key_problem
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, DownloadRequest, Job, TransferRules, UploadRequest
from cloudtemple_browser.transfers.local_file import stamp
from cloudtemple_browser.transfers.plan import MIB, TransferLimits, upload_part_size
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.scan import DownloadScan, UploadScan, entries, listed

COMPARED = 2 << 30
"""Bytes of local files that are read unasked, to compare their contents."""

_FEW = 8  # names that are asked for one by one
_LISTED = 200  # entries a name that a listing may have in place of asking for the names one by one
_BATCH = 100_000  # local files held in memory for one listing
_AT_ONCE = 8  # requests
_SAME_TIME = 2  # seconds: FAT keeps even ones only, a store whole ones
_ETAG = re.compile(r"([0-9a-f]{32})(?:-([1-9][0-9]{0,4}))?", re.IGNORECASE)
# What common programs cut objects into, in MiB.
_PART_SIZES = (5, 8, 10, 15, 16, 25, 32, 50, 64, 100, 128, 256, 512, 1024)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A target that exists, beside what would come there. Sizes in bytes, times in seconds UTC, each maybe ``UNKNOWN``.

    ``target`` is the key or the local path, as a request's ``decisions`` have it, ``name`` what of it is shown, and
    ``replaces`` the ETag or stamp of what exists. ``path`` is the local file of the two and ``etag`` that of the object.
    ``identical``: the same bytes; None when it is not known.
    """

    target: str
    name: str
    replaces: str
    old_size: int
    old_modified: float
    new_size: int
    new_modified: float
    path: Path
    etag: str
    identical: bool | None = None

    @property
    def newer(self) -> bool | None:
        """Whether the new one is newer than the existing; None when both are of the same time or that is not known."""
        if UNKNOWN in (self.old_modified, self.new_modified):
            return None
        later = self.new_modified - self.old_modified
        return None if abs(later) <= _SAME_TIME else later > 0


class Rule(enum.Enum):
    """What to do with all conflicts at once. ``NEWER`` and ``DIFFERENT`` overwrite those and skip the others."""

    SKIP = "skip"
    OVERWRITE = "overwrite"
    KEEP_BOTH = "keep-both"
    NEWER = "newer"
    DIFFERENT = "different"

    def policy(self, conflict: Conflict) -> ConflictPolicy:
        """What happens to one conflict. ``DIFFERENT`` takes contents for different unless they are known to be the same."""
        if self is Rule.NEWER:
            overwrite = bool(conflict.newer) and conflict.identical is not True
        elif self is Rule.DIFFERENT:
            overwrite = conflict.identical is not True
        else:
            return ConflictPolicy(self.value)
        return ConflictPolicy.OVERWRITE if overwrite else ConflictPolicy.SKIP


def decided(conflicts: Iterable[Conflict], policies: Iterable[ConflictPolicy]) -> dict[str, Decision]:
    """The ``decisions`` of a request."""
    return {
        conflict.target: Decision(policy, conflict.replaces if policy is ConflictPolicy.OVERWRITE else "")
        for conflict, policy in zip(conflicts, policies, strict=True)
    }


# -------------------------------------------------------------------------------------------------------------- uploads


def find_upload_conflicts(
    store: TransferStore,
    request: UploadRequest,
    rules: TransferRules,
    control: CallControl,
    progress: Callable[[int], object],
) -> Iterator[Conflict]:
    """The objects that an upload would meet. ``progress`` is told, in any thread, how many more were looked at.

    Raises ``Cancelled``, what ended a listing early, and at the end ACCESS_DENIED where the key may not see all that is there
    (the role write_only sees nothing).
    """
    scan = UploadScan(0, request, rules)
    files: dict[str, Job] = {}
    folders: list[tuple[Path, str]] = []
    for path, key in scan.tops():
        if path.is_dir():
            if path.name and not key_problem(key):
                folders.append((path, key))
        else:
            files.update((job.ref.key, job) for job in _files(scan, path, key, control))
    look = _Look(store, request.bucket, control, progress)
    there = look.top(list(files), [key + DELIMITER for _path, key in folders])
    for entry in there.objects:
        yield _over_object(files[entry.key], entry, request.prefix)
    for path, key in folders:
        if key + DELIMITER in there.prefixes:
            for job, entry in _met(_files(scan, path, key, control), partial(look.below, key + DELIMITER)):
                yield _over_object(job, entry, request.prefix)
    if look.denied:
        raise look.denied


def _files(scan: UploadScan, path: Path, key: str, control: CallControl) -> Iterator[Job]:
    return (job for job in scan.below(path, key, control) if isinstance(job, Job) and not job.is_folder)


def _met(jobs: Iterator[Job], there: Callable[[], Iterator[ObjectEntry]]) -> Iterator[tuple[Job, ObjectEntry]]:
    """The jobs whose key is there, which is listed anew for every ``_BATCH`` of them."""
    while wanted := {job.ref.key: job for job in itertools.islice(jobs, _BATCH)}:
        for entry in there():
            if job := wanted.get(entry.key):
                yield job, entry


def _over_object(job: Job, there: ObjectEntry, prefix: str) -> Conflict:
    try:
        modified: float = job.path.stat().st_mtime
    except OSError:
        modified = UNKNOWN  # gone meanwhile: its transfer will say so
    return Conflict(
        target=job.ref.key,
        name=job.ref.key.removeprefix(prefix),
        replaces=there.etag,
        old_size=there.size,
        old_modified=there.modified,
        new_size=job.size,
        new_modified=modified,
        path=job.path,
        etag=there.etag,
        identical=_by_size(there.size, job.size),
    )


@dataclass(frozen=True, slots=True)
class _There:
    objects: tuple[ObjectEntry, ...]
    prefixes: frozenset[str]


class _Look:
    """Asks the store what is there; a refusal is kept in ``denied`` and counts as nothing there."""

    def __init__(self, store: TransferStore, bucket: str, control: CallControl, progress: Callable[[int], object]) -> None:
        self._store, self._bucket, self._control, self._progress = store, bucket, control, progress
        self.denied: BrowserError | None = None

    def top(self, keys: list[str], prefixes: list[str]) -> _There:
        """Which of these keys and prefixes of one folder exist: by one listing, or one by one where that is cheaper."""
        if len(keys) + len(prefixes) > _FEW and (found := self._listed(keys, prefixes)):
            return found
        pool = ThreadPoolExecutor(_AT_ONCE, "conflicts")
        try:
            infos, held = pool.map(self._head, keys), pool.map(self._holds, prefixes)
            return _There(tuple(info for info in infos if info), frozenset(itertools.compress(prefixes, held)))
        finally:
            pool.shutdown(cancel_futures=True)

    def below(self, prefix: str) -> Iterator[ObjectEntry]:
        """Every object below ``prefix``."""
        try:
            for page in listed(self._store, self._bucket, prefix, "", self._control):
                self._progress(len(page))
                yield from entries(page)
        except BrowserError as error:
            self._refused(error)

    def _listed(self, keys: list[str], prefixes: list[str]) -> _There | None:
        """The same by a listing; None when that turns out to be long, or is refused: the key may still read objects."""
        wanted, wanted_prefixes = set(keys), set(prefixes)
        objects: list[ObjectEntry] = []
        held: set[str] = set()
        left = _LISTED * (len(keys) + len(prefixes))
        low, high = min((*keys, *prefixes)), max((*keys, *prefixes))
        shared = low[: next((at for at, pair in enumerate(zip(low, high, strict=False)) if pair[0] != pair[1]), len(low))]
        try:
            for page in listed(self._store, self._bucket, shared, DELIMITER, self._control):
                self._progress(len(page))
                left -= len(page)
                objects += [entry for entry in entries(page) if entry.key in wanted]
                held |= wanted_prefixes.intersection(page.prefixes)
                if left < 0:
                    return None
        except BrowserError as error:
            if error.kind is not ErrorKind.ACCESS_DENIED:
                raise
            return None
        return _There(tuple(objects), frozenset(held))

    def _head(self, key: str) -> ObjectEntry | None:
        self._go_on()
        try:
            info = self._store.head_object(ObjectRef(self._bucket, key))
        except BrowserError as error:
            if error.kind is not ErrorKind.NO_OBJECT:
                self._refused(error)
            return None
        finally:
            self._progress(1)
        return ObjectEntry(key, info.size, info.modified, info.etag)

    def _holds(self, prefix: str) -> bool:
        self._go_on()
        try:
            return any(len(page) for page in self._store.list_pages(self._bucket, prefix, DELIMITER, self._control))
        except BrowserError as error:
            self._refused(error)
            return False
        finally:
            self._progress(1)

    def _refused(self, error: BrowserError) -> None:
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise error
        self.denied = error

    def _go_on(self) -> None:
        if self._control.cancelled:
            raise Cancelled


# ------------------------------------------------------------------------------------------------------------ downloads


def find_download_conflicts(
    store: TransferStore, request: DownloadRequest, control: CallControl, progress: Callable[[int], object]
) -> Iterator[Conflict]:
    """The local files that a download would meet. ``progress`` is told how many more objects were looked at.

    A folder whose local folder is not there is not listed. What can not be listed is left to the transfer, which tells it.
    Raises ``Cancelled``.
    """
    for job in DownloadScan(0, request).jobs(store, control, existing=True):
        if control.cancelled:
            raise Cancelled
        progress(1)
        if isinstance(job, Job) and not job.is_folder and (found := _lstat(job.path)):
            regular = stat.S_ISREG(found.st_mode)
            yield Conflict(
                target=str(job.path),
                name=str(job.path.relative_to(request.target)),
                replaces=stamp(found),
                old_size=found.st_size if regular else UNKNOWN,
                old_modified=found.st_mtime,
                new_size=job.size,
                new_modified=job.modified,
                path=job.path,
                etag=job.etag,
                identical=_by_size(found.st_size, job.size) if regular else False,
            )


def _lstat(path: Path) -> os.stat_result | None:
    """What is at ``path``, unless it is a folder: no file can replace that, and its transfer says so."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return None if stat.S_ISDIR(found.st_mode) else found


# ------------------------------------------------------------------------------------------------------------- contents


def comparable(conflict: Conflict) -> bool:
    """Whether reading the local file may tell if both are the same."""
    return conflict.identical is None and _ETAG.fullmatch(conflict.etag) is not None


def compare(
    conflicts: Sequence[Conflict], limit: int, control: CallControl, progress: Callable[[int], object]
) -> Iterator[tuple[int, bool | None]]:
    """Read the local files of comparable conflicts, the small ones first, up to ``limit`` bytes in all.

    Yields the index of each and whether it is identical (None: it can not be told). ``progress`` is told the bytes read.
    Raises ``Cancelled``.
    """
    waiting = sorted((one.new_size, at) for at, one in enumerate(conflicts) if comparable(one))
    for size, at in waiting:
        limit -= size
        if limit < 0:
            return
        yield at, _same_content(conflicts[at], control, progress)


def _by_size(old: int, new: int) -> bool | None:
    if UNKNOWN in (old, new):
        return None
    return None if old == new and new else old == new


def _same_content(conflict: Conflict, control: CallControl, progress: Callable[[int], object]) -> bool | None:
    found = _ETAG.fullmatch(conflict.etag)
    assert found is not None, "not comparable"  # noqa: S101
    md5, count = found[1].lower(), int(found[2] or 0)
    sizes = [conflict.new_size] if count <= 1 else _cuts(conflict.new_size, count)
    if not sizes:
        return None
    etags = [_Etag(size) for size in sizes]
    try:
        with conflict.path.open("rb") as file:
            while piece := file.read(MIB):  # every part is a whole number of these
                if control.cancelled:
                    raise Cancelled
                for etag in etags:
                    etag.update(piece)
                progress(len(piece))
    except OSError:
        return None
    if any(md5 == (etag.of_parts() if count else etag.of_whole()) for etag in etags):
        return True
    return None if count else False  # in parts: maybe cut otherwise


def _cuts(size: int, count: int) -> list[int]:
    """The sizes of parts that give ``count`` of them: our own first."""
    own = upload_part_size(size, TransferLimits())
    sizes = dict.fromkeys((own, *(mib * MIB for mib in _PART_SIZES)))
    return [part for part in sizes if part and -(-size // part) == count]


class _Etag:
    """The ETag that a file gets when it is sent in parts of ``size`` bytes, while it is read."""

    def __init__(self, size: int) -> None:
        self._size, self._room = size, size
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._digests: list[bytes] = []

    def update(self, piece: bytes) -> None:
        if not self._room:
            self._digests.append(self._md5.digest())
            self._md5, self._room = hashlib.md5(usedforsecurity=False), self._size
        self._md5.update(piece)
        self._room -= len(piece)

    def of_whole(self) -> str:
        return self._md5.hexdigest()

    def of_parts(self) -> str:
        return hashlib.md5(b"".join((*self._digests, self._md5.digest())), usedforsecurity=False).hexdigest()
