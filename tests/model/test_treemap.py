"""The geometry of the treemap: areas as weights, nothing overlaps, nothing is outside, and shapes near squares."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.treemap import Box, squarify

AREA = Box(3, 5, 640, 400)
WEIGHTS = st.lists(st.integers(1, 10**15), max_size=60).map(lambda found: sorted(found, reverse=True))


def overlap(one: Box, two: Box) -> float:
    width = min(one.x + one.width, two.x + two.width) - max(one.x, two.x)
    height = min(one.y + one.height, two.y + two.height) - max(one.y, two.y)
    return max(0.0, width) * max(0.0, height)


@given(WEIGHTS, st.sampled_from([AREA, Box(0, 0, 1, 1000), Box(0, 0, 333.3, 77.7)]))
def test_areas_are_as_weights_and_fill_the_box(weights: list[int], area: Box) -> None:
    boxes = squarify(weights, area)
    assert len(boxes) == len(weights)
    total = sum(weights)
    for weight, box in zip(weights, boxes, strict=True):
        assert box.area == pytest.approx(area.area * weight / total, rel=1e-6, abs=1e-6)
        assert box.x >= area.x - 1e-6
        assert box.y >= area.y - 1e-6
        assert box.x + box.width <= area.x + area.width + 1e-6
        assert box.y + box.height <= area.y + area.height + 1e-6
    if weights:
        assert sum(box.area for box in boxes) == pytest.approx(area.area)
    assert all(overlap(one, two) < 1e-3 for one, two in itertools.combinations(boxes, 2))


def test_equal_weights_are_near_squares() -> None:
    for box in squarify([1] * 24, Box(0, 0, 600, 400)):
        assert max(box.width / box.height, box.height / box.width) < 1.6


@pytest.mark.parametrize(("weights", "area"), [([], AREA), ([0, 0], AREA), ([3, 2], Box(0, 0, 0, 10)), ([3], Box(0, 0, 10, 0))])
def test_nothing_to_show_has_no_area(weights: list[int], area: Box) -> None:
    assert [box.area for box in squarify(weights, area)] == [0.0] * len(weights)


def test_an_inset_is_never_less_than_empty() -> None:
    assert Box(0, 0, 10, 4).inset(2, 3, 2, 3) == Box(2, 3, 6, 0)
