"""The object table's model, watched by Qt's own checker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from corpus import KEYS
from PySide6.QtCore import QMimeData, QModelIndex, Qt, QUrl
from PySide6.QtGui import QIcon
from PySide6.QtTest import QAbstractItemModelTester

from cloudtemple_browser.app.ordering import Column, OrderSpec, ordered_rows
from cloudtemple_browser.app.rows import Rows
from cloudtemple_browser.model.entries import UNKNOWN, ListingPage
from cloudtemple_browser.ui.i18n import set_binary_units
from cloudtemple_browser.ui.models.object_table import COLUMNS, PUBLIC_ROLE, ObjectTableModel

Role = Qt.ItemDataRole


@pytest.fixture
def table(english: None) -> Iterator[ObjectTableModel]:
    model = ObjectTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    del tester


def page(keys: dict[str, int], *folders: str) -> ListingPage:
    n = len(keys)
    return ListingPage(folders, tuple(keys), tuple(keys.values()), (1_600_000_000,) * n, ("e",) * n, ("STANDARD",) * n)


def rows_of(prefix: str, *pages: ListingPage) -> Rows:
    rows = Rows(prefix)
    for one in pages:
        rows.append(one)
    return rows


def cells(model: ObjectTableModel, role: int = Role.DisplayRole) -> list[list[object]]:
    return [
        [model.data(model.index(row, column), role) for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def names(model: ObjectTableModel) -> list[object]:
    return [row[0] for row in cells(model)]


def test_cells(table: ObjectTableModel) -> None:
    table.set_rows(rows_of("p/", page({"p/a.txt": 1500, "p/b": UNKNOWN}, "p/f/", "p//")), buckets=False)
    table.rows.modified[3] = UNKNOWN
    assert [[str(cell).replace("\xa0", " ") for cell in row] for row in cells(table)] == [
        ["f", "—", "—", "Folder", "—", ""],
        ["(empty name)", "—", "—", "Folder", "—", ""],
        ["a.txt", "1.50 KB", cells(table)[2][2], "text/plain", "STANDARD", ""],
        ["b", "?", "?", "application/octet-stream", "STANDARD", ""],
    ]
    assert str(cells(table)[2][2]).startswith("13 Sep 2020")


def test_other_roles(table: ObjectTableModel) -> None:
    table.set_rows(rows_of("", page({"a<b>.txt": 1500}, "f/")), buckets=False)
    index = table.index(1, 0)
    assert isinstance(table.data(index, Role.DecorationRole), QIcon)
    assert "a&lt;b&gt;.txt" in table.data(index, Role.ToolTipRole)
    assert "1,500 bytes" in table.data(table.index(1, 1), Role.ToolTipRole)
    assert "2020-09-13 12:26:40 UTC" in table.data(table.index(1, 2), Role.ToolTipRole)
    assert table.data(table.index(0, 1), Role.ToolTipRole) is None
    assert table.data(table.index(0, 0), Role.AccessibleTextRole) == "f, folder"
    assert table.data(index, Role.AccessibleTextRole) == "a<b>.txt"
    assert table.data(table.index(1, 1), Role.TextAlignmentRole) & int(Qt.AlignmentFlag.AlignRight)
    assert table.data(index, Role.EditRole) is None
    assert table.data(QModelIndex()) is None


def test_public_objects_are_told(table: ObjectTableModel) -> None:
    table.set_rows(rows_of("", page({"a": 1})), buckets=False)
    assert table.data(table.index(0, 0), PUBLIC_ROLE) is False
    table.rows.public["a"] = True
    table.rows_changed([0])
    assert "public" in table.data(table.index(0, 0), Role.AccessibleTextRole)
    assert "public" in table.data(table.index(0, 0), Role.ToolTipRole)
    assert table.data(table.index(0, 0), PUBLIC_ROLE) is True


def test_a_flat_list_tells_where_each_object_lies(table: ObjectTableModel) -> None:
    rows = Rows("p/", flat=True)
    rows.append(page({"p/a.txt": 1, "p/b/<i>/c.txt": 2, "p/b/": 3}))
    table.set_rows(rows, buckets=False)
    assert [(row[0], row[5]) for row in cells(table)] == [("a.txt", ""), ("c.txt", "b/<i>/"), ("b/", "")]
    assert "b/&lt;i&gt;/" in table.data(table.index(1, 5), Role.ToolTipRole)


def test_buckets(table: ObjectTableModel) -> None:
    table.set_rows(rows_of("", ListingPage(("one/", "two/"))), buckets=True)
    assert [row[3] for row in cells(table)] == ["Bucket", "Bucket"]


def test_headers(table: ObjectTableModel) -> None:
    assert [table.headerData(n, Qt.Orientation.Horizontal) for n in range(6)] == [
        "Name",
        "Size",
        "Modified",
        "Type",
        "Storage class",
        "Path",
    ]
    assert table.headerData(0, Qt.Orientation.Vertical) is None
    assert table.headerData(6, Qt.Orientation.Horizontal) is None


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_hostile_name_is_one_line_of_plain_text(table: ObjectTableModel, key: str) -> None:
    folder, _, name = key.rpartition("/")
    prefix = f"{folder}/" if "/" in key else ""
    if name:
        table.set_rows(rows_of(prefix, page({key: 1})), buckets=False)
        (shown,) = names(table)
        assert isinstance(shown, str)
        assert shown
        assert len(shown.splitlines()) == 1


def test_rows_come_with_folders_first(table: ObjectTableModel) -> None:
    rows = rows_of("")
    table.set_rows(rows, buckets=False)
    for at in range(5):
        table.append(rows.append(page({f"{at}.txt": at}, f"f{at}/")))
        table.append(rows.append(page({}, f"g{at}/")))
    shown = names(table)
    assert sorted(map(str, shown[:10])) == sorted([f"f{n}" for n in range(5)] + [f"g{n}" for n in range(5)])
    assert shown[10:] == [f"{n}.txt" for n in range(5)]
    table.set_rows(rows, buckets=False)  # in the order of their arrival: still folders first, for what is appended next
    assert names(table) == shown
    table.append(rows.append(page({}, "h/")))
    assert names(table)[10] == "h"


def test_orders_are_swapped_in(table: ObjectTableModel) -> None:
    rows = rows_of("", page({"b": 1, "a": 3, "c": 2}, "z/", "y/"))
    table.set_rows(rows, buckets=False)
    for spec, order in (
        (OrderSpec(), ["y", "z", "a", "b", "c"]),
        (OrderSpec(descending=True), ["z", "y", "c", "b", "a"]),
        (OrderSpec(Column.SIZE), ["y", "z", "b", "c", "a"]),
        (OrderSpec(Column.SIZE, descending=True), ["y", "z", "a", "c", "b"]),
        (OrderSpec(needle="C"), ["c"]),
        (OrderSpec(needle="nothing"), []),
        (OrderSpec(), ["y", "z", "a", "b", "c"]),
    ):
        table.spec = spec
        table.set_order(ordered_rows(rows.snapshot(), spec))
        assert names(table) == order


def test_rows_that_do_not_pass_the_filter_are_not_appended(table: ObjectTableModel) -> None:
    rows = rows_of("")
    table.spec = OrderSpec(needle="a")
    table.set_rows(rows, buckets=False)
    table.append(rows.append(page({"a": 1, "b": 1}, "xa/", "xb/")))
    table.append(rows.append(page({"c": 1})))
    assert names(table) == ["xa", "a"]


def test_removed_rows_are_gone_and_their_cells_too(table: ObjectTableModel) -> None:
    rows = rows_of("", page({"a": 1, "b": 2, "c": 3}))
    table.set_rows(rows, buckets=False)
    assert names(table) == ["a", "b", "c"]
    rows.remove(["a"])
    table.set_rows(rows, buckets=False)
    assert names(table) == ["b", "c"]
    assert [str(row[1]).replace("\xa0", " ") for row in cells(table)] == ["2 B", "3 B"]


def test_changed_rows_are_formatted_anew(table: ObjectTableModel) -> None:
    rows = rows_of("", page({"a": 1, "b": 2}))
    table.set_rows(rows, buckets=False)
    assert cells(table)
    rows.sizes[1] = 5
    rows.sizes[0] = 7
    table.rows_changed([1])
    assert [str(row[1]).replace("\xa0", " ") for row in cells(table)] == ["1 B", "5 B"]  # only what was told
    table.forget_cells()
    assert str(cells(table)[0][1]).replace("\xa0", " ") == "7 B"
    table.rows_changed([])


def test_other_units_need_no_new_rows(table: ObjectTableModel) -> None:
    table.set_rows(rows_of("", page({"a": 2048})), buckets=False)
    before = cells(table)[0][1]
    set_binary_units(True)
    assert cells(table)[0][1] == before
    table.forget_cells()
    assert str(cells(table)[0][1]).endswith("KiB")


def test_the_cache_of_cells_is_bounded(table: ObjectTableModel) -> None:
    table.set_rows(rows_of("", page({f"{n:05}": n for n in range(3000)})), buckets=False)
    cells(table)
    assert len(table._cells) < 5000


def test_only_files_can_be_dropped(table: ObjectTableModel) -> None:
    data = QMimeData()
    data.setText("x")
    copy = Qt.DropAction.CopyAction
    assert not table.canDropMimeData(data, copy, -1, -1, QModelIndex())
    data.setUrls([QUrl.fromLocalFile("/x")])
    assert table.canDropMimeData(data, copy, -1, -1, QModelIndex())
    assert table.supportedDropActions() == copy


def test_there_is_nothing_below_a_row(table: ObjectTableModel) -> None:
    table.set_rows(rows_of("", page({"a": 1})), buckets=False)
    assert table.rowCount(table.index(0, 0)) == table.columnCount(table.index(0, 0)) == 0
    assert table.columnCount() == len(COLUMNS)
