"""Whether this machine can keep secrets."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class VaultState(enum.Enum):
    """Whether secrets can be kept on this machine."""

    READY = "ready"
    ABSENT = "absent"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """``name`` is the keyring's own name, for example "GNOME Keyring / Secret Service"."""

    state: VaultState
    name: str
