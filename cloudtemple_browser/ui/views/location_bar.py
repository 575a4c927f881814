"""The location: a breadcrumb of buttons that turns into a text field."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QStackedLayout, QToolButton, QWidget

from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.query import Query
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import elided_middle, label, menu_text, set_tip, set_tone

NO_LOCATION = translate("location", "This is neither s3://bucket/folder nor the URL of an endpoint.")
_CRUMB = 40  # characters shown of a folder's name


class LocationBar(QWidget):
    """Emits ``chosen`` for a crumb and ``typed`` for text. GUI thread."""

    chosen = Signal(object)  # Location
    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._location: Location | None = None
        self._name = ""
        self._stack = QStackedLayout(self)
        self._crumbs = _Crumbs(self)
        self._crumbs.chosen.connect(self.chosen)
        self._crumbs.edit_wanted.connect(self.edit)
        self.field = EscapeField(self)
        self.field.setObjectName("location")
        self.field.setAccessibleName(say(translate("location", "Location")))
        self.field.setPlaceholderText(say(translate("location", "s3://bucket/folder or an endpoint’s URL")))
        self.field.returnPressed.connect(lambda: self.typed.emit(self.field.text()))
        self.field.left.connect(self.show_crumbs)
        self.field.textEdited.connect(lambda _text: self._mark(wrong=False))
        self._stack.addWidget(self._crumbs)
        self._stack.addWidget(self.field)
        self.setFixedHeight(max(28, self.field.sizeHint().height()))

    def show_location(self, location: Location | None, connection_name: str) -> None:
        """Show where the window is. The same place again changes nothing: a text that is being typed stays."""
        if (location, connection_name) == (self._location, self._name):
            return
        self._location, self._name = location, connection_name
        self._crumbs.show_steps(location, connection_name)
        self.show_crumbs()

    def edit(self) -> None:
        """Turn into a text field with the location selected."""
        self.field.setText(str(self._location) if self._location else "s3://")
        self._mark(wrong=False)
        self._stack.setCurrentWidget(self.field)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def show_crumbs(self) -> None:
        """Turn back into a breadcrumb."""
        self._stack.setCurrentWidget(self._crumbs)

    def refuse(self) -> None:
        """Say at the field that its text is no location."""
        self._mark(wrong=True)
        set_tip(self.field, say(NO_LOCATION))
        self.field.selectAll()

    def _mark(self, *, wrong: bool) -> None:
        set_tone(self.field, "danger" if wrong else "")
        if not wrong:
            set_tip(self.field, "")


class EscapeField(QLineEdit):
    """A field that Escape leaves, also while Escape would stop a listing."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Escape stops a listing elsewhere; here it leaves the field.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)


class _Crumbs(QWidget):
    """The steps as buttons; when there is no room the first ones fold into a menu."""

    chosen = Signal(object)
    edit_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("crumbs")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(3, 2, 3, 2)
        self._layout.setSpacing(0)
        self._steps: list[tuple[str, Location]] = []
        self._buttons: list[tuple[QLabel | None, QToolButton]] = []
        self._more = self._button("…", None)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(QMenu(self))
        set_tip(self._more, say(translate("location", "Folders above")))
        self._layout.addWidget(self._more)
        self._layout.addStretch(1)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        set_tip(self, say(translate("location", "Click to type a location")))

    def show_steps(self, location: Location | None, name: str) -> None:
        for chevron, button in self._buttons:
            for widget in (chevron, button):
                if widget is not None:
                    self._layout.removeWidget(widget)
                    widget.hide()
                    widget.deleteLater()
        self._buttons = []
        self._steps = [(name, Location(location.connection_id)), *location.steps()] if location else []
        if location and location.below:
            self._steps.append((say(_below_words(location.below)), location))
        for at, (text, where) in enumerate(self._steps):
            chevron = None
            if at:
                chevron = label("\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}", parent=self)
                self._layout.insertWidget(self._layout.count() - 1, chevron)
            button = self._button(text or say(translate("location", "(empty name)")), where)
            if at == len(self._steps) - 1:
                font = button.font()
                font.setBold(True)
                button.setFont(font)
            self._layout.insertWidget(self._layout.count() - 1, button)
            self._buttons.append((chevron, button))
        self._fold()

    def _button(self, text: str, where: Location | None) -> QToolButton:
        button = QToolButton(self)
        button.setText(menu_text(elided_middle(text, _CRUMB)))
        button.setAutoRaise(True)
        button.setIconSize(QSize(16, 16))
        button.setCursor(Qt.CursorShape.ArrowCursor)
        if where is not None:
            if not where.bucket or where.below:
                name = "connection" if where.below is None else "flat" if where.below.everything else "search"
                button.setIcon(icon(name, "muted"))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            set_tip(button, str(where) if where.bucket and where.below is None else text)
            button.clicked.connect(partial(self._choose, where))
        return button

    def _choose(self, where: Location, _checked: bool = False) -> None:
        self.chosen.emit(where)

    def _fold(self) -> None:
        """Show as many of the last steps as fit."""
        widths = [button.sizeHint().width() + (mark.sizeHint().width() if mark else 0) for mark, button in self._buttons]
        room = self.width() - 8
        if sum(widths) > room:
            room -= self._more.sizeHint().width() + 8
        shown = len(self._buttons)
        used = 0
        for at in range(len(self._buttons) - 1, -1, -1):
            used += widths[at]
            if used > room and at < len(self._buttons) - 1:
                break
            shown = at
        for at, (chevron, button) in enumerate(self._buttons):
            button.setVisible(at >= shown)
            if chevron:
                chevron.setVisible(at >= max(1, shown))
        menu = self._more.menu()
        menu.clear()
        for text, where in self._steps[:shown]:
            menu.addAction(menu_text(elided_middle(text, _CRUMB)) or "—").triggered.connect(partial(self._choose, where))
        self._more.setVisible(shown > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 28)

    def sizeHint(self) -> QSize:
        return QSize(300, 28)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.edit_wanted.emit()


def _below_words(below: Query) -> Text:
    """What is shown in place of the folder."""
    if below.everything:
        return translate("location", "Everything below")
    if not below.text:
        return translate("location", "Search by size or date")
    return translate("location", "Search: {text}")(text=below.text)
