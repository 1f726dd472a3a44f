"""This tree beside another commit of its own history: ``python benchmarks/against.py REF``.

The tree as it stands, changes that are not committed included, and a git worktree of REF are each
installed into an environment of their own in a temporary folder. Then everything is measured in turn
(this, REF; in the next round REF, this), each time in a new process. Each side reads the same journal lines and
builds its own commands from them. Printed are the medians of all rounds, and the median of the ratios
that the rounds gave, this tree / REF: below 1 this tree is faster. Read the ratios: they hold on a busy
machine too.

- *decide*, *read*, *append*: ``benchmarks/side.py``. An append is one commit, made durable.
- *engine*: a move without guards and events, as each side's own ``benchmarks/core.py`` prints it.
- *import*: processor time of ``import onsite_workflow`` in a new process.
- *run*: ``onsite-workflow run`` of the example journal on a new SQLite file.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[1]
IMPORT = (
    "import time; t = time.process_time(); import onsite_workflow; print(time.process_time() - t)"
)


def out(*words: object, cwd: Path = ROOT) -> str:
    """What a program prints; its errors are shown and end this one."""
    told = [str(word) for word in words]
    return subprocess.run(told, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


@frozen
class Side:
    """A tree and the environment in which it is installed."""

    tree: Path
    python: Path

    @classmethod
    def installed(cls, tree: Path, environment: Path) -> Side:
        """An environment of its own for ``tree``."""
        out(sys.executable, "-m", "venv", environment)
        side = cls(tree, environment / "bin" / "python")
        out(side.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", tree)
        return side

    def side(self, what: str) -> float:
        """Microseconds, by ``side.py``."""
        return float(self._out(ROOT / "benchmarks" / "side.py", what))

    def engine(self) -> float | None:
        """Microseconds a move, by this side's own ``core.py``; None where it does not say."""
        said = self._out(self.tree / "benchmarks" / "core.py", "--rounds", 3)
        found = re.search(r"µs a move: ours ([0-9.]+)", said)
        return float(found[1]) if found else None

    def imported(self) -> float:
        """Microseconds of processor time."""
        return float(self._out("-c", IMPORT)) * 1e6

    def run(self) -> float:
        """Microseconds of the example journal."""
        examples = self.tree / "examples"
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            # It ends with 1, since some lines are refused.
            subprocess.run(
                [
                    *(self.python, "-I", "-m", "onsite_workflow.cli", "run", "--json"),
                    *(examples / "xiaonan-2025-2026.jsonl", "--directory", examples / "units.csv"),
                    *("--store", "sqlite:///cases.db"),
                ],
                cwd=folder,
                check=False,
                stdout=subprocess.DEVNULL,
            )
            return (time.perf_counter() - started) * 1e6

    def _out(self, *words: object) -> str:
        # -I: nothing but what is installed, whatever PYTHONPATH and the current folder hold.
        return out(self.python, "-I", *words)


MEASURES: Mapping[str, Callable[[Side], float | None]] = {
    "decide and evolve, 12 moves": lambda side: side.side("decide"),
    "read 12 journal lines": lambda side: side.side("read"),
    "engine, a move": Side.engine,
    "append, SQLite": lambda side: side.side("append"),
    "import (CPU)": Side.imported,
    "run of the example": Side.run,
}


@contextmanager
def sides(ref: str) -> Iterator[tuple[Side, Side]]:
    """This tree and that of ``ref``, for the time of the block."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out("git", "worktree", "add", "-q", "--detach", folder / "tree", ref)
        try:
            this = Side.installed(ROOT, folder / "this")
            yield this, Side.installed(folder / "tree", folder / "that")
        finally:
            out("git", "worktree", "remove", "--force", folder / "tree")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ref", metavar="REF", help="a commit, such as HEAD~1 or main")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in MEASURES}
    with sides(options.ref) as (this, that):
        for number in range(options.rounds):
            order = (this, that) if number % 2 == 0 else (that, this)
            for name, measure in MEASURES.items():
                costs = {side: measure(side) for side in order}
                mine, theirs = costs[this], costs[that]
                if mine is not None and theirs is not None:
                    pairs[name].append((mine, theirs))
    print(f"{f'µs, median of {options.rounds} rounds':30}{'this':>12}{options.ref:>12}{'ratio':>8}")
    for name, measured in pairs.items():
        if measured:
            this_one, that_one = (statistics.median(costs) for costs in zip(*measured, strict=True))
            ratio = statistics.median(mine / theirs for mine, theirs in measured)
            print(f"{name:30}{this_one:12,.1f}{that_one:12,.1f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
