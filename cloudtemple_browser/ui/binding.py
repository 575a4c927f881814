"""Whether this PySide6 can be used at all. Imported first, before anything that emits a signal."""

from __future__ import annotations

import sys

import PySide6


def binding_problem(pyside: str = PySide6.__version__, python: tuple[int, int] = sys.version_info[:2]) -> str:
    """Why this PySide6 cannot run on this Python, or "".

    PySide6 6.12.0 drops references to True and None before Python 3.12 and kills the process after some hundred signals.
    """
    if pyside == "6.12.0" and python < (3, 12):
        return (
            f"PySide6 {pyside} does not work with Python {python[0]}.{python[1]}: "
            "install PySide6-Essentials below 6.12, or use Python 3.12."
        )
    return ""
