"""Failures as values: what failed, why, with the facts a support ticket needs. Cancelled is apart: it is no failure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cloudtemple_browser.model.text import Text, Value, translate


class Cancelled(Exception):
    """The user ended the operation. Never shown as a failure."""


class ErrorKind(enum.Enum):
    """Why something failed, as far as it changes what a person would do next."""

    DNS = "dns"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection-lost"
    PROXY = "proxy"
    TLS = "tls"
    CA_BUNDLE = "ca-bundle"
    NOT_S3 = "not-s3"
    REDIRECTED = "redirected"
    ACCESS_DENIED = "access-denied"
    UNKNOWN_ACCESS_KEY = "unknown-access-key"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - the name of a kind
    CLOCK = "clock"
    NO_CREDENTIALS = "no-credentials"
    NO_BUCKET = "no-bucket"
    NO_OBJECT = "no-object"
    BUCKET_EXISTS = "bucket-exists"
    BUCKET_NOT_EMPTY = "bucket-not-empty"
    CHANGED = "changed"
    OCCUPIED = "occupied"
    RENAMED = "renamed"
    NOT_PUBLIC = "not-public"
    STILL_PUBLIC = "still-public"
    CHECKSUM_STYLE = "checksum-style"
    INTEGRITY = "integrity"
    RETENTION = "retention"
    NO_ACL = "no-acl"
    REGION = "region"
    THROTTLED = "throttled"
    SERVER = "server"
    UNSUPPORTED = "unsupported"
    BAD_REQUEST = "bad-request"
    PARTIAL = "partial"
    LIST_AGAIN = "list-again"
    LOCAL_MISSING = "local-missing"
    LOCAL_DENIED = "local-denied"
    LOCAL_CHANGED = "local-changed"
    LOCAL_NAME = "local-name"
    DISK_FULL = "disk-full"
    LOCAL_OTHER = "local-other"
    NO_KEYRING = "no-keyring"
    KEYRING_LOCKED = "keyring-locked"
    KEYRING = "keyring"
    DEMO = "demo"
    DEMO_BUSY = "demo-busy"
    TOO_LARGE = "too-large"
    QUOTA = "quota"
    INTERNAL = "internal"


def utc(seconds: float) -> str:
    """A point in time, in seconds since 1970 UTC, for evidence: the same for whoever reads it, wherever they are."""
    return f"{_EPOCH + timedelta(seconds=round(seconds)):%Y-%m-%d %H:%M:%S} UTC"


RETRYABLE = frozenset(
    {
        ErrorKind.TIMEOUT,
        ErrorKind.CONNECTION_LOST,
        ErrorKind.THROTTLED,
        ErrorKind.SERVER,
        ErrorKind.INTEGRITY,
    }
)
"""Kinds that may pass when the same request is sent again a little later (a refused address or a bad name will not)."""

OFFLINE = frozenset({ErrorKind.DNS, ErrorKind.REFUSED, ErrorKind.TIMEOUT, ErrorKind.CONNECTION_LOST, ErrorKind.PROXY})
"""Kinds that mean that the store could not be reached at all."""


_FROM_HERE = translate("errors", "Message of the system")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CERTIFICATE: tuple[tuple[str, Text], ...] = (
    ("subject", translate("errors", "Certificate of")),
    ("issuer", translate("errors", "Signed by")),
    ("since", translate("errors", "Valid from")),
    ("until", translate("errors", "Valid until")),
    ("names", translate("errors", "Names in it")),
    ("fingerprint", translate("errors", "Fingerprint (SHA-256)")),
)
"""The values of a TLS failure that tell of the certificate that the other side showed, as far as it is known."""


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """The details under an error: for the person who asks support. Never holds a secret. ``when`` is seconds UTC.

    ``retry_after`` is how many seconds a busy store asks to be left alone, 0.0 when it did not say.
    """

    operation: str = ""
    subject: str = ""
    status: int = 0
    code: str = ""
    message: str = ""
    request_id: str = ""
    endpoint: str = ""
    when: float = 0.0
    retry_after: float = 0.0


@dataclass(eq=False)
class BrowserError(Exception):
    """A failure that a person can be told: ``kind`` gives the words, ``facts`` the evidence, ``values`` fill the words.

    Raised by every port; picklable; may cross threads and processes.
    """

    kind: ErrorKind
    facts: ErrorFacts = field(default_factory=ErrorFacts)
    values: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        super().__init__(self.kind, self.facts, self.values)

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed when sent again."""
        return self.kind in RETRYABLE

    @property
    def offline(self) -> bool:
        """Whether the store could not be reached at all."""
        return self.kind in OFFLINE

    @property
    def intercepted(self) -> bool:
        """Whether something answered in the store's place, a captive portal for one: that may pass by itself."""
        return self.kind in (ErrorKind.NOT_S3, ErrorKind.REDIRECTED)

    def about(self, **facts: str | float) -> BrowserError:
        """The same failure with more facts; a fact that is already there stays."""
        known = {name: value for name, value in facts.items() if not getattr(self.facts, name)}
        return BrowserError(self.kind, replace(self.facts, **known), self.values)  # type: ignore[arg-type]

    @property
    def detail_rows(self) -> tuple[tuple[Text, str], ...]:
        """The evidence as (label, value), without the empty ones. Values are foreign text: plain text only."""
        facts, values = self.facts, dict(self.values)
        rows = (
            (translate("errors", "Operation"), facts.operation),
            (translate("errors", "Concerning"), facts.subject),
            (translate("errors", "HTTP status"), str(facts.status) if facts.status else ""),
            (translate("errors", "Code"), facts.code),
            (translate("errors", "Message of the server") if facts.status else _FROM_HERE, facts.message),
            (translate("errors", "Request id"), facts.request_id),
            (translate("errors", "Endpoint"), facts.endpoint),
            *((label, str(values.get(name, ""))) for name, label in CERTIFICATE if self.kind is ErrorKind.TLS),
            (translate("errors", "Time"), utc(facts.when) if facts.when else ""),
        )
        return tuple((label, value) for label, value in rows if value)

    def __str__(self) -> str:
        facts = self.facts
        parts = [self.kind.value, facts.operation, facts.subject, str(facts.status or ""), facts.code, facts.message]
        return " · ".join(part for part in (*parts, facts.request_id) if part)
