"""Stores. Each is imported where it is opened, so that none brings its driver to the others."""

from __future__ import annotations

from pathlib import Path

from onsite_workflow.errors import InvalidInput
from onsite_workflow.ports import CaseStore

__all__ = ["open_store"]


def open_store(url: str, *, create: bool = False) -> CaseStore:
    """The store that ``url`` names: ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
    ``memory:``. ``InvalidInput`` where there is none and ``create`` is not set."""
    if url == "memory:":
        from .memory import MemoryStore  # noqa: PLC0415

        return MemoryStore()
    prefix = "sqlite:///"
    if not url.startswith(prefix) or len(url) == len(prefix):
        raise InvalidInput.of(
            "store",
            "unreadable",
            "应为sqlite:///相对路径或者sqlite:////绝对路径。",
            "must be sqlite:///relative.db or sqlite:////absolute.db.",
        )
    from .sqlite import SQLiteStore  # noqa: PLC0415

    return SQLiteStore(Path(url.removeprefix(prefix)), create=create)
