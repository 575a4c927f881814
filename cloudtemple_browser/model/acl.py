"""Who may read an object: canned ACLs and what a list of grants means."""

from __future__ import annotations

import enum
from dataclasses import dataclass

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
READING = frozenset({"READ", "FULL_CONTROL"})


class CannedAcl(enum.Enum):
    """The two canned ACLs of this program (https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html)."""

    PRIVATE = "private"
    PUBLIC_READ = "public-read"


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of an ACL: a group's URI or a user's id, and the permission."""

    grantee: str
    permission: str
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Acl:
    """An object's ACL as read back from the store."""

    owner: str = ""
    grants: tuple[Grant, ...] = ()

    @property
    def public(self) -> bool:
        """Whether anyone with the URL may read, as far as the ACL goes (a bucket policy or address rule may differ)."""
        return any(grant.grantee == ALL_USERS and grant.permission in READING for grant in self.grants)

    @property
    def canned(self) -> CannedAcl | None:
        """The canned ACL that says the same; None when there is none: others than the owner and everyone have rights."""
        others = [one for one in self.grants if not self.owner or self.owner not in (one.grantee, one.display_name)]
        if any((one.grantee, one.permission) != (ALL_USERS, "READ") for one in others):
            return None
        return CannedAcl.PUBLIC_READ if others else CannedAcl.PRIVATE
