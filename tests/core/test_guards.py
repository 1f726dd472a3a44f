"""Single guards at their edges: what the whole of a decision does not show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from onsite_workflow import (
    DB4209_T_32_2023,
    ROWS,
    Accepted,
    Case,
    Command,
    GiveOneTimeNotice,
    Refused,
    Schedule,
    Transferred,
    evolve,
)
from onsite_workflow.clause7.procedure import CASE, COMMANDS, at_not_before_cause
from onsite_workflow.engine.correcting import correctable_fields
from onsite_workflow.engine.rules import Attempt

from .build import (
    FINISHED_LATER,
    LEAD,
    RENEWAL,
    STRANGER,
    after,
    apply,
    archive,
    at,
    close,
    deliver,
    explain_refusal,
    file_registration_form,
    give_one_time_notice,
    judged,
    notice,
    opened,
    play,
    reassign,
    report_failed_visit,
    report_outcome,
    reschedule,
    schedule,
    serve,
    transfer,
    withdraw,
)


def facts(case: Case | None, command: Command, rule: str) -> Any:
    """What one rule judged of a command that it refuses."""
    with pytest.raises(Refused) as caught:
        judged(case, command)
    (found,) = [v.facts for v in caught.value.violations if v.rule == rule]
    return dict(found)


OUT_OF_PLACE: dict[str, Callable[[], Command]] = {
    "withdraw": withdraw,
    "explain_refusal": explain_refusal,
    "schedule": schedule,
    "reschedule": reschedule,
    "report_failed_visit": report_failed_visit,
    "serve": serve,
    "give_one_time_notice": give_one_time_notice,
    "report_outcome": report_outcome,
    "deliver": deliver,
    "file_registration_form": file_registration_form,
    "close": close,
    "archive": archive,
}


@pytest.mark.parametrize("name", OUT_OF_PLACE)
def test_a_rule_can_be_asked_of_a_case_that_is_not_so_far_yet(name: str) -> None:
    """Whoever uses the published machine or the table may ask a rule anywhere."""
    case, command = play(opened(), transfer()), OUT_OF_PLACE[name]()
    attempt: Attempt[Case, Any] = Attempt(
        before=case,
        command=command,
        by=command.by,
        recorded_at=command.at,
        regulation=DB4209_T_32_2023,
    )
    asked = [g for row in ROWS if row.command is COMMANDS[name] for g in row.guards]
    for guard in asked:
        found = guard.check(attempt)
        assert found is None or guard.violation(found, CASE.labels(attempt)).zh


def test_before_there_is_an_appointment_none_has_passed() -> None:
    case, command = play(opened(), transfer()), reschedule()
    attempt: Attempt[Case, Any] = Attempt(
        before=case, command=command, by=command.by, regulation=DB4209_T_32_2023
    )
    (row,) = [row for row in ROWS if row.command is type(command)]
    (rule,) = [guard for guard in row.guards if guard.rule == "before_appointed_start"]
    assert rule.check(attempt) is None


def test_before_the_one_time_notice_a_report_has_nothing_to_come_before() -> None:
    case, command = after(Schedule), report_outcome(at="2025-09-01 09:00")
    attempt: Attempt[Case, Any] = Attempt(
        before=case, command=command, by=command.by, regulation=DB4209_T_32_2023
    )
    assert at_not_before_cause.check(attempt) is None


def test_two_numbers_left_blank_are_missing_and_not_the_same_number_twice() -> None:
    blank = (notice(LEAD, RENEWAL, number=" "), notice(STRANGER, RENEWAL, number=" "))
    assert facts(opened(), transfer(*blank), "numbers_present_and_distinct") == {
        "missing": 2,
        "repeated": [],
    }


def test_a_stored_case_without_a_lead_puts_nobody_in_charge() -> None:
    case = opened()
    stored = Transferred(
        case=case.id,
        version=2,
        at=at("2025-09-15 10:00"),
        recorded_at=at("2025-09-15 10:00"),
        by=case.application.by,
        edition=case.edition,
        state=after(Schedule).state,
        notices=(),
    )
    found = facts(evolve(case, stored), serve(), "unit_in_charge")
    assert found == {"unit": LEAD, "in_charge": []}


def test_a_visit_can_be_entered_the_moment_it_ends() -> None:
    command = serve(at="2025-09-18 10:40", left_at="2025-09-18 10:40")
    assert judged(after(Schedule), command).events


def test_a_report_on_no_item_says_that_none_is_named() -> None:
    case = after(GiveOneTimeNotice, FINISHED_LATER)
    assert facts(case, report_outcome(item=None), "item_outstanding") == {"item": "—"}


def test_the_time_of_an_entry_may_be_corrected_and_not_removed() -> None:
    assert correctable_fields(CASE, Accepted) == {"at": False}


def test_a_reassignment_from_nobody_says_that_no_unit_is_named() -> None:
    case = play(opened(), transfer())
    assert facts(case, reassign(None), "unit_has_notice") == {"unit": "—"}


def test_an_application_finds_nothing_late() -> None:
    assert judged(None, apply()).findings == ()
