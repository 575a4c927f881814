"""Pictures of strangers, decoded by a process of their own: what a wicked one does there does not reach the window."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from PySide6.QtGui import QImage

from cloudtemple_browser.ui.images import MAX_SIDE, PIXEL, SIDES, SIZE

CHILD_FLAG = "--picture-child"
"""The one argument with which a frozen program runs ``images.main`` instead of itself."""

_START = 20.0  # seconds that the process may take to start
_PATIENCE = 1.0  # seconds for one picture: a file of some kilobytes can keep a decoder busy for hours


class Pictures:
    """Decodes pictures in a child process, which is started when needed and replaced when it dies or is too slow.

    Thread-safe; everything but ``close`` blocks, one caller after the other.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()

    @property
    def process(self) -> int:
        """The number of the child process; 0 while there is none."""
        child = self._child
        return child.pid if child and child.poll() is None else 0

    def warm_up(self) -> None:
        """Start the process now: the first picture need not wait for it."""
        with self._turn:
            self._ready()

    def decode(self, data: bytes) -> QImage:
        """The first picture of ``data``; a null image when it cannot be shown: damaged, of another format, or too much."""
        with self._turn:
            child = self._ready()
            image = _asked(child, data) if child else None
            if image is None and child and child.wait() == 0:  # it had just ended for want of work
                child = self._ready()
                image = _asked(child, data) if child else None
            return QImage() if image is None else image

    def close(self) -> None:
        """End the process. Who waits for a picture gets none."""
        self._closed.set()
        if child := self._child:
            child.kill()  # it holds nothing that would be lost, and whoever reads from it lets go of the turn
        with self._turn:
            if self._child:
                self._child.kill()
                self._child.wait()
                _let_go(self._child)
                self._child = None

    def _ready(self) -> subprocess.Popen[bytes] | None:
        """The child, started if need be; None when it cannot be, or not any more."""
        if self._child and self._child.poll() is None:
            return self._child
        if self._child:
            _let_go(self._child)
            self._child = None
        if self._closed.is_set():
            return None
        try:
            child = self._child = _spawn()
        except OSError:
            return None
        if self._closed.is_set() or _answer(child, _START) is None:
            child.kill()
            child.wait()
            return None
        return child


def _asked(child: subprocess.Popen[bytes], data: bytes) -> QImage | None:
    """What the child makes of ``data``; None when it died of it, or was ended because it took too long."""
    into = child.stdin
    assert into  # noqa: S101 - for the type checker: it is a pipe
    try:
        into.write(SIZE.pack(len(data)) + data)
        into.flush()
    except OSError:
        child.wait()
        return None
    return _answer(child, _PATIENCE)


def _answer(child: subprocess.Popen[bytes], patience: float) -> QImage | None:
    """The next answer of the child; None when there is none after ``patience`` seconds, and then no child either."""
    source = child.stdout
    assert source  # noqa: S101 - for the type checker: it is a pipe
    timer = threading.Timer(patience, child.kill)
    timer.daemon = True
    timer.start()
    try:
        image = _read(source)
    finally:
        timer.cancel()
    if image is None:
        child.kill()
        child.wait()
    return image


def _read(source: IO[bytes]) -> QImage | None:
    """An answer as an image. The child may be in a stranger's hands by now: nothing that it says is believed."""
    head = source.read(SIDES.size)
    if len(head) < SIDES.size:
        return None
    width, height = SIDES.unpack(head)
    if max(width, height) > MAX_SIDE:
        return None
    pixels = source.read(width * height * PIXEL)
    if len(pixels) < width * height * PIXEL:
        return None
    made = QImage(pixels, width, height, width * PIXEL, QImage.Format.Format_ARGB32_Premultiplied) if pixels else QImage()
    return made.copy()  # which holds its pixels by itself


def _let_go(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe:
            with contextlib.suppress(OSError):  # what was written last has no reader
                pipe.close()


def _spawn() -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    command = [sys.executable, CHILD_FLAG]
    if not getattr(sys, "frozen", False):
        command = [sys.executable, "-P", "-m", "cloudtemple_browser.ui.images"]
        root = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
    own_group: dict[str, Any] = {"start_new_session": True}  # Ctrl+C in a terminal is for the program alone
    if sys.platform == "win32":
        own_group = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL  # what decoders say of strangers' files is for nobody
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=nowhere, **own_group)
