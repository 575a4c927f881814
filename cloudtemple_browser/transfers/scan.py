"""From what the user chose to a stream of jobs: local files and folders to upload, objects and prefixes to download.

Streams: nothing here holds more than the names of the folders it is in, or the keys of one page. Runs in the engine's
threads.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import DELIMITER, ObjectRef, key_problem
from cloudtemple_browser.model.content_types import content_type_of
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage, ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.local_names import LocalNames, numbered
from cloudtemple_browser.model.text import Count, translate
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.job import ConflictPolicy, Direction, Job, UploadOptions
from cloudtemple_browser.transfers.local_errors import is_link, local_error, refused
from cloudtemple_browser.transfers.ports import TransferStore

FOLDER_TYPE = "application/x-directory"
CLUTTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""Files that desktops leave everywhere and nobody means to upload."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was asked for and becomes no job: a local path or a key, and why."""

    subject: str
    error: BrowserError


@dataclass(frozen=True, slots=True)
class UploadScan:
    """The upload jobs of ``paths`` (files and folders) into ``prefix``. Links are never followed.

    A key is the prefix and the path below the chosen folder's parent, with ``/``, otherwise letter by letter as the file
    system has it. An empty folder becomes its marker object. Two chosen paths of one name get different keys.
    """

    group: int
    connection_id: str
    bucket: str
    prefix: str
    paths: tuple[Path, ...]
    options: UploadOptions

    def jobs(self, control: CallControl) -> Iterator[Job | Skipped]:
        """Each job (with id 0) or what is left out. Raises ``Cancelled``."""
        used: set[str] = set()
        for path in dict.fromkeys(Path(os.path.abspath(path)) for path in self.paths):  # noqa: PTH100 - resolve() follows links
            name, n = path.name, 1
            while name in used:
                n += 1
                name = numbered(path.name, n)
            used.add(name)
            yield from self._walk(path, self.prefix + name, control)

    def _walk(self, top: Path, top_key: str, control: CallControl) -> Iterator[Job | Skipped]:
        pending = [(top, top_key)]
        while pending:
            if control.cancelled:
                raise Cancelled
            path, key = pending.pop()
            try:
                found = path.lstat()
                if problem := _problem(path, key, found):
                    yield Skipped(str(path), problem)
                elif stat.S_ISDIR(found.st_mode):
                    names = sorted(child.name for child in path.iterdir())
                    pending.extend((path / name, f"{key}{DELIMITER}{name}") for name in reversed(names))
                    if all(name.lower() in CLUTTER for name in names):
                        yield self._job(path, key + DELIMITER, top.parent, 0)
                else:
                    yield self._job(path, key, top.parent, found.st_size)
            except OSError as error:
                yield Skipped(str(path), local_error(error, path))

    def _job(self, path: Path, key: str, root: Path, size: int) -> Job:
        folder = key.endswith(DELIMITER)
        options = WriteOptions(
            content_type=FOLDER_TYPE if folder else content_type_of(path.name),
            acl=CannedAcl.PUBLIC_READ if self.options.public and not folder else None,
        )
        return Job(
            id=0,
            group=self.group,
            direction=Direction.UPLOAD,
            connection_id=self.connection_id,
            ref=ObjectRef(self.bucket, key),
            path=path,
            root=root,
            size=size,
            options=options,
            conflict=self.options.conflict,
        )


def _problem(path: Path, key: str, found: os.stat_result) -> BrowserError | None:
    """Why ``path`` is not uploaded; None when it is."""
    if problem := key_problem(key if path.name else ""):
        return refused(ErrorKind.LOCAL_NAME, path, _NAME_PROBLEMS[problem])
    if is_link(found):
        return refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is a link, which is not followed"))
    if stat.S_ISDIR(found.st_mode):
        return None
    if not stat.S_ISREG(found.st_mode):
        return refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is not a regular file"))
    if path.name.lower() in CLUTTER:
        return refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is a desktop’s own file, left out on purpose"))
    return None


_NAME_PROBLEMS = {
    "empty": translate("transfers", "it has no name"),
    "long": translate("transfers", "its key would be longer than 1,024 bytes"),
    "surrogate": translate("transfers", "its name is not valid Unicode"),
}


@dataclass(frozen=True, slots=True)
class DownloadScan:
    """The download jobs of objects and whole prefixes below ``base_prefix`` into the local folder ``target``."""

    group: int
    connection_id: str
    bucket: str
    entries: tuple[ObjectEntry, ...]
    folders: tuple[str, ...]
    base_prefix: str
    target: Path
    conflict: ConflictPolicy

    def jobs(self, store: TransferStore, control: CallControl) -> Iterator[Job | Skipped]:
        """Each job (with id 0) or what is left out: a prefix whose listing broke off is among that. Raises ``Cancelled``."""
        names = LocalNames()
        yield from self._of(names, self.entries)
        for folder in self.folders:
            malformed = 0
            try:
                for page in _pages(store, self.bucket, folder, control):
                    malformed += page.malformed
                    yield from self._of(names, _entries(page))
            except BrowserError as error:
                yield Skipped(folder, error)
            if malformed:
                message = Count(
                    malformed,
                    translate("transfers", "{n} entry had no readable key"),
                    translate("transfers", "{n} entries had no readable key"),
                )
                yield Skipped(folder, BrowserError(ErrorKind.PARTIAL, ErrorFacts(subject=folder), (("message", message),)))

    def _of(self, names: LocalNames, entries: Iterable[ObjectEntry]) -> Iterator[Job]:
        for entry in entries:
            below = entry.key.removeprefix(self.base_prefix)
            if entry.size or not (not below or below.endswith(DELIMITER)):
                parts = names.file(below)
            elif not below:
                continue  # the marker of the very folder whose content goes into the target
            else:
                parts = names.folder(below)
            yield Job(
                id=0,
                group=self.group,
                direction=Direction.DOWNLOAD,
                connection_id=self.connection_id,
                ref=ObjectRef(self.bucket, entry.key),
                path=self.target.joinpath(*parts),
                root=self.target,
                size=entry.size,
                etag=entry.etag,
                conflict=self.conflict,
            )


def _pages(store: TransferStore, bucket: str, prefix: str, control: CallControl) -> Iterator[ListingPage]:
    """The pages below a prefix. Where only a second listing can be whole, it gives what the first one did not."""
    seen: set[str] = set()
    for last in (False, True):
        try:
            for page in store.list_pages(bucket, prefix, "", control):
                if control.cancelled:
                    raise Cancelled
                yield page.without(seen) if last else page
                seen.update(page.keys)
        except BrowserError as error:
            if error.kind is not ErrorKind.LIST_AGAIN or last:
                raise
        else:
            return


def _entries(page: ListingPage) -> Iterator[ObjectEntry]:
    columns = (page.keys, page.sizes, page.modified, page.etags, page.storage_classes)
    return (ObjectEntry(*row) for row in zip(*columns, strict=True))
