"""The deletion of one batch of keys, in an engine process: the XML of a thousand keys costs more time than the request."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import KeyFailure
from cloudtemple_browser.transfers.ports import ByteStore


@dataclass(frozen=True, slots=True)
class DeleteKeys:
    """Delete exactly these keys, once."""

    bucket: str
    keys: tuple[str, ...]

    def run(self, store: ByteStore, control: CallControl) -> tuple[KeyFailure, ...]:
        """See ``Work``. The keys that were not deleted; all others were."""
        return store.delete_objects(self.bucket, self.keys).failed
