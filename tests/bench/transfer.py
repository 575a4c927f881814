"""How fast bytes go: the program without its window, from the user's last word to the end of the group.

    python tests/bench/transfer.py upload   --endpoint URL --bucket B --source PATH --prefix P
    python tests/bench/transfer.py download --endpoint URL --bucket B --prefix P --dest DIR
    python tests/bench/transfer.py delete   --endpoint URL --bucket B --prefix P

An upload begins as a drop does, with the look for what is in the way; a download lists the prefix (a prefix that does not end
with ``/`` is one object); a deletion counts what it will delete first. Keys come from BENCH_ACCESS_KEY and BENCH_SECRET_KEY.
Prints one JSON object as its last line: objects, bytes, seconds, CPU seconds of this process and its engine processes, their
highest resident memory in MB, and that before. The engine is warmed up first, as the program does once its window shows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent)]

from list import Memory  # type: ignore[import-not-found]  # noqa: E402 - beside this file

from cloudtemple_browser import bootstrap  # noqa: E402
from cloudtemple_browser.app.application import Application  # noqa: E402
from cloudtemple_browser.app.commands.gather import Selected, expand  # noqa: E402
from cloudtemple_browser.app.commands.upload import upload  # noqa: E402
from cloudtemple_browser.model.addresses import Location, ObjectRef  # noqa: E402
from cloudtemple_browser.model.connections import Connection, SecretText  # noqa: E402
from cloudtemple_browser.model.entries import ObjectEntry  # noqa: E402
from cloudtemple_browser.model.transfers import DeleteRequest, DownloadRequest  # noqa: E402
from cloudtemple_browser.persistence.paths import AppPaths  # noqa: E402
from cloudtemple_browser.transfers.events import Event, GroupEnded  # noqa: E402


def cpu_seconds(children: list[int]) -> float:
    """CPU seconds of this process and of running children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    for child in children:
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def children() -> list[int]:
    """The process ids of the engine processes."""
    lists = Path("/proc/self/task").glob("*/children")  # of each thread
    return [int(pid) for found in lists for pid in found.read_text().split()]


async def begin(app: Application, arguments: argparse.Namespace) -> None:
    """Give the engine what the window would give it."""
    connection, bucket, prefix = "bench", arguments.bucket, arguments.prefix
    if arguments.what == "upload":
        app.change_settings(ask_before_upload=False)
        await upload(app, (arguments.source.absolute(),), Location(connection, bucket, prefix))
    elif arguments.what == "download":
        arguments.dest.mkdir(parents=True, exist_ok=True)
        keys: tuple[ObjectEntry, ...] = ()
        if not prefix.endswith("/"):
            store = await app.background.call(app.accounts.stores.get, connection)
            info = await app.background.call(store.head_object, ObjectRef(bucket, prefix))
            keys = (ObjectEntry(info.key, info.size, info.modified, info.etag),)
        folders = () if keys else (prefix,)
        base = prefix.rpartition("/")[0]
        app.engine.download(
            DownloadRequest(connection, bucket, keys, folders, f"{base}/" if base else "", arguments.dest.absolute())
        )
    else:
        app.open(Location(connection, bucket))
        objects = await expand(app, connection, Selected(bucket, (), (prefix,)))
        app.engine.delete(DeleteRequest(connection, bucket, prefix, tuple(entry.key for entry in objects or ())))


async def measure(
    arguments: argparse.Namespace, profile: Path, start: Callable[[Application], Awaitable[None]]
) -> dict[str, float]:
    """Transfer once and return the figures."""
    parts = bootstrap.build(AppPaths(profile), lambda error: print(repr(error), file=sys.stderr))
    app, ended = parts.app, asyncio.Event()
    last: list[GroupEnded] = []

    def happened(events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, GroupEnded):
                last.append(event)
                ended.set()

    app.transfer_events.add(happened)
    key, secret = (os.environ.get(f"BENCH_{name}_KEY", "bench") for name in ("ACCESS", "SECRET"))
    app.accounts.add_temporary(Connection("bench", arguments.endpoint, key, id="bench"), SecretText(secret))
    app.engine.start()
    await app.background.call(parts.factory.warm_up)
    await app.background.call(app.accounts.stores.get, "bench")
    memory = Memory()
    before, helpers = memory.now(), children()
    cpu, began = cpu_seconds(helpers), time.perf_counter()
    await start(app)
    await ended.wait()
    seconds = time.perf_counter() - began
    status = last[0].status
    if status.counts.done != status.counts.total or status.left_out:
        raise SystemExit(f"not everything is done: {status} {last[0].failures[:3]}")
    result = {
        "objects": status.counts.done,
        "bytes": status.bytes_done,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds(helpers) - cpu, 2),
        "peak_rss_mb": round(memory.stop(), 1),
        "rss_before_mb": round(before, 1),
        "unproven": status.unproven,
    }
    app.close()
    parts.factory.close()
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time an upload, a download or a deletion.")
    parser.add_argument("what", choices=("upload", "download", "delete"))
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--dest", type=Path)
    arguments = parser.parse_args()
    sys.setswitchinterval(bootstrap.SWITCH_INTERVAL)
    with tempfile.TemporaryDirectory() as profile:
        result = asyncio.run(measure(arguments, Path(profile), lambda app: begin(app, arguments)))
    print(json.dumps(result), flush=True)
    os._exit(0)  # as the program ends


if __name__ == "__main__":
    main()
