"""The contract, as a role that may add to the record and not change it; and through a pooler."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from onsite_workflow.adapters.postgres import PostgresStore
from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import StoreContract

from .postgres_server import Databases, running


class TestPostgresStore(StoreContract):
    @pytest.fixture(autouse=True)
    def server(self, tmp_path: Path) -> Iterator[None]:
        self.databases = Databases.of(running())
        yield
        self.databases.release(tmp_path)

    def open_store(self, folder: Path) -> CaseStore:
        return PostgresStore(self.databases.url(folder, user="writer"))

    @contextmanager
    def transaction(self, folder: Path) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.databases.url(folder, user="writer")) as connection:
            yield connection
