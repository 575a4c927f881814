"""Starts and stops the demo store: a local S3 server in a child process, on loopback, with its data in a folder."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudtemple_browser.demo.child import BUSY, LOG, LOOPBACK
from cloudtemple_browser.demo.content import TEN_THOUSAND_OBJECTS
from cloudtemple_browser.model.connections import SecretText
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import Text, translate

CHILD_FLAG = "--demo-child"
"""The one argument with which a frozen program runs ``demo.child.main`` instead of itself."""

_log = logging.getLogger(__name__)

_OPERATION = "start the demo store"
_TAIL_CHARACTERS = 2000
# What a Python needs to start. Everything else stays here: MiniStack reads many variables, and keys are nobody's business.
_KEPT_ENVIRONMENT = (
    "PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoEndpoint:
    """Where the store answers, in path style, and the key of this run. The key is new at each start and opens nothing else."""

    endpoint: str
    region: str
    access_key: str
    secret: SecretText


class DemoServer:
    """The demo store of one data folder. The store ends with this process, however that ends.

    At the first start the folder is filled: two small buckets before ``start`` returns, the one with 10,000 objects while the
    store is in use (requests for that bucket wait until it is whole). One process at a time may use a folder.

    Args:
        data_dir: Where the store keeps its data from one start to the next; made when it is missing.
        progress: Told (objects done, objects in all) while the large bucket is filled, in a thread of its own.
    """

    def __init__(self, data_dir: Path, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        self._folder = data_dir
        self._progress = progress
        self._child: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self, timeout: float = 60) -> DemoEndpoint:
        """Start the store and return once it answers. Blocks for a second or so, at most ``timeout`` seconds.

        Raises:
            BrowserError: DEMO_BUSY, when another process uses the folder; DEMO, when MiniStack is not installed or does not
                get ready.
        """
        if importlib.util.find_spec("ministack") is None:
            raise _failure(
                translate("demo", "this installation has no demo server. Install it with: {command}")(
                    command="pip install cloudtemple-browser[demo]"
                )
            )
        self.stop()
        answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._child = self._spawn()
        self._reader = threading.Thread(target=self._read, args=(self._child, answers), name="demo-store", daemon=True)
        self._reader.start()
        try:
            answer = answers.get(timeout=timeout)
        except queue.Empty:
            self.stop(0)
            raise _failure(translate("demo", "it did not get ready in time."), self._log_tail()) from None
        if "port" not in answer:
            self.stop()
            raise self._refusal(answer)
        _log.info("demo store on port %s", answer["port"])
        secret = SecretText(answer["secret_key"])
        return DemoEndpoint(f"http://{LOOPBACK}:{answer['port']}", answer["region"], answer["access_key"], secret)

    @property
    def runs(self) -> bool:
        """Whether the store answers, or is just starting."""
        return self._child is not None and self._child.poll() is None

    def stop(self, timeout: float = 10) -> None:
        """Save and end the store; kill it when that takes more than ``timeout`` seconds. Harmless when it does not run."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin:
            child.stdin.close()  # the sign to stop
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            _log.warning("demo store killed: it did not stop in %s s", timeout)
            child.kill()
            child.wait()
        if self._reader:
            self._reader.join()
        if child.stdout:
            child.stdout.close()

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        command = [sys.executable, CHILD_FLAG]
        if not getattr(sys, "frozen", False):
            command = [sys.executable, "-P", "-m", "cloudtemple_browser.demo.child"]
            root = str(Path(__file__).resolve().parents[2])
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
        own_group: dict[str, Any] = {"start_new_session": True}  # Ctrl+C in a terminal is for the program alone
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
        try:
            child = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **own_group
            )
        except OSError as error:
            raise _failure(str(error)) from error
        assert child.stdin  # noqa: S101 - for the type checker: it is a pipe
        with contextlib.suppress(OSError):  # it ended already: its output says why
            child.stdin.write(json.dumps({"folder": str(self._folder.absolute())}).encode() + b"\n")
            child.stdin.flush()
        return child

    def _read(self, child: subprocess.Popen[bytes], answers: queue.SimpleQueue[dict[str, Any]]) -> None:
        """Pass on what the child says until it ends; what is no JSON is an error message of Python's start."""
        stray: deque[str] = deque(maxlen=20)
        for line in child.stdout or ():
            try:
                told = json.loads(line)
            except ValueError:
                stray.append(line.decode(errors="replace"))
                continue
            if "filled" in told:
                self._progress(told["filled"], TEN_THOUSAND_OBJECTS)
            else:
                answers.put(told)
        answers.put({"output": "".join(stray)})

    def _refusal(self, answer: dict[str, Any]) -> BrowserError:
        if answer.get("error") == BUSY:
            return BrowserError(ErrorKind.DEMO_BUSY, ErrorFacts(operation=_OPERATION))
        return _failure(translate("demo", "it ended at its start."), answer.get("output") or self._log_tail())

    def _log_tail(self) -> str:
        try:
            return (self._folder / LOG).read_text(errors="replace")[-_TAIL_CHARACTERS:]
        except OSError as error:
            return str(error)


def _failure(message: Text | str, output: str = "") -> BrowserError:
    facts = ErrorFacts(operation=_OPERATION, message=output[-_TAIL_CHARACTERS:])
    return BrowserError(ErrorKind.DEMO, facts, (("message", message),))
