"""Cases that take any road through the table, drawn from what the kit proposes.

``walk`` gives a real history: what the rules refuse is dropped. ``road`` gives all that is tried on
the way, ordinary and wrong in up to three things at once. Both follow from their seed alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

import attrs
from attrs import frozen
from hypothesis import strategies as st

from onsite_workflow import (
    DB4209_T_32_2023,
    Case,
    Command,
    Decision,
    Directory,
    InvalidInput,
    OnsiteWorkflowError,
    Regulation,
    State,
    Unit,
    decide,
)
from onsite_workflow.clause7.commands import Apply, Close, Correct, Withdraw
from onsite_workflow.clause7.procedure import COMMANDS
from onsite_workflow.engine.deciding import AnyDecision
from onsite_workflow.testing import CLAUSE_7, Proposal, Situation, proposals
from onsite_workflow.testing.cases.proposals import FOLLOWED, UNITS
from onsite_workflow.testing.cases.walks import Pick, advance, anything, earlier

from .build import CALENDAR, CASE, at

#: One move of a walk: the case before, the command, when it was entered, and what came of it.
Move = tuple[Case | None, Command, dt.datetime, Decision]

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
PAUSES: Final = (0 * DAY, MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 9 * DAY)
START: Final = at("2025-09-12 09:00")
NUMBERS: Final = (1, 2, 2, 3, 3)  # of units
SEEDS: Final = st.integers(0, 2**32 - 1)


# --- what is accepted ----------------------------------------------------------------------------


def walk(
    seed: int,
    *,
    regulation: Regulation = DB4209_T_32_2023,
    corrects: bool = True,
    steps: int = 40,
) -> list[Move]:
    """The moves of one case, from its application on; at most so many are tried."""
    pick = Random(seed).choice
    situation = Situation(case=None, regulation=regulation, calendar=CALENDAR)
    now, units = START + pick(PAUSES), (pick(NUMBERS),)
    moves: list[Move] = []
    for _ in range(steps):
        proposal = _next(pick, situation, now, units, corrects)
        tried = situation.attempt(proposal.command, proposal.recorded_at)
        if tried.decision is not None:
            moves.append((tried.before, tried.command, tried.recorded_at, tried.decision))
            situation = tried.outcome
            now = max(now, tried.recorded_at)
        if situation.state is State.ARCHIVED:
            break
        now += pick(PAUSES)
    return moves


def _next(
    pick: Pick, situation: Situation, now: dt.datetime, units: tuple[int, ...], corrects: bool
) -> Proposal:
    kinds = {*CLAUSE_7.moves_from(situation.state)}
    if corrects and situation.case is not None and pick(range(4)) == 0:
        kinds = {Correct}
    elif situation.case is None or pick(range(3)) == 0:
        on = advance(pick, situation, now=now, units=units, case_id=CASE)
        if on is not None:
            return on
    else:
        kinds -= {Correct, Close, Withdraw} if pick(range(8)) > 0 else {Correct}
    chosen = [kind for kind in COMMANDS.values() if kind in kinds] or [Close]
    return anything(pick, situation, now=now, units=units, case_id=CASE, kinds=chosen)


def end_of(moves: list[Move]) -> Case:
    """The case that a walk leads to."""
    case, _, _, decision = moves[-1]
    (event,) = decision.events
    after: Case = CLAUSE_7.evolve(case, event)
    return after


# --- all that is tried ---------------------------------------------------------------------------

#: One unit's telephone is known to the directory, another's is not.
DIRECTORIES: Final = (
    Directory(),
    Directory(
        [Unit(name=UNITS[0], phone="0712-2000101"), Unit(name=UNITS[1]), Unit(name=UNITS[2])]
    ),
)


@frozen(kw_only=True)
class Try:
    """A command put to a case at a step of its road, and all that it is judged by."""

    case: Case | None
    history: tuple[tuple[Command, dt.datetime], ...]
    command: Command
    recorded_at: dt.datetime
    regulation: Regulation
    directory: Directory
    existing_cases: tuple[str, ...]

    def decided(self) -> Decision | OnsiteWorkflowError:
        """What the library says."""
        try:
            return decide(
                self.case,
                self.command,
                recorded_at=self.recorded_at,
                regulation=self.regulation,
                calendar=CALENDAR,
                directory=self.directory,
                existing_cases=self.existing_cases,
            )
        except OnsiteWorkflowError as answer:
            return answer


Step = tuple[Try, Decision]


def road(
    seed: int, *, regulation: Regulation = DB4209_T_32_2023, steps: int = 30
) -> Iterator[tuple[Try, Decision | OnsiteWorkflowError]]:
    """Every try on one case, with what the library said. Of those it allows, one is followed."""
    random = Random(seed)
    now, units = START + random.choice(PAUSES), (random.choice(NUMBERS),)
    case: Case | None = None
    history: tuple[tuple[Command, dt.datetime], ...] = ()
    for _ in range(steps):
        state = State.NONE if case is None else case.state
        if state is State.ARCHIVED and random.randrange(3) == 0:
            return
        allowed: list[Step] = []
        for proposal in _several(random, case, now, regulation, units):
            attempt = Try(
                case=case,
                history=history,
                command=proposal.command,
                recorded_at=proposal.recorded_at - random.choice((HOUR, *7 * [0 * HOUR])),
                regulation=regulation,
                directory=DIRECTORIES[seed % 2],
                existing_cases=(FOLLOWED,) if case is None else (FOLLOWED, case.id),
            )
            said = attempt.decided()
            yield attempt, said
            if isinstance(said, AnyDecision):
                allowed.append((attempt, said))
        if likely := _likely(random, allowed, state):
            attempt, decision = random.choice(likely)
            history = (*history, (attempt.command, attempt.recorded_at))
            case = CLAUSE_7.evolve(case, decision.events[0])
            now = max(now, attempt.recorded_at)
        now += random.choice(PAUSES)


def _several(
    random: Random,
    case: Case | None,
    now: dt.datetime,
    regulation: Regulation,
    units: tuple[int, ...],
) -> Iterator[Proposal]:
    """Of each command whose turn it is one ordinary and some others, and some of any other."""
    made = proposals(case, now=now, regulation=regulation, units=units, case_id=CASE)
    state = State.NONE if case is None else case.state
    in_turn: tuple[Any, ...] = CLAUSE_7.moves_from(state)
    for kind in (*in_turn, random.choice([one for one in COMMANDS.values() if one not in in_turn])):
        first, *others = made[kind]
        right = [other for other in others if other.wrong is None] or others
        yield earlier(random.choice, first)
        for n in range(12 if kind is Apply and case is None else 8 if kind is Correct else 4):
            of = right if n == 0 else others
            try:
                yield _at_once(first, random.sample(of, min(len(of), random.choice((1, 1, 2, 3)))))
            except InvalidInput:  # such a command can't be made
                continue


def _at_once(first: Proposal, others: Sequence[Proposal]) -> Proposal:
    """``first`` with all that is different about the others."""
    changes = {
        f.name: getattr(other.command, f.name)
        for other in others
        for f in attrs.fields(type(first.command))
        if getattr(other.command, f.name) != getattr(first.command, f.name)
    }
    entered = [other.recorded_at for other in others if other.recorded_at != first.recorded_at]
    return attrs.evolve(
        first,
        command=attrs.evolve(first.command, **changes),
        recorded_at=(*entered, first.recorded_at)[0],
    )


#: What leads to more, and what to less: a case that is closed early shows little.
_ON, _BACK = ("accept", "give_one_time_notice"), ("withdraw", "correct", "close")


def _likely(random: Random, allowed: list[Step], state: State) -> Sequence[Step]:
    """Where to go on from, if from any: each command as often as another, rarely towards the end."""
    if random.randrange(12) == 0:
        return allowed
    back = _BACK[: random.choice((2, 3))]
    forward = [t for t in allowed if t[0].command.name not in back]
    on = [t for t in forward if t[1].events[0].state is not state]
    ways = on if on and random.randrange(2) == 0 else forward
    names = sorted({attempt.command.name for attempt, _ in ways})
    if random.randrange(2) == 0:
        names = [name for name in names if name in _ON] or names
    name = random.choice(names) if names else None
    likely = [t for t in ways if t[0].command.name == name]
    return likely[1:] or likely  # the ordinary one only where nothing else was allowed
