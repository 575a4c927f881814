"""The report of an error in the program itself: told in a window, kept in the log, never a dead window."""

from __future__ import annotations

import platform
import traceback

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from cloudtemple_browser import __version__
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.text import visible_lines


class ReportDialog(Dialog[bool]):
    """What happened, and the traceback to copy (without the values of variables, which could hold a secret)."""

    def __init__(self, parent: QWidget | None, error: BaseException, log_folder: str) -> None:
        super().__init__(parent, translate("report", "Error in the program"))
        self.heading(translate("report", "Something went wrong in the program itself"), "bug", "danger")
        self.say_line(
            translate(
                "report", "You can go on working. Nothing of yours was sent anywhere; please report it with the text below."
            )
        )
        self.say_line(translate("report", "The log has more: {folder}")(folder=log_folder))
        title, copy, close = translate("report", "Report"), translate("report", "Copy report"), translate("report", "Continue")
        self.text_to_copy(report_text(error), title, copy, close)
        self.resize(680, 460)


def report_text(error: BaseException) -> str:
    """Versions and the traceback."""
    head = f"Cloud Temple Browser {__version__} · Python {platform.python_version()} · Qt {qVersion()} · {platform.platform()}"
    return visible_lines(head + "\n\n" + "".join(traceback.format_exception(error, limit=40)))
