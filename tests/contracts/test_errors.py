"""What every store says when it refuses, as kinds with evidence; and the connection test."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.cases import StoreCase
from servers.s3 import User

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.probe import Stage, StageResult
from cloudtemple_browser.model.verdicts import verdict
from cloudtemple_browser.model.writes import WriteOptions


def wrong_secret(case: StoreCase) -> User:
    """The right access key with another secret."""
    if not case.checks_secrets:
        pytest.skip("this store is known to accept any secret of a known access key")
    return User(case.connection.access_key, "w" * 40)


def test_a_wrong_secret(store_case: StoreCase, bucket: str) -> None:
    store = store_case.open_as(wrong_secret(store_case))
    for call in (
        store.list_buckets,
        lambda: list(store.list_pages(bucket, "", "", CallControl())),
        lambda: store.put_object(ObjectRef(bucket, "key"), b"x", WriteOptions(), CallControl()),
    ):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.WRONG_SECRET
        assert (caught.value.facts.status, caught.value.facts.code) == (403, "SignatureDoesNotMatch")
    store.close()


def test_an_unknown_access_key(store_case: StoreCase, bucket: str) -> None:
    store = store_case.open_as(User.fresh())
    for call in (store.list_buckets, lambda: list(store.list_pages(bucket, "", "", CallControl()))):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.UNKNOWN_ACCESS_KEY
    store.close()


def test_somebody_elses_bucket(store_case: StoreCase) -> None:
    if not store_case.foreign_bucket:
        pytest.skip("this store has one user")
    store, foreign = store_case.store, store_case.foreign_bucket
    for call in (
        lambda: store.head_bucket(foreign),
        lambda: list(store.list_pages(foreign, "", "", CallControl())),
        lambda: store.head_object(ObjectRef(foreign, "theirs")),
        lambda: store.put_object(ObjectRef(foreign, "mine"), b"x", WriteOptions(), CallControl()),
    ):
        with pytest.raises(BrowserError) as caught:
            call()
        assert caught.value.kind is ErrorKind.ACCESS_DENIED
        assert caught.value.facts.status == 403
        assert caught.value.facts.request_id
    result = store.delete_objects(foreign, ("theirs", "other"))
    assert result.deleted == ()
    assert {item.error.kind for item in result.failed} == {ErrorKind.ACCESS_DENIED}


def test_facts_name_the_operation_and_its_subject(store_case: StoreCase, bucket: str) -> None:
    with pytest.raises(BrowserError) as caught:
        store_case.store.head_object(ObjectRef(bucket, "not here"))
    facts = caught.value.facts
    assert facts.status == 404
    assert facts.subject == f"s3://{bucket}/not here"
    assert facts.request_id
    assert store_case.secret.reveal() not in f"{caught.value!r} {caught.value} {facts!r}"


def outcome(case: StoreCase, *, bucket: str = "", user: User | None = None) -> dict[Stage, ErrorKind | None]:
    """What each stage of the connection test ended with (None: it passed or was skipped)."""
    found: list[StageResult] = []
    connection = replace(case.connection, bucket=bucket, access_key=user.access_key if user else case.connection.access_key)
    secret = type(case.secret)(user.secret_key) if user else case.secret
    case.factory.probe(connection, secret, found.append)
    return {result.stage: result.error.kind if result.error else None for result in found}


def test_the_connection_test_passes(store_case: StoreCase, bucket: str) -> None:
    passed = dict.fromkeys(Stage)
    assert outcome(store_case) == passed
    assert outcome(store_case, bucket=bucket) == passed


def test_the_connection_test_stops_at_what_is_wrong(store_case: StoreCase) -> None:
    reached = dict.fromkeys((Stage.ADDRESS, Stage.TLS, Stage.CLOCK))
    unknown = outcome(store_case, user=User.fresh())
    assert unknown == reached | {Stage.KEY: ErrorKind.UNKNOWN_ACCESS_KEY}
    missing = outcome(store_case, bucket="no-such-bucket-1")
    assert missing == reached | {Stage.KEY: None, Stage.LIST: ErrorKind.NO_BUCKET}
    if store_case.checks_secrets:
        assert outcome(store_case, user=wrong_secret(store_case)) == reached | {Stage.KEY: ErrorKind.WRONG_SECRET}


def why(case: StoreCase, question: Question, user: User | None = None) -> tuple[dict[Check, Outcome], str]:
    """What each check of "Why?" came to, and the verdict."""
    found: list[Finding] = []
    connection = replace(case.connection, access_key=user.access_key if user else case.connection.access_key)
    secret = type(case.secret)(user.secret_key) if user else case.secret
    case.factory.diagnose(connection, secret, question, found.append, CallControl())
    return {one.check: one.outcome for one in found}, str(verdict(question, found, connection.host).sentence)


def test_why_finds_nothing_wrong(store_case: StoreCase, bucket: str) -> None:
    store_case.store.put_object(ObjectRef(bucket, "a/b c.txt"), b"x", WriteOptions(), CallControl())
    found, sentence = why(store_case, Question(Right.READ, bucket, "a/b c.txt"))
    passed = {check for check, outcome in found.items() if outcome is Outcome.GOOD}
    assert {Check.NAME, Check.PORT, Check.STORE, Check.KEY, Check.LIST, Check.READ} <= passed
    assert not [check for check, outcome in found.items() if outcome is Outcome.BAD]
    assert sentence.startswith("Everything works now")


def test_why_an_object_is_not_there(store_case: StoreCase, bucket: str) -> None:
    _found, sentence = why(store_case, Question(Right.READ, bucket, "gone"))
    assert "gone does not exist in the bucket" in sentence
    found, sentence = why(store_case, Question(Right.DELETE, bucket, "gone"))
    assert found[Check.WRITE] is Outcome.SKIPPED
    assert "did not let it delete" in sentence


def test_why_a_key_is_refused(store_case: StoreCase, bucket: str) -> None:
    found, sentence = why(store_case, Question(Right.LIST, bucket), User.fresh())
    assert found[Check.KEY] is Outcome.BAD
    assert Check.LIST not in found
    assert "does not know this access key" in sentence
    if store_case.checks_secrets:
        _found, sentence = why(store_case, Question(Right.LIST, bucket), wrong_secret(store_case))
        assert "The secret key is wrong" in sentence


def test_why_somebody_elses_bucket_is_refused(store_case: StoreCase) -> None:
    if not store_case.foreign_bucket:
        pytest.skip("this store has one user")
    found, sentence = why(store_case, Question(Right.LIST, store_case.foreign_bucket))
    assert (found[Check.KEY], found[Check.LIST]) == (Outcome.GOOD, Outcome.BAD)
    assert f"{store_case.foreign_bucket} is not one of its buckets" in sentence
    _found, sentence = why(store_case, Question(Right.READ, store_case.foreign_bucket, "theirs"))
    assert f"{store_case.foreign_bucket} is not one of its buckets" in sentence
