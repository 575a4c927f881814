"""What the use cases ask of the window: questions, notices and the few things that only a window can do.

A question is a coroutine; its answer is a frozen value, or None when the user cancelled. Nothing here blocks the loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cloudtemple_browser.app.measures import Scope
from cloudtemple_browser.app.opening import Opening
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.diagnosis import Question
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.text import Text
from cloudtemple_browser.model.transfers import Decision
from cloudtemple_browser.transfers.conflicts import Conflict


@dataclass(frozen=True, slots=True)
class Notice:
    """A quiet message, gone after some seconds unless it tells of failures; ``failures`` are (name, error), for Details.

    ``connection_id`` is where the failures come from, "" where they tell it themselves by their endpoint.
    """

    text: Text
    failures: tuple[tuple[str, BrowserError], ...] = ()
    connection_id: str = ""


@dataclass(frozen=True, slots=True)
class NewObject:
    """An object that the user typed or pasted."""

    name: str
    body: bytes
    content_type: str
    public: bool


@dataclass(frozen=True, slots=True)
class UploadQuestion:
    """What is about to be uploaded where, and what of it exists there already; ``blind``: as far as the key may see that."""

    paths: tuple[Path, ...]
    target: Location
    conflicts: tuple[Conflict, ...] = ()
    blind: bool = False


@dataclass(frozen=True, slots=True)
class ExportQuestion:
    """A list that is about to be written: how many rows, whether only the selected ones, and whether more may be missing."""

    rows: int
    name: str
    folder: Path | None = None
    selected: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class RenameQuestion:
    """An object that is about to get another name below ``prefix``; ``public``: anyone may read it, and will."""

    name: str
    prefix: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """What the user chose for an upload; ``decisions`` by key, one for each conflict."""

    public: bool = False
    decisions: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DownloadQuestion:
    """What exists already in the local folder of a download."""

    folder: Path
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class DownloadAnswer:
    """What the user chose for a download; ``decisions`` by local path, one for each conflict."""

    decisions: Mapping[str, Decision]


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A filled-in connection form. ``secret`` None keeps the saved one; ``session_only`` keeps it out of the keyring."""

    connection: Connection
    secret: SecretText | None
    session_only: bool


@dataclass(frozen=True, slots=True)
class KeyringRefusal:
    """Why a filled-in form comes back: the keyring did not take the secret, which the form has kept for another try."""

    error: BrowserError
    secret: SecretText | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What "Why?" is asked about. ``secret`` None takes the saved one."""

    connection: Connection
    question: Question
    secret: SecretText | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """What the clipboard holds, as far as it can be uploaded."""

    paths: tuple[Path, ...] = field(default=())
    text: str = ""


class Shell(Protocol):
    """The window, as the use cases see it. Loop thread."""

    def notify(self, notice: Notice) -> None:
        """Show a quiet message, with Details when there are failures."""

    def selected_rows(self) -> Sequence[int]:
        """The selected rows of the object table, as row numbers of ``Listing.rows``, in the order shown; the caller's own."""

    def shown_rows(self) -> Sequence[int]:
        """All rows that the table shows, in its order, as row numbers of ``Listing.rows``; the caller's own copy."""

    def select_keys(self, keys: Sequence[str]) -> None:
        """Select and show the rows of these keys when they are there, now or once they have been listed."""

    def clipboard(self) -> Clip:
        """What the clipboard holds."""

    def set_clipboard(self, text: str) -> None:
        """Put text on the clipboard."""

    def set_clipboard_files(self, paths: Sequence[Path]) -> None:
        """Put local files and folders on the clipboard, to be copied."""

    def focus(self, place: str) -> None:
        """Move the keyboard focus to "list", "sidebar", "filter", "search" or "location"."""

    def toggle(self, part: str) -> None:
        """Show or hide "sidebar", "inspector" or "transfers"; show "preview" or "sizes" in the inspector."""

    def select_all(self) -> None:
        """Select every row shown."""

    def invert_selection(self) -> None:
        """Select what is not selected."""

    def open_folder(self, folder: Path) -> None:
        """Show a local folder in the file manager."""

    def open_file(self, path: Path) -> bool:
        """Have a local file opened by the program that the system has for it; False when there is none."""

    def close_window(self) -> None:
        """Close the window, as its close button does."""

    async def ask_connection(
        self, connection: Connection | None, *, endpoint: str = "", refusal: KeyringRefusal | None = None
    ) -> FilledForm | None:
        """The connection form, filled with ``connection`` or empty; ``refusal`` when it comes back because of the keyring."""

    async def ask_upload_files(self) -> tuple[Path, ...]:
        """The files to upload; empty when cancelled."""

    async def ask_upload_folder(self) -> tuple[Path, ...]:
        """The folder to upload; empty when cancelled."""

    async def ask_upload(self, question: UploadQuestion) -> UploadAnswer | None:
        """Confirm an upload: public or not, and what happens to each object that exists."""

    async def ask_replace(self, name: str) -> bool:
        """Whether an object that exists may be replaced."""

    async def ask_download_folder(self, count: int) -> Path | None:
        """Where to put ``count`` downloads."""

    async def ask_export(self, question: ExportQuestion) -> Path | None:
        """The file to write a list to; its ending says in which format."""

    async def ask_download(self, question: DownloadQuestion) -> DownloadAnswer | None:
        """What happens to each local file that exists already."""

    async def ask_delete(self, plan: DeletePlan) -> bool:
        """Confirm a deletion; the default is no."""

    async def ask_cancel_transfers(self, count: int) -> bool:
        """Confirm that several transfers are cancelled for good."""

    async def ask_open(self, opening: Opening) -> bool:
        """Confirm that a downloaded file is opened which may run something; the default is no."""

    async def ask_delete_bucket(self, bucket: str) -> bool:
        """Confirm the deletion of a bucket by typing its name."""

    async def ask_public(self, keys: tuple[str, ...], *, public: bool) -> bool:
        """Confirm that these objects become readable by anyone (or private again)."""

    async def ask_presign_seconds(self, count: int) -> int | None:
        """How long pre-signed URLs of ``count`` objects live, in seconds."""

    async def ask_new_object(self, text: str) -> NewObject | None:
        """The editor for an object from text; ``text`` is what it begins with."""

    async def ask_name(self, question: str) -> str | None:
        """A name: ``question`` is "folder", "bucket" (a new one) or "add-bucket" (one that exists)."""

    async def ask_rename(self, question: RenameQuestion) -> str | None:
        """The new name of an object, below the same prefix; it may hold "/"."""

    async def ask_delete_connection(self, connection: Connection) -> bool:
        """Confirm that a connection and its secret are forgotten."""

    async def show_why(self, refusal: Refusal) -> None:
        """Find out why something was refused, and show it as it is found."""

    def show_storage(self, scope: Scope) -> None:
        """Show what takes the room in a folder, in a window beside this one."""

    async def show_settings(self) -> None:
        """The settings dialog; it applies by itself."""

    async def show_shortcuts(self) -> None:
        """The list of commands and their keys."""

    async def show_about(self) -> None:
        """Version, licence, folders."""
