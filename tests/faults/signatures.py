"""Signature V4 and V2 as a strict store checks them, in headers and in presigned URLs.

Written from https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, .../API/sigv4-query-string-auth.html
and .../userguide/RESTAuthentication.html, and by nothing that the program uses to sign.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote

from faults.wire import Request

_SKEW = 900.0  # seconds that the clocks may differ
_LONGEST = 7 * 86400
_V4 = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$")
_V2 = re.compile(r"AWS ([^:]+):(\S+)$")
_RESOURCES = frozenset(  # what the resource that V2 signs has of the query
    {
        *("acl", "cors", "delete", "encryption", "legal-hold", "lifecycle", "location", "logging", "notification"),
        *("object-lock", "partNumber", "policy", "replication", "requestPayment", "restore", "retention", "tagging"),
        *("torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website"),
        *("response-cache-control", "response-content-disposition", "response-content-encoding"),
        *("response-content-language", "response-content-type", "response-expires"),
    }
)


class Refusal(Exception):
    """The request is not signed as it must be: an answer of S3."""

    def __init__(self, status: int, code: str, message: str = "", extra: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.extra = status, code, message, extra


@dataclass(frozen=True, slots=True)
class Verifier:
    """Knows the secrets by access key. ``clock`` is the store's time less that of this machine; any region goes where "" is."""

    secrets: Mapping[str, str]
    region: str = ""
    clock: float = 0.0

    def user(self, request: Request, body: bytes) -> str:
        """The access key that signed; "" for nobody. Raises ``Refusal``."""
        authorization, query = request.headers.get("authorization", ""), request.query
        if found := _V4.match(authorization):
            return self._v4(request, body, *found.groups())
        if found := _V2.match(authorization):
            return self._v2(request, body, *found.groups())
        if "X-Amz-Signature" in query:
            return self._presigned_v4(request, query)
        if "Signature" in query:
            return self._presigned_v2(request, query)
        if authorization:
            raise Refusal(400, "AuthorizationHeaderMalformed", "The authorization header is malformed.")
        return ""

    def _secret(self, access_key: str) -> str:
        if access_key not in self.secrets:
            raise Refusal(403, "InvalidAccessKeyId", "The access key ID you provided does not exist in our records.")
        return self.secrets[access_key]

    def _in_time(self, signed: float) -> None:
        now = time.time() + self.clock
        if abs(now - signed) > _SKEW:
            asked, server = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in (signed, now))
            extra = f"<RequestTime>{asked}</RequestTime><ServerTime>{server}</ServerTime>"
            raise Refusal(
                403, "RequestTimeTooSkewed", "The difference between the request time and our time is too large.", extra
            )

    # --- version 4 -------------------------------------------------------------------------------------------------------

    def _v4(self, request: Request, body: bytes, access_key: str, scope: str, names: str, signature: str) -> str:
        payload = request.headers.get("x-amz-content-sha256", "")
        if not payload:
            raise Refusal(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        wanted = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
        if not wanted <= set(names.split(";")):
            raise Refusal(403, "AccessDenied", "There were headers present in the request which were not signed")
        moment = request.headers.get("x-amz-date", "")
        self._check_v4(request, access_key, scope, names, moment, payload, signature, request.pairs)
        self._in_time(_moment(moment))
        if len(payload) == 64 and payload != hashlib.sha256(body).hexdigest():
            raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match.")
        return access_key

    def _presigned_v4(self, request: Request, query: dict[str, str]) -> str:
        access_key, _, scope = query["X-Amz-Credential"].partition("/")
        pairs = tuple(pair for pair in request.pairs if pair[0] != "X-Amz-Signature")
        moment, life = query["X-Amz-Date"], int(query["X-Amz-Expires"])
        if not 0 < life <= _LONGEST:
            raise Refusal(400, "AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week")
        names, signature = query["X-Amz-SignedHeaders"], query["X-Amz-Signature"]
        self._check_v4(request, access_key, scope, names, moment, "UNSIGNED-PAYLOAD", signature, pairs)
        if time.time() + self.clock > _moment(moment) + life:
            raise Refusal(403, "AccessDenied", "Request has expired")
        return access_key

    def _check_v4(
        self,
        request: Request,
        access_key: str,
        scope: str,
        names: str,
        moment: str,
        payload: str,
        signature: str,
        pairs: tuple[tuple[str, str], ...],
    ) -> None:
        day, region, service, end = scope.split("/")
        secret = self._secret(access_key)
        if (service, end) != ("s3", "aws4_request") or not moment.startswith(day):
            raise Refusal(400, "AuthorizationHeaderMalformed", "The scope is wrong")
        if self.region and region != self.region:
            extra = f"<Region>{self.region}</Region>"
            raise Refusal(400, "AuthorizationHeaderMalformed", f"the region '{region}' is wrong", extra)
        query = "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs))
        lines = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names.split(";"))
        path = quote(unquote(request.path, errors="surrogateescape"), safe="/-_.~", errors="surrogateescape")
        canonical = f"{request.method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode('latin-1')).hexdigest()}"
        key = f"AWS4{secret}".encode()
        for step in (day, region, service, end):
            key = hmac.new(key, step.encode(), "sha256").digest()
        if not hmac.compare_digest(hmac.new(key, text.encode(), "sha256").hexdigest(), signature):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")

    # --- version 2 -------------------------------------------------------------------------------------------------------

    def _v2(self, request: Request, body: bytes, access_key: str, signature: str) -> str:
        secret = self._secret(access_key)
        headers = request.headers
        date = "" if "x-amz-date" in headers else headers.get("date", "")
        self._check_v2(request, secret, date, signature)
        self._in_time(parsedate_to_datetime(headers.get("x-amz-date") or headers.get("date", "")).timestamp())
        return access_key

    def _presigned_v2(self, request: Request, query: dict[str, str]) -> str:
        access_key = query["AWSAccessKeyId"]
        self._check_v2(request, self._secret(access_key), query["Expires"], query["Signature"])
        if time.time() + self.clock > int(query["Expires"]):
            raise Refusal(403, "AccessDenied", "Request has expired")
        return access_key

    def _check_v2(self, request: Request, secret: str, date: str, signature: str) -> None:
        headers = request.headers
        own = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-amz-"))
        named = sorted(pair for pair in request.pairs if pair[0] in _RESOURCES)
        resource = request.path
        if named:
            resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in named)
        md5, kind = headers.get("content-md5", ""), headers.get("content-type", "")
        text = f"{request.method}\n{md5}\n{kind}\n{date}\n{own}{resource}"
        wanted = base64.b64encode(hmac.new(secret.encode(), text.encode("latin-1"), "sha1").digest()).decode()
        if not hmac.compare_digest(wanted, signature):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")


def _moment(text: str) -> float:
    try:
        return float(calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ")))
    except ValueError:
        raise Refusal(403, "AccessDenied", "AWS authentication requires a valid date") from None
