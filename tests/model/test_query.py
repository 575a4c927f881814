"""What meets a query: against the plain meaning of each condition, on packed and on plain columns alike."""

from __future__ import annotations

import fnmatch
import pickle
import re
import time
from array import array
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.columns import Coded, Etags, Strings
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage, ObjectEntry
from cloudtemple_browser.model.query import Found, Match, Query, Sieve

PREFIX = "p/é/"
names = st.text(st.sampled_from("aAbB.*?[]!-/ÉéßŁ\n\ud800"), min_size=1, max_size=8)
bounds = st.none() | st.integers(0, 5)
entries = st.lists(
    st.builds(
        ObjectEntry,
        key=names.map(PREFIX.__add__),
        size=st.integers(UNKNOWN, 5),
        modified=st.integers(UNKNOWN, 5),
        etag=st.sampled_from(["", "x-2", "0" * 32, "d41d8cd98f00b204e9800998ecf8427e"]),
        storage_class=st.sampled_from(["STANDARD", "", "COLD"]),
    ),
    max_size=12,
    unique_by=lambda entry: entry.key,
)
queries = st.builds(
    Query,
    text=st.text(st.sampled_from("aAb.*?[]!-/Éés"), max_size=4),
    match=st.sampled_from([Match.SUBSTRING, Match.GLOB]),
    case=st.booleans(),
    min_size=bounds,
    max_size=bounds,
    after=bounds,
    before=bounds,
)


def plain(found: list[ObjectEntry]) -> ListingPage:
    """A page as a fake makes it."""
    return ListingPage(
        (),
        tuple(one.key for one in found),
        tuple(one.size for one in found),
        tuple(one.modified for one in found),
        tuple(one.etag for one in found),
        tuple(one.storage_class for one in found),
    )


def packed(found: list[ObjectEntry]) -> ListingPage:
    """The same as a store's parser makes it."""
    table = tuple(dict.fromkeys(one.storage_class for one in found))
    return ListingPage(
        (),
        Strings.of([one.key for one in found], PREFIX),
        array("q", (one.size for one in found)),
        array("q", (one.modified for one in found)),
        Etags.of([one.etag for one in found]),
        Coded(bytes(table.index(one.storage_class) for one in found), table),
    )


def listed(page: ListingPage) -> list[ObjectEntry]:
    columns = (page.keys, page.sizes, page.modified, page.etags, page.storage_classes)
    return [ObjectEntry(*row) for row in zip(*columns, strict=True)]


def meets(query: Query, entry: ObjectEntry) -> bool:
    """The meaning of a query, as slow as it is plain."""
    path = entry.key[len(PREFIX) :]
    if query.match is Match.GLOB:
        name = path if "/" in query.text else path.rstrip("/").split("/")[-1] or path
        flags = re.NOFLAG if query.case else re.IGNORECASE
        named = bool(not query.text or re.fullmatch(fnmatch.translate(query.text), name, flags))
    else:
        named = query.text in path if query.case else query.text.casefold() in path.casefold()
    sized = (query.min_size is None or 0 <= query.min_size <= entry.size) and (
        query.max_size is None or 0 <= entry.size <= query.max_size
    )
    timed = (query.after is None or query.after <= entry.modified) and (
        query.before is None or 0 <= entry.modified < query.before
    )
    return named and sized and timed


@given(queries, entries)
def test_what_is_kept_is_what_meets_it(query: Query, found: list[ObjectEntry]) -> None:
    wanted = [entry for entry in found if meets(query, entry)]
    sieve = pickle.loads(pickle.dumps(Sieve(query, PREFIX)))  # noqa: S301 - it goes to another process
    for page in (plain(found), packed(found)):
        result = sieve(page)
        assert listed(result.page) == wanted
        assert result.looked == len(found)
        assert result.looked_bytes == sum(max(0, entry.size) for entry in found)
        assert result.page.prefixes == ()
    for entry in found:
        assert sieve.meets(entry) is meets(query, entry)
        if sieve.meets(entry):
            assert query.bounds_met(entry.size, entry.modified)


@given(entries)
def test_everything_is_the_page_itself(found: list[ObjectEntry]) -> None:
    page = replace(packed(found), malformed=3)
    for query in (Query(), Query(match=Match.REGEX, case=True)):
        assert query.everything
        assert Sieve(query, PREFIX)(page).page is page


@given(st.text(st.sampled_from("a*?[]!-/z^\\"), max_size=8), names)
def test_no_glob_is_wrong(text: str, name: str) -> None:
    query = Query(text, Match.GLOB)
    assert query.problem() is None
    Sieve(query).meets(ObjectEntry(name, 0, 0))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query("LOG"), ["a/b.log", "log/x", "Straße.LOG"]),
        (Query("LOG", case=True), ["Straße.LOG"]),
        (Query("a/b"), ["a/b.log"]),
        (Query("STRASSE"), ["Straße.LOG"]),
        (Query("*.log", Match.GLOB), ["a/b.log", "Straße.LOG"]),
        (Query("*.log", Match.GLOB, case=True), ["a/b.log"]),
        (Query("log*", Match.GLOB), []),
        (Query("log/*", Match.GLOB), ["log/x"]),
        (Query("a/*", Match.GLOB), ["a/b.log", "a/deep/er/"]),
        (Query("er", Match.GLOB), ["a/deep/er/"]),  # a folder's marker is the folder
        (Query("?", Match.GLOB), ["log/x"]),
        (Query("[a-b].log", Match.GLOB), ["a/b.log"]),
        (Query("^a/.*g$", Match.REGEX), ["a/b.log"]),
        (Query("^LOG/", Match.REGEX), ["log/x"]),
        (Query("^LOG/", Match.REGEX, case=True), []),
        (Query("^p", Match.REGEX), []),  # the prefix is no part of the names
    ],
)
def test_names(query: Query, found: list[str]) -> None:
    keys = ["a/b.log", "log/x", "Straße.LOG", "a/deep/er/"]
    page = plain([ObjectEntry(f"p/{key}", 1, 1) for key in ["", *keys]])
    assert query.problem() is None
    assert [key[2:] for key in Sieve(query, "p/")(page).page.keys] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query("été"), ["été", "NFD", "É"]),
        (Query("ÉTÉ"), ["été", "NFD", "É"]),
        (Query("e\u0301te\u0301"), ["été", "NFD", "É"]),
        (Query("été", case=True), ["été", "NFD"]),
        (Query("e\u0301te\u0301", case=True), ["été", "NFD"]),
        (Query("ete"), []),
        (Query("?t?.*", Match.GLOB), ["été", "NFD", "É"]),  # "?" is one character, however it is written
        (Query("*E\u0301.TXT", Match.GLOB), ["été", "NFD", "É"]),
        (Query("p/[é]té*", Match.GLOB), []),
        (Query("[e\u0301]té*", Match.GLOB, case=True), ["été", "NFD"]),
        (Query("ϊ\u0301"), ["Greek"]),  # two characters that casefold takes apart
        (Query("^été", Match.REGEX), ["été", "É"]),  # as the store has it
    ],
)
def test_accents_in_either_form(query: Query, found: list[str]) -> None:
    """On macOS an accent is a character of its own; elsewhere it is one with its letter."""
    keys = {"été": "été.txt", "NFD": "e\u0301te\u0301.txt", "É": "Été.txt", "Greek": "\u0390.txt", "plain": "etude.txt"}
    objects = [ObjectEntry(f"{PREFIX}{key}", 1, 1) for key in keys.values()]
    for page in (plain(objects), packed(objects)):
        assert list(Sieve(query, PREFIX)(page).page.keys) == [f"{PREFIX}{keys[name]}" for name in found]


def test_what_is_unreadable_is_counted_of_what_was_found() -> None:
    found = [
        ObjectEntry(f"{PREFIX}a", UNKNOWN, UNKNOWN),
        ObjectEntry(f"{PREFIX}b", UNKNOWN, 1),
        ObjectEntry(f"{PREFIX}c", 1, 1),
    ]
    page = replace(packed(found), malformed=1, unreadable=3)
    for text, unreadable in (("a", 2), ("b", 1), ("c", 0), ("d", 0)):
        result = Sieve(Query(text), PREFIX)(page).page
        assert (result.malformed, result.unreadable) == (1, unreadable)


def test_a_prefix_may_end_within_a_name() -> None:
    page = plain([ObjectEntry(key, 1, 1) for key in ("p/2026-1", "p/2026-11/x", "p/2026-12.log")])
    for query, found in (
        (Query("2026*", Match.GLOB), ["p/2026-1", "p/2026-12.log"]),
        (Query("2026-1", Match.REGEX), ["p/2026-1", "p/2026-11/x", "p/2026-12.log"]),
        (Query("p/"), []),
    ):
        assert list(Sieve(query, "p/2026-1")(page).page.keys) == found


def test_a_page_without_objects_holds_nothing() -> None:
    assert Sieve(Query("x"))(ListingPage()) == Found(ListingPage(), 0)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query("(", Match.REGEX), "This is not a regular expression: missing ), unterminated subpattern. ▸("),
        (Query("a" * 5 + "[z-a]", Match.REGEX), "This is not a regular expression: bad character range z-a. aaaaa[▸z-a]"),
        (Query("a{99999999999}", Match.REGEX), "This regular expression is too large."),
        (Query(min_size=2, max_size=1), "The smallest size is above the largest."),
        (Query(after=5, before=5), "The first day is after the last."),
    ],
)
def test_problems_are_said(query: Query, words: str) -> None:
    assert str(query.problem()) == words


@pytest.mark.parametrize(
    "query", [Query(), Query("("), Query("(", Match.GLOB), Query(min_size=1, max_size=1), Query(after=5, before=6)]
)
def test_no_problem(query: Query) -> None:
    assert query.problem() is None


def test_many_stars_do_not_take_for_ever() -> None:
    sieve = Sieve(Query("*a" * 20 + "b", Match.GLOB))
    began = time.monotonic()
    assert not sieve.meets(ObjectEntry("a" * 1000, 1, 1))
    assert time.monotonic() - began < 5
