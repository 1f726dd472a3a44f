"""What is tried is a value: another procedure is another value, and the kit asks nothing else."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from onsite_workflow import Case, Command, State
from onsite_workflow.clause7.commands import Apply, Correct, Decline, Reassign, Withdraw
from onsite_workflow.clause7.procedure import CASE, ROWS
from onsite_workflow.testing import (
    ANY_PROCEDURE,
    CLAUSE_7,
    INVARIANTS,
    Explorable,
    Proposal,
    Situation,
    Try,
    WorkflowMachine,
    explore,
    invariant,
)
from onsite_workflow.testing.cases.walks import walk

GONE = (Decline, Reassign, Withdraw)


def in_earnest(case: Case | None, **asked: Any) -> Mapping[type[Command], Iterator[Proposal]]:
    """Of each command what an office would send; nobody declines, reassigns or withdraws."""
    made = CLAUSE_7.proposals(case, **asked)
    return {kind: _right(made[kind]) for kind in made if kind not in GONE}


def _right(proposals: Iterator[Proposal]) -> Iterator[Proposal]:
    return (proposal for proposal in proposals if proposal.wrong is None)


@invariant("7.2")
def nothing_is_refused_for_want_of_a_reason(t: Try) -> str | None:
    """Every command has the reason that it needs."""
    return "one has not" if "reason_given" in {rule for rule, _ in t.rules} else None


#: Clause 7 as it goes where everybody says yes.
SMOOTH: Explorable = attrs.evolve(
    CLAUSE_7,
    procedure=attrs.evolve(CASE, rows=tuple(row for row in ROWS if row.command not in GONE)),
    proposals=in_earnest,
    invariants=(nothing_is_refused_for_want_of_a_reason,),
)


def test_another_value_is_explored_by_its_own_proposals_and_table() -> None:
    report = explore(units=(1,), explorable=SMOOTH)
    assert report.ok, str(report)
    assert State.PENDING_NOTICE in report.states
    assert State.DECLINED not in report.states
    assert not {command for _, command, _ in report.transitions} & {c.name for c in GONE}
    assert not {command for command, _, _ in report.never_refused} & {c.name for c in GONE}


def by_state(case: Case | None, now: dt.datetime, *, late: bool) -> State:
    """Cases in the same state are alike."""
    return State.NONE if case is None else case.state


def test_its_own_abstraction_says_which_cases_are_alike() -> None:
    report = explore(units=(1,), explorable=attrs.evolve(SMOOTH, abstraction=by_state))
    assert report.cases == len(report.states) - 1


def test_its_own_invariants_are_checked_where_no_others_are_named() -> None:
    @invariant("7.2")
    def nothing_is_transferred(t: Try) -> str | None:
        """No case is transferred."""
        return "one is" if t.event.state is State.TRANSFERRED else None

    strict = attrs.evolve(SMOOTH, invariants=(nothing_is_transferred,))
    (found,) = explore(units=(1,), explorable=strict, stop=True).counterexamples
    assert found.of == "nothing_is_transferred"
    assert found.replay().situation.explorable is strict
    assert explore(units=(1,), explorable=strict, invariants=()).ok


def test_a_walk_and_the_machine_take_it_too() -> None:
    opening = Situation(case=None, explorable=SMOOTH)
    for tried in walk(Random(1).choice, opening, steps=20):
        assert tried.situation.explorable is SMOOTH
        assert not isinstance(tried.command, GONE)

    class Smooth(WorkflowMachine):
        explorable = SMOOTH

    quick = settings(
        max_examples=3, stateful_step_count=10, phases=[Phase.generate], derandomize=True
    )
    run_state_machine_as_test(Smooth, settings=quick)


def test_what_is_final_and_what_is_unopened_is_read_from_the_table() -> None:
    assert CLAUSE_7.opening is Apply
    assert CLAUSE_7.correction is Correct
    assert CLAUSE_7.final == {State.ARCHIVED}
    assert set(CLAUSE_7.states) == set(State)


@pytest.mark.parametrize("name", ["explorer", "trying", "walks"])
def test_what_tries_knows_clause_7_by_its_value_alone(name: str) -> None:
    tree = ast.parse(inspect.getsource(import_module(f"onsite_workflow.testing.cases.{name}")))
    imported = {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    functions = {"available", "decide", "evolve", "findings", "obligations", "replay"}
    assert not {one for _, one in imported} & functions
    assert {one for of, one in imported if of == "onsite_workflow.clause7.commands"} <= {"Command"}
    assert "onsite_workflow.clause7.procedure" not in {of for of, _ in imported}


def test_what_holds_of_any_procedure_is_checked_of_clause_7_too() -> None:
    assert set(ANY_PROCEDURE) < set(INVARIANTS)
    smooth = attrs.evolve(SMOOTH, invariants=ANY_PROCEDURE)
    assert explore(units=(1,), explorable=smooth).ok
