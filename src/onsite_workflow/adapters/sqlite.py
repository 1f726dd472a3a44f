"""The embedded store: one SQLite file, write-ahead log, every commit synced to the disk.

Several threads may share a store and several processes a file. Only SQL that SQLite 3.40 has.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import groupby
from pathlib import Path
from threading import RLock
from typing import Any, Final

import attrs

from onsite_workflow.errors import CorruptRecord, InvalidInput
from onsite_workflow.events import Event
from onsite_workflow.obligations import Obligation, Status
from onsite_workflow.ports import (
    CaseSummary,
    Commit,
    FeedEntry,
    StoredCommit,
    key_taken,
    other_content,
    stale,
)
from onsite_workflow.regulation import Kind
from onsite_workflow.serialization import event_from_json, event_to_json
from onsite_workflow.terms import SHANGHAI, Result, State

__all__ = ["SQLiteStore"]

SCHEMA_VERSION: Final = 1
_APPLICATION_ID: Final = 0x4209_2023  # tells a store from any other SQLite file

# Times are whole microseconds since 1970 UTC, so that they sort and lose nothing.
_SCHEMA: Final = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (case_id, version)
);
CREATE TABLE commits (
    command_id TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    case_id TEXT NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE claims (
    key TEXT PRIMARY KEY,
    case_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE cases (
    case_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    result TEXT,
    edition TEXT NOT NULL,
    lead TEXT,
    opened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    calendar_revision TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE case_units (
    case_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (case_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX case_units_by_unit ON case_units (unit, case_id);
CREATE TABLE obligations (
    case_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    clause TEXT NOT NULL,
    bearer TEXT NOT NULL,
    subject TEXT,
    opened_at INTEGER NOT NULL,
    due_day TEXT,
    due INTEGER,
    status TEXT NOT NULL,
    provisional INTEGER NOT NULL,
    earliest TEXT,
    latest TEXT,
    PRIMARY KEY (case_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX obligations_by_due ON obligations (due, case_id) WHERE due IS NOT NULL;
"""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def _from_time(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _to_time(micros: int) -> dt.datetime:
    return (_EPOCH + dt.timedelta(microseconds=micros)).astimezone(SHANGHAI)


class SQLiteStore:
    """``path`` is made where it is missing and ``create`` is set; its folder is not."""

    def __init__(self, path: str | Path, *, create: bool = True, timeout: float = 30.0) -> None:
        self._path = Path(path)
        if not create and not self._path.exists():
            raise InvalidInput.of("store", "missing", "没有这个库文件。", "there is no such file.")
        self._lock = RLock()
        try:
            self._db = sqlite3.connect(
                self._path, timeout=timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._open(create=create, timeout=timeout)
            except BaseException:
                self._db.close()
                raise
        except sqlite3.OperationalError as error:
            raise InvalidInput.of(
                "store", "unreadable", "库文件打不开。", f"the file can't be opened ({error})."
            ) from None
        except sqlite3.DatabaseError:
            raise InvalidInput.of(
                "store", "unreadable", "不是SQLite库文件。", "is not an SQLite file."
            ) from None

    def _open(self, *, create: bool, timeout: float) -> None:
        """Nothing is written to a file before it is known to be a store, or empty."""
        if not self._is_store() and not create:
            raise InvalidInput.of("store", "missing", "库文件是空的。", "the file is empty.")
        self._write_ahead(timeout)
        self._db.execute("PRAGMA synchronous = FULL")
        if self._is_store():
            return
        with self._transaction():
            if self._is_store():  # another process has made it meanwhile
                return
            for statement in _SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _is_store(self) -> bool:
        """False where the file is empty; ``InvalidInput`` where it is anything else."""
        application, version, tables = self._db.execute(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
            " FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if (application, version) == (_APPLICATION_ID, SCHEMA_VERSION):
            return True
        if tables == 0:
            return False
        raise InvalidInput.of(
            "store",
            "unknown_schema",
            "库文件的版本不是本程序能用的。",
            "the file has a schema that this version does not know.",
            facts={"found": version, "known": SCHEMA_VERSION},
        )

    def _write_ahead(self, timeout: float) -> None:
        """SQLite waits for every lock but this one, where two turn to a write-ahead log at once."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                (mode,) = self._db.execute("PRAGMA journal_mode = WAL").fetchone()
                break
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > deadline:
                    raise
            time.sleep(0.005)
        if mode != "wal":
            raise InvalidInput.of(
                "store",
                "unreadable",
                "此处不能使用预写日志（WAL）。",
                "can't keep a write-ahead log here.",
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One writer at a time, from the first statement on: nobody fails half-way for a lock.
        Within a batch, a part of its transaction that can be undone alone."""
        with self._lock:
            inner = self._db.in_transaction
            self._db.execute("SAVEPOINT append" if inner else "BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("RELEASE append" if inner else "COMMIT")
            except BaseException:
                if not self._db.in_transaction:
                    pass  # a full or failing disk: SQLite has undone the whole transaction itself
                elif inner:
                    self._db.execute("ROLLBACK TO append")
                    self._db.execute("RELEASE append")
                else:
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # --- promises 1–4, 7 ---

    def append(self, commit: Commit) -> StoredCommit:
        with self._transaction():
            first = self._find(commit.command_id)
            if first is not None:
                if first.content != commit.content:
                    raise other_content(commit.command_id)
                return attrs.evolve(first, repeated=True)
            self._check(commit)
            self._insert(commit)
        return StoredCommit(
            command_id=commit.command_id,
            content=commit.content,
            events=commit.events,
            answer=commit.answer,
        )

    def _check(self, commit: Commit) -> None:
        rows = self._rows("SELECT version FROM cases WHERE case_id = ?", commit.case)
        found = rows[0][0] if rows else 0
        if found != commit.expected_version:
            raise stale(commit.case, commit.expected_version, found)
        for key in commit.keys:
            holder = self._rows("SELECT case_id FROM claims WHERE key = ?", key)
            if holder and holder[0][0] != commit.case:
                raise key_taken(key)

    def _insert(self, commit: Commit) -> None:
        execute, many, case = self._db.execute, self._db.executemany, commit.case
        many(
            "INSERT INTO events (case_id, version, record) VALUES (?, ?, ?)",
            [(case, event.version, event_to_json(event)) for event in commit.events],
        )
        execute(
            "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?)",
            (
                commit.command_id,
                commit.content,
                case,
                commit.expected_version + 1,
                commit.expected_version + len(commit.events),
                commit.answer,
            ),
        )
        many("INSERT OR IGNORE INTO claims VALUES (?, ?)", [(key, case) for key in commit.keys])
        summary = commit.summary
        execute(
            "INSERT OR REPLACE INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                case,
                summary.version,
                summary.state.value,
                None if summary.result is None else summary.result.value,
                summary.edition,
                summary.lead,
                _from_time(summary.opened_at),
                _from_time(summary.recorded_at),
                commit.calendar_revision,
            ),
        )
        execute("DELETE FROM case_units WHERE case_id = ?", (case,))
        many(
            "INSERT INTO case_units VALUES (?, ?, ?)",
            [(case, ordinal, unit) for ordinal, unit in enumerate(summary.units)],
        )
        execute("DELETE FROM obligations WHERE case_id = ?", (case,))
        many(
            "INSERT INTO obligations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(case, i, *_obligation_values(o)) for i, o in enumerate(commit.obligations)],
        )

    def batch(self) -> AbstractContextManager[None]:
        return self._transaction()

    def find(self, command_id: str) -> StoredCommit | None:
        return self._find(command_id)

    def _find(self, command_id: str) -> StoredCommit | None:
        rows = self._rows(
            "SELECT c.content, c.answer, e.record FROM commits c JOIN events e"
            " ON e.case_id = c.case_id AND e.version BETWEEN c.first_version AND c.last_version"
            " WHERE c.command_id = ? ORDER BY e.version",
            command_id,
        )
        if not rows:
            return None
        return StoredCommit(
            command_id=command_id,
            content=rows[0][0],
            events=tuple(event_from_json(record) for _, _, record in rows),
            answer=rows[0][1],
        )

    # --- promises 5, 6, 8 ---

    def load(self, case: str) -> tuple[Event, ...]:
        rows = self._rows(
            "SELECT version, record FROM events WHERE case_id = ? ORDER BY version", case
        )
        events = tuple(event_from_json(record) for _, record in rows)
        if any(event.version != number for event, (number, _) in zip(events, rows, strict=True)):
            raise CorruptRecord.because(
                "version",
                "记录的序号与其所在位置不符。",
                "an entry is not at the place that its version says.",
                facts={"case": case},
            )
        return events

    def feed(self, *, after: int = 0, limit: int = 1000) -> Sequence[FeedEntry]:
        rows = self._rows(
            "SELECT position, record FROM events WHERE position > ? ORDER BY position LIMIT ?",
            after,
            limit,
        )
        return [FeedEntry(position=p, event=event_from_json(record)) for p, record in rows]

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
    ) -> Sequence[CaseSummary]:
        sql = "SELECT * FROM cases WHERE case_id > ?"
        values: list[Any] = [after]
        if state is not None:
            sql += " AND state = ?"
            values.append(state.value)
        if unit is not None:
            sql += " AND case_id IN (SELECT case_id FROM case_units WHERE unit = ?)"
            values.append(unit)
        # One statement sees one state of the file, whatever other processes write meanwhile.
        rows = self._rows(
            "SELECT c.case_id, c.version, c.state, c.result, c.edition, c.lead, c.opened_at,"
            f" c.recorded_at, u.unit FROM ({sql} ORDER BY case_id LIMIT ?) c"
            " LEFT JOIN case_units u ON u.case_id = c.case_id ORDER BY c.case_id, u.ordinal",
            *values,
            limit,
        )
        return [
            _summary(row, tuple(unit for (*_, unit) in group if unit is not None))
            for row, group in groupby(rows, key=lambda row: row[:-1])
        ]

    def open_obligations(
        self, *, before: dt.datetime | None = None, unit: str | None = None, limit: int = 1000
    ) -> Sequence[Obligation]:
        sql = "SELECT * FROM obligations WHERE 1"
        values: list[Any] = []
        if before is not None:
            sql += " AND due IS NOT NULL AND due < ?"
            values.append(_from_time(before))
        if unit is not None:
            sql += " AND bearer = ?"
            values.append(unit)
        sql += " ORDER BY due IS NULL, due, case_id, kind, coalesce(subject, '') LIMIT ?"
        return [_obligation(row) for row in self._rows(sql, *values, limit)]

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _summary(row: Any, units: tuple[str, ...]) -> CaseSummary:
    case, version, state, result, edition, lead, opened_at, recorded_at = row
    return CaseSummary(
        case=case,
        version=version,
        state=State(state),
        result=None if result is None else Result(result),
        edition=edition,
        lead=lead,
        units=units,
        opened_at=_to_time(opened_at),
        recorded_at=_to_time(recorded_at),
    )


def _obligation_values(obligation: Obligation) -> tuple[Any, ...]:
    def day(value: dt.date | None) -> str | None:
        return None if value is None else value.isoformat()

    return (
        obligation.kind.value,
        obligation.clause,
        obligation.bearer,
        obligation.subject,
        _from_time(obligation.opened_at),
        day(obligation.due_day),
        None if obligation.due is None else _from_time(obligation.due),
        obligation.status.value,
        int(obligation.provisional),
        day(obligation.earliest),
        day(obligation.latest),
    )


def _obligation(row: Any) -> Obligation:
    def day(value: str | None) -> dt.date | None:
        return None if value is None else dt.date.fromisoformat(value)

    (case, _, kind, clause, bearer, subject, opened_at, due_day, due, status, *rest) = row
    provisional, earliest, latest = rest
    return Obligation(
        case=case,
        kind=Kind(kind),
        clause=clause,
        bearer=bearer,
        subject=subject,
        opened_at=_to_time(opened_at),
        due_day=day(due_day),
        due=None if due is None else _to_time(due),
        status=Status(status),
        provisional=bool(provisional),
        earliest=day(earliest),
        latest=day(latest),
    )
