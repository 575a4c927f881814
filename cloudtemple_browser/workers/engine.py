"""What an engine process does: it takes messages, does the work in threads or in steps, and answers."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.steps import Steps
from cloudtemple_browser.s3.store import S3Store
from cloudtemple_browser.s3.throttle import DOWNLOADS, UPLOADS
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
    SteppedWork,
    pack,
    read,
)
from cloudtemple_browser.workers.stepper import Stepper

PAGE_THREADS = 64  # some may wait for a silent store, whose pages nobody wants any more
BYTE_THREADS = 48
_PULSE = 0.1  # seconds between two reports of bytes moved


@dataclass(slots=True)
class _Job:
    page: bool
    control: CallControl = field(default_factory=CallControl)
    future: Future[None] | None = None


class Engine:
    """Reads messages in the main thread and works in others: in some on pages, in others on bytes, so that neither waits."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._writing = threading.Lock()
        self._for_pages = ThreadPoolExecutor(PAGE_THREADS, "pages")
        self._for_bytes = ThreadPoolExecutor(BYTE_THREADS, "bytes")
        self._aside = ThreadPoolExecutor(1, "aside")  # what the main thread tells: it never waits for a full pipe
        self._opened: dict[int, Open] = {}
        self._stores: dict[int, S3Store] = {}
        self._steppers: dict[int, Stepper] = {}  # the main thread's
        self._opening = threading.Lock()
        self._jobs: dict[int, _Job] = {}
        self._moving = threading.Lock()
        self._moved: Counter[int] = Counter()
        self._news = threading.Event()
        threading.Thread(target=self._report, daemon=True).start()

    def serve(self, pipe: BinaryIO) -> None:
        """Take messages until the pipe ends."""
        while message := read(pipe):
            match message:
                case Open():
                    self._opened[message.store] = message
                    self._for_pages.submit(self._store, message.store)  # now: the first page need not wait for it
                case Forget():
                    self._forget(message.store)
                case Run():
                    self._begin(message)
                case Cancel():
                    for number in message.numbers:
                        self._cancel(number)
                case Learned():
                    if store := self._stores.get(message.store):
                        self._aside.submit(store.learnt.add, message.trait)  # whose observers tell it, in turn
                case Limit():
                    UPLOADS.limit(message.upload_rate)
                    DOWNLOADS.limit(message.download_rate)

    def _forget(self, number: int) -> None:
        self._opened.pop(number, None)
        if stepper := self._steppers.pop(number, None):
            stepper.close()
        if store := self._stores.pop(number, None):
            store.close()

    def _cancel(self, number: int) -> None:
        """Answer at once for a page and what is not begun; for other work when it has let go of its files and sockets."""
        job = self._jobs.get(number)
        if job:
            job.control.cancel()
            over = job.page or (job.future is not None and job.future.cancel())
            if over and self._jobs.pop(number, None) is not None:
                self._aside.submit(self.tell, pack(Ended(number, Cancelled())))

    def _begin(self, message: Run) -> None:
        job = self._jobs[message.number] = _Job(isinstance(message.work, Page))
        if isinstance(message.work, SteppedWork) and message.work.at_once > 1:
            self._in_steps(message, message.work, job.control)
        else:
            pool = self._for_pages if job.page else self._for_bytes
            job.future = pool.submit(self._run, message, job.control)

    def _in_steps(self, run: Run, work: SteppedWork, control: CallControl) -> None:
        """Take its steps beside those of others to the same store; a thread does the rest."""

        def steps() -> Steps[Callable[[], Any]]:
            return (yield from work.steps(self._store(run.store), control))

        def done(rest: Callable[[], Any], error: BaseException | None) -> None:
            self._for_bytes.submit(self._answer, run, partial(_raise, error) if error else rest)

        control.moved, control.executor = partial(self._note_moved, run.number), self._for_bytes
        if run.store not in self._steppers:
            self._steppers[run.store] = Stepper()
        self._steppers[run.store].add(steps(), done)

    def _run(self, run: Run, control: CallControl) -> None:
        if not isinstance(run.work, Page):
            control.moved = partial(self._note_moved, run.number)

        def work() -> Any:
            if control.cancelled:
                raise Cancelled
            return run.work.run(self._store(run.store), control)

        self._answer(run, work)

    def _answer(self, run: Run, work: Callable[[], Any]) -> None:
        """Tell what ``work`` returns or raises."""
        try:
            packed = pack(Ended(run.number, work()))
        except (BrowserError, Cancelled) as error:
            packed = pack(Ended(run.number, error))
        except Exception as error:  # noqa: BLE001 - a mistake of ours: told where it can be reported
            message = f"{type(error).__name__}: {error}"
            packed = pack(Ended(run.number, BrowserError(ErrorKind.INTERNAL, ErrorFacts(message=message))))
        if self._jobs.pop(run.number, None) is not None:
            self.tell(packed, lambda: self._take_moved(run.number))

    def _store(self, number: int) -> S3Store:
        with self._opening:
            store = self._stores.get(number)
            if store is None:
                opened = self._opened.get(number)
                if opened is None:
                    raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message="the connection was closed"))
                store = self._stores[number] = S3Store(opened.connection, opened.secret)
                store.learnt.watch(lambda trait: self.tell(pack(Learned(number, trait))))
            return store

    def _note_moved(self, number: int, count: int) -> None:
        with self._moving:
            self._moved[number] += count
        self._news.set()

    def _report(self) -> None:
        while True:
            self._news.wait()
            time.sleep(_PULSE)
            self._news.clear()
            self.tell(b"", self._take_moved)

    def tell(self, packed: bytes, before: Callable[[], bytes] = bytes) -> None:
        """Send a message to the program, and what ``before`` returns when its turn comes just before it."""
        with self._writing:
            rest = memoryview(before() + packed)
            while rest:
                rest = rest[self._out.write(rest) :]

    def _take_moved(self, number: int = 0) -> bytes:
        """The message of the bytes that were moved until now, for one number or for all."""
        with self._moving:
            if number:
                moved = {number: self._moved.pop(number, 0)}
            else:
                moved = dict(self._moved)
                self._moved.clear()
        told = tuple((number, count) for number, count in moved.items() if count)
        return pack(Moved(told)) if told else b""


def _raise(error: BaseException) -> Any:
    raise error


class Forward(logging.Handler):
    """Sends log lines to the program, which keeps the one log file."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("cloudtemple_browser"):  # never the SDK's own lines: they have headers in them
            self._engine.tell(pack(Logged(record.levelno, record.name, record.getMessage())))
