"""Listing a prefix: pages in the store's order, and an honest end."""

from __future__ import annotations

from collections.abc import Iterator

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.list_parser import parse_listing

PAGE = 1000  # S3's maximum
_MAX_EMPTY = 50


def list_pages(
    api: Api, bucket: str, prefix: str, delimiter: str, control: CallControl, start_after: str = ""
) -> Iterator[ListingPage]:
    """See ``TransferStore.list_pages``. A page that the store cuts short without a way to go on raises PARTIAL.

    Tokens and the last names of pages are compared with all before (A, B, A, B would go round for ever); pages may be empty
    (long runs of delete markers), but not for ever.
    The order of names is not relied on: Dell ECS sorts by UTF-16, others by bytes.
    """
    subject = f"s3://{bucket}/{prefix}"
    tokens: set[str] = set()
    ends: set[tuple[str, ...]] = set()
    empty = 0
    params = {"Bucket": bucket, "MaxKeys": PAGE, "EncodingType": "url"}
    params |= {"Prefix": prefix} if prefix else {}
    params |= {"Delimiter": delimiter} if delimiter else {}
    params |= {"StartAfter": start_after} if start_after else {}
    while True:
        if control.cancelled:
            raise Cancelled
        try:
            parsed = parse_listing(api.read_page(subject, control, **params))
        except BrowserError as error:
            raise error.about(operation="ListObjectsV2", subject=subject, endpoint=api.connection.host) from error
        if control.cancelled:
            raise Cancelled
        yield parsed.page
        if not parsed.truncated:
            return
        token = parsed.next_token
        end = (*parsed.page.keys[-1:], *parsed.page.prefixes[-1:])
        empty = 0 if end else empty + 1
        if not token:
            raise _partial(subject, "no continuation token")
        if token in tokens:
            raise _partial(subject, "the continuation token repeats")
        if end in ends or empty > _MAX_EMPTY:
            raise _partial(subject, "a page brought nothing new")
        tokens.add(token)
        if end:
            ends.add(end)
        params["ContinuationToken"] = token


def _partial(subject: str, why: str) -> BrowserError:
    return BrowserError(ErrorKind.PARTIAL, ErrorFacts(operation="ListObjectsV2", subject=subject, message=why))
