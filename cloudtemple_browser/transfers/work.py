"""The byte work of many small transfers at once. The single kinds are in ``work_upload`` and ``work_download``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled
from cloudtemple_browser.transfers.ports import ByteStore
from cloudtemple_browser.transfers.retry import of_the_store
from cloudtemple_browser.transfers.work_download import FetchFile, FileFetched, Written, put_all_in_place
from cloudtemple_browser.transfers.work_upload import FileSent, SendFile

Small: TypeAlias = SendFile | FetchFile
Outcome: TypeAlias = FileSent | FileFetched | BrowserError


@dataclass(frozen=True, slots=True)
class Batch:
    """Several small transfers, one after the other: what each returned or raised. A cancelled one ends the rest.

    So does a failure that the next ones would only repeat: a store that has too many requests gets no more of them.
    Downloads are put on the disk together: all fsyncs, then all renames, then each directory once.
    """

    items: tuple[Small, ...]

    def run(self, store: ByteStore, control: CallControl) -> tuple[Outcome | None, ...]:
        """See ``Work``. None for what was not begun or broken off; what is whole is kept."""
        outcomes: list[Outcome | Written | None] = [None] * len(self.items)
        for n, item in enumerate(self.items):
            if control.cancelled:
                break
            try:
                outcomes[n] = item.fetch(store, control) if isinstance(item, FetchFile) else item.run(store, control)
            except BrowserError as error:
                outcomes[n] = error
                if of_the_store(error):
                    break
            except Cancelled:
                break
        placed = iter(put_all_in_place([outcome for outcome in outcomes if isinstance(outcome, Written)]))
        return tuple(next(placed) if isinstance(outcome, Written) else outcome for outcome in outcomes)
