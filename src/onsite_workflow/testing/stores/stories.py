"""Stories of calls, written out or made up by Hypothesis, and a dictionary that answers them as a store should.

Several writers (as many openings of the store as it allows, and threads let go together), several
cases whose ids are easily taken for one another, several centres: appends, stale and repeated ones,
batches and transactions that end well or not, ``reindex``, leases under a moving clock, readers
with cursors, positions, restarts. After every call all that can be read is compared with the
dictionary; what differs is a ``PromiseBroken`` with the number of the promise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, permutations
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import attrs
from attrs import define, field
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from onsite_workflow.checks import SHANGHAI
from onsite_workflow.clause7.regulation import Kind
from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.engine.record import AnyEvent
from onsite_workflow.errors import Conflict, Violation
from onsite_workflow.ports import (
    DEFAULT_CENTRE,
    Capability,
    CaseStore,
    CaseSummary,
    Commit,
    FeedEntry,
    Lease,
    StoredCommit,
)
from onsite_workflow.terms import State

from ._base import Contract, PromiseBroken, Undone, at_once, new_folder
from ._written import WRITTEN, Call
from .commits import simple_commit, simple_obligation

__all__ = ["StoreMachine", "tell_stories"]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_NOON: Final = dt.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)
_HOUR: Final = dt.timedelta(hours=1)
_TICK: Final = dt.timedelta(microseconds=1)

# --- the dictionary -------------------------------------------------------------------------------


def _procedure_of(key: str) -> str:
    """A record's procedure, as its key says it."""
    procedure, apart, _ = key.partition("/")
    return procedure if apart else "case"


def _rank(owed: Obligation) -> tuple[Any, ...]:
    """The order of ``open_obligations``."""
    moment = (1, dt.timedelta(0)) if owed.due is None else (0, owed.due - _NOON)
    subject = (0, "") if owed.subject is None else (1, owed.subject)
    return (moment, owed.case, owed.kind, subject)


def _held_on_to(owed: Obligation) -> tuple[Any, ...]:
    """What a lease ends with."""
    return (owed.case, owed.kind, owed.subject, owed.opened_at, owed.due)


@define
class _Dictionary:
    """What one centre holds."""

    events: dict[str, tuple[AnyEvent, ...]] = field(factory=dict)
    stored: dict[str, StoredCommit] = field(factory=dict)
    keys: dict[str, str] = field(factory=dict)
    summaries: dict[str, CaseSummary] = field(factory=dict)
    owed: dict[str, tuple[Obligation, ...]] = field(factory=dict)
    leases: dict[tuple[Any, ...], tuple[str, dt.datetime]] = field(factory=dict)
    positions: dict[str, str] = field(factory=dict)

    def copy(self) -> _Dictionary:
        return _Dictionary(*(dict(held) for held in attrs.astuple(self, recurse=False)))

    def version(self, case: str) -> int:
        return len(self.events.get(case, ()))

    def append(self, commit: Commit) -> set[str]:
        """Store it where it may be. What a store may answer: ``stored``, ``repeated``, or the
        rules of which a conflict may name any."""
        first = self.stored.get(commit.command_id)
        if first is not None:
            return {"repeated" if first.content == commit.content else "command_id"}
        rules: set[str] = set()
        if self.version(commit.case) != commit.expected_version:
            rules.add("version")
        if any(self.keys.get(key, commit.case) != commit.case for key in commit.keys):
            rules.add("claimed_key")
        if rules:
            return rules
        self.events[commit.case] = self.events.get(commit.case, ()) + commit.events
        self.stored[commit.command_id] = commit.stored
        for key in commit.keys:
            self.keys[key] = commit.case
        self.enlist(commit.summary, commit.obligations)
        return {"stored"}

    def enlist(self, summary: CaseSummary, owed: Iterable[Obligation]) -> None:
        self.summaries[summary.case] = summary
        self.owed[summary.case] = tuple(owed)
        standing = {_held_on_to(each) for each in self.owed[summary.case]}
        for held in [held for held in self.leases if held[0] == summary.case]:
            if held not in standing:
                del self.leases[held]

    def cases(self, after: str, limit: int, **only: Any) -> list[CaseSummary]:
        found = [self.summaries[case] for case in sorted(self.summaries) if case > after]
        tests: dict[str, Callable[[CaseSummary, Any], bool]] = {
            "procedure": lambda line, asked: line.procedure == asked,
            "state": lambda line, asked: line.state == asked,
            "unit": lambda line, asked: asked in line.units,
            "applicant_key": lambda line, asked: asked in line.applicant_keys,
            "other_calendar_than": lambda line, asked: line.calendar_revision != asked,
            "due_before": lambda line, asked: any(
                owed.due is not None and owed.due < asked for owed in self.owed[line.case]
            ),
        }
        for name, asked in only.items():
            found = [line for line in found if tests[name](line, asked)]
        return found[:limit]

    def obligations(
        self,
        after: Obligation | None = None,
        before: dt.datetime | None = None,
        procedure: str | None = None,
        unit: str | None = None,
    ) -> list[Obligation]:
        found = sorted(chain.from_iterable(self.owed.values()), key=_rank)
        if after is not None:
            found = [owed for owed in found if _rank(owed) > _rank(after)]
        if before is not None:
            found = [owed for owed in found if owed.due is not None and owed.due < before]
        return [
            owed
            for owed in found
            if procedure in (None, owed.procedure) and unit in (None, owed.bearer)
        ]

    def claim(
        self,
        *,
        worker: str,
        before: dt.datetime,
        now: dt.datetime,
        until: dt.datetime,
        procedure: str | None = None,
        unit: str | None = None,
    ) -> list[Obligation]:
        return [
            owed
            for owed in self.obligations(before=before, procedure=procedure, unit=unit)
            if (held := self.leases.get(_held_on_to(owed))) is None or held[1] <= now
        ]


# --- what stories are made of ---------------------------------------------------------------------

#: The last is the key of another procedure's record.
_KEYS_OF_RECORDS: Final = ("A", "a", "B", "\uff5e", "\U00020bb7", "lost/L-1")
_CASES: Final = st.sampled_from(_KEYS_OF_RECORDS)
_KEYS: Final = st.lists(st.sampled_from(["notice:1", "notice:2", "archive:1"]), max_size=2)
_UNITS: Final = ("甲", "乙", "Z")
_DUES: Final = (
    _NOON - _HOUR,
    _NOON,
    _NOON.astimezone(dt.UTC),
    _NOON + _TICK,
    _NOON + _HOUR,
    None,
)
_LATER: Final = _NOON + 9 * _HOUR

#: What lists of cases are asked for, in turn.
_QUESTIONS: Final[tuple[dict[str, Any], ...]] = (
    {"state": State.TRANSFERRED},
    *({"unit": unit} for unit in _UNITS),
    *({"due_before": due} for due in (*_DUES[:5], _LATER)),
    *({"applicant_key": key} for key in ("k1", "K1", "k")),
    *({"other_calendar_than": revision} for revision in ("2026.1", "2026.2", "2025.9")),
    {"state": State.ACCEPTED, "unit": "甲", "due_before": _LATER},
    {"applicant_key": "k1", "other_calendar_than": "2026.1"},
    *({"procedure": procedure} for procedure in ("case", "lost", "Lost")),
    {"procedure": "lost", "state": State.ACCEPTED, "unit": "甲"},
)
_LINES: Final = st.fixed_dictionaries(
    {
        "state": st.sampled_from([State.TRANSFERRED, State.ACCEPTED]),
        "units": st.lists(st.sampled_from(_UNITS), unique=True, max_size=2).map(tuple),
        "applicant_keys": st.lists(st.sampled_from(["k1", "K1"]), unique=True).map(tuple),
        "calendar_revision": st.sampled_from(["2026.1", "2026.2"]),
    }
)
_OWED: Final = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from([Kind.REPLY, Kind.ARRIVAL]),
            "subject": st.sampled_from([None, "a", "Z"]),
            "due": st.sampled_from(_DUES),
            "opened_at": st.sampled_from([_NOON - 9 * _HOUR, _NOON - 8 * _HOUR]),
            "bearer": st.sampled_from(_UNITS),
        }
    ),
    unique_by=lambda owed: (owed["kind"], owed["subject"]),
    max_size=3,
)
_PARTS: Final = st.fixed_dictionaries(
    {
        "case": _CASES,
        "size": st.integers(1, 3),
        "keys": _KEYS,
        "line": _LINES,
        "owed": _OWED,
        "off": st.sampled_from([0, 0, 0, 0, -1, 1]),
        "kept": st.booleans(),
    }
)
_ANY: Final = st.integers(0, 11)
_LIMITS: Final = st.sampled_from([1, 2, 3, 1000])
_MOMENTS: Final = st.sampled_from([_LATER, _LATER, _LATER, *_DUES[:5]])


def _where(capability: Capability) -> Callable[[F], F]:
    """The rule is for stores that declare this."""

    def mark(rule: F) -> F:
        only: Any = precondition(lambda self: self.can(capability))(rule)
        only.needs = capability
        return only  # type: ignore[no-any-return]

    return mark


class StoreMachine(RuleBasedStateMachine):
    """``tell_stories`` gives ``contract`` and ``parent`` (a folder for the stores' folders)."""

    contract: ClassVar[Contract]
    parent: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.folder: Path = new_folder(self.parent)
        self.stores: list[CaseStore] = [self.contract.open_store(self.folder)]
        self.capabilities: frozenset[Capability] = frozenset(self.stores[0].capabilities)
        if Capability.SHARED in self.capabilities:
            self.stores.append(self.contract.open_store(self.folder))
        self.centres: list[str] = [DEFAULT_CENTRE]
        if Capability.CENTRES in self.capabilities:
            self.centres.append("north")
        self.held: dict[str, _Dictionary] = {centre: _Dictionary() for centre in self.centres}
        self.fed: dict[str, list[FeedEntry]] = {centre: [] for centre in self.centres}
        self.readers: dict[tuple[str, int], int] = {}
        self.given: dict[str, list[Lease]] = {centre: [] for centre in self.centres}
        self.now: dt.datetime = _NOON
        self.number: int = 0
        self.turn: int = 0
        self.acted: str | None = None
        self.instead: int | None = None
        self.still: tuple[int, ...] = ()

    def can(self, capability: Capability) -> bool:
        """Whether the store declares it."""
        return capability in self.capabilities

    # --- how calls are made and compared ---

    def at(self, which: int) -> tuple[str, CaseStore]:
        """A centre, and one opening of the store as it sees it."""
        centre = self.centres[which % len(self.centres)]
        return centre, self._seen_by(centre, self.stores[which // 2 % len(self.stores)])

    def _seen_by(self, centre: str, store: CaseStore) -> CaseStore:
        # The default centre is also reached as the store itself, as those do who have no centres.
        return store if centre == DEFAULT_CENTRE else store.for_centre(centre)

    def where(self, centre: str) -> str:
        """The beginning of a sentence; nothing where there is but one centre."""
        return f"in centre {centre}, " if len(self.centres) > 1 else ""

    def done(self, centre: str | None, instead: int | None = None, *still: int) -> None:
        """What has just been done: all agreed before, so what differs now differs by that. It
        breaks ``instead`` of the promise by which it is seen, unless that is one of ``still``."""
        self.acted, self.instead, self.still = centre, instead, still

    def differ(self, promise: int, sentence: str) -> PromiseBroken:
        """Which promise is broken depends on what has just been done."""
        if self.instead is None or promise in self.still:
            return PromiseBroken(promise, sentence)
        return PromiseBroken(self.instead, sentence)

    def same(
        self,
        promise: int,
        centre: str,
        what: str,
        got: object,
        expected: object,
        *,
        new: bool = False,
    ) -> None:
        """Raise where ``got`` is not ``expected``. A ``new`` question was not asked before the last
        call, which so has nothing to do with it."""
        if got == expected:
            return
        others = [f"<{each}>" for each in self.centres if each != centre]
        sentence = (
            f"{self.where(centre)}{what} gives {_brief(got)}, and should give {_brief(expected)}"
        )
        elsewhere = not new and self.acted not in (None, centre)
        if elsewhere or any(mark in repr(got) for mark in others):
            raise PromiseBroken(11, sentence)
        raise PromiseBroken(promise, sentence) if new else self.differ(promise, sentence)

    def call(self, promise: int, act: Callable[[], T]) -> T:
        """Call; what is no answer at all breaks the promise, too."""
        try:
            return act()
        except (Conflict, AssertionError, Undone):
            raise
        except Exception as error:
            raise self.differ(promise, f"raised {type(error).__name__}: {error}") from error

    def commit(self, centre: str, parts: dict[str, Any], held: _Dictionary) -> Commit:
        """A new command's commit; all that is in it bears the mark of its centre."""
        self.number += 1
        mark, case = f"<{centre}>", parts["case"]
        after = max(0, held.version(case) + parts["off"])
        commit = simple_commit(
            case,
            after=after,
            events=parts["size"],
            command_id=f"{self.number}",
            keys=parts["keys"],
            obligations=self.owed(centre, case, parts["owed"], kept=parts["kept"]),
            procedure=_procedure_of(case),
            lead=mark,
            **parts["line"],
        )
        events = [attrs.evolve(e, id=f"{mark}{self.number}.{e.version}") for e in commit.events]
        return attrs.evolve(commit, events=tuple(events), content=f"{mark}{self.number}")

    def owed(
        self, centre: str, case: str, parts: list[dict[str, Any]], *, kept: bool
    ) -> list[Obligation]:
        """Obligations as drawn; with ``kept``, those that stand go on, overdue by now."""
        marks = {"procedure": _procedure_of(case), "clause": f"<{centre}>"}
        made = [simple_obligation(case, **marks, **each) for each in parts]
        new = {(each.kind, each.subject) for each in made}
        standing = self.held[centre].owed.get(case, ()) if kept else ()
        rest = [each for each in standing if (each.kind, each.subject) not in new]
        return made + [attrs.evolve(each, status=Status.OVERDUE) for each in rest]

    def answer(self, store: CaseStore, commit: Commit) -> tuple[str, Violation | None]:
        """``stored``, ``repeated``, or the conflict's rule."""
        try:
            stored = self.call(1, lambda: store.append(commit))
        except Conflict as conflict:
            return conflict.violations[0].rule, conflict.violations[0]
        return ("repeated" if stored.repeated else "stored"), None

    def judge(
        self, centre: str, commit: Commit, got: str, conflict: Violation | None, allowed: set[str]
    ) -> None:
        """Whether ``append`` may answer so."""
        held = self.held[centre]
        if got not in allowed:
            raise self.differ(
                self._whose(centre, commit, got, allowed),
                f"{self.where(centre)}append of {_named(commit)} was answered {got}, and should be"
                f" {' or '.join(sorted(allowed))}",
            )
        if got == "version" and conflict is not None:
            self.same(
                2, centre, "Conflict.found", conflict.facts.get("found"), held.version(commit.case)
            )
        if got == "claimed_key" and conflict is not None:
            key = conflict.facts.get("key")
            if key not in commit.keys or held.keys.get(str(key), commit.case) == commit.case:
                sentence = f"{self.where(centre)}the conflict names {key}, which nobody else holds"
                raise self.differ(7, sentence)

    def _whose(self, centre: str, commit: Commit, got: str, allowed: set[str]) -> int:
        for other in self.centres:
            objects = self.held[other].copy().append(commit) - {"stored"}
            if other != centre and allowed & {"stored", "version"} and got in objects:
                return 11
        if {got, *allowed} & {"repeated", "command_id"}:
            return 3
        if got == "stored":
            return 2 if "version" in allowed else 7
        return 2 if got == "version" else 7

    def append(self, centre: str, store: CaseStore, commit: Commit) -> None:
        """Append, and judge the answer."""
        got, conflict = self.answer(store, commit)
        before = self.held[centre].copy()
        allowed = self.held[centre].append(commit)
        after, self.held[centre] = self.held[centre], before
        self.judge(centre, commit, got, conflict, allowed)
        self.held[centre] = after
        self.done(centre, None if got == "stored" else 3 if got == "repeated" else 1)

    # --- the calls ---

    @rule(which=_ANY, parts=_PARTS)
    def one_appends(self, which: int, parts: dict[str, Any]) -> None:
        centre, store = self.at(which)
        self.append(centre, store, self.commit(centre, parts, self.held[centre]))

    @rule(which=_ANY, command=_ANY, same=st.booleans(), off=st.integers(0, 2), parts=_PARTS)
    def one_sends_a_command_again(
        self, which: int, command: int, same: bool, off: int, parts: dict[str, Any]
    ) -> None:
        centre, store = self.at(which)
        held = self.held[centre]
        if not held.stored:
            return
        first = list(held.stored.values())[command % len(held.stored)]
        case = first.events[0].key
        again = self.commit(centre, {**parts, "case": case if same else parts["case"]}, held)
        again = attrs.evolve(
            again,
            command_id=first.command_id,
            content=first.content if same else again.content,
            expected_version=again.expected_version + off,
        )
        got, conflict = self.answer(store, again)
        self.judge(centre, again, got, conflict, held.copy().append(again))
        self.done(centre, 3)
        if got == "repeated":
            self.same(
                3,
                centre,
                "append of a repeated command",
                self.call(3, lambda: store.append(again)),
                attrs.evolve(first, repeated=True),
            )

    @rule(which=_ANY, parts=st.lists(_PARTS, min_size=1, max_size=3), undone=st.booleans())
    def one_appends_in_a_batch(self, which: int, parts: list[dict[str, Any]], undone: bool) -> None:
        centre, store = self.at(which)
        before = self.held[centre].copy()
        with suppress(Undone), store.batch():
            self._several(centre, store, parts, within=None)
            if undone:
                raise Undone
        self.done(centre)
        if undone:
            self.held[centre] = before
            self.done(centre, 1)

    def _several(
        self, centre: str, store: CaseStore, parts: list[dict[str, Any]], *, within: int | None
    ) -> None:
        for each in parts:
            commit = self.commit(centre, each, self.held[centre])
            self.append(centre, store, commit)
            self.done(centre, within)
            self._case_agrees(centre, store, commit.case)
            self._lists_agree(centre, store)

    @_where(Capability.JOINING)
    @rule(
        which=_ANY,
        parts=st.lists(_PARTS, min_size=1, max_size=3),
        undone=st.booleans(),
        place=_ANY,
    )
    def one_appends_in_a_transaction(
        self, which: int, parts: list[dict[str, Any]], undone: bool, place: int
    ) -> None:
        centre, store = self.at(which)
        before = self.held[centre].copy()
        with suppress(Undone), self.contract.transaction(self.folder) as transaction:
            joined = self.call(9, partial(store.joining, transaction))
            self._several(centre, joined, parts, within=9)
            if self.can(Capability.POSITIONS):
                self._advance(centre, joined, "s", place, right=True)
            if undone:
                raise Undone
        self.done(centre, 9)
        if undone:
            self.held[centre] = before

    @rule(which=_ANY, parts=st.lists(_PARTS, min_size=2, max_size=3))
    def several_append_at_once(self, which: int, parts: list[dict[str, Any]]) -> None:
        centre, _ = self.at(which)
        held = self.held[centre]
        commits = [self.commit(centre, each, held) for each in parts]
        stores = [self.at(which + 2 * number)[1] for number in range(len(commits))]
        got = at_once(
            partial(self.answer, store, commit)
            for store, commit in zip(stores, commits, strict=True)
        )
        self.done(centre)
        possible: list[set[str]] = [set() for _ in commits]
        for order in permutations(range(len(commits))):
            one_by_one = held.copy()
            allowed = {n: one_by_one.append(commits[n]) for n in order}
            if all(got[n][0] in allowed[n] for n in order):
                self.held[centre] = one_by_one
                return
            for n in order:
                possible[n] |= allowed[n]
        for commit, (answer, _), allowed_once in zip(commits, got, possible, strict=True):
            if answer not in allowed_once:
                raise self.differ(
                    self._whose(centre, commit, answer, allowed_once),
                    f"{self.where(centre)}append of {_named(commit)} at once with others was"
                    f" answered {answer}",
                )
        answers = ", ".join(f"{_named(c)}: {g}" for c, (g, _) in zip(commits, got, strict=True))
        cases = [commit.case for commit in commits]
        promise = 7 if len(set(cases)) == len(cases) else 2
        sentence = f"{self.where(centre)}in no order would those be the answers: {answers}"
        raise self.differ(promise, sentence)

    @rule(which=_ANY, parts=_PARTS)
    def one_reindexes(self, which: int, parts: dict[str, Any]) -> None:
        centre, store = self.at(which)
        case, off, line = parts["case"], parts["off"], parts["line"]
        held = self.held[centre]
        version = max(1, held.version(case) + off)
        blank = simple_commit(
            case,
            after=version - 1,
            procedure=_procedure_of(case),
            lead=f"<{centre}>",
            **line,
        )
        listed = self.owed(centre, case, parts["owed"], kept=parts["kept"])
        right = version == held.version(case)
        self.done(centre, 6, 10)
        got = self.call(6, lambda: store.reindex(blank.summary, listed))
        self.same(6, centre, "reindex", got, right)
        if right:
            held.enlist(blank.summary, listed)

    @_where(Capability.LEASES)
    @rule(
        which=_ANY,
        worker=st.sampled_from("xy"),
        before=_MOMENTS,
        hours=st.integers(1, 3),
        unit=st.sampled_from([None, None, "甲"]),
        limit=_LIMITS,
        procedure=st.sampled_from([None, None, None, "case", "lost"]),
    )
    def one_claims(  # noqa: PLR0917 - Hypothesis names them
        self,
        which: int,
        worker: str,
        before: dt.datetime,
        hours: int,
        unit: str | None,
        limit: int,
        procedure: str | None = None,
    ) -> None:
        centre, store = self.at(which)
        held, until = self.held[centre], self.now + hours * _HOUR
        asked: dict[str, Any] = {
            "worker": worker,
            "before": before,
            "now": self.now,
            "until": until,
            "procedure": procedure,
            "unit": unit,
        }
        got = self.call(10, lambda: store.claim_due(limit=limit, **asked))
        owed = held.claim(**asked)[:limit]
        expected = [Lease(obligation=each, worker=worker, until=until) for each in owed]
        self.same(10, centre, "claim_due", list(got), expected)
        for each in owed:
            held.leases[_held_on_to(each)] = (worker, until)
        self.given[centre] += expected
        self.done(centre, 10)

    @precondition(lambda self: any(self.given.values()))
    @_where(Capability.LEASES)
    @rule(which=_ANY, lease=_ANY, hours=st.integers(-1, 3))
    def one_extends(self, which: int, lease: int, hours: int) -> None:
        centre, store = self.at(which)
        if not self.given[centre]:
            return
        held = self.held[centre]
        mine = self.given[centre][-1 - lease % len(self.given[centre])]
        until = self.now + hours * _HOUR
        got = self.call(10, lambda: store.extend(mine, now=self.now, until=until))
        runs = held.leases.get(_held_on_to(mine.obligation)) == (mine.worker, mine.until)
        if runs and self.now < mine.until:
            longer = attrs.evolve(mine, until=until)
            again = None if got is None else attrs.evolve(got, obligation=mine.obligation)
            self.same(10, centre, "extend", again, longer)
            held.leases[_held_on_to(mine.obligation)] = (mine.worker, until)
            self.given[centre].append(longer)
        else:
            self.same(10, centre, "extend", got, None)
        self.done(centre, 10)

    @_where(Capability.LEASES)
    @rule(hours=st.sampled_from([0.5, 1, 2]))
    def time_passes(self, hours: float) -> None:
        self.now += hours * _HOUR
        self.done(None, 10)

    @rule(which=_ANY, reader=st.integers(0, 1), limit=_LIMITS)
    def one_reads_on(self, which: int, reader: int, limit: int) -> None:
        centre, store = self.at(which)
        fed, begun = self.fed[centre], self.readers.get((centre, reader), 0)
        after = fed[begun - 1].position if begun else ""
        got = self.call(5, lambda: store.feed(after=after, limit=limit))
        self.same(5, centre, f"feed(limit={limit})", list(got), fed[begun : begun + limit])
        self.readers[centre, reader] = begun + len(got)

    @_where(Capability.POSITIONS)
    @rule(which=_ANY, name=st.sampled_from(["s", "S"]), place=_ANY, right=st.booleans())
    def one_advances(self, which: int, name: str, place: int, right: bool) -> None:
        centre, store = self.at(which)
        self._advance(centre, store, name, place, right=right)
        self.done(centre, 12)

    def _advance(
        self, centre: str, store: CaseStore, name: str, place: int, *, right: bool
    ) -> None:
        places = ["", *(entry.position for entry in self.fed[centre])]
        position = places[place % len(places)]
        was = self.held[centre].positions.get(name, "")
        after = was if right else places[-1 - place % len(places)]
        try:
            self.call(12, lambda: store.advance(name, after=after, position=position))
        except Conflict as conflict:
            self.same(12, centre, "advance", conflict.violations[0].rule, "position")
            self.same(
                12, centre, "advance", "a conflict", "stored" if after == was else "a conflict"
            )
        else:
            self.same(12, centre, "advance", "stored", "stored" if after == was else "a conflict")
            self.held[centre].positions[name] = position
        self.same(
            12, centre, "position", store.position(name), self.held[centre].positions.get(name, "")
        )

    @_where(Capability.DURABLE)
    @rule()
    def the_store_is_opened_again(self) -> None:
        for store in self.stores:
            store.close()
        self.stores = [self.contract.open_store(self.folder) for _ in self.stores]
        self.done(None, 4, 10, 12)

    # --- what can be read agrees ---

    @invariant()
    def all_agrees(self) -> None:
        """Of every centre."""
        if self.number == 0:
            return
        self.turn += 1
        try:
            for index, centre in enumerate(self.centres):
                _, store = self.at(index + 2 * self.number)
                for case in _KEYS_OF_RECORDS:
                    self._case_agrees(centre, store, case)
                self._commands_agree(centre, store)
                self._feed_agrees(centre, store)
                self._lists_agree(centre, store)
                self._questions_agree(centre, store)
                self._rest_agrees(centre, store)
        finally:
            self.done(None)

    def _case_agrees(self, centre: str, store: CaseStore, case: str) -> None:
        expected = self.held[centre].events.get(case, ())
        got = self.call(8, lambda: store.load(case))
        fewer = len(got) < len(expected)
        self.same(1 if fewer else 8, centre, f"load({case!r})", got, expected)

    def _commands_agree(self, centre: str, store: CaseStore) -> None:
        stored = self.held[centre].stored
        recent = list(stored)[-3:]
        got = self.call(3, lambda: [store.find(used) for used in recent])
        self.same(3, centre, "find", got, [stored[used] for used in recent])
        unused = f"{self.number}"
        if unused not in stored:
            self.same(3, centre, "find of a refused command", store.find(unused), None)

    def _feed_agrees(self, centre: str, store: CaseStore) -> None:
        feed = list(self.call(5, lambda: store.feed(limit=100_000)))
        read = self.fed[centre]
        self.same(5, centre, "feed", feed[: len(read)], read)
        by_case: dict[str, list[AnyEvent]] = {}
        for entry in feed:
            by_case.setdefault(entry.event.key, []).append(entry.event)
        expected = {case: list(events) for case, events in self.held[centre].events.items()}
        self.same(5, centre, "feed", by_case, expected)
        if len({entry.position for entry in feed} - {""}) != len(feed):
            raise self.differ(5, "two places in the feed have one position")
        self.fed[centre] = feed

    def _lists_agree(self, centre: str, store: CaseStore) -> None:
        held = self.held[centre]
        cases = self.call(6, lambda: list(store.cases()))
        self.same(6, centre, "cases", cases, held.cases("", 1000))
        owed = self.call(6, lambda: list(store.open_obligations()))
        self.same(6, centre, "open_obligations", owed, held.obligations())

    def _questions_agree(self, centre: str, store: CaseStore) -> None:
        """One more of many questions at every turn."""
        held, turn = self.held[centre], self.turn
        only = _QUESTIONS[turn % len(_QUESTIONS)]
        after = ("", "A", "a", "\uff5e")[turn // 3 % 4]
        limit = (1, 2, 1000)[turn % 3]
        asked = ", ".join(f"{name}={_brief(value)}" for name, value in only.items())
        got = self.call(6, lambda: list(store.cases(after=after, limit=limit, **only)))
        expected = held.cases(after, limit, **only)
        what = f"cases(after={after!r}, limit={limit}, {asked})"
        self.same(6, centre, what, got, expected, new=True)
        everything = held.obligations()
        cursor = everything[turn % len(everything)] if everything and turn % 2 else None
        if cursor is not None and turn % 4 == 3:  # one that does not stand
            cursor = attrs.evolve(cursor, subject=f"{cursor.subject or ''}!")
        before = (None, *_DUES)[turn % 6]
        procedure = (None, None, None, "case", "lost", None, "lost")[turn % 7]
        unit = (None, None, *_UNITS)[turn % 5]
        owed = self.call(
            6,
            lambda: list(
                store.open_obligations(
                    after=cursor, before=before, procedure=procedure, unit=unit, limit=limit
                )
            ),
        )
        asked = (
            f"after={_brief(cursor)}, before={before}, procedure={procedure}, unit={unit},"
            f" limit={limit}"
        )
        expected_owed = held.obligations(cursor, before, procedure, unit)[:limit]
        self.same(6, centre, f"open_obligations({asked})", owed, expected_owed, new=True)

    def _rest_agrees(self, centre: str, store: CaseStore) -> None:
        if self.can(Capability.LEASES):
            # A lease that ends when it begins changes nothing, and tells what is free.
            probe: dict[str, Any] = {
                "worker": "x",
                "before": _LATER,
                "now": self.now,
                "until": self.now,
            }
            free = self.call(10, lambda: list(store.claim_due(limit=1000, **probe)))
            owed = [lease.obligation for lease in free]
            expected_owed = self.held[centre].claim(**probe)
            self.same(10, centre, "claim_due", owed, expected_owed)
            for lease in self._ended(centre):
                longer = partial(store.extend, lease, now=self.now, until=_LATER)
                self.same(10, centre, "extend of what has ended", self.call(10, longer), None)
        if self.can(Capability.POSITIONS):
            for name in ("s", "S"):
                expected = self.held[centre].positions.get(name, "")
                got = self.call(12, partial(store.position, name))
                self.same(12, centre, "position", got, expected)

    def _ended(self, centre: str) -> list[Lease]:
        """Some leases that nobody can extend: ended, or not as they are, or another's."""
        held, ended = self.held[centre], list[Lease]()
        for lease in self.given[centre][-4:]:
            worker, until = held.leases.get(_held_on_to(lease.obligation), ("", lease.until))
            if (worker, until) != (lease.worker, lease.until) or until <= self.now:
                ended.append(lease)
            else:
                ended.append(attrs.evolve(lease, worker="z"))
        return ended

    def teardown(self) -> None:
        for store in getattr(self, "stores", ()):
            store.close()


def tell_stories(
    contract: Contract,
    parent: Path,
    *,
    stories: int,
    calls: int,
    shrink: bool = True,
    number: int | None = None,
) -> None:
    """Tell stories to stores that ``contract`` opens below ``parent``: first those that are written
    out, then ``stories`` drawn ones of at most ``calls`` calls. They are the same at every run; a
    ``number`` (the seed of Hypothesis) draws others, the same ones for the same number.

    Raises what the first written story that fails raises, or the shortest drawn one.
    """

    class Told(StoreMachine):
        pass

    Told.contract, Told.parent = contract, parent
    for story in WRITTEN.values():
        _tell(Told(), story)
    if not stories:
        return
    phases = [Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if shrink else [])]
    run_state_machine_as_test(
        Told if number is None else seed(number)(Told),
        settings=settings(
            max_examples=stories,
            stateful_step_count=calls,
            deadline=None,
            database=None,
            derandomize=number is None,
            phases=phases,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


def _tell(machine: StoreMachine, story: Iterable[Call]) -> None:
    """Make the calls that the store can answer. An error notes them as Hypothesis does."""
    made: list[str] = []
    try:
        for name, given in (("begin", {}), *story):
            call = getattr(machine, name)
            if hasattr(call, "needs") and not machine.can(call.needs):
                continue
            made.append(f"state.{name}({', '.join(f'{n}={v!r}' for n, v in given.items())})")
            call(**given)
            machine.all_agrees()
    except Exception as error:
        for line in (*made, "state.teardown()"):
            error.add_note(line)
        raise
    finally:
        machine.teardown()


# --- for people to read ---------------------------------------------------------------------------


def _named(commit: Commit) -> str:
    keys = f", keys {', '.join(commit.keys)}" if commit.keys else ""
    return (
        f"command {commit.command_id} (case {commit.case!r}, {len(commit.events)} events on"
        f" version {commit.expected_version}{keys})"
    )


def _brief(value: object) -> str:
    """The shortest that tells which it is."""
    if isinstance(value, AnyEvent):
        return f"event {value.id} of {value.key!r} v{value.version}"
    if isinstance(value, FeedEntry):
        return f"{_brief(value.event)} at {value.position}"
    if isinstance(value, CaseSummary):
        return f"{value.case!r} v{value.version}"
    if isinstance(value, Obligation):
        due = "never" if value.due is None else value.due.astimezone(SHANGHAI).isoformat()
        return f"{value.kind}({value.subject}) of {value.case!r} due {due}"
    if isinstance(value, Lease):
        return f"{_brief(value.obligation)} leased to {value.worker} until {value.until}"
    if isinstance(value, StoredCommit):
        repeated = " (repeated)" if value.repeated else ""
        return f"commit {value.command_id} of {_brief(value.events)}{repeated}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k!r}: {_brief(v)}' for k, v in value.items())}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_brief, value))}]"
    return repr(value)
