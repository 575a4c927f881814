"""Cutting the entries out of a listing's XML by a regular expression that must tile the page.

A store writes every entry in one shape: the same elements in the same order, some of them only at times. The shape is learnt
from the page's own entries and becomes a strict pattern. What the pattern does not cover without a gap is left to an XML
parser, and so is every page with a construct (comment, CDATA, document type, attribute, control character, odd entity) that
could make a parser read it differently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

MAX_FIELD = 16 << 10  # bytes: a key of 1,024 bytes is 3,072 bytes percent-encoded

_CAPTURED = (b"Key", b"LastModified", b"ETag", b"Size", b"StorageClass")
_OPEN, _CLOSE = b"<Contents>", b"</Contents>"
_PREFIX_OPEN, _PREFIX_CLOSE = b"<CommonPrefixes><Prefix>", b"</Prefix></CommonPrefixes>"
_PREFIX = re.compile(rb"<CommonPrefixes><Prefix>([^<]*)</Prefix></CommonPrefixes>")
_ELEMENT = re.compile(rb"<([A-Za-z]+)>(?:[^<]*</\1>|((?:<([A-Za-z]+)>[^<]*</\3>)+)</\1>)")
_ILLEGAL = bytes(set(range(32)) - {9, 10})  # in XML 1.0, and the carriage return, which a parser would turn into a line feed
_ODD_ENTITY = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;)")
_DECLARATION = re.compile(rb"\s*<\?xml [^<>]*?(?:encoding=[\"']utf-8[\"'])?\s*\?>", re.IGNORECASE)
_SHAPES = 4  # optional elements that turn up in later entries, before the page is given up

Shape = tuple[tuple[bytes, bool, bool], ...]
"""The elements of an entry: (name, whether it has elements inside, whether it may be missing)."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """What was cut out, in the page's order and as it was written (XML's escapes included), and what was left around it.

    ``columns`` has a list for each element of ``Contents`` that a listing shows; b"" where an entry has no such element.
    Entries were between each two of ``pieces``: there the page must be just inside its root.
    """

    pieces: tuple[bytes, ...]
    columns: dict[str, list[bytes]]
    prefixes: list[bytes] = field(default_factory=list)


def cut_tiles(body: bytes) -> Tiles | None:
    """Cut a page, or return None where only an XML parser can tell."""
    if not _plain(body):
        return None
    start = body.find(_OPEN)
    if start < 0:
        before, prefixes, after = _cut_prefixes(body)
        return Tiles((before, after), {}, prefixes)
    cut = _cut_objects(body[start:])
    if cut is None:
        return None
    columns, between, rest = cut
    before, above, behind = _cut_prefixes(body[:start])
    odd, inside, more = _cut_prefixes(between)
    middle, below, after = _cut_prefixes(rest)
    if not below:
        middle, after = b"", rest
    return None if odd or more else Tiles((before, behind, middle, after), columns, above + inside + below)


def _plain(body: bytes) -> bool:
    # One character is looked for much faster than two, and most pages have none of these.
    if (b"!" in body and b"<!" in body) or (b"]" in body and b"]]>" in body):
        return False
    declaration = _DECLARATION.match(body)
    begin = declaration.end() if declaration else 0
    if body.find(b"?", begin) >= 0 and body.find(b"<?", begin) >= 0:
        return False
    if len(body.translate(None, _ILLEGAL)) != len(body):
        return False
    if body.isascii():
        return True
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    # A page in another encoding would be read differently; U+FFFE and U+FFFF are illegal.
    return b"utf-8" in body[:60].lower() and "\ufffe" not in text and "\uffff" not in text


def _cut_objects(body: bytes) -> tuple[dict[str, list[bytes]], bytes, bytes] | None:
    """The entries from the first one on: their columns, and what is left between and behind them."""
    end = body.find(_CLOSE)
    shape = _shape_of(body[len(_OPEN) : end]) if end > 0 else None
    for _ in range(_SHAPES):
        if shape is None:
            break
        pattern, names = _pattern(shape)
        pieces = pattern.split(body)
        step = pattern.groups + 1
        gaps = pieces[step:-1:step]
        odd = next((gap for gap in gaps if gap and _OPEN in gap), None) or (pieces[-1] if _OPEN in pieces[-1] else None)
        if odd is None:
            columns = {name: pieces[at::step] for name, at in names.items()}
            for name, texts in columns.items():
                if None in texts:  # where an optional element is missing
                    columns[name] = [text or b"" for text in texts]
            return columns, b"".join(gaps), pieces[-1]
        at = odd.find(_OPEN)
        shape = _merged(shape, _shape_of(odd[at + len(_OPEN) : odd.find(_CLOSE, at)]))
    return None


def _cut_prefixes(text: bytes) -> tuple[bytes, list[bytes], bytes]:
    """(text before the first common prefix, the prefixes, text after the last one); uncut when something is between them."""
    start, last = text.find(_PREFIX_OPEN), text.rfind(_PREFIX_CLOSE)
    if start < 0 or last < start:
        return text, [], b""
    end = last + len(_PREFIX_CLOSE)
    pieces = _PREFIX.split(text[start:end])
    if any(pieces[::2]):
        return text, [], b""
    return text[:start], pieces[1::2], text[end:]


def _shape_of(entry: bytes) -> Shape | None:
    found: list[tuple[bytes, bool, bool]] = []
    at = 0
    while at < len(entry):
        match = _ELEMENT.match(entry, at)
        if not match:
            return None
        found.append((match[1], match[2] is not None, False))
        at = match.end()
    names = [name for name, _nested, _optional in found]
    return tuple(found) if b"Key" in names and len(set(names)) == len(names) else None


def _merged(known: Shape, other: Shape | None) -> Shape | None:
    """A shape that covers both: elements that only one has may be missing. None where their orders contradict each other."""
    if other is None:
        return None
    first, second = [name for name, *_ in known], [name for name, *_ in other]
    if [name for name in first if name in second] != [name for name in second if name in first]:
        return None
    elements = {name: (name, nested, optional) for name, nested, optional in (*other, *known)}
    order: list[bytes] = []
    rest = list(second)
    for name in first:
        if name in rest:
            cut = rest.index(name)
            order += rest[:cut]
            rest = rest[cut + 1 :]
        order.append(name)
    order += rest
    merged = tuple((name, elements[name][1], elements[name][2] or name not in first or name not in second) for name in order)
    return merged if merged != known else None


@lru_cache(maxsize=32)
def _pattern(shape: Shape) -> tuple[re.Pattern[bytes], dict[str, int]]:
    """The pattern of an entry, and the group that captures each of the columns."""
    parts, names, groups = [_OPEN], dict[str, int](), 0
    for name, nested, optional in shape:
        inner = b"[^<]*"
        if name in _CAPTURED and not nested:
            groups += 1
            names[name.decode()] = groups
            inner = b"([^<]*)"
        elif nested:
            groups += 1
            inner = b"(?:<([A-Za-z]+)>[^<]*</\\%d>)+" % groups
        element = b"<%s>%s</%s>" % (name, inner, name)
        parts.append(b"(?:%s)?" % element if optional else element)
    parts.append(_CLOSE)
    return re.compile(b"".join(parts)), names


def unescaped(texts: list[bytes]) -> list[bytes] | None:
    """The texts without XML's escapes; None where one has an escape that only an XML parser should read."""
    joined = b"\xff".join(texts)
    if b"&" not in joined:
        return texts
    if _ODD_ENTITY.search(joined):
        return None
    for escape, character in ((b"&quot;", b'"'), (b"&lt;", b"<"), (b"&gt;", b">"), (b"&apos;", b"'"), (b"&amp;", b"&")):
        if b"&" not in joined:
            break
        joined = joined.replace(escape, character)
    return joined.split(b"\xff")
