"""Download objects and folders into a chosen folder."""

from __future__ import annotations

from dataclasses import replace

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.conflicts import look
from cloudtemple_browser.app.commands.gather import selected
from cloudtemple_browser.app.shell import DownloadAnswer, DownloadQuestion
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import DownloadRequest
from cloudtemple_browser.transfers.conflicts import find_download_conflicts


async def run(app: Application) -> None:
    """Ask where to, look for files in the way, ask once for all of them, hand over to the engine."""
    location, chosen = app.state.location, await selected(app)
    count = len(chosen.objects) + len(chosen.folders)
    if location is None or not count:
        return
    folder = await app.shell.ask_download_folder(count)
    if folder is None:
        return
    app.change_settings(download_folder=str(folder))
    request = DownloadRequest(
        location.connection_id, chosen.bucket, chosen.objects, chosen.folders, location.prefix, folder.absolute()
    )
    store = await app.background.call(app.accounts.stores.get, location.connection_id)
    title = translate("app", "Looking for files of the same name")
    looked = await look(app, title, lambda control, count: find_download_conflicts(store, request, control, count))
    if looked is None:
        return
    answer: DownloadAnswer | None = DownloadAnswer({})
    if looked.conflicts:
        answer = await app.shell.ask_download(DownloadQuestion(folder, looked.conflicts))
    if answer:
        app.engine.download(replace(request, decisions=answer.decisions))
