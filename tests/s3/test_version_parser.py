"""A page of versions is what a naive parser makes of it, and odd entries are counted."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from urllib.parse import quote_plus, unquote_plus
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.versions import ObjectVersion
from cloudtemple_browser.s3.version_parser import parse_versions

SPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
DATE = "2026-11-23T08:30:00.000Z"


def version(key: str, version_id: str, *, latest: str = "false", size: str = "3", date: str = DATE, more: str = "") -> str:
    """A version as a store writes it."""
    return (
        f"<Version><Key>{key}</Key><VersionId>{version_id}</VersionId><IsLatest>{latest}</IsLatest>"
        f"<LastModified>{date}</LastModified><ETag>&quot;e&quot;</ETag><Size>{size}</Size>"
        f"<StorageClass>STANDARD</StorageClass><Owner><ID>me</ID><Key>no key</Key></Owner>{more}</Version>"
    )


def marker(key: str, version_id: str, *, latest: str = "false", date: str = DATE) -> str:
    """A delete marker as a store writes it."""
    return (
        f"<DeleteMarker><Key>{key}</Key><VersionId>{version_id}</VersionId><IsLatest>{latest}</IsLatest>"
        f"<LastModified>{date}</LastModified><Owner><ID>me</ID></Owner></DeleteMarker>"
    )


def page(*entries: str, truncated: bool = False, encoded: bool = False, top: str = "") -> str:
    """A page with these entries."""
    encoding = "<EncodingType>url</EncodingType>" if encoded else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>bucket</Name>{encoding}<IsTruncated>{str(truncated).lower()}</IsTruncated>{top}{''.join(entries)}"
        "</ListVersionsResult>"
    )


def naive(body: str) -> dict[str, list[ObjectVersion]]:
    """All versions by key, by a tree of everything."""
    root = ET.fromstring(body)  # noqa: S314 - our own text
    encoded = root.findtext(f"{SPACE}EncodingType") == "url"
    found: dict[str, list[ObjectVersion]] = {}
    for entry in root:
        kind = entry.tag.removeprefix(SPACE)
        if kind not in ("Version", "DeleteMarker"):
            continue
        text = {child.tag.removeprefix(SPACE): child.text or "" for child in entry}
        if not text.get("Key") or not text.get("VersionId"):
            continue
        key = unquote_plus(text["Key"]) if encoded else text["Key"]
        deleted = kind == "DeleteMarker"
        size = text.get("Size", "")
        one = ObjectVersion(
            text["VersionId"],
            text.get("IsLatest") == "true",
            deleted,
            0 if deleted else int(size) if size.isascii() and size.isdigit() and len(size) < 19 else UNKNOWN,
            _seconds(text.get("LastModified", "")),
            text.get("ETag", "").strip('"'),
            text.get("StorageClass", ""),
        )
        found.setdefault(key, []).append(one)
    return found


def _seconds(text: str) -> int:
    try:
        return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return UNKNOWN


KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x1F6FF, exclude_categories=["Cs"]), max_size=6)
IDS = st.sampled_from(["null", "", "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo", "a%20b", "é"])
SIZES = st.sampled_from(["0", "5", "12345678901", "-1", "1_0", "", "٣", "99999999999999999999"])
DATES = st.sampled_from([DATE, "1999-12-31T23:59:59.999Z", "2026-13-01T00:00:00.000Z", "yesterday", ""])
LATEST = st.sampled_from(["true", "false", "", "TRUE"])


@settings(max_examples=300, deadline=None)
@given(st.data(), st.booleans())
def test_pages_of_all_shapes(data: st.DataObject, encoded: bool) -> None:
    parts: list[str] = []
    keys = data.draw(st.lists(KEYS, max_size=8))
    for key in keys:
        name, latest, date = quote_plus(key) if encoded else escape(key), data.draw(LATEST), data.draw(DATES)
        version_id = data.draw(IDS)
        if data.draw(st.booleans()):
            parts.append(version(name, version_id, latest=latest, size=data.draw(SIZES), date=date))
        else:
            parts.append(marker(name, version_id, latest=latest, date=date))
    body = page(*parts, encoded=encoded)
    found, expected = parse_versions(body.encode()), naive(body)
    assert {key: list(found.of_key(key).versions) for key in found.keys} == expected
    assert found.malformed == len(keys) - sum(map(len, expected.values()))


def test_what_could_not_be_read_is_counted() -> None:
    parsed = parse_versions(
        page(
            version("a", "1", size="x"),
            version("a", "2", date="yesterday"),
            marker("a", "3"),
            version("b", "4", size="x"),
            version("", "5"),
            version("a", ""),
            marker("a", "v" * 20_000),
            "<CommonPrefixes></CommonPrefixes><CommonPrefixes><Prefix>p%2F</Prefix></CommonPrefixes>",
        ).encode()
    )
    found = parsed.of_key("a")
    assert [(one.version_id, one.size, one.deleted) for one in found.versions] == [
        ("1", UNKNOWN, False),
        ("2", 3, False),
        ("3", 0, True),
    ]
    assert (found.malformed, found.unreadable) == (4, 2)
    assert parsed.prefixes == ("p%2F",)


def test_where_it_goes_on() -> None:
    markers = "<NextKeyMarker>a%2Bb</NextKeyMarker><NextVersionIdMarker>x%2By</NextVersionIdMarker>"
    found = parse_versions(page(truncated=True, encoded=True, top=markers).encode())
    assert (found.truncated, found.next_keys, found.next_version) == (True, ("a%2Bb", "a+b"), "x%2By")
    assert parse_versions(page(top=markers).encode()).next_keys == ("a%2Bb", "a%2Bb")


NO_VERSIONS = {
    "cut": page(version("a", "1"))[:-30],
    "empty": "",
    "html": "<html><head><title>Sign in</title></head></html>",
    "bare": "<ListVersionsResult/>",
    "no-end-mark": "<ListVersionsResult><Name>bucket</Name></ListVersionsResult>",
    "entity": '<!DOCTYPE x [<!ENTITY e "x">]>' + page(version("&e;", "1")).partition("?>")[2],
    "deep": "<ListVersionsResult>" + "<a>" * 1000 + "</a>" * 1000 + "</ListVersionsResult>",
    "too many": page(*(marker("a", str(n)) for n in range(10_001))),
}


@pytest.mark.parametrize("body", NO_VERSIONS.values(), ids=NO_VERSIONS)
def test_what_is_no_page_of_versions(body: str) -> None:
    with pytest.raises(BrowserError) as caught:
        parse_versions(body.encode())
    assert caught.value.kind is ErrorKind.NOT_S3


def test_a_listing_of_objects_comes_from_a_store_without_versions() -> None:
    body = "<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
    with pytest.raises(BrowserError) as caught:
        parse_versions(body.encode())
    assert caught.value.kind is ErrorKind.UNSUPPORTED
