"""Everything below the open folder: all of it, or what a query finds."""

from __future__ import annotations

from dataclasses import replace

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.model.query import Query
from cloudtemple_browser.model.text import Text


async def begin(app: Application) -> None:
    """Go to the search bar."""
    app.shell.focus("search")


async def flat(app: Application) -> None:
    """Show every object below here, or the folder again."""
    location = app.state.location
    if location and location.bucket:
        app.open(location.folder if app.state.flat else replace(location, below=Query()))


async def below(app: Application, query: Query) -> Text | None:
    """Show what a query finds below the open folder; or return why it can find nothing.

    The query is looked at in a worker: an expression may be long.
    """
    here = app.state.location
    problem = await app.background.call(query.problem)
    if problem is None and here and here.bucket and here == app.state.location:
        if here.below == query:
            app.refresh()
        else:
            app.open(replace(here, below=query))
    return problem
