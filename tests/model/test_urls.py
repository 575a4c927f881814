"""Public URLs, read back by decoders that share no code with the encoder."""

from __future__ import annotations

import re

import pytest
from corpus import KEYS
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.addresses import ObjectRef, parse_address
from cloudtemple_browser.model.connections import Addressing
from cloudtemple_browser.model.urls import DEFAULT_PRESIGN_SECONDS, MAX_PRESIGN_SECONDS, has_dot_segments, public_url

ENDPOINT = "https://s3.test"
ANY_KEY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
# RFC 3986, 3.3: what may stand in a path unescaped (without the sub-delimiters, which some clients change).
PATH = re.compile(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*")


def decoded(path: str) -> str:
    """Percent-decoding by hand."""
    raw, at = bytearray(), 0
    while at < len(path):
        if path[at] == "%":
            raw.append(int(path[at + 1 : at + 3], 16))
            at += 3
        else:
            raw += path[at].encode("ascii")
            at += 1
    return raw.decode()


@given(ANY_KEY)
def test_any_key_comes_back_from_its_url(key: str) -> None:
    url = public_url(ENDPOINT, ObjectRef("bucket", key))
    path = url.removeprefix(f"{ENDPOINT}/bucket/")
    assert PATH.fullmatch(path)
    assert decoded(path) == key


@given(ANY_KEY)
def test_the_location_bar_reads_the_url_as_the_same_object(key: str) -> None:
    found = parse_address(public_url(ENDPOINT, ObjectRef("bucket", key)))
    assert found is not None
    assert (found.endpoint, found.bucket, found.key) == (ENDPOINT, "bucket", key)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_no_segment_is_path_syntax(key: str) -> None:
    path = public_url(ENDPOINT, ObjectRef("bucket", key)).removeprefix(f"{ENDPOINT}/bucket/")
    assert not {".", ".."} & set(path.split("/"))
    assert not set("?#\\ \"'<>;&=+") & set(path)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a b", "a%20b"),
        ("a+b", "a%2Bb"),
        ("100%", "100%25"),
        ("é", "%C3%A9"),
        ("a//b", "a//b"),
        ("/a", "/a"),
        ("a/../b", "a/%2E%2E/b"),
        ("..a/b.", "..a/b."),
        ("~x", "~x"),
        ("\udcff", "%FF"),  # a key that is not UTF-8, as a listing gives it: its very bytes
    ],
)
def test_paths(key: str, path: str) -> None:
    assert public_url(ENDPOINT, ObjectRef("bucket", key)) == f"{ENDPOINT}/bucket/{path}"


def test_the_bucket_in_the_host_name() -> None:
    ref = ObjectRef("bucket", "a b")
    assert public_url("http://h.test:9000", ref, Addressing.VIRTUAL) == "http://bucket.h.test:9000/a%20b"


@pytest.mark.parametrize(
    ("key", "dots"), [(".", True), ("a/..", True), ("./a", True), ("a.b", False), ("...", False), ("a/.b", False)]
)
def test_where_browsers_would_go_elsewhere(key: str, dots: bool) -> None:
    assert has_dot_segments(key) is dots


def test_the_life_of_presigned_urls() -> None:
    assert MAX_PRESIGN_SECONDS == 604_800
    assert 0 < DEFAULT_PRESIGN_SECONDS <= MAX_PRESIGN_SECONDS
