"""What a store turns out to be like. Nobody declares it: its answers tell, once, and the connection keeps it."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterable

from cloudtemple_browser.model.text import Text, translate


class Trait(enum.Enum):
    """One way in which a store differs from the reference. Values are what the connections file holds."""

    LISTS_FIRST_VERSION = "lists-first-version"
    ONE_BY_ONE = "deletes-one-by-one"
    WANTS_BODY_HASH = "wants-body-hash"
    BARE_ETAGS = "bare-etags"
    KEEPS_CONDITIONS = "keeps-conditions"
    IGNORES_CONDITIONS = "ignores-conditions"
    REFUSES_CONDITIONS = "refuses-conditions"


OF_CONDITIONS = frozenset({Trait.KEEPS_CONDITIONS, Trait.IGNORES_CONDITIONS, Trait.REFUSES_CONDITIONS})

WORDS: dict[Trait, Text] = {
    Trait.LISTS_FIRST_VERSION: translate("traits", "It knows ListObjects only, not ListObjectsV2."),
    Trait.ONE_BY_ONE: translate("traits", "It refuses DeleteObjects: objects are deleted one by one."),
    Trait.WANTS_BODY_HASH: translate("traits", "It wants the SHA-256 of every body signed, over http:// too."),
    Trait.BARE_ETAGS: translate("traits", "It compares ETags without their quotes."),
    Trait.KEEPS_CONDITIONS: translate("traits", "It keeps the condition of a write: what came meanwhile is not replaced."),
    Trait.IGNORES_CONDITIONS: translate(
        "traits", "It does not keep the condition of a write: what is there is looked at just before each one."
    ),
    Trait.REFUSES_CONDITIONS: translate(
        "traits", "It refuses conditional writes: what is there is looked at just before each one."
    ),
}


class Learnt:
    """The traits of one store that are known so far. Thread-safe; observers are called in the thread that learnt."""

    def __init__(self, known: Iterable[Trait] = ()) -> None:
        self._known = set(known)
        self._lock = threading.Lock()
        self._observers: list[Callable[[Trait], None]] = []

    def __contains__(self, trait: Trait) -> bool:
        return trait in self._known

    @property
    def about_conditions(self) -> bool:
        """Whether it is known what the store makes of the condition of a write."""
        return not OF_CONDITIONS.isdisjoint(self._known)

    def add(self, trait: Trait) -> None:
        """The store turned out to be like this; observers hear of it once."""
        with self._lock:
            if trait in self._known or (trait in OF_CONDITIONS and self.about_conditions):
                return
            self._known.add(trait)
            observers = tuple(self._observers)
        for observer in observers:
            observer(trait)

    def watch(self, observer: Callable[[Trait], None]) -> None:
        """Call ``observer`` with each trait that is learnt from now on."""
        with self._lock:
            self._observers.append(observer)
