"""What a store promises. An adapter keeps these promises; ``testing.StoreContract`` checks them.

1. *All or nothing.* All of a commit's events are stored, or none.
2. *No lost update.* ``append`` succeeds only where the case is at ``expected_version`` (0: there is
   none); otherwise ``Conflict`` (rule ``version``) with the version found.
3. *Idempotent.* The same ``command_id`` with the same ``content`` again returns what the first call
   stored, marked ``repeated``, and stores nothing; with other content, ``Conflict`` (rule
   ``command_id``). This is looked at before promises 2 and 7.
4. *Durable.* Once ``append`` has returned, a killed process or machine loses nothing.
5. *One feed.* ``feed`` gives every event exactly once, in one order that never changes, and never
   an event committed later before a position already read.
6. *Lists agree.* ``cases`` and ``open_obligations`` agree with the events from the moment
   ``append`` returns, under the calendar revision of each case's last commit.
7. *Claimed keys.* A key is held by one case for ever; a commit that claims a key of another case
   is a ``Conflict`` (rule ``claimed_key``) naming the key, and stores nothing.
8. *Faithful.* What is loaded equals what was appended: order, time to the microsecond, text.

Within ``batch`` promise 4 holds from the moment the batch is left: its appends become durable
together, while each keeps the other promises by itself.

A store that can't say yes or no (a lost connection, a full disk) raises an error of its own; the
caller may call ``append`` again with the same commit and promise 3 tells which it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from .errors import Conflict, Remedy
from .events import Event
from .obligations import Obligation
from .terms import Result, State

__all__ = [
    "CaseStore",
    "CaseSummary",
    "Commit",
    "FeedEntry",
    "StoredCommit",
    "key_taken",
    "other_content",
    "stale",
]


@frozen(kw_only=True)
class CaseSummary:
    """A line of a list of cases; no people's data. ``units`` are those that hold a notice."""

    case: str
    version: int
    state: State
    result: Result | None
    edition: str
    lead: str | None
    units: tuple[str, ...]
    opened_at: dt.datetime
    recorded_at: dt.datetime


@frozen(kw_only=True)
class Commit:
    """What one command adds to one case.

    ``content`` is a digest of what was asked, ``answer`` the findings as they were answered (JSON:
    a receipt, not truth). ``obligations`` are those neither met nor void after this commit.
    """

    case: str
    expected_version: int
    command_id: str
    content: str
    events: tuple[Event, ...] = field(repr=False)
    answer: str = field(repr=False)
    keys: tuple[str, ...] = ()
    summary: CaseSummary = field(repr=False)
    obligations: tuple[Obligation, ...] = field(repr=False)
    calendar_revision: str


@frozen(kw_only=True)
class StoredCommit:
    """What a store holds of a commit."""

    command_id: str
    content: str
    events: tuple[Event, ...] = field(repr=False)
    answer: str = field(repr=False)
    repeated: bool = False


@frozen(kw_only=True)
class FeedEntry:
    """An event at its place in the feed. Positions grow; nothing else is said of them."""

    position: int
    event: Event


@runtime_checkable
class CaseStore(Protocol):
    """The port. Safe to call from several threads."""

    def append(self, commit: Commit) -> StoredCommit:
        """Promises 1–4 and 7. ``Conflict`` where nothing was stored."""
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Appends that become durable together: for long imports. Other writers wait meanwhile, so
        a batch is short. An error that leaves the block undoes all of it."""
        ...

    def find(self, command_id: str) -> StoredCommit | None:
        """What ``command_id`` stored, if it did, as ``append`` returned it the first time."""
        ...

    def load(self, case: str) -> tuple[Event, ...]:
        """All events of ``case`` in order; empty where there is no such case."""
        ...

    def feed(self, *, after: int = 0, limit: int = 1000) -> Sequence[FeedEntry]:
        """Promise 5: at most ``limit`` entries with a position greater than ``after``."""
        ...

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
    ) -> Sequence[CaseSummary]:
        """Promise 6: at most ``limit`` cases with an id greater than ``after``, by id (in the order
        of code points, whatever the collation)."""
        ...

    def open_obligations(
        self, *, before: dt.datetime | None = None, unit: str | None = None, limit: int = 1000
    ) -> Sequence[Obligation]:
        """Promise 6: by ``due``, those without one last; with ``before`` only those due before it.

        ``unit`` is the bearer. The status is as of the commit; recompute for any other moment.
        """
        ...

    def close(self) -> None:
        """Give back what the store holds open. A closed store is not used again."""
        ...


def stale(case: str, expected: int, found: int) -> Conflict:
    """Promise 2: somebody wrote first."""
    return Conflict.because(
        "version",
        f"此案已有更新的记录（第{found}条），请重新查看后再办。",
        f"The case is at version {found}, not {expected}: somebody wrote first.",
        facts={"case": case, "expected": expected, "found": found},
        remedy=Remedy(zh="重新查看此案后再办。", en="Load the case again."),
    )


def other_content(command_id: str) -> Conflict:
    """Promise 3: the id was used for something else."""
    return Conflict.because(
        "command_id",
        "这个标识（id）已用于内容不同的另一次登记。",
        "This id has been used for another content.",
        facts={"id": command_id},
        remedy=Remedy(zh="换一个标识。", en="Give it an id of its own."),
    )


def key_taken(key: str) -> Conflict:
    """Promise 7: another case holds the number."""
    kind, _, number = key.partition(":")
    zh = {"notice": "转办通知书编号", "archive": "档号"}.get(kind, "编号")
    return Conflict.because(
        "claimed_key",
        f"{zh}“{number}”已被另一案使用。",
        f"The {kind} number {number} is held by another case.",
        facts={"key": key},
        remedy=Remedy(zh="换一个编号。", en="Choose another number."),
    )
