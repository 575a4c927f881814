"""From what the user asked for to a stream of jobs: local files and folders to upload, objects and prefixes to download.

Streams: nothing here holds more than the names of the folders it is in, or the keys of one page. Blocks; any thread.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
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
from cloudtemple_browser.model.transfers import (
    ConflictPolicy,
    Decision,
    Direction,
    DownloadRequest,
    Job,
    TransferRules,
    UploadRequest,
)
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.local_errors import is_link, local_error, refused
from cloudtemple_browser.transfers.ports import TransferStore

FOLDER_TYPE = "application/x-directory"
_Id = tuple[int, int]  # of a folder: its device and inode


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was asked for and becomes no job: a local path or a key, and why."""

    subject: str
    error: BrowserError


@dataclass(frozen=True, slots=True)
class UploadScan:
    """The upload jobs of a request. Links are left out, or followed where the rules say so, never in a circle.

    A key is the prefix and the path below the chosen folder's parent, with ``/``, otherwise letter by letter as the file
    system has it. An empty folder becomes its marker object. Two chosen paths of one name get different keys.
    """

    group: int
    request: UploadRequest
    rules: TransferRules

    def jobs(self, control: CallControl) -> Iterator[Job | Skipped]:
        """Each job (with id 0) or what is left out. Raises ``Cancelled``."""
        for path, key in self.tops():
            yield from self.below(path, key, control)

    def tops(self) -> Iterator[tuple[Path, str]]:
        """What was chosen, each path once and absolute, with its key (a folder's without the trailing ``/``)."""
        used: set[str] = set()
        for path in dict.fromkeys(Path(os.path.abspath(path)) for path in self.request.paths):  # noqa: PTH100 - resolve() follows links
            name, n = path.name, 1
            while name in used:
                n += 1
                name = numbered(path.name, n)
            used.add(name)
            yield path, self.request.prefix + name

    def below(self, top: Path, top_key: str, control: CallControl) -> Iterator[Job | Skipped]:
        """The jobs of one path that was chosen: of itself, or of everything in it."""
        pending: list[tuple[Path, str, tuple[_Id, ...]]] = [(top, top_key, ())]
        while pending:
            if control.cancelled:
                raise Cancelled
            path, key, way = pending.pop()
            try:
                found = path.lstat()
                if linked := is_link(found) and self.rules.follow_links:
                    found = path.stat()
                if problem := self._problem(path, key, found):
                    yield Skipped(str(path), problem)
                elif stat.S_ISDIR(found.st_mode):
                    here = (found.st_dev, found.st_ino)
                    if linked and here in way:
                        yield Skipped(str(path), refused(ErrorKind.LOCAL_OTHER, path, _CIRCLE))
                        continue
                    names = sorted(child.name for child in path.iterdir())
                    pending.extend((path / name, f"{key}{DELIMITER}{name}", (*way, here)) for name in reversed(names))
                    if all(self._excluded(name) for name in names):
                        yield self._job(path, key + DELIMITER, top.parent, 0)
                else:
                    yield self._job(path, key, top.parent, found.st_size)
            except OSError as error:
                yield Skipped(str(path), local_error(error, path))

    def _problem(self, path: Path, key: str, found: os.stat_result) -> BrowserError | None:
        """Why ``path`` is not uploaded; None when it is."""
        if problem := key_problem(key if path.name else ""):
            return refused(ErrorKind.LOCAL_NAME, path, _NAME_PROBLEMS[problem])
        if is_link(found):
            return refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is a link, which is not followed"))
        if stat.S_ISDIR(found.st_mode):
            return None
        if not stat.S_ISREG(found.st_mode):
            return refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "it is not a regular file"))
        if self._excluded(path.name):
            return refused(ErrorKind.LOCAL_OTHER, path, translate("transfers", "the settings leave files of this name out"))
        if not os.access(path, os.R_OK):
            return refused(ErrorKind.LOCAL_DENIED, path, translate("transfers", "it may not be read"))
        return None

    def _excluded(self, name: str) -> bool:
        return name.casefold() in self.rules.excluded

    def _job(self, path: Path, key: str, root: Path, size: int) -> Job:
        request, folder = self.request, key.endswith(DELIMITER)
        decision = request.decisions.get(key) or Decision(request.appeared)
        if folder and request.appeared is not ConflictPolicy.OVERWRITE:
            decision = Decision(ConflictPolicy.SKIP)  # a folder that is there already is what was wanted
        return Job(
            id=0,
            group=self.group,
            direction=Direction.UPLOAD,
            connection_id=request.connection_id,
            ref=ObjectRef(request.bucket, key),
            path=path,
            root=root,
            size=size,
            options=WriteOptions(
                content_type=FOLDER_TYPE if folder else content_type_of(path.name),
                acl=CannedAcl.PUBLIC_READ if request.public and not folder else None,
            ),
            decision=decision,
        )


_CIRCLE = translate("transfers", "it is a link to a folder that it lies in")

_NAME_PROBLEMS = {
    "empty": translate("transfers", "it has no name"),
    "long": translate("transfers", "its key would be longer than 1,024 bytes"),
    "surrogate": translate("transfers", "its name is not valid Unicode"),
}


@dataclass(frozen=True, slots=True)
class DownloadScan:
    """The download jobs of a request: its objects, and all objects below its folders."""

    group: int
    request: DownloadRequest

    def jobs(
        self,
        store: TransferStore,
        control: CallControl,
        *,
        existing: bool = False,
        again: Callable[[BrowserError, bool], bool] = lambda _error, _moved: False,
    ) -> Iterator[Job | Skipped]:
        """Each job (with id 0) or what is left out: a prefix whose listing broke off is among that. Raises ``Cancelled``.

        ``existing`` leaves out the folders that are not there locally: nothing can be in the way below them. ``again`` is asked
        when a listing fails, and told whether pages came since it was asked last; it may wait, and says whether to go on.
        """
        request, names = self.request, LocalNames()
        yield from self._of(names, request.keys)
        for folder in request.folders:
            path = request.target.joinpath(*names.folder(folder.removeprefix(request.base_prefix)))
            if existing and not path.is_dir():
                continue
            seen, asked_at = set[str](), 0
            while True:
                malformed = 0
                try:
                    for page in listed(store, request.bucket, folder, "", control, seen):
                        malformed += page.malformed
                        yield from self._of(names, entries(page))
                except BrowserError as error:
                    moved, asked_at = len(seen) > asked_at, len(seen)
                    if again(error, moved):
                        continue  # from the beginning: pages come in any order
                    yield Skipped(folder, error)
                break
            if malformed:
                yield Skipped(folder, not_whole(folder, malformed))

    def _of(self, names: LocalNames, found: Iterable[ObjectEntry]) -> Iterator[Job]:
        request = self.request
        for entry in found:
            below = entry.key.removeprefix(request.base_prefix)
            if entry.size or not (not below or below.endswith(DELIMITER)):
                parts = names.file(below)
            elif not below:
                continue  # the marker of the very folder whose content goes into the target
            else:
                parts = names.folder(below)
            path = request.target.joinpath(*parts)
            yield Job(
                id=0,
                group=self.group,
                direction=Direction.DOWNLOAD,
                connection_id=request.connection_id,
                ref=ObjectRef(request.bucket, entry.key),
                path=path,
                root=request.target,
                size=entry.size,
                etag=entry.etag,
                modified=entry.modified,
                decision=request.decisions.get(str(path)) or Decision(request.appeared),
            )


def not_whole(prefix: str, malformed: int) -> BrowserError:
    """Why a listing that came to its end is not the whole: so many of its entries mean nothing."""
    one = translate("transfers", "{n} entry had no readable key")
    message = Count(malformed, one, translate("transfers", "{n} entries had no readable key"))
    return BrowserError(ErrorKind.PARTIAL, ErrorFacts(subject=prefix), (("message", message),))


def listed(
    store: TransferStore, bucket: str, prefix: str, delimiter: str, control: CallControl, seen: set[str] | None = None
) -> Iterator[ListingPage]:
    """The pages below a prefix, in any order, without the keys in ``seen``, which it adds to.

    Where only a second listing can be whole, it gives what the first one did not.
    """
    seen = set() if seen is None else seen
    for last in (False, True):
        try:
            for page in store.list_pages(bucket, prefix, delimiter, control):
                if control.cancelled:
                    raise Cancelled
                new = page.without(seen) if seen and not seen.isdisjoint(page.keys) else page
                seen.update(page.keys)
                yield new
        except BrowserError as error:
            if error.kind is not ErrorKind.LIST_AGAIN or last:
                raise
        else:
            return


def entries(page: ListingPage) -> Iterator[ObjectEntry]:
    """The objects of a page."""
    columns = (page.keys, page.sizes, page.modified, page.etags, page.storage_classes)
    return (ObjectEntry(*row) for row in zip(*columns, strict=True))
