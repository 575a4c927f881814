"""Failures as values, and the words for each of them."""

from __future__ import annotations

import pickle
import string

import pytest

from cloudtemple_browser.model import explanations
from cloudtemple_browser.model.errors import OFFLINE, RETRYABLE, BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Text, translate

FACTS = ErrorFacts("PutObject", "s3://b/k", 403, "AccessDenied", "no {way}", "id-1", "h.test", 1.5)


def test_about_adds_facts_and_keeps_those_that_are_there() -> None:
    error = BrowserError(ErrorKind.SERVER, ErrorFacts(operation="HeadObject", status=500), (("a", 1),))
    told = error.about(operation="Other", subject="s3://b/k", status=404, when=2.0)
    assert told.facts == ErrorFacts("HeadObject", "s3://b/k", 500, when=2.0)
    assert (told.kind, told.values) == (error.kind, error.values)
    assert error.facts == ErrorFacts(operation="HeadObject", status=500)


@pytest.mark.parametrize("kind", ErrorKind)
def test_an_error_crosses_processes_whole(kind: ErrorKind) -> None:
    error = BrowserError(kind, FACTS, (("target", "https://x"), ("text", translate("a", "b"))))
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert isinstance(back, BrowserError)
    assert (back.kind, back.facts, back.values, str(back)) == (kind, FACTS, error.values, str(error))
    assert (back.retryable, back.offline) == (kind in RETRYABLE, kind in OFFLINE)


def test_errors_differ_even_when_they_say_the_same() -> None:
    one, other = BrowserError(ErrorKind.DNS), BrowserError(ErrorKind.DNS)
    assert one != other
    assert len({one, other}) == 2


def test_cancelled_is_no_failure() -> None:
    assert not issubclass(Cancelled, BrowserError)
    assert not issubclass(BrowserError, Cancelled)


def test_the_evidence_leaves_out_what_is_not_known() -> None:
    assert BrowserError(ErrorKind.DNS).detail_rows == ()
    rows = {str(name): value for name, value in BrowserError(ErrorKind.SERVER, FACTS).detail_rows}
    assert rows == {
        "Operation": "PutObject",
        "Concerning": "s3://b/k",
        "HTTP status": "403",
        "Code": "AccessDenied",
        "Message of the server": "no {way}",
        "Request id": "id-1",
        "Endpoint": "h.test",
        "Time": "1970-01-01 00:00:02 UTC",
    }


def test_one_line_for_the_log() -> None:
    assert str(BrowserError(ErrorKind.SERVER, FACTS)) == "server · PutObject · s3://b/k · 403 · AccessDenied · no {way} · id-1"
    assert str(BrowserError(ErrorKind.DNS)) == "dns"


def placeholders(text: Text) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text.source) if name}


def test_every_kind_has_words() -> None:
    assert set(explanations._TEXTS) == set(ErrorKind)
    for words in explanations._TEXTS.values():
        assert all(str(text.source).strip() for text in (words.what, words.why, words.todo))
        assert not placeholders(words.what)
        assert not words.what.source.endswith(".")  # it is a heading


@pytest.mark.parametrize("kind", ErrorKind)
def test_the_words_are_whole_even_when_nothing_is_known(kind: ErrorKind) -> None:
    for facts in (ErrorFacts(), FACTS):
        words = explain(BrowserError(kind, facts))
        for text in (words.what, words.why, words.todo):
            assert placeholders(text) <= {name for name, _value in text.values}
            said = str(text)
            assert "{" not in said.replace(facts.message or "\0", "")
            assert "  " not in said
            assert " ." not in said
            assert not said.startswith(" ")


def test_foreign_text_in_the_words_is_never_taken_for_a_placeholder() -> None:
    facts = ErrorFacts(message="{host} {0} {message.__class__} %s", endpoint="{message}")
    assert "{host} {0} {message.__class__} %s" in str(explain(BrowserError(ErrorKind.BAD_REQUEST, facts)).why)


def test_the_code_stands_in_for_a_missing_message() -> None:
    assert "SlowDown" in str(explain(BrowserError(ErrorKind.SERVER, ErrorFacts(code="SlowDown"))).why)


def test_values_of_an_error_fill_its_words() -> None:
    error = BrowserError(ErrorKind.REDIRECTED, ErrorFacts(endpoint="here.test"), (("target", "https://there.test"),))
    assert "here.test redirects to https://there.test" in str(explain(error).why)
    assert "region us-7" in str(explain(BrowserError(ErrorKind.REGION, values=(("region", "us-7"),))).why)
