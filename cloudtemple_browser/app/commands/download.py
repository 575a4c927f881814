"""Download objects and folders into a chosen folder."""

from __future__ import annotations

import os
from pathlib import Path

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import Selected, selected
from cloudtemple_browser.model.addresses import DELIMITER
from cloudtemple_browser.model.local_names import local_path
from cloudtemple_browser.transfers.job import ConflictPolicy

_ASKED = 100  # existing files shown


async def run(app: Application) -> None:
    """Ask where to, look for files in the way, hand over to the engine."""
    location, chosen = app.state.location, await selected(app)
    count = len(chosen.objects) + len(chosen.folders)
    if location is None or not count:
        return
    folder = await app.shell.ask_download_folder(count)
    if folder is None:
        return
    app.change_settings(download_folder=str(folder))
    in_the_way = await app.background.call(_in_the_way, chosen, location.prefix, folder)
    policy: ConflictPolicy | None = ConflictPolicy.KEEP_BOTH
    if in_the_way:
        policy = await app.shell.ask_local_conflict(in_the_way, folder)
    if policy:
        app.engine.download(
            location.connection_id, chosen.bucket, chosen.objects, chosen.folders, location.prefix, folder, policy
        )


def _in_the_way(chosen: Selected, prefix: str, folder: Path) -> tuple[str, ...]:
    """Names of the selection that exist in ``folder`` already (looked up on disk: blocks)."""
    below = (name.removeprefix(prefix).removesuffix(DELIMITER) for name in chosen.names)
    paths = (Path(*local_path(name)) for name in below)
    return tuple(str(path) for path in paths if os.path.lexists(folder / path))[:_ASKED]
