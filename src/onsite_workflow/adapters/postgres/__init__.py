"""The server store: PostgreSQL 13 or later, psycopg 3, one statement an append.

Any number of processes may share it; all capabilities of ``ports`` are kept. The schema, and what an
append does, stand in ``schema.sql``; ``init_schema`` makes it. No statement leaves anything in its
session, so that it does not matter which one a connection pooler gives to the next transaction.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from importlib.resources import files
from threading import BoundedSemaphore
from typing import Any, Final, Protocol

import attrs
import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from onsite_workflow.errors import InvalidInput, NotSupported, Remedy
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
    unavailable,
    unreadable_list,
)
from onsite_workflow.regulation import Kind
from onsite_workflow.serialization import event_to_json, stored_event, unreadable_event
from onsite_workflow.terms import SHANGHAI, Result, State

__all__ = ["PostgresStore", "init_schema"]

SCHEMA_VERSION: Final = 1
_OLDEST_SERVER: Final = 130000  # xid8

Row = tuple[Any, ...]
Connection = psycopg.Connection[Any]

# --- statements -----------------------------------------------------------------------------------

# A time goes in as text with its offset and comes out as the driver's datetime; 'infinity' stands
# for no due time, and '' for no subject ('=' before one), so that an index holds the port's order.

_APPEND: Final = f"SELECT onsite_workflow.append({', '.join(['%s'] * 21)})"
_REINDEX: Final = f"SELECT onsite_workflow.reindex({', '.join(['%s'] * 15)})"

_FIND: Final = """
    SELECT c.content, c.answer, c.case_id, c.first_version, c.last_version, e.version, e.record
    FROM onsite_workflow.commits c LEFT JOIN onsite_workflow.events e
        ON e.centre = c.centre AND e.case_id = c.case_id
        AND e.version BETWEEN c.first_version AND c.last_version
    WHERE c.centre = %s AND c.command_id = %s ORDER BY e.version"""

_VERSION: Final = """
    SELECT version FROM onsite_workflow.cases WHERE centre = %s AND case_id = %s"""

_TAKEN: Final = """
    SELECT key FROM onsite_workflow.claims
    WHERE centre = %s AND case_id <> %s AND key = ANY (%s::text[])"""

_LOAD: Final = """
    SELECT version, record FROM onsite_workflow.events
    WHERE centre = %s AND case_id = %s ORDER BY version"""

# Below the horizon every transaction has ended, so that nothing can come in any more.
_FEED: Final = """
    SELECT generation, e.placed::text, number, version, case_id, record
    FROM onsite_workflow.events e
    WHERE centre = %s
        AND (generation, e.placed, number, version) > (%s::int, %s::xid8, %s::bigint, %s::int)
        AND (generation, e.placed) < (
            (SELECT generation FROM onsite_workflow.store), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY generation, e.placed, number, version LIMIT %s"""

_SUMMARY: Final = """case_id, version, state, result, edition, lead, units, opened_at, recorded_at,
    head, calendar_revision, applicant_keys"""

_OBLIGATION: Final = """case_id, kind, subject, clause, bearer, opened_at, due_day,
    nullif(due, 'infinity') AS due, status, provisional, earliest, latest, met_at"""

_CLAIM_DUE: Final = f"""
    WITH free AS (
        SELECT case_id, kind, subject FROM onsite_workflow.obligations
        WHERE centre = %(centre)s AND due < %(before)s
            AND (leased_until IS NULL OR leased_until <= %(now)s)
            AND (%(unit)s::text IS NULL OR bearer = %(unit)s)
        ORDER BY due, case_id, kind, subject LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE onsite_workflow.obligations o SET worker = %(worker)s, leased_until = %(until)s
        FROM free
        WHERE o.centre = %(centre)s
            AND (o.case_id, o.kind, o.subject) = (free.case_id, free.kind, free.subject)
        RETURNING o.*
    )
    SELECT {_OBLIGATION} FROM leased ORDER BY leased.due, case_id, kind, subject"""

_EXTEND: Final = """
    UPDATE onsite_workflow.obligations SET leased_until = %(until)s
    WHERE centre = %(centre)s AND case_id = %(case)s AND kind = %(kind)s AND subject = %(subject)s
        AND opened_at = %(opened_at)s AND due = %(due)s
        AND worker = %(worker)s AND leased_until = %(was)s AND leased_until > %(now)s
    RETURNING true"""

_POSITION: Final = """
    SELECT position FROM onsite_workflow.positions WHERE centre = %s AND subscriber = %s"""

_ADVANCE: Final = """
    INSERT INTO onsite_workflow.positions
    SELECT %(centre)s, %(subscriber)s, %(position)s
    WHERE %(after)s = '' OR EXISTS (
        SELECT FROM onsite_workflow.positions
        WHERE centre = %(centre)s AND subscriber = %(subscriber)s
    )
    ON CONFLICT (centre, subscriber) DO UPDATE SET position = excluded.position
    WHERE positions.position = %(after)s
    RETURNING true"""

# One look into each centre's feed, whatever its length.
_STANDING: Final = """
    WITH RECURSIVE centres AS (
        SELECT min(centre) AS centre FROM onsite_workflow.cases
        UNION ALL
        SELECT (SELECT min(c.centre) FROM onsite_workflow.cases c WHERE c.centre > centres.centre)
        FROM centres WHERE centre IS NOT NULL
    )
    SELECT schema_version, EXISTS (
        SELECT FROM centres JOIN onsite_workflow.events e USING (centre)
        WHERE e.generation = store.generation
            AND e.placed >= pg_snapshot_xmax(pg_current_snapshot())
            AND e.placed IS DISTINCT FROM pg_current_xact_id_if_assigned()
    ) FROM onsite_workflow.store"""

#: Two who make the schema at once: the second waits for the first. The number is ours alone.
_LOCK: Final = "SELECT pg_advisory_xact_lock(4209202300000001)"
_EXISTS: Final = "SELECT to_regclass('onsite_workflow.store') IS NOT NULL"
_BEGIN_ANEW: Final = "UPDATE onsite_workflow.store SET generation = generation + 1"

#: A role may add to the record, and never change or remove any of it.
_WRITER: Final = """
    GRANT SELECT, INSERT ON onsite_workflow.events, onsite_workflow.commits,
        onsite_workflow.claims TO {role};
    GRANT SELECT, INSERT, UPDATE ON onsite_workflow.cases, onsite_workflow.positions TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON onsite_workflow.case_marks,
        onsite_workflow.obligations TO {role};
    GRANT SELECT ON onsite_workflow.store TO {role};
    GRANT USAGE ON SEQUENCE onsite_workflow.feed_number TO {role};
    GRANT USAGE ON SCHEMA onsite_workflow TO {role}"""
_READER: Final = """
    GRANT SELECT ON ALL TABLES IN SCHEMA onsite_workflow TO {role};
    GRANT USAGE ON SCHEMA onsite_workflow TO {role}"""


# --- values ---------------------------------------------------------------------------------------


def _array(texts: Iterable[str]) -> str:
    """A text array as PostgreSQL reads it: the driver's own lists cost more than the statement."""
    return "{" + ",".join(map(_quoted, texts)) + "}"


def _row(*fields: str | None) -> str:
    """A row as PostgreSQL reads it."""
    quoted = ("" if field is None else _quoted(field) for field in fields)
    return "(" + ",".join(quoted) + ")"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _time(moment: dt.datetime) -> str:
    return moment.isoformat()


def _due(moment: dt.datetime | None) -> str:
    return "infinity" if moment is None else moment.isoformat()


def _subject(subject: str | None) -> str:
    return "" if subject is None else f"={subject}"


def _to_time(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(SHANGHAI)


def _line(summary: CaseSummary) -> tuple[Any, ...]:
    """A case's line in the lists, from ``state`` on, and its marks."""
    units = [f"unit:{unit}" for unit in summary.units]
    people = [f"applicant:{key}" for key in summary.applicant_keys]
    return (
        summary.state.value,
        None if summary.result is None else summary.result.value,
        summary.edition,
        summary.lead,
        _array(summary.units),
        _time(summary.opened_at),
        _time(summary.recorded_at),
        summary.head,
        summary.calendar_revision,
        _array(summary.applicant_keys),
        _array(dict.fromkeys(units + people)),
    )


def _values(centre: str, commit: Commit) -> Row:
    """What ``append`` of the schema is called with."""
    return (
        centre,
        commit.case,
        commit.expected_version,
        commit.summary.version,
        commit.command_id,
        commit.content,
        commit.answer,
        _array(map(event_to_json, commit.events)),
        _array(commit.keys),
        *_line(commit.summary),
        _owed(centre, commit.obligations),
    )


def _summary(row: Row) -> CaseSummary:
    case, version, state, result, edition, lead, units, opened_at, recorded_at, *rest = row
    head, calendar_revision, applicant_keys = rest
    try:
        return CaseSummary(
            case=case,
            version=version,
            state=State(state),
            result=None if result is None else Result(result),
            edition=edition,
            lead=lead,
            units=tuple(units),
            opened_at=_to_time(opened_at),
            recorded_at=_to_time(recorded_at),
            head=head,
            calendar_revision=calendar_revision,
            applicant_keys=tuple(applicant_keys),
        )
    except ValueError:
        raise unreadable_list(case) from None


def _owed(centre: str, obligations: Iterable[Obligation]) -> str:
    """Rows of the table of obligations, as an array."""
    return _array(
        _row(
            centre,
            each.case,
            each.kind.value,
            _subject(each.subject),
            each.clause,
            each.bearer,
            _time(each.opened_at),
            None if each.due_day is None else each.due_day.isoformat(),
            _due(each.due),
            each.status.value,
            "t" if each.provisional else "f",
            None if each.earliest is None else each.earliest.isoformat(),
            None if each.latest is None else each.latest.isoformat(),
            None if each.met_at is None else _time(each.met_at),
            None,  # nobody's lease
            None,
        )
        for each in obligations
    )


def _obligation(row: Row) -> Obligation:
    case, kind, subject, clause, bearer, opened_at, due_day, due, status, *rest = row
    provisional, earliest, latest, met_at = rest
    try:
        return Obligation(
            case=case,
            kind=Kind(kind),
            clause=clause,
            bearer=bearer,
            subject=subject[1:] if subject else None,
            opened_at=_to_time(opened_at),
            due_day=due_day,
            due=None if due is None else _to_time(due),
            status=Status(status),
            provisional=provisional,
            earliest=earliest,
            latest=latest,
            met_at=None if met_at is None else _to_time(met_at),
        )
    except ValueError:
        raise unreadable_list(case) from None


_POSITION_FORM: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,19})-([0-9]{1,18})-([0-9]{1,9})")


def _place(position: str) -> tuple[str, ...]:
    """Where in the feed a position is. ``InvalidInput`` where it is none of this store's."""
    if not position:
        return ("0", "0", "0", "0")
    matched = _POSITION_FORM.fullmatch(position)
    if matched is None:
        raise InvalidInput.of("after", "unreadable", "不是此库的位置。", "is no position here.")
    return matched.groups()


# --- answers --------------------------------------------------------------------------------------

_INIT: Final = Remedy(
    zh="由库的所有者执行onsite-workflow store init。",
    en="Let its owner run onsite-workflow store init.",
)


def _why(error: psycopg.Error) -> str:
    """What went wrong, without the values that the server likes to quote."""
    if error.sqlstate is None:  # the driver's own words: of the connection
        return (str(error).splitlines() or [type(error).__name__])[0]
    return f"{type(error).__name__}, {error.sqlstate}"


class _Told:
    """What PostgreSQL complains of, as the port's own answer."""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, psycopg.Error):
            raise unavailable(_why(error)) from error


_told: Final = _Told()


def _refused(rule: str, zh: str, en: str, remedy: Remedy | None = None, **facts: Any) -> Any:
    return InvalidInput.of("store", rule, zh, en, facts=facts, remedy=remedy)


def _read_only() -> NotSupported:
    return NotSupported.because(
        "read_only",
        "库是只读打开的，不能写入。",
        "the store was opened read-only: nothing can be written.",
        remedy=Remedy(zh="以可写方式打开。", en="Open it for writing."),
    )


# --- where statements go --------------------------------------------------------------------------


def _rows(connection: Connection, statement: str, values: Any = ()) -> list[Row]:
    """The answer to one statement, whatever the caller's connection makes of rows. In binary, since
    the text of a time depends on the session."""
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


def _alone(connection: Connection, within: bool) -> AbstractContextManager[None]:
    """What one statement does is undone alone: without a transaction it is anyway."""
    return _savepoint(connection) if within else nullcontext()


class _Link(Protocol):
    """Where a store's statements go."""

    def use(self) -> AbstractContextManager[tuple[Connection, bool]]:
        """A connection, and whether it is within a transaction: otherwise each statement is one."""
        ...

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction of the calling thread, or a part of the one that it is within."""
        ...


#: The connections that the calling thread (or task) holds for its batches, by pool.
_BATCHES: Final[ContextVar[Mapping[int, Connection]]] = ContextVar("batches", default={})  # noqa: B039


class _Pooled:
    """Connections of the store's own: kept when they are given back, made when there is none."""

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
        if self._pid != os.getpid():  # a forked child's: those are its parent's
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
            connection.close()  # lost, or given back in the middle of something
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
    """False where the server has closed an idle connection: its farewell and the end of the stream
    have come by then, so that nothing need be sent to find out."""
    try:
        for _ in range(2):
            connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return False
    return not connection.closed


class _Joined:
    """A transaction that the caller has begun, and will end."""

    def __init__(self, connection: Any) -> None:
        if not isinstance(connection, psycopg.Connection):
            raise _not_joined("wrong_type", "应为psycopg.Connection。", "must be a Connection.")
        self._connection: Connection = connection

    @contextmanager
    def use(self) -> Iterator[tuple[Connection, bool]]:
        idle = self._connection.info.transaction_status == TransactionStatus.IDLE
        if idle and self._connection.autocommit:
            raise _not_joined(
                "not_begun", "尚未开始，或者已经结束。", "has not begun, or has ended."
            )
        yield self._connection, True

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.use() as (connection, _), _savepoint(connection):
            yield connection


def _not_joined(rule: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput.of("transaction", rule, zh, en)


# --- the store ------------------------------------------------------------------------------------

#: Each further attempt means that somebody else has got on meanwhile.
_ATTEMPTS: Final = 100


class _Store(CaseStore):
    """The store as one centre sees it, over one link."""

    def __init__(
        self, link: _Link, centre: str, capabilities: frozenset[Capability], *, read_only: bool
    ) -> None:
        self._link = link
        self._centre = centre
        self._read_only = read_only
        self.capabilities = capabilities

    def _read(self, statement: str, values: Any = ()) -> list[Row]:
        with _told, self._link.use() as (connection, _):
            return _rows(connection, statement, values)

    def _write(self, statement: str, values: Any) -> list[Row]:
        """One statement, that is all there or not at all."""
        if self._read_only:
            raise _read_only()
        with _told, self._link.use() as (connection, within), _alone(connection, within):
            return _rows(connection, statement, values)

    # --- events ---

    def append(self, commit: Commit) -> StoredCommit:
        if self._read_only:
            raise _read_only()
        with _told, self._link.use() as (connection, within):
            for _ in range(_ATTEMPTS):
                if self._stored(connection, commit, within=within):
                    return StoredCommit(
                        command_id=commit.command_id,
                        content=commit.content,
                        events=commit.events,
                        answer=commit.answer,
                    )
                done = self._done(connection, commit)
                if done is not None:
                    return done
        raise unavailable("others keep writing to the same case")

    def _stored(self, connection: Connection, commit: Commit, *, within: bool) -> bool:
        """Whether the commit went in: there is something in its way otherwise, or was."""
        values = _values(self._centre, commit)
        try:
            with _alone(connection, within):
                stored: bool = _rows(connection, _APPEND, values)[0][0]
        except pg.UniqueViolation:
            return False
        except (pg.DeadlockDetected, pg.SerializationFailure):
            if within:  # the whole transaction is to be tried again, by whoever began it
                raise
            return False
        return stored

    def _done(self, connection: Connection, commit: Commit) -> StoredCommit | None:
        """What the command has stored already; ``Conflict`` where something is in its way; None
        where nothing is any more.

        The command is looked for last: it never goes away again, so that it was not there either
        when the other answers were given.
        """
        versions = _rows(connection, _VERSION, (self._centre, commit.case))
        wanted = (self._centre, commit.case, _array(commit.keys))
        taken = {key for (key,) in _rows(connection, _TAKEN, wanted)} if commit.keys else set()
        first = self._found(connection, commit.command_id)
        if first is not None:
            if first.content != commit.content:
                raise other_content(commit.command_id)
            return attrs.evolve(first, repeated=True)
        version = versions[0][0] if versions else 0
        if version != commit.expected_version:
            raise stale(commit.case, commit.expected_version, version)
        for key in commit.keys:
            if key in taken:
                raise key_taken(key)
        try:
            _check_standing(connection)
        except InvalidInput as error:
            raise unavailable(error.violations[0].en) from error
        return None

    @contextmanager
    def batch(self) -> Iterator[None]:
        if self._read_only:
            raise _read_only()
        with ExitStack() as stack:
            with _told:
                stack.enter_context(self._link.transaction())
            yield
            with _told:  # an error of the block's own is not the store's
                stack.close()

    def find(self, command_id: str) -> StoredCommit | None:
        with _told, self._link.use() as (connection, _):
            return self._found(connection, command_id)

    def _found(self, connection: Connection, command_id: str) -> StoredCommit | None:
        rows = _rows(connection, _FIND, (self._centre, command_id))
        if not rows:
            return None
        content, answer, case, first, last, *_ = rows[0]
        records = [row[-2:] for row in rows]
        return StoredCommit(
            command_id=command_id,
            content=content,
            events=_events(case, range(first, last + 1), records),
            answer=answer,
        )

    def load(self, case: str) -> tuple[Event, ...]:
        rows = self._read(_LOAD, (self._centre, case))
        return _events(case, range(1, len(rows) + 1), rows)

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        rows = self._read(_FEED, (self._centre, *_place(after), limit))
        return [
            FeedEntry(
                position=f"{generation}-{placed}-{number}-{version}",
                event=stored_event(case, version, record),
            )
            for generation, placed, number, version, case, record in rows
        ]

    # --- lists ---

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
        where = "centre = %s AND case_id > %s"
        values: list[Any] = [self._centre, after]
        if state is not None:
            where += " AND state = %s"
            values.append(state.value)
        marks = [f"unit:{unit}"] if unit is not None else []
        marks += [f"applicant:{applicant_key}"] if applicant_key is not None else []
        for mark in marks:
            where += (
                " AND case_id IN (SELECT case_id FROM onsite_workflow.case_marks"
                " WHERE centre = %s AND mark = %s AND case_id > %s)"
            )
            values += [self._centre, mark, after]
        if due_before is not None:
            where += (
                " AND case_id IN (SELECT case_id FROM onsite_workflow.obligations"
                " WHERE centre = %s AND due < %s)"
            )
            values += [self._centre, _time(due_before)]
        if other_calendar_than is not None:  # as two ranges, which an index can answer
            where += " AND (calendar_revision < %s OR calendar_revision > %s)"
            values += [other_calendar_than, other_calendar_than]
        rows = self._read(
            f"SELECT {_SUMMARY} FROM onsite_workflow.cases WHERE {where} ORDER BY case_id LIMIT %s",
            [*values, limit],
        )
        return [_summary(row) for row in rows]

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        where = "centre = %s"
        values: list[Any] = [self._centre]
        if after is not None:
            where += " AND (o.due, case_id, kind, subject) > (%s::timestamptz, %s, %s, %s)"
            values += [_due(after.due), after.case, after.kind.value, _subject(after.subject)]
        if before is not None:
            where += " AND o.due < %s"
            values.append(_time(before))
        if unit is not None:
            where += " AND bearer = %s"
            values.append(unit)
        rows = self._read(
            f"SELECT {_OBLIGATION} FROM onsite_workflow.obligations o"
            f" WHERE {where} ORDER BY o.due, case_id, kind, subject LIMIT %s",
            [*values, limit],
        )
        return [_obligation(row) for row in rows]

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        ((done,),) = self._write(
            _REINDEX,
            (
                self._centre,
                summary.case,
                summary.version,
                *_line(summary),
                _owed(self._centre, obligations),
            ),
        )
        return bool(done)

    def close(self) -> None:
        """What is held open belongs to the store that this is a view of."""

    # --- capabilities ---

    def joining(self, transaction: Any) -> CaseStore:
        """``transaction`` is a ``psycopg.Connection`` to the same database, within a transaction."""
        if self._read_only:
            raise _read_only()
        return _Store(_Joined(transaction), self._centre, self.capabilities, read_only=False)

    def for_centre(self, centre: str) -> CaseStore:
        return _Store(self._link, centre, self.capabilities, read_only=self._read_only)

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
        rows = self._write(
            _CLAIM_DUE,
            {
                "centre": self._centre,
                "worker": worker,
                "before": _time(before),
                "now": _time(now),
                "until": _time(until),
                "unit": unit,
                "limit": limit,
            },
        )
        return [Lease(obligation=_obligation(row), worker=worker, until=until) for row in rows]

    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        owed = lease.obligation
        extended = self._write(
            _EXTEND,
            {
                "centre": self._centre,
                "case": owed.case,
                "kind": owed.kind.value,
                "subject": _subject(owed.subject),
                "opened_at": _time(owed.opened_at),
                "due": _due(owed.due),
                "worker": lease.worker,
                "was": _time(lease.until),
                "now": _time(now),
                "until": _time(until),
            },
        )
        return attrs.evolve(lease, until=until) if extended else None

    def position(self, subscriber: str) -> str:
        rows = self._read(_POSITION, (self._centre, subscriber))
        return rows[0][0] if rows else ""

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        values = {
            "centre": self._centre,
            "subscriber": subscriber,
            "after": after,
            "position": position,
        }
        for _ in range(_ATTEMPTS):
            if self._write(_ADVANCE, values):
                return
            found = self.position(subscriber)
            if found != after:
                raise moved_on(subscriber, after, found)
        raise unavailable("others keep writing to the same position")


def _events(case: str, versions: range, rows: Sequence[Sequence[Any]]) -> tuple[Event, ...]:
    """The events that stand at those versions. ``CorruptRecord`` names the first that does not."""
    held = {version: record for version, record in rows if version is not None}
    for version in versions:
        if version not in held:
            raise unreadable_event(case, version)
    return tuple(stored_event(case, version, held[version]) for version in versions)


class PostgresStore(_Store):
    """The store at ``conninfo`` (a URL or ``key=value``; libpq's environment counts too), as
    ``centre`` sees it.

    At most ``pool_size`` connections are open at once, and nobody waits for one longer than
    ``timeout`` seconds. The schema must be there: see ``init_schema``. With ``read_only`` nothing is
    written, so that a standby server will do. Not durable (promise 4) where the server does not
    sync, or does not wait for it: ``capabilities`` says so.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        read_only: bool = False,
        centre: str = DEFAULT_CENTRE,
        pool_size: int = 10,
        timeout: float = 30.0,
    ) -> None:
        self._pool = _Pooled(_parameters(conninfo), pool_size, timeout)
        try:
            with _told, self._pool.use() as (connection, _):
                _check_standing(connection)
                ((durable,),) = _rows(connection, _DURABLE)
        except BaseException:
            self._pool.close()
            raise
        capabilities = frozenset(Capability) - (set() if durable else {Capability.DURABLE})
        super().__init__(self._pool, centre, capabilities, read_only=read_only)

    def close(self) -> None:
        self._pool.close()


_DURABLE: Final = """
    SELECT current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off'"""

#: Where the address does not say otherwise. A server that is gone is noticed within a minute.
_PARAMETERS: Final = {
    "application_name": "onsite-workflow",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def _parameters(conninfo: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise _refused("unreadable", "地址读不懂。", "is no address of a database.") from None
    return {
        **_PARAMETERS,
        **given,
        "client_encoding": "UTF8",
        "autocommit": True,
        "prepare_threshold": None,  # a prepared statement would stay in its session
    }


def _check_standing(connection: Connection) -> None:
    """``InvalidInput`` where there is no schema, one of another version, or one that was restored
    into another cluster."""
    if not _rows(connection, _EXISTS)[0][0]:
        raise _refused("missing", "库尚未建立。", "has not been made yet.", _INIT)
    version, restored = _rows(connection, _STANDING)[0]
    if version != SCHEMA_VERSION:
        raise _refused(
            "unknown_schema",
            "库的版本不是本程序能用的。",
            "has a schema that this version does not know.",
            _INIT if version < SCHEMA_VERSION else None,
            found=version,
            known=SCHEMA_VERSION,
        )
    if restored:
        raise _refused(
            "restored",
            "库是在另一服务器上恢复的，须先初始化。",
            "was restored into another server, and must be initialized first.",
            _INIT,
        )


def init_schema(
    conninfo: str,
    *,
    writer: str | None = None,
    reader: str | None = None,
    restored: bool = False,
) -> None:
    """Make the schema ``onsite_workflow``, or bring an older one up to date. Safe to run again, and
    by two at once; what is stored stays. It belongs to the role that connects.

    ``writer`` and ``reader`` are roles that are to have what a store opened for writing or with
    ``read_only`` needs, and no more. A database restored by ``pg_restore`` is seen to be one;
    with ``restored`` it is taken for one: after a recovery to an earlier moment, which leaves
    subscribers elsewhere with positions that are still to come.
    """
    with _told, psycopg.connect(**_parameters(conninfo)) as connection:
        _check_server(connection)
        with connection.transaction():
            connection.execute(_LOCK)
            if not _rows(connection, _EXISTS)[0][0]:
                connection.execute(files(__name__).joinpath("schema.sql").read_bytes())
            version, ahead = _rows(connection, _STANDING)[0]
            if version > SCHEMA_VERSION:
                _check_standing(connection)
            if ahead or restored:
                # After the last event of the old numbers, and before the first of the new.
                connection.execute("LOCK TABLE onsite_workflow.events IN SHARE ROW EXCLUSIVE MODE")
                connection.execute(_BEGIN_ANEW)
            if writer is not None:
                connection.execute(sql.SQL(_WRITER).format(role=sql.Identifier(writer)))
            if reader is not None:
                connection.execute(sql.SQL(_READER).format(role=sql.Identifier(reader)))


def _check_server(connection: Connection) -> None:
    found = connection.info.server_version
    if found < _OLDEST_SERVER:
        raise _refused(
            "old_server",
            "须为PostgreSQL 13或更新版本。",
            "must be PostgreSQL 13 or later.",
            found=found,
        )
    ((encoding,),) = _rows(connection, "SELECT current_setting('server_encoding')")
    if encoding != "UTF8":
        raise _refused(
            "encoding", "数据库的编码须为UTF8。", "must have the encoding UTF8.", found=encoding
        )
