"""A store in memory that answers as S3 does: buckets, objects, versions, ACLs, multipart uploads, batches of deletions.

``Dialect`` is how stores differ. Only what a rule of ``faults.server`` changes is ever a lie.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from faults.signatures import Refusal
from faults.wire import Reply, Request

OWNER = "owner"
_SMALLEST_PART = 5 << 20
_SPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_KEPT = ("content-type", "content-disposition", "content-encoding", "content-language", "cache-control", "expires")
_CANNED = ("private", "public-read", "public-read-write", "authenticated-read")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_ALL = "http://acs.amazonaws.com/groups/global/AllUsers"
_NOTHING = {
    "policy": (404, "NoSuchBucketPolicy"),
    "lifecycle": (404, "NoSuchLifecycleConfiguration"),
    "cors": (404, "NoSuchCORSConfiguration"),
    "tagging": (404, "NoSuchTagSet"),
    "website": (404, "NoSuchWebsiteConfiguration"),
    "encryption": (404, "ServerSideEncryptionConfigurationNotFoundError"),
    "object-lock": (404, "ObjectLockConfigurationNotFoundError"),
    "ownershipControls": (404, "OwnershipControlsNotFoundError"),
    "publicAccessBlock": (404, "NoSuchPublicAccessBlockConfiguration"),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a store differs. ``roles``: what a key may, by access key ("" in it: everything).

    ``smallest_part`` is 1 for tests with small files. ``tells_parts``: HEAD with ``partNumber`` tells of the part.
    ``honours_conditions`` False: If-Match and If-None-Match of a PUT are accepted without effect; ``takes_conditions`` False:
    they are refused. ``follows_acls`` False: they are kept and nobody is let in. ``kept_as`` gives the key under which an
    object is stored. ``multipart_etag`` and ``etag`` make ETags that are no MD5 where given.
    """

    ordered: Callable[[str], bytes] = lambda key: key.encode("utf-8", "surrogatepass")
    takes_trailers: bool = True
    demands_md5: bool = False
    path_style_only: bool = False
    has_acls: bool = True
    honours_conditions: bool = True
    takes_conditions: bool = True
    follows_acls: bool = True
    kept_as: Callable[[str], str] = lambda key: key
    tells_parts: bool = True
    smallest_part: int = _SMALLEST_PART
    etag: Callable[[bytes], str] = lambda body: hashlib.md5(body, usedforsecurity=False).hexdigest()
    multipart_etag: Callable[[str], str] = lambda etag: etag


def ecs(**changes: object) -> Dialect:
    """Dell ECS, as Cloud Temple documents and Dell's Data Access Guide tell: see the README of the tests."""
    values: dict[str, object] = {
        "ordered": lambda key: key.encode("utf-16-be", "surrogatepass"),
        "takes_trailers": False,
        "demands_md5": True,
        "path_style_only": True,
        "tells_parts": False,
    }
    return Dialect(**(values | changes))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Item:
    """A version of an object, or a delete marker (``body`` is None). ``modified`` in seconds UTC."""

    id: str
    body: bytes | None
    etag: str
    modified: float
    headers: tuple[tuple[str, str], ...] = ()
    acl: str = "private"
    sizes: tuple[int, ...] = ()  # of the parts of which it was made

    @property
    def bytes(self) -> bytes:
        """The content of what is no marker."""
        assert self.body is not None
        return self.body


@dataclass(slots=True)
class Upload:
    """An unfinished multipart upload."""

    key: str
    id: str
    began: float
    headers: tuple[tuple[str, str], ...]
    acl: str
    parts: dict[int, Item] = field(default_factory=dict)


@dataclass(slots=True)
class Bucket:
    """What is in a bucket; the latest version of an object is its last."""

    name: str
    created: float
    acl: str = "private"
    versioning: str = ""
    objects: dict[str, list[Item]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    foreign: bool = False


class _Entry(NamedTuple):
    order: bytes
    key: str
    items: list[Item]


def _missing(code: str) -> Refusal:
    return Refusal(404, code, "It does not exist.")


def xml(text: str, status: int = 200) -> Reply:
    """An XML answer."""
    return Reply(
        status,
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode("utf-8", "surrogatepass"),
        {"Content-Type": "application/xml"},
    )


def error(status: int, code: str, message: str = "", extra: str = "") -> Reply:
    """An error answer."""
    return xml(
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>{extra}<RequestId>req</RequestId></Error>", status
    )


def operation(request: Request, key: str, bucket: str) -> str:
    """The name of S3's operation."""
    query, method = request.query, request.method
    if not bucket:
        return "ListBuckets"
    if not key:
        named = [name for name in ("uploads", "versions", "location", "versioning", "acl", *_NOTHING) if name in query]
        if method == "GET":
            names = {"uploads": "ListMultipartUploads", "versions": "ListObjectVersions"}
            listing = "ListObjectsV2" if query.get("list-type") == "2" else "ListObjects"
            return names.get(named[0], f"GetBucket:{named[0]}") if named else listing
        if method == "POST" and "delete" in query:
            return "DeleteObjects"
        verbs = {"HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
        return f"{method.title()}Bucket:{named[0]}" if named else verbs.get(method, method)
    if "uploadId" in query:
        names = {"PUT": "UploadPart", "GET": "ListParts", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}
        return names[method]
    if "uploads" in query:
        return "CreateMultipartUpload"
    for name, verb in (("acl", "Acl"), ("tagging", "Tagging"), ("retention", "Retention"), ("legal-hold", "LegalHold")):
        if name in query:
            return f"{method.title()}Object{verb}"
    if method == "PUT" and "x-amz-copy-source" in request.headers:
        return "CopyObject"
    return f"{method.title()}Object"


class Store:
    """The store. Thread-safe; every answer is made under one lock, so a request takes effect whole or not at all."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.buckets: dict[str, Bucket] = {}
        self.retained: set[tuple[str, str]] = set()
        self.roles: dict[str, str] = {}
        self.clock = time.time
        self._lock = threading.RLock()
        self._ids = itertools.count(1)

    # --- what tests put and look at --------------------------------------------------------------------------------------

    def add_bucket(self, name: str, *, foreign: bool = False) -> Bucket:
        """Make a bucket."""
        with self._lock:
            self.buckets[name] = Bucket(name, self.clock(), foreign=foreign)
            return self.buckets[name]

    def add(
        self, bucket: str, key: str, body: bytes = b"", *, etag: str | None = None, acl: str = "private", **headers: str
    ) -> Item:
        """Put an object, past every rule."""
        with self._lock:
            kept = tuple((name.replace("_", "-"), value) for name, value in headers.items())
            return self._put(self.buckets[bucket], key, body, self.dialect.etag(body) if etag is None else etag, kept, acl)

    def body(self, bucket: str, key: str) -> bytes:
        """The bytes of an object. Raises ``Refusal``."""
        with self._lock:
            return self._latest(self.buckets[bucket], key).bytes

    def keys(self, bucket: str) -> list[str]:
        """The keys of all objects, in the store's order."""
        with self._lock:
            return [entry.key for entry in self._entries(self.buckets[bucket]) if entry.items[-1].body is not None]

    def item(self, bucket: str, key: str) -> Item:
        """The latest version of an object. Raises ``Refusal``."""
        with self._lock:
            return self._latest(self.buckets[bucket], key)

    # --- requests --------------------------------------------------------------------------------------------------------

    def answer(self, request: Request, body: bytes, bucket: str, key: str, user: str) -> Reply:
        """What a store answers to a request of this user ("": nobody). Raises ``Refusal``."""
        name = operation(request, key, bucket)
        with self._lock:
            self._may(name, bucket, key, user)
            if not bucket:
                return self._list_buckets()
            self._check_body(request, body, name)
            key = self.dialect.kept_as(key)
            call = getattr(self, "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower().partition(":")[0], None)
            if call is None:
                raise Refusal(501, "NotImplemented", f"{name} is not implemented")
            reply: Reply = call(request, body, bucket, key)
            return reply

    def _may(self, name: str, bucket: str, key: str, user: str) -> None:
        """Whether the user may do it at all."""
        found = self.buckets.get(bucket)
        reads = name in ("GetObject", "HeadObject")
        if user == "":
            item = found.objects.get(key, [])[-1:] if found else []
            public = bool(item) and item[0].body is not None and item[0].acl.startswith("public")
            if found and reads and public and self.dialect.follows_acls:
                return
            if found and name.startswith("ListObjects") and found.acl.startswith("public"):
                return
            raise Refusal(403, "AccessDenied", "Access Denied")
        if found and found.foreign:
            raise Refusal(403, "AccessDenied", "Access Denied")
        role = self.roles.get(user, "")
        gets = name.startswith(("Get", "Head", "List"))
        if (role == "read_only" and not gets) or (role == "write_only" and (gets or name.startswith("Delete"))):
            raise Refusal(403, "AccessDenied", "Access Denied")
        if role == "maintainer" and name in ("CreateBucket", "DeleteBucket", "PutBucket:policy", "PutBucket:acl"):
            raise Refusal(403, "AccessDenied", "Access Denied")

    def _check_body(self, request: Request, body: bytes, name: str) -> None:
        payload = request.headers.get("x-amz-content-sha256", "")
        if payload.startswith("STREAMING-") or "aws-chunked" in request.headers.get("content-encoding", ""):
            code = "NotImplemented" if self.dialect.takes_trailers else "XAmzContentSHA256Mismatch"
            raise Refusal(501 if self.dialect.takes_trailers else 400, code, "aws-chunked is not taken here")
        md5 = request.headers.get("content-md5")
        if md5 is None:
            if name == "DeleteObjects" and self.dialect.demands_md5:
                raise Refusal(400, "InvalidRequest", "Missing required header for this request: Content-MD5")
        elif base64.b64decode(md5) != hashlib.md5(body, usedforsecurity=False).digest():
            raise Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")

    def _bucket(self, name: str) -> Bucket:
        if name not in self.buckets:
            raise _missing("NoSuchBucket")
        return self.buckets[name]

    # --- buckets ---------------------------------------------------------------------------------------------------------

    def _list_buckets(self) -> Reply:
        rows = "".join(
            f"<Bucket><Name>{escape(one.name)}</Name><CreationDate>{_iso(one.created)}</CreationDate></Bucket>"
            for one in sorted(self.buckets.values(), key=lambda one: one.name)
            if not one.foreign
        )
        owner = f"<Owner><ID>{OWNER}</ID><DisplayName>{OWNER}</DisplayName></Owner>"
        return xml(f"<ListAllMyBucketsResult>{owner}<Buckets>{rows}</Buckets></ListAllMyBucketsResult>")

    def _head_bucket(self, _request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        self._bucket(bucket)
        return Reply()

    def _create_bucket(self, _request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        if bucket in self.buckets:
            raise Refusal(409, "BucketAlreadyExists", "It exists.")
        self.add_bucket(bucket)
        return Reply(headers={"Location": f"/{bucket}"})

    def _delete_bucket(self, request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        if any(name in request.query for name in _NOTHING):
            self._bucket(bucket)
            return Reply(204)
        if self._bucket(bucket).objects:
            raise Refusal(409, "BucketNotEmpty", "The bucket is not empty.")
        del self.buckets[bucket]
        return Reply(204)

    def _get_bucket(self, request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        found, query = self._bucket(bucket), request.query
        if "location" in query:
            return xml("<LocationConstraint/>")
        if "versioning" in query:
            state = f"<Status>{found.versioning}</Status>" if found.versioning else ""
            return xml(f"<VersioningConfiguration>{state}</VersioningConfiguration>")
        if "acl" in query:
            return xml(_acl_xml(found.acl))
        name = next(name for name in _NOTHING if name in query)
        raise Refusal(*_NOTHING[name], "There is none.")

    def _put_bucket(self, request: Request, body: bytes, bucket: str, _key: str) -> Reply:
        found, query = self._bucket(bucket), request.query
        if "versioning" in query:
            found.versioning = _text(_parsed(body), "Status")
            return Reply()
        if "acl" in query:
            found.acl = _given_acl(request, body)
            return Reply()
        raise Refusal(501, "NotImplemented", "It is not implemented.")

    # --- objects ---------------------------------------------------------------------------------------------------------

    def _latest(self, bucket: Bucket, key: str, version: str = "") -> Item:
        items = bucket.objects.get(key, [])
        if version:
            items = [item for item in items if item.id == version]
            if not items:
                raise _missing("NoSuchVersion")
        if not items or items[-1].body is None:
            raise _missing("NoSuchKey")
        return items[-1]

    def _put(
        self, bucket: Bucket, key: str, body: bytes | None, etag: str, headers: tuple[tuple[str, str], ...], acl: str
    ) -> Item:
        kept = bucket.versioning == "Enabled"
        item = Item(secrets.token_hex(8) if kept else "null", body, etag, float(int(self.clock())), headers, acl)
        items = bucket.objects.setdefault(key, [])
        if not kept:
            items[:] = [one for one in items if one.id != "null"]
        items.append(item)
        return item

    def _put_object(self, request: Request, body: bytes, bucket: str, key: str) -> Reply:
        found = self._bucket(bucket)
        if len(key.encode("utf-8", "surrogatepass")) > 1024:
            raise Refusal(400, "KeyTooLongError", "Your key is too long")
        self._check_condition(request, found, key)
        if (bucket, key) in self.retained:
            raise Refusal(409, "ObjectUnderRetention", "The object is under retention.")
        item = self._put(found, key, body, self.dialect.etag(body), _kept_headers(request), self._new_acl(request))
        return Reply(headers=self._tell(found, item))

    def _check_condition(self, request: Request, bucket: Bucket, key: str) -> None:
        if not self.dialect.takes_conditions and {"if-match", "if-none-match"} & request.headers.keys():
            raise Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
        if not self.dialect.honours_conditions:
            return
        items = bucket.objects.get(key, [])
        there = items[-1] if items and items[-1].body is not None else None
        if there and request.headers.get("if-none-match") == "*":
            raise Refusal(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")
        if wanted := request.headers.get("if-match"):
            if there is None:
                raise _missing("NoSuchKey")
            if wanted.strip('"') != there.etag:
                raise Refusal(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")

    def _new_acl(self, request: Request) -> str:
        acl = request.headers.get("x-amz-acl", "private")
        if acl != "private" and not self.dialect.has_acls:
            raise Refusal(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
        if acl not in _CANNED:
            raise Refusal(400, "InvalidArgument", "no canned ACL")
        return acl

    def _tell(self, bucket: Bucket, item: Item) -> dict[str, str]:
        told = {"ETag": f'"{item.etag}"'}
        return told | {"x-amz-version-id": item.id} if bucket.versioning else told

    def _copy_object(self, request: Request, _body: bytes, bucket: str, key: str) -> Reply:
        name, _, source = unquote(request.headers["x-amz-copy-source"]).removeprefix("/").partition("/")
        item, found = self._latest(self._bucket(name), source), self._bucket(bucket)
        match = request.headers.get("x-amz-copy-source-if-match")
        if match and match.strip('"') != item.etag:
            raise Refusal(412, "PreconditionFailed", "The source has changed.")
        self._check_condition(request, found, key)
        replaces = request.headers.get("x-amz-metadata-directive") == "REPLACE"
        headers = _kept_headers(request) if replaces else item.headers
        copy = self._put(found, key, item.bytes, self.dialect.etag(item.bytes), headers, self._new_acl(request))
        told = f'<ETag>"{copy.etag}"</ETag><LastModified>{_iso(copy.modified)}</LastModified>'
        return replace(
            xml(f"<CopyObjectResult>{told}</CopyObjectResult>"),
            headers={"Content-Type": "application/xml"} | self._tell(found, copy),
        )

    def _head_object(self, request: Request, body: bytes, bucket: str, key: str) -> Reply:
        return self._get_object(request, body, bucket, key)

    def _get_object(self, request: Request, _body: bytes, bucket: str, key: str) -> Reply:
        found, query = self._bucket(bucket), request.query
        item = self._latest(found, key, query.get("versionId", ""))
        match = request.headers.get("if-match", "").strip('"')
        if match and match != item.etag:
            raise Refusal(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")
        if request.headers.get("if-none-match", "").strip('"') == item.etag:
            return Reply(304)
        headers = dict(item.headers) | self._tell(found, item)
        headers |= {"Last-Modified": formatdate(item.modified, usegmt=True), "Accept-Ranges": "bytes"}
        headers.setdefault("content-type", "binary/octet-stream")
        headers |= {name.removeprefix("response-"): value for name, value in query.items() if name.startswith("response-")}
        if query.get("partNumber") == "1" and self.dialect.tells_parts and item.sizes:
            headers |= {"x-amz-mp-parts-count": str(len(item.sizes))}
            headers["Content-Range"] = f"bytes 0-{item.sizes[0] - 1}/{len(item.bytes)}"
            return Reply(206, memoryview(item.bytes)[: item.sizes[0]], headers)
        asked = _RANGE.match(request.headers.get("range", ""))
        if not asked:
            return Reply(200, item.bytes, headers)
        start, end = _asked(asked.group(1), asked.group(2), len(item.bytes))
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(item.bytes)}"
        return Reply(206, memoryview(item.bytes)[start:end], headers)

    def _delete_object(self, request: Request, _body: bytes, bucket: str, key: str) -> Reply:
        version, headers = self._delete(self._bucket(bucket), key, request.query.get("versionId", ""))
        return Reply(204, headers=headers | ({"x-amz-version-id": version} if version else {}))

    def _delete(self, bucket: Bucket, key: str, version: str) -> tuple[str, dict[str, str]]:
        if (bucket.name, key) in self.retained:
            raise Refusal(409, "ObjectUnderRetention", "The object is under retention.")
        items = bucket.objects.get(key, [])
        if version:
            gone = [item for item in items if item.id == version]
            items[:] = [item for item in items if item.id != version]
            marker = bool(gone) and gone[0].body is None
        elif bucket.versioning == "Enabled":
            marker, version = True, self._put(bucket, key, None, "", (), "private").id
        else:
            items.clear()
            marker = False
        if not bucket.objects.get(key):
            bucket.objects.pop(key, None)
        return version, {"x-amz-delete-marker": "true"} if marker else {}

    def _delete_objects(self, _request: Request, body: bytes, bucket: str, _key: str) -> Reply:
        found = self._bucket(bucket)
        tree = _parsed(body)
        asked = [(_text(one, "Key"), _text(one, "VersionId")) for one in _all(tree, "Object")]
        if len(asked) > 1000:
            raise Refusal(400, "MalformedXML", "more than 1000 keys")
        quiet, rows = _text(tree, "Quiet") == "true", []
        for key, version in asked:
            name = escape(key, {"\r": "&#13;"})
            try:
                self._delete(found, key, version)
            except Refusal as refusal:
                rows.append(f"<Error><Key>{name}</Key><Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error>")
            else:
                rows += [] if quiet else [f"<Deleted><Key>{name}</Key></Deleted>"]
        return xml(f"<DeleteResult>{''.join(rows)}</DeleteResult>")

    # --- ACLs ------------------------------------------------------------------------------------------------------------

    def _get_object_acl(self, _request: Request, _body: bytes, bucket: str, key: str) -> Reply:
        if not self.dialect.has_acls:
            raise Refusal(501, "NotImplemented", "There are no ACLs here.")
        return xml(_acl_xml(self._latest(self._bucket(bucket), key).acl))

    def _put_object_acl(self, request: Request, body: bytes, bucket: str, key: str) -> Reply:
        items = self._bucket(bucket).objects
        item = self._latest(self._bucket(bucket), key)
        if not self.dialect.has_acls:
            raise Refusal(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
        acl = _given_acl(request, body)
        items[key][-1] = replace(item, acl=acl)
        return Reply()

    # --- listings --------------------------------------------------------------------------------------------------------

    def _entries(self, bucket: Bucket) -> list[_Entry]:
        ordered = self.dialect.ordered
        return sorted(_Entry(ordered(key), key, items) for key, items in bucket.objects.items() if items)

    def _list_objects_v2(self, request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        query = request.query
        token = query.get("continuation-token", "")
        after = base64.urlsafe_b64decode(token).decode("utf-8", "surrogatepass") if token else query.get("start-after", "")
        rows, count, last = self._page(query, bucket, after, folded=bool(token))
        next_token = base64.urlsafe_b64encode(last.encode("utf-8", "surrogatepass")).decode() if last else ""
        extra = f"<KeyCount>{count}</KeyCount>" + (
            f"<NextContinuationToken>{next_token}</NextContinuationToken>" if last else ""
        )
        return self._listing(query, bucket, rows, extra, more=bool(last))

    def _list_objects(self, request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        query = request.query
        rows, _, last = self._page(query, bucket, query.get("marker", ""), folded=True)
        extra = f"<NextMarker>{_named(last, query)}</NextMarker>" if last else ""
        return self._listing(
            query, bucket, rows, extra + f"<Marker>{_named(query.get('marker', ''), query)}</Marker>", more=bool(last)
        )

    def _page(self, query: dict[str, str], bucket: str, after: str, *, folded: bool) -> tuple[str, int, str]:
        """The rows of a page, their number, and the last name where more follow."""
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        most = min(1000, int(query.get("max-keys", "1000")))
        order, count, last, folder = self.dialect.ordered, 0, "", None
        rows: list[str] = []
        beyond = order(after) if after else b""
        for entry in self._entries(self._bucket(bucket)):
            item = entry.items[-1]
            if not entry.key.startswith(prefix) or item.body is None or (after and entry.order <= beyond):
                continue
            rest, name = entry.key[len(prefix) :], entry.key
            group = delimiter and delimiter in rest
            if group:
                name = prefix + rest[: rest.index(delimiter) + len(delimiter)]
                if name == folder or (folded and name == after):
                    continue
            if count == most:
                return "".join(rows), count, last if most else ""
            if group:
                folder = name
                rows.append(f"<CommonPrefixes><Prefix>{_named(name, query)}</Prefix></CommonPrefixes>")
            else:
                rows.append(
                    f"<Contents><Key>{_named(name, query)}</Key><LastModified>{_iso(item.modified)}</LastModified>"
                    f'<ETag>"{escape(item.etag)}"</ETag><Size>{len(item.body)}</Size><StorageClass>STANDARD</StorageClass></Contents>'
                )
            count, last = count + 1, name
        return "".join(rows), count, ""

    def _listing(self, query: dict[str, str], bucket: str, rows: str, extra: str, *, more: bool) -> Reply:
        encoded = "<EncodingType>url</EncodingType>" if "encoding-type" in query else ""
        return xml(
            f"<ListBucketResult><Name>{bucket}</Name><Prefix>{_named(query.get('prefix', ''), query)}</Prefix>"
            f"<Delimiter>{_named(query.get('delimiter', ''), query)}</Delimiter>"
            f"<MaxKeys>{query.get('max-keys', '1000')}</MaxKeys>"
            f"{encoded}<IsTruncated>{str(more).lower()}</IsTruncated>{extra}{rows}</ListBucketResult>"
        )

    def _list_object_versions(self, request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        query = request.query
        prefix, most = query.get("prefix", ""), min(1000, int(query.get("max-keys", "1000")))
        marker, version = query.get("key-marker", ""), query.get("version-id-marker", "")
        beyond, after, last = self.dialect.ordered(marker) if marker else b"", not version, ("", "")
        rows: list[str] = []
        for order, key, items in self._entries(self._bucket(bucket)):
            if not key.startswith(prefix) or order < beyond or (marker == key and not version):
                continue
            for item in reversed(items):
                if key == marker and not after:
                    after = item.id == version
                    continue
                if len(rows) == most:
                    told = f"<NextKeyMarker>{_named(last[0], query)}</NextKeyMarker>"
                    told += f"<NextVersionIdMarker>{last[1]}</NextVersionIdMarker>"
                    return self._versions(query, bucket, rows, told, more=True)
                rows.append(_version_row(query, key, item, latest=item is items[-1]))
                last = key, item.id
        return self._versions(query, bucket, rows, "", more=False)

    def _versions(self, query: dict[str, str], bucket: str, rows: list[str], extra: str, *, more: bool) -> Reply:
        encoded = "<EncodingType>url</EncodingType>" if "encoding-type" in query else ""
        return xml(
            f"<ListVersionsResult><Name>{bucket}</Name><Prefix>{_named(query.get('prefix', ''), query)}</Prefix>"
            f"<MaxKeys>{query.get('max-keys', '1000')}</MaxKeys>{encoded}<IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{extra}{''.join(rows)}</ListVersionsResult>"
        )

    # --- multipart uploads -----------------------------------------------------------------------------------------------

    def _create_multipart_upload(self, request: Request, _body: bytes, bucket: str, key: str) -> Reply:
        found = self._bucket(bucket)
        upload = Upload(key, f"upload-{next(self._ids)}", self.clock(), _kept_headers(request), self._new_acl(request))
        found.uploads[upload.id] = upload
        name = escape(key, {"\r": "&#13;"}) if _is_xml(key) else quote(key)
        told = f"<Bucket>{bucket}</Bucket><Key>{name}</Key><UploadId>{upload.id}</UploadId>"
        return xml(f"<InitiateMultipartUploadResult>{told}</InitiateMultipartUploadResult>")

    def _upload(self, request: Request, bucket: str, key: str) -> Upload:
        upload = self._bucket(bucket).uploads.get(request.query["uploadId"])
        if upload is None or upload.key != key:
            raise _missing("NoSuchUpload")
        return upload

    def _upload_part(self, request: Request, body: bytes, bucket: str, key: str) -> Reply:
        number = int(request.query["partNumber"])
        if not 1 <= number <= 10_000:
            raise Refusal(400, "InvalidArgument", "Part number must be an integer between 1 and 10000")
        item = Item("", body, self.dialect.etag(body), self.clock())
        self._upload(request, bucket, key).parts[number] = item
        return Reply(headers={"ETag": f'"{item.etag}"'})

    def _complete_multipart_upload(self, request: Request, body: bytes, bucket: str, key: str) -> Reply:
        found, upload = self._bucket(bucket), self._upload(request, bucket, key)
        asked = [(int(_text(one, "PartNumber")), _text(one, "ETag").strip('"')) for one in _all(_parsed(body), "Part")]
        if not asked or asked != sorted(asked):
            raise Refusal(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
        for number, etag in asked:
            if number not in upload.parts or upload.parts[number].etag != etag:
                raise Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.")
            if number != asked[-1][0] and len(upload.parts[number].bytes) < self.dialect.smallest_part:
                raise Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        self._check_condition(request, found, key)
        parts = [upload.parts[number] for number, _ in asked]
        digests = b"".join(hashlib.md5(part.bytes, usedforsecurity=False).digest() for part in parts)
        whole = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
        item = self._put(
            found, key, b"".join(part.bytes for part in parts), self.dialect.multipart_etag(whole), upload.headers, upload.acl
        )
        found.objects[key][-1] = replace(item, sizes=tuple(len(part.bytes) for part in parts))
        del found.uploads[upload.id]
        name = escape(key, {"\r": "&#13;"}) if _is_xml(key) else quote(key)
        told = f'<Location>x</Location><Bucket>{bucket}</Bucket><Key>{name}</Key><ETag>"{escape(item.etag)}"</ETag>'
        return xml(f"<CompleteMultipartUploadResult>{told}</CompleteMultipartUploadResult>")

    def _abort_multipart_upload(self, request: Request, _body: bytes, bucket: str, key: str) -> Reply:
        upload = self._upload(request, bucket, key)
        del self._bucket(bucket).uploads[upload.id]
        return Reply(204)

    def _list_parts(self, request: Request, _body: bytes, bucket: str, key: str) -> Reply:
        upload, query = self._upload(request, bucket, key), request.query
        most, marker = min(1000, int(query.get("max-parts", "1000"))), int(query.get("part-number-marker", "0"))
        waiting = [number for number in sorted(upload.parts) if number > marker]
        rows = "".join(
            f'<Part><PartNumber>{number}</PartNumber><LastModified>{_iso(part.modified)}</LastModified><ETag>"{part.etag}"</ETag>'
            f"<Size>{len(part.bytes)}</Size></Part>"
            for number, part in ((number, upload.parts[number]) for number in waiting[:most])
        )
        more = len(waiting) > most
        extra = f"<NextPartNumberMarker>{waiting[most - 1]}</NextPartNumberMarker>" if more else ""
        return xml(
            f"<ListPartsResult><Bucket>{bucket}</Bucket><UploadId>{upload.id}</UploadId><PartNumberMarker>{marker}</PartNumberMarker>"
            f"{extra}<MaxParts>{most}</MaxParts><IsTruncated>{str(more).lower()}</IsTruncated>{rows}</ListPartsResult>"
        )

    def _list_multipart_uploads(self, request: Request, _body: bytes, bucket: str, _key: str) -> Reply:
        query = request.query
        prefix, most = query.get("prefix", ""), min(1000, int(query.get("max-uploads", "1000")))
        after = query.get("key-marker", ""), query.get("upload-id-marker", "")
        ordered = self.dialect.ordered
        found = sorted(self._bucket(bucket).uploads.values(), key=lambda one: (ordered(one.key), one.id))
        waiting = [
            one
            for one in found
            if one.key.startswith(prefix)
            and (not after[0] or (ordered(one.key), one.id) > (ordered(after[0]), after[1] or "\x7f"))
        ]
        rows = "".join(
            f"<Upload><Key>{_named(one.key, query)}</Key><UploadId>{one.id}</UploadId>"
            f"<Initiated>{_iso(one.began)}</Initiated></Upload>"
            for one in waiting[:most]
        )
        more, encoded = len(waiting) > most, "<EncodingType>url</EncodingType>" if "encoding-type" in query else ""
        last = waiting[most - 1] if more else None
        told = (
            f"<NextKeyMarker>{_named(last.key, query)}</NextKeyMarker><NextUploadIdMarker>{last.id}</NextUploadIdMarker>"
            if last
            else ""
        )
        return xml(
            f"<ListMultipartUploadsResult><Bucket>{bucket}</Bucket><Prefix>{_named(prefix, query)}</Prefix>{encoded}"
            f"<MaxUploads>{most}</MaxUploads><IsTruncated>{str(more).lower()}</IsTruncated>{told}{rows}</ListMultipartUploadsResult>"
        )


# ---------------------------------------------------------------------------------------------------------------- formats


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def _named(key: str, query: dict[str, str]) -> str:
    return (
        quote(key, safe="/-_.~", errors="surrogatepass")
        if query.get("encoding-type") == "url"
        else escape(key, {"\r": "&#13;"})
    )


def _is_xml(text: str) -> bool:
    return all(char in "\t\n\r" or " " <= char < "\ufffe" or char > "\uffff" for char in text)


def _asked(first: str, last: str, size: int) -> tuple[int, int]:
    """The half-open range that was asked for. Raises ``Refusal``."""
    start, end = (size - int(last), size) if not first else (int(first), int(last) + 1 if last else size)
    start, end = max(0, start), min(end, size)
    if start >= end:
        raise Refusal(416, "InvalidRange", "The requested range is not satisfiable")
    return start, end


def _kept_headers(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in request.headers.items() if name in _KEPT or name.startswith("x-amz-meta-"))


def _parsed(body: bytes) -> ET.Element:
    try:
        return ET.fromstring(body)  # noqa: S314 - what a test sends
    except ET.ParseError:
        raise Refusal(400, "MalformedXML", "The XML you provided was not well-formed") from None


def _all(tree: ET.Element, name: str) -> Iterable[ET.Element]:
    return [one for one in tree.iter() if one.tag.removeprefix(_SPACE) == name]


def _text(tree: ET.Element, name: str) -> str:
    return next((one.text or "" for one in _all(tree, name)), "")


def _given_acl(request: Request, body: bytes) -> str:
    if not body:
        acl = request.headers.get("x-amz-acl", "private")
        if acl not in _CANNED:
            raise Refusal(400, "InvalidArgument", "no canned ACL")
        return acl
    grants = [(_text(one, "URI"), _text(one, "Permission")) for one in _all(_parsed(body), "Grant")]
    return "public-read" if (_ALL, "READ") in grants else "private"


def _acl_xml(acl: str) -> str:
    owner = f"<ID>{OWNER}</ID><DisplayName>{OWNER}</DisplayName>"
    space = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    grants = f'<Grant><Grantee {space} xsi:type="CanonicalUser">{owner}</Grantee><Permission>FULL_CONTROL</Permission></Grant>'
    for start, permission in (("public-read", "READ"), ("public-read-write", "WRITE")):
        if acl.startswith(start):
            grants += f'<Grant><Grantee {space} xsi:type="Group"><URI>{_ALL}</URI></Grantee>'
            grants += f"<Permission>{permission}</Permission></Grant>"
    return f"<AccessControlPolicy><Owner>{owner}</Owner><AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"


def _version_row(query: dict[str, str], key: str, item: Item, *, latest: bool) -> str:
    common = (
        f"<Key>{_named(key, query)}</Key><VersionId>{item.id}</VersionId><IsLatest>{str(latest).lower()}</IsLatest>"
        f"<LastModified>{_iso(item.modified)}</LastModified>"
    )
    if item.body is None:
        return f"<DeleteMarker>{common}</DeleteMarker>"
    rest = f'<ETag>"{escape(item.etag)}"</ETag><Size>{len(item.body)}</Size><StorageClass>STANDARD</StorageClass>'
    return f"<Version>{common}{rest}</Version>"
