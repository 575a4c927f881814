"""What the demo store holds at first: made in code, the same on every machine."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cloudtemple_browser.demo.pictures import DAWN, DUSK, NOON, jpeg, png, svg
from cloudtemple_browser.model.addresses import MAX_KEY_BYTES
from cloudtemple_browser.model.content_types import content_type_of

FLAT_OBJECTS = 10_000
TEN_THOUSAND_OBJECTS = FLAT_OBJECTS + 12 * 10
_MIB = 1024 * 1024

_README = """\
Bienvenue dans le magasin de démonstration
==========================================

Ce magasin S3 tourne sur votre ordinateur, rien ne part sur Internet. Tout y fonctionne pour de vrai : envoyez des fichiers,
rendez un objet public, créez un lien signé, supprimez ce que vous voulez. Vos changements restent d’une fois à l’autre.


Welcome to the demo store
=========================

This S3 store runs on your computer and nothing leaves it. Everything works for real: upload files, make an object public,
create a signed link, delete what you like. Your changes are kept from one start to the next.
"""


@dataclass(frozen=True, slots=True)
class DemoObject:
    """One object to put."""

    key: str
    body: bytes
    content_type: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class DemoBucket:
    """A bucket and its objects, which ``objects`` makes anew at each call."""

    name: str
    objects: Callable[[], Iterator[DemoObject]]


def _welcome() -> Iterator[DemoObject]:
    yield _typed("README.txt", _README.encode(), "text/plain; charset=utf-8")
    dawn = png(240, 150, DAWN)
    yield _typed("public/carte-postale.png", dawn, public=True)
    yield _typed("photos/2026/alpes/aube.png", dawn)
    yield _typed("photos/2026/alpes/midi.jpg", jpeg(60, 40, NOON))
    yield _typed("photos/2026/bretagne/crépuscule.png", png(180, 120, DUSK))
    yield _typed("photos/2025/vacances d’été.jpg", jpeg(48, 32, DUSK))
    yield _typed("photos/bonjour.svg", svg("Bonjour · Welcome"))
    for number in range(1, 6):
        text = f"Contrat de démonstration 2026-{number:03}\n\nEntre la société A et la société B, rien n’est convenu.\n" * 12
        yield _typed(f"documents/contrats/contrat-2026-{number:03}.txt", text.encode(), "text/plain; charset=utf-8")
    yield _typed("documents/notes de réunion.md", "# Réunion\n\n- montrer la démo\n- café ☕\n".encode())
    yield _typed("documents/empty.txt", b"")
    cities = [{"city": city, "population": people} for city, people in (("Paris", 2103), ("Lyon", 520), ("Brest", 140))]
    yield _typed("data/cities.json", json.dumps(cities, indent=2).encode())
    sales = "".join(f"2026-{month:02};{1200 + 37 * month}\n" for month in range(1, 13))
    yield _typed("data/ventes-2026.csv", f"mois;ventes\n{sales}".encode())
    for day in range(1, 15):
        lines = (f"2026-01-{day:02}T{hour:02}:00:00Z INFO request {hour * day} answered\n" for hour in range(24))
        yield _typed(f"logs/2026-01-{day:02}.log", "".join(lines).encode())
    yield _typed("sauvegardes/base.sql.gz", gzip.compress(b"INSERT INTO demo VALUES (1);\n" * 4000, mtime=0))
    yield _typed("sauvegardes/disk-8-MiB.img", random.Random(2026).randbytes(8 * _MIB))  # noqa: S311 - filler, not a secret
    yield DemoObject("empty-folder/", b"", "application/x-directory")


def _ten_thousand() -> Iterator[DemoObject]:
    for number in range(1, FLAT_OBJECTS + 1):
        yield _typed(f"object-{number:05}.txt", f"Object {number} of {FLAT_OBJECTS}\n".encode() * (1 + number % 40))
    for month in range(1, 13):
        for number in range(1, 11):
            yield _typed(f"folders/2026-{month:02}/{number:02}.json", json.dumps({"month": month, "number": number}).encode())


AWKWARD_KEYS = (
    "a name with spaces.txt", " leading space", "trailing space ", "two  spaces",
    "a+b c++.txt", "100%.txt", "literal-%41-%2F-%zz", "what?really#1.txt", "query?acl&versionId=1",
    "caf\u00e9-nfc.txt", "cafe\u0301-nfd.txt", "Gr\u00f6\u00dfe/\u00dcbung.txt", "日本語/文書.txt", "🎉🇫🇷👩\u200d🚀.txt",
    ".", "..", "up/../and/./down", "../../etc/passwd", "//", "a//b", "a///b//c", "/leading/slash.txt",
    "trailing.dot.", "dots...", "~home", "-rf", "CON", "C:\\drive\\file.txt", "stream.txt:alternate",
    "README.txt", "readme.TXT", "two\nlines", "tab\there", "carriage\rreturn",
    "bell\x07.txt", "\x1b[31mred\x1b[0m.txt", "delete\x7f.txt",
    "<b>bold</b><img src=x onerror=alert(1)>.html", 'quotes "double" \'single\' `back`', "&amp;&lt;",
    "invoice\u202egpj.exe", "zero\u200bwidth", "line\u2028separator",
    "L" * MAX_KEY_BYTES, "é" * (MAX_KEY_BYTES // 2), "deep/" * 200 + "end.txt",
    "a", "a/b", "folder-and-object", "folder-and-object/", "folder-and-object/inside.txt",
)  # fmt: skip


def _awkward() -> Iterator[DemoObject]:
    for key in AWKWARD_KEYS:
        body = b"" if key.endswith("/") else f"The key of this object is {key!r}\n".encode()
        yield _typed(key, body)


def _typed(key: str, body: bytes, content_type: str = "", public: bool = False) -> DemoObject:
    return DemoObject(key, body, content_type or content_type_of(key), public)


WELCOME = DemoBucket("welcome", _welcome)
AWKWARD = DemoBucket("awkward-names", _awkward)
TEN_THOUSAND = DemoBucket("ten-thousand", _ten_thousand)
