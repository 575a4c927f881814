"""The single place where botocore's exceptions and S3's error codes become ``BrowserError``."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as urllib3_errors
from urllib3.util.ssl_match_hostname import CertificateError

from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind, utc
from cloudtemple_browser.model.text import Value
from cloudtemple_browser.s3.certificates import certificate_shown

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what Dell ECS, Ceph and MinIO add.
_CODES = {
    "AccessDenied": ErrorKind.ACCESS_DENIED,
    "InvalidObjectState": ErrorKind.BAD_REQUEST,  # a 403, and about this object alone: it is archived
    "AllAccessDisabled": ErrorKind.ACCESS_DENIED,
    "AccountProblem": ErrorKind.ACCESS_DENIED,
    "NotSignedUp": ErrorKind.ACCESS_DENIED,
    "UnauthorizedAccess": ErrorKind.ACCESS_DENIED,
    "Forbidden": ErrorKind.ACCESS_DENIED,
    "InvalidAccessKeyId": ErrorKind.UNKNOWN_ACCESS_KEY,
    "InvalidToken": ErrorKind.UNKNOWN_ACCESS_KEY,
    "ExpiredToken": ErrorKind.UNKNOWN_ACCESS_KEY,
    "TokenRefreshRequired": ErrorKind.UNKNOWN_ACCESS_KEY,
    "SignatureDoesNotMatch": ErrorKind.WRONG_SECRET,
    "RequestTimeTooSkewed": ErrorKind.CLOCK,
    "RequestExpired": ErrorKind.CLOCK,
    "NoSuchBucket": ErrorKind.NO_BUCKET,
    "NoSuchKey": ErrorKind.NO_OBJECT,
    "NoSuchVersion": ErrorKind.NO_OBJECT,
    "BucketAlreadyExists": ErrorKind.BUCKET_EXISTS,
    "BucketAlreadyOwnedByYou": ErrorKind.BUCKET_EXISTS,
    "BucketNotEmpty": ErrorKind.BUCKET_NOT_EMPTY,
    "PreconditionFailed": ErrorKind.CHANGED,
    "InvalidRange": ErrorKind.CHANGED,
    "XAmzContentSHA256Mismatch": ErrorKind.CHECKSUM_STYLE,
    "MissingContentLength": ErrorKind.CHECKSUM_STYLE,
    "MissingContentMD5": ErrorKind.CHECKSUM_STYLE,
    "InvalidChecksum": ErrorKind.CHECKSUM_STYLE,
    "BadDigest": ErrorKind.INTEGRITY,
    "InvalidDigest": ErrorKind.INTEGRITY,
    "XAmzContentChecksumMismatch": ErrorKind.INTEGRITY,
    "IncompleteBody": ErrorKind.CONNECTION_LOST,
    "ObjectUnderRetention": ErrorKind.RETENTION,
    "ObjectLocked": ErrorKind.RETENTION,
    "WORMProtected": ErrorKind.RETENTION,
    "AccessControlListNotSupported": ErrorKind.NO_ACL,
    "AuthorizationHeaderMalformed": ErrorKind.REGION,
    "IllegalLocationConstraintException": ErrorKind.REGION,
    "PermanentRedirect": ErrorKind.REDIRECTED,
    "TemporaryRedirect": ErrorKind.REDIRECTED,
    "SlowDown": ErrorKind.THROTTLED,
    "RequestLimitExceeded": ErrorKind.THROTTLED,
    "Throttling": ErrorKind.THROTTLED,
    "TooManyRequests": ErrorKind.THROTTLED,
    "RequestTimeout": ErrorKind.TIMEOUT,
    "InternalError": ErrorKind.SERVER,
    "ServiceUnavailable": ErrorKind.SERVER,
    "NotImplemented": ErrorKind.UNSUPPORTED,
    "MethodNotAllowed": ErrorKind.UNSUPPORTED,
    "EntityTooLarge": ErrorKind.TOO_LARGE,
    "QuotaExceeded": ErrorKind.QUOTA,
    "BucketQuotaExceeded": ErrorKind.QUOTA,
    "ServiceQuotaExceeded": ErrorKind.QUOTA,
    "TooManyBuckets": ErrorKind.QUOTA,
    "XMinioAdminBucketQuotaExceeded": ErrorKind.QUOTA,
    "XMinioStorageFull": ErrorKind.QUOTA,
    "InsufficientStorage": ErrorKind.QUOTA,
}
# A HEAD has no body, hence no code: only the status tells.
_STATUSES = {
    401: ErrorKind.ACCESS_DENIED,
    403: ErrorKind.ACCESS_DENIED,
    404: ErrorKind.NO_OBJECT,
    405: ErrorKind.UNSUPPORTED,
    407: ErrorKind.PROXY,
    408: ErrorKind.TIMEOUT,
    411: ErrorKind.CHECKSUM_STYLE,
    412: ErrorKind.CHANGED,
    413: ErrorKind.TOO_LARGE,
    416: ErrorKind.CHANGED,
    429: ErrorKind.THROTTLED,
    501: ErrorKind.UNSUPPORTED,
    503: ErrorKind.THROTTLED,
    507: ErrorKind.QUOTA,
}
_OF_RETENTION = ("retention", "worm", "object lock", "legal hold")  # what a refusal says where it has no code of its own
_MOST_MESSAGE, _MOST_WORD = 1000, 200  # characters of what a store says that are kept

_BUSY = (429, 503)
_LONGEST_PAUSE = 3600.0  # seconds that a store's word is good for
_OF_WEB_SERVERS = frozenset({400, 401, 403, 404, 405, 410})  # a wrong endpoint's or a portal's page, when it is HTML


def is_html(headers: Any) -> bool:
    """Whether an answer calls itself a web page, which no answer of S3 is (but an object may be)."""
    return str(headers.get("content-type") or "").lower().startswith(("text/html", "application/xhtml"))


def translate_error(error: Exception, operation: str, subject: str, endpoint: str) -> BrowserError | Cancelled:
    """What ``error`` means, with its facts. ``operation`` is S3's name of the call. Any thread."""
    base = ErrorFacts(operation=operation, subject=subject, endpoint=urlsplit(endpoint).netloc, when=time.time())
    if isinstance(error, Cancelled):
        return error
    if isinstance(error, BrowserError):
        return error.about(operation=operation, subject=subject, endpoint=base.endpoint, when=base.when)
    if isinstance(error, boto.ClientError):
        return of_answer(error, base)
    inner = _inner(error)
    if isinstance(inner, (Cancelled, BrowserError)):
        return translate_error(inner, operation, subject, endpoint)
    kind = _network_kind(error, inner)
    message, status = _one_line(inner), 0
    if kind is ErrorKind.PROXY and (said := _TUNNEL.search(message)):
        status = int(said[1])
    values = certificate_shown(inner) if kind is ErrorKind.TLS else ()
    return BrowserError(kind, values=values).about(
        operation=operation, subject=subject, endpoint=base.endpoint, when=base.when,
        message=message, code=_network_code(inner), status=status,
    )  # fmt: skip


def of_answer(error: boto.ClientError, base: ErrorFacts) -> BrowserError:
    """What an error answer of S3 means; ``base`` says which call it answers."""
    answer: dict[str, Any] = error.response
    details, meta = answer.get("Error", {}), answer.get("ResponseMetadata", {})
    status, code = int(meta.get("HTTPStatusCode") or 0), str(details.get("Code") or "")[:_MOST_WORD]
    headers = meta.get("HTTPHeaders", {})
    kind = _CODES.get(code) or _STATUSES.get(status) or (ErrorKind.SERVER if status >= 500 else ErrorKind.BAD_REQUEST)
    message = str(details.get("Message") or "")[:_MOST_MESSAGE]
    request_id = meta.get("RequestId") or headers.get("x-amz-request-id") or headers.get("x-emc-request-id") or ""
    if status in _OF_WEB_SERVERS and code not in _CODES and not request_id and is_html(headers):
        kind = ErrorKind.NOT_S3
    if kind is ErrorKind.NO_OBJECT and base.operation in _BUCKET_OPERATIONS:
        kind = ErrorKind.NO_BUCKET
    if kind is ErrorKind.ACCESS_DENIED and any(word in message.lower() for word in _OF_RETENTION):
        kind = ErrorKind.RETENTION
    if kind is ErrorKind.ACCESS_DENIED and "BlockPublicAcls" in message:
        kind = ErrorKind.NO_ACL
    region = str(details.get("Region") or headers.get("x-amz-bucket-region") or "")
    values: tuple[tuple[str, Value], ...] = (
        ("region", region or "?"),
        ("target", str(details.get("Endpoint") or region or "?")),
    )
    if kind is ErrorKind.CLOCK:
        values += _times(str(details.get("ServerTime") or ""), str(headers.get("date") or ""))
    if code.isdigit() or code in ("Forbidden", "Not Found"):
        code = ""  # botocore's stand-in for a HEAD's missing body
    after = _retry_after(headers) if status in _BUSY else 0.0
    found = BrowserError(kind, base, values)
    return found.about(status=status, code=code, message=message, request_id=str(request_id)[:_MOST_WORD], retry_after=after)


def _retry_after(headers: Any) -> float:
    """The seconds that Retry-After asks for, given as such or as a date; 0.0 when it says nothing that can be read."""
    given = str(headers.get("retry-after") or "").strip()
    if given.isdecimal():
        return min(float(given[:9]), _LONGEST_PAUSE)
    try:
        seconds = parsedate_to_datetime(given).timestamp() - time.time()
    except ValueError:
        return 0.0
    return min(max(0.0, seconds), _LONGEST_PAUSE)


def _times(of_error: str, of_header: str) -> tuple[tuple[str, Value], ...]:
    """The time here and the store's own, which is in the error or in the header of its answer, for the words of CLOCK."""
    for said, read in ((of_error, datetime.fromisoformat), (of_header, parsedate_to_datetime)):
        try:
            return (("here", utc(time.time())), ("there", utc(read(said).timestamp())))
        except (ValueError, OverflowError):
            continue
    return ()


_BUCKET_OPERATIONS = frozenset({"HeadBucket", "ListObjectsV2", "CreateBucket", "DeleteBucket"})


def _inner(error: BaseException) -> BaseException:
    """The exception at the bottom: botocore and urllib3 wrap it in ``error``, ``reason`` or ``__cause__``."""
    for _ in range(6):
        kwargs = getattr(error, "kwargs", None)
        wrapped = (kwargs.get("error") if isinstance(kwargs, dict) else None) or getattr(error, "reason", None)
        below = wrapped if isinstance(wrapped, BaseException) else error.__cause__ or error.__context__
        if below is None:
            return error
        error = below
    return error


def _network_kind(error: Exception, inner: BaseException) -> ErrorKind:
    """The first line of the table that fits: the wrapper says more than what it wraps, or the other way round."""
    if isinstance(inner, OSError) and not isinstance(error, boto.ProxyConnectionError) and inner.errno in _UNREACHABLE:
        return ErrorKind.TIMEOUT
    for classes, kind in _NETWORK:
        if isinstance(error, classes) or isinstance(inner, classes):
            return kind
    return ErrorKind.INTERNAL


def _network_code(inner: BaseException) -> str:
    """The name that the system or OpenSSL has for what happened: people look for it elsewhere."""
    if isinstance(inner, ssl.SSLCertVerificationError):
        return _VERIFICATION.get(inner.verify_code, str(inner.verify_code))
    if isinstance(inner, ssl.SSLError):
        return inner.reason or ""
    if isinstance(inner, CertificateError):
        return "HOSTNAME_MISMATCH"
    if isinstance(inner, socket.gaierror):
        return _NAMES.get(inner.errno or 0, "")
    return errno.errorcode.get(inner.errno or 0, "") if isinstance(inner, OSError) else ""


_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")  # of http.client, whose only word on a proxy's answer it is
_NAMES = {
    getattr(socket, name): name for name in ("EAI_NONAME", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA") if hasattr(socket, name)
}
# https://docs.openssl.org/3.0/man1/openssl-verification-options/ and x509_vfy.h, whose numbers they are
_VERIFICATION = {
    2: "UNABLE_TO_GET_ISSUER_CERT",
    9: "CERT_NOT_YET_VALID",
    10: "CERT_HAS_EXPIRED",
    18: "DEPTH_ZERO_SELF_SIGNED_CERT",
    19: "SELF_SIGNED_CERT_IN_CHAIN",
    20: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    21: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    23: "CERT_REVOKED",
    62: "HOSTNAME_MISMATCH",
    64: "IP_ADDRESS_MISMATCH",
}
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})
_NETWORK: tuple[tuple[tuple[type[BaseException], ...], ErrorKind], ...] = (
    ((boto.ProxyConnectionError,), ErrorKind.PROXY),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError), ErrorKind.CONNECTION_LOST),  # no question of identity
    ((boto.SSLError, ssl.SSLError, urllib3_errors.SSLError, CertificateError), ErrorKind.TLS),
    ((boto.ConnectTimeoutError, boto.ReadTimeoutError, TimeoutError), ErrorKind.TIMEOUT),
    ((socket.gaierror, urllib3_errors.NameResolutionError), ErrorKind.DNS),
    ((ConnectionRefusedError,), ErrorKind.REFUSED),
    ((boto.ConnectionClosedError, boto.IncompleteReadError, boto.ResponseStreamingError), ErrorKind.CONNECTION_LOST),
    ((urllib3_errors.ProtocolError, http.client.HTTPException, ConnectionError), ErrorKind.CONNECTION_LOST),
    ((boto.EndpointConnectionError,), ErrorKind.REFUSED),
    ((ResponseParserError,), ErrorKind.NOT_S3),
    ((boto.ParamValidationError, UnicodeEncodeError), ErrorKind.BAD_REQUEST),
)


def _one_line(error: BaseException) -> str:
    """The first 300 characters of an exception's text; never its ``repr``, which could hold arguments."""
    return " ".join(str(error).split())[:300] or type(error).__name__
