"""Failures in detail: what, why, what to do, and the facts for a support ticket, to copy."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QWidget

from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import say, titled
from cloudtemple_browser.ui.text import visible

_MAX_LISTED = 500


class DetailsDialog(Dialog[bool]):
    """Groups equal failures: the words once, then the names, then the facts of each."""

    def __init__(self, parent: QWidget | None, notice: Notice) -> None:
        super().__init__(parent, translate("details", "Details"))
        self.heading(notice.text, "warning" if notice.failures else "info", "warning")
        if len({error.kind for _name, error in notice.failures}) == 1:  # else the text says it for each reason
            words = explain(notice.failures[0][1])
            self.say_line(words.why)
            self.say_line(words.todo)
        title, copy, close = (
            translate("details", "Details"),
            translate("details", "Copy details"),
            translate("details", "Close"),
        )
        self.text_to_copy(details_text(notice), title, copy, close)
        self.resize(620, 420)


def details_text(notice: Notice) -> str:
    """All failures as text, equal reasons together. Names are made visible, so that the copy holds no control characters."""
    groups: dict[ErrorKind, list[tuple[str, BrowserError]]] = {}
    for name, error in notice.failures:
        groups.setdefault(error.kind, []).append((name, error))
    parts: list[str] = []
    for members in groups.values():
        words = explain(members[0][1])
        parts.append(f"{say(words.what)} ({len(members)})")
        if len(groups) > 1:
            parts.append(f"  {say(words.todo)}")
        for name, error in members[:_MAX_LISTED]:
            if name:
                parts.append(f"  {visible(name)}")
            if dict(error.values).get("message"):  # a reason of its own
                parts.append(f"    {say(explain(error).why)}")
            parts.extend(f"    {titled(title, visible(value))}" for title, value in _facts(error) if value != name)
        if len(members) > _MAX_LISTED:
            parts.append(say(translate("details", "  … and {n} more")(n=len(members) - _MAX_LISTED)))
    return "\n".join(parts)


def _facts(error: BrowserError) -> tuple[tuple[Text, str], ...]:
    when = f"{datetime.fromtimestamp(error.facts.when, UTC):%Y-%m-%d %H:%M:%S} UTC" if error.facts.when else ""
    rows = error.detail_rows
    return (*rows, (translate("details", "Time"), when)) if when else rows
