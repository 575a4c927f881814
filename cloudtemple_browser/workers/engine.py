"""What an engine process does: it takes messages, fetches and parses pages in threads, and answers."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.listing import fetch_page
from cloudtemple_browser.workers.messages import Cancel, Fetch, Fetched, Forget, Logged, Open, pack, read

THREADS = 64  # some may wait for a silent store, whose pages nobody wants any more


class Engine:
    """Reads messages in the main thread and fetches pages in others."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._writing = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS, "fetch")
        self._stores: dict[int, Open] = {}
        self._apis: dict[int, Api] = {}
        self._opening = threading.Lock()
        self._controls: dict[int, CallControl] = {}

    def serve(self, pipe: BinaryIO) -> None:
        """Take messages until the pipe ends."""
        while message := read(pipe):
            match message:
                case Open():
                    self._stores[message.store] = message
                    self._pool.submit(self._api, message.store)  # now: the first page need not wait for it
                case Forget():
                    self._stores.pop(message.store, None)
                    if api := self._apis.pop(message.store, None):
                        api.close()
                case Fetch():
                    self._controls[message.number] = control = CallControl()
                    self._pool.submit(self._fetch, message, control)
                case Cancel():
                    for number in message.numbers:
                        self._cancel(number)

    def _cancel(self, number: int) -> None:
        """Answer at once, also for a page whose thread waits for a silent store."""
        if waiting := self._controls.pop(number, None):
            waiting.cancel()
            self.tell(pack(Fetched(number, Cancelled())))

    def _fetch(self, job: Fetch, control: CallControl) -> None:
        try:
            if control.cancelled:
                raise Cancelled
            packed = pack(Fetched(job.number, fetch_page(self._api(job.store), job.request, control, job.look)))
        except (BrowserError, Cancelled) as error:
            packed = pack(Fetched(job.number, error))
        except Exception as error:  # noqa: BLE001 - a mistake of ours: told where it can be reported
            message = f"{type(error).__name__}: {error}"
            packed = pack(Fetched(job.number, BrowserError(ErrorKind.INTERNAL, ErrorFacts(message=message))))
        if self._controls.pop(job.number, None):
            self.tell(packed)

    def _api(self, store: int) -> Api:
        with self._opening:
            api = self._apis.get(store)
            if api is None:
                opened = self._stores.get(store)
                if opened is None:
                    raise BrowserError(ErrorKind.CONNECTION_LOST, ErrorFacts(message="the connection was closed"))
                api = self._apis[store] = Api(opened.connection, opened.secret)
            return api

    def tell(self, packed: bytes) -> None:
        """Send a message to the program."""
        with self._writing:
            rest = memoryview(packed)
            while rest:
                rest = rest[self._out.write(rest) :]


class Forward(logging.Handler):
    """Sends log lines to the program, which keeps the one log file."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("cloudtemple_browser"):  # never the SDK's own lines: they have headers in them
            self._engine.tell(pack(Logged(record.levelno, record.name, record.getMessage())))
