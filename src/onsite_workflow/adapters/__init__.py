"""Stores. Each is imported only when it is opened, so that nobody needs the drivers of the others."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from onsite_workflow.checks import check_key
from onsite_workflow.errors import InvalidInput
from onsite_workflow.ports import DEFAULT_CENTRE, CaseStore

__all__ = ["init_store", "open_store"]

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


def open_store(
    url: str, *, create: bool = False, read_only: bool = False, centre: str = DEFAULT_CENTRE
) -> CaseStore:
    """Open a store.

    Args:
        url: ``sqlite:///relative.db``, ``sqlite:////absolute.db``,
            ``postgresql://user@host/database`` or ``memory:``.
        create: make an SQLite file that is missing. (Only ``init_store`` makes a PostgreSQL schema.)
        read_only: open it for reading alone.
        centre: whose view of the store is returned.

    Raises:
        InvalidInput: there is no such store, or it is not one that this version knows.
        StoreUnavailable: the store can't be reached now.
    """
    check_key("centre", centre)
    return _open(url, create=create, read_only=read_only, centre=centre)


def init_store(url: str, *, restored: bool = False) -> None:
    """Make the schema of the store at ``url``, or bring an older one up to date.

    What is stored stays. It may be run again, and by two at once. ``restored`` says that a
    PostgreSQL server was taken back to an earlier moment (see ``init_schema``); for a file it
    changes nothing.

    Raises:
        InvalidInput: ``url`` names no store, or one that this version does not know.
        StoreUnavailable: the store can't be reached or written.
    """
    if url.startswith(_POSTGRES):
        _needs_psycopg()
        from .postgres import init_schema  # noqa: PLC0415

        init_schema(url, restored=restored)
    else:
        _open(url, create=True, read_only=False, centre=DEFAULT_CENTRE).close()


def _open(url: str, *, create: bool, read_only: bool, centre: str) -> CaseStore:
    if url == "memory:":
        from .memory import MemoryStore  # noqa: PLC0415

        return MemoryStore().for_centre(centre)
    if url.startswith(_POSTGRES):
        _needs_psycopg()
        from .postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(url, read_only=read_only, centre=centre)
    if not url.startswith(_SQLITE) or url == _SQLITE:
        raise InvalidInput.of(
            "store",
            "unreadable",
            "应为sqlite:///相对路径、sqlite:////绝对路径或者postgresql://用户@主机/数据库。",
            "must be sqlite:///relative.db, sqlite:////absolute.db or"
            " postgresql://user@host/database.",
        )
    from .sqlite import SQLiteStore  # noqa: PLC0415

    path = Path(url.removeprefix(_SQLITE))
    return SQLiteStore(path, create=create, read_only=read_only, centre=centre)


def _needs_psycopg() -> None:
    if find_spec("psycopg") is None:
        raise InvalidInput.of(
            "store",
            "missing",
            "使用PostgreSQL需要安装onsite-workflow[postgres]。",
            "PostgreSQL needs onsite-workflow[postgres].",
        )
