"""The feed never skips what commits late, nor turns back when transaction numbers begin anew."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from onsite_workflow.adapters.postgres import PostgresStore, init_schema
from onsite_workflow.cli import main
from onsite_workflow.errors import InvalidInput, StoreUnavailable
from onsite_workflow.ports import CaseStore, FeedEntry
from onsite_workflow.testing import simple_commit

from .postgres_server import Databases, Server, running, start

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    databases = Databases.of(running())
    yield databases.url(tmp_path)
    databases.release(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    with closing(PostgresStore(url)) as store:
        yield store


def places(entries: list[FeedEntry]) -> list[tuple[str, int]]:
    return [(entry.event.key, entry.event.version) for entry in entries]


class Reader:
    """Follows a feed, and keeps all that it has been given."""

    def __init__(self, store: CaseStore, limit: int = 1000) -> None:
        self.store, self.limit = store, limit
        self.seen: list[FeedEntry] = []

    def read(self) -> list[tuple[str, int]]:
        """What is new."""
        before = len(self.seen)
        while page := self.store.feed(after=self.position, limit=self.limit):
            self.seen += page
        return places(self.seen[before:])

    @property
    def position(self) -> str:
        return self.seen[-1].position if self.seen else ""


# --- transactions that end late -------------------------------------------------------------------


def test_an_event_that_commits_late_is_given_though_its_number_is_lower(
    url: str, store: PostgresStore
) -> None:
    reader = Reader(store)
    with psycopg.connect(url) as early:
        store.joining(early).append(simple_commit("early"))
        store.append(simple_commit("late"))
        numbers = "SELECT case_id FROM onsite_workflow.events ORDER BY number"
        assert early.execute(numbers).fetchall() == [("early",), ("late",)]
        assert reader.read() == []  # not the later one before the earlier one
    assert reader.read() == [("early", 1), ("late", 1)]


def test_an_event_of_a_transaction_that_is_undone_holds_nothing_back_any_more(
    url: str, store: PostgresStore
) -> None:
    reader = Reader(store)
    with psycopg.connect(url) as early:
        store.joining(early).append(simple_commit("early"))
        store.append(simple_commit("late"))
        early.rollback()
    assert reader.read() == [("late", 1)]


def test_a_case_stands_in_order_though_a_transaction_began_before_its_first_event(
    url: str, store: PostgresStore
) -> None:
    """The second event's transaction has the lower number."""
    reader = Reader(store)
    with psycopg.connect(url) as early:
        store.joining(early).append(simple_commit("another"))
        store.append(simple_commit("case"))
        store.append(simple_commit("between"))
        store.joining(early).append(simple_commit("case", after=1))
        assert reader.read() == []
    read = reader.read()
    assert sorted(read) == [("another", 1), ("between", 1), ("case", 1), ("case", 2)]
    assert read.index(("case", 1)) < read.index(("case", 2))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_way_transactions_interleave_each_event_is_read_once(
    url: str, store: PostgresStore, seed: int
) -> None:
    """Five writers begin, append, commit and roll back in any order, with a reader after each."""
    chance = random.Random(seed)
    reader = Reader(store, limit=chance.choice((1, 2, 1000)))
    versions: dict[str, int] = {}  # of cases that no open transaction has touched
    touched: dict[int, dict[str, int]] = {}
    writers = [psycopg.connect(url) for _ in range(5)]
    try:
        for _ in range(150):
            number = chance.randrange(len(writers))
            mine = touched.setdefault(number, {})
            act = chance.choice(("append", "append", "append", "commit", "rollback"))
            if act == "append":
                others = {c for n, cases in touched.items() if n != number for c in cases}
                case = chance.choice([c for c in map(str, range(20)) if c not in others] or ["-"])
                if case == "-":  # every case is another writer's: nobody waits here
                    continue
                version = mine.get(case, versions.get(case, 0))
                size = chance.randint(1, 2)
                commit = simple_commit(case, after=version, events=size)
                joined = store.joining(writers[number])
                assert not joined.append(commit).repeated
                mine[case] = version + size
            elif act == "commit":
                writers[number].commit()
                versions |= touched.pop(number)
            else:
                writers[number].rollback()
                del touched[number]
            reader.read()
        for writer in writers:
            writer.rollback()
        reader.read()
    finally:
        for writer in writers:
            writer.close()
    assert reader.seen == list(store.feed())
    for case, version in versions.items():
        assert [v for c, v in places(reader.seen) if c == case] == list(range(1, version + 1))
    assert len(reader.seen) == sum(versions.values()) > 20


def test_who_holds_the_feed_back_can_be_asked(url: str, store: PostgresStore) -> None:
    """By the question that the documentation gives."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "run-postgres.md"
    question = page.read_text(encoding="utf-8").split("```sql\n")[1].split("```")[0]
    with psycopg.connect(url) as idle, psycopg.connect(url) as reading:
        store.joining(idle).append(simple_commit("idle"))
        reading.execute("SELECT count(*) FROM onsite_workflow.events")
        with psycopg.connect(url) as asking:
            found = asking.execute(question.encode()).fetchall()
        assert [row[0] for row in found] == [idle.info.backend_pid]


# --- transaction numbers that begin anew ----------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Server]:
    """Another server, whose transaction numbers are far behind."""
    server = start()
    try:
        yield server
    finally:
        server.close()


def test_restored_into_another_server_the_feed_goes_on(url: str, elsewhere: Server) -> None:
    with psycopg.connect(url, autocommit=True) as connection:  # so that it is far ahead, even alone
        connection.execute(
            "DO $$ BEGIN FOR i IN 1..3000 LOOP"
            " PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
        )
    with closing(PostgresStore(url)) as store, store.batch():
        for number in range(3):
            store.append(simple_commit(f"old-{number}"))
            store.for_centre("north").append(simple_commit(f"north-{number}"))
    with closing(PostgresStore(url)) as store:
        before = store.feed(limit=2)

    dump = running().run("pg_dump", "--no-owner", "--no-acl", "--dbname", url)
    with psycopg.connect(elsewhere.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    script = elsewhere.folder / "dump.sql"
    script.write_text(dump, encoding="utf-8")
    script.chmod(0o644)
    restored = elsewhere.url("restored")
    elsewhere.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", script, restored)

    with pytest.raises(InvalidInput) as refused:
        PostgresStore(restored)
    assert refused.value.violations[0].rule == "restored"
    for _ in range(2):
        init_schema(restored)
    with closing(PostgresStore(restored)) as store:
        north = Reader(store.for_centre("north"))
        assert north.read() == [("north-0", 1), ("north-1", 1), ("north-2", 1)]
        reader = Reader(store)
        reader.seen += before  # its position was taken before
        assert reader.read() == [("old-2", 1)]
        store.append(simple_commit("old-1", after=1))
        store.append(simple_commit("new"))
        store.for_centre("north").append(simple_commit("north-0", after=1))
        assert reader.read() == [("old-1", 2), ("new", 1)]
        assert north.read() == [("north-0", 2)]
        assert reader.seen == list(store.feed())


def ahead(url: str) -> None:
    """As if the events came from a server with more transactions."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE onsite_workflow.events SET placed = (placed::text::bigint + 1000000)::text::xid8"
        )
        connection.execute(
            "UPDATE onsite_workflow.cases SET placed = (placed::text::bigint + 1000000)::text::xid8"
        )


def test_after_a_recovery_to_an_earlier_moment_new_events_come_after_all_positions_given(
    url: str, store: PostgresStore
) -> None:
    store.append(simple_commit("old"))
    (before,) = store.feed()
    lost = re.sub("-.*", "-999999-1-1", before.position)  # what a reader saw of the lost time
    assert main(["store", "init", "--restored", url]) == 0
    store.append(simple_commit("new"))
    assert [entry.event.key for entry in store.feed()] == ["old", "new"]
    assert [entry.event.key for entry in store.feed(after=before.position)] == ["new"]
    assert [entry.event.key for entry in store.feed(after=lost)] == ["new"]


def test_an_open_store_does_not_write_before_what_was_restored(
    url: str, store: PostgresStore
) -> None:
    store.append(simple_commit("old"))
    ahead(url)
    for commit in (simple_commit("old", after=1), simple_commit("new")):
        with pytest.raises(StoreUnavailable, match="restored"):
            store.append(commit)
    reader = Reader(store)
    reader.read()
    init_schema(url)
    reader.read()
    store.append(simple_commit("old", after=1))
    store.append(simple_commit("new"))
    reader.read()
    assert places(reader.seen) == [("old", 1), ("old", 2), ("new", 1)]


def test_a_store_said_to_be_restored_begins_after_every_position_given(url: str) -> None:
    """After a recovery to an earlier moment: a subscriber has read what is lost now."""
    with closing(PostgresStore(url)) as store:
        store.append(simple_commit("kept"))
        with psycopg.connect(url) as lost:
            store.joining(lost).append(simple_commit("lost"))
            ((place,),) = lost.execute(  # many transactions later
                "SELECT concat_ws('-', generation, placed::text::bigint + 1000000, number, version)"
                " FROM onsite_workflow.events WHERE case_id = 'lost'"
            ).fetchall()
            lost.rollback()
        init_schema(url, restored=True)
        store.append(simple_commit("new"))
        assert places(list(store.feed(after=place))) == [("new", 1)]
