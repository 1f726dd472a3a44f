"""The kit explores, draws from and checks a procedure that it does not know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Iterator, Mapping
from random import Random
from typing import Any

import attrs
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from onsite_workflow import DB4209_T_32_2023, Limit, LimitUnit, Obligation, Regulation
from onsite_workflow.checks import as_mapping
from onsite_workflow.engine.record import AnyCommand
from onsite_workflow.testing import (
    Explorable,
    Proposal,
    Situation,
    Try,
    Verdict,
    WorkflowMachine,
    explore,
    invariant,
)
from onsite_workflow.testing.cases.walks import walk

from .lost_property import (
    DESK,
    FINDER,
    LOST_PROPERTY,
    Correct,
    GiveBack,
    HandIn,
    Kind,
    State,
    Thing,
)

WITH_A_LIMIT = attrs.evolve(
    DB4209_T_32_2023, limits=as_mapping({Kind.RETURN: Limit(3, LimitUnit.WORKING_DAYS)})
)
SECOND = dt.timedelta(seconds=1)


def proposals(
    thing: Thing | None, *, now: dt.datetime, case_id: str = "PROPOSED-1", **_: Any
) -> Mapping[type[AnyCommand], Iterator[Proposal]]:
    """What a finder and the desk would send, and what is wrong in one thing."""
    record = case_id if thing is None else thing.id

    def say(command: type[Any], by: Any, wrong: str | None = None, **fields: Any) -> Proposal:
        asked = command(record=record, at=now, by=by, **fields)
        return Proposal(command=asked, recorded_at=now, wrong=wrong)

    back = {"owner": "失某", "ticket": f"T-{record}"}
    return {
        HandIn: iter(
            [
                say(HandIn, FINDER, thing="一把伞"),
                say(HandIn, FINDER, "no thing"),
                say(HandIn, FINDER, "no such case", thing="一把伞", case="NOBODY"),
            ]
        ),
        GiveBack: iter(
            [
                say(GiveBack, DESK, **back),
                say(GiveBack, FINDER, "another role", **back),
                say(GiveBack, DESK, "no owner", owner=None, ticket="T"),
                Proposal(
                    command=GiveBack(record=record, at=now - dt.timedelta(9), by=DESK, **back),
                    recorded_at=now,
                    wrong="too early",
                ),
            ]
        ),
        Correct: iter(
            [
                say(Correct, DESK, entry=1, fields={"thing": "两把伞"}),
                say(Correct, DESK, "no such entry", entry=9, fields={"thing": "两把伞"}),
                say(Correct, DESK, "no such field", entry=1, fields={"owner": "失某"}),
                say(Correct, DESK, "blank", entry=1, fields={"thing": " "}),
            ]
        ),
    }


def around_the_limit(proposal: Proposal, met: Iterable[Obligation]) -> Iterator[Proposal]:
    """In the last second, and when it is over."""
    for due in (owed.due for owed in met if owed.due is not None):
        for at in (due - SECOND, due):
            if at >= proposal.recorded_at:
                command = attrs.evolve(proposal.command, at=at)
                yield attrs.evolve(proposal, command=command, recorded_at=at)


def alike(thing: Thing | None, now: dt.datetime, *, late: bool) -> Hashable:
    """Things in one state are alike."""
    return (None if thing is None else thing.state, late)


@invariant("1.2")
def what_is_returned_was_kept(t: Try) -> str | None:
    """Nothing is given back that was not handed in."""
    record: Any = t.after
    lost = record.given_back is not None and record.handed_in is None
    return "it was not handed in" if lost else None


LOST = Explorable(
    procedure=LOST_PROPERTY,
    proposals=proposals,
    around_the_limit=around_the_limit,
    abstraction=alike,
    aside=(Correct,),
    invariants=(what_is_returned_was_kept,),
)


def explored(regulation: Regulation = WITH_A_LIMIT, **changes: Any) -> Any:
    return explore(regulation, units=(1,), explorable=attrs.evolve(LOST, **changes))


def test_every_state_and_move_of_it_is_reached_and_every_rule_refused() -> None:
    report = explored()
    assert report.ok, str(report)
    assert report.states == set(State)
    assert not report.unreached_moves
    # No field of an entry changes the state here, and only what is given back can come too early.
    assert {rule for command, rule, _ in report.never_refused if command != "hand_in"} == {
        "state_unchanged",
        "after_it_was_handed_in",
    }
    assert {str(status) for _, status in report.statuses} == {"open", "overdue", "met", "met_late"}


def test_an_invariant_of_it_that_fails_shows_the_journal() -> None:
    @invariant("1.2")
    def nothing_is_given_back(t: Try) -> str | None:
        """Everything is kept for ever."""
        state: Any = t.event.state
        return "it was given back" if state is State.RETURNED else None

    (found,) = explored(invariants=(nothing_is_given_back,)).counterexamples
    assert [line.partition('"command": "')[2].partition('"')[0] for line in found.journal] == [
        "hand_in",
        "give_back",
    ]
    assert found.replay().event.name == "given_back"


def test_a_second_opinion_that_differs_is_a_counterexample() -> None:
    def refuses(history: Any, command: Any, **_: Any) -> Verdict | None:
        return Verdict(answer="refused") if isinstance(command, HandIn) and not history else None

    report = explore(WITH_A_LIMIT, units=(1,), explorable=LOST, judge=refuses)
    assert {found.of for found in report.counterexamples} == {"judge"}


def test_a_walk_leads_through_it() -> None:
    opening = Situation(case=None, regulation=WITH_A_LIMIT, explorable=LOST)
    states = {tried.outcome.state for tried in walk(Random(1).choice, opening, steps=20)}
    assert State.RETURNED in states


def test_the_machine_holds_a_workflow_against_it() -> None:
    class LostMachine(WorkflowMachine):
        regulation = WITH_A_LIMIT
        explorable = LOST

    quick = settings(
        max_examples=5, stateful_step_count=10, phases=[Phase.generate], derandomize=True
    )
    run_state_machine_as_test(LostMachine, settings=quick)
