"""The page of the settings that is about transfers, and the forms that all pages are made of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QFormLayout, QPlainTextEdit, QSpinBox, QTabWidget, QWidget

from cloudtemple_browser.model.settings import MOST_AT_ONCE, Settings
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.transfers import Limits, TransferRules
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.rates import RateField
from cloudtemple_browser.ui.text import label, set_tip


class TransferSettings:
    """The page of the transfers: what it holds is ``limits`` (None while a speed cannot be read) and ``rules``."""

    def __init__(self, form: QFormLayout, now: Settings, parent: QWidget) -> None:
        limits, rules = now.limits, now.rules
        up, down = translate("transfer-settings", "&Upload speed"), translate("transfer-settings", "&Download speed")
        self.upload = RateField(limits.upload_rate, _plain(up), parent)
        self.download = RateField(limits.download_rate, _plain(down), parent)
        form_row(form, up, self.upload)
        form_row(form, down, self.download)
        self.at_once = QSpinBox(parent)
        self.at_once.setRange(1, MOST_AT_ONCE)
        self.at_once.setValue(limits.at_once)
        form_row(form, translate("transfer-settings", "Large &files at a time"), self.at_once)
        self.resume = form_check(
            form, translate("transfer-settings", "&Go on at start with what was interrupted"), rules.resume
        )
        times = translate("transfer-settings", "Keep the &times of files (stored as metadata)")
        self.keep_times = form_check(form, times, rules.keep_times)
        checksum = translate("transfer-settings", "Store the &SHA-256 of uploads as metadata (reads each file once more)")
        self.checksum = form_check(form, checksum, rules.checksum)
        links = translate("transfer-settings", "Upload what symbolic &links point to (else they are left out)")
        self.follow_links = form_check(form, links, rules.follow_links)
        self.excluded = QPlainTextEdit("\n".join(rules.excluded), parent)
        self.excluded.setTabChangesFocus(True)
        self.excluded.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.excluded.setFixedHeight(self.excluded.fontMetrics().lineSpacing() * 4 + 14)
        form_row(form, translate("transfer-settings", "&Never upload"), self.excluded)
        a_line = say(translate("transfer-settings", "One file name a line, like thumbs.db"))
        self.excluded.setPlaceholderText(a_line)
        set_tip(self.excluded, a_line)

    def on_change(self, told: Callable[[], object]) -> None:
        """Call ``told`` when a speed is edited."""
        for field in (self.upload, self.download):
            field.editTextChanged.connect(lambda _text: told())

    @property
    def limits(self) -> Limits | None:
        """The limits, or None while a speed cannot be read."""
        up, down = self.upload.rate, self.download.rate
        return None if up is None or down is None else Limits(up, down, self.at_once.value())

    @property
    def rules(self) -> TransferRules:
        """The rules."""
        names = (name.strip().lower() for name in self.excluded.toPlainText().split("\n"))
        return TransferRules(
            excluded=tuple(dict.fromkeys(name for name in names if name)),
            follow_links=self.follow_links.isChecked(),
            checksum=self.checksum.isChecked(),
            keep_times=self.keep_times.isChecked(),
            resume=self.resume.isChecked(),
        )


def form_page(tabs: QTabWidget, title: Text) -> QFormLayout:
    """A new page with a form."""
    page = QWidget(tabs)
    form = QFormLayout(page)
    form.setVerticalSpacing(8)
    tabs.addTab(page, say(title))
    return form


def _plain(title: Text) -> str:
    """A caption without its mnemonic, for a screen reader."""
    return say(title).replace("&", "")


def form_row(form: QFormLayout, title: Text, field: QWidget) -> None:
    """A captioned field of a form, with a name for a screen reader."""
    field.setAccessibleName(_plain(title))
    caption = label(say(title))
    caption.setBuddy(field)
    form.addRow(caption, field)


def form_check(form: QFormLayout, title: Text, now: bool) -> QCheckBox:
    """A check box of a form."""
    box = QCheckBox(say(title), form.parentWidget())
    box.setChecked(now)
    form.addRow("", box)
    return box
