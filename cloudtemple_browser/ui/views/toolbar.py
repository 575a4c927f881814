"""The toolbar and the menu bar: the command table in its places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.base import Place
from cloudtemple_browser.app.state import State
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.actions import Actions
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import set_tip

NARROW, VERY_NARROW = 900, 700  # pixels of width at which the inspector, then the sidebar, fold away, and words drop out
_MENUS: tuple[tuple[Text, Place], ...] = (
    (translate("window", "&File"), Place.MENU_FILE),
    (translate("window", "&Edit"), Place.MENU_EDIT),
    (translate("window", "&View"), Place.MENU_VIEW),
    (translate("window", "&Go"), Place.MENU_GO),
    (translate("window", "&Connection"), Place.MENU_CONNECTION),
    (translate("window", "&Bucket"), Place.MENU_BUCKET),
    (translate("window", "&Object"), Place.MENU_OBJECT),
    (translate("window", "&Help"), Place.MENU_HELP),
)


def fill_menu_bar(bar: QMenuBar, actions: Actions) -> None:
    """Every command, in its menu."""
    for title, place in _MENUS:
        actions.fill(bar.addMenu(say(title)), place)


class Toolbar(QToolBar):
    """Where to, the location, the filter, and what is done most. GUI thread.

    ``selected_rows`` gives the selection when the share menu opens.
    """

    def __init__(
        self,
        app: Application,
        actions: Actions,
        selected_rows: Callable[[], Sequence[int]],
        location: QWidget,
        filter_field: QWidget,
        parent: QWidget,
    ) -> None:
        super().__init__(say(translate("window", "Toolbar")), parent)
        self._app, self._actions, self._selected_rows = app, actions, selected_rows
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for action, _group in actions.at(Place.TOOLBAR_GO):
            self.addAction(action)
        self.addWidget(location)
        self.addWidget(filter_field)
        for action, _group in actions.at(Place.TOOLBAR_FIND):
            self.addAction(action)
        self.addSeparator()
        self._upload = self._menu_button(translate("window", "Upload"), "upload", Place.UPLOAD_MENU)
        self._upload.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self._upload.clicked.connect(lambda: actions.run_id("upload.files"))
        self.addWidget(self._upload)
        download = self._worded("object.download", translate("window", "Download"))
        self._share = self._menu_button(translate("window", "Share"), "share", Place.SHARE_MENU)
        self._share.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(self._share)
        self.addSeparator()
        delete = self._worded("object.delete", translate("window", "Delete"))
        self.addSeparator()
        self.addAction(actions["view.inspector"])
        self._with_words = (self._share, download, delete)

    def _worded(self, command_id: str, text: Text) -> QWidget:
        """Add a command with a word beside its icon."""
        action = self._actions[command_id]
        action.setIconText(say(text))
        self.addAction(action)
        button = self.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _menu_button(self, text: Text, name: str, place: Place) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{name}-button")
        button.setText(say(text))
        set_tip(button, say(text))
        button.setIcon(icon(name))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        menu = QMenu(button)
        if place is Place.SHARE_MENU:
            self._share_state = menu.addAction("")
            self._share_state.setEnabled(False)
            menu.addSeparator()
            menu.aboutToShow.connect(self._tell_share_state)
        button.setMenu(self._actions.fill(menu, place))
        return button

    def _tell_share_state(self) -> None:
        rows, chosen = self._app.listing.rows, self._selected_rows()
        # Of more rows than are known to be one or the other, some are not known: no need to ask for a million.
        known = {rows.public.get(rows.key(row)) for row in chosen} if len(chosen) <= len(rows.public) else {None}
        if known == {True}:
            words = translate("window", "Public: anyone with the URL can read")
        elif known == {False}:
            words = translate("window", "Private")
        else:
            words = translate("window", "Not known yet who can read (see Access in the inspector)")
        self._share_state.setText(say(words))

    def follow(self, state: State) -> None:
        """Enable the two menus by the state; the commands do it themselves."""
        self._upload.setEnabled(state.in_bucket)
        self._share.setEnabled(state.on_rows)

    def shorten(self, width: int) -> None:
        """Leave the words out where they do not fit: the icons have tool tips, and Upload keeps its name longest."""
        for button, limit in ((self._upload, VERY_NARROW), *((other, NARROW) for other in self._with_words)):
            worded = width > limit
            style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if worded else Qt.ToolButtonStyle.ToolButtonIconOnly
            if isinstance(button, QToolButton) and button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)
