"""The engine as the program has it, on the fault server: engine processes, the journal in a file, parts of 5 MiB."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from faults.server import FaultServer
from faults.wire import Reply
from transfers.rig import BUCKET, CONNECTION, Rig

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText, Signature
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision, DownloadRequest, TransferRules
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.workers.pool import Pool
from cloudtemple_browser.workers.store import EngineStoreFactory

PART = 5 << 20
SIZE = 4 * PART
LIMITS = TransferLimits(threshold=PART, part=PART)
SLACK = 64 << 10  # bytes of heads and small answers that no count of bodies means


def content(size: int = SIZE, seed: int = 0) -> bytes:
    """Bytes of which no two places look alike."""
    import random

    return random.Random(seed).randbytes(size)


class FaultRig(Rig):
    """``Rig`` on a fault server. ``secret`` and ``signature`` are what the connection has when it is opened the next time.

    ``learnt`` is what the program was told of the store.
    """

    def __init__(
        self,
        folder: Path,
        server: FaultServer,
        pool: Pool,
        retries: RetryPolicy | None = None,
        rules: TransferRules | None = None,
        limits: TransferLimits = LIMITS,
    ) -> None:
        self.server, self.pool = server, pool
        self.secret, self.signature = server.user.secret_key, Signature.V4
        self.folder, self.opened, self.refusal = folder, 0, None
        self.learnt: list[Trait] = []
        self._made = limits, retries or RetryPolicy()
        self._start(rules)

    def _open(self, connection_id: str) -> TransferStore:
        self.opened += 1
        server = self.server
        ca_bundle = server.certificate.certificate if server.certificate else ""
        connection = Connection(
            CONNECTION, server.endpoint, server.user.access_key, signature=self.signature, ca_bundle=str(ca_bundle)
        )
        store: TransferStore = EngineStoreFactory(self.pool).open(connection, SecretText(self.secret))
        store.learnt.watch(self.learnt.append)
        return store

    def download(
        self,
        target: Path,
        *keys: str,
        folders: tuple[str, ...] = (),
        base: str = "",
        decisions: Mapping[str, Decision] | None = None,
        appeared: ConflictPolicy = ConflictPolicy.REFUSE,
    ) -> int:
        """Download objects as a listing has them; returns the group."""
        items = [(key, self.server.store.item(BUCKET, key)) for key in keys]
        entries = tuple(ObjectEntry(key, len(item.bytes), int(item.modified) * 1000, item.etag) for key, item in items)
        request = DownloadRequest(CONNECTION, BUCKET, entries, folders, base, target, decisions or {}, appeared)
        return self.engine.download(request)

    def until_calls(self, operation: str, count: int) -> None:
        """Wait until the store has got so many requests of an operation (``GetObject``)."""
        self.poll(lambda: self.server.count(operation) >= count)


REF = ObjectRef(BUCKET, "a")
__all__ = ["BUCKET", "CONNECTION", "PART", "REF", "SIZE", "SLACK", "FaultRig", "Reply", "content"]
