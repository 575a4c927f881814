"""What a person is told about each failure, in both languages."""

from __future__ import annotations

import pytest

from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.reasons import BY_CODE
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.dialogs.details import details_text
from cloudtemple_browser.ui.i18n import say, set_language

CAUSES = {
    "en": ("key", "rights", "role", "source address", "allow list", "clock", "signature", "retention"),
    "fr": ("clé", "droits", "rôle", "adresse source", "liste d’autorisation", "horloge", "signature", "rétention"),
}


pytestmark = pytest.mark.usefixtures("english")  # before and after each


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    """Each language of the program, which speaks it."""
    set_language(request.param)
    return str(request.param)


def words(kind: ErrorKind, code: str = "") -> tuple[str, str, str]:
    """What failed, why, and what to do."""
    status = int(code.removeprefix("HTTP ")) if code.startswith("HTTP ") else 0
    facts = ErrorFacts(status=status, code="" if status else code, message="m", endpoint="s3.test")
    found = explain(BrowserError(kind, facts))
    return say(found.what), say(found.why), say(found.todo)


@pytest.mark.usefixtures("language")
def test_each_kind_has_words_of_its_own() -> None:
    told = [words(kind) for kind in ErrorKind]
    assert len({(what, why) for what, why, _todo in told}) == len(ErrorKind)
    assert len({why for _what, why, _todo in told}) == len(ErrorKind)


@pytest.mark.usefixtures("language")
def test_each_code_that_has_words_has_others_than_its_kind() -> None:
    assert all(words(kind, code)[0] != words(kind)[0] for kind, code in BY_CODE)


def test_the_languages_differ() -> None:
    told = {}
    for language in CAUSES:
        set_language(language)
        told[language] = [words(kind) for kind in ErrorKind] + [words(kind, code) for kind, code in BY_CODE]
    for english, french in zip(*told.values(), strict=True):
        assert all(one != other for one, other in zip(english, french, strict=True)), english


def test_a_refusal_names_every_cause(language: str) -> None:
    _what, why, todo = words(ErrorKind.ACCESS_DENIED)
    assert all(cause in why for cause in CAUSES[language]), why
    assert {"en": "“Why?”", "fr": "Pourquoi"}[language] in todo


@pytest.mark.usefixtures("language")
def test_details_tell_each_reason_apart() -> None:
    """Two failures of a kind whose codes have words of their own are two reasons; two with the same words are one."""
    codes = ("CERT_HAS_EXPIRED", "HOSTNAME_MISMATCH", "HOSTNAME_MISMATCH")
    failures = tuple((str(at), BrowserError(ErrorKind.TLS, ErrorFacts(code=code))) for at, code in enumerate(codes))
    told = details_text(Notice(translate("test", "{n} failed")(n=3), failures)).splitlines()
    for code, count in (("CERT_HAS_EXPIRED", 1), ("HOSTNAME_MISMATCH", 2)):
        assert f"{words(ErrorKind.TLS, code)[0]} ({count})" in told
