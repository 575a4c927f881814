"""What all dialogs share: opened without a nested loop, answered by a future, plain text everywhere."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import ColourRole, pixmap
from cloudtemple_browser.ui.text import breakable, label, menu_text, visible, visible_lines

T = TypeVar("T")

_CANCEL = translate("dialogs", "Cancel")
_WIDTH = 440  # pixels: lines of a comfortable length


def settle(future: asyncio.Future[None]) -> None:
    """Resolve a future unless it is done (a cancelled task's is)."""
    if not future.done():
        future.set_result(None)


class Dialog(QDialog, Generic[T]):
    """A question whose answer is awaited: ``answer = await dialog.ask()``. GUI thread.

    ``open`` and a future in place of ``exec``, which would run a second loop inside a coroutine and lose other tasks.
    """

    def __init__(self, parent: QWidget | None, title: Text) -> None:
        super().__init__(parent)
        self.setWindowTitle(visible_lines(say(title)))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 16, 16, 16)
        self.column.setSpacing(12)
        self.setMinimumWidth(_WIDTH)
        self._result: T | None = None

    def give(self, result: T) -> None:
        """Answer and close."""
        self._result = result
        self.accept()

    def open(self) -> None:
        """Show the dialog, as high as its texts need at its width: Qt measures them at a width of its own choice."""
        if not self.testAttribute(Qt.WidgetAttribute.WA_Resized):
            width = max(self.minimumWidth(), self.sizeHint().width())
            self.resize(width, self.column.totalHeightForWidth(width))
        super().open()

    async def ask(self) -> T | None:
        """Show the dialog and wait; None when it was cancelled."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        self.finished.connect(lambda _code: settle(ended))
        self.open()
        try:
            await ended
        finally:
            self.deleteLater()
        return self._result

    def heading(self, text: Text, name: str, role: ColourRole = "accent") -> QLabel:
        """The question itself, in larger type beside an icon."""
        picture = label(parent=self)
        picture.setPixmap(pixmap(name, 32, self.devicePixelRatioF(), role))
        picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = label(breakable(visible_lines(say(text))), wrap=True)
        font = words.font()
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setBold(True)
        words.setFont(font)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        self.column.addLayout(row)
        return words

    def say_line(self, text: Text | str) -> QLabel:
        """A paragraph."""
        words = label(breakable(visible_lines(text if isinstance(text, str) else say(text))), wrap=True)
        self.column.addWidget(words)
        return words

    def name_list(self, names: tuple[str, ...], total: int) -> QPlainTextEdit:
        """The first names of what it is about, as plain text in a box."""
        box = QPlainTextEdit(self)
        box.setReadOnly(True)
        box.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)  # a name is never half hidden
        lines = [visible(name) for name in names]
        if total > len(names):
            lines.append(say(translate("dialogs", "… and {n} more")(n=total - len(names))))
        box.setPlainText("\n".join(lines))
        box.setFixedHeight(min(176, 12 + box.fontMetrics().lineSpacing() * max(2, len(lines))))
        box.setAccessibleName(say(translate("dialogs", "Names")))
        box.setTabChangesFocus(True)
        self.column.addWidget(box)
        return box

    def buttons(
        self, verb: Text, *, dangerous: bool = False, destroys: bool | None = None, refusal: Text = _CANCEL
    ) -> QPushButton:
        """Cancel (in the words of ``refusal``) and the verb.

        For a dangerous verb Cancel is the default, and the verb is red if it destroys something.
        """
        box = QDialogButtonBox(self)
        cancel = box.addButton(say(refusal), QDialogButtonBox.ButtonRole.RejectRole)
        act = box.addButton(menu_text(say(verb)), QDialogButtonBox.ButtonRole.AcceptRole)
        cancel.setObjectName("cancel")
        act.setObjectName("accept")
        act.setProperty("danger", dangerous if destroys is None else destroys)
        cancel.setProperty("quiet", True)
        cancel.clicked.connect(self.reject)
        for one in (cancel, act):
            one.style().unpolish(one)  # the box has measured them already: the style sheet looks again at the properties
            one.style().polish(one)
            one.setAutoDefault(True)  # Enter presses the one that has the focus
        default = cancel if dangerous else act
        default.setDefault(True)
        default.setFocus()
        self.column.addWidget(box)
        return act

    def text_to_copy(self, text: str, title: Text, copy: Text, close: Text, also: Text | None = None) -> QPushButton | None:
        """A long plain text in a box, a button that copies it, and the button that closes; returns the button ``also``."""
        self.text = text
        box = QPlainTextEdit(self)
        box.setObjectName("text-to-copy")
        box.setReadOnly(True)
        box.setTabChangesFocus(True)
        box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        box.setAccessibleName(say(title))
        box.setPlainText(text)
        self.column.addWidget(box, 1)
        buttons = QDialogButtonBox(self)
        # ResetRole: on its own side, away from the answer
        copier = buttons.addButton(say(copy), QDialogButtonBox.ButtonRole.ResetRole)
        closer = buttons.addButton(say(close), QDialogButtonBox.ButtonRole.RejectRole)
        copier.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        another = buttons.addButton(say(also), QDialogButtonBox.ButtonRole.ResetRole) if also else None
        for one in (copier, another):
            if one:
                one.setAutoDefault(False)
        # After the last button: Tab passes over some when another one comes later.
        closer.setDefault(True)
        closer.clicked.connect(self.reject)
        self.column.addWidget(buttons)
        closer.setFocus()
        return another
