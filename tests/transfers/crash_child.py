"""A process that does one piece of byte work on a store in memory, to be killed in the middle. See ``test_crash``."""

from __future__ import annotations

import sys
from pathlib import Path

from fakes.memory_store import MemoryStore, md5_hex
from transfers.local_tree import content

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.destination import Place
from cloudtemple_browser.transfers.local_file import stamp
from cloudtemple_browser.transfers.work_download import FetchPart, Prepare, Publish
from cloudtemple_browser.transfers.work_upload import SendFile, SendPart

BODY = content(5000)
ETAG = md5_hex(BODY)
REF = ObjectRef("bucket", "a")
NEW = Decision(ConflictPolicy.REFUSE)


def filled_store() -> MemoryStore:
    """A store with the object that is downloaded."""
    store = MemoryStore(min_part_size=1)
    store.add("bucket", "a", BODY)
    return store


def download(folder: Path) -> None:
    """Download in two parts, and tell the identity of the temporary file before the first byte."""
    store, place = filled_store(), Place(folder, (), "a", "owner")
    ready = Prepare(place, ETAG, 5000, NEW).run(store, CallControl())
    print(ready.identity, flush=True)
    for start in (0, 2500):
        FetchPart(REF, place, ETAG, start, 2500).run(store, CallControl())
    Publish(place, ETAG, 5000, NEW, md5=ETAG, identity=ready.identity).run(store, CallControl())


def upload(folder: Path) -> None:
    """Upload a part, and the whole."""
    store, path = filled_store(), folder / "file"
    path.write_bytes(BODY)
    upload_id = store.create_multipart_upload(REF, WriteOptions())
    SendPart(REF, upload_id, 1, path, stamp(path.stat()), 0, 5000).run(store, CallControl())
    print(len(store.list_parts(REF, upload_id)), flush=True)
    SendFile(REF, path, WriteOptions()).run(store, CallControl())


if __name__ == "__main__":
    {"download": download, "upload": upload}[sys.argv[1]](Path(sys.argv[2]))
