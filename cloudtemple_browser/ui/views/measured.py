"""Folder sizes in words, and the part of the inspector that shows, counts and counts again."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands import measure
from cloudtemple_browser.app.measures import Measured, Progress, Scope
from cloudtemple_browser.app.state import SelectionSize, State
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Count, Moment, Size, Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.text import breakable, label, set_tone, visible

CALCULATE, AGAIN = translate("measure", "Calculate size"), translate("measure", "Count again")
CANCEL = translate("measure", "Cancel")


def amount_words(measured: Measured, objects: int = 0, size: int = 0) -> Text:
    """How much was counted, with ``objects`` of ``size`` bytes that were selected beside the folders."""
    tally = measured.tally
    count = Count(tally.objects + objects, translate("measure", "{n} object"), translate("measure", "{n} objects"))
    match measured.progress:
        case Progress.COUNTING:
            text = translate("measure", "{objects}, {size} so far")
        case Progress.COMPLETE:
            text = translate("measure", "{objects}, {size}")
        case _:
            text = translate("measure", "at least {objects}, {size}")
    return text(objects=count, size=Size(tally.bytes + size))


def state_words(measured: Measured) -> Text:
    """When it was counted, and what to know about it."""
    when = Moment(measured.when)
    match measured.progress:
        case Progress.COUNTING:
            text = translate("measure", "Counting…")
        case Progress.COMPLETE:
            text = translate("measure", "Counted {when}")(when=when)
        case Progress.STOPPED:
            text = translate("measure", "Partial, counted {when}: you stopped it, and there may be more.")(when=when)
        case _:
            words = explain(measured.error) if measured.error else None
            why, todo = (words.what, words.todo) if words else ("", "")
            if measured.progress is Progress.PARTIAL:
                text = translate("measure", "Partial, counted {when}: {why}. {todo}")(when=when, why=why, todo=todo)
            else:
                text = translate("measure", "It could not be counted: {why}. {todo}")(why=why, todo=todo)
    unknown = measured.tally.unknown
    if unknown:
        one, many = (
            translate("measure", "the size of {n} object is not known"),
            translate("measure", "the size of {n} objects is not known"),
        )
        text = translate("measure", "{state} · {unknown}")(state=text, unknown=Count(unknown, one, many))
    if measured.stale:
        text = translate("measure", "{state} · changed since")(state=text)
    return text


def _uncounted(chosen: SelectionSize) -> Text:
    if not chosen.rows:
        return translate("measure", "What is below here is not counted yet.")
    if not chosen.objects:
        return translate("measure", "What folders hold is not counted yet.")
    return translate("measure", "{size} in objects. What folders hold is not counted yet.")(size=Size(chosen.bytes))


class SizeSection(QWidget):
    """How much is in the open folder or in what is selected. GUI thread."""

    def __init__(self, app: Application, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self.scope: Scope | None = None
        self._place: Location | None = None
        self._measured: Measured | None = None
        self.amount = label(wrap=True, selectable=True)
        self.amount.setObjectName("size-amount")
        font = self.amount.font()
        font.setBold(True)
        self.amount.setFont(font)
        self.state = label(wrap=True)
        self.state.setObjectName("size-state")
        self.act = QPushButton(say(CALCULATE), self)
        self.act.setObjectName("size-act")
        self.act.clicked.connect(self._act)
        self.storage = QPushButton(say(translate("measure", "Storage view")), self)
        self.storage.setObjectName("size-storage")
        self.storage.clicked.connect(lambda: app.background.spawn(measure.storage_view(app)))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.act)
        buttons.addWidget(self.storage)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        column.addWidget(self.amount)
        column.addWidget(self.state)
        column.addSpacing(4)
        column.addLayout(buttons)
        self._watched = [app.measures.changed.add(self._changed), app.state_changed.add(self._moved)]

    def release(self) -> None:
        """Stop watching: the window is closed."""
        for forget in self._watched:
            forget()

    def follow(self) -> None:
        """The selection is another one."""
        state = self._app.state
        self._place = state.location
        alone = state.on_one_object or (state.selection.rows > 0 and not state.selection.folders)
        self.scope = None if alone else measure.scope_of_selection(self._app)
        self._measured = self._app.measures.get(self.scope) if self.scope else None
        self._show()

    def _moved(self, state: State) -> None:
        if state.location != self._place:
            self.follow()

    def _changed(self, measured: Measured) -> None:
        if measured.scope == self.scope:
            self._measured = measured
            self._show()

    def _show(self) -> None:
        self.setVisible(self.scope is not None)
        found, chosen = self._measured, self._app.state.selection
        failed = found is not None and found.progress is Progress.FAILED
        self.amount.setVisible(found is not None and not failed)
        self.storage.setVisible(self.scope is not None and len(self.scope.prefixes) == 1)
        if found is None:
            self.state.setText(say(_uncounted(chosen)))
            set_tone(self.state, "muted")
            self.act.setText(say(CALCULATE))
            return
        amount = amount_words(found, chosen.objects, chosen.bytes)
        below = translate("measure", "Below here: {amount}")
        self.amount.setText(visible(say(amount if chosen.rows else below(amount=amount))))
        self.state.setText(breakable(visible(say(state_words(found)))))
        counted = found.progress in (Progress.COUNTING, Progress.COMPLETE) and not found.stale
        set_tone(self.state, "danger" if failed else "muted" if counted else "warning")
        self.act.setText(say(CANCEL if found.progress is Progress.COUNTING else AGAIN))

    def _act(self) -> None:
        if self.scope is None:
            return
        if self._measured and self._measured.progress is Progress.COUNTING:
            self._app.measures.stop(self.scope)
        else:
            self._app.measures.start(self.scope)
