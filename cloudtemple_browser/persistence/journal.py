"""The transfers that survive the program: groups, jobs and proven parts in SQLite (https://sqlite.org/wal.html).

What was committed is there after the process was killed at any instant; after a power cut the last moments may be missing, and
then what they told is found out again from the store and the disk. One thread at a time uses a journal.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import pickle
import sqlite3
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudtemple_browser.model.acl import CannedAcl
from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.transfers import (
    ConflictPolicy,
    Counts,
    Decision,
    DeleteRequest,
    Direction,
    GroupRecord,
    GroupStatus,
    Job,
    JobRecord,
    JobStatus,
    TransferState,
)
from cloudtemple_browser.model.writes import WriteOptions
from cloudtemple_browser.persistence.files import local_failure, lock_file
from cloudtemple_browser.persistence.paths import private_folder

VERSION = 1
_TABLES = """
CREATE TABLE groups (
    id INTEGER PRIMARY KEY, status BLOB NOT NULL, request BLOB NOT NULL, scanned INTEGER NOT NULL, ended REAL NOT NULL
);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL, state INTEGER NOT NULL, big INTEGER NOT NULL,
    bucket TEXT NOT NULL, key TEXT NOT NULL, path BLOB NOT NULL, root BLOB NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, modified INTEGER NOT NULL, type TEXT NOT NULL, acl TEXT NOT NULL, policy TEXT NOT NULL,
    replaces TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL, flags INTEGER NOT NULL DEFAULT 0, error BLOB,
    begun INTEGER NOT NULL DEFAULT 0, stamp TEXT NOT NULL DEFAULT '', target TEXT NOT NULL DEFAULT '',
    result BLOB NOT NULL DEFAULT '',
    upload_id TEXT NOT NULL DEFAULT '', part_size INTEGER NOT NULL DEFAULT 0, before BLOB, begun_at REAL NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX jobs_once ON jobs (grp, key, path);
CREATE INDEX jobs_queue ON jobs (grp, state, big, id);
CREATE TABLE parts (
    job INTEGER NOT NULL, number INTEGER NOT NULL, proof TEXT NOT NULL, PRIMARY KEY (job, number)
) WITHOUT ROWID;
CREATE TABLE left_out (grp INTEGER NOT NULL, subject TEXT NOT NULL, error BLOB NOT NULL);
CREATE INDEX left_out_of ON left_out (grp);
"""
_ALL_VALUES = (
    "SELECT status FROM groups UNION ALL SELECT request FROM groups UNION ALL SELECT error FROM left_out"
    " UNION ALL SELECT error FROM jobs WHERE error IS NOT NULL UNION ALL SELECT before FROM jobs WHERE before IS NOT NULL"
)
_STATES = tuple(TransferState)
_NUMBER = {state: number for number, state in enumerate(_STATES)}
_SKIPPED, _VERIFIED, _NOT_PUBLIC, _PROVEN = 1, 2, 4, 8
_JOB_COLUMNS = (
    "id, grp, state, bucket, key, path, root, size, etag, modified, type, acl, policy, replaces, done, total, flags, error,"
    " begun, stamp, target, result, upload_id, part_size, before, begun_at"
)


class Journal:
    """The journal of one program. Blocking, quick (milliseconds). Every method may raise ``BrowserError`` (LOCAL_*, DISK_FULL).

    Nothing is on the disk before ``commit``.
    """

    def __init__(self, file: Path | None) -> None:
        """Open the journal in ``file``, or one in memory that ends with the program."""
        self._file, self._lock = file, -1
        self._connections: dict[int, tuple[str, Direction]] = {}
        with self._told():
            if file:
                private_folder(file.parent)
            self._db = self._open(file)

    @classmethod
    def at(cls, file: Path) -> tuple[Journal, bool]:
        """The journal in ``file``; one in memory, and False, while another program of this user has that open.

        Raises ``BrowserError`` where there can be no such file.
        """
        with contextlib.suppress(OSError):
            private_folder(file.parent)
        try:
            lock = lock_file(file.with_suffix(".lock"))
        except OSError as error:
            raise local_failure(error, file) from error
        if lock is None:
            return cls(None), False
        journal = cls(file)
        journal._lock = lock
        return journal, True

    def _open(self, file: Path | None) -> sqlite3.Connection:
        db = _connect(file)
        version = _version(db)
        if version not in (0, VERSION) and file:  # damaged, or from another version: kept beside, never overwritten
            db.close()
            _set_aside(file)
            db, version = _connect(file), 0
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        if version == 0:
            db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        return db

    @contextlib.contextmanager
    def _told(self) -> Any:
        try:
            yield
        except OSError as error:
            raise local_failure(error, self._file or Path()) from error
        except (sqlite3.Error, pickle.UnpicklingError) as error:
            kind = ErrorKind.DISK_FULL if "full" in str(error) else ErrorKind.LOCAL_OTHER
            raise BrowserError(kind).about(subject=str(self._file or ""), message=f"{type(error).__name__}: {error}") from error

    # ---------------------------------------------------------------------------------------------------------- groups

    def groups(self) -> tuple[GroupRecord, ...]:
        """All groups, oldest first, with their counts and bytes as the jobs have them."""
        with self._told():
            found = [
                self._group(*row) for row in self._db.execute("SELECT id, status, request, scanned FROM groups ORDER BY id")
            ]
            return tuple(replace(record, status=self._counted(record.status)) for record in found)

    def _group(self, number: int, status: bytes, request: bytes, scanned: int) -> GroupRecord:
        record = GroupRecord(replace(_loads(status), id=number), _loads(request), bool(scanned))
        self._connections[number] = record.status.connection_id, record.status.direction
        return record

    def _counted(self, status: GroupStatus) -> GroupStatus:
        if status.direction is Direction.DELETE:
            return status
        numbers = dict.fromkeys(_STATES, 0)
        done = total = skipped = unproven = not_public = 0
        rows = self._db.execute(
            "SELECT state, flags, count(*), sum(done), sum(max(total, 0)) FROM jobs WHERE grp = ? GROUP BY state, flags",
            (status.id,),
        )
        for state, flags, count, done_bytes, total_bytes in rows:
            numbers[_STATES[state]] += count
            done, total = done + done_bytes, total + total_bytes
            if _STATES[state] is TransferState.DONE:
                skipped += count if flags & _SKIPPED else 0
                unproven += 0 if flags & (_VERIFIED | _SKIPPED) else count
                not_public += count if flags & _NOT_PUBLIC else 0
        counts = Counts(**{state.value: numbers[state] for state in _STATES}, skipped=skipped)
        return replace(status, counts=counts, bytes_done=done, bytes_total=total, unproven=unproven, not_public=not_public)

    def add_group(self, record: GroupRecord) -> None:
        """Keep a new group."""
        status = record.status
        with self._told():
            values = (status.id, _dumps(status), _dumps(record.request), record.scanned, status.ended)
            self._db.execute("INSERT INTO groups VALUES (?, ?, ?, ?, ?)", values)
        self._connections[status.id] = status.connection_id, status.direction

    def save_group(self, status: GroupStatus, *, scanned: bool) -> None:
        """Keep a group's status. Once all its jobs are there the request, which is large, is not needed any more.

        It is kept while something was left out, since a retry looks for that again.
        """
        with self._told():
            self._db.execute(
                "UPDATE groups SET status = ?, ended = ?, scanned = ? WHERE id = ?",
                (_dumps(status), status.ended, scanned, status.id),
            )
            if scanned and not status.left_out:
                small = DeleteRequest(status.connection_id, status.bucket, "", ())
                self._db.execute("UPDATE groups SET request = ? WHERE id = ?", (_dumps(small), status.id))

    def remove_groups(self, groups: Iterable[int]) -> None:
        """Forget groups with everything in them."""
        with self._told():
            for group in groups:
                self._db.execute("DELETE FROM parts WHERE job IN (SELECT id FROM jobs WHERE grp = ?)", (group,))
                for table in ("jobs", "left_out"):
                    self._db.execute(f"DELETE FROM {table} WHERE grp = ?", (group,))  # noqa: S608 - our own names
                self._db.execute("DELETE FROM groups WHERE id = ?", (group,))
                self._connections.pop(group, None)

    def leave_out(self, group: int, things: Iterable[tuple[str, BrowserError]]) -> None:
        """Keep what was asked for and became no job, and why."""
        with self._told():
            rows = ((group, _text(subject), _dumps(error)) for subject, error in things)
            self._db.executemany("INSERT INTO left_out VALUES (?, ?, ?)", rows)

    def left_out(self, group: int, limit: int) -> tuple[tuple[str, BrowserError], ...]:
        """The first ``limit`` things that were left out."""
        with self._told():
            rows = self._db.execute("SELECT subject, error FROM left_out WHERE grp = ? LIMIT ?", (group, limit))
            return tuple((subject, _loads(error)) for subject, error in rows)

    def forget_left_out(self, group: int) -> None:
        """Nothing was left out: the scan begins anew."""
        with self._told():
            self._db.execute("DELETE FROM left_out WHERE grp = ?", (group,))

    # ------------------------------------------------------------------------------------------------------------ jobs

    def add_jobs(self, group: int, jobs: Sequence[Job], big: int) -> int:
        """Keep QUEUED jobs of a group, except those that it has already; returns how many are new.

        Jobs of more than ``big`` bytes, or of unknown size, are claimed apart from the others.
        """
        with self._told():
            before = self._db.total_changes
            rows = [_job_row(group, job, big) for job in jobs]
            self._db.executemany(
                "INSERT OR IGNORE INTO jobs (grp, state, big, bucket, key, path, root, size, etag, modified, type, acl, policy,"
                " replaces, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            return self._db.total_changes - before

    def claim(self, group: int, *, big: bool, limit: int) -> tuple[JobRecord, ...]:
        """Take the next QUEUED jobs of a group: they are RUNNING now."""
        with self._told():
            rows = self._db.execute(
                f"SELECT {_JOB_COLUMNS} FROM jobs WHERE grp = ? AND state = ? AND big = ? ORDER BY id LIMIT ?",  # noqa: S608
                (group, _NUMBER[TransferState.QUEUED], big, limit),
            ).fetchall()
            running, queued = _NUMBER[TransferState.RUNNING], _NUMBER[TransferState.QUEUED]
            if rows:  # they are the first ones
                self._db.execute(
                    "UPDATE jobs SET state = ?, error = NULL WHERE grp = ? AND state = ? AND big = ? AND id <= ?",
                    (running, group, queued, big, rows[-1][0]),
                )
            return tuple(self._record((*row[:2], running, *row[3:])) for row in rows)

    def job(self, number: int) -> JobRecord | None:
        """One job, or None when it is gone."""
        with self._told():
            row = self._db.execute(f"SELECT {_JOB_COLUMNS} FROM jobs WHERE id = ?", (number,)).fetchone()  # noqa: S608
            return self._record(row) if row else None

    def jobs(self, group: int, state: TransferState, limit: int, *, latest: bool = False) -> tuple[JobRecord, ...]:
        """The first, or the latest, ``limit`` jobs of a group in one state."""
        order = "DESC" if latest else "ASC"
        with self._told():
            rows = self._db.execute(
                f"SELECT {_JOB_COLUMNS} FROM jobs WHERE grp = ? AND state = ? ORDER BY id {order} LIMIT ?",  # noqa: S608
                (group, _NUMBER[state], limit),
            )
            return tuple(self._record(row) for row in rows)

    def begun(self, records: Iterable[JobRecord]) -> None:
        """Keep that bytes of these jobs may reach their targets from now on."""
        with self._told():
            self._db.executemany(
                "UPDATE jobs SET begun = 1, target = ?, stamp = ? WHERE id = ?",
                [(_text(record.target), record.stamp, record.job.id) for record in records],
            )

    def save(self, records: Iterable[JobRecord]) -> None:
        """Keep jobs as they are now."""
        with self._told():
            self._db.executemany(
                "UPDATE jobs SET state = ?, done = ?, total = ?, flags = ?, error = ?, begun = ?, stamp = ?, target = ?,"
                " result = ?, upload_id = ?, part_size = ?, before = ?, begun_at = ?, etag = ?, size = ? WHERE id = ?",
                [_saved_row(record) for record in records],
            )

    def move(
        self,
        group: int,
        states: Iterable[TransferState],
        new: TransferState,
        ids: Sequence[int] = (),
        error: BrowserError | None = None,
    ) -> None:
        """Change the state of all jobs of a group, or of these jobs, that are in one of ``states``; sets their error."""
        told = _dumps(error) if error else None
        old = [_NUMBER[state] for state in states]
        marks = ", ".join("?" * len(old))
        with self._told():
            if ids:
                self._db.executemany(
                    f"UPDATE jobs SET state = ?, error = ? WHERE id = ? AND state IN ({marks})",  # noqa: S608 - question marks
                    [(_NUMBER[new], told, number, *old) for number in ids],
                )
            else:
                self._db.execute(
                    f"UPDATE jobs SET state = ?, error = ? WHERE grp = ? AND state IN ({marks})",  # noqa: S608 - question marks
                    (_NUMBER[new], told, group, *old),
                )

    def fail_keys(self, group: int, bucket: str, failures: Iterable[tuple[str, BrowserError]]) -> None:
        """Keep keys that a deletion could not delete, as FAILED jobs."""
        failed = _NUMBER[TransferState.FAILED]
        with self._told():
            self._db.executemany(
                "INSERT OR REPLACE INTO jobs (grp, state, big, bucket, key, path, root, size, etag, modified, type, acl,"
                " policy, replaces, total, error) VALUES (?, ?, 0, ?, ?, X'', X'', 0, '', -1, '', '', 'refuse', '', 0, ?)",
                [(group, failed, bucket, key, _dumps(error)) for key, error in failures],
            )

    def unfinished(self, group: int) -> tuple[JobRecord, ...]:
        """CANCELLED jobs of a group that may have left something behind, at the store or on the disk."""
        with self._told():
            rows = self._db.execute(
                f"SELECT {_JOB_COLUMNS} FROM jobs WHERE grp = ? AND state = ? AND begun = 1",  # noqa: S608 - our own names
                (group, _NUMBER[TransferState.CANCELLED]),
            )
            return tuple(self._record(row) for row in rows)

    def remove_jobs(self, ids: Sequence[int]) -> None:
        """Forget jobs."""
        with self._told():
            for table, column in (("parts", "job"), ("jobs", "id")):
                self._db.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number in ids])  # noqa: S608

    def counted(self, status: GroupStatus) -> GroupStatus:
        """A group's status with the counts and bytes that its jobs have now."""
        with self._told():
            return self._counted(status)

    def groups_of(self, ids: Sequence[int]) -> Mapping[int, int]:
        """The group of each job that is there."""
        with self._told():
            found = (self._db.execute("SELECT id, grp FROM jobs WHERE id = ?", (number,)).fetchone() for number in ids)
            return dict(row for row in found if row)

    # ----------------------------------------------------------------------------------------------------------- parts

    def note_part(self, job: int, number: int, proof: str) -> None:
        """Keep that a part is there, with what proves it: its MD5, its ETag, or both. Number 0 stands for the whole file."""
        with self._told():
            self._db.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", (job, number, proof))

    def parts(self, job: int) -> dict[int, str]:
        """The parts that were noted, and what proves them."""
        with self._told():
            return dict(self._db.execute("SELECT number, proof FROM parts WHERE job = ?", (job,)))

    def forget_parts(self, job: int) -> None:
        """No part of a job counts any more."""
        with self._told():
            self._db.execute("DELETE FROM parts WHERE job = ?", (job,))

    def commit(self) -> None:
        """Put everything since the last commit on the disk."""
        with self._told():
            self._db.commit()

    def close(self) -> None:
        """Commit and close."""
        with contextlib.suppress(BrowserError):
            self.commit()
        self._db.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _record(self, row: tuple[Any, ...]) -> JobRecord:
        number, group, state, bucket, key, path, root, size, etag, modified, content_type, acl, policy, replaces = row[:14]
        done, total, flags, error, begun, stamp, target, result, upload_id, part_size, before, begun_at = row[14:]
        connection_id, direction = self._connections[group]
        job = Job(
            number,
            group,
            direction,
            connection_id,
            ObjectRef(bucket, key),
            _path(path),
            _folder(root),
            size,
            etag,
            modified,
            _options(content_type, acl),
            _decision(policy, replaces),
        )
        wrote = os.fsdecode(result) if result else ""
        status = JobStatus(
            job,
            _STATES[state],
            done,
            total,
            _loads(error) if error else None,
            again=False,
            verified=bool(flags & _VERIFIED),
            skipped=bool(flags & _SKIPPED),
            not_public=bool(flags & _NOT_PUBLIC),
            path=Path(wrote) if wrote and direction is Direction.DOWNLOAD else None,
            key=target if direction is Direction.UPLOAD else "",
        )
        snapshot = _loads(before) if before is not None else None
        return JobRecord(status, stamp, target, bool(begun), upload_id, part_size, snapshot, begun_at, bool(flags & _PROVEN))


def _connect(file: Path | None) -> sqlite3.Connection:
    if file:  # SQLite would make it readable by others; its companion files take the mode of this one
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
    db = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level="DEFERRED", timeout=10)
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def _version(db: sqlite3.Connection) -> int:
    """The version of a journal, 0 for a new one, -1 for one that is damaged."""
    try:
        sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        version: int = db.execute("PRAGMA user_version").fetchone()[0] if sound else -1
        if version == VERSION:
            for (value,) in db.execute(_ALL_VALUES):
                _loads(value)
    except sqlite3.OperationalError:  # it cannot be read now: that is no damage
        raise
    except (sqlite3.DatabaseError, pickle.UnpicklingError):
        return -1
    return version


def _set_aside(file: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{file}{ending}").replace(f"{file}.damaged{ending}")


def _text(value: str) -> str:
    """Text that SQLite takes: a name that is no Unicode is shown, never lost."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _path(stored: bytes) -> Path:
    return Path(os.fsdecode(stored))


@functools.lru_cache(64)
def _folder(stored: bytes) -> Path:
    return _path(stored)


@functools.lru_cache(256)
def _options(content_type: str, acl: str) -> WriteOptions:
    return WriteOptions(content_type, CannedAcl(acl) if acl else None)


@functools.lru_cache(256)
def _decision(policy: str, replaces: str) -> Decision:
    return Decision(ConflictPolicy(policy), replaces)


def _job_row(group: int, job: Job, big: int) -> tuple[Any, ...]:
    acl = job.options.acl.value if job.options.acl else ""
    large = job.size > big or job.size < 0
    where = (
        group,
        _NUMBER[TransferState.QUEUED],
        large,
        job.ref.bucket,
        job.ref.key,
        os.fsencode(job.path),
        os.fsencode(job.root),
    )
    facts = (job.size, job.etag, job.modified, job.options.content_type, acl)
    return (*where, *facts, job.decision.policy.value, job.decision.replaces, job.size)


def _saved_row(record: JobRecord) -> tuple[Any, ...]:
    status = record.status
    flags = _SKIPPED * status.skipped | _VERIFIED * status.verified | _NOT_PUBLIC * status.not_public | _PROVEN * record.proven
    error = _dumps(status.error) if status.error else None
    result = os.fsencode(status.path) if status.path else b""
    before = None if record.before is None else _dumps(record.before)
    state = (_NUMBER[status.state], status.done_bytes, status.total_bytes, flags, error)
    begun = (
        record.begun,
        record.stamp,
        _text(record.target),
        result,
        record.upload_id,
        record.part_size,
        before,
        record.begun_at,
    )
    return (*state, *begun, status.job.etag, status.job.size, status.job.id)


def _dumps(value: object) -> bytes:
    return pickle.dumps(value, protocol=5)


class _Values(pickle.Unpickler):
    """Reads frozen values of ``model`` and paths, and nothing that could run: the file may have been tampered with."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(("cloudtemple_browser.model.", "pathlib")):
            found = getattr(sys.modules.get(module), name, None) if "." not in name else None
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value of this program")


def _loads(stored: bytes) -> Any:
    try:
        return _Values(io.BytesIO(stored)).load()
    except Exception as error:  # what damaged bytes make of it is anybody's guess
        raise pickle.UnpicklingError(str(error)) from error
