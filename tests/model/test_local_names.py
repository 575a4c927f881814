"""Keys to local names: nothing leaves the folder, nothing is lost, and back again."""

from __future__ import annotations

import ntpath
import posixpath
import re
import unicodedata
from pathlib import PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloudtemple_browser.model.local_names import (
    EMPTY,
    MAX_NAME_BYTES,
    LocalNames,
    folded,
    key_from_local,
    local_name,
    local_numbered,
    local_path,
    numbered,
)

# Text made of what is dangerous, mixed with any text at all (lone surrogates too: a listing may hold them).
PATHS = ("/", "..", ".", " ", "%", "%2F", "%2e", "\\", ":", "C:", "con", "NUL.", "COM¹", "~1", "<", "|", ".txt", ".tar.gz")
CHARACTERS = ("\0", "\n", "\u202e", "\u200d", "é", "e\u0301", "A", "x" * 120, "𝄞" * 61, "\ud800", "\udc00")
DANGEROUS = st.sampled_from(PATHS + CHARACTERS)
ANY = st.text(st.characters(exclude_categories=()), max_size=6)
KEYS = st.lists(DANGEROUS | ANY, min_size=1, max_size=8).map("".join)

HOSTILE = [
    "../etc/passwd",
    "a/../../b",
    "/etc/passwd",
    "//srv/share/x",
    "C:\\x",
    "C:x",
    "\\\\srv\\share\\x",
    "a\\..\\..\\b",
    "file:stream",
    "...",
    ". .",
    "",
    "/",
    "a//b",
    "x/",
    "%2F",
    "%2E%2E/x",
]


@given(KEYS)
@example("a/" * 512)
def test_a_path_stays_in_its_folder_on_every_system(key: str) -> None:
    names = local_path(key)
    assert names
    for flavour, base in ((posixpath, "/downloads"), (ntpath, "D:\\downloads")):
        whole = flavour.join(base, *names)
        assert flavour.normpath(whole) == whole
        assert flavour.relpath(whole, base).split(flavour.sep) == list(names)


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys_are_plain_names_and_come_back(key: str) -> None:
    names = local_path(key)
    assert ntpath.normpath(ntpath.join("D:\\dl", *names)).startswith("D:\\dl\\")
    assert posixpath.normpath(posixpath.join("/dl", *names)) == "/".join(("/dl", *names))
    assert key_from_local(names) == key


@given(KEYS)
def test_a_name_is_short_and_writable_everywhere(key: str) -> None:
    for name in local_path(key):
        assert 0 < len(name.encode()) <= MAX_NAME_BYTES  # also: no surrogates
        assert len(name.encode("utf-16-le")) // 2 <= MAX_NAME_BYTES
        assert not re.search(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*]', name)
        assert name[-1] not in ". "
        assert not PureWindowsPath(name).is_reserved()
        assert not any(unicodedata.bidirectional(char) in BIDI_CONTROLS for char in name)


BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN"}


@given(KEYS)
def test_names_that_were_not_shortened_come_back(key: str) -> None:
    names = local_path(key)
    segments = key.split("/")
    for segment, name in zip(segments, names, strict=True):
        if not re.search(r"~[0-9a-f]{16}(\.tar)?(\.[^.]*)?$", name):
            assert key_from_local((name,)) == segment


@given(st.lists(KEYS, max_size=12, unique=True))
def test_different_keys_get_different_paths(keys: list[str]) -> None:
    assert len({local_path(key) for key in keys}) == len(keys)


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        ("plain name.txt", "plain name.txt"),
        ("été 😀.png", "été 😀.png"),
        ("", EMPTY),
        (".", "%2E"),
        ("..", ".%2E"),
        ("a. ", "a.%20"),
        ("100%", "100%"),
        ("100%25", "100%2525"),
        ("%2F", "%252F"),
        ("a:b", "a%3Ab"),
        ("con", "%63on"),
        ("con.txt", "%63on.txt"),
        ("CON .txt", "%43ON .txt"),
        ("COM1", "%43OM1"),
        ("com¹.log", "%63om¹.log"),
        ("CONIN$", "%43ONIN$"),
        ("console", "console"),
        ("common.txt", "common.txt"),
        ("PROGRA~1", "PROGRA%7E1"),
        ("backup of it~1.txt", "backup of it~1.txt"),
        ("x\u202egpj.exe", "x%E2%80%AEgpj.exe"),
        ("a\nb", "a%0Ab"),
        ("\ud800", "%ED%A0%80"),
    ],
)
def test_names(segment: str, name: str) -> None:
    assert local_name(segment) == name
    assert key_from_local((name,)) == segment


def test_long_names_keep_their_extension_and_stay_apart() -> None:
    first, second = local_name("x" * 300 + "a.tar.gz"), local_name("x" * 300 + "b.tar.gz")
    assert first != second
    assert first.endswith(".tar.gz")
    assert len(first) == MAX_NAME_BYTES
    assert len(local_name("é" * 200 + ".jpg").encode()) in (MAX_NAME_BYTES - 1, MAX_NAME_BYTES)


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("a.txt", "a (2).txt"),
        ("a.tar.gz", "a (2).tar.gz"),
        ("a", "a (2)"),
        (".profile", ".profile (2)"),
        ("v1. draft", "v1. draft (2)"),
    ],
)
def test_numbered(name: str, copy: str) -> None:
    assert numbered(name, 2) == local_numbered(name, 2) == copy


def test_a_numbered_local_name_is_not_longer() -> None:
    name = local_name("é" * 400 + ".jpg")
    assert len(local_numbered(name, 1234).encode()) <= MAX_NAME_BYTES
    assert local_numbered(name, 1234).endswith(" (1234).jpg")


def test_text_that_only_looks_escaped_is_left_alone() -> None:
    assert key_from_local(("100%FF",)) == "100%FF"


@given(st.lists(KEYS, max_size=20, unique=True))
def test_no_two_keys_share_a_file_even_without_case_and_accents(keys: list[str]) -> None:
    names = LocalNames()
    files = [names.file(key) for key in keys]
    seen = {tuple(map(folded, path)) for path in files}
    assert len(seen) == len(keys)
    folders = {path[:depth] for path in files for depth in range(1, len(path))}
    assert not {tuple(map(folded, path)) for path in folders} & seen, "a folder where a file is"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A", "a"),
        ("é", "e\u0301"),
        ("STRASSE", "straße"),
        ("\u1e9e", "ß"),
        ("\u0131", "I"),
        ("\u212a", "k"),
        ("\u03b1\u0345\u0301", "\u1fb4"),
    ],
)
def test_names_that_some_file_system_takes_for_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_clashes_are_numbered_in_order() -> None:
    names = LocalNames()
    assert [names.file(key) for key in ("A.txt", "a.txt", "a (2).txt", "a.TXT")] == [
        ("A.txt",),
        ("a (2).txt",),
        ("a (2) (2).txt",),
        ("a (3).TXT",),
    ]
    assert names.file("caf\u00e9") == ("caf\u00e9",)
    assert names.file("cafe\u0301") == ("cafe\u0301 (2)",)


def test_an_object_beside_a_folder_of_its_name() -> None:
    names = LocalNames()
    assert names.file("a") == ("a",)
    assert names.file("a/b") == ("a (2)", "b")
    assert names.folder("a/") == ("a (2)",)
    assert names.file("A/b") == ("A (3)", "b")
    assert names.file("a/c") == ("a (2)", "c")


def test_many_clashes_take_linear_time() -> None:
    names = LocalNames()
    letters = "abcdefghijklm"
    keys = ["".join(c.upper() if n >> i & 1 else c for i, c in enumerate(letters)) for n in range(1 << len(letters))]
    assert len({folded(names.file(key)[0]) for key in keys}) == len(keys)
