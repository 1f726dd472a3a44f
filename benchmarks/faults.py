"""Faults, counted: ``python -m benchmarks.faults [STORE ...]`` prints the table of
``docs/reference/faults.md``.

Processes that write are killed at random moments, and many write to the same cases at once, while
others write and follow the feed; what is missing, twice, half or skipped afterwards is counted by
``onsite_workflow.testing``. Whatever is not 0 is printed below the table, and the exit status is 1.

From the repository's root and as a module: beside ``calendar.py`` no script can import pytest.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.testing import Tally, contend, crash
from onsite_workflow.testing.faults import Opener

Fault = Callable[[Opener], Tally]


@contextmanager
def sqlite() -> Iterator[Callable[[str], Opener]]:
    """SQLite files in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield lambda name: partial(SQLiteStore, Path(folder) / f"{name}.db")


#: What gives each store's opener by the name of the store to be opened.
STORES = {"SQLite": sqlite}


def faults(kills: int, appends: int, seed: int) -> dict[str, Fault]:
    """What is done to every store. A fault of one store alone (its server killed, its connections
    cut) is a ``crash`` with a ``strike`` of its own and goes into ``OWN``."""
    return {
        "kills": lambda opener: crash(opener, kills=kills, seed=seed),
        "contention": lambda opener: contend(opener, processes=8, appends=appends),
    }


#: By store: what else is done to it.
OWN: dict[str, dict[str, Fault]] = {}


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("stores", nargs="*", help=f"by default all: {', '.join(STORES)}")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--appends", type=int, default=1000, help="of each of eight processes")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.system()}\n\n{Tally.HEAD}")
    wrong: list[str] = []
    for store in told.stores or STORES:
        with STORES[store]() as opener_of:
            todo = faults(told.kills, told.appends, told.seed) | OWN.get(store, {})
            for name, fault in todo.items():
                tally = fault(opener_of(name))
                print(tally.row(store), flush=True)
                wrong += [f"{store}, promise {n}: {sentence}" for n, sentence in tally.broken]
    print("\n".join(["", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
