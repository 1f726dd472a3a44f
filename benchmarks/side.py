"""One side of ``benchmarks/against.py``: ``python benchmarks/side.py decide`` (or ``read``, ``append``).

Prints in microseconds what the installed ``onsite_workflow`` costs.

Only public names that do not change, and commands as journal lines, which each side reads itself. So
the same file measures this tree and an older one.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import onsite_workflow as ow

LINES = (Path(__file__).parent / "twelve-moves.jsonl").read_text(encoding="utf-8").splitlines()
DIRECTORY = ow.Directory(
    [
        ow.Unit(name=name, phone="0712-2000101")
        for name in ("孝南区残疾人联合会", "孝南区医疗保障局")
    ]
)
COMMANDS = [ow.read_line(line).command for line in LINES]
CALENDAR = ow.WorkingCalendar.china()


def decide() -> None:
    """A whole case of twelve moves, without a store."""
    case: ow.Case | None = None
    for command in COMMANDS:
        decision = ow.decide(
            case,
            command,
            recorded_at=command.at,
            regulation=ow.DB4209_T_32_2023,
            calendar=CALENDAR,
            directory=DIRECTORY,
        )
        case = ow.evolve(case, decision.events[0])


def read() -> None:
    """The same twelve commands from their journal lines."""
    for line in LINES:
        ow.read_line(line)


class Kept(ow.MemoryStore):
    """A store that keeps the commits it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[ow.Commit] = []

    def append(self, commit: ow.Commit) -> ow.StoredCommit:
        self.commits.append(commit)
        return super().append(commit)


def commits(cases: int) -> list[ow.Commit]:
    """What a store is given for so many cases of twelve moves."""
    kept = Kept()
    office = ow.Workflow(kept, directory=DIRECTORY)
    for n in range(cases):
        for line in LINES:
            told = json.loads(line) | {"case": f"B-{n}"}
            for notice in told.get("notices", ()):
                notice["number"] += f"-{n}"
            if "archive_number" in told:
                told["archive_number"] += f"-{n}"
            command = ow.read_line(json.dumps(told)).command
            office.handle(command, recorded_at=command.at)
    return kept.commits


def seconds(run: Callable[[], object], number: int) -> float:
    """The median of so many calls."""
    taken: list[float] = []
    for _ in range(number):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def append() -> float:
    """Seconds an append to a new SQLite file, the median."""
    made = commits(20)
    left = iter(made)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(ow.SQLiteStore(Path(folder) / "cases.db")) as store,
    ):
        return seconds(lambda: store.append(next(left)), len(made))


COSTS: Mapping[str, Callable[[], float]] = {
    "decide": lambda: seconds(decide, 300),
    "read": lambda: seconds(read, 300),
    "append": append,
}


if __name__ == "__main__":
    sys.stdout.write(f"{COSTS[sys.argv[1]]() * 1e6}\n")
