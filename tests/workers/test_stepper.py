from __future__ import annotations

import math
import queue
import socket
import time
from collections.abc import Iterator

import pytest
from waiting import eventually

from cloudtemple_browser.model.steps import Steps, Waiting
from cloudtemple_browser.workers.stepper import Stepper, readable


class Pair:
    """A socket that somebody waits for, and its other side."""

    def __init__(self) -> None:
        self.mine, self.theirs = socket.socketpair()

    def close(self) -> None:
        self.mine.close()
        self.theirs.close()


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    made = [Pair() for _ in range(3)]
    yield made
    for pair in made:
        pair.close()


@pytest.fixture
def stepper() -> Iterator[Stepper]:
    made = Stepper()
    yield made
    made.close()


class Ends:
    """What work came to its end with, in that order."""

    def __init__(self) -> None:
        self._queue: queue.Queue[tuple[str, object]] = queue.Queue()

    def of(self, name: str) -> object:
        return lambda result, error: self._queue.put((name, error or result))

    def next(self) -> tuple[str, object]:
        return self._queue.get(timeout=10)


def read_one(sock: socket.socket, until: float = math.inf) -> Steps[bytes]:
    yield Waiting((sock,), until)
    return sock.recv(10)


def test_whoever_has_its_answer_goes_on(stepper: Stepper, pairs: list[Pair]) -> None:
    ends = Ends()
    for name, pair in zip("abc", pairs, strict=True):
        stepper.add(read_one(pair.mine), ends.of(name))  # type: ignore[arg-type]
    for at in (2, 0, 1):
        pairs[at].theirs.sendall(b"%d" % at)
        assert ends.next() == ("abc"[at], b"%d" % at)


def test_work_is_told_which_of_its_sockets_can_be_read(stepper: Stepper, pairs: list[Pair]) -> None:
    ends, told = Ends(), list[object]()

    def both() -> Steps[str]:
        sockets = tuple(pair.mine for pair in pairs[:2])
        told.append((yield Waiting(sockets, math.inf)))
        sockets[1].recv(10)
        told.append((yield Waiting(sockets[:1], math.inf)))
        return "done"

    stepper.add(both(), ends.of("both"))  # type: ignore[arg-type]
    pairs[1].theirs.sendall(b"x")
    eventually(lambda: len(told) == 1)
    pairs[0].theirs.sendall(b"x")
    assert ends.next() == ("both", "done")
    assert told == [[pairs[1].mine], [pairs[0].mine]]


def test_what_waited_for_too_long_is_woken_without_an_answer(stepper: Stepper, pairs: list[Pair]) -> None:
    ends = Ends()

    def patient() -> Steps[object]:
        return (yield Waiting((pairs[0].mine,), time.monotonic() + 0.05))

    stepper.add(patient(), ends.of("patient"))  # type: ignore[arg-type]
    assert ends.next() == ("patient", [])


def test_a_failure_is_told_and_concerns_nobody_else(stepper: Stepper, pairs: list[Pair]) -> None:
    ends = Ends()

    def failing() -> Steps[None]:
        yield Waiting((pairs[0].mine,), math.inf)
        raise OSError("no")

    stepper.add(failing(), ends.of("failing"))  # type: ignore[arg-type]
    stepper.add(read_one(pairs[1].mine), ends.of("other"))  # type: ignore[arg-type]
    pairs[0].theirs.close()  # an end can be read, too
    name, error = ends.next()
    assert (name, str(error)) == ("failing", "no")
    pairs[1].theirs.sendall(b"x")
    assert ends.next() == ("other", b"x")


def test_closed_it_does_what_it_has_begun(pairs: list[Pair]) -> None:
    stepper, ends = Stepper(), Ends()
    stepper.add(read_one(pairs[0].mine), ends.of("begun"))  # type: ignore[arg-type]
    stepper.close()
    pairs[0].theirs.sendall(b"x")
    assert ends.next() == ("begun", b"x")
    eventually(lambda: not stepper.is_alive)


def test_a_socket_that_was_closed_under_it_counts_as_one_that_can_be_read(pairs: list[Pair]) -> None:
    pairs[0].mine.close()
    assert readable([pairs[0].mine, pairs[1].mine], 10.0) == {pairs[0].mine}


def test_nothing_can_be_read_in_time(pairs: list[Pair]) -> None:
    assert readable([pairs[0].mine], 0.01) == set()


def test_where_the_system_has_no_poll(pairs: list[Pair], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("select.poll", raising=False)
    pairs[1].theirs.sendall(b"x")
    assert readable([pair.mine for pair in pairs], 10.0) == {pairs[1].mine}
