"""Settings, help and about."""

from __future__ import annotations

import platform
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QWidget,
)
from shiboken6 import isValid

from cloudtemple_browser import __version__
from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.table import COMMANDS
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.vault import VaultState, VaultStatus
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.dialogs.transfer_settings import TransferSettings, form_check, form_page, form_row
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import app_icon
from cloudtemple_browser.ui.text import label, set_tone, visible

_LANGUAGES = (
    ("", translate("settings", "As the system")),
    ("en", translate("settings", "English")),
    ("fr", translate("settings", "Français")),
)
_THEMES = (
    ("", translate("settings", "As the system")),
    ("light", translate("settings", "Light")),
    ("dark", translate("settings", "Dark")),
)


class SettingsDialog(Dialog[Settings]):
    """The user's choices; the answer holds the changed ones."""

    def __init__(self, parent: QWidget | None, app: Application) -> None:
        super().__init__(parent, translate("settings", "Settings"))
        now = app.settings
        self._now = now
        self.tabs = tabs = QTabWidget(self)
        tabs.setAccessibleName(say(translate("settings", "Settings")))
        form = form_page(tabs, translate("settings", "General"))
        self.language = self._choice(form, translate("settings", "&Language"), _LANGUAGES, now.language, "language")
        self.theme = self._choice(form, translate("settings", "&Appearance"), _THEMES, now.theme, "theme")
        self.binary = form_check(form, translate("settings", "Sizes in &KiB and MiB (powers of 1,024)"), now.binary_units)
        self.compact = form_check(form, translate("settings", "&Compact rows"), now.compact_rows)
        natural = translate("settings", "Sort names by the &numbers in them (2 before 10)")
        self.natural = form_check(form, natural, now.natural_order)
        ask = translate("settings", "Ask &before every upload, not only before overwriting")
        self.ask_upload = form_check(form, ask, now.ask_before_upload)
        self.transfers = TransferSettings(form_page(tabs, translate("settings", "Transfers")), now, self)
        self.column.addWidget(tabs)
        self._keyring = self.say_line("")
        set_tone(self._keyring, "muted")
        act = self.buttons(translate("settings", "Apply"))
        act.clicked.connect(self._apply)
        self.transfers.on_change(lambda: act.setEnabled(self.transfers.limits is not None))
        self.language.setFocus()
        app.background.spawn(self._tell_keyring(app))

    def _choice(self, form: QFormLayout, title: Text, items: tuple[tuple[str, Text], ...], now: str, name: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        for value, words in items:
            box.addItem(say(words), value)
        box.setCurrentIndex(max(0, box.findData(now)))
        form_row(form, title, box)
        return box

    async def _tell_keyring(self, app: Application) -> None:
        status = await app.accounts.vault_status()
        if isValid(self):  # else it was answered meanwhile
            self._keyring.setText(visible(keyring_line(status)))

    def _apply(self) -> None:
        self.give(
            replace(
                self._now,
                language=self.language.currentData(),
                theme=self.theme.currentData(),
                binary_units=self.binary.isChecked(),
                compact_rows=self.compact.isChecked(),
                natural_order=self.natural.isChecked(),
                ask_before_upload=self.ask_upload.isChecked(),
                limits=self.transfers.limits or self._now.limits,
                rules=self.transfers.rules,
            )
        )


def keyring_line(status: VaultStatus) -> str:
    """Where secret keys are kept, in one sentence."""
    if status.state is VaultState.ABSENT:
        return say(translate("settings", "No usable keyring was found: secret keys are kept for the session only."))
    if status.state is VaultState.LOCKED and not status.name:
        return say(translate("settings", "The keyring does not answer at the moment. It is asked again when a key is needed."))
    return say(translate("settings", "Secret keys are kept in {name}.")(name=status.name))


class ShortcutsDialog(Dialog[bool]):
    """Every command and its keys."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, translate("settings", "Keyboard shortcuts"))
        commands = [command for command in COMMANDS if command.shortcuts]
        table = QTableWidget(len(commands), 2, self)
        table.setAccessibleName(say(translate("settings", "Keyboard shortcuts")))
        table.setHorizontalHeaderLabels([say(translate("settings", "Command")), say(translate("settings", "Keys"))])
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeader().setHighlightSections(False)
        table.verticalHeader().setDefaultSectionSize(26)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        for row, command in enumerate(commands):
            keys = ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in command.shortcuts)
            table.setItem(row, 0, QTableWidgetItem(say(command.title)))
            table.setItem(row, 1, QTableWidgetItem(keys))
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.column.addWidget(table, 1)
        _close_button(self)
        self.resize(560, 560)


class AboutDialog(Dialog[bool]):
    """Version, licence, and what support asks for."""

    def __init__(self, parent: QWidget | None, app: Application) -> None:
        super().__init__(parent, translate("settings", "About Cloud Temple Browser"))
        picture = label(parent=self)
        picture.setPixmap(app_icon().pixmap(QSize(64, 64), self.devicePixelRatioF()))
        self.column.addWidget(picture)
        title = label("Cloud Temple Browser")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        title.setFont(font)
        self.column.addWidget(title)
        self.say_line(
            translate("settings", "A desktop client for Cloud Temple object storage and any other S3 store. MIT licence.")
        )
        facts = (
            f"{__version__} · Python {platform.python_version()} · Qt {qVersion()} · {platform.system()} {platform.release()}"
        )
        self.column.addWidget(label(facts, wrap=True, selectable=True))
        words = translate("settings", "Log: {folder}")(folder=str(app.log_folder))
        self.column.addWidget(label(visible(say(words)), wrap=True, selectable=True))
        self.say_line(
            translate("settings", "Made with Qt and PySide6 under the LGPL version 3, whose libraries may be replaced.")
        )
        _close_button(self)


def _close_button(dialog: Dialog[bool]) -> None:
    box = QDialogButtonBox(dialog)
    close = box.addButton(say(translate("settings", "Close")), QDialogButtonBox.ButtonRole.RejectRole)
    close.setDefault(True)
    close.clicked.connect(dialog.reject)
    dialog.column.addWidget(box)
    close.setFocus()
