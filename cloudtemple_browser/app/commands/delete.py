"""Delete objects and folders: exactly what was counted and confirmed, with an exact result."""

from __future__ import annotations

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.gather import Selected, expand, selected
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.deletion import DeletePlan, KeyFailure
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.text import Count, translate

BATCH = 1000  # keys a request


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
    """Count, ask, delete, tell. What was not counted before the question is not deleted, even if it appears meanwhile."""
    location, chosen = app.state.location, await selected(app)
    if location is None or not chosen.names:
        return
    objects = await expand(app, chosen)
    if objects is None:
        return
    plan = plan_of(chosen, objects)
    if not await app.shell.ask_delete(plan):
        return
    await carry_out(app, location, plan)


async def carry_out(app: Application, location: Location, plan: DeletePlan) -> None:
    """Delete what was confirmed, batch by batch."""
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    deleted = 0
    failed: list[KeyFailure] = []
    total = len(plan.keys)
    one, many = translate("app", "Deleting {n} object"), translate("app", "Deleting {n} objects")
    with app.activities.start(translate("app", "{what}")(what=Count(total, one, many)), total) as activity:
        for at in range(0, total, BATCH):
            if activity.control.cancelled:
                break
            result = await app.background.call(store.delete_objects, plan.bucket, plan.keys[at : at + BATCH])
            deleted += len(result.deleted)
            failed += result.failed
            app.keys_gone(location, result.deleted)
            activity.advance(len(result.deleted) + len(result.failed))
    kept = {failure.key for failure in failed}
    if deleted + len(failed) == total:
        app.keys_gone(location, tuple(folder for folder in plan.folders if not any(key.startswith(folder) for key in kept)))
    _tell(app, deleted, total, failed)


def _tell(app: Application, deleted: int, total: int, failed: list[KeyFailure]) -> None:
    text = translate("app", "{count} deleted")(
        count=Count(deleted, translate("app", "{n} object"), translate("app", "{n} objects"))
    )
    if failed:
        text = translate("app", "{done}, {failed} failed")(done=text, failed=len(failed))
    elif deleted < total:
        text = translate("app", "Cancelled: {done} of {total}")(done=text, total=total)
    app.shell.notify(Notice(text, tuple((failure.key, failure.error) for failure in failed)))
