"""What an actor may do next, and that ``available`` and ``decide`` never disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onsite_workflow import (
    DB4209_T_32_2023,
    MOVES,
    Actor,
    Availability,
    Case,
    Close,
    Command,
    GiveOneTimeNotice,
    OnsiteWorkflowError,
    Refused,
    ReportOutcome,
    Schedule,
    Serve,
    State,
    available,
    decide,
)
from onsite_workflow.clause7.procedure import COMMANDS, EVERY_MOVE
from onsite_workflow.testing.cases.strategies import instances

from .build import (
    APPLICANT,
    ASSISTING,
    CALENDAR,
    CARD,
    CASE,
    FINISHED_LATER,
    LEAD,
    ORDINARY,
    RENEWAL,
    STRANGER,
    WINDOW,
    accept,
    acknowledge,
    after,
    apply,
    archive,
    at,
    close,
    correct,
    decline,
    deliver,
    designate_lead,
    explain_refusal,
    file_registration_form,
    give_one_time_notice,
    joint,
    judged,
    notice,
    of,
    opened,
    play,
    reassign,
    report_failed_visit,
    report_outcome,
    reschedule,
    schedule,
    serve,
    transfer,
    unfinished,
    withdraw,
)
from .walks import SEEDS, walk


def scheduled_jointly() -> Case:
    return play(joint(), accept(LEAD), accept(ASSISTING), schedule(LEAD, ASSISTING))


#: A case of every state, and of the turns that one state can have.
CASES: dict[str, Callable[[], Case | None]] = {
    "none": lambda: None,
    "applied": opened,
    "applied with two items": lambda: opened(RENEWAL, CARD),
    "transferred": lambda: play(opened(), transfer()),
    "transferred to two units": joint,
    "one has accepted": lambda: play(joint(), accept(LEAD)),
    "one has declined": lambda: play(joint(), decline(ASSISTING)),
    "acknowledged": lambda: play(joint(), acknowledge(LEAD)),
    "reassigned": lambda: play(opened(), transfer(), reassign()),
    "waiting for a lead": lambda: play(joint(), decline(LEAD), accept(ASSISTING)),
    "accepted": lambda: play(opened(), transfer(), accept()),
    "accepted by two": lambda: play(joint(), accept(LEAD), accept(ASSISTING)),
    "accepted in part": lambda: play(joint(), accept(LEAD), decline(ASSISTING)),
    "led by another": lambda: play(
        joint(), decline(LEAD), accept(ASSISTING), designate_lead(ASSISTING)
    ),
    "declined": lambda: play(opened(), transfer(), decline()),
    "declined and explained": lambda: play(opened(), transfer(), decline(), explain_refusal()),
    "scheduled": lambda: after(Schedule),
    "scheduled jointly": scheduled_jointly,
    "rescheduled": lambda: play(after(Schedule), reschedule()),
    "failed": lambda: play(after(Schedule), report_failed_visit()),
    "served": lambda: after(Serve),
    "served jointly": lambda: play(scheduled_jointly(), serve(LEAD, ASSISTING)),
    "served unfinished": lambda: after(Serve, FINISHED_LATER),
    "served and filed": lambda: play(after(Serve), file_registration_form()),
    "given notice": lambda: after(GiveOneTimeNotice, FINISHED_LATER),
    "reported": lambda: after(ReportOutcome, FINISHED_LATER),
    "delivered": lambda: play(None, *FINISHED_LATER[:9]),
    "closed": lambda: after(Close),
    "closed without the form": lambda: play(after(Serve), close()),
    "closed without a visit": lambda: play(
        opened(), transfer(), decline(), explain_refusal(), close()
    ),
    "withdrawn": lambda: play(opened(), withdraw()),
    "archived": lambda: play(None, *ORDINARY),
}

ACTORS = {
    "the applicant": APPLICANT,
    "the window": WINDOW,
    "the lead": of(LEAD),
    "the assisting unit": of(ASSISTING),
    "a stranger": of(STRANGER),
}

LATE = "2025-10-15 09:00"


def offers(case: Case | None, by: Actor) -> list[Command]:
    """One command of every kind as this actor would give it, some with the right data."""
    units = case.visiting_units if case is not None else ()
    items = case.items if case is not None else ()
    outstanding = case.outstanding_items if case is not None else ()
    silent = [n.unit for n in case.notices if n.declined and not n.explained] if case else []
    notices = [notice(LEAD, *(i.key for i in items))] if items else []
    mine: dict[str, Any] = {"by": by, "at": LATE}
    return [
        apply(**mine),
        transfer(*notices, **mine),
        reassign(**mine),
        acknowledge(**mine),
        accept(**mine),
        decline(**mine),
        designate_lead(ASSISTING, **mine),
        *(explain_refusal(unit, **mine) for unit in silent or [LEAD]),
        schedule(*(units or (LEAD,)), **(mine | {"start": "2025-10-20 09:00"})),
        reschedule(**(mine | {"at": "2025-09-16 10:00", "start": "2025-10-20 09:00"})),
        report_failed_visit(**(mine | {"at": "2025-09-19 09:30"})),
        serve(*(units or (LEAD,)), **mine),
        serve(*(units or (LEAD,)), results=unfinished(), **mine),
        give_one_time_notice(*outstanding, **mine),
        report_outcome(**mine),
        deliver(None, **mine),
        close(**mine),
        withdraw(**mine),
        file_registration_form(*(units or (LEAD,)), **mine),
        archive(**mine),
        correct(1, {"address": "槐荫大道120号"}, **mine),
    ]


def told(case: Case | None, by: Actor) -> dict[str, Availability]:
    return {option.command: option for option in available(case, by)}


def answer(case: Case | None, command: Command) -> OnsiteWorkflowError | None:
    """What ``decide`` says against it."""
    try:
        decide(
            case,
            command,
            recorded_at=max(command.at, at(LATE)),
            regulation=DB4209_T_32_2023,
            calendar=CALENDAR,
        )
    except OnsiteWorkflowError as error:
        return error
    return None


def agrees(option: Availability, error: OnsiteWorkflowError | None) -> bool:
    """Whether ``decide`` may answer so where ``available`` said that."""
    if option.allowed:
        waiting = {guard.rule for guard in option.waiting}
        return error is None or (
            isinstance(error, Refused) and {v.rule for v in error.violations} <= waiting
        )
    # What can't be read at all is answered first, whatever else holds.
    return error is not None and (
        error.answer == "invalid"
        or (
            error.answer == option.answer
            and {v.rule for v in option.violations} <= {v.rule for v in error.violations}
        )
    )


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_among_the_cases(state: State) -> None:
    cases = [case() for case in CASES.values()]
    assert state in {State.NONE if case is None else case.state for case in cases}


@pytest.mark.parametrize("who", list(ACTORS))
@pytest.mark.parametrize("name", list(CASES))
def test_what_is_said_to_be_allowed_is_what_decide_allows(name: str, who: str) -> None:
    case, by = CASES[name](), ACTORS[who]
    options = told(case, by)
    wrong = [
        command.name
        for command in offers(case, by)
        if not agrees(options[command.name], answer(case, command))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", list(CASES))
def test_every_actor_is_told_about_every_command_in_the_order_of_the_clauses(name: str) -> None:
    for by in ACTORS.values():
        assert [option.command for option in available(CASES[name](), by)] == list(COMMANDS)


@pytest.mark.parametrize("name", list(CASES))
def test_what_is_not_allowed_says_why_and_what_is_allowed_does_not(name: str) -> None:
    for by in ACTORS.values():
        for option in available(CASES[name](), by):
            refused = (option.answer, option.violations)
            assert refused == (None, ()) if option.allowed else all(refused)


@settings(max_examples=200)
@given(name=st.sampled_from(list(CASES)), who=st.sampled_from(list(ACTORS)), data=st.data())
def test_what_is_refused_beforehand_is_refused_with_whatever_data(
    name: str, who: str, data: st.DataObject
) -> None:
    case, by = CASES[name](), ACTORS[who]
    refused = [option for option in available(case, by) if not option.allowed]
    option = data.draw(st.sampled_from(refused))
    command = data.draw(instances(COMMANDS[option.command]))
    asked = attrs.evolve(command, case=CASE, by=by, at=at(LATE))
    assert agrees(option, answer(case, asked))


@given(seed=SEEDS)
def test_every_step_of_a_walk_had_been_said_to_be_allowed(seed: int) -> None:
    for case, command, _, _ in walk(seed):
        assert told(case, command.by)[command.name].allowed


@settings(max_examples=50)
@given(seed=SEEDS)
def test_where_nothing_but_the_time_is_waited_for_the_command_is_carried_out(seed: int) -> None:
    times = {guard.rule for guard in EVERY_MOVE}
    for case, command, entered, _ in walk(seed):
        for by in (*ACTORS.values(), command.by):
            for option in available(case, by):
                if option.allowed and {guard.rule for guard in option.waiting} <= times:
                    bare = COMMANDS[option.command](case=CASE, at=entered, by=by)
                    error = answer_at(case, bare)
                    assert error is None, (option, error)


def answer_at(case: Case | None, command: Command) -> OnsiteWorkflowError | None:
    try:
        judged(case, command)
    except OnsiteWorkflowError as error:
        return error
    return None


# --- what is said --------------------------------------------------------------------------------


def test_the_guards_that_wait_are_those_that_look_at_the_command() -> None:
    option = told(play(opened(), transfer()), of(LEAD))["decline"]
    assert [guard.rule for guard in option.waiting] == [
        "reason_given",
        "alternatives_given",
        "at_not_after_recorded",
        "recorded_in_order",
        "at_not_before_cause",
    ]


def test_a_unit_without_a_notice_learns_so_before_it_replies() -> None:
    option = told(play(opened(), transfer()), of(STRANGER))["accept"]
    assert (option.allowed, option.answer, option.waiting) == (False, "refused", ())
    (violation,) = option.violations
    assert (violation.rule, violation.facts["unit"]) == ("unit_has_notice", STRANGER)


def test_all_that_stands_in_the_way_is_said() -> None:
    case = play(
        joint(),
        accept(LEAD),
        decline(ASSISTING),
        schedule(),
        serve(results=unfinished(), forms_completed=False),
    )
    option = told(case, of(STRANGER))["close"]
    assert [v.rule for v in option.violations] == [
        "unit_in_charge",
        "every_item_completed",
        "refusals_explained",
    ]


def test_the_lead_of_a_finished_visit_may_close_the_case() -> None:
    option = told(after(Serve), of(LEAD))["close"]
    assert (option.allowed, option.clause) == (True, "7.3")


@pytest.mark.parametrize(
    ("name", "clause"), [("served", "7.3"), ("given notice", "7.4"), ("declined", "7.2.2")]
)
def test_closing_cites_the_clause_of_the_state_it_leaves(name: str, clause: str) -> None:
    assert told(CASES[name](), WINDOW)["close"].clause == clause


def test_before_the_application_only_applying_is_possible() -> None:
    options = available(None, WINDOW)
    assert [option.command for option in options if option.allowed] == ["apply"]


@pytest.mark.parametrize("by", ACTORS.values(), ids=list(ACTORS))
def test_without_a_case_the_answer_is_that_of_decide(by: Actor) -> None:
    for option in available(None, by):
        if option.command != "apply":
            error = answer(None, withdraw(by=by))
            assert error is not None
            assert option.answer == error.answer


def test_after_archiving_nothing_is_possible() -> None:
    for by in ACTORS.values():
        options = available(play(None, *ORDINARY), by)
        assert {option.answer for option in options} == {"not_allowed"}


def test_a_command_that_the_table_does_not_have_here_is_cited_by_its_own_clause() -> None:
    option = told(opened(), of(LEAD))["file_registration_form"]
    assert (option.answer, option.clause) == ("not_allowed", "6.3")


def test_the_clause_of_every_allowed_command_is_that_of_its_move() -> None:
    for case in (make() for make in CASES.values()):
        state = State.NONE if case is None else case.state
        for by in ACTORS.values():
            for option in available(case, by):
                if option.allowed:
                    assert option.clause == MOVES[state, COMMANDS[option.command]].clause


def test_what_stands_in_the_way_names_the_items_as_a_clerk_knows_them() -> None:
    (option,) = [
        o for o in available(after(Serve, FINISHED_LATER), of(LEAD)) if o.command == "close"
    ]
    (violation,) = option.violations
    assert violation.zh == "还有事项没有当场办结：残疾人证换领（A.5.2）。"
