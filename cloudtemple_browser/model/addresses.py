"""Addresses of remote things: buckets, objects, prefixes. Never a bare ``str`` for either."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from cloudtemple_browser.model.query import Query

DELIMITER = "/"
MAX_KEY_BYTES = 1024  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html

# The lenient rule: older stores (and Dell ECS namespaces) allow upper case and underscores. What matters here is that a name
# that came from a server or a user cannot change the path or the host of a request.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")


def is_bucket_name(name: str) -> bool:
    """Whether ``name`` may be sent as a bucket name: no path syntax, no ARN, 3 to 255 characters."""
    return bool(_BUCKET.fullmatch(name)) and ".." not in name


def key_problem(key: str) -> str:
    """Why ``key`` cannot be an object's key: ``"empty"``, ``"long"``, ``"surrogate"``, or ``""`` when it can."""
    if not key:
        return "empty"
    try:
        return "long" if len(key.encode()) > MAX_KEY_BYTES else ""
    except UnicodeEncodeError:
        return "surrogate"


def is_odd(key: str) -> bool:
    """Whether some store keeps ``key`` as another one: empty, ``.`` or ``..`` steps, backslashes, odd ends of a step."""
    steps = key.removesuffix(DELIMITER).split(DELIMITER)
    return "\\" in key or any(step != step.strip() or step.endswith(".") or not step for step in steps)


@dataclass(frozen=True, order=True)
class ObjectRef:
    """One object of a store: its bucket and its key, both exactly as the store has them."""

    bucket: str
    key: str

    @property
    def name(self) -> str:
        """The part of the key after its last delimiter; for a folder marker (``a/b/``) the folder's own name."""
        return base_name(self.key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Location:
    """What the list shows: a prefix of a bucket of a connection; ``bucket`` is empty for the list of buckets.

    With ``below`` it shows not the folder but every object below it that meets the query, each with its path.
    """

    connection_id: str
    bucket: str = ""
    prefix: str = ""
    below: Query | None = None

    def child(self, name: str) -> Location:
        """The folder ``name`` inside this one."""
        return Location(self.connection_id, self.bucket, f"{self.prefix}{name}{DELIMITER}")

    @property
    def parent(self) -> Location:
        """One level up: the enclosing prefix, then the bucket, then the list of buckets (which is its own parent)."""
        if self.prefix:
            return Location(self.connection_id, self.bucket, parent_prefix(self.prefix))
        return Location(self.connection_id)

    @property
    def folder(self) -> Location:
        """The folder itself, where this is everything or a search below it."""
        return Location(self.connection_id, self.bucket, self.prefix)

    def steps(self) -> tuple[tuple[str, Location], ...]:
        """The breadcrumb: bucket, then each folder, with its own location. A folder between two ``//`` has an empty name."""
        if not self.bucket:
            return ()
        found = [(self.bucket, Location(self.connection_id, self.bucket))]
        at = 0
        while (end := self.prefix.find(DELIMITER, at)) >= 0:
            found.append((self.prefix[at:end], Location(self.connection_id, self.bucket, self.prefix[: end + 1])))
            at = end + 1
        if at < len(self.prefix):
            found.append((self.prefix[at:], self.folder))
        return tuple(found)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}" if self.bucket else "s3://"


def parent_prefix(key: str) -> str:
    """The prefix that holds ``key`` (or the folder ``key``): ``a/b/c`` and ``a/b/c/`` both give ``a/b/``."""
    stem = key[:-1] if key.endswith(DELIMITER) else key
    return stem[: stem.rfind(DELIMITER) + 1]


def base_name(key: str) -> str:
    """What a list shows for ``key``: ``a/b.txt`` gives ``b.txt``, the folder ``a/b/`` gives ``b``."""
    return (key[:-1] if key.endswith(DELIMITER) else key)[len(parent_prefix(key)) :]


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """What a person typed or pasted as a location. ``endpoint`` is empty for ``s3://bucket/prefix`` and ``bucket/prefix``."""

    endpoint: str
    bucket: str
    key: str


def parse_address(text: str) -> TypedAddress | None:
    """Read ``s3://bucket/prefix``, ``bucket/prefix`` or an ``http(s)`` URL in path style; None when it is none of these.

    In an http URL the path is percent-decoded (it is a URL) and query and fragment (a pre-signed URL's signature) are dropped;
    in the other two forms the text after the bucket is the prefix literally.
    """
    text = text.strip()
    scheme, mark, rest = text.partition("://")
    if not mark:
        scheme, rest = "s3", text
    if scheme.lower() in ("http", "https"):
        return _parse_url(text)
    if scheme.lower() != "s3":
        return None
    bucket, _, key = rest.lstrip("/").partition(DELIMITER) if not mark else rest.partition(DELIMITER)
    if not bucket:
        return TypedAddress("", "", "") if not key else None
    return TypedAddress("", bucket, key) if is_bucket_name(bucket) else None


def _parse_url(text: str) -> TypedAddress | None:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    endpoint = origin(parts.scheme, host, port)
    bucket, _, key = unquote(parts.path[1:]).partition(DELIMITER)
    if (bucket or key) and not is_bucket_name(bucket):
        return None
    return TypedAddress(endpoint, bucket, key)


def parse_hosted(text: str, endpoint: str) -> TypedAddress | None:
    """Read a virtual-hosted URL (``https://bucket.endpoint/key``) of a known endpoint; None when it is not one."""
    try:
        parts = urlsplit(text.strip())
        typed = origin(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return None
    scheme, _, host = endpoint.partition("://")
    if not (typed.startswith(f"{scheme}://") and typed.endswith(f".{host}")):
        return None
    bucket = typed[len(scheme) + 3 : -len(host) - 1]
    return TypedAddress(endpoint, bucket, unquote(parts.path[1:])) if is_bucket_name(bucket) else None


def origin(scheme: str, host: str, port: int | None) -> str:
    """``scheme://host:port`` in one spelling: lower-case scheme, IPv6 in brackets, no port where it is the scheme's own."""
    scheme = scheme.lower()
    with contextlib.suppress(ValueError):  # a name is no address
        host = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    usual = {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{host}" + (f":{port}" if port and port != usual else "")
