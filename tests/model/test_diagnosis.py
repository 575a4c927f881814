"""What a failure asks, and whether it is worth asking."""

from __future__ import annotations

import pytest

from cloudtemple_browser.model.diagnosis import Question, Right, question_about, worth_asking
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind


@pytest.mark.parametrize(
    ("operation", "subject", "asked"),
    [
        ("ListBuckets", "s3://", Question(Right.BUCKETS)),
        ("ListObjectsV2", "s3://b/a/", Question(Right.LIST, "b", prefix="a/")),
        ("HeadBucket", "s3://b", Question(Right.LIST, "b")),
        ("GetObject", "s3://b/a//k", Question(Right.READ, "b", "a//k")),
        ("HeadObject", "s3://b/k", Question(Right.READ, "b", "k")),
        ("PutObject", "s3://b/k", Question(Right.WRITE, "b", "k")),
        ("UploadPart", "s3://b/k", Question(Right.WRITE, "b", "k")),
        ("ListParts", "s3://b/k", Question(Right.WRITE, "b", "k")),
        ("DeleteObjects", "s3://b/k", Question(Right.DELETE, "b", "k")),
        ("PutObjectAcl", "s3://b/k", Question(Right.WRITE_ACL, "b", "k")),
        ("GetObjectAcl", "s3://b/k", Question(Right.READ_ACL, "b", "k")),
        ("CreateBucket", "s3://b", Question(Right.MANAGE, "b")),
        ("connect", "https://x", Question(Right.LIST, "here", prefix="p/")),
        ("", "", Question(Right.LIST, "here", prefix="p/")),
    ],
)
def test_the_question_of_a_failure(operation: str, subject: str, asked: Question) -> None:
    met = BrowserError(ErrorKind.ACCESS_DENIED, ErrorFacts(operation, subject))
    found = question_about(met, "here", "p/")
    assert found.error is met
    assert (found.right, found.bucket, found.key, found.prefix) == (asked.right, asked.bucket, asked.key, asked.prefix)


def test_only_what_checks_can_find_out_is_worth_asking() -> None:
    asked = {kind for kind in ErrorKind if worth_asking(BrowserError(kind))}
    assert {ErrorKind.ACCESS_DENIED, ErrorKind.DNS, ErrorKind.TLS, ErrorKind.WRONG_SECRET} <= asked
    assert not asked & {ErrorKind.INTERNAL, ErrorKind.NO_KEYRING, ErrorKind.BUCKET_NOT_EMPTY, ErrorKind.DISK_FULL}
