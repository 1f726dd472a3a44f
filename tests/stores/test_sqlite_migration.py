"""A file of an earlier version becomes one of this version: whole, or not at all."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from onsite_workflow import CorruptRecord, InvalidInput
from onsite_workflow.adapters import init_store, open_store
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7.core import replay
from onsite_workflow.errors import Conflict
from onsite_workflow.integrity import verify
from onsite_workflow.ports import key_taken
from onsite_workflow.testing import awkward_case, merged, sample_case, simple_commit
from onsite_workflow.wire.digests import event_digest

SCHEMA_1 = Path(__file__).with_name("schema-1.sql")
CASES = {"XN-1": sample_case("XN-1"), "XN-2": awkward_case("XN-2"), "XN-3": sample_case("XN-3")[:2]}
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """What the first version stored of these cases, as that version left it."""
    path = tmp_path / "cases.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA_1.read_text(encoding="utf-8"))
        db.execute("PRAGMA journal_mode = WAL")
    return path


def rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [*db.iterdump(), *map(str, db.execute("PRAGMA user_version"))]


def brought_up_to_date(path: Path) -> SQLiteStore:
    return SQLiteStore(path)


# --- what is kept ---


def test_events_stay_as_they_were_byte_for_byte_in_their_places(path: Path) -> None:
    columns = "position, case_id, version, CAST(record AS BLOB)"
    before = rows(path, f"SELECT {columns} FROM events ORDER BY position")
    brought_up_to_date(path).close()
    assert rows(path, f"SELECT {columns} FROM events ORDER BY position") == before
    assert len(before) == 22


def test_a_subscriber_goes_on_where_it_was(path: Path) -> None:
    (((position,),)) = rows(path, "SELECT position FROM events ORDER BY position LIMIT 1 OFFSET 9")
    with closing(brought_up_to_date(path)) as store:
        assert list(store.feed(after=str(position))) == list(store.feed())[10:]


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_what_it_was(path: Path, case: str) -> None:
    with closing(brought_up_to_date(path)) as store:
        loaded = store.load(case)
    # The first version kept no digest of the event before.
    assert loaded == tuple(
        attrs.evolve(event, previous=None) for event in merged(CASES[case]).events
    )
    assert replay(loaded).state == CASES[case][-1].summary.state


@pytest.mark.parametrize("case", CASES)
def test_a_command_sent_again_is_known(path: Path, case: str) -> None:
    with closing(brought_up_to_date(path)) as store:
        for commit in CASES[case]:
            again = store.append(commit)
            assert (again.repeated, again.answer) == (True, commit.answer)


def test_keys_are_held_as_they_were(path: Path) -> None:
    (key, *_) = CASES["XN-1"][1].keys
    other = attrs.evolve(sample_case("XN-9")[0], keys=(key,))
    with closing(brought_up_to_date(path)) as store, pytest.raises(Conflict) as refused:
        store.append(other)
    assert refused.value.violations == key_taken(key).violations


def test_the_lists_are_what_they_were_and_the_digest_of_the_last_event_is_added(
    path: Path,
) -> None:
    with closing(brought_up_to_date(path)) as store:
        assert list(store.cases()) == [
            attrs.evolve(
                commits[-1].summary,
                head=event_digest(store.load(case)[-1]),
                calendar_revision=rows(
                    path, f"SELECT calendar_revision FROM cases WHERE case_id = '{case}'"
                )[0][0],
            )
            for case, commits in CASES.items()
        ]
        owed = [o for commits in CASES.values() for o in commits[-1].obligations]
        assert owed
        # By which entry a duty was opened is not known of what an earlier schema listed.
        assert set(store.open_obligations()) == {attrs.evolve(o, opened_by=None) for o in owed}
        unit = CASES["XN-3"][-1].summary.units[0]
        assert [line.case for line in store.cases(unit=unit)] == list(CASES)


def test_the_file_is_sound_and_is_verified(path: Path) -> None:
    with closing(brought_up_to_date(path)) as store:
        assert store.check() == ()
        verified = verify(store)
        assert (verified.flaws, verified.events) == ((), 22)


def test_cases_go_on(path: Path) -> None:
    with closing(brought_up_to_date(path)) as store:
        store.append(sample_case("XN-3")[2])
        assert [entry.event for entry in store.feed()][-1] == sample_case("XN-3")[2].events[0]
        assert not store.check()


def test_nothing_of_the_first_version_is_left_behind(path: Path, tmp_path: Path) -> None:
    brought_up_to_date(path).close()
    new = tmp_path / "new.db"
    SQLiteStore(new).close()
    schema = (
        "SELECT type, name, sql FROM sqlite_master WHERE name <> 'sqlite_sequence' ORDER BY name"
    )
    assert rows(path, schema) == rows(new, schema)


def test_a_case_that_cannot_be_read_does_not_keep_the_others_from_it(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE events SET record = '{' WHERE case_id = 'XN-1' AND version = 13")
    with closing(brought_up_to_date(path)) as store:
        with pytest.raises(CorruptRecord) as damaged:
            store.load("XN-1")
        assert damaged.value.violations[0].facts == {"case": "XN-1", "version": 13}
        assert len(store.load("XN-2")) == len(CASES["XN-2"])
        (flaw,) = store.check()
        assert (flaw.rule, flaw.facts["case"]) == ("unreadable_event", "XN-1")


# --- when ---


def test_it_happens_whenever_the_file_is_opened_for_writing(path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert len(store.cases()) == 3


def test_init_store_does_it_and_may_be_run_again(path: Path) -> None:
    init_store(f"sqlite:///{path}")
    once = dump(path)
    init_store(f"sqlite:///{path}")
    assert dump(path) == once


def test_who_only_reads_is_told_what_to_do_and_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(InvalidInput) as refused:
        SQLiteStore(path, read_only=True)
    (violation,) = refused.value.violations
    assert violation.rule == "old_schema"
    assert violation.remedy is not None
    assert "onsite-workflow store init" in violation.remedy.en
    assert "onsite-workflow store init" in violation.remedy.zh
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


# --- killed, and at once ---

KILLED = """
import os, signal, sqlite3, sys
from onsite_workflow.adapters.sqlite import SQLiteStore, _file

path, left = sys.argv[1], int(sys.argv[2])

def count(statement):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

connect = _file.connected
def traced(*arguments, **more):
    db = connect(*arguments, **more)
    db.set_trace_callback(count)
    return db
_file.connected = traced
SQLiteStore(path)
print("through after", int(sys.argv[2]) - left)
"""


def run(path: Path, statements: int) -> subprocess.CompletedProcess[str]:
    """Bring the file up to date in a process that is killed before that many statements."""
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(statements)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_killed_in_the_middle_it_is_as_if_it_had_not_begun(path: Path, tmp_path: Path) -> None:
    before = dump(path)
    whole = tmp_path / "whole.db"
    whole.write_bytes(path.read_bytes())
    statements = int(run(whole, 10_000).stdout.split()[-1])
    for moment in range(6, statements, 5):
        assert run(path, moment).returncode == -signal.SIGKILL
        assert dump(path) == before, f"killed before statement {moment} of {statements}"
    with closing(brought_up_to_date(path)) as store:
        assert not store.check()
    assert dump(path) == dump(whole)


def open_at_once(begin: Any, path: Path) -> None:
    begin.wait()
    with closing(SQLiteStore(path)) as store:
        assert len(store.feed()) == 22


def test_two_processes_may_do_it_at_once(path: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.db"
    alone.write_bytes(path.read_bytes())
    brought_up_to_date(alone).close()
    begin = SPAWN.Barrier(2)
    processes = [SPAWN.Process(target=open_at_once, args=(begin, path)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert dump(path) == dump(alone)


# --- from the second version, in which there were cases alone ---

SCHEMA_2 = Path(__file__).with_name("schema-2.sql")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """What the second version stored, as that version left it."""
    path = tmp_path / "second.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA_2.read_text(encoding="utf-8"))
        db.execute("PRAGMA journal_mode = WAL")
    return path


def shape(path: Path) -> list[Any]:
    """The columns of each table and each index, by name."""
    return rows(
        path,
        'SELECT m.type, m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m'
        " JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name <> 'sqlite_stat1'"
        " UNION ALL SELECT m.type, m.name, c.name, NULL, c.seqno, m.sql LIKE '% WHERE %', c.key"
        " FROM sqlite_master m JOIN pragma_index_xinfo(m.name) c WHERE m.type = 'index'"
        " ORDER BY 1, 2, 3, 4, 5",
    )


def test_what_the_second_version_listed_is_of_cases(second: Path) -> None:
    cases = {"XN-2": CASES["XN-2"], "XN-3": CASES["XN-3"]}
    with closing(brought_up_to_date(second)) as store:
        assert list(store.cases()) == [commits[-1].summary for commits in cases.values()]
        assert store.cases(procedure="case") == store.cases()
        assert store.open_obligations(procedure="case") == store.open_obligations()
        owed = [o for commits in cases.values() for o in commits[-1].obligations]
        # By which entry a duty was opened is not known of what an earlier schema listed.
        assert set(store.open_obligations()) == {attrs.evolve(o, opened_by=None) for o in owed}
        assert not store.cases(procedure="lost_property")
        assert [line.case for line in store.for_centre("north").cases()] == ["XN-1"]


def test_a_lease_and_a_position_of_the_second_version_stay(second: Path) -> None:
    noon = dt.datetime(2026, 3, 3, 12, tzinfo=SHANGHAI)
    span: dict[str, Any] = {"before": noon + dt.timedelta(days=9), "until": noon}
    with closing(brought_up_to_date(second)) as store:
        free = store.claim_due(worker="w", now=noon, **span)
        assert [lease.obligation.bearer for lease in free] == ["孝南区残疾人联合会"]
        ended = store.claim_due(worker="w", now=noon + dt.timedelta(hours=1), **span)
        assert {lease.obligation.bearer for lease in ended} == set(CASES["XN-3"][-1].summary.units)
        assert store.position("s") == store.feed(limit=3)[-1].position


def test_after_the_second_version_the_file_is_sound_and_other_records_are_stored(
    second: Path, tmp_path: Path
) -> None:
    with closing(brought_up_to_date(second)) as store:
        assert (store.check(), verify(store).flaws) == ((), ())
        store.append(simple_commit("lost_property/L-1", procedure="lost_property"))
        assert [s.case for s in store.cases(procedure="lost_property")] == ["lost_property/L-1"]
        assert store.check() == ()
    new = tmp_path / "new.db"
    SQLiteStore(new).close()
    assert shape(second) == shape(new)


def test_killed_in_the_middle_a_file_of_the_second_version_stays_one(
    second: Path, tmp_path: Path
) -> None:
    before = dump(second)
    whole = tmp_path / "whole.db"
    whole.write_bytes(second.read_bytes())
    statements = int(run(whole, 10_000).stdout.split()[-1])
    for moment in range(6, statements, 2):
        assert run(second, moment).returncode == -signal.SIGKILL
        assert dump(second) == before, f"killed before statement {moment} of {statements}"
    brought_up_to_date(second).close()
    assert dump(second) == dump(whole)
