"""What is sent to the server."""

from __future__ import annotations

from typing import Final

from ._rows import OBLIGATION

APPEND: Final = f"SELECT onsite_workflow.append({', '.join(['%s'] * 22)})"
REINDEX: Final = f"SELECT onsite_workflow.reindex({', '.join(['%s'] * 16)})"

FIND: Final = """
    SELECT c.content, c.answer, c.case_id, c.first_version, c.last_version, e.version, e.record
    FROM onsite_workflow.commits c LEFT JOIN onsite_workflow.events e
        ON e.centre = c.centre AND e.case_id = c.case_id
        AND e.version BETWEEN c.first_version AND c.last_version
    WHERE c.centre = %s AND c.command_id = %s ORDER BY e.version"""

VERSION: Final = """
    SELECT version FROM onsite_workflow.cases WHERE centre = %s AND case_id = %s"""

TAKEN: Final = """
    SELECT key FROM onsite_workflow.claims
    WHERE centre = %s AND case_id <> %s AND key = ANY (%s::text[])"""

LOAD: Final = """
    SELECT version, record FROM onsite_workflow.events
    WHERE centre = %s AND case_id = %s ORDER BY version"""

# Only what lies below every transaction that still runs: nothing can come in there any more.
FEED: Final = """
    SELECT generation, e.placed::text, number, version, case_id, record
    FROM onsite_workflow.events e
    WHERE centre = %s
        AND (generation, e.placed, number, version) > (%s::int, %s::xid8, %s::bigint, %s::int)
        AND (generation, e.placed) < (
            (SELECT generation FROM onsite_workflow.store), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY generation, e.placed, number, version LIMIT %s"""

#: The columns of an obligation; no due time comes out as null.
OBLIGATIONS: Final = ", ".join(
    "nullif(due, 'infinity') AS due" if column == "due" else column for column in OBLIGATION.names
)

CLAIM_DUE: Final = f"""
    WITH free AS (
        SELECT case_id, kind, subject FROM onsite_workflow.obligations
        WHERE centre = %(centre)s AND due < %(before)s
            AND (leased_until IS NULL OR leased_until <= %(now)s)
            AND (%(procedure)s::text IS NULL OR procedure = %(procedure)s)
            AND (%(unit)s::text IS NULL OR bearer = %(unit)s)
        ORDER BY due, case_id, kind, subject LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE onsite_workflow.obligations o SET worker = %(worker)s, leased_until = %(until)s
        FROM free
        WHERE o.centre = %(centre)s
            AND (o.case_id, o.kind, o.subject) = (free.case_id, free.kind, free.subject)
        RETURNING o.*
    )
    SELECT {OBLIGATIONS} FROM leased ORDER BY leased.due, case_id, kind, subject"""

EXTEND: Final = """
    UPDATE onsite_workflow.obligations SET leased_until = %(until)s
    WHERE centre = %(centre)s AND case_id = %(case_id)s AND kind = %(kind)s AND subject = %(subject)s
        AND opened_at = %(opened_at)s AND due = %(due)s
        AND worker = %(worker)s AND leased_until = %(was)s AND leased_until > %(now)s
    RETURNING true"""

POSITION: Final = """
    SELECT position FROM onsite_workflow.positions WHERE centre = %s AND subscriber = %s"""

ADVANCE: Final = """
    INSERT INTO onsite_workflow.positions
    SELECT %(centre)s, %(subscriber)s, %(position)s
    WHERE %(after)s = '' OR EXISTS (
        SELECT FROM onsite_workflow.positions
        WHERE centre = %(centre)s AND subscriber = %(subscriber)s
    )
    ON CONFLICT (centre, subscriber) DO UPDATE SET position = excluded.position
    WHERE positions.position = %(after)s
    RETURNING true"""
