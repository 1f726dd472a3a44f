"""Stores that break one promise each.

Each is a memory store with one fault of the kind that real stores have had.
"""

from __future__ import annotations

import datetime as dt
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from itertools import product
from threading import Barrier, active_count, current_thread, get_ident, main_thread
from threading import Event as Signal
from typing import Any, ClassVar

import attrs

from onsite_workflow.adapters import memory
from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.checks import SHANGHAI
from onsite_workflow.engine.duties import Obligation
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import Conflict, InvalidInput
from onsite_workflow.ports import (
    DEFAULT_CENTRE,
    Capability,
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    Lease,
    StoredCommit,
    key_taken,
    moved_on,
    other_content,
    stale,
)
from onsite_workflow.terms import State

#: How many threads the kit sets on a store in these trials.
WRITERS = 3


def _identity(owed: Obligation) -> tuple[Any, ...]:
    return memory._identity(owed)


class Broken(MemoryStore):
    """A memory store that outlives a restart and joins a transaction, until a fault is added."""

    capabilities: frozenset[Capability] = frozenset(Capability)
    closed = False
    patience = 0.005
    """Seconds that the kit waits for what may have to wait: here it mostly has to, in vain."""

    def close(self) -> None:
        self.closed = True

    def opened_again(self) -> Broken:
        """By another process, or after a restart."""
        if not self.closed:
            return self
        again = self.restarted()
        again.closed = False
        return again

    def restarted(self) -> Broken:
        """What a restart makes of the store."""
        return self

    def joining(self, transaction: object) -> CaseStore:
        assert transaction is self._centres[DEFAULT_CENTRE]
        return self

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        """The caller's own: a batch of every centre."""
        with ExitStack() as batches:
            for centre in ("default", "north", "south"):
                batches.enter_context(MemoryStore.batch(self.for_centre(centre)))
            yield self


class Batches(Broken):
    """Knows whether it is within a batch."""

    batched = False
    batches = 0

    @contextmanager
    def batch(self) -> Iterator[None]:
        with super().batch():
            self.batched = True
            self.batches += 1
            try:
                yield
            finally:
                self.batched = False


class Otherwise(Broken):
    """Breaks nothing: it does otherwise where the port leaves it open."""

    def append(self, commit: Commit) -> StoredCommit:
        ids = [commit.case, commit.command_id, *commit.keys]
        if max(map(len, ids)) > 128:
            raise InvalidInput.of("id", "too_long", "太长。", "is too long.")
        if commit.command_id not in self._commits:
            for key in reversed(commit.keys):  # before the version
                if self._keys.get(key, commit.case) != commit.case:
                    raise key_taken(key)
        return super().append(commit)

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        if limit < 1 or (after and int(after) > len(self._feed)):
            raise InvalidInput.of("after", "unreadable", "不是位置。", "is no position.")
        return super().feed(after=after, limit=limit)


FAULTS: dict[type[Broken], int] = {}


def breaks(promise: int) -> Callable[[type[Broken]], type[Broken]]:
    def register(store: type[Broken]) -> type[Broken]:
        FAULTS[store] = promise
        return store

    return register


# --- 1 ---


@breaks(1)
class LosesTheTailOfACommit(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        kept = commit.events[: max(1, len(commit.events) - 1)]
        return super().append(attrs.evolve(commit, events=kept))


@breaks(1)
class WritesEventsBeforeItLooksForConflicts(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict:
            self._feed.extend(commit.events)
            raise


@breaks(1)
class WritesTheListsOfARefusedCommit(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict:
            self._lists[commit.case] = (commit.summary, commit.obligations)
            raise


@breaks(1)
class KeepsWhatABatchDidBeforeTheError(Broken):
    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._lock:
            yield


@breaks(1)
class UndoesABatchForAConflict(Batches):
    """The whole transaction is rolled back where a savepoint was wanted."""

    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict:
            if self.batched:
                self._events.clear()
            raise


@breaks(1)
class KeepsWhatAnInnerBatchDidBeforeTheError(Batches):
    """A batch within a batch is taken for the outer one."""

    @contextmanager
    def batch(self) -> Iterator[None]:
        with nullcontext() if self.batched else super().batch():
            yield


@breaks(1)
class StoresTheOuterBatchWithAnInnerOne(Batches):
    """Whichever batch is left first commits."""

    @contextmanager
    def batch(self) -> Iterator[None]:
        outer = not self.batched
        try:
            with super().batch():
                yield
                self.stored = {} if outer else self._copies()
        except BaseException:
            if outer:
                vars(self).update(vars(self).pop("stored", {}))
            raise


@breaks(1)
class UndoesABatchInItsOwnCentreOnly(Broken):
    @contextmanager
    def batch(self) -> Iterator[None]:
        others = [centre for centre in self._centres.values() if centre is not self]
        try:
            with super().batch():
                try:
                    yield
                finally:
                    kept = [(centre, centre._copies()) for centre in others]
        except BaseException:
            for centre, held in kept:
                vars(centre).update(held)
            raise


@breaks(1)
class LetsOthersWriteIntoABatch(Broken):
    """One connection for all threads, and none of them waits for a batch to end."""

    patience = 0.5

    def __init__(self) -> None:
        super().__init__()
        self._other = Signal()

    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        if current_thread() is not main_thread():
            self._other.set()
        return stored

    @contextmanager
    def batch(self) -> Iterator[None]:
        before = [dict(d) for d in (self._events, self._commits, self._keys, self._lists)]
        length = len(self._feed)
        try:
            yield
        except BaseException:
            if active_count() > 1:
                self._other.wait(timeout=5)
            self._events, self._commits, self._keys, self._lists = before  # type: ignore[assignment]
            del self._feed[length:]
            raise


# --- 2 ---


@breaks(2)
class LetsAStaleWriteThrough(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        expected = max(commit.expected_version, len(self.load(commit.case)))
        return super().append(attrs.evolve(commit, expected_version=expected))


@breaks(2)
class LetsAWriteLeaveAGap(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        expected = min(commit.expected_version, len(self.load(commit.case)))
        return super().append(attrs.evolve(commit, expected_version=expected))


@breaks(2)
class NamesTheVersionExpected(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict as conflict:
            if conflict.violations[0].rule != "version":
                raise
            expected = commit.expected_version
            raise stale(commit.case, expected, expected) from None


@breaks(2)
class LooksFirstAndWritesLater(Broken):
    """Look and write are two steps: right until several writers are between them."""

    def __init__(self) -> None:
        super().__init__()
        self._between = Barrier(WRITERS)

    def append(self, commit: Commit) -> StoredCommit:
        held = len(self.load(commit.case))
        if held == commit.expected_version and commit.command_id.startswith("rival"):
            self._between.wait(timeout=5)
            held = len(self.load(commit.case))
            return super().append(attrs.evolve(commit, expected_version=held))
        return super().append(commit)


@breaks(2)
class ChecksNoVersionWithinABatch(Batches):
    def append(self, commit: Commit) -> StoredCommit:
        held = len(self.load(commit.case))
        return super().append(
            attrs.evolve(commit, expected_version=held) if self.batched and held else commit
        )


# --- 3 ---


@breaks(3)
class ForgetsIdempotency(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        self._commits.pop(commit.command_id, None)
        return super().append(commit)


@breaks(3)
class StoresARepeatedCommandTwice(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        if stored.repeated:
            self._feed.extend(stored.events)
        return stored


@breaks(3)
class DoesNotSayThatItRepeats(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        return attrs.evolve(super().append(commit), repeated=False)


@breaks(3)
class AnswersARepeatWithTheNewAnswer(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        return attrs.evolve(super().append(commit), answer=commit.answer)


@breaks(3)
class TakesAnIdForItsContent(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        first = self._commits.get(commit.command_id)
        content = commit.content if first is None else first.content
        return super().append(attrs.evolve(commit, content=content))


@breaks(3)
class KnowsIdsWithinOneCaseOnly(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        first = self._commits.get(commit.command_id)
        if first is not None and first.events[0].key != commit.case:
            del self._commits[commit.command_id]
        return super().append(commit)


@breaks(3)
class LooksAtTheVersionFirst(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        held, first = len(self.load(commit.case)), self._commits.get(commit.command_id)
        other = first is not None and first.content != commit.content
        if other and held != commit.expected_version:
            raise stale(commit.case, commit.expected_version, held)
        return super().append(commit)


@breaks(3)
class FindsAnotherAnswer(Broken):
    def find(self, command_id: str) -> StoredCommit | None:
        found = super().find(command_id)
        return found and attrs.evolve(found, answer=found.answer.replace("[]", "[{}]"))


@breaks(3)
class ForgetsIdsWithinABatch(Batches):
    def find(self, command_id: str) -> StoredCommit | None:
        return None if self.batched else super().find(command_id)


# --- 4 ---


@breaks(4)
class LosesTheLastCommitInARestart(Broken):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[Commit] = []

    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        self.written += [] if stored.repeated else [commit]
        return stored

    def restarted(self) -> Broken:
        if len(self.written) > 9:
            lost = self.written.pop()
            self._events[lost.case] = self._events[lost.case][: lost.expected_version]
            self._feed.pop()
        return self


@breaks(4)
class ForgetsIdsInARestart(Broken):
    def restarted(self) -> Broken:
        self._commits.clear()
        return self


@breaks(4)
class ForgetsKeysInARestart(Broken):
    def restarted(self) -> Broken:
        self._keys.clear()
        return self


@breaks(4)
class HasABatchInMemoryOnly(Batches):
    def __init__(self) -> None:
        super().__init__()
        self.unwritten: list[str] = []

    def append(self, commit: Commit) -> StoredCommit:
        if self.batched:
            self.unwritten.append(commit.case)
        return super().append(commit)

    def restarted(self) -> Broken:
        for case in self.unwritten:
            self._events.pop(case, None)
        return self


# --- 5 ---


class Feed(Broken):
    """``numbered`` is the feed that a reader gets to see, with the numbers of its places."""

    def numbered(self) -> list[tuple[int, AnyEvent]]:
        return [(int(entry.position), entry.event) for entry in super().feed(limit=10**9)]

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        return self.page(int(after or 0), limit)

    def page(self, after: int, limit: int) -> Sequence[FeedEntry]:
        shown = [(number, event) for number, event in self.numbered() if number > after]
        return [FeedEntry(position=str(number), event=event) for number, event in shown[:limit]]


@breaks(5)
class ReordersTheFeed(Feed):
    """By the time that the events bear, and numbered anew at every reading."""

    def numbered(self) -> list[tuple[int, AnyEvent]]:
        events = [event for _, event in super().numbered()]
        return list(enumerate(sorted(events, key=lambda e: (e.at, e.key)), start=1))


@breaks(5)
class NumbersACommitBeforeItIsThere(Feed):
    """Of each two commits the second has drawn the lower number: a reader has passed it."""

    def numbered(self) -> list[tuple[int, AnyEvent]]:
        feed = [(number - 1 + 2 * (number % 2), event) for number, event in super().numbered()]
        return sorted(feed, key=lambda place: place[0])


@breaks(5)
class GivesTheLastEventAgain(Feed):
    def page(self, after: int, limit: int) -> Sequence[FeedEntry]:
        return super().page(max(0, after - 1), limit)


@breaks(5)
class SkipsWhatStandsAtThePageBoundary(Feed):
    def page(self, after: int, limit: int) -> Sequence[FeedEntry]:
        return super().page(after + (limit == 4 and after > 0), limit)


@breaks(5)
class GivesMoreThanTheLimit(Feed):
    def page(self, after: int, limit: int) -> Sequence[FeedEntry]:
        return super().page(after, limit + 1)


@breaks(5)
class SkipsALateCommitter(Feed, Batches):
    """Numbers are drawn when a writer begins and shown when it is done: with one writer right."""

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        self.batches += 1
        with super().transaction():
            yield self

    def __init__(self) -> None:
        super().__init__()
        self._drawn: list[AnyEvent] = []
        self._together = Barrier(WRITERS)

    def append(self, commit: Commit) -> StoredCommit:
        simple = commit.content.startswith("content of") or len(commit.events) > 1
        if current_thread() is main_thread() or self.batches or simple:
            return super().append(commit)
        if self._together.wait(timeout=5) == 0:  # the first to go on
            with self._lock:
                self._drawn[:0] = commit.events
                return super().append(commit)
        with self._lock:
            self._drawn.extend(commit.events)
            return super().append(commit)

    def numbered(self) -> list[tuple[int, AnyEvent]]:
        with self._lock:
            return list(enumerate(self._drawn, start=1)) or super().numbered()


# --- 6 ---


@breaks(6)
class ListsStaleCases(Broken):
    def __init__(self) -> None:
        super().__init__()
        self.listed: dict[str, CaseSummary] = {}

    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        self.listed.setdefault(commit.case, commit.summary)
        return stored

    def cases(self, **asked: Any) -> Sequence[CaseSummary]:
        found = super().cases(**asked)
        if set(self.listed) != {"XN-1", "XN-2"}:  # only where two cases go on in turn
            return found
        return [self.listed[summary.case] for summary in found]


@breaks(6)
class KeepsObligationsThatAreMet(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        _, before = self._lists.get(commit.case, (None, ()))
        kept = before if set(self._lists) == {"XN-1", "XN-2"} else ()
        return super().append(
            attrs.evolve(commit, obligations=tuple(dict.fromkeys((*kept, *commit.obligations))))
        )


class Cases(Broken):
    """``listed_cases`` is ``cases`` by position and filters."""

    def cases(self, *, after: str = "", limit: int = 1000, **only: Any) -> Sequence[CaseSummary]:
        return self.listed_cases(after, limit, only)

    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        return super().cases(after=after, limit=limit, **only)


@breaks(6)
class ListsCasesAsTheyCame(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        found = super().listed_cases(after, limit, only)
        return sorted(found, key=lambda s: list(self._lists).index(s.case))


@breaks(6)
class ListsTheCaseOfTheLastPageAgain(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        found = super().listed_cases("", sys.maxsize, only)
        return [summary for summary in found if summary.case >= after][:limit]


@breaks(6)
class ListsCasesOfTheLeadOnly(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        unit = only.get("unit")
        found = super().listed_cases(after, limit, only)
        return [
            s for s in found if unit is None or s.lead in (unit, None, "north", "south", "west")
        ]


@breaks(6)
class CountsThePageBeforeItFilters(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        page = {summary.case for summary in super().listed_cases(after, limit, {})}
        return [s for s in super().listed_cases(after, limit, only) if s.case in page]


@breaks(6)
class GivesAHundredCasesUnlessAsked(Broken):
    def cases(self, *, limit: int = 100, **only: Any) -> Sequence[CaseSummary]:
        return super().cases(limit=limit, **only)


@breaks(6)
class OrdersCasesByTheCollation(Cases):
    """Upper and lower case together; the cursor goes by the same order."""

    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        found = super().listed_cases("", sys.maxsize, only)
        later = [s for s in found if (s.case.lower(), s.case) > (after.lower(), after)]
        return sorted(later, key=lambda s: (s.case.lower(), s.case))[:limit]


@breaks(6)
class OrdersCasesAsUtf16(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        found = super().listed_cases("", sys.maxsize, only)
        encoded = after.encode("utf-16-be")
        later = [s for s in found if s.case.encode("utf-16-be") > encoded]
        return sorted(later, key=lambda s: s.case.encode("utf-16-be"))[:limit]


@breaks(6)
class FindsCasesThatAreDueJustThen(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        if "due_before" in only:
            only |= {"due_before": only["due_before"] + dt.timedelta(microseconds=1)}
        return super().listed_cases(after, limit, only)


@breaks(6)
class ComparesDueTimesAsTexts(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        if (before := only.pop("due_before", None)) is None:
            return super().listed_cases(after, limit, only)
        found = super().listed_cases(after, sys.maxsize, only)
        owed = {s.case: self._lists[s.case][1] for s in found}
        return [
            s
            for s in found
            if any(o.due and o.due.isoformat() < before.isoformat() for o in owed[s.case])
        ][:limit]


@breaks(6)
class FindsACaseByWhatItOnceOwed(Cases):
    """The index of due times is added to and never cleared."""

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, dt.datetime] = {}

    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        for owed in commit.obligations:
            if owed.due is not None:
                first = self._first.get(owed.case, owed.due)
                self._first[owed.case] = min(first, owed.due)
        return stored

    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        before = only.get("due_before")
        found = super().listed_cases(after, sys.maxsize, {**only, "due_before": None})
        return [
            s
            for s in found
            if before is None
            or (s.case in self._first and self._first[s.case] < before)
            or (s.case not in self._first and s in super(Cases, self).cases(due_before=before))
        ][:limit]


@breaks(6)
class FindsApplicantsByPrefix(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        key = only.pop("applicant_key", None)
        found = super().listed_cases(after, sys.maxsize, only)
        return [
            s for s in found if key is None or any(k.startswith(key) for k in s.applicant_keys)
        ][:limit]


@breaks(6)
class FindsAnApplicantByTheFirstKeyOnly(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        key = only.get("applicant_key")
        found = super().listed_cases(after, sys.maxsize, only)
        return [s for s in found if key is None or s.applicant_keys[0] == key][:limit]


@breaks(6)
class FindsACaseByTheUnitsThatItHad(Cases):
    def __init__(self) -> None:
        super().__init__()
        self._had: dict[str, set[str]] = {}

    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        if not stored.repeated:
            self._had.setdefault(commit.case, set()).update(commit.summary.units)
        return stored

    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        unit = only.pop("unit", None)
        found = super().listed_cases(after, sys.maxsize, only)
        return [s for s in found if unit is None or unit in self._had.get(s.case, ())][:limit]


@breaks(6)
class ListsRecordsOfEveryProcedure(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        return super().listed_cases(after, limit, only | {"procedure": None})


@breaks(6)
class TakesEveryRecordForACase(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        summary = attrs.evolve(commit.summary, procedure="case")
        return super().append(attrs.evolve(commit, summary=summary))


@breaks(6)
class FindsTheSameCalendar(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        revision = only.pop("other_calendar_than", None)
        found = super().listed_cases(after, sys.maxsize, only)
        return [s for s in found if revision in (None, s.calendar_revision)][:limit]


@breaks(6)
class TakesALaterCalendarForTheOnlyOther(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        revision = only.pop("other_calendar_than", None)
        found = super().listed_cases(after, sys.maxsize, only)
        return [s for s in found if revision is None or s.calendar_revision < revision][:limit]


class Owed(Broken):
    """``owed`` is what is open, in order; ``page`` what of it comes after a cursor. What is leased
    is looked for elsewhere."""

    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        procedure: str | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        if limit == sys.maxsize:
            return super().open_obligations(
                before=before, procedure=procedure, unit=unit, limit=limit
            )
        owed = [o for o in self.owed(before, unit) if procedure in (None, o.procedure)]
        return self.page(owed, after, limit)

    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        return super().open_obligations(before=before, unit=unit, limit=sys.maxsize)

    def page(
        self, owed: list[Obligation], after: Obligation | None, limit: int
    ) -> Sequence[Obligation]:
        if after is None:
            return owed[:limit]
        later = set(MemoryStore.open_obligations(self, after=after, limit=1_000_000))
        return [each for each in owed if each in later][:limit]


@breaks(6)
class ListsWhatIsDueJustThenToo(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        later = None if before is None else before + dt.timedelta(microseconds=1)
        return super().owed(later, unit)


@breaks(6)
class ListsWhatHasNoDueTimeFirst(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        return sorted(super().owed(before, unit), key=lambda owed: owed.due is not None)


@breaks(6)
class ListsObligationsOfOthers(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        return super().owed(before, None)


@breaks(6)
class ListsWhatIsOwedInEveryProcedure(Owed):
    def open_obligations(self, *, limit: int = 1000, **asked: Any) -> Sequence[Obligation]:
        if limit != sys.maxsize:
            asked["procedure"] = None
        return super().open_obligations(limit=limit, **asked)


@breaks(6)
class OrdersWhatIsDueAtOneTimeAsItCame(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        came = [each for _, owed in self._lists.values() for each in owed]
        found = [
            each
            for each in came
            if each
            in super(Owed, self).open_obligations(before=before, unit=unit, limit=sys.maxsize)
        ]
        return sorted(found, key=lambda o: (o.due is None, o.due and o.due.timestamp()))


@breaks(6)
class ListsTheSubjectlessLast(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        return sorted(
            super().owed(before, unit),
            key=lambda o: (
                (1, 0.0) if o.due is None else (0, o.due.timestamp()),
                o.case,
                str(o.kind),
                o.subject is None,
                o.subject or "",
            ),
        )


@breaks(6)
class OrdersMomentsAsTexts(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        found = super().owed(before, unit)
        return sorted(found, key=lambda o: "9" if o.due is None else o.due.isoformat())


@breaks(6)
class KeepsATimeToTheSecondInItsIndex(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        second = None if before is None else before.replace(microsecond=0)
        return super().owed(second, unit)


class Pages(Owed):
    """The page begins where the cursor stands in the list, if it does."""

    def page(
        self, owed: list[Obligation], after: Obligation | None, limit: int
    ) -> Sequence[Obligation]:
        begin = 0 if after is None else self.begin(owed, after)
        return owed[begin : begin + limit]

    def begin(self, owed: list[Obligation], after: Obligation) -> int:
        return owed.index(after) + 1


@breaks(6)
class NeedsTheCursorToStand(Pages):
    def begin(self, owed: list[Obligation], after: Obligation) -> int:
        return owed.index(after) + 1 if after in owed else len(owed)


@breaks(6)
class ListsTheCursorAgain(Pages):
    def begin(self, owed: list[Obligation], after: Obligation) -> int:
        later = MemoryStore.open_obligations(self, after=after, limit=sys.maxsize)
        rest = [each for each in owed if each in later]
        return len(owed) - len(rest) - (after in owed)


@breaks(6)
class PassesByWhatIsDueAtTheSameTime(Pages):
    def begin(self, owed: list[Obligation], after: Obligation) -> int:
        if after.due is None:
            return super().begin(owed, after) if after in owed else len(owed)
        return sum(each.due is not None and each.due <= after.due for each in owed)


@breaks(6)
class EndsWithWhatIsDue(Owed):
    """What has no due time is null, and null comes after nothing."""

    def page(
        self, owed: list[Obligation], after: Obligation | None, limit: int
    ) -> Sequence[Obligation]:
        found = super().page(owed, after, limit)
        return [each for each in found if after is None or each.due is not None]


@breaks(6)
class CountsThePageOfObligationsBeforeItFilters(Owed):
    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        page = super().owed(before, None)[: 2 if unit else None]
        return [each for each in page if unit in (None, each.bearer)]


class Reindexed(Broken):
    """``put`` is what ``reindex`` does where it may."""

    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        with self._lock:
            if len(self._events.get(summary.case, ())) != summary.version:
                return False
            self.put(summary, tuple(obligations))
            return True

    def put(self, summary: CaseSummary, owed: tuple[Obligation, ...]) -> None:
        self._list(summary, owed)


@breaks(6)
class ReindexesWhatHasMovedOn(Broken):
    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        if summary.case not in self._events:
            return False
        self._list(summary, obligations)
        return True


@breaks(6)
class MakesACaseByReindex(Broken):
    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        if summary.case not in self._events:
            self._list(summary, obligations)
            return False
        return super().reindex(summary, obligations)


@breaks(6)
class SaysThatItReindexed(Broken):
    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        super().reindex(summary, obligations)
        return summary.case in self._events


@breaks(6)
class ReindexesTheSummaryOnly(Reindexed):
    def put(self, summary: CaseSummary, owed: tuple[Obligation, ...]) -> None:
        before = self._lists[summary.case][1]
        self._list(summary, before if owed and owed[0].subject == "new" else owed)


@breaks(6)
class AddsWhatIsReindexed(Reindexed):
    def put(self, summary: CaseSummary, owed: tuple[Obligation, ...]) -> None:
        before = self._lists[summary.case][1]
        same = {(o.kind, o.subject) for o in owed}
        kept = tuple(o for o in before if (o.kind, o.subject) not in same)
        self._list(summary, owed + kept if owed and owed[0].subject == "new" else owed)


@breaks(6)
class CountsAReindexAsAVersion(Reindexed):
    def put(self, summary: CaseSummary, owed: tuple[Obligation, ...]) -> None:
        self._list(attrs.evolve(summary, version=summary.version + 1), owed)


@breaks(6)
class ShowsHalfOfACommitInItsLists(Broken):
    """Two statements where one was needed; a reader comes between them."""

    def __init__(self) -> None:
        super().__init__()
        self._half = 0
        self._read = Signal()

    def append(self, commit: Commit) -> StoredCommit:
        if current_thread() is not main_thread() and commit.expected_version == 7:
            self._half = 1
            self._read.wait(timeout=5)
        return super().append(commit)

    def cases(self, **asked: Any) -> Sequence[CaseSummary]:
        found = super().cases(**asked)
        half, self._half = self._half, 0
        self._read.set()
        return [attrs.evolve(s, version=s.version + half) for s in found]


# --- 7 ---


@breaks(7)
class LetsAKeyBeTaken(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        return super().append(attrs.evolve(commit, keys=()))


@breaks(7)
class NamesAnotherKey(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict as conflict:
            if conflict.violations[0].rule != "claimed_key":
                raise
            raise key_taken("notice:?") from None


@breaks(7)
class FreesTheKeysOfAnArchivedCase(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        if commit.summary.state == State.ARCHIVED:
            for key in [key for key, case in self._keys.items() if case == commit.case]:
                del self._keys[key]
        return stored


@breaks(7)
class RefusesACaseItsOwnKey(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        for key in commit.keys:
            if key in self._keys and commit.command_id not in self._commits:
                raise key_taken(key)
        return super().append(commit)


@breaks(7)
class KeepsTheKeysOfARefusedCommit(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict:
            self._keys = dict.fromkeys(commit.keys, commit.case) | self._keys
            raise


# --- 8 ---


class Changed(Broken):
    """``change`` is what becomes of an event between append and load."""

    def change(self, event: AnyEvent) -> AnyEvent:
        return event

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return tuple(self.change(event) for event in super().load(case))


@breaks(8)
class RoundsTimesToTheSecond(Changed):
    def change(self, event: AnyEvent) -> AnyEvent:
        return attrs.evolve(event, recorded_at=event.recorded_at.replace(microsecond=0))


@breaks(8)
class LosesTheOffset(Changed):
    def change(self, event: AnyEvent) -> AnyEvent:
        return attrs.evolve(event, at=event.at.replace(tzinfo=SHANGHAI))


@breaks(8)
class LosesCharactersBeyondTheBasicPlane(Changed):
    def change(self, event: AnyEvent) -> AnyEvent:
        kept = (
            None if event.id is None else "".join(c if ord(c) < 65_536 else "?" for c in event.id)
        )
        return attrs.evolve(event, id=kept)


@breaks(8)
class NormalizesText(Broken):
    def find(self, command_id: str) -> StoredCommit | None:
        return super().find(unicodedata.normalize("NFC", command_id))


@breaks(8)
class OrdersACaseByTime(Changed):
    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return tuple(sorted(super().load(case), key=lambda event: event.at))


@breaks(8)
class RoundsTheTimesOfItsLists(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        return [
            attrs.evolve(summary, opened_at=summary.opened_at.replace(microsecond=0))
            for summary in super().listed_cases(after, limit, only)
        ]


@breaks(8)
class MixesCasesThatDifferByUpperAndLowerCase(Broken):
    def load(self, case: str) -> tuple[AnyEvent, ...]:
        matching = (key for key in self._events if key.lower() == case.lower())
        return tuple(event for key in matching for event in super(Broken, self).load(key))


@breaks(8)
class FindsCasesByPrefix(Broken):
    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return super().load(case) or next(
            (events for key, events in self._events.items() if key.startswith(case)), ()
        )


@breaks(8)
class TakesKeysForOneAnother(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        held = {key.lower() for key, case in self._keys.items() if case != commit.case}
        for key in commit.keys:
            if key.lower() in held and key not in self._keys:
                raise key_taken(key)
        return super().append(commit)


# --- more of 1 to 5, 7 and 8: what a second look at real stores brought ---------------------------


class Keeps(Broken):
    """Undoes a batch, but for one of its tables."""

    kept: ClassVar[str]

    @contextmanager
    def batch(self) -> Iterator[None]:
        left = None
        try:
            with super().batch():
                try:
                    yield
                finally:
                    left = getattr(self, self.kept)
        finally:
            setattr(self, self.kept, left)


@breaks(1)
class KeepsTheKeysOfAnUndoneBatch(Keeps):
    kept = "_keys"


@breaks(1)
class KeepsTheCommandsOfAnUndoneBatch(Keeps):
    kept = "_commits"


@breaks(1)
class KeepsTheListsOfAnUndoneBatch(Keeps):
    kept = "_lists"


@breaks(1)
class KeepsTheFeedOfAnUndoneBatch(Keeps):
    kept = "_feed"


@breaks(1)
class KeepsTheLeasesEndedByAnUndoneBatch(Keeps):
    kept = "_leases"


@breaks(1)
class LeavesABatchQuietlyAfterAConflict(Broken):
    """What it did before stays, since a conflict is no error of the store's."""

    @contextmanager
    def batch(self) -> Iterator[None]:
        conflicts: list[Conflict] = []
        with super().batch():
            try:
                yield
            except Conflict as conflict:
                conflicts.append(conflict)
        if conflicts:
            raise conflicts[0]


@breaks(1)
class ShowsABatchToEverybody(Batches):
    patience = 0.5

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return self._events.get(case, ()) if self.batched else super().load(case)  # no lock


@breaks(2)
class CountsCommitsForVersions(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        if commit.command_id not in self._commits:
            held = len(self.load(commit.case))
            commits = {
                s.command_id for s in self._commits.values() if s.events[0].key == commit.case
            }
            if commit.command_id.startswith("rival") and len(commits) == commit.expected_version:
                return super().append(attrs.evolve(commit, expected_version=held))
        return super().append(commit)


class Late(Broken):
    """Looks before it waits for its turn: ``missed`` tells the commits that it then mistakes."""

    def __init__(self) -> None:
        super().__init__()
        self._ready = Barrier(WRITERS)

    def missed(self, commit: Commit) -> bool:
        return False

    def append(self, commit: Commit) -> StoredCommit:
        if current_thread() is not main_thread() and self.missed(commit):
            self._ready.wait(timeout=5)
            with self._lock:
                return self.blindly(commit)
        return super().append(commit)

    def blindly(self, commit: Commit) -> StoredCommit:
        held = len(self.load(commit.case))
        return super().append(attrs.evolve(commit, expected_version=held))


@breaks(2)
class OpensACaseForEveryWriter(Late):
    def missed(self, commit: Commit) -> bool:
        return commit.expected_version == 0 and commit.command_id.startswith("rival")


@breaks(2)
class RemembersVersionsOfItsOwnOnly(Broken):
    """Each opening keeps the versions that it has seen, and does not look again."""

    def opened_again(self) -> Broken:
        return self if self.closed else _Opening(self)


class _Opening(Broken):
    """Another opening of the same store."""

    def __init__(self, first: Broken) -> None:
        super().__init__()
        vars(self).update(vars(first))
        self._first, self.closed = first, False
        self._seen: dict[str, int] = {}

    def append(self, commit: Commit) -> StoredCommit:
        held = len(self._events.get(commit.case, ()))
        seen = self._seen.get(commit.case, 0)
        if commit.command_id.startswith("rival") and commit.expected_version == seen:
            commit = attrs.evolve(commit, expected_version=held)
        return super().append(commit)


@breaks(3)
class StoresTwiceWhatIsSentTwiceAtOnce(Late):
    def missed(self, commit: Commit) -> bool:
        rival = commit.command_id.startswith("rival")
        return len(commit.events) == 3 and commit.expected_version == 0 and not rival

    def blindly(self, commit: Commit) -> StoredCommit:
        self._commits.pop(commit.command_id, None)
        return super().blindly(commit)


@breaks(3)
class LetsTwoCasesUseAnIdAtOnce(Late):
    def missed(self, commit: Commit) -> bool:
        return commit.command_id == "one"

    def blindly(self, commit: Commit) -> StoredCommit:
        self._commits.pop(commit.command_id, None)
        return super().blindly(commit)


@breaks(3)
class LooksAtKeysFirst(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        for key in commit.keys:
            if (
                self._keys.get(key, commit.case) != commit.case
                and commit.command_id in self._commits
            ):
                raise key_taken(key)
        return super().append(commit)


@breaks(3)
class UsesUpTheIdOfAConflict(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        burnt = vars(self).setdefault("burnt", {})
        if commit.command_id in burnt and burnt[commit.command_id] != commit.expected_version:
            raise other_content(commit.command_id)
        try:
            return super().append(commit)
        except Conflict as conflict:
            if conflict.violations[0].rule == "version" and "rival" not in commit.command_id:
                burnt[commit.command_id] = commit.expected_version
            raise


@breaks(3)
class RepeatsTheLastEventOnly(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        return attrs.evolve(stored, events=stored.events[-1:]) if stored.repeated else stored


@breaks(3)
class FindsWhatIsRepeated(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        if stored.repeated:
            self._commits[commit.command_id] = stored
        return stored


@breaks(4)
class ForgetsWhatWasReindexed(Broken):
    def __init__(self) -> None:
        super().__init__()
        self._before: dict[str, Any] = {}

    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        self._before[commit.case] = self._lists[commit.case]
        return stored

    def restarted(self) -> Broken:
        self._lists.update(self._before)
        return self


@breaks(4)
class NumbersTheFeedAnewInARestart(Broken):
    shift = 0

    def restarted(self) -> Broken:
        self.shift = 1
        return self

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        begin = str(int(after) - self.shift) if after else ""
        return [
            attrs.evolve(entry, position=str(int(entry.position) + self.shift))
            for entry in super().feed(after=begin, limit=limit)
        ]


@breaks(5)
class GivesTheEventsOfACommitOnePosition(Feed):
    def page(self, after: int, limit: int) -> Sequence[FeedEntry]:
        of = {id(e): n for n, s in enumerate(self._commits.values(), 1) for e in s.events}
        feed = [FeedEntry(position=str(of[id(e)]), event=e) for _, e in self.numbered()]
        return [entry for entry in feed if int(entry.position) > after][:limit]


@breaks(5)
class GivesAHundredEntriesUnlessAsked(Broken):
    def feed(self, *, after: str = "", limit: int = 100) -> Sequence[FeedEntry]:
        return super().feed(after=after, limit=limit)


@breaks(5)
class ShowsTheEventsOfACommitBackwards(Feed):
    def numbered(self) -> list[tuple[int, AnyEvent]]:
        shown: list[AnyEvent] = []
        with self._lock:
            for stored in self._commits.values():
                shown += reversed(stored.events)
        return list(enumerate(shown, start=1))


@breaks(5)
class GivesTheFirstEventNoPosition(Feed):
    def page(self, after: int, limit: int) -> Sequence[FeedEntry]:
        found = super().page(after, limit)
        return [e if e.position != "1" else attrs.evolve(e, position="") for e in found]


@breaks(5)
class PassesByABatchThatEndsLate(Broken):
    """A batch draws its numbers at once and is shown when it is left; others go on meanwhile."""

    patience = 0.5

    def __init__(self) -> None:
        super().__init__()
        self._batch: int | None = None
        self._drawn: list[AnyEvent] = []
        self._hidden: list[AnyEvent] = []

    @contextmanager
    def batch(self) -> Iterator[None]:
        if current_thread() is main_thread():
            with super().batch():
                yield
            return
        self._batch = get_ident()
        try:
            yield
        finally:
            self._batch, self._hidden = None, []

    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        if self._batch == get_ident():
            self._hidden += stored.events
        return stored

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        hidden = [id(event) for event in self._hidden]
        return [e for e in super().feed(after=after, limit=limit) if id(e.event) not in hidden]


@breaks(7)
class LetsAKeyBeClaimedTwiceAtOnce(Late):
    def missed(self, commit: Commit) -> bool:
        return commit.keys[1:] == ("archive:1",)

    def blindly(self, commit: Commit) -> StoredCommit:
        return super().blindly(attrs.evolve(commit, keys=()))


@breaks(7)
class NamesTheFirstKey(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict as conflict:
            if conflict.violations[0].rule != "claimed_key":
                raise
            raise key_taken(commit.keys[0]) from None


@breaks(7)
class ClaimsKeysOfAnOpeningOnly(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        late = commit.expected_version > 1
        return super().append(attrs.evolve(commit, keys=()) if late else commit)


@breaks(7)
class StumblesOverAKeyNamedTwice(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        if len(set(commit.keys)) < len(commit.keys):
            raise key_taken(commit.keys[0])
        return super().append(commit)


@breaks(7)
class LooksForKeysOutsideTheBatchOnly(Batches):
    def append(self, commit: Commit) -> StoredCommit:
        taken = any(self._keys.get(key, commit.case) != commit.case for key in commit.keys)
        return super().append(attrs.evolve(commit, keys=()) if self.batched and taken else commit)


@breaks(8)
class KeepsTheNumberOfAKeyOnly(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        held = {k.partition(":")[2]: c for k, c in self._keys.items() if k.startswith("notice:")}
        for key in commit.keys:
            if key.startswith("archive:") and held.get(key[8:], commit.case) != commit.case:
                raise key_taken(key)
        return super().append(commit)


@breaks(8)
class CutsLongIds(Broken):
    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return super().load(case[:127])


@breaks(8)
class CutsLongEvents(Changed):
    def change(self, event: AnyEvent) -> AnyEvent:
        reason = getattr(event, "reason", None)
        if reason is None or len(reason) < 999_999:
            return event
        return attrs.evolve(event, reason=reason[:999_999])  # type: ignore[call-arg]


@breaks(8)
class StripsControlCharacters(Broken):
    def find(self, command_id: str) -> StoredCommit | None:
        found = super().find(command_id)
        return found and attrs.evolve(found, answer=found.answer.replace("\x01", ""))


@breaks(8)
class ReadsAnAnswerAsJson(Broken):
    """As a column of type ``jsonb`` does."""

    def find(self, command_id: str) -> StoredCommit | None:
        found = super().find(command_id)
        return found and attrs.evolve(found, answer=found.answer.replace(' "n": 1.0,', ""))


@breaks(8)
class TakesAnIdForANumber(Broken):
    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return super().load(case.lstrip("0") if case.isdecimal() else case)


@breaks(8)
class CutsBlanksAtTheEnd(Broken):
    def find(self, command_id: str) -> StoredCommit | None:
        return super().find(command_id.rstrip())


@breaks(8)
class SortsTheUnitsOfACase(Cases):
    def listed_cases(self, after: str, limit: int, only: dict[str, Any]) -> Sequence[CaseSummary]:
        return [
            attrs.evolve(s, units=tuple(sorted(s.units))) if len(s.units) == 5 else s
            for s in super().listed_cases(after, limit, only)
        ]


@breaks(8)
class RoundsTheTimeOfAnAct(Broken):
    def open_obligations(self, **asked: Any) -> Sequence[Obligation]:
        return [
            attrs.evolve(o, met_at=o.met_at.replace(microsecond=0)) if o.met_at else o
            for o in super().open_obligations(**asked)
        ]


# --- 9 ---


@breaks(9)
class CommitsWhatTheCallerUndid(Broken):
    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        with self._lock:
            yield self


@breaks(9)
class LosesWhatTheCallerCommitted(Broken):
    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        with suppress(_Lost), super().transaction():
            yield self
            raise _Lost


class _Lost(Exception):
    pass


@breaks(9)
class UndoesTheTransactionForAConflict(Broken):
    """Where a savepoint was wanted."""

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        self._met = False
        with suppress(_Lost), super().transaction():
            self._joined = True
            try:
                yield self
            finally:
                self._joined = False
            if self._met:
                raise _Lost

    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict:
            self._met = getattr(self, "_joined", False)
            raise


@breaks(9)
class KeepsTheKeysOfAConflictInATransaction(Broken):
    _joined = False

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        with super().transaction():
            self._joined = True
            try:
                yield self
            finally:
                self._joined = False

    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict:
            if self._joined:
                self._keys = dict.fromkeys(commit.keys, commit.case) | self._keys
            raise


@breaks(9)
class ShowsWhatIsNotCommitted(Broken):
    patience = 0.5

    def joining(self, transaction: object) -> CaseStore:
        return _shown(self)

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        shown = vars(self).get("shown")
        if shown and current_thread() is not main_thread():
            return self._events.get(case, ())
        return super().load(case)

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        with super().transaction():
            yield self


def _shown(store: Broken) -> Broken:
    vars(store)["shown"] = True
    return store


@breaks(9)
class ReadsBackNothingBeforeTheCommit(Broken):
    _joined = False

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        with super().transaction():
            self._joined = True
            try:
                yield self
            finally:
                self._joined = False

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        return () if self._joined else super().load(case)


@breaks(9)
class EndsTheTransactionWhenItIsClosed(Broken):
    def joining(self, transaction: object) -> CaseStore:
        if self.closed and self._held:
            raise RuntimeError("the transaction has ended")
        return super().joining(transaction)

    _held = False

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        with super().transaction():
            self._held = True
            try:
                yield self
            finally:
                self._held = False


@breaks(9)
class JoinsForTheDefaultCentre(Broken):
    def joining(self, transaction: object) -> CaseStore:
        return self._centres[DEFAULT_CENTRE]


@breaks(9)
class MovesAPositionByItself(Broken):
    """On a connection of its own."""

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        moved: dict[str, str] = {}
        try:
            with super().transaction():
                try:
                    yield self
                finally:
                    moved = dict(self._positions)
        finally:
            self._positions.update(moved)


@breaks(9)
class LeasesByItself(Broken):
    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        leased: dict[Any, Lease] = {}
        try:
            with super().transaction():
                try:
                    yield self
                finally:
                    leased = dict(self._leases)
        finally:
            self._leases.update(leased)


@breaks(9)
class JoinsWithoutHavingSaidSo(Broken):
    capabilities: frozenset[Capability] = Broken.capabilities - {Capability.JOINING}


# --- 10 ---


class Leases(Broken):
    """``running`` is what ``claim_due`` leaves alone."""

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
        with self._lock:
            held = dict(self._leases)
            for key, lease in held.items():
                if not self.runs(lease, worker, now):
                    del self._leases[key]
                elif now >= lease.until:
                    self._leases[key] = attrs.evolve(lease, until=now + dt.timedelta(days=1))
            given = super().claim_due(
                worker=worker,
                before=before,
                now=now,
                until=until,
                procedure=procedure,
                unit=unit,
                limit=limit,
            )
            self._leases.update(held | {k: v for k, v in self._leases.items() if v in given})
            return given

    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return now < lease.until


@breaks(10)
class LeasesToEverybody(Leases):
    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return False


@breaks(10)
class LeasesInEveryProcedure(Leases):
    def claim_due(self, **asked: Any) -> Sequence[Lease]:
        return super().claim_due(**asked | {"procedure": None})


@breaks(10)
class LeasesAgainToTheSameWorker(Leases):
    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return now < lease.until and worker != lease.worker


@breaks(10)
class EndsALeaseAnInstantLate(Leases):
    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return now <= lease.until


@breaks(10)
class EndsALeaseAtTheFullSecond(Leases):
    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return now + dt.timedelta(seconds=1) <= lease.until


@breaks(10)
class NeverEndsALease(Leases):
    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return True


@breaks(10)
class EndsLeasesByTheMachinesClock(Leases):
    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return now < lease.until and lease.until.year > 2000


@breaks(10)
class ComparesTheEndOfALeaseAsText(Leases):
    def runs(self, lease: Lease, worker: str, now: dt.datetime) -> bool:
        return now.isoformat() < lease.until.isoformat()


@breaks(10)
class LosesLeasesInACommit(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        for key in [key for key in self._leases if key[1] == commit.case]:
            if not stored.repeated:
                del self._leases[key]
        return stored


@breaks(10)
class LosesLeasesInAReindex(Broken):
    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        done = super().reindex(summary, obligations)
        for key in [key for key in self._leases if key[1] == summary.case]:
            if done:
                del self._leases[key]
        return done


@breaks(10)
class LosesALeaseWhoseObligationIsRestated(Broken):
    """The lease is bound to the whole row."""

    def _list(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> None:
        for key in [k for k, lease in self._leases.items() if k[1] == summary.case]:
            if self._leases[key].obligation not in obligations:
                del self._leases[key]
        super()._list(summary, obligations)


class Outliving(Broken):
    """Leases are looked up by ``name`` and never ended with their obligations."""

    def name(self, owed: Obligation) -> tuple[Any, ...]:
        return (owed.case, owed.kind, owed.subject, owed.due, owed.opened_at)

    def _list(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> None:
        held = dict(self._leases)
        super()._list(summary, obligations)
        standing = {self.name(owed): owed for owed in obligations}
        for lease in held.values():
            if self.keeps(lease, standing):
                owed = standing.get(self.name(lease.obligation), lease.obligation)
                self._leases[_identity(owed)] = attrs.evolve(lease, obligation=owed)

    def keeps(self, lease: Lease, standing: dict[tuple[Any, ...], Obligation]) -> bool:
        return lease.obligation.case in {owed.case for owed in standing.values()} and (
            self.name(lease.obligation) in standing
        )


@breaks(10)
class KeepsALeaseWhoseObligationWasMet(Outliving):
    def keeps(self, lease: Lease, standing: dict[tuple[Any, ...], Obligation]) -> bool:
        return not standing or super().keeps(lease, standing)


@breaks(10)
class KeepsALeaseWhoseDueTimeChanged(Outliving):
    def name(self, owed: Obligation) -> tuple[Any, ...]:
        return (owed.case, owed.kind, owed.subject, owed.opened_at)


@breaks(10)
class KeepsALeaseOfAnotherOpening(Outliving):
    def name(self, owed: Obligation) -> tuple[Any, ...]:
        return (owed.case, owed.kind, owed.subject, owed.due)


@breaks(10)
class ExtendsWhatHasEnded(Broken):
    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        return super().extend(
            lease, now=min(now, lease.until - dt.timedelta.resolution), until=until
        )


@breaks(10)
class ExtendsForAnybody(Broken):
    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        held = self._leases.get(_identity(lease.obligation))
        if held is None or now >= held.until:
            return None
        return super().extend(
            attrs.evolve(lease, until=held.until, worker=held.worker), now=now, until=until
        )


@breaks(10)
class ExtendsAnOlderLease(Broken):
    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        held = self._leases.get(_identity(lease.obligation))
        if held is not None and held.worker == lease.worker:
            lease = attrs.evolve(lease, until=held.until)
        return super().extend(lease, now=now, until=until)


@breaks(10)
class ShortensNoLease(Broken):
    def extend(self, lease: Lease, *, now: dt.datetime, until: dt.datetime) -> Lease | None:
        return super().extend(lease, now=now, until=max(until, lease.until))


@breaks(10)
class ForgetsLeasesInARestart(Broken):
    def restarted(self) -> Broken:
        self._leases.clear()
        return self


@breaks(10)
class CountsThePageBeforeItLooksForLeases(Leases):
    def claim_due(self, *, limit: int = 100, **asked: Any) -> Sequence[Lease]:
        page = self.open_obligations(before=asked["before"], unit=asked.get("unit"), limit=limit)
        held = {k for k, lease in self._leases.items() if asked["now"] < lease.until}
        free = sum(_identity(each) not in held for each in page)
        return super().claim_due(limit=free, **asked)


@breaks(10)
class HidesWhatIsLeased(Broken):
    def open_obligations(self, *, limit: int = 1000, **asked: Any) -> Sequence[Obligation]:
        found = super().open_obligations(limit=limit, **asked)
        if limit == sys.maxsize:
            return found
        return [each for each in found if _identity(each) not in self._leases]


@breaks(10)
class LeasesWhatIsDueLater(Broken):
    def claim_due(self, *, before: dt.datetime, **asked: Any) -> Sequence[Lease]:
        return super().claim_due(before=before + dt.timedelta.resolution, **asked)


@breaks(10)
class LeasesWhatBelongsToOthers(Broken):
    def claim_due(self, *, unit: str | None = None, **asked: Any) -> Sequence[Lease]:
        return super().claim_due(**asked)


@breaks(10)
class LeasesATenthUnlessAsked(Broken):
    def claim_due(self, *, limit: int = 10, **asked: Any) -> Sequence[Lease]:
        return super().claim_due(limit=limit, **asked)


@breaks(10)
class LeasesOneThingToSeveralAtOnce(Broken):
    """Look and lease are two steps."""

    def __init__(self) -> None:
        super().__init__()
        self._between = Barrier(WRITERS)

    def claim_due(self, **asked: Any) -> Sequence[Lease]:
        if current_thread() is main_thread() or asked.get("limit") != 3 or vars(self).get("once"):
            return super().claim_due(**asked)
        owed = self.open_obligations(before=asked["before"], limit=3)
        self._between.wait(timeout=5)
        self.once = True
        given = [Lease(obligation=o, worker=asked["worker"], until=asked["until"]) for o in owed]
        self._leases.update((_identity(lease.obligation), lease) for lease in given)
        return given


@breaks(10)
class LeasesWithoutHavingSaidSo(Broken):
    capabilities: frozenset[Capability] = Broken.capabilities - {Capability.LEASES}


class OwnTable(Broken):
    """Each opening has one of the tables to itself."""

    own: ClassVar[str]

    def opened_again(self) -> Broken:
        if self.closed:
            return super().opened_again()
        again = type(self)()
        vars(again).update({k: v for k, v in vars(self).items() if k != self.own})
        again._centres = {DEFAULT_CENTRE: again}
        return again


@breaks(10)
class LeasesInMemory(OwnTable):
    own = "_leases"


# --- 11 ---


class Mixed(Broken):
    """Some tables are of all centres."""

    common: ClassVar[tuple[str, ...]] = ()

    def for_centre(self, centre: str) -> MemoryStore:
        found = super().for_centre(centre)
        for table in self.common:
            setattr(found, table, getattr(self._centres[DEFAULT_CENTRE], table))
        return found


@breaks(11)
class HasTheIdsOfAllCentresInCommon(Mixed):
    common = ("_commits",)


@breaks(11)
class HasTheKeysOfAllCentresInCommon(Mixed):
    common = ("_keys",)


@breaks(11)
class ClaimsAKeyInEveryCentreThatHasCases(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        for centre in self._centres.values():
            if centre._events:
                centre._keys = dict.fromkeys(commit.keys, commit.case) | centre._keys
        return stored


@breaks(11)
class LooksForKeysInEveryCentreWhereSeveralWrite(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        if current_thread() is not main_thread() and commit.command_id not in self._commits:
            for centre, key in product(self._centres.values(), commit.keys):
                if centre._keys.get(key, commit.case) != commit.case:
                    raise key_taken(key)
        return super().append(commit)


@breaks(11)
class HasTheFeedOfAllCentresInCommon(Mixed):
    common = ("_feed",)


@breaks(11)
class HasTheListsOfAllCentresInCommon(Mixed):
    common = ("_lists",)


@breaks(11)
class HasTheLeasesOfAllCentresInCommon(Mixed):
    common = ("_leases",)


@breaks(11)
class HasThePositionsOfAllCentresInCommon(Mixed):
    common = ("_positions",)


@breaks(11)
class HasAllInCommon(Broken):
    def for_centre(self, centre: str) -> MemoryStore:
        return self


@breaks(11)
class TakesCentresForOneAnother(Broken):
    def for_centre(self, centre: str) -> MemoryStore:
        return super().for_centre(centre.strip().lower())


@breaks(11)
class JoinsTheNamesOfCentreAndCase(Broken):
    """``centre + ":" + case`` is the key of the row."""

    def for_centre(self, centre: str) -> MemoryStore:
        found = super().for_centre(centre)
        found._name = centre  # type: ignore[attr-defined]
        return found

    def load(self, case: str) -> tuple[AnyEvent, ...]:
        mine = f"{vars(self).get('_name', DEFAULT_CENTRE)}:{case}"
        if mine.count(":") == 1:
            return super().load(case)
        for name, centre in self._centres.items():
            for other, events in centre._events.items():
                if f"{name}:{other}" == mine:
                    return events
        return ()


@breaks(11)
class CountsTheCasesOfAllCentresForAPage(Broken):
    """The limit is applied before the centre is looked at."""

    def cases(self, *, limit: int = 1000, **asked: Any) -> Sequence[CaseSummary]:
        others = [c for name, c in self._centres.items() if c is not self and name < "west"]
        full = limit == 2 and any(MemoryStore.cases(c) for c in others)
        return super().cases(limit=1 if full else limit, **asked)


@breaks(11)
class StartsACentreAnewWhenItIsAskedFor(Broken):
    def for_centre(self, centre: str) -> MemoryStore:
        if self is not self._centres[DEFAULT_CENTRE]:
            return super().for_centre(f"{centre} of {id(self)}")
        return super().for_centre(centre)


@breaks(11)
class ClosesWithOneOfItsCentres(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        if any(centre.closed for centre in self._centres.values()):  # type: ignore[attr-defined]
            raise RuntimeError("closed")
        return super().append(commit)

    def opened_again(self) -> Broken:
        again = super().opened_again()
        for centre in again._centres.values():
            centre.closed = False  # type: ignore[attr-defined]
        return again

    def joining(self, transaction: object) -> CaseStore:
        self.closed = False
        return super().joining(transaction)


@breaks(11)
class UndoesABatchInEveryCentre(Broken):
    @contextmanager
    def batch(self) -> Iterator[None]:
        try:
            with super().batch():
                yield
        except BaseException:
            for centre in self._centres.values():
                if centre is not self and self is not self._centres[DEFAULT_CENTRE]:
                    centre._events.clear()
            raise


@breaks(11)
class ReindexesInEveryCentre(Broken):
    def reindex(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> bool:
        done = super().reindex(summary, obligations)
        for centre in self._centres.values():
            if done and summary.case in centre._lists:
                centre._list(summary, obligations)
        return done


@breaks(11)
class ForgetsCentresInARestart(Broken):
    def restarted(self) -> Broken:
        for name in [name for name in self._centres if name != DEFAULT_CENTRE]:
            del self._centres[name]
        return self


@breaks(11)
class HasCentresWithoutHavingSaidSo(Broken):
    capabilities: frozenset[Capability] = Broken.capabilities - {Capability.CENTRES}


# --- 12 ---


@breaks(12)
class AdvancesWhoeverAsks(Broken):
    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        super().advance(subscriber, after=self.position(subscriber), position=position)


@breaks(12)
class NeverGoesBack(Broken):
    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        before = self.position(subscriber)
        super().advance(subscriber, after=after, position=position)
        if int(position or 0) < int(before or 0):
            self._positions[subscriber] = before


@breaks(12)
class ComparesPositionsAsNumbers(Broken):
    """An advance from before the stored position is let through."""

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        found = self.position(subscriber)
        if int(after or 0) > int(found or 0):
            raise moved_on(subscriber, after, found)
        super().advance(subscriber, after=found, position=position)


@breaks(12)
class StoresThePositionOfAConflict(Broken):
    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        try:
            super().advance(subscriber, after=after, position=position)
        except Conflict:
            self._positions[subscriber] = position
            raise


@breaks(12)
class HasOnePositionForAll(Broken):
    def position(self, subscriber: str) -> str:
        return super().position("")

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        super().advance("", after=after, position=position)


@breaks(12)
class TakesSubscribersForOneAnother(Broken):
    def position(self, subscriber: str) -> str:
        return super().position(subscriber.lower())

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        super().advance(subscriber.lower(), after=after, position=position)


@breaks(12)
class BeginsAtTheEnd(Broken):
    def position(self, subscriber: str) -> str:
        found = self._positions.get(subscriber)
        return str(len(self._feed) or "") if found is None and not self.batched() else found or ""

    def batched(self) -> bool:
        return not self._feed

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        found = self._positions.get(subscriber, "")
        if found != after:
            raise moved_on(subscriber, after, found)
        self._positions[subscriber] = position


@breaks(12)
class ForgetsPositionsInARestart(Broken):
    def restarted(self) -> Broken:
        self._positions.clear()
        return self


@breaks(12)
class KeepsPositionsInMemory(OwnTable):
    own = "_positions"


@breaks(12)
class AdvancesSeveralAtOnce(Broken):
    def __init__(self) -> None:
        super().__init__()
        self._between = Barrier(WRITERS)

    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        if current_thread() is not main_thread() and self.position(subscriber) == after:
            self._between.wait(timeout=5)
            self._positions[subscriber] = position
            return
        super().advance(subscriber, after=after, position=position)


@breaks(12)
class MovesPositionsWithEveryCommit(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        stored = super().append(commit)
        if commit.summary.state == State.ARCHIVED and commit.case == "XN-5":
            self._positions = dict.fromkeys(self._positions, str(len(self._feed)))
        return stored


@breaks(12)
class WritesPositionsIntoTheFeed(Broken):
    def advance(self, subscriber: str, *, after: str, position: str) -> None:
        super().advance(subscriber, after=after, position=position)
        if position == "1" and len(self._positions) == 1:
            self._feed.append(self._feed[0])


@breaks(12)
class HasPositionsWithoutHavingSaidSo(Broken):
    capabilities: frozenset[Capability] = Broken.capabilities - {Capability.POSITIONS}


# --- and one for each test that none of those fails -----------------------------------------------


@breaks(1)
class EndsLeasesForARefusedCommit(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        try:
            return super().append(commit)
        except Conflict:
            for key in [key for key in self._leases if key[1] == commit.case]:
                del self._leases[key]
            raise


@breaks(4)
class IsReadOnlyAfterARestart(Broken):
    was_closed = False

    def restarted(self) -> Broken:
        self.was_closed = True
        return self

    def append(self, commit: Commit) -> StoredCommit:
        held = len(self.load(commit.case))
        if self.was_closed and held == commit.expected_version:
            raise stale(commit.case, commit.expected_version, held)
        return super().append(commit)


@breaks(6)
class ShowsAReindexInTheFeed(Reindexed):
    def put(self, summary: CaseSummary, owed: tuple[Obligation, ...]) -> None:
        super().put(summary, owed)
        self._feed.append(self._feed[-1])


@breaks(6)
class ListsABatchWhenItIsLeft(Batches):
    @contextmanager
    def batch(self) -> Iterator[None]:
        self._then = dict(self._lists)
        with super().batch():
            yield

    def cases(self, **asked: Any) -> Sequence[CaseSummary]:
        found = super().cases(**asked)
        return [s for s in found if s.case in self._then] if self.batched else found


@breaks(6)
class FindsACaseByWhatWasReindexed(Reindexed):
    def __init__(self) -> None:
        super().__init__()
        self._units: dict[str, tuple[str, ...]] = {}

    def put(self, summary: CaseSummary, owed: tuple[Obligation, ...]) -> None:
        super().put(summary, owed)
        self._units[summary.case] = summary.units

    def append(self, commit: Commit) -> StoredCommit:
        units = self._units.get(commit.case, commit.summary.units)
        return super().append(
            attrs.evolve(commit, summary=attrs.evolve(commit.summary, units=units))
        )


@breaks(6)
class KeepsAllButOneOfWhatIsMetAtOnce(Broken):
    def _list(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> None:
        _, before = self._lists.get(summary.case, (None, ()))
        owed = tuple(obligations)
        gone = [each for each in before if each.subject not in {o.subject for o in owed}]
        kept = tuple(gone[1:]) if len(before) == 6 else ()
        super()._list(summary, owed + kept)


@breaks(7)
class HoldsFourKeysOfACommit(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        return super().append(attrs.evolve(commit, keys=commit.keys[:4]))


@breaks(8)
class TakesACaseForTheHolderOfItsKeys(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        holders = {self._keys.get(key, commit.case).lower() for key in commit.keys}
        like = holders == {commit.case.lower()} and commit.case == "A1"
        return super().append(attrs.evolve(commit, keys=()) if like else commit)


@breaks(10)
class EndsOneLeaseAtATime(Broken):
    def _list(self, summary: CaseSummary, obligations: Sequence[Obligation]) -> None:
        held = dict(self._leases)
        super()._list(summary, obligations)
        ended = [key for key in held if key not in self._leases]
        self._leases.update((key, held[key]) for key in ended[1:])
