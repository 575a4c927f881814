"""The staged connection test: which of address, TLS, clock, key and list fails, and why."""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore.awsrequest import AWSRequest

from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import MAX_SKEW
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind, utc
from cloudtemple_browser.model.probe import Stage, StageResult
from cloudtemple_browser.model.text import Count, Span, translate
from cloudtemple_browser.s3.buckets import list_buckets
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.errors import translate_error
from cloudtemple_browser.s3.listing import list_pages

_WORTH_A_NOTE = 60.0  # seconds

Report = Callable[[StageResult], None]


def probe(connection: Connection, secret: SecretText, report: Report) -> None:
    """See ``StoreFactory.probe``."""
    try:
        api = Api(connection, secret)
    except BrowserError as error:
        if error.kind is not ErrorKind.CA_BUNDLE:
            raise
        report(StageResult(Stage.TLS, error))
        return
    try:
        _reach(api, report) and _check_clock(api, report) and _use_key(api, report)
    finally:
        api.close()


def _reach(api: Api, report: Report) -> bool:
    try:
        api.http.exchange(AWSRequest("GET", api.connection.endpoint + "/").prepare())
    except Exception as error:
        found = translate_error(error, "connect", api.connection.endpoint, api.connection.endpoint)
        if not isinstance(found, BrowserError):
            raise found from error
        if found.kind is ErrorKind.TLS:
            report(StageResult(Stage.ADDRESS))
            report(StageResult(Stage.TLS, found))
            return False
        # AWS redirects an unsigned request for its root to a page about S3: an answer all the same.
        if found.kind not in (ErrorKind.REDIRECTED, ErrorKind.REGION):
            report(StageResult(Stage.ADDRESS, found))
            return False
    report(StageResult(Stage.ADDRESS))
    if api.connection.endpoint.startswith("https:"):
        report(StageResult(Stage.TLS))
    else:
        report(StageResult(Stage.TLS, skipped=True, note=translate("probe", "Not encrypted (http)")))
    return True


def _check_clock(api: Api, report: Report) -> bool:
    ahead = api.http.clock_ahead
    if abs(ahead) > MAX_SKEW:
        report(StageResult(Stage.CLOCK, clocks_apart(ahead, api.connection.endpoint)))
        return False
    note = translate("probe", "Differs from the store’s by {span}")(span=Span(abs(ahead)))
    report(StageResult(Stage.CLOCK, note=note if abs(ahead) > _WORTH_A_NOTE else None))
    return True


def clocks_apart(ahead: float, endpoint: str) -> BrowserError:
    """The failure of a store whose clock is ``ahead`` of ours, in seconds, with both times."""
    now = time.time()
    facts = ErrorFacts("clock", endpoint, message=f"this computer differs by {-ahead:+.0f} s", when=now)
    return BrowserError(ErrorKind.CLOCK, facts, (("here", utc(now)), ("there", utc(now + ahead))))


def _use_key(api: Api, report: Report) -> bool:
    """Whether the key signs well (KEY) and what it may list (LIST): a refusal by rights proves that the signature is right."""
    connection = api.connection
    try:
        if connection.bucket:
            next(list_pages(api, connection.bucket, connection.prefix, "/", CallControl()), None)
            note = translate("probe", "The bucket {name} can be listed")(name=connection.bucket)
        else:
            n = len(list_buckets(api))
            one, many = translate("probe", "{n} bucket"), translate("probe", "{n} buckets")
            note = translate("probe", "{count} can be listed")(count=Count(n, one, many))
    except BrowserError as error:
        if error.kind is ErrorKind.ACCESS_DENIED and not connection.bucket:
            report(StageResult(Stage.KEY))
            note = translate("probe", "This key may not list the buckets. Add yours by name in the sidebar.")
            report(StageResult(Stage.LIST, skipped=True, note=note))
            return True
        of_rights = error.kind in (ErrorKind.ACCESS_DENIED, ErrorKind.NO_BUCKET, ErrorKind.PARTIAL)
        if of_rights:
            report(StageResult(Stage.KEY))
        report(StageResult(Stage.LIST if of_rights else Stage.KEY, error))
        return False
    report(StageResult(Stage.KEY))
    report(StageResult(Stage.LIST, note=note))
    return True
