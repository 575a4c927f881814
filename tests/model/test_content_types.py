"""Types by name: the same on every machine."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import pytest
from corpus import KEYS
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.content_types import DEFAULT, content_type_of, family_of

FAMILIES = {"image", "video", "audio", "archive", "text", "code", "data", "document", "unknown"}


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.txt", "text/plain"),
        ("A.TXT", "text/plain"),
        ("a/b.c/photo.JPEG", "image/jpeg"),
        ("page.html", "text/html"),
        ("a.tar.gz", "application/gzip"),  # as it is stored: never x-tar with an encoding
        ("a.tgz", "application/gzip"),
        ("data.json", "application/json"),
        ("log.jsonl", "application/x-ndjson"),
        ("app.ts", "text/plain"),
        ("noending", DEFAULT),
        ("", DEFAULT),
        (".", DEFAULT),
        ("a.", DEFAULT),
        (".hidden", DEFAULT),
        ("dir.txt/file", DEFAULT),
        ("x.unknown-ending", DEFAULT),
        ("a.b://[x", DEFAULT),
        ("data:text/html,x.txt", "text/plain"),
        ("a.txt?x=1", DEFAULT),
        ("a.txt;x.png", "image/png"),
    ],
)
def test_the_type_of_a_name(name: str, content_type: str) -> None:
    assert content_type_of(name) == content_type


def test_a_machine_s_own_tables_change_nothing(tmp_path: Path) -> None:
    names = [f"x{ending}" for ending in (".txt", ".js", ".csv", ".xyz123", ".docx", ".ts")]
    before = [content_type_of(name) for name in names]
    odd = tmp_path / "mime.types"
    odd.write_text("application/odd xyz123 txt js csv\n", encoding="ascii")
    try:
        mimetypes.init([str(odd)])
        assert mimetypes.guess_type("x.xyz123")[0] == "application/odd"
        assert [content_type_of(name) for name in names] == before
    finally:
        mimetypes.init()


@given(st.text())
def test_any_name_has_a_type_and_a_family(name: str) -> None:
    main, slash, sub = content_type_of(name).partition("/")
    assert main
    assert slash
    assert sub
    assert family_of(name) in FAMILIES


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_hostile_keys_have_a_type(key: str) -> None:
    assert "\n" not in content_type_of(key)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("a.png", "image"),
        ("a.svg", "image"),
        ("a.mp4", "video"),
        ("a.mkv", "video"),
        ("a.mp3", "audio"),
        ("a.flac", "audio"),
        ("a.zip", "archive"),
        ("a.tar.gz", "archive"),
        ("a.7z", "archive"),
        ("a.tar.bz2", "archive"),
        ("a.txz", "archive"),
        ("a.rar", "archive"),
        ("a.txt", "text"),
        ("a.md", "text"),
        ("a.log", "text"),
        ("a.json", "code"),
        ("a.py", "code"),
        ("a.html", "code"),
        ("a.yaml", "code"),
        ("a.csv", "data"),
        ("a.parquet", "data"),
        ("a.sqlite", "data"),
        ("a.pdf", "document"),
        ("a.docx", "document"),
        ("a.xlsx", "document"),
        ("a.pptx", "document"),
        ("a.odt", "document"),
        ("a.bin", "unknown"),
        ("a", "unknown"),
    ],
)
def test_the_family_of_a_name(name: str, family: str) -> None:
    assert family_of(name) == family
