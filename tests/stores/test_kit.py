"""The kit's harness, its report and its command line, on stores that keep and stores that break."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.errors import NotSupported
from onsite_workflow.ports import Capability, CaseStore, Commit, Lease, StoredCommit
from onsite_workflow.testing import (
    PromiseBroken,
    StoreContract,
    Tally,
    contend,
    crash,
    told_and_killed,
)
from onsite_workflow.testing.stores._base import PROMISES, promise_of

from .journal_store import JournalStore

TESTS = Path(__file__).parents[1]
SOURCE = TESTS.parent / "src"

# --- the harness ----------------------------------------------------------------------------------


class AcknowledgesBeforeItWrites(JournalStore):
    def _write(self, records: list[Any]) -> None:
        """When the store is closed, it would say: a kill comes before that."""


class WritesALineForEachEvent(JournalStore):
    """A writer is killed between two lines of one commit: once, and by itself, so that no test waits
    for its luck. The process that opened the store first is the kit's own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._killed, first = folder / "killed", folder / "first"
        if not first.exists():
            first.write_text(str(os.getpid()))
        self._may_die = first.read_text() != str(os.getpid())

    def _write(self, records: list[Any]) -> None:
        for record in records:
            *most, last = record["events"]
            for number, event in enumerate(most):
                super()._write([record | {"events": [event], "id": f"{record['id']}.{number}"}])
                if self._may_die:
                    with suppress(FileExistsError):
                        self._killed.touch(exist_ok=False)
                        os.kill(os.getpid(), signal.SIGKILL)
            super()._write([record | {"events": [last]}])


class WaitsForNobody(JournalStore):
    """Three processes have looked before the first of them writes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._looked = folder / "looked"
        self._looked.mkdir(exist_ok=True)

    def _wait(self, for_what: int) -> None:
        """The file is written by whoever comes."""

    def _write(self, records: list[Any]) -> None:
        (self._looked / str(os.getpid())).touch()
        while len(list(self._looked.iterdir())) < 3:
            os.sched_yield()
        super()._write(records)


def test_a_store_that_keeps_its_promises_loses_nothing_to_kills(tmp_path: Path) -> None:
    tally = crash(partial(JournalStore, tmp_path), kills=10, seed=1)
    tally.check()
    assert tally.broken == ()
    assert tally.acknowledged > 100
    assert re.fullmatch(
        r"\| JSON \| kill -9 of a writing process \| 10 \| [0-9,]+ \| 0 \| 0 \| 0 \| 0 \| 0 \|",
        tally.row("JSON"),
    )


@pytest.mark.parametrize(
    ("store", "promise", "column"),
    [(AcknowledgesBeforeItWrites, 4, "lost"), (WritesALineForEachEvent, 1, "half")],
)
def test_kills_show_what_a_store_breaks(
    tmp_path: Path, store: type[JournalStore], promise: int, column: str
) -> None:
    tally = crash(partial(store, tmp_path), kills=2, seed=1)
    assert promise in {number for number, _ in tally.broken}
    assert getattr(tally, column) > 0
    with pytest.raises(PromiseBroken):
        tally.check()


class PutsOff(SQLiteStore):
    """From one kind of act on it reads what it has done, and has it on the disk when it is closed."""

    def __init__(self, begins: str, path: Path) -> None:
        super().__init__(path)
        self.begins, self.kept = begins, ExitStack()

    def _put_off(self, act: str) -> None:
        if act == self.begins:
            self.kept.enter_context(self.batch())

    def reindex(self, *given: Any) -> bool:
        self._put_off("reindex")
        return super().reindex(*given)

    def extend(self, *given: Any, **named: Any) -> Lease | None:
        self._put_off("extend")
        return super().extend(*given, **named)

    def advance(self, *given: Any, **named: Any) -> None:
        self._put_off("advance")
        super().advance(*given, **named)

    def close(self) -> None:
        self.kept.close()
        super().close()


@pytest.mark.parametrize("opener", [SQLiteStore, partial(PutsOff, "nothing")])
def test_a_store_that_keeps_its_promises_puts_nothing_off(tmp_path: Path, opener: Any) -> None:
    told_and_killed(partial(opener, tmp_path / "cases.db")).check()


ACTS = ["reindex", "claim_due and extend", "advance"]


@pytest.mark.parametrize(("begins", "lost"), [("reindex", 3), ("extend", 2), ("advance", 1)])
def test_a_store_that_puts_off_until_it_is_closed_is_found_out(
    tmp_path: Path, begins: str, lost: int
) -> None:
    tally = told_and_killed(partial(PutsOff, begins, tmp_path / "cases.db"))
    assert [found for found, _ in tally.broken] == [4] * lost
    assert [said.split()[2:-2] for _, said in tally.broken] == [a.split() for a in ACTS[-lost:]]
    assert tally.lost == lost


def test_a_store_that_is_not_durable_is_not_killed() -> None:
    with pytest.raises(NotSupported):
        crash(MemoryStore, kills=1)


def test_contention_shows_that_nobody_waits(tmp_path: Path) -> None:
    tally = contend(partial(WaitsForNobody, tmp_path), processes=3, appends=1)
    assert tally.twice == 1
    with pytest.raises(PromiseBroken, match=r"^promise 2 \(No lost update\): "):
        tally.check()


class RaisesAnErrorOfItsOwn(JournalStore):
    def append(self, commit: Commit) -> StoredCommit:
        raise RuntimeError("over\nand out")


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        (partial(crash, kills=1), 4),
        (told_and_killed, 4),
        (partial(contend, processes=2, appends=1), 2),
    ],
)
def test_a_process_that_fails_breaks_what_was_tried_and_says_how(
    tmp_path: Path, fault: Callable[[Any], Tally], promise: int
) -> None:
    tally = fault(partial(RaisesAnErrorOfItsOwn, tmp_path))
    (found, said), *_ = tally.broken
    assert found == promise
    assert said.startswith(
        "a process failed where it should have gone on: RuntimeError: over\nand out\nTraceback"
    )


def test_of_several_processes_at_the_same_cases_each_is_told_the_truth(tmp_path: Path) -> None:
    tally = contend(partial(JournalStore, tmp_path), processes=3, appends=60)
    assert (tally.broken, tally.times, tally.acknowledged) == ((), 180, 270)


def test_a_tally_counts_by_kind() -> None:
    tally = Tally(
        fault="f",
        times=2,
        acknowledged=1234,
        lost=1,
        twice=0,
        half=0,
        skipped=0,
        broken=((4, "lost: a 1"), (2, "c 2 was acknowledged")),
    )
    assert tally.row("s") == "| s | f | 2 | 1,234 | 1 | 0 | 0 | 0 | 1 |"
    with pytest.raises(PromiseBroken, match=r"promise 4 \(Durable\): lost: a 1"):
        tally.check()


# --- what a store declares ------------------------------------------------------------------------


class OfMemory(StoreContract):
    declares = MemoryStore.capabilities

    def open_store(self, folder: Path) -> CaseStore:
        return MemoryStore()


class Boasting(OfMemory):
    declares = MemoryStore.capabilities | {Capability.DURABLE}


def test_what_is_not_for_a_store_is_no_test_of_it() -> None:
    left_out = set(StoreContract.names()) - set(OfMemory.names())
    assert {promise_of(test) for test in left_out} >= {4, 9}
    assert "test_9_who_does_not_declare_it_raises_not_supported" in OfMemory.names()
    assert "test_10_who_does_not_declare_it_raises_not_supported" in left_out


def test_a_store_declares_what_its_tests_say(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the store declares what its tests say"):
        Boasting().run("test_1_every_event_of_a_commit_is_stored", tmp_path)


# --- the report and the command line --------------------------------------------------------------


def kit(*arguments: str) -> tuple[int, str]:
    """Exit status and output of ``python -m onsite_workflow.testing``."""
    done = subprocess.run(
        [sys.executable, "-m", "onsite_workflow.testing", *arguments],
        env=os.environ | {"PYTHONPATH": f"{SOURCE}{os.pathsep}{TESTS}"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_store_is_put_to_the_contract_without_a_test_file() -> None:
    status, said = kit("stores.reported:open_store")
    assert status == 0, said
    for number, title in PROMISES.items():
        (line,) = [line for line in said.splitlines() if line.split()[:1] == [str(number)]]
        undeclared = {4: "durable", 9: "joining"}
        expected = rf"not declared \({undeclared[number]}\)" if number in undeclared else "kept"
        assert re.match(rf" +{number}  {title} +{expected}", line), line


def test_the_report_names_the_promise_and_the_first_test_that_fails() -> None:
    status, said = kit("stores.reported:BrokenStore")
    assert status == 1
    broken = [line.split()[0] for line in said.splitlines() if "BROKEN" in line]
    assert set(broken) <= {"7", "in"}
    lines = said.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.split()[:1] == ["7"] and "BROKEN" in line]
    assert lines[at + 1].strip() == "a key of another case is a conflict that names it"
    assert lines[at + 2].strip() == "AssertionError: assert None is not None"


def test_what_stories_alone_find_is_told_with_its_promise_its_centre_and_the_calls() -> None:
    status, said = kit("stores.reported:ForgetfulStore")
    assert status == 1
    table, _, story = said.partition("the story of ForgetfulStore")
    assert re.search(
        r"\n   1  All or nothing +BROKEN \(1 of \d+ tests fail\)"
        r"\n +stories of calls are answered as by a dictionary"
        r"\n +in centre default, load\('～'\) gives \[\], and should give \[event",
        table,
    ), table
    calls = [line.partition("(")[0] for line in story.splitlines() if line.startswith("state.")]
    assert [calls[0], calls[2]] == ["state.begin", "state.teardown"]
    assert calls[1].startswith("state.one_appends"), "one call is enough"


def test_a_capability_whose_hook_is_not_given_is_no_way_round_its_promise() -> None:
    status, said = kit("stores.reported:BoastingStore", "-v")
    assert status == 1
    assert "gives no transaction(folder) to try it with" in said


def test_an_unknown_store_is_said_to_be_unknown() -> None:
    status, said = kit("stores.reported:nothing")
    assert status == 2
    assert "stores.reported:nothing" in said


def test_faults_are_counted_from_the_command_line() -> None:
    status, said = kit("crash", "stores.journal_store:JournalStore", "--kills", "3")
    assert status == 0, said
    assert "| stores.journal_store:JournalStore | kill -9 of a writing process | 3 |" in said
