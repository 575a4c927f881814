"""One connection's botocore clients: isolated from the machine's AWS set-up, one attempt a call, every answer accounted for."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import random
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import boto3.session
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse, HeadersDict
from botocore.config import Config
from botocore.utils import parse_timestamp, percent_encode_sequence

from cloudtemple_browser import __version__
from cloudtemple_browser.model.connections import Addressing, Connection, SecretText, Signature
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.traits import Learnt
from cloudtemple_browser.s3 import http as sessions
from cloudtemple_browser.s3.errors import is_html, translate_error
from cloudtemple_browser.s3.http import MAX_ANSWER, HttpSession, check_ca_bundle
from cloudtemple_browser.s3.signing import BucketPlace, SignerV2, SignerV4

log = logging.getLogger(__name__)

T = TypeVar("T")

READ_ATTEMPTS = 4
_FIRST_DELAY = 0.3  # seconds, doubled each time, with full jitter
_SIGNERS = {Signature.V4: ("s3v4", "s3v4"), Signature.HYBRID: ("s3v4", "s3"), Signature.V2: ("s3", "s3")}
_PAGES = {"ListObjectsV2": "list_objects_v2", "ListObjects": "list_objects", "ListObjectVersions": "list_object_versions"}
_QUERY = {
    "Prefix": "prefix",
    "Delimiter": "delimiter",
    "MaxKeys": "max-keys",
    "EncodingType": "encoding-type",
    "StartAfter": "start-after",
    "ContinuationToken": "continuation-token",
    "Marker": "marker",
}
# The start of an answer that an object's own bytes could pass for: botocore's parser takes any root element.
_ROOTS = {
    "GetObjectAcl": re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml [^<>]*\?>)?\s*<(?:[A-Za-z_][\w.-]*:)?AccessControlPolicy[\s/>]")
}
_LONG = frozenset({"CompleteMultipartUpload", "CopyObject"})  # the store puts an object together before it answers
_BUSY = (429, 503)
_SLOW = 1.0  # seconds
_SOME_KEY = "key"
_TO_LIST = ("List", "Head")  # what HYBRID signs with V4

_session_lock = threading.Lock()
_session: boto3.session.Session | None = None


def _shared_session() -> boto3.session.Session:
    """The one session of the process (a new one costs 0.2 s): no AWS_* variable, ~/.aws file or metadata."""
    global _session  # noqa: PLW0603 - a cache
    if _session is None:
        nothing = (None, None, None, None)
        core = botocore.session.Session(
            session_vars={
                "profile": nothing,
                "config_file": (None, None, os.devnull, None),
                "credentials_file": (None, None, os.devnull, None),
                "ca_bundle": nothing,
                "region": nothing,
                "data_path": nothing,
            }
        )
        core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_timestamp)
        _session = boto3.session.Session(botocore_session=core)
    return _session


def preload() -> None:
    """Read what every client needs (0.1 s), so that the first connection need not."""
    with _session_lock:
        _shared_session().client("s3", "fr1", aws_access_key_id="-", aws_secret_access_key="-")  # noqa: S106 - none


def _timestamp(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    try:
        parsed: datetime = parse_timestamp(value)  # RFC 822, in headers; dateutil is slow
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(UNKNOWN, UTC)  # an odd date is no reason to lose the answer
    return parsed


class Api:
    """The calls of one connection. Thread-safe; each call blocks and raises ``BrowserError`` or ``Cancelled``."""

    def __init__(self, connection: Connection, secret: SecretText) -> None:
        if not connection.access_key or not secret:
            # Without both, botocore would look for keys of somebody else's account elsewhere.
            raise BrowserError(ErrorKind.NO_CREDENTIALS)
        check_ca_bundle(connection)
        self.connection = connection
        self.http = HttpSession(connection)
        self.learnt = Learnt(connection.traits)
        self.took_bare_body = False  # it took a body without a signed SHA-256, so that a refusal has another reason
        self._list_urls: dict[tuple[str, str], tuple[str, str]] = {}  # as botocore resolved them, with its user agent
        self._local = threading.local()
        listing, data = _SIGNERS[connection.signature]
        self._clients = {name: self._make_client(name, secret) for name in {listing, data}}
        self._signer_to_list, self._signer_for_data = listing, data
        self._places: dict[str, BucketPlace] = {}
        self.signer = _signer(data, connection, secret)

    def _make_client(self, signer: str, secret: SecretText) -> Any:
        connection = self.connection
        config = Config(
            signature_version=signer,
            s3={"addressing_style": "virtual" if connection.addressing is Addressing.VIRTUAL else "path"},
            retries={"total_max_attempts": 1, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            user_agent=f"cloudtemple-browser/{__version__}",
            ignore_configured_endpoint_urls=True,
            use_dualstack_endpoint=False,
            use_fips_endpoint=False,
            parameter_validation=True,
        )
        with _session_lock:
            client = _shared_session().client(
                "s3",
                region_name=connection.region,
                endpoint_url=connection.endpoint,
                aws_access_key_id=connection.access_key,
                aws_secret_access_key=secret.reveal(),
                config=config,
            )
        events = client.meta.events
        events.register("before-call.s3.DeleteObjects", self._own_body)
        events.register("before-call.s3", _content_md5)
        events.register("before-send.s3", self._send)
        events.register_first("needs-retry.s3", _no_region_redirect)
        events.register_first("before-sign.s3.GetObject", self._learn_place)
        if signer == "s3":
            events.register_first("before-sign.s3", _bucket_slash)
        return client

    def place_of(self, bucket: str) -> BucketPlace:
        """Where a bucket's objects are: botocore's own rules say it, once for each bucket, without a request."""
        known = self._places.get(bucket)
        if known is None:
            try:
                self._local.learning = True
                self.client_for("GetObject").get_object(Bucket=bucket, Key=_SOME_KEY)
            except _PlaceLearnt as learnt:
                known = self._places[bucket] = learnt.place
            finally:
                self._local.learning = False
        assert known  # noqa: S101 - for the type checker
        return known

    def _learn_place(self, request: AWSRequest, **_kwargs: Any) -> None:
        if getattr(self._local, "learning", False):
            resource = request.auth_path or urlsplit(request.url).path
            url, agent = request.url.removesuffix(_SOME_KEY), str(request.headers["User-Agent"])
            raise _PlaceLearnt(BucketPlace.of(url, resource.removesuffix(_SOME_KEY), agent))

    def parse_error(self, operation: str, status: int, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """An error answer as botocore understands it: what ``ClientError`` takes."""
        client = self.client_for(operation)
        shape = client.meta.service_model.operation_model(operation).output_shape
        answer = {"status_code": status, "headers": HeadersDict(headers), "body": body}
        parsed: dict[str, Any] = client._response_parser.parse(answer, shape)
        return parsed

    def client_for(self, operation: str) -> Any:
        """The botocore client whose signature this operation uses."""
        return self._clients[self._signer_to_list if operation.startswith(_TO_LIST) else self._signer_for_data]

    def call(
        self, operation: str, method: str, subject: str, control: CallControl | None = None, **params: Any
    ) -> dict[str, Any]:
        """One attempt of one S3 call; ``method`` is boto3's name of ``operation``. Returns botocore's parsed answer."""
        self._local.control, self._local.operation, self._local.bucket = control, operation, params.get("Bucket", "")
        started, outcome, request_id = time.monotonic(), "ok", ""
        try:
            answer: dict[str, Any] = getattr(self.client_for(operation), method)(**params)
            request_id = str(answer["ResponseMetadata"].get("RequestId", ""))
        except Cancelled:
            outcome = "cancelled"
            raise
        except Exception as error:
            translated = translate_error(error, operation, subject, self.connection.endpoint)
            outcome = str(translated)
            raise translated from error
        else:
            return answer
        finally:
            self._local.control = None
            elapsed = (time.monotonic() - started) * 1000
            log.info("%s %s %.0f ms: %s %s", operation, ascii(subject), elapsed, ascii(outcome), ascii(request_id))

    def read(
        self,
        operation: str,
        method: str,
        subject: str,
        control: CallControl | None = None,
        *,
        hasty: bool = True,
        **params: Any,
    ) -> dict[str, Any]:
        """``call`` for reads, which are sent again a few times when that may help. ``hasty`` as in ``again``."""
        return self.again(lambda: self.call(operation, method, subject, control, **params), control, hasty=hasty)

    def again(self, call: Callable[[], T], control: CallControl | None = None, *, hasty: bool = True) -> T:
        """A read that is repeated a few times when that may help.

        ``hasty``: also when the store asks for fewer of them. What transfers send by the thousand waits for the store together.
        """
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                return call()
            except BrowserError as error:
                throttled = error.kind is ErrorKind.THROTTLED
                if not error.retryable or attempt == READ_ATTEMPTS or self.http.closed or (throttled and not hasty):
                    raise
                self._local.throttled = getattr(self._local, "throttled", 0) + throttled
                pause(attempt, control)
        raise AssertionError("unreachable")

    def read_page(
        self, operation: str, subject: str, control: CallControl, *, hasty: bool = True, **params: Any
    ) -> tuple[bytes, int]:
        """The raw XML of one page of ListObjectsV2, ListObjects or ListObjectVersions, and how often the store was too busy.

        botocore's own parser takes fifty times as long as ours, and the rest of its call as long as our parser: so a bucket's
        first page goes through botocore whole, and the next ones only through its signer, as long as they succeed. Versions
        rarely take a second page: botocore asks for all of theirs.
        """
        quick = self._quick_page(operation, subject, control, params)
        if isinstance(quick, bytes):
            return quick, 0
        self._local.throttled = int(quick in _BUSY)
        if quick in _BUSY:
            if not hasty:
                raise BrowserError(ErrorKind.THROTTLED, ErrorFacts(operation, subject, quick))
            pause(1, control)
        self.read(operation, _PAGES[operation], subject, control, hasty=hasty, **params)
        body: bytes = self._local.body
        return body, self._local.throttled

    def _quick_page(self, operation: str, subject: str, control: CallControl, params: dict[str, Any]) -> bytes | int:
        """A page from a bucket that was listed before; the HTTP status, or 0, where botocore should look into it."""
        known = self._list_urls.get((operation, params["Bucket"]))
        if known is None or operation == "ListObjectVersions":
            return 0
        url, agent = known
        query = {_QUERY[name]: str(value) for name, value in params.items() if name != "Bucket"}
        if operation == "ListObjectsV2":
            query["list-type"] = "2"
        started, status = time.monotonic(), 0
        request = AWSRequest("GET", f"{url}?{percent_encode_sequence(query)}", headers={"User-Agent": agent})
        try:
            # The signer is the one of botocore's own calls, the choice between V4 and V2 included.
            self.client_for(operation)._request_signer.sign(operation, request, self.connection.region)
            answer = self.http.exchange(request.prepare(), control)
            status = answer.status_code
            body: bytes = answer.content
        except Cancelled:
            raise
        except Exception:  # noqa: BLE001 - the same request by botocore will tell what is wrong
            return 0
        finally:
            elapsed = time.monotonic() - started
            if status != 200 or elapsed > _SLOW:  # a large listing is thousands of pages
                log.info("%s %s %.0f ms: %s", operation, ascii(subject), elapsed * 1000, status)
        return body if status == 200 and _proven(answer) else status or 0

    def post_deletion(self, bucket: str, body: bytes, subject: str) -> bytes:
        """DeleteObjects with a body made by hand (see ``deletion_xml``); its raw answer. botocore signs and sends it."""
        self._local.outgoing = body
        try:
            one = {"Objects": [{"Key": "-"}]}  # what botocore checks and writes, and ``_own_body`` replaces
            self.call("DeleteObjects", "delete_objects", subject, Bucket=bucket, Delete=one)
        finally:
            self._local.outgoing = None
        answer: bytes = self._local.body
        return answer

    def _own_body(self, params: dict[str, Any], **_kwargs: Any) -> None:
        params["body"] = self._local.outgoing

    def anonymous_status(self, url: str) -> int:
        """The HTTP status of a GET of the first byte of ``url`` without any signature. NOT_S3 for a page that is no object."""
        request = AWSRequest("GET", url, headers={"Range": "bytes=0-0"}).prepare()
        try:
            answer = self.http.exchange(request, body=False)
            expect(answer.status_code >= 300 or answer.headers.get("ETag"), "ETag")
            return int(answer.status_code)
        except Exception as error:
            raise translate_error(error, "GET", url, self.connection.endpoint) from error

    def close(self) -> None:
        """Close the sockets."""
        self.http.close()

    def _send(self, request: AWSPreparedRequest, **_kwargs: Any) -> AWSResponse:
        operation = self._local.operation
        patience = sessions.LONG_TIMEOUT if operation in _LONG else 0.0
        answer = self.http.exchange(request, self._local.control, patience)
        if answer.status_code < 300:
            expect(_proven(answer), "sign of S3: it is a web page")
            expect(operation not in _ROOTS or _ROOTS[operation].match(answer.content), "root element of its kind")
        if operation in _PAGES and answer.status_code == 200:
            self._local.body = answer.content
            self._list_urls[operation, self._local.bucket] = request.url.partition("?")[0], str(request.headers["User-Agent"])
            # A synthetic empty answer stands in, since the real one is parsed by ``list_parser``.
            return AWSResponse(answer.url, 200, answer.headers, _Nothing())
        if operation == "DeleteObjects" and answer.status_code == 200:
            self._local.body = answer.content
            return AWSResponse(answer.url, 200, answer.headers, _Nothing())
        return answer


class _PlaceLearnt(Exception):
    """Breaks off a call of botocore that was begun only to see where it goes."""

    def __init__(self, place: BucketPlace) -> None:
        super().__init__()
        self.place = place


def _signer(name: str, connection: Connection, secret: SecretText) -> SignerV4 | SignerV2:
    if name == "s3":
        return SignerV2(connection.access_key, secret)
    return SignerV4(connection.access_key, secret, connection.region)


class _Nothing:
    def stream(self) -> list[bytes]:
        return []


def _proven(answer: AWSResponse) -> bool:
    return bool(answer.headers.get("x-amz-request-id") or not is_html(answer.headers))


def pause(attempt: int, control: CallControl | None) -> None:
    """Wait before attempt ``attempt`` + 1, with full jitter. Raises ``Cancelled`` at once when cancelled."""
    seconds = random.uniform(0.1, 1) * _FIRST_DELAY * 2**attempt  # noqa: S311 - jitter, not a secret
    if (control or CallControl()).wait(seconds):
        raise Cancelled


def _content_md5(params: dict[str, Any], **_kwargs: Any) -> None:
    """Send Content-MD5 with every body in place of the CRC that botocore prefers and many stores refuse.

    DeleteObjects has no ContentMD5 parameter, and botocore applies its CRC after this event unless the context forgets it.
    """
    body = params.get("body")
    if not isinstance(body, (bytes, bytearray)):
        return
    headers = params["headers"]
    for name in [name for name in headers if name.lower().startswith(("x-amz-checksum-", "x-amz-sdk-checksum"))]:
        del headers[name]
    params["context"].pop("checksum", None)
    if body:
        headers["Content-MD5"] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _no_region_redirect(request_dict: dict[str, Any], **_kwargs: Any) -> None:
    # Else botocore re-signs for the region that the answer names, and recurses on a captive portal.
    request_dict["context"].setdefault("s3_redirect", {})["redirected"] = True


def _bucket_slash(request: AWSRequest, **_kwargs: Any) -> None:
    """Repair SigV2 with path style: botocore signs ``/bucket/`` and sends ``/bucket``, which strict stores refuse."""
    parts = urlsplit(request.url)
    if len(parts.path) > 1 and "/" not in parts.path[1:]:
        request.url = urlunsplit(parts._replace(path=parts.path + "/"))


def expect(condition: object, what: str) -> None:
    """Raise NOT_S3 unless ``condition``: an answer that lacks what S3 always sends proves nothing."""
    if not condition:
        raise BrowserError(
            ErrorKind.NOT_S3, ErrorFacts(message=f"the answer has no {what} (at most {MAX_ANSWER} bytes are read)")
        )
