"""Stores that say yes and do something else: what an answer claims counts only once it was seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from faults.rig import BUCKET, FaultRig, content
from faults.server import Action, FaultServer, Logged
from faults.store import Dialect

from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.model.transfers import ConflictPolicy
from cloudtemple_browser.workers.pool import Pool

MANY = 60
OTHERS = b"somebody else's"

Begin = Callable[[Dialect], FaultRig]


@pytest.fixture
def begin(pool: Pool, tmp_path: Path) -> Iterator[Begin]:
    """Makes an engine on a store of a dialect."""
    with ExitStack() as open_ones:

        def make(dialect: Dialect) -> FaultRig:
            server = open_ones.enter_context(FaultServer(dialect))
            server.store.add_bucket(BUCKET)
            rig = FaultRig(tmp_path / f"journal{server.endpoint[-5:]}", server, pool)
            open_ones.callback(rig.close)
            return rig

        yield make


def small_files(folder: Path) -> Path:
    """A folder of small files."""
    folder.mkdir()
    for n in range(MANY):
        (folder / f"{n:03}").write_bytes(content(100, n))
    return folder


DIALECTS = {
    Trait.KEEPS_CONDITIONS: Dialect(),
    Trait.IGNORES_CONDITIONS: Dialect(honours_conditions=False),
    Trait.REFUSES_CONDITIONS: Dialect(takes_conditions=False),
}


@pytest.mark.parametrize("policy", [ConflictPolicy.SKIP, ConflictPolicy.REFUSE])
@pytest.mark.parametrize("trait", DIALECTS, ids=lambda trait: trait.value)
def test_what_came_after_the_look_is_not_replaced(begin: Begin, tmp_path: Path, trait: Trait, policy: ConflictPolicy) -> None:
    rig = begin(DIALECTS[trait])
    late = f"some/{MANY - 1:03}"

    def somebody_is_quick(log: Logged) -> Action | None:
        if log.operation == "PutObject" and late not in rig.server.store.keys(BUCKET):
            rig.server.store.add(BUCKET, late, OTHERS)
        return None

    rig.server.weather = somebody_is_quick
    status = rig.ended(rig.upload(small_files(tmp_path / "some"), appeared=policy)).status
    assert rig.server.store.body(BUCKET, late) == OTHERS
    assert len(rig.server.store.keys(BUCKET)) == MANY
    skipped = policy is ConflictPolicy.SKIP
    assert (status.counts.done, status.counts.skipped, status.counts.failed) == (
        MANY - (not skipped),
        int(skipped),
        int(not skipped),
    )


@pytest.mark.parametrize("trait", DIALECTS, ids=lambda trait: trait.value)
def test_what_is_learnt_reaches_the_program(begin: Begin, tmp_path: Path, trait: Trait) -> None:
    rig = begin(DIALECTS[trait])
    rig.ended(rig.upload(small_files(tmp_path / "some")))
    assert trait in rig.learnt
    assert not (DIALECTS.keys() - {trait}) & set(rig.learnt)
    rig.server.forget()
    rig.ended(rig.upload(small_files(tmp_path / "more")))
    looks = rig.server.count("HeadObject") + rig.server.count("ListObjectsV2")
    assert looks == 0 if trait is Trait.KEEPS_CONDITIONS else looks, "a store that keeps conditions needs no look"
    refused = [one for one in rig.server.asked("PutObject") if not one.committed]
    assert not refused, "it is not asked twice"


@pytest.mark.parametrize("size", [100, 6 << 20])
def test_public_is_believed_after_an_unsigned_get(begin: Begin, tmp_path: Path, size: int) -> None:
    for follows in (True, False):
        rig = begin(Dialect(follows_acls=follows))
        (tmp_path / "x").write_bytes(content(size))
        job = rig.done(rig.upload(tmp_path / "x", public=True))
        assert job.not_public is not follows
        assert rig.server.store.item(BUCKET, "x").acl == "public-read"


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("a ", lambda key: key.rstrip(" ")),
        ("b.", lambda key: key.rstrip(".")),
        ("c\\d", lambda key: key.replace("\\", "/")),
    ],
)
@pytest.mark.parametrize("size", [100, 6 << 20])
def test_a_key_that_the_store_changes_is_told(
    begin: Begin, tmp_path: Path, name: str, kept_as: Callable[[str], str], size: int
) -> None:
    for change in (kept_as, lambda key: key):
        rig = begin(Dialect(kept_as=change))
        (tmp_path / name).write_bytes(content(size))
        (tmp_path / "plain").write_bytes(content(100))
        group = rig.upload(tmp_path / name, tmp_path / "plain")
        status = rig.ended(group).status
        failed = [job.error.kind for job in rig.jobs(group) if job.error]
        assert failed == ([ErrorKind.RENAMED] if change is kept_as else [])
        assert status.counts.done == 2 - len(failed)


def test_no_request_for_a_plain_key(begin: Begin, tmp_path: Path) -> None:
    rig = begin(Dialect())
    rig.ended(rig.upload(small_files(tmp_path / "plain")))
    lists = [
        one
        for one in rig.server.asked("ListObjectsV2")
        if re.fullmatch(r"plain/\d+", str(one.request.query.get("prefix"))) and "start-after" not in one.request.query
    ]
    assert not lists
