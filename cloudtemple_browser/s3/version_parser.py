"""A listing of versions: its XML into columns, as strict and as lenient as ``list_parser``. No dict per version."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.versions import ObjectVersion, VersionPage
from cloudtemple_browser.s3 import list_parser
from cloudtemple_browser.s3.list_parser import PageParser

ROOT = "ListVersionsResult"
_ENTRY = ("Key", "VersionId", "IsLatest", "LastModified", "ETag", "Size", "StorageClass")
_FIELDS = {
    "Version": frozenset(_ENTRY),
    "DeleteMarker": frozenset(_ENTRY) - {"ETag", "Size", "StorageClass"},
    "CommonPrefixes": frozenset({"Prefix"}),
}
_TOP = frozenset({"Name", "IsTruncated", "EncodingType", "NextKeyMarker", "NextVersionIdMarker"})


@dataclass(frozen=True, slots=True)
class ParsedVersions:
    """A page as parallel columns in the store's order, and whether and where the listing goes on.

    ``next_keys`` is what the marker of the next key may mean: Ceph does not encode it where it encodes the keys.
    """

    keys: Sequence[str]
    version_ids: Sequence[str]
    latest: Sequence[bool]
    deleted: Sequence[bool]
    sizes: array[int]
    modified: array[int]
    etags: Sequence[str]
    storage_classes: Sequence[str]
    prefixes: Sequence[str]
    malformed: int
    truncated: bool
    next_keys: tuple[str, str]
    next_version: str

    def of_key(self, key: str) -> VersionPage:
        """The versions of exactly one key."""
        found = tuple(self._version(at) for at, name in enumerate(self.keys) if name == key)
        unreadable = sum((one.size == UNKNOWN) + (one.modified == UNKNOWN) for one in found)
        return VersionPage(found, self.malformed, unreadable)

    def _version(self, at: int) -> ObjectVersion:
        return ObjectVersion(
            self.version_ids[at],
            self.latest[at],
            self.deleted[at],
            self.sizes[at],
            self.modified[at],
            self.etags[at],
            self.storage_classes[at],
        )


@dataclass(slots=True)
class _Entries:
    columns: dict[str, list[bytes]] = field(default_factory=lambda: {name: [] for name in _ENTRY})
    deleted: list[bool] = field(default_factory=list)
    prefixes: list[bytes] = field(default_factory=list)
    malformed: int = 0

    def add(self, kind: str, entry: Mapping[str, str]) -> None:
        """One entry as the XML parser read it."""
        needed = ("Prefix",) if kind == "CommonPrefixes" else ("Key", "VersionId")
        if not all(map(entry.get, needed)):
            self.malformed += 1
        elif kind == "CommonPrefixes":
            self.prefixes.append(entry["Prefix"].encode())
        else:
            self.deleted.append(kind == "DeleteMarker")
            for column, texts in self.columns.items():
                texts.append(entry.get(column, "0" if self.deleted[-1] and column == "Size" else "").encode())


def parse_versions(body: bytes) -> ParsedVersions:
    """Parse one page of ListObjectVersions.

    Raises NOT_S3 for anything that is not a whole ListVersionsResult, and UNSUPPORTED for a listing of objects: a store that
    knows no versions takes the one request for the other.
    """
    entries = _Entries()
    parser = PageParser(_FIELDS, _TOP, entries.add)
    parser.feed(body, last=True)
    if parser.root == list_parser.ROOT:
        raise BrowserError(ErrorKind.UNSUPPORTED, ErrorFacts(message=f"<{parser.root}> in place of {ROOT}"))
    top = parser.finished(ROOT)
    columns, encoded, marker = entries.columns, top.get("EncodingType") == "url", top.get("NextKeyMarker", "")
    list_parser.check_count(len(entries.deleted) + len(entries.prefixes))
    return ParsedVersions(
        _texts(list_parser.named(columns["Key"], encoded=encoded)),
        _texts(columns["VersionId"]),
        tuple(text == b"true" for text in columns["IsLatest"]),
        tuple(entries.deleted),
        list_parser.sizes_of(columns["Size"])[0],
        list_parser.moments_of(columns["LastModified"])[0],
        list_parser.etags_of(columns["ETag"]),
        list_parser.coded(columns["StorageClass"]),
        _texts(list_parser.named(entries.prefixes, encoded=encoded)),
        entries.malformed,
        top["IsTruncated"] == "true",
        (marker, _texts(list_parser.named([marker.encode()], encoded=encoded))[0]),
        top.get("NextVersionIdMarker", ""),
    )


def _texts(names: list[bytes]) -> tuple[str, ...]:
    return tuple(name.decode("utf-8", "surrogatepass") for name in names)
