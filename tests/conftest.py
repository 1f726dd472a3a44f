"""What holds for every test: it has one result, whoever runs it, and it leaves nothing open.

Hypothesis draws the same examples every time. ``pytest --hypothesis-seed=7`` draws others, the same
ones again for the same number; ``nox -s search`` does so.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from stores.postgres_binaries import find_binaries

# Not what Hypothesis itself makes of CI=true, nor what takes longer on a slow machine.
settings.register_profile(
    "same",
    settings.get_profile("default"),
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("others", settings.get_profile("same"), derandomize=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pgbouncer", action="store_true", help="put the contract to PgBouncer too")
    parser.addoption(
        "--explore-all", action="store_true", help="explore cases of three units: minutes"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("pgbouncer") and shutil.which("pgbouncer") is None:
        raise pytest.UsageError("--pgbouncer: there is no such program here")
    settings.load_profile("same" if config.getoption("hypothesis_seed") is None else "others")


# --- what needs a program -------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what can't be run: one test says so for all of those that need a server
    (``stores/test_programs.py``)."""
    missing = {"pgbouncer"} - ({"pgbouncer"} if config.getoption("pgbouncer") else set())
    if any(item.get_closest_marker("postgres") for item in items) and find_binaries() is None:
        missing.add("postgres")
    left_out = {item for item in items if any(map(item.get_closest_marker, missing))}
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))


# --- connections ----------------------------------------------------------------------------------

_connections: list[sqlite3.Connection] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect/handle" and isinstance(arguments[0], sqlite3.Connection):
        _connections.append(arguments[0])


sys.addaudithook(_note)


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018 - which a closed one does not tell
    except sqlite3.ProgrammingError:
        return False
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """A test that leaves a connection to SQLite open fails: only Python 3.13 says so by itself, and
    only when it happens to clear it away."""
    try:
        yield
    finally:
        left = [connection for connection in _connections if _is_open(connection)]
        _connections.clear()
        for connection in left:
            connection.close()
        if left:
            pytest.fail(f"connections to SQLite left open: {len(left)}", pytrace=False)
