"""The limits of the transfers, in the panel itself: speeds and files at a time, changed while they run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QSize
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.model.settings import MOST_AT_ONCE
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.model.transfers import Limits
from cloudtemple_browser.ui.i18n import number_text, say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.rates import RATES, rate_words
from cloudtemple_browser.ui.text import set_tip

_AT_ONCE = (1, 2, 3, 4, 6, 8, 12, MOST_AT_ONCE)
_UPLOAD = translate("limits", "Upload speed")
_DOWNLOAD = translate("limits", "Download speed")


AskRate: TypeAlias = Callable[[Text, int], Awaitable[int | None]]
"""Asks for a speed limit under a title, with the present one; None when it was cancelled."""


class LimitsButton(QToolButton):
    """Opens the menu of limits; its tool tip says which hold. GUI thread."""

    def __init__(self, app: Application, ask_rate: AskRate, parent: QWidget) -> None:
        super().__init__(parent)
        self._app, self._ask_rate = app, ask_rate
        self.setObjectName("transfers-limits")
        self.setAutoRaise(True)
        self.setText(say(translate("limits", "Limits")))
        self.setIconSize(QSize(16, 16))
        self.setIcon(icon("settings"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        self._forget = app.settings_changed.add(lambda settings: self._follow(settings.limits))
        self._follow(app.settings.limits)

    def release(self) -> None:
        """Stop watching: the window is closed."""
        self._forget()

    def _follow(self, limits: Limits) -> None:
        at_once = translate("limits", "Large files at a time: {n}")(n=limits.at_once)
        lines = [_line(_UPLOAD, limits.upload_rate), _line(_DOWNLOAD, limits.download_rate), say(at_once)]
        set_tip(self, "\n".join(lines))

    def _fill(self) -> None:
        menu, limits = self.menu(), self._app.settings.limits
        menu.clear()
        self._rates(menu, _UPLOAD, "upload_rate", limits.upload_rate)
        self._rates(menu, _DOWNLOAD, "download_rate", limits.download_rate)
        at_once = menu.addMenu(say(translate("limits", "Large files at a time")))
        group = QActionGroup(at_once)
        for n in sorted({*_AT_ONCE, limits.at_once}):
            self._choice(at_once, group, number_text(n), n == limits.at_once, partial(self._set, at_once=n))

    def _rates(self, menu: QMenu, title: Text, name: str, now: int) -> None:
        rates = menu.addMenu(say(title))
        group = QActionGroup(rates)
        for rate in (0, *sorted({*RATES, now} - {0})):
            words = say(rate_words(rate))
            self._choice(rates, group, words, rate == now, partial(self._set, **{name: rate}))
        rates.addSeparator()
        other = rates.addAction(say(translate("limits", "Another speed…")))
        other.triggered.connect(lambda: self._app.background.spawn(self._ask(title, name, now)))

    def _choice(self, menu: QMenu, group: QActionGroup, text: str, chosen: bool, run: Callable[[], None]) -> None:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(chosen)
        action.triggered.connect(lambda _checked=False: run())
        group.addAction(action)

    def _set(self, **limits: int) -> None:
        self._app.change_settings(limits=replace(self._app.settings.limits, **limits))

    async def _ask(self, title: Text, name: str, now: int) -> None:
        rate = await self._ask_rate(title, now)
        if rate is not None:
            self._set(**{name: rate})


def _line(title: Text, rate: int) -> str:
    return say(translate("limits", "{title}: {rate}")(title=title, rate=rate_words(rate)))
