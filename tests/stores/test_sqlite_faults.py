"""A disk that is full now and then; the kit's own test kills processes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from onsite_workflow.adapters.sqlite import SQLiteStore

from .sqlite_faults import full_disk


def test_a_disk_that_is_full_now_and_then_loses_nothing(tmp_path: Path) -> None:
    tally, told = full_disk(tmp_path, seconds=1)
    tally.check()
    assert told
    assert all("disk" in line for line in told)
    assert tally.acknowledged > 0
    with closing(SQLiteStore(tmp_path / "cases.db")) as store:
        assert store.check() == ()
