"""The connection form: what it connects to, with which key, where the secret goes, and a test in stages."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from cloudtemple_browser.app.accounts import Accounts
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.commands.why import WHY
from cloudtemple_browser.app.shell import FilledForm, KeyringRefusal, Refusal
from cloudtemple_browser.model.connections import (
    CLOUD_TEMPLE_DOMAIN,
    Addressing,
    Connection,
    SecretText,
    Signature,
    connection_problems,
    endpoint_from_input,
)
from cloudtemple_browser.model.diagnosis import question_about, worth_asking
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.probe import Stage, StageResult
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.traits import WORDS
from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import say, titled
from cloudtemple_browser.ui.icons import icon, pixmap
from cloudtemple_browser.ui.text import label, set_tip, set_tone, visible, visible_lines
from cloudtemple_browser.ui.theme import connection_colour
from cloudtemple_browser.ui.views.sidebar import dot

_STAGES: dict[Stage, Text] = {
    Stage.ADDRESS: translate("connection", "Address"),
    Stage.TLS: translate("connection", "TLS"),
    Stage.CLOCK: translate("connection", "Clock"),
    Stage.KEY: translate("connection", "Key"),
    Stage.LIST: translate("connection", "List"),
}
_SIGNATURES: tuple[tuple[Signature, Text], ...] = (
    (Signature.V4, translate("connection", "V4 (recommended)")),
    (Signature.HYBRID, translate("connection", "V4 to list, V2 for data")),
    (Signature.V2, translate("connection", "V2")),
)
_ADDRESSINGS: tuple[tuple[Addressing, Text], ...] = (
    (Addressing.PATH, translate("connection", "Path: endpoint/bucket/key (recommended)")),
    (Addressing.VIRTUAL, translate("connection", "Virtual-hosted: bucket.endpoint/key")),
)
_COLOURS = 8
_MARK = 20  # pixels: the column of pictures before the results of a test
_KEEP = "\N{BULLET}" * 12  # stands for the saved secret, which is not read into the form


class ConnectionDialog(Dialog[FilledForm]):
    """Makes or edits one connection. The caller saves; nothing is sent but by Test. GUI thread."""

    def __init__(
        self,
        parent: QWidget | None,
        accounts: Accounts,
        background: Background,
        connection: Connection | None = None,
        endpoint: str = "",
        refusal: KeyringRefusal | None = None,
    ) -> None:
        known = connection is not None and accounts.get(connection.id) is not None
        original = accounts.original(connection.id) if connection else None
        title = translate("connection", "Edit connection") if known else translate("connection", "New connection")
        super().__init__(parent, title)
        self._accounts, self._background = accounts, background
        self._has_secret = known or original is not None
        self._base = connection or Connection("", "", "", colour=len(accounts.connections) % _COLOURS)
        if original and not self._base.name:
            self._base = replace(self._base, name=say(translate("connection", "{name} (copy)")(name=original.name)))
        self._tests = 0
        self._waiting = False
        self._problems: dict[str, QLabel] = {}
        self._columns: dict[str, QVBoxLayout] = {}
        self._touched: set[str] = set()
        self._vault: VaultStatus | None = None
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setVerticalSpacing(8)
        self._form.setHorizontalSpacing(12)
        self._make_fields(endpoint)
        if refusal:
            self._show_refusal(refusal)
        self._make_advanced()
        self._results = QVBoxLayout()
        self._results.setSpacing(4)
        inner = QWidget(self)
        inner_column = QVBoxLayout(inner)
        inner_column.setContentsMargins(0, 0, 8, 0)
        inner_column.addLayout(self._form)
        inner_column.addSpacing(8)
        inner_column.addLayout(self._results)
        inner_column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        bar = area.verticalScrollBar()
        bar.rangeChanged.connect(lambda _low, high: bar.setValue(high) if self._results.count() else None)
        self.column.addWidget(area, 1)
        self._make_buttons()
        self.resize(600, 600)
        self._check()
        first = self.session_only if refusal else self.name if not self.name.text() else self.endpoint
        first.setFocus()
        background.spawn(self._ask_vault())

    # ------------------------------------------------------------------------------------------------ fields

    def _make_fields(self, endpoint: str) -> None:
        base = self._base
        self.name = self._field("name", translate("connection", "&Name"), base.name)
        self.name.setPlaceholderText(say(translate("connection", "for example Production")))
        typed = endpoint or base.endpoint
        self.endpoint = self._field("endpoint", translate("connection", "Name&space or endpoint"), typed)
        self.endpoint.setPlaceholderText(say(translate("connection", "my-namespace, or https://s3.example.com")))
        set_tip(
            self.endpoint,
            say(
                translate(
                    "connection",
                    "The console shows the namespace in the details of a bucket. The URL of any S3 store works too.",
                )
            ),
        )
        self._shown_endpoint = label(selectable=True, wrap=True)
        self._shown_endpoint.setObjectName("endpoint-shown")
        set_tone(self._shown_endpoint, "muted")
        self._below("endpoint", self._shown_endpoint)
        self.access_key = self._field("access_key", translate("connection", "&Access key"), base.access_key)
        self.secret = self._field("secret", translate("connection", "Secre&t key"), "")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setPlaceholderText(_KEEP if self._has_secret else "")
        once = translate("connection", "The console shows the secret key only once, when the key is made.")
        kept = translate("connection", "Leave empty to keep the saved secret key.")
        self._below("secret", self._hint(kept if self._has_secret else once))
        self.keyring_line = label(wrap=True)
        set_tone(self.keyring_line, "muted")
        self.keyring_line.setObjectName("keyring-line")
        self.session_only = QCheckBox(say(translate("connection", "Keep the secret key for this session only")), self)
        self.session_only.setObjectName("session-only")
        self.session_only.setChecked(self._accounts.is_session_only(base.id))
        self.session_only.toggled.connect(self._tell_vault)
        self._refusal = label(wrap=True)
        self._refusal.setObjectName("keyring-refusal")
        set_tone(self._refusal, "danger")
        self._refusal.hide()
        self._below("secret", self._refusal)
        self._below("secret", self.keyring_line)
        self._below("secret", self.session_only)
        self._form.addRow(_gap())
        self.bucket = self._field("bucket", translate("connection", "&Bucket (optional)"), base.bucket)
        set_tip(self.bucket, say(translate("connection", "For a key that may use one bucket and not list all of them.")))
        self.prefix = self._field("prefix", translate("connection", "&Prefix (optional)"), base.prefix)
        self.prefix.setPlaceholderText(say(translate("connection", "folder/ where the connection opens")))

    def _make_advanced(self) -> None:
        base = self._base
        self._advanced = QToolButton(self)
        self._advanced.setText(say(translate("connection", "Advanced")))
        self._advanced.setCheckable(True)
        self._advanced.setAutoRaise(True)
        self._advanced.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._advanced.setObjectName("advanced")
        self._advanced.toggled.connect(self._show_advanced)
        self._advanced.setProperty("disclosure", True)
        self._advanced.setIconSize(QSize(16, 16))
        self._form.addRow(self._advanced)
        first = self._form.rowCount()
        self.region = self._field("region", translate("connection", "&Region"), base.region)
        self.addressing = self._choice(translate("connection", "Addressin&g"), [say(text) for _value, text in _ADDRESSINGS])
        self.addressing.setCurrentIndex([value for value, _text in _ADDRESSINGS].index(base.addressing))
        self.signature = self._choice(translate("connection", "S&ignature"), [say(text) for _value, text in _SIGNATURES])
        self.signature.setCurrentIndex([value for value, _text in _SIGNATURES].index(base.signature))
        browse = QPushButton(say(translate("connection", "Choose…")), self)
        browse.setAutoDefault(False)
        browse.clicked.connect(self._choose_ca)
        self.ca_bundle = self._field("ca_bundle", translate("connection", "&CA bundle"), base.ca_bundle, browse)
        self.ca_bundle.setPlaceholderText(say(translate("connection", "a PEM file, besides the system’s authorities")))
        self.proxy = self._field("proxy", translate("connection", "Pro&xy"), base.proxy)
        self.proxy.setPlaceholderText(say(translate("connection", "http://host:port; empty for the system’s")))
        self.colour = self._choice(translate("connection", "Co&lour"), [""] * _COLOURS)
        for at in range(_COLOURS):
            self.colour.setItemIcon(at, dot(connection_colour(at)))
            self.colour.setItemText(at, say(translate("connection", "Colour {n}")(n=at + 1)))
        self.colour.setCurrentIndex(base.colour % _COLOURS)
        self.allow_http = QCheckBox(say(translate("connection", "Allow http:// (unencrypted) for this connection")), self)
        self.allow_http.setObjectName("allow-http")
        self.allow_http.setChecked(base.allow_http)
        self.allow_http.toggled.connect(self._check)
        self._form.addRow("", self.allow_http)
        if base.traits:
            self._form.addRow(label(say(translate("connection", "Learnt about it"))), self._make_traits())
        self._advanced_rows = range(first, self._form.rowCount())
        plain = Connection("", "", "")
        special = (base.region, base.addressing, base.signature, base.ca_bundle, base.proxy, base.allow_http)
        usual = (plain.region, plain.addressing, plain.signature, plain.ca_bundle, plain.proxy, plain.allow_http)
        self._advanced.setChecked(special != usual)
        self._show_advanced(self._advanced.isChecked())

    def _make_traits(self) -> QHBoxLayout:
        """What the store turned out to be like, and a way to find out anew."""
        self._traits = label(
            visible_lines("\n".join(f"\N{BULLET} {say(WORDS[trait])}" for trait in self._base.traits)),
            wrap=True,
            selectable=True,
        )
        self._traits.setObjectName("traits")
        set_tone(self._traits, "muted")
        forget = QPushButton(say(translate("connection", "Forget")), self)
        forget.setObjectName("forget-traits")
        forget.setAutoDefault(False)
        set_tip(forget, say(translate("connection", "The store has changed: find out anew what it is like.")))

        def forgotten() -> None:
            self._base = replace(self._base, traits=())
            self._traits.setText(say(translate("connection", "Once saved, it is found out anew.")))
            self.save.setFocus()
            forget.setEnabled(False)

        forget.clicked.connect(forgotten)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._traits, 1)
        row.addWidget(forget, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _field(self, name: str, title: Text, value: str, beside: QWidget | None = None) -> QLineEdit:
        """A line with its label and, below, room for what is wrong with it."""
        field = QLineEdit(value, self)
        field.setObjectName(name)
        field.setAccessibleName(say(title).replace("&", ""))
        field.textEdited.connect(lambda _text: self._edited(name))
        caption = label(say(title))
        caption.setBuddy(field)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(field, 1)
        if beside:
            row.addWidget(beside)
        problem = label(wrap=True)
        problem.setObjectName(f"{name}-problem")
        set_tone(problem, "danger")
        problem.hide()
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(problem)
        self._form.addRow(caption, column)
        self._columns[name] = column
        self._problems[name] = problem
        return field

    def _below(self, name: str, widget: QWidget) -> None:
        """Add what belongs to a field closely below it."""
        self._columns[name].addWidget(widget)

    def _choice(self, title: Text, items: list[str]) -> QComboBox:
        box = QComboBox(self)
        box.addItems(items)
        box.setAccessibleName(say(title).replace("&", ""))
        caption = label(say(title))
        caption.setBuddy(box)
        self._form.addRow(caption, box)
        return box

    def _hint(self, text: Text) -> QLabel:
        hint = label(say(text), wrap=True)
        set_tone(hint, "muted")
        return hint

    def _show_advanced(self, shown: bool) -> None:
        self._advanced.setIcon(icon("chevron-down" if shown else "chevron-right"))
        for row in self._advanced_rows:
            self._form.setRowVisible(row, shown)
        self._show_problems()

    def _choose_ca(self) -> None:
        dialog = QFileDialog(self, say(translate("connection", "Choose a CA bundle")))
        dialog.setNameFilter("PEM (*.pem *.crt *.cer);;* (*)")
        dialog.fileSelected.connect(self._ca_chosen)
        dialog.open()

    def _ca_chosen(self, path: str) -> None:
        self.ca_bundle.setText(path)
        self._edited("ca_bundle")

    # ------------------------------------------------------------------------------------------------ values and checks

    def connection(self) -> Connection:
        """The connection as filled in. Of another store nothing is known."""
        endpoint = endpoint_from_input(self.endpoint.text())
        return replace(
            self._base,
            name=self.name.text().strip(),
            endpoint=endpoint,
            traits=self._base.traits if endpoint == self._base.endpoint else (),
            access_key=self.access_key.text().strip(),
            region=self.region.text().strip(),
            addressing=_ADDRESSINGS[self.addressing.currentIndex()][0],
            signature=_SIGNATURES[self.signature.currentIndex()][0],
            bucket=self.bucket.text().strip(),
            prefix=self.prefix.text(),
            ca_bundle=self.ca_bundle.text().strip(),
            proxy=self.proxy.text().strip(),
            allow_http=self.allow_http.isChecked(),
            colour=self.colour.currentIndex(),
        )

    def _secret(self) -> SecretText | None:
        """The secret that was typed; None keeps the saved one."""
        text = self.secret.text().strip()
        return SecretText(text) if text or not self._has_secret else None

    def _edited(self, name: str) -> None:
        self._touched.add(name)
        self._check()

    def _check(self) -> None:
        self._tests += 1  # results of a test of other values are void
        endpoint = endpoint_from_input(self.endpoint.text())
        cloud_temple = endpoint.endswith(f".{CLOUD_TEMPLE_DOMAIN}")
        pattern = (
            translate("connection", "Cloud Temple endpoint: {url}")
            if cloud_temple
            else translate("connection", "Endpoint: {url}")
        )
        self._shown_endpoint.setText(visible(say(pattern(url=endpoint))) if endpoint else "")
        self._shown_endpoint.setVisible(bool(endpoint))
        self._show_problems()

    def _find_problems(self) -> dict[str, Text]:
        secret = self._secret()
        stand_in = SecretText("kept") if secret is None else secret
        return connection_problems(self.connection(), self.endpoint.text(), stand_in)

    def _show_problems(self) -> dict[str, Text]:
        """Say what is wrong at the fields that were filled in; all of them after Save or Test."""
        found = self._find_problems()
        for name, shown in self._problems.items():
            text = found.get(name) if name in self._touched else None
            hidden = self._advanced_hidden(name)
            shown.setText(say(text) if text else "")
            field = self.findChild(QLineEdit, name)
            if field is not None:
                set_tone(field, "danger" if text else "")
            shown.setVisible(bool(text) and not hidden)
        return found

    def _advanced_hidden(self, name: str) -> bool:
        return name in ("region", "ca_bundle", "proxy") and not self._advanced.isChecked()

    def _complete(self) -> bool:
        self._touched = set(self._problems)
        found = self._show_problems()
        if not found:
            return True
        first = next(name for name in self._problems if name in found)
        if self._advanced_hidden(first):
            self._advanced.setChecked(True)
        field = self.findChild(QLineEdit, first)
        if field is not None:
            field.setFocus()
        return False

    # ------------------------------------------------------------------------------------------------ keyring

    def _show_refusal(self, refusal: KeyringRefusal) -> None:
        """Say above the choice of another place why the keyring did not take the secret, which is still in the form."""
        self.secret.setText(refusal.secret.reveal() if refusal.secret else "")
        # As it was chosen: a typed secret was for the keyring, the saved one of a connection for where it is not yet.
        moving = refusal.secret is None and self._accounts.get(self._base.id) is not None
        self.session_only.setChecked(moving and not self._accounts.is_session_only(self._base.id))
        words = explain(refusal.error)
        self._refusal.setText(visible_lines(f"{titled(say(words.what), say(words.why))} {say(words.todo)}"))
        self._refusal.show()

    async def _ask_vault(self) -> None:
        status = await self._accounts.vault_status()
        if not isValid(self):  # answered meanwhile
            return
        self._vault = status
        if self._vault.state is VaultState.ABSENT:
            self.session_only.setChecked(True)
            self.session_only.setEnabled(False)
        self._tell_vault()

    def _tell_vault(self) -> None:
        if self._vault is None:
            return
        match self._vault.state:
            case VaultState.ABSENT:
                text = translate(
                    "connection",
                    "No usable keyring was found on this computer. "
                    "The secret key is kept in memory until the program ends, never in a file.",
                )
            case _ if self.session_only.isChecked():
                text = translate("connection", "The secret key is kept in memory until the program ends, never in a file.")
            case VaultState.LOCKED if not self._vault.name:
                text = translate(
                    "connection",
                    "The keyring does not answer at the moment. It is asked again when you save; "
                    "until it answers, the secret key can be kept for this session only.",
                )
            case VaultState.LOCKED:
                text = translate("connection", "The secret key is kept in {name}, which will ask to be unlocked.")(
                    name=self._vault.name
                )
            case _:
                text = translate("connection", "The secret key is kept in {name} and nowhere else.")(name=self._vault.name)
        self.keyring_line.setText(visible(say(text)))

    # ------------------------------------------------------------------------------------------------ test and save

    def _make_buttons(self) -> None:
        box = QDialogButtonBox(self)
        # ResetRole: on its own side, away from the answer.
        self.test = box.addButton(say(translate("connection", "Test")), QDialogButtonBox.ButtonRole.ResetRole)
        self.test.setObjectName("test")
        cancel = box.addButton(say(translate("dialogs", "Cancel")), QDialogButtonBox.ButtonRole.RejectRole)
        self.save = box.addButton(say(translate("connection", "Save and open")), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setObjectName("save")
        for button in (self.test, cancel):
            button.setAutoDefault(False)
        self.save.setDefault(True)
        self.test.clicked.connect(self._test)
        cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._save)
        self.column.addWidget(box)

    def _save(self) -> None:
        if self._complete():
            self.give(FilledForm(self.connection(), self._secret(), self.session_only.isChecked()))

    def _test(self) -> None:
        if not self._complete():
            return
        self._clear_results()
        self._tests += 1
        self.test.setEnabled(False)
        self._waiting = True
        self._line("more", say(translate("connection", "Testing…")), "muted")
        self._background.spawn(self._run_test(self._tests))

    async def _run_test(self, number: int) -> None:
        loop = asyncio.get_running_loop()

        def report(result: StageResult) -> None:  # in a worker thread
            loop.call_soon_threadsafe(self._show_result, number, result)

        try:
            await self._accounts.probe(self.connection(), self._secret(), report)
        except BrowserError as error:
            self._show_result(number, StageResult(Stage.KEY, error))
        finally:
            if isValid(self):
                self.test.setEnabled(True)
                if number != self._tests:
                    self._clear_results()

    def _show_result(self, number: int, result: StageResult) -> None:
        if number != self._tests or not isValid(self):
            return
        if self._waiting:
            self._waiting = False
            self._clear_results()
        stage = say(_STAGES[result.stage])
        if result.error is None:
            text = titled(stage, result.note) if result.note else stage
            self._line("minus" if result.skipped else "success", text, "")
            return
        words = explain(result.error)
        self._line("error", titled(stage, words.what), "danger")
        self._line("", f"{say(words.why)} {say(words.todo)}", "")
        if result.error.kind is ErrorKind.CHECKSUM_STYLE:
            self._advanced.setChecked(True)
        if result.error.facts != ErrorFacts():
            details = " · ".join(titled(name, value) for name, value in result.error.detail_rows)
            self._line("", details, "muted")
        if worth_asking(result.error):
            self._offer_why(result.error)

    def _line(self, picture: str, text: str, tone: str) -> None:
        row = QHBoxLayout()
        mark = label(parent=self)
        mark.setFixedWidth(_MARK)
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        if picture:
            role = {"success": "success", "error": "danger"}.get(picture, "muted")
            mark.setPixmap(pixmap(picture, 16, self.devicePixelRatioF(), role))  # type: ignore[arg-type]
        words = label(visible_lines(text), wrap=True, selectable=True)
        words.setObjectName("test-result")
        set_tone(words, tone)
        row.addWidget(mark)
        row.addWidget(words, 1)
        holder = QWidget(self)
        holder.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self._results.addWidget(holder)

    def _offer_why(self, error: BrowserError) -> None:
        asker = QPushButton(say(WHY), self)
        asker.setObjectName("test-why")
        asker.setAutoDefault(False)
        asker.clicked.connect(lambda: self._background.spawn(self._ask_why(error)))
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(_MARK + row.spacing(), 0, 0, 0)  # below the words, not below the picture
        row.addWidget(asker)
        row.addStretch(1)
        self._results.addWidget(holder)

    async def _ask_why(self, error: BrowserError) -> None:
        """Look into the connection as filled in, if it is."""
        from cloudtemple_browser.ui.dialogs.why import WhyDialog

        if not self._complete():
            return
        connection = self.connection()
        question = question_about(error, connection.bucket, connection.prefix)
        await WhyDialog(self, Refusal(connection, question, self._secret()), self._accounts.diagnose, self._background).ask()

    def _clear_results(self) -> None:
        while self._results.count():
            item = self._results.takeAt(0)
            if item and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()


def _gap() -> QWidget:
    """Room between two groups of fields: with the spacing above and below, 16 pixels."""
    gap = QWidget()
    gap.setFixedHeight(0)
    return gap
