"""The explorer: every case there can be, in shape, and every command put to each.

``explore(regulation)`` walks breadth first from the application. From every case it reaches it tries
all ``proposals``: each of the twenty commands as an office would send it and wrong in one thing at a
time. Whatever is accepted leads to another case. After every try the ``invariants`` are checked, and
where a second ``judge`` is given, its verdict is compared. What fails is reported with the shortest
journal that shows it: ``Counterexample.replay`` gives back the ``Try``, ``save`` writes a file.
``onsite-workflow run`` carries out such a file if the library's own edition and calendar were
explored: it knows no other edition. That command checks no invariant.

What is tried is a value, an ``Explorable``; ``CLAUSE_7`` is the library's.

There are endless cases, so cases alike are explored once. Of clause 7 this counts:

- the state; of each unit its role, its reply, whether it was explained; of each item by whose
  notices it is carried and how far it has come; how a case ended; whether the form is filed;
- of time: whether the appointed moment has come, and whether anything is or was late. Time passes
  between the tries up to the next moment that matters (a due, an appointed start) and no further,
  and each act is tried in the last second of its own limit, and entered after it, as well. In a case
  that is late already only what an office would send is tried;
- ids, names and free text do not count, nor which of two alike assisting units is which; of
  appointments moved, visits failed and notices reassigned only whether there were any, and that only
  until the visit is held, since nothing later asks for it.

A kept case is the first found, so it has the shortest history. ``correct`` (I-6) is tried from every
case, on its first entry and the latest three, and on one of each kind once it is closed. A corrected
case is checked like any other, and so is the next act on one of them; it is not explored further: its
state is that of the case that was corrected, and following both would follow everything twice.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import attrs
from attrs import define, field, frozen

from onsite_workflow.calendar import WorkingCalendar
from onsite_workflow.checks import Word, check_moment, local_day
from onsite_workflow.clause7.commands import Command
from onsite_workflow.clause7.events import Event
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.directory import Directory
from onsite_workflow.engine.duties import Obligation, Status
from onsite_workflow.errors import CorruptRecord, InvalidInput
from onsite_workflow.regulation import Regulation
from onsite_workflow.wire.reading import read_line

from .clause7 import CLAUSE_7
from .explorable import Explorable, Invariant, Proposal
from .proposals import checked_units, usual_start
from .trying import Situation, Try, journal_line

__all__ = ["Counterexample", "Judge", "Report", "Standing", "Verdict", "explore"]

MINUTE: Final = dt.timedelta(minutes=1)


class Found(Protocol):
    """What of a finding is compared; ``Finding`` has it all."""

    @property
    def code(self) -> str: ...
    @property
    def clause(self) -> str: ...
    @property
    def bearer(self) -> str: ...
    @property
    def due(self) -> dt.datetime: ...
    @property
    def by_seconds(self) -> int: ...
    @property
    def version(self) -> int: ...


@frozen(kw_only=True)
class Verdict:
    """What a judge says of a command: ``accepted``, or one of the six answers.

    ``rules`` are the unmet ones, each with its clause; ``state`` the state reached, ``result`` that
    of a case that ended, ``findings`` what the act newly shows to be late. What a judge leaves None
    is not compared.
    """

    answer: str
    rules: frozenset[tuple[str, str | None]] | None = None
    state: Word | None = None
    result: Word | None = None
    findings: Collection[Found] | None = None


class Judge(Protocol):
    """A second opinion on every try, from the facts alone."""

    def __call__(
        self,
        history: Sequence[Event],
        command: Any,
        *,
        recorded_at: dt.datetime,
        regulation: Regulation,
        calendar: WorkingCalendar,
        directory: Directory,
        existing_cases: Collection[str],
    ) -> Verdict | None:
        """What comes of ``command`` after ``history`` (empty: no case yet). None: no opinion."""
        ...


class Owed(Protocol):
    """What of an obligation is compared; ``Obligation`` has it all."""

    @property
    def kind(self) -> str: ...
    @property
    def bearer(self) -> str: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def opened_at(self) -> dt.datetime: ...
    @property
    def due(self) -> dt.datetime | None: ...
    @property
    def status(self) -> Status: ...


class Standing(Protocol):
    """A second opinion on what is owed."""

    def __call__(
        self,
        history: Sequence[Event],
        *,
        as_of: dt.datetime,
        regulation: Regulation,
        calendar: WorkingCalendar,
    ) -> Iterable[Owed]:
        """Every time limit that ``history`` has opened by ``as_of``."""
        ...


@frozen(kw_only=True)
class Counterexample:
    """The shortest history found that shows something wrong.

    ``of`` is the invariant's name, ``judge`` or ``standing``; ``wrong`` is what it said, or what the
    invariant raised. ``journal`` are the lines of a journal, of which the last shows it, put to
    ``opening`` (its regulation, calendar, directory) and to nothing else.
    """

    of: str
    clause: str | None
    wrong: str
    journal: tuple[str, ...]
    opening: Situation = field(repr=False, eq=False)

    def __str__(self) -> str:
        clause = "" if self.clause is None else f" (clause {self.clause})"
        return "\n".join([f"{self.of}{clause}: {self.wrong}", self._whose, *self.journal])

    @property
    def _whose(self) -> str:
        o = self.opening
        asked = (o.regulation, o.calendar, o.directory)
        if asked == (DB4209_T_32_2023, WorkingCalendar.china(), Directory()):
            takes = "`onsite-workflow run FILE --store sqlite:///new.db` carries them out"
        else:
            takes = "Workflow(regulations=[...], calendar=...) carries them out"
        return (
            f"under {o.regulation.edition}: replay() shows it; "
            f"save(FILE) writes these lines, and {takes}, which checks no invariant"
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write ``journal`` to a file, which it replaces. ``OSError`` where that can't be."""
        text = "".join(f"{line}\n" for line in self.journal)
        Path(path).write_text(text, encoding="utf-8", newline="\n")

    def replay(self) -> Try:
        """The last line put once more to what the lines before it lead to: what was seen."""
        reached: dict[str, Situation] = {}

        def put(text: str) -> Try:
            line = read_line(text)
            situation = reached.get(line.command.key) or attrs.evolve(
                self.opening, existing_cases=tuple(reached)
            )
            assert line.recorded_at is not None
            return situation.attempt(line.command, line.recorded_at)

        *earlier, last = self.journal
        for text in earlier:
            tried = put(text)
            reached[tried.command.key] = tried.outcome
        return put(last)


Edge = tuple[Word, str, Word]
Rule = tuple[str, str, str]


@frozen(kw_only=True)
class Report:
    """What was explored and what was found.

    ``transitions`` are the (state, command, state) that were reached, ``unreached_moves`` those of
    the table that were not. ``never_refused`` are the (command, rule, clause) that no try made
    false, ``never_alone`` those that never were the only unmet rule. ``dead_ends`` are journals to
    cases from which nothing leads to the archive. ``statuses`` are the obligations seen.
    ``complete`` is false where ``at_most`` was reached, or ``stop`` stopped: then what was not reached
    or refused says nothing, and as text a report leaves it out. ``edition`` is whose all this is,
    ``start`` when every case was applied for.
    """

    edition: str
    start: dt.datetime

    cases: int
    tries: int
    accepted: int
    states: frozenset[Word]
    transitions: frozenset[Edge]
    unreached_states: tuple[Word, ...]
    unreached_moves: tuple[Edge, ...]
    never_refused: tuple[Rule, ...]
    never_alone: tuple[Rule, ...]
    statuses: frozenset[tuple[str, Status]]
    dead_ends: tuple[tuple[str, ...], ...]
    counterexamples: tuple[Counterexample, ...]
    complete: bool

    @property
    def ok(self) -> bool:
        """Nothing wrong was found, everything was explored, and every case can end."""
        return self.complete and not (self.counterexamples or self.dead_ends)

    def __str__(self) -> str:
        lines = [
            (
                f"explored {self.cases} cases in {len(self.states)} states, "
                f"{len(self.transitions)} transitions, {self.tries} tries, {self.accepted} accepted; "
                f"applied for on {local_day(self.start)}"
            )
        ]
        if not self.complete:
            lines.append("not everything was explored")
        for counterexample in self.counterexamples:
            lines += ["", str(counterexample)]
        for journal in self.dead_ends:
            lines += ["", f"a dead end under {self.edition}:", *journal]
        lines += [""] if self.complete and not self.ok else []
        lines += self._missed() if self.complete else ()
        if self.ok:
            lines.append("nothing wrong was found")
        return "\n".join(lines)

    def _missed(self) -> Iterator[str]:
        for name, found in {
            "states never reached": self.unreached_states,
            "moves never made": (" ".join(edge) for edge in self.unreached_moves),
            "rules never refused": (" ".join(rule) for rule in self.never_refused),
        }.items():
            shown = ", ".join(found)
            if shown:
                yield f"{name}: {shown}"


def explore(
    regulation: Regulation = DB4209_T_32_2023,
    calendar: WorkingCalendar | None = None,
    *,
    units: Iterable[int] = (1, 2),
    explorable: Explorable = CLAUSE_7,
    invariants: Iterable[Invariant] | None = None,
    judge: Judge | None = None,
    standing: Standing | None = None,
    directory: Directory | None = None,
    start: dt.datetime | None = None,
    at_most: int = 50_000,
    stop: bool = False,
) -> Report:
    """Try everything on every case there can be under ``regulation``.

    ``units`` are the numbers of handling units that a case may be transferred to, 1 to 3; three take
    some minutes' worth of what one takes seconds for. ``explorable`` is the procedure that is tried,
    ``invariants`` are checked instead of its own. ``judge`` gives a second verdict on every try and
    ``standing`` a second account of what is owed after each; the first disagreement of each kind is
    a counterexample. ``start`` is when the case is applied for: 2025-09-26, a Friday before a holiday
    of eight days, where the edition is in force then, otherwise the last working day before its first
    holiday of a week, otherwise its first day. ``at_most`` cases are explored; with ``stop`` none
    after the first counterexample. ``InvalidInput`` where an argument is not what it says, or the
    edition is not in force at ``start``.
    """
    calendar = WorkingCalendar.china() if calendar is None else calendar
    directory = Directory() if directory is None else directory
    _check_kind("regulation", regulation, Regulation)
    _check_kind("calendar", calendar, WorkingCalendar)
    _check_kind("directory", directory, Directory)
    _check_kind("explorable", explorable, Explorable)
    exploration = _Exploration(
        opening=Situation(
            case=None,
            regulation=regulation,
            calendar=calendar,
            directory=directory,
            existing_cases=explorable.existing,
            explorable=explorable,
        ),
        start=_checked_start(start, regulation, calendar),
        units=checked_units(units),
        invariants=_checked_invariants(explorable.invariants if invariants is None else invariants),
        judge=judge,
        standing=standing,
        stop=stop,
    )
    exploration.run(at_most)
    return exploration.report()


def _check_kind(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        expected = kind.__name__
        raise InvalidInput.of(name, "wrong_type", f"应为{expected}。", f"must be a {expected}.")


def _checked_start(
    start: dt.datetime | None, regulation: Regulation, calendar: WorkingCalendar
) -> dt.datetime:
    if start is None:
        return usual_start(regulation, calendar)
    check_moment("start", start)
    if not regulation.in_force_on(local_day(start)):
        raise InvalidInput.of(
            "start",
            "out_of_range",
            "应在此规范施行期间。",
            "must lie on a day on which the edition is in force.",
        )
    return start


def _checked_invariants(invariants: Iterable[Invariant]) -> tuple[Invariant, ...]:
    zh, en = "由 @invariant(条款) 修饰的函数", "function decorated with @invariant(clause)"
    if not isinstance(invariants, Iterable):
        raise InvalidInput.of(
            "invariants", "wrong_type", f"应为一列{zh}。", f"must be a list, each a {en}."
        )
    given = tuple(invariants)
    for index, one in enumerate(given):
        if not isinstance(one, Invariant):
            raise InvalidInput.of(
                f"invariants[{index}]", "wrong_type", f"应为{zh}。", f"must be a {en}."
            )
    return given


# --- the exploration ----------------------------------------------------------------------------


@define(kw_only=True, eq=False)
class _Node:
    """One case kept, and how it was reached: from where, by what. ``now`` is the next moment."""

    situation: Situation
    now: dt.datetime
    late: bool
    key: Hashable
    parent: _Node | None = None
    by: Proposal | None = None  # None: time passed

    def path(self) -> list[Proposal]:
        steps = [] if self.parent is None else self.parent.path()
        return steps if self.by is None else [*steps, self.by]


@define(kw_only=True, eq=False)
class _Exploration:
    opening: Situation
    start: dt.datetime
    units: tuple[int, ...]
    invariants: tuple[Invariant, ...]
    judge: Judge | None
    standing: Standing | None
    stop: bool
    found: dict[Hashable, Counterexample] = field(factory=dict)
    kept: dict[Hashable, _Node] = field(factory=dict)
    leads_to: dict[Hashable, set[Hashable]] = field(factory=lambda: defaultdict(set))
    tries: int = 0
    accepted: int = 0
    transitions: set[Edge] = field(factory=set)
    refused: set[Rule] = field(factory=set)
    alone: set[Rule] = field(factory=set)
    statuses: set[tuple[str, Status]] = field(factory=set)
    complete: bool = True

    @property
    def explorable(self) -> Explorable:
        return self.opening.explorable

    def run(self, at_most: int) -> None:
        key = self.explorable.abstraction(None, self.start, late=False)
        level = [_Node(situation=self.opening, now=self.start, late=False, key=key)]
        self.kept[key] = level[0]
        while level:
            for node in level:  # grows: the passing of time is no act
                level += self.wait(node)
            following: list[_Node] = []
            for node in level:
                following += self.expand(node)
                if self.stop and self.found:
                    self.complete = False
                    return
                if len(self.kept) >= at_most:
                    self.complete = False
                    return
            level = following

    def keep(self, node: _Node) -> bool:
        """Whether nothing like ``node`` was found before."""
        if node.parent is not None:
            self.leads_to[node.parent.key].add(node.key)
        return self.kept.setdefault(node.key, node) is node

    def wait(self, node: _Node) -> Iterator[_Node]:
        """The same case once the next moment that matters has come."""
        case = node.situation.case
        if case is None:
            return
        moments = [owed.due for owed in self.standing_at(node.situation, node.now) if owed.due]
        moments += self.explorable.moments(case)
        moments = [moment for moment in moments if moment > node.now]
        if not moments:
            return
        now = min(moments)
        owed = self.standing_at(node.situation, now)
        late = node.late or any(o.status is Status.OVERDUE for o in owed)
        key = self.explorable.abstraction(case, now, late=late)
        later = _Node(situation=node.situation, now=now, late=late, key=key, parent=node)
        if self.keep(later):
            yield later

    def standing_at(self, situation: Situation, as_of: dt.datetime) -> tuple[Obligation, ...]:
        owed = situation.obligations(as_of)
        self.statuses.update((o.kind, o.status) for o in owed)
        return owed

    def proposals(self, node: _Node) -> Iterator[Proposal]:
        """Everything to try; of a command that has no row here, the first alone."""
        case = node.situation.case
        owed = [o for o in node.situation.obligations(node.now) if o.status is Status.OPEN]
        everything = self.explorable.proposals(
            case,
            now=node.now,
            regulation=self.opening.regulation,
            units=self.units,
            case_id="EXPLORED-1",
        )
        for command, made in everything.items():
            for proposal in made:
                if node.late and proposal.wrong is not None:
                    continue  # tried where nothing is late, and lateness changes no answer
                yield proposal
                if self.last.answer == "not_allowed":
                    break
                if self.last.decision is not None and command is not self.explorable.correction:
                    met = [o for o in owed if self.last.meets(o)]
                    yield from self.explorable.around_the_limit(proposal, met)

    last: Try = field(init=False)
    disputed: bool = False  # the judge says otherwise of the last try: what follows is not explored

    def expand(self, node: _Node) -> Iterator[_Node]:
        acts: set[type[Command]] = set()
        corrected = False
        for proposal in self.proposals(node):
            tried = self.attempt(node, [proposal])
            if tried.decision is None or self.disputed:
                continue
            if type(proposal.command) is self.explorable.correction:
                if not corrected:
                    self.act_on_corrected(node, proposal, acts, tried.outcome)
                corrected = True
                continue
            acts.add(type(proposal.command))
            reached = self.reach(node, proposal, tried)
            if self.keep(reached):
                yield reached

    def reach(self, node: _Node, proposal: Proposal, tried: Try) -> _Node:
        now = tried.recorded_at + MINUTE
        owed = tried.obligations
        self.statuses.update((o.kind, o.status) for o in owed)
        assert tried.decision is not None
        late = (
            node.late
            or bool(tried.decision.findings)
            or any(o.status is Status.OVERDUE for o in owed)
        )
        return _Node(
            situation=tried.outcome,
            now=now,
            late=late,
            key=self.explorable.abstraction(tried.after, now, late=late),
            parent=node,
            by=proposal,
        )

    def act_on_corrected(
        self,
        node: _Node,
        correction: Proposal,
        acts: Collection[type[Command]],
        corrected: Situation,
    ) -> None:
        """One act more on a corrected case: each command that was accepted without the correction,
        and another correction."""
        case, now = corrected.case, correction.recorded_at + MINUTE
        everything = self.explorable.proposals(case, now=now, regulation=self.opening.regulation)
        for command, made in everything.items():
            if command in acts or command is self.explorable.correction:
                self.attempt(node, [correction, next(made)], corrected)

    def attempt(
        self, node: _Node, steps: list[Proposal], situation: Situation | None = None
    ) -> Try:
        """Put the last of ``steps`` to the case, and see what it shows."""
        proposal = steps[-1]
        tried = (situation or node.situation).attempt(proposal.command, proposal.recorded_at)
        if isinstance(tried.error, CorruptRecord):  # the fold is part of what is tried
            self.report_wrong(
                "evolve", [*node.path(), *steps], of="evolve", wrong=str(tried.error), clause="9"
            )
        self.last = tried
        self.tries += 1
        self.count(tried)
        for invariant in self.invariants:
            try:
                wrong = invariant(tried)
            except Exception as error:  # whatever it is, the journal leads to it
                wrong = f"raised {type(error).__name__}: {error}"
            if wrong is not None and invariant not in self.found:
                self.report_wrong(
                    invariant,
                    [*node.path(), *steps],
                    of=invariant.name,
                    wrong=wrong,
                    clause=invariant.clause,
                )
        if self.judge is not None:
            self.disputed = not self.agree(tried, self.judge, node, steps)
        if self.standing is not None and tried.decision is not None and not self.disputed:
            self.compare_owed(tried, self.standing, node, steps)
        return tried

    def count(self, tried: Try) -> None:
        name = tried.command.name
        if tried.decision is not None:
            self.accepted += 1
            self.transitions.add((tried.situation.state, name, tried.event.state))
        elif tried.answer == "refused":
            rules = {(name, rule, clause or "") for rule, clause in tried.rules}
            self.refused |= rules
            if len(rules) == 1:
                self.alone |= rules

    # --- second opinions ---

    def agree(self, tried: Try, judge: Judge, node: _Node, steps: list[Proposal]) -> bool:
        """Whether the judge says the same, as far as it says anything."""
        verdict = judge(
            () if tried.before is None else tried.before.history,
            tried.command,
            recorded_at=tried.recorded_at,
            regulation=self.opening.regulation,
            calendar=self.opening.calendar,
            directory=self.opening.directory,
            existing_cases=tried.situation.existing_cases,
        )
        if verdict is None:
            return True
        ours, theirs = _said(_verdict_of(tried), verdict), _said(verdict, verdict)
        if ours != theirs:
            name = tried.command.name
            self.report_wrong(
                (name, *ours, *theirs),
                [*node.path(), *steps],
                of="judge",
                wrong=f"{name}: the library says {'; '.join(ours)}; the judge {'; '.join(theirs)}",
            )
        return ours == theirs

    def compare_owed(
        self, tried: Try, standing: Standing, node: _Node, steps: list[Proposal]
    ) -> None:
        dues = {o.due for o in tried.obligations if o.due is not None and o.status is Status.OPEN}
        for as_of in dict.fromkeys((tried.recorded_at, max(dues, default=tried.recorded_at))):
            ours = Counter(map(_facts, tried.outcome.obligations(as_of)))
            judged = standing(
                tried.after.history,
                as_of=as_of,
                regulation=self.opening.regulation,
                calendar=self.opening.calendar,
            )
            theirs = Counter(map(_facts, judged))
            if ours != theirs:
                more, less = list((ours - theirs).elements()), list((theirs - ours).elements())
                what = ("standing", tuple(sorted({kind for kind, *_ in (*more, *less)})))
                wrong = f"as of {as_of} the library says {more}; the judge says {less}"
                self.report_wrong(what, [*node.path(), *steps], of="standing", wrong=wrong)

    def report_wrong(
        self,
        what: Hashable,
        path: list[Proposal],
        *,
        of: str,
        wrong: str,
        clause: str | None = None,
    ) -> None:
        """The first of its kind is the shortest, since the search is breadth first."""
        if what not in self.found:
            self.found[what] = Counterexample(
                of=of,
                clause=clause,
                wrong=wrong,
                journal=self.journal(path),
                opening=self.opening,
            )

    def journal(self, steps: Iterable[Proposal]) -> tuple[str, ...]:
        steps = list(steps)
        earlier = [
            one
            for step in steps[:1]
            for one in self.explorable.before(step, self.opening.regulation)
        ]
        return tuple(journal_line(step.command, step.recorded_at) for step in (*earlier, *steps))

    # --- the report ---

    def dead_ends(self) -> Iterator[tuple[str, ...]]:
        """The first cases from which nothing leads to a final state."""
        if not self.complete:
            return
        backwards: dict[Hashable, set[Hashable]] = defaultdict(set)
        for source, targets in self.leads_to.items():
            for target in targets:
                backwards[target].add(source)
        ending = [
            key for key, node in self.kept.items() if node.situation.state in self.explorable.final
        ]
        can_end = set(ending)
        while ending:
            new = backwards[ending.pop()] - can_end
            can_end |= new
            ending += new
        shown: set[Word] = set()
        for key, node in self.kept.items():
            state = node.situation.state
            if key not in can_end and state not in shown:
                shown.add(state)
                yield self.journal(node.path())

    def report(self) -> Report:
        asked = self.explorable
        rules = dict.fromkeys(
            (row.command.name, guard.rule, guard.clause)
            for row in asked.procedure.rows
            for guard in (*row.guards, *asked.procedure.always)
        )
        states = {asked.procedure.nothing, *(target for _, _, target in self.transitions)}
        return Report(
            edition=self.opening.regulation.edition,
            start=self.start,
            cases=len(self.kept) - 1,
            tries=self.tries,
            accepted=self.accepted,
            states=frozenset(states),
            transitions=frozenset(self.transitions),
            unreached_states=tuple(state for state in asked.states if state not in states),
            unreached_moves=tuple(move for move in asked.edges if move not in self.transitions),
            never_refused=tuple(rule for rule in rules if rule not in self.refused),
            never_alone=tuple(rule for rule in rules if rule not in self.alone),
            statuses=frozenset(self.statuses),
            dead_ends=tuple(self.dead_ends()),
            counterexamples=tuple(self.found.values()),
            complete=self.complete,
        )


def _verdict_of(tried: Try) -> Verdict:
    """What the library says, as a verdict."""
    if tried.decision is None:
        return Verdict(answer=tried.answer, rules=tried.rules)
    return Verdict(
        answer=tried.answer,
        rules=tried.rules,
        state=tried.event.state,
        result=tried.situation.explorable.procedure.line(tried.after).result,
        findings=tried.decision.findings,
    )


def _said(verdict: Verdict, compared: Verdict) -> tuple[str, ...]:
    """A verdict in words, of it what ``compared`` says anything of."""
    said = [verdict.answer]
    if compared.rules is not None:
        said += sorted(f"{rule} ({clause})" for rule, clause in verdict.rules or ())
    if compared.state is not None:
        said.append(f"state {verdict.state}")
    if compared.result is not None:
        said.append(f"result {verdict.result}")
    if compared.findings is not None:
        said += sorted(_found(finding) for finding in verdict.findings or ())
    return tuple(said)


def _found(f: Found) -> str:
    return f"{f.code} ({f.clause}) of {f.bearer}, {f.by_seconds} s, entry {f.version}, due {f.due}"


def _facts(owed: Owed) -> tuple[Any, ...]:
    return (owed.kind, owed.bearer, owed.subject, owed.opened_at, owed.due, owed.status)
