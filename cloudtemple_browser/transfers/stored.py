"""What is seen to once an upload is stored: that it has its own key, and that it is public where that was asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef, is_odd
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ListingPage
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.transfers.ports import TransferStore
from cloudtemple_browser.transfers.run import Outcome, Run

log = logging.getLogger(__name__)


async def published(run: Run, ref: ObjectRef, outcome: Outcome) -> Outcome:
    """The outcome, once the store lists the object under its own key, and with whether it is public where that was asked for.

    Raises RENAMED. Some stores forget the ACL of a multipart upload: then it is set once more. A store may refuse: the object
    stays stored either way.
    """
    if outcome.skipped:
        return outcome
    if is_odd(ref.key):
        await _listed(run, ref)
    acl = run.record.job.options.acl
    if not acl:
        return outcome
    public = await _is_public(run, ref, acl)
    return replace(outcome, public=public, not_public=not public)


async def _listed(run: Run, ref: ObjectRef) -> None:
    """Raise RENAMED when an object was stored under another key: some stores take ``a//b`` for ``a/b``."""

    def first(store: TransferStore) -> Sequence[str]:
        page: ListingPage = store.first_page(ref.bucket, ref.key, "", 1, CallControl()).result
        return page.keys

    try:
        keys = await run.call(first)
    except BrowserError as error:
        log.warning("the key of %s is not confirmed: %s", ascii(str(ref)), error.kind.value)
        return
    if ref.key not in keys:
        raise BrowserError(ErrorKind.RENAMED, ErrorFacts("ListObjectsV2", str(ref)))


async def _is_public(run: Run, ref: ObjectRef, acl: CannedAcl) -> bool:
    """Whether the object opens without a key: an ACL is not the only rule, and some stores keep one and do not follow it."""
    try:
        if await run.call(lambda store: store.readable_by_anyone(ref)):
            return True
        if not (await run.call(lambda store: store.read_acl(ref))).public:
            await run.call(lambda store: store.write_acl(ref, acl))
            return await run.call(lambda store: store.readable_by_anyone(ref))
    except BrowserError as error:
        log.warning("whether %s is public is not known: %s", ascii(str(ref)), error.kind.value)
    return False
