"""The tiles of a treemap, as values: what each stands for and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.model.text import Count, Size, Text, translate
from cloudtemple_browser.ui.i18n import number_text, say, size_text
from cloudtemple_browser.ui.text import visible

PLAIN_TONE = 7
"""The colour of what has none: the tones below it only tell neighbours apart."""
RAMP_TONE = PLAIN_TONE + 1
"""The first of the tones for an order, from young to old: ``RAMP_TONE + n``."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One rectangle, as large as its ``bytes`` (or ``objects``) are a part of the ``total``.

    ``key`` says what it stands for ("" with ``others``: nothing that can be opened). ``name`` may be foreign; ``kind`` tells
    more of it. Words are made when they are shown: there may be thousands of tiles, of which few are large enough for words.
    """

    key: str
    name: str
    objects: int
    bytes: int
    by_bytes: bool
    total: int
    tone: int = PLAIN_TONE
    opens: bool = False
    others: bool = False
    kind: Text | None = None
    parts: tuple[Tile, ...] = ()

    @property
    def weight(self) -> int:
        """What its area stands for."""
        return self.bytes if self.by_bytes else self.objects

    @property
    def caption(self) -> str:
        """How much, in short."""
        return size_text(self.bytes) if self.by_bytes else number_text(self.objects)

    @property
    def share(self) -> str:
        """How large a part of everything."""
        return share_text(self.weight, self.total)

    @property
    def summary(self) -> str:
        """The whole story, for the pointer and for screen readers."""
        objects = Count(self.objects, translate("storage", "{n} object"), translate("storage", "{n} objects"))
        name = visible(self.name) if self.kind is None else f"{visible(self.name)} ({say(self.kind)})"
        words = translate("storage", "{name}: {size}, {objects}, {share}")
        return say(words(name=name, size=Size(self.bytes), objects=objects, share=self.share))


def share_text(weight: int, total: int) -> str:
    """A part of a whole as a percentage."""
    percent = 100 * weight / total if total else 0.0
    if 0 < percent < 0.1:
        return say(translate("storage", "under {n}%")(n=0.1))
    return say(translate("storage", "{n}%")(n=percent if percent < 9.95 else round(percent)))
