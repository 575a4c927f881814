"""Every call of the ``Store`` port once, by name: for what must hold for all of them."""

from __future__ import annotations

from collections.abc import Callable

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.writes import UploadedPart, WriteOptions
from cloudtemple_browser.s3.store import S3Store

REF = ObjectRef("bucket", "folder/key")
MD5_X = "9dd4e461268c8034f5c8564e155c67a6"  # of b"x"


def read(store: S3Store, start: int, length: int, etag: str = "") -> bytes:
    """A range of ``REF`` as one piece."""
    pieces: list[bytes] = []
    store.read_range(REF, start, length, etag, lambda piece: pieces.append(bytes(piece)), CallControl())
    return b"".join(pieces)


def put(store: S3Store, body: bytes = b"x") -> str:
    """Put ``REF``."""
    return store.put_object(REF, body, WriteOptions(), CallControl()).etag


READS: dict[str, Callable[[S3Store], object]] = {
    "list_buckets": lambda store: store.list_buckets(),
    "head_bucket": lambda store: store.head_bucket("bucket"),
    "list_pages": lambda store: list(store.list_pages("bucket", "", "/", CallControl())),
    "head_object": lambda store: store.head_object(REF),
    "read_head": lambda store: store.read_head(REF, 10, CallControl()),
    "list_versions": lambda store: list(store.list_versions(REF, CallControl())),
    "read_acl": lambda store: store.read_acl(REF),
    "list_parts": lambda store: store.list_parts(REF, "id"),
    "list_uploads": lambda store: store.list_uploads(REF),
}
WRITES: dict[str, Callable[[S3Store], object]] = {
    "create_bucket": lambda store: store.create_bucket("bucket"),
    "delete_bucket": lambda store: store.delete_bucket("bucket"),
    "put_object": put,
    "create_multipart_upload": lambda store: store.create_multipart_upload(REF, WriteOptions()),
    "upload_part": lambda store: store.upload_part(REF, "id", 1, b"x", CallControl()),
    "complete_multipart_upload": lambda store: store.complete_multipart_upload(REF, "id", (UploadedPart(1, MD5_X),)),
    "abort_multipart_upload": lambda store: store.abort_multipart_upload(REF, "id"),
    "write_acl": lambda store: store.write_acl(REF, CannedAcl.PUBLIC_READ),
}
BYTES: dict[str, Callable[[S3Store], object]] = {"read_range": lambda store: read(store, 0, 1)}  # read, but not again
ALL = READS | WRITES | BYTES
