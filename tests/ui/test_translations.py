"""The French texts: complete, up to date with the sources, true to their placeholders, and set as French is."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QCoreApplication, QXmlStreamReader
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.model.text import Count, Size, Text, translate
from cloudtemple_browser.ui.i18n import language, say, set_binary_units, set_language

ROOT = Path(__file__).resolve().parents[2]
NBSP = "\N{NO-BREAK SPACE}"
PAIRS = Count(2, translate("status", "{n} object"), translate("status", "{n} objects"))


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One entry of the file; ``finished`` is false for what lupdate left to be translated."""

    context: str
    source: str
    comment: str
    french: str = ""
    finished: bool = True


def read(path: Path) -> list[Message]:
    """All messages of a .ts file."""
    found: list[Message] = []
    reader = QXmlStreamReader(path.read_text("utf-8"))
    context = source = comment = ""
    while not reader.atEnd():
        reader.readNext()
        if not reader.isStartElement():
            continue
        match reader.name():
            case "name":
                context = reader.readElementText()
            case "message":
                source = comment = ""
            case "source":
                source = reader.readElementText()
            case "comment":
                comment = reader.readElementText()
            case "translation":
                finished = not reader.attributes().hasAttribute("type")
                found.append(Message(context, source, comment, reader.readElementText(), finished))
    assert not reader.hasError(), reader.errorString()
    return found


@pytest.fixture(scope="module")
def dev() -> ModuleType:
    """The script that makes the files."""
    spec = importlib.util.spec_from_file_location("dev_script_for_translations", ROOT / "packaging" / "dev.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def messages(dev: ModuleType) -> list[Message]:
    """What the repository holds."""
    found = read(dev.FRENCH)
    assert len(found) > 500
    return found


@pytest.fixture
def _english_again(qapp: QApplication) -> Iterator[None]:
    yield
    set_binary_units(False)
    set_language("en")


def qt_tool(name: str, *arguments: str) -> None:
    """Run one of Qt's tools of the environment that runs the tests."""
    command = shutil.which(f"pyside6-{name}", path=Path(sys.executable).parent)
    assert command
    done = subprocess.run([command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def said_in_the_sources() -> set[Message]:
    """Every call of ``translate``; one whose arguments are not plain strings is an error, since lupdate cannot see it."""
    found = set()
    for path in sorted((ROOT / "cloudtemple_browser").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "translate":
                words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                assert len(words) == len(node.args) >= 2, f"{path}:{node.lineno}: {ast.unparse(node)}"
                assert not node.keywords, f"{path}:{node.lineno}: {ast.unparse(node)}"
                found.add(Message(words[0], words[1], words[2] if len(words) > 2 else ""))
    return found


def placeholders(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_the_file_holds_exactly_the_texts_of_the_sources(messages: list[Message]) -> None:
    known = {Message(one.context, one.source, one.comment) for one in messages}
    assert known == said_in_the_sources(), "run: python3 packaging/dev.py translations"


def test_lupdate_finds_nothing_new(dev: ModuleType, messages: list[Message], tmp_path: Path) -> None:
    copy = tmp_path / "app_fr.ts"
    shutil.copy(dev.FRENCH, copy)
    sources = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "cloudtemple_browser").rglob("*.py"))
    qt_tool("lupdate", *dev.LUPDATE_OPTIONS, *sources, "-ts", str(copy))
    assert read(copy) == messages, "run: python3 packaging/dev.py translations"


def test_the_compiled_file_is_made_of_it(dev: ModuleType, tmp_path: Path) -> None:
    made = tmp_path / "app_fr.qm"
    qt_tool("lrelease", str(dev.FRENCH), "-qm", str(made))
    assert made.read_bytes() == dev.FRENCH.with_suffix(".qm").read_bytes(), "run: python3 packaging/dev.py translations"


def test_nothing_is_left_to_translate(messages: list[Message]) -> None:
    assert [one for one in messages if not one.finished or not one.french.strip()] == []


def test_placeholders_are_those_of_the_source(messages: list[Message]) -> None:
    assert [one for one in messages if placeholders(one.source) != placeholders(one.french)] == []


@pytest.mark.usefixtures("_english_again")
def test_every_text_shows_in_both_languages(messages: list[Message]) -> None:
    for choice in ("fr", "en"):
        set_language(choice)
        for one in messages:
            values = {name: f"<{name}>" for name in placeholders(one.source)}
            pattern = one.french if choice == "fr" else one.source
            shown = say(Text(one.context, one.source, one.comment)(**values))
            assert shown == pattern.format(**values)


def test_the_same_words_are_translated_alike(messages: list[Message]) -> None:
    """One English text that is said at several places is one French text."""
    shorter = {("sidebar", "Add bucket by name…"), ("table", "Storage class")}  # where there is little room
    alike: dict[str, set[str]] = {}
    for one in messages:
        if (one.context, one.source) not in shorter:
            alike.setdefault(one.source, set()).add(one.french)
    assert {source: french for source, french in alike.items() if len(french) > 1} == {}


def test_french_punctuation(messages: list[Message]) -> None:
    # A colon counts where a sentence has it, not in "http://" or "host:port".
    wrong = re.compile(rf"(?<!{NBSP})[;?!»]|(?<!{NBSP}):(?=\s|$)|«(?!{NBSP})|['\"“”]|\.\.\.")
    assert [one.french for one in messages if wrong.search(one.french)] == []


def test_french_words_are_the_same_everywhere(messages: list[Message]) -> None:
    """The units are those that are displayed, and a hyphen is a hyphen."""
    assert [one.french for one in messages if re.search(r"\bko\b|\btirets?\b", one.french)] == []


def test_english_punctuation(messages: list[Message]) -> None:
    assert [one.source for one in messages if re.search(rf"['\"{NBSP}]|\.\.\.| [;?!]", one.source)] == []


def test_both_begin_and_end_alike(messages: list[Message]) -> None:
    """What is joined to other words keeps its spaces, and a command that asks first keeps its ellipsis."""

    def ends(text: str) -> tuple[int, bool, str]:
        last = text[-1:] if text[-1:] in ".…:?" else ""
        return len(text) - len(text.lstrip()), text.endswith(" "), last

    assert [one for one in messages if ends(one.source) != ends(one.french)] == []


def test_mnemonics_are_kept_and_differ_within_a_menu_bar_or_form(messages: list[Message]) -> None:
    keys: dict[tuple[str, str], list[str]] = {}
    for one in messages:
        here = [re.findall("&(.)", text) for text in (one.source, one.french)]
        assert [len(letters) for letters in here] in ([0, 0], [1, 1]), one
        for name, letters in zip(("en", "fr"), here, strict=True):
            keys.setdefault((name, one.context), []).extend(letter.lower() for letter in letters)
    used = {where: letters for where, letters in keys.items() if letters}
    assert {("en", "window"), ("fr", "window"), ("en", "connection"), ("fr", "connection")} <= used.keys()
    assert {where: letters for where, letters in used.items() if len(letters) != len(set(letters))} == {}
    assert all(letter.isascii() and letter.isalnum() for letters in used.values() for letter in letters)


@pytest.mark.usefixtures("_english_again")
def test_the_words_of_qt_follow() -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    set_language("fr")
    assert language() == "fr"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Annuler"
    set_language("en")  # there is no file for it, and no warning
    assert language() == "en"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    assert say(PAIRS) == "2 objects"


@pytest.mark.usefixtures("_english_again")
def test_one_thing_is_no_plural_in_french(messages: list[Message]) -> None:
    """Texts that have one form for every number. Those of a ``Count`` have two."""
    set_language("fr")
    alone = ("{found} found", "{n} shown by the filter", "… and {n} more", "{done} of {total} so far")
    chosen = [one for one in messages if any(words in one.source for words in alone)]
    assert len(chosen) > len(alone)
    said = [say(Text(one.context, one.source)(**dict.fromkeys(placeholders(one.source), 1))) for one in chosen]
    assert [text for text in said if re.search(r"1\)? (?!sur)(\w+s)\b", text)] == []


@pytest.mark.usefixtures("_english_again")
def test_french_counts_and_units() -> None:
    set_language("fr")
    assert [say(Count(n, PAIRS.one, PAIRS.many)) for n in (0, 1, 2)] == ["0 objet", "1 objet", "2 objets"]
    sizes = (999, 1_500, 25_000_000, 3 * 10**9, 4 * 10**12, 5 * 10**15)
    decimal = ["999 o", "1,50 Ko", "25,0 Mo", "3,00 Go", "4,00 To", "5,00 Po"]
    assert [say(Size(size)).replace(NBSP, " ") for size in sizes] == decimal
    set_binary_units(True)
    binary = ["1,00 Kio", "1,00 Mio", "1,00 Gio", "1,00 Tio", "1,00 Pio"]
    assert [say(Size(1024**power)).replace(NBSP, " ") for power in range(1, 6)] == binary
