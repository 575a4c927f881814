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
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.transfers.group import Group
from cloudtemple_browser.transfers.lane import Refused
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.retry import REFUSALS
from cloudtemple_browser.transfers.run import Desk, Meter, one_work
from cloudtemple_browser.transfers.work_delete import DeleteKeys

BATCH = 1000  # S3's maximum of keys in one request
AT_ONCE = 4  # requests under way

Failures = Sequence[tuple[str, BrowserError]]

# The store did not begin with these: the same request may go again. After any other loss it may have carried it out.
_NOT_BEGUN = frozenset({ErrorKind.DNS, ErrorKind.REFUSED})


async def delete(
    desk: Desk,
    group: Group,
    bucket: str,
    keys: Sequence[str],
    told: Callable[[Sequence[str], Failures], None],
    control: CallControl,
) -> None:
    """Delete ``keys``; ``told`` gets what is gone and what failed, batch by batch. Ends early once ``control`` is cancelled."""
    batches = iter([keys[at : at + BATCH] for at in range(0, len(keys), BATCH)])

    async def worker() -> None:
        for batch in batches:
            await group.may_go(control)
            if control.cancelled:
                return
            deleted, failed = await _batch(desk, group, bucket, batch, control)
            told(deleted, failed)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(worker())


async def _batch(
    desk: Desk, group: Group, bucket: str, keys: Sequence[str], control: CallControl
) -> tuple[list[str], list[tuple[str, BrowserError]]]:
    lane, retries = group.lane, desk.retries
    deleted: list[str] = []
    failed: list[tuple[str, BrowserError]] = []
    number, first, seen = 1, time.monotonic(), lane.successes
    unsure: BrowserError | None = None  # the loss of an earlier request that may have deleted some of them
    while keys:
        await group.may_go(control)
        if control.cancelled:
            break
        try:
            store = await lane.store()
        except Refused:
            continue
        async with lane.slots.take(1 << 20):
            began, successes = time.monotonic(), lane.successes
            lost: BrowserError | None = None
            if unsure:
                looked = await asyncio.to_thread(_look, store, bucket, keys, control)
                keys, lost = looked.left, looked.error
                deleted += looked.gone
                failed += [(key, unsure) for key in looked.unknown]
                if not keys or control.cancelled:
                    break
                unsure = unsure if lost else None
            found = _all_failed(keys, lost) if lost else await _once(store, bucket, keys)
        kept = {item.key for item in found}
        deleted += [key for key in keys if key not in kept]
        passing = [item for item in found if item.error.retryable or item.error.offline or item.error.kind in REFUSALS]
        failed += [(item.key, item.error) for item in found if item not in passing]
        if not passing:
            lane.succeeded(0)
            break
        error = passing[0].error
        with contextlib.suppress(Refused):
            lane.failed(error, began, successes)
        if error.kind in REFUSALS:
            keys = [item.key for item in passing]
            continue  # until the user has done something about it
        if retries.enough(error, number, time.monotonic() - first, answered=lane.successes > seen):
            failed += [(item.key, item.error) for item in passing]
            break
        keys = [item.key for item in passing]
        if lane.trouble is None:
            await asyncio.sleep(retries.delay(number))
        unsure = unsure or (None if _not_begun(error) else error)
        number += 1
    return deleted, failed


async def _once(store: TransferStore, bucket: str, keys: Sequence[str]) -> tuple[KeyFailure, ...]:
    """The keys that one attempt did not delete."""
    try:
        found: tuple[KeyFailure, ...] = await one_work(store, DeleteKeys(bucket, tuple(keys)), Meter())
    except BrowserError as error:
        return _all_failed(keys, error)
    return found


def _all_failed(keys: Sequence[str], error: BrowserError) -> tuple[KeyFailure, ...]:
    return tuple(KeyFailure(key, error.facts.code or error.kind.value, error.facts.message, error) for key in keys)


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
        store.head_object(ref)
    except BrowserError as error:
        if error.kind is ErrorKind.NO_OBJECT:
            return False
        if error.kind is not ErrorKind.ACCESS_DENIED:
            raise
        return ref.key in store.first_page(ref.bucket, ref.key, "", 1, control).result.keys
    return True
