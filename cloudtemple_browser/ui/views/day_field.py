"""A field for a day."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QDateTime, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QMenu, QToolButton, QWidget, QWidgetAction

from cloudtemple_browser.model.quantities import parse_day
from cloudtemple_browser.model.text import Text, translate
from cloudtemple_browser.ui.i18n import say
from cloudtemple_browser.ui.icons import icon
from cloudtemple_browser.ui.text import set_tip, set_tone
from cloudtemple_browser.ui.views.location_bar import EscapeField

_CALENDAR = 340  # pixels: the names of the days fit


class DayField(EscapeField):
    """A day: typed as a date or as a span back from today, or chosen in a calendar (Down, or its button)."""

    def __init__(self, parent: QWidget, name: str, spoken: Text, example: Text) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(say(spoken))
        self.setPlaceholderText(say(example))
        set_tip(self, say(translate("search", "2026-11-30, or a time back from today such as 7 days")))
        self.setMinimumWidth(90)
        choose = self.addAction(icon("calendar", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        choose.setText(say(translate("search", "Choose a day")))
        set_tip(choose, say(translate("search", "Choose a day")))
        choose.triggered.connect(self.choose)

    def choose(self) -> None:
        """Open the calendar below the field."""
        menu = QMenu(self)
        calendar = QCalendarWidget(menu)
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        calendar.setMinimumWidth(_CALENDAR)
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):  # red is for failures here
            calendar.setWeekdayTextFormat(day, calendar.weekdayTextFormat(Qt.DayOfWeek.Monday))
        calendar.setSelectedDate(self.day() or QDate.currentDate())
        for name, arrow in (("qt_calendar_prevmonth", "arrow-left"), ("qt_calendar_nextmonth", "arrow-right")):
            button = calendar.findChild(QToolButton, name)
            if button:  # Qt's own arrows are black
                button.setIcon(icon(arrow))
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(calendar)
        menu.addAction(holder)
        for chosen in (calendar.activated, calendar.clicked):
            chosen.connect(self._chosen)
            chosen.connect(lambda _day: menu.close())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        calendar.setFocus()

    def _chosen(self, day: QDate) -> None:
        self.setText(day.toString(Qt.DateFormat.ISODate))
        set_tone(self, "")

    def day(self) -> QDate | None:
        """The day, or None where the text is none."""
        today = QDate.currentDate()
        day = parse_day(self.text(), date(today.year(), today.month(), today.day()))
        return QDate(day.year, day.month, day.day) if day else None

    def show_seconds(self, seconds: int | None) -> None:
        """Show the day in which a time lies."""
        day = None if seconds is None else QDateTime.fromSecsSinceEpoch(seconds).date()
        self.setText(day.toString(Qt.DateFormat.ISODate) if day else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.choose()
            return
        super().keyPressEvent(event)
