"""User-visible text as a value, translated only where it is shown.

The layers without Qt decide *what* is said and the window decides in *which language*. ``translate`` has the name and the
argument order of ``QCoreApplication.translate`` so that Qt's ``lupdate`` finds every source text, in this package and in the
window alike. Pure values: any thread may make and pickle them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeAlias

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a line of plain text does not take over from a stranger: they break, hide or turn it."""


@dataclass(frozen=True, slots=True)
class Size:
    """A number of bytes, shown in the units of the user's settings."""

    bytes: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: seconds since 1970-01-01 UTC, shown in local time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Text:
    """A source text in English with the values of its ``{placeholders}``.

    Values are shown by type: an ``int`` grouped by locale, ``Size``, ``Moment`` and ``Span`` formatted, a ``Text`` or ``Count``
    translated in turn, a ``str`` literally. A ``str`` may be foreign (a key, a server's message): never markup.
    """

    context: str
    source: str
    comment: str = ""
    values: tuple[tuple[str, Value], ...] = ()

    def __call__(self, **values: Value) -> Text:
        """Return the same text with values for its placeholders."""
        return replace(self, values=self.values + tuple(values.items()))

    def __str__(self) -> str:
        """English, for logs and tests."""
        return render_english(self)


@dataclass(frozen=True, slots=True)
class Count:
    """A text that depends on a number: ``one`` for one thing, ``many`` otherwise; both may use ``{n}``.

    English and French each have two forms and differ at zero ("0 objects", « 0 objet »), which the window knows.
    """

    n: int
    one: Text
    many: Text

    def __str__(self) -> str:
        return render_english(self)


Value: TypeAlias = "str | int | float | Size | Moment | Span | Text | Count"


def translate(context: str, source: str, comment: str = "") -> Text:
    """Mark an English source text for translation and return it as a value; it is translated where it is shown."""
    return Text(context, source, comment)


def render_english(value: Value) -> str:
    """Render without Qt: for logs, exceptions and tests."""
    match value:
        case Text():
            return value.source.format(**{name: render_english(item) for name, item in value.values})
        case Count():
            return render_english((value.one if value.n == 1 else value.many)(n=value.n))
        case Size():
            return f"{value.bytes} bytes"
        case Moment() | Span():
            return f"{value.seconds:g} s"
        case _:
            return str(value)
