"""Named places at which a test can make the program die as by a power cut, to see that nothing is lost."""

from __future__ import annotations

import os
import signal

AT, PROCESS = "CTB_CRASH_AT", "CTB_CRASH_PID"


def crash_point(name: str) -> None:
    """Kill this process when ``CTB_CRASH_AT`` is ``name``, and before it the program whose pid is in ``CTB_CRASH_PID``.

    Only tests set these two variables of the environment; otherwise this does nothing.
    """
    if os.environ.get(AT) != name:
        return
    how = getattr(signal, "SIGKILL", signal.SIGTERM)  # TerminateProcess on Windows: it cannot be caught there either
    if program := os.environ.get(PROCESS):
        os.kill(int(program), how)
    os.kill(os.getpid(), how)
