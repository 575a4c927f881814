"""Listings that break off, go round, or are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from s3.conftest import Rig, Start
from servers.raw import Answer, Request, answer, s3_answer, s3_error

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.explanations import explain


def page_xml(keys: tuple[str, ...] = (), token: str | None = None, truncated: bool | None = None, more: str = "") -> str:
    """A ListBucketResult with these keys; truncated when it has a token."""
    goes_on = token is not None if truncated is None else truncated
    contents = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-23T08:30:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
        f"<Size>3</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for key in keys
    )
    next_token = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>bucket</Name><EncodingType>url</EncodingType><IsTruncated>{str(goes_on).lower()}</IsTruncated>"
        f"{contents}{next_token}{more}</ListBucketResult>"
    )


def listed(rig: Rig) -> tuple[list[str], BrowserError | None]:
    """The keys that came, and the error that the listing ended with."""
    keys: list[str] = []
    try:
        for page in rig.store.list_pages("bucket", "", "/", CallControl()):
            keys += page.keys
    except BrowserError as error:
        return keys, error
    return keys, None


def partial(rig: Rig) -> list[str]:
    """The keys of a listing that must end as PARTIAL."""
    keys, error = listed(rig)
    assert error is not None
    assert error.kind is ErrorKind.PARTIAL
    assert error.facts.subject == "s3://bucket/"
    return keys


def test_the_token_is_sent_back_as_it_came(start: Start) -> None:
    def handler(request: Request) -> Answer:
        following = request.query.get("continuation-token")
        return s3_answer(200, page_xml(("b",)) if following == "t+/=%41 é" else page_xml(("a",), "t+/=%41 é"))

    rig = start(handler)
    assert listed(rig) == (["a", "b"], None)
    first, second = rig.server.requests
    assert (first.query["list-type"], first.query["max-keys"], first.query["encoding-type"]) == ("2", "1000", "url")
    assert "continuation-token" not in first.query
    assert second.query["delimiter"] == "/"


def test_truncated_without_a_token(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, page_xml(("a", "b"), truncated=True)))
    assert partial(rig) == ["a", "b"]


def test_the_same_token_again(start: Start) -> None:
    names = iter("abcdefgh")
    rig = start(lambda _request: s3_answer(200, page_xml((next(names),), "same")))
    assert partial(rig) == ["a", "b"]


def test_tokens_that_go_round(start: Start) -> None:
    tokens, names = iter("ABABABAB"), iter("abcdefgh")
    rig = start(lambda _request: s3_answer(200, page_xml((next(names),), next(tokens))))
    assert partial(rig) == ["a", "b", "c"]


def test_new_tokens_with_the_same_keys(start: Start) -> None:
    tokens = iter(range(100))
    rig = start(lambda _request: s3_answer(200, page_xml(("a", "b"), f"t{next(tokens)}")))
    partial(rig)
    assert len(rig.server.requests) <= 4


def test_pages_without_anything_new_come_to_an_end(start: Start) -> None:
    tokens = iter(range(100))
    rig = start(lambda _request: s3_answer(200, page_xml((), f"t{next(tokens)}")))
    assert partial(rig) == []
    assert len(rig.server.requests) < 100


NO_LISTINGS = {
    "cut": page_xml(("a",))[:-30],
    "two-roots": page_xml(("a",)) + "<more/>",
    "empty": "",
    "garbage": "garbage",
    "html": "<html><head><title>Sign in</title></head></html>",
    "xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "bare": "<ListBucketResult/>",
    "no-end-mark": "<ListBucketResult><Name>bucket</Name></ListBucketResult>",
    "odd-end-mark": "<ListBucketResult><Name>bucket</Name><IsTruncated>maybe</IsTruncated></ListBucketResult>",
    "other-root": "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>",
    "control-character": page_xml(("a\x01b",)),
    "entity": '<!DOCTYPE x [<!ENTITY e "x">]>' + page_xml(("&e;",)).partition("?>")[2],
    "external": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + page_xml().partition("?>")[2],
    "deep": "<ListBucketResult>" + "<a>" * 100_000 + "</a>" * 100_000 + "</ListBucketResult>",
}


@pytest.mark.parametrize("body", NO_LISTINGS.values(), ids=NO_LISTINGS)
def test_what_is_no_listing_is_never_an_empty_folder(start: Start, body: str) -> None:
    rig = start(lambda _request: s3_answer(200, body))
    keys, error = listed(rig)
    assert keys == []
    assert error is not None
    assert error.kind is ErrorKind.NOT_S3
    assert len(rig.server.requests) == 1


def test_odd_entries_are_kept_or_counted(start: Start) -> None:
    odd = (
        "<Contents><Key>odd</Key><Size>abc</Size><LastModified>yesterday</LastModified></Contents>"
        "<Contents><Key>negative</Key><Size>-5</Size><LastModified>2026-13-99T99:99:99.000Z</LastModified></Contents>"
        "<Contents><Size>3</Size></Contents><CommonPrefixes></CommonPrefixes>"
        "<CommonPrefixes><Prefix>a%2Bb/</Prefix></CommonPrefixes><Contents><Key>p+q%20r%01</Key></Contents>"
    )
    rig = start(lambda _request: s3_answer(200, page_xml(("good",), more=odd)))
    (page,) = rig.store.list_pages("bucket", "", "/", CallControl())
    assert page.keys == ("good", "odd", "negative", "p q r\x01")
    assert page.prefixes == ("a+b/",)
    assert list(page.sizes) == [3, UNKNOWN, UNKNOWN, UNKNOWN]
    assert list(page.modified) == [1795422600, UNKNOWN, UNKNOWN, UNKNOWN]
    assert page.malformed == 2
    assert page.unreadable == 6


def test_a_store_that_does_not_encode_names(start: Start) -> None:
    body = page_xml(("a+b%41 &amp; é",)).replace("<EncodingType>url</EncodingType>", "")
    rig = start(lambda _request: s3_answer(200, body))
    assert listed(rig) == (["a+b%41 & é"], None)


def test_a_cut_body_is_asked_for_again(start: Start) -> None:
    whole = page_xml(("a",))
    answers = iter([answer(200, whole[:100], length=len(whole)), s3_answer(200, whole)])
    rig = start(lambda _request: next(answers))
    assert listed(rig) == (["a"], None)
    assert len(rig.server.requests) == 2


def test_cancelling_between_pages_asks_for_no_more(start: Start) -> None:
    tokens, names = iter("ABCDEFGH"), iter("abcdefgh")
    rig = start(lambda _request: s3_answer(200, page_xml((next(names),), next(tokens))))
    control = CallControl()
    listing: Iterator[ListingPage] = rig.store.list_pages("bucket", "", "", control)
    assert next(listing).keys == ("a",)
    control.cancel()
    with pytest.raises(Cancelled):
        next(listing)
    assert len(rig.server.requests) == 1


# ------------------------------------------------------------------------------------------- stores that know ListObjects only


def first_version(request: Request) -> Answer:
    """Two pages of ListObjects, whatever was asked."""
    place = request.query.get("marker", "")
    keys = ("a", "b") if not place else ("c",)
    xml = page_xml(keys, truncated=not place, more=f"<Marker>{place}</Marker>")
    return s3_answer(200, xml)


def test_a_store_that_takes_v2_for_v1(start: Start) -> None:
    rig = start(first_version)
    assert listed(rig) == (["a", "b", "c"], None)
    assert [request.query.get("marker") for request in rig.server.requests] == [None, "b"]
    assert listed(rig) == (["a", "b", "c"], None)
    assert "list-type" not in rig.server.requests[-1].query


def test_a_store_that_refuses_v2(start: Start) -> None:
    def handler(request: Request) -> Answer:
        return s3_error(501, "NotImplemented", "no") if "list-type" in request.query else first_version(request)

    assert listed(start(handler)) == (["a", "b", "c"], None)


def test_a_store_that_refuses_both_versions(start: Start) -> None:
    keys, error = listed(start(lambda _request: s3_error(501, "NotImplemented", "no")))
    assert keys == []
    assert error is not None
    assert (error.kind, error.facts.operation) == (ErrorKind.UNSUPPORTED, "ListObjectsV2")


def test_a_marker_that_stands_still(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, page_xml(("a",), truncated=True, more="<Marker>a</Marker>")))
    assert partial(rig) == ["a"]


@pytest.mark.parametrize("knows_v2", [True, False])
def test_a_page_that_ends_with_a_name_that_is_no_utf8(start: Start, knows_v2: bool) -> None:
    """ListObjects goes on at the last name, and no request can say this one: what came before is kept."""

    def handler(request: Request) -> Answer:
        if "list-type" in request.query and not knows_v2:
            return s3_error(501, "NotImplemented", "no")
        return s3_answer(200, page_xml(("a", "a%FF1"), truncated=True, more="<Marker></Marker>"))

    rig = start(handler)
    assert partial(rig) == ["a", "a\udcff1"]
    _keys, error = listed(rig)
    assert error is not None
    assert str(explain(error).why).endswith(": the next page begins at a name that cannot be sent.")
    assert error.facts.operation == "ListObjects"
    assert not any(request.query.get("marker") for request in rig.server.requests)


@pytest.mark.parametrize("keys", [("p/a", "q/b"), ("P/a", "p/a"), ("q/b",)])
def test_what_is_not_below_the_prefix_is_counted_and_not_shown(start: Start, keys: tuple[str, ...]) -> None:
    """A store that ignores the prefix, or its case: to delete what it names would delete another folder."""
    more = "<CommonPrefixes><Prefix>q/r/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>p/r/</Prefix></CommonPrefixes>"
    rig = start(lambda _request: s3_answer(200, page_xml(keys, more=more)))
    (page,) = rig.store.list_pages("bucket", "p/", "/", CallControl())
    below = [key for key in keys if key.startswith("p/")]
    assert (list(page.keys), list(page.prefixes)) == (below, ["p/r/"])
    assert (len(page.sizes), page.malformed) == (len(below), len(keys) - len(below) + 1)
