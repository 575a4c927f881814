"""An object's ACL: read and set."""

from __future__ import annotations

from typing import Any

from cloudtemple_browser.model.acl import Acl, CannedAcl, Grant
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.s3.client import Api, expect
from cloudtemple_browser.s3.objects import target


def read_acl(api: Api, ref: ObjectRef) -> Acl:
    """See ``Store.read_acl``. The client has seen that the answer is an AccessControlPolicy, and not the object itself."""
    answer = api.read("GetObjectAcl", "get_object_acl", str(ref), **target(ref))
    expect("Grants" in answer or "Owner" in answer, "access control list")
    owner = answer.get("Owner") or {}
    grants = tuple(_grant(item) for item in answer.get("Grants", ()))
    return Acl(str(owner.get("DisplayName") or owner.get("ID") or ""), grants)


def _grant(item: dict[str, Any]) -> Grant:
    grantee = item.get("Grantee") or {}
    who = str(grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress") or "")
    return Grant(who, str(item.get("Permission") or ""), str(grantee.get("DisplayName") or ""))


def write_acl(api: Api, ref: ObjectRef, acl: CannedAcl) -> None:
    """See ``Store.write_acl``.

    The ACL is read first: some stores that know no ACLs take ``PUT ?acl`` for a PUT of the object and empty it, and those do
    not answer ``GET ?acl`` with an ACL.
    """
    read_acl(api, ref)
    api.call("PutObjectAcl", "put_object_acl", str(ref), **target(ref), ACL=acl.value)
