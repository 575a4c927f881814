"""The panel of transfers by mouse and keys, its head line, the limits, the window's title and the end of a group."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from app.rig import BUCKET, CONNECTION, World, failure, until
from fakes.engine import FakeEngine, changed, ended, job, removed, status
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolButton, QWidget

from cloudtemple_browser.app.shell import Notice
from cloudtemple_browser.app.transfer_list import NOT_PUBLIC, GroupResult
from cloudtemple_browser.app.transfer_words import Verb
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.transfers import Direction, GroupContent, Limits, TransferState
from cloudtemple_browser.ui.dialogs.limits import RateDialog
from cloudtemple_browser.ui.main_window import MainWindow
from cloudtemple_browser.ui.models.transfer_cells import ACTION
from cloudtemple_browser.ui.notifier import Notifier
from cloudtemple_browser.ui.rates import RateField
from cloudtemple_browser.ui.views.transfers_panel import TransfersPanel

S, Key = TransferState, Qt.Key
DOWN = Direction.DOWNLOAD
DENIED = failure(ErrorKind.ACCESS_DENIED)


class Bench:
    """The panel alone, on a world whose engine does nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.engine: FakeEngine = world.engine
        self.details: list[Notice] = []
        self.asked: list[tuple[str, int]] = []
        self.panel = TransfersPanel(world.app, world.transfers, self.details.append, self.ask_rate)
        self.panel.set_open(True)
        self.panel.resize(1200, 500)
        self.panel.show()
        self.tree = self.panel.tree

    async def ask_rate(self, title: Text, now: int) -> int | None:
        self.asked.append((str(title), now))
        return 2_500_000 if len(self.asked) > 1 else None

    def at(self, *rows: int) -> QModelIndex:
        index = QModelIndex()
        for row in rows:
            index = self.tree.model().index(row, 0, index)
        return index

    def select(self, *indexes: QModelIndex) -> None:
        """Select these rows, the last one being the current one."""
        selection = self.tree.selectionModel()
        selection.clear()
        for index in indexes:
            selection.setCurrentIndex(index, selection.SelectionFlag.Select | selection.SelectionFlag.Rows)

    def press(self, key: Qt.Key) -> list[tuple[str, int, tuple[int, ...]]]:
        """Press a key in the tree: what the engine is told."""
        self.engine.orders.clear()
        QTest.keyClick(self.tree, key)
        return self.engine.orders

    def click_action(self, index: QModelIndex) -> list[tuple[str, int, tuple[int, ...]]]:
        self.engine.orders.clear()
        place = self.tree.visualRect(index.siblingAtColumn(ACTION)).center()
        QTest.mouseClick(self.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
        return self.engine.orders

    def button(self, text: str) -> QToolButton:
        return next(one for one in self.panel.findChildren(QToolButton) if one.text() == text)

    @property
    def line(self) -> str:
        return self.panel._summary.text().replace("\xa0", " ")


@pytest.fixture
def bench(world: World, english: None) -> Iterator[Bench]:
    bench = Bench(world)
    yield bench
    bench.panel.release()
    bench.panel.deleteLater()


async def test_keys_act_on_the_selected_groups(bench: Bench) -> None:
    bench.engine.tell(changed(3, running=1), changed(2, paused=1), changed(1, done=2))
    bench.select(bench.at(0))
    assert bench.press(Key.Key_Space) == [("pause", 3, ())]
    assert bench.press(Key.Key_Delete) == [("cancel", 3, ())]
    bench.select(bench.at(1))
    assert bench.press(Key.Key_Space) == [("resume", 2, ())]
    bench.select(bench.at(2))
    assert bench.press(Key.Key_Space) == []
    assert bench.press(Key.Key_Delete) == [("remove", 1, ())]
    bench.select(bench.at(0), bench.at(1), bench.at(2))
    shell = bench.world.shell
    shell.answer("cancel_transfers", False, True)
    assert bench.press(Key.Key_Delete) == []  # several are asked about first
    await until(lambda: shell.asked == [("cancel_transfers", 2)])
    bench.press(Key.Key_Delete)
    await until(lambda: len(bench.engine.orders) == 2)
    assert bench.engine.orders == [("cancel", 3, ()), ("cancel", 2, ())]  # nothing is removed that is still wanted
    bench.select()
    assert bench.press(Key.Key_Delete) == []


def test_the_action_column_does_what_it_shows(bench: Bench) -> None:
    bench.engine.tell(changed(3, running=2), changed(2, failed=2), changed(1, DOWN, done=1))
    assert bench.click_action(bench.at(0)) == [("pause", 3, ())]
    assert bench.click_action(bench.at(1)) == [("retry", 2, ())]
    assert bench.click_action(bench.at(2)) == []
    assert bench.world.shell.told == [("open_folder", Path("out"))]


async def test_jobs_of_an_open_group(bench: Bench) -> None:
    engine, tree = bench.engine, bench.tree
    jobs = job(1, S.FAILED, error=DENIED), job(2, S.RUNNING), job(3, S.QUEUED)
    engine.contents[1] = GroupContent(1, jobs)
    engine.tell(changed(1, running=1, queued=1, failed=1))
    assert engine.asked == []  # nothing is known of what nobody looks at
    tree.expand(bench.at(0))
    await until(lambda: tree.model().rowCount(bench.at(0)) == 3)
    bench.select(bench.at(0, 1), bench.at(0, 2))
    assert bench.press(Key.Key_Space) == [("pause", 0, (2, 3))]
    bench.select(bench.at(0), bench.at(0, 1))
    assert bench.press(Key.Key_Space) == [("pause", 1, ())]  # the job is meant with its group
    bench.select(bench.at(0, 0), bench.at(0, 1))
    assert bench.press(Key.Key_Delete) == [("cancel", 0, (2,))]
    assert bench.click_action(bench.at(0, 0)) == [("retry", 0, (1,))]
    tree.collapse(bench.at(0))
    assert tree.model().rowCount(bench.at(0)) == 0
    assert tree.model().hasChildren(bench.at(0))


async def test_selection_and_scroll_survive_what_moves(bench: Bench) -> None:
    engine, tree = bench.engine, bench.tree
    engine.contents[1] = GroupContent(1, tuple(job(n, S.QUEUED) for n in range(200)), {S.QUEUED: 99_000})
    engine.tell(changed(1, queued=99_200))
    tree.expand(bench.at(0))
    await until(lambda: tree.model().rowCount(bench.at(0)) == 201)
    bench.select(bench.at(0, 120))
    tree.scrollTo(bench.at(0, 120))
    before = tree.verticalScrollBar().value()
    assert before > 0
    ran = tuple(job(n, S.RUNNING) for n in range(300, 320))
    engine.contents[1] = GroupContent(1, (*ran, *(job(n, S.QUEUED) for n in range(20, 200))), {S.QUEUED: 98_000})
    engine.tell(changed(1, running=20, queued=98_180))
    await until(lambda: tree.model().index(0, 0, bench.at(0)).data() == "key-300")
    assert [index.data() for index in tree.selectionModel().selectedRows()] == ["key-120"]
    assert tree.currentIndex().data() == "key-120"
    assert tree.verticalScrollBar().value() == before
    assert tree.isExpanded(bench.at(0))
    engine.tell(changed(2, running=1))  # a new group comes above
    assert [index.data() for index in tree.selectionModel().selectedRows()] == ["key-120"]
    assert tree.isExpanded(bench.at(1))


async def test_enter_tells_why_and_opens_folders_and_groups(bench: Bench) -> None:
    engine = bench.engine
    jobs = job(1, S.FAILED, error=DENIED, group=4), job(2, S.DONE, group=4, not_public=True, verified=True)
    engine.contents[4] = GroupContent(4, jobs, left_out=(("/home/x", DENIED),))
    engine.tell(changed(4, failed=1, done=1, left_out=1), changed(3, DOWN, done=1), changed(2, queued=2))
    bench.select(bench.at(0))
    bench.press(Key.Key_Return)
    await until(lambda: bench.details)
    told = bench.details.pop()
    assert told.failures == (("p/key-1", DENIED), ("p/key-2", NOT_PUBLIC), ("/home/x", DENIED))
    assert str(told.text) == "3 failures"
    bench.select(bench.at(1))
    bench.press(Key.Key_Enter)
    assert bench.world.shell.told == [("open_folder", Path("out"))]
    bench.select(bench.at(2))
    bench.press(Key.Key_Return)
    assert bench.tree.isExpanded(bench.at(2))
    bench.press(Key.Key_Return)
    assert not bench.tree.isExpanded(bench.at(2))
    bench.tree.expand(bench.at(0))
    await until(lambda: bench.tree.model().rowCount(bench.at(0)) == 3)
    bench.select(bench.at(0, 0), bench.at(0, 1))
    bench.press(Key.Key_Return)
    await until(lambda: bench.details)


async def test_a_menu_does_nothing_once_nothing_is_left_to_act_on(bench: Bench) -> None:
    bench.engine.tell(changed(1, DOWN, running=1, waiting=failure(ErrorKind.DNS)))
    bench.select(bench.at(0))
    assert Verb.WHY in bench.tree.offered()
    menu = bench.tree.menu((Verb.WHY, Verb.OPEN))
    bench.engine.tell(changed(1, DOWN, running=1))  # the network is back while the menu is open
    for action in menu.actions():
        action.trigger()
    menu = bench.tree.menu(tuple(Verb))
    bench.engine.tell(removed(1))
    for action in menu.actions():
        action.trigger()
    await asyncio.sleep(0.05)
    assert (bench.engine.orders, bench.engine.asked, bench.details) == ([], [], [])
    assert (bench.world.shell.told, bench.world.shell.asked) == ([], [])


def test_the_menu_offers_what_makes_sense(bench: Bench) -> None:
    bench.engine.tell(changed(2, running=2), changed(1, DOWN, done=2, failed=1))
    bench.select(bench.at(0), bench.at(1))
    for reason in (QContextMenuEvent.Reason.Keyboard, QContextMenuEvent.Reason.Mouse):
        point = QPoint(5, 5)
        QApplication.sendEvent(bench.tree.viewport(), QContextMenuEvent(reason, point, bench.tree.mapToGlobal(point)))
        menu = bench.tree.findChild(QMenu)
        assert isinstance(menu, QMenu)
        titles = [action.text() for action in menu.actions()]
        assert titles == ["Pause", "Retry", "Show in folder", "Details…", "Cancel", "Remove from list"]
        bench.engine.orders.clear()
        menu.actions()[1].trigger()
        assert bench.engine.orders == [("retry", 1, ())]
        menu.close()
        menu.setParent(None)
    bench.select()
    QApplication.sendEvent(bench.tree.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), QPoint(5, 5)))
    assert bench.tree.findChild(QMenu) is None


def test_an_activity_is_cancelled_like_a_transfer(bench: Bench) -> None:
    with bench.world.app.activities.start(translate("test", "Counting")) as activity:
        assert bench.click_action(bench.at(0)) == []
        assert activity.control.cancelled
        assert bench.line == "Counting"


def test_the_head_acts_on_everything_and_says_how_it_is(bench: Bench) -> None:
    engine = bench.engine
    buttons = {text: bench.button(text) for text in ("Pause all", "Resume all", "Clear finished")}

    def shown() -> list[str]:
        return [text for text, button in buttons.items() if button.isVisible()]

    assert (bench.line, shown()) == ("No transfers", [])
    engine.tell(changed(1, running=2, queued=99_600, failed=4), changed(2, paused=1), changed(3, done=2))
    assert (bench.line, shown()) == ("99,602 transfers · 1 paused · 4 failed", list(buttons))
    engine.orders.clear()
    for button in buttons.values():
        button.click()
    assert engine.orders == [("pause", 0, ()), ("resume", 0, ()), ("remove_ended", 0, ())]
    engine.tell(changed(1, queued=12, waiting=failure(ErrorKind.DNS)), removed(2))
    assert bench.line == "Waiting for the network: The store’s address was not found · 12 waiting"
    assert bench.panel._summary.property("tone") == "warning"
    engine.tell(changed(1, paused=12, waiting=DENIED))
    assert bench.line == "Paused: The store refused this (403) · 12 paused"
    engine.tell(changed(1, done=12), changed(4, done=1))
    assert (bench.line, shown()) == ("3 finished", ["Clear finished"])
    engine.tell(removed(1, 3, 4))
    assert bench.line == "No transfers"


def test_a_narrow_panel_has_icons_and_fewer_columns(bench: Bench) -> None:
    assert not bench.tree.isColumnHidden(3)
    bench.panel.resize(800, 300)
    assert bench.tree.isColumnHidden(3)
    assert bench.button("Pause all").toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
    assert not bench.tree.isColumnHidden(1)
    bench.panel.resize(700, 300)
    assert bench.tree.isColumnHidden(1)
    bench.panel.set_open(False)
    assert bench.tree.isHidden()


# ---------------------------------------------------------------------------------------------------- limits


def choose(bench: Bench, menu_at: int, text: str) -> None:
    menu = bench.panel.limits.menu()
    menu.aboutToShow.emit()
    sub = menu.actions()[menu_at].menu()
    assert isinstance(sub, QMenu)
    next(action for action in sub.actions() if action.text().replace("\xa0", " ") == text).trigger()


async def test_limits_go_to_the_engine_at_once(bench: Bench) -> None:
    choose(bench, 0, "1.00 MB/s")
    choose(bench, 1, "256 KB/s")
    choose(bench, 2, "8")
    assert bench.engine.limits == Limits(1_000_000, 256_000, 8)
    assert "Upload speed: 1.00&nbsp;MB/s" in bench.panel.limits.toolTip().replace("\xa0", "&nbsp;")
    choose(bench, 0, "No limit")
    assert bench.engine.limits == Limits(0, 256_000, 8)
    await until(lambda: bench.world.settings.saved.limits == Limits(0, 256_000, 8))


async def test_another_speed_is_asked_for(bench: Bench) -> None:
    choose(bench, 0, "Another speed…")
    await until(lambda: bench.asked)
    choose(bench, 1, "Another speed…")
    await until(lambda: bench.engine.limits == Limits(0, 2_500_000))  # the first was cancelled
    assert bench.asked == [("Upload speed", 0), ("Download speed", 0)]


@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("2 MB/s", 2_000_000),
        ("500k", 500_000),
        ("No limit", 0),
        ("0", 0),
        ("1 MiB/s", 1 << 20),
        ("5", None),
        ("fast", None),
        ("", None),
    ],
)
def test_speeds_as_people_type_them(qapp: QApplication, english: None, typed: str, rate: int | None) -> None:
    dialog = RateDialog(None, translate("limits", "Upload speed"), 1_234_000)
    assert dialog.field.rate == 1_234_000
    dialog.field.setCurrentText(typed)
    assert dialog.field.rate == rate
    assert isinstance(dialog.field, RateField)
    dialog._apply()
    assert dialog._result == rate


# ---------------------------------------------------------------------------------------------------- the window


@pytest.fixture
def window(world: World, english: None) -> Iterator[MainWindow]:
    made = MainWindow()
    made.fill(world.app, world.transfers, lambda _settings: False)
    made.show()
    yield made
    made.work.release()
    made.deleteLater()


async def test_the_title_tells_how_far_it_is(world: World, window: MainWindow) -> None:
    await world.load()
    assert window.windowTitle() == "Cloud Temple Browser"
    world.engine.tell(changed(1, running=1, bytes_total=1000, bytes_done=429))
    assert window.windowTitle() == "42% · Cloud Temple Browser"
    world.app.open(Location(CONNECTION.id, BUCKET))
    assert window.windowTitle() == "42% · s3://bucket/ — Cloud Temple Browser"
    world.engine.tell(changed(1, done=1, bytes_total=1000, bytes_done=1000))
    assert window.windowTitle() == "s3://bucket/ — Cloud Temple Browser"
    await world.listed()


async def test_the_end_of_a_group_is_told_unless_the_user_decided_it(world: World, window: MainWindow) -> None:
    await world.load()
    notices = window.work.notices
    world.engine.tell(ended(status(1, cancelled=3)))
    assert not notices.isVisible()
    world.engine.tell(ended(status(1, done=5, failed=1), ("p/x", DENIED)))
    assert notices.message.text().startswith("5 objects uploaded, 1 failed: The store refused")
    assert not notices._more.isHidden()


def test_a_long_group_s_end_asks_for_attention_when_nobody_looks(
    world: World, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts: list[object] = []
    monkeypatch.setattr(QApplication, "alert", alerts.append)
    notifier = Notifier(window)
    result = GroupResult(Direction.UPLOAD, 3, 0, 0, (), seconds=9.0)
    monkeypatch.setattr(window, "isActiveWindow", lambda: True)
    notifier.tell(result)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    notifier.tell(replace(result, seconds=4.9))
    notifier.tell(replace(result, done=0, cancelled=3))
    assert alerts == []
    notifier.tell(result)
    assert alerts == [window]


def answer(dialog: QWidget | None, name: str) -> None:
    assert dialog is not None
    button = dialog.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    button.click()


async def test_quitting_while_transfers_run_asks(world: World, window: MainWindow) -> None:
    await world.load()
    world.engine.running = 2
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    window.close()
    await until(QApplication.activeModalWidget)
    answer(QApplication.activeModalWidget(), "cancel")
    await until(lambda: not QApplication.activeModalWidget())
    assert (closed, window.isVisible()) == ([], True)
    window.close()
    await until(QApplication.activeModalWidget)
    answer(QApplication.activeModalWidget(), "accept")
    await until(lambda: closed)
