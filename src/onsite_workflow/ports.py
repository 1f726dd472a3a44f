"""What a store promises. An adapter keeps these promises; ``testing.StoreContract`` checks them.

1. *All or nothing.* All of a commit (events, keys, lists) is stored, or none of it.
2. *No lost update.* ``append`` succeeds only where the case is at ``expected_version`` (0: there is
   none); otherwise ``Conflict`` (rule ``version``) with the version found. Of several at once, from
   whatever threads or processes, one succeeds.
3. *Idempotent.* The same ``command_id`` with the same ``content`` again returns what the first call
   stored, marked ``repeated``, and stores nothing; with other content, ``Conflict`` (rule
   ``command_id``). This is looked at before promises 2 and 7; where a commit breaks both of those,
   or claims several keys that are held, which is told is left open.
4. *Durable* (capability ``durable``). Once ``append``, ``reindex``, ``claim_due``, ``extend`` or
   ``advance`` has returned, a killed process or machine loses nothing of it.
5. *One feed.* ``feed`` gives every event exactly once, in one order that never changes, and never
   an event committed later before a position already read. The events of a case stand in the
   order of their versions. While older transactions are open an event may come into the feed some
   time after ``append`` has returned; at a store where nothing is being written, all have come.
6. *Lists agree.* ``cases`` and ``open_obligations`` agree with the events from the moment
   ``append`` returns: they hold the ``summary`` and ``obligations`` of each case's last commit, or
   what ``reindex`` has put in their place since. ``reindex`` changes nothing where the case is no
   longer at the summary's version, and returns False.
7. *Claimed keys.* A key is held by one case for ever; a commit that claims a key of another case
   is a ``Conflict`` (rule ``claimed_key``) naming the key, and stores nothing.
8. *Faithful.* What is loaded equals what was appended: order, time to the microsecond, text to the
   code point. Texts that a collation takes for one another are different.
9. *The caller's transaction* (``joining``). What is done through ``joining(transaction)`` is stored
   if that transaction commits, and otherwise not. It is read back through the same store at once
   and by others after the commit. A ``Conflict`` leaves the transaction usable, without what the
   refused call did.
10. *Leases* (``leases``). ``claim_due`` gives an obligation to nobody (the same worker neither)
    while a lease of it runs (``now`` < ``until``), and gives it again once it has ended. A lease
    outlives commits and ``reindex`` as long as an obligation of that case, kind and subject is open
    with the same ``opened_at`` and ``due``, whatever else of it has changed. ``extend`` succeeds
    only for the lease that runs (same obligation in that sense, worker and ``until``), and otherwise
    returns None.
11. *Centres apart* (``centres``). Nothing stored for one centre is seen, counted, claimed or in the
    way of another: cases, command ids, keys, feed, lists, leases, positions. A view of a centre has
    the store's capabilities, and its own ``for_centre`` is the store's.
12. *Positions* (``positions``). A subscriber's stored position is the last one that ``advance`` was
    given (any, also an earlier one or ""), and "" before that. ``advance`` from any other position
    than the stored one is a ``Conflict`` (rule ``position``) and stores nothing.

A store says in ``capabilities`` which of 4 and 9 to 12 it keeps, and (``shared``) whether several
processes may have it open at once; all others every store keeps. A method whose capability a store
has not declared raises ``NotSupported``. An adapter that derives from ``CaseStore`` inherits that.

*Within ``batch``*, which is the calling thread's own, promise 4 holds from the moment the batch is
left: what is written in it becomes durable together, while each append keeps the other promises by
itself. The same thread reads what it has written; others see it when the batch is left, or wait. An
error that leaves the batch undoes everything written in it: leases, positions and lists too. Where
leaving it fails, nothing of it is stored. It counts for every centre's view of the store. A batch
within a batch is undone by itself, and stored with the outer one.

*Reads.* Each call answers from one committed state; two calls may answer from two.

*Sizes.* Ids, keys, and the names of units, workers, subscribers, centres and calendars have at most
128 characters, any that Unicode has but NUL and surrogates; ``content`` and ``answer`` are texts
without a bound of their own; an event is at most 16 MB of JSON; ``limit`` is at least 1. A position of
another store or centre means nothing. This is what a store must take, not what it must refuse: of any
other size, limit or position, and of a closed store, nothing is promised.

*Failing.* A store that can't say yes or no (a lost connection, a full disk, a lock held too long)
raises ``StoreUnavailable``; the caller may call ``append`` again with the same commit, and promise 3
tells which it was. What can't be read back is ``CorruptRecord``, naming case and version. No error
of a driver's own comes out of a store.

Values and answers are plain data and no method calls back, so that an asynchronous twin of the port
can keep the same promises; what an adapter writes of an event is its own affair, so that it can be
encrypted on its way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

from attrs import field, frozen

from .engine.limits import Obligation
from .engine.record import Event
from .errors import RESTORE, Conflict, CorruptRecord, NotSupported, Remedy, StoreUnavailable
from .terms import Result, State

__all__ = [
    "DEFAULT_CENTRE",
    "Capability",
    "CaseStore",
    "CaseSummary",
    "Commit",
    "FeedEntry",
    "Lease",
    "StoredCommit",
    "key_taken",
    "moved_on",
    "not_supported",
    "other_content",
    "stale",
    "unavailable",
    "unreadable_list",
]

#: The centre of whoever names none.
DEFAULT_CENTRE: Final = "default"


class Capability(StrEnum):
    """What a store may say that it can't do."""

    DURABLE = "durable"
    SHARED = "shared"
    JOINING = "joining"
    LEASES = "leases"
    CENTRES = "centres"
    POSITIONS = "positions"

    @property
    def promise(self) -> int | None:
        """The number of the promise that it stands for."""
        return {"durable": 4, "joining": 9, "leases": 10, "centres": 11, "positions": 12}.get(self)


@frozen(kw_only=True)
class CaseSummary:
    """A line of a list of cases; no people's data.

    ``units`` are those that hold a notice. ``head`` is the digest of the case's last event
    (``serialization.event_digest``). ``calendar_revision`` is the calendar that its obligations
    were counted by. ``applicant_keys`` are keyed hashes of what names the people of the case
    (``service.applicant_keys``): they find a person and tell nobody who it is.
    """

    case: str
    version: int
    state: State
    result: Result | None
    edition: str
    lead: str | None
    units: tuple[str, ...]
    opened_at: dt.datetime
    recorded_at: dt.datetime
    head: str
    calendar_revision: str
    applicant_keys: tuple[str, ...] = field(default=(), repr=False)


@frozen(kw_only=True)
class Commit:
    """What one command adds to one case.

    ``content`` is a digest of what was asked, ``answer`` the findings as they were answered (JSON:
    a receipt, not truth). ``events`` is not empty, and continues at ``expected_version`` + 1.
    ``obligations`` are those neither met nor void after this commit; no two of a case have kind and
    subject in common.
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
    """An event at its place in the feed. ``position`` is the store's own word for the place: not
    empty, no two alike, and nothing else is said of it. ``feed(after=position)`` goes on there."""

    position: str
    event: Event


@frozen(kw_only=True)
class Lease:
    """An obligation that ``worker`` alone looks after as long as ``now`` < ``until``."""

    obligation: Obligation
    worker: str
    until: dt.datetime


@runtime_checkable
class CaseStore(Protocol):
    """The port. Safe to call from several threads."""

    capabilities: frozenset[Capability] = frozenset()
    """What this store can do besides what every store does."""

    # --- events ---

    def append(self, commit: Commit) -> StoredCommit:
        """Promises 1–4 and 7. ``Conflict`` where nothing was stored."""
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Appends that become durable together: for long imports. Other writers may have to wait
        meanwhile, so a batch is short. An error that leaves the block undoes all of it."""
        ...

    def find(self, command_id: str) -> StoredCommit | None:
        """What ``command_id`` stored, if it did, as ``append`` returned it the first time."""
        ...

    def load(self, case: str) -> tuple[Event, ...]:
        """All events of ``case`` in order; empty where there is no such case."""
        ...

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        """Promise 5: at most ``limit`` entries, from the beginning or ``after`` a position; fewer
        only where there are no more yet."""
        ...

    # --- lists ---

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
        applicant_key: str | None = None,
        other_calendar_than: str | None = None,
    ) -> Sequence[CaseSummary]:
        """Promise 6: at most ``limit`` cases with an id greater than ``after``, by id (in the order
        of code points, whatever the collation); the last one's id is the cursor of the next page.

        Only those in ``state``; in which ``unit`` holds a notice; with an open obligation due
        before ``due_before``; with that ``applicant_key``; whose ``calendar_revision`` is another.
        """
        ...

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        """Promise 6: in the order of ``due`` (none last), case, kind and subject (none first), texts
        in the order of code points; at most ``limit``.

        With ``after`` those that come after it in that order, whether or not it still stands; with
        ``before`` only those due before it; with ``unit`` only those of that bearer. The status is
        as of the commit (or ``reindex``); recompute for any other moment.
        """
        ...

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        """Promise 6: put these in the place of what the lists hold of the case, unless it has moved
        on from ``summary.version``. Events stay as they are."""
        ...

    def close(self) -> None:
        """Give back what the store holds open. A closed store is not used again."""
        ...

    # --- what a store may say it can't do ---

    def joining(self, transaction: Any) -> CaseStore:
        """Promise 9: this store within a transaction that the caller has begun and will end. What
        kind of object that is, the adapter says. Used by one thread; closing it does nothing."""
        raise not_supported(Capability.JOINING)

    def for_centre(self, centre: str) -> CaseStore:
        """Promise 11: this store as ``centre`` sees it. It shares what this one holds open; closing
        it does nothing."""
        raise not_supported(Capability.CENTRES)

    def claim_due(
        self,
        *,
        worker: str,
        before: dt.datetime,
        now: dt.datetime,
        until: dt.datetime,
        unit: str | None = None,
        limit: int = 100,
    ) -> Sequence[Lease]:
        """Promise 10: lease to ``worker``, until ``until``, at most ``limit`` of the open
        obligations due before ``before`` on which no lease runs at ``now``, the first due first.
        Fewer are given also where another worker is just claiming them."""
        raise not_supported(Capability.LEASES)

    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        """Promise 10: the same lease until another moment (that is not after ``now``: given back);
        None where it no longer runs, or has been extended since. Its obligation is as given."""
        raise not_supported(Capability.LEASES)

    def position(self, subscriber: str) -> str:
        """Promise 12: how far ``subscriber`` has come in the feed; "" where it has not begun."""
        raise not_supported(Capability.POSITIONS)

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        """Promise 12: ``subscriber`` has dealt with the feed as far as ``position``, having been at
        ``after``."""
        raise not_supported(Capability.POSITIONS)


def not_supported(capability: Capability) -> NotSupported:
    """The store has not declared that capability."""
    return NotSupported.because(
        "capability",
        f"此库没有这项功能（{capability}）。",
        f"This store can't do that ({capability}).",
        facts={"capability": capability.value},
        remedy=Remedy(zh="换用有此功能的库。", en="Use a store that declares it."),
    )


def moved_on(subscriber: str, after: str, found: str) -> Conflict:
    """Promise 12: somebody else has gone on under the same name."""
    return Conflict.because(
        "position",
        "这个订阅者的位置已被改动。",
        "The subscriber is at another position: somebody went on under its name.",
        facts={"subscriber": subscriber, "after": after, "found": found},
        remedy=Remedy(zh="从现在的位置重新读取。", en="Read again from the position found."),
    )


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


def unavailable(why: str) -> StoreUnavailable:
    """The store can't say yes or no; ``why`` in the driver's words, without anybody's data."""
    return StoreUnavailable.because(
        "store_unavailable",
        f"库现在不能用（{why}）。",
        f"the store can't be used now ({why}).",
        remedy=Remedy(
            zh="排除故障后用同一内容再办一次，不会重复登记。",
            en="Mend that and send the same again: nothing is stored twice.",
        ),
    )


def unreadable_list(case: str) -> CorruptRecord:
    """What the lists hold of the case is not what this version writes there. (For an event that
    can't be read back: ``serialization.stored_event``.)"""
    return CorruptRecord.because(
        "unreadable_list",
        f"案件{case}在清单中的内容读不出来。",
        f"What the lists hold of case {case} can't be read back.",
        facts={"case": case},
        remedy=RESTORE,
    )
