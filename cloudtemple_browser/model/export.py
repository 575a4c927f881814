"""A listing as a file: one row in CSV or in JSON lines. Pure.

CSV after RFC 4180, for spreadsheets: UTF-8 with its mark, numbers as numbers, and no text that a spreadsheet would run as a
formula. JSON lines (https://jsonlines.org) for programs: every value exactly as it is.
"""

from __future__ import annotations

import csv
import enum
import io
import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from cloudtemple_browser.model.entries import UNKNOWN

COLUMNS = ("key", "name", "size", "last_modified", "etag", "storage_class", "public", "s3_uri")
"""The names of the columns, the same in every language: programs read them."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - without the offset that it would write; UTC all the same
# https://owasp.org/www-community/attacks/CSV_Injection. A spreadsheet looks for a formula behind blanks too, and takes
# full-width signs for the others. Where its list separator is ";" (as in French) or a tab, it finds the beginning of a cell in
# the middle of ours, as the quotes around a text are none for it then: that place is defused too.
_SEPARATOR = "[;\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]"
_BLANK = '[\\s"\x00-\x1f\x7f-\xa0\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*'
_SIGN = "[=+\\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
_FIRST = re.compile(f"[\t\r\n]|{_BLANK}{_SIGN}")
_SEPARATED = re.compile(_SEPARATOR)
_INNER = re.compile(f"({_SEPARATOR})(?={_BLANK}{_SIGN})")


class ExportFormat(enum.Enum):
    """The two kinds of files, by their usual ending."""

    CSV = "csv"
    JSON_LINES = "jsonl"

    @classmethod
    def of(cls, suffix: str) -> ExportFormat:
        """The format for the ending of a file's name (with or without its dot)."""
        return cls.JSON_LINES if suffix.lower().lstrip(".") in ("jsonl", "ndjson", "json") else cls.CSV


class ExportRow(NamedTuple):
    """One row of the list. A folder has neither ``size`` nor ``modified``; ``public`` is None when it is not known."""

    key: str
    name: str
    size: int
    modified: int
    etag: str
    storage_class: str
    public: bool | None
    uri: str


def head(form: ExportFormat) -> bytes:
    """What a file begins with."""
    if form is ExportFormat.JSON_LINES:
        return b""
    return b"\xef\xbb\xbf" + ",".join(COLUMNS).encode("ascii") + b"\r\n"


def encoded(rows: Iterable[ExportRow], form: ExportFormat) -> bytes:
    """Rows as a piece of the file. A lone surrogate (of a key that is no UTF-8) is written as its code."""
    text = _csv(rows) if form is ExportFormat.CSV else _json_lines(rows)
    # In JSON the same characters are the escape that stands for the surrogate: read back, the value is the same.
    return text.encode("utf-8", "backslashreplace")


def defused(text: str) -> str:
    """``text`` with an apostrophe before everything that a spreadsheet would take for a formula."""
    # Nearly no text has a separator in it, and a million rows are five million texts.
    inner = _INNER.sub(r"\1'", text) if _SEPARATED.search(text) else text
    return f"'{inner}" if not text[:1].isalnum() and _FIRST.match(text) else inner


def _csv(rows: Iterable[ExportRow]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in rows:
        size = "" if row.size == UNKNOWN else row.size
        public = "" if row.public is None else str(row.public).lower()
        key, name, etag, storage_class, uri = map(defused, (row.key, row.name, row.etag, row.storage_class, row.uri))
        writer.writerow((key, name, size, _iso(row.modified), etag, storage_class, public, uri))
    return out.getvalue()


def _json_lines(rows: Iterable[ExportRow]) -> str:
    return "".join(map(_json_line, rows))


def _json_line(row: ExportRow) -> str:
    size = "null" if row.size == UNKNOWN else str(row.size)
    modified = "null" if row.modified == UNKNOWN else f'"{_iso(row.modified)}"'
    public = "null" if row.public is None else str(row.public).lower()
    key, name, etag, storage_class, uri = map(_quoted, (row.key, row.name, row.etag, row.storage_class, row.uri))
    return _JSON_LINE % (key, name, size, modified, etag, storage_class, public, uri)


_JSON_LINE = "{" + ", ".join(f'"{name}": %s' for name in COLUMNS) + "}\n"
_quoted = json.encoder.encode_basestring  # as it is, but for quotes, backslashes and control characters


def _iso(seconds: int) -> str:
    """ISO 8601 in UTC; "" when it is not known."""
    return "" if seconds == UNKNOWN else f"{(_EPOCH + timedelta(seconds=seconds)).isoformat()}Z"
