"""Back and forward, as in a web browser. Pure."""

from __future__ import annotations

from cloudtemple_browser.model.addresses import Location

_LIMIT = 200


class History:
    """The locations that were opened, and where in them the window is."""

    def __init__(self) -> None:
        self._visited: list[Location] = []
        self._at = -1

    def visit(self, location: Location) -> None:
        """Note that ``location`` was opened; what lay forward is forgotten. The same location again changes nothing."""
        if self._at >= 0 and self._visited[self._at] == location:
            return
        self._visited = [*self._visited[: self._at + 1], location][-_LIMIT:]
        self._at = len(self._visited) - 1

    @property
    def can_go_back(self) -> bool:
        """Whether there is a location before this one."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a location after this one."""
        return self._at < len(self._visited) - 1

    def step(self, by: int) -> Location | None:
        """Go ``by`` (-1 or 1) and return the location there, or None at the end."""
        if not 0 <= self._at + by < len(self._visited):
            return None
        self._at += by
        return self._visited[self._at]

    def forget(self, connection_id: str) -> None:
        """Take out the locations of a connection that is deleted."""
        kept = [place for place in self._visited if place.connection_id != connection_id]
        self._visited, self._at = kept, len(kept) - 1
