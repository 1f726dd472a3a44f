"""Is the file sound; what a damaged one still gives; a copy while others write."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event as Signal
from threading import Thread

import pytest

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.errors import CorruptRecord, InvalidInput
from onsite_workflow.ports import CaseStore
from onsite_workflow.testing import awkward_case, sample_case, simple_commit, simple_obligation

CASES = [f"XN-{number}" for number in range(1, 31)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(path)) as opened:
        yield opened


def fill(store: CaseStore) -> None:
    with store.batch():
        for case in CASES:
            for commit in sample_case(case)[:12]:
                store.append(commit)


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def rules(store: SQLiteStore) -> set[str]:
    return {flaw.rule for flaw in store.check()}


# --- check ---


def test_a_store_in_use_is_sound(store: SQLiteStore) -> None:
    fill(store)
    other = store.for_centre("other")
    for commit in awkward_case("XN-1"):
        other.append(commit)
    other.append(simple_commit("XN-2", units=("甲", "乙", "甲"), applicant_keys=("k", "k", "l")))
    other.append(simple_commit("XN-2", after=1, units=("乙",), applicant_keys=("m",)))
    assert store.check() == ()


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("DELETE FROM events WHERE case_id = 'XN-2' AND version = 3", "records_missing"),
        ("DELETE FROM events WHERE case_id = 'XN-2' AND version = 12", "records_missing"),
        ("DELETE FROM events WHERE case_id = 'XN-2'", "records_missing"),
        ("UPDATE cases SET version = 11 WHERE case_id = 'XN-2'", "records_missing"),
        ("DELETE FROM cases WHERE case_id = 'XN-2'", "not_listed"),
        ("UPDATE obligations SET case_id = 'XN-2 ' WHERE case_id = 'XN-2'", "not_listed"),
        ("UPDATE claims SET case_id = 'XN-99' WHERE case_id = 'XN-2'", "not_listed"),
        ("UPDATE events SET record = '{' WHERE case_id = 'XN-2'", "unreadable_event"),
        ("UPDATE events SET last_version = 4 WHERE case_id = 'XN-2'", "commits_differ"),
        ("UPDATE events SET command_id = NULL WHERE case_id = 'XN-2'", "commits_differ"),
        ("DELETE FROM case_units WHERE case_id = 'XN-2'", "list_differs"),
        ("UPDATE case_units SET unit = '某局' WHERE case_id = 'XN-2' AND unit LIKE '%残%'", "list_differs"),
        ("INSERT INTO case_applicants VALUES ('default', 'k', 'XN-2')", "list_differs"),
        ("DELETE FROM obligations WHERE case_id = 'XN-2'", "list_differs"),
        ("UPDATE obligations SET due = due + 1 WHERE case_id = 'XN-2'", "list_differs"),
        ("UPDATE cases SET state = x'00' WHERE case_id = 'XN-2'", "unreadable_list"),
        ("UPDATE cases SET result = x'00' WHERE case_id = 'XN-2'", "unreadable_list"),
        ("UPDATE cases SET opened_at = 'abc' WHERE case_id = 'XN-2'", "unreadable_list"),
        ("UPDATE cases SET units = 'nojson' WHERE case_id = 'XN-2'", "unreadable_list"),
        ("UPDATE obligations SET kind = x'00' WHERE case_id = 'XN-2'", "unreadable_list"),
        ("UPDATE cases SET owed = 'nojson' WHERE case_id = 'XN-2'", "unreadable_list"),
    ],
)  # fmt: skip
def test_lists_that_do_not_agree_are_found_and_the_case_is_named(
    store: SQLiteStore, path: Path, statement: str, rule: str
) -> None:
    fill(store)
    tamper(path, statement)
    found = [flaw for flaw in store.check() if flaw.rule == rule]
    assert {flaw.facts["case"].strip() for flaw in found} <= {"XN-2", "XN-99"}
    assert found
    assert all(flaw.zh and flaw.en and flaw.remedy for flaw in found)


def test_an_index_that_lacks_an_entry_is_found(store: SQLiteStore, path: Path) -> None:
    fill(store)
    store.close()
    the_index = "FROM sqlite_master WHERE name = 'obligations_by_bearer'"
    with closing(sqlite3.connect(path)) as db:
        (index,) = db.execute(f"SELECT * {the_index}").fetchall()
    tamper(path, "PRAGMA writable_schema = ON", f"DELETE {the_index}")
    tamper(path, "UPDATE obligations SET bearer = '某局'")  # of which the index learns nothing
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", index)
    with closing(SQLiteStore(path, read_only=True)) as damaged:
        assert "damaged_file" in rules(damaged)


def test_others_write_on_while_the_file_is_checked(store: SQLiteStore, path: Path) -> None:
    fill(store)
    with closing(SQLiteStore(path, read_only=True)) as reader, store.batch():
        store.append(sample_case("XN-31")[0])
        assert reader.check() == ()


# --- a damaged page ---


def page_of(path: Path, case: str) -> tuple[int, int]:
    """Offset and size of the page that holds the first event of ``case``."""
    with closing(sqlite3.connect(path)) as db:
        ((size,),) = db.execute("PRAGMA page_size").fetchall()
    mark = f'"id":"{case}:apply"'.encode()
    return path.read_bytes().index(mark) // size * size, size


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


@pytest.fixture
def damaged(path: Path) -> Iterator[SQLiteStore]:
    """A store in which the page with the first event of XN-15 was overwritten."""
    with closing(SQLiteStore(path)) as store:
        fill(store)
        store.backup(path.with_name("before.db"))
    offset, size = page_of(path, "XN-15")
    overwrite(path, offset, os.urandom(size))
    with closing(SQLiteStore(path)) as opened:
        yield opened


def refusals(store: CaseStore) -> dict[str, str]:
    """By case, what is raised by those that can't be loaded."""
    refused: dict[str, str] = {}
    for case in CASES:
        try:
            assert store.load(case)
        except CorruptRecord as error:
            refused[case] = error.violations[0].rule
    return refused


def test_a_damaged_page_is_told_and_keeps_no_other_case_from_being_read(
    damaged: SQLiteStore,
) -> None:
    refused = refusals(damaged)
    assert refused["XN-15"] == "damaged_file"
    assert len(refused) <= 3  # those whose events stand in that page


def test_a_damaged_page_is_found_by_check(damaged: SQLiteStore) -> None:
    assert "damaged_file" in rules(damaged)


def test_a_damaged_file_is_not_taken_for_a_backup(damaged: SQLiteStore, tmp_path: Path) -> None:
    with pytest.raises(CorruptRecord) as refused:
        damaged.backup(tmp_path / "copy.db")
    assert "damaged_file" in {violation.rule for violation in refused.value.violations}
    assert not [file.name for file in tmp_path.iterdir() if file.name.startswith("copy")]


def test_what_was_promised_before_is_in_the_backup(damaged: SQLiteStore, tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "before.db", read_only=True)) as before:
        assert refusals(before) == {}
        assert before.check() == ()


def test_a_store_whose_beginning_is_damaged_is_refused_at_once(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        fill(store)
    whole = path.read_bytes()
    for content, rule in ((b"\0" * 100, "unreadable"), (whole[:100] + b"\xff" * 4_000, "damaged")):
        overwrite(path, 0, content)
        for read_only in (False, True):
            with pytest.raises(InvalidInput) as refused:
                SQLiteStore(path, read_only=read_only)
            assert refused.value.violations[0].rule == rule


@pytest.mark.parametrize(
    "change",
    [
        "record = '{'",
        "record = CAST(x'7bff7d' AS TEXT)",  # no UTF-8
        "record = replace(record, 'XN-2', 'XN-3')",
        "record = replace(record, '\"schema\":1', '\"schema\":9')",
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_none_of_it_repeated(
    store: SQLiteStore, path: Path, change: str
) -> None:
    fill(store)
    tamper(path, f"UPDATE events SET {change} WHERE case_id = 'XN-2' AND version = 4")
    for read in (
        lambda: store.load("XN-2"),
        lambda: store.find(sample_case("XN-2")[3].command_id),
        store.feed,
    ):
        with pytest.raises(CorruptRecord) as damage:
            read()
        assert damage.value.violations[0].facts == {"case": "XN-2", "version": 4}
        assert "陈志远" not in str(damage.value)
    assert store.load("XN-1")


def test_an_event_that_was_taken_out_is_missed(store: SQLiteStore, path: Path) -> None:
    fill(store)
    tamper(path, "DELETE FROM events WHERE case_id = 'XN-2' AND version IN (4, 5)")
    with pytest.raises(CorruptRecord) as damage:
        store.load("XN-2")
    assert damage.value.violations[0].facts == {"case": "XN-2", "version": 4}


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("cases", "state = x'00'"),
        ("cases", "result = x'00'"),
        ("cases", "units = '{'"),
        ("cases", "opened_at = 'yesterday'"),
        ("cases", "recorded_at = 9223372036854775807"),
        ("obligations", "kind = x'00'"),
        ("obligations", "status = 'whatever'"),
        ("obligations", "due_day = 'tomorrow'"),
        ("obligations", "opened_at = 1e300"),
    ],
)
def test_a_list_that_cannot_be_read_is_told_and_the_case_named(
    store: SQLiteStore, path: Path, table: str, change: str
) -> None:
    store.append(sample_case("XN-2")[0])
    tamper(path, f"UPDATE {table} SET {change}")
    with pytest.raises(CorruptRecord) as damage:
        store.cases() if table == "cases" else store.open_obligations()
    assert damage.value.violations[0].rule == "unreadable_list"
    assert damage.value.violations[0].facts["case"] == "XN-2"


def test_what_is_no_text_any_longer_is_told_without_being_repeated(
    store: SQLiteStore, path: Path
) -> None:
    store.append(sample_case("XN-2")[0])
    tamper(path, "UPDATE obligations SET bearer = CAST('王秀兰' || x'ff' AS TEXT)")
    with pytest.raises(CorruptRecord) as damage:
        store.open_obligations()
    assert damage.value.violations[0].rule == "damaged_file"
    chain: list[BaseException | None] = [damage.value.__cause__]
    assert chain == [None]


# --- backup ---


def whole_commits(store: CaseStore) -> None:
    """No case ends within a commit."""
    for line in store.cases():
        assert len(store.load(line.case)) == line.version
        assert line.version in (2, 5)


def test_a_backup_made_while_others_write_is_whole_and_of_one_moment(
    store: SQLiteStore, path: Path, tmp_path: Path
) -> None:
    enough, stop = Signal(), Signal()

    def write() -> None:
        with closing(SQLiteStore(path)) as writer:
            number = 0
            while not stop.is_set():
                writer.append(simple_commit(f"c{number}", events=2))
                writer.append(simple_commit(f"c{number}", after=2, events=3))
                number += 1
                if number == 20:
                    enough.set()

    writing = Thread(target=write)
    writing.start()
    try:
        copies = [tmp_path / f"copy-{number}.db" for number in range(5)]
        enough.wait()
        for copy in copies:
            store.backup(copy)
    finally:
        stop.set()
        writing.join()
    feed = list(store.feed(limit=1_000_000))
    for copy in copies:
        with closing(SQLiteStore(copy, read_only=True)) as again:
            held = list(again.feed(limit=1_000_000))
            assert len(held) >= 100
            assert held == feed[: len(held)]
            whole_commits(again)
            assert again.check() == ()


def test_a_backup_is_one_file_that_can_be_written_on(store: SQLiteStore, tmp_path: Path) -> None:
    fill(store)
    (tmp_path / "safe").mkdir()
    store.backup(tmp_path / "safe" / "copy.db")
    assert os.listdir(tmp_path / "safe") == ["copy.db"]
    with closing(SQLiteStore(tmp_path / "safe" / "copy.db")) as copy:
        copy.append(sample_case("XN-1")[12])
        assert len(copy.load("XN-1")) == 13
    assert len(store.load("XN-1")) == 12


def test_a_case_that_cannot_be_read_keeps_no_other_from_being_copied(
    store: SQLiteStore, path: Path, tmp_path: Path
) -> None:
    fill(store)
    tamper(path, "UPDATE events SET record = '{' WHERE case_id = 'XN-2' AND version = 3")
    found = store.backup(tmp_path / "copy.db")
    assert [(flaw.rule, flaw.facts["case"]) for flaw in found] == [("unreadable_event", "XN-2")]
    with closing(SQLiteStore(tmp_path / "copy.db", read_only=True)) as copy:
        assert copy.load("XN-1") == store.load("XN-1") != ()
        assert copy.check() == found


@pytest.mark.parametrize("column", ["owed", "units", "applicant_keys"])
def test_a_list_that_cannot_be_read_stops_what_would_change_it_and_nothing_else(
    store: SQLiteStore, path: Path, column: str
) -> None:
    for case in "AB":
        store.append(simple_commit(case))
    tamper(path, f"UPDATE cases SET {column} = 'nojson' WHERE case_id = 'A'")
    later = simple_commit(
        "A", after=1, obligations=[simple_obligation("A")], units=("乙",), applicant_keys=("k",)
    )
    before = store.load("A")
    with pytest.raises(CorruptRecord) as damage:
        store.append(later)
    assert damage.value.violations[0].facts == {"case": "A"}
    assert store.load("A") == before
    store.append(simple_commit("B", after=1))


def test_a_name_that_is_no_text_is_found(store: SQLiteStore, path: Path) -> None:
    fill(store)
    tamper(path, "UPDATE cases SET case_id = CAST(case_id AS BLOB) WHERE case_id = 'XN-2'")
    assert "unreadable_list" in rules(store)
    with pytest.raises(CorruptRecord):
        store.cases()


def test_a_backup_takes_the_place_of_no_file(store: SQLiteStore, path: Path) -> None:
    before = path.with_name("old.txt")
    before.write_text("something else")
    for there in (before, path):
        with pytest.raises(InvalidInput) as refused:
            store.backup(there)
        assert refused.value.violations[0].rule == "exists"
    assert before.read_text() == "something else"


def test_a_backup_to_a_folder_that_is_not_there_is_refused(
    store: SQLiteStore, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as refused:
        store.backup(tmp_path / "nowhere" / "copy.db")
    assert refused.value.violations[0].facts["field"] == "to"


BACKUP_TO_A_FULL_DISK = """
import resource, sys
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.errors import StoreUnavailable

store = SQLiteStore(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    store.backup(sys.argv[2])
except StoreUnavailable as error:
    print(error)
"""


def test_a_disk_that_is_full_while_a_backup_is_made_leaves_none(
    store: SQLiteStore, path: Path, tmp_path: Path
) -> None:
    fill(store)
    (tmp_path / "full").mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            BACKUP_TO_A_FULL_DISK,
            str(path),
            str(tmp_path / "full" / "copy.db"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "disk" in done.stdout
    assert os.listdir(tmp_path / "full") == []
