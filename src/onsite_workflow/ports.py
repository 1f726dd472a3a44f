"""What a store promises. An adapter keeps these promises; ``testing.StoreContract`` checks them.

A store keeps *records*. A record is one case, or one run of another procedure. A text names it, its
*key*: a case has its plain id, a record of another procedure ``<procedure>/<id>``. The fields and
parameters called ``case`` hold that key, whatever the procedure. To a store it is one text.

1. *All or nothing.* All of a commit (events, keys, lists) is stored, or none of it.
2. *No lost update.* ``append`` succeeds only where the record is at ``expected_version`` (0: there
   is none). Otherwise it raises ``Conflict`` (rule ``version``) with the version found. Of several
   that append at once, from any threads or processes, one succeeds.
3. *Idempotent.* The same ``command_id`` with the same ``content`` again returns what the first call
   stored, marked ``repeated``, and stores nothing. With other content it is a ``Conflict`` (rule
   ``command_id``). This is checked before promises 2 and 7. Where a commit breaks both of those, or
   claims several keys that are held, the store may name any of them.
4. *Durable* (capability ``durable``). Once ``append``, ``reindex``, ``claim_due``, ``extend`` or
   ``advance`` has returned, a killed process or machine loses nothing of it.
5. *One feed.* ``feed`` gives every event exactly once, in one order that never changes. It never
   gives an event that was committed later before a position that was read already. The events of a
   record come in the order of their versions. While older transactions are open, an event may come
   into the feed some time after ``append`` has returned. Where nothing is being written, all have
   come.
6. *Lists agree.* ``cases`` and ``open_obligations`` agree with the events from the moment
   ``append`` returns: they hold the ``summary`` and ``obligations`` of each record's last commit,
   or what ``reindex`` has put in their place since. ``reindex`` changes nothing where the record is
   no longer at the summary's version, and returns False.
7. *Claimed keys.* A key is held by one record for ever. A commit that claims a key of another
   record is a ``Conflict`` (rule ``claimed_key``) that names the key, and stores nothing.
8. *Faithful.* What is loaded equals what was appended: order, time to the microsecond, text to the
   code point. Texts that a collation treats as equal are different.
9. *The caller's transaction* (``joining``). What is done through ``joining(transaction)`` is stored
   if that transaction commits, and otherwise not. The same store reads it back at once, and others
   read it after the commit. A ``Conflict`` leaves the transaction usable, without what the refused
   call did.
10. *Leases* (``leases``). While a lease of an obligation runs (``now`` < ``until``), ``claim_due``
    gives that obligation to nobody, not even to the same worker. Once the lease has ended, it gives
    the obligation again. A lease outlives commits and ``reindex`` as long as an obligation of that
    record, kind and subject is open with the same ``opened_at`` and ``due``, whatever else of it
    has changed. ``extend`` succeeds only for the lease that runs (same obligation in that sense,
    same worker, same ``until``), and otherwise returns None.
11. *Centres apart* (``centres``). Nothing stored for one centre is seen, counted, claimed or in the
    way of another: records, command ids, keys, feed, lists, leases, positions. A view of a centre
    has the store's capabilities, and its own ``for_centre`` is the store's.
12. *Positions* (``positions``). A subscriber's stored position is the last one that ``advance`` was
    given (any position, also an earlier one or ""), and "" before that. ``advance`` from any other
    position than the stored one is a ``Conflict`` (rule ``position``) and stores nothing.

A store says in ``capabilities`` which of 4 and 9 to 12 it keeps, and (``shared``) whether several
processes may have it open at once. Every store keeps all the others. A method whose capability a
store has not declared raises ``NotSupported``; an adapter that derives from ``CaseStore`` inherits
that.

*Within ``batch``*, which belongs to the calling thread, promise 4 holds from the moment the batch
is left: what is written in it becomes durable together. Each append keeps the other promises by
itself. The same thread reads what it has written; others see it when the batch is left, or wait. An
error that leaves the batch undoes everything written in it, also leases, positions and lists. Where
leaving it fails, nothing of it is stored. It counts for every centre's view of the store. A batch
within a batch is undone by itself, and stored with the outer one.

*Reads.* Each call answers from one committed state; two calls may answer from two.

*Sizes.* Keys of records, claimed keys, ids, and the names of units, workers, subscribers, centres,
calendars and procedures have at most 128 characters: any that Unicode has but NUL and surrogates.
``state``, ``result`` and ``kind`` are such texts too, and a store reads no meaning into them.
``content`` and ``answer`` are texts without a bound of their own. An event is at most 16 MB of JSON.
``limit`` is at least 1. A position of another store or centre means nothing. This is what a store
must take, not what it must refuse: for any other size, limit or position, and for a closed store,
nothing is promised.

*Failing.* A store that can't say yes or no (a lost connection, a full disk, a lock held too long)
raises ``StoreUnavailable``. The caller may call ``append`` again with the same commit, and promise 3
tells which it was. What can't be read back is ``CorruptRecord``, which names record and version. No
error of a driver's own comes out of a store.

Values and answers are plain data and no method calls back, so that an asynchronous twin of the port
can keep the same promises. How an adapter writes an event is its own affair: it may encrypt it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

from attrs import evolve, field, frozen

from .engine.duties import Obligation
from .engine.record import AnyEvent
from .errors import RESTORE, Conflict, CorruptRecord, NotSupported, Remedy, StoreUnavailable

__all__ = ["Capability", "CaseStore", "CaseSummary", "Commit", "FeedEntry", "Lease", "StoredCommit"]

#: The centre of whoever names none.
DEFAULT_CENTRE: Final = "default"


class Capability(StrEnum):
    """What a store may be able to do beyond what every store does."""

    DURABLE = "durable"
    SHARED = "shared"
    JOINING = "joining"
    LEASES = "leases"
    CENTRES = "centres"
    POSITIONS = "positions"

    @property
    def promise(self) -> int | None:
        """The number of the promise that it stands for; None for ``shared``, which has none."""
        return {"durable": 4, "joining": 9, "leases": 10, "centres": 11, "positions": 12}.get(self)


@frozen(kw_only=True)
class CaseSummary:
    """One record's line in the list ``CaseStore.cases``. It holds no people's data.

    Args:
        case: the record's key.
        procedure: the name of its procedure.
        version: how many events it has.
        state: the state it is in, as a text that its procedure gives.
        result: how it ended, likewise; None as long as it has not ended.
        edition: the edition of the standard that it is pinned to.
        lead: the unit that leads it, if there is one.
        units: the units that hold a notice.
        opened_at: when it was opened.
        recorded_at: when its last event was entered.
        head: the digest of its last event (``wire.digests.event_digest``).
        calendar_revision: the calendar by which its obligations were counted.
        applicant_keys: keyed hashes of what names the people of the record
            (``people.applicant_keys``). They find a person, and tell nobody who it is.
    """

    case: str
    procedure: str = "case"
    version: int
    state: str
    result: str | None
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
    """What one command adds to one record.

    Args:
        case: the record's key.
        expected_version: how many events the record has before this commit.
        command_id: the id of the command; a store takes each one once.
        content: a digest of what was asked.
        events: what is added; not empty, and numbered from ``expected_version`` + 1.
        answer: the findings as they were answered (JSON: a receipt, not truth).
        keys: the keys that the record claims, for ever.
        summary: the record's line after this commit.
        obligations: those neither met nor void after this commit. No two of a record have both
            kind and subject in common.
    """

    case: str
    expected_version: int
    command_id: str
    content: str
    events: tuple[AnyEvent, ...] = field(repr=False)
    answer: str = field(repr=False)
    keys: tuple[str, ...] = ()
    summary: CaseSummary = field(repr=False)
    obligations: tuple[Obligation, ...] = field(repr=False)

    @property
    def stored(self) -> StoredCommit:
        """What a store holds of it, as ``append`` returns it the first time."""
        return StoredCommit(
            command_id=self.command_id,
            content=self.content,
            events=self.events,
            answer=self.answer,
        )


@frozen(kw_only=True)
class StoredCommit:
    """What a store holds of a commit: its fields. ``repeated``: an earlier call stored it."""

    command_id: str
    content: str
    events: tuple[AnyEvent, ...] = field(repr=False)
    answer: str = field(repr=False)
    repeated: bool = False


@frozen(kw_only=True)
class FeedEntry:
    """An event at its place in the feed.

    ``position`` is the store's own name for the place. It is not empty, and no two are equal;
    nothing else is promised of it. ``feed(after=position)`` goes on there.
    """

    position: str
    event: AnyEvent


@frozen(kw_only=True)
class Lease:
    """An obligation that ``worker`` alone looks after as long as ``now`` < ``until``."""

    obligation: Obligation
    worker: str
    until: dt.datetime


@runtime_checkable
class CaseStore(Protocol):
    """The port. Safe to call from several threads. Any method may raise ``StoreUnavailable``."""

    capabilities: frozenset[Capability] = frozenset()
    """What this store can do besides what every store does."""

    # --- events ---

    def append(self, commit: Commit) -> StoredCommit:
        """Store ``commit`` (promises 1–4 and 7).

        Returns what is stored; ``repeated`` where an earlier call had stored it. Raises
        ``Conflict`` (rule ``version``, ``command_id`` or ``claimed_key``) where nothing was stored.
        """
        ...

    def batch(self) -> AbstractContextManager[None]:
        """A block whose appends become durable together: for long imports. An error that leaves the
        block undoes all of it. Other writers may have to wait meanwhile: keep it short."""
        ...

    def find(self, command_id: str) -> StoredCommit | None:
        """What ``command_id`` stored, as ``append`` returned it the first time; None where it
        stored nothing. Raises ``CorruptRecord`` where that can't be read back."""
        ...

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        """All events of the record ``case`` in order; empty where there is no such record. Raises
        ``CorruptRecord`` where one of them can't be read back."""
        ...

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        """At most ``limit`` entries of the feed (promise 5), from the beginning or ``after`` a
        position. Fewer only where there are no more yet. Raises ``CorruptRecord`` where one of them
        can't be read back."""
        ...

    # --- lists ---

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        procedure: str | None = None,
        state: str | None = None,
        unit: str | None = None,
        due_before: dt.datetime | None = None,
        applicant_key: str | None = None,
        other_calendar_than: str | None = None,
    ) -> Sequence[CaseSummary]:
        """The list of records (promise 6), by key: in the order of code points, whatever the
        collation. Filters hold together; one that is None takes all.

        Args:
            after: only keys greater than this one; the last key of a page is the cursor of the next.
            limit: the most that are returned.
            procedure: only records of that procedure.
            state: only those in that state.
            unit: only those in which that unit holds a notice.
            due_before: only those with an open obligation due before that moment.
            applicant_key: only those with that one among their ``applicant_keys``.
            other_calendar_than: only those whose ``calendar_revision`` is another.
        """
        ...

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        """The obligations that are open (promise 6), in the order of ``due`` (none last), key, kind
        and subject (none first); texts in the order of code points.

        Their status is as of the commit (or ``reindex``); recompute it for any other moment.

        Args:
            after: only those that come after this one in that order, whether or not it is still open.
            before: only those due before that moment.
            procedure: only those of that procedure.
            unit: only those of that bearer.
            limit: the most that are returned.
        """
        ...

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        """Put these in the place of what the lists hold of the record (promise 6). Events stay as
        they are. Returns False, and changes nothing, where the record is no longer at
        ``summary.version``."""
        ...

    def close(self) -> None:
        """Give back what the store holds open. A closed store is not used again."""
        ...

    # --- what a store may say it can't do ---

    def joining(self, transaction: Any) -> CaseStore:
        """This store within a transaction that the caller has begun and will end (promise 9). The
        adapter says what kind of object ``transaction`` is. For one thread; closing it does
        nothing."""
        raise not_supported(Capability.JOINING)

    def for_centre(self, centre: str) -> CaseStore:
        """This store as ``centre`` sees it (promise 11). It shares what this one holds open;
        closing it does nothing."""
        raise not_supported(Capability.CENTRES)

    def claim_due(
        self,
        *,
        worker: str,
        before: dt.datetime,
        now: dt.datetime,
        until: dt.datetime,
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 100,
    ) -> Sequence[Lease]:
        """Lease open obligations to ``worker`` until ``until`` (promise 10), the first due first.

        Only those due before ``before`` on which no lease runs at ``now``; of ``procedure`` and of
        the bearer ``unit`` where these are given; at most ``limit``. Fewer are given also where
        another worker is claiming them at the same time.
        """
        raise not_supported(Capability.LEASES)

    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        """The same lease until another moment (promise 10). One that is not after ``now`` gives the
        lease back. None where ``lease`` no longer runs, or has been extended since. Its obligation
        is as given."""
        raise not_supported(Capability.LEASES)

    def position(self, subscriber: str) -> str:
        """How far ``subscriber`` has come in the feed (promise 12); "" where it has not begun."""
        raise not_supported(Capability.POSITIONS)

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        """``subscriber`` was at ``after`` and has dealt with the feed up to ``position`` (promise
        12). Raises ``Conflict`` (rule ``position``) where it is not at ``after``."""
        raise not_supported(Capability.POSITIONS)


def not_supported(capability: Capability) -> NotSupported:
    """The answer where the store has not declared ``capability``."""
    return NotSupported.because(
        "capability",
        f"此库没有这项功能（{capability}）。",
        f"This store can't do that ({capability}).",
        facts={"capability": capability.value},
        remedy=Remedy(zh="换用有此功能的库。", en="Use a store that declares it."),
    )


def moved_on(subscriber: str, after: str, found: str) -> Conflict:
    """The answer where another has gone on under the same name (promise 12): ``subscriber`` was
    expected at position ``after``, and is at ``found``."""
    return Conflict.because(
        "position",
        "这个订阅者的位置已被改动。",
        "The subscriber is at another position: somebody went on under its name.",
        facts={"subscriber": subscriber, "after": after, "found": found},
        remedy=Remedy(zh="从现在的位置重新读取。", en="Read again from the position found."),
    )


def stale(case: str, expected: int, found: int) -> Conflict:
    """The answer where somebody wrote first (promise 2): ``case`` was expected at one version and is
    at another."""
    return Conflict.because(
        "version",
        f"已有更新的记录（第{found}条），请重新查看后再办。",
        f"It is at version {found}, not {expected}: somebody wrote first.",
        facts={"case": case, "expected": expected, "found": found},
        remedy=Remedy(zh="重新查看后再办。", en="Load it again."),
    )


def sent_again(first: StoredCommit, commit: Commit) -> StoredCommit:
    """What ``append`` returns for a command that has stored ``first`` (promise 3). Raises
    ``Conflict`` where ``commit`` has other content."""
    if first.content != commit.content:
        raise other_content(commit.command_id)
    return evolve(first, repeated=True)


def other_content(command_id: str) -> Conflict:
    """The answer where ``command_id`` was used for other content (promise 3)."""
    return Conflict.because(
        "command_id",
        "这个标识（id）已用于内容不同的另一次登记。",
        "This id has been used for another content.",
        facts={"id": command_id},
        remedy=Remedy(zh="换一个标识。", en="Give it an id of its own."),
    )


def key_taken(key: str) -> Conflict:
    """The answer where another record holds ``key`` (promise 7).

    A key is ``<what it is>:<number>``, after ``procedure/`` where it is not a case's. For two of them
    there is a Chinese name here; of any other the answer says that it is a number.
    """
    kind, _, number = key.partition(":")
    kind = kind.rpartition("/")[2]
    zh = {"notice": "转办通知书编号", "archive": "档号"}.get(kind, "编号")
    return Conflict.because(
        "claimed_key",
        f"{zh}“{number}”已被另一案使用。",
        f"The {kind} number {number} is held by another case.",
        facts={"key": key},
        remedy=Remedy(zh="换一个编号。", en="Choose another number."),
    )


def unavailable(why: str) -> StoreUnavailable:
    """The answer where the store can't say yes or no. ``why`` is in the driver's words, and must
    hold nobody's data."""
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
    """The answer where what the lists hold of ``case`` is not what this version writes there.

    For an event that can't be read back, see ``wire.reading.stored_event``.
    """
    return CorruptRecord.because(
        "unreadable_list",
        f"{case}在清单中的内容读不出来。",
        f"What the lists hold of {case} can't be read back.",
        facts={"case": case},
        remedy=RESTORE,
    )
