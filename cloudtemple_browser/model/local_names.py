"""From keys to safe local file names and back. Keys are an attacker's data: no key can leave the folder that it is mapped into.

The mapping is the same on every system, so that a folder downloaded on one can be read on another. It splits on ``/`` only and
percent-escapes (UTF-8, ``%XX``) in each segment what any file system, shell or eye could take for something else. Pure.

Rules: https://learn.microsoft.com/windows/win32/fileio/naming-a-file (reserved characters and device names, trailing dots and
spaces, 8.3 aliases), CVE-2014-9390 (code points that HFS+ ignores), CVE-2019-1352 (NTFS streams).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from cloudtemple_browser.model.addresses import DELIMITER

MAX_NAME_BYTES = 240
"""Longest local name in UTF-8 bytes (UTF-16 units are never more). File systems take 255: the rest is for temporary names."""

EMPTY = "%2F"
"""The local name of an empty segment (``a//b``). No segment holds a ``/``, so that no other segment is escaped like this."""

# C0, DEL and C1 controls; what Windows reserves; soft hyphen, zero-width, bidi and other invisible format characters; line and
# paragraph separators; lone surrogates; tag characters; a "%" that would read as an escape; a dot or space at the end.
_UNSAFE = re.compile(
    '[\x00-\x1f\x7f-\x9f<>:"\\\\|?*'
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
    r"|%(?=[0-9A-Fa-f]{2})|[. ]\Z"
)
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[0-9¹²³]|CONIN\$|CONOUT\$) *(?:\.|\Z)", re.IGNORECASE)
_ALIAS = re.compile(r"([^. ]{1,6})~([0-9]{1,6}(?:\.[^.]{0,3})?)")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_EXTENSION = re.compile(r"(?<=.)(?:\.tar)?\.[^.%\s]{1,16}\Z", re.DOTALL)


def local_name(segment: str) -> str:
    """The local name of one segment of a key: never empty, never ``.`` or ``..``, at most ``MAX_NAME_BYTES``."""
    if not segment:
        return EMPTY
    if alias := _ALIAS.fullmatch(segment):
        head, tail = alias.groups()
        name = f"{_escaped(head)}%7E{_escaped(tail)}"
    elif _DEVICE.match(segment):
        name = _percent(segment[0]) + _escaped(segment[1:])
    else:
        name = _escaped(segment)
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    return _with_mark(name, f"~{hashlib.sha256(segment.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}")


def local_path(key: str) -> tuple[str, ...]:
    """The local names of a key's segments, outermost first. One-to-one, but not yet under case folding: see ``LocalNames``."""
    return tuple(local_name(segment) for segment in key.split(DELIMITER))


def key_from_local(names: tuple[str, ...]) -> str:
    """The key that ``local_path`` mapped to ``names``. Shortened names cannot be read back: they stay as they are."""
    return DELIMITER.join("" if name == EMPTY else _ESCAPES.sub(_unescaped, name) for name in names)


def numbered(name: str, n: int) -> str:
    """``name`` with `` (n)`` before its extension: ``a.txt`` gives ``a (2).txt``, ``a.tar.gz`` gives ``a (2).tar.gz``."""
    at = _extension_at(name)
    return f"{name[:at]} ({n}){name[at:]}"


def local_numbered(name: str, n: int) -> str:
    """``numbered`` for a local name: cut where it would be longer than ``MAX_NAME_BYTES``."""
    return _with_mark(name, f" ({n})")


def folded(name: str) -> str:
    """What two names have in common when some file system takes them for the same: no case, no composition of accents.

    Coarser than any one file system: upper case first, since NTFS compares in upper case, then Unicode's caseless match.
    """
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).upper().casefold())


class LocalNames:
    """Gives each key of one download a local path of its own, also where case and accents don't tell names apart.

    A name whose folded form is taken in its folder gets `` (2)``, `` (3)`` … before its extension, and so does a folder ``a/``
    beside an object ``a``: who comes first keeps the plain name. Ask for each key once. Not thread-safe: one scan owns it.
    """

    def __init__(self) -> None:
        self._root = _Folder(())

    def file(self, key: str) -> tuple[str, ...]:
        """The path of an object's file."""
        *prefix, name = key.split(DELIMITER)
        folder = self._descend(prefix)
        return (*folder.path, folder.take(local_name(name)))

    def folder(self, prefix: str) -> tuple[str, ...]:
        """The path of the folder ``prefix`` (with its trailing ``/``): the same one for every object in it."""
        return self._descend(prefix.split(DELIMITER)[:-1]).path

    def _descend(self, segments: list[str]) -> _Folder:
        folder = self._root
        for segment in segments:
            folder = folder.child(segment)
        return folder


class _Folder:
    __slots__ = ("_children", "_last", "_taken", "path")

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        self._children: dict[str, _Folder] = {}
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}  # the last number given for a folded name: a thousand clashes stay linear

    def child(self, segment: str) -> _Folder:
        found = self._children.get(segment)
        if found is None:
            found = self._children[segment] = _Folder((*self.path, self.take(local_name(segment))))
        return found

    def take(self, name: str) -> str:
        fold = folded(name)
        free = name
        n = self._last.get(fold, 1)
        while folded(free) in self._taken:
            n += 1
            free = local_numbered(name, n)
        if n > 1:
            self._last[fold] = n
        self._taken.add(folded(free))
        return free


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: _percent(found.group()), text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _unescaped(found: re.Match[str]) -> str:
    try:
        return bytes.fromhex(found.group().replace("%", "")).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return found.group()


def _extension_at(name: str) -> int:
    found = _EXTENSION.search(name)
    return found.start() if found else len(name)


def _with_mark(name: str, mark: str) -> str:
    """``name`` with ``mark`` before its extension, its stem cut at a character so that the whole fits."""
    at = _extension_at(name)
    tail = mark + name[at:]
    room = MAX_NAME_BYTES - len(tail.encode())
    return name[:at].encode()[:room].decode("utf-8", "ignore") + tail
