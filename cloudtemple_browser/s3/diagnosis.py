"""The checks behind "Why?": from the name of the store to the rights on one object. Read-only: GET and HEAD alone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText, is_address
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import CHANGING, MAX_SKEW, Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind, utc
from cloudtemple_browser.model.paging import PageRequest
from cloudtemple_browser.model.text import Count, Size, Span, Text, Value, translate
from cloudtemple_browser.s3.acl import read_acl
from cloudtemple_browser.s3.buckets import check_bucket, list_buckets
from cloudtemple_browser.s3.certificates import certificate_used
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.errors import is_html, translate_error
from cloudtemple_browser.s3.http import Call, header, moment, proxies_of
from cloudtemple_browser.s3.links import url_of
from cloudtemple_browser.s3.listing import fetch_page
from cloudtemple_browser.s3.objects import read_range, target
from cloudtemple_browser.s3.probe import clocks_apart

LIMIT = 10.0  # seconds for each check
_MOST_ADDRESSES = 4  # that are tried and shown
_ROOTS = (b"<Error", b"<ListAllMyBucketsResult")  # what S3 answers to an unsigned request for its root
_NO_KEY = frozenset({ErrorKind.UNKNOWN_ACCESS_KEY, ErrorKind.WRONG_SECRET, ErrorKind.REGION})  # then all else fails alike
_PORTS = {"http": 80, "https": 443}

T = TypeVar("T")
Report = Callable[[Finding], None]


def diagnose(connection: Connection, secret: SecretText, question: Question, report: Report, control: CallControl) -> None:
    """See ``StoreFactory.diagnose``."""
    try:
        api = Api(connection, secret)
    except BrowserError as error:
        if error.kind is not ErrorKind.CA_BUNDLE:
            raise
        report(Finding(Check.TLS, Outcome.BAD, error=error))
        return
    try:
        _Checks(api, question, report, control).run()
    finally:
        api.close()


def within(call: Callable[[CallControl], T], control: CallControl) -> T:
    """``call`` in ``LIMIT`` seconds at most: who asks for a name, for one, waits as long as the system likes.

    It runs in a thread of its own, which is left to end by itself. Raises TIMEOUT when it took too long, and ``Cancelled``.
    """
    own, ended = CallControl(), threading.Event()
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call(own))
        except BaseException as error:  # noqa: BLE001 - raised by who waits for the future
            future.set_exception(error)
        ended.set()

    take_back = control.on_cancel(ended.set)
    threading.Thread(target=run, name="check", daemon=True).start()
    ended.wait(LIMIT)
    take_back()
    if control.cancelled or not future.done():
        own.cancel()
        if control.cancelled:
            raise Cancelled
        raise BrowserError(ErrorKind.TIMEOUT, ErrorFacts(message=f"no answer within {LIMIT:g} s", when=time.time()))
    return future.result()


class _Checks:
    """One run of all checks, in one thread."""

    def __init__(self, api: Api, question: Question, report: Report, control: CallControl) -> None:
        self._api, self._question, self._report, self._control = api, question, report, control
        self._endpoint = api.connection.endpoint
        parts = urlsplit(self._endpoint)
        self._place = parts.netloc
        proxy = proxies_of(api.connection).get(parts.scheme, "")
        through = urlsplit(proxy) if proxy else parts
        self._proxy = f"{through.hostname}:{through.port or 80}" if proxy else ""  # without its user name and password
        self._host, self._port = through.hostname or "", through.port or _PORTS.get(through.scheme, 80)
        self._addresses: tuple[tuple[socket.AddressFamily, tuple[str, int]], ...] = ()

    def run(self) -> None:
        """All checks, as far as each makes sense after those before it."""
        if not (self._find_name() and self._reach_port() and self._shake_hands() and self._see_a_store()):
            return
        if not self._use_key():
            return
        question = self._question
        if question.bucket:
            self._list()
        if question.key:
            self._read()
            self._see_acl()
        if question.key and question.right in (Right.WRITE, Right.DELETE):
            self._see_retention()
        if question.right in CHANGING:
            note = translate("why", "Not tried: no check ever writes or deletes anything.")
            self._report(Finding(Check.WRITE, Outcome.SKIPPED, (note,)))
        if question.key:
            self._without_key()

    # ------------------------------------------------------------------------------------------------ the way there

    def _within(self, call: Callable[[CallControl], T], operation: str, subject: str = "") -> T:
        """``within``, with failures as ``BrowserError``."""
        try:
            return within(call, self._control)
        except Exception as error:
            raise translate_error(error, operation, subject or self._endpoint, self._endpoint) from error

    def _bad(self, check: Check, error: BrowserError, *evidence: Text) -> bool:
        self._report(Finding(check, Outcome.BAD, evidence, error))
        return False

    def _good(self, check: Check, *evidence: Text, address: str = "") -> bool:
        self._report(Finding(check, Outcome.GOOD, evidence, address=address))
        return True

    def _find_name(self) -> bool:
        via = (translate("why", "Everything goes through the proxy {proxy}.")(proxy=self._proxy),) if self._proxy else ()
        try:
            found = self._within(lambda _own: socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM), "resolve")
        except BrowserError as error:
            return self._bad(Check.NAME, self._of_proxy(error), *via)
        self._addresses = tuple((family, (str(to[0]), int(to[1]))) for family, _type, _proto, _name, to in found)
        if is_address(self._host):
            return self._good(Check.NAME, *via, translate("why", "{host} needs no name.")(host=self._host))
        shown = ", ".join(dict.fromkeys(to[0] for _family, to in self._addresses[:_MOST_ADDRESSES]))
        return self._good(Check.NAME, *via, translate("why", "{host} is {addresses}.")(host=self._host, addresses=shown))

    def _of_proxy(self, error: BrowserError) -> BrowserError:
        return BrowserError(ErrorKind.PROXY, error.facts, error.values) if self._proxy else error

    def _reach_port(self) -> bool:
        tried: list[Text] = []
        failed: BrowserError | None = None
        for family, to in self._addresses[:_MOST_ADDRESSES]:
            place = f"[{to[0]}]:{to[1]}" if family is socket.AF_INET6 else f"{to[0]}:{to[1]}"
            began = time.monotonic()
            try:
                mine = self._within(lambda _own, to=to: _touch(to), "connect")  # type: ignore[misc]
            except BrowserError as error:
                failed = failed or self._of_proxy(error)
                code = error.facts.code or error.facts.message
                tried.append(translate("why", "{place} does not answer: {code}")(place=place, code=code))
                continue
            took = int((time.monotonic() - began) * 1000)
            answers = translate("why", "{place} answers within {ms} ms. This computer’s address is {mine}.")
            return self._good(Check.PORT, *tried, answers(place=place, ms=took, mine=mine), address=mine)
        return self._bad(Check.PORT, failed or BrowserError(ErrorKind.DNS), *tried)

    def _shake_hands(self) -> bool:
        if not self._endpoint.startswith("https:"):
            note = translate("why", "Not encrypted (http): anybody on the way can read and change what is sent.")
            self._report(Finding(Check.TLS, Outcome.SKIPPED, (note,)))
            return True
        try:
            version, shown = self._within(self._handshake, "connect")
        except BrowserError as error:
            return self._bad(Check.TLS, error)
        known: dict[str, Value] = {"version": version, "subject": "?", "issuer": "?", "until": "?", **dict(shown)}
        evidence = [translate("why", "{version}, certificate {subject}, signed by {issuer}, until {until}.")(**known)]
        if "fingerprint" in known:
            evidence.append(translate("why", "Fingerprint (SHA-256): {fingerprint}")(**known))
        return self._good(Check.TLS, *evidence)

    def _handshake(self, control: CallControl) -> tuple[str, tuple[tuple[str, Value], ...]]:
        """Connect as every call does, with the same authorities and through the same proxy."""
        call = Call(control)
        with self._api.http.calling(call):
            lane = self._api.http.new_lane(self._endpoint, call)
            try:
                sock = lane.connection.sock
                return str(sock.version() or "TLS"), certificate_used(sock)
            finally:
                lane.connection.close()

    def _see_a_store(self) -> bool:
        """Ask for the root without a signature: S3 answers with its own XML, or at least with its request id."""
        request = AWSRequest("GET", self._endpoint + "/").prepare()
        sent = time.time()
        try:
            answer = self._within(lambda own: self._api.http.exchange(request, own), "GET")
        except BrowserError as error:
            if not error.facts.request_id:
                return self._bad(Check.STORE, error)
            said = translate("why", "It sends unsigned requests elsewhere, as AWS does, with the request id {id}.")
            self._good(Check.STORE, said(id=error.facts.request_id))
            return self._compare_clocks(self._api.http.clock_ahead)
        headers, body = answer.headers, answer.content
        request_id = header(headers, "x-amz-request-id") or header(headers, "x-emc-request-id")
        line = translate("why", "HTTP {status}, {type}, server “{server}”, request id {id}.")(
            status=str(answer.status_code),
            type=header(headers, "content-type")[:80] or "—",
            server=header(headers, "server")[:80] or "—",
            id=request_id[:80] or "—",
        )
        if request_id or any(root in body[:500] for root in _ROOTS):
            self._good(Check.STORE, line)
        elif answer.status_code < 400 and (is_html(headers) or body.strip()[:1] not in (b"", b"<")):  # a page, JSON, words
            facts = ErrorFacts("GET", self._endpoint, answer.status_code, endpoint=self._place, when=sent)
            return self._bad(Check.STORE, BrowserError(ErrorKind.NOT_S3, facts), line)
        else:
            note = translate("why", "This does not look like S3, which says nothing yet: only signed requests will.")
            self._report(Finding(Check.STORE, Outcome.NOTE, (line, note)))
        there = moment(header(headers, "date"))
        return self._compare_clocks(None if there == UNKNOWN else there - time.time())

    def _compare_clocks(self, ahead: float | None) -> bool:
        """Always goes on: whether a difference matters is the store's business."""
        if ahead is None:
            self._report(Finding(Check.CLOCK, Outcome.SKIPPED, (translate("why", "The store does not tell its time."),)))
            return True
        now = time.time()
        times = translate("why", "Here {here}, in the store {there}: {span} apart.")
        line = times(here=utc(now), there=utc(now + ahead), span=Span(abs(ahead)))
        if abs(ahead) > MAX_SKEW:
            self._bad(Check.CLOCK, clocks_apart(ahead, self._endpoint), line)
        else:
            self._good(Check.CLOCK, line)
        return True

    # ------------------------------------------------------------------------------------------------ what the key may do

    def _use_key(self) -> bool:
        """Whether it makes sense to go on. A refusal of this list is usual, and says nothing about the key."""
        asked = self._question.bucket
        try:
            names = {one.name for one in self._within(lambda _own: list_buckets(self._api), "ListBuckets", "s3://")}
        except BrowserError as error:
            if error.kind is not ErrorKind.ACCESS_DENIED:
                self._bad(Check.KEY, error)
                return error.kind not in _NO_KEY
            note = translate("why", "It may not list the buckets, which alone says nothing: many keys may not.")
            self._report(Finding(Check.KEY, Outcome.NOTE, (note,), error))
            return True
        things = Count(len(names), translate("why", "{n} bucket"), translate("why", "{n} buckets"))
        lines = [translate("why", "The store takes the key and the signature, and lists {n}.")(n=things)]
        stranger = bool(asked) and asked not in names
        if stranger:
            lines.append(translate("why", "{bucket} is not among them.")(bucket=asked))
        self._report(Finding(Check.KEY, Outcome.GOOD, tuple(lines), stranger=stranger))
        return True

    def _list(self) -> None:
        bucket, prefix = self._question.bucket, self._question.prefix

        def ask(own: CallControl) -> int:
            check_bucket(bucket)
            return fetch_page(self._api, PageRequest(bucket, prefix, max_keys=1), own).count

        try:
            count = self._within(ask, "ListObjectsV2", f"s3://{bucket}/{prefix}")
        except BrowserError as error:
            self._bad(Check.LIST, error)
            return
        there = translate("why", "Listing s3://{bucket}/{prefix} works, and something is there.")
        empty = translate("why", "Listing s3://{bucket}/{prefix} works; nothing is there.")
        self._good(Check.LIST, (there if count else empty)(bucket=bucket, prefix=prefix))

    @property
    def _ref(self) -> ObjectRef:
        return ObjectRef(self._question.bucket, self._question.key)

    def _read(self) -> None:
        ref = self._ref
        try:
            found = self._within(
                lambda own: read_range(self._api, ref, 0, 1, "", lambda _piece: None, own), "GetObject", str(ref)
            )
        except BrowserError as error:
            if error.facts.code == "InvalidRange":  # an empty object has no first byte
                self._good(Check.READ, translate("why", "The object may be read; it is empty."))
                return
            self._bad(Check.READ, error)
            return
        if found.size == UNKNOWN:
            self._good(Check.READ, translate("why", "The object may be read."))
        else:
            self._good(Check.READ, translate("why", "The object may be read: {size}.")(size=Size(found.size)))

    def _see_acl(self) -> None:
        ref = self._ref
        try:
            acl = self._within(lambda _own: read_acl(self._api, ref), "GetObjectAcl", str(ref))
        except BrowserError as error:
            # Few roles may see it, and some stores know no ACLs.
            self._report(Finding(Check.ACL, Outcome.NOTE, error=error))
            return
        public = translate("why", "Owner {owner}; anyone may read it.")
        private = translate("why", "Owner {owner}; not public.")
        self._good(Check.ACL, (public if acl.public else private)(owner=acl.owner or "—"))

    def _see_retention(self) -> None:
        """What protects the object. A store that knows none says so in several ways: 404, 400 and 501."""
        ref = self._ref
        seen: list[tuple[Text, bool]] = []
        refusals: list[BrowserError] = []

        def look(own: CallControl) -> None:
            for ask in (self._retention_of, self._hold_of):
                try:
                    seen.append(ask(ref, own))
                except BrowserError as error:
                    if error.kind is ErrorKind.ACCESS_DENIED or error.retryable:
                        refusals.append(error)

        try:
            self._within(look, "GetObjectRetention", str(ref))
        except BrowserError as error:
            refusals.append(error)
        lines = tuple(line for line, _holds in seen)
        if any(holds for _line, holds in seen):
            self._report(Finding(Check.RETENTION, Outcome.BAD, lines))
        elif refusals:
            self._report(Finding(Check.RETENTION, Outcome.NOTE, lines, refusals[0]))
        else:
            nothing = translate("why", "No retention period and no legal hold is known for the object.")
            self._report(Finding(Check.RETENTION, Outcome.NOTE, (*lines, nothing)))

    def _retention_of(self, ref: ObjectRef, control: CallControl) -> tuple[Text, bool]:
        answer = self._api.call("GetObjectRetention", "get_object_retention", str(ref), control, **target(ref))
        found = answer.get("Retention") or {}
        until = found.get("RetainUntilDate")
        seconds = until.timestamp() if until else float(UNKNOWN)
        line = translate("why", "Retention {mode} until {until}.")
        shown = line(mode=str(found.get("Mode") or "—"), until=utc(seconds) if until else "?")
        return shown, seconds > time.time()

    def _hold_of(self, ref: ObjectRef, control: CallControl) -> tuple[Text, bool]:
        answer = self._api.call("GetObjectLegalHold", "get_object_legal_hold", str(ref), control, **target(ref))
        status = str((answer.get("LegalHold") or {}).get("Status") or "OFF")
        return translate("why", "Legal hold: {status}.")(status=status), status == "ON"

    def _without_key(self) -> None:
        url = url_of(self._api, self._ref)
        try:
            status = self._within(lambda _own: self._api.anonymous_status(url), "GET", url)
        except BrowserError as error:
            self._report(Finding(Check.PUBLIC, Outcome.NOTE, error=error))
            return
        if status in (200, 206, 416):
            self._good(Check.PUBLIC, translate("why", "Anyone may read it from here (HTTP {status}).")(status=str(status)))
        else:
            line = translate("why", "Not without a key (HTTP {status}), as it should be unless it is public.")
            self._report(Finding(Check.PUBLIC, Outcome.NOTE, (line(status=str(status)),)))


def _touch(to: tuple[str, int]) -> str:
    """Connect and hang up; this computer's own address on that way. Raises ``OSError``."""
    with socket.create_connection(to, timeout=LIMIT / _MOST_ADDRESSES) as sock:
        return str(sock.getsockname()[0])
