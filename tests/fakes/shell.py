"""A window for tests of use cases: it answers what a test has scripted and keeps what it was asked and told.

A question that nobody scripted an answer for fails the test, and so does an answer of the wrong type. An answer may be a
callable: it is called with what was asked, so that a test can do something while the "dialog" is open.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from cloudtemple_browser.app.application import Application
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

T = TypeVar("T")


class FakeShell:
    """The ``Shell`` port. ``asked`` holds (question, what was asked) in order; ``told`` the same for what needs no answer."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._answers: defaultdict[str, deque[object]] = defaultdict(deque)
        self.asked: list[tuple[str, Any]] = []
        self.told: list[tuple[str, Any]] = []
        self.notices: list[Notice] = []
        self.selected: list[str] = []  # keys
        self.shown: list[str] = []  # keys that were to be selected and shown
        self.clip = Clip()
        self.opens = True  # whether some program opens files
        self.copied: str | None = None
        self.refusal: KeyringRefusal | None = None  # of the last form
        self.copied_files: tuple[Path, ...] = ()

    def answer(self, question: str, *answers: object) -> None:
        """Script the next answers to ``ask_<question>``."""
        self._answers[question].extend(answers)

    @property
    def questions(self) -> list[str]:
        """The names of what was asked, in order."""
        return [question for question, _about in self.asked]

    @property
    def unasked(self) -> list[str]:
        """Questions with answers that nobody fetched."""
        return [question for question, answers in self._answers.items() if answers]

    @property
    def notice(self) -> str:
        """The latest notice in English."""
        return str(self.notices[-1].text) if self.notices else ""

    def _ask(self, kind: type[T], question: str, about: object) -> T | None:
        self.asked.append((question, about))
        assert self._answers[question], f"nobody expected the question {question}: {about}"
        answer = self._answers[question].popleft()
        if callable(answer):
            answer = answer(about)
        if answer is None:
            return None
        assert isinstance(answer, kind), (question, answer)
        return answer

    # What a window can do

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    def selected_rows(self) -> list[int]:
        found = [self._app.listing.rows.find(key) for key in self.selected]
        assert -1 not in found, "a selected row is not there"
        return found

    def shown_rows(self) -> list[int]:
        return list(range(len(self._app.listing.rows)))

    def select_keys(self, keys: Sequence[str]) -> None:
        self.shown = list(keys)

    def clipboard(self) -> Clip:
        return self.clip

    def set_clipboard(self, text: str) -> None:
        self.copied = text

    def set_clipboard_files(self, paths: Sequence[Path]) -> None:
        self.copied_files = tuple(paths)

    def focus(self, place: str) -> None:
        self.told.append(("focus", place))

    def toggle(self, part: str) -> None:
        self.told.append(("toggle", part))

    def select_all(self) -> None:
        self.told.append(("select_all", None))

    def invert_selection(self) -> None:
        self.told.append(("invert_selection", None))

    def open_folder(self, folder: Path) -> None:
        self.told.append(("open_folder", folder))

    def open_file(self, path: Path) -> bool:
        self.told.append(("open_file", path))
        return self.opens

    def close_window(self) -> None:
        self.told.append(("close_window", None))

    # Questions

    async def ask_connection(
        self, connection: Connection | None, *, endpoint: str = "", refusal: KeyringRefusal | None = None
    ) -> FilledForm | None:
        self.refusal = refusal
        return self._ask(FilledForm, "connection", (connection, endpoint))

    async def ask_upload_files(self) -> tuple[Path, ...]:
        return self._ask(tuple, "upload_files", None) or ()

    async def ask_upload_folder(self) -> tuple[Path, ...]:
        return self._ask(tuple, "upload_folder", None) or ()

    async def ask_upload(self, question: UploadQuestion) -> UploadAnswer | None:
        return self._ask(UploadAnswer, "upload", question)

    async def ask_replace(self, name: str) -> bool:
        return bool(self._ask(bool, "replace", name))

    async def ask_download_folder(self, count: int) -> Path | None:
        return self._ask(Path, "download_folder", count)

    async def ask_download(self, question: DownloadQuestion) -> DownloadAnswer | None:
        return self._ask(DownloadAnswer, "download", question)

    async def ask_delete(self, plan: DeletePlan) -> bool:
        return bool(self._ask(bool, "delete", plan))

    async def ask_cancel_transfers(self, count: int) -> bool:
        return bool(self._ask(bool, "cancel_transfers", count))

    async def ask_open(self, opening: Opening) -> bool:
        return bool(self._ask(bool, "open", opening))

    async def ask_delete_bucket(self, bucket: str) -> bool:
        return bool(self._ask(bool, "delete_bucket", bucket))

    async def ask_public(self, keys: tuple[str, ...], *, public: bool) -> bool:
        return bool(self._ask(bool, "public", (keys, public)))

    async def ask_presign_seconds(self, count: int) -> int | None:
        return self._ask(int, "presign_seconds", count)

    async def ask_new_object(self, text: str) -> NewObject | None:
        return self._ask(NewObject, "new_object", text)

    async def ask_name(self, question: str) -> str | None:
        return self._ask(str, "name", question)

    async def ask_rename(self, question: RenameQuestion) -> str | None:
        return self._ask(str, "rename", question)

    async def ask_delete_connection(self, connection: Connection) -> bool:
        return bool(self._ask(bool, "delete_connection", connection))

    async def ask_export(self, question: ExportQuestion) -> Path | None:
        return self._ask(Path, "export", question)

    async def show_why(self, refusal: Refusal) -> None:
        self.told.append(("why", refusal))

    def show_storage(self, scope: Scope) -> None:
        self.told.append(("show_storage", scope))

    async def show_settings(self) -> None:
        self.told.append(("show_settings", None))

    async def show_shortcuts(self) -> None:
        self.told.append(("show_shortcuts", None))

    async def show_about(self) -> None:
        self.told.append(("show_about", None))
