"""The buckets of each connection: listed by the store where the key may, and those that the user added by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cloudtemple_browser.app.accounts import Accounts
from cloudtemple_browser.app.background import Background
from cloudtemple_browser.app.observers import Observers
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.entries import Bucket
from cloudtemple_browser.model.errors import BrowserError


@dataclass(frozen=True, slots=True)
class BucketList:
    """What is known of a connection's buckets. ``error`` says why the store's own list is missing."""

    buckets: tuple[Bucket, ...] = ()
    error: BrowserError | None = None
    loading: bool = False


class BucketLists:
    """The bucket lists of the sidebar, by connection id. Loop thread."""

    def __init__(self, background: Background, accounts: Accounts) -> None:
        self._background, self._accounts = background, accounts
        self._lists: dict[str, BucketList] = {}
        self._turns: Counter[str] = Counter()  # grows when a connection is another than before
        self.changed: Observers[[str]] = Observers()

    def get(self, connection: Connection) -> BucketList:
        """What is known now, with the buckets that were added by name."""
        found = self._lists.get(connection.id, BucketList())
        known = {bucket.name for bucket in found.buckets}
        added = dict.fromkeys(name for name in (connection.bucket, *connection.buckets) if name and name not in known)
        return BucketList((*found.buckets, *(Bucket(name, added=True) for name in added)), found.error, found.loading)

    def is_loaded(self, connection_id: str) -> bool:
        """Whether the list was asked for already."""
        return connection_id in self._lists

    async def load(self, connection: Connection) -> BucketList:
        """Ask the store for its list; a refusal is kept as ``error`` and not raised."""
        turn = self._turns[connection.id]
        self._set(connection, BucketList(self._lists.get(connection.id, BucketList()).buckets, loading=True))
        try:
            found = BucketList(await self._background.call(self._list, connection.id))
        except BrowserError as error:
            found = BucketList(error=error)
        if turn == self._turns[connection.id]:  # else it is the answer of what the connection was before
            self._set(connection, found)
        return self.get(connection)

    def _list(self, connection_id: str) -> tuple[Bucket, ...]:
        return self._accounts.stores.get(connection_id).list_buckets()

    def _set(self, connection: Connection, found: BucketList) -> None:
        self._lists[connection.id] = found
        self.changed(connection.id)

    def forget(self, connection_id: str) -> None:
        """Ask again at the next opening: the connection was changed or deleted."""
        self._turns[connection_id] += 1
        self._lists.pop(connection_id, None)
        self.changed(connection_id)
