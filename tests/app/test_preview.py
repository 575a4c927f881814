"""What is shown of an object: text that is cut, encodings, JSON that attacks."""

from __future__ import annotations

import codecs
import json

import pytest
from fakes.memory_store import MemoryStore
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.app.commands.preview import (
    IMAGE_LIMIT,
    TEXT_LIMIT,
    Preview,
    PreviewKind,
    decode_text,
    load_facts,
    load_preview,
    text_preview,
)
from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectHead


def shown(body: bytes, declared: str = "", key: str = "k") -> Preview:
    return text_preview(ObjectHead(body, declared, len(body), complete=True), declared, key)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.integers(0, 40))
def test_utf8_may_be_cut_anywhere(text: str, cut: int) -> None:
    body = text.encode()
    part = decode_text(body[:cut], complete=cut >= len(body))
    assert part == body[:cut].decode(errors="ignore").removeprefix("\ufeff")


@pytest.mark.parametrize("mark_and_name", [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_utf16_with_its_mark_may_be_cut_anywhere(mark_and_name: tuple[bytes, str], cut: int) -> None:
    mark, name = mark_and_name
    body = mark + "Größe 🎉".encode(name)
    assert decode_text(body, complete=True) == "Größe 🎉"
    part = decode_text(body[: len(body) - cut], complete=cut == 0)
    assert part == ("Größe 🎉" if cut == 0 else "Größe ")


def test_a_utf8_mark_is_not_shown() -> None:
    assert decode_text(codecs.BOM_UTF8 + b"x", complete=True) == "x"


@pytest.mark.parametrize(
    "body",
    [
        b"\x00",
        b"text\x00more",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n",
        codecs.BOM_UTF32_LE + "x".encode("utf-32-le"),
        "é".encode("latin-1") + b"x",
        b"caf\xc3",
    ],
)
def test_what_is_not_text(body: bytes) -> None:
    assert decode_text(body, complete=True) is None
    assert shown(body).kind is PreviewKind.NOTHING


def test_an_empty_object_says_so() -> None:
    assert str(shown(b"").note) == "This object is empty."


def test_json_is_indented_and_nothing_else_changes() -> None:
    found = shown(
        '{"é":[1,{"a":null}],"big":12345678901234567890}'.encode(), "application/json; charset=utf-8".partition(";")[0]
    )
    assert found.text.splitlines()[1].startswith('  "é"')
    assert json.loads(found.text) == {"é": [1, {"a": None}], "big": 12345678901234567890}
    assert "indented" in str(found.note)


def test_json_by_its_ending() -> None:
    assert shown(b"[1]", "binary/octet-stream", "a/DATA.JSON").text == "[\n  1\n]"
    assert shown(b"[1]", "text/plain", "a.txt").text == "[1]"


def test_wrong_json_is_shown_as_it_is_with_the_place() -> None:
    found = shown(b'{"a": 1,\n "b": }', "application/json")
    assert found.kind is PreviewKind.TEXT
    assert found.text == '{"a": 1,\n "b": }'
    assert "line 2, column 7" in str(found.note)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 50_000 + b"]" * 50_000,
        b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
        b"9" * 100_000,
        b"[" * 800 + b"1," * 120_000 + b"1" + b"]" * 800,  # indented it would have 200 million characters
    ],
    ids=["open", "deep", "deep-objects", "long-number", "deep-and-wide"],
)
def test_json_that_attacks_is_shown_as_it_is(body: bytes) -> None:
    found = shown(body[:TEXT_LIMIT], "application/json")
    assert found.kind is PreviewKind.TEXT
    assert found.text == body[:TEXT_LIMIT].decode()


def test_a_large_text_is_cut_and_says_how_much_is_shown() -> None:
    store = MemoryStore()
    body = ("é" * TEXT_LIMIT).encode()  # two bytes each: the limit falls between two characters ...
    ref = store.add("bucket", "a.txt", b"x" + body)  # ... and here in the middle of one
    found = load_preview(store, ref, CallControl())
    assert found.kind is PreviewKind.TEXT
    assert found.text == "x" + "é" * ((TEXT_LIMIT - 1) // 2)
    assert str(found.note) == f"The first {TEXT_LIMIT} bytes of {len(body) + 1} bytes."


def test_cut_json_is_not_parsed() -> None:
    store = MemoryStore()
    ref = store.add("bucket", "a.json", b"[" + b"1," * TEXT_LIMIT + b"1]", content_type="application/json")
    assert load_preview(store, ref, CallControl()).text.startswith("[1,1,")


def test_a_picture_is_read_whole() -> None:
    store = MemoryStore()
    ref = store.add("bucket", "a.png", b"\x89PNG" + b"x" * TEXT_LIMIT)
    found = load_preview(store, ref, CallControl())
    assert (found.kind, len(found.body)) == (PreviewKind.IMAGE, TEXT_LIMIT + 4)
    assert store.count("read_head") == 2


def test_a_picture_that_is_too_large_is_not_read() -> None:
    store = MemoryStore()
    ref = store.add("bucket", "a.png", bytes(IMAGE_LIMIT + 1))
    found = load_preview(store, ref, CallControl())
    assert found.kind is PreviewKind.NOTHING
    assert "up to" in str(found.note)
    assert store.count("read_head") == 1


@pytest.mark.parametrize("kind", ["image/svg+xml", "image/tiff", "image/x-icon"])
def test_other_pictures_are_not_given_to_a_decoder(kind: str) -> None:
    store = MemoryStore()
    ref = store.add("bucket", "a.bin", b"II*\x00", content_type=kind)
    assert load_preview(store, ref, CallControl()).kind is not PreviewKind.IMAGE


def test_facts_are_the_acl_and_the_url() -> None:
    store = MemoryStore()
    ref = store.add("bucket", "a b", b"x")
    assert not load_facts(store, ref).acl.public
    store.write_acl(ref, CannedAcl.PUBLIC_READ)
    facts = load_facts(store, ref)
    assert facts.acl.public
    assert store.fetch(facts.url) == (200, b"x")
