"""What no code of the package may say, found in its syntax trees. Each ban has a sample that must be caught."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "cloudtemple_browser"
EVERYWHERE = ("",)


@dataclass(frozen=True, slots=True)
class Ban:
    """Something that must not be said in ``folders`` (below the package), but in the file ``home``."""

    finds: Callable[[ast.AST], bool]
    samples: tuple[str, ...]
    folders: tuple[str, ...] = EVERYWHERE
    home: str = ""


def last_name(node: ast.AST) -> str:
    """``c`` of the expression ``a.b.c`` or ``c``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def calls(*names: str) -> Callable[[ast.AST], bool]:
    """A call of a function, class or method with one of these names."""
    return lambda node: isinstance(node, ast.Call) and last_name(node.func) in names


def makes(*classes: str) -> Callable[[ast.AST], bool]:
    """A use of a class that makes or shows something: a call, an inheritance, or an attribute (a static method)."""

    def finds(node: ast.AST) -> bool:
        if isinstance(node, ast.ClassDef):
            return any(last_name(base) in classes for base in node.bases)
        return calls(*classes)(node) or (isinstance(node, ast.Attribute) and last_name(node.value) in classes)

    return finds


def mentions(name: str) -> Callable[[ast.AST], bool]:
    """Any use or import of a name."""

    def finds(node: ast.AST) -> bool:
        return last_name(node) == name or (isinstance(node, ast.alias) and node.name.rpartition(".")[2] == name)

    return finds


def signal_of_int(node: ast.AST) -> bool:
    """A Qt signal with a C int, which cuts byte counts at 2 GiB."""
    return calls("Signal")(node) and isinstance(node, ast.Call) and any(last_name(argument) == "int" for argument in node.args)


def sleeps(node: ast.AST) -> bool:
    """``time.sleep``, called or imported."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and any(alias.name == "sleep" for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr == "sleep" and last_name(node.value) == "time"


def raw_tip(node: ast.AST) -> bool:
    """A tip that is not made by ``tip`` of ui/text.py on the spot."""
    if not (isinstance(node, ast.Call) and calls("setToolTip", "setStatusTip", "setWhatsThis")(node)):
        return False
    return not (last_name(node.func) == "setToolTip" and node.args and calls("tip")(node.args[-1]))


BANS = {
    # Qt reads text as HTML in these (an object's key could load files or imitate the program): ui/text.py makes them plain.
    "a label that may read HTML": Ban(
        makes("QLabel", "QMessageBox", "QProgressDialog", "QInputDialog", "QErrorMessage"),
        (
            "QLabel(key)",
            "QtWidgets.QLabel()",
            "class Title(QLabel): ...",
            "QMessageBox.warning(self, a, b)",
            "x = QMessageBox(self)",
            "QInputDialog.getText(self, a, b)",
            "QProgressDialog(a, b, 0, 1)",
            "QErrorMessage(self)",
        ),
        folders=("ui",),
        home="ui/text.py",
    ),
    "a tip that may read HTML": Ban(
        raw_tip,
        ("button.setToolTip(key)", "item.setToolTip(0, tip(a) + key)", "self.setStatusTip(key)", "action.setWhatsThis(key)"),
        folders=("ui",),
        home="ui/text.py",
    ),
    # A nested event loop inside a coroutine loses other tasks: open() and a future instead. (Only a drag has no other way; it
    # begins in an event of its own.)
    "a nested event loop": Ban(
        calls("exec", "exec_"),
        ("dialog.exec()", "menu.exec_(place)", "QDrag(self).exec()"),
        folders=("ui", "app"),
        home="ui/views/drag_out.py",
    ),
    "a C int in a signal": Ban(signal_of_int, ("moved = Signal(int)", "moved = QtCore.Signal(str, int)"), folders=("ui",)),
    # It spins the event loop at full speed.
    "asyncClose": Ban(
        mentions("asyncClose"), ("@asyncClose\ndef f(): ...", "from qasync import asyncClose", "qasync.asyncClose(f)")
    ),
    # Nothing can wake it: wait on an event with a timeout. (The demo's store is a process of its own, and what persistence
    # waits for is another program's grip on a file.)
    "time.sleep": Ban(
        sleeps,
        ("time.sleep(1)", "from time import sleep", "wait = time.sleep"),
        folders=("model", "s3", "transfers", "app", "ui"),
    ),
}


def found_in(ban: Ban, source: str) -> list[int]:
    """The lines at which a source text breaks a ban."""
    return [getattr(node, "lineno", 0) for node in ast.walk(ast.parse(source)) if ban.finds(node)]


def sources(ban: Ban) -> Iterator[Path]:
    """The files where a ban is in force."""
    for folder in ban.folders:
        yield from (path for path in (PACKAGE / folder).rglob("*.py") if path != PACKAGE / ban.home)


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name, ban in BANS.items() for sample in ban.samples])
def test_a_ban_catches_its_samples(name: str, sample: str) -> None:
    assert found_in(BANS[name], sample)


@pytest.mark.parametrize("name", BANS)
def test_nobody_breaks_a_ban(name: str) -> None:
    ban = BANS[name]
    files = list(sources(ban))
    broken = [f"{path.relative_to(PACKAGE)}:{line}" for path in files for line in found_in(ban, path.read_text("utf-8"))]
    assert files
    assert not broken, f"{name}: {', '.join(broken)}"


def test_the_homes_of_what_is_banned_elsewhere_exist() -> None:
    homes = {ban.home for ban in BANS.values() if ban.home}
    assert [home for home in homes if not (PACKAGE / home).is_file()] == []


def test_types_and_searches_are_no_use_of_a_class() -> None:
    harmless = "def f(box: QLabel) -> QMessageBox: return box.findChild(QLabel)\nfrom PySide6.QtWidgets import QLabel\n"
    harmless += "item.setToolTip(0, tip(key))"
    assert not any(found_in(ban, harmless) for ban in BANS.values())
