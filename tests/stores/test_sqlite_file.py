"""One SQLite file: what may stand at its path, and what a failing disk leaves of it."""

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import attrs
import pytest

from onsite_workflow.adapters import open_store
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.errors import InvalidInput, StoreUnavailable
from onsite_workflow.testing import merged, sample_case

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(path)) as opened:
        yield opened


def make(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def rule_of_refusal(path: Path, *, create: bool = True) -> str:
    with pytest.raises(InvalidInput) as refused:
        SQLiteStore(path, create=create)
    (violation,) = refused.value.violations
    assert violation.facts["field"] == "store"
    return violation.rule


@pytest.mark.skipif(os.name != "posix", reason="other systems keep rights otherwise")
def test_a_new_file_and_what_stands_beside_it_is_for_its_owner_alone(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        store.append(sample_case("XN-1")[0])
        for held in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            assert held.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with closing(SQLiteStore(path)) as store:
        store.append(sample_case("XN-1")[1])
        assert Path(f"{path}-wal").stat().st_mode & 0o777 == 0o640
    assert path.stat().st_mode & 0o777 == 0o640


def test_every_commit_is_synced_to_the_disk(store: SQLiteStore) -> None:
    ((mode,),) = store._place.rows("PRAGMA journal_mode")
    ((synchronous,),) = store._place.rows("PRAGMA synchronous")
    assert (mode, synchronous) == ("wal", 2)  # 2 is FULL


def test_a_store_is_opened_again_by_its_url(path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}", create=True)) as store:
        store.append(sample_case("XN-1")[0])
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert store.load("XN-1") == sample_case("XN-1")[0].events


def test_a_store_opened_for_a_centre_is_closed_by_closing_it(path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}", create=True, centre="xiaonan")) as store:
        store.append(sample_case("XN-1")[0])
        assert path.with_name("cases.db-wal").exists()
    assert not path.with_name("cases.db-wal").exists()  # SQLite's last connection takes it away
    with closing(SQLiteStore(path)) as store:
        assert store.load("XN-1") == ()
        assert len(store.for_centre("xiaonan").load("XN-1")) == 1


# --- what is not a store ---


def test_a_missing_file_is_not_made_by_who_only_reads(path: Path) -> None:
    assert rule_of_refusal(path, create=False) == "missing"
    assert not path.exists()


def test_an_empty_file_is_not_made_a_store_by_who_only_reads(path: Path) -> None:
    path.touch()
    assert rule_of_refusal(path, create=False) == "missing"
    assert path.read_bytes() == b""


def test_a_missing_folder_is_not_made(path: Path) -> None:
    assert rule_of_refusal(path / "deeper.db") == "unreadable"
    assert not path.exists()


def test_a_folder_is_no_store(path: Path) -> None:
    path.mkdir()
    assert rule_of_refusal(path) == "unreadable"


def test_a_store_needs_a_write_ahead_log() -> None:
    assert rule_of_refusal(Path(":memory:")) == "unreadable"
    assert not Path(":memory:").exists()


def test_what_is_no_database_is_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"case,at,by\n" * 1_000)
    assert rule_of_refusal(path) == "unreadable"
    assert path.read_bytes() == b"case,at,by\n" * 1_000


@pytest.mark.parametrize("version", [0, 1, 7])
def test_a_database_of_others_is_left_as_it_is(path: Path, version: int) -> None:
    make(path, "CREATE TABLE customers (name TEXT)", f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    assert rule_of_refusal(path) == "unknown_schema"
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_store_of_a_later_version_is_refused(path: Path, store: SQLiteStore) -> None:
    store.close()
    make(path, "PRAGMA user_version = 4")
    assert rule_of_refusal(path) == "unknown_schema"


def test_a_refused_file_is_not_held_open(path: Path) -> None:
    make(path, "CREATE TABLE customers (name TEXT)")
    before = os.listdir("/dev/fd")
    with pytest.raises(InvalidInput) as refused:
        SQLiteStore(path)
    assert refused.value.violations  # the refusal, and with it its frames, is still alive
    assert os.listdir("/dev/fd") == before


# --- in a process of its own: what this one may not do to itself ---


def outcome(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


OPEN_WITHOUT_RIGHTS = """
import os, sys
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.errors import InvalidInput
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
try:
    SQLiteStore(sys.argv[1])
except InvalidInput as error:
    print(error.violations[0].rule)
"""


def test_a_read_only_folder_is_said_to_be_unreadable() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not below a folder that others can't enter
        Path(folder).chmod(0o555)
        assert outcome(OPEN_WITHOUT_RIGHTS, f"{folder}/cases.db") == "unreadable"
        Path(folder).chmod(0o755)
        assert os.listdir(folder) == []


FILL_THE_DISK = """
import resource, sys
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.testing import sample_case
import attrs
from onsite_workflow.errors import StoreUnavailable

store = SQLiteStore(sys.argv[1])
store.append(sample_case("XN-1")[0])
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
commit = sample_case("XN-1")[1]
try:
    if sys.argv[2] == "batch":
        with store.batch():
            store.append(attrs.evolve(commit, answer="x" * 100))
            store.append(attrs.evolve(sample_case("XN-2")[0], answer="x" * 5_000_000))
    else:
        store.append(attrs.evolve(commit, answer="x" * 5_000_000))
except StoreUnavailable as error:
    assert "disk" in str(error), error
else:
    raise AssertionError("the disk was not full")
assert store.load("XN-1") == sample_case("XN-1")[0].events
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
assert not store.append(commit).repeated
print(len(store.load("XN-1")))
"""


@pytest.mark.parametrize("how", ["append", "batch"])
def test_a_full_disk_loses_nothing_and_the_same_commit_succeeds_later(path: Path, how: str) -> None:
    assert outcome(FILL_THE_DISK, str(path), how) == "2"


def test_a_batch_that_a_full_disk_has_undone_stores_nothing_more(store: SQLiteStore) -> None:
    store.append(sample_case("XN-1")[0])
    (pages,) = store._file.db.execute("PRAGMA page_count").fetchone()
    store._file.db.execute(f"PRAGMA max_page_count = {pages}")
    second, third = sample_case("XN-1")[1:3]
    refused: list[StoreUnavailable] = []
    with suppress(StoreUnavailable), store.batch():
        store.append(second)
        for commit in (attrs.evolve(third, answer="x" * 5_000_000), third):
            try:
                store.append(commit)
            except StoreUnavailable as error:
                refused.append(error)
    assert ["full" in str(refused[0]), "undone" in str(refused[1])] == [True, True]
    store._file.db.execute("PRAGMA max_page_count = 1000000")
    assert [store.append(commit).repeated for commit in (second, third)] == [False, False]
    assert store.check() == ()


def test_a_commit_that_fails_on_a_full_disk_leaves_no_part_of_it(store: SQLiteStore) -> None:
    """Room for more and more of what a commit writes, until there is enough."""
    store.append(sample_case("XN-1")[0])
    commit = merged(sample_case("XN-1")[1:])
    (pages,) = store._file.db.execute("PRAGMA page_count").fetchone()
    failures = 0
    for room in count():
        before = (list(store.feed()), list(store.cases()), list(store.open_obligations()))
        store._file.db.execute(f"PRAGMA max_page_count = {pages + room}")
        try:
            store.append(commit)
            break
        except StoreUnavailable:
            failures += 1
            after = (list(store.feed()), list(store.cases()), list(store.open_obligations()))
            assert after == before
    assert failures >= 2
    assert len(store.load("XN-1")) == 13
    assert store.check() == ()


def test_what_a_full_disk_refused_is_said_in_both_languages(store: SQLiteStore) -> None:
    store._file.db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnavailable) as refused:
        store.append(attrs.evolve(sample_case("XN-1")[0], answer="x" * 5_000_000))
    (violation,) = refused.value.violations
    assert violation.zh.startswith("库现在不能用")
    assert violation.remedy is not None
    assert "again" in violation.remedy.en


# --- several connections ---


def test_a_writer_that_may_not_wait_says_that_the_file_is_locked(path: Path) -> None:
    with closing(SQLiteStore(path)) as first, closing(SQLiteStore(path, timeout=0)) as second:
        with first.batch():
            first.append(sample_case("XN-1")[0])
            with pytest.raises(StoreUnavailable, match="locked"):
                second.append(sample_case("XN-2")[0])
            assert second.load("XN-1") == ()  # readers go on, and see what is durable
        assert not second.append(sample_case("XN-2")[0]).repeated


def test_what_another_connection_appended_is_seen_at_once(path: Path, store: SQLiteStore) -> None:
    first, second, *_ = sample_case("XN-1")
    with closing(SQLiteStore(path)) as others:
        others.append(first)
    assert store.load("XN-1") == first.events
    assert not store.append(second).repeated


def test_a_file_that_another_keeps_to_itself_is_unavailable(path: Path) -> None:
    SQLiteStore(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match="locked"):
            SQLiteStore(path, timeout=0)
        other.execute("COMMIT")
