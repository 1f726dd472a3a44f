"""The embedded store: one SQLite file, write-ahead log, every commit synced to the disk.

Several threads may share a store and several processes a file; all capabilities of ``ports`` are
kept. Only SQL that SQLite 3.40 has.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import RLock, Thread
from typing import Any, Final, NoReturn, Protocol

import attrs

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: writers wait as SQLite lets them
    fcntl = None  # type: ignore[assignment]

from onsite_workflow.errors import (
    CorruptRecord,
    InvalidInput,
    NotSupported,
    Remedy,
    StoreUnavailable,
)
from onsite_workflow.events import Event
from onsite_workflow.obligations import Obligation, Status
from onsite_workflow.ports import (
    DEFAULT_CENTRE,
    Capability,
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    Lease,
    StoredCommit,
    key_taken,
    moved_on,
    other_content,
    stale,
)
from onsite_workflow.regulation import Kind
from onsite_workflow.serialization import event_digest, event_from_json, event_to_json
from onsite_workflow.terms import SHANGHAI, Result, State

__all__ = ["SQLiteStore"]

SCHEMA_VERSION: Final = 2
_APPLICATION_ID: Final = 0x4209_2023  # tells a store from any other SQLite file

# Times are whole microseconds since 1970 UTC, so that they sort and lose nothing. Texts compare by
# their UTF-8, which is the order of code points. Nothing is ever deleted from ``events``, so that
# no position is given twice.
_SCHEMA: Final = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    centre TEXT NOT NULL,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (centre, case_id, version)
);
CREATE INDEX events_by_centre ON events (centre);  -- and, as in every index, position
CREATE TABLE commits (
    centre TEXT NOT NULL,
    command_id TEXT NOT NULL,
    content TEXT NOT NULL,
    case_id TEXT NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (centre, command_id)
) WITHOUT ROWID;
CREATE TABLE claims (
    centre TEXT NOT NULL,
    key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, key)
) WITHOUT ROWID;
CREATE TABLE cases (
    centre TEXT NOT NULL,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    result TEXT,
    edition TEXT NOT NULL,
    lead TEXT,
    units TEXT NOT NULL,  -- JSON, in order: case_units finds them
    opened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    head TEXT NOT NULL,
    calendar_revision TEXT NOT NULL,
    applicant_keys TEXT NOT NULL,  -- JSON, in order: case_applicants finds them
    PRIMARY KEY (centre, case_id)
) WITHOUT ROWID;
CREATE INDEX cases_by_state ON cases (centre, state, case_id);
CREATE INDEX cases_by_calendar ON cases (centre, calendar_revision, case_id);
CREATE TABLE case_units (
    centre TEXT NOT NULL,
    unit TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, unit, case_id)
) WITHOUT ROWID;
CREATE TABLE case_applicants (
    centre TEXT NOT NULL,
    applicant_key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, applicant_key, case_id)
) WITHOUT ROWID;
CREATE TABLE obligations (
    centre TEXT NOT NULL,
    case_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject NOT NULL,  -- 0 where there is none: a number sorts before every text
    clause TEXT NOT NULL,
    bearer TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    due_day TEXT,
    due INTEGER NOT NULL,  -- the greatest number where nothing sets a limit
    status TEXT NOT NULL,
    provisional INTEGER NOT NULL,
    earliest TEXT,
    latest TEXT,
    met_at INTEGER,
    worker TEXT,  -- of the lease, and until when it runs
    until INTEGER,
    PRIMARY KEY (centre, case_id, kind, subject)
) WITHOUT ROWID;
CREATE INDEX obligations_by_due ON obligations (centre, due, case_id, kind, subject);
CREATE INDEX obligations_by_bearer ON obligations (centre, bearer, due, case_id, kind, subject);
CREATE TABLE positions (
    centre TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    position TEXT NOT NULL,
    PRIMARY KEY (centre, subscriber)
) WITHOUT ROWID;
"""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_NO_LIMIT: Final = 2**63 - 1
_NO_SUBJECT: Final = 0

Row = tuple[Any, ...]
Rows = list[Row]
Values = Sequence[Any] | dict[str, Any]


def _from_time(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _to_time(micros: int) -> dt.datetime:
    return (_EPOCH + dt.timedelta(microseconds=micros)).astimezone(SHANGHAI)


# --- what SQLite complains of, as the port's own answers ------------------------------------------


def _unavailable(why: str) -> StoreUnavailable:
    return StoreUnavailable.because(
        "store_unavailable",
        f"库现在不能用（{why}）。",
        f"the store can't be used now ({why}).",
        remedy=Remedy(
            zh="排除故障后用同一内容再办一次，不会重复登记。",
            en="Mend that and send the same again: nothing is stored twice.",
        ),
    )


_RESTORE: Final = Remedy(
    zh="用onsite-workflow store check查明损坏之处，从备份恢复。",
    en="Ask onsite-workflow store check what is damaged, and restore a backup.",
)


def _damaged() -> CorruptRecord:
    return CorruptRecord.because(
        "damaged_file",
        "库文件有损坏，读不出来。",
        "the file is damaged, and this can't be read back.",
        remedy=_RESTORE,
    )


def _read_only() -> NotSupported:
    return NotSupported.because(
        "read_only",
        "库是只读打开的，不能写入。",
        "the store was opened read-only: nothing can be written.",
        remedy=Remedy(zh="以可写方式打开。", en="Open it for writing."),
    )


def _refused(
    rule: str, zh: str, en: str, remedy: Remedy | None = None, **facts: Any
) -> InvalidInput:
    return InvalidInput.of("store", rule, zh, en, facts=facts, remedy=remedy)


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's primary result code; None where the complaint is the driver's own."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


class _Told:
    """What SQLite complains of while statements run, as the port's own answer."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not isinstance(error, sqlite3.Error):
            return
        if _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _damaged() from error
        if "decode to UTF-8" in str(error):  # it goes on to repeat the text
            raise _damaged() from None
        raise _unavailable(str(error)) from error


_told: Final = _Told()


@contextmanager
def _opened() -> Iterator[None]:
    """What SQLite complains of while a file is opened."""
    try:
        yield
    except sqlite3.Error as error:
        code = _code(error)
        if code == sqlite3.SQLITE_BUSY:
            raise _unavailable(str(error)) from error
        if code == sqlite3.SQLITE_CORRUPT:
            raise _refused("damaged", "库文件已损坏。", "the file is damaged.", _RESTORE) from None
        if code == sqlite3.SQLITE_NOTADB:
            zh, en = "不是SQLite库文件。", "is not an SQLite file."
        else:
            zh, en = "库文件打不开。", f"the file can't be opened ({error})."
        raise _refused("unreadable", zh, en) from None


# --- where statements go --------------------------------------------------------------------------


class _Place(Protocol):
    """A connection, and what a transaction is there."""

    def rows(self, sql: str, values: Values = ()) -> Rows:
        """The answer to one statement, which sees one committed state of the file."""
        ...

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """All that is done within, or nothing."""
        ...

    def join(self, transaction: Any) -> _Place:
        """The same file, within the caller's transaction."""
        ...


@contextmanager
def _savepoint(db: sqlite3.Connection, cursor: sqlite3.Cursor) -> Iterator[sqlite3.Cursor]:
    """A part of a transaction that can be undone alone."""
    with _told:
        cursor.execute("SAVEPOINT append")
    try:
        yield cursor
        with _told:
            cursor.execute("RELEASE append")
    except BaseException:
        if db.in_transaction:  # a full or failing disk: SQLite has undone the whole by itself
            cursor.execute("ROLLBACK TO append")
            cursor.execute("RELEASE append")
        raise


class _Joined:
    """A transaction that the caller has begun, and will end."""

    def __init__(self, db: Any, path: Path) -> None:
        if not isinstance(db, sqlite3.Connection):
            raise _not_joined("wrong_type", "应为sqlite3.Connection。", "must be a Connection.")
        if db.text_factory is not str:
            raise _not_joined("text_factory", "文字应为str。", "must give texts as str.")
        self._db, self._path = db, path
        self._cursor = db.cursor()
        self._cursor.row_factory = None
        ((file,),) = self.rows("SELECT file FROM pragma_database_list WHERE name = 'main'")
        if not file or not os.path.samefile(file, path):
            raise _not_joined("other_file", "不在此库的文件上。", "is on another file.")

    def _begun(self) -> sqlite3.Cursor:
        if not self._db.in_transaction:
            raise _not_joined(
                "not_begun",
                "尚未开始，或者已经结束；先执行BEGIN IMMEDIATE。",
                "has not begun, or has ended: BEGIN IMMEDIATE first.",
            )
        return self._cursor

    def rows(self, sql: str, values: Values = ()) -> Rows:
        cursor = self._begun()
        with _told:
            return cursor.execute(sql, values).fetchall()

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        return _savepoint(self._db, self._begun())

    def join(self, transaction: Any) -> _Place:
        return _Joined(transaction, self._path)


def _not_joined(rule: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput.of("transaction", rule, zh, en)


class _Connection:
    """One connection to the file, shared by the threads and centres of a store."""

    def __init__(self, path: Path, timeout: float) -> None:
        self.path, self.timeout = path, timeout
        self._connect()

    def _connect(self) -> None:
        self._pid, self._lock, self._inside = os.getpid(), RLock(), False
        self._db = self._new()
        self._cursor = self._db.cursor()

    def _new(self) -> sqlite3.Connection:
        raise NotImplementedError

    def _held(self) -> AbstractContextManager[Any]:
        """The lock on the connection. One that was carried across a fork would damage the file: the
        child opens its own, and leaves the parent's alone."""
        if self._pid != os.getpid():
            _LEFT_ALONE.append((self._db, self._cursor))
            self._connect()
        return self._lock

    def rows(self, sql: str, values: Values = ()) -> Rows:
        with self._held(), _told:
            return self._cursor.execute(sql, values).fetchall()

    def close(self) -> None:
        if self._pid == os.getpid():
            with self._lock:
                self._db.close()


#: A parent's connections, which its child must neither use nor close.
_LEFT_ALONE: Final[list[Any]] = []


def _connected(path: str | Path, timeout: float, *, uri: bool = False) -> sqlite3.Connection:
    db = sqlite3.connect(
        path, timeout=timeout, isolation_level=None, check_same_thread=False, uri=uri
    )
    db.execute("PRAGMA cell_size_check = ON")  # so that a damaged page is said to be one
    return db


class _Writable(_Connection):
    """The file opened for writing: a write-ahead log, synced at every commit."""

    def _new(self) -> sqlite3.Connection:
        db = _connected(self.path, self.timeout)
        db.execute("PRAGMA synchronous = FULL")
        return db

    def open(self, *, create: bool) -> None:
        """Nothing is written to a file before it is known to be a store, or empty."""
        if _schema_of(self._db) is None and not create:
            raise _refused("missing", "库文件是空的。", "the file is empty.")
        self._write_ahead()
        if _schema_of(self._db) != SCHEMA_VERSION:
            with self.writing() as cursor, _told:
                _make_schema(cursor, _schema_of(self._db))  # which another may just have made

    def _write_ahead(self) -> None:
        """SQLite waits for every lock but this one, where two turn to a write-ahead log at once."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                (mode,) = self._db.execute("PRAGMA journal_mode = WAL").fetchone()
                break
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.005)
        if mode != "wal":
            raise _refused(
                "unreadable", "此处不能使用预写日志（WAL）。", "can't keep a write-ahead log here."
            )

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        with self._held():
            if not self._inside:
                with _turn(f"{self.path}-lock", self.timeout), self._transaction() as cursor:
                    yield cursor
            elif self._db.in_transaction:
                with _savepoint(self._db, self._cursor) as cursor:
                    yield cursor
            else:
                raise _unavailable("the whole batch has been undone")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        """One writer at a time, from the first statement on: nobody fails half-way for a lock."""
        db, cursor, pid = self._db, self._cursor, self._pid
        with _told:
            cursor.execute("BEGIN IMMEDIATE")
        self._inside = True
        try:
            yield cursor
            if os.getpid() != pid:
                raise _unavailable("begun in another process")
            with _told:
                cursor.execute("COMMIT")
        except BaseException:
            if os.getpid() == pid and db.in_transaction:
                cursor.execute("ROLLBACK")
            raise
        finally:
            self._inside = False

    def join(self, transaction: Any) -> _Place:
        return _Joined(transaction, self.path)

    def another(self) -> sqlite3.Connection:
        """For a long look at the file that keeps nobody waiting."""
        return _connected(f"{self.path.resolve().as_uri()}?mode=ro", self.timeout, uri=True)


class _ReadOnly(_Connection):
    """The file opened so that nothing is written, not even beside it.

    SQLite reads a write-ahead log by way of a file of its own, which it makes where it is missing.
    Where there is no log, nobody has the file open for writing, and it is read as one that doesn't
    change: an answer counts if the file was the same before and after.
    """

    def _new(self) -> sqlite3.Connection:
        self._seen = self._stamp()
        return self.another()

    def another(self) -> sqlite3.Connection:
        how = "mode=ro" if self._stamp() is None else "mode=ro&immutable=1"
        return _connected(f"{self.path.resolve().as_uri()}?{how}", self.timeout, uri=True)

    def _stamp(self) -> tuple[int, ...] | None:
        """What tells one state of the file from another; None where there is a log."""
        if os.path.exists(f"{self.path}-wal"):
            return None
        found = os.stat(self.path)
        return found.st_ino, found.st_size, found.st_mtime_ns

    def open(self) -> None:
        found = _schema_of(self._db)
        if found is None:
            raise _refused("missing", "库文件是空的。", "the file is empty.")
        if found != SCHEMA_VERSION:
            raise _refused(
                "old_schema",
                "库文件是旧版本的，须先升级。",
                "the file has an older schema, and must be brought up to date first.",
                Remedy(zh="运行onsite-workflow store init。", en="Run onsite-workflow store init."),
                found=found,
                known=SCHEMA_VERSION,
            )

    def rows(self, sql: str, values: Values = ()) -> Rows:
        with self._held():
            for _ in range(100):
                if self._seen != self._stamp():
                    self._db.close()
                    with _told:
                        self._connect()
                with _told:
                    found = self._cursor.execute(sql, values).fetchall()
                if self._seen == self._stamp():
                    return found
        raise _unavailable("the file keeps changing")

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        raise _read_only()

    def join(self, _: Any) -> NoReturn:
        raise _read_only()


@contextmanager
def _turn(path: str, timeout: float) -> Iterator[None]:
    """The turn to write: a lock on a file beside the store's.

    SQLite lets those who wait for its own lock sleep longer and longer, so that of several who
    write without a pause one may get nothing for seconds. The kernel wakes those who wait for this
    one in their order. Where there is no such lock (Windows, some network disks) SQLite's has to do.
    """
    turn = None if fcntl is None else _take_turn(path, timeout)
    pid = os.getpid()
    try:
        yield
    finally:
        if turn is not None:
            if os.getpid() == pid:
                fcntl.flock(turn, fcntl.LOCK_UN)  # closing alone leaves it to a forked child
            os.close(turn)


def _take_turn(path: str, timeout: float) -> int | None:
    try:
        turn = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:
        return None
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _wait_for_turn(turn, timeout)
    except OSError:
        os.close(turn)
        return None
    return turn


def _wait_for_turn(turn: int, timeout: float) -> int:
    """The kernel's wait has no time limit, so that a thread of its own does the waiting."""
    from concurrent.futures import Future  # noqa: PLC0415 - only where there is a queue

    taken: Future[int] = Future()

    def wait() -> None:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if taken.set_running_or_notify_cancel():
            taken.set_result(turn)
        else:  # nobody waits any longer
            os.close(turn)

    Thread(target=wait, daemon=True, name="onsite-workflow-turn").start()
    try:
        return taken.result(timeout)
    except BaseException as error:
        if not taken.cancel():
            os.close(taken.result())  # it came at the last moment
        if isinstance(error, TimeoutError):
            raise _unavailable("database is locked") from None
        raise


# --- schema and migration -------------------------------------------------------------------------


def _schema_of(db: sqlite3.Connection) -> int | None:
    """None where the file is empty; ``InvalidInput`` where it is not a store's."""
    application, version, tables = db.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application == _APPLICATION_ID and 1 <= version <= SCHEMA_VERSION:
        return int(version)
    if tables == 0:
        return None
    raise _refused(
        "unknown_schema",
        "库文件的版本不是本程序能用的。",
        "the file has a schema that this version does not know.",
        found=version,
        known=SCHEMA_VERSION,
    )


def _make_schema(cursor: sqlite3.Cursor, found: int | None) -> None:
    if found == SCHEMA_VERSION:
        return
    if found == 1:
        _from_schema_1(cursor)
    else:
        _execute_all(cursor, _SCHEMA)
        cursor.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _execute_all(cursor: sqlite3.Cursor, script: str) -> None:
    """Within the transaction, which ``executescript`` would commit."""
    for statement in script.split(";"):
        cursor.execute(statement)


_LEAVE_SCHEMA_1: Final = """
DROP INDEX case_units_by_unit;
DROP INDEX obligations_by_due;
ALTER TABLE events RENAME TO events_1;
ALTER TABLE commits RENAME TO commits_1;
ALTER TABLE claims RENAME TO claims_1;
ALTER TABLE cases RENAME TO cases_1;
ALTER TABLE case_units RENAME TO case_units_1;
ALTER TABLE obligations RENAME TO obligations_1
"""
_TAKE_OVER: Final = f"""
INSERT INTO events SELECT position, '{DEFAULT_CENTRE}', case_id, version, record FROM events_1
    ORDER BY position;
INSERT INTO commits SELECT '{DEFAULT_CENTRE}', command_id, content, case_id, first_version,
    last_version, answer FROM commits_1;
INSERT INTO claims SELECT '{DEFAULT_CENTRE}', key, case_id FROM claims_1;
INSERT OR IGNORE INTO case_units SELECT '{DEFAULT_CENTRE}', unit, case_id FROM case_units_1;
INSERT OR REPLACE INTO obligations SELECT '{DEFAULT_CENTRE}', case_id, kind,
    ifnull(subject, {_NO_SUBJECT}), clause, bearer, opened_at, due_day, ifnull(due, {_NO_LIMIT}),
    status, provisional, earliest, latest, NULL, NULL, NULL FROM obligations_1
"""
_DROP_SCHEMA_1: Final = """
DROP TABLE events_1;
DROP TABLE commits_1;
DROP TABLE claims_1;
DROP TABLE cases_1;
DROP TABLE case_units_1;
DROP TABLE obligations_1
"""


def _from_schema_1(cursor: sqlite3.Cursor) -> None:
    """From the first version's tables, which knew one centre and kept no ``head``."""
    _execute_all(cursor, _LEAVE_SCHEMA_1)
    _execute_all(cursor, _SCHEMA)
    _execute_all(cursor, _TAKE_OVER)
    units: dict[str, list[str]] = {}
    for case, unit in cursor.execute("SELECT case_id, unit FROM case_units_1 ORDER BY ordinal"):
        units.setdefault(case, []).append(unit)
    lines = cursor.connection.execute(
        "SELECT c.case_id, c.version, c.state, c.result, c.edition, c.lead, c.opened_at,"
        " c.recorded_at, c.calendar_revision, CAST(e.record AS BLOB)"
        " FROM cases_1 c LEFT JOIN events_1 e ON e.case_id = c.case_id AND e.version = c.version"
    )
    for case, version, state, result, edition, lead, opened, recorded, revision, last in lines:
        cursor.execute(
            f"INSERT INTO cases VALUES ({', '.join('?' * 13)})",
            (
                *(DEFAULT_CENTRE, case, version, state, result, edition, lead),
                *(_texts(units.get(case, ())), opened, recorded, _head(last), revision, "[]"),
            ),
        )
    lines.close()
    _execute_all(cursor, _DROP_SCHEMA_1)


def _head(record: bytes | None) -> str:
    """The digest of a case's last event; empty where that can't be read, which ``check`` tells: a
    damaged case doesn't keep the others from being brought up to date."""
    try:
        return event_digest(event_from_json((record or b"").decode()))
    except (CorruptRecord, UnicodeDecodeError):
        return ""


# --- the store ------------------------------------------------------------------------------------


class _Centre(CaseStore):
    """What one centre sees of a file."""

    capabilities = frozenset(Capability)

    def __init__(self, place: _Place, centre: str) -> None:
        self._place, self._centre = place, centre

    # --- events ---

    def append(self, commit: Commit) -> StoredCommit:
        centre, case = self._centre, commit.case
        events = [(centre, case, event.version, event_to_json(event)) for event in commit.events]
        with self._place.writing() as cursor, _told:
            before = self._line(case)
            cursor.execute(
                "INSERT OR IGNORE INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(centre, commit.command_id, commit.content, case),
                    *(commit.expected_version + 1, commit.expected_version + len(events)),
                    commit.answer,
                ),
            )
            if not cursor.rowcount:
                return self._repeated(commit)
            found = 0 if before is None else before[0]
            if found != commit.expected_version:
                raise stale(case, commit.expected_version, found)
            self._claim(cursor, commit)
            cursor.executemany(
                "INSERT INTO events (centre, case_id, version, record) VALUES (?, ?, ?, ?)", events
            )
            self._list(cursor, before, commit.summary, commit.obligations)
        return StoredCommit(
            command_id=commit.command_id,
            content=commit.content,
            events=commit.events,
            answer=commit.answer,
        )

    def _repeated(self, commit: Commit) -> StoredCommit:
        first = self.find(commit.command_id)
        if first is None or first.content != commit.content:
            raise other_content(commit.command_id)
        return attrs.evolve(first, repeated=True)

    def _claim(self, cursor: sqlite3.Cursor, commit: Commit) -> None:
        for key in commit.keys:
            cursor.execute(
                "INSERT OR IGNORE INTO claims VALUES (?, ?, ?)", (self._centre, key, commit.case)
            )
            if not cursor.rowcount:
                ((holder,),) = self._rows(
                    "SELECT case_id FROM claims WHERE centre = ? AND key = ?", key
                )
                if holder != commit.case:
                    raise key_taken(key)

    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._place.writing():
            yield

    def find(self, command_id: str) -> StoredCommit | None:
        rows = self._rows(
            "SELECT c.content, c.answer, c.case_id, c.last_version, e.version,"
            " CAST(e.record AS BLOB) FROM commits c LEFT JOIN events e"
            " ON e.centre = c.centre AND e.case_id = c.case_id"
            " AND e.version BETWEEN c.first_version AND c.last_version"
            " WHERE c.centre = ? AND c.command_id = ? ORDER BY e.version",
            command_id,
        )
        if not rows:
            return None
        content, answer, case, last, found, _ = rows[-1]
        if found != last:
            raise _unreadable(case, last, "不在库中", "is missing")
        return StoredCommit(
            command_id=command_id,
            content=content,
            events=tuple(_event(case, version, record) for *_, version, record in rows),
            answer=answer,
        )

    def load(self, case: str) -> tuple[Event, ...]:
        rows = self._rows(
            "SELECT version, CAST(record AS BLOB) FROM events"
            " WHERE centre = ? AND case_id = ? ORDER BY version",
            case,
        )
        for place, (version, _) in enumerate(rows, start=1):
            if version != place:
                raise _unreadable(case, place, "不在库中", "is missing")
        return tuple(_event(case, version, record) for version, record in rows)

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        rows = self._rows(
            "SELECT position, case_id, version, CAST(record AS BLOB) FROM events"
            " WHERE centre = ? AND position > ? ORDER BY position LIMIT ?",
            _place(after),
            limit,
        )
        return [
            FeedEntry(position=str(position), event=_event(case, version, record))
            for position, case, version, record in rows
        ]

    # --- lists ---

    def _line(self, case: str) -> Row | None:
        """What the list of cases holds of ``case``: ``_LINE`` in order."""
        rows = self._rows(f"SELECT {_LINE_SQL} FROM cases WHERE centre = ? AND case_id = ?", case)
        return rows[0] if rows else None

    def _list(
        self,
        cursor: sqlite3.Cursor,
        before: Row | None,
        summary: CaseSummary,
        obligations: Sequence[Obligation],
    ) -> None:
        """Put these in the place of ``before``. What stays as it was is not written again, and so
        keeps its lease."""
        key, line = (self._centre, summary.case), _line_values(summary)
        if before is None:
            cursor.execute(_INSERT_LINE, key + line)
        elif before != line:
            changes, values = _changes(_LINE, before, line)
            cursor.execute(f"UPDATE cases SET {changes} WHERE {_CASE_KEY}", values + key)
        for marks, column in (("case_units", _UNITS), ("case_applicants", _APPLICANTS)):
            was = "[]" if before is None else before[column]
            if was != line[column]:
                _mark(cursor, marks, key, set(json.loads(was)), set(json.loads(line[column])))
        self._owe(cursor, key, obligations, new=before is None)

    def _owe(
        self, cursor: sqlite3.Cursor, key: Row, obligations: Sequence[Obligation], *, new: bool
    ) -> None:
        held: dict[Row, Row] = {}
        if not new:
            sql = f"SELECT {_OBLIGATION_SQL} FROM obligations WHERE {_CASE_KEY}"
            held = {row[:3]: row for row in cursor.execute(sql, key)}
        for obligation in obligations:
            row = _obligation_values(obligation)
            before = held.pop(row[:3], None)
            place = (self._centre, *row[:3])
            if before is None:
                cursor.execute(_INSERT_OBLIGATION, (self._centre, *row))
            elif before != row:
                changes, values = _changes(_OBLIGATION, before, row)
                cursor.execute(
                    f"UPDATE obligations SET {changes} WHERE {_OBLIGATION_KEY}", values + place
                )
                if before[_OPENED_AT] != row[_OPENED_AT] or before[_DUE] != row[_DUE]:
                    cursor.execute(_END_LEASE, place)
        for gone in held:
            cursor.execute(
                f"DELETE FROM obligations WHERE {_OBLIGATION_KEY}", (self._centre, *gone)
            )

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
        applicant_key: str | None = None,
        other_calendar_than: str | None = None,
    ) -> Sequence[CaseSummary]:
        # Each filter has an index in the order of ids. The first one's is followed, and the others
        # are looked up: left to itself, SQLite goes through all cases in their order.
        tables, only, cases = [], "", "cases"
        if applicant_key is not None:
            tables.append("case_applicants")
            only += " AND applicant_key = :applicant_key"
        if due_before is not None:
            tables.append(
                "(SELECT DISTINCT centre, case_id FROM obligations WHERE centre = :centre"
                " AND due < :due_before AND case_id > :after)"
            )
        if unit is not None:
            tables.append("case_units")
            only += " AND unit = :unit"
        if state is not None:
            only += " AND state = :state"
            cases = "cases INDEXED BY cases_by_state"
        if other_calendar_than is not None:
            only += f" AND calendar_revision IN ({_OTHER_REVISIONS})"
            if state is None:
                cases = "cases INDEXED BY cases_by_calendar"
        first, *rest = (*tables, "cases" if tables else cases)
        joined = "".join(f" CROSS JOIN {table} USING (centre, case_id)" for table in rest)
        rows = self._place.rows(
            f"SELECT case_id, {_LINE_SQL} FROM {first}{joined}"
            f" WHERE centre = :centre AND case_id > :after{only} ORDER BY case_id LIMIT :limit",
            {
                "centre": self._centre,
                "after": after,
                "limit": limit,
                "state": state,
                "unit": unit,
                "due_before": None if due_before is None else _from_time(due_before),
                "applicant_key": applicant_key,
                "revision": other_calendar_than,
            },
        )
        return [_summary(case, *line) for case, *line in rows]

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        only, values = _due(before, unit)
        if after is not None:
            only += " AND (due, case_id, kind, subject) > (?, ?, ?, ?)"
            row = _obligation_values(after)
            values += [row[_DUE], *row[:3]]
        rows = self._rows(
            f"SELECT {_OBLIGATION_SQL} FROM obligations WHERE centre = ?{only} {_IN_ORDER}",
            *values,
            limit,
        )
        return [_obligation(row) for row in rows]

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        with self._place.writing() as cursor, _told:
            before = self._line(summary.case)
            if before is None or before[0] != summary.version:
                return False
            self._list(cursor, before, summary, obligations)
            return True

    def close(self) -> None:
        """The file is closed by the store that opened it."""

    # --- capabilities ---

    def joining(self, transaction: Any) -> CaseStore:
        """``transaction``: the caller's own ``sqlite3.Connection`` to the same file, which may hold
        other tables beside the store's, with a transaction begun. ``BEGIN IMMEDIATE``: a plain
        ``BEGIN`` that reads first can be refused the right to write later."""
        return _Centre(self._place.join(transaction), self._centre)

    def for_centre(self, centre: str) -> CaseStore:
        return _Centre(self._place, centre)

    def claim_due(
        self,
        *,
        worker: str,
        before: dt.datetime,
        now: dt.datetime,
        until: dt.datetime,
        unit: str | None = None,
        limit: int = 100,
    ) -> Sequence[Lease]:
        only, values = _due(before, unit)
        with self._place.writing() as cursor, _told:
            rows = self._rows(
                f"SELECT {_OBLIGATION_SQL} FROM obligations WHERE centre = ?{only}"
                f" AND ifnull(until, {-_NO_LIMIT}) <= ? {_IN_ORDER}",
                *values,
                _from_time(now),
                limit,
            )
            cursor.executemany(
                f"UPDATE obligations SET worker = ?, until = ? WHERE {_OBLIGATION_KEY}",
                [(worker, _from_time(until), self._centre, *row[:3]) for row in rows],
            )
        return [Lease(obligation=_obligation(row), worker=worker, until=until) for row in rows]

    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        row = _obligation_values(lease.obligation)
        with self._place.writing() as cursor, _told:
            cursor.execute(
                f"UPDATE obligations SET until = ? WHERE {_OBLIGATION_KEY}"
                " AND opened_at = ? AND due = ? AND worker = ? AND until = ? AND until > ?",
                (
                    *(_from_time(until), self._centre, *row[:3], row[_OPENED_AT], row[_DUE]),
                    *(lease.worker, _from_time(lease.until), _from_time(now)),
                ),
            )
            return attrs.evolve(lease, until=until) if cursor.rowcount else None

    def position(self, subscriber: str) -> str:
        rows = self._rows(
            "SELECT position FROM positions WHERE centre = ? AND subscriber = ?", subscriber
        )
        return rows[0][0] if rows else ""

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        with self._place.writing() as cursor, _told:
            found = self.position(subscriber)
            if found != after:
                raise moved_on(subscriber, after, found)
            cursor.execute(
                "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)",
                (self._centre, subscriber, position),
            )

    def _rows(self, sql: str, *values: Any) -> Rows:
        """Of a statement whose first value is the centre."""
        return self._place.rows(sql, (self._centre, *values))


class SQLiteStore(_Centre):
    """The store in the file ``path``.

    With ``create`` a missing file is made (its folder is not); a file of an older schema is brought
    up to date whenever it is opened for writing. With ``read_only`` nothing is written, not even
    beside the file, and what would write raises ``NotSupported``. Who has waited ``timeout``
    seconds for other writers is told ``StoreUnavailable``.

    ``InvalidInput`` where the file is missing, or is no store, or not one that this version knows.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        create: bool = True,
        read_only: bool = False,
        timeout: float = 30.0,
    ) -> None:
        path = Path(path)
        if (read_only or not create) and not path.exists():
            raise _refused("missing", "没有这个库文件。", "there is no such file.")
        with _opened():
            file = (_ReadOnly if read_only else _Writable)(path, timeout)
            try:
                if isinstance(file, _ReadOnly):
                    file.open()
                else:
                    file.open(create=create)
            except BaseException:
                file.close()
                raise
        self._file = file
        super().__init__(file, DEFAULT_CENTRE)

    def close(self) -> None:
        self._file.close()


# --- rows and values ------------------------------------------------------------------------------

_LINE_SQL: Final = (
    "version, state, result, edition, lead, units, opened_at, recorded_at, head, calendar_revision,"
    " applicant_keys"
)
_LINE: Final = _LINE_SQL.split(", ")
_UNITS, _APPLICANTS = map(_LINE.index, ("units", "applicant_keys"))
_INSERT_LINE: Final = f"INSERT INTO cases VALUES (?, ?{', ?' * len(_LINE)})"
_CASE_KEY: Final = "centre = ? AND case_id = ?"

_OBLIGATION_SQL: Final = (
    "case_id, kind, subject, clause, bearer, opened_at, due_day, due, status, provisional,"
    " earliest, latest, met_at"
)
_OBLIGATION: Final = _OBLIGATION_SQL.split(", ")
_OPENED_AT, _DUE = map(_OBLIGATION.index, ("opened_at", "due"))
_INSERT_OBLIGATION: Final = (
    f"INSERT INTO obligations (centre, {_OBLIGATION_SQL}) VALUES (?{', ?' * len(_OBLIGATION)})"
)
_OBLIGATION_KEY: Final = "centre = ? AND case_id = ? AND kind = ? AND subject = ?"
_END_LEASE: Final = f"UPDATE obligations SET worker = NULL, until = NULL WHERE {_OBLIGATION_KEY}"
_IN_ORDER: Final = "ORDER BY due, case_id, kind, subject LIMIT ?"

#: A centre's calendar revisions, from one to the next in their index: there are few of them.
_OTHER_REVISIONS: Final = """
WITH RECURSIVE known (found) AS (
    SELECT min(calendar_revision) FROM cases WHERE centre = :centre
    UNION ALL
    SELECT (SELECT min(calendar_revision) FROM cases
            WHERE centre = :centre AND calendar_revision > found)
    FROM known WHERE found IS NOT NULL
)
SELECT found FROM known WHERE found <> :revision
"""


def _changes(columns: Sequence[str], before: Row, after: Row) -> tuple[str, Row]:
    """What an UPDATE sets, and its values: what has changed alone, since a column that is not named
    costs its indexes nothing."""
    changed = [i for i in range(len(columns)) if before[i] != after[i]]
    return ", ".join(f"{columns[i]} = ?" for i in changed), tuple(after[i] for i in changed)


def _mark(cursor: sqlite3.Cursor, table: str, key: Row, was: set[str], now: set[str]) -> None:
    """``case_units`` or ``case_applicants``: by what a case is found."""
    centre, case = key
    column = "unit" if table == "case_units" else "applicant_key"
    cursor.executemany(
        f"DELETE FROM {table} WHERE centre = ? AND {column} = ? AND case_id = ?",
        [(centre, mark, case) for mark in was - now],
    )
    cursor.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?)", [(centre, mark, case) for mark in now - was]
    )


def _due(before: dt.datetime | None, unit: str | None) -> tuple[str, list[Any]]:
    """The condition on obligations, and its values."""
    only = ""
    values: list[Any] = []
    if unit is not None:
        only += " AND bearer = ?"
        values.append(unit)
    if before is not None:
        only += " AND due < ?"
        values.append(_from_time(before))
    return only, values


def _texts(values: Sequence[str]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _place(position: str) -> int:
    """A place in the feed. ``InvalidInput`` where this store gave no such position."""
    with suppress(ValueError):
        found = int(position or 0)
        if 0 <= found <= _NO_LIMIT:
            return found
    raise InvalidInput.of(
        "position", "unreadable", "不是此库给出的位置。", "is not one that this store gave."
    )


def _unreadable(case: str, version: int, zh: str, en: str) -> CorruptRecord:
    return CorruptRecord.because(
        "unreadable_event",
        f"案件{case}的第{version}条记录{zh}。",
        f"Entry {version} of case {case} {en}.",
        facts={"case": case, "version": version},
        remedy=_RESTORE,
    )


def _event(case: str, version: int, record: bytes) -> Event:
    """The event stored at that place. ``CorruptRecord`` names the place."""
    try:
        event = event_from_json(record.decode())
    except UnicodeDecodeError:
        zh, en = "不是UTF-8", "is not UTF-8"
    except CorruptRecord as error:
        why = error.violations[0]
        zh, en = f"读不出来（{why.zh}）", f"can't be read back ({why.en})"
    else:
        if (event.case, event.version) == (case, version):
            return event
        zh, en = "不在其位", "is not in its place"
    raise _unreadable(case, version, zh, en)


def _line_values(summary: CaseSummary) -> Row:
    return (
        summary.version,
        summary.state.value,
        None if summary.result is None else summary.result.value,
        summary.edition,
        summary.lead,
        _texts(summary.units),
        _from_time(summary.opened_at),
        _from_time(summary.recorded_at),
        summary.head,
        summary.calendar_revision,
        _texts(summary.applicant_keys),
    )


def _unlisted(case: Any) -> CorruptRecord:
    return CorruptRecord.because(
        "unreadable_list",
        f"案件{case}在清单中的内容读不出来。",
        f"What the lists hold of case {case} can't be read back.",
        facts={"case": case},
        remedy=_RESTORE,
    )


def _summary(case: Any, *line: Any) -> CaseSummary:
    version, state, result, edition, lead, units, opened, recorded, head, revision, keys = line
    try:
        return CaseSummary(
            case=case,
            version=version,
            state=State(state),
            result=None if result is None else Result(result),
            edition=edition,
            lead=lead,
            units=tuple(json.loads(units)),
            opened_at=_to_time(opened),
            recorded_at=_to_time(recorded),
            head=head,
            calendar_revision=revision,
            applicant_keys=tuple(json.loads(keys)),
        )
    except (ValueError, TypeError, OverflowError):
        raise _unlisted(case) from None


def _obligation_values(obligation: Obligation) -> Row:
    def day(value: dt.date | None) -> str | None:
        return None if value is None else value.isoformat()

    return (
        obligation.case,
        obligation.kind.value,
        _NO_SUBJECT if obligation.subject is None else obligation.subject,
        obligation.clause,
        obligation.bearer,
        _from_time(obligation.opened_at),
        day(obligation.due_day),
        _NO_LIMIT if obligation.due is None else _from_time(obligation.due),
        obligation.status.value,
        int(obligation.provisional),
        day(obligation.earliest),
        day(obligation.latest),
        None if obligation.met_at is None else _from_time(obligation.met_at),
    )


def _obligation(row: Row) -> Obligation:
    def day(value: str | None) -> dt.date | None:
        return None if value is None else dt.date.fromisoformat(value)

    (case, kind, subject, clause, bearer, opened_at, due_day, due, status, *rest) = row
    provisional, earliest, latest, met_at = rest
    try:
        return Obligation(
            case=case,
            kind=Kind(kind),
            clause=clause,
            bearer=bearer,
            subject=None if subject == _NO_SUBJECT else subject,
            opened_at=_to_time(opened_at),
            due_day=day(due_day),
            due=None if due == _NO_LIMIT else _to_time(due),
            status=Status(status),
            provisional=bool(provisional),
            earliest=day(earliest),
            latest=day(latest),
            met_at=None if met_at is None else _to_time(met_at),
        )
    except (ValueError, TypeError, OverflowError):
        raise _unlisted(case) from None
