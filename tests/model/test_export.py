"""A listing as CSV and as JSON lines: read back, it is what it was; and no spreadsheet finds a formula in it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from corpus import KEYS
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.export import COLUMNS, ExportFormat, ExportRow, defused, encoded, head

FORMULAS = (
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\tx",
    "\rx",
    " =1",
    "\u00a0 =1",
    "\u200b=1",
    "\ufeff=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    '"=1"',
    "=cmd|' /C calc'!A0",
    "x;=1",
    'x;"=1";y',
    "x\t=1",
    "x\n=1",
    "x\r\n  @y",
    ";=1",
)
BLANK = " \t\r\n\v\f\u00a0\u200b\ufeff\"'"
DANGEROUS = "=+-@\uff1d\uff0b\uff0d\uff20"


def row(key: str, size: int = 5, modified: int = 1_700_000_000, public: bool | None = None) -> ExportRow:
    return ExportRow(key, key.rpartition("/")[2], size, modified, "etag", "STANDARD", public, f"s3://bucket/{key}")


def cells(rows: list[ExportRow], delimiter: str = ",") -> list[list[str]]:
    data = head(ExportFormat.CSV) + encoded(rows, ExportFormat.CSV)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def objects(rows: list[ExportRow]) -> list[dict[str, object]]:
    data = head(ExportFormat.JSON_LINES) + encoded(rows, ExportFormat.JSON_LINES)
    return [json.loads(line) for line in data.decode("utf-8").split("\n")[:-1]]


def test_csv_is_read_back() -> None:
    found = cells([row("a/b.txt"), row('c,"d"\ne', UNKNOWN, UNKNOWN, public=True), row("x", 2**40, 0, public=False)])
    assert found == [
        list(COLUMNS),
        ["a/b.txt", "b.txt", "5", "2023-11-14T22:13:20Z", "etag", "STANDARD", "", "s3://bucket/a/b.txt"],
        ['c,"d"\ne', 'c,"d"\ne', "", "", "etag", "STANDARD", "true", 's3://bucket/c,"d"\ne'],
        ["x", "x", "1099511627776", "1970-01-01T00:00:00Z", "etag", "STANDARD", "false", "s3://bucket/x"],
    ]


def test_numbers_are_numbers_and_texts_are_quoted() -> None:
    line = encoded([row("x", 7)], ExportFormat.CSV).decode()
    assert line == '"x","x",7,"2023-11-14T22:13:20Z","etag","STANDARD","","s3://bucket/x"\r\n'


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_awkward_key_comes_back(key: str) -> None:
    assert objects([row(key)]) == [
        {
            "key": key,
            "name": row(key).name,
            "size": 5,
            "last_modified": "2023-11-14T22:13:20Z",
            "etag": "etag",
            "storage_class": "STANDARD",
            "public": None,
            "s3_uri": f"s3://bucket/{key}",
        }
    ]
    ((_head), (found)) = cells([row(key)])
    assert found[0] == defused(key)
    assert defused(key).replace("'", "") == key.replace("'", "")


@pytest.mark.parametrize("text", [*FORMULAS, *KEYS.values()])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_begins_like_a_formula(text: str, delimiter: str) -> None:
    """Also where the spreadsheet splits at another separator than the comma."""
    for cell in (cell for line in cells([row(text), row(f"a/{text}")], delimiter)[1:] for cell in line):
        assert delimiter != "," or not cell.startswith(("\t", "\r"))
        assert cell.lstrip(BLANK.replace("'", ""))[:1] not in tuple(DANGEROUS), cell


@pytest.mark.parametrize("text", FORMULAS)
def test_every_formula_is_defused(text: str) -> None:
    assert defused(text) != text
    assert defused(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", ["a=1", "a-b", "x;y", "1+1", "a@b", "a b", "two\nlines", "'=1", ""])
def test_what_is_no_formula_stays(text: str) -> None:
    assert defused(text) == text


@given(st.text(alphabet=st.sampled_from("a=;+-@\t\r\n \"',\uff1d"), max_size=12))
def test_nothing_in_a_cell_is_taken_for_a_formula(text: str) -> None:
    safe = defused(text)
    assert not re.match('[\t\r\n]|[\\s"]*[=+\\-@\uff1d]', safe)
    assert not re.search('[;\t\r\n][\\s"]*[=+\\-@\uff1d]', safe)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_is_read_back(texts: list[str]) -> None:
    rows = [row(text) for text in texts]
    assert [line["key"] for line in objects(rows)] == texts
    assert [line[0] for line in cells(rows)[1:]] == [defused(text) for text in texts]


def test_what_is_no_utf8_is_written_safely() -> None:
    """Such a key has lone surrogates here. JSON has an escape for them; in CSV it is readable."""
    key = "caf\udce9.txt"
    assert [line["key"] for line in objects([row(key)])] == [key]
    assert cells([row(key)])[1][0] == "caf\\udce9.txt"


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        (".csv", ExportFormat.CSV),
        ("", ExportFormat.CSV),
        (".txt", ExportFormat.CSV),
        (".JSONL", ExportFormat.JSON_LINES),
        ("ndjson", ExportFormat.JSON_LINES),
        (".json", ExportFormat.JSON_LINES),
    ],
)
def test_the_ending_says_the_format(suffix: str, form: ExportFormat) -> None:
    assert ExportFormat.of(suffix) is form
