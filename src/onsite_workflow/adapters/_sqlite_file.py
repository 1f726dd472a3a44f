"""The file beneath ``adapters.sqlite``: what SQLite complains of, the schema and its migration, the
connections, and whose turn it is to write."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import RLock, Thread
from typing import Any, Final, NoReturn, Protocol

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
from onsite_workflow.ports import DEFAULT_CENTRE
from onsite_workflow.serialization import event_digest, event_from_json

Row = tuple[Any, ...]
Rows = list[Row]
Values = Sequence[Any] | dict[str, Any]

NO_LIMIT: Final = 2**63 - 1
NO_SUBJECT: Final = 0


def texts(values: Sequence[str]) -> str:
    """Several texts in one column."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


# --- what SQLite complains of, as the port's own answers ------------------------------------------


def unavailable(why: str) -> StoreUnavailable:
    return StoreUnavailable.because(
        "store_unavailable",
        f"库现在不能用（{why}）。",
        f"the store can't be used now ({why}).",
        remedy=Remedy(
            zh="排除故障后用同一内容再办一次，不会重复登记。",
            en="Mend that and send the same again: nothing is stored twice.",
        ),
    )


RESTORE: Final = Remedy(
    zh="用onsite-workflow store check查明损坏之处，从备份恢复。",
    en="Ask onsite-workflow store check what is damaged, and restore a backup.",
)


def damaged() -> CorruptRecord:
    return CorruptRecord.because(
        "damaged_file",
        "库文件有损坏，读不出来。",
        "the file is damaged, and this can't be read back.",
        remedy=RESTORE,
    )


def _read_only() -> NotSupported:
    return NotSupported.because(
        "read_only",
        "库是只读打开的，不能写入。",
        "the store was opened read-only: nothing can be written.",
        remedy=Remedy(zh="以可写方式打开。", en="Open it for writing."),
    )


def refused(
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
            raise damaged() from error
        if "decode to UTF-8" in str(error):  # it goes on to repeat the text
            raise damaged() from None
        raise unavailable(str(error)) from error


told: Final = _Told()


@contextmanager
def opened() -> Iterator[None]:
    """What SQLite complains of while a file is opened."""
    try:
        yield
    except sqlite3.Error as error:
        code = _code(error)
        if code == sqlite3.SQLITE_BUSY:
            raise unavailable(str(error)) from error
        if code == sqlite3.SQLITE_CORRUPT:
            raise refused("damaged", "库文件已损坏。", "the file is damaged.", RESTORE) from None
        if code == sqlite3.SQLITE_NOTADB:
            zh, en = "不是SQLite库文件。", "is not an SQLite file."
        else:
            zh, en = "库文件打不开。", f"the file can't be opened ({error})."
        raise refused("unreadable", zh, en) from None
    except OSError as error:
        raise refused(
            "unreadable", "库文件打不开。", f"the file can't be opened ({error.strerror})."
        ) from None


# --- the schema, and how older ones become it -----------------------------------------------------

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
    raise refused(
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
    ifnull(subject, {NO_SUBJECT}), clause, bearer, opened_at, due_day, ifnull(due, {NO_LIMIT}),
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
                *(texts(units.get(case, ())), opened, recorded, _head(last), revision, "[]"),
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


# --- where statements go --------------------------------------------------------------------------


class Place(Protocol):
    """A connection, and what a transaction is there."""

    def rows(self, sql: str, values: Values = ()) -> Rows:
        """The answer to one statement, which sees one committed state of the file."""
        ...

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """All that is done within, or nothing."""
        ...

    def join(self, transaction: Any) -> Place:
        """The same file, within the caller's transaction."""
        ...


@contextmanager
def _savepoint(db: sqlite3.Connection, cursor: sqlite3.Cursor) -> Iterator[sqlite3.Cursor]:
    """A part of a transaction that can be undone alone."""
    with told:
        cursor.execute("SAVEPOINT append")
    try:
        yield cursor
        with told:
            cursor.execute("RELEASE append")
    except BaseException:
        if db.in_transaction:  # a full or failing disk: SQLite has undone the whole by itself
            with told:
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
        with told:
            return cursor.execute(sql, values).fetchall()

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        return _savepoint(self._db, self._begun())

    def join(self, transaction: Any) -> Place:
        return _Joined(transaction, self._path)


def _not_joined(rule: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput.of("transaction", rule, zh, en)


class _Connection:
    """One connection to the file, shared by the threads and centres of a store."""

    def __init__(self, path: Path, timeout: float) -> None:
        self.path, self.timeout = path, timeout
        self._begin()

    def _begin(self) -> None:
        self._connect()
        self._pid, self._lock, self._inside = os.getpid(), RLock(), False

    def _connect(self) -> None:
        self._db = self._new()
        self._cursor = self._db.cursor()

    def _new(self) -> sqlite3.Connection:
        raise NotImplementedError

    def _held(self) -> AbstractContextManager[Any]:
        """The lock on the connection. One that was carried across a fork would damage the file: the
        child opens its own, and leaves the parent's alone."""
        if self._pid != os.getpid():
            _LEFT_ALONE.append((self._db, self._cursor))
            with told:
                self._begin()
        return self._lock

    def rows(self, sql: str, values: Values = ()) -> Rows:
        with self._held(), told:
            return self._cursor.execute(sql, values).fetchall()

    def close(self) -> None:
        if self._pid == os.getpid():
            with self._lock:
                self._db.close()


#: A parent's connections, which its child must neither use nor close.
_LEFT_ALONE: Final[list[Any]] = []


def connected(path: str | Path, timeout: float, *, uri: bool = False) -> sqlite3.Connection:
    db = sqlite3.connect(
        path, timeout=timeout, isolation_level=None, check_same_thread=False, uri=uri
    )
    db.execute("PRAGMA cell_size_check = ON")  # so that a damaged page is said to be one
    return db


class Writable(_Connection):
    """The file opened for writing: a write-ahead log, synced at every commit."""

    def _new(self) -> sqlite3.Connection:
        db = connected(self.path, self.timeout)
        db.execute("PRAGMA synchronous = FULL")
        return db

    def open(self, *, create: bool) -> None:
        """Nothing is written to a file before it is known to be a store, or empty."""
        if _schema_of(self._db) is None and not create:
            raise refused("missing", "库文件是空的。", "the file is empty.")
        self._write_ahead()
        if _schema_of(self._db) != SCHEMA_VERSION:
            with self.writing() as cursor, told:
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
            raise refused(
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
                raise unavailable("the whole batch has been undone")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        """One writer at a time, from the first statement on: nobody fails half-way for a lock."""
        db, cursor, pid = self._db, self._cursor, self._pid
        with told:
            cursor.execute("BEGIN IMMEDIATE")
        self._inside = True
        try:
            yield cursor
            if os.getpid() != pid:
                raise unavailable("begun in another process")
            with told:
                cursor.execute("COMMIT")
        except BaseException:
            if os.getpid() == pid and db.in_transaction:
                with told:
                    cursor.execute("ROLLBACK")
            raise
        finally:
            self._inside = False

    def join(self, transaction: Any) -> Place:
        return _Joined(transaction, self.path)

    def another(self) -> sqlite3.Connection:
        """For a long look at the file that keeps nobody waiting."""
        return connected(f"{self.path.resolve().as_uri()}?mode=ro", self.timeout, uri=True)


class ReadOnly(_Connection):
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
        return connected(f"{self.path.resolve().as_uri()}?{how}", self.timeout, uri=True)

    def _stamp(self) -> tuple[int, ...] | None:
        """What tells one state of the file from another; None where there is a log."""
        if os.path.exists(f"{self.path}-wal"):
            return None
        found = os.stat(self.path)
        return found.st_ino, found.st_size, found.st_mtime_ns

    def open(self) -> None:
        found = _schema_of(self._db)
        if found is None:
            raise refused("missing", "库文件是空的。", "the file is empty.")
        if found != SCHEMA_VERSION:
            raise refused(
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
                    with told:
                        self._connect()
                with told:
                    found = self._cursor.execute(sql, values).fetchall()
                if self._seen == self._stamp():
                    return found
        raise unavailable("the file keeps changing")

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
        with suppress(OSError):
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
            raise unavailable("database is locked") from None
        raise
