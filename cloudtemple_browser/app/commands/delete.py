"""Delete objects and folders: exactly what was counted and confirmed."""

from __future__ import annotations

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import Selected, expand, selected
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import DeleteRequest
from cloudtemple_browser.transfers.events import Event, GroupEnded, GroupsRemoved


def plan_of(chosen: Selected, objects: tuple[ObjectEntry, ...]) -> DeletePlan:
    """What is about to be deleted."""
    return DeletePlan(
        chosen.bucket,
        tuple(entry.key for entry in objects),
        sum(max(0, entry.size) for entry in objects),
        chosen.folders,
        chosen.names[:10],
    )


async def run(app: Application) -> None:
    """Count, ask, hand over to the engine. What was not counted before the question is not deleted, even if it appears."""
    location, chosen = app.state.location, await selected(app)
    if location is None or not chosen.names:
        return
    try:
        objects = await expand(app, location.connection_id, chosen)
    except BrowserError as error:
        app.fail(error, undone=translate("app", "Nothing was deleted"))
        return
    if objects is None:
        return
    plan = await app.background.call(plan_of, chosen, objects)
    if not await app.shell.ask_delete(plan):
        return
    request = DeleteRequest(location.connection_id, plan.bucket, location.prefix, plan.keys, chosen.names)
    _Folders(app, location, app.engine.delete(request), plan.folders)


class _Folders:
    """Takes the rows of deleted folders out of the list, once nothing that was asked for is left in them. Loop thread."""

    def __init__(self, app: Application, location: Location, group: int, folders: tuple[str, ...]) -> None:
        self._app, self._location, self._group, self._folders = app, location, group, folders
        self._stop = app.transfer_events.add(self._happened) if folders else lambda: None

    def _happened(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, GroupEnded) and event.status.id == self._group:
                self._ended(event)
            if not self._folders or (isinstance(event, GroupsRemoved) and self._group in event.ids):
                self._stop()
                return

    def _ended(self, event: GroupEnded) -> None:
        counts = event.status.counts
        if counts.cancelled or event.status.left_out or len(event.failures) < counts.failed:
            return  # what is left is not known by name
        kept = tuple(key for key, _error in event.failures)
        gone = tuple(folder for folder in self._folders if not any(key.startswith(folder) for key in kept))
        self._app.keys_gone(self._location, gone)
        self._folders = tuple(folder for folder in self._folders if folder not in gone)
