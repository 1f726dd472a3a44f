"""The server store: PostgreSQL 13 or later, through psycopg 3. An append is one statement.

Any number of processes may share it. It has all capabilities of ``ports``. ``schema.sql`` holds its
tables and ``functions.sql`` what an append does; ``init_schema`` makes both. No statement leaves
anything in its session, so that a connection pooler may give each transaction another one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import attrs
from psycopg import errors as pg

from onsite_workflow.adapters._answers import read_only
from onsite_workflow.adapters._rows import Row
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import InvalidInput
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
    sent_again,
    stale,
    unavailable,
)
from onsite_workflow.wire.reading import stored_event, unreadable_event

from . import _statements as sql
from ._errors import told
from ._links import Connection, Joined, Link, Pooled, alone, ask, parameters
from ._rows import OBLIGATION, SUMMARY, array, commit_values, from_time, line, owed
from ._schema import check_standing, init_schema

__all__ = ["PostgresStore", "init_schema"]

_POSITION_FORM: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,19})-([0-9]{1,18})-([0-9]{1,9})")


def _place(position: str) -> tuple[str, ...]:
    """The parts of a position. ``InvalidInput`` where this store gave no such position."""
    if not position:
        return ("0", "0", "0", "0")
    matched = _POSITION_FORM.fullmatch(position)
    if matched is None:
        raise InvalidInput.of("after", "unreadable", "不是此库的位置。", "is no position here.")
    return matched.groups()


# --- the store ------------------------------------------------------------------------------------

#: The port's order.
_key: Final = OBLIGATION.pick("due", "case_id", "kind", "subject")

#: A further attempt is needed only where another has written meanwhile.
_ATTEMPTS: Final = 100


class _Store(CaseStore):
    """What one centre sees of the store."""

    def __init__(
        self, link: Link, centre: str, capabilities: frozenset[Capability], *, read_only: bool
    ) -> None:
        self._link = link
        self._centre = centre
        self._read_only = read_only
        self.capabilities = capabilities

    def _read(self, statement: str, values: Any = ()) -> list[Row]:
        with told, self._link.use() as (connection, _):
            return ask(connection, statement, values)

    def _write(self, statement: str, values: Any) -> list[Row]:
        """The rows that one statement gives, which is stored whole or not at all."""
        if self._read_only:
            raise read_only()
        with told, self._link.use() as (connection, within), alone(connection, within):
            return ask(connection, statement, values)

    # --- events ---

    def append(self, commit: Commit) -> StoredCommit:
        if self._read_only:
            raise read_only()
        with told, self._link.use() as (connection, within):
            for _ in range(_ATTEMPTS):
                if self._stored(connection, commit, within=within):
                    return commit.stored
                done = self._done(connection, commit)
                if done is not None:
                    return done
        raise unavailable("others keep writing to the same case")

    def _stored(self, connection: Connection, commit: Commit, *, within: bool) -> bool:
        """Whether the commit was stored. Otherwise something is in its way, or was until now."""
        values = commit_values(self._centre, commit)
        try:
            with alone(connection, within):
                stored: bool = ask(connection, sql.APPEND, values)[0][0]
        except pg.UniqueViolation:
            return False
        except (pg.DeadlockDetected, pg.SerializationFailure):
            if within:  # whoever began the transaction must try all of it again
                raise
            return False
        return stored

    def _done(self, connection: Connection, commit: Commit) -> StoredCommit | None:
        """What the command has stored already; None where nothing is in its way any more. Raises
        ``Conflict`` where something is.

        The command is looked for last. A command that is stored stays so: where it is not found, it
        was not there either when the other answers were given.
        """
        versions = ask(connection, sql.VERSION, (self._centre, commit.case))
        wanted = (self._centre, commit.case, array(commit.keys))
        taken = {key for (key,) in ask(connection, sql.TAKEN, wanted)} if commit.keys else set()
        first = self._found(connection, commit.command_id)
        if first is not None:
            return sent_again(first, commit)
        version = versions[0][0] if versions else 0
        if version != commit.expected_version:
            raise stale(commit.case, commit.expected_version, version)
        for key in commit.keys:
            if key in taken:
                raise key_taken(key)
        try:
            check_standing(connection)
        except InvalidInput as error:
            raise unavailable(error.violations[0].en) from error
        return None

    @contextmanager
    def batch(self) -> Iterator[None]:
        if self._read_only:
            raise read_only()
        with ExitStack() as stack:
            with told:
                stack.enter_context(self._link.transaction())
            yield
            with told:  # errors that the block itself raises are not the store's
                stack.close()

    def find(self, command_id: str) -> StoredCommit | None:
        with told, self._link.use() as (connection, _):
            return self._found(connection, command_id)

    def _found(self, connection: Connection, command_id: str) -> StoredCommit | None:
        rows = ask(connection, sql.FIND, (self._centre, command_id))
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

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        rows = self._read(sql.LOAD, (self._centre, case))
        return _events(case, range(1, len(rows) + 1), rows)

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        rows = self._read(sql.FEED, (self._centre, *_place(after), limit))
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
        procedure: str | None = None,
        state: str | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
        applicant_key: str | None = None,
        other_calendar_than: str | None = None,
    ) -> Sequence[CaseSummary]:
        where = "centre = %s AND case_id > %s"
        values: list[Any] = [self._centre, after]
        for column, asked in (("procedure", procedure), ("state", state)):
            if asked is not None:
                where += f" AND {column} = %s"
                values.append(asked)
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
            values += [self._centre, from_time(due_before)]
        if other_calendar_than is not None:  # as two ranges, which an index can answer
            where += " AND (calendar_revision < %s OR calendar_revision > %s)"
            values += [other_calendar_than, other_calendar_than]
        rows = self._read(
            f"SELECT {SUMMARY.sql} FROM onsite_workflow.cases WHERE {where} ORDER BY case_id LIMIT %s",
            [*values, limit],
        )
        return [SUMMARY.value(row) for row in rows]

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        where = "centre = %s"
        values: list[Any] = [self._centre]
        if after is not None:
            where += " AND (o.due, case_id, kind, subject) > (%s::timestamptz, %s, %s, %s)"
            values += _key(OBLIGATION.row(after))
        if before is not None:
            where += " AND o.due < %s"
            values.append(from_time(before))
        if procedure is not None:
            where += " AND procedure = %s"
            values.append(procedure)
        if unit is not None:
            where += " AND bearer = %s"
            values.append(unit)
        rows = self._read(
            f"SELECT {sql.OBLIGATIONS} FROM onsite_workflow.obligations o"
            f" WHERE {where} ORDER BY o.due, case_id, kind, subject LIMIT %s",
            [*values, limit],
        )
        return [OBLIGATION.value(row) for row in rows]

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        ((done,),) = self._write(
            sql.REINDEX,
            (
                self._centre,
                summary.case,
                summary.version,
                *line(summary),
                owed(self._centre, obligations),
            ),
        )
        return bool(done)

    def close(self) -> None:
        """The store that this is a view of closes the connections."""

    # --- capabilities ---

    def joining(self, transaction: Any) -> CaseStore:
        """``transaction`` is a ``psycopg.Connection`` to the same database, within a transaction."""
        if self._read_only:
            raise read_only()
        return _Store(Joined(transaction), self._centre, self.capabilities, read_only=False)

    def for_centre(self, centre: str) -> CaseStore:
        return _Store(self._link, centre, self.capabilities, read_only=self._read_only)

    def claim_due(
        self,
        *,
        worker: str,
        before: dt.datetime,
        now: dt.datetime,
        until: dt.datetime,
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 100,
    ) -> Sequence[Lease]:
        rows = self._write(
            sql.CLAIM_DUE,
            {
                "centre": self._centre,
                "worker": worker,
                "before": from_time(before),
                "now": from_time(now),
                "until": from_time(until),
                "procedure": procedure,
                "unit": unit,
                "limit": limit,
            },
        )
        return [Lease(obligation=OBLIGATION.value(row), worker=worker, until=until) for row in rows]

    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        columns = dict(zip(OBLIGATION.names, OBLIGATION.row(lease.obligation), strict=True))
        extended = self._write(
            sql.EXTEND,
            {
                **columns,
                "centre": self._centre,
                "worker": lease.worker,
                "was": from_time(lease.until),
                "now": from_time(now),
                "until": from_time(until),
            },
        )
        return attrs.evolve(lease, until=until) if extended else None

    def position(self, subscriber: str) -> str:
        rows = self._read(sql.POSITION, (self._centre, subscriber))
        return rows[0][0] if rows else ""

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        values = {
            "centre": self._centre,
            "subscriber": subscriber,
            "after": after,
            "position": position,
        }
        for _ in range(_ATTEMPTS):
            if self._write(sql.ADVANCE, values):
                return
            found = self.position(subscriber)
            if found != after:
                raise moved_on(subscriber, after, found)
        raise unavailable("others keep writing to the same position")


def _events(case: str, versions: range, rows: Sequence[Sequence[Any]]) -> tuple[AnyEvent, ...]:
    """The events at those versions. ``CorruptRecord`` names the first that is missing."""
    held = {version: record for version, record in rows if version is not None}
    for version in versions:
        if version not in held:
            raise unreadable_event(case, version)
    return tuple(stored_event(case, version, held[version]) for version in versions)


_DURABLE: Final = """
    SELECT current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off'"""


class PostgresStore(_Store):
    """The store in a PostgreSQL database. Its schema must be there: see ``init_schema``.

    It is not durable (promise 4) where the server does not sync, or does not wait for it;
    ``capabilities`` says so.

    Args:
        conninfo: a URL or ``key=value``; libpq's environment variables count too.
        read_only: write nothing; a standby server is enough then.
        centre: whose view of the store this is.
        pool_size: how many connections may be open at once.
        timeout: for how many seconds to wait for a free one before ``StoreUnavailable``.

    Raises:
        InvalidInput: the address can't be read, or there is no schema that this version knows.
        StoreUnavailable: the server can't be reached.
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
        self._pool = Pooled(parameters(conninfo), pool_size, timeout)
        try:
            with told, self._pool.use() as (connection, _):
                check_standing(connection)
                ((durable,),) = ask(connection, _DURABLE)
        except BaseException:
            self._pool.close()
            raise
        capabilities = frozenset(Capability) - (set() if durable else {Capability.DURABLE})
        super().__init__(self._pool, centre, capabilities, read_only=read_only)

    def close(self) -> None:
        self._pool.close()
