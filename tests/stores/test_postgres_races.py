"""Two who append at once, where one has to wait for what becomes of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest

from onsite_workflow.adapters.postgres import PostgresStore
from onsite_workflow.errors import Conflict, InvalidInput, StoreUnavailable
from onsite_workflow.ports import Commit
from onsite_workflow.testing import sample_case, simple_commit, simple_obligation

from .postgres_server import Databases, running

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


def answer(store: PostgresStore, commit: Commit) -> str:
    """``stored``, ``repeated``, or the rule of the conflict."""
    try:
        return "repeated" if store.append(commit).repeated else "stored"
    except Conflict as conflict:
        return conflict.violations[0].rule


def after(
    url: str, store: PostgresStore, first: Commit, second: Commit, *, commits: bool
) -> tuple[str, str]:
    """``second`` is sent while ``first`` is under way, and again after it: the two answers."""
    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(url) as transaction:
            assert not store.joining(transaction).append(first).repeated
            waiting = pool.submit(answer, store, second)
            wait_for_a_lock(url, waiting)
            if not commits:
                transaction.rollback()
        return waiting.result(), answer(store, second)


def wait_for_a_lock(url: str, waiting: Future[Any]) -> None:
    """Until somebody waits for one."""
    question = (
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        while not connection.execute(question).fetchall():
            assert not waiting.done(), waiting.result()


ONE = simple_commit("one", keys=["notice:1"])
NEXT = simple_commit("one", after=1, keys=["notice:2"])


@pytest.mark.parametrize(
    ("before", "first", "second", "answers"),
    [
        ([], ONE, ONE, ("repeated", "repeated")),
        ([ONE], NEXT, NEXT, ("repeated", "repeated")),
        ([], ONE, attrs.evolve(ONE, content="other"), ("command_id", "command_id")),
        ([], ONE, simple_commit("one", command_id="rival"), ("version", "version")),
        ([ONE], NEXT, simple_commit("one", after=1, command_id="rival"), ("version", "version")),
        # Another case, under the same id, or with the same key.
        (
            [],
            ONE,
            attrs.evolve(simple_commit("two"), command_id=ONE.command_id),
            ("command_id", "command_id"),
        ),
        ([], ONE, simple_commit("two", keys=["a:1", "notice:1"]), ("claimed_key", "claimed_key")),
    ],
    ids=[
        "the-same-opening",
        "the-same-again",
        "other-content",
        "a-rival-opening",
        "a-rival",
        "an-id-of-another-case",
        "a-key-of-another-case",
    ],
)
def test_who_waits_is_told_what_became_of_the_other(
    url: str, before: list[Commit], first: Commit, second: Commit, answers: tuple[str, str]
) -> None:
    with closing(PostgresStore(url)) as store:
        for commit in before:
            store.append(commit)
        assert after(url, store, first, second, commits=True) == answers


@pytest.mark.parametrize(
    ("before", "first", "second"),
    [
        ([], ONE, ONE),
        ([ONE], NEXT, NEXT),
        ([], ONE, simple_commit("one", command_id="rival")),
        ([ONE], NEXT, simple_commit("one", after=1, command_id="rival")),
        ([], ONE, attrs.evolve(simple_commit("two"), command_id=ONE.command_id)),
        ([], ONE, simple_commit("two", keys=["a:1", "notice:1"])),
    ],
    ids=["the-same-opening", "the-same", "a-rival-opening", "a-rival", "an-id", "a-key"],
)
def test_who_waits_for_one_that_is_undone_is_stored(
    url: str, store: PostgresStore, before: list[Commit], first: Commit, second: Commit
) -> None:
    for commit in before:
        store.append(commit)
    assert after(url, store, first, second, commits=False) == ("stored", "repeated")


def test_an_append_that_waits_for_a_reindex_lists_what_it_says_itself(
    url: str, store: PostgresStore
) -> None:
    """What the one has just put into the lists, the other takes away, though it began before."""
    first, second, *_ = sample_case("XN-1")
    store.append(first)
    extra = simple_obligation("XN-1", subject="extra")
    summary = attrs.evolve(first.summary, units=("extra",), applicant_keys=("extra",))
    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(url) as transaction:
            assert store.joining(transaction).reindex(summary, [extra, *first.obligations])
            waiting = pool.submit(answer, store, second)
            wait_for_a_lock(url, waiting)
        assert waiting.result() == "stored"
    assert set(store.open_obligations()) == set(second.obligations)
    assert list(store.cases(unit="extra")) == list(store.cases(applicant_key="extra")) == []
    assert list(store.cases()) == [second.summary]


def test_a_reindex_waits_for_an_append_and_changes_nothing_then(
    url: str, store: PostgresStore
) -> None:
    first, second, *_ = sample_case("XN-1")
    store.append(first)
    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(url) as transaction:
            store.joining(transaction).append(second)
            waiting = pool.submit(store.reindex, first.summary, ())
            wait_for_a_lock(url, waiting)
        assert waiting.result() is False
    assert list(store.cases()) == [second.summary]
    assert set(store.open_obligations()) == set(second.obligations)


def test_claims_pass_over_what_others_hold(url: str, store: PostgresStore) -> None:
    """Nobody waits for a worker in the middle of its transaction."""
    now = sample_case("XN-1")[0].summary.recorded_at
    owed = [simple_obligation("one", subject=str(number), due=now) for number in range(4)]
    store.append(simple_commit("one", obligations=owed))
    limit: dict[str, Any] = {
        "before": now.replace(year=2100),
        "now": now,
        "until": now.replace(year=2100),
    }
    with psycopg.connect(url) as transaction:
        first = store.joining(transaction).claim_due(worker="a", limit=2, **limit)
        assert [lease.obligation for lease in first] == owed[:2]
        assert [lease.obligation for lease in store.claim_due(worker="b", **limit)] == owed[2:]
        transaction.rollback()
    assert [lease.obligation for lease in store.claim_due(worker="c", **limit)] == owed[:2]


def test_of_two_transactions_that_wait_for_one_another_one_goes_on(
    url: str, store: PostgresStore
) -> None:
    with psycopg.connect(url) as left, psycopg.connect(url) as right:
        store.joining(left).append(simple_commit("left"))
        store.joining(right).append(simple_commit("right"))

        def cross(transaction: psycopg.Connection, case: str) -> str:
            try:
                store.joining(transaction).append(simple_commit(case, command_id=f"x{case}"))
            except StoreUnavailable:
                transaction.rollback()
                return "unavailable"
            except Conflict:
                return "conflict"
            finally:
                transaction.commit()
            return "stored"

        with ThreadPoolExecutor(2) as pool:
            crossing = [pool.submit(cross, left, "right"), pool.submit(cross, right, "left")]
            answers = [each.result() for each in crossing]
    # One is given up, so that the other's case was never opened by anybody else.
    assert sorted(answers) == ["stored", "unavailable"]
    assert [line.version for line in store.cases()] == [1, 1]


@pytest.mark.parametrize("level", ["REPEATABLE_READ", "SERIALIZABLE"])
def test_a_transaction_that_sees_nothing_new_is_told_that_it_can_not_know(
    url: str, store: PostgresStore, level: str
) -> None:
    first, second, *_ = sample_case("XN-1")
    store.append(first)
    with psycopg.connect(url) as transaction:
        transaction.isolation_level = psycopg.IsolationLevel[level]
        joined = store.joining(transaction)
        assert joined.load("XN-1") == first.events
        store.append(second)
        with pytest.raises(StoreUnavailable):
            joined.append(simple_commit("XN-1", after=1, command_id="rival"))
        transaction.rollback()
        assert answer_of(partial(joined.append, simple_commit("XN-1", after=1))) == "version"
        joined.append(sample_case("XN-1")[2])
    assert len(store.load("XN-1")) == 3


def answer_of(act: Callable[[], object]) -> str | None:
    try:
        act()
    except Conflict as conflict:
        return conflict.violations[0].rule
    return None


def test_threads_of_a_batch_write_apart(store: PostgresStore) -> None:
    """A batch is its own thread's: another one's appends neither wait for it nor go with it."""
    with ThreadPoolExecutor(1) as pool, suppress(ZeroDivisionError), store.batch():
        store.append(simple_commit("mine"))
        assert pool.submit(answer, store, simple_commit("others")).result() == "stored"
        raise ZeroDivisionError
    assert [line.case for line in store.cases()] == ["others"]


def test_more_threads_than_connections_wait_for_one_another(url: str) -> None:
    commits = [simple_commit(f"case-{number}") for number in range(40)]
    with closing(PostgresStore(url, pool_size=2)) as store, ThreadPoolExecutor(8) as pool:
        assert set(pool.map(partial(answer, store), commits)) == {"stored"}


def test_who_waits_too_long_for_a_connection_is_told(url: str) -> None:
    with closing(PostgresStore(url, pool_size=1, timeout=0.01)) as store:
        with ThreadPoolExecutor(1) as pool, store.batch():
            waiting = pool.submit(store.load, "one")
            with pytest.raises(StoreUnavailable, match="in use"):
                waiting.result()
        assert store.load("one") == ()


@pytest.mark.parametrize("what", ["an object", "no transaction", "one that has ended"])
def test_what_is_no_transaction_is_not_joined(url: str, store: PostgresStore, what: str) -> None:
    with psycopg.connect(url, autocommit=what != "one that has ended") as connection:
        transaction = object() if what == "an object" else connection
        if what == "one that has ended":
            connection.close()
        with pytest.raises((InvalidInput, StoreUnavailable)):
            store.joining(transaction).append(ONE)
    assert store.load("one") == ()
