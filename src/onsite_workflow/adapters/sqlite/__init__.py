"""The embedded store: one SQLite file with a write-ahead log. Every commit is synced to the disk.

Several threads may share a store, and several processes a file. The store has all capabilities of
``ports``. It uses only SQL that SQLite 3.40 knows.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import attrs

from onsite_workflow.adapters._answers import refused
from onsite_workflow.adapters._rows import Row
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import InvalidInput, OnsiteWorkflowError, Violation
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
)
from onsite_workflow.wire.reading import stored_event, unreadable_event
from onsite_workflow.wire.writing import event_to_json

from ._errors import damaged, opened, told
from ._file import Place, ReadOnly, Rows, Writable
from ._rows import (
    APPLICANTS,
    LINE,
    NO_LIMIT,
    OBLIGATION,
    OPENED_AT,
    OWED,
    OWED_BY,
    SUMMARY,
    UNITS,
    from_time,
    listed,
    owed_by,
    values_in,
)
from ._upkeep import copy_to, flaws

__all__ = ["SQLiteStore"]

# --- the store ------------------------------------------------------------------------------------


class _Centre(CaseStore):
    """What one centre sees of a file."""

    capabilities: frozenset[Capability] = frozenset(Capability)

    def __init__(self, place: Place, centre: str) -> None:
        self._place, self._centre = place, centre

    # --- events ---

    def append(self, commit: Commit) -> StoredCommit:
        centre, case = self._centre, commit.case
        records = [(centre, case, e.version, event_to_json(e)) for e in commit.events]
        asked = (commit.command_id, commit.content, commit.answer)
        with self._place.writing() as cursor, told:
            before = _line(cursor, (centre, case))
            found = 0 if before is None else before[0]
            if found != commit.expected_version:
                return self._repeated(commit) or _raise(stale(case, commit.expected_version, found))
            cursor.execute(_INSERT_FIRST, (*records[0], *asked, found + len(records)))
            if not cursor.rowcount:  # the id is taken
                return self._repeated(commit) or _raise(damaged())
            for record in records[1:]:
                cursor.execute(_INSERT_EVENT, record)
            if commit.keys:
                self._claim(cursor, commit)
            self._list(cursor, before, commit.summary, commit.obligations)
        return commit.stored

    def _repeated(self, commit: Commit) -> StoredCommit | None:
        """What the command id has stored; None where it has stored nothing."""
        first = self.find(commit.command_id)
        return None if first is None else sent_again(first, commit)

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
            " CAST(e.record AS BLOB) FROM events c JOIN events e"
            " ON e.centre = c.centre AND e.case_id = c.case_id"
            " AND e.version BETWEEN c.version AND c.last_version"
            " WHERE c.centre = ? AND c.command_id = ? ORDER BY e.version",
            command_id,
        )
        if not rows:
            return None
        content, answer, case, last, found, _ = rows[-1]
        if found != last:
            raise unreadable_event(case, last)
        return StoredCommit(
            command_id=command_id,
            content=content,
            events=tuple(stored_event(case, version, record) for *_, version, record in rows),
            answer=answer,
        )

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        rows = self._rows(
            "SELECT version, CAST(record AS BLOB) FROM events"
            " WHERE centre = ? AND case_id = ? ORDER BY version",
            case,
        )
        for place, (version, _) in enumerate(rows, start=1):
            if version != place:
                raise unreadable_event(case, place)
        return tuple(stored_event(case, version, record) for version, record in rows)

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        # Most files have one centre, the default one: its feed is the table in its own order, and an
        # index would only make it slower.
        only, how = "", "NOT INDEXED"
        if self._centre != DEFAULT_CENTRE:
            only, how = f" AND centre <> '{DEFAULT_CENTRE}'", "INDEXED BY events_by_centre"
        rows = self._rows(
            f"SELECT position, case_id, version, CAST(record AS BLOB) FROM events {how}"
            f" WHERE centre = ?{only} AND position > ? ORDER BY position LIMIT ?",
            _place(after),
            limit,
        )
        return [
            FeedEntry(position=str(position), event=stored_event(str(case), version, record))
            for position, case, version, record in rows
        ]

    # --- lists ---

    def _list(
        self,
        cursor: sqlite3.Cursor,
        before: Row | None,
        summary: CaseSummary,
        obligations: Sequence[Obligation],
    ) -> None:
        """Put these in the place of what is listed of the record; ``before`` is its line so far.

        What has not changed is not written again. An obligation that stays keeps its lease."""
        key = (self._centre, summary.case)
        rows = [OBLIGATION.row(obligation) for obligation in obligations]
        owed = tuple(map(owed_by, rows))
        line = (*SUMMARY.row(summary)[1:], listed(owed))
        if before is None:
            cursor.execute(_INSERT_LINE, key + line)
            before = _NOTHING
        else:
            changed = [i for i, now in enumerate(line) if before[i] != now]
            if changed:
                cursor.execute(_update_line(tuple(changed)), (*(line[i] for i in changed), *key))
        for marks, column in (("case_units", UNITS), ("case_applicants", APPLICANTS)):
            if before[column] != line[column]:
                was, now = (set(values_in(summary.case, each[column])) for each in (before, line))
                _mark(cursor, marks, key, was, now)
        held = set(owed)
        if before[OWED] != line[OWED]:
            held = {tuple(each) for each in values_in(summary.case, before[OWED])}
            for gone in held.difference(owed):
                cursor.execute(_DELETE_OBLIGATION, (self._centre, *gone))
        for row, place in zip(rows, owed, strict=True):
            sql = _KEEP_OBLIGATION if place in held else _INSERT_OBLIGATION
            cursor.execute(sql, (self._centre, *row))

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
        # Each filter has an index in the order of keys. The index of the first filter is read in
        # its order, and the other filters are looked up. Without this SQLite would read all lines.
        tables, only, cases = [], "", "cases"
        if procedure is not None:
            only += " AND procedure = :procedure"
            cases = "cases INDEXED BY cases_by_procedure"
        if applicant_key is not None:
            tables.append("case_applicants")
            only += " AND applicant_key = :applicant_key"
        if due_before is not None:
            tables.append(
                "(SELECT DISTINCT centre, case_id FROM obligations"
                " WHERE centre = :centre"
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
            f"SELECT {SUMMARY.sql} FROM {first}{joined}"
            f" WHERE centre = :centre AND case_id > :after{only} ORDER BY case_id LIMIT :limit",
            {
                "centre": self._centre,
                "after": after,
                "limit": limit,
                "procedure": procedure,
                "state": state,
                "unit": unit,
                "due_before": None if due_before is None else from_time(due_before),
                "applicant_key": applicant_key,
                "revision": other_calendar_than,
            },
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
        which, values = _owed(before, procedure, unit)
        if after is not None:
            which += f" AND ({', '.join(OWED_BY)}) > (?, ?, ?, ?)"
            values += owed_by(OBLIGATION.row(after))
        rows = self._rows(f"SELECT {OBLIGATION.sql} FROM {which} {_IN_ORDER}", *values, limit)
        return [OBLIGATION.value(row) for row in rows]

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        with self._place.writing() as cursor, told:
            before = _line(cursor, (self._centre, summary.case))
            if before is None or before[0] != summary.version:
                return False
            self._list(cursor, before, summary, obligations)
            return True

    def close(self) -> None:
        """The file is closed by the store that opened it."""

    # --- capabilities ---

    def joining(self, transaction: Any) -> CaseStore:
        """``transaction`` is the caller's own ``sqlite3.Connection`` to the same file, with a
        transaction begun. The file may hold other tables too. Begin with ``BEGIN IMMEDIATE``: after
        a plain ``BEGIN`` that reads first, SQLite may refuse to let it write."""
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
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 100,
    ) -> Sequence[Lease]:
        which, values = _owed(before, procedure, unit)
        with self._place.writing() as cursor, told:
            rows = self._rows(
                f"SELECT {OBLIGATION.sql} FROM {which}"
                f" AND ifnull(until, {-NO_LIMIT}) <= ? {_IN_ORDER}",
                *values,
                from_time(now),
                limit,
            )
            cursor.executemany(
                f"UPDATE obligations SET worker = ?, until = ? WHERE {_OBLIGATION_KEY}",
                [(worker, from_time(until), self._centre, *owed_by(row)) for row in rows],
            )
        return [Lease(obligation=OBLIGATION.value(row), worker=worker, until=until) for row in rows]

    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        row = OBLIGATION.row(lease.obligation)
        with self._place.writing() as cursor, told:
            cursor.execute(
                f"UPDATE obligations SET until = ? WHERE {_OBLIGATION_KEY}"
                " AND opened_at = ? AND worker = ? AND until = ? AND until > ?",
                (
                    *(from_time(until), self._centre, *owed_by(row), row[OPENED_AT]),
                    *(lease.worker, from_time(lease.until), from_time(now)),
                ),
            )
            return attrs.evolve(lease, until=until) if cursor.rowcount else None

    def position(self, subscriber: str) -> str:
        rows = self._rows(
            "SELECT position FROM positions WHERE centre = ? AND subscriber = ?", subscriber
        )
        return rows[0][0] if rows else ""

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        with self._place.writing() as cursor, told:
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
    """The store in one file. Opened for writing, a file of an older schema is brought up to date.

    Args:
        path: the file.
        create: make the file where it is missing (its folder is not made).
        read_only: write nothing, not even beside the file; what would write raises
            ``NotSupported``.
        timeout: for how many seconds to wait for other writers before ``StoreUnavailable``.
        centre: whose view of the store this is.

    Raises:
        InvalidInput: the file is missing, is no store, or has a schema that this version does not
            know.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        create: bool = True,
        read_only: bool = False,
        timeout: float = 30.0,
        centre: str = DEFAULT_CENTRE,
    ) -> None:
        path = Path(path)
        if str(path) != ":memory:":  # which is no file, and will be refused
            path = path.resolve()  # as SQLite does, so that what stands beside it is the same
        with opened():
            if (read_only or not create) and not path.exists():
                raise refused("missing", "没有这个库文件。", "there is no such file.")
            if create and not read_only and path.is_absolute():
                Writable.create(path)
            file = (ReadOnly if read_only else Writable)(path, timeout)
            try:
                if isinstance(file, ReadOnly):
                    file.open()
                else:
                    file.open(create=create)
            except BaseException:
                file.close()
                raise
        self._file = file
        super().__init__(file, centre)

    def close(self) -> None:
        self._file.close()

    def check(self) -> tuple[Violation, ...]:
        """What is wrong with the file; empty where nothing is. Others may write meanwhile.

        Looks at pages and indexes, at whether the lists can be read, and at whether events, commits
        and lists agree in number. ``integrity.verify`` reads what the events say.
        """
        with told, self._file.look() as db:
            return tuple(flaws(db))

    def backup(self, path: str | Path) -> tuple[Violation, ...]:
        """Copy the whole file (all centres), as it is at one moment, to the new file ``path``.

        Others may write meanwhile. When this returns, the copy is on the disk. Returned is what
        ``check`` finds wrong with it: a case that can't be read does not stop the copy.

        Raises ``InvalidInput`` where ``path`` exists or can't be written, and ``CorruptRecord``
        where pages or indexes of the file are damaged: such a copy is thrown away.
        """
        with told, self._file.look() as db:
            return tuple(copy_to(db, Path(path)))


# --- statements -----------------------------------------------------------------------------------

_INSERT_EVENT: Final = "INSERT INTO events (centre, case_id, version, record) VALUES (?, ?, ?, ?)"
_INSERT_FIRST: Final = (
    "INSERT OR IGNORE INTO events (centre, case_id, version, record, command_id, content, answer,"
    " last_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

_CASE_KEY: Final = "centre = ? AND case_id = ?"
_SELECT_LINE: Final = f"SELECT {', '.join(LINE)} FROM cases WHERE {_CASE_KEY}"
_INSERT_LINE: Final = (
    f"INSERT INTO cases (centre, case_id, {', '.join(LINE)}) VALUES (?, ?{', ?' * len(LINE)})"
)
_NOTHING: Final = ("[]",) * len(LINE)  # the line of a record that had none

_OBLIGATION_KEY: Final = " AND ".join(f"{column} = ?" for column in ("centre", *OWED_BY))
_INSERT_OBLIGATION: Final = (
    f"INSERT INTO obligations (centre, {OBLIGATION.sql}) VALUES (?{', ?' * len(OBLIGATION.names)})"
)
_DELETE_OBLIGATION: Final = f"DELETE FROM obligations WHERE {_OBLIGATION_KEY}"
_REST: Final = [column for column in OBLIGATION.names if column not in OWED_BY]
_KEEP_OBLIGATION: Final = (
    f"{_INSERT_OBLIGATION} ON CONFLICT DO UPDATE SET"
    f" {', '.join(f'{column} = excluded.{column}' for column in _REST)},"
    " until = iif(opened_at = excluded.opened_at, until, NULL)"
    f" WHERE ({', '.join(_REST)}) IS NOT ({', '.join(f'excluded.{column}' for column in _REST)})"
)
_IN_ORDER: Final = f"ORDER BY {', '.join(OWED_BY)} LIMIT ?"

#: The calendar revisions of a centre: few, so that the index is asked for one after another.
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


def _raise(error: OnsiteWorkflowError) -> NoReturn:
    raise error


def _line(cursor: sqlite3.Cursor, key: Row) -> Row | None:
    """What the list of cases holds of a case: ``LINE`` in order."""
    line: Row | None = cursor.execute(_SELECT_LINE, key).fetchone()
    return line


@cache
def _update_line(changed: tuple[int, ...]) -> str:
    """Sets the columns ``changed`` alone: an index is only written where its column is set."""
    return f"UPDATE cases SET {', '.join(f'{LINE[i]} = ?' for i in changed)} WHERE {_CASE_KEY}"


def _mark(cursor: sqlite3.Cursor, table: str, key: Row, was: set[str], now: set[str]) -> None:
    """Bring ``case_units`` or ``case_applicants`` from ``was`` to ``now``."""
    centre, case = key
    column = "unit" if table == "case_units" else "applicant_key"
    cursor.executemany(
        f"DELETE FROM {table} WHERE centre = ? AND {column} = ? AND case_id = ?",
        [(centre, mark, case) for mark in was - now],
    )
    cursor.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?)", [(centre, mark, case) for mark in now - was]
    )


def _owed(
    before: dt.datetime | None, procedure: str | None, unit: str | None
) -> tuple[str, list[Any]]:
    """Which obligations: the rest of a statement from the table on, whose first value is the centre,
    and its other values."""
    which = "obligations WHERE centre = ?"
    values: list[Any] = []
    if procedure is not None:
        which += " AND procedure = ?"
        values.append(procedure)
        if procedure != "case" and unit is None:  # most are of cases: its index leaves those out
            which = which.replace("WHERE", "INDEXED BY obligations_by_procedure WHERE")
            which += " AND procedure <> 'case'"
    if unit is not None:
        which += " AND bearer = ?"
        values.append(unit)
    if before is not None:
        which += " AND due < ?"
        values.append(from_time(before))
    return which, values


def _place(position: str) -> int:
    """A place in the feed. ``InvalidInput`` where this store gave no such position."""
    with suppress(ValueError):
        found = int(position or 0)
        if 0 <= found <= NO_LIMIT:
            return found
    raise InvalidInput.of(
        "position", "unreadable", "不是此库给出的位置。", "is not one that this store gave."
    )
