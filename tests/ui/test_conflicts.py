"""The one question of a drop: what exists already, and what happens to each."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from app.rig import World, until
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cloudtemple_browser.app.shell import DownloadAnswer, DownloadQuestion, UploadAnswer, UploadQuestion
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.transfers import ConflictPolicy, Decision
from cloudtemple_browser.transfers.conflicts import Conflict, Rule
from cloudtemple_browser.ui.dialogs import conflicts as module
from cloudtemple_browser.ui.dialogs.conflicts import ConflictsPart, DownloadDialog, UploadDialog
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.models.conflicts import CHOICE, DIFFERENCE, NAME, OLD, ConflictsModel, difference

pytestmark = pytest.mark.usefixtures("english")
HOSTILE = "<img src='file:///etc/passwd'><b>x</b>\u202e\n&amp;"
THEN = 1_700_000_000
HERE = Location("c", "b", "p/")
MD5_OF_A = "0cc175b9c0f1b6a831c399e269772661"


def conflict(name: str = "a", **changes: object) -> Conflict:
    plain = Conflict(f"p/{name}", name, f"etag-{name}", 5, THEN, 7, THEN + 60, Path("nowhere"), "", False)
    return replace(plain, **changes)  # type: ignore[arg-type]


def same_size(path: Path, name: str = "a") -> Conflict:
    return conflict(name, old_size=1, new_size=1, path=path, etag=MD5_OF_A, identical=None)


def upload(world: World, *conflicts: Conflict, paths: tuple[Path, ...] = (Path("a"),)) -> UploadDialog:
    dialog = UploadDialog(None, UploadQuestion(paths, HERE, conflicts), world.background)
    dialog.show()
    return dialog


def part_of(dialog: UploadDialog | DownloadDialog) -> ConflictsPart:
    assert dialog.part is not None
    return dialog.part


def button(dialog: QWidget, name: str) -> QPushButton:
    found = dialog.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def cell(model: ConflictsModel, row: int, column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
    return str(model.data(model.index(row, column), role))


def policies(dialog: UploadDialog) -> list[str]:
    return [policy.value for policy in part_of(dialog).model.policies]


# --- the model


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (conflict(), ["newer", "larger"]),
        (conflict(new_size=1, new_modified=THEN - 60), ["older", "smaller"]),
        (conflict(new_size=5, identical=None), ["newer", "same size"]),
        (conflict(new_size=5, identical=False, new_modified=THEN), ["other content"]),
        (conflict(new_size=5, identical=True), ["newer", "same content"]),
        (conflict(old_size=UNKNOWN, old_modified=UNKNOWN), ["of another kind"]),
    ],
)
def test_the_difference_in_words(qapp: object, one: Conflict, words: list[str]) -> None:
    assert [say(word) for word in difference(one)] == words
    assert cell(ConflictsModel([one]), 0, DIFFERENCE).splitlines() == words


def test_nothing_is_replaced_until_the_user_says_so(qapp: object) -> None:
    model = ConflictsModel([conflict("a"), conflict("b", identical=True)])
    assert model.decisions() == {"p/a": Decision(ConflictPolicy.SKIP), "p/b": Decision(ConflictPolicy.SKIP)}


def test_rows_chosen_one_by_one_stay_as_chosen(qapp: object) -> None:
    model = ConflictsModel([conflict(name, new_size=5, identical=None, etag=MD5_OF_A) for name in "abc"])
    model.follow(Rule.DIFFERENT)
    assert model.policies == [ConflictPolicy.OVERWRITE] * 3
    model.choose([1], ConflictPolicy.KEEP_BOTH)
    assert model.rule is None
    model.tell([(0, True), (1, True), (2, False)])  # what follows the rule follows it anew
    assert model.policies == [ConflictPolicy.SKIP, ConflictPolicy.KEEP_BOTH, ConflictPolicy.OVERWRITE]
    assert model.counts == {ConflictPolicy.SKIP: 1, ConflictPolicy.KEEP_BOTH: 1, ConflictPolicy.OVERWRITE: 1}
    assert model.unread == set()
    model.follow(Rule.OVERWRITE)
    assert model.decisions() == {f"p/{name}": Decision(ConflictPolicy.OVERWRITE, f"etag-{name}") for name in "abc"}


def test_names_and_their_folders_are_plain_text(qapp: object) -> None:
    model = ConflictsModel([conflict(f"{HOSTILE}/{HOSTILE}"), conflict("plain")])
    name, folder = cell(model, 0, NAME).split("\n")
    assert name.startswith("x") is False
    assert "\u202e" not in name + folder
    assert "<img" not in cell(model, 0, NAME, Qt.ItemDataRole.ToolTipRole)
    assert cell(model, 1, NAME) == "plain"
    assert cell(model, 1, OLD).startswith("5")
    assert "2023-11-14 22:13:20 UTC" in cell(model, 1, OLD, Qt.ItemDataRole.ToolTipRole)


def test_a_hundred_thousand_rows_do_not_hurt(qapp: object) -> None:
    model = ConflictsModel([conflict(str(n)) for n in range(100_000)])
    began = time.perf_counter()
    model.follow(Rule.NEWER)
    model.tell([(row, True) for row in range(500)])
    assert time.perf_counter() - began < 10
    assert model.counts[ConflictPolicy.OVERWRITE] == 99_500


# --- the dialogs


async def test_enter_uploads_while_nothing_would_be_replaced(world: World, qtbot: QtBot) -> None:
    dialog = upload(world, conflict("a"), conflict("b"))
    qtbot.addWidget(dialog)
    accept = button(dialog, "accept")
    assert accept.isDefault()
    part_of(dialog).model.follow(Rule.OVERWRITE)
    assert accept.text() == "Upload and replace 2"
    assert not any(found.isDefault() for found in dialog.findChildren(QPushButton))
    QTest.keyClick(part_of(dialog).table, Qt.Key.Key_Return)
    assert dialog.isVisible()
    part_of(dialog).model.follow(Rule.SKIP)
    assert accept.text() == "Upload"
    QTest.keyClick(part_of(dialog).table, Qt.Key.Key_Return)
    assert dialog._result == UploadAnswer(decisions={f"p/{n}": Decision(ConflictPolicy.SKIP) for n in "ab"})


async def test_everything_can_be_chosen_by_keys(world: World, qtbot: QtBot) -> None:
    dialog = upload(world, *(conflict(name) for name in "abcd"))
    qtbot.addWidget(dialog)
    part = part_of(dialog)
    QTest.keyClick(part.rule, Qt.Key.Key_Down)
    assert policies(dialog) == ["overwrite"] * 4
    part.table.setFocus()
    QTest.keyClick(part.table, Qt.Key.Key_Space)
    assert policies(dialog) == ["keep-both", "overwrite", "overwrite", "overwrite"]
    assert part.rule.currentIndex() == -1  # no rule says that
    QTest.keyClick(part.table, Qt.Key.Key_Down)
    QTest.keyClick(part.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert "&" in button(dialog, "selected-skip").text()  # Alt and its letter
    button(dialog, "selected-skip").click()
    assert policies(dialog) == ["keep-both", "skip", "skip", "overwrite"]
    assert part.sum.text() == "1 will be replaced, 2 skipped, 1 renamed"
    dialog.public.setChecked(True)
    button(dialog, "accept").click()
    assert dialog._result == UploadAnswer(
        public=True,
        decisions={
            "p/a": Decision(ConflictPolicy.KEEP_BOTH),
            "p/b": Decision(ConflictPolicy.SKIP),
            "p/c": Decision(ConflictPolicy.SKIP),
            "p/d": Decision(ConflictPolicy.OVERWRITE, "etag-d"),
        },
    )


async def test_a_click_on_the_choice_gives_the_next_one(world: World, qtbot: QtBot) -> None:
    dialog = upload(world, conflict("a"), conflict("b"))
    qtbot.addWidget(dialog)
    table = part_of(dialog).table

    def click(column: int) -> None:
        where = table.visualRect(part_of(dialog).model.index(1, column)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(where))

    click(NAME)
    assert policies(dialog) == ["skip", "skip"]
    for expected in ("overwrite", "keep-both", "skip"):
        click(CHOICE)
        assert policies(dialog) == ["skip", expected]
    part_of(dialog)._cycle(QModelIndex())  # nothing is current: nothing happens
    assert policies(dialog) == ["skip", "skip"]


async def test_one_conflict_needs_no_selection(world: World, qtbot: QtBot) -> None:
    dialog = upload(world, conflict())
    qtbot.addWidget(dialog)
    assert not button(dialog, "selected-overwrite").isVisible()
    assert [label.text() for label in dialog.findChildren(QLabel) if "exist" in label.text()] == [
        "1 object exists there already:"
    ]


async def test_an_upload_that_meets_nothing_is_private_unless_chosen(world: World, qtbot: QtBot) -> None:
    dialog = upload(world)
    qtbot.addWidget(dialog)
    assert dialog.part is None
    assert button(dialog, "accept").isDefault()
    button(dialog, "accept").click()
    assert dialog._result == UploadAnswer(public=False, decisions={})


@pytest.mark.parametrize("blind", [False, True])
async def test_a_key_that_may_not_look_is_told_what_that_means(world: World, qtbot: QtBot, blind: bool) -> None:
    dialog = UploadDialog(None, UploadQuestion((Path("a"),), HERE, blind=blind), world.background)
    qtbot.addWidget(dialog)
    assert any("are replaced" in label.text() for label in dialog.findChildren(QLabel)) is blind


async def test_a_download_is_decided_the_same_way(world: World, qtbot: QtBot) -> None:
    dialog = DownloadDialog(None, DownloadQuestion(Path("folder"), (conflict(target="folder/a"),)), world.background)
    qtbot.addWidget(dialog)
    part_of(dialog).model.follow(Rule.OVERWRITE)
    assert button(dialog, "accept").text() == "Download and replace 1"
    button(dialog, "accept").click()
    assert dialog._result == DownloadAnswer({"folder/a": Decision(ConflictPolicy.OVERWRITE, "etag-a")})


async def test_foreign_text_is_plain_everywhere(world: World, qtbot: QtBot) -> None:
    hostile = conflict(HOSTILE)
    first = UploadDialog(None, UploadQuestion((Path(HOSTILE),), replace(HERE, prefix=HOSTILE), (hostile,)), world.background)
    second = DownloadDialog(None, DownloadQuestion(Path(HOSTILE), (hostile,)), world.background)
    for dialog in (first, second):
        qtbot.addWidget(dialog)
        for label in dialog.findChildren(QLabel):
            assert label.textFormat() == Qt.TextFormat.PlainText, label.text()
            assert "\u202e" not in label.text()


# --- contents


async def test_contents_are_compared_while_the_question_is_open(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    dialog = upload(world, same_size(tmp_path / "a", "a"), same_size(tmp_path / "b", "b"), conflict("c"))
    qtbot.addWidget(dialog)
    part = part_of(dialog)
    part.model.follow(Rule.DIFFERENT)
    assert policies(dialog) == ["overwrite"] * 3
    dialog.open()
    await until(lambda: not part.model.unread)
    assert policies(dialog) == ["skip", "overwrite", "overwrite"]
    await until(lambda: part._control is None)
    assert not part.compare.isVisible()
    dialog.reject()


async def test_more_is_read_only_when_wanted(
    world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMPARED", 0)
    (tmp_path / "a").write_bytes(b"a")
    dialog = upload(world, same_size(tmp_path / "a"))
    qtbot.addWidget(dialog)
    part = part_of(dialog)
    dialog.open()
    await until(lambda: part._control is None)
    assert part.model.unread == {0}
    assert part.compare.text().replace("\xa0", " ") == "Compare contents (1 B)"
    part.compare.click()
    assert part.compare.text() == "Stop comparing (1 left)"
    await until(lambda: not part.model.unread)
    assert part.model.conflicts[0].identical
    await until(lambda: part._control is None)


async def test_closing_ends_the_comparison(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 30)
    large = conflict(old_size=1 << 30, new_size=1 << 30, path=tmp_path / "large", etag=MD5_OF_A, identical=None)
    dialog = upload(world, large)
    qtbot.addWidget(dialog)
    dialog.open()
    part = part_of(dialog)
    assert part._control is not None
    dialog.reject()
    await until(lambda: part._control is None)
    assert part.model.unread == {0}
