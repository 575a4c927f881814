"""The stages of a connection test and their outcomes."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.text import Text


class Stage(enum.Enum):
    """The stages of a connection test, in order."""

    ADDRESS = "address"
    TLS = "tls"
    CLOCK = "clock"
    KEY = "key"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage's outcome: ``error`` None and ``skipped`` False means that it passed. ``note`` adds what was seen."""

    stage: Stage
    error: BrowserError | None = None
    skipped: bool = False
    note: Text | None = None
