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
            found = await _once(store, bucket, keys)
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
        if retries.enough(error, number, time.monotonic() - first, answered=lane.successes > seen):
            failed += [(item.key, item.error) for item in passing]
            break
        keys = [item.key for item in passing]
        if lane.trouble is None:
            await asyncio.sleep(retries.delay(number))
        if error.kind not in _NOT_BEGUN:
            await group.may_go(control)
            there = await asyncio.to_thread(_still_there, store, bucket, keys)
            deleted += [key for key in keys if key not in there]
            keys = [key for key in keys if key in there]
        number += 1
    return deleted, failed


async def _once(store: TransferStore, bucket: str, keys: Sequence[str]) -> tuple[KeyFailure, ...]:
    """The keys that one attempt did not delete."""
    try:
        found: tuple[KeyFailure, ...] = await one_work(store, DeleteKeys(bucket, tuple(keys)), Meter())
    except BrowserError as error:
        return tuple(KeyFailure(key, error.facts.code or error.kind.value, error.facts.message, error) for key in keys)
    return found


def _still_there(store: TransferStore, bucket: str, keys: Sequence[str]) -> set[str]:
    """The keys that were not deleted, or of which that is not known: a second deletion could add a second delete marker."""
    found = set()
    for key in keys:
        try:
            store.head_object(ObjectRef(bucket, key))
            found.add(key)
        except BrowserError as error:
            if error.kind is not ErrorKind.NO_OBJECT:
                found.add(key)
    return found
