"""The words for single codes."""

from __future__ import annotations

import string

import pytest

from cloudtemple_browser.model.errors import CERTIFICATE, BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.explanations import _TEXTS, explain
from cloudtemple_browser.model.reasons import BY_CODE, CLOCK_WITH_TIMES

FILLED = {"host", "message", *(name for name, _label in CERTIFICATE)}


@pytest.mark.parametrize(("kind", "code"), BY_CODE)
def test_a_code_has_words_of_its_own_that_can_be_filled(kind: ErrorKind, code: str) -> None:
    status = int(code.removeprefix("HTTP ")) if code.startswith("HTTP ") else 0
    error = BrowserError(kind, ErrorFacts(status=status, code="" if status else code, endpoint="h.test", message="m"))
    words, plain = explain(error), _TEXTS[kind]
    assert words.what.source != plain.what.source
    for text in (words.what, words.why, words.todo):
        names = {name for _literal, name, _spec, _conversion in string.Formatter().parse(text.source) if name}
        assert names <= FILLED
        assert "{" not in str(text)


def test_another_code_gets_the_words_of_its_kind() -> None:
    error = BrowserError(ErrorKind.UNKNOWN_ACCESS_KEY, ErrorFacts(code="InvalidAccessKeyId"))
    assert explain(error).what.source == _TEXTS[ErrorKind.UNKNOWN_ACCESS_KEY].what.source


def test_a_refusal_names_all_its_causes() -> None:
    why = str(explain(BrowserError(ErrorKind.ACCESS_DENIED)).why)
    for cause in ("key", "role", "address", "clock", "signature", "retention"):
        assert cause in why


def test_the_certificate_is_in_the_words_and_in_the_details() -> None:
    values = (("subject", "CN=x"), ("issuer", "CN=y"), ("until", "2026-01-01 00:00:00 UTC"), ("fingerprint", "AA:BB"))
    error = BrowserError(ErrorKind.TLS, ErrorFacts(code="CERT_HAS_EXPIRED", endpoint="h.test"), values)
    assert "h.test was valid until 2026-01-01" in str(explain(error).why)
    rows = {str(label): value for label, value in error.detail_rows}
    assert rows["Certificate of"] == "CN=x"
    assert rows["Fingerprint (SHA-256)"] == "AA:BB"


def test_two_clocks_show_both_times() -> None:
    both = (("here", "10:00"), ("there", "10:20"))
    assert explain(BrowserError(ErrorKind.CLOCK, values=both)).why.source == CLOCK_WITH_TIMES.source
    assert "10:00" in str(explain(BrowserError(ErrorKind.CLOCK, values=both)).why)
    assert explain(BrowserError(ErrorKind.CLOCK)).why.source != CLOCK_WITH_TIMES.source
