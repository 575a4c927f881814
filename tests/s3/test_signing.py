"""Our signatures are botocore's: for any key, any metadata, both schemes, both addressings, parts and ranges."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st
from s3.conftest import ACCESS_KEY, SECRET

from cloudtemple_browser.model.connections import Addressing, Connection, Signature
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.signing import encoded, query_of

ENDPOINTS = (
    "http://127.0.0.1:8123",
    "https://store.test",
    "https://store.test:8443",
    "http://[::1]:9000",
    "https://store.test:443",
)
AWKWARD = ("a b", "//x", "a/../b", "./a", "a+b%20c", "~é漢😀", "a?b#c&d=e", "/", "x//", "\u2028'\"<>*!()@:;,$")
KEYS = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
METADATA = st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True), VALUES, max_size=3)
QUERIES = st.one_of(
    st.just({}),
    st.builds(
        lambda number, upload_id: {"partNumber": str(number), "uploadId": upload_id},
        st.integers(1, 10_000),
        st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30),
    ),
)


class _SeenError(Exception):
    pass


@pytest.fixture(scope="module")
def apis() -> dict[tuple[Signature, Addressing, str], Api]:
    """One of each kind."""
    return {
        (signature, addressing, endpoint): Api(
            Connection("c", endpoint, ACCESS_KEY, signature=signature, addressing=addressing), SECRET
        )
        for signature in (Signature.V4, Signature.V2)
        for addressing in Addressing
        for endpoint in ENDPOINTS
    }


def seen_by_botocore(api: Api, key: str) -> tuple[str, str]:
    """The URL and the resource that botocore would sign for a key."""
    seen: list[AWSRequest] = []

    def look(request: AWSRequest, **_kwargs: Any) -> None:
        seen.append(request)
        raise _SeenError

    client = api.client_for("GetObject")
    client.meta.events.register_first("before-sign.s3.GetObject", look)
    try:
        with pytest.raises(_SeenError):
            client.get_object(Bucket="bucket", Key=key)
    finally:
        client.meta.events.unregister("before-sign.s3.GetObject", look)
    return seen[0].url, seen[0].auth_path


@settings(max_examples=150, deadline=None)
@given(
    kind=st.tuples(st.sampled_from((Signature.V4, Signature.V2)), st.sampled_from(Addressing), st.sampled_from(ENDPOINTS)),
    key=KEYS,
    metadata=METADATA,
    query=QUERIES,
    body=st.binary(max_size=50),
    more=st.sampled_from(
        ({}, {"Range": "bytes=0-9", "If-Match": '"e"'}, {"If-None-Match": "*"}, {"Content-Type": "text/plain; a=b"})
    ),
)
def test_the_same_bytes_get_the_same_signature(
    apis: dict[tuple[Signature, Addressing, str], Api],
    kind: tuple[Signature, Addressing, str],
    key: str,
    metadata: dict[str, str],
    query: dict[str, str],
    body: bytes,
    more: dict[str, str],
) -> None:
    api = apis[kind]
    place = api.place_of("bucket")
    headers = {
        "Host": place.host,
        "User-Agent": place.agent,
        **more,
        **{f"x-amz-meta-{name}": value for name, value in metadata.items()},
    }
    if body:
        headers["Content-MD5"] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    theirs = AWSRequest("PUT", "", headers=dict(headers), data=body)
    api.signer.sign("PUT", place, encoded(key), query, headers, body)

    url, resource = seen_by_botocore(api, key)
    path = place.path + encoded(key)
    assert place.origin + path == url
    theirs.url = url + (f"?{query_of(query)}" if query else "")
    theirs.auth_path = resource
    theirs.context.update(client_config=Config(s3={}), has_streaming_input=True)
    credentials = Credentials(ACCESS_KEY, SECRET.reveal())
    with pytest.MonkeyPatch.context() as patch:
        if kind[0] is Signature.V4:
            now = datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            patch.setattr(auth, "get_current_datetime", lambda *_args: now)
            auth.S3SigV4Auth(credentials, "s3", api.connection.region).add_auth(theirs)
        else:
            patch.setattr(auth.HmacV1Auth, "_get_date", lambda _self: headers["Date"])
            auth.HmacV1Auth(credentials).add_auth(theirs)
    assert dict(theirs.headers.items()) == headers


def test_no_secret_is_shown(apis: dict[tuple[Signature, Addressing, str], Api]) -> None:
    for api in apis.values():
        assert SECRET.reveal() not in repr(vars(api.signer))
