"""What is in the way of a transfer as rows of a table, two lines each, and what the user chose for each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from cloudtemple_browser.model.addresses import DELIMITER
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.transfers.conflicts import Conflict, Rule, comparable, decided
from cloudtemple_browser.ui.i18n import exact_moment_text, exact_size_text, moment_text, say, size_text
from cloudtemple_browser.ui.text import tip, visible
from cloudtemple_browser.ui.theme import muted, warning

NAME, OLD, NEW, DIFFERENCE, CHOICE = range(5)
_TITLES = (
    translate("conflicts", "Name"),
    translate("conflicts", "Existing"),
    translate("conflicts", "New"),
    translate("conflicts", "The new one is"),
    translate("conflicts", "What happens"),
)
_CHOICES = {
    ConflictPolicy.OVERWRITE: translate("conflicts", "Overwrite"),
    ConflictPolicy.SKIP: translate("conflicts", "Skip"),
    ConflictPolicy.KEEP_BOTH: translate("conflicts", "Rename"),
}
_NEXT = {
    ConflictPolicy.SKIP: ConflictPolicy.OVERWRITE,
    ConflictPolicy.OVERWRITE: ConflictPolicy.KEEP_BOTH,
    ConflictPolicy.KEEP_BOTH: ConflictPolicy.SKIP,
}
_HOW = translate("conflicts", "Click, or press the space bar, for another choice")
Index = QModelIndex | QPersistentModelIndex


class ConflictsModel(QAbstractTableModel):
    """One row for each conflict; a rule decides for all, and the user for some. GUI thread.

    ``rule`` is None once rows were chosen one by one; ``counts`` are the rows of each policy; ``unread`` those whose contents
    could be compared and were not yet. ``counted`` is emitted when any of these changed.
    """

    counted = Signal()

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__()
        self.conflicts = list(conflicts)
        self.unread = {row for row, conflict in enumerate(self.conflicts) if comparable(conflict)}
        self.rule: Rule | None = None
        self._followed = Rule.SKIP  # by the rows that were not chosen one by one
        self._own: set[int] = set()
        self.policies: list[ConflictPolicy] = []
        self.counts: Counter[ConflictPolicy] = Counter()
        self.follow(Rule.SKIP)  # nothing is replaced unless the user says so

    def follow(self, rule: Rule) -> None:
        """Decide for every row by a rule."""
        self.rule = self._followed = rule
        self._own.clear()
        self.policies = [rule.policy(conflict) for conflict in self.conflicts]
        self.counts = Counter(self.policies)
        self._changed(0, len(self.conflicts) - 1)

    def choose(self, rows: Iterable[int], policy: ConflictPolicy) -> None:
        """Decide for some rows."""
        chosen = sorted(rows)
        for row in chosen:
            self._own.add(row)
            self._set(row, policy)
        if chosen:
            self.rule = None
            self._changed(chosen[0], chosen[-1])

    def cycle(self, row: int) -> None:
        """The next choice for a row."""
        self.choose((row,), _NEXT[self.policies[row]])

    def tell(self, answers: Iterable[tuple[int, bool | None]]) -> None:
        """Contents were compared: (row, identical). Rows that follow a rule follow it anew."""
        rows: list[int] = []
        for row, identical in answers:
            rows.append(row)
            self.unread.discard(row)
            self.conflicts[row] = replace(self.conflicts[row], identical=identical)
            if row not in self._own:
                self._set(row, self._followed.policy(self.conflicts[row]))
        if rows:
            self._changed(min(rows), max(rows))

    def decisions(self) -> dict[str, Decision]:
        """What was chosen, by target."""
        return decided(self.conflicts, self.policies)

    def _set(self, row: int, policy: ConflictPolicy) -> None:
        self.counts[self.policies[row]] -= 1
        self.counts[policy] += 1
        self.policies[row] = policy

    def _changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, DIFFERENCE), self.index(last, CHOICE))
        self.counted.emit()

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.conflicts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return say(_TITLES[section])
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return left if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "\n".join(self._lines(row, column))
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(self._lines(row, column))
            case Qt.ItemDataRole.ToolTipRole:
                return tip("\n".join(self._exact(row, column)))
            case Qt.ItemDataRole.ForegroundRole if column == CHOICE:
                policy = self.policies[row]
                return {ConflictPolicy.OVERWRITE: warning, ConflictPolicy.SKIP: muted}.get(policy, lambda: None)()
        return None

    def _lines(self, row: int, column: int) -> list[str]:
        one = self.conflicts[row]
        match column:
            case 0:
                folder, _, name = one.name.replace(os.sep, DELIMITER).rpartition(DELIMITER)
                return [visible(name), visible(folder)] if folder else [visible(name)]
            case 1:
                return [size_text(one.old_size), moment_text(one.old_modified)]
            case 2:
                return [size_text(one.new_size), moment_text(one.new_modified)]
            case 3:
                return [say(words) for words in difference(one)]
        return [say(_CHOICES[self.policies[row]])]

    def _exact(self, row: int, column: int) -> list[str]:
        one = self.conflicts[row]
        match column:
            case 0:
                return [one.name]
            case 1:
                return [exact_size_text(one.old_size), exact_moment_text(one.old_modified)]
            case 2:
                return [exact_size_text(one.new_size), exact_moment_text(one.new_modified)]
            case 4:
                return [*self._lines(row, column), say(_HOW)]
        return self._lines(row, column)


def difference(one: Conflict) -> tuple[Text, ...]:
    """How the new one differs from what exists, in words: its age, then its size or content."""
    age = () if one.newer is None else (translate("conflicts", "newer") if one.newer else translate("conflicts", "older"),)
    return (*age, _by_size(one))


def _by_size(one: Conflict) -> Text:
    if one.identical:
        return translate("conflicts", "same content")
    if min(one.old_size, one.new_size) < 0:
        return translate("conflicts", "of another kind")
    if one.new_size > one.old_size:
        return translate("conflicts", "larger")
    if one.new_size < one.old_size:
        return translate("conflicts", "smaller")
    return translate("conflicts", "same size") if one.identical is None else translate("conflicts", "other content")
