"""Names as a person orders them, a block at a time: keys that sort as plain strings do.

Letters count without case and accents, as English and French collate them ("œ" as "oe"); punctuation comes before digits and
digits before letters; "/" comes first of all, so that what is in one folder stays together. In natural order a run of digits
counts by its value. A key has one byte a character, for quick comparison: names of different spelling may have the same key.

A block is packed as in ``model.columns.Strings``. Python does a million regular expression matches in a second, and a million
names may have ten million runs of digits; so an ASCII block is taken as one big number, whose lanes are its bytes, and a few
operations on it find every run at once.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

from cloudtemple_browser.model.columns import MARK

_MOST = 15  # digits after the first of a run whose length the first digit's byte still tells
_FOREIGN = "\x7f"  # goes before a character outside ASCII, so that it sorts behind the letters
_GONE = 0xFE  # a leading zero, until it is deleted

_SYMBOLS = ["/", *(chr(code) for code in range(0x7F) if not chr(code).isalnum() and chr(code) != "/")]
_DIGIT = len(_SYMBOLS)  # the byte of the digit 0 at the end of a run; each digit that follows makes it ten more
_LONG = _DIGIT + 10 * (_MOST + 1)  # begins a longer run
_LETTER = _LONG + 1


def _table() -> bytes:
    table = bytearray(range(256))
    for weight, symbol in enumerate(_SYMBOLS):
        table[ord(symbol)] = weight
    for weight, digit in enumerate(string.digits, _DIGIT):
        table[ord(digit)] = weight
    for weight, letter in enumerate(string.ascii_lowercase, _LETTER):
        table[ord(letter)] = table[ord(letter.upper())] = weight
    table[ord(_FOREIGN)] = _LETTER + 26
    return bytes(table)


_WEIGHTS = _table()
_SHAPE = bytes(code if code == MARK[0] else 0x30 <= code <= 0x39 for code in range(256))
_KINDS = bytes((0x30 <= code <= 0x39) | (code == 0x30) << 1 for code in range(256))  # 1: a digit; 2: a zero
_LONG_RUN = re.compile(rb"[0-9]{%d}" % (_MOST + 2))
_RUN = re.compile(rb"0*([0-9]+)")
_OUTSIDE = re.compile(r"([^\x00-\x7f])")
_SPELT_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "\u0131": "i", "’": "'"})


def folded(name: str) -> str:
    """The name without case and accents, ligatures spelt out."""
    apart = unicodedata.normalize("NFKD", name.casefold()).translate(_SPELT_OUT)
    return "".join(character for character in apart if not unicodedata.combining(character))


def sort_keys(block: bytes, *, natural: bool, lead: bytes = b"") -> list[str]:
    """A key for each string of a packed block. ``lead`` is what all begin with, as far as known: it saves time."""
    if not block:
        return []
    if not is_ascii(block):
        block, lead = _ascii_like(block), b""
    if not natural:
        return _split(block.translate(_WEIGHTS))
    lead = lead.rstrip(b"0123456789") if lead.isascii() else b""
    if lead:
        tails = _natural((MARK + block[:-1]).replace(MARK + lead, MARK))
        return _split(tails.replace(MARK, MARK + _natural(lead))[1:] + MARK)
    return _split(_natural(block))


def is_ascii(block: bytes) -> bool:
    """Whether all strings of a packed block are ASCII."""
    return block.translate(None, MARK).isascii()


def digits_aligned(block: bytes) -> bool:
    """Whether all strings of an ASCII block have their digits in the same places: their natural order is the plain one then."""
    shape = block.translate(_SHAPE)
    first = shape[: shape.find(MARK) + 1]
    if shape == first * (len(shape) // len(first)):
        return True
    digits = first[:-1].rstrip(b"\0")
    return all(part.rstrip(b"\0") == digits for part in shape[:-1].split(MARK))


def _split(keys: bytes) -> list[str]:
    found = keys.decode("latin-1").split("\xff")
    found.pop()
    return found


def _ascii_like(block: bytes) -> bytes:
    """The block with its names folded, and every character outside ASCII marked as foreign."""
    names = [part.decode("utf-8", "surrogatepass") for part in block[:-1].split(MARK)]
    marked = (name if name.isascii() else _OUTSIDE.sub(_FOREIGN + r"\1", folded(name)) for name in names)
    return b"".join(name.encode("utf-8", "surrogatepass") + MARK for name in marked)


@lru_cache(maxsize=4)
def _ones(size: int) -> int:
    """A number whose lowest ``size`` bytes are 1."""
    return int.from_bytes(b"\x01" * size, "little")


def _natural(block: bytes) -> bytes:
    """Keys of a block (or of one string) that has no character outside ASCII but marked ones: runs of digits by value.

    The first digit's byte tells how many digits follow, so that 12 comes after 9, and leading zeros are gone.
    """
    size = len(block)
    kinds = int.from_bytes(block.translate(_KINDS), "little")  # the next character is the next higher byte
    ones = _ones(-size // 65536 * -65536)
    digits = kinds & ones
    followed = digits & (digits >> 8)
    if not followed:
        return block.translate(_WEIGHTS)
    left, long = _digits_left(digits, followed)
    keys = int.from_bytes(block.translate(_WEIGHTS), "little") + 10 * left
    zeros = (kinds >> 1) & followed
    begins = zeros ^ (zeros & (digits << 8))
    if begins:
        # A carry runs from the beginning of each run through its zeros, and stops behind the last of them.
        full = zeros * 255
        gone = full ^ (full & (full + begins))
        keys = (keys ^ (keys & gone)) + (gone & ones) * _GONE
        found = keys.to_bytes(size, "little").translate(None, bytes([_GONE]))
    else:
        found = keys.to_bytes(size, "little")
    return _with_long_runs(found, block) if long else found


def _digits_left(digits: int, followed: int) -> tuple[int, bool]:
    """How many digits follow each digit of a run, at most 15: a byte each; and whether some run has more.

    ``followed`` are the digits before another digit.
    """
    left, at_least, step = followed, followed, 1
    while at_least and step < 16:
        left += (left >> 8 * step) & (at_least * 255)
        at_least &= at_least >> 8 * step
        step *= 2
    return left - at_least, at_least > 0


def _with_long_runs(keys: bytes, block: bytes) -> bytes:
    """The same with the keys of those names made one by one whose runs are too long for one byte."""
    whole = block.endswith(MARK)
    parts, found = block.removesuffix(MARK).split(MARK), keys.removesuffix(MARK).split(MARK)
    for at, part in enumerate(parts):
        if _LONG_RUN.search(part):
            found[at] = _key_of(part)
    return MARK.join(found) + (MARK if whole else b"")


def _key_of(part: bytes) -> bytes:
    """The key of one name with runs of any length."""
    pieces: list[bytes] = []
    done = 0
    for run in _RUN.finditer(part):
        pieces += (part[done : run.start()].translate(_WEIGHTS), _run_key(run[0].lstrip(b"0") or b"0"))
        done = run.end()
    return b"".join((*pieces, part[done:].translate(_WEIGHTS)))


def _run_key(run: bytes) -> bytes:
    size = len(run)
    if size > _MOST + 1:  # behind all shorter ones, then by its length
        return bytes((_LONG, size // 200, size % 200)) + run.translate(_WEIGHTS)
    return bytes(_DIGIT + 10 * (size - at - 1) + digit - 0x30 for at, digit in enumerate(run))
