"""DeleteObjects by hand: what goes out is what an XML parser reads, and both ways of reading an answer agree."""

from __future__ import annotations

from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.s3.deletion_xml import read_answer, request_body

# What XML 1.0 can carry; other keys are deleted one by one.
KEYS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, {*range(32), 0xFFFE, 0xFFFF} - {9, 10, 13}))),
    min_size=1,
    max_size=40,
)


def answer(keys: list[str], errors: str = "") -> bytes:
    """An answer in the usual shape."""
    gone = "".join(f"<Deleted><Key>{escape(key, {chr(13): '&#13;'})}</Key></Deleted>" for key in keys)
    xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<?xml version="1.0" encoding="UTF-8"?><DeleteResult xmlns="{xmlns}">{gone}{errors}</DeleteResult>'.encode()


@given(st.lists(KEYS, max_size=20))
def test_a_parser_reads_the_keys_that_are_meant(keys: list[str]) -> None:
    found = ET.fromstring(request_body(keys)).iterfind("{*}Object/{*}Key")  # noqa: S314 - our own
    assert [key.text for key in found] == keys


@given(st.lists(KEYS, unique=True, max_size=20))
def test_both_ways_of_reading_agree(keys: list[str]) -> None:
    usual = answer(keys)
    odd = usual.replace(b"<Deleted>", b"<Deleted><!-- -->")  # goes to the parser
    assert read_answer(usual) == read_answer(odd)
    assert read_answer(usual).deleted == frozenset(keys)


def test_errors_and_delete_markers() -> None:
    body = answer(
        [], "<Deleted><DeleteMarker>true</DeleteMarker><Key>a</Key></Deleted><Error><Key>b</Key><Code>No</Code></Error>"
    )
    found = read_answer(body)
    assert (found.deleted, found.errors) == (frozenset({"a"}), (("b", "No", ""),))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>sign in</body></html>",
        b"<DeleteResult><Deleted><Key>a</Key></Deleted>",
        b"<Error><Code>InternalError</Code></Error>",
        b'<!DOCTYPE x [<!ENTITY e "a">]><DeleteResult><Deleted><Key>&e;</Key></Deleted></DeleteResult>',
        b"\xff\xfe<DeleteResult/>",
        b'<?xml version="1.0" encoding="TF-8"?><DeleteResult/>',
    ],
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(BrowserError) as caught:
        read_answer(body)
    assert caught.value.kind is ErrorKind.NOT_S3
