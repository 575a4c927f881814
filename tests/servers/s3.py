"""What every S3 server of the tests has, and a plain boto3 client for what the ``Store`` port has no words for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

REGION = "fr1"  # the default of a connection


@dataclass(frozen=True, slots=True)
class User:
    """A throw-away key pair."""

    access_key: str
    secret_key: str

    @classmethod
    def fresh(cls) -> User:
        """A new random one."""
        return cls(f"AK{secrets.token_hex(9).upper()}", secrets.token_hex(20))


def raw_client(endpoint: str, user: User, region: str = REGION, ca_bundle: str = "") -> Any:
    """A botocore client without the package under test: to set up, to check, to tidy."""
    config = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=5,
        read_timeout=30,
        proxies={},
    )
    return botocore.session.Session().create_client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=user.access_key,
        aws_secret_access_key=user.secret_key,
        verify=ca_bundle or None,
        config=config,
    )


def answers(client: Any) -> bool:
    """Whether the server answers a signed request."""
    try:
        client.list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True


def allow_acls(client: Any, bucket: str) -> None:
    """Let a bucket of a server with today's AWS defaults have public objects; a server without these calls needs neither."""
    for call, values in (
        (client.put_bucket_ownership_controls, {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}),
        (client.delete_public_access_block, {}),
    ):
        try:
            call(Bucket=bucket, **values)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (400, 404, 405, 501):
                raise


def make_bucket(client: Any, bucket: str) -> None:
    """Make a bucket that allows ACLs, in the client's region where the store insists on naming it."""
    try:
        client.create_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "IllegalLocationConstraintException":
            raise
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": client.meta.region_name})
    allow_acls(client, bucket)


def remove_bucket(client: Any, bucket: str) -> None:
    """Delete a bucket with everything in it: objects and unfinished uploads."""
    for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ()):
        client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=entry["Key"])
    client.delete_bucket(Bucket=bucket)
