"""The program without its window: engine, journal and engine processes, in a process that a test kills.

Standard input brings one line of JSON, the key among it. Each line of standard output tells that something moved, the last one
what became of everything.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.transfers import DeleteRequest, DownloadRequest, GroupStatus, UploadRequest
from cloudtemple_browser.persistence.journal import Journal
from cloudtemple_browser.transfers.crash import PROCESS
from cloudtemple_browser.transfers.engine import Engine
from cloudtemple_browser.transfers.events import Event, GroupChanged
from cloudtemple_browser.transfers.plan import TransferLimits
from cloudtemple_browser.transfers.retry import RetryPolicy
from cloudtemple_browser.workers.pool import Pool
from cloudtemple_browser.workers.store import EngineStoreFactory

CONNECTION = "connection"
PART = 5 << 20  # the smallest that S3 takes


class Listener:
    """Knows when all groups have ended."""

    def __init__(self) -> None:
        self.groups: dict[int, GroupStatus] = {}
        self.ended = threading.Event()

    def __call__(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, GroupChanged):
                self.groups[event.status.id] = event.status
                print(json.dumps({"done": event.status.counts.done}), flush=True)
        if self.groups and all(status.ended for status in self.groups.values()):
            self.ended.set()


def main() -> None:
    """Go on with what the journal holds, and with the order, if there is one, until all has ended."""
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    os.environ[PROCESS] = str(os.getpid())  # an engine process that dies takes this one with it
    secret, pool, listener = SecretText(told["secret"]), Pool(), Listener()
    connection = Connection(CONNECTION, told["endpoint"], told["key"])
    engine = Engine(
        lambda _id: EngineStoreFactory(pool).open(connection, secret),
        listener,
        lambda: Journal.at(Path(told["profile"]) / "transfers.sqlite3")[0],
        sizes=TransferLimits(threshold=PART, part=PART),
        retries=RetryPolicy(first=0.02, longest=0.3, longest_offline=0.3) if told.get("hasty") else RetryPolicy(),
    )
    engine.start()
    if told["order"] == "upload":
        engine.upload(UploadRequest(CONNECTION, told["bucket"], "", (Path(told["folder"]),)))
    elif told["order"] == "download":
        folders = (told["prefix"],)
        engine.download(DownloadRequest(CONNECTION, told["bucket"], (), folders, "", Path(told["folder"])))
    elif told["order"] == "delete":
        engine.delete(DeleteRequest(CONNECTION, told["bucket"], "", tuple(told["keys"]), ()))
    elif told["order"] == "retry":
        listener.ended.wait()  # what the journal tells of the last time
        listener.ended.clear()
        engine.retry()
    listener.ended.wait()
    engine.close(10)
    pool.close()
    statuses = listener.groups.values()
    failed = sum(status.counts.failed + status.left_out + status.unproven for status in statuses)
    done, refused = (sum(getattr(status.counts, name) for status in statuses) for name in ("done", "failed"))
    refused += sum(status.left_out for status in statuses)
    print(json.dumps({"done": done, "failed": failed, "refused": refused}), flush=True)


if __name__ == "__main__":
    main()
