import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import StoreContract


class TestSQLiteStore(StoreContract):
    declares = SQLiteStore.capabilities

    def open_store(self, folder: Path) -> CaseStore:
        return SQLiteStore(folder / "cases.db")

    @contextmanager
    def transaction(self, folder: Path) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(folder / "cases.db")) as database, database:
            database.execute("BEGIN IMMEDIATE")
            yield database
