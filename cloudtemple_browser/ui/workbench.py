"""What the main window holds: puts the parts together. What they show and do is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QFrame, QMenu, QSplitter, QVBoxLayout, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands import connections, search, upload, why
from cloudtemple_browser.app.commands.base import Place
from cloudtemple_browser.app.listing import ListingStatus
from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.app.state import SelectionSize, State
from cloudtemple_browser.app.transfer_list import GroupResult, TransferList
from cloudtemple_browser.app.transfer_words import result_words
from cloudtemple_browser.model.addresses import Location, ObjectRef
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.query import Query
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.actions import Actions
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import app_icon
from cloudtemple_browser.ui.notifier import Notifier
from cloudtemple_browser.ui.shell import WindowShell
from cloudtemple_browser.ui.views.drag_out import DragOut
from cloudtemple_browser.ui.views.filter_field import FilterField
from cloudtemple_browser.ui.views.insecure_bar import InsecureBar
from cloudtemple_browser.ui.views.inspector import Inspector
from cloudtemple_browser.ui.views.location_bar import NO_LOCATION, LocationBar
from cloudtemple_browser.ui.views.notice_bar import NoticeBar
from cloudtemple_browser.ui.views.object_view import ObjectView
from cloudtemple_browser.ui.views.partial_bar import PartialBar
from cloudtemple_browser.ui.views.search_bar import SearchBar
from cloudtemple_browser.ui.views.sidebar import Sidebar, SidebarColumn
from cloudtemple_browser.ui.views.states import StatePage, place_for
from cloudtemple_browser.ui.views.status import StatusBar
from cloudtemple_browser.ui.views.toolbar import NARROW, VERY_NARROW, Toolbar, fill_menu_bar
from cloudtemple_browser.ui.views.transfers_panel import TransfersPanel
from cloudtemple_browser.ui.window_title import WindowTitle

if TYPE_CHECKING:
    from cloudtemple_browser.ui.main_window import MainWindow

_OWN = {
    "filter.clear": translate("window", "Clear the filter"),
    "filter.search": translate("window", "Search everything below"),
}
_NOT_KEPT = translate("window", "Nothing is selected any more: in the new order, the selection would be in too many pieces.")


class Workbench:
    """The parts of the window and what passes between them. Assembly only. GUI thread."""

    def __init__(
        self, window: MainWindow, app: Application, transfers: TransferList, restyle: Callable[[Settings], bool]
    ) -> None:
        self.window = window
        self.app = app
        self._transfers = transfers
        self._restyle = restyle
        self._folded: set[QWidget] = set()
        self._panel_height = 210
        window.setWindowIcon(app_icon())
        self.objects = ObjectView(app.listing, app.background, self.window)
        self.actions_ = Actions(app, self.window, self.objects)
        self.sidebar = Sidebar(app, self.window)
        self.location = LocationBar(self.window)
        self.filter = FilterField(self.window)
        self.search = SearchBar(self.window)
        self.inspector = Inspector(app, self.window)
        self.panel = TransfersPanel(app, transfers, self._show_details, self._ask_rate, self.window)
        self.notices = NoticeBar(
            self._show_details, self._ask_why, lambda notice: why.asked_of(app, notice) is not None, self.window
        )
        self._notifier = Notifier(window)
        self._title = WindowTitle(window, app, transfers)
        self.states = StatePage(
            self.objects.viewport(),
            self._run,
            self._title_of,
            lambda error: self._show_details(_notice_of(error)),
            lambda error: self._ask_why(_notice_of(error)),
        )
        self._partial = PartialBar(
            lambda: self._run("go.refresh"),
            lambda error: self._show_details(_notice_of(error)),
            lambda error: self._ask_why(_notice_of(error)),
            self.window,
        )
        self._insecure = InsecureBar(self.window)
        self.shell = WindowShell(self)
        app.shell = self.shell
        self.toolbar = Toolbar(app, self.actions_, self.objects.selected_rows, self.location, self.filter, window)
        window.addToolBar(self.toolbar)
        fill_menu_bar(window.menuBar(), self.actions_)
        self._assemble()
        self._status = StatusBar(app, self.window)
        self.window.setStatusBar(self._status)
        self._connect()
        self._order_focus()
        self._restore(app.settings)
        self._follow(app.state)
        self._show_state(app.listing.status)

    # ------------------------------------------------------------------------------------------------ assembly

    def _assemble(self) -> None:
        middle = QWidget(self.window)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._insecure)
        column.addWidget(self.search)
        column.addWidget(self._partial)
        column.addWidget(self.objects, 1)
        self._across = QSplitter(Qt.Orientation.Horizontal, self.window)
        self._across.setChildrenCollapsible(False)
        self.side = SidebarColumn(self.sidebar, self.actions_["connection.new"], self.window)
        for part in (self.side, middle, self.inspector):
            self._across.addWidget(part)
        self._across.setStretchFactor(1, 1)
        self._across.setSizes([220, 780, 280])
        self._down = QSplitter(Qt.Orientation.Vertical, self.window)
        self._down.setChildrenCollapsible(False)
        self._down.addWidget(self._across)
        self._down.addWidget(self.panel)
        self._down.setStretchFactor(0, 1)
        whole = QWidget(self.window)
        outer = QVBoxLayout(whole)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._down, 1)
        outer.addWidget(self.notices)
        self.window.setCentralWidget(whole)
        for view in (self.sidebar, self.objects):
            view.setFrameShape(QFrame.Shape.NoFrame)

    def _connect(self) -> None:
        app = self.app
        self.location.chosen.connect(app.open)
        self.location.typed.connect(lambda text: app.background.spawn(self._open_text(text)))
        self.filter.changed.connect(self.objects.set_filter)
        self.filter.returnPressed.connect(self._enter_list)
        self.filter.left.connect(lambda: self._run("filter.clear"))
        self.search.wanted.connect(lambda query: self.actions_.run(lambda _app: self._search(query)))
        self.search.stop_wanted.connect(app.listing.stop)
        self.search.list_wanted.connect(self._enter_list)
        self.search.left.connect(self.objects.setFocus)
        self.objects.activated_row.connect(lambda: self._run("object.open"))
        self.objects.selection_sized.connect(self._selection_sized)
        self.objects.selection_lost.connect(lambda: self.notices.show_notice(Notice(_NOT_KEPT)))
        self.objects.dropped.connect(self._dropped)
        self.objects.drag_wanted.connect(DragOut(self.objects, app, self.actions_.run).begin)
        self.objects.menu_wanted.connect(self._context_menu)
        self.sidebar.dropped.connect(self._upload)
        self.sidebar.add_bucket_wanted.connect(lambda: self._run("bucket.add"))
        self.sidebar.menu_wanted.connect(self._sidebar_menu)
        self.panel.toggled.connect(lambda _opened: self._fit_panel())
        table = self.objects.table
        for signal in (table.modelReset, table.rowsInserted):
            signal.connect(lambda *_args: self._show_state(self.app.listing.status))
        self._watched = [
            app.state_changed.add(self._follow),
            app.listing.status_changed.add(self._show_state),
            self._transfers.group_ended.add(self._group_ended),
            app.accounts.changed.add(lambda: self._show_state(app.listing.status)),
        ]

    def _order_focus(self) -> None:
        """Tab goes from the sidebar to the search and the list, then to what acts on it, and to the transfers."""
        stops = (
            self.sidebar,
            *self.search.stops,
            self.objects,
            self.filter,
            self.location.field,
            self.panel.fold,
            self.panel.tree,
        )
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)
        self.objects.setFocus()

    # ------------------------------------------------------------------------------------------------ following

    def _follow(self, state: State) -> None:
        connection = self.app.connection
        self._insecure.follow(connection)
        self.location.show_location(state.location, connection.name if connection else "")
        self.toolbar.follow(state)

    def _show_state(self, status: ListingStatus) -> None:
        rows, shown, needle = len(self.app.listing.rows), self.objects.table.rowCount(), self.objects.table.spec.needle
        self.states.show_place(place_for(status, rows, shown, needle, len(self.app.accounts.connections)))
        self._status.show_filtered(shown if needle.strip() else None)
        self._partial.follow(status, rows)
        self.search.follow(status, self.app.listing.rows.object_count)

    def _selection_sized(self, size: SelectionSize) -> None:
        self.app.select(size)
        location, rows = self.app.state.location, self.app.listing.rows
        ref, entry = None, None
        if self.app.state.on_one_object and location:
            entry = rows.entry(self.objects.selected_rows()[0])
            ref = ObjectRef(location.bucket, entry.key)
        self.inspector.show_selection(ref, entry, size.rows, size.bytes if size.objects else None)

    def _group_ended(self, result: GroupResult) -> None:
        staged = result.path is not None and self.app.staging.holds(result.path)
        if result.worth_telling and not (staged and not (result.failures or result.failed)):
            self.notices.show_notice(Notice(result_words(result), result.failures, result.connection_id))
        self._notifier.tell(result)

    # ------------------------------------------------------------------------------------------------ acting

    def _run(self, command_id: str) -> None:
        if command_id == "filter.clear":
            self.filter.clear()
            self.objects.setFocus()
        elif command_id == "filter.search":
            self.search.begin(self.filter.text())
            self.search.submit()
        elif command_id == "connection.other":
            self.actions_.run(connections.new_elsewhere)
        else:
            self.actions_.run_id(command_id)

    def _title_of(self, command_id: str) -> str:
        own = _OWN.get(command_id)
        return say(own) if own else self.actions_.title(command_id)

    async def _search(self, query: Query) -> None:
        """Search below the open folder. A filter of what was listed there would hide what is found."""
        problem = await search.below(self.app, query)
        if problem:
            self.search.refuse(problem)
        else:
            self.filter.clear()

    async def _open_text(self, text: str) -> None:
        try:
            opened = await self.app.open_text(text)
        except BrowserError as error:
            self.app.fail(error)
            return
        if opened:
            self.location.show_crumbs()
            self.objects.setFocus()
        else:
            self.location.refuse()
            self.notices.show_notice(Notice(NO_LOCATION))

    def _dropped(self, paths: tuple[Path, ...], prefix: str) -> None:
        location = self.app.state.location
        if location:
            self._upload(paths, replace(location, prefix=prefix) if prefix else location)

    def _upload(self, paths: tuple[Path, ...], target: Location) -> None:
        self.actions_.run(lambda app: upload.upload(app, paths, target))

    def _context_menu(self, point: QPoint) -> None:
        place = Place.CONTEXT_OBJECTS if self.app.state.on_rows else Place.CONTEXT_EMPTY
        menu = self.actions_.fill(QMenu(self.window), place)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.objects.viewport().mapToGlobal(point))

    def _sidebar_menu(self, point: QPoint) -> None:
        menu = self.actions_.fill(QMenu(self.window), Place.MENU_CONNECTION)
        menu.addSeparator()
        self.actions_.fill(menu, Place.MENU_BUCKET)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)

    def _show_details(self, notice: Notice) -> None:
        self.app.background.spawn(self._details(notice))

    async def _details(self, notice: Notice) -> None:
        from cloudtemple_browser.ui.dialogs.details import DetailsDialog

        asked = why.asked_of(self.app, notice)
        await DetailsDialog(self.window, notice, (lambda: self._ask_why(notice)) if asked else None).ask()

    def _ask_why(self, notice: Notice) -> None:
        error = why.asked_of(self.app, notice)
        if error:
            self.app.background.spawn(why.ask(self.app, error, notice.connection_id))

    async def _ask_rate(self, title: Text, now: int) -> int | None:
        from cloudtemple_browser.ui.dialogs.limits import RateDialog

        return await RateDialog(self.window, title, now).ask()

    def _enter_list(self) -> None:
        self.objects.setFocus()
        if self.objects.table.rowCount() and not self.objects.selectionModel().hasSelection():
            self.objects.selectRow(0)

    def focus_part(self, place: str) -> None:
        """See ``Shell.focus``."""
        match place:
            case "location":
                self.location.edit()
            case "filter":
                self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
                self.filter.selectAll()
            case "search":
                self.search.begin()
            case "sidebar":
                self.sidebar.setFocus()
            case _:
                self.objects.setFocus()

    def toggle_part(self, part: str) -> None:
        """See ``Shell.toggle``."""
        match part:
            case "sidebar":
                self._show_part(self.side, shown=self.side.isHidden())
            case "inspector":
                self._show_part(self.inspector, shown=self.inspector.isHidden())
            case "sizes":
                self._show_part(self.inspector, shown=True)
            case "preview":
                self.inspector.show_tab(0)
                self._show_part(self.inspector, shown=True)
            case "transfers":
                self.panel.set_open(not self.panel.is_open)

    def _show_part(self, part: QWidget, *, shown: bool) -> None:
        self._folded.discard(part)  # from now on as the user wants it
        part.setVisible(shown)

    # ------------------------------------------------------------------------------------------------ state of the window

    def apply_settings(self, settings: Settings) -> None:
        """Apply changed settings; another language makes a new window."""
        rebuilt = self._restyle(settings)
        if not rebuilt:
            self.objects.set_compact(settings.compact_rows)
            self.objects.set_natural(settings.natural_order)
            self.objects.table.forget_cells()

    def _restore(self, settings: Settings) -> None:
        self.objects.set_compact(settings.compact_rows)
        self.objects.set_natural(settings.natural_order)
        for name, restore in (
            ("across", self._across.restoreState),
            ("down", self._down.restoreState),
            ("columns", self.objects.horizontalHeader().restoreState),
        ):
            if saved := settings.window_state(name):
                restore(QByteArray.fromBase64(saved.encode()))
        self.objects.show_columns()
        header = self.objects.horizontalHeader()
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.inspector.setVisible(settings.show_inspector)
        self.panel.set_open(settings.show_transfers)

    def window_state(self) -> dict[str, object]:
        """The settings fields that hold the window's state."""
        states = {
            "geometry": self.window.saveGeometry(),
            "across": self._across.saveState(),
            "down": self._down.saveState(),
            "columns": self.objects.horizontalHeader().saveState(),
        }
        location = self.app.state.location
        return {
            "window": tuple((name, bytes(state.toBase64().data()).decode()) for name, state in states.items()),
            "show_inspector": self.inspector.isVisibleTo(self.window) or self.inspector in self._folded,
            "show_transfers": self.panel.is_open,
            "last_connection": location.connection_id if location else "",
        }

    def _fit_panel(self) -> None:
        """One line when folded; room for some rows when open."""
        folded = not self.panel.is_open
        line = self.panel.fold.sizeHint().height() + 4
        total, now = sum(self._down.sizes()), self._down.sizes()[1]
        if folded and now > line:
            self._panel_height = now
        self.panel.setMaximumHeight(line if folded else 16_777_215)
        self.panel.setMinimumHeight(line if folded else line + 90)
        height = line if folded else self._panel_height
        self._down.setSizes([total - height, height])
        self._down.handle(1).setEnabled(not folded)

    def resized(self, before: int, now: int) -> None:
        """The window's width changed, in pixels: fold what has no room, and bring it back."""
        self.toolbar.shorten(now)
        for part, limit in ((self.inspector, NARROW), (self.side, VERY_NARROW)):
            if now <= limit and not 0 <= before <= limit and not part.isHidden():
                part.hide()
                self._folded.add(part)
            elif now > limit and part in self._folded:
                self._folded.discard(part)
                part.show()

    def recoloured(self) -> None:
        """The palette changed."""
        self.states.retouch()
        self._partial.retouch()
        self._insecure.retouch()

    def may_close(self) -> bool:
        """Whether the window may close now; False after a question was put, whose answer closes it."""
        running = self.app.engine.active()
        if running:
            self.app.background.spawn(self._ask_to_quit(running))
        return not running

    async def _ask_to_quit(self, running: int) -> None:
        from cloudtemple_browser.ui.dialogs.confirm import QuitDialog

        if await QuitDialog(self.window, running, resume=self.app.settings.rules.resume).ask():
            self.window.close_now()

    def show_again(self) -> None:
        """Show what is open: this window replaces another one."""
        self.objects.show_again()
        self._show_state(self.app.listing.status)

    def release(self) -> None:
        """Stop watching the application: this window is replaced or closed."""
        for part in (
            self.actions_,
            self.objects,
            self.sidebar,
            self.inspector,
            self.panel,
            self._status,
            self._title,
            self.shell,
        ):
            part.release()
        for forget in self._watched:
            forget()


def _notice_of(error: BrowserError) -> Notice:
    return Notice(explain(error).what, (("", error),))
