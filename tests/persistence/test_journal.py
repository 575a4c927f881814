"""The journal gives back what it was given, survives damage, and never runs what a file tells it to run."""

from __future__ import annotations

import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import Size, translate
from cloudtemple_browser.model.transfers import (
    ConflictPolicy,
    Counts,
    Decision,
    DeleteRequest,
    Direction,
    DownloadRequest,
    GroupRecord,
    GroupStatus,
    Job,
    JobRecord,
    JobStatus,
    Request,
    TransferState,
    UploadRequest,
)
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.persistence import journal as module
from cloudtemple_browser.persistence.journal import Journal

BIG = 1000
UP = UploadRequest(
    "c",
    "bucket",
    "p/",
    (Path("/a"), Path(os.fsdecode(b"/b\xff"))),
    public=True,
    decisions={"p/a": Decision(ConflictPolicy.SKIP)},
)
DOWN = DownloadRequest(
    "c",
    "bucket",
    (ObjectEntry("k", 1, 2, "e"),),
    ("f/",),
    "f/",
    Path("/t"),
    {"/t/k": Decision(ConflictPolicy.OVERWRITE, "1:2:3")},
)
GONE = DeleteRequest("c", "bucket", "p/", ("p/\x00", "p/🎉"), ("x",))
FAILURE = BrowserError(
    ErrorKind.TOO_LARGE,
    ErrorFacts("Put", "s3://b/\udcff", 400, "Code", "why"),
    (("message", translate("t", "{limit}")(limit=Size(7))),),
)

names = st.binary(min_size=1, max_size=20).filter(
    lambda name: b"\0" not in name and b"/" not in name and name not in (b".", b"..")
)
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: Path(os.fsdecode(b"/" + b"/".join(parts))))
texts = st.text(st.characters(codec="utf-8"), max_size=20)
keys = st.text(st.characters(codec="utf-8") | st.sampled_from("\x00🎉/\n"), min_size=1, max_size=20)
sizes = st.integers(-1, 5 << 40)
etags = st.text("0123456789abcdef-\"'%", max_size=40)


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    decision = Decision(draw(st.sampled_from(ConflictPolicy)), draw(etags))
    acl = draw(st.none() | st.sampled_from(CannedAcl))
    return Job(
        0,
        1,
        Direction.UPLOAD,
        "c",
        ObjectRef("bucket", draw(keys)),
        draw(paths),
        draw(paths),
        draw(sizes),
        draw(etags),
        draw(sizes),
        WriteOptions(draw(texts), acl),
        decision,
    )


@st.composite
def changes(draw: st.DrawFn) -> dict[str, object]:
    """What a run may change of a record, besides its status."""
    return {
        "stamp": draw(texts),
        "target": draw(keys | st.just("")),
        "begun": draw(st.booleans()),
        "upload_id": draw(texts),
        "part_size": draw(st.integers(0, 5 << 30)),
        "before": draw(st.none() | st.lists(texts, max_size=3).map(tuple)),
        "begun_at": draw(st.floats(0, 1e10)),
        "proven": draw(st.booleans()),
    }


def status_of(number: int = 1, direction: Direction = Direction.UPLOAD) -> GroupStatus:
    return GroupStatus(number, direction, "c", "bucket", "p/", ("a",), 1, 1.5, scanning=True)


def filled(
    journal: Journal, *found: Job, number: int = 1, request: Request = UP, direction: Direction = Direction.UPLOAD
) -> None:
    journal.add_group(GroupRecord(status_of(number, direction), request))
    journal.add_jobs(number, found, BIG)
    journal.commit()


def job(name: str = "a", size: int = 10) -> Job:
    return Job(0, 1, Direction.UPLOAD, "c", ObjectRef("bucket", name), Path("/root") / name, Path("/root"), size)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "transfers.sqlite3"


@pytest.fixture
def journal(file: Path) -> Iterator[Journal]:
    with closing(Journal(file)) as journal:
        yield journal


def reopened(journal: Journal, file: Path) -> Journal:
    journal.close()
    return Journal(file)


# ----------------------------------------------------------------------------------------------------------- what is kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(job=jobs(), changed=changes(), state=st.sampled_from(TransferState), done=sizes, failed=st.booleans())
def test_a_job_comes_back_as_it_was_saved(
    job: Job, changed: dict[str, object], state: TransferState, done: int, failed: bool
) -> None:
    with closing(Journal(None)) as journal:
        filled(journal, job)
        (new,) = journal.jobs(1, TransferState.QUEUED, 5)
        job = replace(job, id=new.job.id)
        assert new == JobRecord(JobStatus(job, TransferState.QUEUED, 0, job.size))
        status = JobStatus(job, state, done, job.size, FAILURE if failed else None, verified=True, not_public=failed)
        record = replace(JobRecord(status), **changed)  # type: ignore[arg-type]
        journal.save((record,))
        journal.commit()
        assert repr(journal.job(job.id)) == repr(replace(record, status=replace(status, key=record.target)))
        assert [found.job.id for found in journal.jobs(1, state, 5)] == [job.id]


def test_all_is_there_when_it_is_opened_again(journal: Journal, file: Path) -> None:
    for number, request, direction in ((1, UP, Direction.UPLOAD), (2, DOWN, Direction.DOWNLOAD), (3, GONE, Direction.DELETE)):
        filled(journal, number=number, request=request, direction=direction)
    journal.add_jobs(1, (job("a"), job("b")), BIG)
    journal.add_jobs(2, (replace(job("a"), group=2, direction=Direction.DOWNLOAD),), BIG)
    journal.fail_keys(3, "bucket", [("p/\x00", FAILURE)])
    journal.leave_out(1, [("x\udcff", FAILURE)])
    (fetched,) = journal.claim(2, big=False, limit=5)
    written = Path(os.fsdecode(b"/t/\xff"))
    journal.save((replace(fetched, status=replace(fetched.status, state=TransferState.DONE, done_bytes=10, path=written)),))
    journal.note_part(fetched.job.id, 2, "md5")
    journal.commit()
    with closing(reopened(journal, file)) as again:
        up, down, gone = again.groups()
        assert (up.request, down.request, gone.request) == (UP, DOWN, GONE)
        assert up.status == replace(status_of(), counts=Counts(queued=2), bytes_total=20)
        assert down.status.counts == Counts(done=1)
        assert (down.status.bytes_done, down.status.unproven) == (10, 1)
        ((subject, error),) = again.left_out(1, 5)
        assert (subject, repr(error)) == ("x\ufffd", repr(FAILURE))
        (failed,) = again.jobs(3, TransferState.FAILED, 5)
        assert (failed.job.ref.key, repr(failed.status.error)) == ("p/\x00", repr(FAILURE))
        (done,) = again.jobs(2, TransferState.DONE, 5)
        assert done.status.path == written
        assert again.parts(done.job.id) == {2: "md5"}


def test_the_request_goes_once_all_its_jobs_are_there(journal: Journal) -> None:
    filled(journal)
    journal.save_group(replace(status_of(), held=True), scanned=False)
    assert journal.groups()[0].request == UP
    journal.save_group(status_of(), scanned=True)
    (record,) = journal.groups()
    assert record.scanned
    assert record.request == DeleteRequest("c", "bucket", "", ())


def test_nothing_is_there_before_it_is_committed(journal: Journal, file: Path) -> None:
    filled(journal)
    journal.add_jobs(1, (job(),), BIG)
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT count(*) FROM jobs").fetchone() == (0,)
        journal.commit()
        assert other.execute("SELECT count(*) FROM jobs").fetchone() == (1,)


def test_jobs_are_claimed_once_by_size_and_added_once(journal: Journal) -> None:
    filled(journal, job("a", BIG), job("b", BIG + 1), job("c", -1), job("d", 0))
    assert journal.add_jobs(1, (job("a", BIG), job("e")), BIG) == 1
    assert [record.job.ref.key for record in journal.claim(1, big=False, limit=2)] == ["a", "d"]
    assert [record.job.ref.key for record in journal.claim(1, big=False, limit=2)] == ["e"]
    assert [record.job.ref.key for record in journal.claim(1, big=True, limit=9)] == ["b", "c"]
    assert not journal.claim(1, big=True, limit=9)
    assert {record.status.state for record in journal.jobs(1, TransferState.RUNNING, 9)} == {TransferState.RUNNING}


def test_orders_move_what_they_name_and_nothing_else(journal: Journal) -> None:
    filled(journal, *(job(name) for name in "abcd"))
    ids = [record.job.id for record in journal.jobs(1, TransferState.QUEUED, 9)]
    journal.move(1, (TransferState.QUEUED,), TransferState.PAUSED, ids[:2], FAILURE)
    journal.move(1, (TransferState.PAUSED,), TransferState.CANCELLED, ids[1:])
    states = [record.status.state for number in ids if (record := journal.job(number))]
    assert states == [TransferState.PAUSED, TransferState.CANCELLED, TransferState.QUEUED, TransferState.QUEUED]
    paused = journal.job(ids[0])
    assert paused
    assert repr(paused.status.error) == repr(FAILURE)
    journal.move(1, (TransferState.QUEUED, TransferState.PAUSED), TransferState.QUEUED)
    assert journal.counted(status_of()).counts == Counts(queued=3, cancelled=1)
    assert journal.groups_of((*ids, 999)) == dict.fromkeys(ids, 1)


def test_what_is_removed_leaves_nothing(journal: Journal, file: Path) -> None:
    filled(journal, job("a"), job("b"))
    first, second = journal.jobs(1, TransferState.QUEUED, 9)
    for record in (first, second):
        journal.note_part(record.job.id, 1, "x")
    journal.leave_out(1, [("x", FAILURE)])
    journal.remove_jobs((first.job.id,))
    assert journal.parts(first.job.id) == {}
    assert journal.parts(second.job.id) == {1: "x"}
    journal.remove_groups((1,))
    journal.commit()
    with closing(sqlite3.connect(file)) as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        ]
        assert len(tables) == 4
        assert all(db.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,) for name in tables)  # noqa: S608


def test_a_hundred_thousand_jobs_cost_no_memory_and_few_statements(journal: Journal) -> None:
    """They are streamed in and claimed by index: nothing looks at all of them."""
    filled(journal)
    statements: list[str] = []
    for first in range(0, 100_000, 1000):
        journal.add_jobs(1, [job(f"{n:06}") for n in range(first, first + 1000)], BIG)
    journal.commit()
    tracemalloc.start()
    journal._db.set_trace_callback(statements.append)
    assert len(journal.claim(1, big=False, limit=16)) == 16
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 20
    assert len(statements) <= 4, statements
    (chosen,) = (text for text in statements if text.startswith("SELECT"))
    plan = journal._db.execute(f"EXPLAIN QUERY PLAN {chosen}").fetchall()
    assert [row[3].split("(")[0].strip() for row in plan] == ["SEARCH jobs USING INDEX jobs_queue"], "no scan, no sort"


# -------------------------------------------------------------------------------------------------- damage, and two at once


@pytest.mark.parametrize("damage", ["garbage", "torn", "newer"])
def test_a_file_that_is_not_sound_is_set_aside(journal: Journal, file: Path, damage: str) -> None:
    filled(journal, *(job(str(n)) for n in range(2000)))
    journal.close()
    if damage == "garbage":
        file.write_bytes(b"no database at all")
    elif damage == "torn":
        with file.open("r+b") as stream:
            stream.seek(4096)
            stream.write(b"\xff" * 8192)
    else:
        with closing(sqlite3.connect(file)) as db:
            db.execute("PRAGMA user_version = 99")
    before = file.read_bytes()
    with closing(Journal(file)) as again:
        assert again.groups() == ()
        filled(again, job())
        assert again.counted(status_of()).counts.total == 1
    assert file.with_name(f"{file.name}.damaged").read_bytes() == before


class Evil:
    """What runs a program when it is read by a plain unpickler."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._trace}",)


WHERE = {
    "status": "UPDATE groups SET status = ?",
    "request": "UPDATE groups SET request = ?",
    "left out": "UPDATE left_out SET error = ?",
    "error": "UPDATE jobs SET error = ?",
    "before": "UPDATE jobs SET before = ?",
}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("what", ["evil", "cut", "builtin"])
def test_a_value_that_is_none_of_ours_is_refused_and_never_run(
    journal: Journal, file: Path, tmp_path: Path, where: str, what: str
) -> None:
    filled(journal, job())
    journal.leave_out(1, [("x", FAILURE)])
    trace = tmp_path / "trace"
    values = {"evil": pickle.dumps(Evil(trace)), "cut": pickle.dumps(FAILURE)[:-5], "builtin": pickle.dumps(eval)}
    journal._db.execute(WHERE[where], (values[what],))
    journal.commit()
    with pytest.raises(BrowserError) as caught:  # while it is open
        journal.groups()
        journal.left_out(1, 5)
        journal.jobs(1, TransferState.QUEUED, 5)
    assert caught.value.kind is ErrorKind.LOCAL_OTHER
    with closing(reopened(journal, file)) as again:
        assert again.groups() == (), "set aside: the next start must not stop at it"
    assert file.with_name(f"{file.name}.damaged").exists()
    assert not trace.exists()


@pytest.mark.parametrize(
    "name", ["os.system", "builtins.eval", "pathlib.os.system", "cloudtemple_browser.model.transfers.enum", "subprocess.Popen"]
)
def test_only_values_of_the_model_are_read(name: str) -> None:
    owner, _, attribute = name.rpartition(".")
    with pytest.raises(pickle.UnpicklingError):
        module._loads(f"c{owner}\n{attribute}\n.".encode())
    assert module._loads(b"ccloudtemple_browser.model.transfers\nJob\n.") is Job


def test_a_second_program_gets_one_in_memory(file: Path) -> None:
    journal, ours = Journal.at(file)
    filled(journal, job())
    assert ours
    code = f"""
from pathlib import Path
from cloudtemple_browser.persistence.journal import Journal
journal, ours = Journal.at(Path({str(file)!r}))
print(ours, len(journal.groups()))
journal.close()
"""
    root = str(Path(module.__file__).parents[2])
    command = [sys.executable, "-c", code]
    second = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": root}, capture_output=True, text=True, timeout=60, check=True
    )
    assert second.stdout.split() == ["False", "0"]
    journal.close()
    again, ours = Journal.at(file)
    assert ours
    assert len(again.groups()) == 1
    again.close()


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_nobody_else_can_read_it(journal: Journal, file: Path) -> None:
    filled(journal, job())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert set(modes) >= {file.name, f"{file.name}-wal"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_full_disk_is_said(journal: Journal) -> None:
    journal._db.execute("PRAGMA max_page_count = 20")
    filled(journal)
    with pytest.raises(BrowserError) as caught:
        journal.add_jobs(1, [job(f"{n:06}" * 50) for n in range(2000)], BIG)
    assert caught.value.kind is ErrorKind.DISK_FULL
