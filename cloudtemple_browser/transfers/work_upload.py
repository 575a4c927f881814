"""The byte work of uploads: frozen values that run in an engine process, on local files and the store, and hold no state.

Whatever a restart would need is in the answer, and the engine writes it down. Each raises ``BrowserError`` or ``Cancelled``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cloudtemple_browser.model.addresses import DELIMITER, ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectEntry, ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.steps import Steps, aside, finish
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.writes import Condition, Stored, UploadedPart, WriteOptions
from cloudtemple_browser.transfers.buffers import buffer, digest, md5_hex
from cloudtemple_browser.transfers.crash import crash_point
from cloudtemple_browser.transfers.local_file import LocalFile, file_sha256, with_file_facts
from cloudtemple_browser.transfers.ports import ByteStore

MOST_AT_ONCE = 5 << 30  # bytes: S3's limit of one PutObject


@dataclass(frozen=True)
class FileSent:
    """A whole object was stored. ``verified``: its ETag is the MD5 of the bytes sent, or HEAD agreed.

    ``left_alone``: it was there before, and nothing was sent.
    """

    entry: ObjectEntry
    verified: bool
    left_alone: bool = False


@dataclass(frozen=True)
class SendFile:
    """Upload one file in one request, or the marker of the folder ``path`` when the key ends with ``/``.

    ``stamp`` is the file as it must still be ("": as it is, but not larger than ``most`` bytes). ``checksum`` adds the metadata
    ``checksum-sha256``, ``keep_time`` the metadata ``mtime``. ``look_first``: it was begun before, and the same bytes may be
    stored already: then nothing is sent. Nor is it over what contradicts ``condition``: that is looked at, too, on a store that
    is not known to keep conditions itself.
    A marker that exists is left alone, since it may have content: then ``FileSent`` tells what is there.
    """

    ref: ObjectRef
    path: Path
    options: WriteOptions
    stamp: str = ""
    condition: Condition | None = None
    checksum: bool = False
    keep_time: bool = False
    follow_link: bool = False
    look_first: bool = False
    most: int = MOST_AT_ONCE

    def run(self, store: ByteStore, control: CallControl) -> FileSent:
        """See ``Work``."""
        return finish(self.steps(store, control))

    def steps(self, store: ByteStore, control: CallControl, seen: Callable[[str], str] | None = None) -> Steps[FileSent]:
        """The same. ``seen`` tells the ETag of what was at a key a moment ago, "" for nothing and "?" where it cannot."""
        if self.ref.key.endswith(DELIMITER):
            return (yield from aside(control, lambda: self._send_marker(store, control)))
        with LocalFile(self.path, self.stamp, self.follow_link) as file, buffer(min(file.size, self.most)) as body:
            if file.size > self.most:
                raise BrowserError(ErrorKind.LOCAL_CHANGED, ErrorFacts(subject=str(self.path)))
            file.read_into(0, body)
            md5 = md5_hex(body)
            sha256 = hashlib.sha256(body).hexdigest() if self.checksum else ""
            condition = self.condition
            if self.look_first or needs_look(condition, store):
                there, free = yield from self._there(store, control, seen)
                if there and self.look_first and (yield from self._is_stored(store, control, there, file.size, md5, sha256)):
                    return FileSent(_entry(there), verified=True)
                if there and condition and condition.etag != there.etag:
                    raise BrowserError(ErrorKind.CHANGED, ErrorFacts("HeadObject", str(self.ref), message=f"ETag {there.etag}"))
                if free and condition == Condition():
                    condition = Condition(known_free=True)
            options = with_file_facts(self.options, file.mtime_ns if self.keep_time else None, sha256, md5)
            stored = yield from store.put_object_steps(self.ref, body, options, control, condition)
        crash_point("upload-file-sent")
        if stored.etag.lower() == md5:
            return FileSent(ObjectEntry(self.ref.key, file.size, stored.when, stored.etag), verified=True)
        return (yield from aside(control, lambda: self._proven(store, control, file.size, stored)))

    def _there(
        self, store: ByteStore, control: CallControl, seen: Callable[[str], str] | None
    ) -> Steps[tuple[ObjectInfo | None, bool]]:
        """What may be in the way, and whether nothing is."""
        etag = seen(self.ref.key) if seen and self.condition and not self.look_first else "?"
        if self.condition is not None and etag == self.condition.etag:
            return None, not etag
        return (yield from aside(control, lambda: self._look(store, control)))

    def _look(self, store: ByteStore, control: CallControl) -> tuple[ObjectInfo | None, bool]:
        """What is stored, and whether nothing is: a key that may only write cannot tell either."""
        try:
            return store.head_object(self.ref, control), False
        except BrowserError as error:
            if error.kind not in (ErrorKind.NO_OBJECT, ErrorKind.ACCESS_DENIED):
                raise
            return None, error.kind is ErrorKind.NO_OBJECT

    def _is_stored(
        self, store: ByteStore, control: CallControl, there: ObjectInfo, size: int, md5: str, sha256: str
    ) -> Steps[bool]:
        """Whether what is there has these bytes. They are read where the ETag does not tell: it may be no MD5."""
        if there.size != size or sha256 not in ("", file_sha256(there.metadata)):
            return False
        to_replace = self.condition is not None and self.condition.etag == there.etag
        if there.etag.lower() == md5 or to_replace:
            return there.etag.lower() == md5
        stored = HashStored(self.ref, there.etag, 0, there.size)
        return (yield from aside(control, lambda: stored.run(store, control) == md5))

    def _proven(self, store: ByteStore, control: CallControl, size: int, stored: Stored) -> FileSent:
        try:
            info = store.head_object(self.ref, control)
        except BrowserError as error:
            if error.kind is not ErrorKind.ACCESS_DENIED:
                raise
            return FileSent(ObjectEntry(self.ref.key, size, stored.when, stored.etag), verified=False)
        if (info.size, info.etag) != (size, stored.etag):
            message = f"{info.size} bytes with ETag {info.etag} != {size} bytes with ETag {stored.etag}"
            raise BrowserError(ErrorKind.INTEGRITY, ErrorFacts("HeadObject", str(self.ref), message=message))
        return FileSent(_entry(info), verified=True)

    def _send_marker(self, store: ByteStore, control: CallControl) -> FileSent:
        try:
            return FileSent(_entry(store.head_object(self.ref, control)), verified=True, left_alone=not self.look_first)
        except BrowserError as error:
            # Without a condition the user decided not to ask: a key that may only write makes markers, too.
            if error.kind is not ErrorKind.NO_OBJECT and (error.kind is not ErrorKind.ACCESS_DENIED or self.condition):
                raise
            condition = Condition(known_free=True) if error.kind is ErrorKind.NO_OBJECT else None
        try:
            stored = store.put_object(self.ref, b"", self.options, control, condition)
        except BrowserError as refusal:
            if refusal.kind is not ErrorKind.CHANGED:
                raise
            return FileSent(_entry(store.head_object(self.ref, control)), verified=True, left_alone=not self.look_first)
        crash_point("upload-file-sent")
        return self._proven(store, control, 0, stored)


@dataclass(frozen=True, slots=True)
class SendPart:
    """Upload one part of a file, whose ``state`` it must still be; the answer is checked against the MD5 of the bytes read."""

    ref: ObjectRef
    upload_id: str
    number: int
    path: Path
    state: str
    start: int
    length: int
    follow_link: bool = False

    def run(self, store: ByteStore, control: CallControl) -> UploadedPart:
        """See ``Work``. The ETag is the store's; where that is an MD5, it is that of the bytes."""
        with LocalFile(self.path, self.state, self.follow_link) as file, buffer(self.length) as body:
            file.read_into(self.start, body)
            part = store.upload_part(self.ref, self.upload_id, self.number, body, control)
        crash_point("upload-part-sent")
        return part


@dataclass(frozen=True, slots=True)
class HashRanges:
    """The MD5s (hex) of consecutive pieces of a local file of ``length`` bytes each, from ``start`` to ``end``."""

    path: Path
    state: str
    start: int
    end: int
    length: int
    follow_link: bool = False

    def run(self, store: ByteStore, control: CallControl) -> tuple[str, ...]:
        """See ``Work``. Counts nothing as moved."""
        with LocalFile(self.path, self.state, self.follow_link) as file:
            return tuple(
                digest(file, at, min(self.length, self.end - at), "md5", control)
                for at in range(self.start, self.end, self.length)
            )


@dataclass(frozen=True, slots=True)
class HashStored:
    """The MD5 (hex) of ``length`` bytes of an object with this ETag, from ``start``."""

    ref: ObjectRef
    etag: str
    start: int
    length: int

    def run(self, store: ByteStore, control: CallControl) -> str:
        """See ``Work``. "" for a key that may not read, and when it is another object by now. Counts nothing as moved."""
        found, came = hashlib.md5(usedforsecurity=False), 0

        def sink(piece: memoryview) -> None:
            nonlocal came
            found.update(piece)
            came += len(piece)

        try:
            if self.length:
                store.read_range(self.ref, self.start, self.length, self.etag, sink, control)
        except BrowserError as error:
            if error.kind not in (ErrorKind.ACCESS_DENIED, ErrorKind.CHANGED, ErrorKind.NO_OBJECT):
                raise
            return ""
        finally:
            control.moved(-came)  # what is counted is what is sent
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class HashFile:
    """The SHA-256 (hex) of a whole local file."""

    path: Path
    state: str
    follow_link: bool = False

    def run(self, store: ByteStore, control: CallControl) -> str:
        """See ``Work``. Counts nothing as moved."""
        with LocalFile(self.path, self.state, self.follow_link) as file:
            return digest(file, 0, file.size, "sha256", control)


def needs_look(condition: Condition | None, store: ByteStore) -> bool:
    """Whether a look goes just before a write: the store is not known to keep the condition by itself."""
    return condition is not None and Trait.KEEPS_CONDITIONS not in store.learnt


def _entry(info: ObjectInfo) -> ObjectEntry:
    return ObjectEntry(info.key, info.size, info.modified, info.etag, info.storage_class)
