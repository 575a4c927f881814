"""A transfer engine that does nothing but remember what it was told; the test says what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.transfers import (
    Counts,
    DeleteRequest,
    Direction,
    DownloadRequest,
    GroupContent,
    GroupStatus,
    Job,
    JobStatus,
    Limits,
    TransferRules,
    TransferState,
    UploadRequest,
)
from cloudtemple_browser.transfers.events import Event, GroupChanged, GroupEnded, GroupsRemoved

Order = tuple[str, int, tuple[int, ...]]


class FakeEngine:
    """The engine's calls. ``orders`` are (verb, group, jobs); ``contents`` is what ``content`` answers, ``asked`` for what.

    ``tell`` gives events to whoever listens, in the caller's thread.
    """

    def __init__(self, listener: Callable[[tuple[Event, ...]], object] = lambda _events: None) -> None:
        self.listener = listener
        self.orders: list[Order] = []
        self.requests: list[UploadRequest | DownloadRequest | DeleteRequest] = []
        self.contents: dict[int, GroupContent] = {}
        self.asked: list[int] = []
        self.reopened: list[str] = []
        self.limits, self.rules = Limits(), TransferRules()
        self.running = 0
        self.started = self.closed = False

    def tell(self, *events: Event) -> None:
        """Let something happen."""
        self.listener(events)

    def start(self) -> None:
        self.started = True

    def _request(self, request: UploadRequest | DownloadRequest | DeleteRequest) -> int:
        self.requests.append(request)
        return len(self.requests)

    def upload(self, request: UploadRequest) -> int:
        return self._request(request)

    def download(self, request: DownloadRequest) -> int:
        return self._request(request)

    def delete(self, request: DeleteRequest) -> int:
        return self._request(request)

    def pause(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        self.orders.append(("pause", group, jobs))

    def resume(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        self.orders.append(("resume", group, jobs))

    def cancel(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        self.orders.append(("cancel", group, jobs))

    def retry(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        self.orders.append(("retry", group, jobs))

    def remove(self, group: int = 0, jobs: tuple[int, ...] = ()) -> None:
        self.orders.append(("remove", group, jobs))

    def remove_ended(self) -> None:
        self.orders.append(("remove_ended", 0, ()))

    def reopen(self, connection_id: str) -> None:
        self.reopened.append(connection_id)

    def content(self, group: int) -> GroupContent:
        self.asked.append(group)
        return self.contents.get(group, GroupContent(group))

    def set_limits(self, limits: Limits) -> None:
        self.limits = limits

    def set_rules(self, rules: TransferRules) -> None:
        self.rules = rules

    def active(self) -> int:
        return self.running

    def close(self, timeout: float) -> bool:
        self.closed = timeout > 0
        return True


def status(
    number: int, direction: Direction = Direction.UPLOAD, *, names: Iterable[str] = ("a.txt",), **values: Any
) -> GroupStatus:
    """A group as the engine tells it; counts by state (``running=1``), or any field of ``GroupStatus``."""
    chosen = tuple(names)
    counts = Counts(**{name: values.pop(name) for name in Counts.__slots__ if name in values})
    plain: dict[str, Any] = {
        "place": "p/" if direction is not Direction.DOWNLOAD else str(Path("out")),
        "created": 1000.0,
        "chosen": len(chosen),
    }
    return GroupStatus(number, direction, "c1", "bucket", names=chosen, counts=counts, **(plain | values))


def changed(number: int, *args: Any, **values: Any) -> GroupChanged:
    """An event that tells ``status(…)``."""
    return GroupChanged(status(number, *args, **values))


def ended(told: GroupStatus, *failures: tuple[str, BrowserError], seconds: float = 1.0, path: str = "") -> GroupEnded:
    """The end of a group after ``seconds``."""
    return GroupEnded(replace(told, ended=told.created + seconds), failures, path)


def removed(*numbers: int) -> GroupsRemoved:
    """Groups leave the list."""
    return GroupsRemoved(numbers)


def job(
    number: int, state: TransferState, *, group: int = 1, direction: Direction = Direction.UPLOAD, key: str = "", **values: Any
) -> JobStatus:
    """A job in a group."""
    path = Path("root") / str(number)
    ref = ObjectRef("bucket", key or f"p/key-{number}")
    made = Job(number, group, direction, "c1", ref, path, path.parent, values.pop("size", 1000))
    return JobStatus(made, state, total_bytes=made.size, **values)
