"""The dialog "Why?": checks that find out why something was refused, each shown with its evidence, and the verdict."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from cloudtemple_browser import __version__
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.commands.why import WHY
from cloudtemple_browser.app.shell import Refusal
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question
from cloudtemple_browser.model.errors import CERTIFICATE, BrowserError, Cancelled, utc
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.verdicts import Verdict, verdict
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import say, titled
from cloudtemple_browser.ui.icons import ColourRole, pixmap
from cloudtemple_browser.ui.text import breakable, label, set_tone, visible, visible_lines

Examine = Callable[[Connection, SecretText | None, Question, Callable[[list[Finding]], None], CallControl], Awaitable[None]]
"""``Accounts.diagnose``."""

_TITLES: dict[Check, Text] = {
    Check.NAME: translate("why", "Name"),
    Check.PORT: translate("why", "Network"),
    Check.TLS: translate("why", "TLS"),
    Check.STORE: translate("why", "S3 store"),
    Check.CLOCK: translate("why", "Clock"),
    Check.KEY: translate("why", "Key"),
    Check.LIST: translate("why", "List the bucket"),
    Check.READ: translate("why", "Read the object"),
    Check.ACL: translate("why", "Access rules"),
    Check.RETENTION: translate("why", "Retention"),
    Check.WRITE: translate("why", "Write or delete"),
    Check.PUBLIC: translate("why", "Without a key"),
}
_PICTURES: dict[Outcome, tuple[str, ColourRole]] = {
    Outcome.GOOD: ("success", "success"),
    Outcome.BAD: ("error", "danger"),
    Outcome.NOTE: ("info", "muted"),
    Outcome.SKIPPED: ("minus", "muted"),
}
_WORDS: dict[Outcome, Text] = {
    Outcome.GOOD: translate("why", "good"),
    Outcome.BAD: translate("why", "failed"),
    Outcome.NOTE: translate("why", "note"),
    Outcome.SKIPPED: translate("why", "left out"),
}
_OF_CERTIFICATE = frozenset(title for _name, title in CERTIFICATE)
_PAIRS = re.compile(r"(?:[0-9A-F]{2}:){8}")  # a quarter of a fingerprint: where its line may break
_MOST = 400  # characters of a line: a store's message may be as long as it likes


class WhyDialog(Dialog[bool]):
    """Begins its checks when it is shown; closing it, or Stop, ends them. GUI thread."""

    def __init__(self, parent: QWidget | None, refusal: Refusal, examine: Examine, background: Background) -> None:
        super().__init__(parent, WHY)
        self._refusal, self._examine, self._background = refusal, examine, background
        self._control = CallControl()
        self.findings: list[Finding] = []
        self.concluded = False
        self._began = 0.0
        error = refusal.question.error
        self.heading(explain(error).what if error else translate("why", "Looking into the connection"), "search")
        self._subject = label(breakable(visible(_subject(refusal))), wrap=True, selectable=True)
        set_tone(self._subject, "muted")
        self.column.addWidget(self._subject)
        self._make_answer()
        self._make_list()
        self._make_buttons()
        self.resize(620, 640)
        self.finished.connect(lambda _code: self._control.cancel())
        self._begin()

    def _make_answer(self) -> None:
        """Where the verdict will be, above what it follows from: it is what was asked for."""
        self._state, self._sentence, self._todo = label(wrap=True), _words("why-verdict"), _words("why-todo")
        self._state.setObjectName("why-state")
        set_tone(self._state, "muted")
        font = self._sentence.font()
        font.setBold(True)
        self._sentence.setFont(font)
        # Not among the buttons below: Tab loses its way in a box of buttons of which one is hidden.
        self.stop = QPushButton(say(translate("why", "Stop")), self)
        self.stop.setObjectName("stop")
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self._stop)
        frame = QFrame(self)
        frame.setObjectName("why-answer")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(6)
        row = QHBoxLayout()
        row.addWidget(self._state, 1)
        row.addWidget(self.stop)
        inside.addLayout(row)
        for part in (self._sentence, self._todo):
            inside.addWidget(part)
        self.column.addWidget(frame)

    def _make_list(self) -> None:
        self._rows = QVBoxLayout()
        self._rows.setSpacing(10)
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 4, 8, 4)
        column.addLayout(self._rows)
        column.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidget(inner)
        self._area.verticalScrollBar().rangeChanged.connect(self._settle)
        self.column.addWidget(self._area, 1)

    def _settle(self) -> None:
        """Show the latest check, and at the end the first that failed, or where it began."""
        if not self.concluded:
            bar = self._area.verticalScrollBar()
            bar.setValue(bar.maximum())
            return
        at = next((at for at, one in enumerate(self.findings) if one.outcome is Outcome.BAD), 0)
        if (item := self._rows.itemAt(at)) and (row := item.widget()):
            self._area.ensureWidgetVisible(row, 0, 0)

    def _make_buttons(self) -> None:
        box = QDialogButtonBox(self)
        # ResetRole: on its own side, away from the answer.
        role = QDialogButtonBox.ButtonRole.ResetRole
        self.copier = box.addButton(say(translate("why", "Copy report")), role)
        self.copier.setObjectName("copy")
        self.again = box.addButton(say(translate("why", "Check again")), role)
        self.again.setObjectName("again")
        closer = box.addButton(say(translate("details", "Close")), QDialogButtonBox.ButtonRole.RejectRole)
        closer.setObjectName("close")
        for button in (self.copier, self.again):
            button.setAutoDefault(False)
        closer.setDefault(True)
        self.copier.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report()))
        self.again.clicked.connect(self._begin)
        closer.clicked.connect(self.reject)
        self.column.addWidget(box)
        closer.setFocus()

    # ------------------------------------------------------------------------------------------------ the checks

    def _begin(self) -> None:
        self.findings.clear()
        self._empty_list()
        self._control, self._began = CallControl(), time.time()
        self.concluded = False
        self._follow(running=True)
        self._background.spawn(self._run(self._control))

    def _stop(self) -> None:
        self._control.cancel()
        self._follow(running=False)
        self._state.setText(say(translate("why", "Stopped.")))

    async def _run(self, control: CallControl) -> None:
        def deliver(findings: list[Finding]) -> None:
            if isValid(self) and control is self._control:
                self._show(findings)

        try:
            refusal = self._refusal
            await self._examine(refusal.connection, refusal.secret, refusal.question, deliver, control)
        except Cancelled:
            return
        except BrowserError as error:  # the keyring's, for one: nothing could be tried
            deliver([Finding(Check.KEY, Outcome.BAD, error=error)])
        if isValid(self) and control is self._control and not control.cancelled:
            self._follow(running=False)
            self._conclude()

    def _follow(self, *, running: bool) -> None:
        self.stop.setVisible(running)
        self.again.setEnabled(not running)
        self.copier.setEnabled(not running)
        self._state.setText(say(translate("why", "Checking…")) if running else "")
        for part in (self._sentence, self._todo):
            part.clear()
            part.hide()
        self._state.show()

    def _show(self, findings: list[Finding]) -> None:
        for finding in findings:
            self.findings.append(finding)
            self._rows.addWidget(self._row(finding))

    def _row(self, finding: Finding) -> QWidget:
        name, role = _PICTURES[finding.outcome]
        mark = label(parent=self)
        mark.setPixmap(pixmap(name, 16, self.devicePixelRatioF(), role))
        mark.setFixedWidth(20)
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        title = label(say(_TITLES[finding.check]))
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        lines = finding_lines(finding)
        for line in lines:
            words.addWidget(self._line(line, "danger" if finding.outcome is Outcome.BAD and line is lines[0] else ""))
        holder = QWidget(self)
        holder.setObjectName("why-finding")
        holder.setAccessibleName(titled(_TITLES[finding.check], _WORDS[finding.outcome]))
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(mark)
        row.addLayout(words, 1)
        return holder

    def _line(self, text: str, tone: str) -> QLabel:
        shown = label(breakable(_PAIRS.sub("\\g<0>\N{ZERO WIDTH SPACE}", text)), wrap=True, selectable=True)
        shown.setObjectName("why-line")
        set_tone(shown, tone)
        return shown

    def _found(self) -> Verdict:
        refusal = self._refusal
        return verdict(refusal.question, self.findings, urlsplit(refusal.connection.endpoint).netloc)

    def _conclude(self) -> None:
        found = self._found()
        for part, words in ((self._sentence, found.sentence), (self._todo, found.todo)):
            part.setText(breakable(visible_lines(say(words))))
            part.show()
        self._state.hide()
        self.concluded = True
        self._settle()

    def _empty_list(self) -> None:
        while self._rows.count():
            item = self._rows.takeAt(0)
            if item and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()

    def report(self) -> str:
        """All of it as text, for a support ticket. It holds no secret: no check ever has one to show."""
        refusal, error = self._refusal, self._refusal.question.error
        lines = [f"Cloud Temple Browser {__version__} · {utc(self._began)}", visible(_subject(refusal))]
        if error:
            lines.append(visible(say(explain(error).what)))
            lines += (f"  {titled(title, visible(value[:_MOST]))}" for title, value in error.detail_rows)
        for finding in self.findings:
            lines.append(f"[{say(_WORDS[finding.outcome])}] {say(_TITLES[finding.check])}")
            lines += (f"  {line}" for line in finding_lines(finding))
        if self.findings and not self._control.cancelled:
            found = self._found()
            lines += [f"=> {visible(say(found.sentence))}", f"   {visible(say(found.todo))}"]
        return "\n".join(lines)


def _words(name: str) -> QLabel:
    shown = label(wrap=True, selectable=True)
    shown.setObjectName(name)
    return shown


def finding_lines(finding: Finding) -> list[str]:
    """What a check saw, in lines of plain text that show every control character."""
    lines = [visible(say(text))[:_MOST] for text in finding.evidence]
    error = finding.error
    if error:
        facts = error.facts
        status = f"HTTP {facts.status}" if facts.status else ""
        known = (status, facts.code, facts.message, facts.request_id)
        if finding.outcome is Outcome.BAD or not lines:
            lines.insert(0, visible(say(explain(error).what)))
        if said := " · ".join(visible(part)[:_MOST] for part in known if part):
            lines.append(said)
        certificate = [titled(title, visible(value)) for title, value in error.detail_rows if title in _OF_CERTIFICATE]
        lines += certificate
    return lines


def _subject(refusal: Refusal) -> str:
    question = refusal.question
    operation = question.error.facts.operation if question.error else ""
    place = f"s3://{question.bucket}/{question.key or question.prefix}" if question.bucket else "s3://"
    return " · ".join(part for part in (refusal.connection.endpoint, operation, place) if part)
