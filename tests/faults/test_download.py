"""S01 to S19: downloads."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults import actions
from faults.rig import BUCKET, SIZE, FaultRig, content


@pytest.mark.scenario("S01", "Range ignored (200 full)")
def test_range_ignored(rig: FaultRig, tmp_path: Path) -> None:
    rig.server.store.add(BUCKET, "a", body := content(SIZE))
    rig.server.fault(actions.ignores("range"), "GetObject")
    target = tmp_path / "target"
    target.mkdir()
    group = rig.download(target, "a")
    rig.ended(group)
    job = rig.job(group)
    found = [path for path in target.iterdir() if not path.name.endswith(".part")]
    assert (job.state.value == "done") == bool(found)
    assert all(path.read_bytes() == body for path in found)
