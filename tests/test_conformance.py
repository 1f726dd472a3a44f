"""The table is the contract's table: rows = machine = compiled moves = the conformance files.

``tests/conformance/`` holds the project's transcription of the moves, roles and rules of the
standard; where ``../shared/conformance`` is there, it must say the same.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import pytest
from transitions import Machine

from onsite_workflow import (
    CLAUSES,
    MACHINE,
    MOVES,
    ROWS,
    SHANGHAI,
    Actor,
    Applied,
    Case,
    Refused,
    Role,
    State,
)
from onsite_workflow.checks import Word
from onsite_workflow.clause7.forms import ANNEX_B
from onsite_workflow.clause7.procedure import CASE, COMMANDS, EVENTS, EVERY_MOVE
from onsite_workflow.clause7.regulation import DB4209_T_32_2023
from onsite_workflow.engine.deciding import judge
from onsite_workflow.engine.machine import Moves, build_machine, compile_machine
from onsite_workflow.engine.rules import Attempt, Guard, Row, When

HERE = Path(__file__).parent
OWN = HERE / "conformance"
SHARED = HERE.parents[1] / "shared" / "conformance"
NAMES = ("moves.csv", "roles.csv", "rules.csv", "annex_b_fields.csv")


def table(name: str) -> list[dict[str, str]]:
    with (OWN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", NAMES if SHARED.exists() else NAMES[:1])
@pytest.mark.skipif(not SHARED.exists(), reason="the conformance data are not beside the checkout")
def test_the_projects_transcription_says_what_the_conformance_data_say(name: str) -> None:
    assert (OWN / name).read_text(encoding="utf-8") == (SHARED / name).read_text(encoding="utf-8")


CELLS = [
    pytest.param(row["command"], state, cell, id=f"{row['command']}-{state}")
    for row in table("moves.csv")
    for state, cell in row.items()
    if state != "command"
]


@pytest.mark.parametrize(("command", "state", "cell"), CELLS)
def test_each_command_reaches_from_each_state_what_the_standard_says(
    command: str, state: str, cell: str
) -> None:
    wanted = {State(target) for target in cell.split("|") if target}
    rows = [r for r in ROWS if r.command.name == command and State(state) in r.source]
    assert {State(state) if r.target is None else r.target for r in rows} == wanted
    move = MOVES.get((State(state), COMMANDS[command]))
    assert ({target for _, target in move.targets} if move else set()) == wanted
    transitions = MACHINE.events[command].transitions.get(state, [])
    assert {State(str(t.dest)) for t in transitions} == wanted


def test_no_state_and_no_command_is_left_out() -> None:
    rows = table("moves.csv")
    assert [row["command"] for row in rows] == list(COMMANDS)
    assert list(rows[0])[1:] == [state.value for state in State]
    assert {row.command for row in ROWS} == set(COMMANDS.values())
    assert {row.event for row in ROWS} == set(EVENTS.values())
    assert set(MACHINE.states) == {state.value for state in State}


@pytest.mark.parametrize("row", table("roles.csv"), ids=lambda row: row["command"])
def test_each_command_is_for_the_roles_the_standard_names(row: dict[str, str]) -> None:
    wanted = {role for role in Role if row[role.value] == "yes"}
    for found in [r for r in ROWS if r.command.name == row["command"]]:
        assert set(found.by) == wanted
    for (_, command), move in MOVES.items():
        if command.name == row["command"]:
            assert set(move.by) == wanted


def rules_of_the_table() -> set[tuple[str, str, str, str]]:
    found = {("*", g.rule, g.clause, g.interpretation or "") for g in EVERY_MOVE}
    for row in ROWS:
        found |= {(row.command.name, g.rule, g.clause, g.interpretation or "") for g in row.guards}
    return found


def test_the_guards_are_exactly_the_rules_of_the_standard() -> None:
    wanted = {tuple(row.values()) for row in table("rules.csv")}
    assert rules_of_the_table() == wanted


def test_guards_are_asked_in_the_order_of_the_rules() -> None:
    """A refusal lists its rules in this order; close has one list for each state it leaves."""
    wanted: dict[str, list[str]] = {}
    for row in table("rules.csv"):
        wanted.setdefault(row["command"], []).append(row["rule"])
    for found in ROWS:
        rules = [guard.rule for guard in found.guards]
        assert rules == [rule for rule in wanted[found.command.name] if rule in rules]


CLOSING = {
    State.SERVED: {"unit_in_charge", "every_item_completed", "refusals_explained"},
    State.PENDING_NOTICE: {
        "unit_in_charge",
        "every_outcome_reported",
        "everything_delivered",
        "refusals_explained",
    },
    State.DECLINED: {"unit_in_charge", "refusals_explained"},
}


@pytest.mark.parametrize(("state", "rules"), CLOSING.items(), ids=CLOSING)
def test_a_case_is_closed_under_the_rules_of_the_state_it_leaves(
    state: State, rules: set[str]
) -> None:
    move = MOVES[state, COMMANDS["close"]]
    assert {g.rule for g in move.guards} - {g.rule for g in EVERY_MOVE} == rules


def test_every_move_is_also_judged_by_the_rules_of_order_and_time() -> None:
    for move in MOVES.values():
        assert move.guards[-len(EVERY_MOVE) :] == EVERY_MOVE


def test_every_row_and_guard_cites_a_clause_that_exists() -> None:
    for row in ROWS:
        assert row.clause in CLAUSES
        assert all(guard.clause in CLAUSES for guard in row.guards)
    assert all(guard.clause in CLAUSES for guard in EVERY_MOVE)


def test_the_registration_form_has_the_fields_of_table_b1_in_printed_order() -> None:
    wanted = table("annex_b_fields.csv")
    assert [f.name for f in ANNEX_B] == [row["field"] for row in wanted]
    assert [f.zh for f in ANNEX_B] == [row["printed"] for row in wanted]


def test_an_event_keeps_exactly_the_fields_of_its_command() -> None:
    for row in ROWS:
        command = {f.name for f in attrs.fields(row.command)}
        event = {f.name for f in attrs.fields(row.event)}
        assert event - command == {"version", "recorded_at", "edition", "state", "previous"}
        assert command <= event


# --- the stock machine with the same guards reaches the same verdict ----------------------------


class Outcomes:
    """Guards and selectors whose answers are set from outside."""

    def __init__(self) -> None:
        self.holds: dict[str, bool] = {}

    def guard(self, guard: Guard[Any, Any]) -> Guard[Any, Any]:
        return attrs.evolve(
            guard, check=lambda _: None if self.holds[guard.rule] else {}, zh="", en=""
        )

    def when(self, selector: When[Any, Any] | None) -> When[Any, Any] | None:
        if selector is None:
            return None
        return attrs.evolve(selector, check=lambda _: self.holds[selector.name])

    def row(self, row: Row[Any, Any]) -> Row[Any, Any]:
        guards = tuple(self.guard(g) for g in row.guards)
        return attrs.evolve(row, guards=guards, when=self.when(row.when))


def case_in(state: State) -> Case | None:
    if state is State.NONE:
        return None
    moment: Any = None
    by = Actor(role=Role.INTEGRATED_WINDOW, name="—")
    applied = Applied(
        case="c", version=1, at=moment, recorded_at=moment, by=by, edition="", state=state
    )
    return Case(
        key="c",
        version=1,
        state=state,
        edition="",
        recorded_at=moment,
        changed_at=moment,
        application=applied,
        history=(applied,),
    )


MOMENT = dt.datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
BY = Actor(role=Role.INTEGRATED_WINDOW, name="—")
REQUIRED = {
    "report_outcome": {"channel": "—"},
    "deliver": {"method": "—"},
    "archive": {"keeper": "—"},
}


def machine_of(rows: Iterable[Row[Any, Any]] = ROWS, always: Any = EVERY_MOVE) -> Machine:
    return build_machine(State, rows, always)


def compiled(machine: Machine, rows: Iterable[Row[Any, Any]] = ROWS) -> Moves:
    return compile_machine(machine, State, rows)


class Model:
    """What ``transitions`` moves; it gives it ``state`` and ``trigger``."""


@pytest.mark.parametrize(
    ("state", "command"), [pytest.param(s, c, id=f"{c.name}-{s}") for s, c in MOVES]
)
def test_the_stock_machine_agrees_on_every_combination_of_guard_outcomes(
    state: State, command: type[Any]
) -> None:
    outcomes = Outcomes()
    rows = [outcomes.row(row) for row in ROWS if row.command is command]
    every_move = tuple(outcomes.guard(guard) for guard in EVERY_MOVE)
    machine = machine_of(rows, every_move)
    moves = compiled(machine, rows)
    model: Any = Model()
    machine.add_model(model, initial=state.value)

    attempt: Attempt[Case, Any] = Attempt(
        before=case_in(state),
        command=command(case="c", at=MOMENT, by=BY, **REQUIRED.get(command.name, {})),
        by=Actor(role=Role(moves[state, command].by[0]), name="—", unit="u"),
        regulation=DB4209_T_32_2023,
    )
    names = [g.rule for g in moves[state, command].guards]
    names += [when.name for when, _ in moves[state, command].targets if when is not None]
    verdicts = set()
    for holds in itertools.product((True, False), repeat=len(names)):
        outcomes.holds = dict(zip(names, holds, strict=True))
        try:
            ours: Word | None = judge(CASE, attempt, moves)[1]
        except Refused:
            ours = None
        machine.set_state(state.value, model)
        theirs = State(model.state) if model.trigger(command.name, attempt) else None
        assert ours == theirs, outcomes.holds
        verdicts.add(ours)
    assert verdicts == {None, *(target for _, target in moves[state, command].targets)}


# --- what would not be honoured is not compiled -------------------------------------------------


def test_a_machine_with_a_callback_is_not_compiled() -> None:
    machine = machine_of()
    machine.on_enter_closed(print)
    with pytest.raises(ValueError, match="callbacks"):
        compiled(machine)


def test_a_machine_with_a_callback_of_its_own_is_not_compiled() -> None:
    machine = machine_of()
    machine.before_state_change = [print]
    with pytest.raises(ValueError, match="callbacks"):
        compiled(machine)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"dest": None}, "internal"),
        ({"after": print}, "callback"),
        ({"unless": [EVERY_MOVE[0]]}, "unless"),
        ({"conditions": [print]}, "not a guard"),
        ({"conditions": [EVERY_MOVE[0]]}, "different guards"),
    ],
    ids=["internal", "callback", "unless", "foreign", "different"],
)
def test_a_transition_that_decide_would_not_honour_is_not_compiled(
    settings: dict[str, Any], complaint: str
) -> None:
    machine = machine_of()
    machine.add_transition("acknowledge", "transferred", **{"dest": "transferred", **settings})
    with pytest.raises(ValueError, match=complaint):
        compiled(machine)


def test_a_trigger_that_is_no_command_is_not_compiled() -> None:
    machine = machine_of()
    machine.add_transition("jump", "applied", "closed")
    with pytest.raises(ValueError, match="jump"):
        compiled(machine)


def test_a_command_whose_every_row_is_conditional_is_not_compiled() -> None:
    rows = [row for row in ROWS if row.when is not None]
    with pytest.raises(ValueError, match="last row"):
        compiled(machine_of(rows), rows)


def test_nothing_jumps_past_the_rules() -> None:
    model: Any = Model()
    machine_of().add_model(model)
    assert model.state == "none"
    assert not [name for name in dir(model) if name.startswith("to_")]
