"""The geometry of a treemap: rectangles whose areas are as their weights, as square as can be.

After M. Bruls, K. Huizing and J. van Wijk, *Squarified Treemaps* (2000). Pure; linear in the number of weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_THIN = 1e-9  # pixels: what rounding may leave of a side


class Box(NamedTuple):
    """A rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def inset(self, left: float, top: float, right: float, bottom: float) -> Box:
        """The rectangle within margins; never less than empty."""
        return Box(self.x + left, self.y + top, max(0.0, self.width - left - right), max(0.0, self.height - top - bottom))


@dataclass(slots=True)
class _Row:
    """Areas side by side along the shorter side of what is left."""

    areas: list[float]
    total: float = 0.0
    smallest: float = float("inf")
    largest: float = 0.0

    def worst_with(self, area: float, side: float) -> float:
        """The worst ratio of sides in this row if ``area`` (0: none) were added."""
        total = self.total + area
        smallest, largest = (min(self.smallest, area), max(self.largest, area)) if area else (self.smallest, self.largest)
        squared = total * total
        return max(side * side * largest / squared, squared / (side * side * smallest))

    def add(self, area: float) -> None:
        self.areas.append(area)
        self.total += area
        self.smallest, self.largest = min(self.smallest, area), max(self.largest, area)


def squarify(weights: Sequence[float], box: Box) -> list[Box]:
    """One rectangle for each weight (> 0, the largest first), which together fill ``box`` without overlap."""
    total = sum(weights)
    if total <= 0 or box.area <= 0:
        return [Box(box.x, box.y, 0.0, 0.0) for _ in weights]
    scale = box.area / total
    placed: list[Box] = []
    row = _Row([])
    for weight in weights:
        area, side = weight * scale, max(_THIN, min(box.width, box.height))
        if row.areas and row.worst_with(area, side) > row.worst_with(0.0, side):
            box = _place(row, box, placed)
            row = _Row([])
        row.add(area)
    if row.areas:
        _place(row, box, placed, last=True)
    return placed


def _place(row: _Row, box: Box, placed: list[Box], *, last: bool = False) -> Box:
    """Lay a row along the shorter side of ``box`` and return what is left."""
    across = box.width >= box.height  # then the row stands at the left
    side = max(_THIN, box.height if across else box.width)
    depth = (box.width if across else box.height) if last else min(box.width if across else box.height, row.total / side)
    at = 0.0
    for area in row.areas:
        length = side * area / row.total
        placed.append(Box(box.x, box.y + at, depth, length) if across else Box(box.x + at, box.y, length, depth))
        at += length
    if across:
        return Box(box.x + depth, box.y, max(0.0, box.width - depth), box.height)
    return Box(box.x, box.y + depth, box.width, max(0.0, box.height - depth))
