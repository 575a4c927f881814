"""Connections and buckets in the sidebar: new, edit, duplicate, delete, add a bucket."""

from __future__ import annotations

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.text import translate


async def new(app: Application) -> None:
    """The form for a new connection; it is opened when saved."""
    await _fill(app, None)


async def new_elsewhere(app: Application) -> None:
    """The same form for a store that is not Cloud Temple's: the region is the one that most of them take."""
    await _fill(app, Connection("", "", "", region="us-east-1"))


async def edit(app: Application) -> None:
    """The form for the open connection."""
    if app.connection:
        await _fill(app, app.connection)


async def duplicate(app: Application) -> None:
    """The form for a copy of the open connection; nothing is saved before it is filled in."""
    if app.connection:
        await _fill(app, app.accounts.duplicate(app.connection))


async def _fill(app: Application, connection: Connection | None) -> None:
    if saved := await app.fill_in(connection):
        app.open_connection(saved)


async def delete(app: Application) -> None:
    """Forget the open connection and its secret."""
    connection = app.connection
    if connection and await app.shell.ask_delete_connection(connection):
        app.connection_gone(connection.id)
        left = await app.accounts.delete(connection)
        if left:
            words = translate("app", "The connection {name} was removed, but its secret key is still in the keyring")
            app.shell.notify(Notice(words(name=connection.name), ((connection.name, left),)))
        else:
            app.shell.notify(Notice(translate("app", "The connection {name} was removed")(name=connection.name)))


async def add_bucket(app: Application) -> None:
    """Show a bucket that the key may use but not list, and remember it."""
    connection = app.connection
    if connection is None:
        return
    name = await app.shell.ask_name("add-bucket")
    if name:
        await app.accounts.remember_bucket(connection, name)
        app.buckets.changed(connection.id)
        app.open(Location(connection.id, name))


async def forget_bucket(app: Application) -> None:
    """Take a bucket that was added by name out of the sidebar; nothing in the store changes."""
    connection, location = app.connection, app.state.location
    if connection and location and location.bucket in connection.buckets:
        await app.accounts.remember_bucket(connection, location.bucket, keep=False)
        app.buckets.changed(connection.id)
        app.open(Location(connection.id))
    else:
        app.shell.notify(Notice(translate("app", "Only a bucket that was added by name can be removed from the list.")))


async def create_bucket(app: Application) -> None:
    """Make a new bucket and open it."""
    connection = app.connection
    if connection is None:
        return
    name = await app.shell.ask_name("bucket")
    if name:
        store = await app.background.call(app.accounts.stores.get, connection.id)
        await app.background.call(store.create_bucket, name)
        await app.buckets.load(connection)
        app.open(Location(connection.id, name))


async def delete_bucket(app: Application) -> None:
    """Delete an empty bucket after its name was typed."""
    connection, location = app.connection, app.state.location
    if connection is None or location is None:
        return
    rows = app.shell.selected_rows()
    bucket = location.bucket or (app.listing.rows.name(rows[0]) if rows else "")
    if not bucket or not await app.shell.ask_delete_bucket(bucket):
        return
    store = await app.background.call(app.accounts.stores.get, connection.id)
    await app.background.call(store.delete_bucket, bucket)
    await app.accounts.remember_bucket(connection, bucket, keep=False)
    await app.buckets.load(connection)
    app.open(Location(connection.id))
    app.shell.notify(Notice(translate("app", "The bucket {name} is deleted")(name=bucket)))
