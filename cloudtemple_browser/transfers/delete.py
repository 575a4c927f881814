"""Deletion: exactly the confirmed keys, in batches, with an exact result for each. The engine's loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import KeyFailure
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
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
_NOT_BEGUN = frozenset({ErrorKind.THROTTLED, ErrorKind.DNS, ErrorKind.REFUSED})


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
    unsure = False  # whether an earlier request may have deleted some of them
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
                keys, gone, lost = await asyncio.to_thread(_look, store, bucket, keys, control)
                deleted += gone
                if not keys or control.cancelled:
                    break
                unsure = lost is not None
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
        unsure = unsure or error.kind not in _NOT_BEGUN
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


def _look(
    store: TransferStore, bucket: str, keys: Sequence[str], control: CallControl
) -> tuple[list[str], list[str], BrowserError | None]:
    """Which keys are left and which are gone, after a lost answer; the error when the store cannot be asked about them all.

    A second deletion of what is gone could add a second delete marker.
    """
    left: list[str] = []
    gone: list[str] = []
    for at, key in enumerate(keys):
        if control.cancelled:
            return [*left, *keys[at:]], gone, None
        try:
            store.head_object(ObjectRef(bucket, key))
        except BrowserError as error:
            if error.kind is ErrorKind.NO_OBJECT:
                gone.append(key)
                continue
            if error.offline or error.retryable or error.kind in REFUSALS:
                return [*left, *keys[at:]], gone, error
        left.append(key)
    return left, gone, None
