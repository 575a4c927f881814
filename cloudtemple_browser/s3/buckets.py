"""Buckets: list, check, make, delete."""

from __future__ import annotations

from typing import Any

from cloudtemple_browser.model.addresses import is_bucket_name
from cloudtemple_browser.model.entries import UNKNOWN, Bucket
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.s3.client import Api, expect


def list_buckets(api: Api) -> tuple[Bucket, ...]:
    """See ``Store.list_buckets``. Names that could not be sent safely (``../x``) are left out."""
    found: list[Bucket] = []
    token = ""
    while True:
        params: dict[str, Any] = {"ContinuationToken": token} if token else {}
        answer = api.read("ListBuckets", "list_buckets", "s3://", **params)
        expect("Buckets" in answer, "list of buckets")
        for item in answer["Buckets"]:
            created = item.get("CreationDate")
            if is_bucket_name(item.get("Name", "")):
                found.append(Bucket(item["Name"], int(created.timestamp()) if created else UNKNOWN))
        following = str(answer.get("ContinuationToken") or "")
        if not following or following == token:
            return tuple(found)
        token = following


def head_bucket(api: Api, bucket: str) -> None:
    """See ``Store.head_bucket``."""
    check_bucket(bucket)
    api.read("HeadBucket", "head_bucket", f"s3://{bucket}", Bucket=bucket)


def create_bucket(api: Api, bucket: str) -> None:
    """See ``Store.create_bucket``. No LocationConstraint unless asked for: Ceph and Swift refuse any other than their own."""
    check_bucket(bucket)
    subject = f"s3://{bucket}"
    try:
        api.call("CreateBucket", "create_bucket", subject, Bucket=bucket)
    except BrowserError as error:
        if error.facts.code != "IllegalLocationConstraintException":
            raise
        # AWS wants the region named everywhere but in us-east-1.
        where = {"LocationConstraint": api.connection.region}
        api.call("CreateBucket", "create_bucket", subject, Bucket=bucket, CreateBucketConfiguration=where)
    head_bucket(api, bucket)


def delete_bucket(api: Api, bucket: str) -> None:
    """See ``Store.delete_bucket``."""
    check_bucket(bucket)
    api.call("DeleteBucket", "delete_bucket", f"s3://{bucket}", Bucket=bucket)


def check_bucket(bucket: str) -> None:
    """Raise LOCAL_NAME for a name that would change the path of the request (a store's own list may hold ``../x``)."""
    if not is_bucket_name(bucket):
        raise BrowserError(ErrorKind.LOCAL_NAME, ErrorFacts(subject=bucket, message="not a bucket name"))
