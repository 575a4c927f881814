"""The byte work of many small transfers at once. The single kinds are in ``work_upload`` and ``work_download``."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled
from cloudtemple_browser.model.steps import Steps, Waiting, aside, finish
from cloudtemple_browser.transfers.ports import ByteStore
from cloudtemple_browser.transfers.retry import of_the_store
from cloudtemple_browser.transfers.work_download import FetchFile, FileFetched, Written, put_all_in_place
from cloudtemple_browser.transfers.work_look import Seen, look_at
from cloudtemple_browser.transfers.work_upload import FileSent, SendFile, needs_look

Small: TypeAlias = SendFile | FetchFile
Outcome: TypeAlias = FileSent | FileFetched | BrowserError

_A_MOMENT_AGO = 0.5  # seconds for which a look at the targets counts


@dataclass(frozen=True, slots=True)
class Batch:
    """Several small transfers: what each returned or raised. ``at_once`` of them wait for their answers at a time.

    A cancelled one ends the rest. After a failure that the next ones would only repeat, nothing more is begun: a store that has
    too many requests gets no more of them. Downloads are put on the disk together: all fsyncs, then all renames, then each
    directory once.
    """

    items: tuple[Small, ...]
    at_once: int = 1

    def run(self, store: ByteStore, control: CallControl) -> tuple[Outcome | None, ...]:
        """See ``Work``. None for what was not begun or broken off; what is whole is kept."""
        return finish(self.steps(store, control))()

    def steps(self, store: ByteStore, control: CallControl) -> Steps[Callable[[], tuple[Outcome | None, ...]]]:
        """The same, but for what keeps a disk busy: that is left to a call."""
        targets = _Targets(self.items, store, control)
        several = _Several(len(self.items), self._steps_of(store, control, targets), self.at_once)
        try:
            while not control.cancelled:
                if targets.is_old and several.has_more:
                    yield from aside(control, targets.look)
                waiting = several.begin(control)
                if waiting is None:
                    break
                several.go_on((yield waiting))
        except Cancelled:
            pass
        finally:
            several.close()
        return lambda: _landed(several.outcomes)

    def _steps_of(self, store: ByteStore, control: CallControl, targets: _Targets) -> Iterator[Steps[Any]]:
        for item in self.items:
            yield item.steps(store, control) if isinstance(item, FetchFile) else item.steps(store, control, targets.etag_of)


class _Several:
    """Small transfers, ``at_once`` of which are under way. Raises ``Cancelled``."""

    def __init__(self, count: int, steps: Iterator[Steps[Any]], at_once: int) -> None:
        self.outcomes: list[Outcome | Written | None] = [None] * count
        self._to_begin, self._left, self._at_once = enumerate(steps), count, at_once
        self._under_way: dict[int, tuple[Steps[Any], Waiting]] = {}

    @property
    def has_more(self) -> bool:
        """Whether one can be begun now."""
        return self._left > 0 and len(self._under_way) < self._at_once

    def begin(self, control: CallControl) -> Waiting | None:
        """Begin as many as may be; what they all wait for now, None at the end."""
        while self.has_more and not control.cancelled:
            self._left -= 1
            self._step(*next(self._to_begin))
        if not self._under_way:
            return None
        waiting = [wait for _, wait in self._under_way.values()]
        return Waiting(tuple(sock for wait in waiting for sock in wait.sockets), min(wait.until for wait in waiting))

    def go_on(self, ready: Sequence[Any] | None) -> None:
        """Let go on what has its answer, or waited for too long; the first one where nobody tells."""
        now, answered = time.monotonic(), frozenset(ready or ())
        for n, (steps, wait) in tuple(self._under_way.items()):
            if ready is None or wait.until <= now or not answered.isdisjoint(wait.sockets):
                del self._under_way[n]
                self._step(n, steps)
                if ready is None:
                    return

    def _step(self, n: int, steps: Steps[Any]) -> None:
        try:
            self._under_way[n] = steps, next(steps)
        except StopIteration as end:
            self.outcomes[n] = end.value
        except BrowserError as error:
            self.outcomes[n] = error
            if of_the_store(error):
                self._left = 0

    def close(self) -> None:
        """Let go of what is still under way."""
        for steps, _ in self._under_way.values():
            with contextlib.suppress(BrowserError):  # a part file that cannot be removed: the others' results count
                steps.close()


def _landed(outcomes: Sequence[Outcome | Written | None]) -> tuple[Outcome | None, ...]:
    placed = iter(put_all_in_place([outcome for outcome in outcomes if isinstance(outcome, Written)]))
    return tuple(next(placed) if isinstance(outcome, Written) else outcome for outcome in outcomes)


class _Targets:
    """What is at the targets of uploads just before they are written, where the store does not keep conditions itself."""

    def __init__(self, items: tuple[Small, ...], store: ByteStore, control: CallControl) -> None:
        self._refs = [item.ref for item in items if isinstance(item, SendFile) and needs_look(item.condition, store)]
        self._store, self._control = store, control
        self._seen, self._when = Seen(), -math.inf

    @property
    def is_old(self) -> bool:
        """Whether a look is due."""
        return bool(self._refs) and time.monotonic() - self._when > _A_MOMENT_AGO

    def look(self) -> None:
        """Look at all of them by one request; what it does not tell is looked at one by one."""
        try:
            self._seen = look_at(self._store, self._refs[0].bucket, [ref.key for ref in self._refs], self._control)
        except BrowserError:
            self._seen = Seen()
        self._when = time.monotonic()

    def etag_of(self, key: str) -> str:
        """The ETag of what is there; "" when nothing is, "?" when that is not known."""
        return "?" if self.is_old else self._seen.etag_of(key)
