"""Open a downloaded file with the program that the system has for it, after a question where that may run something."""

from __future__ import annotations

from pathlib import Path

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.opening import look
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.text import translate


async def open_file(app: Application, path: Path) -> None:
    """Open a file that a download of this program wrote, unless it is gone or the user thinks better of it."""
    found = await app.background.call(look, path)
    if found is None:
        text = translate("open", "“{name}” is not there any more as it was downloaded")
        app.shell.notify(Notice(text(name=path.name)))
    elif (not found.runs or await app.shell.ask_open(found)) and not app.shell.open_file(path):
        app.shell.notify(Notice(translate("open", "No program was found that opens “{name}”")(name=path.name)))
