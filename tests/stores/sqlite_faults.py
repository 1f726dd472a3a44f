"""A disk that is full now and then, for a store that writes to an SQLite file."""

from __future__ import annotations

import random
import resource
import signal
import time
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Final

from onsite_workflow.adapters.sqlite import SQLiteStore
from onsite_workflow.errors import StoreUnavailable
from onsite_workflow.ports import Commit, StoredCommit
from onsite_workflow.testing import Tally, crash

#: Sizes that no file may exceed, in turn: first of all none may grow.
_ROOMS: Final = (0, *random.Random(0).sample(range(400_000), 50))


class ShortOfRoom(SQLiteStore):
    """At every fifth append no file may grow beyond some size: the kernel refuses to write on,
    wherever SQLite happens to be. Each refusal that it is told is a line in ``full.log``."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._log = path.with_name("full.log")
        self._rooms = cycle(_ROOMS)
        self._appends = count(1)

    def append(self, commit: Commit) -> StoredCommit:
        if next(self._appends) % 5:
            return super().append(commit)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (next(self._rooms), limits[1]))
        try:
            return super().append(commit)
        except StoreUnavailable as error:
            with self._log.open("a", encoding="utf-8") as log:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
                log.write(f"{error}\n")
            raise
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def short_of_room(folder: Path) -> SQLiteStore:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then write() fails as on a full disk
    return ShortOfRoom(folder / "cases.db")


def full_disk(folder: Path, seconds: float) -> tuple[Tally, list[str]]:
    """A writer on a disk that is full now and then, for so long; and what it was told."""
    tally = crash(
        partial(short_of_room, folder),
        kills=int(seconds * 20),
        strike=partial(time.sleep, 0.05),
        fault="a disk that is full now and then",
    )
    return tally, (folder / "full.log").read_text(encoding="utf-8").splitlines()
