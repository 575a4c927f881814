"""Keeps the rows of the object table in order: sorts in a worker and swaps the order in, and nothing on screen jumps."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QTimer
from PySide6.QtWidgets import QTableView
from shiboken6 import isValid

from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.filtering import position, positions
from cloudtemple_browser.app.ordering import OrderSpec, ordered_rows
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.ui.models.object_table import ObjectTableModel

AT_ONCE = 20_000  # rows that the GUI thread may walk over; more are for a worker
MANY_RANGES = 5000  # a selection in more pieces than this is not restored after sorting: Qt would take seconds for each click
SMALL = 2000  # rows that are sorted where they are: 5 ms, and nobody sees them in another order first
_SORT_AGAIN = 300  # milliseconds after rows came
_REST = 5  # while rows stream in, so many times the time of the last sort until the next
_NO_UPDATE = QItemSelectionModel.SelectionFlag.NoUpdate

Ranges = Sequence[tuple[int, int]]


class Sorter:
    """Sorts one view's rows. A selection, the current row and the row at the top survive every swap. GUI thread.

    A selection in more than ``MANY_RANGES`` pieces does not, and ``lost`` is called.
    """

    def __init__(self, view: QTableView, table: ObjectTableModel, background: Background, lost: Callable[[], None]) -> None:
        self._view, self._table, self._background, self._lost = view, table, background, lost
        self._task: asyncio.Task[None] | None = None
        self._selections = 0  # grows with every change of the selection
        self._took = 0.0
        self._stamp: object = None
        self._timer = QTimer(view, singleShot=True)
        self._timer.timeout.connect(self.now)
        view.selectionModel().selectionChanged.connect(self._selection_changed)

    def _selection_changed(self) -> None:
        self._selections += 1

    @property
    def busy(self) -> bool:
        """Whether an order is being made, or will be soon."""
        return self._timer.isActive() or (self._task is not None and not self._task.done())

    def soon(self) -> None:
        """Sort when some more rows have come: the longer it takes, the later, so that it never takes much of the time."""
        if self._table.rows.end <= SMALL:
            self.now()
        elif not self._timer.isActive():
            self._timer.start(max(_SORT_AGAIN, int(1000 * _REST * self._took)))

    def now(self) -> None:
        """Sort at once, unless the order is that of the rows already. What is being sorted is sorted to its end before."""
        self._timer.stop()
        if self._task is not None and not self._task.done():
            self._timer.start(20)
        elif self._stamp == self._stamp_of(self._table.rows, self._table.spec):
            return
        elif self._table.rows.end <= SMALL:
            self._sort_small()
        else:
            self._task = self._background.spawn(self._sort())

    def forget(self) -> None:
        """Other rows are shown: whatever order they have is to be made."""
        self._stamp = None

    def cancel(self) -> None:
        """Sort no more: the window is closed."""
        self._timer.stop()
        if self._task:
            self._task.cancel()

    @staticmethod
    def _stamp_of(rows: Rows, spec: OrderSpec) -> object:
        return id(rows), rows.end, rows.version, rows.edits, spec

    def _sort_small(self) -> None:
        rows, spec = self._table.rows, self._table.spec
        self._stamp = self._stamp_of(rows, spec)
        order = ordered_rows(rows, spec)
        if order != self._table.order:
            self._swap(order, positions(order, self.selected(), rows.end, MANY_RANGES), range(0))

    async def _sort(self) -> None:
        rows, spec = self._table.rows, self._table.spec
        stamp, snapshot, began = self._stamp_of(rows, spec), rows.snapshot(), time.monotonic()
        order = await self._background.call(ordered_rows, snapshot, spec)
        seen, ranges = -1, None
        while isValid(self._view) and self._selections != seen:  # what is selected meanwhile counts too
            seen, held = self._selections, self._held()
            if held is not None:
                ranges = await self._background.call(positions, order, held, rows.end, MANY_RANGES)
            else:
                ranges = None
        if not isValid(self._view):
            return
        self._took = time.monotonic() - began
        if rows is not self._table.rows or spec != self._table.spec:
            self._timer.start(0)
            return
        self._stamp = stamp
        if order != self._table.order[: len(order)] or len(order) > len(self._table.order):
            self._swap(order, ranges, range(snapshot.end, rows.end))
        elif len(order) < len(self._table.order) and snapshot.end == rows.end:
            self._swap(order, ranges, range(0))
        if stamp != self._stamp_of(rows, spec):
            self.soon()

    # ------------------------------------------------------------------------------------------------ the swap

    def pieces(self) -> Iterator[range]:
        """The selected positions, from top to bottom."""
        selection = self._view.selectionModel().selection()
        tops = ((selection.at(at).top(), selection.at(at).bottom()) for at in range(selection.count()))
        yield from (range(top, bottom + 1) for top, bottom in sorted(tops))

    def selected(self) -> array[int]:
        """The selected rows, in the order shown. A few milliseconds for a million."""
        found = array("I")
        for piece in self.pieces():
            found += self._table.order[piece.start : piece.stop]
        return found

    def _held(self) -> array[int] | None:
        """The selected rows, or None where they are in too many pieces to be selected again."""
        return self.selected() if self._view.selectionModel().selection().count() <= MANY_RANGES else None

    def _swap(self, order: array[int], ranges: Ranges | None, come: range) -> None:
        """Show an order, then the rows that came since it was begun. ``ranges`` None: the selection is lost, which is told."""
        view, table = self._view, self._table
        current, top = self._row_at(view.currentIndex().row()), self._row_at(view.rowAt(0))
        value = view.verticalScrollBar().value()
        table.set_order(order)
        if come:
            table.append(come)
        self.select(ranges or ())
        if ranges is None:
            self._lost()
        at = position(table.order, current) if current >= 0 else -1
        if at >= 0:
            view.selectionModel().setCurrentIndex(table.index(at, 0), _NO_UPDATE)
        if value > 0:
            view.executeDelayedItemsLayout()
            at = position(table.order, top) if top >= 0 else -1
            view.verticalScrollBar().setValue(at if at >= 0 else value)
        else:
            view.scrollToTop()

    def _row_at(self, at: int) -> int:
        return self._table.order[at] if 0 <= at < len(self._table.order) else -1

    def select(self, ranges: Ranges) -> None:
        """Select positions, inclusive ranges of them, and nothing else."""
        selection = QItemSelection()
        last = self._table.columnCount() - 1
        for start, end in ranges:
            selection.append(QItemSelectionRange(self._table.index(start, 0), self._table.index(end, last)))
        self._view.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def removed(self) -> None:
        """Rows are gone. Few rows are taken out at once; of many, when a worker has made the order without them."""
        table, gone = self._table, self._table.rows.gone
        if len(table.order) > AT_ONCE:
            self.now()
            return
        at = self._view.currentIndex().row()
        order = array("I", [row for row in table.order if not gone[row]])
        held = self._held()
        kept = None if held is None else positions(order, (row for row in held if not gone[row]), table.rows.end, MANY_RANGES)
        self._swap(order, kept, range(0))
        if at >= 0 and not self._view.currentIndex().isValid() and order:
            self._view.selectionModel().setCurrentIndex(table.index(min(at, len(order) - 1), 0), _NO_UPDATE)
