"""The quick way of parsing a page and the XML parser give the same page, or the same refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from unittest.mock import patch
from urllib.parse import quote_plus, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtemple_browser.model.columns import Strings
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.s3 import list_parser
from cloudtemple_browser.s3.list_parser import ParsedPage, parse_listing

Outcome = ParsedPage | str


@contextmanager
def only_xml() -> Iterator[None]:
    """Without the quick way."""
    with patch.object(list_parser, "cut_tiles", lambda _body: None):
        yield


def outcome(body: bytes, prefix: str = "") -> Outcome:
    """The page, or why it is none."""
    try:
        return parse_listing(body, prefix)
    except BrowserError as error:
        return error.kind.value


def both(body: bytes, prefix: str = "") -> Outcome:
    """The page, the same by both ways."""
    quick = outcome(body, prefix)
    with only_xml():
        assert quick == outcome(body, prefix)
    return quick


def entry(key: str, *, order: str = "KMESC", size: str = "5", date: str = "2026-11-23T08:30:00.000Z", tag: str = "") -> str:
    """One object as a store writes it; ``order`` says which elements in which order."""
    parts = {
        "K": f"<Key>{key}</Key>",
        "M": f"<LastModified>{date}</LastModified>",
        "E": f"<ETag>&quot;{tag or 'd41d8cd98f00b204e9800998ecf8427e'}&quot;</ETag>",
        "S": f"<Size>{size}</Size>",
        "C": "<StorageClass>STANDARD</StorageClass>",
        "O": "<Owner><ID>me</ID><DisplayName>M &amp; E</DisplayName></Owner>",
        "T": "<Type>Normal</Type>",
        "A": "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>",
        "R": "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress></RestoreStatus>",
        "X": "<StorageClass/>",
    }
    return "<Contents>" + "".join(parts[one] for one in order) + "</Contents>"


def page(*entries: str, before: str = "", after: str = "", top: str = "") -> bytes:
    """A page with these entries."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>b</Name>{before}<IsTruncated>false</IsTruncated>{top}{''.join(entries)}{after}</ListBucketResult>"
    ).encode("utf-8", "surrogatepass")


_IN_XML = st.characters(min_codepoint=0x20, max_codepoint=0x1F6FF, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
KEYS = st.text(_IN_XML, min_size=1, max_size=12)
ORDERS = st.sampled_from(["KMESC", "KMESCOT", "KMEASC", "KMES", "SKEM", "KMESCR", "KMESX", "KOMESC"])
SIZES = st.sampled_from(["0", "5", "12345678901", "-1", "1_0", "", "٣", "99999999999999999999", "1e3", " 7"])
DATES = st.sampled_from(
    ["2026-11-23T08:30:00.000Z", "2026-02-29T08:30:00Z", "2026-11-23", "", "yesterday", "2026-13-01T00:00:00Z"]
)
TAGS = st.sampled_from(["", "0" * 32, "ABCDEF00112233445566778899aabbcc", "d41d8cd98f00b204e9800998ecf8427e-12", "x", "Z" * 32])


@st.composite
def entries(draw: st.DrawFn) -> str:
    """An entry of one of the known shapes."""
    key, order = draw(KEYS), draw(ORDERS)
    return entry(escape(key), order=order, size=escape(draw(SIZES)), date=draw(DATES), tag=draw(TAGS))


FOLDERS = KEYS.map(lambda name: f"<CommonPrefixes><Prefix>{escape(name)}/</Prefix></CommonPrefixes>")


@settings(max_examples=300, deadline=None)
@given(st.lists(entries() | FOLDERS, max_size=12), st.sampled_from(["", "a", "a/"]))
def test_pages_of_all_shapes(parts: list[str], prefix: str) -> None:
    assert isinstance(both(page(*parts), prefix), ParsedPage)


@settings(max_examples=300, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=8), st.data())
def test_pages_with_a_spoilt_place(keys: list[str], data: st.DataObject) -> None:
    body = bytearray(page(*(entry(escape(key)) for key in keys)))
    at = data.draw(st.integers(0, len(body) - 1))
    spoilt = data.draw(
        st.sampled_from([b"<", b">", b"&", b"\x00", b"\xff", b"\r", b"<!-- -->", b"<x/>", b"]]>", b"<Contents>", b"", b"&#65;"])
    )
    body[at : at + data.draw(st.integers(0, 3))] = spoilt
    both(bytes(body))


@settings(max_examples=200, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=8))
def test_percent_encoded_keys_come_as_they_are(keys: list[str]) -> None:
    body = page(*(entry(quote_plus(key)) for key in keys), top="<EncodingType>url</EncodingType>")
    found = both(body)
    assert isinstance(found, ParsedPage)
    assert list(found.page.keys) == keys


SAME = {
    "comment": page(entry("a"), "<!-- <Contents> -->", entry("b")),
    "cdata": page(entry("<![CDATA[a<b]]>")),
    "declared otherwise": page(entry("é")).replace(b"UTF-8", b"ISO-8859-1"),
    "declared as nothing known": page(entry("a")).replace(b"UTF-8", b"TF-8"),
    "instruction": page(entry("a"), "<?x y?>", entry("b")),
    "attribute": page(entry("a"), entry("b").replace("<Key>", '<Key a="b">')),
    "nested deeper": page(f"<Other>{entry('a')}</Other>"),
    "in a prefix": page(f"<CommonPrefixes>{entry('a')}</CommonPrefixes>"),
    "key twice": page("<Contents><Key>a</Key><Key>b</Key></Contents>", entry("c")),
    "unclosed": page(entry("a"))[:-9],
    "empty key": page(entry("a"), entry("")),
    "no key": page("<Contents><Size>1</Size></Contents>", entry("a")),
    "long key": page(entry("k" * 20_000), entry("a")),
    "not a character": page(entry("a\uffff")),
    "spaces": page(entry("a").replace("><", ">\n  <"), entry("b").replace("><", ">\n  <")),
    "namespaced": page(entry("a")).replace(b"<Contents>", b"<s:Contents>").replace(b"</Contents>", b"</s:Contents>"),
    "not utf-8": page(entry("a")).replace(b"<Key>a", b"<Key>\xe9"),
    "dtd": page(entry("a")).replace(b"<ListB", b"<!DOCTYPE x><ListB"),
    "other root": page(entry("a")).replace(b"ListBucketResult", b"OtherResult"),
    "two shapes": page(entry("a"), entry("b", order="KMEASCO"), entry("c", order="KMES"), entry("d")),
    "orders that contradict": page(entry("a", order="KMES"), entry("b", order="SEMK")),
    "a prefix between": page(entry("a"), "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>", entry("c")),
}


@pytest.mark.parametrize("body", SAME.values(), ids=SAME)
def test_constructs_that_only_a_parser_reads_right(body: bytes) -> None:
    both(body)


@pytest.mark.parametrize(
    "body", [page(entry("a"), entry("b")), SAME["two shapes"], SAME["a prefix between"], page(entry("é&amp;"))]
)
def test_ordinary_pages_take_the_quick_way(body: bytes) -> None:
    with patch.object(list_parser._Entries, "add", side_effect=AssertionError("an entry came to the XML parser")):
        assert len(parse_listing(body).page) > 0


def test_keys_below_the_prefix_are_packed_without_it() -> None:
    found = parse_listing(
        page(entry("a/b"), entry("a/c"), after="<CommonPrefixes><Prefix>a/d/</Prefix></CommonPrefixes>"), "a/"
    )
    assert isinstance(found.page.keys, Strings)
    assert (found.page.keys.lead, found.page.keys.block, list(found.page.keys)) == ("a/", b"b\xffc\xff", ["a/b", "a/c"])
    assert found.page.prefixes == ("a/d/",)
    assert parse_listing(page(entry("a/b"), entry("x")), "a/").page.keys == ("a/b", "x")


def test_what_could_not_be_read_is_counted() -> None:
    found = parse_listing(page(entry("a", size="x"), entry("b", date="x"), entry("c"), "<Contents></Contents>"))
    assert (found.page.unreadable, found.page.malformed, list(found.page.sizes)) == (2, 1, [-1, 5, 5])


def test_more_entries_than_a_page_may_have_are_refused() -> None:
    assert both(page(*(entry(f"{n}") for n in range(10_001)))) == "not-s3"


@pytest.mark.parametrize(
    ("top", "first_version"),
    [("", False), ("<KeyCount>0</KeyCount>", False), ("<Marker></Marker>", True), ("<NextMarker>x%2B</NextMarker>", True)],
)
def test_an_answer_of_the_first_version(top: str, first_version: bool) -> None:
    found = parse_listing(page(top=top + "<EncodingType>url</EncodingType>"))
    assert found.first_version is first_version
    assert found.next_marker == ("x+" if "Next" in top else "")


@pytest.mark.parametrize(("key", "marker"), [("a%2Bb", "a%2Bb"), ("a%2Bb", "a+b"), ("a%2525", "a%25"), ("a%2525", "a%2525")])
@pytest.mark.parametrize("kind", ["key", "prefix"])
def test_a_marker_is_the_last_name_encoded_or_not(kind: str, key: str, marker: str) -> None:
    last = entry(key) if kind == "key" else f"<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"
    found = parse_listing(page(entry("a"), last, top=f"<NextMarker>{marker}</NextMarker><EncodingType>url</EncodingType>"))
    assert found.next_marker == unquote(key)


@pytest.mark.parametrize(
    "date",
    [
        "2026-02-31T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T23:60:00Z",
        "2026-01-01T23:00:61Z",
        "0001-01-01T-9:00:00Z",
        "9999-12-31T99:99:99Z",
        "2026-1-01T23:00:00.0Z",
        "2026-01-01T23:00:00+01:00Z",
    ],
)
def test_a_date_that_is_none_is_not_known(date: str) -> None:
    found = both(page(entry("a", date=date), entry("b")), "")
    assert isinstance(found, ParsedPage)
    assert (list(found.page.modified), found.page.unreadable) == ([UNKNOWN, 1795422600], 1)


def test_a_long_field_is_left_out_on_both_ways() -> None:
    found = both(page(entry("a", tag="x" * 2_000_000, date="2" * 2_000_000), entry("b")), "")
    assert isinstance(found, ParsedPage)
    assert [len(tag) for tag in found.page.etags] == [0, 32]
    assert (list(found.page.keys), found.page.unreadable) == (["a", "b"], 1)


@pytest.mark.parametrize("encoding", ["shift_jis", "gb2312", "utf-7"])
def test_an_encoding_of_several_bytes_is_no_answer_of_s3(encoding: str) -> None:
    assert both(page(entry("a")).replace(b"UTF-8", encoding.encode()), "") == "not-s3"
