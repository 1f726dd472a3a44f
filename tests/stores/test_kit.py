"""The kit's harness, its report and its command line, on stores that keep and stores that break."""

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow.testing import PromiseBroken, Tally, contend, crash
from onsite_workflow.testing._base import PROMISES

from .journal_store import JournalStore

TESTS = Path(__file__).parents[1]
SOURCE = TESTS.parent / "src"

# --- the harness ----------------------------------------------------------------------------------


class AcknowledgesBeforeItWrites(JournalStore):
    def _write(self, records: list[Any]) -> None:
        late: list[Any] = vars(self).setdefault("late", [])
        late += records
        if len(late) >= 10:
            super()._write(late)
            late.clear()


class WritesALineForEachEvent(JournalStore):
    def _write(self, records: list[Any]) -> None:
        for record in records:
            *most, last = record["events"]
            for number, event in enumerate(most):
                super()._write([record | {"events": [event], "id": f"{record['id']}.{number}"}])
            super()._write([record | {"events": [last]}])


class WaitsForNobody(JournalStore):
    def _wait(self, for_what: int) -> None:
        """The file is written by whoever comes."""


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
    ("store", "kills", "promise", "column"),
    [(AcknowledgesBeforeItWrites, 3, 4, "lost"), (WritesALineForEachEvent, 12, 1, "half")],
)
def test_kills_show_what_a_store_breaks(
    tmp_path: Path, store: type[JournalStore], kills: int, promise: int, column: str
) -> None:
    tally = crash(partial(store, tmp_path), kills=kills, seed=1)
    assert promise in {number for number, _ in tally.broken}
    assert getattr(tally, column) > 0
    with pytest.raises(PromiseBroken):
        tally.check()


def test_contention_shows_that_nobody_waits(tmp_path: Path) -> None:
    tally = contend(partial(WaitsForNobody, tmp_path), processes=3, appends=60)
    assert tally.broken
    with pytest.raises(PromiseBroken):
        tally.check()


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
        broken=((7, "a key was free"), (4, "lost: a 1")),
    )
    assert tally.row("s") == "| s | f | 2 | 1,234 | 1 | 0 | 0 | 0 | 1 |"
    with pytest.raises(PromiseBroken, match=r"promise 4 \(Durable\): lost: a 1"):
        tally.check()


# --- the report and the command line --------------------------------------------------------------


def kit(*arguments: str) -> tuple[int, str]:
    """Exit status and output of ``python -m onsite_workflow.testing``."""
    done = subprocess.run(
        [sys.executable, "-m", "onsite_workflow.testing", *arguments],
        env=os.environ | {"PYTHONPATH": f"{SOURCE}{os.pathsep}{TESTS}", "CI": "true"},
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
    assert "a key" in lines[at + 1]


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
