"""What a screen reader and a keyboard find: every control has a name, and Tab goes through the window in a sensible order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from app.rig import BUCKET, CONNECTION, World, failure, until
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.shell import DownloadQuestion, Notice, UploadQuestion
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.transfers.conflicts import Conflict
from cloudtemple_browser.ui.dialogs import confirm, simple
from cloudtemple_browser.ui.dialogs.conflicts import DownloadDialog, UploadDialog
from cloudtemple_browser.ui.dialogs.connection import ConnectionDialog
from cloudtemple_browser.ui.dialogs.details import DetailsDialog
from cloudtemple_browser.ui.dialogs.report import ReportDialog
from cloudtemple_browser.ui.dialogs.settings import AboutDialog, SettingsDialog, ShortcutsDialog
from cloudtemple_browser.ui.main_window import MainWindow

_CONTROLS = (QAbstractButton, QLineEdit, QAbstractItemView, QComboBox, QAbstractSpinBox, QPlainTextEdit)
_HERE = Location(CONNECTION.id, BUCKET)


def _is_part(widget: QWidget) -> bool:
    """Whether Qt made this control as a part of another one, which has the name."""
    inside = isinstance(widget.parentWidget(), (QLineEdit, QAbstractSpinBox, QComboBox, QAbstractItemView))
    popup = widget.window().windowType() == Qt.WindowType.Popup
    return inside or popup or isinstance(widget, QHeaderView) or widget.objectName().startswith("qt_")


def unnamed(window: QWidget) -> list[str]:
    """The controls of a window that a screen reader has no words for."""
    found = []
    for widget in window.findChildren(QWidget):
        if isinstance(widget, _CONTROLS) and not _is_part(widget):
            spoken = QAccessible.queryAccessibleInterface(widget)
            if not spoken.text(QAccessible.Text.Name).strip():
                found.append(f"{type(widget).__name__} {widget.objectName()!r} in {type(widget.parentWidget()).__name__}")
    return found


@pytest.fixture
def window(world: World, english: None) -> Iterator[MainWindow]:
    made = MainWindow()
    made.fill(world.app, world.transfers, lambda _settings: False)
    made.show()
    yield made
    made.work.release()
    made.deleteLater()


def test_a_control_without_a_name_is_found(qapp: object) -> None:
    window = QWidget()
    QLineEdit(window)
    named = QLineEdit(window)
    named.setAccessibleName("Name")
    assert len(unnamed(window)) == 1


async def test_every_control_of_the_window_has_a_name(world: World, window: MainWindow) -> None:
    assert not unnamed(window)
    await world.load()
    world.store.add(BUCKET, "report.txt", b"text")
    world.app.open(_HERE)
    await until(lambda: world.app.listing.status.phase is Phase.COMPLETE)
    window.work.notices.show_notice(Notice(translate("app", "{name} failed")(name="x"), (("x", failure(ErrorKind.SERVER)),)))
    window.work.panel.set_open(True)
    window.work.inspector.show()
    window.work.objects.select_keys(["report.txt"])
    await until(lambda: window.work.inspector._preview.loaded)
    window.work.inspector.show_tab(1)
    await until(lambda: len(window.work.inspector._facts.findChildren(QPlainTextEdit)) > 1)
    assert not unnamed(window)


_MET = tuple(Conflict(name, name, "", 1, 1.0, 2, 2.0, Path("a"), "") for name in ("a", "b"))
_DIALOGS: dict[str, Callable[[World, QWidget], QWidget]] = {
    "connection": lambda world, parent: ConnectionDialog(parent, world.accounts, world.background),
    "settings": lambda world, parent: SettingsDialog(parent, world.app),
    "shortcuts": lambda _world, parent: ShortcutsDialog(parent),
    "about": lambda world, parent: AboutDialog(parent, world.app),
    "details": lambda _world, parent: DetailsDialog(parent, Notice(translate("app", "{name} failed")(name="x"))),
    "report": lambda _world, parent: ReportDialog(parent, ValueError("x"), "log"),
    "upload": lambda world, parent: UploadDialog(parent, UploadQuestion((Path("a"),), _HERE, _MET), world.background),
    "download": lambda world, parent: DownloadDialog(parent, DownloadQuestion(Path("folder"), _MET), world.background),
    "delete": lambda _world, parent: confirm.DeleteDialog(parent, DeletePlan(BUCKET, ("a",), 1)),
    "delete bucket": lambda _world, parent: confirm.DeleteBucketDialog(parent, BUCKET),
    "delete connection": lambda _world, parent: confirm.ForgetConnectionDialog(parent, CONNECTION),
    "public": lambda _world, parent: confirm.PublicDialog(parent, ("a",), public=True),
    "replace": lambda _world, parent: confirm.ReplaceDialog(parent, "a"),
    "quit": lambda _world, parent: confirm.QuitDialog(parent, 2),
    "name": lambda _world, parent: simple.NameDialog(parent, "folder"),
    "presign": lambda _world, parent: simple.PresignDialog(parent, 1),
    "new object": lambda _world, parent: simple.NewObjectDialog(parent, "", ""),
}


@pytest.mark.parametrize("name", _DIALOGS)
async def test_every_control_of_a_dialog_has_a_name(world: World, english: None, name: str) -> None:
    parent = QWidget()
    dialog = _DIALOGS[name](world, parent)
    assert [widget for widget in dialog.findChildren(QWidget) if isinstance(widget, _CONTROLS)]
    assert not unnamed(dialog)
    parent.deleteLater()


def test_tab_goes_from_the_sidebar_to_the_list_and_to_the_filter(window: MainWindow) -> None:
    def stops(widget: QWidget) -> bool:
        return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and not widget.focusProxy() and widget.isVisibleTo(window)

    def next_stop(widget: QWidget) -> QWidget | None:
        following = widget.nextInFocusChain()
        while following and not stops(following):
            following = following.nextInFocusChain()
        return following

    assert next_stop(window.work.sidebar) is window.work.objects
    assert next_stop(window.work.objects) is window.work.filter
    search = window.work.search
    search.show()
    search.more.setChecked(True)
    found: list[QWidget] = [window.work.sidebar]
    while found[-1] is not window.work.objects:
        after = next_stop(found[-1])
        assert after
        found.append(after)
    assert found[1:-1] == list(search.stops)
