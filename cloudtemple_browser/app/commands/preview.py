"""What can be shown of an object beside the list: text, JSON, a picture, or a sentence. Blocking; a worker calls it."""

from __future__ import annotations

import codecs
import enum
import json
import re
from dataclasses import dataclass, replace
from itertools import islice

from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.model.acl import Acl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.content_types import content_type_of
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectHead
from cloudtemple_browser.model.text import Size, Text, translate

TEXT_LIMIT = 256 << 10  # bytes
IMAGE_LIMIT = 20 << 20  # bytes
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
"""What may be shown as a picture: no SVG, PDF or TIFF, whose readers have a history. HTML and SVG are text."""
LINES = 20_000
"""Lines of a text: more of them take the window longer than a blink."""
_BREAK = re.compile("\r\n|[\n\r\u2029\ufdd0\ufdd1]")  # what the window takes for the end of a line
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class PreviewKind(enum.Enum):
    """How a preview is shown."""

    TEXT = "text"
    IMAGE = "image"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Preview:
    """What was read: ``text`` for TEXT, ``body`` for IMAGE, ``note`` what to say below or instead."""

    kind: PreviewKind
    text: str = ""
    body: bytes = b""
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Who may read an object, and where."""

    acl: Acl
    url: str


def load_facts(store: Store, ref: ObjectRef) -> Facts:
    """Read an object's ACL."""
    return Facts(store.read_acl(ref), store.public_url(ref))


def load_preview(store: Store, ref: ObjectRef, control: CallControl) -> Preview:
    """Read as much of an object as a preview needs, by ranged reads."""
    head = store.read_head(ref, TEXT_LIMIT, control)
    declared = head.content_type.partition(";")[0].strip().lower()
    if declared in IMAGES or content_type_of(ref.key) in IMAGES:
        if head.size > IMAGE_LIMIT:
            return Preview(PreviewKind.NOTHING, note=_TOO_LARGE(size=Size(head.size), limit=Size(IMAGE_LIMIT)))
        whole = head if head.complete else store.read_head(ref, IMAGE_LIMIT, control)
        return Preview(PreviewKind.IMAGE, body=whole.body)
    return _few_lines(text_preview(head, declared, ref.key))


_TOO_LARGE = translate("preview", "This picture has {size}; up to {limit} can be shown. Download it to see it.")
_EMPTY = translate("preview", "This object is empty.")
_BINARY = translate("preview", "This is not text and no picture that can be shown here. Download it to open it.")
_CUT = translate("preview", "The first {shown} of {size}.")
_CUT_LINES = translate("preview", "The first {n} lines.")
_FORMATTED = translate("preview", "JSON, indented for reading.")
_BAD_JSON = translate("preview", "This is not valid JSON: line {line}, column {column}.")


def text_preview(head: ObjectHead, declared: str, key: str) -> Preview:
    """The beginning of an object as text, JSON indented; NOTHING when it is not text."""
    if not head.body:
        return Preview(PreviewKind.NOTHING, note=_EMPTY)
    text = decode_text(head.body, complete=head.complete)
    if text is None:
        return Preview(PreviewKind.NOTHING, note=_BINARY)
    if not head.complete:
        return Preview(PreviewKind.TEXT, text, note=_CUT(shown=Size(len(head.body)), size=Size(head.size)))
    if declared == "application/json" or key.lower().endswith(".json"):
        return _json_preview(text)
    return Preview(PreviewKind.TEXT, text)


def _few_lines(found: Preview) -> Preview:
    """A text cut after ``LINES``."""
    last = next(islice(_BREAK.finditer(found.text), LINES - 1, None), None)
    if last is None or last.end() == len(found.text):
        return found
    return replace(found, text=found.text[: last.start()], note=_CUT_LINES(n=LINES))


def decode_text(body: bytes, *, complete: bool) -> str | None:
    """UTF-8, or UTF-16 with a byte order mark, as text; None when it is neither or holds NUL. A cut character is dropped."""
    encoding = next((name for mark, name in _BOMS if body.startswith(mark)), "utf-8")
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(body, complete)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _indented(value: object) -> str:
    """``value`` as indented JSON, or "" when that is too long: indenting makes deep nesting a thousand times longer."""
    parts: list[str] = []
    room = 4 * TEXT_LIMIT
    for part in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
        room -= len(part)
        if room < 0:
            return ""
        parts.append(part)
    return "".join(parts)


def _json_preview(text: str) -> Preview:
    try:
        formatted = _indented(json.loads(text))
        return Preview(PreviewKind.TEXT, formatted, note=_FORMATTED) if formatted else Preview(PreviewKind.TEXT, text)
    except json.JSONDecodeError as error:
        return Preview(PreviewKind.TEXT, text, note=_BAD_JSON(line=error.lineno, column=error.colno))
    except (RecursionError, ValueError):  # nested too deeply, or a number of thousands of digits
        return Preview(PreviewKind.TEXT, text)
