"""A run that is killed, and run again with the same journal, is as if nothing had happened."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from onsite_workflow.adapters.sqlite import SQLiteStore

JOURNAL = Path(__file__).parents[2] / "examples" / "xiaonan-2025-2026.jsonl"
LINES = len(JOURNAL.read_text(encoding="utf-8").splitlines())
KILLS = 5


def start(store: Path, how: str) -> subprocess.Popen[str]:
    """``run`` on the journal, named or as standard input; what it answers comes line by line."""
    with JOURNAL.open("rb") as journal:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "onsite_workflow.cli", "run", "--json"),
                *("--store", f"sqlite:///{store}", "-" if how == "stream" else str(JOURNAL)),
            ],
            stdin=journal if how == "stream" else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            pipesize=4096,  # some twenty answers: it can't run far ahead of who reads them
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            text=True,
            encoding="utf-8",
        )


def run(store: Path, how: str = "file") -> list[dict[str, Any]]:
    """An uninterrupted run; its answers."""
    with start(store, how) as process:
        assert process.stdout is not None
        answers = [json.loads(line) for line in process.stdout]
    assert process.returncode == 1  # the journal holds lines that are refused
    return answers


def run_and_kill(store: Path, how: str, moments: random.Random) -> list[dict[str, Any]]:
    """Killed shortly after a number of answers was read; these answers."""
    with start(store, how) as process:
        assert process.stdout is not None
        answers = [json.loads(process.stdout.readline()) for _ in range(moments.randint(1, LINES))]
        sum(range(moments.randrange(500_000)))  # up to some ten lines' time
        process.kill()
    return answers


def content(store: Path) -> list[str]:
    """Every row of every table, and the schema."""
    with closing(sqlite3.connect(store)) as db:
        return list(db.iterdump())


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    store = tmp_path_factory.mktemp("uninterrupted") / "cases.db"
    assert len(run(store)) == LINES
    return content(store)


@pytest.mark.parametrize("how", ["file", "stream"])
def test_killed_at_random_moments_a_run_ends_as_if_it_had_not_been(
    tmp_path: Path, uninterrupted: list[str], how: str
) -> None:
    store, moments = tmp_path / "cases.db", random.Random(how)
    for _ in range(KILLS):
        answers = run_and_kill(store, how, moments)
        with closing(SQLiteStore(store, create=False)) as opened:
            for answer in answers:
                if answer["ok"]:
                    event = opened.load(answer["case"])[answer["version"] - 1]
                    assert (event.name, event.state) == (answer["event"], answer["state"])
    run(store, how)
    assert content(store) == uninterrupted


def test_a_journal_run_again_is_answered_as_before_and_stores_nothing(
    tmp_path: Path, uninterrupted: list[str]
) -> None:
    store = tmp_path / "cases.db"
    first, second = run(store), run(store)
    assert content(store) == uninterrupted
    accepted = [answer | {"repeated": True} for answer in first if answer["ok"]]
    assert [answer for answer in second if answer["ok"]] == accepted


def test_a_journal_is_stored_alike_from_a_file_and_from_a_stream(
    tmp_path: Path, uninterrupted: list[str]
) -> None:
    store = tmp_path / "cases.db"
    run(store, "stream")
    assert content(store) == uninterrupted
