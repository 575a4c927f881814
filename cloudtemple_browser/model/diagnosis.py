"""Why a store refuses: what was refused, the checks that find out, and what they found. ``model.verdicts`` has what follows."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.text import Text

MAX_SKEW = 900.0
"""Seconds between two clocks beyond which S3 refuses every signature (RequestTimeTooSkewed)."""


class Right(enum.Enum):
    """What a request needs to be allowed to do."""

    BUCKETS = "buckets"
    LIST = "list"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    READ_ACL = "read-acl"
    WRITE_ACL = "write-acl"
    MANAGE = "manage"


CHANGING = frozenset({Right.WRITE, Right.DELETE, Right.WRITE_ACL, Right.MANAGE})
"""Rights that no check tries: it would change something."""

_RIGHTS = {
    "ListBuckets": Right.BUCKETS,
    "HeadBucket": Right.LIST,
    "GetObject": Right.READ,
    "HeadObject": Right.READ,
    "GET": Right.READ,
    "GetObjectAcl": Right.READ_ACL,
    "PutObjectAcl": Right.WRITE_ACL,
    "DeleteObject": Right.DELETE,
    "DeleteObjects": Right.DELETE,
    "CreateBucket": Right.MANAGE,
    "DeleteBucket": Right.MANAGE,
}
_BEGINNINGS = (("List", Right.LIST), ("Get", Right.READ))  # of operations that are not above; "List" of parts belongs to WRITE
_OF_UPLOADS = frozenset({"ListParts", "ListMultipartUploads"})
_SCHEME = "s3://"


@dataclass(frozen=True, slots=True)
class Question:
    """What was refused: ``right`` is what it needed, on ``bucket`` and ``key`` or ``prefix``, each "" where it has none."""

    right: Right
    bucket: str = ""
    key: str = ""
    prefix: str = ""
    error: BrowserError | None = None


def question_about(error: BrowserError, bucket: str = "", prefix: str = "") -> Question:
    """The question that a failure raises; ``bucket`` and ``prefix`` are where it was met, for one that does not say it."""
    operation, subject = error.facts.operation, error.facts.subject
    if subject.startswith(_SCHEME):
        bucket, _, rest = subject.removeprefix(_SCHEME).partition("/")
    else:
        rest = prefix
    right = _right_of(operation, bucket, rest)
    if right is Right.BUCKETS:
        return Question(right, error=error)
    if right in (Right.LIST, Right.MANAGE):
        return Question(right, bucket, prefix=rest, error=error)
    return Question(right, bucket, rest, error=error)


def _right_of(operation: str, bucket: str, rest: str) -> Right:
    if operation in _RIGHTS:
        return _RIGHTS[operation]
    if operation[:1].isupper():  # S3's name of a call
        found = next((right for start, right in _BEGINNINGS if operation.startswith(start)), Right.WRITE)
        return Right.WRITE if operation in _OF_UPLOADS else found
    if not bucket:
        return Right.BUCKETS
    return Right.LIST if not rest or rest.endswith("/") else Right.READ


_WORTH_ASKING = frozenset(
    {
        ErrorKind.DNS,
        ErrorKind.REFUSED,
        ErrorKind.TIMEOUT,
        ErrorKind.CONNECTION_LOST,
        ErrorKind.PROXY,
        ErrorKind.TLS,
        ErrorKind.NOT_S3,
        ErrorKind.REDIRECTED,
        ErrorKind.ACCESS_DENIED,
        ErrorKind.UNKNOWN_ACCESS_KEY,
        ErrorKind.WRONG_SECRET,
        ErrorKind.CLOCK,
        ErrorKind.NO_BUCKET,
        ErrorKind.NO_ACL,
        ErrorKind.RETENTION,
        ErrorKind.REGION,
    }
)


def worth_asking(error: BrowserError) -> bool:
    """Whether checks may find out more about a failure than it tells itself."""
    return error.kind in _WORTH_ASKING


# ---------------------------------------------------------------------------------------------------------- what is found


class Check(enum.Enum):
    """The checks, in order."""

    NAME = "name"
    PORT = "port"
    TLS = "tls"
    STORE = "store"
    CLOCK = "clock"
    KEY = "key"
    LIST = "list"
    READ = "read"
    ACL = "acl"
    RETENTION = "retention"
    WRITE = "write"
    PUBLIC = "public"


class Outcome(enum.Enum):
    """What a check came to. NOTE: it says something, but neither that all is well nor that something is wrong."""

    GOOD = "good"
    BAD = "bad"
    NOTE = "note"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome, with what was seen. ``evidence`` may hold foreign text.

    ``address`` is this computer's own, as the check found it; ``stranger``: the key's own buckets were listed, without the one
    in question.
    """

    check: Check
    outcome: Outcome
    evidence: tuple[Text, ...] = ()
    error: BrowserError | None = None
    address: str = ""
    stranger: bool = False
