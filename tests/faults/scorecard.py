"""``python -m tests.faults.scorecard [--soak SECONDS] [ID …]``: runs the scenarios; prints a table, and last ``N/66``.

A scenario is every test that carries its id: it passes when none of them fails, and not all are skipped. What was skipped, for
want of Ceph or a keyring on this machine, is told.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_NEEDS = ("pytest", "hypothesis", "ministack", "boto3", "keyring", "platformdirs", "PySide6", "qasync")
if not all(map(importlib.util.find_spec, _NEEDS)):  # the set-up script makes an environment, and begins again in it
    set_up = Path(__file__).resolve().parents[2] / "packaging" / "dev.py"
    sys.exit(subprocess.call([sys.executable, set_up, "scorecard", *sys.argv[1:]]))

import pytest  # noqa: E402

MARK = "scenario"
AGAIN = "again"
SOAK = "CTB_SOAK"  # in the environment: for how many seconds the soak goes on
ALL = tuple(f"S{number:02}" for number in range(1, 67))


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a test's mark says: ``@pytest.mark.scenario("S01", "the server ignores Range", seconds=60)``."""

    id: str
    text: str
    seconds: float

    @classmethod
    def of(cls, marker: Any) -> Scenario:
        """From a mark."""
        return cls(marker.args[0], marker.args[1], float(marker.kwargs.get("seconds", 60)))


@dataclass(slots=True)
class _Row:
    text: str = ""
    tests: int = 0
    wrong: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    seconds: float = 0.0
    again: int = 0


class _Table:
    """The plugin that listens to the run."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self.wanted = wanted
        self.rows = {number: _Row() for number in ALL}
        self._of: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Only scenarios, those that were asked for."""
        kept = []
        for item in items:
            marker = item.get_closest_marker(MARK)
            if marker and (not self.wanted or marker.args[0] in self.wanted):
                scenario = Scenario.of(marker)
                self._of[item.nodeid] = scenario.id
                self.rows[scenario.id].text = self.rows[scenario.id].text or scenario.text
                kept.append(item)
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test has ended, or its set-up, or what comes after it."""
        row = self.rows[self._of[report.nodeid]]
        row.seconds += report.duration
        if report.when == "call" and not report.skipped:
            row.tests += 1
            row.again += sum(int(value) for name, value in report.user_properties if name == AGAIN)  # type: ignore[call-overload]
        name = report.nodeid.rpartition("::")[2]
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "skipped"
            row.skipped.append(f"{name}: {reason}")
        elif report.failed:
            row.wrong.append(f"{name}: failed")

    def print(self) -> int:
        """Print it; returns how many passed."""
        chosen = self.wanted or ALL
        print(f"\n{'id':4} {'result':7} {'seconds':>8} {'sent again':>11}  scenario")
        passed = 0
        for number in chosen:
            row = self.rows[number]
            fine = row.tests > 0 and not row.wrong
            passed += fine
            result = "pass" if fine else "FAIL" if row.tests or row.wrong else "none"
            print(f"{number:4} {result:7} {row.seconds:8.1f} {row.again / 1024:7.0f} KiB  {row.text} ({row.tests} tests)")
            for note in (*row.wrong, *row.skipped):
                print(f"{'':13}{note}")
        return passed


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; returns 0 when all that was asked for passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--soak", type=float, default=600.0, metavar="SECONDS", help="how long S66 goes on (600)")
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these, S01 to S66")
    arguments = parser.parse_args(argv)
    if wrong := set(arguments.ids) - set(ALL):
        parser.error(f"no such scenario: {' '.join(sorted(wrong))}")
    os.environ[SOAK] = str(arguments.soak)
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    table, began = _Table(arguments.ids), time.monotonic()
    folder = Path(__file__).parent
    os.chdir(folder.parents[1])
    pytest.main([str(folder), "-q", "--no-header", "-p", "no:cacheprovider"], plugins=[table])
    passed, asked = table.print(), len(arguments.ids or ALL)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed}/{asked}")
    return 0 if passed == asked else 1


if __name__ == "__main__":
    sys.exit(main())
