"""The rules of "Why?": what the findings come to."""

from __future__ import annotations

import pytest

from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.verdicts import verdict

GOOD, BAD, NOTE, SKIPPED = Outcome.GOOD, Outcome.BAD, Outcome.NOTE, Outcome.SKIPPED
REACHED = (
    Finding(Check.NAME, GOOD),
    Finding(Check.PORT, GOOD, address="10.1.2.3"),
    Finding(Check.TLS, GOOD),
    Finding(Check.STORE, GOOD),
    Finding(Check.CLOCK, GOOD),
)
OBJECT = Question(Right.READ, "media", "a/b.txt")


def error(kind: ErrorKind, status: int = 403, code: str = "Code") -> BrowserError:
    """A failure of a kind."""
    return BrowserError(kind, ErrorFacts(status=status, code=code, request_id="req-1" if code else ""))


DENIED = error(ErrorKind.ACCESS_DENIED, code="AccessDenied")
NO_LIST = Finding(Check.KEY, NOTE, error=DENIED)
KEY, STRANGER = Finding(Check.KEY, GOOD), Finding(Check.KEY, GOOD, stranger=True)
LIST, NOT_LIST = Finding(Check.LIST, GOOD), Finding(Check.LIST, BAD, error=DENIED)
READ, NOT_READ = Finding(Check.READ, GOOD), Finding(Check.READ, BAD, error=DENIED)
NO_BUCKET = Finding(Check.LIST, BAD, error=error(ErrorKind.NO_BUCKET, 404))
GONE = Finding(Check.READ, BAD, error=error(ErrorKind.NO_OBJECT, 404))
PUBLIC, NOT_PUBLIC = Finding(Check.PUBLIC, GOOD), Finding(Check.PUBLIC, NOTE)
HELD = Finding(Check.RETENTION, BAD)
FOLDER = Question(Right.LIST, "media", prefix="a/")


def says(question: Question, *findings: Finding) -> str:
    """The verdict in English."""
    found = verdict(question, (*REACHED, *findings), "s3.test")
    assert "{" not in f"{found.sentence} {found.todo}"
    assert str(found.todo).strip()
    return str(found.sentence)


@pytest.mark.parametrize(
    ("question", "findings", "words"),
    [
        (OBJECT, (KEY, LIST, NOT_READ), "The key is right and may list this bucket but not read this object."),
        (OBJECT, (NO_LIST, LIST, NOT_READ), "The key is right and may list this bucket but not read this object."),
        (OBJECT, (KEY, LIST, GONE), "a/b.txt does not exist in the bucket media any more"),
        (OBJECT, (KEY, NOT_LIST, NOT_READ), "the bucket media refuses it whatever it asks"),
        (OBJECT, (NO_LIST, NOT_LIST, NOT_READ, NOT_PUBLIC), "The store refuses every request of this key from here"),
        (OBJECT, (NO_LIST, NOT_LIST, NOT_READ, PUBLIC), "the key is disabled"),
        (OBJECT, (KEY, LIST, READ), "Everything works now"),
        (Question(Right.READ_ACL, "media", "k"), (KEY, LIST, READ, Finding(Check.ACL, NOTE, error=DENIED)), "who else may"),
        (FOLDER, (KEY, NOT_LIST), "may not list the bucket media"),
        (FOLDER, (NO_LIST, NOT_LIST), "The store refuses every request of this key from here"),
        (Question(Right.LIST, "media", "k"), (NO_LIST, NOT_LIST, READ), "may work in the bucket media, but not list it"),
        (FOLDER, (KEY, LIST), "Everything works now"),
        (Question(Right.WRITE, "media", "k"), (KEY, LIST, GONE), "did not let it write to the bucket media"),
        (Question(Right.DELETE, "media", "k"), (KEY, LIST, READ), "did not let it delete in the bucket media"),
        (Question(Right.DELETE, "media", "k"), (NO_LIST, NOT_LIST, NOT_READ, HELD), "k is protected from changes"),
        (Question(Right.WRITE_ACL, "media", "k"), (KEY, LIST, READ), "change who may read k"),
        (Question(Right.WRITE_ACL, "media", "k"), (KEY, LIST, GONE), "does not exist"),
        (Question(Right.MANAGE, "new"), (KEY, NO_BUCKET), "make or delete"),
        (Question(Right.BUCKETS), (NO_LIST,), "does not let this key list the buckets"),
        (Question(Right.BUCKETS), (NO_LIST, LIST), "The key is right, but may not list the buckets"),
        (Question(Right.BUCKETS), (KEY,), "Everything works now"),
        (OBJECT, (KEY, NO_BUCKET), "there is no bucket media"),
        (OBJECT, (Finding(Check.KEY, BAD, error=error(ErrorKind.UNKNOWN_ACCESS_KEY)),), "does not know this access key"),
        (OBJECT, (Finding(Check.KEY, BAD, error=error(ErrorKind.WRONG_SECRET)),), "The secret key is wrong"),
        (OBJECT, (Finding(Check.KEY, BAD, error=error(ErrorKind.REGION)),), "region of the connection is wrong"),
        (OBJECT, (STRANGER, NOT_LIST, NOT_READ), "media is not one of its buckets"),
        (FOLDER, (STRANGER, NOT_LIST), "media is not one of its buckets"),
        (FOLDER, (STRANGER, LIST), "Everything works now"),
        (OBJECT, (Finding(Check.KEY, BAD, error=error(ErrorKind.SERVER, 500)),), "has a problem of its own"),
        (OBJECT, (), "Nothing was found"),
    ],
)  # fmt: skip
def test_the_verdict(question: Question, findings: tuple[Finding, ...], words: str) -> None:
    assert words in says(question, *findings)


@pytest.mark.parametrize(
    ("check", "kind", "words"),
    [
        (Check.NAME, ErrorKind.DNS, "address was not found"),
        (Check.PORT, ErrorKind.REFUSED, "refused the network connection"),
        (Check.PORT, ErrorKind.PROXY, "proxy cannot be used"),
        (Check.TLS, ErrorKind.TLS, "identity could not be verified"),
        (Check.STORE, ErrorKind.NOT_S3, "did not come from an S3 store"),
        (Check.STORE, ErrorKind.REDIRECTED, "points to another address"),
        (Check.STORE, ErrorKind.CONNECTION_LOST, "ends the connection without an answer"),
    ],
)
def test_what_was_not_reached_decides_first(check: Check, kind: ErrorKind, words: str) -> None:
    reached = tuple(one for one in REACHED if list(Check).index(one.check) < list(Check).index(check))
    found = verdict(OBJECT, (*reached, Finding(check, BAD, error=error(kind, 0))), "s3.test")
    assert words in str(found.sentence)


def test_clocks_matter_only_while_no_signature_is_accepted() -> None:
    skewed = tuple(
        Finding(Check.CLOCK, BAD, error=error(ErrorKind.CLOCK)) if one.check is Check.CLOCK else one for one in REACHED
    )
    assert "clock of this computer is wrong" in str(verdict(OBJECT, (*skewed, NO_LIST, NOT_LIST, NOT_READ)).sentence)
    assert "but not read this object" in str(verdict(OBJECT, (*skewed, KEY, LIST, NOT_READ)).sentence)


def test_the_address_is_named_where_it_may_be_the_reason() -> None:
    assert "10.1.2.3" in says(OBJECT, NO_LIST, NOT_LIST, NOT_READ)


def test_a_retention_that_the_store_named_itself() -> None:
    told = Question(Right.DELETE, "media", "k", error=error(ErrorKind.RETENTION))
    assert "protected from changes" in says(told, KEY, LIST, READ)


@pytest.mark.parametrize(
    ("kind", "status", "code", "words"),
    [
        (ErrorKind.NOT_S3, 404, "", "is no S3 store"),
        (ErrorKind.NO_OBJECT, 404, "", "is no S3 store"),
        (ErrorKind.NOT_S3, 403, "", "Something in front of the store refuses"),
        (ErrorKind.ACCESS_DENIED, 401, "", "Something in front of the store refuses"),
        (ErrorKind.ACCESS_DENIED, 403, "AccessDenied", "The store refuses every request of this key from here"),
        (ErrorKind.NO_BUCKET, 404, "NoSuchBucket", "there is no bucket media"),
        (ErrorKind.THROTTLED, 503, "", "asks to slow down"),
    ],
)
def test_answers_without_a_word_of_s3_are_no_answers_of_the_store(kind: ErrorKind, status: int, code: str, words: str) -> None:
    met = error(kind, status, code)
    key = Finding(Check.KEY, NOTE if kind is ErrorKind.ACCESS_DENIED else BAD, error=met)
    odd = tuple(Finding(Check.STORE, NOTE) if one.check is Check.STORE else one for one in REACHED)
    found = verdict(OBJECT, (*odd, key, Finding(Check.LIST, BAD, error=met), Finding(Check.READ, BAD, error=met)), "s3.test")
    assert words in str(found.sentence)


def test_a_store_that_gives_no_reasons_is_one_all_the_same() -> None:
    mute = error(ErrorKind.ACCESS_DENIED, 403, "")
    refused = (Finding(Check.KEY, NOTE, error=mute), Finding(Check.LIST, BAD, error=mute))
    assert "The store refuses every request of this key from here" in says(FOLDER, *refused)
