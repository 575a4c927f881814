"""The settings file: read field by field, so that one wrong value costs one default and nothing else."""

from __future__ import annotations

import logging
from dataclasses import fields
from pathlib import Path
from typing import Any

from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.settings import Settings
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
        plain = {name: saved[name] for name, kind in _PLAIN.items() if isinstance(saved.get(name), kind)}
        return Settings(**plain, window=_window(saved.get("window")))

    def save(self, settings: Settings) -> None:
        """Replace the file atomically.

        Raises:
            BrowserError: LOCAL_DENIED, DISK_FULL or LOCAL_OTHER; then the earlier file is untouched.
        """
        earlier = read_json(self._path).value or {}
        plain = {name: getattr(settings, name) for name in _PLAIN}
        write_json(self._path, {**earlier, **plain, "window": dict(settings.window)})


_PLAIN: dict[str, type] = {field.name: type(field.default) for field in fields(Settings) if field.name != "window"}
"""The fields that JSON holds as they are, by their type."""


def _window(saved: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(saved, dict):
        return ()
    return tuple((name, state) for name, state in saved.items() if isinstance(state, str))
