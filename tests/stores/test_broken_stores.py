"""Stores that break one promise each, and the kit that must say which one.

Each is a memory store with one fault of the kind that real stores have had.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from threading import Barrier, active_count, current_thread, main_thread
from threading import Event as Signal
from typing import Any

import attrs
import pytest

from onsite_workflow.adapters.memory import MemoryStore
from onsite_workflow.errors import Conflict
from onsite_workflow.events import Event
from onsite_workflow.obligations import Obligation
from onsite_workflow.ports import (
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    StoredCommit,
    key_taken,
    stale,
)
from onsite_workflow.terms import SHANGHAI, State
from onsite_workflow.testing import StoreContract


class Broken(MemoryStore):
    """A memory store that outlives a restart, until a fault is added."""

    def restarted(self) -> "Broken":
        return self

    def replayed(self, commits: Iterable[Commit]) -> "Broken":
        """A new store with those commits only."""
        new = type(self)()
        for commit in commits:
            new.append(commit)
        return new


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
class LetsOthersWriteIntoABatch(Broken):
    """One connection for all threads, and none of them waits for a batch to end."""

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
                self._other.wait(timeout=20)
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
        self._between = Barrier(StoreContract.writers)

    def append(self, commit: Commit) -> StoredCommit:
        held = len(self.load(commit.case))
        if held == commit.expected_version and commit.command_id.startswith("rival"):
            self._between.wait(timeout=20)
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
        if first is not None and first.events[0].case != commit.case:
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
        return None if found is None else attrs.evolve(found, answer="[{}]")


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
        return self.replayed(self.written[:-1])


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

    def numbered(self) -> list[tuple[int, Event]]:
        return [(int(entry.position), entry.event) for entry in super().feed(limit=10**9)]

    def feed(self, *, after: str = "", limit: int = 1000) -> Sequence[FeedEntry]:
        return self.page(int(after or 0), limit)

    def page(self, after: int, limit: int) -> Sequence[FeedEntry]:
        shown = [(number, event) for number, event in self.numbered() if number > after]
        return [FeedEntry(position=str(number), event=event) for number, event in shown[:limit]]


@breaks(5)
class ReordersTheFeed(Feed):
    """By the time that the events bear, and numbered anew at every reading."""

    def numbered(self) -> list[tuple[int, Event]]:
        events = [event for _, event in super().numbered()]
        return list(enumerate(sorted(events, key=lambda e: (e.at, e.case)), start=1))


@breaks(5)
class NumbersACommitBeforeItIsThere(Feed):
    """Of each two commits the second has drawn the lower number: a reader has passed it."""

    def numbered(self) -> list[tuple[int, Event]]:
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

    def __init__(self) -> None:
        super().__init__()
        self._drawn: list[Event] = []
        self._together = Barrier(StoreContract.writers)

    def append(self, commit: Commit) -> StoredCommit:
        if current_thread() is main_thread() or self.batches:
            return super().append(commit)
        if self._together.wait(timeout=20) == 0:  # the first to go on
            with self._lock:
                self._drawn[:0] = commit.events
                return super().append(commit)
        with self._lock:
            self._drawn.extend(commit.events)
            return super().append(commit)

    def numbered(self) -> list[tuple[int, Event]]:
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

    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
        **more: Any,
    ) -> Sequence[CaseSummary]:
        found = super().cases(after=after, limit=limit, state=state, unit=unit, **more)
        if len(self.listed) != 2:  # only where two cases go on in turn
            return found
        return [self.listed[summary.case] for summary in found]


@breaks(6)
class KeepsObligationsThatAreMet(Broken):
    def append(self, commit: Commit) -> StoredCommit:
        _, before = self._lists.get(commit.case, (None, ()))
        kept = before if len(self._lists) == 2 else ()
        return super().append(
            attrs.evolve(commit, obligations=tuple(dict.fromkeys((*kept, *commit.obligations))))
        )


class Cases(Broken):
    def cases(
        self,
        *,
        after: str = "",
        limit: int = 1000,
        state: State | None = None,
        unit: str | None = None,
        **more: Any,
    ) -> Sequence[CaseSummary]:
        return self.listed_cases(after, limit, state, unit)

    def listed_cases(
        self, after: str, limit: int, state: State | None, unit: str | None
    ) -> Sequence[CaseSummary]:
        return super().cases(after=after, limit=limit, state=state, unit=unit)


@breaks(6)
class ListsCasesAsTheyCame(Cases):
    def listed_cases(
        self, after: str, limit: int, state: State | None, unit: str | None
    ) -> Sequence[CaseSummary]:
        found = super().listed_cases(after, limit, state, unit)
        return sorted(found, key=lambda s: list(self._lists).index(s.case))


@breaks(6)
class ListsTheCaseOfTheLastPageAgain(Cases):
    def listed_cases(
        self, after: str, limit: int, state: State | None, unit: str | None
    ) -> Sequence[CaseSummary]:
        found = super().listed_cases("", 10**9, state, unit)
        return [summary for summary in found if summary.case >= after][:limit]


@breaks(6)
class ListsCasesOfTheLeadOnly(Cases):
    def listed_cases(
        self, after: str, limit: int, state: State | None, unit: str | None
    ) -> Sequence[CaseSummary]:
        found = super().listed_cases(after, limit, state, None)
        return [s for s in found if unit is None or (s.lead == unit and s.state == "closed")]


class Owed(Broken):
    def open_obligations(
        self,
        *,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        unit: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Obligation]:
        return self.owed(before, unit)[:limit]

    def owed(self, before: dt.datetime | None, unit: str | None) -> Sequence[Obligation]:
        return super().open_obligations(before=before, unit=unit, limit=10**9)


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
        if commit.summary.state is State.ARCHIVED:
            self._keys = {key: case for key, case in self._keys.items() if case != commit.case}
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

    def change(self, event: Event) -> Event:
        return event

    def load(self, case: str) -> tuple[Event, ...]:
        return tuple(self.change(event) for event in super().load(case))


@breaks(8)
class RoundsTimesToTheSecond(Changed):
    def change(self, event: Event) -> Event:
        return attrs.evolve(event, recorded_at=event.recorded_at.replace(microsecond=0))


@breaks(8)
class LosesTheOffset(Changed):
    def change(self, event: Event) -> Event:
        return attrs.evolve(event, at=event.at.replace(tzinfo=SHANGHAI))


@breaks(8)
class LosesCharactersBeyondTheBasicPlane(Changed):
    def change(self, event: Event) -> Event:
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
    def load(self, case: str) -> tuple[Event, ...]:
        return tuple(sorted(super().load(case), key=lambda event: event.at))


@breaks(8)
class RoundsTheTimesOfItsLists(Cases):
    def listed_cases(
        self, after: str, limit: int, state: State | None, unit: str | None
    ) -> Sequence[CaseSummary]:
        return [
            attrs.evolve(summary, opened_at=summary.opened_at.replace(microsecond=0))
            for summary in super().listed_cases(after, limit, state, unit)
        ]


@breaks(8)
class MixesCasesThatDifferByUpperAndLowerCase(Broken):
    def load(self, case: str) -> tuple[Event, ...]:
        matching = (key for key in self._events if key.lower() == case.lower())
        return tuple(event for key in matching for event in super(Broken, self).load(key))


@breaks(8)
class FindsCasesByPrefix(Broken):
    def load(self, case: str) -> tuple[Event, ...]:
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


# --- what the kit says --------------------------------------------------------------------------


class Trial(StoreContract):
    """The kit put to one of the stores above, outside pytest."""

    def __init__(self, store: type[Broken]) -> None:
        self.kind = store

    def open_store(self) -> CaseStore:
        return self.kind()

    def reopen(self, store: CaseStore) -> CaseStore:
        assert isinstance(store, Broken)
        return store.restarted()


TESTS = tuple(name for name in dir(StoreContract) if name.startswith("test_"))


def failed(store: type[Broken]) -> list[str]:
    """Names of the kit's tests that ``store`` does not pass."""
    trial = Trial(store)
    names: list[str] = []
    for name in TESTS:
        with closing(trial.open_store()) as opened:
            try:
                getattr(trial, name)(opened)
            except Exception:
                names.append(name)
    return names


def promise(test: str) -> int:
    return int(test.split("_")[1])


@pytest.fixture(scope="module")
def verdicts() -> dict[str, list[str]]:
    return {store.__name__: failed(store) for store in FAULTS}


def test_the_kit_passes_the_store_that_was_not_broken() -> None:
    assert failed(Broken) == []


@pytest.mark.parametrize("store", FAULTS, ids=lambda store: store.__name__)
def test_a_broken_store_fails_the_promise_it_breaks_and_no_other(
    store: type[Broken], verdicts: dict[str, list[str]]
) -> None:
    assert {promise(test) for test in verdicts[store.__name__]} == {FAULTS[store]}


def test_every_promise_has_a_test_and_a_store_that_breaks_it() -> None:
    assert {promise(test) for test in TESTS} == set(range(1, 9)) == set(FAULTS.values())


@pytest.mark.parametrize("test", TESTS)
def test_every_test_of_the_kit_can_fail(test: str, verdicts: dict[str, list[str]]) -> None:
    assert any(test in names for names in verdicts.values())
