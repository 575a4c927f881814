"""What a crash leaves, and what other processes see: each in a process of its own, whose limits may be changed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="core files as Linux writes them")

LIMIT = """
import resource
resource.setrlimit(resource.RLIMIT_CORE, ({0}, {0}))
from cloudtemple_browser.persistence.memory_image import forbid_core_files, hide_memory
"""


def run(code: str, folder: Path, most: str = "resource.getrlimit(resource.RLIMIT_CORE)[1]") -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-c", LIMIT.format(most) + code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": root},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@pytest.mark.parametrize("protected", [True, False])
def test_a_crash_leaves_no_core_file(tmp_path: Path, protected: bool) -> None:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    code = "forbid_core_files()\n" if protected else ""
    done = run(code + "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", tmp_path)
    assert done.returncode == -signal.SIGSEGV
    if not protected and (pattern[:1] in ("/", "|") or not resource_allows()):
        pytest.skip("this machine writes core files elsewhere, or none at all")
    assert bool(list(tmp_path.iterdir())) is not protected


def resource_allows() -> bool:
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)[1] == resource.RLIM_INFINITY


@pytest.mark.parametrize(("most", "left"), [("0", "0 0"), ("5000", "1 5000")])
def test_the_limit_is_lowered_and_never_raised(tmp_path: Path, most: str, left: str) -> None:
    """At 1 the kernel gives nothing to a program that collects crashes either, which it does at 0."""
    code = "forbid_core_files()\nforbid_core_files()\nprint(*resource.getrlimit(resource.RLIMIT_CORE))"
    done = run(code, tmp_path, most)
    assert done.stdout.split() == left.split(), done.stderr


@pytest.mark.parametrize(("call", "dumpable"), [("", "1"), ("hide_memory()", "0")])
def test_the_memory_can_be_closed_to_others(tmp_path: Path, call: str, dumpable: str) -> None:
    get = "import ctypes\nprint(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
    done = run(f"{call}\n{get}", tmp_path)
    assert done.stdout.strip() == dumpable, done.stderr


def test_engine_processes_hide_their_memory(tmp_path: Path) -> None:
    code = """
import ctypes, os
from cloudtemple_browser.workers import child
leave = os._exit

def tell(code):
    os.write(2, f"{ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)} {resource.getrlimit(resource.RLIMIT_CORE)[0]}".encode())
    leave(code)

os._exit = tell
child.main()
"""
    done = run(code, tmp_path, "5000")
    assert done.stderr.split() == ["0", "1"]
