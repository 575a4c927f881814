"""One page of a listing: asked for, parsed, cut where the wanted key range ends, and described for the walk."""

from __future__ import annotations

import hashlib
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from cloudtemple_browser.model.addresses import key_problem
from cloudtemple_browser.model.columns import MARK, Strings
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.paging import DIGEST, PageAnswer, PageRequest
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.key_ranges import Walk, after_all, utf16
from cloudtemple_browser.s3.list_parser import ParsedPage, parse_listing

_UNSENDABLE = translate("errors", "the next page begins at a name that cannot be sent")


def list_pages(api: Api, bucket: str, prefix: str, delimiter: str, control: CallControl) -> Iterator[ListingPage]:
    """See ``TransferStore.list_pages``: one page after another, in this thread."""
    fetcher = _Inline(api, control)
    return Walk(fetcher, PageRequest(bucket, prefix, delimiter), control, sequential=True).results()


class _Inline:
    """Fetches a page when it is asked for."""

    limit = 1

    def __init__(self, api: Api, control: CallControl) -> None:
        self._api, self._control = api, control

    def submit(self, request: PageRequest, done: Callable[[PageAnswer | Exception], None]) -> None:
        """Fetch at once and tell ``done``."""
        try:
            done(fetch_page(self._api, request, self._control))
        except (BrowserError, Cancelled) as error:
            done(error)


def fetch_page(
    api: Api,
    request: PageRequest,
    control: CallControl,
    look: Callable[[ListingPage], Any] | None = None,
    *,
    hasty: bool = True,
) -> PageAnswer:
    """Ask for one page. Blocks; raises ``BrowserError`` and ``Cancelled``. ``look`` makes the answer's result of the page.

    ``hasty``: ask again a few times also when the store asks for fewer requests.
    """
    subject = f"s3://{request.bucket}/{request.prefix}"
    # A token is ListObjectsV2's alone: ListObjects would begin at the beginning again.
    first_version = bool(request.marker) or (Trait.LISTS_FIRST_VERSION in api.learnt and not request.token)
    try:
        try:
            parsed, throttled = _ask(api, subject, request, control, first_version=first_version, hasty=hasty)
        except BrowserError as error:
            if first_version or request.token or error.kind not in (ErrorKind.UNSUPPORTED, ErrorKind.BAD_REQUEST):
                raise
            try:
                parsed, throttled = _ask(api, subject, request, control, first_version=True, hasty=hasty)
            except BrowserError:
                raise error from None  # the first refusal tells more
            first_version = True
        if parsed.first_version and not first_version and not request.token:
            first_version = True
            if request.after:  # which it does not know either
                parsed, throttled = _ask(api, subject, request, control, first_version=True, hasty=hasty)
    except BrowserError as error:
        operation = "ListObjects" if first_version else "ListObjectsV2"
        raise error.about(operation=operation, subject=subject, endpoint=api.connection.host) from error
    if control.cancelled:
        raise Cancelled
    if first_version:
        api.learnt.add(Trait.LISTS_FIRST_VERSION)
    return _describe(parsed, request, throttled, look, first_version=first_version)


def _ask(
    api: Api, subject: str, request: PageRequest, control: CallControl, *, first_version: bool, hasty: bool
) -> tuple[ParsedPage, int]:
    operation = "ListObjects" if first_version else "ListObjectsV2"
    params: dict[str, Any] = {"Bucket": request.bucket, "MaxKeys": request.max_keys, "EncodingType": "url"}
    if request.prefix:
        params["Prefix"] = request.prefix
    if request.delimiter:
        params["Delimiter"] = request.delimiter
    if first_version:
        if place := request.marker or request.after:
            if key_problem(place) == "surrogate":  # it is not UTF-8, and no request can name it
                raise BrowserError(ErrorKind.PARTIAL, ErrorFacts(message=str(_UNSENDABLE)), (("message", _UNSENDABLE),))
            params["Marker"] = place
    elif request.token:
        params["ContinuationToken"] = request.token
    elif request.after:
        params["StartAfter"] = request.after
    body, throttled = api.read_page(operation, subject, control, hasty=hasty, **params)
    return parse_listing(body, request.prefix), throttled


def _describe(
    parsed: ParsedPage,
    request: PageRequest,
    throttled: int,
    look: Callable[[ListingPage], Any] | None,
    *,
    first_version: bool,
) -> PageAnswer:
    page = _without_seen(_below(parsed.page, request.prefix), request)
    names, by_bytes, by_utf16 = _names(page)
    marker = parsed.next_marker or (_text(names[-1]) if names else "")
    past, wanted = "", len(names)
    if request.until and (by_bytes or by_utf16):
        # Whichever of the two orders: what comes after ``until`` is at the end (see ``key_ranges``).
        until = request.until.encode("utf-8", "surrogatepass")
        wanted = bisect_right(names, until)
        past = _text(names[wanted]) if wanted < len(names) else ""
        names = names[:wanted]
        in_prefixes = bisect_right(page.prefixes, request.until)
        page = page.head(in_prefixes, wanted - in_prefixes)
    return PageAnswer(
        look(page) if look else page,
        wanted,
        _text(names[0]) if names else "",
        _text(names[-1]) if names else "",
        past,
        parsed.truncated,
        "" if first_version else parsed.next_token,
        marker if first_version and parsed.truncated else "",
        by_bytes,
        by_utf16,
        _check(names, request.delimiter),
        throttled,
        b"" if (by_bytes or by_utf16) and not request.exact else digests(names),
    )


def _below(page: ListingPage, prefix: str) -> ListingPage:
    """The page without what is not below the prefix: a store that ignores it, or the case of it, would name other objects."""
    strays = [key for key in page.keys if not key.startswith(prefix)] if _may_stray(page.keys, prefix) else []
    prefixes = [one for one in page.prefixes if one.startswith(prefix)] if _may_stray(page.prefixes, prefix) else page.prefixes
    others = len(strays) + len(page.prefixes) - len(prefixes)
    if not others:
        return page
    return replace(page.without(set(strays)), prefixes=Strings.of(prefixes), malformed=page.malformed + others)


def _without_seen(page: ListingPage, request: PageRequest) -> ListingPage:
    """The page without a common prefix that ended the page before it."""
    if not request.delimiter or not request.seen.endswith(request.delimiter) or request.seen not in page.prefixes:
        return page
    return replace(page, prefixes=Strings.of([one for one in page.prefixes if one != request.seen]))


def digests(names: Sequence[bytes]) -> bytes:
    """What tells names apart, ``DIGEST`` bytes each."""
    return b"".join([hashlib.blake2b(name, digest_size=DIGEST).digest() for name in names])


def _may_stray(names: Sequence[str], prefix: str) -> bool:
    return not (isinstance(names, Strings) and names.lead.startswith(prefix))


def _names(page: ListingPage) -> tuple[list[bytes], bool, bool]:
    """Keys and common prefixes in one order, as UTF-8; whether both rise by bytes; whether both rise by UTF-16."""
    keys, prefixes = _encoded(page.keys), _encoded(page.prefixes)
    by_bytes = _rises(keys) and _rises(prefixes)
    by_utf16 = by_bytes
    if not (all(map(bytes.isascii, keys)) and all(map(bytes.isascii, prefixes))):
        by_utf16 = _rises([utf16(_text(key)) for key in keys]) and _rises([utf16(_text(prefix)) for prefix in prefixes])
    if not prefixes:
        return keys, by_bytes, by_utf16
    by_text: Callable[[bytes], bytes] = lambda name: utf16(_text(name))  # noqa: E731 - an alternative to None
    return sorted(keys + prefixes, key=by_text if by_utf16 and not by_bytes else None), by_bytes, by_utf16


def _encoded(names: Sequence[str]) -> list[bytes]:
    packed = Strings.of(names)
    lead = packed.lead.encode("utf-8", "surrogatepass")
    parts = packed.block.split(MARK)[:-1]
    return [lead + part for part in parts] if lead else parts


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogatepass")


def _rises(names: Sequence[bytes]) -> bool:
    return all(map(operator.lt, names, names[1:]))


def _check(names: list[bytes], delimiter: str) -> tuple[str, str]:
    """A place in the middle of the page to start after, and what must come then."""
    at = len(names) // 2
    if at < 1:
        return "", ""
    name = _text(names[at - 1])
    if delimiter and name.endswith(delimiter):
        # Whether a common prefix as such a place means all that is in it differs from store to store.
        name = after_all(name)
        at = bisect_right(names, name.encode("utf-8", "surrogatepass"))
    return (name, _text(names[at])) if name and at < len(names) else ("", "")
