"""Write what the list shows, or what is selected, to a file: CSV for spreadsheets, JSON lines for programs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.listing import ListingStatus, Phase
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.app.shell import ExportQuestion, Notice
from cloudtemple_browser.model.addresses import ObjectRef, base_name
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import BrowserError, Cancelled
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.export import ExportFormat, ExportRow, encoded, head
from cloudtemple_browser.model.local_names import local_name
from cloudtemple_browser.model.text import Count, Text, translate
from cloudtemple_browser.transfers.destination import whole_file

_PIECE = 500  # rows encoded and written in one go
_TELL = 0.1  # seconds between two reports of progress


async def run(app: Application) -> None:
    """Ask where to, write in a worker, tell how much was written and whether the list was whole."""
    location = app.state.location
    if location is None or not location.bucket:
        return
    chosen = app.shell.selected_rows()
    selected = len(chosen) > 1
    numbers: Sequence[int] = chosen if selected else app.shell.shown_rows()
    # Both are of this moment: what the dialog announces is what is written, whatever comes meanwhile.
    rows, status = app.listing.rows.snapshot(), app.listing.status
    last = app.settings.download_folder
    name = f"{local_name(base_name(location.prefix) or location.bucket)}.csv"
    question = ExportQuestion(len(numbers), name, Path(last) if last else None, selected, status.phase is Phase.COMPLETE)
    path = await app.shell.ask_export(question)
    if path is None:
        return
    loop = asyncio.get_running_loop()
    one, many = translate("app", "Exporting {n} row"), translate("app", "Exporting {n} rows")
    with app.activities.start(translate("app", "{what}")(what=Count(len(numbers), one, many)), len(numbers)) as activity:

        def tell(done: int) -> None:
            with suppress(RuntimeError):  # the loop is closed: the program ends
                loop.call_soon_threadsafe(activity.reach, done, len(numbers))

        try:
            await app.background.call(write, path, exported(rows, numbers, location.bucket), activity.control, tell)
        except Cancelled:
            app.shell.notify(Notice(translate("app", "Export cancelled: no file was written")))
            return
        except BrowserError as error:
            text = translate("app", "The list was not exported: {why}")(why=explain(error).what)
            app.shell.notify(Notice(text, ((path.name, error),)))
            return
    app.shell.notify(_result(len(numbers), path, status, selected=selected))


def exported(rows: Rows, numbers: Sequence[int], bucket: str) -> Iterator[ExportRow]:
    """Rows of the list as rows of the file."""
    root, known = str(ObjectRef(bucket, "")), rows.public
    for number in numbers:
        if rows.is_folder(number):
            key = rows.key(number)
            yield ExportRow(key, base_name(key), UNKNOWN, UNKNOWN, "", "", None, root + key)
        else:
            one = rows.entry(number)
            key, public = one.key, known.get(one.key)
            yield ExportRow(key, base_name(key), one.size, one.modified, one.etag, one.storage_class, public, root + key)


def write(path: Path, rows: Iterator[ExportRow], control: CallControl, tell: Callable[[int], None]) -> None:
    """Write a file that appears only when it is whole; one of the same name is replaced then. Blocks.

    Raises ``Cancelled``, or a ``BrowserError`` of the disk; then nothing is left, and a file of that name is as it was.
    """
    form, done, told = ExportFormat.of(path.suffix), 0, time.monotonic()
    with whole_file(path) as file:
        file.write(memoryview(head(form)))
        while piece := list(islice(rows, _PIECE)):
            if control.cancelled:
                raise Cancelled
            file.write(memoryview(encoded(piece, form)))
            done += len(piece)
            if time.monotonic() - told > _TELL:
                told = time.monotonic()
                tell(done)


def _result(count: int, path: Path, status: ListingStatus, *, selected: bool) -> Notice:
    rows = (
        Count(count, translate("app", "{n} selected row"), translate("app", "{n} selected rows"))
        if selected
        else Count(count, translate("app", "{n} row"), translate("app", "{n} rows"))
    )
    text = translate("app", "{rows} exported to {name}")(rows=rows, name=path.name)
    if status.phase is Phase.COMPLETE:
        return Notice(text)
    failures = ((path.name, status.error),) if status.error else ()
    if status.left_out:
        text = translate("app", "{done}. {why}: {entries}.")(done=text, why=_why(status), entries=status.left_out_words)
        return Notice(text, failures)
    return Notice(translate("app", "{done}. The list was not complete: {why}.")(done=text, why=_why(status)), failures)


def _why(status: ListingStatus) -> Text:
    if status.error:
        return explain(status.error).what
    if status.phase is Phase.LOADING:
        return translate("app", "it was still loading")
    return translate("app", "you stopped it")
