"""The versions of one object, page by page: whole, or said that it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.versions import VersionPage
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.objects import target
from cloudtemple_browser.s3.version_parser import ParsedVersions, parse_versions

OPERATION = "ListObjectVersions"
PAGE_SIZE = 1000
_LIMIT_EMPTY = 10  # pages in a row without an entry


def list_versions(api: Api, ref: ObjectRef, control: CallControl) -> Iterator[VersionPage]:
    """See ``Store.list_versions``.

    The key is the prefix: its own versions come before those of the longer keys that begin with it, whichever order of names
    the store keeps, so the first page with such a key is the last that is asked for.
    """
    bucket = target(ref)["Bucket"]
    walk = _Walk(ref)
    place: dict[str, str] = {}
    while True:
        if control.cancelled:
            raise Cancelled
        page = _ask(api, ref, {"Bucket": bucket, "Prefix": ref.key, **place}, control)
        yield walk.take(page)
        if walk.ended(page):
            return
        place = walk.following(page)


def _ask(api: Api, ref: ObjectRef, params: dict[str, Any], control: CallControl) -> ParsedVersions:
    try:
        body, _throttled = api.read_page(OPERATION, str(ref), control, MaxKeys=PAGE_SIZE, EncodingType="url", **params)
        return parse_versions(body)
    except BrowserError as error:
        raise error.about(operation=OPERATION, subject=str(ref), endpoint=api.connection.host) from error


class _Walk:
    """What came already, to see that each page brings something new."""

    def __init__(self, ref: ObjectRef) -> None:
        self._ref = ref
        self._seen: set[str] = set()
        self._places: set[str] = set()
        self._empty = 0

    def take(self, page: ParsedVersions) -> VersionPage:
        """The versions of the key, each once; PARTIAL for a page that only repeats."""
        found = page.of_key(self._ref.key)
        new = tuple({one.version_id: one for one in found.versions if one.version_id not in self._seen}.values())
        if found.versions and not new:
            raise self._partial("a page brought nothing new")
        self._seen.update(one.version_id for one in new)
        self._empty = 0 if new else self._empty + 1
        return VersionPage(new, found.malformed, found.unreadable)

    def ended(self, page: ParsedVersions) -> bool:
        """Whether no version of the key can follow."""
        names = page.keys if self._ref.key in page.next_keys else (*page.keys, *page.next_keys)
        return not page.truncated or any(map(self._longer, names))

    def following(self, page: ParsedVersions) -> dict[str, str]:
        """The parameters that ask for the next page; PARTIAL where the store gives no way to go on."""
        place = page.next_version
        if self._ref.key not in page.next_keys or not place:  # by its key alone it would leave versions out
            raise self._partial("no marker of the next version")
        if place in self._places:
            raise self._partial("the version marker repeats")
        if self._empty > _LIMIT_EMPTY:
            raise self._partial("a page brought nothing new")
        self._places.add(place)
        return {"KeyMarker": self._ref.key, "VersionIdMarker": place}

    def _longer(self, key: str) -> bool:
        return key != self._ref.key and key.startswith(self._ref.key)

    def _partial(self, why: str) -> BrowserError:
        return BrowserError(ErrorKind.PARTIAL, ErrorFacts(operation=OPERATION, subject=str(self._ref), message=why))
