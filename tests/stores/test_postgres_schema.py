"""``init_schema``, who may do what with what it makes, and what a store says on opening."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import psycopg
import pytest

from onsite_workflow import cli
from onsite_workflow.adapters import open_store
from onsite_workflow.adapters.postgres import PostgresStore, init_schema
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.errors import CorruptRecord, InvalidInput, NotSupported, StoreUnavailable
from onsite_workflow.ports import Capability
from onsite_workflow.testing import awkward_case, sample_case, simple_commit

from .postgres_server import Databases, running

pytestmark = pytest.mark.postgres


@pytest.fixture
def bare() -> str:
    """The address of a database without the schema. It goes with the server: to drop it alone would
    keep the disk busy."""
    name = f"bare{uuid4().hex}"
    with psycopg.connect(running().url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return running().url(name)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of an empty store."""
    databases = Databases.of(running())
    yield databases.url(tmp_path)
    databases.release(tmp_path)


def as_role(url: str, role: str) -> str:
    return url.replace("postgres@", f"{role}@")


def run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def refusal(url: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        PostgresStore(url)
    return refused.value.violations[0].rule


# --- making it ----------------------------------------------------------------------------------


def test_made_again_the_schema_keeps_what_is_stored(bare: str) -> None:
    init_schema(bare)
    with closing(PostgresStore(bare)) as store:
        stored = [store.append(commit) for commit in sample_case("XN-1")]
        before = store.feed()
        init_schema(bare)
        assert store.feed() == before
        assert [store.find(each.command_id) for each in stored] == stored


def test_several_make_the_schema_at_once(bare: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for made in [pool.submit(init_schema, bare) for _ in range(4)]:
            made.result()
    with closing(PostgresStore(bare)) as store:
        assert not store.append(sample_case("XN-1")[0]).repeated


def test_the_command_line_makes_it(bare: str) -> None:
    for _ in range(2):
        assert cli.main(["store", "init", bare]) == 0
    with closing(open_store(bare, centre="north")) as north:
        north.append(sample_case("XN-1")[0])
    with closing(open_store(bare)) as store:
        assert list(store.cases()) == []
        assert [line.case for line in store.for_centre("north").cases()] == ["XN-1"]


def test_a_database_without_the_schema_is_refused(bare: str) -> None:
    assert refusal(bare) == "missing"


SCHEMA_1 = Path(__file__).with_name("postgres-schema-1.sql")


@pytest.fixture
def first(bare: str) -> str:
    """A database with what the first version of the schema held."""
    run(bare, SCHEMA_1.read_text(encoding="utf-8"))
    return bare


def columns(url: str) -> list[tuple[Any, ...]]:
    """Of each table, index and function."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            """
            SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
                a.attnotnull, a.attcollation, pg_get_expr(d.adbin, d.adrelid)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
            WHERE c.relnamespace = 'onsite_workflow'::regnamespace
            UNION ALL
            SELECT p.proname, p.pronargs, pg_get_functiondef(p.oid), NULL, NULL, NULL, NULL
            FROM pg_proc p WHERE p.pronamespace = 'onsite_workflow'::regnamespace
            UNION ALL
            SELECT i.indexname, NULL, i.indexdef, NULL, NULL, NULL, NULL
            FROM pg_indexes i WHERE i.schemaname = 'onsite_workflow'
            ORDER BY 1, 2, 3"""
        ).fetchall()


def test_a_schema_of_the_first_version_is_refused_until_it_is_brought_up_to_date(
    first: str,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        PostgresStore(first)
    (violation,) = refused.value.violations
    assert violation.rule == "unknown_schema"
    assert violation.remedy is not None
    assert "onsite-workflow store init" in violation.remedy.en


def test_what_the_first_version_stored_is_kept_and_is_of_cases(first: str) -> None:
    init_schema(first)
    listed = [awkward_case("XN-2"), sample_case("XN-3")[:2]]
    noon = dt.datetime(2026, 3, 3, 12, tzinfo=SHANGHAI)
    span: dict[str, Any] = {"before": noon + dt.timedelta(days=9), "until": noon}
    with closing(PostgresStore(first)) as store:
        for commits in listed:
            assert store.load(commits[0].case) == tuple(c.events[0] for c in commits)
            assert [store.append(c).repeated for c in commits] == [True] * len(commits)
        assert list(store.cases(procedure="case")) == [c[-1].summary for c in listed]
        # By which entry a duty was opened is not known of what version 1 listed.
        owed = {attrs.evolve(o, opened_by=None) for c in listed for o in c[-1].obligations}
        assert set(store.open_obligations(procedure="case")) == owed
        assert len(store.feed()) == sum(map(len, listed))
        assert [line.case for line in store.for_centre("north").cases()] == ["XN-1"]
        assert store.position("s") == "1-755-3-3"
        assert len(store.claim_due(worker="w", now=noon, **span)) == 1  # the other is leased
        assert len(store.claim_due(worker="w", now=noon + dt.timedelta(hours=1), **span)) == 2
        store.append(sample_case("XN-3")[2])
        store.append(simple_commit("lost_property/L-1", procedure="lost_property"))
        assert [s.case for s in store.cases(procedure="lost_property")] == ["lost_property/L-1"]


def test_brought_up_to_date_a_schema_is_as_if_it_were_new(first: str, url: str) -> None:
    init_schema(first, writer="writer", reader="reader")
    assert columns(first) == columns(url)
    with closing(PostgresStore(as_role(first, "writer"))) as store:
        assert not store.append(sample_case("XN-9")[0]).repeated


def test_several_bring_a_schema_up_to_date_at_once(first: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for made in [pool.submit(init_schema, first) for _ in range(4)]:
            made.result()
    with closing(PostgresStore(first)) as store:
        assert not store.append(sample_case("XN-9")[0]).repeated


def test_a_schema_of_a_later_version_is_refused_and_not_touched(bare: str) -> None:
    init_schema(bare)
    run(bare, "UPDATE onsite_workflow.store SET schema_version = 3")
    assert refusal(bare) == "unknown_schema"
    with pytest.raises(InvalidInput, match="unknown_schema"):
        init_schema(bare)


def test_a_store_that_is_open_notices_a_later_version(bare: str) -> None:
    init_schema(bare)
    with closing(PostgresStore(bare)) as store:
        run(bare, "UPDATE onsite_workflow.store SET schema_version = 3")
        with pytest.raises(StoreUnavailable, match="does not know"):
            store.append(sample_case("XN-1")[0])


def test_a_database_that_can_not_hold_every_character_is_refused() -> None:
    with psycopg.connect(running().url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'")
    with pytest.raises(InvalidInput, match="UTF8"):
        init_schema(running().url("ascii"))


def test_texts_that_are_looked_up_are_in_the_order_of_code_points(url: str) -> None:
    """Whatever collation the database was made with."""
    others = """
        SELECT i.indexrelid::regclass, n FROM pg_index i, unnest(i.indcollation) AS n
        WHERE i.indrelid::regclass::text LIKE 'onsite\\_workflow.%' AND n NOT IN
            (0, (SELECT oid FROM pg_collation WHERE collname = 'C'))"""
    with psycopg.connect(url) as connection:
        assert connection.execute(others).fetchall() == []
        ((indexed,),) = connection.execute("SELECT count(*) FROM pg_index").fetchall()
        assert indexed > 10


# --- opening it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["postgresql://[", "postgresql://host/db?no_such=1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    assert refusal(address) == "unreadable"


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        PostgresStore(f"postgresql:///x?host={tmp_path}")


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_opened_read_only_a_store_is_read_and_not_written(url: str, role: str) -> None:
    commits = sample_case("XN-1")
    with closing(PostgresStore(url)) as store:
        for commit in commits:
            store.append(commit)
        events, feed, lines = store.load("XN-1"), store.feed(), store.cases()
        owed = store.open_obligations()
    with closing(PostgresStore(as_role(url, role), read_only=True)) as store:
        assert (store.load("XN-1"), store.feed(), store.cases()) == (events, feed, lines)
        assert store.open_obligations() == owed
        assert store.position("s") == ""
        with pytest.raises(NotSupported, match="read_only"):
            store.append(commits[0])
        with pytest.raises(NotSupported, match="read_only"), store.batch():
            pass
        with pytest.raises(NotSupported, match="read_only"):
            store.for_centre("north").advance("s", after="", position=feed[0].position)
        with psycopg.connect(url) as transaction, pytest.raises(NotSupported, match="read_only"):
            store.joining(transaction)


@pytest.mark.parametrize("setting", ["on", "local", "off"])
def test_a_store_is_durable_where_the_server_waits_for_the_disk(bare: str, setting: str) -> None:
    init_schema(bare)
    database = psycopg.conninfo.conninfo_to_dict(bare)["dbname"]
    run(bare, f"ALTER ROLE postgres IN DATABASE {database} SET synchronous_commit = {setting}")
    with closing(PostgresStore(bare)) as store:
        assert (Capability.DURABLE in store.capabilities) == (setting != "off")


@pytest.mark.parametrize("position", ["x", "1", "1-2-3", "1-2-3-4-5", "-1-2-3-4", "１-２-３-４"])
def test_a_position_that_the_feed_never_gave_is_refused(url: str, position: str) -> None:
    with closing(PostgresStore(url)) as store, pytest.raises(InvalidInput, match="unreadable"):
        store.feed(after=position)


def test_what_a_record_can_not_be_read_back_from_names_its_place(url: str) -> None:
    with closing(PostgresStore(url)) as store:
        for commit in sample_case("XN-1")[:3]:
            store.append(commit)
        second = sample_case("XN-1")[1].command_id
        for damage in (
            "UPDATE onsite_workflow.events SET record = 'x' WHERE version = 2",
            "DELETE FROM onsite_workflow.events WHERE version = 2",
        ):
            run(url, damage)
            for read in (lambda: store.load("XN-1"), lambda: store.find(second)):
                with pytest.raises(CorruptRecord) as corrupt:
                    read()
                facts = corrupt.value.violations[0].facts
                assert facts == {"case": "XN-1", "version": 2}


# --- who may do what ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["writer", "reader"])
@pytest.mark.parametrize("table", ["events", "commits", "claims"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET centre = centre", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"]
)
def test_nobody_but_the_owner_can_change_the_record(
    url: str, role: str, table: str, change: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(as_role(url, role), change.format(f"onsite_workflow.{table}"))


@pytest.mark.parametrize("table", ["events", "commits", "claims", "cases", "positions"])
def test_a_reader_adds_nothing(url: str, table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(as_role(url, "reader"), f"INSERT INTO onsite_workflow.{table} DEFAULT VALUES")


def test_a_reader_who_writes_is_told(url: str) -> None:
    with closing(PostgresStore(as_role(url, "reader"))) as store:
        with pytest.raises(StoreUnavailable, match="InsufficientPrivilege"):
            store.append(sample_case("XN-1")[0])
        assert store.cases() == []


def test_who_has_no_role_reads_nothing(url: str) -> None:
    run(url, "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
    with pytest.raises(StoreUnavailable, match="InsufficientPrivilege"):
        PostgresStore(as_role(url, "stranger"))
