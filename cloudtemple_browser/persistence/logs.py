"""The log: one rotating file of this user, one event a line, no secret and no body.

Only this program's own loggers write below WARNING, whatever the level: the wire logs of botocore and urllib3 hold signatures,
session tokens and bodies, and what another package logs tomorrow is not known today.
"""

from __future__ import annotations

import copy
import faulthandler
import logging
import logging.handlers
import os
import re
import sys
import threading
from io import TextIOWrapper
from pathlib import Path

from cloudtemple_browser.model.text import CONTROLS
from cloudtemple_browser.persistence.paths import private_folder

FILE = "cloudtemple-browser.log"
_BYTES, _FILES = 2_000_000, 3
_OWN = "cloudtemple_browser"
_NOISY = ("botocore", "boto3", "urllib3", "s3transfer", "asyncio", "qasync", "keyring")


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Each file is this user's alone from the first byte on, also those that rotation makes."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_open_privately)


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _ours_or_grave(record: logging.LogRecord) -> bool:
    """Whether an event may be written: foreign ones from WARNING on."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == _OWN


class _OneLine(logging.Formatter):
    """Escapes line ends inside an event: a key or a server's message cannot forge one. Tracebacks keep theirs, indented.

    What else would make a terminal do something (ESC, direction) is escaped too.
    """

    def format(self, record: logging.LogRecord) -> str:
        mine = copy.copy(record)
        mine.exc_text = None  # another handler's text of the traceback, which the class would take over
        return super().format(mine)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return CONTROLS.sub(_escaped, super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802
        lines = super().formatException(ei).split("\n")  # type: ignore[arg-type]
        return "\n".join(f"    {CONTROLS.sub(_escaped, line)}" for line in lines)


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


def start_log(folder: Path, level: str = "INFO") -> None:
    """Begin to log into ``folder``. When it cannot be written, warnings go to stderr and the program goes on."""
    root = logging.getLogger()
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)  # ... so that they do not even make up what is not written
    try:
        path = private_folder(folder) / FILE
        handler: logging.Handler = _PrivateFile(path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")
        (folder / "crash.log").touch(0o600)
        crashes = (folder / "crash.log").open("a", encoding="utf-8")
        for written in (path, folder / "crash.log"):
            written.chmod(0o600)
        faulthandler.enable(crashes)
    except OSError:
        handler = logging.StreamHandler()
        handler.setLevel(logging.WARNING)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s %(threadName)s: %(message)s"))
    handler.addFilter(_ours_or_grave)
    root.addHandler(handler)
    threading.excepthook = _thread_failed
    sys.unraisablehook = _unraisable


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:  # the program's hook tells the user, in whatever thread it is called
        sys.excepthook(args.exc_type, args.exc_value, args.exc_traceback)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    logging.getLogger("python").error("ignored in %s", args.err_msg or "a finaliser", exc_info=args.exc_value)
