"""Where to: back, forward, up, refresh, the location bar, the filter."""

from __future__ import annotations

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.model.addresses import Location, parent_prefix


async def back(app: Application) -> None:
    """The location before."""
    app.step(-1)


async def forward(app: Application) -> None:
    """The location after."""
    app.step(1)


async def up(app: Application) -> None:
    """The enclosing folder."""
    app.up()


async def refresh(app: Application) -> None:
    """List again; at the list of buckets that asks for the buckets again."""
    app.refresh()


async def stop(app: Application) -> None:
    """End the listing under way."""
    app.listing.stop()


async def edit_location(app: Application) -> None:
    """Turn the breadcrumb into a text field."""
    app.shell.focus("location")


async def focus_filter(app: Application) -> None:
    """Go to the filter."""
    app.shell.focus("filter")


async def open_selected(app: Application) -> None:
    """Enter the folder, or preview the object, that is selected."""
    rows, chosen, location = app.listing.rows, app.shell.selected_rows(), app.state.location
    if not chosen or location is None:
        return
    row = chosen[0]
    if not location.bucket:
        app.open(Location(location.connection_id, rows.name(row)))
    elif rows.is_folder(row):
        app.open(Location(location.connection_id, location.bucket, rows.key(row)))
    else:
        app.shell.toggle("preview")


async def reveal(app: Application) -> None:
    """Open the folder that holds the selected object, and select it there."""
    rows, chosen, location = app.listing.rows, app.shell.selected_rows(), app.state.location
    if location is None or not chosen:
        return
    key = rows.key(chosen[0])
    app.open(Location(location.connection_id, location.bucket, parent_prefix(key)))
    app.shell.select_keys([key])
