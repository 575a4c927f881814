"""Signatures of the calls that move bytes, byte for byte botocore's, at a fifth of its time: Signature V4 and V2.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and .../userguide/RESTAuthentication.html
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import time
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import quote, urlsplit

from cloudtemple_browser.model.connections import SecretText

_PORTS = {"http": 80, "https": 443}
_NOT_SIGNED = frozenset({"user-agent", "accept-encoding"})  # what a proxy may change
_EMPTY = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """Where a bucket's objects are, as botocore resolved it.

    ``origin`` is scheme and address, ``host`` the Host header; ``path`` and ``resource`` (that of V2) are what comes before the
    encoded key; ``agent`` is the user agent.
    """

    origin: str
    host: str
    path: str
    resource: str
    agent: str

    @classmethod
    def of(cls, url: str, resource: str, agent: str) -> BucketPlace:
        """From the URL of the objects without their keys."""
        parts = urlsplit(url)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        host = name if parts.port in (None, _PORTS[parts.scheme]) else f"{name}:{parts.port}"
        return cls(f"{parts.scheme}://{parts.netloc}", host, parts.path, resource, agent)

    @property
    def secure(self) -> bool:
        """Whether TLS protects the bytes."""
        return self.origin.startswith("https:")


def encoded(key: str) -> str:
    """A key in a URL's path, as botocore encodes it: ``//`` and ``..`` stay what they are."""
    return quote(key, safe="/~")


def query_of(values: dict[str, str]) -> str:
    """A query in the one order and encoding that both signatures want."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(values.items()))


@functools.lru_cache(256)
def _to_sign(names: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Which of these headers V4 covers, in its order, each in lower case and as it is; and the lower case ones joined."""
    chosen = sorted({name.lower(): name for name in names if name.lower() not in _NOT_SIGNED}.items())
    return tuple(chosen), ";".join(lower for lower, _ in chosen)


class SignerV4:
    """Signs with V4. Thread-safe."""

    def __init__(self, access_key: str, secret: SecretText, region: str) -> None:
        self._access_key, self._secret, self._region = access_key, secret, region
        self._day: tuple[str, str, bytes] = ("", "", b"")

    def sign(
        self,
        method: str,
        place: BucketPlace,
        name: str,
        query: dict[str, str],
        headers: dict[str, str],
        body: bytes | memoryview,
        *,
        bare: bool = False,
    ) -> None:
        """Add what proves the request to ``headers``, Host among them; ``name`` is the encoded key.

        The hash of the body is left out where TLS and Content-MD5 protect it, as botocore does: it costs as much as sending.
        ``bare``: also without TLS; the signature covers Content-MD5.
        """
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        unsigned = (place.secure or bare) and "Content-MD5" in headers
        payload = "UNSIGNED-PAYLOAD" if unsigned else hashlib.sha256(body).hexdigest() if body else _EMPTY
        headers["X-Amz-Date"] = moment
        headers["X-Amz-Content-SHA256"] = payload
        chosen, names = _to_sign(tuple(headers))
        lines = "".join([f"{lower}:{' '.join(headers[header].split())}\n" for lower, header in chosen])
        request = f"{method}\n{place.path}{name}\n{query_of(query)}\n{lines}\n{names}\n{payload}"
        scope, key = self._of_day(moment[:8])
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )

    def _of_day(self, day: str) -> tuple[str, bytes]:
        """The scope and the key of all signatures of a day."""
        known, scope, key = self._day
        if known != day:
            scope = f"{day}/{self._region}/s3/aws4_request"
            key = f"AWS4{self._secret.reveal()}".encode()
            for step in scope.split("/"):
                key = hmac.digest(key, step.encode(), "sha256")
            self._day = day, scope, key
        return scope, key


class SignerV2:
    """Signs with V2, which covers no byte of the body: Content-MD5 does. Thread-safe."""

    def __init__(self, access_key: str, secret: SecretText) -> None:
        self._access_key, self._secret = access_key, secret

    def sign(
        self,
        method: str,
        place: BucketPlace,
        name: str,
        query: dict[str, str],
        headers: dict[str, str],
        body: bytes | memoryview,
        *,
        bare: bool = False,
    ) -> None:
        """Add what proves the request to ``headers``; ``name`` is the encoded key. ``query`` holds sub-resources only."""
        headers["Date"] = formatdate(usegmt=True)
        named = {header.lower(): value.strip() for header, value in headers.items()}
        standard = "\n".join(named.get(header, "") for header in ("content-md5", "content-type", "date"))
        own = "".join(f"{header}:{named[header]}\n" for header in sorted(named) if header.startswith("x-amz-"))
        resource = place.resource + name
        if query:
            resource += "?" + "&".join(f"{field}={value}" for field, value in sorted(query.items()))
        text = f"{method}\n{standard}\n{own}{resource}"
        digest = hmac.digest(self._secret.reveal().encode(), text.encode(), "sha1")
        headers["Authorization"] = f"AWS {self._access_key}:{base64.b64encode(digest).decode()}"
