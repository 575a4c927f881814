"""The question "Why?": from a failure that was met somewhere to the connection and the request to look into."""

from __future__ import annotations

from urllib.parse import urlsplit

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.shell import Notice, Refusal
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.diagnosis import question_about, worth_asking
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.text import translate

WHY = translate("why", "Why?")
"""What every button that asks says."""
NO_CONNECTION = translate("why", "The connection was deleted: nothing is left to check.")
"""What is said where a failure outlived its connection."""


async def ask(app: Application, error: BrowserError, connection_id: str = "") -> None:
    """Find out why ``error`` happened, where that makes sense. ``connection_id`` as in ``Notice``."""
    refusal = refusal_of(app, error, connection_id)
    if refusal:
        await app.shell.show_why(refusal)
    elif worth_asking(error):
        app.shell.notify(Notice(NO_CONNECTION))


def asked_of(app: Application, notice: Notice) -> BrowserError | None:
    """The first failure of a notice that "Why?" makes sense for."""
    errors = (error for _name, error in notice.failures)
    return next((error for error in errors if refusal_of(app, error, notice.connection_id)), None)


def refusal_of(app: Application, error: BrowserError, connection_id: str = "") -> Refusal | None:
    """What to look into; None where checks cannot find out more, or the connection was deleted."""
    if not worth_asking(error):
        return None
    connection = app.accounts.get(connection_id) if connection_id else _connection_of(app, error)
    if connection is None:
        return None
    location = app.state.location
    here = location is not None and location.connection_id == connection.id
    bucket, prefix = (location.bucket, location.prefix) if location and here else (connection.bucket, connection.prefix)
    return Refusal(connection, question_about(error, bucket, prefix))


def _connection_of(app: Application, error: BrowserError) -> Connection | None:
    """The connection whose endpoint failed: the open one if it may be, since two may differ by their key alone."""
    endpoint, current = error.facts.endpoint, app.connection
    if not endpoint or (current and _is_at(current, endpoint)):
        return current
    return next((one for one in app.accounts.connections if _is_at(one, endpoint)), None)


def _is_at(connection: Connection, endpoint: str) -> bool:
    return endpoint in (urlsplit(connection.endpoint).netloc, connection.host)
