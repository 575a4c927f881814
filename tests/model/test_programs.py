"""What runs something when it is opened: by its real ending, and by how it begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.local_names import local_name
from cloudtemple_browser.model.programs import extension, runs

PROGRAMS = [
    "a.exe",
    "b.desktop",
    "c.url",
    "d.lnk",
    "e.hta",
    "f.sh",
    "g.bat",
    "h.cmd",
    "i.ps1",
    "j.js",
    "k.vbs",
    "l.jar",
    "m.msi",
    "n.scr",
    "o.com",
    "p.app",
    "q.command",
    "r.wsf",
    "s.cpl",
    "t.reg",
    "u.deb",
    "v.AppImage",
    "w.pif",
    "x.dmg",
    "y.pkg",
    "z.docm",
    "a.iso",
    "b.webloc",
    "c.py",
    "d.chm",
    "e.scf",
    "f.library-ms",
    "g.terminal",
    "h.run",
    "i.jse",
    "j.EXE",
    "photo.jpg.exe",
    "report.pdf.lnk",
    ".exe.scr",
    "a.rdp",
    "b.appinstaller",
    "c.vsto",
    "d.ppkg",
    "e.accde",
    "f.ACCDR",
]
PLAIN = [
    "a.txt",
    "b.jpg",
    "c.pdf",
    "d.docx",
    "e.csv",
    "f.mp4",
    "g.zip",
    "h.tar.gz",
    "i.json",
    "README",
    "exe",
    ".exe",
    ".bashrc",
    "sh",
    "x.exe.txt",
    "a.desktop.png",
    "i.svg",
]


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_by_their_name(name: str) -> None:
    assert runs(name)


@pytest.mark.parametrize("name", PLAIN)
def test_what_only_holds_something(name: str) -> None:
    assert not runs(name, b"anything")
    assert runs(name, executable=True)


@pytest.mark.parametrize(
    "head",
    [
        b"#!/bin/sh\n",
        b"\x7fELF\x02\x01",
        b"MZ\x90\0",
        b"\xcf\xfa\xed\xfe",
        b"[Desktop Entry]\nExec=x",
        b"# a comment\n[desktop entry]\n",
        b"\xef\xbb\xbf[Desktop Entry]",
        b"[InternetShortcut]\r\nURL=file://server/share",
        b"L\0\0\0\x01\x14\x02\0",
    ],
)
def test_programs_by_how_they_begin(head: bytes) -> None:
    assert runs("holiday", head)
    assert runs("holiday.jpg", head)


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("x.\u202egpj.exe", ".exe"),
        ("x.exe\u202egpj", ".exe\u202egpj"),
        ("photo.jpg.EXE", ".exe"),
        ("photo.exe. .", ".exe"),
        ("none", ""),
        (".hidden", ""),
        ("end.", ""),
        ("", ""),
    ],
)
def test_the_ending_that_counts(name: str, ending: str) -> None:
    assert extension(name) == ending


@given(st.sampled_from(["exe", "desktop", "lnk", "bat"]), st.text(max_size=300), st.sampled_from(["", ".", " ", ". ."]))
def test_no_key_hides_a_program(ending: str, stem: str, tail: str) -> None:
    """A file whose name a system takes for a program's is asked about, whatever stands around its ending."""
    name = local_name(f"a{stem}".replace("/", "") + f".{ending}{tail}")
    if name.endswith(f".{ending}"):
        assert runs(name)
