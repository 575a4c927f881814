"""Failures in detail: what, why, what to do, and the facts for a support ticket, to copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from cloudtemple_browser.app.commands.why import WHY
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import say, titled
from cloudtemple_browser.ui.text import visible

_MAX_LISTED = 500
Failure = tuple[str, BrowserError]


class DetailsDialog(Dialog[bool]):
    """Groups equal failures: the words once, then the names, then the facts of each.

    ``why`` finds out more, where that makes sense; the dialog closes for it.
    """

    def __init__(self, parent: QWidget | None, notice: Notice, why: Callable[[], object] | None = None) -> None:
        super().__init__(parent, translate("details", "Details"))
        self.heading(notice.text, "warning" if notice.failures else "info", "warning")
        if len(groups := _by_reason(notice.failures)) == 1:  # else the text says it for each reason
            words = explain(groups[0][0][1])
            self.say_line(words.why)
            self.say_line(words.todo)
        title, copy, close = (
            translate("details", "Details"),
            translate("details", "Copy details"),
            translate("details", "Close"),
        )
        asker = self.text_to_copy(details_text(notice), title, copy, close, WHY if why else None)
        if asker and why:
            asker.setObjectName("details-why")
            asker.clicked.connect(self.reject)
            asker.clicked.connect(why)
        self.resize(620, 420)


def _by_reason(failures: Sequence[Failure]) -> list[list[Failure]]:
    """The failures that get the same words together, in the order of the first of each."""
    words: dict[tuple[ErrorKind, str, int], str] = {}  # a reason is looked up once for thousands of failures
    groups: dict[str, list[Failure]] = {}
    for name, error in failures:
        cause = (error.kind, error.facts.code, error.facts.status)
        if cause not in words:
            words[cause] = explain(error).what.source
        groups.setdefault(words[cause], []).append((name, error))
    return list(groups.values())


def details_text(notice: Notice) -> str:
    """All failures as text, equal reasons together. Names are made visible, so that the copy holds no control characters."""
    groups = _by_reason(notice.failures)
    parts: list[str] = []
    for members in groups:
        words = explain(members[0][1])
        parts.append(f"{say(words.what)} ({len(members)})")
        if len(groups) > 1:
            parts.append(f"  {say(words.todo)}")
        for name, error in members[:_MAX_LISTED]:
            if name:
                parts.append(f"  {visible(name)}")
            if dict(error.values).get("message"):  # a reason of its own
                parts.append(f"    {say(explain(error).why)}")
            parts.extend(f"    {titled(title, visible(value))}" for title, value in error.detail_rows if value != name)
        if len(members) > _MAX_LISTED:
            parts.append(say(translate("details", "  … and {n} more")(n=len(members) - _MAX_LISTED)))
    return "\n".join(parts)
