"""An append that is interrupted is stored or is not, and the next attempt finds out which."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

import attrs
import psycopg
import pytest

from onsite_workflow.adapters.postgres import PostgresStore, init_schema
from onsite_workflow.errors import StoreUnavailable
from onsite_workflow.ports import CaseStore, Commit
from onsite_workflow.testing import crash, sample_case, simple_commit

from .postgres_proxies import Wire, wire
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


def unavailable(act: Callable[[], object]) -> bool:
    try:
        act()
    except StoreUnavailable:
        return True
    return False


# --- a connection that is cut ---------------------------------------------------------------------


@pytest.fixture
def cut(url: str) -> Iterator[Wire]:
    del url
    with wire(running().sockets) as cut:
        yield cut


def through(cut: Wire, url: str) -> str:
    return url.replace(str(running().sockets), str(cut.sockets))


@pytest.mark.parametrize(("lost", "stored"), [("all", False), ("half", False), ("answer", True)])
def test_an_append_whose_connection_is_cut_is_stored_once_and_the_next_attempt_tells(
    url: str, cut: Wire, lost: str, stored: bool
) -> None:
    with closing(PostgresStore(through(cut, url))) as store:
        for commit in sample_case("XN-1"):
            cut.cut_next(lost)
            assert unavailable(partial(store.append, commit))
            again = store.append(commit)
            assert (again.repeated, again.events) == (stored, commit.events)
        assert store.load("XN-1") == tuple(e for c in sample_case("XN-1") for e in c.events)


@pytest.mark.parametrize("lost", ["all", "half", "answer"])
def test_a_batch_whose_connection_is_cut_is_stored_whole_or_not_at_all(
    url: str, cut: Wire, lost: str
) -> None:
    commits = sample_case("XN-1")

    def append(store: CaseStore, cut_before: int) -> None:
        with store.batch():
            for number, commit in enumerate(commits):
                if number == cut_before:
                    cut.cut_next(lost)
                store.append(commit)
            if cut_before == len(commits):
                cut.cut_next(lost)

    with closing(PostgresStore(through(cut, url))) as store:
        for cut_before in (0, 1, 7, len(commits)):
            assert unavailable(partial(append, store, cut_before))
            whole = cut_before == len(commits) and lost == "answer"
            assert len(store.load("XN-1")) == (len(commits) if whole else 0)
        append(store, -1)
        assert len(store.load("XN-1")) == len(commits)


def test_reads_and_other_writes_whose_connection_is_cut_are_told(url: str, cut: Wire) -> None:
    with closing(PostgresStore(through(cut, url))) as store:
        first = sample_case("XN-1")[0]
        store.append(first)
        position = store.feed()[0].position
        acts: list[Callable[[], object]] = [
            lambda: store.load("XN-1"),
            lambda: store.find(first.command_id),
            store.feed,
            store.cases,
            store.open_obligations,
            lambda: store.reindex(first.summary, first.obligations),
            lambda: store.position("s"),
            lambda: store.advance("s", after=store.position("s"), position=position),
        ]
        for act in acts:
            cut.cut_next("answer")
            assert unavailable(act)
            assert not unavailable(act)


def test_connections_cut_while_nobody_uses_them_are_noticed_by_nobody(url: str, cut: Wire) -> None:
    with closing(PostgresStore(through(cut, url))) as store:
        for commit in sample_case("XN-1"):
            cut.cut_all()
            assert not store.append(commit).repeated


def test_the_caller_whose_transaction_is_cut_is_told(url: str, cut: Wire) -> None:
    with closing(PostgresStore(url)) as store:
        with closing(psycopg.connect(through(cut, url))) as mine:
            joined = store.joining(mine)
            joined.append(sample_case("XN-1")[0])
            cut.cut_next("answer")
            assert unavailable(lambda: joined.append(sample_case("XN-1")[1]))
            with pytest.raises(psycopg.OperationalError):
                mine.commit()
        assert store.load("XN-1") == ()


# --- a backend or a server that ends --------------------------------------------------------------


def _end_backends(url: str) -> None:
    """Every connection to the database but this one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _backends(url: str) -> set[int]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in found}


def test_backends_ended_by_an_administrator_are_replaced(url: str, store: PostgresStore) -> None:
    seen: set[int] = set()
    for commit in sample_case("XN-1"):
        _end_backends(url)
        assert not store.append(commit).repeated
        assert not _backends(url) <= seen
        seen |= _backends(url)


def _waits(url: str) -> None:
    """Until somebody waits for a lock."""
    with psycopg.connect(url, autocommit=True) as connection:
        question = (
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        while not connection.execute(question).fetchall():
            pass


def test_an_append_ended_in_the_middle_has_stored_nothing(url: str, store: PostgresStore) -> None:
    first, second, *_ = sample_case("XN-1")
    store.append(first)
    with ThreadPoolExecutor(1) as pool, psycopg.connect(url) as other:
        other.execute("SELECT FROM onsite_workflow.cases FOR UPDATE")
        waiting = pool.submit(unavailable, partial(store.append, second))
        _waits(url)
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        assert waiting.result()
    assert not store.append(second).repeated


def test_a_lock_held_too_long_is_told(url: str, store: PostgresStore) -> None:
    first, second, *_ = sample_case("XN-1")
    store.append(first)
    limit = "ALTER FUNCTION onsite_workflow.append SET lock_timeout = '{}'"
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(limit.format("50ms").encode())
        with psycopg.connect(url) as other:
            other.execute("SELECT FROM onsite_workflow.cases FOR UPDATE")
            with pytest.raises(StoreUnavailable, match="LockNotAvailable"):
                store.append(second)
        administrator.execute(limit.format("30s").encode())
    assert not store.append(second).repeated


@pytest.fixture
def own() -> Iterator[Server]:
    """A server that a test may harm, with a store."""
    server = start("shared_buffers=16MB")
    try:
        init_schema(server.url())
        yield server
    finally:
        server.close()


def test_a_store_outlives_its_server(own: Server) -> None:
    ends: tuple[Callable[[], None], ...] = (own.stop, partial(own.stop, "immediate"), own.kill)
    with closing(PostgresStore(own.url())) as store:
        commits = iter(sample_case("XN-1"))
        for end in ends:
            stored = store.append(next(commits))
            end()
            if end != own.kill:  # whose backends may still answer, for a moment
                assert unavailable(lambda: store.load("XN-1"))
            own.start()
            found = store.find(stored.command_id)
            assert found == stored
            assert not store.append(next(commits)).repeated


def opened(url: str) -> CaseStore:
    return PostgresStore(url, timeout=5.0)


def test_a_server_that_crashes_under_load_loses_nothing(own: Server) -> None:
    opener = partial(PostgresStore, own.url())
    tally = crash(opener, kills=3, strike=own.restart, fault="server killed")
    tally.check()
    assert tally.acknowledged > 0


def test_connections_ended_under_load_lose_nothing(url: str) -> None:
    opener = partial(PostgresStore, url)
    tally = crash(opener, kills=20, strike=partial(_end_backends, url), fault="connection cut")
    tally.check()
    assert tally.acknowledged > 0


# --- a disk that is full --------------------------------------------------------------------------

_MEGABYTE = 1 << 20


def test_a_full_disk_refuses_and_loses_nothing(own: Server) -> None:
    """No file of the server may grow beyond a limit, until the limit is lifted."""
    noise = Random(0)
    told: list[Commit] = []
    own.largest_file = 20 * _MEGABYTE  # a segment of the log has 16
    own.restart("fast")
    with closing(PostgresStore(own.url())) as store:
        while True:
            answer = noise.randbytes(_MEGABYTE).hex()
            commit = attrs.evolve(simple_commit(f"case-{len(told)}"), answer=answer)
            if unavailable(partial(store.append, commit)):
                break
            told.append(commit)
            assert len(told) < 50
        assert len(told) > 5
        own.largest_file = resource.RLIM_INFINITY
        for _ in ("before", "after"):
            assert [store.find(each.command_id) is not None for each in (*told, commit)] == [
                *[True] * len(told),
                False,
            ]
            assert len(store.feed()) == len(store.cases()) == len(told)
            own.restart("fast")
        assert not store.append(commit).repeated
        assert len(store.feed()) == len(store.cases()) == len(told) + 1
