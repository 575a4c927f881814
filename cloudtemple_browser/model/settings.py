"""The user's choices and the remembered state of the window."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudtemple_browser.model.transfers import Limits, TransferRules

MOST_AT_ONCE = 16
"""The most large files at a time that the user may choose."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's choices and the window's state. ``language`` and ``theme`` "" follow the system.

    ``limits`` and ``rules`` are the transfers'.
    """

    language: str = ""
    theme: str = ""
    binary_units: bool = False
    compact_rows: bool = False
    natural_order: bool = True
    ask_before_upload: bool = True
    show_transfers: bool = False
    show_inspector: bool = False
    download_folder: str = ""
    window: tuple[tuple[str, str], ...] = ()
    last_connection: str = ""
    last_location: str = ""
    limits: Limits = field(default_factory=Limits)
    rules: TransferRules = field(default_factory=TransferRules)

    def window_state(self, name: str) -> str:
        """A remembered piece of window state (base64), or ""."""
        return dict(self.window).get(name, "")
