"""The contract, as a role that may add to the record and not change it: straight to the server, and
through connection poolers that give each transaction whichever session is free."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from onsite_workflow.adapters.postgres import PostgresStore
from onsite_workflow.ports import Capability, CaseStore
from onsite_workflow.testing import StoreContract

from .postgres_proxies import pgbouncer, pooler
from .postgres_server import Databases, running

pytestmark = pytest.mark.postgres


class TestPostgresStore(StoreContract):
    declares = frozenset(Capability)
    stories = 8  # beside those written out: each call waits for the disk several times

    @pytest.fixture(autouse=True)
    def server(self, tmp_path: Path) -> Iterator[None]:
        self.databases = Databases.of(running())
        self.sockets = running().sockets
        yield
        self.databases.release(tmp_path)

    def open_store(self, folder: Path) -> CaseStore:
        return PostgresStore(self.url(folder))

    def url(self, folder: Path) -> str:
        return self.databases.url(folder, user="writer", sockets=self.sockets)

    @contextmanager
    def transaction(self, folder: Path) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(folder)) as connection:
            yield connection


class TestPostgresStoreThroughAPooler(TestPostgresStore):
    # Stories open and close stores by the hundred: they are told to the server itself, above.
    test_stories_of_calls_are_answered_as_by_a_dictionary = None  # type: ignore[assignment]

    @pytest.fixture(autouse=True)
    def between(self, server: None) -> Iterator[None]:
        with pooler(running().sockets) as self.sockets:
            yield


@pytest.mark.pgbouncer
class TestPostgresStoreThroughPgBouncer(TestPostgresStore):
    # Stories open and close stores by the hundred: they are told to the server itself, above.
    test_stories_of_calls_are_answered_as_by_a_dictionary = None  # type: ignore[assignment]

    @pytest.fixture(autouse=True)
    def between(self, server: None) -> Iterator[None]:
        program = shutil.which("pgbouncer")
        assert program is not None
        with pgbouncer(program, running().sockets, "writer") as self.sockets:
            yield
