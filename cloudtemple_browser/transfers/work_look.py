"""What is at the targets of many small uploads just before they are written: one page of a listing in place of a HEAD each."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.transfers.ports import ByteStore

_BETWEEN = 100  # objects that may lie among the targets, which are neighbours
_BEHIND_ALL = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one page told: the ETags of the keys that begin with ``prefix``, behind ``after``, up to ``last``."""

    prefix: str = ""
    after: str = ""
    last: str = ""
    found: Mapping[str, str] = field(default_factory=dict)

    def etag_of(self, key: str) -> str:
        """The ETag of what was at ``key``; "" for nothing, "?" when that was not told."""
        # Below the surrogates, all orders of names that stores have are one.
        covered = key.startswith(self.prefix) and self.after < key <= self.last and max(key) < "\ud800"
        return self.found.get(key, "") if covered else "?"


def look_at(store: ByteStore, bucket: str, keys: Sequence[str], control: CallControl) -> Seen:
    """Look at what follows the first of ``keys``, as far as one request reaches. Raises ``BrowserError`` and ``Cancelled``."""
    prefix = os.path.commonprefix(keys)  # noqa: RUF071 - of names, which are no paths
    after = min(keys)[:-1]  # a part of a name sorts before the name in every order
    answer = store.first_page(bucket, prefix, after, len(keys) + _BETWEEN, control)
    if not answer.by_bytes:
        return Seen()
    page = answer.result
    found = {key: etag or "?" for key, etag in zip(page.keys, page.etags, strict=True)}
    return Seen(prefix, after, answer.last if answer.truncated else _BEHIND_ALL, found)
