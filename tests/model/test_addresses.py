"""Addresses: what a key's parts are, and what a typed text means."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from corpus import KEYS
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.addresses import (
    Location,
    ObjectRef,
    TypedAddress,
    base_name,
    is_bucket_name,
    key_problem,
    origin,
    parent_prefix,
    parse_address,
    parse_hosted,
)
from cloudtemple_browser.model.query import Query

SEGMENTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
KEYS_WITH_SLASHES = st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join)


@pytest.mark.parametrize(
    ("key", "parent", "name"),
    [
        ("", "", ""),
        ("a", "", "a"),
        ("a/", "", "a"),
        ("a/b", "a/", "b"),
        ("a/b/", "a/", "b"),
        ("a//", "a/", ""),
        ("a//b", "a//", "b"),
        ("a//b/", "a//", "b"),
        ("/", "", ""),
        ("//", "/", ""),
        ("/a", "/", "a"),
        ("/a/", "/", "a"),
    ],
)
def test_the_parent_and_the_name_of_a_key(key: str, parent: str, name: str) -> None:
    assert parent_prefix(key) == parent
    assert base_name(key) == name
    assert ObjectRef("bucket", key).name == name


@given(KEYS_WITH_SLASHES)
def test_parent_and_name_make_the_key_again(key: str) -> None:
    assert parent_prefix(key) + base_name(key) + ("/" if key.endswith("/") else "") == key
    assert "/" not in base_name(key)
    assert parent_prefix(key) == "" or parent_prefix(key).endswith("/")


@given(KEYS_WITH_SLASHES)
def test_every_step_of_a_location_encloses_the_next_one(key: str) -> None:
    location = Location("c", "bucket", f"{key}/")
    steps = location.steps()
    assert steps[0] == ("bucket", Location("c", "bucket"))
    assert steps[-1][1] == location
    assert [name for name, _where in steps[1:]] == key.split("/")
    for (_, above), (name, below) in itertools.pairwise(steps):
        assert below.parent == above
        assert above.child(name) == below


@given(KEYS_WITH_SLASHES)
def test_going_up_always_ends_at_the_list_of_buckets(key: str) -> None:
    location, seen = Location("c", "bucket", f"{key}/"), 0
    while location.bucket:
        location, seen = location.parent, seen + 1
    assert location == Location("c") == location.parent
    assert seen == key.count("/") + 2


def test_a_prefix_without_a_delimiter_at_its_end_is_a_step_of_its_own() -> None:
    location = Location("c", "bucket", "logs/2026-")
    assert [name for name, _where in location.steps()] == ["bucket", "logs", "2026-"]
    assert location.steps()[-1][1] == location
    assert location.parent == Location("c", "bucket", "logs/")


def test_the_list_of_buckets_has_no_steps() -> None:
    assert Location("c").steps() == ()
    assert str(Location("c")) == "s3://"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_copied_s3_address_is_read_as_the_same_object(key: str) -> None:
    text = str(ObjectRef("bucket", key))
    found = parse_address(text)
    assert found is not None
    assert found.bucket == "bucket"
    assert found.key == key.rstrip()  # white space at the ends of a pasted line is no part of it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket", TypedAddress("", "bucket", "")),
        ("s3://bucket/", TypedAddress("", "bucket", "")),
        ("  S3://bucket/a b/c%20d?x#y  ", TypedAddress("", "bucket", "a b/c%20d?x#y")),
        ("s3://bucket//double", TypedAddress("", "bucket", "/double")),
        ("bucket/a/b/", TypedAddress("", "bucket", "a/b/")),
        ("/bucket/a", TypedAddress("", "bucket", "a")),
        ("", TypedAddress("", "", "")),
        ("s3://", TypedAddress("", "", "")),
        ("/", TypedAddress("", "", "")),
        ("https://s3.example.com", TypedAddress("https://s3.example.com", "", "")),
        ("https://s3.example.com/", TypedAddress("https://s3.example.com", "", "")),
        ("HTTPS://S3.Example.COM/Bucket/Key", TypedAddress("https://s3.example.com", "Bucket", "Key")),
        ("https://h.test:9443/bucket/a%20b%2Fc+d", TypedAddress("https://h.test:9443", "bucket", "a b/c+d")),
        ("http://[::1]:9000/bucket/k", TypedAddress("http://[::1]:9000", "bucket", "k")),
        ("https://u:p@h.test/bucket/k", TypedAddress("https://h.test", "bucket", "k")),
        ("https://h.test/bucket/k?X-Amz-Signature=abc#top", TypedAddress("https://h.test", "bucket", "k")),
        ("https://h.test/bucket//k", TypedAddress("https://h.test", "bucket", "/k")),
        ("https://h.test/bucket/caf%C3%A9", TypedAddress("https://h.test", "bucket", "café")),
    ],
)
def test_what_is_typed_as_a_location(text: str, expected: TypedAddress) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ftp://bucket/x",
        "file:///etc/passwd",
        "javascript://bucket/alert(1)",
        "s3:///key",
        "s3://a",
        "s3://bu..cket/x",
        "s3://../x",
        "s3://bücket/x",
        "s3://arn:aws:s3:::bucket/x",
        "no spaces allowed/x",
        "https://",
        "https:///bucket/key",
        "https://h.test:99999/bucket",
        "https://h.test:port/bucket",
        "https://[::1/bucket",
        "https://h.test/../bucket",
        "https://h.test//bucket/key",
        "https://h.test/bu%2e%2ecket/x",
        "https://h.test/a%00b/x",
    ],
)
def test_what_is_no_location(text: str) -> None:
    assert parse_address(text) is None


@given(st.text())
def test_any_text_gives_an_address_that_can_be_sent_or_none(text: str) -> None:
    found = parse_address(text)
    assert found is None or found.bucket == "" or is_bucket_name(found.bucket)
    assert found is None or found.bucket or not found.key


@pytest.mark.parametrize("name", ["abc", "A_b.c-d", "a" * 255, "1.2.3"])
def test_names_that_a_bucket_can_have(name: str) -> None:
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "ab", "a" * 256, "-abc", "abc.", "a..b", "a/b", "a\nb", "abc\n", "a b", "é" * 3, "a:b", "a%2Fb", "a?b", "a\\b", "٣٣٣"],
)
def test_names_that_a_bucket_can_not_have(name: str) -> None:
    assert not is_bucket_name(name)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "empty"),
        ("a", ""),
        ("/", ""),
        ("k" * 1024, ""),
        ("k" * 1025, "long"),
        ("é" * 512, ""),
        ("é" * 512 + "x", "long"),
        ("a\ud800", "surrogate"),
    ],
)
def test_keys_that_can_not_be_sent(key: str, problem: str) -> None:
    assert key_problem(key) == problem


@pytest.mark.parametrize(
    ("host", "shown"), [("::1", "[::1]"), ("fe80::1%eth0", "[fe80::1%eth0]"), ("127.0.0.1", "127.0.0.1"), ("h.test", "h.test")]
)
def test_only_ipv6_gets_brackets(host: str, shown: str) -> None:
    assert origin("HTTPS", host, None) == f"https://{shown}"


@pytest.mark.parametrize(
    ("scheme", "port", "shown"),
    [
        ("https", 443, "https://h.test"),
        ("http", 80, "http://h.test"),
        ("http", 443, "http://h.test:443"),
        ("https", 9, "https://h.test:9"),
    ],
)
def test_a_port_that_is_the_schemes_own_is_left_out(scheme: str, port: int, shown: str) -> None:
    assert origin(scheme, "h.test", port) == shown


@pytest.mark.parametrize(
    ("text", "bucket", "key"),
    [
        ("https://media.s3.test/x/a%20b.txt", "media", "x/a b.txt"),
        ("https://media.s3.test:443//x", "media", "/x"),
        ("https://a.b.s3.test", "a.b", ""),
    ],
)
def test_a_virtual_hosted_url_of_a_known_endpoint(text: str, bucket: str, key: str) -> None:
    assert parse_hosted(text, "https://s3.test") == TypedAddress("https://s3.test", bucket, key)


@pytest.mark.parametrize(
    "text", ["https://s3.test/x", "http://media.s3.test/x", "https://media.s3.test:9/x", "https://-.s3.test/", "x"]
)
def test_no_virtual_hosted_url(text: str) -> None:
    assert parse_hosted(text, "https://s3.test") is None


def test_a_search_is_made_in_a_folder() -> None:
    folder = Location("c", "bucket", "a/b")
    search = replace(folder, below=Query("x"))
    assert search.folder == folder.folder == folder
    assert search.steps() == folder.steps()
    assert search.parent == folder.parent
    assert search != folder
