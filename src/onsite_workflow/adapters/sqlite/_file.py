"""Connections to the file, transactions, and whose turn it is to write."""

from __future__ import annotations

import os
import sqlite3
import time
import urllib.parse  # noqa: F401 - Path.as_uri needs it, and may look for it when rights are given up
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from threading import RLock, Thread
from typing import Any, Final, NoReturn, Protocol

from onsite_workflow.adapters._answers import not_joined, read_only, refused
from onsite_workflow.adapters._rows import Row
from onsite_workflow.errors import Remedy
from onsite_workflow.ports import unavailable

from ._errors import code_of, tell, told
from ._schema import SCHEMA_VERSION, make_schema, schema_of

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: writers wait as SQLite lets them
    fcntl = None

Rows = list[Row]
Values = Sequence[Any] | dict[str, Any]


class Place(Protocol):
    """Where a store's statements go: a connection, and its transactions."""

    def rows(self, sql: str, values: Values = ()) -> Rows:
        """The rows that one statement gives. It sees one committed state of the file."""
        ...

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """A block of which all is stored, or nothing."""
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
        if db.in_transaction:  # otherwise SQLite has undone all: the disk is full or fails
            with told:
                cursor.execute("ROLLBACK TO append")
                cursor.execute("RELEASE append")
        raise


class _Joined:
    """A transaction that the caller has begun, and will end."""

    def __init__(self, db: Any, path: Path) -> None:
        if not isinstance(db, sqlite3.Connection):
            raise not_joined("wrong_type", "应为sqlite3.Connection。", "must be a Connection.")
        if db.text_factory is not str:
            raise not_joined("text_factory", "文字应为str。", "must give texts as str.")
        self._db, self._path = db, path
        self._cursor = db.cursor()
        self._cursor.row_factory = None
        ((file,),) = self.rows("SELECT file FROM pragma_database_list WHERE name = 'main'")
        if not file or not os.path.samefile(file, path):
            raise not_joined("other_file", "不在此库的文件上。", "is on another file.")

    def _begun(self) -> sqlite3.Cursor:
        if not self._db.in_transaction:
            raise not_joined(
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


class _Connection:
    """One connection to the file, shared by the threads and centres of a store."""

    def __init__(self, path: Path, timeout: float) -> None:
        self.path, self.timeout = path, timeout
        self._begin()

    def _begin(self) -> None:
        self._connect()
        self.pid, self.lock, self.inside = os.getpid(), RLock(), False

    def _connect(self) -> None:
        self.db = self._new()
        self.cursor = self.db.cursor()

    def _new(self) -> sqlite3.Connection:
        raise NotImplementedError

    def held(self) -> Any:
        """The lock on the connection. A connection that is used after a fork can damage the file.
        So the child opens its own, and does not touch its parent's."""
        if self.pid != os.getpid():
            _LEFT_ALONE.append((self.db, self.cursor))
            with told:
                self._begin()
        return self.lock

    def rows(self, sql: str, values: Values = ()) -> Rows:
        with self.held(), told:
            return self.cursor.execute(sql, values).fetchall()

    def look(self) -> AbstractContextManager[sqlite3.Connection]:
        """Another connection, for reading for a long time: nobody has to wait for it."""
        raise NotImplementedError

    def close(self) -> None:
        if self.pid == os.getpid():
            with self.lock:
                self.db.close()


#: Connections of a parent process. Its child must neither use nor close them, so it keeps them.
_LEFT_ALONE: Final[list[Any]] = []


def _uri(path: Path, how: str) -> str:
    return f"{path.as_uri()}?{how}"


def connected(path: str | Path, timeout: float, *, uri: bool = False) -> sqlite3.Connection:
    db = sqlite3.connect(
        path, timeout=timeout, isolation_level=None, check_same_thread=False, uri=uri
    )
    return _prepared(db, "cell_size_check = ON")  # so that a damaged page is said to be one


def _prepared(db: sqlite3.Connection, *pragmas: str) -> sqlite3.Connection:
    """``db`` with these settings; closed where the file takes none."""
    try:
        for pragma in pragmas:
            db.execute(f"PRAGMA {pragma}")
    except BaseException:
        db.close()
        raise
    return db


class Writable(_Connection):
    """The file opened for writing: a write-ahead log, synced at every commit."""

    def _begin(self) -> None:
        super()._begin()
        self.turn = _Turn(f"{self.path}-lock")

    def _new(self) -> sqlite3.Connection:
        return _prepared(
            connected(self.path, self.timeout),
            "synchronous = FULL",
            "fullfsync = ON",  # macOS: to the disk, and not to its cache alone
        )

    @staticmethod
    def create(path: Path) -> None:
        """Make an empty file where there is none. Only its owner may read it."""
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))

    def open(self, *, create: bool) -> None:
        """Write nothing to the file before it is known to be a store, or empty."""
        if schema_of(self.db) is None and not create:
            raise refused("missing", "库文件是空的。", "the file is empty.")
        self._write_ahead()
        if schema_of(self.db) != SCHEMA_VERSION:
            with self.writing() as cursor, told:
                make_schema(cursor, schema_of(self.db))  # another may have made it by now

    def _write_ahead(self) -> None:
        """Turn to a write-ahead log. Where two do so at once, SQLite does not wait for its lock."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                (mode,) = self.db.execute("PRAGMA journal_mode = WAL").fetchone()
                break
            except sqlite3.OperationalError as error:
                if code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.005)
        if mode != "wal":
            raise refused(
                "unreadable", "此处不能使用预写日志（WAL）。", "can't keep a write-ahead log here."
            )

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        return _Writing(self)

    def close(self) -> None:
        super().close()
        self.turn.close()

    def join(self, transaction: Any) -> Place:
        return _Joined(transaction, self.path)

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        with closing(connected(_uri(self.path, "mode=ro"), self.timeout, uri=True)) as db:
            yield db


class _Writing:
    """A block in which only this writer writes. It has the lock from its first statement on, so
    that it can't fail half-way for want of it. Within a batch it is a part of the batch's
    transaction that can be undone alone.

    A class and not a generator, because it is faster, and every append uses it.
    """

    __slots__ = ("_file", "_inner", "_lock", "_pid")

    def __init__(self, file: Writable) -> None:
        self._file = file

    def __enter__(self) -> sqlite3.Cursor:
        file = self._file
        self._lock = lock = file.held()
        lock.acquire()
        try:
            self._pid, self._inner = file.pid, None
            if file.inside:
                if not file.db.in_transaction:
                    raise unavailable("the whole batch has been undone")
                self._inner = _savepoint(file.db, file.cursor)
                return self._inner.__enter__()
            file.turn.take(file.timeout)
            try:
                file.cursor.execute("BEGIN IMMEDIATE")
            except BaseException as error:
                file.turn.give()
                tell(error)
                raise
            file.inside = True
        except BaseException:
            lock.release()
            raise
        return file.cursor

    def __exit__(self, *raised: Any) -> None:
        try:
            if self._inner is not None:
                self._inner.__exit__(*raised)
            elif os.getpid() != self._pid:
                raise unavailable("begun in another process")
            else:
                self._end(commit=raised[0] is None)
        finally:
            self._lock.release()

    def _end(self, *, commit: bool) -> None:
        file = self._file
        try:
            if commit:
                file.cursor.execute("COMMIT")
        except sqlite3.Error as error:
            tell(error)
        finally:
            file.inside = False
            try:
                if file.db.in_transaction:  # otherwise SQLite has undone it: the disk is full
                    with told:
                        file.cursor.execute("ROLLBACK")
            finally:
                file.turn.give()


class ReadOnly(_Connection):
    """The file opened so that nothing is written, not even beside it.

    To read a write-ahead log, SQLite needs a second file beside it, and makes it where it is
    missing. Where there is no log, nobody has the file open for writing. Then it is read as a file
    that does not change, and an answer counts only if the file was the same before and after.
    """

    def _new(self) -> sqlite3.Connection:
        self._seen = self._stamp()
        how = "mode=ro" if self._seen is None else "mode=ro&immutable=1"
        return connected(_uri(self.path, how), self.timeout, uri=True)

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        before = self._stamp()
        with closing(self._new()) as db:
            yield db
        if before is not None and before != self._stamp():
            raise unavailable("the file was changed meanwhile")

    def _stamp(self) -> tuple[int, ...] | None:
        """Numbers that change when the file changes; None where there is a log."""
        if os.path.exists(f"{self.path}-wal"):
            return None
        try:
            found = os.stat(self.path)
        except OSError as error:
            raise unavailable(str(error.strerror)) from error
        return found.st_ino, found.st_size, found.st_mtime_ns

    def open(self) -> None:
        found = schema_of(self.db)
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
        with self.held():
            for _ in range(100):
                if self._seen != self._stamp():
                    self.db.close()
                    with told:
                        self._connect()
                with told:
                    found = self.cursor.execute(sql, values).fetchall()
                if self._seen == self._stamp():
                    return found
        raise unavailable("the file keeps changing")

    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        raise read_only()

    def join(self, transaction: Any) -> NoReturn:
        raise read_only()


# --- whose turn it is -----------------------------------------------------------------------------


class _Turn:
    """The turn to write: a lock on a second file beside the store's.

    Who waits for SQLite's own lock sleeps longer after each try. So, where several write without a
    pause, one may wait for seconds. The kernel gives this lock to those who wait in their order.
    Where there is no such lock (Windows, some network disks), SQLite's own is all there is.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None
        self._waited: int | None = None

    def _open(self) -> int | None:
        if fcntl is None:
            return None
        with suppress(OSError):
            return os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        return None

    def take(self, timeout: float) -> None:
        """Take it. ``StoreUnavailable`` where that takes longer than ``timeout`` seconds."""
        if self._file is None:
            self._file = self._open()
        if self._file is not None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._waited = self._wait(timeout)
            except OSError:
                self.close()

    def _wait(self, timeout: float) -> int | None:
        """Wait for it in another thread, with a file of its own, because the kernel's wait has no
        time limit. After ``timeout`` seconds the caller goes on, and the thread ends later."""
        if timeout <= 0:  # such a thread could take the lock for a moment, once it is free
            raise unavailable("database is locked") from None
        from concurrent.futures import Future  # noqa: PLC0415 - only where there is a queue

        file, taken = self._open(), Future[None]()
        if file is None:
            return None

        def wait() -> None:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            if taken.set_running_or_notify_cancel():
                taken.set_result(None)
            else:
                os.close(file)

        Thread(target=wait, daemon=True, name="onsite-workflow-turn").start()
        try:
            taken.result(timeout)
        except BaseException as error:
            if not taken.cancel():  # the lock came at the last moment
                os.close(file)
            if isinstance(error, TimeoutError):
                raise unavailable("database is locked") from None
            raise
        return file

    def give(self) -> None:
        """Give it to the next. Unlock before closing: a forked child may have the file open too."""
        file = self._file if self._waited is None else self._waited
        if file is not None:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)
        if self._waited is not None:
            os.close(self._waited)
            self._waited = None

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
