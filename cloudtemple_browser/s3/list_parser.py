"""ListObjectsV2's XML into columns: strict about being S3's, lenient about a single odd entry. No dict per object."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_plus
from xml.parsers import expat

from cloudtemple_browser.model.entries import UNKNOWN, ListingPage
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind

ROOT = "ListBucketResult"
_MAX_FIELD = 16 << 10  # characters: a key of 1,024 bytes is 3,072 characters percent-encoded
_MAX_DEPTH = 12
_FIELDS = {"Contents": {"Key", "Size", "LastModified", "ETag", "StorageClass"}, "CommonPrefixes": {"Prefix"}}
_TOP = {"Name", "IsTruncated", "NextContinuationToken", "EncodingType"}


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A page, and whether and how the listing goes on."""

    page: ListingPage
    truncated: bool
    next_token: str


@dataclass(slots=True)
class _Columns:
    prefixes: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    modified: list[int] = field(default_factory=list)
    etags: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    malformed: int = 0


def parse_listing(body: bytes) -> ParsedPage:
    """Parse one page. Raises NOT_S3 for anything that is not a whole ListBucketResult (HTML, empty, cut, with a DTD)."""
    parser = _Parser()
    try:
        parser.run(body)
    except (expat.ExpatError, UnicodeDecodeError) as error:
        raise _not_s3(f"unreadable XML: {error}") from error
    top = parser.top
    if parser.root != ROOT or "Name" not in top or top.get("IsTruncated") not in ("true", "false"):
        raise _not_s3(f"<{parser.root[:40]}> in place of {ROOT}")
    found = parser.columns
    decode = _decoded if top.get("EncodingType") == "url" else list
    page = ListingPage(
        tuple(decode(found.prefixes)),
        tuple(decode(found.keys)),
        tuple(found.sizes),
        tuple(found.modified),
        tuple(found.etags),
        tuple(found.classes),
        found.malformed,
    )
    return ParsedPage(page, top["IsTruncated"] == "true", top.get("NextContinuationToken", ""))


def _not_s3(why: str) -> BrowserError:
    return BrowserError(ErrorKind.NOT_S3, ErrorFacts(message=why))


def _decoded(names: list[str]) -> list[str]:
    # "surrogateescape" keeps a key that is not UTF-8 distinct; such a key can be shown but no request can name it.
    return [unquote_plus(name, errors="surrogateescape") if "%" in name or "+" in name else name for name in names]


class _Parser:
    """The expat handlers: each element's text is put into its column when the element ends."""

    def __init__(self) -> None:
        self.root = ""
        self.top: dict[str, str] = {}
        self.columns = _Columns()
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._entry: dict[str, str] = {}

    def run(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(body, True)

    def _doctype(self, *_args: object) -> None:
        raise _not_s3("a document type declaration")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self._path:
            self.root = name
        self._path.append(name)
        if len(self._path) > _MAX_DEPTH:
            raise _not_s3("elements nested too deeply")
        self._text, self._length = [], 0
        if name in ("Contents", "CommonPrefixes") and len(self._path) == 2:
            self._entry = {}

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length <= _MAX_FIELD:
            self._text.append(text)

    def _end(self, name: str) -> None:
        path = self._path
        name = path.pop()
        depth = len(path)
        if depth == 2:
            if name in _FIELDS.get(path[1], ()):
                self._entry[name] = "".join(self._text) if self._length <= _MAX_FIELD else ""
        elif depth == 1:
            if name == "Contents":
                self._add_object(self._entry)
            elif name == "CommonPrefixes":
                self._add_prefix(self._entry)
            elif name in _TOP:
                self.top[name] = "".join(self._text)
        self._text, self._length = [], 0

    def _add_prefix(self, entry: dict[str, str]) -> None:
        if prefix := entry.get("Prefix"):
            self.columns.prefixes.append(prefix)
        else:
            self.columns.malformed += 1

    def _add_object(self, entry: dict[str, str]) -> None:
        columns = self.columns
        key = entry.get("Key")
        if not key:
            columns.malformed += 1
            return
        columns.keys.append(key)
        columns.sizes.append(_size(entry.get("Size", "")))
        columns.modified.append(_seconds(entry.get("LastModified", "")))
        columns.etags.append(entry.get("ETag", "").strip('"'))
        columns.classes.append(entry.get("StorageClass", ""))


def _size(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else UNKNOWN


@lru_cache(maxsize=4096)
def _day(text: str) -> int:
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    if not (1 <= month <= 12 and 1 <= day <= 31 and text[4] == text[7] == "-"):
        raise ValueError(text)
    return calendar.timegm((year, month, day, 0, 0, 0))


def _seconds(text: str) -> int:
    """``2026-11-23T08:30:00.000Z`` as seconds since 1970 UTC; ``UNKNOWN`` for anything else (S3 writes only this form)."""
    try:
        if text[10] != "T" or text[-1] != "Z":
            return UNKNOWN
        return _day(text[:10]) + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    except (ValueError, IndexError):
        return UNKNOWN
