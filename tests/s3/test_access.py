"""ACLs and links on a store that lies."""

from __future__ import annotations

import pytest
from s3.calls import REF
from s3.conftest import Start
from servers.raw import Answer, Request, answer, s3_answer, s3_error

from cloudtemple_browser.model.acl import ALL_USERS, CannedAcl, Grant
from cloudtemple_browser.model.connections import Addressing, Signature
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.s3.client import READ_ATTEMPTS

POLICY = (
    '<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>me</ID><DisplayName>Me</DisplayName></Owner>'
    '<AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">'
    f"<URI>{ALL_USERS}</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
)


def test_an_acl_is_read_as_it_is(start: Start) -> None:
    acl = start(lambda _request: s3_answer(200, POLICY)).store.read_acl(REF)
    assert (acl.owner, acl.grants, acl.public) == ("Me", (Grant(ALL_USERS, "READ"),), True)


@pytest.mark.parametrize(
    "before", ["", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n', '\ufeff<?xml version="1.0"?>', "\n "]
)
def test_an_acl_may_begin_as_xml_may(start: Start, before: str) -> None:
    assert start(lambda _request: s3_answer(200, before + POLICY)).store.read_acl(REF).public


def test_an_acl_may_have_a_prefix(start: Start) -> None:
    body = '<s3:AccessControlPolicy xmlns:s3="urn:x"><s3:Owner><s3:ID>me</s3:ID></s3:Owner></s3:AccessControlPolicy>'
    assert start(lambda _request: s3_answer(200, body)).store.read_acl(REF).owner == "me"


# The object's own bytes, from a store that takes no notice of ?acl.
INVOICE = "<Invoice><Owner><ID>me</ID></Owner><AccessControlList/></Invoice>"
OBJECTS = (
    "the bytes of the object",
    INVOICE,
    f'<?xml version="1.0"?><!-- <AccessControlPolicy> -->{INVOICE}',
    f"<!DOCTYPE Invoice>{INVOICE}",
    "<AccessControlPolicyOf><Owner/></AccessControlPolicyOf>",
    f"<Invoice>{POLICY}<Owner/></Invoice>",
)


@pytest.mark.parametrize("body", ["", "<html/>", "<AccessControlPolicy>", *OBJECTS])
def test_a_store_without_acls_gets_no_put_that_could_empty_the_object(start: Start, body: str) -> None:
    rig = start(lambda _request: s3_answer(200, body))
    with pytest.raises(BrowserError) as caught:
        rig.store.write_acl(REF, CannedAcl.PUBLIC_READ)
    assert caught.value.kind in (ErrorKind.NOT_S3, ErrorKind.SERVER)  # botocore takes a body that is no XML for a 500
    assert {request.method for request in rig.server.requests} == {"GET"}


def test_what_setting_an_acl_sends(start: Start) -> None:
    rig = start(lambda _request: s3_answer(200, POLICY))
    rig.store.write_acl(REF, CannedAcl.PUBLIC_READ)
    request = rig.server.requests[-1]
    assert (request.method, request.target.rstrip("="), request.body) == ("PUT", "/bucket/folder/key?acl", b"")
    assert request.headers["x-amz-acl"] == "public-read"


@pytest.mark.parametrize(
    ("reply", "readable"),
    [
        (s3_answer(206, b"x", ETag='"e"', Content_Range="bytes 0-0/5"), True),
        (s3_answer(200, b"x", ETag='"e"'), True),
        (s3_error(416, "InvalidRange"), True),
        (s3_error(401, "UnauthorizedAccess"), False),
        (s3_error(403, "AccessDenied"), False),
        (s3_error(404, "NoSuchKey"), False),
    ],
)
def test_the_question_whether_anyone_may_read_has_no_signature(start: Start, reply: bytes, readable: bool) -> None:
    rig = start(lambda _request: reply)
    assert rig.store.readable_by_anyone(REF) is readable
    (request,) = rig.server.requests
    assert (request.method, request.target) == ("GET", "/bucket/folder/key")
    assert not {"authorization", "x-amz-date", "cookie"} & request.headers.keys()


@pytest.mark.parametrize(
    ("status", "kind", "requests"),
    [
        (400, ErrorKind.BAD_REQUEST, 1),
        (405, ErrorKind.UNSUPPORTED, 1),
        (407, ErrorKind.PROXY, 1),
        (429, ErrorKind.THROTTLED, 1),
        (503, ErrorKind.THROTTLED, 1),
        (500, ErrorKind.SERVER, READ_ATTEMPTS),
        (502, ErrorKind.SERVER, READ_ATTEMPTS),
    ],
)
def test_a_store_in_trouble_does_not_say_that_an_object_is_private(
    start: Start, status: int, kind: ErrorKind, requests: int
) -> None:
    rig = start(lambda _request: s3_error(status, "Whatever"))
    with pytest.raises(BrowserError) as caught:
        rig.store.readable_by_anyone(REF)
    assert (caught.value.kind, caught.value.facts.status) == (kind, status)
    assert caught.value.facts.subject == rig.store.public_url(REF)
    assert len(rig.server.requests) == requests


def test_a_redirect_to_a_login_is_no_public_object(start: Start) -> None:
    rig = start(lambda _request: answer(302, Location="https://login.test/"))
    with pytest.raises(BrowserError) as caught:
        rig.store.readable_by_anyone(REF)
    assert caught.value.kind is ErrorKind.REDIRECTED


def test_links_make_no_request(start: Start) -> None:
    rig = start(lambda _request: s3_answer(500))
    assert rig.store.public_url(REF) == f"{rig.server.endpoint}/bucket/folder/key"
    assert rig.store.presign_get(REF, 60).startswith(f"{rig.server.endpoint}/bucket/folder/key?")
    assert rig.server.connections == 0


@pytest.mark.parametrize("signature", Signature)
def test_links_keep_the_addressing_style(start: Start, signature: Signature) -> None:
    def nobody(_request: Request) -> Answer:
        return s3_answer(500)

    rig = start(nobody, endpoint="https://store.test", addressing=Addressing.VIRTUAL, signature=signature)
    assert rig.store.public_url(REF) == "https://bucket.store.test/folder/key"
    assert rig.store.presign_get(REF, 60).startswith("https://bucket.store.test/folder/key?")
