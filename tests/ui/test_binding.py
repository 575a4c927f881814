"""The one pair of PySide6 and Python that kills the process is refused with a sentence."""

from __future__ import annotations

import pytest

from cloudtemple_browser.ui.binding import binding_problem


@pytest.mark.parametrize("python", [(3, 10), (3, 11)])
def test_the_deadly_pair_is_refused(python: tuple[int, int]) -> None:
    problem = binding_problem("6.12.0", python)
    assert "6.12.0" in problem
    assert f"{python[0]}.{python[1]}" in problem


@pytest.mark.parametrize(("pyside", "python"), [("6.12.0", (3, 12)), ("6.12.1", (3, 11)), ("6.11.3", (3, 11))])
def test_other_pairs_are_not(pyside: str, python: tuple[int, int]) -> None:
    assert binding_problem(pyside, python) == ""


def test_this_environment_is_a_good_one() -> None:
    assert binding_problem() == ""
