"""Small forms: a name, the life of a link, a new object from text."""

from __future__ import annotations

import json
import time
import unicodedata

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from cloudtemple_browser.app.shell import NewObject, RenameQuestion
from cloudtemple_browser.model.addresses import DELIMITER, MAX_KEY_BYTES, is_bucket_name, key_problem
from cloudtemple_browser.model.content_types import TEXT, content_type_of
from cloudtemple_browser.model.text import Count, Moment, Text, translate
from cloudtemple_browser.model.urls import DEFAULT_PRESIGN_SECONDS, MAX_PRESIGN_SECONDS
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import exact_moment_text, moment_text, say
from cloudtemple_browser.ui.text import breakable, label, set_tone, visible

_TITLES = {
    "folder": (translate("dialogs", "New folder"), translate("dialogs", "Create folder"), "folder-plus"),
    "bucket": (translate("dialogs", "New bucket"), translate("dialogs", "Create bucket"), "bucket"),
    "add-bucket": (translate("dialogs", "Add bucket by name"), translate("dialogs", "Add bucket"), "bucket-add"),
}
_ADVICE = {
    "folder": translate(
        "dialogs", "A folder is an empty object whose key ends with “/”. Its name may hold “/” for folders in it."
    ),
    "bucket": translate(
        "dialogs", "3 to 63 lower-case letters, digits and hyphens. Nobody else on the store may have the name."
    ),
    "add-bucket": translate("dialogs", "For a bucket that this key may use but not list. Nothing is sent but the name."),
}


class NameDialog(Dialog[str]):
    """One name, checked as it is typed."""

    def __init__(self, parent: QWidget | None, question: str, taken_prefix: str = "") -> None:
        title, verb, picture = _TITLES[question]
        super().__init__(parent, title)
        self._question, self._prefix = question, taken_prefix
        self.heading(title, picture)
        self.field = QLineEdit(self)
        self.field.setObjectName("name")
        self.field.setAccessibleName(say(translate("dialogs", "Name")))
        self.column.addWidget(self.field)
        self._problem = self.say_line(_ADVICE[question])
        set_tone(self._problem, "muted")
        self._act = self.buttons(verb)
        self._act.setEnabled(False)
        self._act.clicked.connect(self._accept)
        self.field.textChanged.connect(self._check)
        self.field.setFocus()

    def _value(self) -> str:
        text = self.field.text()
        return text.rstrip(DELIMITER) if self._question == "folder" else text.strip()

    def _check(self) -> None:
        problem = _name_problem(self._question, self._value(), self._prefix)
        self._act.setEnabled(bool(self._value()) and problem is None)
        self._problem.setText(say(problem or _ADVICE[self._question]))
        set_tone(self._problem, "danger" if problem and self._value() else "muted")

    def _accept(self) -> None:
        self.give(self._value())


def _name_problem(question: str, name: str, prefix: str) -> Text | None:
    if not name:
        return None
    if question != "folder":
        lower = question == "bucket" and (name != name.lower() or "_" in name or len(name) > 63)
        if lower or not is_bucket_name(name):
            return translate("dialogs", "This cannot be the name of a bucket: 3 to 63 letters, digits and hyphens.")
        return None
    return _key_problem(f"{prefix}{name}{DELIMITER}")


class RenameDialog(Dialog[str]):
    """The new name of an object: its stem is selected, so that the ending stays unless it is meant."""

    def __init__(self, parent: QWidget | None, question: RenameQuestion) -> None:
        super().__init__(parent, translate("dialogs", "Rename"))
        self._prefix = question.prefix
        self.heading(translate("dialogs", "Rename {name}")(name=question.name), "pencil")
        self.field = QLineEdit(question.name, self)
        self.field.setObjectName("name")
        self.field.setAccessibleName(say(translate("dialogs", "Name")))
        self._before = self.field.text()  # without what such a field cannot hold
        self.column.addWidget(self.field)
        self._line = self.say_line(_HOW_RENAMED)
        set_tone(self._line, "muted")
        if question.public:
            self.say_line(translate("dialogs", "Anyone can read it, and still can under its new name. Its old URL ends."))
        self._act = self.buttons(translate("dialogs", "Rename"))
        self._act.setEnabled(False)
        self._act.clicked.connect(lambda: self.give(self.field.text()))
        self.field.textChanged.connect(self._check)
        self.field.setFocus()
        stem = self._before.rpartition(".")[0]
        self.field.setSelection(0, len((stem or self._before).encode("utf-16-le", "surrogatepass")) // 2)

    def _check(self) -> None:
        text = self.field.text()
        problem = _key_problem(f"{self._prefix}{text}")
        if not problem and any(not part for part in text.split(DELIMITER)):
            problem = translate("dialogs", "A name neither begins nor ends with “/”, and has no two of them in a row.")
        self._act.setEnabled(bool(text) and text != self._before and problem is None)
        self._line.setText(breakable(say(problem if problem and text else _HOW_RENAMED)))
        set_tone(self._line, "danger" if problem and text else "muted")


_HOW_RENAMED = translate(
    "dialogs",
    "S3 cannot rename: the object is copied in the store, and the old one deleted once the copy is proven. "
    "A “/” in the name puts it into a folder.",
)


def _key_problem(key: str) -> Text | None:
    if any(unicodedata.category(char) == "Cc" or char in "\u2028\u2029" for char in key):
        return translate("dialogs", "The name holds a line break or another control character.")
    match key_problem(key):
        case "long":
            size = len(key.encode())
            return translate("dialogs", "The key would have {n} bytes; {limit} are allowed.")(n=size, limit=MAX_KEY_BYTES)
        case "surrogate":
            return translate("dialogs", "The name holds a character that cannot be sent.")
    return None


_UNITS = (
    (3600, translate("dialogs", "hours")),
    (86400, translate("dialogs", "days")),
    (60, translate("dialogs", "minutes")),
)


class PresignDialog(Dialog[int]):
    """How long pre-signed URLs live: at most 7 days, and when they end."""

    def __init__(self, parent: QWidget | None, count: int) -> None:
        super().__init__(parent, translate("dialogs", "Copy pre-signed URL"))
        one, many = translate("dialogs", "a pre-signed URL"), translate("dialogs", "{n} pre-signed URLs")
        self.heading(translate("dialogs", "Make {urls}")(urls=Count(count, one, many)), "link-clock")
        self.say_line(
            translate(
                "dialogs",
                "Anyone who has it can read the object until it ends, from addresses that the bucket allows. "
                "It cannot be taken back earlier.",
            )
        )
        self.amount = QSpinBox(self)
        self.amount.setAccessibleName(say(translate("dialogs", "Life")))
        self.unit = QComboBox(self)
        self.unit.setAccessibleName(say(translate("dialogs", "Unit of time")))
        for seconds, words in _UNITS:
            self.unit.addItem(say(words), seconds)
        self.unit.setCurrentIndex(1)
        self._limit()
        self.amount.setValue(DEFAULT_PRESIGN_SECONDS // 86400)
        row = QHBoxLayout()
        row.addWidget(label(say(translate("dialogs", "Valid for"))))
        row.addWidget(self.amount)
        row.addWidget(self.unit)
        row.addStretch(1)
        self.column.addLayout(row)
        self._end = self.say_line("")
        set_tone(self._end, "muted")
        self.unit.currentIndexChanged.connect(self._limit)
        self.amount.valueChanged.connect(self._tell)
        timer = QTimer(self, interval=1000)
        timer.timeout.connect(self._tell)
        timer.start()
        act = self.buttons(translate("dialogs", "Copy URL"))
        act.clicked.connect(lambda: self.give(self._seconds()))
        self._tell()
        self.amount.setFocus()

    def _seconds(self) -> int:
        return int(self.amount.value()) * int(self.unit.currentData())

    def _limit(self) -> None:
        self.amount.setRange(1, MAX_PRESIGN_SECONDS // int(self.unit.currentData()))
        if hasattr(self, "_end"):
            self._tell()

    def _tell(self) -> None:
        end = time.time() + self._seconds()
        words = translate("dialogs", "Ends {end} ({utc}). At most 7 days are possible.")
        self._end.setText(say(words(end=Moment(end), utc=exact_moment_text(end)) if moment_text(end) else words))


_LONG = 100_000  # characters of JSON: more is not checked at each keystroke
_REST = 300  # milliseconds without a keystroke until it is
_TYPES = (TEXT, "application/json", "text/csv", "text/html", "text/markdown", "application/xml", "application/yaml")


class NewObjectDialog(Dialog[NewObject]):
    """A small editor for data that is not a file."""

    def __init__(self, parent: QWidget | None, text: str, prefix: str) -> None:
        super().__init__(parent, translate("dialogs", "New object from text"))
        self._prefix = prefix
        self._type_chosen = False
        self._warned = False
        self._judged = False  # whether the text is as it was when it was checked
        self._json: Text | None = None  # what was wrong with it then
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(lambda: self._check(at_once=True))
        form = QFormLayout()
        self.name = QLineEdit(self)
        self.name.setObjectName("name")
        self.name.setPlaceholderText(say(translate("dialogs", "for example notes.txt or data.json")))
        form.addRow(_caption(translate("dialogs", "&Name"), self.name), self.name)
        self.kind = QComboBox(self)
        self.kind.setObjectName("content-type")
        typed_kind = QLineEdit(self.kind)
        self.kind.setLineEdit(typed_kind)
        self.kind.addItems(list(_TYPES))
        form.addRow(_caption(translate("dialogs", "&Content-Type"), self.kind), self.kind)
        self.column.addLayout(form)
        self.editor = QPlainTextEdit(self)
        self.editor.setObjectName("editor")
        self.editor.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.editor.setAccessibleName(say(translate("dialogs", "Text of the object")))
        self.editor.setPlainText(text)
        self.column.addWidget(self.editor, 1)
        self.problem = self.say_line("")
        set_tone(self.problem, "danger")
        self.public = QCheckBox(say(translate("dialogs", "Public: anyone with the URL can read")), self)
        self.public.setObjectName("public")
        self.column.addWidget(self.public)
        self._act = self.buttons(translate("dialogs", "Store object"))
        self._act.clicked.connect(self._accept)
        if text.lstrip()[:1] in ("{", "[") and _json_problem(text) is None:
            self.kind.setCurrentText("application/json")
        self.name.textEdited.connect(self._name_typed)
        self.name.textChanged.connect(self._check)
        for chosen in (self.kind.activated, typed_kind.textEdited):
            chosen.connect(self._choose_type)
        self.kind.editTextChanged.connect(self._check)
        self.editor.textChanged.connect(self._text_changed)
        self.name.setFocus()
        self.resize(640, 480)
        self._check()

    def _choose_type(self, _choice: object) -> None:
        self._type_chosen = True  # and no name changes it any more

    def reject(self) -> None:
        """Close, but let typed text go only at the second time."""
        if self.editor.document().isModified() and self.editor.toPlainText() and not self._warned:
            self._warned = True
            self._check(at_once=True)  # later it would take the place of these words
            self.problem.setText(say(translate("dialogs", "Cancel once more to throw the text away.")))
            return
        super().reject()

    def _name_typed(self, name: str) -> None:
        if not self._type_chosen and "." in name:
            found = content_type_of(name)
            self.kind.setCurrentText(TEXT if found == "text/plain" else found)

    def _text_changed(self) -> None:
        self._judged = False
        self._check()

    def _check(self, *, at_once: bool = False) -> None:
        """Tell what is wrong; of a long text this is what was wrong with it before, unless ``at_once``."""
        found = self._find_problem(at_once=at_once)
        self._act.setEnabled(bool(self.name.text()) and found is None)
        self.problem.setText(visible(say(found)) if found else "")

    def _find_problem(self, *, at_once: bool) -> Text | None:
        if self.name.text() and (problem := _key_problem(f"{self._prefix}{self.name.text()}")):
            return problem
        kind = self.kind.currentText().strip()
        if "/" not in kind or not kind.isascii() or not kind.isprintable():
            return translate("dialogs", "The Content-Type has the form text/plain.")
        if kind.partition(";")[0].strip() in ("application/json", "text/json"):
            return self._text_problem(at_once=at_once)
        return None

    def _text_problem(self, *, at_once: bool) -> Text | None:
        if not self._judged and not at_once and self.editor.document().characterCount() - 1 > _LONG:
            self._rest.start()
        elif not self._judged:
            self._rest.stop()
            text = self.editor.toPlainText()
            self._json, self._judged = _json_problem(text) if text else None, True
        return self._json

    def _accept(self) -> None:
        self._check(at_once=True)  # a long text may have changed since
        if not self._act.isEnabled():
            return
        body = self.editor.toPlainText().encode("utf-8", "replace")
        self.give(NewObject(self.name.text(), body, self.kind.currentText().strip(), self.public.isChecked()))


def _caption(text: Text, field: QWidget) -> QLabel:
    """The label of a field, which also names it for a screen reader."""
    caption = label(say(text))
    caption.setBuddy(field)
    field.setAccessibleName(say(text).replace("&", ""))
    return caption


def _json_problem(text: str) -> Text | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        words = translate("dialogs", "Not valid JSON at line {line}, column {column}.")
        return words(line=error.lineno, column=error.colno)
    except (RecursionError, ValueError):
        return translate("dialogs", "Not valid JSON: nested too deeply, or a number that is too long.")
    return None
