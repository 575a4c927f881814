"""Work for the engine processes, in a module of its own that they can import."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.ports import ByteStore


@dataclass(frozen=True, slots=True)
class PutAndRead:
    """Stores an object and returns the MD5 of what is read back."""

    ref: ObjectRef
    body: bytes

    def run(self, store: ByteStore, control: CallControl) -> str:
        """See ``Work``."""
        stored = store.put_object(self.ref, self.body, WriteOptions(), control)
        digest = hashlib.md5(usedforsecurity=False)
        store.read_range(self.ref, 0, len(self.body), stored.etag, digest.update, control)
        return digest.hexdigest()
