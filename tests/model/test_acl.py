"""What a list of grants means."""

from __future__ import annotations

import pytest

from cloudtemple_browser.model.acl import ALL_USERS, AUTHENTICATED_USERS, Acl, CannedAcl, Grant


@pytest.mark.parametrize("permission", ["READ", "FULL_CONTROL"])
def test_anyone_who_may_read_makes_an_object_public(permission: str) -> None:
    assert Acl("o", (Grant("o", "FULL_CONTROL"), Grant(ALL_USERS, permission))).public


@pytest.mark.parametrize(
    "grant",
    [
        Grant(ALL_USERS, "READ_ACP"),
        Grant(ALL_USERS, "WRITE"),
        Grant(AUTHENTICATED_USERS, "READ"),
        Grant("owner", "FULL_CONTROL"),
        Grant("owner", "READ", display_name=ALL_USERS),  # a name is no group
        Grant(ALL_USERS.upper(), "READ"),
    ],
)
def test_nothing_else_does(grant: Grant) -> None:
    assert not Acl("o", (grant,)).public


PUBLIC = Grant(ALL_USERS, "READ")


@pytest.mark.parametrize(
    ("acl", "canned"),
    [
        (Acl("o", (Grant("o", "FULL_CONTROL"),)), CannedAcl.PRIVATE),
        (Acl("o", (Grant("id", "FULL_CONTROL", "o"),)), CannedAcl.PRIVATE),
        (Acl("o"), CannedAcl.PRIVATE),
        (Acl("o", (Grant("o", "FULL_CONTROL"), PUBLIC)), CannedAcl.PUBLIC_READ),
        (Acl("o", (PUBLIC,)), CannedAcl.PUBLIC_READ),
        (Acl("o", (Grant("o", "FULL_CONTROL"), Grant(ALL_USERS, "WRITE"))), None),
        (Acl("o", (PUBLIC, Grant(ALL_USERS, "WRITE"))), None),
        (Acl("o", (Grant("o", "FULL_CONTROL"), Grant(AUTHENTICATED_USERS, "READ"))), None),
        (Acl("o", (Grant("o", "FULL_CONTROL"), Grant("somebody", "READ"))), None),
        (Acl("", (Grant("", "FULL_CONTROL"),)), None),  # whose it is, is not known
    ],
)
def test_what_a_canned_acl_can_say(acl: Acl, canned: CannedAcl | None) -> None:
    assert acl.canned is canned


def test_no_grants_are_private() -> None:
    assert not Acl().public
