"""The versions of the object that is looked at. Blocking; a worker calls it."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.versions import NULL_VERSION, ObjectVersion

LIMIT = 10_000  # versions that are read of one key


@dataclass(frozen=True, slots=True)
class KeptVersions:
    """What was read, the newest first: whole unless there is an ``error`` or ``more`` than ``LIMIT``.

    ``malformed`` entries of the store's answer could not be read.
    """

    versions: tuple[ObjectVersion, ...] = ()
    error: BrowserError | None = None
    more: bool = False
    malformed: int = 0

    @property
    def any_kept(self) -> bool:
        """Whether there is, or may be, anything but the object itself."""
        doubt = self.error is not None or self.more or self.malformed > 0
        return doubt or any(one.version_id != NULL_VERSION for one in self.versions)


def load_versions(store: Store, ref: ObjectRef, control: CallControl) -> KeptVersions:
    """Read the versions of an object. Raises what the first page failed with; a later failure comes with what there is."""
    found: list[ObjectVersion] = []
    malformed = 0
    try:
        for page in store.list_versions(ref, control):
            found += page.versions
            malformed += page.malformed
            if len(found) > LIMIT:
                return KeptVersions(tuple(found[:LIMIT]), None, more=True, malformed=malformed)
    except BrowserError as error:
        if not found:
            raise
        return KeptVersions(tuple(found), error, malformed=malformed)
    return KeptVersions(tuple(found), malformed=malformed)
