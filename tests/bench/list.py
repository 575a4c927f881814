"""How fast a bucket is listed: the program without its window, from opening the location to the last row in the table's rows.

    python tests/bench/list.py --endpoint URL --bucket B [--prefix P] [--folder]

Lists everything below the prefix, as "Show everything below" does; with ``--folder`` the folder alone, as the window opens it.
Keys come from BENCH_ACCESS_KEY and BENCH_SECRET_KEY. Prints one JSON object as its last line: the objects (and folders) in the
rows, the seconds from opening the location, the seconds to the first rows, the highest resident memory in MB of this process
and its engine processes together, the memory before the listing, and the seconds of the whole command, start of Python and of
the engine included. The engine is warmed up first, as the program does once its window shows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from cloudtemple_browser import bootstrap  # noqa: E402
from cloudtemple_browser.app.listing import ListingStatus, Phase  # noqa: E402
from cloudtemple_browser.model.addresses import Location  # noqa: E402
from cloudtemple_browser.model.connections import Connection, SecretText  # noqa: E402
from cloudtemple_browser.model.query import Query  # noqa: E402
from cloudtemple_browser.persistence.paths import AppPaths  # noqa: E402


def started() -> float:
    """When this process started, in seconds since 1970, as exactly as the system tells (Linux: hundredths)."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        up = float(Path("/proc/uptime").read_text().split()[0])
    except OSError:
        return time.time()
    return time.time() - (up - ticks / os.sysconf("SC_CLK_TCK"))


class Memory:
    """Samples the resident memory of this process and of its children."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @staticmethod
    def now() -> float:
        """Resident MB now; 0 where /proc is missing."""
        total = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            except OSError:
                continue  # it ended
            mine = {status.parent.name, fields.get("PPid", "").strip()}
            if str(os.getpid()) in mine and "VmRSS" in fields:
                total += int(fields["VmRSS"].split()[0])
        return total / 1024

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.peak = max(self.peak, self.now())

    def stop(self) -> float:
        """The highest sample in MB."""
        self._stop.set()
        return max(self.peak, self.now())


async def measure(location: Location, connection: Connection, secret: SecretText, profile: Path) -> dict[str, float]:
    """List once and return the figures."""
    parts = bootstrap.build(AppPaths(profile), lambda error: print(repr(error), file=sys.stderr))
    app = parts.app
    app.accounts.add_temporary(connection, secret)
    await app.background.call(parts.factory.warm_up)
    await app.background.call(app.accounts.stores.get, connection.id)
    memory, ended, first = Memory(), asyncio.Event(), [0.0]
    before = memory.now()

    def changed(status: ListingStatus) -> None:
        if status.phase not in (Phase.NOTHING, Phase.LOADING):
            ended.set()

    def appended(_new: range) -> None:
        first[0] = first[0] or time.perf_counter()

    app.listing.status_changed.add(changed)
    app.listing.appended.add(appended)
    begin = time.perf_counter()
    app.open(location)
    await ended.wait()
    seconds = time.perf_counter() - begin
    if app.listing.status.phase is not Phase.COMPLETE:
        raise SystemExit(f"the listing is not whole: {app.listing.status}")
    result = {
        "objects": len(app.listing.rows),
        "seconds": round(seconds, 3),
        "first_rows_seconds": round(first[0] - begin, 3) if first[0] else 0.0,
        "peak_rss_mb": round(memory.stop(), 1),
        "rss_before_mb": round(before, 1),
    }
    app.close()
    parts.factory.close()
    return result


def main() -> None:
    """Measure and print."""
    since = started()
    parser = argparse.ArgumentParser(description="Time the listing of a bucket.")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--folder", action="store_true", help="the folder alone, not everything below it")
    arguments = parser.parse_args()
    sys.setswitchinterval(bootstrap.SWITCH_INTERVAL)
    connection = Connection("bench", arguments.endpoint, os.environ.get("BENCH_ACCESS_KEY", "bench"), id="bench")
    secret = SecretText(os.environ.get("BENCH_SECRET_KEY", "bench"))
    below = None if arguments.folder else Query()
    location = Location(connection.id, arguments.bucket, arguments.prefix, below)
    with tempfile.TemporaryDirectory() as profile:
        result = asyncio.run(measure(location, connection, secret, Path(profile)))
    result["process_seconds"] = round(time.time() - since, 3)
    print(json.dumps(result), flush=True)
    os._exit(0)  # as the program ends


if __name__ == "__main__":
    main()
