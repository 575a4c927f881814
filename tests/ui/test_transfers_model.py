"""The transfers table's model, watched by Qt's own checker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app.rig import failure
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QAbstractItemModelTester

from cloudtemple_browser.app.activities import Activities
from cloudtemple_browser.app.transfer_list import TransferList
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.text import translate
from cloudtemple_browser.transfers.events import Event, JobChanged, JobsAdded, JobsRemoved
from cloudtemple_browser.transfers.job import Direction, Job
from cloudtemple_browser.transfers.states import TransferState
from cloudtemple_browser.ui.models.transfers import (
    ACTION,
    AMOUNT,
    NAME,
    PROGRESS,
    PROGRESS_ROLE,
    SPEED,
    STATE,
    TITLES,
    TransfersModel,
)

S, Role = TransferState, Qt.ItemDataRole


class Table:
    def __init__(self) -> None:
        self.transfers, self.activities = TransferList(), Activities()
        self.model = TransfersModel(self.transfers, self.activities)
        self.tester = QAbstractItemModelTester(self.model, QAbstractItemModelTester.FailureReportingMode.Fatal)

    def tell(self, *events: Event) -> None:
        self.transfers.handle(events)

    def add(self, *numbers: int, direction: Direction = Direction.UPLOAD, size: int = 1000, key: str = "p/key-{}") -> None:
        path = Path("root")
        jobs = tuple(Job(n, 1, direction, "c", ObjectRef("b", key.format(n)), path / f"<b>{n}", path, size) for n in numbers)
        self.tell(JobsAdded(jobs))

    def row(self, at: int) -> list[str]:
        return [str(self.model.data(self.model.index(at, column)) or "").replace("\xa0", " ") for column in range(len(TITLES))]

    def at(self, row: int, column: int, role: int) -> object:
        return self.model.data(self.model.index(row, column), role)


@pytest.fixture
def table(english: None) -> Iterator[Table]:
    table = Table()
    yield table
    table.model.release()


def test_the_life_of_a_transfer(table: Table) -> None:
    table.add(1)
    assert table.row(0) == ["key-1", "", "1.00 KB", "", "", "Waiting", ""]
    table.tell(JobChanged(1, S.RUNNING, 250, 1000))
    assert table.row(0)[AMOUNT] == "250 B of 1.00 KB"
    assert table.row(0)[STATE] == "Running"
    assert table.at(0, PROGRESS, PROGRESS_ROLE) == 0.25
    table.tell(JobChanged(1, S.DONE, 1000, 1000, verified=True))
    assert table.row(0)[STATE] == "Done"
    assert table.at(0, PROGRESS, PROGRESS_ROLE) == 1.0


@pytest.mark.parametrize(
    ("event", "direction", "words", "action"),
    [
        (JobChanged(1, S.PAUSED, 1, 10), Direction.UPLOAD, "Paused", "Cancel"),
        (JobChanged(1, S.CANCELLED, 1, 10), Direction.UPLOAD, "Cancelled", "Remove from list"),
        (JobChanged(1, S.DONE, 1, 10, skipped=True), Direction.UPLOAD, "Skipped: already exists", ""),
        (JobChanged(1, S.DONE, 10, 10), Direction.DOWNLOAD, "Done, checksum not available", "Show in folder"),
        (JobChanged(1, S.DONE, 10, 10, verified=True), Direction.DOWNLOAD, "Done", "Show in folder"),
        (
            JobChanged(1, S.FAILED, 1, 10, failure(ErrorKind.TIMEOUT)),
            Direction.UPLOAD,
            "Failed: The store did not answer in time",
            "Retry",
        ),
    ],
)
def test_what_a_state_says_and_offers(table: Table, event: JobChanged, direction: Direction, words: str, action: str) -> None:
    table.add(1, direction=direction)
    table.tell(event)
    assert table.row(0)[STATE] == words
    assert table.at(0, ACTION, Role.AccessibleTextRole) == action
    assert isinstance(table.at(0, ACTION, Role.DecorationRole), QIcon) is bool(action)
    assert isinstance(table.at(0, NAME, Role.DecorationRole), QIcon)


def test_a_failure_s_tip_has_all_its_words(table: Table) -> None:
    table.add(1)
    table.tell(JobChanged(1, S.FAILED, 1, 10, failure(ErrorKind.DISK_FULL)))
    tip = str(table.at(0, STATE, Role.ToolTipRole))
    assert "The disk is full" in tip
    assert "Make room" in tip


def test_an_unknown_size_has_no_amount_and_no_bar(table: Table) -> None:
    table.add(1, size=UNKNOWN)
    table.tell(JobChanged(1, S.RUNNING, 250, UNKNOWN))
    assert table.row(0)[AMOUNT] == ""
    assert table.at(0, PROGRESS, PROGRESS_ROLE) is None


def test_hostile_keys(table: Table) -> None:
    table.add(1, key="<b>&\u202e\n{}")
    assert table.row(0)[NAME] == "<b>&⟨RightToLeftOverride⟩␊1"
    assert "<b>" not in str(table.at(0, NAME, Role.ToolTipRole))


def test_rows_come_change_and_go(table: Table) -> None:
    table.add(1, 2, 3)
    table.add(4)
    table.tell(JobChanged(2, S.RUNNING, 1, 10), JobChanged(4, S.RUNNING, 1, 10))
    changed: list[tuple[int, int]] = []
    table.model.dataChanged.connect(lambda first, last, _roles: changed.append((first.row(), last.row())))
    table.tell(JobChanged(2, S.RUNNING, 2, 10), JobChanged(4, S.RUNNING, 2, 10))
    assert changed == [(1, 3)]
    table.tell(JobsRemoved((1, 3)))
    assert [table.row(at)[NAME] for at in range(table.model.rowCount())] == ["key-2", "key-4"]
    table.tell(JobChanged(4, S.DONE, 10, 10))
    assert table.row(1)[STATE] == "Done"
    assert table.model.transfer(2) is None


def test_activities_stand_above_the_transfers(table: Table) -> None:
    table.add(1)
    with table.activities.start(translate("test", "Deleting <b>{x}")(x="\u202e"), 10) as activity:
        assert table.row(0)[NAME] == "Deleting <b>⟨RightToLeftOverride⟩"
        assert table.model.activity(0) is activity
        assert table.model.transfer(0) is None
        assert table.row(1)[NAME] == "key-1"
        activity.reach(4, 10)
        assert table.row(0)[AMOUNT] == "4 of 10"
        assert table.at(0, PROGRESS, PROGRESS_ROLE) == 0.4
        table.tell(JobChanged(1, S.RUNNING, 1, 10))
        assert table.row(1)[STATE] == "Running"
        table.add(2)
        assert table.model.rowCount() == 3
        with table.activities.start(translate("test", "Counting")) as other:
            other.reach(7, 0)
            assert table.row(1)[AMOUNT] == "7"
            assert table.at(1, PROGRESS, PROGRESS_ROLE) is None
            assert table.model.rowCount() == 4
    assert [table.row(at)[NAME] for at in range(table.model.rowCount())] == ["key-1", "key-2"]
    assert table.model.activity(0) is None


def test_a_tick_refreshes_the_speeds_only(table: Table) -> None:
    changed: list[int] = []
    table.model.dataChanged.connect(lambda first, _last, _roles: changed.append(first.column()))
    table.model.tick()
    assert changed == []
    table.add(1)
    table.model.tick()
    assert changed == [SPEED]


def test_an_index_that_is_none_has_no_data(table: Table) -> None:
    with table.activities.start(translate("test", "x")):
        table.add(1)
        assert table.model.data(QModelIndex()) is None


def test_headers(table: Table) -> None:
    titles = [table.model.headerData(n, Qt.Orientation.Horizontal) for n in range(len(TITLES))]
    assert titles == ["Name", "Progress", "Amount", "Speed", "Time left", "State", ""]
    assert table.model.headerData(0, Qt.Orientation.Vertical) is None


def test_a_released_model_hears_nothing(english: None) -> None:
    table = Table()
    table.model.release()
    table.add(1)
    assert table.model.rowCount() == 0
