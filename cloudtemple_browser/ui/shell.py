"""The window as the use cases see it: questions become dialogs, notices the bar at the bottom."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog
from shiboken6 import isValid

from cloudtemple_browser.app.measures import Scope
from cloudtemple_browser.app.opening import Opening
from cloudtemple_browser.app.shell import (
    Clip,
    DownloadAnswer,
    DownloadQuestion,
    ExportQuestion,
    FilledForm,
    KeyringRefusal,
    NewObject,
    Notice,
    Refusal,
    RenameQuestion,
    UploadAnswer,
    UploadQuestion,
)
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.text import Count, Text, translate
from cloudtemple_browser.ui.dialogs.base import settle
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.text import visible
from cloudtemple_browser.ui.views.drag_out import clipboard_data
from cloudtemple_browser.ui.views.object_view import dropped_paths

if TYPE_CHECKING:
    from cloudtemple_browser.ui.dialogs.storage import StorageWindow
    from cloudtemple_browser.ui.workbench import Workbench

_MAX_PASTED = 5_000_000  # characters of the clipboard's text taken into the editor
_EXPORT_FILTERS = (
    (translate("shell", "CSV, for spreadsheets (*.csv)"), "csv"),
    (translate("shell", "JSON lines, for programs (*.jsonl)"), "jsonl"),
)


class WindowShell:
    """Implements ``app.shell.Shell`` on the main window. GUI thread.

    The dialogs are imported when they are first asked for: the window shows sooner without them.
    """

    def __init__(self, work: Workbench) -> None:
        self._work = work
        self._window = work.window
        self._storage: StorageWindow | None = None

    # What a window can do

    def notify(self, notice: Notice) -> None:
        self._work.notices.show_notice(notice)

    def selected_rows(self) -> Sequence[int]:
        return self._work.objects.selected_rows()

    def shown_rows(self) -> Sequence[int]:
        return self._work.objects.table.order[:]

    def select_keys(self, keys: Sequence[str]) -> None:
        self._work.objects.select_keys(keys)

    def clipboard(self) -> Clip:
        data = QGuiApplication.clipboard().mimeData()
        if data.hasUrls() and (paths := dropped_paths(data)):
            return Clip(paths)
        return Clip(text=data.text()[:_MAX_PASTED] if data.hasText() else "")

    def set_clipboard(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def set_clipboard_files(self, paths: Sequence[Path]) -> None:
        QGuiApplication.clipboard().setMimeData(clipboard_data(paths))

    def focus(self, place: str) -> None:
        self._work.focus_part(place)

    def toggle(self, part: str) -> None:
        self._work.toggle_part(part)

    def select_all(self) -> None:
        self._work.objects.selectAll()

    def invert_selection(self) -> None:
        self._work.objects.invert_selection()

    def open_folder(self, folder: Path) -> None:
        self._work.app.background.spawn(self._open_folder(folder))

    async def _open_folder(self, folder: Path) -> None:
        """In a thread it is looked for: a network disk may take its time to answer."""
        if not await self._work.app.background.call(os.path.isdir, folder):
            self.notify(Notice(translate("open", "The folder “{path}” is not there")(path=str(folder))))
        elif not self.open_file(folder):
            self.notify(Notice(translate("open", "No program was found that shows “{path}”")(path=str(folder))))

    def open_file(self, path: Path) -> bool:
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def close_window(self) -> None:
        self._window.close()

    # Questions

    async def ask_connection(
        self, connection: Connection | None, *, endpoint: str = "", refusal: KeyringRefusal | None = None
    ) -> FilledForm | None:
        from cloudtemple_browser.ui.dialogs.connection import ConnectionDialog

        app = self._work.app
        dialog = ConnectionDialog(self._window, app.accounts, app.background, connection, endpoint, refusal)
        return await dialog.ask()

    async def ask_upload_files(self) -> tuple[Path, ...]:
        title = translate("shell", "Upload files")
        return await self._choose(title, QFileDialog.FileMode.ExistingFiles)

    async def ask_upload_folder(self) -> tuple[Path, ...]:
        return await self._choose(translate("shell", "Upload a folder"), QFileDialog.FileMode.Directory)

    async def _choose(self, title: Text, mode: QFileDialog.FileMode, folder: str = "") -> tuple[Path, ...]:
        folder = folder or QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
        dialog = QFileDialog(self._window, visible(say(title)), folder)
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        return await self._ended(dialog)

    async def _ended(self, dialog: QFileDialog) -> tuple[Path, ...]:
        """Show a file dialog and wait for what was chosen."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        dialog.finished.connect(lambda _code: settle(ended))
        dialog.open()
        try:
            await ended
            chosen = dialog.result() == QFileDialog.DialogCode.Accepted
            return tuple(Path(name) for name in dialog.selectedFiles()) if chosen else ()
        finally:
            dialog.deleteLater()

    async def ask_upload(self, question: UploadQuestion) -> UploadAnswer | None:
        from cloudtemple_browser.ui.dialogs.conflicts import UploadDialog

        return await UploadDialog(self._window, question, self._work.app.background).ask()

    async def ask_replace(self, name: str) -> bool:
        from cloudtemple_browser.ui.dialogs.confirm import ReplaceDialog

        return bool(await ReplaceDialog(self._window, name).ask())

    async def ask_download_folder(self, count: int) -> Path | None:
        items = Count(count, translate("shell", "{n} item"), translate("shell", "{n} items"))
        title = translate("shell", "Download {items} to")(items=items)
        downloads = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        before = self._work.app.settings.download_folder
        start = await self._work.app.background.call(_first_there, before, downloads)
        chosen = await self._choose(title, QFileDialog.FileMode.Directory, start)
        return chosen[0] if chosen else None

    async def ask_export(self, question: ExportQuestion) -> Path | None:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self._window, visible(say(_export_title(question))), str(question.folder or documents))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        endings = {say(words): ending for words, ending in _EXPORT_FILTERS}
        dialog.setNameFilters(list(endings))
        dialog.setDefaultSuffix(question.name.rpartition(".")[2])
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(endings[chosen]))
        dialog.selectFile(question.name)
        chosen = await self._ended(dialog)
        return chosen[0] if chosen else None

    async def ask_download(self, question: DownloadQuestion) -> DownloadAnswer | None:
        from cloudtemple_browser.ui.dialogs.conflicts import DownloadDialog

        return await DownloadDialog(self._window, question, self._work.app.background).ask()

    async def ask_delete(self, plan: DeletePlan) -> bool:
        from cloudtemple_browser.ui.dialogs.confirm import DeleteDialog

        return bool(await DeleteDialog(self._window, plan).ask())

    async def ask_cancel_transfers(self, count: int) -> bool:
        from cloudtemple_browser.ui.dialogs.confirm import CancelTransfersDialog

        return bool(await CancelTransfersDialog(self._window, count).ask())

    async def ask_open(self, opening: Opening) -> bool:
        from cloudtemple_browser.ui.dialogs.confirm import OpenDialog

        return bool(await OpenDialog(self._window, opening).ask())

    async def ask_delete_bucket(self, bucket: str) -> bool:
        from cloudtemple_browser.ui.dialogs.confirm import DeleteBucketDialog

        return bool(await DeleteBucketDialog(self._window, bucket).ask())

    async def ask_public(self, keys: tuple[str, ...], *, public: bool) -> bool:
        from cloudtemple_browser.ui.dialogs.confirm import PublicDialog

        return bool(await PublicDialog(self._window, keys, public=public).ask())

    async def ask_presign_seconds(self, count: int) -> int | None:
        from cloudtemple_browser.ui.dialogs.simple import PresignDialog

        return await PresignDialog(self._window, count).ask()

    async def ask_new_object(self, text: str) -> NewObject | None:
        from cloudtemple_browser.ui.dialogs.simple import NewObjectDialog

        return await NewObjectDialog(self._window, text, self._prefix()).ask()

    async def ask_name(self, question: str) -> str | None:
        from cloudtemple_browser.ui.dialogs.simple import NameDialog

        return await NameDialog(self._window, question, self._prefix()).ask()

    async def ask_rename(self, question: RenameQuestion) -> str | None:
        from cloudtemple_browser.ui.dialogs.simple import RenameDialog

        return await RenameDialog(self._window, question).ask()

    def _prefix(self) -> str:
        location = self._work.app.state.location
        return location.prefix if location else ""

    async def ask_delete_connection(self, connection: Connection) -> bool:
        from cloudtemple_browser.ui.dialogs.confirm import ForgetConnectionDialog

        return bool(await ForgetConnectionDialog(self._window, connection).ask())

    async def show_why(self, refusal: Refusal) -> None:
        from cloudtemple_browser.ui.dialogs.why import WhyDialog

        app = self._work.app
        await WhyDialog(self._window, refusal, app.accounts.diagnose, app.background).ask()

    def show_storage(self, scope: Scope) -> None:
        from cloudtemple_browser.ui.dialogs.storage import StorageWindow

        if self._storage is None or not isValid(self._storage) or not self._storage.isVisible():
            self._storage = StorageWindow(self._window, self._work.app)
        self._storage.show_scope(scope)

    def release(self) -> None:
        """Close what stands beside the window: the window is closed."""
        if self._storage is not None and isValid(self._storage):
            self._storage.close()

    async def show_settings(self) -> None:
        from cloudtemple_browser.ui.dialogs.settings import SettingsDialog

        found = await SettingsDialog(self._window, self._work.app).ask()
        if found:
            self._work.apply_settings(found)

    async def show_shortcuts(self) -> None:
        from cloudtemple_browser.ui.dialogs.settings import ShortcutsDialog

        await ShortcutsDialog(self._window).ask()

    async def show_about(self) -> None:
        from cloudtemple_browser.ui.dialogs.settings import AboutDialog

        await AboutDialog(self._window, self._work.app).ask()


def _export_title(question: ExportQuestion) -> Text:
    if question.selected:
        one, many = translate("shell", "Export {n} selected row"), translate("shell", "Export {n} selected rows")
    else:
        one, many = translate("shell", "Export the row shown"), translate("shell", "Export the {n} rows shown")
    title = translate("shell", "{what}")(what=Count(question.rows, one, many))
    return title if question.whole else translate("shell", "{what} of an incomplete list")(what=title)


def _first_there(*folders: str) -> str:
    """The first of some folders that exists; "" when none does: a new account has no folder for downloads yet. Blocking."""
    return next((folder for folder in folders if folder and Path(folder).is_dir()), "")
