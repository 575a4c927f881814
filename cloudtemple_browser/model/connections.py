"""A connection: where a store is and how to talk to it. Everything but the secret key, which only the keyring holds."""

from __future__ import annotations

import enum
import ipaddress
import re
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cloudtemple_browser.model.addresses import is_bucket_name, origin
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.traits import Trait

CLOUD_TEMPLE = "cloud-temple.com"
CLOUD_TEMPLE_DOMAIN = f"s3.fr1.{CLOUD_TEMPLE}"
DEFAULT_REGION = "fr1"

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class SecretText:
    """A secret that does not print itself: ``repr``, ``str`` and formatting give ``***``; only ``reveal`` gives it out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself: for the signer and the keyring only."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretText) and other._value == self._value

    def __hash__(self) -> int:
        return hash((SecretText, self._value))


class Addressing(enum.Enum):
    """Where the bucket goes in a URL: ``endpoint/bucket/key`` or ``bucket.endpoint/key``."""

    PATH = "path"
    VIRTUAL = "virtual"


class Signature(enum.Enum):
    """How requests are signed. ``HYBRID`` is the provider's advice for older tools: V4 to list, V2 for data."""

    V4 = "v4"
    HYBRID = "hybrid"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class Connection:
    """One saved connection. ``endpoint`` is a URL without a path; ``buckets`` were added by name; ``colour`` is an index."""

    name: str
    endpoint: str
    access_key: str
    region: str = DEFAULT_REGION
    addressing: Addressing = Addressing.PATH
    signature: Signature = Signature.V4
    bucket: str = ""
    prefix: str = ""
    ca_bundle: str = ""
    proxy: str = ""
    allow_http: bool = False
    buckets: tuple[str, ...] = ()
    colour: int = 0
    traits: tuple[Trait, ...] = field(default=(), compare=False)  # what its store turned out to be like
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def host(self) -> str:
        """The host name of the endpoint."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def insecure(self) -> bool:
        """Whether data and signatures travel unencrypted to another machine."""
        return self.endpoint.startswith("http://") and not is_loopback(self.host)


def namespace_endpoint(namespace: str) -> str:
    """The endpoint of a Cloud Temple namespace (https://docs.cloud-temple.com, object storage, "endpoint")."""
    return f"https://{namespace.lower()}.{CLOUD_TEMPLE_DOMAIN}"


def endpoint_from_input(text: str) -> str:
    """The endpoint URL that a namespace, a host name or a pasted URL stands for; "" when it is none of these.

    ``acme`` → ``https://acme.s3.fr1.cloud-temple.com``; ``s3.example.com`` and ``localhost:9000`` get ``https://``;
    of a URL the scheme, host and port count (path, query and a user name in it are dropped).
    """
    text = text.strip()
    if _NAMESPACE.fullmatch(text) and text.lower() != "localhost":
        return namespace_endpoint(text)
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or not _is_host(host):
        return ""
    return origin(parts.scheme, host, port)


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return True


def is_address(host: str) -> bool:
    """Whether ``host`` is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_cloud_temple(host: str) -> bool:
    """Whether ``host`` belongs to the provider, which offers TLS everywhere: nothing excuses going without."""
    return f".{host.lower().removesuffix('.')}".endswith(f".{CLOUD_TEMPLE}")


def connection_problems(connection: Connection, typed_endpoint: str, secret: SecretText) -> dict[str, Text]:
    """What is wrong with a filled-in form, by field name, before any request is sent. Empty when nothing is."""
    found: dict[str, Text] = {}
    if not connection.name.strip():
        found["name"] = translate("connection", "Give the connection a name.")
    if not typed_endpoint.strip():
        found["endpoint"] = translate("connection", "Type the namespace, or paste the endpoint’s URL.")
    elif not connection.endpoint:
        found["endpoint"] = translate(
            "connection", "This is neither a namespace (letters, digits, hyphens) nor the URL of an endpoint."
        )
    elif connection.insecure and is_cloud_temple(connection.host):
        found["endpoint"] = translate("connection", "Cloud Temple’s store is used with https:// only.")
    elif connection.insecure and not connection.allow_http:
        found["endpoint"] = translate(
            "connection", "http:// sends your data unencrypted. Use https://, or allow it below under Advanced."
        )
    found.update(_key_problems(connection.access_key, secret))
    if connection.bucket and not is_bucket_name(connection.bucket):
        found["bucket"] = translate("connection", "This cannot be the name of a bucket.")
    if connection.prefix and not connection.bucket:
        found["prefix"] = translate("connection", "A prefix needs a bucket.")
    if not _PRINTABLE.fullmatch(connection.region):
        found["region"] = translate("connection", "The region is one word, for example fr1.")
    if connection.proxy and not _is_proxy(connection.proxy):
        found["proxy"] = translate("connection", "Type the proxy as http://host:port, without a user name or password.")
    return found


def _key_problems(access_key: str, secret: SecretText) -> dict[str, Text]:
    found: dict[str, Text] = {}
    if not access_key:
        found["access_key"] = translate("connection", "Type the access key.")
    elif not _PRINTABLE.fullmatch(access_key):
        found["access_key"] = translate("connection", "An access key has no spaces or accents. Copy it again.")
    if not secret:
        found["secret"] = translate("connection", "Type the secret key.")
    elif not _PRINTABLE.fullmatch(secret.reveal()):
        found["secret"] = translate("connection", "A secret key has no spaces or accents. Copy it again.")
    elif secret.reveal() == access_key:
        found["secret"] = translate("connection", "This is the access key again: paste the secret key here.")
    return found


def _is_proxy(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not None and "@" not in parts.netloc
    except ValueError:
        return False
