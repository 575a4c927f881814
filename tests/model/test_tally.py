"""What lies below a prefix, added up: against a naive count, in any order of pages, and with more groups than are kept."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterable, Sequence

import pytest
from corpus import KEYS
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.columns import Strings
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage
from cloudtemple_browser.model.query import Sieve
from cloudtemple_browser.model.tally import (
    AGE_LIMITS,
    AGE_UNKNOWN,
    OLDER,
    SHOWN_GROUPS,
    Collector,
    Group,
    Groups,
    PageTally,
    Tally,
    age_query,
    extension_of,
    extension_query,
)

NOW = 1_800_000_000
DAY = 86_400
Entry = tuple[str, int, int]  # key, size, modified


def page_of(entries: Iterable[Entry]) -> ListingPage:
    listed = tuple(entries)
    keys, sizes, modified = (tuple(entry[at] for entry in listed) for at in range(3))
    blank = ("",) * len(listed)
    return ListingPage((), keys, sizes, modified, blank, blank)  # type: ignore[arg-type]


def counted(entries: Sequence[Entry], prefix: str = "", page_size: int = 7, max_groups: int = 50_000) -> Tally:
    look, collector = PageTally(prefix, NOW), Collector(max_groups)
    pages = [entries[at : at + page_size] for at in range(0, len(entries), page_size)]
    random.Random(5).shuffle(pages)
    for page in pages:
        collector.add(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(look))(page_of(page)))))  # noqa: S301 - our own
    return collector.tally()


def naive(entries: Sequence[Entry], name: dict[str, str]) -> set[Group]:
    found: dict[str, tuple[int, int]] = {}
    for key, size, _modified in entries:
        objects, total = found.get(name[key], (0, 0))
        found[name[key]] = (objects + 1, total + max(0, size))
    return {Group(*item) for item in ((key, *amount) for key, amount in found.items())}


def folder(key: str, prefix: str, levels: int) -> str:
    parts = key[len(prefix) :].split("/")
    return "".join(f"{part}/" for part in parts[:-1][:levels])


NAMES = st.lists(st.sampled_from(["a", "b.c", "", "d e", "x.GZ", ".rc", "tar.gz", "é"]), min_size=1, max_size=4).map("/".join)
ENTRIES = st.lists(
    st.tuples(
        NAMES.map(lambda name: f"p/{name}"),
        st.integers(UNKNOWN, 5000),
        st.sampled_from([UNKNOWN, 0, NOW, NOW - 3 * DAY, NOW - 400 * DAY]),
    ),
    max_size=60,
)


@given(ENTRIES)
def test_it_is_what_a_naive_count_says(entries: list[Entry]) -> None:
    tally = counted(entries, "p/")
    assert (tally.objects, tally.bytes) == (len(entries), sum(max(0, size) for _key, size, _modified in entries))
    assert tally.unknown == sum(size < 0 for _key, size, _modified in entries)
    times = [modified for _key, _size, modified in entries if modified != UNKNOWN]
    assert (tally.oldest, tally.newest) == (min(times, default=UNKNOWN), max(times, default=UNKNOWN))
    keys = [key for key, _size, _modified in entries]
    assert set(tally.folders.largest) == naive(entries, {key: folder(key, "p/", 1) for key in keys})
    assert set(tally.subfolders.largest) == naive(entries, {key: folder(key, "p/", 2) for key in keys})
    assert set(tally.extensions.largest) == naive(entries, {key: extension_of(key) for key in keys})
    for groups in (tally.folders, tally.subfolders, tally.extensions):
        assert (groups.rest, groups.hidden, groups.exact) == (Group("", 0, 0), 0, True)
        assert list(groups.largest) == sorted(groups.largest, key=lambda group: -group.bytes)
    assert sum(group.objects for group in tally.ages) == tally.objects
    assert sum(group.bytes for group in tally.ages) == tally.bytes


def test_every_awkward_key_is_counted_once() -> None:
    entries = [(key, 10, NOW) for key in KEYS.values()]
    tally = counted(entries)
    assert (tally.objects, tally.bytes) == (len(KEYS), 10 * len(KEYS))
    assert sum(group.objects for group in tally.folders.largest) == len(KEYS)
    assert {"/", "same/", ""} <= {group.name for group in tally.folders.largest}
    assert {group.objects for group in tally.folders.largest if group.name == "same/"} == {2}


def test_packed_columns_are_the_same() -> None:
    entries = [("p/a/x.gz", 1, NOW), ("p/b", 2, NOW)]
    page = page_of(entries)
    packed = ListingPage((), Strings.of(page.keys), page.sizes, page.modified, page.etags, page.storage_classes)
    look = PageTally("p/", NOW)
    assert look(page) == look(packed)
    assert (look(page).objects, look(page).bytes) == (2, 3)


def test_the_marker_of_the_folder_lies_directly_in_it() -> None:
    assert counted([("p/", 3, NOW), ("p/a/", 4, NOW)], "p/").folders.largest == (Group("a/", 1, 4), Group("", 1, 3))


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.txt", "txt"),
        ("A.TXT", "txt"),
        ("a.tar.gz", "gz"),
        ("a/.profile", ""),
        (".profile", ""),
        ("a.b/file", ""),
        ("a.b/", ""),
        ("file", ""),
        ("file.", ""),
        ("a.not an extension", ""),
        ("a.muchtoolongforone", ""),
        ("x/a.7z", "7z"),
        ("a.É", "é"),
        ("a.İ", "İ"),
    ],
)
def test_extensions(name: str, extension: str) -> None:
    assert extension_of(name) == extension
    assert counted([(name, 1, NOW)]).extensions.largest == (Group(extension, 1, 1),)


def test_ages_and_the_search_that_finds_them() -> None:
    limits = [limit + change for limit in AGE_LIMITS for change in (-1, 0, 1)]
    entries = [(f"k{at}.gz", 1, NOW - age) for at, age in enumerate([-DAY, 0, *limits, 10**9])]
    tally = counted([*entries, ("unknown", 1, UNKNOWN)])
    assert [group.name for group in tally.ages] == [str(age) for age in range(AGE_UNKNOWN + 1)]
    assert tally.ages[AGE_UNKNOWN].objects == 1
    assert tally.ages[0].objects == 3  # from the future, of now, and a second under a day
    for age in range(OLDER + 1):
        found = Sieve(age_query(age, NOW))(page_of(entries))
        assert len(found.page.keys) == tally.ages[age].objects


def test_every_extension_that_is_counted_is_found() -> None:
    letters = [letter for letter in map(chr, range(0x110000)) if letter.isalnum() and letter.lower() != letter]
    for letter in letters:
        found = Sieve(extension_query(extension_of(f"a.{letter}")))(page_of([(f"a.{letter}", 1, NOW)]))
        assert len(found.page.keys) == 1, letter


def test_the_search_for_an_extension_finds_what_was_counted() -> None:
    entries = [(name, 1, NOW) for name in ("p/a.gz", "p/b/c.GZ", "p/.gz", "p/gz", "p/x.gz/y", "p/a.tgz")]
    found = Sieve(extension_query("gz"), "p/")(page_of(entries))
    (group,) = (group for group in counted(entries, "p/").extensions.largest if group.name == "gz")
    assert list(found.page.keys) == ["p/a.gz", "p/b/c.GZ"]
    assert group.objects == 2


def total(groups: Groups) -> tuple[int, int]:
    named = groups.largest
    return sum(g.objects for g in named) + groups.rest.objects, sum(g.bytes for g in named) + groups.rest.bytes


def test_more_groups_than_are_shown_are_summed_up() -> None:
    entries = [(f"f{at}/x", at, NOW) for at in range(SHOWN_GROUPS + 500)]
    groups = counted(entries, page_size=100).folders
    assert groups.exact
    assert total(groups) == (len(entries), sum(range(len(entries))))
    assert groups.hidden == len(entries) - len(groups.largest) > 0
    assert {group.bytes for group in groups.largest} >= set(range(500, SHOWN_GROUPS + 500))


def test_more_groups_than_are_counted_one_by_one_keep_exact_totals_and_the_large_ones() -> None:
    entries = [(f"f{at:05}/x", 1, NOW) for at in range(5000)]
    entries += [("large/x", 10**6, NOW)] + [(f"many/{at}", 0, NOW) for at in range(900)]
    random.Random(3).shuffle(entries)
    tally = counted(entries, page_size=50, max_groups=400)
    for groups in (tally.folders, tally.subfolders):
        assert not groups.exact
        assert total(groups) == (tally.objects, tally.bytes) == (5901, 10**6 + 5000)
        assert len(groups.largest) <= 400
    assert tally.folders.largest[0] == Group("large/", 1, 10**6)
    (many,) = (group for group in tally.folders.largest if group.name == "many/")
    assert many.objects > 800
    assert tally.folders.hidden > 4000
