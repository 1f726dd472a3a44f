"""Connections to the server, and transactions."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from threading import BoundedSemaphore
from typing import Any, Final, Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from onsite_workflow.adapters._answers import not_joined, refused
from onsite_workflow.adapters._rows import Row
from onsite_workflow.ports import unavailable

Connection = psycopg.Connection[Any]


def ask(connection: Connection, statement: str, values: Any = ()) -> list[Row]:
    """The rows that one statement gives, as tuples, whatever the caller's connection makes of rows.
    They come in binary form: how a time is written as text depends on the session."""
    with psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
        cursor.execute(statement.encode(), values or None, binary=True)
        return cursor.fetchall()


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """A part of a transaction that can be undone alone."""
    connection.execute("SAVEPOINT onsite_workflow")
    try:
        yield
    except BaseException:
        if not connection.broken:
            connection.execute("ROLLBACK TO SAVEPOINT onsite_workflow")
            connection.execute("RELEASE SAVEPOINT onsite_workflow")
        raise
    connection.execute("RELEASE SAVEPOINT onsite_workflow")


def alone(connection: Connection, within: bool) -> AbstractContextManager[None]:
    """A block of one statement that can be undone alone. Without a transaction it needs nothing."""
    return _savepoint(connection) if within else nullcontext()


class Link(Protocol):
    """Where a store's statements go."""

    def use(self) -> AbstractContextManager[tuple[Connection, bool]]:
        """A connection, and whether it is within a transaction. Otherwise each statement is one."""
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction of the calling thread, or a part of the one that it is in."""
        ...


#: The connections that the calling thread (or task) uses for its batches, by pool.
_BATCHES: Final[ContextVar[Mapping[int, Connection]]] = ContextVar("batches", default={})  # noqa: B039


class Pooled:
    """The store's own connections. One that is given back is kept for the next user."""

    def __init__(self, parameters: Mapping[str, Any], size: int, timeout: float) -> None:
        self._parameters = parameters
        self._timeout = timeout
        self._places = BoundedSemaphore(size)
        self._free: deque[Connection] = deque()
        self._pid = os.getpid()
        self._closed = False

    @contextmanager
    def use(self) -> Iterator[tuple[Connection, bool]]:
        mine = _BATCHES.get().get(id(self))
        if mine is not None:
            yield mine, True
            return
        if not self._places.acquire(timeout=self._timeout):
            raise unavailable("all connections are in use")
        try:
            connection = self._take()
            try:
                yield connection, False
            finally:
                self._give_back(connection)
        finally:
            self._places.release()

    def _take(self) -> Connection:
        if self._pid != os.getpid():  # after a fork: those belong to the parent
            self._free, self._pid = deque(), os.getpid()
        while True:
            try:
                connection = self._free.pop()
            except IndexError:
                return psycopg.connect(**self._parameters)
            if _still_there(connection):
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        if self._closed or connection.info.transaction_status != TransactionStatus.IDLE:
            connection.close()  # lost, or still within a transaction
        else:
            self._free.append(connection)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.use() as (connection, within):
            if within:
                with _savepoint(connection):
                    yield connection
                return
            token = _BATCHES.set({**_BATCHES.get(), id(self): connection})
            try:
                with connection.transaction():
                    yield connection
            finally:
                _BATCHES.reset(token)

    def close(self) -> None:
        self._closed = True
        while self._free:
            self._free.pop().close()


def _still_there(connection: Connection) -> bool:
    """False where the server has closed an idle connection. Its last message and the end of the
    stream have come by then, so that this sends nothing to find out."""
    try:
        for _ in range(2):
            connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return False
    return not connection.closed


class Joined:
    """A transaction that the caller has begun, and will end."""

    def __init__(self, connection: Any) -> None:
        if not isinstance(connection, psycopg.Connection):
            raise not_joined("wrong_type", "应为psycopg.Connection。", "must be a Connection.")
        self._connection: Connection = connection

    @contextmanager
    def use(self) -> Iterator[tuple[Connection, bool]]:
        idle = self._connection.info.transaction_status == TransactionStatus.IDLE
        if idle and self._connection.autocommit:
            raise not_joined(
                "not_begun", "尚未开始，或者已经结束。", "has not begun, or has ended."
            )
        yield self._connection, True

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.use() as (connection, _), _savepoint(connection):
            yield connection


# --- how the server is reached -------------------------------------------------------------------

#: What holds where the address says nothing else. A server that is gone is noticed in a minute.
_PARAMETERS: Final = {
    "application_name": "onsite-workflow",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def parameters(conninfo: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise refused("unreadable", "地址读不懂。", "is no address of a database.") from None
    return {
        **_PARAMETERS,
        **given,
        "client_encoding": "UTF8",
        "autocommit": True,
        "prepare_threshold": None,  # a prepared statement would stay in its session
    }
