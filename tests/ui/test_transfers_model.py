"""The tree of transfers, watched by Qt's own checker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app.rig import failure
from fakes.engine import FakeEngine, changed, job, removed
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QAbstractItemModelTester

from cloudtemple_browser.app.activities import Activities
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.app.transfer_list import TransferList
from cloudtemple_browser.app.transfer_words import Verb
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.model.transfers import Direction, GroupContent, JobStatus, TransferState
from cloudtemple_browser.ui.models.transfer_cells import (
    ACTION,
    AMOUNT,
    BAR_ROLE,
    LEFT,
    NAME,
    PROGRESS,
    SPEED,
    STATE,
    Bar,
    verbs_of,
)
from cloudtemple_browser.ui.models.transfers import TITLES, TransfersModel

S, Role = TransferState, Qt.ItemDataRole
DENIED = failure(ErrorKind.ACCESS_DENIED)


class Opened:
    """Open groups whose contents the test gives."""

    def __init__(self) -> None:
        self.contents: dict[int, GroupContent] = {}
        self.changed: Observers[[int]] = Observers()

    def of(self, group: int) -> GroupContent:
        return self.contents.get(group) or GroupContent(group)

    def close(self, group: int) -> None:
        self.contents.pop(group, None)
        self.changed(group)


class Tree:
    def __init__(self) -> None:
        self.transfers, self.activities, self.opened = TransferList(), Activities(), Opened()
        self.tell = FakeEngine(self.transfers.handle).tell
        opened: Any = self.opened
        self.model = TransfersModel(self.transfers, opened, self.activities)
        self.tester = QAbstractItemModelTester(self.model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    def show(self, group: int, *jobs: JobStatus, **content: Any) -> None:
        """What is in a group now."""
        self.opened.contents[group] = GroupContent(group, jobs, **content)
        self.opened.changed(group)

    def at(self, *rows: int, column: int = NAME) -> QModelIndex:
        index = QModelIndex()
        for row in rows:
            index = self.model.index(row, NAME, index)
        return index.siblingAtColumn(column)

    def row(self, *rows: int) -> list[str]:
        cells = (str(self.model.data(self.at(*rows, column=column)) or "") for column in range(len(TITLES)))
        return [cell.replace("\xa0", " ") for cell in cells]

    def names(self, *rows: int) -> list[str]:
        parent = self.at(*rows) if rows else QModelIndex()
        return [str(self.model.index(at, NAME, parent).data()) for at in range(self.model.rowCount(parent))]


@pytest.fixture
def tree(english: None) -> Iterator[Tree]:
    tree = Tree()
    yield tree
    tree.model.release()


def test_the_life_of_a_group(tree: Tree) -> None:
    tree.tell(changed(1, names=("a", "b"), queued=2, bytes_total=2000))
    assert tree.row(0) == ["a and 1 more → bucket/p/", "", "0 of 2 · 0 B of 2.00 KB", "", "", "Waiting", ""]
    tree.tell(changed(1, names=("a", "b"), running=1, done=1, bytes_total=2000, bytes_done=500))
    assert tree.row(0)[AMOUNT] == "1 of 2 · 500 B of 2.00 KB"
    assert tree.at(0).data(BAR_ROLE) == Bar(0.25)
    assert tree.at(0, column=PROGRESS).data(Role.AccessibleTextRole) == "25%"
    tree.tell(changed(1, names=("a", "b"), done=2, bytes_total=2000, bytes_done=2000))
    assert tree.row(0)[AMOUNT:] == ["2 objects · 2.00 KB", "", "", "Done", ""]
    assert tree.at(0).data(BAR_ROLE) is None


@pytest.mark.parametrize(
    ("values", "bar"),
    [
        ({"scanning": True}, Bar(None)),
        ({"queued": 1, "waiting": DENIED}, Bar(0.0, "warning")),
        ({"paused": 1, "bytes_total": 10, "bytes_done": 5}, Bar(0.5, "muted")),
        ({"running": 1, "held": True}, Bar(0.0, "muted")),
        ({"failed": 1}, None),
    ],
)
def test_the_bar_tells_whether_it_moves(tree: Tree, values: dict[str, Any], bar: Bar | None) -> None:
    tree.tell(changed(1, **values))
    assert tree.at(0).data(BAR_ROLE) == bar


def test_the_action_is_the_most_sensible_one(tree: Tree) -> None:
    tree.tell(changed(1, Direction.DOWNLOAD, done=1))
    action = tree.at(0, column=ACTION)
    assert action.data(Role.AccessibleTextRole) == "Show in folder"
    assert isinstance(action.data(Role.DecorationRole), QIcon)
    assert "Show in folder" in action.data(Role.ToolTipRole)
    assert isinstance(tree.at(0).data(Role.DecorationRole), QIcon)


def test_a_reason_s_tip_has_all_its_words(tree: Tree) -> None:
    tree.tell(changed(1, queued=1, waiting=failure(ErrorKind.DISK_FULL)))
    tip = str(tree.at(0, column=STATE).data(Role.ToolTipRole))
    assert "The disk is full" in tip
    assert "Make room" in tip
    assert tree.at(0, column=STATE).data(Role.ForegroundRole) is not None


def test_hostile_names_are_shown_literally(tree: Tree) -> None:
    name = "<b>&\u202e\n"
    tree.tell(changed(1, names=(name,), queued=2, place="<i>/"))
    tree.show(1, job(1, S.FAILED, key=name, error=DENIED), left_out=((name, DENIED),))
    assert tree.row(0)[NAME] == "<b>&⟨RightToLeftOverride⟩␊ → bucket/<i>/"
    assert tree.names(0) == ["<b>&⟨RightToLeftOverride⟩␊"] * 2
    for index in (tree.at(0), tree.at(0, 0), tree.at(0, 1)):
        assert "<b>" not in str(index.data(Role.ToolTipRole))
        assert "&lt;b&gt;" in str(index.data(Role.ToolTipRole))


def test_groups_come_and_go_where_they_belong(tree: Tree) -> None:
    tree.tell(changed(2, names=("two",)), changed(7, names=("seven",)), changed(4, names=("four",)))
    kept = QPersistentModelIndex(tree.at(1))
    assert [name.split()[0] for name in tree.names()] == ["seven", "four", "two"]
    tree.tell(removed(7), changed(9, names=("nine",)), removed(2))
    assert [name.split()[0] for name in tree.names()] == ["nine", "four"]
    assert kept.row() == 1
    assert not tree.model.group_of(QModelIndex())


def test_only_a_group_of_several_can_be_opened(tree: Tree) -> None:
    tree.tell(changed(1, queued=2), changed(2, queued=1), changed(3, scanning=True), changed(4, done=1, left_out=1))
    assert [tree.model.hasChildren(tree.at(at)) for at in range(4)] == [True, True, False, True]
    tree.show(3, job(1, S.QUEUED, group=3))
    assert tree.names(1) == ["key-1"]
    tree.tell(changed(3, queued=1))  # the scan found one only: its row tells all
    assert tree.model.rowCount(tree.at(1)) == 0


def test_what_is_in_a_group(tree: Tree) -> None:
    tree.tell(changed(1, queued=99_600, failed=1, left_out=1, running=1))
    lost = failure(ErrorKind.CONNECTION_LOST)
    tree.show(
        1,
        job(1, S.FAILED, error=DENIED),
        job(2, S.RUNNING, done_bytes=250, error=lost, again=True),
        hidden={S.QUEUED: 99_600, S.DONE: 0},
        left_out=(("/home/me/x", DENIED),),
    )
    assert tree.row(0, 0) == ["/home/me/x", "", "", "", "", "Left out: The store refused this (403)", ""]
    assert tree.row(0, 1) == ["key-1", "", "1.00 KB", "", "", "Failed: The store refused this (403)", ""]
    assert tree.row(0, 2)[AMOUNT:] == ["250 B of 1.00 KB", "", "", "Trying again: The connection to the store was lost", ""]
    assert tree.row(0, 3) == ["… and 99,600 more are waiting", "", "", "", "", "", ""]
    assert [tree.at(0, at).data(BAR_ROLE) for at in range(4)] == [None, None, Bar(0.25), None]
    items = [tree.model.item(tree.at(0, at)) for at in range(4)]
    assert [verbs_of(item)[:1] for item in items] == [(Verb.DETAILS,), (Verb.RETRY,), (Verb.PAUSE,), ()]
    assert str(Path("root", "1")) in str(tree.at(0, 1).data(Role.ToolTipRole))
    assert tree.at(0, 3, column=STATE).data(Role.ForegroundRole) is not None


def test_lines_keep_their_identity_when_states_change(tree: Tree) -> None:
    tree.tell(changed(1, queued=9), changed(2, queued=9))
    jobs = [job(number, S.QUEUED) for number in range(6)]
    tree.show(1, *jobs)
    tree.show(2, *(job(number, S.QUEUED, group=2) for number in range(10, 13)))
    kept = {number: QPersistentModelIndex(tree.at(1, number, column=STATE)) for number in range(6)}
    other = QPersistentModelIndex(tree.at(0, 2))
    resets, removals = [], []
    tree.model.modelReset.connect(lambda: resets.append(1))
    tree.model.rowsRemoved.connect(lambda _parent, first, last: removals.append((first, last)))
    tree.show(1, job(4, S.RUNNING), job(7, S.RUNNING), jobs[2], jobs[5], job(1, S.DONE))
    assert tree.names(1) == ["key-4", "key-7", "key-2", "key-5", "key-1"]
    assert [(number, index.row()) for number, index in kept.items() if index.isValid()] == [(1, 4), (2, 2), (4, 0), (5, 3)]
    assert str(kept[4].data()) == "Running"
    assert (other.row(), str(other.data())) == (2, "key-12")
    assert (resets, removals) == ([], [(5, 6)])
    tree.opened.close(1)
    assert tree.names(1) == []
    tree.tell(removed(1), removed(2))
    assert tree.model.rowCount() == 0


def test_what_does_not_change_its_place_is_only_repainted(tree: Tree) -> None:
    tree.tell(changed(1, queued=2), changed(2))
    tree.show(1, job(1, S.RUNNING), job(2, S.QUEUED))
    signals: list[str] = []
    tree.model.layoutChanged.connect(lambda: signals.append("layout"))
    tree.model.rowsInserted.connect(lambda: signals.append("rows"))
    tree.model.dataChanged.connect(lambda first, last: signals.append(f"{first.parent().row()}:{first.row()}-{last.row()}"))
    tree.show(1, job(1, S.RUNNING, done_bytes=9), job(2, S.QUEUED))
    tree.tell(changed(1, running=1, queued=1))
    assert signals == ["1:0-1", "-1:1-1"]
    assert tree.row(1, 0)[AMOUNT] == "9 B of 1.00 KB"


def test_activities_stand_above_the_groups(tree: Tree) -> None:
    tree.tell(changed(1, queued=2))
    tree.show(1, job(1, S.QUEUED))
    kept = QPersistentModelIndex(tree.at(0, 0))
    with tree.activities.start(translate("test", "Deleting <b>{x}")(x="\u202e"), 10) as activity:
        assert tree.row(0)[NAME] == "Deleting <b>⟨RightToLeftOverride⟩"
        assert verbs_of(tree.model.item(tree.at(0))) == (Verb.CANCEL,)
        assert tree.model.group_of(tree.at(0)) is None
        assert kept.parent().row() == 1
        activity.reach(4, 10)
        assert tree.row(0)[AMOUNT] == "4 of 10"
        assert tree.at(0).data(BAR_ROLE) == Bar(0.4)
        tree.tell(changed(1, running=1, queued=1), changed(2))
        assert tree.row(2)[STATE] == "Running"
        with tree.activities.start(translate("test", "Counting"), cancellable=False) as other:
            other.reach(7, 0)
            assert tree.row(1)[AMOUNT] == "7"
            assert tree.at(1).data(BAR_ROLE) == Bar(None)
            assert verbs_of(tree.model.item(tree.at(1))) == ()
            assert tree.model.rowCount() == 4
    assert tree.model.rowCount() == 2
    assert str(kept.data()) == "key-1"


def test_a_tick_refreshes_the_speeds_only(tree: Tree) -> None:
    tree.model.tick()
    tree.tell(changed(1, running=1), changed(2, running=1))
    regions: list[tuple[int, ...]] = []
    tree.model.dataChanged.connect(lambda a, b: regions.append((a.row(), a.column(), b.row(), b.column())))
    with tree.activities.start(translate("test", "Counting")):
        regions.clear()
        tree.model.tick()
        assert regions == [(1, SPEED, 2, LEFT)]


def test_a_window_made_later_shows_what_is_there(tree: Tree) -> None:
    tree.tell(changed(1), changed(2))
    opened: Any = tree.opened
    with tree.activities.start(translate("test", "Counting")):
        later = TransfersModel(tree.transfers, opened, tree.activities)
        assert later.rowCount() == 3
        later.release()
    assert later.rowCount() == 3  # it watches no more
