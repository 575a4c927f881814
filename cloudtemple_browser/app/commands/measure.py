"""How much is in a folder, a selection or a bucket: counted when asked for, shown beside the list or as a storage view."""

from __future__ import annotations

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.measures import Scope
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.text import translate

_MAX_FOLDERS = 2_000  # selected rows: each folder takes a request at least, and its name is looked up at every selection


def scope_of_selection(app: Application, limit: int = _MAX_FOLDERS) -> Scope | None:
    """What the selected folders (or the selected bucket) hold, or, with nothing selected, the open prefix.

    None where nothing is to be counted: objects alone, or more than ``limit`` rows.
    """
    location, chosen = app.state.location, app.state.selection
    if location is None or chosen.rows > limit:
        return None
    if not location.bucket:
        buckets = _folders(app)
        return Scope.folder(location.connection_id, buckets[0][:-1], "") if len(buckets) == 1 else None
    if not chosen.rows:
        return Scope.folder(location.connection_id, location.bucket, location.prefix)
    folders = _folders(app)
    if len(folders) == 1:
        return Scope.folder(location.connection_id, location.bucket, folders[0])
    return Scope(location.connection_id, location.bucket, location.prefix, tuple(sorted(folders))) if folders else None


def _folders(app: Application) -> list[str]:
    rows = app.listing.rows
    return [rows.key(row) for row in app.shell.selected_rows() if rows.is_folder(row)]


async def calculate(app: Application) -> None:
    """Count what is selected, or what is open, and show it beside the list while it grows."""
    if app.state.selection.rows > _MAX_FOLDERS and app.state.selection.folders:
        app.shell.notify(
            Notice(
                translate("app", "Too many folders are selected to be counted one by one. Select none to count all below here.")
            )
        )
        return
    app.shell.toggle("sizes")
    if scope := scope_of_selection(app):
        await app.measures.count(scope)


async def storage_view(app: Application) -> None:
    """Show what takes the room in the selected folder (or bucket), or in the open prefix."""
    location, scope = app.state.location, scope_of_selection(app, 1)
    if location is None:
        return
    if scope is None and location.bucket:
        scope = Scope.folder(location.connection_id, location.bucket, location.prefix)
    if scope:
        app.shell.show_storage(scope)
