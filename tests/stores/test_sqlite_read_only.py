"""A file opened read-only: all of it is read, and nothing is written, not even beside it."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onsite_workflow.adapters import open_store
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.errors import InvalidInput, NotSupported, StoreUnavailable
from onsite_workflow.ports import Lease
from onsite_workflow.testing import sample_case, simple_obligation

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that nobody has open."""
    path = tmp_path / "cases.db"
    with closing(SQLiteStore(path)) as store:
        for commit in sample_case("XN-1")[:5]:
            store.append(commit)
        store.for_centre("other").append(sample_case("XN-2")[0])
        store.advance("s", after="", position="3")
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(path, read_only=True)) as opened:
        yield opened


def folder_of(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.iterdir()}


def read_all(store: SQLiteStore) -> list[object]:
    unit = sample_case("XN-1")[4].summary.units[0]
    return [
        store.load("XN-1"),
        list(store.feed()),
        list(store.cases(unit=unit)),
        list(store.open_obligations()),
        store.find(sample_case("XN-1")[3].command_id),
        list(store.for_centre("other").feed()),
        store.position("s"),
        store.check(),
    ]


def test_everything_is_read_and_nothing_written_even_beside_the_file(path: Path) -> None:
    before = folder_of(path)
    with closing(SQLiteStore(path, read_only=True)) as reader:
        read = read_all(reader)
        assert folder_of(path) == before
    assert folder_of(path) == before
    with closing(SQLiteStore(path)) as store:
        assert read_all(store) == read


def test_a_url_is_opened_read_only(path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}", read_only=True)) as reader:
        assert len(reader.load("XN-1")) == 5
        with pytest.raises(NotSupported):
            reader.append(sample_case("XN-1")[5])


WRITES: dict[str, Callable[[SQLiteStore], object]] = {
    "append": lambda store: store.append(sample_case("XN-1")[5]),
    "append again": lambda store: store.append(sample_case("XN-1")[4]),
    "reindex": lambda store: store.reindex(sample_case("XN-1")[4].summary, ()),
    "claim_due": lambda store: store.claim_due(worker="w", before=NOW, now=NOW, until=NOW),
    "extend": lambda store: store.extend(
        Lease(obligation=simple_obligation("XN-1"), worker="w", until=NOW), now=NOW, until=NOW
    ),
    "advance": lambda store: store.advance("s", after="3", position="4"),
    "joining": lambda store: store.joining(None),
    "batch": lambda store: store.batch().__enter__(),
    "a centre's append": lambda store: store.for_centre("c").append(sample_case("XN-1")[0]),
}


@pytest.mark.parametrize("write", WRITES)
def test_what_would_write_is_refused_as_read_only(
    path: Path, reader: SQLiteStore, write: str
) -> None:
    before = folder_of(path)
    with pytest.raises(NotSupported) as refused:
        WRITES[write](reader)
    assert refused.value.violations[0].rule == "read_only"
    assert folder_of(path) == before


def test_what_is_written_meanwhile_is_read(path: Path, reader: SQLiteStore) -> None:
    seen = [len(reader.load("XN-1"))]
    with closing(SQLiteStore(path)) as writer:
        for commit in sample_case("XN-1")[5:8]:
            writer.append(commit)
            seen.append(len(reader.load("XN-1")))
    seen.append(len(reader.load("XN-1")))
    with closing(SQLiteStore(path)) as writer:
        writer.append(sample_case("XN-1")[8])
    seen.append(len(reader.load("XN-1")))
    assert seen == [5, 6, 7, 8, 8, 9]


def test_a_file_in_use_is_opened(path: Path) -> None:
    with closing(SQLiteStore(path)) as writer:
        writer.append(sample_case("XN-1")[5])
        with closing(SQLiteStore(path, read_only=True)) as reader:
            assert len(reader.load("XN-1")) == 6
        assert not writer.append(sample_case("XN-1")[6]).repeated


def test_a_link_is_followed_to_what_stands_beside_the_file(path: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link.db"
    link.symlink_to(path)
    with closing(SQLiteStore(path)) as writer, closing(SQLiteStore(link, read_only=True)) as reader:
        writer.append(sample_case("XN-1")[5])
        assert len(reader.load("XN-1")) == 6
        with closing(SQLiteStore(link)) as other:
            other.append(sample_case("XN-1")[6])
        assert len(reader.load("XN-1")) == 7
    assert [file.name for file in link.parent.iterdir()] == ["link.db"]


def test_a_file_that_was_taken_away_is_unavailable(path: Path, reader: SQLiteStore) -> None:
    path.unlink()
    with pytest.raises(StoreUnavailable):
        reader.load("XN-1")


def test_a_file_is_opened_that_another_has_taken_the_place_of(
    path: Path, reader: SQLiteStore, tmp_path: Path
) -> None:
    restored = tmp_path / "restored.db"
    with closing(SQLiteStore(restored)) as store:
        store.append(sample_case("XN-9")[0])
    os.replace(restored, path)
    assert [line.case for line in reader.cases()] == ["XN-9"]


def test_a_backup_is_made_of_a_file_that_is_opened_read_only(
    reader: SQLiteStore, tmp_path: Path
) -> None:
    reader.backup(tmp_path / "copy.db")
    with closing(SQLiteStore(tmp_path / "copy.db", read_only=True)) as copy:
        assert read_all(copy) == read_all(reader)


@pytest.mark.parametrize("content", [b"", b"no database" * 1_000, None])
def test_what_is_no_store_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.db"
    if content is not None:
        path.write_bytes(content)
    before = folder_of(path)
    with pytest.raises(InvalidInput) as refused:
        SQLiteStore(path, read_only=True)
    assert refused.value.violations[0].facts["field"] == "store"
    assert folder_of(path) == before


# --- where one may not write ---

READ_WITHOUT_RIGHTS = """
import os, sys
from contextlib import closing
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.errors import InvalidInput
from onsite_workflow.procedures import procedure_named
procedure_named("case")  # loaded while its files can be read: they may lie in a folder of root's own
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
try:
    with closing(SQLiteStore(sys.argv[1], read_only=True)) as store:
        print(len(store.load("XN-1")), len(store.check()))
except InvalidInput as error:
    print(error.violations[0].rule)
"""


def read_without_rights(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ_WITHOUT_RIGHTS, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def guarded(path: Path) -> Iterator[Path]:
    """The store in a folder that may be entered, and where only its owner may write."""
    with tempfile.TemporaryDirectory() as folder:  # not below a folder that others can't enter
        Path(folder).chmod(0o755)
        for file in path.parent.iterdir():
            (Path(folder) / file.name).write_bytes(file.read_bytes())
        yield Path(folder) / path.name


def test_a_store_that_nobody_has_open_is_read_where_one_may_not_write(guarded: Path) -> None:
    assert read_without_rights(guarded) == "5 0"
    guarded.parent.chmod(0o555)
    assert read_without_rights(guarded) == "5 0"


def test_a_store_in_use_is_read_where_one_may_not_write(guarded: Path) -> None:
    with closing(SQLiteStore(guarded)) as writer:
        writer.append(sample_case("XN-1")[5])
        assert read_without_rights(guarded) == "6 0"


def test_what_a_killed_writer_left_is_read_or_said_to_be_unreadable(guarded: Path) -> None:
    writer = SQLiteStore(guarded)
    writer.append(sample_case("XN-1")[5])
    left = folder_of(guarded)
    writer.close()
    for name, content in left.items():
        (guarded.parent / name).write_bytes(content)
    assert read_without_rights(guarded) in ("6 0", "unreadable")  # never as it was before
    with closing(SQLiteStore(guarded)) as again:
        assert len(again.load("XN-1")) == 6
    assert read_without_rights(guarded) == "6 0"
