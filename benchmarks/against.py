"""This tree beside another commit of its own history: ``python benchmarks/against.py REF``.

The tree as it stands, changes that are not committed included, and a git worktree of REF are each
installed into an environment of their own in a temporary folder. Then both are measured in turn, round
by round (this, REF; REF, this; ...), each in new processes. Each side reads the same journal lines and
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
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
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

    def measure(self) -> dict[str, float]:
        """Microseconds by what was measured, once."""
        costs: dict[str, float] = json.loads(self._out(ROOT / "benchmarks" / "side.py"))
        core = self._out(self.tree / "benchmarks" / "core.py", "--rounds", 3)
        if engine := re.search(r"µs a move: ours ([0-9.]+)", core):
            costs["engine, a move"] = float(engine[1])
        costs["import (CPU)"] = float(self._out("-c", IMPORT)) * 1e6
        costs["run of the example"] = self._run() * 1e6
        return costs

    def _out(self, *words: object) -> str:
        # -I: nothing but what is installed, whatever PYTHONPATH and the current folder hold.
        return out(self.python, "-I", *words)

    def _run(self) -> float:
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
            return time.perf_counter() - started


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
    rounds: list[tuple[dict[str, float], dict[str, float]]] = []
    with sides(options.ref) as (this, that):
        for number in range(options.rounds):
            order = (this, that) if number % 2 == 0 else (that, this)
            costs = {side: side.measure() for side in order}
            rounds.append((costs[this], costs[that]))
    print(
        f"{'µs, median of ' + str(len(rounds)) + ' rounds':30}{'this':>12}{options.ref:>12}{'ratio':>8}"
    )
    for name in rounds[0][0]:
        pairs = [(this[name], that[name]) for this, that in rounds if name in this and name in that]
        if pairs:
            mine, theirs = (statistics.median(costs) for costs in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            print(f"{name:30}{mine:12,.1f}{theirs:12,.1f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
