"""The schema: making it, bringing an older one up to date, and whether it is as it should be."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import psycopg
from psycopg import sql

from onsite_workflow.adapters._answers import refused
from onsite_workflow.errors import Remedy

from ._errors import told
from ._links import Connection, ask, parameters

SCHEMA_VERSION: Final = 2
_OLDEST_SERVER: Final = 130000  # xid8

# The version, and whether some event lies above every transaction: then the database was restored
# into another cluster. One look into each centre's feed, however long it is.
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

#: Where two make the schema at once, the second waits for the first. No other program uses the number.
_LOCK: Final = "SELECT pg_advisory_xact_lock(4209202300000001)"
_EXISTS: Final = "SELECT to_regclass('onsite_workflow.store') IS NOT NULL"
_BEGIN_ANEW: Final = "UPDATE onsite_workflow.store SET generation = generation + 1"

#: A writer may add events, and never change or remove one.
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

_INIT: Final = Remedy(
    zh="由库的所有者执行onsite-workflow store init。",
    en="Let its owner run onsite-workflow store init.",
)


def check_standing(connection: Connection) -> None:
    """``InvalidInput`` where there is no schema, one of another version, or one that was restored
    into another cluster."""
    if not ask(connection, _EXISTS)[0][0]:
        raise refused("missing", "库尚未建立。", "has not been made yet.", _INIT)
    version, restored = ask(connection, _STANDING)[0]
    if version != SCHEMA_VERSION:
        raise refused(
            "unknown_schema",
            "库的版本不是本程序能用的。",
            "has a schema that this version does not know.",
            _INIT if version < SCHEMA_VERSION else None,
            found=version,
            known=SCHEMA_VERSION,
        )
    if restored:
        raise refused(
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
    """Make the schema ``onsite_workflow``, or bring an older one up to date.

    What is stored stays. It may be run again, and by two at once. The schema belongs to the role
    that connects.

    Args:
        conninfo: a URL or ``key=value``; libpq's environment variables count too.
        writer: a role that is given what a store opened for writing needs, and no more.
        reader: a role that is given what a store opened with ``read_only`` needs, and no more.
        restored: say that the server was taken back to an earlier moment. Subscribers elsewhere
            then have positions that are still to come. (Where ``pg_restore`` filled the database,
            that is noticed without being told.)

    Raises:
        InvalidInput: the server is too old, its encoding is not UTF8, or the schema is of a later
            version.
        StoreUnavailable: the server can't be reached, or the role may not do this.
    """
    with told, psycopg.connect(**parameters(conninfo)) as connection:
        _check_server(connection)
        with connection.transaction():
            connection.execute(_LOCK)
            if not ask(connection, _EXISTS)[0][0]:
                _run(connection, "schema.sql", "functions.sql")
            version, ahead = ask(connection, _STANDING)[0]
            if version > SCHEMA_VERSION:
                check_standing(connection)
            if version == 1:
                _run(connection, "from-1.sql", "functions.sql")
            if ahead or restored:
                # Nobody may write an event between the old numbers and the new ones.
                connection.execute("LOCK TABLE onsite_workflow.events IN SHARE ROW EXCLUSIVE MODE")
                connection.execute(_BEGIN_ANEW)
            if writer is not None:
                connection.execute(sql.SQL(_WRITER).format(role=sql.Identifier(writer)))
            if reader is not None:
                connection.execute(sql.SQL(_READER).format(role=sql.Identifier(reader)))


def _run(connection: Connection, *scripts: str) -> None:
    folder = files("onsite_workflow.adapters.postgres")
    for script in scripts:
        connection.execute(folder.joinpath(script).read_bytes())


def _check_server(connection: Connection) -> None:
    found = connection.info.server_version
    if found < _OLDEST_SERVER:
        raise refused(
            "old_server",
            "须为PostgreSQL 13或更新版本。",
            "must be PostgreSQL 13 or later.",
            found=found,
        )
    ((encoding,),) = ask(connection, "SELECT current_setting('server_encoding')")
    if encoding != "UTF8":
        raise refused(
            "encoding", "数据库的编码须为UTF8。", "must have the encoding UTF8.", found=encoding
        )
