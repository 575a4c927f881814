"""Deletion: exactly the confirmed keys, in batches, with an exact result for each. The engine's loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import KeyFailure
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.transfers.group import Group
from cloudtemple_browser.transfers.lane import Refused
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.retry import REFUSALS
from cloudtemple_browser.transfers.run import Desk, Meter, is_cancelled, one_work
from cloudtemple_browser.transfers.work_delete import DeleteKeys, KeysDeleted
from cloudtemple_browser.transfers.work_look import look_at

BATCH = 1000  # S3's maximum of keys in one request
AT_ONCE = 4  # requests under way

_UNANSWERED = "DeletionUnanswered"  # a code of our own
_LAST_LOOK = 3.0  # seconds in which the store is asked what a cancelled deletion has done
_LOOKED_AT = 900  # keys that one page of a listing is asked for, and some that may lie among them

Failures = Sequence[tuple[str, BrowserError]]
Told = Callable[[Sequence[str], Failures], None]

# The store did not begin with these: the same request may go again. After any other loss it may have carried it out.
_NOT_BEGUN = REFUSALS | {ErrorKind.DNS, ErrorKind.REFUSED}


class _Batch:
    """Some keys, and what became of them so far. The ``left`` ones are still there, unless a lost request makes that unsure."""

    def __init__(self, bucket: str, keys: Sequence[str]) -> None:
        self.left = list(keys)
        self.deleted: list[str] = []
        self.failed: list[tuple[str, BrowserError]] = []
        self._bucket = bucket
        self._store: TransferStore | None = None
        self._passing: list[tuple[str, BrowserError]] = []  # why some are left
        self._unsure: BrowserError | None = None  # the loss of an earlier request that may have deleted some of these
        self._silent: list[str] = []  # what a request may still delete that is not answered

    async def attempt(self, store: TransferStore, control: CallControl) -> BrowserError | None:
        """Delete what is left, once. Why some still is, as far as that may pass and it was not cancelled."""
        self._store = store
        if self._unsure:
            await self._look(store, self._unsure, control)
        if self.left and not self._unsure:
            await self._delete(store)
        return self._passing[0][1] if self._passing and not control.cancelled else None

    async def _look(self, store: TransferStore, unsure: BrowserError, control: CallControl) -> None:
        looked = await asyncio.to_thread(_look, store, self._bucket, self.left, control)
        if control.cancelled:
            return
        self.left = looked.left
        self.deleted += looked.gone
        self.failed += [(key, unsure) for key in looked.unknown]
        self._passing = [(key, looked.error) for key in self.left if looked.error]
        self._unsure = unsure if self._passing else None

    async def _delete(self, store: TransferStore) -> None:
        keys, self.left, self._silent = self.left, [], self.left
        answer = await _once(store, self._bucket, keys)
        kept = {item.key for item in answer.failed}.union(answer.left, answer.silent)
        self.deleted += [key for key in keys if key not in kept]
        found = [(item.key, item.error) for item in answer.failed]
        self._passing = [(key, error) for key, error in found if _may_pass(error)]
        self.failed += [(key, error) for key, error in found if not _may_pass(error)]
        self.left, self._silent = [*(key for key, _ in self._passing), *answer.left], list(answer.silent)
        self._unsure = next((error for _, error in self._passing if not _not_begun(error)), None)

    def give_up(self) -> None:
        """What is left failed for good."""
        self.failed += self._passing
        self.left = []

    async def settle(self) -> None:
        """Look once at what a cancel left open, and not for long. What is there was not deleted, or, after silence, not yet."""
        if self._store is None or not self._open:
            return
        control, there = CallControl(), dict[str, bool]()
        looking = asyncio.to_thread(_glance, self._store, self._bucket, self._open, there, control)
        try:
            await asyncio.wait_for(looking, _LAST_LOOK)
        except TimeoutError:
            pass  # what was seen until then counts
        finally:
            control.cancel()
        seen = dict(there)
        self.deleted += [key for key in self._open if seen.get(key) is False]
        self.left = [key for key in self.left if key not in seen]
        self._silent = [key for key in self._silent if seen.get(key, True)]

    @property
    def _open(self) -> list[str]:
        """What is deleted or not: nobody knows."""
        return [*(self.left if self._unsure else ()), *self._silent]

    @property
    def unanswered(self) -> Failures:
        """What nobody knows, as failures."""
        return [(key, _unanswered(ObjectRef(self._bucket, key))) for key in self._open]


async def delete(desk: Desk, group: Group, bucket: str, keys: Sequence[str], told: Told, control: CallControl) -> None:
    """Delete ``keys``; ``told`` gets what is gone and what failed, batch by batch. Ends early once ``control`` is cancelled.

    Nothing has happened to the keys that it is not told of then.
    """
    batches = iter([keys[at : at + BATCH] for at in range(0, len(keys), BATCH)])

    async def worker() -> None:
        for some in batches:
            if control.cancelled:
                return
            await _until_cancelled(desk, group, _Batch(bucket, some), told, control)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(worker())


async def _until_cancelled(desk: Desk, group: Group, batch: _Batch, told: Told, control: CallControl) -> None:
    loop = asyncio.get_running_loop()
    attempts = loop.create_task(_attempts(desk, group, batch, control))

    def end() -> None:
        loop.call_soon_threadsafe(attempts.cancel)

    take_back = control.on_cancel(end)
    try:
        try:
            await attempts
        except asyncio.CancelledError:
            if is_cancelled():  # the program ends: there is no time to look
                raise
        await batch.settle()
    finally:
        take_back()
        told(batch.deleted, [*batch.failed, *batch.unanswered])


async def _attempts(desk: Desk, group: Group, batch: _Batch, control: CallControl) -> None:
    lane, retries = group.lane, desk.retries
    number, first, seen = 1, time.monotonic(), lane.successes
    while batch.left:
        await group.may_go(control)
        if control.cancelled:
            return
        try:
            store = await lane.store()
        except Refused:
            continue
        async with lane.slots.take(1 << 20):
            began, successes = time.monotonic(), lane.successes
            error = await batch.attempt(store, control)
        if error is None:
            if not control.cancelled:
                lane.succeeded(0)
            return
        with contextlib.suppress(Refused):
            lane.failed(error, began, successes)
        if error.kind in REFUSALS:
            continue  # until the user has done something about it
        if retries.enough(error, number, time.monotonic() - first, answered=lane.successes > seen):
            batch.give_up()
            return
        if not lane.holds:
            await asyncio.sleep(retries.delay(number))
        number += 1


async def _once(store: TransferStore, bucket: str, keys: Sequence[str]) -> KeysDeleted:
    """What one attempt did."""
    try:
        answer: KeysDeleted = await one_work(store, DeleteKeys(bucket, tuple(keys)), Meter(), to_its_end=True)
    except BrowserError as error:
        told = error.facts.code or error.kind.value
        return KeysDeleted(tuple(KeyFailure(key, told, error.facts.message, error) for key in keys))
    return answer


def _may_pass(error: BrowserError) -> bool:
    return error.retryable or error.offline or error.kind in REFUSALS


def _glance(store: TransferStore, bucket: str, keys: Sequence[str], there: dict[str, bool], control: CallControl) -> None:
    """Note which keys are there: by a page of a listing for many, and one by one where that does not tell."""
    left = sorted(keys)
    with contextlib.suppress(BrowserError, Cancelled):
        with contextlib.suppress(BrowserError):  # a key that may not list may still read
            while left:
                page = look_at(store, bucket, left[:_LOOKED_AT], control)
                told = {key: bool(etag) for key in left if (etag := page.etag_of(key)) != "?"}
                if not told:
                    break
                there.update(told)
                left = [key for key in left if key not in told]
        for key in left:
            there[key] = _is_there(store, ObjectRef(bucket, key), control)


def _unanswered(ref: ObjectRef) -> BrowserError:
    message = "the deletion was cancelled before the store had answered: the object may be gone"
    return BrowserError(ErrorKind.TIMEOUT, ErrorFacts("DeleteObjects", str(ref), code=_UNANSWERED, message=message))


def _not_begun(error: BrowserError) -> bool:
    """Whether a request surely had no effect.

    A refusal for haste is the store's own word only with its code: a gateway says 503 also of what it has passed on and lost.
    """
    return error.kind in _NOT_BEGUN or (error.kind is ErrorKind.THROTTLED and bool(error.facts.code))


@dataclass(frozen=True, slots=True)
class _Looked:
    """What became of keys after a lost answer. ``unknown``: the key may not be asked for; ``error``: nobody answers now."""

    left: list[str]
    gone: list[str]
    unknown: list[str]
    error: BrowserError | None = None


def _look(store: TransferStore, bucket: str, keys: Sequence[str], control: CallControl) -> _Looked:
    """Which keys are left and which are gone: a second deletion of what is gone could add a second delete marker."""
    found = _Looked([], [], [])
    for at, key in enumerate(keys):
        if control.cancelled:
            return replace(found, left=[*found.left, *keys[at:]])
        try:
            (found.left if _is_there(store, ObjectRef(bucket, key), control) else found.gone).append(key)
        except Cancelled:
            return replace(found, left=[*found.left, *keys[at:]])
        except BrowserError as error:
            if error.offline or error.retryable or error.kind in REFUSALS:
                return replace(found, left=[*found.left, *keys[at:]], error=error)
            found.unknown.append(key)
    return found


def _is_there(store: TransferStore, ref: ObjectRef, control: CallControl) -> bool:
    """Whether an object is there: by HEAD, or by its listing where the key may list and not read."""
    try:
        store.head_object(ref, control)
    except BrowserError as error:
        if error.kind is ErrorKind.NO_OBJECT:
            return False
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return ref.key in store.first_page(ref.bucket, ref.key, "", 1, control).result.keys
    return True
