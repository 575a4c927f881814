"""The transfers at the bottom: one line when folded, a tree when open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.app.transfer_list import OpenGroups, Summary, TransferList
from cloudtemple_browser.app.transfer_words import waiting_words
from cloudtemple_browser.model.text import Count, Size, Span, Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.models.transfers import TransfersModel
from cloudtemple_browser.ui.text import label, set_tip, set_tone, visible
from cloudtemple_browser.ui.views.limits_menu import AskRate, LimitsButton
from cloudtemple_browser.ui.views.transfers_tree import NARROW, TransfersTree

_TICK = 1000  # milliseconds between two refreshes of speeds


class TransfersPanel(QWidget):
    """The panel. ``details`` shows why something failed, ``ask_rate`` asks for a speed. GUI thread."""

    toggled = Signal(bool)

    def __init__(
        self,
        app: Application,
        transfers: TransferList,
        details: Callable[[Notice], None],
        ask_rate: AskRate,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._app, self._transfers = app, transfers
        self.setObjectName("transfers")
        self._opened = OpenGroups(app.background, app.engine, transfers)
        self._model = TransfersModel(transfers, self._opened, app.activities)
        self.fold = self._button(translate("transfers", "Transfers"), "chevron-right", self.set_open)
        self.fold.setCheckable(True)
        self.fold.setProperty("disclosure", True)
        self._summary = label()
        self._summary.setObjectName("transfers-summary")
        self._summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.limits = LimitsButton(app, ask_rate, self)
        engine = app.engine
        self._pause = self._button(translate("transfers", "Pause all"), "pause", lambda _on: engine.pause())
        self._resume = self._button(translate("transfers", "Resume all"), "play", lambda _on: engine.resume())
        self._clear = self._button(translate("transfers", "Clear finished"), "check", lambda _on: engine.remove_ended())
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 8, 2)
        head.setSpacing(8)
        head.addWidget(self.fold)
        head.addWidget(self._summary, 1)
        self._buttons = (self._pause, self._resume, self._clear, self.limits)
        for button in self._buttons:
            head.addWidget(button)
        self.tree = TransfersTree(app, self._model, self._opened, details, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.tree, 1)
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._tick)
        self._watched = [
            transfers.added.add(lambda _at: self._refresh()),
            transfers.changed.add(lambda _groups: self._refresh()),
            transfers.removed.add(lambda _groups: self._refresh()),
            app.activities.changed.add(self._refresh),
        ]
        self.set_open(False)
        self._refresh()

    def release(self) -> None:
        """Stop watching: the window is closed."""
        self._opened.release()
        self._model.release()
        self.limits.release()
        for forget in self._watched:
            forget()

    def _button(self, text: Text, name: str, run: Callable[[bool], object]) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setText(say(text))
        button.setIcon(icon(name))
        button.setIconSize(QSize(16, 16))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        set_tip(button, say(text))
        button.clicked.connect(run)
        return button

    @property
    def is_open(self) -> bool:
        """Whether the tree is shown."""
        return self.fold.isChecked()

    def set_open(self, opened: bool) -> None:
        """Show the tree, or the one line only."""
        self.fold.setChecked(opened)
        self.fold.setIcon(icon("chevron-down" if opened else "chevron-right"))
        self.tree.setVisible(opened)
        self.toggled.emit(opened)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        styles = Qt.ToolButtonStyle
        narrow = event.size().width() < NARROW
        for button in self._buttons:
            button.setToolButtonStyle(styles.ToolButtonIconOnly if narrow else styles.ToolButtonTextBesideIcon)

    def _refresh(self) -> None:
        summary = self._transfers.summary()
        self._pause.setVisible(summary.moving > 0)
        self._resume.setVisible(summary.paused > 0)
        self._clear.setVisible(summary.ended > 0)
        if summary.moving and not self._timer.isActive():
            self._timer.start()
        elif not summary.moving:
            self._timer.stop()
        line = visible(self._line(summary))
        self._summary.setText(line)
        set_tip(self._summary, line)
        set_tone(self._summary, "warning" if summary.waiting else "muted")

    def _line(self, summary: Summary) -> str:
        parts = [say(one.title) for one in self._app.activities.running[:1]]
        one, many = translate("transfers", "{n} transfer"), translate("transfers", "{n} transfers")
        if summary.waiting:
            parts.append(say(waiting_words(summary.waiting, stopped=not summary.moving)))
            one = many = translate("transfers", "{n} waiting")
        for n, single, several in (
            (summary.active, one, many),
            (summary.paused, translate("transfers", "{n} paused"), translate("transfers", "{n} paused")),
            (summary.failed, translate("transfers", "{n} failed"), translate("transfers", "{n} failed")),
        ):
            if n:
                parts.append(say(Count(n, single, several)))
        if summary.per_second >= 1 and not summary.waiting:
            parts.append(say(translate("transfers", "{size}/s")(size=Size(int(summary.per_second)))))
            if (left := summary.seconds_left) is not None:
                parts.append(say(translate("transfers", "about {span}")(span=Span(left))))
        if summary.ended and not parts:
            parts.append(
                say(Count(summary.ended, translate("transfers", "{n} finished"), translate("transfers", "{n} finished")))
            )
        return " · ".join(parts) or say(translate("transfers", "No transfers"))

    def _tick(self) -> None:
        self._model.tick()
        self._refresh()
