"""asyncio on Qt's event loop: the only importer of qasync.

Rules learnt from qasync 0.28: an executor of our own, one main coroutine, quitting by a future and never by ``stop``, no nested
``exec`` inside a coroutine, no ``asyncClose``.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QApplication  # before qasync, which takes the Qt binding that it finds loaded

import qasync  # isort: skip


def run(app: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run the program's one main coroutine on Qt's loop until it returns the exit code."""
    app.setQuitOnLastWindowClosed(False)
    code: int = qasync.run(main)
    return code


def new_loop(app: QApplication) -> Any:
    """A loop for tests that drive the window step by step."""
    app.setQuitOnLastWindowClosed(False)
    return qasync.QEventLoop(app)
