"""Where this program keeps its files: the folders that each platform provides, or one folder that holds everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP = "cloudtemple-browser"


@dataclass(frozen=True, slots=True)
class AppPaths:
    """The program's folders and files. ``root`` moves all of them into one folder of the caller's choice.

    Pure: nothing is created here; who writes a file makes its folder with ``private_folder``.
    """

    root: Path | None = None

    @property
    def config(self) -> Path:
        """The folder of connections and settings."""
        return self.root / "config" if self.root else platformdirs.user_config_path(APP, appauthor=False)

    @property
    def state(self) -> Path:
        """The folder of the log."""
        return self.root / "state" if self.root else platformdirs.user_log_path(APP, appauthor=False)

    @property
    def data(self) -> Path:
        """The folder of the transfers' journal and of the demo store."""
        return self.root / "data" if self.root else platformdirs.user_data_path(APP, appauthor=False)

    @property
    def connections_file(self) -> Path:
        """The saved connections, without secrets."""
        return self.config / "connections.json"

    @property
    def transfers_file(self) -> Path:
        """The journal of the transfers."""
        return self.data / "transfers.sqlite3"

    @property
    def settings_file(self) -> Path:
        """The user's choices."""
        return self.config / "settings.json"


def private_folder(folder: Path) -> Path:
    """Make ``folder`` and the missing ones above it, each for this user only (0700); return it. Existing ones stay as they are.

    ``Path.mkdir(parents=True)`` would give the folders above the usual, readable mode.

    Raises:
        OSError: the folder cannot be made.
    """
    if not folder.is_dir():
        if folder.parent != folder:
            private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder
