"""The library and the oracle, put the same questions: some thousands of tries on cases of any road.

Where they say different things, one of them is wrong, and the texts say which. The second half
breaks the library, guard by guard and limit by limit, and shows that the oracle would see it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import attrs
import pytest
from hypothesis import Phase, given, settings

from core.build import CALENDAR, INVENTED
from core.walks import SEEDS, Try, road
from onsite_workflow import (
    DB4209_T_32_2023,
    MOVES,
    Archive,
    Decision,
    Finding,
    Kind,
    Limit,
    LimitUnit,
    Obligation,
    OnsiteWorkflowError,
    Refused,
    Regulation,
    ReplyClock,
    State,
    evolve,
    findings,
    obligations,
)
from onsite_workflow.engine.deciding import AnyDecision

from . import Fact, Late, Owed, Verdict, judge, late, standing
from .rules import RULES
from .verdict import CORRECTION

ROADS = range(100)
HOURS = (-24, 0, 72, 1000)  # as of when obligations are compared, from the time of entry

# Other places' editions: hours for everything, and days counted from the day of the trigger.
HURRIED = attrs.evolve(
    INVENTED,
    edition="DB0000/T 2—2024",
    catalogue=INVENTED.catalogue,
    limits=dict.fromkeys(INVENTED.limits, Limit(2, LimitUnit.HOURS)),
    reply_clock=ReplyClock.ISSUE,
)
FROM_DAY_ONE = attrs.evolve(
    INVENTED,
    edition="DB0000/T 3—2024",
    catalogue=INVENTED.catalogue,
    trigger_day_counts=True,
    close_of_business=None,
)
EDITIONS = (DB4209_T_32_2023, INVENTED, DB4209_T_32_2023, HURRIED, DB4209_T_32_2023, FROM_DAY_ONE)


def edition(seed: int) -> Regulation:
    """Every other road runs under another place's limits, hours and reading of I-1."""
    return EDITIONS[seed % len(EDITIONS)]


def facts(attempt: Try) -> list[Fact]:
    return [Fact(command, recorded_at) for command, recorded_at in attempt.history]


def verdict(attempt: Try) -> Verdict:
    return judge(
        facts(attempt),
        attempt.command,
        recorded_at=attempt.recorded_at,
        regulation=attempt.regulation,
        calendar=CALENDAR,
        directory=attempt.directory,
        existing_cases=attempt.existing_cases,
    )


def of_obligation(one: Obligation, _: dt.datetime) -> tuple[Any, ...]:
    known = (one.kind, one.clause, one.bearer, one.subject, one.opened_at)
    return (*known, one.due_day, one.due, one.status, one.provisional, one.met_at)


def of_owed(one: Owed, as_of: dt.datetime) -> tuple[Any, ...]:
    known = (one.kind, one.clause, one.bearer, one.subject, one.opened_at)
    return (*known, one.due_day, one.due, one.status(as_of), one.provisional, one.met_at)


def of_finding(one: Finding | Late) -> tuple[Any, ...]:
    code = str(one.code)
    return (code, one.clause, one.kind, one.bearer, one.due, one.at, one.by_seconds, one.version)


def differences(
    attempt: Try, said: Decision | OnsiteWorkflowError, judged: Verdict
) -> Iterator[str]:
    """What the two say differently of one try."""
    if isinstance(said, OnsiteWorkflowError):
        if said.answer != judged.answer:
            yield f"{said.answer} {said}, the oracle says {judged}"
        elif isinstance(said, Refused):
            broken = {(v.rule, v.clause, v.interpretation) for v in said.violations}
            if broken != judged.broken:
                yield f"unmet {broken}, the oracle says {set(judged.broken)}"
        return
    if not judged.allowed:
        yield f"allowed, the oracle says {judged}"
        return
    after = evolve(attempt.case, said.events[0])
    reached = (said.events[0].state, after.state, after.result)
    if reached != (judged.state, judged.state, judged.result):
        yield f"{reached}, the oracle says {judged}"
    found, seen = map(of_finding, said.findings), map(of_finding, judged.findings)
    if Counter(found) != Counter(seen):
        yield f"findings {said.findings}, the oracle says {judged.findings}"


def differences_of_limits(
    attempt: Try, decision: Decision, regulation: Regulation | None = None
) -> Iterator[str]:
    """What the two say differently of the limits of the case as it stands after one try."""
    case = evolve(attempt.case, decision.events[0])
    history = [*facts(attempt), Fact(attempt.command, attempt.recorded_at)]
    asked = regulation or attempt.regulation
    for hours in HOURS:
        as_of = attempt.recorded_at + dt.timedelta(hours=hours)
        owed = obligations(case, regulation=asked, calendar=CALENDAR, as_of=as_of)
        stands = standing(history, as_of=as_of, regulation=attempt.regulation, calendar=CALENDAR)
        left = Counter(of_obligation(one, as_of) for one in owed)
        right = Counter(of_owed(one, as_of) for one in stands)
        if left != right:
            yield f"as of {as_of}: {left - right}, the oracle says {right - left}"
        yield from (f"{one} is not between" for one in owed if not _between(one))
    found = findings(case, regulation=asked, calendar=CALENDAR)
    seen = late(history, regulation=attempt.regulation, calendar=CALENDAR)
    if Counter(map(of_finding, found)) != Counter(map(of_finding, seen)):
        yield f"findings {found}, the oracle says {seen}"


def _between(one: Obligation) -> bool:
    """I-11: a day that no notice settles lies between the earliest and the latest it can be."""
    if one.due_day is None or one.earliest is None or one.latest is None:
        return one.due_day is None or not one.provisional
    return one.earliest <= one.due_day <= one.latest


@cache
def tried(seed: int) -> tuple[tuple[Try, Decision | OnsiteWorkflowError, Verdict], ...]:
    """Every try of one road, with what both said."""
    said = road(seed, regulation=edition(seed))
    return tuple((attempt, answer, verdict(attempt)) for attempt, answer in said)


def disagreements(seed: int) -> list[str]:
    return [
        f"{attempt.command.name}, {len(attempt.history)} entries: {difference}"
        for attempt, said, judged in tried(seed)
        for difference in differences(attempt, said, judged)
    ]


@pytest.mark.parametrize("seed", ROADS)
def test_of_every_try_the_library_says_what_the_oracle_says(seed: int) -> None:
    assert disagreements(seed) == []


@pytest.mark.parametrize("seed", ROADS)
def test_the_same_is_owed_and_late_after_every_step(seed: int) -> None:
    steps = [(t, said) for t, said, _ in tried(seed) if isinstance(said, AnyDecision)]
    for attempt, decision in steps[::4]:
        assert list(differences_of_limits(attempt, decision)) == []


@given(seed=SEEDS)
@settings(max_examples=10, phases=[Phase.generate])
def test_so_on_roads_that_nobody_chose(seed: int) -> None:
    assert disagreements(seed) == []


# --- the tries try everything -------------------------------------------------------------------


# Nothing is before an application, nor makes it possible.
BEFORE_THE_FIRST = {("apply", "recorded_in_order"), ("apply", "at_not_before_cause")}


def all_tries() -> Iterator[tuple[Try, Decision | OnsiteWorkflowError, Verdict]]:
    for seed in ROADS:
        yield from tried(seed)


def test_every_rule_is_broken_by_some_try() -> None:
    broken = {(t.command.name, rule) for t, _, judged in all_tries() for rule in judged.broken}
    every = {(c, r) for c, rules in RULES.items() for r in {**rules, **RULES["*"]} if c != "*"}
    every |= {("correct", rule) for rule in CORRECTION.values()}
    assert {(command, rule[0]) for command, rule in every - broken} == BEFORE_THE_FIRST


def test_every_move_is_made_and_every_answer_given() -> None:
    made = {
        (said.events[0].state, type(t.command), None if t.case is None else t.case.state)
        for t, said, _ in all_tries()
        if isinstance(said, AnyDecision)
    }
    assert len({(state, command) for _, command, state in made}) == len(MOVES)
    answers = {judged.answer for _, _, judged in all_tries()}
    assert answers == {
        *("allowed", "invalid", "not_found", "not_allowed", "wrong_role", "refused"),
    }


# --- and the oracle would see a library that is wrong ---------------------------------------------


@contextmanager
def broken(thing: object, name: str, value: object) -> Iterator[None]:
    """A part of the library's table, otherwise frozen, with one thing wrong."""
    right = getattr(thing, name)
    object.__setattr__(thing, name, value)
    try:
        yield
    finally:
        object.__setattr__(thing, name, right)


def seen(where: Callable[[Try, Verdict], bool]) -> bool:
    """Whether some try now shows a difference."""
    return any(
        True
        for attempt, _, judged in all_tries()
        if where(attempt, judged)
        for _ in differences(attempt, attempt.decided(), judged)
    )


GUARDS = {
    (move.command.name, guard.rule): guard
    for move in MOVES.values()
    for guard in move.guards
    if (move.command.name, guard.rule) not in BEFORE_THE_FIRST
}


@pytest.mark.parametrize(("command", "rule"), GUARDS)
def test_a_forgotten_rule_is_seen(command: str, rule: str) -> None:
    with broken(GUARDS[command, rule], "check", lambda _: None):
        assert seen(
            lambda attempt, judged: (
                attempt.command.name == command and rule in {name for name, *_ in judged.broken}
            )
        )


@pytest.mark.parametrize(("command", "rule"), GUARDS)
def test_a_rule_that_always_refuses_is_seen(command: str, rule: str) -> None:
    guard = GUARDS[command, rule]
    with broken(guard, "check", lambda _: {}), broken(guard, "zh", ""), broken(guard, "en", ""):
        assert seen(lambda attempt, judged: attempt.command.name == command and judged.allowed)


@pytest.mark.parametrize("move", MOVES.values(), ids=lambda move: move.command.name)
def test_a_move_that_nobody_may_make_is_seen(move: Any) -> None:
    with broken(move, "by", ()):
        assert seen(lambda attempt, _: isinstance(attempt.command, move.command))


@pytest.mark.parametrize("move", MOVES.values(), ids=lambda move: move.command.name)
def test_a_move_that_leads_elsewhere_is_seen(move: Any) -> None:
    elsewhere = State.APPLIED if move.command is Archive else State.ARCHIVED
    with broken(move, "targets", ((None, elsewhere),)):
        assert seen(lambda t, judged: isinstance(t.command, move.command) and judged.allowed)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"limits": {Kind.FORM: Limit(3, LimitUnit.WORKING_DAYS)}}, id="no limit"),
        pytest.param(
            {"limits": {**DB4209_T_32_2023.limits, Kind.REPLY: Limit(2, LimitUnit.WORKING_DAYS)}},
            id="a day more for a reply",
        ),
        pytest.param(
            {"limits": {**DB4209_T_32_2023.limits, Kind.FORM: Limit(3, LimitUnit.DAYS)}},
            id="days that are not working days",
        ),
        pytest.param(
            {"limits": {**DB4209_T_32_2023.limits, Kind.REPLY: Limit(24, LimitUnit.HOURS)}},
            id="hours for a working day",
        ),
        pytest.param({"reply_clock": ReplyClock.RECEIPT}, id="from receipt"),
        pytest.param({"trigger_day_counts": True}, id="the day of the trigger is day one"),
        pytest.param({"close_of_business": dt.time(17, 30)}, id="until the close of business"),
    ],
)
def test_another_reading_of_the_limits_is_seen(changes: dict[str, Any]) -> None:
    other = attrs.evolve(DB4209_T_32_2023, catalogue=DB4209_T_32_2023.catalogue, **changes)
    assert any(
        True
        for seed in ROADS
        if edition(seed) is DB4209_T_32_2023
        for attempt, said, _ in tried(seed)
        if isinstance(said, AnyDecision)
        for _ in differences_of_limits(attempt, said, other)
    )


def test_every_kind_of_obligation_stands_in_every_status() -> None:
    stood: set[tuple[Kind, str]] = set()
    for attempt, said, _ in all_tries():
        if isinstance(said, AnyDecision):
            for hours in HOURS:
                as_of = attempt.recorded_at + dt.timedelta(hours=hours)
                entries = [*facts(attempt), Fact(attempt.command, attempt.recorded_at)]
                owed = standing(
                    entries, as_of=as_of, regulation=attempt.regulation, calendar=CALENDAR
                )
                stood |= {(one.kind, one.status(as_of)) for one in owed}
    never_void = {Kind.FORM, Kind.NOTICE, Kind.OUTCOME, Kind.DELIVERY, Kind.ARCHIVE}
    assert stood == {
        (kind, status)
        for kind in Kind
        for status in ("open", "overdue", "met", "met_late", "void")
        if status != "void" or kind not in never_void
    }
