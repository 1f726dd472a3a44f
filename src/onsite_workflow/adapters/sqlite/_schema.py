"""The tables, and how those of an earlier version become them."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from typing import Any, Final

from onsite_workflow.adapters._answers import refused
from onsite_workflow.errors import CorruptRecord
from onsite_workflow.ports import DEFAULT_CENTRE
from onsite_workflow.wire.digests import event_digest
from onsite_workflow.wire.reading import event_from_json

from ._rows import NO_LIMIT, NO_SUBJECT, listed

SCHEMA_VERSION: Final = 3
_APPLICATION_ID: Final = 0x4209_2023  # tells a store from any other SQLite file


def schema_of(db: sqlite3.Connection) -> int | None:
    """The version of the file's schema; None where the file is empty. ``InvalidInput`` where it is
    no store, or one of a later version."""
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


def make_schema(cursor: sqlite3.Cursor, found: int | None) -> None:
    """Make the schema, or bring the one of version ``found`` up to date."""
    if found == SCHEMA_VERSION:
        return
    if found == 1:
        _from_schema_1(cursor)
    elif found == 2:
        _execute_all(cursor, _script("from-2.sql"))
    else:
        _execute_all(cursor, _script("schema.sql"))
        cursor.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _script(name: str) -> str:
    return files("onsite_workflow.adapters.sqlite").joinpath(name).read_text(encoding="utf-8")


def _execute_all(cursor: sqlite3.Cursor, script: str) -> None:
    """Run a script within the transaction: ``executescript`` would commit it."""
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
INSERT INTO events SELECT e.position, '{DEFAULT_CENTRE}', e.case_id, e.version, e.record,
    c.command_id, c.content, c.answer, c.last_version
    FROM events_1 e LEFT JOIN commits_1 c ON c.case_id = e.case_id AND c.first_version = e.version
    ORDER BY e.position;
INSERT INTO claims SELECT '{DEFAULT_CENTRE}', key, case_id FROM claims_1;
INSERT OR IGNORE INTO case_units SELECT '{DEFAULT_CENTRE}', unit, case_id FROM case_units_1;
INSERT OR REPLACE INTO obligations SELECT '{DEFAULT_CENTRE}', ifnull(due, {NO_LIMIT}), case_id,
    kind, ifnull(subject, {NO_SUBJECT}), clause, bearer, opened_at, due_day, status, provisional,
    earliest, latest, NULL, NULL, NULL, 'case', NULL FROM obligations_1
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
    """From the first version's tables. They had one centre, and no ``head``."""
    _execute_all(cursor, _LEAVE_SCHEMA_1)
    _execute_all(cursor, _script("schema.sql"))
    _execute_all(cursor, _TAKE_OVER)
    units: dict[str, list[str]] = {}
    for case, unit in cursor.execute("SELECT case_id, unit FROM case_units_1 ORDER BY ordinal"):
        units.setdefault(case, []).append(unit)
    owed: dict[str, list[tuple[Any, ...]]] = {}
    for key in cursor.execute("SELECT due, case_id, kind, subject FROM obligations"):
        owed.setdefault(key[1], []).append(key)
    lines = cursor.connection.execute(
        "SELECT c.case_id, c.version, c.state, c.result, c.edition, c.lead, c.opened_at,"
        " c.recorded_at, c.calendar_revision, CAST(e.record AS BLOB)"
        " FROM cases_1 c LEFT JOIN events_1 e ON e.case_id = c.case_id AND e.version = c.version"
    )
    for case, version, state, result, edition, lead, opened, recorded, revision, last in lines:
        cursor.execute(
            f"INSERT INTO cases VALUES ({', '.join('?' * 14)}, 'case')",
            (
                *(DEFAULT_CENTRE, case, version, state, result, edition, lead),
                *(
                    listed(tuple(units.get(case, ()))),
                    opened,
                    recorded,
                    _head(last),
                    revision,
                    "[]",
                ),
                listed(tuple(owed.get(case, ()))),
            ),
        )
    lines.close()
    _execute_all(cursor, _DROP_SCHEMA_1)


def _head(record: bytes | None) -> str:
    """The digest of a case's last event; empty where that can't be read. ``check`` then names the
    case: one damaged case does not stop the others from being brought up to date."""
    try:
        return event_digest(event_from_json((record or b"").decode()))
    except (CorruptRecord, UnicodeDecodeError):
        return ""
