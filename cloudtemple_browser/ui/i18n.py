"""Texts in the user's language, and numbers, sizes and times as that language writes them.

``say`` is the only way from a ``Text`` to a ``str`` in the window. GUI thread; the language is set once for a window's life.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QDateTime, QLibraryInfo, QLocale, QTranslator

from cloudtemple_browser.model.entries import UNKNOWN
from cloudtemple_browser.model.text import Count, Moment, Size, Span, Text, Value, translate
from cloudtemple_browser.ui.resources import resource_path

LANGUAGES = ("en", "fr")
NBSP = "\N{NO-BREAK SPACE}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Current:
    """The language and units of this process."""

    locale = QLocale(QLocale.Language.English)
    binary = False
    translators: tuple[QTranslator, ...] = ()


def system_language() -> str:
    """The first language of the system that this program speaks; English when there is none."""
    for name in QLocale.system().uiLanguages():
        if name[:2] in LANGUAGES:
            return name[:2]
    return "en"


def set_language(choice: str) -> None:
    """Load the translations of ``choice`` ("" for the system's language), Qt's own included."""
    app = QCoreApplication.instance()
    assert app is not None, "needs an application"  # noqa: S101
    for old in _Current.translators:
        app.removeTranslator(old)
    language = choice or system_language()
    system = QLocale.system()
    # The system's own habits (a Swiss or Canadian French) where its language is the chosen one.
    _Current.locale = system if system.name()[:2] == language else QLocale(language)
    QLocale.setDefault(_Current.locale)
    qt, ours = QTranslator(app), QTranslator(app)
    qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    ours.load(str(resource_path("i18n", f"app_{language}.qm")))
    _Current.translators = (qt, ours)
    for translator in _Current.translators:
        app.installTranslator(translator)


def language() -> str:
    """The language in use: "en" or "fr"."""
    return _Current.locale.name()[:2]


def set_binary_units(binary: bool) -> None:
    """Whether sizes are shown in KiB (powers of 1,024) in place of KB."""
    _Current.binary = binary


def say(value: Value) -> str:
    """Translate a text and fill in its values. The result may hold foreign text: plain text only."""
    match value:
        case Text():
            pattern = QCoreApplication.translate(value.context, value.source, value.comment or None)
            return pattern.format(**{name: say(item) for name, item in value.values})
        case Count():
            single = value.n == 1 or (value.n == 0 and language() == "fr")
            return say((value.one if single else value.many)(n=value.n))
        case Size():
            return size_text(value.bytes)
        case Moment():
            return moment_text(value.seconds)
        case Span():
            return span_text(value.seconds)
        case int():
            return number_text(value)
        case float():
            return _Current.locale.toString(value, "f", 1)
        case _:
            return value


def titled(title: Value, value: Value) -> str:
    """A title and what belongs to it, joined by a colon as the language sets it."""
    return say(translate("units", "{title}: {value}")(title=title, value=value))


def number_text(value: int) -> str:
    """A whole number, grouped. Qt's own function takes 64 bits at most, which the sum of what a store claims may exceed."""
    if abs(value) >= 1 << 63:
        return f"{value:,}".replace(",", _Current.locale.groupSeparator())
    return _Current.locale.toString(value)


def size_text(size: int) -> str:
    """A number of bytes with three significant digits, in the units of the settings."""
    if size == UNKNOWN:
        return "?"
    base, units = (1024, _BINARY) if _Current.binary else (1000, _DECIMAL)
    step = 0 if size < base else min(int(math.log(size, base)), len(units) - 1)
    number = size / base**step
    if step and round(number) >= base and step < len(units) - 1:
        number, step = number / base, step + 1
    text = (
        number_text(size)
        if step == 0
        else _Current.locale.toString(number, "f", 2 if number < 9.995 else 1 if number < 99.95 else 0)
    )
    return f"{text}{NBSP}{say(units[step])}"


_DECIMAL = (
    translate("units", "B"),
    translate("units", "KB"),
    translate("units", "MB"),
    translate("units", "GB"),
    translate("units", "TB"),
    translate("units", "PB"),
)
_BINARY = (
    translate("units", "B"),
    translate("units", "KiB"),
    translate("units", "MiB"),
    translate("units", "GiB"),
    translate("units", "TiB"),
    translate("units", "PiB"),
)


def exact_size_text(size: int) -> str:
    """The exact number of bytes, for tool tips and the inspector."""
    if size == UNKNOWN:
        return "?"
    return say(Count(size, translate("units", "{n} byte"), translate("units", "{n} bytes")))


def moment_text(seconds: float) -> str:
    """A point in time in local time: "today 14:03", else the date and time."""
    if seconds == UNKNOWN:
        return "?"
    when = QDateTime.fromSecsSinceEpoch(int(seconds))
    clock = _Current.locale.toString(when.time(), QLocale.FormatType.ShortFormat)
    days = when.date().daysTo(QDateTime.currentDateTime().date())
    if days == 0:
        return say(translate("units", "today {time}")(time=clock))
    if days == 1:
        return say(translate("units", "yesterday {time}")(time=clock))
    return f"{_Current.locale.toString(when.date(), 'd MMM yyyy')} {clock}"


def exact_moment_text(seconds: float) -> str:
    """The full time in UTC, for tool tips and the inspector."""
    # Not fromtimestamp: on Windows it knows nothing before 1970.
    return "?" if seconds == UNKNOWN else f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"


def span_text(seconds: float) -> str:
    """A length of time, to the precision that matters."""
    whole = max(0, round(seconds))
    for size, one, many in _SPANS:
        if whole >= size * 2 or size == 1:
            return say(Count(round(whole / size), one, many))
    raise AssertionError("unreachable")


_SPANS = (
    (86400, translate("units", "{n} day"), translate("units", "{n} days")),
    (3600, translate("units", "{n} hour"), translate("units", "{n} hours")),
    (60, translate("units", "{n} minute"), translate("units", "{n} min")),
    (1, translate("units", "{n} second"), translate("units", "{n} s")),
)
