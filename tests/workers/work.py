"""Work for the engine processes, in a module of its own that they can import."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.transfers.ports import ByteStore

REF = ObjectRef("bucket", "key")


@dataclass(frozen=True, slots=True)
class Put:
    """Stores ``size`` bytes, ``times`` times, and returns the process that did it."""

    size: int
    times: int = 1

    def run(self, store: ByteStore, control: CallControl) -> int:
        """See ``Work``."""
        for _ in range(self.times):
            store.put_object(REF, bytes(self.size), WriteOptions(), control)
        return os.getpid()


@dataclass(frozen=True, slots=True)
class Read:
    """Reads ``size`` bytes and returns what the answer told."""

    size: int

    def run(self, store: ByteStore, control: CallControl) -> object:
        """See ``Work``."""
        return store.read_range(REF, 0, self.size, "", lambda _piece: None, control)


@dataclass(frozen=True, slots=True)
class Mistaken:
    """Has a mistake, or returns what cannot be sent."""

    unpicklable: bool = False

    def run(self, _store: ByteStore, _control: CallControl) -> object:
        """See ``Work``."""
        if self.unpicklable:
            return threading.Lock()
        raise KeyError("no such thing")


@dataclass(frozen=True, slots=True)
class Dying:
    """Moves ten bytes and takes its process along, as often as ``marks`` allows."""

    marks: Path
    deaths: int

    def run(self, _store: ByteStore, control: CallControl) -> int:
        """See ``Work``."""
        died = len(list(self.marks.iterdir()))
        control.moved(10)
        if died < self.deaths:
            time.sleep(0.3)  # until the ten bytes are told
            (self.marks / str(died)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waits until it is cancelled, and leaves a mark when it begins and one when it has ended."""

    mark: Path

    def run(self, _store: ByteStore, control: CallControl) -> None:
        """See ``Work``."""
        self.mark.with_name("begun").touch()
        control.wait(60)
        time.sleep(0.2)  # it is not quick to let go
        self.mark.touch()
