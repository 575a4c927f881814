"""The log: one rotating file of this user, one event a line, no secret and no body.

botocore and urllib3 are kept above DEBUG: their wire logs hold signatures and session tokens.
"""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import sys
import threading
from pathlib import Path

from cloudtemple_browser.persistence.paths import private_folder

FILE = "cloudtemple-browser.log"
_BYTES, _FILES = 2_000_000, 3
_NOISY = ("botocore", "boto3", "urllib3", "s3transfer", "asyncio", "qasync", "keyring")


class _OneLine(logging.Formatter):
    """Escapes line ends inside an event: a key or a server's message cannot forge one. Tracebacks keep theirs, indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")

    def formatException(self, ei: object) -> str:  # noqa: N802
        return "    " + super().formatException(ei).replace("\n", "\n    ")  # type: ignore[arg-type]


def start_log(folder: Path, level: str = "INFO") -> None:
    """Begin to log into ``folder``. When it cannot be written, warnings go to stderr and the program goes on."""
    root = logging.getLogger()
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        path = private_folder(folder) / FILE
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8"
        )
        crashes = (folder / "crash.log").open("a", encoding="utf-8")
        for written in (path, folder / "crash.log"):
            written.chmod(0o600)
        faulthandler.enable(crashes)
    except OSError:
        handler = logging.StreamHandler()
        handler.setLevel(logging.WARNING)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s %(threadName)s: %(message)s"))
    root.addHandler(handler)
    threading.excepthook = _thread_failed
    sys.unraisablehook = _unraisable


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:  # the program's hook tells the user, in whatever thread it is called
        sys.excepthook(args.exc_type, args.exc_value, args.exc_traceback)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    logging.getLogger("python").error("ignored in %s", args.err_msg or "a finaliser", exc_info=args.exc_value)
