"""The caller's own transaction: its tables beside the store's, in one file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.errors import Conflict, InvalidInput, StoreUnavailable
from onsite_workflow.testing import sample_case


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(path)) as opened:
        yield opened


@pytest.fixture
def db(path: Path, store: SQLiteStore) -> Iterator[sqlite3.Connection]:
    """The caller's connection, with a table of the caller's own, opened as Python opens it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE letters (case_id TEXT)")
        db.commit()
        yield db


def letters(db: sqlite3.Connection) -> list[str]:
    return [case for (case,) in db.execute("SELECT case_id FROM letters")]


def test_the_callers_rows_and_the_stores_are_stored_together(
    store: SQLiteStore, db: sqlite3.Connection
) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO letters VALUES ('XN-1')")
    store.joining(db).append(sample_case("XN-1")[0])
    assert store.load("XN-1") == ()
    db.commit()
    assert (letters(db), len(store.load("XN-1"))) == (["XN-1"], 1)


def test_the_callers_rows_and_the_stores_are_undone_together(
    store: SQLiteStore, db: sqlite3.Connection
) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO letters VALUES ('XN-1')")
    store.joining(db).append(sample_case("XN-1")[0])
    db.rollback()
    assert (letters(db), store.load("XN-1")) == ([], ())


def test_a_conflict_undoes_nothing_of_the_caller(
    store: SQLiteStore, db: sqlite3.Connection
) -> None:
    store.append(sample_case("XN-1")[0])
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO letters VALUES ('XN-1')")
    with pytest.raises(Conflict):
        store.joining(db).append(sample_case("XN-1")[2])
    store.joining(db).append(sample_case("XN-1")[1])
    db.commit()
    assert (letters(db), len(store.load("XN-1"))) == (["XN-1"], 2)


def test_a_batch_within_the_callers_transaction_is_undone_alone(
    store: SQLiteStore, db: sqlite3.Connection
) -> None:
    db.execute("BEGIN IMMEDIATE")
    joined = store.joining(db)
    joined.append(sample_case("XN-1")[0])
    with suppress(ZeroDivisionError), joined.batch():
        joined.append(sample_case("XN-1")[1])
        raise ZeroDivisionError
    db.commit()
    assert len(store.load("XN-1")) == 1


def test_rows_may_come_to_the_caller_in_any_shape(
    store: SQLiteStore, db: sqlite3.Connection
) -> None:
    db.row_factory = lambda _, row: {"row": row}
    db.execute("BEGIN IMMEDIATE")
    joined = store.joining(db)
    joined.append(sample_case("XN-1")[0])
    assert joined.load("XN-1") == sample_case("XN-1")[0].events
    assert list(joined.cases()) == [sample_case("XN-1")[0].summary]
    assert db.execute("SELECT 1").fetchone() == {"row": (1,)}
    db.rollback()


def test_a_transaction_that_began_with_a_row_of_the_callers_is_joined(
    store: SQLiteStore, db: sqlite3.Connection
) -> None:
    db.execute("INSERT INTO letters VALUES ('XN-1')")  # Python has begun one by itself
    store.joining(db).append(sample_case("XN-1")[0])
    db.commit()
    assert len(store.load("XN-1")) == 1


def test_one_that_read_first_and_was_overtaken_is_told_so(
    store: SQLiteStore, db: sqlite3.Connection
) -> None:
    db.execute("BEGIN")
    joined = store.joining(db)
    assert joined.load("XN-1") == ()
    store.append(sample_case("XN-1")[0])
    with pytest.raises(StoreUnavailable):
        joined.append(sample_case("XN-2")[0])
    db.rollback()
    db.execute("BEGIN IMMEDIATE")
    assert not joined.append(sample_case("XN-2")[0]).repeated
    db.commit()


# --- what is no transaction on this file ---


def rule(store: SQLiteStore, transaction: object) -> str:
    with pytest.raises(InvalidInput) as refused:
        store.joining(transaction)
    assert refused.value.violations[0].facts["field"] == "transaction"
    return refused.value.violations[0].rule


def test_a_transaction_must_have_begun(store: SQLiteStore, db: sqlite3.Connection) -> None:
    assert rule(store, db) == "not_begun"


def test_what_has_ended_is_joined_no_longer(store: SQLiteStore, db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    joined = store.joining(db)
    db.commit()
    for use in (lambda: joined.append(sample_case("XN-1")[0]), lambda: joined.load("XN-1")):
        with pytest.raises(InvalidInput) as refused:
            use()
        assert refused.value.violations[0].rule == "not_begun"
    assert store.load("XN-1") == ()


def test_another_file_is_not_joined(store: SQLiteStore, tmp_path: Path) -> None:
    for other in (tmp_path / "other.db", Path(":memory:")):
        with closing(sqlite3.connect(other)) as db:
            db.execute("BEGIN")
            assert rule(store, db) == "other_file"


def test_what_is_no_connection_is_not_joined(store: SQLiteStore) -> None:
    assert rule(store, "BEGIN") == "wrong_type"


def test_texts_must_come_as_texts(store: SQLiteStore, db: sqlite3.Connection) -> None:
    db.text_factory = bytes
    db.execute("BEGIN IMMEDIATE")
    assert rule(store, db) == "text_factory"
    db.rollback()
