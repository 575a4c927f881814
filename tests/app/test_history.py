"""Back and forward against two stacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.app.history import History
from cloudtemple_browser.model.addresses import Location

PLACES = st.builds(Location, st.sampled_from(["c1", "c2"]), st.sampled_from(["", "b"]), st.sampled_from(["", "p/", "q/"]))
STEPS = st.lists(st.one_of(PLACES, st.sampled_from([-1, 1])), max_size=40)


@given(STEPS)
def test_it_walks_like_two_stacks(steps: list[Location | int]) -> None:
    history = History()
    past: list[Location] = []
    future: list[Location] = []
    for step in steps:
        if isinstance(step, Location):
            history.visit(step)
            if not past or past[-1] != step:
                past.append(step)
                future.clear()
        elif step == -1:
            expected = past[-2] if len(past) > 1 else None
            assert history.step(-1) == expected
            if expected:
                future.append(past.pop())
        else:
            expected = future[-1] if future else None
            assert history.step(1) == expected
            if expected:
                past.append(future.pop())
        assert history.can_go_back is (len(past) > 1)
        assert history.can_go_forward is bool(future)


@given(st.lists(PLACES, max_size=20))
def test_a_deleted_connection_is_nowhere_in_it(places: list[Location]) -> None:
    history = History()
    for place in places:
        history.visit(place)
    history.forget("c1")
    while (place_before := history.step(-1)) is not None:
        assert place_before.connection_id == "c2"
    while (place_after := history.step(1)) is not None:
        assert place_after.connection_id == "c2"


def test_it_does_not_grow_for_ever() -> None:
    history = History()
    for n in range(1000):
        history.visit(Location("c", "b", f"{n}/"))
    steps = 0
    while history.step(-1):
        steps += 1
    assert 100 <= steps < 1000
