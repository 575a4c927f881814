"""S14 and S15: the program is killed at the worst moments of downloads and started again.

Every file is there, whole, and no temporary one is left. What was proven is not fetched again: a proxy counts the bytes.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from faults import actions
from faults.crash import LAST, PARTS, SLACK, Program, Proxy, files, many, sums, tree
from faults.crash_program import PART
from faults.rig import BUCKET, SIZE, FaultRig, content

from cloudtemple_browser.app.transfer_words import job_state
from cloudtemple_browser.model.errors import ErrorKind

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

MANY = 2000
POINTS = (
    "download-part-created",
    "download-noted",
    "download-part-written",
    "download-part-proven",
    "download-proving",
    "download-verified",
    "download-synced",
    "download-renamed",
    "download-published",
)


def open_to_others(folder: Path, wanted: dict[str, bytes]) -> list[str]:
    """The temporary files that others may read, but for those that are whole and get their name in the next moment."""
    found = [path for path in folder.rglob("*.part") if path.stat().st_mode & 0o777 != 0o600]
    return [path.name for path in found if path.read_bytes() not in wanted.values()]


@pytest.mark.scenario("S14", "killed at each crash point of a download", seconds=60)
@pytest.mark.parametrize("point", POINTS)
def test_a_download_outlives_a_crash(program: Program, point: str, again: Any) -> None:
    place, wanted = program.place, files()
    place.put_all(wanted)
    program.prefix = "top/"
    with Proxy(place.endpoint) as first:
        program.crash(first.endpoint, "download", point)
    found = tree(program.folder)
    whole = {name for name, body in found.items() if not name.endswith(".part")}
    assert all(found[name] == wanted[name] for name in whole), "under its name a file is whole"
    assert open_to_others(program.folder, wanted) == []
    kept = sum(len(wanted[name]) for name in whole)
    if "top/big" not in whole:
        kept += sum(LAST if number == PARTS else PART for number in program.noted_parts())
    total = sum(len(body) for body in wanted.values())
    with Proxy(place.endpoint) as second:
        told = program.finish(second.endpoint)
    assert (told["done"], told["failed"]) == (len(wanted), 0), program.log()
    assert sums(tree(program.folder)) == sums(wanted), "each file, and no temporary one"
    assert second.down <= max(0, total - kept) + SLACK, f"{second.down} bytes fetched, where {kept} of {total} were there"
    twice = first.down + second.down - total
    assert twice <= 2 * PART + SLACK, "a part of each of the two large files at most, which are under way together"
    again(max(0, twice))


@pytest.mark.scenario("S14", "killed at each crash point of a download", seconds=90)
def test_many_small_files_outlive_being_killed_at_any_moment(program: Program) -> None:
    place, wanted = program.place, many(MANY)
    chance, begun = random.Random("download"), "download"
    place.put_all(wanted)
    program.prefix = "top/"
    for _ in range(5):
        if not program.kill_at_random(place.endpoint, begun, chance):
            break
        begun = ""
        found = tree(program.folder)
        assert all(body == wanted[name] for name, body in found.items() if not name.endswith(".part"))
    told = program.finish(place.endpoint)
    assert (told["done"], told["failed"]) == (MANY, 0), program.log()
    assert sums(tree(program.folder)) == sums(wanted)


@pytest.mark.scenario("S15", "killed, and then the object is replaced", seconds=60)
@pytest.mark.parametrize("point", ["download-noted", "download-part-proven", "download-proving"])
def test_nothing_is_kept_of_an_object_that_was_replaced(program: Program, point: str) -> None:
    place, wanted = program.place, {"top/big": files()["top/big"]}
    place.put_all(wanted)
    program.prefix = "top/"
    program.crash(place.endpoint, "download", point)
    (partial,) = program.folder.rglob("*.part")
    assert partial.stat().st_mode & 0o777 == 0o600
    place.put_all(newer := {"top/big": bytes(reversed(wanted["top/big"]))})
    with Proxy(place.endpoint) as proxy:
        told = program.finish(proxy.endpoint)
    assert (told["done"], told["failed"]) == (1, 0), program.log()
    assert tree(program.folder) == newer, "the new object alone, and no temporary file of either"
    assert proxy.down >= len(newer["top/big"]), "all of it is fetched"


@pytest.mark.scenario("S15", "killed, and then the object is replaced", seconds=60)
def test_that_it_begins_anew_is_said(rig: FaultRig, tmp_path: Path) -> None:
    server, target = rig.server, tmp_path / "target"
    target.mkdir()
    server.store.add(BUCKET, "a", content(SIZE))
    server.fault(actions.stall(), "GetObject", start=SIZE - PART)
    group = rig.download(target, "a")
    rig.until(group, lambda status: status.bytes_done >= SIZE - PART)
    server.clear()
    server.store.add(BUCKET, "a", newer := content(SIZE, seed=1))
    server.fault(held := actions.Held(), "GetObject", start=0)
    rig.restart()
    assert held.asked.wait(30)
    job = rig.job(group)
    assert job.error
    assert job.error.kind is ErrorKind.CHANGED
    assert str(job_state(job)) == "Trying again: The object changed in the meantime"
    held.go.set()
    assert rig.done(group).verified
    assert tree(target) == {"a": newer}
