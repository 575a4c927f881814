"""What is at the targets of many small uploads just before they begin: one page of a listing in place of a HEAD each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudtemple_browser.model.addresses import parent_prefix
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.transfers.ports import ByteStore

_MOST = 1000
_BETWEEN = 100  # objects that may lie among the targets of a batch, which are neighbours
_BEHIND_ALL = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one page told: the ETags of the keys that begin with ``prefix``, behind ``after``, up to ``last``.

    ``whole``: of all that begin with ``prefix``.
    """

    prefix: str = ""
    after: str = ""
    last: str = ""
    whole: bool = False
    found: Mapping[str, str] = field(default_factory=dict)

    def covers(self, key: str) -> bool:
        """Whether ``key`` would be in it. Below the surrogates, all orders of names that stores have are one."""
        if not key.startswith(self.prefix):
            return False
        return self.whole or (self.after < key <= self.last and max(key) < "\ud800")


@dataclass(frozen=True, slots=True)
class LookAt:
    """Look at the targets ``keys``: at what follows the first of them; ``all_of_folder``: at that, if it is one page."""

    bucket: str
    keys: tuple[str, ...]
    all_of_folder: bool

    def run(self, store: ByteStore, control: CallControl) -> Seen:
        """See ``Work``."""
        first = min(self.keys)
        folder, before = parent_prefix(first), first[:-1]  # a part of a name sorts before the name in every order
        if self.all_of_folder or len(before) <= len(folder):
            return self._page(store, folder, "", _MOST, control)
        return self._page(store, folder, before, len(self.keys) + _BETWEEN, control)

    def _page(self, store: ByteStore, prefix: str, after: str, most: int, control: CallControl) -> Seen:
        answer = store.first_page(self.bucket, prefix, after, most, control)
        page = answer.result
        found = {key: etag or "?" for key, etag in zip(page.keys, page.etags, strict=True)}
        whole = not answer.truncated and not after
        if not answer.by_bytes:
            return Seen(prefix, after, after, whole, found)
        return Seen(prefix, after, _BEHIND_ALL if not answer.truncated else answer.last, whole, found)
