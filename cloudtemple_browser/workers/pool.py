"""The engine processes, as the program sees them: started when needed, replaced when they die, ended with the program."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.traits import Learnt, Trait
from cloudtemple_browser.workers.messages import (
    Cancel,
    Ended,
    Forget,
    Learned,
    Limit,
    Logged,
    Moved,
    Open,
    Page,
    Run,
    Work,
    pack,
    read,
)

CHILD_FLAG = "--engine-child"
"""The one argument with which a frozen program runs ``workers.child.main`` instead of itself."""

log = logging.getLogger(__name__)

_WARM = 2  # processes that are there before they are needed: the others come with the first large listing
_APART = 2  # processes at most for what may hang
_IDLE = 30.0  # seconds that any other process stays without work
_BUSY = 2  # pages that a process has under way before another process is started
_START = 20.0  # seconds that the first process may take to start
_ATTEMPTS = 2  # a page whose process dies is asked for once more
_STUCK = 5.0  # seconds until a process that does not let go of a cancelled page is replaced: a regular expression may hang
_STUCK_BYTES = 15.0  # ... of cancelled byte work: longer than a connection may take to come about

_NO_LIMIT = Limit(0, 0)

Done = Callable[[Any], None]


def default_count() -> int:
    """How many engine processes a machine gets: two pass every peer, more help where there are cores for them."""
    return min(4, max(2, (os.cpu_count() or 2) // 2))


@dataclass(slots=True)
class _Job:
    number: int
    store: int
    packed: bytes
    done: Done
    moved: Callable[[int], None] | None  # None: a page
    apart: bool = False  # may hang: done in a process where nothing else is
    attempts: int = 1
    cancelled_at: float = 0.0

    def stuck(self, since: float) -> bool:
        """Whether it was cancelled long ago, counted from when its process was there."""
        patience = _STUCK_BYTES if self.moved else _STUCK
        return bool(self.cancelled_at) and time.monotonic() - max(self.cancelled_at, since) > patience * 0.9


class Pool:
    """Runs work in engine processes. Thread-safe; ``done`` and ``moved`` are called in a thread of the pool.

    ``give_way`` is called before each answer is read, and may hold that up for a while: while the window paints.
    """

    def __init__(self, count: int = 0, give_way: Callable[[], None] = lambda: None) -> None:
        self._count = count or default_count()
        self.give_way = give_way
        self._lock = threading.RLock()
        self._processes: list[_Process] = []
        self._stores: dict[int, Open] = {}
        self._learnt: dict[int, Learnt] = {}
        self._numbers = itertools.count(1)
        self._limit = _NO_LIMIT
        self._watching = False
        self._closed = False

    def warm_up(self) -> None:
        """Start the first processes now. Blocks until they are ready."""
        with self._lock:
            started = [] if self._closed else list(self._warm())
        for process in started:
            process.ready.wait(_START)

    def open(self, opened: Open, learnt: Learnt) -> None:
        """Make a store known. What a process learns of it gets into ``learnt``, and from there into all of them."""
        with self._lock:
            self._stores[opened.store] = opened
            self._learnt[opened.store] = learnt
            for process in self._processes:
                process.open(opened)
        learnt.watch(lambda trait: self._spread(opened.store, trait))

    def _spread(self, store: int, trait: Trait) -> None:
        with self._lock:
            if opened := self._stores.get(store):
                connection = replace(opened.connection, traits=(*opened.connection.traits, trait))
                self._stores[store] = replace(opened, connection=connection)
                for process in self._processes:
                    process.learned(store, trait)

    def learned(self, message: Learned) -> None:
        """A process has learnt something. In the thread that reads from it."""
        with self._lock:
            learnt = self._learnt.get(message.store)
        if learnt:
            learnt.add(message.trait)

    def forget(self, store: int) -> None:
        """Close a store."""
        with self._lock:
            self._stores.pop(store, None)
            self._learnt.pop(store, None)
            for process in self._processes:
                process.forget(store)

    def number(self) -> int:
        """A number for ``submit``, by which ``cancel`` knows the work, also before that."""
        return next(self._numbers)

    def submit(
        self, number: int, store: int, work: Work | Page, done: Done, moved: Callable[[int], None] = lambda _bytes: None
    ) -> None:
        """Have work done; ``done`` gets what it returned or the exception that it raised, once. Returns at once."""
        packed = pack(Run(number, store, work))
        job = _Job(number, store, packed, done, moved)
        if isinstance(work, Page):
            job.moved, job.apart = None, work.may_hang
        self._submit(job)

    def cancel(self, numbers: set[int]) -> None:
        """Nobody waits for these any more: ``done`` is called soon, most likely with ``Cancelled``."""
        with self._lock:
            told = [process.cancel(numbers) for process in self._processes]
            if any(told):
                self._watch()

    def limit(self, upload_rate: int, download_rate: int) -> None:
        """Let byte work send and receive so many bytes a second, 0: any number. What runs keeps to it, too."""
        with self._lock:
            self._limit = Limit(upload_rate, download_rate)
            self._share_limit()

    def _share_limit(self) -> None:
        """Divide the limit among the processes that move bytes: one, since ``_pick_for_bytes``, and what others have begun."""
        moving = max(1, sum(process.byte_jobs > 0 for process in self._processes))
        shares = (max(1, rate // moving) if rate else 0 for rate in (self._limit.upload_rate, self._limit.download_rate))
        limit = Limit(*shares)
        for process in self._processes:
            process.limit(limit)

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            timer = threading.Timer(_STUCK, self._look_after)
            timer.daemon = True
            timer.start()

    def _look_after(self) -> None:
        """Kill each process that has not let go of cancelled work, which goes to another one; let go of those too many."""
        with self._lock:
            self._watching = False
            for process in [process for process in self._processes if process.stuck]:
                log.warning("an engine process hangs and is replaced")
                self._processes.remove(process)
                process.kill()
            for process in [process for process in self._extra() if process.idle > _IDLE]:
                self._processes.remove(process)
                process.leave()
            cancelled = any(job.cancelled_at for process in self._processes for job in process.jobs.values())
            if not self._closed and (cancelled or self._extra()):
                self._watch()

    def _extra(self) -> list[_Process]:
        """The processes that need not always be there."""
        return self._of_kind(apart=False)[_WARM:] + self._of_kind(apart=True)

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            self._closed = True
            processes, self._processes = self._processes, []
        for process in processes:
            process.end()

    def _submit(self, job: _Job) -> None:
        try:
            with self._lock:
                opened = self._stores.get(job.store)
                if self._closed or opened is None:
                    raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message="the connection was closed"))
                (self._pick_for_bytes() if job.moved else self._pick(apart=job.apart)).send(job, opened)
                if job.moved and self._limit != _NO_LIMIT:
                    self._share_limit()
        except BrowserError as error:
            job.done(error)

    def _of_kind(self, *, apart: bool) -> list[_Process]:
        return [process for process in self._processes if process.apart == apart]

    def _start(self, *, apart: bool = False) -> _Process:
        process = _Process(self, apart=apart)
        self._processes.append(process)
        if process in self._extra():
            self._watch()
        return process

    def _warm(self) -> list[_Process]:
        """The processes that are there before they are needed."""
        while len(warm := self._of_kind(apart=False)[:_WARM]) < min(_WARM, self._count):
            self._start()
        return warm

    def _pick(self, *, apart: bool) -> _Process:
        """The process with least to do; one that has not let go of a cancelled page may hang."""
        there, most = self._of_kind(apart=apart), _APART if apart else self._count
        least = min(there, key=lambda process: (process.may_hang, len(process.jobs)), default=None)
        if least is None or (len(there) < most and (least.may_hang or (not apart and len(least.jobs) >= _BUSY))):
            least = self._start(apart=apart)
        return least

    def _pick_for_bytes(self) -> _Process:
        """That of the warm processes that has least byte work; always the same one while a speed limit is set, to be exact."""
        warm = self._warm()
        if self._limit != _NO_LIMIT:
            return warm[0]
        return min(warm, key=lambda process: (process.may_hang, process.byte_jobs))

    def died(self, process: _Process) -> None:
        """A process ended: its work goes to another one. In the thread that read from it."""
        with self._lock:
            if process in self._processes:
                self._processes.remove(process)
            jobs, process.jobs = process.jobs, {}
        for job in jobs.values():
            if job.cancelled_at:
                job.done(Cancelled())
            elif job.moved and not self._closed:
                # It may have been done: only who asked for it knows how to look before it is done again.
                job.done(BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message="the engine process ended")))
            elif job.attempts < _ATTEMPTS and not self._closed:
                job.attempts += 1
                self._submit(job)
            else:
                job.done(BrowserError(ErrorKind.INTERNAL, ErrorFacts(message="the engine process ended")))

    def ended(self, process: _Process, number: int) -> _Job | None:
        """Take what was answered off the books."""
        with self._lock:
            job = process.jobs.pop(number, None)
            process.worked = time.monotonic()
            if job and job.moved and self._limit != _NO_LIMIT:
                self._share_limit()
            return job


class _Process:
    """One engine process and the thread that reads from it. Its jobs are guarded by the pool's lock.

    ``apart``: only what may hang is done there, so that nothing else is slowed by it or dies with it.
    """

    def __init__(self, pool: Pool, *, apart: bool = False) -> None:
        self._pool, self.apart = pool, apart
        self.jobs: dict[int, _Job] = {}
        self._opened: set[int] = set()
        self._limit = _NO_LIMIT
        self.ready = threading.Event()
        self._begun_at, self._ready_at = time.monotonic(), 0.0
        self.worked = self._begun_at  # when it had something to do last
        self._child = _spawn()
        self._reader = threading.Thread(target=self._read, name="engine-reader", daemon=True)
        self._reader.start()

    @property
    def may_hang(self) -> bool:
        """Whether it has not yet let go of a page that nobody waits for, although it is there."""
        return self.ready.is_set() and any(job.cancelled_at and not job.moved for job in self.jobs.values())

    @property
    def idle(self) -> float:
        """For how many seconds it has had nothing to do."""
        return 0.0 if self.jobs else time.monotonic() - self.worked

    @property
    def byte_jobs(self) -> int:
        """How much byte work it has under way."""
        return sum(job.moved is not None for job in self.jobs.values())

    @property
    def stuck(self) -> bool:
        """Whether something that was cancelled long ago is still under way."""
        since = self._ready_at or self._begun_at + _START
        return any(job.stuck(since) for job in self.jobs.values())

    def send(self, job: _Job, opened: Open) -> None:
        """Give the process work."""
        self.jobs[job.number] = job
        self.open(opened)
        self._write(job.packed)

    def open(self, opened: Open) -> None:
        """Make a store known there, once."""
        if opened.store not in self._opened:
            self._opened.add(opened.store)
            self._write(pack(opened))

    def cancel(self, numbers: set[int]) -> bool:
        """Tell the process what nobody waits for; True when it had some of it."""
        mine = tuple(numbers & self.jobs.keys())
        if mine:
            for number in mine:
                self.jobs[number].cancelled_at = time.monotonic()
            self._write(pack(Cancel(mine)))
        return bool(mine)

    def forget(self, store: int) -> None:
        """Close a store there."""
        if store in self._opened:
            self._opened.discard(store)
            self._write(pack(Forget(store)))

    def learned(self, store: int, trait: Trait) -> None:
        """Tell it what another one has learnt."""
        if store in self._opened:
            self._write(pack(Learned(store, trait)))

    def limit(self, limit: Limit) -> None:
        """Set its speed limit."""
        if limit != self._limit:
            self._limit = limit
            self._write(pack(limit))

    def _write(self, packed: bytes) -> None:
        assert self._child.stdin  # noqa: S101 - for the type checker: it is a pipe
        with contextlib.suppress(OSError):  # it died: the reader notices, and its work goes elsewhere
            self._child.stdin.write(packed)
            self._child.stdin.flush()

    def _read(self) -> None:
        assert self._child.stdout  # noqa: S101 - for the type checker: it is a pipe
        while message := read(self._child.stdout):
            self._pool.give_way()
            if not self._ready_at:
                self._ready_at = time.monotonic()
                self.ready.set()
            if isinstance(message, Ended):
                job = self._pool.ended(self, message.number)
                if job:
                    job.done(message.result)
            elif isinstance(message, Moved):
                self._count(message)
            elif isinstance(message, Learned):
                self._pool.learned(message)
            elif isinstance(message, Logged):
                logging.getLogger(message.logger).log(message.level, "%s", message.text)
        self._child.wait()
        self.ready.set()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # what was written last has no reader
                    pipe.close()
        self._pool.died(self)

    def _count(self, message: Moved) -> None:
        for number, count in message.bytes:
            job = self.jobs.get(number)
            if job and job.moved:
                job.moved(count)

    def kill(self) -> None:
        """End a process that does not listen; its work goes elsewhere."""
        self._child.kill()

    def leave(self) -> None:
        """Let the process end, with its input."""
        with contextlib.suppress(OSError):
            if self._child.stdin:
                self._child.stdin.close()

    def end(self) -> None:
        """End the process."""
        self.leave()
        try:
            self._child.wait(1.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
        self._reader.join(1.0)


def _spawn() -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    command = [sys.executable, CHILD_FLAG]
    if not getattr(sys, "frozen", False):
        command = [sys.executable, "-P", "-m", "cloudtemple_browser.workers.child"]
        root = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
    own_group: dict[str, Any] = {"start_new_session": True}  # Ctrl+C in a terminal is for the program alone
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        own_group = {"creationflags": flags}
    try:
        return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **own_group)
    except OSError as error:
        raise BrowserError(ErrorKind.INTERNAL, ErrorFacts(message=str(error))) from error
