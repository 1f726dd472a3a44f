"""``python -m onsite_workflow.testing``: put a store to the promises without a test file.

    python -m onsite_workflow.testing mypackage.mystore:open_store
    python -m onsite_workflow.testing crash mypackage.mystore:open_store --kills 200
    python -m onsite_workflow.testing contend mypackage.mystore:open_store --processes 8

``open_store`` takes a folder (see ``StoreContract.open_store``). The exit status is 0 where every
promise that the store declares is kept, and otherwise 1; 2 where there is no such function, or nothing
to count since the store is not durable.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from onsite_workflow.errors import NotSupported

from .stores import _given
from .stores._base import new_folder
from .stores.faults import Tally, contend, crash

__all__ = ["main"]

#: Sentences of what is broken: the rest is counted.
_SHOWN: Final = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in (["crash"], ["contend"]):
        return _count(given[0], given[1:])
    parser = argparse.ArgumentParser(
        prog="python -m onsite_workflow.testing",
        description="Put a store to every promise of onsite_workflow.ports and report by number."
        " 'crash STORE' and 'contend STORE' count faults instead.",
    )
    parser.add_argument("store", help="package.module:open_store, or a subclass of StoreContract")
    parser.add_argument(
        "--transaction", help="package.module:transaction, for a store that declares joining"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="show where each test failed")
    told = parser.parse_args(given)
    try:
        for target in filter(None, (told.store, told.transaction)):
            _given.named(target)
    except ValueError as error:
        parser.error(str(error))
    # In a process of its own, where pytest is there before the promises are imported: only then do
    # their asserts tell what differs.
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "--no-header", "-rN"),
                *("-p", "no:cacheprovider", "-p", _given.__name__),
                *("-c", os.devnull, "--rootdir", folder, "--basetemp", f"{folder}/stores"),
                f"--tb={'short' if told.verbose else 'no'}",
                f"--store={told.store}",
                *([f"--transaction={told.transaction}"] if told.transaction else []),
                str(_given.__file__),
            ],
            # What PYTEST_ADDOPTS asks for is meant for the tests of the project around.
            env={name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
            check=False,
        ).returncode


def _count(fault: str, arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"python -m onsite_workflow.testing {fault}")
    parser.add_argument("store", help="package.module:open_store")
    if fault == "crash":
        parser.add_argument("--kills", type=int, default=200)
        parser.add_argument("--seed", type=int, default=0)
    else:
        parser.add_argument("--processes", type=int, default=8)
        parser.add_argument("--appends", type=int, default=1000)
    told = parser.parse_args(arguments)
    try:
        open_store = _given.named(told.store)
    except ValueError as error:
        parser.error(str(error))
    with tempfile.TemporaryDirectory() as folder:
        opener = partial(open_store, new_folder(Path(folder)))
        try:
            if fault == "crash":
                tally = crash(opener, kills=told.kills, seed=told.seed)
            else:
                tally = contend(opener, processes=told.processes, appends=told.appends)
        except NotSupported as error:
            parser.error(error.violations[0].en)
    print(f"{Tally.HEAD}\n{tally.row(told.store)}")  # noqa: T201
    for promise, sentence in tally.broken[:_SHOWN]:
        print(f"promise {promise}: {sentence}")  # noqa: T201
    if len(tally.broken) > _SHOWN:
        print(f"and {len(tally.broken) - _SHOWN:,} more")  # noqa: T201
    return 1 if tally.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
