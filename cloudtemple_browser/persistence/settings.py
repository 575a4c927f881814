"""The settings file: read field by field, so that one wrong value costs one default and nothing else."""

from __future__ import annotations

import logging
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.settings import MOST_AT_ONCE, Settings
from cloudtemple_browser.model.transfers import Limits, TransferRules
from cloudtemple_browser.persistence.files import read_json, write_json

LOG = logging.getLogger(__name__)


class JsonSettingsBook:
    """Settings as one JSON object. Blocking; any thread. Fields that a newer version wrote survive a save."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Settings:
        """The saved settings; defaults for what is missing, of a wrong type or unreadable. Raises nothing."""
        try:
            saved = read_json(self._path).value or {}
        except BrowserError as error:
            LOG.warning("The settings cannot be read, defaults are used: %s", error)
            saved = {}
        return Settings(
            **_sound(Settings(), saved),
            window=_window(saved.get("window")),
            limits=_limits(saved.get("limits")),
            rules=TransferRules(**_sound(TransferRules(), saved.get("rules"))),
        )

    def save(self, settings: Settings) -> None:
        """Replace the file atomically.

        Raises:
            BrowserError: LOCAL_DENIED, DISK_FULL or LOCAL_OTHER; then the earlier file is untouched.
        """
        earlier = read_json(self._path).value or {}
        write_json(self._path, {**earlier, **asdict(settings), "window": dict(settings.window)})


def _sound(defaults: Settings | Limits | TransferRules, saved: Any) -> dict[str, Any]:
    """The saved plain values and lists of names, as far as they have the type of their default."""
    if not isinstance(saved, dict):
        return {}
    found: dict[str, Any] = {}
    for field in fields(defaults):
        default, value = getattr(defaults, field.name), saved.get(field.name)
        if isinstance(default, (str, bool, int)) and type(value) is type(default):
            found[field.name] = value
        elif field.name == "excluded" and isinstance(value, list) and all(isinstance(name, str) for name in value):
            found[field.name] = tuple(value)
    return found


def _limits(saved: Any) -> Limits:
    """The saved limits, within what makes sense."""
    found = Limits(**_sound(Limits(), saved))
    at_once = min(max(found.at_once, 1), MOST_AT_ONCE)
    return Limits(max(0, found.upload_rate), max(0, found.download_rate), at_once)


def _window(saved: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(saved, dict):
        return ()
    return tuple((name, state) for name, state in saved.items() if isinstance(state, str))
