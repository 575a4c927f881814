"""What decides which commands make sense now. Frozen; made anew at every change."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.model.addresses import Location


@dataclass(frozen=True, slots=True)
class SelectionSize:
    """How much is selected; ``bytes`` of the objects, folders not counted."""

    objects: int = 0
    folders: int = 0
    bytes: int = 0

    @property
    def rows(self) -> int:
        """Selected rows."""
        return self.objects + self.folders


@dataclass(frozen=True, slots=True)
class State:
    """The window's state, as far as commands are enabled by it."""

    connections: int = 0
    location: Location | None = None
    phase: Phase = Phase.NOTHING
    selection: SelectionSize = SelectionSize()
    rows: int = 0
    can_go_back: bool = False
    can_go_forward: bool = False
    demo_available: bool = False

    @property
    def connected(self) -> bool:
        """Whether a connection is open."""
        return self.location is not None

    @property
    def in_bucket(self) -> bool:
        """Whether a bucket is open."""
        return self.location is not None and bool(self.location.bucket)

    @property
    def below(self) -> bool:
        """Whether the rows are objects at any depth: the flat view, or what a search found."""
        return self.location is not None and self.location.below is not None

    @property
    def flat(self) -> bool:
        """Whether everything below a prefix is shown."""
        return self.location is not None and self.location.below is not None and self.location.below.everything

    @property
    def searched(self) -> bool:
        """Whether the rows are what a search found."""
        return self.below and not self.flat

    @property
    def on_objects(self) -> bool:
        """Whether at least one object of a bucket is selected."""
        return self.in_bucket and self.selection.objects > 0

    @property
    def on_one_object(self) -> bool:
        """Whether exactly one object, and nothing else, is selected."""
        return self.on_objects and self.selection.rows == 1

    @property
    def on_rows(self) -> bool:
        """Whether at least one object or folder of a bucket is selected."""
        return self.in_bucket and self.selection.rows > 0

    @property
    def on_one_bucket(self) -> bool:
        """Whether one bucket is meant: selected in the list of buckets, or open at its root."""
        if self.location is None:
            return False
        if not self.location.bucket:
            return self.selection.rows == 1
        return not self.location.prefix and not self.selection.rows and not self.below
