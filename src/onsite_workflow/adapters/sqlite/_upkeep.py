"""Whether a file is sound, and how it is copied while it is in use."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Final

from onsite_workflow.errors import RESTORE, CorruptRecord, InvalidInput, Violation
from onsite_workflow.wire.reading import MOST_NAMED

from ._errors import DAMAGED, code_of, damaged, told
from ._file import connected
from ._rows import OBLIGATION, SUMMARY, values_in

# Each: a rule, the end of a sentence in both languages, and the cases of which it is said.
_FLAWS: Final = (
    (
        "records_missing",
        "缺少记录，或者记录不连续。",
        "lacks entries.",
        """
        SELECT centre, case_id FROM cases LEFT JOIN (
            SELECT centre, case_id, count(*) AS held, min(version) AS first, max(version) AS last
            FROM events GROUP BY centre, case_id
        ) USING (centre, case_id) WHERE (held, first, last) IS NOT (version, 1, version)
        """,
    ),
    (
        "not_listed",
        "有记录、时限或者编号，但不在清单中。",
        "has entries, limits or keys, and is in no list of cases.",
        """
        SELECT centre, case_id FROM events UNION SELECT centre, case_id FROM obligations
        UNION SELECT centre, case_id FROM claims
        UNION SELECT centre, case_id FROM case_units
        UNION SELECT centre, case_id FROM case_applicants
        EXCEPT SELECT centre, case_id FROM cases
        """,
    ),
    (
        "unreadable_event",
        "有读不出来的记录。",
        "has entries that can't be read back.",
        """
        SELECT DISTINCT centre, case_id FROM events WHERE NOT json_valid(record)
        UNION SELECT centre, case_id FROM cases WHERE head = ''
        """,
    ),
    (
        "commits_differ",
        "登记与记录对不上。",
        "has entries that no commit, or more than one, accounts for.",
        """
        SELECT centre, case_id FROM cases LEFT JOIN (
            SELECT centre, case_id, sum(last_version - version + 1) AS stored
            FROM events WHERE command_id IS NOT NULL GROUP BY centre, case_id
        ) USING (centre, case_id) WHERE stored IS NOT version
        """,
    ),
    (
        "list_differs",
        "按单位、申请人或者时限查找时对不上。",
        "is not found by its units, applicants and limits as it should be.",
        """
        WITH
            readable AS MATERIALIZED (
                SELECT * FROM cases
                WHERE json_valid(units) AND json_valid(applicant_keys) AND json_valid(owed)
            ),
            listed AS (
                SELECT centre, case_id, 0 AS what, value FROM readable, json_each(units)
                UNION SELECT centre, case_id, 1, value FROM readable, json_each(applicant_keys)
                UNION SELECT centre, case_id, 2, value FROM readable, json_each(owed)
            ),
            found AS (
                SELECT centre, case_id, 0 AS what, unit AS value FROM case_units
                UNION SELECT centre, case_id, 1, applicant_key FROM case_applicants
                UNION SELECT centre, case_id, 2, json_array(due, case_id, kind, subject)
                    FROM obligations
                    -- JSON holds no others; those that are blobs are unreadable anyway.
                    WHERE 'blob' NOT IN (typeof(case_id), typeof(kind), typeof(subject))
            )
        SELECT centre, case_id FROM (SELECT * FROM listed EXCEPT SELECT * FROM found)
        UNION SELECT centre, case_id FROM (SELECT * FROM found EXCEPT SELECT * FROM listed)
        """,
    ),
)


def flaws(db: sqlite3.Connection) -> list[Violation]:
    """What is wrong with the file that ``db`` has open: with its pages and indexes, with lists that
    can't be read, or that do not agree in number. At most ``MOST_NAMED`` of each kind."""
    found: list[Violation] = []
    try:
        db.execute("BEGIN")  # one state of the file throughout
        for (said,) in db.execute(f"PRAGMA integrity_check({MOST_NAMED})"):
            if said != "ok":
                found.append(
                    Violation(
                        rule="damaged_file",
                        zh=f"库文件有损坏（{said}）。",
                        en=f"The file is damaged ({said}).",
                        remedy=RESTORE,
                    )
                )
        for rule, zh, en, sql in _FLAWS:
            found += (
                Violation(
                    rule=rule,
                    zh=f"{case}{zh}",
                    en=f"Case {case} {en}",
                    facts={"centre": centre, "case": case},
                    remedy=RESTORE,
                )
                for centre, case in db.execute(f"{sql} LIMIT {MOST_NAMED}")
            )
        found += islice(_unreadable(db), MOST_NAMED)
    except sqlite3.DatabaseError as error:
        if code_of(error) not in DAMAGED:
            raise
        found += damaged().violations
    return found


def _unreadable(db: sqlite3.Connection) -> Iterator[Violation]:
    """Rows of the lists that can't be read."""
    for sql, read in (
        (f"SELECT {SUMMARY.sql} FROM cases", SUMMARY.value),
        ("SELECT case_id, owed FROM cases", lambda row: values_in(*row)),
        (f"SELECT {OBLIGATION.sql} FROM obligations", OBLIGATION.value),
    ):
        for row in db.execute(sql):
            try:
                read(row)
            except CorruptRecord as error:
                yield from error.violations


def copy_to(db: sqlite3.Connection, path: Path) -> list[Violation]:
    """Copy the file as it is at one moment. The copy is checked, and is on the disk, before it gets
    its name. Returns what is wrong with it. ``InvalidInput`` where there is a file already,
    ``CorruptRecord`` where the file itself is damaged."""
    if path.exists():
        raise InvalidInput.of("to", "exists", "已有此文件。", "is there already.")
    try:
        number, part = tempfile.mkstemp(prefix=f"{path.name}-", suffix=".part", dir=path.parent)
    except OSError as error:
        raise InvalidInput.of(
            "to", "unreadable", "此处不能写入。", f"can't be written ({error.strerror})."
        ) from None
    os.close(number)
    try:
        with closing(connected(part, 0)) as copy, told:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
            found = flaws(copy)
        if any(flaw.rule == "damaged_file" for flaw in found):
            raise CorruptRecord(found)
        _sync(part)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise
    _sync(path.parent)
    return found


def _sync(path: str | Path) -> None:
    """Write a file to the disk, or a folder where the system can do that."""
    with suppress(PermissionError):  # Windows opens no folder
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
