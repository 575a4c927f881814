"""A listing's XML into packed columns: strict about being S3's, lenient about a single odd entry. No dict per object.

Two ways give the same page. ``list_tiles`` cuts the entries out with one regular expression, and what is left of the page goes
through expat. A page that does not fit goes through expat whole, some five times as slowly.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from cloudtemple_browser.model.columns import Coded, Etags, Strings
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.s3.list_tiles import MAX_FIELD, Tiles, cut_tiles, unescaped

ROOT = "ListBucketResult"  # of ListObjectsV2 and ListObjects
_DATE = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?Z")
_LONGEST_TIME = 30  # characters
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MAX_DEPTH = 12
_MAX_ENTRIES = 10_000  # S3 sends 1,000 at most; some stores take MaxKeys for a hint
_ENTRY = ("Key", "LastModified", "ETag", "Size", "StorageClass")
_FIELDS = {"Contents": frozenset(_ENTRY), "CommonPrefixes": frozenset({"Prefix"})}
_TOP = frozenset({"Name", "IsTruncated", "NextContinuationToken", "EncodingType", "KeyCount", "Marker", "NextMarker"})


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A page, and whether and how the listing goes on. ``first_version``: the store answered as ListObjects, without tokens."""

    page: ListingPage
    truncated: bool
    next_token: str = ""
    next_marker: str = ""
    first_version: bool = False


@dataclass(slots=True)
class _Entries:
    """The texts of the entries without XML's escapes, one list a field; b"" for an element that is missing or too long."""

    prefixes: list[bytes] = field(default_factory=list)
    columns: dict[str, list[bytes]] = field(default_factory=lambda: {name: [] for name in _ENTRY})
    malformed: int = 0

    def joined(self, more: _Entries) -> _Entries:
        """These, which an XML parser found around the tiles, and those that were cut out."""
        columns = {name: more.columns[name] + texts for name, texts in self.columns.items()}
        return _Entries(more.prefixes + self.prefixes, columns, self.malformed)

    def add(self, kind: str, entry: Mapping[str, str]) -> None:
        """One entry as the XML parser read it."""
        if not entry.get("Key" if kind == "Contents" else "Prefix"):
            self.malformed += 1
        elif kind == "CommonPrefixes":
            self.prefixes.append(entry["Prefix"].encode())
        else:
            for column, texts in self.columns.items():
                texts.append(entry.get(column, "").encode())


def parse_listing(body: bytes, prefix: str = "") -> ParsedPage:
    """Parse one page of ListObjectsV2 or ListObjects. Where all names begin with ``prefix`` they are packed without it.

    Raises NOT_S3 for anything that is not a whole ListBucketResult (HTML, empty, cut, with a document type).
    """
    parser, found = _quick(body) or _by_xml(body)
    top = parser.finished(ROOT)
    encoded, marker = top.get("EncodingType") == "url", top.get("NextMarker", "")
    page = _page(found, prefix, encoded=encoded)
    return ParsedPage(
        page,
        top["IsTruncated"] == "true",
        top.get("NextContinuationToken", ""),
        _marker(marker, page, encoded=encoded),
        not {"KeyCount", "NextContinuationToken"} & top.keys() and ("Marker" in top or bool(marker)),
    )


def _marker(marker: str, page: ListingPage, *, encoded: bool) -> str:
    """What a NextMarker means: some stores encode the names and not the marker, which is one of them."""
    meant = named([marker.encode()], encoded=encoded)[0].decode("utf-8", "surrogatepass")
    last = {*page.keys[-1:], *page.prefixes[-1:]}
    return marker if marker in last and meant not in last else meant


def _by_xml(body: bytes) -> tuple[PageParser, _Entries]:
    entries = _Entries()
    parser = PageParser(_FIELDS, _TOP, entries.add)
    parser.feed(body, last=True)
    return parser, entries


def _quick(body: bytes) -> tuple[PageParser, _Entries] | None:
    """The entries, cut out, and a parser that has read the rest; None where the other way must be taken."""
    tiles = cut_tiles(body)
    entries = _entries_of(tiles) if tiles else None
    if tiles is None or entries is None:
        return None
    around = _Entries()
    parser = PageParser(_FIELDS, _TOP, around.add)
    for piece in tiles.pieces[:-1]:
        parser.feed(piece)
        if parser.depth != 1:
            return None
    parser.feed(tiles.pieces[-1], last=True)
    return parser, around.joined(entries)


def _not_s3(why: str) -> BrowserError:
    return BrowserError(ErrorKind.NOT_S3, ErrorFacts(message=why))


def _entries_of(tiles: Tiles) -> _Entries | None:
    """The texts that were cut out; None where an entry is odd enough for the other way."""
    count = len(tiles.columns.get("Key", ()))
    prefixes, columns = unescaped(tiles.prefixes), dict[str, list[bytes]]()
    for name in _ENTRY:
        texts = unescaped(tiles.columns.get(name) or [b""] * count)
        if texts is None:
            return None
        columns[name] = texts
    names = [*columns["Key"], *(prefixes or ())]
    if prefixes is None or not all(names):
        return None
    if any(max(map(len, texts), default=0) > MAX_FIELD for texts in (prefixes, *columns.values())):
        return None
    return _Entries(prefixes, columns)


class PageParser:
    """The expat handlers for a page of entries: ``fields`` by entry, the texts of ``top`` of the page itself.

    ``add(name, texts)`` gets each entry when it ends; the one dictionary is used again for the next.
    """

    def __init__(
        self, fields: Mapping[str, frozenset[str]], top: frozenset[str], add: Callable[[str, Mapping[str, str]], None]
    ) -> None:
        self.root = ""
        self.top: dict[str, str] = {}
        self._fields, self._of_page, self._add = fields, top, add
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._entry: dict[str, str] = {}
        self._expat = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._path)

    def feed(self, text: bytes, *, last: bool = False) -> None:
        """Parse a piece of the page. Raises NOT_S3 for what is no XML, or more than a page may be."""
        try:
            self._expat.Parse(text, last)
        except (expat.ExpatError, LookupError, ValueError) as error:  # ValueError: an encoding of several bytes a character
            raise _not_s3(f"unreadable XML: {error}") from error

    def finished(self, root: str) -> dict[str, str]:
        """The texts of the page itself, once it is known to be S3's; NOT_S3 otherwise."""
        if self.root != root or "Name" not in self.top or self.top.get("IsTruncated") not in ("true", "false"):
            raise _not_s3(f"<{self.root[:40]}> in place of {root}")
        return self.top

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
        if name in self._fields and len(self._path) == 2:
            self._entry.clear()

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length <= MAX_FIELD:
            self._text.append(text)

    def _end(self, _name: str) -> None:
        path = self._path
        name = path.pop()
        depth = len(path)
        if depth == 2:
            if name in self._fields.get(path[1], ()):
                self._entry[name] = "".join(self._text) if self._length <= MAX_FIELD else ""
        elif depth == 1:
            if name in self._fields:
                self._add(name, self._entry)
            elif name in self._of_page:
                self.top[name] = "".join(self._text)
        self._text, self._length = [], 0


# ---------------------------------------------------------------------------------------------------------------- columns


def check_count(entries: int) -> None:
    """Raise NOT_S3 for more entries than an honest page has."""
    if entries > _MAX_ENTRIES:
        raise _not_s3(f"more than {_MAX_ENTRIES} entries in one page")


def _page(entries: _Entries, prefix: str, *, encoded: bool) -> ListingPage:
    columns = entries.columns
    check_count(len(columns["Key"]) + len(entries.prefixes))
    sizes, bad_sizes = sizes_of(columns["Size"])
    modified, bad_dates = moments_of(columns["LastModified"])
    return ListingPage(
        _strings(named(entries.prefixes, encoded=encoded), prefix),
        _strings(named(columns["Key"], encoded=encoded), prefix),
        sizes,
        modified,
        etags_of(columns["ETag"]),
        coded(columns["StorageClass"]),
        entries.malformed,
        bad_sizes + bad_dates,
    )


def named(names: list[bytes], *, encoded: bool) -> list[bytes]:
    """Percent-decoded names, as UTF-8 with "surrogatepass": a name that is not UTF-8 stays distinct by lone surrogates.

    Such a name can be shown, but no request can name it.
    """
    joined = b"\n".join(names)
    if encoded and (b"%" in joined or b"+" in joined):
        names = [unquote_to_bytes(name.replace(b"+", b" ")) if b"%" in name or b"+" in name else name for name in names]
    elif joined.isascii():
        return names
    return [name if name.isascii() else _utf8(name) for name in names]


def _utf8(name: bytes) -> bytes:
    try:
        name.decode()
    except UnicodeDecodeError:
        return name.decode("utf-8", "surrogateescape").encode("utf-8", "surrogatepass")
    return name


def _strings(names: list[bytes], prefix: str) -> Strings:
    lead = prefix.encode("utf-8", "surrogatepass")
    if not lead or not all(name.startswith(lead) for name in names):
        return Strings.packed(names)
    cut = len(lead)
    return Strings.packed([name[cut:] for name in names], prefix)


def sizes_of(texts: list[bytes]) -> tuple[array[int], int]:
    """Sizes in bytes, ``UNKNOWN`` for anything else, and how many are."""
    if texts and b"".join(texts).isdigit() and all(texts) and max(map(len, texts)) < 19:
        return array("q", map(int, texts)), 0
    found = array("q", (int(text) if text.isdigit() and len(text) < 19 else UNKNOWN for text in texts))
    return found, found.count(UNKNOWN)


def moments_of(texts: list[bytes]) -> tuple[array[int], int]:
    """Times in seconds since 1970 UTC, ``UNKNOWN`` for anything else, and how many are."""
    if max(map(len, texts), default=0) > _LONGEST_TIME:  # what is remembered is short
        texts = [text if len(text) <= _LONGEST_TIME else b"" for text in texts]
    found = array("q", map(_seconds, texts))
    return found, found.count(UNKNOWN)


@lru_cache(maxsize=4096)
def _day(text: bytes) -> int:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return (date(int(text[:4]), int(text[5:7]), int(text[8:10])).toordinal() - _FIRST_DAY) * 86_400


@lru_cache(maxsize=65536)
def _seconds(text: bytes) -> int:
    """``2026-11-23T08:30:00.000Z`` as seconds since 1970 UTC; ``UNKNOWN`` for anything else (S3 writes only this form)."""
    if not _TIME.fullmatch(text, 10):
        return UNKNOWN
    try:
        return _day(text[:10]) + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    except ValueError:
        return UNKNOWN


def etags_of(texts: list[bytes]) -> Etags:
    """ETags without their quotes."""
    joined = b"".join(texts).replace(b'"', b"")
    if len(joined) == 32 * len(texts) and set(map(len, texts)) <= {34}:
        try:
            digests = bytes.fromhex(joined.decode())
        except ValueError:
            digests = b""
        if digests.hex().encode() == joined:
            return Etags(digests, {})
    return Etags.of([text.strip(b'"').decode("utf-8", "replace") for text in texts])


def coded(texts: list[bytes]) -> Sequence[str]:
    """Words of which there are few different ones."""
    if not texts:
        return Coded(b"", ())
    if texts.count(texts[0]) == len(texts):
        return Coded(bytes(len(texts)), (texts[0].decode("utf-8", "replace"),))
    table = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    words = tuple(text.decode("utf-8", "replace") for text in table)
    if len(table) > 256:  # no store has so many storage classes
        return tuple(text.decode("utf-8", "replace") for text in texts)
    return Coded(bytes(map(table.__getitem__, texts)), words)
