"""The byte work of downloads: frozen values that run in an engine process, on local files and the store, and hold no state.

Whatever a restart would need is in the answer, and the engine writes it down. Each raises ``BrowserError`` or ``Cancelled``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cloudtemple_browser.model.addresses import DELIMITER, ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.steps import Steps, aside, finish
from cloudtemple_browser.model.transfers import Decision
from cloudtemple_browser.model.writes import Fetched
from cloudtemple_browser.transfers.buffers import digest, hasher
from cloudtemple_browser.transfers.crash import crash_point
from cloudtemple_browser.transfers.destination import (
    PartFile,
    Place,
    check_target,
    discard,
    gone,
    names_taken,
    publish,
    published,
    replaced,
)
from cloudtemple_browser.transfers.local_file import SECOND, file_sha256, file_time
from cloudtemple_browser.transfers.local_folder import Folder
from cloudtemple_browser.transfers.plan import is_md5, joined_etag, parts, uploaded_part_size
from cloudtemple_browser.transfers.ports import ByteStore

_ALGORITHMS = {32: "md5", 8: "crc32"}  # by the length of a part's proof

Proof: TypeAlias = tuple[int, int, str]
"""Where a part starts, how long it is, and its MD5 or CRC-32 (hex)."""


@dataclass(frozen=True)
class FileFetched:
    """A whole object is under its final name ``path``; None: ``SKIP`` found it taken. ``verified``: MD5 or SHA-256 agreed."""

    path: Path | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A whole and proven temporary file that waits for its final name; ``modified`` in nanoseconds UTC, None for now."""

    place: Place
    temporary: str
    identity: str
    decision: Decision
    verified: bool
    modified: int | None


@dataclass(frozen=True)
class FetchFile:
    """Download one object of ``size`` bytes in one request, prove it, and put it under its final name.

    ``size`` ``UNKNOWN`` and ``etag`` "" take what is there. For a folder's marker the folder is made. ``look_first``: the file
    may be there already, after a crash: where its MD5 is the ETag nothing is fetched. On any failure nothing is left.
    """

    ref: ObjectRef
    place: Place
    size: int
    etag: str
    decision: Decision
    keep_time: bool = False
    look_first: bool = False

    def run(self, store: ByteStore, control: CallControl) -> FileFetched:
        """See ``Work``."""
        fetched = finish(self.steps(store, control))
        return fetched if isinstance(fetched, FileFetched) else put_in_place(fetched)

    def steps(self, store: ByteStore, control: CallControl) -> Steps[Written | FileFetched]:
        """All but the last step, which ``put_in_place`` or ``put_all_in_place`` does."""
        place = self.place
        if self.size == 0 and self.ref.key.endswith(DELIMITER):
            with Folder.inside(place.root, (*place.folders, place.name)):
                return FileFetched(place.path, verified=True)
        with Folder.inside(place.root, place.folders) as folder:
            name = place.temporary(self.etag)
            if self.look_first and (there := self._there(folder, control)):
                discard(folder, name)  # which a crash may have left under both names
                return FileFetched(place.path_of(there), verified=True)
            if check_target(folder, place, self.decision):
                return FileFetched(None, verified=False)
            with PartFile.create(folder, name) as file:
                try:
                    return (yield from self._fill(folder, name, file, store, control))
                except BaseException:
                    file.close()
                    discard(folder, name)
                    raise

    def _there(self, folder: Folder, control: CallControl) -> str | None:
        """The name of a file that has exactly the object's bytes, as far as its ETag tells them."""
        if not (is_md5(self.etag) or uploaded_part_size(self.size, self.etag)):
            return None
        for name, found in names_taken(folder, self.place, self.decision):
            if found.st_size == self.size and (file := PartFile.find(folder, name, writing=False)):
                with file:
                    if _agrees(file, self.size, self.etag, control):
                        return name
        return None

    def _fill(self, folder: Folder, name: str, file: PartFile, store: ByteStore, control: CallControl) -> Steps[Written]:
        """Fetch and prove the bytes."""
        facts = None if self.size > 0 else (yield from aside(control, lambda: self._facts(store, control)))
        verified = True  # no byte is proof enough of an object without bytes
        size = facts.size if facts else self.size
        with folder.errors(self.place.name):
            folder.require_room(size)
        if size:
            sink = _Sink(file, self.ref, 0, size, "md5")
            facts = yield from store.read_range_steps(self.ref, 0, size, facts.etag if facts else self.etag, sink, control)
            if facts.size != size:
                raise _not_as_listed(self.ref, f"{facts.size} != {size} bytes")
            verified = _proven(self.ref, file, sink.proof(), facts, control)
        crash_point("download-verified")
        modified = file_time(facts.metadata, facts.modified) if self.keep_time and facts else None
        return Written(self.place, name, file.identity, self.decision, verified, modified)

    def _facts(self, store: ByteStore, control: CallControl) -> Fetched:
        """HEAD where the listing told no size, and for an object without bytes, which no ranged read can prove."""
        info = store.head_object(self.ref, control)
        if self.etag not in ("", info.etag) or self.size not in (UNKNOWN, info.size):
            raise _not_as_listed(self.ref, f"{info.size} bytes with ETag {info.etag}")
        return Fetched(info.etag, info.size, info.modified, info.metadata)


@dataclass(frozen=True, slots=True)
class Prepared:
    """``taken``: the target exists and is left alone (SKIP). ``found``: the temporary file of before is there, whole in size.

    ``identity`` is what ``Publish`` and a later ``Prepare`` know the file by. ``published``: where it is already, since all was
    done but to write that down.
    """

    taken: bool = False
    found: bool = False
    identity: str = ""
    published: Path | None = None


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make the private temporary file of a download, ``size`` bytes long with its room reserved, or find the one there is.

    ``decision`` is checked: SKIP and a folder in the way end before the first byte. ``fresh``: begin anew. ``identity`` is that
    of before, if any, and ``parts`` are those that were noted, if none is missing: they tell a published file from another's.
    """

    place: Place
    etag: str
    size: int
    decision: Decision
    fresh: bool = True
    identity: str = ""
    parts: tuple[Proof, ...] = ()

    def run(self, store: ByteStore, control: CallControl) -> Prepared:
        """See ``Work``. DISK_FULL when there is no room, OCCUPIED when the target is not what was agreed."""
        place, name = self.place, self.place.temporary(self.etag)
        with Folder.inside(place.root, place.folders) as folder:
            if final := _published(folder, self, control):
                discard(folder, name)
                return Prepared(published=place.path_of(final))
            if check_target(folder, place, self.decision):
                return Prepared(taken=True)
            if not self.fresh and (file := PartFile.find(folder, name)):
                with file:
                    if file.size == self.size:
                        file.reserve(self.size)  # the disk may have filled up since, where room cannot be reserved
                        return Prepared(found=True, identity=file.identity)
            with PartFile.create(folder, name) as file:
                try:
                    file.reserve(self.size)
                except BrowserError:
                    file.close()
                    discard(folder, name)
                    raise
                crash_point("download-part-created")
                return Prepared(identity=file.identity)


@dataclass(frozen=True, slots=True)
class PartFetched:
    """A part is in the temporary file: its MD5 or CRC-32 (hex), and what the answer told of the object."""

    proof: str
    facts: Fetched


@dataclass(frozen=True, slots=True)
class FetchPart:
    """Download ``length`` bytes from ``start`` into the temporary file of ``place``.

    ``md5``: the part's MD5 helps to prove the whole; else a CRC-32 is enough to know the part again.
    """

    ref: ObjectRef
    place: Place
    etag: str
    start: int
    length: int
    md5: bool = True

    def run(self, store: ByteStore, control: CallControl) -> PartFetched:
        """See ``Work``. LOCAL_MISSING when the temporary file is gone."""
        with _folder(self.place) as folder, _part(folder, self.place, self.place.temporary(self.etag)) as file:
            sink = _Sink(file, self.ref, self.start, self.length, "md5" if self.md5 else "crc32")
            facts = store.read_range(self.ref, self.start, self.length, self.etag, sink, control)
            proof = sink.proof()
            file.check()
            file.write_out(self.start, self.length)
        crash_point("download-part-written")
        return PartFetched(proof, facts)


@dataclass(frozen=True, slots=True)
class CheckParts:
    """Which parts of a temporary file are still what they were: (start, length, proof) of each, True where it agrees."""

    place: Place
    etag: str
    parts: tuple[Proof, ...]

    def run(self, store: ByteStore, control: CallControl) -> tuple[bool, ...]:
        """See ``Work``."""
        with _folder(self.place) as folder, _part(folder, self.place, self.place.temporary(self.etag)) as file:
            return tuple(_has(file, part, control) for part in self.parts)


@dataclass(frozen=True, slots=True)
class HashParts:
    """The MD5s (hex) of the pieces of ``length`` bytes that a temporary file of ``size`` bytes has."""

    place: Place
    etag: str
    size: int
    length: int

    def run(self, store: ByteStore, control: CallControl) -> tuple[str, ...]:
        """See ``Work``. Counts nothing as moved."""
        with _folder(self.place) as folder, _part(folder, self.place, self.place.temporary(self.etag)) as file:
            plan = parts(self.size, self.length)
            return tuple(digest(file, part.start, part.length, "md5", control) for part in plan)


@dataclass(frozen=True, slots=True)
class Publish:
    """Prove a whole temporary file and put it under its final name: fsync, atomic replace, directory fsync.

    ``md5`` or ``sha256`` (hex, "" unknown) are those of the whole: a difference raises INTEGRITY and leaves the temporary file.
    ``modified``: the time that the file gets, in seconds UTC, ``UNKNOWN`` for now. ``identity`` is what ``Prepare`` told, and
    ``parts`` are all of them: a file that has its final name already is found by these.
    """

    place: Place
    etag: str
    size: int
    decision: Decision
    md5: str = ""
    sha256: str = ""
    modified: float = -1.0
    identity: str = ""
    parts: tuple[Proof, ...] = ()

    def run(self, store: ByteStore, control: CallControl) -> FileFetched:
        """See ``Work``. OCCUPIED when the target is not what the decision says."""
        place, name, verified = self.place, self.place.temporary(self.etag), bool(self.md5 or self.sha256)
        with _folder(place) as folder:
            if final := _published(folder, self, control):
                discard(folder, name)
                return FileFetched(place.path_of(final), verified)
            with _part(folder, place, name) as file:
                identity = file.identity
                if file.size != self.size or self.identity not in ("", identity):
                    raise replaced(place.path_of(name))
                for algorithm, told in (("md5", self.md5), ("sha256", self.sha256)):
                    if told and (found := digest(file, 0, self.size, algorithm, control)) != told.lower():
                        raise _damaged(place.path, f"{algorithm} {found} != {told}")
        crash_point("download-verified")
        modified = None if self.modified == UNKNOWN else round(self.modified * SECOND)
        return put_in_place(Written(place, name, identity, self.decision, verified, modified), keep=True)


def put_in_place(written: Written, keep: bool = False) -> FileFetched:
    """The last step of one download. ``keep``: its temporary file stays when it cannot be taken."""
    (outcome,) = put_all_in_place((written,), keep)
    if isinstance(outcome, BrowserError):
        raise outcome
    return outcome


def put_all_in_place(files: Sequence[Written], keep: bool = False) -> list[FileFetched | BrowserError]:
    """The last step of several: in each folder all fsyncs, then all renames, then the folder's own fsync.

    That is twice as fast as one file after the other, since one fsync writes what others wait for.
    """
    outcomes: dict[int, FileFetched | BrowserError | None] = {}
    for numbers in _by_folder(files):
        try:
            with _folder(files[numbers[0]].place) as folder:
                outcomes.update((n, _settled(folder, files[n])) for n in numbers)
                outcomes.update((n, outcomes[n] or _renamed(folder, files[n])) for n in numbers)
                folder.sync()
                for n in numbers:
                    if not keep and isinstance(outcomes[n], BrowserError):
                        discard(folder, files[n].temporary)
        except BrowserError as error:
            outcomes.update((n, outcomes.get(n) or error) for n in numbers)
    return [outcome for n in range(len(files)) if (outcome := outcomes[n])]


def _by_folder(files: Sequence[Written]) -> list[list[int]]:
    groups: dict[tuple[Path, tuple[str, ...]], list[int]] = {}
    for n, file in enumerate(files):
        groups.setdefault((file.place.root, file.place.folders), []).append(n)
    return list(groups.values())


def _settled(folder: Folder, written: Written) -> BrowserError | None:
    """Put the bytes on the disk; why that failed."""
    try:
        with _part(folder, written.place, written.temporary) as file:
            if file.identity != written.identity:
                raise replaced(folder.path / written.temporary)
            file.finish(written.modified)
    except BrowserError as error:
        return error
    crash_point("download-synced")
    return None


def _renamed(folder: Folder, written: Written) -> FileFetched | BrowserError:
    try:
        final = publish(folder, written.place, written.temporary, written.identity, written.decision)
        if final is None:
            discard(folder, written.temporary)
            return FileFetched(None, verified=False)
    except BrowserError as error:
        return error
    crash_point("download-renamed")
    return FileFetched(written.place.path_of(final), written.verified)


def _published(folder: Folder, work: Prepare | Publish, control: CallControl) -> str | None:
    """The final name that the temporary file got already, before a crash: where the noted parts, or else the ETag, prove it."""
    final = published(folder, work.place, work.size, work.identity, work.decision) if work.identity else None
    with contextlib.suppress(BrowserError):  # what cannot be read is treated as any other file that is there
        if final and (file := PartFile.find(folder, final, writing=False)):
            with file:
                if work.parts:
                    ours = all(_has(file, part, control) for part in work.parts)
                else:
                    ours = _agrees(file, work.size, work.etag, control)
                return final if ours else None
    return None


def _has(file: PartFile, part: Proof, control: CallControl) -> bool:
    """Whether a file has these bytes."""
    start, length, proof = part
    return start + length <= file.size and digest(file, start, length, _ALGORITHMS[len(proof)], control) == proof


def _folder(place: Place) -> Folder:
    return Folder.inside(place.root, place.folders, make=False)


def _part(folder: Folder, place: Place, temporary: str) -> PartFile:
    file = PartFile.find(folder, temporary)
    if file is None:
        raise gone(place.path)
    return file


class _Sink:
    """Brings ``length`` bytes of an object into the file from ``start`` on, never a byte more, and hashes them."""

    def __init__(self, file: PartFile, ref: ObjectRef, start: int, length: int, algorithm: str) -> None:
        self._file, self._ref, self._length = file, ref, length
        self._hash, self._got = hasher(algorithm), 0
        file.seek(start)

    def __call__(self, data: memoryview) -> None:
        self._got += len(data)
        if self._got > self._length:
            raise _damaged(self._ref, f"more than {self._length} bytes")
        self._file.write(data)
        self._hash.update(data)

    def proof(self) -> str:
        """The hash (hex) of all of them; INTEGRITY when they are too few."""
        if self._got != self._length:
            raise _damaged(self._ref, f"{self._got} of {self._length} bytes")
        return self._hash.hexdigest()


def _proven(ref: ObjectRef, file: PartFile, md5: str, facts: Fetched, control: CallControl) -> bool:
    """Whether ETag or metadata prove the whole file. Raises INTEGRITY when they contradict it."""
    plain = is_md5(facts.etag) and not facts.encrypted
    if plain and md5 == facts.etag.lower():
        return True
    if told := file_sha256(facts.metadata):
        found = digest(file, 0, facts.size, "sha256", control)
        if found == told:
            return True
        raise _damaged(ref, f"SHA-256 {found} != {told}")
    if plain:
        raise _damaged(ref, f"MD5 {md5} != {facts.etag}")
    return not facts.encrypted and not is_md5(facts.etag) and _agrees(file, facts.size, facts.etag, control)


def _agrees(file: PartFile, size: int, etag: str, control: CallControl) -> bool:
    """Whether the ETag is the MD5 of the file, or of its parts as they may have been uploaded. Otherwise nothing is known."""
    if is_md5(etag):
        return digest(file, 0, size, "md5", control) == etag.lower()
    part_size = uploaded_part_size(size, etag)
    md5s = [digest(file, part.start, part.length, "md5", control) for part in parts(size, part_size)] if part_size else []
    return bool(md5s) and joined_etag(md5s) == etag.lower()


def _damaged(subject: ObjectRef | Path, message: str) -> BrowserError:
    return BrowserError(ErrorKind.INTEGRITY, ErrorFacts("GetObject", str(subject), message=message))


def _not_as_listed(ref: ObjectRef, message: str) -> BrowserError:
    return BrowserError(ErrorKind.CHANGED, ErrorFacts("GetObject", str(ref), message=message))
