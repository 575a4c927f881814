"""The one question of an upload or a download: what exists already, side by side, and what happens to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.shell import DownloadAnswer, DownloadQuestion, UploadAnswer, UploadQuestion
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.text import Count, Size, Text, translate
from cloudtemple_browser.model.transfers import ConflictPolicy
from cloudtemple_browser.transfers.conflicts import COMPARED, Conflict, Rule, compare
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.models.conflicts import CHOICE, DIFFERENCE, NAME, NEW, OLD, ConflictsModel
from cloudtemple_browser.ui.text import label
from cloudtemple_browser.ui.views.tables import plain_table

T = TypeVar("T")
_SHOWN = 10  # names of what is uploaded
_WIDTH = 780  # pixels, where there is a table
_ROWS = 5  # shown before the user makes the window larger
_PADDING = 12  # pixels above and below the two lines of a row together
_RULES = (
    (Rule.SKIP, translate("conflicts", "Skip what exists")),
    (Rule.OVERWRITE, translate("conflicts", "Overwrite what exists")),
    (Rule.KEEP_BOTH, translate("conflicts", "Rename: the new one gets a number, like name (2).txt")),
    (Rule.NEWER, translate("conflicts", "Overwrite only where the new one is newer")),
    (Rule.DIFFERENT, translate("conflicts", "Overwrite only where the contents differ")),
)
_CHOICES = (
    (ConflictPolicy.OVERWRITE, translate("conflicts", "&Overwrite")),
    (ConflictPolicy.SKIP, translate("conflicts", "&Skip")),
    (ConflictPolicy.KEEP_BOTH, translate("conflicts", "&Rename")),
)


class ConflictsPart(QWidget):
    """The conflicts, a rule for all, buttons for the selected rows, and what it comes to. GUI thread.

    Contents of the same size are compared in the background as long as it is shown: up to ``COMPARED`` bytes unasked.
    """

    def __init__(self, parent: QWidget, conflicts: Sequence[Conflict], background: Background) -> None:
        super().__init__(parent)
        self.model = ConflictsModel(conflicts)
        self._background = background
        self._control: CallControl | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.rule = self._make_rule(column)
        self.table = self._make_table()
        column.addWidget(self.table, 1)
        self._chosen = QWidget(self)
        self.compare = QPushButton(self)
        self._make_buttons(column)
        self.sum = label(wrap=True)
        self.sum.setObjectName("conflicts-sum")
        column.addWidget(self.sum)
        self.model.counted.connect(self._show)
        if len(conflicts) <= _ROWS:
            column.addStretch(1)
        self._show()

    def _make_rule(self, column: QVBoxLayout) -> QComboBox:
        rule = QComboBox(self)
        rule.setObjectName("conflicts-rule")
        for _rule, words in _RULES:
            rule.addItem(say(words))
        rule.setPlaceholderText(say(translate("conflicts", "As chosen below")))
        rule.activated.connect(lambda at: self.model.follow(_RULES[at][0]))
        title = label(say(translate("conflicts", "For all:")))
        title.setBuddy(rule)
        rule.setAccessibleName(say(translate("conflicts", "What happens to all of them")))
        row = QHBoxLayout()
        row.addWidget(title)
        row.addWidget(rule, 1)
        column.addLayout(row)
        return rule

    def _make_table(self) -> QTableView:
        count = len(self.model.conflicts)
        height = 2 * self.fontMetrics().lineSpacing() + _PADDING
        name = say(translate("conflicts", "What exists already"))
        table = plain_table(self, self.model, "conflicts", name, height, many=True)
        header = table.horizontalHeader()
        # Asked whether whole columns are selected, the table's own looks at every row: two seconds for 100,000.
        header.setSelectionModel(QItemSelectionModel(self.model, header))
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for section, letters in ((OLD, 26), (NEW, 26), (DIFFERENCE, 22), (CHOICE, 20)):
            table.setColumnWidth(section, letters * self.fontMetrics().averageCharWidth())
        shown = header.sizeHint().height() + min(count, _ROWS) * height
        if count > _ROWS:
            table.setMinimumHeight(shown)
        else:
            table.setFixedHeight(shown)
        table.clicked.connect(self._clicked)
        table.installEventFilter(self)
        table.setCurrentIndex(self.model.index(0, NAME))
        return table

    def _make_buttons(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout(self._chosen)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(say(translate("conflicts", "Selected rows:"))))
        for policy, words in _CHOICES:
            button = QPushButton(say(words), self)
            button.setObjectName(f"selected-{policy.value}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _on=False, policy=policy: self.model.choose(self._selected(), policy))
            row.addWidget(button)
        self._chosen.setVisible(len(self.model.conflicts) > 1)  # the rule is enough for one
        self.compare.setObjectName("conflicts-compare")
        self.compare.setAutoDefault(False)
        self.compare.clicked.connect(self._compare_clicked)
        both = QHBoxLayout()
        both.addWidget(self._chosen)
        both.addStretch(1)
        both.addWidget(self.compare)
        column.addLayout(both)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space:
            self._cycle(self.table.currentIndex())
            return True
        return super().eventFilter(watched, event)

    @property
    def replaced(self) -> int:
        """How many will be replaced."""
        return self.model.counts[ConflictPolicy.OVERWRITE]

    def start(self) -> None:
        """Compare as much as is compared unasked."""
        self._start(COMPARED)

    def stop(self) -> None:
        """Compare no more."""
        if self._control:
            self._control.cancel()

    def _selected(self) -> list[int]:
        selection = self.table.selectionModel().selection()  # of whole rows: an index for each takes seconds for 100,000
        ranges = (selection.at(n) for n in range(selection.count()))
        return [row for one in ranges for row in range(one.top(), one.bottom() + 1)]

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == CHOICE:
            self._cycle(index)

    def _cycle(self, index: QModelIndex) -> None:
        if index.isValid():
            self.model.cycle(index.row())

    def _show(self) -> None:
        rules = [rule for rule, _words in _RULES]
        self.rule.setCurrentIndex(rules.index(self.model.rule) if self.model.rule else -1)
        self.sum.setText(say(_sum(self.model)))
        self._show_comparing()

    def _show_comparing(self) -> None:
        unread = self.model.unread
        if self._control:
            words: Text = translate("conflicts", "Stop comparing ({n} left)")(n=len(unread))
        else:
            size = sum(self.model.conflicts[row].new_size for row in unread)
            words = translate("conflicts", "Compare contents ({size})")(size=Size(size))
        self.compare.setText(say(words))
        self.compare.setVisible(bool(unread))

    def _compare_clicked(self) -> None:
        if self._control:
            self.stop()
        else:
            self._start(1 << 62)

    def _start(self, limit: int) -> None:
        if self.model.unread:
            self._control = CallControl()
            self._background.spawn(self._compare(self._control, limit))
            self._show_comparing()

    async def _compare(self, control: CallControl, limit: int) -> None:
        rows = sorted(self.model.unread)
        conflicts = [self.model.conflicts[row] for row in rows]

        def produce(put: Callable[[tuple[int, bool | None]], None]) -> None:
            for at, identical in compare(conflicts, limit, control, lambda _bytes: None):
                put((rows[at], identical))

        try:
            await self._background.stream(produce, self.model.tell, control)
        finally:
            self._control = None
            if isValid(self):
                self._show_comparing()


def _sum(model: ConflictsModel) -> Text:
    """What it comes to: "12 will be replaced, 3 skipped, 1 renamed"."""
    counts = model.counts
    return translate("conflicts", "{replaced} will be replaced, {skipped} skipped, {renamed} renamed")(
        replaced=counts[ConflictPolicy.OVERWRITE],
        skipped=counts[ConflictPolicy.SKIP],
        renamed=counts[ConflictPolicy.KEEP_BOTH],
    )


class _ConflictsDialog(Dialog[T]):
    """A dialog with conflicts in it. Enter presses the verb only while nothing would be replaced."""

    part: ConflictsPart | None = None

    def add_conflicts(self, conflicts: Sequence[Conflict], background: Background) -> None:
        """Show the conflicts in a table."""
        self.part = ConflictsPart(self, conflicts, background)
        self.column.addWidget(self.part, 1)
        self.setMinimumWidth(_WIDTH)
        self.finished.connect(self.part.stop)

    def add_verb(self, verb: Text, verb_replacing: Text) -> QPushButton:
        """The buttons; the verb says how many are replaced."""
        act = self.buttons(verb)
        part = self.part
        if part is None:
            return act

        def show() -> None:
            n = part.replaced
            act.setText(say(verb_replacing(n=n) if n else verb))
            act.setDefault(not n)
            if act.property("danger") != bool(n):
                act.setProperty("danger", bool(n))
                act.style().unpolish(act)
                act.style().polish(act)

        part.model.counted.connect(show)
        part.rule.setFocus()
        return act

    def open(self) -> None:
        super().open()
        if self.part:
            self.part.start()


class UploadDialog(_ConflictsDialog[UploadAnswer]):
    """Where to, public or not, and what happens to each object that exists."""

    def __init__(self, parent: QWidget | None, question: UploadQuestion, background: Background) -> None:
        super().__init__(parent, translate("dialogs", "Upload"))
        count = len(question.paths)
        items = Count(count, translate("dialogs", "{n} item"), translate("dialogs", "{n} items"))
        where = str(question.target)
        self.heading(translate("dialogs", "Upload {items} to {where}?")(items=items, where=where), "upload")
        if question.conflicts:
            one = translate("conflicts", "{n} object exists there already:")
            many = translate("conflicts", "{n} objects exist there already:")
            self.say_line(translate("dialogs", "{sentence}")(sentence=Count(len(question.conflicts), one, many)))
            self.add_conflicts(question.conflicts, background)
        else:
            self.name_list(tuple(path.name or str(path) for path in question.paths[:_SHOWN]), count)
        if question.blind:
            self.say_line(
                translate(
                    "conflicts", "This key may not see all that exists there: other objects of the same names are replaced."
                )
            )
        self.public = QCheckBox(say(translate("dialogs", "Public: anyone with the URL can read")), self)
        self.public.setObjectName("public")
        self.column.addWidget(self.public)
        act = self.add_verb(translate("dialogs", "Upload"), translate("conflicts", "Upload and replace {n}"))
        act.clicked.connect(self._answer)

    def _answer(self) -> None:
        self.give(UploadAnswer(self.public.isChecked(), self.part.model.decisions() if self.part else {}))


class DownloadDialog(_ConflictsDialog[DownloadAnswer]):
    """What happens to each local file that a download meets."""

    def __init__(self, parent: QWidget | None, question: DownloadQuestion, background: Background) -> None:
        super().__init__(parent, translate("dialogs", "Download"))
        n = len(question.conflicts)
        one = translate("conflicts", "{n} file exists already in {folder}")
        many = translate("conflicts", "{n} files exist already in {folder}")
        self.heading((one if n == 1 else many)(n=n, folder=str(question.folder)), "warning", "warning")
        self.add_conflicts(question.conflicts, background)
        act = self.add_verb(translate("dialogs", "Download"), translate("conflicts", "Download and replace {n}"))
        act.clicked.connect(self._answer)

    def _answer(self) -> None:
        assert self.part is not None  # noqa: S101
        self.give(DownloadAnswer(self.part.model.decisions()))
