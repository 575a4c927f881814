"""Versions of one key: only its own, whole, or said that they are not."""

from __future__ import annotations

import pytest
from s3.conftest import Rig, Start
from s3.test_version_parser import marker, page, version
from servers.raw import Answer, Request, s3_answer, s3_error

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind

REF = ObjectRef("bucket", "a b")


def following(key: str, version_id: str) -> str:
    """Where the next page begins."""
    at_version = f"<NextVersionIdMarker>{version_id}</NextVersionIdMarker>" if version_id else ""
    return f"<NextKeyMarker>{key}</NextKeyMarker>{at_version}"


def cut(*entries: str, key: str = "a+b", at: str = "") -> Answer:
    """A page after which there is more."""
    return s3_answer(200, page(*entries, truncated=True, encoded=True, top=following(key, at) if key else ""))


def listed(rig: Rig) -> tuple[list[str], BrowserError | None]:
    """The version ids that came, and the error that the listing ended with."""
    found: list[str] = []
    try:
        for one in rig.store.list_versions(REF, CallControl()):
            found += [version.version_id for version in one.versions]
    except BrowserError as error:
        return found, error
    return found, None


def partial(rig: Rig) -> tuple[list[str], str]:
    """The version ids of a listing that must end as PARTIAL, and why."""
    found, error = listed(rig)
    assert error is not None
    assert (error.kind, error.facts.operation) == (ErrorKind.PARTIAL, "ListObjectVersions")
    assert error.facts.subject == str(REF)
    return found, error.facts.message


def test_the_markers_are_sent_back_and_other_keys_end_it(start: Start) -> None:
    def handler(request: Request) -> Answer:
        if request.query.get("version-id-marker") == "v+/=2":
            return cut(version("a+b", "null"), version("a+b%2Fc", "9", latest="true"), key="a+b%2Fc", at="9")
        return cut(marker("a+b", "3", latest="true"), version("a+b", "v+/=2"), at="v+/=2")

    rig = start(handler)
    assert listed(rig) == (["3", "v+/=2", "null"], None)
    first, second = rig.server.requests
    assert "versions" in first.query
    assert (first.path, first.query["prefix"], first.query["encoding-type"]) == ("/bucket", "a b", "url")
    assert "key-marker" not in first.query
    assert (second.query["prefix"], second.query["key-marker"]) == ("a b", "a b")
    assert {request.method for request in rig.server.requests} == {"GET"}
    assert listed(rig) == (["3", "v+/=2", "null"], None)  # also of a bucket that was asked before
    assert all("versions" in request.query for request in rig.server.requests)


def test_a_marker_that_is_not_encoded_where_the_keys_are(start: Start) -> None:
    pages = iter([cut(version("a+b", "2"), key="a b", at="2"), cut(version("a+b", "1"), key="a b%2F", at="1")])
    rig = start(lambda _request: next(pages))
    assert listed(rig) == (["2", "1"], None)


def test_a_marker_of_another_key_ends_it(start: Start) -> None:
    rig = start(lambda _request: cut(version("a+b", "1"), key="a+b.txt", at="7"))
    assert listed(rig) == (["1"], None)
    assert len(rig.server.requests) == 1


def test_a_key_that_is_not_there(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, page(version("a bc", "1"))))
    assert listed(rig) == ([], None)


@pytest.mark.parametrize("key", ["", "a+b", "0"])
def test_truncated_without_a_way_to_go_on(start: Start, key: str) -> None:
    rig = start(lambda _request: cut(version("a+b", "1"), key=key))
    assert partial(rig) == (["1"], "no marker of the next version")


def test_the_same_marker_again(start: Start) -> None:
    ids = iter("abcdefgh")
    rig = start(lambda _request: cut(version("a+b", next(ids)), at="same"))
    assert partial(rig) == (["a", "b"], "the version marker repeats")


def test_new_markers_with_the_same_versions(start: Start) -> None:
    ids = iter(range(100))
    rig = start(lambda _request: cut(version("a+b", "1"), version("a+b", "1"), at=f"m{next(ids)}"))
    assert partial(rig) == (["1"], "a page brought nothing new")
    assert len(rig.server.requests) == 2


def test_pages_without_anything_come_to_an_end(start: Start) -> None:
    ids = iter(range(100))
    rig = start(lambda _request: cut(at=f"m{next(ids)}"))
    assert partial(rig)[0] == []
    assert len(rig.server.requests) < 100


def test_a_refusal_says_what_was_asked(start: Start) -> None:
    found, error = listed(start(lambda _request: s3_error(403, "AccessDenied", "no")))
    assert found == []
    assert error is not None
    assert (error.kind, error.facts.operation) == (ErrorKind.ACCESS_DENIED, "ListObjectVersions")


def test_cancelling_between_pages_asks_for_no_more(start: Start) -> None:
    ids = iter("abcdefgh")
    rig = start(lambda _request: cut(version("a+b", one := next(ids)), at=one))
    control = CallControl()
    pages = rig.store.list_versions(REF, control)
    assert len(next(pages).versions) == 1
    control.cancel()
    with pytest.raises(Cancelled):
        next(pages)
    assert len(rig.server.requests) == 1


def test_a_key_that_cannot_be_sent(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, page()))
    with pytest.raises(BrowserError) as caught:
        list(rig.store.list_versions(ObjectRef("bucket", "\udce9"), CallControl()))
    assert caught.value.kind is ErrorKind.LOCAL_NAME
    assert rig.server.requests == []
